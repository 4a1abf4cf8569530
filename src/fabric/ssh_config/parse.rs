//! From the text of files to statements, with the files that `Include` names.

use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::error::Error;
use super::keyword::{self, Kind};
use super::lexer;
use super::local::Local;
use super::matching::Criterion;
use super::value;
use crate::os::Os;

/// How deep files include each other, as in OpenSSH (`READCONF_MAX_DEPTH`).
const MAX_DEPTH: usize = 16;

/// Whose file it is: relative includes, `~` and the check of permissions depend on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// The user's, or one that was named: includes are relative to `~/.ssh`.
    User,
    /// The machine's: includes are relative to `/etc/ssh`.
    System,
}

/// One file.
#[derive(Clone, Debug)]
pub(super) struct File {
    pub(super) origin: Origin,
    pub(super) lines: Vec<Located>,
}

/// A statement, and where it is written.
#[derive(Clone, Debug)]
pub(super) struct Located {
    pub(super) file: Arc<Path>,
    pub(super) line: usize,
    pub(super) statement: Statement,
}

#[derive(Clone, Debug)]
pub(super) enum Statement {
    Host(Vec<String>),
    Match(Vec<Criterion>),
    Set {
        keyword: &'static str,
        kind: Kind,
        values: Vec<String>,
    },
    Include(Vec<Include>),
    /// An error, unless an `IgnoreUnknown` above it names it.
    Unknown(String),
}

/// A pattern of paths: read with the file that names it, unless it depends on the host.
#[derive(Clone, Debug)]
pub(super) enum Include {
    Read(Vec<File>),
    PerHost { pattern: String, depth: usize },
}

impl Located {
    pub(super) fn error(&self, problem: impl Into<String>) -> Error {
        Error::Parse { file: self.file.to_path_buf(), line: self.line, problem: problem.into() }
    }
}

/// What parsing needs of the machine.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) os: &'a Os,
    pub(super) local: &'a Local,
}

impl Reader<'_> {
    /// Reads a file. None if there is no such file.
    pub(super) fn read(&self, path: &Path, origin: Origin, guarded: bool, depth: usize) -> Result<Option<File>, Error> {
        let wrap = |source| Error::Read { file: path.to_path_buf(), source: Box::new(source) };
        let bytes = match self.os.read_bytes(path) {
            Ok(bytes) => bytes,
            Err(crate::os::Error::FileNotFound(_)) => return Ok(None),
            Err(error) => return Err(wrap(error)),
        };
        if guarded {
            let stat = self.os.stat(path).map_err(wrap)?;
            if (stat.st_uid != 0 && stat.st_uid != self.local.uid) || stat.st_mode & 0o022 != 0 {
                return Err(Error::Permissions { file: path.to_path_buf(), uid: stat.st_uid, mode: stat.permissions() });
            }
        }
        self.parse(&bytes, path, origin, depth).map(Some)
    }

    pub(super) fn parse(&self, bytes: &[u8], path: &Path, origin: Origin, depth: usize) -> Result<File, Error> {
        let file: Arc<Path> = path.into();
        let mut lines = Vec::new();
        for (index, text) in bytes.split(|byte| *byte == b'\n').enumerate() {
            let at = |problem: String| Error::Parse { file: path.to_path_buf(), line: index + 1, problem };
            let text = std::str::from_utf8(text).map_err(|error| at(format!("byte {} is not UTF-8", error.valid_up_to())))?;
            if text.contains('\0') {
                return Err(at("NUL byte".into()));
            }
            let Some(line) = lexer::line(text).map_err(at)? else { continue };
            let statement = match line.keyword.as_str() {
                "host" => Statement::Host(hosts(&line).map_err(at)?),
                "match" => Statement::Match(Criterion::parse(&line.args).map_err(at)?),
                "include" => Statement::Include(self.includes(&line, origin, depth, &at)?),
                word => match keyword::find(word) {
                    Some((name, kind)) => {
                        let values = value::checked(name, kind, &line).map_err(at)?;
                        Statement::Set { keyword: name, kind, values }
                    }
                    None => Statement::Unknown(word.to_owned()),
                },
            };
            lines.push(Located { file: file.clone(), line: index + 1, statement });
        }
        Ok(File { origin, lines })
    }

    fn includes(
        &self,
        line: &lexer::Line<'_>,
        origin: Origin,
        depth: usize,
        at: &dyn Fn(String) -> Error,
    ) -> Result<Vec<Include>, Error> {
        let mut includes = Vec::new();
        for pattern in &line.args {
            if pattern.is_empty() {
                return Err(at("keyword include empty argument".into()));
            }
            if pattern.starts_with('~') && origin == Origin::System {
                return Err(at(format!("bad include path {pattern}")));
            }
            if pattern.contains('%') || pattern.contains("${") {
                includes.push(Include::PerHost { pattern: pattern.clone(), depth });
            } else {
                includes.push(Include::Read(self.included(pattern, origin, depth, at)?));
            }
        }
        Ok(includes)
    }

    /// The files of an expanded pattern, in the order of their names.
    pub(super) fn included(
        &self,
        pattern: &str,
        origin: Origin,
        depth: usize,
        at: &dyn Fn(String) -> Error,
    ) -> Result<Vec<File>, Error> {
        let base = match origin {
            Origin::User => self.local.home.join(".ssh"),
            Origin::System => PathBuf::from("/etc/ssh"),
        };
        let path = match self.local.tilde(pattern, self.os) {
            Some(path) => base.join(path),
            None => return Err(at(format!("no home directory for include path {pattern}"))),
        };
        let mut paths = self.os.glob.glob(path.clone());
        paths.sort_by(|one, other| one.as_os_str().as_bytes().cmp(other.as_os_str().as_bytes()));
        // Without a star, the path is its own only match, and why it cannot be read matters.
        if paths.is_empty() && !path.as_os_str().as_bytes().iter().any(|byte| b"*?[".contains(byte)) {
            paths.push(path);
        }
        let mut files = Vec::new();
        for path in paths {
            if depth + 1 > MAX_DEPTH {
                return Err(at("too many recursive configuration includes".into()));
            }
            files.extend(self.read(&path, origin, true, depth + 1)?);
        }
        Ok(files)
    }
}

fn hosts(line: &lexer::Line<'_>) -> Result<Vec<String>, String> {
    match line.args.iter().find(|arg| arg.is_empty()) {
        Some(_) => Err("keyword host empty argument".into()),
        None => Ok(line.args.clone()),
    }
}
