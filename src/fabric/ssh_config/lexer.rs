//! A line as OpenSSH takes it apart: keyword, arguments, quotes, comments.

/// The white space that OpenSSH's `strdelim` knows.
const SPACE: [char; 4] = [' ', '\t', '\r', '\n'];

/// One line with something in it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    /// In lower case.
    pub(super) keyword: String,
    /// What follows the keyword, as it is: the value of `ProxyCommand` and its siblings.
    pub(super) rest: &'a str,
    /// What follows, taken apart.
    pub(super) args: Vec<String>,
}

/// None for an empty line or a comment.
///
/// <https://github.com/openssh/openssh-portable/blob/V_9_2_P1/misc.c>, `strdelim` and `argv_split`.
pub(super) fn line(text: &str) -> Result<Option<Line<'_>>, String> {
    let text = text.trim_end_matches([' ', '\t', '\r', '\n', '\x0c']);
    let text = text.trim_start_matches(SPACE);
    if text.is_empty() || text.starts_with('#') {
        return Ok(None);
    }
    let (keyword, rest) = delimited(text)?;
    let rest = rest.trim_start_matches(SPACE);
    if keyword.is_empty() {
        return Ok(None);
    }
    let keyword = keyword.to_ascii_lowercase();
    if rest.is_empty() {
        return Err(format!("no argument after keyword \"{keyword}\""));
    }
    Ok(Some(Line { args: arguments(rest)?, keyword, rest }))
}

/// The keyword, and what follows the white space and at most one `=` behind it.
fn delimited(text: &str) -> Result<(&str, &str), String> {
    if let Some(quoted) = text.strip_prefix('"') {
        let (keyword, rest) = quoted.split_once('"').ok_or("invalid quotes")?;
        return Ok((keyword, rest.trim_start_matches(SPACE)));
    }
    let end = text.find(|c| SPACE.contains(&c) || c == '"' || c == '=').unwrap_or(text.len());
    let (keyword, rest) = text.split_at(end);
    let rest = match rest.strip_prefix('=') {
        Some(rest) => rest.trim_start_matches(SPACE),
        None => {
            let rest = rest.trim_start_matches(SPACE);
            rest.strip_prefix('=').map_or(rest, |rest| rest.trim_start_matches(SPACE))
        }
    };
    Ok((keyword, rest))
}

/// Words in quotes of either kind, with `\"`, `\'`, `\\` and, outside of quotes, `\ `. A `#` where a word would begin ends the line.
pub(super) fn arguments(text: &str) -> Result<Vec<String>, String> {
    let mut args = Vec::new();
    let mut chars = text.chars().peekable();
    while let Some(&first) = chars.peek() {
        if first == ' ' || first == '\t' {
            chars.next();
            continue;
        }
        if first == '#' {
            break;
        }
        let mut arg = String::new();
        let mut quote = None;
        while let Some(&c) = chars.peek() {
            if quote.is_none() && (c == ' ' || c == '\t') {
                break;
            }
            chars.next();
            match (c, quote) {
                ('\\', _) => match chars.peek() {
                    Some(&next @ ('\'' | '"' | '\\')) => {
                        chars.next();
                        arg.push(next);
                    }
                    Some(' ') if quote.is_none() => {
                        chars.next();
                        arg.push(' ');
                    }
                    _ => arg.push('\\'),
                },
                ('"' | '\'', None) => quote = Some(c),
                (_, Some(open)) if open == c => quote = None,
                _ => arg.push(c),
            }
        }
        if quote.is_some() {
            return Err("invalid quotes".into());
        }
        args.push(arg);
    }
    Ok(args)
}
