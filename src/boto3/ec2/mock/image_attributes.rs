//! Launch permissions and descriptions of images.

use aws_sdk_ec2::operation::{describe_image_attribute::*, modify_image_attribute::*, reset_image_attribute::*};
use aws_sdk_ec2::types::*;

use super::refusal::{Answer, Refusal, required};
use super::region::Region;

fn text(value: Option<&str>) -> AttributeValue {
    AttributeValue::builder().set_value(value.map(str::to_owned)).build()
}

/// Checks an account number.
pub(super) fn check_user(user: &str, code: &'static str) -> Answer<()> {
    if user.len() == 12 && user.bytes().all(|digit| digit.is_ascii_digit()) {
        return Ok(());
    }
    Err(Refusal::new(code, format!("Invalid attribute item value \"{user}\" for userId item type.")))
}

impl Region {
    pub(super) fn describe_image_attribute(
        &mut self,
        input: DescribeImageAttributeInput,
    ) -> Answer<DescribeImageAttributeOutput> {
        let id = required(input.image_id(), "ImageId")?;
        let image = self.own_image(id)?;
        let output = DescribeImageAttributeOutput::builder().image_id(id);
        let output = match required(input.attribute(), "Attribute")? {
            ImageAttributeName::Description => output.description(text(image.description())),
            ImageAttributeName::Kernel => output.kernel_id(text(image.kernel_id())),
            ImageAttributeName::Ramdisk => output.ramdisk_id(text(image.ramdisk_id())),
            ImageAttributeName::ProductCodes => output.set_product_codes(image.product_codes.clone()),
            ImageAttributeName::BlockDeviceMapping => output.set_block_device_mappings(image.block_device_mappings.clone()),
            ImageAttributeName::SriovNetSupport => output.sriov_net_support(text(image.sriov_net_support())),
            ImageAttributeName::BootMode => output.boot_mode(text(image.boot_mode().map(BootModeValues::as_str))),
            ImageAttributeName::LaunchPermission => {
                let sharing = self.shared.get(id).cloned().unwrap_or_default();
                let everyone = sharing.everyone.then(|| LaunchPermission::builder().group(PermissionGroup::All).build());
                let users = sharing.users.iter().map(|user| LaunchPermission::builder().user_id(user).build());
                output.set_launch_permissions(Some(everyone.into_iter().chain(users).collect()))
            }
            ImageAttributeName::ImdsSupport
            | ImageAttributeName::TpmSupport
            | ImageAttributeName::UefiData
            | ImageAttributeName::LastLaunchedTime
            | ImageAttributeName::DeregistrationProtection => {
                return Err(Refusal::NotModelled);
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

    pub(super) fn modify_image_attribute(&mut self, input: ModifyImageAttributeInput) -> Answer<ModifyImageAttributeOutput> {
        let id = required(input.image_id(), "ImageId")?;
        self.own_image(id)?;
        let mut changes = input.launch_permission().cloned();
        if input.attribute() == Some("launchPermission") {
            let users = input.user_ids().iter().map(|user| LaunchPermission::builder().user_id(user).build());
            let groups = input.user_groups().iter().map(|group| LaunchPermission::builder().group(group.as_str().into()).build());
            let named = Some(users.chain(groups).collect());
            let modifications = LaunchPermissionModifications::builder();
            changes = Some(match required(input.operation_type(), "OperationType")? {
                OperationType::Add => modifications.set_add(named).build(),
                _ => modifications.set_remove(named).build(),
            });
        }
        if let Some(changes) = changes {
            let code = "InvalidAMIAttributeItemValue";
            for user in changes.add().iter().chain(changes.remove()).filter_map(LaunchPermission::user_id) {
                check_user(user, code)?;
            }
            for group in changes.add().iter().chain(changes.remove()).filter_map(LaunchPermission::group) {
                if *group != PermissionGroup::All {
                    let message = format!("Invalid attribute item value \"{}\" for userGroup item type.", group.as_str());
                    return Err(Refusal::new(code, message));
                }
            }
            let sharing = self.shared.entry(id.to_owned()).or_default();
            for (permissions, given) in [(changes.add(), true), (changes.remove(), false)] {
                for permission in permissions {
                    sharing.change(permission.user_id(), permission.group().is_some(), given);
                }
            }
            return Ok(ModifyImageAttributeOutput::builder().build());
        }
        let described = input.description().and_then(|value| value.value.clone());
        let described = described.or_else(|| input.value.clone().filter(|_| input.attribute() == Some("description")));
        match described {
            Some(description) => self.images.get_mut(id)?.description = Some(description),
            None if input.imds_support().is_some() || !input.product_codes().is_empty() => return Err(Refusal::NotModelled),
            None => return Err(Refusal::combination("No attributes specified.")),
        }
        Ok(ModifyImageAttributeOutput::builder().build())
    }

    pub(super) fn reset_image_attribute(&mut self, input: ResetImageAttributeInput) -> Answer<ResetImageAttributeOutput> {
        let id = required(input.image_id(), "ImageId")?;
        self.own_image(id)?;
        required(input.attribute(), "Attribute")?;
        self.shared.remove(id);
        Ok(ResetImageAttributeOutput::builder().build())
    }
}
