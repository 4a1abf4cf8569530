//! Combines parts into messages.

use super::{Body, EmailMessage};
use crate::smtplib::email::content::Content;
use crate::smtplib::email::header::params::Parameters;
use crate::smtplib::{Error, Result};

impl EmailMessage {
    /// Appends a part. A message without content becomes a multipart.
    #[doc(alias = "email.message.EmailMessage.attach")]
    pub fn attach(&mut self, part: EmailMessage) -> Result<()> {
        let main = if self.contains("Content-Type") { self.get_content_maintype() } else { "multipart".into() };
        match (main.as_str(), &mut self.body) {
            ("multipart", Body::Parts(parts)) => parts.push(part),
            ("multipart" | "message", Body::Empty) => self.body = Body::Parts(vec![part]),
            _ => return Err(Error::Value("Attach is not valid on a message with a non-multipart payload".into())),
        }
        Ok(())
    }

    /// Turns the content into the first part of a multipart of this subtype.
    fn make(&mut self, subtype: &str, not_from: &[&str], boundary: Option<&str>) -> Result<()> {
        if self.get_content_maintype() == "multipart" {
            let existing = self.get_content_subtype();
            if existing == subtype || not_from.contains(&existing.as_str()) {
                return Err(Error::Value(format!("Cannot convert {existing} to {subtype}")));
            }
        }
        let mut part = EmailMessage::new();
        let (moved, kept): (Vec<_>, Vec<_>) = std::mem::take(&mut self.headers)
            .into_iter()
            .partition(|header| header.name.to_ascii_lowercase().starts_with("content-"));
        self.headers = kept;
        let body = std::mem::take(&mut self.body);
        let empty = moved.is_empty() && body == Body::Empty;
        part.headers = moved;
        part.body = body;
        self.body = Body::Parts(if empty { Vec::new() } else { vec![part] });
        let mut content_type = Parameters { value: format!("multipart/{subtype}"), list: Vec::new() };
        if let Some(boundary) = boundary {
            content_type.set("boundary", boundary);
        }
        self.set("Content-Type", content_type.to_string())?;
        if !self.contains("MIME-Version") {
            self.set("MIME-Version", "1.0")?;
        }
        Ok(())
    }

    /// Converts it to a `multipart/related`, with the content as its root.
    #[doc(alias = "email.message.EmailMessage.make_related")]
    pub fn make_related(&mut self, boundary: Option<&str>) -> Result<()> {
        self.make("related", &["alternative", "mixed"], boundary)
    }

    /// Converts it to a `multipart/alternative`.
    #[doc(alias = "email.message.EmailMessage.make_alternative")]
    pub fn make_alternative(&mut self, boundary: Option<&str>) -> Result<()> {
        self.make("alternative", &["mixed"], boundary)
    }

    /// Converts it to a `multipart/mixed`.
    #[doc(alias = "email.message.EmailMessage.make_mixed")]
    pub fn make_mixed(&mut self, boundary: Option<&str>) -> Result<()> {
        self.make("mixed", &[], boundary)
    }

    fn is(&self, content_type: &str) -> bool {
        self.get_content_type() == content_type
    }

    fn add(&mut self, content: Content) -> Result<()> {
        let mut part = EmailMessage::new();
        content.fill(&mut part)?;
        self.attach(part)
    }

    /// Adds an alternative form of the content: HTML in addition to plain text.
    #[doc(alias = "email.message.EmailMessage.add_alternative")]
    pub fn add_alternative(&mut self, content: impl Into<Content>) -> Result<()> {
        if !self.is("multipart/alternative") {
            self.make_alternative(None)?;
        }
        self.add(content.into())
    }

    /// Adds a part that the content refers to: an image, by its [`cid`](Content::cid).
    #[doc(alias = "email.message.EmailMessage.add_related")]
    pub fn add_related(&mut self, content: impl Into<Content>) -> Result<()> {
        if !self.is("multipart/related") {
            self.make_related(None)?;
        }
        self.add(content.into().default_disposition("inline"))
    }

    /// Adds an attachment. [`Content::file`] derives the type from the name.
    #[doc(alias = "email.message.EmailMessage.add_attachment")]
    pub fn add_attachment(&mut self, content: impl Into<Content>) -> Result<()> {
        if !self.is("multipart/mixed") {
            self.make_mixed(None)?;
        }
        self.add(content.into().default_disposition("attachment"))
    }
}
