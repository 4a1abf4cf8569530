//! The states that have failed.

use std::collections::HashSet;

/// The states that have failed, each at a position.
pub(super) struct Memo {
    store: Store,
    /// How many bytes it may take, about.
    most: usize,
}

enum Store {
    /// A row of bits for each position.
    Bits { states: u64, origin: usize, bits: Vec<u64> },
    /// By number, where rows would be long.
    Numbers { states: u64, set: HashSet<u64> },
    /// With all that makes a state, where there are too many to be numbered; and how many bytes that takes.
    Chains(HashSet<Vec<u64>>, usize),
}

/// How many bytes the memory of a search with a budget may take, about.
const MOST_BYTES: usize = 128 << 20;

/// How many bytes an entry of a set takes beside what is allocated for it, with the room that a set keeps.
const ENTRY: usize = 32;

/// The longest row that is stored as bits.
const LONGEST_ROW: u64 = 128;

impl Memo {
    /// With a `budget`, the memory has a limit too.
    pub(super) fn new(states: Option<u64>, origin: usize, budget: bool) -> Memo {
        let store = match states {
            Some(states) if states <= LONGEST_ROW => Store::Bits { states, origin, bits: Vec::new() },
            Some(states) => Store::Numbers { states, set: HashSet::new() },
            None => Store::Chains(HashSet::new(), 0),
        };
        Memo { store, most: if budget { MOST_BYTES } else { usize::MAX } }
    }

    /// Notes a state: the first one of an op, and what each loop around it adds, one of so many values. False if it is there
    /// already, None if the memory is full.
    pub(super) fn insert(&mut self, pos: usize, first: u64, loops: impl Iterator<Item = (u64, u64)>) -> Option<bool> {
        let most = self.most;
        match &mut self.store {
            Store::Bits { states, origin, bits } => {
                let index = (pos - *origin) as u64 * *states + number(first, loops);
                let (word, bit) = ((index / 64) as usize, 1 << (index % 64));
                if word >= bits.len() {
                    if word >= most / 8 {
                        return None;
                    }
                    bits.resize((word + 1).max(bits.len() * 2), 0);
                }
                let fresh = bits[word] & bit == 0;
                bits[word] |= bit;
                Some(fresh)
            }
            Store::Numbers { set, .. } if set.len() >= most / ENTRY => None,
            Store::Numbers { states, set } => Some(set.insert(pos as u64 * *states + number(first, loops))),
            Store::Chains(_, bytes) if *bytes >= most => None,
            Store::Chains(set, bytes) => {
                let state: Vec<u64> = [pos as u64, first].into_iter().chain(loops.map(|(value, _)| value)).collect();
                *bytes += 2 * ENTRY + 8 * state.len();
                Some(set.insert(state))
            }
        }
    }
}

fn number(first: u64, loops: impl Iterator<Item = (u64, u64)>) -> u64 {
    loops.fold((first, 1), |(state, scale), (value, values)| (state + scale * value, scale * values)).0
}
