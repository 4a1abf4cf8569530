//! What only a wire has: TLS, framing, proxies, HTTP/2, and servers that are out of their minds.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use leyden::prelude::*;
use leyden::requests::{Data, Error, HttpAdapter, Session};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::support::http::{Answer, Server, read_request};
use crate::support::late;
use crate::support::socks::{Asked, Socks};

fn session() -> Session {
    let mut session = Batteries::included().requests.session();
    session.trust_env = false;
    session
}

fn answers(answer: Answer) -> Server {
    Server::start(move |_| answer.clone())
}

#[test]
fn odd_replies_are_the_exceptions_that_requests_raises() {
    for (wire, expected) in [
        ("", "Connection"),
        ("\r\n", "Connection"),
        ("garbage\r\n\r\n", "Connection"),
        ("HTTP/1.1 abc OK\r\n\r\n", "Connection"),
        ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "Connection"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort", "ChunkedEncoding"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nbad\r\n", "ChunkedEncoding"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhel", "ChunkedEncoding"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", "ChunkedEncoding"),
        ("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\nx", "ChunkedEncoding"),
        ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!", "Connection"),
    ] {
        let server = answers(Answer::raw(wire));
        let error = session().get(server.url("/")).timeout(secs(5)).wait().unwrap_err();
        let debug = format!("{error:?}");
        assert!(debug.starts_with(expected), "{wire:?}: {debug}");
        assert!(error.to_string().starts_with(&format!("GET {}", server.url("/"))), "{error}");
    }
    let many: String = (0..200).map(|n| format!("X-{n}: y\r\n")).collect();
    let server = answers(Answer::raw(format!("HTTP/1.1 200 OK\r\n{many}\r\n")));
    assert!(session().get(server.url("/")).wait().unwrap_err().is_connection_error());
    let endless = format!("HTTP/1.1 200 OK\r\nX: {}", "y".repeat(2_000_000));
    let server = answers(Answer::raw(endless));
    assert!(session().get(server.url("/")).wait().is_err());
}

#[test]
fn a_body_that_ends_with_the_connection_is_whole() {
    let server = answers(Answer::raw("HTTP/1.0 200 Fine\r\n\r\nall of it"));
    let response = session().get(server.url("/")).wait().unwrap();
    assert_eq!((response.text().unwrap().as_str(), response.reason.as_str(), response.version), ("all of it", "Fine", 10));
}

#[test]
fn a_server_that_says_nothing_is_left_at_the_deadline() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let start = Instant::now();
    let error = session().get(&url).timeout(Duration::from_millis(200)).wait().unwrap_err();
    assert!(matches!(error, Error::ReadTimeout(_)), "{error:?}");
    let error = session().get(&url).timeout(None).total(Duration::from_millis(200)).wait().unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    // The same where TLS should begin.
    let url = url.replace("http:", "https:");
    let error = session().get(&url).timeout(Duration::from_millis(200)).wait().unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    assert!(start.elapsed() < late(false), "{:?}", start.elapsed());
}

// A body's end was told before its connection was back in the pool: the next call, if it was quick, opened one more.
#[test]
fn a_connection_is_used_again() {
    let server = Server::start(|request| match request.path() {
        "/none" => Answer::new(204),
        "/small" => Answer::new(200).body("ok"),
        "/large" => Answer::new(200).body(vec![b'x'; 1 << 20]),
        "/chunked" => Answer::new(200).chunked().body(vec![b'x'; 100_000]).body("end"),
        "/slow" => Answer::new(200).body("o").pause(Duration::from_millis(5)).body("k"),
        "/missing" => Answer::new(404).body(vec![b'x'; 100_000]),
        _ => Answer::new(302).header("Location", "/large").body(vec![b'x'; 10_000]),
    });
    let session = session();
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for _ in 0..3 {
        for path in ["/none", "/small", "/large", "/chunked", "/slow", "/missing", "/redirect"] {
            let waited = session.get(server.url(path)).wait().unwrap().content().unwrap().len();
            let mut streamed = session.get(server.url(path)).stream(true).wait().unwrap();
            assert_eq!(streamed.iter_content(1000).map(|piece| piece.unwrap().len()).sum::<usize>(), waited, "{path}");
            let awaited = runtime.block_on(session.get(server.url(path)).into_future()).unwrap();
            assert_eq!(awaited.content().unwrap().len(), waited, "{path}");
            assert_eq!(server.connections(), 1, "{path}");
        }
    }
}

/// More than comes in together with the head, however fast it comes: the connection stays in use until it is read.
const LONG: usize = 2 << 20;

/// Two calls under way at a time, both read to their ends.
fn two_at_once(session: &Session, url: &str) {
    let call = || session.get(url).stream(true).wait().unwrap();
    let (mut one, mut two) = (call(), call());
    assert_eq!((one.read().wait().unwrap().len(), two.read().wait().unwrap().len()), (LONG, LONG));
}

#[test]
fn a_pool_keeps_as_many_as_it_may() {
    for (adapter, expected) in
        [(HttpAdapter::new(), 2), (HttpAdapter::new().pool_maxsize(1), 3), (HttpAdapter::new().pool_maxsize(0), 4)]
    {
        let server = answers(Answer::new(200).body(vec![b'x'; LONG]));
        let mut session = session();
        session.mount("http://", adapter);
        two_at_once(&session, &server.url("/"));
        two_at_once(&session, &server.url("/"));
        assert_eq!(server.connections(), expected);
    }
}

#[test]
fn a_pool_forgets_the_host_that_was_not_used_for_longest() {
    for (connections, expected) in [(2, [1, 2, 2]), (3, [1, 1, 1])] {
        let servers = [(); 3].map(|()| answers(Answer::new(200).body("ok")));
        let mut session = session();
        session.mount("http://", HttpAdapter::new().pool_connections(connections));
        // The last call before the third host's was to the first: the second goes.
        for server in [0, 1, 0, 2, 0, 1, 2] {
            session.get(servers[server].url("/")).wait().unwrap();
        }
        assert_eq!(servers.each_ref().map(Server::connections), expected);
    }
}

#[test]
fn a_full_pool_makes_others_wait_where_it_shall() {
    let server = answers(Answer::new(200).pause(Duration::from_millis(5)).body(vec![b'x'; LONG]));
    let mut session = session();
    session.mount("http://", HttpAdapter::new().pool_maxsize(2).pool_block(true));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| assert!(session.get(server.url("/")).wait().unwrap().ok()));
        }
    });
    assert!(server.connections() <= 2, "{}", server.connections());
    let call = || session.get(server.url("/")).stream(true);
    let (one, two) = (call().wait().unwrap(), call().wait().unwrap());
    let error = call().total(Duration::from_millis(100)).wait().unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error:?}");
    // The third waits for longer than the server may be silent: it is not the server who is.
    let late = thread::spawn({
        let call = call().timeout(secs(2)).total(secs(60));
        move || call.wait()
    });
    thread::sleep(Duration::from_millis(2300));
    // Given up is as good as read.
    drop(one);
    assert!(late.join().unwrap().unwrap().ok());
    drop(two);
}

// A client that sends both framings lets one request pass for two.
#[test]
fn one_framing_goes_out() {
    let server = answers(Answer::new(200));
    let call =
        session().post(server.url("/")).data("hello").header("Transfer-Encoding", "chunked").header("Content-Length", "999");
    call.wait().unwrap();
    let seen = server.seen().pop().unwrap();
    assert_eq!(
        (seen.header("content-length"), seen.header("transfer-encoding"), seen.body.as_slice()),
        (Some("5"), None, &b"hello"[..])
    );
    let reader = Data::reader(std::io::Cursor::new("hello"), None);
    session().post(server.url("/")).data(reader).header("Content-Length", "2").wait().unwrap();
    let seen = server.seen().pop().unwrap();
    assert_eq!(
        (seen.header("content-length"), seen.header("transfer-encoding"), seen.body.as_slice()),
        (None, Some("chunked"), &b"hello"[..])
    );
}

#[test]
fn a_reader_that_lies_about_its_length_fails() {
    let server = answers(Answer::new(200));
    for (text, length) in [("short", 50), ("much too long", 3)] {
        let body = Data::reader(std::io::Cursor::new(text), Some(length));
        let error = session().post(server.url("/")).data(body).timeout(secs(5)).wait().unwrap_err();
        assert!(error.is_connection_error(), "{error:?}");
    }
}

/// Reads, and never waits to be asked twice: a hundred megabytes that are nowhere.
struct Endless(u64);

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = (buffer.len() as u64).min(self.0) as usize;
        buffer[..length].fill(b'x');
        self.0 -= length as u64;
        Ok(length)
    }
}

/// Takes one upload and throws it away; gives how much it was.
fn discard() -> (String, thread::JoinHandle<u64>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}/", listener.local_addr().unwrap());
    let counted = thread::spawn(move || {
        let mut stream = BufReader::with_capacity(1 << 20, listener.accept().unwrap().0);
        let (mut line, mut size) = (String::new(), 0);
        while stream.read_line(&mut line).unwrap() > 2 {
            if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                size = length.trim().parse().unwrap();
            }
            line.clear();
        }
        let counted = std::io::copy(&mut stream.by_ref().take(size), &mut std::io::sink()).unwrap();
        stream.get_mut().write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
        counted
    });
    (url, counted)
}

#[test]
fn a_large_upload_is_streamed() {
    let (url, counted) = discard();
    let size = 100 << 20;
    session().put(url).data(Data::reader(Endless(size), Some(size))).wait().unwrap();
    assert_eq!(counted.join().unwrap(), size);
}

#[test]
#[ignore = "needs some ten seconds and Linux' /proc: it uploads 10 GB"]
fn ten_gigabytes_are_uploaded_in_constant_memory() {
    if !crate::support::alone::alone(std::path::Path::new("/")) {
        return;
    }
    let peak = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let upload = |size| {
        let (url, counted) = discard();
        let call = session().put(url).data(Data::reader(Endless(size), Some(size))).timeout(None);
        assert_eq!((call.wait().unwrap().status_code, counted.join().unwrap()), (200, size));
    };
    upload(10_000_000);
    let small = peak();
    upload(10_000_000_000);
    let large = peak();
    println!("peak memory: 10 MB: {small} kB, 10 GB: {large} kB");
    assert!(large < small + 8_000, "{small} kB, then {large} kB");
}

// TLS -----------------------------------------------------------------------------------------------------------------------

pub struct Authority {
    pub dir: std::path::PathBuf,
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub fn new(name: &str) -> Authority {
        let dir = std::env::temp_dir().join(format!("leyden-tls-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
        std::fs::write(dir.join("ca.pem"), issuer.pem()).unwrap();
        Authority { dir, issuer }
    }

    pub fn issuer_pem(&self) -> String {
        self.issuer.pem()
    }

    pub fn ca(&self) -> String {
        self.dir.join("ca.pem").to_str().unwrap().into()
    }

    /// A certificate for this name and its key, PEM.
    pub fn issue(&self, name: &str) -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &self.issuer).unwrap();
        (certificate.pem(), key.serialize_pem())
    }

    pub fn server(&self, name: &str, clients: bool) -> rustls::ServerConfig {
        let (certificate, key) = self.issue(name);
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let builder =
            rustls::ServerConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().unwrap();
        let builder = if clients {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(CertificateDer::from_pem_slice(self.issuer.pem().as_bytes()).unwrap()).unwrap();
            let verifier =
                rustls::server::WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap();
            builder.with_client_cert_verifier(verifier)
        } else {
            builder.with_no_client_auth()
        };
        let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
        builder.with_single_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap()).unwrap()
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

#[test]
fn tls_is_trusted_by_bundle_and_name() {
    let authority = Authority::new("trust");
    let server = Server::start_tls(authority.server("localhost", false), |_| Answer::new(200).body("secret"));
    let url = format!("https://localhost:{}/", server.port);
    let by_address = format!("https://127.0.0.1:{}/", server.port);
    assert_eq!(session().get(&url).verify(authority.ca().as_str()).wait().unwrap().text().unwrap(), "secret");
    let error = session().get(&url).wait().unwrap_err();
    assert!(matches!(error, Error::Ssl(_)) && error.is_connection_error(), "{error:?}");
    assert_eq!(error.to_string(), format!("GET {url}: TLS failed: invalid peer certificate: UnknownIssuer"));
    let error = session().get(&by_address).verify(authority.ca().as_str()).wait().unwrap_err();
    assert!(matches!(error, Error::Ssl(_)), "the name is wrong: {error:?}");
    assert_eq!(session().get(&by_address).verify(false).wait().unwrap().text().unwrap(), "secret");
    // And the next call trusts nobody it should not.
    assert!(matches!(session().get(&by_address).wait(), Err(Error::Ssl(_))));
    let error = session().get(url.replace("https", "http")).wait().unwrap_err();
    assert!(error.is_connection_error(), "{error:?}");
    let plain = answers(Answer::new(200));
    let error = session().get(plain.url("/").replace("http", "https")).wait().unwrap_err();
    assert!(matches!(error, Error::Ssl(_)), "{error:?}");
    let garbage = authority.dir.join("garbage.pem");
    std::fs::write(&garbage, "no certificate").unwrap();
    let error = session().get(&url).verify(garbage.as_path()).wait().unwrap_err();
    assert!(matches!(error, Error::Certificate { .. }), "{error:?}");
}

#[test]
fn a_client_certificate_is_shown() {
    let authority = Authority::new("client");
    let server = Server::start_tls(authority.server("localhost", true), |_| Answer::new(200).body("known"));
    let url = format!("https://localhost:{}/", server.port);
    let (certificate, key) = authority.issue("client");
    let path = |name: &str, text: &str| {
        std::fs::write(authority.dir.join(name), text).unwrap();
        authority.dir.join(name)
    };
    let pair = (path("client.pem", &certificate), path("client.key", &key));
    let call = || session().get(&url).verify(authority.ca().as_str());
    assert_eq!(call().cert(pair).wait().unwrap().text().unwrap(), "known");
    let both = path("both.pem", &format!("{certificate}{key}"));
    assert_eq!(call().cert(both).wait().unwrap().text().unwrap(), "known");
    assert!(call().wait().unwrap_err().is_connection_error());
    let error = call().cert(path("only.pem", &certificate)).wait().unwrap_err();
    assert!(matches!(error, Error::Certificate { .. }), "{error:?}");
}

#[test]
fn http_2_is_spoken_where_the_server_offers_it() {
    let authority = Authority::new("h2");
    let mut config = authority.server("localhost", false);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let port = listener.local_addr().unwrap().port();
    let streams = Arc::new(Mutex::new(0));
    let counted = streams.clone();
    runtime.spawn(async move {
        let stream = acceptor.accept(listener.accept().await.unwrap().0).await.unwrap();
        let mut connection = h2::server::handshake(stream).await.unwrap();
        while let Some(Ok((request, mut respond))) = connection.accept().await {
            *counted.lock().unwrap() += 1;
            let response = http::Response::builder().status(200).header("x-path", request.uri().path()).body(()).unwrap();
            respond.send_response(response, false).unwrap().send_data(bytes::Bytes::from_static(b"two"), true).unwrap();
        }
    });
    let session = session();
    for _ in 0..3 {
        let response = session.get(format!("https://localhost:{port}/p")).verify(authority.ca().as_str()).wait().unwrap();
        assert_eq!((response.version, response.text().unwrap().as_str(), response.headers["X-Path"].as_str()), (20, "two", "/p"));
        assert_eq!((response.reason.as_str(), response.ok()), ("OK", true));
    }
    assert_eq!(*streams.lock().unwrap(), 3);
    runtime.shutdown_background();
}

// Proxies -------------------------------------------------------------------------------------------------------------------

#[test]
fn a_plain_request_goes_through_its_proxy_whole() {
    let proxy = Server::start(|request| Answer::new(200).body(request.target.clone()));
    let through = proxy.url("/").replace("http://", "http://user:pass@");
    let mut session = session();
    session.proxies = [("http", through)].into_iter().collect();
    let response = session.get("http://nowhere.test/path?q=1#f").auth(("origin", "secret")).wait().unwrap();
    assert_eq!(response.text().unwrap(), "http://nowhere.test/path?q=1");
    let seen = proxy.seen().pop().unwrap();
    assert_eq!(seen.header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
    assert_eq!(seen.header("authorization"), Some("Basic b3JpZ2luOnNlY3JldA=="));
    assert_eq!(seen.header("host"), Some("nowhere.test"));
}

#[test]
fn tls_goes_through_a_tunnel_that_sees_nothing_of_it() {
    let authority = Authority::new("tunnel");
    let server = Server::start_tls(authority.server("localhost", false), |_| Answer::new(200).body("inside"));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let proxy = format!("http://user:pass@{}", listener.local_addr().unwrap());
    let connects = Arc::new(Mutex::new(Vec::new()));
    let log = connects.clone();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let mut client = BufReader::new(client);
            let Some(request) = read_request(&mut client).unwrap() else { continue };
            let target = request.target.clone();
            log.lock().unwrap().push(request);
            let mut server = std::net::TcpStream::connect(target).unwrap();
            client.get_mut().write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
            let (mut back, mut to) = (server.try_clone().unwrap(), client.get_ref().try_clone().unwrap());
            thread::spawn(move || std::io::copy(&mut back, &mut to));
            thread::spawn(move || std::io::copy(&mut client, &mut server));
        }
    });
    let mut session = session();
    session.proxies = [("https", proxy)].into_iter().collect();
    let call = session.get(format!("https://localhost:{}/deep", server.port)).verify(authority.ca().as_str());
    assert_eq!(call.auth(("origin", "secret")).wait().unwrap().text().unwrap(), "inside");
    let connect = connects.lock().unwrap().pop().unwrap();
    assert_eq!((connect.method.as_str(), connect.target.as_str()), ("CONNECT", format!("localhost:{}", server.port).as_str()));
    assert_eq!(connect.header("proxy-authorization"), Some("Basic dXNlcjpwYXNz"));
    assert_eq!(connect.header("authorization"), None);
    let seen = server.seen().pop().unwrap();
    assert_eq!((seen.header("proxy-authorization"), seen.header("authorization")), (None, Some("Basic b3JpZ2luOnNlY3JldA==")));
}

#[test]
fn a_proxy_that_is_not_there_or_refuses_is_a_proxy_error() {
    let gone = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let mut session = session();
    session.proxies = [("all", format!("http://user:hunter2@{gone}"))].into_iter().collect();
    for url in ["http://nowhere.test/", "https://nowhere.test/"] {
        let error = session.get(url).wait().unwrap_err();
        assert!(matches!(error, Error::Proxy(_)) && error.is_connection_error(), "{error:?}");
        assert!(!format!("{error:?}").contains("hunter2"), "{error:?}");
    }
    let refusing = answers(Answer::new(407));
    session.proxies = [("https", refusing.url("/"))].into_iter().collect();
    let error = session.get("https://nowhere.test/").wait().unwrap_err();
    assert!(matches!(error, Error::Proxy(_)), "{error:?}");
    for bogus in ["http://", "http:///path", "bogus://x"] {
        session.proxies = [("http", bogus)].into_iter().collect();
        let error = session.get("http://nowhere.test/").wait().unwrap_err();
        assert!(matches!(error, Error::InvalidProxyUrl { .. }) && error.is_invalid_url(), "{bogus}: {error:?}");
    }
}

#[test]
fn socks_proxies_carry_names_addresses_and_tls() {
    let plain = answers(Answer::new(200).body("plain"));
    let authority = Authority::new("socks");
    let tls = Server::start_tls(authority.server("localhost", false), |_| Answer::new(200).body("inside"));
    let open = Socks::start(None);
    let closed = Socks::start(Some(("user", "pass word")));
    let asked = |host: &str, port, login: Option<(&str, &str)>| Asked {
        host: host.into(),
        port,
        login: login.map(|(user, password)| (user.into(), password.into())),
    };
    let through = |proxy: String, url: &str| {
        let mut session = session();
        session.proxies = [("all", proxy)].into_iter().collect();
        session.get(url).verify(authority.ca().as_str()).timeout(secs(20)).wait()
    };
    // socks5h lets the proxy look the name up; socks5 does it here.
    let url = format!("http://nowhere.test:{}/", plain.port);
    assert_eq!(through(format!("socks5h://127.0.0.1:{}", open.port), &url).unwrap().text().unwrap(), "plain");
    assert_eq!(open.asked(), [asked("nowhere.test", plain.port, None)]);
    assert_eq!(plain.seen().pop().unwrap().header("host"), Some(format!("nowhere.test:{}", plain.port).as_str()));
    let by_address = plain.url("/");
    assert_eq!(through(format!("socks5://127.0.0.1:{}", open.port), &by_address).unwrap().text().unwrap(), "plain");
    assert_eq!(open.asked()[1..], [asked("127.0.0.1", plain.port, None)]);
    // A login, quoted in the URL, which goes to the proxy alone.
    let login = format!("socks5h://user:pass%20word@127.0.0.1:{}", closed.port);
    let url = format!("https://localhost:{}/", tls.port);
    assert_eq!(through(login, &url).unwrap().text().unwrap(), "inside");
    assert_eq!(closed.asked(), [asked("localhost", tls.port, Some(("user", "pass word")))]);
    assert_eq!(tls.seen().pop().unwrap().header("proxy-authorization"), None);
    // Not let in, nobody behind it, nobody there at all.
    for (proxy, port) in [
        (format!("user:hunter2@127.0.0.1:{}", closed.port), tls.port),
        (format!("127.0.0.1:{}", open.port), 1),
        ("127.0.0.1:1".into(), tls.port),
    ] {
        let error = through(format!("socks5h://{proxy}"), &format!("https://localhost:{port}/")).unwrap_err();
        assert!(error.is_connection_error() && !format!("{error:?}").contains("hunter2"), "{proxy}: {error:?}");
        assert!(matches!(error, Error::Proxy(_)), "{proxy}: {error:?}");
    }
}

#[cfg(feature = "progress")]
#[test]
fn a_download_draws_its_bar_on_a_terminal_and_nowhere_else() {
    use crate::support::{alone, terminal};

    let dir = std::env::temp_dir().join(format!("leyden-bar-{}", std::process::id()));
    if alone::dir().is_none() {
        std::fs::create_dir_all(&dir).unwrap();
        let drawn = terminal::run_alone(&dir);
        assert!(drawn.contains("1.00 MiB/1.00 MiB") && drawn.contains("████████████████████████████████████████"), "{drawn:?}");
        // Without a terminal, in a process like it.
        let output = alone::command(&dir).output().unwrap();
        let piped = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success() && !piped.contains("MiB"), "{piped:?}");
        std::fs::remove_dir_all(&dir).unwrap();
        return;
    }
    let server = answers(Answer::new(200).body(vec![b'x'; 1 << 20]));
    let file = std::path::PathBuf::from(alone::dir().unwrap()).join("file");
    let done = session().get(server.url("/")).download(file).progress_bar().wait().unwrap();
    assert_eq!(done.bytes, 1 << 20);
}

#[test]
fn no_proxy_is_obeyed() {
    let server = answers(Answer::new(200).body("direct"));
    let batteries = Batteries::included();
    batteries.os.ambient().edit(|environ| {
        environ.insert("http_proxy".into(), "http://127.0.0.1:1".into());
        environ.insert("no_proxy".into(), "127.0.0.0/8".into());
    });
    assert_eq!(batteries.requests.get(server.url("/")).wait().unwrap().text().unwrap(), "direct");
    batteries.os.ambient().edit(|environ| environ.remove(std::ffi::OsStr::new("no_proxy")));
    assert!(matches!(batteries.requests.get(server.url("/")).wait(), Err(Error::Proxy(_))));
}
