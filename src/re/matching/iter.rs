//! Iterators over matches.

use super::Match;
use crate::re::engine::{Found, Haystack, Mode};
use crate::re::error::Result;
use crate::re::pattern::Pattern;
use crate::re::source::Window;
use crate::re::text::Text;
use crate::re::vm::{Groups, Room};
use regex_automata::meta::FindMatches;

/// Where the next search begins.
#[derive(Debug)]
struct Cursor {
    start: usize,
    /// The last match was empty, at `start`, so the next one must not be empty there.
    advance: bool,
    done: bool,
    room: Room,
}

impl Cursor {
    fn new<T: Text + ?Sized>(window: &Window<'_, T>) -> Cursor {
        Cursor { start: window.pos, advance: false, done: window.pos > window.endpos, room: Room::default() }
    }

    fn next<T: Text + ?Sized>(&mut self, pattern: &Pattern<T>, hay: &Haystack<'_>) -> Option<Result<Found>> {
        if self.done {
            return None;
        }
        let found = pattern.find_in(hay, self.start, Mode::Search, self.advance, &mut self.room).transpose();
        match &found {
            Some(Ok(found)) => {
                self.advance = found.start == found.end;
                self.start = found.end;
            }
            _ => self.done = true,
        }
        found
    }
}

/// The spans of the matches in a text.
#[derive(Debug)]
pub(in crate::re) struct Spans<'p, 't, T: Text + ?Sized> {
    pattern: &'p Pattern<T>,
    hay: Haystack<'t>,
    cursor: Cursor,
    /// Used instead of the cursor if the linear engine alone gives Python's result.
    direct: Option<FindMatches<'p, 't>>,
}

impl<'p, 't, T: Text + ?Sized> Spans<'p, 't, T> {
    pub(in crate::re) fn new(pattern: &'p Pattern<T>, window: Window<'t, T>) -> Self {
        let hay = window.haystack();
        let direct = pattern.direct(&hay, window.pos);
        Spans { pattern, hay, cursor: Cursor::new(&window), direct }
    }

    /// Returns the groups of a match from this iterator.
    pub(in crate::re) fn groups(&mut self, found: Found) -> Groups {
        let find = || self.pattern.groups_of(&self.hay, found.start, Mode::Search, &mut self.cursor.room);
        found.groups.unwrap_or_else(find)
    }
}

impl<T: Text + ?Sized> Iterator for Spans<'_, '_, T> {
    type Item = Result<Found>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if let Some(direct) = &mut self.direct {
            return direct.next().map(|found| Ok(Found { start: found.start(), end: found.end(), groups: None }));
        }
        self.cursor.next(self.pattern, &self.hay)
    }
}

/// A lazy iterator over the matches in a text. [`finditer`](crate::re::finditer) returns it. It ends
/// after an error.
#[derive(Debug)]
pub struct Matches<'t, T: Text + ?Sized = str> {
    pattern: Pattern<T>,
    window: Window<'t, T>,
    hay: Haystack<'t>,
    cursor: Cursor,
}

impl<'t, T: Text + ?Sized> Matches<'t, T> {
    pub(in crate::re) fn new(pattern: Pattern<T>, window: Window<'t, T>) -> Self {
        let hay = window.haystack();
        Matches { pattern, window, hay, cursor: Cursor::new(&window) }
    }
}

impl<'t, T: Text + ?Sized> Iterator for Matches<'t, T> {
    type Item = Result<Match<'t, T>>;

    fn next(&mut self) -> Option<Self::Item> {
        let found = self.cursor.next(&self.pattern, &self.hay)?;
        Some(found.map(|found| Match::new(self.pattern.clone(), self.window, Mode::Search, found)))
    }
}
