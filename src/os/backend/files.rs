//! The primitives of a file system.

use std::ffi::{OsStr, OsString};
use std::io::{Result, SeekFrom};
use std::os::fd::BorrowedFd;
use std::path::{Path, PathBuf};

use super::Shared;
use super::data::{Access, Advice, Entry, FileType, OpenFlags, StatResult, StatVfsResult, Times, XattrFlags};

/// The entries of a directory, in the order of the file system, without `.` and `..`. An error ends
/// the iteration.
pub type Entries = Box<dyn Iterator<Item = Result<Entry>> + Send>;

/// A file system. The docs name the errors that scripts depend on; the conformance tests check each
/// of them.
///
/// `follow` tells whether a symbolic link in the last component of the path is followed. Links in
/// other components always are, up to 40 of them, then `ELOOP`. A name longer than 255 bytes, or a
/// path longer than 4095, is `ENAMETOOLONG`. A path with a trailing slash must be a directory,
/// otherwise `ENOTDIR`.
pub trait Files: Shared {
    /// True if calls may block the thread: on a disk, or on a network. Async code runs them on threads of their own.
    fn blocks(&self) -> bool;

    /// Opens a file. `mode` is the mode of a new file, before the umask.
    ///
    /// `ENOENT`; `EEXIST` with `create` and `exclusive`; `EISDIR` for writing to a directory;
    /// `EACCES`; `ELOOP` with `nofollow`; `ENXIO` with `nonblock` for writing to a named pipe
    /// without a reader.
    fn open(&self, path: &Path, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>>;

    /// Opens a directory, to list it and to operate relative to it, even if its path changes
    /// meanwhile.
    ///
    /// `ENOENT`, `ENOTDIR`, `EACCES`; without `follow` a link is `ELOOP` or `ENOTDIR`.
    fn open_dir(&self, path: &Path, follow: bool) -> Result<Box<dyn Dir>>;

    /// Lists a directory. `ENOENT`, `ENOTDIR`, `EACCES` (not readable).
    fn read_dir(&self, path: &Path) -> Result<Entries>;

    /// Returns the attributes of a file. `ENOENT`, `EACCES` (no search permission on a parent),
    /// `ENOTDIR`, `ELOOP`.
    fn stat(&self, path: &Path, follow: bool) -> Result<StatResult>;

    /// Checks access by the real user (or the effective one). No access is `Ok(false)`, also if the
    /// file does not exist.
    fn access(&self, path: &Path, access: Access, effective: bool, follow: bool) -> Result<bool>;

    /// Creates a directory. `EEXIST` (the name exists, even as a dangling link), `ENOENT` (no
    /// parent), `ENOTDIR`, `EACCES`, `ENOSPC`.
    fn mkdir(&self, path: &Path, mode: u32) -> Result<()>;

    /// Removes an empty directory. `ENOTEMPTY`, `ENOTDIR` (also for a link to a directory),
    /// `ENOENT`, `EACCES`, `EBUSY` (`/`), `EINVAL` (`.`).
    fn rmdir(&self, path: &Path) -> Result<()>;

    /// Removes a name other than a directory; a link itself, never its target. `EISDIR`, `ENOENT`,
    /// `EACCES`. An open file exists until it is closed.
    fn unlink(&self, path: &Path) -> Result<()>;

    /// Renames atomically, replacing an existing file: at every moment, one of the names exists.
    ///
    /// `ENOENT`; `EISDIR` (a file over a directory), `ENOTDIR` (a directory over a file),
    /// `ENOTEMPTY` (over a directory with entries), `EINVAL` (into itself), `EXDEV` (another file
    /// system), `EACCES`. For two names of the same file it succeeds and does nothing.
    fn rename(&self, from: &Path, to: &Path) -> Result<()>;

    /// Creates a hard link to `original`. `EEXIST`, `ENOENT`, `EPERM` (a directory), `EXDEV`.
    fn link(&self, original: &Path, link: &Path, follow: bool) -> Result<()>;

    /// Creates a symbolic link to `target`, which need not exist. `EEXIST`, `ENOENT` (an empty
    /// target, or no parent).
    fn symlink(&self, target: &Path, link: &Path) -> Result<()>;

    /// Returns the target of a symbolic link. `EINVAL` if it is not a link.
    fn readlink(&self, path: &Path) -> Result<PathBuf>;

    /// Sets the permission bits (0 to 0o7777). `EPERM` unless owner or root. Without `follow`, a
    /// link is `EOPNOTSUPP`.
    fn chmod(&self, path: &Path, mode: u32, follow: bool) -> Result<()>;

    /// Sets owner and group; `None` leaves one unchanged. `EPERM` unless root (an owner may select
    /// among its own groups). Clears the set-id bits of a file.
    fn chown(&self, path: &Path, uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()>;

    /// Sets the times, in nanoseconds. Always sets `st_ctime` to now. `EPERM`, `EACCES`.
    fn utime(&self, path: &Path, times: Times, follow: bool) -> Result<()>;

    /// Truncates a file, or extends it with a hole. `EISDIR`, `EINVAL`.
    fn truncate(&self, path: &Path, length: u64) -> Result<()>;

    /// Creates a named pipe, a device (with this number), a socket or an empty file. `EEXIST`,
    /// `EPERM` (a device, unless root).
    fn mknod(&self, path: &Path, file_type: FileType, mode: u32, device: u64) -> Result<()>;

    /// Returns size and limits of the file system that contains the path.
    fn statvfs(&self, path: &Path) -> Result<StatVfsResult>;

    /// Returns a limit of the file system that contains the path, by its number. `EINVAL` for an
    /// unknown number. `None`: no limit.
    fn pathconf(&self, path: &Path, name: i32) -> Result<Option<i64>>;

    /// Returns the value of an extended attribute (`user.…`). `ENODATA` if it does not exist.
    fn getxattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<Vec<u8>>;

    /// Sets an extended attribute. With `create` an existing one is `EEXIST`, with `replace` a
    /// missing one is `ENODATA`. `EOPNOTSUPP` for an unknown namespace.
    fn setxattr(&self, path: &Path, name: &OsStr, value: &[u8], flags: XattrFlags, follow: bool) -> Result<()>;

    /// Lists the extended attributes.
    fn listxattr(&self, path: &Path, follow: bool) -> Result<Vec<OsString>>;

    /// Removes an extended attribute. `ENODATA`.
    fn removexattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<()>;

    /// Copies up to `length` bytes between the positions of two open files without passing them
    /// through the caller, and moves both positions. Returns fewer bytes at the end of the source,
    /// finally 0. `EXDEV`, `EINVAL` or `EOPNOTSUPP`: not possible for these files; use read and
    /// write.
    fn copy_range(&self, from: &dyn Handle, to: &dyn Handle, length: u64) -> Result<u64>;

    /// Writes all changes to the devices.
    fn sync(&self);

    /// Sets the umask of the process, and returns the previous one.
    fn umask(&self, mask: u32) -> u32;

    /// Returns the umask of the process. A backend that can read it only by setting it does that: a file that another thread creates in
    /// between is private, not public.
    fn current_umask(&self) -> u32 {
        let mask = self.umask(0o077);
        self.umask(mask);
        mask
    }
}

/// An open file. Dropping it closes it. All holders of the handle share its position.
pub trait Handle: Shared {
    /// Reads at the position and advances it. 0 is the end. `EISDIR`, `EBADF` (not open for
    /// reading), `EAGAIN`.
    fn read(&self, buffer: &mut [u8]) -> Result<usize>;

    /// Reads and appends to `bytes`: at most its spare capacity.
    fn read_to(&self, bytes: &mut Vec<u8>) -> Result<usize>;

    /// Writes at the position (with `append`: at the end) and advances it. May write less.
    /// `ENOSPC`, `EDQUOT`, `EFBIG`, `EPIPE`, `EBADF`.
    fn write(&self, bytes: &[u8]) -> Result<usize>;

    /// Moves the position; beyond the end is allowed. `EINVAL` (before the start), `ESPIPE`.
    fn seek(&self, to: SeekFrom) -> Result<u64>;

    /// Moves the position to the first byte from `offset` on that is data or, with `hole`, in a
    /// hole; the end of the file counts as a hole. A file system without holes has only data.
    /// `ENXIO` at or beyond the end, `ESPIPE`.
    fn seek_sparse(&self, offset: u64, hole: bool) -> Result<u64>;

    /// Reads at `offset` without moving the position.
    fn read_at(&self, buffer: &mut [u8], offset: u64) -> Result<usize>;

    /// Writes at `offset` without moving the position.
    fn write_at(&self, bytes: &[u8], offset: u64) -> Result<usize>;

    /// Returns the attributes of the open file, even if its name was removed.
    fn stat(&self) -> Result<StatResult>;

    /// Returns size and limits of the file system that contains the file.
    fn statvfs(&self) -> Result<StatVfsResult>;

    /// Allocates space for these bytes; the file grows if necessary. `ENOSPC`, `EBADF` (not open
    /// for writing), `EINVAL` (no length), `ESPIPE`, `EOPNOTSUPP`.
    fn allocate(&self, offset: u64, length: u64) -> Result<()>;

    /// Declares the expected access pattern for these bytes; a length of 0 extends to the end.
    /// Affects only performance. `ESPIPE`.
    fn advise(&self, offset: u64, length: u64, advice: Advice) -> Result<()>;

    /// Truncates or extends the file. `EINVAL` unless open for writing.
    fn truncate(&self, length: u64) -> Result<()>;

    /// Writes the file to the device; with `data_only`, without times and owner.
    fn sync(&self, data_only: bool) -> Result<()>;

    /// Sets the permission bits.
    fn chmod(&self, mode: u32) -> Result<()>;

    /// Sets owner and group.
    fn chown(&self, uid: Option<u32>, gid: Option<u32>) -> Result<()>;

    /// Sets times.
    fn utime(&self, times: Times) -> Result<()>;

    /// Locks the whole file, shared or exclusive (`flock`). `EWOULDBLOCK` if the lock is held
    /// elsewhere and `wait` is false.
    fn lock(&self, exclusive: bool, wait: bool) -> Result<()>;

    /// Releases the lock.
    fn unlock(&self) -> Result<()>;

    /// Returns true for a terminal.
    fn isatty(&self) -> bool;

    /// Returns the kernel's descriptor; `None` for a file in memory.
    fn as_fd(&self) -> Option<BorrowedFd<'_>>;
}

/// An open directory. Operations through it affect this directory, even if its path changes.
///
/// `name` is a single name: an empty one, `.`, `..` and a name with a slash are `EINVAL`. No method
/// follows a link, except `open_dir` and `stat` with `follow`.
pub trait Dir: Shared {
    /// Lists the directory, starting over at each call.
    fn entries(&self) -> Result<Entries>;

    /// Opens a subdirectory. Without `follow` a link is `ELOOP` or `ENOTDIR`, so that a directory
    /// cannot be replaced by a link in between.
    fn open_dir(&self, name: &OsStr, follow: bool) -> Result<Box<dyn Dir>>;

    /// Opens a file in the directory.
    fn open(&self, name: &OsStr, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>>;

    /// Returns the attributes of an entry.
    fn stat(&self, name: &OsStr, follow: bool) -> Result<StatResult>;

    /// Returns the attributes of the directory itself.
    fn stat_self(&self) -> Result<StatResult>;

    /// Creates a subdirectory.
    fn mkdir(&self, name: &OsStr, mode: u32) -> Result<()>;

    /// Removes an empty subdirectory.
    fn rmdir(&self, name: &OsStr) -> Result<()>;

    /// Removes an entry other than a directory.
    fn unlink(&self, name: &OsStr) -> Result<()>;

    /// Creates a symbolic link in the directory.
    fn symlink(&self, target: &Path, name: &OsStr) -> Result<()>;

    /// Returns the target of a symbolic link in the directory.
    fn readlink(&self, name: &OsStr) -> Result<PathBuf>;

    /// Renames within the directory, replacing an existing file.
    fn rename(&self, from: &OsStr, to: &OsStr) -> Result<()>;

    /// Sets the permission bits of an entry other than a link (a link is `EOPNOTSUPP`).
    fn chmod(&self, name: &OsStr, mode: u32) -> Result<()>;

    /// Sets the times of an entry; of a link itself.
    fn utime(&self, name: &OsStr, times: Times) -> Result<()>;
}
