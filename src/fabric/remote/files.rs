//! `os`: files of the other machine, over SFTP, and by small commands where SFTP has no word.

use std::any::Any;
use std::ffi::{OsStr, OsString};
use std::io::{self, Result};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

use super::agent::{Agent, Script, errno, of_fabric};
use super::dir::RemoteDir;
use super::handle::RemoteHandle;
use crate::Wait as _;
use crate::error::errno::{EACCES, EBUSY, EINVAL, ENAMETOOLONG, ENOENT, ENOTDIR, EOPNOTSUPP, EPERM, EXDEV};
use crate::fabric::sftp::raw::Raw;
use crate::fabric::sftp::{SftpAttributes, SftpError, open_flag};
use crate::os::backend::{
    Access, Dir, Entries, Entry, FileTime, FileType, Files, Handle, OpenFlags, StatResult, StatVfsResult, Times, XattrFlags,
};

/// The other machine's files and kernel. Clones share the shell.
#[derive(Clone, Debug)]
pub(super) struct Remote {
    pub(super) agent: Arc<Agent>,
    /// The mask of permissions of this handle; u32::MAX: not asked yet.
    pub(super) umask: Arc<AtomicU32>,
}

pub(super) fn bytes(path: &Path) -> &[u8] {
    path.as_os_str().as_bytes()
}

impl Remote {
    pub(super) fn new(agent: Arc<Agent>) -> Remote {
        Remote { agent, umask: Arc::new(AtomicU32::new(u32::MAX)) }
    }

    /// Runs an operation of SFTP to its end.
    pub(super) fn sftp<T: Send, F: Future<Output = std::result::Result<T, SftpError>> + Send>(
        &self,
        work: impl FnOnce(Raw) -> F + Send,
    ) -> std::result::Result<T, SftpError> {
        let connection = self.agent.connection();
        async move {
            let sftp = connection.sftp_session().await.map_err(|error| {
                let error = of_fabric(&error);
                error.raw_os_error().map_or_else(|| SftpError::Local(error.to_string()), SftpError::Errno)
            })?;
            work(sftp.raw.clone()).await
        }
        .wait()
    }

    /// A path that no system call takes.
    pub(super) fn valid(path: &Path) -> Result<()> {
        let path = bytes(path);
        if path.is_empty() {
            return Err(errno(ENOENT));
        }
        if path.contains(&0) {
            return Err(errno(EINVAL));
        }
        let long = path.len() > 4095 || path.split(|byte| *byte == b'/').any(|name| name.len() > 255);
        if long { Err(errno(ENAMETOOLONG)) } else { Ok(()) }
    }

    /// The errno of a refused operation: the protocol says little, so the path is looked at. `look` knows what the operation could mean.
    pub(super) fn refine(&self, error: &SftpError, path: &Path, look: impl FnOnce(&Remote) -> Option<i32>) -> io::Error {
        let found = match error {
            SftpError::Status { code: 2, .. } => match self.stat(path, false) {
                // The parent is not a directory, or a loop of links.
                Err(error) if !matches!(error.raw_os_error(), Some(ENOENT)) => error.raw_os_error(),
                _ => look(self).or(Some(2)),
            },
            SftpError::Status { code: 3, .. } => look(self).or(Some(13)),
            SftpError::Status { code: 5, .. } => look(self).or(Some(22)),
            SftpError::Status { code: 8, .. } => Some(EOPNOTSUPP),
            SftpError::Status { .. } => look(self),
            error => error.errno(),
        };
        errno(found.unwrap_or(crate::error::errno::EIO))
    }

    fn command(&self, script: &Script) -> Result<()> {
        self.agent.output(&script.0).map(drop)
    }

    pub(super) fn masked(&self, mode: u32) -> u32 {
        mode & 0o7777 & !self.mask()
    }

    /// The mask of this handle; the server has its own, which is the same unless this one was changed.
    fn mask(&self) -> u32 {
        let kept = self.umask.load(Ordering::Relaxed);
        if kept != u32::MAX {
            return kept;
        }
        let asked =
            self.agent.output(b"umask").ok().and_then(|text| u32::from_str_radix(String::from_utf8_lossy(&text).trim(), 8).ok());
        let mask = asked.unwrap_or(0o022);
        self.umask.store(mask, Ordering::Relaxed);
        mask
    }
}

/// The fields of `stat -c`, in the order of [`parse_stat`].
const STAT: &str = "stat -c '%f %i %d %h %u %g %s %.9X %.9Y %.9Z %o %b %t %T %B'";

fn parse_stat(text: &str) -> Option<StatResult> {
    let fields: Vec<&str> = text.split_whitespace().collect();
    let number = |at: usize| fields.get(at)?.parse::<u64>().ok();
    let hex = |at: usize| u64::from_str_radix(fields.get(at)?, 16).ok();
    let time = |at: usize| {
        let text = fields.get(at)?;
        let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
        let fraction = Duration::from_nanos(format!("{fraction:0<9}").get(..9)?.parse().ok()?);
        let since = Duration::from_secs(seconds.parse::<i64>().ok()?.unsigned_abs()).checked_add(fraction)?;
        // `-1.250000000` is a second and a quarter before 1970.
        let epoch = SystemTime::UNIX_EPOCH;
        if seconds.starts_with('-') { epoch.checked_sub(since) } else { epoch.checked_add(since) }
    };
    let mode = u32::try_from(hex(0)?).ok()?;
    let mut stat = StatResult::empty(FileType::of_mode(mode));
    stat.st_mode = mode;
    stat.st_ino = number(1)?;
    stat.st_dev = number(2)?;
    stat.st_nlink = number(3)?;
    stat.st_uid = u32::try_from(number(4)?).ok()?;
    stat.st_gid = u32::try_from(number(5)?).ok()?;
    stat.st_size = number(6)?;
    stat.st_atime = time(7)?;
    stat.st_mtime = time(8)?;
    stat.st_ctime = time(9)?;
    stat.st_blksize = number(10)?;
    stat.st_blocks = number(11)? * number(14)? / 512;
    stat.st_rdev = crate::os::makedev(u32::try_from(hex(12)?).ok()?, u32::try_from(hex(13)?).ok()?);
    Some(stat)
}

pub(super) fn attributes(mode: u32) -> SftpAttributes {
    let mut attributes = SftpAttributes::new();
    attributes.st_mode = Some(mode);
    attributes
}

impl Files for Remote {
    fn blocks(&self) -> bool {
        true
    }

    fn open(&self, path: &Path, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        Remote::valid(path)?;
        // Appending is writing.
        let flags = OpenFlags { write: flags.write || flags.append, ..flags };
        let exclusive = flags.create && flags.exclusive;
        if flags.create && flags.directory {
            return Err(errno(EINVAL));
        }
        if flags.nofollow || flags.directory {
            match self.stat(path, false) {
                Ok(found) if flags.nofollow && found.is_symlink() && !exclusive => {
                    return Err(errno(if flags.directory { 20 } else { 40 }));
                }
                Ok(found) if flags.directory && !found.is_dir() && !self.stat(path, true)?.is_dir() => {
                    return Err(errno(ENOTDIR));
                }
                Err(error) if !flags.create => return Err(error),
                _ => {}
            }
        }
        let bit = |flag, set: bool| if set { flag } else { 0 };
        let wire = bit(open_flag::READ, flags.read || !flags.write)
            | bit(open_flag::WRITE, flags.write)
            | bit(open_flag::APPEND, flags.append)
            | bit(open_flag::CREATE, flags.create)
            | bit(open_flag::TRUNCATE, flags.truncate)
            | bit(open_flag::EXCLUSIVE, exclusive);
        let given = if flags.create { attributes(self.masked(mode)) } else { SftpAttributes::new() };
        let owned = path.to_path_buf();
        let opened = self.sftp(|raw| async move {
            let handle = raw.open(bytes(&owned), wire, &given).await?;
            Ok((raw, handle))
        });
        match opened {
            Ok((raw, handle)) => {
                // Which file it is: the protocol does not say, and the name may be another file's later.
                let identity = self.stat(path, true).ok().map(|found| (found.st_dev, found.st_ino));
                Ok(Box::new(RemoteHandle::new(self.clone(), (raw, handle), path.to_path_buf(), flags, identity)))
            }
            Err(error) => Err(self.refine(&error, path, |remote| {
                let slash = bytes(path).ends_with(b"/");
                match remote.stat(path, true) {
                    _ if exclusive && remote.stat(path, false).is_ok() => Some(17),
                    Ok(found) if found.is_dir() && (flags.write || flags.create || flags.truncate) => Some(21),
                    _ if flags.create && slash => Some(21),
                    Err(error) => error.raw_os_error(),
                    Ok(found) if found.file_type() == FileType::Fifo || found.file_type() == FileType::Socket => Some(6),
                    Ok(_) => None,
                }
            })),
        }
    }

    fn open_dir(&self, path: &Path, follow: bool) -> Result<Box<dyn Dir>> {
        let found = self.stat(path, follow)?;
        if !found.is_dir() {
            return Err(errno(ENOTDIR));
        }
        let readable = self.access(path, Access { read: true, ..Access::default() }, true, true)?;
        if !readable {
            return Err(errno(EACCES));
        }
        Ok(Box::new(RemoteDir::new(self.clone(), path.to_path_buf(), found)))
    }

    fn read_dir(&self, path: &Path) -> Result<Entries> {
        Remote::valid(path)?;
        let owned = path.to_path_buf();
        let listed = self.sftp(|raw| async move {
            let handle = raw.opendir(bytes(&owned)).await?;
            let mut entries = Vec::new();
            while let Some(batch) = raw.readdir(&handle).await? {
                entries.extend(batch);
            }
            handle.close().await?;
            Ok(entries)
        });
        let listed = listed.map_err(|error| {
            self.refine(&error, path, |remote| match remote.stat(path, true) {
                Ok(found) if !found.is_dir() => Some(20),
                Ok(_) => Some(13),
                Err(error) => error.raw_os_error(),
            })
        })?;
        let entries = listed.into_iter().filter_map(|found| {
            let file_type = found.file_type();
            let name = found.filename.filter(|name| name != "." && name != "..")?;
            // The protocol has no inode numbers.
            Some(Ok(Entry { name, file_type, ino: 0 }))
        });
        Ok(Box::new(entries.collect::<Vec<_>>().into_iter()))
    }

    fn stat(&self, path: &Path, follow: bool) -> Result<StatResult> {
        Remote::valid(path)?;
        let script = Script::new(STAT).words(if follow { "-L --" } else { "--" }).value(bytes(path));
        let output = self.agent.output(&script.0)?;
        // A stat(1) of another kind.
        parse_stat(&String::from_utf8_lossy(&output)).ok_or_else(|| errno(EOPNOTSUPP))
    }

    fn access(&self, path: &Path, access: Access, _effective: bool, follow: bool) -> Result<bool> {
        if Remote::valid(path).is_err() {
            return Ok(false);
        }
        if !follow && self.stat(path, false).is_ok_and(|found| found.is_symlink()) {
            return Ok(true);
        }
        let mut script = Script::new("test -e").value(bytes(path));
        for (wanted, letter) in [(access.read, "-r"), (access.write, "-w"), (access.execute, "-x")] {
            if wanted {
                script = script.words(&format!("&& test {letter}")).value(bytes(path));
            }
        }
        Ok(self.agent.run(&script.0)?.status == 0)
    }

    fn mkdir(&self, path: &Path, mode: u32) -> Result<()> {
        Remote::valid(path)?;
        let (owned, masked) = (path.to_path_buf(), self.masked(mode) & 0o1777);
        self.sftp(|raw| async move { raw.mkdir(bytes(&owned), masked).await }).map_err(|error| {
            self.refine(&error, path, |remote| match remote.stat(path, false) {
                Ok(_) => Some(17),
                Err(error) if error.raw_os_error() != Some(ENOENT) => error.raw_os_error(),
                // Asked again by a program that says why.
                Err(_) => {
                    let script = Script::new("mkdir --").value(bytes(path));
                    remote.command(&script).err().and_then(|error| error.raw_os_error())
                }
            })
        })
    }

    fn rmdir(&self, path: &Path) -> Result<()> {
        Remote::valid(path)?;
        if bytes(path) == b"." || bytes(path).ends_with(b"/.") {
            return Err(errno(EINVAL));
        }
        let owned = path.to_path_buf();
        self.sftp(|raw| async move { raw.rmdir(bytes(&owned)).await }).map_err(|error| {
            let name = bytes(path);
            let name = name.iter().rposition(|byte| *byte != b'/').and_then(|last| name.get(..=last)).unwrap_or(name);
            let link = self.stat(Path::new(OsStr::from_bytes(name)), false).is_ok_and(|found| found.is_symlink());
            self.refine(&error, path, |remote| match remote.stat(path, false) {
                Ok(found) if link || !found.is_dir() => Some(20),
                Ok(_) if bytes(path).iter().all(|byte| *byte == b'/') => Some(16),
                Ok(_) if remote.read_dir(path).is_ok_and(|mut entries| entries.next().is_some()) => Some(39),
                Ok(_) => None,
                Err(error) => error.raw_os_error(),
            })
        })
    }

    fn unlink(&self, path: &Path) -> Result<()> {
        Remote::valid(path)?;
        let owned = path.to_path_buf();
        self.sftp(|raw| async move { raw.remove(bytes(&owned)).await }).map_err(|error| {
            self.refine(&error, path, |remote| match remote.stat(path, false) {
                Ok(found) if found.is_dir() => Some(21),
                Ok(_) if bytes(path).ends_with(b"/") => Some(20),
                Ok(_) => None,
                Err(error) => error.raw_os_error(),
            })
        })
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        Remote::valid(from)?;
        Remote::valid(to)?;
        for path in [from, to] {
            match bytes(path).rsplit(|byte| *byte == b'/').find(|name| !name.is_empty()) {
                None => return Err(errno(EBUSY)),
                Some(b"." | b"..") => return Err(errno(EINVAL)),
                Some(_) => {}
            }
        }
        let (old, new) = (from.to_path_buf(), to.to_path_buf());
        self.sftp(|raw| async move { raw.posix_rename(bytes(&old), bytes(&new)).await }).map_err(|error| {
            self.refine(&error, from, |remote| {
                let source = match remote.stat(from, false) {
                    Ok(source) => source,
                    Err(error) => return error.raw_os_error(),
                };
                let parent = to.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
                let target = remote.stat(to, false);
                let beside = remote.stat(parent, true);
                let slash = bytes(from).ends_with(b"/") || bytes(to).ends_with(b"/");
                match (&target, &beside) {
                    _ if slash && !source.is_dir() => Some(20),
                    (Ok(target), _) if source.is_dir() && !target.is_dir() => Some(20),
                    (Ok(target), _) if !source.is_dir() && target.is_dir() => Some(21),
                    (_, Ok(beside)) if beside.st_dev != source.st_dev => Some(18),
                    _ if source.is_dir() && to.starts_with(from) && to != from => Some(22),
                    (Ok(target), _) if target.is_dir() => Some(39),
                    (_, Err(error)) => error.raw_os_error(),
                    (Err(error), _) if error.raw_os_error() != Some(ENOENT) => error.raw_os_error(),
                    _ => None,
                }
            })
        })
    }

    fn link(&self, original: &Path, link: &Path, follow: bool) -> Result<()> {
        Remote::valid(original)?;
        Remote::valid(link)?;
        let script =
            Script::new("ln").words(if follow { "-L" } else { "-P" }).words("-T --").value(bytes(original)).value(bytes(link));
        // A directory is refused before the kernel is asked, in words of ln's own.
        if self.stat(original, follow)?.is_dir() {
            return Err(errno(if self.stat(link, false).is_ok() { 17 } else { 1 }));
        }
        self.command(&script)
    }

    fn symlink(&self, target: &Path, link: &Path) -> Result<()> {
        Remote::valid(link)?;
        if target.as_os_str().is_empty() {
            return Err(errno(ENOENT));
        }
        if bytes(target).contains(&0) {
            return Err(errno(EINVAL));
        }
        if bytes(target).len() > 4095 {
            return Err(errno(ENAMETOOLONG));
        }
        let (says, owned) = (target.to_path_buf(), link.to_path_buf());
        self.sftp(|raw| async move { raw.symlink(bytes(&says), bytes(&owned)).await }).map_err(|error| {
            self.refine(&error, link, |remote| match remote.stat(link, false) {
                Ok(_) => Some(17),
                Err(error) => error.raw_os_error(),
            })
        })
    }

    fn readlink(&self, path: &Path) -> Result<PathBuf> {
        Remote::valid(path)?;
        let owned = path.to_path_buf();
        let says = self.sftp(|raw| async move { raw.readlink(bytes(&owned)).await }).map_err(|error| {
            self.refine(&error, path, |remote| match remote.stat(path, false) {
                Ok(found) if !found.is_symlink() => Some(22),
                Ok(_) => None,
                Err(error) => error.raw_os_error(),
            })
        })?;
        Ok(PathBuf::from(OsString::from_vec(says)))
    }

    fn chmod(&self, path: &Path, mode: u32, follow: bool) -> Result<()> {
        Remote::valid(path)?;
        if !follow && self.stat(path, false)?.is_symlink() {
            return Err(errno(EOPNOTSUPP));
        }
        let owned = path.to_path_buf();
        let done = self.sftp(|raw| async move { raw.setstat(bytes(&owned), &attributes(mode & 0o7777)).await });
        done.map_err(|error| self.refine(&error, path, |remote| owner_errno(remote, path)))
    }

    fn chown(&self, path: &Path, uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
        Remote::valid(path)?;
        let owner = match (uid, gid) {
            (None, None) => return self.stat(path, follow).map(drop),
            (Some(uid), None) => uid.to_string(),
            (uid, Some(gid)) => format!("{}:{gid}", uid.map_or_else(String::new, |uid| uid.to_string())),
        };
        self.command(&Script::new("chown").words(if follow { "" } else { "-h" }).words(&owner).words("--").value(bytes(path)))
    }

    fn utime(&self, path: &Path, times: Times, follow: bool) -> Result<()> {
        Remote::valid(path)?;
        self.stat(path, follow)?;
        for (letter, time) in [("-a", times.atime), ("-m", times.mtime)] {
            let when = match time {
                None => continue,
                Some(FileTime::Now) => String::new(),
                Some(FileTime::At(time)) => format!("-d @{}", decimal(time)),
            };
            let link = if follow { "" } else { "-h" };
            self.command(&Script::new("touch -c").words(link).words(letter).words(&when).words("--").value(bytes(path)))?;
        }
        Ok(())
    }

    fn truncate(&self, path: &Path, length: u64) -> Result<()> {
        Remote::valid(path)?;
        if i64::try_from(length).is_err() {
            return Err(errno(EINVAL));
        }
        let owned = path.to_path_buf();
        let mut size = SftpAttributes::new();
        size.st_size = Some(length);
        self.sftp(|raw| async move { raw.setstat(bytes(&owned), &size).await }).map_err(|error| {
            self.refine(&error, path, |remote| match remote.stat(path, true) {
                Ok(found) if found.is_dir() => Some(21),
                Ok(found) if !found.is_file() => Some(22),
                Ok(_) => None,
                Err(error) => error.raw_os_error(),
            })
        })
    }

    fn mknod(&self, path: &Path, file_type: FileType, mode: u32, device: u64) -> Result<()> {
        Remote::valid(path)?;
        let mode = format!("-m {:o}", self.masked(mode));
        let numbers = format!("{} {}", crate::os::major(device), crate::os::minor(device));
        match file_type {
            FileType::Fifo => self.command(&Script::new("mkfifo").words(&mode).words("--").value(bytes(path))),
            FileType::CharDevice | FileType::BlockDevice => {
                let letter = if file_type == FileType::CharDevice { "c" } else { "b" };
                self.command(&Script::new("mknod").words(&mode).words("--").value(bytes(path)).words(letter).words(&numbers))
            }
            FileType::File => {
                let flags = OpenFlags { write: true, create: true, exclusive: true, ..OpenFlags::default() };
                self.open(path, flags, u32::from_str_radix(mode.trim_start_matches("-m "), 8).unwrap_or(0o600)).map(drop)
            }
            FileType::Dir => Err(errno(EPERM)),
            _ => Err(errno(EOPNOTSUPP)),
        }
    }

    fn statvfs(&self, path: &Path) -> Result<StatVfsResult> {
        Remote::valid(path)?;
        let owned = path.to_path_buf();
        self.sftp(|raw| async move { raw.statvfs(bytes(&owned)).await }).map_err(|error| {
            self.refine(&error, path, |remote| remote.stat(path, true).err().and_then(|error| error.raw_os_error()))
        })
    }

    fn pathconf(&self, path: &Path, name: i32) -> Result<Option<i64>> {
        Remote::valid(path)?;
        let known = crate::os::PATHCONF_NAMES.iter().find(|(_, number)| *number == name).ok_or_else(|| errno(EINVAL))?;
        self.stat(path, true)?;
        let word = known.0.trim_start_matches("PC_");
        configured(&self.agent, &Script::new("getconf --").words(word).value(bytes(path)))
    }

    fn getxattr(&self, _: &Path, _: &OsStr, _: bool) -> Result<Vec<u8>> {
        Err(errno(EOPNOTSUPP))
    }

    fn setxattr(&self, _: &Path, _: &OsStr, _: &[u8], _: XattrFlags, _: bool) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn listxattr(&self, _: &Path, _: bool) -> Result<Vec<OsString>> {
        Err(errno(EOPNOTSUPP))
    }

    fn removexattr(&self, _: &Path, _: &OsStr, _: bool) -> Result<()> {
        Err(errno(EOPNOTSUPP))
    }

    fn copy_range(&self, from: &dyn Handle, to: &dyn Handle, length: u64) -> Result<u64> {
        let (from, to): (&dyn Any, &dyn Any) = (from, to);
        match (from.downcast_ref::<RemoteHandle>(), to.downcast_ref::<RemoteHandle>()) {
            (Some(from), Some(to)) => from.copy_to(to, length),
            // EXDEV: read and write instead.
            _ => Err(errno(EXDEV)),
        }
    }

    fn sync(&self) {
        // Like sync(2), this reports no failure.
        let _ = self.agent.run(b"sync");
    }

    fn umask(&self, mask: u32) -> u32 {
        let before = self.mask();
        self.umask.store(mask & 0o777, Ordering::Relaxed);
        before
    }
}

/// Changing a file of another user is EPERM, which the protocol makes "permission denied".
fn owner_errno(remote: &Remote, path: &Path) -> Option<i32> {
    match remote.stat(path, true) {
        Ok(_) => Some(1),
        Err(error) => error.raw_os_error(),
    }
}

/// What `getconf` prints: a number, or `undefined`.
pub(super) fn configured(agent: &Agent, script: &Script) -> Result<Option<i64>> {
    let answer = agent.run(&script.0)?;
    let text = answer.text();
    match (answer.status, text.as_str()) {
        (0, "undefined") => Ok(None),
        (0, number) => number.parse().map(Some).map_err(|_| errno(EINVAL)),
        (127, _) => Err(errno(EOPNOTSUPP)),
        _ => Err(errno(EINVAL)),
    }
}

/// Seconds and nanoseconds as `date` and `touch` write them.
fn decimal(time: SystemTime) -> String {
    match time.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(since) => format!("{}.{:09}", since.as_secs(), since.subsec_nanos()),
        Err(before) => {
            let before = before.duration();
            format!("-{}.{:09}", before.as_secs(), before.subsec_nanos())
        }
    }
}
