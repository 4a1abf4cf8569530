//! Snapshots.

use aws_sdk_ec2::types::{
    CreateVolumePermission, CreateVolumePermissionModifications, InstanceSpecification, SnapshotAttributeName,
};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto};

on_mock_and_moto!([
    a_snapshot_is_completed_in_the_end,
    a_snapshot_of_an_absent_volume,
    a_snapshot_that_is_not_there,
    a_deleted_snapshot_is_gone,
    own_snapshots_only,
    a_copy_has_its_own_id,
    snapshots_of_an_instance,
    a_snapshot_can_be_shared,
    sharing_can_be_reset,
    snapshot_filters,
]);

fn snapshot(lab: &Lab) -> String {
    let volume = lab.volume(4);
    let made = lab.ec2.create_snapshot(|which| which.volume_id(&volume).description("nightly")).wait().unwrap();
    lab.settle();
    made.snapshot_id.unwrap()
}

fn a_snapshot_is_completed_in_the_end(lab: &Lab) {
    let volume = lab.volume(4);
    let made = lab.ec2.create_snapshot(|which| which.volume_id(&volume).description("nightly")).wait().unwrap();
    if lab.as_amazon("moto makes it at once") {
        assert_eq!(made.state().unwrap().as_str(), "pending");
    }
    assert_eq!(made.owner_id(), Some("123456789012"));
    lab.settle();
    let shown = lab
        .ec2
        .describe_snapshots(|which| which.snapshot_ids(made.snapshot_id().unwrap()))
        .wait()
        .unwrap()
        .snapshots
        .unwrap()
        .remove(0);
    assert_eq!(shown.state().unwrap().as_str(), "completed");
    assert_eq!((shown.progress(), shown.volume_size()), (Some("100%"), Some(4)));
    assert_eq!((shown.volume_id(), shown.description()), (Some(volume.as_str()), Some("nightly")));
}

fn a_snapshot_of_an_absent_volume(lab: &Lab) {
    assert_eq!(code(lab.ec2.create_snapshot(|which| which.volume_id("vol-0ffffffffffffffff")).wait()), "InvalidVolume.NotFound");
}

fn a_snapshot_that_is_not_there(lab: &Lab) {
    assert_eq!(
        code(lab.ec2.describe_snapshots(|which| which.snapshot_ids("snap-0ffffffffffffffff")).wait()),
        "InvalidSnapshot.NotFound"
    );
    assert_eq!(
        code(lab.ec2.delete_snapshot(|which| which.snapshot_id("snap-0ffffffffffffffff")).wait()),
        "InvalidSnapshot.NotFound"
    );
}

fn a_deleted_snapshot_is_gone(lab: &Lab) {
    let id = snapshot(lab);
    lab.ec2.delete_snapshot(|which| which.snapshot_id(&id)).wait().unwrap();
    assert_eq!(code(lab.ec2.describe_snapshots(|which| which.snapshot_ids(&id)).wait()), "InvalidSnapshot.NotFound");
}

fn own_snapshots_only(lab: &Lab) {
    let id = snapshot(lab);
    let own = lab.ec2.describe_snapshots(|which| which.owner_ids("self")).wait().unwrap().snapshots.unwrap();
    let ids: Vec<_> =
        own.iter().filter(|one| one.description() == Some("nightly")).map(|one| one.snapshot_id().unwrap()).collect();
    assert_eq!(ids, [id.as_str()]);
}

fn a_copy_has_its_own_id(lab: &Lab) {
    let id = snapshot(lab);
    let copy = lab
        .ec2
        .copy_snapshot(|which| which.source_region("us-east-1").source_snapshot_id(&id).description("copy"))
        .wait()
        .unwrap();
    lab.settle();
    assert_ne!(copy.snapshot_id(), Some(id.as_str()));
    let shown = lab
        .ec2
        .describe_snapshots(|which| which.snapshot_ids(copy.snapshot_id().unwrap()))
        .wait()
        .unwrap()
        .snapshots
        .unwrap()
        .remove(0);
    assert_eq!(shown.description(), Some("copy"));
    if lab.as_amazon("moto gives a copy no size") {
        assert_eq!(shown.volume_size(), Some(4));
    }
}

fn snapshots_of_an_instance(lab: &Lab) {
    let instance = lab.run_one();
    let which = InstanceSpecification::builder().instance_id(&instance).build();
    let made =
        lab.ec2.create_snapshots(|all| all.instance_specification(which).description("all")).wait().unwrap().snapshots.unwrap();
    let root = lab.instance(&instance).block_device_mappings()[0].ebs().unwrap().volume_id().unwrap().to_owned();
    assert_eq!(made.iter().map(|one| one.volume_id().unwrap()).collect::<Vec<_>>(), [root.as_str()]);
}

fn users(lab: &Lab, id: &str) -> Vec<String> {
    let attribute = lab
        .ec2
        .describe_snapshot_attribute(|which| which.snapshot_id(id).attribute(SnapshotAttributeName::CreateVolumePermission));
    attribute.wait().unwrap().create_volume_permissions.unwrap().into_iter().filter_map(|one| one.user_id).collect()
}

fn share(lab: &Lab, id: &str) {
    let other = CreateVolumePermission::builder().user_id("210987654321").build();
    let change = CreateVolumePermissionModifications::builder().add(other).build();
    lab.ec2
        .modify_snapshot_attribute(|which| {
            which.snapshot_id(id).attribute(SnapshotAttributeName::CreateVolumePermission).create_volume_permission(change)
        })
        .wait()
        .unwrap();
}

fn a_snapshot_can_be_shared(lab: &Lab) {
    let id = snapshot(lab);
    if lab.as_amazon("moto reads CreateVolumePermission only in the old form") {
        share(lab, &id);
        assert_eq!(users(lab, &id), ["210987654321"]);
    }
}

fn sharing_can_be_reset(lab: &Lab) {
    let id = snapshot(lab);
    if lab.as_amazon("moto has no ResetSnapshotAttribute") {
        share(lab, &id);
        lab.ec2
            .reset_snapshot_attribute(|which| which.snapshot_id(&id).attribute(SnapshotAttributeName::CreateVolumePermission))
            .wait()
            .unwrap();
        assert!(users(lab, &id).is_empty());
    }
}

fn snapshot_filters(lab: &Lab) {
    let id = snapshot(lab);
    for (name, value) in [("description", "nightly"), ("volume-size", "4"), ("snapshot-id", &id)] {
        let found = lab
            .ec2
            .describe_snapshots(|which| which.owner_ids("self").filters(filter(name, [value])))
            .wait()
            .unwrap()
            .snapshots
            .unwrap();
        assert_eq!(found.len(), 1, "{name}");
    }
    let none = lab.ec2.describe_snapshots(|which| which.owner_ids("self").filters(filter("status", ["error"]))).wait().unwrap();
    assert!(none.snapshots().is_empty());
}
