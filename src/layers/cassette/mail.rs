//! SMTP dialogues: recorded line by line, answered when a client says the same.

use std::io::{Error, ErrorKind, Result};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::{Value, json};

use super::deck::{Deck, Live, bytes_to_value, is_like_text, value_to_bytes};
use super::vault::{HIDDEN, Vault};
use crate::error::errno::EPERM;
use crate::smtplib::backend::{Backend, Connection, Target, Tls};

#[derive(Debug)]
pub(super) struct Mails {
    inner: Arc<dyn Backend>,
    deck: Arc<Deck>,
}

impl Mails {
    pub(super) fn new(inner: Arc<dyn Backend>, deck: Arc<Deck>) -> Mails {
        Mails { inner, deck }
    }
}

fn server(target: &Target, tls: bool) -> String {
    let tls = if tls { " (TLS)" } else { "" };
    match target {
        Target::Tcp { host, port, .. } => format!("{host}:{port}{tls}"),
        Target::Unix(path) => format!("{}{tls}", path.display()),
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Mails {
    async fn connect(&self, target: &Target, tls: Option<&Tls>) -> Result<Box<dyn Connection>> {
        let key = server(target, tls.is_some());
        if let Some((_, entry)) = self.deck.library.take("mail", &self.deck.vault.scrub(&key), |_| true) {
            if let Some(errno) = entry["errno"].as_i64().and_then(|errno| i32::try_from(errno).ok()) {
                return Err(Error::from_raw_os_error(errno));
            }
            if let Some(why) = entry["error"].as_str() {
                return Err(Error::other(why.to_owned()));
            }
            let steps = entry["dialogue"].as_array().into_iter().flatten().filter_map(step_of).collect();
            return Ok(Box::new(Playing { key, deck: self.deck.clone(), steps, at: 0, sent: Vec::new() }));
        }
        if !self.deck.records {
            return Err(crate::Errno::because(EPERM, self.deck.unknown("mail", &key)));
        }
        let dialogue = Arc::new(Dialogue { server: key, state: Mutex::default() });
        self.deck.push(dialogue.clone());
        let inner = self.inner.connect(target, tls).await.inspect_err(|error| {
            dialogue.lock().failed = Some((error.raw_os_error(), error.to_string()));
        })?;
        Ok(Box::new(Recording { inner, dialogue }))
    }

    fn interrupts(&self) -> crate::Interrupts {
        self.inner.interrupts()
    }

    async fn local_hostname(&self) -> String {
        if self.deck.records { self.inner.local_hostname().await } else { "localhost".to_owned() }
    }

    fn debug(&self, line: &str) {
        self.inner.debug(line);
    }

    async fn sleep(&self, duration: Duration) {
        self.inner.sleep(duration).await;
    }
}

#[derive(Clone, Debug)]
enum Step {
    Client(Vec<u8>),
    Server(Vec<u8>),
    Tls,
}

#[derive(Debug)]
struct Dialogue {
    server: String,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    steps: Vec<Step>,
    failed: Option<(Option<i32>, String)>,
}

impl Dialogue {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Live for Dialogue {
    fn entry(&self, vault: &Vault) -> Option<Value> {
        let state = self.lock();
        let mut entry = json!({ "kind": "mail", "server": self.server });
        if let Some((errno, text)) = &state.failed {
            match errno {
                Some(errno) => entry["errno"] = (*errno).into(),
                None => entry["error"] = vault.text(text).into(),
            }
            return Some(entry);
        }
        let mut login = false;
        let steps = state.steps.iter().map(|step| match step {
            Step::Client(bytes) => json!({ "client": bytes_to_value(&shown(vault, bytes, &mut login)) }),
            Step::Server(bytes) => {
                // RFC 4954 4: 334 asks for the next part of a login.
                login &= bytes.starts_with(b"334");
                json!({ "server": bytes_to_value(bytes) })
            }
            Step::Tls => json!({ "starttls": true }),
        });
        entry["dialogue"] = steps.collect();
        Some(entry)
    }
}

/// What a client sends, without credentials and without what differs in each run.
fn shown(vault: &Vault, bytes: &[u8], login: &mut bool) -> Vec<u8> {
    if *login {
        learn(vault, &String::from_utf8_lossy(bytes));
        return format!("{HIDDEN}\r\n").into_bytes();
    }
    let Ok(text) = std::str::from_utf8(bytes) else { return bytes.to_vec() };
    let lines = text.split_inclusive('\n').map(|line| {
        if !line.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case("AUTH ")) || text.lines().count() > 8 {
            return line.to_owned();
        }
        *login = true;
        let mut words = line.split_whitespace();
        let (verb, mechanism) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match words.next() {
            Some(credentials) => {
                learn(vault, credentials);
                format!("{verb} {mechanism} {HIDDEN}\r\n")
            }
            None => format!("{verb} {mechanism}\r\n"),
        }
    });
    vault.text(&lines.collect::<String>()).into_bytes()
}

/// Credentials in base64, and what is in them: `\0user\0password` for PLAIN.
fn learn(vault: &Vault, credentials: &str) {
    vault.learn(credentials);
    if let Ok(decoded) = BASE64_STANDARD.decode(credentials.trim())
        && let Ok(decoded) = String::from_utf8(decoded)
    {
        match decoded.rsplit_once('\0') {
            Some((_, password)) => vault.learn(password),
            // LOGIN sends the user's name so too: hiding it is harmless.
            None => vault.learn(&decoded),
        }
    }
}

/// Without what differs in each run: dates, message ids, boundaries and the client's name.
fn comparable(text: &str) -> String {
    let boundary = text.split_once("boundary=").map(|(_, rest)| rest.trim_start_matches('"'));
    let boundary = boundary.and_then(|rest| rest.split(['"', '\r', '\n', ';']).next()).filter(|boundary| !boundary.is_empty());
    let text = boundary.map_or_else(|| text.to_owned(), |boundary| text.replace(boundary, "boundary"));
    let varies = |line: &str| {
        let lower = line.to_ascii_lowercase();
        ["date:", "message-id:"].iter().any(|name| lower.starts_with(name))
    };
    let lines = text.split_inclusive('\n').filter(|line| !varies(line)).map(|line| match line.split_once(' ') {
        Some((verb @ ("EHLO" | "HELO" | "LHLO" | "ehlo" | "helo" | "lhlo"), _)) => format!("{verb}\r\n"),
        _ => line.to_owned(),
    });
    lines.collect()
}

#[derive(Debug)]
struct Recording {
    inner: Box<dyn Connection>,
    dialogue: Arc<Dialogue>,
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Connection for Recording {
    async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.inner.send(bytes).await?;
        let mut state = self.dialogue.lock();
        match state.steps.last_mut() {
            Some(Step::Client(sent)) => sent.extend_from_slice(bytes),
            _ => state.steps.push(Step::Client(bytes.to_vec())),
        }
        Ok(())
    }

    async fn receive(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        let before = buffer.len();
        let received = self.inner.receive(buffer).await?;
        let bytes = buffer.get(before..).unwrap_or_default();
        let mut state = self.dialogue.lock();
        match state.steps.last_mut() {
            Some(Step::Server(known)) => known.extend_from_slice(bytes),
            _ if bytes.is_empty() => {}
            _ => state.steps.push(Step::Server(bytes.to_vec())),
        }
        Ok(received)
    }

    async fn start_tls(&mut self, host: &str, tls: &Tls) -> Result<()> {
        self.inner.start_tls(host, tls).await?;
        self.dialogue.lock().steps.push(Step::Tls);
        Ok(())
    }
}

fn step_of(value: &Value) -> Option<Step> {
    if value["starttls"] == true {
        return Some(Step::Tls);
    }
    let client = value_to_bytes(&value["client"]).map(Step::Client);
    client.or_else(|| value_to_bytes(&value["server"]).map(Step::Server))
}

#[derive(Debug)]
struct Playing {
    key: String,
    deck: Arc<Deck>,
    steps: Vec<Step>,
    at: usize,
    sent: Vec<u8>,
}

impl Playing {
    /// Compares what was sent since the last answer with what is recorded.
    fn compare(&mut self) -> Result<()> {
        let Some(Step::Client(expected)) = self.steps.get(self.at) else {
            if self.sent.is_empty() {
                return Ok(());
            }
            return Err(self.differs("nothing"));
        };
        let expected = String::from_utf8_lossy(expected).into_owned();
        // A hidden line answers a challenge.
        let mut login = expected.trim_end() == HIDDEN;
        let sent = shown(&self.deck.vault, &self.sent, &mut login);
        let sent = self.deck.vault.scrub(&String::from_utf8_lossy(&sent));
        if !is_like_text(&comparable(&expected), &comparable(&sent)) {
            return Err(self.differs(&expected));
        }
        self.sent.clear();
        self.at += 1;
        Ok(())
    }

    fn differs(&self, expected: &str) -> Error {
        let mut login = false;
        let sent = shown(&self.deck.vault, &self.sent, &mut login);
        let sent = self.deck.vault.scrub(&String::from_utf8_lossy(&sent));
        let (sent, expected) = (comparable(&sent), comparable(expected));
        let differing = sent.lines().zip(expected.lines()).find(|(sent, expected)| sent != expected);
        let first = |text: &str| text.lines().next().unwrap_or_default().to_owned();
        let (sent, expected) = differing.map_or_else(|| (first(&sent), first(&expected)), |(a, b)| (a.to_owned(), b.to_owned()));
        let why = format!("not in the cassette: {}: `{sent}`; recorded: `{expected}`", self.key);
        Error::new(ErrorKind::PermissionDenied, why)
    }
}

#[async_trait]
#[deny(clippy::missing_trait_methods)]
impl Connection for Playing {
    async fn send(&mut self, bytes: &[u8]) -> Result<()> {
        self.sent.extend_from_slice(bytes);
        Ok(())
    }

    async fn receive(&mut self, buffer: &mut Vec<u8>) -> Result<usize> {
        self.compare()?;
        match self.steps.get(self.at) {
            Some(Step::Server(bytes)) => {
                buffer.extend_from_slice(bytes);
                let received = bytes.len();
                self.at += 1;
                Ok(received)
            }
            _ => Ok(0),
        }
    }

    async fn start_tls(&mut self, _: &str, _: &Tls) -> Result<()> {
        self.compare()?;
        match self.steps.get(self.at) {
            Some(Step::Tls) => {
                self.at += 1;
                Ok(())
            }
            _ => Err(self.differs("no TLS")),
        }
    }
}
