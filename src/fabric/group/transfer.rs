//! `put` and `get` on each host of a group.

use std::path::PathBuf;

use super::super::error::Error;
use super::super::transfer::{RemotePath, TransferResult};
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
    Put { local: PathBuf, remote: RemotePath },
    Get { remote: PathBuf, local: String },
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

    /// [`Connection::get`](super::super::Connection::get) from each host. The local path is a template, `"{host}/"` in fabric's default:
    /// without `{host}` in it the hosts would write to one file, which is an error for more than one host.
    ///
    /// DIFFERENCE: fabric lets the last host win.
    #[doc(alias = "fabric.Group.get")]
    pub fn get(&self, remote: impl Into<PathBuf>, local: impl Into<String>) -> GroupTransfer {
        let way = Way::Get { remote: remote.into(), local: local.into() };
        GroupTransfer { group: self.clone(), way, preserve_mode: true }
    }
}

impl IntoFuture for GroupTransfer {
    type Output = Answer<TransferResult>;
    type IntoFuture = BoxFuture<Answer<TransferResult>>;

    fn into_future(self) -> Self::IntoFuture {
        let GroupTransfer { group, way, preserve_mode } = self;
        let clash = matches!(&way, Way::Get { local, .. } if !local.contains("{host}")) && group.len() > 1;
        Box::pin(group.all(move |connection, limit| -> BoxFuture<Result<TransferResult, Error>> {
            if clash {
                let text = "get: the local path of a group needs {host} in it, or the hosts write to one file";
                return Box::pin(async move { Err(Error::Value(text.to_owned())) });
            }
            let way = way.clone();
            Box::pin(async move {
                let (backend, host) = (connection.backend().clone(), connection.place());
                let copying: BoxFuture<Result<TransferResult, Error>> = match way {
                    Way::Put { local, remote } => connection.put(local, remote).preserve_mode(preserve_mode).into_future(),
                    Way::Get { remote, local } => connection.get(remote, local).preserve_mode(preserve_mode).into_future(),
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
