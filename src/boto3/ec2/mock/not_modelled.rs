//! What this fake does not model, and says so.

use super::refusal::{Answer, Refusal};
use super::region::Region;

macro_rules! not_modelled {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        /// The operations that answer [`Error::NotImplemented`](crate::boto3::Error::NotImplemented).
        pub const NOT_MODELLED: &[&str] = &[$(stringify!($operation)),*];

        impl Region {
            $(pub(super) fn $operation(
                &mut self,
                _: aws_sdk_ec2::operation::$operation::$Input,
            ) -> Answer<aws_sdk_ec2::operation::$operation::$Output> {
                Err(Refusal::NotModelled)
            })*
        }
    };
}

not_modelled! {
    associate_iam_instance_profile(AssociateIamInstanceProfileInput) -> AssociateIamInstanceProfileOutput;
    attach_classic_link_vpc(AttachClassicLinkVpcInput) -> AttachClassicLinkVpcOutput;
    cancel_spot_instance_requests(CancelSpotInstanceRequestsInput) -> CancelSpotInstanceRequestsOutput;
    create_fleet(CreateFleetInput) -> CreateFleetOutput;
    create_launch_template(CreateLaunchTemplateInput) -> CreateLaunchTemplateOutput;
    create_launch_template_version(CreateLaunchTemplateVersionInput) -> CreateLaunchTemplateVersionOutput;
    create_placement_group(CreatePlacementGroupInput) -> CreatePlacementGroupOutput;
    delete_fleets(DeleteFleetsInput) -> DeleteFleetsOutput;
    delete_launch_template(DeleteLaunchTemplateInput) -> DeleteLaunchTemplateOutput;
    delete_launch_template_versions(DeleteLaunchTemplateVersionsInput) -> DeleteLaunchTemplateVersionsOutput;
    delete_placement_group(DeletePlacementGroupInput) -> DeletePlacementGroupOutput;
    describe_bundle_tasks(DescribeBundleTasksInput) -> DescribeBundleTasksOutput;
    describe_conversion_tasks(DescribeConversionTasksInput) -> DescribeConversionTasksOutput;
    describe_export_tasks(DescribeExportTasksInput) -> DescribeExportTasksOutput;
    describe_fleets(DescribeFleetsInput) -> DescribeFleetsOutput;
    describe_hosts(DescribeHostsInput) -> DescribeHostsOutput;
    describe_iam_instance_profile_associations(DescribeIamInstanceProfileAssociationsInput) -> DescribeIamInstanceProfileAssociationsOutput;
    describe_image_usage_reports(DescribeImageUsageReportsInput) -> DescribeImageUsageReportsOutput;
    describe_import_snapshot_tasks(DescribeImportSnapshotTasksInput) -> DescribeImportSnapshotTasksOutput;
    describe_instance_topology(DescribeInstanceTopologyInput) -> DescribeInstanceTopologyOutput;
    describe_launch_template_versions(DescribeLaunchTemplateVersionsInput) -> DescribeLaunchTemplateVersionsOutput;
    describe_launch_templates(DescribeLaunchTemplatesInput) -> DescribeLaunchTemplatesOutput;
    describe_placement_groups(DescribePlacementGroupsInput) -> DescribePlacementGroupsOutput;
    describe_reserved_instances(DescribeReservedInstancesInput) -> DescribeReservedInstancesOutput;
    describe_secondary_networks(DescribeSecondaryNetworksInput) -> DescribeSecondaryNetworksOutput;
    describe_secondary_subnets(DescribeSecondarySubnetsInput) -> DescribeSecondarySubnetsOutput;
    describe_security_group_vpc_associations(DescribeSecurityGroupVpcAssociationsInput) -> DescribeSecurityGroupVpcAssociationsOutput;
    describe_spot_instance_requests(DescribeSpotInstanceRequestsInput) -> DescribeSpotInstanceRequestsOutput;
    describe_spot_price_history(DescribeSpotPriceHistoryInput) -> DescribeSpotPriceHistoryOutput;
    describe_store_image_tasks(DescribeStoreImageTasksInput) -> DescribeStoreImageTasksOutput;
    describe_transit_gateway_attachments(DescribeTransitGatewayAttachmentsInput) -> DescribeTransitGatewayAttachmentsOutput;
    describe_transit_gateways(DescribeTransitGatewaysInput) -> DescribeTransitGatewaysOutput;
    detach_classic_link_vpc(DetachClassicLinkVpcInput) -> DetachClassicLinkVpcOutput;
    disable_vpc_classic_link(DisableVpcClassicLinkInput) -> DisableVpcClassicLinkOutput;
    disassociate_iam_instance_profile(DisassociateIamInstanceProfileInput) -> DisassociateIamInstanceProfileOutput;
    enable_vpc_classic_link(EnableVpcClassicLinkInput) -> EnableVpcClassicLinkOutput;
    get_console_screenshot(GetConsoleScreenshotInput) -> GetConsoleScreenshotOutput;
    get_launch_template_data(GetLaunchTemplateDataInput) -> GetLaunchTemplateDataOutput;
    modify_launch_template(ModifyLaunchTemplateInput) -> ModifyLaunchTemplateOutput;
    replace_iam_instance_profile_association(ReplaceIamInstanceProfileAssociationInput) -> ReplaceIamInstanceProfileAssociationOutput;
    request_spot_instances(RequestSpotInstancesInput) -> RequestSpotInstancesOutput;
}
