//! Connecting: the socket, the key exchange, the host key.

use std::borrow::Cow;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use russh::client::{Config, Handler, connect_stream};
use russh::keys::{Algorithm, Certificate, PublicKey, PublicKeyOrCertificate};
use russh::{Preferred, cipher, compression};
use tokio::sync::mpsc::UnboundedSender;

use super::super::backend::{CheckHostKey, Credential, HostCertificate, OfferedKey, Session, Target, Via};
use super::super::error::{Error, Result};
use super::listener::Forwarded;
use super::session::{Inner, NativeSession};
use super::{auth, dial, proxy};

/// The streams of remote forwards, by the port on the remote machine.
pub(super) type Forwards = Arc<Mutex<HashMap<u16, UnboundedSender<Forwarded>>>>;

pub(super) async fn connect(target: &Target) -> Result<Arc<dyn Session>> {
    let refused = Arc::new(Mutex::new(None));
    let forwards = Forwards::default();
    let agent = target.credentials.iter().find_map(|credential| match credential {
        Credential::Agent { socket } => Some(socket.clone()),
        _ => None,
    });
    let handler = Client {
        host: target.host.clone(),
        port: target.port,
        host_keys: target.host_keys.clone(),
        refused: refused.clone(),
        forwards: forwards.clone(),
        agent,
    };
    let config = Arc::new(config(target)?);
    let connected = match &target.via {
        Via::Direct => connect_stream(config, dial(&target.host, target.port).await?, handler).await,
        Via::Jump(session) => {
            let stream = session.direct_tcpip(&target.host, target.port, ("127.0.0.1", 0)).await?;
            connect_stream(config, stream, handler).await
        }
        Via::Command(command) => {
            let proxy = proxy::start(command)
                .map_err(|source| Error::ProxyCommand { command: command.clone(), source: Box::new(source.into()) })?;
            connect_stream(config, proxy, handler).await
        }
    };
    let mut handle = match connected {
        Ok(handle) => handle,
        Err(error) => {
            let refused = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
            return Err(refused.unwrap_or_else(|| failed(&place(target), &error)));
        }
    };
    auth::authenticate(&mut handle, target).await.map_err(|error| {
        let refused = refused.lock().unwrap_or_else(PoisonError::into_inner).take();
        refused.unwrap_or(error)
    })?;
    Ok(Arc::new(NativeSession(Arc::new(Inner::new(place(target), handle, forwards)))))
}

pub(super) fn place(target: &Target) -> String {
    if target.port == 22 { target.host.clone() } else { format!("{}:{}", target.host, target.port) }
}

/// What russh reports, in our terms.
pub(super) fn failed(host: &str, error: &russh::Error) -> Error {
    let host = host.to_owned();
    match error {
        russh::Error::IO(source) => {
            let copy = match source.raw_os_error() {
                Some(errno) => std::io::Error::from_raw_os_error(errno),
                None => std::io::Error::new(source.kind(), source.to_string()),
            };
            Error::Connect { host, source: copy }
        }
        russh::Error::Disconnect
        | russh::Error::HUP
        | russh::Error::SendError
        | russh::Error::KeepaliveTimeout
        | russh::Error::ConnectionTimeout
        | russh::Error::InactivityTimeout => Error::ConnectionLost { host, reason: error.to_string().to_lowercase() },
        _ => Error::Ssh { host, reason: error.to_string() },
    }
}

fn config(target: &Target) -> Result<Config> {
    let allowed = |name: &str| !target.disabled_algorithms.iter().any(|disabled| disabled == name);
    let defaults = Preferred::DEFAULT;
    let aes = [cipher::AES_128_GCM, cipher::AES_256_GCM];
    let mut ciphers: Vec<cipher::Name> = if has_aes() { aes.to_vec() } else { Vec::new() };
    ciphers.extend(defaults.cipher.iter().chain(&aes).filter(|name| !ciphers.contains(name)).copied().collect::<Vec<_>>());
    ciphers.dedup();
    let none = compression::NONE;
    let compressions: Vec<compression::Name> = match target.compress {
        true => defaults.compression.iter().copied().filter(|name| *name != none).chain([none]).collect(),
        false => vec![none],
    };
    // Those of which a key is known come first, in the order of the defaults.
    let known = target.host_keys.algorithms(&target.host, target.port);
    let is_known = |algorithm: &Algorithm| {
        known.iter().any(|name| name == algorithm.as_str() || (name == "ssh-rsa" && matches!(algorithm, Algorithm::Rsa { .. })))
    };
    let (first, rest): (Vec<Algorithm>, Vec<Algorithm>) = defaults.key.iter().cloned().partition(is_known);
    let keys = first.into_iter().chain(rest).filter(|algorithm| allowed(algorithm.as_str())).collect::<Vec<_>>();
    let certificates = match known.iter().any(|name| name.contains("-cert-v01@")) {
        true => keys.clone(),
        false => Vec::new(),
    };
    let preferred = Preferred {
        kex: Cow::Owned(defaults.kex.iter().copied().filter(|name| allowed(name.as_ref())).collect()),
        key: Cow::Owned(keys),
        host_key_certificates: Cow::Owned(certificates),
        cipher: Cow::Owned(ciphers.into_iter().filter(|name| allowed(name.as_ref())).collect()),
        mac: Cow::Owned(defaults.mac.iter().copied().filter(|name| allowed(name.as_ref())).collect()),
        compression: Cow::Owned(compressions),
    };
    if preferred.kex.is_empty() || preferred.key.is_empty() || preferred.cipher.is_empty() || preferred.mac.is_empty() {
        return Err(Error::Value("disabled_algorithms leaves no algorithm of a kind".to_owned()));
    }
    Ok(Config { preferred, nodelay: true, keepalive_interval: target.keepalive, ..Config::default() })
}

#[cfg(any(target_arch = "x86", target_arch = "x86_64"))]
fn has_aes() -> bool {
    std::arch::is_x86_feature_detected!("aes")
}

#[cfg(target_arch = "aarch64")]
fn has_aes() -> bool {
    std::arch::is_aarch64_feature_detected!("aes")
}

#[cfg(not(any(target_arch = "x86", target_arch = "x86_64", target_arch = "aarch64")))]
fn has_aes() -> bool {
    false
}

/// Answers what the server asks of its own accord.
pub(super) struct Client {
    host: String,
    port: u16,
    host_keys: Arc<dyn CheckHostKey>,
    /// Why the host key was refused: russh reports that it was.
    refused: Arc<Mutex<Option<Error>>>,
    forwards: Forwards,
    agent: Option<PathBuf>,
}

impl Handler for Client {
    type Error = russh::Error;

    async fn check_server_key(&mut self, key: &PublicKeyOrCertificate) -> Result<bool, russh::Error> {
        let offered = match key {
            PublicKeyOrCertificate::PublicKey { key, .. } => OfferedKey::new(key_type(key), key.to_bytes()?),
            PublicKeyOrCertificate::Certificate(certificate) => offered_certificate(certificate)?,
        };
        match self.host_keys.check(&self.host, self.port, &offered) {
            Ok(()) => Ok(true),
            Err(error) => {
                *self.refused.lock().unwrap_or_else(PoisonError::into_inner) = Some(error);
                Ok(false)
            }
        }
    }

    async fn server_channel_open_forwarded_tcpip(
        &mut self,
        channel: russh::Channel<russh::client::Msg>,
        _connected_address: &str,
        connected_port: u32,
        originator_address: &str,
        originator_port: u32,
        reply: russh::client::ChannelOpenHandle,
        _session: &mut russh::client::Session,
    ) -> Result<(), russh::Error> {
        let port = u16::try_from(connected_port).unwrap_or_default();
        let sender = self.forwards.lock().unwrap_or_else(PoisonError::into_inner).get(&port).cloned();
        // Dropping the reply refuses the channel.
        if let Some(sender) = sender {
            reply.accept().await;
            let origin = (originator_address.to_owned(), u16::try_from(originator_port).unwrap_or_default());
            let _cancelled = sender.send((Box::new(channel.into_stream()), origin));
        }
        Ok(())
    }

    async fn server_channel_open_agent_forward(
        &mut self,
        channel: russh::Channel<russh::client::Msg>,
        reply: russh::client::ChannelOpenHandle,
        _session: &mut russh::client::Session,
    ) -> Result<(), russh::Error> {
        if let Some(path) = &self.agent
            && let Ok(mut agent) = tokio::net::UnixStream::connect(path).await
        {
            reply.accept().await;
            tokio::spawn(async move {
                let mut stream = channel.into_stream();
                let _ended = tokio::io::copy_bidirectional(&mut stream, &mut agent).await;
            });
        }
        Ok(())
    }
}

/// The name that known_hosts files have for a key: `ssh-rsa` whatever the signature's hash.
fn key_type(key: &PublicKey) -> String {
    match key.algorithm() {
        Algorithm::Rsa { .. } => "ssh-rsa".to_owned(),
        algorithm => algorithm.as_str().to_owned(),
    }
}

fn offered_certificate(certificate: &Certificate) -> Result<OfferedKey, russh::Error> {
    let authority = PublicKey::from(certificate.signature_key().clone());
    let key = PublicKey::from(certificate.public_key().clone());
    let algorithm = match certificate.algorithm() {
        Algorithm::Rsa { .. } => "ssh-rsa-cert-v01@openssh.com".to_owned(),
        algorithm => algorithm.to_certificate_type(),
    };
    let mut offered = OfferedKey::new(algorithm, certificate.to_bytes()?);
    offered.certificate = Some(HostCertificate::new(
        key_type(&authority),
        authority.to_bytes()?,
        certificate.valid_principals().to_vec(),
        key.to_bytes()?,
    ));
    Ok(offered)
}
