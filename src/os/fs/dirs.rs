//! Directories: creating, removing, listing, and the working directory.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use crate::os::backend::Files;
use crate::os::path::{RealPath, split};
use crate::os::{Access, Error, Os, Result};

/// The arguments of [`Os::makedirs`] and [`Os::mkdir`]: a path, alone or with options.
#[derive(Clone, Debug)]
#[must_use]
pub struct MakeDirs {
    path: PathBuf,
    mode: u32,
    exist_ok: bool,
}

impl MakeDirs {
    /// A new directory with this path, with mode `0o777` before the umask.
    pub fn new(path: impl Into<PathBuf>) -> MakeDirs {
        MakeDirs { path: path.into(), mode: 0o777, exist_ok: false }
    }

    /// Sets the mode of the directory, before the umask. Parents are created with `0o777` before
    /// the umask.
    pub fn mode(self, mode: u32) -> MakeDirs {
        MakeDirs { mode, ..self }
    }

    /// Sets whether an existing directory is accepted. Default: false. Only for [`Os::makedirs`].
    pub fn exist_ok(self, exist_ok: bool) -> MakeDirs {
        MakeDirs { exist_ok, ..self }
    }
}

impl<P: AsRef<Path>> From<P> for MakeDirs {
    fn from(path: P) -> MakeDirs {
        MakeDirs::new(path.as_ref())
    }
}

impl Os {
    /// Creates one directory: `os.mkdir("out")`, `os.mkdir(MakeDirs::new("out").mode(0o700))`.
    ///
    /// # Errors
    /// [`Error::FileExists`], [`Error::FileNotFound`] (no parent); [`Error::Value`] with
    /// `exist_ok`, which is for [`Os::makedirs`].
    ///
    /// <https://docs.python.org/3/library/os.html#os.mkdir>
    #[doc(alias = "os.mkdir")]
    pub fn mkdir(&self, path: impl Into<MakeDirs>) -> Result<()> {
        let MakeDirs { path, mode, exist_ok } = path.into();
        if exist_ok {
            return Err(Error::Value("exist_ok is an option of makedirs, not of mkdir".into()));
        }
        self.on("mkdir", &path, |backend, path| backend.mkdir(path, mode))
    }

    /// Creates a directory and its missing parents.
    ///
    /// ```
    /// use leyden::os::MakeDirs;
    ///
    /// let os = leyden::World::new().batteries().os;
    /// os.makedirs("/srv/a/b")?;
    /// assert!(os.makedirs("/srv/a/b").is_err());
    /// os.makedirs(MakeDirs::new("/srv/a/b").exist_ok(true))?;
    /// # Ok::<(), leyden::os::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::FileExists`] if it exists, unless it is a directory and [`MakeDirs::exist_ok`] is
    /// set. The error names the directory that could not be created.
    ///
    /// <https://docs.python.org/3/library/os.html#os.makedirs>
    #[doc(alias = "os.makedirs")]
    pub fn makedirs(&self, path: impl Into<MakeDirs>) -> Result<()> {
        let MakeDirs { path, mode, exist_ok } = path.into();
        // Python's recursion, with an explicit stack: up to the first existing directory, and down
        // again.
        let mut missing = vec![(path.clone(), false)];
        let mut at = path;
        loop {
            let (head, tail) = parts(&at);
            if head.as_os_str().is_empty() || tail.is_empty() || self.path.exists(&head) {
                break;
            }
            // xxx/new/. exists as soon as xxx/new does.
            if let Some((_, is_dot)) = missing.last_mut() {
                *is_dot = tail == ".";
            }
            missing.push((head.clone(), false));
            at = head;
        }
        let leaf = missing.len() - 1;
        for (depth, (path, is_dot)) in missing.into_iter().rev().enumerate() {
            if is_dot {
                continue;
            }
            let mode = if depth == leaf { mode } else { 0o777 };
            let made = self.on("makedirs", &path, |backend, path| backend.mkdir(path, mode));
            match made {
                Err(_) if exist_ok && self.path.isdir(&path) => {}
                // Another process has created a parent meanwhile.
                Err(Error::FileExists(_)) if depth != leaf => {}
                made => made?,
            }
        }
        Ok(())
    }

    /// Removes one empty directory. <https://docs.python.org/3/library/os.html#os.rmdir>
    #[doc(alias = "os.rmdir")]
    pub fn rmdir(&self, path: impl AsRef<Path>) -> Result<()> {
        self.on("rmdir", path.as_ref(), Files::rmdir)
    }

    /// Removes an empty directory, and then its parents as long as they are empty.
    ///
    /// <https://docs.python.org/3/library/os.html#os.removedirs>
    #[doc(alias = "os.removedirs")]
    pub fn removedirs(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        self.on("removedirs", path, Files::rmdir)?;
        let (mut head, mut tail) = parts(path);
        while !head.as_os_str().is_empty() && !tail.is_empty() && self.rmdir(&head).is_ok() {
            (head, tail) = pair(&head);
        }
        Ok(())
    }

    /// Renames, after creating the parents of the new name, and removes the parents of the old name
    /// that are then empty.
    ///
    /// <https://docs.python.org/3/library/os.html#os.renames>
    #[doc(alias = "os.renames")]
    pub fn renames(&self, old: impl AsRef<Path>, new: impl AsRef<Path>) -> Result<()> {
        let (old, new) = (old.as_ref(), new.as_ref());
        let (head, tail) = pair(new);
        if !head.as_os_str().is_empty() && !tail.is_empty() && !self.path.exists(&head) {
            self.makedirs(head)?;
        }
        self.on_both("renames", (old, new), Files::rename)?;
        let (head, tail) = pair(old);
        if !head.as_os_str().is_empty() && !tail.is_empty() {
            let _ = self.removedirs(head);
        }
        Ok(())
    }

    /// Lists a directory in the order of the file system, without `.` and `..`.
    ///
    /// <https://docs.python.org/3/library/os.html#os.listdir>
    #[doc(alias = "os.listdir")]
    pub fn listdir(&self, path: impl AsRef<Path>) -> Result<Vec<OsString>> {
        self.on("listdir", path.as_ref(), |backend, path| backend.read_dir(path)?.map(|entry| Ok(entry?.name)).collect())
    }

    /// Sets the working directory, to which relative paths refer: of this handle and those that
    /// share its state, including `subprocess`. The process's own directory never changes.
    ///
    /// # Errors
    /// The kernel's: [`Error::FileNotFound`], [`Error::NotADirectory`], [`Error::Permission`]
    /// without search permission.
    ///
    /// <https://docs.python.org/3/library/os.html#os.chdir>
    #[doc(alias("os.chdir", "os.fchdir"))]
    pub fn chdir(&self, path: impl AsRef<Path>) -> Result<()> {
        let path = path.as_ref();
        let fail = |errno| Err(Error::new("chdir", &std::io::Error::from_raw_os_error(errno), Some(path), None));
        let found = self.on("chdir", path, |backend, path| backend.stat(path, true))?;
        if !found.is_dir() {
            return fail(20);
        }
        let search = Access { execute: true, ..Access::default() };
        if !self.on("chdir", path, |backend, path| backend.access(path, search, true, true))? {
            return fail(13);
        }
        // As in the kernel, the directory is kept, not its name: a link that changes later has no
        // effect.
        let real = self.path.realpath(RealPath::new(path).strict(true))?;
        self.ambient.chdir(&real);
        Ok(())
    }

    /// Returns the working directory, to which relative paths refer.
    ///
    /// # Errors
    /// [`Error::FileNotFound`] if it was removed.
    ///
    /// <https://docs.python.org/3/library/os.html#os.getcwd>
    #[doc(alias("os.getcwd", "os.getcwdb"))]
    pub fn getcwd(&self) -> Result<PathBuf> {
        match self.ambient.cwd() {
            None => self.backend.getcwd().map_err(|error| Error::new("getcwd", &error, None, None)),
            Some(cwd) => {
                self.backend.stat(&cwd, true).map_err(|error| Error::new("getcwd", &error, None, None))?;
                Ok(cwd.to_path_buf())
            }
        }
    }
}

fn pair(path: &Path) -> (PathBuf, OsString) {
    let (head, tail) = split(path);
    (head.into(), tail.into())
}

/// Splits into head and tail, ignoring a trailing slash.
fn parts(path: &Path) -> (PathBuf, OsString) {
    match pair(path) {
        (head, tail) if tail.is_empty() => pair(&head),
        parts => parts,
    }
}
