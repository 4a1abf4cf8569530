//! The text of nodes.

use super::doc::{INTERESTING_SHIFT, TEXT};
use super::kinds::StringKind;
use super::node::{NavigableString, Node, Tag};
use crate::bs4::tables::strip;

/// How [`Node::get_text`] selects and joins strings. A `&str` can be used for a separator.
///
/// ```
/// use leyden::bs4::{BeautifulSoup, GetText};
/// let soup = BeautifulSoup::new("<p> one <b>two</b>\n");
/// assert_eq!(soup.get_text("|"), " one |two|\n");
/// assert_eq!(soup.get_text(GetText::new().separator("|").strip(true)), "one|two");
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct GetText<'t> {
    separator: &'t str,
    strip: bool,
    types: Types<'t>,
}

#[derive(Debug, Clone, Copy, Default)]
enum Types<'t> {
    #[default]
    Default,
    All,
    These(&'t [StringKind]),
}

impl<'t> GetText<'t> {
    /// Without separator and stripping, for the kinds of strings that count as the tag's text.
    pub fn new() -> Self {
        GetText::default()
    }

    /// Sets the text between two strings. Default: empty.
    pub fn separator(mut self, separator: &'t str) -> Self {
        self.separator = separator;
        self
    }

    /// Sets whether whitespace around each string is removed, and blank strings are dropped.
    /// Default: false.
    pub fn strip(mut self, strip: bool) -> Self {
        self.strip = strip;
        self
    }

    /// Sets the kinds of strings to include. Default: those that count as the tag's text, ordinary
    /// text and CDATA.
    pub fn types(mut self, types: &'t [StringKind]) -> Self {
        self.types = Types::These(types);
        self
    }

    /// Includes strings of every kind, also comments: Python's `types=None`.
    pub fn all_types(mut self) -> Self {
        self.types = Types::All;
        self
    }
}

/// `get_text(strip=True)` is `get_text(STRIP)`: no separator, each string without the blanks around it, empty ones left out.
///
/// ```
/// use leyden::bs4::STRIP;
/// use leyden::prelude::*;
///
/// assert_eq!(BeautifulSoup::new("<p> one <b>two</b>\n").get_text(STRIP), "onetwo");
/// ```
pub const STRIP: GetText<'static> = GetText { separator: "", strip: true, types: Types::Default };

impl<'t> From<&'t str> for GetText<'t> {
    fn from(separator: &'t str) -> Self {
        GetText::new().separator(separator)
    }
}

impl<'a> Node<'a> {
    /// Returns the text of the node: all strings in it, joined according to `how`; a `&str` is the
    /// separator.
    ///
    /// As in Beautiful Soup with html5lib, the text in a `script`, `style` or `template` tag counts
    /// as text of the enclosing tags, but not as the text of the tag itself:
    /// `soup.find("script")?.text()` is empty, and [`Tag::string`] returns the text.
    #[doc(alias = "bs4.PageElement.get_text")]
    pub fn get_text<'t>(self, how: impl Into<GetText<'t>>) -> String {
        let how = how.into();
        let mut out = String::new();
        let mut first = true;
        self.each_string(how.types, |string| {
            let text = if how.strip { strip(string) } else { string };
            if how.strip && text.is_empty() {
                return;
            }
            if !std::mem::take(&mut first) {
                out.push_str(how.separator);
            }
            out.push_str(text);
        });
        out
    }

    /// Returns the text of the node unchanged: `get_text("")`.
    #[doc(alias = "bs4.PageElement.text")]
    pub fn text(self) -> String {
        self.get_text("")
    }

    /// Iterates over the strings that count as the node's text.
    #[doc(alias("bs4.Tag.strings", "bs4.NavigableString.strings"))]
    pub fn strings(self) -> impl Iterator<Item = NavigableString<'a>> + use<'a> {
        let wanted = self.default_types();
        let below = self.as_tag().map(Tag::descendants).into_iter().flatten();
        let own = Some(self).filter(|node| node.as_tag().is_none()).into_iter();
        own.chain(below)
            .filter(move |node| accepts(node.doc.node(node.id).kind, Types::Default, wanted))
            .filter_map(Node::as_string)
            .filter(move |string| self.as_tag().is_some() || !string.as_str().is_empty())
    }

    /// Iterates over the strings that count as the node's text, stripped; blank ones are skipped.
    #[doc(alias = "bs4.PageElement.stripped_strings")]
    pub fn stripped_strings(self) -> impl Iterator<Item = &'a str> + use<'a> {
        self.strings().map(|string| strip(string.as_str())).filter(|text| !text.is_empty())
    }

    /// Returns the kind of string that is this node's text; 0 is ordinary text and CDATA.
    fn default_types(self) -> u8 {
        self.as_tag().map_or(0, |tag| tag.raw().flags() >> INTERESTING_SHIFT)
    }

    fn each_string(self, types: Types<'_>, mut each: impl FnMut(&'a str)) {
        let wanted = self.default_types();
        let doc = self.doc;
        let mut visit = |id: u32| {
            if accepts(doc.node(id).kind, types, wanted) {
                each(doc.string(id));
            }
        };
        if doc.is_tag(self.id) {
            doc.descendants(self.id).for_each(visit);
        } else if !doc.string(self.id).is_empty() {
            visit(self.id);
        }
    }
}

fn accepts(raw: u8, types: Types<'_>, wanted: u8) -> bool {
    let Some(kind) = raw.checked_sub(TEXT) else { return false };
    match types {
        Types::All => true,
        Types::Default if wanted == 0 => kind == StringKind::NavigableString as u8 || kind == StringKind::CData as u8,
        Types::Default => kind == wanted,
        Types::These(kinds) => kinds.iter().any(|&wanted| wanted as u8 == kind),
    }
}

impl<'a> Tag<'a> {
    /// Returns the only string in the tag, if there is exactly one: its only child, or that of its
    /// only child tag, and so on.
    #[doc(alias = "bs4.Tag.string")]
    pub fn string(self) -> Option<NavigableString<'a>> {
        let mut tag = self;
        loop {
            let raw = tag.raw();
            if raw.first.get() != raw.last.get() {
                return None;
            }
            let child = tag.at(raw.first.get())?;
            match child.as_tag() {
                Some(inner) => tag = inner,
                None => return child.as_string(),
            }
        }
    }
}
