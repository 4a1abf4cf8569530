//! Finds in linear time where a pattern that needs backtracking may match.

use crate::re::ir::{Assert, Ir};
use crate::re::parse::ast::{Kind, MANY};
use crate::re::unicode::charset::{CharSet, Fold};
use std::collections::HashMap;

/// Returns a linear pattern that matches wherever this one does, and possibly elsewhere, and by how
/// many characters earlier it begins.
///
/// Restrictions are dropped; a look-behind at the start and a look-ahead at the end become part of
/// the pattern.
pub(super) fn loosen(body: &[Ir], words: bool) -> (Vec<Ir>, usize) {
    let mut loose = Loose { groups: HashMap::new(), words };
    match body {
        [Ir::Look { back: Some(back), negative: false, body: behind }, rest @ ..] => {
            let mut out = loose.sequence(behind, false);
            out.extend(loose.sequence(rest, true));
            (out, *back)
        }
        _ => (loose.sequence(body, true), 0),
    }
}

struct Loose {
    /// The patterns of the groups so far.
    groups: HashMap<u32, Vec<Ir>>,
    /// Whether to keep word boundaries with Unicode's definition of a word.
    words: bool,
}

impl Loose {
    fn sequence(&mut self, body: &[Ir], last: bool) -> Vec<Ir> {
        let mut out = Vec::with_capacity(body.len());
        for (i, ir) in body.iter().enumerate() {
            let last = last && i + 1 == body.len();
            match ir {
                Ir::Char(_) | Ir::Set(_) => out.push(ir.clone()),
                Ir::Assert(Assert::Word { ascii: false, .. }) if !self.words => {}
                Ir::Assert(_) => out.push(ir.clone()),
                Ir::Group(index, body) => {
                    let body = self.sequence(body, last);
                    self.groups.insert(*index, body.clone());
                    out.extend(body);
                }
                Ir::Branch(bodies) => out.push(Ir::Branch(bodies.iter().map(|body| self.sequence(body, last)).collect())),
                Ir::Repeat { min, max, kind, body } => {
                    let kind = if *kind == Kind::Lazy { Kind::Lazy } else { Kind::Greedy };
                    out.push(Ir::Repeat { min: *min, max: *max, kind, body: self.sequence(body, false) });
                }
                Ir::BackRef(group, Fold::None) if self.groups.get(group).is_some_and(|body| body.len() < 8) => {
                    out.extend(without_asserts(&self.groups[group]));
                }
                Ir::BackRef(..) => {
                    let any = vec![Ir::Set(CharSet::default().negate().into())];
                    out.push(Ir::Repeat { min: 0, max: MANY, kind: Kind::Lazy, body: any });
                }
                Ir::Cond { yes, no, .. } => out.push(Ir::Branch(vec![self.sequence(yes, last), self.sequence(no, last)])),
                Ir::Look { back: None, negative: false, body } if last => out.extend(self.sequence(body, true)),
                Ir::Look { .. } => {}
                Ir::Atomic(body) => out.extend(self.sequence(body, last)),
            }
        }
        out
    }
}

/// The text of a group may occur again where its anchors do not match, so they are dropped.
fn without_asserts(body: &[Ir]) -> Vec<Ir> {
    let keep = |ir: &Ir| match ir {
        Ir::Assert(_) => None,
        Ir::Branch(bodies) => Some(Ir::Branch(bodies.iter().map(|body| without_asserts(body)).collect())),
        Ir::Repeat { min, max, kind, body } => {
            Some(Ir::Repeat { min: *min, max: *max, kind: *kind, body: without_asserts(body) })
        }
        ir => Some(ir.clone()),
    };
    body.iter().filter_map(keep).collect()
}
