//! Reading characters of the text, forwards and backwards.

use super::Ask;
use crate::re::ir::Assert;
use crate::re::parse::ast::MANY;
use crate::re::unicode;
use crate::re::unicode::charset::Fold;
use crate::re::vm::set::Set;

impl<const UTF8: bool> Ask<'_, UTF8> {
    /// Returns the character at a position and the position after it.
    #[inline]
    pub(super) fn at(&self, pos: usize) -> Option<(u32, usize)> {
        self.decode(self.text, pos)
    }

    #[inline]
    fn decode(&self, text: &[u8], pos: usize) -> Option<(u32, usize)> {
        let first = *text.get(pos)?;
        if !UTF8 || first < 0x80 {
            return Some((first.into(), pos + 1));
        }
        let byte = |i: usize| u32::from(text.get(pos + i).copied().unwrap_or(0) & 0x3f);
        let first = u32::from(first);
        Some(match first {
            0..0xe0 => ((first & 0x1f) << 6 | byte(1), pos + 2),
            0xe0..0xf0 => ((first & 0xf) << 12 | byte(1) << 6 | byte(2), pos + 3),
            _ => ((first & 7) << 18 | byte(1) << 12 | byte(2) << 6 | byte(3), pos + 4),
        })
    }

    /// Returns the position after the character at a position.
    pub(super) fn after(&self, pos: usize) -> usize {
        self.at(pos).map_or(pos + 1, |(_, after)| after)
    }

    /// Returns the position of the character before a position, which must not be 0.
    pub(super) fn previous(&self, pos: usize) -> usize {
        let mut pos = pos - 1;
        while UTF8 && pos > 0 && self.whole.get(pos).is_some_and(|byte| byte & 0xc0 == 0x80) {
            pos -= 1;
        }
        pos
    }

    /// Returns the character before a position.
    #[inline(never)]
    pub(super) fn before(&self, pos: usize) -> Option<u32> {
        if pos == 0 { None } else { self.decode(self.whole, self.previous(pos)).map(|(c, _)| c) }
    }

    #[inline]
    pub(super) fn is_word_before(&self, pos: usize, ascii: bool) -> bool {
        match pos.checked_sub(1).and_then(|before| self.whole.get(before)) {
            Some(&byte) if byte < 0x80 => unicode::is_ascii_word(byte.into()),
            Some(_) if !ascii => self.before(pos).is_some_and(unicode::is_word),
            _ => false,
        }
    }

    #[inline]
    pub(super) fn is_word_at(&self, pos: usize, ascii: bool) -> bool {
        match self.text.get(pos) {
            Some(&byte) if byte < 0x80 => unicode::is_ascii_word(byte.into()),
            Some(_) if !ascii => self.at(pos).is_some_and(|(c, _)| unicode::is_word(c)),
            _ => false,
        }
    }

    #[inline]
    pub(super) fn holds(&self, assert: Assert, pos: usize) -> bool {
        let (text, whole) = (self.text, self.whole);
        match assert {
            Assert::Start => pos == 0,
            Assert::StartLine => pos == 0 || whole.get(pos - 1) == Some(&b'\n'),
            Assert::End => pos == text.len(),
            Assert::EndLine => pos == text.len() || whole.get(pos) == Some(&b'\n'),
            Assert::Dollar => pos == text.len() || (pos + 1 == text.len() && text[pos] == b'\n'),
            // Python's \B does not match in an empty text either.
            Assert::Word { .. } if text.is_empty() => false,
            Assert::Word { ascii, negative } => (self.is_word_before(pos, ascii) != self.is_word_at(pos, ascii)) != negative,
        }
    }

    /// Returns the position `count` characters before a position.
    pub(super) fn back(&self, mut pos: usize, count: usize) -> Option<usize> {
        for _ in 0..count {
            if pos == 0 {
                return None;
            }
            pos = self.previous(pos);
        }
        Some(pos)
    }

    /// Returns the position after a character of the set.
    #[inline]
    pub(super) fn one(&self, set: &Set, pos: usize) -> Option<usize> {
        let first = *self.text.get(pos)?;
        if !UTF8 || first < 0x80 {
            return set.low.contains(first).then_some(pos + 1);
        }
        self.at(pos).filter(|&(c, _)| set.contains(c)).map(|(_, after)| after)
    }

    /// Returns the end of a run of characters of the set, and their number.
    #[inline]
    pub(super) fn run_of(&self, set: &Set, mut pos: usize, most: u32) -> (usize, u32) {
        let most = if most == MANY { usize::MAX } else { most as usize };
        let mut count = 0;
        loop {
            let rest = self.text.get(pos..).unwrap_or_default();
            let rest = &rest[..rest.len().min(most - count)];
            let ends = |&byte: &u8| (UTF8 && byte >= 0x80) || !set.low.contains(byte);
            let run = rest.iter().position(ends).unwrap_or(rest.len());
            (pos, count) = (pos + run, count + run);
            // It may be a character of several bytes.
            match if UTF8 && run < rest.len() { self.one(set, pos) } else { None } {
                Some(after) => (pos, count) = (after, count + 1),
                // Beyond the maximum the number no longer matters.
                None => return (pos, count.min(MANY as usize - 1) as u32),
            }
        }
    }

    /// Returns the position after these bytes, of which there is at least one.
    #[inline]
    pub(super) fn reads(&self, bytes: &[u8], pos: usize) -> Option<usize> {
        let rest = self.text.get(pos..)?;
        // Usually the first byte decides.
        let found = rest.first() == bytes.first() && (bytes.len() == 1 || rest.starts_with(bytes));
        found.then_some(pos + bytes.len())
    }

    /// Returns the end of a text that repeats a group.
    pub(super) fn back_reference(&self, (mut from, to): (usize, usize), fold: Fold, mut pos: usize) -> Option<usize> {
        if from == to {
            return Some(pos);
        }
        let lower = match fold {
            Fold::None => return self.reads(self.text.get(from..to)?, pos),
            Fold::Ascii => unicode::ascii_lower,
            Fold::Unicode => unicode::lower,
        };
        while from < to {
            let ((a, next), (b, after)) = (self.at(from)?, self.at(pos)?);
            if lower(a) != lower(b) {
                return None;
            }
            (from, pos) = (next, after);
        }
        Some(pos)
    }
}
