//! Conditions for names, attributes and strings.

use crate::bs4::tree::node::Tag;
use crate::re::Pattern;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// A condition on a name, an attribute's value or a string.
///
/// | Python | leyden |
/// |---|---|
/// | `"a"` | `"a"` |
/// | `["a", "b"]` | `["a", "b"]`, a `Vec` or a slice |
/// | `True` (there is one) | `true` |
/// | `None`, `False` (there is none) | `false` |
/// | `lambda value: ...` | `\|value: Option<&str>\| ..` |
/// | `re.compile("^b")` | `&pattern`, searched for; with the feature `regex` a `regex::Regex`, too |
///
/// If an attribute's value is a list, one member must match, or all of them joined by spaces.
#[derive(Clone)]
#[doc(alias("bs4.MatchRule", "bs4.AttributeValueMatchRule", "bs4.StringMatchRule", "bs4.TagNameMatchRule"))]
pub struct Filter<'q>(pub(crate) Vec<Rule<'q>>);

type StringFunction<'q> = dyn Fn(Option<&str>) -> bool + Send + Sync + 'q;
type TagFunction<'q> = dyn for<'t> Fn(Tag<'t>) -> bool + Send + Sync + 'q;

/// One alternative of a filter.
#[derive(Clone)]
pub(crate) enum Rule<'q> {
    Text(Cow<'q, str>),
    Present(bool),
    Nothing,
    Pattern(Pattern),
    #[cfg(feature = "regex")]
    Regex(regex::Regex),
    String(Arc<StringFunction<'q>>),
    Tag(Arc<TagFunction<'q>>),
}

impl fmt::Debug for Rule<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rule::Text(text) => fmt::Debug::fmt(text, f),
            Rule::Present(yes) => fmt::Debug::fmt(yes, f),
            Rule::Nothing => f.write_str("nothing"),
            Rule::Pattern(pattern) => fmt::Debug::fmt(pattern, f),
            #[cfg(feature = "regex")]
            Rule::Regex(regex) => fmt::Debug::fmt(regex, f),
            Rule::String(_) | Rule::Tag(_) => f.write_str("function"),
        }
    }
}

impl fmt::Debug for Filter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl<'q> Filter<'q> {
    /// Matches if a function returns true; it gets `None` if there is no value.
    pub fn function(function: impl Fn(Option<&str>) -> bool + Send + Sync + 'q) -> Self {
        Filter(vec![Rule::String(Arc::new(function))])
    }

    pub(crate) fn tag(function: impl for<'t> Fn(Tag<'t>) -> bool + Send + Sync + 'q) -> Self {
        Filter(vec![Rule::Tag(Arc::new(function))])
    }

    /// Returns true if a string, or its absence, matches.
    pub fn matches(&self, value: Option<&str>) -> bool {
        self.0.iter().any(|rule| rule.matches(value))
    }

    fn any(rules: impl Iterator<Item = Filter<'q>>) -> Self {
        let rules: Vec<_> = rules.flat_map(|filter| filter.0).collect();
        // An empty list matches nothing.
        Filter(if rules.is_empty() { vec![Rule::Nothing] } else { rules })
    }
}

impl Rule<'_> {
    pub(crate) fn matches(&self, value: Option<&str>) -> bool {
        match self {
            Rule::Text(text) => value == Some(text),
            Rule::Present(present) => value.is_some() == *present,
            Rule::Pattern(pattern) => value.is_some_and(|text| matches!(pattern.search(text), Ok(Some(_)))),
            #[cfg(feature = "regex")]
            Rule::Regex(regex) => value.is_some_and(|text| regex.is_match(text)),
            Rule::String(function) => function(value),
            Rule::Nothing | Rule::Tag(_) => false,
        }
    }
}

impl<'q> From<&'q str> for Filter<'q> {
    fn from(text: &'q str) -> Self {
        Filter(vec![Rule::Text(text.into())])
    }
}

impl<'q> From<&'q String> for Filter<'q> {
    fn from(text: &'q String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Filter<'_> {
    fn from(text: String) -> Self {
        Filter(vec![Rule::Text(text.into())])
    }
}

impl From<bool> for Filter<'_> {
    fn from(present: bool) -> Self {
        Filter(vec![Rule::Present(present)])
    }
}

impl From<i64> for Filter<'_> {
    fn from(number: i64) -> Self {
        number.to_string().into()
    }
}

impl<'q, T: Into<Filter<'q>>, const N: usize> From<[T; N]> for Filter<'q> {
    fn from(list: [T; N]) -> Self {
        Filter::any(list.into_iter().map(Into::into))
    }
}

impl<'q, T: Into<Filter<'q>>> From<Vec<T>> for Filter<'q> {
    fn from(list: Vec<T>) -> Self {
        Filter::any(list.into_iter().map(Into::into))
    }
}

impl<'q, T: Clone + Into<Filter<'q>>> From<&[T]> for Filter<'q> {
    fn from(list: &[T]) -> Self {
        Filter::any(list.iter().cloned().map(Into::into))
    }
}

impl<'q, F: Fn(Option<&str>) -> bool + Send + Sync + 'q> From<F> for Filter<'q> {
    fn from(function: F) -> Self {
        Filter::function(function)
    }
}

impl From<Pattern> for Filter<'_> {
    /// Searches for the pattern, like `re.compile(..)` in Python.
    ///
    /// A string on which a backtracking pattern exceeds its budget does not match.
    /// [`Pattern::is_linear`] tells whether that can happen.
    fn from(pattern: Pattern) -> Self {
        Filter(vec![Rule::Pattern(pattern)])
    }
}

impl From<&Pattern> for Filter<'_> {
    /// Searches for the pattern; a pattern is cheap to clone.
    fn from(pattern: &Pattern) -> Self {
        pattern.clone().into()
    }
}

#[cfg(feature = "regex")]
impl From<regex::Regex> for Filter<'_> {
    /// Searches for the pattern, in the syntax of the regex crate.
    fn from(regex: regex::Regex) -> Self {
        Filter(vec![Rule::Regex(regex)])
    }
}

#[cfg(feature = "regex")]
impl From<&regex::Regex> for Filter<'_> {
    /// The same; a regex is cheap to clone.
    fn from(regex: &regex::Regex) -> Self {
        regex.clone().into()
    }
}
