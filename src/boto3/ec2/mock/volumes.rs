//! Volumes: created, described, deleted.

use aws_sdk_ec2::operation::{create_volume::*, delete_volume::*, describe_volumes::*};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::describe::describe;
use super::filter::{each, filters, stamp};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    Volume in volumes by volume_id, tagged tags,
    Kind {
        prefix: "vol",
        resource: "volume",
        not_found: "InvalidVolume.NotFound",
        absent: "The volume '{}' does not exist.",
        malformed: Some("InvalidVolumeID.Malformed"),
    },
    filters!(volume: Volume =>
        "attachment.attach-time" = each(volume.attachments(), |to| stamp(to.attach_time())),
        "attachment.delete-on-termination" = each(volume.attachments(), VolumeAttachment::delete_on_termination),
        "attachment.device" = each(volume.attachments(), VolumeAttachment::device),
        "attachment.instance-id" = each(volume.attachments(), VolumeAttachment::instance_id),
        "attachment.status" = each(volume.attachments(), VolumeAttachment::state),
        "availability-zone" = volume.availability_zone(),
        "availability-zone-id" = volume.availability_zone_id(),
        "create-time" = stamp(volume.create_time()),
        "encrypted" = volume.encrypted(),
        "fast-restored" = volume.fast_restored(),
        "multi-attach-enabled" = volume.multi_attach_enabled(),
        "operator.managed" = Some(false),
        "operator.principal" = Vec::new(),
        "size" = volume.size(),
        "snapshot-id" = volume.snapshot_id(),
        "status" = volume.state(),
        "volume-id" = volume.volume_id(),
        "volume-type" = volume.volume_type(),
    )
);

describe! {
    paged describe_volumes(DescribeVolumesInput: volume_ids, filters, "volumeSet") -> DescribeVolumesOutput: set_volumes;
}

/// The requested properties of a volume, of a client or a launch.
#[derive(Debug, Default)]
pub(super) struct Wish<'a> {
    pub(super) size: Option<i32>,
    pub(super) volume_type: Option<VolumeType>,
    pub(super) iops: Option<i32>,
    pub(super) throughput: Option<i32>,
    pub(super) snapshot: Option<&'a str>,
    pub(super) encrypted: Option<bool>,
    pub(super) kms_key: Option<&'a str>,
    pub(super) multi_attach: Option<bool>,
}

/// Returns the sizes that a type allows, in GiB.
pub(super) fn sizes(volume_type: &VolumeType) -> std::ops::RangeInclusive<i32> {
    match volume_type {
        VolumeType::Standard => 1..=1024,
        VolumeType::Io1 | VolumeType::Io2 => 4..=16_384,
        VolumeType::St1 | VolumeType::Sc1 => 125..=16_384,
        _ => 1..=16_384,
    }
}

/// Returns the default performance of a type: IOPS, and MiB per second.
pub(super) fn performance(
    volume_type: &VolumeType,
    size: i32,
    iops: Option<i32>,
    throughput: Option<i32>,
) -> Answer<(Option<i32>, Option<i32>)> {
    let name = volume_type.as_str();
    let iops = match volume_type {
        VolumeType::Gp3 => Some(iops.unwrap_or(3000)),
        VolumeType::Io1 | VolumeType::Io2 => {
            let message = format!("The parameter iops must be specified for {name} volumes.");
            Some(iops.ok_or_else(|| Refusal::new("MissingParameter", message))?)
        }
        _ if iops.is_some() => {
            return Err(Refusal::combination(format!("The parameter iops is not supported for {name} volumes.")));
        }
        VolumeType::Gp2 => Some(size.saturating_mul(3).clamp(100, 16_000)),
        _ => None,
    };
    let throughput = match volume_type {
        VolumeType::Gp3 => Some(throughput.unwrap_or(125)),
        _ if throughput.is_some() => {
            return Err(Refusal::combination(format!("The parameter throughput is not supported for {name} volumes.")));
        }
        _ => None,
    };
    Ok((iops, throughput))
}

impl Region {
    /// Returns the volume for a request, without an id, if the request is valid.
    pub(super) fn wished_volume(&self, (zone, zone_id): (String, String), wish: Wish<'_>) -> Answer<Volume> {
        let snapshot = wish.snapshot.map(|id| self.usable_snapshot(id)).transpose()?;
        if let Some(snapshot) = snapshot
            && snapshot.state() != Some(&SnapshotState::Completed)
        {
            let message = format!("Snapshot is in invalid state - {}", snapshot.state().map_or("", SnapshotState::as_str));
            return Err(Refusal::new("IncorrectState", message));
        }
        let least = snapshot.and_then(Snapshot::volume_size);
        let size = wish.size.or(least).ok_or_else(|| Refusal::missing("size/snapshot"))?;
        let volume_type = wish.volume_type.unwrap_or(VolumeType::Gp2);
        if let Some(least) = least.filter(|least| size < *least) {
            let message = format!("The specified size {size} GiB is smaller than the snapshot's, {least} GiB");
            return Err(Refusal::value(message));
        }
        if !sizes(&volume_type).contains(&size) {
            let sizes = sizes(&volume_type);
            let message = format!(
                "Volume of {size}GiB is invalid for volume type {}; it must be between {} and {}",
                volume_type.as_str(),
                sizes.start(),
                sizes.end()
            );
            return Err(Refusal::value(message));
        }
        let (iops, throughput) = performance(&volume_type, size, wish.iops, wish.throughput)?;
        let encrypted =
            wish.encrypted.unwrap_or(false) || self.settings.encrypts() || snapshot.and_then(Snapshot::encrypted) == Some(true);
        if wish.kms_key.is_some() && !encrypted {
            return Err(Refusal::new(
                "InvalidParameterDependency",
                "The parameter KmsKeyId requires the parameter Encrypted to be set.",
            ));
        }
        let kms_key = encrypted.then(|| wish.kms_key.map_or_else(|| self.settings.kms_key(&self.name), str::to_owned));
        let volume = Volume::builder()
            .availability_zone(zone)
            .availability_zone_id(zone_id)
            .size(size)
            .volume_type(volume_type)
            .set_iops(iops)
            .set_throughput(throughput)
            .snapshot_id(wish.snapshot.unwrap_or_default())
            .encrypted(encrypted)
            .set_kms_key_id(kms_key)
            .multi_attach_enabled(wish.multi_attach.unwrap_or(false))
            .state(VolumeState::Creating)
            .create_time(self.stamp())
            .set_attachments(Some(Vec::new()));
        Ok(volume.build())
    }

    /// Adds a volume in state `creating`.
    pub(super) fn put_volume(&mut self, mut volume: Volume) -> String {
        let id = self.ids.next("vol");
        volume.volume_id = Some(id.clone());
        self.volumes.put(volume);
        self.later(delays::VOLUME, Region::volume_made, &id);
        id
    }

    fn volume_made(&mut self, id: &str) {
        if let Ok(volume) = self.volumes.get_mut(id)
            && volume.state == Some(VolumeState::Creating)
        {
            volume.state = Some(VolumeState::Available);
        }
    }

    pub(super) fn create_volume(&mut self, input: CreateVolumeInput) -> Answer<CreateVolumeOutput> {
        let tags = specified_for(input.tag_specifications(), "volume")?;
        if input.availability_zone().is_none() && input.availability_zone_id().is_none() {
            return Err(Refusal::missing("availabilityZone"));
        }
        let zone = self.zone(input.availability_zone(), input.availability_zone_id()).map_err(|_| {
            let zone = input.availability_zone().unwrap_or_default();
            Refusal::new("InvalidZone.NotFound", format!("The zone '{zone}' does not exist."))
        })?;
        let volume = self.wished_volume(
            zone,
            Wish {
                size: input.size(),
                volume_type: input.volume_type().cloned(),
                iops: input.iops(),
                throughput: input.throughput(),
                snapshot: input.snapshot_id().filter(|id| !id.is_empty()),
                encrypted: input.encrypted(),
                kms_key: input.kms_key_id(),
                multi_attach: input.multi_attach_enabled(),
            },
        )?;
        let id = self.put_volume(volume);
        self.tags.put_all(&id, &tags);
        let volume = self.volumes.get(&id)?.shown(self);
        Ok(CreateVolumeOutput::builder()
            .set_volume_id(volume.volume_id)
            .set_availability_zone(volume.availability_zone)
            .set_availability_zone_id(volume.availability_zone_id)
            .set_size(volume.size)
            .set_volume_type(volume.volume_type)
            .set_iops(volume.iops)
            .set_throughput(volume.throughput)
            .set_snapshot_id(volume.snapshot_id)
            .set_encrypted(volume.encrypted)
            .set_kms_key_id(volume.kms_key_id)
            .set_multi_attach_enabled(volume.multi_attach_enabled)
            .set_state(volume.state)
            .set_create_time(volume.create_time)
            .set_tags(volume.tags)
            .build())
    }

    pub(super) fn delete_volume(&mut self, input: DeleteVolumeInput) -> Answer<DeleteVolumeOutput> {
        let id = required(input.volume_id(), "VolumeId")?;
        let volume = self.volumes.get_mut(id)?;
        if let Some(attachment) = volume.attachments().first() {
            let instance = attachment.instance_id().unwrap_or_default();
            return Err(Refusal::new("VolumeInUse", format!("Volume {id} is currently attached to {instance}")));
        }
        match volume.state() {
            Some(VolumeState::Available | VolumeState::Error) => volume.state = Some(VolumeState::Deleting),
            Some(VolumeState::Deleting) => return Err(Volume::KIND.absent(id)),
            state => {
                let state = state.map_or("", VolumeState::as_str);
                return Err(Refusal::new("IncorrectState", format!("The volume '{id}' is '{state}'")));
            }
        }
        self.later(delays::VOLUME, Region::volume_deleted, id);
        Ok(DeleteVolumeOutput::builder().build())
    }

    pub(super) fn volume_deleted(&mut self, id: &str) {
        // It may have been deleted with its instance meanwhile.
        let _ = self.volumes.take(id);
        let _ = self.modifications.take(id);
        self.tags.forget(id);
    }
}
