//! JSON as Python's `json.dumps` writes it: ASCII, with a space after each comma and colon. Signed
//! text must be identical.

use std::fmt::Write;

/// Returns a JSON string.
pub(in crate::boto3) fn string(text: &str) -> String {
    let mut quoted = String::from("\"");
    for unit in text.encode_utf16() {
        match u8::try_from(unit) {
            Ok(b'"') => quoted.push_str("\\\""),
            Ok(b'\\') => quoted.push_str("\\\\"),
            Ok(b'\n') => quoted.push_str("\\n"),
            Ok(b'\r') => quoted.push_str("\\r"),
            Ok(b'\t') => quoted.push_str("\\t"),
            Ok(0x08) => quoted.push_str("\\b"),
            Ok(0x0c) => quoted.push_str("\\f"),
            Ok(plain @ b' '..=b'~') => quoted.push(plain.into()),
            // Writing to a String does not fail.
            _ => drop(write!(quoted, "\\u{unit:04x}")),
        }
    }
    quoted.push('"');
    quoted
}

/// Returns an object of serialized values.
pub(in crate::boto3) fn object<'a>(members: impl IntoIterator<Item = (&'a str, String)>) -> String {
    let members = members.into_iter().map(|(key, value)| format!("{}: {value}", string(key)));
    format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
}

/// Returns an array of serialized values.
#[cfg(feature = "s3")]
pub(in crate::boto3) fn array(values: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", values.into_iter().collect::<Vec<_>>().join(", "))
}
