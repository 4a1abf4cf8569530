//! [`Rule`]: when a job runs, of whichever kind.

pub(super) mod interval;
pub(super) mod random;
pub(super) mod until;

use self::interval::Interval;
use self::random::Random;
use super::cron::Cron;
use super::datetime::DateTime;
use super::error::Result;
use super::zone::Rules;

#[derive(Clone, Debug)]
pub(super) enum Rule {
    /// `every(..)`.
    Interval(Interval),
    /// `cron(..)`, in its zone or the local one.
    Cron { cron: Cron, zone: Option<(String, Rules)> },
    /// `once_at(..)`: microseconds since 1970.
    Once(i64),
}

/// What a due time is compared with. Python's jobs are due when the local clock shows their time; the others at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    Local(i64),
    Utc(i64),
}

/// A run to come.
#[derive(Clone, Copy, Debug)]
pub(super) struct Planned {
    pub(super) due: Due,
    /// The time of the rule, in microseconds since 1970: the due time without jitter and retries.
    pub(super) scheduled: i64,
}

impl Planned {
    pub(super) fn local(scheduled: DateTime, local: &Rules) -> Planned {
        Planned { due: Due::Local(scheduled.micros()), scheduled: local.moment(scheduled.micros()) }
    }

    pub(super) fn utc(scheduled: i64) -> Planned {
        Planned { due: Due::Utc(scheduled), scheduled }
    }

    /// The local time at which it is due.
    pub(super) fn shown(&self, local: &Rules) -> Result<DateTime> {
        match self.due {
            Due::Local(at) => DateTime::from_micros(at),
            Due::Utc(at) => DateTime::from_micros(local.local_of(at)),
        }
    }

    /// The moment at which it is due, of a run that is planned at a moment. In a fold the local clock may have shown the time before.
    #[cfg(feature = "cli")]
    pub(super) fn moment(&self, local: &Rules, planned: i64) -> i64 {
        match self.due {
            Due::Local(at) => local.moment_from(at, planned),
            Due::Utc(at) => at,
        }
    }

    pub(super) fn delayed(mut self, micros: i64) -> Planned {
        match &mut self.due {
            Due::Local(at) | Due::Utc(at) => *at = at.saturating_add(micros),
        }
        self
    }
}

impl Rule {
    /// The first run after a moment.
    pub(super) fn next(&self, utc: i64, local: &Rules, random: &mut Random) -> Result<Option<Planned>> {
        Ok(match self {
            Rule::Interval(interval) => Some(Planned::local(interval.next(utc, local, random)?, local)),
            Rule::Cron { cron, zone } => cron.next(utc, zone.as_ref().map_or(local, |(_, rules)| rules)).map(Planned::utc),
            Rule::Once(at) => (*at > utc).then_some(Planned::utc(*at)),
        })
    }

    /// A text that changes with the rule: what the journal compares.
    pub(super) fn spec(&self) -> String {
        match self {
            Rule::Interval(rule) => {
                let Interval { interval, latest, unit, start_day, at_time, zone } = rule;
                let zone = zone.as_ref().map(|(name, _)| name);
                format!("every {interval} to {latest:?} {unit:?} on {start_day:?} at {at_time:?} {zone:?}")
            }
            Rule::Cron { cron, zone } => format!("cron {cron} {:?}", zone.as_ref().map(|(name, _)| name)),
            Rule::Once(at) => format!("once {at}"),
        }
    }
}
