//! `glob`: the paths that match a pattern.
//!
//! ```
//! # use leyden::os::glob::Glob;
//! let os = leyden::World::new().batteries().os;
//! os.mkdir("/srv")?;
//! os.mkdir("/srv/site")?;
//! assert_eq!(os.glob.glob("/srv/s*"), [std::path::Path::new("/srv/site")]);
//! for path in os.glob.iglob(Glob::new("**/*.log").root_dir("/srv").recursive(true)) { println!("{}", path.display()); }
//! # Ok::<(), leyden::os::Error>(())
//! ```
//!
//! `*`, `?` and `[seq]` match within one component, as in [`fnmatch`]. They match a name that
//! begins with a dot only if the pattern begins with one, unless
//! [`include_hidden`](Glob::include_hidden) is set. With [`recursive`](Glob::recursive), `**`
//! matches any files and zero or more directories. A pattern that ends in `/` matches directories.
//!
//! This is Python's [`glob`](https://docs.python.org/3/library/glob.html): the same paths, spelled in the same way, in the order of the file
//! system's directories. What may not be read, or vanishes, is passed over in silence, as there; so are loops of links, which `**` follows
//! until the system refuses (40 times). [`Glob::onerror`] reports the directories that could not be read.
//!
//! | Python | leyden |
//! |---|---|
//! | `glob(p)`, `glob(p, recursive=True, root_dir=d, include_hidden=True)` | [`OsGlob::glob`], with [`Glob`] for the options |
//! | `iglob(..)` | [`OsGlob::iglob`]: reads directories lazily |
//! | `escape(p)`, `has_magic(p)` | [`escape`], [`has_magic`] |
//!
//! DIFFERENCE: there is no `dir_fd`; use `root_dir`.

use super::backend::{Entry, FileType};
use super::error::Error;
use super::fnmatch;
use super::path::{OsPath, join, split};
use super::text::{self, bytes};
use crate::error::Errno;
use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStringExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The handle `os.glob`: Python's module `glob`.
#[derive(Clone, Debug)]
pub struct OsGlob {
    path: OsPath,
}

/// The argument of [`OsGlob::glob`]: a pattern, alone or with options.
#[derive(Clone)]
pub struct Glob {
    pattern: PathBuf,
    root_dir: PathBuf,
    recursive: bool,
    include_hidden: bool,
    onerror: Option<OnError>,
}

type OnError = Arc<dyn Fn(Error) + Send + Sync>;

impl Glob {
    /// The paths that match `pattern`; relative ones are relative to the working directory.
    pub fn new(pattern: impl Into<PathBuf>) -> Glob {
        Glob { pattern: pattern.into(), root_dir: PathBuf::new(), recursive: false, include_hidden: false, onerror: None }
    }

    /// Sets the directory for relative patterns; the paths are relative to it. Default: the working
    /// directory.
    #[must_use]
    pub fn root_dir(self, root_dir: impl Into<PathBuf>) -> Glob {
        Glob { root_dir: root_dir.into(), ..self }
    }

    /// Sets whether `**` matches any depth. Default: false, it is a `*`.
    #[must_use]
    pub fn recursive(self, recursive: bool) -> Glob {
        Glob { recursive, ..self }
    }

    /// Sets whether `*`, `?` and `**` match names that begin with a dot. Default: false.
    #[must_use]
    pub fn include_hidden(self, include_hidden: bool) -> Glob {
        Glob { include_hidden, ..self }
    }

    /// Called with the error of each directory that could not be read, as [`Walk::onerror`](super::Walk::onerror). Default: such directories are passed over in
    /// silence, as in Python. A directory that vanishes meanwhile is not reported.
    ///
    /// ```
    /// use leyden::prelude::*;
    /// use std::sync::{Arc, Mutex};
    ///
    /// let world = World::new();
    /// world.os.write("/srv/secret/a.log", "");
    /// world.script().fail_on("os.read_dir", "/srv/secret", std::io::Error::from_raw_os_error(13)); // EACCES
    /// let errors = Arc::new(Mutex::new(Vec::new()));
    /// let seen = errors.clone();
    /// let pattern = Glob::new("/srv/*/*.log").onerror(move |error| seen.lock().unwrap().push(error.to_string()));
    /// assert!(world.batteries().glob.glob(pattern).is_empty());
    /// assert_eq!(*errors.lock().unwrap(), ["scandir '/srv/secret': permission denied (errno 13)"]);
    /// ```
    #[must_use]
    pub fn onerror(self, onerror: impl Fn(Error) + Send + Sync + 'static) -> Glob {
        Glob { onerror: Some(Arc::new(onerror)), ..self }
    }
}

impl std::fmt::Debug for Glob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Glob { pattern, root_dir, recursive, include_hidden, .. } = self;
        f.debug_struct("Glob")
            .field("pattern", pattern)
            .field("root_dir", root_dir)
            .field("recursive", recursive)
            .field("include_hidden", include_hidden)
            .finish_non_exhaustive()
    }
}

impl<P: AsRef<Path>> From<P> for Glob {
    fn from(pattern: P) -> Glob {
        Glob::new(pattern.as_ref())
    }
}

/// Escapes a path, as a pattern that matches only this path.
#[doc(alias = "glob.escape")]
pub fn escape(path: impl AsRef<Path>) -> PathBuf {
    let mut escaped = Vec::new();
    for byte in bytes(&path) {
        match byte {
            b'*' | b'?' | b'[' => escaped.extend_from_slice(&[b'[', *byte, b']']),
            _ => escaped.push(*byte),
        }
    }
    OsString::from_vec(escaped).into()
}

impl OsGlob {
    pub(super) fn new(path: OsPath) -> OsGlob {
        OsGlob { path }
    }

    /// Returns the matching paths.
    #[doc(alias = "glob.glob")]
    pub fn glob(&self, pattern: impl Into<Glob>) -> Vec<PathBuf> {
        self.iglob(pattern).collect()
    }

    /// Iterates over the matching paths, reading directories lazily.
    #[doc(alias = "glob.iglob")]
    pub fn iglob(&self, pattern: impl Into<Glob>) -> Iglob {
        let Glob { pattern, root_dir, recursive, include_hidden, onerror } = pattern.into();
        let search = Search { path: self.path.clone(), root: root_dir, recursive, include_hidden, onerror };
        let empty_first = bytes(&pattern).is_empty() || recursive && bytes(&pattern).starts_with(b"**");
        let mut paths = search.paths(pattern, false);
        // A pattern that begins with `**` also matches its own root, whose name is empty.
        let first = if empty_first { paths.next().filter(|first| !first.as_os_str().is_empty()) } else { None };
        Iglob { paths: Box::new(first.into_iter().chain(paths)) }
    }

    /// [`escape`]
    pub fn escape(&self, path: impl AsRef<Path>) -> PathBuf {
        escape(path)
    }
}

/// An iterator over matching paths. [`OsGlob::iglob`] returns it.
pub struct Iglob {
    paths: Paths,
}

impl Iterator for Iglob {
    type Item = PathBuf;

    fn next(&mut self) -> Option<PathBuf> {
        self.paths.next()
    }
}

impl std::fmt::Debug for Iglob {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Iglob").finish_non_exhaustive()
    }
}

type Paths = Box<dyn Iterator<Item = PathBuf> + Send>;

#[derive(Clone)]
struct Search {
    path: OsPath,
    root: PathBuf,
    recursive: bool,
    include_hidden: bool,
    onerror: Option<OnError>,
}

/// How the last component of a pattern is matched in a directory.
#[derive(Clone, Copy)]
enum Last {
    /// Without a wildcard: checks that it exists.
    Exactly,
    Matching,
    AnyDepth,
}

impl Search {
    /// Returns the paths that match `pattern`: the matches of its last component in each match of
    /// its directory part.
    fn paths(&self, pattern: PathBuf, dirs_only: bool) -> Paths {
        let (dir, base) = split(&pattern);
        let last = match () {
            () if self.recursive && base == OsStr::new("**") => Last::AnyDepth,
            () if has_magic(base) => Last::Matching,
            () => Last::Exactly,
        };
        if !has_magic(&pattern) {
            let found =
                if base.is_empty() { self.path.isdir(at(&self.root, dir)) } else { self.path.lexists(at(&self.root, &pattern)) };
            return Box::new(found.then_some(pattern).into_iter());
        }
        if bytes(dir).is_empty() {
            return self.names(&self.root, base.to_owned(), last, dirs_only);
        }
        let dirs = if dir.as_os_str() != pattern.as_os_str() && has_magic(dir) {
            self.paths(dir.to_path_buf(), true)
        } else {
            Box::new(std::iter::once(dir.to_path_buf()))
        };
        let (search, base) = (self.clone(), base.to_owned());
        Box::new(dirs.flat_map(move |dir| {
            let names = search.names(&at(&search.root, &dir), base.clone(), last, dirs_only);
            names.map(move |name| join(&dir, name))
        }))
    }

    /// Returns the names in one directory, or the relative paths for `**`.
    fn names(&self, dir: &Path, base: OsString, last: Last, dirs_only: bool) -> Paths {
        match last {
            Last::Exactly => {
                let found = if base.is_empty() { self.path.isdir(dir) } else { self.path.lexists(at(dir, Path::new(&base))) };
                Box::new(found.then(|| base.into()).into_iter())
            }
            Last::Matching => {
                let hidden = self.include_hidden || is_hidden(&base);
                let names = self.list(dir, dirs_only).into_iter().map(|entry| entry.name);
                Box::new(
                    names.filter(move |name| (hidden || !is_hidden(name)) && fnmatch::fnmatch(name, &base)).map(PathBuf::from),
                )
            }
            Last::AnyDepth => {
                let top =
                    Level { dir: dir.to_path_buf(), prefix: PathBuf::new(), entries: self.list(dir, dirs_only).into_iter() };
                let below = Below { search: self.clone(), dirs_only, levels: vec![top] };
                Box::new(std::iter::once(PathBuf::new()).chain(below))
            }
        }
    }

    fn list(&self, dir: &Path, dirs_only: bool) -> Vec<Entry> {
        let dir = if bytes(dir).is_empty() { Path::new(".") } else { dir };
        let entries = match self.path.backend().read_dir(&self.path.resolve(dir)) {
            Ok(entries) => entries,
            Err(error) => {
                self.report(dir, &error);
                return Vec::new();
            }
        };
        let entries = entries.map_while(|entry| entry.inspect_err(|error| self.report(dir, error)).ok());
        entries.filter(|entry| !dirs_only || self.may_be_dir(entry) && self.is_dir(dir, entry)).collect()
    }

    /// What is not a directory (20), or no longer there (2), was only tried; a loop of links (40) ends there.
    fn report(&self, dir: &Path, error: &io::Error) {
        if let Some(onerror) = &self.onerror
            && !matches!(Errno::of(error), Some(2 | 20 | 40))
        {
            onerror(Error::new("scandir", error, Some(dir), None));
        }
    }

    fn may_be_dir(&self, entry: &Entry) -> bool {
        matches!(entry.file_type, None | Some(FileType::Dir | FileType::Symlink))
    }

    fn is_dir(&self, dir: &Path, entry: &Entry) -> bool {
        entry.file_type == Some(FileType::Dir) || self.path.isdir(join(dir, &*entry.name))
    }
}

/// Iterates over everything below a directory, each directory directly before its contents.
struct Below {
    search: Search,
    dirs_only: bool,
    levels: Vec<Level>,
}

struct Level {
    dir: PathBuf,
    prefix: PathBuf,
    entries: std::vec::IntoIter<Entry>,
}

impl Iterator for Below {
    type Item = PathBuf;

    fn next(&mut self) -> Option<PathBuf> {
        loop {
            let level = self.levels.last_mut()?;
            let Some(entry) = level.entries.next() else {
                self.levels.pop();
                continue;
            };
            if !self.search.include_hidden && is_hidden(&entry.name) {
                continue;
            }
            let path = at(&level.prefix, Path::new(&entry.name));
            if self.search.may_be_dir(&entry) {
                let dir = at(&level.dir, Path::new(&entry.name));
                let entries = self.search.list(&dir, self.dirs_only).into_iter();
                self.levels.push(Level { dir, prefix: path.clone(), entries });
            }
            return Some(path);
        }
    }
}

/// Like `join`, but without a trailing slash if either is empty.
fn at(dir: &Path, name: &Path) -> PathBuf {
    match (bytes(dir), bytes(name)) {
        (b"", _) => name.to_path_buf(),
        (_, b"") => dir.to_path_buf(),
        _ => join(dir, name),
    }
}

/// Returns true if a path contains a special character of [`OsGlob::glob`]: `*`, `?` or `[`.
///
/// ```
/// use leyden::os::glob::has_magic;
/// assert!(has_magic("*.txt") && has_magic("[") && !has_magic("a.txt"));
/// ```
#[doc(alias = "glob.has_magic")]
pub fn has_magic(path: impl AsRef<Path>) -> bool {
    bytes(&path).iter().any(|byte| matches!(byte, b'*' | b'?' | b'['))
}

fn is_hidden(name: &OsStr) -> bool {
    text::bytes(name).first() == Some(&b'.')
}
