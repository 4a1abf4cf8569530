//! The states that have failed.

use std::collections::HashSet;

/// The states that have failed, each at a position.
pub(super) enum Memo {
    /// A row of bits for each position.
    Bits { states: u64, origin: usize, bits: Vec<u64> },
    /// By number, where rows would be long.
    Numbers { states: u64, set: HashSet<u64> },
    /// With all that makes a state, where there are too many to be numbered.
    Chains(HashSet<Vec<u64>>),
}

/// The longest row that is stored as bits.
const LONGEST_ROW: u64 = 128;

impl Memo {
    pub(super) fn new(states: Option<u64>, origin: usize) -> Memo {
        match states {
            Some(states) if states <= LONGEST_ROW => Memo::Bits { states, origin, bits: Vec::new() },
            Some(states) => Memo::Numbers { states, set: HashSet::new() },
            None => Memo::Chains(HashSet::new()),
        }
    }

    /// Notes a state: the first one of an op, and what each loop around it adds, one of so many values. False if it is there
    /// already.
    pub(super) fn insert(&mut self, pos: usize, first: u64, loops: impl Iterator<Item = (u64, u64)>) -> bool {
        match self {
            Memo::Bits { states, origin, bits } => {
                let index = (pos - *origin) as u64 * *states + number(first, loops);
                let (word, bit) = ((index / 64) as usize, 1 << (index % 64));
                if word >= bits.len() {
                    bits.resize((word + 1).max(bits.len() * 2), 0);
                }
                let fresh = bits[word] & bit == 0;
                bits[word] |= bit;
                fresh
            }
            Memo::Numbers { states, set } => set.insert(pos as u64 * *states + number(first, loops)),
            Memo::Chains(set) => set.insert([pos as u64, first].into_iter().chain(loops.map(|(value, _)| value)).collect()),
        }
    }
}

fn number(first: u64, loops: impl Iterator<Item = (u64, u64)>) -> u64 {
    loops.fold((first, 1), |(state, scale), (value, values)| (state + scale * value, scale * values)).0
}
