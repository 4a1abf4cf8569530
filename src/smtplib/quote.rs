//! Addresses and texts as they go over the wire.

use std::borrow::Cow;

use super::Error;

/// The address of a `MAIL` or `RCPT` command, in angle brackets: `Ann <ann@example.com>` gives `<ann@example.com>`.
///
/// <https://github.com/python/cpython/blob/3.11/Lib/smtplib.py> (`quoteaddr`). What holds no address is put in brackets as it is.
#[doc(alias = "smtplib.quoteaddr")]
pub fn quoteaddr(address: &str) -> String {
    match address_of(address) {
        Some(found) => format!("<{found}>"),
        None if address.trim().starts_with('<') => address.to_owned(),
        None => format!("<{address}>"),
    }
}

/// The bare address for `VRFY` and `EXPN`.
pub(super) fn addr_only(address: &str) -> String {
    address_of(address).unwrap_or_else(|| address.to_owned())
}

/// The address in `Ann (at work) <ann@example.com>`; None if there is none.
fn address_of(text: &str) -> Option<String> {
    super::email::parseaddr(text).map(|(_, address)| address).filter(|address| !address.is_empty())
}

/// A message as `DATA` sends it: every line end is CRLF, and a line that begins with a dot gets another.
///
/// Bare CR and bare LF are line ends too: a server that takes them so must not see an end of the message that is none
/// (SMTP smuggling).
#[doc(alias = "smtplib.quotedata")]
pub fn quotedata(message: &[u8]) -> Vec<u8> {
    let lines = fix_eols(message);
    let mut quoted = Vec::with_capacity(lines.len() + lines.len() / 64);
    for line in lines.split_inclusive(|byte| *byte == b'\n') {
        if line.first() == Some(&b'.') {
            quoted.push(b'.');
        }
        quoted.extend_from_slice(line);
    }
    quoted
}

/// Makes every line end CRLF. Borrows where they all are.
pub(super) fn fix_eols(message: &[u8]) -> Cow<'_, [u8]> {
    let mut fixed: Option<Vec<u8>> = None;
    let mut copied = 0;
    let mut from = 0;
    while let Some(found) = message.get(from..).and_then(|rest| rest.iter().position(|byte| matches!(byte, b'\r' | b'\n'))) {
        let at = from + found;
        let crlf = message[at] == b'\r' && message.get(at + 1) == Some(&b'\n');
        from = at + if crlf { 2 } else { 1 };
        if !crlf {
            let fixed = fixed.get_or_insert_with(|| Vec::with_capacity(message.len() + message.len() / 32));
            fixed.extend_from_slice(&message[copied..at]);
            fixed.extend_from_slice(b"\r\n");
            copied = from;
        }
    }
    match fixed {
        None => Cow::Borrowed(message),
        Some(mut fixed) => {
            fixed.extend_from_slice(&message[copied..]);
            Cow::Owned(fixed)
        }
    }
}

/// A command line, refused if it holds a line end: that would be a second command.
pub(super) fn line(command: &str) -> Result<String, Error> {
    if command.contains(['\r', '\n', '\0']) {
        let shown = command.replace('\n', "\\n").replace('\r', "\\r").replace('\0', "\\0");
        return Err(Error::Value(format!("command and arguments contain prohibited newline characters: {shown}")));
    }
    Ok(format!("{command}\r\n"))
}
