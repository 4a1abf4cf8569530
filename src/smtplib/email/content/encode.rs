//! Transfer encodings (base64 and quoted-printable, RFC 2045) and charsets.

use std::borrow::Cow;

use base64::Engine as _;
pub(in crate::smtplib::email) use base64::engine::general_purpose::STANDARD as BASE64;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::smtplib::email::Defect;

/// Appends base64 in lines of 76 characters, each with a line end.
pub(in crate::smtplib) fn base64_lines(data: &[u8], linesep: &str, out: &mut Vec<u8>) {
    const LINE: usize = 57;
    let lines = data.len().div_ceil(LINE);
    out.reserve(lines * (76 + linesep.len()));
    let mut line = [0; 76];
    for chunk in data.chunks(LINE) {
        // 57 bytes are 76 characters: the buffer is always large enough.
        let length = BASE64.encode_slice(chunk, &mut line).unwrap_or(0);
        out.extend_from_slice(&line[..length]);
        out.extend_from_slice(linesep.as_bytes());
    }
}

/// Decodes base64 as Python's `email` does: other characters are skipped, and padding may be
/// missing. If one character is left over, the text is not base64 and is returned without its line
/// ends.
///
/// DIFFERENCE: data after padding is decoded too. Python silently drops it.
pub(in crate::smtplib::email) fn decode_base64(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len() / 4 * 3 + 3);
    let left = base64_groups(text, |group, length| out.extend_from_slice(&group[..length]));
    match left.as_slice() {
        [] => {}
        [_] => return text.iter().copied().filter(|byte| !matches!(byte, b'\r' | b'\n')).collect(),
        left => {
            let (group, length) = base64_group(left);
            out.extend_from_slice(&group[..length]);
        }
    }
    out
}

fn base64_value(byte: u8) -> Option<u8> {
    Some(match byte {
        b'A'..=b'Z' => byte - b'A',
        b'a'..=b'z' => byte - b'a' + 26,
        b'0'..=b'9' => byte - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    })
}

/// Passes each decoded group of four characters to `take`, and returns the values of an incomplete
/// last group. Characters that are not base64 are skipped; padding ends a group, and another may
/// follow.
fn base64_groups(text: &[u8], mut take: impl FnMut([u8; 3], usize)) -> Vec<u8> {
    let mut values = Vec::with_capacity(4);
    let mut padding = 0;
    for byte in text {
        if let Some(value) = base64_value(*byte) {
            padding = 0;
            values.push(value);
        } else if *byte == b'=' && values.len() >= 2 {
            padding += 1;
        } else {
            continue;
        }
        if values.len() + padding >= 4 {
            let (group, length) = base64_group(&values);
            take(group, length);
            values.clear();
            padding = 0;
        }
    }
    values
}

/// Converts two to four values to one to three bytes.
fn base64_group(values: &[u8]) -> ([u8; 3], usize) {
    let bits = (0..4).fold(0u32, |bits, at| bits << 6 | u32::from(values.get(at).copied().unwrap_or(0)));
    let [_, first, second, third] = bits.to_be_bytes();
    ([first, second, third], values.len().saturating_sub(1))
}

/// Returns the defects of a base64 body that Python's `decode_b` reports.
pub(in crate::smtplib::email) fn base64_defects(text: &[u8]) -> Vec<Defect> {
    let encoded = || text.iter().filter(|byte| !matches!(byte, b'\r' | b'\n'));
    let length = encoded().count();
    let kept = encoded().take_while(|byte| base64_value(**byte).is_some()).count();
    let missing = (4 - length % 4) % 4;
    let clean = encoded().skip(kept).all(|byte| *byte == b'=');
    let padding = length - kept + missing;
    if clean && matches!((kept % 4, padding), (0, 0) | (2, 2) | (3, 1)) {
        return if missing > 0 { vec![Defect::InvalidBase64Padding] } else { Vec::new() };
    }
    match base64_groups(text, |_, _| {}).len() {
        0 => vec![Defect::InvalidBase64Characters],
        1 => vec![Defect::InvalidBase64Length],
        _ => vec![Defect::InvalidBase64Characters, Defect::InvalidBase64Padding],
    }
}

/// Python's `binascii.a2b_base64`, with this many `=` appended.
pub(in crate::smtplib::email) fn a2b_base64(text: &[u8], padding: usize) -> Option<Vec<u8>> {
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

/// Encodes a body as quoted-printable, in lines of at most 76 characters:
/// `email.quoprimime.body_encode`.
pub(in crate::smtplib::email) fn quoted_printable(body: &[u8]) -> Vec<u8> {
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
            // Leaves room for the `=` of a soft break, and does not split an `=XX`.
            let stop = if rest[MOST - 3] == b'=' { MOST - 3 } else { MOST - 1 };
            let stop = if rest[MOST - 2] == b'=' { MOST - 2 } else { stop };
            out.extend_from_slice(&rest[..stop]);
            out.extend_from_slice(b"=\n");
            rest = &rest[stop..];
        }
        match rest.split_last() {
            // Trailing white space of a line could be lost in transport.
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

/// Like [`quoted_printable`], with spaces and tabs encoded too: `quopri.encodestring(body,
/// quotetabs=True)`.
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
        // Some software treats a line with a lone dot as the end of the message.
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
pub(in crate::smtplib::email) fn split_lines(text: &[u8]) -> impl Iterator<Item = &[u8]> {
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

/// Decodes quoted-printable; invalid escapes stay unchanged.
pub(in crate::smtplib::email) fn decode_quoted_printable(text: &[u8]) -> Vec<u8> {
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
            // As in Python, a doubled `==` may stand for an unencoded one.
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

pub(in crate::smtplib::email) fn hex(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// A charset in mail: those on which Python and the web agree come from [`encoding_rs`]; the other
/// two are those that the web treats as windows-1252.
enum Charset {
    Ascii,
    Latin1,
    Other(&'static encoding_rs::Encoding),
}

/// Returns `None` for an unknown charset, and for UTF-16, which the web only decodes.
fn charset(name: &str) -> Option<Charset> {
    let name = name.trim().to_ascii_lowercase().replace('_', "-");
    match name.as_str() {
        "latin-1" | "latin" | "l1" | "8859" | "iso8859" | "iso-8859-1-1987" => return Some(Charset::Latin1),
        "646" => return Some(Charset::Ascii),
        _ => {}
    }
    let labels = [name.clone(), name.replace('-', "_"), name.replace('-', "")];
    let encoding = labels.iter().find_map(|label| encoding_rs::Encoding::for_label(label.as_bytes()))?;
    if encoding == encoding_rs::WINDOWS_1252 && !name.contains("1252") {
        return Some(if name.contains("ascii") || name.starts_with("ansi") { Charset::Ascii } else { Charset::Latin1 });
    }
    (encoding.output_encoding() == encoding).then_some(Charset::Other(encoding))
}

/// Encodes text. `None` if a character is not in the charset, or the charset is unknown.
pub(super) fn to_charset<'a>(text: &'a str, name: &str) -> Option<Cow<'a, [u8]>> {
    match charset(name)? {
        Charset::Ascii => text.is_ascii().then_some(Cow::Borrowed(text.as_bytes())),
        Charset::Latin1 => {
            text.chars().map(|character| u8::try_from(character).ok()).collect::<Option<Vec<u8>>>().map(Cow::Owned)
        }
        Charset::Other(encoding) => {
            let (bytes, _, replaced) = encoding.encode(text);
            (!replaced).then_some(bytes)
        }
    }
}

/// Returns the first character that the charset does not have, and its position.
pub(super) fn unencodable(text: &str, name: &str) -> Option<(usize, char)> {
    text.chars().enumerate().find(|(_, character)| to_charset(character.encode_utf8(&mut [0; 4]), name).is_none())
}

/// Like [`to_charset`], with an owned result.
pub(super) fn to_charset_strict(text: &str, name: &str) -> Option<Vec<u8>> {
    to_charset(text, name).map(Cow::into_owned)
}

/// Decodes bytes. `None` if they are invalid, or the charset is unknown.
pub(in crate::smtplib::email) fn from_charset_strict(bytes: &[u8], name: &str) -> Option<String> {
    match charset(name)? {
        Charset::Ascii => bytes.is_ascii().then(|| from_charset(bytes, "ascii")),
        Charset::Latin1 => Some(bytes.iter().map(|byte| char::from(*byte)).collect()),
        Charset::Other(encoding) => encoding.decode_without_bom_handling_and_without_replacement(bytes).map(Cow::into_owned),
    }
}

/// Decodes bytes, replacing invalid ones. An unknown charset is read as ASCII.
pub(in crate::smtplib::email) fn from_charset(bytes: &[u8], name: &str) -> String {
    let ascii = |byte: &u8| if byte.is_ascii() { char::from(*byte) } else { char::REPLACEMENT_CHARACTER };
    match charset(name) {
        Some(Charset::Latin1) => bytes.iter().map(|byte| char::from(*byte)).collect(),
        Some(Charset::Other(encoding)) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        Some(Charset::Ascii) => bytes.iter().map(ascii).collect(),
        None => match encoding_rs::Encoding::for_label(name.as_bytes()) {
            Some(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
            None => bytes.iter().map(ascii).collect(),
        },
    }
}

/// Returns true for a charset that [`to_charset`] supports.
pub(in crate::smtplib::email) fn knows(charset: &str) -> bool {
    to_charset("", charset).is_some()
}
