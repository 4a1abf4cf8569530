//! Converts file names to bytes and back, without loss.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

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
