//! Parses messages from bytes. Any input is a message; problems are recorded in its `defects`.

pub(super) mod boundary;
pub(super) mod parser;

use super::Policy;
use super::content::encode::base64_defects;
use super::message::{Body, EmailMessage, Field};

/// A defect of a parsed message: Python's `email.errors.MessageDefect`s.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// A multipart without a boundary: its body is text.
    NoBoundaryInMultipart,
    /// The boundary does not occur.
    StartBoundaryNotFound,
    /// The closing boundary is missing: the message is truncated.
    CloseBoundaryNotFound,
    /// The first header line is a continuation line.
    FirstHeaderLineIsContinuation,
    /// The headers end without an empty line.
    MissingHeaderBodySeparator,
    /// A `From ` line among the headers.
    MisplacedEnvelopeHeader,
    /// A header without a name, which is left out.
    InvalidHeader,
    /// The outermost message is a multipart without parts.
    MultipartInvariantViolation,
    /// A multipart with a transfer encoding.
    InvalidMultipartContentTransferEncoding,
    /// Parts nested deeper than 100: the inner ones are left as text.
    TooDeep,
    /// A base64 body without the required `=`.
    InvalidBase64Padding,
    /// A base64 body with invalid characters, or with `=` before its end. They are skipped, and the
    /// rest is decoded.
    InvalidBase64Characters,
    /// A base64 body with one character too many: it is left encoded.
    InvalidBase64Length,
}

/// The maximum nesting of parts.
const DEPTH: usize = 100;

impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Defect::NoBoundaryInMultipart => "a multipart without a boundary",
            Defect::StartBoundaryNotFound => "missing start boundary of a multipart",
            Defect::CloseBoundaryNotFound => "missing closing boundary of a multipart",
            Defect::FirstHeaderLineIsContinuation => "continuation line before the first header",
            Defect::MissingHeaderBodySeparator => "no empty line after the headers",
            Defect::MisplacedEnvelopeHeader => "a From line among the headers",
            Defect::InvalidHeader => "a header without a name",
            Defect::MultipartInvariantViolation => "a multipart without parts",
            Defect::InvalidMultipartContentTransferEncoding => "a multipart with a transfer encoding",
            Defect::TooDeep => "parts nested deeper than 100",
            Defect::InvalidBase64Padding => "base64 without its padding",
            Defect::InvalidBase64Characters => "invalid characters in base64",
            Defect::InvalidBase64Length => "base64 of an invalid length",
        })
    }
}

impl EmailMessage {
    /// Parses a message: [`message_from_bytes`](super::message_from_bytes) with
    /// [`Policy::DEFAULT`], which does not fail.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> EmailMessage {
        message(bytes.as_ref(), Policy::DEFAULT, false).0
    }

    /// Parses the headers and leaves the rest as text.
    pub fn headers_from_bytes(bytes: impl AsRef<[u8]>) -> EmailMessage {
        message(bytes.as_ref(), Policy::DEFAULT, true).0
    }
}

/// Returns the message, and the first of its defects that [`Policy::raise_on_defect`] turns into an
/// error.
pub(super) fn message(bytes: &[u8], policy: Policy, headersonly: bool) -> (EmailMessage, Option<Defect>) {
    let mut reader = Reader { policy, first: None };
    let (mut message, body) = reader.headers(bytes);
    if headersonly {
        message.body = text(body);
    } else {
        reader.fill(&mut message, body, 0);
    }
    (message, reader.first)
}

impl From<&str> for EmailMessage {
    /// `email.message_from_string(text, policy=policy.default)`.
    fn from(text: &str) -> EmailMessage {
        EmailMessage::from_bytes(text)
    }
}

fn text(body: &[u8]) -> Body {
    if body.is_empty() { Body::Empty } else { Body::Encoded(body.to_vec()) }
}

/// Returns a line without its line end.
fn bare(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// Splits a text into lines with their line ends: `\n`, `\r\n` or, as in Python, `\r` alone.
/// Software that treats `\r` as a line end must not see other headers than this parser.
fn lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', rest).map_or(rest.len(), |at| at + 1);
        let end = if rest[end - 1] == b'\r' && rest.get(end) == Some(&b'\n') { end + 1 } else { end };
        let (line, after) = rest.split_at(end);
        rest = after;
        Some(line)
    })
}

/// Appends a line to the value of a header. Bytes that are not UTF-8 are kept in addition to the
/// text.
fn append(header: &mut Field, line: &[u8]) {
    if header.bytes.is_none() && std::str::from_utf8(line).is_err() {
        header.bytes = Some(header.value.clone().into_bytes());
    }
    if let Some(bytes) = &mut header.bytes {
        bytes.extend_from_slice(line);
    }
    header.value.push_str(&String::from_utf8_lossy(line));
}

struct Reader {
    policy: Policy,
    first: Option<Defect>,
}

impl Reader {
    /// Returns the message without its body, and the body.
    fn headers<'b>(&mut self, bytes: &'b [u8]) -> (EmailMessage, &'b [u8]) {
        let mut message = EmailMessage::with_policy(self.policy);
        let mut at = 0;
        for (number, line) in lines(bytes).enumerate() {
            let content = bare(line);
            if content.is_empty() {
                return (message, &bytes[at + line.len()..]);
            }
            if matches!(content[0], b' ' | b'\t') {
                match message.headers.last_mut() {
                    Some(header) => {
                        append(header, b"\n");
                        append(header, content);
                    }
                    None => self.note(&mut message, Defect::FirstHeaderLineIsContinuation),
                }
            } else if content.starts_with(b"From ") {
                match number {
                    0 => message.unixfrom = Some(String::from_utf8_lossy(content).into_owned()),
                    _ => message.defects.push(Defect::MisplacedEnvelopeHeader),
                }
            } else {
                let name =
                    content.iter().position(|byte| *byte == b':').filter(|end| content[..*end].iter().all(u8::is_ascii_graphic));
                let Some(end) = name else {
                    self.note(&mut message, Defect::MissingHeaderBodySeparator);
                    return (message, &bytes[at..]);
                };
                if end == 0 {
                    message.defects.push(Defect::InvalidHeader);
                    at += line.len();
                    continue;
                }
                let name = String::from_utf8_lossy(&content[..end]).into_owned();
                let mut header = Field { name, value: String::new(), raw: true, bytes: None };
                append(&mut header, &content[end + 1..]);
                message.headers.push(header);
            }
            at += line.len();
        }
        (message, &[])
    }

    fn parse(&mut self, bytes: &[u8], depth: usize) -> EmailMessage {
        let (mut message, body) = self.headers(bytes);
        self.fill(&mut message, body, depth);
        message
    }

    /// Records a defect that Python raises if the policy requires it.
    fn note(&mut self, message: &mut EmailMessage, defect: Defect) {
        self.first.get_or_insert_with(|| defect.clone());
        message.defects.push(defect);
    }

    /// Records a multipart without parts. Python checks only the top-level message.
    fn no_parts(&mut self, message: &mut EmailMessage, why: Defect, depth: usize) {
        self.note(message, why);
        if depth == 0 {
            self.note(message, Defect::MultipartInvariantViolation);
        }
    }

    fn fill(&mut self, message: &mut EmailMessage, body: &[u8], depth: usize) {
        let main = message.get_content_maintype();
        if !matches!(main.as_str(), "multipart" | "message") {
            message.body = text(body);
            let encoding = message.get("Content-Transfer-Encoding").unwrap_or_default();
            if encoding.trim().eq_ignore_ascii_case("base64") {
                // Python records these when the body is decoded.
                message.defects.extend(base64_defects(body));
            }
            return;
        }
        if depth >= DEPTH {
            self.note(message, Defect::TooDeep);
            message.body = text(body);
            return;
        }
        if main == "message" {
            let kind = message.get_content_subtype();
            message.body = match kind.as_str() {
                // Header blocks, one after the other.
                "delivery-status" => Body::Parts(self.blocks(body)),
                _ => Body::Parts(vec![self.parse(body, depth + 1)]),
            };
            return;
        }
        let Some(boundary) = message.get_boundary().filter(|boundary| !boundary.is_empty()) else {
            self.no_parts(message, Defect::NoBoundaryInMultipart, depth);
            message.body = text(body);
            return;
        };
        let encoding = message.get("Content-Transfer-Encoding").unwrap_or_else(|| "8bit".into());
        if !["7bit", "8bit", "binary"].contains(&encoding.trim().to_ascii_lowercase().as_str()) {
            self.note(message, Defect::InvalidMultipartContentTransferEncoding);
        }
        self.split(message, body, &boundary, depth);
    }

    fn blocks(&mut self, body: &[u8]) -> Vec<EmailMessage> {
        let mut blocks = Vec::new();
        let mut rest = body;
        while !rest.is_empty() {
            let (mut block, after) = self.headers(rest);
            let stuck = after.len() == rest.len();
            if stuck {
                block.body = text(after);
            }
            if !block.headers.is_empty() || stuck {
                blocks.push(block);
            }
            rest = if stuck { &[] } else { after };
        }
        blocks
    }

    fn split(&mut self, message: &mut EmailMessage, body: &[u8], boundary: &str, depth: usize) {
        let mut parts = Vec::new();
        let mut open: Option<usize> = None;
        let mut closed = None;
        let digest = message.get_content_subtype() == "digest";
        let take = |this: &mut Reader, from: usize, to: usize| {
            // The line end before a boundary belongs to the boundary.
            let text = body.get(from..to).unwrap_or_default();
            let text = bare(text);
            let (mut part, inner) = this.headers(text);
            if digest {
                part.default_type = Some("message/rfc822".into());
            }
            this.fill(&mut part, inner, depth + 1);
            part
        };
        for (start, end, last) in boundaries(body, boundary) {
            // As in Python, there is no part between consecutive boundaries.
            if open == Some(start) {
                open = Some(end);
                continue;
            }
            match open {
                Some(from) => parts.push(take(self, from, start)),
                None if start > 0 => message.preamble = Some(String::from_utf8_lossy(bare(&body[..start])).into_owned()),
                None => {}
            }
            open = Some(end);
            if last {
                closed = Some(end);
                break;
            }
        }
        match (open, closed) {
            (None, _) => {
                self.no_parts(message, Defect::StartBoundaryNotFound, depth);
                message.body = text(body);
                return;
            }
            (Some(from), None) => {
                parts.push(take(self, from, body.len()));
                self.note(message, Defect::CloseBoundaryNotFound);
            }
            (_, Some(end)) => message.epilogue = body.get(end..).map(|rest| String::from_utf8_lossy(rest).into_owned()),
        }
        message.body = Body::Parts(parts);
    }
}

/// Returns the positions of the boundaries: start, end, and whether it is the closing one.
fn boundaries<'a>(body: &'a [u8], boundary: &'a str) -> impl Iterator<Item = (usize, usize, bool)> + 'a {
    let mut at = 0;
    lines(body).filter_map(move |line| {
        let start = at;
        at += line.len();
        let rest = bare(line).strip_prefix(b"--")?.strip_prefix(boundary.as_bytes())?;
        let (rest, last) = rest.strip_prefix(b"--").map_or((rest, false), |rest| (rest, true));
        rest.iter().all(|byte| matches!(byte, b' ' | b'\t')).then_some((start, at, last))
    })
}
