//! AUTH: sends challenges and checks the answers.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::super::Behaviour;
use super::{Conversation, Stage};
use crate::smtplib::Reply;
use crate::smtplib::auth::auth_cram_md5;

/// The challenge of CRAM-MD5: constant, so that a test's transcript is reproducible.
const CHALLENGE: &[u8] = b"<1896.697170952@mock.invalid>";

impl Conversation {
    pub(super) fn auth(&mut self, behaviour: &mut Behaviour, rest: &str) {
        let (mechanism, initial) = rest.split_once(' ').unwrap_or((rest, ""));
        let mechanism = mechanism.to_ascii_uppercase();
        let known = behaviour.offered(self.encrypted).iter().any(|(name, words)| {
            name.eq_ignore_ascii_case("auth") && words.split(' ').any(|word| word.eq_ignore_ascii_case(&mechanism))
        });
        let planned = behaviour.plans("auth");
        if planned || !known || self.user.is_some() {
            let again = self.user.is_some();
            self.answer_planned(behaviour, "auth", |_| match again {
                true => Reply::new(503, "Already authenticated"),
                false => Reply::new(504, "Unrecognized authentication type"),
            });
            return;
        }
        self.stage = Stage::Auth { mechanism, answers: Vec::new() };
        if initial.is_empty() {
            self.challenge();
        } else {
            self.answer_to_challenge(behaviour, initial.as_bytes());
        }
    }

    fn challenge(&mut self) {
        let Stage::Auth { mechanism, answers } = &self.stage else { return };
        let challenge = match (mechanism.as_str(), answers.len()) {
            ("LOGIN", 0) => BASE64.encode("Username:"),
            ("LOGIN", _) => BASE64.encode("Password:"),
            ("CRAM-MD5", _) => BASE64.encode(CHALLENGE),
            _ => String::new(),
        };
        self.say(&Reply::new(334, challenge));
    }

    pub(super) fn answer_to_challenge(&mut self, behaviour: &mut Behaviour, text: &[u8]) {
        let Stage::Auth { mechanism, answers } = &mut self.stage else { return };
        answers.push(BASE64.decode(text).unwrap_or_default());
        if mechanism == "LOGIN" && answers.len() < 2 {
            self.challenge();
            return;
        }
        let user = credentials(behaviour, mechanism, answers);
        self.stage = Stage::Command;
        self.user = user;
        let reply = match &self.user {
            Some(_) => Reply::new(235, "Authentication successful"),
            None => Reply::new(535, "Authentication credentials invalid"),
        };
        self.say(&reply);
    }
}

/// Returns the user if the answers prove the password.
fn credentials(behaviour: &Behaviour, mechanism: &str, answers: &[Vec<u8>]) -> Option<String> {
    let texts: Vec<String> = answers.iter().map(|answer| String::from_utf8_lossy(answer).into_owned()).collect();
    if behaviour.any_login {
        return Some(texts.first().cloned().unwrap_or_default());
    }
    behaviour
        .users
        .iter()
        .find(|(user, password)| {
            let first = texts.first().map_or("", String::as_str);
            match mechanism {
                "PLAIN" => first.split('\0').skip(1).eq([user.as_str(), password.expose()]),
                "LOGIN" => texts.get(..2).is_some_and(|texts| texts[0] == **user && texts[1] == password.expose()),
                "CRAM-MD5" => first == auth_cram_md5(user, password, CHALLENGE).expose(),
                "XOAUTH2" => first == crate::smtplib::auth::auth_xoauth2(user, password).expose(),
                _ => false,
            }
        })
        .map(|(user, _)| user.clone())
}
