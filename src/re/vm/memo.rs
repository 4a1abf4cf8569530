//! The memory of failed states.

use std::collections::HashSet;

/// The failed states, each at a position.
pub(super) struct Memo {
    store: Store,
    /// The approximate size limit in bytes.
    most: usize,
}

enum Store {
    /// A row of bits per position.
    Bits { states: u64, origin: usize, bits: Vec<u64> },
    /// By number, if rows would be long.
    Numbers { states: u64, set: HashSet<u64> },
    /// With all parts of a state, if there are too many states to number; and the bytes used.
    Chains(HashSet<Vec<u64>>, usize),
}

/// The approximate memory limit of a search with a budget, in bytes.
const MOST_BYTES: usize = 128 << 20;

/// The size of a set entry in addition to its allocation, with the spare capacity of a set.
const ENTRY: usize = 32;

/// The longest row that is stored as bits.
const LONGEST_ROW: u64 = 128;

impl Memo {
    /// With `budget`, the memory has a limit too.
    pub(super) fn new(states: Option<u64>, origin: usize, budget: bool) -> Memo {
        let store = match states {
            Some(states) if states <= LONGEST_ROW => Store::Bits { states, origin, bits: Vec::new() },
            Some(states) => Store::Numbers { states, set: HashSet::new() },
            None => Store::Chains(HashSet::new(), 0),
        };
        Memo { store, most: if budget { MOST_BYTES } else { usize::MAX } }
    }

    /// Records a state: the first number of an op, and the value of each loop around it with the
    /// number of possible values. Returns false if it is already recorded, and `None` if the memory
    /// is full.
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
