//! The first way through a pattern: at each choice the one that is tried first, of those that can begin with the next byte.
//!
//! Most patterns for lines of text never come back to a choice. If the first way leads to a match, it is the match that
//! backtracking finds, with its groups. If it fails and no choice was left, there is no match. Otherwise the other engines
//! decide.

use super::program::{Lead, Op, Program};
use super::set::{ByteSet, High, Set};
use super::{Ask, Groups, NONE};
use crate::re::engine::Found;
use crate::re::parse::ast::{Kind, MANY};
use memchr::{memchr, memmem};

/// What comes of the first way.
#[derive(Debug)]
pub(in crate::re) enum Straight {
    Match(Found),
    /// There is no match where one was looked for.
    None,
    /// Another engine has to look from this position on.
    Unsure(usize),
}

/// The most marks and loops of such a pattern: as many as are kept without an allocation.
const MOST_MARKS: usize = 32;
const MOST_LOOPS: usize = 8;

/// How much is read in vain after runs of characters before the linear engine is faster.
const FEW_IN_RUNS: usize = 64;

/// Whether the first way can be tried alone.
pub(in crate::re) fn is_straight(ops: &[Op], loops: usize) -> bool {
    let known = |op: &Op| match op {
        Op::Literal(_) | Op::Set(_) | Op::Assert(_) | Op::Jump(_) | Op::Branch { .. } | Op::Scan { .. } | Op::Match => true,
        Op::Mark(mark) => *mark < MOST_MARKS,
        Op::Repeat { .. } => true,
        Op::Until { lazy, .. } => !lazy,
        _ => false,
    };
    loops <= MOST_LOOPS && ops.iter().all(known)
}

/// One try or several.
struct Walk<'p, 't, const UTF8: bool> {
    program: &'p Program,
    ask: Ask<'t, UTF8>,
    marks: [usize; MOST_MARKS],
    last: usize,
    /// Whether there was a choice that may have to be made otherwise.
    choice: bool,
    /// How much was read in vain, and how much may be.
    vain: usize,
    most: usize,
}

/// Looks for a match at the place that is asked for or, unless it is anchored, where the pattern's lead shows.
pub(in crate::re) fn find<const UTF8: bool>(program: &Program, ask: Ask<'_, UTF8>) -> Straight {
    let start = ask.start;
    let rest = ask.text.len().saturating_sub(start);
    let mut walk = Walk { program, ask, marks: [NONE; MOST_MARKS], last: 0, choice: false, vain: 0, most: 1024 + 8 * rest };
    if ask.anchored {
        return walk.try_at(start);
    }
    match &program.lead {
        Lead::Text => walk.try_at(start),
        Lead::Lines => walk.lines(start),
        Lead::Literal { literal, offset } => walk.literals(start, literal, *offset),
        Lead::Run => walk.runs(start),
        Lead::Unknown => Straight::Unsure(start),
    }
}

impl<const UTF8: bool> Walk<'_, '_, UTF8> {
    fn lines(&mut self, start: usize) -> Straight {
        let mut place = start;
        if start > 0 && self.ask.whole.get(start - 1) != Some(&b'\n') {
            match self.next_line(start) {
                Some(next) => place = next,
                None => return Straight::None,
            }
        }
        loop {
            match self.try_at(place) {
                Straight::None if self.vain > self.most => return Straight::Unsure(place),
                Straight::None => {}
                found => return found,
            }
            match self.next_line(place) {
                Some(next) => place = next,
                None => return Straight::None,
            }
        }
    }

    fn literals(&mut self, start: usize, literal: &memmem::Finder<'_>, offset: usize) -> Straight {
        let Some(mut from) = self.ask.forward(start, offset) else { return Straight::None };
        loop {
            let rest = self.ask.text.get(from..).unwrap_or_default();
            let found = if let [byte] = *literal.needle() { memchr(byte, rest) } else { literal.find(rest) };
            let Some(at) = found else { return Straight::None };
            let Some(place) = self.ask.back(from + at, offset) else { return Straight::Unsure(start) };
            match self.try_at(place) {
                Straight::None if self.vain > self.most => return Straight::Unsure(place),
                Straight::None => {}
                found => return found,
            }
            self.vain += 16;
            from += at + 1;
        }
    }

    fn runs(&mut self, start: usize) -> Straight {
        let Some(first) = &self.program.first else { return Straight::Unsure(start) };
        let Some(Op::Scan { set, .. }) = self.program.ops.iter().find(|op| !matches!(op, Op::Mark(_))) else {
            return Straight::Unsure(start);
        };
        let set = &self.program.sets[*set];
        let mut place = start;
        self.most = FEW_IN_RUNS;
        loop {
            match first.find(self.ask.text, place) {
                Some(next) => place = next,
                None => return Straight::None,
            }
            match self.try_at(place) {
                Straight::None if self.vain > self.most => return Straight::Unsure(place),
                Straight::None => {}
                found => return found,
            }
            let end = self.ask.run(set, place, 0, MANY).unwrap_or(place);
            place = if end > place { end } else { self.ask.after(place) };
        }
    }

    fn next_line(&self, from: usize) -> Option<usize> {
        self.ask.text.get(from..).and_then(|rest| memchr(b'\n', rest)).map(|at| from + at + 1)
    }

    /// A match that begins at a place.
    fn try_at(&mut self, place: usize) -> Straight {
        self.choice = false;
        match self.run(place) {
            Ok(end) => {
                let marks = self.marks.get(..self.program.marks).unwrap_or_default().to_vec();
                Straight::Match(Found { start: place, end, groups: Some(Groups { marks, last: self.last }) })
            }
            Err(pos) => {
                self.vain += pos - place.min(pos);
                self.marks[..self.program.marks.min(MOST_MARKS)].fill(NONE);
                self.last = 0;
                if self.choice { Straight::Unsure(place) } else { Straight::None }
            }
        }
    }

    /// The end of the match, or where it fails.
    fn run(&mut self, start: usize) -> Result<usize, usize> {
        let (program, ask) = (self.program, self.ask);
        let mut turns = [0_u32; MOST_LOOPS];
        let (mut pc, mut pos) = (0, start);
        loop {
            match &program.ops[pc] {
                Op::Literal(bytes) => pos = ask.reads(bytes, pos).ok_or(pos)?,
                Op::Set(set) => pos = ask.one(&program.sets[*set], pos).ok_or(pos)?,
                Op::Assert(assert) => {
                    if !ask.holds(*assert, pos) {
                        return Err(pos);
                    }
                }
                Op::Mark(mark) => {
                    self.marks[*mark] = pos;
                    if mark % 2 == 1 {
                        self.last = mark / 2 + 1;
                    }
                }
                Op::Jump(to) => {
                    pc = *to;
                    continue;
                }
                Op::Branch { alternatives, sole, .. } => {
                    let byte = ask.text.get(pos).copied();
                    let mut viable = alternatives.iter().filter(|(_, first)| begins(first, byte));
                    let (to, _) = viable.next().ok_or(pos)?;
                    self.choice |= !sole && viable.next().is_some();
                    pc = *to;
                    continue;
                }
                Op::Scan { set, min, max, kind, tail, .. } => {
                    let set = &program.sets[*set];
                    pos = match kind {
                        Kind::Possessive => ask.run(set, pos, *min, *max).ok_or(pos)?,
                        Kind::Greedy => self.greedy(set, pos, (*min, *max), tail)?,
                        Kind::Lazy => self.lazy(set, pos, (*min, *max), tail)?,
                    };
                }
                Op::Repeat { id, until } => {
                    turns[*id] = 0;
                    pc = *until;
                    continue;
                }
                Op::Until { id, body, turn, sole, min, max, .. } => {
                    let count = turns[*id];
                    if count < *min {
                        turns[*id] += 1;
                        pc = *body;
                        continue;
                    }
                    if (*max == MANY || count < *max) && begins(turn, ask.text.get(pos).copied()) {
                        turns[*id] = count.saturating_add(1);
                        self.choice |= !sole;
                        pc = *body;
                        continue;
                    }
                }
                Op::Match => {
                    let refused = (ask.full && pos != ask.text.len()) || (ask.advance && pos == ask.start);
                    return if refused { Err(pos) } else { Ok(pos) };
                }
                // Not in such a program.
                _ => {
                    self.choice = true;
                    return Err(pos);
                }
            }
            pc += 1;
        }
    }

    /// As many characters as there are, then back to where the rest can begin.
    fn greedy(&mut self, set: &Set, pos: usize, (min, max): (u32, u32), tail: &ByteSet) -> Result<usize, usize> {
        let low = self.ask.run(set, pos, min, min).ok_or(pos)?;
        let more = if max == MANY { MANY } else { max - min };
        let high = self.ask.run(set, low, 0, more).ok_or(low)?;
        let mut at = high;
        if *tail != ByteSet::ALL {
            while !self.ask.text.get(at).is_some_and(|&byte| tail.contains(byte)) {
                if at <= low {
                    return Err(high);
                }
                at = self.ask.previous(at);
            }
        }
        if at < low {
            return Err(high);
        }
        // What is given back is read again: in a loop that would add up.
        self.vain += high - at;
        if self.vain > self.most {
            self.choice = true;
            return Err(high);
        }
        self.choice |= at > low;
        Ok(at)
    }

    /// As few characters as there can be before the rest begins.
    fn lazy(&mut self, set: &Set, pos: usize, (min, max): (u32, u32), tail: &ByteSet) -> Result<usize, usize> {
        let ask = self.ask;
        let mut at = ask.run(set, pos, min, min).ok_or(pos)?;
        let mut left = if max == MANY { MANY } else { max - min };
        if *tail != ByteSet::ALL {
            if left == MANY {
                let rest = ask.text.get(at..).unwrap_or_default();
                let ends = |&byte: &u8| !set.run.bytes[usize::from(byte)] || tail.contains(byte);
                at += rest.iter().position(ends).unwrap_or(rest.len());
            }
            while !ask.text.get(at).is_some_and(|&byte| tail.contains(byte)) {
                if left == 0 {
                    return Err(at);
                }
                at = ask.one(set, at).ok_or(at)?;
                left -= u32::from(left != MANY);
            }
        }
        self.choice |= left > 0 && ask.one(set, at).is_some();
        Ok(at)
    }
}

/// Whether something that begins with one of these bytes can begin here.
fn begins(first: &ByteSet, byte: Option<u8>) -> bool {
    byte.map_or(*first == ByteSet::ALL, |byte| first.contains(byte))
}

impl<const UTF8: bool> Ask<'_, UTF8> {
    /// The end of a run of characters of the set, none of which is given back. None if there are too few.
    #[inline]
    fn run(&self, set: &Set, pos: usize, min: u32, max: u32) -> Option<usize> {
        let rest = self.text.get(pos..)?;
        let run = &set.run;
        // Where characters of several bytes are passed over, bytes are not the characters that are counted.
        let counted = min > 1 || max != MANY;
        if !UTF8 || !counted || run.high != High::All {
            let rest = if max == MANY { rest } else { &rest[..rest.len().min(max as usize)] };
            let length = run.length(rest);
            if run.high != High::Some || rest.get(length).is_none_or(u8::is_ascii) {
                return (length >= min as usize).then_some(pos + length);
            }
        }
        let (end, count) = self.run_of(set, pos, max);
        (count >= min).then_some(end)
    }

    /// The position `count` characters on.
    fn forward(&self, mut pos: usize, count: usize) -> Option<usize> {
        for _ in 0..count {
            pos = self.at(pos)?.1;
        }
        Some(pos)
    }
}
