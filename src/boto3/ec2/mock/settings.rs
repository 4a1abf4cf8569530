//! Settings of a whole region or VPC: default encryption of volumes, names.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::operation::{
    disable_ebs_encryption_by_default::*, enable_ebs_encryption_by_default::*, get_ebs_default_kms_key_id::*,
    get_ebs_encryption_by_default::*, modify_ebs_default_kms_key_id::*,
};

use super::OWNER;
use super::refusal::{Answer, required};
use super::region::Region;

/// The settings of a region.
#[derive(Clone, Debug, Default)]
pub(super) struct Settings {
    encrypts: bool,
    kms_key: Option<String>,
    names: BTreeMap<String, Names>,
    /// The volumes whose I/O is enabled automatically after a potential inconsistency.
    io: BTreeSet<String>,
}

/// The naming settings of a VPC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Names {
    pub(super) hostnames: bool,
    pub(super) support: bool,
    pub(super) metrics: bool,
}

impl Default for Names {
    fn default() -> Names {
        Names { hostnames: false, support: true, metrics: false }
    }
}

impl Settings {
    pub(super) fn encrypts(&self) -> bool {
        self.encrypts
    }

    pub(super) fn names_of(&self, vpc_id: &str) -> Names {
        self.names.get(vpc_id).copied().unwrap_or_default()
    }

    pub(super) fn names_of_mut(&mut self, vpc_id: &str) -> &mut Names {
        self.names.entry(vpc_id.to_owned()).or_default()
    }

    pub(super) fn enables_io(&self, volume_id: &str) -> bool {
        self.io.contains(volume_id)
    }

    pub(super) fn enable_io(&mut self, volume_id: &str, enabled: bool) {
        if enabled {
            self.io.insert(volume_id.to_owned());
        } else {
            self.io.remove(volume_id);
        }
    }

    /// Returns the default key for encrypted volumes.
    pub(super) fn kms_key(&self, region: &str) -> String {
        let own = || format!("arn:aws:kms:{region}:{OWNER}:key/01234567-89ab-cdef-0123-456789abcdef");
        self.kms_key.clone().unwrap_or_else(own)
    }
}

impl Region {
    pub(super) fn enable_ebs_encryption_by_default(
        &mut self,
        _: EnableEbsEncryptionByDefaultInput,
    ) -> Answer<EnableEbsEncryptionByDefaultOutput> {
        self.settings.encrypts = true;
        Ok(EnableEbsEncryptionByDefaultOutput::builder().ebs_encryption_by_default(true).build())
    }

    pub(super) fn disable_ebs_encryption_by_default(
        &mut self,
        _: DisableEbsEncryptionByDefaultInput,
    ) -> Answer<DisableEbsEncryptionByDefaultOutput> {
        self.settings.encrypts = false;
        Ok(DisableEbsEncryptionByDefaultOutput::builder().ebs_encryption_by_default(false).build())
    }

    pub(super) fn get_ebs_encryption_by_default(
        &mut self,
        _: GetEbsEncryptionByDefaultInput,
    ) -> Answer<GetEbsEncryptionByDefaultOutput> {
        Ok(GetEbsEncryptionByDefaultOutput::builder().ebs_encryption_by_default(self.settings.encrypts).build())
    }

    pub(super) fn get_ebs_default_kms_key_id(&mut self, _: GetEbsDefaultKmsKeyIdInput) -> Answer<GetEbsDefaultKmsKeyIdOutput> {
        let key = self.settings.kms_key.clone().unwrap_or_else(|| "alias/aws/ebs".to_owned());
        Ok(GetEbsDefaultKmsKeyIdOutput::builder().kms_key_id(key).build())
    }

    pub(super) fn modify_ebs_default_kms_key_id(
        &mut self,
        input: ModifyEbsDefaultKmsKeyIdInput,
    ) -> Answer<ModifyEbsDefaultKmsKeyIdOutput> {
        let key = required(input.kms_key_id, "KmsKeyId")?;
        self.settings.kms_key = Some(key.clone());
        Ok(ModifyEbsDefaultKmsKeyIdOutput::builder().kms_key_id(key).build())
    }
}
