//! Combinators between compound selectors.

use super::draft::{Context, Draft};
use super::parse::{MAX_DEPTH, Parser};
use super::types::{Combinator, TagName};
use crate::bs4::error::Error;

impl Parser<'_> {
    pub(super) fn combinator(&mut self, context: &mut Context, start: usize) -> Result<(), Error> {
        let mut cursor = self.cursor;
        cursor.comments();
        let blank = cursor.whitespace();
        cursor.skip();
        let sign = cursor.peek().filter(|c| ",+>~".contains(*c));
        if sign.is_some() {
            cursor.bump();
            cursor.skip();
        }
        let at_edge = start == 0 || cursor.at == self.cursor.text.len();
        if cursor.at == start || at_edge && sign.is_some() {
            let found = self.cursor.peek().unwrap_or(' ');
            return self.error(format!("invalid character {found:?}"), start);
        }
        self.cursor = cursor;
        if at_edge || sign.is_none() && !blank {
            return Ok(());
        }
        self.counted_combinator(context, sign.unwrap_or(' '), start)
    }

    fn counted_combinator(&mut self, context: &mut Context, sign: char, start: usize) -> Result<(), Error> {
        let draft = std::mem::take(&mut context.draft);
        let had = std::mem::take(&mut context.has_selector);
        if let Some(relative) = context.relative {
            return self.combine_relative(context, draft, had, relative, sign, start);
        }
        if !had {
            if sign != ',' || !context.forgives {
                return self.error(format!("the combinator '{sign}' must have a selector before it"), start);
            }
            self.counted()?;
            context.left = None;
            return Ok(());
        }
        let mut draft = draft;
        self.relate(&mut draft, context.left.take())?;
        if sign == ',' {
            if draft.selector.tag.is_none() && !context.is_pseudo {
                draft.selector.tag = Some(TagName { name: "*".to_owned(), prefix: None });
            }
            context.done.push(draft);
            return Ok(());
        }
        let combinator = match sign {
            '>' => Combinator::Child,
            '~' => Combinator::Sibling,
            '+' => Combinator::Adjacent,
            _ => Combinator::Descendant,
        };
        context.left = Some((combinator, Box::new(draft)));
        Ok(())
    }

    pub(super) fn relate(&self, draft: &mut Draft, left: Option<(Combinator, Box<Draft>)>) -> Result<(), Error> {
        if let Some((combinator, left)) = left {
            draft.depth = left.depth + 1;
            if draft.depth > MAX_DEPTH {
                return self.error(format!("more than {MAX_DEPTH} combinators in a row"), self.cursor.at);
            }
            draft.relation = Some((combinator, left));
        }
        Ok(())
    }

    /// In `:has`, where a combinator may come first.
    fn combine_relative(
        &mut self,
        context: &mut Context,
        draft: Draft,
        had: bool,
        relative: Combinator,
        sign: char,
        start: usize,
    ) -> Result<(), Error> {
        if sign == ',' {
            if !had {
                return self.error("the combinator ',' must have a selector before it", start);
            }
            if let Some(last) = context.done.last_mut() {
                last.relation = Some((relative, Box::new(draft)));
            }
            context.done.push(Draft::default());
            context.relative = Some(Combinator::HasDescendant);
            return Ok(());
        }
        if had {
            return self.error("in :has(), only one combinator is allowed, at the start", start);
        }
        if relative != Combinator::HasDescendant {
            return self.error("more than one combinator in a row", start);
        }
        context.relative = Some(match sign {
            '>' => Combinator::HasChild,
            '~' => Combinator::HasSibling,
            '+' => Combinator::HasAdjacent,
            _ => Combinator::HasDescendant,
        });
        Ok(())
    }
}
