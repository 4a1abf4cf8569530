//! The parts of `sys` that need no backend.

use super::Sys;

/// The limits of a float: `f64`, like Python's C double.
///
/// <https://docs.python.org/3/library/sys.html#sys.float_info>
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
#[doc(alias = "sys.float_info")]
pub struct FloatInfo {
    /// The largest value.
    #[doc(alias = "sys.float_info.max")]
    pub max: f64,
    /// The largest e with a representable `2.0 ** (e - 1)`.
    #[doc(alias = "sys.float_info.max_exp")]
    pub max_exp: i32,
    /// The largest e with a representable `10.0 ** e`.
    #[doc(alias = "sys.float_info.max_10_exp")]
    pub max_10_exp: i32,
    /// The smallest normalized positive value.
    #[doc(alias = "sys.float_info.min")]
    pub min: f64,
    /// The smallest e with a normalized `2.0 ** (e - 1)`.
    #[doc(alias = "sys.float_info.min_exp")]
    pub min_exp: i32,
    /// The smallest e with a normalized `10.0 ** e`.
    #[doc(alias = "sys.float_info.min_10_exp")]
    pub min_10_exp: i32,
    /// The number of decimal digits that survive a round trip.
    #[doc(alias = "sys.float_info.dig")]
    pub dig: u32,
    /// The binary digits of the mantissa.
    #[doc(alias = "sys.float_info.mant_dig")]
    pub mant_dig: u32,
    /// The difference between 1.0 and the next larger value.
    #[doc(alias = "sys.float_info.epsilon")]
    pub epsilon: f64,
    /// 2
    #[doc(alias = "sys.float_info.radix")]
    pub radix: u32,
    /// 1: rounds to the nearest.
    #[doc(alias = "sys.float_info.rounds")]
    pub rounds: i32,
}

/// The implementation of threads. <https://docs.python.org/3/library/sys.html#sys.thread_info>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[doc(alias = "sys.thread_info")]
pub struct ThreadInfo {
    /// `"pthread"`
    #[doc(alias = "sys.thread_info.name")]
    pub name: &'static str,
    /// The implementation of locks: `"futex"`. DIFFERENCE: Python's locks are semaphores, Rust's
    /// are not.
    #[doc(alias = "sys.thread_info.lock")]
    pub lock: Option<&'static str>,
    /// `"NPTL 2.36"`, if known.
    #[doc(alias = "sys.thread_info.version")]
    pub version: Option<String>,
}

/// A version in Python's five parts; here leyden's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
#[doc(alias = "sys.version_info")]
pub struct VersionInfo {
    /// The first number.
    #[doc(alias = "sys.version_info.major")]
    pub major: u32,
    /// The second number.
    #[doc(alias = "sys.version_info.minor")]
    pub minor: u32,
    /// The third number.
    #[doc(alias = "sys.version_info.micro")]
    pub micro: u32,
    /// `"alpha"` for a pre-release, else `"final"`.
    #[doc(alias = "sys.version_info.releaselevel")]
    pub releaselevel: &'static str,
    /// 0
    #[doc(alias = "sys.version_info.serial")]
    pub serial: u32,
}

impl Sys {
    /// `"linux"`; `"darwin"` on a Mac. <https://docs.python.org/3/library/sys.html#sys.platform>
    #[doc(alias = "sys.platform")]
    pub fn platform(&self) -> &'static str {
        if std::env::consts::OS == "macos" { "darwin" } else { std::env::consts::OS }
    }

    /// Returns `"little"` or `"big"`.
    #[doc(alias = "sys.byteorder")]
    pub fn byteorder(&self) -> &'static str {
        if cfg!(target_endian = "little") { "little" } else { "big" }
    }

    /// The largest index: `isize::MAX`.
    #[doc(alias = "sys.maxsize")]
    pub fn maxsize(&self) -> isize {
        isize::MAX
    }

    /// The highest code point: 0x10FFFF.
    #[doc(alias = "sys.maxunicode")]
    pub fn maxunicode(&self) -> u32 {
        char::MAX as u32
    }

    /// The limits of `f64`.
    pub fn float_info(&self) -> FloatInfo {
        FloatInfo {
            max: f64::MAX,
            max_exp: f64::MAX_EXP,
            max_10_exp: f64::MAX_10_EXP,
            min: f64::MIN_POSITIVE,
            min_exp: f64::MIN_EXP,
            min_10_exp: f64::MIN_10_EXP,
            dig: f64::DIGITS,
            mant_dig: f64::MANTISSA_DIGITS,
            epsilon: f64::EPSILON,
            radix: f64::RADIX,
            rounds: 1,
        }
    }

    /// `"short"`: a float is written with the fewest digits that round-trip.
    #[doc(alias = "sys.float_repr_style")]
    pub fn float_repr_style(&self) -> &'static str {
        "short"
    }

    /// `"utf-8"`
    #[doc(alias = "sys.getdefaultencoding")]
    pub fn getdefaultencoding(&self) -> &'static str {
        "utf-8"
    }

    /// `"utf-8"`. Paths are bytes in leyden and need not be in any encoding.
    #[doc(alias = "sys.getfilesystemencoding")]
    pub fn getfilesystemencoding(&self) -> &'static str {
        "utf-8"
    }

    /// `"surrogateescape"`: Python uses it for paths that are not UTF-8; here an `OsStr` holds
    /// their bytes.
    #[doc(alias = "sys.getfilesystemencodeerrors")]
    pub fn getfilesystemencodeerrors(&self) -> &'static str {
        "surrogateescape"
    }

    /// Returns the implementation of threads.
    pub fn thread_info(&self) -> ThreadInfo {
        ThreadInfo { name: "pthread", lock: Some("futex"), version: self.backend().thread_library() }
    }

    /// Returns leyden's version and the compiler's: `"0.1.0 (rustc 1.95.0 (..))"`.
    #[doc(alias = "sys.version")]
    pub fn version(&self) -> String {
        let version = env!("CARGO_PKG_VERSION");
        option_env!("LEYDEN_RUSTC").map_or(version.into(), |rustc| format!("{version} ({rustc})"))
    }

    /// Returns leyden's version in a comparable form.
    pub fn version_info(&self) -> VersionInfo {
        let number = |text: &str| text.parse().unwrap_or(0);
        let pre = env!("CARGO_PKG_VERSION_PRE");
        VersionInfo {
            major: number(env!("CARGO_PKG_VERSION_MAJOR")),
            minor: number(env!("CARGO_PKG_VERSION_MINOR")),
            micro: number(env!("CARGO_PKG_VERSION_PATCH")),
            releaselevel: if pre.is_empty() { "final" } else { "alpha" },
            serial: 0,
        }
    }

    /// Returns leyden's version as one increasing number: `0x000100f0` is 0.1.0.
    #[doc(alias = "sys.hexversion")]
    pub fn hexversion(&self) -> u32 {
        let VersionInfo { major, minor, micro, releaselevel, serial } = self.version_info();
        let level = if releaselevel == "final" { 0xf } else { 0xa };
        major << 24 | minor << 16 | micro << 8 | level << 4 | serial
    }

    /// The implementation that runs the script: `"leyden"`.
    #[doc(alias = "sys.implementation")]
    pub fn implementation(&self) -> &'static str {
        env!("CARGO_PKG_NAME")
    }
}
