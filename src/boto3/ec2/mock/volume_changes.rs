//! Modifying volumes in use, their status, and their I/O state.

use aws_sdk_ec2::operation::{
    describe_volume_attribute::*, describe_volume_status::*, describe_volumes_modifications::*, enable_volume_io::*,
    modify_volume::*, modify_volume_attribute::*,
};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::describe::{check_max_results, page};
use super::filter::{Field, Wanted, each, filters, stamp};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::record;
use super::volumes::{performance, sizes};

record!(
    VolumeModification in modifications by volume_id,
    Kind {
        prefix: "vol",
        // Not a resource of its own, without tags.
        resource: "",
        not_found: "InvalidVolumeModification.NotFound",
        absent: "Modification for volume '{}' does not exist.",
        malformed: None,
    },
    filters!(change: VolumeModification =>
        "modification-state" = change.modification_state(),
        "original-iops" = change.original_iops(),
        "original-size" = change.original_size(),
        "original-volume-type" = change.original_volume_type(),
        "originalMultiAttachEnabled" = change.original_multi_attach_enabled(),
        "start-time" = stamp(change.start_time()),
        "target-iops" = change.target_iops(),
        "target-size" = change.target_size(),
        "target-volume-type" = change.target_volume_type(),
        "targetMultiAttachEnabled" = change.target_multi_attach_enabled(),
        "volume-id" = change.volume_id(),
    )
);

const STATUS_FILTERS: &[Field<VolumeStatusItem>] = filters!(status: VolumeStatusItem =>
    "action.code" = each(status.actions(), VolumeStatusAction::code),
    "action.description" = each(status.actions(), VolumeStatusAction::description),
    "action.event-id" = each(status.actions(), VolumeStatusAction::event_id),
    "availability-zone" = status.availability_zone(),
    "event.description" = each(status.events(), VolumeStatusEvent::description),
    "event.event-id" = each(status.events(), VolumeStatusEvent::event_id),
    "event.event-type" = each(status.events(), VolumeStatusEvent::event_type),
    "volume-status.details-name" = each(status.volume_status().map_or(&[], VolumeStatusInfo::details), VolumeStatusDetails::name),
    "volume-status.details-status" = each(status.volume_status().map_or(&[], VolumeStatusInfo::details), VolumeStatusDetails::status),
    "volume-status.status" = status.volume_status().and_then(VolumeStatusInfo::status),
);

impl Region {
    pub(super) fn modify_volume(&mut self, input: ModifyVolumeInput) -> Answer<ModifyVolumeOutput> {
        let id = required(input.volume_id(), "VolumeId")?;
        let volume = self.volumes.get(id)?;
        if input.size().is_none()
            && input.volume_type().is_none()
            && input.iops().is_none()
            && input.throughput().is_none()
            && input.multi_attach_enabled().is_none()
        {
            return Err(Refusal::combination(
                "At least one of Size, VolumeType, Iops, Throughput or MultiAttachEnabled must be specified",
            ));
        }
        if !matches!(volume.state(), Some(VolumeState::Available | VolumeState::InUse)) {
            return Err(Refusal::new("IncorrectState", format!("The volume '{id}' is not available or in use.")));
        }
        let changing = self.modifications.get(id).is_ok_and(|change| {
            matches!(change.modification_state(), Some(VolumeModificationState::Modifying | VolumeModificationState::Optimizing))
        });
        if changing {
            let message = format!("Volume {id} is already being modified.");
            return Err(Refusal::new("IncorrectModificationState", message));
        }
        let original = volume.clone();
        let size = input.size().or(original.size()).unwrap_or_default();
        let of = input.volume_type().or(original.volume_type()).cloned().unwrap_or(VolumeType::Gp2);
        if original.size().is_some_and(|before| size < before) {
            return Err(Refusal::value("New size cannot be smaller than existing size"));
        }
        if !sizes(&of).contains(&size) {
            return Err(Refusal::value(format!("Volume of {size}GiB is invalid for volume type {}", of.as_str())));
        }
        let kept = |own: Option<i32>| own.filter(|_| input.volume_type().is_none() && !matches!(of, VolumeType::Gp2));
        let (iops, throughput) =
            performance(&of, size, input.iops().or(kept(original.iops())), input.throughput().or(kept(original.throughput())))?;
        let change = VolumeModification::builder()
            .volume_id(id)
            .modification_state(VolumeModificationState::Modifying)
            .target_size(size)
            .target_volume_type(of.clone())
            .set_target_iops(iops)
            .set_target_throughput(throughput)
            .set_target_multi_attach_enabled(input.multi_attach_enabled().or(original.multi_attach_enabled()))
            .set_original_size(original.size())
            .set_original_volume_type(original.volume_type().cloned())
            .set_original_iops(original.iops())
            .set_original_throughput(original.throughput())
            .set_original_multi_attach_enabled(original.multi_attach_enabled())
            .progress(0)
            .start_time(self.stamp())
            .build();
        self.modifications.put(change.clone());
        let volume = self.volumes.get_mut(id)?;
        volume.size = Some(size);
        volume.volume_type = Some(of);
        (volume.iops, volume.throughput) = (iops, throughput);
        volume.multi_attach_enabled = change.target_multi_attach_enabled();
        self.later(delays::MODIFYING, Region::volume_modified, id);
        Ok(ModifyVolumeOutput::builder().volume_modification(change).build())
    }

    fn volume_modified(&mut self, id: &str) {
        if let Ok(change) = self.modifications.get_mut(id) {
            change.modification_state = Some(VolumeModificationState::Optimizing);
            change.progress = Some(50);
            self.later(delays::MODIFYING, Region::volume_optimized, id);
        }
    }

    fn volume_optimized(&mut self, id: &str) {
        let now = self.stamp();
        if let Ok(change) = self.modifications.get_mut(id) {
            change.modification_state = Some(VolumeModificationState::Completed);
            change.progress = Some(100);
            change.end_time = Some(now);
        }
    }

    pub(super) fn describe_volumes_modifications(
        &mut self,
        input: DescribeVolumesModificationsInput,
    ) -> Answer<DescribeVolumesModificationsOutput> {
        self.volumes.all(input.volume_ids())?;
        let changes = self.listed(input.volume_ids(), input.filters())?;
        let (changes, next) = page(changes, input.max_results(), input.next_token())?;
        Ok(DescribeVolumesModificationsOutput::builder().set_volumes_modifications(Some(changes)).set_next_token(next).build())
    }

    pub(super) fn describe_volume_status(&mut self, input: DescribeVolumeStatusInput) -> Answer<DescribeVolumeStatusOutput> {
        check_max_results(input.max_results(), input.volume_ids(), "volumeSet")?;
        let wanted = Wanted::understand(input.filters(), STATUS_FILTERS)?;
        let volumes: Vec<Volume> = self.listed(input.volume_ids(), &[])?;
        let statuses = volumes.into_iter().map(|volume| {
            let detail = |name: VolumeStatusName, status: &str| VolumeStatusDetails::builder().name(name).status(status).build();
            let status = VolumeStatusInfo::builder()
                .status(VolumeStatusInfoStatus::Ok)
                .details(detail(VolumeStatusName::IoEnabled, "passed"))
                .details(detail(VolumeStatusName::IoPerformance, "not-applicable"));
            VolumeStatusItem::builder()
                .set_volume_id(volume.volume_id)
                .set_availability_zone(volume.availability_zone)
                .set_availability_zone_id(volume.availability_zone_id)
                .volume_status(status.build())
                .set_actions(Some(Vec::new()))
                .set_events(Some(Vec::new()))
                .build()
        });
        let statuses = statuses.filter(|status| wanted.pass(status, None)).collect();
        let (statuses, next) = page(statuses, input.max_results(), input.next_token())?;
        Ok(DescribeVolumeStatusOutput::builder().set_volume_statuses(Some(statuses)).set_next_token(next).build())
    }

    pub(super) fn describe_volume_attribute(
        &mut self,
        input: DescribeVolumeAttributeInput,
    ) -> Answer<DescribeVolumeAttributeOutput> {
        let id = required(input.volume_id(), "VolumeId")?;
        self.volumes.get(id)?;
        let output = DescribeVolumeAttributeOutput::builder().volume_id(id);
        let output = match required(input.attribute(), "Attribute")? {
            VolumeAttributeName::AutoEnableIo => {
                let enabled = self.settings.enables_io(id);
                output.auto_enable_io(AttributeBooleanValue::builder().value(enabled).build())
            }
            VolumeAttributeName::ProductCodes => output.set_product_codes(Some(Vec::new())),
            other => {
                return Err(Refusal::value(format!(
                    "Value ({}) for parameter attribute is invalid. Unknown attribute.",
                    other.as_str()
                )));
            }
        };
        Ok(output.build())
    }

    pub(super) fn modify_volume_attribute(&mut self, input: ModifyVolumeAttributeInput) -> Answer<ModifyVolumeAttributeOutput> {
        let id = required(input.volume_id(), "VolumeId")?;
        self.volumes.get(id)?;
        let enabled = required(input.auto_enable_io().and_then(AttributeBooleanValue::value), "AutoEnableIO")?;
        self.settings.enable_io(id, enabled);
        Ok(ModifyVolumeAttributeOutput::builder().build())
    }

    /// No volume here is ever impaired, so there is nothing to enable.
    pub(super) fn enable_volume_io(&mut self, input: EnableVolumeIoInput) -> Answer<EnableVolumeIoOutput> {
        self.volumes.get(required(input.volume_id(), "VolumeId")?)?;
        Ok(EnableVolumeIoOutput::builder().build())
    }
}
