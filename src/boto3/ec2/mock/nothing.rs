//! Resources that cannot be created here: listings are empty, and every id is missing.

use aws_sdk_ec2::operation::{
    describe_bundle_tasks::*, describe_conversion_tasks::*, describe_export_tasks::*, describe_hosts::*,
    describe_image_usage_reports::*, describe_import_snapshot_tasks::*, describe_instance_topology::*,
    describe_reserved_instances::*, describe_store_image_tasks::*,
};
use aws_sdk_ec2::types::Filter;

use super::describe::page;
use super::refusal::{Answer, Refusal};
use super::region::Region;

/// The filters of every kind with tags.
const TAGGED: &str = "tag:";

/// Checks ids, which are all missing, and filters.
fn check(ids: &[String], not_found: &'static str, what: &str, filters: &[Filter], known: &[&str]) -> Answer<()> {
    for filter in filters {
        let name = filter.name().unwrap_or("null");
        let tag = known.contains(&TAGGED) && (name.starts_with(TAGGED) || name == "tag-key");
        if !tag && !known.contains(&name) {
            return Err(Refusal::value(format!("The filter '{name}' is invalid")));
        }
    }
    match ids {
        [] => Ok(()),
        [id, ..] => Err(Refusal::new(not_found, format!("The {what} ID '{id}' does not exist"))),
    }
}

/// Checks a page token. There are no further pages.
fn check_token(token: Option<&str>) -> Answer<()> {
    page::<()>(Vec::new(), None, token).map(|_| ())
}

impl Region {
    pub(super) fn describe_hosts(&mut self, input: DescribeHostsInput) -> Answer<DescribeHostsOutput> {
        let known =
            ["auto-placement", "availability-zone", "client-token", "host-reservation-id", "instance-type", "state", TAGGED];
        check(input.host_ids(), "InvalidHostID.NotFound", "Dedicated Host", input.filter(), &known)?;
        check_token(input.next_token())?;
        Ok(DescribeHostsOutput::builder().set_hosts(Some(Vec::new())).build())
    }

    pub(super) fn describe_reserved_instances(
        &mut self,
        input: DescribeReservedInstancesInput,
    ) -> Answer<DescribeReservedInstancesOutput> {
        let known = [
            "availability-zone",
            "availability-zone-id",
            "duration",
            "end",
            "fixed-price",
            "instance-type",
            "product-description",
            "reserved-instances-id",
            "scope",
            "start",
            "state",
            "usage-price",
            TAGGED,
        ];
        check(input.reserved_instances_ids(), "InvalidReservedInstancesId", "Reserved Instances", input.filters(), &known)?;
        Ok(DescribeReservedInstancesOutput::builder().set_reserved_instances(Some(Vec::new())).build())
    }

    pub(super) fn describe_bundle_tasks(&mut self, input: DescribeBundleTasksInput) -> Answer<DescribeBundleTasksOutput> {
        let known = [
            "bundle-id",
            "error-code",
            "error-message",
            "instance-id",
            "progress",
            "s3-bucket",
            "s3-prefix",
            "start-time",
            "state",
            "update-time",
        ];
        check(input.bundle_ids(), "InvalidBundleID.NotFound", "bundle task", input.filters(), &known)?;
        Ok(DescribeBundleTasksOutput::builder().set_bundle_tasks(Some(Vec::new())).build())
    }

    pub(super) fn describe_conversion_tasks(
        &mut self,
        input: DescribeConversionTasksInput,
    ) -> Answer<DescribeConversionTasksOutput> {
        check(input.conversion_task_ids(), "InvalidConversionTaskId", "conversion task", &[], &[])?;
        Ok(DescribeConversionTasksOutput::builder().set_conversion_tasks(Some(Vec::new())).build())
    }

    pub(super) fn describe_export_tasks(&mut self, input: DescribeExportTasksInput) -> Answer<DescribeExportTasksOutput> {
        check(input.export_task_ids(), "InvalidExportTaskID.NotFound", "export task", input.filters(), &[TAGGED])?;
        Ok(DescribeExportTasksOutput::builder().set_export_tasks(Some(Vec::new())).build())
    }

    pub(super) fn describe_import_snapshot_tasks(
        &mut self,
        input: DescribeImportSnapshotTasksInput,
    ) -> Answer<DescribeImportSnapshotTasksOutput> {
        check(input.import_task_ids(), "InvalidConversionTaskId", "import task", input.filters(), &["task-state", TAGGED])?;
        check_token(input.next_token())?;
        Ok(DescribeImportSnapshotTasksOutput::builder().set_import_snapshot_tasks(Some(Vec::new())).build())
    }

    pub(super) fn describe_image_usage_reports(
        &mut self,
        input: DescribeImageUsageReportsInput,
    ) -> Answer<DescribeImageUsageReportsOutput> {
        let known = ["creation-time", "state", TAGGED];
        check(input.report_ids(), "InvalidImageUsageReportId.NotFound", "image usage report", input.filters(), &known)?;
        for id in input.image_ids() {
            self.usable_image(id)?;
        }
        check_token(input.next_token())?;
        Ok(DescribeImageUsageReportsOutput::builder().set_image_usage_reports(Some(Vec::new())).build())
    }

    pub(super) fn describe_store_image_tasks(
        &mut self,
        input: DescribeStoreImageTasksInput,
    ) -> Answer<DescribeStoreImageTasksOutput> {
        check(&[], "", "", input.filters(), &["task-state", "bucket"])?;
        for id in input.image_ids() {
            self.usable_image(id)?;
        }
        check_token(input.next_token())?;
        Ok(DescribeStoreImageTasksOutput::builder().set_store_image_task_results(Some(Vec::new())).build())
    }

    /// AWS reports it for large accelerated types, which are not modelled.
    pub(super) fn describe_instance_topology(
        &mut self,
        input: DescribeInstanceTopologyInput,
    ) -> Answer<DescribeInstanceTopologyOutput> {
        check(&[], "", "", input.filters(), &["availability-zone", "instance-type", "zone-id"])?;
        self.instances.all(input.instance_ids())?;
        for name in input.group_names() {
            self.placement_group(Some(name), None)?;
        }
        check_token(input.next_token())?;
        Ok(DescribeInstanceTopologyOutput::builder().set_instances(Some(Vec::new())).build())
    }
}
