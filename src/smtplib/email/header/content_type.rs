//! The type of a part: `Content-Type` and `Content-Disposition`.

use super::params::Parameters;
use crate::smtplib::email::message::EmailMessage;
use crate::smtplib::{Error, Result};

impl EmailMessage {
    pub(in crate::smtplib::email) fn content_type(&self) -> Parameters {
        self.get("Content-Type").map(|value| Parameters::parse(&value)).unwrap_or_default()
    }

    /// Returns `text/plain` and so on, in lower case; the default type if the header is missing or
    /// invalid.
    #[doc(alias = "email.message.EmailMessage.get_content_type")]
    pub fn get_content_type(&self) -> String {
        if !self.contains("Content-Type") {
            return self.get_default_type().to_owned();
        }
        let value = self.content_type().value.to_ascii_lowercase();
        if value.split('/').count() == 2 { value } else { "text/plain".into() }
    }

    /// Returns the part before the `/`.
    #[doc(alias = "email.message.EmailMessage.get_content_maintype")]
    pub fn get_content_maintype(&self) -> String {
        self.get_content_type().split('/').next().unwrap_or_default().to_owned()
    }

    /// Returns the part after the `/`.
    #[doc(alias = "email.message.EmailMessage.get_content_subtype")]
    pub fn get_content_subtype(&self) -> String {
        self.get_content_type().split('/').nth(1).unwrap_or_default().to_owned()
    }

    /// Returns the type of a part without a `Content-Type`: `text/plain`, or `message/rfc822` in a
    /// digest.
    #[doc(alias = "email.message.EmailMessage.get_default_type")]
    pub fn get_default_type(&self) -> &str {
        self.default_type.as_deref().unwrap_or("text/plain")
    }

    /// Sets the type of a part without a `Content-Type`. No header is written.
    #[doc(alias = "email.message.EmailMessage.set_default_type")]
    pub fn set_default_type(&mut self, kind: impl Into<String>) {
        self.default_type = Some(kind.into());
    }

    /// Returns the type and its parameters, decoded, in order: `[("text/plain", ""), ("charset",
    /// "utf-8")]`. `None` without a `Content-Type`.
    #[doc(alias = "email.message.EmailMessage.get_params")]
    pub fn get_params(&self) -> Option<Vec<(String, String)>> {
        if !self.contains("Content-Type") {
            return None;
        }
        let Parameters { value, list } = self.content_type();
        Some(std::iter::once((value, String::new())).chain(list).collect())
    }

    /// Returns a parameter of `Content-Type`, decoded.
    #[doc(alias = "email.message.EmailMessage.get_param")]
    pub fn get_param(&self, name: &str) -> Option<String> {
        self.content_type().get(name).map(Into::into)
    }

    /// Sets a parameter of `Content-Type`.
    #[doc(alias = "email.message.EmailMessage.set_param")]
    pub fn set_param(&mut self, name: &str, value: &str) -> Result<()> {
        super::params::check_param(name)?;
        let mut content_type = self.content_type();
        if content_type.value.is_empty() {
            content_type.value = "text/plain".into();
        }
        content_type.set(name, value);
        self.replace("Content-Type", &content_type.to_string()).map(|_| ())
    }

    /// Removes a parameter of `Content-Type`.
    #[doc(alias = "email.message.EmailMessage.del_param")]
    pub fn del_param(&mut self, name: &str) -> Result<()> {
        let mut content_type = self.content_type();
        content_type.remove(name);
        if self.contains("Content-Type") { self.replace("Content-Type", &content_type.to_string()).map(|_| ()) } else { Ok(()) }
    }

    /// Returns the charset of `Content-Type`, in lower case.
    #[doc(alias = "email.message.EmailMessage.get_content_charset")]
    pub fn get_content_charset(&self) -> Option<String> {
        self.get_param("charset").filter(|charset| !charset.is_empty()).map(|charset| charset.to_ascii_lowercase())
    }

    /// Returns the charset of each part, this message first, in the order of
    /// [`walk`](EmailMessage::walk).
    #[doc(alias = "email.message.EmailMessage.get_charsets")]
    pub fn get_charsets(&self) -> Vec<Option<String>> {
        self.walk().map(EmailMessage::get_content_charset).collect()
    }

    /// Returns the boundary between the parts.
    #[doc(alias = "email.message.EmailMessage.get_boundary")]
    pub fn get_boundary(&self) -> Option<String> {
        self.get_param("boundary").map(|boundary| boundary.trim_end().to_owned())
    }

    /// Sets the boundary between the parts. Fails without a `Content-Type`.
    #[doc(alias = "email.message.EmailMessage.set_boundary")]
    pub fn set_boundary(&mut self, boundary: &str) -> Result<()> {
        if !self.contains("Content-Type") {
            return Err(Error::Value("No Content-Type header found".into()));
        }
        self.set_param("boundary", boundary)
    }

    fn disposition(&self) -> Parameters {
        self.get("Content-Disposition").map(|value| Parameters::parse(&value)).unwrap_or_default()
    }

    /// Returns `attachment` or `inline` in lower case, or `None`.
    #[doc(alias = "email.message.EmailMessage.get_content_disposition")]
    pub fn get_content_disposition(&self) -> Option<String> {
        self.contains("Content-Disposition").then(|| self.disposition().value.to_ascii_lowercase())
    }

    /// Returns true if the disposition is `attachment`.
    #[doc(alias = "email.message.EmailMessage.is_attachment")]
    pub fn is_attachment(&self) -> bool {
        self.get_content_disposition().as_deref() == Some("attachment")
    }

    /// Returns the file name from `Content-Disposition`, otherwise the name from `Content-Type`.
    /// The sender chooses it: never use it as a path.
    #[doc(alias = "email.message.EmailMessage.get_filename")]
    pub fn get_filename(&self) -> Option<String> {
        let name = self.disposition().get("filename").map(Into::into);
        name.or_else(|| self.get_param("name"))
    }
}
