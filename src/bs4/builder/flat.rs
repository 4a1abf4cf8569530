//! The elements that were closed as soon as they were opened.

use html5ever::LocalName;
use std::collections::{HashMap, HashSet};

/// The elements beyond the maximum depth.
#[derive(Default)]
pub(super) struct Flat {
    /// The elements that wait for their end tags, and how often each name does.
    pub(super) open: Vec<LocalName>,
    waiting: HashMap<LocalName, usize>,
    /// The deepest open element, and the start tags that are known to append to it without closing
    /// it.
    pub(super) deepest: u32,
    pub(super) inert: HashSet<LocalName>,
}

impl Flat {
    pub(super) fn push(&mut self, name: LocalName) {
        *self.waiting.entry(name.clone()).or_default() += 1;
        self.open.push(name);
    }

    /// Returns true if an end tag closes one of these elements, and removes it with all elements
    /// inside it.
    pub(super) fn close(&mut self, name: &LocalName) -> bool {
        if self.waiting.get(name).is_none_or(|&count| count == 0) {
            return false;
        }
        while let Some(open) = self.open.pop() {
            if let Some(count) = self.waiting.get_mut(&open) {
                *count -= 1;
            }
            if open == *name {
                break;
            }
        }
        true
    }

    pub(super) fn clear(&mut self) {
        self.open.clear();
        self.waiting.clear();
        self.inert.clear();
    }
}
