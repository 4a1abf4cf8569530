//! The program of the backtracking engine.

use super::set::{ByteSet, Set};
use crate::re::ir::{self, Assert, Ir};
use crate::re::parse::ast::{Kind, MANY};
use crate::re::unicode;
use crate::re::unicode::charset::{CharSet, Fold};
use memchr::memmem;
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug)]
pub(in crate::re) enum Op {
    /// These bytes.
    Literal(Box<[u8]>),
    /// A character of a set.
    Set(usize),
    Assert(Assert),
    /// Records the position: 2 * group - 2 at the start of a group, 2 * group - 1 at its end.
    Mark(usize),
    Jump(usize),
    /// Alternatives, in order: where each begins and with which bytes.
    Branch {
        alternatives: Box<[(usize, ByteSet)]>,
        /// No two of them begin with the same byte.
        sole: bool,
        memo: u64,
    },
    /// A repeated character test.
    Scan {
        set: usize,
        min: u32,
        max: u32,
        kind: Kind,
        tail: ByteSet,
        memo: u64,
    },
    /// Enters a loop. Its body follows; its `Until` is at the index.
    Repeat {
        id: usize,
        until: usize,
    },
    /// The end of a loop's body; the code after the loop follows.
    Until {
        id: usize,
        body: usize,
        /// What a turn may begin with, and whether what follows the loop begins with none of it.
        turn: ByteSet,
        sole: bool,
        min: u32,
        max: u32,
        lazy: bool,
        memo: u64,
    },
    /// A possessive loop. Its body follows; the code after it is at `after`.
    Possessive {
        min: u32,
        max: u32,
        after: usize,
    },
    Atomic {
        after: usize,
    },
    Look {
        back: usize,
        negative: bool,
        after: usize,
        /// Contains only literals, sets and anchors, so there is no choice to backtrack to.
        plain: bool,
    },
    /// The end of an atomic group, of a look-around or of a possessive loop's body.
    Done,
    BackRef(usize, Fold),
    /// Continues with the next op if the group has matched, otherwise at the index.
    Cond {
        group: usize,
        no: usize,
    },
    Match,
}

/// The maximum number of numbered states: (state, position) pairs must fit 64 bits.
const MOST_STATES: u64 = 1 << 24;

/// A loop, for the memory of failed states.
#[derive(Debug)]
pub(in crate::re) struct Loop {
    /// The highest count that must be distinguished.
    pub(in crate::re) counts: u64,
}

#[derive(Debug)]
pub(in crate::re) struct Program {
    pub(in crate::re) ops: Vec<Op>,
    pub(in crate::re) sets: Vec<Set>,
    pub(in crate::re) loops: Vec<Loop>,
    /// The number of marks.
    pub(in crate::re) marks: usize,
    /// What a match may begin with; `None` if it may be empty.
    pub(in crate::re) first: Option<Box<First>>,
    /// Whether a match can only be at the beginning of the text.
    pub(in crate::re) anchored: bool,
    /// The number of states per position of the text; `None` if there are too many to number.
    pub(in crate::re) states: Option<u64>,
    /// Whether the first way through it can be tried alone.
    pub(in crate::re) straight: bool,
    /// How a search for that finds where to begin.
    pub(in crate::re) lead: Lead,
}

/// Where a match may begin, for patterns that show it plainly.
#[derive(Debug)]
pub(in crate::re) enum Lead {
    /// At the beginning of the text.
    Text,
    /// At the beginnings of lines.
    Lines,
    /// So many characters before this literal.
    Literal { literal: Box<memmem::Finder<'static>>, offset: usize },
    /// With a run of characters, all that there are. Where the rest fails after such a run, it fails after the rest of the run too.
    Run,
    /// Nothing is known.
    Unknown,
}

impl Lead {
    /// How far from the beginning a literal may be.
    const FAR: usize = 64;

    fn new(ops: &[Op]) -> Lead {
        let mut offset = 0;
        for (i, op) in ops.iter().enumerate() {
            match op {
                Op::Assert(Assert::Start) if i == 0 => return Lead::Text,
                Op::Assert(Assert::StartLine) if i == 0 => return Lead::Lines,
                Op::Literal(literal) => {
                    return Lead::Literal { literal: Box::new(memmem::Finder::new(literal).into_owned()), offset };
                }
                Op::Set(_) if offset < Lead::FAR => offset += 1,
                Op::Scan { min, max, .. } if min == max && offset + (*min as usize) < Lead::FAR => offset += *min as usize,
                Op::Mark(_) | Op::Assert(_) => {}
                Op::Scan { min: 1.., max: MANY, kind: Kind::Possessive, .. }
                    if ops[..i].iter().all(|op| matches!(op, Op::Mark(_))) =>
                {
                    return Lead::Run;
                }
                _ => return Lead::Unknown,
            }
        }
        Lead::Unknown
    }
}

impl Program {
    pub(in crate::re) fn new(body: &[Ir], groups: usize, utf8: bool) -> Program {
        let mut compiler = Compiler {
            ops: Vec::new(),
            sets: Vec::new(),
            known: HashMap::new(),
            loops: Vec::new(),
            states: Some(0),
            width: Some(1),
            straight: true,
            utf8,
        };
        compiler.sequence(body);
        compiler.ops.push(Op::Match);
        compiler.look_ahead();
        let first = First::new(compiler.first(0, false), &compiler.ops[0]);
        let anchored = matches!(body.first(), Some(Ir::Assert(Assert::Start)));
        let Compiler { ops, sets, loops, states, straight, .. } = compiler;
        let straight = straight && super::is_straight(&ops, loops.len());
        let lead = if straight { Lead::new(&ops) } else { Lead::Unknown };
        Program { ops, sets, loops, marks: 2 * groups, first, anchored, states, straight, lead }
    }
}

/// What a match may begin with, for each byte, to skip most positions quickly.
#[derive(Debug)]
pub(in crate::re) struct First([u8; 256]);

impl First {
    /// A match may begin with this byte.
    const FITS: u8 = 1;
    /// The byte belongs to a word.
    const WORD: u8 = 2;
    /// More than this byte is needed to check the anchor.
    const ASK: u8 = 4;

    fn new(first: ByteSet, op: &Op) -> Option<Box<First>> {
        let boundary = matches!(op, Op::Assert(Assert::Word { negative: false, .. }));
        let kind = |byte: u8| match (first.contains(byte), boundary && byte.is_ascii()) {
            (fits, true) => u8::from(fits) * First::FITS + u8::from(unicode::is_ascii_word(byte.into())) * First::WORD,
            (true, false) => First::FITS | First::ASK,
            (false, false) => First::ASK,
        };
        (first != ByteSet::ALL).then(|| Box::new(First(std::array::from_fn(|byte| kind(byte as u8)))))
    }

    /// Returns the next position where a match may begin. A continuation byte is never the first
    /// byte of a match.
    pub(in crate::re) fn find(&self, text: &[u8], start: usize) -> Option<usize> {
        let kind = |&byte: &u8| self.0[usize::from(byte)];
        let mut before = start.checked_sub(1).and_then(|before| text.get(before)).map_or(0, kind);
        let place = text.get(start..)?.iter().position(|byte| {
            let (last, now) = (before, kind(byte));
            before = now;
            now & First::FITS != 0 && ((last ^ now) & First::WORD | (last | now) & First::ASK) != 0
        })?;
        Some(start + place)
    }
}

struct Compiler {
    ops: Vec<Op>,
    sets: Vec<Set>,
    /// The numbers of the sets, by their address.
    known: HashMap<usize, usize>,
    loops: Vec<Loop>,
    states: Option<u64>,
    /// The product of the states of the loops around the current place.
    width: Option<u64>,
    /// Whether every loop's turns end where something was read, and as many are made as can be.
    straight: bool,
    utf8: bool,
}

impl Compiler {
    fn sequence(&mut self, body: &[Ir]) {
        let mut literal = Vec::new();
        for ir in body {
            if let Ir::Char(c) = *ir {
                self.encode(c, &mut literal);
                continue;
            }
            self.literal(&mut literal);
            self.node(ir);
        }
        self.literal(&mut literal);
    }

    fn literal(&mut self, literal: &mut Vec<u8>) {
        if !literal.is_empty() {
            self.ops.push(Op::Literal(std::mem::take(literal).into()));
        }
    }

    fn encode(&self, c: u32, out: &mut Vec<u8>) {
        match char::from_u32(c) {
            Some(c) if self.utf8 => out.extend(c.encode_utf8(&mut [0; 4]).bytes()),
            _ => out.push(c as u8),
        }
    }

    fn set(&mut self, set: &CharSet) -> usize {
        self.sets.push(Set::new(set, self.utf8));
        self.sets.len() - 1
    }

    /// Returns the number of a set, which several places of the pattern may share.
    fn shared(&mut self, set: &Arc<CharSet>) -> usize {
        let key = Arc::as_ptr(set) as usize;
        if let Some(number) = self.known.get(&key) {
            return *number;
        }
        let number = self.set(set);
        self.known.insert(key, number);
        number
    }

    /// Reserves numbers for the failed states of an op.
    fn memo(&mut self) -> u64 {
        // Separate from the numbers used before there were too many.
        let Some(first) = self.states else { return u64::MAX - self.ops.len() as u64 };
        self.states = self.width.and_then(|width| first.checked_add(width)).filter(|&states| states < MOST_STATES);
        first
    }

    fn node(&mut self, ir: &Ir) {
        match ir {
            Ir::Char(c) => {
                let mut literal = Vec::new();
                self.encode(*c, &mut literal);
                self.literal(&mut literal);
            }
            Ir::Set(set) => {
                let set = self.shared(set);
                self.ops.push(Op::Set(set));
            }
            Ir::Assert(assert) => self.ops.push(Op::Assert(*assert)),
            Ir::Group(index, body) => {
                let mark = 2 * (*index as usize - 1);
                self.ops.push(Op::Mark(mark));
                self.sequence(body);
                self.ops.push(Op::Mark(mark + 1));
            }
            Ir::Branch(bodies) => match bodies.as_slice() {
                [body] => self.sequence(body),
                bodies => self.branch(bodies),
            },
            Ir::Repeat { min, max, kind, body } if ir::is_unit(body) => {
                let set = match &body[0] {
                    Ir::Set(set) => self.shared(set),
                    Ir::Char(c) => self.set(&CharSet::single(*c)),
                    _ => return,
                };
                let memo = self.memo();
                self.ops.push(Op::Scan { set, min: *min, max: *max, kind: *kind, tail: ByteSet::ALL, memo });
            }
            Ir::Repeat { min, max, kind: Kind::Possessive, body } => {
                let at = self.placeholder();
                self.sequence(body);
                self.ops.push(Op::Done);
                self.ops[at] = Op::Possessive { min: *min, max: *max, after: self.ops.len() };
            }
            Ir::Repeat { min, max, kind, body } => self.repeat(*min, *max, *kind == Kind::Lazy, body),
            Ir::BackRef(group, fold) => self.ops.push(Op::BackRef(*group as usize, *fold)),
            Ir::Cond { group, yes, no } => {
                let at = self.placeholder();
                self.sequence(yes);
                let jump = self.placeholder();
                self.ops[at] = Op::Cond { group: *group as usize, no: self.ops.len() };
                self.sequence(no);
                self.ops[jump] = Op::Jump(self.ops.len());
            }
            Ir::Look { back, negative, body } => {
                let at = self.placeholder();
                self.sequence(body);
                self.ops.push(Op::Done);
                let (back, after) = (back.unwrap_or(0), self.ops.len());
                let plain =
                    self.ops[at + 1..after - 1].iter().all(|op| matches!(op, Op::Literal(_) | Op::Set(_) | Op::Assert(_)));
                self.ops[at] = Op::Look { back, negative: *negative, after, plain };
            }
            Ir::Atomic(body) => {
                let at = self.placeholder();
                self.sequence(body);
                self.ops.push(Op::Done);
                self.ops[at] = Op::Atomic { after: self.ops.len() };
            }
        }
    }

    fn placeholder(&mut self) -> usize {
        self.ops.push(Op::Match);
        self.ops.len() - 1
    }

    fn branch(&mut self, bodies: &[Vec<Ir>]) {
        let at = self.placeholder();
        let memo = self.memo();
        let (mut starts, mut jumps) = (Vec::new(), Vec::new());
        for body in bodies {
            starts.push((self.ops.len(), ByteSet::ALL));
            self.sequence(body);
            jumps.push(self.placeholder());
        }
        let after = self.ops.len();
        jumps.into_iter().for_each(|jump| self.ops[jump] = Op::Jump(after));
        self.ops[at] = Op::Branch { alternatives: starts.into(), sole: false, memo };
    }

    fn repeat(&mut self, min: u32, max: u32, lazy: bool, body: &[Ir]) {
        let at = self.placeholder();
        let id = self.loops.len();
        self.straight &= !(lazy || max > 1 && min != max && ir::nullable(body));
        let counts = u64::from(if max == MANY { min } else { max });
        self.loops.push(Loop { counts });
        let outer = self.width;
        // Counts from 0 on, each with and without progress since the last iteration.
        self.width = self.width.and_then(|width| width.checked_mul(2 * (counts + 2)));
        self.sequence(body);
        let until = self.ops.len();
        let memo = self.memo();
        self.width = outer;
        self.ops.push(Op::Until { id, body: at + 1, turn: ByteSet::ALL, sole: false, min, max, lazy, memo });
        self.ops[at] = Op::Repeat { id, until };
    }

    /// Computes the first bytes of alternatives and of the code after a scan.
    fn look_ahead(&mut self) {
        // As in Python, a failed attempt in a possessive loop keeps its marks, so alternatives that
        // set marks are never skipped.
        let mut possessive_to = 0;
        for at in 0..self.ops.len() {
            let marks = at < possessive_to;
            match &self.ops[at] {
                Op::Possessive { after, .. } => possessive_to = possessive_to.max(*after),
                Op::Branch { alternatives, .. } => {
                    let firsts: Vec<_> = alternatives.iter().map(|&(start, _)| self.first(start, marks)).collect();
                    if let Op::Branch { alternatives, sole, .. } = &mut self.ops[at] {
                        let mut all = ByteSet::NONE;
                        *sole = firsts.iter().all(|first| {
                            let apart = !all.overlaps(first);
                            all.union(first);
                            apart
                        });
                        alternatives.iter_mut().zip(firsts).for_each(|(alternative, first)| alternative.1 = first);
                    }
                }
                Op::Scan { set, kind, .. } => {
                    let first = self.first(at + 1, marks);
                    // If the rest cannot begin with the repeated characters, giving one back never
                    // helps.
                    let sole = *kind == Kind::Greedy && !first.overlaps(&self.sets[*set].first);
                    if let Op::Scan { tail, kind, .. } = &mut self.ops[at] {
                        *tail = first;
                        if sole {
                            *kind = Kind::Possessive;
                        }
                    }
                }
                Op::Until { body, .. } => {
                    let (first, rest) = (self.first(*body, marks), self.first(at + 1, marks));
                    if let Op::Until { turn, sole, .. } = &mut self.ops[at] {
                        *turn = first;
                        *sole = !first.overlaps(&rest);
                    }
                }
                _ => {}
            }
        }
    }

    /// Returns the bytes that a match from an op on may begin with; all bytes if it may be empty
    /// or, with `marks`, sets a mark first.
    fn first(&self, start: usize, marks: bool) -> ByteSet {
        const MOST: usize = 64;
        let mut out = ByteSet::NONE;
        let mut seen = Vec::new();
        let mut todo = vec![start];
        while let Some(at) = todo.pop() {
            if seen.contains(&at) {
                continue;
            }
            seen.push(at);
            if seen.len() > MOST {
                return ByteSet::ALL;
            }
            match &self.ops[at] {
                Op::Literal(bytes) => out.add(bytes[0], bytes[0]),
                Op::Set(set) => out.union(&self.sets[*set].first),
                Op::Mark(_) if marks => return ByteSet::ALL,
                Op::Assert(_) | Op::Mark(_) | Op::Atomic { .. } => todo.push(at + 1),
                Op::Jump(to) => todo.push(*to),
                Op::Branch { alternatives, .. } => todo.extend(alternatives.iter().map(|&(start, _)| start)),
                Op::Scan { set, min, .. } => {
                    out.union(&self.sets[*set].first);
                    if *min == 0 {
                        todo.push(at + 1);
                    }
                }
                Op::Repeat { until, .. } => {
                    todo.push(at + 1);
                    if matches!(self.ops[*until], Op::Until { min: 0, .. }) {
                        todo.push(*until);
                    }
                }
                Op::Until { body, .. } => todo.extend([*body, at + 1]),
                Op::Possessive { min, after, .. } => {
                    todo.push(at + 1);
                    if *min == 0 {
                        todo.push(*after);
                    }
                }
                Op::Look { after, .. } => todo.push(*after),
                Op::Cond { no, .. } => todo.extend([at + 1, *no]),
                // Execution does not continue after `Done` directly: the result of the body is
                // handled first.
                Op::BackRef(..) | Op::Done | Op::Match => return ByteSet::ALL,
            }
        }
        out
    }
}
