//! VPC peering: requested by one side, accepted or rejected by the other. Between regions both have
//! the connection, and both see its changes.

use std::collections::BTreeSet;

use aws_sdk_ec2::operation::{
    accept_vpc_peering_connection::*, create_vpc_peering_connection::*, delete_vpc_peering_connection::*,
    describe_vpc_peering_connections::*, reject_vpc_peering_connection::*,
};
use aws_sdk_ec2::types::VpcPeeringConnectionStateReasonCode as Code;
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::agenda::{Event, delays};
use super::cidr::Cidr;
use super::describe::describe;
use super::filter::{filters, stamp};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    VpcPeeringConnection in peerings by vpc_peering_connection_id, tagged tags,
    Kind {
        prefix: "pcx",
        resource: "vpc-peering-connection",
        not_found: "InvalidVpcPeeringConnectionID.NotFound",
        absent: "The vpcPeeringConnection ID '{}' does not exist",
        malformed: Some("InvalidVpcPeeringConnectionId.Malformed"),
    },
    filters!(peering: VpcPeeringConnection =>
        "accepter-vpc-info.cidr-block" = accepter(peering).and_then(VpcPeeringConnectionVpcInfo::cidr_block),
        "accepter-vpc-info.owner-id" = accepter(peering).and_then(VpcPeeringConnectionVpcInfo::owner_id),
        "accepter-vpc-info.vpc-id" = accepter(peering).and_then(VpcPeeringConnectionVpcInfo::vpc_id),
        "expiration-time" = stamp(peering.expiration_time()),
        "requester-vpc-info.cidr-block" = requester(peering).and_then(VpcPeeringConnectionVpcInfo::cidr_block),
        "requester-vpc-info.owner-id" = requester(peering).and_then(VpcPeeringConnectionVpcInfo::owner_id),
        "requester-vpc-info.vpc-id" = requester(peering).and_then(VpcPeeringConnectionVpcInfo::vpc_id),
        "status-code" = peering.status().and_then(VpcPeeringConnectionStateReason::code),
        "status-message" = peering.status().and_then(VpcPeeringConnectionStateReason::message),
        "vpc-peering-connection-id" = peering.vpc_peering_connection_id(),
    )
);

describe! {
    paged describe_vpc_peering_connections(DescribeVpcPeeringConnectionsInput: vpc_peering_connection_ids, filters, "vpcPeeringConnectionIdSet")
        -> DescribeVpcPeeringConnectionsOutput: set_vpc_peering_connections;
}

fn requester(peering: &VpcPeeringConnection) -> Option<&VpcPeeringConnectionVpcInfo> {
    peering.requester_vpc_info()
}

fn accepter(peering: &VpcPeeringConnection) -> Option<&VpcPeeringConnectionVpcInfo> {
    peering.accepter_vpc_info()
}

fn code(peering: &VpcPeeringConnection) -> Code {
    peering.status().and_then(|status| status.code.clone()).unwrap_or(Code::Failed)
}

fn status(code: Code, message: impl Into<String>) -> VpcPeeringConnectionStateReason {
    VpcPeeringConnectionStateReason::builder().code(code).message(message).build()
}

/// Returns true if the VPC is one of the two.
pub(super) fn joins(peering: &VpcPeeringConnection, vpc_id: &str) -> bool {
    [requester(peering), accepter(peering)].into_iter().flatten().any(|side| side.vpc_id() == Some(vpc_id))
}

/// Returns true if it is active, or will be soon.
pub(super) fn is_live(peering: &VpcPeeringConnection) -> bool {
    matches!(code(peering), Code::Active | Code::Provisioning)
}

/// Returns true if it is requested or active: its VPCs cannot be deleted then.
pub(super) fn binds(peering: &VpcPeeringConnection) -> bool {
    is_live(peering) || code(peering) == Code::PendingAcceptance
}

fn blocks(vpc: &Vpc) -> Vec<Cidr> {
    vpc.cidr_block_association_set().iter().filter_map(|own| Cidr::parse(own.cidr_block()?)).collect()
}

/// Returns the description of a side that belongs to the connection.
fn side(vpc: &Vpc, region: &str) -> VpcPeeringConnectionVpcInfo {
    let blocks =
        vpc.cidr_block_association_set().iter().map(|own| CidrBlock::builder().set_cidr_block(own.cidr_block.clone()).build());
    let ipv6 = vpc
        .ipv6_cidr_block_association_set()
        .iter()
        .map(|own| Ipv6CidrBlock::builder().set_ipv6_cidr_block(own.ipv6_cidr_block.clone()).build());
    let ipv6: Vec<Ipv6CidrBlock> = ipv6.collect();
    VpcPeeringConnectionVpcInfo::builder()
        .vpc_id(vpc.id())
        .owner_id(OWNER)
        .region(region)
        .set_cidr_block(vpc.cidr_block.clone())
        .set_cidr_block_set(Some(blocks.collect()))
        .set_ipv6_cidr_block_set(Some(ipv6).filter(|ipv6| !ipv6.is_empty()))
        .peering_options(
            VpcPeeringConnectionOptionsDescription::builder()
                .allow_dns_resolution_from_remote_vpc(false)
                .allow_egress_from_local_classic_link_to_remote_vpc(false)
                .allow_egress_from_local_vpc_to_remote_classic_link(false)
                .build(),
        )
        .build()
}

fn transition(id: &str, from: &Code, to: &str) -> Refusal {
    let message = format!("Invalid state transition for {id}, attempted to transition from {} to {to}", from.as_str());
    Refusal::new("InvalidStateTransition", message)
}

impl Region {
    /// Returns a VPC of this account, in this or another region.
    fn vpc_anywhere(&self, id: &str, region: &str) -> Answer<&Vpc> {
        if region == self.name {
            return self.vpcs.get(id);
        }
        self.abroad.get(region).ok_or_else(|| Vpc::KIND.absent(id))?.vpcs.get(id)
    }

    /// Changes the connection in every region that has it, and plans the next state.
    fn change_peering(
        &mut self,
        id: &str,
        change: impl Fn(&mut VpcPeeringConnection),
        then: Option<(std::time::Duration, Event)>,
    ) {
        let names: BTreeSet<String> = self.abroad.keys().cloned().collect();
        for name in names.iter().map(Some).chain([None]) {
            let region = match name {
                Some(name) => match self.abroad.get_mut(name) {
                    Some(region) => region,
                    None => continue,
                },
                None => &mut *self,
            };
            if let Ok(peering) = region.peerings.get_mut(id) {
                change(peering);
                if let Some((delay, event)) = then {
                    region.later(delay, event, id);
                }
            }
        }
    }

    pub(super) fn create_vpc_peering_connection(
        &mut self,
        input: CreateVpcPeeringConnectionInput,
    ) -> Answer<CreateVpcPeeringConnectionOutput> {
        let tags = specified_for(input.tag_specifications(), "vpc-peering-connection")?;
        let vpc = self.vpcs.get(required(input.vpc_id(), "vpcId")?)?;
        let peer_id = required(input.peer_vpc_id(), "peerVpcId")?;
        let peer_region = input.peer_region().unwrap_or(&self.name).to_owned();
        let owner = input.peer_owner_id().unwrap_or(OWNER);
        if owner == OWNER && vpc.id() == peer_id && peer_region == self.name {
            return Err(Refusal::combination("The requester VPC and the accepter VPC must be different."));
        }
        let ours = if owner == OWNER { Some(self.vpc_anywhere(peer_id, &peer_region)?) } else { None };
        let (own, theirs) = (blocks(vpc), ours.map(blocks).unwrap_or_default());
        let overlap = own.iter().any(|own| theirs.iter().any(|other| own.overlaps(*other)));
        let known = VpcPeeringConnectionVpcInfo::builder().vpc_id(peer_id).owner_id(owner).region(&peer_region);
        let expires = self.now.checked_add(delays::PEERING_REQUEST).unwrap_or(self.now);
        let requester = side(vpc, &self.name);
        let id = self.ids.next("pcx");
        let mut peering = VpcPeeringConnection::builder()
            .vpc_peering_connection_id(&id)
            .requester_vpc_info(requester)
            .accepter_vpc_info(known.build())
            .expiration_time(expires.into())
            .build();
        // AWS responds before it has contacted the other side; here that is done by the next call.
        let mut shown = peering.clone();
        shown.status = Some(status(Code::InitiatingRequest, format!("Initiating Request to {owner}")));
        peering.status = Some(if overlap {
            status(Code::Failed, "Failed due to incorrect VPC-ID, Account ID, or overlapping CIDR range")
        } else {
            status(Code::PendingAcceptance, format!("Pending Acceptance by {owner}"))
        });
        let then: (_, Event) =
            if overlap { (delays::GONE, Region::peering_forgotten) } else { (delays::PEERING_REQUEST, Region::peering_expired) };
        self.peerings.put(peering.clone());
        self.tags.put_all(&id, &tags);
        if owner == OWNER
            && !overlap
            && let Some(region) = self.abroad.get_mut(&peer_region)
        {
            region.peerings.put(peering);
        }
        self.change_peering(&id, |_| {}, Some(then));
        shown.tags = Some(self.tags.of(&id));
        Ok(CreateVpcPeeringConnectionOutput::builder().vpc_peering_connection(shown).build())
    }

    /// Checks that the accepter is this account, in the accepter's region, and that the request is
    /// still pending.
    fn check_answerable(&self, id: &str, verb: &str, to: &str) -> Answer<&VpcPeeringConnection> {
        let peering = self.peerings.get(id)?;
        let side = accepter(peering);
        if side.and_then(VpcPeeringConnectionVpcInfo::owner_id) != Some(OWNER) {
            return Err(Refusal::not_permitted(format!("User ({OWNER}) cannot {verb} peering {id}")));
        }
        let region = side.and_then(VpcPeeringConnectionVpcInfo::region).unwrap_or_default();
        if region != self.name {
            let message = format!(
                "Incorrect region ({}) specified for this request. VPC peering connection {id} must be accepted or rejected in region {region}",
                self.name
            );
            return Err(Refusal::not_permitted(message));
        }
        match code(peering) {
            Code::PendingAcceptance => Ok(peering),
            other => Err(transition(id, &other, to)),
        }
    }

    pub(super) fn accept_vpc_peering_connection(
        &mut self,
        input: AcceptVpcPeeringConnectionInput,
    ) -> Answer<AcceptVpcPeeringConnectionOutput> {
        let id = required(input.vpc_peering_connection_id(), "vpcPeeringConnectionId")?;
        let peering = self.check_answerable(id, "accept", "active")?;
        let vpc_id = accepter(peering).and_then(VpcPeeringConnectionVpcInfo::vpc_id).unwrap_or_default();
        let accepter = side(self.vpcs.get(vpc_id)?, &self.name);
        let accept = |peering: &mut VpcPeeringConnection| {
            peering.accepter_vpc_info = Some(accepter.clone());
            peering.expiration_time = None;
            peering.status = Some(status(Code::Provisioning, "Provisioning"));
        };
        self.change_peering(id, accept, Some((delays::PEERING, Region::peering_provisioned)));
        let shown = self.peerings.get(id)?.shown(self);
        Ok(AcceptVpcPeeringConnectionOutput::builder().vpc_peering_connection(shown).build())
    }

    pub(super) fn reject_vpc_peering_connection(
        &mut self,
        input: RejectVpcPeeringConnectionInput,
    ) -> Answer<RejectVpcPeeringConnectionOutput> {
        let id = required(input.vpc_peering_connection_id(), "vpcPeeringConnectionId")?;
        self.check_answerable(id, "reject", "rejected")?;
        let reject = |peering: &mut VpcPeeringConnection| {
            peering.status = Some(status(Code::Rejected, format!("Rejected by {OWNER}")));
        };
        self.change_peering(id, reject, Some((delays::GONE, Region::peering_forgotten)));
        Ok(RejectVpcPeeringConnectionOutput::builder().r#return(true).build())
    }

    pub(super) fn delete_vpc_peering_connection(
        &mut self,
        input: DeleteVpcPeeringConnectionInput,
    ) -> Answer<DeleteVpcPeeringConnectionOutput> {
        let id = required(input.vpc_peering_connection_id(), "vpcPeeringConnectionId")?;
        let peering = self.peerings.get(id)?;
        if !binds(peering) {
            return Err(transition(id, &code(peering), "deleted"));
        }
        let delete = |peering: &mut VpcPeeringConnection| {
            peering.status = Some(status(Code::Deleting, format!("Deleting by {OWNER}")));
        };
        self.change_peering(id, delete, Some((delays::PEERING, Region::peering_deleted)));
        let through = |route: &Route| route.vpc_peering_connection_id() == Some(id);
        self.blacken_routes(through);
        for region in self.abroad.values_mut() {
            region.blacken_routes(through);
        }
        Ok(DeleteVpcPeeringConnectionOutput::builder().r#return(true).build())
    }

    /// Advances from one state to the next, if it is still in the first.
    fn proceed_peering(&mut self, id: &str, from: Code, to: VpcPeeringConnectionStateReason) -> bool {
        let due = self.peerings.get_mut(id).ok().filter(|peering| code(peering) == from);
        due.map(|peering| peering.status = Some(to)).is_some()
    }

    /// Activates the existing routes.
    fn peering_provisioned(&mut self, id: &str) {
        if self.proceed_peering(id, Code::Provisioning, status(Code::Active, "Active")) {
            let routes = self.route_tables.iter_mut().flat_map(|table| table.routes.iter_mut().flatten());
            for route in routes.filter(|route| route.vpc_peering_connection_id() == Some(id)) {
                route.state = Some(RouteState::Active);
            }
        }
    }

    fn peering_expired(&mut self, id: &str) {
        if self.proceed_peering(id, Code::PendingAcceptance, status(Code::Expired, "Expired")) {
            self.later(delays::GONE, Region::peering_forgotten, id);
        }
    }

    fn peering_deleted(&mut self, id: &str) {
        if self.proceed_peering(id, Code::Deleting, status(Code::Deleted, format!("Deleted by {OWNER}"))) {
            self.later(delays::GONE, Region::peering_forgotten, id);
        }
    }

    fn peering_forgotten(&mut self, id: &str) {
        let _ = self.peerings.take(id);
        self.tags.forget(id);
    }

    /// Another account answers a request of this one.
    pub(super) fn answer_peering(&mut self, id: &str, block: Option<&str>) -> Answer<()> {
        let peering = self.peerings.get(id)?;
        let owner = accepter(peering).and_then(|side| side.owner_id.clone()).unwrap_or_default();
        if owner == OWNER || code(peering) != Code::PendingAcceptance {
            return Err(transition(id, &code(peering), "an answer of another account"));
        }
        let Some(block) = block else {
            let reject = |peering: &mut VpcPeeringConnection| {
                peering.status = Some(status(Code::Rejected, format!("Rejected by {owner}")));
            };
            self.change_peering(id, reject, Some((delays::GONE, Region::peering_forgotten)));
            return Ok(());
        };
        let accept = |peering: &mut VpcPeeringConnection| {
            if let Some(side) = &mut peering.accepter_vpc_info {
                side.cidr_block = Some(block.to_owned());
                side.cidr_block_set = Some(vec![CidrBlock::builder().cidr_block(block).build()]);
            }
            peering.expiration_time = None;
            peering.status = Some(status(Code::Provisioning, "Provisioning"));
        };
        self.change_peering(id, accept, Some((delays::PEERING, Region::peering_provisioned)));
        Ok(())
    }
}
