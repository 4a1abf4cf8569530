//! Modifying VPC endpoints.

use aws_sdk_ec2::operation::modify_vpc_endpoint::*;
use aws_sdk_ec2::types::*;

use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::vpc_endpoints::{
    DEFAULT_POLICY, as_of_endpoint, check_policy, is_gateway, state, with_gateways_only, with_interfaces_only,
};

impl Region {
    pub(super) fn modify_vpc_endpoint(&mut self, input: ModifyVpcEndpointInput) -> Answer<ModifyVpcEndpointOutput> {
        let beyond = input.ip_address_type().is_some_and(|kind| *kind != IpAddressType::Ipv4)
            || input.dns_options().is_some()
            || !input.subnet_configurations().is_empty();
        if beyond {
            return Err(Refusal::NotModelled);
        }
        let id = required(input.vpc_endpoint_id(), "VpcEndpointId")?;
        let mut endpoint = self.endpoints.get(id)?.clone();
        if endpoint.state == Some(state("deleting")) {
            return Err(Refusal::new("IncorrectState", format!("The Vpc Endpoint '{id}' is being deleted.")));
        }
        match (input.policy_document(), input.reset_policy()) {
            (Some(_), Some(true)) => return Err(Refusal::combination("PolicyDocument and ResetPolicy cannot be used together")),
            (Some(policy), _) => {
                check_policy(policy)?;
                endpoint.policy_document = Some(policy.to_owned());
            }
            (None, Some(true)) => endpoint.policy_document = Some(DEFAULT_POLICY.to_owned()),
            _ => {}
        }
        // Changes a copy of the region, so that a failure half-way has no effect.
        let mut changed = self.clone();
        if is_gateway(&endpoint) {
            changed.change_gateway_endpoint(&mut endpoint, &input)?;
        } else {
            changed.change_interface_endpoint(&mut endpoint, &input)?;
        }
        changed.endpoints.put(endpoint);
        changed.abroad = std::mem::take(&mut self.abroad);
        *self = changed;
        Ok(ModifyVpcEndpointOutput::builder().r#return(true).build())
    }

    fn change_gateway_endpoint(&mut self, endpoint: &mut VpcEndpoint, input: &ModifyVpcEndpointInput) -> Answer<()> {
        let subnets = !input.add_subnet_ids().is_empty() || !input.remove_subnet_ids().is_empty();
        let groups = !input.add_security_group_ids().is_empty() || !input.remove_security_group_ids().is_empty();
        if subnets || groups || input.private_dns_enabled() == Some(true) {
            return Err(with_interfaces_only("subnets, security groups and private DNS"));
        }
        for table in input.remove_route_table_ids() {
            self.route_tables.get(table)?;
        }
        self.remove_endpoint_routes(endpoint, input.remove_route_table_ids());
        let new: Vec<String> =
            input.add_route_table_ids().iter().filter(|id| !endpoint.route_table_ids().contains(id)).cloned().collect();
        self.add_endpoint_routes(endpoint, &new)
    }

    fn change_interface_endpoint(&mut self, endpoint: &mut VpcEndpoint, input: &ModifyVpcEndpointInput) -> Answer<()> {
        if !input.add_route_table_ids().is_empty() || !input.remove_route_table_ids().is_empty() {
            return Err(with_gateways_only("route tables"));
        }
        self.change_endpoint_groups(endpoint, input.add_security_group_ids(), input.remove_security_group_ids())?;
        for subnet in input.remove_subnet_ids() {
            self.subnets.get(subnet)?;
        }
        self.remove_endpoint_subnets(endpoint, input.remove_subnet_ids());
        if let Some(asked) = input.private_dns_enabled() {
            endpoint.private_dns_enabled = Some(self.wants_private_dns(endpoint, Some(asked))?);
        }
        let new: Vec<String> = input.add_subnet_ids().iter().filter(|id| !endpoint.subnet_ids().contains(id)).cloned().collect();
        self.add_endpoint_subnets(endpoint, &new)
    }

    /// The groups also apply to the endpoint's interfaces. At least one must remain.
    fn change_endpoint_groups(&mut self, endpoint: &mut VpcEndpoint, add: &[String], remove: &[String]) -> Answer<()> {
        if add.is_empty() && remove.is_empty() {
            return Ok(());
        }
        let own = endpoint.groups().iter().filter_map(|own| own.group_id.clone());
        let mut ids: Vec<String> = own.filter(|id| !remove.contains(id)).collect();
        for id in add {
            if !ids.contains(id) {
                ids.push(id.clone());
            }
        }
        if ids.is_empty() {
            return Err(Refusal::new("InvalidParameter", "A VPC endpoint must have at least one security group."));
        }
        let groups = self.groups_for(endpoint.vpc_id().unwrap_or_default(), &ids, &[])?;
        for id in endpoint.network_interface_ids() {
            self.interfaces.get_mut(id)?.groups = Some(groups.clone());
        }
        endpoint.groups = Some(groups.into_iter().map(as_of_endpoint).collect());
        Ok(())
    }
}
