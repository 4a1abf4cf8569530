//! [`Ambient`]: the environment and the working directory of one set of batteries.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The environment variables, in the order of their names.
pub type Variables = BTreeMap<OsString, OsString>;

/// What Python keeps in the process, and leyden in the handle: the environment and the working directory.
///
/// All batteries of one [`Batteries`](crate::Batteries) share one `Ambient`: what `os.environ` sets and `os.chdir` changes
/// reaches `subprocess` and the proxies of `requests`, and nothing else. No variable of the process is ever set, no directory
/// of the process ever changed: tests that run in parallel do not see each other. Clones share the state.
#[derive(Clone, Default)]
pub struct Ambient(Arc<RwLock<State>>);

#[derive(Default)]
struct State {
    environ: Arc<Variables>,
    /// Differs from what the process has: a child must be given `environ`, it cannot just inherit.
    changed: bool,
    /// None: the process's own.
    cwd: Option<Arc<Path>>,
}

impl fmt::Debug for Ambient {
    /// Shows the names of the variables, never their values: an environment holds passwords and keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let State { environ, changed, cwd } = &*self.read();
        f.debug_struct("Ambient")
            .field("environ", &environ.keys().collect::<Vec<_>>())
            .field("changed", changed)
            .field("cwd", cwd)
            .finish()
    }
}

impl Ambient {
    /// An overlay over a process that has this environment. It stands in the process's own directory until
    /// [`Ambient::chdir`].
    pub fn over_process(environ: Variables) -> Ambient {
        Ambient(Arc::new(RwLock::new(State { environ: Arc::new(environ), changed: false, cwd: None })))
    }

    /// A world of its own: this environment and directory, nothing of the process.
    pub fn isolated(environ: Variables, cwd: impl Into<PathBuf>) -> Ambient {
        let cwd = Some(cwd.into().into());
        Ambient(Arc::new(RwLock::new(State { environ: Arc::new(environ), changed: true, cwd })))
    }

    /// A copy that goes its own way: what changes in one does not show in the other.
    pub fn fork(&self) -> Ambient {
        let State { environ, changed, cwd } = &*self.read();
        Ambient(Arc::new(RwLock::new(State { environ: environ.clone(), changed: *changed, cwd: cwd.clone() })))
    }

    /// The variables as they are now; later changes do not show in it.
    pub fn environ(&self) -> Arc<Variables> {
        self.read().environ.clone()
    }

    /// The variables, unless they are the process's own still: then None, and a child inherits them.
    pub fn changed_environ(&self) -> Option<Arc<Variables>> {
        let state = self.read();
        state.changed.then(|| state.environ.clone())
    }

    /// One variable.
    pub fn var(&self, name: impl AsRef<OsStr>) -> Option<OsString> {
        self.read().environ.get(name.as_ref()).cloned()
    }

    /// Changes the variables.
    pub fn edit<T>(&self, change: impl FnOnce(&mut Variables) -> T) -> T {
        let mut state = self.write();
        state.changed = true;
        change(Arc::make_mut(&mut state.environ))
    }

    /// The working directory, or None where it is the process's own.
    pub fn cwd(&self) -> Option<Arc<Path>> {
        self.read().cwd.clone()
    }

    /// Makes an absolute path the working directory. Whether it is a directory is for the caller to know.
    pub fn chdir(&self, cwd: &Path) {
        self.write().cwd = Some(cwd.into());
    }

    /// A path as the machine must be asked for it: a relative one is joined to the working directory, unless that is the
    /// process's own. An empty path stays empty, so that it fails as it does in Python.
    pub fn resolve<'a>(&self, path: &'a Path) -> Cow<'a, Path> {
        if path.is_absolute() || path.as_os_str().is_empty() {
            return Cow::Borrowed(path);
        }
        match &self.read().cwd {
            Some(cwd) => Cow::Owned(cwd.join(path)),
            None => Cow::Borrowed(path),
        }
    }

    // A panic while the lock is held cannot leave the state half-changed: poisoning tells nothing here.
    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.0.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.0.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Ambient;

    /// Fault S8: a handle that shares the environment is printed in logs and panics.
    #[test]
    fn debug_shows_names_only() {
        let environ = [("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")].map(|(name, value)| (name.into(), value.into()));
        let shown = format!("{:?}", Ambient::isolated(environ.into(), "/"));
        assert!(shown.contains("AWS_SECRET_ACCESS_KEY") && !shown.contains("wJalr"), "{shown}");
    }
}
