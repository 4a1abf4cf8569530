//! A world over TCP: [`World::serve`], for tests in other languages.
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::world::Serve;
//!
//! let world = World::new();
//! let served = world.serve(Serve::new().s3("127.0.0.1:0"))?;
//! let url = served.s3_url().unwrap(); // for AWS_ENDPOINT_URL_S3 of the program under test
//! assert!(url.starts_with("http://127.0.0.1:"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! The server answers every operation that [S3 in memory](crate::boto3::s3::mock) models, so that boto3, the AWS CLI and every other client of
//! S3 can be tested against the same stateful fake as Rust code. The test arranges and inspects the world while the program runs.
//!
//! | | |
//! |---|---|
//! | addresses | paths (`http://127.0.0.1:4566/bucket/key`) and names (`http://bucket.localhost:4566/key`) |
//! | signatures | checked when [`credentials`](Serve::credentials) are set, with those keys and those of the world's own clients; else every key is accepted |
//! | requests without a signature | may do what access control lists allow to everyone |
//! | time | the world's clock keeps up with the machine's while it is served |
//! | faults | planned answers, latency and cut bodies of the world reach the client; a planned fault of the network closes its connection |
//! | TLS | not there: plain HTTP only |
//! | EC2, STS | not there: an explicit 501 for what is sent to this port |

mod native;

use std::fmt;
use std::io;
use std::net::SocketAddr;

use self::native::Server;
use super::World;
use crate::Secret;

/// What [`World::serve`] serves, and where.
#[derive(Clone, Debug, Default)]
#[must_use = "pass it to `World::serve`"]
pub struct Serve {
    s3: Option<String>,
    credentials: Vec<(String, Secret)>,
    remote: bool,
}

impl Serve {
    /// Nothing yet.
    pub fn new() -> Serve {
        Serve::default()
    }

    /// Serves S3 at this address: `127.0.0.1:0` picks a free port.
    pub fn s3(mut self, address: impl Into<String>) -> Serve {
        self.s3 = Some(address.into());
        self
    }

    /// Accepts requests signed by this key, and refuses keys that are not known. Without any, signatures are not checked.
    pub fn credentials(mut self, access_key_id: impl Into<String>, secret_access_key: impl Into<Secret>) -> Serve {
        self.credentials.push((access_key_id.into(), secret_access_key.into()));
        self
    }

    /// Allows addresses that other machines reach, such as `0.0.0.0:4566` in a container. The fake then is open to the network.
    pub fn danger_accept_remote_connections(mut self) -> Serve {
        self.remote = true;
        self
    }
}

/// A world that is served. Dropping it closes the ports and the connections.
pub struct Served {
    s3: Option<Server>,
}

impl Served {
    /// The URL of S3, if it is served: `http://127.0.0.1:40123`.
    pub fn s3_url(&self) -> Option<String> {
        self.s3_address().map(|address| format!("http://{address}"))
    }

    /// The address of S3, if it is served.
    pub fn s3_address(&self) -> Option<SocketAddr> {
        self.s3.as_ref().map(Server::address)
    }
}

impl fmt::Debug for Served {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Served").field("s3", &self.s3_address()).finish()
    }
}

impl World {
    /// Serves parts of this world over TCP, until the answer is dropped: see [`serve`](crate::world::serve).
    ///
    /// From then on the world's clock keeps up with the machine's, as clients of other programs live by that.
    ///
    /// # Errors
    /// If the address cannot be bound, is not an address, or is not a loopback address and
    /// [`danger_accept_remote_connections`](Serve::danger_accept_remote_connections) was not called.
    pub fn serve(&self, serve: Serve) -> io::Result<Served> {
        let Serve { s3, credentials, remote } = serve;
        let site = self.boto3.s3.site_over_tcp(credentials);
        let s3 = s3.map(|address| Server::start(&address, remote, site, self.clock().clone())).transpose()?;
        Ok(Served { s3 })
    }
}
