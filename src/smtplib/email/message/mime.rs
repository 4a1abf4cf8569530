//! [`Mime`]: composes a message part by part, as Python's older `email.mime` does.

use super::raw::RawPayload;
use super::{Body, EmailMessage};
use crate::smtplib::email::content::encoders::{encode_base64, encode_noop};
use crate::smtplib::email::header::params::Parameters;
use crate::smtplib::{Error, Result};

/// Encodes a part's body: [`encode_base64`], [`encode_quopri`](crate::smtplib::email::encode_quopri), [`encode_7or8bit`](crate::smtplib::email::encode_7or8bit), [`encode_noop`].
pub type Encoder = fn(&mut EmailMessage) -> Result<()>;

/// A builder for a part: Python's `email.mime` classes. [`EmailMessage::add_attachment`] and
/// similar methods are the newer way.
///
/// ```
/// use leyden::smtplib::email::Mime;
///
/// let mut mail = Mime::multipart("alternative").build()?;
/// mail.set("Subject", "two forms")?;
/// mail.attach(Mime::text("plain").build()?)?;
/// mail.attach(Mime::text("<p>rich</p>").subtype("html").charset("utf-8").build()?)?;
/// assert_eq!(mail.get_body(["html"]).unwrap().get_text()?, "<p>rich</p>");
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// <https://docs.python.org/3/library/email.mime.html>
#[derive(Clone, Debug)]
#[must_use = "end with `.build()?`"]
pub struct Mime {
    maintype: &'static str,
    custom: Option<String>,
    subtype: Option<String>,
    params: Vec<(String, String)>,
    charset: Option<String>,
    boundary: Option<String>,
    payload: Option<RawPayload>,
    encoder: Encoder,
}

impl Mime {
    fn of(maintype: &'static str, subtype: Option<&str>, payload: Option<RawPayload>, encoder: Encoder) -> Mime {
        let subtype = subtype.map(str::to_owned);
        Mime { maintype, custom: None, subtype, params: Vec::new(), charset: None, boundary: None, payload, encoder }
    }

    /// A part of any type without a body: `MIMEBase("application", "pdf")`. Set the body with
    /// [`EmailMessage::set_payload`].
    #[doc(alias("email.mime.base.MIMEBase", "email.mime.nonmultipart.MIMENonMultipart"))]
    pub fn base(maintype: &str, subtype: &str) -> Mime {
        Mime { custom: Some(maintype.to_owned()), ..Mime::of("", Some(subtype), None, encode_noop) }
    }

    /// A text of subtype `plain` by default; in US-ASCII if possible, otherwise in UTF-8 as base64.
    #[doc(alias = "email.mime.text.MIMEText")]
    pub fn text(text: impl Into<String>) -> Mime {
        Mime::of("text", Some("plain"), Some(RawPayload::Text(text.into())), encode_noop)
    }

    /// A multipart: `mixed`, `alternative`, `related`.
    #[doc(alias = "email.mime.multipart.MIMEMultipart")]
    pub fn multipart(subtype: &str) -> Mime {
        Mime::of("multipart", Some(subtype), Some(RawPayload::Parts(Vec::new())), encode_noop)
    }

    /// Application data in base64, of subtype `octet-stream` by default.
    #[doc(alias = "email.mime.application.MIMEApplication")]
    pub fn application(bytes: impl Into<Vec<u8>>) -> Mime {
        Mime::of("application", Some("octet-stream"), Some(RawPayload::Bytes(bytes.into())), encode_base64)
    }

    /// An image in base64. The subtype is detected from its first bytes by default.
    #[doc(alias = "email.mime.image.MIMEImage")]
    pub fn image(bytes: impl Into<Vec<u8>>) -> Mime {
        let bytes = bytes.into();
        Mime::of("image", image(&bytes), Some(RawPayload::Bytes(bytes)), encode_base64)
    }

    /// Audio in base64. The subtype is detected from its first bytes by default.
    #[doc(alias = "email.mime.audio.MIMEAudio")]
    pub fn audio(bytes: impl Into<Vec<u8>>) -> Mime {
        let bytes = bytes.into();
        Mime::of("audio", audio(&bytes), Some(RawPayload::Bytes(bytes)), encode_base64)
    }

    /// An enclosed message, of subtype `rfc822`.
    #[doc(alias = "email.mime.message.MIMEMessage")]
    pub fn message(message: EmailMessage) -> Mime {
        Mime::of("message", Some("rfc822"), Some(RawPayload::Parts(vec![message])), encode_noop)
    }

    /// `_subtype=`
    pub fn subtype(self, subtype: &str) -> Mime {
        Mime { subtype: Some(subtype.to_owned()), ..self }
    }

    /// `_charset=`: of a text.
    pub fn charset(self, charset: &str) -> Mime {
        Mime { charset: Some(charset.to_owned()), ..self }
    }

    /// `_encoder=`
    pub fn encoder(self, encoder: Encoder) -> Mime {
        Mime { encoder, ..self }
    }

    /// `boundary=`: of a multipart.
    pub fn boundary(self, boundary: &str) -> Mime {
        Mime { boundary: Some(boundary.to_owned()), ..self }
    }

    /// `_subparts=`: adds a part to a multipart.
    pub fn subpart(mut self, part: EmailMessage) -> Mime {
        if let Some(RawPayload::Parts(parts)) = &mut self.payload {
            parts.push(part);
        }
        self
    }

    /// Adds a parameter of the content type: `name="a.pdf"`. Underscores in its name become dashes.
    pub fn param(mut self, name: &str, value: &str) -> Mime {
        self.params.push((name.replace('_', "-"), value.to_owned()));
        self
    }

    /// Builds the part. Fails if the subtype cannot be detected, the type is invalid, or the
    /// charset is unknown or cannot encode the text.
    pub fn build(self) -> Result<EmailMessage> {
        let maintype = self.custom.as_deref().unwrap_or(self.maintype);
        let Some(subtype) = self.subtype else { return Err(Error::Value(format!("could not guess the subtype of {maintype}"))) };
        let charset = match &self.payload {
            Some(RawPayload::Text(text)) => {
                let usual = if text.is_ascii() { "us-ascii" } else { "utf-8" };
                Some(self.charset.unwrap_or_else(|| usual.to_owned()))
            }
            _ => None,
        };
        self.params.iter().try_for_each(|(name, _)| crate::smtplib::email::header::params::check_param(name))?;
        let mut content_type = Parameters { value: format!("{maintype}/{subtype}"), list: self.params };
        for (name, value) in [("charset", &charset), ("boundary", &self.boundary)] {
            if let Some(value) = value {
                content_type.set(name, value.as_str());
            }
        }
        let mut message = EmailMessage::new();
        message.set("Content-Type", content_type.to_string())?.set("MIME-Version", "1.0")?;
        match self.payload {
            Some(RawPayload::Parts(parts)) => message.body = Body::Parts(parts),
            Some(payload) => message.set_payload(payload, charset.as_deref())?,
            None => {}
        }
        (self.encoder)(&mut message)?;
        if maintype == "message" {
            message.set_default_type("message/rfc822");
        }
        Ok(message)
    }
}

/// Python's rules, in the same order.
fn image(bytes: &[u8]) -> Option<&'static str> {
    let at = |range: std::ops::Range<usize>| bytes.get(range).unwrap_or_default();
    let anymap = |kinds: &[u8]| matches!(bytes, [b'P', kind, blank, ..] if kinds.contains(kind) && matches!(blank, b' ' | b'\t' | b'\n' | b'\r'));
    let rules = [
        (matches!(at(6..10), b"JFIF" | b"Exif") || bytes.starts_with(b"\xff\xd8\xff\xdb"), "jpeg"),
        (bytes.starts_with(b"\x89PNG\r\n\x1a\n"), "png"),
        (matches!(at(0..6), b"GIF87a" | b"GIF89a"), "gif"),
        (matches!(at(0..2), b"MM" | b"II"), "tiff"),
        (bytes.starts_with(b"\x01\xda"), "rgb"),
        (anymap(b"14"), "pbm"),
        (anymap(b"25"), "pgm"),
        (anymap(b"36"), "ppm"),
        (bytes.starts_with(b"\x59\xa6\x6a\x95"), "rast"),
        (bytes.starts_with(b"#define "), "xbm"),
        (bytes.starts_with(b"BM"), "bmp"),
        (bytes.starts_with(b"RIFF") && at(8..12) == b"WEBP", "webp"),
        (bytes.starts_with(b"\x76\x2f\x31\x01"), "exr"),
    ];
    rules.into_iter().find(|(found, _)| *found).map(|(_, subtype)| subtype)
}

fn audio(bytes: &[u8]) -> Option<&'static str> {
    let at = |range: std::ops::Range<usize>| bytes.get(range).unwrap_or_default();
    let rules = [
        (bytes.starts_with(b"FORM") && matches!(at(8..12), b"AIFC" | b"AIFF"), "x-aiff"),
        (bytes.starts_with(b".snd"), "basic"),
        (bytes.starts_with(b"RIFF") && at(8..16) == b"WAVEfmt ", "x-wav"),
    ];
    rules.into_iter().find(|(found, _)| *found).map(|(_, subtype)| subtype)
}
