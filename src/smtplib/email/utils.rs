//! What `email.utils` has besides addresses and parameters.

/// Puts a backslash before each backslash and each double quote, for what goes between double quotes.
#[doc(alias = "email.utils.quote")]
pub fn quote(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

/// Takes off double quotes, with the backslashes within, or angle brackets. What stands in neither is given as it is.
#[doc(alias = "email.utils.unquote")]
pub fn unquote(text: &str) -> String {
    let within = |open, close| text.strip_prefix(open).and_then(|rest: &str| rest.strip_suffix(close));
    match (within('"', '"'), within('<', '>')) {
        (Some(quoted), _) => quoted.replace("\\\\", "\\").replace("\\\"", "\""),
        (None, bracketed) => bracketed.unwrap_or(text).to_owned(),
    }
}
