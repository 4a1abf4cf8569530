//! The machine: description, load, random numbers, terminal, limits.

pub(crate) mod accounts;
pub(super) mod limits;

use std::path::{Path, PathBuf};

use self::limits::{Limit, SYSCONF_NAMES};
use super::backend::UnameResult;
use super::{Error, Os, Result};

/// The result of [`Os::get_terminal_size`].
/// <https://docs.python.org/3/library/os.html#os.terminal_size>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias = "os.terminal_size")]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct TerminalSize {
    /// Characters per line.
    #[doc(alias = "os.terminal_size.columns")]
    pub columns: u16,
    /// Lines.
    #[doc(alias = "os.terminal_size.lines")]
    pub lines: u16,
}

impl Os {
    /// Returns the kernel's description of itself.
    /// <https://docs.python.org/3/library/os.html#os.uname>
    #[doc(alias = "os.uname")]
    pub fn uname(&self) -> UnameResult {
        self.backend.uname()
    }

    /// Returns the number of processors of the machine; `None` if unknown. This process may be
    /// restricted to fewer: [`Os::sched_getaffinity`].
    /// <https://docs.python.org/3/library/os.html#os.cpu_count>
    #[doc(alias = "os.cpu_count")]
    pub fn cpu_count(&self) -> Option<usize> {
        self.backend.cpu_count()
    }

    /// Returns the average number of running or waiting processes over the last 1, 5 and 15
    /// minutes.
    ///
    /// <https://docs.python.org/3/library/os.html#os.getloadavg>
    #[doc(alias = "os.getloadavg")]
    pub fn getloadavg(&self) -> Result<[f64; 3]> {
        self.backend.getloadavg().map_err(|error| Error::new("getloadavg", &error, None, None))
    }

    /// Returns random bytes, suitable for keys.
    /// <https://docs.python.org/3/library/os.html#os.urandom>
    #[doc(alias = "os.urandom")]
    pub fn urandom(&self, size: usize) -> Result<Vec<u8>> {
        let mut bytes = vec![0; size];
        self.backend.urandom(&mut bytes).map_err(|error| Error::new("urandom", &error, None, None))?;
        Ok(bytes)
    }

    /// Same as [`Os::urandom`]: Python's `getrandom` without flags, but never returns fewer bytes.
    ///
    /// <https://docs.python.org/3/library/os.html#os.getrandom>
    #[doc(alias = "os.getrandom")]
    pub fn getrandom(&self, size: usize) -> Result<Vec<u8>> {
        self.urandom(size)
    }

    /// Returns true if standard descriptor 0, 1 or 2 is a terminal. For a file:
    /// [`File::isatty`](super::File::isatty).
    ///
    /// <https://docs.python.org/3/library/os.html#os.isatty>
    #[doc(alias = "os.isatty")]
    pub fn isatty(&self, fd: u32) -> bool {
        self.backend.isatty(fd)
    }

    /// Returns the size of the terminal at standard descriptor 0, 1 or 2; 1 is Python's default.
    /// `shutil` has a version that never fails.
    ///
    /// # Errors
    /// `ENOTTY`, `EBADF`.
    ///
    /// <https://docs.python.org/3/library/os.html#os.get_terminal_size>
    #[doc(alias = "os.get_terminal_size")]
    pub fn get_terminal_size(&self, fd: u32) -> Result<TerminalSize> {
        let (columns, lines) =
            self.backend.terminal_size(fd).map_err(|error| Error::new("get_terminal_size", &error, None, None))?;
        Ok(TerminalSize { columns, lines })
    }

    /// Returns the path of the terminal at standard descriptor 0, 1 or 2.
    /// <https://docs.python.org/3/library/os.html#os.ttyname>
    ///
    /// # Errors
    /// `ENOTTY`, `EBADF`.
    #[doc(alias = "os.ttyname")]
    pub fn ttyname(&self, fd: u32) -> Result<PathBuf> {
        self.backend.ttyname(fd).map_err(|error| Error::new("ttyname", &error, None, None))
    }

    /// Returns the encoding of the terminal at standard descriptor 0, 1 or 2: always UTF-8 here.
    /// `None` if it is not a terminal.
    ///
    /// <https://docs.python.org/3/library/os.html#os.device_encoding>
    #[doc(alias = "os.device_encoding")]
    pub fn device_encoding(&self, fd: u32) -> Option<&'static str> {
        self.isatty(fd).then_some("UTF-8")
    }

    /// Returns the path that refers to the controlling terminal, whichever that is.
    /// <https://docs.python.org/3/library/os.html#os.ctermid>
    #[doc(alias = "os.ctermid")]
    pub fn ctermid(&self) -> &'static Path {
        Path::new("/dev/tty")
    }

    /// Returns the name of the logged-in user. Services and cron jobs have none.
    ///
    /// # Errors
    /// `ENXIO` without a login.
    ///
    /// <https://docs.python.org/3/library/os.html#os.getlogin>
    #[doc(alias = "os.getlogin")]
    pub fn getlogin(&self) -> Result<String> {
        self.backend.getlogin().map_err(|error| Error::new("getlogin", &error, None, None))
    }

    /// Returns a value of the system's configuration, by name (`"SC_PAGE_SIZE"`) or number. `None`:
    /// no limit, or not supported (Python: -1).
    ///
    /// # Errors
    /// [`Error::Value`] for a name that is not in [`SYSCONF_NAMES`]; `EINVAL` for an unknown
    /// number.
    ///
    /// <https://docs.python.org/3/library/os.html#os.sysconf>
    #[doc(alias = "os.sysconf")]
    pub fn sysconf<'a>(&self, name: impl Into<Limit<'a>>) -> Result<Option<i64>> {
        let name = name.into().number(SYSCONF_NAMES)?;
        self.backend.sysconf(name).map_err(|error| Error::new("sysconf", &error, None, None))
    }
}
