//! The state machine of instances: started, stopped, rebooted and terminated by a client, from
//! within, or by AWS.

use aws_sdk_ec2::operation::{reboot_instances::*, start_instances::*, stop_instances::*, terminate_instances::*};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::filter::stamp;
use super::instances::{Machine, state};
use super::refusal::{Answer, Refusal, required_list};
use super::region::Region;
use super::table::Table;

/// The reason for a client's request.
const BY_USER: (&str, &str) = ("Client.UserInitiatedShutdown", "User initiated shutdown");

fn refused(id: &str, to: &str) -> Refusal {
    Refusal::new("IncorrectInstanceState", format!("The instance '{id}' is not in a state from which it can be {to}."))
}

fn change(id: &str, before: InstanceStateName, now: InstanceStateName) -> InstanceStateChange {
    InstanceStateChange::builder().instance_id(id).previous_state(state(before)).current_state(state(now)).build()
}

/// Returns each instance once, in the order of the request: all of them or an error.
fn named(instances: &Table<Machine>, ids: &[String]) -> Answer<Vec<(String, InstanceStateName)>> {
    let mut named: Vec<(String, InstanceStateName)> = Vec::new();
    for (id, machine) in ids.iter().zip(instances.all(required_list(ids, "InstanceIds")?)?) {
        if !named.iter().any(|seen| seen.0 == *id) {
            named.push((id.clone(), machine.state()));
        }
    }
    Ok(named)
}

impl Region {
    /// Sets the state of an instance, with the reason in its description.
    fn put_state(&mut self, id: &str, name: InstanceStateName, reason: Option<(&str, &str)>) {
        let now = stamp(Some(&self.stamp())).unwrap_or_default().replace('T', " ").replace('Z', " GMT");
        let since = (name == InstanceStateName::Running).then(|| self.stamp());
        if let Ok(machine) = self.instances.get_mut(id) {
            machine.instance.state = Some(state(name));
            machine.running_since = since;
            machine.instance.state_transition_reason = Some(match reason {
                Some(("Client.UserInitiatedShutdown", _)) => format!("User initiated ({now})"),
                Some((code, _)) => format!("{code} ({now})"),
                None => String::new(),
            });
            machine.instance.state_reason =
                reason.map(|(code, why)| StateReason::builder().code(code).message(format!("{code}: {why}")).build());
        }
    }

    fn is_in(&self, id: &str, name: InstanceStateName) -> bool {
        self.instances.get(id).is_ok_and(|machine| machine.state() == name)
    }

    /// Changes `pending` to `running`.
    pub(super) fn instance_started(&mut self, id: &str) {
        if self.is_in(id, InstanceStateName::Pending) {
            self.put_state(id, InstanceStateName::Running, None);
        }
    }

    fn instance_stopped(&mut self, id: &str) {
        if !self.is_in(id, InstanceStateName::Stopping) {
            return;
        }
        if let Ok(machine) = self.instances.get_mut(id) {
            machine.instance.state = Some(state(InstanceStateName::Stopped));
        }
        self.release_passing_addresses(id);
    }

    fn instance_terminated(&mut self, id: &str) {
        if !self.is_in(id, InstanceStateName::ShuttingDown) {
            return;
        }
        self.release_volumes(id);
        self.release_interfaces(id);
        self.release_profiles(id);
        if let Ok(machine) = self.instances.get_mut(id) {
            let instance = &mut machine.instance;
            instance.state = Some(state(InstanceStateName::Terminated));
            instance.private_ip_address = None;
            instance.private_dns_name = Some(String::new());
            instance.subnet_id = None;
            instance.vpc_id = None;
            instance.iam_instance_profile = None;
        }
        self.later(delays::TERMINATED, Region::instance_forgotten, id);
    }

    fn instance_forgotten(&mut self, id: &str) {
        let _ = self.instances.take(id);
        self.tags.forget(id);
    }

    fn begin_stop(&mut self, id: &str, reason: (&str, &str)) {
        self.put_state(id, InstanceStateName::Stopping, Some(reason));
        self.later(delays::STOPPING, Region::instance_stopped, id);
    }

    fn begin_termination(&mut self, id: &str, reason: (&str, &str)) {
        self.put_state(id, InstanceStateName::ShuttingDown, Some(reason));
        self.close_spot_request(id, reason.0.starts_with("Server."));
        self.fleet_lost(id);
        self.later(delays::SHUTTING_DOWN, Region::instance_terminated, id);
    }

    /// The instance's own system has shut down.
    pub(super) fn shut_down_from_within(&mut self, id: &str) {
        let reason = ("Client.InstanceInitiatedShutdown", "Instance initiated shutdown");
        match self.instances.get(id).map(|machine| (machine.state(), machine.shutdown_behavior.clone())) {
            Ok((InstanceStateName::Running, ShutdownBehavior::Terminate)) => self.begin_termination(id, reason),
            Ok((InstanceStateName::Running, _)) => self.begin_stop(id, reason),
            _ => {}
        }
    }

    /// AWS reclaims a spot instance.
    pub(super) fn take_back(&mut self, id: &str) {
        if !self.is_over(id) {
            self.begin_termination(id, ("Server.SpotInstanceTermination", "Spot instance termination"));
        }
    }

    /// Removes the instance with its dependent resources.
    pub(super) fn end_instance(&mut self, id: &str) {
        if !self.is_over(id) {
            self.begin_termination(id, BY_USER);
        }
    }

    /// Returns true if it is terminating or terminated.
    pub(super) fn is_over(&self, id: &str) -> bool {
        use InstanceStateName::{ShuttingDown, Terminated};
        matches!(self.instances.get(id).map(Machine::state), Err(_) | Ok(ShuttingDown | Terminated))
    }

    pub(super) fn start_instances(&mut self, input: StartInstancesInput) -> Answer<StartInstancesOutput> {
        use InstanceStateName::{Pending, Running, Stopped};
        let named = named(&self.instances, input.instance_ids())?;
        for (id, now) in &named {
            if !matches!(now, Pending | Running | Stopped) {
                return Err(refused(id, "started"));
            }
        }
        let mut changes = Vec::new();
        for (id, before) in named {
            if before == Stopped {
                self.put_state(&id, Pending, None);
                let now = self.stamp();
                self.instances.get_mut(&id)?.instance.launch_time = Some(now);
                self.give_passing_address(&id);
                self.spot_changed(&id, SpotInstanceState::Active, "fulfilled", "Your Spot request is fulfilled.");
                self.later(delays::PENDING, Region::instance_started, &id);
                changes.push(change(&id, before, Pending));
            } else {
                changes.push(change(&id, before.clone(), before));
            }
        }
        Ok(StartInstancesOutput::builder().set_starting_instances(Some(changes)).build())
    }

    pub(super) fn stop_instances(&mut self, input: StopInstancesInput) -> Answer<StopInstancesOutput> {
        use InstanceStateName::{Running, Stopped, Stopping};
        let named = named(&self.instances, input.instance_ids())?;
        for (id, now) in &named {
            let machine = self.instances.get(id)?;
            if !matches!(now, Running | Stopping | Stopped) {
                return Err(refused(id, "stopped"));
            }
            if machine.disable_api_stop && *now == Running {
                let message = format!(
                    "The instance '{id}' may not be stopped. Modify its 'disableApiStop' instance attribute and try again."
                );
                return Err(Refusal::not_permitted(message));
            }
            if machine.instance.instance_lifecycle() == Some(&InstanceLifecycleType::Spot) && !self.spot_persists(id) {
                let message = format!(
                    "You can't stop the Spot Instance '{id}' because it is associated with a one-time Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests."
                );
                return Err(Refusal::new("UnsupportedOperation", message));
            }
            if input.hibernate() == Some(true) {
                let message = format!("Hibernation is not configured for the instance '{id}'");
                return Err(Refusal::new("UnsupportedHibernationConfiguration", message));
            }
        }
        let mut changes = Vec::new();
        for (id, before) in named {
            if before == Running {
                self.begin_stop(&id, BY_USER);
                let message = "Your Spot Instance was stopped due to user-initiated stop.";
                self.spot_changed(&id, SpotInstanceState::Disabled, "instance-stopped-by-user", message);
                changes.push(change(&id, before, Stopping));
            } else {
                changes.push(change(&id, before.clone(), before));
            }
        }
        Ok(StopInstancesOutput::builder().set_stopping_instances(Some(changes)).build())
    }

    pub(super) fn terminate_instances(&mut self, input: TerminateInstancesInput) -> Answer<TerminateInstancesOutput> {
        use InstanceStateName::{ShuttingDown, Terminated};
        let named = named(&self.instances, input.instance_ids())?;
        for (id, _) in &named {
            if self.instances.get(id)?.disable_api_termination {
                let message = format!(
                    "The instance '{id}' may not be terminated. Modify its 'disableApiTermination' instance attribute and try again."
                );
                return Err(Refusal::not_permitted(message));
            }
        }
        let mut changes = Vec::new();
        for (id, before) in named {
            if matches!(before, ShuttingDown | Terminated) {
                changes.push(change(&id, before.clone(), before));
            } else {
                self.begin_termination(&id, BY_USER);
                changes.push(change(&id, before, ShuttingDown));
            }
        }
        Ok(TerminateInstancesOutput::builder().set_terminating_instances(Some(changes)).build())
    }

    /// A reboot has no visible effect; the instance must exist.
    pub(super) fn reboot_instances(&mut self, input: RebootInstancesInput) -> Answer<RebootInstancesOutput> {
        for (id, now) in named(&self.instances, input.instance_ids())? {
            if !matches!(now, InstanceStateName::Running | InstanceStateName::Pending) {
                return Err(refused(&id, "rebooted"));
            }
        }
        Ok(RebootInstancesOutput::builder().build())
    }
}
