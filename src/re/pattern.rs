//! Compiled patterns.

use super::engine::{Engine, Found, Haystack, Mode};
use super::error::{Error, Result};
use super::flags::Flags;
use super::matching::Match;
use super::matching::iter::{Matches, Spans};
use super::matching::shape::{FromMatch, FromPart};
use super::parse::ast::Seq;
use super::parse::{self, Parsed};
use super::source::{Source, Split, Window};
use super::template::Replacement;
use super::text::Text;
use super::vm::{Groups, Room};
use regex_automata::meta::FindMatches;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

/// A compiled pattern: of `str`, or of bytes as `Pattern<[u8]>`. Cheap to clone and to share between threads.
#[doc(alias = "re.Pattern")]
pub struct Pattern<T: Text + ?Sized = str>(pub(super) Arc<Inner<T>>);

/// The number of names from which on a search by halves is faster than one look at each.
const MANY_NAMES: usize = 16;

#[derive(Debug)]
pub(super) struct Inner<T: Text + ?Sized> {
    source: T::Owned,
    given: Flags,
    flags: Flags,
    limit: u64,
    groups: usize,
    /// The names of groups, sorted, with their numbers.
    names: Box<[(String, u32)]>,
    body: Seq,
    engine: OnceLock<Engine>,
}

impl<T: Text + ?Sized> Inner<T> {
    pub(super) fn is_of(&self, source: &Source<'_, T>) -> bool {
        let own: &T = std::borrow::Borrow::borrow(&self.source);
        *own == *source.pattern && self.given == source.flags && self.limit == source.backtrack_limit
    }
}

impl<T: Text + ?Sized> Pattern<T> {
    pub(super) fn new(source: &Source<'_, T>) -> Result<Pattern<T>> {
        let Parsed { body, flags, groups, names } = parse::parse(source.pattern.decode(), T::UTF8, source.flags)?;
        let mut names: Vec<_> = names.into_iter().collect();
        names.sort_unstable();
        let names = names.into();
        let (limit, given) = (source.backtrack_limit, source.flags);
        let source = (*source.pattern).to_owned();
        Ok(Pattern(Arc::new(Inner { source, given, flags, limit, groups, names, body, engine: OnceLock::new() })))
    }

    fn engine(&self) -> &Engine {
        let inner = &*self.0;
        inner.engine.get_or_init(|| Engine::new(&inner.body, inner.flags, inner.groups, T::UTF8, inner.limit))
    }

    /// Returns the source text.
    #[doc(alias = "re.Pattern.pattern")]
    pub fn pattern(&self) -> &T {
        std::borrow::Borrow::borrow(&self.0.source)
    }

    /// Returns the flags: those of the caller, those in the pattern, and [`U`](super::U) for a
    /// `str` pattern that is not ASCII.
    #[doc(alias = "re.Pattern.flags")]
    pub fn flags(&self) -> Flags {
        self.0.flags
    }

    /// Returns the number of groups, without group 0, the whole match.
    #[doc(alias = "re.Pattern.groups")]
    pub fn groups(&self) -> usize {
        self.0.groups
    }

    /// Returns the names of groups and their numbers, in the order of the numbers.
    #[doc(alias = "re.Pattern.groupindex")]
    pub fn groupindex(&self) -> Vec<(&str, usize)> {
        let mut names: Vec<_> = self.0.names.iter().map(|(name, group)| (name.as_str(), *group as usize)).collect();
        names.sort_by_key(|&(_, group)| group);
        names
    }

    pub(super) fn group_number(&self, name: &str) -> Option<usize> {
        let names = &self.0.names;
        let found = if names.len() > MANY_NAMES {
            names.binary_search_by(|(known, _)| known.as_str().cmp(name)).ok()?
        } else {
            // Mostly length and first byte decide.
            let first = name.as_bytes().first();
            let is = |known: &str| known.len() == name.len() && known.as_bytes().first() == first && known == name;
            names.iter().position(|(known, _)| is(known))?
        };
        names.get(found).map(|&(_, group)| group as usize)
    }

    /// Returns true if the time of a search is proportional to the text. Patterns with
    /// look-arounds, back-references, conditions, atomic groups and possessive quantifiers are not
    /// linear: they have a step budget.
    pub fn is_linear(&self) -> bool {
        self.engine().is_linear()
    }

    /// Returns the first match.
    #[doc(alias = "re.Pattern.search")]
    pub fn search<'t>(&self, text: impl Into<Window<'t, T>>) -> Result<Option<Match<'t, T>>> {
        self.find(text.into(), Mode::Search)
    }

    /// Returns the match at the beginning of the window. (`match` is a Rust keyword.)
    #[doc(alias = "re.Pattern.match")]
    pub fn match_<'t>(&self, text: impl Into<Window<'t, T>>) -> Result<Option<Match<'t, T>>> {
        self.find(text.into(), Mode::Match)
    }

    /// Returns the match of the whole window.
    #[doc(alias = "re.Pattern.fullmatch")]
    pub fn fullmatch<'t>(&self, text: impl Into<Window<'t, T>>) -> Result<Option<Match<'t, T>>> {
        self.find(text.into(), Mode::Full)
    }

    fn find<'t>(&self, window: Window<'t, T>, mode: Mode) -> Result<Option<Match<'t, T>>> {
        if mode != Mode::Match && window.pos > window.endpos {
            return Ok(None);
        }
        let hay = window.haystack();
        let found = self.find_in(&hay, window.pos, mode, false, &mut Room::default())?;
        Ok(found.map(|found| Match::new(self.clone(), window, mode, found)))
    }

    pub(super) fn find_in(
        &self,
        hay: &Haystack<'_>,
        start: usize,
        mode: Mode,
        advance: bool,
        room: &mut Room,
    ) -> Result<Option<Found>> {
        self.engine().find(hay, start, mode, advance, room)
    }

    /// Returns all matches from `start` on, if the linear engine alone gives Python's result.
    pub(super) fn direct<'p, 't>(&'p self, hay: &Haystack<'t>, start: usize) -> Option<FindMatches<'p, 't>> {
        self.engine().find_iter(hay, start)
    }

    pub(super) fn groups_of(&self, hay: &Haystack<'_>, start: usize, mode: Mode, room: &mut Room) -> Groups {
        self.engine().groups(hay, start, mode, room)
    }

    pub(super) fn spans<'p, 't>(&'p self, window: Window<'t, T>) -> Spans<'p, 't, T> {
        Spans::new(self, window)
    }

    /// Iterates over all non-overlapping matches. An empty match may be adjacent to another.
    #[doc(alias = "re.Pattern.finditer")]
    pub fn finditer<'t>(&self, text: impl Into<Window<'t, T>>) -> Matches<'t, T> {
        Matches::new(self.clone(), text.into())
    }

    /// Returns the texts of all matches: the whole match if the pattern has no groups, the group if
    /// it has one, all groups if it has more. The caller's type determines the expected form (see
    /// [`FromMatch`]). A group that did not participate is empty.
    ///
    /// # Errors
    /// [`Error::Shape`] if the pattern has another number of groups; [`Error::BacktrackLimit`].
    #[doc(alias = "re.Pattern.findall")]
    pub fn findall<'t, F: FromMatch<'t, T>>(&self, text: impl Into<Window<'t, T>>) -> Result<Vec<F>> {
        let window = text.into();
        let found = self.0.groups.max(1);
        if let Some(wanted) = F::TEXTS.filter(|&wanted| wanted != found) {
            return Err(Error::Shape { found, wanted });
        }
        let mut out = Vec::new();
        let mut spans = self.spans(window);
        while let Some(found) = spans.next() {
            let found = found?;
            if self.0.groups == 0 {
                out.push(F::from_texts(&mut std::iter::once(window.text.part(found.start..found.end))));
                continue;
            }
            let groups = spans.groups(found);
            let mut texts = groups.spans().map(|span| window.text.part(span.map_or(0..0, |(start, end)| start..end)));
            out.push(F::from_texts(&mut texts));
        }
        Ok(out)
    }

    /// Returns the parts between the matches, with the groups of each match between them. A group
    /// that did not participate is `None` as `Option<&str>`, and empty as `&str`. Empty matches
    /// split too.
    #[doc(alias = "re.Pattern.split")]
    pub fn split<'t, F: FromPart<'t, T>>(&self, text: impl Into<Split<'t, T>>) -> Result<Vec<F>> {
        let Split { text, maxsplit } = text.into();
        let window = Window::new(text);
        let most = if maxsplit == 0 { usize::MAX } else { maxsplit };
        let (mut out, mut last) = (Vec::new(), 0);
        let mut spans = self.spans(window);
        for _ in 0..most {
            let Some(found) = spans.next() else { break };
            let found = found?;
            out.push(F::from_part(Some(text.part(last..found.start))));
            last = found.end;
            if self.0.groups > 0 {
                let groups = spans.groups(found);
                out.extend(groups.spans().map(|span| F::from_part(span.map(|(start, end)| text.part(start..end)))));
            }
        }
        out.push(F::from_part(Some(text.part(last..text.bytes().len()))));
        Ok(out)
    }

    /// Replaces all matches by a template (`r"\2 \1"`, `r"\g<name>"`) or the result of a closure.
    ///
    /// # Errors
    /// [`Error::Pattern`] or [`Error::UnknownGroup`] for a template; [`Error::BacktrackLimit`].
    #[doc(alias = "re.Pattern.sub")]
    pub fn sub(&self, repl: impl Replacement<T>, text: &T) -> Result<T::Owned> {
        Ok(self.subn(repl, text)?.0)
    }

    /// Like [`sub`](Pattern::sub), with the number of replacements.
    #[doc(alias = "re.Pattern.subn")]
    pub fn subn(&self, mut repl: impl Replacement<T>, text: &T) -> Result<(T::Owned, usize)> {
        let window = Window::new(text);
        let prepared = repl.prepare(self)?;
        let bytes = text.bytes();
        let (mut out, mut last, mut count) = (Vec::with_capacity(bytes.len()), 0, 0);
        for found in self.spans(window).take(prepared.most()) {
            let found = found?;
            out.extend_from_slice(&bytes[last..found.start]);
            last = found.end;
            count += 1;
            repl.append(&prepared, self, window, found, &mut out);
        }
        out.extend_from_slice(&bytes[last..]);
        Ok((T::join(out), count))
    }
}

impl<T: Text + ?Sized> Clone for Pattern<T> {
    fn clone(&self) -> Self {
        Pattern(self.0.clone())
    }
}

impl<T: Text + ?Sized> PartialEq for Pattern<T> {
    fn eq(&self, other: &Self) -> bool {
        self.0.flags == other.0.flags && self.0.source == other.0.source
    }
}

impl<T: Text + ?Sized> Eq for Pattern<T> {}

impl<T: Text + ?Sized> Hash for Pattern<T> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.0.flags, &self.0.source).hash(state);
    }
}

impl<T: Text + ?Sized> fmt::Debug for Pattern<T> {
    /// Like Python's `repr`: `re::compile("a.c", re::I | re::U)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "re::compile({:?}, {:?})", self.0.source, self.0.flags)
    }
}
