//! Instances and their states.

use aws_sdk_ec2::types::{
    AttributeBooleanValue, AttributeValue, BlockDeviceMapping, EbsBlockDevice, InstanceAttributeName, InstanceType,
    MonitoringState, ResourceType, ShutdownBehavior, TagSpecification,
};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto, tag};

on_mock_and_moto!([
    an_instance_is_pending_then_running,
    a_launch_has_a_reservation,
    several_instances_have_one_reservation,
    launch_indices_count,
    a_launch_needs_counts_in_order,
    a_launch_needs_an_image_that_is_there,
    a_launch_needs_a_key_that_is_there,
    a_launch_needs_a_subnet_that_is_there,
    a_launch_needs_a_group_that_is_there,
    a_launch_tags_instance_and_volume,
    a_launch_has_a_root_volume,
    the_root_volume_can_be_larger,
    more_volumes_can_be_launched,
    an_instance_has_an_interface,
    an_instance_has_the_default_group,
    an_instance_is_in_the_default_vpc,
    an_instance_can_have_its_address,
    stop_and_start,
    stopping_twice_is_no_error,
    starting_what_runs_is_no_error,
    what_is_terminated_cannot_start,
    terminate_says_both_states,
    terminating_twice_is_no_error,
    a_terminated_instance_can_be_described,
    termination_deletes_the_root_volume,
    termination_protection,
    stop_protection,
    an_instance_that_is_not_there,
    several_that_are_not_there,
    an_id_that_is_none,
    one_absent_of_two_stops_none,
    reboot_keeps_running,
    status_checks_pass,
    status_leaves_out_what_is_stopped,
    status_of_all,
    type_changes_only_while_stopped,
    user_data_is_kept,
    shutdown_behavior_is_kept,
    source_dest_check_is_on,
    monitoring_goes_on_and_off,
    console_output_names_the_instance,
    a_client_token_is_one_launch,
    a_public_name_ends_with_the_stop,
    metadata_options_change,
]);

fn an_instance_is_pending_then_running(lab: &Lab) {
    let image = lab.image();
    let run = lab
        .ec2
        .run_instances(|run| run.image_id(&image).instance_type(InstanceType::T2Micro).min_count(1).max_count(1))
        .wait()
        .unwrap();
    let instance = &run.instances()[0];
    assert_eq!(instance.state().unwrap().name().unwrap().as_str(), "pending");
    assert_eq!(instance.state().unwrap().code(), Some(0));
    lab.settle();
    assert_eq!(lab.state(instance.instance_id().unwrap()), "running");
    assert_eq!(lab.instance(instance.instance_id().unwrap()).state().unwrap().code(), Some(16));
}

fn a_launch_has_a_reservation(lab: &Lab) {
    let image = lab.image();
    let run = lab.ec2.run_instances(|run| run.image_id(&image).min_count(1).max_count(1)).wait().unwrap();
    assert!(run.reservation_id().unwrap().starts_with("r-"));
    assert_eq!(run.owner_id(), Some("123456789012"));
    assert_eq!(run.instances()[0].image_id(), Some(image.as_str()));
    assert!(run.instances()[0].instance_id().unwrap().starts_with("i-"));
}

fn several_instances_have_one_reservation(lab: &Lab) {
    let ids = lab.run(3);
    let answer = lab.ec2.describe_instances(|which| which.set_instance_ids(Some(ids.clone()))).wait().unwrap();
    assert_eq!(answer.reservations().len(), 1);
    assert_eq!(answer.reservations()[0].instances().len(), 3);
}

fn launch_indices_count(lab: &Lab) {
    let ids = lab.run(3);
    let indices: Vec<_> = ids.iter().map(|id| lab.instance(id).ami_launch_index()).collect();
    assert_eq!(indices, [Some(0), Some(1), Some(2)]);
}

fn a_launch_needs_counts_in_order(lab: &Lab) {
    let image = lab.image();
    let none = lab.ec2.run_instances(|run| run.image_id(&image).min_count(0).max_count(0)).wait();
    let wrong = lab.ec2.run_instances(|run| run.image_id(&image).min_count(3).max_count(1)).wait();
    if lab.as_amazon("moto takes any counts") {
        assert_eq!(code(none), "InvalidParameterValue");
        assert_eq!(code(wrong), "InvalidParameterValue");
    }
}

fn a_launch_needs_an_image_that_is_there(lab: &Lab) {
    let run = lab.ec2.run_instances(|run| run.image_id("ami-0ffffffffffffffff").min_count(1).max_count(1)).wait();
    if lab.as_amazon("moto starts images that are not there, unless told otherwise by its environment") {
        assert_eq!(code(run), "InvalidAMIID.NotFound");
    }
}

fn a_launch_needs_a_key_that_is_there(lab: &Lab) {
    let image = lab.image();
    let run = lab.ec2.run_instances(|run| run.image_id(&image).key_name("absent").min_count(1).max_count(1)).wait();
    if lab.as_amazon("moto does not look for the key, unless told otherwise by its environment") {
        assert_eq!(code(run), "InvalidKeyPair.NotFound");
    }
}

fn a_launch_needs_a_subnet_that_is_there(lab: &Lab) {
    let image = lab.image();
    let run =
        lab.ec2.run_instances(|run| run.image_id(&image).subnet_id("subnet-0ffffffffffffffff").min_count(1).max_count(1)).wait();
    assert_eq!(code(run), "InvalidSubnetID.NotFound");
}

fn a_launch_needs_a_group_that_is_there(lab: &Lab) {
    let image = lab.image();
    let run = lab
        .ec2
        .run_instances(|run| run.image_id(&image).security_group_ids("sg-0ffffffffffffffff").min_count(1).max_count(1))
        .wait();
    assert_eq!(code(run), "InvalidGroup.NotFound");
}

fn a_launch_tags_instance_and_volume(lab: &Lab) {
    let image = lab.image();
    let tags = |of: ResourceType, value: &str| TagSpecification::builder().resource_type(of).tags(tag("Name", value)).build();
    let run = lab.ec2.run_instances(|run| {
        run.image_id(&image)
            .min_count(1)
            .max_count(1)
            .tag_specifications(tags(ResourceType::Instance, "web"))
            .tag_specifications(tags(ResourceType::Volume, "disk"))
    });
    let run = run.wait().unwrap();
    assert_eq!(run.instances()[0].tags(), [tag("Name", "web")]);
    lab.settle();
    let volumes = lab.ec2.describe_volumes(|which| which.filters(filter("tag:Name", ["disk"]))).wait().unwrap();
    assert_eq!(volumes.volumes().len(), 1);
}

fn a_launch_has_a_root_volume(lab: &Lab) {
    let id = lab.run_one();
    let instance = lab.instance(&id);
    let disk = &instance.block_device_mappings()[0];
    assert_eq!(disk.device_name(), instance.root_device_name());
    let volume = disk.ebs().unwrap().volume_id().unwrap().to_owned();
    let volume = lab.ec2.describe_volumes(|which| which.volume_ids(volume)).wait().unwrap().volumes.unwrap().remove(0);
    assert_eq!(volume.state().unwrap().as_str(), "in-use");
    assert_eq!(volume.attachments()[0].instance_id(), Some(id.as_str()));
    assert_eq!(volume.attachments()[0].state().unwrap().as_str(), "attached");
}

fn the_root_volume_can_be_larger(lab: &Lab) {
    let image = lab.image();
    let root = lab
        .ec2
        .describe_images(|which| which.image_ids(&image))
        .wait()
        .unwrap()
        .images
        .unwrap()
        .remove(0)
        .root_device_name
        .unwrap();
    let disk = BlockDeviceMapping::builder().device_name(root).ebs(EbsBlockDevice::builder().volume_size(40).build()).build();
    lab.ec2.run_instances(|run| run.image_id(&image).min_count(1).max_count(1).block_device_mappings(disk)).wait().unwrap();
    lab.settle();
    let volumes = lab.ec2.describe_volumes(|which| which.filters(filter("size", ["40"]))).wait().unwrap();
    assert_eq!(volumes.volumes().len(), 1);
}

fn more_volumes_can_be_launched(lab: &Lab) {
    let image = lab.image();
    let disk =
        BlockDeviceMapping::builder().device_name("/dev/sdf").ebs(EbsBlockDevice::builder().volume_size(77).build()).build();
    let run =
        lab.ec2.run_instances(|run| run.image_id(&image).min_count(1).max_count(1).block_device_mappings(disk)).wait().unwrap();
    lab.settle();
    let instance = lab.instance(run.instances()[0].instance_id().unwrap());
    assert!(instance.block_device_mappings().iter().any(|disk| disk.device_name() == Some("/dev/sdf")));
}

fn an_instance_has_an_interface(lab: &Lab) {
    let instance = lab.instance(&lab.run_one());
    let nic = &instance.network_interfaces()[0];
    assert!(nic.network_interface_id().unwrap().starts_with("eni-"));
    assert_eq!(nic.attachment().unwrap().device_index(), Some(0));
    assert_eq!(nic.private_ip_address(), instance.private_ip_address());
    assert_eq!(nic.subnet_id(), instance.subnet_id());
}

fn an_instance_has_the_default_group(lab: &Lab) {
    let instance = lab.instance(&lab.run_one());
    if lab.as_amazon("moto gives it no group") {
        assert_eq!(instance.security_groups().iter().map(|group| group.group_name().unwrap()).collect::<Vec<_>>(), ["default"]);
    }
}

fn an_instance_is_in_the_default_vpc(lab: &Lab) {
    let instance = lab.instance(&lab.run_one());
    assert_eq!(instance.vpc_id().unwrap(), lab.default_vpc());
    assert!(instance.placement().unwrap().availability_zone().unwrap().starts_with("us-east-1"));
    if lab.as_amazon("moto gives it an address that its subnet has not") {
        assert!(instance.private_ip_address().unwrap().starts_with("172.31."));
    }
}

fn an_instance_can_have_its_address(lab: &Lab) {
    let (image, vpc) = (lab.image(), lab.vpc("10.1.0.0/16"));
    let subnet = lab.subnet(&vpc, "10.1.2.0/24");
    let run = lab
        .ec2
        .run_instances(|run| run.image_id(&image).subnet_id(&subnet).private_ip_address("10.1.2.33").min_count(1).max_count(1));
    let run = run.wait().unwrap();
    assert_eq!(run.instances()[0].private_ip_address(), Some("10.1.2.33"));
    assert_eq!(run.instances()[0].vpc_id(), Some(vpc.as_str()));
    assert_eq!(run.instances()[0].private_dns_name(), Some("ip-10-1-2-33.ec2.internal"));
}

fn stop_and_start(lab: &Lab) {
    let id = lab.run_one();
    let stop = lab.ec2.stop_instances(|which| which.instance_ids(&id)).wait().unwrap();
    let change = &stop.stopping_instances()[0];
    assert_eq!(change.previous_state().unwrap().name().unwrap().as_str(), "running");
    assert_eq!(change.current_state().unwrap().name().unwrap().as_str(), "stopping");
    lab.settle();
    assert_eq!(lab.state(&id), "stopped");
    assert!(lab.instance(&id).state_transition_reason().unwrap().starts_with("User initiated ("));
    let start = lab.ec2.start_instances(|which| which.instance_ids(&id)).wait().unwrap();
    let change = &start.starting_instances()[0];
    assert_eq!(change.current_state().unwrap().name().unwrap().as_str(), "pending");
    assert_eq!(change.previous_state().unwrap().name().unwrap().as_str(), "stopped");
    lab.settle();
    assert_eq!(lab.state(&id), "running");
}

fn stopping_twice_is_no_error(lab: &Lab) {
    let id = lab.run_one();
    lab.ec2.stop_instances(|which| which.instance_ids(&id)).wait().unwrap();
    lab.settle();
    let again = lab.ec2.stop_instances(|which| which.instance_ids(&id)).wait().unwrap();
    assert_eq!(again.stopping_instances()[0].previous_state().unwrap().name().unwrap().as_str(), "stopped");
    lab.settle();
    assert_eq!(lab.state(&id), "stopped");
}

fn starting_what_runs_is_no_error(lab: &Lab) {
    let id = lab.run_one();
    let again = lab.ec2.start_instances(|which| which.instance_ids(&id)).wait().unwrap();
    assert_eq!(again.starting_instances()[0].previous_state().unwrap().name().unwrap().as_str(), "running");
    lab.settle();
    assert_eq!(lab.state(&id), "running");
}

fn what_is_terminated_cannot_start(lab: &Lab) {
    let id = lab.run_one();
    lab.ec2.terminate_instances(|which| which.instance_ids(&id)).wait().unwrap();
    lab.settle();
    let start = lab.ec2.start_instances(|which| which.instance_ids(&id)).wait();
    let stop = lab.ec2.stop_instances(|which| which.instance_ids(&id)).wait();
    if lab.as_amazon("moto starts what is terminated") {
        assert_eq!(code(start), "IncorrectInstanceState");
        assert_eq!(code(stop), "IncorrectInstanceState");
    }
}

fn terminate_says_both_states(lab: &Lab) {
    let id = lab.run_one();
    let terminate = lab.ec2.terminate_instances(|which| which.instance_ids(&id)).wait().unwrap();
    let change = &terminate.terminating_instances()[0];
    assert_eq!(change.previous_state().unwrap().name().unwrap().as_str(), "running");
    assert_eq!(change.current_state().unwrap().name().unwrap().as_str(), "shutting-down");
    assert_eq!(change.current_state().unwrap().code(), Some(32));
}

fn terminating_twice_is_no_error(lab: &Lab) {
    let id = lab.run_one();
    for _ in 0..2 {
        lab.ec2.terminate_instances(|which| which.instance_ids(&id)).wait().unwrap();
        lab.settle();
        assert_eq!(lab.state(&id), "terminated");
    }
}

fn a_terminated_instance_can_be_described(lab: &Lab) {
    let id = lab.run_one();
    lab.ec2.terminate_instances(|which| which.instance_ids(&id)).wait().unwrap();
    lab.settle();
    let instance = lab.instance(&id);
    assert_eq!(instance.state().unwrap().code(), Some(48));
    assert_eq!(instance.state_reason().unwrap().code(), Some("Client.UserInitiatedShutdown"));
}

fn termination_deletes_the_root_volume(lab: &Lab) {
    let id = lab.run_one();
    let volume = lab.instance(&id).block_device_mappings()[0].ebs().unwrap().volume_id().unwrap().to_owned();
    lab.ec2.terminate_instances(|which| which.instance_ids(&id)).wait().unwrap();
    lab.settle();
    assert_eq!(code(lab.ec2.describe_volumes(|which| which.volume_ids(volume)).wait()), "InvalidVolume.NotFound");
}

fn termination_protection(lab: &Lab) {
    let id = lab.run_one();
    let yes = AttributeBooleanValue::builder().value(true).build();
    lab.ec2.modify_instance_attribute(|which| which.instance_id(&id).disable_api_termination(yes)).wait().unwrap();
    assert_eq!(code(lab.ec2.terminate_instances(|which| which.instance_ids(&id)).wait()), "OperationNotPermitted");
    assert_eq!(lab.state(&id), "running");
    let attribute = lab
        .ec2
        .describe_instance_attribute(|which| which.instance_id(&id).attribute(InstanceAttributeName::DisableApiTermination));
    assert_eq!(attribute.wait().unwrap().disable_api_termination().unwrap().value(), Some(true));
}

fn stop_protection(lab: &Lab) {
    let id = lab.run_one();
    let yes = AttributeBooleanValue::builder().value(true).build();
    lab.ec2.modify_instance_attribute(|which| which.instance_id(&id).disable_api_stop(yes)).wait().unwrap();
    assert_eq!(code(lab.ec2.stop_instances(|which| which.instance_ids(&id)).wait()), "OperationNotPermitted");
}

fn an_instance_that_is_not_there(lab: &Lab) {
    let error = lab.ec2.describe_instances(|which| which.instance_ids("i-0ffffffffffffffff")).wait().unwrap_err();
    let client = error.client().unwrap();
    assert_eq!(client.code, "InvalidInstanceID.NotFound");
    assert_eq!(client.message, "The instance ID 'i-0ffffffffffffffff' does not exist");
    assert_eq!(client.status, 400);
    assert_eq!(client.operation, "DescribeInstances");
}

fn several_that_are_not_there(lab: &Lab) {
    let error = lab
        .ec2
        .terminate_instances(|which| which.instance_ids("i-0ffffffffffffffff").instance_ids("i-0fffffffffffffffe"))
        .wait()
        .unwrap_err();
    assert_eq!(error.code(), Some("InvalidInstanceID.NotFound"));
    if lab.as_amazon("moto names the first only") {
        assert_eq!(error.client().unwrap().message, "The instance IDs 'i-0ffffffffffffffff, i-0fffffffffffffffe' do not exist");
    }
}

fn an_id_that_is_none(lab: &Lab) {
    let answer = lab.ec2.describe_instances(|which| which.instance_ids("web-1")).wait();
    if lab.as_amazon("moto does not look at the form of ids") {
        assert_eq!(code(answer), "InvalidInstanceID.Malformed");
    }
}

fn one_absent_of_two_stops_none(lab: &Lab) {
    let id = lab.run_one();
    let stop = lab.ec2.stop_instances(|which| which.instance_ids(&id).instance_ids("i-0ffffffffffffffff")).wait();
    assert_eq!(code(stop), "InvalidInstanceID.NotFound");
    lab.settle();
    if lab.as_amazon("moto stops the first of them") {
        assert_eq!(lab.state(&id), "running");
    }
}

fn reboot_keeps_running(lab: &Lab) {
    let id = lab.run_one();
    lab.ec2.reboot_instances(|which| which.instance_ids(&id)).wait().unwrap();
    lab.settle();
    assert_eq!(lab.state(&id), "running");
}

fn status_checks_pass(lab: &Lab) {
    let id = lab.run_one();
    let status =
        lab.ec2.describe_instance_status(|which| which.instance_ids(&id)).wait().unwrap().instance_statuses.unwrap().remove(0);
    assert_eq!(status.instance_status().unwrap().status().unwrap().as_str(), "ok");
    assert_eq!(status.system_status().unwrap().status().unwrap().as_str(), "ok");
    assert_eq!(status.instance_status().unwrap().details()[0].status().unwrap().as_str(), "passed");
    assert_eq!(status.instance_state().unwrap().name().unwrap().as_str(), "running");
}

fn status_leaves_out_what_is_stopped(lab: &Lab) {
    let ids = lab.run(2);
    lab.ec2.stop_instances(|which| which.instance_ids(&ids[0])).wait().unwrap();
    lab.settle();
    let statuses = lab.ec2.describe_instance_status(|which| which).wait().unwrap().instance_statuses.unwrap();
    assert_eq!(statuses.iter().map(|status| status.instance_id().unwrap()).collect::<Vec<_>>(), [ids[1].as_str()]);
}

fn status_of_all(lab: &Lab) {
    let ids = lab.run(2);
    lab.ec2.stop_instances(|which| which.instance_ids(&ids[0])).wait().unwrap();
    lab.settle();
    let statuses =
        lab.ec2.describe_instance_status(|which| which.include_all_instances(true)).wait().unwrap().instance_statuses.unwrap();
    let stopped = statuses.iter().find(|status| status.instance_id() == Some(&ids[0])).unwrap();
    assert_eq!(stopped.instance_status().unwrap().status().unwrap().as_str(), "not-applicable");
    assert_eq!(statuses.len(), 2);
}

fn type_changes_only_while_stopped(lab: &Lab) {
    let id = lab.run_one();
    let large = || AttributeValue::builder().value("m5.large").build();
    let early = lab.ec2.modify_instance_attribute(|which| which.instance_id(&id).instance_type(large())).wait();
    if lab.as_amazon("moto changes it while it runs") {
        assert_eq!(code(early), "IncorrectInstanceState");
    }
    lab.ec2.stop_instances(|which| which.instance_ids(&id)).wait().unwrap();
    lab.settle();
    lab.ec2.modify_instance_attribute(|which| which.instance_id(&id).instance_type(large())).wait().unwrap();
    assert_eq!(lab.instance(&id).instance_type(), Some(&InstanceType::M5Large));
}

fn user_data_is_kept(lab: &Lab) {
    let image = lab.image();
    let run =
        lab.ec2.run_instances(|run| run.image_id(&image).user_data("IyEvYmluL3No").min_count(1).max_count(1)).wait().unwrap();
    let id = run.instances()[0].instance_id().unwrap();
    let attribute = lab
        .ec2
        .describe_instance_attribute(|which| which.instance_id(id).attribute(InstanceAttributeName::UserData))
        .wait()
        .unwrap();
    assert_eq!(attribute.user_data().unwrap().value(), Some("IyEvYmluL3No"));
}

fn shutdown_behavior_is_kept(lab: &Lab) {
    let image = lab.image();
    let run = lab.ec2.run_instances(|run| {
        run.image_id(&image).instance_initiated_shutdown_behavior(ShutdownBehavior::Terminate).min_count(1).max_count(1)
    });
    let run = run.wait().unwrap();
    let id = run.instances()[0].instance_id().unwrap();
    let attribute = lab.ec2.describe_instance_attribute(|which| {
        which.instance_id(id).attribute(InstanceAttributeName::InstanceInitiatedShutdownBehavior)
    });
    assert_eq!(attribute.wait().unwrap().instance_initiated_shutdown_behavior().unwrap().value(), Some("terminate"));
}

fn source_dest_check_is_on(lab: &Lab) {
    let id = lab.run_one();
    assert_eq!(lab.instance(&id).source_dest_check(), Some(true));
    let no = AttributeBooleanValue::builder().value(false).build();
    lab.ec2.modify_instance_attribute(|which| which.instance_id(&id).source_dest_check(no)).wait().unwrap();
    assert_eq!(lab.instance(&id).source_dest_check(), Some(false));
}

fn monitoring_goes_on_and_off(lab: &Lab) {
    if !lab.as_amazon("moto has no MonitorInstances") {
        return;
    }
    let id = lab.run_one();
    let on = lab.ec2.monitor_instances(|which| which.instance_ids(&id)).wait().unwrap();
    assert_eq!(on.instance_monitorings()[0].monitoring().unwrap().state(), Some(&MonitoringState::Pending));
    assert_eq!(lab.instance(&id).monitoring().unwrap().state(), Some(&MonitoringState::Enabled));
    lab.ec2.unmonitor_instances(|which| which.instance_ids(&id)).wait().unwrap();
    assert_eq!(lab.instance(&id).monitoring().unwrap().state(), Some(&MonitoringState::Disabled));
}

fn console_output_names_the_instance(lab: &Lab) {
    let id = lab.run_one();
    let output = lab.ec2.get_console_output(|which| which.instance_id(&id)).wait().unwrap();
    assert_eq!(output.instance_id(), Some(id.as_str()));
}

fn a_client_token_is_one_launch(lab: &Lab) {
    let image = lab.image();
    let run = || lab.ec2.run_instances(|run| run.image_id(&image).client_token("once").min_count(1).max_count(1)).wait().unwrap();
    let (first, second) = (run(), run());
    assert_eq!(first.instances()[0].client_token(), Some("once"));
    if lab.as_amazon("moto launches again") {
        assert_eq!(first.instances()[0].instance_id(), second.instances()[0].instance_id());
        let other = lab.ec2.run_instances(|run| run.image_id(&image).client_token("once").min_count(2).max_count(2)).wait();
        assert_eq!(code(other), "IdempotentParameterMismatch");
    }
}

fn a_public_name_ends_with_the_stop(lab: &Lab) {
    let id = lab.run_one();
    let before = lab.instance(&id);
    let address = before.public_ip_address().unwrap().to_owned();
    assert_eq!(before.public_dns_name().unwrap(), format!("ec2-{}.compute-1.amazonaws.com", address.replace('.', "-")));
    lab.ec2.stop_instances(|which| which.instance_ids(&id)).wait().unwrap();
    lab.settle();
    if lab.as_amazon("moto keeps the address of what is stopped") {
        assert_eq!(lab.instance(&id).public_ip_address(), None);
        lab.ec2.start_instances(|which| which.instance_ids(&id)).wait().unwrap();
        lab.settle();
        assert_ne!(lab.instance(&id).public_ip_address().unwrap(), address);
    }
}

fn metadata_options_change(lab: &Lab) {
    let id = lab.run_one();
    let change = lab.ec2.modify_instance_metadata_options(|which| {
        which.instance_id(&id).http_tokens("required".into()).http_put_response_hop_limit(2)
    });
    let options = change.wait().unwrap().instance_metadata_options.unwrap();
    assert_eq!(options.http_tokens().unwrap().as_str(), "required");
    assert_eq!(options.http_put_response_hop_limit(), Some(2));
    assert_eq!(lab.instance(&id).metadata_options().unwrap().http_tokens().unwrap().as_str(), "required");
}
