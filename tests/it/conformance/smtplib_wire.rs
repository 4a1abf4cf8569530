//! What only a wire has: certificates, what stands before TLS, and other people's runtimes.

use std::time::Duration;

use leyden::prelude::*;
use leyden::smtplib::{Connect, Error, Smtp, Smtplib, mock::Mock};
use tokio::runtime::Builder;

use crate::support::SOON;
use crate::support::smtp_socket::{Encryption, behind_a_socket, certified};

/// A server on a socket, whose certificate is for `localhost`, and the authority that signed it.
struct Server {
    servers: Mock,
    authority: String,
    port: u16,
}

impl Server {
    fn starttls() -> Server {
        Server::new(Encryption::Starttls)
    }

    fn new(encryption: fn(std::sync::Arc<rustls::ServerConfig>) -> Encryption) -> Server {
        let servers = World::new().smtplib;
        servers.user("ann", "secret");
        let (authority, config) = certified("localhost");
        Server { port: behind_a_socket(servers.clone(), encryption(config)), authority, servers }
    }

    fn connecting(&self, host: &str) -> Connect {
        Smtplib::native().smtp(host, self.port).local_hostname("client.invalid").timeout(secs(20))
    }

    fn connecting_ssl(&self, host: &str) -> Connect {
        Smtplib::native().smtp_ssl(host, self.port).local_hostname("client.invalid").timeout(secs(20))
    }
}

/// Logs in, sends a mail, and the server saw both under TLS.
fn log_in_and_send(server: &Server, smtp: &Smtp) {
    assert!(smtp.is_encrypted());
    assert_eq!(smtp.login("ann", "secret").wait().unwrap().code, 235);
    // Larger than a TLS record.
    let text = "so long\r\n".repeat(10_000);
    assert!(smtp.sendmail("ann@example.com", ["bob@example.org"], &text).wait().unwrap().is_empty());
    let sent = server.servers.outbox().pop().unwrap();
    assert_eq!((sent.encrypted, sent.user.as_deref(), sent.data.as_slice()), (true, Some("ann"), text.as_bytes()));
    assert_eq!(smtp.quit().wait().unwrap().code, 221);
}

fn is_tls<T>(result: leyden::smtplib::Result<T>, name: &str, reason: &str) {
    match result {
        Err(Error::Tls { host, source }) => {
            assert_eq!(host, name);
            assert!(source.to_string().contains(reason), "{source}");
        }
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("it was accepted"),
    }
}

#[test]
fn starttls_with_a_trusted_certificate() {
    let server = Server::starttls();
    let smtp = server.connecting("localhost").add_root_certificates(server.authority.as_str()).wait().unwrap();
    smtp.ehlo("").wait().unwrap();
    assert!(smtp.has_extn("starttls") && !smtp.is_encrypted());
    assert!(matches!(smtp.login("ann", "secret").wait(), Err(Error::CleartextPassword { .. })));
    assert_eq!(smtp.starttls().wait().unwrap().code, 220);
    // RFC 3207: nothing that was said in clear counts.
    assert!(smtp.ehlo_resp().is_none() && smtp.esmtp_features().is_empty());
    log_in_and_send(&server, &smtp);
}

#[test]
fn tls_from_the_first_byte() {
    let server = Server::new(Encryption::AtOnce);
    let smtp = server.connecting_ssl("localhost").add_root_certificates(server.authority.as_str()).wait().unwrap();
    log_in_and_send(&server, &smtp);
    is_tls(server.connecting_ssl("localhost").wait(), "localhost", "UnknownIssuer");
    let by_address = server.connecting_ssl("127.0.0.1").add_root_certificates(server.authority.as_str());
    is_tls(by_address.wait(), "127.0.0.1", "not valid for name");
    log_in_and_send(&server, &server.connecting_ssl("127.0.0.1").dangerously_accept_any_certificate().wait().unwrap());
}

#[test]
fn an_unknown_authority_is_refused() {
    let server = Server::starttls();
    let smtp = server.connecting("localhost").wait().unwrap();
    is_tls(smtp.starttls().wait(), "localhost", "UnknownIssuer");
    // And nothing goes in clear after that.
    assert!(!smtp.is_connected() && !smtp.is_encrypted());
    assert!(matches!(
        smtp.login("ann", "secret").wait(),
        Err(Error::CleartextPassword { .. } | Error::ServerDisconnected { .. })
    ));
    // Another authority does not vouch for it.
    let smtp = server.connecting("localhost").add_root_certificates(certified("localhost").0).wait().unwrap();
    is_tls(smtp.starttls().wait(), "localhost", "invalid peer certificate");
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let server = Server::starttls();
    let smtp = server.connecting("127.0.0.1").add_root_certificates(server.authority.as_str()).wait().unwrap();
    is_tls(smtp.starttls().wait(), "127.0.0.1", "not valid for name");
}

#[test]
fn any_certificate_if_asked_by_the_ugly_name() {
    let server = Server::starttls();
    let smtp = server.connecting("127.0.0.1").dangerously_accept_any_certificate().wait().unwrap();
    smtp.starttls().wait().unwrap();
    log_in_and_send(&server, &smtp);
}

// CVE-2011-0411: what somebody on the way puts behind the 220 would pass for the server's own answer under TLS.
#[test]
fn what_stands_behind_the_220_ends_the_connection() {
    let server = Server::starttls();
    server.servers.raw("starttls", "220 go ahead\r\n250-injected\r\n250 AUTH PLAIN\r\n");
    let smtp = server.connecting("localhost").add_root_certificates(server.authority.as_str()).wait().unwrap();
    let error = smtp.starttls().wait().unwrap_err();
    assert!(matches!(&error, Error::StartTlsInjection { host } if host == "localhost"), "{error:?}");
    assert!(!smtp.is_connected());
}

#[test]
fn a_server_without_starttls() {
    let server = Server::starttls();
    server.servers.without_extension("STARTTLS");
    let smtp = server.connecting("localhost").wait().unwrap();
    assert!(matches!(smtp.starttls().wait(), Err(Error::NotSupported { extension: "STARTTLS" })));
}

#[test]
fn a_connection_lives_on_whatever_runtime_it_was_made_in() {
    let server = Server::starttls();
    let send = |smtp: &Smtp| smtp.sendmail("ann@example.com", ["bob@example.org"], "hi\n").into_future();
    let connecting =
        || server.connecting("localhost").add_root_certificates(server.authority.as_str()).timeout(Duration::from_secs(10));
    // One that stands still afterwards, one that is gone, and one without sockets and timers.
    let still = Builder::new_current_thread().enable_all().build().unwrap();
    let first = still.block_on(connecting().into_future()).unwrap();
    send(&first).wait().unwrap().check().unwrap();
    let gone = Builder::new_current_thread().enable_all().build().unwrap();
    let second = gone.block_on(connecting().into_future()).unwrap();
    drop(gone);
    send(&second).wait().unwrap().check().unwrap();
    let bare = Builder::new_current_thread().build().unwrap();
    let third = bare.block_on(connecting().into_future()).unwrap();
    send(&third).wait().unwrap().check().unwrap();
    // And each in another's place, TLS included.
    for smtp in [&first, &second, &third] {
        bare.block_on(smtp.starttls().into_future()).unwrap();
        still.block_on(send(smtp)).unwrap().check().unwrap();
        std::thread::scope(|scope| scope.spawn(|| send(smtp).wait()).join().unwrap()).unwrap().check().unwrap();
    }
    assert_eq!(server.servers.outbox().len(), 9);
}

// The deadline needs a timer, and the machine's name a resolver: neither may come from the caller's runtime.
#[test]
fn a_bare_runtime_is_enough() {
    let server = Server::starttls();
    let bare = Builder::new_current_thread().build().unwrap();
    bare.block_on(async {
        let smtp = Smtplib::native().smtp("localhost", server.port).timeout(SOON).await.unwrap();
        smtp.ehlo("").await.unwrap();
        server.servers.raw("noop", "250-half an answer\r\n");
        assert!(matches!(smtp.noop().await, Err(Error::Timeout { .. })));
    });
}
