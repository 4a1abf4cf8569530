//! The choices, and backtracking to them.

use super::{MOST_FRAMES, NONE, Spent, Vm};
use crate::re::parse::ast::MANY;
use crate::re::vm::program::Op;
use crate::re::vm::set::ByteSet;

/// The marks at the time of a choice.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kept {
    marked: usize,
    last: usize,
    /// Whether the marks themselves are saved, not only their number.
    saved: bool,
}

/// A choice to backtrack to, or an operation to undo on the way.
#[derive(Debug, Clone, Copy)]
pub(super) enum Frame {
    /// The next alternative.
    Branch { pc: usize, next: usize, pos: usize, kept: Kept },
    /// A scan gives back characters down to `low`.
    Greedy { pc: usize, low: usize, pos: usize, kept: Kept },
    /// A scan takes one more character.
    Lazy { pc: usize, pos: usize, left: u32, kept: Kept },
    /// A loop was entered.
    Loop,
    /// A mandatory iteration has begun.
    Must { at: usize, count: i64 },
    /// A further iteration has begun; the alternative is to leave the loop.
    More { at: usize, pc: usize, pos: usize, count: i64, last: usize, kept: Kept },
    /// The loop was left.
    Left { at: usize },
    /// The loop was left; the alternative is a further iteration.
    Enough { at: usize, pc: usize, pos: usize, count: i64, kept: Kept },
    /// A further iteration of a lazy loop has begun.
    Again { at: usize, count: i64, last: usize },
    /// An atomic group, a look-around or a possessive loop's body is open.
    Open { pc: usize, pos: usize, current: usize, loops: usize, saved: usize, count: u32, kept: Kept },
}

impl<const UTF8: bool> Vm<'_, '_, '_, UTF8> {
    fn keep(&mut self, saved: bool) -> Kept {
        if saved {
            self.room.saved.extend_from_slice(&self.marks[..self.marked]);
        }
        Kept { marked: self.marked, last: self.last, saved }
    }

    /// Restores the marks; with `done`, the saved ones are not needed again.
    fn restore(&mut self, kept: Kept, done: bool) {
        if kept.saved {
            let from = self.room.saved.len() - kept.marked;
            self.marks[..kept.marked].copy_from_slice(&self.room.saved[from..]);
            if done {
                self.room.saved.truncate(from);
            }
        }
        (self.marked, self.last) = (kept.marked, kept.last);
    }

    /// Backtracks to the next choice, if there is one.
    pub(super) fn backtrack(&mut self) -> Result<Option<(usize, usize)>, Spent> {
        loop {
            self.steps += 1;
            if self.steps > self.limit || (self.memo.is_none() && self.room.frames.len() > MOST_FRAMES) {
                return Err(Spent);
            }
            let Some(frame) = self.room.frames.pop() else { return Ok(None) };
            let next = match frame {
                Frame::Branch { pc, next, pos, kept } => {
                    self.restore(kept, true);
                    self.branch(pc, next, pos)
                }
                Frame::Greedy { pc, low, pos, kept } => {
                    self.restore(kept, true);
                    let Op::Scan { tail, .. } = &self.program.ops[pc] else { continue };
                    let pos = self.ask.previous(pos);
                    self.give_back(pc, low, pos, *tail)
                }
                Frame::Lazy { pc, pos, left, kept } => {
                    self.restore(kept, true);
                    self.take_more(pc, pos, left)
                }
                Frame::Loop => {
                    self.current = self.room.loops.pop().map_or(NONE, |turns| turns.outer);
                    None
                }
                Frame::Must { at, count } => {
                    self.room.loops[at].count = count - 1;
                    None
                }
                Frame::More { at, pc, pos, count, last, kept } => {
                    self.restore(kept, true);
                    self.room.loops[at].last = last;
                    self.room.loops[at].count = count - 1;
                    self.leave(at);
                    Some((pc + 1, pos))
                }
                Frame::Left { at } => {
                    self.current = at;
                    None
                }
                Frame::Enough { at, pc, pos, count, kept } => {
                    self.current = at;
                    self.restore(kept, true);
                    self.again(at, pc, pos, count)
                }
                Frame::Again { at, count, last } => {
                    self.room.loops[at].last = last;
                    self.room.loops[at].count = count - 1;
                    None
                }
                Frame::Open { pc, pos, count, kept, .. } => {
                    self.room.open.pop();
                    self.closed_in_failure(pc, pos, count, kept)
                }
            };
            if next.is_some() {
                return Ok(next);
            }
        }
    }

    /// Returns the next alternative that can begin here.
    pub(super) fn branch(&mut self, pc: usize, from: usize, pos: usize) -> Option<(usize, usize)> {
        let Op::Branch { alternatives, .. } = &self.program.ops[pc] else { return None };
        let byte = self.ask.text.get(pos).copied();
        let can = |first: &ByteSet| byte.map_or(*first == ByteSet::ALL, |byte| first.contains(byte));
        let mut viable = alternatives[from..].iter().enumerate().filter(|(_, (_, first))| can(first));
        let (_, &(start, _)) = viable.next()?;
        if let Some((next, _)) = viable.next() {
            let kept = self.keep(self.current != NONE);
            self.room.frames.push(Frame::Branch { pc, next: from + next, pos, kept });
        }
        Some((start, pos))
    }

    /// Leaves a greedy scan at `pos` or, if the rest cannot begin there, earlier.
    pub(super) fn give_back(&mut self, pc: usize, low: usize, mut pos: usize, tail: ByteSet) -> Option<(usize, usize)> {
        if tail != ByteSet::ALL {
            while !self.ask.text.get(pos).is_some_and(|&byte| tail.contains(byte)) {
                if pos <= low {
                    return None;
                }
                pos = self.ask.previous(pos);
            }
        }
        if pos > low {
            let kept = self.keep(self.current != NONE);
            self.room.frames.push(Frame::Greedy { pc, low, pos, kept });
        }
        (pos >= low).then_some((pc + 1, pos))
    }

    /// Leaves a lazy scan at `pos`; `left` more characters may follow.
    pub(super) fn lazy(&mut self, pc: usize, mut pos: usize, mut left: u32) -> Option<(usize, usize)> {
        let Op::Scan { set, tail, memo, max, .. } = &self.program.ops[pc] else { return None };
        while *tail != ByteSet::ALL && !self.ask.text.get(pos).is_some_and(|&byte| tail.contains(byte)) {
            if left == 0 {
                return None;
            }
            pos = self.ask.one(&self.program.sets[*set], pos)?;
            self.steps += 1;
            if *max == MANY {
                if !self.fresh(*memo, pos).unwrap_or(true) {
                    return None;
                }
            } else {
                left -= 1;
            }
        }
        if left > 0 {
            let kept = self.keep(self.current != NONE);
            self.room.frames.push(Frame::Lazy { pc, pos, left, kept });
        }
        Some((pc + 1, pos))
    }

    fn take_more(&mut self, pc: usize, pos: usize, left: u32) -> Option<(usize, usize)> {
        let Op::Scan { set, memo, max, .. } = &self.program.ops[pc] else { return None };
        let pos = self.ask.one(&self.program.sets[*set], pos)?;
        if *max == MANY {
            // The budget is checked at the next failure.
            return if self.fresh(*memo, pos).unwrap_or(true) { self.lazy(pc, pos, left) } else { None };
        }
        self.lazy(pc, pos, left - 1)
    }

    fn leave(&mut self, at: usize) {
        self.current = self.room.loops[at].outer;
        self.room.frames.push(Frame::Left { at });
    }

    /// Handles the end of an iteration, or the entry to a loop.
    pub(super) fn until(&mut self, pc: usize, pos: usize) -> Option<(usize, usize)> {
        let Op::Until { body, min, max, lazy, .. } = self.program.ops[pc] else { return None };
        let at = self.current;
        let count = self.room.loops[at].count + 1;
        if count < i64::from(min) {
            self.room.loops[at].count = count;
            self.room.frames.push(Frame::Must { at, count });
            return Some((body, pos));
        }
        if lazy {
            self.current = self.room.loops[at].outer;
            let kept = self.keep(self.current != NONE);
            self.room.frames.push(Frame::Enough { at, pc, pos, count, kept });
            return Some((pc + 1, pos));
        }
        let last = self.room.loops[at].last;
        // An iteration that matched nothing is the last.
        if (max == MANY || count < i64::from(max)) && pos != last {
            self.room.loops[at].count = count;
            let kept = self.keep(true);
            self.room.frames.push(Frame::More { at, pc, pos, count, last, kept });
            self.room.loops[at].last = pos;
            return Some((body, pos));
        }
        self.leave(at);
        Some((pc + 1, pos))
    }

    /// Starts a further iteration of a lazy loop.
    fn again(&mut self, at: usize, pc: usize, pos: usize, count: i64) -> Option<(usize, usize)> {
        let Op::Until { body, max, .. } = self.program.ops[pc] else { return None };
        let last = self.room.loops[at].last;
        if (max != MANY && count >= i64::from(max)) || pos == last {
            return None;
        }
        self.room.loops[at].count = count;
        self.room.frames.push(Frame::Again { at, count, last });
        self.room.loops[at].last = pos;
        Some((body, pos))
    }

    /// Opens an atomic group, a look-around or an iteration of a possessive loop.
    pub(super) fn open(&mut self, pc: usize, pos: usize, count: u32, save: bool) {
        let saved = self.room.saved.len();
        let kept = self.keep(save);
        self.room.open.push(self.room.frames.len());
        self.room.frames.push(Frame::Open { pc, pos, current: self.current, loops: self.room.loops.len(), saved, count, kept });
    }

    /// The innermost open construct has matched: drops its choices.
    pub(super) fn done(&mut self, pos: usize) -> Option<(usize, usize)> {
        let at = self.room.open.pop()?;
        let Some(Frame::Open { pc, pos: before, current, loops, saved, count, .. }) = self.room.frames.get(at).copied() else {
            return None;
        };
        self.room.frames.truncate(at);
        self.room.saved.truncate(saved);
        self.room.loops.truncate(loops);
        self.current = current;
        match &self.program.ops[pc] {
            Op::Atomic { after } => Some((*after, pos)),
            Op::Look { negative: false, after, .. } => Some((*after, before)),
            Op::Possessive { min, after, .. } => {
                if count >= *min && pos == before {
                    return Some((*after, pos));
                }
                self.possessive(pc, pos, count.saturating_add(1))
            }
            _ => None,
        }
    }

    /// The innermost open construct has not matched.
    fn closed_in_failure(&mut self, pc: usize, pos: usize, count: u32, kept: Kept) -> Option<(usize, usize)> {
        match &self.program.ops[pc] {
            Op::Look { negative: true, after, .. } => {
                self.restore(kept, true);
                Some((*after, pos))
            }
            Op::Possessive { min, after, .. } if count >= *min => {
                self.restore(kept, true);
                Some((*after, pos))
            }
            _ => None,
        }
    }

    /// Starts the next iteration of a possessive loop.
    pub(super) fn possessive(&mut self, pc: usize, pos: usize, count: u32) -> Option<(usize, usize)> {
        let Op::Possessive { min, max, after } = &self.program.ops[pc] else { return None };
        if count >= *min && *max != MANY && count >= *max {
            return Some((*after, pos));
        }
        self.open(pc, pos, count, count >= *min);
        Some((pc + 1, pos))
    }
}
