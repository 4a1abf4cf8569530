//! Converts file names to bytes and back, without loss.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

use super::{Error, Result};

/// Returns the bytes of a file name. <https://docs.python.org/3/library/os.html#os.fsencode>
#[doc(alias = "os.fsencode")]
pub fn fsencode(filename: impl AsRef<OsStr>) -> Vec<u8> {
    filename.as_ref().as_bytes().to_vec()
}

/// Returns the file name for any bytes. <https://docs.python.org/3/library/os.html#os.fsdecode>
#[doc(alias = "os.fsdecode")]
pub fn fsdecode(filename: impl Into<Vec<u8>>) -> OsString {
    OsString::from_vec(filename.into())
}

/// Returns the path of a path-like value. <https://docs.python.org/3/library/os.html#os.fspath>
#[doc(alias = "os.fspath")]
pub fn fspath<P: AsRef<Path> + ?Sized>(path: &P) -> &Path {
    path.as_ref()
}

/// Python's string methods for file names, which are bytes on Unix: names of [`listdir`](super::Os::listdir), paths of
/// [`walk`](super::Os::walk), values of [`environ`](super::Os). Part of the prelude.
///
/// ```
/// use leyden::prelude::*;
///
/// let world = World::new();
/// world.os.write("/srv/a.log.1", "");
/// world.os.write("/srv/notes.txt", "");
/// let os = world.batteries().os;
/// let mut logs = Vec::new();
/// for name in os.listdir("/srv")? {
///     if name.endswith([".log", ".log.1"]) {
///         logs.push(name.text()?.to_uppercase());
///     }
/// }
/// assert_eq!(logs, ["A.LOG.1"]);
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// `Path::ends_with` compares whole components, so `"/srv/a.log"` does not end with `".log"` there. [`endswith`](Text::endswith) compares text.
pub trait Text {
    /// The name as text.
    ///
    /// # Errors
    /// [`Error::UnicodeDecode`] if the name is not UTF-8. DIFFERENCE: Python's names hold such bytes as lone surrogates, and fail when they
    /// are printed.
    fn text(&self) -> Result<&str>;

    /// Whether the name begins with this text, or with one of these: `name.startswith(["a", "b"])`.
    #[doc(alias = "str.startswith")]
    fn startswith(&self, prefix: impl Affix) -> bool;

    /// Whether the name ends with this text, or with one of these: `name.endswith([".jpg", ".png"])`.
    #[doc(alias = "str.endswith")]
    fn endswith(&self, suffix: impl Affix) -> bool;
}

impl<T: AsRef<OsStr> + ?Sized> Text for T {
    fn text(&self) -> Result<&str> {
        let name = self.as_ref();
        std::str::from_utf8(name.as_bytes()).map_err(|error| Error::UnicodeDecode {
            path: name.into(),
            encoding: "utf-8",
            position: error.valid_up_to(),
        })
    }

    fn startswith(&self, prefix: impl Affix) -> bool {
        prefix.any(|prefix| self.as_ref().as_bytes().starts_with(prefix.as_bytes()))
    }

    fn endswith(&self, suffix: impl Affix) -> bool {
        suffix.any(|suffix| self.as_ref().as_bytes().ends_with(suffix.as_bytes()))
    }
}

/// A text or several, of which one has to match: `".log"`, `[".jpg", ".png"]`.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a text or a list of texts",
    label = "expected `\"..\"` or `[\"..\", \"..\"]`",
    note = "Python's tuple is a list here: `name.endswith([\".jpg\", \".png\"])`"
)]
pub trait Affix {
    /// Whether the test is true for one of the texts.
    fn any(&self, test: impl FnMut(&str) -> bool) -> bool;
}

impl Affix for str {
    fn any(&self, mut test: impl FnMut(&str) -> bool) -> bool {
        test(self)
    }
}

impl Affix for String {
    fn any(&self, mut test: impl FnMut(&str) -> bool) -> bool {
        test(self)
    }
}

impl<A: Affix> Affix for [A] {
    fn any(&self, mut test: impl FnMut(&str) -> bool) -> bool {
        self.iter().any(|affix| affix.any(&mut test))
    }
}

impl<A: Affix, const N: usize> Affix for [A; N] {
    fn any(&self, test: impl FnMut(&str) -> bool) -> bool {
        self.as_slice().any(test)
    }
}

impl<A: Affix> Affix for Vec<A> {
    fn any(&self, test: impl FnMut(&str) -> bool) -> bool {
        self.as_slice().any(test)
    }
}

impl<A: Affix + ?Sized> Affix for &A {
    fn any(&self, test: impl FnMut(&str) -> bool) -> bool {
        (**self).any(test)
    }
}
