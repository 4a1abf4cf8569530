//! A parsed pattern, in the form of Python's parser.

use crate::re::flags::Flags;

/// A repetition without upper bound.
pub(in crate::re) const MANY: u32 = u32::MAX;

/// Widths are in characters and capped here, as in Python.
const WIDEST: u128 = 1 << 64;

/// The minimum and maximum number of characters that a node matches.
pub(super) type Width = (u128, u128);

/// A sequence.
#[derive(Debug, Clone)]
pub(in crate::re) struct Seq {
    pub(in crate::re) nodes: Vec<Node>,
    pub(in crate::re) width: Width,
}

#[derive(Debug, Clone)]
pub(in crate::re) enum Node {
    Char(u32),
    NotChar(u32),
    #[doc(alias = "re.syntax.dot")]
    Any,
    Set {
        items: Vec<Item>,
        negate: bool,
    },
    At(At),
    /// A group with a number, with flags of its own, with both, or with neither.
    Group {
        index: Option<u32>,
        add: Flags,
        del: Flags,
        body: Seq,
    },
    Branch(Vec<Seq>),
    Repeat {
        min: u32,
        max: u32,
        kind: Kind,
        body: Seq,
    },
    BackRef {
        group: u32,
        width: Width,
    },
    Cond {
        group: u32,
        yes: Seq,
        no: Option<Seq>,
    },
    Look {
        behind: bool,
        negative: bool,
        body: Seq,
    },
    Atomic(Seq),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::re) enum Kind {
    Greedy,
    Lazy,
    Possessive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::re) enum At {
    /// `^`
    #[doc(alias = "re.syntax.anchors")]
    Begin,
    /// `\A`
    BeginString,
    /// `$`
    End,
    /// `\Z`
    EndString,
    /// `\b`
    Boundary,
    /// `\B`
    NotBoundary,
}

/// A member of a class.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::re) enum Item {
    Char(u32),
    Range(u32, u32),
    Category(Category),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(in crate::re) enum Category {
    Digit,
    NotDigit,
    Space,
    NotSpace,
    Word,
    NotWord,
}

impl Seq {
    pub(in crate::re) fn new(nodes: Vec<Node>) -> Seq {
        let width = nodes.iter().map(Node::width).fold((0, 0), |(lo, hi), (low, high)| (lo + low, hi + high));
        Seq { nodes, width: (width.0.min(WIDEST), width.1.min(WIDEST)) }
    }
}

impl Node {
    fn width(&self) -> Width {
        match self {
            Node::Char(_) | Node::NotChar(_) | Node::Any | Node::Set { .. } => (1, 1),
            Node::At(_) | Node::Look { .. } => (0, 0),
            Node::Group { body, .. } | Node::Atomic(body) => body.width,
            Node::Branch(bodies) => (
                bodies.iter().map(|body| body.width.0).min().unwrap_or(0),
                bodies.iter().map(|body| body.width.1).max().unwrap_or(0),
            ),
            Node::Repeat { min, max, body, .. } => {
                let hi = if *max == MANY && body.width.1 > 0 { WIDEST } else { body.width.1 * u128::from(*max) };
                (body.width.0 * u128::from(*min), hi)
            }
            Node::BackRef { width, .. } => *width,
            Node::Cond { yes, no: Some(no), .. } => (yes.width.0.min(no.width.0), yes.width.1.max(no.width.1)),
            Node::Cond { yes, no: None, .. } => (0, yes.width.1),
        }
    }

    /// Returns true if two alternatives start alike, so that Python's parser factors out their
    /// common start. A node with a sub-pattern never does.
    pub(in crate::re) fn same(&self, other: &Node) -> bool {
        match (self, other) {
            (Node::Char(a), Node::Char(b)) | (Node::NotChar(a), Node::NotChar(b)) => a == b,
            (Node::Any, Node::Any) => true,
            (Node::Set { items, negate }, Node::Set { items: others, negate: negated }) => items == others && negate == negated,
            (Node::At(a), Node::At(b)) => a == b,
            (Node::BackRef { group: a, .. }, Node::BackRef { group: b, .. }) => a == b,
            _ => false,
        }
    }
}
