//! `os.fwalk`: a walk that keeps its directories open.

use std::ffi::OsString;
use std::fmt;
use std::vec::IntoIter;

use super::walk::{Step, Walk};
use crate::os::backend::{Entry, FileType};
use crate::os::{Dir, Error, Os, Result, Target};

impl Os {
    /// Walks like [`Os::walk`], and also returns each directory as an open [`Dir`]. It opens each
    /// directory relative to its parent, so renames and planted links cannot redirect it, and no
    /// path becomes too long.
    ///
    /// ```
    /// use leyden::os::Walk;
    ///
    /// let os = leyden::World::new().batteries().os;
    /// os.makedirs("/tmp/a/b")?;
    /// os.write_text("/tmp/a/b/file", "")?;
    /// for (step, dir) in os.fwalk(Walk::new("/tmp/a").topdown(false))? {
    ///     step.filenames.iter().try_for_each(|name| dir.unlink(name))?;
    ///     step.dirnames.iter().try_for_each(|name| dir.rmdir(name))?;
    /// }
    /// assert!(os.listdir("/tmp/a")?.is_empty());
    /// # Ok::<(), leyden::os::Error>(())
    /// ```
    ///
    /// DIFFERENCE: a link to a directory that is not walked into is not opened either. Python opens
    /// it, and calls [`Walk::onerror`] on failure.
    ///
    /// # Errors
    /// Those of the top directory. If links are not followed, a top that is a link, or not a
    /// directory, is an empty walk. Errors further down are passed to [`Walk::onerror`].
    ///
    /// <https://docs.python.org/3/library/os.html#os.fwalk>
    #[doc(alias = "os.fwalk")]
    pub fn fwalk<'a>(&self, walk: impl Into<Walk<'a>>) -> Result<Fwalk<'a>> {
        let options = walk.into();
        let top = Target::new(&options.top).follow_symlinks(options.followlinks);
        let stat = self.stat(top.clone())?;
        if stat.is_symlink() {
            // Not walked into, but it must exist.
            self.stat(&options.top)?;
        }
        let walkable = stat.is_dir() || options.followlinks;
        let first = if walkable { Some(self.open_dir(top)?) } else { None };
        Ok(Fwalk { options, first, given: None, stack: Vec::new() })
    }
}

/// An iterator over [`Step`]s with their open directories. [`Os::fwalk`] returns it.
#[must_use]
pub struct Fwalk<'a> {
    options: Walk<'a>,
    first: Option<Dir>,
    /// The step that the caller has. Top-down, its directories come next.
    given: Option<(Step, Dir)>,
    stack: Vec<Frame>,
}

struct Frame {
    dir: Dir,
    /// Bottom-up: returned after `rest`.
    step: Option<Step>,
    rest: IntoIter<OsString>,
}

impl Fwalk<'_> {
    /// Returns the next directory. Top-down, its `dirnames` may be changed: see
    /// [`Walker::step`](crate::os::Walker::step).
    pub fn step(&mut self) -> Option<(&mut Step, &Dir)> {
        if let Some((step, dir)) = self.given.take() {
            self.descend(dir, step.dirnames);
        }
        self.given = self.advance();
        self.given.as_mut().map(|(step, dir)| (step, &*dir))
    }

    fn descend(&mut self, dir: Dir, dirnames: Vec<OsString>) {
        if self.options.topdown && !dirnames.is_empty() {
            self.stack.push(Frame { dir, step: None, rest: dirnames.into_iter() });
        }
    }

    fn advance(&mut self) -> Option<(Step, Dir)> {
        let mut next = self.first.take();
        loop {
            if let Some(given) = next.take().and_then(|dir| self.enter(dir)) {
                return Some(given);
            }
            let frame = self.stack.last_mut()?;
            let Some(name) = frame.rest.next() else {
                let Frame { dir, step, .. } = self.stack.pop()?;
                match step {
                    Some(step) => return Some((step, dir)),
                    None => continue,
                }
            };
            match frame.dir.open_dir(Target::new(&name).follow_symlinks(self.options.followlinks)) {
                Ok(dir) => next = Some(dir),
                // A link to a directory is listed among the directories, and not walked into: not
                // an error.
                Err(_) if !self.options.followlinks && frame.dir.file_type(&name, false) == Some(FileType::Symlink) => {}
                Err(error) => self.options.report(error),
            }
        }
    }

    fn enter(&mut self, dir: Dir) -> Option<(Step, Dir)> {
        let step = match list(&dir) {
            Ok(step) => step,
            Err(error) => {
                self.options.report(error);
                return None;
            }
        };
        if self.options.topdown {
            return Some((step, dir));
        }
        let rest = step.dirnames.clone().into_iter();
        self.stack.push(Frame { dir, step: Some(step), rest });
        None
    }
}

impl Iterator for Fwalk<'_> {
    type Item = (Step, Dir);

    fn next(&mut self) -> Option<(Step, Dir)> {
        self.step()?;
        let (step, dir) = self.given.take()?;
        self.descend(dir.clone(), step.dirnames.clone());
        Some((step, dir))
    }
}

impl fmt::Debug for Fwalk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fwalk").field(&self.options).finish()
    }
}

fn list(dir: &Dir) -> Result<Step> {
    let mut step = Step { dirpath: dir.path().to_path_buf(), ..Step::default() };
    for entry in dir.entries()? {
        let Entry { name, file_type, .. } = entry.map_err(|error| Error::new("scandir", &error, Some(dir.path()), None))?;
        let is_dir = match file_type {
            Some(FileType::Symlink) | None => dir.file_type(&name, true) == Some(FileType::Dir),
            Some(file_type) => file_type == FileType::Dir,
        };
        if is_dir { step.dirnames.push(name) } else { step.filenames.push(name) }
    }
    Ok(step)
}
