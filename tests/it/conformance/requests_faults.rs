//! Faults that use has shown, each with the number that it has in the list, on the mock and over real sockets.

use std::io::Write as _;

use leyden::prelude::*;
use leyden::requests::{Checksum, Data, Error, HttpDigestAuth, Limits, Part, Value};

use super::requests::{Fixture, encode};
use crate::support::http::Answer;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        bytes_of_a_location_are_kept,
        two_locations_are_an_error,
        a_location_that_is_not_a_url_is_an_error,
        a_gzip_member_that_is_corrupt_or_cut_is_an_error,
        what_follows_a_body_of_known_length_is_not_of_it,
        a_length_that_contradicts_itself_is_an_error,
        an_empty_body_has_a_length,
        the_framing_that_goes_out_is_the_bodys,
        large_bodies_of_redirects_are_not_kept,
        a_line_is_within_the_limit,
        nothing_follows_an_error,
        a_bomb_in_the_middle_of_a_chain_is_stopped,
        a_head_with_a_huge_length_is_harmless,
        a_part_with_a_huge_length_is_an_error,
        less_than_the_rest_is_asked_for_again,
        head_follows_redirects_where_request_says_so,
        value_errors_are_value_errors,
        nan_is_named,
        parts_without_a_file_name_and_bytes_are_sent,
        challenges_are_parsed,
        a_session_with_a_bundle_keeps_it,
    ]
);

// A4
fn bytes_of_a_location_are_kept(fixture: &Fixture) {
    for (location, target) in [
        ("/caf\u{e9}", "/caf%E9"),
        ("/caf\u{c3}\u{a9}", "/caf%C3%A9"),
        ("/\u{ff}\u{c3}\u{a9}\u{80}?q=\u{fe}", "/%FF%C3%A9%80?q=%FE"),
    ] {
        fixture.serve("/moved", Answer::new(302).header("Location", location));
        fixture.session().get(fixture.url("/moved")).wait().unwrap();
        assert_eq!(fixture.site.last().target, target);
    }
}

fn two_locations_are_an_error(fixture: &Fixture) {
    fixture.serve("/two", Answer::new(302).header("Location", "/a").header("Location", "/b"));
    let error = fixture.session().get(fixture.url("/two")).wait().unwrap_err();
    assert!(error.is_invalid_url() && error.to_string().contains("several values of Location"), "{error:?}");
    fixture.serve("/twice", Answer::new(302).header("Location", "/hello").header("Location", "/hello"));
    assert_eq!(fixture.session().get(fixture.url("/twice")).wait().unwrap().text().unwrap(), "héllo");
}

// C10
fn a_location_that_is_not_a_url_is_an_error(fixture: &Fixture) {
    for location in ["http://[::1", "http://[zz]/", "http://a.test:99999/", "http://a b/", "http://%00/"] {
        fixture.serve("/odd", Answer::new(302).header("Location", location));
        let error = fixture.session().get(fixture.url("/odd")).wait().unwrap_err();
        assert!(error.is_invalid_url(), "{location}: {error:?}");
    }
    assert!(fixture.site.seen().iter().all(|seen| seen.path() == "/odd"));
}

// A5
fn a_gzip_member_that_is_corrupt_or_cut_is_an_error(fixture: &Fixture) {
    let member = encode("gzip", b"packed packed packed");
    let get = |body: Vec<u8>| {
        fixture.serve("/gz", Answer::new(200).header("Content-Encoding", "gzip").body(body));
        fixture.session().get(fixture.url("/gz")).wait()
    };
    let both = [member.clone(), member.clone()].concat();
    assert_eq!(get(both.clone()).unwrap().content().unwrap().len(), 40);
    // Between the members it is whole: only the framing of the body knows better.
    for cut in (1..both.len()).filter(|&cut| cut != member.len()) {
        let error = get(both[..cut].to_vec()).unwrap_err();
        assert!(matches!(error, Error::ContentDecoding(_)), "cut at {cut}: {error:?}");
    }
    // The marks, the method, and what is checked at the end. Times, names and systems are not.
    for at in [1, 2, 10, member.len() - 8, member.len() - 1] {
        let mut corrupt = both.clone();
        corrupt[member.len() + at] ^= 0x55;
        let error = get(corrupt).unwrap_err();
        assert!(matches!(error, Error::ContentDecoding(_)), "byte {at}: {error:?}");
    }
    for padding in [&b"\0\0\0\0"[..], b"garbage", b"\n"] {
        assert_eq!(get([&both, padding].concat()).unwrap().content().unwrap().len(), 40, "{padding:?}");
    }
}

// C10
fn what_follows_a_body_of_known_length_is_not_of_it(fixture: &Fixture) {
    fixture.serve("/long", Answer::new(200).header("Content-Length", "5").body("hello, and more"));
    assert_eq!(fixture.session().get(fixture.url("/long")).wait().unwrap().text().unwrap(), "hello");
    fixture.serve("/short", Answer::new(200).header("Content-Length", "20").body("eleven byte").cut());
    let error = fixture.session().get(fixture.url("/short")).wait().unwrap_err();
    assert!(matches!(error, Error::ChunkedEncoding(_)), "{error:?}");
}

fn a_length_that_contradicts_itself_is_an_error(fixture: &Fixture) {
    for length in ["5, 6", "x", "+5", "-5", "5.0", "99999999999999999999999"] {
        fixture.serve("/odd", Answer::new(200).header("Content-Length", length).body("hello"));
        let error = fixture.session().get(fixture.url("/odd")).wait().unwrap_err();
        assert!(error.is_connection_error(), "{length}: {error:?}");
    }
    fixture.serve("/odd", Answer::new(200).header("Content-Length", "5").header("Content-Length", "5").body("hello"));
    assert_eq!(fixture.session().get(fixture.url("/odd")).wait().unwrap().text().unwrap(), "hello");
}

// C3
fn an_empty_body_has_a_length(fixture: &Fixture) {
    let file = fixture.write("empty", b"");
    for body in [Data::file(file), Data::reader(std::io::empty(), Some(0)), Data::from("")] {
        fixture.session().put(fixture.url("/echo")).data(body).wait().unwrap();
        let seen = fixture.site.last();
        assert_eq!((seen.header("content-length"), seen.header("transfer-encoding")), (Some("0"), None));
    }
}

// C10, C15
fn the_framing_that_goes_out_is_the_bodys(fixture: &Fixture) {
    let framing = |body: Option<Data>, method: &str| {
        let call = fixture
            .session()
            .request(method, fixture.url("/echo"))
            .header("Transfer-Encoding", "chunked")
            .header("Content-Length", "5");
        match body {
            Some(body) => call.data(body).wait().unwrap(),
            None => call.wait().unwrap(),
        };
        let seen = fixture.site.last();
        (seen.header("content-length").map(str::to_owned), seen.header("transfer-encoding").map(str::to_owned))
    };
    let own = |text: &str| Some(text.to_owned());
    assert_eq!(framing(Some("ab".into()), "POST"), (own("2"), None));
    assert_eq!(framing(Some(Data::reader(&b"abc"[..], Some(3))), "POST"), (own("3"), None));
    assert_eq!(framing(Some(Data::reader(&b"abc"[..], None)), "POST"), (None, own("chunked")));
    assert_eq!(framing(None, "POST"), (own("0"), None));
    assert_eq!(framing(None, "GET"), (None, None));
    for (text, length) in [("short", 50), ("much too long", 3)] {
        let body = Data::reader(text.as_bytes(), Some(length));
        let error = fixture.session().post(fixture.url("/echo")).data(body).timeout(secs(5)).wait().unwrap_err();
        assert!(error.is_connection_error(), "{error:?}");
    }
}

fn bomb(megabytes: usize) -> Vec<u8> {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let zeros = vec![0; 1 << 20];
    for _ in 0..megabytes {
        packed.write_all(&zeros).unwrap();
    }
    packed.finish().unwrap()
}

// S13
fn large_bodies_of_redirects_are_not_kept(fixture: &Fixture) {
    let bomb = bomb(4);
    for (n, body) in [(0, bomb), (1, vec![b'x'; 1 << 20]), (2, b"small".to_vec())] {
        let answer = Answer::new(302).header("Location", if n == 2 { "/hello".into() } else { format!("/{}", n + 1) }).body(body);
        fixture.serve(&format!("/{n}"), if n == 0 { answer.header("Content-Encoding", "gzip") } else { answer });
    }
    let response = fixture.session().get(fixture.url("/0")).stream(true).limits(Limits::default().body(64 << 20)).wait().unwrap();
    let kept: Vec<_> = response.history.iter().map(|one| one.content().map(|body| body.len()).ok()).collect();
    assert_eq!((response.status_code, kept), (200, vec![None, None, Some(5)]));
}

// S14
fn a_line_is_within_the_limit(fixture: &Fixture) {
    fixture.serve("/line", Answer::new(200).body(vec![b'x'; 3 << 20]));
    let limits = Limits::default().body(1 << 20);
    let stream = |path: &str| fixture.session().get(fixture.url(path)).stream(true).limits(limits).wait().unwrap();
    let mut response = stream("/line");
    let lines: Vec<_> = response.iter_lines().collect();
    assert!(matches!(lines.as_slice(), [Err(Error::TooLarge { limit: 1_048_576, .. })]), "{}", lines.len());
    let mut response = stream("/line");
    let pieces: Vec<_> = response.iter_content(2 << 20).collect();
    assert!(matches!(pieces.as_slice(), [Err(Error::TooLarge { .. })]), "{}", pieces.len());
    // Many lines may be more than that together.
    fixture.serve("/lines", Answer::new(200).body("0123456789\n".repeat(300_000)));
    assert_eq!(stream("/lines").iter_lines().map(|line| line.unwrap().len()).sum::<usize>(), 3_000_000);
    // As may a text in an encoding of many bytes, which once was decoded as a whole.
    fixture.serve(
        "/text",
        Answer::new(200).header("Content-Type", "text/plain; charset=shift_jis").body(b"\x93\xfa".repeat(900_000)),
    );
    let mut response = stream("/text");
    let text: String = response.iter_content(1001).decode_unicode().map(Result::unwrap).collect();
    assert!(text.chars().count() == 900_000 && text.chars().all(|c| c == '日'));
}

fn nothing_follows_an_error(fixture: &Fixture) {
    let text = || Answer::new(200).header("Content-Type", "text/plain; charset=utf-8");
    fixture.serve("/cut", text().body("one\ntwo\nhalf a li").cut());
    let stream = || fixture.session().get(fixture.url("/cut")).stream(true).wait().unwrap();
    let lines: Vec<_> = stream().iter_lines().map(|line| line.ok()).collect();
    assert_eq!(lines, [Some("one".into()), Some("two".into()), None]);
    let texts: Vec<_> = stream().iter_content(None).decode_unicode().map(|text| text.ok()).collect();
    assert_eq!(texts.last(), Some(&None));
    assert_eq!(texts.iter().filter(|text| text.is_none()).count(), 1);
    // A file that is cut within a character.
    fixture.serve("/cut", text().body("caf\u{e9}".as_bytes()[..4].to_vec()).cut());
    let texts: Vec<_> = stream().iter_content(None).decode_unicode().map(|text| text.ok()).collect();
    assert_eq!(texts, [Some("caf".into()), None]);
}

/// A gzip file of these bytes as blocks that are stored, and of as many empty ones after each byte.
fn with_empty_blocks(bytes: &[u8], blocks: usize) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
    for &byte in bytes {
        out.extend([0, 1, 0, 0xfe, 0xff, byte]);
        out.extend([0, 0, 0, 0xff, 0xff].repeat(blocks));
    }
    out.extend([1, 0, 0, 0xff, 0xff]);
    let mut crc = flate2::Crc::new();
    crc.update(bytes);
    out.extend(crc.sum().to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}

// S2
fn a_bomb_in_the_middle_of_a_chain_is_stopped(fixture: &Fixture) {
    // Two megabytes of blocks that stand for three bytes.
    let inner = with_empty_blocks(b"abc", 150_000);
    let packed = encode("gzip", &encode("gzip", &inner));
    assert!(packed.len() < 10_000, "{}", packed.len());
    fixture.serve("/chain", Answer::new(200).header("Content-Encoding", "gzip, gzip, gzip").body(packed));
    let limits = Limits::default().body(1 << 20);
    let error = fixture.session().get(fixture.url("/chain")).limits(limits).wait().unwrap_err();
    assert!(matches!(error, Error::TooLarge { limit: 1_048_576, .. }), "{error:?}");
    let mut response = fixture.session().get(fixture.url("/chain")).limits(limits).stream(true).wait().unwrap();
    let pieces: Vec<_> = response.iter_content(None).collect();
    assert!(matches!(pieces.last(), Some(Err(Error::TooLarge { .. }))), "{}", pieces.len());
    // Without a chain the bytes come over the wire, and are limited there.
    fixture.serve("/blocks", Answer::new(200).header("Content-Encoding", "gzip").body(with_empty_blocks(b"a", 100_000)));
    let call = || fixture.session().get(fixture.url("/blocks"));
    let error = call().limits(Limits::default().body(1 << 18)).wait().unwrap_err();
    assert!(matches!(error, Error::TooLarge { .. }), "{error:?}");
    assert_eq!(call().wait().unwrap().text().unwrap(), "a");
}

// S18
fn a_head_with_a_huge_length_is_harmless(fixture: &Fixture) {
    let huge = i64::MAX.to_string();
    fixture.serve("/huge", Answer::new(200).header("Content-Length", huge.as_str()).body("x").cut());
    let response = fixture.session().head(fixture.url("/huge")).wait().unwrap();
    assert_eq!((response.headers["Content-Length"].as_str(), response.content().unwrap().len()), (huge.as_str(), 0));
    let error = fixture.session().get(fixture.url("/huge")).wait().unwrap_err();
    assert!(matches!(error, Error::ChunkedEncoding(_)), "{error:?}");
    let error = fixture.session().get(fixture.url("/huge")).download(fixture.path("file")).retries(0).wait().unwrap_err();
    assert!(matches!(error, Error::ChunkedEncoding(_)), "{error:?}");
    assert_eq!(fixture.read("file"), None);
}

fn a_part_with_a_huge_length_is_an_error(fixture: &Fixture) {
    for (range, length) in [
        ("bytes 5-18446744073709551615/18446744073709551615", u64::MAX),
        ("bytes 5-18446744073709551614/18446744073709551615", u64::MAX - 5),
        ("bytes 5-9223372036854775806/9223372036854775807", i64::MAX as u64),
        ("bytes 5-9/x", 5),
        ("bytes 9-5/10", 5),
        ("bytes 5-9/7", 5),
        ("bytes 5-9/99", 5),
        ("lines 5-9/10", 5),
        ("bytes +5-9/10", 5),
    ] {
        fixture.serve("/part", Answer::new(200).header("ETag", "\"e\"").header("Content-Length", "10").body("01234").cut());
        let call = || fixture.session().get(fixture.url("/part")).timeout(secs(5)).download(fixture.path("file")).retries(0);
        call().wait().unwrap_err();
        let answer =
            Answer::new(206).header("ETag", "\"e\"").header("Content-Range", range).header("Content-Length", length.to_string());
        fixture.serve("/part", answer.body("56789").cut());
        let error = call().resume(true).wait().unwrap_err();
        assert!(!error.to_string().is_empty(), "{range}");
        assert_eq!(fixture.read("file"), None, "{range}");
    }
}

// A server may answer with fewer bytes than were asked for (RFC 9110 14.2): what it gave is not the rest.
fn less_than_the_rest_is_asked_for_again(fixture: &Fixture) {
    let head = |status, length: &str| Answer::new(status).header("ETag", "\"e\"").header("Content-Length", length);
    fixture.serve("/part", head(200, "10").body("01234").cut());
    let call = || fixture.session().get(fixture.url("/part")).download(fixture.path("file")).retries(0).resume(true);
    call().wait().unwrap_err();
    fixture.serve("/part", head(206, "2").header("Content-Range", "bytes 5-6/10").body("56"));
    let error = call().wait().unwrap_err();
    assert!(matches!(error, Error::ChunkedEncoding(_)), "{error:?}");
    assert_eq!((fixture.read("file"), fixture.read("file.part").unwrap()), (None, b"0123456".to_vec()));
    fixture.serve("/part", head(206, "3").header("Content-Range", "bytes 7-9/10").body("789"));
    assert_eq!(call().checksum(Checksum::Md5("781e5e245d69b566979b86e28d23f2c7".into())).wait().unwrap().bytes, 10);
    assert_eq!(fixture.read("file").unwrap(), b"0123456789");
}

// C12
fn head_follows_redirects_where_request_says_so(fixture: &Fixture) {
    fixture.serve("/moved", Answer::new(302).header("Location", "/hello"));
    let url = fixture.url("/moved");
    assert_eq!(fixture.session().head(&url).wait().unwrap().status_code, 302);
    assert_eq!(fixture.requests.head(&url).wait().unwrap().status_code, 302);
    assert_eq!(fixture.session().head(&url).allow_redirects(true).wait().unwrap().status_code, 200);
    for response in [
        fixture.session().request("HEAD", &url).wait(),
        fixture.session().request("head", &url).wait(),
        fixture.requests.request("HEAD", &url).wait(),
    ] {
        let response = response.unwrap();
        assert_eq!((response.status_code, response.history.len(), fixture.site.last().method.as_str()), (200, 1, "HEAD"));
    }
}

// C11
fn value_errors_are_value_errors(fixture: &Fixture) {
    let url = fixture.url("/hello");
    let error = fixture.session().get(&url).wait().unwrap().json::<i32>().unwrap_err();
    assert!(error.is_value_error() && error.is_invalid_json(), "{error:?}");
    let error = fixture.session().post(&url).data("text").file("f", "x").wait().unwrap_err();
    assert!(error.is_value_error(), "{error:?}");
    let error = fixture.session().get("no scheme").wait().unwrap_err();
    assert!(error.is_value_error(), "{error:?}");
    let error = fixture.session().get(fixture.url("/status/404")).wait().unwrap().raise_for_status().unwrap_err();
    assert!(!error.is_value_error(), "{error:?}");
}

// C13
fn nan_is_named(fixture: &Fixture) {
    for (body, name, at) in [
        ("{\"a\": NaN}", "NaN", 6),
        ("[1, Infinity]", "Infinity", 4),
        ("-Infinity", "-Infinity", 0),
        ("[-Infinity]", "-Infinity", 1),
    ] {
        fixture.serve("/json", Answer::new(200).header("Content-Type", "application/json").body(body));
        let error = fixture.session().get(fixture.url("/json")).wait().unwrap().json::<serde_json::Value>().unwrap_err();
        let Error::JsonDecode { pos, source, .. } = &error else { panic!("{error:?}") };
        assert_eq!((*pos, source.to_string()), (at, format!("{name} is not valid JSON")), "{body}");
    }
    fixture.serve("/json", Answer::new(200).body("[NaN"));
    assert!(fixture.session().get(fixture.url("/json")).wait().unwrap().json::<serde_json::Value>().is_err());
}

// C9
fn parts_without_a_file_name_and_bytes_are_sent(fixture: &Fixture) {
    let url = fixture.url("/echo");
    let call = fixture
        .session()
        .post(&url)
        .file("json", Part::field("{}").content_type("application/json"))
        .file("plain", Part::field("x"));
    let form = [("bytes", Value::bytes(b"\xff\0\xfe".to_vec())), ("text", "é".into())];
    call.data(form.clone().to_vec()).wait().unwrap();
    let seen = fixture.site.last();
    let boundary = seen.header("content-type").unwrap().split_once("boundary=").unwrap().1.to_owned();
    let part = |head: &str, body: &[u8]| {
        [format!("--{boundary}\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(), body, b"\r\n"].concat()
    };
    let expected = [
        part("name=\"bytes\"", b"\xff\0\xfe"),
        part("name=\"text\"", "é".as_bytes()),
        part("name=\"json\"\r\nContent-Type: application/json", b"{}"),
        part("name=\"plain\"", b"x"),
        format!("--{boundary}--\r\n").into_bytes(),
    ];
    assert_eq!(seen.body, expected.concat());
    fixture.session().post(&url).params(form.clone().to_vec()).data(form.to_vec()).wait().unwrap();
    let seen = fixture.site.last();
    assert_eq!((seen.query(), seen.body.as_slice()), ("bytes=%FF%00%FE&text=%C3%A9", &b"bytes=%FF%00%FE&text=%C3%A9"[..]));
}

// C2
fn challenges_are_parsed(fixture: &Fixture) {
    let md5 = "Digest realm=\"r\", nonce=\"md5\", qop=\"auth\", opaque=\"of md5\"";
    let unknown = "Digest realm=\"r\", nonce=\"unknown\", qop=\"auth\", algorithm=SHA-3, opaque=\"of unknown\"";
    let sha256 = "Digest realm=\"r\", nonce=\"sha256\", qop=\"auth\", algorithm=SHA-256, opaque=\"of sha256\"";
    let sha512_256 = "Digest realm=\"r\", nonce=\"sha512\", algorithm=SHA-512-256";
    let int = "Digest realm=\"r\", nonce=\"int\", qop=\"auth-int\"";
    for (lines, expected) in [
        (vec!["Basic realm=\"Digest area\"", md5], Some(("md5", Some("of md5")))),
        (vec!["Basic realm=\"a, Digest nonce=1\", Negotiate", md5], Some(("md5", Some("of md5")))),
        (vec![unknown, md5], Some(("md5", Some("of md5")))),
        (vec![sha256, md5], Some(("sha256", Some("of sha256")))),
        (vec![sha512_256, md5], Some(("sha512", None))),
        (vec![int, sha256], Some(("sha256", Some("of sha256")))),
        (vec!["NTLM TlRMTVNTUAAB=", md5], Some(("md5", Some("of md5")))),
        (vec!["Basic realm=\"only Digest realm=x, nonce=y\""], None),
        (vec!["X-Digest realm=\"r\", nonce=\"n\""], None),
        (vec![unknown], None),
    ] {
        // On lines of their own, and on one.
        for lines in [lines.clone(), vec![&*lines.join(", ")]] {
            let challenge = lines.iter().fold(Answer::new(401), |answer, line| answer.header("WWW-Authenticate", *line));
            fixture.serve("/challenge", challenge);
            fixture.site.seen.lock().unwrap().clear();
            fixture.session().get(fixture.url("/challenge")).auth(HttpDigestAuth::new("u", "p")).wait().unwrap();
            let seen = fixture.site.seen();
            let answer = seen.get(1).map(|seen| seen.header("authorization").unwrap().to_owned());
            let field = |name: &str| Some(answer.as_ref()?.split_once(&format!("{name}=\""))?.1.split('"').next()?.to_owned());
            assert_eq!(field("nonce"), expected.map(|(nonce, _)| nonce.to_owned()), "{lines:?}");
            assert_eq!(field("opaque"), expected.and_then(|(_, opaque)| opaque).map(str::to_owned), "{lines:?}");
        }
    }
}

// C7
fn a_session_with_a_bundle_keeps_it(fixture: &Fixture) {
    use leyden::requests::{SendOptions, Verify};
    let (own, environment) = (Verify::from("/own.pem"), Verify::from("/environment.pem"));
    fixture.batteries.os.ambient().edit(|environ| environ.insert("REQUESTS_CA_BUNDLE".into(), "/environment.pem".into()));
    let merged = |session: Verify, call: Option<Verify>| {
        let mut settings = fixture.requests.session();
        settings.verify = session;
        let mut options = SendOptions::default();
        options.verify = call;
        settings.merge_environment_settings("https://a.test/", &options).verify
    };
    for (session, call, expected) in [
        (Verify::Yes, None, environment.clone()),
        (own.clone(), None, own.clone()),
        (Verify::No, None, Verify::No),
        (own.clone(), Some(Verify::Yes), environment),
        (own.clone(), Some(Verify::No), Verify::No),
        (Verify::No, Some(own.clone()), own),
    ] {
        assert_eq!(merged(session.clone(), call.clone()), expected, "session {session:?}, call {call:?}");
    }
}
