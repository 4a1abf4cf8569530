//! The fake over HTTP: the target of presigned URLs and forms.
//!
//! ```
//! # #[cfg(feature = "requests")] {
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let Batteries { boto3, requests, time, .. } = world.batteries();
//! let s3 = boto3.client().s3();
//! s3.create_bucket(|create| create.bucket("reports")).wait()?;
//! s3.put_object(|put| put.bucket("reports").key("a.txt").body(b"hello".to_vec().into())).wait()?;
//! let url = s3.generate_presigned_url().get_object(|get| get.bucket("reports").key("a.txt")).expires_in(secs(60)).wait()?;
//! assert_eq!(requests.get(&url).wait()?.text()?, "hello");
//! time.sleep(secs(61)).wait();
//! assert_eq!(requests.get(&url).wait()?.status_code, 403);
//! # }
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! In a world, requests of `requests` to a host of S3, or to an endpoint that a client of this
//! world has signed for, are handled here, unless the test has planned another reply. Signatures
//! and their expiry are checked; unsigned requests may do what lists allow to everyone.
//!
//! | modelled | how |
//! |---|---|
//! | `GET`, `HEAD` of an object | ranges, conditions, versions, parts, `response-..` parameters |
//! | `PUT` of an object | its headers, metadata, checksums; of a part |
//! | `DELETE` of an object | of a version |
//! | `POST` of a form | see [`generate_presigned_post`](super::super::Client::generate_presigned_post): policy, size, redirect |
//! | the rest | 501 `NotImplemented`: buckets, listings, subresources, copies, signatures in headers |

mod address;
mod form;
mod objects;
mod signature;

use std::time::SystemTime;

use bytes::Bytes;

use self::address::{Place, Target};
use super::{Connected, Mock};
use crate::boto3::Result;
use crate::boto3::backend::{ClientConfig, Credentials};
use crate::boto3::error::{ClientError, Error};

/// The fake as a web server: [`Mock::site`]. Clones share it.
#[derive(Clone, Debug)]
pub struct Site(Mock);

/// A received request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// `GET`, `PUT` ..
    pub method: String,
    /// The whole URL, with the query.
    pub url: String,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Bytes,
}

impl Request {
    /// Creates a request without headers and body.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Request {
        Request { method: method.into(), url: url.into(), headers: Vec::new(), body: Bytes::new() }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }
}

/// The response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response {
    /// The status.
    pub status: u16,
    /// Names and values.
    pub headers: Vec<(String, String)>,
    /// The body, or its beginning.
    pub body: Bytes,
    /// Whether the connection is lost after the body: see [`Mock::cut`].
    pub broken: bool,
}

impl Response {
    fn new(status: u16, headers: Vec<(String, String)>) -> Response {
        Response { status, headers, body: Bytes::new(), broken: false }
    }
}

impl Mock {
    /// Returns this S3 as a web server. A world's `requests` uses it automatically.
    pub fn site(&self) -> Site {
        Site(self.clone())
    }
}

/// An authorized request to an object, or to a bucket if there is no key.
struct Asked<'a> {
    request: &'a Request,
    target: &'a Target,
    bucket: String,
    key: String,
    s3: Connected,
}

impl Site {
    /// Returns true if the URL belongs to this S3: to AWS, or to an endpoint that a client of this
    /// world has signed for.
    pub fn has(&self, url: &str) -> bool {
        self.find(url).is_some()
    }

    fn find(&self, url: &str) -> Option<(Target, Place)> {
        let target = Target::of(url)?;
        let place = target.place(self.0.lock().signers.values().filter_map(|signer| signer.endpoint_url.as_deref()))?;
        Some((target, place))
    }

    /// Returns the response; `None` if the URL does not belong to this S3.
    pub async fn answer(&self, request: Request) -> Option<Response> {
        let (target, place) = self.find(&request.url)?;
        let now = self.0.script.clock().now();
        let answer = match request.method.as_str() {
            "POST" if place.key.is_empty() => self.post(&request, place.bucket, now).await,
            _ => match self.admit(&request, &target, place.region, now) {
                Ok(s3) => {
                    objects::answer(Asked { request: &request, target: &target, bucket: place.bucket, key: place.key, s3 }).await
                }
                Err(error) => Err(error),
            },
        };
        Some(answer.unwrap_or_else(|error| self.refuse(&request, &error)))
    }

    /// Returns the fake from the view of the signer, or of an anonymous client.
    fn admit(&self, request: &Request, target: &Target, region: String, now: SystemTime) -> Result<Connected> {
        if request.header("authorization").is_some() {
            return Err(not_modelled("signatures in headers"));
        }
        let config = match signature::Signature::of(target)? {
            Some(signature) => signature.check(request, target, &self.signer(signature.key_id())?, now)?,
            None => ClientConfig { credentials: Credentials::Unsigned, region_name: Some(region), ..ClientConfig::default() },
        };
        Ok(Connected { mock: self.0.clone(), config })
    }

    /// Returns the client that signed with this key.
    fn signer(&self, key_id: &str) -> Result<ClientConfig> {
        let known = self.0.lock().signers.get(key_id).cloned();
        let unknown = "The AWS Access Key Id you provided does not exist in our records.";
        known.ok_or_else(|| refusal(403, "InvalidAccessKeyId", unknown))
    }

    fn refuse(&self, request: &Request, error: &Error) -> Response {
        let told = match error {
            Error::Client(told) => (**told).clone(),
            Error::NotImplemented { operation } => match not_modelled(operation) {
                Error::Client(told) => *told,
                _ => ClientError::default(),
            },
            Error::ParamValidation { report, .. } => ClientError::new("", 400, "InvalidRequest", report),
            other => ClientError::new("", 500, "InternalError", other.to_string()),
        };
        let id = told.request_id.unwrap_or_else(|| self.0.lock().ids.request());
        let mut response = Response::new(told.status, vec![("x-amz-request-id".into(), id.clone())]);
        if request.method != "HEAD" && told.status != 304 {
            response.headers.push(("Content-Type".into(), "application/xml".into()));
            let (code, message) = (escaped(&told.code), escaped(&told.message));
            let xml = format!(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{message}</Message><RequestId>{id}</RequestId></Error>"
            );
            response.body = xml.into();
        }
        response
    }
}

fn refusal(status: u16, code: &str, message: impl Into<String>) -> Error {
    ClientError::new("", status, code, message).into()
}

fn not_modelled(what: &str) -> Error {
    refusal(501, "NotImplemented", format!("this S3 in memory does not model over HTTP: {what}"))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
