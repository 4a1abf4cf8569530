//! Sets of characters, computed exactly as Python's compiler does from a class and the flags.

use super::tables;
use crate::re::parse::ast::{Category, Item};

/// How case is handled.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(in crate::re) enum Fold {
    /// Case-sensitive.
    None,
    /// Case-insensitive in ASCII.
    Ascii,
    /// Case-insensitive with Unicode's simple folding.
    Unicode,
}

/// A set of code points: sorted ranges that are neither adjacent nor overlapping.
#[derive(Clone, PartialEq, Eq, Debug, Default, Hash)]
pub(in crate::re) struct CharSet(pub(in crate::re) Vec<(u32, u32)>);

impl CharSet {
    pub(in crate::re) fn new(mut ranges: Vec<(u32, u32)>) -> CharSet {
        ranges.sort_unstable();
        let mut out: Vec<(u32, u32)> = Vec::with_capacity(ranges.len());
        for (first, last) in ranges {
            match out.last_mut() {
                Some(previous) if first <= previous.1.saturating_add(1) => previous.1 = previous.1.max(last),
                _ => out.push((first, last)),
            }
        }
        CharSet(out)
    }

    pub(in crate::re) fn single(c: u32) -> CharSet {
        CharSet(vec![(c, c)])
    }

    pub(in crate::re) fn contains(&self, c: u32) -> bool {
        let after = self.0.partition_point(|&(first, _)| first <= c);
        after > 0 && c <= self.0[after - 1].1
    }

    pub(in crate::re) fn negate(&self) -> CharSet {
        let mut out = Vec::with_capacity(self.0.len() + 1);
        let mut next = 0;
        for &(first, last) in &self.0 {
            if first > next {
                out.push((next, first - 1));
            }
            next = last + 1;
        }
        if next <= 0x10ffff {
            out.push((next, 0x10ffff));
        }
        CharSet(out)
    }

    /// Returns every character whose lower case is in the set.
    fn whose_lower_is_in(self, fold: Fold) -> CharSet {
        let mut moved: Vec<(u32, u32)> = match fold {
            Fold::None => return self,
            Fold::Ascii => (65..=90).map(|c| (c, c + 32)).collect(),
            Fold::Unicode => super::lowered().collect(),
        };
        moved.sort_unstable();
        let mut out = Vec::with_capacity(self.0.len() + 64);
        out.extend(moved.iter().filter(|&&(_, lower)| self.contains(lower)).map(|&(c, _)| (c, c)));
        let mut moved = moved.iter().map(|&(c, _)| c).peekable();
        for &(first, last) in &self.0 {
            let mut first = first;
            while moved.next_if(|&c| c < first).is_some() {}
            while let Some(c) = moved.next_if(|&c| c <= last) {
                if c > first {
                    out.push((first, c - 1));
                }
                first = c + 1;
            }
            if first <= last {
                out.push((first, last));
            }
        }
        CharSet::new(out)
    }
}

/// Returns the characters that a single character of the pattern matches.
pub(in crate::re) fn literal(c: u32, fold: Fold) -> CharSet {
    match fold {
        Fold::None => CharSet::single(c),
        Fold::Ascii => {
            let lower = super::ascii_lower(c);
            CharSet::new(if (97..=122).contains(&lower) { vec![(lower, lower), (lower - 32, lower - 32)] } else { vec![(c, c)] })
        }
        Fold::Unicode if !super::is_cased(c) => CharSet::single(c),
        Fold::Unicode => {
            let lower = super::lower(c);
            let all = std::iter::once(&lower).chain(super::extra_cases(lower));
            let all = all.flat_map(|&lower| {
                // A character that is not its own lower case is only reached through it.
                std::iter::once(lower).filter(|&c| super::lower(c) == c).chain(super::raised(lower).iter().copied())
            });
            CharSet::new(all.map(|c| (c, c)).collect())
        }
    }
}

/// Returns the characters that a class matches. `ascii` restricts the categories to ASCII.
pub(in crate::re) fn class(items: &[Item], negate: bool, fold: Fold, ascii: bool) -> CharSet {
    let mut ranges = Vec::new();
    let mut cased = false;
    for item in items {
        match *item {
            Item::Category(category) => ranges.extend(self::category(category, ascii).0),
            Item::Char(c) => cased |= fold_into(&mut ranges, c, c, fold, false),
            Item::Range(first, last) => cased |= fold_into(&mut ranges, first, last, fold, true),
        }
    }
    let set = CharSet::new(ranges);
    // Python negates before it lowers the character to look up; both orders give the same set.
    let set = if negate { set.negate() } else { set };
    if cased { set.whose_lower_is_in(fold) } else { set }
}

/// Adds the characters whose *lower case* may match the range. Returns true if the range has cased
/// characters.
///
/// Python handles characters beyond U+FFFF differently: a single one is compared unchanged, a range
/// also by upper case.
fn fold_into(ranges: &mut Vec<(u32, u32)>, first: u32, last: u32, fold: Fold, is_range: bool) -> bool {
    const WIDE: u32 = 0x10000;
    let has_case: fn(u32) -> bool = match fold {
        Fold::None => {
            ranges.push((first, last));
            return false;
        }
        Fold::Ascii => |c| matches!(c, 65..=90 | 97..=122),
        Fold::Unicode => super::is_cased,
    };
    let mut cased = false;
    for c in first..=last.min(WIDE - 1) {
        let lower = if fold == Fold::Ascii { super::ascii_lower(c) } else { super::lower(c) };
        cased |= has_case(c);
        ranges.push((lower, lower));
        if fold == Fold::Unicode {
            ranges.extend(super::extra_cases(lower).iter().map(|&c| (c, c)));
        }
    }
    if last >= WIDE {
        cased = true;
        ranges.push((first, last));
        if is_range {
            ranges.extend(
                super::lowered()
                    .map(|(_, lower)| lower)
                    .filter(|&lower| (first..=last).contains(&super::upper(lower)))
                    .map(|lower| (lower, lower)),
            );
        }
    }
    cased
}

/// Returns the characters of a category.
pub(in crate::re) fn category(category: Category, ascii: bool) -> CharSet {
    let (set, negate) = match category {
        Category::Digit => (tables::DIGIT, false),
        Category::NotDigit => (tables::DIGIT, true),
        Category::Space => (tables::SPACE, false),
        Category::NotSpace => (tables::SPACE, true),
        Category::Word => (tables::WORD, false),
        Category::NotWord => (tables::WORD, true),
    };
    let set = match (category, ascii) {
        (_, false) => CharSet(set.to_vec()),
        (Category::Digit | Category::NotDigit, true) => CharSet(vec![(48, 57)]),
        (Category::Space | Category::NotSpace, true) => CharSet(vec![(9, 13), (32, 32)]),
        (Category::Word | Category::NotWord, true) => CharSet(vec![(48, 57), (65, 90), (95, 95), (97, 122)]),
    };
    if negate { set.negate() } else { set }
}
