//! The mail servers in memory behind real sockets, with real TLS where it is asked for.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::task::{Context, Poll, Waker};
use std::thread;

use leyden::prelude::*;
use leyden::smtplib::backend::{Backend, Connection};
use leyden::smtplib::mock::Mock;
use leyden::smtplib::{Target, Tls};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// When TLS begins.
#[derive(Clone)]
pub enum Encryption {
    Never,
    /// After `STARTTLS`.
    Starttls(Arc<rustls::ServerConfig>),
    /// With the first byte.
    AtOnce(Arc<rustls::ServerConfig>),
}

/// A certificate authority, and a server's configuration that it vouches for.
pub fn certified(name: &str) -> (String, Arc<rustls::ServerConfig>) {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec![name.to_owned()]).unwrap().signed_by(&key, &issuer).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let builder = rustls::ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    let chain = vec![CertificateDer::from_pem_slice(certificate.pem().as_bytes()).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
    (issuer.pem(), Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap()))
}

/// Carries bytes between a port of the loopback interface and the servers, each client on a thread of its own. Gives the port.
pub fn behind_a_socket(servers: Mock, encryption: Encryption) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let (servers, encryption) = (servers.clone(), encryption.clone());
            thread::spawn(move || {
                // A client that goes away in the middle, or that trusts no such certificate, is no mistake of the server's.
                let _ = serve(client, &servers, &encryption);
            });
        }
    });
    port
}

fn serve(mut client: TcpStream, servers: &Mock, encryption: &Encryption) -> std::io::Result<()> {
    client.set_nodelay(true)?;
    let target = Target::Tcp { host: "socket".into(), port: 25, source_address: None };
    let at_once = matches!(encryption, Encryption::AtOnce(_)).then(Tls::default);
    let mut server = servers.connect(&target, at_once.as_ref()).wait()?;
    match encryption {
        Encryption::Never => carry(&mut client, &mut *server, false).map(drop),
        Encryption::AtOnce(config) => carry(&mut over_tls(client, config)?, &mut *server, false).map(drop),
        Encryption::Starttls(config) => {
            if carry(&mut client, &mut *server, true)? {
                server.start_tls("socket", &Tls::default()).wait()?;
                carry(&mut over_tls(client, config)?, &mut *server, false)?;
            }
            Ok(())
        }
    }
}

fn over_tls(client: TcpStream, config: &Arc<rustls::ServerConfig>) -> std::io::Result<impl Read + Write + use<>> {
    let session = rustls::ServerConnection::new(config.clone()).map_err(std::io::Error::other)?;
    Ok(rustls::StreamOwned::new(session, client))
}

/// True when the client is about to begin TLS; false when the conversation is over.
fn carry(client: &mut (impl Read + Write), server: &mut dyn Connection, starttls: bool) -> std::io::Result<bool> {
    let mut buffer = [0; 65536];
    let mut asked = false;
    loop {
        // The server has said all that it will say when it waits.
        let mut output = Vec::new();
        loop {
            let received = server.receive(&mut output).as_mut().poll(&mut Context::from_waker(Waker::noop()));
            match received {
                Poll::Ready(Ok(0)) => return client.write_all(&output).map(|()| false),
                Poll::Ready(received) => received?,
                Poll::Pending => break,
            };
        }
        client.write_all(&output)?;
        if asked && output.starts_with(b"220") {
            return Ok(true);
        }
        let length = client.read(&mut buffer)?;
        if length == 0 {
            return Ok(false);
        }
        asked = starttls && buffer[..length].eq_ignore_ascii_case(b"STARTTLS\r\n");
        server.send(&buffer[..length]).wait()?;
    }
}
