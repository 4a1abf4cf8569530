//! The flags of a pattern.

use std::fmt;
use std::ops::{BitAnd, BitOr, BitOrAssign, Not};

/// Flags of a pattern, as bits: `re::I | re::M`. The numbers are Python's.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default)]
#[doc(alias("re.RegexFlag", "re.syntax.global_flags", "re.syntax.scoped_flags"))]
pub struct Flags(pub(super) u16);

/// No flags: the default.
#[doc(alias = "re.NOFLAG")]
pub const NOFLAG: Flags = Flags(0);
/// Ignores case: with Unicode's simple case folding in a `str` pattern, otherwise in ASCII.
#[doc(alias("re.I", "re.IGNORECASE"))]
pub const I: Flags = Flags(2);
/// The long name of [`I`].
pub const IGNORECASE: Flags = I;
/// `^` and `$` also match at the start and end of each line.
#[doc(alias("re.M", "re.MULTILINE"))]
pub const M: Flags = Flags(8);
/// The long name of [`M`].
pub const MULTILINE: Flags = M;
/// The dot also matches a newline.
#[doc(alias("re.S", "re.DOTALL"))]
pub const S: Flags = Flags(16);
/// The long name of [`S`].
pub const DOTALL: Flags = S;
/// Unicode meanings of `\w`, `\d`, `\s` and `\b`: the default in a `str` pattern.
#[doc(alias("re.U", "re.UNICODE"))]
pub const U: Flags = Flags(32);
/// The long name of [`U`].
pub const UNICODE: Flags = U;
/// Whitespace and `# comments` in the pattern are ignored.
#[doc(alias("re.X", "re.VERBOSE"))]
pub const X: Flags = Flags(64);
/// The long name of [`X`].
pub const VERBOSE: Flags = X;
/// Restricts `\w`, `\d`, `\s`, `\b` and case to ASCII.
#[doc(alias("re.A", "re.ASCII"))]
pub const A: Flags = Flags(256);
/// The long name of [`A`].
pub const ASCII: Flags = A;

/// The flags that exclude one another: ASCII, LOCALE, UNICODE.
pub(super) const TYPE: Flags = Flags(256 | 4 | 32);

impl Flags {
    /// Python's number: `re.I.value`.
    pub fn bits(self) -> u16 {
        self.0
    }

    /// Returns true if all bits of `other` are set.
    pub fn contains(self, other: Flags) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) fn intersects(self, other: Flags) -> bool {
        self.0 & other.0 != 0
    }
}

impl BitOr for Flags {
    type Output = Flags;
    fn bitor(self, other: Flags) -> Flags {
        Flags(self.0 | other.0)
    }
}

impl BitOrAssign for Flags {
    fn bitor_assign(&mut self, other: Flags) {
        self.0 |= other.0;
    }
}

impl BitAnd for Flags {
    type Output = Flags;
    fn bitand(self, other: Flags) -> Flags {
        Flags(self.0 & other.0)
    }
}

impl Not for Flags {
    type Output = Flags;
    fn not(self) -> Flags {
        Flags(!self.0)
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = [(A, "A"), (I, "I"), (M, "M"), (S, "S"), (U, "U"), (X, "X")];
        let set: Vec<_> = names.iter().filter(|(flag, _)| self.contains(*flag)).map(|(_, name)| format!("re::{name}")).collect();
        f.write_str(if set.is_empty() { "re::NOFLAG".into() } else { set.join(" | ") }.as_str())
    }
}
