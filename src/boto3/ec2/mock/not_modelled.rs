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
    accept_vpc_peering_connection(AcceptVpcPeeringConnectionInput) -> AcceptVpcPeeringConnectionOutput;
    assign_ipv6_addresses(AssignIpv6AddressesInput) -> AssignIpv6AddressesOutput;
    assign_private_ip_addresses(AssignPrivateIpAddressesInput) -> AssignPrivateIpAddressesOutput;
    attach_classic_link_vpc(AttachClassicLinkVpcInput) -> AttachClassicLinkVpcOutput;
    attach_vpn_gateway(AttachVpnGatewayInput) -> AttachVpnGatewayOutput;
    create_customer_gateway(CreateCustomerGatewayInput) -> CreateCustomerGatewayOutput;
    create_flow_logs(CreateFlowLogsInput) -> CreateFlowLogsOutput;
    create_nat_gateway(CreateNatGatewayInput) -> CreateNatGatewayOutput;
    create_vpc_endpoint(CreateVpcEndpointInput) -> CreateVpcEndpointOutput;
    create_vpc_peering_connection(CreateVpcPeeringConnectionInput) -> CreateVpcPeeringConnectionOutput;
    create_vpn_connection(CreateVpnConnectionInput) -> CreateVpnConnectionOutput;
    create_vpn_gateway(CreateVpnGatewayInput) -> CreateVpnGatewayOutput;
    delete_customer_gateway(DeleteCustomerGatewayInput) -> DeleteCustomerGatewayOutput;
    delete_flow_logs(DeleteFlowLogsInput) -> DeleteFlowLogsOutput;
    delete_nat_gateway(DeleteNatGatewayInput) -> DeleteNatGatewayOutput;
    delete_vpc_endpoints(DeleteVpcEndpointsInput) -> DeleteVpcEndpointsOutput;
    delete_vpc_peering_connection(DeleteVpcPeeringConnectionInput) -> DeleteVpcPeeringConnectionOutput;
    delete_vpn_connection(DeleteVpnConnectionInput) -> DeleteVpnConnectionOutput;
    delete_vpn_gateway(DeleteVpnGatewayInput) -> DeleteVpnGatewayOutput;
    describe_addresses_attribute(DescribeAddressesAttributeInput) -> DescribeAddressesAttributeOutput;
    describe_customer_gateways(DescribeCustomerGatewaysInput) -> DescribeCustomerGatewaysOutput;
    describe_flow_logs(DescribeFlowLogsInput) -> DescribeFlowLogsOutput;
    describe_managed_prefix_lists(DescribeManagedPrefixListsInput) -> DescribeManagedPrefixListsOutput;
    describe_nat_gateways(DescribeNatGatewaysInput) -> DescribeNatGatewaysOutput;
    describe_network_interface_attribute(DescribeNetworkInterfaceAttributeInput) -> DescribeNetworkInterfaceAttributeOutput;
    describe_prefix_lists(DescribePrefixListsInput) -> DescribePrefixListsOutput;
    describe_secondary_networks(DescribeSecondaryNetworksInput) -> DescribeSecondaryNetworksOutput;
    describe_secondary_subnets(DescribeSecondarySubnetsInput) -> DescribeSecondarySubnetsOutput;
    describe_security_group_vpc_associations(DescribeSecurityGroupVpcAssociationsInput) -> DescribeSecurityGroupVpcAssociationsOutput;
    describe_transit_gateway_attachments(DescribeTransitGatewayAttachmentsInput) -> DescribeTransitGatewayAttachmentsOutput;
    describe_transit_gateways(DescribeTransitGatewaysInput) -> DescribeTransitGatewaysOutput;
    describe_vpc_endpoints(DescribeVpcEndpointsInput) -> DescribeVpcEndpointsOutput;
    describe_vpc_peering_connections(DescribeVpcPeeringConnectionsInput) -> DescribeVpcPeeringConnectionsOutput;
    describe_vpn_connections(DescribeVpnConnectionsInput) -> DescribeVpnConnectionsOutput;
    describe_vpn_gateways(DescribeVpnGatewaysInput) -> DescribeVpnGatewaysOutput;
    detach_classic_link_vpc(DetachClassicLinkVpcInput) -> DetachClassicLinkVpcOutput;
    detach_vpn_gateway(DetachVpnGatewayInput) -> DetachVpnGatewayOutput;
    disable_vgw_route_propagation(DisableVgwRoutePropagationInput) -> DisableVgwRoutePropagationOutput;
    disable_vpc_classic_link(DisableVpcClassicLinkInput) -> DisableVpcClassicLinkOutput;
    enable_vgw_route_propagation(EnableVgwRoutePropagationInput) -> EnableVgwRoutePropagationOutput;
    enable_vpc_classic_link(EnableVpcClassicLinkInput) -> EnableVpcClassicLinkOutput;
    get_managed_prefix_list_entries(GetManagedPrefixListEntriesInput) -> GetManagedPrefixListEntriesOutput;
    modify_network_interface_attribute(ModifyNetworkInterfaceAttributeInput) -> ModifyNetworkInterfaceAttributeOutput;
    modify_vpc_endpoint(ModifyVpcEndpointInput) -> ModifyVpcEndpointOutput;
    reject_vpc_peering_connection(RejectVpcPeeringConnectionInput) -> RejectVpcPeeringConnectionOutput;
    reset_network_interface_attribute(ResetNetworkInterfaceAttributeInput) -> ResetNetworkInterfaceAttributeOutput;
    unassign_ipv6_addresses(UnassignIpv6AddressesInput) -> UnassignIpv6AddressesOutput;
    unassign_private_ip_addresses(UnassignPrivateIpAddressesInput) -> UnassignPrivateIpAddressesOutput;
}
