//! Flow logs can be created and listed. There is no traffic, so nothing is logged; the existence of
//! the destination is not checked.

use aws_sdk_ec2::operation::{create_flow_logs::*, delete_flow_logs::*, describe_flow_logs::*};
use aws_sdk_ec2::types::*;

use super::describe::describe;
use super::filter::filters;
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::table::record;
use super::tags::specified_for;

record!(
    FlowLog in flow_logs by flow_log_id, tagged tags,
    Kind {
        prefix: "fl",
        resource: "vpc-flow-log",
        not_found: "InvalidFlowLogId.NotFound",
        absent: "These flow log ids in the input list are not found: {}",
        malformed: None,
    },
    filters!(log: FlowLog =>
        "deliver-log-status" = log.deliver_logs_status(),
        "log-destination-type" = log.log_destination_type(),
        "flow-log-id" = log.flow_log_id(),
        "log-group-name" = log.log_group_name(),
        "resource-id" = log.resource_id(),
        "traffic-type" = log.traffic_type(),
    )
);

describe! {
    paged describe_flow_logs(DescribeFlowLogsInput: flow_log_ids, filter, "flowLogIdSet") -> DescribeFlowLogsOutput: set_flow_logs;
}

const FORMAT: &str = "${version} ${account-id} ${interface-id} ${srcaddr} ${dstaddr} ${srcport} ${dstport} ${protocol} ${packets} ${bytes} ${start} ${end} ${action} ${log-status}";

fn refused(message: impl Into<String>) -> Refusal {
    Refusal::new("InvalidParameter", message)
}

/// Checks the destination: a log group needs a permission ARN, others a location.
fn check_destination(input: &CreateFlowLogsInput, kind: &LogDestinationType) -> Answer<()> {
    let (group, place) = (input.log_group_name(), input.log_destination());
    match kind {
        LogDestinationType::CloudWatchLogs => {
            if group.or(place).is_none() {
                return Err(refused("LogDestination can't be empty if LogGroupName is not provided."));
            }
            if group.is_some() && place.is_some() {
                return Err(refused("Please only provide LogGroupName or only provide LogDestination."));
            }
            if input.deliver_logs_permission_arn().is_none() {
                return Err(refused("DeliverLogsPermissionArn can't be empty if LogDestinationType is cloud-watch-logs."));
            }
        }
        LogDestinationType::S3 | LogDestinationType::KinesisDataFirehose => {
            if group.is_some() {
                return Err(refused("LogDestination type must be cloud-watch-logs if LogGroupName is provided."));
            }
            match place {
                None => return Err(refused("LogDestination can't be empty if LogGroupName is not provided.")),
                Some(arn) if !arn.starts_with("arn:") => {
                    return Err(refused(format!("LogDestination: {arn} is not a valid ARN.")));
                }
                Some(_) => {}
            }
        }
        other => return Err(Refusal::bad_value(other.as_str(), "LogDestinationType", "")),
    }
    match input.max_aggregation_interval() {
        None | Some(60 | 600) => Ok(()),
        Some(_) => Err(refused("Invalid Flow Log Max Aggregation Interval")),
    }
}

impl Region {
    pub(super) fn create_flow_logs(&mut self, input: CreateFlowLogsInput) -> Answer<CreateFlowLogsOutput> {
        let tags = specified_for(input.tag_specifications(), "vpc-flow-log")?;
        if !input.tag_field_specifications().is_empty() {
            return Err(Refusal::NotModelled);
        }
        let kind = input.log_destination_type().cloned().unwrap_or(LogDestinationType::CloudWatchLogs);
        check_destination(&input, &kind)?;
        let ids = required_list(input.resource_ids(), "ResourceIds")?;
        let of = required(input.resource_type(), "ResourceType")?;
        let traffic = required(input.traffic_type(), "TrafficType")?;
        for id in ids {
            match of {
                FlowLogsResourceType::Vpc => self.vpcs.get(id).map(drop)?,
                FlowLogsResourceType::Subnet => self.subnets.get(id).map(drop)?,
                FlowLogsResourceType::NetworkInterface => self.interfaces.get(id).map(drop)?,
                _ => return Err(Refusal::NotModelled),
            }
            let same = |own: &FlowLog| {
                own.resource_id() == Some(id)
                    && own.log_group_name == input.log_group_name
                    && own.log_destination == input.log_destination
                    && own.traffic_type() == Some(traffic)
            };
            if self.flow_logs.iter().any(same) {
                let message = "Error. There is an existing Flow Log with the same configuration and log destination.";
                return Err(Refusal::new("FlowLogAlreadyExists", message));
            }
        }
        let files = input.destination_options().map(|asked| {
            DestinationOptionsResponse::builder()
                .set_file_format(asked.file_format.clone())
                .set_hive_compatible_partitions(asked.hive_compatible_partitions)
                .set_per_hour_partition(asked.per_hour_partition)
                .build()
        });
        let mut made = Vec::new();
        for resource in ids {
            let id = self.ids.next("fl");
            let log = FlowLog::builder()
                .flow_log_id(&id)
                .resource_id(resource)
                .traffic_type(traffic.clone())
                .log_destination_type(kind.clone())
                .set_log_destination(input.log_destination.clone())
                .set_log_group_name(input.log_group_name.clone())
                .log_format(input.log_format().unwrap_or(FORMAT))
                .max_aggregation_interval(input.max_aggregation_interval().unwrap_or(600))
                .set_deliver_logs_permission_arn(input.deliver_logs_permission_arn.clone())
                .set_deliver_cross_account_role(input.deliver_cross_account_role.clone())
                .set_destination_options(files.clone())
                .deliver_logs_status("SUCCESS")
                .flow_log_status("ACTIVE")
                .creation_time(self.stamp());
            self.flow_logs.put(log.build());
            self.tags.put_all(&id, &tags);
            made.push(id);
        }
        Ok(CreateFlowLogsOutput::builder()
            .set_flow_log_ids(Some(made))
            .set_unsuccessful(Some(Vec::new()))
            .set_client_token(input.client_token)
            .build())
    }

    pub(super) fn delete_flow_logs(&mut self, input: DeleteFlowLogsInput) -> Answer<DeleteFlowLogsOutput> {
        let ids = required_list(input.flow_log_ids(), "FlowLogIds")?;
        self.flow_logs.all(ids)?;
        for id in ids {
            let _ = self.flow_logs.take(id);
            self.tags.forget(id);
        }
        Ok(DeleteFlowLogsOutput::builder().set_unsuccessful(Some(Vec::new())).build())
    }
}
