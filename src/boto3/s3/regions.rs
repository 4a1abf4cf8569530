//! [`Redirecting`]: a client that finds the region of a bucket, like botocore's
//! `S3RegionRedirectorv2`.
//!
//! <https://github.com/boto/botocore/blob/develop/botocore/utils.py>

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;

use super::backend::{Backend, shapes::*};
use super::operations::operations;
use super::replay;
use crate::boto3::backend::{ClientConfig, Service};
use crate::boto3::error::ClientError;
use crate::boto3::{Error, Result};

/// The regions of buckets outside of their client's region, as reported by the service. Clones
/// share them.
#[derive(Clone, Debug, Default)]
pub(in crate::boto3) struct Regions(Arc<Mutex<BTreeMap<String, String>>>);

impl Regions {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the region of a bucket, if it was found to differ from the client's.
    pub(in crate::boto3) fn of(&self, bucket: &str) -> Option<String> {
        self.lock().get(bucket).cloned()
    }
}

/// A client over those of several regions: a request to the wrong region is repeated in the right
/// one.
#[derive(Debug)]
pub(in crate::boto3) struct Redirecting {
    service: Arc<dyn Service<dyn Backend>>,
    config: ClientConfig,
    home: Arc<dyn Backend>,
    regions: Regions,
    elsewhere: Mutex<BTreeMap<String, Arc<dyn Backend>>>,
}

impl Redirecting {
    pub(in crate::boto3) fn new(service: Arc<dyn Service<dyn Backend>>, config: ClientConfig, regions: Regions) -> Redirecting {
        let home = service.connect(config.clone());
        Redirecting { service, config, home, regions, elsewhere: Mutex::default() }
    }

    /// Returns the client for requests to this bucket.
    fn client(&self, operation: &'static str, bucket: Option<&str>) -> Result<Arc<dyn Backend>> {
        let Some(bucket) = bucket else { return Ok(self.home.clone()) };
        if matches!(bucket, "." | "..") || bucket.contains(|letter: char| letter == '?' || letter == '#' || letter.is_control()) {
            return Err(Error::ParamValidation { operation, report: format!("invalid bucket name {bucket:?}") });
        }
        Ok(match self.regions.of(bucket) {
            Some(region) => self.of_region(&region),
            None => self.home.clone(),
        })
    }

    fn of_region(&self, region: &str) -> Arc<dyn Backend> {
        let mut elsewhere = self.elsewhere.lock().unwrap_or_else(PoisonError::into_inner);
        let connect = || self.service.connect(ClientConfig { region_name: Some(region.to_owned()), ..self.config.clone() });
        elsewhere.entry(region.to_owned()).or_insert_with(connect).clone()
    }

    /// Returns the client to repeat a refused request with; `None` if the refusal does not concern
    /// regions.
    async fn elsewhere(&self, operation: &'static str, bucket: Option<&str>, error: &Error) -> Option<Arc<dyn Backend>> {
        let (Some(bucket), Error::Client(refusal)) = (bucket, error) else { return None };
        if bucket.starts_with("arn:") || !is_redirect(operation, refusal) {
            return None;
        }
        let asked = self.regions.of(bucket).or_else(|| self.config.region_name.clone());
        let mut region = refusal.bucket_region.clone();
        if region.is_none() && operation != "head_bucket" {
            region = match self.home.head_bucket(HeadBucketInputBuilder::default().bucket(bucket)).await {
                Ok(found) => found.bucket_region,
                Err(Error::Client(refusal)) => refusal.bucket_region,
                Err(_) => None,
            };
        }
        let region = region.filter(|region| crate::boto3::urls::is_region(region) && Some(region) != asked.as_ref())?;
        self.regions.lock().insert(bucket.to_owned(), region.clone());
        Some(self.of_region(&region))
    }
}

/// botocore's conditions. The response to HEAD has no body with an error code.
fn is_redirect(operation: &str, refusal: &ClientError) -> bool {
    let bare = matches!(refusal.code.as_str(), "301" | "400");
    match refusal.code.as_str() {
        "PermanentRedirect" => true,
        "AuthorizationHeaderMalformed" => refusal.bucket_region.is_some(),
        "IllegalLocationConstraintException" => operation != "create_bucket",
        _ if bare && operation == "head_object" => true,
        _ if bare && operation == "head_bucket" => refusal.bucket_region.is_some(),
        _ => matches!(refusal.status, 301 | 302 | 307),
    }
}

/// Returns the bucket of an input; `None` for inputs without such a field. Inherent methods take
/// precedence.
pub(in crate::boto3) trait Unbound {
    fn get_bucket(&self) -> &Option<String> {
        &None
    }
}
impl<T> Unbound for T {}

/// Returns an input twice: for the request, and for the same request in another region. The second
/// lacks a body that cannot be sent twice.
macro_rules! twice {
    (put_object, $input:ident) => {
        replay::put_object($input)?
    };
    (upload_part, $input:ident) => {
        replay::upload_part($input)?
    };
    ($operation:ident, $input:ident) => {
        ($input.clone(), Some($input))
    };
}

macro_rules! redirecting {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        impl Backend for Redirecting {
            async fn sdk(&self) -> Result<aws_sdk_s3::Client> {
                self.home.sdk().await
            }

            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    const OPERATION: &str = stringify!($operation);
                    let bucket = input.get_bucket().clone();
                    let client = self.client(OPERATION, bucket.as_deref())?;
                    let (first, again) = twice!($operation, input);
                    let error = match client.$operation(first).await {
                        Ok(answer) => return Ok(answer),
                        Err(error) => error,
                    };
                    match (self.elsewhere(OPERATION, bucket.as_deref(), &error).await, again) {
                        (Some(client), Some(again)) => client.$operation(again).await,
                        // The region is known for later requests; this body is consumed.
                        _ => Err(error),
                    }
                }
            )*
        }
    };
}
operations!(redirecting);
