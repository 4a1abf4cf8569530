//! Authentication by a host in memory.

use super::super::backend::{Credential, Target};
use super::super::error::{Error, Result};
use super::host::Host;
use crate::Secret;

/// One factor of a login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Factor {
    Password(Secret),
    Key(Secret),
    Code(Secret),
}

impl Factor {
    fn method(&self) -> &'static str {
        match self {
            Factor::Password(_) => "password",
            Factor::Key(_) => "publickey",
            Factor::Code(_) => "keyboard-interactive",
        }
    }

    fn is_met_by(&self, credential: &Credential) -> bool {
        match (self, credential) {
            (Factor::Password(wanted), Credential::Password(given)) => wanted == given,
            (Factor::Key(wanted), Credential::Key { private, .. }) => wanted == private,
            (Factor::Code(wanted), Credential::KeyboardInteractive(ask)) => {
                ask.ask("Verification code: ").as_ref() == Some(wanted)
            }
            _ => false,
        }
    }
}

/// Meets the factors of a way in, one after another.
pub(super) fn authenticate(host: &Host, target: &Target) -> Result<()> {
    let Some(ways) = host.ways(&target.user) else { return Ok(()) };
    let mut tried = Vec::new();
    let mut accepted: Vec<String> = Vec::new();
    for way in &ways {
        let mut left = way.iter().peekable();
        // Partial success lets the methods before it be used again.
        for _ in way {
            let Some(factor) = left.peek() else { break };
            let met = target.credentials.iter().find(|credential| factor.is_met_by(credential));
            if met.is_some() {
                left.next();
            }
        }
        match left.peek() {
            None => return Ok(()),
            Some(factor) => accepted.push(factor.method().to_owned()),
        }
    }
    for credential in &target.credentials {
        tried.push(credential.name());
    }
    accepted.dedup();
    Err(Error::Authentication { user: target.user.clone(), host: target.host.clone(), tried, accepted })
}
