//! [`EmailMessage`]: headers and a body, which may contain further messages.

pub(in crate::smtplib) mod composed;
pub(super) mod generate;
pub(super) mod mime;
pub(super) mod multipart;
pub(super) mod raw;

use std::borrow::Cow;
use std::sync::Arc;

use super::super::{Error, Result};
use super::Policy;
use super::address::decoded;
use super::content::charset::Charset;
use super::content::encode::{decode_base64, decode_quoted_printable, from_charset};
use super::content::{Content, Payload};
use super::header::params::{Parameters, check_param};
use super::header::{decode_words, is_address};
use super::parse::Defect;

/// A mail: Python's `email.message.EmailMessage`.
///
/// <https://docs.python.org/3/library/email.message.html>
#[derive(Clone, Debug, Default, PartialEq)]
#[doc(alias("email.message.EmailMessage", "email.message.MIMEPart", "email.message.Message"))]
pub struct EmailMessage {
    pub(super) headers: Vec<Field>,
    pub(super) body: Body,
    /// The text before the first part of a multipart.
    #[doc(alias = "email.message.EmailMessage.preamble")]
    pub preamble: Option<String>,
    /// The text after the last part.
    #[doc(alias = "email.message.EmailMessage.epilogue")]
    pub epilogue: Option<String>,
    /// The defects found by the parser.
    #[doc(alias = "email.message.EmailMessage.defects")]
    pub defects: Vec<Defect>,
    /// The default policy for writing: [`Policy::DEFAULT`], or the policy of the parser that read
    /// the message.
    #[doc(alias = "email.message.EmailMessage.policy")]
    pub policy: Policy,
    pub(super) default_type: Option<String>,
    pub(super) charset: Option<Charset>,
    pub(super) unixfrom: Option<String>,
}

/// A header as it was set or received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Field {
    pub(super) name: String,
    pub(super) value: String,
    /// Whether it was received, folded and encoded. It is written unchanged.
    pub(super) raw: bool,
    /// The bytes of a received value that is not UTF-8. They are written unchanged.
    pub(super) bytes: Option<Vec<u8>>,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) enum Body {
    #[default]
    Empty,
    /// As in the message, with `\n` line ends.
    Encoded(Vec<u8>),
    /// Encoded as base64 when the message is written.
    ToBase64(Arc<Vec<u8>>),
    Parts(Vec<EmailMessage>),
}

/// Headers that may occur at most once.
const ONCE: &[&str] = &[
    "subject",
    "date",
    "from",
    "sender",
    "reply-to",
    "to",
    "cc",
    "bcc",
    "resent-sender",
    "resent-from",
    "message-id",
    "mime-version",
    "content-type",
    "content-disposition",
    "content-transfer-encoding",
    "orig-date",
];

/// Headers that Python parses into objects, except addresses.
const STRUCTURED: &[&str] = &[
    "date",
    "orig-date",
    "resent-date",
    "message-id",
    "mime-version",
    "content-type",
    "content-disposition",
    "content-transfer-encoding",
];

/// Returns true for a header that Python parses into an object.
pub(super) fn is_structured(name: &str) -> bool {
    STRUCTURED.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// Returns true if Python's `str.splitlines` splits it: a character that some readers treat as a
/// line end must not be in a header.
fn ends_lines(value: &str) -> bool {
    value.contains(['\n', '\r', '\x0b', '\x0c', '\x1c', '\x1d', '\x1e', '\u{85}', '\u{2028}', '\u{2029}'])
}

pub(super) fn check_name(name: &str) -> Result<()> {
    match !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b':') {
        true => Ok(()),
        false => Err(Error::Value(format!("invalid header name: {name:?}"))),
    }
}

impl Field {
    pub(super) fn text(&self) -> String {
        match self.raw {
            false => self.value.clone(),
            true if is_address(&self.name) => decoded(&self.unfolded()),
            true if is_structured(&self.name) => decode_words(&self.unfolded()),
            // As in Python, white space at the start of a continuation line is part of the value.
            true => decode_words(&self.value.trim_start_matches([' ', '\t']).replace(['\r', '\n'], "")),
        }
    }

    /// Returns the value on one line, with its encoded words unchanged.
    pub(super) fn unfolded(&self) -> Cow<'_, str> {
        let unfolded: Cow<'_, str> =
            if self.value.contains(['\r', '\n']) { self.value.replace(['\r', '\n'], "").into() } else { (&*self.value).into() };
        match unfolded {
            Cow::Borrowed(text) => text.trim_start_matches([' ', '\t']).into(),
            Cow::Owned(text) => text.trim_start_matches([' ', '\t']).to_owned().into(),
        }
    }
}

impl EmailMessage {
    /// Creates an empty message.
    pub fn new() -> EmailMessage {
        EmailMessage::default()
    }

    /// Creates an empty message with this policy: `EmailMessage(policy=policy.SMTP)`.
    pub fn with_policy(policy: Policy) -> EmailMessage {
        EmailMessage { policy, ..EmailMessage::default() }
    }

    // Headers.

    /// Adds a header: `message["Subject"] = value`. Names are case-insensitive.
    ///
    /// The value is text or any `Display` type: an [`Address`](super::Address), a
    /// [`Group`](super::Group).
    ///
    /// A line end in name or value is an error. So is a second header of a kind that may occur once
    /// (`Subject`, `To`, ...): see [`replace`](EmailMessage::replace).
    ///
    /// ```
    /// use leyden::smtplib::email::{Address, EmailMessage};
    ///
    /// let mut message = EmailMessage::new();
    /// message.set("To", Address::new("Smith, Ann", "ann", "example.com")?)?;
    /// assert_eq!(message.get("To").as_deref(), Some("\"Smith, Ann\" <ann@example.com>"));
    /// # Ok::<(), leyden::Error>(())
    /// ```
    pub fn set(&mut self, name: impl AsRef<str>, value: impl std::fmt::Display) -> Result<&mut EmailMessage> {
        let (name, value) = (name.as_ref(), &*value.to_string());
        if ONCE.iter().any(|once| once.eq_ignore_ascii_case(name)) && self.contains(name) {
            return Err(Error::Value(format!("There may be at most 1 {name} headers in a message")));
        }
        self.push(name, value)?;
        Ok(self)
    }

    fn push(&mut self, name: &str, value: &str) -> Result<()> {
        check_name(name)?;
        if value.contains('\0') || ends_lines(value) {
            return Err(Error::Value("Header values may not contain linefeed or carriage return characters".into()));
        }
        self.headers.push(Field { name: name.to_owned(), value: value.to_owned(), raw: false, bytes: None });
        Ok(())
    }

    /// Sets a header, and removes all others of that name.
    pub fn replace(&mut self, name: &str, value: &str) -> Result<&mut EmailMessage> {
        let Some(at) = self.headers.iter().position(|header| header.name.eq_ignore_ascii_case(name)) else {
            self.push(name, value)?;
            return Ok(self);
        };
        self.push(name, value)?;
        let new = self.headers.pop();
        self.remove(name);
        // Those before the first of this name still exist.
        self.headers.splice(at..at, new);
        Ok(self)
    }

    /// Replaces the first header of this name in place. Fails if there is none.
    #[doc(alias = "email.message.EmailMessage.replace_header")]
    pub fn replace_header(&mut self, name: &str, value: &str) -> Result<()> {
        let at = self.headers.iter().position(|header| header.name.eq_ignore_ascii_case(name));
        let Some(at) = at else { return Err(Error::Value(format!("no header {name:?}"))) };
        let kept = self.headers[at].name.clone();
        self.push(&kept, value)?;
        self.headers.swap_remove(at);
        Ok(())
    }

    /// Adds a header with parameters: `add_header("Content-Disposition", "attachment", [("filename", "a.pdf")])`.
    #[doc(alias = "email.message.EmailMessage.add_header")]
    pub fn add_header<'a>(
        &mut self,
        name: &str,
        value: &str,
        params: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) -> Result<()> {
        let list: Vec<(String, String)> =
            params.into_iter().map(|(name, value)| (name.replace('_', "-"), value.to_owned())).collect();
        list.iter().try_for_each(|(name, _)| check_param(name))?;
        self.set(name, Parameters { value: value.to_owned(), list }.to_string()).map(|_| ())
    }

    /// Returns the value of the first header of this name, decoded and unfolded.
    #[doc(alias = "email.message.EmailMessage.get")]
    pub fn get(&self, name: &str) -> Option<String> {
        self.headers.iter().find(|header| header.name.eq_ignore_ascii_case(name)).map(Field::text)
    }

    /// Returns the values of all headers of this name.
    #[doc(alias = "email.message.EmailMessage.get_all")]
    pub fn get_all(&self, name: &str) -> Vec<String> {
        self.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name)).map(Field::text).collect()
    }

    /// Returns the values of all headers of this name, each on one line, with encoded words
    /// unchanged.
    pub(in crate::smtplib) fn unfolded(&self, name: &str) -> Vec<Cow<'_, str>> {
        self.headers.iter().filter(|header| header.name.eq_ignore_ascii_case(name)).map(Field::unfolded).collect()
    }

    /// Returns true if there is a header of this name: `name in message`.
    pub fn contains(&self, name: &str) -> bool {
        self.headers.iter().any(|header| header.name.eq_ignore_ascii_case(name))
    }

    /// Removes the headers of this name: `del message[name]`.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|header| !header.name.eq_ignore_ascii_case(name));
    }

    /// Returns the headers in order: names and decoded values.
    #[doc(alias = "email.message.EmailMessage.items")]
    pub fn items(&self) -> impl Iterator<Item = (&str, String)> {
        self.headers.iter().map(|header| (header.name.as_str(), header.text()))
    }

    /// Returns the names of the headers.
    #[doc(alias = "email.message.EmailMessage.keys")]
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.headers.iter().map(|header| header.name.as_str())
    }

    /// Returns the values of the headers.
    #[doc(alias = "email.message.EmailMessage.values")]
    pub fn values(&self) -> impl Iterator<Item = String> {
        self.headers.iter().map(Field::text)
    }

    /// Returns the number of headers: `len(message)`.
    pub fn len(&self) -> usize {
        self.headers.len()
    }

    /// Returns true if there are no headers.
    pub fn is_empty(&self) -> bool {
        self.headers.is_empty()
    }

    /// Returns the headers as they were set or received, folded and encoded.
    #[doc(alias = "email.message.EmailMessage.raw_items")]
    pub fn raw_items(&self) -> impl Iterator<Item = (&str, &str)> {
        self.headers.iter().map(|header| (header.name.as_str(), header.value.as_str()))
    }

    // The body.

    /// Returns true if the body consists of parts.
    #[doc(alias = "email.message.EmailMessage.is_multipart")]
    pub fn is_multipart(&self) -> bool {
        matches!(self.body, Body::Parts(_))
    }

    /// Returns the parts; empty if there are none.
    #[doc(alias = "email.message.EmailMessage.iter_parts")]
    pub fn iter_parts(&self) -> std::slice::Iter<'_, EmailMessage> {
        self.parts().iter()
    }

    pub(super) fn parts(&self) -> &[EmailMessage] {
        match &self.body {
            Body::Parts(parts) => parts,
            _ => &[],
        }
    }

    /// Returns this message and all its parts, depth first.
    #[doc(alias = "email.message.EmailMessage.walk")]
    pub fn walk(&self) -> impl Iterator<Item = &EmailMessage> {
        let mut stack = vec![self];
        std::iter::from_fn(move || {
            let next = stack.pop()?;
            stack.extend(next.parts().iter().rev());
            Some(next)
        })
    }

    /// Returns the part that is the body, of the first kind available in this order of preference:
    /// `["related", "html", "plain"]`.
    #[doc(alias = "email.message.EmailMessage.get_body")]
    pub fn get_body<'a>(&self, preference: impl IntoIterator<Item = &'a str>) -> Option<&EmailMessage> {
        let preference: Vec<&str> = preference.into_iter().collect();
        let mut found: Vec<(usize, &EmailMessage)> = Vec::new();
        self.find_body(&preference, &mut found);
        // The first part of the most preferred kind.
        found.into_iter().min_by_key(|(rank, _)| *rank).map(|(_, part)| part)
    }

    fn find_body<'a>(&'a self, preference: &[&str], found: &mut Vec<(usize, &'a EmailMessage)>) {
        // A stack instead of recursion: untrusted input controls the nesting.
        let mut stack = vec![self];
        while let Some(part) = stack.pop() {
            if part.is_attachment() {
                continue;
            }
            let rank = |kind: &str| preference.iter().position(|wanted| *wanted == kind);
            let (main, sub) = (part.get_content_maintype(), part.get_content_subtype());
            if main == "text" {
                found.extend(rank(&sub).map(|rank| (rank, part)));
                continue;
            }
            if main != "multipart" || !part.is_multipart() {
                continue;
            }
            if sub != "related" {
                stack.extend(part.parts().iter().rev());
                continue;
            }
            found.extend(rank("related").map(|rank| (rank, part)));
            stack.extend(part.related_root());
        }
    }

    /// Returns the root part of a multipart/related.
    pub(super) fn related_root(&self) -> Option<&EmailMessage> {
        let named = self
            .get_param("start")
            .and_then(|start| self.parts().iter().find(|part| part.get("Content-ID").as_deref() == Some(&start)));
        named.or_else(|| self.parts().first())
    }

    /// Returns the parts that are not the body: attachments, and the parts related to a root.
    #[doc(alias = "email.message.EmailMessage.iter_attachments")]
    pub fn iter_attachments(&self) -> impl Iterator<Item = &EmailMessage> {
        let (main, sub) = (self.get_content_maintype(), self.get_content_subtype());
        let parts = if main == "multipart" && sub != "alternative" { self.parts() } else { &[] };
        let root = if sub == "related" { self.related_root() } else { None };
        let mut seen: Vec<&str> = Vec::new();
        let related = sub == "related";
        parts.iter().filter(move |part| {
            if related {
                return root.is_none_or(|root| !std::ptr::eq(root, *part));
            }
            // The first part of each body kind is the body.
            let kind = match (part.get_content_maintype().as_str(), part.get_content_subtype().as_str()) {
                ("text", "plain") => "plain",
                ("text", "html") => "html",
                ("multipart", "related") => "related",
                ("multipart", "alternative") => "alternative",
                _ => return true,
            };
            if part.is_attachment() || seen.contains(&kind) {
                return true;
            }
            seen.push(kind);
            false
        })
    }

    /// Returns the decoded bytes of the body: `get_payload(decode=True)`. `None` for a multipart.
    #[doc(alias = "email.message.EmailMessage.get_payload")]
    pub fn get_payload(&self) -> Option<Cow<'_, [u8]>> {
        match &self.body {
            Body::Parts(_) => None,
            Body::Empty => Some(Cow::Borrowed(&[])),
            Body::ToBase64(bytes) => Some(Cow::Borrowed(bytes.as_slice())),
            Body::Encoded(text) => {
                Some(match self.get("Content-Transfer-Encoding").unwrap_or_default().trim().to_ascii_lowercase().as_str() {
                    "base64" => Cow::Owned(decode_base64(text)),
                    "quoted-printable" => Cow::Owned(decode_quoted_printable(text)),
                    _ => Cow::Borrowed(text),
                })
            }
        }
    }

    /// Returns the content: text decoded with its charset, an enclosed message (`message/rfc822`,
    /// `message/external-body`), or the bytes of anything else. Fails for a multipart.
    #[doc(alias = "email.message.EmailMessage.get_content")]
    pub fn get_content(&self) -> Result<Payload> {
        match (self.get_content_maintype().as_str(), &self.body) {
            ("message", Body::Parts(parts)) if !parts.is_empty() => Ok(match self.get_content_subtype().as_str() {
                "rfc822" | "external-body" => Payload::Message(Box::new(parts[0].clone())),
                _ => Payload::Bytes(parts[0].as_bytes()),
            }),
            ("text", _) => self.get_text().map(Payload::Text),
            (_, Body::Parts(_)) => {
                Err(Error::Value(format!("{} has no content of its own, only parts", self.get_content_type())))
            }
            _ => Ok(Payload::Bytes(self.get_payload().unwrap_or_default().into_owned())),
        }
    }

    /// Returns the content of a text part. Bytes that are invalid in its charset are replaced.
    /// Fails for any other content.
    pub fn get_text(&self) -> Result<String> {
        if self.get_content_maintype() != "text" {
            return Err(Error::Value(format!("{} is not text", self.get_content_type())));
        }
        let bytes = self.get_payload().unwrap_or_default();
        Ok(from_charset(&bytes, &self.get_content_charset().unwrap_or_else(|| "ascii".into())))
    }

    /// Sets the content, replacing the previous one.
    #[doc(alias = "email.message.EmailMessage.set_content")]
    pub fn set_content(&mut self, content: impl Into<Content>) -> Result<&mut EmailMessage> {
        let content = content.into();
        self.clear_content();
        content.fill(self)?;
        if !self.contains("MIME-Version") {
            self.push("MIME-Version", "1.0")?;
        }
        Ok(self)
    }

    /// Removes the content and its headers.
    #[doc(alias = "email.message.EmailMessage.clear_content")]
    pub fn clear_content(&mut self) {
        self.headers.retain(|header| !header.name.get(..8).is_some_and(|start| start.eq_ignore_ascii_case("content-")));
        self.body = Body::Empty;
    }

    /// Removes content and headers.
    #[doc(alias = "email.message.EmailMessage.clear")]
    pub fn clear(&mut self) {
        self.headers.clear();
        self.body = Body::Empty;
    }
}
