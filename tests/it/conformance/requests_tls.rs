//! Certificates on disk: which are trusted, when they are read again, and which file an error names.

use std::path::Path;
use std::sync::Arc;

use leyden::prelude::*;
use leyden::requests::{Error, Requests, Session};
use rcgen::{BasicConstraints, CertificateParams, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use super::requests_wire::Authority;
use crate::support::http::{Answer, Server};

fn session_of(requests: &Requests) -> Session {
    let mut session = requests.session();
    session.trust_env = false;
    session
}

fn session() -> Session {
    session_of(&Batteries::included().requests)
}

/// A certificate that signs itself, and a server that shows it.
fn self_signed(name: &str, change: impl FnOnce(&mut CertificateParams)) -> (String, Server) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec![name.to_owned()]).unwrap();
    change(&mut params);
    let pem = params.self_signed(&key).unwrap().pem();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![CertificateDer::from_pem_slice(pem.as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    let config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
    (pem, Server::start_tls(config, |_| Answer::new(200).body("pinned")))
}

fn write(authority: &Authority, name: &str, text: &str) -> std::path::PathBuf {
    std::fs::write(authority.dir.join(name), text).unwrap();
    authority.dir.join(name)
}

// T11
#[test]
fn a_pinned_certificate_is_trusted_for_its_name_and_its_time() {
    let authority = Authority::new("pinned");
    let get = |server: &Server, host: &str, bundle: &Path| {
        session().get(format!("https://{host}:{}/", server.port)).verify(bundle).timeout(secs(20)).wait()
    };
    let is_ca = |params: &mut CertificateParams| params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let (pem, server) = self_signed("localhost", is_ca);
    let bundle = write(&authority, "self.pem", &pem);
    assert_eq!(get(&server, "localhost", &bundle).unwrap().text().unwrap(), "pinned");
    assert!(matches!(get(&server, "127.0.0.1", &bundle), Err(Error::Ssl(_))), "another name");
    // Among others too, and one that is not an authority as before.
    let (plain, other) = self_signed("localhost", |_| {});
    let both = write(&authority, "both.pem", &format!("{}{pem}{plain}", authority.issuer_pem()));
    assert_eq!(get(&server, "localhost", &both).unwrap().text().unwrap(), "pinned");
    assert_eq!(get(&other, "localhost", &both).unwrap().text().unwrap(), "pinned");
    // Another certificate of the same name is not this one.
    let (_, imposter) = self_signed("localhost", is_ca);
    assert!(matches!(get(&imposter, "localhost", &bundle), Err(Error::Ssl(_))));
    for (from, to) in [(2000, 2001), (2090, 2099)] {
        let (pem, server) = self_signed("localhost", |params| {
            is_ca(params);
            params.not_before = date_time_ymd(from, 1, 1);
            params.not_after = date_time_ymd(to, 1, 1);
        });
        let bundle = write(&authority, "dated.pem", &pem);
        assert!(matches!(get(&server, "localhost", &bundle), Err(Error::Ssl(_))), "{from} to {to}");
    }
}

// T9
#[test]
fn a_bundle_that_is_replaced_is_read_again() {
    let (one, two) = (Authority::new("replaced-1"), Authority::new("replaced-2"));
    let server = Server::start_tls(two.server("localhost", false), |_| Answer::new(200).body("ok"));
    let requests = Batteries::included().requests;
    let url = format!("https://localhost:{}/", server.port);
    for replace in [true, false] {
        let bundle = write(&one, "bundle.pem", &one.issuer_pem());
        assert!(matches!(session_of(&requests).get(&url).verify(bundle.as_path()).wait(), Err(Error::Ssl(_))));
        if replace {
            std::fs::rename(write(&one, "new.pem", &two.issuer_pem()), &bundle).unwrap();
        } else {
            std::fs::write(&bundle, two.issuer_pem()).unwrap();
        }
        assert_eq!(session_of(&requests).get(&url).verify(bundle.as_path()).wait().unwrap().text().unwrap(), "ok");
    }
    // A file that comes into a directory.
    let directory = one.dir.join("directory");
    std::fs::create_dir(&directory).unwrap();
    std::fs::write(directory.join("one.pem"), one.issuer_pem()).unwrap();
    assert!(matches!(session_of(&requests).get(&url).verify(directory.as_path()).wait(), Err(Error::Ssl(_))));
    std::fs::write(directory.join("two.pem"), two.issuer_pem()).unwrap();
    assert_eq!(session_of(&requests).get(&url).verify(directory.as_path()).wait().unwrap().text().unwrap(), "ok");
}

// T10
#[test]
fn what_is_not_a_certificate_in_a_directory_is_passed_over() {
    let authority = Authority::new("directory");
    let server = Server::start_tls(authority.server("localhost", false), |_| Answer::new(200).body("ok"));
    let directory = authority.dir.join("certs");
    std::fs::create_dir_all(directory.join("subdirectory")).unwrap();
    std::os::unix::fs::symlink("/nowhere", directory.join("0dangling")).unwrap();
    std::os::unix::fs::symlink(authority.ca(), directory.join("linked.0")).unwrap();
    std::os::unix::fs::symlink(&directory, directory.join("loop")).unwrap();
    std::fs::write(directory.join("README"), "not a certificate").unwrap();
    std::fs::write(directory.join("broken.pem"), "-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n").unwrap();
    let call = || session().get(format!("https://localhost:{}/", server.port)).timeout(secs(20));
    assert_eq!(call().verify(directory.as_path()).wait().unwrap().text().unwrap(), "ok");
    let empty = authority.dir.join("empty");
    std::fs::create_dir(&empty).unwrap();
    let error = call().verify(empty.as_path()).wait().unwrap_err();
    assert!(matches!(&error, Error::Certificate { path, .. } if *path == empty.display().to_string()), "{error:?}");
    let error = call().verify(authority.dir.join("missing").as_path()).wait().unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error:?}");
}

// T13
#[test]
fn an_error_names_the_file_that_is_wrong() {
    let authority = Authority::new("named");
    let (certificate, key) = authority.issue("client");
    let (_, other_key) = authority.issue("other");
    let certificate = write(&authority, "client.pem", &certificate);
    let key = write(&authority, "client.key", &key);
    let other_key = write(&authority, "other.key", &other_key);
    let garbage = write(&authority, "garbage.pem", "garbage");
    let named = |verify: &Path, cert: (&Path, &Path)| {
        let error = session().get("https://localhost:1/").verify(verify).cert(cert).timeout(secs(20)).wait().unwrap_err();
        match error {
            Error::Certificate { path, .. } => path,
            other => format!("{other:?}"),
        }
    };
    let ca = authority.dir.join("ca.pem");
    for (verify, cert, wrong) in [
        (&garbage, (&certificate, &key), &garbage),
        (&ca, (&garbage, &key), &garbage),
        (&ca, (&certificate, &garbage), &garbage),
        (&ca, (&certificate, &other_key), &other_key),
        (&ca, (&certificate, &certificate), &certificate),
    ] {
        assert_eq!(named(verify, (cert.0, cert.1)), wrong.display().to_string());
    }
}

// T13
#[test]
fn verify_is_for_the_tls_to_a_proxy_too() {
    let authority = Authority::new("https-proxy");
    let proxy = Server::start_tls(authority.server("localhost", false), |request| Answer::new(200).body(request.target.clone()));
    let mut session = session();
    session.proxies = [("http", format!("https://localhost:{}", proxy.port))].into_iter().collect();
    let call = || session.get("http://nowhere.test/path").timeout(secs(20));
    assert_eq!(call().verify(authority.ca().as_str()).wait().unwrap().text().unwrap(), "http://nowhere.test/path");
    assert!(call().wait().unwrap_err().is_connection_error());
    assert_eq!(call().verify(false).wait().unwrap().text().unwrap(), "http://nowhere.test/path");
}
