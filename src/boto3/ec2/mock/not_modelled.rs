//! The operations that this fake does not model.

use super::refusal::{Answer, Refusal};
use super::region::Region;

macro_rules! not_modelled {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        /// The operations that return
        /// [`Error::NotImplemented`](crate::boto3::Error::NotImplemented).
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
    attach_classic_link_vpc(AttachClassicLinkVpcInput) -> AttachClassicLinkVpcOutput;
    describe_address_transfers(DescribeAddressTransfersInput) -> DescribeAddressTransfersOutput;
    describe_aws_network_performance_metric_subscriptions(DescribeAwsNetworkPerformanceMetricSubscriptionsInput) -> DescribeAwsNetworkPerformanceMetricSubscriptionsOutput;
    describe_byoip_cidrs(DescribeByoipCidrsInput) -> DescribeByoipCidrsOutput;
    describe_capacity_block_extension_history(DescribeCapacityBlockExtensionHistoryInput) -> DescribeCapacityBlockExtensionHistoryOutput;
    describe_capacity_block_extension_offerings(DescribeCapacityBlockExtensionOfferingsInput) -> DescribeCapacityBlockExtensionOfferingsOutput;
    describe_capacity_block_offerings(DescribeCapacityBlockOfferingsInput) -> DescribeCapacityBlockOfferingsOutput;
    describe_capacity_block_status(DescribeCapacityBlockStatusInput) -> DescribeCapacityBlockStatusOutput;
    describe_capacity_blocks(DescribeCapacityBlocksInput) -> DescribeCapacityBlocksOutput;
    describe_capacity_manager_data_exports(DescribeCapacityManagerDataExportsInput) -> DescribeCapacityManagerDataExportsOutput;
    describe_capacity_reservation_billing_requests(DescribeCapacityReservationBillingRequestsInput) -> DescribeCapacityReservationBillingRequestsOutput;
    describe_capacity_reservation_date_change_quotes(DescribeCapacityReservationDateChangeQuotesInput) -> DescribeCapacityReservationDateChangeQuotesOutput;
    describe_capacity_reservation_fleets(DescribeCapacityReservationFleetsInput) -> DescribeCapacityReservationFleetsOutput;
    describe_capacity_reservations(DescribeCapacityReservationsInput) -> DescribeCapacityReservationsOutput;
    describe_carrier_gateways(DescribeCarrierGatewaysInput) -> DescribeCarrierGatewaysOutput;
    describe_classic_link_instances(DescribeClassicLinkInstancesInput) -> DescribeClassicLinkInstancesOutput;
    describe_client_vpn_authorization_rules(DescribeClientVpnAuthorizationRulesInput) -> DescribeClientVpnAuthorizationRulesOutput;
    describe_client_vpn_connections(DescribeClientVpnConnectionsInput) -> DescribeClientVpnConnectionsOutput;
    describe_client_vpn_endpoints(DescribeClientVpnEndpointsInput) -> DescribeClientVpnEndpointsOutput;
    describe_client_vpn_routes(DescribeClientVpnRoutesInput) -> DescribeClientVpnRoutesOutput;
    describe_client_vpn_target_networks(DescribeClientVpnTargetNetworksInput) -> DescribeClientVpnTargetNetworksOutput;
    describe_coip_pools(DescribeCoipPoolsInput) -> DescribeCoipPoolsOutput;
    describe_export_image_tasks(DescribeExportImageTasksInput) -> DescribeExportImageTasksOutput;
    describe_fast_launch_images(DescribeFastLaunchImagesInput) -> DescribeFastLaunchImagesOutput;
    describe_fast_snapshot_restores(DescribeFastSnapshotRestoresInput) -> DescribeFastSnapshotRestoresOutput;
    describe_fpga_images(DescribeFpgaImagesInput) -> DescribeFpgaImagesOutput;
    describe_host_reservation_offerings(DescribeHostReservationOfferingsInput) -> DescribeHostReservationOfferingsOutput;
    describe_host_reservations(DescribeHostReservationsInput) -> DescribeHostReservationsOutput;
    describe_image_references(DescribeImageReferencesInput) -> DescribeImageReferencesOutput;
    describe_image_usage_report_entries(DescribeImageUsageReportEntriesInput) -> DescribeImageUsageReportEntriesOutput;
    describe_import_image_tasks(DescribeImportImageTasksInput) -> DescribeImportImageTasksOutput;
    describe_instance_connect_endpoints(DescribeInstanceConnectEndpointsInput) -> DescribeInstanceConnectEndpointsOutput;
    describe_instance_event_windows(DescribeInstanceEventWindowsInput) -> DescribeInstanceEventWindowsOutput;
    describe_instance_image_metadata(DescribeInstanceImageMetadataInput) -> DescribeInstanceImageMetadataOutput;
    describe_ipam_pool_allocations(DescribeIpamPoolAllocationsInput) -> DescribeIpamPoolAllocationsOutput;
    describe_ipam_pools(DescribeIpamPoolsInput) -> DescribeIpamPoolsOutput;
    describe_ipam_prefix_list_resolver_targets(DescribeIpamPrefixListResolverTargetsInput) -> DescribeIpamPrefixListResolverTargetsOutput;
    describe_ipam_prefix_list_resolvers(DescribeIpamPrefixListResolversInput) -> DescribeIpamPrefixListResolversOutput;
    describe_ipam_resource_discoveries(DescribeIpamResourceDiscoveriesInput) -> DescribeIpamResourceDiscoveriesOutput;
    describe_ipam_resource_discovery_associations(DescribeIpamResourceDiscoveryAssociationsInput) -> DescribeIpamResourceDiscoveryAssociationsOutput;
    describe_ipam_scopes(DescribeIpamScopesInput) -> DescribeIpamScopesOutput;
    describe_ipams(DescribeIpamsInput) -> DescribeIpamsOutput;
    describe_ipv6_pools(DescribeIpv6PoolsInput) -> DescribeIpv6PoolsOutput;
    describe_local_gateway_route_table_virtual_interface_group_associations(DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociationsInput) -> DescribeLocalGatewayRouteTableVirtualInterfaceGroupAssociationsOutput;
    describe_local_gateway_route_table_vpc_associations(DescribeLocalGatewayRouteTableVpcAssociationsInput) -> DescribeLocalGatewayRouteTableVpcAssociationsOutput;
    describe_local_gateway_route_tables(DescribeLocalGatewayRouteTablesInput) -> DescribeLocalGatewayRouteTablesOutput;
    describe_local_gateway_virtual_interface_groups(DescribeLocalGatewayVirtualInterfaceGroupsInput) -> DescribeLocalGatewayVirtualInterfaceGroupsOutput;
    describe_local_gateway_virtual_interfaces(DescribeLocalGatewayVirtualInterfacesInput) -> DescribeLocalGatewayVirtualInterfacesOutput;
    describe_local_gateways(DescribeLocalGatewaysInput) -> DescribeLocalGatewaysOutput;
    describe_mac_hosts(DescribeMacHostsInput) -> DescribeMacHostsOutput;
    describe_mac_modification_tasks(DescribeMacModificationTasksInput) -> DescribeMacModificationTasksOutput;
    describe_moving_addresses(DescribeMovingAddressesInput) -> DescribeMovingAddressesOutput;
    describe_network_insights_access_scope_analyses(DescribeNetworkInsightsAccessScopeAnalysesInput) -> DescribeNetworkInsightsAccessScopeAnalysesOutput;
    describe_network_insights_access_scopes(DescribeNetworkInsightsAccessScopesInput) -> DescribeNetworkInsightsAccessScopesOutput;
    describe_network_insights_analyses(DescribeNetworkInsightsAnalysesInput) -> DescribeNetworkInsightsAnalysesOutput;
    describe_network_insights_paths(DescribeNetworkInsightsPathsInput) -> DescribeNetworkInsightsPathsOutput;
    describe_network_interface_permissions(DescribeNetworkInterfacePermissionsInput) -> DescribeNetworkInterfacePermissionsOutput;
    describe_principal_id_format(DescribePrincipalIdFormatInput) -> DescribePrincipalIdFormatOutput;
    describe_public_ipv4_pools(DescribePublicIpv4PoolsInput) -> DescribePublicIpv4PoolsOutput;
    describe_replace_root_volume_tasks(DescribeReplaceRootVolumeTasksInput) -> DescribeReplaceRootVolumeTasksOutput;
    describe_reserved_instances_modifications(DescribeReservedInstancesModificationsInput) -> DescribeReservedInstancesModificationsOutput;
    describe_reserved_instances_offerings(DescribeReservedInstancesOfferingsInput) -> DescribeReservedInstancesOfferingsOutput;
    describe_route_server_endpoints(DescribeRouteServerEndpointsInput) -> DescribeRouteServerEndpointsOutput;
    describe_route_server_peers(DescribeRouteServerPeersInput) -> DescribeRouteServerPeersOutput;
    describe_route_servers(DescribeRouteServersInput) -> DescribeRouteServersOutput;
    describe_scheduled_instance_availability(DescribeScheduledInstanceAvailabilityInput) -> DescribeScheduledInstanceAvailabilityOutput;
    describe_scheduled_instances(DescribeScheduledInstancesInput) -> DescribeScheduledInstancesOutput;
    describe_secondary_interfaces(DescribeSecondaryInterfacesInput) -> DescribeSecondaryInterfacesOutput;
    describe_secondary_networks(DescribeSecondaryNetworksInput) -> DescribeSecondaryNetworksOutput;
    describe_secondary_subnets(DescribeSecondarySubnetsInput) -> DescribeSecondarySubnetsOutput;
    describe_security_group_vpc_associations(DescribeSecurityGroupVpcAssociationsInput) -> DescribeSecurityGroupVpcAssociationsOutput;
    describe_snapshot_tier_status(DescribeSnapshotTierStatusInput) -> DescribeSnapshotTierStatusOutput;
    describe_spot_fleet_instances(DescribeSpotFleetInstancesInput) -> DescribeSpotFleetInstancesOutput;
    describe_spot_fleet_requests(DescribeSpotFleetRequestsInput) -> DescribeSpotFleetRequestsOutput;
    describe_stale_security_groups(DescribeStaleSecurityGroupsInput) -> DescribeStaleSecurityGroupsOutput;
    describe_traffic_mirror_filters(DescribeTrafficMirrorFiltersInput) -> DescribeTrafficMirrorFiltersOutput;
    describe_traffic_mirror_sessions(DescribeTrafficMirrorSessionsInput) -> DescribeTrafficMirrorSessionsOutput;
    describe_traffic_mirror_targets(DescribeTrafficMirrorTargetsInput) -> DescribeTrafficMirrorTargetsOutput;
    describe_transit_gateway_attachments(DescribeTransitGatewayAttachmentsInput) -> DescribeTransitGatewayAttachmentsOutput;
    describe_transit_gateway_connect_peers(DescribeTransitGatewayConnectPeersInput) -> DescribeTransitGatewayConnectPeersOutput;
    describe_transit_gateway_connects(DescribeTransitGatewayConnectsInput) -> DescribeTransitGatewayConnectsOutput;
    describe_transit_gateway_multicast_domains(DescribeTransitGatewayMulticastDomainsInput) -> DescribeTransitGatewayMulticastDomainsOutput;
    describe_transit_gateway_peering_attachments(DescribeTransitGatewayPeeringAttachmentsInput) -> DescribeTransitGatewayPeeringAttachmentsOutput;
    describe_transit_gateway_policy_tables(DescribeTransitGatewayPolicyTablesInput) -> DescribeTransitGatewayPolicyTablesOutput;
    describe_transit_gateway_route_table_announcements(DescribeTransitGatewayRouteTableAnnouncementsInput) -> DescribeTransitGatewayRouteTableAnnouncementsOutput;
    describe_transit_gateway_route_tables(DescribeTransitGatewayRouteTablesInput) -> DescribeTransitGatewayRouteTablesOutput;
    describe_transit_gateway_vpc_attachments(DescribeTransitGatewayVpcAttachmentsInput) -> DescribeTransitGatewayVpcAttachmentsOutput;
    describe_transit_gateways(DescribeTransitGatewaysInput) -> DescribeTransitGatewaysOutput;
    describe_trunk_interface_associations(DescribeTrunkInterfaceAssociationsInput) -> DescribeTrunkInterfaceAssociationsOutput;
    describe_verified_access_endpoints(DescribeVerifiedAccessEndpointsInput) -> DescribeVerifiedAccessEndpointsOutput;
    describe_verified_access_groups(DescribeVerifiedAccessGroupsInput) -> DescribeVerifiedAccessGroupsOutput;
    describe_verified_access_instance_logging_configurations(DescribeVerifiedAccessInstanceLoggingConfigurationsInput) -> DescribeVerifiedAccessInstanceLoggingConfigurationsOutput;
    describe_verified_access_instances(DescribeVerifiedAccessInstancesInput) -> DescribeVerifiedAccessInstancesOutput;
    describe_verified_access_trust_providers(DescribeVerifiedAccessTrustProvidersInput) -> DescribeVerifiedAccessTrustProvidersOutput;
    describe_vpc_classic_link_dns_support(DescribeVpcClassicLinkDnsSupportInput) -> DescribeVpcClassicLinkDnsSupportOutput;
    describe_vpc_endpoint_connection_notifications(DescribeVpcEndpointConnectionNotificationsInput) -> DescribeVpcEndpointConnectionNotificationsOutput;
    describe_vpc_endpoint_connections(DescribeVpcEndpointConnectionsInput) -> DescribeVpcEndpointConnectionsOutput;
    describe_vpc_endpoint_service_configurations(DescribeVpcEndpointServiceConfigurationsInput) -> DescribeVpcEndpointServiceConfigurationsOutput;
    describe_vpc_endpoint_service_permissions(DescribeVpcEndpointServicePermissionsInput) -> DescribeVpcEndpointServicePermissionsOutput;
    describe_vpc_endpoint_services(DescribeVpcEndpointServicesInput) -> DescribeVpcEndpointServicesOutput;
    describe_vpn_concentrators(DescribeVpnConcentratorsInput) -> DescribeVpnConcentratorsOutput;
    detach_classic_link_vpc(DetachClassicLinkVpcInput) -> DetachClassicLinkVpcOutput;
    disable_vpc_classic_link(DisableVpcClassicLinkInput) -> DisableVpcClassicLinkOutput;
    enable_vpc_classic_link(EnableVpcClassicLinkInput) -> EnableVpcClassicLinkOutput;
    get_associated_ipv6_pool_cidrs(GetAssociatedIpv6PoolCidrsInput) -> GetAssociatedIpv6PoolCidrsOutput;
    get_aws_network_performance_data(GetAwsNetworkPerformanceDataInput) -> GetAwsNetworkPerformanceDataOutput;
    get_capacity_manager_metric_data(GetCapacityManagerMetricDataInput) -> GetCapacityManagerMetricDataOutput;
    get_capacity_manager_metric_dimensions(GetCapacityManagerMetricDimensionsInput) -> GetCapacityManagerMetricDimensionsOutput;
    get_capacity_manager_monitored_tag_keys(GetCapacityManagerMonitoredTagKeysInput) -> GetCapacityManagerMonitoredTagKeysOutput;
    get_groups_for_capacity_reservation(GetGroupsForCapacityReservationInput) -> GetGroupsForCapacityReservationOutput;
    get_image_findings(GetImageFindingsInput) -> GetImageFindingsOutput;
    get_instance_types_from_instance_requirements(GetInstanceTypesFromInstanceRequirementsInput) -> GetInstanceTypesFromInstanceRequirementsOutput;
    get_ipam_address_history(GetIpamAddressHistoryInput) -> GetIpamAddressHistoryOutput;
    get_ipam_discovered_accounts(GetIpamDiscoveredAccountsInput) -> GetIpamDiscoveredAccountsOutput;
    get_ipam_discovered_resource_cidrs(GetIpamDiscoveredResourceCidrsInput) -> GetIpamDiscoveredResourceCidrsOutput;
    get_ipam_pool_allocations(GetIpamPoolAllocationsInput) -> GetIpamPoolAllocationsOutput;
    get_ipam_pool_cidrs(GetIpamPoolCidrsInput) -> GetIpamPoolCidrsOutput;
    get_ipam_prefix_list_resolver_rules(GetIpamPrefixListResolverRulesInput) -> GetIpamPrefixListResolverRulesOutput;
    get_ipam_prefix_list_resolver_version_entries(GetIpamPrefixListResolverVersionEntriesInput) -> GetIpamPrefixListResolverVersionEntriesOutput;
    get_ipam_prefix_list_resolver_versions(GetIpamPrefixListResolverVersionsInput) -> GetIpamPrefixListResolverVersionsOutput;
    get_ipam_resource_cidrs(GetIpamResourceCidrsInput) -> GetIpamResourceCidrsOutput;
    get_managed_prefix_list_associations(GetManagedPrefixListAssociationsInput) -> GetManagedPrefixListAssociationsOutput;
    get_network_insights_access_scope_analysis_findings(GetNetworkInsightsAccessScopeAnalysisFindingsInput) -> GetNetworkInsightsAccessScopeAnalysisFindingsOutput;
    get_security_groups_for_vpc(GetSecurityGroupsForVpcInput) -> GetSecurityGroupsForVpcOutput;
    get_spot_placement_scores(GetSpotPlacementScoresInput) -> GetSpotPlacementScoresOutput;
    get_transit_gateway_attachment_propagations(GetTransitGatewayAttachmentPropagationsInput) -> GetTransitGatewayAttachmentPropagationsOutput;
    get_transit_gateway_multicast_domain_associations(GetTransitGatewayMulticastDomainAssociationsInput) -> GetTransitGatewayMulticastDomainAssociationsOutput;
    get_transit_gateway_policy_table_associations(GetTransitGatewayPolicyTableAssociationsInput) -> GetTransitGatewayPolicyTableAssociationsOutput;
    get_transit_gateway_policy_table_entries(GetTransitGatewayPolicyTableEntriesInput) -> GetTransitGatewayPolicyTableEntriesOutput;
    get_transit_gateway_prefix_list_references(GetTransitGatewayPrefixListReferencesInput) -> GetTransitGatewayPrefixListReferencesOutput;
    get_transit_gateway_route_table_associations(GetTransitGatewayRouteTableAssociationsInput) -> GetTransitGatewayRouteTableAssociationsOutput;
    get_transit_gateway_route_table_propagations(GetTransitGatewayRouteTablePropagationsInput) -> GetTransitGatewayRouteTablePropagationsOutput;
    get_vpn_connection_device_types(GetVpnConnectionDeviceTypesInput) -> GetVpnConnectionDeviceTypesOutput;
    list_images_in_recycle_bin(ListImagesInRecycleBinInput) -> ListImagesInRecycleBinOutput;
    list_snapshots_in_recycle_bin(ListSnapshotsInRecycleBinInput) -> ListSnapshotsInRecycleBinOutput;
    search_local_gateway_routes(SearchLocalGatewayRoutesInput) -> SearchLocalGatewayRoutesOutput;
    search_transit_gateway_multicast_groups(SearchTransitGatewayMulticastGroupsInput) -> SearchTransitGatewayMulticastGroupsOutput;
    search_transit_gateway_routes(SearchTransitGatewayRoutesInput) -> SearchTransitGatewayRoutesOutput;
}
