//! The same habits against somebody else's server: httpbin from PyPI, where LEYDEN_HTTPBIN says.

use std::time::{Duration, Instant};

use leyden::prelude::*;
use leyden::requests::{Checksum, Data, Error, HttpBearerAuth, HttpDigestAuth, Part, Retry, Session};
use serde_json::Value;

fn httpbin(path: &str) -> String {
    let base = std::env::var("LEYDEN_HTTPBIN").expect("LEYDEN_HTTPBIN names no server: see .ci/run");
    format!("{base}{path}")
}

fn session() -> Session {
    let mut session = Batteries::included().requests.session();
    session.trust_env = false;
    session
}

#[test]
#[ignore = "needs httpbin: see .ci/run"]
fn requests_arrive_as_they_were_meant() {
    let session = session();
    let echo: Value = session.get(httpbin("/get")).params([("q", "ü &")]).header("X-Own", "1").wait().unwrap().json().unwrap();
    assert_eq!((echo["args"]["q"].as_str(), echo["headers"]["X-Own"].as_str()), (Some("ü &"), Some("1")));
    let echo: Value = session.post(httpbin("/post")).data([("a", "1"), ("b", "x y")]).wait().unwrap().json().unwrap();
    assert_eq!((echo["form"]["a"].as_str(), echo["form"]["b"].as_str()), (Some("1"), Some("x y")));
    let echo: Value = session.put(httpbin("/put")).json(&serde_json::json!({"k": ["ä", 1.5]})).wait().unwrap().json().unwrap();
    assert_eq!(echo["json"], serde_json::json!({"k": ["ä", 1.5]}));
    let part = Part::bytes("contents").filename("f.txt").content_type("text/plain");
    let echo: Value = session.post(httpbin("/post")).data([("field", "v")]).file("file", part).wait().unwrap().json().unwrap();
    assert_eq!((echo["files"]["file"].as_str(), echo["form"]["field"].as_str()), (Some("contents"), Some("v")));
    let reader = Data::reader(std::io::Cursor::new(vec![b'x'; 200_000]), Some(200_000));
    let echo: Value = session.patch(httpbin("/patch")).data(reader).wait().unwrap().json().unwrap();
    assert_eq!(echo["data"].as_str().unwrap().len(), 200_000);
    assert_eq!(session.delete(httpbin("/delete")).wait().unwrap().status_code, 200);
    assert_eq!(session.head(httpbin("/get")).wait().unwrap().content().unwrap().len(), 0);
    assert!(session.options(httpbin("/get")).wait().unwrap().headers["Allow"].contains("GET"));
}

#[test]
#[ignore = "needs httpbin: see .ci/run"]
fn redirects_and_cookies() {
    let session = session();
    let response = session.get(httpbin("/redirect/4")).wait().unwrap();
    assert_eq!((response.status_code, response.history.len(), response.url), (200, 4, httpbin("/get")));
    assert!(matches!(session.get(httpbin("/redirect/40")).wait(), Err(Error::TooManyRedirects { limit: 30, .. })));
    let echo: Value =
        session.post(httpbin("/redirect-to?url=/anything&status_code=307")).data("again").wait().unwrap().json().unwrap();
    assert_eq!((echo["method"].as_str(), echo["data"].as_str()), (Some("POST"), Some("again")));
    let cookies: Value = session.get(httpbin("/cookies/set?a=1&b=2")).wait().unwrap().json().unwrap();
    assert_eq!(cookies["cookies"], serde_json::json!({"a": "1", "b": "2"}));
    let cookies: Value = session.get(httpbin("/cookies/delete?a")).wait().unwrap().json().unwrap();
    assert_eq!(cookies["cookies"], serde_json::json!({"b": "2"}));
}

#[test]
#[ignore = "needs httpbin: see .ci/run"]
fn every_auth_is_let_in() {
    let session = session();
    let status = |call: leyden::requests::RequestBuilder| call.wait().unwrap().status_code;
    assert_eq!(status(session.get(httpbin("/basic-auth/user/pass")).auth(("user", "pass"))), 200);
    assert_eq!(status(session.get(httpbin("/basic-auth/user/pass")).auth(("user", "wrong"))), 401);
    assert_eq!(status(session.get(httpbin("/bearer")).auth(HttpBearerAuth::new("token"))), 200);
    for algorithm in ["MD5", "SHA-256", "SHA-512"] {
        let url = httpbin(&format!("/digest-auth/auth/user/pass/{algorithm}"));
        assert_eq!(status(session.get(&url).auth(HttpDigestAuth::new("user", "pass"))), 200, "{algorithm}");
        assert_eq!(status(session.get(&url).auth(HttpDigestAuth::new("user", "wrong"))), 401, "{algorithm}");
    }
}

#[test]
#[ignore = "needs httpbin: see .ci/run"]
fn bodies_are_decoded() {
    let session = session();
    for (path, key) in [("/gzip", "gzipped"), ("/deflate", "deflated"), ("/brotli", "brotli")] {
        let echo: Value = session.get(httpbin(path)).wait().unwrap().json().unwrap();
        assert_eq!(echo[key], true, "{path}");
    }
    assert!(session.get(httpbin("/encoding/utf8")).wait().unwrap().text().unwrap().contains("ᚻᛖ"));
    assert_eq!(session.get(httpbin("/status/418")).wait().unwrap().reason, "I'M A TEAPOT");
    let error = session.get(httpbin("/status/404")).wait().unwrap().raise_for_status().unwrap_err();
    assert_eq!(error.to_string(), format!("404 Client Error: NOT FOUND for url: {}", httpbin("/status/404")));
}

#[test]
#[ignore = "needs httpbin: see .ci/run"]
fn time_is_kept() {
    let start = Instant::now();
    let error = session().get(httpbin("/delay/10")).timeout(Duration::from_millis(300)).wait().unwrap_err();
    assert!(matches!(error, Error::ReadTimeout(_)), "{error:?}");
    let drip = httpbin("/drip?duration=10&numbytes=10&delay=0");
    let error = session().get(drip).total(Duration::from_millis(800)).wait().unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    assert!(start.elapsed() < Duration::from_secs(9));
    let retry = Retry::new(2).status_forcelist([500]);
    assert!(matches!(session().get(httpbin("/status/500")).max_retries(retry).wait(), Err(Error::Retry { status: 500, .. })));
}

#[test]
#[ignore = "needs httpbin: see .ci/run"]
fn streams_and_downloads() {
    let mut response = session().get(httpbin("/stream/20")).stream(true).wait().unwrap();
    let lines: Vec<Value> = response.iter_lines().map(|line| serde_json::from_slice(&line.unwrap()).unwrap()).collect();
    assert_eq!(lines.len(), 20);
    let dir = std::env::temp_dir().join(format!("leyden-httpbin-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    let file = dir.join("range");
    // The first half is there from before.
    std::fs::write(dir.join("range.part"), "abcdefghijklmnopqrstuvwxyz".repeat(20)).unwrap();
    let download = session().get(httpbin("/range/1040")).download(&file).resume(true);
    let expected = "abcdefghijklmnopqrstuvwxyz".repeat(40);
    let digest = {
        use sha2::Digest as _;
        sha2::Sha256::digest(&expected).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let done = download.checksum(Checksum::Sha256(digest)).wait().unwrap();
    assert_eq!((done.bytes, done.response.status_code), (1040, 206));
    assert_eq!(std::fs::read_to_string(&file).unwrap(), expected);
    std::fs::remove_dir_all(&dir).unwrap();
}
