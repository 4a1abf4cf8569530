//! The linear engine: translates the pattern for regex-automata's meta engine, which the regex
//! crate uses too.

use crate::re::ir::{Assert, Ir};
use crate::re::parse::ast::{Kind, MANY};
use regex_automata::meta;
use regex_automata::{Anchored, Input};
use regex_syntax::hir::{self, Class, ClassBytes, ClassBytesRange, ClassUnicode, ClassUnicodeRange, Hir, Look};

/// The translation of `$`. The engine has no anchor that also matches before a final newline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::re) enum Dollar {
    /// The end of the text: correct if the text does not end with a newline.
    End,
    /// The end of the text, or a final newline that is included: correct except for the end of the
    /// match.
    Newline,
    /// The end of any line: finds every true match, and others.
    Line,
    /// The end of the text, where the whole pattern must end.
    Full,
}

/// The maximum size of a compiled pattern; for larger ones the backtracking engine with its memory
/// is used.
const SIZE_LIMIT: usize = 16 << 20;

/// The maximum number of states that are copies of a repeated part. This engine tracks all copies
/// at once, where the backtracking engine has a loop.
const MOST_COPIES: u64 = 8000;

/// The maximum number of ranges in a pattern's sets, each of which is copied per place.
const MOST_RANGES: usize = 1 << 20;

#[derive(Debug)]
pub(super) struct Linear(meta::Regex);

impl Linear {
    /// Returns `None` if the pattern exceeds the limits.
    pub(in crate::re) fn new(body: &[Ir], dollar: Dollar, utf8: bool) -> Option<Linear> {
        if copies(body) > MOST_COPIES || ranges(body) > MOST_RANGES {
            return None;
        }
        let translator = Translator { dollar, utf8 };
        let mut hir = translator.sequence(body);
        if dollar == Dollar::Full {
            hir = Hir::concat(vec![hir, Hir::look(Look::End)]);
        }
        let config = meta::Config::new().utf8_empty(utf8).nfa_size_limit(Some(SIZE_LIMIT));
        meta::Regex::builder().configure(config).build_from_hir(&hir).ok().map(Linear)
    }

    #[inline]
    pub(in crate::re) fn find(&self, text: &[u8], start: usize, anchored: bool) -> Option<(usize, usize)> {
        let found = self.0.search(&input(text, start..text.len(), anchored))?;
        Some((found.start(), found.end()))
    }

    /// Iterates over matches, for a pattern whose matches are never empty.
    pub(in crate::re) fn find_iter<'r, 't>(&'r self, text: &'t [u8], start: usize) -> meta::FindMatches<'r, 't> {
        self.0.find_iter(input(text, start..text.len(), false))
    }
}

fn input(text: &[u8], range: std::ops::Range<usize>, anchored: bool) -> Input<'_> {
    Input::new(text).range(range).anchored(if anchored { Anchored::Yes } else { Anchored::No })
}

/// Estimates the number of states that are copies of repeated parts.
fn copies(body: &[Ir]) -> u64 {
    let of = |ir: &Ir| match ir {
        Ir::Repeat { min, max, body, .. } => {
            let times = if *max == MANY { *min } else { *max };
            copies(body).saturating_add(states(body).saturating_mul(times.saturating_sub(1).into()))
        }
        Ir::Group(_, body) | Ir::Atomic(body) | Ir::Look { body, .. } => copies(body),
        Ir::Branch(bodies) => bodies.iter().map(|body| copies(body)).fold(0, u64::saturating_add),
        Ir::Cond { yes, no, .. } => copies(yes).saturating_add(copies(no)),
        Ir::Set(_) | Ir::Char(_) | Ir::Assert(_) | Ir::BackRef(..) => 0,
    };
    body.iter().map(of).fold(0, u64::saturating_add)
}

/// Estimates the number of states, each repeated part counted as often as it is copied.
fn states(body: &[Ir]) -> u64 {
    let of = |ir: &Ir| match ir {
        Ir::Set(set) => 1 + set.0.len() as u64 / 4,
        Ir::Repeat { min, max, body, .. } => {
            let times = if *max == MANY { *min } else { *max };
            states(body).saturating_mul(times.max(1).into())
        }
        Ir::Group(_, body) | Ir::Atomic(body) | Ir::Look { body, .. } => states(body),
        Ir::Branch(bodies) => bodies.iter().map(|body| states(body)).fold(0, u64::saturating_add),
        Ir::Cond { yes, no, .. } => states(yes).saturating_add(states(no)),
        Ir::Char(_) | Ir::Assert(_) | Ir::BackRef(..) => 1,
    };
    body.iter().map(of).fold(0, u64::saturating_add)
}

fn ranges(body: &[Ir]) -> usize {
    let of = |ir: &Ir| match ir {
        Ir::Set(set) => set.0.len(),
        Ir::Repeat { body, .. } | Ir::Group(_, body) | Ir::Atomic(body) | Ir::Look { body, .. } => ranges(body),
        Ir::Branch(bodies) => bodies.iter().map(|body| ranges(body)).sum(),
        Ir::Cond { yes, no, .. } => ranges(yes) + ranges(no),
        Ir::Char(_) | Ir::Assert(_) | Ir::BackRef(..) => 0,
    };
    body.iter().map(of).sum()
}

struct Translator {
    dollar: Dollar,
    utf8: bool,
}

impl Translator {
    fn sequence(&self, body: &[Ir]) -> Hir {
        Hir::concat(body.iter().map(|ir| self.node(ir)).collect())
    }

    fn node(&self, ir: &Ir) -> Hir {
        match ir {
            Ir::Char(c) => match char::from_u32(*c) {
                Some(c) if self.utf8 => Hir::literal(c.encode_utf8(&mut [0; 4]).as_bytes()),
                _ => Hir::literal([*c as u8]),
            },
            Ir::Set(set) if self.utf8 => {
                let ranges =
                    set.0.iter().filter_map(|&(a, b)| Some(ClassUnicodeRange::new(char::from_u32(a)?, char::from_u32(b)?)));
                Hir::class(Class::Unicode(ClassUnicode::new(ranges)))
            }
            Ir::Set(set) => {
                Hir::class(Class::Bytes(ClassBytes::new(set.0.iter().map(|&(a, b)| ClassBytesRange::new(a as u8, b as u8)))))
            }
            Ir::Assert(assert) => self.assert(*assert),
            Ir::Group(index, body) => {
                Hir::capture(hir::Capture { index: *index, name: None, sub: Box::new(self.sequence(body)) })
            }
            Ir::Branch(bodies) => Hir::alternation(bodies.iter().map(|body| self.sequence(body)).collect()),
            Ir::Repeat { min, max, kind, body } => Hir::repetition(hir::Repetition {
                min: *min,
                max: (*max != MANY).then_some(*max),
                greedy: *kind != Kind::Lazy,
                sub: Box::new(self.sequence(body)),
            }),
            // Unreachable: patterns with these are not linear.
            Ir::BackRef(..) | Ir::Cond { .. } | Ir::Look { .. } | Ir::Atomic(_) => Hir::fail(),
        }
    }

    fn assert(&self, assert: Assert) -> Hir {
        Hir::look(match assert {
            Assert::Start => Look::Start,
            Assert::StartLine => Look::StartLF,
            Assert::EndLine => Look::EndLF,
            Assert::End => Look::End,
            Assert::Dollar => match self.dollar {
                Dollar::End | Dollar::Full => Look::End,
                Dollar::Line => Look::EndLF,
                Dollar::Newline => {
                    let newline = Hir::concat(vec![Hir::literal(*b"\n"), Hir::look(Look::End)]);
                    return Hir::alternation(vec![Hir::look(Look::End), newline]);
                }
            },
            // With Unicode words it is used only if the text is ASCII.
            Assert::Word { negative: false, .. } => Look::WordAscii,
            Assert::Word { negative: true, .. } => Look::WordAsciiNegate,
        })
    }
}
