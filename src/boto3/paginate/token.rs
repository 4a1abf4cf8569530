//! The token to resume a listing, in botocore's format, so that a Python script can continue a
//! listing of a Rust one.
//!
//! A JSON object of the service's tokens and `boto_truncate_amount`, the number of items of that
//! page that were already returned, in Base64.

use base64::Engine;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde_json::Value;

use crate::boto3::json;

const TRUNCATE_AMOUNT: &str = "boto_truncate_amount";

/// Like Python's `b64decode`: trailing bits are ignored.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::RequireCanonical),
);

/// Returns the token for the page of these tokens, from this item on.
pub(super) fn encode(keys: &[&str], tokens: &[Option<String>], truncate: Option<usize>, numeric: bool) -> String {
    BASE64.encode(text(keys, tokens, truncate, numeric))
}

/// Returns the text before Base64.
pub(super) fn text(keys: &[&str], tokens: &[Option<String>], truncate: Option<usize>, numeric: bool) -> String {
    let tokens = keys.iter().zip(tokens).map(|(key, token)| {
        let token = match token {
            None => "null".to_owned(),
            Some(number) if numeric && number.parse::<u64>().is_ok() => number.clone(),
            Some(token) => json::string(token),
        };
        (*key, token)
    });
    json::object(tokens.chain(truncate.map(|amount| (TRUNCATE_AMOUNT, amount.to_string()))))
}

/// Parses a token: the service's tokens, one for each key, and the number of items of that page
/// that were already returned.
///
/// Text in another format is the old one, `token___token___5`, or a token of the service. `None` if
/// it does not fit these keys.
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
            Some(Value::Number(token)) => Some(token.to_string()),
            Some(_) => return None,
        });
    }
    object.is_empty().then_some((tokens, skip))
}

fn json(token: &str) -> Option<Value> {
    // b64decode ignores characters outside of the alphabet.
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
