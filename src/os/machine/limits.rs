//! The names for [`Os::sysconf`](crate::os::Os::sysconf) and [`Os::pathconf`](crate::os::Os::pathconf), and
//! their numbers on Linux.

use crate::os::{Error, Result};

/// `os.sysconf_names`: each name and its number, in the order of the numbers.
#[doc(alias = "os.sysconf_names")]
pub const SYSCONF_NAMES: &[(&str, i32)] = &[
    ("SC_ARG_MAX", 0),
    ("SC_CHILD_MAX", 1),
    ("SC_CLK_TCK", 2),
    ("SC_NGROUPS_MAX", 3),
    ("SC_OPEN_MAX", 4),
    ("SC_STREAM_MAX", 5),
    ("SC_TZNAME_MAX", 6),
    ("SC_JOB_CONTROL", 7),
    ("SC_SAVED_IDS", 8),
    ("SC_REALTIME_SIGNALS", 9),
    ("SC_PRIORITY_SCHEDULING", 10),
    ("SC_TIMERS", 11),
    ("SC_ASYNCHRONOUS_IO", 12),
    ("SC_PRIORITIZED_IO", 13),
    ("SC_SYNCHRONIZED_IO", 14),
    ("SC_FSYNC", 15),
    ("SC_MAPPED_FILES", 16),
    ("SC_MEMLOCK", 17),
    ("SC_MEMLOCK_RANGE", 18),
    ("SC_MEMORY_PROTECTION", 19),
    ("SC_MESSAGE_PASSING", 20),
    ("SC_SEMAPHORES", 21),
    ("SC_SHARED_MEMORY_OBJECTS", 22),
    ("SC_AIO_LISTIO_MAX", 23),
    ("SC_AIO_MAX", 24),
    ("SC_AIO_PRIO_DELTA_MAX", 25),
    ("SC_DELAYTIMER_MAX", 26),
    ("SC_MQ_OPEN_MAX", 27),
    ("SC_MQ_PRIO_MAX", 28),
    ("SC_VERSION", 29),
    ("SC_PAGESIZE", 30),
    ("SC_PAGE_SIZE", 30),
    ("SC_RTSIG_MAX", 31),
    ("SC_SEM_NSEMS_MAX", 32),
    ("SC_SEM_VALUE_MAX", 33),
    ("SC_SIGQUEUE_MAX", 34),
    ("SC_TIMER_MAX", 35),
    ("SC_BC_BASE_MAX", 36),
    ("SC_BC_DIM_MAX", 37),
    ("SC_BC_SCALE_MAX", 38),
    ("SC_BC_STRING_MAX", 39),
    ("SC_COLL_WEIGHTS_MAX", 40),
    ("SC_EXPR_NEST_MAX", 42),
    ("SC_LINE_MAX", 43),
    ("SC_RE_DUP_MAX", 44),
    ("SC_2_VERSION", 46),
    ("SC_2_C_BIND", 47),
    ("SC_2_C_DEV", 48),
    ("SC_2_FORT_DEV", 49),
    ("SC_2_FORT_RUN", 50),
    ("SC_2_SW_DEV", 51),
    ("SC_2_LOCALEDEF", 52),
    ("SC_IOV_MAX", 60),
    ("SC_THREADS", 67),
    ("SC_THREAD_SAFE_FUNCTIONS", 68),
    ("SC_GETGR_R_SIZE_MAX", 69),
    ("SC_GETPW_R_SIZE_MAX", 70),
    ("SC_LOGIN_NAME_MAX", 71),
    ("SC_TTY_NAME_MAX", 72),
    ("SC_THREAD_DESTRUCTOR_ITERATIONS", 73),
    ("SC_THREAD_KEYS_MAX", 74),
    ("SC_THREAD_STACK_MIN", 75),
    ("SC_THREAD_THREADS_MAX", 76),
    ("SC_THREAD_ATTR_STACKADDR", 77),
    ("SC_THREAD_ATTR_STACKSIZE", 78),
    ("SC_THREAD_PRIORITY_SCHEDULING", 79),
    ("SC_THREAD_PRIO_INHERIT", 80),
    ("SC_THREAD_PRIO_PROTECT", 81),
    ("SC_THREAD_PROCESS_SHARED", 82),
    ("SC_NPROCESSORS_CONF", 83),
    ("SC_NPROCESSORS_ONLN", 84),
    ("SC_PHYS_PAGES", 85),
    ("SC_AVPHYS_PAGES", 86),
    ("SC_ATEXIT_MAX", 87),
    ("SC_XOPEN_VERSION", 89),
    ("SC_XOPEN_UNIX", 91),
    ("SC_XOPEN_CRYPT", 92),
    ("SC_XOPEN_ENH_I18N", 93),
    ("SC_XOPEN_SHM", 94),
    ("SC_2_CHAR_TERM", 95),
    ("SC_2_UPE", 97),
    ("SC_XOPEN_LEGACY", 129),
    ("SC_XOPEN_REALTIME", 130),
    ("SC_XOPEN_REALTIME_THREADS", 131),
];

/// `os.pathconf_names`: each name and its number, in the order of the numbers.
#[doc(alias = "os.pathconf_names")]
pub const PATHCONF_NAMES: &[(&str, i32)] = &[
    ("PC_LINK_MAX", 0),
    ("PC_MAX_CANON", 1),
    ("PC_MAX_INPUT", 2),
    ("PC_NAME_MAX", 3),
    ("PC_PATH_MAX", 4),
    ("PC_PIPE_BUF", 5),
    ("PC_CHOWN_RESTRICTED", 6),
    ("PC_NO_TRUNC", 7),
    ("PC_VDISABLE", 8),
    ("PC_SYNC_IO", 9),
    ("PC_ASYNC_IO", 10),
    ("PC_PRIO_IO", 11),
    ("PC_FILESIZEBITS", 13),
    ("PC_REC_INCR_XFER_SIZE", 14),
    ("PC_REC_MAX_XFER_SIZE", 15),
    ("PC_REC_MIN_XFER_SIZE", 16),
    ("PC_REC_XFER_ALIGN", 17),
    ("PC_ALLOC_SIZE_MIN", 18),
    ("PC_SYMLINK_MAX", 19),
];

/// A name of a table, or a number.
#[derive(Clone, Copy, Debug)]
pub enum Limit<'a> {
    /// `"SC_NPROCESSORS_ONLN"`
    Name(&'a str),
    /// `84`
    Number(i32),
}

impl Limit<'_> {
    pub(in crate::os) fn number(self, table: &[(&str, i32)]) -> Result<i32> {
        match self {
            Limit::Number(number) => Ok(number),
            Limit::Name(name) => {
                let found = table.iter().find(|(known, _)| *known == name);
                found.map(|(_, number)| *number).ok_or_else(|| Error::Value(format!("unrecognized configuration name '{name}'")))
            }
        }
    }
}

impl<'a> From<&'a str> for Limit<'a> {
    fn from(name: &'a str) -> Limit<'a> {
        Limit::Name(name)
    }
}

impl From<i32> for Limit<'_> {
    fn from(number: i32) -> Self {
        Limit::Number(number)
    }
}
