//! The content of a message: [`Content`] to set it, [`Payload`] to read it.

pub(super) mod charset;
pub(in crate::smtplib) mod encode;
pub(super) mod encoders;

use std::path::Path;

use self::encode::{knows, quoted_printable, split_lines, to_charset, unencodable};
use super::super::{Error, Result};
use super::header::params::Parameters;
use super::message::{Body, EmailMessage};

/// A transfer encoding: `Content-Transfer-Encoding`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cte {
    /// ASCII in lines of at most 998 characters.
    SevenBit,
    /// Any bytes, in lines of at most 998.
    EightBit,
    /// Mostly ASCII text.
    QuotedPrintable,
    /// Any bytes.
    Base64,
}

impl Cte {
    /// Returns its name in the header.
    pub fn as_str(self) -> &'static str {
        match self {
            Cte::SevenBit => "7bit",
            Cte::EightBit => "8bit",
            Cte::QuotedPrintable => "quoted-printable",
            Cte::Base64 => "base64",
        }
    }
}

/// The content of a message. [`EmailMessage::get_content`] returns it.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Payload {
    /// Decoded text.
    Text(String),
    /// The bytes of other content.
    Bytes(Vec<u8>),
    /// An enclosed message.
    Message(Box<EmailMessage>),
}

/// The content to set: text, HTML, bytes with a type, a file, a message. The argument of
/// [`EmailMessage::set_content`] and similar methods.
///
/// A `&str` or a `String` is plain text. The options are Python's keyword arguments.
#[derive(Clone, Debug)]
#[must_use]
pub struct Content {
    what: What,
    maintype: String,
    subtype: String,
    charset: String,
    cte: Option<Cte>,
    disposition: Option<String>,
    filename: Option<String>,
    cid: Option<String>,
    params: Vec<(String, String)>,
    headers: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
enum What {
    Text(String),
    Bytes(Vec<u8>),
    Message(Box<EmailMessage>),
}

impl Content {
    fn of(what: What, maintype: &str, subtype: &str) -> Content {
        Content {
            what,
            maintype: maintype.into(),
            subtype: subtype.into(),
            charset: "utf-8".into(),
            cte: None,
            disposition: None,
            filename: None,
            cid: None,
            params: Vec::new(),
            headers: Vec::new(),
        }
    }

    /// Plain text.
    pub fn text(text: impl Into<String>) -> Content {
        Content::of(What::Text(text.into()), "text", "plain")
    }

    /// HTML: a text of subtype `html`.
    pub fn html(text: impl Into<String>) -> Content {
        Content::of(What::Text(text.into()), "text", "html")
    }

    /// Bytes with a type: `Content::bytes(png, "image", "png")`.
    pub fn bytes(bytes: impl Into<Vec<u8>>, maintype: &str, subtype: &str) -> Content {
        Content::of(What::Bytes(bytes.into()), maintype, subtype)
    }

    /// A file to attach. The type is derived from the name's extension; `application/octet-stream`
    /// if unknown.
    pub fn file(name: impl AsRef<Path>, contents: impl Into<Vec<u8>>) -> Content {
        let name = name.as_ref().file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        let guess = mime_guess::from_path(&name).first_or_octet_stream();
        Content::bytes(contents, guess.type_().as_str(), guess.subtype().as_str()).filename(name)
    }

    /// An enclosed message.
    pub fn message(message: EmailMessage) -> Content {
        Content::of(What::Message(Box::new(message)), "message", "rfc822")
    }

    /// `subtype=`: of a text. Default: `plain`.
    pub fn subtype(mut self, subtype: impl Into<String>) -> Content {
        self.subtype = subtype.into();
        self
    }

    /// `charset=`: of a text. Default: `utf-8`.
    pub fn charset(mut self, charset: impl Into<String>) -> Content {
        self.charset = charset.into();
        self
    }

    /// `cte=`: the transfer encoding. Default: the simplest one that fits.
    pub fn cte(mut self, cte: Cte) -> Content {
        self.cte = Some(cte);
        self
    }

    /// `disposition=`: `attachment` or `inline`.
    pub fn disposition(mut self, disposition: impl Into<String>) -> Content {
        self.disposition = Some(disposition.into());
        self
    }

    /// `filename=`: makes it an attachment, unless a disposition is set.
    pub fn filename(mut self, filename: impl Into<String>) -> Content {
        self.filename = Some(filename.into());
        self
    }

    /// `cid=`: the id, `<x@y>`, by which HTML refers to a related part.
    pub fn cid(mut self, cid: impl Into<String>) -> Content {
        self.cid = Some(cid.into());
        self
    }

    /// `params=`: adds a parameter of the content type.
    pub fn param(mut self, name: impl Into<String>, value: impl Into<String>) -> Content {
        self.params.push((name.into(), value.into()));
        self
    }

    /// `headers=`: adds a header of the part.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Content {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub(super) fn default_disposition(mut self, disposition: &str) -> Content {
        // A file name makes it an attachment.
        if self.filename.is_none() {
            self.disposition.get_or_insert_with(|| disposition.to_owned());
        }
        self
    }

    /// Sets the content of an empty message.
    pub(super) fn fill(self, message: &mut EmailMessage) -> Result<()> {
        let mut content_type = Parameters { value: format!("{}/{}", self.maintype, self.subtype), list: Vec::new() };
        for part in [&self.maintype, &self.subtype] {
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte)) {
                return Err(Error::Value(format!("{part:?} is not a media type")));
            }
        }
        let (body, cte) = match self.what {
            What::Text(text) => {
                content_type.set("charset", self.charset.to_ascii_lowercase());
                encode_text(&text, &self.charset, self.cte)?
            }
            What::Bytes(bytes) => encode_bytes(bytes, self.cte)?,
            What::Message(inner) => match self.cte {
                None | Some(Cte::EightBit) => (Body::Parts(vec![*inner]), Cte::EightBit),
                Some(Cte::SevenBit) => (Body::Parts(vec![*inner]), Cte::SevenBit),
                Some(cte) => return Err(Error::Value(format!("message/rfc822 parts do not support cte={}", cte.as_str()))),
            },
        };
        for (name, value) in self.params {
            super::header::params::check_param(&name)?;
            content_type.set(&name, value);
        }
        message.replace("Content-Type", &content_type.to_string())?;
        message.replace("Content-Transfer-Encoding", cte.as_str())?;
        if self.disposition.is_some() || self.filename.is_some() {
            let mut disposition = Parameters { value: self.disposition.unwrap_or_else(|| "attachment".into()), list: Vec::new() };
            if let Some(filename) = self.filename {
                disposition.set("filename", filename);
            }
            message.replace("Content-Disposition", &disposition.to_string())?;
        }
        if let Some(cid) = self.cid {
            message.replace("Content-ID", &cid)?;
        }
        for (name, value) in self.headers {
            message.replace(&name, &value)?;
        }
        message.body = body;
        Ok(())
    }
}

impl From<&str> for Content {
    fn from(text: &str) -> Content {
        Content::text(text)
    }
}

impl From<String> for Content {
    fn from(text: String) -> Content {
        Content::text(text)
    }
}

/// Python's choice (`email.contentmanager._encode_text`): unencoded if the lines are short,
/// otherwise the shorter of the two encodings.
fn encode_text(text: &str, charset: &str, cte: Option<Cte>) -> Result<(Body, Cte)> {
    if !knows(charset) {
        return Err(Error::Value(format!("unknown encoding: {charset}")));
    }
    let Some(encoded) = to_charset(text, charset) else {
        let (at, character) = unencodable(text, charset).unwrap_or_default();
        return Err(Error::Value(format!("{charset} cannot encode {character:?} at character {at}")));
    };
    let mut body = Vec::with_capacity(encoded.len() + 1);
    let mut longest = 0;
    for line in split_lines(&encoded) {
        longest = longest.max(line.len());
        body.extend_from_slice(line);
        body.push(b'\n');
    }
    if body.is_empty() {
        body.push(b'\n');
    }
    let cte = cte.unwrap_or_else(|| match (longest <= 78, body.is_ascii()) {
        (true, true) => Cte::SevenBit,
        (true, false) => Cte::EightBit,
        _ => {
            let sniff: Vec<u8> = body.split_inclusive(|byte| *byte == b'\n').take(10).flatten().copied().collect();
            if quoted_printable(&sniff).len() > sniff.len().div_ceil(3) * 4 { Cte::Base64 } else { Cte::QuotedPrintable }
        }
    });
    let body = match cte {
        Cte::SevenBit if !body.is_ascii() => return Err(Error::Value("7bit content holds bytes above 127".into())),
        Cte::SevenBit | Cte::EightBit => Body::Encoded(body),
        Cte::QuotedPrintable => Body::Encoded(quoted_printable(&body)),
        Cte::Base64 => Body::ToBase64(std::sync::Arc::new(body)),
    };
    Ok((body, cte))
}

fn encode_bytes(bytes: Vec<u8>, cte: Option<Cte>) -> Result<(Body, Cte)> {
    let cte = cte.unwrap_or(Cte::Base64);
    let body = match cte {
        Cte::Base64 => Body::ToBase64(std::sync::Arc::new(bytes)),
        Cte::QuotedPrintable => Body::Encoded(quoted_printable(&bytes)),
        Cte::SevenBit if !bytes.is_ascii() => return Err(Error::Value("7bit content holds bytes above 127".into())),
        Cte::SevenBit | Cte::EightBit => Body::Encoded(bytes),
    };
    Ok((body, cte))
}
