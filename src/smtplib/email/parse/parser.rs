//! [`Parser`] and [`FeedParser`]: parse messages with a policy, from files and in chunks.

use std::io::Read;

use crate::smtplib::email::Policy;
use crate::smtplib::email::message::EmailMessage;
use crate::smtplib::{Error, Result};

/// Parses messages: Python's `email.parser` classes. One type serves text and bytes, because text
/// is UTF-8 bytes.
///
/// ```
/// use leyden::smtplib::email::{Defect, Parser, Policy};
/// use leyden::smtplib::Error;
///
/// let cut = "Content-Type: multipart/mixed; boundary=b\n\n--b\n\nhalf\n";
/// assert_eq!(Parser::new(Policy::DEFAULT).parsestr(cut)?.defects, [Defect::CloseBoundaryNotFound]);
/// let strict = Parser::new(Policy::STRICT).parsestr(cut);
/// assert!(matches!(strict, Err(Error::Defect(Defect::CloseBoundaryNotFound))));
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// <https://docs.python.org/3/library/email.parser.html>
#[derive(Clone, Copy, Debug, Default)]
#[doc(alias("email.parser.Parser", "email.parser.BytesParser"))]
pub struct Parser {
    policy: Policy,
    headersonly: bool,
}

impl Parser {
    /// Creates a parser whose messages have this policy. With
    /// [`raise_on_defect`](Policy::raise_on_defect), as in [`Policy::STRICT`], a defect of a
    /// message is an error.
    pub fn new(policy: Policy) -> Parser {
        Parser { policy, headersonly: false }
    }

    /// Creates a parser that leaves the body unparsed, as text.
    #[doc(alias("email.parser.HeaderParser", "email.parser.BytesHeaderParser"))]
    pub fn headers_only(policy: Policy) -> Parser {
        Parser { policy, headersonly: true }
    }

    /// Parses a message from bytes. Does not fail without `raise_on_defect`.
    #[doc(alias("email.parser.BytesParser.parsebytes", "email.parser.BytesHeaderParser.parsebytes"))]
    pub fn parsebytes(&self, bytes: impl AsRef<[u8]>) -> Result<EmailMessage> {
        let (message, first) = super::message(bytes.as_ref(), self.policy, self.headersonly);
        match first {
            Some(defect) if self.policy.raise_on_defect => Err(Error::Defect(defect)),
            _ => Ok(message),
        }
    }

    /// Parses a message from text.
    #[doc(alias("email.parser.Parser.parsestr", "email.parser.HeaderParser.parsestr"))]
    pub fn parsestr(&self, text: &str) -> Result<EmailMessage> {
        self.parsebytes(text)
    }

    /// Parses a message from a file, read to its end.
    #[doc(alias(
        "email.parser.Parser.parse",
        "email.parser.HeaderParser.parse",
        "email.parser.BytesParser.parse",
        "email.parser.BytesHeaderParser.parse"
    ))]
    pub fn parse(&self, mut file: impl Read) -> Result<EmailMessage> {
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(|source| Error::Read { source })?;
        self.parsebytes(bytes)
    }
}

/// Parses a message that arrives in chunks of any size: Python's `FeedParser` and
/// `BytesFeedParser`. The chunks are kept, and parsed by `close`.
///
/// ```
/// use leyden::smtplib::email::{FeedParser, Policy};
///
/// let mut parser = FeedParser::new(Policy::DEFAULT);
/// parser.feed("Subj");
/// parser.feed(b"ect: hello\n\nbody\n");
/// assert_eq!(parser.close()?.get("Subject").as_deref(), Some("hello"));
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// <https://docs.python.org/3/library/email.parser.html#email.parser.FeedParser>
#[derive(Clone, Debug, Default)]
#[doc(alias("email.parser.FeedParser", "email.parser.BytesFeedParser"))]
pub struct FeedParser {
    parser: Parser,
    fed: Vec<u8>,
}

impl FeedParser {
    /// Creates a parser whose message has this policy.
    pub fn new(policy: Policy) -> FeedParser {
        FeedParser { parser: Parser::new(policy), fed: Vec::new() }
    }

    /// Adds a chunk.
    #[doc(alias("email.parser.FeedParser.feed", "email.parser.BytesFeedParser.feed"))]
    pub fn feed(&mut self, piece: impl AsRef<[u8]>) {
        self.fed.extend_from_slice(piece.as_ref());
    }

    /// Parses and returns the message. With `raise_on_defect`, a defect is an error here; Python's
    /// `feed` raises it as soon as it occurs.
    #[doc(alias = "email.parser.FeedParser.close")]
    pub fn close(self) -> Result<EmailMessage> {
        self.parser.parsebytes(self.fed)
    }
}

/// `email.message_from_bytes(bytes, policy=policy)`: does not fail unless the policy raises
/// defects.
///
/// <https://docs.python.org/3/library/email.parser.html#email.message_from_bytes>
#[doc(alias = "email.message_from_bytes")]
pub fn message_from_bytes(bytes: impl AsRef<[u8]>, policy: Policy) -> Result<EmailMessage> {
    Parser::new(policy).parsebytes(bytes)
}

/// `email.message_from_string(text, policy=policy)`
///
/// <https://docs.python.org/3/library/email.parser.html#email.message_from_string>
#[doc(alias = "email.message_from_string")]
pub fn message_from_string(text: &str, policy: Policy) -> Result<EmailMessage> {
    Parser::new(policy).parsestr(text)
}

/// `email.message_from_file(file, policy=policy)`: reads text or bytes to the end.
///
/// <https://docs.python.org/3/library/email.parser.html#email.message_from_binary_file>
#[doc(alias("email.message_from_file", "email.message_from_binary_file"))]
pub fn message_from_file(file: impl Read, policy: Policy) -> Result<EmailMessage> {
    Parser::new(policy).parse(file)
}
