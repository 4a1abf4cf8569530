//! What can go wrong.

/// An error of the `bs4` battery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An edit that makes no sense: Python's `ValueError`.
    #[error("{0}")]
    Value(&'static str),
    /// A selector that is malformed or not supported: soupsieve's `SelectorSyntaxError`.
    #[error("invalid selector {selector:?} at character {position}: {message}")]
    SelectorSyntax {
        /// The selector.
        selector: String,
        /// Where in it, in characters from 0.
        position: usize,
        /// What is wrong.
        message: String,
    },
    /// No parser of that name: Python's `FeatureNotFound`.
    #[error("no parser named {name:?}: leyden has html5lib (html, html5) and lxml-xml (xml)")]
    #[doc(alias = "bs4.FeatureNotFound")]
    FeatureNotFound {
        /// The name that was asked for.
        name: String,
    },
    /// Markup that no parser takes: Python's `ParserRejectedMarkup`.
    #[error("the markup was rejected: {reason}")]
    #[doc(alias = "bs4.ParserRejectedMarkup")]
    ParserRejectedMarkup {
        /// Why.
        reason: String,
    },
    /// An encoding that is not known: Python's `LookupError`.
    #[error("unknown encoding: {name:?}")]
    UnknownEncoding {
        /// The name that was asked for.
        name: String,
    },
    /// Text that an encoding cannot write: Python's `UnicodeEncodeError`.
    #[error("{encoding} cannot encode character {character:?}")]
    UnicodeEncode {
        /// The encoding.
        encoding: String,
        /// The first character that it lacks.
        character: char,
    },
    /// More work or memory than is given to one document.
    #[error("{what} are beyond the limit")]
    Limit {
        /// What there is too much of.
        what: &'static str,
    },
    /// An attribute that the tag does not have: Python's `KeyError`.
    #[error("the tag has no attribute {name:?}")]
    Key {
        /// The attribute's name.
        name: String,
    },
}

impl Error {
    /// The name of the exception class of Python, bs4 or soupsieve: `"FeatureNotFound"`.
    pub fn python_name(&self) -> &'static str {
        match self {
            // bs4 has no limits, and so no name for it.
            Error::Limit { .. } => "ValueError",
            Error::Value(_) => "ValueError",
            Error::SelectorSyntax { .. } => "SelectorSyntaxError",
            Error::FeatureNotFound { .. } => "FeatureNotFound",
            Error::ParserRejectedMarkup { .. } => "ParserRejectedMarkup",
            Error::UnknownEncoding { .. } => "LookupError",
            Error::UnicodeEncode { .. } => "UnicodeEncodeError",
            Error::Key { .. } => "KeyError",
        }
    }
}

crate::error::umbrella!(Error);
