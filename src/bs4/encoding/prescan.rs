//! The HTML standard's prescan: finds the encoding declared by a `meta` tag in the first kilobyte,
//! distinguishing tags from comments.
//!
//! <https://html.spec.whatwg.org/multipage/parsing.html#prescan-a-byte-stream-to-determine-its-encoding>

use encoding_rs::Encoding;

/// The number of bytes scanned.
const PRESCANNED: usize = 1024;

/// Returns the encoding that an HTML document declares.
pub(crate) fn prescan(markup: &[u8]) -> Option<&'static Encoding> {
    let mut scan = Scan { bytes: &markup[..markup.len().min(PRESCANNED)], at: 0 };
    while scan.at < scan.bytes.len() {
        let rest = &scan.bytes[scan.at..];
        let is_name = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphabetic);
        if rest.starts_with(b"<!--") {
            // The two dashes that open a comment may also close it.
            let end = rest[2..].windows(3).position(|three| three == b"-->")?;
            scan.at += 2 + end + 3;
        } else if rest.get(..5).is_some_and(|tag| tag.eq_ignore_ascii_case(b"<meta"))
            && rest.get(5).is_some_and(|&b| is_space(b) || b == b'/')
        {
            scan.at += 5;
            if let Some(encoding) = scan.meta() {
                return Some(encoding);
            }
        } else if rest[0] == b'<' && (is_name(rest.get(1)) || rest.get(1) == Some(&b'/') && is_name(rest.get(2))) {
            scan.at += 1;
            scan.skip(|b| !is_space(b) && b != b'>');
            while scan.attribute().is_some() {}
        } else if rest.starts_with(b"<!") || rest.starts_with(b"</") || rest.starts_with(b"<?") {
            scan.skip(|b| b != b'>');
        }
        scan.at += 1;
    }
    None
}

struct Scan<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl Scan<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn skip(&mut self, pass: impl Fn(u8) -> bool) {
        while self.peek().is_some_and(&pass) {
            self.at += 1;
        }
    }

    /// Returns the encoding that the attributes of a `meta` tag declare.
    fn meta(&mut self) -> Option<&'static Encoding> {
        let (mut has_pragma, mut pending) = (false, None);
        let mut seen: Vec<Vec<u8>> = Vec::new();
        while let Some((name, value)) = self.attribute() {
            if seen.contains(&name) {
                continue;
            }
            match name.as_slice() {
                b"http-equiv" => has_pragma = value == b"content-type",
                b"charset" => {
                    if let Some(encoding) = label(&value) {
                        return Some(encoding);
                    }
                }
                b"content" if pending.is_none() => pending = content_charset(&value).and_then(label),
                _ => {}
            }
            if has_pragma && pending.is_some() {
                return pending;
            }
            seen.push(name);
        }
        None
    }

    /// Returns the next attribute in lower case; `None` at the tag's end.
    fn attribute(&mut self) -> Option<(Vec<u8>, Vec<u8>)> {
        self.skip(|b| is_space(b) || b == b'/');
        let mut name = Vec::new();
        loop {
            match self.peek()? {
                b'>' if name.is_empty() => return None,
                b'=' if !name.is_empty() => break,
                b'/' | b'>' => return Some((name, Vec::new())),
                b if is_space(b) => {
                    self.skip(is_space);
                    if self.peek()? != b'=' {
                        return Some((name, Vec::new()));
                    }
                    break;
                }
                b => name.push(b.to_ascii_lowercase()),
            }
            self.at += 1;
        }
        self.at += 1;
        self.skip(is_space);
        let quote = self.peek()?;
        let start = self.at;
        if quote == b'"' || quote == b'\'' {
            self.at += 1;
            self.skip(|b| b != quote);
            self.peek()?;
            self.at += 1;
            return Some((name, self.bytes[start + 1..self.at - 1].to_ascii_lowercase()));
        }
        self.skip(|b| !is_space(b) && b != b'>');
        self.peek()?;
        Some((name, self.bytes[start..self.at].to_ascii_lowercase()))
    }
}

/// Returns the `charset=` of a `content` attribute.
fn content_charset(value: &[u8]) -> Option<&[u8]> {
    let mut rest = value;
    loop {
        let at = rest.windows(7).position(|word| word.eq_ignore_ascii_case(b"charset"))?;
        rest = &rest[at + 7..];
        let trimmed = rest.trim_ascii_start();
        let Some(value) = trimmed.strip_prefix(b"=") else { continue };
        let value = value.trim_ascii_start();
        return match value.first()? {
            quote @ (b'"' | b'\'') => {
                let value = &value[1..];
                Some(&value[..value.iter().position(|b| b == quote)?])
            }
            _ => Some(&value[..value.iter().position(|&b| is_space(b) || b == b';').unwrap_or(value.len())]),
        };
    }
}

/// Returns the encoding of a label. A document that was readable up to here is not in UTF-16.
pub(crate) fn label(name: &[u8]) -> Option<&'static Encoding> {
    let encoding = Encoding::for_label_no_replacement(name)?;
    Some(match encoding.name() {
        "UTF-16LE" | "UTF-16BE" => encoding_rs::UTF_8,
        "x-user-defined" => encoding_rs::WINDOWS_1252,
        _ => encoding,
    })
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0c)
}
