//! Permissions to create volumes from a snapshot.

use aws_sdk_ec2::operation::{describe_snapshot_attribute::*, modify_snapshot_attribute::*, reset_snapshot_attribute::*};
use aws_sdk_ec2::types::*;

use super::image_attributes::check_user;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;

impl Region {
    pub(super) fn describe_snapshot_attribute(
        &mut self,
        input: DescribeSnapshotAttributeInput,
    ) -> Answer<DescribeSnapshotAttributeOutput> {
        let id = required(input.snapshot_id(), "SnapshotId")?;
        self.own_snapshot(id)?;
        let output = DescribeSnapshotAttributeOutput::builder().snapshot_id(id);
        let output = match required(input.attribute(), "Attribute")? {
            SnapshotAttributeName::ProductCodes => output.set_product_codes(Some(Vec::new())),
            SnapshotAttributeName::CreateVolumePermission => {
                let sharing = self.shared.get(id).cloned().unwrap_or_default();
                let everyone = sharing.everyone.then(|| CreateVolumePermission::builder().group(PermissionGroup::All).build());
                let users = sharing.users.iter().map(|user| CreateVolumePermission::builder().user_id(user).build());
                output.set_create_volume_permissions(Some(everyone.into_iter().chain(users).collect()))
            }
            other => {
                return Err(Refusal::value(format!(
                    "Value ({}) for parameter attribute is invalid. Unknown attribute.",
                    other.as_str()
                )));
            }
        };
        Ok(output.build())
    }

    pub(super) fn modify_snapshot_attribute(
        &mut self,
        input: ModifySnapshotAttributeInput,
    ) -> Answer<ModifySnapshotAttributeOutput> {
        let id = required(input.snapshot_id(), "SnapshotId")?;
        let snapshot = self.own_snapshot(id)?;
        let mut changes = input.create_volume_permission().cloned();
        if let Some(operation) = input.operation_type() {
            let users = input.user_ids().iter().map(|user| CreateVolumePermission::builder().user_id(user).build());
            let groups =
                input.group_names().iter().map(|group| CreateVolumePermission::builder().group(group.as_str().into()).build());
            let named = Some(users.chain(groups).collect());
            let modifications = CreateVolumePermissionModifications::builder();
            changes = Some(match operation {
                OperationType::Add => modifications.set_add(named).build(),
                _ => modifications.set_remove(named).build(),
            });
        }
        let changes = required(changes, "CreateVolumePermission")?;
        for user in changes.add().iter().chain(changes.remove()).filter_map(CreateVolumePermission::user_id) {
            check_user(user, "InvalidParameterValue")?;
        }
        if snapshot.encrypted() == Some(true) && changes.add().iter().any(|permission| permission.group().is_some()) {
            let message = "Encrypted snapshots with EBS default key cannot be shared";
            return Err(Refusal::new("OperationNotPermitted", message));
        }
        let sharing = self.shared.entry(id.to_owned()).or_default();
        for (permissions, given) in [(changes.add(), true), (changes.remove(), false)] {
            for permission in permissions {
                sharing.change(permission.user_id(), permission.group().is_some(), given);
            }
        }
        Ok(ModifySnapshotAttributeOutput::builder().build())
    }

    pub(super) fn reset_snapshot_attribute(
        &mut self,
        input: ResetSnapshotAttributeInput,
    ) -> Answer<ResetSnapshotAttributeOutput> {
        let id = required(input.snapshot_id(), "SnapshotId")?;
        self.own_snapshot(id)?;
        required(input.attribute(), "Attribute")?;
        self.shared.remove(id);
        Ok(ResetSnapshotAttributeOutput::builder().build())
    }
}
