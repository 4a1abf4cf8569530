//! Backslash escapes.

use super::Parser;
use super::token::Token;
use crate::re::error::Result;
use crate::re::parse::ast::{At, Category, Item, Node};
use crate::re::unicode;

fn octal(c: char) -> bool {
    ('0'..='7').contains(&c)
}

/// Returns the character of a plain escape such as `\n`. (`\b` is one in classes and templates
/// only.)
pub(in crate::re) fn control(c: char) -> Option<u32> {
    Some(match c {
        'a' => 7,
        'b' => 8,
        'f' => 12,
        'n' => 10,
        'r' => 13,
        't' => 9,
        'v' => 11,
        '\\' => 92,
        _ => return None,
    })
}

#[doc(alias = "re.syntax.classes")]
fn category(c: char) -> Option<Category> {
    Some(match c {
        'd' => Category::Digit,
        'D' => Category::NotDigit,
        's' => Category::Space,
        'S' => Category::NotSpace,
        'w' => Category::Word,
        'W' => Category::NotWord,
        _ => return None,
    })
}

#[doc(alias("re.syntax.string_anchors", "re.syntax.word_boundary"))]
fn anchor(c: char) -> Option<At> {
    Some(match c {
        'A' => At::BeginString,
        'Z' => At::EndString,
        'b' => At::Boundary,
        'B' => At::NotBoundary,
        _ => return None,
    })
}

impl Parser {
    /// Parses an escape outside of a class.
    #[doc(alias("re.syntax.escapes", "re.syntax.octal", "re.syntax.backreference"))]
    pub(super) fn escape(&mut self, this: Token) -> Result<Node> {
        if let Some(at) = anchor(this.c) {
            return Ok(Node::At(at));
        }
        if let Some(category) = category(this.c) {
            return Ok(Node::Set { items: vec![Item::Category(category)], negate: false });
        }
        let mut digits = String::from(this.c);
        match this.c {
            '0' => {
                digits += &self.tokens.take_while(2, octal)?;
                Ok(Node::Char(u32::from_str_radix(&digits, 8).unwrap_or(0)))
            }
            '1'..='9' => {
                digits += &self.tokens.take_while(1, |c| c.is_ascii_digit())?;
                if digits.len() == 2 && digits.chars().all(octal) {
                    let third = self.tokens.take_while(1, octal)?;
                    if !third.is_empty() {
                        return Ok(Node::Char(self.octal(&(digits + &third))?));
                    }
                }
                self.back_reference(&digits)
            }
            _ => Ok(Node::Char(self.character(this)?)),
        }
    }

    fn back_reference(&mut self, digits: &str) -> Result<Node> {
        let group: usize = digits.parse().unwrap_or(usize::MAX);
        match self.widths.get(group).copied() {
            None => Err(self.tokens.error(format!("invalid group reference {group}"), digits.len())),
            Some(None) => Err(self.tokens.error("cannot refer to an open group", digits.len() + 1)),
            Some(Some(width)) => {
                self.check_lookbehind(group)?;
                Ok(Node::BackRef { group: group as u32, width })
            }
        }
    }

    /// Inside a look-behind, a reference may only refer to a group that was complete before it.
    pub(super) fn check_lookbehind(&self, group: usize) -> Result<()> {
        let Some(before) = self.lookbehind else { return Ok(()) };
        if self.widths.get(group).copied().flatten().is_none() {
            return Err(self.tokens.error("cannot refer to an open group", 0));
        }
        if group >= before {
            return Err(self.tokens.error("cannot refer to group defined in the same lookbehind subpattern", 0));
        }
        Ok(())
    }

    /// Parses an escape inside of a class.
    pub(super) fn class_escape(&mut self, this: Token) -> Result<Item> {
        if let Some(category) = category(this.c) {
            return Ok(Item::Category(category));
        }
        match this.c {
            'b' => Ok(Item::Char(8)),
            c if octal(c) => {
                let digits = String::from(c) + &self.tokens.take_while(2, octal)?;
                Ok(Item::Char(self.octal(&digits)?))
            }
            _ => Ok(Item::Char(self.character(this)?)),
        }
    }

    fn octal(&self, digits: &str) -> Result<u32> {
        let value = u32::from_str_radix(digits, 8).unwrap_or(0);
        if value > 0o377 {
            let message = format!("octal escape value \\{digits} outside of range 0-0o377");
            return Err(self.tokens.error(message, digits.len() + 1));
        }
        Ok(value)
    }

    /// Parses the escapes that mean one character everywhere.
    fn character(&mut self, this: Token) -> Result<u32> {
        if let Some(c) = control(this.c) {
            return Ok(c);
        }
        match this.c {
            'x' => self.hexadecimal('x', 2),
            'u' if self.tokens.text => self.hexadecimal('u', 4),
            'U' if self.tokens.text => self.hexadecimal('U', 8),
            'N' if self.tokens.text => self.named(),
            c if c.is_ascii_alphanumeric() => Err(self.tokens.error(format!("bad escape \\{c}"), 2)),
            c => Ok(c.into()),
        }
    }

    fn hexadecimal(&mut self, letter: char, length: usize) -> Result<u32> {
        let digits = self.tokens.take_while(length, |c| c.is_ascii_hexdigit())?;
        let offset = digits.len() + 2;
        if digits.len() < length {
            return Err(self.tokens.error(format!("incomplete escape \\{letter}{digits}"), offset));
        }
        match u32::from_str_radix(&digits, 16) {
            Ok(c) if c <= 0x10ffff => Ok(c),
            _ => Err(self.tokens.error(format!("bad escape \\{letter}{digits}"), offset)),
        }
    }

    fn named(&mut self) -> Result<u32> {
        if !self.tokens.eat('{')? {
            return Err(self.tokens.error("missing {", 0));
        }
        let name = self.tokens.until('}', "character name")?;
        let found = unicode::named(&name.iter().collect::<String>());
        found.map(u32::from).ok_or_else(|| {
            self.tokens.error(format!("undefined character name {}", unicode::repr(&name)), name.len() + r"\N{}".len())
        })
    }
}
