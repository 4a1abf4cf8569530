//! The backtracking engine: Python's order of alternatives, its rules for leaving loops and its
//! bookkeeping of groups.
//!
//! It has its own stack, so the text never deepens the thread's. Marks are saved where Python saves
//! them (in loops), and otherwise undone by dropping those beyond the last one. If only the
//! position and the loops determine the continuation, it can remember failed states: then no state
//! is tried twice, and the time is linear in the text.

mod backtrack;
mod memo;
pub(super) mod program;
mod read;
mod set;
mod straight;

use self::program::{Op, Program};
use super::engine::Found;
use super::parse::ast::{Kind, MANY};
use super::unicode::charset::Fold;
use backtrack::Frame;
use memo::Memo;

pub(super) use straight::{Straight, find as straight, is_straight};

/// No position, no loop, no mark.
const NONE: usize = usize::MAX;

/// The groups of a match: their spans, and the one that ended last.
#[derive(Debug, Clone, Default)]
pub(super) struct Groups {
    marks: Vec<usize>,
    last: usize,
}

impl Groups {
    /// Returns the span of a group, from 1 on; `None` if it did not participate.
    pub(super) fn span(&self, group: usize) -> Option<(usize, usize)> {
        match self.marks.get(2 * group - 2..2 * group)? {
            &[begin, end] if begin != NONE && end != NONE => Some((begin, end)),
            _ => None,
        }
    }

    /// Returns the spans of all groups.
    pub(super) fn spans(&self) -> impl Iterator<Item = Option<(usize, usize)>> {
        (1..=self.marks.len() / 2).map(|group| self.span(group))
    }

    /// Returns the group that ended last.
    pub(super) fn last(&self) -> Option<usize> {
        (self.last > 0).then_some(self.last)
    }
}

/// The parameters of a search.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ask<'t, const UTF8: bool> {
    pub(super) text: &'t [u8],
    /// The text including the part after its end: a search may begin beyond the end, and sees the
    /// text before.
    pub(super) whole: &'t [u8],
    pub(super) start: usize,
    /// Match at `start` only.
    pub(super) anchored: bool,
    /// Match up to the end of the text only.
    pub(super) full: bool,
    /// Not empty at `start`.
    pub(super) advance: bool,
}

/// Returns the next position where a match may begin, and how far the text was read to find it.
pub(super) type Next<'f> = &'f dyn Fn(usize) -> Option<(usize, usize)>;

/// The step budget is exhausted.
#[derive(Debug)]
pub(super) struct Spent;

/// An active loop.
#[derive(Debug, Clone, Copy)]
struct Turns {
    id: usize,
    /// The number of iterations begun; -1 before the first.
    count: i64,
    /// Where the last optional iteration began.
    last: usize,
    /// The enclosing loop.
    outer: usize,
}

/// One search.
pub(super) struct Vm<'p, 't, 'r, const UTF8: bool> {
    program: &'p Program,
    ask: Ask<'t, UTF8>,
    room: &'r mut Room,
    marks: Vec<usize>,
    /// The number of valid marks.
    marked: usize,
    /// The group that ended last.
    last: usize,
    /// The innermost loop.
    current: usize,
    memo: Option<Memo>,
    /// For each set, the last run of its characters that was read to the end: a run that begins
    /// within it ends there too.
    runs: Vec<(usize, usize)>,
    steps: u64,
    limit: u64,
}

/// The stacks of a search, reused by the next one to avoid allocations.
#[derive(Debug, Default)]
pub(super) struct Room {
    frames: Vec<Frame>,
    saved: Vec<usize>,
    loops: Vec<Turns>,
    /// The frames of the open atomic groups, look-arounds and possessive loops.
    open: Vec<usize>,
}

impl Room {
    fn clear(&mut self) {
        self.frames.clear();
        self.saved.clear();
        self.loops.clear();
        self.open.clear();
    }

    /// Prepares for the next search, which seldom needs much memory.
    fn tidy(&mut self) {
        const MUCH: usize = 1 << 12;
        if self.frames.capacity().max(self.saved.capacity()) > MUCH {
            *self = Room::default();
        } else {
            self.clear();
        }
    }
}

/// The minimum length of a run of characters worth remembering.
const LONG_RUN: usize = 64;

/// The maximum number of frames if there is a step budget.
const MOST_FRAMES: usize = 4_000_000;

/// The number of steps per byte of the text for a linear pattern, in addition to its budget: as
/// many states may be tried at each byte.
const MOST_STATES_TRIED: u64 = 1024;

/// Searches. With `linear`, failed states are remembered once there are too many steps; the budget
/// is then larger, and the memory has a limit of its own.
pub(super) fn find<const UTF8: bool>(
    program: &Program,
    ask: Ask<'_, UTF8>,
    linear: bool,
    limit: u64,
    next: Option<Next<'_>>,
    room: &mut Room,
) -> Result<Option<Found>, Spent> {
    let length = (ask.text.len() - ask.start.min(ask.text.len())) as u64;
    let few = 1024 + 16 * length;
    let budget = limit.saturating_add((if linear { MOST_STATES_TRIED } else { 64 }).saturating_mul(length));
    let mut found = Vm::<UTF8>::new(program, ask, if linear { few } else { budget }, room).search(next);
    if linear && found.is_err() {
        room.tidy();
        let mut vm = Vm::<UTF8>::new(program, ask, budget, room);
        vm.memo = Some(Memo::new(program.states, ask.start, budget < u64::MAX));
        found = vm.search(None);
    }
    room.tidy();
    found
}

impl<'p, 't, 'r, const UTF8: bool> Vm<'p, 't, 'r, UTF8> {
    fn new(program: &'p Program, ask: Ask<'t, UTF8>, limit: u64, room: &'r mut Room) -> Self {
        Vm {
            program,
            ask,
            room,
            marks: vec![NONE; program.marks],
            marked: 0,
            last: 0,
            current: NONE,
            memo: None,
            runs: Vec::new(),
            steps: 0,
            limit,
        }
    }

    fn search(&mut self, mut next: Option<Next<'_>>) -> Result<Option<Found>, Spent> {
        const LITTLE: usize = 1 << 16;
        let (mut start, mut ahead) = (self.ask.start, 0);
        loop {
            if let Some(find) = next {
                let Some((candidate, read)) = find(start) else { return Ok(None) };
                start = candidate;
                // Reading the same text repeatedly would not be linear: continue without
                // candidates.
                ahead += read.saturating_sub(candidate);
                if ahead > LITTLE + 8 * (candidate - self.ask.start) {
                    next = None;
                }
            } else if !self.ask.anchored
                && let Some(first) = &self.program.first
            {
                let Some(candidate) = first.find(self.ask.text, start) else { return Ok(None) };
                start = candidate;
            }
            if let Some(end) = if let Some(pc) = self.begins(start) { self.run(pc, start)? } else { None } {
                return Ok(Some(Found { start, end, groups: Some(self.groups()) }));
            }
            if self.ask.anchored || self.program.anchored || start >= self.ask.text.len() {
                return Ok(None);
            }
            start = self.ask.after(start);
            (self.marked, self.last) = (0, 0);
            self.room.clear();
            self.current = NONE;
            self.steps += 1;
        }
    }

    /// Returns where to begin in the program, if its leading anchor matches.
    #[inline]
    fn begins(&self, start: usize) -> Option<usize> {
        match self.program.ops[0] {
            Op::Assert(assert) => self.ask.holds(assert, start).then_some(1),
            _ => Some(0),
        }
    }

    fn groups(&mut self) -> Groups {
        // Skip an empty fill: it is slow on a vector without memory.
        if self.marked < self.marks.len() {
            self.marks[self.marked..].fill(NONE);
        }
        Groups { marks: std::mem::take(&mut self.marks), last: self.last }
    }

    /// Returns the end of the match at `start`.
    fn run(&mut self, mut pc: usize, start: usize) -> Result<Option<usize>, Spent> {
        let mut pos = start;
        let program = self.program;
        loop {
            let next = match &program.ops[pc] {
                op @ (Op::Literal(_) | Op::Set(_) | Op::Assert(_)) => self.plain(op, pos).map(|pos| (pc + 1, pos)),
                Op::Mark(mark) => {
                    self.mark(*mark, pos);
                    Some((pc + 1, pos))
                }
                Op::Jump(to) => Some((*to, pos)),
                Op::Branch { memo, .. } => {
                    if self.fresh(*memo, pos)? {
                        self.branch(pc, 0, pos)
                    } else {
                        None
                    }
                }
                Op::Scan { memo, .. } => self.scan(pc, pos, *memo)?,
                Op::Repeat { id, until } => {
                    self.room.loops.push(Turns { id: *id, count: -1, last: NONE, outer: self.current });
                    self.current = self.room.loops.len() - 1;
                    self.room.frames.push(Frame::Loop);
                    Some((*until, pos))
                }
                Op::Until { memo, .. } => {
                    if self.fresh(*memo, pos)? {
                        self.until(pc, pos)
                    } else {
                        None
                    }
                }
                Op::Possessive { .. } => self.possessive(pc, pos, 0),
                Op::Atomic { .. } => {
                    self.open(pc, pos, 0, false);
                    Some((pc + 1, pos))
                }
                Op::Look { back, negative, after, plain } => match self.ask.back(pos, *back) {
                    None => negative.then_some((*after, pos)),
                    Some(from) if *plain => {
                        let body = &program.ops[pc + 1..*after - 1];
                        let found = body.iter().try_fold(from, |pos, op| self.plain(op, pos)).is_some();
                        (found != *negative).then_some((*after, pos))
                    }
                    Some(from) => {
                        self.open(pc, pos, 0, *negative && self.current != NONE);
                        Some((pc + 1, from))
                    }
                },
                Op::Done => self.done(pos),
                Op::BackRef(group, fold) => {
                    let span = self.span(*group);
                    // Comparing a long text takes longer than a step.
                    let at_a_time = if *fold == Fold::None { 512 } else { 4 };
                    self.steps += span.map_or(0, |(from, to)| (to - from) as u64 / at_a_time);
                    span.and_then(|span| self.ask.back_reference(span, *fold, pos)).map(|pos| (pc + 1, pos))
                }
                Op::Cond { group, no } => Some((if self.span(*group).is_some() { pc + 1 } else { *no }, pos)),
                Op::Match => {
                    let refused = (self.ask.full && pos != self.ask.text.len()) || (self.ask.advance && pos == self.ask.start);
                    if !refused {
                        return Ok(Some(pos));
                    }
                    None
                }
            };
            (pc, pos) = match next {
                Some(next) => next,
                None => match self.backtrack()? {
                    Some(next) => next,
                    None => return Ok(None),
                },
            };
        }
    }

    /// Returns the position after an op without choices.
    #[inline]
    fn plain(&self, op: &Op, pos: usize) -> Option<usize> {
        match op {
            Op::Literal(bytes) => self.ask.reads(bytes, pos),
            Op::Set(set) => self.ask.one(&self.program.sets[*set], pos),
            Op::Assert(assert) => self.ask.holds(*assert, pos).then_some(pos),
            _ => None,
        }
    }

    fn mark(&mut self, mark: usize, pos: usize) {
        if mark % 2 == 1 {
            self.last = mark / 2 + 1;
        }
        if mark >= self.marked {
            self.marks[self.marked..mark].fill(NONE);
            self.marked = mark + 1;
        }
        self.marks[mark] = pos;
    }

    /// Returns the text of a group for a back-reference.
    fn span(&self, group: usize) -> Option<(usize, usize)> {
        let mark = 2 * (group - 1);
        if mark + 1 >= self.marked {
            return None;
        }
        let (begin, end) = (self.marks[mark], self.marks[mark + 1]);
        (begin != NONE && end != NONE && begin <= end).then_some((begin, end))
    }

    /// Scans single characters: as many as possible, which can be given back one by one.
    fn scan(&mut self, pc: usize, pos: usize, memo: u64) -> Result<Option<(usize, usize)>, Spent> {
        let Op::Scan { set: number, min, max, kind, tail, .. } = &self.program.ops[pc] else { return Ok(None) };
        let set = &self.program.sets[*number];
        if pos > self.ask.text.len() {
            return Ok(None);
        }
        let (low, count) = self.ask.run_of(set, pos, *min);
        self.steps += (low - pos) as u64 / 32;
        if count < *min {
            return Ok(None);
        }
        let unbounded = *max == MANY;
        if self.memo.is_some() && !self.fresh(memo, if unbounded { low } else { pos })? {
            return Ok(None);
        }
        if *kind == Kind::Lazy {
            return Ok(self.lazy(pc, low, *max - *min));
        }
        let known = self.runs.get(*number).filter(|(from, to)| unbounded && (*from..=*to).contains(&low));
        let mut high = match known {
            Some((_, to)) => *to,
            None => self.ask.run_of(set, low, if unbounded { MANY } else { max - min }).0,
        };
        if known.is_none() {
            self.steps += (high - low) as u64 / 32;
            // Otherwise a search that begins at every position would read a long run from each of
            // them.
            if unbounded && high - low >= LONG_RUN {
                self.runs.resize(self.program.sets.len(), (NONE, NONE));
                self.runs[*number] = (low, high);
            }
        }
        if self.memo.is_some() && unbounded {
            // An earlier scan has already tried these positions.
            let mut at = low;
            while at < high {
                at = self.ask.after(at);
                if !self.fresh(memo, at)? {
                    if *kind == Kind::Possessive {
                        return Ok(None);
                    }
                    high = self.ask.previous(at);
                    break;
                }
            }
        }
        if *kind == Kind::Possessive {
            return Ok(Some((pc + 1, high)));
        }
        Ok(self.give_back(pc, low, high, *tail))
    }

    /// Returns false if this state has failed before.
    fn fresh(&mut self, memo: u64, pos: usize) -> Result<bool, Spent> {
        self.steps += 1;
        if self.steps > self.limit {
            return Err(Spent);
        }
        let Some(failed) = &mut self.memo else { return Ok(true) };
        let turns = |at: usize| self.room.loops.get(at);
        let loops = std::iter::successors(turns(self.current), |inner| turns(inner.outer)).map(|turns| {
            let counts = self.program.loops[turns.id].counts;
            let count = ((turns.count + 1) as u64).min(counts + 1);
            (2 * count + u64::from(turns.last == pos), 2 * (counts + 2))
        });
        failed.insert(pos, memo, loops).ok_or(Spent)
    }
}
