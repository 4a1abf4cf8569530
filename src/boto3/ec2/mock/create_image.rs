//! `CreateImage`: an image of an instance, with snapshots of its disks.

use aws_sdk_ec2::operation::create_image::*;
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::tags::{of_kind, specified};
use super::volumes::{performance, sizes};

/// A disk of the image, and the volume to snapshot.
struct Planned {
    volume_id: Option<String>,
    device: String,
    ebs: EbsBlockDevice,
}

/// Checks that a volume of this size and type can be created from it.
fn check(ebs: &EbsBlockDevice, least: Option<i32>) -> Answer<()> {
    let volume_type = ebs.volume_type().cloned().unwrap_or(VolumeType::Gp2);
    let size = ebs.volume_size().or(least).ok_or_else(|| Refusal::missing("size/snapshot"))?;
    if let Some(least) = least.filter(|least| size < *least) {
        let message = format!("Volume of size {size}GB is smaller than snapshot, expect size >= {least}GB");
        return Err(Refusal::new("InvalidBlockDeviceMapping", message));
    }
    if !sizes(&volume_type).contains(&size) {
        let message = format!("Volume of {size}GiB is invalid for volume type {}", volume_type.as_str());
        return Err(Refusal::new("InvalidBlockDeviceMapping", message));
    }
    performance(&volume_type, size, ebs.iops(), ebs.throughput()).map(|_| ())
}

impl Region {
    /// Returns the disks of the instance with the changes of the request, then the additional ones.
    fn plan_image(&self, instance_id: &str, asked: &[BlockDeviceMapping]) -> Answer<Vec<Planned>> {
        let mut planned = Vec::new();
        for volume in self.volumes.iter() {
            let Some(to) = volume.attachments().iter().find(|to| to.instance_id() == Some(instance_id)) else { continue };
            let asked = asked.iter().find(|mapping| mapping.device_name() == to.device());
            if asked.is_some_and(|mapping| mapping.no_device().is_some()) {
                continue;
            }
            let mut ebs = asked.and_then(|mapping| mapping.ebs.clone()).unwrap_or_else(|| EbsBlockDevice::builder().build());
            if ebs.snapshot_id().is_some() {
                let message = format!("The snapshot of the device '{}' is made of its volume", to.device().unwrap_or_default());
                return Err(Refusal::new("InvalidBlockDeviceMapping", message));
            }
            if ebs.volume_type.is_none() {
                ebs.volume_type.clone_from(&volume.volume_type);
                let given = matches!(volume.volume_type(), Some(VolumeType::Gp3 | VolumeType::Io1 | VolumeType::Io2));
                ebs.iops = ebs.iops.or(volume.iops.filter(|_| given));
                ebs.throughput = ebs.throughput.or(volume.throughput);
            }
            ebs.volume_size = ebs.volume_size.or(volume.size);
            ebs.encrypted = volume.encrypted;
            ebs.delete_on_termination = ebs.delete_on_termination.or(to.delete_on_termination);
            check(&ebs, volume.size)?;
            planned.push(Planned { volume_id: volume.volume_id.clone(), device: to.device.clone().unwrap_or_default(), ebs });
        }
        for mapping in asked.iter().filter(|mapping| mapping.no_device().is_none()) {
            let device = required(mapping.device_name(), "blockDeviceMapping.deviceName")?;
            let Some(ebs) = mapping.ebs().filter(|_| !planned.iter().any(|own| own.device == device)) else { continue };
            let snapshot = ebs.snapshot_id().map(|id| self.usable_snapshot(id)).transpose()?;
            let mut ebs = ebs.clone();
            ebs.volume_size = ebs.volume_size.or(snapshot.and_then(Snapshot::volume_size));
            check(&ebs, snapshot.and_then(Snapshot::volume_size))?;
            planned.push(Planned { volume_id: None, device: device.to_owned(), ebs });
        }
        Ok(planned)
    }

    pub(super) fn create_image(&mut self, input: CreateImageInput) -> Answer<CreateImageOutput> {
        let tags = specified(input.tag_specifications(), &["image", "snapshot"])?;
        let instance_id = required(input.instance_id(), "instanceId")?;
        let machine = self.instances.get(instance_id)?;
        let state = machine.state();
        if !matches!(state, InstanceStateName::Running | InstanceStateName::Stopped | InstanceStateName::Stopping) {
            return Err(Refusal::new(
                "IncorrectInstanceState",
                format!("Instance {instance_id} is not in state running or stopped"),
            ));
        }
        let name = self.check_name(input.name())?;
        let instance = machine.instance.clone();
        let mut mappings = Vec::new();
        for Planned { volume_id, device, mut ebs } in self.plan_image(instance_id, input.block_device_mappings())? {
            if let Some(volume_id) = volume_id {
                let description = format!("Created by CreateImage({instance_id})");
                ebs.snapshot_id = Some(self.make_snapshot(&volume_id, &description, &of_kind(&tags, "snapshot"))?);
            }
            mappings.push(BlockDeviceMapping::builder().device_name(device).ebs(ebs).build());
        }
        let id = self.ids.next("ami");
        let image = Image::builder()
            .image_id(&id)
            .image_location(format!("{OWNER}/{name}"))
            .name(name)
            .set_description(input.description.clone())
            .owner_id(OWNER)
            .source_instance_id(instance_id)
            .set_architecture(instance.architecture)
            .set_platform(instance.platform)
            .set_platform_details(instance.platform_details)
            .set_usage_operation(instance.usage_operation)
            .set_root_device_name(instance.root_device_name)
            .set_block_device_mappings(Some(mappings));
        self.put_image(image, ImageState::Pending);
        self.tags.put_all(&id, &of_kind(&tags, "image"));
        Ok(CreateImageOutput::builder().image_id(id).build())
    }
}
