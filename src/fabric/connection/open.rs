//! Opening a connection: the way to the host, what to authenticate with, which host keys are accepted.

use std::path::PathBuf;
use std::sync::Arc;

use super::connect::{Facts, Gateway};
use super::host_keys;
use crate::Secret;
use crate::fabric::backend::{Ask, Credential, Session, Target, Via};
use crate::fabric::connection::Connection;
use crate::fabric::error::{Error, Result};
use crate::os::Os;

/// OpenSSH's default identities, in its order.
const DEFAULT_KEYS: [&str; 5] = ["id_rsa", "id_ecdsa", "id_ecdsa_sk", "id_ed25519", "id_ed25519_sk"];

/// `Connection.open`: connects and authenticates.
pub(in crate::fabric) async fn open(connection: Connection) -> Result<Arc<dyn Session>> {
    let shared = &connection.shared;
    let (facts, os) = (&shared.facts, &shared.fabric.os);
    let via = match &facts.gateway {
        None | Some(Gateway::Direct) => Via::Direct,
        Some(Gateway::Jump(gateway)) => Via::Jump(gateway.session().await?),
        Some(Gateway::Command(command)) => Via::Command(expand(command, facts)?),
    };
    let (credentials, problems) = credentials(os, facts, &shared.settings.identities)?;
    let mut target = Target::new(&facts.host, facts.port, &facts.user, host_keys::policy(os, facts));
    target.via = via;
    target.credentials = credentials;
    target.compress = facts.connect_kwargs.compress.or(facts.options.compression).unwrap_or_default();
    target.keepalive = facts.connect_kwargs.keepalive.or(facts.options.keepalive);
    target.disabled_algorithms = facts.connect_kwargs.disabled_algorithms.clone();
    if let Some(timeout) = facts.connect_kwargs.agent_timeout {
        target.agent_timeout = timeout;
    }
    shared.fabric.backend.connect(&target).await.map_err(|error| match error {
        Error::Authentication { user, host, mut tried, accepted } => {
            tried.extend(problems);
            Error::Authentication { user, host, tried, accepted }
        }
        error => error,
    })
}

/// The tokens of `ProxyCommand`: `%%`, `%h`, `%n`, `%p`, `%r`.
fn expand(command: &str, facts: &Facts) -> Result<String> {
    let mut out = String::new();
    let mut characters = command.chars();
    while let Some(c) = characters.next() {
        if c != '%' {
            out.push(c);
            continue;
        }
        match characters.next() {
            Some('%') => out.push('%'),
            Some('h') => out.push_str(&facts.host),
            Some('n') => out.push_str(&facts.original_host),
            Some('p') => out.push_str(&facts.port.to_string()),
            Some('r') => out.push_str(&facts.user),
            other => {
                let token = other.map(String::from).unwrap_or_default();
                return Err(Error::Value(format!("proxy command {command}: unknown token %{token}")));
            }
        }
    }
    Ok(out)
}

/// A path with `~` for the home directory.
pub(in crate::fabric) fn expanduser(os: &Os, path: &str) -> String {
    match (path.strip_prefix('~'), os.ambient().var("HOME")) {
        (Some(rest), Some(home)) if rest.is_empty() || rest.starts_with('/') => format!("{}{rest}", home.to_string_lossy()),
        _ => path.to_owned(),
    }
}

/// What to authenticate with, in OpenSSH's order: agent, keys, keyboard-interactive, password; and what is wrong with the others.
pub(in crate::fabric) fn credentials(os: &Os, facts: &Facts, identities: &[String]) -> Result<(Vec<Credential>, Vec<String>)> {
    let kwargs = &facts.connect_kwargs;
    let (mut credentials, mut problems) = (Vec::new(), Vec::new());
    let passphrase = passphrase(facts);
    for (at, key) in kwargs.pkey.iter().enumerate() {
        credentials.push(key_of(format!("pkey {}", at + 1), key.clone(), None, &passphrase));
    }
    if kwargs.allow_agent.unwrap_or(true)
        && !facts.options.identities_only
        && let Some(socket) = agent(os, facts)
    {
        credentials.push(Credential::Agent { socket });
    }
    let mut files: Vec<(String, bool)> = Vec::new();
    for file in kwargs.key_filename.iter().chain(identities) {
        let path = expanduser(os, file);
        if !files.iter().any(|(known, _)| *known == path) {
            files.push((path, !facts.options.identity_files.contains(file)));
        }
    }
    if files.is_empty() && kwargs.look_for_keys.unwrap_or(true) {
        files.extend(DEFAULT_KEYS.map(|name| (expanduser(os, &format!("~/.ssh/{name}")), false)));
    }
    let mut certificates: Vec<String> = Vec::new();
    for file in &facts.options.certificate_files {
        certificates.push(text(os, &expanduser(os, file)).map_err(|reason| Error::Key { path: file.clone(), reason })?);
    }
    for (path, explicit) in files {
        match text(os, &path) {
            Ok(private) => {
                let certificate = text(os, &format!("{path}-cert.pub")).ok();
                let all = certificate.into_iter().chain(certificates.iter().cloned());
                let private = Secret::new(private);
                for certificate in all {
                    credentials.push(key_of(path.clone(), private.clone(), Some(certificate), &passphrase));
                }
                credentials.push(key_of(path, private, None, &passphrase));
            }
            Err(reason) if explicit => problems.push(format!("publickey {path} ({reason})")),
            Err(_) => {}
        }
    }
    if let Some(ask) = &kwargs.ask {
        credentials.push(Credential::KeyboardInteractive(ask.clone()));
    } else if let Some(password) = &kwargs.password {
        credentials.push(Credential::KeyboardInteractive(Ask::always(password.clone())));
    }
    credentials.extend(kwargs.password.clone().map(Credential::Password));
    Ok((credentials, problems))
}

fn key_of(path: String, private: Secret, certificate: Option<String>, passphrase: &Ask) -> Credential {
    Credential::Key { path, private, certificate, passphrase: passphrase.clone() }
}

/// The passphrase, or the password as in paramiko, or what the callback gives.
fn passphrase(facts: &Facts) -> Ask {
    let kwargs = facts.connect_kwargs.clone();
    Ask::new(move |path| {
        let fixed = kwargs.passphrase.clone().or_else(|| kwargs.password.clone());
        match &kwargs.ask_passphrase {
            Some(ask) => ask.ask(path).or(fixed),
            None => fixed,
        }
    })
}

/// The agent's socket: argument, `IdentityAgent`, `SSH_AUTH_SOCK`.
pub(in crate::fabric) fn agent(os: &Os, facts: &Facts) -> Option<PathBuf> {
    if let Some(socket) = &facts.connect_kwargs.agent_socket {
        return Some(socket.clone());
    }
    let from_environment = || os.ambient().var("SSH_AUTH_SOCK").filter(|path| !path.is_empty()).map(PathBuf::from);
    match facts.options.identity_agent.as_deref() {
        None | Some("SSH_AUTH_SOCK") => from_environment(),
        Some(name) if name.eq_ignore_ascii_case("none") => None,
        Some(name) => match name.strip_prefix('$') {
            Some(variable) => os.ambient().var(variable.trim_matches(['{', '}'])).map(PathBuf::from),
            None => Some(PathBuf::from(expanduser(os, name))),
        },
    }
}

fn text(os: &Os, path: &str) -> Result<String, String> {
    os.read_text(path).map_err(|error| error.to_string())
}
