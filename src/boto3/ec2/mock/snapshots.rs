//! Snapshots: created, copied, described, deleted.

use aws_sdk_ec2::operation::{
    copy_snapshot::*, create_snapshot::*, create_snapshots::*, delete_snapshot::*, describe_snapshots::*,
};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::agenda::delays;
use super::describe::{check_max_results, page};
use super::filter::{filters, stamp};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    Snapshot in snapshots by snapshot_id, tagged tags, shown by progressed,
    Kind {
        prefix: "snap",
        resource: "snapshot",
        not_found: "InvalidSnapshot.NotFound",
        absent: "The snapshot '{}' does not exist.",
        malformed: Some("InvalidSnapshotID.Malformed"),
    },
    filters!(snapshot: Snapshot =>
        "description" = snapshot.description(),
        "encrypted" = snapshot.encrypted(),
        "owner-alias" = snapshot.owner_alias(),
        "owner-id" = snapshot.owner_id(),
        "progress" = snapshot.progress(),
        "snapshot-id" = snapshot.snapshot_id(),
        "start-time" = stamp(snapshot.start_time()),
        "status" = snapshot.state(),
        "storage-tier" = snapshot.storage_tier(),
        "transfer-type" = snapshot.transfer_type(),
        "volume-id" = snapshot.volume_id(),
        "volume-size" = snapshot.volume_size(),
    )
);

/// Updates the progress of a pending snapshot.
fn progressed(region: &Region, snapshot: &mut Snapshot) {
    if snapshot.state == Some(SnapshotState::Pending) {
        let spent = snapshot.start_time.map_or(0.0, |start| region.stamp().as_secs_f64() - start.as_secs_f64());
        let percent = (100.0 * spent / delays::SNAPSHOT.as_secs_f64()).clamp(0.0, 99.0);
        snapshot.progress = Some(format!("{}%", percent as u32));
    }
}

impl Region {
    /// Returns a snapshot that this account may read.
    pub(super) fn usable_snapshot(&self, id: &str) -> Answer<&Snapshot> {
        self.snapshots.get(id).and_then(|snapshot| {
            if self.is_ours_to_use(snapshot.owner_id(), id) { Ok(snapshot) } else { Err(Snapshot::KIND.absent(id)) }
        })
    }

    pub(super) fn own_snapshot(&self, id: &str) -> Answer<&Snapshot> {
        let snapshot = self.usable_snapshot(id)?;
        if snapshot.owner_id() == Some(OWNER) {
            return Ok(snapshot);
        }
        Err(Refusal::new("UnauthorizedOperation", "You are not authorized to perform this operation."))
    }

    /// Creates a snapshot of this volume, in state `pending`.
    pub(super) fn make_snapshot(&mut self, volume_id: &str, description: &str, tags: &[Tag]) -> Answer<String> {
        let (size, encrypted, key) = {
            let volume = self.volumes.get(volume_id)?;
            (volume.size, volume.encrypted, volume.kms_key_id.clone())
        };
        let id = self.ids.next("snap");
        let snapshot = Snapshot::builder()
            .snapshot_id(&id)
            .volume_id(volume_id)
            .description(description)
            .set_volume_size(size)
            .set_encrypted(encrypted)
            .set_kms_key_id(key);
        self.put_snapshot(snapshot.build());
        self.tags.put_all(&id, tags);
        Ok(id)
    }

    pub(super) fn put_snapshot(&mut self, mut snapshot: Snapshot) {
        snapshot.owner_id = Some(OWNER.to_owned());
        snapshot.start_time = Some(self.stamp());
        snapshot.state = Some(SnapshotState::Pending);
        snapshot.storage_tier = Some(StorageTier::Standard);
        let id = snapshot.id().to_owned();
        self.snapshots.put(snapshot);
        self.later(delays::SNAPSHOT, Region::snapshot_done, &id);
    }

    fn snapshot_done(&mut self, id: &str) {
        let now = self.stamp();
        if let Ok(snapshot) = self.snapshots.get_mut(id) {
            snapshot.state = Some(SnapshotState::Completed);
            snapshot.progress = Some("100%".to_owned());
            snapshot.completion_time = Some(now);
        }
    }

    pub(super) fn create_snapshot(&mut self, input: CreateSnapshotInput) -> Answer<CreateSnapshotOutput> {
        let tags = specified_for(input.tag_specifications(), "snapshot")?;
        let volume_id = required(input.volume_id(), "VolumeId")?;
        let state = self.volumes.get(volume_id)?.state();
        if !matches!(state, Some(VolumeState::Available | VolumeState::InUse)) {
            let message = format!("Volume '{volume_id}' is '{}'.", state.map_or("", VolumeState::as_str));
            return Err(Refusal::new("IncorrectState", message));
        }
        let id = self.make_snapshot(volume_id, input.description().unwrap_or_default(), &tags)?;
        let snapshot = self.snapshots.get(&id)?.shown(self);
        Ok(CreateSnapshotOutput::builder()
            .set_snapshot_id(snapshot.snapshot_id)
            .set_volume_id(snapshot.volume_id)
            .set_volume_size(snapshot.volume_size)
            .set_description(snapshot.description)
            .set_encrypted(snapshot.encrypted)
            .set_kms_key_id(snapshot.kms_key_id)
            .set_owner_id(snapshot.owner_id)
            .set_start_time(snapshot.start_time)
            .set_state(snapshot.state)
            // Unknown in the response to the request, as in AWS.
            .progress("")
            .set_tags(snapshot.tags)
            .build())
    }

    pub(super) fn create_snapshots(&mut self, input: CreateSnapshotsInput) -> Answer<CreateSnapshotsOutput> {
        let tags = specified_for(input.tag_specifications(), "snapshot")?;
        let specification = required(input.instance_specification(), "InstanceSpecification")?;
        let instance_id = required(specification.instance_id(), "InstanceSpecification.InstanceId")?;
        let root = self.instances.get(instance_id)?.instance.root_device_name.clone();
        let attached = self.volumes.iter().filter_map(|volume| {
            let to = volume.attachments().iter().find(|to| to.instance_id() == Some(instance_id))?;
            let is_root = to.device() == root.as_deref();
            let left_out = specification.exclude_data_volume_ids().iter().any(|id| Some(id.as_str()) == volume.volume_id());
            let skip = if is_root { specification.exclude_boot_volume() == Some(true) } else { left_out };
            (!skip).then(|| volume.id().to_owned())
        });
        let attached: Vec<String> = attached.collect();
        let copied = input.copy_tags_from_source() == Some(&CopyTagsFromSource::Volume);
        let mut infos = Vec::new();
        for volume_id in attached {
            let mut own = if copied { self.tags.of(&volume_id) } else { Vec::new() };
            own.extend(tags.iter().cloned());
            let id = self.make_snapshot(&volume_id, input.description().unwrap_or_default(), &own)?;
            let snapshot = self.snapshots.get(&id)?.shown(self);
            let info = SnapshotInfo::builder()
                .set_snapshot_id(snapshot.snapshot_id)
                .set_volume_id(snapshot.volume_id)
                .set_volume_size(snapshot.volume_size)
                .set_description(snapshot.description)
                .set_encrypted(snapshot.encrypted)
                .set_owner_id(snapshot.owner_id)
                .set_start_time(snapshot.start_time)
                .set_state(snapshot.state)
                .progress("")
                .set_tags(snapshot.tags);
            infos.push(info.build());
        }
        Ok(CreateSnapshotsOutput::builder().set_snapshots(Some(infos)).build())
    }

    pub(super) fn copy_snapshot(&mut self, input: CopySnapshotInput) -> Answer<CopySnapshotOutput> {
        let tags = specified_for(input.tag_specifications(), "snapshot")?;
        let source_id = required(input.source_snapshot_id(), "SourceSnapshotId")?;
        let source_region = required(input.source_region(), "SourceRegion")?;
        let source = self.elsewhere(source_region)?.usable_snapshot(source_id)?.clone();
        if source.state() != Some(&SnapshotState::Completed) {
            return Err(Refusal::new("IncorrectState", format!("Snapshot {source_id} is not completed.")));
        }
        let encrypted = input.encrypted() == Some(true) || source.encrypted() == Some(true);
        let id = self.ids.next("snap");
        let copy = Snapshot::builder()
            .snapshot_id(&id)
            // AWS uses this placeholder as the volume of a copy.
            .volume_id("vol-ffffffff")
            .description(input.description().unwrap_or_default())
            .set_volume_size(source.volume_size())
            .encrypted(encrypted)
            .set_kms_key_id(
                encrypted.then(|| input.kms_key_id().map_or_else(|| self.settings.kms_key(&self.name), str::to_owned)),
            );
        self.put_snapshot(copy.build());
        self.tags.put_all(&id, &tags);
        Ok(CopySnapshotOutput::builder().set_tags(Some(self.tags.of(&id))).snapshot_id(id).build())
    }

    /// Returns a region by name, this one or another.
    pub(super) fn elsewhere(&self, name: &str) -> Answer<&Region> {
        if name == self.name {
            return Ok(self);
        }
        self.abroad.get(name).ok_or_else(|| Refusal::value(format!("Nothing is in the region '{name}'")))
    }

    pub(super) fn delete_snapshot(&mut self, input: DeleteSnapshotInput) -> Answer<DeleteSnapshotOutput> {
        let id = required(input.snapshot_id(), "SnapshotId")?;
        self.own_snapshot(id)?;
        let uses = |image: &&Image| {
            image.block_device_mappings().iter().any(|mapping| mapping.ebs().and_then(EbsBlockDevice::snapshot_id) == Some(id))
        };
        if let Some(image) = self.images.iter().find(uses) {
            let message = format!("The snapshot {id} is currently in use by {}", image.id());
            return Err(Refusal::new("InvalidSnapshot.InUse", message));
        }
        self.forget_snapshot(id)?;
        Ok(DeleteSnapshotOutput::builder().build())
    }

    pub(super) fn forget_snapshot(&mut self, id: &str) -> Answer<()> {
        self.snapshots.take(id)?;
        self.shared.remove(id);
        self.tags.forget(id);
        Ok(())
    }

    /// Returns this account's snapshots, and those shared with it or with all.
    pub(super) fn describe_snapshots(&mut self, input: DescribeSnapshotsInput) -> Answer<DescribeSnapshotsOutput> {
        check_max_results(input.max_results(), input.snapshot_ids(), "snapshotSet")?;
        let mut snapshots: Vec<Snapshot> = self.listed(input.snapshot_ids(), input.filters())?;
        let hidden: Vec<&str> =
            snapshots.iter().filter(|own| !self.is_ours_to_use(own.owner_id(), own.id())).map(Record::id).collect();
        if !input.snapshot_ids().is_empty() && !hidden.is_empty() {
            return Err(Snapshot::KIND.all_absent(&hidden));
        }
        snapshots.retain(|own| self.is_ours_to_use(own.owner_id(), own.id()));
        snapshots.retain(|own| owned_by(input.owner_ids(), own.owner_id(), own.owner_alias()));
        snapshots.retain(|own| {
            let by = input.restorable_by_user_ids();
            by.is_empty() || by.iter().any(|user| self.may_use(user, own.owner_id(), own.id()))
        });
        let (snapshots, next) = page(snapshots, input.max_results(), input.next_token())?;
        Ok(DescribeSnapshotsOutput::builder().set_snapshots(Some(snapshots)).set_next_token(next).build())
    }
}

/// Returns true if one of these owners (number, alias or `self`) is the owner.
pub(super) fn owned_by(owners: &[String], owner: Option<&str>, alias: Option<&str>) -> bool {
    owners.is_empty()
        || owners.iter().any(|wanted| match wanted.as_str() {
            "self" => owner == Some(OWNER),
            wanted => owner == Some(wanted) || alias == Some(wanted),
        })
}
