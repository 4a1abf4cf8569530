//! The promises of `requests::Backend`, and everything above it, on the mock and over real sockets. One small site answers both.

use crate::support::layer::layered;
use std::io::Write as _;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use leyden::prelude::*;
use leyden::requests::{Checksum, Data, Error, Hook, HttpAdapter, HttpDigestAuth, Part, Requests, Retry, Session};

use crate::support::SOON;
use crate::support::http::{Answer, Seen, Server};

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        get_gives_status_headers_and_body,
        parameters_are_added_to_the_query,
        a_form_is_posted,
        json_is_posted_and_read,
        a_file_is_streamed_in_a_form,
        a_reader_is_streamed,
        a_file_is_the_body,
        head_follows_no_redirect,
        redirects_are_followed_with_their_history,
        a_redirect_that_is_not_followed_has_a_next_request,
        redirect_loops_end_at_the_limit,
        see_other_makes_get_and_drops_the_body,
        temporary_redirect_sends_the_body_again,
        a_reader_cannot_be_sent_again,
        relative_and_odd_locations_are_resolved,
        cookies_are_kept_and_sent,
        cookies_expire,
        another_origin_gets_no_credentials,
        basic_auth,
        digest_auth,
        raise_for_status_gives_the_response,
        gzip_deflate_brotli_and_zstd_are_decoded,
        a_body_that_is_not_what_it_says_is_a_decoding_error,
        a_truncated_encoding_is_an_error,
        a_body_that_breaks_off_is_an_error,
        a_server_that_stalls_is_a_read_timeout,
        a_body_that_stalls_is_a_read_timeout,
        a_body_that_trickles_meets_the_total_deadline,
        a_refused_connection_is_a_connection_error,
        status_retries_and_their_pauses,
        retry_after_is_obeyed,
        exhausted_retries_are_an_error_or_the_last_answer,
        a_retry_that_the_budget_does_not_have_is_not_waited_for,
        streams_are_read_in_pieces_and_lines,
        hooks_see_each_response,
        adapters_are_mounted_by_prefix,
        large_bodies_are_refused,
        large_heads_are_refused,
        a_download_is_resumed_after_a_cut,
        a_failed_download_leaves_its_part_and_nothing_else,
        a_wrong_checksum_removes_the_part,
        a_download_goes_on_where_an_earlier_one_stopped,
        a_download_goes_on_with_the_version_that_it_began_with,
        a_part_that_cannot_be_gone_on_with_is_begun_again,
        await_and_wait_give_the_same,
    ]
);

pub struct Fixture {
    pub requests: Requests,
    pub batteries: Batteries,
    pub site: Arc<Site>,
    pub base: String,
    /// Another origin with the same site.
    pub other: String,
    pub dir: String,
    _keep: Keep,
}

/// What the fixture lives on.
enum Keep {
    World(#[expect(dead_code, reason = "it only has to live")] Box<World>),
    Machine(#[expect(dead_code, reason = "dropping it stops it")] Box<Server>, std::path::PathBuf),
}

impl Drop for Keep {
    fn drop(&mut self) {
        if let Keep::Machine(_, dir) = self {
            let _ = std::fs::remove_dir_all(dir);
        }
    }
}

impl Fixture {
    pub fn mock() -> Fixture {
        let world = World::new();
        let site = Arc::new(Site::default());
        for host in ["http://site.test/*", "http://other.test/*"] {
            let site = site.clone();
            world.requests.any(host).reply_with(move |request| site.answer(&Seen::from(request)).reply());
        }
        world.requests.any("http://refused.test/*").refuse();
        let batteries = layered(world.batteries());
        batteries.os.mkdir("/dl").unwrap();
        Fixture {
            requests: batteries.requests.clone(),
            batteries,
            site,
            base: "http://site.test".into(),
            other: "http://other.test".into(),
            dir: "/dl".into(),
            _keep: Keep::World(Box::new(world)),
        }
    }

    pub fn native() -> Fixture {
        let site = Arc::new(Site::default());
        let served = site.clone();
        let server = Server::start(move |request| served.answer(request));
        let dir = std::env::temp_dir().join(format!("leyden-requests-{}-{}", std::process::id(), server.port));
        std::fs::create_dir_all(&dir).unwrap();
        let batteries = layered(Batteries::included());
        Fixture {
            requests: batteries.requests.clone(),
            batteries,
            site,
            base: format!("http://127.0.0.1:{}", server.port),
            other: format!("http://localhost:{}", server.port),
            dir: dir.to_str().unwrap().into(),
            _keep: Keep::Machine(Box::new(server), dir),
        }
    }

    pub fn url(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }

    /// What may pass beyond a deadline.
    pub fn late(&self) -> Duration {
        crate::support::late(self.base.contains("site.test"))
    }

    pub fn session(&self) -> Session {
        let mut session = self.requests.session();
        // Whatever proxies the machine has, they are not for these tests.
        session.trust_env = false;
        session
    }

    /// Answers so on this path.
    pub fn serve(&self, path: &str, answer: Answer) {
        self.serve_with(path, move |_| answer.clone());
    }

    pub fn serve_with(&self, path: &str, answer: impl Fn(&Seen) -> Answer + Send + Sync + 'static) {
        self.site.extra.lock().unwrap().insert(path.into(), Arc::new(answer));
    }

    pub fn path(&self, name: &str) -> String {
        format!("{}/{name}", self.dir)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) -> String {
        let path = self.path(name);
        let flags = leyden::os::backend::OpenFlags { write: true, create: true, truncate: true, ..Default::default() };
        let file = self.batteries.os.backend().open(path.as_ref(), flags, 0o644).unwrap();
        if !bytes.is_empty() {
            assert_eq!(file.write(bytes).unwrap(), bytes.len());
        }
        path
    }

    pub fn read(&self, name: &str) -> Option<Vec<u8>> {
        let flags = leyden::os::backend::OpenFlags { read: true, ..Default::default() };
        let file = self.batteries.os.backend().open(self.path(name).as_ref(), flags, 0).ok()?;
        let (mut bytes, mut buffer) = (Vec::new(), [0; 4096]);
        loop {
            match file.read(&mut buffer).unwrap() {
                0 => return Some(bytes),
                read => bytes.extend_from_slice(&buffer[..read]),
            }
        }
    }
}

/// A site with something on each path.
#[derive(Default)]
pub struct Site {
    pub seen: Mutex<Vec<Seen>>,
    /// What a test serves itself, by path.
    extra: Mutex<std::collections::HashMap<String, Arc<dyn Fn(&Seen) -> Answer + Send + Sync>>>,
}

impl Site {
    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn last(&self) -> Seen {
        self.seen().pop().expect("no request came")
    }

    fn count(&self, path: &str) -> usize {
        self.seen().iter().filter(|seen| seen.path() == path).count()
    }

    pub fn answer(&self, request: &Seen) -> Answer {
        self.seen.lock().unwrap().push(request.clone());
        let extra = self.extra.lock().unwrap().get(request.path()).cloned();
        if let Some(answer) = extra {
            return answer(request);
        }
        let words: Vec<&str> = request.path().split('/').skip(1).collect();
        match words.as_slice() {
            ["hello"] => Answer::new(200).header("Content-Type", "text/plain; charset=utf-8").header("X-One", "1").body("héllo"),
            ["echo"] => Answer::new(200).body(request.body.clone()),
            ["status", status] => Answer::new(status.parse().unwrap()).body("status"),
            // /to/STATUS/ESCAPED-LOCATION
            ["to", status, location] => Answer::new(status.parse().unwrap()).header("Location", unescape(location)).body("moved"),
            ["loop"] => Answer::new(302).header("Location", "/loop"),
            ["set", name, value] => Answer::new(200).header("Set-Cookie", format!("{name}={value}; Path=/")).body("set"),
            ["set-for", rest] => Answer::new(200).header("Set-Cookie", unescape(rest)),
            ["cookies"] => Answer::new(200).body(request.header("cookie").unwrap_or("none")),
            ["basic"] if request.header("authorization") == Some("Basic dXNlcjpwYXNz") => Answer::new(200).body("in"),
            ["basic"] => Answer::new(401).header("WWW-Authenticate", "Basic realm=\"x\""),
            ["digest"] => digest(request),
            ["encoded", coding] => {
                Answer::new(200).header("Content-Encoding", *coding).body(encode(coding, b"packed packed packed"))
            }
            ["twice"] => Answer::new(200)
                .header("Content-Encoding", "deflate, gzip")
                .body(encode("gzip", &encode("deflate", b"packed twice"))),
            ["not-gzip"] => Answer::new(200).header("Content-Encoding", "gzip").body("no gzip at all"),
            ["half-gzip"] => {
                let packed = encode("gzip", b"packed packed packed");
                Answer::new(200).header("Content-Encoding", "gzip").body(packed[..packed.len() / 2].to_vec())
            }
            ["cut"] => Answer::new(200).body("beginning").cut(),
            ["stall"] => Answer::new(200).stall(),
            ["late"] => Answer::new(200).body("a").pause(Duration::from_millis(150)).body("b"),
            ["half"] => Answer::new(200).body("beginning").stall(),
            ["trickle"] => (0..50).fold(Answer::new(200), |answer, _| answer.body(".").pause(Duration::from_millis(50))),
            ["flaky", times] if self.count(request.path()) <= times.parse().unwrap() => Answer::new(503).body("later"),
            ["flaky", _] => Answer::new(200).body("there"),
            ["busy"] if self.count("/busy") <= 1 => Answer::new(503).header("Retry-After", "1"),
            ["busy"] => Answer::new(200).body("there"),
            ["lines"] => {
                Answer::new(200).header("Content-Type", "text/plain; charset=utf-8").body("one\ntwo\r").body("\nthree").chunked()
            }
            ["big"] => Answer::new(200).body(vec![b'x'; 10_000]),
            ["heads"] => (0..50).fold(Answer::new(200), |answer, n| answer.header(&format!("X-{n}"), "y".repeat(100))),
            ["file", cuts] => self.file(request, cuts.parse().unwrap()),
            ["changed", server] => self.changed(request, server),
            _ => Answer::new(404).body("nothing here"),
        }
    }

    /// Breaks off in the middle of one version, and has another from then on.
    fn changed(&self, request: &Seen, server: &str) -> Answer {
        let etag = |answer: Answer, etag| if server == "nameless" { answer } else { answer.header("ETag", etag) };
        if self.count(request.path()) == 1 {
            return etag(Answer::new(200), "\"v1\"").header("Content-Length", "36").body(&FILE[..18]).cut();
        }
        let all = FILE.to_uppercase();
        match request.header("range") {
            Some(_) if server != "careful" => {
                etag(Answer::new(206), "\"v2\"").header("Content-Range", "bytes 18-35/36").body(&all[18..])
            }
            _ => etag(Answer::new(200), "\"v2\"").body(all),
        }
    }

    /// Gives the file, but breaks off so many times.
    fn file(&self, request: &Seen, cuts: usize) -> Answer {
        let all = FILE.as_bytes();
        let from =
            request.header("range").and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-')?.parse::<usize>().ok());
        let same = request.header("if-range").is_none_or(|etag| etag == "\"v1\"");
        let answer = match from.filter(|_| same) {
            Some(from) if from >= all.len() => {
                return Answer::new(416).header("Content-Range", format!("bytes */{}", all.len()));
            }
            Some(from) => Answer::new(206).header("Content-Range", format!("bytes {from}-{}/{}", all.len() - 1, all.len())),
            None => Answer::new(200),
        };
        let rest = &all[from.filter(|_| same).unwrap_or(0)..];
        let answer = answer.header("ETag", "\"v1\"").header("Content-Length", rest.len().to_string());
        if self.count(request.path()) <= cuts {
            answer.body(rest[..rest.len() / 2].to_vec()).cut()
        } else {
            answer.body(rest.to_vec())
        }
    }
}

const FILE: &str = "0123456789abcdefghijklmnopqrstuvwxyz";
const FILE_SHA256: &str = "74e7e5bb9d22d6db26bf76946d40fff3ea9f0346b884fd0694920fccfad15e33";

fn unescape(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'%' && tail.len() >= 2 {
            bytes.push(u8::from_str_radix(std::str::from_utf8(&tail[..2]).unwrap(), 16).unwrap());
            rest = &tail[2..];
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    bytes.iter().map(|&b| char::from(b)).collect()
}

fn escape(text: &str) -> String {
    text.bytes().map(|b| if b.is_ascii_alphanumeric() { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

fn digest(request: &Seen) -> Answer {
    let challenge = Answer::new(401)
        .header("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n1\", qop=\"auth\", algorithm=SHA-256, opaque=\"o\"");
    let Some(header) = request.header("authorization").and_then(|header| header.strip_prefix("Digest ")) else {
        return challenge.header("Set-Cookie", "nonce=n1; Path=/");
    };
    let field = |name: &str| {
        let at = header.find(&format!("{name}=")).unwrap_or_else(|| panic!("no {name} in {header}")) + name.len() + 1;
        header[at..].trim_start_matches('"').split(['"', ',']).next().unwrap().to_owned()
    };
    let sha = |text: String| {
        use sha2::Digest as _;
        sha2::Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let ha1 = sha("user:r:pass".into());
    let ha2 = sha(format!("{}:{}", request.method, request.target));
    let expected = sha(format!("{ha1}:n1:{}:{}:auth:{ha2}", field("nc"), field("cnonce")));
    if field("response") == expected { Answer::new(200).body(field("nc")) } else { challenge }
}

pub fn encode(coding: &str, bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match coding {
        "gzip" => {
            let mut encoder = flate2::write::GzEncoder::new(&mut out, flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap();
        }
        "deflate" => {
            let mut encoder = flate2::write::ZlibEncoder::new(&mut out, flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap();
        }
        "zstd" => out = zstd::encode_all(bytes, 3).unwrap(),
        // What Python's brotli.compress(b"packed packed packed") gives.
        "br" => out = BROTLI.to_vec(),
        other => panic!("{other}"),
    }
    out
}

const BROTLI: &[u8] = &[27, 19, 0, 248, 5, 60, 100, 169, 62, 87, 67, 82, 68, 60, 145, 192, 151, 215, 0];

fn get_gives_status_headers_and_body(fixture: &Fixture) {
    let response = fixture.session().get(fixture.url("/hello")).wait().unwrap();
    assert_eq!((response.status_code, response.reason.as_str(), response.ok()), (200, "OK", true));
    assert_eq!(response.url, fixture.url("/hello"));
    assert_eq!(response.headers["x-one"], "1");
    assert_eq!(response.headers.get("X-ONE"), Some(&"1".into()));
    assert_eq!(response.encoding.as_deref(), Some("utf-8"));
    assert_eq!(response.text().unwrap(), "héllo");
    assert_eq!(response.content().unwrap().as_ref(), "héllo".as_bytes());
    assert_eq!(response.version, 11);
    let seen = fixture.site.last();
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/hello"));
    assert_eq!(seen.header("accept"), Some("*/*"));
    assert_eq!(seen.header("accept-encoding"), Some("gzip, deflate, br, zstd"));
    assert!(seen.header("user-agent").unwrap().starts_with("leyden/"));
    assert_eq!(seen.header("content-length"), None);
}

fn parameters_are_added_to_the_query(fixture: &Fixture) {
    let mut session = fixture.session();
    session.params.insert("always", "1");
    session.get(fixture.url("/hello?a=b c")).params([("q", "ü&"), ("r", "x y")]).wait().unwrap();
    assert_eq!(fixture.site.last().target, "/hello?a=b%20c&always=1&q=%C3%BC%26&r=x+y");
}

fn a_form_is_posted(fixture: &Fixture) {
    let response = fixture.session().post(fixture.url("/echo")).data([("a", "1"), ("b", "x y")]).wait().unwrap();
    assert_eq!(response.text().unwrap(), "a=1&b=x+y");
    let seen = fixture.site.last();
    assert_eq!(seen.header("content-type"), Some("application/x-www-form-urlencoded"));
    assert_eq!(seen.header("content-length"), Some("9"));
    fixture.session().post(fixture.url("/echo")).wait().unwrap();
    assert_eq!(fixture.site.last().header("content-length"), Some("0"));
}

fn json_is_posted_and_read(fixture: &Fixture) {
    let response = fixture.session().post(fixture.url("/echo")).json(&serde_json::json!({"ä": [1, 2.5]})).wait().unwrap();
    assert_eq!(response.text().unwrap(), r#"{"\u00e4": [1, 2.5]}"#);
    assert_eq!(fixture.site.last().header("content-type"), Some("application/json"));
    let back: serde_json::Value = response.json().unwrap();
    assert_eq!(back["ä"][1], 2.5);
    let error = fixture.session().get(fixture.url("/hello")).wait().unwrap().json::<serde_json::Value>().unwrap_err();
    assert!(matches!(&error, Error::JsonDecode { pos: 0, doc, .. } if doc == "héllo"), "{error:?}");
    assert!(error.is_invalid_json());
}

fn a_file_is_streamed_in_a_form(fixture: &Fixture) {
    let path = fixture.write("up.bin", b"contents");
    let call = fixture.session().post(fixture.url("/echo")).data([("field", "value")]);
    call.file("file", Part::file(path).content_type("text/plain")).wait().unwrap();
    let seen = fixture.site.last();
    let boundary = seen.header("content-type").unwrap().strip_prefix("multipart/form-data; boundary=").unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"field\"\r\n\r\nvalue\r\n--{boundary}\r\nContent-Disposition: form-data; \
         name=\"file\"; filename=\"up.bin\"\r\nContent-Type: text/plain\r\n\r\ncontents\r\n--{boundary}--\r\n"
    );
    assert_eq!(String::from_utf8_lossy(&seen.body), expected);
    assert_eq!(seen.header("content-length"), Some(expected.len().to_string().as_str()));
}

fn a_reader_is_streamed(fixture: &Fixture) {
    let reader = std::io::Cursor::new(vec![b'x'; 300_000]);
    fixture.session().post(fixture.url("/echo")).data(Data::reader(reader, None)).wait().unwrap();
    let seen = fixture.site.last();
    assert_eq!(
        (seen.body.len(), seen.header("transfer-encoding"), seen.header("content-length")),
        (300_000, Some("chunked"), None)
    );
    let error = fixture.session().post(fixture.url("/echo")).data(Data::reader(std::io::Cursor::new("short"), Some(10))).wait();
    if let Ok(response) = &error {
        // The mock has no framing that could be wrong.
        assert_eq!(response.text().unwrap(), "short");
    }
}

fn a_file_is_the_body(fixture: &Fixture) {
    let path = fixture.write("body.bin", b"the file");
    let response = fixture.session().put(fixture.url("/echo")).data(Data::file(path)).wait().unwrap();
    assert_eq!(response.text().unwrap(), "the file");
    assert_eq!(fixture.site.last().header("content-length"), Some("8"));
    let error = fixture.session().put(fixture.url("/echo")).data(Data::file(fixture.path("missing"))).wait().unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error:?}");
}

fn head_follows_no_redirect(fixture: &Fixture) {
    let response = fixture.session().head(fixture.url("/to/302/%2Fhello")).wait().unwrap();
    assert_eq!((response.status_code, response.is_redirect(), response.content().unwrap().len()), (302, true, 0));
    let response = fixture.session().head(fixture.url("/to/302/%2Fhello")).allow_redirects(true).wait().unwrap();
    assert_eq!((response.status_code, response.request.method.as_str()), (200, "HEAD"));
}

fn redirects_are_followed_with_their_history(fixture: &Fixture) {
    let url = fixture.url(&format!("/to/301/{}", escape("/to/302/%2Fhello")));
    let response = fixture.session().get(&url).wait().unwrap();
    let codes: Vec<u16> = response.history.iter().map(|response| response.status_code).collect();
    assert_eq!((response.status_code, codes), (200, vec![301, 302]));
    assert_eq!(response.history[0].url, url);
    assert_eq!(response.history[0].text().unwrap(), "moved");
    assert!(response.history[0].is_permanent_redirect());
    assert_eq!(response.url, fixture.url("/hello"));
}

fn a_redirect_that_is_not_followed_has_a_next_request(fixture: &Fixture) {
    let session = fixture.session();
    let response = session.post(fixture.url("/to/303/%2Fhello")).data("x").allow_redirects(false).wait().unwrap();
    let next = response.next().unwrap().clone();
    assert_eq!((next.method.as_str(), next.url.as_str()), ("GET", fixture.url("/hello").as_str()));
    assert_eq!(session.send(next).wait().unwrap().status_code, 200);
}

fn redirect_loops_end_at_the_limit(fixture: &Fixture) {
    let error = fixture.session().get(fixture.url("/loop")).wait().unwrap_err();
    assert!(matches!(error, Error::TooManyRedirects { limit: 30, .. }));
    assert_eq!(error.to_string(), "exceeded 30 redirects");
    assert_eq!((fixture.site.seen().len(), error.response().unwrap().history.len()), (31, 30));
}

fn see_other_makes_get_and_drops_the_body(fixture: &Fixture) {
    for status in [301, 302, 303] {
        let response = fixture.session().post(fixture.url(&format!("/to/{status}/%2Fecho"))).data([("a", "1")]).wait().unwrap();
        let seen = fixture.site.last();
        assert_eq!((seen.method.as_str(), seen.body.len(), response.text().unwrap().as_str()), ("GET", 0, ""));
        assert_eq!((seen.header("content-type"), seen.header("content-length")), (None, None));
    }
}

fn temporary_redirect_sends_the_body_again(fixture: &Fixture) {
    for status in [307, 308] {
        let response = fixture.session().post(fixture.url(&format!("/to/{status}/%2Fecho"))).data("again").wait().unwrap();
        assert_eq!(response.text().unwrap(), "again");
        let file = fixture.write("again.bin", b"from a file");
        let response =
            fixture.session().post(fixture.url(&format!("/to/{status}/%2Fecho"))).data(Data::file(file)).wait().unwrap();
        assert_eq!(response.text().unwrap(), "from a file");
    }
}

fn a_reader_cannot_be_sent_again(fixture: &Fixture) {
    let body = Data::reader(std::io::Cursor::new("once"), Some(4));
    let error = fixture.session().post(fixture.url("/to/307/%2Fecho")).data(body).wait().unwrap_err();
    assert!(matches!(error, Error::UnrewindableBody(_)), "{error:?}");
}

fn relative_and_odd_locations_are_resolved(fixture: &Fixture) {
    for (from, location, to) in [
        ("/to/302/", "../../hello", "/hello"),
        ("/to/302/", "//HOST/hello", "/hello"),
        ("/to/302/", "/echo?q=a b", "/echo?q=a%20b"),
        ("/to/302/", "/h\u{c3}\u{a9}", "/h%C3%A9"),
        ("/to/302/", "?only=query", ""),
    ] {
        let host = fixture.base.strip_prefix("http://").unwrap();
        // Bytes as Latin-1 in the header, so that the last case is UTF-8 on the wire.
        let escaped: String = location.replace("HOST", host).chars().map(|c| format!("%{:02X}", u32::from(c))).collect();
        let url = fixture.url(&format!("{from}{escaped}"));
        let response = fixture.session().get(&url).allow_redirects(false).wait().unwrap();
        let next = response.next().unwrap().url.clone();
        let expected = if to.is_empty() { format!("{}?only=query", response.url) } else { fixture.url(to) };
        assert_eq!(next, expected, "{location}");
    }
}

fn cookies_are_kept_and_sent(fixture: &Fixture) {
    let session = fixture.session();
    let response = session.get(fixture.url("/set/a/1")).wait().unwrap();
    assert_eq!(response.cookies.get("a").unwrap(), Some("1".into()));
    session.get(fixture.url("/set/b/2")).wait().unwrap();
    assert_eq!(session.get(fixture.url("/cookies")).wait().unwrap().text().unwrap(), "a=1; b=2");
    let response = session.get(fixture.url("/cookies")).cookies([("c", "3")]).wait().unwrap();
    assert!(response.text().unwrap().contains("c=3"));
    assert_eq!(session.cookies.get("c").unwrap(), None);
    // Another call has another session.
    assert_eq!(fixture.session().get(fixture.url("/cookies")).wait().unwrap().text().unwrap(), "none");
}

fn cookies_expire(fixture: &Fixture) {
    let session = fixture.session();
    session.get(fixture.url(&format!("/set-for/{}", escape("a=1; Path=/; Max-Age=1")))).wait().unwrap();
    assert_eq!(session.get(fixture.url("/cookies")).wait().unwrap().text().unwrap(), "a=1");
    fixture.batteries.time.sleep(Duration::from_millis(2100)).wait();
    assert_eq!(session.get(fixture.url("/cookies")).wait().unwrap().text().unwrap(), "none");
    session.get(fixture.url("/set/b/2")).wait().unwrap();
    session
        .get(fixture.url(&format!("/set-for/{}", escape("b=; Path=/; Expires=Thu, 01 Jan 1970 00:00:00 GMT"))))
        .wait()
        .unwrap();
    assert_eq!(session.cookies.get("b").unwrap(), None);
}

fn another_origin_gets_no_credentials(fixture: &Fixture) {
    let session = fixture.session();
    session.get(fixture.url("/set/kept/1")).wait().unwrap();
    let away = fixture.url(&format!("/to/302/{}", escape(&format!("{}/hello", fixture.other))));
    let response = session.get(away).auth(("user", "pass")).cookies([("own", "2")]).wait().unwrap();
    assert_eq!(response.url, format!("{}/hello", fixture.other));
    let seen = fixture.site.seen();
    assert_eq!(seen[1].header("cookie").unwrap().len(), "kept=1; own=2".len());
    assert!(seen[1].header("authorization").is_some());
    assert_eq!((seen[2].header("cookie"), seen[2].header("authorization")), (None, None));
}

fn basic_auth(fixture: &Fixture) {
    assert_eq!(fixture.session().get(fixture.url("/basic")).wait().unwrap().status_code, 401);
    assert_eq!(fixture.session().get(fixture.url("/basic")).auth(("user", "pass")).wait().unwrap().status_code, 200);
    let with_user = fixture.url("/basic").replace("http://", "http://user:pass@");
    assert_eq!(fixture.session().get(with_user).wait().unwrap().status_code, 200);
    let mut session = fixture.session();
    session.set_auth(("user", "pass"));
    assert_eq!(session.get(fixture.url("/basic")).wait().unwrap().status_code, 200);
}

fn digest_auth(fixture: &Fixture) {
    let mut session = fixture.session();
    session.set_auth(HttpDigestAuth::new("user", "pass"));
    let response = session.post(fixture.url("/digest?q=1")).data("body").wait().unwrap();
    assert_eq!((response.status_code, response.text().unwrap().as_str(), response.history.len()), (200, "00000001", 1));
    assert_eq!(fixture.site.last().header("cookie"), Some("nonce=n1"));
    assert_eq!(fixture.site.last().body, b"body");
    // From now on without a challenge.
    let response = session.get(fixture.url("/digest")).wait().unwrap();
    assert_eq!((response.text().unwrap().as_str(), response.history.len()), ("00000002", 0));
    let wrong = fixture.session().get(fixture.url("/digest")).auth(HttpDigestAuth::new("user", "wrong")).wait().unwrap();
    assert_eq!((wrong.status_code, wrong.history.len()), (401, 1));
}

fn raise_for_status_gives_the_response(fixture: &Fixture) {
    let url = fixture.url("/status/404");
    let error = fixture.session().get(&url).wait().unwrap().raise_for_status().unwrap_err();
    assert_eq!(error.to_string(), format!("404 Client Error: Not Found for url: {url}"));
    assert!(error.is_http_error());
    assert_eq!(error.response().unwrap().text().unwrap(), "status");
    assert_eq!(fixture.session().get(fixture.url("/hello")).wait().unwrap().raise_for_status().unwrap().status_code, 200);
}

fn gzip_deflate_brotli_and_zstd_are_decoded(fixture: &Fixture) {
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let response = fixture.session().get(fixture.url(&format!("/encoded/{coding}"))).wait().unwrap();
        assert_eq!(response.text().unwrap(), "packed packed packed", "{coding}");
    }
    assert_eq!(fixture.session().get(fixture.url("/twice")).wait().unwrap().text().unwrap(), "packed twice");
}

fn a_body_that_is_not_what_it_says_is_a_decoding_error(fixture: &Fixture) {
    let error = fixture.session().get(fixture.url("/not-gzip")).wait().unwrap_err();
    assert!(matches!(error, Error::ContentDecoding(_)), "{error:?}");
    assert_eq!((error.method(), error.url()), (Some("GET"), Some(fixture.url("/not-gzip"))));
}

fn a_truncated_encoding_is_an_error(fixture: &Fixture) {
    let error = fixture.session().get(fixture.url("/half-gzip")).wait().unwrap_err();
    assert!(matches!(error, Error::ContentDecoding(_)), "{error:?}");
}

fn a_body_that_breaks_off_is_an_error(fixture: &Fixture) {
    let error = fixture.session().get(fixture.url("/cut")).wait().unwrap_err();
    assert!(matches!(error, Error::ChunkedEncoding(_)), "{error:?}");
    let mut response = fixture.session().get(fixture.url("/cut")).stream(true).wait().unwrap();
    let pieces: Vec<_> = response.iter_content(4).collect();
    assert_eq!(pieces[0].as_ref().unwrap().as_ref(), b"begi");
    assert!(pieces.last().unwrap().is_err());
    // What is left must not pass for the whole.
    assert!(matches!(response.content(), Err(Error::StreamConsumed)));
}

fn a_server_that_stalls_is_a_read_timeout(fixture: &Fixture) {
    let site = fixture.url("/half");
    let start = fixture.batteries.time.monotonic();
    let error = fixture.session().get(site).timeout(Duration::from_millis(200)).wait().unwrap_err();
    let took = fixture.batteries.time.monotonic() - start;
    assert!(matches!(error, Error::ReadTimeout(_)) && error.is_timeout() && !error.is_connection_error(), "{error:?}");
    assert!(took >= Duration::from_millis(200) && took < Duration::from_millis(200) + fixture.late(), "{took:?}");
}

fn a_body_that_stalls_is_a_read_timeout(fixture: &Fixture) {
    let mut response = fixture.session().get(fixture.url("/half")).stream(true).timeout(SOON).wait().unwrap();
    let error = response.read().wait().unwrap_err();
    assert!(matches!(error, Error::ReadTimeout(_)), "{error:?}");
}

fn a_body_that_trickles_meets_the_total_deadline(fixture: &Fixture) {
    let start = fixture.batteries.time.monotonic();
    let call = fixture.session().get(fixture.url("/trickle")).timeout(Duration::from_secs(1)).total(SOON);
    let error = call.wait().unwrap_err();
    let took = fixture.batteries.time.monotonic() - start;
    assert!(matches!(error, Error::Timeout { budget, .. } if budget == SOON), "{error:?}");
    assert!(took >= SOON && took < SOON + fixture.late(), "{took:?}");
}

fn a_refused_connection_is_a_connection_error(fixture: &Fixture) {
    let refused = if fixture.base.contains("site.test") {
        "http://refused.test/".to_owned()
    } else {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        format!("http://{}/", listener.local_addr().unwrap())
    };
    let error = fixture.session().get(&refused).wait().unwrap_err();
    assert!(matches!(error, Error::Connection(_)) && error.is_connection_error() && !error.is_timeout(), "{error:?}");
    assert_eq!(error.to_string(), format!("GET {refused}: connection refused"));
    assert!(std::error::Error::source(&error).is_none(), "the line has the whole reason: {error:?}");
    assert_eq!(error.python_name(), "ConnectionError");
    assert!(error.is_request_exception() && error.is_os_error());
}

fn status_retries_and_their_pauses(fixture: &Fixture) {
    let start = fixture.batteries.time.monotonic();
    let retry = Retry::new(5).status_forcelist([503]).backoff_factor(0.1);
    let response = fixture.session().get(fixture.url("/flaky/3")).max_retries(retry).wait().unwrap();
    assert_eq!(response.text().unwrap(), "there");
    assert_eq!(fixture.site.seen().len(), 4);
    // 0, 0.2, 0.4
    let took = fixture.batteries.time.monotonic() - start;
    assert!(took >= Duration::from_millis(600) && took < Duration::from_millis(600) + fixture.late(), "{took:?}");
    let retry = Retry::new(5).status_forcelist([503]);
    let response = fixture.session().post(fixture.url("/status/503")).max_retries(retry).wait().unwrap();
    assert_eq!(response.status_code, 503, "POST is not sent twice");
}

fn retry_after_is_obeyed(fixture: &Fixture) {
    let start = fixture.batteries.time.monotonic();
    let response = fixture.session().get(fixture.url("/busy")).max_retries(2).wait().unwrap();
    assert_eq!(response.text().unwrap(), "there");
    let took = fixture.batteries.time.monotonic() - start;
    assert!(took >= Duration::from_secs(1) && took < Duration::from_secs(1) + fixture.late(), "{took:?}");
}

fn exhausted_retries_are_an_error_or_the_last_answer(fixture: &Fixture) {
    let retry = Retry::new(2).status_forcelist([500]);
    let error = fixture.session().get(fixture.url("/status/500")).max_retries(retry.clone()).wait().unwrap_err();
    assert!(matches!(error, Error::Retry { status: 500, .. }), "{error:?}");
    assert_eq!(fixture.site.seen().len(), 3);
    let response = fixture.session().get(fixture.url("/status/500")).max_retries(retry.raise_on_status(false)).wait().unwrap();
    assert_eq!((response.status_code, response.text().unwrap().as_str()), (500, "status"));
}

fn a_retry_that_the_budget_does_not_have_is_not_waited_for(fixture: &Fixture) {
    let start = fixture.batteries.time.monotonic();
    let retry = Retry::new(5).status_forcelist([500]).backoff_factor(100.0);
    let error = fixture.session().get(fixture.url("/status/500")).max_retries(retry).wait().unwrap_err();
    assert!(matches!(error, Error::Retry { status: 500, .. }), "{error:?}");
    assert!(fixture.batteries.time.monotonic() - start < fixture.late());
}

fn streams_are_read_in_pieces_and_lines(fixture: &Fixture) {
    let session = fixture.session();
    let lines = |mut response: leyden::requests::Response| {
        response.iter_lines().map(|line| String::from_utf8(line.unwrap().to_vec()).unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(lines(session.get(fixture.url("/lines")).stream(true).wait().unwrap()), ["one", "two", "three"]);
    assert_eq!(lines(session.get(fixture.url("/lines")).wait().unwrap()), ["one", "two", "three"]);
    let mut response = session.get(fixture.url("/lines")).stream(true).wait().unwrap();
    assert!(matches!(response.content(), Err(Error::NotRead)));
    let pieces: Vec<usize> = response.iter_content(5).map(|piece| piece.unwrap().len()).collect();
    assert_eq!(pieces, [5, 5, 4]);
    assert!(matches!(response.iter_content(5).next(), Some(Err(Error::StreamConsumed))));
    let mut response = session.get(fixture.url("/hello")).stream(true).wait().unwrap();
    let text: String = response.iter_content(2).decode_unicode().map(Result::unwrap).collect();
    assert_eq!(text, "héllo");
    let mut response = session.get(fixture.url("/encoded/gzip")).stream(true).wait().unwrap();
    let mut raw = Vec::new();
    std::io::Read::read_to_end(&mut response.raw(), &mut raw).unwrap();
    assert_eq!(raw, encode("gzip", b"packed packed packed"));
    let mut response = session.get(fixture.url("/hello")).stream(true).wait().unwrap();
    assert_eq!(response.read().wait().unwrap().as_ref(), "héllo".as_bytes());
    assert_eq!(response.text().unwrap(), "héllo");
}

fn hooks_see_each_response(fixture: &Fixture) {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let log = seen.clone();
    let hook = Hook::new(move |response| {
        log.lock().unwrap().push(response.status_code);
        response.encoding = Some("latin-1".into());
        Ok(())
    });
    let response = fixture.session().get(fixture.url("/to/302/%2Fhello")).hook(hook).wait().unwrap();
    assert_eq!(*seen.lock().unwrap(), [302, 200]);
    assert_eq!(response.text().unwrap(), "hÃ©llo");
    let failing = Hook::fallible(|_| Err("no"));
    let error = fixture.session().get(fixture.url("/hello")).hook(failing).wait().unwrap_err();
    assert!(matches!(error, Error::Hook(_)));
}

fn adapters_are_mounted_by_prefix(fixture: &Fixture) {
    let world = World::new();
    world.requests.any("http://*").reply(418);
    let backend = world.batteries().requests.backend().clone();
    let mut session = fixture.session();
    session.mount(fixture.url("/hello/"), HttpAdapter::with_backend(backend));
    assert_eq!(session.get(fixture.url("/hello")).wait().unwrap().status_code, 200);
    assert_eq!(session.get(fixture.url("/hello/there")).wait().unwrap().status_code, 418);
    let error = session.get("ftp://example.com/").wait().unwrap_err();
    assert!(matches!(error, Error::InvalidSchema(_)), "{error:?}");
    session.close();
}

fn large_bodies_are_refused(fixture: &Fixture) {
    let mut session = fixture.session();
    session.limits = session.limits.body(9_999);
    let error = session.get(fixture.url("/big")).wait().unwrap_err();
    assert!(matches!(error, Error::TooLarge { what: "body", limit: 9_999, .. }), "{error:?}");
    session.limits = session.limits.body(10_000);
    assert_eq!(session.get(fixture.url("/big")).wait().unwrap().content().unwrap().len(), 10_000);
}

fn large_heads_are_refused(fixture: &Fixture) {
    let mut session = fixture.session();
    session.limits = session.limits.head(4_000);
    let error = session.get(fixture.url("/heads")).wait().unwrap_err();
    assert!(matches!(error, Error::TooLarge { what: "head", .. }), "{error:?}");
}

fn a_download_is_resumed_after_a_cut(fixture: &Fixture) {
    let progress = Arc::new(Mutex::new(Vec::new()));
    let log = progress.clone();
    let download = fixture.session().get(fixture.url("/file/2")).download(fixture.path("file"));
    let download =
        download.checksum(Checksum::Sha256(FILE_SHA256.into())).progress(move |progress| log.lock().unwrap().push(progress));
    let done = download.wait().unwrap();
    assert_eq!((done.bytes, fixture.read("file").unwrap()), (36, FILE.as_bytes().to_vec()));
    assert_eq!(fixture.read("file.part"), None);
    let ranges: Vec<_> = fixture.site.seen().iter().map(|seen| seen.header("range").map(str::to_owned)).collect();
    assert_eq!(ranges, [None, Some("bytes=18-".into()), Some("bytes=27-".into())]);
    assert_eq!(fixture.site.last().header("if-range"), Some("\"v1\""));
    let last = *progress.lock().unwrap().last().unwrap();
    assert_eq!((last.bytes, last.total), (36, Some(36)));
}

fn a_failed_download_leaves_its_part_and_nothing_else(fixture: &Fixture) {
    fixture.write("file", b"old");
    let error = fixture.session().get(fixture.url("/file/99")).download(fixture.path("file")).retries(0).wait().unwrap_err();
    assert!(matches!(error, Error::ChunkedEncoding(_)), "{error:?}");
    assert_eq!((fixture.read("file").unwrap(), fixture.read("file.part").unwrap().len()), (b"old".to_vec(), 18));
    let error = fixture.session().get(fixture.url("/status/404")).download(fixture.path("file")).wait().unwrap_err();
    assert_eq!((error.status_code(), fixture.read("file").unwrap()), (Some(404), b"old".to_vec()));
}

fn a_wrong_checksum_removes_the_part(fixture: &Fixture) {
    let download = fixture.session().get(fixture.url("/file/0")).download(fixture.path("file"));
    let error = download.checksum(Checksum::Md5("00".into())).wait().unwrap_err();
    assert!(matches!(&error, Error::Checksum { actual, .. } if actual == "e9b1713db620f1e3a14b6812de523f4b"), "{error:?}");
    assert_eq!((fixture.read("file"), fixture.read("file.part")), (None, None));
}

fn a_download_goes_on_where_an_earlier_one_stopped(fixture: &Fixture) {
    fixture.write("file.part", &FILE.as_bytes()[..10]);
    let download = || fixture.session().get(fixture.url("/file/0")).download(fixture.path("file")).resume(true);
    download().checksum(Checksum::Sha256(FILE_SHA256.into())).wait().unwrap();
    assert_eq!(fixture.site.last().header("range"), Some("bytes=10-"));
    assert_eq!(fixture.read("file").unwrap(), FILE.as_bytes());
    // Everything is there already.
    fixture.write("file.part", FILE.as_bytes());
    assert_eq!(download().wait().unwrap().bytes, 36);
    assert_eq!(fixture.read("file").unwrap(), FILE.as_bytes());
}

fn a_download_goes_on_with_the_version_that_it_began_with(fixture: &Fixture) {
    let fetch = |path: &str| fixture.session().get(fixture.url(path)).download(fixture.path("file")).retries(0);
    fetch("/file/1?token=1").wait().unwrap_err();
    let (part, note) = (fixture.read("file.part").unwrap(), fixture.read("file.part.meta").unwrap());
    assert_eq!(part, &FILE.as_bytes()[..18]);
    assert!(!String::from_utf8(note.clone()).unwrap().contains("token"));
    // The query is another each time a link is signed.
    fetch("/file/1?token=2").resume(true).wait().unwrap();
    assert_eq!(
        (fixture.site.last().header("range"), fixture.site.last().header("if-range")),
        (Some("bytes=18-"), Some("\"v1\""))
    );
    assert_eq!(fixture.read("file").unwrap(), FILE.as_bytes());
    assert_eq!((fixture.read("file.part"), fixture.read("file.part.meta")), (None, None));
    // Whether it honours If-Range, does not, or tells no versions apart.
    for (server, expected) in [
        ("careful", vec![None, Some(("bytes=18-", "\"v1\""))]),
        ("careless", vec![None, Some(("bytes=18-", "\"v1\"")), None]),
        ("nameless", vec![None, None]),
    ] {
        fixture.site.seen.lock().unwrap().clear();
        let path = format!("/changed/{server}");
        fetch(&path).wait().unwrap_err();
        assert_eq!(fixture.read("file.part").unwrap(), &FILE.as_bytes()[..18], "{server}");
        let done = fetch(&path).resume(true).wait().unwrap();
        assert_eq!((done.bytes, fixture.read("file").unwrap()), (36, FILE.to_uppercase().into_bytes()), "{server}");
        let seen = fixture.site.seen();
        let ranges: Vec<_> = seen.iter().map(|seen| seen.header("range").zip(seen.header("if-range"))).collect();
        assert_eq!(ranges, expected, "{server}");
        assert_eq!(fixture.read("file.part.meta"), None, "{server}");
    }
}

fn a_part_that_cannot_be_gone_on_with_is_begun_again(fixture: &Fixture) {
    let download = || fixture.session().get(fixture.url("/file/0")).download(fixture.path("file")).resume(true);
    // Of a file that was longer.
    fixture.write("file.part", &[b'x'; 50]);
    download().checksum(Checksum::Sha256(FILE_SHA256.into())).wait().unwrap();
    let ranges: Vec<_> = fixture.site.seen().iter().map(|seen| seen.header("range").map(str::to_owned)).collect();
    assert_eq!((ranges, fixture.read("file").unwrap()), (vec![Some("bytes=50-".into()), None], FILE.as_bytes().to_vec()));
    // With a note of another source, with half a note, with none.
    let source = "0".repeat(64);
    for note in
        [format!("{{\"source\":\"{source}\",\"validator\":\"\\\"v1\\\"\",\"total\":36}}"), "{\"sour".into(), String::new()]
    {
        fixture.write("file.part", b"nonsense");
        fixture.write("file.part.meta", note.as_bytes());
        download().wait().unwrap();
        assert_eq!(
            (fixture.site.last().header("range"), fixture.read("file").unwrap()),
            (None, FILE.as_bytes().to_vec()),
            "{note}"
        );
    }
}

fn await_and_wait_give_the_same(fixture: &Fixture) {
    let url = fixture.url("/hello");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    // Without timers or sockets of its own, and then from the thread that it stands on.
    let text = runtime.block_on(async { fixture.session().get(&url).await.unwrap().text().unwrap() });
    assert_eq!(text, "héllo");
    let text = runtime.block_on(async { fixture.session().get(&url).wait().unwrap().text().unwrap() });
    assert_eq!(text, "héllo");
    let (one, two) = runtime.block_on(async {
        let session = fixture.session();
        let one = session.get(&url).into_future();
        let two = session.get(fixture.url("/late")).into_future();
        (one.await, two.await)
    });
    assert_eq!((one.unwrap().status_code, two.unwrap().text().unwrap().as_str()), (200, "ab"));
    assert_eq!(fixture.session().get(&url).wait().unwrap().status_code, 200);
}
