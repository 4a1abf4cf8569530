//! [`Jump`]: one hop of `ProxyJump`.

/// One hop: `[user@]host[:port]`, `[user@][address]:port` or `ssh://[user@]host[:port]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Jump {
    /// The user; None: the one that the configuration of that host gives.
    pub user: Option<String>,
    /// The host, without brackets.
    pub host: String,
    /// The port; None: the one that the configuration of that host gives.
    pub port: Option<u16>,
}

impl Jump {
    /// Parses one hop. None if it is not valid.
    pub fn parse(hop: &str) -> Option<Jump> {
        let hop = hop.trim_matches([' ', '\t']);
        let uri = hop.get(..6).filter(|scheme| scheme.eq_ignore_ascii_case("ssh://")).and_then(|_| hop.get(6..));
        let hop = uri.map_or(hop, |rest| rest.strip_suffix('/').unwrap_or(rest));
        let (user, place) = match hop.rsplit_once('@') {
            Some((user, place)) => (Some(user), place),
            None => (None, hop),
        };
        if user == Some("") || (uri.is_some() && place.contains('/')) {
            return None;
        }
        let (host, port) = if let Some(bracketed) = place.strip_prefix('[') {
            let (host, rest) = bracketed.split_once(']')?;
            match rest.strip_prefix(':') {
                Some(port) => (host, Some(port)),
                None if rest.is_empty() => (host, None),
                None => return None,
            }
        } else {
            match place.split_once(':') {
                Some((host, port)) => (host, Some(port)),
                None => (place, None),
            }
        };
        let port = match port {
            Some(port) => Some(super::value::port(port).filter(|port| *port > 0)?),
            None => None,
        };
        let valid = !host.is_empty() && !host.starts_with('-') && !host.contains(char::is_whitespace);
        valid.then(|| Jump { user: user.map(str::to_owned), host: host.to_owned(), port })
    }
}
