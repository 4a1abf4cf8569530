//! The errors of `bs4`.

/// An error of the `bs4` battery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An invalid edit: Python's `ValueError`.
    #[error("{0}")]
    Value(&'static str),
    /// A selector that is malformed or not supported: soupsieve's `SelectorSyntaxError`.
    #[error("invalid selector {selector:?} at character {position}: {message}")]
    SelectorSyntax {
        /// The selector.
        selector: String,
        /// The position in characters, from 0.
        position: usize,
        /// The problem.
        message: String,
    },
    /// Unknown parser: Python's `FeatureNotFound`.
    #[error("no parser named {name:?}: leyden has html5lib (html, html5) and lxml-xml (xml)")]
    #[doc(alias = "bs4.FeatureNotFound")]
    FeatureNotFound {
        /// The requested name.
        name: String,
    },
    /// Markup that no parser accepts: Python's `ParserRejectedMarkup`.
    #[error("the markup was rejected: {reason}")]
    #[doc(alias = "bs4.ParserRejectedMarkup")]
    ParserRejectedMarkup {
        /// The reason.
        reason: String,
    },
    /// Unknown encoding: Python's `LookupError`.
    #[error("unknown encoding: {name:?}")]
    UnknownEncoding {
        /// The requested name.
        name: String,
    },
    /// Text that the encoding cannot represent: Python's `UnicodeEncodeError`.
    #[error("{encoding} cannot encode character {character:?}")]
    UnicodeEncode {
        /// The encoding.
        encoding: String,
        /// The first such character.
        character: char,
    },
    /// A limit of time or memory for one document was exceeded.
    #[error("{what} exceed the limit")]
    Limit {
        /// The limited quantity.
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
    /// Returns the name of the exception class of Python, bs4 or soupsieve: `"FeatureNotFound"`.
    pub fn python_name(&self) -> &'static str {
        match self {
            // bs4 has no limits, so it has no class for this.
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
