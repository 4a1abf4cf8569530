//! Customer gateways: the customer's end of a VPN.

use aws_sdk_ec2::operation::{create_customer_gateway::*, delete_customer_gateway::*, describe_customer_gateways::*};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::describe::describe;
use super::filter::filters;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    CustomerGateway in customer_gateways by customer_gateway_id, tagged tags,
    Kind {
        prefix: "cgw",
        resource: "customer-gateway",
        not_found: "InvalidCustomerGatewayID.NotFound",
        absent: "The customerGateway ID '{}' does not exist",
        malformed: Some("InvalidCustomerGatewayId.Malformed"),
    },
    filters!(gateway: CustomerGateway =>
        "bgp-asn" = gateway.bgp_asn(),
        "customer-gateway-id" = gateway.customer_gateway_id(),
        "ip-address" = gateway.ip_address(),
        "state" = gateway.state(),
        "type" = gateway.r#type(),
    )
);

describe! {
    whole describe_customer_gateways(DescribeCustomerGatewaysInput: customer_gateway_ids) -> DescribeCustomerGatewaysOutput: set_customer_gateways;
}

const DEFAULT_ASN: i64 = 65_000;

impl Region {
    /// As in AWS, a repeated request returns the existing gateway.
    pub(super) fn create_customer_gateway(&mut self, input: CreateCustomerGatewayInput) -> Answer<CreateCustomerGatewayOutput> {
        let tags = specified_for(input.tag_specifications(), "customer-gateway")?;
        let kind = required(input.r#type(), "type")?;
        let address = input.ip_address().or(input.public_ip());
        if address.is_none() && input.certificate_arn().is_none() {
            return Err(Refusal::missing("ipAddress"));
        }
        if let Some(text) = address.filter(|text| text.parse::<std::net::Ipv4Addr>().is_err()) {
            return Err(Refusal::bad_value(text, "ipAddress", "This is not a valid IPv4 address."));
        }
        let number = match (input.bgp_asn(), input.bgp_asn_extended()) {
            (Some(_), Some(_)) => return Err(Refusal::combination("Specify BgpAsn or BgpAsnExtended, not both.")),
            (asn, extended) => asn.map(i64::from).or(extended).unwrap_or(DEFAULT_ASN),
        };
        if !(1..=i64::from(u32::MAX)).contains(&number) {
            return Err(Refusal::bad_value(number, "bgpAsn", "This is not a valid autonomous system number."));
        }
        let number = number.to_string();
        let same = |own: &&CustomerGateway| {
            own.state() == Some("available")
                && own.r#type() == Some(kind.as_str())
                && own.ip_address() == address
                && own.bgp_asn() == Some(&number)
                && own.device_name == input.device_name
                && own.certificate_arn == input.certificate_arn
        };
        let known = self.customer_gateways.iter().find(same).map(|own| own.id().to_owned());
        let id = match known {
            Some(id) => id,
            None => {
                let id = self.ids.next("cgw");
                let gateway = CustomerGateway::builder()
                    .customer_gateway_id(&id)
                    .r#type(kind.as_str())
                    .set_ip_address(address.map(str::to_owned))
                    .bgp_asn(number)
                    .set_device_name(input.device_name.clone())
                    .set_certificate_arn(input.certificate_arn.clone())
                    .state("available");
                self.customer_gateways.put(gateway.build());
                self.tags.put_all(&id, &tags);
                id
            }
        };
        let shown = self.customer_gateways.get(&id)?.shown(self);
        Ok(CreateCustomerGatewayOutput::builder().customer_gateway(shown).build())
    }

    pub(super) fn delete_customer_gateway(&mut self, input: DeleteCustomerGatewayInput) -> Answer<DeleteCustomerGatewayOutput> {
        let id = required(input.customer_gateway_id(), "customerGatewayId")?;
        if self.customer_gateways.get(id)?.state() == Some("available") {
            if self.live_vpn_connections().any(|connection| connection.customer_gateway_id() == Some(id)) {
                return Err(Refusal::new("IncorrectState", format!("The customer gateway '{id}' is in use.")));
            }
            self.customer_gateways.get_mut(id)?.state = Some("deleted".to_owned());
            self.later(delays::GONE, Region::customer_gateway_forgotten, id);
        }
        Ok(DeleteCustomerGatewayOutput::builder().build())
    }

    fn customer_gateway_forgotten(&mut self, id: &str) {
        let _ = self.customer_gateways.take(id);
        self.tags.forget(id);
    }
}
