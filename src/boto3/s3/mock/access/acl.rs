//! Access control lists: canned ones, grants in headers, and full policies.

use aws_sdk_s3::operation::get_bucket_acl::{GetBucketAclInput, GetBucketAclOutput};
use aws_sdk_s3::operation::get_object_acl::{GetObjectAclInput, GetObjectAclOutput};
use aws_sdk_s3::operation::put_bucket_acl::{PutBucketAclInput, PutBucketAclOutput};
use aws_sdk_s3::operation::put_object_acl::{PutObjectAclInput, PutObjectAclOutput};
use aws_sdk_s3::types::{AccessControlPolicy, Grant, Grantee, ObjectOwnership, Owner, Permission, Type};

use crate::boto3::s3::mock::Asked;
use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{Bucket, Request, key};

/// The account's canonical user.
const OWNER_ID: &str = "75aa57f09aa0c8caeab4f8c24e99d10f8e7faeebf76c078efc7c6caea54ba06a";
const OWNER_NAME: &str = "webfile";

const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";
const AUTHENTICATED_USERS: &str = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers";
const LOG_DELIVERY: &str = "http://acs.amazonaws.com/groups/s3/LogDelivery";

pub(in crate::boto3::s3::mock) fn owner() -> Owner {
    Owner::builder().id(OWNER_ID).display_name(OWNER_NAME).build()
}

fn grant(grantee: Answer<Grantee>, permission: Permission) -> Answer<Grant> {
    Ok(Grant::builder().grantee(grantee?).permission(permission).build())
}

fn unsendable(error: impl std::error::Error) -> Refusal {
    Refusal::Unsendable(error.to_string())
}

fn group(uri: &str) -> Answer<Grantee> {
    Grantee::builder().r#type(Type::Group).uri(uri).build().map_err(unsendable)
}

fn user(id: &str) -> Answer<Grantee> {
    let name = (id == OWNER_ID).then(|| OWNER_NAME.to_owned());
    Grantee::builder().r#type(Type::CanonicalUser).id(id).set_display_name(name).build().map_err(unsendable)
}

/// Grants everything to the owner, nothing to others.
pub(in crate::boto3::s3::mock) fn private() -> Vec<Grant> {
    grant(user(OWNER_ID), Permission::FullControl).into_iter().collect()
}

/// Returns the list for a canned name.
fn canned(name: &str) -> Answer<Vec<Grant>> {
    let more: &[(&str, Permission)] = match name {
        "private" | "bucket-owner-read" | "bucket-owner-full-control" | "aws-exec-read" => &[],
        "public-read" => &[(ALL_USERS, Permission::Read)],
        "public-read-write" => &[(ALL_USERS, Permission::Read), (ALL_USERS, Permission::Write)],
        "authenticated-read" => &[(AUTHENTICATED_USERS, Permission::Read)],
        "log-delivery-write" => &[(LOG_DELIVERY, Permission::Write), (LOG_DELIVERY, Permission::ReadAcp)],
        _ => return Err(Refusal::invalid_argument("")),
    };
    let mut grants = private();
    for (uri, permission) in more {
        grants.push(grant(group(uri), permission.clone())?);
    }
    Ok(grants)
}

/// The access settings of a request.
#[derive(Debug, Default)]
pub(in crate::boto3::s3::mock) struct Grants<'a> {
    pub(in crate::boto3::s3::mock) canned: Option<&'a str>,
    pub(in crate::boto3::s3::mock) full_control: Option<&'a str>,
    pub(in crate::boto3::s3::mock) read: Option<&'a str>,
    pub(in crate::boto3::s3::mock) read_acp: Option<&'a str>,
    pub(in crate::boto3::s3::mock) write: Option<&'a str>,
    pub(in crate::boto3::s3::mock) write_acp: Option<&'a str>,
}

/// Returns the grants of an input, for objects, which have no write grant.
macro_rules! object_grants {
    ($input:expr) => {
        $crate::boto3::s3::mock::access::acl::Grants {
            canned: $input.acl.as_ref().map(|acl| acl.as_str()),
            full_control: $input.grant_full_control.as_deref(),
            read: $input.grant_read.as_deref(),
            read_acp: $input.grant_read_acp.as_deref(),
            write: None,
            write_acp: $input.grant_write_acp.as_deref(),
        }
    };
}
pub(in crate::boto3::s3::mock) use object_grants;

impl Grants<'_> {
    /// Returns the list; `None` if nothing was set.
    pub(in crate::boto3::s3::mock) fn resolve(&self) -> Answer<Option<Vec<Grant>>> {
        let headers = [
            (self.full_control, Permission::FullControl),
            (self.read, Permission::Read),
            (self.read_acp, Permission::ReadAcp),
            (self.write, Permission::Write),
            (self.write_acp, Permission::WriteAcp),
        ];
        if let Some(name) = self.canned {
            if headers.iter().any(|(header, _)| header.is_some()) {
                return Err(Refusal::invalid_request("Specifying both Canned ACLs and Header Grants is not allowed"));
            }
            return canned(name).map(Some);
        }
        let mut grants = Vec::new();
        for (header, permission) in headers {
            for grantee in header.unwrap_or_default().split(',').map(str::trim).filter(|grantee| !grantee.is_empty()) {
                grants.push(grant(grantee_of(grantee), permission.clone())?);
            }
        }
        Ok(Some(grants).filter(|grants| !grants.is_empty()))
    }
}

/// Parses `id="..."`, `uri="..."`; e-mail addresses are no longer supported.
fn grantee_of(text: &str) -> Answer<Grantee> {
    match text.split_once('=').map(|(kind, value)| (kind.trim(), value.trim().trim_matches('"'))) {
        Some(("id", id)) => user(id),
        Some(("uri", uri)) if [ALL_USERS, AUTHENTICATED_USERS, LOG_DELIVERY].contains(&uri) => group(uri),
        Some(("uri", _)) => Err(Refusal::invalid_argument("Invalid group uri")),
        Some(("emailAddress", _)) => Err(Refusal::bad_request(
            "UnresolvableGrantByEmailAddress",
            "The e-mail address you provided does not match any account on record.",
        )),
        _ => Err(Refusal::invalid_argument("Argument format not recognized")),
    }
}

/// Returns the list of a request, which must be given in exactly one of three ways.
fn chosen(grants: &Grants<'_>, policy: Option<AccessControlPolicy>) -> Answer<Vec<Grant>> {
    match (grants.resolve()?, policy) {
        (Some(_), Some(_)) => Err(Refusal::bad_request("UnexpectedContent", "This request does not support content")),
        (Some(grants), None) => Ok(grants),
        (None, Some(policy)) => {
            let owned = policy.owner.and_then(|owner| owner.id).ok_or_else(malformed)?;
            if owned != OWNER_ID {
                return Err(Refusal::access_denied("Access Denied"));
            }
            policy.grants.unwrap_or_default().into_iter().map(completed).collect()
        }
        (None, None) => Err(Refusal::bad_request("MissingSecurityHeader", "Your request was missing a required header")),
    }
}

fn malformed() -> Refusal {
    Refusal::bad_request(
        "MalformedACLError",
        "The XML you provided was not well-formed or did not validate against our published schema",
    )
}

fn completed(grant: Grant) -> Answer<Grant> {
    let (Some(grantee), Some(permission)) = (grant.grantee, grant.permission) else { return Err(malformed()) };
    let grantee = match (&grantee.id, &grantee.uri) {
        (Some(id), _) => user(id),
        (None, Some(uri)) => group(uri),
        (None, None) => Err(malformed()),
    };
    self::grant(grantee, permission)
}

fn is_public(grants: &[Grant]) -> bool {
    let groups = grants.iter().filter_map(|grant| grant.grantee.as_ref()?.uri.as_deref());
    groups.into_iter().any(|uri| uri == ALL_USERS || uri == AUTHENTICATED_USERS)
}

impl Bucket {
    /// Checks that this list may be set here.
    pub(in crate::boto3::s3::mock) fn accept_acl(&self, grants: &[Grant]) -> Answer<()> {
        if self.configuration.ownership() == Some(ObjectOwnership::BucketOwnerEnforced) && grants != private() {
            return Err(Refusal::bad_request("AccessControlListNotSupported", "The bucket does not allow ACLs"));
        }
        if self.configuration.blocks_public_acls() && is_public(grants) {
            return Err(Refusal::access_denied("Access Denied"));
        }
        Ok(())
    }

    /// Returns true if anonymous users have this permission.
    fn admits_anybody(&self, grants: &[Grant], permission: &Permission) -> bool {
        !self.configuration.ignores_public_acls()
            && grants.iter().any(|grant| {
                let everybody = grant.grantee.as_ref().is_some_and(|grantee| grantee.uri.as_deref() == Some(ALL_USERS));
                everybody
                    && grant
                        .permission
                        .as_ref()
                        .is_some_and(|granted| granted == permission || *granted == Permission::FullControl)
            })
    }
}

impl Request<'_> {
    /// Checks an unsigned request: allowed if a list grants it to everyone.
    pub(in crate::boto3::s3::mock) fn admit_anybody(&mut self, asked: &Asked) -> Answer<()> {
        let bucket = self.bucket(&asked.bucket)?;
        let lists = bucket.admits_anybody(&bucket.acl, &Permission::Read);
        let admitted = match asked.operation {
            "get_object" | "head_object" => match bucket.object(key(&asked.key)?, &None) {
                Ok((_, object)) => bucket.admits_anybody(&object.attributes.acl, &Permission::Read),
                // A missing key is reported only to users who may list the bucket.
                Err(_) => lists,
            },
            "head_bucket" | "list_objects" | "list_objects_v2" | "list_object_versions" | "list_multipart_uploads" => lists,
            "put_object" | "delete_object" | "delete_objects" => bucket.admits_anybody(&bucket.acl, &Permission::Write),
            "get_bucket_acl" => bucket.admits_anybody(&bucket.acl, &Permission::ReadAcp),
            _ => false,
        };
        if admitted { Ok(()) } else { Err(Refusal::access_denied("Access Denied")) }
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_acl(&mut self, input: GetBucketAclInput) -> Answer<GetBucketAclOutput> {
        let bucket = self.bucket(&input.bucket)?;
        Ok(GetBucketAclOutput::builder().owner(owner()).set_grants(Some(bucket.acl.clone())).build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_acl(&mut self, input: PutBucketAclInput) -> Answer<PutBucketAclOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let grants = Grants { write: input.grant_write.as_deref(), ..object_grants!(input) };
        let chosen = chosen(&grants, input.access_control_policy)?;
        bucket.accept_acl(&chosen)?;
        bucket.acl = chosen;
        Ok(PutBucketAclOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_object_acl(&mut self, input: GetObjectAclInput) -> Answer<GetObjectAclOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let (_, object) = bucket.object(key(&input.key)?, &input.version_id)?;
        Ok(GetObjectAclOutput::builder().owner(owner()).set_grants(Some(object.attributes.acl.clone())).build())
    }

    pub(in crate::boto3::s3::mock) fn put_object_acl(&mut self, input: PutObjectAclInput) -> Answer<PutObjectAclOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let grants = Grants { write: input.grant_write.as_deref(), ..object_grants!(input) };
        let key = key(&input.key)?;
        bucket.object(key, &input.version_id)?;
        let chosen = chosen(&grants, input.access_control_policy)?;
        bucket.accept_acl(&chosen)?;
        bucket.object_mut(key, &input.version_id)?.1.attributes.acl = chosen;
        Ok(PutObjectAclOutput::builder().build())
    }
}
