//! The length of a body according to its head: RFC 9112 6.3 for HTTP/1, RFC 9113 8.1.1 for HTTP/2.

/// Returns the number of bytes that the head announces. `None` if the end of the body is marked
/// otherwise, or if there is no body.
///
/// Fails if `Content-Length` is invalid. A list of equal numbers counts as one (RFC 9110 8.6).
pub(in crate::requests) fn body_length(
    method: &str,
    status: u16,
    version: u8,
    headers: &[(String, String)],
) -> Result<Option<u64>, String> {
    if method == "HEAD" || matches!(status, 100..200 | 204 | 304) {
        return Ok(None);
    }
    let values =
        |name: &'static str| headers.iter().filter(move |(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value);
    // HTTP/1: Transfer-Encoding overrides Content-Length. HTTP/2 does not have it.
    if version < 20 && values("Transfer-Encoding").next().is_some() {
        return Ok(None);
    }
    let mut length = None;
    for value in values("Content-Length").flat_map(|value| value.split(',')) {
        let digits = value.trim_matches([' ', '\t']);
        // `parse` would accept a sign.
        let valid = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let one = digits.parse().ok().filter(|_| valid).ok_or_else(|| format!("invalid Content-Length {digits:?}"))?;
        if length.replace(one).is_some_and(|before: u64| before != one) {
            return Err("conflicting values of Content-Length".into());
        }
    }
    Ok(length)
}
