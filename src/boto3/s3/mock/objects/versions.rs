//! Versions of a key: selecting, adding and removing them.

use aws_sdk_s3::operation::delete_object::{DeleteObjectInput, DeleteObjectOutput};
use aws_sdk_s3::operation::delete_objects::{DeleteObjectsInput, DeleteObjectsOutput};
use aws_sdk_s3::operation::get_bucket_versioning::{GetBucketVersioningInput, GetBucketVersioningOutput};
use aws_sdk_s3::operation::put_bucket_versioning::{PutBucketVersioningInput, PutBucketVersioningOutput};
use aws_sdk_s3::primitives::DateTime;
use aws_sdk_s3::types::{BucketVersioningStatus, DeletedObject, Error, MfaDelete, MfaDeleteStatus, ObjectIdentifier};

use super::etags_match;
use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{Bucket, NULL, Object, Request, Version, key};

/// The permission to remove locked versions.
#[derive(Clone, Copy, Debug)]
pub(in crate::boto3::s3::mock) struct Removal {
    pub(in crate::boto3::s3::mock) now: DateTime,
    pub(super) bypass_governance: bool,
}

/// The result of a removal.
#[derive(Debug, Default)]
pub(in crate::boto3::s3::mock) struct Removed {
    /// Whether a marker was created or removed.
    pub(in crate::boto3::s3::mock) marker: bool,
    pub(in crate::boto3::s3::mock) version_id: Option<String>,
}

impl Bucket {
    /// Returns the selected version: the current one, or the one with this id.
    pub(in crate::boto3::s3::mock) fn version(&self, key: &str, id: &Option<String>) -> Answer<&Version> {
        let versions = self.objects.get(key).map(Vec::as_slice).unwrap_or_default();
        match id {
            None => versions.last().ok_or_else(Refusal::no_such_key),
            Some(id) => {
                let is_id = id == NULL || id.len() == 32;
                let known = versions.iter().find(|version| version.id == *id);
                known.ok_or_else(|| match is_id {
                    true => Refusal::new(404, "NoSuchVersion", "The specified version does not exist."),
                    false => Refusal::invalid_argument("Invalid version id specified"),
                })
            }
        }
    }

    /// Returns the selected object; fails for a delete marker.
    pub(in crate::boto3::s3::mock) fn object(&self, key: &str, id: &Option<String>) -> Answer<(&Version, &Object)> {
        let version = self.version(key, id)?;
        match (&version.object, id) {
            (Some(object), _) => Ok((version, object)),
            (None, None) => Err(Refusal::no_such_key()),
            (None, Some(_)) => Err(Refusal::method_not_allowed()),
        }
    }

    /// Returns the selected object for a change, with the version id for the response.
    pub(in crate::boto3::s3::mock) fn object_mut(
        &mut self,
        key: &str,
        id: &Option<String>,
    ) -> Answer<(Option<String>, &mut Object)> {
        let named = self.object(key, id)?.0.id.clone();
        let shown = self.shown(&named);
        let version = self.objects.get_mut(key).and_then(|versions| versions.iter_mut().find(|version| version.id == named));
        let object = version.and_then(|version| version.object.as_mut()).ok_or_else(Refusal::no_such_key)?;
        Ok((shown, object))
    }

    /// Returns a version's id for responses; `None` if versioning was never enabled.
    pub(in crate::boto3::s3::mock) fn shown(&self, id: &str) -> Option<String> {
        self.versioning.is_some().then(|| id.to_owned())
    }

    /// Stores the current version, and returns its id if the bucket keeps versions.
    pub(super) fn store(&mut self, key: &str, object: Option<Object>, modified: DateTime, fresh: String) -> Option<String> {
        let keeps = self.is_versioned();
        let versions = self.objects.entry(key.to_owned()).or_default();
        let id = if keeps { fresh } else { NULL.to_owned() };
        versions.retain(|version| version.id != id);
        versions.push(Version { id: id.clone(), modified, object });
        keeps.then_some(id)
    }

    /// `DELETE`: adds a marker if versions are kept, otherwise removes the object. A version given
    /// by id is removed permanently.
    pub(in crate::boto3::s3::mock) fn remove(
        &mut self,
        key: &str,
        id: &Option<String>,
        removal: Removal,
        fresh: String,
    ) -> Answer<Removed> {
        let Some(id) = id else {
            if self.versioning.is_none() {
                self.objects.remove(key);
                return Ok(Removed::default());
            }
            let marker = self.store(key, None, removal.now, fresh).unwrap_or_else(|| NULL.to_owned());
            return Ok(Removed { marker: true, version_id: Some(marker) });
        };
        let removed = match self.version(key, &Some(id.clone())) {
            Ok(version) => version,
            // Removing a missing version succeeds; a malformed id is an error.
            Err(refusal) if refusal.code() == "InvalidArgument" => return Err(refusal),
            Err(_) => return Ok(Removed { marker: false, version_id: Some(id.clone()) }),
        };
        if let Some(object) = &removed.object {
            object.attributes.may_be_removed(removal)?;
        }
        let marker = removed.object.is_none();
        if let Some(versions) = self.objects.get_mut(key) {
            versions.retain(|version| version.id != *id);
            if versions.is_empty() {
                self.objects.remove(key);
            }
        }
        Ok(Removed { marker, version_id: Some(id.clone()) })
    }

    /// Checks the conditions on the removed version.
    fn removal_conditions(
        &self,
        key: &str,
        id: &Option<String>,
        if_match: Option<&str>,
        modified: Option<&DateTime>,
        size: Option<i64>,
    ) -> Answer<()> {
        if if_match.is_none() && modified.is_none() && size.is_none() {
            return Ok(());
        }
        let (version, object) = self.object(key, id)?;
        let same = if_match.is_none_or(|wanted| etags_match(wanted, &object.etag))
            && modified.is_none_or(|wanted| wanted.secs() == version.modified.secs())
            && size.is_none_or(|wanted| usize::try_from(wanted) == Ok(object.bytes.len()));
        if same { Ok(()) } else { Err(Refusal::precondition_failed()) }
    }
}

impl Request<'_> {
    pub(in crate::boto3::s3::mock) fn delete_object(&mut self, input: DeleteObjectInput) -> Answer<DeleteObjectOutput> {
        let removal = Removal { now: self.now, bypass_governance: input.bypass_governance_retention == Some(true) };
        let fresh = self.state.ids.version();
        let bucket = self.bucket(&input.bucket)?;
        let key = key(&input.key)?;
        let modified = input.if_match_last_modified_time.as_ref();
        bucket.removal_conditions(key, &input.version_id, input.if_match.as_deref(), modified, input.if_match_size)?;
        let removed = bucket.remove(key, &input.version_id, removal, fresh)?;
        Ok(DeleteObjectOutput::builder()
            .set_delete_marker(removed.marker.then_some(true))
            .set_version_id(removed.version_id)
            .build())
    }

    pub(in crate::boto3::s3::mock) fn delete_objects(&mut self, input: DeleteObjectsInput) -> Answer<DeleteObjectsOutput> {
        let delete = input.delete.ok_or_else(|| Refusal::missing("Delete"))?;
        let removal = Removal { now: self.now, bypass_governance: input.bypass_governance_retention == Some(true) };
        if delete.objects.is_empty() || delete.objects.len() > 1000 {
            return Err(Refusal::malformed_xml());
        }
        self.bucket(&input.bucket)?;
        let (mut deleted, mut errors) = (Vec::new(), Vec::new());
        for object in delete.objects {
            let fresh = self.state.ids.version();
            match remove_one(self.bucket(&input.bucket)?, &object, removal, fresh) {
                Ok(removed) => {
                    let shown = DeletedObject::builder().key(object.key).set_version_id(object.version_id);
                    let shown = if removed.marker {
                        shown.delete_marker(true).set_delete_marker_version_id(removed.version_id)
                    } else {
                        shown
                    };
                    deleted.push(shown.build());
                }
                Err(refusal) => {
                    let error = Error::builder().key(object.key).set_version_id(object.version_id);
                    errors.push(error.code(refusal.code()).message(refusal.message()).build());
                }
            }
        }
        let quiet = delete.quiet == Some(true);
        Ok(DeleteObjectsOutput::builder()
            .set_deleted(Some(deleted).filter(|deleted| !quiet && !deleted.is_empty()))
            .set_errors(Some(errors).filter(|errors| !errors.is_empty()))
            .build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_versioning(
        &mut self,
        input: GetBucketVersioningInput,
    ) -> Answer<GetBucketVersioningOutput> {
        let bucket = self.bucket(&input.bucket)?;
        Ok(GetBucketVersioningOutput::builder()
            .set_status(bucket.versioning.clone())
            .set_mfa_delete(bucket.mfa_delete.clone())
            .build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_versioning(
        &mut self,
        input: PutBucketVersioningInput,
    ) -> Answer<PutBucketVersioningOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let configuration = input.versioning_configuration.ok_or_else(|| Refusal::missing("VersioningConfiguration"))?;
        let status = configuration.status.ok_or_else(|| {
            Refusal::bad_request("IllegalVersioningConfigurationException", "The Versioning element must be specified")
        })?;
        match status {
            BucketVersioningStatus::Enabled => {}
            BucketVersioningStatus::Suspended if bucket.configuration.object_lock.is_some() => {
                let message =
                    "An Object Lock configuration is present on this bucket, so the versioning state cannot be changed.";
                return Err(Refusal::new(409, "InvalidBucketState", message));
            }
            BucketVersioningStatus::Suspended => {}
            _ => return Err(Refusal::malformed_xml()),
        }
        bucket.versioning = Some(status);
        bucket.mfa_delete = configuration.mfa_delete.map(|mfa| match mfa {
            MfaDelete::Enabled => MfaDeleteStatus::Enabled,
            _ => MfaDeleteStatus::Disabled,
        });
        Ok(PutBucketVersioningOutput::builder().build())
    }
}

fn remove_one(bucket: &mut Bucket, object: &ObjectIdentifier, removal: Removal, fresh: String) -> Answer<Removed> {
    let wanted = Some(object.key.clone());
    let key = key(&wanted)?;
    bucket.removal_conditions(
        key,
        &object.version_id,
        object.e_tag.as_deref(),
        object.last_modified_time.as_ref(),
        object.size,
    )?;
    bucket.remove(key, &object.version_id, removal, fresh)
}
