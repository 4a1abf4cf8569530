//! File names as bytes and back. Nothing is lost on the way: a name is bytes.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::Path;

/// The bytes of a file name. <https://docs.python.org/3/library/os.html#os.fsencode>
#[doc(alias = "os.fsencode")]
pub fn fsencode(filename: impl AsRef<OsStr>) -> Vec<u8> {
    filename.as_ref().as_bytes().to_vec()
}

/// The file name of some bytes, whatever they are. <https://docs.python.org/3/library/os.html#os.fsdecode>
#[doc(alias = "os.fsdecode")]
pub fn fsdecode(filename: impl Into<Vec<u8>>) -> OsString {
    OsString::from_vec(filename.into())
}

/// The path of whatever has one. <https://docs.python.org/3/library/os.html#os.fspath>
#[doc(alias = "os.fspath")]
pub fn fspath<P: AsRef<Path> + ?Sized>(path: &P) -> &Path {
    path.as_ref()
}
