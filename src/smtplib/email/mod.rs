//! `email`: composing and reading mail.
//!
//! ```
//! use leyden::smtplib::email::{Content, EmailMessage};
//!
//! let mut message = EmailMessage::new();
//! message.set("From", "Ann <ann@example.com>")?.set("To", "bob@example.org")?.set("Subject", "Grüße")?;
//! message.set_content("Hello, Bob.\n")?;
//! message.add_alternative(Content::html("<p>Hello, <b>Bob</b>.</p>\n"))?;
//! message.add_attachment(Content::file("data.csv", "a,b\n1,2\n"))?;
//!
//! let read = EmailMessage::from_bytes(&message.as_bytes());
//! assert_eq!(read.get("Subject").as_deref(), Some("Grüße"));
//! assert_eq!(read.get_body(["plain"]).unwrap().get_text()?, "Hello, Bob.\n");
//! assert_eq!(read.iter_attachments().next().unwrap().get_filename().as_deref(), Some("data.csv"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Python's [email](https://docs.python.org/3/library/email.html) as `EmailMessage` and `policy.default` have it.
//!
//! | Python | leyden |
//! |---|---|
//! | `m["Subject"] = "x"`, `del m["Subject"]` | [`m.set("Subject", "x")?`](EmailMessage::set), `m.remove("Subject")`; [`replace`](EmailMessage::replace) does both |
//! | `m["Subject"]`, `m.get_all("Received")` | `m.get("Subject")`, an `Option`, decoded; `m.get_all("Received")` |
//! | `m.set_content(text)`, `m.set_content(html, subtype="html")` | `m.set_content(text)?`, [`m.set_content(Content::html(html))?`](Content::html) |
//! | `m.add_attachment(data, maintype=a, subtype=b, filename=f)` | [`m.add_attachment(Content::bytes(data, a, b).filename(f))?`](EmailMessage::add_attachment) |
//! | - | [`Content::file(name, data)`](Content::file), the type by the name |
//! | `m.add_related(png, "image", "png", cid=c)` | `m.add_related(Content::bytes(png, "image", "png").cid(c))?` |
//! | `m.get_body(("plain", "html"))`, `m.iter_attachments()`, `m.walk()` | `m.get_body(["plain", "html"])`, `m.iter_attachments()`, `m.walk()` |
//! | `part.get_content()` | [`part.get_content()?`](EmailMessage::get_content), a [`Payload`]; [`get_text`](EmailMessage::get_text) where it is a text |
//! | `part.get_payload(decode=True)` | `part.get_payload()` |
//! | `m.as_bytes()`, `m.as_bytes(policy=policy.SMTP)` | `m.as_bytes()`, [`m.as_bytes_with(Policy::SMTP)`](EmailMessage::as_bytes_with) |
//! | `message_from_bytes(b, policy=policy.default)` | [`EmailMessage::from_bytes(b)`](EmailMessage::from_bytes) |
//! | `m.defects` | `m.defects`, of [`Defect`]; a message is never an error |
//! | `headerregistry.Address`, `Group` | [`Address`], [`Group`] |
//! | `email.utils.parseaddr`, `formataddr`, `getaddresses` | [`parseaddr`], [`formataddr`], [`getaddresses`] |
//! | `email.utils.quote`, `unquote`, `encode_rfc2231`, `decode_rfc2231` | [`quote`], [`unquote`], [`encode_rfc2231`], [`decode_rfc2231`] |
//! | `email.header.decode_header` | [`decode_header`] |
//!
//! # DIFFERENCES
//!
//! A header of a received message is a text: Python parses `To`, `Date` and others into objects. A header's name is checked as its value is. Parts in parts beyond 100 are left
//! as text ([`Defect::TooDeep`]), where Python runs out of stack.
//!
//! # What is not there
//!
//! The dates and identifiers of `email.utils` (`formatdate`, `parsedate`, `format_datetime`, `make_msgid`, ...), `email.header.Header` and `make_header`, `FeedParser` and the parsers of
//! files, the policies `strict` and `compat32`, the older `email.mime` classes, `email.encoders`, and what edits a body behind the content manager's back: `set_payload`, `set_type`,
//! `set_charset`, `set_raw`, `set_unixfrom`.

mod address;
mod content;
mod content_type;
mod encode;
mod generate;
mod header;
mod message;
mod multipart;
mod params;
mod parse;
mod utils;

pub use address::{Address, Group, formataddr, getaddresses, parseaddr};
pub use content::{Content, Cte, Payload};
pub use header::decode_header;
pub use message::EmailMessage;
pub use params::{decode_rfc2231, encode_rfc2231};
pub use parse::Defect;
pub use utils::{quote, unquote};

/// How a message is written: Python's `email.policy.EmailPolicy`.
///
/// <https://docs.python.org/3/library/email.policy.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[doc(alias("email.policy.EmailPolicy"))]
pub struct Policy {
    /// The line end: `"\n"`, or `"\r\n"` on the wire.
    pub linesep: &'static str,
    /// Header lines are folded at so many characters. 0: never.
    pub max_line_length: usize,
    /// Headers may hold UTF-8 as it is (RFC 6532), for servers that offer SMTPUTF8.
    pub utf8: bool,
    /// Bodies may hold bytes above 127: else they are encoded.
    pub eight_bit: bool,
}

impl Policy {
    /// `email.policy.default`: lines end with `\n`.
    #[doc(alias = "email.policy.default")]
    pub const DEFAULT: Policy = Policy { linesep: "\n", max_line_length: 78, utf8: false, eight_bit: true };
    /// `email.policy.SMTP`: lines end with `\r\n`.
    #[doc(alias = "email.policy.SMTP")]
    pub const SMTP: Policy = Policy { linesep: "\r\n", ..Policy::DEFAULT };
    /// `email.policy.SMTPUTF8`: and headers are UTF-8.
    #[doc(alias = "email.policy.SMTPUTF8")]
    pub const SMTPUTF8: Policy = Policy { utf8: true, ..Policy::SMTP };
    /// `email.policy.HTTP`: lines end with `\r\n` and are as long as they are.
    #[doc(alias = "email.policy.HTTP")]
    pub const HTTP: Policy = Policy { max_line_length: 0, ..Policy::SMTP };
}

impl Default for Policy {
    fn default() -> Policy {
        Policy::DEFAULT
    }
}
