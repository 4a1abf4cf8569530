//! Raw access to bodies and headers, bypassing the content manager: the methods of Python's older
//! `email.message.Message`.

use super::{Body, EmailMessage, Field};
use crate::smtplib::email::content::charset::Charset;
use crate::smtplib::email::header::params::Parameters;
use crate::smtplib::{Error, Result};

/// The argument of [`EmailMessage::set_payload`]: text, bytes, or parts.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum RawPayload {
    /// A text.
    Text(String),
    /// Bytes.
    Bytes(Vec<u8>),
    /// The parts of a multipart.
    Parts(Vec<EmailMessage>),
}

impl From<&str> for RawPayload {
    fn from(text: &str) -> RawPayload {
        RawPayload::Text(text.to_owned())
    }
}

impl From<String> for RawPayload {
    fn from(text: String) -> RawPayload {
        RawPayload::Text(text)
    }
}

impl From<&[u8]> for RawPayload {
    fn from(bytes: &[u8]) -> RawPayload {
        RawPayload::Bytes(bytes.to_vec())
    }
}

impl From<Vec<u8>> for RawPayload {
    fn from(bytes: Vec<u8>) -> RawPayload {
        RawPayload::Bytes(bytes)
    }
}

impl From<Vec<EmailMessage>> for RawPayload {
    fn from(parts: Vec<EmailMessage>) -> RawPayload {
        RawPayload::Parts(parts)
    }
}

impl EmailMessage {
    /// Sets the body unchanged: it must already be in the transfer encoding of the headers. With a
    /// charset, text is encoded and the headers are set
    /// ([`set_charset`](EmailMessage::set_charset)). [`set_content`](EmailMessage::set_content)
    /// does all of that itself.
    ///
    /// DIFFERENCE: without a charset, text that is not ASCII is UTF-8; Python fails when the
    /// message is written.
    ///
    /// <https://docs.python.org/3/library/email.compat32-message.html#email.message.Message.set_payload>
    #[doc(alias = "email.message.EmailMessage.set_payload")]
    pub fn set_payload(&mut self, payload: impl Into<RawPayload>, charset: Option<&str>) -> Result<()> {
        let charset = charset.map(Charset::new).transpose()?;
        self.body = match (payload.into(), &charset) {
            (RawPayload::Parts(parts), _) => Body::Parts(parts),
            (RawPayload::Bytes(bytes), _) => Body::Encoded(bytes),
            (RawPayload::Text(text), None) => Body::Encoded(text.into_bytes()),
            (RawPayload::Text(text), Some(charset)) => {
                Body::Encoded(charset.encode(&text).ok_or_else(|| Error::Value(format!("{charset} cannot encode the text")))?)
            }
        };
        match charset {
            Some(charset) => self.use_charset(charset),
            None => Ok(()),
        }
    }

    /// Declares the body as text in this charset, and encodes it accordingly unless there is a
    /// `Content-Transfer-Encoding`. `None` removes the parameter.
    ///
    /// <https://docs.python.org/3/library/email.compat32-message.html#email.message.Message.set_charset>
    #[doc(alias = "email.message.EmailMessage.set_charset")]
    pub fn set_charset(&mut self, charset: Option<&str>) -> Result<()> {
        match charset {
            Some(charset) => self.use_charset(Charset::new(charset)?),
            None => {
                self.charset = None;
                self.del_param("charset")
            }
        }
    }

    fn use_charset(&mut self, charset: Charset) -> Result<()> {
        if !self.contains("MIME-Version") {
            self.set("MIME-Version", "1.0")?;
        }
        if !self.contains("Content-Type") {
            self.add_header("Content-Type", "text/plain", [("charset", charset.output_charset.as_str())])?;
        } else {
            self.set_param("charset", &charset.output_charset)?;
        }
        if !self.contains("Content-Transfer-Encoding") {
            if let (Body::Encoded(body), Some(_)) = (&self.body, charset.body_cte()) {
                self.body = Body::Encoded(charset.body_encode(body));
            }
            match charset.body_cte() {
                Some(cte) => self.set("Content-Transfer-Encoding", cte.as_str()).map(|_| ())?,
                None => crate::smtplib::email::encode_7or8bit(self)?,
            }
        }
        self.charset = Some(charset);
        Ok(())
    }

    /// Returns the charset from [`set_charset`](EmailMessage::set_charset) or
    /// [`set_payload`](EmailMessage::set_payload). For that of a parsed message, see
    /// [`get_content_charset`](EmailMessage::get_content_charset).
    #[doc(alias = "email.message.EmailMessage.get_charset")]
    pub fn get_charset(&self) -> Option<&Charset> {
        self.charset.as_ref()
    }

    /// Sets the type and keeps the parameters: `"text/html"`. Adds a `MIME-Version`. Fails for an
    /// invalid type.
    ///
    /// <https://docs.python.org/3/library/email.compat32-message.html#email.message.Message.set_type>
    #[doc(alias = "email.message.EmailMessage.set_type")]
    pub fn set_type(&mut self, kind: &str) -> Result<()> {
        if kind.matches('/').count() != 1 {
            return Err(Error::Value(format!("{kind:?} is not a media type")));
        }
        let content_type = Parameters { value: kind.to_owned(), ..self.content_type() };
        self.remove("MIME-Version");
        self.set("MIME-Version", "1.0")?;
        self.remove("Content-Type");
        self.set("Content-Type", content_type.to_string()).map(|_| ())
    }

    /// Adds a header in its final form, folded and encoded, without checks. A second `Subject` is
    /// allowed too.
    ///
    /// DIFFERENCE: a line that does not begin with a space or a tab is an error, because it would
    /// be another header.
    #[doc(alias = "email.message.EmailMessage.set_raw")]
    pub fn set_raw(&mut self, name: &str, value: &str) -> Result<()> {
        super::check_name(name)?;
        let lines = value.replace("\r\n", "\n");
        if lines.contains(['\r', '\0'])
            || lines.split('\n').skip(1).any(|line| line.trim().is_empty() || !line.starts_with([' ', '\t']))
        {
            return Err(Error::Value("a header's next lines begin with a space or a tab".into()));
        }
        self.headers.push(Field { name: name.to_owned(), value: format!(" {lines}"), raw: true, bytes: None });
        Ok(())
    }

    /// Sets the `From ` line of a mailbox file. It is not a header, and is not written.
    #[doc(alias = "email.message.EmailMessage.set_unixfrom")]
    pub fn set_unixfrom(&mut self, line: impl Into<String>) {
        self.unixfrom = Some(line.into());
    }

    /// Returns the `From ` line of a mailbox file, which precedes the headers. It is not a header,
    /// and is not written.
    #[doc(alias = "email.message.EmailMessage.get_unixfrom")]
    pub fn get_unixfrom(&self) -> Option<&str> {
        self.unixfrom.as_deref()
    }
}
