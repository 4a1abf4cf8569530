//! Volumes attached to instances.

use aws_sdk_ec2::operation::{attach_volume::*, detach_volume::*};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;

impl Region {
    pub(super) fn attach_volume(&mut self, input: AttachVolumeInput) -> Answer<AttachVolumeOutput> {
        let volume_id = required(input.volume_id(), "VolumeId")?;
        let instance_id = required(input.instance_id(), "InstanceId")?;
        let device = required(input.device(), "Device")?;
        let volume = self.volumes.get(volume_id)?;
        let machine = self.instances.get(instance_id)?;
        let state = machine.state();
        if !matches!(state, InstanceStateName::Running | InstanceStateName::Stopped | InstanceStateName::Stopping) {
            let message = format!("Instance '{instance_id}' is not 'running'.");
            return Err(Refusal::new("IncorrectState", message));
        }
        let shared = volume.multi_attach_enabled() == Some(true) && volume.state() == Some(&VolumeState::InUse);
        if volume.attachments().iter().any(|to| to.instance_id() == Some(instance_id))
            || !(shared || volume.attachments().is_empty())
        {
            return Err(Refusal::new("VolumeInUse", format!("{volume_id} is already attached to an instance")));
        }
        if !shared && volume.state() != Some(&VolumeState::Available) {
            return Err(Refusal::new("IncorrectState", format!("{volume_id} is not 'available'.")));
        }
        if volume.availability_zone() != machine.zone() {
            let message = format!("The volume '{volume_id}' is not in the same availability zone as instance '{instance_id}'");
            return Err(Refusal::new("InvalidVolume.ZoneMismatch", message));
        }
        if self.devices(instance_id).iter().any(|used| used == device) {
            let message = format!("Invalid value '{device}' for unixDevice. Attachment point {device} is already in use");
            return Err(Refusal::value(message));
        }
        let attachment = self.attach(volume_id, instance_id, device, false, VolumeAttachmentState::Attaching)?;
        self.later(delays::ATTACHMENT, Region::volume_attached, volume_id);
        Ok(AttachVolumeOutput::builder()
            .volume_id(volume_id)
            .instance_id(instance_id)
            .device(device)
            .delete_on_termination(false)
            .set_state(attachment.state)
            .set_attach_time(attachment.attach_time)
            .build())
    }

    pub(super) fn attach(
        &mut self,
        volume_id: &str,
        instance_id: &str,
        device: &str,
        delete_on_termination: bool,
        state: VolumeAttachmentState,
    ) -> Answer<VolumeAttachment> {
        let attachment = VolumeAttachment::builder()
            .volume_id(volume_id)
            .instance_id(instance_id)
            .device(device)
            .delete_on_termination(delete_on_termination)
            .state(state)
            .attach_time(self.stamp())
            .build();
        let volume = self.volumes.get_mut(volume_id)?;
        volume.state = Some(VolumeState::InUse);
        volume.attachments.get_or_insert_default().push(attachment.clone());
        Ok(attachment)
    }

    fn volume_attached(&mut self, id: &str) {
        for attachment in self.volumes.get_mut(id).ok().and_then(|volume| volume.attachments.as_mut()).into_iter().flatten() {
            if attachment.state == Some(VolumeAttachmentState::Attaching) {
                attachment.state = Some(VolumeAttachmentState::Attached);
            }
        }
    }

    /// Returns the device names that an instance uses.
    fn devices(&self, instance_id: &str) -> Vec<String> {
        let attachments = self.volumes.iter().flat_map(Volume::attachments);
        attachments.filter(|to| to.instance_id() == Some(instance_id)).filter_map(|to| to.device.clone()).collect()
    }

    pub(super) fn detach_volume(&mut self, input: DetachVolumeInput) -> Answer<DetachVolumeOutput> {
        let volume_id = required(input.volume_id(), "VolumeId")?;
        if let Some(instance_id) = input.instance_id() {
            self.instances.get(instance_id)?;
        }
        let volume = self.volumes.get(volume_id)?;
        if volume.attachments().is_empty() {
            return Err(Refusal::new("IncorrectState", format!("Volume '{volume_id}' is in the 'available' state.")));
        }
        let meant = |to: &VolumeAttachment| {
            input.instance_id().is_none_or(|id| to.instance_id() == Some(id))
                && input.device().is_none_or(|device| to.device() == Some(device))
        };
        let Some(attachment) = volume.attachments().iter().find(|to| meant(to)).cloned() else {
            let instance = input.instance_id().unwrap_or_default();
            let message = format!("The volume '{volume_id}' is not attached to instance '{instance}'.");
            return Err(Refusal::new("InvalidAttachment.NotFound", message));
        };
        let instance_id = attachment.instance_id.clone().unwrap_or_default();
        let machine = self.instances.get(&instance_id)?;
        if machine.instance.root_device_name() == attachment.device() && machine.state() != InstanceStateName::Stopped {
            let message = format!("Unable to detach root volume '{volume_id}' from instance '{instance_id}'");
            return Err(Refusal::not_permitted(message));
        }
        for own in self.volumes.get_mut(volume_id)?.attachments.iter_mut().flatten() {
            if own.instance_id == attachment.instance_id {
                own.state = Some(VolumeAttachmentState::Detaching);
            }
        }
        self.later(delays::ATTACHMENT, Region::volume_detached, volume_id);
        Ok(DetachVolumeOutput::builder()
            .volume_id(volume_id)
            .instance_id(instance_id)
            .set_device(attachment.device)
            .set_delete_on_termination(attachment.delete_on_termination)
            .set_attach_time(attachment.attach_time)
            .state(VolumeAttachmentState::Detaching)
            .build())
    }

    fn volume_detached(&mut self, id: &str) {
        if let Ok(volume) = self.volumes.get_mut(id) {
            volume.attachments.get_or_insert_default().retain(|to| to.state != Some(VolumeAttachmentState::Detaching));
            if volume.attachments().is_empty() && volume.state == Some(VolumeState::InUse) {
                volume.state = Some(VolumeState::Available);
            }
        }
    }

    /// Releases the volumes of a terminated instance.
    pub(super) fn release_volumes(&mut self, instance_id: &str) {
        let mut doomed = Vec::new();
        for volume in self.volumes.iter_mut() {
            let attachments = volume.attachments.get_or_insert_default();
            let Some(at) = attachments.iter().position(|to| to.instance_id() == Some(instance_id)) else { continue };
            let attachment = attachments.remove(at);
            if attachment.delete_on_termination == Some(true) {
                doomed.extend(volume.volume_id.clone());
            } else if attachments.is_empty() {
                volume.state = Some(VolumeState::Available);
            }
        }
        for id in doomed {
            self.volume_deleted(&id);
        }
    }
}
