//! The data of a launch template as requested, as described, and as used by a launch: three sets of
//! SDK types with the same fields.

use aws_sdk_ec2::operation::run_instances::RunInstancesInput;
use aws_sdk_ec2::types::*;

use super::refusal::{Answer, Refusal};
use super::tags::specified;

/// Copies these fields from another type.
macro_rules! copied {
    ($Type:ident of $of:expr; $($field:ident),*) => {{
        let (of, mut made) = ($of, $Type::builder().build());
        $(made.$field.clone_from(&of.$field);)*
        made
    }};
}

/// Converts each element, if there are any.
fn each<A, B>(list: Option<&Vec<A>>, change: impl FnMut(&A) -> B) -> Option<Vec<B>> {
    list.map(|list| list.iter().map(change).collect())
}

/// Converts to the same value of another enumeration.
macro_rules! word {
    ($value:expr) => {
        $value.as_ref().map(|value| value.as_str().into())
    };
}

/// Rejects settings that are not modelled.
#[allow(deprecated, reason = "what Amazon no longer supports is refused too")]
fn refuse_unknown(data: &RequestLaunchTemplateData) -> Answer<()> {
    let nics = data.network_interfaces();
    let unknown = !data.elastic_gpu_specifications().is_empty()
        || !data.elastic_inference_accelerators().is_empty()
        || !data.license_specifications().is_empty()
        || !data.secondary_interfaces().is_empty()
        || data.instance_requirements().is_some()
        || data.operator().is_some()
        || data.capacity_reservation_specification().is_some()
        || data.image_id().is_some_and(|id| id.starts_with("resolve:"))
        || nics.iter().any(|nic| {
            !(nic.ipv6_addresses().is_empty() && nic.ipv4_prefixes().is_empty() && nic.ipv6_prefixes().is_empty())
                || nic.ena_srd_specification().is_some()
                || nic.connection_tracking_specification().is_some()
        });
    if unknown { Err(Refusal::NotModelled) } else { Ok(()) }
}

/// Converts to the stored form.
pub(super) fn kept(data: &RequestLaunchTemplateData) -> Answer<ResponseLaunchTemplateData> {
    refuse_unknown(data)?;
    let kinds = ["instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"];
    specified(&tags_of(data.tag_specifications.as_ref()).unwrap_or_default(), &kinds)?;
    let mut kept = copied!(ResponseLaunchTemplateData of data; kernel_id, ebs_optimized, image_id, instance_type, key_name, ram_disk_id,
        disable_api_termination, disable_api_stop, instance_initiated_shutdown_behavior, user_data, security_group_ids, security_groups);
    kept.iam_instance_profile =
        data.iam_instance_profile().map(|own| copied!(LaunchTemplateIamInstanceProfileSpecification of own; arn, name));
    kept.block_device_mappings = each(data.block_device_mappings.as_ref(), |own| {
        let mut mapping = copied!(LaunchTemplateBlockDeviceMapping of own; device_name, virtual_name, no_device);
        mapping.ebs = own.ebs().map(|own| {
            copied!(LaunchTemplateEbsBlockDevice of own; encrypted, delete_on_termination, iops, kms_key_id, snapshot_id, volume_size,
                volume_type, throughput, volume_initialization_rate, ebs_card_index)
        });
        mapping
    });
    kept.network_interfaces = each(data.network_interfaces.as_ref(), |own| {
        copied!(LaunchTemplateInstanceNetworkInterfaceSpecification of own; associate_carrier_ip_address, associate_public_ip_address,
            delete_on_termination, description, device_index, groups, interface_type, ipv6_address_count, network_interface_id,
            private_ip_address, private_ip_addresses, secondary_private_ip_address_count, subnet_id, network_card_index,
            ipv4_prefix_count, ipv6_prefix_count, primary_ipv6, ena_queue_count)
    });
    kept.monitoring = data.monitoring().map(|own| copied!(LaunchTemplatesMonitoring of own; enabled));
    kept.placement = data.placement().map(|own| {
        copied!(LaunchTemplatePlacement of own; availability_zone, availability_zone_id, affinity, group_name, host_id, tenancy,
            spread_domain, host_resource_group_arn, partition_number, group_id)
    });
    kept.tag_specifications =
        each(data.tag_specifications.as_ref(), |own| copied!(LaunchTemplateTagSpecification of own; resource_type, tags));
    kept.instance_market_options = data.instance_market_options().map(|own| {
        let mut options = copied!(LaunchTemplateInstanceMarketOptions of own; market_type);
        options.spot_options = own.spot_options().map(|own| {
            copied!(LaunchTemplateSpotMarketOptions of own; max_price, spot_instance_type, block_duration_minutes, valid_until,
                instance_interruption_behavior)
        });
        options
    });
    kept.credit_specification = data.credit_specification().map(|own| copied!(CreditSpecification of own; cpu_credits));
    kept.cpu_options = data
        .cpu_options()
        .map(|own| copied!(LaunchTemplateCpuOptions of own; core_count, threads_per_core, amd_sev_snp, nested_virtualization));
    kept.hibernation_options = data.hibernation_options().map(|own| copied!(LaunchTemplateHibernationOptions of own; configured));
    kept.metadata_options = data.metadata_options().map(|own| {
        copied!(LaunchTemplateInstanceMetadataOptions of own; http_tokens, http_put_response_hop_limit, http_endpoint,
            http_protocol_ipv6, instance_metadata_tags)
    });
    kept.enclave_options = data.enclave_options().map(|own| copied!(LaunchTemplateEnclaveOptions of own; enabled));
    kept.private_dns_name_options = data.private_dns_name_options().map(|own| {
        copied!(LaunchTemplatePrivateDnsNameOptions of own; hostname_type, enable_resource_name_dns_a_record,
            enable_resource_name_dns_aaaa_record)
    });
    kept.maintenance_options =
        data.maintenance_options().map(|own| copied!(LaunchTemplateInstanceMaintenanceOptions of own; auto_recovery));
    kept.network_performance_options = data
        .network_performance_options()
        .map(|own| copied!(LaunchTemplateNetworkPerformanceOptions of own; bandwidth_weighting));
    Ok(kept)
}

/// Returns a new version, with the values of its base version where it has none.
pub(super) fn based_on(mut new: ResponseLaunchTemplateData, old: &ResponseLaunchTemplateData) -> ResponseLaunchTemplateData {
    macro_rules! fill {
        ($($field:ident),*) => {
            $(if new.$field.is_none() {
                new.$field.clone_from(&old.$field);
            })*
        };
    }
    fill!(
        kernel_id,
        ebs_optimized,
        iam_instance_profile,
        block_device_mappings,
        network_interfaces,
        image_id,
        instance_type,
        key_name,
        monitoring,
        placement,
        ram_disk_id,
        disable_api_termination,
        instance_initiated_shutdown_behavior,
        user_data,
        tag_specifications,
        security_group_ids,
        security_groups,
        instance_market_options,
        credit_specification,
        cpu_options,
        hibernation_options,
        metadata_options,
        enclave_options,
        private_dns_name_options,
        maintenance_options,
        disable_api_stop,
        network_performance_options
    );
    new
}

/// Returns a launch, with the template's values where it has none.
pub(super) fn launched(mut input: RunInstancesInput, data: &ResponseLaunchTemplateData) -> RunInstancesInput {
    macro_rules! fill {
        ($($field:ident = $value:expr;)*) => {
            $(if input.$field.is_none() {
                input.$field = $value;
            })*
        };
    }
    fill! {
        kernel_id = data.kernel_id.clone();
        ebs_optimized = data.ebs_optimized;
        image_id = data.image_id.clone();
        instance_type = data.instance_type.clone();
        key_name = data.key_name.clone();
        ramdisk_id = data.ram_disk_id.clone();
        disable_api_termination = data.disable_api_termination;
        disable_api_stop = data.disable_api_stop;
        instance_initiated_shutdown_behavior = data.instance_initiated_shutdown_behavior.clone();
        user_data = data.user_data.clone();
        iam_instance_profile = data.iam_instance_profile().map(|own| copied!(IamInstanceProfileSpecification of own; arn, name));
        monitoring = data.monitoring().map(|own| copied!(RunInstancesMonitoringEnabled of own; enabled));
        placement = data.placement().map(|own| {
            copied!(Placement of own; availability_zone, availability_zone_id, affinity, group_name, host_id, tenancy, spread_domain,
                host_resource_group_arn, partition_number, group_id)
        });
        instance_market_options = data.instance_market_options().map(|own| {
            let mut options = copied!(InstanceMarketOptionsRequest of own; market_type);
            options.spot_options = own.spot_options().map(|own| {
                copied!(SpotMarketOptions of own; max_price, spot_instance_type, block_duration_minutes, valid_until,
                    instance_interruption_behavior)
            });
            options
        });
        credit_specification = data.credit_specification().map(|own| copied!(CreditSpecificationRequest of own; cpu_credits));
        cpu_options = data.cpu_options().map(|own| {
            copied!(CpuOptionsRequest of own; core_count, threads_per_core, amd_sev_snp, nested_virtualization)
        });
        hibernation_options = data.hibernation_options().map(|own| copied!(HibernationOptionsRequest of own; configured));
        enclave_options = data.enclave_options().map(|own| copied!(EnclaveOptionsRequest of own; enabled));
        private_dns_name_options = data.private_dns_name_options().map(|own| {
            copied!(PrivateDnsNameOptionsRequest of own; hostname_type, enable_resource_name_dns_a_record,
                enable_resource_name_dns_aaaa_record)
        });
        maintenance_options = data.maintenance_options().map(|own| {
            InstanceMaintenanceOptionsRequest::builder().set_auto_recovery(word!(own.auto_recovery)).build()
        });
        network_performance_options = data.network_performance_options().map(|own| {
            copied!(InstanceNetworkPerformanceOptionsRequest of own; bandwidth_weighting)
        });
        metadata_options = data.metadata_options().map(|own| {
            InstanceMetadataOptionsRequest::builder()
                .set_http_tokens(word!(own.http_tokens))
                .set_http_put_response_hop_limit(own.http_put_response_hop_limit)
                .set_http_endpoint(word!(own.http_endpoint))
                .set_http_protocol_ipv6(word!(own.http_protocol_ipv6))
                .set_instance_metadata_tags(word!(own.instance_metadata_tags))
                .build()
        });
    }
    if input.security_group_ids().is_empty() && input.security_groups().is_empty() && input.network_interfaces().is_empty() {
        input.security_group_ids.clone_from(&data.security_group_ids);
        input.security_groups.clone_from(&data.security_groups);
    }
    if input.network_interfaces().is_empty() {
        input.network_interfaces = each(data.network_interfaces.as_ref(), |own| {
            copied!(InstanceNetworkInterfaceSpecification of own; associate_carrier_ip_address, associate_public_ip_address,
                delete_on_termination, description, device_index, groups, interface_type, ipv6_address_count, network_interface_id,
                private_ip_address, private_ip_addresses, secondary_private_ip_address_count, subnet_id, network_card_index,
                ipv4_prefix_count, ipv6_prefix_count, primary_ipv6, ena_queue_count)
        });
    }
    // By device: the later one counts.
    let mut disks = each(data.block_device_mappings.as_ref(), |own| {
        let mut mapping = copied!(BlockDeviceMapping of own; device_name, virtual_name, no_device);
        mapping.ebs = own.ebs().map(|own| {
            copied!(EbsBlockDevice of own; encrypted, delete_on_termination, iops, kms_key_id, snapshot_id, volume_size, volume_type,
                throughput, volume_initialization_rate, ebs_card_index)
        });
        mapping
    })
    .unwrap_or_default();
    disks.extend(input.block_device_mappings.take().unwrap_or_default());
    input.block_device_mappings = Some(disks);
    // By key: the launch takes precedence.
    let of_template = each(data.tag_specifications.as_ref(), |own| copied!(TagSpecification of own; resource_type, tags));
    let specifications = input.tag_specifications.get_or_insert_default();
    for template in of_template.unwrap_or_default() {
        match specifications.iter_mut().find(|own| own.resource_type == template.resource_type) {
            None => specifications.push(template),
            Some(own) => {
                let tags = own.tags.get_or_insert_default();
                for tag in template.tags.unwrap_or_default() {
                    if !tags.iter().any(|own| own.key == tag.key) {
                        tags.push(tag);
                    }
                }
            }
        }
    }
    input
}

fn tags_of(list: Option<&Vec<LaunchTemplateTagSpecificationRequest>>) -> Option<Vec<TagSpecification>> {
    each(list, |own| copied!(TagSpecification of own; resource_type, tags))
}
