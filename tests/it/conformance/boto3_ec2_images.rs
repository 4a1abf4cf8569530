//! Images.

use aws_sdk_ec2::types::{
    BlockDeviceMapping, EbsBlockDevice, ImageAttributeName, LaunchPermission, LaunchPermissionModifications,
};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto};

on_mock_and_moto!([
    an_image_of_an_instance,
    an_image_has_snapshots,
    an_image_that_is_not_there,
    an_image_of_an_absent_instance,
    a_deregistered_image_is_gone,
    own_images,
    amazons_images,
    two_images_of_one_name,
    a_copied_image,
    a_registered_image,
    an_image_can_be_shared,
    a_snapshot_in_use_by_an_image,
    an_own_image_can_be_started,
    an_image_that_is_refused_leaves_no_snapshot,
    an_image_can_have_larger_and_more_disks,
    an_image_can_leave_a_disk_out,
]);

fn image(lab: &Lab, name: &str) -> String {
    let instance = lab.run_one();
    let made = lab.ec2.create_image(|image| image.instance_id(&instance).name(name).description("golden")).wait().unwrap();
    lab.settle();
    made.image_id.unwrap()
}

fn shown(lab: &Lab, id: &str) -> aws_sdk_ec2::types::Image {
    lab.ec2.describe_images(|which| which.image_ids(id)).wait().unwrap().images.unwrap().remove(0)
}

fn an_image_of_an_instance(lab: &Lab) {
    let id = image(lab, "web-1");
    let shown = shown(lab, &id);
    assert_eq!((shown.name(), shown.description()), (Some("web-1"), Some("golden")));
    assert_eq!(shown.state().unwrap().as_str(), "available");
    assert_eq!(shown.owner_id(), Some("123456789012"));
    assert_eq!(shown.public(), Some(false));
    if lab.as_amazon("moto calls the root device `standard`") {
        assert_eq!(shown.root_device_type().unwrap().as_str(), "ebs");
    }
}

fn an_image_has_snapshots(lab: &Lab) {
    let id = image(lab, "web-1");
    let shown = shown(lab, &id);
    let snapshot = shown.block_device_mappings()[0].ebs().unwrap().snapshot_id().unwrap();
    let snapshot = lab.ec2.describe_snapshots(|which| which.snapshot_ids(snapshot)).wait().unwrap().snapshots.unwrap().remove(0);
    assert!(snapshot.description().unwrap().starts_with("Created by CreateImage(i-"));
}

fn an_image_that_is_not_there(lab: &Lab) {
    let error = lab.ec2.describe_images(|which| which.image_ids("ami-0ffffffffffffffff")).wait().unwrap_err();
    assert_eq!(error.code(), Some("InvalidAMIID.NotFound"));
    assert_eq!(error.client().unwrap().message, "The image id '[ami-0ffffffffffffffff]' does not exist");
    assert_eq!(code(lab.ec2.deregister_image(|which| which.image_id("ami-0ffffffffffffffff")).wait()), "InvalidAMIID.NotFound");
}

fn an_image_of_an_absent_instance(lab: &Lab) {
    let made = lab.ec2.create_image(|image| image.instance_id("i-0ffffffffffffffff").name("web-1")).wait();
    assert_eq!(code(made), "InvalidInstanceID.NotFound");
}

fn a_deregistered_image_is_gone(lab: &Lab) {
    let id = image(lab, "web-1");
    lab.ec2.deregister_image(|which| which.image_id(&id)).wait().unwrap();
    let answer = lab.ec2.describe_images(|which| which.image_ids(&id)).wait();
    if lab.as_amazon("moto shows it as deregistered") {
        assert_eq!(code(answer), "InvalidAMIID.NotFound");
    }
}

fn own_images(lab: &Lab) {
    let id = image(lab, "web-1");
    let own = lab.ec2.describe_images(|which| which.owners("self")).wait().unwrap().images.unwrap();
    assert_eq!(own.iter().map(|image| image.image_id().unwrap()).collect::<Vec<_>>(), [id.as_str()]);
}

fn amazons_images(lab: &Lab) {
    let all = lab
        .ec2
        .describe_images(|which| which.owners("amazon").filters(filter("name", ["amzn*"])))
        .wait()
        .unwrap()
        .images
        .unwrap();
    assert!(!all.is_empty());
    assert!(all.iter().all(|image| image.public() == Some(true) && image.name().unwrap().starts_with("amzn")));
}

fn two_images_of_one_name(lab: &Lab) {
    image(lab, "web-1");
    let instance = lab.run_one();
    let again = lab.ec2.create_image(|image| image.instance_id(&instance).name("web-1")).wait();
    if lab.as_amazon("moto takes a name twice") {
        assert_eq!(code(again), "InvalidAMIName.Duplicate");
        let odd = lab.ec2.create_image(|image| image.instance_id(&instance).name("a?")).wait();
        assert_eq!(code(odd), "InvalidAMIName.Malformed");
    }
}

fn a_copied_image(lab: &Lab) {
    let id = image(lab, "web-1");
    let copy = lab
        .ec2
        .copy_image(|which| which.name("web-2").source_region("us-east-1").source_image_id(&id))
        .wait()
        .unwrap()
        .image_id
        .unwrap();
    lab.settle();
    assert_ne!(copy, id);
    assert_eq!(shown(lab, &copy).name(), Some("web-2"));
    let absent = lab
        .ec2
        .copy_image(|which| which.name("web-3").source_region("us-east-1").source_image_id("ami-0ffffffffffffffff"))
        .wait();
    assert_eq!(code(absent), "InvalidAMIID.NotFound");
}

fn a_registered_image(lab: &Lab) {
    let volume = lab.volume(4);
    let snapshot = lab.ec2.create_snapshot(|which| which.volume_id(&volume)).wait().unwrap().snapshot_id.unwrap();
    lab.settle();
    let disk = BlockDeviceMapping::builder()
        .device_name("/dev/sda1")
        .ebs(EbsBlockDevice::builder().snapshot_id(&snapshot).build())
        .build();
    let made = lab.ec2.register_image(|image| {
        image.name("own").architecture("x86_64".into()).root_device_name("/dev/sda1").block_device_mappings(disk)
    });
    let id = made.wait().unwrap().image_id.unwrap();
    assert_eq!(shown(lab, &id).name(), Some("own"));
}

fn an_image_can_be_shared(lab: &Lab) {
    let id = image(lab, "web-1");
    let other = LaunchPermission::builder().user_id("210987654321").build();
    let change = LaunchPermissionModifications::builder().add(other.clone()).build();
    lab.ec2.modify_image_attribute(|which| which.image_id(&id).launch_permission(change)).wait().unwrap();
    let permissions = || {
        lab.ec2
            .describe_image_attribute(|which| which.image_id(&id).attribute(ImageAttributeName::LaunchPermission))
            .wait()
            .unwrap()
            .launch_permissions
            .unwrap()
    };
    assert_eq!(permissions(), [other.clone()]);
    let change = LaunchPermissionModifications::builder().remove(other).build();
    lab.ec2.modify_image_attribute(|which| which.image_id(&id).launch_permission(change)).wait().unwrap();
    assert!(permissions().is_empty());
}

fn a_snapshot_in_use_by_an_image(lab: &Lab) {
    let id = image(lab, "web-1");
    let snapshot = shown(lab, &id).block_device_mappings()[0].ebs().unwrap().snapshot_id().unwrap().to_owned();
    let deleted = lab.ec2.delete_snapshot(|which| which.snapshot_id(&snapshot)).wait();
    assert_eq!(code(deleted), "InvalidSnapshot.InUse");
}

fn an_own_image_can_be_started(lab: &Lab) {
    let id = image(lab, "web-1");
    let run =
        lab.ec2.run_instances(|run| run.image_id(&id).instance_type("t2.micro".into()).min_count(1).max_count(1)).wait().unwrap();
    lab.settle();
    assert_eq!(lab.state(run.instances()[0].instance_id().unwrap()), "running");
}

/// An instance of two disks.
fn two_disks(lab: &Lab) -> String {
    let image = lab.image();
    let disk =
        BlockDeviceMapping::builder().device_name("/dev/sdf").ebs(EbsBlockDevice::builder().volume_size(20).build()).build();
    let run = lab.ec2.run_instances(|run| run.image_id(&image).min_count(1).max_count(1).block_device_mappings(disk));
    let id = run.wait().unwrap().instances.unwrap().remove(0).instance_id.unwrap();
    lab.settle();
    id
}

fn mapping(device: &str, ebs: aws_sdk_ec2::types::builders::EbsBlockDeviceBuilder) -> BlockDeviceMapping {
    BlockDeviceMapping::builder().device_name(device).ebs(ebs.build()).build()
}

fn an_image_that_is_refused_leaves_no_snapshot(lab: &Lab) {
    if !lab.as_amazon("moto looks at no block device mappings when it makes an image") {
        return;
    }
    let instance = two_disks(lab);
    let own = || lab.ec2.describe_snapshots(|which| which.owner_ids("self")).wait().unwrap().snapshots.unwrap();
    let smaller = mapping("/dev/sdf", EbsBlockDevice::builder().volume_size(4));
    let absent = mapping("/dev/sdg", EbsBlockDevice::builder().snapshot_id("snap-0ffffffffffffffff"));
    let slow = mapping("/dev/sdf", EbsBlockDevice::builder().volume_type("io1".into()));
    for (bad, why) in [(smaller, "InvalidBlockDeviceMapping"), (absent, "InvalidSnapshot.NotFound"), (slow, "MissingParameter")] {
        let image = lab.ec2.create_image(|image| image.instance_id(&instance).name("web-1").block_device_mappings(bad));
        assert_eq!(code(image.wait()), why);
        assert_eq!(own(), []);
    }
    assert_eq!(lab.ec2.describe_images(|which| which.owners("self")).wait().unwrap().images(), []);
}

fn an_image_can_have_larger_and_more_disks(lab: &Lab) {
    if !lab.as_amazon("moto looks at no block device mappings when it makes an image") {
        return;
    }
    let instance = two_disks(lab);
    let made = lab.ec2.create_image(|image| {
        image
            .instance_id(&instance)
            .name("web-1")
            .block_device_mappings(mapping("/dev/sdf", EbsBlockDevice::builder().volume_size(30)))
            .block_device_mappings(mapping("/dev/sdg", EbsBlockDevice::builder().volume_size(5)))
    });
    let id = made.wait().unwrap().image_id.unwrap();
    lab.settle();
    let disks = shown(lab, &id).block_device_mappings.unwrap();
    let size = |device: &str| disks.iter().find(|disk| disk.device_name() == Some(device)).unwrap().ebs().unwrap().volume_size();
    assert_eq!((size("/dev/sdf"), size("/dev/sdg"), disks.len()), (Some(30), Some(5), 3));
    lab.ec2.run_instances(|run| run.image_id(&id).min_count(1).max_count(1)).wait().unwrap();
}

fn an_image_can_leave_a_disk_out(lab: &Lab) {
    let instance = two_disks(lab);
    let without = BlockDeviceMapping::builder().device_name("/dev/sdf").no_device("").build();
    let made = lab.ec2.create_image(|image| image.instance_id(&instance).name("web-1").block_device_mappings(without));
    let id = made.wait().unwrap().image_id.unwrap();
    lab.settle();
    let disks = shown(lab, &id).block_device_mappings.unwrap();
    if lab.as_amazon("moto looks at no block device mappings when it makes an image") {
        assert_eq!(disks.len(), 1);
        let own = lab.ec2.describe_snapshots(|which| which.owner_ids("self")).wait().unwrap();
        assert_eq!(own.snapshots().len(), 1);
    }
}
