//! `tempfile`: files and directories that go away by themselves.
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
//! This is Python's [`tempfile`](https://docs.python.org/3/library/tempfile.html) over the handle: names that nobody can guess, from the
//! machine's own randomness; created with `O_EXCL`, so that a link which somebody planted is never followed; mode 0600 for files, 0700 for
//! directories, whatever the umask.
//!
//! | Python | leyden |
//! |---|---|
//! | `TemporaryDirectory(suffix, prefix, dir)` | [`OsTempfile::temporary_directory`], removed by `Drop` |
//! | `NamedTemporaryFile(suffix=, prefix=, dir=, delete=)` | [`OsTempfile::named_temporary_file`], removed by `Drop` |
//! | `TemporaryFile(suffix=, prefix=, dir=)` | [`OsTempfile::temporary_file`]: without a name from the start |
//! | `SpooledTemporaryFile(max_size, ..)` | [`OsTempfile::spooled_temporary_file`]: in memory up to a size |
//! | `mkstemp(..)`, `mkdtemp(..)` | [`OsTempfile::mkstemp`], [`OsTempfile::mkdtemp`]: yours to remove |
//! | `gettempdir()`, `gettempprefix()` | [`OsTempfile::gettempdir`], [`GETTEMPPREFIX`] |
//!
//! DIFFERENCE: `gettempdir` asks the environment of the handle each time, where Python remembers its first answer; and it looks whether the
//! directory can be written to, where Python writes a file.
//!
//! DIFFERENCE: `mkdtemp` in a relative directory gives an absolute path, as `mkstemp` does and Python does since 3.12; 3.11 gives a relative one.
//!
//! DIFFERENCE: files are for bytes; [`File`] reads and writes text by its own options. `mktemp` (unsafe) is not there.

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

/// What names begin with unless told otherwise: Python's `gettempprefix()`.
#[doc(alias("tempfile.gettempprefix", "tempfile.template"))]
pub const GETTEMPPREFIX: &str = "tmp";

/// How many names are tried before giving up: each is one of 37^8.
const ATTEMPTS: usize = 100;

/// The handle `os.tempfile`: Python's module `tempfile`.
#[derive(Clone, Debug)]
pub struct OsTempfile {
    path: OsPath,
}

/// Where and under what name: `()` for the defaults.
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

    /// What the name ends with. Default: nothing.
    #[must_use]
    pub fn suffix(self, suffix: impl Into<OsString>) -> Temp {
        Temp { suffix: suffix.into(), ..self }
    }

    /// What the name begins with. Default: [`GETTEMPPREFIX`].
    #[must_use]
    pub fn prefix(self, prefix: impl Into<OsString>) -> Temp {
        Temp { prefix: Some(prefix.into()), ..self }
    }

    /// The directory that holds it. Default: [`OsTempfile::gettempdir`].
    #[must_use]
    pub fn dir(self, dir: impl Into<PathBuf>) -> Temp {
        Temp { dir: Some(dir.into()), ..self }
    }

    /// Whether `Drop` removes it; says nothing to `mkstemp` and `mkdtemp`. Default: yes.
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

    /// The first of `$TMPDIR`, `$TEMP`, `$TMP`, `/tmp`, `/var/tmp`, `/usr/tmp` and the working directory that can be written to.
    ///
    /// # Errors
    /// [`Error::FileNotFound`] when none can.
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

    /// Makes a file that nobody else can read, and opens it for reading and writing. It is yours to remove.
    ///
    /// # Errors
    /// Those of opening a file in that directory.
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

    /// Makes a directory that nobody else can enter. It is yours to remove.
    ///
    /// # Errors
    /// Those of making a directory in that directory.
    #[doc(alias = "tempfile.mkdtemp")]
    pub fn mkdtemp(&self, options: impl Into<Temp>) -> Result<PathBuf> {
        Ok(self.make("mkdtemp", &options.into(), |path| self.path.backend().mkdir(path, 0o700))?.1)
    }

    /// A file with a name, removed when the value is dropped.
    ///
    /// # Errors
    /// Those of [`OsTempfile::mkstemp`].
    #[doc(alias = "tempfile.NamedTemporaryFile")]
    pub fn named_temporary_file(&self, options: impl Into<Temp>) -> Result<NamedTemporaryFile> {
        let options = options.into();
        let keep = options.keep;
        let (file, path) = self.mkstemp(options)?;
        Ok(NamedTemporaryFile { os: self.path.clone(), file, path, keep })
    }

    /// A file without a name: no other process can open it, and it goes away when it is closed.
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

    /// A file that is kept in memory until it holds more than a size: `spooled_temporary_file(1 << 20)`.
    #[doc(alias = "tempfile.SpooledTemporaryFile")]
    pub fn spooled_temporary_file(&self, options: impl Into<Spool>) -> SpooledTemporaryFile {
        let Spool { max_size, temp } = options.into();
        SpooledTemporaryFile { os: self.clone(), max_size, temp, at: Place::Memory(io::Cursor::new(Vec::new())) }
    }

    /// A directory, removed with everything in it when the value is dropped.
    ///
    /// # Errors
    /// Those of [`OsTempfile::mkdtemp`].
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
        // Two bytes a character: the bias that is left is below a thousandth.
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
    /// Its path, absolute: Python's `name`.
    #[doc(alias = "tempfile.NamedTemporaryFile.name")]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The open file itself, for text, lines and locks. It is also read, written and sought through the standard library's traits.
    pub fn file(&mut self) -> &mut File {
        &mut self.file
    }

    /// Keeps the file: it is yours to remove.
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
    /// Somebody may have removed or renamed it: that is no mistake, and there is nobody to tell of others.
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
    /// Its path, absolute: Python's `name`.
    #[doc(alias = "tempfile.TemporaryDirectory.name")]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Removes it now, and says what went wrong. Directories in it that may not be written to are made so first.
    ///
    /// # Errors
    /// The first that came up, of what may not be removed before others; what could be removed is gone.
    #[doc(alias = "tempfile.TemporaryDirectory.cleanup")]
    pub fn cleanup(mut self) -> Result<()> {
        self.keep = true;
        self.remove()
    }

    /// Keeps it: it is yours to remove.
    pub fn keep(mut self) -> PathBuf {
        self.keep = true;
        self.path.clone()
    }

    /// What is gone already is no failure.
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

/// Gives the owner back what the modes of directories take from it: nothing can be removed from them else. Follows no link.
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
