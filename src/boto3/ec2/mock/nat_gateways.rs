//! NAT gateways: public ones with an elastic address, private ones without. An obstacle to one
//! appears later, as the state `failed`.

use aws_sdk_ec2::operation::{create_nat_gateway::*, delete_nat_gateway::*, describe_nat_gateways::*};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::describe::describe;
use super::filter::filters;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::service_interfaces::Service;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    NatGateway in nat_gateways by nat_gateway_id, tagged tags,
    Kind {
        prefix: "nat",
        resource: "natgateway",
        not_found: "NatGatewayNotFound",
        absent: "The Nat Gateway {} was not found",
        malformed: Some("NatGatewayMalformed"),
    },
    filters!(gateway: NatGateway =>
        "nat-gateway-id" = gateway.nat_gateway_id(),
        "state" = gateway.state(),
        "subnet-id" = gateway.subnet_id(),
        "vpc-id" = gateway.vpc_id(),
    )
);

describe! {
    paged describe_nat_gateways(DescribeNatGatewaysInput: nat_gateway_ids, filter, "natGatewayIdSet") -> DescribeNatGatewaysOutput: set_nat_gateways;
}

impl Region {
    /// Returns the allocations of a gateway, its primary one first; none for a private gateway.
    fn allocations_for_nat_gateway(&self, input: &CreateNatGatewayInput) -> Answer<Vec<String>> {
        let regional = input.availability_mode() == Some(&AvailabilityMode::Regional)
            || input.vpc_id().is_some()
            || !input.availability_zone_addresses().is_empty();
        if regional {
            return Err(Refusal::NotModelled);
        }
        let secondary = input.secondary_allocation_ids();
        match (input.connectivity_type().unwrap_or(&ConnectivityType::Public), input.allocation_id()) {
            (ConnectivityType::Public, None) => Err(Refusal::missing("AllocationId")),
            (ConnectivityType::Public, Some(first)) => {
                let private = input.secondary_private_ip_addresses().len();
                if input.secondary_private_ip_address_count().is_some() || (private > 0 && private != secondary.len()) {
                    let message = "Secondary private addresses of a public NAT gateway need an allocation each.";
                    return Err(Refusal::combination(message));
                }
                let ids = std::iter::once(first).chain(secondary.iter().map(String::as_str));
                ids.map(|id| Ok(self.addresses.get(id)?.id().to_owned())).collect()
            }
            (ConnectivityType::Private, None) if secondary.is_empty() => Ok(Vec::new()),
            (ConnectivityType::Private, _) => {
                Err(Refusal::combination("Allocations cannot be specified for a private NAT gateway."))
            }
            (other, _) => Err(Refusal::bad_value(other.as_str(), "ConnectivityType", "Values are public and private.")),
        }
    }

    /// Returns the private addresses of a gateway, its primary one first.
    fn addresses_for_nat_gateway(&self, subnet: &Subnet, input: &CreateNatGatewayInput) -> Answer<Vec<String>> {
        let mut addresses: Vec<String> = input.private_ip_address().map(str::to_owned).into_iter().collect();
        if addresses.is_empty() {
            addresses = self.free_addresses(subnet.id(), 1, input.secondary_private_ip_addresses())?;
        }
        addresses.extend(input.secondary_private_ip_addresses().iter().cloned());
        for address in &addresses {
            self.check_free(subnet, address)?;
        }
        let asked = usize::try_from(input.secondary_private_ip_address_count().unwrap_or(0)).unwrap_or(0);
        let more = asked.max((1 + input.secondary_allocation_ids().len()).saturating_sub(addresses.len()));
        addresses.extend(self.free_addresses(subnet.id(), more, &addresses)?);
        Ok(addresses)
    }

    /// Returns the reason why a public gateway fails.
    fn nat_gateway_failure(&self, vpc_id: &str, allocations: &[String]) -> Option<(&'static str, String)> {
        let out = |gateway: &InternetGateway| gateway.attachments().iter().any(|to| to.vpc_id() == Some(vpc_id));
        if !self.internet_gateways.iter().any(out) {
            return Some(("Gateway.NotAttached", format!("Network {vpc_id} has no Internet gateway attached")));
        }
        let taken = |id: &&String| self.addresses.get(id).is_ok_and(|address| address.association_id().is_some());
        let taken = allocations.iter().find(taken);
        taken.map(|id| ("Resource.AlreadyAssociated", format!("Elastic IP address [{id}] is already associated")))
    }

    pub(super) fn create_nat_gateway(&mut self, input: CreateNatGatewayInput) -> Answer<CreateNatGatewayOutput> {
        let tags = specified_for(input.tag_specifications(), "natgateway")?;
        let allocations = self.allocations_for_nat_gateway(&input)?;
        let subnet = self.subnets.get(required(input.subnet_id(), "SubnetId")?)?;
        let addresses = self.addresses_for_nat_gateway(subnet, &input)?;
        let (subnet_id, vpc_id) = (subnet.id().to_owned(), subnet.vpc_id.clone().unwrap_or_default());
        let id = self.ids.next("nat");
        let public = !allocations.is_empty();
        let failure = if public { self.nat_gateway_failure(&vpc_id, &allocations) } else { None };
        let shown = match &failure {
            Some((_, why)) => {
                let address = NatGatewayAddress::builder().set_allocation_id(allocations.first().cloned()).is_primary(true);
                vec![address.status(NatGatewayAddressStatus::Failed).failure_message(why).build()]
            }
            None => self.open_nat_gateway(&id, &subnet_id, addresses, &allocations)?,
        };
        let (code, why) = failure.unzip();
        let gateway = NatGateway::builder()
            .nat_gateway_id(&id)
            .subnet_id(&subnet_id)
            .vpc_id(vpc_id)
            .connectivity_type(input.connectivity_type().cloned().unwrap_or(ConnectivityType::Public))
            .availability_mode(AvailabilityMode::Zonal)
            .create_time(self.stamp())
            .set_nat_gateway_addresses(Some(shown))
            .set_failure_code(code.map(str::to_owned))
            .set_failure_message(why)
            .state(NatGatewayState::Pending);
        self.nat_gateways.put(gateway.build());
        self.tags.put_all(&id, &tags);
        self.later(delays::NAT_GATEWAY, Region::nat_gateway_started, &id);
        let mut shown = self.nat_gateways.get(&id)?.shown(self);
        (shown.failure_code, shown.failure_message) = (None, None);
        Ok(CreateNatGatewayOutput::builder().nat_gateway(shown).set_client_token(input.client_token).build())
    }

    /// Creates a gateway's interface, and associates its elastic addresses.
    fn open_nat_gateway(
        &mut self,
        id: &str,
        subnet_id: &str,
        addresses: Vec<String>,
        allocations: &[String],
    ) -> Answer<Vec<NatGatewayAddress>> {
        let nic = self.make_service_interface(Service {
            kind: NetworkInterfaceType::NatGateway,
            description: &format!("Interface for NAT Gateway {id}"),
            subnet_id,
            groups: Vec::new(),
            addresses: addresses.clone(),
        })?;
        let mut shown = Vec::new();
        for (at, private_ip) in addresses.into_iter().enumerate() {
            let mut address = NatGatewayAddress::builder()
                .network_interface_id(&nic)
                .is_primary(at == 0)
                .status(NatGatewayAddressStatus::Succeeded);
            if let Some(allocation) = allocations.get(at) {
                let public_ip = self.addresses.get(allocation)?.public_ip.clone();
                address = address
                    .association_id(self.join_address(allocation, &nic, Some(&private_ip))?)
                    .allocation_id(allocation)
                    .set_public_ip(public_ip);
            }
            shown.push(address.private_ip(private_ip).build());
        }
        Ok(shown)
    }

    /// Returns the gateway as a route target.
    pub(super) fn nat_gateway_for_route(&self, id: &str) -> Answer<&NatGateway> {
        let live = |gateway: &&NatGateway| matches!(gateway.state(), Some(NatGatewayState::Pending | NatGatewayState::Available));
        self.nat_gateways
            .get(id)
            .ok()
            .filter(live)
            .ok_or_else(|| Refusal::new("InvalidNatGatewayID.NotFound", format!("The natGateway ID '{id}' does not exist")))
    }

    fn nat_gateway_started(&mut self, id: &str) {
        let Ok(gateway) = self.nat_gateways.get_mut(id) else { return };
        if gateway.state == Some(NatGatewayState::Pending) {
            let failed = gateway.failure_code.is_some();
            gateway.state = Some(if failed { NatGatewayState::Failed } else { NatGatewayState::Available });
            if failed {
                self.later(delays::GONE, Region::nat_gateway_forgotten, id);
            }
        }
    }

    /// Its routes become blackholes; its elastic address stays with the account.
    pub(super) fn delete_nat_gateway(&mut self, input: DeleteNatGatewayInput) -> Answer<DeleteNatGatewayOutput> {
        let id = required(input.nat_gateway_id(), "NatGatewayId")?;
        let gateway = self.nat_gateways.get_mut(id)?;
        if !matches!(gateway.state, Some(NatGatewayState::Deleting | NatGatewayState::Deleted)) {
            gateway.state = Some(NatGatewayState::Deleting);
            self.blacken_routes(|route| route.nat_gateway_id() == Some(id));
            self.later(delays::NAT_GATEWAY, Region::nat_gateway_deleted, id);
        }
        Ok(DeleteNatGatewayOutput::builder().nat_gateway_id(id).build())
    }

    fn nat_gateway_deleted(&mut self, id: &str) {
        let now = self.stamp();
        let Ok(gateway) = self.nat_gateways.get_mut(id) else { return };
        gateway.state = Some(NatGatewayState::Deleted);
        gateway.delete_time = Some(now);
        let nics: Vec<String> =
            gateway.nat_gateway_addresses().iter().filter_map(|own| own.network_interface_id.clone()).collect();
        for nic in nics {
            self.drop_service_interface(&nic);
        }
        self.later(delays::GONE, Region::nat_gateway_forgotten, id);
    }

    fn nat_gateway_forgotten(&mut self, id: &str) {
        let _ = self.nat_gateways.take(id);
        self.tags.forget(id);
    }
}
