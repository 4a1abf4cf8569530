//! Parameters of `Content-Type` and `Content-Disposition` (RFC 2045, RFC 2231).

use std::collections::{HashMap, HashSet};

use super::decode_words;
use crate::smtplib::Error;
use crate::smtplib::email::content::encode::{from_charset, hex};

/// A parsed header value: the text before the first `;`, and the decoded parameters in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::smtplib::email) struct Parameters {
    pub(in crate::smtplib::email) value: String,
    pub(in crate::smtplib::email) list: Vec<(String, String)>,
}

impl Parameters {
    pub(in crate::smtplib::email) fn parse(text: &str) -> Parameters {
        let mut pieces = split(text).into_iter();
        let value = pieces.next().unwrap_or_default().trim().to_owned();
        let raw: Vec<(String, String)> = pieces
            .filter_map(|piece| {
                let (name, value) = piece.split_once('=').unwrap_or((&piece, ""));
                let name = name.trim().to_ascii_lowercase();
                (!name.is_empty()).then(|| (name, unquote(value.trim())))
            })
            .collect();
        Parameters { value, list: join_continuations(&raw) }
    }

    pub(in crate::smtplib::email) fn get(&self, name: &str) -> Option<&str> {
        self.list.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub(in crate::smtplib::email) fn set(&mut self, name: &str, value: impl Into<String>) {
        let value = value.into();
        match self.list.iter_mut().find(|(found, _)| found.eq_ignore_ascii_case(name)) {
            Some((_, old)) => *old = value,
            None => self.list.push((name.to_owned(), value)),
        }
    }

    pub(in crate::smtplib::email) fn remove(&mut self, name: &str) {
        self.list.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
    }
}

/// Checks the name of a parameter, which must be a token: other text could be another parameter.
pub(in crate::smtplib::email) fn check_param(name: &str) -> Result<(), Error> {
    match !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_graphic() && !b"()<>@,;:\\\"/[]?=".contains(&byte)) {
        true => Ok(()),
        false => Err(Error::Value(format!("invalid parameter name: {name:?}"))),
    }
}

impl std::fmt::Display for Parameters {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.value)?;
        for (name, value) in &self.list {
            write!(f, "; {}", format(name, value))?;
        }
        Ok(())
    }
}

/// Returns `name="value"`, or `name*=utf-8''value` if it is not ASCII.
fn format(name: &str, value: &str) -> String {
    if !value.is_ascii() || value.contains(|character: char| character.is_ascii_control()) {
        return format!("{name}*={}", encode_rfc2231(value, "utf-8", ""));
    }
    format!("{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))
}

/// Splits at `;` outside quotes.
pub(in crate::smtplib::email) fn split(text: &str) -> Vec<String> {
    let mut pieces = vec![String::new()];
    let (mut quoted, mut escaped) = (false, false);
    for character in text.chars() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                pieces.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(piece) = pieces.last_mut() {
            piece.push(character);
        }
    }
    pieces
}

fn unquote(text: &str) -> String {
    let Some(inner) = text.strip_prefix('"') else { return text.to_owned() };
    let mut plain = String::with_capacity(inner.len());
    let mut characters = inner.chars();
    while let Some(character) = characters.next() {
        match character {
            '"' => break,
            '\\' => plain.extend(characters.next()),
            _ => plain.push(character),
        }
    }
    plain
}

/// Joins `name*0`, `name*1*`, ... and decodes `name*=charset'language'text`.
fn join_continuations(raw: &[(String, String)]) -> Vec<(String, String)> {
    // The sections of each name: number, whether percent-encoded, text.
    type Sections<'a> = Vec<(usize, bool, &'a str)>;
    let mut sections_of: HashMap<&str, Sections<'_>> = HashMap::new();
    for (key, value) in raw {
        let Some((name, rest)) = key.split_once('*') else { continue };
        let (number, encoded) = rest.strip_suffix('*').map_or((rest, false), |number| (number, true));
        if let Ok(number) = number.parse() {
            sections_of.entry(name).or_default().push((number, encoded, value));
        }
    }
    let mut joined: Vec<(String, String)> = Vec::new();
    let mut seen: HashSet<&str> = HashSet::new();
    for (key, value) in raw {
        let Some((name, rest)) = key.split_once('*') else {
            seen.insert(key);
            joined.push((key.clone(), decode_words(value)));
            continue;
        };
        if !seen.insert(name) {
            continue;
        }
        if rest.is_empty() {
            joined.push((name.to_owned(), extended(value)));
            continue;
        }
        let mut sections = sections_of.remove(name).unwrap_or_default();
        sections.sort_by_key(|section| section.0);
        let charset = sections
            .first()
            .filter(|section| section.1)
            .and_then(|section| section.2.split_once('\''))
            .map(|(charset, _)| charset);
        let mut bytes = Vec::new();
        for (number, (_, encoded, text)) in sections.iter().enumerate() {
            let text = if number == 0 && *encoded { text.splitn(3, '\'').last().unwrap_or(text) } else { text };
            if *encoded { bytes.extend(percent_decode(text)) } else { bytes.extend_from_slice(text.as_bytes()) }
        }
        joined.push((name.to_owned(), from_charset(&bytes, charset.filter(|charset| !charset.is_empty()).unwrap_or("utf-8"))));
    }
    joined
}

fn extended(value: &str) -> String {
    match decode_rfc2231(value) {
        (Some(charset), _, text) => from_charset(&percent_decode(text), if charset.is_empty() { "utf-8" } else { charset }),
        (None, _, text) => from_charset(&percent_decode(text), "utf-8"),
    }
}

fn percent_decode(text: &str) -> Vec<u8> {
    let text = text.as_bytes();
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let decoded = (*byte == b'%').then(|| Some(16 * hex(*text.get(at + 1)?)? + hex(*text.get(at + 2)?)?)).flatten();
        out.push(decoded.unwrap_or(*byte));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    out
}

/// `decode_rfc2231(text)`: splits `charset'language'text` into charset, language and text, which is
/// still percent-encoded.
#[doc(alias = "email.utils.decode_rfc2231")]
pub fn decode_rfc2231(text: &str) -> (Option<&str>, Option<&str>, &str) {
    let mut parts = text.splitn(3, '\'');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(charset), Some(language), Some(rest)) => (Some(charset), Some(language), rest),
        _ => (None, None, text),
    }
}

/// `encode_rfc2231(text, charset, language)`: returns `charset'language'text`, percent-encoded as
/// UTF-8.
#[doc(alias = "email.utils.encode_rfc2231")]
pub fn encode_rfc2231(text: &str, charset: &str, language: &str) -> String {
    let encoded: String = text
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-' | b'~') => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    if charset.is_empty() && language.is_empty() { encoded } else { format!("{charset}'{language}'{encoded}") }
}

/// A parameter's value. [`decode_params`] returns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamValue {
    /// The text, in double quotes.
    Plain(String),
    /// A value of RFC 2231: one character per byte, in double quotes.
    Extended {
        /// The charset of the bytes.
        charset: Option<String>,
        /// The language.
        language: Option<String>,
        /// The bytes, as characters up to 255.
        text: String,
    },
}

/// `decode_params(params)`: joins continued parameters (`name*0`, `name*1*`) and decodes their
/// percent signs. The first pair is the type itself, and stays unchanged.
///
/// [`EmailMessage::get_params`](crate::smtplib::email::EmailMessage::get_params) calls this and
/// [`collapse_rfc2231_value`].
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.decode_params>
#[doc(alias = "email.utils.decode_params")]
pub fn decode_params(params: &[(String, String)]) -> Vec<(String, ParamValue)> {
    let latin = |text: &str| percent_decode(text).into_iter().map(char::from).collect::<String>();
    let in_quotes = |text: &str| format!("\"{text}\"");
    let mut decoded: Vec<(String, ParamValue)> = Vec::new();
    /// The number, the text, and whether it is percent-encoded.
    type Section = (Option<u64>, String, bool);
    let mut continued: Vec<(&str, Vec<Section>)> = Vec::new();
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (at, (name, value)) in params.iter().enumerate() {
        if at == 0 {
            decoded.push((name.clone(), ParamValue::Plain(value.clone())));
            continue;
        }
        let value = crate::smtplib::email::unquote(value);
        let Some((name, number)) = continuation(name) else {
            decoded.push((name.clone(), ParamValue::Plain(in_quotes(&crate::smtplib::email::quote(&value)))));
            continue;
        };
        let section = (number, value, params[at].0.ends_with('*'));
        let place = *places.entry(name).or_insert(continued.len());
        match continued.get_mut(place) {
            Some((_, sections)) => sections.push(section),
            None => continued.push((name, vec![section])),
        }
    }
    for (name, mut sections) in continued {
        sections.sort();
        let extended = sections.iter().any(|(_, _, encoded)| *encoded);
        let text: String = sections.into_iter().map(|(_, text, encoded)| if encoded { latin(&text) } else { text }).collect();
        let text = crate::smtplib::email::quote(&text);
        let value = if extended {
            let (charset, language, text) = decode_rfc2231(&text);
            let (charset, language) = (charset.map(str::to_owned), language.map(str::to_owned));
            ParamValue::Extended { charset, language, text: in_quotes(text) }
        } else {
            ParamValue::Plain(in_quotes(&text))
        };
        decoded.push((name.to_owned(), value));
    }
    decoded
}

/// Splits `name*`, `name*0` or `name*0*` into the name and the number.
fn continuation(name: &str) -> Option<(&str, Option<u64>)> {
    let (name, rest) = name.split_once('*')?;
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') {
        return None;
    }
    let number = rest.strip_suffix('*').unwrap_or(rest);
    match (rest, number.bytes().all(|digit| digit.is_ascii_digit())) {
        ("", _) => Some((name, None)),
        (_, true) => Some((name, Some(number.parse().ok()?))),
        _ => None,
    }
}

/// `collapse_rfc2231_value(value)`: returns the text of a parameter, its bytes decoded. With an
/// unknown charset they stay unchanged; without a charset they are ASCII.
///
/// <https://docs.python.org/3/library/email.utils.html#email.utils.collapse_rfc2231_value>
#[doc(alias = "email.utils.collapse_rfc2231_value")]
pub fn collapse_rfc2231_value(value: &ParamValue) -> String {
    match value {
        ParamValue::Plain(text) => crate::smtplib::email::unquote(text),
        ParamValue::Extended { charset, text, .. } => {
            let bytes: Option<Vec<u8>> = text.chars().map(|character| u8::try_from(character).ok()).collect();
            let charset = charset.as_deref().unwrap_or("us-ascii");
            match bytes {
                Some(bytes) if crate::smtplib::email::content::encode::knows(charset) => from_charset(&bytes, charset),
                _ => crate::smtplib::email::unquote(text),
            }
        }
    }
}
