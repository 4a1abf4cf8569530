//! [`Clock`]: the wall clock of the `time` battery, and local time by a zone.

use std::sync::Arc;

use super::datetime::{DateTime, SECOND, utc_micros};
use super::error::{Error, Result};
use crate::time::Time;
use crate::time::zone::Zone;

/// The rules of a zone, in microseconds.
#[derive(Clone, Debug)]
pub(super) struct Rules(Arc<Zone>);

impl Rules {
    /// The zone of the battery: that of `TZ`, else of the machine.
    pub(super) fn local(time: &Time) -> Result<Rules> {
        Ok(Rules(time.local_zone()?))
    }

    /// A zone by its name in the time zone database, in any case of letters, as pytz finds it; and the
    /// database's spelling of the name, which is the one that other programs know.
    pub(super) fn named(time: &Time, name: &str) -> Result<(String, Rules)> {
        let zone = time.named_zone(name)?.ok_or_else(|| Error::UnknownTimeZone(name.into()))?;
        let name = zone.name().unwrap_or(name).to_owned();
        Ok((name, Rules(zone)))
    }

    /// Microseconds east of UTC at a moment.
    pub(super) fn offset(&self, utc: i64) -> i64 {
        self.0.offset(utc.div_euclid(SECOND)).0 * SECOND
    }

    /// The local time of a moment, as microseconds of a calendar without a zone.
    pub(super) fn local_of(&self, utc: i64) -> i64 {
        utc.saturating_add(self.offset(utc))
    }

    /// When the offset changes next after a moment, in microseconds since 1970.
    pub(super) fn next_change(&self, utc: i64) -> Option<i64> {
        self.0.next_change(utc.div_euclid(SECOND)).map(|second| second.saturating_mul(SECOND))
    }

    /// The first moment, from another one on, at which the local clock shows a time or a later one. In the second half of a fold [`moment`](Rules::moment)
    /// gives one that has passed.
    pub(super) fn moment_from(&self, local: i64, from: i64) -> i64 {
        let first = self.moment(local);
        if first >= from || self.local_of(from) >= local { first } else { local.saturating_sub(self.offset(from)) }
    }

    /// The moment of a local time. In a fold the first one; in a gap the end of the gap, which is the first moment after it.
    pub(super) fn moment(&self, local: i64) -> i64 {
        let day = 86_400 * SECOND;
        let (before, after) = (self.offset(local.saturating_sub(day)), self.offset(local.saturating_add(day)));
        // More than two offsets within two days do not occur in the database.
        for offset in [before, after] {
            let utc = local.saturating_sub(offset);
            if self.offset(utc) == offset {
                return utc;
            }
        }
        self.next_change(local.saturating_sub(before.max(after)) - 1).unwrap_or(local.saturating_sub(before))
    }
}

/// Now in UTC, as microseconds since 1970.
pub(super) fn now(time: &Time) -> i64 {
    utc_micros(time.time())
}

/// `datetime.datetime.now()`.
pub(super) fn local_now(time: &Time) -> Result<DateTime> {
    DateTime::from_micros(Rules::local(time)?.local_of(now(time)))
}
