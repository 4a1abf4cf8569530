//! The fake over HTTP, in the wire format of S3.
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
//! In a world, requests to a host of S3 come here, and those to an endpoint for which a client of this world has signed, unless the test
//! has planned something else for them. [`Mock::sdk_client`] is Amazon's own client of this server. Signatures and their time are checked;
//! a request without a signature may do what access control lists allow to everyone.
//!
//! | modelled | how |
//! |---|---|
//! | every operation that [`Mock`](super) models | parameters, headers and documents of botocore's model, both ways; unknown elements are `MalformedXML` |
//! | signatures | version 4 in headers and in URLs, of chunks and of trailers |
//! | bodies | plain and `aws-chunked`, with checksums in headers and trailers |
//! | addresses | `bucket.s3.region.amazonaws.com`, `s3.region.amazonaws.com/bucket`, endpoints of both kinds |
//! | `POST` of a form | see [`generate_presigned_post`](super::super::Client::generate_presigned_post): policy, size, redirect |
//! | refusals | S3's documents, with code, message, resource and request id |
//! | the rest | 501 `NotImplemented`: signature version 2 and 4A, operations that the fake does not model, headers that the operation does not read |

mod address;
mod asked;
mod form;
mod payload;
mod sdk;
mod signature;
#[allow(clippy::wildcard_imports, clippy::let_underscore_untyped, reason = "generated: one form for every shape")]
mod wire;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::SystemTime;

use bytes::Bytes;

use self::address::{Place, Target};
use self::asked::Asked;
use self::payload::Payload;
use self::signature::Signature;
use self::wire::{Level, Xml, route};
use super::{Connected, Mock};
use crate::boto3::Result;
use crate::boto3::backend::{ClientConfig, Credentials};
use crate::boto3::error::{ClientError, Error};

/// The fake as a web server: [`Mock::site`]. Clones share it.
#[derive(Clone, Debug)]
pub struct Site {
    mock: Mock,
    access: Arc<Access>,
}

/// Whose requests are taken. Keys of clients of this world always are.
#[derive(Debug, Default)]
struct Access {
    /// More keys, by their names.
    keys: BTreeMap<String, ClientConfig>,
    /// Whether keys that are not known are taken unchecked.
    unchecked: bool,
    /// Whether the server is reached by any name, as one over TCP is.
    any_host: bool,
}

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
        Site { mock: self.clone(), access: Arc::default() }
    }
}

#[cfg(feature = "serve")]
impl Mock {
    /// This S3 as a server that is reached by any name. Without keys every signature is accepted.
    pub(crate) fn site_over_tcp(&self, credentials: Vec<(String, crate::Secret)>) -> Site {
        let unchecked = credentials.is_empty();
        let keys = credentials.into_iter().map(|(access_key_id, secret_access_key)| {
            let keys = Credentials::Static { access_key_id: access_key_id.clone(), secret_access_key, session_token: None };
            (access_key_id, ClientConfig { credentials: keys, ..ClientConfig::default() })
        });
        let access = Access { keys: keys.collect(), unchecked, any_host: true };
        Site { mock: self.clone(), access: Arc::new(access) }
    }
}

impl Site {
    /// Returns true if the URL belongs to this S3: to AWS, or to an endpoint that a client of this
    /// world has signed for.
    pub fn has(&self, url: &str) -> bool {
        self.find(url).is_some()
    }

    fn find(&self, url: &str) -> Option<(Target, Place)> {
        let target = Target::of(url)?;
        let place = target.place(self.mock.lock().signers.values().filter_map(|signer| signer.endpoint_url.as_deref()));
        let place = place.or_else(|| self.access.any_host.then(|| target.place_anywhere()))?;
        Some((target, place))
    }

    /// Returns the response; `None` if the URL does not belong to this S3.
    pub async fn answer(&self, request: Request) -> Option<Response> {
        let answer = self.exchange(&request, &[]).await?;
        Some(answer.unwrap_or_else(|error| {
            let failed = ClientError::new("", 500, "InternalError", error.to_string());
            self.refuse(&request, failed)
        }))
    }

    /// The answer, or why there is none: a planned fault of the network. Signatures may be of the time of the world's clock, or of these.
    pub(crate) async fn exchange(&self, request: &Request, clocks: &[SystemTime]) -> Option<Result<Response>> {
        let (target, place) = self.find(&request.url)?;
        let clocks: Vec<SystemTime> = clocks.iter().copied().chain([self.mock.script.clock().now()]).collect();
        let is_form = || request.header("content-type").is_some_and(|kind| kind.trim_start().starts_with("multipart/form-data"));
        let answer = match request.method.as_str() {
            "POST" if place.key.is_empty() && is_form() => {
                // A form holds if it does by one of the clocks.
                let earliest = clocks.iter().min().copied().unwrap_or(SystemTime::UNIX_EPOCH);
                self.post(request, place.bucket, earliest).await
            }
            _ => self.perform(request, &target, place, &clocks).await,
        };
        let told = match answer {
            Ok(response) => return Some(Ok(response)),
            Err(Error::Client(told)) => *told,
            Err(Error::NotImplemented { operation }) => not_implemented(operation),
            Err(Error::ParamValidation { report, .. }) => ClientError::new("", 400, "InvalidRequest", report),
            Err(other) => return Some(Err(other)),
        };
        Some(Ok(self.refuse(request, told)))
    }

    async fn perform(&self, request: &Request, target: &Target, place: Place, clocks: &[SystemTime]) -> Result<Response> {
        let (s3, payload) = self.admit(request, target, place.region, clocks)?;
        let level = match (place.bucket.is_empty(), place.key.is_empty()) {
            (true, _) => Level::Service,
            (false, true) => Level::Bucket,
            (false, false) => Level::Object,
        };
        let asked = Asked { request, target, bucket: place.bucket, key: place.key, s3, payload };
        let named = || {
            let names = target.query.iter().map(|(name, _)| name.as_str()).filter(|name| !name.starts_with("X-Amz-"));
            let names: Vec<&str> = names.collect();
            not_modelled(&format!("{} of {level:?}, {}", request.method, names.join("&")))
        };
        let route = route(&request.method, level, target, |name| asked.value(name).is_some()).ok_or_else(named)?;
        asked.known(route)?;
        let Some(operation) = route.operation else { return Err(not_modelled(route.name)) };
        wire::call(operation, asked).await
    }

    /// The fake as the signer of the request sees it, or as everyone does; and the body.
    fn admit(&self, request: &Request, target: &Target, region: String, clocks: &[SystemTime]) -> Result<(Connected, Payload)> {
        let signature = match Signature::in_header(request)? {
            Some(signature) => Some(signature),
            None => Signature::of(target)?,
        };
        let (config, seal) = match signature {
            Some(signature) => {
                let signer = self.signer(signature.credential.key_id)?;
                let seal = signer.as_ref().map(|signer| signature.check(request, target, signer, clocks)).transpose()?;
                (signature.credential.config(signer), seal)
            }
            None => {
                (ClientConfig { credentials: Credentials::Unsigned, region_name: Some(region), ..ClientConfig::default() }, None)
            }
        };
        let payload = Payload::receive(request, seal.as_ref())?;
        Ok((Connected { mock: self.mock.clone(), config }, payload))
    }

    /// The holder of this key. None if the key is not known and is taken unchecked.
    fn signer(&self, key_id: &str) -> Result<Option<ClientConfig>> {
        let known = self.access.keys.get(key_id).cloned().or_else(|| self.mock.lock().signers.get(key_id).cloned());
        if known.is_some() || self.access.unchecked {
            return Ok(known);
        }
        let unknown = "The AWS Access Key Id you provided does not exist in our records.";
        Err(refusal(403, "InvalidAccessKeyId", unknown))
    }

    fn refuse(&self, request: &Request, told: ClientError) -> Response {
        let id = told.request_id.unwrap_or_else(|| self.mock.lock().ids.request());
        let mut response = Response::new(told.status, vec![("x-amz-request-id".into(), id.clone())]);
        response.headers.extend(told.bucket_region.clone().map(|region| ("x-amz-bucket-region".into(), region)));
        if request.method == "HEAD" || told.status == 304 {
            return response;
        }
        response.headers.push(("Content-Type".into(), "application/xml".into()));
        let resource = Target::of(&request.url).map(|target| target.path);
        let xml = Xml::error(|xml| {
            xml.one("Code", Some(&told.code));
            xml.one("Message", Some(&told.message));
            xml.one("Region", told.bucket_region.as_ref());
            xml.one("Resource", resource.as_ref());
            xml.one("RequestId", Some(&id));
        });
        response.body = xml.into();
        response
    }
}

fn not_implemented(what: &str) -> ClientError {
    ClientError::new("", 501, "NotImplemented", format!("this S3 in memory does not model over HTTP: {what}"))
}

fn refusal(status: u16, code: &str, message: impl Into<String>) -> Error {
    ClientError::new("", status, code, message).into()
}

fn not_modelled(what: &str) -> Error {
    not_implemented(what).into()
}
