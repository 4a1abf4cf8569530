//! [`Kind`]: how the ids of a kind of resource look, and what is said of those that are not there; [`Ids`] counts them.

use std::collections::BTreeMap;

use super::places;
use super::refusal::{Answer, Refusal};

/// A kind of resource.
#[derive(Debug)]
pub(super) struct Kind {
    /// `i` of `i-0123456789abcdef0`
    pub(super) prefix: &'static str,
    /// What tags call it: `instance`.
    pub(super) resource: &'static str,
    /// The code for one that is not there.
    pub(super) not_found: &'static str,
    /// What is said of it; `{}` is the id.
    pub(super) absent: &'static str,
    /// The code for what is no such id; where Amazon has none, it is not there.
    pub(super) malformed: Option<&'static str>,
}

impl Kind {
    /// There is none of this id, or it is no id.
    pub(super) fn absent(&self, id: &str) -> Refusal {
        match self.malformed {
            Some(code) if !self.is_well_formed(id) => Refusal::new(code, self.complaint(id)),
            _ => Refusal::new(self.not_found, self.absent.replace("{}", id)),
        }
    }

    /// There is none of this name.
    pub(super) fn absent_name(&self, name: &str) -> Refusal {
        Refusal::new(self.not_found, self.absent.replace("{}", name))
    }

    /// None of these is there.
    pub(super) fn all_absent(&self, ids: &[&str]) -> Refusal {
        if let [id] = ids {
            return self.absent(id);
        }
        let one_by_one = ids.iter().find(|id| self.malformed.is_some() && !self.is_well_formed(id));
        if let Some(id) = one_by_one {
            return self.absent(id);
        }
        let words = self.absent.replace(" ID '", " IDs '").replace("image id '", "image ids '").replace("does not", "do not");
        Refusal::new(self.not_found, words.replace("{}", &ids.join(", ")))
    }

    fn complaint(&self, id: &str) -> String {
        match self.prefix {
            "i" => format!("Invalid id: \"{id}\""),
            prefix => format!("Invalid id: \"{id}\" (expecting \"{prefix}-...\")"),
        }
    }

    fn is_well_formed(&self, id: &str) -> bool {
        let digits = id.strip_prefix(self.prefix).and_then(|rest| rest.strip_prefix('-')).unwrap_or_default();
        matches!(digits.len(), 8 | 17) && digits.bytes().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'))
    }
}

/// Counts ids, each kind for itself: they sort as they were made, and a world gives the same ones each time.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    first: u64,
    used: BTreeMap<&'static str, u64>,
}

impl Ids {
    /// The ids of a region. No two regions have one in common, as at Amazon.
    pub(super) fn of(region: &str) -> Ids {
        let first = match region {
            places::DEFAULT => 0x1234_5678_9abc_def0,
            other => fnv(other) << 28 >> 1,
        };
        Ids { first, used: BTreeMap::new() }
    }

    /// `prefix-` and 17 digits.
    pub(super) fn next(&mut self, prefix: &'static str) -> String {
        format!("{prefix}-{:017x}", self.first.wrapping_add(self.count(prefix)))
    }

    /// How many of this there were before.
    pub(super) fn count(&mut self, what: &'static str) -> u64 {
        let used = self.used.entry(what).or_default();
        *used += 1;
        *used - 1
    }
}

/// FNV-1a: any spread will do that is the same everywhere.
pub(super) fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
