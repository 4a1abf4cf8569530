//! The parser: soupsieve's grammar, with its tokens in the same order.

use super::draft::{Close, Context, Draft};
use super::html::{self, Special};
use super::lex::{Cursor, unescape};
use super::types::{self, Attribute, Combinator, Contains, Nth, Selector, SelectorList, TagName, Test};
use crate::bs4::error::Error;
use std::collections::HashMap;
use std::sync::Arc;

/// The maximum number of selectors in one list, all parts counted: soupsieve's limit.
const MAX_SELECTORS: usize = 8192;
/// The maximum nesting, including combinators: matching recurses to this depth.
pub(super) const MAX_DEPTH: usize = 128;

/// Custom selectors, by name with its colon: `:--heading`.
pub(super) type Custom = HashMap<String, Arc<SelectorList>>;

/// Parses a selector.
pub(super) fn parse(text: &str, custom: &Custom) -> Result<SelectorList, Error> {
    let text = text.replace('\0', "\u{fffd}");
    Parser { cursor: Cursor { text: &text, at: 0 }, custom, count: 0 }.run(Context::default())
}

/// Parses a selector that a pseudo-class abbreviates.
pub(super) fn parse_html(text: &str, special: Option<Special>) -> Result<SelectorList, Error> {
    let context = Context { is_pseudo: true, is_html: true, special, ..Context::default() };
    Parser { cursor: Cursor { text, at: 0 }, custom: &Custom::new(), count: 0 }.run(context)
}

pub(super) struct Parser<'s> {
    pub(super) cursor: Cursor<'s>,
    custom: &'s Custom,
    count: usize,
}

impl<'s> Parser<'s> {
    pub(super) fn error<T>(&self, message: impl Into<String>, at: usize) -> Result<T, Error> {
        let text = self.cursor.text;
        let position = text.get(..at).unwrap_or(text).chars().count();
        Err(Error::SelectorSyntax { selector: text.to_owned(), position, message: message.into() })
    }

    pub(super) fn counted(&mut self) -> Result<(), Error> {
        self.count += 1;
        if self.count > MAX_SELECTORS {
            self.error(format!("more than {MAX_SELECTORS} selectors"), self.cursor.at)
        } else {
            Ok(())
        }
    }

    fn run(&mut self, mut context: Context) -> Result<SelectorList, Error> {
        let mut stack: Vec<Context> = Vec::new();
        while self.cursor.at < self.cursor.text.len() {
            let start = self.cursor.at;
            let mut close = self.cursor;
            close.skip();
            if close.eat(")") {
                self.cursor = close;
                if !context.has_selector {
                    if !context.forgives {
                        return self.error("expected a selector", start);
                    }
                    context.draft.no_match = true;
                }
                if !context.is_open {
                    return self.error("unmatched closing parenthesis", start);
                }
                let how = std::mem::take(&mut context.close);
                let list = Arc::new(self.finish(context)?);
                let Some(outer) = stack.pop() else { return self.error("unmatched closing parenthesis", start) };
                context = outer;
                match how {
                    Close::Drop => {}
                    Close::Selectors => context.draft.selector.selectors.push(list),
                    Close::Nth(a, b, last) => {
                        let nth = Nth { a, b, of_type: false, last, of: Some(list) };
                        context.draft.selector.nth.push(Arc::new(nth));
                    }
                }
                continue;
            }
            if let Some(nested) = self.part(&mut context)? {
                if stack.len() >= MAX_DEPTH {
                    return self.error(format!("nested deeper than {MAX_DEPTH}"), start);
                }
                stack.push(std::mem::replace(&mut context, nested));
            }
        }
        if context.is_open {
            return self.error("unclosed pseudo-class", self.cursor.at);
        }
        self.finish(context)
    }

    /// Parses one part of a compound selector, or a combinator. Returns the context of a nested
    /// list, if one opens.
    fn part(&mut self, context: &mut Context) -> Result<Option<Context>, Error> {
        let start = self.cursor.at;
        match self.cursor.peek() {
            Some(':') => {
                self.counted()?;
                return self.pseudo(context, start);
            }
            Some('&') => {
                self.counted()?;
                self.cursor.bump();
                context.draft.selector.flags |= types::SCOPE;
                context.has_selector = true;
            }
            Some(mark @ ('#' | '.')) => {
                self.counted()?;
                self.cursor.bump();
                let Some(name) = self.cursor.identifier() else {
                    return self.error(if mark == '#' { "malformed id selector" } else { "malformed class selector" }, start);
                };
                let names = if mark == '#' { &mut context.draft.selector.ids } else { &mut context.draft.selector.classes };
                names.push(unescape(name));
                context.has_selector = true;
            }
            Some('[') => {
                self.counted()?;
                match self.attribute() {
                    Some(attribute) => context.draft.selector.attributes.push(attribute),
                    None => return self.error("malformed attribute selector", start),
                }
                context.has_selector = true;
            }
            _ => {
                if let Some(tag) = self.tag() {
                    self.counted()?;
                    if context.has_selector {
                        return self.error("a tag name must be the first part", start);
                    }
                    context.draft.selector.tag = Some(tag);
                    context.has_selector = true;
                } else {
                    self.combinator(context, start)?;
                }
            }
        }
        Ok(None)
    }

    fn tag(&mut self) -> Option<TagName> {
        let name = |cursor: &mut Cursor<'s>| if cursor.eat("*") { Some("*") } else { cursor.identifier() };
        let mut cursor = self.cursor;
        let prefix = name(&mut cursor).unwrap_or_default();
        if cursor.eat("|")
            && let Some(local) = name(&mut cursor)
        {
            self.cursor = cursor;
            return Some(TagName { name: unescape(local), prefix: Some(unescape(prefix)) });
        }
        let local = name(&mut self.cursor)?;
        Some(TagName { name: unescape(local), prefix: None })
    }

    fn attribute(&mut self) -> Option<Attribute> {
        let mut cursor = self.cursor;
        cursor.bump();
        cursor.skip();
        let mut with_prefix = cursor;
        let prefix = if with_prefix.eat("*") { "*" } else { with_prefix.identifier().unwrap_or_default() };
        let mut namespace = String::new();
        if with_prefix.eat("|") && with_prefix.peek() != Some('=') {
            namespace = unescape(prefix);
            cursor = with_prefix;
        }
        let name = unescape(cursor.identifier()?);
        cursor.skip();
        let mut comparison = None;
        if !cursor.eat("]") {
            let operator = cursor.peek().filter(|c| "!~^|*$".contains(*c));
            if operator.is_some() {
                cursor.bump();
            }
            if !cursor.eat("=") {
                return None;
            }
            cursor.skip();
            let value = unescape(cursor.value()?);
            cursor.skip();
            let case = cursor.peek().map(|c| c.to_ascii_lowercase()).filter(|c| matches!(c, 'i' | 's'));
            if case.is_some() {
                cursor.bump();
                cursor.skip();
            }
            if !cursor.eat("]") {
                return None;
            }
            comparison = Some((operator.unwrap_or('='), value, case));
        }
        self.cursor = cursor;
        let html_insensitive = html::is_case_insensitive(&name.to_ascii_lowercase());
        let Some((operator, value, case)) = comparison else {
            return Some(Attribute {
                name,
                prefix: namespace,
                test: None,
                xml_test: None,
                inverse: false,
                ignore_case: html_insensitive,
            });
        };
        let ignore_case = case.map_or(html_insensitive, |case| case == 'i');
        let xml_test = (case.is_none() && html_insensitive).then(|| Test { operator, value: value.clone() });
        let value = if ignore_case { value.to_ascii_lowercase() } else { value };
        let test = Some(Test { operator, value });
        Some(Attribute { name, prefix: namespace, test, xml_test, inverse: operator == '!', ignore_case })
    }

    fn pseudo(&mut self, context: &mut Context, start: usize) -> Result<Option<Context>, Error> {
        self.cursor.bump();
        if self.cursor.peek() == Some(':') {
            return self.error("pseudo-elements are not supported", start);
        }
        let Some(name) = self.cursor.identifier() else { return self.error("malformed pseudo-class selector", start) };
        let name = format!(":{}", unescape(name).to_ascii_lowercase());
        let selector = &mut context.draft.selector;
        if name.starts_with(":--") {
            match self.custom.get(&name) {
                Some(list) => selector.selectors.push(list.clone()),
                None => return self.error(format!("undefined custom selector '{name}'"), start),
            }
            context.has_selector = true;
            return Ok(None);
        }
        let opens = self.cursor.eat("(");
        if opens {
            self.cursor.skip();
            let inside = self.cursor;
            if let Some(nested) = self.special(&name, selector) {
                context.has_selector = true;
                return Ok(nested);
            }
            self.cursor = inside;
        }
        let nested = Context { is_pseudo: true, is_open: true, close: Close::Selectors, ..Context::default() };
        let nested = match (name.as_str(), opens) {
            (":not", true) => Some(Context { is_not: true, ..nested }),
            (":has", true) if context.relative.is_some() => return self.error(":has() is not allowed in :has()", start),
            (":has", true) => Some(Context { relative: Some(Combinator::HasDescendant), done: vec![Draft::default()], ..nested }),
            (":is" | ":where", true) => Some(Context { forgives: true, ..nested }),
            (":matches", true) => Some(nested),
            (":current" | ":host" | ":host-context", true) => {
                context.draft.no_match = true;
                Some(Context { close: Close::Drop, ..nested })
            }
            (simple, false) => {
                match html::simple(simple, &mut context.draft.selector)? {
                    html::Known::Yes => {}
                    html::Known::MatchesNothing => context.draft.no_match = true,
                    html::Known::No => return self.unknown(&name, start),
                }
                None
            }
            _ => return self.unknown(&name, start),
        };
        context.has_selector = true;
        Ok(nested)
    }

    fn unknown<T>(&self, name: &str, start: usize) -> Result<T, Error> {
        if html::is_pseudo_class(name) {
            return self.error(format!("invalid syntax for pseudo-class '{name}'"), start);
        }
        self.error(format!("unknown pseudo-class '{name}'"), start)
    }

    /// Parses pseudo-classes with a grammar of their own; `None` if the text in the parentheses is
    /// invalid.
    fn special(&mut self, name: &str, selector: &mut Selector) -> Option<Option<Context>> {
        match name {
            ":contains" | ":-soup-contains" | ":-soup-contains-own" => {
                let text = self.cursor.values()?;
                selector.contains.push(Contains { text, own: name == ":-soup-contains-own" });
            }
            ":lang" => selector.lang.push(self.cursor.values()?),
            ":dir" => {
                let direction = unescape(self.cursor.identifier()?).to_ascii_lowercase();
                self.cursor.skip();
                if !self.cursor.eat(")") {
                    return None;
                }
                selector.flags |= match direction.as_str() {
                    "ltr" => types::DIR_LTR,
                    "rtl" => types::DIR_RTL,
                    // Any other identifier is valid and matches nothing, because no element has
                    // both directions.
                    _ => types::DIR_LTR | types::DIR_RTL,
                };
            }
            ":nth-child" | ":nth-last-child" | ":nth-of-type" | ":nth-last-of-type" => {
                let (a, b) = self.nth()?;
                let (last, of_type) = (name.contains("-last-"), name.ends_with("type"));
                let mut end = self.cursor;
                end.skip();
                if end.eat(")") {
                    self.cursor = end;
                    selector.nth.push(Arc::new(Nth { a, b, of_type, last, of: None }));
                    return Some(None);
                }
                self.cursor.comments();
                if of_type || !self.cursor.whitespace() {
                    return None;
                }
                self.cursor.skip();
                if !self.cursor.eat("of") {
                    return None;
                }
                self.cursor.comments();
                if !self.cursor.whitespace() {
                    return None;
                }
                self.cursor.skip();
                let close = Close::Nth(a, b, last);
                return Some(Some(Context { is_pseudo: true, is_open: true, close, ..Context::default() }));
            }
            _ => return None,
        }
        Some(None)
    }

    /// `an+b`, `even` or `odd`.
    fn nth(&mut self) -> Option<(i64, i64)> {
        for (word, nth) in [("even", (2, 0)), ("odd", (2, 1))] {
            if self.cursor.eat(word) {
                return Some(nth);
            }
        }
        let sign = |cursor: &mut Cursor<'s>| if cursor.eat("-") { Some(-1) } else { cursor.eat("+").then_some(1) };
        let digits = |cursor: &mut Cursor<'s>| {
            let count = cursor.rest().bytes().take_while(u8::is_ascii_digit).count();
            let number = cursor.rest().get(..count).filter(|text| !text.is_empty());
            cursor.at += count;
            number
        };
        let negative = sign(&mut self.cursor).unwrap_or(1);
        let number = digits(&mut self.cursor);
        if !self.cursor.eat("n") {
            return Some((0, negative * place(number?)));
        }
        let a = negative * number.map_or(1, place);
        let mut cursor = self.cursor;
        cursor.skip();
        let Some(negative) = sign(&mut cursor) else { return Some((a, 0)) };
        cursor.skip();
        let Some(number) = digits(&mut cursor) else { return Some((a, 0)) };
        self.cursor = cursor;
        Some((a, negative * place(number)))
    }

    /// Completes the list.
    fn finish(&mut self, mut context: Context) -> Result<SelectorList, Error> {
        if context.has_selector {
            let mut draft = std::mem::take(&mut context.draft);
            if draft.selector.tag.is_none() && !context.is_pseudo {
                draft.selector.tag = Some(TagName { name: "*".to_owned(), prefix: None });
            }
            if let Some(relative) = context.relative {
                if let Some(last) = context.done.last_mut() {
                    last.relation = Some((relative, Box::new(draft)));
                }
            } else {
                self.relate(&mut draft, context.left.take())?;
                context.done.push(draft);
            }
        } else if context.forgives && (context.done.is_empty() || context.left.is_none()) {
            self.counted()?;
            context.done.push(Draft { no_match: true, ..Draft::default() });
        } else {
            return self.error("expected a selector", self.cursor.at);
        }
        if let (Some(special), Some(last)) = (context.special, context.done.last_mut()) {
            last.selector.flags = special.flag();
        }
        let selectors = context.done.into_iter().map(Draft::freeze).collect();
        Ok(SelectorList { selectors, is_not: context.is_not, is_html: context.is_html })
    }
}

/// Parses a number of `:nth-child`. Python's numbers are unlimited; no document has as many tags as
/// the maximum here.
fn place(digits: &str) -> i64 {
    const MOST: i64 = 1 << 40;
    digits.parse::<i64>().map_or(MOST, |number| number.min(MOST))
}
