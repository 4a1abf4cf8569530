//! What says where a listing goes on: botocore's own format, so that a script in Python can go on where one in Rust has ended.
//!
//! A JSON object of the service's tokens and `boto_truncate_amount`, the items of that page that were had already, in Base64.

use std::fmt::Write;

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

const TRUNCATE_AMOUNT: &str = "boto_truncate_amount";

/// As Python's `b64decode`: bits that are left over do not matter.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// The token of the page that these tokens ask for, from this item on.
pub(super) fn encode(keys: &[&str], tokens: &[Option<String>], truncate: Option<usize>) -> String {
    BASE64.encode(text(keys, tokens, truncate))
}

/// The same before it is Base64. As `json.dumps` writes it: ASCII, with a blank behind each comma and colon.
pub(super) fn text(keys: &[&str], tokens: &[Option<String>], truncate: Option<usize>) -> String {
    let tokens = keys.iter().zip(tokens).map(|(key, token)| match token {
        Some(token) => format!("\"{key}\": {}", quoted(token)),
        None => format!("\"{key}\": null"),
    });
    let amount = truncate.map(|amount| format!("\"{TRUNCATE_AMOUNT}\": {amount}"));
    format!("{{{}}}", tokens.chain(amount).collect::<Vec<_>>().join(", "))
}

fn quoted(text: &str) -> String {
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
            // A String takes whatever is written to it.
            _ => drop(write!(quoted, "\\u{unit:04x}")),
        }
    }
    quoted.push('"');
    quoted
}

/// The tokens in a text, one for each key, and how many items of that page were had already.
///
/// What is not botocore's format is the old one, `token___token___5`, or a token of the service itself. None if it is too much for
/// these keys, or of other keys.
pub(super) fn decode(token: &str, keys: &[&str]) -> Option<(Vec<Option<String>>, usize)> {
    let Some(Value::Object(mut object)) = json(token) else { return decode_old(token, keys) };
    let skip = match object.remove(TRUNCATE_AMOUNT) {
        None => 0,
        Some(amount) => usize::try_from(amount.as_u64()?).ok()?,
    };
    let mut tokens = Vec::with_capacity(keys.len());
    for key in keys {
        tokens.push(match object.remove(*key) {
            None | Some(Value::Null) => None,
            Some(Value::String(token)) => none(token),
            Some(_) => return None,
        });
    }
    object.is_empty().then_some((tokens, skip))
}

fn json(token: &str) -> Option<Value> {
    // b64decode leaves out what is not of the alphabet.
    let token: String = token.chars().filter(|letter| letter.is_ascii_alphanumeric() || "+/=".contains(*letter)).collect();
    serde_json::from_slice(&BASE64.decode(token).ok()?).ok()
}

fn decode_old(token: &str, keys: &[&str]) -> Option<(Vec<Option<String>>, usize)> {
    let mut parts: Vec<&str> = token.split("___").collect();
    let mut skip = 0;
    if parts.len() == keys.len() + 1 {
        match parts.last().and_then(|last| last.parse().ok()) {
            Some(amount) => {
                skip = amount;
                parts.pop();
            }
            None => parts = vec![token],
        }
    }
    let mut tokens: Vec<Option<String>> = parts.into_iter().map(|part| none(part.to_owned())).collect();
    if tokens.len() > keys.len() {
        return None;
    }
    tokens.resize(keys.len(), None);
    Some((tokens, skip))
}

fn none(token: String) -> Option<String> {
    (token != "None").then_some(token)
}
