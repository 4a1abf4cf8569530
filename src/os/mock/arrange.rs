//! The methods for tests that set up and inspect the machine.

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::errno::{self, *};
use super::handles::open::DEVICES;
use super::lookup::Links;
use super::permissions::Credentials;
use super::tree::content::BLOCK;
use super::tree::inode::{Ino, Kind};
use super::tree::{ROOT, Tree};
use super::{Mock, State};
use crate::os::backend::{FileTime, FileType, StatResult, Times, TimesResult, UnameResult};

/// Files and directories. Relative paths refer to the working directory of the world.
///
/// # Panics
///
/// If the change is impossible, which is a mistake in the test: a file below a file, a link at an
/// existing name.
impl Mock {
    /// Writes a file and creates its parents, with modes 644 and 755, owned by root.
    #[track_caller]
    pub fn write(&self, path: impl AsRef<Path>, contents: impl AsRef<[u8]>) {
        let (path, contents) = (self.absolute(path), contents.as_ref());
        self.arrange(&path, |tree| {
            tree.parents(&path)?;
            if tree.locate(ROOT, &path, Links::Follow)?.node.is_none() {
                tree.mknod(ROOT, &path, FileType::File, 0o644, 0)?;
            }
            let ino = tree.resolve(ROOT, &path, Links::Follow)?;
            tree.change(ino, |content, free| {
                content.truncate(0);
                content.write(0, contents, free)
            })?;
            tree.touch(ino)
        });
    }

    /// Creates a directory and its parents; an existing one is kept.
    #[track_caller]
    pub fn mkdir(&self, path: impl AsRef<Path>) {
        let path = self.absolute(path);
        self.arrange(&path, |tree| tree.parents(&path.join("_")));
    }

    /// Creates a symbolic link and its parents.
    #[track_caller]
    pub fn symlink(&self, target: impl AsRef<Path>, path: impl AsRef<Path>) {
        let path = self.absolute(path);
        self.arrange(&path, |tree| {
            tree.parents(&path)?;
            tree.symlink(ROOT, target.as_ref(), &path)
        });
    }

    /// Creates a hard link and its parents.
    #[track_caller]
    pub fn link(&self, original: impl AsRef<Path>, path: impl AsRef<Path>) {
        let (original, path) = (self.absolute(original), self.absolute(path));
        self.arrange(&path, |tree| {
            tree.parents(&path)?;
            tree.link(&original, &path, false)
        });
    }

    /// Creates a named pipe and its parents.
    #[track_caller]
    pub fn mkfifo(&self, path: impl AsRef<Path>) {
        let path = self.absolute(path);
        self.arrange(&path, |tree| {
            tree.parents(&path)?;
            tree.mknod(ROOT, &path, FileType::Fifo, 0o644, 0)
        });
    }

    /// Sets the permission bits. Follows links.
    #[track_caller]
    pub fn chmod(&self, path: impl AsRef<Path>, mode: u32) {
        self.on(path, |tree, ino| tree.chmod(ino, mode));
    }

    /// Sets owner and group. Follows links.
    #[track_caller]
    pub fn chown(&self, path: impl AsRef<Path>, uid: u32, gid: u32) {
        self.on(path, |tree, ino| tree.chown(ino, Some(uid), Some(gid)));
    }

    /// Sets access and modification time. Follows links.
    #[track_caller]
    pub fn utime(&self, path: impl AsRef<Path>, atime: SystemTime, mtime: SystemTime) {
        let times = Times { atime: Some(FileTime::At(atime)), mtime: Some(FileTime::At(mtime)) };
        self.on(path, |tree, ino| tree.utime(ino, times));
    }

    /// Removes a name and everything below it, if it exists.
    #[track_caller]
    pub fn remove(&self, path: impl AsRef<Path>) {
        let path = self.absolute(path);
        self.arrange(&path, |tree| match tree.locate(ROOT, &path, Links::Name).map(|found| found.node) {
            Ok(Some(_)) => tree.remove_all(&path),
            _ => Ok(()),
        });
    }

    /// Returns a file's contents; `None` if it does not exist or is not a regular file. Follows
    /// links.
    pub fn read(&self, path: impl AsRef<Path>) -> Option<Vec<u8>> {
        self.look(path, Links::Follow, |tree, ino| Ok(tree.node(ino)?.content()?.to_vec()))
    }

    /// Returns a file's contents as text; `None` if it does not exist, is not a regular file, or is
    /// not UTF-8.
    pub fn read_text(&self, path: impl AsRef<Path>) -> Option<String> {
        self.read(path).and_then(|bytes| String::from_utf8(bytes).ok())
    }

    /// Returns the attributes of a file, of a link itself; `None` if it does not exist.
    pub fn stat(&self, path: impl AsRef<Path>) -> Option<StatResult> {
        self.look(path, Links::NoFollow, |tree, ino| tree.stat_of(ino))
    }

    /// Returns the target of a symbolic link.
    pub fn readlink(&self, path: impl AsRef<Path>) -> Option<PathBuf> {
        self.look(path, Links::NoFollow, |tree, ino| match &tree.node(ino)?.kind {
            Kind::Symlink(target) => Ok(target.to_path_buf()),
            _ => Err(EINVAL),
        })
    }

    /// Returns true if the name exists, even as a dangling link.
    pub fn exists(&self, path: impl AsRef<Path>) -> bool {
        self.stat(path).is_some()
    }

    /// Lists a directory, sorted; empty if it is not a directory.
    pub fn listdir(&self, path: impl AsRef<Path>) -> Vec<OsString> {
        self.look(path, Links::Follow, |tree, ino| tree.sorted(ino))
            .unwrap_or_default()
            .into_iter()
            .map(|(name, _)| name)
            .collect()
    }

    /// Lists everything below a directory, one sorted line per entry: `out/`, `out/a.txt (5)` with
    /// its size, `link -> target`, `pipe|`. Empty for an empty or missing directory. Useful in
    /// `assert_eq!`.
    pub fn tree(&self, path: impl AsRef<Path>) -> String {
        self.look(path, Links::Follow, |tree, ino| {
            let mut lines = String::new();
            tree.lines(ino, Path::new(""), &mut lines)?;
            Ok(lines)
        })
        .unwrap_or_default()
    }

    /// Sets the size of the disk (of `/`) in bytes, rounded down to blocks of 4096. Existing files
    /// are kept.
    pub fn set_capacity(&self, bytes: u64) {
        self.set_capacity_of("/", bytes);
    }

    /// Sets the size of the file system that contains the path, in bytes.
    #[track_caller]
    pub fn set_capacity_of(&self, path: impl AsRef<Path>, bytes: u64) {
        self.on(path, |tree, ino| {
            let fs = tree.node(ino)?.fs;
            tree.fs_mut(fs)?.blocks = bytes / BLOCK;
            Ok(())
        });
    }

    /// Sets the maximum number of files, directories and links on the disk (of `/`).
    pub fn set_inodes(&self, inodes: u64) {
        self.on("/", |tree, ino| {
            let fs = tree.node(ino)?.fs;
            tree.fs_mut(fs)?.inodes = inodes;
            Ok(())
        });
    }

    /// Mounts the file system that contains the path read-only, or writable again.
    #[track_caller]
    pub fn set_read_only(&self, path: impl AsRef<Path>, read_only: bool) {
        self.on(path, |tree, ino| {
            let fs = tree.node(ino)?.fs;
            tree.fs_mut(fs)?.read_only = read_only;
            Ok(())
        });
    }

    /// Mounts a new, empty file system on a directory, which is created if it does not exist.
    #[track_caller]
    pub fn mount(&self, path: impl AsRef<Path>) {
        self.mkdir(path.as_ref());
        self.on(path, |tree, ino| tree.mount(ino).map(drop));
    }

    pub(super) fn furnish(&self) {
        for dir in ["/bin", "/dev", "/etc", "/home", "/root", "/tmp", "/usr/bin", "/var/tmp"] {
            self.mkdir(dir);
        }
        self.chmod("/root", 0o700);
        self.chmod("/tmp", 0o1777);
        self.chmod("/var/tmp", 0o1777);
        let nobody = "nobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin";
        self.write("/etc/passwd", format!("root:x:0:0:root:/root:/bin/sh\n{nobody}\n"));
        self.write("/etc/group", "root:x:0:\nnogroup:x:65534:\n");
        for (path, device) in DEVICES {
            self.arrange(Path::new(path), |tree| tree.mknod(ROOT, Path::new(path), FileType::CharDevice, 0o666, device));
            self.chmod(path, 0o666);
        }
    }

    fn absolute(&self, path: impl AsRef<Path>) -> PathBuf {
        self.core.ambient.resolve(path.as_ref()).into_owned()
    }

    /// Makes a change that bypasses all checks.
    #[track_caller]
    fn arrange(&self, path: &Path, change: impl FnOnce(&mut Tree) -> errno::Result<()>) {
        if let Err(error) = self.almighty(change) {
            panic!("cannot arrange {}: {}", path.display(), std::io::Error::from(error));
        }
    }

    #[track_caller]
    fn on(&self, path: impl AsRef<Path>, change: impl FnOnce(&mut Tree, Ino) -> errno::Result<()>) {
        let path = self.absolute(path);
        self.arrange(&path, |tree| {
            let ino = tree.resolve(ROOT, &path, Links::Follow)?;
            change(tree, ino)
        });
    }

    fn look<T>(&self, path: impl AsRef<Path>, links: Links, look: impl FnOnce(&mut Tree, Ino) -> errno::Result<T>) -> Option<T> {
        let path = self.absolute(path);
        self.almighty(|tree| tree.resolve(ROOT, &path, links).and_then(|ino| look(tree, ino))).ok()
    }

    fn almighty<T>(&self, act: impl FnOnce(&mut Tree) -> T) -> T {
        let mut state = self.core.lock();
        let tree = &mut state.tree;
        let who = std::mem::replace(&mut tree.who, Arc::new(Credentials::almighty()));
        let umask = std::mem::replace(&mut tree.umask, 0o022);
        let result = act(tree);
        (tree.who, tree.umask) = (who, umask);
        result
    }
}

/// The user, the environment, the machine.
impl Mock {
    /// Runs the process as this user and group, without supplementary groups. Root is `set_user(0,
    /// 0)`.
    pub fn set_user(&self, uid: u32, gid: u32) {
        self.fact(|state| {
            state.tree.who = Arc::new(Credentials::new(uid, gid));
            if let Ok(own) = state.machine.processes.find(0) {
                own.uid = uid;
            }
        });
    }

    /// Sets the supplementary groups.
    pub fn set_groups(&self, groups: impl IntoIterator<Item = u32>) {
        self.fact(|state| Arc::make_mut(&mut state.tree.who).groups = groups.into_iter().collect());
    }

    /// Replaces all environment variables.
    ///
    /// ```
    /// let world = leyden::World::new();
    /// world.os.set_environ([("HOME", "/home/ann"), ("TERM", "dumb")]);
    /// assert_eq!(world.batteries().os.environ.get("HOME").unwrap(), "/home/ann");
    /// ```
    pub fn set_environ<N: Into<OsString>, V: Into<OsString>>(&self, variables: impl IntoIterator<Item = (N, V)>) {
        let variables: crate::Variables = variables.into_iter().map(|(name, value)| (name.into(), value.into())).collect();
        self.core.ambient.edit(|environ| environ.clone_from(&variables));
        self.fact(|state| state.machine.environ = variables);
    }

    /// Sets the number of processors; `None`: unknown.
    pub fn set_cpu_count(&self, cpus: Option<usize>) {
        self.fact(|state| state.machine.cpus = cpus);
    }

    /// Sets the load average over 1, 5 and 15 minutes.
    pub fn set_loadavg(&self, loadavg: [f64; 3]) {
        self.fact(|state| state.machine.loadavg = loadavg);
    }

    /// Sets the kernel's description of itself.
    pub fn set_uname(&self, uname: UnameResult) {
        self.fact(|state| state.machine.uname = uname);
    }

    /// Sets processor times. Time that passes in the world is added to `elapsed`.
    pub fn set_times(&self, times: TimesResult) {
        self.fact(|state| state.machine.times = times);
    }

    /// Sets the uptime of the machine at the start of the world.
    pub fn set_uptime(&self, uptime: Duration) {
        self.fact(|state| state.machine.uptime = uptime);
    }

    /// Connects the standard descriptors to a terminal with these columns and lines, or to none.
    pub fn set_terminal(&self, size: Option<(u16, u16)>) {
        self.fact(|state| state.machine.terminal = size);
    }

    /// Sets the user's name on the controlling terminal.
    pub fn set_login(&self, login: Option<&str>) {
        self.fact(|state| state.machine.login = login.map(str::to_owned));
    }

    /// Sets a `sysconf` value; `None`: no limit. The number of processors follows
    /// [`Mock::set_cpu_count`].
    pub fn set_sysconf(&self, name: i32, value: Option<i64>) {
        self.fact(|state| {
            state.machine.sysconf.insert(name, value);
        });
    }

    /// Restarts the sequence of random bytes. The seed of a new world is 0.
    pub fn seed(&self, seed: u64) {
        self.fact(|state| state.machine.random = seed);
    }

    fn fact(&self, set: impl FnOnce(&mut State)) {
        set(&mut self.core.lock());
    }
}

impl Tree {
    /// Creates the parents of a path.
    fn parents(&mut self, path: &Path) -> errno::Result<()> {
        let above: Vec<&Path> = path.ancestors().skip(1).collect();
        for dir in above.into_iter().rev().filter(|dir| dir.parent().is_some()) {
            let found = self.locate(ROOT, dir, Links::Follow)?;
            match found.node {
                Some(ino) => drop(self.node(ino)?.directory()?),
                None => self.mkdir(ROOT, dir, 0o755)?,
            }
        }
        Ok(())
    }

    fn remove_all(&mut self, path: &Path) -> errno::Result<()> {
        let ino = self.resolve(ROOT, path, Links::NoFollow)?;
        if !self.node(ino)?.is_dir() {
            return self.unlink(ROOT, path);
        }
        for (name, _) in self.sorted(ino)? {
            self.remove_all(&path.join(name))?;
        }
        self.rmdir(ROOT, path)
    }

    fn sorted(&self, ino: Ino) -> errno::Result<Vec<(OsString, Ino)>> {
        let entries = &self.node(ino)?.directory()?.entries;
        let mut entries: Vec<_> = entries.iter().map(|(name, ino)| (name.name.clone(), self.top(*ino))).collect();
        entries.sort_unstable();
        Ok(entries)
    }

    fn lines(&self, ino: Ino, above: &Path, lines: &mut String) -> errno::Result<()> {
        for (name, ino) in self.sorted(ino)? {
            let path = above.join(name);
            // Writing to a String cannot fail.
            let _ = match &self.node(ino)?.kind {
                Kind::Dir(_) => writeln!(lines, "{}/", path.display()),
                Kind::File(content) => writeln!(lines, "{} ({})", path.display(), content.length()),
                Kind::Symlink(target) => writeln!(lines, "{} -> {}", path.display(), target.display()),
                Kind::Fifo(_) => writeln!(lines, "{}|", path.display()),
                Kind::Socket => writeln!(lines, "{}=", path.display()),
                Kind::CharDevice(_) | Kind::BlockDevice(_) => writeln!(lines, "{}%", path.display()),
            };
            if self.node(ino)?.is_dir() {
                self.lines(ino, &path, lines)?;
            }
        }
        Ok(())
    }
}
