//! Percent-encoding, as `urllib.parse` and requests do it.

use std::fmt::Write as _;

pub(in crate::requests) use crate::secret::percent::{hex_pair, unquote, unquote_to_bytes};

/// The characters that never need escaping in a URI (RFC 3986).
#[doc(alias = "requests.utils.UNRESERVED_SET")]
pub const UNRESERVED_SET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

pub(in crate::requests) fn is_unreserved(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-._~".contains(&byte)
}

/// `urllib.parse.quote`: escapes all but unreserved and `safe` bytes.
pub(in crate::requests) fn quote(text: &[u8], safe: &[u8]) -> String {
    let mut quoted = String::with_capacity(text.len());
    for &byte in text {
        if is_unreserved(byte) || safe.contains(&byte) {
            quoted.push(char::from(byte));
        } else {
            let _ = write!(quoted, "%{byte:02X}");
        }
    }
    quoted
}

/// `urllib.parse.quote_plus`: for forms and queries.
pub(super) fn quote_plus(text: &[u8]) -> String {
    quote(text, b" ").replace(' ', "+")
}

/// Decodes escapes of unreserved characters. `None` if a `%` is followed by two letters or digits
/// that are not hexadecimal.
#[doc(alias = "requests.utils.unquote_unreserved")]
pub fn unquote_unreserved(uri: &str) -> Option<String> {
    let mut parts = uri.split('%');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let mut two = part.chars();
        let (first, second) = (two.next(), two.next());
        match (first, second) {
            (Some(a), Some(b)) if a.is_alphanumeric() && b.is_alphanumeric() => {
                let byte = hex_pair(part.as_bytes(), 0)?;
                if is_unreserved(byte) {
                    out.push(char::from(byte));
                    out.push_str(two.as_str());
                } else {
                    out.push('%');
                    out.push_str(part);
                }
            }
            _ => {
                out.push('%');
                out.push_str(part);
            }
        }
    }
    Some(out)
}

/// Escapes illegal characters of a URI, once, and decodes unnecessary escapes.
#[doc(alias = "requests.utils.requote_uri")]
pub fn requote_uri(uri: &str) -> String {
    const WITHOUT_PERCENT: &[u8] = b"!#$&'()*+,/:;=?@[]~";
    const WITH_PERCENT: &[u8] = b"!#$%&'()*+,/:;=?@[]~";
    match unquote_unreserved(uri) {
        Some(unquoted) => quote(unquoted.as_bytes(), WITH_PERCENT),
        // One `%` does not start an escape, so all of them are treated as text.
        None => quote(uri.as_bytes(), WITHOUT_PERCENT),
    }
}

/// `urllib.parse.urlencode`.
pub(in crate::requests) fn urlencode<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut out = String::new();
    for (key, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        out.push_str(&quote_plus(key.as_bytes()));
        out.push('=');
        out.push_str(&quote_plus(value));
    }
    out
}
