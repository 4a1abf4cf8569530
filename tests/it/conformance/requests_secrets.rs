//! No `Debug`, error or log shows a secret, and none follows a redirect to another origin.

use leyden::prelude::*;
use leyden::requests::auth::Netrc;
use leyden::requests::backend::{Hop, ProxyUrl};
use leyden::requests::mock::Reply;
use leyden::requests::{Form, HttpBearerAuth, HttpDigestAuth, Part, Proxies, Request, Retry};

const SECRET: &str = "hunter2";

/// URLs with the secret in them, as a user name's password or as a parameter.
fn urls() -> Vec<String> {
    let mut urls = Vec::new();
    for scheme in ["http", "https", "socks5h", "HTTP", "ftp"] {
        for password in [
            "hunter2",
            "hunter2/x",
            "x/hunter2",
            "x?hunter2",
            "x#hunter2",
            "x\\hunter2",
            "12/hunter2",
            "x@hunter2",
            "x:hunter2",
            "x%2Fhunter2",
            "x y hunter2",
            "[hunter2",
            "hunter2]",
            "é/hunter2",
        ] {
            urls.push(format!("{scheme}://user:{password}@host.test:3128"));
            urls.push(format!("{scheme}://user:{password}@host.test/path?q=1"));
            urls.push(format!("{scheme}://:{password}@host.test/"));
        }
    }
    for rest in [
        "user:hunter2@host.test:3128",
        "//user:hunter2@host.test/",
        "http:user:hunter2@host.test/",
        "http:/user:hunter2@host.test/",
        "http:///user:hunter2@host.test/",
        "user:x/hunter2@host.test:3128",
        " http://user:hunter2@host.test/",
    ] {
        urls.push(rest.into());
    }
    for name in [
        "api_key",
        "apikey",
        "token",
        "access_token",
        "X-Amz-Signature",
        "signature",
        "sig",
        "X-Amz-Security-Token",
        "password",
        "client_secret",
        "api%5Fkey",
    ] {
        urls.push(format!("http://host.test/path?a=1&{name}=hunter2"));
        urls.push(format!("http://host.test/path?{name}=hunter2&b=2#f"));
        urls.push(format!("http://host.test/path?a=1;{name}=hunter2"));
        urls.push(format!("http://host.test/path#{name}=hunter2"));
    }
    urls
}

fn hidden(what: &str, shown: impl AsRef<str>) {
    assert!(!shown.as_ref().contains(SECRET), "{what}: {}", shown.as_ref());
}

// T7, S8
#[test]
fn urls_are_shown_without_their_secrets() {
    let world = World::new();
    let requests = world.batteries().requests;
    for url in urls() {
        hidden("ProxyUrl", format!("{:?}", ProxyUrl::new(url.clone())));
        hidden("Proxies", format!("{:?}", Proxies::from([("http", url.as_str())])));
        hidden("Request", format!("{:?}", Request::new("GET", url.as_str())));
        hidden("Hop", format!("{:?}", Hop::new("GET", url.as_str())));
        for error in
            [requests.get(&url).wait().err(), requests.get("http://a.test/").proxies([("http", url.as_str())]).wait().err()]
                .into_iter()
                .flatten()
        {
            hidden(&url, format!("{error}"));
            hidden(&url, format!("{error:?}"));
            hidden(&url, error.url().unwrap_or_default());
            hidden(&url, format!("{:#}", leyden::Error::from(error)));
        }
    }
    hidden("Mock", format!("{:?} {:?}", world.requests, world.requests.requests()));
    // Everything else stays readable.
    let shown = |url: &str| format!("{:?}", ProxyUrl::new(url));
    for url in [
        "http://host.test/a@b",
        "http://host.test:8080/?mail=a@b.c",
        "http://localhost:4873/@scope/pkg",
        "http://[::1]:80/a@b",
        "http://h/?page=2&size=3#top",
    ] {
        assert_eq!(shown(url), url);
    }
    assert_eq!(shown("http://u:p@host.test/?key=v&api_key=1"), "http://host.test/?key=v&api_key=***");
}

// S8
#[test]
fn nothing_shows_a_secret() {
    let world = World::new();
    world.requests.any("*").reply(Reply::new(404).header("Set-Cookie", "sid=hunter2").header("X-Auth-Token", SECRET));
    let requests = world.batteries().requests;
    let mut session = requests.session();
    for name in [
        "X-Auth-Token",
        "X-Amz-Security-Token",
        "Private-Token",
        "Cookie",
        "Authorization",
        "Proxy-Authorization",
        "X-Api-Key",
        "X-Vault-Token",
        "api-key",
        "X-Goog-Api-Key",
        "DD-API-KEY",
        "PRIVATE-TOKEN",
        "X-Shopify-Access-Token",
    ] {
        session.headers.insert(name, SECRET);
    }
    session.params = Form::from([("api_key", SECRET), ("page", "1")]);
    session.set_auth(("user", SECRET));
    session.proxies = Proxies::from([("https", "http://u:hunter2@proxy.test:3128")]);
    session.cookies.set("sid", SECRET);
    hidden("Session", format!("{session:?}"));
    hidden("headers", format!("{:?}", session.headers));
    assert!(format!("{:?}", session.params).contains("page"));
    let call = session.post("http://a.test/?token=hunter2").data([("password", SECRET)]).params([("access_token", SECRET)]);
    hidden("RequestBuilder", format!("{call:?}"));
    let call = call.file("f", Part::bytes(SECRET).header("X-Auth-Token", SECRET)).auth(HttpBearerAuth::new(SECRET));
    hidden("RequestBuilder", format!("{call:?}"));
    let prepared = session.get("http://a.test/?token=hunter2").prepare().unwrap();
    hidden("PreparedRequest", format!("{prepared:?} {:?}", prepared.headers));
    hidden("Sending", format!("{:?}", session.send(prepared)));
    let response = call.wait().unwrap();
    hidden("Response", format!("{response:?} {:?} {:?}", response.headers, response.cookies));
    let error = response.raise_for_status().unwrap_err();
    hidden("error", format!("{error} {error:?}"));
    world.requests.get("http://j.test/").reply(Reply::new(200).body("{\"token\": \"hunter2\""));
    let error = requests.get("http://j.test/").wait().unwrap().json::<serde_json::Value>().unwrap_err();
    hidden("JsonDecode", format!("{error} {error:?}"));
    hidden("Download", format!("{:?}", session.get("http://a.test/?token=hunter2").download("/x")));
    hidden("Recorded", format!("{:?}", world.requests.requests()));
    hidden("script", format!("{:?}", world.requests.script()));
    hidden("Form", format!("{:?}", Form::from("a=1&token=hunter2")));
    hidden("Digest", format!("{:?}", HttpDigestAuth::new("u", SECRET)));
    hidden("Netrc", format!("{:?}", Netrc::parse("machine a login b password hunter2")));
    hidden("Retry", format!("{:?}", Retry::new(3).increment("GET", "/?token=hunter2", Ok((503, None)))));
    let native = Requests::native(world.os.handle(), world.batteries().time);
    let mut session = native.session();
    session.proxies = Proxies::from([("http", "http://u:hunter2@127.0.0.1:1")]);
    let error = session.get("http://a.test/?sig=hunter2").wait().unwrap_err();
    hidden("native", format!("{error} {error:?} {native:?}"));
}

use leyden::requests::Requests;

#[test]
fn headers_with_secrets_do_not_follow_a_redirect_to_another_origin() {
    for (to, stays) in [
        ("http://a.test/x", true),
        ("https://a.test/x", true),
        ("http://b.test/", false),
        ("http://a.test:8080/", false),
        ("http://sub.a.test/", false),
    ] {
        let world = World::new();
        world.requests.any("*").reply(200);
        world.requests.any("http://a.test/").reply(Reply::redirect(302, to));
        let headers = [("X-Api-Key", "1"), ("Private-Token", "1"), ("X-Amz-Security-Token", "1"), ("X-Plain", "1")];
        world.batteries().requests.get("http://a.test/").headers(headers).wait().unwrap();
        let sent = world.requests.requests().pop().unwrap();
        let seen: Vec<bool> = headers.iter().map(|(name, _)| sent.headers.contains_key(name)).collect();
        assert_eq!(seen, [stays, stays, stays, true], "{to}");
    }
}

// A4's kind: what is decoded to be acted on is not decoded with a loss.
#[test]
fn credentials_keep_their_bytes() {
    use std::os::unix::ffi::OsStrExt as _;
    let world = World::new();
    world.requests.any("*").reply(200);
    let requests = world.batteries().requests;
    // base64 of `u:caf\xe9`.
    let expected = "Basic dTpjYWbp";
    requests.get("http://u:caf%E9@a.test/").wait().unwrap();
    assert_eq!(world.requests.requests().pop().unwrap().headers["Authorization"], expected);
    world.os.write("/netrc", b"machine a.test login u password caf\xe9".as_slice());
    world.batteries().os.ambient().edit(|environ| environ.insert("NETRC".into(), "/netrc".into()));
    let mut session = requests.session();
    session.netrc = true;
    session.get("http://a.test/").wait().unwrap();
    assert_eq!(world.requests.requests().pop().unwrap().headers["Authorization"], expected);
    let name = std::ffi::OsStr::from_bytes(b"/caf\xe9");
    world.os.write(name, b"x".as_slice());
    requests.post("http://a.test/").file("f", Part::file(name)).wait().unwrap();
    let body = world.requests.requests().pop().unwrap().body;
    assert!(body.windows(15).any(|window| window == b"filename=\"caf\xe9\""), "{body:?}");
    // The proxy's too, over a socket.
    let proxy = crate::support::http::Server::start(|_| crate::support::http::Answer::new(200));
    let mut session = Batteries::included().requests.session();
    session.trust_env = false;
    session.proxies = Proxies::from([("http", proxy.url("/").replace("http://", "http://u:caf%E9@"))]);
    session.get("http://nowhere.test/").wait().unwrap();
    assert_eq!(proxy.seen()[0].header("proxy-authorization"), Some(expected));
}

// C8
#[test]
fn no_proxy_knows_ipv6() {
    use leyden::requests::utils::should_bypass_proxies;
    let ambient = leyden::Ambient::isolated(leyden::Variables::new(), "/");
    for (url, list, expected) in [
        ("http://[1:2:3::4]/", "1:2:3::/64", true),
        ("http://[1:2:4::4]/", "1:2:3::/64", false),
        ("http://[1:2:3::4]:8080/", "example.com, 1:2:3::/48", true),
        ("http://[::1]/", "::1", true),
        ("http://[::1]/", "[::1]", true),
        ("http://[0:0:0:0:0:0:0:1]/", "::1", true),
        ("http://[::1]:8080/", "[::1]:8080", true),
        ("http://[::1]:8081/", "[::1]:8080", false),
        ("http://[FE80::1]/", "fe80::/10", true),
        ("http://[fe80::1%25eth0]/", "fe80::/10", true),
        ("http://[::1]/", "::/0", true),
        ("http://[::1]/", "::1/129", false),
        ("http://[::1]/", "::1/x", false),
        ("http://[::1]/", "10.0.0.0/8", false),
        ("http://10.1.2.3/", "10.0.0.0/8", true),
        ("http://10.1.2.3:8080/", "10.1.2.3", true),
        ("http://10.1.2.3/", "::/0", false),
        ("http://WWW.Example.com/", ".EXAMPLE.com", true),
        ("http://www.example.com:81/", "example.com:81", true),
        ("http://notexample.com/", "example.com", false),
    ] {
        assert_eq!(should_bypass_proxies(url, Some(list), &ambient), expected, "{url} {list}");
    }
}

// S19. No counter reaches into a parser: the time of one size against that of four. Quadratic cost would be sixteen times.
#[test]
fn parsers_grow_linearly() {
    use leyden::requests::RequestsCookieJar;
    use leyden::requests::utils::{get_encodings_from_content, parse_dict_header, parse_header_links, parse_list_header};
    let now = std::time::SystemTime::now;
    let parsers: [(&str, &str, &dyn Fn(&str)); 9] = [
        ("encodings", "<meta charset=", &|text| drop(get_encodings_from_content(text))),
        ("encodings", "<meta ", &|text| drop(get_encodings_from_content(text))),
        ("encodings", "<meta content=\"\"\"", &|text| drop(get_encodings_from_content(text))),
        ("dict", "a%=b, ", &|text| drop(parse_dict_header(text))),
        ("list", "\"a\\\"b\", ", &|text| drop(parse_list_header(text))),
        ("links", "<u%>; a%=b,", &|text| drop(parse_header_links(text))),
        ("link", "; a%=b", &|text| drop(parse_header_links(&format!("<u>{text}")))),
        ("cookie", "; a%=b", &|text| {
            RequestsCookieJar::new().extract_cookies(
                [format!("a=1{text}").as_str()],
                "http://a.test/",
                &Default::default(),
                now(),
            );
        }),
        ("challenge", "Digest a=\"b, ", &|text| assert!(!HttpDigestAuth::new("u", "p").challenge(text))),
    ];
    for (name, unit, parse) in parsers {
        let text = |times: usize| (0..times).map(|n| unit.replace('%', &n.to_string())).collect::<String>();
        let took = |times: usize| {
            let text = text(times);
            (0..3)
                .map(|_| {
                    let start = std::time::Instant::now();
                    parse(&text);
                    start.elapsed()
                })
                .min()
                .unwrap()
        };
        let (one, four) = (took(10_000), took(40_000));
        assert!(four < one * 10 + std::time::Duration::from_millis(50), "{name} {unit:?}: {one:?}, {four:?}");
    }
}
