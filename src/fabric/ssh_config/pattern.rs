//! Patterns of host and user names: `*`, `?`, and lists with negation.

/// Whether the whole of `text` matches: `*` is any characters, `?` one. Case counts.
///
/// The time is at most the product of both lengths.
pub(in crate::fabric) fn matches(text: &str, pattern: &str) -> bool {
    let (text, pattern) = (text.as_bytes(), pattern.as_bytes());
    let (mut at, mut in_pattern) = (0, 0);
    // Where the last star is, and how much of the text it has taken.
    let mut star: Option<(usize, usize)> = None;
    while at < text.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                star = Some((in_pattern, at));
                in_pattern += 1;
            }
            Some(b'?') => (at, in_pattern) = (at + 1, in_pattern + 1),
            Some(byte) if text.get(at) == Some(byte) => (at, in_pattern) = (at + 1, in_pattern + 1),
            _ => {
                let Some((star_at, taken)) = star else { return false };
                star = Some((star_at, taken + 1));
                (at, in_pattern) = (taken + 1, star_at + 1);
            }
        }
    }
    pattern.get(in_pattern..).unwrap_or_default().iter().all(|byte| *byte == b'*')
}

/// Whether a list of patterns, separated by commas, matches: one does, and none that is negated by `!`.
///
/// None: a negated one matches. `lower` compares the patterns in lower case.
pub(in crate::fabric) fn list_matches(text: &str, patterns: &str, lower: bool) -> Option<bool> {
    let mut found = false;
    // A comma at the end begins no further pattern.
    for pattern in patterns.strip_suffix(',').unwrap_or(patterns).split(',') {
        let (negated, pattern) = pattern.strip_prefix('!').map_or((false, pattern), |rest| (true, rest));
        // OpenSSH's buffer: a longer pattern ends the comparison.
        if pattern.len() >= 1023 {
            return Some(false);
        }
        let hit = if lower { matches(text, &pattern.to_ascii_lowercase()) } else { matches(text, pattern) };
        match (hit, negated) {
            (true, true) => return None,
            (true, false) => found = true,
            _ => {}
        }
    }
    Some(found)
}

/// The same for a host name, whose case does not count.
pub(in crate::fabric) fn hostname_matches(host: &str, patterns: &str) -> bool {
    list_matches(&host.to_ascii_lowercase(), patterns, true) == Some(true)
}
