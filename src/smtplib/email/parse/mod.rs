//! Reading a message from bytes. Anything is a message; what is wrong with it is in its `defects`.

pub(super) mod boundary;
pub(super) mod parser;

use super::Policy;
use super::content::encode::base64_defects;
use super::message::{Body, EmailMessage, Field};

/// What is wrong with a message that was parsed: Python's `email.errors.MessageDefect`s.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// A multipart without a boundary: its body is a text.
    NoBoundaryInMultipart,
    /// The boundary never came.
    StartBoundaryNotFound,
    /// The last boundary never came: the message is cut.
    CloseBoundaryNotFound,
    /// The first line of the headers continues a header that is not there.
    FirstHeaderLineIsContinuation,
    /// The headers end without an empty line.
    MissingHeaderBodySeparator,
    /// A `From ` line stands among the headers.
    MisplacedEnvelopeHeader,
    /// A header without a name: it is left out.
    InvalidHeader,
    /// The outermost message is a multipart without parts.
    MultipartInvariantViolation,
    /// A multipart that says it is encoded.
    InvalidMultipartContentTransferEncoding,
    /// Parts in parts beyond 100: the inner ones are left as text.
    TooDeep,
    /// A base64 body without the `=` that its length needs.
    InvalidBase64Padding,
    /// A base64 body with characters that are not base64, or with `=` before its end. They are passed over, and the rest is decoded.
    InvalidBase64Characters,
    /// A base64 body of one character too many: it is left encoded.
    InvalidBase64Length,
}

/// Parts in parts, at most.
const DEPTH: usize = 100;

impl std::fmt::Display for Defect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Defect::NoBoundaryInMultipart => "a multipart without a boundary",
            Defect::StartBoundaryNotFound => "the boundary of a multipart never comes",
            Defect::CloseBoundaryNotFound => "the last boundary of a multipart never comes",
            Defect::FirstHeaderLineIsContinuation => "the first line of the headers continues none",
            Defect::MissingHeaderBodySeparator => "no empty line ends the headers",
            Defect::MisplacedEnvelopeHeader => "a From line among the headers",
            Defect::InvalidHeader => "a header without a name",
            Defect::MultipartInvariantViolation => "a multipart without parts",
            Defect::InvalidMultipartContentTransferEncoding => "a multipart that says it is encoded",
            Defect::TooDeep => "parts in parts beyond 100",
            Defect::InvalidBase64Padding => "base64 without its padding",
            Defect::InvalidBase64Characters => "invalid characters in base64",
            Defect::InvalidBase64Length => "base64 of an invalid length",
        })
    }
}

impl EmailMessage {
    /// Reads a message: [`message_from_bytes`](super::message_from_bytes) by [`Policy::DEFAULT`], which is never an error.
    pub fn from_bytes(bytes: impl AsRef<[u8]>) -> EmailMessage {
        message(bytes.as_ref(), Policy::DEFAULT, false).0
    }

    /// Reads the headers and leaves the rest as a text.
    pub fn headers_from_bytes(bytes: impl AsRef<[u8]>) -> EmailMessage {
        message(bytes.as_ref(), Policy::DEFAULT, true).0
    }
}

/// The message, and the first of its defects that an error is made of by [`Policy::raise_on_defect`].
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

/// A line without its end.
fn bare(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

/// The lines of a text, each with its end: `\n`, `\r\n` or, as in Python, `\r` alone. Servers and readers that take it for an end must not see other headers than we do.
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

/// Appends a line to the value of a header. Bytes that are not UTF-8 are kept beside the text.
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
    /// The message without its body, and the body.
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

    /// Enters a defect that Python raises where it is told to.
    fn note(&mut self, message: &mut EmailMessage, defect: Defect) {
        self.first.get_or_insert_with(|| defect.clone());
        message.defects.push(defect);
    }

    /// A multipart without parts. Python looks at the outermost message only for that.
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
                // Python enters these when the body is decoded.
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
            // As in Python, there is no part between boundaries that follow each other.
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

/// Where a line is a boundary: its start, its end, and whether it is the last one.
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
