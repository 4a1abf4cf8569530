//! No CR, LF or NUL gets into a request's head, or into that of a part, whatever builder it comes through.

use leyden::prelude::*;
use leyden::requests::mock::Reply;
use leyden::requests::{
    Form, HttpBasicAuth, HttpBearerAuth, HttpDigestAuth, HttpProxyAuth, Part, Request, RequestBuilder, Requests,
};
use proptest::prelude::*;

/// Texts that are made of what heads are made of.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => "[a-zA-Z0-9 ]{0,4}",
        3 => prop::sample::select(vec!["\r\n", "\n", "\r", "\0", "\r\nX-Evil: 1", "\r\n\r\nGET / HTTP/1.1", "%0d%0a", "%00", "\u{0d0a}", "\u{10a}", "\u{85}", "\u{2028}"]).prop_map(str::to_owned),
        2 => prop::sample::select(vec!["\"", "\\", ";", ",", "=", ":", "@", "/", "?", "#", "%", "[", "]", "é", "☃", "\t", "--", "\u{b}", "\u{1f}", "\u{7f}"]).prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}

const PLACES: usize = 24;

/// A request with this text in one of the places that a builder has.
fn build(requests: &Requests, place: usize, text: &str) -> RequestBuilder {
    let url = "http://a.test/";
    let mut session = requests.session();
    match place {
        0 => requests.request(text, url),
        1 => requests.get(format!("http://{text}/")),
        2 => requests.get(format!("{url}{text}")),
        3 => requests.get(format!("{url}?{text}")),
        4 => requests.get(format!("http://{text}@a.test/")),
        5 => requests.get(url).params([(text, text)]),
        6 => requests.get(url).params(Form::Raw(text.into())),
        7 => requests.get(url).header(text, "x"),
        8 => requests.get(url).header("X", text),
        9 => requests.get(url).header("Host", text),
        10 => requests.get(url).cookies([(text, "x")]),
        11 => requests.get(url).cookies([("x", text)]),
        12 => requests.get(url).auth(HttpBasicAuth::new(text, text)),
        13 => requests.get(url).auth(HttpBearerAuth::new(text)),
        14 => requests.get(url).auth(HttpDigestAuth::new(text, text)),
        15 => requests.get(url).auth(HttpProxyAuth::new(text, text)),
        16 => requests.post(url).file(text, "x"),
        17 => requests.post(url).file("x", Part::bytes("x").filename(text)),
        18 => requests.post(url).file("x", Part::bytes("x").content_type(text)),
        19 => requests.post(url).file("x", Part::field("x").header(text, "x")),
        20 => requests.post(url).file("x", Part::field("x").header("X", text)),
        21 => requests.post(url).file("x", "x").data([(text, "x")]),
        22 => {
            session.headers.insert("X", text);
            session.params = Form::from([(text, text)]);
            session.get(url)
        }
        _ => {
            session.cookies.set(text, text);
            session.get(url)
        }
    }
}

/// The heads of the parts of a form.
fn heads(body: &[u8], boundary: &str) -> Vec<String> {
    let body = String::from_utf8_lossy(body).into_owned();
    let boundary = format!("--{boundary}");
    let parts = body.split(&boundary).skip(1).filter(|part| !part.starts_with("--"));
    parts.map(|part| part.split("\r\n\r\n").next().unwrap().trim_start_matches("\r\n").to_owned()).collect()
}

fn check(world: &World, place: usize, text: &str) {
    let requests = world.batteries().requests;
    world.requests.reset();
    let challenge = Reply::new(401).header("WWW-Authenticate", "Digest realm=\"r\", nonce=\"n\", qop=\"auth\"");
    world.requests.any("*").reply(if place == 14 { challenge } else { Reply::new(200) });
    let _ = build(&requests, place, text).wait();
    for sent in world.requests.requests() {
        let bad = |text: &str| text.contains(['\r', '\n', '\0']);
        assert!(!bad(&sent.method) && !sent.method.contains(' '), "{place}: {:?}", sent.method);
        assert!(!bad(&sent.url) && !sent.url.contains(' '), "{place}: {:?}", sent.url);
        for (name, value) in &sent.headers {
            assert!(!bad(name) && !bad(value) && !name.contains([' ', ':']), "{place}: {name:?}: {value:?}");
        }
        let content_type = sent.headers.get("Content-Type").and_then(|of| of.split_once("boundary="));
        if let Some((_, boundary)) = content_type {
            for head in heads(&sent.body, boundary) {
                for line in head.split("\r\n") {
                    let expected = ["Content-Disposition: form-data; name=\"", "Content-Type: ", "X: ", "x: "];
                    let own = place == 19 || expected.iter().any(|start| line.starts_with(start));
                    assert!(own && !bad(line), "{place}: {line:?}");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_line_end_gets_into_a_head(place in 0..PLACES, text in text()) {
        check(&World::new(), place, &text);
    }
}

#[test]
fn every_place_refuses_or_escapes_line_ends() {
    let world = World::new();
    for place in 0..PLACES {
        for text in ["\r\nX-Evil: 1", "\n", "\r", "\0", "a\0b", "a\r\n\r\nb", "a\nb", " a", "é\n"] {
            check(&world, place, text);
        }
    }
    // And in what is changed after it was prepared, or read from a server.
    let requests = world.batteries().requests;
    let request = Request::new("GET", "http://a.test/");
    for (url, method) in
        [("http://a.test/\r\nX: 1", "GET"), ("http://a.test/", "GET / HTTP/1.1\r\nX: 1"), ("http://a.test/\0", "GET")]
    {
        let mut prepared = requests.session().prepare_request(Request::new("GET", request.url.clone())).unwrap();
        (prepared.url, prepared.method) = (url.into(), method.into());
        assert!(requests.session().send(prepared).wait().is_err(), "{url:?} {method:?}");
    }
}
