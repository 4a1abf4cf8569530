//! [`GroupResult`]: every host's own answer.

use std::fmt;

use super::super::connection::Connection;
use super::super::error::Error;

/// `fabric.GroupResult`: each connection of a group with its result or its error, in the order of the group.
///
/// `Debug` is Python's `repr`. Python keeps a dictionary; here a connection that is in the group twice has two entries.
///
/// <https://docs.fabfile.org/en/stable/api/group.html#fabric.group.GroupResult>
#[doc(alias = "fabric.GroupResult")]
pub struct GroupResult<T> {
    entries: Vec<(Connection, Result<T, Error>)>,
}

impl<T> GroupResult<T> {
    pub(super) fn new(entries: Vec<(Connection, Result<T, Error>)>) -> GroupResult<T> {
        GroupResult { entries }
    }

    /// The connections that succeeded, with their results.
    #[doc(alias = "fabric.GroupResult.succeeded")]
    pub fn succeeded(&self) -> impl Iterator<Item = (&Connection, &T)> {
        self.entries.iter().filter_map(|(connection, result)| result.as_ref().ok().map(|value| (connection, value)))
    }

    /// The connections that failed, with their errors.
    #[doc(alias = "fabric.GroupResult.failed")]
    pub fn failed(&self) -> impl Iterator<Item = (&Connection, &Error)> {
        self.entries.iter().filter_map(|(connection, result)| result.as_ref().err().map(|error| (connection, error)))
    }

    /// True if none failed.
    pub fn ok(&self) -> bool {
        self.failed().next().is_none()
    }

    /// The result of a connection.
    pub fn get(&self, connection: &Connection) -> Option<&Result<T, Error>> {
        self.entries.iter().find(|(known, _)| known == connection).map(|(_, result)| result)
    }

    /// All, in the order of the group.
    pub fn iter(&self) -> std::slice::Iter<'_, (Connection, Result<T, Error>)> {
        self.entries.iter()
    }

    /// How many hosts there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// True for an empty group.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// This result, or the exception that fabric raises if a host failed.
    pub(super) fn raise(self) -> Result<GroupResult<T>, GroupException<T>> {
        if self.ok() { Ok(self) } else { Err(GroupException { result: self }) }
    }
}

impl<T> IntoIterator for GroupResult<T> {
    type Item = (Connection, Result<T, Error>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.into_iter()
    }
}

impl<'a, T> IntoIterator for &'a GroupResult<T> {
    type Item = &'a (Connection, Result<T, Error>);
    type IntoIter = std::slice::Iter<'a, (Connection, Result<T, Error>)>;

    fn into_iter(self) -> Self::IntoIter {
        self.entries.iter()
    }
}

impl<T: fmt::Debug> fmt::Debug for GroupResult<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("{")?;
        for (at, (connection, result)) in self.entries.iter().enumerate() {
            let comma = if at == 0 { "" } else { ", " };
            write!(f, "{comma}{connection:?}: ")?;
            match result {
                Ok(value) => write!(f, "{value:?}")?,
                Err(error) => f.write_str(&error.python_repr().unwrap_or_else(|| error.to_string()))?,
            }
        }
        f.write_str("}")
    }
}

/// `fabric.exceptions.GroupException`: some hosts of a group failed. The results of the others are in it.
///
/// ```
/// use leyden::prelude::*;
///
/// let world = World::new();
/// world.fabric.host("web1").shell("uptime").reply("up 3 days\n", 0);
/// world.fabric.host("web2").refuse();
/// let fabric = world.batteries().fabric;
/// let failed = fabric.group(["web1", "web2"]).run("uptime").hide(true).wait().unwrap_err();
/// assert_eq!(failed.result.succeeded().count(), 1);
/// assert_eq!(failed.result.failed().next().unwrap().0.host(), "web2");
/// ```
#[doc(alias = "fabric.exceptions.GroupException")]
#[derive(Debug)]
pub struct GroupException<T> {
    /// Every host's own answer.
    pub result: GroupResult<T>,
}

/// The error without the host in front of it: the host is shown beside it.
fn reason(connection: &Connection, error: &Error) -> String {
    let text = error.to_string();
    let (place, host) = (connection.place(), connection.host());
    let rest = [place.as_str(), host].iter().find_map(|name| text.strip_prefix(name)?.strip_prefix(": "));
    rest.map_or_else(|| text.clone(), str::to_owned)
}

impl<T> GroupException<T> {
    fn summary(&self) -> Error {
        let failures = self.result.failed().map(|(connection, error)| (connection.place(), reason(connection, error))).collect();
        Error::GroupException { failures, total: self.result.len() }
    }
}

impl<T> fmt::Display for GroupException<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.summary().fmt(f)
    }
}

impl<T: fmt::Debug> std::error::Error for GroupException<T> {
    /// The error of the first host that failed: an [`Error`].
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.result.failed().next().map(|(_, error)| error as &(dyn std::error::Error + 'static))
    }
}

impl<T> From<GroupException<T>> for Error {
    fn from(error: GroupException<T>) -> Error {
        error.summary()
    }
}

impl<T> From<GroupException<T>> for crate::Error {
    fn from(error: GroupException<T>) -> crate::Error {
        crate::Error::other(error.summary())
    }
}
