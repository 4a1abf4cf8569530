//! Transfer encodings: base64 and quoted-printable (RFC 2045), and characters.

use std::borrow::Cow;

use base64::Engine as _;
pub(super) use base64::engine::general_purpose::STANDARD as BASE64;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

/// Appends base64 in lines of 76 characters, each with the line end.
pub(in crate::smtplib) fn base64_lines(data: &[u8], linesep: &str, out: &mut Vec<u8>) {
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

/// Decodes base64 as Python's `email` does: what is no base64 is passed over, padding may be missing, and with it the text ends. One character too many, and it is no base64:
/// then it stays as it is, without its line ends.
pub(super) fn decode_base64(text: &[u8]) -> Vec<u8> {
    a2b_base64(text, 2).unwrap_or_else(|| text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect())
}

/// Python's `binascii.a2b_base64`, with so many `=` added.
pub(super) fn a2b_base64(text: &[u8], padding: usize) -> Option<Vec<u8>> {
    let mut kept: Vec<u8> = Vec::with_capacity(text.len());
    let mut pads = 0;
    for byte in text.iter().copied().chain(std::iter::repeat_n(b'=', padding)) {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/') {
            pads = 0;
            kept.push(byte);
        } else if byte == b'=' && kept.len() % 4 >= 2 {
            pads += 1;
            if kept.len() % 4 + pads >= 4 {
                break;
            }
        }
    }
    let whole = kept.len().is_multiple_of(4) || kept.len() % 4 + pads >= 4;
    let lenient = GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    let engine = GeneralPurpose::new(&base64::alphabet::STANDARD, lenient);
    if whole { engine.decode(kept).ok() } else { None }
}

const HEX: &[u8; 16] = b"0123456789ABCDEF";

/// Quoted-printable of a body, in lines of at most 76 characters: `email.quoprimime.body_encode`.
pub(super) fn quoted_printable(body: &[u8]) -> Vec<u8> {
    const MOST: usize = 76;
    let mut out = Vec::with_capacity(body.len() + body.len() / 8);
    let mut quoted = Vec::new();
    for (number, line) in split_lines(body).enumerate() {
        if number > 0 {
            out.push(b'\n');
        }
        quoted.clear();
        for byte in line {
            match byte {
                b' '..=b'<' | b'>'..=b'~' | b'\t' => quoted.push(*byte),
                _ => quote(*byte, &mut quoted),
            }
        }
        let mut rest = quoted.as_slice();
        while rest.len() > MOST {
            // Room for the `=` of a soft break, and no `=XX` is broken up.
            let stop = if rest[MOST - 3] == b'=' { MOST - 3 } else { MOST - 1 };
            let stop = if rest[MOST - 2] == b'=' { MOST - 2 } else { stop };
            out.extend_from_slice(&rest[..stop]);
            out.extend_from_slice(b"=\n");
            rest = &rest[stop..];
        }
        match rest.split_last() {
            // White space at the end of a line would be lost on the way.
            Some((blank @ (b' ' | b'\t'), before)) => {
                out.extend_from_slice(before);
                match MOST - rest.len() {
                    2.. => quote(*blank, &mut out),
                    1 => out.extend_from_slice(&[*blank, b'=', b'\n']),
                    _ => {
                        out.extend_from_slice(b"=\n");
                        quote(*blank, &mut out);
                    }
                }
            }
            _ => out.extend_from_slice(rest),
        }
    }
    if matches!(body.last(), Some(b'\n' | b'\r')) {
        out.push(b'\n');
    }
    out
}

fn quote(byte: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(&[b'=', HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
}

/// The same with spaces and tabs quoted too: `quopri.encodestring(body, quotetabs=True)`.
pub(super) fn quoted_printable_all(body: &[u8]) -> Vec<u8> {
    const MOST: usize = 76;
    let first = body.iter().position(|byte| *byte == b'\n');
    let linesep: &[u8] = if first.is_some_and(|at| at > 0 && body[at - 1] == b'\r') { b"\r\n" } else { b"\n" };
    let mut out = Vec::with_capacity(body.len() + body.len() / 4);
    let (mut at, mut width) = (0, 0);
    while let Some(byte) = body.get(at) {
        let rest = &body[at..];
        if rest.starts_with(b"\n") || rest.starts_with(b"\r\n") {
            out.extend_from_slice(linesep);
            at += if *byte == b'\r' { 2 } else { 1 };
            width = 0;
            continue;
        }
        // A dot alone on a line would end the message for some.
        let dot = *byte == b'.' && width == 0 && matches!(rest.get(1), None | Some(b'\n' | b'\r' | 0));
        if !matches!(byte, b'!'..=b'<' | b'>'..=b'~' | b'\r') || dot {
            if width + 3 >= MOST {
                out.push(b'=');
                out.extend_from_slice(linesep);
                width = 0;
            }
            quote(*byte, &mut out);
            width += 3;
        } else {
            if !matches!(rest.get(1), None | Some(b'\n')) && width + 1 >= MOST {
                out.push(b'=');
                out.extend_from_slice(linesep);
                width = 0;
            }
            out.push(*byte);
            width += 1;
        }
        at += 1;
    }
    out
}

/// `bytes.splitlines()`.
pub(super) fn split_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let end = memchr::memchr2(b'\n', b'\r', rest).unwrap_or(rest.len());
        let line = &rest[..end];
        let skip = if rest[end..].starts_with(b"\r\n") { 2 } else { usize::from(end < rest.len()) };
        rest = &rest[end + skip..];
        Some(line)
    })
}

/// Decodes quoted-printable; what is none stays as it is.
pub(super) fn decode_quoted_printable(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(mark) = rest.iter().position(|byte| *byte == b'=') {
        out.extend_from_slice(&rest[..mark]);
        rest = &rest[mark + 1..];
        match rest {
            [b'\n' | b'\r', ..] => {
                let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
                rest = &rest[end..];
            }
            // As Python has it: one that is not encoded is doubled, perhaps.
            [b'=', after @ ..] => {
                out.push(b'=');
                rest = after;
            }
            [high, low, after @ ..] if let (Some(high), Some(low)) = (hex(*high), hex(*low)) => {
                out.push(16 * high + low);
                rest = after;
            }
            [] => {}
            _ => out.push(b'='),
        }
    }
    out.extend_from_slice(rest);
    out
}

pub(super) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// Text in a charset; what it cannot say is replaced. None: a charset that nobody knows.
pub(super) fn to_charset<'a>(text: &'a str, charset: &str) -> Option<Cow<'a, [u8]>> {
    let latin = |most: u32| {
        text.chars().map(move |character| if u32::from(character) <= most { character as u8 } else { b'?' }).collect()
    };
    match charset.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" => Some(Cow::Borrowed(text.as_bytes())),
        "us-ascii" | "ascii" => Some(latin(0x7f)),
        "iso-8859-1" | "latin-1" | "latin1" => Some(latin(0xff)),
        other => Some(Cow::Owned(encoding(other)?.encode(text).0.into_owned())),
    }
}

/// An encoding that can be written: UTF-16 cannot, by the web's rules.
fn encoding(name: &str) -> Option<&'static encoding_rs::Encoding> {
    encoding_rs::Encoding::for_label(name.as_bytes()).filter(|encoding| encoding.output_encoding() == *encoding)
}

/// Text in a charset. None if it cannot say that, or nobody knows it.
pub(super) fn to_charset_strict(text: &str, charset: &str) -> Option<Vec<u8>> {
    let says = |most: u32| text.chars().all(|character| u32::from(character) <= most);
    let lossless = match charset {
        "us-ascii" => says(0x7f),
        "iso-8859-1" => says(0xff),
        "utf-8" | "utf8" => true,
        other => !encoding(other)?.encode(text).2,
    };
    if lossless { to_charset(text, charset).map(Cow::into_owned) } else { None }
}

/// Bytes of a charset as text. None if they are none, or nobody knows it.
pub(super) fn from_charset_strict(bytes: &[u8], charset: &str) -> Option<String> {
    match charset {
        "us-ascii" => bytes.is_ascii().then(|| from_charset(bytes, charset)),
        "iso-8859-1" => Some(from_charset(bytes, charset)),
        other => encoding(other)?.decode_without_bom_handling_and_without_replacement(bytes).map(Cow::into_owned),
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
