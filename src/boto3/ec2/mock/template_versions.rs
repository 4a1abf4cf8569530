//! Versions of launch templates: listing and deleting them; and the template data of an existing
//! instance.

use aws_sdk_ec2::operation::{
    delete_launch_template_versions::*, describe_launch_template_versions::*, get_launch_template_data::*,
};
use aws_sdk_ec2::types::*;

use super::describe::page;
use super::filter::{Field, Wanted, each, filters, stamp};
use super::instances::Machine;
use super::launch_templates::{Template, version_number};
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::table::Record;

fn data<'a, T>(version: &'a LaunchTemplateVersion, what: impl FnOnce(&'a ResponseLaunchTemplateData) -> Option<T>) -> Option<T> {
    version.launch_template_data().and_then(what)
}

const FILTERS: &[Field<LaunchTemplateVersion>] = filters!(version: LaunchTemplateVersion =>
    "create-time" = stamp(version.create_time()),
    "ebs-optimized" = data(version, ResponseLaunchTemplateData::ebs_optimized),
    "host-resource-group-arn" = data(version, |data| data.placement()?.host_resource_group_arn()),
    "http-endpoint" = data(version, |data| data.metadata_options()?.http_endpoint()),
    "http-protocol-ipv6" = data(version, |data| data.metadata_options()?.http_protocol_ipv6()),
    "http-tokens" = data(version, |data| data.metadata_options()?.http_tokens()),
    "iam-instance-profile" = data(version, |data| data.iam_instance_profile()?.arn()),
    "image-id" = data(version, ResponseLaunchTemplateData::image_id),
    "instance-type" = data(version, ResponseLaunchTemplateData::instance_type),
    "is-default-version" = version.default_version(),
    "kernel-id" = data(version, ResponseLaunchTemplateData::kernel_id),
    "license-configuration-arn" = Vec::new(),
    "network-card-index" = version.launch_template_data().map_or(Vec::new(), |data| {
        each(data.network_interfaces(), LaunchTemplateInstanceNetworkInterfaceSpecification::network_card_index)
    }),
    "ram-disk-id" = data(version, ResponseLaunchTemplateData::ram_disk_id),
);

const HOW: &str = "To describe the launch template data for all your launch templates, for '--versions' specify '$Latest', '$Default', or both, and omit '--launch-template-id', '--launch-template-name', and version numbers. To describe the launch template data for a specific launch template, specify '--launch-template-id' or '--launch-template-name', and for '--versions' specify one or more of the following values: '$Latest', '$Default', or one or more version numbers.";

impl Region {
    /// For one template the newest come first; for all, their latest or default versions.
    pub(super) fn describe_launch_template_versions(
        &mut self,
        input: DescribeLaunchTemplateVersionsInput,
    ) -> Answer<DescribeLaunchTemplateVersionsOutput> {
        if let Some(most) = input.max_results().filter(|most| !(1..=200).contains(most)) {
            return Err(Refusal::bad_value(most, "maxResults", "Valid values are from 1 to 200."));
        }
        let wanted = Wanted::understand(input.filters(), FILTERS)?;
        let one = input.launch_template_id().is_some() || input.launch_template_name().is_some();
        let templates: Vec<&Template> = if one {
            vec![self.template(input.launch_template_id(), input.launch_template_name())?]
        } else if input.versions().is_empty() {
            return Err(Refusal::new("MissingParameter", HOW));
        } else if input.versions().iter().any(|version| !["$Latest", "$Default"].contains(&version.as_str())) {
            return Err(Refusal::value(HOW));
        } else {
            self.templates.iter().collect()
        };
        let (min, max) = (input.min_version().map(version_number), input.max_version().map(version_number));
        let (min, max) = (min.transpose()?.unwrap_or(0), max.transpose()?.unwrap_or(i64::MAX));
        let mut versions: Vec<LaunchTemplateVersion> = Vec::new();
        for template in templates {
            let chosen: Vec<&LaunchTemplateVersion> = match input.versions() {
                [] => template.versions.range(min..=max.max(min)).rev().map(|(_, version)| version).collect(),
                named => named.iter().map(|which| template.version(Some(which))).collect::<Answer<_>>()?,
            };
            for version in chosen {
                let version = template.shown_version(version);
                if !versions.contains(&version) && wanted.pass(&version, None) {
                    versions.push(version);
                }
            }
        }
        let (versions, next) = page(versions, input.max_results(), input.next_token())?;
        Ok(DescribeLaunchTemplateVersionsOutput::builder()
            .set_launch_template_versions(Some(versions))
            .set_next_token(next)
            .build())
    }

    /// Deletes each separately: failures are reported, the others are deleted.
    pub(super) fn delete_launch_template_versions(
        &mut self,
        input: DeleteLaunchTemplateVersionsInput,
    ) -> Answer<DeleteLaunchTemplateVersionsOutput> {
        let asked = required_list(input.versions(), "LaunchTemplateVersion")?;
        let template = self.template(input.launch_template_id(), input.launch_template_name())?;
        let (id, name) = (template.id().to_owned(), template.name().to_owned());
        let numbers = asked.iter().map(|version| version_number(version)).collect::<Answer<Vec<_>>>()?;
        let template = self.templates.get_mut(&id)?;
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for number in numbers {
            let error = |code: LaunchTemplateErrorCode, message: String| ResponseError::builder().code(code).message(message);
            let why = if number == template.default_version() {
                let message =
                    format!("The version {number} is the default version of the launch template {id} and cannot be deleted.");
                Some(error(LaunchTemplateErrorCode::UnexpectedError, message))
            } else if template.versions.remove(&number).is_none() {
                let message = format!("The launch template {id} has no version {number}.");
                Some(error(LaunchTemplateErrorCode::LaunchTemplateVersionDoesNotExist, message))
            } else {
                None
            };
            match why {
                None => done.push(
                    DeleteLaunchTemplateVersionsResponseSuccessItem::builder()
                        .launch_template_id(&id)
                        .launch_template_name(&name)
                        .version_number(number)
                        .build(),
                ),
                Some(error) => refused.push(
                    DeleteLaunchTemplateVersionsResponseErrorItem::builder()
                        .launch_template_id(&id)
                        .launch_template_name(&name)
                        .version_number(number)
                        .response_error(error.build())
                        .build(),
                ),
            }
        }
        Ok(DeleteLaunchTemplateVersionsOutput::builder()
            .set_successfully_deleted_launch_template_versions(Some(done))
            .set_unsuccessfully_deleted_launch_template_versions(Some(refused))
            .build())
    }

    pub(super) fn get_launch_template_data(&mut self, input: GetLaunchTemplateDataInput) -> Answer<GetLaunchTemplateDataOutput> {
        let machine = self.instances.get(required(input.instance_id(), "InstanceId")?)?.shown(self);
        Ok(GetLaunchTemplateDataOutput::builder().launch_template_data(self.data_of(&machine)).build())
    }

    fn data_of(&self, machine: &Machine) -> ResponseLaunchTemplateData {
        let instance = &machine.instance;
        let disks = instance.block_device_mappings().iter().map(|mapping| {
            let own = mapping.ebs().and_then(|ebs| self.volumes.get(ebs.volume_id()?).ok());
            let ebs = LaunchTemplateEbsBlockDevice::builder()
                .set_delete_on_termination(mapping.ebs().and_then(EbsInstanceBlockDevice::delete_on_termination))
                .set_encrypted(own.and_then(Volume::encrypted))
                .set_iops(own.and_then(Volume::iops))
                .set_throughput(own.and_then(Volume::throughput))
                .set_snapshot_id(own.and_then(|own| own.snapshot_id.clone()))
                .set_volume_size(own.and_then(Volume::size))
                .set_volume_type(own.and_then(|own| own.volume_type.clone()));
            LaunchTemplateBlockDeviceMapping::builder().set_device_name(mapping.device_name.clone()).ebs(ebs.build()).build()
        });
        let nics = instance.network_interfaces().iter().map(|nic| {
            let addresses = nic.private_ip_addresses().iter().map(|own| {
                PrivateIpAddressSpecification::builder()
                    .set_primary(own.primary)
                    .set_private_ip_address(own.private_ip_address.clone())
                    .build()
            });
            let attachment = nic.attachment();
            LaunchTemplateInstanceNetworkInterfaceSpecification::builder()
                .associate_public_ip_address(nic.association().is_some())
                .set_delete_on_termination(attachment.and_then(InstanceNetworkInterfaceAttachment::delete_on_termination))
                .set_device_index(attachment.and_then(InstanceNetworkInterfaceAttachment::device_index))
                .set_network_card_index(attachment.and_then(InstanceNetworkInterfaceAttachment::network_card_index))
                .set_description(nic.description.clone())
                .set_groups(Some(nic.groups().iter().filter_map(|group| group.group_id.clone()).collect()))
                .set_interface_type(nic.interface_type.clone())
                .set_network_interface_id(nic.network_interface_id.clone())
                .set_private_ip_address(nic.private_ip_address.clone())
                .set_private_ip_addresses(Some(addresses.collect()))
                .set_subnet_id(nic.subnet_id.clone())
                .build()
        });
        let place = instance.placement();
        let placement = LaunchTemplatePlacement::builder()
            .set_availability_zone(place.and_then(|place| place.availability_zone.clone()))
            .set_group_name(place.and_then(|place| place.group_name.clone()))
            .set_partition_number(place.and_then(Placement::partition_number))
            .set_tenancy(place.and_then(|place| place.tenancy.clone()));
        let monitored = instance.monitoring().and_then(Monitoring::state) == Some(&MonitoringState::Enabled);
        // AWS's own tags cannot be set.
        let tags: Vec<Tag> =
            instance.tags().iter().filter(|tag| !tag.key().unwrap_or_default().starts_with("aws:")).cloned().collect();
        let tags = (!tags.is_empty()).then(|| {
            vec![LaunchTemplateTagSpecification::builder().resource_type(ResourceType::Instance).set_tags(Some(tags)).build()]
        });
        let metadata = instance.metadata_options().map(|own| {
            LaunchTemplateInstanceMetadataOptions::builder()
                .set_http_tokens(own.http_tokens().map(|word| word.as_str().into()))
                .set_http_put_response_hop_limit(own.http_put_response_hop_limit)
                .set_http_endpoint(own.http_endpoint().map(|word| word.as_str().into()))
                .set_http_protocol_ipv6(own.http_protocol_ipv6().map(|word| word.as_str().into()))
                .set_instance_metadata_tags(own.instance_metadata_tags().map(|word| word.as_str().into()))
                .build()
        });
        let profile = instance
            .iam_instance_profile()
            .map(|own| LaunchTemplateIamInstanceProfileSpecification::builder().set_arn(own.arn.clone()).build());
        ResponseLaunchTemplateData::builder()
            .set_image_id(instance.image_id.clone())
            .set_instance_type(instance.instance_type.clone())
            .set_key_name(instance.key_name.clone())
            .set_user_data(machine.user_data.clone())
            .set_ebs_optimized(instance.ebs_optimized)
            .set_kernel_id(instance.kernel_id.clone())
            .set_ram_disk_id(instance.ramdisk_id.clone())
            .set_block_device_mappings(Some(disks.collect()))
            .set_network_interfaces(Some(nics.collect()))
            .placement(placement.build())
            .monitoring(LaunchTemplatesMonitoring::builder().enabled(monitored).build())
            .disable_api_termination(machine.disable_api_termination)
            .disable_api_stop(machine.disable_api_stop)
            .instance_initiated_shutdown_behavior(machine.shutdown_behavior.clone())
            .set_credit_specification(
                machine.credits.as_ref().map(|credits| CreditSpecification::builder().cpu_credits(credits).build()),
            )
            .set_tag_specifications(tags)
            .set_metadata_options(metadata)
            .set_iam_instance_profile(profile)
            .build()
    }
}
