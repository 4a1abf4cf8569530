//! Percent-decoding, shared by `requests` and the redaction of URLs.

use std::borrow::Cow;

/// `urllib.parse.unquote`: invalid escapes are kept, bytes that are not UTF-8 become U+FFFD.
pub(crate) fn unquote(text: &str) -> String {
    match String::from_utf8_lossy(&unquote_to_bytes(text)) {
        Cow::Borrowed(text) => text.to_owned(),
        Cow::Owned(text) => text,
    }
}

/// `urllib.parse.unquote_to_bytes`.
pub(crate) fn unquote_to_bytes(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, hex_pair(bytes, at + 1)) {
            (b'%', Some(value)) => {
                out.push(value);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

/// Returns the byte for two hexadecimal digits at this position.
pub(crate) fn hex_pair(bytes: &[u8], at: usize) -> Option<u8> {
    let digit = |at: usize| char::from(*bytes.get(at)?).to_digit(16);
    Some((digit(at)? * 16 + digit(at + 1)?) as u8)
}
