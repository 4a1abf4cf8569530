//! The pattern as a regular expression, in exactly the form that Python writes.

/// Returns the regular expression that is equivalent to `pattern`, as Python's `fnmatch.translate`
/// writes it: for the `re` battery, also joined with others by `|`.
///
/// ```
/// assert_eq!(leyden::os::fnmatch::translate("*.txt"), r"(?s:.*\.txt)\Z");
/// ```
#[doc(alias = "fnmatch.translate")]
pub fn translate(pattern: &str) -> String {
    let pattern: Vec<char> = pattern.chars().collect();
    let mut pieces: Vec<String> = vec![String::new()]; // the parts between the stars
    let last_close = pattern.iter().rposition(|c| *c == ']');
    let mut at = 0;
    while let Some(c) = pattern.get(at).copied() {
        at += 1;
        if c == '*' {
            if pieces.len() == 1 || pieces.last().is_some_and(|piece| !piece.is_empty()) {
                pieces.push(String::new());
            }
            continue;
        }
        let Some(piece) = pieces.last_mut() else { break };
        // Without a `]` ahead, skip the search: it would run to the end for every `[`.
        let end = last_close.filter(|last| c == '[' && *last >= at).and_then(|_| close(&pattern, at));
        match (c, end) {
            ('?', _) => piece.push('.'),
            ('[', Some(end)) => {
                piece.push_str(&set(pattern.get(at..end).unwrap_or_default()));
                at = end + 1;
            }
            _ => escape_into(piece, c),
        }
    }
    let (last, inner) = match pieces.as_slice() {
        [_] | [] => (None, &[][..]),
        [_, inner @ .., last] => (Some(last), inner),
    };
    let mut expression = format!("(?s:{}", pieces.first().map_or("", String::as_str));
    for piece in inner {
        expression.push_str(&format!("(?>.*?{piece})"));
    }
    if let Some(last) = last {
        expression.push_str(".*");
        expression.push_str(last);
    }
    expression.push_str(r")\Z");
    expression
}

/// Returns the end of the set that begins at `at`.
fn close(pattern: &[char], at: usize) -> Option<usize> {
    let mut end = at;
    end += usize::from(pattern.get(end) == Some(&'!'));
    end += usize::from(pattern.get(end) == Some(&']'));
    Some(end + pattern.get(end..)?.iter().position(|c| *c == ']')?)
}

fn set(stuff: &[char]) -> String {
    let mut chunks: Vec<Vec<char>> = Vec::new(); // the parts between the hyphens of ranges
    let (mut begin, mut from) = (0, 1 + usize::from(stuff.first() == Some(&'!')));
    while let Some(ahead) = stuff.get(from..).and_then(|rest| rest.iter().position(|c| *c == '-')) {
        let hyphen = from + ahead;
        chunks.push(stuff.get(begin..hyphen).unwrap_or_default().to_vec());
        begin = hyphen + 1;
        from = hyphen + 3;
    }
    match (stuff.get(begin..).unwrap_or_default(), chunks.last_mut()) {
        ([], Some(last)) => last.push('-'),
        (rest, _) => chunks.push(rest.to_vec()),
    }
    // An empty range is an error in a regular expression, so both its ends are removed.
    let mut ranges: Vec<Vec<char>> = Vec::new();
    let mut last = None;
    for chunk in chunks {
        let (first, end) = (chunk.first().copied(), chunk.last().copied());
        match ranges.last_mut() {
            Some(before) if last > first => {
                before.pop();
                before.extend(chunk.into_iter().skip(1));
            }
            _ => ranges.push(chunk),
        }
        last = end;
    }
    let chunks = ranges;
    let chunks: Vec<String> = chunks.iter().map(|chunk| chunk.iter().fold(String::new(), escape_member)).collect();
    let stuff = chunks.join("-");
    match stuff.as_str() {
        "" => "(?!)".into(),
        "!" => ".".into(),
        _ => match stuff.strip_prefix('!') {
            Some(rest) => format!("[^{rest}]"),
            None if stuff.starts_with(['^', '[']) => format!(r"[\{stuff}]"),
            None => format!("[{stuff}]"),
        },
    }
}

fn escape_member(mut text: String, c: &char) -> String {
    if matches!(c, '\\' | '-' | '&' | '~' | '|') {
        text.push('\\');
    }
    text.push(*c);
    text
}

fn escape_into(text: &mut String, c: char) {
    if "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}".contains(c) {
        text.push('\\');
    }
    text.push(c);
}
