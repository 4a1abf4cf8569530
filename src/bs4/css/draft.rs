//! Selectors under construction.

use super::html::Special;
use super::types::{Combinator, Relation, Selector, SelectorList};
use std::sync::Arc;

/// A selector under construction.
#[derive(Debug, Default)]
pub(super) struct Draft {
    pub(super) selector: Selector,
    /// The related selector, and the combinator between the two.
    pub(super) relation: Option<(Combinator, Box<Draft>)>,
    pub(super) no_match: bool,
    pub(super) depth: usize,
}

impl Draft {
    pub(super) fn freeze(self) -> Option<Selector> {
        if self.no_match {
            return None;
        }
        let mut selector = self.selector;
        selector.relation = self.relation.map(|(combinator, draft)| {
            let list = SelectorList { selectors: vec![draft.freeze()], ..SelectorList::default() };
            Arc::new(Relation { combinator, list })
        });
        Some(selector)
    }
}

/// A list under construction.
#[derive(Debug, Default)]
pub(super) struct Context {
    pub(super) draft: Draft,
    pub(super) done: Vec<Draft>,
    pub(super) left: Option<(Combinator, Box<Draft>)>,
    pub(super) has_selector: bool,
    pub(super) relative: Option<Combinator>,
    pub(super) is_open: bool,
    pub(super) is_pseudo: bool,
    pub(super) is_not: bool,
    pub(super) is_html: bool,
    pub(super) forgives: bool,
    pub(super) special: Option<Special>,
    pub(super) close: Close,
}

/// How a nested list is used when it is closed.
#[derive(Debug, Default)]
pub(super) enum Close {
    #[default]
    Drop,
    Selectors,
    Nth(i64, i64, bool),
}
