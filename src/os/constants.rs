//! The constants of `os`, as `os::R_OK`.

use super::backend::{Access, Advice, OpenFlags, WaitOptions, XattrFlags};
use super::fs::file::Whence;

/// Of [`Os::access`](super::Os::access): exists.
#[doc(alias = "os.F_OK")]
pub const F_OK: Access = Access { read: false, write: false, execute: false };
/// Of [`Os::access`](super::Os::access): readable.
#[doc(alias = "os.R_OK")]
pub const R_OK: Access = Access { read: true, write: false, execute: false };
/// Of [`Os::access`](super::Os::access): writable.
#[doc(alias = "os.W_OK")]
pub const W_OK: Access = Access { read: false, write: true, execute: false };
/// Of [`Os::access`](super::Os::access): executable; for a directory, searchable.
#[doc(alias = "os.X_OK")]
pub const X_OK: Access = Access { read: false, write: false, execute: true };

/// Of [`Os::waitpid`](super::Os::waitpid): do not wait.
#[doc(alias = "os.WNOHANG")]
pub const WNOHANG: WaitOptions = WaitOptions { nohang: true, untraced: false, continued: false };
/// Of [`Os::waitpid`](super::Os::waitpid): also report stopped children.
#[doc(alias = "os.WUNTRACED")]
pub const WUNTRACED: WaitOptions = WaitOptions { nohang: false, untraced: true, continued: false };
/// Of [`Os::waitid`](super::Os::waitid): report children that have ended. Always on.
#[doc(alias = "os.WEXITED")]
pub const WEXITED: WaitOptions = WaitOptions { nohang: false, untraced: false, continued: false };
/// Of [`Os::waitid`](super::Os::waitid): also report stopped children.
#[doc(alias = "os.WSTOPPED")]
pub const WSTOPPED: WaitOptions = WUNTRACED;
/// Of [`Os::waitpid`](super::Os::waitpid): also report children that continued after a stop.
#[doc(alias = "os.WCONTINUED")]
pub const WCONTINUED: WaitOptions = WaitOptions { nohang: false, untraced: false, continued: true };

/// Of [`Os::setxattr`](super::Os::setxattr): the attribute must not exist.
#[doc(alias = "os.XATTR_CREATE")]
pub const XATTR_CREATE: XattrFlags = XattrFlags::Create;
/// Of [`Os::setxattr`](super::Os::setxattr): the attribute must exist.
#[doc(alias = "os.XATTR_REPLACE")]
pub const XATTR_REPLACE: XattrFlags = XattrFlags::Replace;
/// The maximum size of an extended attribute in bytes.
#[doc(alias = "os.XATTR_SIZE_MAX")]
pub const XATTR_SIZE_MAX: usize = 65536;

/// `os.name`: the family of the operating system.
#[doc(alias = "os.name")]
pub const NAME: &str = "posix";
/// The separator of a path's components.
#[doc(alias = "os.sep")]
pub const SEP: &str = "/";
/// An alternative separator: there is none.
#[doc(alias = "os.altsep")]
pub const ALTSEP: Option<&str> = None;
/// The separator before a file name's extension.
#[doc(alias = "os.extsep")]
pub const EXTSEP: &str = ".";
/// The separator between the directories of `PATH`.
#[doc(alias = "os.pathsep")]
pub const PATHSEP: &str = ":";
/// The line terminator.
#[doc(alias = "os.linesep")]
pub const LINESEP: &str = "\n";
/// The current directory.
#[doc(alias = "os.curdir")]
pub const CURDIR: &str = ".";
/// The parent directory.
#[doc(alias = "os.pardir")]
pub const PARDIR: &str = "..";
/// The default search path for programs.
#[doc(alias = "os.defpath")]
pub const DEFPATH: &str = "/bin:/usr/bin";
/// The null device.
#[doc(alias = "os.devnull")]
pub const DEVNULL: &str = "/dev/null";
/// True: an environment contains bytes.
#[doc(alias = "os.supports_bytes_environ")]
pub const SUPPORTS_BYTES_ENVIRON: bool = true;
/// The maximum number of supplementary groups of a process.
#[doc(alias = "os.NGROUPS_MAX")]
pub const NGROUPS_MAX: usize = 65536;
/// An obsolete constant of the C library.
#[doc(alias = "os.TMP_MAX")]
pub const TMP_MAX: u32 = 238_328;

/// An exit code of `sysexits.h`: success.
#[doc(alias = "os.EX_OK")]
pub const EX_OK: i32 = 0;
/// An exit code of `sysexits.h`: invalid command line.
#[doc(alias = "os.EX_USAGE")]
pub const EX_USAGE: i32 = 64;
/// An exit code of `sysexits.h`: invalid input data.
#[doc(alias = "os.EX_DATAERR")]
pub const EX_DATAERR: i32 = 65;
/// An exit code of `sysexits.h`: an input file does not exist or is not readable.
#[doc(alias = "os.EX_NOINPUT")]
pub const EX_NOINPUT: i32 = 66;
/// An exit code of `sysexits.h`: unknown user.
#[doc(alias = "os.EX_NOUSER")]
pub const EX_NOUSER: i32 = 67;
/// An exit code of `sysexits.h`: unknown host.
#[doc(alias = "os.EX_NOHOST")]
pub const EX_NOHOST: i32 = 68;
/// An exit code of `sysexits.h`: a service is unavailable.
#[doc(alias = "os.EX_UNAVAILABLE")]
pub const EX_UNAVAILABLE: i32 = 69;
/// An exit code of `sysexits.h`: an internal error of the program.
#[doc(alias = "os.EX_SOFTWARE")]
pub const EX_SOFTWARE: i32 = 70;
/// An exit code of `sysexits.h`: an operating system error.
#[doc(alias = "os.EX_OSERR")]
pub const EX_OSERR: i32 = 71;
/// An exit code of `sysexits.h`: a system file does not exist or cannot be opened.
#[doc(alias = "os.EX_OSFILE")]
pub const EX_OSFILE: i32 = 72;
/// An exit code of `sysexits.h`: an output file cannot be created.
#[doc(alias = "os.EX_CANTCREAT")]
pub const EX_CANTCREAT: i32 = 73;
/// An exit code of `sysexits.h`: an input or output error.
#[doc(alias = "os.EX_IOERR")]
pub const EX_IOERR: i32 = 74;
/// An exit code of `sysexits.h`: a temporary failure.
#[doc(alias = "os.EX_TEMPFAIL")]
pub const EX_TEMPFAIL: i32 = 75;
/// An exit code of `sysexits.h`: the peer violated the protocol.
#[doc(alias = "os.EX_PROTOCOL")]
pub const EX_PROTOCOL: i32 = 76;
/// An exit code of `sysexits.h`: insufficient permission.
#[doc(alias = "os.EX_NOPERM")]
pub const EX_NOPERM: i32 = 77;
/// An exit code of `sysexits.h`: invalid configuration.
#[doc(alias = "os.EX_CONFIG")]
pub const EX_CONFIG: i32 = 78;

/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): mounted read-only.
#[doc(alias = "os.ST_RDONLY")]
pub const ST_RDONLY: u64 = 1;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): set-id bits are ignored.
#[doc(alias = "os.ST_NOSUID")]
pub const ST_NOSUID: u64 = 2;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): device files do not work.
#[doc(alias = "os.ST_NODEV")]
pub const ST_NODEV: u64 = 4;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): nothing can be executed.
#[doc(alias = "os.ST_NOEXEC")]
pub const ST_NOEXEC: u64 = 8;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): every write is synchronous.
#[doc(alias = "os.ST_SYNCHRONOUS")]
pub const ST_SYNCHRONOUS: u64 = 16;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): mandatory locks are allowed.
#[doc(alias = "os.ST_MANDLOCK")]
pub const ST_MANDLOCK: u64 = 64;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): write on file, directory or link (historical).
#[doc(alias = "os.ST_WRITE")]
pub const ST_WRITE: u64 = 128;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): append-only file (historical).
#[doc(alias = "os.ST_APPEND")]
pub const ST_APPEND: u64 = 256;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): access times are not updated.
#[doc(alias = "os.ST_NOATIME")]
pub const ST_NOATIME: u64 = 1024;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): access times of directories are
/// not updated.
#[doc(alias = "os.ST_NODIRATIME")]
pub const ST_NODIRATIME: u64 = 2048;
/// A bit of `f_flag` in [`StatVfsResult`](super::StatVfsResult): access times are updated only
/// relative to the modification time.
#[doc(alias = "os.ST_RELATIME")]
pub const ST_RELATIME: u64 = 4096;

const NONE: OpenFlags = OpenFlags {
    read: false,
    write: false,
    append: false,
    truncate: false,
    create: false,
    exclusive: false,
    nofollow: false,
    directory: false,
    nonblock: false,
    sync: false,
    dsync: false,
    noatime: false,
    noctty: false,
};

/// Of [`Open::flags`](super::Open::flags): for reading.
#[doc(alias = "os.O_RDONLY")]
pub const O_RDONLY: OpenFlags = OpenFlags { read: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): for writing.
#[doc(alias = "os.O_WRONLY")]
pub const O_WRONLY: OpenFlags = OpenFlags { write: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): for reading and writing.
#[doc(alias = "os.O_RDWR")]
pub const O_RDWR: OpenFlags = OpenFlags { read: true, write: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): every write goes to the end.
#[doc(alias = "os.O_APPEND")]
pub const O_APPEND: OpenFlags = OpenFlags { append: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): discard previous contents.
#[doc(alias = "os.O_TRUNC")]
pub const O_TRUNC: OpenFlags = OpenFlags { truncate: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): create the file if it does not exist.
#[doc(alias = "os.O_CREAT")]
pub const O_CREAT: OpenFlags = OpenFlags { create: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): with [`O_CREAT`], fail if it exists.
#[doc(alias = "os.O_EXCL")]
pub const O_EXCL: OpenFlags = OpenFlags { exclusive: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): fail if it is a link.
#[doc(alias = "os.O_NOFOLLOW")]
pub const O_NOFOLLOW: OpenFlags = OpenFlags { nofollow: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): fail unless it is a directory.
#[doc(alias = "os.O_DIRECTORY")]
pub const O_DIRECTORY: OpenFlags = OpenFlags { directory: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): do not wait for the other end of a named pipe.
#[doc(alias = "os.O_NONBLOCK")]
pub const O_NONBLOCK: OpenFlags = OpenFlags { nonblock: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): the same as [`O_NONBLOCK`].
#[doc(alias = "os.O_NDELAY")]
pub const O_NDELAY: OpenFlags = OpenFlags { nonblock: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): every write is on the device before it returns.
#[doc(alias = "os.O_SYNC")]
pub const O_SYNC: OpenFlags = OpenFlags { sync: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): the same as [`O_SYNC`].
#[doc(alias = "os.O_FSYNC")]
pub const O_FSYNC: OpenFlags = OpenFlags { sync: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): the same as [`O_SYNC`], on Linux.
#[doc(alias = "os.O_RSYNC")]
pub const O_RSYNC: OpenFlags = OpenFlags { sync: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): like [`O_SYNC`], for the contents only.
#[doc(alias = "os.O_DSYNC")]
pub const O_DSYNC: OpenFlags = OpenFlags { dsync: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): reading does not update the access time.
#[doc(alias = "os.O_NOATIME")]
pub const O_NOATIME: OpenFlags = OpenFlags { noatime: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): a terminal does not become the controlling terminal.
#[doc(alias = "os.O_NOCTTY")]
pub const O_NOCTTY: OpenFlags = OpenFlags { noctty: true, ..NONE };
/// Of [`Open::flags`](super::Open::flags): child programs do not inherit the file. Always on, as in
/// Python.
#[doc(alias = "os.O_CLOEXEC")]
pub const O_CLOEXEC: OpenFlags = NONE;
/// Of [`Open::flags`](super::Open::flags): files may be larger than 2 GiB. Always on.
#[doc(alias = "os.O_LARGEFILE")]
pub const O_LARGEFILE: OpenFlags = NONE;

/// Of [`File::lseek`](super::File::lseek): counted from the start.
#[doc(alias = "os.SEEK_SET")]
pub const SEEK_SET: Whence = Whence::Set;
/// Of [`File::lseek`](super::File::lseek): counted from the position.
#[doc(alias = "os.SEEK_CUR")]
pub const SEEK_CUR: Whence = Whence::Cur;
/// Of [`File::lseek`](super::File::lseek): counted from the end.
#[doc(alias = "os.SEEK_END")]
pub const SEEK_END: Whence = Whence::End;
/// Of [`File::lseek`](super::File::lseek): to the first byte of data from there on.
#[doc(alias = "os.SEEK_DATA")]
pub const SEEK_DATA: Whence = Whence::Data;
/// Of [`File::lseek`](super::File::lseek): to the first hole from there on; the end of the file
/// counts as one.
#[doc(alias = "os.SEEK_HOLE")]
pub const SEEK_HOLE: Whence = Whence::Hole;

/// Of [`File::posix_fadvise`](super::File::posix_fadvise).
#[doc(alias = "os.POSIX_FADV_NORMAL")]
pub const POSIX_FADV_NORMAL: Advice = Advice::Normal;
/// Of [`File::posix_fadvise`](super::File::posix_fadvise).
#[doc(alias = "os.POSIX_FADV_SEQUENTIAL")]
pub const POSIX_FADV_SEQUENTIAL: Advice = Advice::Sequential;
/// Of [`File::posix_fadvise`](super::File::posix_fadvise).
#[doc(alias = "os.POSIX_FADV_RANDOM")]
pub const POSIX_FADV_RANDOM: Advice = Advice::Random;
/// Of [`File::posix_fadvise`](super::File::posix_fadvise).
#[doc(alias = "os.POSIX_FADV_NOREUSE")]
pub const POSIX_FADV_NOREUSE: Advice = Advice::NoReuse;
/// Of [`File::posix_fadvise`](super::File::posix_fadvise).
#[doc(alias = "os.POSIX_FADV_WILLNEED")]
pub const POSIX_FADV_WILLNEED: Advice = Advice::WillNeed;
/// Of [`File::posix_fadvise`](super::File::posix_fadvise).
#[doc(alias = "os.POSIX_FADV_DONTNEED")]
pub const POSIX_FADV_DONTNEED: Advice = Advice::DontNeed;

/// The `si_code` in [`WaitidResult`](super::WaitidResult): the child exited.
#[doc(alias = "os.CLD_EXITED")]
pub const CLD_EXITED: i32 = 1;
/// The `si_code` in [`WaitidResult`](super::WaitidResult): a signal killed the child.
#[doc(alias = "os.CLD_KILLED")]
pub const CLD_KILLED: i32 = 2;
/// The `si_code` in [`WaitidResult`](super::WaitidResult): a signal killed the child, with a core
/// dump.
#[doc(alias = "os.CLD_DUMPED")]
pub const CLD_DUMPED: i32 = 3;
/// The `si_code` in [`WaitidResult`](super::WaitidResult): a traced child reached a trap. Never
/// returned here.
#[doc(alias = "os.CLD_TRAPPED")]
pub const CLD_TRAPPED: i32 = 4;
/// The `si_code` in [`WaitidResult`](super::WaitidResult): a signal stopped the child.
#[doc(alias = "os.CLD_STOPPED")]
pub const CLD_STOPPED: i32 = 5;
/// The `si_code` in [`WaitidResult`](super::WaitidResult): the child continued after a stop.
#[doc(alias = "os.CLD_CONTINUED")]
pub const CLD_CONTINUED: i32 = 6;
