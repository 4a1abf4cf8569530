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
//! Python's [email](https://docs.python.org/3/library/email.html) with `EmailMessage` and
//! `policy.default`.
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
//! | `headerregistry.Address`, `Group`, `m["To"].groups` | [`Address`], [`Group`], [`Group::parse_list`], [`Address::parse`] |
//! | `email.utils.parseaddr`, `formataddr`, `getaddresses` | [`parseaddr`], [`formataddr`], [`getaddresses`] |
//! | `email.utils.quote`, `unquote`, `encode_rfc2231`, `decode_rfc2231` | [`quote`], [`unquote`], [`encode_rfc2231`], [`decode_rfc2231`] |
//! | `email.utils.formatdate()`, `formatdate(t, localtime=True)` | [`formatdate(&time)?`](formatdate), `formatdate(FormatDate::new(&time).timeval(t).localtime(true))?` |
//! | `email.utils.make_msgid(domain=d)` | [`make_msgid(&os, &time, None, Some(d))?`](make_msgid) |
//! | `format_datetime`, `parsedate`, `parsedate_tz`, `parsedate_to_datetime`, `mktime_tz`, `localtime` | the same, a `datetime` being a [`StructTime`](crate::time::StructTime) with or without its offset |
//! | `email.utils.decode_params`, `collapse_rfc2231_value` | [`decode_params`], [`collapse_rfc2231_value`] |
//! | `email.header.Header`, `decode_header`, `make_header` | [`Header`], [`decode_header`], [`make_header`] |
//! | `BytesParser(policy=p).parse(file)`, `HeaderParser`, `FeedParser` | [`Parser::new(p).parse(file)?`](Parser), [`Parser::headers_only`], [`FeedParser`] |
//! | `message_from_bytes(b, policy=policy.strict)` | [`message_from_bytes(b, Policy::STRICT)?`](message_from_bytes) |
//! | `MIMEText("x", "html", "utf-8")`, `MIMEMultipart("related")` | [`Mime::text("x").subtype("html").charset("utf-8").build()?`](Mime), `Mime::multipart("related").build()?` |
//! | `encoders.encode_base64(m)` | [`encode_base64(&mut m)?`](encode_base64) |
//! | `m.set_payload(x)`, `m.set_charset(c)`, `m.set_type(t)`, `m.set_raw(n, v)`, `m.set_unixfrom(l)` | the same, see [`set_payload`](EmailMessage::set_payload) |
//!
//! # DIFFERENCES
//!
//! Reading:
//!
//! - A header of a received message is text. Python parses `To`, `Date` and others into objects,
//!   and drops the parts that it does not understand.
//! - White space around a `Content-Transfer-Encoding` is ignored. Adjacent encoded words in a name
//!   are joined, as in other headers.
//! - Parts nested deeper than 100 are left as text ([`Defect::TooDeep`]), where Python runs out of
//!   stack.
//! - Data after padding in base64 is decoded, and [`Defect::InvalidBase64Characters`] is reported
//!   when the message is parsed, not only when it is decoded.
//! - [`decode_header`] returns plain text as UTF-8.
//! - A date with a number beyond 32 bits is invalid ([`parsedate_tz`]); Python's numbers are
//!   unlimited.
//!
//! Writing:
//!
//! - A header's name is checked like its value, and [`set_raw`](EmailMessage::set_raw) does not
//!   accept a second header.
//! - Lines of quoted-printable from `set_content` have at most 76 characters (RFC 2045); Python's
//!   have up to 78.
//! - Boundaries are derived from the message and checked against everything that is written;
//!   Python's are random. A boundary that is invalid, or is a line of a part, is replaced.
//! - Every written header is checked for line ends and NUL, like Python 3.13's
//!   `verify_generated_headers`, but a space is written where Python fails.
//! - Text that a charset cannot encode is an error, and so is an unknown charset of a [`Header`].
//! - The encoders replace an existing `Content-Transfer-Encoding`.
//! - A part of [`Mime`] that is not a multipart does not accept parts.
//! - [`make_msgid`] does not use DNS.
//!
//! # Not implemented
//!
//! | Python | instead |
//! |---|---|
//! | the policy `compat32`, `Policy.clone(header_factory=, content_manager=, message_factory=)` | one [`EmailMessage`] and one [`Policy`]; struct update syntax |
//! | `Policy.mangle_from_`, `m.as_bytes(unixfrom=True)` | mailbox files are no mail: write `m.get_unixfrom()` and quote the lines yourself |
//! | `HeaderRegistry`, headers as objects | headers are texts: [`getaddresses`], [`parsedate_to_datetime`], [`EmailMessage::get_params`] |
//! | `Charset` of one's own (`add_charset`, `add_codec`), UTF-7, UTF-16, EBCDIC | the charsets of the web, which [`encoding_rs`](https://docs.rs/encoding_rs) has |
//! | `email.generator`, `email.iterators` | [`as_bytes_with`](EmailMessage::as_bytes_with), [`walk`](EmailMessage::walk) |
//! | the body of `x-uuencode` | as it is |

mod address;
pub(super) mod content;
mod dates;
mod header;
pub(super) mod message;
mod parse;
mod policy;
mod utils;

pub use address::addrlist::{GetAddresses, ParseAddr, getaddresses, parseaddr};
pub use address::{Address, Group, formataddr};
pub use content::charset::{Charset, Encoding};
pub use content::encoders::{encode_7or8bit, encode_base64, encode_noop, encode_quopri};
pub use content::{Content, Cte, Payload};
pub use dates::{
    FormatDate, format_datetime, formatdate, localtime, make_msgid, mktime_tz, parsedate, parsedate_to_datetime, parsedate_tz,
};
pub use header::encoded_header::{Header, decode_header, make_header};
pub use header::params::{ParamValue, collapse_rfc2231_value, decode_params, decode_rfc2231, encode_rfc2231};
pub use message::EmailMessage;
pub use message::mime::{Encoder, Mime};
pub use message::raw::RawPayload;
pub use parse::Defect;
pub use parse::parser::{FeedParser, Parser, message_from_bytes, message_from_file, message_from_string};
pub use policy::{Policy, Refold};
pub use utils::{quote, unquote};
