//! Writing a message.

use super::composed::{Composed, Sink};
use super::encode::quoted_printable;
use super::header::fold;
use super::message::{Body, EmailMessage, Field};
use super::{Policy, Refold};

impl EmailMessage {
    /// The message as bytes, as its [`policy`](EmailMessage::policy) has it: lines ended by `\n` at first. It is what [`EmailMessage::from_bytes`] reads.
    #[doc(alias = "email.message.EmailMessage.as_bytes")]
    pub fn as_bytes(&self) -> Vec<u8> {
        self.as_bytes_with(self.policy)
    }

    /// The message as bytes, as this policy has it: [`Policy::SMTP`] for the wire.
    pub fn as_bytes_with(&self, policy: Policy) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.estimate());
        self.write(&policy, &mut out, 0, &[]);
        out
    }

    /// The message for the wire, without the outermost headers of these names.
    pub(in crate::smtplib) fn compose(&self, policy: Policy, omit: &[&str]) -> Composed {
        let mut composed = Composed::default();
        self.write(&policy, &mut composed, 0, omit);
        composed
    }

    /// The message as text: bodies with bytes above 127 are encoded.
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

    fn write(&self, policy: &Policy, sink: &mut impl Sink, depth: usize, omit: &[&str]) {
        let end = policy.linesep.as_bytes();
        // A policy without eight bits turns an 8bit body into quoted-printable.
        let recode = !policy.eight_bit && matches!(&self.body, Body::Encoded(text) if !text.is_ascii());
        let generated = self.boundary_to_write(depth);
        let out = sink.text();
        for header in &self.headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            if omit.iter().any(|name| is(name)) {
                continue;
            }
            if header.raw && !(recode && is("Content-Transfer-Encoding")) {
                if refolds(header, policy) {
                    out.extend_from_slice(fold(&header.name, &header.unfolded(), policy).as_bytes());
                    continue;
                }
                out.extend_from_slice(header.name.as_bytes());
                out.extend_from_slice(b":");
                for line in header.value.split('\n') {
                    out.extend_from_slice(line.trim_end_matches('\r').as_bytes());
                    out.extend_from_slice(end);
                }
                continue;
            }
            let value = match &generated {
                _ if recode && is("Content-Transfer-Encoding") => "quoted-printable".to_owned(),
                Some(boundary) if is("Content-Type") => format!("{}; boundary=\"{boundary}\"", header.value),
                _ => header.value.clone(),
            };
            out.extend_from_slice(fold(&header.name, &value, policy).as_bytes());
        }
        out.extend_from_slice(end);
        match &self.body {
            Body::Empty => {}
            Body::Encoded(text) if recode => write_lines(&quoted_printable(text), policy, out),
            Body::Encoded(text) => write_lines(text, policy, out),
            Body::ToBase64(data) => sink.base64(data, policy.linesep),
            Body::Parts(parts) if self.get_content_maintype() == "multipart" => {
                let boundary = generated.or_else(|| self.get_boundary()).unwrap_or_default();
                if let Some(preamble) = &self.preamble {
                    write_lines(preamble.as_bytes(), policy, out);
                    out.extend_from_slice(end);
                }
                for part in parts {
                    sink.text().extend_from_slice(format!("--{boundary}{}", policy.linesep).as_bytes());
                    part.write(policy, sink, depth + 1, &[]);
                    sink.text().extend_from_slice(end);
                }
                let out = sink.text();
                out.extend_from_slice(format!("--{boundary}--{}", policy.linesep).as_bytes());
                if let Some(epilogue) = &self.epilogue {
                    write_lines(epilogue.as_bytes(), policy, out);
                }
            }
            Body::Parts(parts) => parts.iter().for_each(|part| part.write(policy, sink, depth + 1, &[])),
        }
    }

    /// The boundary of a multipart that names none: one that stands in no part.
    fn boundary_to_write(&self, depth: usize) -> Option<String> {
        if !self.is_multipart() || self.get_content_maintype() != "multipart" || self.get_boundary().is_some() {
            return None;
        }
        // Only encoded bodies can hold it: base64 has no `=` before its end, and none of `_`.
        (0..).map(|number| format!("==============={depth:04}{number:06}{:09}==", self.parts().len())).find(|boundary| {
            let needle = format!("--{boundary}");
            !self.walk().skip(1).any(|part| match &part.body {
                Body::Encoded(text) => memchr::memmem::find(text, needle.as_bytes()).is_some(),
                _ => part.get_boundary().as_deref() == Some(boundary),
            })
        })
    }
}

/// True for a header that came in lines longer than the policy has them.
fn refolds(header: &Field, policy: &Policy) -> bool {
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

/// The text with the line ends of the policy.
fn write_lines(text: &[u8], policy: &Policy, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr::memchr2(b'\r', b'\n', rest) {
        out.extend_from_slice(&rest[..at]);
        out.extend_from_slice(policy.linesep.as_bytes());
        rest = &rest[at + if rest[at..].starts_with(b"\r\n") { 2 } else { 1 }..];
    }
    out.extend_from_slice(rest);
}
