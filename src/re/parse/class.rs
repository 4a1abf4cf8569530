//! Classes: `[a-z^\d]`.

use super::Parser;
use crate::re::error::Result;
use crate::re::parse::ast::{Item, Node};

impl Parser {
    /// Parses a class, after its opening bracket.
    #[doc(alias = "re.syntax.sets")]
    pub(super) fn class(&mut self) -> Result<Node> {
        let here = self.tokens.tell() - 1;
        let mut items = Vec::new();
        let negate = self.tokens.eat('^')?;
        loop {
            let Some(this) = self.tokens.get()? else { return Err(self.unterminated(here)) };
            if this.is(']') && !items.is_empty() {
                break;
            }
            let first = if this.escaped { self.class_escape(this)? } else { Item::Char(this.c.into()) };
            if !self.tokens.eat('-')? {
                items.push(first);
                continue;
            }
            let Some(that) = self.tokens.get()? else { return Err(self.unterminated(here)) };
            if that.is(']') {
                items.extend([first, Item::Char('-'.into())]);
                break;
            }
            let last = if that.escaped { self.class_escape(that)? } else { Item::Char(that.c.into()) };
            match (first, last) {
                (Item::Char(first), Item::Char(last)) if first <= last => items.push(Item::Range(first, last)),
                _ => {
                    let message = format!("bad character range {}-{}", this.source(), that.source());
                    return Err(self.tokens.error(message, this.len() + 1 + that.len()));
                }
            }
        }
        let items = unique(items);
        Ok(match (items.as_slice(), negate) {
            (&[Item::Char(c)], false) => Node::Char(c),
            (&[Item::Char(c)], true) => Node::NotChar(c),
            _ => Node::Set { items, negate },
        })
    }

    fn unterminated(&self, here: usize) -> crate::re::error::Error {
        self.tokens.error("unterminated character set", self.tokens.tell() - here)
    }
}

fn unique(items: Vec<Item>) -> Vec<Item> {
    let mut out: Vec<Item> = Vec::with_capacity(items.len());
    for item in items {
        if !out.contains(&item) {
            out.push(item);
        }
    }
    out
}

/// Returns the equivalent class if each alternative is a single character or class.
pub(super) fn of_alternatives(alternatives: &[Vec<Node>]) -> Option<Vec<Item>> {
    let mut out = Vec::new();
    for alternative in alternatives {
        match alternative.as_slice() {
            [Node::Char(c)] => out.push(Item::Char(*c)),
            [Node::Set { items, negate: false }] => out.extend(items),
            _ => return None,
        }
    }
    Some(unique(out))
}
