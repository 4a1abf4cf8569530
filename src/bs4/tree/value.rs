//! Attribute values.

use crate::bs4::output::python_specific;
use crate::bs4::tables::{CHARSET, CONTENT, LIST, PLAIN};
use std::fmt;

/// The value of an attribute: text, a list (`class`), or the encoding in a `meta` tag.
#[derive(Clone, Copy)]
pub struct AttributeValue<'a> {
    text: &'a str,
    kind: u8,
}

impl<'a> AttributeValue<'a> {
    pub(crate) fn new(text: &'a str, kind: u8) -> Self {
        AttributeValue { text, kind }
    }

    /// Returns the value as text, a list joined by spaces.
    pub fn as_str(self) -> &'a str {
        self.text
    }

    /// Returns true for a list: `class`, `rel`, `headers` and the other list attributes of HTML, in
    /// HTML documents.
    #[doc(alias = "bs4.AttributeValueList")]
    pub fn is_list(self) -> bool {
        self.kind == LIST
    }

    /// Iterates over the members of a list, or the single value of any other attribute.
    pub fn iter(self) -> impl Iterator<Item = &'a str> + Clone {
        let list = if self.kind == LIST { self.text } else { "" };
        let one = (self.kind != LIST).then_some(self.text);
        list.split(' ').filter(|token| !token.is_empty()).chain(one)
    }

    /// Returns the value for a document encoded in `encoding`: only the encoding in a `meta` tag
    /// changes.
    #[doc(alias(
        "bs4.AttributeValueWithCharsetSubstitution.substitute_encoding",
        "bs4.CharsetMetaAttributeValue",
        "bs4.CharsetMetaAttributeValue.substitute_encoding",
        "bs4.ContentMetaAttributeValue",
        "bs4.ContentMetaAttributeValue.substitute_encoding"
    ))]
    pub fn substitute_encoding(self, encoding: &str) -> std::borrow::Cow<'a, str> {
        match self.kind {
            CHARSET if python_specific(encoding) => "".into(),
            CHARSET => encoding.to_owned().into(),
            CONTENT => substitute_content(self.text, encoding).into(),
            _ => self.text.into(),
        }
    }
}

/// Replaces the matches of `((^|;)\s*charset=)([^;]*)`, at each line's start and after each
/// semicolon.
fn substitute_content(text: &str, encoding: &str) -> String {
    let mut out = String::with_capacity(text.len() + encoding.len());
    let mut rest = text;
    let mut at_start = true;
    while !rest.is_empty() {
        // A match starts here at a line start, or with this semicolon.
        let head = usize::from(rest.starts_with(';'));
        let body = &rest[head..];
        let blank = body.len() - body.trim_start_matches(crate::bs4::tables::is_space).len();
        if (at_start || head == 1) && body[blank..].starts_with("charset=") {
            let key = head + blank + "charset=".len();
            let end = rest[key..].find(';').map_or(rest.len(), |end| key + end);
            if !python_specific(encoding) {
                out.push_str(&rest[..key]);
                out.push_str(encoding);
            }
            at_start = false;
            rest = &rest[end..];
            continue;
        }
        let Some(c) = rest.chars().next() else { break };
        out.push(c);
        at_start = c == '\n';
        rest = &rest[c.len_utf8()..];
    }
    out
}

impl PartialEq for AttributeValue<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text && self.is_list() == other.is_list()
    }
}

impl PartialEq<&str> for AttributeValue<'_> {
    fn eq(&self, other: &&str) -> bool {
        self.text == *other
    }
}

impl fmt::Display for AttributeValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text)
    }
}

impl fmt::Debug for AttributeValue<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_list() { f.debug_list().entries(self.iter()).finish() } else { fmt::Debug::fmt(self.text, f) }
    }
}

/// A new attribute value: text, a number, a list, or a boolean.
///
/// In HTML, `true` writes the attribute's own name (`checked="checked"`) and `false` removes the
/// attribute.
///
/// DIFFERENCE: Python does this only in copies of tags; the tags themselves print `x="True"` and
/// `x="False"`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[doc(alias = "bs4.AttributeValueList")]
pub struct NewValue(pub(crate) New);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum New {
    Text(String),
    List(Vec<String>),
    Bool(bool),
}

impl NewValue {
    /// Returns the text and the kind to store for an attribute `name`; `None` to remove it.
    pub(crate) fn text(self, name: &str, is_xml: bool) -> Option<(String, u8)> {
        match self.0 {
            New::Text(text) => Some((text, PLAIN)),
            New::List(list) => Some((list.join(" "), LIST)),
            New::Bool(yes) if is_xml => Some((if yes { "True" } else { "False" }.to_owned(), PLAIN)),
            New::Bool(true) => Some((name.to_owned(), PLAIN)),
            New::Bool(false) => None,
        }
    }
}

impl From<&str> for NewValue {
    fn from(text: &str) -> Self {
        NewValue(New::Text(text.to_owned()))
    }
}

impl From<&String> for NewValue {
    fn from(text: &String) -> Self {
        NewValue(New::Text(text.clone()))
    }
}

impl From<String> for NewValue {
    fn from(text: String) -> Self {
        NewValue(New::Text(text))
    }
}

impl From<bool> for NewValue {
    fn from(value: bool) -> Self {
        NewValue(New::Bool(value))
    }
}

impl From<i64> for NewValue {
    fn from(number: i64) -> Self {
        NewValue(New::Text(number.to_string()))
    }
}

impl<T: Into<String>, const N: usize> From<[T; N]> for NewValue {
    fn from(list: [T; N]) -> Self {
        NewValue(New::List(list.into_iter().map(Into::into).collect()))
    }
}

impl<T: Into<String>> From<Vec<T>> for NewValue {
    fn from(list: Vec<T>) -> Self {
        NewValue(New::List(list.into_iter().map(Into::into).collect()))
    }
}

impl From<AttributeValue<'_>> for NewValue {
    fn from(value: AttributeValue<'_>) -> Self {
        if value.is_list() { value.iter().collect::<Vec<_>>().into() } else { value.text.into() }
    }
}
