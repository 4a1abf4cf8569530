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
//! A header of a received message is a text: Python parses `To`, `Date` and others into objects, and drops what it does not understand of them. White space around a
//! `Content-Transfer-Encoding` does not matter; encoded words next to each other in a name are one word, as in other headers. A header's name is checked as its value is, and what [`set_raw`](EmailMessage::set_raw)
//! is given may hold no other header. Parts in parts beyond 100 are left as text ([`Defect::TooDeep`]), where Python runs out of stack. Quoted-printable of
//! `set_content` has lines of 76 characters, as RFC 2045 wants them; Python's have 78.
//!
//! Boundaries follow from the message and are looked for in all that is written; Python's are random. A boundary that is invalid, or is a line of a part, is replaced. The check of every
//! written header for line ends and NUL is Python 3.13's `verify_generated_headers`, but writes a space where Python fails. What follows padding in base64 is decoded, and
//! [`Defect::InvalidBase64Characters`] is there after reading, not only after decoding. Text that a charset lacks is an error.
//!
//! [`decode_header`] gives plain text as UTF-8; an unknown charset is an error of [`Header`] at once. The encoders replace a `Content-Transfer-Encoding` that is there. A part of
//! [`Mime`] that is no multipart takes no parts. [`make_msgid`] asks no resolver. A date with a number beyond 32 bits is no date ([`parsedate_tz`]); Python's numbers have no end.
//!
//! # What is not there
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
