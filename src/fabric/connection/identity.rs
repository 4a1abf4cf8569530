//! Python's `repr`, equality, order and hash of a [`Connection`].

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};

use super::{Connection, Gateway};

impl Connection {
    fn identity(&self) -> (&str, &str, u16) {
        (self.host(), self.user(), self.port())
    }
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (facts, settings) = (self.facts(), &self.shared.settings);
        write!(f, "<Connection host={}", facts.host)?;
        if facts.user != settings.user {
            write!(f, " user={}", facts.user)?;
        }
        if facts.port != settings.port {
            write!(f, " port={}", facts.port)?;
        }
        match self.gateway() {
            Some(Gateway::Jump(_)) => f.write_str(" gw=proxyjump")?,
            Some(_) => f.write_str(" gw=proxycommand")?,
            None => {}
        }
        f.write_str(">")
    }
}

impl PartialEq for Connection {
    fn eq(&self, other: &Connection) -> bool {
        self.identity() == other.identity()
    }
}

impl Eq for Connection {}

impl PartialOrd for Connection {
    fn partial_cmp(&self, other: &Connection) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Connection {
    fn cmp(&self, other: &Connection) -> Ordering {
        self.identity().cmp(&other.identity())
    }
}

impl Hash for Connection {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.identity().hash(state);
    }
}
