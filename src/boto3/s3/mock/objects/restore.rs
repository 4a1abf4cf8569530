//! Archived objects: they must be restored, which takes hours on the world's clock.

use aws_sdk_s3::operation::restore_object::{RestoreObjectInput, RestoreObjectOutput};
use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use aws_sdk_s3::types::{StorageClass, Tier};

use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{Attributes, Request, key};

const HOUR: i64 = 3_600;
const DAY: i64 = 24 * HOUR;

/// A restored copy.
#[derive(Clone, Copy, Debug)]
pub(in crate::boto3::s3::mock) struct Restored {
    /// When it is available.
    pub(super) ready: DateTime,
    /// When it expires.
    pub(in crate::boto3::s3::mock) expires: DateTime,
}

impl Attributes {
    fn is_archived(&self) -> bool {
        matches!(self.storage_class, Some(StorageClass::Glacier | StorageClass::DeepArchive))
    }

    /// Fails for an archived object.
    pub(super) fn is_at_hand(&self, now: DateTime) -> Answer<()> {
        let there = |restored: &Restored| restored.ready.secs() <= now.secs() && now.secs() < restored.expires.secs();
        if self.is_archived() && !self.restored.as_ref().is_some_and(there) {
            return Err(Refusal::new(403, "InvalidObjectState", "The operation is not valid for the object's storage class"));
        }
        Ok(())
    }

    /// Returns the header with the state of the restore.
    pub(in crate::boto3::s3::mock) fn restored(&self, now: DateTime) -> Option<String> {
        let restored = self.restored.filter(|restored| now.secs() < restored.expires.secs())?;
        if restored.ready.secs() > now.secs() {
            return Some("ongoing-request=\"true\"".to_owned());
        }
        let expiry = restored.expires.fmt(DateTimeFormat::HttpDate).ok()?;
        Some(format!("ongoing-request=\"false\", expiry-date=\"{expiry}\""))
    }

    /// Returns how long a restore takes; the slowest time that AWS documents.
    fn retrieval(&self, tier: &Tier) -> Answer<i64> {
        let deep = self.storage_class == Some(StorageClass::DeepArchive);
        match tier {
            Tier::Expedited if deep => Err(Refusal::new(
                503,
                "GlacierExpeditedRetrievalNotAvailable",
                "Glacier expedited retrievals are currently not available, please try again later",
            )),
            Tier::Expedited => Ok(300),
            Tier::Bulk => Ok(if deep { 48 * HOUR } else { 12 * HOUR }),
            Tier::Standard => Ok(if deep { 12 * HOUR } else { 5 * HOUR }),
            _ => Err(Refusal::malformed_xml()),
        }
    }
}

impl Request<'_> {
    pub(in crate::boto3::s3::mock) fn restore_object(&mut self, input: RestoreObjectInput) -> Answer<RestoreObjectOutput> {
        let now = self.now;
        let (_, object) = self.bucket(&input.bucket)?.object_mut(key(&input.key)?, &input.version_id)?;
        let wanted = input.restore_request.ok_or_else(|| Refusal::missing("RestoreRequest"))?;
        if wanted.select_parameters.is_some() || wanted.output_location.is_some() {
            return Err(Refusal::NotModelled);
        }
        let attributes = &mut object.attributes;
        if !attributes.is_archived() {
            return Err(Refusal::new(403, "InvalidObjectState", "Restore is not allowed for the object's current storage class"));
        }
        let days = wanted.days.filter(|days| *days > 0).ok_or_else(Refusal::malformed_xml)?;
        let tier = wanted.glacier_job_parameters.map(|parameters| parameters.tier).or(wanted.tier).unwrap_or(Tier::Standard);
        let ready = match attributes.restored.filter(|restored| now.secs() < restored.expires.secs()) {
            Some(restored) if restored.ready.secs() > now.secs() => {
                return Err(Refusal::new(409, "RestoreAlreadyInProgress", "Object restore is already in progress"));
            }
            // Already restored: only the expiry is extended.
            Some(restored) => restored.ready,
            None => DateTime::from_secs(now.secs() + attributes.retrieval(&tier)?),
        };
        // It is kept until the following midnight.
        let end = now.secs().max(ready.secs()) + i64::from(days) * DAY;
        attributes.restored = Some(Restored { ready, expires: DateTime::from_secs((end / DAY + 1) * DAY) });
        Ok(RestoreObjectOutput::builder().build())
    }
}
