//! Known classes of holes in HTTP clients, each a test of its own. All of it is above the seam, so the mock shows what would go out.

use std::io::Write as _;
use std::sync::Arc;

use leyden::prelude::*;
use leyden::requests::backend::Trust;
use leyden::requests::mock::{Recorded, Reply};
use leyden::requests::{Error, HttpDigestAuth, HttpProxyAuth, Requests, Session};

fn world() -> (World, Requests) {
    let world = World::new();
    let requests = world.batteries().requests;
    (world, requests)
}

/// The requests that a call with credentials makes when `from` redirects to `to`.
fn redirected(from: &str, to: &str, change: impl Fn(&mut Session)) -> Vec<Recorded> {
    let (world, requests) = world();
    world.requests.any("*").reply(200);
    world.requests.any(from).reply(Reply::redirect(307, to));
    let mut session = requests.session();
    session.set_auth(("user", "hunter2"));
    change(&mut session);
    session.get(from).cookies([("own", "cookie")]).wait().unwrap();
    world.requests.requests()
}

fn leaks(request: &Recorded) -> Vec<&'static str> {
    ["Authorization", "Cookie", "Proxy-Authorization"].into_iter().filter(|name| request.headers.contains_key(name)).collect()
}

// CVE-2018-18074, CVE-2023-43804
#[test]
fn credentials_do_not_follow_a_redirect_to_another_origin() {
    for (from, to) in [
        ("http://a.test/", "http://b.test/"),
        ("http://a.test/", "http://a.test:8080/"),
        ("http://a.test:8080/", "http://a.test/"),
        ("http://a.test/", "http://sub.a.test/"),
        ("https://a.test/", "http://a.test/"),
        ("https://a.test/", "https://a.test:444/"),
        ("http://a.test/", "https://a.test:80/"),
        ("http://a.test/", "//b.test/"),
        ("http://a.test/", "http://a.test@b.test/"),
    ] {
        let requests = redirected(from, to, |_| {});
        assert_eq!(leaks(&requests[0]), ["Authorization", "Cookie"], "{from}");
        assert_eq!(leaks(&requests[1]), [""; 0], "{from} to {to}");
    }
}

#[test]
fn credentials_stay_with_the_origin() {
    for (from, to) in [("http://a.test/", "/x"), ("http://a.test/", "http://A.test:80/x"), ("http://a.test/", "https://a.test/x")]
    {
        assert_eq!(leaks(&redirected(from, to, |_| {})[1]), ["Authorization", "Cookie"], "{from} to {to}");
    }
}

#[test]
fn credentials_do_not_come_back_on_the_way_through_another_origin() {
    let (world, requests) = world();
    world.requests.get("http://a.test/").reply(Reply::redirect(302, "http://b.test/"));
    world.requests.get("http://b.test/").reply(Reply::redirect(302, "http://a.test/end"));
    world.requests.get("http://a.test/end").reply(200);
    requests.get("http://a.test/").auth(("user", "hunter2")).header("Cookie", "by=hand").wait().unwrap();
    assert_eq!(leaks(&world.requests.requests()[2]), [""; 0]);
}

#[test]
fn a_cookie_header_set_by_hand_does_not_follow_a_redirect() {
    let (world, requests) = world();
    world.requests.get("http://a.test/").reply(Reply::redirect(302, "http://b.test/"));
    world.requests.get("http://b.test/").reply(200);
    requests.get("http://a.test/").header("Cookie", "by=hand").wait().unwrap();
    assert_eq!(leaks(&world.requests.requests()[1]), [""; 0]);
}

#[test]
fn digest_does_not_answer_another_host() {
    let (world, requests) = world();
    let challenge = || Reply::new(401).header("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\"");
    world.requests.get("http://a.test/").reply(Reply::redirect(302, "http://evil.test/"));
    world.requests.get("http://evil.test/").reply(challenge());
    let response = requests.get("http://a.test/").auth(HttpDigestAuth::new("user", "hunter2")).wait().unwrap();
    assert_eq!(response.status_code, 401);
    assert_eq!(world.requests.requests().len(), 2);
    assert_eq!(leaks(&world.requests.requests()[1]), [""; 0]);
}

// CVE-2023-32681
#[test]
fn proxy_credentials_go_to_the_proxy_alone() {
    let (world, requests) = world();
    world.requests.any("*").reply(200);
    let proxied = [("http", "http://u:p@proxy.test:3128"), ("https", "http://u:p@proxy.test:3128")];
    for (url, proxies) in [("https://a.test/", &proxied[..]), ("http://a.test/", &proxied[..]), ("http://a.test/", &[])] {
        let mut session = requests.session();
        session.proxies = proxies.iter().copied().collect();
        session.get(url).auth(HttpProxyAuth::new("user", "hunter2")).wait().unwrap();
        let sent = world.requests.requests().pop().unwrap();
        assert_eq!(leaks(&sent), [""; 0], "{url}");
        assert_eq!(sent.route.proxy_authorization.is_some(), !proxies.is_empty());
        let shown = format!("{:?}", sent.route);
        assert!(!shown.contains("u:p") && !shown.contains("Basic"), "{shown}");
    }
}

#[test]
fn proxy_credentials_do_not_survive_a_redirect() {
    let (world, requests) = world();
    world.requests.get("http://a.test/").reply(Reply::redirect(302, "http://b.test/"));
    world.requests.get("http://b.test/").reply(200);
    let call =
        requests.get("http://a.test/").proxies([("http://a.test", "http://one.test"), ("http://b.test", "http://two.test")]);
    call.auth(HttpProxyAuth::new("user", "hunter2")).wait().unwrap();
    let sent = world.requests.requests();
    assert!(sent[0].route.proxy_authorization.is_some() && sent[1].route.proxy_authorization.is_none());
    assert_ne!(sent[0].route.proxy, sent[1].route.proxy);
}

#[test]
fn line_breaks_and_nul_are_refused_everywhere() {
    let (world, requests) = world();
    world.requests.any("*").reply(200);
    for bad in ["a\r\nX-Evil: 1", "a\nb", "a\rb", "a\0b", "\r\n"] {
        let error = requests.get("http://a.test/").header("X-Ok", bad).wait().unwrap_err();
        assert!(matches!(error, Error::InvalidHeader { part: "value", .. }), "{error:?}");
        let error = requests.get("http://a.test/").header(bad, "ok").wait().unwrap_err();
        assert!(matches!(error, Error::InvalidHeader { part: "name", .. }), "{error:?}");
        let error = requests.request(bad, "http://a.test/").wait().unwrap_err();
        assert!(matches!(error, Error::InvalidMethod(_)), "{error:?}");
        let error = requests.get(format!("http://a.test/{bad}")).wait().unwrap_err();
        assert!(error.is_invalid_url(), "{error:?}");
        let error = requests.get("http://a.test/").auth(leyden::requests::HttpBearerAuth::new(bad)).wait().unwrap_err();
        assert!(matches!(error, Error::InvalidHeader { .. }), "{error:?}");
        let cookie = requests.get("http://a.test/").cookies([("a", bad)]).wait().unwrap_err();
        assert!(matches!(cookie, Error::InvalidHeader { .. }), "{cookie:?}");
        // Also in what was changed after it was prepared.
        let session = requests.session();
        let mut prepared = session.get("http://a.test/").prepare().unwrap();
        prepared.headers.insert("X-Late", bad);
        assert!(matches!(session.send(prepared.clone()).wait(), Err(Error::InvalidHeader { .. })));
        prepared.headers.clear();
        prepared.url = format!("http://a.test/{bad}");
        assert!(session.send(prepared.clone()).wait().unwrap_err().is_invalid_url());
        prepared.url = "http://a.test/".into();
        prepared.method = bad.into();
        assert!(matches!(session.send(prepared).wait(), Err(Error::InvalidMethod(_))));
    }
    assert!(world.requests.requests().is_empty());
    // A server's own Location cannot break out either.
    world.requests.any("http://b.test/").reply(Reply::redirect(302, "/x\r\nX-Evil: 1"));
    requests.get("http://b.test/").wait().unwrap();
    assert!(!world.requests.requests().pop().unwrap().url.contains(['\r', '\n']));
}

// CVE-2024-47081
#[test]
fn netrc_is_opt_in_and_goes_by_the_host_that_is_connected_to() {
    let (world, requests) = world();
    world.requests.any("*").reply(200);
    world.os.write("/netrc", "machine good.test login user password hunter2");
    let batteries = world.batteries();
    batteries.os.ambient().edit(|environ| environ.insert("NETRC".into(), "/netrc".into()));
    requests.get("http://good.test/").wait().unwrap();
    assert_eq!(leaks(&world.requests.requests()[0]), [""; 0], "nobody asked for it");
    let mut session = requests.session();
    session.netrc = true;
    for (url, sent) in [
        ("http://good.test/", true),
        ("http://good.test:8080/", true),
        ("http://GOOD.test/", true),
        ("http://good.test:@evil.test/", false),
        ("http://good.test@evil.test/", false),
        ("http://evil.test/", false),
        ("http://evil.test/good.test", false),
    ] {
        session.get(url).wait().unwrap();
        let request = world.requests.requests().pop().unwrap();
        let credentials = request.headers.get("Authorization").is_some_and(|header| header.contains("dXNlcjpodW50ZXIy"));
        assert_eq!(credentials, sent, "{url} went to {}", request.url);
    }
    // Not along a redirect either.
    world.requests.get("http://good.test/away").reply(Reply::redirect(302, "http://evil.test/"));
    session.get("http://good.test/away").wait().unwrap();
    assert_eq!(leaks(&world.requests.requests().pop().unwrap()), [""; 0]);
}

// CVE-2026-44432 and its like: a body of a megabyte that unfolds to a gigabyte, on a small scale.
#[test]
fn a_decompression_bomb_is_stopped_at_the_limit() {
    let (world, requests) = world();
    let mut bomb = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0; 1 << 20];
    for _ in 0..12 {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    let mut nested = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    nested.write_all(&bomb).unwrap();
    let nested = nested.finish().unwrap();
    world.requests.get("http://a.test/once").reply(Reply::new(200).header("Content-Encoding", "gzip").body(bomb));
    world.requests.get("http://a.test/twice").reply(Reply::new(200).header("Content-Encoding", "gzip, gzip").body(nested));
    let mut session = requests.session();
    session.limits = session.limits.body(2 << 20);
    for url in ["http://a.test/once", "http://a.test/twice"] {
        let error = session.get(url).wait().unwrap_err();
        assert!(matches!(error, Error::TooLarge { what: "body", .. }), "{error:?}");
        let mut stream = session.get(url).stream(true).wait().unwrap();
        let largest = stream.iter_content(None).take(50).map(|chunk| chunk.unwrap().len()).max();
        assert!(largest.unwrap() <= 64 << 10, "{largest:?}");
    }
    world
        .requests
        .get("http://a.test/chain")
        .reply(Reply::new(200).header("Content-Encoding", "gzip,gzip,gzip,gzip,gzip,gzip").body("x"));
    assert!(matches!(session.get("http://a.test/chain").wait(), Err(Error::ContentDecoding(_))));
}

#[test]
fn cookies_of_other_domains_are_refused() {
    let (world, requests) = world();
    let session = requests.session();
    for (url, header, kept) in [
        ("http://a.test.com/", "x=1; Domain=b.test.com", false),
        ("http://a.test.com/", "x=1; Domain=com", false),
        ("http://a.test.com/", "x=1; Domain=.test.com", true),
        ("http://shop.co.uk/", "x=1; Domain=co.uk", false),
        ("http://me.github.io/", "x=1; Domain=github.io", false),
        ("http://eviltest.com/", "x=1; Domain=test.com", false),
        ("http://10.0.0.1/", "x=1; Domain=0.0.1", false),
        ("http://a.test.com/", "x=1; Secure", false),
    ] {
        session.cookies.clear(None, None, None);
        world.requests.get(url).reply(Reply::new(200).header("Set-Cookie", header));
        session.get(url).wait().unwrap();
        assert_eq!(!session.cookies.is_empty(), kept, "{header} from {url}");
    }
}

#[test]
fn a_cookie_without_a_domain_goes_to_its_host_alone() {
    let (world, requests) = world();
    world.requests.any("*").reply(200);
    world.requests.get("http://test.com/set").reply(Reply::new(200).header("Set-Cookie", "x=1; Path=/"));
    let session = requests.session();
    session.get("http://test.com/set").wait().unwrap();
    for (url, sent) in [("http://test.com/", true), ("http://sub.test.com/", false), ("http://mytest.com/", false)] {
        session.get(url).wait().unwrap();
        assert_eq!(world.requests.requests().pop().unwrap().headers.contains_key("Cookie"), sent, "{url}");
    }
}

#[test]
fn no_text_shows_a_password() {
    let (world, requests) = world();
    let url = "http://user:hunter2@a.test/p?q=1";
    world.requests.any("*").reply(404);
    world.requests.any("http://a.test/loop").reply(Reply::redirect(302, "http://user:hunter2@a.test/loop"));
    world.requests.any("http://a.test/gone").refuse();
    let mut session = requests.session();
    session.set_auth(("user", "hunter2"));
    session.headers.insert("Authorization", "Bearer hunter2");
    session.proxies.insert("ftp", "http://user:hunter2@proxy.test");
    session.cookies.set("id", "hunter2");
    let call = session.post(url).data([("password", "hunter2")]);
    let prepared = session.get(url).prepare().unwrap();
    let response = session.get(url).wait().unwrap();
    let mut shown = vec![
        format!("{session:?}"),
        format!("{call:?}"),
        format!("{prepared:?} {:?} {:?}", prepared.headers, prepared.body),
        format!("{response:?} {:?}", response.history),
        format!("{:?} {:?}", world.requests, world.requests.requests()),
        format!("{:?}", world.script().calls()),
    ];
    for error in [
        response.raise_for_status().unwrap_err(),
        session.get("http://user:hunter2@a.test/gone").wait().unwrap_err(),
        session.get("http://user:hunter2@a.test/loop").wait().unwrap_err(),
        session.get("http://user:hunter2@/x").wait().unwrap_err(),
        session.get("http://user:hunter2@a.test:99999/x").wait().unwrap_err(),
        session.get("ftp://user:hunter2@a.test/x").wait().unwrap_err(),
        session.get("user:hunter2@a.test").wait().unwrap_err(),
        session.get("http://a.test/").proxies([("http", "bogus://user:hunter2@proxy.test")]).wait().unwrap_err(),
        session.get("http://a.test/").header("Authorization", "hunter2\n").wait().unwrap_err(),
    ] {
        shown.push(format!("{error} {error:?} {:?}", error.url()));
        let mut cause = std::error::Error::source(&error);
        while let Some(error) = cause {
            shown.push(format!("{error} {error:?}"));
            cause = error.source();
        }
    }
    for text in shown {
        assert!(!text.contains("hunter2") && !text.contains("aHVudGVyMg"), "{text}");
    }
}

#[test]
fn hosts_are_read_in_one_way() {
    let (world, requests) = world();
    world.requests.any("*").reply(200);
    for (url, host) in [
        ("http://good.test\\@evil.test/", "http://good.test/%5C@evil.test/"),
        ("http://good.test#@evil.test/", "http://good.test/"),
        ("http://good.test?@evil.test/", "http://good.test/?@evil.test/"),
        ("http://evil.test:80@good.test/", "http://good.test/"),
        ("http://a@evil.test@good.test/", "http://good.test/"),
    ] {
        match requests.get(url).wait() {
            Ok(_) => assert_eq!(world.requests.requests().pop().unwrap().url, host, "{url}"),
            Err(error) => assert!(error.is_invalid_url(), "{url}: {error:?}"),
        }
    }
    for bad in ["http://good.test\u{2100}evil.test/", "http://[::1/", "http://a b/", "http://%00/", "http://", "http://*.test/"] {
        assert!(requests.get(bad).wait().unwrap_err().is_invalid_url(), "{bad}");
    }
}

#[test]
fn certificates_are_read_through_the_battery_s_files() {
    let (world, requests) = world();
    world.requests.any("*").reply(200);
    world.os.write("/ca.pem", "-----BEGIN CERTIFICATE-----");
    world.batteries().os.ambient().edit(|environ| environ.insert("REQUESTS_CA_BUNDLE".into(), "/ca.pem".into()));
    requests.get("https://a.test/").wait().unwrap();
    requests.get("https://a.test/").verify(false).wait().unwrap();
    let trusted: Vec<_> = world.requests.requests().iter().map(|request| request.route.verify.clone()).collect();
    assert!(matches!(&trusted[0], Trust::Bundle(pem) if pem.as_bytes() == b"-----BEGIN CERTIFICATE-----"));
    assert_eq!(trusted[1], Trust::Anybody);
    let error = requests.get("https://a.test/").verify("/missing.pem").wait().unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error:?}");
}

#[test]
fn whatever_fails_a_download_leaves_the_old_file_or_the_new_one() {
    leyden::world::torture(
        |world| {
            world.os.write("/file", "old");
            world.requests.get("http://a.test/file").reply(Reply::new(200).header("ETag", "\"1\"").body("ne").cut());
            let rest = Reply::new(206).header("Content-Range", "bytes 2-2/3").header("ETag", "\"1\"").body("w");
            world.requests.get("http://a.test/file").header("Range", "bytes=2-").reply(rest);
        },
        |batteries| batteries.requests.get("http://a.test/file").download("/file").wait().map_err(leyden::Error::from),
        |world, result| match world.os.read("/file").as_deref() {
            Some(b"new") if result.is_ok() => Ok(()),
            Some(b"old") if result.is_err() => Ok(()),
            // The rename was done, and something after it failed.
            Some(b"new") => Ok(()),
            other => Err(format!("the file is {other:?} after {result:?}")),
        },
    )
    .assert_ok();
}

#[test]
fn an_unplanned_request_never_leaves_the_world() {
    let (world, requests) = world();
    world.requests.get("https://planned.test/").reply(200);
    let error = requests.get("https://user:hunter2@example.com/").wait().unwrap_err();
    assert!(error.is_connection_error());
    let wanted = "GET https://example.com/: not planned in this world; planned: GET https://planned.test/";
    assert_eq!(error.to_string(), wanted);
    let _ = Arc::new(world);
}
