//! [`Open`]: the arguments of Python's `open`.

use std::path::{Path, PathBuf};

use super::file::File;
use crate::error::errno::EISDIR;
use crate::os::backend::OpenFlags;
use crate::os::{Error, Os, Result};
use crate::text::newline::{Codec, Newline};
use crate::text::{Encoding, Errors};

/// The arguments of Python's `open`: a path, alone or with options.
///
/// ```
/// use leyden::os::Open;
///
/// let os = leyden::World::new().batteries().os;
/// let mut log = os.open(Open::new("/log").mode("a").encoding("latin-1"))?;
/// log.write_text("caf\u{e9}\n")?;
/// log.close()?;
/// assert_eq!(os.read_bytes("/log")?, b"caf\xe9\n");
/// # Ok::<(), leyden::os::Error>(())
/// ```
///
/// <https://docs.python.org/3/library/functions.html#open>
#[derive(Clone, Debug)]
#[must_use]
pub struct Open {
    pub(in crate::os) path: PathBuf,
    pub(in crate::os) mode: String,
    encoding: Option<String>,
    errors: Option<String>,
    newline: Option<String>,
    buffering: Option<usize>,
    permissions: Option<u32>,
    pub(in crate::os) nofollow: bool,
    flags: Option<OpenFlags>,
    pub(in crate::os) sync: bool,
}

impl Open {
    /// Opens this path for reading text.
    pub fn new(path: impl Into<PathBuf>) -> Open {
        Open {
            path: path.into(),
            mode: "r".into(),
            encoding: None,
            errors: None,
            newline: None,
            buffering: None,
            permissions: None,
            nofollow: false,
            flags: None,
            sync: false,
        }
    }

    /// Sets the mode: `r` reads (the default), `w` empties and writes, `x` creates and writes, `a`
    /// appends; `+` reads and writes; `b` for bytes, `t` for text (the default).
    pub fn mode(self, mode: impl Into<String>) -> Open {
        Open { mode: mode.into(), ..self }
    }

    /// Sets the encoding of the text, by any of Python's names. Default: `utf-8`.
    ///
    /// Supported are `utf-8-sig`, `utf-16`, `utf-32` (with `-le` and `-be`), `ascii`, `latin-1`,
    /// and all of Python's single-byte encodings (`cp1252`, `cp437`, `iso8859-15`, `koi8-r`,
    /// `mac-roman`, `cp037` ..). With one of the features `bs4`, `requests` and `smtplib`, also
    /// those of Chinese, Japanese and Korean (`shift_jis`, `euc_jp`, `gb18030`, `big5`, `euc_kr`
    /// ..), as in browsers. An unsupported encoding is [`Error::Lookup`].
    pub fn encoding(self, encoding: impl Into<String>) -> Open {
        Open { encoding: Some(encoding.into()), ..self }
    }

    /// Sets how to handle bytes that cannot be decoded and characters that cannot be encoded.
    /// `strict` (the default) is an error; `ignore`, `replace`, `backslashreplace` and
    /// `surrogateescape` continue, as does `xmlcharrefreplace` for writing.
    ///
    /// DIFFERENCE: a Rust string contains no lone surrogates. `surrogateescape` reads an invalid
    /// byte as a private character, U+10DC80 to U+10DCFF for 0x80 to 0xFF, and writes that
    /// character as the byte again. Other handlers cannot write these characters, just as Python's
    /// cannot write lone surrogates. UTF-16 and UTF-32 have no such bytes.
    ///
    /// DIFFERENCE: with `ignore`, lines are split first: when reading line by line, a `\r` and a
    /// `\n` with only invalid bytes between them end two lines.
    pub fn errors(self, errors: impl Into<String>) -> Open {
        Open { errors: Some(errors.into()), ..self }
    }

    /// Sets the line end. By default `\n`, `\r` and `\r\n` end a line and are read as `\n`; with
    /// `""` they are kept. With `"\n"`, `"\r"` or `"\r\n"` only that ends a line, and `\n` is
    /// written as that.
    pub fn newline(self, newline: impl Into<String>) -> Open {
        Open { newline: Some(newline.into()), ..self }
    }

    /// Sets the size of the buffer in bytes: 0 is unbuffered (bytes only), 1 is line-buffered (text
    /// only). Default: 32 KiB; line-buffered on a terminal.
    pub fn buffering(self, size: usize) -> Open {
        Open { buffering: Some(size), ..self }
    }

    /// Sets the mode of a new file, before the umask. Default: `0o666`.
    pub fn permissions(self, mode: u32) -> Open {
        Open { permissions: Some(mode), ..self }
    }

    /// Sets the kernel's flags instead of a mode: `Open::new("lock").flags(O_RDWR | O_CREAT)`,
    /// Python's `os.open`. The file is unbuffered, for bytes, and may be a directory. As in Python,
    /// a new file has mode `0o777` before the umask.
    pub fn flags(self, flags: OpenFlags) -> Open {
        Open { flags: Some(flags), ..self }
    }

    /// Sets whether a symbolic link in the path's last component is followed. Default: true;
    /// otherwise it is `ELOOP`.
    pub fn follow_symlinks(self, follow: bool) -> Open {
        Open { nofollow: !follow, ..self }
    }

    /// For [`Os::write_text`] and [`Os::write_bytes`]: sets whether the file and its directory
    /// entry are on the device before the call returns. Default: false; the file system then
    /// determines the state after a power failure. If only the directory cannot be written to the
    /// device, the call fails although the new contents are in place.
    pub fn sync(self, sync: bool) -> Open {
        Open { sync, ..self }
    }

    /// Returns the same file in another mode. Fails if the caller set a mode that this call cannot
    /// use.
    pub(super) fn with_mode(self, mode: &str) -> Result<Open> {
        if self.flags.is_some() {
            return Err(Error::Value("flags cannot be set for this call".into()));
        }
        match self.mode.as_str() {
            "r" => Ok(self.mode(mode)),
            asked if asked == mode => Ok(self),
            asked => Err(Error::Value(format!("this call uses mode '{mode}', not '{asked}'"))),
        }
    }

    pub(in crate::os) fn plan(&self) -> Result<Plan> {
        if let Some(flags) = self.flags {
            let text = self.encoding.is_some() || self.errors.is_some() || self.newline.is_some();
            if text || self.mode != "r" {
                return Err(Error::Value("flags exclude mode, encoding, errors and newline".into()));
            }
            let flags = OpenFlags { nofollow: flags.nofollow || self.nofollow, ..flags };
            let permissions = self.permissions.unwrap_or(0o777);
            return Ok(Plan { flags, permissions, codec: None, buffering: self.buffering.or(Some(0)), raw: true });
        }
        let mode = Mode::parse(&self.mode)?;
        let given = [("encoding", &self.encoding), ("errors", &self.errors), ("newline", &self.newline)];
        if let Some((argument, _)) = given.iter().find(|(_, value)| mode.binary && value.is_some()) {
            let article = if argument.starts_with('e') { "an" } else { "a" };
            return Err(Error::Value(format!("binary mode doesn't take {article} {argument} argument")));
        }
        if self.buffering == Some(0) && !mode.binary {
            return Err(Error::Value("can't have unbuffered text I/O".into()));
        }
        // In the order in which Python checks them.
        let newline = self.newline.as_deref().map_or(Ok(Newline::default()), |newline| {
            Newline::named(newline).ok_or_else(|| Error::Value(format!("illegal newline value: {newline:?}")))
        })?;
        let encoding = self.encoding.as_deref().map_or(Ok(Encoding::default()), |name| {
            Encoding::named(name).ok_or_else(|| Error::Lookup(format!("unknown encoding: {name}")))
        })?;
        let errors = self.errors.as_deref().map_or(Ok(Errors::default()), |name| {
            Errors::named(name).ok_or_else(|| Error::Lookup(format!("unknown error handler name '{name}'")))
        })?;
        let codec = Codec { encoding, errors, newline };
        let mut flags = mode.flags;
        flags.nofollow = self.nofollow;
        Ok(Plan {
            flags,
            permissions: self.permissions.unwrap_or(0o666),
            codec: (!mode.binary).then_some(codec),
            buffering: self.buffering,
            raw: false,
        })
    }
}

impl std::ops::BitOr for OpenFlags {
    type Output = OpenFlags;

    fn bitor(self, other: OpenFlags) -> OpenFlags {
        OpenFlags {
            read: self.read | other.read,
            write: self.write | other.write,
            append: self.append | other.append,
            truncate: self.truncate | other.truncate,
            create: self.create | other.create,
            exclusive: self.exclusive | other.exclusive,
            nofollow: self.nofollow | other.nofollow,
            directory: self.directory | other.directory,
            nonblock: self.nonblock | other.nonblock,
            sync: self.sync | other.sync,
            dsync: self.dsync | other.dsync,
            noatime: self.noatime | other.noatime,
            noctty: self.noctty | other.noctty,
        }
    }
}

impl<P: AsRef<Path>> From<P> for Open {
    fn from(path: P) -> Open {
        Open::new(path.as_ref())
    }
}

/// Checked arguments.
pub(in crate::os) struct Plan {
    pub(in crate::os) flags: OpenFlags,
    pub(in crate::os) permissions: u32,
    /// `None`: bytes.
    pub(super) codec: Option<Codec>,
    pub(super) buffering: Option<usize>,
    /// Opened by flags: any file type is accepted.
    pub(in crate::os) raw: bool,
}

struct Mode {
    flags: OpenFlags,
    binary: bool,
}

impl Mode {
    /// Python's rules, in the same order.
    fn parse(mode: &str) -> Result<Mode> {
        let has = |letter| mode.contains(letter);
        let twice = mode.char_indices().any(|(at, letter)| mode.get(..at).is_some_and(|before| before.contains(letter)));
        if twice || mode.contains(|letter| !"rwxabt+".contains(letter)) {
            return Err(Error::Value(format!("invalid mode: '{mode}'")));
        }
        if has('t') && has('b') {
            return Err(Error::Value("can't have text and binary mode at once".into()));
        }
        let actions = ['r', 'w', 'x', 'a'].into_iter().filter(|&action| has(action)).count();
        if actions > 1 {
            return Err(Error::Value("must have exactly one of create/read/write/append mode".into()));
        }
        if actions == 0 {
            return Err(Error::Value("must have exactly one of create/read/write/append mode and at most one plus".into()));
        }
        let flags = OpenFlags {
            read: has('r') || has('+'),
            write: !has('r') || has('+'),
            append: has('a'),
            truncate: has('w'),
            create: !has('r'),
            exclusive: has('x'),
            ..OpenFlags::default()
        };
        Ok(Mode { flags, binary: has('b') })
    }
}

impl Os {
    /// Opens a file: Python's built-in `open`; with [`Open::flags`] its `os.open`, but the result
    /// is never a bare number.
    ///
    /// ```
    /// use leyden::os::Open;
    /// use std::io::Write;
    ///
    /// let os = leyden::World::new().batteries().os;
    /// writeln!(os.open(Open::new("/notes").mode("w"))?, "first line")?;
    /// assert_eq!(os.open("/notes")?.read_text()?, "first line\n");
    /// # Ok::<(), leyden::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Value`] for options that exclude each other; the file system's errors. A directory
    /// is [`Error::IsADirectory`], also for reading.
    ///
    /// <https://docs.python.org/3/library/functions.html#open>
    #[doc(alias = "os.open")]
    pub fn open(&self, open: impl Into<Open>) -> Result<File> {
        let open = open.into();
        let plan = open.plan()?;
        let handle = self.on("open", &open.path, |backend, path| {
            let handle = backend.open(path, plan.flags, plan.permissions)?;
            Ok((handle.stat()?, handle))
        });
        let (stat, handle) = handle?;
        if stat.is_dir() && !plan.raw {
            return Err(Error::new("open", &std::io::Error::from_raw_os_error(EISDIR), Some(&open.path), None));
        }
        File::opened(handle, open, &plan, &stat)
    }
}
