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
//! Python's [boto3](https://boto3.amazonaws.com/v1/documentation/api/latest/index.html), on top of
//! the AWS SDK for Rust. Each service is a feature, `s3` and `ec2`; both include [`sts`]. Pages,
//! waiters, resources and transfers are implemented on top of the backends, so the fakes in memory
//! ([`mock`]) have them too.
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
//! | `boto3.setup_default_session(region_name=r)` | [`boto3.setup_default_session(\|session\| session.region_name(r))`](Boto3::setup_default_session), for this handle |
//!
//! # Credentials and settings
//!
//! They are found in the same places and order as in botocore, with the environment of the handle
//! (`os.environ`), `~/.aws/config` and `~/.aws/credentials`. The region is `AWS_DEFAULT_REGION` (as
//! in boto3, `AWS_REGION` is ignored), the profile `AWS_DEFAULT_PROFILE` or `AWS_PROFILE`.
//! `AWS_ENDPOINT_URL` and the variables per service, `AWS_CA_BUNDLE`, `AWS_MAX_ATTEMPTS`,
//! `AWS_RETRY_MODE` and the checksum settings are supported. If a client cannot be created (no
//! region, unknown profile), its first operation returns [`Error::Config`].
//!
//! # DIFFERENCES
//!
//! - Each call with all its retries has a time limit, [`DEFAULT_TIMEOUT`]; botocore has only
//!   timeouts for connecting and for each read.
//! - Parameters are checked by their types. Times are the SDK's
//!   [`DateTime`](aws_smithy_types::DateTime), bodies its `ByteStream`.
//! - S3 and STS clients without a region use us-east-1.
//! - `legacy` retries are `standard` ones.
//! - There is no global state: a default session belongs to its handle.
//! - A profile with `mfa_serial` is an error, because its code cannot be requested.
//! - Container and instance metadata never go through a proxy, even with `HTTP_PROXY`; botocore
//!   uses it for instances.
//! - The output of a `credential_process` is limited to 1 MiB. The process is killed with its
//!   children when the call's time limit expires.
//!
//! # Not implemented
//!
//! Other services; event hooks (`session.events`), JMESPath (`search` takes a closure),
//! `verify=False`, client certificates, SigV4A (multi-region access points), the login provider,
//! `get_bucket_lifecycle` and `put_bucket_lifecycle`, which AWS replaced in 2013. Other operations
//! are available through the SDK's client.
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
mod from_sdk;
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

/// The result of the calls of this battery.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A handle on AWS: Python's module `boto3` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Boto3 {
    os: Os,
    time: Time,
    native: bool,
    default: Arc<Settings>,
    /// Instead of environment and files.
    sdk: Option<Arc<aws_config::SdkConfig>>,
    #[cfg(feature = "s3")]
    s3: Arc<dyn Service<dyn s3::Backend>>,
    #[cfg(feature = "ec2")]
    ec2: Arc<dyn Service<dyn ec2::Backend>>,
    sts: Arc<dyn Service<dyn sts::Backend>>,
}

impl Boto3 {
    /// A handle on AWS over this machine's network, with its files and environment.
    pub fn native(os: Os, time: Time) -> Boto3 {
        Boto3 {
            os,
            time,
            native: true,
            default: Arc::default(),
            sdk: None,
            #[cfg(feature = "s3")]
            s3: Arc::new(native::Native),
            #[cfg(feature = "ec2")]
            ec2: Arc::new(native::Native),
            sts: Arc::new(native::Native),
        }
    }

    /// Amazon's services through clients made of a configuration of the AWS SDK: its credentials, region, endpoint, retries, timeouts and HTTP
    /// client. Neither environment nor files of AWS are read. A client's own region, endpoint, keys and [`Config`] go before.
    ///
    /// ```
    /// # #[cfg(feature = "s3")] {
    /// use leyden::{boto3::Boto3, prelude::*};
    ///
    /// let world = World::new();
    /// let Batteries { os, time, .. } = world.batteries();
    /// // In a program: `aws_config::load_from_env().await`.
    /// let config = world.boto3.sdk_config();
    /// let s3 = Boto3::from_sdk_config(&config, os, time).client().s3();
    /// s3.create_bucket(|create| create.bucket("backups")).wait()?;
    /// assert_eq!(world.boto3.s3.buckets(), ["backups"]);
    /// # }
    /// # Ok::<(), leyden::Error>(())
    /// ```
    ///
    /// The client reports [`Error::Config`] if the configuration names no region, or if it is given `verify`, `proxies`,
    /// `max_pool_connections` or a profile: connections and profile are the configuration's.
    pub fn from_sdk_config(config: &aws_config::SdkConfig, os: Os, time: Time) -> Boto3 {
        Boto3 { sdk: Some(Arc::new(config.clone())), ..Boto3::native(os, time) }
    }

    pub(crate) fn in_memory(mock: &mock::Mock, os: Os, time: Time) -> Boto3 {
        Boto3 {
            os,
            time,
            native: false,
            default: Arc::default(),
            sdk: None,
            #[cfg(feature = "s3")]
            s3: Arc::new(mock.s3.clone()),
            #[cfg(feature = "ec2")]
            ec2: Arc::new(mock.ec2.clone()),
            sts: Arc::new(mock.sts.clone()),
        }
    }

    /// Returns the handle with other files and clocks, and with its services wrapped by these
    /// functions, for layers.
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
            sdk: self.sdk.clone(),
            #[cfg(feature = "s3")]
            s3: s3(self.s3.clone()),
            #[cfg(feature = "ec2")]
            ec2: ec2(self.ec2.clone()),
            sts: sts(self.sts.clone()),
        }
    }

    /// Creates a session: with another profile, region or key than the default's.
    pub fn session(&self) -> Session {
        Session::new(self.clone(), Settings::default())
    }

    /// Sets the session of this handle's [`client`](Boto3::client) and
    /// [`resource`](Boto3::resource).
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
    /// DIFFERENCE: the session belongs to this handle and its later clones, not to the whole
    /// process.
    #[doc(alias = "boto3.setup_default_session")]
    pub fn setup_default_session(&mut self, build: impl FnOnce(Session) -> Session) {
        self.default = Arc::new(build(self.session()).settings);
    }

    /// Creates a client, completed by the service's name: `boto3.client().s3()`,
    /// `boto3.client().region_name("eu-west-1").ec2()`.
    #[doc(alias = "boto3.client")]
    pub fn client(&self) -> Clients {
        Session::new(self.clone(), (*self.default).clone()).client()
    }
}

/// The settings of a client, completed by the service's name. [`Boto3::client`] returns it.
///
/// If the client cannot be created (no region, unknown profile), its first operation returns the
/// error.
#[derive(Clone, Debug)]
#[must_use = "complete it with the service's name"]
pub struct Clients {
    session: Session,
    told: Told,
}

impl Clients {
    fn new(session: Session) -> Clients {
        Clients { session, told: Told::default() }
    }

    /// Sets the region, instead of the session's.
    pub fn region_name(mut self, region: impl Into<String>) -> Clients {
        self.told.region_name = Some(region.into());
        self
    }

    /// Sets the URL of the service, instead of AWS's: `http://127.0.0.1:9000`.
    pub fn endpoint_url(mut self, url: impl Into<String>) -> Clients {
        self.told.endpoint_url = Some(url.into());
        self
    }

    /// Sets the access key id, instead of the session's.
    pub fn aws_access_key_id(mut self, id: impl Into<String>) -> Clients {
        self.told.keys.access_key_id = Some(id.into());
        self
    }

    /// Sets the secret access key.
    pub fn aws_secret_access_key(mut self, key: impl Into<Secret>) -> Clients {
        self.told.keys.secret_access_key = Some(key.into());
        self
    }

    /// Sets the session token of temporary credentials.
    pub fn aws_session_token(mut self, token: impl Into<Secret>) -> Clients {
        self.told.keys.session_token = Some(token.into());
        self
    }

    /// Sets a file of certificate authorities, PEM, to trust instead of the machine's.
    ///
    /// DIFFERENCE: there is no `verify=False`.
    pub fn verify(mut self, ca_bundle: impl Into<std::path::PathBuf>) -> Clients {
        self.told.verify = Some(ca_bundle.into());
        self
    }

    /// Sets further settings. In repeated calls, later settings take precedence.
    pub fn config(mut self, config: Config) -> Clients {
        self.told.config = self.told.config.merge(config);
        self
    }

    /// Creates a client of S3.
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

    /// Creates a client of EC2.
    #[cfg(feature = "ec2")]
    pub fn ec2(self) -> ec2::Client {
        let boto3 = self.session.boto3.clone();
        let (backend, config): (Arc<dyn ec2::Backend>, _) = match self.session.resolve("ec2", self.told) {
            Ok(config) => (boto3.ec2.connect(config.clone()), config),
            Err(error) => (Arc::new(ec2::Unready(error)), ClientConfig::default()),
        };
        ec2::Client::new(backend, Context::new(boto3, config))
    }

    /// Creates a client of STS.
    pub fn sts(self) -> sts::Client {
        let boto3 = self.session.boto3.clone();
        let (backend, config): (Arc<dyn sts::Backend>, _) = match self.session.resolve("sts", self.told) {
            Ok(config) => (boto3.sts.connect(config.clone()), config),
            Err(error) => (Arc::new(sts::Unready(error)), ClientConfig::default()),
        };
        sts::Client::new(backend, Context::new(boto3, config))
    }
}
