//! [`ReqwestClient`]: the network through a client of reqwest that the caller has made.

use std::sync::Arc;

use reqwest::{Client, ClientBuilder};

use super::exchange::Exchange;
use super::request;
use super::upload::Activity;
use crate::requests::backend::{Backend, Failure, Hop, Reply};
use crate::requests::request::body::Body;
use crate::wait::net::on_net;

/// A [`Backend`] over a client of [`reqwest`] that the caller has made: with its own TLS, proxies, resolver and connections. With the feature `reqwest`.
///
/// The client must carry one exchange, since redirects, cookies, decoding and retries are above it. [`ReqwestClient::build`] sees to that.
///
/// - TLS and proxies are the client's. A request that asks for a proxy, a client certificate or other trust than the default fails. A
///   proxy in the environment asks for one, too: unset it, or set [`Session::trust_env`](crate::requests::Session::trust_env) to false.
/// - The connect timeout and the size of the pool are the client's. The read timeout and the total budget of a call apply.
///
/// ```no_run
/// use leyden::prelude::*;
/// use leyden::requests::Requests;
/// use leyden::requests::native::ReqwestClient;
/// use std::sync::Arc;
///
/// # fn builder() -> reqwest::ClientBuilder { unimplemented!() }
/// let Batteries { os, time, .. } = Batteries::included();
/// let client = ReqwestClient::build(builder().local_address("10.0.0.7".parse::<std::net::IpAddr>()?))?;
/// let requests = Requests::new(Arc::new(client), os, time);
/// requests.get("https://intranet.example.com/").wait()?.raise_for_status()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ReqwestClient {
    client: Client,
}

impl ReqwestClient {
    /// Over a client that follows no redirect, keeps no cookies and decodes nothing. What it does all the same, requests does not see: a redirect
    /// that it has followed is an error of the call, the rest is not detected.
    pub fn new(client: Client) -> ReqwestClient {
        ReqwestClient { client }
    }

    /// Builds the client, with redirects and decoding off.
    ///
    /// # Errors
    /// reqwest's, if the configuration cannot be used.
    pub fn build(builder: ClientBuilder) -> Result<ReqwestClient, reqwest::Error> {
        let builder = builder.redirect(reqwest::redirect::Policy::none()).no_gzip().no_brotli().no_deflate().no_zstd();
        builder.http1_title_case_headers().build().map(ReqwestClient::new)
    }
}

#[async_trait::async_trait]
impl Backend for ReqwestClient {
    async fn send(&self, hop: Hop) -> Result<Reply, Failure> {
        super::only_default_route(&hop.route, "a reqwest client of the caller's")?;
        let activity = matches!(hop.body, Body::Stream(_)).then(|| Arc::new(Activity::new()));
        let request = request(&hop, activity.as_ref())?;
        let exchange = Exchange {
            client: self.client.clone(),
            request,
            proxied: false,
            gate: None,
            read: hop.read,
            total: hop.total,
            activity,
            stays: true,
        };
        on_net(exchange.run()).await
    }

    /// Does nothing: the connections are those of the client, which other code may use.
    fn close(&self) {}
}
