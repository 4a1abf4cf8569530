//! Which engine answers: the cheapest that gives Python's answer.

use super::ast::Seq;
use super::error::{Error, Result};
use super::flags::Flags;
use super::ir::{self, Ir, Traits};
use super::linear::{Dollar, Linear};
use super::program::Program;
use super::vm::{self, Ask, Groups};
use std::cell::OnceCell;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

/// How much text the backtracking engine reads before the linear one is built: building it takes as long.
const COLD: usize = 8 << 10;

/// A match. The groups are there if they had to be found anyway.
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

/// What is searched: the text up to `endpos`, and what has been learnt about it.
#[derive(Debug)]
pub(super) struct Haystack<'t> {
    pub(super) text: &'t [u8],
    /// With what follows `endpos`.
    whole: &'t [u8],
    ascii: OnceCell<bool>,
}

impl<'t> Haystack<'t> {
    pub(super) fn new(whole: &'t [u8], endpos: usize) -> Haystack<'t> {
        Haystack { text: &whole[..endpos], whole, ascii: OnceCell::new() }
    }

    /// Whether all is ASCII from shortly before `start`. Asked again for the same text, it starts from further on.
    fn is_ascii(&self, start: usize) -> bool {
        *self.ascii.get_or_init(|| self.text[start.saturating_sub(4).min(self.text.len())..].is_ascii())
    }
}

/// The engines of one pattern, each made when it is first needed.
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
    read: AtomicUsize,
}

impl Engine {
    pub(super) fn new(body: &Seq, flags: Flags, groups: usize, utf8: bool, limit: u64) -> Engine {
        let body = ir::lower(body, flags, utf8);
        let traits = Traits::of(&body);
        let linear = std::array::from_fn(|_| OnceLock::new());
        Engine { body, traits, groups, utf8, limit, program: OnceLock::new(), linear, read: AtomicUsize::new(0) }
    }

    fn program(&self) -> &Program {
        self.program.get_or_init(|| Program::new(&self.body, self.groups, self.utf8))
    }

    fn linear(&self, dollar: Dollar) -> Option<&Linear> {
        self.linear[dollar as usize].get_or_init(|| Linear::new(&self.body, dollar, self.utf8)).as_ref()
    }

    /// The backtracking engine, which knows every pattern.
    fn vm(&self, hay: &Haystack<'_>, start: usize, anchored: bool, full: bool, advance: bool) -> Result<Option<Found>> {
        let ask = Ask { text: hay.text, whole: hay.whole, start, anchored, full, advance };
        let linear = !self.traits.backtracks;
        let find = if self.utf8 { vm::find::<true> } else { vm::find::<false> };
        let found = find(self.program(), ask, linear, self.limit).map_err(|_| Error::BacktrackLimit { limit: self.limit })?;
        Ok(found.map(|(start, end, groups)| Found { start, end, groups: Some(groups) }))
    }

    /// Finds a match from `start` on. With `advance` it must not be empty there, as after an empty match.
    pub(super) fn find(&self, hay: &Haystack<'_>, start: usize, mode: Mode, advance: bool) -> Result<Option<Found>> {
        let text = hay.text;
        let anchored = mode != Mode::Search;
        let full = mode == Mode::Full;
        if self.traits.backtracks || text.is_empty() || start > text.len() || self.is_cold(text.len() - start) {
            return self.vm(hay, start, anchored, full, advance);
        }
        if self.traits.unicode_word && (anchored || !hay.is_ascii(start)) {
            return self.vm(hay, start, anchored, full, advance);
        }
        if advance && ir::nullable(&self.body) {
            let found = self.vm(hay, start, true, full, true)?;
            if found.is_some() || anchored || start >= text.len() {
                return Ok(found);
            }
            let next = (start + 1..).find(|&at| !self.utf8 || text.get(at).is_none_or(|byte| byte & 0xc0 != 0x80));
            return self.find(hay, next.unwrap_or(start + 1), mode, false);
        }
        let newline = self.traits.dollar && text.ends_with(b"\n");
        match mode {
            Mode::Full if newline => self.vm(hay, start, true, true, false),
            Mode::Full => self.find_linear(Dollar::Full, hay, start, mode),
            _ if !newline => self.find_linear(Dollar::End, hay, start, mode),
            _ if self.traits.inner_dollar => self.find_linear(Dollar::Line, hay, start, mode),
            _ => self.find_linear(Dollar::Newline, hay, start, mode),
        }
    }

    fn find_linear(&self, dollar: Dollar, hay: &Haystack<'_>, start: usize, mode: Mode) -> Result<Option<Found>> {
        let text = hay.text;
        let (anchored, full) = (mode != Mode::Search, mode == Mode::Full);
        let Some(linear) = self.linear(dollar) else { return self.vm(hay, start, anchored, full, false) };
        let Some((start, end)) = linear.find(text, start, anchored) else { return Ok(None) };
        let exact = match dollar {
            Dollar::End => !self.traits.empty_loop,
            Dollar::Full => true,
            Dollar::Newline => !self.traits.empty_loop && end < text.len(),
            // The first place where it may begin.
            Dollar::Line => return self.vm(hay, start, anchored, full, false),
        };
        // Python leaves empty loops at another point, but it finds a match wherever there is one.
        if exact { Ok(Some(Found { start, end, groups: None })) } else { self.vm(hay, start, true, full, false) }
    }

    fn is_cold(&self, length: usize) -> bool {
        if self.read.load(Ordering::Relaxed) > COLD {
            return false;
        }
        self.read.fetch_add(length + 64, Ordering::Relaxed) + length + 64 <= COLD
    }

    /// The groups of a match that was found without them.
    pub(super) fn groups(&self, hay: &Haystack<'_>, span: (usize, usize), mode: Mode) -> Groups {
        if self.groups == 0 {
            return Groups { spans: Vec::new(), last: None };
        }
        let by_linear = !self.traits.empty_loop && !self.traits.ambiguous_last;
        let dollar = if mode == Mode::Full { Dollar::Full } else { Dollar::End };
        if let Some(linear) = self.linear[dollar as usize].get().and_then(Option::as_ref).filter(|_| by_linear) {
            let captures = linear.groups(hay.text, span);
            let spans: Vec<_> = (1..=self.groups).map(|i| captures.get_group(i).map(|span| (span.start, span.end))).collect();
            // The group that ended last reaches furthest. Of those that reach as far, the one around the others comes first in
            // number and begins no later; those that are not around each other end in the order of their numbers.
            let last = self.last(&spans);
            return Groups { spans, last };
        }
        match self.vm(hay, span.0, true, mode == Mode::Full, false) {
            Ok(Some(Found { groups: Some(groups), .. })) => groups,
            _ => Groups { spans: vec![None; self.groups], last: None },
        }
    }

    fn last(&self, spans: &[Option<(usize, usize)>]) -> Option<usize> {
        let end = spans.iter().flatten().map(|span| span.1).max()?;
        let at_end: Vec<usize> = (1..=spans.len()).filter(|&i| spans[i - 1].is_some_and(|span| span.1 == end)).collect();
        order(&self.body, &at_end)
    }

    pub(super) fn is_linear(&self) -> bool {
        !self.traits.backtracks
    }
}

/// Of these groups, the one that ends last in the pattern.
fn order(body: &[Ir], among: &[usize]) -> Option<usize> {
    body.iter().rev().find_map(|ir| match ir {
        Ir::Group(index, _) if among.contains(&(*index as usize)) => Some(*index as usize),
        Ir::Group(_, body) | Ir::Repeat { body, .. } => order(body, among),
        Ir::Branch(bodies) => bodies.iter().rev().find_map(|body| order(body, among)),
        _ => None,
    })
}
