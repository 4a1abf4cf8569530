//! Every way to cut a body is an error, whatever the protocol: HTTP/1 with a length or in chunks, HTTP/2, and each encoding.

use std::sync::Arc;
use std::time::{Duration, Instant};

use leyden::prelude::*;
use leyden::requests::{Error, Session};

use super::requests::encode;
use super::requests_wire::Authority;
use crate::support::http::{Answer, Server};
use crate::support::late;

fn session() -> Session {
    let mut session = Batteries::included().requests.session();
    session.trust_env = false;
    session
}

#[test]
fn http_1_bodies_that_are_cut_are_errors() {
    let chunked =
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6;x=y\r\n world\r\n0\r\nX-Trailer: 1\r\n\r\n";
    let known = "HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\nhello world";
    // Content-Length beside Transfer-Encoding does not count (RFC 9112 6.3).
    let both = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n6\r\n world\r\n0\r\n\r\n";
    for wire in [chunked, known, both] {
        let head = wire.find("\r\n\r\n").unwrap() + 4;
        for cut in head..=wire.len() {
            let server = Server::start({
                let wire = wire[..cut].to_owned();
                move |_| Answer::raw(wire.clone())
            });
            let result = session().get(server.url("/")).timeout(secs(20)).wait();
            if cut == wire.len() {
                assert_eq!(result.unwrap().text().unwrap(), "hello world", "{wire:?}");
            } else {
                let error = result.unwrap_err();
                assert!(matches!(error, Error::ChunkedEncoding(_)), "{:?}: {error:?}", &wire[..cut]);
            }
        }
    }
}

#[test]
fn answers_without_a_body_need_none() {
    for (method, head) in [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")] {
        let wire = format!("HTTP/1.1 {head}\r\nContent-Length: 100\r\n\r\n");
        let server = Server::start(move |_| Answer::raw(wire.clone()));
        let response = session().request(method, server.url("/")).timeout(secs(20)).wait().unwrap();
        assert_eq!(response.content().unwrap().len(), 0, "{method} {head}");
    }
    let wire = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
    let server = Server::start(move |_| Answer::raw(wire));
    assert_eq!(session().get(server.url("/")).wait().unwrap().text().unwrap(), "ok");
}

// The peer feeds what is not an answer, as long as it likes.
#[test]
fn endless_feeds_meet_the_deadline() {
    use std::io::{Read as _, Write as _};
    for (head, unit) in [
        ("", "HTTP/1.1 100 Continue\r\n\r\n"),
        ("", "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"),
        ("HTTP/1.1 200 OK\r\n", "X: y\r\n"),
        ("HTTP/1.1 200 OK\r\nX: ", "y"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1;", "x=y;"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", "X: y\r\n"),
        ("HTTP/1.1 302 Found\r\nLocation: /\r\nTransfer-Encoding: chunked\r\n\r\n", "1\r\nx\r\n"),
        (
            "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Digest realm=\"r\", nonce=\"n\"\r\nTransfer-Encoding: chunked\r\n\r\n",
            "1\r\nx\r\n",
        ),
    ] {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut stream = stream;
                std::thread::spawn(move || {
                    let _ = stream.read(&mut [0; 4096]);
                    let _ = stream.write_all(head.as_bytes());
                    let many = unit.repeat(64);
                    while stream.write_all(many.as_bytes()).is_ok() {
                        std::thread::sleep(Duration::from_millis(1));
                    }
                });
            }
        });
        let start = Instant::now();
        let auth = leyden::requests::HttpDigestAuth::new("u", "p");
        let result = session().get(&url).auth(auth).total(Duration::from_millis(300)).wait();
        assert!(result.is_err(), "{head:?} {unit:?}");
        assert!(start.elapsed() < late(false), "{head:?} {unit:?}: {:?}", start.elapsed());
        let mut lines = 0;
        if let Ok(mut response) = session().get(&url).stream(true).total(Duration::from_millis(300)).wait() {
            lines = response.iter_lines().filter(|line| line.is_err()).count();
        }
        assert!(lines <= 1 && start.elapsed() < late(false) * 2, "{head:?} {unit:?}: {:?}", start.elapsed());
    }
}

// C1
#[test]
fn folded_headers_are_read() {
    let wire = "HTTP/1.1 200 OK\r\nX-Folded: one,\r\n two,\r\n\tthree\r\nContent-Length: 2\r\n\r\nok";
    let server = Server::start(move |_| Answer::raw(wire));
    let response = session().get(server.url("/")).wait().unwrap();
    assert_eq!((response.headers["X-Folded"].as_str(), response.text().unwrap().as_str()), ("one, two, three", "ok"));
}

/// How an HTTP/2 server ends a stream.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Stream,
    Reset(h2::Reason),
    GoAway(h2::Reason),
    Hangup,
    /// Before anything is answered, the first time.
    Refuse,
}

/// A server that answers with these headers and this body, and then ends so.
fn h2_server(authority: &Authority, length: Vec<&'static str>, body: &'static [u8], end: End) -> (u16, tokio::runtime::Runtime) {
    let mut config = authority.server("localhost", false);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    runtime.spawn(async move {
        let mut refused = false;
        loop {
            let stream = acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
            let mut connection = h2::server::handshake(stream).await.unwrap();
            while let Some(Ok((_, mut respond))) = connection.accept().await {
                if end == End::Refuse && !refused {
                    refused = true;
                    respond.send_reset(h2::Reason::REFUSED_STREAM);
                    continue;
                }
                let mut response = http::Response::builder().status(200);
                for length in &length {
                    response = response.header("content-length", *length);
                }
                let mut stream = respond.send_response(response.body(()).unwrap(), false).unwrap();
                let whole = matches!(end, End::Stream | End::Refuse);
                stream.send_data(bytes::Bytes::from_static(body), whole).unwrap();
                if whole {
                    continue;
                }
                // Lets the frames go out first.
                let _ = tokio::time::timeout(Duration::from_millis(100), connection.accept()).await;
                match end {
                    End::Reset(reason) => stream.send_reset(reason),
                    End::GoAway(reason) => connection.abrupt_shutdown(reason),
                    _ => break,
                }
            }
        }
    });
    (port, runtime)
}

// T2
#[test]
fn http_2_bodies_that_are_cut_are_errors() {
    use End::{GoAway, Hangup, Reset, Stream};
    let authority = Authority::new("h2-framing");
    let get = |length: &[&'static str], body: &'static [u8], end: End| {
        let (port, runtime) = h2_server(&authority, length.to_vec(), body, end);
        let call = session().get(format!("https://localhost:{port}/")).verify(authority.ca().as_str()).timeout(secs(20));
        let result = call.wait().map(|response| (response.version, response.content().unwrap().to_vec()));
        runtime.shutdown_background();
        result
    };
    assert_eq!(get(&["4"], b"part", Stream).unwrap(), (20, b"part".to_vec()));
    assert_eq!(get(&[], b"part", Stream).unwrap(), (20, b"part".to_vec()));
    for end in [
        Stream,
        Reset(h2::Reason::NO_ERROR),
        Reset(h2::Reason::CANCEL),
        Reset(h2::Reason::INTERNAL_ERROR),
        GoAway(h2::Reason::NO_ERROR),
        GoAway(h2::Reason::INTERNAL_ERROR),
        Hangup,
    ] {
        let error = get(&["100"], b"part", end).unwrap_err();
        assert!(matches!(error, Error::ChunkedEncoding(_) | Error::Connection(_)), "{end:?}: {error:?}");
    }
    for length in [&["4", "5"][..], &["3"]] {
        let error = get(length, b"part", Stream).unwrap_err();
        assert!(matches!(error, Error::ChunkedEncoding(_) | Error::Connection(_)), "{length:?}: {error:?}");
    }
    // What is cut is not renamed into place.
    let (port, runtime) = h2_server(&authority, vec!["100"], b"part", Reset(h2::Reason::NO_ERROR));
    let file = authority.dir.join("file");
    let call = session().get(format!("https://localhost:{port}/")).verify(authority.ca().as_str()).timeout(secs(20));
    let error = call.download(&file).retries(0).wait().unwrap_err();
    assert!(matches!(error, Error::ChunkedEncoding(_)) && !file.exists(), "{error:?}");
    runtime.shutdown_background();
}

// T13
#[test]
fn a_refused_stream_is_sent_again() {
    let authority = Authority::new("h2-refused");
    let (port, runtime) = h2_server(&authority, vec!["4"], b"done", End::Refuse);
    let call = session().post(format!("https://localhost:{port}/")).data("once").verify(authority.ca().as_str());
    assert_eq!(call.wait().unwrap().text().unwrap(), "done");
    runtime.shutdown_background();
}

#[test]
fn encodings_that_are_cut_or_followed_by_others_are_errors() {
    let world = World::new();
    let requests = world.batteries().requests;
    let get = |coding: &str, body: Vec<u8>| {
        let reply = leyden::requests::mock::Reply::new(200).header("Content-Encoding", coding);
        // In pieces of one byte, too: no decoder may depend on where they end.
        let whole = reply.clone().body(body.clone());
        let bytes = body.iter().fold(reply, |reply, byte| reply.body(vec![*byte]));
        let results = [whole, bytes].map(|reply| {
            world.requests.reset();
            world.requests.get("http://a.test/").reply(reply);
            requests.get("http://a.test/").wait().map(|response| response.content().unwrap().clone())
        });
        assert_eq!(results[0].is_ok(), results[1].is_ok(), "{coding}: {results:?}");
        let [whole, _] = results;
        whole
    };
    for coding in ["gzip", "deflate", "br", "zstd"] {
        let packed = encode(coding, b"packed packed packed");
        assert_eq!(get(coding, packed.clone()).unwrap(), &b"packed packed packed"[..]);
        for cut in 1..packed.len() {
            let error = get(coding, packed[..cut].to_vec()).unwrap_err();
            assert!(matches!(error, Error::ContentDecoding(_)), "{coding} cut at {cut}: {error:?}");
        }
        let twice = encode(coding, &packed);
        for cut in 1..twice.len() {
            let error = get(&format!("{coding}, {coding}"), twice[..cut].to_vec()).unwrap_err();
            assert!(matches!(error, Error::ContentDecoding(_)), "{coding} twice, cut at {cut}: {error:?}");
        }
        assert_eq!(get(coding, Vec::new()).unwrap().len(), 0, "no body is not a broken one");
    }
    // A chain is refused before a decoder is made for each of its links.
    for coding in ["gzip", "br", "zstd", "deflate"] {
        let error = get(&vec![coding; 50_000].join(","), Vec::new()).unwrap_err();
        assert!(matches!(error, Error::TooLarge { what: "head", .. } | Error::ContentDecoding(_)), "{coding}: {error:?}");
        assert!(matches!(get(&[coding; 6].join(","), Vec::new()), Err(Error::ContentDecoding(_))), "{coding}");
    }
    // zstd has frames, and nothing between them.
    let frame = encode("zstd", b"packed");
    assert_eq!(get("zstd", [frame.clone(), frame.clone()].concat()).unwrap(), &b"packedpacked"[..]);
    for tail in [&b"garbage"[..], &frame[..5]] {
        assert!(get("zstd", [&frame, tail].concat()).is_err());
    }
}

// S2: the deadline holds while a body is decoded, and the thread is given back in between.
#[test]
fn decoding_meets_the_deadline() {
    // Members of a megabyte each.
    let member = encode("gzip", &vec![0; 1 << 20]);
    let packed = encode("gzip", &encode("gzip", &member.repeat(8)));
    let world = World::new();
    let reply = leyden::requests::mock::Reply::new(200).header("Content-Encoding", "gzip, gzip, gzip").body(packed);
    world.requests.get("http://a.test/").reply(reply);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let turns = runtime.block_on(async {
        let call = world.batteries().requests.get("http://a.test/").into_future();
        let mut call = std::pin::pin!(call);
        let mut turns = 0;
        loop {
            let polled = std::future::poll_fn(|context| std::task::Poll::Ready(call.as_mut().poll(context))).await;
            turns += 1;
            if let std::task::Poll::Ready(response) = polled {
                assert_eq!(response.unwrap().content().unwrap().len(), 8 << 20);
                return turns;
            }
        }
    });
    // 8 MiB in pieces of 64 KiB, a turn for each sixteen.
    assert!((8..256).contains(&turns), "{turns}");
    let packed = encode("gzip", &member.repeat(1000));
    let server = Server::start(move |_| Answer::new(200).header("Content-Encoding", "gzip, gzip").body(packed.clone()));
    let start = Instant::now();
    let error = session().get(server.url("/")).total(Duration::from_millis(100)).wait().unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert!(start.elapsed() < late(false), "{:?}", start.elapsed());
}
