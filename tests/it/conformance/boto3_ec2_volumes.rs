//! Volumes.

use aws_sdk_ec2::types::{VolumeAttributeName, VolumeType};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto};

on_mock_and_moto!([
    a_volume_is_creating_then_available,
    a_volume_needs_a_size_or_a_snapshot,
    a_volume_needs_a_zone_that_is_there,
    a_volume_that_is_not_there,
    attach_and_detach,
    what_is_attached_is_not_deleted,
    what_is_attached_is_not_attached_again,
    attaching_to_an_absent_instance,
    detaching_what_is_not_attached,
    a_deleted_volume_is_gone,
    a_volume_of_a_snapshot_has_its_size,
    a_volume_of_an_absent_snapshot,
    an_encrypted_volume_has_a_key,
    a_volume_grows,
    a_volume_does_not_shrink,
    io1_needs_iops,
    gp3_has_its_own_iops,
    volume_filters,
    a_volume_in_another_zone_cannot_be_attached,
    encryption_by_default,
    volume_status_is_ok,
    auto_enable_io,
]);

fn a_volume_is_creating_then_available(lab: &Lab) {
    let made = lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").size(10)).wait().unwrap();
    if lab.as_amazon("moto makes it at once") {
        assert_eq!(made.state().unwrap().as_str(), "creating");
    }
    assert_eq!((made.size(), made.encrypted()), (Some(10), Some(false)));
    assert_eq!(made.volume_type(), Some(&VolumeType::Gp2));
    lab.settle();
    let volume =
        lab.ec2.describe_volumes(|which| which.volume_ids(made.volume_id().unwrap())).wait().unwrap().volumes.unwrap().remove(0);
    assert_eq!(volume.state().unwrap().as_str(), "available");
    assert_eq!(volume.availability_zone(), Some("us-east-1a"));
    assert!(volume.attachments().is_empty());
}

fn a_volume_needs_a_size_or_a_snapshot(lab: &Lab) {
    let made = lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a")).wait();
    assert_eq!(code(made), "MissingParameter");
}

fn a_volume_needs_a_zone_that_is_there(lab: &Lab) {
    let made = lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1z").size(1)).wait();
    if lab.as_amazon("moto takes any zone, or answers InvalidParameterValue") {
        assert_eq!(code(made), "InvalidZone.NotFound");
    }
}

fn a_volume_that_is_not_there(lab: &Lab) {
    let error = lab.ec2.describe_volumes(|which| which.volume_ids("vol-0ffffffffffffffff")).wait().unwrap_err();
    assert_eq!(error.code(), Some("InvalidVolume.NotFound"));
    if lab.as_amazon("moto prints a set of Python's instead of the id") {
        assert_eq!(error.client().unwrap().message, "The volume 'vol-0ffffffffffffffff' does not exist.");
    }
    assert_eq!(code(lab.ec2.delete_volume(|which| which.volume_id("vol-0ffffffffffffffff")).wait()), "InvalidVolume.NotFound");
}

fn zone(lab: &Lab, instance: &str) -> String {
    lab.instance(instance).placement.unwrap().availability_zone.unwrap()
}

fn near(lab: &Lab, instance: &str, size: i32) -> String {
    let zone = zone(lab, instance);
    let made = lab.ec2.create_volume(|volume| volume.availability_zone(zone).size(size)).wait().unwrap();
    lab.settle();
    made.volume_id.unwrap()
}

fn attach_and_detach(lab: &Lab) {
    let instance = lab.run_one();
    let volume = near(lab, &instance, 5);
    let state = || lab.ec2.describe_volumes(|which| which.volume_ids(&volume)).wait().unwrap().volumes.unwrap().remove(0);
    let attached =
        lab.ec2.attach_volume(|which| which.volume_id(&volume).instance_id(&instance).device("/dev/sdh")).wait().unwrap();
    assert_eq!(attached.device(), Some("/dev/sdh"));
    lab.settle();
    assert_eq!(state().state().unwrap().as_str(), "in-use");
    assert_eq!(state().attachments()[0].state().unwrap().as_str(), "attached");
    if lab.as_amazon("moto leaves it out") {
        assert_eq!(state().attachments()[0].delete_on_termination(), Some(false));
    }
    assert!(lab.instance(&instance).block_device_mappings().iter().any(|disk| disk.device_name() == Some("/dev/sdh")));
    let detached = lab.ec2.detach_volume(|which| which.volume_id(&volume).instance_id(&instance).device("/dev/sdh"));
    let detached = detached.wait().unwrap();
    assert_eq!(detached.instance_id(), Some(instance.as_str()));
    lab.settle();
    assert_eq!(state().state().unwrap().as_str(), "available");
    assert!(state().attachments().is_empty());
}

fn what_is_attached_is_not_deleted(lab: &Lab) {
    let instance = lab.run_one();
    let volume = near(lab, &instance, 5);
    lab.ec2.attach_volume(|which| which.volume_id(&volume).instance_id(&instance).device("/dev/sdh")).wait().unwrap();
    lab.settle();
    assert_eq!(code(lab.ec2.delete_volume(|which| which.volume_id(&volume)).wait()), "VolumeInUse");
}

fn what_is_attached_is_not_attached_again(lab: &Lab) {
    let instance = lab.run_one();
    let volume = near(lab, &instance, 5);
    let attach =
        |device: &str| lab.ec2.attach_volume(|which| which.volume_id(&volume).instance_id(&instance).device(device)).wait();
    attach("/dev/sdh").unwrap();
    lab.settle();
    let again = attach("/dev/sdi");
    if lab.as_amazon("moto attaches it again") {
        assert_eq!(code(again), "VolumeInUse");
    }
}

fn attaching_to_an_absent_instance(lab: &Lab) {
    let volume = lab.volume(1);
    let attached =
        lab.ec2.attach_volume(|which| which.volume_id(&volume).instance_id("i-0ffffffffffffffff").device("/dev/sdh")).wait();
    assert_eq!(code(attached), "InvalidInstanceID.NotFound");
}

fn detaching_what_is_not_attached(lab: &Lab) {
    let volume = lab.volume(1);
    let instance = lab.run_one();
    let detached = lab.ec2.detach_volume(|which| which.volume_id(&volume).instance_id(&instance)).wait();
    if lab.as_amazon("moto answers InvalidAttachment.NotFound") {
        assert_eq!(code(detached), "IncorrectState");
    } else {
        assert_eq!(code(detached), "InvalidAttachment.NotFound");
    }
}

fn a_deleted_volume_is_gone(lab: &Lab) {
    let volume = lab.volume(1);
    lab.ec2.delete_volume(|which| which.volume_id(&volume)).wait().unwrap();
    lab.settle();
    assert_eq!(code(lab.ec2.describe_volumes(|which| which.volume_ids(&volume)).wait()), "InvalidVolume.NotFound");
}

fn a_volume_of_a_snapshot_has_its_size(lab: &Lab) {
    let source = lab.volume(9);
    let snapshot = lab.ec2.create_snapshot(|which| which.volume_id(&source)).wait().unwrap().snapshot_id.unwrap();
    lab.settle();
    let made = lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").snapshot_id(&snapshot)).wait().unwrap();
    assert_eq!((made.size(), made.snapshot_id()), (Some(9), Some(snapshot.as_str())));
}

fn a_volume_of_an_absent_snapshot(lab: &Lab) {
    let made =
        lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").snapshot_id("snap-0ffffffffffffffff")).wait();
    assert_eq!(code(made), "InvalidSnapshot.NotFound");
}

fn an_encrypted_volume_has_a_key(lab: &Lab) {
    let made = lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").size(1).encrypted(true)).wait().unwrap();
    assert_eq!(made.encrypted(), Some(true));
    assert!(made.kms_key_id().unwrap().starts_with("arn:aws:kms:us-east-1:"));
}

fn a_volume_grows(lab: &Lab) {
    let volume = lab.volume(5);
    let change = lab.ec2.modify_volume(|which| which.volume_id(&volume).size(50)).wait().unwrap().volume_modification.unwrap();
    assert_eq!((change.original_size(), change.target_size()), (Some(5), Some(50)));
    lab.settle();
    lab.settle();
    let shown = lab.ec2.describe_volumes(|which| which.volume_ids(&volume)).wait().unwrap().volumes.unwrap().remove(0);
    assert_eq!(shown.size(), Some(50));
    let changes =
        lab.ec2.describe_volumes_modifications(|which| which.volume_ids(&volume)).wait().unwrap().volumes_modifications.unwrap();
    assert_eq!(changes[0].modification_state().unwrap().as_str(), "completed");
}

fn a_volume_does_not_shrink(lab: &Lab) {
    let volume = lab.volume(50);
    let change = lab.ec2.modify_volume(|which| which.volume_id(&volume).size(5)).wait();
    if lab.as_amazon("moto lets it shrink") {
        assert_eq!(code(change), "InvalidParameterValue");
    }
}

fn io1_needs_iops(lab: &Lab) {
    let made =
        lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").size(100).volume_type(VolumeType::Io1)).wait();
    if lab.as_amazon("moto answers InvalidParameterDependency") {
        assert_eq!(code(made), "MissingParameter");
    }
    let made =
        lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").size(100).volume_type(VolumeType::Io1).iops(500));
    assert_eq!(made.wait().unwrap().iops(), Some(500));
}

fn gp3_has_its_own_iops(lab: &Lab) {
    let made = lab
        .ec2
        .create_volume(|volume| volume.availability_zone("us-east-1a").size(10).volume_type(VolumeType::Gp3))
        .wait()
        .unwrap();
    if lab.as_amazon("moto leaves the throughput out") {
        assert_eq!((made.iops(), made.throughput()), (Some(3000), Some(125)));
    }
}

fn volume_filters(lab: &Lab) {
    let (small, large) = (lab.volume(3), lab.volume(33));
    let found = |name: &str, value: &str| {
        let answer = lab.ec2.describe_volumes(|which| which.filters(filter(name, [value]))).wait().unwrap();
        let mut ids: Vec<String> = answer.volumes().iter().map(|volume| volume.volume_id().unwrap().to_owned()).collect();
        ids.sort();
        ids
    };
    assert_eq!(found("size", "33"), [large.clone()]);
    assert_eq!(found("volume-id", &small), [small.clone()]);
    assert_eq!(found("encrypted", "true"), Vec::<String>::new());
    assert_eq!(found("status", "available").len(), 2);
    assert_eq!(found("availability-zone", "us-east-1a").len(), 2);
}

fn a_volume_in_another_zone_cannot_be_attached(lab: &Lab) {
    let instance = lab.run_one();
    let other = if zone(lab, &instance) == "us-east-1c" { "us-east-1d" } else { "us-east-1c" };
    let volume = lab.ec2.create_volume(|volume| volume.availability_zone(other).size(1)).wait().unwrap().volume_id.unwrap();
    lab.settle();
    let attached = lab.ec2.attach_volume(|which| which.volume_id(&volume).instance_id(&instance).device("/dev/sdh")).wait();
    if lab.as_amazon("moto does not look at zones") {
        assert_eq!(code(attached), "InvalidVolume.ZoneMismatch");
    }
}

fn encryption_by_default(lab: &Lab) {
    assert_eq!(lab.ec2.get_ebs_encryption_by_default(|which| which).wait().unwrap().ebs_encryption_by_default(), Some(false));
    lab.ec2.enable_ebs_encryption_by_default(|which| which).wait().unwrap();
    assert_eq!(lab.ec2.get_ebs_encryption_by_default(|which| which).wait().unwrap().ebs_encryption_by_default(), Some(true));
    let made = lab.ec2.create_volume(|volume| volume.availability_zone("us-east-1a").size(1)).wait().unwrap();
    if lab.as_amazon("moto keeps the setting, and does not follow it") {
        assert_eq!(made.encrypted(), Some(true));
    }
    lab.ec2.disable_ebs_encryption_by_default(|which| which).wait().unwrap();
    assert_eq!(lab.ec2.get_ebs_encryption_by_default(|which| which).wait().unwrap().ebs_encryption_by_default(), Some(false));
}

fn volume_status_is_ok(lab: &Lab) {
    if !lab.as_amazon("moto has no DescribeVolumeStatus") {
        return;
    }
    let volume = lab.volume(1);
    let status =
        lab.ec2.describe_volume_status(|which| which.volume_ids(&volume)).wait().unwrap().volume_statuses.unwrap().remove(0);
    assert_eq!(status.volume_status().unwrap().status().unwrap().as_str(), "ok");
    lab.ec2.enable_volume_io(|which| which.volume_id(&volume)).wait().unwrap();
}

fn auto_enable_io(lab: &Lab) {
    if !lab.as_amazon("moto has no ModifyVolumeAttribute") {
        return;
    }
    let volume = lab.volume(1);
    let yes = aws_sdk_ec2::types::AttributeBooleanValue::builder().value(true).build();
    lab.ec2.modify_volume_attribute(|which| which.volume_id(&volume).auto_enable_io(yes)).wait().unwrap();
    let attribute =
        lab.ec2.describe_volume_attribute(|which| which.volume_id(&volume).attribute(VolumeAttributeName::AutoEnableIo));
    assert_eq!(attribute.wait().unwrap().auto_enable_io().unwrap().value(), Some(true));
}
