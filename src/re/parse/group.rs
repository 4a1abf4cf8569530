//! Groups: the constructs that begin with an opening parenthesis.

use super::Parser;
use super::token::int;
use crate::re::error::{Error, Result};
use crate::re::flags::{A, Flags, I, M, NOFLAG, S, TYPE, U, X};
use crate::re::parse::ast::{Node, Seq};
use crate::re::unicode;

/// The parsed construct.
pub(super) enum Group {
    Node(Node),
    Comment,
    /// Flags of the whole pattern.
    Flags,
}

/// The meaning of inline flags.
enum Inline {
    Global,
    Scoped(Flags, Flags),
}

/// Python's limit for group numbers.
const MOST_GROUPS: u64 = 1_073_741_823;

impl Parser {
    /// Parses a group, after its opening parenthesis. `first`: nothing precedes it in the pattern.
    #[doc(alias("re.syntax.group", "re.syntax.noncapturing", "re.syntax.named_group", "re.syntax.atomic"))]
    pub(super) fn group(&mut self, verbose: bool, nested: usize, first: bool) -> Result<Group> {
        let start = self.tokens.tell() - 1;
        if !self.tokens.eat('?')? {
            return self.numbered(None, start, verbose, nested);
        }
        let Some(this) = self.tokens.get()? else { return Err(self.tokens.error("unexpected end of pattern", 0)) };
        let unknown = |parser: &Parser| parser.tokens.error(format!("unknown extension ?{}", this.source()), this.len() + 1);
        if this.escaped {
            return Err(unknown(self));
        }
        match this.c {
            'P' if self.tokens.eat('<')? => {
                let name = self.tokens.until('>', "group name")?;
                self.check_name(&name)?;
                self.numbered(Some(name), start, verbose, nested)
            }
            'P' if self.tokens.eat('=')? => self.named_reference(),
            'P' => match self.tokens.get()? {
                None => Err(self.tokens.error("unexpected end of pattern", 0)),
                Some(c) => Err(self.tokens.error(format!("unknown extension ?P{}", c.source()), c.len() + 2)),
            },
            ':' => self.scoped(NOFLAG, NOFLAG, start, verbose, nested),
            '#' => self.comment(start),
            '=' | '!' | '<' => self.look(this.c, start, verbose, nested),
            '(' => self.conditional(start, verbose, nested),
            '>' => {
                let body = self.alternation(verbose, nested + 1)?;
                self.close(start)?;
                Ok(Group::Node(Node::Atomic(body)))
            }
            c if flag(c).is_some() || c == '-' => match self.flags(c)? {
                Inline::Scoped(add, del) => self.scoped(add, del, start, verbose, nested),
                Inline::Global if first => Ok(Group::Flags),
                Inline::Global => {
                    Err(self.tokens.error("global flags not at the start of the expression", self.tokens.tell() - start))
                }
            },
            _ => Err(unknown(self)),
        }
    }

    fn close(&mut self, start: usize) -> Result<()> {
        if self.tokens.eat(')')? {
            return Ok(());
        }
        Err(self.tokens.error("missing ), unterminated subpattern", self.tokens.tell() - start))
    }

    fn numbered(&mut self, name: Option<Vec<char>>, start: usize, verbose: bool, nested: usize) -> Result<Group> {
        let index = self.widths.len();
        self.widths.push(None);
        if let Some(name) = name {
            let text: String = name.iter().collect();
            if let Some(old) = self.names.get(&text) {
                let name_repr = unicode::repr(&name);
                let message = format!("redefinition of group name {name_repr} as group {index}; was group {old}");
                return Err(self.tokens.error(message, name.len() + 1));
            }
            self.names.insert(text, index as u32);
        }
        let body = self.alternation(verbose, nested + 1)?;
        self.close(start)?;
        self.widths[index] = Some(body.width);
        Ok(Group::Node(Node::Group { index: Some(index as u32), add: NOFLAG, del: NOFLAG, body }))
    }

    fn scoped(&mut self, add: Flags, del: Flags, start: usize, verbose: bool, nested: usize) -> Result<Group> {
        let verbose = (verbose || add.intersects(X)) && !del.intersects(X);
        let body = self.alternation(verbose, nested + 1)?;
        self.close(start)?;
        Ok(Group::Node(Node::Group { index: None, add, del, body }))
    }

    fn check_name(&self, name: &[char]) -> Result<()> {
        if unicode::is_identifier(name) {
            return Ok(());
        }
        Err(self.tokens.error(format!("bad character in group name {}", unicode::repr(name)), name.len() + 1))
    }

    #[doc(alias = "re.syntax.named_backreference")]
    fn named_reference(&mut self) -> Result<Group> {
        let name = self.tokens.until(')', "group name")?;
        self.check_name(&name)?;
        let group = self.lookup(&name)? as usize;
        let Some(width) = self.widths[group] else {
            return Err(self.tokens.error("cannot refer to an open group", name.len() + 1));
        };
        self.check_lookbehind(group)?;
        Ok(Group::Node(Node::BackRef { group: group as u32, width }))
    }

    fn lookup(&self, name: &[char]) -> Result<u32> {
        let unknown = || self.tokens.error(format!("unknown group name {}", unicode::repr(name)), name.len() + 1);
        self.names.get(&name.iter().collect::<String>()).copied().ok_or_else(unknown)
    }

    #[doc(alias = "re.syntax.comment")]
    fn comment(&mut self, start: usize) -> Result<Group> {
        loop {
            if self.tokens.next.is_none() {
                return Err(self.tokens.error("missing ), unterminated comment", self.tokens.tell() - start));
            }
            if self.tokens.get()?.is_some_and(|this| this.is(')')) {
                return Ok(Group::Comment);
            }
        }
    }

    #[doc(alias("re.syntax.lookahead", "re.syntax.negative_lookahead", "re.syntax.lookbehind", "re.syntax.negative_lookbehind"))]
    fn look(&mut self, c: char, start: usize, verbose: bool, nested: usize) -> Result<Group> {
        let (mut negative, behind) = (c == '!', c == '<');
        let outermost = behind && self.lookbehind.is_none();
        if behind {
            match self.tokens.get()? {
                None => return Err(self.tokens.error("unexpected end of pattern", 0)),
                Some(this) if this.is('=') => {}
                Some(this) if this.is('!') => negative = true,
                Some(this) => {
                    return Err(self.tokens.error(format!("unknown extension ?<{}", this.source()), this.len() + 2));
                }
            }
            self.lookbehind.get_or_insert(self.widths.len());
        }
        let body = self.alternation(verbose, nested + 1)?;
        if outermost {
            self.lookbehind = None;
        }
        self.close(start)?;
        Ok(Group::Node(Node::Look { behind, negative, body }))
    }

    #[doc(alias = "re.syntax.conditional")]
    fn conditional(&mut self, start: usize, verbose: bool, nested: usize) -> Result<Group> {
        let name = self.tokens.until(')', "group name")?;
        let offset = name.len() + 1;
        let group = if unicode::is_identifier(&name) {
            u64::from(self.lookup(&name)?)
        } else {
            let bad = || self.tokens.error(format!("bad character in group name {}", unicode::repr(&name)), offset);
            let digits = int(&name).ok_or_else(bad)?;
            if digits == "0" {
                return Err(self.tokens.error("bad group number", offset));
            }
            let group = digits.parse().ok().filter(|&group| group < MOST_GROUPS);
            let group = group.ok_or_else(|| self.tokens.error(format!("invalid group reference {digits}"), offset))?;
            if !self.references.iter().any(|&(seen, _)| seen == group) {
                self.references.push((group, self.tokens.tell() - offset));
            }
            group
        };
        self.check_lookbehind(group as usize)?;
        let yes = Seq::new(self.sequence(verbose, nested + 1, false)?);
        let mut no = None;
        if self.tokens.eat('|')? {
            no = Some(Seq::new(self.sequence(verbose, nested + 1, false)?));
            if self.tokens.next.is_some_and(|next| next.is('|')) {
                return Err(self.tokens.error("conditional backref with more than two branches", 0));
            }
        }
        self.close(start)?;
        Ok(Group::Node(Node::Cond { group: group as u32, yes, no }))
    }

    /// Parses inline flags, from their first character on.
    fn flags(&mut self, mut c: char) -> Result<Inline> {
        let (mut add, mut del) = (NOFLAG, NOFLAG);
        while c != '-' {
            let new = self.known(c)?;
            if self.tokens.text && c == 'L' {
                return Err(self.tokens.error("bad inline flags: cannot use 'L' flag with a str pattern", 0));
            }
            if !self.tokens.text && c == 'u' {
                return Err(self.tokens.error("bad inline flags: cannot use 'u' flag with a bytes pattern", 0));
            }
            add |= new;
            if new.intersects(TYPE) && add & TYPE != new {
                return Err(self.tokens.error("bad inline flags: flags 'a', 'u' and 'L' are incompatible", 0));
            }
            match self.flag("missing -, : or )")? {
                ')' => {
                    supported(add)?;
                    self.flags |= add;
                    return Ok(Inline::Global);
                }
                ':' => {
                    supported(add)?;
                    return Ok(Inline::Scoped(add, del));
                }
                next => c = next,
            }
        }
        let mut c = self.flag("missing flag")?;
        loop {
            // A closing character where the first flag to turn off is expected.
            let Some(new) = flag(c) else { return Err(self.tokens.error("missing flag", 1)) };
            if new.intersects(TYPE) {
                return Err(self.tokens.error("bad inline flags: cannot turn off flags 'a', 'u' and 'L'", 0));
            }
            del |= new;
            match self.flag("missing :")? {
                ':' => break,
                next if flag(next).is_none() => return Err(self.tokens.error("missing :", 1)),
                next => c = next,
            }
        }
        supported(add | del)?;
        if add.intersects(del) {
            return Err(self.tokens.error("bad inline flags: flag turned on and off", 1));
        }
        Ok(Inline::Scoped(add, del))
    }

    fn known(&self, c: char) -> Result<Flags> {
        flag(c).ok_or_else(|| self.tokens.error("unknown flag", 1))
    }

    /// Returns the next flag, or the character that ends them.
    fn flag(&mut self, missing: &str) -> Result<char> {
        match self.tokens.get()? {
            None => Err(self.tokens.error(missing, 0)),
            Some(this) if !this.escaped && (flag(this.c).is_some() || matches!(this.c, ')' | '-' | ':')) => Ok(this.c),
            Some(this) if !this.escaped && unicode::is_alpha(this.c) => Err(self.tokens.error("unknown flag", 1)),
            Some(this) => Err(self.tokens.error(missing, this.len())),
        }
    }
}

/// LOCALE and TEMPLATE, which Python still parses.
const LOCALE: Flags = Flags(4);
const TEMPLATE: Flags = Flags(1);

fn flag(c: char) -> Option<Flags> {
    Some(match c {
        'i' => I,
        'L' => LOCALE,
        'm' => M,
        's' => S,
        'x' => X,
        'a' => A,
        't' => TEMPLATE,
        'u' => U,
        _ => return None,
    })
}

/// DIFFERENCE: flags that depend on the C library's locale, or that Python itself has removed, are
/// rejected.
fn supported(flags: Flags) -> Result<()> {
    match () {
        () if flags.intersects(LOCALE) => Err(Error::Unsupported { what: "the LOCALE flag" }),
        () if flags.intersects(TEMPLATE) => Err(Error::Unsupported { what: "the TEMPLATE flag" }),
        () => Ok(()),
    }
}
