//! Selects the engine: the fastest one that gives Python's result.

pub(super) mod linear;
pub(super) mod loose;

use self::linear::{Dollar, Linear};
use super::error::{Error, Result};
use super::flags::Flags;
use super::ir::{self, Ir, Traits};
use super::parse::ast::Seq;
use super::vm::program::{Lead, Program};
use super::vm::{self, Ask, Groups, Room, Straight};
use regex_automata::meta::FindMatches;
use std::cell::OnceCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The amount of text that the backtracking engine reads before the linear one is built, which
/// takes about as long.
const COLD: usize = 8 << 10;

/// A match. The groups are set if they were needed to find it.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) groups: Option<Groups>,
}

/// Where a match may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mode {
    Search,
    Match,
    Full,
}

impl Mode {
    /// The same mode, anchored at the start of the search.
    fn at_once(self) -> Mode {
        if self == Mode::Search { Mode::Match } else { self }
    }
}

/// The searched text up to `endpos`, and cached facts about it.
#[derive(Debug)]
pub(super) struct Haystack<'t> {
    pub(super) text: &'t [u8],
    /// Including the text after `endpos`.
    whole: &'t [u8],
    ascii: OnceCell<bool>,
}

impl<'t> Haystack<'t> {
    pub(super) fn new(whole: &'t [u8], endpos: usize) -> Haystack<'t> {
        Haystack { text: &whole[..endpos], whole, ascii: OnceCell::new() }
    }

    fn ask<const UTF8: bool>(&self, start: usize, mode: Mode, advance: bool) -> Ask<'t, UTF8> {
        let (anchored, full) = (mode != Mode::Search, mode == Mode::Full);
        Ask { text: self.text, whole: self.whole, start, anchored, full, advance }
    }

    /// Returns true if the text is ASCII from shortly before `start`. Repeated calls for the same
    /// text continue further on.
    fn is_ascii(&self, start: usize) -> bool {
        *self.ascii.get_or_init(|| self.text[start.saturating_sub(4).min(self.text.len())..].is_ascii())
    }
}

/// The engines of one pattern, each built on first use.
#[derive(Debug)]
pub(super) struct Engine {
    body: Vec<Ir>,
    traits: Traits,
    groups: usize,
    utf8: bool,
    limit: u64,
    program: OnceLock<Program>,
    /// One for each meaning of `$`.
    linear: [OnceLock<Option<Linear>>; 4],
    /// For a pattern that needs backtracking, where it may match: without and with Unicode's word
    /// boundaries, which the linear engine supports in ASCII texts.
    candidates: [OnceLock<Option<Candidates>>; 2],
    read: AtomicUsize,
    /// How often a search by runs of characters found a match, and how often it was given up.
    hits: AtomicUsize,
    misses: AtomicUsize,
}

/// The positions where a match may begin.
#[derive(Debug)]
struct Candidates {
    linear: Linear,
    /// The number of characters by which the linear pattern begins before the match.
    back: usize,
    /// How many of the first candidates were found, and in how many bytes of text.
    seen: AtomicUsize,
    over: AtomicUsize,
}

impl Candidates {
    /// The number of candidates to observe before deciding.
    const FEW: usize = 256;

    /// Returns true if candidates are so far apart that searching for them is worthwhile.
    fn pay(&self) -> bool {
        const APART: usize = 24;
        let (seen, over) = (self.seen.load(Ordering::Relaxed), self.over.load(Ordering::Relaxed));
        seen < Candidates::FEW || over >= APART * seen
    }

    fn next(&self, text: &[u8], pos: usize, utf8: bool) -> Option<(usize, usize)> {
        let (first, last) = self.linear.find(text, step_back(text, pos, self.back, utf8), false)?;
        let first = step(text, first, self.back, utf8);
        if self.seen.load(Ordering::Relaxed) < Candidates::FEW {
            self.seen.fetch_add(1, Ordering::Relaxed);
            self.over.fetch_add(first - pos.min(first), Ordering::Relaxed);
        }
        Some((first, last))
    }
}

impl Engine {
    pub(super) fn new(body: &Seq, flags: Flags, groups: usize, utf8: bool, limit: u64) -> Engine {
        let body = ir::lower(body, flags, utf8);
        let traits = Traits::of(&body);
        Engine {
            body,
            traits,
            groups,
            utf8,
            limit,
            program: OnceLock::new(),
            linear: Default::default(),
            candidates: Default::default(),
            read: AtomicUsize::new(0),
            hits: AtomicUsize::new(0),
            misses: AtomicUsize::new(0),
        }
    }

    fn program(&self) -> &Program {
        self.program.get_or_init(|| Program::new(&self.body, self.groups, self.utf8))
    }

    fn linear(&self, dollar: Dollar) -> Option<&Linear> {
        self.linear[dollar as usize].get_or_init(|| Linear::new(&self.body, dollar, self.utf8)).as_ref()
    }

    /// Runs the backtracking engine, which supports every pattern.
    fn vm(&self, hay: &Haystack<'_>, start: usize, mode: Mode, advance: bool, room: &mut Room) -> Result<Option<Found>> {
        self.vm_within(self.limit, hay, start, mode, advance, room)
    }

    fn vm_within(
        &self,
        limit: u64,
        hay: &Haystack<'_>,
        start: usize,
        mode: Mode,
        advance: bool,
        room: &mut Room,
    ) -> Result<Option<Found>> {
        let linear = !self.traits.backtracks;
        let candidates = if mode != Mode::Search || linear { None } else { self.candidates(hay, start) };
        let next = |pos| candidates?.next(hay.text, pos, self.utf8);
        let next: Option<vm::Next<'_>> = if candidates.is_some() { Some(&next) } else { None };
        let program = self.program();
        let found = if self.utf8 {
            vm::find(program, hay.ask::<true>(start, mode, advance), linear, limit, next, room)
        } else {
            vm::find(program, hay.ask::<false>(start, mode, advance), linear, limit, next, room)
        };
        found.map_err(|_| Error::BacktrackLimit { limit: self.limit })
    }

    /// The first way through the pattern alone.
    fn straight(&self, hay: &Haystack<'_>, start: usize, mode: Mode, advance: bool) -> Straight {
        let program = self.program();
        if self.utf8 {
            vm::straight(program, hay.ask::<true>(start, mode, advance))
        } else {
            vm::straight(program, hay.ask::<false>(start, mode, advance))
        }
    }

    /// Whether to begin with the first way: it needs one look where the linear engine needs a second one for the groups.
    fn goes_straight(&self, mode: Mode) -> bool {
        if self.traits.backtracks || !self.program().straight {
            return false;
        }
        match self.program().lead {
            _ if mode != Mode::Search => true,
            Lead::Text => true,
            Lead::Lines | Lead::Literal { .. } => self.groups > 0,
            Lead::Run => self.groups > 0 && self.misses.load(Ordering::Relaxed) <= 8 + self.hits.load(Ordering::Relaxed) / 8,
            Lead::Unknown => false,
        }
    }

    /// Returns where a long text may contain a match of a pattern that needs backtracking.
    fn candidates(&self, hay: &Haystack<'_>, start: usize) -> Option<&Candidates> {
        if start >= hay.text.len() || self.is_cold(hay.text.len() - start) {
            return None;
        }
        let words = self.traits.unicode_word && hay.is_ascii(start);
        let make = || {
            let (body, back) = loose::loosen(&self.body, words);
            let linear = if ir::nullable(&body) { None } else { Linear::new(&body, Dollar::Line, self.utf8) };
            linear.map(|linear| Candidates { linear, back, seen: AtomicUsize::new(0), over: AtomicUsize::new(0) })
        };
        self.candidates[usize::from(words)].get_or_init(make).as_ref().filter(|candidates| candidates.pay())
    }

    /// Finds a match from `start` on. With `advance` it must not be empty there, as after an empty
    /// match.
    pub(super) fn find(
        &self,
        hay: &Haystack<'_>,
        start: usize,
        mode: Mode,
        advance: bool,
        room: &mut Room,
    ) -> Result<Option<Found>> {
        let text = hay.text;
        let anchored = mode != Mode::Search;
        let mut start = start;
        let mut advance = advance;
        if start <= text.len() && self.goes_straight(mode) {
            match self.straight(hay, start, mode, advance) {
                Straight::Match(found) => {
                    if !anchored && matches!(self.program().lead, Lead::Run) {
                        self.hits.fetch_add(1, Ordering::Relaxed);
                    }
                    return Ok(Some(found));
                }
                Straight::None => return Ok(None),
                Straight::Unsure(from) => {
                    if !anchored && matches!(self.program().lead, Lead::Run) {
                        self.misses.fetch_add(1, Ordering::Relaxed);
                    }
                    advance &= from == start;
                    start = from;
                }
            }
        }
        if self.traits.backtracks || text.is_empty() || start > text.len() || self.is_cold(text.len() - start) {
            return self.vm(hay, start, mode, advance, room);
        }
        if self.traits.unicode_word && (anchored || !hay.is_ascii(start)) {
            return self.vm(hay, start, mode, advance, room);
        }
        if advance && self.traits.nullable {
            let found = self.vm(hay, start, mode.at_once(), true, room)?;
            if found.is_some() || anchored || start >= text.len() {
                return Ok(found);
            }
            return self.find(hay, step(text, start, 1, self.utf8), mode, false, room);
        }
        let newline = self.ends_in_newline(text);
        match mode {
            Mode::Full if newline => self.vm(hay, start, mode, false, room),
            Mode::Full => self.find_linear(Dollar::Full, hay, start, mode, room),
            _ if !newline => self.find_linear(Dollar::End, hay, start, mode, room),
            _ if self.traits.inner_dollar => self.find_linear(Dollar::Line, hay, start, mode, room),
            _ => self.find_linear(Dollar::Newline, hay, start, mode, room),
        }
    }

    fn ends_in_newline(&self, text: &[u8]) -> bool {
        self.traits.dollar && text.ends_with(b"\n")
    }

    /// Returns all matches from `start` on, if the linear engine alone gives Python's result.
    pub(super) fn find_iter<'r, 't>(&'r self, hay: &Haystack<'t>, start: usize) -> Option<FindMatches<'r, 't>> {
        let traits = &self.traits;
        let (text, helpless) = (hay.text, traits.backtracks || traits.empty_loop || traits.nullable || self.is_heavy());
        let helpless = helpless || (self.groups > 0 && self.goes_straight(Mode::Search));
        if helpless || start > text.len() || self.is_cold(text.len() - start) || self.ends_in_newline(text) {
            return None;
        }
        if traits.unicode_word && !hay.is_ascii(start) {
            return None;
        }
        self.linear(Dollar::End).map(|linear| linear.find_iter(text, start))
    }

    fn find_linear(
        &self,
        dollar: Dollar,
        hay: &Haystack<'_>,
        start: usize,
        mode: Mode,
        room: &mut Room,
    ) -> Result<Option<Found>> {
        let text = hay.text;
        let Some(linear) = self.linear(dollar) else { return self.vm(hay, start, mode, false, room) };
        let Some((start, end)) = linear.find(text, start, mode != Mode::Search) else { return Ok(None) };
        let exact = match dollar {
            Dollar::End => !self.traits.empty_loop,
            Dollar::Full => true,
            Dollar::Newline => !self.traits.empty_loop && end < text.len(),
            // The first position where a match may begin.
            Dollar::Line => return self.vm(hay, start, mode, false, room),
        };
        // Python leaves empty loops at another point, but finds a match wherever there is one.
        if exact && !self.is_heavy() {
            Ok(Some(Found { start, end, groups: None }))
        } else {
            self.vm(hay, start, mode.at_once(), false, room)
        }
    }

    /// Returns true if finding the groups of a match may exceed the budget. They are then found
    /// with the match, where an error can be returned.
    fn is_heavy(&self) -> bool {
        const MANY_STATES: u64 = 512;
        self.groups > 0 && self.program().states.is_none_or(|states| states > MANY_STATES)
    }

    fn is_cold(&self, length: usize) -> bool {
        if self.read.load(Ordering::Relaxed) > COLD {
            return false;
        }
        self.read.fetch_add(length + 64, Ordering::Relaxed) + length + 64 <= COLD
    }

    /// Returns the groups of a match that was found without them.
    pub(super) fn groups(&self, hay: &Haystack<'_>, start: usize, mode: Mode, room: &mut Room) -> Groups {
        if self.groups == 0 {
            return Groups::default();
        }
        if self.program().straight
            && !self.traits.backtracks
            && let Straight::Match(Found { groups: Some(groups), .. }) = self.straight(hay, start, mode.at_once(), false)
        {
            return groups;
        }
        // A heavy pattern always finds its groups with the match, so no budget is needed here.
        match self.vm_within(u64::MAX, hay, start, mode.at_once(), false, room) {
            Ok(Some(Found { groups: Some(groups), .. })) => groups,
            _ => Groups::default(),
        }
    }

    pub(super) fn is_linear(&self) -> bool {
        !self.traits.backtracks
    }
}

/// Returns the position `count` characters later.
fn step(text: &[u8], mut pos: usize, count: usize, utf8: bool) -> usize {
    for _ in 0..count {
        pos += 1;
        while utf8 && text.get(pos).is_some_and(|byte| byte & 0xc0 == 0x80) {
            pos += 1;
        }
    }
    pos
}

/// Returns the position `count` characters earlier, or the beginning.
fn step_back(text: &[u8], mut pos: usize, count: usize, utf8: bool) -> usize {
    for _ in 0..count {
        pos = pos.saturating_sub(1);
        while utf8 && pos > 0 && text.get(pos).is_some_and(|byte| byte & 0xc0 == 0x80) {
            pos -= 1;
        }
    }
    pos
}
