//! The disks of a launched instance.

use aws_sdk_ec2::types::*;

use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::volumes::Wish;

/// A checked disk, ready to create.
pub(super) struct Disk {
    device: String,
    delete_on_termination: bool,
    volume: Volume,
}

impl Region {
    pub(super) fn plan_disks(&self, image: &Image, asked: &[BlockDeviceMapping], zone: &(String, String)) -> Answer<Vec<Disk>> {
        let disks = wanted(image, asked)?.into_iter().map(|(device, ebs)| {
            let wish = Wish {
                size: ebs.volume_size(),
                volume_type: ebs.volume_type().cloned(),
                // The IOPS of gp2 in an image are informational, and cannot be requested.
                iops: ebs.iops().filter(|_| ebs.volume_type() != Some(&VolumeType::Gp2)),
                throughput: ebs.throughput(),
                snapshot: ebs.snapshot_id(),
                encrypted: ebs.encrypted(),
                kms_key: ebs.kms_key_id(),
                multi_attach: None,
            };
            let volume = self.wished_volume(zone.clone(), wish)?;
            Ok(Disk { device, delete_on_termination: ebs.delete_on_termination().unwrap_or(true), volume })
        });
        disks.collect()
    }

    /// Creates and attaches the volume of this disk.
    pub(super) fn put_disk(&mut self, disk: &Disk, instance_id: &str) -> String {
        let id = self.put_volume(disk.volume.clone());
        let attachment = VolumeAttachment::builder()
            .volume_id(&id)
            .instance_id(instance_id)
            .device(&disk.device)
            .delete_on_termination(disk.delete_on_termination)
            .state(VolumeAttachmentState::Attached)
            .attach_time(self.stamp());
        if let Ok(volume) = self.volumes.get_mut(&id) {
            volume.state = Some(VolumeState::InUse);
            volume.attachments = Some(vec![attachment.build()]);
        }
        id
    }
}

/// Returns the image's disks with the changes and additions of the request.
fn wanted(image: &Image, asked: &[BlockDeviceMapping]) -> Answer<Vec<(String, EbsBlockDevice)>> {
    let mut disks: Vec<(String, EbsBlockDevice)> = Vec::new();
    for mapping in image.block_device_mappings() {
        if let (Some(device), Some(ebs)) = (mapping.device_name(), mapping.ebs()) {
            disks.push((device.to_owned(), ebs.clone()));
        }
    }
    for mapping in asked {
        let device = required(mapping.device_name(), "blockDeviceMapping.deviceName")?;
        if mapping.no_device().is_some() {
            disks.retain(|disk| disk.0 != device);
            continue;
        }
        let Some(ebs) = mapping.ebs() else { continue };
        match disks.iter_mut().find(|disk| disk.0 == device) {
            Some((_, own)) => {
                if let (Some(asked), Some(least)) = (ebs.volume_size(), own.volume_size())
                    && asked < least
                {
                    let message = format!(
                        "Volume of size {asked}GB is smaller than snapshot '{}', expect size >= {least}GB",
                        own.snapshot_id().unwrap_or_default()
                    );
                    return Err(Refusal::new("InvalidBlockDeviceMapping", message));
                }
                if ebs.volume_type().is_some() {
                    own.volume_type = ebs.volume_type.clone();
                    (own.iops, own.throughput) = (None, None);
                }
                own.volume_size = ebs.volume_size.or(own.volume_size);
                own.iops = ebs.iops.or(own.iops);
                own.throughput = ebs.throughput.or(own.throughput);
                own.encrypted = ebs.encrypted.or(own.encrypted);
                own.kms_key_id = ebs.kms_key_id.clone().or(own.kms_key_id.take());
                own.snapshot_id = ebs.snapshot_id.clone().or(own.snapshot_id.take());
                own.delete_on_termination = ebs.delete_on_termination.or(own.delete_on_termination);
            }
            None => disks.push((device.to_owned(), ebs.clone())),
        }
    }
    Ok(disks)
}
