//! The characters of a file name, as in Python.
//!
//! Python decodes names with the `surrogateescape` handler: a byte that is not part of valid UTF-8
//! becomes one character, U+DC80..U+DCFF. Code that counts or compares characters of a name (`?` in
//! a pattern, `commonprefix`) must count them the same way.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

pub(crate) fn bytes<P: AsRef<Path> + ?Sized>(path: &P) -> &[u8] {
    path.as_ref().as_os_str().as_bytes()
}

pub(crate) fn path(bytes: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(bytes))
}

/// Returns the first character and its length in bytes; `None` at the end.
#[inline]
pub(crate) fn first(text: &[u8]) -> Option<(u32, usize)> {
    let lead = *text.first()?;
    Some(if lead < 0x80 { (u32::from(lead), 1) } else { wide(text, lead) })
}

#[cold]
fn wide(text: &[u8], lead: u8) -> (u32, usize) {
    let len = match lead {
        0xc2..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf4 => 4,
        _ => 1,
    };
    let decoded = text.get(..len).and_then(|head| std::str::from_utf8(head).ok()).and_then(|head| head.chars().next());
    decoded.map_or((0xdc00 + u32::from(lead), 1), |c| (u32::from(c), len))
}

/// Returns the last boundary between characters at or before `limit`.
pub(crate) fn floor_boundary(text: &[u8], limit: usize) -> usize {
    let mut at = 0;
    while let Some((_, len)) = text.get(at..).and_then(first) {
        if at + len > limit {
            break;
        }
        at += len;
    }
    at
}
