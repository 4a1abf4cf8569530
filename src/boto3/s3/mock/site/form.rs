//! A signed form posted to a bucket: `generate_presigned_post`.
//!
//! <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html>

use std::time::SystemTime;

use aws_sdk_s3::primitives::{ByteStream, DateTime, DateTimeFormat};
use aws_sdk_s3::types::{ObjectCannedAcl, ServerSideEncryption, StorageClass};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use bytes::Bytes;
use serde_json::Value;

use super::signature::{ALGORITHM, Credential, date, mismatch};
use super::wire::Reply;
use super::{Connected, Request, Response, Site, not_modelled, refusal};
use crate::boto3::Result;
use crate::boto3::error::Error;
use crate::boto3::s3::backend::Backend as _;
use crate::boto3::s3::shapes::PutObjectInputBuilder;

/// The fields before the file, with lower-case names, and the file.
#[derive(Debug)]
struct Form {
    fields: Vec<(String, String)>,
    file: Bytes,
}

impl Form {
    fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn needed(&self, name: &str) -> Result<&str> {
        let missing = || refusal(400, "InvalidArgument", format!("Bucket POST must contain a field named '{name}'."));
        self.field(name).ok_or_else(missing)
    }

    /// Parses `multipart/form-data`; fields after the file are ignored.
    fn read(request: &Request) -> Option<Form> {
        let kind = request.header("content-type")?;
        let boundary = kind.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?.trim_matches('"');
        let (mark, mut fields) = (format!("\r\n--{boundary}"), Vec::new());
        let whole = [b"\r\n", &request.body[..]].concat();
        let mut rest = whole.get(find(&whole, mark.as_bytes())? + mark.len()..)?;
        loop {
            let end = find(rest, mark.as_bytes())?;
            let (part, after) = (rest.get(2..end)?, rest.get(end + mark.len()..)?);
            let head = find(part, b"\r\n\r\n")?;
            let headers = std::str::from_utf8(part.get(..head)?).ok()?;
            let value = part.get(head + 4..)?;
            let disposition = headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
            let name = attribute(disposition, "name")?.to_ascii_lowercase();
            if name == "file" {
                let filename = attribute(disposition, "filename").unwrap_or_default();
                fields.iter_mut().for_each(|(_, value): &mut (_, String)| *value = value.replace("${filename}", &filename));
                return Some(Form { fields, file: Bytes::copy_from_slice(value) });
            }
            fields.push((name, String::from_utf8(value.to_vec()).ok()?));
            rest = after;
        }
    }
}

fn find(text: &[u8], mark: &[u8]) -> Option<usize> {
    text.windows(mark.len()).position(|window| window == mark)
}

/// Returns the value of `name="value"`.
fn attribute(header: &str, name: &str) -> Option<String> {
    let value = header.split(';').find_map(|part| part.trim().strip_prefix(name)?.strip_prefix('='))?;
    Some(value.trim_matches('"').to_owned())
}

fn denied(why: impl std::fmt::Display) -> Error {
    refusal(403, "AccessDenied", format!("Invalid according to Policy: {why}"))
}

/// Checks the form against the policy. A field without a condition is refused.
fn obey(policy: &Value, form: &Form, bucket: &str, now: SystemTime) -> Result<()> {
    let malformed = |what: &str| refusal(400, "InvalidPolicyDocument", format!("Invalid Policy: {what}"));
    let expiration = policy.get("expiration").and_then(Value::as_str).ok_or_else(|| malformed("it has no expiration"))?;
    let expiration =
        DateTime::from_str(expiration, DateTimeFormat::DateTime).map_err(|_| malformed("its expiration is not a date"))?;
    if SystemTime::try_from(expiration).map_or(true, |expiration| now > expiration) {
        return Err(denied("Policy expired."));
    }
    let conditions = policy.get("conditions").and_then(Value::as_array).ok_or_else(|| malformed("it has no conditions"))?;
    let actual = |name: &str| if name == "bucket" { Some(bucket) } else { form.field(name) };
    let mut named = Vec::new();
    for condition in conditions {
        let failed = || denied(format_args!("Policy Condition failed: {condition}"));
        let texts: Vec<&str> = condition.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let checks: Vec<(bool, String, &str)> = match (condition, texts.as_slice()) {
            (Value::Object(fields), _) => {
                let fields =
                    fields.iter().map(|(name, value)| (true, name.to_ascii_lowercase(), value.as_str().unwrap_or_default()));
                fields.collect()
            }
            (_, [how @ ("eq" | "starts-with"), field, value]) => {
                vec![(*how == "eq", field.trim_start_matches('$').to_ascii_lowercase(), value)]
            }
            (Value::Array(range), ["content-length-range"]) => {
                within(range, form.file.len() as u64)?;
                continue;
            }
            _ => return Err(malformed(&format!("unknown condition {condition}"))),
        };
        for (whole, name, wanted) in checks {
            let holds = actual(&name).is_some_and(|value| if whole { value == wanted } else { value.starts_with(wanted) });
            if !holds {
                return Err(failed());
            }
            named.push(name);
        }
    }
    let free = |name: &str| ["policy", "x-amz-signature"].contains(&name) || name.starts_with("x-ignore-");
    match form.fields.iter().find(|(name, _)| !free(name) && !named.contains(name)) {
        Some((name, _)) => Err(denied(format_args!("Extra input fields: {name}"))),
        None => Ok(()),
    }
}

fn within(range: &[Value], size: u64) -> Result<()> {
    let bound = |at: usize| range.get(at).and_then(|bound| bound.as_u64().or_else(|| bound.as_str()?.parse().ok()));
    if bound(1).is_some_and(|least| size < least) {
        return Err(refusal(400, "EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size"));
    }
    if bound(2).is_some_and(|most| size > most) {
        return Err(refusal(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size"));
    }
    Ok(())
}

impl Site {
    /// Handles a form posted to a bucket's root.
    pub(super) async fn post(&self, request: &Request, bucket: String, now: SystemTime) -> Result<Response> {
        let malformed =
            || refusal(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed multipart/form-data.");
        let form = Form::read(request).ok_or_else(malformed)?;
        let key = form.needed("key")?.to_owned();
        if form.field("policy").is_none() {
            return Err(not_modelled("forms that are not signed"));
        }
        if form.field("success_action_redirect").is_none() && form.field("success_action_status") == Some("201") {
            return Err(not_modelled("success_action_status 201"));
        }
        let s3 = self.signed(&form, &bucket, now)?;
        let mut put = PutObjectInputBuilder::default().bucket(&bucket).key(&key);
        for (name, value) in &form.fields {
            match name.as_str() {
                "x-amz-algorithm" | "x-amz-credential" | "x-amz-date" | "x-amz-signature" | "x-amz-security-token" => {}
                "tagging" => return Err(not_modelled("tags of forms")),
                name => put = headed(put, name, value)?,
            }
        }
        let output = s3.put_object(put.body(ByteStream::from(form.file.clone()))).await?;
        let etag = output.e_tag.clone().unwrap_or_default();
        let location = request.url.split('?').next().unwrap_or_default().trim_end_matches('/');
        let (status, location) = match (form.field("success_action_redirect"), form.field("success_action_status")) {
            (Some(url), _) => {
                let mark = if url.contains('?') { '&' } else { '?' };
                (303, format!("{url}{mark}bucket={bucket}&key={key}&etag={}", etag.replace('"', "%22")))
            }
            (None, Some("200")) => (200, format!("{location}/{key}")),
            (None, _) => (204, format!("{location}/{key}")),
        };
        let mut reply = Reply::new(status);
        reply.header("ETag", output.e_tag.as_ref());
        reply.header("x-amz-version-id", output.version_id.as_ref());
        reply.header("Location", Some(&location));
        Ok(reply.end())
    }

    /// Returns the signer of the policy, if the form matches it.
    fn signed(&self, form: &Form, bucket: &str, now: SystemTime) -> Result<Connected> {
        let policy = form.needed("policy")?;
        let bad = |field: &str| refusal(400, "InvalidArgument", format!("{field} is not what a form of signature version 4 has"));
        if form.needed("x-amz-algorithm")? != ALGORITHM {
            return Err(bad("x-amz-algorithm"));
        }
        let credential = Credential::parse(form.needed("x-amz-credential")?).ok_or_else(|| bad("x-amz-credential"))?;
        let day = date(form.needed("x-amz-date")?).ok_or_else(|| bad("x-amz-date"))?;
        let signature = form.needed("x-amz-signature")?;
        let signer = self.signer(credential.key_id)?;
        if signer.as_ref().is_some_and(|signer| credential.sign(signer, day, policy) != signature) {
            return Err(mismatch());
        }
        let document = BASE64_STANDARD.decode(policy).ok().and_then(|json| serde_json::from_slice(&json).ok());
        let document: Value = document.ok_or_else(|| refusal(400, "InvalidPolicyDocument", "Invalid Policy: Invalid JSON."))?;
        obey(&document, form, bucket, now)?;
        Ok(Connected { mock: self.mock.clone(), config: credential.config(signer) })
    }
}

/// What a form's field of that name says of the object that is put.
fn headed(put: PutObjectInputBuilder, name: &str, value: &str) -> Result<PutObjectInputBuilder> {
    Ok(match name {
        "content-type" => put.content_type(value),
        "content-encoding" => put.content_encoding(value),
        "content-disposition" => put.content_disposition(value),
        "content-language" => put.content_language(value),
        "cache-control" => put.cache_control(value),
        "expires" => put.set_expires(DateTime::from_str(value, DateTimeFormat::HttpDate).ok()),
        "acl" | "x-amz-acl" => put.acl(ObjectCannedAcl::from(value)),
        "x-amz-tagging" => put.tagging(value),
        "x-amz-storage-class" => put.storage_class(StorageClass::from(value)),
        "x-amz-server-side-encryption" => put.server_side_encryption(ServerSideEncryption::from(value)),
        "x-amz-server-side-encryption-aws-kms-key-id" => put.ssekms_key_id(value),
        "x-amz-website-redirect-location" => put.website_redirect_location(value),
        // These do not describe the object, or are read elsewhere.
        "x-amz-expected-bucket-owner" | "x-amz-request-payer" | "x-amz-sdk-checksum-algorithm" => put,
        _ if name.starts_with("x-amz-checksum-") => put,
        _ => match name.strip_prefix("x-amz-meta-") {
            Some(meta) => put.metadata(meta, value),
            None if name.starts_with("x-amz-") => return Err(not_modelled(name)),
            None => put,
        },
    })
}
