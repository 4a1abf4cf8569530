//! `requests` as a tower service, and over one.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use leyden::prelude::*;
use leyden::requests::http::{Body, FinalUrl, ServiceBackend};
use leyden::requests::mock::Reply;
use leyden::requests::{Error, Requests};
use tower::{Service, ServiceBuilder, ServiceExt as _};

fn get(url: &str) -> Request<Body> {
    Request::get(url).body(Body::empty()).unwrap()
}

fn text(response: Response<Body>) -> String {
    String::from_utf8(response.into_body().bytes().wait().unwrap().to_vec()).unwrap()
}

#[test]
fn a_request_goes_out_with_its_method_headers_and_body() {
    let world = World::new();
    world.requests.post("https://api.test/jobs").reply(Reply::new(201).header("X-A", "1").header("X-A", "2").body("made"));
    let mut service = world.batteries().requests;
    let request = Request::post("https://api.test/jobs?dry=1")
        .header("content-type", "application/json")
        .header("x-team", "ops")
        .header("x-team", "infra")
        .header("content-length", "99")
        .body(Body::from("{}"))
        .unwrap();
    let response = service.call(request).wait().unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    assert_eq!(response.headers().get_all("x-a").iter().collect::<Vec<_>>(), ["1", "2"]);
    assert_eq!(response.extensions().get::<FinalUrl>().unwrap().0, "https://api.test/jobs?dry=1");
    assert_eq!(text(response), "made");
    let sent = &world.requests.requests()[0];
    assert_eq!((sent.method.as_str(), sent.text().as_str()), ("POST", "{}"));
    assert_eq!(sent.headers.get("X-Team").unwrap(), "ops, infra");
    // The framing is that of the body.
    assert_eq!(sent.headers.get("Content-Length").unwrap(), "2");
}

#[test]
fn what_was_decoded_no_longer_says_that_it_is_encoded() {
    let packed = [31, 139, 8, 0, 0, 0, 0, 0, 0, 3, 203, 72, 205, 201, 201, 7, 0, 134, 166, 16, 54, 5, 0, 0, 0];
    let world = World::new();
    let gzip = || Reply::new(200).header("Content-Encoding", "gzip").header("Content-Length", "25").body(packed.to_vec());
    world.requests.get("https://a.test/gzip").reply(gzip());
    world.requests.get("https://a.test/plain").reply(Reply::new(200).header("Content-Length", "2").body("ok"));
    world.requests.get("https://a.test/odd").reply(Reply::new(200).header("Content-Encoding", "x-odd").body("ok"));
    let requests = world.batteries().requests;
    let response = requests.clone().oneshot(get("https://a.test/gzip")).wait().unwrap();
    assert!(!response.headers().contains_key("content-encoding") && !response.headers().contains_key("content-length"));
    assert_eq!(text(response), "hello");
    let read: Response<Bytes> = requests.get("https://a.test/gzip").wait().unwrap().try_into().unwrap();
    assert!(!read.headers().contains_key("content-encoding"));
    assert_eq!(read.into_body(), "hello");
    let plain = requests.clone().oneshot(get("https://a.test/plain")).wait().unwrap();
    assert_eq!(plain.headers()["content-length"], "2");
    let odd = requests.clone().oneshot(get("https://a.test/odd")).wait().unwrap();
    assert_eq!(odd.headers()["content-encoding"], "x-odd");
}

#[test]
fn redirects_cookies_and_errors_are_those_of_requests() {
    let world = World::new();
    world.requests.get("https://a.test/old").reply(Reply::redirect(302, "/new").header("Set-Cookie", "id=7"));
    world.requests.get("https://a.test/new").header("Cookie", "id=7").reply(Reply::new(200).body("new"));
    let mut session = world.batteries().requests.session();
    let response = session.call(get("https://a.test/old")).wait().unwrap();
    assert_eq!(response.extensions().get::<FinalUrl>().unwrap().0, "https://a.test/new");
    assert_eq!(text(response), "new");
    // The session keeps them.
    assert_eq!(text(session.call(get("https://a.test/new")).wait().unwrap()), "new");
    let error = world.batteries().requests.call(get("https://elsewhere.test/")).wait().unwrap_err();
    assert!(error.is_connection_error(), "{error}");
    let relative = world.batteries().requests.call(get("/path")).wait().unwrap_err();
    assert!(matches!(relative, Error::MissingSchema(_)), "{relative}");
}

#[test]
fn a_body_streams_and_its_errors_arrive() {
    use http_body::Body as _;
    let world = World::new();
    world.requests.get("https://a.test/").reply(Reply::new(200).body("one").body("two").cut());
    let mut body = world.batteries().requests.oneshot(get("https://a.test/")).wait().unwrap().into_body();
    assert!(!body.is_end_stream());
    let mut next = || std::future::poll_fn(|context| std::pin::Pin::new(&mut body).poll_frame(context)).wait();
    assert_eq!(next().unwrap().unwrap().into_data().unwrap(), "one");
    assert_eq!(next().unwrap().unwrap().into_data().unwrap(), "two");
    assert!(matches!(next().unwrap(), Err(Error::ChunkedEncoding(_))));
    assert!(next().is_none());
}

#[test]
fn a_body_to_send_that_fails_is_an_error_of_the_call() {
    struct Broken;
    impl http_body::Body for Broken {
        type Data = Bytes;
        type Error = std::io::Error;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, std::io::Error>>> {
            std::task::Poll::Ready(Some(Err(std::io::Error::other("disk gone"))))
        }
    }
    let world = World::new();
    let error = world.batteries().requests.call(Request::put("https://a.test/").body(Broken).unwrap()).wait().unwrap_err();
    assert_eq!(error.to_string(), "PUT https://a.test/: the body to send cannot be read: disk gone");
    assert!(world.requests.requests().is_empty());
}

/// Middleware of tower around it: a header for each request, and a second try.
#[test]
fn middleware_of_tower_goes_around_it() {
    #[derive(Clone)]
    struct Twice(usize);
    impl<E> tower::retry::Policy<Request<Body>, Response<Body>, E> for Twice {
        type Future = std::future::Ready<()>;
        fn retry(&mut self, _: &mut Request<Body>, result: &mut Result<Response<Body>, E>) -> Option<Self::Future> {
            let failed = result.as_ref().is_ok_and(|response| response.status().is_server_error());
            (failed && self.0 > 0).then(|| {
                self.0 -= 1;
                std::future::ready(())
            })
        }
        fn clone_request(&mut self, request: &Request<Body>) -> Option<Request<Body>> {
            let mut copy = get(&request.uri().to_string());
            *copy.headers_mut() = request.headers().clone();
            Some(copy)
        }
    }
    let world = World::new();
    world.requests.get("https://a.test/").header("X-Trace", "1").reply(503).reply(Reply::new(200).body("ok"));
    let service = ServiceBuilder::new()
        .map_request(|mut request: Request<Body>| {
            request.headers_mut().insert("x-trace", "1".parse().unwrap());
            request
        })
        .retry(Twice(1))
        .timeout(Duration::from_secs(30))
        .service(world.batteries().requests);
    let response = service.oneshot(get("https://a.test/")).wait().unwrap();
    assert_eq!((response.status(), text(response).as_str()), (StatusCode::OK, "ok"));
    assert_eq!(world.requests.requests().len(), 2);
}

#[test]
fn a_response_goes_there_and_back() {
    let world = World::new();
    world
        .requests
        .get("https://a.test/x")
        .reply(Reply::new(418).reason("Short and stout").header("Set-Cookie", "a=b").header("X-B", "1").body("körper"));
    let requests = world.batteries().requests;
    let first = requests.get("https://a.test/x").wait().unwrap();
    let (status, headers, raw, url) = (first.status_code, first.headers.clone(), first.raw_headers().to_vec(), first.url.clone());
    let there: Response<Bytes> = first.try_into().unwrap();
    let back = requests.response(there);
    assert_eq!((back.status_code, back.reason.as_str(), &back.headers), (status, "Short and stout", &headers));
    let lower = |headers: &[(String, String)]| {
        headers.iter().map(|(name, value)| (name.to_lowercase(), value.clone())).collect::<Vec<_>>()
    };
    assert_eq!((lower(back.raw_headers()), &back.url), (lower(&raw), &url));
    assert_eq!((back.text().unwrap().as_str(), back.cookies.get("a").unwrap()), ("körper", Some("b".to_owned())));
    assert!(
        back.raise_for_status()
            .unwrap_err()
            .to_string()
            .starts_with("418 Client Error: Short and stout for url: https://a.test/x")
    );
    let unread = requests.get("https://a.test/x").stream(true).wait().unwrap();
    assert!(matches!(Response::<Bytes>::try_from(unread), Err(Error::NotRead)));
}

#[test]
fn a_planned_reply_is_an_http_response() {
    let world = World::new();
    world.requests.get("https://a.test/").reply(Response::builder().status(206).header("etag", "\"1\"").body("part").unwrap());
    let response = world.batteries().requests.get("https://a.test/").wait().unwrap();
    assert_eq!(
        (response.status_code, response.headers["ETag"].as_str(), response.text().unwrap()),
        (206, "\"1\"", "part".into())
    );
}

/// A small application as a tower service.
#[derive(Clone)]
struct App;

impl Service<Request<Body>> for App {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let response = match parts.uri.path() {
                "/login" => Response::builder()
                    .status(302)
                    .header("location", "/me")
                    .header("set-cookie", "id=7; Path=/")
                    .body(Body::empty()),
                "/me" => {
                    let cookie = parts.headers.get("cookie").map_or("none", |value| value.to_str().unwrap()).to_owned();
                    Response::builder().body(format!("{} {cookie}", parts.headers["host"].to_str().unwrap()).into())
                }
                "/slow" => std::future::pending().await,
                _ => Response::builder().status(404).body(body),
            };
            Ok(response.unwrap())
        })
    }
}

#[test]
fn requests_runs_over_a_service() {
    let Batteries { os, time, .. } = World::new().batteries();
    let requests = Requests::new(Arc::new(ServiceBackend::new(App)), os, time);
    let session = requests.session();
    let me = session.get("http://app.test/login").wait().unwrap();
    assert_eq!((me.text().unwrap().as_str(), me.history.len()), ("app.test id=7", 1));
    let missing =
        session.put("http://app.test:8080/x").data(leyden::requests::Data::reader(&b"streamed"[..], None)).wait().unwrap();
    assert_eq!((missing.status_code, missing.text().unwrap().as_str()), (404, "streamed"));
    let error = session.get("http://app.test/slow").timeout(Duration::from_millis(50)).wait().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    let error = session.get("https://app.test/me").verify(false).wait().unwrap_err();
    assert!(error.to_string().contains("decides about certificates"), "{error}");
    let error = session.get("http://app.test/me").proxies([("http", "http://proxy.test")]).wait().unwrap_err();
    assert!(error.to_string().contains("chooses its proxy itself"), "{error}");
}
