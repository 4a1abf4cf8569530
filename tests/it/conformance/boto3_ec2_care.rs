//! How instances fare: credits, events, passwords, screens; what is reset; what a region has none of.

use std::time::Duration;

use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::*;
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock, on_mock_and_moto};

/// What moto has too.
mod both {
    use super::{a_password_is_for_windows, credits_of_an_instance, there_are_no_hosts};

    super::on_mock_and_moto!([credits_of_an_instance, a_password_is_for_windows, there_are_no_hosts]);
}

on_mock!(
    "moto has none of these operations, or wants the key in its KMS",
    [
        a_default_key,
        credits_change,
        a_windows_password_takes_a_while,
        an_event_is_moved,
        a_report_of_an_instance,
        a_screen_is_black_unless_told,
        a_shared_image_is_reset,
        source_dest_check_is_reset,
        a_kernel_is_reset_while_it_stands,
        there_are_no_reserved_instances,
        there_are_no_tasks,
        there_is_no_topology,
    ]
);

fn launch(lab: &Lab, of: InstanceType) -> String {
    let image = lab.image();
    let run = lab.ec2.run_instances(|run| run.image_id(image).instance_type(of).min_count(1).max_count(1)).wait().unwrap();
    lab.settle();
    run.instances()[0].instance_id().unwrap().to_owned()
}

fn stop(lab: &Lab, id: &str) {
    lab.ec2.stop_instances(|which| which.instance_ids(id)).wait().unwrap();
    lab.settle();
}

fn credits(lab: &Lab, id: &str) -> Option<String> {
    let shown = lab.ec2.describe_instance_credit_specifications(|which| which.instance_ids(id)).wait().unwrap();
    shown.instance_credit_specifications().first().and_then(|own| own.cpu_credits.clone())
}

fn credits_of_an_instance(lab: &Lab) {
    assert_eq!(credits(lab, &launch(lab, InstanceType::T2Micro)).as_deref(), Some("standard"));
    if lab.as_amazon("moto says `standard` of all") {
        assert_eq!(credits(lab, &launch(lab, InstanceType::T3Micro)).as_deref(), Some("unlimited"));
        assert_eq!(credits(lab, &launch(lab, InstanceType::M5Large)), None);
        // Without ids, those without a limit.
        let all = lab.ec2.describe_instance_credit_specifications(|which| which).wait().unwrap();
        assert_eq!(all.instance_credit_specifications().len(), 1);
    }
}

fn credits_change(lab: &Lab) {
    let (burstable, other) = (launch(lab, InstanceType::T2Micro), launch(lab, InstanceType::M5Large));
    let ask =
        |id: &str, credits: &str| InstanceCreditSpecificationRequest::builder().instance_id(id).cpu_credits(credits).build();
    let absent = "i-0ffffffffffffffff";
    let changed = lab.ec2.modify_instance_credit_specification(|which| {
        which
            .instance_credit_specifications(ask(&burstable, "unlimited"))
            .instance_credit_specifications(ask(&other, "unlimited"))
            .instance_credit_specifications(ask(absent, "unlimited"))
    });
    let changed = changed.wait().unwrap();
    let done = changed.successful_instance_credit_specifications();
    assert_eq!((done.len(), done[0].instance_id()), (1, Some(burstable.as_str())));
    let refused = changed.unsuccessful_instance_credit_specifications();
    let why: Vec<_> = refused.iter().map(|item| item.error().unwrap().code().unwrap().as_str()).collect();
    assert_eq!(why, ["InstanceCreditSpecification.NotSupported", "InvalidInstanceID.NotFound"]);
    assert_eq!(credits(lab, &burstable).as_deref(), Some("unlimited"));
    let bad = lab.ec2.modify_instance_credit_specification(|which| which.instance_credit_specifications(ask(&burstable, "many")));
    assert_eq!(code(bad.wait()), "InvalidParameterValue");
}

fn a_password_is_for_windows(lab: &Lab) {
    let id = lab.run_one();
    let data = lab.ec2.get_password_data(|which| which.instance_id(&id)).wait().unwrap();
    assert_eq!((data.instance_id(), data.password_data().unwrap_or_default()), (Some(id.as_str()), ""));
    assert!(data.timestamp().is_some());
    let absent = lab.ec2.get_password_data(|which| which.instance_id("i-0ffffffffffffffff")).wait();
    assert_eq!(code(absent), "InvalidInstanceID.NotFound");
}

fn a_windows_password_takes_a_while(lab: &Lab) {
    let windows = lab.ec2.describe_images(|which| which.filters(filter("platform", ["windows"]))).wait().unwrap();
    let image = windows.images()[0].image_id().unwrap().to_owned();
    lab.ec2.create_key_pair(|pair| pair.key_name("deploy")).wait().unwrap();
    let run = lab.ec2.run_instances(|run| {
        run.image_id(image).instance_type(InstanceType::T3Medium).key_name("deploy").min_count(1).max_count(1)
    });
    let id = run.wait().unwrap().instances.unwrap().remove(0).instance_id.unwrap();
    let password = || lab.ec2.get_password_data(|which| which.instance_id(&id)).wait().unwrap().password_data.unwrap();
    assert_eq!(password(), "");
    lab.ec2.get_waiter().password_data_available(|which| which.instance_id(&id)).wait().unwrap();
    assert!(!password().is_empty());
}

fn an_event_is_moved(lab: &Lab) {
    let id = lab.run_one();
    let event = lab.world().boto3.ec2.announce("us-east-1", &id, EventCode::InstanceReboot, Duration::from_secs(86_400));
    let events = || {
        let status = lab.ec2.describe_instance_status(|which| which.instance_ids(&id)).wait().unwrap();
        status.instance_statuses()[0].events().to_vec()
    };
    assert_eq!((events()[0].instance_event_id(), events()[0].code()), (Some(event.as_str()), Some(&EventCode::InstanceReboot)));
    let then = DateTime::from_secs(2_000_000_000);
    let moved = lab
        .ec2
        .modify_instance_event_start_time(|which| which.instance_id(&id).instance_event_id(&event).not_before(then))
        .wait()
        .unwrap();
    assert_eq!(moved.event().unwrap().not_before(), Some(&then));
    assert_eq!(events()[0].not_before(), Some(&then));
    let absent = lab.ec2.modify_instance_event_start_time(|which| {
        which.instance_id(&id).instance_event_id("instance-event-0ffffffffffffffff").not_before(then)
    });
    assert_eq!(code(absent.wait()), "InvalidInstanceEventIDNotFound");
}

fn a_report_of_an_instance(lab: &Lab) {
    let id = lab.run_one();
    let report = |id: &str| {
        let report = lab.ec2.report_instance_status(|which| {
            which.instances(id).status(ReportStatusType::Impaired).reason_codes(ReportInstanceReasonCodes::Unresponsive)
        });
        report.wait()
    };
    report(&id).unwrap();
    // Amazon looks into it, and the checks say what they said.
    let status = lab.ec2.describe_instance_status(|which| which.instance_ids(&id)).wait().unwrap();
    assert_eq!(status.instance_statuses()[0].instance_status().unwrap().status(), Some(&SummaryStatus::Ok));
    assert_eq!(code(report("i-0ffffffffffffffff")), "InvalidInstanceID.NotFound");
    assert_eq!(code(lab.ec2.report_instance_status(|which| which.instances(&id)).wait()), "MissingParameter");
}

fn a_screen_is_black_unless_told(lab: &Lab) {
    let id = lab.run_one();
    let screen = || lab.ec2.get_console_screenshot(|which| which.instance_id(&id)).wait();
    let black = screen().unwrap();
    assert_eq!(black.instance_id(), Some(id.as_str()));
    // A JPEG begins with these bytes.
    assert!(black.image_data().unwrap().starts_with("/9j/"));
    lab.world().boto3.ec2.set_console_screenshot("us-east-1", &id, b"a kernel panics");
    assert_eq!(screen().unwrap().image_data(), Some("YSBrZXJuZWwgcGFuaWNz"));
    stop(lab, &id);
    assert_eq!(code(screen()), "IncorrectInstanceState");
}

fn a_shared_image_is_reset(lab: &Lab) {
    let instance = lab.run_one();
    let id = lab.ec2.create_image(|image| image.instance_id(&instance).name("web-1")).wait().unwrap().image_id.unwrap();
    lab.settle();
    let everyone = LaunchPermission::builder().group(PermissionGroup::All).build();
    let change = LaunchPermissionModifications::builder().add(everyone).build();
    lab.ec2.modify_image_attribute(|which| which.image_id(&id).launch_permission(change)).wait().unwrap();
    let public = || {
        let shown = lab.ec2.describe_images(|which| which.image_ids(&id)).wait().unwrap();
        shown.images()[0].public()
    };
    assert_eq!(public(), Some(true));
    let reset = |id: &str| {
        lab.ec2.reset_image_attribute(|which| which.image_id(id).attribute(ResetImageAttributeName::LaunchPermission)).wait()
    };
    reset(&id).unwrap();
    assert_eq!(public(), Some(false));
    assert_eq!(code(reset("ami-0ffffffffffffffff")), "InvalidAMIID.NotFound");
    assert_eq!(code(reset(&lab.image())), "AuthFailure");
}

fn source_dest_check_is_reset(lab: &Lab) {
    let id = lab.run_one();
    let no = AttributeBooleanValue::builder().value(false).build();
    lab.ec2.modify_instance_attribute(|which| which.instance_id(&id).source_dest_check(no)).wait().unwrap();
    let reset =
        |name: InstanceAttributeName| lab.ec2.reset_instance_attribute(|which| which.instance_id(&id).attribute(name)).wait();
    reset(InstanceAttributeName::SourceDestCheck).unwrap();
    assert_eq!(lab.instance(&id).source_dest_check(), Some(true));
    assert_eq!(code(reset(InstanceAttributeName::UserData)), "InvalidParameterValue");
}

fn a_kernel_is_reset_while_it_stands(lab: &Lab) {
    let image = lab.image();
    let run =
        lab.ec2.run_instances(|run| run.image_id(image).kernel_id("aki-12345678").min_count(1).max_count(1)).wait().unwrap();
    let id = run.instances()[0].instance_id().unwrap().to_owned();
    lab.settle();
    assert_eq!(lab.instance(&id).kernel_id(), Some("aki-12345678"));
    let reset = || {
        let kernel = InstanceAttributeName::Kernel;
        lab.ec2.reset_instance_attribute(|which| which.instance_id(&id).attribute(kernel)).wait()
    };
    assert_eq!(code(reset()), "IncorrectInstanceState");
    stop(lab, &id);
    reset().unwrap();
    assert_eq!(lab.instance(&id).kernel_id(), None);
}

fn a_default_key(lab: &Lab) {
    let key = "arn:aws:kms:us-east-1:123456789012:key/0ea3fef3-80a7-4778-9d8c-1c0c6EXAMPLE";
    let changed = lab.ec2.modify_ebs_default_kms_key_id(|which| which.kms_key_id(key)).wait().unwrap();
    assert_eq!(changed.kms_key_id(), Some(key));
    assert_eq!(lab.ec2.get_ebs_default_kms_key_id(|which| which).wait().unwrap().kms_key_id(), Some(key));
    let volume = lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").size(8).encrypted(true)).wait().unwrap();
    assert_eq!(volume.kms_key_id(), Some(key));
    assert_eq!(code(lab.ec2.modify_ebs_default_kms_key_id(|which| which).wait()), "MissingParameter");
}

fn there_are_no_hosts(lab: &Lab) {
    assert_eq!(lab.ec2.describe_hosts(|which| which).wait().unwrap().hosts(), []);
    let some = lab.ec2.describe_hosts(|which| which.filter(filter("state", ["available"]))).wait().unwrap();
    assert_eq!(some.hosts(), []);
    let absent = lab.ec2.describe_hosts(|which| which.host_ids("h-0ffffffffffffffff")).wait();
    if lab.as_amazon("moto leaves out what is not there, and looks at no filter where there is nothing to filter") {
        assert_eq!(code(absent), "InvalidHostID.NotFound");
        let strange = lab.ec2.describe_hosts(|which| which.filter(filter("colour", ["red"]))).wait();
        assert_eq!(code(strange), "InvalidParameterValue");
    }
}

fn there_are_no_reserved_instances(lab: &Lab) {
    let none = lab.ec2.describe_reserved_instances(|which| which.filters(filter("state", ["active"]))).wait().unwrap();
    assert_eq!(none.reserved_instances(), []);
    let absent = lab.ec2.describe_reserved_instances(|which| which.reserved_instances_ids("1234")).wait();
    assert_eq!(code(absent), "InvalidReservedInstancesId");
}

fn there_are_no_tasks(lab: &Lab) {
    let ec2 = &lab.ec2;
    assert_eq!(ec2.describe_bundle_tasks(|which| which).wait().unwrap().bundle_tasks(), []);
    assert_eq!(ec2.describe_conversion_tasks(|which| which).wait().unwrap().conversion_tasks(), []);
    assert_eq!(ec2.describe_export_tasks(|which| which).wait().unwrap().export_tasks(), []);
    assert_eq!(ec2.describe_import_snapshot_tasks(|which| which).wait().unwrap().import_snapshot_tasks(), []);
    assert_eq!(ec2.describe_image_usage_reports(|which| which).wait().unwrap().image_usage_reports(), []);
    assert_eq!(
        ec2.describe_store_image_tasks(|which| which.image_ids(lab.image())).wait().unwrap().store_image_task_results(),
        []
    );
    assert_eq!(code(ec2.describe_bundle_tasks(|which| which.bundle_ids("bun-1")).wait()), "InvalidBundleID.NotFound");
    assert_eq!(code(ec2.describe_conversion_tasks(|which| which.conversion_task_ids("1")).wait()), "InvalidConversionTaskId");
    assert_eq!(code(ec2.describe_export_tasks(|which| which.export_task_ids("1")).wait()), "InvalidExportTaskID.NotFound");
    let absent = "ami-0ffffffffffffffff";
    assert_eq!(code(ec2.describe_store_image_tasks(|which| which.image_ids(absent)).wait()), "InvalidAMIID.NotFound");
    assert_eq!(code(ec2.describe_image_usage_reports(|which| which.image_ids(absent)).wait()), "InvalidAMIID.NotFound");
    assert_eq!(code(ec2.describe_import_snapshot_tasks(|which| which.next_token("tomorrow")).wait()), "InvalidNextToken");
}

fn there_is_no_topology(lab: &Lab) {
    let id = lab.run_one();
    let none = lab.ec2.describe_instance_topology(|which| which.instance_ids(&id)).wait().unwrap();
    assert_eq!(none.instances(), []);
    let absent = lab.ec2.describe_instance_topology(|which| which.instance_ids("i-0ffffffffffffffff")).wait();
    assert_eq!(code(absent), "InvalidInstanceID.NotFound");
    let absent = lab.ec2.describe_instance_topology(|which| which.group_names("absent")).wait();
    assert_eq!(code(absent), "InvalidPlacementGroup.Unknown");
}
