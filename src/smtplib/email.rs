//! Composing and reading mail.

use super::{Error, Result};

/// A mail.
#[derive(Clone, Debug, Default)]
pub struct EmailMessage {
    headers: Vec<(String, String)>,
    content: Vec<u8>,
}

impl EmailMessage {
    /// An empty one.
    pub fn new() -> EmailMessage {
        EmailMessage::default()
    }

    /// Parses.
    pub fn from_bytes(bytes: &[u8]) -> EmailMessage {
        let text = String::from_utf8_lossy(bytes).replace("\r\n", "\n");
        let (head, body) = text.split_once("\n\n").unwrap_or((&text, ""));
        let headers =
            head.lines().filter_map(|line| line.split_once(": ").map(|(name, value)| (name.into(), value.into()))).collect();
        EmailMessage { headers, content: body.as_bytes().to_vec() }
    }

    /// Adds a header.
    pub fn set(&mut self, name: &str, value: &str) -> Result<&mut EmailMessage> {
        if value.contains(['\r', '\n']) {
            return Err(Error::Value("header values may not contain linefeed or carriage return characters".into()));
        }
        self.headers.push((name.into(), value.into()));
        Ok(self)
    }

    /// The content.
    pub fn set_content(&mut self, text: &str) -> &mut EmailMessage {
        self.content = text.as_bytes().to_vec();
        self
    }

    /// The first value.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.get_all(name).first().copied()
    }

    /// All values.
    pub fn get_all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
    }

    /// Removes a header.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
    }

    /// The bytes.
    pub fn as_bytes(&self) -> Vec<u8> {
        let head: String = self.headers.iter().map(|(name, value)| format!("{name}: {value}\n")).collect();
        [head.as_bytes(), b"\n", &self.content].concat()
    }
}

/// Name and address.
pub fn parseaddr(text: &str) -> Option<(String, String)> {
    match text.split_once('<') {
        Some((name, rest)) => rest.split_once('>').map(|(address, _)| (name.trim().into(), address.into())),
        None => Some((String::new(), text.trim().into())),
    }
}

/// All of them.
pub fn getaddresses(texts: &[&str]) -> Vec<(String, String)> {
    texts.iter().flat_map(|text| text.split(',')).filter_map(parseaddr).collect()
}
