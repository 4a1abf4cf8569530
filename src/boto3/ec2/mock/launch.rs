//! `RunInstances`: the whole request is checked first, then the instances are created. All refusals
//! happen before anything is created.

use aws_sdk_ec2::operation::run_instances::*;
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::agenda::delays;
use super::instance_types::Shape;
use super::instances::Machine;
use super::interfaces::Nic;
use super::launch_disks::Disk;
use super::profiles::profile;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::spot::Terms;
use super::table::Record;
use super::tags::{of_kind, specified};

/// A parsed launch request.
pub(super) struct Launch<'a> {
    pub(super) input: &'a RunInstancesInput,
    pub(super) image: Image,
    pub(super) shape: Shape,
    pub(super) zone: (String, String),
    nics: Vec<Nic>,
    disks: Vec<Disk>,
    group: Option<PlacementGroup>,
    profile: Option<IamInstanceProfile>,
    market: Option<Terms>,
    tags: Vec<(String, Vec<Tag>)>,
}

/// Rejects settings that are not modelled.
#[allow(deprecated, reason = "what Amazon no longer supports is refused too")]
fn refuse_unknown(input: &RunInstancesInput) -> Answer<()> {
    let placement = input.placement();
    let unknown = !input.elastic_gpu_specification().is_empty()
        || !input.elastic_inference_accelerators().is_empty()
        || !input.license_specifications().is_empty()
        || !input.secondary_interfaces().is_empty()
        || input.operator().is_some()
        || input.capacity_reservation_specification().is_some()
        || placement.is_some_and(|own| own.host_id().is_some() || own.host_resource_group_arn().is_some());
    if unknown { Err(Refusal::NotModelled) } else { Ok(()) }
}

impl Launch<'_> {
    /// Adds tags for a kind of created resource.
    pub(super) fn tag(&mut self, kind: &str, tags: Vec<Tag>) {
        self.tags.push((kind.to_owned(), tags));
    }

    /// Returns the groups of its first interface.
    pub(super) fn groups(&self) -> Option<Vec<GroupIdentifier>> {
        self.nics.first().map(|nic| nic.groups.clone())
    }
}

/// Checks that explicit IPv6 addresses are for one instance only.
fn one_by_one(input: &RunInstancesInput, asked: &[InstanceIpv6Address]) -> Answer<Vec<String>> {
    if !asked.is_empty() && input.max_count().unwrap_or(1) > 1 {
        return Err(Refusal::combination("IPv6 addresses may not be specified for more than one instance"));
    }
    Ok(asked.iter().filter_map(|own| own.ipv6_address.clone()).collect())
}

impl Region {
    pub(super) fn run_instances(&mut self, input: RunInstancesInput) -> Answer<RunInstancesOutput> {
        let (input, own_tags) = self.with_template(input)?;
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
        let mut launch = self.plan(&input)?;
        launch.tag("instance", own_tags);
        let (reservation_id, ids) = self.launch_all(&launch, least, most)?;
        let shown: Answer<Vec<Instance>> = ids.iter().map(|id| Ok(self.instances.get(id)?.shown(self).instance)).collect();
        Ok(RunInstancesOutput::builder()
            .reservation_id(reservation_id)
            .owner_id(OWNER)
            .set_groups(Some(Vec::new()))
            .set_instances(Some(shown?))
            .build())
    }

    pub(super) fn plan<'a>(&self, input: &'a RunInstancesInput) -> Answer<Launch<'a>> {
        refuse_unknown(input)?;
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
        let group = self.plan_group(input.placement(), &shape, &zone.0, input.max_count().unwrap_or(1))?;
        let disks = self.plan_disks(&image, input.block_device_mappings(), &zone)?;
        let profile = input.iam_instance_profile().map(profile).transpose()?;
        let windows = image.platform().is_some();
        let market =
            input.instance_market_options().map(|asked| self.plan_market(asked, &shape, &zone.0, windows)).transpose()?;
        Ok(Launch { input, image, shape, zone, nics, disks, group, profile, market, tags })
    }

    /// Returns the subnet's zone and the interfaces; existing ones are attached unchanged.
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
        if input.max_count().unwrap_or(1) > 1 && input.network_interfaces().iter().any(|nic| nic.network_interface_id().is_some())
        {
            return Err(Refusal::combination("A network interface that exists may not be specified for more than one instance"));
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
                Some(_) if asked.associate_public_ip_address() == Some(true) => {
                    let message = "The parameter associatePublicIpAddress may not be used with a network interface that exists.";
                    return Err(Refusal::combination(message));
                }
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
                // An existing interface keeps its address.
                public: asked.network_interface_id().is_none()
                    && asked
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

    /// Creates interfaces for as many instances as the subnet has addresses for, if those are
    /// enough: the only step that can fail half-way.
    fn place(&mut self, launch: &Launch<'_>, least: i32, most: i32) -> Answer<Vec<(String, Vec<String>)>> {
        let mut placed = Vec::new();
        for index in 0..most {
            let id = self.ids.next("i");
            let made: Answer<Vec<String>> = launch.nics.iter().map(|nic| self.make_nic(nic, &id)).collect();
            match made {
                Ok(nics) => placed.push((id, nics)),
                Err(refusal) => {
                    self.unplace(launch, &id);
                    if index < least {
                        placed.iter().for_each(|(id, _)| self.unplace(launch, id));
                        return Err(refusal);
                    }
                    break;
                }
            }
        }
        Ok(placed)
    }

    /// Undoes the interfaces of an instance that is not created: existing ones are kept unchanged.
    fn unplace(&mut self, launch: &Launch<'_>, instance_id: &str) {
        let own: Vec<String> = self.nics_of(instance_id).into_iter().map(|nic| nic.id().to_owned()).collect();
        for id in own {
            if !launch.nics.iter().any(|nic| nic.existing.as_deref() == Some(&id)) {
                self.part_from_address(&id);
                let _ = self.interfaces.take(&id);
            } else if let Ok(nic) = self.interfaces.get_mut(&id) {
                nic.attachment = None;
                nic.status = Some(NetworkInterfaceStatus::Available);
            }
        }
    }

    /// Launches the instances, and returns their reservation and ids.
    pub(super) fn launch_all(&mut self, launch: &Launch<'_>, least: i32, most: i32) -> Answer<(String, Vec<String>)> {
        let reservation_id = self.ids.next("r");
        let mut ids = Vec::new();
        for (index, (id, nics)) in (0..).zip(self.place(launch, least, most)?) {
            self.launch(launch, index, &id, &nics, &reservation_id);
            ids.push(id);
        }
        Ok((reservation_id, ids))
    }

    fn launch(&mut self, launch: &Launch<'_>, index: i32, id: &str, nics: &[String], reservation_id: &str) {
        let Launch { input, shape, disks, tags, .. } = launch;
        let first = self
            .nics_of(id)
            .into_iter()
            .find(|nic| nic.attachment().and_then(NetworkInterfaceAttachment::device_index) == Some(0))
            .cloned();
        let mut instance = launch.described(id, index);
        if let Some(first) = first {
            instance.private_ip_address = first.private_ip_address;
            instance.private_dns_name = first.private_dns_name;
            instance.subnet_id = first.subnet_id;
            instance.vpc_id = first.vpc_id;
        }
        if let (Some(group), Some(placement)) = (&launch.group, &mut instance.placement) {
            self.put_in_group(placement, group);
        }
        instance.launch_time = Some(self.stamp());
        instance.usage_operation_update_time = instance.launch_time;
        instance.client_token = Some(input.client_token().unwrap_or_default().to_owned());
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
            screen: None,
        });
        for disk in disks {
            let volume = self.put_disk(disk, id);
            self.tags.put_all(&volume, &of_kind(tags, "volume"));
        }
        for nic in nics {
            self.tags.put_all(nic, &of_kind(tags, "network-interface"));
        }
        self.tags.put_all(id, &of_kind(tags, "instance"));
        if let Some(profile) = &launch.profile {
            self.put_profile(id, profile);
        }
        if let Some(terms) = &launch.market {
            self.put_spot_request_for(id, launch, terms, &of_kind(tags, "spot-instances-request"));
        }
        self.later(delays::PENDING, Region::instance_started, id);
    }
}
