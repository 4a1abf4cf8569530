//! Cookies against the algorithm of RFC 6265, as tests/oracle/rfc6265.py writes it down.

use std::time::Duration;

use leyden::World;
use leyden::requests::{Headers, RequestsCookieJar};
use serde_json::{Value as Json, json};

use crate::support::oracle::{Replay, cases};

/// Of the program: how much later the jar is asked.
const LATER: [u64; 4] = [0, 99, 150, 400 * 86_400];

// S15
#[test]
fn a_jar_has_limits() {
    let now = World::new().clock().now();
    let none = Headers::new();
    let jar = RequestsCookieJar::new();
    jar.set("own", "1");
    for n in 0..40_000 {
        jar.extract_cookies([format!("a{n}=1").as_str()], "http://a.test/", &none, now);
    }
    // Of one host the last ones, and what the caller has set stays.
    assert_eq!((jar.len(), jar.get("own").unwrap()), (181, Some("1".into())));
    assert!(jar.contains("a39999") && jar.contains("a39820") && !jar.contains("a39819"));
    for n in 0..10_000 {
        jar.extract_cookies(["a=1"], &format!("http://h{n}.test/"), &none, now);
    }
    assert!((2900..=3000).contains(&jar.len()) && jar.contains("own"), "{}", jar.len());
}

// C6: the caller's own cookie, with a leading dot or without, is the server's to remove.
#[test]
fn a_server_removes_what_it_could_set_and_nothing_else() {
    let now = World::new().clock().now();
    let none = Headers::new();
    for domain in ["a.test", ".a.test"] {
        let jar = RequestsCookieJar::new();
        jar.set_cookie(leyden::requests::cookies::create_cookie("x", "1").domain(domain));
        jar.extract_cookies(["x=; Domain=a.test; Path=/; Max-Age=0"], "http://b.test/", &none, now);
        jar.extract_cookies(["x=; Domain=.test; Path=/; Max-Age=0"], "http://a.test/", &none, now);
        assert_eq!(jar.len(), 1, "{domain}");
        jar.extract_cookies(["x=; Domain=a.test; Path=/; Max-Age=0"], "http://www.a.test/", &none, now);
        assert_eq!(jar.len(), 0, "{domain}");
    }
    // Merging jars and copying them keeps values as they are.
    let jar = RequestsCookieJar::new();
    jar.extract_cookies(["j=\"1\\\"2\""], "http://a.test/", &none, now);
    let other = RequestsCookieJar::new();
    other.update(&jar);
    assert_eq!(other.cookie_header("http://a.test/", &none, now).unwrap(), "j=\"1\\\"2\"");
}

// C4, C5, C6, S15
#[test]
fn cookies_are_those_of_rfc_6265() {
    let now = World::new().clock().now();
    let none = Headers::new();
    let text = |json: &Json| json.as_str().unwrap().to_owned();
    let mut replay = Replay::default();
    for case in cases("rfc6265") {
        let set: Vec<(String, String)> =
            case["set"].as_array().unwrap().iter().map(|step| (text(&step[0]), text(&step[1]))).collect();
        let then: Vec<String> = case["then"].as_array().unwrap().iter().map(text).collect();
        let sent: Vec<Vec<Vec<String>>> = LATER
            .iter()
            .map(|&seconds| {
                let jar = RequestsCookieJar::new();
                for (url, line) in &set {
                    jar.extract_cookies([line.as_str()], url, &none, now);
                }
                let at = now + Duration::from_secs(seconds);
                let sent = |url: &String| {
                    let header = jar.cookie_header(url, &none, at).unwrap_or_default();
                    let mut cookies: Vec<String> = header.split("; ").filter(|one| !one.is_empty()).map(str::to_owned).collect();
                    cookies.sort();
                    cookies
                };
                then.iter().map(sent).collect()
            })
            .collect();
        replay.check(case["set"].to_string(), json!(sent), case["sent"].clone());
    }
    replay.finish(1000);
}
