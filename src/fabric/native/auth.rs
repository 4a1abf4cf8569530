//! Authentication, in the order of the credentials.

use std::sync::Arc;

use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::agent::AgentIdentity;
use russh::keys::agent::client::AgentClient;
use russh::keys::{Certificate, PrivateKey, PrivateKeyWithHashAlg, decode_secret_key};
use russh::{MethodKind, MethodSet};
use tokio::net::UnixStream;
use tokio::time::timeout;

use super::super::backend::{Ask, Credential, Target};
use super::super::error::{Error, Result};
use super::client::{Client, failed, place};
use crate::Secret;

/// As many rounds of prompts as a server may ask.
const ROUNDS: usize = 16;

/// What was tried, and what the server still takes.
struct Attempt<'a> {
    target: &'a Target,
    tried: Vec<String>,
    offered: MethodSet,
}

pub(super) async fn authenticate(handle: &mut Handle<Client>, target: &Target) -> Result<()> {
    let lost = |error: russh::Error| failed(&place(target), &error);
    let mut attempt = Attempt { target, tried: Vec::new(), offered: MethodSet::empty() };
    // It tells which methods the server offers, and counts for no failed attempt.
    if attempt.note(handle.authenticate_none(&target.user).await.map_err(lost)?) {
        return Ok(());
    }
    for credential in &target.credentials {
        let kind = match credential {
            Credential::Agent { .. } | Credential::Key { .. } => MethodKind::PublicKey,
            Credential::Password(_) => MethodKind::Password,
            Credential::KeyboardInteractive(_) => MethodKind::KeyboardInteractive,
        };
        if !attempt.offered.contains(&kind) {
            continue;
        }
        let done = match credential {
            Credential::Agent { socket } => attempt.agent(handle, socket).await?,
            Credential::Key { path, private, certificate, passphrase } => {
                attempt.key(handle, path, private, certificate.as_deref(), passphrase).await?
            }
            Credential::Password(password) => {
                attempt.tried.push("password".to_owned());
                let result = handle.authenticate_password(&target.user, password.expose()).await.map_err(lost)?;
                attempt.note(result)
            }
            Credential::KeyboardInteractive(ask) => attempt.interactive(handle, ask).await?,
        };
        if done {
            return Ok(());
        }
        if handle.is_closed() {
            break;
        }
    }
    let accepted = attempt.offered.iter().map(|kind| <&str>::from(kind).to_owned()).collect();
    Err(Error::Authentication { user: target.user.clone(), host: place(target), tried: attempt.tried, accepted })
}

impl Attempt<'_> {
    /// True for a success. After a partial one, the server asks for another factor.
    fn note(&mut self, result: AuthResult) -> bool {
        match result {
            AuthResult::Success => true,
            AuthResult::Failure { remaining_methods, partial_success } => {
                if partial_success && let Some(last) = self.tried.last_mut() {
                    last.push_str(" (accepted, another factor is needed)");
                }
                self.offered = remaining_methods;
                false
            }
        }
    }

    fn lost(&self, error: &russh::Error) -> Error {
        failed(&place(self.target), error)
    }

    /// The hash for RSA signatures: the best that the server has announced.
    async fn rsa_hash(&self, handle: &Handle<Client>) -> Result<Option<russh::keys::HashAlg>> {
        let hash = handle.best_supported_rsa_hash().await.map_err(|error| self.lost(&error))?;
        Ok(hash.unwrap_or(Some(russh::keys::HashAlg::Sha512)))
    }

    async fn agent(&mut self, handle: &mut Handle<Client>, socket: &std::path::Path) -> Result<bool> {
        let name = format!("agent {}", socket.display());
        let patience = self.target.agent_timeout;
        // A socket that nothing serves any more can accept and never answer.
        let asked = timeout(patience, async {
            let mut agent = AgentClient::connect(UnixStream::connect(socket).await?);
            let identities = agent.request_identities().await?;
            Ok::<_, russh::keys::Error>((agent, identities))
        });
        let (mut agent, identities) = match asked.await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                self.tried.push(format!("{name} ({error})"));
                return Ok(false);
            }
            Err(_) => {
                self.tried.push(format!("{name} (no answer after {patience:?})"));
                return Ok(false);
            }
        };
        if identities.is_empty() {
            self.tried.push(format!("{name} (no keys)"));
        }
        for identity in identities {
            let hash = self.rsa_hash(handle).await?;
            let user = self.target.user.clone();
            let outcome = match identity {
                AgentIdentity::PublicKey { key, comment } => {
                    self.tried.push(format!("{name} key {comment}"));
                    let hash = if key.algorithm().is_rsa() { hash } else { None };
                    timeout(patience * 4, handle.authenticate_publickey_with(user, key, hash, &mut agent)).await
                }
                AgentIdentity::Certificate { certificate, comment } => {
                    self.tried.push(format!("{name} certificate {comment}"));
                    let hash = if certificate.algorithm().is_rsa() { hash } else { None };
                    timeout(patience * 4, handle.authenticate_certificate_with(user, certificate, hash, &mut agent)).await
                }
            };
            match outcome {
                Ok(Ok(result)) => {
                    if self.note(result) {
                        return Ok(true);
                    }
                }
                Ok(Err(error)) => self.mark(&error.to_string()),
                Err(_) => {
                    self.mark("no answer");
                    return Ok(false);
                }
            }
            if handle.is_closed() {
                break;
            }
        }
        Ok(false)
    }

    /// Adds to what was tried why it did not work.
    fn mark(&mut self, reason: &str) {
        if let Some(last) = self.tried.last_mut() {
            last.push_str(&format!(" ({reason})"));
        }
    }

    async fn key(
        &mut self,
        handle: &mut Handle<Client>,
        path: &str,
        private: &Secret,
        certificate: Option<&str>,
        passphrase: &Ask,
    ) -> Result<bool> {
        let what = if certificate.is_some() { "certificate" } else { "publickey" };
        self.tried.push(format!("{what} {path}"));
        let key = match decode(path, private, passphrase) {
            Ok(key) => Arc::new(key),
            Err(reason) => {
                self.mark(&reason);
                return Ok(false);
            }
        };
        let user = self.target.user.clone();
        let result = match certificate {
            Some(text) => {
                let certificate = match Certificate::from_openssh(text.trim()) {
                    Ok(certificate) => certificate,
                    Err(error) => {
                        self.mark(&error.to_string());
                        return Ok(false);
                    }
                };
                if certificate.public_key() != key.public_key().key_data() {
                    self.tried.pop();
                    return Ok(false);
                }
                handle.authenticate_openssh_cert(user, key, certificate).await
            }
            None => {
                let hash = self.rsa_hash(handle).await?;
                handle.authenticate_publickey(user, PrivateKeyWithHashAlg::new(key, hash)).await
            }
        };
        let result = result.map_err(|error| self.lost(&error))?;
        Ok(self.note(result))
    }

    async fn interactive(&mut self, handle: &mut Handle<Client>, ask: &Ask) -> Result<bool> {
        self.tried.push("keyboard-interactive".to_owned());
        let mut response = handle
            .authenticate_keyboard_interactive_start(self.target.user.clone(), None::<String>)
            .await
            .map_err(|error| self.lost(&error))?;
        for _ in 0..ROUNDS {
            match response {
                KeyboardInteractiveAuthResponse::Success => return Ok(true),
                KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success } => {
                    return Ok(self.note(AuthResult::Failure { remaining_methods, partial_success }));
                }
                KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => {
                    let mut answers = Vec::new();
                    for prompt in &prompts {
                        match ask.ask(&prompt.prompt) {
                            Some(answer) => answers.push(answer.expose().to_owned()),
                            None => {
                                self.mark(&format!("no answer to {:?}", prompt.prompt));
                                answers.push(String::new());
                            }
                        }
                    }
                    response =
                        handle.authenticate_keyboard_interactive_respond(answers).await.map_err(|error| self.lost(&error))?;
                }
            }
        }
        self.mark("too many prompts");
        Ok(false)
    }
}

/// The key of a file. The passphrase is asked for if it is encrypted.
fn decode(path: &str, private: &Secret, passphrase: &Ask) -> Result<PrivateKey, String> {
    let first = match decode_secret_key(private.expose(), None) {
        Ok(key) if !key.is_encrypted() => return Ok(key),
        Ok(_) => "encrypted, and no passphrase is set".to_owned(),
        Err(russh::keys::Error::KeyIsEncrypted) => "encrypted, and no passphrase is set".to_owned(),
        Err(error) => error.to_string(),
    };
    // Some formats show only by the failure that they are encrypted.
    let encrypted =
        first.starts_with("encrypted") || private.expose().contains("ENCRYPTED") || private.expose().contains("Encryption: aes");
    if !encrypted {
        return Err(first);
    }
    match passphrase.ask(path) {
        Some(passphrase) => {
            decode_secret_key(private.expose(), Some(passphrase.expose())).map_err(|_| "wrong passphrase".to_owned())
        }
        None => Err("encrypted, and no passphrase is set".to_owned()),
    }
}
