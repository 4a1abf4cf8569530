//! Presigned requests: [`Client::generate_presigned_url`], [`Client::generate_presigned_post`].

mod post;
mod sign;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;

use super::backend::{Backend, shapes::*};
use super::client::Client;
use super::operations::operations;
use super::regions::Unbound as _;
use crate::boto3::Result;
use crate::boto3::client::Context;
use crate::boto3::native::failure;
use crate::wait::BoxFuture;

pub use post::{Condition, PresignPost, PresignedPost};
pub(super) use sign::keys;
pub(crate) use sign::unsent;

/// The default lifetime of a signature: an hour.
pub const EXPIRES_IN: Duration = Duration::from_secs(3600);

/// A signed URL: anyone who holds it can make the request until it expires. Python's
/// `generate_presigned_url`.
///
/// It converts to text. `Debug` omits the signature.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PresignedUrl {
    /// The URL, with the signature.
    pub url: String,
    /// `GET`, `PUT` ..
    pub method: String,
    /// The headers that are signed too, and must be sent unchanged: a Content-Type, a Range.
    /// Usually none.
    pub headers: Vec<(String, String)>,
    /// The body that the parameters produced: the XML of `delete_objects`. It is not signed, except
    /// for the checksum in the headers.
    pub body: Bytes,
}

impl AsRef<str> for PresignedUrl {
    fn as_ref(&self) -> &str {
        &self.url
    }
}

impl From<PresignedUrl> for String {
    fn from(signed: PresignedUrl) -> String {
        signed.url
    }
}

impl fmt::Display for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.url)
    }
}

impl fmt::Debug for PresignedUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url.split('?').next().unwrap_or_default();
        f.debug_struct("PresignedUrl").field("method", &self.method).field("url", &url).finish_non_exhaustive()
    }
}

type Send_ = Box<dyn FnOnce(aws_sdk_s3::Client) -> BoxFuture<Result<()>> + Send>;

/// A request to sign with `.wait()?` or `.await?`. Nothing is sent, but the credentials may have to
/// be requested.
#[must_use = "nothing is signed before `.wait()` or `.await`"]
pub struct Presign {
    backend: Arc<dyn Backend>,
    context: Context,
    operation: &'static str,
    expires_in: Duration,
    http_method: Option<String>,
    send: Send_,
    bucket: Option<String>,
}

impl Presign {
    /// Sets the lifetime of the signature in whole seconds. Default: [`EXPIRES_IN`]. S3 accepts a
    /// week at most, and the signature expires with the credentials.
    pub fn expires_in(mut self, time: Duration) -> Presign {
        self.expires_in = time;
        self
    }

    /// Sets another method than the operation's: `HEAD` for the URL of a `get_object`.
    pub fn http_method(mut self, method: impl Into<String>) -> Presign {
        self.http_method = Some(method.into());
        self
    }
}

impl IntoFuture for Presign {
    type Output = Result<PresignedUrl>;
    type IntoFuture = BoxFuture<Result<PresignedUrl>>;

    fn into_future(self) -> BoxFuture<Result<PresignedUrl>> {
        let Presign { backend, context, operation, expires_in, http_method, send, bucket } = self;
        Box::pin(async move {
            let region = bucket.and_then(|bucket| context.regions.of(&bucket));
            let signed = sign::sign(&*backend, region, operation, context.time.time(), expires_in, http_method, send).await?;
            Ok(signed.url)
        })
    }
}

impl fmt::Debug for Presign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presign")
            .field("operation", &self.operation)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// Presigned requests, with a method for each operation. [`Client::generate_presigned_url`] returns
/// it.
#[derive(Clone, Debug)]
pub struct Presigner {
    client: Client,
}

impl Client {
    /// Signs a request in its URL instead of sending it.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// let s3 = world.batteries().boto3.client().region_name("eu-west-1").s3();
    /// let url = s3.generate_presigned_url().get_object(|get| get.bucket("reports").key("a b.txt")).expires_in(secs(60)).wait()?;
    /// assert!(url.url.starts_with("https://reports.s3.eu-west-1.amazonaws.com/a%20b.txt?X-Amz-"));
    /// # Ok::<(), leyden::Error>(())
    /// ```
    ///
    /// DIFFERENCES: the signature is always version 4, and the host that of the region. boto3 uses
    /// version 2, which S3 no longer accepts for new buckets, and the host of us-east-1, which
    /// redirects, unless its `Config` has `signature_version="s3v4"` and
    /// `addressing_style="virtual"`. A listing does not set `encoding-type=url` itself. An
    /// operation with XML parameters can be signed, which fails in Python. A directory bucket's
    /// request is signed with the credentials themselves, without a session. The bucket of
    /// `get_bucket_location` is placed as in all operations, not always in the path. `copy_source`
    /// is sent unchanged, where botocore quotes it again. A key that consists of blanks is
    /// rejected.
    #[doc(alias = "boto3.Client.generate_presigned_url")]
    pub fn generate_presigned_url(&self) -> Presigner {
        Presigner { client: self.clone() }
    }

    /// Signs a form that lets a browser upload an object with this key to the bucket. `${filename}`
    /// at the key's end is replaced by the name of the uploaded file.
    ///
    /// ```
    /// use leyden::boto3::s3::Condition;
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// let s3 = world.batteries().boto3.client().region_name("eu-west-1").s3();
    /// let form = s3.generate_presigned_post("uploads", "incoming/${filename}").condition(Condition::ContentLengthRange(1, 1 << 20));
    /// let form = form.wait()?;
    /// assert_eq!(form.url, "https://uploads.s3.eu-west-1.amazonaws.com/");
    /// assert_eq!(form.field("key"), Some("incoming/${filename}"));
    /// # Ok::<(), leyden::Error>(())
    /// ```
    ///
    /// <https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-UsingHTTPPOST.html>
    #[doc(alias = "S3.Client.generate_presigned_post")]
    pub fn generate_presigned_post(&self, bucket: impl Into<String>, key: impl Into<String>) -> PresignPost {
        PresignPost::new(self.backend.clone(), self.context.clone(), bucket.into(), key.into())
    }
}

macro_rules! presigner {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        impl Presigner {
            $(
                #[doc = concat!("[`", stringify!($operation), "`](Client::", stringify!($operation), "), signed.")]
                pub fn $operation(&self, build: impl FnOnce($Input) -> $Input) -> Presign {
                    let Client { backend, context, .. } = self.client.clone();
                    let (input, config) = (build($Input::default()), context.config.clone());
                    let bucket = input.get_bucket().clone();
                    let send = move |client: aws_sdk_s3::Client| -> BoxFuture<Result<()>> {
                        Box::pin(async move {
                            let answer = input.send_with(&client).await;
                            answer.map(drop).map_err(|error| failure(stringify!($operation), &config, error))
                        })
                    };
                    Presign {
                        backend,
                        context,
                        operation: stringify!($operation),
                        expires_in: EXPIRES_IN,
                        http_method: None,
                        send: Box::new(send),
                        bucket,
                    }
                }
            )*
        }
    };
}
operations!(presigner);
