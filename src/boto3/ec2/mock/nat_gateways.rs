//! NAT gateways: public ones with an elastic address, private ones without. What keeps one from working shows later, as `failed`.

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
    /// What a gateway is asked to be, checked: if it is public, and its allocation.
    fn understand_nat_gateway(&self, input: &CreateNatGatewayInput) -> Answer<Option<String>> {
        let regional = input.availability_mode() == Some(&AvailabilityMode::Regional)
            || input.vpc_id().is_some()
            || !input.availability_zone_addresses().is_empty();
        if regional || !input.secondary_allocation_ids().is_empty() {
            return Err(Refusal::NotModelled);
        }
        let secondary =
            !input.secondary_private_ip_addresses().is_empty() || input.secondary_private_ip_address_count().is_some();
        match (input.connectivity_type().unwrap_or(&ConnectivityType::Public), input.allocation_id()) {
            (ConnectivityType::Public, None) => Err(Refusal::missing("AllocationId")),
            (ConnectivityType::Public, Some(_)) if secondary => {
                Err(Refusal::combination("Secondary private addresses of a public NAT gateway need an allocation each."))
            }
            (ConnectivityType::Public, Some(id)) => Ok(Some(self.addresses.get(id)?.id().to_owned())),
            (ConnectivityType::Private, None) => Ok(None),
            (ConnectivityType::Private, Some(_)) => {
                Err(Refusal::combination("AllocationId cannot be specified for a private NAT gateway."))
            }
            (other, _) => Err(Refusal::bad_value(other.as_str(), "ConnectivityType", "Values are public and private.")),
        }
    }

    /// The private addresses of a gateway, its primary one first.
    fn addresses_for_nat_gateway(&self, subnet: &Subnet, input: &CreateNatGatewayInput) -> Answer<Vec<String>> {
        let mut addresses: Vec<String> = input.private_ip_address().map(str::to_owned).into_iter().collect();
        if addresses.is_empty() {
            addresses = self.free_addresses(subnet.id(), 1, input.secondary_private_ip_addresses())?;
        }
        addresses.extend(input.secondary_private_ip_addresses().iter().cloned());
        for address in &addresses {
            self.check_free(subnet, address)?;
        }
        let more = usize::try_from(input.secondary_private_ip_address_count().unwrap_or(0)).unwrap_or(0);
        addresses.extend(self.free_addresses(subnet.id(), more, &addresses)?);
        Ok(addresses)
    }

    /// Why a public gateway will not come to life.
    fn nat_gateway_failure(&self, vpc_id: &str, allocation_id: &str) -> Option<(&'static str, String)> {
        let out = |gateway: &InternetGateway| gateway.attachments().iter().any(|to| to.vpc_id() == Some(vpc_id));
        if !self.internet_gateways.iter().any(out) {
            return Some(("Gateway.NotAttached", format!("Network {vpc_id} has no Internet gateway attached")));
        }
        let taken = self.addresses.get(allocation_id).is_ok_and(|address| address.association_id().is_some());
        taken.then(|| ("Resource.AlreadyAssociated", format!("Elastic IP address [{allocation_id}] is already associated")))
    }

    pub(super) fn create_nat_gateway(&mut self, input: CreateNatGatewayInput) -> Answer<CreateNatGatewayOutput> {
        let tags = specified_for(input.tag_specifications(), "natgateway")?;
        let allocation = self.understand_nat_gateway(&input)?;
        let subnet = self.subnets.get(required(input.subnet_id(), "SubnetId")?)?;
        let addresses = self.addresses_for_nat_gateway(subnet, &input)?;
        let (subnet_id, vpc_id) = (subnet.id().to_owned(), subnet.vpc_id.clone().unwrap_or_default());
        let id = self.ids.next("nat");
        let failure = allocation.as_ref().and_then(|allocation| self.nat_gateway_failure(&vpc_id, allocation));
        let shown = match &failure {
            Some((_, why)) => {
                let address = NatGatewayAddress::builder().set_allocation_id(allocation.clone()).is_primary(true);
                vec![address.status(NatGatewayAddressStatus::Failed).failure_message(why).build()]
            }
            None => self.open_nat_gateway(&id, &subnet_id, addresses, allocation.as_deref())?,
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

    /// Gives a gateway its interface, and that its elastic address.
    fn open_nat_gateway(
        &mut self,
        id: &str,
        subnet_id: &str,
        addresses: Vec<String>,
        allocation_id: Option<&str>,
    ) -> Answer<Vec<NatGatewayAddress>> {
        let nic = self.make_service_interface(Service {
            kind: NetworkInterfaceType::NatGateway,
            description: &format!("Interface for NAT Gateway {id}"),
            subnet_id,
            groups: Vec::new(),
            addresses: addresses.clone(),
        })?;
        let association = allocation_id.map(|allocation| self.join_address(allocation, &nic, None)).transpose()?;
        let public_ip = allocation_id.and_then(|id| self.addresses.get(id).ok()?.public_ip.clone());
        let shown = addresses.into_iter().enumerate().map(|(at, private_ip)| {
            let address = NatGatewayAddress::builder()
                .network_interface_id(&nic)
                .private_ip(private_ip)
                .is_primary(at == 0)
                .status(NatGatewayAddressStatus::Succeeded);
            let address = match at {
                0 => address
                    .set_allocation_id(allocation_id.map(str::to_owned))
                    .set_association_id(association.clone())
                    .set_public_ip(public_ip.clone()),
                _ => address,
            };
            address.build()
        });
        Ok(shown.collect())
    }

    /// The gateway that a route shall lead to.
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

    /// Its routes lead nowhere from now on; its elastic address stays the account's.
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
