//! [`Forward`]: what `LocalForward`, `RemoteForward` and `DynamicForward` say.

use std::fmt;

/// One end of a forwarding.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum End {
    /// A port. Without a host, the side decides: the loopback, or all addresses with `GatewayPorts`.
    Port {
        /// The host or address, without brackets.
        host: Option<String>,
        /// The port; 0 where the far side chooses.
        port: u16,
    },
    /// A Unix socket.
    Path(String),
}

/// A forwarding: where connections are taken, and where they go.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Forward {
    /// Where connections are taken.
    pub listen: End,
    /// Where they go; None: where each connection's SOCKS request says.
    pub connect: Option<End>,
}

impl Forward {
    /// Parses `[host:]port[:host:port]` and its forms with sockets. None if it is not valid.
    pub(super) fn parse(text: &str, dynamic: bool, remote: bool) -> Option<Forward> {
        let fields = fields(text.trim_start_matches([' ', '\t']))?;
        let port = |field: &Field, zero: bool| super::value::port(&field.text).filter(|port| *port > 0 || zero);
        let listen_port = |host: Option<&Field>, field: &Field| {
            let host = host.map(|field| field.text.clone());
            Some(End::Port { host, port: port(field, remote)? })
        };
        let connect_port =
            |host: &Field, field: &Field| Some(End::Port { host: Some(host.text.clone()), port: port(field, false)? });
        let path = |field: &Field| End::Path(field.text.clone());
        let (listen, connect) = match (fields.as_slice(), dynamic) {
            ([socket], true) if socket.is_path => (path(socket), None),
            ([at], true) => (listen_port(None, at)?, None),
            ([host, at], true) if !at.is_path => (listen_port(Some(host), at)?, None),
            ([from, to], false) if from.is_path && to.is_path => (path(from), Some(path(to))),
            ([at, to], false) if to.is_path => (listen_port(None, at)?, Some(path(to))),
            ([from, host, at], false) if from.is_path => (path(from), Some(connect_port(host, at)?)),
            ([host, at, to], false) if to.is_path => (listen_port(Some(host), at)?, Some(path(to))),
            ([at, host, to], false) => (listen_port(None, at)?, Some(connect_port(host, to)?)),
            ([host, at, far, to], false) => (listen_port(Some(host), at)?, Some(connect_port(far, to)?)),
            _ => return None,
        };
        Some(Forward { listen, connect })
    }
}

struct Field {
    text: String,
    is_path: bool,
}

/// Fields between colons; `[..]` holds colons together, and a `\` keeps the next character.
fn fields(text: &str) -> Option<Vec<Field>> {
    let mut fields = Vec::new();
    let mut rest = text;
    loop {
        let is_path = rest.starts_with('/');
        if let Some(bracketed) = rest.strip_prefix('[') {
            let (inside, tail) = bracketed.split_once(']')?;
            fields.push(Field { text: inside.to_owned(), is_path: inside.starts_with('/') });
            match tail.strip_prefix(':') {
                Some(tail) => rest = tail,
                None if tail.is_empty() => return Some(fields),
                None => return None,
            }
            continue;
        }
        let mut field = String::new();
        let mut chars = rest.char_indices();
        let mut end = None;
        while let Some((at, c)) = chars.next() {
            match c {
                '\\' => field.extend(chars.next().map(|(_, c)| c)),
                ':' => {
                    end = Some(at);
                    break;
                }
                _ => field.push(c),
            }
        }
        fields.push(Field { text: field, is_path });
        match end.and_then(|at| rest.get(at + 1..)) {
            Some(tail) => rest = tail,
            None => return Some(fields),
        }
        if fields.len() > 4 {
            return None;
        }
    }
}

impl fmt::Display for End {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            End::Port { host: Some(host), port } => write!(f, "[{host}]:{port}"),
            End::Port { host: None, port } => write!(f, "{port}"),
            End::Path(path) => f.write_str(path),
        }
    }
}

impl fmt::Display for Forward {
    /// As `ssh -G` shows it: `8080 [localhost]:80`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.connect {
            Some(connect) => write!(f, "{} {connect}", self.listen),
            None => write!(f, "{}", self.listen),
        }
    }
}
