//! [`Agenda`]: planned state changes.

use std::collections::BTreeMap;
use std::time::Duration;

use super::region::Region;

/// The durations of state changes. AWS promises none; these are typical.
pub(super) mod delays {
    use std::time::Duration;

    /// How long an instance is `pending`.
    pub const PENDING: Duration = Duration::from_secs(15);
    /// How long an instance is `stopping`.
    pub const STOPPING: Duration = Duration::from_secs(30);
    /// How long an instance is `shutting-down`.
    pub const SHUTTING_DOWN: Duration = Duration::from_secs(30);
    /// How long the status checks of a running instance are `initializing`.
    pub const STATUS_CHECKS: Duration = Duration::from_secs(120);
    /// How long a terminated instance can be described.
    pub const TERMINATED: Duration = Duration::from_secs(3600);
    /// How long Windows needs for its password.
    pub const PASSWORD: Duration = Duration::from_secs(240);
    /// How long a volume is `creating`, and a deleted one `deleting`.
    pub const VOLUME: Duration = Duration::from_secs(5);
    /// How long a volume or an interface is `attaching` or `detaching`.
    pub const ATTACHMENT: Duration = Duration::from_secs(5);
    /// How long a volume is `modifying`, and then `optimizing`.
    pub const MODIFYING: Duration = Duration::from_secs(30);
    /// How long a snapshot is `pending`; its progress is linear.
    pub const SNAPSHOT: Duration = Duration::from_secs(60);
    /// How long an image is `pending`.
    pub const IMAGE: Duration = Duration::from_secs(90);
    /// How long an instance profile is `associating` or `disassociating`.
    pub const PROFILE: Duration = Duration::from_secs(5);
    /// How long a spot request waits for its evaluation.
    pub const SPOT: Duration = Duration::from_secs(10);
    /// How long a NAT gateway is `pending`, and a deleted one `deleting`.
    pub const NAT_GATEWAY: Duration = Duration::from_secs(90);
    /// How long a deleted gateway, VPC peering or VPN connection can be described.
    pub const GONE: Duration = Duration::from_secs(3600);
    /// How long a VPC peering connection is `provisioning`, and a deleted one `deleting`.
    pub const PEERING: Duration = Duration::from_secs(5);
    /// How long until an unanswered request for VPC peering expires.
    pub const PEERING_REQUEST: Duration = Duration::from_secs(7 * 24 * 3600);
    /// How long an interface endpoint is `pending`, and a deleted one `deleting`.
    pub const VPC_ENDPOINT: Duration = Duration::from_secs(60);
    /// How long a VPN connection is `pending`, and a deleted one `deleting`.
    pub const VPN_CONNECTION: Duration = Duration::from_secs(240);
    /// How long a spot instance runs after its interruption notice.
    pub const SPOT_NOTICE: Duration = Duration::from_secs(120);
}

/// A change of the resource with this id. It must check first whether it still applies.
pub(super) type Event = fn(&mut Region, &str);

/// The planned changes, in order.
#[derive(Clone, Debug, Default)]
pub(super) struct Agenda {
    due: BTreeMap<(Duration, u64), (Event, String)>,
    numbered: u64,
}

impl Agenda {
    fn take_due(&mut self, now: Duration) -> Option<(Event, String)> {
        let entry = self.due.first_entry().filter(|entry| entry.key().0 <= now)?;
        Some(entry.remove())
    }
}

impl Region {
    /// Plans `event` for `id` after a delay.
    pub(super) fn later(&mut self, delay: Duration, event: Event, id: &str) {
        self.agenda.numbered += 1;
        self.agenda.due.insert((self.elapsed.saturating_add(delay), self.agenda.numbered), (event, id.to_owned()));
    }

    /// Runs the events that are due by now, each at its own time.
    pub(super) fn catch_up(&mut self, elapsed: Duration) {
        let (now, target) = (self.now, elapsed);
        while let Some(at) = self.agenda.due.first_key_value().map(|(key, _)| key.0).filter(|at| *at <= target) {
            self.elapsed = at;
            self.now = now.checked_sub(target.saturating_sub(at)).unwrap_or(now);
            if let Some((event, id)) = self.agenda.take_due(at) {
                event(self, &id);
            }
        }
        (self.now, self.elapsed) = (now, target);
    }
}
