//! Instances: the stored state, and its description.

use aws_sdk_ec2::operation::describe_instances::*;
use aws_sdk_ec2::types::*;
use aws_smithy_types::DateTime;

use super::OWNER;
use super::describe::{check_max_results, page};
use super::filter::{Field, each, filters, stamp};
use super::ids::Kind;
use super::refusal::Answer;
use super::region::Region;
use super::table::{Record, Table};

/// An instance, with the state that its description does not contain.
#[derive(Clone, Debug)]
pub(super) struct Machine {
    /// Without disks, interfaces, groups, addresses and tags, which are stored elsewhere and added
    /// to the description.
    pub(super) instance: Instance,
    pub(super) reservation_id: String,
    pub(super) user_data: Option<String>,
    pub(super) disable_api_termination: bool,
    pub(super) disable_api_stop: bool,
    pub(super) shutdown_behavior: ShutdownBehavior,
    pub(super) running_since: Option<DateTime>,
    pub(super) impaired: Option<DateTime>,
    pub(super) events: Vec<InstanceStatusEvent>,
    pub(super) credits: Option<String>,
    pub(super) console: Option<String>,
    pub(super) screen: Option<Vec<u8>>,
}

impl Machine {
    pub(super) fn state(&self) -> InstanceStateName {
        self.instance.state().and_then(InstanceState::name).cloned().unwrap_or(InstanceStateName::Pending)
    }

    pub(super) fn zone(&self) -> Option<&str> {
        self.instance.placement()?.availability_zone()
    }

    pub(super) fn is_windows(&self) -> bool {
        self.instance.platform().is_some()
    }
}

/// Returns a state with its number.
pub(super) fn state(name: InstanceStateName) -> InstanceState {
    let code = match name {
        InstanceStateName::Pending => 0,
        InstanceStateName::Running => 16,
        InstanceStateName::ShuttingDown => 32,
        InstanceStateName::Terminated => 48,
        InstanceStateName::Stopping => 64,
        _ => 80,
    };
    InstanceState::builder().code(code).name(name).build()
}

fn nics<'a, V: super::filter::Values>(machine: &'a Machine, what: impl Fn(&'a InstanceNetworkInterface) -> V) -> Vec<String> {
    each(machine.instance.network_interfaces(), what)
}

fn nic_addresses<'a>(machine: &'a Machine, what: impl Fn(&'a InstancePrivateIpAddress) -> Option<String>) -> Vec<String> {
    nics(machine, |nic| each(nic.private_ip_addresses(), &what))
}

fn nic_attachment<'a>(
    machine: &'a Machine,
    what: impl Fn(&'a InstanceNetworkInterfaceAttachment) -> Option<String>,
) -> Vec<String> {
    nics(machine, |nic| nic.attachment().and_then(&what))
}

fn disk<'a>(machine: &'a Machine, what: impl Fn(&'a EbsInstanceBlockDevice) -> Option<String>) -> Vec<String> {
    each(machine.instance.block_device_mappings(), |mapping| mapping.ebs().and_then(&what))
}

fn metadata<'a>(machine: &'a Machine, what: impl Fn(&'a InstanceMetadataOptionsResponse) -> Option<String>) -> Option<String> {
    machine.instance.metadata_options().and_then(what)
}

fn text<T: AsRef<str> + ?Sized>(value: Option<&T>) -> Option<String> {
    value.map(|value| value.as_ref().to_owned())
}

const FILTERS: &[Field<Machine>] = filters!(machine: Machine =>
    "affinity" = machine.instance.placement().and_then(Placement::affinity),
    "architecture" = machine.instance.architecture(),
    "availability-zone" = machine.zone(),
    "availability-zone-id" = machine.instance.placement().and_then(Placement::availability_zone_id),
    "block-device-mapping.attach-time" = disk(machine, |disk| stamp(disk.attach_time())),
    "block-device-mapping.delete-on-termination" = disk(machine, |disk| disk.delete_on_termination().map(|yes| yes.to_string())),
    "block-device-mapping.device-name" = each(machine.instance.block_device_mappings(), InstanceBlockDeviceMapping::device_name),
    "block-device-mapping.status" = disk(machine, |disk| text(disk.status())),
    "block-device-mapping.volume-id" = disk(machine, |disk| disk.volume_id.clone()),
    "boot-mode" = machine.instance.boot_mode(),
    "client-token" = machine.instance.client_token(),
    "dns-name" = machine.instance.public_dns_name(),
    "ebs-optimized" = machine.instance.ebs_optimized(),
    "ena-support" = machine.instance.ena_support(),
    "host-id" = machine.instance.placement().and_then(Placement::host_id),
    "hypervisor" = machine.instance.hypervisor(),
    "iam-instance-profile.arn" = machine.instance.iam_instance_profile().and_then(IamInstanceProfile::arn),
    "iam-instance-profile.id" = machine.instance.iam_instance_profile().and_then(IamInstanceProfile::id),
    "image-id" = machine.instance.image_id(),
    "instance-id" = machine.instance.instance_id(),
    "instance-lifecycle" = machine.instance.instance_lifecycle(),
    "instance-state-code" = machine.instance.state().and_then(InstanceState::code),
    "instance-state-name" = machine.instance.state().and_then(InstanceState::name),
    "instance-type" = machine.instance.instance_type(),
    "instance.group-id" = each(machine.instance.security_groups(), GroupIdentifier::group_id),
    "instance.group-name" = each(machine.instance.security_groups(), GroupIdentifier::group_name),
    "ip-address" = machine.instance.public_ip_address(),
    "ipv6-address" = nics(machine, |nic| each(nic.ipv6_addresses(), InstanceIpv6Address::ipv6_address)),
    "kernel-id" = machine.instance.kernel_id(),
    "key-name" = machine.instance.key_name(),
    "launch-index" = machine.instance.ami_launch_index(),
    "launch-time" = stamp(machine.instance.launch_time()),
    "metadata-options.http-endpoint" = metadata(machine, |options| text(options.http_endpoint())),
    "metadata-options.http-put-response-hop-limit" = metadata(machine, |options| options.http_put_response_hop_limit().map(|hops| hops.to_string())),
    "metadata-options.http-tokens" = metadata(machine, |options| text(options.http_tokens())),
    "metadata-options.instance-metadata-tags" = metadata(machine, |options| text(options.instance_metadata_tags())),
    "metadata-options.state" = metadata(machine, |options| text(options.state())),
    "monitoring-state" = machine.instance.monitoring().and_then(Monitoring::state),
    "network-interface.addresses.association.ip-owner-id" = nic_addresses(machine, |address| text(address.association()?.ip_owner_id())),
    "network-interface.addresses.association.public-ip" = nic_addresses(machine, |address| text(address.association()?.public_ip())),
    "network-interface.addresses.primary" = nic_addresses(machine, |address| address.primary().map(|yes| yes.to_string())),
    "network-interface.addresses.private-ip-address" = nic_addresses(machine, |address| address.private_ip_address.clone()),
    "network-interface.association.ip-owner-id" = nics(machine, |nic| nic.association().and_then(InstanceNetworkInterfaceAssociation::ip_owner_id)),
    "network-interface.association.public-ip" = nics(machine, |nic| nic.association().and_then(InstanceNetworkInterfaceAssociation::public_ip)),
    "network-interface.attachment.attach-time" = nic_attachment(machine, |to| stamp(to.attach_time())),
    "network-interface.attachment.attachment-id" = nic_attachment(machine, |to| text(to.attachment_id())),
    "network-interface.attachment.delete-on-termination" = nic_attachment(machine, |to| to.delete_on_termination().map(|yes| yes.to_string())),
    "network-interface.attachment.device-index" = nic_attachment(machine, |to| to.device_index().map(|at| at.to_string())),
    "network-interface.attachment.status" = nic_attachment(machine, |to| text(to.status())),
    "network-interface.description" = nics(machine, InstanceNetworkInterface::description),
    "network-interface.group-id" = nics(machine, |nic| each(nic.groups(), GroupIdentifier::group_id)),
    "network-interface.group-name" = nics(machine, |nic| each(nic.groups(), GroupIdentifier::group_name)),
    "network-interface.mac-address" = nics(machine, InstanceNetworkInterface::mac_address),
    "network-interface.network-interface-id" = nics(machine, InstanceNetworkInterface::network_interface_id),
    "network-interface.owner-id" = nics(machine, InstanceNetworkInterface::owner_id),
    "network-interface.private-dns-name" = nics(machine, InstanceNetworkInterface::private_dns_name),
    "network-interface.private-ip-address" = nics(machine, InstanceNetworkInterface::private_ip_address),
    "network-interface.source-dest-check" = nics(machine, InstanceNetworkInterface::source_dest_check),
    "network-interface.status" = nics(machine, InstanceNetworkInterface::status),
    "network-interface.subnet-id" = nics(machine, InstanceNetworkInterface::subnet_id),
    "network-interface.vpc-id" = nics(machine, InstanceNetworkInterface::vpc_id),
    "owner-id" = Some(OWNER),
    "placement-group-name" = machine.instance.placement().and_then(Placement::group_name),
    "placement-partition-number" = machine.instance.placement().and_then(Placement::partition_number),
    "platform" = machine.instance.platform(),
    "platform-details" = machine.instance.platform_details(),
    "private-dns-name" = machine.instance.private_dns_name(),
    "private-ip-address" = machine.instance.private_ip_address(),
    "product-code" = each(machine.instance.product_codes(), ProductCode::product_code_id),
    "product-code.type" = each(machine.instance.product_codes(), ProductCode::product_code_type),
    "ramdisk-id" = machine.instance.ramdisk_id(),
    "reason" = machine.instance.state_transition_reason(),
    "requester-id" = Vec::new(),
    "reservation-id" = Some(machine.reservation_id.as_str()),
    "root-device-name" = machine.instance.root_device_name(),
    "root-device-type" = machine.instance.root_device_type(),
    "source-dest-check" = machine.instance.source_dest_check(),
    "spot-instance-request-id" = machine.instance.spot_instance_request_id(),
    "state-reason-code" = machine.instance.state_reason().and_then(StateReason::code),
    "state-reason-message" = machine.instance.state_reason().and_then(StateReason::message),
    "subnet-id" = machine.instance.subnet_id(),
    "tenancy" = machine.instance.placement().and_then(Placement::tenancy),
    "usage-operation" = machine.instance.usage_operation(),
    "virtualization-type" = machine.instance.virtualization_type(),
    "vpc-id" = machine.instance.vpc_id(),
);

impl Record for Machine {
    const KIND: &'static Kind = &Kind {
        prefix: "i",
        resource: "instance",
        not_found: "InvalidInstanceID.NotFound",
        absent: "The instance ID '{}' does not exist",
        malformed: Some("InvalidInstanceID.Malformed"),
    };
    const FILTERS: &'static [Field<Machine>] = FILTERS;

    fn id(&self) -> &str {
        self.instance.instance_id().unwrap_or_default()
    }

    fn rows(region: &Region) -> &Table<Machine> {
        &region.instances
    }

    fn shown(&self, region: &Region) -> Machine {
        let mut machine = self.clone();
        let instance = &mut machine.instance;
        instance.tags = Some(region.tags.of(self.id()));
        instance.block_device_mappings = Some(region.disks_of(self.id()));
        let mut nics = region.nics_of(self.id());
        nics.sort_by_key(|nic| nic.attachment().and_then(NetworkInterfaceAttachment::device_index));
        if let Some(first) = nics.first() {
            instance.security_groups = Some(first.groups().to_vec());
            instance.source_dest_check = first.source_dest_check();
            instance.public_ip_address = first.association().and_then(|to| to.public_ip.clone());
            instance.public_dns_name = first.association().and_then(|to| to.public_dns_name.clone());
            instance.ipv6_address = first.ipv6_addresses().first().and_then(|address| address.ipv6_address.clone());
        }
        instance.public_dns_name.get_or_insert_default();
        instance.network_interfaces = Some(nics.iter().map(|nic| nic_of_instance(nic)).collect());
        machine
    }
}

impl Region {
    fn disks_of(&self, instance_id: &str) -> Vec<InstanceBlockDeviceMapping> {
        let attachments = self.volumes.iter().flat_map(Volume::attachments);
        let own = attachments.filter(|to| to.instance_id() == Some(instance_id)).map(|to| {
            let disk = EbsInstanceBlockDevice::builder()
                .set_volume_id(to.volume_id.clone())
                .set_attach_time(to.attach_time)
                .set_delete_on_termination(to.delete_on_termination)
                .set_status(to.state().map(|state| AttachmentStatus::from(state.as_str())));
            InstanceBlockDeviceMapping::builder().set_device_name(to.device.clone()).ebs(disk.build()).build()
        });
        own.collect()
    }

    /// Returns the interfaces of an instance.
    pub(super) fn nics_of(&self, instance_id: &str) -> Vec<&NetworkInterface> {
        let attached =
            |nic: &&NetworkInterface| nic.attachment().and_then(NetworkInterfaceAttachment::instance_id) == Some(instance_id);
        self.interfaces.iter().filter(attached).collect()
    }

    pub(super) fn describe_instances(&mut self, input: DescribeInstancesInput) -> Answer<DescribeInstancesOutput> {
        check_max_results(input.max_results(), input.instance_ids(), "instancesSet")?;
        let machines: Vec<Machine> = self.listed(input.instance_ids(), input.filters())?;
        let (machines, next) = page(machines, input.max_results(), input.next_token())?;
        let mut reservations: Vec<Reservation> = Vec::new();
        for machine in machines {
            let id = Some(machine.reservation_id);
            match reservations.iter_mut().find(|reservation| reservation.reservation_id == id) {
                Some(reservation) => reservation.instances.get_or_insert_default().push(machine.instance),
                None => {
                    let reservation = Reservation::builder()
                        .set_reservation_id(id)
                        .owner_id(OWNER)
                        .set_groups(Some(Vec::new()))
                        .instances(machine.instance);
                    reservations.push(reservation.build());
                }
            }
        }
        Ok(DescribeInstancesOutput::builder().set_reservations(Some(reservations)).set_next_token(next).build())
    }
}

fn association_of_instance(of: &NetworkInterfaceAssociation) -> InstanceNetworkInterfaceAssociation {
    InstanceNetworkInterfaceAssociation::builder()
        .set_ip_owner_id(of.ip_owner_id.clone())
        .set_public_ip(of.public_ip.clone())
        .set_public_dns_name(of.public_dns_name.clone())
        .build()
}

/// Converts an interface to its form in the instance's description.
fn nic_of_instance(nic: &NetworkInterface) -> InstanceNetworkInterface {
    let attachment = nic.attachment().map(|to| {
        InstanceNetworkInterfaceAttachment::builder()
            .set_attachment_id(to.attachment_id.clone())
            .set_attach_time(to.attach_time)
            .set_delete_on_termination(to.delete_on_termination)
            .set_device_index(to.device_index)
            .set_network_card_index(to.network_card_index)
            .set_status(to.status.clone())
            .build()
    });
    let addresses = nic.private_ip_addresses().iter().map(|address| {
        InstancePrivateIpAddress::builder()
            .set_primary(address.primary)
            .set_private_ip_address(address.private_ip_address.clone())
            .set_private_dns_name(address.private_dns_name.clone())
            .set_association(address.association().map(association_of_instance))
            .build()
    });
    let ipv6 = nic
        .ipv6_addresses()
        .iter()
        .map(|address| InstanceIpv6Address::builder().set_ipv6_address(address.ipv6_address.clone()).build());
    InstanceNetworkInterface::builder()
        .set_network_interface_id(nic.network_interface_id.clone())
        .set_description(nic.description.clone())
        .set_association(nic.association().map(association_of_instance))
        .set_attachment(attachment)
        .set_groups(nic.groups.clone())
        .set_ipv6_addresses(Some(ipv6.collect()))
        .set_mac_address(nic.mac_address.clone())
        .set_owner_id(nic.owner_id.clone())
        .set_private_dns_name(nic.private_dns_name.clone())
        .set_private_ip_address(nic.private_ip_address.clone())
        .set_private_ip_addresses(Some(addresses.collect()))
        .set_source_dest_check(nic.source_dest_check)
        .set_status(nic.status.clone())
        .set_subnet_id(nic.subnet_id.clone())
        .set_vpc_id(nic.vpc_id.clone())
        .interface_type("interface")
        .build()
}
