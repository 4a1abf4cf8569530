//! `os.path`: the purely textual functions of paths.
//!
//! ```
//! use leyden::os::path;
//! assert_eq!(path::join("etc", ["nginx", "nginx.conf"]), path::normpath("etc/./nginx//sites/../nginx.conf"));
//! assert_eq!(path::splitext("backup.tar.gz").1, ".gz");
//! assert_eq!(path::basename("var/log/"), "");     // Path::file_name would say "log"
//! ```
//!
//! These are [posixpath](https://docs.python.org/3/library/os.path.html)'s functions, with the same
//! results. None of them accesses the machine: the working directory, the environment or the user
//! database are arguments. The same functions without those arguments, and the ones that access
//! files (`exists`, `realpath`, ...), are methods of the handle: `os.path.abspath("a")`.
//!
//! Paths are bytes that need not be UTF-8. Note that comparing [`Path`]s ignores doubled slashes
//! (`a//b`) and trailing slashes, unlike Python's strings. Compare `as_os_str()` if that matters;
//! names and extensions are [`OsStr`] for this reason.
//!
//! | Python | leyden |
//! |---|---|
//! | `join(a, b)`, `join(a, b, c)` | [`join`]`(a, b)`, `join(a, [b, c])`, `join(a, (b, c))` |
//! | `split splitext splitdrive basename dirname` | the same; they borrow from their argument |
//! | `normpath normcase isabs commonprefix commonpath` | the same |
//! | `abspath(p)` | [`abspath`]`(p, cwd)` |
//! | `relpath(p, start)` | [`relpath`]`(p, start, cwd)` |
//! | `expandvars(p)` | [`expandvars`]`(p, \|name\| value)` |
//! | `expanduser(p)` | [`expanduser`]`(p, \|user\| home)` |
//! | `curdir pardir sep altsep extsep pathsep defpath devnull` | [`CURDIR`], [`PARDIR`], ... |

use super::Error;
use super::text::{self, bytes, floor_boundary};
use std::borrow::Cow;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};

mod handle;
pub use handle::{OsPath, RealPath, RelPath};

/// The current directory: `"."`.
#[doc(alias("os.path.curdir", "os.curdir"))]
pub const CURDIR: &str = ".";
/// The parent directory: `".."`.
#[doc(alias("os.path.pardir", "os.pardir"))]
pub const PARDIR: &str = "..";
/// Separates the components of a path: `"/"`.
#[doc(alias("os.path.sep", "os.sep"))]
pub const SEP: &str = "/";
/// Another separator of components; there is none.
#[doc(alias("os.path.altsep", "os.altsep"))]
pub const ALTSEP: Option<&str> = None;
/// Separates a name from its extension: `"."`.
#[doc(alias("os.path.extsep", "os.extsep"))]
pub const EXTSEP: &str = ".";
/// Separates the directories of a search path such as `PATH`: `":"`.
#[doc(alias("os.path.pathsep", "os.pathsep"))]
pub const PATHSEP: &str = ":";
/// The default search path for programs.
#[doc(alias("os.path.defpath", "os.defpath"))]
pub const DEFPATH: &str = "/bin:/usr/bin";
/// The null device.
#[doc(alias("os.path.devnull", "os.devnull"))]
pub const DEVNULL: &str = "/dev/null";
/// Whether the file system uses Unicode strings as names. It uses bytes.
#[doc(alias = "os.path.supports_unicode_filenames")]
pub const SUPPORTS_UNICODE_FILENAMES: bool = false;

/// The argument of [`join`]: one path, an array or slice of paths of one type, or a tuple of paths
/// of any types.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a path or a list of paths",
    label = "expected a path or a list of paths",
    note = "pass one path, several as a list, or a tuple if their types differ: `path::join(\"/srv\", (\"www\", &name))`"
)]
pub trait Parts {
    #[doc(hidden)]
    fn each(self, append: &mut dyn FnMut(&Path));
    #[doc(hidden)]
    fn room(&self) -> usize;
}

macro_rules! one_part {
    ($($kind:ty),*) => { $(impl Parts for $kind {
        #[inline]
        fn each(self, append: &mut dyn FnMut(&Path)) {
            append(self.as_ref());
        }
        #[inline]
        fn room(&self) -> usize {
            bytes(self).len() + 1
        }
    })* };
}
one_part!(&str, &String, String, &OsStr, &OsString, OsString, &Path, &PathBuf, PathBuf, &Cow<'_, Path>, Cow<'_, OsStr>);

macro_rules! many_parts {
    ($([$($generic:tt)*] $kind:ty),*) => { $(impl<P: AsRef<Path>, $($generic)*> Parts for $kind {
        #[inline]
        fn each(self, append: &mut dyn FnMut(&Path)) {
            self.into_iter().for_each(|part| append(part.as_ref()));
        }
        #[inline]
        fn room(&self) -> usize {
            self.iter().map(|part| bytes(part).len() + 1).sum()
        }
    })* };
}
many_parts!([const N: usize] [P; N], [] &[P], [] Vec<P>, [] &Vec<P>);

macro_rules! tuple_parts {
    ($($name:ident)*) => { impl<$($name: AsRef<Path>),*> Parts for ($($name,)*) {
        #[allow(non_snake_case)]
        fn each(self, append: &mut dyn FnMut(&Path)) {
            let ($($name,)*) = self;
            $(append($name.as_ref());)*
        }
        #[allow(non_snake_case)]
        fn room(&self) -> usize {
            let ($($name,)*) = self;
            0 $(+ bytes($name).len() + 1)*
        }
    } };
}
tuple_parts!(A B);
tuple_parts!(A B C);
tuple_parts!(A B C D);
tuple_parts!(A B C D E);

/// Joins `first` and `parts` with `/`. An absolute part discards the previous ones, and an empty
/// last part adds a trailing `/`.
///
/// ```
/// use leyden::os::path::join;
/// assert_eq!(join("a", "b").as_os_str(), "a/b");
/// assert_eq!(join("a", ("b", String::from("/etc"), "c")).as_os_str(), "/etc/c");
/// assert_eq!(join("a", "").as_os_str(), "a/");
/// ```
#[doc(alias = "os.path.join")]
pub fn join(first: impl AsRef<Path>, parts: impl Parts) -> PathBuf {
    let first = bytes(&first);
    let mut joined = Vec::with_capacity(first.len() + parts.room());
    joined.extend_from_slice(first);
    parts.each(&mut |part| {
        let part = bytes(part);
        if part.first() == Some(&b'/') {
            joined.clear();
        } else if joined.last().is_some_and(|last| *last != b'/') {
            joined.push(b'/');
        }
        joined.extend_from_slice(part);
    });
    owned(joined)
}

/// Splits into the directory part and the name after the last `/`. Trailing slashes of the
/// directory part are dropped unless it is the root. The name is empty if the path ends in `/`.
#[doc(alias = "os.path.split")]
pub fn split<P: AsRef<Path> + ?Sized>(path: &P) -> (&Path, &OsStr) {
    let (head, tail) = cut(bytes(path));
    (text::path(head), OsStr::from_bytes(tail))
}

/// Returns the name after the last `/`; empty if the path ends in one.
#[doc(alias = "os.path.basename")]
pub fn basename<P: AsRef<Path> + ?Sized>(path: &P) -> &OsStr {
    let path = bytes(path);
    let name = path.iter().rposition(|byte| *byte == b'/').and_then(|slash| path.get(slash + 1..));
    OsStr::from_bytes(name.unwrap_or(path))
}

/// Returns the part before the last component; empty for a bare name.
#[doc(alias = "os.path.dirname")]
pub fn dirname<P: AsRef<Path> + ?Sized>(path: &P) -> &Path {
    split(path).0
}

fn cut(path: &[u8]) -> (&[u8], &[u8]) {
    let name_at = path.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let (head, tail) = path.split_at(name_at);
    let trimmed = rstrip(head);
    (if trimmed.is_empty() { head } else { trimmed }, tail)
}

/// Removes trailing slashes; the root becomes empty.
fn rstrip(mut path: &[u8]) -> &[u8] {
    while let [head @ .., b'/'] = path {
        path = head;
    }
    path
}

/// Removes trailing slashes, except the root's.
pub(super) fn without_trailing_slash(path: &Path) -> &Path {
    let all = bytes(path);
    let kept = rstrip(all);
    if kept.is_empty() { text::path(all.get(..1).unwrap_or_default()) } else { text::path(kept) }
}

/// Splits off the extension with its dot. Leading dots of a name do not begin an extension.
///
/// ```
/// use leyden::os::path::splitext;
/// assert_eq!(splitext("a.b/.bashrc").1, "");
/// assert_eq!(splitext("notes.").1, ".");
/// ```
#[doc(alias = "os.path.splitext")]
pub fn splitext<P: AsRef<Path> + ?Sized>(path: &P) -> (&Path, &OsStr) {
    let path = bytes(path);
    let mut dot = None;
    for (at, byte) in path.iter().enumerate().rev() {
        match byte {
            b'/' => break,
            b'.' if dot.is_none() => dot = Some(at),
            b'.' => {}
            _ if dot.is_some() => break,
            _ => continue,
        }
        if dot.is_some() && (at == 0 || path.get(at - 1) == Some(&b'/')) {
            dot = None;
            break;
        }
    }
    let (root, extension) = path.split_at(dot.unwrap_or(path.len()));
    (text::path(root), OsStr::from_bytes(extension))
}

/// Splits off the drive, which is always empty here.
#[doc(alias = "os.path.splitdrive")]
pub fn splitdrive<P: AsRef<Path> + ?Sized>(path: &P) -> (&Path, &Path) {
    (Path::new(""), path.as_ref())
}

/// Returns the path unchanged: case is significant here.
#[doc(alias = "os.path.normcase")]
pub fn normcase<P: AsRef<Path> + ?Sized>(path: &P) -> &Path {
    path.as_ref()
}

/// Returns true if the path begins with `/`.
#[doc(alias = "os.path.isabs")]
pub fn isabs(path: impl AsRef<Path>) -> bool {
    bytes(&path).first() == Some(&b'/')
}

/// Removes empty and `.` components, and resolves `name/..`; an empty path becomes `.`. Purely
/// textual: if `name` is a symbolic link, the result may refer to another file. Exactly two leading
/// slashes are kept, as POSIX allows.
#[doc(alias = "os.path.normpath")]
pub fn normpath(path: impl AsRef<Path>) -> PathBuf {
    owned(normalise(bytes(&path)))
}

/// Moves the remaining components to the front, within the same buffer.
fn normalise(path: &[u8]) -> Vec<u8> {
    let root = match path {
        [b'/', b'/', b'/', ..] => 1,
        [b'/', b'/', ..] => 2,
        [b'/', ..] => 1,
        _ => 0,
    };
    let mut out = path.to_vec();
    let mut end = root; // of the kept part
    let mut names = 0_usize; // components that a `..` can remove
    let mut begin = root;
    while begin < path.len() {
        let rest = path.get(begin..).unwrap_or_default();
        let len = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
        let next = begin + len + 1;
        match rest.get(..len).unwrap_or_default() {
            b"" | b"." => {}
            b".." if names > 0 => {
                names -= 1;
                let kept = out.get(root..end).unwrap_or_default();
                end = root + kept.iter().rposition(|byte| *byte == b'/').unwrap_or(0);
            }
            b".." if root > 0 => {}
            component => {
                names += usize::from(component != b"..");
                if end > root {
                    if let Some(slash) = out.get_mut(end) {
                        *slash = b'/';
                    }
                    end += 1;
                }
                if end != begin {
                    out.copy_within(begin..begin + len, end);
                }
                end += len;
            }
        }
        begin = next;
    }
    out.truncate(end);
    if out.is_empty() {
        out.push(b'.');
    }
    out
}

/// Returns the normalized absolute form of `path`, relative to `cwd`.
#[doc(alias = "os.path.abspath")]
pub fn abspath(path: impl AsRef<Path>, cwd: impl AsRef<Path>) -> PathBuf {
    if isabs(&path) { normpath(path) } else { normpath(join(cwd, path.as_ref())) }
}

/// Returns `path` relative to `start`, textually; both are relative to `cwd`. Python's default for
/// `start` is `"."`.
///
/// # Errors
/// [`Error::Value`] if `path` is empty.
#[doc(alias = "os.path.relpath")]
pub fn relpath(path: impl AsRef<Path>, start: impl AsRef<Path>, cwd: impl AsRef<Path>) -> Result<PathBuf, Error> {
    if bytes(&path).is_empty() {
        return Err(Error::Value("os.path.relpath: the path is empty".into()));
    }
    let (start, path) = (abspath(start, &cwd), abspath(path, &cwd));
    let (mut from, mut to) = (components(&start).peekable(), components(&path).peekable());
    while from.peek().is_some() && from.peek() == to.peek() {
        from.next();
        to.next();
    }
    let mut relative = Vec::with_capacity(bytes(&path).len() + 8);
    for component in from.map(|_| &b".."[..]).chain(to) {
        if !relative.is_empty() {
            relative.push(b'/');
        }
        relative.extend_from_slice(component);
    }
    if relative.is_empty() {
        relative.push(b'.');
    }
    Ok(owned(relative))
}

fn components(path: &Path) -> impl Iterator<Item = &[u8]> {
    bytes(path).split(|byte| *byte == b'/').filter(|component| !component.is_empty())
}

/// Returns the longest common prefix of all paths, character by character: it may split a
/// component. Empty for no paths. Usually [`commonpath`] is meant.
#[doc(alias = "os.path.commonprefix")]
pub fn commonprefix<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> PathBuf {
    let mut paths = paths.into_iter();
    let Some(first) = paths.next() else { return PathBuf::new() };
    let mut common = bytes(&first).to_vec();
    for path in paths {
        let path = bytes(&path);
        let mut shared = common.iter().zip(path).take_while(|(a, b)| a == b).count();
        if [common.get(shared), path.get(shared)].into_iter().flatten().any(|byte| *byte >= 0x80) {
            shared = floor_boundary(&common, shared).min(floor_boundary(path, shared));
        }
        common.truncate(shared);
    }
    owned(common)
}

/// Returns the longest common path of all paths, component by component. Only `.` and doubled
/// slashes are normalized.
///
/// # Errors
/// [`Error::Value`] if there are no paths, or both absolute and relative ones.
#[doc(alias = "os.path.commonpath")]
pub fn commonpath<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Result<PathBuf, Error> {
    let paths: Vec<P> = paths.into_iter().collect();
    let Some((first, others)) = paths.split_first() else {
        return Err(Error::Value("os.path.commonpath: no paths".into()));
    };
    if others.iter().any(|path| isabs(path) != isabs(first)) {
        return Err(Error::Value("os.path.commonpath: absolute and relative paths cannot be mixed".into()));
    }
    let named = |path| components(path).filter(|component| *component != b".");
    let mut common: Vec<&[u8]> = named(first.as_ref()).collect();
    for path in others {
        let shared = common.iter().zip(named(path.as_ref())).take_while(|(a, b)| *a == b).count();
        common.truncate(shared);
    }
    let mut joined = common.join(&b'/');
    if isabs(first) {
        joined.insert(0, b'/');
    }
    Ok(owned(joined))
}

/// Replaces `~` or `~user` at the beginning by a home directory. `home` returns that of the named
/// user, or one's own for `None`. If it returns `None`, the path is unchanged.
///
/// ```
/// use leyden::os::path::expanduser;
/// let home = |user: Option<&std::ffi::OsStr>| user.is_none().then(|| "/home/ada".into());
/// assert_eq!(expanduser("~/notes", home).as_os_str(), "/home/ada/notes");
/// assert_eq!(expanduser("~bob/notes", home).as_os_str(), "~bob/notes");
/// ```
#[doc(alias = "os.path.expanduser")]
pub fn expanduser(path: impl AsRef<Path>, home: impl FnOnce(Option<&OsStr>) -> Option<PathBuf>) -> PathBuf {
    let path = path.as_ref();
    let Some(after) = bytes(path).strip_prefix(b"~") else { return path.to_path_buf() };
    let end = after.iter().position(|byte| *byte == b'/').unwrap_or(after.len());
    let (user, rest) = after.split_at(end);
    let user = (!user.is_empty()).then(|| OsStr::from_bytes(user));
    let Some(home) = home(user) else { return path.to_path_buf() };
    let mut expanded = rstrip(bytes(&home)).to_vec();
    expanded.extend_from_slice(rest);
    if expanded.is_empty() {
        expanded.push(b'/');
    }
    owned(expanded)
}

/// Replaces `$name` and `${name}` by the results of `value`; names for which it returns `None` are
/// kept. Results are not expanded again.
#[doc(alias = "os.path.expandvars")]
pub fn expandvars(path: impl AsRef<Path>, mut value: impl FnMut(&OsStr) -> Option<OsString>) -> PathBuf {
    let mut rest = bytes(&path);
    let mut expanded = Vec::with_capacity(rest.len());
    while let Some(dollar) = rest.iter().position(|byte| *byte == b'$') {
        let (before, from_dollar) = rest.split_at(dollar);
        expanded.extend_from_slice(before);
        let after = from_dollar.get(1..).unwrap_or_default();
        let (name, len) = variable(after);
        let (written, tail) = from_dollar.split_at(1 + len);
        match name.and_then(|name| value(OsStr::from_bytes(name))) {
            Some(value) => expanded.extend_from_slice(value.as_bytes()),
            None => expanded.extend_from_slice(written),
        }
        rest = tail;
    }
    expanded.extend_from_slice(rest);
    owned(expanded)
}

/// Returns the variable's name after a `$`, and the length of its spelling in bytes.
fn variable(after: &[u8]) -> (Option<&[u8]>, usize) {
    if let Some(braced) = after.strip_prefix(b"{") {
        let end = braced.iter().position(|byte| *byte == b'}');
        return end.map_or((None, 0), |end| (braced.get(..end), end + 2));
    }
    let end = after.iter().position(|byte| !(byte.is_ascii_alphanumeric() || *byte == b'_')).unwrap_or(after.len());
    (after.get(..end).filter(|name| !name.is_empty()), end)
}

fn owned(bytes: Vec<u8>) -> PathBuf {
    PathBuf::from(OsString::from_vec(bytes))
}
