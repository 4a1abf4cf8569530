//! URLs and forms for people: what errors, logs and `Debug` show of them.

use super::is_secret_name;
use super::percent::unquote;

/// A URL for people: without user name and password, and with `***` for the values of parameters that hold secrets ([`is_secret_name`]).
///
/// It hides too much rather than too little: in a malformed URL a password can hold the characters that end an authority.
pub(crate) fn redact(url: &str) -> String {
    // What is not a scheme is part of the authority, and may be a user name.
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
            // OAuth has its tokens here.
            Some((before, fragment)) => format!("{before}#{}", redact_query(fragment)),
            None => shown,
        },
    }
}

/// Where the host begins, in what follows the slashes.
fn userinfo_end(text: &str) -> usize {
    let authority = &text[..text.find(['/', '?', '#', '\\']).unwrap_or(text.len())];
    let end = match authority.rfind('@') {
        Some(at) => {
            let host = &authority[at + 1..];
            // `u:p@ss/word@host`: what looks like the host is a piece of the password.
            let plausible =
                host.contains(['.', ':', '[', '*']) || host.eq_ignore_ascii_case("localhost") || !text[at + 1..].contains('@');
            if plausible { Some(at) } else { text.rfind('@') }
        }
        // `u:p/word@host`: a host has no such port. `h:80/@scope` is one.
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

/// A query or a form for people.
pub(crate) fn redact_query(query: &str) -> String {
    let pair = |pair: &str| match pair.split_once('=') {
        Some((name, _)) if is_secret_name(&unquote(name)) => format!("{name}=***"),
        _ => pair.to_owned(),
    };
    query.split('&').map(|part| part.split(';').map(pair).collect::<Vec<_>>().join(";")).collect::<Vec<_>>().join("&")
}

/// The text before this character and the text after it.
pub(crate) fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

/// Where the scheme's colon is.
pub(crate) fn scheme_end(text: &str) -> Option<usize> {
    let end = text.find(':')?;
    let mut chars = text[..end].chars();
    let valid = chars.next().is_some_and(|c| c.is_ascii_alphabetic())
        && chars.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '.' | '-'));
    valid.then_some(end)
}
