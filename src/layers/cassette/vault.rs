//! [`Vault`]: the secrets that a recording has seen, and how they are kept out of the file.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Value;

use super::scan;
use crate::{Secret, is_secret_name};

/// What a secret becomes in the file.
pub(super) const HIDDEN: &str = "***";

/// Shorter values are hidden in their own field, but not searched for elsewhere: they are parts of ordinary words and numbers.
const SHORTEST: usize = 4;

/// Values of secret fields that are ordinary words: hidden in their own field only.
const WORDS: &[&str] = &["true", "false", "none", "null", "basic", "bearer", "digest", "token", "root"];

/// A rule of your own for [`Recorder::redact`](super::Recorder::redact).
///
/// ```
/// use leyden::layers::Redact;
///
/// let rules = [Redact::name("X-Tenant"), Redact::value("hunter2")];
/// ```
#[derive(Clone, Debug)]
pub struct Redact(pub(super) Rule);

#[derive(Clone, Debug)]
pub(super) enum Rule {
    Name(String),
    Value(Secret),
}

impl Redact {
    /// Hides the values of headers, fields, variables, options and elements of this name. Case and `-`, `_`, `.` do not matter.
    pub fn name(name: impl AsRef<str>) -> Redact {
        Redact(Rule::Name(plain(name.as_ref())))
    }

    /// Hides this value wherever it appears.
    pub fn value(value: impl Into<Secret>) -> Redact {
        Redact(Rule::Value(value.into()))
    }
}

fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// The secrets seen so far, and the rules by which more are recognised.
#[derive(Default)]
pub(super) struct Vault {
    names: Vec<String>,
    seen: Mutex<BTreeSet<String>>,
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("names", &self.names).field("secrets", &self.lock().len()).finish()
    }
}

impl Vault {
    pub(super) fn new(rules: &[Redact]) -> Vault {
        let mut vault = Vault::default();
        for Redact(rule) in rules {
            match rule {
                Rule::Name(name) => vault.names.push(name.clone()),
                Rule::Value(value) => vault.learn(value.expose()),
            }
        }
        vault
    }

    fn lock(&self) -> MutexGuard<'_, BTreeSet<String>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the value of a header, field, variable or option of this name is hidden.
    pub(super) fn is_secret(&self, name: &str) -> bool {
        is_secret_name(name) || (!self.names.is_empty() && self.names.contains(&plain(name)))
    }

    /// Remembers a secret value, to hide it wherever it appears.
    pub(super) fn learn(&self, value: &str) {
        let value = value.trim();
        let lower = value.to_ascii_lowercase();
        if value.len() >= SHORTEST && !value.contains(HIDDEN) && !WORDS.contains(&lower.as_str()) {
            self.lock().insert(value.to_owned());
        }
    }

    /// A text without the secrets in it: those seen so far, and those that a name in the text gives away.
    pub(super) fn text(&self, text: &str) -> String {
        scan::text(self, text)
    }

    /// Bytes that are not text as a whole, a form with a picture: each byte is read as a letter, as in Latin-1.
    pub(super) fn bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let letters: String = bytes.iter().copied().map(char::from).collect();
        let aside = Vault { names: self.names.clone(), seen: Mutex::default() };
        let shown = scan::text(&aside, &letters);
        let raw = |text: &str| -> Vec<u8> { text.chars().filter_map(|c| u8::try_from(c).ok()).collect() };
        for secret in aside.lock().iter() {
            // As it is written elsewhere.
            self.learn(&String::from_utf8(raw(secret)).unwrap_or_else(|_| secret.clone()));
        }
        raw(&shown)
    }

    /// A text in which every secret seen so far is replaced, in each form in which it may be written.
    pub(super) fn scrub(&self, text: &str) -> String {
        let mut forms: Vec<String> = self.lock().iter().flat_map(|secret| forms(secret)).collect();
        forms.sort_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
        forms.dedup();
        let mut text = text.to_owned();
        for form in forms.iter().filter(|form| !form.is_empty()) {
            if text.contains(form.as_str()) {
                text = text.replace(form.as_str(), HIDDEN);
            }
        }
        text
    }

    /// Replaces the secrets in every text of a value.
    pub(super) fn scrub_value(&self, value: &mut Value) {
        match value {
            Value::String(text) => *text = self.scrub(text),
            Value::Array(items) => items.iter_mut().for_each(|item| self.scrub_value(item)),
            Value::Object(fields) => {
                let old = std::mem::take(fields);
                fields.extend(old.into_iter().map(|(name, mut value)| {
                    // The bytes of a body are checked as bytes.
                    if name != "base64" {
                        self.scrub_value(&mut value);
                    }
                    (self.scrub(&name), value)
                }));
            }
            _ => {}
        }
    }

    /// Whether a secret seen so far is in a value, in its texts or in the bytes of its bodies.
    pub(super) fn leaks(&self, value: &Value) -> bool {
        let seen = self.lock();
        let forms: Vec<String> = seen.iter().flat_map(|secret| forms(secret)).filter(|form| !form.is_empty()).collect();
        leaks(&forms, value)
    }
}

fn leaks(forms: &[String], value: &Value) -> bool {
    let holds = |bytes: &[u8]| forms.iter().any(|form| memchr::memmem::find(bytes, form.as_bytes()).is_some());
    match value {
        Value::String(text) => holds(text.as_bytes()) || encoded(text).iter().any(|bytes| holds(bytes)),
        Value::Array(items) => items.iter().any(|item| leaks(forms, item)),
        Value::Object(fields) => fields.iter().any(|(name, value)| match value {
            Value::String(text) if name == "base64" => BASE64_STANDARD.decode(text).map_or(true, |bytes| holds(&bytes)),
            value => holds(name.as_bytes()) || leaks(forms, value),
        }),
        _ => false,
    }
}

/// What a text holds in an encoding: escapes of URLs and of quoted-printable, blocks of base64.
fn encoded(text: &str) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    if text.contains('%') {
        found.push(scan::unquoted(text).into_bytes());
    }
    if text.contains('=') {
        // RFC 2045 6.7: a line that ends in `=` goes on.
        let joined = text.replace("=\r\n", "").replace("=\n", "");
        found.push(scan::unquoted(&joined.replace('%', "%25").replace('=', "%")).into_bytes());
    }
    let mut block = String::new();
    let mut end = |block: &mut String| {
        let whole = block.len() / 4 * 4;
        if let Some(bytes) = block.get(..whole).filter(|_| whole >= 8).and_then(|block| BASE64_STANDARD.decode(block).ok()) {
            found.push(bytes);
        }
        block.clear();
    };
    for word in text.split_inclusive(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/'))) {
        let run = word.trim_end_matches(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '/')));
        block.push_str(run);
        // A line break inside a block of base64 (RFC 2045 6.8) follows a full line.
        let continues = matches!(word.get(run.len()..), Some("\r" | "\n")) && block.len().is_multiple_of(4);
        if !continues {
            end(&mut block);
        }
    }
    end(&mut block);
    found
}

/// The forms in which a secret is written: as it is, percent-encoded, as a form field, in a JSON string, in base64.
fn forms(secret: &str) -> Vec<String> {
    let percent = |space: &str, keep: &[u8]| {
        secret.bytes().fold(String::new(), |mut text, byte| {
            match byte {
                b' ' => text.push_str(space),
                byte if byte.is_ascii_alphanumeric() || keep.contains(&byte) => text.push(char::from(byte)),
                byte => text.push_str(&format!("%{byte:02X}")),
            }
            text
        })
    };
    let json = Value::from(secret).to_string();
    let json = json.get(1..json.len().saturating_sub(1)).unwrap_or_default().to_owned();
    let html = secret.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    let base64 = BASE64_STANDARD.encode(secret);
    let mut forms = vec![
        secret.to_owned(),
        percent("%20", b"-_.~"),
        percent("%20", b"-_.~/"),
        percent("+", b"-_.*"),
        json,
        html,
        base64.trim_end_matches('=').to_owned(),
        base64,
    ];
    let lower: Vec<String> = forms[1..4].iter().map(|form| lower_escapes(form)).collect();
    forms.extend(lower);
    forms
}

/// The same with `%2f` for `%2F`: both are in use.
fn lower_escapes(text: &str) -> String {
    let mut pieces = text.split('%');
    let mut lower = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let (digits, rest) = piece.split_at(piece.len().min(2));
        lower.push('%');
        lower.push_str(&digits.to_ascii_lowercase());
        lower.push_str(rest);
    }
    lower
}
