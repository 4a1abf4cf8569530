//! `os-release`, read as Python reads it.

use std::collections::BTreeMap;

/// The names and values of the lines that are assignments; other lines are passed over.
pub(super) fn parse(text: &str) -> BTreeMap<String, String> {
    let defaults = [("NAME", "Linux"), ("ID", "linux"), ("PRETTY_NAME", "Linux")];
    let mut info: BTreeMap<String, String> = defaults.map(|(name, value)| (name.into(), value.into())).into();
    // Python's text mode: three kinds of line end.
    for line in text.replace("\r\n", "\n").split(['\n', '\r']) {
        let Some((name, value)) = line.split_once('=') else { continue };
        if name.is_empty() || !name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') {
            continue;
        }
        info.insert(name.to_owned(), unescape(unquote(value)));
    }
    info
}

/// Without the quotes around it; a quote that is not closed belongs to the value.
fn unquote(value: &str) -> &str {
    let inner = |quote: char| value.strip_prefix(quote)?.strip_suffix(quote);
    inner('"').or_else(|| inner('\'')).unwrap_or(value)
}

/// A backslash before `\ $ " ' backquote` is taken away.
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
