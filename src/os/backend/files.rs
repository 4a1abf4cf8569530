//! The primitives of a file system.

use std::ffi::{OsStr, OsString};
use std::io::{Result, SeekFrom};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use super::Shared;
use super::data::{Access, Advice, Entry, FileType, OpenFlags, StatResult, StatVfsResult, Times, XattrFlags};

/// The entries of one directory, in the order of the file system, without `.` and `..`. An error ends them.
pub type Entries = Box<dyn Iterator<Item = Result<Entry>> + Send>;

/// A file system. The errors named are the ones that scripts branch on; each of them is a conformance case.
///
/// `follow` says whether a symbolic link in the last part of the path is followed. Links before it always are, up to 40 of
/// them: then `ELOOP`. A name of more than 255 bytes, or a path of more than 4095, is `ENAMETOOLONG`. A trailing slash asks for a
/// directory: else `ENOTDIR`.
pub trait Files: Shared {
    /// True if calls may block the thread: on a disk, or on a network. Async code runs them on threads of their own.
    fn blocks(&self) -> bool;

    /// Opens a file. `mode` are the permissions of a file that is created, less the umask.
    ///
    /// `ENOENT`; `EEXIST` with `create` and `exclusive`; `EISDIR` for writing to a directory; `EACCES`; `ELOOP` with `nofollow`; `ENXIO`
    /// for writing to a named pipe that nobody reads, with `nonblock`.
    fn open(&self, path: &Path, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>>;

    /// Opens a directory for reading names and for working beneath it, whatever its path becomes meanwhile.
    ///
    /// `ENOENT`, `ENOTDIR`, `EACCES`; without `follow` a link is `ELOOP` or `ENOTDIR`.
    fn open_dir(&self, path: &Path, follow: bool) -> Result<Box<dyn Dir>>;

    /// The names in a directory. `ENOENT`, `ENOTDIR`, `EACCES` (it may not be read).
    fn read_dir(&self, path: &Path) -> Result<Entries>;

    /// What is known of a file. `ENOENT`, `EACCES` (a directory on the way may not be searched), `ENOTDIR`, `ELOOP`.
    fn stat(&self, path: &Path, follow: bool) -> Result<StatResult>;

    /// Whether it can be used so, by the real user (or the effective one). False is `Ok(false)`, also where the file is not there.
    fn access(&self, path: &Path, access: Access, effective: bool, follow: bool) -> Result<bool>;

    /// Makes a directory. `EEXIST` (whatever bears the name, a dangling link too), `ENOENT` (no parent), `ENOTDIR`, `EACCES`, `ENOSPC`.
    fn mkdir(&self, path: &Path, mode: u32) -> Result<()>;

    /// Removes an empty directory. `ENOTEMPTY`, `ENOTDIR` (a link to a directory too), `ENOENT`, `EACCES`, `EBUSY` (`/`), `EINVAL` (`.`).
    fn rmdir(&self, path: &Path) -> Result<()>;

    /// Removes a name that is no directory: a link itself, never its target. `EISDIR`, `ENOENT`, `EACCES`. An open file lives on until it is closed.
    fn unlink(&self, path: &Path) -> Result<()>;

    /// Renames, and replaces what bears the new name, in one step: no moment in which neither is there.
    ///
    /// `ENOENT`; `EISDIR` (a file over a directory), `ENOTDIR` (a directory over a file), `ENOTEMPTY` (over a directory with entries), `EINVAL` (into
    /// itself), `EXDEV` (another file system), `EACCES`. Two names of one file: nothing happens, and that is a success.
    fn rename(&self, from: &Path, to: &Path) -> Result<()>;

    /// Makes `link` a second name of `original`. `EEXIST`, `ENOENT`, `EPERM` (a directory), `EXDEV`.
    fn link(&self, original: &Path, link: &Path, follow: bool) -> Result<()>;

    /// Makes a symbolic link that says `target`, which need not exist. `EEXIST`, `ENOENT` (an empty target, or no parent).
    fn symlink(&self, target: &Path, link: &Path) -> Result<()>;

    /// What a symbolic link says. `EINVAL` if it is none.
    fn readlink(&self, path: &Path) -> Result<PathBuf>;

    /// Sets the permission bits (0 to 0o7777). `EPERM` unless owner or root. Without `follow` on a link: `EOPNOTSUPP`.
    fn chmod(&self, path: &Path, mode: u32, follow: bool) -> Result<()>;

    /// Sets owner and group; None leaves one alone. `EPERM` unless root (an owner may choose among its own groups). Takes set-id bits off a file.
    fn chown(&self, path: &Path, uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()>;

    /// Sets times, to the nanosecond. Always sets `st_ctime` to now. `EPERM`, `EACCES`.
    fn utime(&self, path: &Path, times: Times, follow: bool) -> Result<()>;

    /// Cuts a file, or lengthens it by zeros that take no space. `EISDIR`, `EINVAL`.
    fn truncate(&self, path: &Path, length: u64) -> Result<()>;

    /// Makes a named pipe, a device (of this number), a socket or an empty file. `EEXIST`, `EPERM` (a device, unless root).
    fn mknod(&self, path: &Path, file_type: FileType, mode: u32, device: u64) -> Result<()>;

    /// The space and the limits of the file system that holds the path.
    fn statvfs(&self, path: &Path) -> Result<StatVfsResult>;

    /// A limit of the file system that holds the path, by its number. `EINVAL` for an unknown one. None: no limit.
    fn pathconf(&self, path: &Path, name: i32) -> Result<Option<i64>>;

    /// The value of an extended attribute (`user.…`). `ENODATA` if there is none.
    fn getxattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<Vec<u8>>;

    /// Sets an extended attribute. With `create` an existing one is `EEXIST`, with `replace` a missing one `ENODATA`. `EOPNOTSUPP` for an unknown namespace.
    fn setxattr(&self, path: &Path, name: &OsStr, value: &[u8], flags: XattrFlags, follow: bool) -> Result<()>;

    /// The names of the extended attributes.
    fn listxattr(&self, path: &Path, follow: bool) -> Result<Vec<OsString>>;

    /// Removes an extended attribute. `ENODATA`.
    fn removexattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<()>;

    /// Copies up to `length` bytes from one open file's position to the other's, without passing them through the caller, and
    /// moves both positions. Less, and in the end 0, at the end of the source. `EXDEV`, `EINVAL` or `EOPNOTSUPP`: these two files
    /// cannot be copied so; read and write instead.
    fn copy_range(&self, from: &dyn Handle, to: &dyn Handle, length: u64) -> Result<u64>;

    /// Writes everything to the devices.
    fn sync(&self);

    /// Sets the mask of permissions that new files do not get, and gives the one before. The mask is the process's.
    fn umask(&self, mask: u32) -> u32;
}

/// An open file. Closed by `Drop`. Its position is shared by everybody who holds the handle.
pub trait Handle: Shared {
    /// Reads at the position and moves it. 0 is the end. `EISDIR`, `EBADF` (not open for reading), `EAGAIN`.
    fn read(&self, buffer: &mut [u8]) -> Result<usize>;

    /// The same, appended to what is in `bytes`: at most as much as it has room for, without growing.
    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize>;

    /// Writes at the position (with `append`: at the end) and moves it. May write less. `ENOSPC`, `EDQUOT`, `EFBIG`, `EPIPE`, `EBADF`.
    fn write(&self, bytes: &[u8]) -> Result<usize>;

    /// Moves the position; beyond the end is allowed. `EINVAL` (before the start), `ESPIPE`.
    fn seek(&self, to: SeekFrom) -> Result<u64>;

    /// Moves the position to the first byte from `offset` on that is data or, with `hole`, in a hole; the end of the file is one. A
    /// file system without holes has data everywhere. `ENXIO` at or beyond the end, `ESPIPE`.
    fn seek_sparse(&self, offset: u64, hole: bool) -> Result<u64>;

    /// Reads at `offset`; the position stays.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize>;

    /// Writes at `offset`; the position stays.
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize>;

    /// What is known of the open file, also when its name is gone.
    fn stat(&self) -> Result<StatResult>;

    /// The space and the limits of the file system that holds the file.
    fn statvfs(&self) -> Result<StatVfsResult>;

    /// Makes sure that these bytes have their place on the device; the file grows if need be. `ENOSPC`, `EBADF` (not open for writing), `EINVAL` (no length),
    /// `ESPIPE`, `EOPNOTSUPP`.
    fn allocate(&self, offset: u64, length: u64) -> Result<()>;

    /// Says how these bytes will be read; a length of 0 is up to the end. Changes nothing but the speed. `ESPIPE`.
    fn advise(&self, offset: u64, length: u64, advice: Advice) -> Result<()>;

    /// Cuts or lengthens. `EINVAL` unless open for writing.
    fn truncate(&self, length: u64) -> Result<()>;

    /// Writes the contents to the device; with `data_only`, times and owner may come later.
    fn sync(&self, data_only: bool) -> Result<()>;

    /// Sets the permission bits.
    fn chmod(&self, mode: u32) -> Result<()>;

    /// Sets owner and group.
    fn chown(&self, uid: Option<u32>, gid: Option<u32>) -> Result<()>;

    /// Sets times.
    fn utime(&self, times: Times) -> Result<()>;

    /// Takes a lock on the whole file, shared or exclusive (`flock`). `EWOULDBLOCK` if somebody has it and `wait` is false.
    fn lock(&self, exclusive: bool, wait: bool) -> Result<()>;

    /// Gives the lock back.
    fn unlock(&self) -> Result<()>;

    /// True if it is a terminal.
    fn isatty(&self) -> bool;

    /// The kernel's descriptor, where there is a kernel: None in memory.
    fn as_fd(&self) -> Option<BorrowedFd<'_>>;
}

/// An open directory: whatever happens to its path, what is done through it is done beneath it.
///
/// `name` is one name: an empty one, `.`, `..` and whatever has a slash is `EINVAL`. No method follows a link in it, but `open_dir` and `stat` when asked to.
pub trait Dir: Shared {
    /// The names in it, from the first, each time.
    fn entries(&self) -> Result<Entries>;

    /// Opens a directory in it. Without `follow` a link is `ELOOP` or `ENOTDIR`: nobody can swap a directory for a link in between.
    fn open_dir(&self, name: &OsStr, follow: bool) -> Result<Box<dyn Dir>>;

    /// Opens a file in it.
    fn open(&self, name: &OsStr, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>>;

    /// What is known of an entry.
    fn stat(&self, name: &OsStr, follow: bool) -> Result<StatResult>;

    /// What is known of the directory itself.
    fn stat_self(&self) -> Result<StatResult>;

    /// Makes a directory in it.
    fn mkdir(&self, name: &OsStr, mode: u32) -> Result<()>;

    /// Removes an empty directory in it.
    fn rmdir(&self, name: &OsStr) -> Result<()>;

    /// Removes a name in it that is no directory.
    fn unlink(&self, name: &OsStr) -> Result<()>;

    /// Makes a symbolic link in it.
    fn symlink(&self, target: &Path, name: &OsStr) -> Result<()>;

    /// What a symbolic link in it says.
    fn readlink(&self, name: &OsStr) -> Result<PathBuf>;

    /// Renames within it, and replaces.
    fn rename(&self, from: &OsStr, to: &OsStr) -> Result<()>;

    /// Sets the permission bits of an entry that is no link (a link is `EOPNOTSUPP`).
    fn chmod(&self, name: &OsStr, mode: u32) -> Result<()>;

    /// Sets the times of an entry, of a link itself.
    fn utime(&self, name: &OsStr, times: Times) -> Result<()>;
}
