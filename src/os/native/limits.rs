//! `sysconf` and `pathconf`: nix uses an enum, Python and the backend the C library's numbers.

use std::io::{Error, Result};
use std::path::Path;

use nix::unistd::{PathconfVar, SysconfVar, pathconf as ask_path, sysconf as ask};
use rustix::io::Errno;

pub(super) fn sysconf(name: i32) -> Result<Option<i64>> {
    let var = SYSCONF.iter().find(|var| **var as i32 == name).ok_or(Errno::INVAL)?;
    ask(*var).map_err(Error::from)
}

pub(super) fn pathconf(path: &Path, name: i32) -> Result<Option<i64>> {
    let var = PATHCONF.iter().find(|var| **var as i32 == name).ok_or(Errno::INVAL)?;
    ask_path(path, *var).map_err(Error::from)
}

/// The names of Python's `os.sysconf_names` that nix supports.
const SYSCONF: &[SysconfVar] = &[
    SysconfVar::ARG_MAX,
    SysconfVar::CHILD_MAX,
    SysconfVar::CLK_TCK,
    SysconfVar::NGROUPS_MAX,
    SysconfVar::OPEN_MAX,
    SysconfVar::STREAM_MAX,
    SysconfVar::TZNAME_MAX,
    SysconfVar::_POSIX_JOB_CONTROL,
    SysconfVar::_POSIX_SAVED_IDS,
    SysconfVar::_POSIX_REALTIME_SIGNALS,
    SysconfVar::_POSIX_PRIORITY_SCHEDULING,
    SysconfVar::_POSIX_TIMERS,
    SysconfVar::_POSIX_ASYNCHRONOUS_IO,
    SysconfVar::_POSIX_PRIORITIZED_IO,
    SysconfVar::_POSIX_SYNCHRONIZED_IO,
    SysconfVar::_POSIX_FSYNC,
    SysconfVar::_POSIX_MAPPED_FILES,
    SysconfVar::_POSIX_MEMLOCK,
    SysconfVar::_POSIX_MEMLOCK_RANGE,
    SysconfVar::_POSIX_MEMORY_PROTECTION,
    SysconfVar::_POSIX_MESSAGE_PASSING,
    SysconfVar::_POSIX_SEMAPHORES,
    SysconfVar::_POSIX_SHARED_MEMORY_OBJECTS,
    SysconfVar::AIO_LISTIO_MAX,
    SysconfVar::AIO_MAX,
    SysconfVar::AIO_PRIO_DELTA_MAX,
    SysconfVar::DELAYTIMER_MAX,
    SysconfVar::MQ_OPEN_MAX,
    SysconfVar::MQ_PRIO_MAX,
    SysconfVar::_POSIX_VERSION,
    SysconfVar::PAGE_SIZE,
    SysconfVar::RTSIG_MAX,
    SysconfVar::SEM_NSEMS_MAX,
    SysconfVar::SEM_VALUE_MAX,
    SysconfVar::SIGQUEUE_MAX,
    SysconfVar::TIMER_MAX,
    SysconfVar::BC_BASE_MAX,
    SysconfVar::BC_DIM_MAX,
    SysconfVar::BC_SCALE_MAX,
    SysconfVar::BC_STRING_MAX,
    SysconfVar::COLL_WEIGHTS_MAX,
    SysconfVar::EXPR_NEST_MAX,
    SysconfVar::LINE_MAX,
    SysconfVar::RE_DUP_MAX,
    SysconfVar::_POSIX2_VERSION,
    SysconfVar::_POSIX2_C_BIND,
    SysconfVar::_POSIX2_C_DEV,
    SysconfVar::_POSIX2_FORT_DEV,
    SysconfVar::_POSIX2_FORT_RUN,
    SysconfVar::_POSIX2_SW_DEV,
    SysconfVar::_POSIX2_LOCALEDEF,
    SysconfVar::IOV_MAX,
    SysconfVar::_POSIX_THREADS,
    SysconfVar::_POSIX_THREAD_SAFE_FUNCTIONS,
    SysconfVar::GETGR_R_SIZE_MAX,
    SysconfVar::GETPW_R_SIZE_MAX,
    SysconfVar::LOGIN_NAME_MAX,
    SysconfVar::TTY_NAME_MAX,
    SysconfVar::PTHREAD_DESTRUCTOR_ITERATIONS,
    SysconfVar::PTHREAD_KEYS_MAX,
    SysconfVar::PTHREAD_STACK_MIN,
    SysconfVar::PTHREAD_THREADS_MAX,
    SysconfVar::_POSIX_THREAD_ATTR_STACKADDR,
    SysconfVar::_POSIX_THREAD_ATTR_STACKSIZE,
    SysconfVar::_POSIX_THREAD_PRIORITY_SCHEDULING,
    SysconfVar::_POSIX_THREAD_PRIO_INHERIT,
    SysconfVar::_POSIX_THREAD_PRIO_PROTECT,
    SysconfVar::_POSIX_THREAD_PROCESS_SHARED,
    SysconfVar::_NPROCESSORS_CONF,
    SysconfVar::_NPROCESSORS_ONLN,
    SysconfVar::_PHYS_PAGES,
    SysconfVar::_AVPHYS_PAGES,
    SysconfVar::ATEXIT_MAX,
    SysconfVar::_XOPEN_VERSION,
    SysconfVar::_XOPEN_UNIX,
    SysconfVar::_XOPEN_CRYPT,
    SysconfVar::_XOPEN_ENH_I18N,
    SysconfVar::_XOPEN_SHM,
    SysconfVar::_POSIX2_CHAR_TERM,
    SysconfVar::_POSIX2_UPE,
    SysconfVar::_XOPEN_LEGACY,
    SysconfVar::_XOPEN_REALTIME,
    SysconfVar::_XOPEN_REALTIME_THREADS,
];

/// The names of Python's `os.pathconf_names` that nix supports.
const PATHCONF: &[PathconfVar] = &[
    PathconfVar::LINK_MAX,
    PathconfVar::MAX_CANON,
    PathconfVar::MAX_INPUT,
    PathconfVar::NAME_MAX,
    PathconfVar::PATH_MAX,
    PathconfVar::PIPE_BUF,
    PathconfVar::_POSIX_CHOWN_RESTRICTED,
    PathconfVar::_POSIX_NO_TRUNC,
    PathconfVar::_POSIX_VDISABLE,
    PathconfVar::_POSIX_SYNC_IO,
    PathconfVar::_POSIX_ASYNC_IO,
    PathconfVar::_POSIX_PRIO_IO,
    PathconfVar::FILESIZEBITS,
    PathconfVar::POSIX_REC_INCR_XFER_SIZE,
    PathconfVar::POSIX_REC_MAX_XFER_SIZE,
    PathconfVar::POSIX_REC_MIN_XFER_SIZE,
    PathconfVar::POSIX_REC_XFER_ALIGN,
    PathconfVar::POSIX_ALLOC_SIZE_MIN,
    PathconfVar::SYMLINK_MAX,
];
