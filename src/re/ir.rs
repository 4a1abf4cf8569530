//! The pattern with its flags applied: each character test is a set, each anchor has one meaning.

use super::flags::{A, Flags, I, M, S, TYPE};
use super::parse::ast::{At, Item, Kind, Node, Seq};
use super::unicode::charset::{self, CharSet, Fold};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Debug, Clone)]
pub(super) enum Ir {
    Char(u32),
    Set(Arc<CharSet>),
    Assert(Assert),
    Group(u32, Vec<Ir>),
    Branch(Vec<Vec<Ir>>),
    Repeat { min: u32, max: u32, kind: Kind, body: Vec<Ir> },
    BackRef(u32, Fold),
    Cond { group: u32, yes: Vec<Ir>, no: Vec<Ir> },
    Look { back: Option<usize>, negative: bool, body: Vec<Ir> },
    Atomic(Vec<Ir>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Assert {
    /// The beginning of the text.
    Start,
    /// The beginning of a line.
    StartLine,
    /// The end of the text or before its final newline: `$`.
    Dollar,
    /// The end of a line.
    EndLine,
    /// The end of the text.
    End,
    /// `\b`, or `\B` if `negative`.
    Word { ascii: bool, negative: bool },
}

/// Properties of a whole pattern for the selection of engines.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Traits {
    /// Needs the backtracking engine.
    pub(super) backtracks: bool,
    /// Contains a `$` that also matches before a final newline.
    pub(super) dollar: bool,
    /// Such a `$` is followed by something.
    pub(super) inner_dollar: bool,
    /// Contains `\b` or `\B` with Unicode's definition of a word.
    pub(super) unicode_word: bool,
    /// A match may be empty.
    pub(super) nullable: bool,
    /// Contains a repeat whose body may match nothing: Python leaves such a loop by a rule of its
    /// own.
    pub(super) empty_loop: bool,
}

/// The classes of a pattern, each computed once: `\w` has hundreds of ranges.
type Classes = HashMap<(Vec<Item>, bool, Fold, bool), Ir>;

/// Applies the flags. `utf8` for a `str` pattern.
pub(super) fn lower(body: &Seq, flags: Flags, utf8: bool) -> Vec<Ir> {
    lower_with(body, flags, utf8, &mut Classes::new())
}

fn lower_with(body: &Seq, flags: Flags, utf8: bool, classes: &mut Classes) -> Vec<Ir> {
    let mut out = Vec::with_capacity(body.nodes.len());
    for node in &body.nodes {
        match node {
            Node::Group { index: None, add, del, body } => {
                out.extend(lower_with(body, scoped(flags, *add, *del), utf8, classes));
            }
            node => out.push(lower_node(node, flags, utf8, classes)),
        }
    }
    out
}

fn scoped(flags: Flags, add: Flags, del: Flags) -> Flags {
    let flags = if add.intersects(TYPE) { flags & !TYPE } else { flags };
    (flags | add) & !del
}

fn lower_node(node: &Node, flags: Flags, utf8: bool, classes: &mut Classes) -> Ir {
    // A bytes pattern is always ASCII.
    let ascii = !utf8 || flags.intersects(A);
    let fold = match (flags.intersects(I), ascii) {
        (false, _) => Fold::None,
        (true, true) => Fold::Ascii,
        (true, false) => Fold::Unicode,
    };
    let mut lower = |body: &Seq| lower_with(body, flags, utf8, classes);
    match node {
        Node::Char(c) => set(charset::literal(*c, fold), utf8),
        Node::NotChar(c) => set(charset::literal(*c, fold).negate(), utf8),
        Node::Any if flags.intersects(S) => set(CharSet::default().negate(), utf8),
        Node::Any => set(CharSet::single('\n'.into()).negate(), utf8),
        Node::Set { items, negate } => {
            let make = || set(charset::class(items, *negate, fold, ascii), utf8);
            classes.entry((items.clone(), *negate, fold, ascii)).or_insert_with(make).clone()
        }
        Node::At(at) => Ir::Assert(match at {
            At::Begin if flags.intersects(M) => Assert::StartLine,
            At::Begin | At::BeginString => Assert::Start,
            At::End if flags.intersects(M) => Assert::EndLine,
            At::End => Assert::Dollar,
            At::EndString => Assert::End,
            At::Boundary => Assert::Word { ascii, negative: false },
            At::NotBoundary => Assert::Word { ascii, negative: true },
        }),
        Node::Group { index: Some(index), body, .. } => Ir::Group(*index, lower(body)),
        Node::Group { index: None, body, .. } => Ir::Branch(vec![lower(body)]),
        Node::Branch(bodies) => Ir::Branch(bodies.iter().map(lower).collect()),
        Node::Repeat { min, max, kind, body } => Ir::Repeat { min: *min, max: *max, kind: *kind, body: lower(body) },
        Node::BackRef { group, .. } => Ir::BackRef(*group, fold),
        Node::Cond { group, yes, no } => {
            Ir::Cond { group: *group, yes: lower(yes), no: no.as_ref().map(lower).unwrap_or_default() }
        }
        Node::Look { behind, negative, body } => {
            let back = behind.then_some(body.width.0 as usize);
            Ir::Look { back, negative: *negative, body: lower(body) }
        }
        Node::Atomic(body) => Ir::Atomic(lower(body)),
    }
}

/// Restricts a set to what the text can contain: bytes, or characters without the surrogates.
fn set(set: CharSet, utf8: bool) -> Ir {
    let holes: &[(u32, u32)] = if utf8 { &[(0xd800, 0xdfff)] } else { &[(256, 0x10ffff)] };
    let mut out = set.0;
    for &(first, last) in holes {
        out = out
            .into_iter()
            .flat_map(|(a, b)| [(a, b.min(first - 1)), (a.max(last + 1), b)])
            .filter(|(a, b)| a <= b && *b <= 0x10ffff)
            .collect();
    }
    match out.as_slice() {
        &[(a, b)] if a == b => Ir::Char(a),
        _ => Ir::Set(Arc::new(CharSet(out))),
    }
}

/// Returns true for a single character test.
pub(super) fn is_unit(body: &[Ir]) -> bool {
    matches!(body, [Ir::Char(_) | Ir::Set(_)])
}

/// Returns true if it can match the empty text.
pub(super) fn nullable(body: &[Ir]) -> bool {
    body.iter().all(|ir| match ir {
        Ir::Char(_) | Ir::Set(_) => false,
        Ir::Group(_, body) | Ir::Atomic(body) => nullable(body),
        Ir::Branch(bodies) => bodies.iter().any(|body| nullable(body)),
        Ir::Repeat { min, body, .. } => *min == 0 || nullable(body),
        Ir::Cond { yes, no, .. } => nullable(yes) || nullable(no),
        Ir::Assert(_) | Ir::BackRef(..) | Ir::Look { .. } => true,
    })
}

impl Traits {
    pub(super) fn of(body: &[Ir]) -> Traits {
        let mut traits = Traits { nullable: nullable(body), ..Traits::default() };
        traits.read(body, true);
        traits
    }

    /// `last`: nothing follows the sequence in the pattern.
    fn read(&mut self, body: &[Ir], last: bool) {
        for (i, ir) in body.iter().enumerate() {
            let last = last && i + 1 == body.len();
            match ir {
                Ir::Assert(Assert::Dollar) => {
                    self.dollar = true;
                    self.inner_dollar |= !last;
                }
                Ir::Assert(Assert::Word { ascii: false, .. }) => self.unicode_word = true,
                Ir::Char(_) | Ir::Set(_) | Ir::Assert(_) => {}
                Ir::Group(_, body) => self.read(body, last),
                Ir::Branch(bodies) => bodies.iter().for_each(|body| self.read(body, last)),
                Ir::Repeat { min, max, kind, body } => {
                    self.backtracks |= *kind == Kind::Possessive;
                    self.empty_loop |= *max > 1 && min != max && nullable(body);
                    self.read(body, last && *max <= 1);
                }
                Ir::BackRef(..) | Ir::Cond { .. } | Ir::Look { .. } | Ir::Atomic(_) => self.backtracks = true,
            }
        }
    }
}
