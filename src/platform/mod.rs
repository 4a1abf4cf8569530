//! `platform`: the kind of machine.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new(); // a Debian 12; on the machine: Batteries::included()
//! let platform = world.batteries().platform;
//! assert_eq!(platform.system(), "Linux");
//! assert_eq!(platform.platform(), "Linux-6.1.0-18-amd64-x86_64-with-glibc2.36");
//! assert_eq!(platform.freedesktop_os_release()?["ID"], "debian");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `platform.platform(aliased=1, terse=1)` | `platform.platform_with(PlatformOptions::new().aliased(true).terse(true))` |
//! | `platform.uname()`, a named tuple | [`UnameResult`] |
//! | `platform.architecture(executable)`, `libc_ver(executable)` | the same, with `None` for the running program |
//! | `platform.python_version()`, `python_version_tuple()` | those of the `python3` on the PATH, or None |
//! | `platform.python_implementation()` | [`Platform::implementation`]: `"leyden"` |
//! | `platform.python_compiler()` | [`Platform::rust_version`]: the compiler of this build |
//! | `OSError` | [`Error`] |
//!
//! The parts for other systems (`mac_ver`, `win32_ver`, `java_ver`) and for the build of an
//! interpreter (`python_build`, `python_branch`, `python_revision`) are not implemented.
//!
//! # DIFFERENCE
//!
//! - `architecture` reads the program's header itself; Python runs `file`, and reports no linkage
//!   if that is not installed.
//! - The word size of a program that is not an ELF or PE file (a script) is that of this build, as
//!   in Python.
//! - Only the C library's version is cached: a new host name is visible at once.

pub mod backend;
mod binary;
mod error;
pub mod mock;
pub mod native;
mod os_release;

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

pub use backend::{Backend, Kernel};
pub use error::{Error, Result};

use crate::error::errno::ENOENT;

/// A handle on a machine's properties: Python's module `platform` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Platform {
    backend: Arc<dyn Backend>,
}

/// The result of `platform.uname`. Unknown fields are empty.
///
/// <https://docs.python.org/3/library/platform.html#platform.uname>
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[doc(alias = "platform.uname_result")]
pub struct UnameResult {
    /// `"Linux"`
    #[doc(alias = "platform.uname_result.system")]
    pub system: String,
    /// The host's name.
    #[doc(alias = "platform.uname_result.node")]
    pub node: String,
    /// `"6.1.0-18-amd64"`
    #[doc(alias = "platform.uname_result.release")]
    pub release: String,
    /// `"#1 SMP .."`
    #[doc(alias = "platform.uname_result.version")]
    pub version: String,
    /// `"x86_64"`
    #[doc(alias = "platform.uname_result.machine")]
    pub machine: String,
    /// Empty on most Linux systems.
    #[doc(alias = "platform.uname_result.processor")]
    pub processor: String,
}

/// The keyword arguments of [`Platform::platform_with`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct PlatformOptions {
    aliased: bool,
    terse: bool,
}

impl PlatformOptions {
    /// Python's defaults: neither.
    pub fn new() -> PlatformOptions {
        PlatformOptions::default()
    }

    /// Sets whether systems have their common names: `Solaris` for `SunOS`. Default: no.
    pub fn aliased(self, aliased: bool) -> PlatformOptions {
        PlatformOptions { aliased, ..self }
    }

    /// Sets whether only what is needed to tell systems apart is there. Default: no.
    pub fn terse(self, terse: bool) -> PlatformOptions {
        PlatformOptions { terse, ..self }
    }
}

impl Platform {
    /// A handle on this machine.
    pub fn native() -> Platform {
        Platform::new(Arc::new(native::Native))
    }

    /// A handle on any backend.
    pub fn new(backend: Arc<dyn Backend>) -> Platform {
        Platform { backend }
    }

    /// The backend, for code that wraps it.
    pub fn backend(&self) -> &Arc<dyn Backend> {
        &self.backend
    }

    /// Returns all properties; runs `uname -p` for the processor.
    ///
    /// <https://docs.python.org/3/library/platform.html#platform.uname>
    #[doc(alias = "platform.uname")]
    pub fn uname(&self) -> UnameResult {
        let Kernel { system, node, release, version, machine } = self.kernel();
        UnameResult { system, node, release, version, machine, processor: self.processor() }
    }

    /// The kernel's name: `"Linux"`. <https://docs.python.org/3/library/platform.html#platform.system>
    #[doc(alias = "platform.system")]
    pub fn system(&self) -> String {
        self.kernel().system
    }

    /// Returns the host name, possibly with its domain.
    /// <https://docs.python.org/3/library/platform.html#platform.node>
    #[doc(alias = "platform.node")]
    pub fn node(&self) -> String {
        self.kernel().node
    }

    /// The kernel's release: `"6.1.0-18-amd64"`.
    #[doc(alias = "platform.release")]
    pub fn release(&self) -> String {
        self.kernel().release
    }

    /// The kernel's build: `"#1 SMP .."`.
    #[doc(alias = "platform.version")]
    pub fn version(&self) -> String {
        self.kernel().version
    }

    /// The machine type: `"x86_64"`.
    #[doc(alias = "platform.machine")]
    pub fn machine(&self) -> String {
        self.kernel().machine
    }

    /// Returns the output of `uname -p`; empty if unknown, as on most Linux systems, or if the
    /// program does not exist.
    ///
    /// <https://docs.python.org/3/library/platform.html#platform.processor>
    #[doc(alias = "platform.processor")]
    pub fn processor(&self) -> String {
        self.backend.processor().map_or_else(|_| String::new(), |text| known(text.trim().to_owned()))
    }

    /// All in one line: `"Linux-6.1.0-18-amd64-x86_64-with-glibc2.36"`.
    ///
    /// <https://docs.python.org/3/library/platform.html#platform.platform>
    #[doc(alias = "platform.platform")]
    pub fn platform(&self) -> String {
        self.platform_with(PlatformOptions::new())
    }

    /// The same, with options. On Linux neither of them changes anything.
    ///
    /// <https://docs.python.org/3/library/platform.html#platform.platform>
    pub fn platform_with(&self, options: PlatformOptions) -> String {
        let PlatformOptions { aliased, terse } = options;
        let UnameResult { system, release, version, machine, processor, .. } = self.uname();
        let processor = if processor == machine { String::new() } else { processor };
        let (system, release, _) = if aliased { system_alias(&system, &release, &version) } else { (system, release, version) };
        if system == "Linux" {
            let (lib, version) = self.libc_ver(None).unwrap_or_default();
            return joined(&[&system, &release, &machine, &processor, "with", &format!("{lib}{version}")]);
        }
        if terse {
            return joined(&[&system, &release]);
        }
        let (bits, linkage) = self.architecture(None);
        joined(&[&system, &release, &machine, &processor, &bits, &linkage])
    }

    /// Returns other names for some systems: (system, release, version). Only SunOS has some.
    ///
    /// <https://docs.python.org/3/library/platform.html#platform.system_alias>
    #[doc(alias = "platform.system_alias")]
    pub fn system_alias(&self, system: &str, release: &str, version: &str) -> (String, String, String) {
        system_alias(system, release, version)
    }

    /// Returns word size and format of a program: `("64bit", "ELF")`; `None` is the running one. If
    /// they cannot be determined, the word size of this build and an empty format.
    ///
    /// <https://docs.python.org/3/library/platform.html#platform.architecture>
    #[doc(alias = "platform.architecture")]
    pub fn architecture<'p>(&self, executable: impl Into<Option<&'p Path>>) -> (String, String) {
        let binary = match executable.into() {
            Some(path) => self.backend.read(path),
            None => self.backend.executable().and_then(|path| self.backend.read(&path)),
        };
        let (bits, linkage) = match binary.ok().as_deref().and_then(binary::architecture) {
            Some((bits, linkage)) => (bits.to_owned(), linkage),
            None => (format!("{}bit", usize::BITS), ""),
        };
        (bits, linkage.to_owned())
    }

    /// Returns name and version of the C library: `("glibc", "2.36")`. `None` is the library of the
    /// running program; for a path, the minimum version that the program needs. Both are empty for
    /// a static program, unless [`LibcVer`] sets defaults.
    ///
    /// <https://docs.python.org/3/library/platform.html#platform.libc_ver>
    #[doc(alias = "platform.libc_ver")]
    pub fn libc_ver<'p>(&self, program: impl Into<LibcVer<'p>>) -> Result<(String, String)> {
        let LibcVer { executable, lib, version } = program.into();
        let path = match executable {
            Some(path) => path.to_path_buf(),
            None => match self.backend.libc() {
                Some(libc) => return Ok(libc),
                None => self
                    .backend
                    .executable()
                    .map_err(|source| Error::Os { operation: "find the running program".into(), source })?,
            },
        };
        let binary = self.backend.read(&path).map_err(|error| Error::reading(&path, error))?;
        Ok(binary::libc_ver(&binary, lib, version))
    }

    /// Returns the distribution's os-release. `NAME`, `ID` and `PRETTY_NAME` always exist; the rest
    /// is as in the file. Fails if there is no such file.
    ///
    /// <https://docs.python.org/3/library/platform.html#platform.freedesktop_os_release>
    #[doc(alias = "platform.freedesktop_os_release")]
    pub fn freedesktop_os_release(&self) -> Result<BTreeMap<String, String>> {
        let mut failed = None;
        for path in ["/etc/os-release", "/usr/lib/os-release"] {
            match self.backend.read(Path::new(path)) {
                Ok(bytes) => return Ok(os_release::parse(&String::from_utf8_lossy(&bytes))),
                Err(error) => failed = Some((path, error)),
            }
        }
        match failed {
            Some((path, source)) => Err(Error::reading(path, source)),
            None => Ok(BTreeMap::new()),
        }
    }

    /// Returns the version of `python3` in the PATH: `"3.11.7"`; `None` if there is none.
    #[doc(alias = "platform.python_version")]
    pub fn python_version(&self) -> Result<Option<String>> {
        match self.backend.python() {
            Ok(text) => Ok(text.trim().strip_prefix("Python ").map(str::to_owned)),
            Err(error) if error.raw_os_error() == Some(ENOENT) => Ok(None),
            Err(source) => Err(Error::Os { operation: "run python3 --version".into(), source }),
        }
    }

    /// Like [`Platform::python_version`], as (major, minor, patch level): `("3", "11", "7")`.
    #[doc(alias = "platform.python_version_tuple")]
    pub fn python_version_tuple(&self) -> Result<Option<(String, String, String)>> {
        Ok(self.python_version()?.map(|version| {
            let mut parts = version.splitn(3, '.').map(str::to_owned);
            let mut next = || parts.next().unwrap_or_else(|| "0".into());
            (next(), next(), next())
        }))
    }

    /// The implementation that runs the script: `"leyden"`.
    #[doc(alias = "platform.python_implementation")]
    pub fn implementation(&self) -> &'static str {
        env!("CARGO_PKG_NAME")
    }

    /// The compiler of this build: `"rustc 1.95.0 (59807616e 2026-04-14)"`; `None` if unknown.
    #[doc(alias = "platform.python_compiler")]
    pub fn rust_version(&self) -> Option<&'static str> {
        option_env!("LEYDEN_RUSTC")
    }

    fn kernel(&self) -> Kernel {
        let Kernel { system, node, release, version, machine } = self.backend.uname();
        Kernel {
            system: known(system),
            node: known(node),
            release: known(release),
            version: known(version),
            machine: known(machine),
        }
    }
}

/// `"unknown"` means empty.
fn known(text: String) -> String {
    if text == "unknown" { String::new() } else { text }
}

/// The argument of [`Platform::libc_ver`]: a program's path (`None` for the running one), alone or
/// with defaults.
#[derive(Clone, Copy, Debug, Default)]
pub struct LibcVer<'p> {
    executable: Option<&'p Path>,
    lib: &'p str,
    version: &'p str,
}

impl<'p> LibcVer<'p> {
    /// Uses the running program.
    pub fn new() -> LibcVer<'p> {
        LibcVer::default()
    }

    /// Uses this program.
    #[must_use]
    pub fn executable(self, executable: &'p Path) -> LibcVer<'p> {
        LibcVer { executable: Some(executable), ..self }
    }

    /// Sets the default name. A name found in the program replaces it, except for `glibc`. Default:
    /// empty.
    #[must_use]
    pub fn lib(self, lib: &'p str) -> LibcVer<'p> {
        LibcVer { lib, ..self }
    }

    /// Sets the default and minimum version. Default: empty.
    #[must_use]
    pub fn version(self, version: &'p str) -> LibcVer<'p> {
        LibcVer { version, ..self }
    }
}

impl<'p> From<&'p Path> for LibcVer<'p> {
    fn from(executable: &'p Path) -> LibcVer<'p> {
        LibcVer::new().executable(executable)
    }
}

impl<'p> From<Option<&'p Path>> for LibcVer<'p> {
    fn from(executable: Option<&'p Path>) -> LibcVer<'p> {
        LibcVer { executable, ..LibcVer::new() }
    }
}

fn system_alias(system: &str, release: &str, version: &str) -> (String, String, String) {
    let same = (system.to_owned(), release.to_owned(), version.to_owned());
    if matches!(system, "win32" | "win16") {
        return ("Windows".into(), same.1, same.2);
    }
    if system != "SunOS" || release < "5" {
        return same;
    }
    // Solaris numbers start at SunOS 3.
    let (major, rest) = release.split_once('.').map_or((release, None), |(major, rest)| (major, Some(rest)));
    let major = major.trim().parse::<i64>().ok().and_then(|major| major.checked_sub(3));
    let release = match (major, rest) {
        (Some(major), Some(rest)) => format!("{major}.{rest}"),
        (Some(major), None) => major.to_string(),
        (None, _) => release.to_owned(),
    };
    ("Solaris".into(), release, version.into())
}

/// Joins the parts into a word that is usable as a file name.
fn joined(parts: &[&str]) -> String {
    let parts: Vec<&str> = parts.iter().filter(|part| !part.is_empty()).map(|part| part.trim()).collect();
    let mut text: String = parts
        .join("-")
        .chars()
        .map(|c| match c {
            ' ' => '_',
            '/' | '\\' | ':' | ';' | '"' | '(' | ')' => '-',
            c => c,
        })
        .collect();
    text = text.replace("unknown", "");
    while text.contains("--") {
        text = text.replace("--", "-");
    }
    text.trim_end_matches('-').to_owned()
}
