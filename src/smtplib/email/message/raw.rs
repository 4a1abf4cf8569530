//! Bodies and headers as they are, behind the content manager's back: what scripts of the older `email.message.Message` call.

use super::{Body, EmailMessage, Field};
use crate::smtplib::email::content::charset::Charset;
use crate::smtplib::email::header::params::Parameters;
use crate::smtplib::{Error, Result};

/// What [`EmailMessage::set_payload`] takes: a text, bytes, or parts.
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
    /// Sets the body as it is: it must be in the transfer encoding that the headers name. With a charset, a text is encoded, and the headers say so
    /// ([`set_charset`](EmailMessage::set_charset)). [`set_content`](EmailMessage::set_content) does all of that by itself.
    ///
    /// DIFFERENCE: without a charset, a text that is not ASCII is UTF-8; Python fails when it is written.
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
                Body::Encoded(charset.encode(&text).ok_or_else(|| Error::Value(format!("{charset} cannot say the text")))?)
            }
        };
        match charset {
            Some(charset) => self.use_charset(charset),
            None => Ok(()),
        }
    }

    /// Says that the body is a text in this charset, and encodes it as the charset wants it, unless a `Content-Transfer-Encoding` says that it is. None removes the parameter.
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

    /// The charset that [`set_charset`](EmailMessage::set_charset) or [`set_payload`](EmailMessage::set_payload) was given. Not that of a message that was read: see
    /// [`get_content_charset`](EmailMessage::get_content_charset).
    #[doc(alias = "email.message.EmailMessage.get_charset")]
    pub fn get_charset(&self) -> Option<&Charset> {
        self.charset.as_ref()
    }

    /// Sets the type and keeps the parameters: `"text/html"`. Adds a `MIME-Version`. An error for what is no type.
    ///
    /// <https://docs.python.org/3/library/email.compat32-message.html#email.message.Message.set_type>
    #[doc(alias = "email.message.EmailMessage.set_type")]
    pub fn set_type(&mut self, kind: &str) -> Result<()> {
        if kind.matches('/').count() != 1 {
            return Err(Error::Value(format!("{kind:?} is no media type")));
        }
        let content_type = Parameters { value: kind.to_owned(), ..self.content_type() };
        self.remove("MIME-Version");
        self.set("MIME-Version", "1.0")?;
        self.remove("Content-Type");
        self.set("Content-Type", content_type.to_string()).map(|_| ())
    }

    /// Adds a header as it stands in a message, folded and encoded, without a look at it; a second `Subject` too.
    ///
    /// DIFFERENCE: a line that does not go on with a space or a tab is an error, since it would be another header.
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

    /// Sets the `From ` line of a mailbox file. It is no header, and is not written.
    #[doc(alias = "email.message.EmailMessage.set_unixfrom")]
    pub fn set_unixfrom(&mut self, line: impl Into<String>) {
        self.unixfrom = Some(line.into());
    }

    /// The `From ` line of a mailbox file, above the headers. It is no header, and is not written.
    #[doc(alias = "email.message.EmailMessage.get_unixfrom")]
    pub fn get_unixfrom(&self) -> Option<&str> {
        self.unixfrom.as_deref()
    }
}
