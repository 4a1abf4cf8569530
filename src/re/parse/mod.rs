//! Python's pattern grammar, with Python's messages and positions.

pub(super) mod ast;
mod class;
pub(super) mod escape;
mod group;
pub(super) mod token;

use self::ast::{At, Kind, MANY, Node, Seq, Width};
use super::error::{Error, Result};
use super::flags::{A, Flags, U, X};
use std::collections::HashMap;
use token::{Token, Tokens};

/// The maximum nesting of groups. The parser and the later stages recurse to this depth, on a stack
/// of bounded size.
const NESTING: usize = 100;
/// The maximum number of items in a pattern, with counted repetitions multiplied out.
const ITEMS: u128 = 250_000;

/// A whole pattern.
#[derive(Debug)]
pub(super) struct Parsed {
    pub(super) body: Seq,
    pub(super) flags: Flags,
    /// The number of groups, group 0 aside.
    pub(super) groups: usize,
    pub(super) names: HashMap<String, u32>,
}

/// Parses a pattern; `text` for a `str` pattern.
pub(super) fn parse(pattern: Vec<char>, text: bool, flags: Flags) -> Result<Parsed> {
    let length = pattern.len() as u128;
    let mut parser = Parser {
        tokens: Tokens::new(pattern, text)?,
        flags,
        names: HashMap::new(),
        widths: vec![None],
        lookbehind: None,
        references: Vec::new(),
    };
    let body = parser.alternation(flags.intersects(X), 0)?;
    let flags = fix_flags(parser.flags, text)?;
    if parser.tokens.next.is_some() {
        return Err(parser.tokens.error("unbalanced parenthesis", 0));
    }
    for &(group, pos) in &parser.references {
        if group >= parser.widths.len() as u64 {
            return Err(parser.tokens.error_at(format!("invalid group reference {group}"), Some(pos)));
        }
    }
    check(&body, &parser.tokens)?;
    // A pattern written out in full may be as long as it is.
    if items(&body) > ITEMS.max(2 * length) {
        return Err(Error::TooLarge { what: "repetitions", limit: ITEMS as usize });
    }
    Ok(Parsed { body, flags, groups: parser.widths.len() - 1, names: parser.names })
}

/// Checks the flags against the kind of pattern; a `str` pattern is Unicode unless it is ASCII.
fn fix_flags(flags: Flags, text: bool) -> Result<Flags> {
    let message = match text {
        true if !flags.intersects(A) => return Ok(flags | U),
        true if flags.intersects(U) => "ASCII and UNICODE flags are incompatible",
        false if flags.intersects(U) => "cannot use UNICODE flag with a bytes pattern",
        _ => return Ok(flags),
    };
    Err(Error::Flags { message })
}

/// Checks what Python detects only when compiling: look-behinds of variable width.
fn check(body: &Seq, tokens: &Tokens) -> Result<()> {
    for node in &body.nodes {
        match node {
            Node::Group { body, .. } | Node::Repeat { body, .. } | Node::Atomic(body) => check(body, tokens)?,
            Node::Branch(bodies) => bodies.iter().try_for_each(|body| check(body, tokens))?,
            Node::Cond { yes, no, .. } => {
                check(yes, tokens)?;
                no.iter().try_for_each(|no| check(no, tokens))?;
            }
            Node::Look { behind, body, .. } => {
                if *behind && body.width.0 > u128::from(u32::MAX) {
                    return Err(tokens.error_at("looks too much behind".into(), None));
                }
                if *behind && body.width.0 != body.width.1 {
                    return Err(tokens.error_at("look-behind requires fixed-width pattern".into(), None));
                }
                check(body, tokens)?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Returns the size of the pattern with its repetitions multiplied out.
fn items(body: &Seq) -> u128 {
    let node = |node: &Node| match node {
        Node::Group { body, .. } | Node::Look { body, .. } | Node::Atomic(body) => items(body),
        Node::Branch(bodies) => bodies.iter().map(items).sum(),
        Node::Cond { yes, no, .. } => items(yes) + no.as_ref().map_or(0, items),
        Node::Repeat { min, max, body, .. } => {
            let times = if *max == MANY { *min } else { *max };
            items(body) * u128::from(times.max(1))
        }
        _ => 1,
    };
    body.nodes.iter().map(node).sum::<u128>() + 1
}

pub(super) struct Parser {
    tokens: Tokens,
    flags: Flags,
    names: HashMap<String, u32>,
    /// The widths of the groups; none yet for an open one and for group 0.
    widths: Vec<Option<Width>>,
    /// The number of groups when the outermost look-behind began.
    lookbehind: Option<usize>,
    /// The groups that conditions have named before they were seen, and where.
    references: Vec<(u64, usize)>,
}

impl Parser {
    /// Alternatives: `a|b|c`.
    #[doc(alias = "re.syntax.alternation")]
    fn alternation(&mut self, mut verbose: bool, nested: usize) -> Result<Seq> {
        if nested > 2 * NESTING {
            return Err(Error::TooLarge { what: "nested groups", limit: NESTING });
        }
        let mut items = Vec::new();
        loop {
            items.push(self.sequence(verbose, nested + 1, nested == 0 && items.is_empty())?);
            if !self.tokens.eat('|')? {
                break;
            }
            if nested == 0 {
                verbose = self.flags.intersects(X);
            }
        }
        if items.len() == 1 {
            return Ok(Seq::new(items.swap_remove(0)));
        }
        // What all begin with is taken out.
        let first = items.first().map_or(&[][..], Vec::as_slice);
        let begins = |at: usize, node: &Node| items.iter().all(|item| item.get(at).is_some_and(|other| other.same(node)));
        let common = first.iter().enumerate().take_while(|(at, node)| begins(*at, node)).count();
        let mut out: Vec<Node> = first.iter().take(common).cloned().collect();
        items.iter_mut().for_each(|item| drop(item.drain(..common)));
        out.push(match class::of_alternatives(&items) {
            Some(items) => Node::Set { items, negate: false },
            None => Node::Branch(items.into_iter().map(Seq::new).collect()),
        });
        Ok(Seq::new(out))
    }

    /// One alternative. `first` if it stands at the very start of the pattern, where global flags may.
    fn sequence(&mut self, mut verbose: bool, nested: usize, first: bool) -> Result<Vec<Node>> {
        let mut out: Vec<Node> = Vec::new();
        while let Some(this) = self.tokens.next {
            if this.is('|') || this.is(')') {
                break;
            }
            self.tokens.get()?;
            if verbose {
                if !this.escaped && matches!(this.c, ' ' | '\t'..='\r') {
                    continue;
                }
                if this.is('#') {
                    while self.tokens.get()?.is_some_and(|this| !this.is('\n')) {}
                    continue;
                }
            }
            match this {
                Token { escaped: true, .. } => out.push(self.escape(this)?),
                Token { c: '[', .. } => out.push(self.class()?),
                Token { c: '*' | '+' | '?' | '{', .. } => self.repeat(this, &mut out)?,
                Token { c: '.', .. } => out.push(Node::Any),
                Token { c: '^', .. } => out.push(Node::At(At::Begin)),
                Token { c: '$', .. } => out.push(Node::At(At::End)),
                Token { c: '(', .. } => match self.group(verbose, nested, first && out.is_empty())? {
                    group::Group::Node(node) => out.push(node),
                    group::Group::Comment => {}
                    group::Group::Flags => verbose = self.flags.intersects(X),
                },
                Token { c, .. } => out.push(Node::Char(c.into())),
            }
        }
        // Groups without number and flags only kept things together for the repeats.
        let plain = |node: &Node| matches!(node, Node::Group { index: None, add: Flags(0), del: Flags(0), .. });
        if !out.iter().any(plain) {
            return Ok(out);
        }
        Ok(out
            .into_iter()
            .flat_map(|node| match node {
                Node::Group { index: None, add: Flags(0), del: Flags(0), body } => body.nodes,
                node => vec![node],
            })
            .collect())
    }

    /// A quantifier after what stands at the end of `out`.
    #[doc(alias("re.syntax.greedy", "re.syntax.lazy", "re.syntax.possessive"))]
    fn repeat(&mut self, this: Token, out: &mut Vec<Node>) -> Result<()> {
        let here = self.tokens.tell();
        let (min, max) = match this.c {
            '?' => (0, 1),
            '*' => (0, MANY),
            '+' => (1, MANY),
            _ => {
                if self.tokens.next.is_some_and(|next| next.is('}')) {
                    out.push(Node::Char('{'.into()));
                    return Ok(());
                }
                let low = self.tokens.digits()?;
                let high = if self.tokens.eat(',')? { self.tokens.digits()? } else { low.clone() };
                if !self.tokens.eat('}')? {
                    out.push(Node::Char('{'.into()));
                    return self.tokens.seek(here);
                }
                let number = |digits: &str| match digits.trim_start_matches('0') {
                    "" => Ok(0),
                    digits => digits.parse().ok().filter(|&n| n < MANY).ok_or(Error::RepetitionOverflow),
                };
                let min = number(&low)?;
                let max = if high.is_empty() { MANY } else { number(&high)? };
                if max < min {
                    return Err(self.tokens.error("min repeat greater than max repeat", self.tokens.tell() - here));
                }
                (min, max)
            }
        };
        let offset = self.tokens.tell() - here + 1;
        match out.pop() {
            None | Some(Node::At(_)) => Err(self.tokens.error("nothing to repeat", offset)),
            Some(Node::Repeat { .. }) => Err(self.tokens.error("multiple repeat", offset)),
            Some(node) => {
                let body = match node {
                    Node::Group { index: None, add: Flags(0), del: Flags(0), body } => body,
                    node => Seq::new(vec![node]),
                };
                let kind = match () {
                    () if self.tokens.eat('?')? => Kind::Lazy,
                    () if self.tokens.eat('+')? => Kind::Possessive,
                    () => Kind::Greedy,
                };
                out.push(Node::Repeat { min, max, kind, body });
                Ok(())
            }
        }
    }
}
