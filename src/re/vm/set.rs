//! Sets of bytes and of characters, made for fast lookup and for runs.

use crate::re::unicode::charset::CharSet;
use memchr::{memchr, memchr2, memchr3};

/// The bytes that a match may begin with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::re) struct ByteSet(pub(in crate::re) [u64; 4]);

impl ByteSet {
    pub(in crate::re) const NONE: ByteSet = ByteSet([0; 4]);
    pub(in crate::re) const ALL: ByteSet = ByteSet([u64::MAX; 4]);

    pub(in crate::re) fn contains(&self, byte: u8) -> bool {
        self.0[usize::from(byte >> 6)] >> (byte & 63) & 1 == 1
    }

    pub(super) fn add(&mut self, first: u8, last: u8) {
        (first..=last).for_each(|byte| self.0[usize::from(byte >> 6)] |= 1 << (byte & 63));
    }

    pub(super) fn union(&mut self, other: &ByteSet) {
        self.0.iter_mut().zip(other.0).for_each(|(a, b)| *a |= b);
    }

    pub(super) fn overlaps(&self, other: &ByteSet) -> bool {
        self.0.iter().zip(other.0).any(|(a, b)| a & b != 0)
    }
}

/// A set for fast lookup.
#[derive(Debug)]
pub(in crate::re) struct Set {
    pub(in crate::re) run: Run,
    /// The characters below 256.
    pub(in crate::re) low: ByteSet,
    /// The others.
    high: CharSet,
    every_high: bool,
    /// The first bytes of its characters.
    pub(super) first: ByteSet,
}

/// How a run of characters is scanned.
#[derive(Debug)]
pub(in crate::re) struct Run {
    /// For each byte whether it is in the set. In a `str` pattern the bytes from 0x80 on are in it if every character
    /// beyond ASCII is.
    pub(in crate::re) bytes: Box<[bool; 256]>,
    /// The one, two or three bytes that are not in the set, if there are so few.
    ends: Box<[u8]>,
    pub(in crate::re) high: High,
}

/// Which characters of several bytes a set has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::re) enum High {
    None,
    Some,
    All,
}

impl Run {
    fn new(low: &ByteSet, high: &CharSet, every_high: bool, utf8: bool) -> Run {
        let latin = [low.0[2], low.0[3]];
        let high = match () {
            () if !utf8 || (latin == [0; 2] && high.0.is_empty()) => High::None,
            () if latin == [u64::MAX; 2] && every_high => High::All,
            () => High::Some,
        };
        let has = |byte: u8| if byte < 128 || !utf8 { low.contains(byte) } else { high == High::All };
        let bytes: Box<[bool; 256]> = Box::new(std::array::from_fn(|byte| has(byte as u8)));
        let mut ends: Vec<u8> = (0..=255).filter(|&byte| !bytes[usize::from(byte)]).collect();
        if ends.len() > 3 {
            ends.clear();
        }
        Run { bytes, ends: ends.into(), high }
    }

    /// How many of the bytes from the first on are in the set.
    #[inline]
    pub(in crate::re) fn length(&self, text: &[u8]) -> usize {
        let found = match *self.ends {
            [a] => memchr(a, text),
            [a, b] => memchr2(a, b, text),
            [a, b, c] => memchr3(a, b, c, text),
            _ => return self.prefix(text),
        };
        found.unwrap_or(text.len())
    }

    fn prefix(&self, text: &[u8]) -> usize {
        let has = |byte: u8| self.bytes[usize::from(byte)];
        let mut at = 0;
        let (fours, rest) = text.as_chunks::<4>();
        for &[a, b, c, d] in fours {
            if !has(a) {
                return at;
            }
            if !has(b) {
                return at + 1;
            }
            if !has(c) {
                return at + 2;
            }
            if !has(d) {
                return at + 3;
            }
            at += 4;
        }
        at + rest.iter().position(|&byte| !has(byte)).unwrap_or(rest.len())
    }
}

impl Set {
    pub(super) fn new(set: &CharSet, utf8: bool) -> Set {
        let (mut low, mut first) = (ByteSet::NONE, ByteSet::NONE);
        let mut high = Vec::new();
        for &(a, b) in &set.0 {
            if a < 256 {
                low.add(a as u8, b.min(255) as u8);
            }
            if b >= 256 {
                high.push((a.max(256), b));
            }
            if utf8 {
                first.add(lead(a), lead(b));
            } else {
                first.add(a as u8, b as u8);
            }
        }
        if utf8 {
            // A range of characters includes the bytes 0x80..=0xbf, with which no character begins.
            first.0[2] = 0;
        }
        let every_high = matches!(high.as_slice(), [(256, 0x10ffff)] | [(256, 0xd7ff), (0xe000, 0x10ffff)]);
        let high = CharSet(high);
        Set { run: Run::new(&low, &high, every_high, utf8), low, high, every_high, first }
    }

    pub(in crate::re) fn contains(&self, c: u32) -> bool {
        match u8::try_from(c) {
            Ok(byte) => self.low.contains(byte),
            Err(_) => self.every_high || self.high.contains(c),
        }
    }
}

/// Returns the first byte of a character's UTF-8.
fn lead(c: u32) -> u8 {
    char::from_u32(c).map_or(0xff, |c| c.encode_utf8(&mut [0; 4]).as_bytes()[0])
}
