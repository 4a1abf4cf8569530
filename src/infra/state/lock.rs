//! [`LockInfo`]: the holder of the lock of a state.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Batteries;

/// The record in a lock, with Terraform's fields.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
#[non_exhaustive]
#[doc(alias = "terraform.lock.info")]
pub struct LockInfo {
    /// A random text, needed to break the lock.
    #[serde(rename = "ID")]
    pub id: String,
    /// What it is held for: `plan`, `apply`.
    pub operation: String,
    /// More about that; mostly empty.
    pub info: String,
    /// User and machine: `ann@build1`.
    pub who: String,
    /// The version of this crate.
    pub version: String,
    /// Since when, in UTC: `2026-01-01T00:00:00Z`.
    pub created: String,
    /// The state.
    pub path: String,
}

impl LockInfo {
    pub(super) fn new(batteries: &Batteries, id: String, operation: &str, path: &str) -> LockInfo {
        let environ = &batteries.os.environ;
        let user = environ.get("LOGNAME").or_else(|| environ.get("USER")).map(|user| user.to_string_lossy().into_owned());
        let user = user.unwrap_or_else(|| format!("uid {}", batteries.os.getuid()));
        let now = batteries.time.gmtime(batteries.time.time());
        let created = now.and_then(|now| batteries.time.strftime("%Y-%m-%dT%H:%M:%SZ", &now)).unwrap_or_default();
        LockInfo {
            id,
            operation: operation.to_owned(),
            info: String::new(),
            who: format!("{user}@{}", batteries.os.uname().nodename),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            created,
            path: path.to_owned(),
        }
    }
}

impl fmt::Display for LockInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.id.as_str() {
            "" => f.write_str("the holder left no record"),
            id => write!(f, "held by {} for {} since {} (id {id})", self.who, self.operation, self.created),
        }
    }
}
