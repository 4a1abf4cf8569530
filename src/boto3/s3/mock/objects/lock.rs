//! Object lock: versions that cannot be deleted.

use aws_sdk_s3::operation::get_object_legal_hold::{GetObjectLegalHoldInput, GetObjectLegalHoldOutput};
use aws_sdk_s3::operation::get_object_lock_configuration::{GetObjectLockConfigurationInput, GetObjectLockConfigurationOutput};
use aws_sdk_s3::operation::get_object_retention::{GetObjectRetentionInput, GetObjectRetentionOutput};
use aws_sdk_s3::operation::put_object_legal_hold::{PutObjectLegalHoldInput, PutObjectLegalHoldOutput};
use aws_sdk_s3::operation::put_object_lock_configuration::{PutObjectLockConfigurationInput, PutObjectLockConfigurationOutput};
use aws_sdk_s3::operation::put_object_retention::{PutObjectRetentionInput, PutObjectRetentionOutput};
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{
    ObjectLockConfiguration, ObjectLockEnabled, ObjectLockLegalHold, ObjectLockLegalHoldStatus, ObjectLockRetention,
    ObjectLockRetentionMode,
};

use super::attributes::retention_of;
use super::versions::Removal;
use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{Attributes, Bucket, Object, Request, Retention, key};

const DAY: i64 = 86_400;

impl Attributes {
    /// Adds the bucket's default retention to a new version without one.
    pub(super) fn retained(self, bucket: &Bucket, now: DateTime) -> Attributes {
        let rule = bucket.configuration.object_lock.as_ref().and_then(|lock| lock.rule.as_ref()?.default_retention.as_ref());
        let default = rule.and_then(|rule| {
            let days = i64::from(rule.days.unwrap_or_default()) + 365 * i64::from(rule.years.unwrap_or_default());
            Some(Retention { mode: rule.mode.clone()?, until: DateTime::from_secs(now.secs() + days * DAY) })
        });
        Attributes { retention: self.retention.or(default), ..self }
    }

    /// Fails while the version is locked.
    pub(super) fn may_be_removed(&self, removal: Removal) -> Answer<()> {
        let retained = self.retention.as_ref().is_some_and(|retention| retention.holds(removal));
        if self.legal_hold || retained {
            return Err(Refusal::access_denied("Access Denied because object protected by object lock."));
        }
        Ok(())
    }
}

impl Retention {
    fn holds(&self, removal: Removal) -> bool {
        let bypassed = removal.bypass_governance && self.mode == ObjectLockRetentionMode::Governance;
        self.until.secs() > removal.now.secs() && !bypassed
    }
}

impl Bucket {
    /// Locks require a bucket with object lock.
    pub(super) fn accept_lock(&self, asked: bool) -> Answer<()> {
        if asked && self.configuration.object_lock.is_none() {
            return Err(Refusal::invalid_request("Bucket is missing Object Lock Configuration"));
        }
        Ok(())
    }

    fn locked_object(&mut self, key: &str, version_id: &Option<String>) -> Answer<&mut Object> {
        self.accept_lock(true)?;
        Ok(self.object_mut(key, version_id)?.1)
    }
}

fn nothing_there() -> Refusal {
    let message = "The specified object does not have a ObjectLock configuration";
    Refusal::new(404, "NoSuchObjectLockConfiguration", message)
}

impl Request<'_> {
    pub(in crate::boto3::s3::mock) fn get_object_lock_configuration(
        &mut self,
        input: GetObjectLockConfigurationInput,
    ) -> Answer<GetObjectLockConfigurationOutput> {
        let set = self.bucket(&input.bucket)?.configuration.object_lock.clone();
        let set = set.ok_or_else(|| {
            let message = "Object Lock configuration does not exist for this bucket";
            Refusal::new(404, "ObjectLockConfigurationNotFoundError", message)
        })?;
        Ok(GetObjectLockConfigurationOutput::builder().object_lock_configuration(set).build())
    }

    pub(in crate::boto3::s3::mock) fn put_object_lock_configuration(
        &mut self,
        input: PutObjectLockConfigurationInput,
    ) -> Answer<PutObjectLockConfigurationOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let wanted: ObjectLockConfiguration =
            input.object_lock_configuration.ok_or_else(|| Refusal::missing("ObjectLockConfiguration"))?;
        if wanted.object_lock_enabled != Some(ObjectLockEnabled::Enabled) {
            return Err(Refusal::malformed_xml());
        }
        if !bucket.is_versioned() {
            let message = "Versioning must be 'Enabled' on the bucket to apply a Object Lock configuration";
            return Err(Refusal::new(409, "InvalidBucketState", message));
        }
        if let Some(rule) = &wanted.rule {
            let default = rule.default_retention.as_ref().ok_or_else(Refusal::malformed_xml)?;
            if default.default_event_hold.is_some() {
                return Err(Refusal::NotModelled);
            }
            let periods = [default.days, default.years].into_iter().flatten().collect::<Vec<_>>();
            let [period] = periods.as_slice() else { return Err(Refusal::malformed_xml()) };
            if default.mode.is_none() {
                return Err(Refusal::malformed_xml());
            }
            if *period <= 0 {
                return Err(Refusal::invalid_argument("Default retention period must be a positive integer value."));
            }
        }
        bucket.configuration.object_lock = Some(wanted);
        Ok(PutObjectLockConfigurationOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_object_retention(
        &mut self,
        input: GetObjectRetentionInput,
    ) -> Answer<GetObjectRetentionOutput> {
        let object = self.bucket(&input.bucket)?.locked_object(key(&input.key)?, &input.version_id)?;
        let retention = object.attributes.retention.as_ref().ok_or_else(nothing_there)?;
        let shown = ObjectLockRetention::builder().mode(retention.mode.clone()).retain_until_date(retention.until);
        Ok(GetObjectRetentionOutput::builder().retention(shown.build()).build())
    }

    pub(in crate::boto3::s3::mock) fn put_object_retention(
        &mut self,
        input: PutObjectRetentionInput,
    ) -> Answer<PutObjectRetentionOutput> {
        let removal = Removal { now: self.now, bypass_governance: input.bypass_governance_retention == Some(true) };
        let object = self.bucket(&input.bucket)?.locked_object(key(&input.key)?, &input.version_id)?;
        let wanted = input.retention.ok_or_else(|| Refusal::missing("Retention"))?;
        if wanted.event_hold.is_some() || wanted.event_hold_duration.is_some() {
            return Err(Refusal::NotModelled);
        }
        let wanted = retention_of(wanted.mode.as_ref().map(ObjectLockRetentionMode::as_str), wanted.retain_until_date)?;
        if wanted.as_ref().is_some_and(|wanted| wanted.until.secs() <= removal.now.secs()) {
            return Err(Refusal::invalid_argument("The retain until date must be in the future!"));
        }
        // Extending is always allowed; shortening, weakening or removing only with bypass
        // permission.
        let own = object.attributes.retention.as_ref().filter(|own| own.holds(removal));
        let loosens = own.is_some_and(|own| {
            wanted.as_ref().is_none_or(|wanted| {
                wanted.until.secs() < own.until.secs()
                    || (own.mode == ObjectLockRetentionMode::Compliance && wanted.mode != own.mode)
            })
        });
        if loosens {
            return Err(Refusal::access_denied("Access Denied because object protected by object lock."));
        }
        object.attributes.retention = wanted;
        Ok(PutObjectRetentionOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_object_legal_hold(
        &mut self,
        input: GetObjectLegalHoldInput,
    ) -> Answer<GetObjectLegalHoldOutput> {
        let object = self.bucket(&input.bucket)?.locked_object(key(&input.key)?, &input.version_id)?;
        let status = if object.attributes.legal_hold { ObjectLockLegalHoldStatus::On } else { ObjectLockLegalHoldStatus::Off };
        Ok(GetObjectLegalHoldOutput::builder().legal_hold(ObjectLockLegalHold::builder().status(status).build()).build())
    }

    pub(in crate::boto3::s3::mock) fn put_object_legal_hold(
        &mut self,
        input: PutObjectLegalHoldInput,
    ) -> Answer<PutObjectLegalHoldOutput> {
        let object = self.bucket(&input.bucket)?.locked_object(key(&input.key)?, &input.version_id)?;
        object.attributes.legal_hold = match input.legal_hold.and_then(|hold| hold.status) {
            Some(ObjectLockLegalHoldStatus::On) => true,
            Some(ObjectLockLegalHoldStatus::Off) => false,
            _ => return Err(Refusal::malformed_xml()),
        };
        Ok(PutObjectLegalHoldOutput::builder().build())
    }
}
