//! What connects networks: interfaces, NAT gateways, peering, endpoints, VPN, flow logs.

use aws_sdk_ec2::types::{AttributeValue, VpcEndpoint, VpcPeeringConnection};
use leyden::Wait;
use leyden::boto3::{Error, ec2::Client};
use serde_json::{Value, json};

use super::{Params, gone};

fn peering(of: &VpcPeeringConnection) -> Value {
    let status = of.status().unwrap().code().unwrap().as_str();
    json!([
        of.vpc_peering_connection_id(),
        of.requester_vpc_info().unwrap().vpc_id(),
        of.accepter_vpc_info().unwrap().vpc_id(),
        status
    ])
}

fn endpoint(of: &VpcEndpoint) -> Value {
    let kind = of.vpc_endpoint_type().unwrap().as_str();
    json!([of.vpc_endpoint_id(), kind, of.service_name(), of.state().unwrap().as_str(), of.route_table_ids()])
}

pub(super) fn ask(ec2: &Client, operation: &str, p: &Params) -> Result<Value, Error> {
    Ok(match operation {
        "create_network_interface" => {
            let made =
                ec2.create_network_interface(|nic| nic.set_subnet_id(p.text("SubnetId")).set_description(p.text("Description")));
            let nic = made.wait()?.network_interface.unwrap();
            json!([nic.network_interface_id(), nic.subnet_id(), nic.description(), nic.source_dest_check()])
        }
        "describe_network_interfaces" => {
            let answer = ec2.describe_network_interfaces(|which| {
                which.set_network_interface_ids(p.texts("NetworkInterfaceIds")).set_filters(p.filters())
            });
            let answer = answer.wait()?;
            let show = |one: &aws_sdk_ec2::types::NetworkInterface| {
                let secondary = one.private_ip_addresses().iter().filter(|own| own.primary() != Some(true));
                let secondary: Vec<_> = secondary.map(|own| own.private_ip_address()).collect();
                json!([one.network_interface_id(), one.description(), secondary])
            };
            answer.network_interfaces().iter().map(show).collect()
        }
        "assign_private_ip_addresses" => {
            let assigned = ec2.assign_private_ip_addresses(|to| {
                to.set_network_interface_id(p.text("NetworkInterfaceId")).set_private_ip_addresses(p.texts("PrivateIpAddresses"))
            });
            gone(assigned.wait())?
        }
        "unassign_private_ip_addresses" => {
            let unassigned = ec2.unassign_private_ip_addresses(|of| {
                of.set_network_interface_id(p.text("NetworkInterfaceId")).set_private_ip_addresses(p.texts("PrivateIpAddresses"))
            });
            gone(unassigned.wait())?
        }
        "modify_network_interface_attribute" => {
            let text = AttributeValue::builder().set_value(p.0["Description"]["Value"].as_str().map(str::to_owned)).build();
            let changed = ec2.modify_network_interface_attribute(|of| {
                of.set_network_interface_id(p.text("NetworkInterfaceId")).description(text)
            });
            gone(changed.wait())?
        }
        "describe_network_interface_attribute" => {
            let shown = ec2.describe_network_interface_attribute(|of| {
                of.set_network_interface_id(p.text("NetworkInterfaceId"))
                    .set_attribute(p.text("Attribute").map(|name| name.as_str().into()))
            });
            let shown = shown.wait()?;
            let checks = shown.source_dest_check().and_then(|own| own.value());
            json!([shown.network_interface_id(), shown.description().and_then(|own| own.value()), checks])
        }
        "describe_addresses_attribute" => {
            let answer = ec2.describe_addresses_attribute(|which| which.set_allocation_ids(p.texts("AllocationIds"))).wait()?;
            answer.addresses().iter().map(|one| json!(one.allocation_id())).collect()
        }
        "create_nat_gateway" => {
            let made = ec2.create_nat_gateway(|gateway| {
                gateway.set_subnet_id(p.text("SubnetId")).set_allocation_id(p.text("AllocationId"))
            });
            let made = made.wait()?.nat_gateway.unwrap();
            json!([made.nat_gateway_id(), made.subnet_id(), made.nat_gateway_addresses()[0].allocation_id()])
        }
        "describe_nat_gateways" => {
            let answer = ec2.describe_nat_gateways(|which| {
                which.set_nat_gateway_ids(p.texts("NatGatewayIds")).set_filter(p.filters_in("Filter"))
            });
            let show = |one: &aws_sdk_ec2::types::NatGateway| {
                json!([one.nat_gateway_id(), one.state().unwrap().as_str(), one.subnet_id(), one.vpc_id()])
            };
            answer.wait()?.nat_gateways().iter().map(show).collect()
        }
        "delete_nat_gateway" => {
            json!(ec2.delete_nat_gateway(|which| which.set_nat_gateway_id(p.text("NatGatewayId"))).wait()?.nat_gateway_id)
        }
        _ => between(ec2, operation, p)?,
    })
}

/// Peering, endpoints, VPN.
fn between(ec2: &Client, operation: &str, p: &Params) -> Result<Value, Error> {
    let of = || p.text("VpcPeeringConnectionId");
    Ok(match operation {
        "create_vpc_peering_connection" => {
            let made = ec2
                .create_vpc_peering_connection(|to| to.set_vpc_id(p.text("VpcId")).set_peer_vpc_id(p.text("PeerVpcId")))
                .wait()?;
            peering(&made.vpc_peering_connection.unwrap())
        }
        "describe_vpc_peering_connections" => {
            let answer = ec2.describe_vpc_peering_connections(|which| {
                which.set_vpc_peering_connection_ids(p.texts("VpcPeeringConnectionIds"))
            });
            answer.wait()?.vpc_peering_connections().iter().map(peering).collect()
        }
        "accept_vpc_peering_connection" => {
            let accepted = ec2.accept_vpc_peering_connection(|which| which.set_vpc_peering_connection_id(of())).wait()?;
            json!(accepted.vpc_peering_connection.unwrap().accepter_vpc_info.unwrap().cidr_block)
        }
        "reject_vpc_peering_connection" => {
            json!(ec2.reject_vpc_peering_connection(|which| which.set_vpc_peering_connection_id(of())).wait()?.r#return)
        }
        "delete_vpc_peering_connection" => {
            json!(ec2.delete_vpc_peering_connection(|which| which.set_vpc_peering_connection_id(of())).wait()?.r#return)
        }
        "create_vpc_endpoint" => {
            let made = ec2.create_vpc_endpoint(|endpoint| {
                endpoint
                    .set_vpc_id(p.text("VpcId"))
                    .set_service_name(p.text("ServiceName"))
                    .set_vpc_endpoint_type(p.text("VpcEndpointType").map(|kind| kind.as_str().into()))
                    .set_route_table_ids(p.texts("RouteTableIds"))
            });
            endpoint(&made.wait()?.vpc_endpoint.unwrap())
        }
        "describe_vpc_endpoints" => {
            let answer = ec2
                .describe_vpc_endpoints(|which| which.set_vpc_endpoint_ids(p.texts("VpcEndpointIds")).set_filters(p.filters()));
            answer.wait()?.vpc_endpoints().iter().map(endpoint).collect()
        }
        "modify_vpc_endpoint" => {
            let changed = ec2.modify_vpc_endpoint(|which| {
                which.set_vpc_endpoint_id(p.text("VpcEndpointId")).set_add_route_table_ids(p.texts("AddRouteTableIds"))
            });
            json!(changed.wait()?.r#return)
        }
        "create_flow_logs" => {
            let made = ec2.create_flow_logs(|log| {
                log.set_resource_ids(p.texts("ResourceIds"))
                    .set_resource_type(p.text("ResourceType").map(|kind| kind.as_str().into()))
                    .set_traffic_type(p.text("TrafficType").map(|kind| kind.as_str().into()))
                    .set_log_group_name(p.text("LogGroupName"))
                    .set_deliver_logs_permission_arn(p.text("DeliverLogsPermissionArn"))
                    .set_max_aggregation_interval(p.number("MaxAggregationInterval"))
            });
            json!(made.wait()?.flow_log_ids)
        }
        "describe_flow_logs" => {
            let answer = ec2
                .describe_flow_logs(|which| which.set_flow_log_ids(p.texts("FlowLogIds")).set_filter(p.filters_in("Filter")))
                .wait()?;
            let show = |one: &aws_sdk_ec2::types::FlowLog| {
                let traffic = one.traffic_type().unwrap().as_str();
                json!([one.flow_log_id(), one.resource_id(), traffic, one.log_group_name(), one.max_aggregation_interval()])
            };
            answer.flow_logs().iter().map(show).collect()
        }
        "delete_flow_logs" => gone(ec2.delete_flow_logs(|which| which.set_flow_log_ids(p.texts("FlowLogIds"))).wait())?,
        _ => vpn(ec2, operation, p)?,
    })
}

fn vpn(ec2: &Client, operation: &str, p: &Params) -> Result<Value, Error> {
    let (customer, gateway) = (|| p.text("CustomerGatewayId"), || p.text("VpnGatewayId"));
    Ok(match operation {
        "create_customer_gateway" => {
            let made = ec2.create_customer_gateway(|gateway| {
                gateway
                    .set_type(p.text("Type").map(|kind| kind.as_str().into()))
                    .set_public_ip(p.text("PublicIp"))
                    .set_bgp_asn(p.number("BgpAsn"))
            });
            let made = made.wait()?.customer_gateway.unwrap();
            json!([made.customer_gateway_id(), made.ip_address(), made.bgp_asn(), made.state()])
        }
        "describe_customer_gateways" => {
            let answer =
                ec2.describe_customer_gateways(|which| which.set_customer_gateway_ids(p.texts("CustomerGatewayIds"))).wait()?;
            answer.customer_gateways().iter().map(|one| json!([one.customer_gateway_id(), one.state()])).collect()
        }
        "delete_customer_gateway" => gone(ec2.delete_customer_gateway(|which| which.set_customer_gateway_id(customer())).wait())?,
        "create_vpn_gateway" => {
            let made = ec2.create_vpn_gateway(|gateway| gateway.set_type(p.text("Type").map(|kind| kind.as_str().into())));
            let made = made.wait()?.vpn_gateway.unwrap();
            json!([made.vpn_gateway_id(), made.state().unwrap().as_str()])
        }
        "attach_vpn_gateway" => {
            let to = ec2.attach_vpn_gateway(|to| to.set_vpn_gateway_id(gateway()).set_vpc_id(p.text("VpcId"))).wait()?;
            json!(to.vpc_attachment.unwrap().vpc_id)
        }
        "detach_vpn_gateway" => {
            gone(ec2.detach_vpn_gateway(|of| of.set_vpn_gateway_id(gateway()).set_vpc_id(p.text("VpcId"))).wait())?
        }
        "delete_vpn_gateway" => gone(ec2.delete_vpn_gateway(|which| which.set_vpn_gateway_id(gateway())).wait())?,
        "describe_vpn_gateways" => {
            let answer = ec2
                .describe_vpn_gateways(|which| which.set_vpn_gateway_ids(p.texts("VpnGatewayIds")).set_filters(p.filters()))
                .wait()?;
            let show = |one: &aws_sdk_ec2::types::VpnGateway| {
                let to = one.vpc_attachments().iter().map(|to| json!([to.vpc_id(), to.state().unwrap().as_str()]));
                json!([one.vpn_gateway_id(), one.state().unwrap().as_str(), to.collect::<Vec<_>>()])
            };
            answer.vpn_gateways().iter().map(show).collect()
        }
        "create_vpn_connection" => {
            let made = ec2.create_vpn_connection(|vpn| {
                vpn.set_type(p.text("Type")).set_customer_gateway_id(customer()).set_vpn_gateway_id(gateway())
            });
            let made = made.wait()?.vpn_connection.unwrap();
            json!([made.vpn_connection_id(), made.customer_gateway_id(), made.vpn_gateway_id(), made.r#type().unwrap().as_str()])
        }
        "describe_vpn_connections" => {
            let answer =
                ec2.describe_vpn_connections(|which| which.set_vpn_connection_ids(p.texts("VpnConnectionIds"))).wait()?;
            let show = |one: &aws_sdk_ec2::types::VpnConnection| json!([one.vpn_connection_id(), one.state().unwrap().as_str()]);
            answer.vpn_connections().iter().map(show).collect()
        }
        "delete_vpn_connection" => {
            gone(ec2.delete_vpn_connection(|which| which.set_vpn_connection_id(p.text("VpnConnectionId"))).wait())?
        }
        other => panic!("the replay does not know {other}"),
    })
}
