//! VPC endpoints: gateway endpoints, which are routes to S3 and DynamoDB, and interface endpoints,
//! which are addresses in subnets.
//!
//! The list of services is not known here: any name of this region in the format of a service name
//! is accepted.

use std::collections::BTreeSet;

use aws_sdk_ec2::operation::{create_vpc_endpoint::*, delete_vpc_endpoints::*, describe_vpc_endpoints::*};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::agenda::delays;
use super::describe::describe;
use super::filter::filters;
use super::ids::fnv;
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::service_interfaces::Service;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    VpcEndpoint in endpoints by vpc_endpoint_id, tagged tags,
    Kind {
        prefix: "vpce",
        resource: "vpc-endpoint",
        not_found: "InvalidVpcEndpointId.NotFound",
        absent: "The Vpc Endpoint Id '{}' does not exist",
        malformed: Some("InvalidVpcEndpointId.Malformed"),
    },
    filters!(endpoint: VpcEndpoint =>
        "ip-address-type" = endpoint.ip_address_type(),
        "service-name" = endpoint.service_name(),
        "service-region" = endpoint.service_region(),
        "vpc-endpoint-id" = endpoint.vpc_endpoint_id(),
        "vpc-endpoint-state" = endpoint.state(),
        "vpc-endpoint-type" = endpoint.vpc_endpoint_type(),
        "vpc-id" = endpoint.vpc_id(),
    )
);

describe! {
    paged describe_vpc_endpoints(DescribeVpcEndpointsInput: vpc_endpoint_ids, filters, "vpcEndpointIdSet") -> DescribeVpcEndpointsOutput: set_vpc_endpoints;
}

/// Allows everything.
pub(super) const DEFAULT_POLICY: &str =
    r#"{"Version":"2008-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"*","Resource":"*"}]}"#;

/// Returns a state as AWS does: in lower case, unlike its model.
pub(super) fn state(name: &str) -> State {
    State::from(name)
}

pub(super) fn is_gateway(endpoint: &VpcEndpoint) -> bool {
    endpoint.vpc_endpoint_type() == Some(&VpcEndpointType::Gateway)
}

/// Checks that it is a policy.
pub(super) fn check_policy(text: &str) -> Answer<()> {
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Object(_)) => Ok(()),
        _ => Err(Refusal::new("InvalidPolicyDocument", "The policy document is not valid JSON.")),
    }
}

pub(super) fn with_interfaces_only(what: &str) -> Refusal {
    Refusal::new("InvalidParameter", format!("Endpoint type (Gateway) does not support {what}."))
}

pub(super) fn with_gateways_only(what: &str) -> Refusal {
    Refusal::new("InvalidParameter", format!("Endpoint type (Interface) does not support {what}."))
}

impl Region {
    /// Checks that the service exists, as far as its name shows.
    fn check_service(&self, name: &str, gateway: bool) -> Answer<()> {
        let own = [format!("com.amazonaws.{}.", self.name), format!("com.amazonaws.vpce.{}.vpce-svc-", self.name)];
        let own = own.into_iter().chain([format!("aws.sagemaker.{}.", self.name)]);
        let known = match gateway {
            true => self.list_of_service(name).is_some(),
            false => own.into_iter().any(|prefix| name.strip_prefix(&prefix).is_some_and(|rest| !rest.is_empty())),
        };
        if known {
            return Ok(());
        }
        Err(Refusal::new("InvalidServiceName", format!("The Vpc Endpoint Service '{name}' does not exist")))
    }

    pub(super) fn create_vpc_endpoint(&mut self, input: CreateVpcEndpointInput) -> Answer<CreateVpcEndpointOutput> {
        let tags = specified_for(input.tag_specifications(), "vpc-endpoint")?;
        let kind = input.vpc_endpoint_type().cloned().unwrap_or(VpcEndpointType::Gateway);
        let gateway = kind == VpcEndpointType::Gateway;
        let beyond = input.service_network_arn().or(input.resource_configuration_arn()).is_some()
            || input.service_region().is_some_and(|region| region != self.name)
            || input.ip_address_type().is_some_and(|kind| *kind != IpAddressType::Ipv4)
            || !input.subnet_configurations().is_empty()
            || input.dns_options().is_some();
        if beyond || !(gateway || kind == VpcEndpointType::Interface) {
            return Err(Refusal::NotModelled);
        }
        let vpc_id = self.vpcs.get(required(input.vpc_id(), "VpcId")?)?.id().to_owned();
        let service = required(input.service_name(), "ServiceName")?;
        self.check_service(service, gateway)?;
        let policy = input.policy_document().unwrap_or(DEFAULT_POLICY);
        check_policy(policy)?;
        let id = self.ids.next("vpce");
        let mut endpoint = VpcEndpoint::builder()
            .vpc_endpoint_id(&id)
            .vpc_endpoint_type(kind)
            .vpc_id(&vpc_id)
            .service_name(service)
            .service_region(&self.name)
            .owner_id(OWNER)
            .policy_document(policy)
            .creation_timestamp(self.stamp())
            .ip_address_type(IpAddressType::Ipv4)
            .requester_managed(false)
            .private_dns_enabled(false)
            .set_route_table_ids(Some(Vec::new()))
            .set_subnet_ids(Some(Vec::new()))
            .set_groups(Some(Vec::new()))
            .set_network_interface_ids(Some(Vec::new()))
            .set_dns_entries(Some(Vec::new()))
            .state(state(if gateway { "available" } else { "pending" }))
            .build();
        if gateway {
            let beside = !input.subnet_ids().is_empty() || !input.security_group_ids().is_empty();
            if beside || input.private_dns_enabled() == Some(true) {
                return Err(with_interfaces_only("subnets, security groups and private DNS"));
            }
            self.add_endpoint_routes(&mut endpoint, input.route_table_ids())?;
        } else {
            if !input.route_table_ids().is_empty() {
                return Err(with_gateways_only("route tables"));
            }
            let groups = self.groups_for(&vpc_id, input.security_group_ids(), &[])?;
            endpoint.groups = Some(groups.into_iter().map(as_of_endpoint).collect());
            endpoint.dns_options = Some(DnsOptions::builder().dns_record_ip_type(DnsRecordIpType::Ipv4).build());
            endpoint.private_dns_enabled = Some(self.wants_private_dns(&endpoint, input.private_dns_enabled())?);
            self.add_endpoint_subnets(&mut endpoint, input.subnet_ids())?;
            self.later(delays::VPC_ENDPOINT, Region::endpoint_started, &id);
        }
        self.endpoints.put(endpoint);
        self.tags.put_all(&id, &tags);
        let shown = self.endpoints.get(&id)?.shown(self);
        Ok(CreateVpcEndpointOutput::builder().vpc_endpoint(shown).set_client_token(input.client_token).build())
    }

    /// Returns whether the service's own name resolves to the endpoint. By default it does if the
    /// VPC's DNS settings allow it.
    pub(super) fn wants_private_dns(&self, endpoint: &VpcEndpoint, asked: Option<bool>) -> Answer<bool> {
        let vpc_id = endpoint.vpc_id().unwrap_or_default();
        let names = self.settings.names_of(vpc_id);
        let wanted = asked.unwrap_or(names.hostnames && names.support);
        if !wanted {
            return Ok(false);
        }
        if !(names.hostnames && names.support) {
            let message = format!(
                "Enabling private DNS requires both enableDnsSupport and enableDnsHostnames VPC attributes set to true for {vpc_id}"
            );
            return Err(Refusal::new("InvalidParameter", message));
        }
        let conflicts = |other: &VpcEndpoint| {
            other.id() != endpoint.id()
                && other.vpc_id() == Some(vpc_id)
                && other.service_name == endpoint.service_name
                && other.private_dns_enabled() == Some(true)
        };
        if self.endpoints.iter().any(conflicts) {
            let service = endpoint.service_name().unwrap_or_default();
            let message = format!(
                "private-dns-enabled cannot be set because there is already a conflicting DNS domain for {service} in the VPC {vpc_id}"
            );
            return Err(Refusal::new("InvalidParameter", message));
        }
        Ok(true)
    }

    /// Adds the route to a service's blocks to each of these tables.
    pub(super) fn add_endpoint_routes(&mut self, endpoint: &mut VpcEndpoint, table_ids: &[String]) -> Answer<()> {
        let list = self.list_of_service(endpoint.service_name().unwrap_or_default());
        let list = list.map(|list| list.id().to_owned()).unwrap_or_default();
        for table_id in table_ids {
            let table = self.route_tables.get(table_id)?;
            if table.vpc_id() != endpoint.vpc_id() {
                let message = format!(
                    "Route table {table_id} and VPC {} belong to different networks",
                    endpoint.vpc_id().unwrap_or_default()
                );
                return Err(Refusal::value(message));
            }
            if table.routes().iter().any(|own| own.destination_prefix_list_id() == Some(&list)) {
                let message = format!("route table {table_id} already has a route with destination-prefix-list-id {list}");
                return Err(Refusal::new("RouteAlreadyExists", message));
            }
        }
        for table_id in table_ids.iter().collect::<BTreeSet<_>>() {
            let route = Route::builder()
                .destination_prefix_list_id(&list)
                .set_gateway_id(endpoint.vpc_endpoint_id.clone())
                .origin(RouteOrigin::CreateRoute)
                .state(RouteState::Active);
            self.route_tables.get_mut(table_id)?.routes.get_or_insert_default().push(route.build());
            endpoint.route_table_ids.get_or_insert_default().push(table_id.clone());
        }
        Ok(())
    }

    pub(super) fn remove_endpoint_routes(&mut self, endpoint: &mut VpcEndpoint, table_ids: &[String]) {
        for table in self.route_tables.iter_mut().filter(|table| table_ids.iter().any(|id| id == table.id())) {
            table.routes.get_or_insert_default().retain(|route| route.gateway_id() != endpoint.vpc_endpoint_id());
        }
        endpoint.route_table_ids.get_or_insert_default().retain(|own| !table_ids.contains(own));
    }

    /// Adds an interface in each of these subnets, one per zone, and their DNS names.
    pub(super) fn add_endpoint_subnets(&mut self, endpoint: &mut VpcEndpoint, subnet_ids: &[String]) -> Answer<()> {
        let mut zones: Vec<String> = Vec::new();
        let held = endpoint.subnet_ids().iter().filter_map(|id| self.subnets.get(id).ok());
        zones.extend(held.filter_map(|subnet| subnet.availability_zone.clone()));
        for subnet_id in subnet_ids {
            let subnet = self.subnets.get(subnet_id)?;
            if subnet.vpc_id() != endpoint.vpc_id() {
                let message =
                    format!("Subnet {subnet_id} and VPC {} belong to different networks", endpoint.vpc_id().unwrap_or_default());
                return Err(Refusal::value(message));
            }
            let zone = subnet.availability_zone.clone().unwrap_or_default();
            if zones.contains(&zone) {
                let message = format!("Found another VPC endpoint subnet in the availability zone of {subnet_id}");
                return Err(Refusal::new("DuplicateSubnetsInSameZone", message));
            }
            self.free_addresses(subnet_id, 1, &[])?;
            zones.push(zone);
        }
        for subnet_id in subnet_ids {
            let groups = endpoint.groups().iter().map(|own| {
                GroupIdentifier::builder().set_group_id(own.group_id.clone()).set_group_name(own.group_name.clone()).build()
            });
            let nic = self.make_service_interface(Service {
                kind: NetworkInterfaceType::VpcEndpoint,
                description: &format!("VPC Endpoint Interface {}", endpoint.id()),
                subnet_id,
                groups: groups.collect(),
                addresses: self.free_addresses(subnet_id, 1, &[])?,
            })?;
            endpoint.network_interface_ids.get_or_insert_default().push(nic);
            endpoint.subnet_ids.get_or_insert_default().push(subnet_id.clone());
        }
        endpoint.dns_entries = Some(self.endpoint_names(endpoint));
        Ok(())
    }

    pub(super) fn remove_endpoint_subnets(&mut self, endpoint: &mut VpcEndpoint, subnet_ids: &[String]) {
        let gone = |nic: &NetworkInterface| {
            nic.subnet_id.as_ref().is_some_and(|own| subnet_ids.contains(own))
                && endpoint.network_interface_ids().iter().any(|own| own == nic.id())
        };
        let nics: Vec<String> = self.interfaces.iter().filter(|nic| gone(nic)).map(|nic| nic.id().to_owned()).collect();
        for nic in &nics {
            self.drop_service_interface(nic);
        }
        endpoint.network_interface_ids.get_or_insert_default().retain(|own| !nics.contains(own));
        endpoint.subnet_ids.get_or_insert_default().retain(|own| !subnet_ids.contains(own));
        endpoint.dns_entries = Some(self.endpoint_names(endpoint));
    }

    /// Returns one name for the endpoint, one per zone, and the service's own if requested.
    pub(super) fn endpoint_names(&self, endpoint: &VpcEndpoint) -> Vec<DnsEntry> {
        let service = endpoint.service_name().unwrap_or_default().rsplit('.').next().unwrap_or_default();
        let own = format!("{}-{:08x}", endpoint.id(), fnv(endpoint.id()) >> 32);
        let domain = format!("{service}.{}.vpce.amazonaws.com", self.name);
        let zones = endpoint.subnet_ids().iter().filter_map(|id| self.subnets.get(id).ok()?.availability_zone.clone());
        let mut names = vec![format!("{own}.{domain}")];
        names.extend(zones.map(|zone| format!("{own}-{zone}.{domain}")));
        if endpoint.private_dns_enabled() == Some(true) {
            names.push(format!("{service}.{}.amazonaws.com", self.name));
        }
        let hosted = format!("Z{:013X}", fnv(&domain) >> 12);
        names.into_iter().map(|name| DnsEntry::builder().dns_name(name).hosted_zone_id(&hosted).build()).collect()
    }

    fn endpoint_started(&mut self, id: &str) {
        if let Ok(endpoint) = self.endpoints.get_mut(id)
            && endpoint.state == Some(state("pending"))
        {
            endpoint.state = Some(state("available"));
        }
    }

    /// Reports missing endpoints in the response; deletes the others.
    pub(super) fn delete_vpc_endpoints(&mut self, input: DeleteVpcEndpointsInput) -> Answer<DeleteVpcEndpointsOutput> {
        let mut unsuccessful = Vec::new();
        for id in required_list(input.vpc_endpoint_ids(), "VpcEndpointId")? {
            let Ok(mut endpoint) = self.endpoints.get(id).cloned() else {
                let why = UnsuccessfulItemError::builder().code("InvalidVpcEndpoint.NotFound");
                let why = why.message(format!("The Vpc Endpoint Id '{id}' does not exist")).build();
                unsuccessful.push(UnsuccessfulItem::builder().resource_id(id).error(why).build());
                continue;
            };
            if is_gateway(&endpoint) {
                let tables = endpoint.route_table_ids().to_vec();
                self.remove_endpoint_routes(&mut endpoint, &tables);
                self.endpoint_deleted(id);
            } else if endpoint.state != Some(state("deleting")) {
                endpoint.state = Some(state("deleting"));
                self.endpoints.put(endpoint);
                self.later(delays::VPC_ENDPOINT, Region::endpoint_deleted, id);
            }
        }
        Ok(DeleteVpcEndpointsOutput::builder().set_unsuccessful(Some(unsuccessful)).build())
    }

    fn endpoint_deleted(&mut self, id: &str) {
        let Ok(endpoint) = self.endpoints.take(id) else { return };
        for nic in endpoint.network_interface_ids() {
            self.drop_service_interface(nic);
        }
        self.tags.forget(id);
    }
}

pub(super) fn as_of_endpoint(group: GroupIdentifier) -> SecurityGroupIdentifier {
    SecurityGroupIdentifier::builder().set_group_id(group.group_id).set_group_name(group.group_name).build()
}
