//! The description of a newly launched instance.

use aws_sdk_ec2::types::*;

use super::instances::state;
use super::launch::Launch;

impl Launch<'_> {
    pub(super) fn described(&self, id: &str, index: i32) -> Instance {
        let Launch { input, image, shape, zone, .. } = self;
        let monitored = input.monitoring().and_then(RunInstancesMonitoringEnabled::enabled) == Some(true);
        let mut placement = input.placement().cloned().unwrap_or_else(|| Placement::builder().build());
        placement.availability_zone = Some(zone.0.clone());
        placement.availability_zone_id = Some(zone.1.clone());
        placement.tenancy.get_or_insert(Tenancy::Default);
        placement.group_name.get_or_insert_default();
        let cpu = input.cpu_options();
        let hibernates = input.hibernation_options().and_then(HibernationOptionsRequest::configured) == Some(true);
        let enclave = input.enclave_options().and_then(EnclaveOptionsRequest::enabled) == Some(true);
        let recovery = input.maintenance_options().and_then(|own| own.auto_recovery().cloned());
        let names = input.private_dns_name_options().map(|own| {
            PrivateDnsNameOptionsResponse::builder()
                .set_hostname_type(own.hostname_type.clone())
                .set_enable_resource_name_dns_a_record(own.enable_resource_name_dns_a_record)
                .set_enable_resource_name_dns_aaaa_record(own.enable_resource_name_dns_aaaa_record)
                .build()
        });
        let performance = input.network_performance_options().map(|own| {
            InstanceNetworkPerformanceOptions::builder().set_bandwidth_weighting(own.bandwidth_weighting.clone()).build()
        });
        let asked = input.metadata_options();
        let metadata = InstanceMetadataOptionsResponse::builder()
            .state(InstanceMetadataOptionsState::Applied)
            .http_tokens(asked.and_then(|asked| asked.http_tokens.clone()).unwrap_or(HttpTokensState::Optional))
            .http_put_response_hop_limit(asked.and_then(|asked| asked.http_put_response_hop_limit).unwrap_or(1))
            .http_endpoint(asked.and_then(|asked| asked.http_endpoint.clone()).unwrap_or(InstanceMetadataEndpointState::Enabled))
            .http_protocol_ipv6(
                asked.and_then(|asked| asked.http_protocol_ipv6.clone()).unwrap_or(InstanceMetadataProtocolState::Disabled),
            )
            .instance_metadata_tags(
                asked.and_then(|asked| asked.instance_metadata_tags.clone()).unwrap_or(InstanceMetadataTagsState::Disabled),
            );
        Instance::builder()
            .instance_id(id)
            .set_image_id(image.image_id.clone())
            .state(state(InstanceStateName::Pending))
            .state_transition_reason("")
            .set_key_name(input.key_name.clone())
            .ami_launch_index(index)
            .set_product_codes(Some(Vec::new()))
            .instance_type(shape.name.as_str().into())
            .placement(placement)
            .set_platform(image.platform.clone())
            .set_platform_details(image.platform_details.clone())
            .set_usage_operation(image.usage_operation.clone())
            .monitoring(
                Monitoring::builder().state(if monitored { MonitoringState::Enabled } else { MonitoringState::Disabled }).build(),
            )
            .set_architecture(image.architecture.clone())
            .ebs_optimized(input.ebs_optimized().unwrap_or(false))
            .ena_support(true)
            .hypervisor(HypervisorType::Xen)
            .set_root_device_name(image.root_device_name.clone())
            .root_device_type(DeviceType::Ebs)
            .virtualization_type(VirtualizationType::Hvm)
            .cpu_options(
                CpuOptions::builder()
                    .core_count(cpu.and_then(CpuOptionsRequest::core_count).unwrap_or(shape.cores()))
                    .threads_per_core(cpu.and_then(CpuOptionsRequest::threads_per_core).unwrap_or(shape.threads()))
                    .build(),
            )
            .set_kernel_id(input.kernel_id.clone())
            .set_ramdisk_id(input.ramdisk_id.clone())
            .hibernation_options(HibernationOptions::builder().configured(hibernates).build())
            .enclave_options(EnclaveOptions::builder().enabled(enclave).build())
            .maintenance_options(
                InstanceMaintenanceOptions::builder()
                    .auto_recovery(recovery.unwrap_or(InstanceAutoRecoveryState::Default))
                    .build(),
            )
            .set_private_dns_name_options(names)
            .set_network_performance_options(performance)
            .metadata_options(metadata.build())
            .build()
    }
}
