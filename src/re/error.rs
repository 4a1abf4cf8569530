//! The errors of patterns, templates and searches.

/// The errors of [`re`](mod@crate::re).
#[non_exhaustive]
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// An invalid pattern or template: Python's `re.error`.
    #[error(transparent)]
    #[doc(alias = "re.error")]
    Pattern(#[from] Box<PatternError>),
    /// Flags that exclude one another or do not fit the kind of pattern: Python's `ValueError`.
    #[error("{message}")]
    Flags {
        /// Python's message.
        message: &'static str,
    },
    /// A template refers to a group that the pattern does not have: Python's `IndexError`.
    #[error("unknown group name {}", super::unicode::repr(&name.chars().collect::<Vec<_>>()))]
    UnknownGroup {
        /// The name.
        name: String,
    },
    /// A repetition number that Python rejects with `OverflowError`.
    #[error("the repetition number is too large")]
    RepetitionOverflow,
    /// The pattern exceeds a size limit of leyden.
    #[error("the pattern has {what} beyond the limit of {limit}")]
    TooLarge {
        /// The limited quantity.
        what: &'static str,
        /// The limit.
        limit: usize,
    },
    /// A construct that leyden does not support; the module's docs list them.
    #[error("not supported in a pattern: {what}")]
    Unsupported {
        /// The construct.
        what: &'static str,
    },
    /// The backtracking engine exhausted its step budget in one search.
    #[error("the search took more than {limit} steps of backtracking")]
    BacktrackLimit {
        /// The budget; [`Source::backtrack_limit`](super::Source::backtrack_limit) sets it.
        limit: u64,
    },
    /// The regex crate cannot express the pattern: see `Pattern::to_regex`, which is there with the feature `regex`.
    #[error("the regex crate has no equivalent of {construct}")]
    NoRegex {
        /// The first construct of the pattern that it lacks.
        construct: &'static str,
    },
    /// The type of `findall`'s result does not fit the number of groups in the pattern.
    #[error("the pattern gives {found} texts a match, not {wanted}")]
    Shape {
        /// The number of texts per match that the pattern gives.
        found: usize,
        /// The number that the caller's type needs.
        wanted: usize,
    },
}

/// The result of the functions of this module.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The position and cause of an error in a pattern or a template. All numbers are Python's: they
/// count characters, not bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PatternError {
    /// Python's message, without the position.
    #[doc(alias = "re.error.msg")]
    pub msg: String,
    /// The pattern or template. A bytes pattern is shown as Latin-1.
    #[doc(alias = "re.error.pattern")]
    pub pattern: String,
    /// The index of the character where parsing failed, from 0; `None` where Python has none.
    #[doc(alias = "re.error.pos")]
    pub pos: Option<usize>,
    /// The line of `pos`, from 1.
    #[doc(alias = "re.error.lineno")]
    pub lineno: Option<usize>,
    /// The column of `pos` in its line, from 1.
    #[doc(alias = "re.error.colno")]
    pub colno: Option<usize>,
}

impl PatternError {
    pub(super) fn new(msg: String, pattern: &[char], pos: Option<usize>) -> PatternError {
        let before = pos.map(|pos| &pattern[..pos.min(pattern.len())]);
        PatternError {
            msg,
            pattern: pattern.iter().collect(),
            pos,
            lineno: before.map(|before| before.iter().filter(|&&c| c == '\n').count() + 1),
            colno: before
                .map(|before| before.len() - before.iter().rposition(|&c| c == '\n').map_or(0, |newline| newline + 1) + 1),
        }
    }
}

impl std::fmt::Display for PatternError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "bad pattern {:?}: {}", self.pattern, self.msg)?;
        if let Some(pos) = self.pos {
            write!(f, " at position {pos}")?;
        }
        if let (Some(lineno), Some(colno), true) = (self.lineno, self.colno, self.pattern.contains('\n')) {
            write!(f, " (line {lineno}, column {colno})")?;
        }
        Ok(())
    }
}

impl std::error::Error for PatternError {}

impl Error {
    /// Returns the name of Python's exception class: `re.error` is `"error"`. For errors that
    /// Python does not have, the nearest class.
    pub fn python_name(&self) -> &'static str {
        match self {
            Error::Pattern(_) => "error",
            Error::Flags { .. } | Error::Shape { .. } => "ValueError",
            Error::UnknownGroup { .. } => "IndexError",
            Error::RepetitionOverflow => "OverflowError",
            Error::TooLarge { .. } | Error::BacktrackLimit { .. } => "RuntimeError",
            Error::Unsupported { .. } | Error::NoRegex { .. } => "NotImplementedError",
        }
    }

    /// Returns message, position, line and column, for an error in a pattern or template.
    pub fn pattern(&self) -> Option<&PatternError> {
        match self {
            Error::Pattern(error) => Some(error),
            _ => None,
        }
    }
}

crate::error::umbrella!(Error);
