//! Functions of `email.utils` other than addresses and parameters.

/// Escapes backslashes and double quotes with a backslash, for text between double quotes.
#[doc(alias = "email.utils.quote")]
pub fn quote(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Removes double quotes, with the backslashes in them, or angle brackets. Other text is returned
/// unchanged.
#[doc(alias = "email.utils.unquote")]
pub fn unquote(text: &str) -> String {
    let within = |open, close| text.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
    match (within('"', '"'), within('<', '>')) {
        (Some(quoted), _) => quoted.replace("\\\\", "\\").replace("\\\"", "\""),
        (None, bracketed) => bracketed.unwrap_or(text).to_owned(),
    }
}
