//! [`PresignPost`]: a signed form for uploads to a bucket.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, UNIX_EPOCH};

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::super::backend::{Backend, shapes::HeadBucketInputBuilder};
use super::{EXPIRES_IN, sign};
use crate::boto3::client::Context;
use crate::boto3::error::Error;
use crate::boto3::native::failure;
use crate::boto3::{Result, json};
use crate::wait::BoxFuture;

const OPERATION: &str = "generate_presigned_post";
const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const FILENAME: &str = "${filename}";

/// A condition on a form: an element of Python's `Conditions`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Condition {
    /// `{"acl": "public-read"}`: the field has this value.
    Is(String, String),
    /// `["eq", "$acl", "public-read"]`: the same, in the other spelling. Written without the dollar
    /// here.
    Eq(String, String),
    /// `["starts-with", "$Content-Type", "image/"]`: the field begins with this text; an empty one
    /// matches anything. Written without the dollar here.
    StartsWith(String, String),
    /// `["content-length-range", 1, 1048576]`: the size of the file is in this range.
    ContentLengthRange(u64, u64),
}

impl Condition {
    /// `{field: value}`
    pub fn is(field: impl Into<String>, value: impl Into<String>) -> Condition {
        Condition::Is(field.into(), value.into())
    }

    /// `["starts-with", "$field", prefix]`
    pub fn starts_with(field: impl Into<String>, prefix: impl Into<String>) -> Condition {
        Condition::StartsWith(field.into(), prefix.into())
    }

    fn json(&self) -> String {
        let match_ =
            |how, field: &str, value| json::array([json::string(how), json::string(&format!("${field}")), json::string(value)]);
        match self {
            Condition::Is(field, value) => json::object([(field.as_str(), json::string(value))]),
            Condition::Eq(field, value) => match_("eq", field, value),
            Condition::StartsWith(field, prefix) => match_("starts-with", field, prefix),
            Condition::ContentLengthRange(least, most) => {
                json::array([json::string("content-length-range"), least.to_string(), most.to_string()])
            }
        }
    }
}

/// A form to sign with `.wait()?` or `.await?`. Nothing is sent, but the credentials may have to be
/// requested.
///
/// DIFFERENCE: signature version and host are those of
/// [`Client::generate_presigned_url`](super::Client::generate_presigned_url).
#[derive(Clone)]
#[must_use = "nothing is signed before `.wait()` or `.await`"]
pub struct PresignPost {
    backend: Arc<dyn Backend>,
    context: Context,
    bucket: String,
    key: String,
    fields: Vec<(String, String)>,
    conditions: Vec<Condition>,
    expires_in: Duration,
}

/// A signed form for uploads to a bucket: Python's dictionary of `url` and `fields`. `Debug` omits
/// the values.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedPost {
    /// The URL to post to.
    pub url: String,
    /// The fields before `file`, in their order.
    pub fields: Vec<(String, String)>,
}

impl PresignedPost {
    /// Returns the value of a field: `policy`, `x-amz-signature`.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

impl PresignPost {
    pub(super) fn new(backend: Arc<dyn Backend>, context: Context, bucket: String, key: String) -> PresignPost {
        PresignPost { backend, context, bucket, key, fields: Vec::new(), conditions: Vec::new(), expires_in: EXPIRES_IN }
    }

    /// Adds a field to the form: `acl`, `Content-Type`, `x-amz-meta-..`. It also needs a condition.
    /// `Fields`
    pub fn field(mut self, name: impl Into<String>, value: impl Into<String>) -> PresignPost {
        set(&mut self.fields, &name.into(), value.into());
        self
    }

    /// Adds a condition. Those for the bucket and the key already exist. `Conditions`
    pub fn condition(mut self, condition: Condition) -> PresignPost {
        self.conditions.push(condition);
        self
    }

    /// Sets the lifetime of the form in whole seconds. Default: an hour.
    pub fn expires_in(mut self, time: Duration) -> PresignPost {
        self.expires_in = time;
        self
    }

    async fn sign(self) -> Result<PresignedPost> {
        let PresignPost { backend, context, bucket, key, mut fields, mut conditions, expires_in } = self;
        let now = context.time.time();
        let (input, config) = (HeadBucketInputBuilder::default().bucket(&bucket), context.config.clone());
        // Any request to the bucket shows its URL and the signing parameters.
        let send = move |client: aws_sdk_s3::Client| -> BoxFuture<Result<()>> {
            let answer = async move { input.send_with(&client).await.map(drop) };
            Box::pin(async move { answer.await.map_err(|error| failure(OPERATION, &config, error)) })
        };
        let signed = sign::sign(&*backend, context.regions.of(&bucket), OPERATION, now, expires_in, None, Box::new(send)).await?;
        let (url, query) = signed.url.url.split_once('?').unwrap_or((&signed.url.url, ""));
        // `https://bucket.host/`, but `https://host/bucket`.
        let url = if url.matches('/').count() > 3 { url.trim_end_matches('/') } else { url };
        let (url, query) = (url.to_owned(), query.to_owned());
        let parameter = |name: &str| {
            let value = query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='));
            value.unwrap_or_default().replace("%2F", "/")
        };
        let (credential, date) = (parameter("X-Amz-Credential"), parameter("X-Amz-Date"));
        let unsigned = || Error::NoCredentials { operation: OPERATION, source: None };
        let (region, service) = scope(&credential).ok_or_else(unsigned)?;
        let key_pair = signed.credentials().await.ok_or_else(unsigned)?;

        conditions.push(Condition::is("bucket", bucket));
        conditions.push(match key.strip_suffix(FILENAME) {
            Some(prefix) => Condition::starts_with("key", prefix),
            None => Condition::is("key", &key),
        });
        set(&mut fields, "key", key);
        let token = key_pair.session_token().map(|token| ("x-amz-security-token", token.to_owned()));
        let algorithm = ("x-amz-algorithm", ALGORITHM.to_owned());
        for (name, value) in [algorithm, ("x-amz-credential", credential.clone()), ("x-amz-date", date)].into_iter().chain(token)
        {
            conditions.push(Condition::is(name, &value));
            set(&mut fields, name, value);
        }

        let expires = now.duration_since(UNIX_EPOCH).unwrap_or_default().as_secs().saturating_add(expires_in.as_secs());
        let expires = DateTime::from_secs(i64::try_from(expires).unwrap_or(i64::MAX)).fmt(DateTimeFormat::DateTime);
        let expires = expires.map_err(|error| Error::ParamValidation { operation: OPERATION, report: error.to_string() })?;
        let policy = json::object([
            ("expiration", json::string(&expires)),
            ("conditions", json::array(conditions.iter().map(Condition::json))),
        ]);
        let policy = STANDARD.encode(policy);
        let signing_key = aws_sigv4::sign::v4::generate_signing_key(key_pair.secret_access_key(), now, region, service);
        let signature = aws_sigv4::sign::v4::calculate_signature(signing_key, policy.as_bytes());
        set(&mut fields, "policy", policy);
        set(&mut fields, "x-amz-signature", signature);
        Ok(PresignedPost { url, fields })
    }
}

/// Returns region and service of `key/date/region/service/aws4_request`.
fn scope(credential: &str) -> Option<(&str, &str)> {
    let mut parts = credential.rsplit('/').skip(1);
    let (service, region) = (parts.next()?, parts.next()?);
    Some((region, service))
}

/// Sets a field as in a Python dictionary: an existing name keeps its place.
fn set(fields: &mut Vec<(String, String)>, name: &str, value: String) {
    match fields.iter_mut().find(|(field, _)| field == name) {
        Some((_, old)) => *old = value,
        None => fields.push((name.to_owned(), value)),
    }
}

impl IntoFuture for PresignPost {
    type Output = Result<PresignedPost>;
    type IntoFuture = BoxFuture<Result<PresignedPost>>;

    fn into_future(self) -> BoxFuture<Result<PresignedPost>> {
        Box::pin(self.sign())
    }
}

impl fmt::Debug for PresignPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PresignPost").field("bucket", &self.bucket).field("key", &self.key).finish_non_exhaustive()
    }
}

impl fmt::Debug for PresignedPost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names: Vec<&str> = self.fields.iter().map(|(name, _)| name.as_str()).collect();
        f.debug_struct("PresignedPost").field("url", &self.url).field("fields", &names).finish()
    }
}
