//! Transfer encodings: base64 and quoted-printable (RFC 2045), and characters.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Appends base64 in lines of 76 characters, each with the line end.
pub(super) fn base64_lines(data: &[u8], linesep: &str, out: &mut Vec<u8>) {
    const LINE: usize = 57;
    let lines = data.len().div_ceil(LINE);
    out.reserve(lines * (76 + linesep.len()));
    let mut line = [0; 76];
    for chunk in data.chunks(LINE) {
        // 57 bytes are 76 characters: the slice always has room.
        let length = BASE64.encode_slice(chunk, &mut line).unwrap_or(0);
        out.extend_from_slice(&line[..length]);
        out.extend_from_slice(linesep.as_bytes());
    }
}

/// Decodes base64 as it comes: white space and other characters are passed over, padding may be missing.
pub(super) fn decode_base64(text: &[u8]) -> Vec<u8> {
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
    let mut kept: Vec<u8> =
        text.iter().copied().filter(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).collect();
    if kept.len() % 4 == 1 {
        kept.pop();
    }
    engine.decode(kept).unwrap_or_default()
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Quoted-printable of a body, in lines of at most 76 characters.
pub(super) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(body.len() + body.len() / 8);
    let mut lines = body.split(|byte| *byte == b'\n').peekable();
    while let Some(line) = lines.next() {
        let mut width = 0;
        for (at, byte) in line.iter().enumerate() {
            let last = at + 1 == line.len();
            let plain = matches!(byte, b'!'..=b'<' | b'>'..=b'~') || matches!(byte, b' ' | b'\t') && !last;
            let cost = if plain { 1 } else { 3 };
            // Room for the `=` of a soft break, unless the line ends here.
            if width + cost > if last { 76 } else { 75 } {
                out.extend_from_slice(b"=\n");
                width = 0;
            }
            if plain {
                out.push(*byte);
            } else {
                out.extend_from_slice(&[b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            width += cost;
        }
        if lines.peek().is_some() {
            out.push(b'\n');
        }
    }
    out
}

/// Decodes quoted-printable; what is none stays as it is.
pub(super) fn decode_quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        let (content, end) = match line.strip_suffix(b"\r\n") {
            Some(content) => (content, &b"\r\n"[..]),
            None => line.strip_suffix(b"\n").map_or((line, &b""[..]), |content| (content, &b"\n"[..])),
        };
        let (content, soft) = content.strip_suffix(b"=").map_or((content, false), |content| (content, true));
        let mut at = 0;
        while let Some(byte) = content.get(at) {
            let decoded = (*byte == b'=').then(|| Some(16 * hex(*content.get(at + 1)?)? + hex(*content.get(at + 2)?)?)).flatten();
            out.push(decoded.unwrap_or(*byte));
            at += if decoded.is_some() { 3 } else { 1 };
        }
        if !soft {
            out.extend_from_slice(end);
        }
    }
    out
}

pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Text in a charset; what it cannot say is replaced by `?`. None: a charset that nobody knows.
pub(super) fn to_charset<'a>(text: &'a str, charset: &str) -> Option<Cow<'a, [u8]>> {
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Some(Cow::Borrowed(text.as_bytes())),
        "us-ascii" | "ascii" => {
            Some(text.chars().map(|character| u8::try_from(character).ok().filter(u8::is_ascii).unwrap_or(b'?')).collect())
        }
        "iso-8859-1" | "latin-1" | "latin1" => {
            Some(text.chars().map(|character| u8::try_from(character).unwrap_or(b'?')).collect())
        }
        other => Some(Cow::Owned(encoding_rs::Encoding::for_label(other.as_bytes())?.encode(text).0.into_owned())),
    }
}

/// Bytes of a charset as text; what is none is replaced. An unknown charset is read as ASCII.
pub(super) fn from_charset(bytes: &[u8], charset: &str) -> String {
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => String::from_utf8_lossy(bytes).into_owned(),
        "iso-8859-1" | "latin-1" | "latin1" => bytes.iter().map(|byte| char::from(*byte)).collect(),
        other => match encoding_rs::Encoding::for_label(other.as_bytes()).filter(|_| !matches!(other, "us-ascii" | "ascii")) {
            Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            None => {
                bytes.iter().map(|byte| if byte.is_ascii() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER }).collect()
            }
        },
    }
}

/// True for a charset that [`to_charset`] knows.
pub(super) fn knows(charset: &str) -> bool {
    to_charset("", charset).is_some()
}
