//! `os`: files, directories, the environment, this process and its machine.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let os = World::new().batteries().os; // on the machine: Batteries::included().os
//! os.makedirs("/srv/reports")?;
//! os.write_text("/srv/reports/today.txt", "all is well\n")?; // whole or not at all, whatever fails
//! for step in os.walk("/srv") {
//!     println!("{} {:?}", step.dirpath.display(), step.filenames);
//! }
//! assert_eq!(os.listdir("/srv/reports")?, ["today.txt"]);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `open(p)`, `open(p, "a+", encoding="latin-1")` | `os.open(p)?`, `os.open(Open::new(p).mode("a+").encoding("latin-1"))?`: a [`File`] |
//! | `f.read()`, `f.write(t)`, `for line in f` | [`File::read_text`], [`File::write_text`], [`File::lines`]; bytes by `Read`, `Write`, `Seek` |
//! | `pathlib.Path(p).read_text()`, `.write_text(t)`, `.read_bytes()`, `.write_bytes(b)` | [`Os::read_text`], [`Os::write_text`], [`Os::read_bytes`], [`Os::write_bytes`] |
//! | `os.makedirs(p, mode, exist_ok=True)` | `os.makedirs(MakeDirs::new(p).mode(m).exist_ok(true))?`, `os.makedirs(p)?` |
//! | `for root, dirs, files in os.walk(p)` | `for step in os.walk(p)`: [`Step`]; options in [`Walk`], pruning by [`Walker::step`] |
//! | `os.scandir(p)` | `os.scandir(p)?`, an iterator of [`DirEntry`] |
//! | `follow_symlinks=False`, `effective_ids=True` | `os.chown(Target::new(p).follow_symlinks(false), 0, 0)?`: [`Target`] |
//! | `dir_fd=d`, `os.fwalk` | the methods of [`Dir`], from [`Os::open_dir`]; [`Os::fwalk`] |
//! | `os.open(p, os.O_RDWR \| os.O_CREAT)`, `os.pread(fd, ..)`, `os.fsync(fd)` | `os.open(Open::new(p).flags(O_RDWR \| O_CREAT))?`, and the methods of [`File`] |
//! | `os.access(p, os.R_OK \| os.W_OK)` | `os.access(p, R_OK \| W_OK)` |
//! | `os.environ["A"] = "1"`, `os.environ.get("A")` | `os.environ.set("A", "1")?`, `os.environ.get("A")`: [`Environ`] |
//! | `os.chdir(p)`, `os.getcwd()` | the same, for this handle and those that share its state, never for the process |
//! | `os.WIFEXITED(status)`, `os.waitstatus_to_exitcode(status)` | `status.exited()`, `status.exit_code()?`: [`WaitStatus`] |
//! | `os.sysconf("SC_PAGE_SIZE")` | `os.sysconf("SC_PAGE_SIZE")?`, an `Option`: None for -1 |
//! | `os.path`, `shutil`, `glob`, `fnmatch`, `shlex`, `tempfile` | [`path`], [`shutil`], [`mod@glob`], [`fnmatch`], [`shlex`], [`tempfile`] |
//! | `FileNotFoundError`, `e.errno`, `e.filename` | [`Error::FileNotFound`], [`Error::errno`], [`Error::filename`] |
//!
//! # Not implemented
//!
//! | Python | reason | instead |
//! |---|---|---|
//! | `fork`, `exec*`, `spawn*`, `posix_spawn*`, `register_at_fork`, `POSIX_SPAWN_*`, `P_WAIT`, .. | a process with threads cannot fork safely | [`subprocess`](https://docs.python.org/3/library/subprocess.html), as the battery of that name |
//! | `dup`, `dup2`, `closerange`, `fdopen`, `pipe`, `get_inheritable`, `get_blocking`, .. | a descriptor that is a bare number can be closed twice | [`File`], `std::io::pipe`, `std::os::fd` |
//! | `readv`, `writev`, `preadv`, `pwritev`, `RWF_*`, `sendfile`, `splice`, `SPLICE_*`, `O_DIRECT`, `O_PATH`, `O_TMPFILE` | raw descriptors again | [`File`], [`Os::copy_file_range`], [`tempfile`] |
//! | `lockf`, `F_LOCK`, .. | a POSIX lock is lost when any descriptor of the file is closed | [`File::lock`], which is `flock` |
//! | `openpty`, `forkpty`, `login_tty`, `tcgetpgrp`, `tcsetpgrp` | terminals for other programs | `script(1)` |
//! | `eventfd*`, `EFD_*`, `memfd_create`, `MFD_*`, `pidfd_open`, `RTLD_*` | for event loops and linkers, not for scripts | rustix |
//! | `wait3`, `wait4`, `waitid_result.si_uid`, `WNOWAIT` | not available in safe code | [`Os::waitpid`], [`Os::waitid`], [`Os::times`] |
//! | `sched_getparam`, `sched_setscheduler`, `SCHED_*`, .. | not available in safe code | `chrt(1)`; [`Os::nice`], [`Os::sched_setaffinity`] |
//! | `confstr`, `fpathconf`, and the names that are not in [`SYSCONF_NAMES`] | not available in safe code | `getconf(1)`, [`Os::pathconf`] |
//! | `_exit`, `abort` | the end of the process belongs to `sys` | the `sys` battery's `exit`, `std::process::abort` |
//! | `chroot` | it affects the whole process, and is not a security boundary | a container |
//! | `getrandom` with `GRND_*` | | [`Os::urandom`] |
//!
//! # DIFFERENCE
//!
//! - The environment and the working directory belong to the handle: those of the process never
//!   change. So `putenv` is visible in `environ`, and threads do not affect each other.
//!   [`Os::umask`], and the ids of [`Os::setuid`] and related calls, belong to the process, because
//!   the kernel has only one of each.
//! - [`Os::write_text`] and [`Os::write_bytes`] replace the file atomically; their docs describe
//!   the effects on hard links, directories and files of other users.
//! - The methods of [`File`] select text or bytes, not its mode. Reads, writes and truncation can
//!   be mixed without a `seek`. A line is decoded when it is read, and split before invalid bytes
//!   are ignored ([`Open::errors`]). [`File::lines`] removes newlines, [`File::readline`] keeps
//!   them.
//! - Text is UTF-8 unless an encoding is set, whatever the locale. The encodings are those of
//!   [`Open::encoding`], the error handlers those of [`Open::errors`].
//! - Arguments are checked first: an unknown encoding does not empty a file.
//! - Errors always show the path as the caller gave it; Python's do not in `mkfifo`, `mknod`,
//!   `utime`, and in a file's methods. The position in [`Error::UnicodeDecode`] is in the file, not
//!   in a buffer. Two thirds of a byte order mark are an error in `utf-8-sig`.
//! - The position after a write in mode `"a"` is the end of the file.
//! - [`Os::kill`] of -1 (every process) is an error, and so are real-time signals.
//! - [`Os::getgrouplist`] reads only `/etc/group`, no directory service.
//! - [`Os::waitid`] always reports and reaps children that have ended.
//! - `waitpid` with `WNOHANG` returns `None` where Python returns `(0, 0)`; `None` also replaces -1
//!   in `chown` and `sysconf`.

pub mod backend;
mod constants;
pub mod environ;
mod error;
pub mod fnmatch;
mod fs;
mod fsencode;
pub mod glob;
pub(crate) mod machine;
pub mod mock;
pub mod native;
#[doc(alias = "os.path")]
pub mod path;
mod process;
pub mod shlex;
pub mod shutil;
pub mod tempfile;
mod text;

use std::io;
use std::path::Path;
use std::sync::Arc;

pub use backend::{
    Access, Advice, Backend, FileTime, FileType, OpenFlags, PriorityOf, StatResult, StatVfsResult, Times, TimesResult,
    UnameResult, WaitOptions, WaitStatus, Who, XattrFlags,
};
pub use constants::*;
pub use environ::Environ;
pub use error::{CopyFailure, Error, OsError, strerror};
pub use fs::dir::Dir;
pub use fs::dirs::MakeDirs;
pub use fs::file::{File, Lines, Whence};
pub use fs::fwalk::Fwalk;
pub use fs::meta::{Target, major, makedev, minor};
pub use fs::open::Open;
pub use fs::scandir::{DirEntry, ScanDir};
pub use fs::walk::{Step, Walk, Walker};
pub use fsencode::{fsdecode, fsencode, fspath};
pub use machine::TerminalSize;
#[cfg(feature = "infra")]
pub(crate) use machine::accounts::{group_name, user_name};
pub use machine::limits::{Limit, PATHCONF_NAMES, SYSCONF_NAMES};
pub use process::wait_status::WaitidResult;

use crate::ambient::Ambient;

/// The result of the calls of this battery.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A handle on a machine's files and kernel: Python's module `os` as a value. Cheap to clone;
/// clones share the working directory and the environment.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Os {
    /// `os.path`: the functions that need the file system (`os.path.exists(..)`).
    pub path: path::OsPath,
    /// `os.environ`: the variables of this handle.
    pub environ: Environ,
    /// `shutil`: copying, moving and removing whole trees; archives.
    pub shutil: shutil::OsShutil,
    /// `glob`: the paths that match a pattern.
    pub glob: glob::OsGlob,
    /// `tempfile`: files and directories that are removed automatically.
    pub tempfile: tempfile::OsTempfile,
    backend: Arc<dyn Backend>,
    ambient: Ambient,
}

impl Os {
    /// A handle on the machine that this program runs on.
    pub fn native() -> Os {
        let backend = Arc::new(native::Native);
        let ambient = Ambient::over_process(backend::Machine::environ(&*backend));
        Os::new(backend, ambient)
    }

    /// A handle on any backend, with this environment and working directory.
    pub fn new(backend: Arc<dyn Backend>, ambient: Ambient) -> Os {
        let path = path::OsPath::new(backend.clone(), ambient.clone());
        Os {
            shutil: shutil::OsShutil::new(path.clone()),
            glob: glob::OsGlob::new(path.clone()),
            tempfile: tempfile::OsTempfile::new(path.clone()),
            path,
            environ: Environ::new(ambient.clone()),
            backend,
            ambient,
        }
    }

    /// The backend, for code that wraps it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Returns the environment and the working directory, which the other batteries share.
    pub fn ambient(&self) -> &Ambient {
        &self.ambient
    }

    /// Calls the backend with a path; an error shows it as the caller gave it.
    fn on<T>(&self, operation: &'static str, path: &Path, ask: impl FnOnce(&dyn Backend, &Path) -> io::Result<T>) -> Result<T> {
        ask(&*self.backend, &self.ambient.resolve(path)).map_err(|error| Error::new(operation, &error, Some(path), None))
    }

    /// Calls the backend with two paths.
    fn on_both<T>(
        &self,
        operation: &'static str,
        (one, other): (&Path, &Path),
        ask: impl FnOnce(&dyn Backend, &Path, &Path) -> io::Result<T>,
    ) -> Result<T> {
        let answer = ask(&*self.backend, &self.ambient.resolve(one), &self.ambient.resolve(other));
        answer.map_err(|error| Error::new(operation, &error, Some(one), Some(other)))
    }
}
