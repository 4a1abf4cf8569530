//! `os.fwalk`: a walk that holds on to the directories it is in.

use std::ffi::OsString;
use std::fmt;
use std::vec::IntoIter;

use super::walk::{Step, Walk};
use crate::os::backend::{Entry, FileType};
use crate::os::{Dir, Error, Os, Result, Target};

impl Os {
    /// Walks as [`Os::walk`] does, and gives each directory open, too. It goes from directory to directory, not from path to path: nobody can lead it
    /// elsewhere by renaming or by putting links in its way, and no path gets too long.
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
    /// DIFFERENCE: a link to a directory that is not walked into is not opened either; Python opens it, and tells [`Walk::onerror`] if it cannot.
    ///
    /// # Errors
    /// Those of the top directory; unless links are followed, a top that is one, or no directory, is an empty walk. Further down, [`Walk::onerror`] tells.
    ///
    /// <https://docs.python.org/3/library/os.html#os.fwalk>
    #[doc(alias = "os.fwalk")]
    pub fn fwalk<'a>(&self, walk: impl Into<Walk<'a>>) -> Result<Fwalk<'a>> {
        let options = walk.into();
        let top = Target::new(&options.top).follow_symlinks(options.followlinks);
        let stat = self.stat(top.clone())?;
        if stat.is_symlink() {
            // Not walked into, but it has to lead somewhere.
            self.stat(&options.top)?;
        }
        let walkable = stat.is_dir() || options.followlinks;
        let first = if walkable { Some(self.open_dir(top)?) } else { None };
        Ok(Fwalk { options, first, given: None, stack: Vec::new() })
    }
}

/// What [`Os::fwalk`] gives: an iterator of [`Step`]s with their open directories.
#[must_use]
pub struct Fwalk<'a> {
    options: Walk<'a>,
    first: Option<Dir>,
    /// The step that the caller has: from the top down, its directories come next.
    given: Option<(Step, Dir)>,
    stack: Vec<Frame>,
}

struct Frame {
    dir: Dir,
    /// From the bottom up: what is given when `rest` is through.
    step: Option<Step>,
    rest: IntoIter<OsString>,
}

impl Fwalk<'_> {
    /// The next directory, to be looked at and, from the top down, to be changed: see [`Walker::step`](crate::os::Walker::step).
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
                // A link to a directory stands among the directories, and is not walked into: no error.
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
