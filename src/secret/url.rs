//! URLs and forms as errors, logs and `Debug` show them.

use super::is_secret_name;
use super::percent::unquote;

/// Returns a URL without user name and password, and with `***` for the values of parameters whose
/// names suggest secrets ([`is_secret_name`]).
///
/// It hides too much rather than too little: in a malformed URL, a password can contain the
/// characters that end an authority.
pub(crate) fn redact(url: &str) -> String {
    // Without a scheme, the text is part of the authority and may be a user name.
    let start = match scheme_end(url).filter(|&end| url[end..].starts_with(":/") || url[end..].starts_with(":\\")) {
        Some(end) => url.len() - url[end + 1..].trim_start_matches(['/', '\\']).len(),
        None => url.len() - url.trim_start_matches(['/', '\\', ' ']).len(),
    };
    let (scheme, rest) = url.split_at(start);
    let rest = &rest[userinfo_end(rest)..];
    let (before, query) = cut(rest, '?');
    let mut shown = format!("{scheme}{before}");
    match query {
        Some(query) => {
            let (query, fragment) = cut(query, '#');
            shown.push('?');
            shown.push_str(&redact_query(query));
            if let Some(fragment) = fragment {
                shown.push('#');
                shown.push_str(&redact_query(fragment));
            }
            shown
        }
        None => match shown.split_once('#') {
            // OAuth puts tokens into the fragment.
            Some((before, fragment)) => format!("{before}#{}", redact_query(fragment)),
            None => shown,
        },
    }
}

/// Returns the start of the host in the text after the slashes.
fn userinfo_end(text: &str) -> usize {
    let authority = &text[..text.find(['/', '?', '#', '\\']).unwrap_or(text.len())];
    let end = match authority.rfind('@') {
        Some(at) => {
            let host = &authority[at + 1..];
            // `u:p@ss/word@host`: the apparent host is a part of the password.
            let plausible =
                host.contains(['.', ':', '[', '*']) || host.eq_ignore_ascii_case("localhost") || !text[at + 1..].contains('@');
            if plausible { Some(at) } else { text.rfind('@') }
        }
        // `u:p/word@host`: a port cannot look like this. `h:80/@scope` has a valid one.
        None => match (authority.split_once(':'), text.rfind('@')) {
            (Some((_, port)), Some(at)) if !authority.starts_with('[') => {
                let is_port = port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
                let between = &text[authority.len()..at];
                let is_path = between == "/" || between.split_once('?').is_some_and(|(_, query)| query.contains('='));
                (!(is_port && is_path)).then_some(at)
            }
            _ => None,
        },
    };
    end.map_or(0, |at| at + 1)
}

/// Redacts a query or a form.
pub(crate) fn redact_query(query: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret_name(&unquote(name)) => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    query.split('&').map(|part| part.split(';').map(pair).collect::<Vec<_>>().join(";")).collect::<Vec<_>>().join("&")
}

/// Returns the text before and after this character.
pub(crate) fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Returns the position of the scheme's colon.
pub(crate) fn scheme_end(text: &str) -> Option<usize> {
    let end = text.find(':')?;
    let mut chars = text[..end].chars();
    let valid = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'));
    valid.then_some(end)
}
