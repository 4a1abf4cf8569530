//! Changing single attributes of an interface.

use aws_sdk_ec2::operation::{
    describe_network_interface_attribute::*, modify_network_interface_attribute::*, reset_network_interface_attribute::*,
};
use aws_sdk_ec2::types::*;

use super::refusal::{Answer, Refusal, required};
use super::region::Region;

/// A change of an interface.
enum Change {
    Description(String),
    SourceDestCheck(bool),
    Groups(Vec<String>),
    Attachment(NetworkInterfaceAttachmentChanges),
    PublicAddress(bool),
}

fn changes(input: &ModifyNetworkInterfaceAttributeInput) -> Answer<Change> {
    let unknown = input.ena_srd_specification().is_some()
        || input.enable_primary_ipv6().is_some()
        || input.connection_tracking_specification().is_some()
        || !input.associated_subnet_ids().is_empty();
    if unknown {
        return Err(Refusal::NotModelled);
    }
    let groups = Some(input.groups()).filter(|groups| !groups.is_empty());
    let wanted = [
        input.description().map(|text| Change::Description(text.value.clone().unwrap_or_default())),
        input.source_dest_check().map(|check| Change::SourceDestCheck(check.value().unwrap_or(false))),
        groups.map(|groups| Change::Groups(groups.to_vec())),
        input.attachment().map(|attachment| Change::Attachment(attachment.clone())),
        input.associate_public_ip_address().map(Change::PublicAddress),
    ];
    let mut wanted = wanted.into_iter().flatten();
    match (wanted.next(), wanted.next()) {
        (Some(change), None) => Ok(change),
        (None, _) => Err(Refusal::combination("No attributes specified.")),
        _ => Err(Refusal::combination("Fields for multiple attribute types specified")),
    }
}

impl Region {
    pub(super) fn describe_network_interface_attribute(
        &mut self,
        input: DescribeNetworkInterfaceAttributeInput,
    ) -> Answer<DescribeNetworkInterfaceAttributeOutput> {
        use NetworkInterfaceAttribute as Name;
        let id = required(input.network_interface_id(), "networkInterfaceId")?;
        let nic = self.interfaces.get(id)?;
        let output = DescribeNetworkInterfaceAttributeOutput::builder().network_interface_id(id);
        let output = match required(input.attribute(), "attribute")? {
            Name::Description => output.description(AttributeValue::builder().set_value(nic.description.clone()).build()),
            Name::GroupSet => output.set_groups(nic.groups.clone()),
            Name::SourceDestCheck => {
                output.source_dest_check(AttributeBooleanValue::builder().set_value(nic.source_dest_check).build())
            }
            Name::Attachment => output.set_attachment(nic.attachment.clone()),
            Name::AssociatePublicIpAddress => {
                let owner = nic.association().and_then(NetworkInterfaceAssociation::ip_owner_id);
                output.associate_public_ip_address(owner == Some("amazon"))
            }
            other => return Err(Refusal::bad_value(other.as_str(), "attribute", "Unknown attribute.")),
        };
        Ok(output.build())
    }

    pub(super) fn modify_network_interface_attribute(
        &mut self,
        input: ModifyNetworkInterfaceAttributeInput,
    ) -> Answer<ModifyNetworkInterfaceAttributeOutput> {
        let id = required(input.network_interface_id(), "networkInterfaceId")?;
        let nic = self.interfaces.get(id)?;
        match changes(&input)? {
            Change::Groups(groups) => {
                let groups = self.groups_for(nic.vpc_id().unwrap_or_default(), &groups, &[])?;
                self.interfaces.get_mut(id)?.groups = Some(groups);
            }
            Change::Description(text) => self.interfaces.get_mut(id)?.description = Some(text),
            Change::SourceDestCheck(checks) => self.interfaces.get_mut(id)?.source_dest_check = Some(checks),
            Change::Attachment(change) => self.change_attachment(id, &change)?,
            Change::PublicAddress(false) => self.take_public_address(id)?,
            // Only the first interface of an instance gets one.
            Change::PublicAddress(true) => {
                let first = nic.attachment().is_some_and(|to| to.device_index() == Some(0) && to.instance_id().is_some());
                if first && nic.association().is_none() {
                    self.give_public_address(id)?;
                }
            }
        }
        Ok(ModifyNetworkInterfaceAttributeOutput::builder().build())
    }

    fn change_attachment(&mut self, id: &str, change: &NetworkInterfaceAttachmentChanges) -> Answer<()> {
        if change.default_ena_queue_count().is_some() || change.ena_queue_count().is_some() {
            return Err(Refusal::NotModelled);
        }
        let attachment_id = required(change.attachment_id(), "attachment.attachmentId")?;
        let attachment = self.interfaces.get_mut(id)?.attachment.as_mut();
        let meant = attachment.filter(|own| own.attachment_id() == Some(attachment_id)).ok_or_else(|| {
            let message = format!("The network interface attachment ID '{attachment_id}' does not exist");
            Refusal::new("InvalidAttachmentID.NotFound", message)
        })?;
        meant.delete_on_termination = change.delete_on_termination().or(meant.delete_on_termination);
        Ok(())
    }

    /// Resets the only resettable attribute, the source/destination check.
    pub(super) fn reset_network_interface_attribute(
        &mut self,
        input: ResetNetworkInterfaceAttributeInput,
    ) -> Answer<ResetNetworkInterfaceAttributeOutput> {
        let nic = self.interfaces.get_mut(required(input.network_interface_id(), "networkInterfaceId")?)?;
        if input.source_dest_check().is_none() {
            return Err(Refusal::combination("No attributes specified."));
        }
        nic.source_dest_check = Some(true);
        Ok(ResetNetworkInterfaceAttributeOutput::builder().build())
    }
}
