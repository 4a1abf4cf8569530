//! Command lines as errors, logs and `Debug` show them.

use std::borrow::Cow;

use super::is_secret_name;
use super::url::redact;

/// Replaces by `***` the value of each `NAME=value` and `--name=value` whose name suggests a secret
/// ([`is_secret_name`]), and the user and password of each URL. Values may be quoted as in a POSIX
/// shell.
///
/// It splits words without parsing the shell's grammar: a secret without such a name is shown.
/// [`Secret`](crate::Secret) arguments are always hidden.
pub(crate) fn redact_command(line: &str) -> Cow<'_, str> {
    if !line.contains('=') && !line.contains("://") {
        return Cow::Borrowed(line);
    }
    let mut shown = String::with_capacity(line.len());
    let mut rest = line;
    while let Some(first) = rest.chars().next() {
        if ends_word(first) || matches!(first, '\'' | '"') {
            shown.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
            continue;
        }
        let name = rest.find(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(name);
        if let Some(value) = tail.strip_prefix('=').filter(|_| is_secret_name(word)) {
            shown.push_str(word);
            shown.push_str("=***");
            rest = value.get(value_end(value)..).unwrap_or_default();
            continue;
        }
        if tail.starts_with("://") {
            let (url, after) = rest.split_at(rest.find(ends_url).unwrap_or(rest.len()));
            shown.push_str(&redact(url));
            rest = after;
        } else {
            // `=` begins a value, which may be a URL or another assignment.
            let (word, after) = rest.split_at(name + tail.chars().next().map_or(0, char::len_utf8));
            shown.push_str(word);
            rest = after;
        }
    }
    Cow::Owned(shown)
}

fn ends_word(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, ';' | '&' | '|' | '<' | '>' | '(' | ')')
}

/// Inside quotes, a URL may contain the shell's special characters.
fn ends_url(c: char) -> bool {
    c.is_ascii_whitespace() || matches!(c, '<' | '>' | '\'' | '"')
}

/// Returns the end of a value: `a`, `'a b'`, `"a\" b"`, `a\ b` and any of them without a blank
/// between. An open quote extends to the end.
fn value_end(value: &str) -> usize {
    let mut quote = None;
    let mut escaped = false;
    for (at, c) in value.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (None, '\'' | '"') => quote = Some(c),
            (None, c) if ends_word(c) => return at,
            (Some(open), c) if open == c => quote = None,
            _ => {}
        }
    }
    value.len()
}

#[cfg(test)]
mod tests {
    use super::redact_command;

    #[test]
    fn values_of_secret_names_are_hidden() {
        for (line, shown) in [
            ("echo hi", "echo hi"),
            ("A=1 B=2 run --page=3", "A=1 B=2 run --page=3"),
            ("DB_PASSWORD=x run", "DB_PASSWORD=*** run"),
            ("export A=1 DB_PASSWORD='x '\\''y z' && run", "export A=1 DB_PASSWORD=*** && run"),
            ("run --password=\"x \\\" y\" -v", "run --password=*** -v"),
            ("run --token=x\\ y; next", "run --token=***; next"),
            ("sh -c 'export API_TOKEN=x && y'", "sh -c 'export API_TOKEN=*** && y'"),
            ("curl https://u:x@h.test/?api_key=y&a=1 -o f", "curl https://h.test/?api_key=***&a=1 -o f"),
            ("env URL=https://u:x@h.test/ run", "env URL=https://h.test/ run"),
            ("größe=1 ünï TOKEN=ü", "größe=1 ünï TOKEN=***"),
            ("TOKEN=", "TOKEN=***"),
        ] {
            assert_eq!(redact_command(line), shown, "{line}");
        }
    }

    #[test]
    fn any_text_is_read_in_linear_time() {
        for unit in ["=", "TOKEN='", "a://", "a://b@c ", "\\", "=a=", "é=", "TOKEN=x "] {
            let text = unit.repeat(200_000 / unit.len());
            assert!(redact_command(&text).len() <= text.len() * 3, "{unit}");
        }
    }
}
