//! [`Recorder`] and [`Replay`]: what a script got from outside, recorded once and answered from a file ever after.
//!
//! ```
//! # #[cfg(feature = "requests")] {
//! use leyden::layers::{Recorder, Replay};
//! use leyden::prelude::*;
//!
//! fn greeting(Batteries { os, requests, .. }: &Batteries) -> leyden::Result<String> {
//!     let name = os.read_text("/etc/name")?;
//!     let token = os.environ.get("API_TOKEN").unwrap_or_default().into_string().unwrap_or_default();
//!     let reply = requests.get("https://api.example.com/greet").params([("name", name.trim())]).auth(leyden::requests::HttpBearerAuth::new(token)).wait()?;
//!     Ok(reply.text()?)
//! }
//!
//! let world = World::new(); // or the machine: `Batteries::included()`
//! world.os.write("/etc/name", "Ann\n");
//! world.os.set_environ([("API_TOKEN", "t0p-s3cret")]);
//! world.requests.get("https://api.example.com/greet?name=Ann").reply(leyden::requests::mock::Reply::new(200).body("Hello, Ann!"));
//!
//! let recorder = Recorder::over(&world.batteries(), "/greeting.jsonl");
//! assert_eq!(greeting(&recorder.batteries()?)?, "Hello, Ann!");
//! recorder.finish()?; // checks that no secret is in it, and writes the file
//! assert!(!world.os.read_text("/greeting.jsonl").unwrap().contains("t0p-s3cret"));
//!
//! let replay = Replay::open(&world.batteries().os, "/greeting.jsonl")?;
//! assert_eq!(greeting(&replay.batteries())?, "Hello, Ann!"); // no network, no files
//! assert!(replay.unused().is_empty());
//! # }
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! # What is recorded
//!
//! | | recorded | in a replay |
//! |---|---|---|
//! | HTTP | each exchange: method, URL, headers, bodies, or how it failed. Compressed bodies are recorded decoded. `Content-Length` of a body that was not read | answers a request of the same method, URL and body, in order. Bodies come without `Content-Encoding` |
//! | programs | arguments, directory, what went through pipes, exit status, duration, the signal that ended it | answers the same arguments, directory and input, in order |
//! | files | what was looked at, as it was before the script changed it: mode, owner, time of change, content, names in a directory, which names are one file | a model in memory; what the script writes stays there |
//! | environment, directory, user, kernel's names, processors, load | as they were at the start | the same |
//! | clocks | the time and the time zone at the start | begin at that time and are virtual: a pause takes no time, a recorded call takes as long as it took |
//! | mail | the dialogue with each server | answers the same commands; dates, message ids and boundaries may differ |
//! | standard streams, arguments | not recorded | those of a [`World`]; with [`Mode::Once`] the real ones |
//! | `platform` | not recorded | that of a [`World`] |
//! | random bytes | not recorded | those of a [`World`], the same in every replay |
//! | S3, EC2, STS, `fabric` | not recorded: an error that says so | the same error |
//! | `os.statvfs`, `os.pathconf` | not recorded: an error that says so | the same error |
//! | extended attributes, the number of links | not recorded | none; the names that were looked at |
//! | signals to other processes, priorities, the clock's setting | done, not recorded | done in memory |
//! | a program that writes to an open file | not recorded: an error that says so | |
//! | what a program writes to inherited streams | not recorded | nothing |
//! | files that a program writes | as the script first finds them after the program | there from the start |
//!
//! A call that is not in the cassette is an error that shows the nearest recorded one. A body, an output or a file of more than
//! [`Recorder::limit`] bytes is recorded in part: a replay fails where a script reads on.
//!
//! # Secrets
//!
//! In the file, `***` replaces the values of headers, fields, variables, options and elements with secret names
//! ([`is_secret_name`](crate::is_secret_name)), cookies, credentials, passwords in URLs, [`Secret`](crate::Secret) arguments, private keys and what the rules
//! of [`Recorder::redact`] name. Each of these values is then replaced wherever else it appears: as it is, percent-encoded, in JSON, in base64.
//! Before the file is written, every entry is searched for them once more, in decoded form too: one that is left is [`Error::Leak`], and nothing is written.
//! A value of fewer than four bytes is replaced in its own field only.
//!
//! A replay sees `***` where a secret was: it sends `***`, and is answered.
//!
//! # The file
//!
//! A JSON object a line: `start`, then a `file` for each path in the order of paths, then `request`, `program` and `mail` in the order in which the calls
//! began. Bytes that are not UTF-8 are `{"base64": ".."}`. Durations are in microseconds, `took_us`.

mod deck;
mod error;
mod files;
#[cfg(feature = "requests")]
mod http;
#[cfg(feature = "smtplib")]
mod mail;
#[cfg(feature = "subprocess")]
mod programs;
mod scan;
mod start;
mod vault;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::Value;

pub use error::Error;
pub use vault::Redact;

use crate::os::Os;
use crate::{Batteries, World};
use deck::{Deck, Library};
use files::Files;
use vault::Vault;

/// Bodies, outputs and files are recorded up to this many bytes by default: 1 MiB.
pub const DEFAULT_LIMIT: usize = 1 << 20;

/// What a [`Recorder`] does with a cassette that exists and with calls that are not in it, as in VCR.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Records if there is no file. Otherwise answers from the file; other calls are errors.
    #[default]
    Once,
    /// Answers requests, programs and mail dialogues from the file; makes and adds those that are not in it. Files, environment and clocks are those
    /// beneath.
    NewEpisodes,
    /// Answers from the file; other calls are errors, and so is a missing file.
    None,
    /// Makes every call, and replaces the file.
    All,
}

/// Records what a script gets from outside. See the [module](self).
///
/// Ends with [`Recorder::finish`]. Dropping it writes the file too, but cannot report an error; a panic leaves the file as it was.
#[derive(Debug)]
#[must_use = "end with `.batteries()`"]
pub struct Recorder {
    batteries: Batteries,
    path: PathBuf,
    mode: Mode,
    rules: Vec<Redact>,
    limit: usize,
    session: Mutex<Option<Session>>,
}

/// What one run stands on.
#[derive(Clone, Debug)]
struct Session {
    batteries: Batteries,
    deck: Arc<Deck>,
    /// None in a replay.
    recording: Option<Recording>,
}

#[derive(Clone, Debug)]
struct Recording {
    files: Arc<Files>,
    start: Value,
    /// The entries that the file had.
    kept: Vec<Value>,
}

impl Recorder {
    /// A recording over these batteries, into this file.
    pub fn over(batteries: &Batteries, path: impl Into<PathBuf>) -> Recorder {
        Recorder {
            batteries: batteries.clone(),
            path: path.into(),
            mode: Mode::default(),
            rules: Vec::new(),
            limit: DEFAULT_LIMIT,
            session: Mutex::default(),
        }
    }

    /// When to record and when to answer. Default [`Mode::Once`].
    pub fn mode(mut self, mode: Mode) -> Recorder {
        self.mode = mode;
        self
    }

    /// Hides what this rule names, beside what is hidden by default.
    pub fn redact(mut self, rule: Redact) -> Recorder {
        self.rules.push(rule);
        self
    }

    /// The most bytes of one body, output or file that are recorded. Default [`DEFAULT_LIMIT`].
    pub fn limit(mut self, bytes: usize) -> Recorder {
        self.limit = bytes;
        self
    }

    /// The batteries for the script. Each call gives the same recording.
    ///
    /// # Errors
    /// The cassette cannot be read, or is missing with [`Mode::None`].
    pub fn batteries(&self) -> Result<Batteries, Error> {
        let mut session = self.lock();
        if let Some(session) = &*session {
            return Ok(session.batteries.clone());
        }
        let made = self.build()?;
        Ok(session.insert(made).batteries.clone())
    }

    /// What in the file has not been asked for: `GET https://example.com/`, `git fetch (in /srv)`. Empty while everything is recorded anew.
    pub fn unused(&self) -> Vec<String> {
        self.lock().as_ref().map(|session| session.deck.library.unused()).unwrap_or_default()
    }

    /// Checks that no secret is in the entries and writes the file, beside and renamed. Does nothing if everything came from the file.
    ///
    /// # Errors
    /// [`Error::Leak`], or the file cannot be written.
    pub fn finish(self) -> Result<(), Error> {
        self.save()
    }

    fn lock(&self) -> MutexGuard<'_, Option<Session>> {
        self.session.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn build(&self) -> Result<Session, Error> {
        let os = &self.batteries.os;
        let exists = os.path.exists(&self.path);
        let known = match self.mode {
            Mode::All => None,
            Mode::None if !exists => return Err(Error::Missing { path: self.path.clone() }),
            _ if exists => Some(deck::parse(&self.path, &os.read_text(&self.path)?)?),
            _ => None,
        };
        if let Some(entries) = known.as_ref().filter(|_| self.mode != Mode::NewEpisodes) {
            let Replayed { mut batteries, deck, .. } = replayed(entries, &self.rules, self.limit)?;
            #[cfg(feature = "sys")]
            {
                batteries.sys = self.batteries.sys.clone();
            }
            learn_environment(&deck.vault, &self.batteries);
            batteries = batteries.bound();
            return Ok(Session { batteries, deck, recording: None });
        }
        Ok(self.recording(known.unwrap_or_default()))
    }

    fn recording(&self, kept: Vec<Value>) -> Session {
        let vault = Vault::new(&self.rules);
        learn_environment(&vault, &self.batteries);
        let calls = kept.iter().filter(|entry| is_call(entry)).cloned();
        let library = Library::new(calls);
        let time = self.batteries.time.backend().clone();
        let deck = Arc::new(Deck::new(vault, self.limit, true, library, None, time));
        let start = start::entry(&deck.vault, &self.batteries);
        let os = &self.batteries.os;
        let files = Arc::new(Files::recording(os.backend().clone(), os.ambient().clone(), deck.clone()));
        #[cfg(feature = "subprocess")]
        let fake = World::new().subprocess;
        let batteries = wrapped(
            &self.batteries,
            files.clone(),
            &deck,
            #[cfg(feature = "subprocess")]
            fake,
        );
        Session { batteries, deck, recording: Some(Recording { files, start, kept }) }
    }

    fn save(&self) -> Result<(), Error> {
        let Some(Session { deck, recording: Some(recording), .. }) = self.lock().take() else { return Ok(()) };
        // What the script has set since.
        learn_environment(&deck.vault, &self.batteries);
        let Recording { files, start, kept } = recording;
        let mut paths = files.entries(&deck.vault);
        let calls = deck.entries();
        let known = |entry: &&Value| entry["kind"] == "file" && !paths.iter().any(|new| new["path"] == entry["path"]);
        let older: Vec<Value> = kept.iter().filter(known).cloned().collect();
        paths.extend(older);
        paths.sort_by_key(|entry| entry["path"].to_string());
        let mut entries = vec![start];
        entries.extend(paths);
        entries.extend(kept.into_iter().filter(is_call));
        entries.extend(calls);
        let text = deck::render(&deck.vault, &self.path, entries)?;
        self.batteries.os.write_text(&self.path, text)?;
        Ok(())
    }
}

impl Drop for Recorder {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            // `finish` reports errors.
            let _ = self.save();
        }
    }
}

fn is_call(entry: &Value) -> bool {
    matches!(entry["kind"].as_str(), Some("request" | "program" | "mail"))
}

fn learn_environment(vault: &Vault, batteries: &Batteries) {
    for (name, value) in batteries.os.ambient().environ().iter() {
        if vault.is_secret(&name.to_string_lossy()) {
            vault.learn(&value.to_string_lossy());
        }
    }
}

/// Answers from a cassette. Nothing is behind it: no file, program or server of the machine. See the [module](self).
///
/// Clones share the answers that are left.
#[derive(Clone, Debug)]
pub struct Replay {
    inner: Arc<Replayed>,
}

#[derive(Debug)]
struct Replayed {
    world: World,
    batteries: Batteries,
    deck: Arc<Deck>,
}

impl Replay {
    /// Reads a cassette through this `os`.
    ///
    /// # Errors
    /// The file cannot be read, or is not a cassette.
    pub fn open(os: &Os, path: impl AsRef<Path>) -> Result<Replay, Error> {
        let path = path.as_ref();
        let entries = deck::parse(path, &os.read_text(path)?)?;
        Ok(Replay { inner: Arc::new(replayed(&entries, &[], DEFAULT_LIMIT)?) })
    }

    /// The batteries for the script. `sys` is that of [`Replay::world`]: replace the field to print for real.
    pub fn batteries(&self) -> Batteries {
        self.inner.batteries.clone()
    }

    /// What in the cassette has not been asked for: `GET https://example.com/`, `git fetch (in /srv)`.
    pub fn unused(&self) -> Vec<String> {
        self.inner.deck.library.unused()
    }

    /// The world that holds the recorded files, environment and clock, to arrange more and to look at what the script wrote.
    pub fn world(&self) -> &World {
        &self.inner.world
    }
}

fn replayed(entries: &[Value], rules: &[Redact], limit: usize) -> Result<Replayed, Error> {
    let world = World::new();
    let library = Library::new(entries.iter().filter(|entry| is_call(entry)).cloned());
    let clock = Some(world.clock().clone());
    let time = world.batteries().time.backend().clone();
    let deck = Arc::new(Deck::new(Vault::new(rules), limit, false, library, clock, time));
    let model = world.batteries().os.backend().clone();
    let files = Files::replaying(model, world.os.ambient().clone(), deck.clone(), entries)?;
    if let Some(entry) = entries.iter().find(|entry| entry["kind"] == "start") {
        start::arrange(&world, entry);
    }
    world.script().clear();
    let batteries = wrapped(
        &world.batteries(),
        Arc::new(files),
        &deck,
        #[cfg(feature = "subprocess")]
        world.subprocess.clone(),
    );
    Ok(Replayed { world, batteries, deck })
}

/// The batteries with the cassette between.
fn wrapped(
    batteries: &Batteries,
    files: Arc<Files>,
    deck: &Arc<Deck>,
    #[cfg(feature = "subprocess")] fake: crate::subprocess::mock::Mock,
) -> Batteries {
    #[allow(unused_mut, reason = "without further batteries there is nothing to replace")]
    let mut layered = super::over(batteries, files);
    #[cfg(feature = "subprocess")]
    {
        let inner = batteries.subprocess.backend().clone();
        let ambient = batteries.subprocess.ambient().clone();
        let programs = programs::Programs::new(inner, batteries.os.clone(), fake, deck.clone());
        layered.subprocess = crate::subprocess::Subprocess::new(Arc::new(programs), ambient);
    }
    #[cfg(feature = "requests")]
    {
        let exchanges = http::Exchanges::new(batteries.requests.backend().clone(), deck.clone());
        layered.requests = crate::requests::Requests::new(Arc::new(exchanges), layered.os.clone(), layered.time.clone());
    }
    #[cfg(feature = "smtplib")]
    {
        let mails = mail::Mails::new(batteries.smtplib.backend().clone(), deck.clone());
        layered.smtplib = crate::smtplib::Smtplib::new(Arc::new(mails));
    }
    let _ = deck;
    layered.bound()
}
