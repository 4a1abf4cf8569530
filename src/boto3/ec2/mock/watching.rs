//! Monitoring of instances: status checks, events, metrics, console, password.

use aws_sdk_ec2::operation::{
    describe_instance_status::*, get_console_output::*, get_console_screenshot::*, get_password_data::*,
    modify_instance_event_start_time::*, monitor_instances::*, report_instance_status::*, unmonitor_instances::*,
};
use aws_sdk_ec2::types::*;
use aws_smithy_types::{DateTime, base64};

use super::agenda::delays;
use super::describe::{check_max_results, page};
use super::filter::{Field, Wanted, each, filters, stamp};
use super::instances::Machine;
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::table::Record;

/// A black JPEG of 8 by 8 pixels.
const BLACK: &str = "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDABAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBD/wAALCAAIAAgBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAB//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AP3//2Q==";

fn check(summary: Option<&InstanceStatusSummary>) -> Option<&SummaryStatus> {
    summary.and_then(InstanceStatusSummary::status)
}

fn reachability(summary: Option<&InstanceStatusSummary>) -> Vec<String> {
    each(summary.map_or(&[], InstanceStatusSummary::details), InstanceStatusDetails::status)
}

const FILTERS: &[Field<InstanceStatus>] = filters!(status: InstanceStatus =>
    "availability-zone" = status.availability_zone(),
    "availability-zone-id" = status.availability_zone_id(),
    "event.code" = each(status.events(), InstanceStatusEvent::code),
    "event.description" = each(status.events(), InstanceStatusEvent::description),
    "event.instance-event-id" = each(status.events(), InstanceStatusEvent::instance_event_id),
    "event.not-after" = each(status.events(), |event| stamp(event.not_after())),
    "event.not-before" = each(status.events(), |event| stamp(event.not_before())),
    "event.not-before-deadline" = each(status.events(), |event| stamp(event.not_before_deadline())),
    "instance-state-code" = status.instance_state().and_then(InstanceState::code),
    "instance-state-name" = status.instance_state().and_then(InstanceState::name),
    "instance-status.reachability" = reachability(status.instance_status()),
    "instance-status.status" = check(status.instance_status()),
    "operator.managed" = Some(false),
    "operator.principal" = Vec::new(),
    "system-status.reachability" = reachability(status.system_status()),
    "system-status.status" = check(status.system_status()),
);

fn summary(status: SummaryStatus, since: Option<DateTime>) -> InstanceStatusSummary {
    let reached = match status {
        SummaryStatus::Ok => Some(StatusType::Passed),
        SummaryStatus::Initializing => Some(StatusType::Initializing),
        SummaryStatus::Impaired => Some(StatusType::Failed),
        _ => None,
    };
    let details = reached.map(|reached| {
        vec![InstanceStatusDetails::builder().name(StatusName::Reachability).status(reached).set_impaired_since(since).build()]
    });
    InstanceStatusSummary::builder().status(status).set_details(details).build()
}

fn monitoring(id: &str, state: MonitoringState) -> InstanceMonitoring {
    InstanceMonitoring::builder().instance_id(id).monitoring(Monitoring::builder().state(state).build()).build()
}

impl Region {
    fn status(&self, machine: &Machine) -> InstanceStatus {
        let age = |since: DateTime| self.stamp().as_secs_f64() - since.as_secs_f64();
        let status = match (machine.running_since, machine.impaired) {
            (None, _) => SummaryStatus::NotApplicable,
            (Some(_), Some(_)) => SummaryStatus::Impaired,
            (Some(since), None) if age(since) < delays::STATUS_CHECKS.as_secs_f64() => SummaryStatus::Initializing,
            _ => SummaryStatus::Ok,
        };
        let placement = machine.instance.placement();
        InstanceStatus::builder()
            .instance_id(machine.id())
            .set_availability_zone(placement.and_then(|place| place.availability_zone.clone()))
            .set_availability_zone_id(placement.and_then(|place| place.availability_zone_id.clone()))
            .set_instance_state(machine.instance.state.clone())
            .instance_status(summary(status.clone(), machine.impaired))
            .system_status(summary(status, machine.impaired))
            .set_events(Some(machine.events.clone()))
            .build()
    }

    /// Returns running instances; all on request.
    pub(super) fn describe_instance_status(
        &mut self,
        input: DescribeInstanceStatusInput,
    ) -> Answer<DescribeInstanceStatusOutput> {
        check_max_results(input.max_results(), input.instance_ids(), "instancesSet")?;
        let wanted = Wanted::understand(input.filters(), FILTERS)?;
        let machines: Vec<Machine> = self.listed(input.instance_ids(), &[])?;
        let all = input.include_all_instances() == Some(true);
        let shown = machines.iter().filter(|machine| all || machine.state() == InstanceStateName::Running);
        let statuses = shown.map(|machine| self.status(machine));
        let statuses =
            statuses.filter(|status| wanted.pass(status, self.tags.map(status.instance_id().unwrap_or_default()))).collect();
        let (statuses, next) = page(statuses, input.max_results(), input.next_token())?;
        Ok(DescribeInstanceStatusOutput::builder().set_instance_statuses(Some(statuses)).set_next_token(next).build())
    }

    /// AWS records the report, without a visible effect.
    pub(super) fn report_instance_status(&mut self, input: ReportInstanceStatusInput) -> Answer<ReportInstanceStatusOutput> {
        self.instances.all(required_list(input.instances(), "Instances")?)?;
        required_list(input.reason_codes(), "ReasonCodes")?;
        required(input.status(), "Status")?;
        Ok(ReportInstanceStatusOutput::builder().build())
    }

    pub(super) fn modify_instance_event_start_time(
        &mut self,
        input: ModifyInstanceEventStartTimeInput,
    ) -> Answer<ModifyInstanceEventStartTimeOutput> {
        let machine = self.instances.get_mut(required(input.instance_id(), "InstanceId")?)?;
        let id = required(input.instance_event_id(), "InstanceEventId")?;
        let event = machine.events.iter_mut().find(|event| event.instance_event_id() == Some(id)).ok_or_else(|| {
            Refusal::new("InvalidInstanceEventIDNotFound", format!("The instance event ID '{id}' does not exist"))
        })?;
        event.not_before = Some(*required(input.not_before(), "NotBefore")?);
        Ok(ModifyInstanceEventStartTimeOutput::builder().event(event.clone()).build())
    }

    pub(super) fn monitor_instances(&mut self, input: MonitorInstancesInput) -> Answer<MonitorInstancesOutput> {
        let monitorings = self.put_monitoring(input.instance_ids(), MonitoringState::Enabled, MonitoringState::Pending)?;
        Ok(MonitorInstancesOutput::builder().set_instance_monitorings(Some(monitorings)).build())
    }

    pub(super) fn unmonitor_instances(&mut self, input: UnmonitorInstancesInput) -> Answer<UnmonitorInstancesOutput> {
        let monitorings = self.put_monitoring(input.instance_ids(), MonitoringState::Disabled, MonitoringState::Disabling)?;
        Ok(UnmonitorInstancesOutput::builder().set_instance_monitorings(Some(monitorings)).build())
    }

    fn put_monitoring(
        &mut self,
        ids: &[String],
        to: MonitoringState,
        on_the_way: MonitoringState,
    ) -> Answer<Vec<InstanceMonitoring>> {
        self.instances.all(required_list(ids, "InstanceIds")?)?;
        let mut monitorings = Vec::new();
        for id in ids {
            self.instances.get_mut(id)?.instance.monitoring = Some(Monitoring::builder().state(to.clone()).build());
            monitorings.push(monitoring(id, on_the_way.clone()));
        }
        Ok(monitorings)
    }

    /// The output set by the test, after the instance has run; otherwise empty.
    pub(super) fn get_console_output(&mut self, input: GetConsoleOutputInput) -> Answer<GetConsoleOutputOutput> {
        let machine = self.instances.get(required(input.instance_id(), "InstanceId")?)?;
        let output = GetConsoleOutputOutput::builder().instance_id(machine.id());
        let written = machine.console.as_ref().map(base64::encode);
        let at = written.as_ref().map(|_| self.stamp());
        Ok(output.set_output(written).set_timestamp(at).build())
    }

    /// The screenshot set by the test; otherwise black.
    pub(super) fn get_console_screenshot(&mut self, input: GetConsoleScreenshotInput) -> Answer<GetConsoleScreenshotOutput> {
        let machine = self.instances.get(required(input.instance_id(), "InstanceId")?)?;
        if machine.state() != InstanceStateName::Running {
            let message = format!("The instance '{}' is not in the 'running' state.", machine.id());
            return Err(Refusal::new("IncorrectInstanceState", message));
        }
        let picture = machine.screen.as_ref().map_or_else(|| BLACK.to_owned(), base64::encode);
        Ok(GetConsoleScreenshotOutput::builder().instance_id(machine.id()).image_data(picture).build())
    }

    /// Empty until Windows has generated it, and for other systems.
    pub(super) fn get_password_data(&mut self, input: GetPasswordDataInput) -> Answer<GetPasswordDataOutput> {
        let machine = self.instances.get(required(input.instance_id(), "InstanceId")?)?;
        let age = machine.running_since.map_or(0.0, |since| self.stamp().as_secs_f64() - since.as_secs_f64());
        let ready = machine.is_windows() && machine.instance.key_name().is_some() && age >= delays::PASSWORD.as_secs_f64();
        let data = if ready { base64::encode(format!("{:-<256}", machine.id())) } else { String::new() };
        Ok(GetPasswordDataOutput::builder().instance_id(machine.id()).password_data(data).timestamp(self.stamp()).build())
    }
}
