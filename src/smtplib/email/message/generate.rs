//! Writes messages.

use std::borrow::Cow;

use super::composed::{Composed, Sink};
use super::{Body, EmailMessage, Field};
use crate::smtplib::email::header::fold::{fold, seal};
use crate::smtplib::email::header::params::Parameters;
use crate::smtplib::email::parse::boundary::{Boundaries, recodes, written};
use crate::smtplib::email::{Policy, Refold};

impl EmailMessage {
    /// Returns the message as bytes, according to its [`policy`](EmailMessage::policy), by default
    /// with `\n` line ends. [`EmailMessage::from_bytes`] reads it.
    #[doc(alias = "email.message.EmailMessage.as_bytes")]
    pub fn as_bytes(&self) -> Vec<u8> {
        self.as_bytes_with(self.policy)
    }

    /// Returns the message as bytes, according to this policy: [`Policy::SMTP`] for sending.
    pub fn as_bytes_with(&self, policy: Policy) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.estimate());
        self.write(&policy, &mut out, &mut Boundaries::of(self, &policy), &[]);
        out
    }

    /// Composes the message for sending, without the top-level headers of these names.
    pub(in crate::smtplib) fn compose(&self, policy: Policy, omit: &[&str]) -> Composed {
        let mut composed = Composed::default();
        self.write(&policy, &mut composed, &mut Boundaries::of(self, &policy), omit);
        composed
    }

    /// Returns the message as text. Bodies with bytes above 127 are encoded.
    #[doc(alias = "email.message.EmailMessage.as_string")]
    pub fn as_string(&self) -> String {
        let bytes = self.as_bytes_with(Policy { eight_bit: false, ..self.policy });
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn estimate(&self) -> usize {
        self.walk()
            .map(|part| {
                512 + match &part.body {
                    Body::ToBase64(data) => data.len() / 57 * 78 + 78,
                    Body::Encoded(text) => text.len() + text.len() / 32,
                    _ => 0,
                }
            })
            .sum()
    }

    fn write(&self, policy: &Policy, sink: &mut impl Sink, boundaries: &mut Boundaries, omit: &[&str]) {
        let end = policy.linesep.as_bytes();
        // A policy without 8-bit bodies converts them to quoted-printable.
        let recode = recodes(self, policy);
        let separator = self.separator(boundaries);
        let out = sink.text();
        for header in &self.headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            if omit.iter().any(|name| is(name)) {
                continue;
            }
            let value = match &separator {
                _ if recode && is("Content-Transfer-Encoding") => Cow::Borrowed("quoted-printable"),
                Some((boundary, true)) if is("Content-Type") => {
                    let mut content_type = Parameters::parse(&header.text());
                    content_type.set("boundary", boundary.as_str());
                    Cow::Owned(content_type.to_string())
                }
                _ if header.raw && !refolds(header, policy) => {
                    seal(&verbatim(header, policy), policy.linesep, out);
                    continue;
                }
                _ if header.raw => header.unfolded(),
                _ => Cow::Borrowed(header.value.as_str()),
            };
            seal(&fold(&header.name, &value, policy), policy.linesep, out);
        }
        if recode && !self.contains("Content-Transfer-Encoding") {
            seal(&fold("Content-Transfer-Encoding", "quoted-printable", policy), policy.linesep, out);
        }
        out.extend_from_slice(end);
        match (&self.body, separator) {
            (Body::Empty, _) => {}
            (Body::Encoded(_), _) => write_lines(&written(self, policy), policy, out),
            (Body::ToBase64(data), _) => sink.base64(data, policy.linesep),
            (Body::Parts(parts), Some((boundary, _))) => {
                boundaries.open(&boundary);
                if let Some(preamble) = &self.preamble {
                    write_lines(preamble.as_bytes(), policy, out);
                    out.extend_from_slice(end);
                }
                for part in parts {
                    sink.text().extend_from_slice(format!("--{boundary}{}", policy.linesep).as_bytes());
                    part.write(policy, sink, boundaries, &[]);
                    sink.text().extend_from_slice(end);
                }
                boundaries.close(&boundary);
                let out = sink.text();
                out.extend_from_slice(format!("--{boundary}--{}", policy.linesep).as_bytes());
                if let Some(epilogue) = &self.epilogue {
                    write_lines(epilogue.as_bytes(), policy, out);
                }
            }
            (Body::Parts(parts), None) => parts.iter().for_each(|part| part.write(policy, sink, boundaries, &[])),
        }
    }

    /// Returns the boundary of a multipart, and whether its header must be rewritten. The header's
    /// boundary is used unless it is missing, invalid, or occurs in a part.
    fn separator(&self, boundaries: &mut Boundaries) -> Option<(String, bool)> {
        if !self.is_multipart() || self.get_content_maintype() != "multipart" {
            return None;
        }
        match self.get_boundary().filter(|boundary| boundaries.serves(boundary)) {
            Some(boundary) => Some((boundary, false)),
            None => Some((boundaries.make(), true)),
        }
    }
}

/// Returns a header as received, with the line ends of the policy.
fn verbatim(header: &Field, policy: &Policy) -> Vec<u8> {
    let mut out = Vec::with_capacity(header.name.len() + header.value.len() + 4);
    out.extend_from_slice(header.name.as_bytes());
    out.push(b':');
    let value = header.bytes.as_deref().unwrap_or(header.value.as_bytes());
    for line in value.split(|byte| *byte == b'\n') {
        out.extend_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        out.extend_from_slice(policy.linesep.as_bytes());
    }
    out
}

/// Returns true for a received header whose lines are too long for the policy, or that contains
/// forbidden bytes.
fn refolds(header: &Field, policy: &Policy) -> bool {
    if header.bytes.is_some() {
        // Bytes of an unknown charset cannot be encoded again.
        return !policy.eight_bit;
    }
    if header.value.contains('\0') || !policy.eight_bit && !policy.utf8 && !header.value.is_ascii() {
        return true;
    }
    let most = if policy.max_line_length == 0 { usize::MAX } else { policy.max_line_length };
    match policy.refold_source {
        Refold::None => false,
        Refold::All => true,
        Refold::Long => header.value.split('\n').enumerate().any(|(number, line)| {
            let before = if number == 0 { header.name.len() + 1 } else { 0 };
            before + line.trim_end_matches('\r').chars().count() > most
        }),
    }
}

/// Writes text with the line ends of the policy.
fn write_lines(text: &[u8], policy: &Policy, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(policy.linesep.as_bytes());
        rest = &rest[at + if rest[at..].starts_with(b"\r\n") { 2 } else { 1 }..];
    }
    out.extend_from_slice(rest);
}
