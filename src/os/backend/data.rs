//! The plain data that a backend speaks.

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

/// What [`Files::stat`](super::Files::stat) answers: Python's `os.stat_result`.
///
/// <https://docs.python.org/3/library/os.html#os.stat_result>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "os.stat_result")]
#[allow(missing_docs, reason = "the fields are Python's, and described there")]
pub struct StatResult {
    /// File type and permission bits.
    #[doc(alias = "os.stat_result.st_mode")]
    pub st_mode: u32,
    /// The inode's number, unique on its device.
    #[doc(alias = "os.stat_result.st_ino")]
    pub st_ino: u64,
    /// The device that the file is on.
    #[doc(alias = "os.stat_result.st_dev")]
    pub st_dev: u64,
    /// Hard links.
    #[doc(alias = "os.stat_result.st_nlink")]
    pub st_nlink: u64,
    /// The owner.
    #[doc(alias = "os.stat_result.st_uid")]
    pub st_uid: u32,
    /// The group.
    #[doc(alias = "os.stat_result.st_gid")]
    pub st_gid: u32,
    /// Bytes. Of a symbolic link: the length of its target.
    #[doc(alias = "os.stat_result.st_size")]
    pub st_size: u64,
    /// Last read.
    #[doc(alias("os.stat_result.st_atime", "os.stat_result.st_atime_ns"))]
    pub st_atime: SystemTime,
    /// Last change of the contents.
    #[doc(alias("os.stat_result.st_mtime", "os.stat_result.st_mtime_ns"))]
    pub st_mtime: SystemTime,
    /// Last change of the inode (not: creation).
    #[doc(alias("os.stat_result.st_ctime", "os.stat_result.st_ctime_ns"))]
    pub st_ctime: SystemTime,
    /// The best size for reads and writes, in bytes.
    #[doc(alias = "os.stat_result.st_blksize")]
    pub st_blksize: u64,
    /// Blocks of 512 bytes that the file takes on the device.
    #[doc(alias = "os.stat_result.st_blocks")]
    pub st_blocks: u64,
    /// Which device this is, if it is one.
    #[doc(alias = "os.stat_result.st_rdev")]
    pub st_rdev: u64,
}

/// What a directory entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FileType {
    /// A regular file.
    File,
    /// A directory.
    Dir,
    /// A symbolic link.
    Symlink,
    /// A named pipe.
    Fifo,
    /// A socket.
    Socket,
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
}

/// The bits of `st_mode` that hold the file's type.
pub(crate) const S_IFMT: u32 = 0o170_000;

impl FileType {
    /// The type in `st_mode`.
    pub fn of_mode(st_mode: u32) -> FileType {
        match st_mode & S_IFMT {
            0o040_000 => FileType::Dir,
            0o120_000 => FileType::Symlink,
            0o010_000 => FileType::Fifo,
            0o140_000 => FileType::Socket,
            0o020_000 => FileType::CharDevice,
            0o060_000 => FileType::BlockDevice,
            _ => FileType::File,
        }
    }

    /// The bits of `st_mode` (`S_IFREG` and so on).
    pub fn mode(self) -> u32 {
        match self {
            FileType::File => 0o100_000,
            FileType::Dir => 0o040_000,
            FileType::Symlink => 0o120_000,
            FileType::Fifo => 0o010_000,
            FileType::Socket => 0o140_000,
            FileType::CharDevice => 0o020_000,
            FileType::BlockDevice => 0o060_000,
        }
    }
}

impl StatResult {
    /// A result with everything zero but the type, for backends to fill.
    pub fn empty(file_type: FileType) -> StatResult {
        StatResult {
            st_mode: file_type.mode(),
            st_ino: 0,
            st_dev: 0,
            st_nlink: 1,
            st_uid: 0,
            st_gid: 0,
            st_size: 0,
            st_atime: SystemTime::UNIX_EPOCH,
            st_mtime: SystemTime::UNIX_EPOCH,
            st_ctime: SystemTime::UNIX_EPOCH,
            st_blksize: 4096,
            st_blocks: 0,
            st_rdev: 0,
        }
    }

    /// What kind of file this is.
    pub fn file_type(&self) -> FileType {
        FileType::of_mode(self.st_mode)
    }

    /// `stat.S_ISDIR(st_mode)`.
    pub fn is_dir(&self) -> bool {
        self.file_type() == FileType::Dir
    }

    /// `stat.S_ISREG(st_mode)`.
    pub fn is_file(&self) -> bool {
        self.file_type() == FileType::File
    }

    /// `stat.S_ISLNK(st_mode)`.
    pub fn is_symlink(&self) -> bool {
        self.file_type() == FileType::Symlink
    }

    /// `stat.S_IMODE(st_mode)`: the permission bits, set-id and sticky bits included.
    pub fn permissions(&self) -> u32 {
        self.st_mode & 0o7777
    }
}

/// One name in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name alone.
    pub name: OsString,
    /// Its type, where the file system tells it for nothing. Of a link: [`FileType::Symlink`].
    pub file_type: Option<FileType>,
    /// The inode's number.
    pub ino: u64,
}

/// How to open a file: Python's `os.O_*` flags, as facts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenFlags {
    /// `O_RDONLY` or `O_RDWR`.
    pub read: bool,
    /// `O_WRONLY` or `O_RDWR`.
    pub write: bool,
    /// `O_APPEND`: every write goes to the end.
    pub append: bool,
    /// `O_TRUNC`: what was there is gone.
    pub truncate: bool,
    /// `O_CREAT`.
    pub create: bool,
    /// `O_EXCL`: with `create`, fail with `EEXIST` if anything bears that name, a dangling link too.
    pub exclusive: bool,
    /// `O_NOFOLLOW`: fail with `ELOOP` if the last part of the path is a link.
    pub nofollow: bool,
    /// `O_DIRECTORY`: fail with `ENOTDIR` if it is none.
    pub directory: bool,
    /// `O_NONBLOCK`: opening a named pipe does not wait for the other side.
    pub nonblock: bool,
    /// `O_SYNC`: every write is on the device before it returns.
    pub sync: bool,
    /// `O_DSYNC`: the same for the contents alone.
    pub dsync: bool,
    /// `O_NOATIME`: reading does not change the time of last reading. `EPERM` unless owner or root.
    pub noatime: bool,
    /// `O_NOCTTY`: a terminal does not become the controlling one.
    pub noctty: bool,
}

/// What [`Files::access`](super::Files::access) asks for: `os.R_OK | os.W_OK | os.X_OK`; none of them is `os.F_OK`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// `os.R_OK`
    pub read: bool,
    /// `os.W_OK`
    pub write: bool,
    /// `os.X_OK`
    pub execute: bool,
}

/// The times that [`Files::utime`](super::Files::utime) sets. None leaves that one alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Last read.
    pub atime: Option<FileTime>,
    /// Last change.
    pub mtime: Option<FileTime>,
}

/// A time to set: a given one, or the machine's own now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileTime {
    /// The file system's clock, as the call is made.
    Now,
    /// This time.
    At(SystemTime),
}

/// What [`Files::statvfs`](super::Files::statvfs) answers: Python's `os.statvfs_result`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "os.statvfs_result")]
#[allow(missing_docs, reason = "the fields are POSIX's")]
pub struct StatVfsResult {
    /// Block size, bytes.
    #[doc(alias = "os.statvfs_result.f_bsize")]
    pub f_bsize: u64,
    /// Fragment size, bytes: the unit of the block counts.
    #[doc(alias = "os.statvfs_result.f_frsize")]
    pub f_frsize: u64,
    /// Size of the file system, in fragments.
    #[doc(alias = "os.statvfs_result.f_blocks")]
    pub f_blocks: u64,
    /// Free fragments.
    #[doc(alias = "os.statvfs_result.f_bfree")]
    pub f_bfree: u64,
    /// Free fragments for users other than root.
    #[doc(alias = "os.statvfs_result.f_bavail")]
    pub f_bavail: u64,
    /// Inodes.
    #[doc(alias = "os.statvfs_result.f_files")]
    pub f_files: u64,
    /// Free inodes.
    #[doc(alias = "os.statvfs_result.f_ffree")]
    pub f_ffree: u64,
    /// Free inodes for users other than root.
    #[doc(alias = "os.statvfs_result.f_favail")]
    pub f_favail: u64,
    /// `os.ST_*` flags.
    #[doc(alias = "os.statvfs_result.f_flag")]
    pub f_flag: u64,
    /// The longest name, bytes.
    #[doc(alias = "os.statvfs_result.f_namemax")]
    pub f_namemax: u64,
    /// The file system's id.
    #[doc(alias = "os.statvfs_result.f_fsid")]
    pub f_fsid: u64,
}

/// What [`Machine::uname`](super::Machine::uname) answers: Python's `os.uname_result`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "os.uname_result")]
pub struct UnameResult {
    /// The operating system's name: `Linux`.
    #[doc(alias = "os.uname_result.sysname")]
    pub sysname: String,
    /// The machine's name on the network.
    #[doc(alias = "os.uname_result.nodename")]
    pub nodename: String,
    /// The kernel's release.
    #[doc(alias = "os.uname_result.release")]
    pub release: String,
    /// The kernel's version.
    #[doc(alias = "os.uname_result.version")]
    pub version: String,
    /// The hardware: `x86_64`.
    #[doc(alias = "os.uname_result.machine")]
    pub machine: String,
}

/// What [`Machine::times`](super::Machine::times) answers: Python's `os.times_result`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "os.times_result")]
pub struct TimesResult {
    /// Processor time in this process's own code.
    #[doc(alias = "os.times_result.user")]
    pub user: Duration,
    /// Processor time in the kernel for this process.
    #[doc(alias = "os.times_result.system")]
    pub system: Duration,
    /// The same of children that were waited for.
    #[doc(alias = "os.times_result.children_user")]
    pub children_user: Duration,
    /// The same of children that were waited for.
    #[doc(alias = "os.times_result.children_system")]
    pub children_system: Duration,
    /// Real time since a fixed point in the past.
    #[doc(alias = "os.times_result.elapsed")]
    pub elapsed: Duration,
}

/// Whose priority: `os.PRIO_PROCESS`, `os.PRIO_PGRP`, `os.PRIO_USER`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PriorityOf {
    /// One process; 0 is this one.
    #[doc(alias = "os.PRIO_PROCESS")]
    Process(u32),
    /// A process group; 0 is this process's.
    #[doc(alias = "os.PRIO_PGRP")]
    Group(u32),
    /// All processes of a user; 0 is this process's user.
    #[doc(alias = "os.PRIO_USER")]
    User(u32),
}

/// Which child [`Machine::waitpid`](super::Machine::waitpid) waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Who {
    /// Any child (-1).
    #[doc(alias = "os.P_ALL")]
    Any,
    /// This child.
    #[doc(alias = "os.P_PID")]
    Pid(u32),
    /// Any child of this process group.
    #[doc(alias = "os.P_PGID")]
    Group(u32),
}

/// The status word that `wait` gives; `os.WIFEXITED` and its relatives take it apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WaitStatus(pub i32);

/// What else [`Machine::waitpid`](super::Machine::waitpid) reports, and whether it waits: `os.WNOHANG` and its relatives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitOptions {
    /// `os.WNOHANG`: do not wait; None if no child has changed.
    pub nohang: bool,
    /// `os.WUNTRACED`: children that were stopped, too.
    pub untraced: bool,
    /// `os.WCONTINUED`: children that go on after a stop, too.
    pub continued: bool,
}

/// How a file will be read: [`Handle::advise`](super::Handle::advise).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// No particular way.
    #[doc(alias = "os.POSIX_FADV_NORMAL")]
    Normal,
    /// From the start to the end: read further ahead.
    #[doc(alias = "os.POSIX_FADV_SEQUENTIAL")]
    Sequential,
    /// Here and there: do not read ahead.
    #[doc(alias = "os.POSIX_FADV_RANDOM")]
    Random,
    /// Once.
    #[doc(alias = "os.POSIX_FADV_NOREUSE")]
    NoReuse,
    /// Soon: begin to read.
    #[doc(alias = "os.POSIX_FADV_WILLNEED")]
    WillNeed,
    /// Not any more: the cache may forget it.
    #[doc(alias = "os.POSIX_FADV_DONTNEED")]
    DontNeed,
}

/// How to set an extended attribute: [`XATTR_CREATE`](crate::os::XATTR_CREATE), [`XATTR_REPLACE`](crate::os::XATTR_REPLACE), or the default, either.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum XattrFlags {
    /// Make it or replace it.
    #[default]
    Either,
    /// It must be new: else `EEXIST`.
    Create,
    /// It must be there: else `ENODATA`.
    Replace,
}
