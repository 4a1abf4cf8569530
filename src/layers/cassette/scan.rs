//! Finds secrets in texts by the names beside them: JSON, forms, `name=value`, headers, elements, URLs, private keys.

use serde_json::Value;

use super::vault::{HIDDEN, Vault};
use crate::layers::hook::redacted;

/// A text without the secrets that a name beside them gives away. Each is learned by the vault.
pub(super) fn text(vault: &Vault, text: &str) -> String {
    let trimmed = text.trim_start();
    if trimmed.starts_with(['{', '['])
        && let Ok(mut value) = serde_json::from_str::<Value>(text)
    {
        // The text itself, as long as there is nothing to hide.
        return if json(vault, &mut value) { value.to_string() } else { text.to_owned() };
    }
    let text = private_keys(vault, text);
    let text = elements(vault, &text);
    let text = form_parts(vault, &text);
    let mut lines = text.split_inclusive('\n').map(|line| line_of(vault, line)).collect::<String>();
    if lines.contains("://") {
        lines = urls(vault, &lines);
    }
    lines
}

fn line_of(vault: &Vault, line: &str) -> String {
    let body = line.trim();
    if body.starts_with(['{', '['])
        && let Ok(mut value) = serde_json::from_str::<Value>(body)
    {
        return if json(vault, &mut value) { line.replace(body, &value.to_string()) } else { line.to_owned() };
    }
    pairs(vault, line)
}

/// Hides the values of secret fields. True if there was one.
fn json(vault: &Vault, value: &mut Value) -> bool {
    match value {
        Value::Object(fields) => fields.iter_mut().fold(false, |hidden, (name, value)| {
            let secret = vault.is_secret(name) && !value.is_null() && !value.is_boolean();
            if secret && !is_hidden(value) {
                learn_all(vault, value);
                *value = HIDDEN.into();
                return true;
            }
            json(vault, value) || hidden
        }),
        Value::Array(items) => items.iter_mut().map(|item| json(vault, item)).fold(false, std::ops::BitOr::bitor),
        Value::String(string) => {
            let shown = text(vault, string);
            let hidden = shown != *string;
            *string = shown;
            hidden
        }
        _ => false,
    }
}

fn is_hidden(value: &Value) -> bool {
    value.as_str() == Some(HIDDEN)
}

fn learn_all(vault: &Vault, value: &Value) {
    match value {
        Value::String(text) => vault.learn(text),
        Value::Array(items) => items.iter().for_each(|item| learn_all(vault, item)),
        Value::Object(fields) => fields.values().for_each(|value| learn_all(vault, value)),
        _ => {}
    }
}

/// A value in a text, learned as it is and percent-decoded.
fn learn(vault: &Vault, value: &str) {
    vault.learn(value);
    if value.contains(['%', '+']) {
        vault.learn(&unquoted(&value.replace('+', " ")));
        vault.learn(&unquoted(value));
    }
}

/// Percent-decoded; what is not an escape stays.
pub(super) fn unquoted(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()).filter(|_| byte == b'%') {
            Some(escaped) => {
                bytes.push(escaped);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `name=value`, `name: value`, `"name": "value"`, `--name=value` in one line.
fn pairs(vault: &Vault, line: &str) -> String {
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = rest.find(['=', ':']) {
        let (before, after) = rest.split_at(at);
        let separator = after.as_bytes().first().copied().unwrap_or_default();
        let after = after.get(1..).unwrap_or_default();
        shown.push_str(before);
        shown.push(char::from(separator));
        rest = after;
        if !vault.is_secret(&unquoted(name_before(before))) || after.starts_with("//") {
            continue;
        }
        let gap = after.len() - after.trim_start_matches([' ', '\t', '>']).len();
        let (space, value) = after.split_at(gap);
        let (open, end) = end_of(value, separator);
        let (hidden, left) = value.split_at(end);
        let secret = hidden.get(open..).unwrap_or_default();
        if secret.is_empty() || secret == HIDDEN {
            continue;
        }
        learn(vault, secret);
        credentials(vault, secret);
        shown.push_str(space);
        shown.push_str(hidden.get(..open).unwrap_or_default());
        shown.push_str(HIDDEN);
        rest = left;
    }
    shown.push_str(rest);
    shown
}

/// The name that ends a text: `GET /?token` gives `token`.
fn name_before(text: &str) -> &str {
    let text = text.trim_end_matches([' ', '\t']).trim_end_matches(['"', '\'', ']', '\\', '[']);
    let start = text
        .rfind(|c: char| !(c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '%')))
        .map_or(0, |at| at + text.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
    text.get(start..).unwrap_or_default().trim_start_matches('-')
}

/// Where a value begins after its quote, and where it ends.
fn end_of(value: &str, separator: u8) -> (usize, usize) {
    for quote in ["\\\"", "\"", "'"] {
        if let Some(inside) = value.strip_prefix(quote) {
            let end = inside.find(quote).unwrap_or(inside.trim_end().len());
            return (quote.len(), quote.len() + end);
        }
    }
    let end = if separator == b':' {
        value.find(['\r', '\n', '"', '\'']).unwrap_or(value.len())
    } else {
        value.find(|c: char| c.is_whitespace() || matches!(c, '&' | ';' | '"' | '\'' | '<' | '#')).unwrap_or(value.len())
    };
    (0, end)
}

/// The parts of `Basic dTpw`, `Bearer abc`: each may appear alone.
pub(super) fn credentials(vault: &Vault, value: &str) {
    use base64::Engine as _;
    let Some((scheme, rest)) = value.trim().split_once(' ') else { return };
    let rest = rest.trim();
    if !rest.contains(' ') {
        vault.learn(rest);
    }
    if scheme.eq_ignore_ascii_case("basic")
        && let Ok(decoded) = base64::prelude::BASE64_STANDARD.decode(rest)
        && let Ok(decoded) = String::from_utf8(decoded)
        && let Some((_, password)) = decoded.split_once(':')
    {
        vault.learn(password);
    }
}

/// PEM private keys.
fn private_keys(vault: &Vault, text: &str) -> String {
    const END: &str = "PRIVATE KEY-----";
    let mut shown = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find("-----BEGIN ") {
        let Some(head) = rest.get(begin..).and_then(|from| from.find(END)).map(|at| begin + at + END.len()) else { break };
        // The header is one line: a certificate may come before a key.
        if rest.get(begin..head).is_some_and(|header| header.contains('\n')) {
            let next = begin + "-----BEGIN ".len();
            shown.push_str(rest.get(..next).unwrap_or_default());
            rest = rest.get(next..).unwrap_or_default();
            continue;
        }
        let body = rest.get(head..).unwrap_or_default();
        let end = body.find("-----END").unwrap_or(body.len());
        let (key, left) = body.split_at(end);
        key.split_whitespace().filter(|line| line.len() >= 16).for_each(|line| vault.learn(line));
        shown.push_str(rest.get(..head).unwrap_or_default());
        shown.push_str(&format!("\n{HIDDEN}\n"));
        rest = left;
    }
    shown.push_str(rest);
    shown
}

/// `<Password>value</Password>`, and `<input name="csrf_token" value="..">` with its attributes in any order.
fn elements(vault: &Vault, text: &str) -> String {
    if !text.contains('<') {
        return text.to_owned();
    }
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        let Some(close) = rest.get(open..).and_then(|from| from.find('>')).map(|at| open + at + 1) else { break };
        shown.push_str(rest.get(..open).unwrap_or_default());
        let tag = rest.get(open..close).unwrap_or_default();
        rest = rest.get(close..).unwrap_or_default();
        let named = ["name", "id", "property"].iter().any(|of| attribute(tag, of).is_some_and(|(name, _)| vault.is_secret(name)));
        let value = ["value", "content"].iter().find_map(|of| attribute(tag, of)).filter(|_| named);
        match value {
            Some((value, at)) if !value.is_empty() => {
                vault.learn(value);
                let (before, after) = tag.split_at(at);
                shown.push_str(before);
                shown.push_str(HIDDEN);
                shown.push_str(after.get(value.len()..).unwrap_or_default());
            }
            _ => shown.push_str(tag),
        }
        let name = tag.trim_matches(['<', '>']).split_whitespace().next().unwrap_or_default();
        let name = name.rsplit(':').next().unwrap_or_default();
        if !tag.starts_with("</") && !tag.ends_with("/>") && vault.is_secret(name) {
            let end = rest.find('<').unwrap_or(rest.len());
            let (value, left) = rest.split_at(end);
            if !value.trim().is_empty() {
                vault.learn(value);
                shown.push_str(HIDDEN);
                rest = left;
            }
        }
    }
    shown.push_str(rest);
    shown
}

/// An attribute's value and where it begins in the tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<(&'t str, usize)> {
    let mut from = 0;
    while let Some(at) = tag.get(from..)?.find(name).map(|at| from + at) {
        from = at + name.len();
        let alone = tag.get(..at)?.ends_with(char::is_whitespace);
        let after = tag.get(from..)?;
        let Some(value) = after.trim_start().strip_prefix('=').filter(|_| alone) else { continue };
        let value = value.trim_start();
        let start = tag.len() - value.len();
        return match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inside = value.get(1..)?;
                Some((inside.get(..inside.find(quote)?)?, start + 1))
            }
            _ => {
                let end = value.find(|c: char| c.is_whitespace() || c == '>').unwrap_or(value.len());
                Some((value.get(..end)?, start))
            }
        };
    }
    None
}

/// The parts of a multipart form: RFC 7578.
fn form_parts(vault: &Vault, text: &str) -> String {
    const HEAD: &str = "form-data; name=\"";
    let mut shown = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(HEAD).map(|at| at + HEAD.len()) {
        let name = rest.get(at..).and_then(|from| from.split('"').next()).unwrap_or_default();
        let body = rest.get(at..).and_then(|from| from.find("\r\n\r\n")).map(|gap| at + gap + 4);
        let Some(body) = body.filter(|_| vault.is_secret(name)) else {
            shown.push_str(rest.get(..at).unwrap_or_default());
            rest = rest.get(at..).unwrap_or_default();
            continue;
        };
        shown.push_str(rest.get(..body).unwrap_or_default());
        rest = rest.get(body..).unwrap_or_default();
        let (value, left) = rest.split_at(rest.find("\r\n--").unwrap_or(rest.len()));
        vault.learn(value);
        shown.push_str(HIDDEN);
        rest = left;
    }
    shown.push_str(rest);
    shown
}

/// The URLs in a text.
fn urls(vault: &Vault, text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("://") {
        let scheme = rest.get(..at).unwrap_or_default();
        let start = scheme
            .rfind(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.')))
            .map_or(0, |at| at + scheme.get(at..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8));
        let end = rest
            .get(at..)
            .and_then(|from| from.find(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '<' | '>' | '`' | '|' | '\\')))
            .map_or(rest.len(), |end| at + end);
        shown.push_str(rest.get(..start).unwrap_or_default());
        shown.push_str(&url(vault, rest.get(start..end).unwrap_or_default()));
        rest = rest.get(end..).unwrap_or_default();
    }
    shown.push_str(rest);
    shown
}

/// A URL without its password and without the values of secret fields.
pub(super) fn url(vault: &Vault, url: &str) -> String {
    let authority = url.split_once("://").map_or("", |(_, rest)| rest);
    let authority = authority.split_once(['?', '#']).map_or(authority, |(authority, _)| authority);
    // A path may hold an `@` too: `https://host/@scope` has no password.
    let host_first = authority.split('/').next().unwrap_or_default();
    let has_user = host_first.contains('@');
    if has_user && let Some((user, _)) = host_first.rsplit_once('@') {
        let password = user.split_once(':').map_or(user, |(_, password)| password);
        learn(vault, password);
    }
    let fields = url.split_once(['?', '#']).map_or("", |(_, fields)| fields);
    for field in fields.split(['&', '#', ';', '?']) {
        if let Some((name, value)) = field.split_once('=')
            && vault.is_secret(&unquoted(name))
        {
            learn(vault, value);
        }
    }
    let shown = if has_user { redacted(url) } else { url.to_owned() };
    match shown.split_once(['?', '#']) {
        None => shown,
        Some((base, fields)) => {
            let separator = shown.get(base.len()..=base.len()).unwrap_or("?");
            let mut hidden = format!("{base}{separator}");
            let mut rest = fields;
            loop {
                let end = rest.find(['&', '#', ';']).unwrap_or(rest.len());
                let (field, left) = rest.split_at(end);
                match field.split_once('=') {
                    Some((name, _)) if vault.is_secret(&unquoted(name)) => hidden.push_str(&format!("{name}={HIDDEN}")),
                    _ => hidden.push_str(field),
                }
                let Some(separator) = left.get(..1) else { break };
                hidden.push_str(separator);
                rest = left.get(1..).unwrap_or_default();
            }
            hidden
        }
    }
}

/// A header's value. A cookie keeps its name and attributes, credentials their scheme.
pub(super) fn header(vault: &Vault, name: &str, value: &str) -> String {
    let lower = name.to_ascii_lowercase();
    if matches!(lower.as_str(), "cookie" | "set-cookie") {
        let mut parts = value.split(';').enumerate().map(|(number, part)| {
            let (name, value) = part.split_once('=').unwrap_or((part, ""));
            // Only the first part of Set-Cookie is the cookie: RFC 6265 4.1.1.
            if value.is_empty() || (lower == "set-cookie" && number > 0) {
                return part.to_owned();
            }
            vault.learn(value.trim().trim_matches('"'));
            format!("{name}={HIDDEN}")
        });
        let first = parts.next().unwrap_or_default();
        return parts.fold(first, |all, part| format!("{all};{part}"));
    }
    if vault.is_secret(name) {
        vault.learn(value);
        credentials(vault, value);
        return match value.trim().split_once(' ') {
            Some((scheme, _)) if matches!(scheme.to_ascii_lowercase().as_str(), "basic" | "bearer" | "digest" | "token") => {
                format!("{scheme} {HIDDEN}")
            }
            _ => HIDDEN.to_owned(),
        };
    }
    if value.contains("://") { urls(vault, value) } else { url(vault, value) }
}

/// The arguments of a program: options with secret names, `user:password` of curl, headers and URLs.
#[cfg(feature = "subprocess")]
pub(super) fn arguments(vault: &Vault, args: &[String]) -> Vec<String> {
    let mut hide_next = false;
    let mut user_next = false;
    let curl = args.first().is_some_and(|program| program.ends_with("curl"));
    let shown = args.iter().map(|arg| {
        if std::mem::take(&mut hide_next) && !arg.is_empty() {
            learn(vault, arg);
            return HIDDEN.to_owned();
        }
        if std::mem::take(&mut user_next)
            && let Some((user, password)) = arg.split_once(':')
        {
            vault.learn(password);
            return format!("{user}:{HIDDEN}");
        }
        if arg.starts_with('-') && !arg.contains(['=', ':', ' ']) {
            hide_next = vault.is_secret(arg.trim_start_matches('-'));
            user_next = curl && matches!(arg.as_str(), "-u" | "--user" | "-U" | "--proxy-user");
        }
        text(vault, arg)
    });
    shown.collect()
}
