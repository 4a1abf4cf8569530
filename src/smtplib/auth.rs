//! Authentication: PLAIN, LOGIN, CRAM-MD5, XOAUTH2.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use hmac::{Hmac, KeyInit, Mac};
use md5::Md5;

use super::reply::Reply;
use super::session::Session;
use super::{Error, Result};
use crate::Secret;

/// The maximum number of challenges, to detect a faulty server: Python's `_MAXCHALLENGE`.
const MAX_CHALLENGE: usize = 5;

/// Answers the server's challenges. Called with `None` for an optional initial response.
pub(super) type Respond<'a> = &'a mut (dyn FnMut(Option<&[u8]>) -> Option<Secret> + Send);

/// Returns the response of PLAIN: `"\0user\0password"`.
#[doc(alias = "smtplib.SMTP.auth_plain")]
pub fn auth_plain(user: &str, password: &Secret) -> Secret {
    Secret::new(format!("\0{user}\0{}", password.expose()))
}

/// Returns the response of CRAM-MD5 to a challenge: `"user "` and the HMAC in hexadecimal.
#[doc(alias = "smtplib.SMTP.auth_cram_md5")]
pub fn auth_cram_md5(user: &str, password: &Secret, challenge: &[u8]) -> Secret {
    let digest = Hmac::<Md5>::new_from_slice(password.expose().as_bytes()).map(|mut hmac| {
        hmac.update(challenge);
        hmac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    });
    // HMAC accepts keys of any length, so this does not fail; the server would reject an empty
    // digest.
    Secret::new(format!("{user} {}", digest.unwrap_or_default()))
}

/// Returns the responses of LOGIN in turn: the user, then the password.
#[doc(alias = "smtplib.SMTP.auth_login")]
pub fn auth_login(user: &str, password: &Secret, answered: usize) -> Secret {
    if answered == 0 { Secret::new(user) } else { password.clone() }
}

/// Returns the response of XOAUTH2: the user and a bearer token.
pub fn auth_xoauth2(user: &str, token: &Secret) -> Secret {
    Secret::new(format!("user={user}\u{1}auth=Bearer {}\u{1}\u{1}", token.expose()))
}

impl Session {
    fn check_cleartext(&self) -> Result<()> {
        if self.facts().encrypted || self.settings.cleartext_login || matches!(self.settings.target, super::Target::Unix(_)) {
            Ok(())
        } else {
            Err(Error::CleartextPassword { host: self.host() })
        }
    }

    pub(super) async fn auth(&mut self, mechanism: &str, respond: Respond<'_>, initial: bool) -> Result<Reply> {
        self.check_cleartext()?;
        let mechanism = mechanism.to_ascii_uppercase();
        let mut challenges = 0;
        let command = format!("AUTH {mechanism}");
        let mut reply = match if initial { respond(None) } else { None } {
            Some(answer) => {
                challenges = 1;
                self.docmd_secret(&command, &format!("{command} {}", BASE64.encode(answer.expose()))).await?
            }
            None => self.docmd(&command).await?,
        };
        while reply.code == 334 {
            challenges += 1;
            // A challenge that is not base64 is treated as empty; the server rejects a wrong
            // answer.
            let challenge = BASE64.decode(&reply.message).unwrap_or_default();
            let answer = respond(Some(&challenge)).unwrap_or_else(|| Secret::new(""));
            reply = self.docmd_secret("answer", &BASE64.encode(answer.expose())).await?;
            if challenges > MAX_CHALLENGE {
                // The server may take the next command for an answer.
                self.close();
                return Err(Error::AuthenticationLoop { last: reply });
            }
        }
        if matches!(reply.code, 235 | 503) { Ok(reply) } else { Err(Error::Authentication(reply)) }
    }

    pub(super) async fn login(&mut self, user: &str, password: &Secret, initial: bool) -> Result<Reply> {
        self.ehlo_or_helo_if_needed().await?;
        let offered = self.facts().esmtp_features.get("auth").cloned();
        let Some(offered) = offered else { return Err(Error::NotSupported { extension: "AUTH" }) };
        let mut refused = None;
        // Some servers advertise mechanisms that they do not support: after a refusal, try the next
        // one.
        for mechanism in
            ["CRAM-MD5", "PLAIN", "LOGIN"].into_iter().filter(|known| offered.split_whitespace().any(|word| word == *known))
        {
            let mut answered = 0;
            let mut respond = |challenge: Option<&[u8]>| {
                let answer = match (mechanism, challenge) {
                    ("CRAM-MD5", None) => return None,
                    ("CRAM-MD5", Some(challenge)) => auth_cram_md5(user, password, challenge),
                    ("PLAIN", _) => auth_plain(user, password),
                    _ => auth_login(user, password, answered),
                };
                answered += 1;
                Some(answer)
            };
            match self.auth(mechanism, &mut respond, initial).await {
                Err(error @ Error::Authentication(_)) => refused = Some(error),
                other => return other,
            }
        }
        Err(refused.unwrap_or(Error::NoAuthentication { offered }))
    }
}
