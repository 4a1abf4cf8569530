//! A match and its groups.

pub(super) mod iter;
pub(super) mod shape;

use super::engine::{Found, Mode};
use super::error::Result;
use super::pattern::Pattern;
use super::source::Window;
use super::template::Template;
use super::text::Text;
use super::vm::{Groups, Room};
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

/// A match. Positions are byte offsets in the text; [`char_span`](Match::char_span) counts
/// characters, as Python does.
#[derive(Clone)]
#[doc(alias = "re.Match")]
pub struct Match<'t, T: Text + ?Sized = str> {
    pattern: Pattern<T>,
    window: Window<'t, T>,
    mode: Mode,
    start: usize,
    end: usize,
    groups: Known,
}

/// The groups: found with the match, or on first access.
#[derive(Clone)]
enum Known {
    Found(Groups),
    Asked(OnceLock<Groups>),
}

/// A group by number or by name.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not name a group",
    label = "expected a number or a name",
    note = "groups are numbered by `usize` and named by `&str`: `found.group(1)`, `found.group(\"year\")`"
)]
pub trait GroupKey {
    /// Returns its number in the pattern, if the group exists.
    fn number<T: Text + ?Sized>(self, pattern: &Pattern<T>) -> Option<usize>;
}

impl GroupKey for usize {
    fn number<T: Text + ?Sized>(self, pattern: &Pattern<T>) -> Option<usize> {
        Some(self).filter(|&group| group <= pattern.groups())
    }
}

impl GroupKey for &str {
    fn number<T: Text + ?Sized>(self, pattern: &Pattern<T>) -> Option<usize> {
        pattern.group_number(self)
    }
}

impl<'t, T: Text + ?Sized> Match<'t, T> {
    pub(super) fn new(pattern: Pattern<T>, window: Window<'t, T>, mode: Mode, found: Found) -> Self {
        let groups = found.groups.map_or_else(|| Known::Asked(OnceLock::new()), Known::Found);
        Match { pattern, window, mode, start: found.start, end: found.end, groups }
    }

    fn found(&self) -> &Groups {
        match &self.groups {
            Known::Found(groups) => groups,
            Known::Asked(groups) => groups
                .get_or_init(|| self.pattern.groups_of(&self.window.haystack(), self.start, self.mode, &mut Room::default())),
        }
    }

    /// Returns the text of a group, by number or by name; 0 is the whole match. `None` if the group
    /// did not participate in the match.
    ///
    /// DIFFERENCE: a group that the pattern does not have is `None` too; Python raises
    /// `IndexError`.
    #[doc(alias = "re.Match.group")]
    pub fn group(&self, group: impl GroupKey) -> Option<&'t T> {
        self.span(group).map(|span| self.window.text.part(span))
    }

    /// Returns the texts of all groups from 1 on.
    #[doc(alias = "re.Match.groups")]
    pub fn groups(&self) -> Vec<Option<&'t T>> {
        self.found().spans().map(|span| span.map(|(start, end)| self.window.text.part(start..end))).collect()
    }

    /// Returns the texts of the named groups, in the order of their numbers.
    #[doc(alias = "re.Match.groupdict")]
    pub fn groupdict(&self) -> Vec<(&str, Option<&'t T>)> {
        self.pattern.groupindex().into_iter().map(|(name, group)| (name, self.group(group))).collect()
    }

    /// Returns the span of a group in bytes; `None` where Python has (-1, -1).
    #[doc(alias = "re.Match.span")]
    pub fn span(&self, group: impl GroupKey) -> Option<Range<usize>> {
        match group.number(&self.pattern)? {
            0 => Some(self.start..self.end),
            group => self.found().span(group).map(|(start, end)| start..end),
        }
    }

    /// Returns the span of a group in characters, as Python counts. Takes time proportional to the
    /// preceding text.
    pub fn char_span(&self, group: impl GroupKey) -> Option<Range<usize>> {
        let span = self.span(group)?;
        let bytes = self.window.text.bytes();
        let chars = |part: &[u8]| if T::UTF8 { part.iter().filter(|&byte| byte & 0xc0 != 0x80).count() } else { part.len() };
        let start = chars(&bytes[..span.start]);
        Some(start..start + chars(&bytes[span.start..span.end]))
    }

    /// Returns the start of the whole match, in bytes.
    #[doc(alias = "re.Match.start")]
    pub fn start(&self) -> usize {
        self.start
    }

    /// Returns the end of the whole match, in bytes.
    #[doc(alias = "re.Match.end")]
    pub fn end(&self) -> usize {
        self.end
    }

    /// Returns the spans of the whole match and of every group.
    #[doc(alias = "re.Match.regs")]
    pub fn regs(&self) -> Vec<Option<Range<usize>>> {
        (0..=self.pattern.groups()).map(|group| self.span(group)).collect()
    }

    /// Returns the number of the group that ended last.
    #[doc(alias = "re.Match.lastindex")]
    pub fn lastindex(&self) -> Option<usize> {
        self.found().last()
    }

    /// Returns the name of the group that ended last, if it has one.
    #[doc(alias = "re.Match.lastgroup")]
    pub fn lastgroup(&self) -> Option<&str> {
        let last = self.lastindex()?;
        self.pattern.groupindex().into_iter().find(|&(_, group)| group == last).map(|(name, _)| name)
    }

    /// Expands a template such as `r"\1-\g<name>"`. A group that did not participate is empty.
    ///
    /// # Errors
    /// [`Error::Pattern`](super::Error::Pattern) for a bad template, [`Error::UnknownGroup`](super::Error::UnknownGroup).
    #[doc(alias("re.Match.expand", "re.syntax.template_number", "re.syntax.template_name", "re.syntax.template_escapes"))]
    pub fn expand(&self, template: &T) -> Result<T::Owned> {
        let mut out = Vec::new();
        Template::parse(template, &self.pattern)?.expand(self, &mut out);
        Ok(T::join(out))
    }

    /// Returns the start of the search, in bytes.
    #[doc(alias = "re.Match.pos")]
    pub fn pos(&self) -> usize {
        self.window.pos
    }

    /// Returns the end of the search, in bytes.
    #[doc(alias = "re.Match.endpos")]
    pub fn endpos(&self) -> usize {
        self.window.endpos
    }

    /// Returns the pattern that matched.
    #[doc(alias = "re.Match.re")]
    pub fn re(&self) -> &Pattern<T> {
        &self.pattern
    }

    /// Returns the whole searched text.
    #[doc(alias = "re.Match.string")]
    pub fn string(&self) -> &'t T {
        self.window.text
    }
}

impl<T: Text + ?Sized> fmt::Debug for Match<'_, T> {
    /// Like Python's `repr`: `<re::Match span=3..5, match="ab">`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.window.text.part(self.start..self.end);
        write!(f, "<re::Match span={}..{}, match={text:?}>", self.start, self.end)
    }
}
