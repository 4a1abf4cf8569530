//! Addresses and texts in the form of the protocol.

use super::Error;
use super::wire::Lines;

/// Returns the address for a `MAIL` or `RCPT` command, in angle brackets: `Ann <ann@example.com>`
/// gives `<ann@example.com>`.
///
/// <https://github.com/python/cpython/blob/3.11/Lib/smtplib.py> (`quoteaddr`). Text without an
/// address is put in brackets unchanged.
#[doc(alias = "smtplib.quoteaddr")]
pub fn quoteaddr(address: &str) -> String {
    match address_of(address) {
        Some(found) => format!("<{found}>"),
        None if address.trim().starts_with('<') => address.to_owned(),
        None => format!("<{address}>"),
    }
}

/// Returns the bare address for `VRFY` and `EXPN`.
pub(super) fn addr_only(address: &str) -> String {
    address_of(address).unwrap_or_else(|| address.to_owned())
}

/// Returns the address in `Ann (at work) <ann@example.com>`; `None` if there is none.
fn address_of(text: &str) -> Option<String> {
    super::email::parseaddr(super::email::ParseAddr::new(text).strict(true)).map(|(_, address)| address)
}

/// Converts a message for `DATA`: every line end becomes CRLF, and a leading dot of a line is
/// doubled.
///
/// Bare CR and bare LF count as line ends too. A server that accepts them must not see a false end
/// of the message (SMTP smuggling).
#[doc(alias = "smtplib.quotedata")]
pub fn quotedata(message: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(message.len() + message.len() / 64);
    Lines::new(true).push(message, &mut quoted);
    quoted
}

/// Checks a command line: a line end would start a second command.
pub(super) fn line(command: &str) -> Result<String, Error> {
    if command.contains(['\r', '\n', '\0']) {
        let shown = command.replace('\n', "\\n").replace('\r', "\\r").replace('\0', "\\0");
        return Err(Error::Value(format!("command and arguments contain prohibited newline characters: {shown}")));
    }
    Ok(format!("{command}\r\n"))
}
