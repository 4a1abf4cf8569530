//! Files: read from the machine beneath, written in memory above it.

use std::ffi::{OsStr, OsString};
use std::fmt;
use std::io::Result;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

use super::only_read::OnlyRead;
use super::{Entry, Log};
use crate::Errno;
use crate::mock::Script;
use crate::os::backend::{
    Access, Backend, Dir, Entries, FileType, Files, Handle, OpenFlags, StatResult, StatVfsResult, Times, XattrFlags,
};
use crate::os::mock::Mock;

/// EPERM: what a rehearsal will not do.
pub(super) const REFUSED: i32 = 1;
/// EXDEV: copy by reading and writing instead.
const CROSS_DEVICE: i32 = 18;

/// The overlay. Until the first change everything goes straight to the machine beneath.
pub(super) struct Overlay {
    pub(super) base: Arc<dyn Backend>,
    upper: Mock,
    script: Script,
    clock: Arc<dyn crate::time::backend::Backend>,
    changed: AtomicBool,
    log: Arc<Log>,
}

impl fmt::Debug for Overlay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Overlay").field("base", &self.base).finish_non_exhaustive()
    }
}

impl Overlay {
    pub(super) fn new(
        base: Arc<dyn Backend>,
        ambient: crate::Ambient,
        clock: Arc<dyn crate::time::backend::Backend>,
        log: Arc<Log>,
    ) -> Result<Overlay> {
        let script = Script::default();
        let upper = Mock::over(base.clone(), ambient, script.clone())?;
        Ok(Overlay { base, upper, script, clock, changed: AtomicBool::new(false), log })
    }

    /// The tree above, at the present time.
    pub(super) fn model(&self) -> &Mock {
        self.script.clock().set(self.clock.now());
        self.script.clear();
        &self.upper
    }

    /// The same as a backend.
    pub(super) fn upper(&self) -> &dyn Backend {
        self.model()
    }

    /// Nothing was written yet.
    pub(super) fn is_pristine(&self) -> bool {
        !self.changed.load(Ordering::Acquire)
    }

    /// What answers reads: the machine beneath, or the tree above it.
    pub(super) fn reader(&self) -> &dyn Backend {
        if self.is_pristine() { &*self.base } else { self.upper() }
    }

    /// A change of these paths, noted if it succeeds.
    pub(super) fn write<T>(&self, paths: &[&Path], change: impl FnOnce(&dyn Backend) -> Result<T>) -> Result<T> {
        let answer = change(self.upper())?;
        self.changed.store(true, Ordering::Release);
        for path in paths {
            self.log.touched(self.model().canonical(path));
        }
        Ok(answer)
    }

    pub(super) fn timed(&self, path: &Path, follow: bool) {
        let mut path = self.model().canonical(path);
        let mut links = 0;
        // As many links as the kernel follows.
        while follow
            && links < 40
            && let Ok(target) = self.upper().readlink(&path)
        {
            path = self.model().canonical(&path.with_file_name("").join(target));
            links += 1;
        }
        self.log.push(Entry::Timed(path));
    }

    /// How a special file may be opened in a rehearsal: for reading as it is, for writing only where nothing is kept.
    fn open_special(self: &Arc<Self>, path: &Path, flags: OpenFlags, writes: bool) -> Option<Result<Box<dyn Handle>>> {
        let follow = !(flags.nofollow || flags.create && flags.exclusive);
        let stat = self.reader().stat(path, follow).ok()?;
        match stat.file_type() {
            FileType::CharDevice if !writes || is_sink(&stat) => Some(self.open_beneath(path, path, flags)),
            FileType::Fifo if !writes => Some(self.open_beneath(path, path, flags)),
            FileType::CharDevice | FileType::BlockDevice | FileType::Fifo | FileType::Socket if writes => {
                Some(Err(Errno::because(REFUSED, "a rehearsal does not write to devices, pipes and sockets")))
            }
            _ => None,
        }
    }

    /// Opens a file of the machine beneath, which `path` names in the rehearsal.
    fn open_beneath(self: &Arc<Self>, beneath: &Path, path: &Path, flags: OpenFlags) -> Result<Box<dyn Handle>> {
        let handle = self.base.open(beneath, flags, 0)?;
        Ok(self.only_read(handle, path, !flags.nofollow))
    }

    fn only_read(self: &Arc<Self>, handle: Box<dyn Handle>, path: &Path, follow: bool) -> Box<dyn Handle> {
        Box::new(OnlyRead::new(handle, self, path.to_owned(), follow))
    }

    pub(super) fn open_at(self: &Arc<Self>, path: &Path, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        let writes = flags.write || flags.append || flags.truncate || flags.create;
        if let Some(special) = self.open_special(path, flags, writes) {
            return special;
        }
        if writes {
            return self.write(&[path], |upper| upper.open(path, flags, mode));
        }
        if self.is_pristine() {
            return self.open_beneath(path, path, flags);
        }
        match self.model().unchanged_file(path, !flags.nofollow) {
            Some(beneath) => self.open_beneath(&beneath, path, flags),
            None => self.upper().open(path, flags, mode),
        }
    }
}

/// `/dev/null`, `/dev/zero`, `/dev/full`, `/dev/tty`: what is written there changes nothing.
///
/// <https://www.kernel.org/doc/html/latest/admin-guide/devices.html>
fn is_sink(stat: &StatResult) -> bool {
    matches!(stat.st_rdev, 0x103 | 0x105 | 0x107 | 0x500)
}

#[deny(clippy::missing_trait_methods)]
impl Files for Arc<Overlay> {
    // The clock of a rehearsal goes on when nothing else is ready: every deadline would overtake a thread that reads the file.
    fn blocks(&self) -> bool {
        false
    }

    fn open(&self, path: &Path, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        self.open_at(path, flags, mode)
    }

    fn open_dir(&self, path: &Path, follow: bool) -> Result<Box<dyn Dir>> {
        Ok(Box::new(OpenDir::new(self, path.to_owned(), follow)?))
    }

    fn read_dir(&self, path: &Path) -> Result<Entries> {
        if self.is_pristine() {
            return self.base.read_dir(path);
        }
        match self.model().unchanged_dir(path, true) {
            Some(beneath) => self.base.read_dir(&beneath),
            None => self.upper().read_dir(path),
        }
    }

    fn stat(&self, path: &Path, follow: bool) -> Result<StatResult> {
        self.reader().stat(path, follow)
    }

    fn access(&self, path: &Path, access: Access, effective: bool, follow: bool) -> Result<bool> {
        self.reader().access(path, access, effective, follow)
    }

    fn mkdir(&self, path: &Path, mode: u32) -> Result<()> {
        self.write(&[path], |upper| upper.mkdir(path, mode))
    }

    fn rmdir(&self, path: &Path) -> Result<()> {
        self.write(&[path], |upper| upper.rmdir(path))
    }

    fn unlink(&self, path: &Path) -> Result<()> {
        self.write(&[path], |upper| upper.unlink(path))
    }

    fn rename(&self, from: &Path, to: &Path) -> Result<()> {
        self.write(&[from, to], |upper| upper.rename(from, to))
    }

    fn link(&self, original: &Path, link: &Path, follow: bool) -> Result<()> {
        self.write(&[link], |upper| upper.link(original, link, follow))
    }

    fn symlink(&self, target: &Path, link: &Path) -> Result<()> {
        self.write(&[link], |upper| upper.symlink(target, link))
    }

    fn readlink(&self, path: &Path) -> Result<PathBuf> {
        self.reader().readlink(path)
    }

    fn chmod(&self, path: &Path, mode: u32, follow: bool) -> Result<()> {
        self.write(&[path], |upper| upper.chmod(path, mode, follow))
    }

    fn chown(&self, path: &Path, uid: Option<u32>, gid: Option<u32>, follow: bool) -> Result<()> {
        self.write(&[path], |upper| upper.chown(path, uid, gid, follow))
    }

    fn utime(&self, path: &Path, times: Times, follow: bool) -> Result<()> {
        self.write(&[path], |upper| upper.utime(path, times, follow))?;
        self.timed(path, follow);
        Ok(())
    }

    fn truncate(&self, path: &Path, length: u64) -> Result<()> {
        self.write(&[path], |upper| upper.truncate(path, length))
    }

    fn mknod(&self, path: &Path, file_type: FileType, mode: u32, device: u64) -> Result<()> {
        self.write(&[path], |upper| upper.mknod(path, file_type, mode, device))
    }

    fn statvfs(&self, path: &Path) -> Result<StatVfsResult> {
        self.base.statvfs(path).or_else(|_| self.upper().statvfs(path))
    }

    fn pathconf(&self, path: &Path, name: i32) -> Result<Option<i64>> {
        self.base.pathconf(path, name).or_else(|_| self.upper().pathconf(path, name))
    }

    fn getxattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<Vec<u8>> {
        self.reader().getxattr(path, name, follow)
    }

    fn setxattr(&self, path: &Path, name: &OsStr, value: &[u8], flags: XattrFlags, follow: bool) -> Result<()> {
        self.write(&[path], |upper| upper.setxattr(path, name, value, flags, follow))
    }

    fn listxattr(&self, path: &Path, follow: bool) -> Result<Vec<OsString>> {
        self.reader().listxattr(path, follow)
    }

    fn removexattr(&self, path: &Path, name: &OsStr, follow: bool) -> Result<()> {
        self.write(&[path], |upper| upper.removexattr(path, name, follow))
    }

    fn copy_range(&self, from: &dyn Handle, to: &dyn Handle, length: u64) -> Result<u64> {
        match (Mock::owns(from), Mock::owns(to)) {
            (true, true) => self.upper().copy_range(from, to, length),
            // The caller reads and writes instead.
            _ => Err(std::io::Error::from_raw_os_error(CROSS_DEVICE)),
        }
    }

    fn sync(&self) {}

    fn current_umask(&self) -> u32 {
        self.upper().current_umask()
    }

    fn umask(&self, mask: u32) -> u32 {
        self.upper().umask(mask)
    }
}

/// An open directory: the real one until something is written, then the one above.
struct OpenDir {
    overlay: Arc<Overlay>,
    path: PathBuf,
    follow: bool,
    base: Option<Box<dyn Dir>>,
    upper: OnceLock<Box<dyn Dir>>,
}

impl fmt::Debug for OpenDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpenDir").field("path", &self.path).finish_non_exhaustive()
    }
}

impl OpenDir {
    fn new(overlay: &Arc<Overlay>, path: PathBuf, follow: bool) -> Result<OpenDir> {
        let upper = OnceLock::new();
        let base = if overlay.is_pristine() {
            Some(overlay.base.open_dir(&path, follow)?)
        } else {
            let _ = upper.set(overlay.upper().open_dir(&path, follow)?);
            None
        };
        Ok(OpenDir { overlay: overlay.clone(), path, follow, base, upper })
    }

    fn upper(&self) -> Result<&dyn Dir> {
        let overlay = self.overlay.upper();
        if let Some(open) = self.upper.get() {
            return Ok(&**open);
        }
        let open = overlay.open_dir(&self.path, self.follow)?;
        Ok(&**self.upper.get_or_init(|| open))
    }

    fn look<T>(&self, look: impl FnOnce(&dyn Dir) -> Result<T>) -> Result<T> {
        match &self.base {
            Some(base) if self.overlay.is_pristine() => look(&**base),
            _ => look(self.upper()?),
        }
    }

    fn write<T>(&self, names: &[&OsStr], change: impl FnOnce(&dyn Dir) -> Result<T>) -> Result<T> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path.join(name)).collect();
        let paths: Vec<&Path> = paths.iter().map(PathBuf::as_path).collect();
        let dir = self.upper()?;
        self.overlay.write(&paths, |_| change(dir))
    }
}

#[deny(clippy::missing_trait_methods)]
impl Dir for OpenDir {
    fn entries(&self) -> Result<Entries> {
        self.look(Dir::entries)
    }

    fn open_dir(&self, name: &OsStr, follow: bool) -> Result<Box<dyn Dir>> {
        let (base, upper) = match &self.base {
            Some(base) if self.overlay.is_pristine() => (Some(base.open_dir(name, follow)?), OnceLock::new()),
            _ => (None, OnceLock::from(self.upper()?.open_dir(name, follow)?)),
        };
        Ok(Box::new(OpenDir { overlay: self.overlay.clone(), path: self.path.join(name), follow, base, upper }))
    }

    fn open(&self, name: &OsStr, flags: OpenFlags, mode: u32) -> Result<Box<dyn Handle>> {
        let flags = OpenFlags { nofollow: true, ..flags };
        let writes = flags.write || flags.append || flags.truncate || flags.create;
        let path = self.path.join(name);
        if self.look(|dir| dir.stat(name, false)).is_ok_and(|stat| stat.file_type() != FileType::File)
            && let Some(special) = self.overlay.open_special(&path, flags, writes)
        {
            return special;
        }
        if writes {
            return self.write(&[name], |dir| dir.open(name, flags, mode));
        }
        match &self.base {
            Some(base) if self.overlay.is_pristine() => Ok(self.overlay.only_read(base.open(name, flags, mode)?, &path, false)),
            _ => match self.overlay.model().unchanged_file(&path, false) {
                Some(beneath) => self.overlay.open_beneath(&beneath, &path, flags),
                None => self.upper()?.open(name, flags, mode),
            },
        }
    }

    fn stat(&self, name: &OsStr, follow: bool) -> Result<StatResult> {
        self.look(|dir| dir.stat(name, follow))
    }

    fn stat_self(&self) -> Result<StatResult> {
        self.look(Dir::stat_self)
    }

    fn mkdir(&self, name: &OsStr, mode: u32) -> Result<()> {
        self.write(&[name], |dir| dir.mkdir(name, mode))
    }

    fn rmdir(&self, name: &OsStr) -> Result<()> {
        self.write(&[name], |dir| dir.rmdir(name))
    }

    fn unlink(&self, name: &OsStr) -> Result<()> {
        self.write(&[name], |dir| dir.unlink(name))
    }

    fn symlink(&self, target: &Path, name: &OsStr) -> Result<()> {
        self.write(&[name], |dir| dir.symlink(target, name))
    }

    fn readlink(&self, name: &OsStr) -> Result<PathBuf> {
        self.look(|dir| dir.readlink(name))
    }

    fn rename(&self, from: &OsStr, to: &OsStr) -> Result<()> {
        self.write(&[from, to], |dir| dir.rename(from, to))
    }

    fn chmod(&self, name: &OsStr, mode: u32) -> Result<()> {
        self.write(&[name], |dir| dir.chmod(name, mode))
    }

    fn utime(&self, name: &OsStr, times: Times) -> Result<()> {
        self.write(&[name], |dir| dir.utime(name, times))?;
        self.overlay.timed(&self.path.join(name), false);
        Ok(())
    }
}
