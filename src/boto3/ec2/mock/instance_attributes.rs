//! Reading and changing single attributes of an instance.

use aws_sdk_ec2::operation::{
    describe_instance_attribute::*, describe_instance_credit_specifications::*, modify_instance_attribute::*,
    modify_instance_credit_specification::*, modify_instance_metadata_options::*, modify_instance_placement::*,
    reset_instance_attribute::*,
};
use aws_sdk_ec2::types::*;
use aws_smithy_types::base64;

use super::describe::page;
use super::instance_types::Shape;
use super::instances::Machine;
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::table::Record;

fn boolean(value: bool) -> AttributeBooleanValue {
    AttributeBooleanValue::builder().value(value).build()
}

fn text(value: Option<&str>) -> AttributeValue {
    AttributeValue::builder().set_value(value.map(str::to_owned)).build()
}

fn stopped(machine: &Machine) -> Answer<()> {
    if machine.state() == InstanceStateName::Stopped {
        return Ok(());
    }
    Err(Refusal::new("IncorrectInstanceState", format!("The instance '{}' is not in the 'stopped' state.", machine.id())))
}

fn yes_or_no(text: &str) -> Answer<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Ok(true),
        "false" => Ok(false),
        _ => Err(Refusal::value(format!("Invalid boolean value '{text}'"))),
    }
}

/// A change, in either form of the request: a field of its own, or `Attribute` and `Value`.
enum Change {
    Type(String),
    UserData(Option<String>),
    Termination(bool),
    Stop(bool),
    Shutdown(ShutdownBehavior),
    SourceDestCheck(bool),
    EbsOptimized(bool),
    EnaSupport(bool),
    SriovNetSupport(String),
    Kernel(String),
    Ramdisk(String),
    Groups(Vec<String>),
    Disks(Vec<InstanceBlockDeviceMappingSpecification>),
}

fn shutdown(text: &str) -> Answer<Change> {
    match text {
        "stop" => Ok(Change::Shutdown(ShutdownBehavior::Stop)),
        "terminate" => Ok(Change::Shutdown(ShutdownBehavior::Terminate)),
        _ => Err(Refusal::value(format!("Invalid value '{text}' for instanceInitiatedShutdownBehavior"))),
    }
}

fn by_name(attribute: &InstanceAttributeName, value: &str) -> Answer<Change> {
    Ok(match attribute {
        InstanceAttributeName::InstanceType => Change::Type(value.to_owned()),
        InstanceAttributeName::UserData => Change::UserData(Some(value.to_owned())),
        InstanceAttributeName::DisableApiTermination => Change::Termination(yes_or_no(value)?),
        InstanceAttributeName::DisableApiStop => Change::Stop(yes_or_no(value)?),
        InstanceAttributeName::InstanceInitiatedShutdownBehavior => shutdown(value)?,
        InstanceAttributeName::SourceDestCheck => Change::SourceDestCheck(yes_or_no(value)?),
        InstanceAttributeName::EbsOptimized => Change::EbsOptimized(yes_or_no(value)?),
        InstanceAttributeName::EnaSupport => Change::EnaSupport(yes_or_no(value)?),
        InstanceAttributeName::SriovNetSupport => Change::SriovNetSupport(value.to_owned()),
        InstanceAttributeName::Kernel => Change::Kernel(value.to_owned()),
        InstanceAttributeName::Ramdisk => Change::Ramdisk(value.to_owned()),
        other => return Err(Refusal::value(format!("Attribute '{}' cannot be modified by value", other.as_str()))),
    })
}

fn changes(input: &ModifyInstanceAttributeInput) -> Answer<Vec<Change>> {
    let mut changes = Vec::new();
    if let Some(attribute) = input.attribute() {
        changes.push(by_name(attribute, required(input.value(), "Value")?)?);
    }
    let value = |value: Option<&AttributeValue>| value.and_then(|value| value.value.clone());
    let flag = |value: Option<&AttributeBooleanValue>| value.and_then(AttributeBooleanValue::value);
    changes.extend(value(input.instance_type()).map(Change::Type));
    changes.extend(input.user_data().map(|data| Change::UserData(data.value().map(base64::encode))));
    changes.extend(flag(input.disable_api_termination()).map(Change::Termination));
    changes.extend(flag(input.disable_api_stop()).map(Change::Stop));
    changes.extend(value(input.instance_initiated_shutdown_behavior()).map(|text| shutdown(&text)).transpose()?);
    changes.extend(flag(input.source_dest_check()).map(Change::SourceDestCheck));
    changes.extend(flag(input.ebs_optimized()).map(Change::EbsOptimized));
    changes.extend(flag(input.ena_support()).map(Change::EnaSupport));
    changes.extend(value(input.sriov_net_support()).map(Change::SriovNetSupport));
    changes.extend(value(input.kernel()).map(Change::Kernel));
    changes.extend(value(input.ramdisk()).map(Change::Ramdisk));
    if !input.groups().is_empty() {
        changes.push(Change::Groups(input.groups().to_vec()));
    }
    if !input.block_device_mappings().is_empty() {
        changes.push(Change::Disks(input.block_device_mappings().to_vec()));
    }
    Ok(changes)
}

impl Region {
    pub(super) fn describe_instance_attribute(
        &mut self,
        input: DescribeInstanceAttributeInput,
    ) -> Answer<DescribeInstanceAttributeOutput> {
        use InstanceAttributeName as Name;
        let machine = self.instances.get(required(input.instance_id(), "InstanceId")?)?.shown(self);
        let instance = &machine.instance;
        let output = DescribeInstanceAttributeOutput::builder().instance_id(machine.id());
        let output = match required(input.attribute(), "Attribute")? {
            Name::InstanceType => output.instance_type(text(instance.instance_type().map(InstanceType::as_str))),
            Name::Kernel => output.kernel_id(text(instance.kernel_id())),
            Name::Ramdisk => output.ramdisk_id(text(instance.ramdisk_id())),
            Name::UserData => output.user_data(text(machine.user_data.as_deref())),
            Name::DisableApiTermination => output.disable_api_termination(boolean(machine.disable_api_termination)),
            Name::DisableApiStop => output.disable_api_stop(boolean(machine.disable_api_stop)),
            Name::InstanceInitiatedShutdownBehavior => {
                output.instance_initiated_shutdown_behavior(text(Some(machine.shutdown_behavior.as_str())))
            }
            Name::RootDeviceName => output.root_device_name(text(instance.root_device_name())),
            Name::BlockDeviceMapping => output.set_block_device_mappings(instance.block_device_mappings.clone()),
            Name::ProductCodes => output.set_product_codes(instance.product_codes.clone()),
            Name::SourceDestCheck => output.source_dest_check(boolean(instance.source_dest_check().unwrap_or(true))),
            Name::GroupSet => output.set_groups(instance.security_groups.clone()),
            Name::EbsOptimized => output.ebs_optimized(boolean(instance.ebs_optimized().unwrap_or(false))),
            Name::SriovNetSupport => output.sriov_net_support(text(instance.sriov_net_support())),
            Name::EnaSupport => output.ena_support(boolean(instance.ena_support().unwrap_or(true))),
            Name::EnclaveOptions => output.enclave_options(EnclaveOptions::builder().enabled(false).build()),
            other => {
                return Err(Refusal::value(format!(
                    "Value ({}) for parameter attribute is invalid. Unknown attribute.",
                    other.as_str()
                )));
            }
        };
        Ok(output.build())
    }

    pub(super) fn modify_instance_attribute(
        &mut self,
        input: ModifyInstanceAttributeInput,
    ) -> Answer<ModifyInstanceAttributeOutput> {
        let id = required(input.instance_id(), "InstanceId")?;
        self.instances.get(id)?;
        let changes = changes(&input)?;
        let [change] = changes.as_slice() else {
            return Err(if changes.is_empty() {
                Refusal::combination("No attributes specified.")
            } else {
                Refusal::combination("Fields for multiple attribute types specified")
            });
        };
        match change {
            Change::SourceDestCheck(checked) => self.put_on_first_nic(id, |nic| nic.source_dest_check = Some(*checked))?,
            Change::Groups(groups) => {
                let vpc = self.instances.get(id)?.instance.vpc_id.clone().unwrap_or_default();
                let groups = self.groups_for(&vpc, groups, &[])?;
                self.put_on_first_nic(id, |nic| nic.groups = Some(groups))?;
            }
            Change::Disks(disks) => self.keep_disks(id, disks)?,
            change => put(self.instances.get_mut(id)?, change)?,
        }
        Ok(ModifyInstanceAttributeOutput::builder().build())
    }

    fn put_on_first_nic(&mut self, instance_id: &str, change: impl FnOnce(&mut NetworkInterface)) -> Answer<()> {
        let nics = self.nics_of(instance_id);
        let [nic] = nics.as_slice() else {
            let message = format!(
                "There are multiple interfaces attached to instance '{instance_id}'. Please specify an interface ID for the operation instead."
            );
            return Err(Refusal::new("InvalidInstanceID", message));
        };
        let nic = nic.id().to_owned();
        change(self.interfaces.get_mut(&nic)?);
        Ok(())
    }

    /// Sets which disks are deleted with the instance.
    fn keep_disks(&mut self, instance_id: &str, disks: &[InstanceBlockDeviceMappingSpecification]) -> Answer<()> {
        for asked in disks {
            let device = required(asked.device_name(), "blockDeviceMapping.deviceName")?;
            let own = self
                .volumes
                .iter_mut()
                .flat_map(|volume| volume.attachments.iter_mut().flatten())
                .find(|to| to.instance_id() == Some(instance_id) && to.device() == Some(device));
            let own = own.ok_or_else(|| {
                Refusal::new("InvalidInstanceAttributeValue", format!("No device is currently mapped at {device}"))
            })?;
            let asked = asked.ebs().and_then(EbsInstanceBlockDeviceSpecification::delete_on_termination);
            own.delete_on_termination = asked.or(own.delete_on_termination);
        }
        Ok(())
    }

    pub(super) fn reset_instance_attribute(
        &mut self,
        input: ResetInstanceAttributeInput,
    ) -> Answer<ResetInstanceAttributeOutput> {
        let id = required(input.instance_id(), "InstanceId")?;
        self.instances.get(id)?;
        match required(input.attribute(), "Attribute")? {
            InstanceAttributeName::SourceDestCheck => self.put_on_first_nic(id, |nic| nic.source_dest_check = Some(true))?,
            attribute @ (InstanceAttributeName::Kernel | InstanceAttributeName::Ramdisk) => {
                let machine = self.instances.get_mut(id)?;
                stopped(machine)?;
                let own = if *attribute == InstanceAttributeName::Kernel {
                    &mut machine.instance.kernel_id
                } else {
                    &mut machine.instance.ramdisk_id
                };
                *own = None;
            }
            other => return Err(Refusal::value(format!("Attribute '{}' cannot be reset", other.as_str()))),
        }
        Ok(ResetInstanceAttributeOutput::builder().build())
    }

    pub(super) fn modify_instance_metadata_options(
        &mut self,
        input: ModifyInstanceMetadataOptionsInput,
    ) -> Answer<ModifyInstanceMetadataOptionsOutput> {
        let id = required(input.instance_id(), "InstanceId")?;
        if let Some(hops) = input.http_put_response_hop_limit().filter(|hops| !(1..=64).contains(hops)) {
            return Err(Refusal::bad_value(hops, "httpPutResponseHopLimit", "Valid values are from 1 to 64."));
        }
        let machine = self.instances.get_mut(id)?;
        let options = machine.instance.metadata_options.get_or_insert_with(|| InstanceMetadataOptionsResponse::builder().build());
        options.http_tokens = input.http_tokens.or(options.http_tokens.take());
        options.http_put_response_hop_limit = input.http_put_response_hop_limit.or(options.http_put_response_hop_limit);
        options.http_endpoint = input.http_endpoint.or(options.http_endpoint.take());
        options.http_protocol_ipv6 = input.http_protocol_ipv6.or(options.http_protocol_ipv6.take());
        options.instance_metadata_tags = input.instance_metadata_tags.or(options.instance_metadata_tags.take());
        let shown = options.clone();
        Ok(ModifyInstanceMetadataOptionsOutput::builder()
            .set_instance_id(input.instance_id)
            .instance_metadata_options(shown)
            .build())
    }

    pub(super) fn modify_instance_placement(
        &mut self,
        input: ModifyInstancePlacementInput,
    ) -> Answer<ModifyInstancePlacementOutput> {
        let id = required(input.instance_id(), "InstanceId")?;
        if input.host_id().is_some() || input.host_resource_group_arn().is_some() {
            return Err(Refusal::NotModelled);
        }
        let machine = self.instances.get(id)?;
        stopped(machine)?;
        let mut placement = machine.instance.placement.clone().unwrap_or_else(|| Placement::builder().build());
        let asked = Placement::builder()
            .set_group_name(input.group_name.clone())
            .set_group_id(input.group_id.clone())
            .set_partition_number(input.partition_number)
            .build();
        let group = match machine.instance.instance_type().and_then(|name| Shape::of(name.as_str())) {
            Some(shape) => self.plan_group(Some(&asked), &shape, machine.zone().unwrap_or_default(), 1)?,
            None => None,
        };
        if input.group_name().is_some() || input.group_id().is_some() {
            // An empty name removes it from its group.
            (placement.group_name, placement.group_id, placement.partition_number) = (Some(String::new()), None, None);
        }
        placement.partition_number = input.partition_number.or(placement.partition_number);
        if let Some(group) = &group {
            self.put_in_group(&mut placement, group);
        }
        placement.tenancy = input.tenancy().map(|tenancy| tenancy.as_str().into()).or(placement.tenancy.take());
        placement.affinity = input.affinity().map(|affinity| affinity.as_str().to_owned()).or(placement.affinity.take());
        self.instances.get_mut(id)?.instance.placement = Some(placement);
        Ok(ModifyInstancePlacementOutput::builder().r#return(true).build())
    }

    pub(super) fn describe_instance_credit_specifications(
        &mut self,
        input: DescribeInstanceCreditSpecificationsInput,
    ) -> Answer<DescribeInstanceCreditSpecificationsOutput> {
        let machines: Vec<Machine> = self.listed(input.instance_ids(), input.filters())?;
        // Without ids, only instances with unlimited credits.
        let shown = machines.into_iter().filter(|machine| match &machine.credits {
            Some(credits) => !input.instance_ids().is_empty() || credits == "unlimited",
            None => false,
        });
        let credits = shown.map(|machine| {
            InstanceCreditSpecification::builder().instance_id(machine.id()).set_cpu_credits(machine.credits.clone()).build()
        });
        let (credits, next) = page(credits.collect(), input.max_results(), input.next_token())?;
        Ok(DescribeInstanceCreditSpecificationsOutput::builder()
            .set_instance_credit_specifications(Some(credits))
            .set_next_token(next)
            .build())
    }

    pub(super) fn modify_instance_credit_specification(
        &mut self,
        input: ModifyInstanceCreditSpecificationInput,
    ) -> Answer<ModifyInstanceCreditSpecificationOutput> {
        let asked = required_list(input.instance_credit_specifications(), "InstanceCreditSpecifications")?;
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for asked in asked {
            let id = required(asked.instance_id(), "InstanceId")?;
            let credits = required(asked.cpu_credits(), "CpuCredits")?;
            let why = match self.instances.get_mut(id) {
                Err(_) => Some(("InvalidInstanceID.NotFound", format!("The instance ID '{id}' does not exist"))),
                Ok(machine) if machine.credits.is_none() => {
                    Some(("InstanceCreditSpecification.NotSupported", format!("The instance '{id}' is not burstable")))
                }
                Ok(_) if !["standard", "unlimited"].contains(&credits) => {
                    return Err(Refusal::value(format!("Invalid value '{credits}' for CpuCredits")));
                }
                Ok(machine) => {
                    machine.credits = Some(credits.to_owned());
                    None
                }
            };
            match why {
                None => done.push(SuccessfulInstanceCreditSpecificationItem::builder().instance_id(id).build()),
                Some((code, message)) => {
                    let error =
                        UnsuccessfulInstanceCreditSpecificationItemError::builder().code(code.into()).message(message).build();
                    refused.push(UnsuccessfulInstanceCreditSpecificationItem::builder().instance_id(id).error(error).build());
                }
            }
        }
        Ok(ModifyInstanceCreditSpecificationOutput::builder()
            .set_successful_instance_credit_specifications(Some(done))
            .set_unsuccessful_instance_credit_specifications(Some(refused))
            .build())
    }
}

/// Changes the instance itself. Hardware can only be changed while it is stopped.
fn put(machine: &mut Machine, change: &Change) -> Answer<()> {
    let still = matches!(
        change,
        Change::Type(_)
            | Change::UserData(_)
            | Change::EbsOptimized(_)
            | Change::EnaSupport(_)
            | Change::SriovNetSupport(_)
            | Change::Kernel(_)
            | Change::Ramdisk(_)
    );
    if still {
        stopped(machine)?;
    }
    let instance = &mut machine.instance;
    match change {
        Change::Type(name) => {
            let shape = Shape::of(name).ok_or_else(|| {
                Refusal::new("InvalidInstanceAttributeValue", format!("Invalid value '{name}' for InstanceType."))
            })?;
            if instance.architecture().is_some_and(|architecture| !shape.runs(architecture.as_str())) {
                let message = format!("The instance type '{name}' does not have the instance's architecture");
                return Err(Refusal::new("InvalidInstanceAttributeValue", message));
            }
            instance.instance_type = Some(name.as_str().into());
            machine.credits = shape.default_credits();
        }
        Change::UserData(data) => machine.user_data.clone_from(data),
        Change::Termination(disabled) => machine.disable_api_termination = *disabled,
        Change::Stop(disabled) => machine.disable_api_stop = *disabled,
        Change::Shutdown(behavior) => machine.shutdown_behavior = behavior.clone(),
        Change::EbsOptimized(yes) => instance.ebs_optimized = Some(*yes),
        Change::EnaSupport(yes) => instance.ena_support = Some(*yes),
        Change::SriovNetSupport(value) => instance.sriov_net_support = Some(value.clone()),
        Change::Kernel(id) => instance.kernel_id = Some(id.clone()),
        Change::Ramdisk(id) => instance.ramdisk_id = Some(id.clone()),
        // These are not stored in the instance, and were handled before.
        Change::SourceDestCheck(_) | Change::Groups(_) | Change::Disks(_) => {}
    }
    Ok(())
}
