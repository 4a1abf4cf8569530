//! `tempfile`: files and directories that are removed automatically.
//!
//! ```
//! let os = leyden::World::new().batteries().os;
//! # os.mkdir("/tmp").ok();
//! let dir = os.tempfile.temporary_directory(())?;
//! os.mkdir(dir.path().join("work"))?;
//! let path = dir.path().to_owned();
//! drop(dir); // with everything in it
//! assert!(!os.path.exists(path));
//! # Ok::<(), leyden::os::Error>(())
//! ```
//!
//! This is Python's [`tempfile`](https://docs.python.org/3/library/tempfile.html) over the handle.
//! Names are unpredictable, from the machine's random bytes. Files are created with `O_EXCL`, so
//! that a planted link is never followed. The mode is 0600 for files and 0700 for directories,
//! whatever the umask.
//!
//! | Python | leyden |
//! |---|---|
//! | `TemporaryDirectory(suffix, prefix, dir)` | [`OsTempfile::temporary_directory`], removed by `Drop` |
//! | `NamedTemporaryFile(suffix=, prefix=, dir=, delete=)` | [`OsTempfile::named_temporary_file`], removed by `Drop` |
//! | `TemporaryFile(suffix=, prefix=, dir=)` | [`OsTempfile::temporary_file`]: without a name from the start |
//! | `SpooledTemporaryFile(max_size, ..)` | [`OsTempfile::spooled_temporary_file`]: in memory up to a size |
//! | `mkstemp(..)`, `mkdtemp(..)` | [`OsTempfile::mkstemp`], [`OsTempfile::mkdtemp`]: not removed automatically |
//! | `gettempdir()`, `gettempprefix()` | [`OsTempfile::gettempdir`], [`GETTEMPPREFIX`] |
//!
//! DIFFERENCE: `gettempdir` reads the handle's environment each time, where Python caches its first
//! result. It checks whether the directory is writable, where Python writes a file.
//!
//! DIFFERENCE: `mkdtemp` in a relative directory returns an absolute path, as `mkstemp` does and
//! Python does since 3.12; 3.11 returns a relative one.
//!
//! DIFFERENCE: files are for bytes; [`File`] reads and writes text with its own options. `mktemp`
//! (unsafe) is not implemented.

mod spooled;

use spooled::Place;
pub use spooled::{Spool, SpooledTemporaryFile};

use super::backend::{Access, Backend, Entry, Handle, OpenFlags};
use super::path::{OsPath, join};
use super::shutil::descent::Descent;
use super::shutil::rmtree;
use super::{Error, File, Open, Result};
use crate::error::errno::{EEXIST, ENOENT};
use std::ffi::OsString;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

/// The default prefix of names: Python's `gettempprefix()`.
#[doc(alias("tempfile.gettempprefix", "tempfile.template"))]
pub const GETTEMPPREFIX: &str = "tmp";

/// The number of names to try, each one of 37^8.
const ATTEMPTS: usize = 100;

/// The handle `os.tempfile`: Python's module `tempfile`.
#[derive(Clone, Debug)]
pub struct OsTempfile {
    path: OsPath,
}

/// Directory and name: `()` for the defaults.
#[derive(Clone, Debug, Default)]
pub struct Temp {
    suffix: OsString,
    prefix: Option<OsString>,
    dir: Option<PathBuf>,
    keep: bool,
}

impl Temp {
    /// A name of [`GETTEMPPREFIX`] and eight random characters, in [`OsTempfile::gettempdir`].
    pub fn new() -> Temp {
        Temp::default()
    }

    /// Sets the end of the name. Default: empty.
    #[must_use]
    pub fn suffix(self, suffix: impl Into<OsString>) -> Temp {
        Temp { suffix: suffix.into(), ..self }
    }

    /// Sets the beginning of the name. Default: [`GETTEMPPREFIX`].
    #[must_use]
    pub fn prefix(self, prefix: impl Into<OsString>) -> Temp {
        Temp { prefix: Some(prefix.into()), ..self }
    }

    /// Sets the directory. Default: [`OsTempfile::gettempdir`].
    #[must_use]
    pub fn dir(self, dir: impl Into<PathBuf>) -> Temp {
        Temp { dir: Some(dir.into()), ..self }
    }

    /// Sets whether `Drop` removes it; `mkstemp` and `mkdtemp` ignore this. Default: true.
    #[must_use]
    pub fn delete(self, delete: bool) -> Temp {
        Temp { keep: !delete, ..self }
    }
}

impl From<()> for Temp {
    fn from((): ()) -> Temp {
        Temp::new()
    }
}

impl OsTempfile {
    pub(super) fn new(path: OsPath) -> OsTempfile {
        OsTempfile { path }
    }

    /// Returns the first writable directory of `$TMPDIR`, `$TEMP`, `$TMP`, `/tmp`, `/var/tmp`,
    /// `/usr/tmp` and the working directory.
    ///
    /// # Errors
    /// [`Error::FileNotFound`] if none is writable.
    #[doc(alias("tempfile.gettempdir", "tempfile.tempdir"))]
    pub fn gettempdir(&self) -> Result<PathBuf> {
        let named =
            ["TMPDIR", "TEMP", "TMP"].iter().filter_map(|name| self.path.ambient().var(name)).filter(|dir| !dir.is_empty());
        let fixed = ["/tmp", "/var/tmp", "/usr/tmp", "."].map(OsString::from);
        for dir in named.chain(fixed) {
            let dir = self.path.abspath(dir)?;
            let access = Access { read: false, write: true, execute: true };
            if self.path.isdir(&dir) && self.path.backend().access(&dir, access, true, true).unwrap_or(false) {
                return Ok(dir);
            }
        }
        Err(Error::new("gettempdir", &io::Error::from_raw_os_error(ENOENT), None, None))
    }

    /// Creates a file that only its owner can access, and opens it for reading and writing. It is
    /// not removed automatically.
    ///
    /// # Errors
    /// Errors of creating a file in that directory.
    #[doc(alias = "tempfile.mkstemp")]
    pub fn mkstemp(&self, options: impl Into<Temp>) -> Result<(File, PathBuf)> {
        let (handle, path) = self.create(&options.into())?;
        let stat = handle.stat().map_err(|error| Error::new("mkstemp", &error, Some(&path), None))?;
        let open = Open::new(&path).mode("w+b");
        let plan = open.plan()?;
        Ok((File::opened(handle, open, &plan, &stat)?, path))
    }

    pub(super) fn create(&self, options: &Temp) -> Result<(Box<dyn Handle>, PathBuf)> {
        let flags = OpenFlags { read: true, write: true, create: true, exclusive: true, nofollow: true, ..OpenFlags::default() };
        self.make("mkstemp", options, |path| self.path.backend().open(path, flags, 0o600))
    }

    /// Creates a directory that only its owner can access. It is not removed automatically.
    ///
    /// # Errors
    /// Errors of creating a directory in that directory.
    #[doc(alias = "tempfile.mkdtemp")]
    pub fn mkdtemp(&self, options: impl Into<Temp>) -> Result<PathBuf> {
        Ok(self.make("mkdtemp", &options.into(), |path| self.path.backend().mkdir(path, 0o700))?.1)
    }

    /// Creates a file with a name, removed when the value is dropped.
    ///
    /// # Errors
    /// Same as [`OsTempfile::mkstemp`].
    #[doc(alias = "tempfile.NamedTemporaryFile")]
    pub fn named_temporary_file(&self, options: impl Into<Temp>) -> Result<NamedTemporaryFile> {
        let options = options.into();
        let keep = options.keep;
        let (file, path) = self.mkstemp(options)?;
        Ok(NamedTemporaryFile { os: self.path.clone(), file, path, keep })
    }

    /// Creates a file without a name: no other process can open it, and it is removed when it is
    /// closed.
    ///
    /// # Errors
    /// Those of [`OsTempfile::mkstemp`] and of removing the name.
    #[doc(alias = "tempfile.TemporaryFile")]
    pub fn temporary_file(&self, options: impl Into<Temp>) -> Result<File> {
        let (file, path) = self.mkstemp(options)?;
        let removed = self.path.backend().unlink(&path);
        removed.map_err(|error| Error::new("temporary_file", &error, Some(&path), None))?;
        Ok(file)
    }

    /// Creates a file that is kept in memory up to a size: `spooled_temporary_file(1 << 20)`.
    #[doc(alias = "tempfile.SpooledTemporaryFile")]
    pub fn spooled_temporary_file(&self, options: impl Into<Spool>) -> SpooledTemporaryFile {
        let Spool { max_size, temp } = options.into();
        SpooledTemporaryFile { os: self.clone(), max_size, temp, at: Place::Memory(io::Cursor::new(Vec::new())) }
    }

    /// Creates a directory, removed with everything in it when the value is dropped.
    ///
    /// # Errors
    /// Same as [`OsTempfile::mkdtemp`].
    #[doc(alias = "tempfile.TemporaryDirectory")]
    pub fn temporary_directory(&self, options: impl Into<Temp>) -> Result<TemporaryDirectory> {
        let options = options.into();
        let keep = options.keep;
        Ok(TemporaryDirectory { os: self.path.clone(), path: self.mkdtemp(options)?, keep })
    }

    fn make<T>(&self, operation: &'static str, options: &Temp, create: impl Fn(&Path) -> io::Result<T>) -> Result<(T, PathBuf)> {
        let dir = match &options.dir {
            Some(dir) => self.path.abspath(dir)?,
            None => self.gettempdir()?,
        };
        let mut last = None;
        for _ in 0..ATTEMPTS {
            let mut name = options.prefix.clone().unwrap_or_else(|| GETTEMPPREFIX.into());
            name.push(self.random_name(operation)?);
            name.push(&options.suffix);
            let path = join(&dir, &*name);
            match create(&path) {
                Ok(made) => return Ok((made, path)),
                Err(error) => {
                    let error = (error.raw_os_error() == Some(EEXIST), Error::new(operation, &error, Some(&path), None));
                    match error {
                        (true, error) => last = Some(error),
                        (false, error) => return Err(error),
                    }
                }
            }
        }
        Err(last.unwrap_or_else(|| Error::Value(format!("{operation}: no name was tried"))))
    }

    fn random_name(&self, operation: &'static str) -> Result<String> {
        const ALPHABET: &[u8; 37] = b"abcdefghijklmnopqrstuvwxyz0123456789_";
        let mut random = [0_u8; 16];
        self.path.backend().urandom(&mut random).map_err(|error| Error::new(operation, &error, None, None))?;
        // Two bytes per character: the remaining bias is below a thousandth.
        let letter = |two: &[u8]| two.iter().fold(0, |number, byte| number * 256 + usize::from(*byte)) % ALPHABET.len();
        Ok(random.chunks(2).filter_map(|two| ALPHABET.get(letter(two))).map(|byte| char::from(*byte)).collect())
    }
}

/// A temporary file with a name, removed by `Drop`.
#[derive(Debug)]
pub struct NamedTemporaryFile {
    os: OsPath,
    file: File,
    path: PathBuf,
    keep: bool,
}

impl NamedTemporaryFile {
    /// Returns its absolute path: Python's `name`.
    #[doc(alias = "tempfile.NamedTemporaryFile.name")]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the open file, for text, lines and locks. The standard library's traits are also
    /// implemented on this type.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Keeps the file: it is not removed automatically.
    pub fn keep(mut self) -> PathBuf {
        self.keep = true;
        self.path.clone()
    }
}

impl Read for NamedTemporaryFile {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.file.read(buffer)
    }
}

impl Write for NamedTemporaryFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for NamedTemporaryFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Drop for NamedTemporaryFile {
    /// A file that was removed or renamed meanwhile is not an error, and `drop` cannot report
    /// others.
    fn drop(&mut self) {
        if !self.keep {
            let _ = self.os.backend().unlink(&self.path);
        }
    }
}

/// A temporary directory, removed with everything in it by `Drop`.
#[derive(Debug)]
pub struct TemporaryDirectory {
    os: OsPath,
    path: PathBuf,
    keep: bool,
}

impl TemporaryDirectory {
    /// Returns its absolute path: Python's `name`.
    #[doc(alias = "tempfile.TemporaryDirectory.name")]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it now, and reports errors. Directories in it that are not writable are made so
    /// first.
    ///
    /// # Errors
    /// The first error; entries that could be removed are removed.
    #[doc(alias = "tempfile.TemporaryDirectory.cleanup")]
    pub fn cleanup(mut self) -> Result<()> {
        self.keep = true;
        self.remove()
    }

    /// Keeps it: it is not removed automatically.
    pub fn keep(mut self) -> PathBuf {
        self.keep = true;
        self.path.clone()
    }

    /// A directory that no longer exists is not an error.
    fn remove(&self) -> Result<()> {
        match self.try_remove() {
            Err(Error::Permission(_)) => {
                unlock(self.os.backend(), &self.path);
                self.try_remove()
            }
            done => done,
        }
    }

    fn try_remove(&self) -> Result<()> {
        let (mut denied, mut other) = (None, None);
        let _ = rmtree::remove(&self.os, &self.path, &mut |error| {
            match error {
                Error::FileNotFound(_) => {}
                Error::Permission(_) => _ = denied.get_or_insert(error),
                _ => _ = other.get_or_insert(error),
            }
            Ok(())
        });
        denied.or(other).map_or(Ok(()), Err)
    }
}

/// Restores the owner's permissions on directories, which removal needs. Follows no link.
fn unlock(backend: &dyn Backend, top: &Path) {
    let _ = backend.chmod(top, 0o700, false);
    let Ok(mut at) = backend.open_dir(top, false).and_then(|dir| Descent::new(top, dir)) else { return };
    let _ = at.list();
    loop {
        let Some(Entry { name, .. }) = at.next() else {
            match at.leave() {
                Some(_) => continue,
                None => return,
            }
        };
        if at.with(|dir| dir.stat(&name, false)).is_ok_and(|stat| stat.is_dir()) {
            let _ = at.with(|dir| dir.chmod(&name, 0o700));
            if at.enter(&name).is_ok() {
                let _ = at.list();
            }
        }
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        if !self.keep {
            let _ = self.remove();
        }
    }
}
