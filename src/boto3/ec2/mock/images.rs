//! Images: the initial ones of AWS, and those that are created, copied or registered.

use std::collections::BTreeSet;

use aws_sdk_ec2::operation::{copy_image::*, deregister_image::*, describe_images::*, register_image::*};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::agenda::delays;
use super::arrange::{AmazonImage, STOCK};
use super::describe::{check_max_results, page};
use super::filter::{each, filters, stamp};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::snapshots::owned_by;
use super::table::{Record, record};
use super::tags::{of_kind, specified, specified_for};

fn device<'a>(image: &'a Image, what: impl Fn(&'a EbsBlockDevice) -> Option<String>) -> Vec<String> {
    image.block_device_mappings().iter().filter_map(BlockDeviceMapping::ebs).filter_map(what).collect()
}

record!(
    Image in images by image_id, tagged tags, shown by made_public,
    Kind {
        prefix: "ami",
        resource: "image",
        not_found: "InvalidAMIID.NotFound",
        absent: "The image id '[{}]' does not exist",
        malformed: Some("InvalidAMIID.Malformed"),
    },
    filters!(image: Image =>
        "architecture" = image.architecture(),
        "block-device-mapping.delete-on-termination" = device(image, |ebs| ebs.delete_on_termination().map(|yes| yes.to_string())),
        "block-device-mapping.device-name" = each(image.block_device_mappings(), BlockDeviceMapping::device_name),
        "block-device-mapping.snapshot-id" = device(image, |ebs| ebs.snapshot_id.clone()),
        "block-device-mapping.volume-size" = device(image, |ebs| ebs.volume_size().map(|size| size.to_string())),
        "block-device-mapping.volume-type" = device(image, |ebs| ebs.volume_type().map(|of| of.as_str().to_owned())),
        "block-device-mapping.encrypted" = device(image, |ebs| ebs.encrypted().map(|yes| yes.to_string())),
        "boot-mode" = image.boot_mode(),
        "creation-date" = image.creation_date(),
        "description" = image.description(),
        "ena-support" = image.ena_support(),
        "free-tier-eligible" = image.free_tier_eligible(),
        "hypervisor" = image.hypervisor(),
        "image-id" = image.image_id(),
        "image-type" = image.image_type(),
        "is-public" = image.public(),
        "kernel-id" = image.kernel_id(),
        "manifest-location" = image.image_location(),
        "name" = image.name(),
        "owner-alias" = image.image_owner_alias(),
        "owner-id" = image.owner_id(),
        "platform" = image.platform(),
        "product-code" = each(image.product_codes(), ProductCode::product_code_id),
        "product-code.type" = each(image.product_codes(), ProductCode::product_code_type),
        "ramdisk-id" = image.ramdisk_id(),
        "root-device-name" = image.root_device_name(),
        "root-device-type" = image.root_device_type(),
        "source-image-id" = image.source_image_id(),
        "source-image-region" = image.source_image_region(),
        "source-instance-id" = image.source_instance_id(),
        "state" = image.state(),
        "state-reason-code" = image.state_reason().and_then(StateReason::code),
        "state-reason-message" = image.state_reason().and_then(StateReason::message),
        "sriov-net-support" = image.sriov_net_support(),
        "virtualization-type" = image.virtualization_type(),
    )
);

fn made_public(region: &Region, image: &mut Image) {
    image.public = Some(region.shared.get(image.id()).is_some_and(|sharing| sharing.everyone));
}

/// The users of a shared resource other than its owner.
#[derive(Clone, Debug, Default)]
pub(super) struct Sharing {
    pub(super) users: BTreeSet<String>,
    pub(super) everyone: bool,
}

impl Sharing {
    pub(super) fn change(&mut self, user: Option<&str>, all: bool, given: bool) {
        match (user, given) {
            (Some(user), true) => _ = self.users.insert(user.to_owned()),
            (Some(user), false) => _ = self.users.remove(user),
            (None, _) => {}
        }
        if all {
            self.everyone = given;
        }
    }
}

impl Region {
    pub(super) fn is_ours_to_use(&self, owner: Option<&str>, id: &str) -> bool {
        self.may_use("self", owner, id) || self.may_use("all", owner, id)
    }

    /// Returns true if a user (a number, `self`, or `all`) may use the resource with this owner and
    /// id.
    pub(super) fn may_use(&self, user: &str, owner: Option<&str>, id: &str) -> bool {
        let user = if user == "self" { OWNER } else { user };
        let sharing = self.shared.get(id);
        owner == Some(user)
            || sharing.is_some_and(|sharing| if user == "all" { sharing.everyone } else { sharing.users.contains(user) })
    }

    pub(super) fn stock_images(&mut self) {
        for image in STOCK {
            self.put_amazon_image(image.clone());
        }
    }

    /// Adds an image of AWS, with its snapshot.
    pub(super) fn put_amazon_image(&mut self, image: AmazonImage) -> String {
        let (id, snapshot_id) = (self.ids.next("ami"), self.ids.next("snap"));
        let snapshot = Snapshot::builder()
            .snapshot_id(&snapshot_id)
            .volume_id("vol-ffffffff")
            .owner_id(image.owner_id)
            .owner_alias("amazon")
            .description(image.name)
            .volume_size(image.size)
            .encrypted(false)
            .state(SnapshotState::Completed)
            .progress("100%")
            .storage_tier(StorageTier::Standard)
            .start_time(self.stamp());
        self.snapshots.put(snapshot.build());
        let root = EbsBlockDevice::builder()
            .snapshot_id(&snapshot_id)
            .volume_size(image.size)
            .volume_type(VolumeType::Gp3)
            .iops(3000)
            .throughput(125)
            .delete_on_termination(true)
            .encrypted(false);
        let mapping = BlockDeviceMapping::builder().device_name(image.root_device).ebs(root.build()).build();
        // AWS returns this value, although the SDK's enumeration differs.
        let windows = image.windows.then(|| PlatformValues::from("windows"));
        let described = Image::builder()
            .image_id(&id)
            .name(image.name)
            .description(image.description)
            .owner_id(image.owner_id)
            .image_owner_alias("amazon")
            .image_location(format!("amazon/{}", image.name))
            .architecture(image.architecture.into())
            .platform_details(if image.windows { "Windows" } else { "Linux/UNIX" })
            .usage_operation(if image.windows { "RunInstances:0002" } else { "RunInstances" })
            .set_platform(windows)
            .root_device_name(image.root_device)
            .block_device_mappings(mapping);
        self.put_image(described, ImageState::Available);
        for id in [&id, &snapshot_id] {
            self.shared.insert(id.clone(), Sharing { everyone: true, ..Sharing::default() });
        }
        id
    }

    pub(super) fn put_image(&mut self, image: aws_sdk_ec2::types::builders::ImageBuilder, state: ImageState) {
        let image = image
            .image_type(ImageTypeValues::Machine)
            .hypervisor(HypervisorType::Xen)
            .virtualization_type(VirtualizationType::Hvm)
            .root_device_type(DeviceType::Ebs)
            .ena_support(true)
            .sriov_net_support("simple")
            .set_creation_date(stamp(Some(&self.stamp())))
            .state(state)
            .build();
        if image.state == Some(ImageState::Pending) {
            self.later(delays::IMAGE, Region::image_done, image.id());
        }
        self.images.put(image);
    }

    fn image_done(&mut self, id: &str) {
        if let Ok(image) = self.images.get_mut(id)
            && image.state == Some(ImageState::Pending)
        {
            image.state = Some(ImageState::Available);
        }
    }

    /// Returns an image that this account may launch.
    pub(super) fn usable_image(&self, id: &str) -> Answer<&Image> {
        let image = self.images.get(id)?;
        if self.is_ours_to_use(image.owner_id(), id) { Ok(image) } else { Err(Image::KIND.absent(id)) }
    }

    pub(super) fn own_image(&self, id: &str) -> Answer<&Image> {
        let image = self.usable_image(id)?;
        if image.owner_id() == Some(OWNER) {
            return Ok(image);
        }
        Err(Refusal::new("AuthFailure", format!("Not authorized for image:{id}")))
    }

    pub(super) fn check_name(&self, name: Option<&str>) -> Answer<String> {
        let name = required(name, "name")?;
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || " ()[]./-'@_".contains(letter);
        if !(3..=128).contains(&name.chars().count()) || !name.chars().all(allowed) {
            let message = "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/' and '_'";
            return Err(Refusal::new("InvalidAMIName.Malformed", message));
        }
        match self.images.iter().find(|image| image.owner_id() == Some(OWNER) && image.name() == Some(name)) {
            Some(image) => {
                let message = format!("AMI name {name} is already in use by AMI {}", image.id());
                Err(Refusal::new("InvalidAMIName.Duplicate", message))
            }
            None => Ok(name.to_owned()),
        }
    }

    pub(super) fn copy_image(&mut self, input: CopyImageInput) -> Answer<CopyImageOutput> {
        let tags = specified(input.tag_specifications(), &["image", "snapshot"])?;
        let name = self.check_name(input.name())?;
        let source_id = required(input.source_image_id(), "sourceImageId")?;
        let source_region = required(input.source_region(), "sourceRegion")?;
        let abroad = self.elsewhere(source_region)?;
        let source = abroad.usable_image(source_id)?.clone();
        let source_tags = abroad.tags.of(source_id);
        if source.state() != Some(&ImageState::Available) {
            let message = format!("The image id '[{source_id}]' is no longer available");
            return Err(Refusal::new("InvalidAMIID.Unavailable", message));
        }
        let mut mappings = source.block_device_mappings().to_vec();
        for ebs in mappings.iter_mut().filter_map(|mapping| mapping.ebs.as_mut()) {
            let snapshot_id = self.ids.next("snap");
            let encrypted = input.encrypted() == Some(true) || ebs.encrypted() == Some(true);
            let snapshot = Snapshot::builder()
                .snapshot_id(&snapshot_id)
                .volume_id("vol-ffffffff")
                .description(format!("Copied for DestinationAmi from SourceAmi {source_id}"))
                .set_volume_size(ebs.volume_size())
                .encrypted(encrypted);
            self.put_snapshot(snapshot.build());
            self.tags.put_all(&snapshot_id, &of_kind(&tags, "snapshot"));
            ebs.snapshot_id = Some(snapshot_id);
            ebs.encrypted = Some(encrypted);
        }
        let id = self.ids.next("ami");
        let image = Image::builder()
            .image_id(&id)
            .image_location(format!("{OWNER}/{name}"))
            .name(name)
            .set_description(input.description.clone().or(source.description))
            .owner_id(OWNER)
            .source_image_id(source_id)
            .source_image_region(source_region)
            .set_architecture(source.architecture)
            .set_platform(source.platform)
            .set_platform_details(source.platform_details)
            .set_usage_operation(source.usage_operation)
            .set_root_device_name(source.root_device_name)
            .set_block_device_mappings(Some(mappings));
        self.put_image(image, ImageState::Pending);
        if input.copy_image_tags == Some(true) {
            let own: Vec<Tag> =
                source_tags.into_iter().filter(|tag| tag.key().is_some_and(|key| !key.starts_with("aws:"))).collect();
            self.tags.put_all(&id, &own);
        }
        self.tags.put_all(&id, &of_kind(&tags, "image"));
        Ok(CopyImageOutput::builder().image_id(id).build())
    }

    pub(super) fn register_image(&mut self, input: RegisterImageInput) -> Answer<RegisterImageOutput> {
        let tags = specified_for(input.tag_specifications(), "image")?;
        let name = self.check_name(input.name())?;
        let mut mappings = input.block_device_mappings().to_vec();
        let root = match input.root_device_name() {
            Some(root) => root.to_owned(),
            None => {
                mappings.first().and_then(|first| first.device_name.clone()).ok_or_else(|| Refusal::missing("rootDeviceName"))?
            }
        };
        for ebs in mappings.iter_mut().filter_map(|mapping| mapping.ebs.as_mut()) {
            if let Some(id) = ebs.snapshot_id() {
                let snapshot = self.usable_snapshot(id)?;
                ebs.volume_size = ebs.volume_size.or(snapshot.volume_size());
                ebs.encrypted = snapshot.encrypted();
            }
            ebs.volume_type.get_or_insert(VolumeType::Gp2);
            ebs.delete_on_termination.get_or_insert(true);
        }
        if !mappings
            .iter()
            .any(|mapping| mapping.device_name() == Some(&root) && mapping.ebs().and_then(EbsBlockDevice::snapshot_id).is_some())
        {
            let message = format!("Snapshot of the root device '{root}' must be specified");
            return Err(Refusal::new("InvalidBlockDeviceMapping", message));
        }
        let id = self.ids.next("ami");
        let image = Image::builder()
            .image_id(&id)
            .image_location(format!("{OWNER}/{name}"))
            .name(name)
            .set_description(input.description.clone())
            .owner_id(OWNER)
            .architecture(input.architecture.unwrap_or(ArchitectureValues::I386))
            .set_boot_mode(input.boot_mode)
            .set_kernel_id(input.kernel_id)
            .set_ramdisk_id(input.ramdisk_id)
            .platform_details("Linux/UNIX")
            .usage_operation("RunInstances")
            .root_device_name(root)
            .set_block_device_mappings(Some(mappings));
        self.put_image(image, ImageState::Available);
        self.tags.put_all(&id, &tags);
        Ok(RegisterImageOutput::builder().image_id(id).build())
    }

    pub(super) fn deregister_image(&mut self, input: DeregisterImageInput) -> Answer<DeregisterImageOutput> {
        let id = required(input.image_id(), "ImageId")?;
        self.own_image(id)?;
        let image = self.images.take(id)?;
        self.shared.remove(id);
        self.tags.forget(id);
        let mut deleted = Vec::new();
        if input.delete_associated_snapshots() == Some(true) {
            for snapshot in image.block_device_mappings().iter().filter_map(|mapping| mapping.ebs()?.snapshot_id()) {
                let code = if self.forget_snapshot(snapshot).is_ok() { "success" } else { "skipped" };
                deleted.push(DeleteSnapshotReturnCode::builder().snapshot_id(snapshot).return_code(code.into()).build());
            }
        }
        Ok(DeregisterImageOutput::builder().set_delete_snapshot_results(Some(deleted)).build())
    }

    /// Returns this account's images, those of AWS, and shared ones.
    pub(super) fn describe_images(&mut self, input: DescribeImagesInput) -> Answer<DescribeImagesOutput> {
        check_max_results(input.max_results(), input.image_ids(), "imagesSet")?;
        let mut images: Vec<Image> = self.listed(input.image_ids(), input.filters())?;
        let hidden: Vec<&str> =
            images.iter().filter(|own| !self.is_ours_to_use(own.owner_id(), own.id())).map(Record::id).collect();
        if !input.image_ids().is_empty() && !hidden.is_empty() {
            return Err(Image::KIND.all_absent(&hidden));
        }
        images.retain(|own| self.is_ours_to_use(own.owner_id(), own.id()));
        images.retain(|own| owned_by(input.owners(), own.owner_id(), own.image_owner_alias()));
        images.retain(|own| {
            let by = input.executable_users();
            by.is_empty() || by.iter().any(|user| self.may_use(user, own.owner_id(), own.id()))
        });
        let (images, next) = page(images, input.max_results(), input.next_token())?;
        Ok(DescribeImagesOutput::builder().set_images(Some(images)).set_next_token(next).build())
    }
}
