//! `smtplib` for code that uses [`lettre`](https://docs.rs/lettre). With the feature `lettre`.
//!
//! ```
//! use leyden::prelude::*;
//! use lettre::{Message, Transport};
//!
//! let world = World::new();
//! let mailer = world.batteries().smtplib.smtp("mail.example.com", 587).pool().starttls();
//! let email = Message::builder().from("Ann <ann@example.com>".parse()?).to("bob@example.org".parse()?).body("hello".to_owned())?;
//! mailer.send(&email)?;
//! assert_eq!(world.smtplib.outbox()[0].rcpt_to, ["bob@example.org"]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! | lettre | leyden |
//! |---|---|
//! | `SmtpTransport`, a [`Transport`] and an [`AsyncTransport`] | [`Pool`], which is both |
//! | `SmtpConnection` | [`Smtp`], which is both; its own `send` hides the traits': write `Transport::send(&smtp, &email)` |
//! | any transport: `SendmailTransport`, `FileTransport`, one of your own | [`LettreBackend`], a backend of `smtplib` |
//! | [`Message`] | `EmailMessage::from(&message)`, `Message::try_from(&email)?` |
//! | [`Envelope`] | `Envelope::try_from(&email)?`, for [`Transport::send_raw`] |
//!
//! # The transports
//!
//! - A refused recipient is an error, as in lettre: [`Error::SomeRecipientsRefused`]. The others have got the mail, where lettre sends it to none.
//! - Bare CR and LF become CRLF before dots are quoted, so a message cannot end early. A 0.11.23 of lettre does not quote a dot behind a bare LF.
//! - The budget of a verb ([`Connect::timeout`](super::Connect::timeout)) ends an asynchronous call, too. lettre's asynchronous transport has no deadline once it is connected.
//! - A message with bytes above 127 goes out as it is, with `BODY=8BITMIME` where the server offers it. `SMTPUTF8` is asked for if an address needs it.
//!
//! # The messages
//!
//! DIFFERENCE: `Message` has one header of a name, so that a message with several of one (`Received`) is an error. lettre adds a `Date` to one that
//! has none, and a `Content-Transfer-Encoding`. `Bcc` is in the envelope alone. Bodies and headers are those of
//! [`EmailMessage::as_bytes_with`] with seven bits, byte for byte.

mod backend;

use std::collections::BTreeSet;

use ::lettre::address::{Address, Envelope};
use ::lettre::message::Body;
use ::lettre::message::header::{ContentTransferEncoding, HeaderName, HeaderValue};
use ::lettre::{AsyncTransport, Message, Transport};
use async_trait::async_trait;

pub use backend::LettreBackend;

use super::email::{EmailMessage, Policy};
use super::{Error, Pool, Result, Smtp, envelope};
use crate::Wait;

/// The sender, the recipients, and the options of MAIL that they need.
fn ends(envelope: &Envelope) -> (String, Vec<String>, Vec<&'static str>) {
    let from = envelope.from().map(ToString::to_string).unwrap_or_default();
    let to: Vec<String> = envelope.to().iter().map(ToString::to_string).collect();
    let international = !from.is_ascii() || to.iter().any(|address| !address.is_ascii());
    (from, to, if international { vec!["SMTPUTF8"] } else { Vec::new() })
}

macro_rules! transport {
    ($($handle:ty, |$this:ident| $shutdown:expr;)*) => {
        $(
            impl Transport for $handle {
                type Ok = ();
                type Error = Error;

                fn send_raw(&self, envelope: &Envelope, email: &[u8]) -> Result<()> {
                    let (from, to, options) = ends(envelope);
                    self.sendmail(from, to, email).mail_options(options).wait()?.check()
                }

                fn shutdown(&self) {
                    let $this = self;
                    async { $shutdown }.wait();
                }
            }

            #[async_trait]
            impl AsyncTransport for $handle {
                type Ok = ();
                type Error = Error;

                async fn send_raw(&self, envelope: &Envelope, email: &[u8]) -> Result<()> {
                    let (from, to, options) = ends(envelope);
                    self.sendmail(from, to, email).mail_options(options).await?.check()
                }

                async fn shutdown(&self) {
                    let $this = self;
                    $shutdown;
                }
            }
        )*
    };
}

transport! {
    // What the server answers to QUIT changes nothing: the connection is closed.
    Smtp, |smtp| drop(smtp.quit().await);
    Pool, |pool| pool.close();
}

impl From<&Message> for EmailMessage {
    /// The message that lettre writes, read. Its envelope is not in it: recipients in `Bcc` are lost.
    fn from(message: &Message) -> EmailMessage {
        EmailMessage::from_bytes(message.formatted())
    }
}

impl TryFrom<&EmailMessage> for Envelope {
    type Error = Error;

    /// The sender and the recipients that [`Smtp::send_message`] would take from the headers.
    ///
    /// [`Error::Value`] for headers that are not lists of addresses, without sender or recipients, and for an address that lettre does not take.
    fn try_from(message: &EmailMessage) -> Result<Envelope> {
        let envelope::Envelope { from, to } = envelope::envelope(message).map_err(Error::Value)?;
        let to = to.map_err(Error::Value)?.iter().map(|to| address(to)).collect::<Result<_>>()?;
        new_envelope(Some(address(&from.map_err(Error::Value)?)?), to)
    }
}

fn new_envelope(from: Option<Address>, to: Vec<Address>) -> Result<Envelope> {
    Envelope::new(from, to).map_err(|error| Error::Value(error.to_string()))
}

fn address(text: &str) -> Result<Address> {
    text.parse().map_err(|error| Error::Value(format!("{text:?} is not an address for lettre: {error}")))
}

impl TryFrom<&EmailMessage> for Message {
    type Error = Error;

    /// The message with seven bits, and its envelope. [`Error::Value`] for what lettre's `Message` cannot hold: see the docs of the module.
    fn try_from(message: &EmailMessage) -> Result<Message> {
        let envelope = Envelope::try_from(message)?;
        let (_, _, options) = ends(&envelope);
        let policy = if !options.is_empty() { Policy::SMTPUTF8 } else { Policy { eight_bit: false, ..Policy::SMTP } };
        let text = message.as_bytes_with(policy);
        let (head, body) = match memchr::memmem::find(&text, b"\r\n\r\n") {
            Some(at) => (&text[..at], &text[at + 4..]),
            None => (&text[..], &b""[..]),
        };
        let head = std::str::from_utf8(head).map_err(|_| Error::Value("a header is not valid UTF-8".into()))?;
        let mut builder = Message::builder().envelope(envelope);
        let mut names = BTreeSet::new();
        let mut encoding = ContentTransferEncoding::SevenBit;
        for field in fields(head) {
            let (name, value) = field.split_once(':').unwrap_or((field, ""));
            let value = value.strip_prefix(' ').unwrap_or(value);
            let known = name.to_ascii_lowercase();
            match known.as_str() {
                "bcc" | "resent-bcc" => continue,
                "content-transfer-encoding" => encoding = transfer_encoding(value)?,
                _ => {}
            }
            if !names.insert(known) {
                return Err(Error::Value(format!("lettre's Message has one header {name}, and this message several")));
            }
            let header = HeaderName::new_from_ascii(name.to_owned())
                .map_err(|_| Error::Value(format!("{name:?} is not a header name for lettre")))?;
            let decoded = message.get(name).unwrap_or_default();
            builder = builder.raw_header(HeaderValue::dangerous_new_pre_encoded(header, decoded, value.to_owned()));
        }
        let body = Body::dangerous_pre_encoded(body.to_vec(), encoding);
        builder.body(body).map_err(|error| Error::Value(error.to_string()))
    }
}

/// The header fields, each with the lines that continue it.
fn fields(head: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let (mut start, mut from) = (0, 0);
    while let Some(end) = head[from..].find("\r\n") {
        let next = from + end + 2;
        if !head[next..].starts_with([' ', '\t']) {
            fields.push(&head[start..next - 2]);
            start = next;
        }
        from = next;
    }
    fields.push(&head[start..]);
    fields.retain(|field| !field.is_empty());
    fields
}

fn transfer_encoding(value: &str) -> Result<ContentTransferEncoding> {
    Ok(match value.trim().to_ascii_lowercase().as_str() {
        "7bit" => ContentTransferEncoding::SevenBit,
        "8bit" => ContentTransferEncoding::EightBit,
        "quoted-printable" => ContentTransferEncoding::QuotedPrintable,
        "base64" => ContentTransferEncoding::Base64,
        "binary" => ContentTransferEncoding::Binary,
        _ => return Err(Error::Value(format!("lettre has no transfer encoding {value:?}"))),
    })
}
