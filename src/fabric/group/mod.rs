//! [`Group`]: the same on several machines.

mod result;
mod transfer;

use std::fmt::Debug;
use std::ops::{Deref, DerefMut};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Arc;
use std::time::Duration;

pub use result::{GroupException, GroupResult};
pub use transfer::GroupTransfer;

use super::backend::Backend;
use super::connection::Connection;
use super::error::Error;
use super::race::{blocking, join_all, within};
use super::run::RunResult;
use super::run::options::RunOptions;
use super::run::{Finished, Remote, Run, SudoCommand};
use crate::wait::BoxFuture;
use crate::{Secret, error};

/// How many hosts a group works on at once unless [`Group::limit`] says otherwise.
const LIMIT: usize = 100;

/// `fabric.Group`: connections, and what is to be done on all of them. It is a list: it derefs to `Vec<Connection>`.
///
/// A host that fails does not keep the others from going on. Then the answer is a [`GroupException`], which has every host's own result or
/// error.
///
/// <https://docs.fabfile.org/en/stable/api/group.html>
#[doc(alias = "fabric.Group")]
#[derive(Clone, Debug)]
pub struct Group {
    connections: Vec<Connection>,
    limit: usize,
    deadline: Option<Duration>,
}

impl Group {
    /// A group of these connections.
    #[doc(alias = "fabric.Group.from_connections")]
    pub fn from_connections(connections: impl IntoIterator<Item = Connection>) -> Group {
        Group { connections: connections.into_iter().collect(), limit: LIMIT, deadline: None }
    }

    /// How many hosts are worked on at once. Default: 100. 1 is `SerialGroup`.
    #[doc(alias = "fabric.SerialGroup")]
    #[doc(alias = "fabric.ThreadingGroup")]
    #[must_use]
    pub fn limit(mut self, limit: usize) -> Group {
        self.limit = limit.max(1);
        self
    }

    /// The budget for each call on the whole group. A host that is not done when it passes, or has not begun, fails; its command is killed.
    /// Default: none, but for those of connecting and of each command.
    #[must_use]
    pub fn deadline(mut self, deadline: impl Into<crate::Seconds>) -> Group {
        self.deadline = Some(deadline.into().into());
        self
    }

    /// [`Connection::run`] on each host, with the same options.
    #[doc(alias = "fabric.Group.run")]
    pub fn run(&self, command: impl Into<String>) -> Run<GroupCommand> {
        Run::new(GroupCommand { group: self.clone(), command: command.into() })
    }

    /// [`Connection::sudo`] on each host, with the same options.
    #[doc(alias = "fabric.Group.sudo")]
    pub fn sudo(&self, command: impl Into<String>) -> Run<GroupSudo> {
        Run::new(GroupSudo { group: self.clone(), command: command.into(), password: None, user: None })
    }

    /// Any function on each host. It may block; each host has a thread.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// for host in ["web1", "web2"] {
    ///     world.fabric.host(host).shell("nproc").reply("4\n", 0);
    /// }
    /// let group = world.batteries().fabric.group(["web1", "web2"]);
    /// let cores = group.each(|web| -> leyden::Result<u32> { Ok(web.run("nproc").hide(true).wait()?.stdout.trim().parse()?) }).wait()?;
    /// assert_eq!(cores.succeeded().map(|(_, cores)| cores).sum::<u32>(), 8);
    /// # Ok::<(), leyden::Error>(())
    /// ```
    pub fn each<T, E, F>(&self, work: F) -> Each<T>
    where
        T: Send + 'static,
        E: Into<error::Error>,
        F: Fn(&Connection) -> Result<T, E> + Send + Sync + 'static,
    {
        let work = move |connection: &Connection| work(connection).map_err(|error| own(error.into()));
        Each { group: self.clone(), work: Arc::new(work) }
    }

    /// Closes all connections.
    #[doc(alias = "fabric.Group.close")]
    pub fn close(&self) -> CloseAll {
        CloseAll(self.clone())
    }

    /// Runs what `start` makes for each connection, at most `limit` at once, and gives all the answers.
    pub(super) async fn all<T, F>(self, start: F) -> Result<GroupResult<T>, GroupException<T>>
    where
        T: Send + 'static,
        F: Fn(Connection, Option<Duration>) -> BoxFuture<Result<T, Error>> + Send + Sync + 'static,
    {
        let Group { connections, limit, deadline } = self;
        let start = Arc::new(start);
        let began = connections.first().map(|first| first.backend().monotonic()).unwrap_or_default();
        let tasks = connections.iter().cloned().map(|connection| -> BoxFuture<Result<T, Error>> {
            let start = start.clone();
            Box::pin(async move {
                let left =
                    |backend: &Arc<dyn Backend>| deadline.map(|deadline| (began + deadline).saturating_sub(backend.monotonic()));
                let Some(timeout) = deadline else { return start(connection, None).await };
                let host = connection.place();
                let patience = left(connection.backend()).unwrap_or_default();
                if patience.is_zero() {
                    return Err(Error::GroupTimeout { host, timeout });
                }
                match within(connection.backend(), patience, connection.session()).await {
                    None => return Err(Error::GroupTimeout { host, timeout }),
                    Some(session) => drop(session?),
                }
                let patience = left(connection.backend()).unwrap_or_default();
                start(connection, Some(patience)).await
            })
        });
        let results = join_all(tasks.collect(), limit).await;
        GroupResult::new(connections.into_iter().zip(results).collect()).raise()
    }
}

/// The error of `fabric` in an error of any battery, so that a group's errors are of one type.
fn own(error: error::Error) -> Error {
    error.downcast::<Error>().unwrap_or_else(|error| Error::Other(Box::new(error)))
}

impl Deref for Group {
    type Target = Vec<Connection>;

    fn deref(&self) -> &Vec<Connection> {
        &self.connections
    }
}

impl DerefMut for Group {
    fn deref_mut(&mut self) -> &mut Vec<Connection> {
        &mut self.connections
    }
}

impl IntoIterator for Group {
    type Item = Connection;
    type IntoIter = std::vec::IntoIter<Connection>;

    fn into_iter(self) -> Self::IntoIter {
        self.connections.into_iter()
    }
}

/// A command on each host of a group.
#[derive(Clone, Debug)]
pub struct GroupCommand {
    group: Group,
    command: String,
}

/// A command by sudo on each host of a group.
#[derive(Clone, Debug)]
pub struct GroupSudo {
    group: Group,
    command: String,
    password: Option<Secret>,
    user: Option<String>,
}

impl<K> Run<GroupSudo, K> {
    /// The password. Default: the configuration's `sudo.password`.
    pub fn password(mut self, password: impl Into<Secret>) -> Self {
        self.what_mut().password = Some(password.into());
        self
    }

    /// The user to become. Default: the configuration's `sudo.user`, then root.
    pub fn user(mut self, user: impl Into<String>) -> Self {
        self.what_mut().user = Some(user.into());
        self
    }
}

type Answer<T> = Result<GroupResult<T>, GroupException<T>>;

impl IntoFuture for Run<GroupCommand, Finished> {
    type Output = Answer<RunResult>;
    type IntoFuture = BoxFuture<Answer<RunResult>>;

    fn into_future(self) -> Self::IntoFuture {
        let (GroupCommand { group, command }, options) = self.into_parts();
        Box::pin(group.all(move |connection, limit| {
            let below = connection.shared.settings.run.clone();
            let run: Run<Remote> = connection.run(command.clone()).with(options.clone());
            run.at_most(limit, &below).into_future()
        }))
    }
}

impl IntoFuture for Run<GroupSudo, Finished> {
    type Output = Answer<RunResult>;
    type IntoFuture = BoxFuture<Answer<RunResult>>;

    fn into_future(self) -> Self::IntoFuture {
        let (GroupSudo { group, command, password, user }, options): (GroupSudo, RunOptions) = self.into_parts();
        Box::pin(group.all(move |connection, limit| {
            let below = connection.shared.settings.run.clone();
            let run: Run<SudoCommand> = connection.sudo(command.clone()).with(options.clone());
            run.given(password.clone(), user.clone()).at_most(limit, &below).into_future()
        }))
    }
}

/// What [`Group::each`] gives.
#[must_use = "end with `.wait()?` or `.await?`"]
pub struct Each<T> {
    group: Group,
    work: Arc<Work<T>>,
}

type Work<T> = dyn Fn(&Connection) -> Result<T, Error> + Send + Sync;

impl<T> Debug for Each<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Each").field("group", &self.group).finish_non_exhaustive()
    }
}

impl<T: Send + 'static> IntoFuture for Each<T> {
    type Output = Answer<T>;
    type IntoFuture = BoxFuture<Answer<T>>;

    fn into_future(self) -> Self::IntoFuture {
        let Each { group, work } = self;
        let deadline = group.deadline;
        // A function decides itself whether it needs the connection: it is not opened for it.
        let began = group.first().map(|first| first.backend().monotonic()).unwrap_or_default();
        let unlimited = Group { deadline: None, ..group };
        Box::pin(unlimited.all(move |connection, _| {
            let work = work.clone();
            Box::pin(async move {
                let backend = connection.backend().clone();
                let host = connection.place();
                let job = blocking(&backend, move || catch_unwind(AssertUnwindSafe(|| work(&connection))));
                let outcome = match deadline {
                    None => job.await,
                    Some(timeout) => {
                        let left = (began + timeout).saturating_sub(backend.monotonic());
                        match within(&backend, left, job).await {
                            Some(outcome) => outcome,
                            None => return Err(Error::GroupTimeout { host, timeout }),
                        }
                    }
                };
                match outcome {
                    Some(Ok(result)) => result,
                    // The limits of a torture run are for the caller.
                    Some(Err(payload)) if payload.is::<crate::mock::Hung>() => resume_unwind(payload),
                    Some(Err(payload)) => Err(Error::Panicked(message(&*payload))),
                    None => Err(Error::Panicked("the thread did not finish".to_owned())),
                }
            })
        }))
    }
}

fn message(payload: &(dyn std::any::Any + Send)) -> String {
    let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "no message".to_owned())
}

/// What [`Group::close`] gives.
#[derive(Debug)]
#[must_use = "end with `.wait()` or `.await`"]
pub struct CloseAll(Group);

impl IntoFuture for CloseAll {
    type Output = ();
    type IntoFuture = BoxFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            for connection in self.0 {
                connection.close().await;
            }
        })
    }
}
