//! `email.encoders`: encode the body of a message and set `Content-Transfer-Encoding`.
//!
//! DIFFERENCE: the header is replaced. Python adds a second one, and readers may use the wrong one.

use super::Cte;
use super::encode::quoted_printable_all;
use crate::smtplib::email::message::{Body, EmailMessage};
use crate::smtplib::{Error, Result};

fn payload(message: &EmailMessage) -> Result<Vec<u8>> {
    let payload = message.get_payload().map(std::borrow::Cow::into_owned);
    payload.ok_or_else(|| Error::Value("a message of parts has no body to encode".into()))
}

fn say(message: &mut EmailMessage, cte: Cte) -> Result<()> {
    message.replace("Content-Transfer-Encoding", cte.as_str()).map(|_| ())
}

/// Encodes the body as base64.
#[doc(alias = "email.encoders.encode_base64")]
pub fn encode_base64(message: &mut EmailMessage) -> Result<()> {
    message.body = Body::ToBase64(std::sync::Arc::new(payload(message)?));
    say(message, Cte::Base64)
}

/// Encodes the body as quoted-printable, spaces and tabs included.
#[doc(alias = "email.encoders.encode_quopri")]
pub fn encode_quopri(message: &mut EmailMessage) -> Result<()> {
    message.body = Body::Encoded(quoted_printable_all(&payload(message)?));
    say(message, Cte::QuotedPrintable)
}

/// Leaves the body unchanged, and sets `7bit`, or `8bit` if there are bytes above 127.
#[doc(alias = "email.encoders.encode_7or8bit")]
pub fn encode_7or8bit(message: &mut EmailMessage) -> Result<()> {
    let ascii = message.get_payload().is_none_or(|payload| payload.is_ascii());
    say(message, if ascii { Cte::SevenBit } else { Cte::EightBit })
}

/// Does nothing.
#[doc(alias = "email.encoders.encode_noop")]
pub fn encode_noop(_: &mut EmailMessage) -> Result<()> {
    Ok(())
}
