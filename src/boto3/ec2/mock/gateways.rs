//! Internet gateways, and egress-only internet gateways.

use aws_sdk_ec2::operation::{
    attach_internet_gateway::*, create_egress_only_internet_gateway::*, create_internet_gateway::*,
    delete_egress_only_internet_gateway::*, delete_internet_gateway::*, describe_egress_only_internet_gateways::*,
    describe_internet_gateways::*, detach_internet_gateway::*,
};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::describe::describe;
use super::filter::{each, filters};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    InternetGateway in internet_gateways by internet_gateway_id, tagged tags,
    Kind {
        prefix: "igw",
        resource: "internet-gateway",
        not_found: "InvalidInternetGatewayID.NotFound",
        absent: "The internetGateway ID '{}' does not exist",
        malformed: Some("InvalidInternetGatewayId.Malformed"),
    },
    filters!(gateway: InternetGateway =>
        "attachment.state" = each(gateway.attachments(), InternetGatewayAttachment::state),
        "attachment.vpc-id" = each(gateway.attachments(), InternetGatewayAttachment::vpc_id),
        "internet-gateway-id" = gateway.internet_gateway_id(),
        "owner-id" = gateway.owner_id(),
    )
);

record!(
    EgressOnlyInternetGateway in egress_gateways by egress_only_internet_gateway_id, tagged tags,
    Kind {
        prefix: "eigw",
        resource: "egress-only-internet-gateway",
        not_found: "InvalidGatewayID.NotFound",
        absent: "The eigw ID '{}' does not exist",
        malformed: None,
    },
    filters!(gateway: EgressOnlyInternetGateway => "egress-only-internet-gateway-id" = gateway.egress_only_internet_gateway_id())
);

describe! {
    paged describe_internet_gateways(DescribeInternetGatewaysInput: internet_gateway_ids, filters, "internetGatewayIdSet")
        -> DescribeInternetGatewaysOutput: set_internet_gateways;
    paged describe_egress_only_internet_gateways(DescribeEgressOnlyInternetGatewaysInput: egress_only_internet_gateway_ids, filters, "egressOnlyInternetGatewayIdSet")
        -> DescribeEgressOnlyInternetGatewaysOutput: set_egress_only_internet_gateways;
}

fn attached(vpc_id: &str, state: &str) -> InternetGatewayAttachment {
    InternetGatewayAttachment::builder().vpc_id(vpc_id).state(state.into()).build()
}

impl Region {
    pub(super) fn make_internet_gateway(&mut self) -> String {
        let id = self.ids.next("igw");
        self.internet_gateways
            .put(InternetGateway::builder().internet_gateway_id(&id).owner_id(OWNER).set_attachments(Some(Vec::new())).build());
        id
    }

    pub(super) fn put_gateway_attachment(&mut self, id: &str, vpc_id: &str) {
        if let Ok(gateway) = self.internet_gateways.get_mut(id) {
            gateway.attachments = Some(vec![attached(vpc_id, "available")]);
        }
    }

    pub(super) fn create_internet_gateway(&mut self, input: CreateInternetGatewayInput) -> Answer<CreateInternetGatewayOutput> {
        let tags = specified_for(input.tag_specifications(), "internet-gateway")?;
        let id = self.make_internet_gateway();
        self.tags.put_all(&id, &tags);
        let gateway = self.internet_gateways.get(&id)?.shown(self);
        Ok(CreateInternetGatewayOutput::builder().internet_gateway(gateway).build())
    }

    pub(super) fn attach_internet_gateway(&mut self, input: AttachInternetGatewayInput) -> Answer<AttachInternetGatewayOutput> {
        let id = required(input.internet_gateway_id(), "internetGatewayId")?;
        let vpc_id = required(input.vpc_id(), "vpcId")?;
        let gateway = self.internet_gateways.get(id)?;
        self.vpcs.get(vpc_id)?;
        if let Some(to) = gateway.attachments().first() {
            let message = format!("resource {id} is already attached to network {}", to.vpc_id().unwrap_or_default());
            return Err(Refusal::new("Resource.AlreadyAssociated", message));
        }
        let of_vpc = |gateway: &&InternetGateway| gateway.attachments().iter().any(|to| to.vpc_id() == Some(vpc_id));
        if self.internet_gateways.iter().any(|gateway| of_vpc(&gateway)) {
            let message = format!("Network {vpc_id} already has an internet gateway attached");
            return Err(Refusal::new("InvalidParameterValue", message));
        }
        self.put_gateway_attachment(id, vpc_id);
        Ok(AttachInternetGatewayOutput::builder().build())
    }

    pub(super) fn detach_internet_gateway(&mut self, input: DetachInternetGatewayInput) -> Answer<DetachInternetGatewayOutput> {
        let id = required(input.internet_gateway_id(), "internetGatewayId")?;
        let vpc_id = required(input.vpc_id(), "vpcId")?;
        let gateway = self.internet_gateways.get(id)?;
        self.vpcs.get(vpc_id)?;
        if !gateway.attachments().iter().any(|to| to.vpc_id() == Some(vpc_id)) {
            let message = format!("resource {id} is not attached to network {vpc_id}");
            return Err(Refusal::new("Gateway.NotAttached", message));
        }
        let public = |nic: &NetworkInterface| nic.vpc_id() == Some(vpc_id) && nic.association().is_some();
        if self.interfaces.iter().any(public) {
            let message = format!(
                "Network {vpc_id} has some mapped public address(es). Please unmap those public address(es) before detaching the gateway."
            );
            return Err(Refusal::dependency(message));
        }
        self.internet_gateways.get_mut(id)?.attachments = Some(Vec::new());
        self.blacken_routes(|route| route.gateway_id() == Some(id));
        Ok(DetachInternetGatewayOutput::builder().build())
    }

    pub(super) fn delete_internet_gateway(&mut self, input: DeleteInternetGatewayInput) -> Answer<DeleteInternetGatewayOutput> {
        let id = required(input.internet_gateway_id(), "internetGatewayId")?;
        if !self.internet_gateways.get(id)?.attachments().is_empty() {
            return Err(Refusal::dependency(format!("The internetGateway '{id}' has dependencies and cannot be deleted.")));
        }
        self.internet_gateways.take(id)?;
        self.tags.forget(id);
        Ok(DeleteInternetGatewayOutput::builder().build())
    }

    pub(super) fn create_egress_only_internet_gateway(
        &mut self,
        input: CreateEgressOnlyInternetGatewayInput,
    ) -> Answer<CreateEgressOnlyInternetGatewayOutput> {
        let tags = specified_for(input.tag_specifications(), "egress-only-internet-gateway")?;
        let vpc_id = required(input.vpc_id(), "VpcId")?;
        self.vpcs.get(vpc_id)?;
        let id = self.ids.next("eigw");
        let gateway =
            EgressOnlyInternetGateway::builder().egress_only_internet_gateway_id(&id).attachments(attached(vpc_id, "attached"));
        self.egress_gateways.put(gateway.build());
        self.tags.put_all(&id, &tags);
        Ok(CreateEgressOnlyInternetGatewayOutput::builder()
            .egress_only_internet_gateway(self.egress_gateways.get(&id)?.shown(self))
            .set_client_token(input.client_token)
            .build())
    }

    pub(super) fn delete_egress_only_internet_gateway(
        &mut self,
        input: DeleteEgressOnlyInternetGatewayInput,
    ) -> Answer<DeleteEgressOnlyInternetGatewayOutput> {
        let id = required(input.egress_only_internet_gateway_id(), "EgressOnlyInternetGatewayId")?;
        self.egress_gateways.take(id)?;
        self.tags.forget(id);
        Ok(DeleteEgressOnlyInternetGatewayOutput::builder().return_code(true).build())
    }
}
