//! S3: each case runs on the fake, on the fake through Amazon's own client, on the fake over TCP, on s3s-fs over the wire, and on moto_server, where LEYDEN_MOTO says.
//!
//! What a server cannot do or does otherwise than AWS documents is listed with the reason.

use crate::support::layer::layered;
use std::sync::atomic::{AtomicU32, Ordering};

use leyden::boto3::s3::Client;
use leyden::boto3::s3::primitives::ByteStream;
use leyden::boto3::s3::types::{BucketVersioningStatus, ObjectOwnership, VersioningConfiguration};
use leyden::boto3::{Call, Error};
use leyden::prelude::*;

use crate::support::s3::S3Server;

/// Makes `mock::case`, `sdk::case`, `tcp::case`, `s3s::case` and `moto::case`.
macro_rules! s3_conformance {
    (
        everywhere [$($every:ident),* $(,)?]
        $(not_s3s $no_s3s:literal [$($mock_moto:ident),* $(,)?])*
        $(not_moto $no_moto:literal [$($mock_s3s:ident),* $(,)?])*
        $(fake $only:literal [$($mock:ident),* $(,)?])*
        $(unsent $alone:literal [$($unsent:ident),* $(,)?])*
    ) => {
        mod mock {
            $($(#[test] fn $unsent() { super::$unsent(&$crate::conformance::boto3_s3::Fixture::mock()) })*)*
            $(#[test] fn $every() { super::$every(&$crate::conformance::boto3_s3::Fixture::mock()) })*
            $($(#[test] fn $mock_moto() { super::$mock_moto(&$crate::conformance::boto3_s3::Fixture::mock()) })*)*
            $($(#[test] fn $mock_s3s() { super::$mock_s3s(&$crate::conformance::boto3_s3::Fixture::mock()) })*)*
            $($(#[test] fn $mock() { super::$mock(&$crate::conformance::boto3_s3::Fixture::mock()) })*)*
        }
        mod sdk {
            $(#[test] fn $every() { super::$every(&$crate::conformance::boto3_s3::Fixture::sdk()) })*
            $($(#[test] fn $mock_moto() { super::$mock_moto(&$crate::conformance::boto3_s3::Fixture::sdk()) })*)*
            $($(#[test] fn $mock_s3s() { super::$mock_s3s(&$crate::conformance::boto3_s3::Fixture::sdk()) })*)*
            $($(#[test] fn $mock() { super::$mock(&$crate::conformance::boto3_s3::Fixture::sdk()) })*)*
        }
        #[cfg(feature = "serve")]
        mod tcp {
            $(#[test] fn $every() { super::$every(&$crate::conformance::boto3_s3::Fixture::tcp()) })*
            $($(#[test] fn $mock_moto() { super::$mock_moto(&$crate::conformance::boto3_s3::Fixture::tcp()) })*)*
            $($(#[test] fn $mock_s3s() { super::$mock_s3s(&$crate::conformance::boto3_s3::Fixture::tcp()) })*)*
        }
        mod s3s {
            $(#[test] fn $every() { super::$every(&$crate::conformance::boto3_s3::Fixture::s3s()) })*
            $($(#[test] fn $mock_s3s() { super::$mock_s3s(&$crate::conformance::boto3_s3::Fixture::s3s()) })*)*
        }
        mod moto {
            $(#[test] #[ignore = "needs moto_server: see .ci/run"] fn $every() { super::$every(&$crate::conformance::boto3_s3::Fixture::moto()) })*
            $($(#[test] #[ignore = "needs moto_server: see .ci/run"] fn $mock_moto() { super::$mock_moto(&$crate::conformance::boto3_s3::Fixture::moto()) })*)*
        }
    };
}
pub(super) use s3_conformance;

/// A client, and what keeps alive whom it talks to.
pub struct Fixture {
    pub s3: Client,
    _server: Option<S3Server>,
    #[cfg(feature = "serve")]
    _served: Option<leyden::world::Served>,
    pub world: Option<World>,
}

impl Fixture {
    fn new(s3: Client, server: Option<S3Server>, world: Option<World>) -> Fixture {
        Fixture {
            s3,
            _server: server,
            #[cfg(feature = "serve")]
            _served: None,
            world,
        }
    }

    pub fn mock() -> Fixture {
        let world = World::new();
        Fixture::new(layered(world.batteries()).boto3.client().region_name("us-east-1").s3(), None, Some(world))
    }

    #[cfg(feature = "serve")]
    pub fn tcp() -> Fixture {
        let served =
            World::new().serve(leyden::world::Serve::new().s3("127.0.0.1:0").credentials("AKIDLEYDEN", "secret")).unwrap();
        let s3 = client(&served.s3_url().unwrap());
        Fixture { _served: Some(served), ..Fixture::new(s3, None, None) }
    }

    /// The native backend, on the client of Amazon's that the world answers.
    pub fn sdk() -> Fixture {
        let world = World::new();
        let Batteries { os, time, .. } = world.batteries();
        let s3 = leyden::boto3::Boto3::from_sdk_config(&world.boto3.sdk_config(), os, time).client().s3();
        Fixture::new(s3, None, Some(world))
    }

    pub fn s3s() -> Fixture {
        let server = S3Server::start();
        Fixture::new(server.client(), Some(server), None)
    }

    pub fn moto() -> Fixture {
        let url = std::env::var("LEYDEN_MOTO").expect("LEYDEN_MOTO names no server: see .ci/run");
        Fixture::new(client(&url), None, None)
    }

    /// A name that no bucket has.
    pub fn name(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        format!("leyden-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
    }

    /// A fresh bucket, in which lists count as they did before 2023.
    pub fn bucket(&self) -> String {
        let name = self.name();
        self.s3.create_bucket(|create| create.bucket(&name).object_ownership(ObjectOwnership::ObjectWriter)).wait().unwrap();
        name
    }

    /// A fresh bucket that keeps versions.
    pub fn versioned(&self) -> String {
        let name = self.bucket();
        self.version(&name, BucketVersioningStatus::Enabled);
        name
    }

    pub fn version(&self, bucket: &str, status: BucketVersioningStatus) {
        let configuration = VersioningConfiguration::builder().status(status).build();
        self.s3.put_bucket_versioning(|put| put.bucket(bucket).versioning_configuration(configuration)).wait().unwrap();
    }

    /// Puts an object and gives its version.
    pub fn put(&self, bucket: &str, key: &str, body: impl Into<Vec<u8>>) -> Option<String> {
        let body = ByteStream::from(body.into());
        self.s3.put_object(|put| put.bucket(bucket).key(key).body(body)).wait().unwrap().version_id
    }

    pub fn get(&self, bucket: &str, key: &str) -> Vec<u8> {
        read(self.s3.get_object(|get| get.bucket(bucket).key(key)).wait().unwrap().body)
    }

    /// Puts an object under each key.
    pub fn fill(&self, keys: &[&str]) -> String {
        let bucket = self.bucket();
        for key in keys {
            self.put(&bucket, key, key.as_bytes());
        }
        bucket
    }
}

fn client(url: &str) -> Client {
    let client = Batteries::included().boto3.client().endpoint_url(url).region_name("us-east-1");
    client.aws_access_key_id("AKIDLEYDEN").aws_secret_access_key("secret").s3()
}

/// The whole body.
pub fn read(body: ByteStream) -> Vec<u8> {
    async { body.collect().await }.wait().unwrap().to_vec()
}

/// The status and the code of what is refused.
pub fn refused<T: Send + std::fmt::Debug + 'static>(call: Call<T>) -> (u16, String) {
    match call.wait() {
        Err(Error::Client(error)) => (error.status, error.code),
        other => panic!("not refused: {other:?}"),
    }
}

/// The same, to compare with.
pub fn because(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

pub fn etag(bytes: &[u8]) -> String {
    use md5::{Digest as _, Md5};
    let digits: String = <[u8; 16]>::from(Md5::digest(bytes)).iter().map(|byte| format!("{byte:02x}")).collect();
    format!("\"{digits}\"")
}

#[test]
fn the_coverage_table_is_up_to_date() {
    let not_modelled = leyden::boto3::s3::mock::NOT_MODELLED;
    crate::support::coverage::check("S3", "s3", |operation| !not_modelled.contains(&operation));
}
