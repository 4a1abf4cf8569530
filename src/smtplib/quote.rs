//! Addresses and texts as they go over the wire.

use super::Error;
use super::wire::Lines;

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
    super::email::parseaddr(super::email::ParseAddr::new(text).strict(true)).map(|(_, address)| address)
}

/// A message as `DATA` sends it: every line end is CRLF, and a line that begins with a dot gets another.
///
/// Bare CR and bare LF are line ends too: a server that takes them so must not see an end of the message that is none
/// (SMTP smuggling).
#[doc(alias = "smtplib.quotedata")]
pub fn quotedata(message: &[u8]) -> Vec<u8> {
    let mut quoted = Vec::with_capacity(message.len() + message.len() / 64);
    Lines::new(true).push(message, &mut quoted);
    quoted
}

/// A command line, refused if it holds a line end: that would be a second command.
pub(super) fn line(command: &str) -> Result<String, Error> {
    if command.contains(['\r', '\n', '\0']) {
        let shown = command.replace('\n', "\\n").replace('\r', "\\r").replace('\0', "\\0");
        return Err(Error::Value(format!("command and arguments contain prohibited newline characters: {shown}")));
    }
    Ok(format!("{command}\r\n"))
}
