//! Short forms for scripts: filters and tags.

use aws_sdk_ec2::types::{Filter, Tag};

use super::shapes::*;

/// A tag: `tag("Name", "web-1")`.
///
/// ```
/// use leyden::boto3::ec2::{tag, tag_value};
///
/// let tags = [tag("Name", "web-1"), tag("role", "web")];
/// assert_eq!(tag_value(&tags, "role"), Some("web"));
/// assert_eq!(tag_value(&tags, "owner"), None);
/// ```
pub fn tag(key: impl Into<String>, value: impl Into<String>) -> Tag {
    Tag::builder().key(key).value(value).build()
}

/// Returns the value of a resource's tag: `tag_value(instance.tags(), "Name")`.
pub fn tag_value<'t>(tags: &'t [Tag], key: &str) -> Option<&'t str> {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value)
}

/// `Filters=[{"Name": "tag:role", "Values": ["web"]}]` in one call, for every operation that has the parameter `Filters`.
///
/// ```
/// use leyden::prelude::*;
///
/// let ec2 = World::new().batteries().boto3.client().region_name("eu-west-1").ec2();
/// let answer = ec2.describe_instances(|describe| describe.filter("tag:role", ["web", "db"])).wait()?;
/// assert!(answer.reservations().is_empty());
/// # Ok::<(), leyden::Error>(())
/// ```
///
/// Operations whose parameter is called `Filter` (NAT gateways, flow logs, hosts) already have a
/// method of that name.
pub trait Filters: Sized {
    /// Adds a filter: a resource must have one of the values. Several filters must all match.
    fn filter<V: Into<String>>(self, name: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self;
}

macro_rules! filters {
    ($($Input:ident),+ $(,)?) => {$(
        impl Filters for $Input {
            fn filter<V: Into<String>>(self, name: impl Into<String>, values: impl IntoIterator<Item = V>) -> Self {
                let values = values.into_iter().map(Into::into).collect();
                self.filters(Filter::builder().name(name).set_values(Some(values)).build())
            }
        }
    )+};
}

filters! {
    DescribeAddressesInputBuilder,
    DescribeAvailabilityZonesInputBuilder,
    DescribeAwsNetworkPerformanceMetricSubscriptionsInputBuilder,
    DescribeBundleTasksInputBuilder,
    DescribeCapacityBlockExtensionHistoryInputBuilder,
    DescribeCapacityBlockStatusInputBuilder,
    DescribeCapacityBlocksInputBuilder,
    DescribeCapacityManagerDataExportsInputBuilder,
    DescribeCapacityReservationBillingRequestsInputBuilder,
    DescribeCapacityReservationDateChangeQuotesInputBuilder,
    DescribeCapacityReservationFleetsInputBuilder,
    DescribeCapacityReservationsInputBuilder,
    DescribeCarrierGatewaysInputBuilder,
    DescribeClassicLinkInstancesInputBuilder,
    DescribeClientVpnAuthorizationRulesInputBuilder,
    DescribeClientVpnConnectionsInputBuilder,
    DescribeClientVpnEndpointsInputBuilder,
    DescribeClientVpnRoutesInputBuilder,
    DescribeClientVpnTargetNetworksInputBuilder,
    DescribeCoipPoolsInputBuilder,
    DescribeCustomerGatewaysInputBuilder,
    DescribeDhcpOptionsInputBuilder,
    DescribeEgressOnlyInternetGatewaysInputBuilder,
    DescribeExportImageTasksInputBuilder,
    DescribeExportTasksInputBuilder,
    DescribeFastLaunchImagesInputBuilder,
    DescribeFastSnapshotRestoresInputBuilder,
    DescribeFleetsInputBuilder,
    DescribeFpgaImagesInputBuilder,
    DescribeIamInstanceProfileAssociationsInputBuilder,
    DescribeImageUsageReportEntriesInputBuilder,
    DescribeImageUsageReportsInputBuilder,
    DescribeImagesInputBuilder,
    DescribeImportImageTasksInputBuilder,
    DescribeImportSnapshotTasksInputBuilder,
    DescribeInstanceConnectEndpointsInputBuilder,
    DescribeInstanceCreditSpecificationsInputBuilder,
    DescribeInstanceEventWindowsInputBuilder,
    DescribeInstanceImageMetadataInputBuilder,
    DescribeInstanceStatusInputBuilder,
    DescribeInstanceTopologyInputBuilder,
    DescribeInstanceTypeOfferingsInputBuilder,
    DescribeInstanceTypesInputBuilder,
    DescribeInstancesInputBuilder,
    DescribeInternetGatewaysInputBuilder,
    DescribeIpamPoolAllocationsInputBuilder,
    DescribeIpamPoolsInputBuilder,
    DescribeIpamPrefixListResolverTargetsInputBuilder,
    DescribeIpamPrefixListResolversInputBuilder,
    DescribeIpamResourceDiscoveriesInputBuilder,
    DescribeIpamResourceDiscoveryAssociationsInputBuilder,
    DescribeIpamScopesInputBuilder,
    DescribeIpamsInputBuilder,
    DescribeIpv6PoolsInputBuilder,
    DescribeKeyPairsInputBuilder,
    DescribeLaunchTemplateVersionsInputBuilder,
    DescribeLaunchTemplatesInputBuilder,
    DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociationsInputBuilder,
    DescribeLocalGatewayRouteTableVpcAssociationsInputBuilder,
    DescribeLocalGatewayRouteTablesInputBuilder,
    DescribeLocalGatewayVirtualInterfaceGroupsInputBuilder,
    DescribeLocalGatewayVirtualInterfacesInputBuilder,
    DescribeLocalGatewaysInputBuilder,
    DescribeMacHostsInputBuilder,
    DescribeMacModificationTasksInputBuilder,
    DescribeManagedPrefixListsInputBuilder,
    DescribeMovingAddressesInputBuilder,
    DescribeNetworkAclsInputBuilder,
    DescribeNetworkInsightsAccessScopeAnalysesInputBuilder,
    DescribeNetworkInsightsAccessScopesInputBuilder,
    DescribeNetworkInsightsAnalysesInputBuilder,
    DescribeNetworkInsightsPathsInputBuilder,
    DescribeNetworkInterfacePermissionsInputBuilder,
    DescribeNetworkInterfacesInputBuilder,
    DescribePlacementGroupsInputBuilder,
    DescribePrefixListsInputBuilder,
    DescribePublicIpv4PoolsInputBuilder,
    DescribeRegionsInputBuilder,
    DescribeReplaceRootVolumeTasksInputBuilder,
    DescribeReservedInstancesInputBuilder,
    DescribeReservedInstancesModificationsInputBuilder,
    DescribeReservedInstancesOfferingsInputBuilder,
    DescribeRouteServerEndpointsInputBuilder,
    DescribeRouteServerPeersInputBuilder,
    DescribeRouteServersInputBuilder,
    DescribeRouteTablesInputBuilder,
    DescribeScheduledInstanceAvailabilityInputBuilder,
    DescribeScheduledInstancesInputBuilder,
    DescribeSecondaryInterfacesInputBuilder,
    DescribeSecondaryNetworksInputBuilder,
    DescribeSecondarySubnetsInputBuilder,
    DescribeSecurityGroupRulesInputBuilder,
    DescribeSecurityGroupVpcAssociationsInputBuilder,
    DescribeSecurityGroupsInputBuilder,
    DescribeSnapshotTierStatusInputBuilder,
    DescribeSnapshotsInputBuilder,
    DescribeSpotInstanceRequestsInputBuilder,
    DescribeSpotPriceHistoryInputBuilder,
    DescribeStoreImageTasksInputBuilder,
    DescribeSubnetsInputBuilder,
    DescribeTagsInputBuilder,
    DescribeTrafficMirrorFiltersInputBuilder,
    DescribeTrafficMirrorSessionsInputBuilder,
    DescribeTrafficMirrorTargetsInputBuilder,
    DescribeTransitGatewayAttachmentsInputBuilder,
    DescribeTransitGatewayConnectPeersInputBuilder,
    DescribeTransitGatewayConnectsInputBuilder,
    DescribeTransitGatewayMulticastDomainsInputBuilder,
    DescribeTransitGatewayPeeringAttachmentsInputBuilder,
    DescribeTransitGatewayPolicyTablesInputBuilder,
    DescribeTransitGatewayRouteTableAnnouncementsInputBuilder,
    DescribeTransitGatewayRouteTablesInputBuilder,
    DescribeTransitGatewayVpcAttachmentsInputBuilder,
    DescribeTransitGatewaysInputBuilder,
    DescribeTrunkInterfaceAssociationsInputBuilder,
    DescribeVerifiedAccessEndpointsInputBuilder,
    DescribeVerifiedAccessGroupsInputBuilder,
    DescribeVerifiedAccessInstanceLoggingConfigurationsInputBuilder,
    DescribeVerifiedAccessInstancesInputBuilder,
    DescribeVerifiedAccessTrustProvidersInputBuilder,
    DescribeVolumeStatusInputBuilder,
    DescribeVolumesInputBuilder,
    DescribeVolumesModificationsInputBuilder,
    DescribeVpcEndpointConnectionNotificationsInputBuilder,
    DescribeVpcEndpointConnectionsInputBuilder,
    DescribeVpcEndpointServiceConfigurationsInputBuilder,
    DescribeVpcEndpointServicePermissionsInputBuilder,
    DescribeVpcEndpointServicesInputBuilder,
    DescribeVpcEndpointsInputBuilder,
    DescribeVpcPeeringConnectionsInputBuilder,
    DescribeVpcsInputBuilder,
    DescribeVpnConcentratorsInputBuilder,
    DescribeVpnConnectionsInputBuilder,
    DescribeVpnGatewaysInputBuilder,
    GetIpamDiscoveredAccountsInputBuilder,
    GetIpamDiscoveredResourceCidrsInputBuilder,
    GetIpamPoolAllocationsInputBuilder,
    GetIpamPoolCidrsInputBuilder,
    GetIpamPrefixListResolverRulesInputBuilder,
    GetIpamPrefixListResolverVersionsInputBuilder,
    GetIpamResourceCidrsInputBuilder,
    GetSecurityGroupsForVpcInputBuilder,
    GetTransitGatewayAttachmentPropagationsInputBuilder,
    GetTransitGatewayMulticastDomainAssociationsInputBuilder,
    GetTransitGatewayPolicyTableAssociationsInputBuilder,
    GetTransitGatewayPolicyTableEntriesInputBuilder,
    GetTransitGatewayPrefixListReferencesInputBuilder,
    GetTransitGatewayRouteTableAssociationsInputBuilder,
    GetTransitGatewayRouteTablePropagationsInputBuilder,
    SearchLocalGatewayRoutesInputBuilder,
    SearchTransitGatewayMulticastGroupsInputBuilder,
    SearchTransitGatewayRoutesInputBuilder,
}
