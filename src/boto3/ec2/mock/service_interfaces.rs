//! Interfaces of an AWS service in an account's subnet: visible there, but managed by the service.

use aws_sdk_ec2::types::*;

use super::refusal::Answer;
use super::region::Region;

/// An interface for a service.
pub(super) struct Service<'a> {
    pub(super) kind: NetworkInterfaceType,
    pub(super) description: &'a str,
    pub(super) subnet_id: &'a str,
    pub(super) groups: Vec<GroupIdentifier>,
    /// The first is the primary one.
    pub(super) addresses: Vec<String>,
}

impl Region {
    pub(super) fn make_service_interface(&mut self, wanted: Service<'_>) -> Answer<String> {
        let id = self.make_interface(wanted.subnet_id, wanted.groups, wanted.addresses, wanted.description)?;
        let attachment = NetworkInterfaceAttachment::builder()
            .attachment_id(self.ids.next("ela-attach"))
            .delete_on_termination(false)
            .device_index(1)
            .instance_owner_id("amazon-aws")
            .status(AttachmentStatus::Attached);
        let nic = self.interfaces.get_mut(&id)?;
        nic.attachment = Some(attachment.build());
        nic.source_dest_check = Some(wanted.kind != NetworkInterfaceType::NatGateway);
        nic.interface_type = Some(wanted.kind);
        nic.requester_id = Some("amazon-aws".to_owned());
        nic.requester_managed = Some(true);
        nic.status = Some(NetworkInterfaceStatus::InUse);
        Ok(id)
    }

    /// Removes the interface. Its elastic address is disassociated.
    pub(super) fn drop_service_interface(&mut self, id: &str) {
        self.part_from_address(id);
        let _ = self.interfaces.take(id);
        self.tags.forget(id);
    }
}
