//! `os.environ`: the variables of a handle.
//!
//! ```
//! let os = leyden::World::new().batteries().os;
//! os.environ.set("LANG", "C")?;
//! assert_eq!(os.environ.get("LANG").as_deref(), Some("C".as_ref()));
//! assert_eq!(os.environ.pop("LANG").unwrap(), "C");
//! assert!(!os.environ.contains("LANG"));
//! # Ok::<(), leyden::os::Error>(())
//! ```

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;

use super::{Error, Result};
use crate::ambient::{Ambient, Variables};

/// The environment variables of one set of batteries: `os.environ`.
///
/// It is an overlay over the process's environment. Changes are visible only to the programs that
/// `subprocess` of the same [`Batteries`](crate::Batteries) starts. Names and values need not be
/// UTF-8, so this is `os.environb` too.
///
/// <https://docs.python.org/3/library/os.html#os.environ>
#[derive(Clone, Debug)]
#[doc(alias("os.environ", "os.environb"))]
pub struct Environ(Ambient);

impl Environ {
    pub(super) fn new(ambient: Ambient) -> Environ {
        Environ(ambient)
    }

    /// Returns the value: `os.environ.get(name)`.
    #[doc(alias("os.environ.get", "os.getenv", "os.getenvb"))]
    pub fn get(&self, name: impl AsRef<OsStr>) -> Option<OsString> {
        self.0.var(name)
    }

    /// Sets a variable: `os.environ[name] = value`.
    ///
    /// # Errors
    /// [`Error::Value`] for an empty name, a name with `=`, and a NUL byte in either.
    pub fn set(&self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Result<()> {
        let (name, value) = checked(name.as_ref(), value.as_ref())?;
        self.0.edit(|variables| variables.insert(name, value));
        Ok(())
    }

    /// Removes a variable: `del os.environ[name]`. Returns false if it did not exist (Python:
    /// `KeyError`).
    pub fn remove(&self, name: impl AsRef<OsStr>) -> bool {
        self.pop(name).is_some()
    }

    /// Removes a variable and returns its value.
    #[doc(alias = "os.environ.pop")]
    pub fn pop(&self, name: impl AsRef<OsStr>) -> Option<OsString> {
        self.0.edit(|variables| variables.remove(name.as_ref()))
    }

    /// Removes and returns the first variable; `None` if there are none.
    #[doc(alias = "os.environ.popitem")]
    pub fn popitem(&self) -> Option<(OsString, OsString)> {
        self.0.edit(Variables::pop_first)
    }

    /// Returns the value, after setting `value` if the variable does not exist.
    ///
    /// # Errors
    /// Same as [`Environ::set`].
    #[doc(alias = "os.environ.setdefault")]
    pub fn setdefault(&self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Result<OsString> {
        if let Some(value) = self.get(&name) {
            return Ok(value);
        }
        let (name, value) = checked(name.as_ref(), value.as_ref())?;
        Ok(self.0.edit(|variables| variables.entry(name).or_insert(value).clone()))
    }

    /// Sets several variables: all of them or, on an error, none.
    ///
    /// # Errors
    /// Same as [`Environ::set`].
    #[doc(alias = "os.environ.update")]
    pub fn update<K: AsRef<OsStr>, V: AsRef<OsStr>>(&self, variables: impl IntoIterator<Item = (K, V)>) -> Result<()> {
        let new = variables.into_iter().map(|(name, value)| checked(name.as_ref(), value.as_ref()));
        let new = new.collect::<Result<Vec<_>>>()?;
        self.0.edit(|variables| variables.extend(new));
        Ok(())
    }

    /// Removes every variable.
    #[doc(alias = "os.environ.clear")]
    pub fn clear(&self) {
        self.0.edit(Variables::clear);
    }

    /// Returns a copy, which later changes do not affect.
    #[doc(alias = "os.environ.copy")]
    pub fn copy(&self) -> Variables {
        (*self.0.environ()).clone()
    }

    /// Returns true if the variable exists: `name in os.environ`.
    pub fn contains(&self, name: impl AsRef<OsStr>) -> bool {
        self.0.environ().contains_key(name.as_ref())
    }

    /// Iterates over the current names, in order.
    #[doc(alias = "os.environ.keys")]
    pub fn keys(&self) -> impl Iterator<Item = OsString> {
        self.copy().into_keys()
    }

    /// Iterates over the current values, in the order of their names.
    #[doc(alias = "os.environ.values")]
    pub fn values(&self) -> impl Iterator<Item = OsString> {
        self.copy().into_values()
    }

    /// Iterates over the current names and values, in the order of the names.
    #[doc(alias = "os.environ.items")]
    pub fn items(&self) -> impl Iterator<Item = (OsString, OsString)> {
        self.copy().into_iter()
    }

    /// Returns the number of variables.
    pub fn len(&self) -> usize {
        self.0.environ().len()
    }

    /// Returns true if there are no variables.
    pub fn is_empty(&self) -> bool {
        self.0.environ().is_empty()
    }
}

impl IntoIterator for &Environ {
    type Item = (OsString, OsString);
    type IntoIter = std::collections::btree_map::IntoIter<OsString, OsString>;

    fn into_iter(self) -> Self::IntoIter {
        self.copy().into_iter()
    }
}

impl super::Os {
    /// Returns the value of a variable: `os.environ.get(name)`.
    /// <https://docs.python.org/3/library/os.html#os.getenv>
    #[doc(alias("os.getenv", "os.getenvb"))]
    pub fn getenv(&self, name: impl AsRef<OsStr>) -> Option<OsString> {
        self.environ.get(name)
    }

    /// Returns the value of a variable as text, or the default: `os.getenv(name, "default")`,
    /// `os.environ.get(name, "default")`.
    ///
    /// Bytes that are not UTF-8 become U+FFFD, as in [`OsStr::to_string_lossy`].
    ///
    /// ```
    /// let os = leyden::World::new().batteries().os;
    /// assert_eq!(os.getenv_or("EDITOR", "vi"), "vi");
    /// os.environ.set("EDITOR", "ed")?;
    /// assert_eq!(os.getenv_or("EDITOR", "vi"), "ed");
    /// # Ok::<(), leyden::Error>(())
    /// ```
    #[doc(alias("os.getenv", "os.environ.get"))]
    pub fn getenv_or(&self, name: impl AsRef<OsStr>, default: impl Into<String>) -> String {
        self.getenv(name).map_or_else(|| default.into(), |value| value.to_string_lossy().into_owned())
    }

    /// Same as [`Environ::set`].
    ///
    /// DIFFERENCE: in Python `putenv` bypasses `os.environ`, which then does not show the variable.
    /// Here there is one environment.
    ///
    /// <https://docs.python.org/3/library/os.html#os.putenv>
    #[doc(alias = "os.putenv")]
    pub fn putenv(&self, name: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Result<()> {
        self.environ.set(name, value)
    }

    /// Same as [`Environ::remove`]; a missing variable is not an error.
    ///
    /// # Errors
    /// [`Error::Value`] for an invalid name.
    ///
    /// <https://docs.python.org/3/library/os.html#os.unsetenv>
    #[doc(alias = "os.unsetenv")]
    pub fn unsetenv(&self, name: impl AsRef<OsStr>) -> Result<()> {
        let (name, _) = checked(name.as_ref(), OsStr::new(""))?;
        self.environ.remove(name);
        Ok(())
    }

    /// Returns the search path for programs: `PATH`, or `/bin:/usr/bin` if it is not set.
    ///
    /// <https://docs.python.org/3/library/os.html#os.get_exec_path>
    #[doc(alias = "os.get_exec_path")]
    pub fn get_exec_path(&self) -> Vec<std::path::PathBuf> {
        let path = self.getenv("PATH").unwrap_or_else(|| super::DEFPATH.into());
        path.as_bytes().split(|&byte| byte == b':').map(|dir| OsStr::from_bytes(dir).into()).collect()
    }
}

fn checked(name: &OsStr, value: &OsStr) -> Result<(OsString, OsString)> {
    if name.as_bytes().contains(&0) || value.as_bytes().contains(&0) {
        return Err(Error::Value("embedded null byte".into()));
    }
    if name.is_empty() || name.as_bytes().contains(&b'=') {
        return Err(Error::Value(format!("illegal environment variable name {name:?}")));
    }
    Ok((name.into(), value.into()))
}
