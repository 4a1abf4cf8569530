//! `put` and `get` on each host of a group.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use super::super::connection::Connection;
use super::super::error::Error;
use super::super::transfer::{Destination, RemotePath, TransferResult, local_target};
use super::{Answer, Group};
use crate::wait::BoxFuture;

/// What [`Group::put`] and [`Group::get`] give.
#[derive(Debug)]
#[must_use = "end with `.wait()?` or `.await?`"]
pub struct GroupTransfer {
    group: Group,
    way: Way,
    preserve_mode: bool,
}

#[derive(Clone, Debug)]
enum Way {
    Put {
        local: PathBuf,
        remote: RemotePath,
    },
    /// None: a writer, which a group cannot use.
    Get {
        remote: PathBuf,
        local: Option<OsString>,
    },
}

impl GroupTransfer {
    /// Whether the copy gets the permissions of the original. Default: true.
    pub fn preserve_mode(mut self, preserve: bool) -> Self {
        self.preserve_mode = preserve;
        self
    }
}

impl Group {
    /// [`Connection::put`](super::super::Connection::put) of the same file to each host.
    #[doc(alias = "fabric.Group.put")]
    pub fn put(&self, local: impl Into<PathBuf>, remote: impl Into<RemotePath>) -> GroupTransfer {
        let way = Way::Put { local: local.into(), remote: remote.into() };
        GroupTransfer { group: self.clone(), way, preserve_mode: true }
    }

    /// [`Connection::get`](super::super::Connection::get) from each host. The local path is a template. Without one (`()`) it is `"{host}/"`, as in
    /// fabric.
    ///
    /// DIFFERENCE: two connections whose files would get one local path are an error, before anything is copied. fabric lets the last one win. A writer
    /// is an error too.
    #[doc(alias = "fabric.Group.get")]
    pub fn get(&self, remote: impl Into<PathBuf>, local: impl Into<Destination<'static>>) -> GroupTransfer {
        let local = match local.into() {
            Destination::Default => Some("{host}/".into()),
            Destination::Path(template) => Some(template),
            Destination::Writer(_) => None,
        };
        let way = Way::Get { remote: remote.into(), local };
        GroupTransfer { group: self.clone(), way, preserve_mode: true }
    }
}

/// Why these hosts cannot be copied from with this template.
fn refused(connections: &[Connection], remote: &Path, local: Option<&OsStr>) -> Option<String> {
    let Some(template) = local else { return Some("get: a group needs a local path, not a writer".to_owned()) };
    let mut known: Vec<(&Connection, PathBuf)> = Vec::new();
    for connection in connections {
        // A template that is not valid is the error of each copy.
        let target = local_target(connection, remote, template).ok()?;
        if let Some((other, _)) = known.iter().find(|(other, path)| *path == target && *other != connection) {
            return Some(format!(
                "get: {other:?} and {connection:?} would both write {}: put {{host}}, {{user}} or {{port}} in the local path",
                target.display()
            ));
        }
        known.push((connection, target));
    }
    None
}

impl IntoFuture for GroupTransfer {
    type Output = Answer<TransferResult>;
    type IntoFuture = BoxFuture<Answer<TransferResult>>;

    fn into_future(self) -> Self::IntoFuture {
        let GroupTransfer { group, way, preserve_mode } = self;
        let refused = match &way {
            Way::Get { remote, local } => refused(&group, remote, local.as_deref()),
            Way::Put { .. } => None,
        };
        Box::pin(group.all(move |connection, limit| -> BoxFuture<Result<TransferResult, Error>> {
            if let Some(text) = refused.clone() {
                return Box::pin(async move { Err(Error::Value(text)) });
            }
            let way = way.clone();
            Box::pin(async move {
                let (backend, host) = (connection.backend().clone(), connection.place());
                let copying: BoxFuture<Result<TransferResult, Error>> = match way {
                    Way::Put { local, remote } => connection.put(local, remote).preserve_mode(preserve_mode).into_future(),
                    Way::Get { remote, local } => {
                        connection.get(remote, local.unwrap_or_default()).preserve_mode(preserve_mode).into_future()
                    }
                };
                match limit {
                    None => copying.await,
                    Some(timeout) => match super::super::race::within(&backend, timeout, copying).await {
                        Some(result) => result,
                        None => Err(Error::GroupTimeout { host, timeout }),
                    },
                }
            })
        }))
    }
}
