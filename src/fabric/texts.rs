//! Texts as Python shows them.

use std::fmt::Write as _;
use std::time::Duration;

/// `repr()` of a string.
pub(super) fn python_repr(text: &str) -> String {
    crate::re::python_repr(text)
}

/// Seconds as `str()` shows the number that a Python script would have given: `5` or `0.5`.
pub(super) fn python_seconds(duration: Duration) -> String {
    if duration.subsec_nanos() == 0 { duration.as_secs().to_string() } else { duration.as_secs_f64().to_string() }
}

/// `str.splitlines`.
pub(super) fn splitlines(text: &str) -> Vec<&str> {
    let is_end =
        |c: char| matches!(c, '\n' | '\r' | '\x0b' | '\x0c' | '\x1c' | '\x1d' | '\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}');
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let Some(end) = rest.find(is_end) else {
            lines.push(rest);
            break;
        };
        lines.push(&rest[..end]);
        let after = &rest[end..];
        let width = if after.starts_with("\r\n") { 2 } else { after.chars().next().map_or(1, char::len_utf8) };
        rest = &after[width..];
    }
    lines
}

/// `str.rstrip()`: Python's white space includes the separators 0x1c to 0x1f.
pub(super) fn rstrip(text: &str) -> &str {
    text.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '\x1c'..='\x1f'))
}

/// `template.format(command=..)` with the one field that `echo_format` has.
pub(super) fn echo_format(template: &str, command: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = template.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '{' if rest.peek() == Some(&'{') => {
                rest.next();
                out.push('{');
            }
            '}' if rest.peek() == Some(&'}') => {
                rest.next();
                out.push('}');
            }
            '}' => return Err("single '}' encountered in format string".to_owned()),
            '{' => {
                let mut field = String::new();
                loop {
                    match rest.next() {
                        Some('}') => break,
                        Some(c) => field.push(c),
                        None => return Err("expected '}' before end of string".to_owned()),
                    }
                }
                match field.as_str() {
                    "command" | "command!s" | "command:" => out.push_str(command),
                    "command!r" => out.push_str(&python_repr(command)),
                    _ => {
                        return Err(format!(
                            "unknown field {} in echo_format: only {{command}} is supported",
                            python_repr(&field)
                        ));
                    }
                }
            }
            c => out.push(c),
        }
    }
    Ok(out)
}

/// Appends a section of `str(Result)`.
pub(super) fn section(out: &mut String, name: &str, text: &str) {
    let _ = if text.is_empty() { write!(out, "\n(no {name})") } else { write!(out, "\n=== {name} ===\n{}\n", rstrip(text)) };
}
