//! `Link` headers.

use std::collections::HashMap;

/// Parses a `Link` header. Each link is a list of pairs, `url` first.
#[doc(alias = "requests.utils.parse_header_links")]
pub fn parse_header_links(value: &str) -> Vec<Vec<(String, String)>> {
    let around = |c: char| matches!(c, ' ' | '\'' | '"');
    let value = value.trim_matches(around);
    if value.is_empty() {
        return Vec::new();
    }
    split_links(value)
        .into_iter()
        .map(|link| {
            let (url, params) = link.split_once(';').unwrap_or((link, ""));
            let url = url.trim_matches(|c: char| around(c) || matches!(c, '<' | '>'));
            let mut pairs = vec![("url".to_owned(), url.to_owned())];
            let mut places = HashMap::from([("url", 0)]);
            for param in params.split(';') {
                // As in Python, a part that is not a pair ends the list.
                let Some((key, value)) = param.split_once('=').filter(|(_, value)| !value.contains('=')) else { break };
                let (key, value) = (key.trim_matches(around), value.trim_matches(around));
                let place = *places.entry(key).or_insert(pairs.len());
                match pairs.get_mut(place) {
                    Some((_, own)) => value.clone_into(own),
                    None => pairs.push((key.into(), value.into())),
                }
            }
            pairs
        })
        .collect()
}

/// `re.split(", *<", value)`.
fn split_links(value: &str) -> Vec<&str> {
    let mut links = Vec::new();
    let mut start = 0;
    for (comma, _) in value.match_indices(',') {
        let rest = value[comma + 1..].trim_start_matches(' ');
        if comma >= start && rest.starts_with('<') {
            links.push(&value[start..comma]);
            start = value.len() - rest.len() + 1;
        }
    }
    links.push(&value[start..]);
    links
}
