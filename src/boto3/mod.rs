//! `boto3`: Amazon S3 and EC2.
//!
//! ```
//! # #[cfg(feature = "s3")] {
//! use leyden::prelude::*;
//!
//! fn back_up(Batteries { boto3, .. }: &Batteries) -> leyden::Result<()> {
//!     let s3 = boto3.client().region_name("us-east-1").s3();
//!     s3.upload_file("/var/log/app.log", "backups", "app.log").wait()?;
//!     for page in s3.paginate().list_objects_v2(|list| list.bucket("backups").prefix("app")) {
//!         assert_eq!(page?.contents()[0].size(), Some(6));
//!     }
//!     Ok(())
//! }
//!
//! let world = World::new();
//! world.os.write("/var/log/app.log", "hello\n");
//! world.batteries().boto3.client().s3().create_bucket(|create| create.bucket("backups")).wait()?;
//! back_up(&world.batteries())?;
//! assert_eq!(world.boto3.s3.object("backups", "app.log").unwrap(), "hello\n");
//! # }
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! Python's [boto3](https://boto3.amazonaws.com/v1/documentation/api/latest/index.html), on Amazon's own clients for Rust. Each service is a feature, `s3` and
//! `ec2`; [`sts`] comes with either. What is written once over a service's operations (pages, waiters, resources, transfers) stands above the seam, so the fakes in memory
//! ([`mock`]) have it too.
//!
//! | Python | leyden |
//! |---|---|
//! | `boto3.client("s3")` | `boto3.client().s3()` |
//! | `boto3.client("ec2", region_name="eu-west-1", endpoint_url=u)` | `boto3.client().region_name("eu-west-1").endpoint_url(u).ec2()` |
//! | `boto3.client("sts").get_caller_identity()["Account"]` | [`boto3.client().sts().get_caller_identity(\|get\| get).wait()?.account()`](sts) |
//! | `boto3.resource("ec2")` | `boto3.resource().ec2()` |
//! | `boto3.Session(profile_name="p")` | [`boto3.session().profile_name("p")`](Boto3::session) |
//! | `Config(retries={"max_attempts": 3}, read_timeout=10)` | [`Config::new().max_attempts(3).read_timeout(secs(10))`](Config) |
//! | `s3.put_object(Bucket="b", Key="k", Body="text")` | `s3.put_object(\|put\| put.bucket("b").key("k").content("text")).wait()?`, or `.await?` |
//! | `response["Body"].read()` | `object.read()?`, [`s3.body(object)`](StreamingBody) to read piece by piece, `object.body.collect().await?` |
//! | `s3.get_paginator("list_objects_v2").paginate(Bucket="b")` | [`s3.paginate().list_objects_v2(\|list\| list.bucket("b"))`](Pages), an iterator and a stream |
//! | `ec2.get_waiter("instance_running").wait(InstanceIds=[i])` | [`ec2.get_waiter().instance_running(\|describe\| describe.instance_ids(i)).wait()?`](Waiter) |
//! | `for i in ec2.instances.filter(Filters=f): i.stop()` | `for i in ec2.instances().filter(\|d\| d.set_filters(f)) { i?.stop(\|stop\| stop).wait()?; }` |
//! | `ec2.describe_instances(Filters=[{"Name": "tag:role", "Values": ["web"]}])` | `ec2.describe_instances(\|d\| d.filter("tag:role", ["web"]))` |
//! | `except ClientError as e: e.response["Error"]["Code"]` | [`error.code()`](Error::code), [`error.is_client_error("NoSuchKey")`](Error::is_client_error) |
//! | `except NoCredentialsError` | [`Error::NoCredentials`] |
//! | `boto3.setup_default_session(region_name=r)` | [`boto3.setup_default_session(\|session\| session.region_name(r))`](Boto3::setup_default_session), of this handle |
//!
//! # Credentials and settings
//!
//! They are found where botocore finds them, in its order, in the environment of the handle (`os.environ`) and in `~/.aws/config` and
//! `~/.aws/credentials`: region from `AWS_DEFAULT_REGION` (`AWS_REGION` is not read, as in boto3), profile from `AWS_DEFAULT_PROFILE` and `AWS_PROFILE`,
//! `AWS_ENDPOINT_URL` and its kin, `AWS_CA_BUNDLE`, `AWS_MAX_ATTEMPTS`, `AWS_RETRY_MODE`, the checksum settings. What keeps a client from being made (no region, no such
//! profile) is the answer to its first operation, [`Error::Config`].
//!
//! For MinIO, moto and other servers that speak S3, set `AWS_ENDPOINT_URL` (or `AWS_ENDPOINT_URL_S3`) in the environment, or
//! [`endpoint_url`](Clients::endpoint_url) in the script.
//!
//! # DIFFERENCES
//!
//! Each call with all its retries has a budget, [`DEFAULT_TIMEOUT`]; botocore has only timeouts for connecting and for each read. Parameters are checked by their types;
//! times are the SDK's [`DateTime`](aws_smithy_types::DateTime), bodies its `ByteStream`. S3 without a region is asked in us-east-1. `legacy` retries are
//! `standard` ones. There is no global state: a default session is its handle's. The code of an MFA device cannot be asked for: a profile with
//! `mfa_serial` is an error. A proxy is never used for container and instance metadata, also where `HTTP_PROXY` is set; botocore uses it for instances. An STS client without a region asks
//! us-east-1. A `credential_process` has a limit of 1 MiB, and is ended with its children when the call's budget is spent.
//!
//! # What is not there
//!
//! Other services; event hooks (`session.events`), JMESPath (`search` is a closure), `verify=False`, client certificates, SigV4A (multi-region access points), the
//! login provider, `get_bucket_lifecycle` and `put_bucket_lifecycle`, which AWS replaced in 2013. Operations beyond those of the tables are reached by Amazon's own client.
#![cfg_attr(
    not(all(feature = "s3", feature = "ec2")),
    allow(dead_code, unused_imports, reason = "a service alone uses its part of what both share")
)]

pub mod backend;
#[cfg(feature = "s3")]
mod body;
mod call;
mod client;
pub mod collection;
mod config;
mod credentials;
mod error;
mod json;
pub mod mock;
pub mod native;
pub mod paginate;
mod partition;
mod partition_tables;
mod profile;
pub mod resource;
mod session;
mod urls;
pub mod waiter;

#[cfg(feature = "ec2")]
pub mod ec2;
#[cfg(feature = "s3")]
pub mod s3;
pub mod sts;

use std::sync::Arc;

pub use backend::{ClientConfig, Credentials, Service};
#[cfg(feature = "s3")]
pub use body::StreamingBody;
pub use call::{Call, DEFAULT_TIMEOUT};
pub use client::{Context, Meta};
pub use collection::Collection;
pub use config::{AddressingStyle, Config, RetryMode, When};
pub(crate) use error::api_name;
pub use error::{ClientError, ConfigError, Error};
pub use paginate::Pages;
pub use session::Session;
pub use waiter::{Waiter, WaiterError};

use session::{Settings, Told};

use crate::Secret;
use crate::os::Os;
use crate::time::Time;

/// What every call of this battery gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// The handle: Python's module `boto3` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Boto3 {
    os: Os,
    time: Time,
    native: bool,
    default: Arc<Settings>,
    #[cfg(feature = "s3")]
    s3: Arc<dyn Service<dyn s3::Backend>>,
    #[cfg(feature = "ec2")]
    ec2: Arc<dyn Service<dyn ec2::Backend>>,
    sts: Arc<dyn Service<dyn sts::Backend>>,
}

impl Boto3 {
    /// Amazon's services, over this machine's network, with its files and environment.
    pub fn native(os: Os, time: Time) -> Boto3 {
        Boto3 {
            os,
            time,
            native: true,
            default: Arc::default(),
            #[cfg(feature = "s3")]
            s3: Arc::new(native::Native),
            #[cfg(feature = "ec2")]
            ec2: Arc::new(native::Native),
            sts: Arc::new(native::Native),
        }
    }

    pub(crate) fn in_memory(mock: &mock::Mock, os: Os, time: Time) -> Boto3 {
        Boto3 {
            os,
            time,
            native: false,
            default: Arc::default(),
            #[cfg(feature = "s3")]
            s3: Arc::new(mock.s3.clone()),
            #[cfg(feature = "ec2")]
            ec2: Arc::new(mock.ec2.clone()),
            sts: Arc::new(mock.sts.clone()),
        }
    }

    /// The same with other files and clocks, and with its services seen through these functions: what a layer makes of it.
    pub(crate) fn layered(
        &self,
        os: Os,
        time: Time,
        #[cfg(feature = "s3")] s3: impl FnOnce(Arc<dyn Service<dyn s3::Backend>>) -> Arc<dyn Service<dyn s3::Backend>>,
        #[cfg(feature = "ec2")] ec2: impl FnOnce(Arc<dyn Service<dyn ec2::Backend>>) -> Arc<dyn Service<dyn ec2::Backend>>,
        sts: impl FnOnce(Arc<dyn Service<dyn sts::Backend>>) -> Arc<dyn Service<dyn sts::Backend>>,
    ) -> Boto3 {
        Boto3 {
            os,
            time,
            native: self.native,
            default: self.default.clone(),
            #[cfg(feature = "s3")]
            s3: s3(self.s3.clone()),
            #[cfg(feature = "ec2")]
            ec2: ec2(self.ec2.clone()),
            sts: sts(self.sts.clone()),
        }
    }

    /// The same with an S3 of your own: its clients are what `service` connects to.
    ///
    /// A [`Backend`](s3::Backend) has a default for each operation, [`Error::NotImplemented`], so yours has only those that the script uses. `Arc` of a backend is a
    /// [`Service`] that gives every client this one.
    ///
    /// ```
    /// use leyden::boto3::{self, s3::{self, shapes::*}};
    /// use leyden::prelude::*;
    /// use std::sync::Arc;
    ///
    /// /// Refuses to list, and has no other operation.
    /// #[derive(Debug)]
    /// struct Closed;
    ///
    /// #[async_trait::async_trait]
    /// impl s3::Backend for Closed {
    ///     async fn list_buckets(&self, _: ListBucketsInputBuilder) -> boto3::Result<ListBucketsOutput> {
    ///         Err(boto3::ClientError::new("ListBuckets", 403, "AccessDenied", "Access Denied").into())
    ///     }
    /// }
    ///
    /// let mut batteries = World::new().batteries();
    /// batteries.boto3 = batteries.boto3.with_s3(Arc::new(Closed));
    /// let s3 = batteries.boto3.client().s3();
    /// assert!(s3.list_buckets(|list| list).wait().unwrap_err().is_client_error("AccessDenied"));
    /// assert_eq!(s3.head_bucket(|head| head.bucket("b")).wait().unwrap_err().python_name(), "NotImplementedError");
    /// ```
    #[cfg(feature = "s3")]
    #[must_use]
    pub fn with_s3(&self, service: impl Service<dyn s3::Backend>) -> Boto3 {
        Boto3 { s3: Arc::new(service), ..self.clone() }
    }

    /// The same with an EC2 of your own: see [`Boto3::with_s3`].
    #[cfg(feature = "ec2")]
    #[must_use]
    pub fn with_ec2(&self, service: impl Service<dyn ec2::Backend>) -> Boto3 {
        Boto3 { ec2: Arc::new(service), ..self.clone() }
    }

    /// The same with an STS of your own: see [`Boto3::with_s3`].
    #[must_use]
    pub fn with_sts(&self, service: impl Service<dyn sts::Backend>) -> Boto3 {
        Boto3 { sts: Arc::new(service), ..self.clone() }
    }

    /// A session: another profile, region or key than the default's.
    pub fn session(&self) -> Session {
        Session::new(self.clone(), Settings::default())
    }

    /// Has this handle's [`client`](Boto3::client) and [`resource`](Boto3::resource) use another session than the one that is told nothing.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// # #[cfg(feature = "ec2")] {
    /// let mut boto3 = World::new().batteries().boto3;
    /// boto3.setup_default_session(|session| session.region_name("eu-west-3"));
    /// assert_eq!(boto3.client().ec2().meta().region_name(), Some("eu-west-3"));
    /// # }
    /// ```
    ///
    /// DIFFERENCE: the session is the handle's, and that of the clones that are made of it from now on, not the whole process's.
    #[doc(alias = "boto3.setup_default_session")]
    pub fn setup_default_session(&mut self, build: impl FnOnce(Session) -> Session) {
        self.default = Arc::new(build(self.session()).settings);
    }

    /// A client, ended by the service's name: `boto3.client().s3()`, `boto3.client().region_name("eu-west-1").ec2()`.
    #[doc(alias = "boto3.client")]
    pub fn client(&self) -> Clients {
        Session::new(self.clone(), (*self.default).clone()).client()
    }
}

/// What [`Boto3::client`] gives: how the client shall be, then which.
///
/// What keeps a client from being made (no region, no such profile) is the answer to its first operation.
#[derive(Clone, Debug)]
#[must_use = "end it with the service's name"]
pub struct Clients {
    session: Session,
    told: Told,
}

impl Clients {
    fn new(session: Session) -> Clients {
        Clients { session, told: Told::default() }
    }

    /// The region, instead of the session's.
    pub fn region_name(mut self, region: impl Into<String>) -> Clients {
        self.told.region_name = Some(region.into());
        self
    }

    /// Where the service is, instead of at Amazon: `http://127.0.0.1:9000`.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Clients {
        self.told.endpoint_url = Some(url.into());
        self
    }

    /// The key's name, instead of the session's.
    pub fn aws_access_key_id(mut self, id: impl Into<String>) -> Clients {
        self.told.keys.access_key_id = Some(id.into());
        self
    }

    /// The key.
    pub fn aws_secret_access_key(mut self, key: impl Into<Secret>) -> Clients {
        self.told.keys.secret_access_key = Some(key.into());
        self
    }

    /// The token of temporary keys.
    pub fn aws_session_token(mut self, token: impl Into<Secret>) -> Clients {
        self.told.keys.session_token = Some(token.into());
        self
    }

    /// A file of certificate authorities, PEM, to trust instead of the machine's.
    ///
    /// DIFFERENCE: there is no `verify=False`.
    pub fn verify(mut self, ca_bundle: impl Into<std::path::PathBuf>) -> Clients {
        self.told.verify = Some(ca_bundle.into());
        self
    }

    /// How the client behaves. Said twice, the later word counts.
    pub fn config(mut self, config: Config) -> Clients {
        self.told.config = self.told.config.merge(config);
        self
    }

    /// S3.
    #[cfg(feature = "s3")]
    pub fn s3(self) -> s3::Client {
        let boto3 = self.session.boto3.clone();
        let regions = s3::regions::Regions::default();
        let (backend, config): (Arc<dyn s3::Backend>, _) = match self.session.resolve("s3", self.told) {
            Ok(config) => (Arc::new(s3::regions::Redirecting::new(boto3.s3.clone(), config.clone(), regions.clone())), config),
            Err(error) => (Arc::new(s3::Unready(error)), ClientConfig::default()),
        };
        s3::Client::new(backend, Context { regions, ..Context::new(boto3, config) })
    }

    /// EC2.
    #[cfg(feature = "ec2")]
    pub fn ec2(self) -> ec2::Client {
        let boto3 = self.session.boto3.clone();
        let (backend, config): (Arc<dyn ec2::Backend>, _) = match self.session.resolve("ec2", self.told) {
            Ok(config) => (boto3.ec2.connect(config.clone()), config),
            Err(error) => (Arc::new(ec2::Unready(error)), ClientConfig::default()),
        };
        ec2::Client::new(backend, Context::new(boto3, config))
    }

    /// STS.
    pub fn sts(self) -> sts::Client {
        let boto3 = self.session.boto3.clone();
        let (backend, config): (Arc<dyn sts::Backend>, _) = match self.session.resolve("sts", self.told) {
            Ok(config) => (boto3.sts.connect(config.clone()), config),
            Err(error) => (Arc::new(sts::Unready(error)), ClientConfig::default()),
        };
        sts::Client::new(backend, Context::new(boto3, config))
    }
}
