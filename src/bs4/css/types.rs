//! A selector, parsed.

use std::sync::Arc;

pub(super) const EMPTY: u32 = 1;
pub(super) const ROOT: u32 = 1 << 1;
pub(super) const DEFAULT: u32 = 1 << 2;
pub(super) const INDETERMINATE: u32 = 1 << 3;
pub(super) const SCOPE: u32 = 1 << 4;
pub(super) const DIR_LTR: u32 = 1 << 5;
pub(super) const DIR_RTL: u32 = 1 << 6;
pub(super) const IN_RANGE: u32 = 1 << 7;
pub(super) const OUT_OF_RANGE: u32 = 1 << 8;
pub(super) const DEFINED: u32 = 1 << 9;
pub(super) const PLACEHOLDER_SHOWN: u32 = 1 << 10;
pub(super) const EDITABLE: u32 = 1 << 11;
pub(super) const CHECKED: u32 = 1 << 12;

/// Alternatives: `a, b`.
#[derive(Debug, Clone, Default)]
pub(super) struct SelectorList {
    /// `None` is an alternative that matches nothing.
    pub(super) selectors: Vec<Option<Selector>>,
    pub(super) is_not: bool,
    /// Whether it only matches HTML elements.
    pub(super) is_html: bool,
}

/// A compound selector with the one before it (in `:has`, after it).
#[derive(Debug, Clone, Default)]
pub(super) struct Selector {
    pub(super) tag: Option<TagName>,
    pub(super) ids: Vec<String>,
    pub(super) classes: Vec<String>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) nth: Vec<Arc<Nth>>,
    pub(super) selectors: Vec<Arc<SelectorList>>,
    /// The other side of a combinator.
    pub(super) relation: Option<Arc<Relation>>,
    pub(super) contains: Vec<Contains>,
    pub(super) lang: Vec<Vec<String>>,
    pub(super) flags: u32,
}

/// A combinator with the selector on its other side; `None` is one that matches nothing.
#[derive(Debug, Clone)]
pub(super) struct Relation {
    pub(super) combinator: Combinator,
    pub(super) list: SelectorList,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Combinator {
    Descendant,
    Child,
    Sibling,
    Adjacent,
    HasDescendant,
    HasChild,
    HasSibling,
    HasAdjacent,
}

#[derive(Debug, Clone)]
pub(super) struct TagName {
    pub(super) name: String,
    pub(super) prefix: Option<String>,
}

#[derive(Debug, Clone)]
pub(super) struct Attribute {
    pub(super) name: String,
    pub(super) prefix: String,
    pub(super) test: Option<Test>,
    /// The test for documents other than HTML, if HTML ignores the case of the value.
    pub(super) xml_test: Option<Test>,
    pub(super) inverse: bool,
    pub(super) ignore_case: bool,
}

/// How an attribute's value is compared.
#[derive(Debug, Clone)]
pub(super) struct Test {
    pub(super) operator: char,
    pub(super) value: String,
}

impl Test {
    pub(super) fn matches(&self, value: &str) -> bool {
        let wanted = self.value.as_str();
        match self.operator {
            '^' => !wanted.is_empty() && value.starts_with(wanted),
            '$' => !wanted.is_empty() && value.ends_with(wanted),
            '*' => !wanted.is_empty() && value.contains(wanted),
            '~' => !wanted.is_empty() && value.split(is_space).any(|token| token == wanted),
            '|' => value.strip_prefix(wanted).is_some_and(|rest| rest.is_empty() || rest.starts_with('-')),
            '!' => value != wanted,
            _ => value == wanted,
        }
    }
}

#[derive(Debug, Clone)]
pub(super) struct Nth {
    pub(super) a: i64,
    pub(super) b: i64,
    pub(super) of_type: bool,
    pub(super) last: bool,
    /// The elements that are counted; `None` counts all.
    pub(super) of: Option<Arc<SelectorList>>,
}

#[derive(Debug, Clone)]
pub(super) struct Contains {
    pub(super) text: Vec<String>,
    pub(super) own: bool,
}

/// CSS whitespace.
pub(super) fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n' | '\u{c}')
}
