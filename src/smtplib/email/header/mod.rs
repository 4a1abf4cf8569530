//! Header values: decodes and writes encoded words (RFC 2047).

pub(super) mod content_type;
pub(super) mod encoded_header;
pub(super) mod fold;
pub(super) mod header_lines;
pub(super) mod params;

use base64::Engine as _;

use super::content::encode::{BASE64, decode_base64, from_charset, from_charset_strict, hex};

/// Decodes a header value: encoded words become text, and white space between two of them is
/// dropped.
pub(super) fn decode_words(value: &str) -> String {
    pieces(value)
        .into_iter()
        .map(|(bytes, charset)| match charset {
            Some(charset) => from_charset(&bytes, &charset),
            None => String::from_utf8_lossy(&bytes).into_owned(),
        })
        .collect()
}

/// Splits a value into pieces, each with the charset of its encoded word, or `None` for plain text.
/// More lenient than [`decode_header`](super::decode_header), like the headers of Python's
/// `EmailMessage`.
fn pieces(value: &str) -> Vec<(Vec<u8>, Option<String>)> {
    let mut pieces: Vec<(Vec<u8>, Option<String>)> = Vec::new();
    let mut rest = value;
    let mut plain = String::new();
    while let Some(start) = rest.find("=?") {
        let Some((word, length)) = encoded_word(&rest[start..]) else {
            plain.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            continue;
        };
        plain.push_str(&rest[..start]);
        rest = &rest[start + length..];
        // White space between two encoded words only separates them.
        let separates = plain.trim().is_empty() && pieces.last().is_some_and(|(_, charset)| charset.is_some());
        if !plain.is_empty() && !separates {
            pieces.push((std::mem::take(&mut plain).into_bytes(), None));
        }
        plain.clear();
        // A character may be split between two words of the same charset.
        match pieces.last_mut() {
            Some((bytes, charset)) if *charset == word.1 => bytes.extend(word.0),
            _ => pieces.push(word),
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() || pieces.is_empty() {
        pieces.push((plain.into_bytes(), None));
    }
    pieces
}

/// Like [`decode_words`]. `None` if a charset is unknown, or bytes are invalid in it.
pub(super) fn decode_words_strict(value: &str) -> Option<String> {
    let text = |(bytes, charset): (Vec<u8>, Option<String>)| match charset {
        Some(charset) => from_charset_strict(&bytes, &charset),
        None => String::from_utf8(bytes).ok(),
    };
    pieces(value).into_iter().map(text).collect()
}

/// Returns bytes and charset of the encoded word at the start, and its length. Reads at most up to
/// the fourth question mark.
#[allow(clippy::type_complexity)]
pub(super) fn encoded_word(text: &str) -> Option<((Vec<u8>, Option<String>), usize)> {
    let inner = text.strip_prefix("=?")?;
    let (charset, after) = inner.split_once('?')?;
    if charset.is_empty() || charset.contains(char::is_whitespace) {
        return None;
    }
    let is_base64 = match after.as_bytes() {
        [b'B' | b'b', b'?', ..] => true,
        [b'Q' | b'q', b'?', ..] => false,
        _ => return None,
    };
    let after = &after[2..];
    let (encoded, end) = after.split_once('?')?;
    if !end.starts_with('=') || encoded.contains(char::is_whitespace) && is_base64 {
        return None;
    }
    let bytes = if is_base64 { decode_base64(encoded.as_bytes()) } else { decode_q(encoded.as_bytes()) };
    let length = 2 + charset.len() + 3 + encoded.len() + 2;
    // RFC 2231 allows a language after the charset.
    let charset = charset.split('*').next().unwrap_or(charset).to_ascii_lowercase();
    Some(((bytes, Some(charset)), length))
}

pub(super) fn decode_q(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let decoded = (*byte == b'=').then(|| Some(16 * hex(*text.get(at + 1)?)? + hex(*text.get(at + 2)?)?)).flatten();
        out.push(decoded.unwrap_or(if *byte == b'_' { b' ' } else { *byte }));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    out
}

pub(super) fn q_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'!' | b'*' | b'+' | b'-' | b'/')
}

/// Encodes text as encoded words in UTF-8 of at most 75 characters, separated by spaces.
pub(super) fn encode_word(text: &str) -> String {
    encode_words(text, 75, 75).join(" ")
}

/// Encodes text as encoded words in UTF-8: the first one at most `first` long, the others at most
/// `most`. Characters are not split.
pub(super) fn encode_words(text: &str, first: usize, most: usize) -> Vec<String> {
    let q_length = |text: &str| text.bytes().map(|byte| if q_plain(byte) || byte == b' ' { 1 } else { 3 }).sum::<usize>();
    let base64 = q_length(text) > text.len().div_ceil(3) * 4;
    let mark = |word: &str| match base64 {
        true => format!("=?utf-8?b?{}?=", BASE64.encode(word)),
        false => format!("=?utf-8?q?{}?=", encode_q(word.as_bytes())),
    };
    let mut words = Vec::new();
    let chrome = "=?utf-8?q??=".len();
    let (mut start, mut length) = (0, 0);
    for (at, character) in text.char_indices() {
        let next = at + character.len_utf8();
        let added = q_length(&text[at..next]);
        let total = if base64 { (next - start).div_ceil(3) * 4 } else { length + added };
        let room = if words.is_empty() { first } else { most }.saturating_sub(chrome);
        length += added;
        if total > room && at > start {
            words.push(mark(&text[start..at]));
            (start, length) = (at, added);
        }
    }
    words.push(mark(&text[start..]));
    words
}

pub(super) fn encode_q(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match *byte {
            b' ' => "_".to_owned(),
            byte if q_plain(byte) => char::from(byte).to_string(),
            byte => format!("={byte:02X}"),
        })
        .collect()
}

/// The headers that contain addresses: names in them are encoded, addresses never.
const ADDRESSES: &[&str] = &[
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "resent-from",
    "resent-sender",
    "resent-to",
    "resent-cc",
    "resent-bcc",
    "resent-reply-to",
];

/// Returns true for an address header.
pub(super) fn is_address(name: &str) -> bool {
    ADDRESSES.iter().any(|known| known.eq_ignore_ascii_case(name))
}
