//! [`Kind`]: the form of a resource kind's ids, and the errors for missing ones; [`Ids`] generates
//! ids.

use std::collections::BTreeMap;

use super::places;
use super::refusal::Refusal;

/// A kind of resource.
#[derive(Debug)]
pub(super) struct Kind {
    /// `i` of `i-0123456789abcdef0`
    pub(super) prefix: &'static str,
    /// The name in tag specifications: `instance`.
    pub(super) resource: &'static str,
    /// The error code for a missing resource.
    pub(super) not_found: &'static str,
    /// The error text; `{}` is the id.
    pub(super) absent: &'static str,
    /// The error code for a malformed id. If AWS has none, it is reported as missing.
    pub(super) malformed: Option<&'static str>,
}

impl Kind {
    /// Returns the error for a missing or malformed id.
    pub(super) fn absent(&self, id: &str) -> Refusal {
        match self.malformed {
            Some(code) if !self.is_well_formed(id) => Refusal::new(code, self.complaint(id)),
            _ => Refusal::new(self.not_found, self.absent.replace("{}", id)),
        }
    }

    /// Returns the error for a missing name.
    pub(super) fn absent_name(&self, name: &str) -> Refusal {
        Refusal::new(self.not_found, self.absent.replace("{}", name))
    }

    /// Returns the error if all of these are missing.
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

/// Generates ids, counted per kind: they sort by creation, and are the same in every world.
#[derive(Clone, Debug)]
pub(super) struct Ids {
    first: u64,
    used: BTreeMap<&'static str, u64>,
}

impl Ids {
    /// The ids of a region. As in AWS, ids are unique across regions.
    pub(super) fn of(region: &str) -> Ids {
        let first = match region {
            places::DEFAULT => 0x1234_5678_9abc_def0,
            other => fnv(other) << 28 >> 1,
        };
        Ids { first, used: BTreeMap::new() }
    }

    /// Returns `prefix-` and 17 digits.
    pub(super) fn next(&mut self, prefix: &'static str) -> String {
        format!("{prefix}-{:017x}", self.first.wrapping_add(self.count(prefix)))
    }

    /// Returns how many of this were counted before.
    pub(super) fn count(&mut self, what: &'static str) -> u64 {
        let used = self.used.entry(what).or_default();
        *used += 1;
        *used - 1
    }
}

/// FNV-1a: a hash that is the same on every machine.
pub(super) fn fnv(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}
