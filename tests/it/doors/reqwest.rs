//! A client of reqwest that the caller has made.

use std::sync::Arc;
use std::time::Duration;

use crate::support::http::{Answer, Server};
use leyden::prelude::*;
use leyden::requests::Requests;
use leyden::requests::native::ReqwestClient;

/// reqwest is built without a crypto provider here, so a client brings its TLS.
fn builder() -> reqwest::ClientBuilder {
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let tls = tls.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    reqwest::Client::builder().tls_backend_preconfigured(tls).no_proxy()
}

fn over(client: ReqwestClient) -> Requests {
    let Batteries { os, time, .. } = Batteries::included();
    Requests::new(Arc::new(client), os, time)
}

fn site() -> Server {
    Server::start(|seen| match seen.path() {
        "/old" => Answer::new(302).header("Location", "/new").header("Set-Cookie", "id=7"),
        "/new" => {
            Answer::new(200).body(format!("{} {}", seen.header("user-agent").unwrap(), seen.header("cookie").unwrap_or("none")))
        }
        "/slow" => Answer::new(200).stall(),
        _ => Answer::new(404),
    })
}

#[test]
fn its_settings_apply_and_the_rest_is_requests() {
    let site = site();
    let marked = builder().default_headers([(reqwest::header::FROM, "ops@example.com".parse().unwrap())].into_iter().collect());
    let session = over(ReqwestClient::build(marked).unwrap()).session();
    let response = session.get(site.url("/old")).header("User-Agent", "x").wait().unwrap();
    assert_eq!((response.text().unwrap().as_str(), response.history.len()), ("x id=7", 1));
    assert_eq!(site.seen()[0].header("from"), Some("ops@example.com"));
    let error = session.get(site.url("/slow")).timeout(Duration::from_millis(300)).wait().unwrap_err();
    assert!(error.is_timeout(), "{error}");
}

#[test]
fn a_client_that_follows_redirects_itself_is_an_error() {
    let site = site();
    let requests = over(ReqwestClient::new(builder().build().unwrap()));
    assert_eq!(requests.get(site.url("/new")).wait().unwrap().status_code, 200);
    let error = requests.get(site.url("/old")).wait().unwrap_err();
    assert!(error.to_string().contains("the client has followed a redirect"), "{error}");
}

#[test]
fn what_is_the_clients_cannot_be_asked_of_a_call() {
    let requests = over(ReqwestClient::build(builder()).unwrap());
    let error = requests.get("https://127.0.0.1:1/").verify(false).wait().unwrap_err();
    assert!(error.to_string().contains("a reqwest client of the caller's decides about certificates"), "{error}");
    let error = requests.get("http://127.0.0.1:1/").proxies([("http", "http://127.0.0.1:2")]).wait().unwrap_err();
    assert!(error.to_string().contains("chooses its proxy itself"), "{error}");
}
