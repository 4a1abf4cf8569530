//! [`UrlPattern`]: which URLs a plan is for.

use std::fmt;

use super::plan::query_of;
use crate::requests::url::{Split, parse_url};

/// The URLs that a plan is for: a text in which `*` stands for anything, or a regular expression.
///
/// A text is compared with the URL without its query; the pairs of a query in it must be in the URL's. A regular expression is
/// searched for in the whole URL, its query included: with the feature `re` a [`re::Pattern`](crate::re::Pattern), with the feature
/// `regex` a `regex::Regex`.
///
/// ```
/// use leyden::prelude::*;
///
/// let world = World::new();
/// world.requests.get("https://api.test/jobs/*").reply(200);
/// # #[cfg(feature = "re")]
/// world.requests.get(re::compile(r"/jobs/\d+\Z")?).reply(204);
/// # #[cfg(feature = "re")]
/// assert_eq!(world.batteries().requests.get("https://api.test/jobs/7").wait()?.status_code, 204);
/// assert_eq!(world.batteries().requests.get("https://api.test/jobs/new").wait()?.status_code, 200);
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct UrlPattern(Rule);

#[derive(Clone, Debug)]
enum Rule {
    Glob {
        url: String,
        query: Vec<(String, String)>,
    },
    #[cfg(feature = "re")]
    Pattern(crate::re::Pattern),
    #[cfg(feature = "regex")]
    Regex(regex::Regex),
}

impl UrlPattern {
    pub(super) fn matches(&self, url: &str) -> bool {
        match &self.0 {
            Rule::Glob { url: pattern, query } => {
                let asked = query_of(url);
                glob(pattern, url.split(['?', '#']).next().unwrap_or_default()) && query.iter().all(|pair| asked.contains(pair))
            }
            // A search that runs out of its budget of backtracking does not match, as in bs4.
            #[cfg(feature = "re")]
            Rule::Pattern(pattern) => matches!(pattern.search(url), Ok(Some(_))),
            #[cfg(feature = "regex")]
            Rule::Regex(regex) => regex.is_match(url),
        }
    }
}

impl fmt::Display for UrlPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Rule::Glob { url, query } => {
                f.write_str(url)?;
                query.iter().try_for_each(|(key, _)| write!(f, " with query {key}"))
            }
            #[cfg(feature = "re")]
            Rule::Pattern(pattern) => write!(f, "/{}/", pattern.pattern()),
            #[cfg(feature = "regex")]
            Rule::Regex(regex) => write!(f, "/{regex}/"),
        }
    }
}

impl From<&str> for UrlPattern {
    fn from(url: &str) -> UrlPattern {
        let query = query_of(url);
        UrlPattern(Rule::Glob { url: normal(url.split(['?', '#']).next().unwrap_or_default()), query })
    }
}

impl From<&String> for UrlPattern {
    fn from(url: &String) -> UrlPattern {
        url.as_str().into()
    }
}

impl From<String> for UrlPattern {
    fn from(url: String) -> UrlPattern {
        url.as_str().into()
    }
}

#[cfg(feature = "re")]
impl From<crate::re::Pattern> for UrlPattern {
    fn from(pattern: crate::re::Pattern) -> UrlPattern {
        UrlPattern(Rule::Pattern(pattern))
    }
}

#[cfg(feature = "re")]
impl From<&crate::re::Pattern> for UrlPattern {
    fn from(pattern: &crate::re::Pattern) -> UrlPattern {
        pattern.clone().into()
    }
}

#[cfg(feature = "regex")]
impl From<regex::Regex> for UrlPattern {
    fn from(regex: regex::Regex) -> UrlPattern {
        UrlPattern(Rule::Regex(regex))
    }
}

#[cfg(feature = "regex")]
impl From<&regex::Regex> for UrlPattern {
    fn from(regex: &regex::Regex) -> UrlPattern {
        regex.clone().into()
    }
}

/// A URL as requests would send it, stars kept.
fn normal(url: &str) -> String {
    match parse_url(url) {
        Ok(parsed) if parsed.scheme.is_some() => {
            let host = parsed.host.unwrap_or_default();
            let netloc = parsed.port.map_or(host.clone(), |port| format!("{host}:{port}"));
            // A star at the end of the host stands for paths too.
            let root = if netloc.ends_with('*') { "" } else { "/" };
            let path = parsed.path.filter(|path| !path.is_empty()).unwrap_or_else(|| root.into());
            Split { scheme: parsed.scheme.unwrap_or_default(), netloc, path, ..Split::default() }.unsplit()
        }
        _ => url.to_owned(),
    }
}

/// `*` stands for anything, slashes too.
fn glob(pattern: &str, text: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| text.strip_prefix(first)) else { return false };
    let mut last = None;
    for part in parts {
        if let Some(before) = last.replace(part) {
            let before: &str = before;
            let Some(at) = rest.find(before) else { return false };
            rest = &rest[at + before.len()..];
        }
    }
    last.map_or(rest.is_empty(), |last| rest.ends_with(last))
}
