//! [`Ambient`]: the environment and the working directory of one set of batteries.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock, RwLockReadGuard, RwLockWriteGuard};

/// The environment variables, in the order of their names.
pub type Variables = BTreeMap<OsString, OsString>;

/// The environment and the working directory, which Python keeps in the process and leyden in the
/// handle.
///
/// All batteries of one [`Batteries`](crate::Batteries) share one `Ambient`: changes by
/// `os.environ` and `os.chdir` are visible to `subprocess` and to the proxies of `requests`. The
/// environment and the directory of the process never change, so parallel tests do not affect each
/// other. Clones share the state.
#[derive(Clone, Default)]
pub struct Ambient(Arc<RwLock<State>>);

#[derive(Default)]
struct State {
    environ: Arc<Variables>,
    /// Whether it differs from the process's environment: a child must then get `environ`
    /// explicitly.
    changed: bool,
    /// `None`: the process's own directory.
    cwd: Option<Arc<Path>>,
}

impl fmt::Debug for Ambient {
    /// Shows the names of the variables, never their values: an environment contains passwords and
    /// keys.
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
    /// Starts from this environment of the process, and from the process's own directory until
    /// [`Ambient::chdir`].
    pub fn over_process(environ: Variables) -> Ambient {
        Ambient(Arc::new(RwLock::new(State { environ: Arc::new(environ), changed: false, cwd: None })))
    }

    /// Creates an isolated state with this environment and directory, independent of the process.
    pub fn isolated(environ: Variables, cwd: impl Into<PathBuf>) -> Ambient {
        let cwd = Some(cwd.into().into());
        Ambient(Arc::new(RwLock::new(State { environ: Arc::new(environ), changed: true, cwd })))
    }

    /// Returns an independent copy.
    pub fn fork(&self) -> Ambient {
        let State { environ, changed, cwd } = &*self.read();
        Ambient(Arc::new(RwLock::new(State { environ: environ.clone(), changed: *changed, cwd: cwd.clone() })))
    }

    /// Returns the current variables; later changes are not visible in the result.
    pub fn environ(&self) -> Arc<Variables> {
        self.read().environ.clone()
    }

    /// Returns the variables if they were changed; `None` if they are still the process's own, so
    /// that a child can inherit them.
    pub fn changed_environ(&self) -> Option<Arc<Variables>> {
        let state = self.read();
        state.changed.then(|| state.environ.clone())
    }

    /// Returns one variable.
    pub fn var(&self, name: impl AsRef<OsStr>) -> Option<OsString> {
        self.read().environ.get(name.as_ref()).cloned()
    }

    /// Changes the variables.
    pub fn edit<T>(&self, change: impl FnOnce(&mut Variables) -> T) -> T {
        let mut state = self.write();
        state.changed = true;
        change(Arc::make_mut(&mut state.environ))
    }

    /// Returns the working directory; `None` if it is the process's own.
    pub fn cwd(&self) -> Option<Arc<Path>> {
        self.read().cwd.clone()
    }

    /// Sets the working directory to an absolute path. The caller checks that it is a directory.
    pub fn chdir(&self, cwd: &Path) {
        self.write().cwd = Some(cwd.into());
    }

    /// Returns a path to pass to the machine: a relative one is joined to the working directory,
    /// unless that is the process's own. An empty path stays empty, so that it fails as in Python.
    pub fn resolve<'a>(&self, path: &'a Path) -> Cow<'a, Path> {
        if path.is_absolute() || path.as_os_str().is_empty() {
            return Cow::Borrowed(path);
        }
        match &self.read().cwd {
            Some(cwd) => Cow::Owned(cwd.join(path)),
            None => Cow::Borrowed(path),
        }
    }

    // A panic while the lock is held cannot leave the state half-changed, so poisoning is ignored.
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
