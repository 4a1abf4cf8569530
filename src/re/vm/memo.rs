//! The states that have failed.

use std::collections::HashSet;

/// Rows of bits, one a position, while a row is short; else a set.
pub(super) enum Memo {
    Bits { states: u64, origin: usize, bits: Vec<u64> },
    Set { states: u64, origin: usize, set: HashSet<u64> },
}

/// The longest row that is stored as bits.
const LONGEST_ROW: usize = 128;

impl Memo {
    pub(super) fn new(states: usize, origin: usize) -> Memo {
        if states <= LONGEST_ROW {
            return Memo::Bits { states: states as u64, origin, bits: Vec::new() };
        }
        Memo::Set { states: states as u64, origin, set: HashSet::new() }
    }

    /// Notes a state; false if it is there already.
    pub(super) fn insert(&mut self, pos: usize, state: u64) -> bool {
        match self {
            Memo::Bits { states, origin, bits } => {
                let index = (pos - *origin) as u64 * *states + state;
                let (word, bit) = ((index / 64) as usize, 1 << (index % 64));
                if word >= bits.len() {
                    bits.resize((word + 1).max(bits.len() * 2), 0);
                }
                let fresh = bits[word] & bit == 0;
                bits[word] |= bit;
                fresh
            }
            Memo::Set { states, origin, set } => set.insert(((pos - *origin) as u64).wrapping_mul(*states).wrapping_add(state)),
        }
    }
}
