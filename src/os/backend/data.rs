//! The data types of a backend.

use std::ffi::OsString;
use std::time::{Duration, SystemTime};

/// The result of [`Files::stat`](super::Files::stat): Python's `os.stat_result`.
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
    /// The device that contains the file.
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
    /// Size in bytes. For a symbolic link, the length of its target.
    #[doc(alias = "os.stat_result.st_size")]
    pub st_size: u64,
    /// Time of the last read.
    #[doc(alias("os.stat_result.st_atime", "os.stat_result.st_atime_ns"))]
    pub st_atime: SystemTime,
    /// Time of the last change of the contents.
    #[doc(alias("os.stat_result.st_mtime", "os.stat_result.st_mtime_ns"))]
    pub st_mtime: SystemTime,
    /// Time of the last change of the inode (not the creation time).
    #[doc(alias("os.stat_result.st_ctime", "os.stat_result.st_ctime_ns"))]
    pub st_ctime: SystemTime,
    /// The preferred block size for reads and writes, in bytes.
    #[doc(alias = "os.stat_result.st_blksize")]
    pub st_blksize: u64,
    /// The number of 512-byte blocks allocated on the device.
    #[doc(alias = "os.stat_result.st_blocks")]
    pub st_blocks: u64,
    /// The device number, if this is a device.
    #[doc(alias = "os.stat_result.st_rdev")]
    pub st_rdev: u64,
}

/// The type of a directory entry.
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
    /// Returns the type in `st_mode`.
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

    /// Returns the bits of `st_mode` (`S_IFREG` and so on).
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
    /// Returns a result with this type and zeros, for backends to fill.
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

    /// Returns the type of the file.
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

/// An entry of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The name without the directory.
    pub name: OsString,
    /// Its type, if the file system lists it. For a link: [`FileType::Symlink`].
    pub file_type: Option<FileType>,
    /// The inode's number.
    pub ino: u64,
}

/// How to open a file: Python's `os.O_*` flags as fields.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OpenFlags {
    /// `O_RDONLY` or `O_RDWR`.
    pub read: bool,
    /// `O_WRONLY` or `O_RDWR`.
    pub write: bool,
    /// `O_APPEND`: every write goes to the end.
    pub append: bool,
    /// `O_TRUNC`: previous contents are discarded.
    pub truncate: bool,
    /// `O_CREAT`.
    pub create: bool,
    /// `O_EXCL`: with `create`, fail with `EEXIST` if the name exists, even as a dangling link.
    pub exclusive: bool,
    /// `O_NOFOLLOW`: fail with `ELOOP` if the last component of the path is a link.
    pub nofollow: bool,
    /// `O_DIRECTORY`: fail with `ENOTDIR` if it is not a directory.
    pub directory: bool,
    /// `O_NONBLOCK`: opening a named pipe does not wait for the other end.
    pub nonblock: bool,
    /// `O_SYNC`: every write is on the device before it returns.
    pub sync: bool,
    /// `O_DSYNC`: like `O_SYNC`, for the contents only.
    pub dsync: bool,
    /// `O_NOATIME`: reading does not update the access time. `EPERM` unless owner or root.
    pub noatime: bool,
    /// `O_NOCTTY`: a terminal does not become the controlling terminal.
    pub noctty: bool,
}

/// The access that [`Files::access`](super::Files::access) checks: `os.R_OK | os.W_OK | os.X_OK`;
/// none of them is `os.F_OK`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Access {
    /// `os.R_OK`
    pub read: bool,
    /// `os.W_OK`
    pub write: bool,
    /// `os.X_OK`
    pub execute: bool,
}

/// The times for [`Files::utime`](super::Files::utime). `None` leaves a time unchanged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Access time.
    pub atime: Option<FileTime>,
    /// Modification time.
    pub mtime: Option<FileTime>,
}

/// A time to set: a given time, or the machine's current time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileTime {
    /// The file system's time at the call.
    Now,
    /// This time.
    At(SystemTime),
}

/// The result of [`Files::statvfs`](super::Files::statvfs): Python's `os.statvfs_result`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "os.statvfs_result")]
#[allow(missing_docs, reason = "the fields are POSIX's")]
pub struct StatVfsResult {
    /// Block size in bytes.
    #[doc(alias = "os.statvfs_result.f_bsize")]
    pub f_bsize: u64,
    /// Fragment size in bytes, the unit of the block counts.
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
    /// The maximum length of a name in bytes.
    #[doc(alias = "os.statvfs_result.f_namemax")]
    pub f_namemax: u64,
    /// The file system's id.
    #[doc(alias = "os.statvfs_result.f_fsid")]
    pub f_fsid: u64,
}

/// The result of [`Machine::uname`](super::Machine::uname): Python's `os.uname_result`.
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

/// The result of [`Machine::times`](super::Machine::times): Python's `os.times_result`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[doc(alias = "os.times_result")]
pub struct TimesResult {
    /// Processor time in this process's own code.
    #[doc(alias = "os.times_result.user")]
    pub user: Duration,
    /// Processor time in the kernel for this process.
    #[doc(alias = "os.times_result.system")]
    pub system: Duration,
    /// Processor time in the code of children that were waited for.
    #[doc(alias = "os.times_result.children_user")]
    pub children_user: Duration,
    /// Processor time in the kernel for children that were waited for.
    #[doc(alias = "os.times_result.children_system")]
    pub children_system: Duration,
    /// Real time since a fixed point in the past.
    #[doc(alias = "os.times_result.elapsed")]
    pub elapsed: Duration,
}

/// The target of a priority: `os.PRIO_PROCESS`, `os.PRIO_PGRP`, `os.PRIO_USER`.
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

/// The child that [`Machine::waitpid`](super::Machine::waitpid) waits for.
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

/// The status word of `wait`. Its methods are `os.WIFEXITED` and the related functions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct WaitStatus(pub i32);

/// Options of [`Machine::waitpid`](super::Machine::waitpid): `os.WNOHANG` and the related flags.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WaitOptions {
    /// `os.WNOHANG`: do not wait; `None` if no child has changed.
    pub nohang: bool,
    /// `os.WUNTRACED`: also report stopped children.
    pub untraced: bool,
    /// `os.WCONTINUED`: also report children that continued after a stop.
    pub continued: bool,
}

/// The expected access pattern of a file: [`Handle::advise`](super::Handle::advise).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// No particular pattern.
    #[doc(alias = "os.POSIX_FADV_NORMAL")]
    Normal,
    /// Sequential: read further ahead.
    #[doc(alias = "os.POSIX_FADV_SEQUENTIAL")]
    Sequential,
    /// Random: do not read ahead.
    #[doc(alias = "os.POSIX_FADV_RANDOM")]
    Random,
    /// Read once.
    #[doc(alias = "os.POSIX_FADV_NOREUSE")]
    NoReuse,
    /// Needed soon: start reading.
    #[doc(alias = "os.POSIX_FADV_WILLNEED")]
    WillNeed,
    /// No longer needed: the cache may drop it.
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
