//! `os.walk` and `os.fwalk`: iterate over a directory tree.

use std::ffi::OsString;
use std::fmt;
use std::path::{Path, PathBuf};
use std::vec::IntoIter;

use crate::os::backend::{Entry, FileType};
use crate::os::{Error, Os, Result};

/// The arguments of [`Os::walk`] and [`Os::fwalk`]: a directory, alone or with options.
#[must_use]
pub struct Walk<'a> {
    pub(in crate::os) top: PathBuf,
    pub(super) topdown: bool,
    pub(super) followlinks: bool,
    onerror: Option<Box<dyn FnMut(Error) + 'a>>,
}

impl<'a> Walk<'a> {
    /// Walks this directory top-down, without following links, ignoring errors.
    pub fn new(top: impl Into<PathBuf>) -> Walk<'a> {
        Walk { top: top.into(), topdown: true, followlinks: false, onerror: None }
    }

    /// Sets whether a directory is returned before its subdirectories, or after. Default: before.
    pub fn topdown(self, topdown: bool) -> Walk<'a> {
        Walk { topdown, ..self }
    }

    /// Sets whether links to directories are walked into. Default: false. A link to a parent leads
    /// to an endless walk, as in Python.
    pub fn followlinks(self, follow: bool) -> Walk<'a> {
        Walk { followlinks: follow, ..self }
    }

    /// Sets a function that gets the error of each unreadable directory, which is then skipped.
    /// Default: errors are ignored.
    pub fn onerror(self, onerror: impl FnMut(Error) + 'a) -> Walk<'a> {
        Walk { onerror: Some(Box::new(onerror)), ..self }
    }

    pub(in crate::os) fn report(&mut self, error: Error) {
        if let Some(onerror) = &mut self.onerror {
            onerror(error);
        }
    }
}

impl<P: AsRef<Path>> From<P> for Walk<'_> {
    fn from(top: P) -> Self {
        Walk::new(top.as_ref())
    }
}

impl fmt::Debug for Walk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Walk { top, topdown, followlinks, .. } = self;
        f.debug_struct("Walk")
            .field("top", top)
            .field("topdown", topdown)
            .field("followlinks", followlinks)
            .finish_non_exhaustive()
    }
}

/// A directory of a walk: Python's tuple of three.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// The path of the directory, beginning with the top as it was given.
    pub dirpath: PathBuf,
    /// The names of its subdirectories, including links to directories, in the order of the file
    /// system.
    pub dirnames: Vec<OsString>,
    /// The names of its other entries, in the order of the file system.
    pub filenames: Vec<OsString>,
}

impl Os {
    /// Walks a directory tree.
    ///
    /// ```
    /// let os = leyden::World::new().batteries().os;
    /// os.makedirs("/srv/.git/objects")?;
    /// os.makedirs("/srv/src")?;
    /// os.write_text("/srv/src/main.rs", "")?;
    /// for step in os.walk("/srv") {
    ///     println!("{} holds {} files", step.dirpath.display(), step.filenames.len());
    /// }
    ///
    /// // Names removed from `dirnames` are skipped; the rest is walked in its order.
    /// let (mut walk, mut seen) = (os.walk("/srv"), 0);
    /// while let Some(step) = walk.step() {
    ///     step.dirnames.retain(|name| name != ".git");
    ///     step.dirnames.sort();
    ///     seen += 1;
    /// }
    /// assert_eq!(seen, 2);
    /// # Ok::<(), leyden::os::Error>(())
    /// ```
    ///
    /// Unreadable directories are skipped, including the top: [`Walk::onerror`] gets the errors. A
    /// path longer than 4095 bytes is such an error.
    ///
    /// <https://docs.python.org/3/library/os.html#os.walk>
    #[doc(alias = "os.walk")]
    pub fn walk<'a>(&self, walk: impl Into<Walk<'a>>) -> Walker<'a> {
        let options = walk.into();
        Walker { os: self.clone(), first: Some(options.top.clone()), options, given: None, stack: Vec::new() }
    }
}

/// An iterator over [`Step`]s. [`Os::walk`] returns it.
#[must_use]
pub struct Walker<'a> {
    os: Os,
    options: Walk<'a>,
    first: Option<PathBuf>,
    /// The step that the caller has. Top-down, its directories come next.
    given: Option<Step>,
    stack: Vec<Frame>,
}

struct Frame {
    dirpath: PathBuf,
    /// Bottom-up: returned after `rest`.
    step: Option<Step>,
    rest: IntoIter<OsString>,
}

impl Walker<'_> {
    /// Returns the next directory. Top-down, the caller may change its `dirnames`: the walk
    /// continues with those when the next step is requested.
    pub fn step(&mut self) -> Option<&mut Step> {
        if let Some(Step { dirpath, dirnames, .. }) = self.given.take() {
            self.descend(dirpath, dirnames);
        }
        self.given = self.advance();
        self.given.as_mut()
    }

    fn descend(&mut self, dirpath: PathBuf, dirnames: Vec<OsString>) {
        if self.options.topdown && !dirnames.is_empty() {
            self.stack.push(Frame { dirpath, step: None, rest: dirnames.into_iter() });
        }
    }

    fn advance(&mut self) -> Option<Step> {
        let mut next = self.first.take();
        loop {
            if let Some(given) = next.take().and_then(|path| self.enter(path)) {
                return Some(given);
            }
            let frame = self.stack.last_mut()?;
            let Some(name) = frame.rest.next() else {
                match self.stack.pop()?.step {
                    Some(step) => return Some(step),
                    None => continue,
                }
            };
            let path = frame.dirpath.join(name);
            // Checked again, not cached: top-down, the caller may have replaced the directory by a
            // link.
            if !self.options.topdown || self.options.followlinks || !self.os.path.islink(&path) {
                next = Some(path);
            }
        }
    }

    fn enter(&mut self, path: PathBuf) -> Option<Step> {
        let mut step = Step { dirpath: path, ..Step::default() };
        let mut into = Vec::new();
        let wanted = (!self.options.topdown).then_some(&mut into);
        if let Err(error) = list(&self.os, &mut step, wanted, self.options.followlinks) {
            self.options.report(error);
            return None;
        }
        if self.options.topdown {
            return Some(step);
        }
        self.stack.push(Frame { dirpath: step.dirpath.clone(), step: Some(step), rest: into.into_iter() });
        None
    }
}

impl Iterator for Walker<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        self.step()?;
        let step = self.given.take()?;
        if self.options.topdown {
            self.descend(step.dirpath.clone(), step.dirnames.clone());
        }
        Some(step)
    }
}

impl fmt::Debug for Walker<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Walker").field(&self.options).finish()
    }
}

/// Sorts the names of a directory; `into` gets the directories that a bottom-up walk enters.
fn list(os: &Os, step: &mut Step, mut into: Option<&mut Vec<OsString>>, followlinks: bool) -> Result<()> {
    let Step { dirpath, dirnames, filenames } = step;
    let backend = os.backend();
    os.on("scandir", dirpath, |_, asked| {
        for entry in backend.read_dir(asked)? {
            let Entry { name, file_type, .. } = entry?;
            let stat = |follow| backend.stat(&asked.join(&name), follow).ok().map(|stat| stat.file_type());
            let is_dir = match file_type {
                Some(FileType::Symlink) | None => stat(true) == Some(FileType::Dir),
                Some(file_type) => file_type == FileType::Dir,
            };
            if !is_dir {
                filenames.push(name);
                continue;
            }
            if let Some(into) = &mut into
                && (followlinks || file_type.or_else(|| stat(false)) != Some(FileType::Symlink))
            {
                into.push(name.clone());
            }
            dirnames.push(name);
        }
        Ok(())
    })
}
