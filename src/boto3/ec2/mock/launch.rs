//! `RunInstances`: what an instance shall be, checked as a whole, then made.

use aws_sdk_ec2::operation::run_instances::*;
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::agenda::delays;
use super::instance_types::Shape;
use super::instances::{Machine, state};
use super::interfaces::Nic;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::Record;
use super::tags::{of_kind, specified};
use super::volumes::Wish;

/// What is known of a launch once the request was understood.
struct Launch<'a> {
    input: &'a RunInstancesInput,
    image: Image,
    shape: Shape,
    zone: (String, String),
    nics: Vec<Nic>,
    disks: Vec<Disk>,
    tags: Vec<(String, Vec<Tag>)>,
}

struct Disk {
    device: String,
    ebs: EbsBlockDevice,
}

/// IPv6 addresses by name: they are for one instance.
fn one_by_one(input: &RunInstancesInput, asked: &[InstanceIpv6Address]) -> Answer<Vec<String>> {
    if !asked.is_empty() && input.max_count().unwrap_or(1) > 1 {
        return Err(Refusal::combination("IPv6 addresses may not be specified for more than one instance"));
    }
    Ok(asked.iter().filter_map(|own| own.ipv6_address.clone()).collect())
}

impl Region {
    pub(super) fn run_instances(&mut self, input: RunInstancesInput) -> Answer<RunInstancesOutput> {
        let input = self.with_template(input)?;
        let (least, most) = (required(input.min_count(), "MinCount")?, required(input.max_count(), "MaxCount")?);
        if least < 1 {
            let why = format!("Value ({least}) for parameter minCount is invalid. Minimum value is 1.");
            return Err(Refusal::value(why));
        }
        if least > most {
            let why =
                format!("Value ({most}) for parameter maxCount is invalid. maxCount must be equal to or greater than minCount.");
            return Err(Refusal::value(why));
        }
        let launch = self.plan(&input)?;
        let reservation_id = self.ids.next("r");
        let mut instances: Vec<String> = Vec::new();
        for index in 0..most {
            let id = match self.launch(&launch, index, &reservation_id) {
                Ok(id) => id,
                // As many as there is room for, if those are enough.
                Err(_) if index >= least => break,
                Err(refusal) => {
                    instances.iter().for_each(|id| self.undo_launch(id));
                    return Err(refusal);
                }
            };
            instances.push(id);
        }
        let shown: Answer<Vec<Instance>> = instances.iter().map(|id| Ok(self.instances.get(id)?.shown(self).instance)).collect();
        Ok(RunInstancesOutput::builder()
            .reservation_id(reservation_id)
            .owner_id(OWNER)
            .set_groups(Some(Vec::new()))
            .set_instances(Some(shown?))
            .build())
    }

    fn plan<'a>(&self, input: &'a RunInstancesInput) -> Answer<Launch<'a>> {
        let tags = specified(
            input.tag_specifications(),
            &["instance", "volume", "network-interface", "spot-instances-request", "elastic-gpu"],
        )?;
        let image = self.usable_image(required(input.image_id(), "ImageId")?)?.clone();
        if image.state() != Some(&ImageState::Available) {
            let message = format!("The image id '[{}]' is no longer available", image.id());
            return Err(Refusal::new("InvalidAMIID.Unavailable", message));
        }
        let name = input.instance_type().map_or("m1.small", InstanceType::as_str);
        let shape = Shape::of(name).ok_or_else(|| Refusal::value(format!("Invalid value '{name}' for InstanceType.")))?;
        if let Some(of_image) = image.architecture().filter(|of| !shape.runs(of.as_str())) {
            let message = format!(
                "The architecture '{}' of the specified instance type does not match the architecture '{}' of the specified AMI. Specify an instance type and an AMI that have matching architectures, and try again. You can use 'describe-instance-types' or 'describe-images' to discover the architecture of the instance type or AMI.",
                shape.architectures().join(","),
                of_image.as_str()
            );
            return Err(Refusal::value(message));
        }
        if let Some(key) = input.key_name() {
            self.key_pair(key)?;
        }
        let (zone, nics) = self.plan_nics(input)?;
        if let Some(group) = input.placement().and_then(Placement::group_name) {
            self.placement_group(group)?;
        }
        let disks = plan_disks(&image, input.block_device_mappings())?;
        Ok(Launch { input, image, shape, zone, nics, disks, tags })
    }

    /// Where the instances will be, and their interfaces; those that exist already come as they are.
    fn plan_nics(&self, input: &RunInstancesInput) -> Answer<((String, String), Vec<Nic>)> {
        let asked_zone = input.placement().and_then(Placement::availability_zone);
        if input.network_interfaces().is_empty() {
            let subnet = match input.subnet_id() {
                Some(id) => self.subnets.get(id)?,
                None => self.default_subnet(asked_zone)?,
            };
            let zone = self.zone_of(subnet);
            if asked_zone.is_some_and(|asked| asked != zone.0) {
                let why = format!("The subnet '{}' is in the zone '{}'", subnet.id(), zone.0);
                return Err(Refusal::value(why));
            }
            let groups =
                self.groups_for(subnet.vpc_id().unwrap_or_default(), input.security_group_ids(), input.security_groups())?;
            if let Some(address) = input.private_ip_address() {
                if input.max_count().unwrap_or(1) > 1 {
                    return Err(Refusal::combination(
                        "Network interfaces and an instance-level private IP address may not be specified for more than one instance",
                    ));
                }
                self.check_free(subnet, address)?;
            }
            return Ok((
                zone,
                vec![Nic {
                    subnet_id: subnet.id().to_owned(),
                    groups,
                    private_ip: input.private_ip_address().map(str::to_owned),
                    ipv6: one_by_one(input, input.ipv6_addresses())?,
                    ipv6_count: input.ipv6_address_count(),
                    public: subnet.map_public_ip_on_launch() == Some(true),
                    ..Nic::default()
                }],
            ));
        }
        for (given, what) in [
            (input.subnet_id().is_some(), "subnet ID"),
            (!input.security_group_ids().is_empty() || !input.security_groups().is_empty(), "security groups"),
            (input.private_ip_address().is_some(), "private IP address"),
        ] {
            if given {
                let message = format!("Network interfaces and an instance-level {what} may not be specified on the same request");
                return Err(Refusal::combination(message));
            }
        }
        let mut zone = None;
        let mut nics = Vec::new();
        for asked in input.network_interfaces() {
            let device_index = required(asked.device_index(), "networkInterface.deviceIndex")?;
            if nics.iter().any(|nic: &Nic| nic.device_index == device_index) {
                let why = format!("Each network interface requires a unique device index. {device_index} is given twice.");
                return Err(Refusal::value(why));
            }
            let subnet_id = match asked.network_interface_id() {
                Some(id) => {
                    let nic = self.interfaces.get(id)?;
                    if nic.attachment().is_some() {
                        let message = format!("Interface: [{id}] in use.");
                        return Err(Refusal::new("InvalidNetworkInterface.InUse", message));
                    }
                    nic.subnet_id.clone().unwrap_or_default()
                }
                None => match asked.subnet_id() {
                    Some(id) => id.to_owned(),
                    None => self.default_subnet(asked_zone)?.id().to_owned(),
                },
            };
            let subnet = self.subnets.get(&subnet_id)?;
            zone.get_or_insert_with(|| self.zone_of(subnet));
            if let Some(address) = asked.private_ip_address() {
                self.check_free(subnet, address)?;
            }
            nics.push(Nic {
                existing: asked.network_interface_id().map(str::to_owned),
                groups: self.groups_for(subnet.vpc_id().unwrap_or_default(), asked.groups(), &[])?,
                private_ip: asked.private_ip_address().map(str::to_owned),
                ipv6: one_by_one(input, asked.ipv6_addresses())?,
                ipv6_count: asked.ipv6_address_count(),
                public: asked
                    .associate_public_ip_address()
                    .unwrap_or(device_index == 0 && subnet.map_public_ip_on_launch() == Some(true)),
                description: asked.description().unwrap_or_default().to_owned(),
                delete_on_termination: asked.delete_on_termination().unwrap_or(asked.network_interface_id().is_none()),
                secondary: asked.secondary_private_ip_address_count().and_then(|count| usize::try_from(count).ok()).unwrap_or(0),
                subnet_id,
                device_index,
            });
        }
        if !nics.iter().any(|nic| nic.device_index == 0) {
            return Err(Refusal::value("When specifying network interfaces, you must include a device at index 0."));
        }
        Ok((zone.ok_or_else(|| Refusal::missing("subnetId"))?, nics))
    }

    fn launch(&mut self, launch: &Launch<'_>, index: i32, reservation_id: &str) -> Answer<String> {
        let Launch { input, image, shape, zone, nics, disks, tags } = launch;
        let id = self.ids.next("i");
        let mut attached = Vec::new();
        for nic in nics {
            match self.make_nic(nic, &id) {
                Ok(nic) => attached.push(nic),
                Err(refusal) => {
                    self.release_interfaces(&id);
                    return Err(refusal);
                }
            }
        }
        let first = self
            .nics_of(&id)
            .into_iter()
            .find(|nic| nic.attachment().and_then(NetworkInterfaceAttachment::device_index) == Some(0))
            .cloned();
        let mut instance = describe_launched(&id, launch, index);
        if let Some(first) = first {
            instance.private_ip_address = first.private_ip_address;
            instance.private_dns_name = first.private_dns_name;
            instance.subnet_id = first.subnet_id;
            instance.vpc_id = first.vpc_id;
        }
        instance.launch_time = Some(self.stamp());
        instance.usage_operation_update_time = instance.launch_time;
        instance.client_token = Some(input.client_token().unwrap_or_default().to_owned());
        let spot = input.instance_market_options().and_then(|options| options.market_type()) == Some(&MarketType::Spot);
        instance.instance_lifecycle = spot.then_some(InstanceLifecycleType::Spot);
        self.instances.put(Machine {
            instance,
            reservation_id: reservation_id.to_owned(),
            user_data: input.user_data.clone(),
            disable_api_termination: input.disable_api_termination().unwrap_or(false),
            disable_api_stop: input.disable_api_stop().unwrap_or(false),
            shutdown_behavior: input.instance_initiated_shutdown_behavior().cloned().unwrap_or(ShutdownBehavior::Stop),
            running_since: None,
            impaired: None,
            events: Vec::new(),
            credits: input
                .credit_specification()
                .and_then(|credits| credits.cpu_credits.clone())
                .or_else(|| shape.default_credits()),
            console: None,
        });
        for disk in disks {
            let made = self.make_disk(zone, disk, &id);
            match made {
                Ok(volume) => self.tags.put_all(&volume, &of_kind(tags, "volume")),
                Err(refusal) => {
                    self.undo_launch(&id);
                    return Err(refusal);
                }
            }
        }
        for nic in attached {
            self.tags.put_all(&nic, &of_kind(tags, "network-interface"));
        }
        self.tags.put_all(&id, &of_kind(tags, "instance"));
        if let Some(profile) = input.iam_instance_profile() {
            self.put_profile(&id, profile)?;
        }
        if spot {
            self.put_spot_request_for(&id, input, image)?;
        }
        self.later(delays::PENDING, Region::instance_started, &id);
        Ok(id)
    }

    fn make_disk(&mut self, zone: &(String, String), disk: &Disk, instance_id: &str) -> Answer<String> {
        let Disk { device, ebs } = disk;
        let wish = Wish {
            size: ebs.volume_size(),
            volume_type: ebs.volume_type().cloned(),
            iops: ebs.iops().filter(|_| ebs.volume_type() != Some(&VolumeType::Gp2)),
            throughput: ebs.throughput(),
            snapshot: ebs.snapshot_id(),
            encrypted: ebs.encrypted(),
            kms_key: ebs.kms_key_id(),
            multi_attach: None,
        };
        let volume = self.make_volume(zone.clone(), wish)?;
        self.attach(&volume, instance_id, device, ebs.delete_on_termination().unwrap_or(true), VolumeAttachmentState::Attached)?;
        Ok(volume)
    }

    /// As if it had never been.
    fn undo_launch(&mut self, id: &str) {
        self.release_interfaces(id);
        for volume in self.volumes.iter_mut() {
            for to in volume.attachments.iter_mut().flatten().filter(|to| to.instance_id() == Some(id)) {
                to.delete_on_termination = Some(true);
            }
        }
        self.release_volumes(id);
        self.tags.forget(id);
        let _ = self.instances.take(id);
    }
}

/// The image's disks, changed and completed by the request's.
fn plan_disks(image: &Image, asked: &[BlockDeviceMapping]) -> Answer<Vec<Disk>> {
    let mut disks: Vec<Disk> = Vec::new();
    for mapping in image.block_device_mappings() {
        if let (Some(device), Some(ebs)) = (mapping.device_name(), mapping.ebs()) {
            disks.push(Disk { device: device.to_owned(), ebs: ebs.clone() });
        }
    }
    for mapping in asked {
        let device = required(mapping.device_name(), "blockDeviceMapping.deviceName")?;
        if mapping.no_device().is_some() {
            disks.retain(|disk| disk.device != device);
            continue;
        }
        let Some(ebs) = mapping.ebs() else { continue };
        match disks.iter_mut().find(|disk| disk.device == device) {
            Some(disk) => {
                let own = &mut disk.ebs;
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
            None => disks.push(Disk { device: device.to_owned(), ebs: ebs.clone() }),
        }
    }
    Ok(disks)
}

fn describe_launched(id: &str, launch: &Launch<'_>, index: i32) -> Instance {
    let Launch { input, image, shape, zone, .. } = launch;
    let monitored = input.monitoring().and_then(RunInstancesMonitoringEnabled::enabled) == Some(true);
    let mut placement = input.placement().cloned().unwrap_or_else(|| Placement::builder().build());
    placement.availability_zone = Some(zone.0.clone());
    placement.availability_zone_id = Some(zone.1.clone());
    placement.tenancy.get_or_insert(Tenancy::Default);
    placement.group_name.get_or_insert_default();
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
        .cpu_options(CpuOptions::builder().core_count(shape.cores()).threads_per_core(shape.threads()).build())
        .metadata_options(metadata.build())
        .build()
}
