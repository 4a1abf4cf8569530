//! [`Agenda`]: what will happen by itself, and when.

use std::collections::BTreeMap;
use std::time::Duration;

use super::region::Region;

/// How long things take here. Amazon promises no times; these are of the usual order.
pub(super) mod delays {
    use std::time::Duration;

    /// An instance is `pending`.
    pub const PENDING: Duration = Duration::from_secs(15);
    /// An instance is `stopping`.
    pub const STOPPING: Duration = Duration::from_secs(30);
    /// An instance is `shutting-down`.
    pub const SHUTTING_DOWN: Duration = Duration::from_secs(30);
    /// The status checks of an instance that runs say `initializing`.
    pub const STATUS_CHECKS: Duration = Duration::from_secs(120);
    /// A terminated instance can still be described.
    pub const TERMINATED: Duration = Duration::from_secs(3600);
    /// Windows makes its password.
    pub const PASSWORD: Duration = Duration::from_secs(240);
    /// A volume is `creating`, and a deleted one `deleting`.
    pub const VOLUME: Duration = Duration::from_secs(5);
    /// A volume, or an interface, is `attaching` or `detaching`.
    pub const ATTACHMENT: Duration = Duration::from_secs(5);
    /// A volume is `modifying`, and as long again `optimizing`.
    pub const MODIFYING: Duration = Duration::from_secs(30);
    /// A snapshot is `pending`; its progress grows evenly.
    pub const SNAPSHOT: Duration = Duration::from_secs(60);
    /// An image is `pending`.
    pub const IMAGE: Duration = Duration::from_secs(90);
    /// An instance profile is `associating` or `disassociating`.
    pub const PROFILE: Duration = Duration::from_secs(5);
    /// A spot request is looked at.
    pub const SPOT: Duration = Duration::from_secs(10);
    /// A NAT gateway is `pending`, and a deleted one `deleting`.
    pub const NAT_GATEWAY: Duration = Duration::from_secs(90);
    /// A deleted gateway, VPC peering or VPN connection can still be described.
    pub const GONE: Duration = Duration::from_secs(3600);
    /// A VPC peering connection is `provisioning`, and a deleted one `deleting`.
    pub const PEERING: Duration = Duration::from_secs(5);
    /// A request for VPC peering that nobody answers expires.
    pub const PEERING_REQUEST: Duration = Duration::from_secs(7 * 24 * 3600);
    /// An interface endpoint is `pending`, and a deleted one `deleting`.
    pub const VPC_ENDPOINT: Duration = Duration::from_secs(60);
    /// A VPN connection is `pending`, and a deleted one `deleting`.
    pub const VPN_CONNECTION: Duration = Duration::from_secs(240);
    /// A spot instance that is told to go runs on for this long.
    pub const SPOT_NOTICE: Duration = Duration::from_secs(120);
}

/// What happens to the resource of an id. It must look first whether that is still due.
pub(super) type Event = fn(&mut Region, &str);

/// What will happen, in order.
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
    /// Plans `event` for `id`, some time from now.
    pub(super) fn later(&mut self, delay: Duration, event: Event, id: &str) {
        self.agenda.numbered += 1;
        self.agenda.due.insert((self.elapsed.saturating_add(delay), self.agenda.numbered), (event, id.to_owned()));
    }

    /// Lets happen what was due by now, each at its own time.
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
