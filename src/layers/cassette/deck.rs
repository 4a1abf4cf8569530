//! [`Deck`]: what the wrappers of one recording or replay share.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::error::Error;
use super::vault::{HIDDEN, Vault};
use crate::mock::Clock;

/// A call that is being recorded. The entry is made when the file is written: by then all its output is there.
pub(super) trait Live: Send + Sync {
    /// None if it has no answer yet.
    fn entry(&self, vault: &Vault) -> Option<Value>;
}

/// What the wrappers of one recording or replay share.
pub(super) struct Deck {
    pub(super) vault: Vault,
    /// The most bytes of one body, output or file that are recorded.
    pub(super) limit: usize,
    /// Whether calls that are not in the library are made and recorded.
    pub(super) records: bool,
    pub(super) library: Library,
    /// The clock of a replay, which moves by the time that a recorded call took.
    pub(super) clock: Option<Clock>,
    /// The clock of a recording.
    pub(super) time: Arc<dyn crate::time::backend::Backend>,
    tape: Mutex<Vec<Arc<dyn Live>>>,
}

impl fmt::Debug for Deck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Deck").field("records", &self.records).finish_non_exhaustive()
    }
}

impl Deck {
    pub(super) fn new(
        vault: Vault,
        limit: usize,
        records: bool,
        library: Library,
        clock: Option<Clock>,
        time: Arc<dyn crate::time::backend::Backend>,
    ) -> Deck {
        Deck { vault, limit, records, library, clock, time, tape: Mutex::default() }
    }

    /// Enters a call in the order in which calls begin.
    pub(super) fn push(&self, live: Arc<dyn Live>) {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner).push(live);
    }

    /// The entries recorded so far.
    pub(super) fn entries(&self) -> Vec<Value> {
        let tape = self.tape.lock().unwrap_or_else(PoisonError::into_inner).clone();
        tape.iter().filter_map(|live| live.entry(&self.vault)).collect()
    }

    /// Lets the recorded duration pass.
    pub(super) fn pass(&self, entry: &Value) {
        if let Some(clock) = &self.clock {
            clock.advance(took(entry));
        }
    }

    /// Why a call has no answer.
    pub(super) fn unknown(&self, kind: &str, key: &str) -> String {
        let key = self.vault.scrub(key);
        match self.library.nearest(kind, &key) {
            Some((nearest, used)) => {
                let used = if used { " (already answered)" } else { "" };
                format!("not in the cassette: {key}; nearest recorded: {nearest}{used}")
            }
            None => format!("not in the cassette: {key}; it has no {kind}"),
        }
    }
}

/// The duration of a recorded call.
pub(super) fn took(entry: &Value) -> Duration {
    Duration::from_micros(entry["took_us"].as_u64().unwrap_or(0))
}

pub(super) fn micros(took: Duration) -> u64 {
    u64::try_from(took.as_micros()).unwrap_or(u64::MAX)
}

/// The entries of a file, each of which answers once.
#[derive(Default)]
pub(super) struct Library(Mutex<Vec<Known>>);

#[derive(Clone)]
struct Known {
    kind: String,
    key: String,
    value: Value,
    used: bool,
}

impl Library {
    /// Entries, and how the key of each is made.
    pub(super) fn new(entries: impl IntoIterator<Item = Value>) -> Library {
        let known = entries.into_iter().map(|value| {
            let kind = value["kind"].as_str().unwrap_or_default().to_owned();
            Known { key: key(&value), kind, value, used: false }
        });
        Library(Mutex::new(known.collect()))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The first entry with this key that has not answered yet, and its number.
    pub(super) fn take(&self, kind: &str, key: &str, accept: impl Fn(&Value) -> bool) -> Option<(usize, Value)> {
        let mut known = self.lock();
        let open = |known: &Known| !known.used && known.kind == kind && accept(&known.value);
        let exact = known.iter().position(|known| known.key == key && open(known));
        let number = exact.or_else(|| known.iter().position(|known| is_like_text(&known.key, key) && open(known)))?;
        let found = known.get_mut(number)?;
        found.used = true;
        Some((number, found.value.clone()))
    }

    /// Takes back an answer that was not given.
    pub(super) fn give_back(&self, number: usize) {
        if let Some(known) = self.lock().get_mut(number) {
            known.used = false;
        }
    }

    /// True if there are entries of this kind.
    pub(super) fn has(&self, kind: &str) -> bool {
        self.lock().iter().any(|known| known.kind == kind)
    }

    /// The most similar key, and whether all its answers were given.
    fn nearest(&self, kind: &str, key: &str) -> Option<(String, bool)> {
        let known = self.lock();
        let of_kind = known.iter().filter(|known| known.kind == kind);
        let likeness = |known: &&Known| {
            let ratio = similar::TextDiff::from_chars(&*known.key, key).ratio();
            // To compare: a ratio from 0 to 1.
            ((ratio * 1e6) as u64, !known.used)
        };
        let nearest = of_kind.max_by_key(likeness)?;
        let open = known.iter().any(|other| other.kind == kind && other.key == nearest.key && !other.used);
        Some((nearest.key.clone(), !open))
    }

    /// The keys of the entries that have not answered.
    pub(super) fn unused(&self) -> Vec<String> {
        self.lock().iter().filter(|known| !known.used).map(|known| known.key.clone()).collect()
    }
}

/// What an entry is found by: `GET https://example.com/`, `git fetch (in /srv)`, `mail.example.com:25`.
pub(super) fn key(entry: &Value) -> String {
    let text = |name: &str| entry[name].as_str().unwrap_or_default();
    match text("kind") {
        "request" => format!("{} {}", text("method"), text("url")),
        "program" => {
            let args = entry["args"].as_array().into_iter().flatten().filter_map(Value::as_str);
            program_key(args, text("cwd"))
        }
        "mail" => text("server").to_owned(),
        kind => format!("{kind} {}", text("path")),
    }
}

pub(super) fn program_key<'a>(args: impl Iterator<Item = &'a str>, cwd: &str) -> String {
    // Quoted, so that `["a b"]` and `["a", "b"]` are two programs.
    let args: Vec<String> =
        args.map(|arg| crate::os::shlex::quote(arg).map_or_else(|_| format!("{arg:?}"), std::borrow::Cow::into_owned)).collect();
    let args = args.join(" ");
    if cwd.is_empty() { args } else { format!("{args} (in {cwd})") }
}

/// Whether a recorded value is that of a call. What is hidden in it may have been anything: a replay may not know yet, or any more, that it is a secret.
pub(super) fn is_like(recorded: &Value, asked: &Value) -> bool {
    match (recorded, asked) {
        (Value::String(recorded), Value::String(asked)) => is_like_text(recorded, asked),
        (recorded, asked) => recorded == asked,
    }
}

pub(super) fn is_like_text(recorded: &str, asked: &str) -> bool {
    if recorded == asked {
        return true;
    }
    let Some((first, rest)) = recorded.split_once(HIDDEN) else { return false };
    let Some(mut left) = asked.strip_prefix(first) else { return false };
    let mut pieces = rest.split(HIDDEN).peekable();
    while let Some(piece) = pieces.next() {
        if pieces.peek().is_none() {
            return left.ends_with(piece);
        }
        match left.find(piece) {
            Some(at) => left = left.get(at + piece.len()..).unwrap_or_default(),
            None => return false,
        }
    }
    false
}

/// Bytes as a JSON value: a string if they are UTF-8.
pub(super) fn bytes_to_value(bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => serde_json::json!({ "base64": BASE64_STANDARD.encode(bytes) }),
    }
}

/// The bytes of such a value. None if it is not one.
pub(super) fn value_to_bytes(value: &Value) -> Option<Vec<u8>> {
    match value {
        Value::String(text) => Some(text.clone().into_bytes()),
        Value::Object(fields) => BASE64_STANDARD.decode(fields.get("base64")?.as_str()?).ok(),
        _ => None,
    }
}

/// Bytes without the secrets in them.
pub(super) fn redacted(vault: &Vault, bytes: &[u8]) -> Value {
    match std::str::from_utf8(bytes) {
        Ok(text) => vault.text(text).into(),
        Err(_) => bytes_to_value(&vault.bytes(bytes)),
    }
}

/// Makes the file's text: checked, an entry a line.
pub(super) fn render(vault: &Vault, path: &Path, mut entries: Vec<Value>) -> Result<String, Error> {
    let mut text = String::new();
    for (number, entry) in entries.iter_mut().enumerate() {
        vault.scrub_value(entry);
        if vault.leaks(entry) {
            return Err(Error::Leak { path: path.to_owned(), number: number + 1, entry: key(entry) });
        }
        text.push_str(&entry.to_string());
        text.push('\n');
    }
    Ok(text)
}

/// The entries of a file's text.
pub(super) fn parse(path: &Path, text: &str) -> Result<Vec<Value>, Error> {
    let mut entries = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let syntax = |reason: String| Error::Syntax { path: path.to_owned(), line: number + 1, reason };
        if line.trim().is_empty() {
            continue;
        }
        let entry: Value = serde_json::from_str(line).map_err(|error| syntax(error.to_string()))?;
        match entry["kind"].as_str() {
            Some("start") if entry["version"].as_u64() != Some(1) => return Err(syntax("unknown version".into())),
            Some("start" | "file" | "request" | "program" | "mail") => entries.push(entry),
            _ => return Err(syntax("unknown kind".into())),
        }
    }
    if entries.first().is_none_or(|first| first["kind"] != "start") {
        return Err(Error::Syntax { path: path.to_owned(), line: 1, reason: "the first entry is not of kind `start`".into() });
    }
    Ok(entries)
}

/// Bytes that go by, up to a limit.
#[derive(Default)]
pub(super) struct Copied {
    pub(super) bytes: Vec<u8>,
    /// More went by than is kept.
    pub(super) over: bool,
}

impl Copied {
    pub(super) fn add(&mut self, bytes: &[u8], limit: usize) {
        let room = limit.saturating_sub(self.bytes.len());
        self.over |= bytes.len() > room;
        self.bytes.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
    }
}

/// Shared by the one who copies and the entry.
pub(super) type Copy = Arc<Mutex<Copied>>;

pub(super) fn copied(copy: &Copy) -> MutexGuard<'_, Copied> {
    copy.lock().unwrap_or_else(PoisonError::into_inner)
}
