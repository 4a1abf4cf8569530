//! `user@host:port`.

use crate::fabric::error::{Error, Result};
use crate::fabric::texts::python_repr;

/// The parts of a host string.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shorthand {
    /// Before the last `@`.
    pub user: Option<String>,
    /// The host.
    pub host: Option<String>,
    /// After the colon, if there is just one.
    pub port: Option<i64>,
}

/// `fabric.connection.derive_shorthand`: takes `user@host:port` apart. An address with several colons has no port.
///
/// ```
/// let parts = leyden::fabric::derive_shorthand("deploy@web1:2222")?;
/// assert_eq!((parts.user.as_deref(), parts.host.as_deref(), parts.port), (Some("deploy"), Some("web1"), Some(2222)));
/// # Ok::<(), leyden::Error>(())
/// ```
#[doc(alias = "fabric.Connection.derive_shorthand")]
pub fn derive_shorthand(host_string: &str) -> Result<Shorthand> {
    let (user, hostport) = match host_string.rsplit_once('@') {
        Some((user, hostport)) => ((!user.is_empty()).then(|| user.to_owned()), hostport),
        None => (None, host_string),
    };
    let (host, port) = match hostport.rsplit_once(':') {
        Some((host, port)) if !host.contains(':') => (host, (!port.is_empty()).then_some(port)),
        _ => (hostport, None),
    };
    let port = port.map(python_int).transpose()?;
    Ok(Shorthand { user, host: (!host.is_empty()).then(|| host.to_owned()), port })
}

/// `int(text)`: white space around it, a sign, single underscores between digits.
pub(in crate::fabric) fn python_int(text: &str) -> Result<i64> {
    let invalid = || Error::Value(format!("invalid literal for int() with base 10: {}", python_repr(text)));
    let digits = text.trim();
    let (negative, digits) = match digits.strip_prefix(['-', '+']) {
        Some(rest) => (digits.starts_with('-'), rest),
        None => (false, digits),
    };
    let bytes = digits.as_bytes();
    let well_formed = bytes.first().is_some_and(u8::is_ascii_digit)
        && bytes.last().is_some_and(u8::is_ascii_digit)
        && bytes.iter().all(|byte| byte.is_ascii_digit() || *byte == b'_')
        && !digits.contains("__");
    if !well_formed {
        return Err(invalid());
    }
    let value: i64 = digits.replace('_', "").parse().map_err(|_| invalid())?;
    Ok(if negative { -value } else { value })
}
