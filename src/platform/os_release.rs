//! Parses `os-release` as Python does.

use std::collections::BTreeMap;

/// Returns names and values of the assignments; other lines are skipped.
pub(super) fn parse(text: &str) -> BTreeMap<String, String> {
    let defaults = [("NAME", "Linux"), ("ID", "linux"), ("PRETTY_NAME", "Linux")];
    let mut info: BTreeMap<String, String> = defaults.map(|(name, value)| (name.into(), value.into())).into();
    // Python's text mode accepts three kinds of line end.
    for line in text.replace("\r\n", "\n").split(['\n', '\r']) {
        let Some((name, value)) = line.split_once('=') else { continue };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        info.insert(name.to_owned(), unescape(unquote(value)));
    }
    info
}

/// Removes surrounding quotes; an unclosed quote belongs to the value.
fn unquote(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// Removes a backslash before `\ $ " ' backquote`.
fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut chars = value.chars().peekable();
    while let Some(c) = chars.next() {
        match chars.peek() {
            Some(next @ ('\\' | '$' | '"' | '\'' | '`')) if c == '\\' => {
                out.push(*next);
                chars.next();
            }
            _ => out.push(c),
        }
    }
    out
}
