//! [`Promise`]: a command that runs beside the script.

use std::collections::BTreeMap;

use tokio::sync::oneshot::{Receiver, Sender, channel};

use super::result::RunResult;
use crate::BoxFuture;
use crate::fabric::backend::Stream;
use crate::fabric::error::{Error, Result};

/// `invoke.Promise`: a command that was started with [`asynchronous`](crate::fabric::Run::asynchronous).
///
/// Dropping it leaves the command running until its end or its deadline.
///
/// <https://docs.pyinvoke.org/en/stable/api/runners.html#invoke.runners.Promise>
#[doc(alias = "invoke.Promise")]
#[derive(Debug)]
#[must_use = "`.join().wait()?` gives the result, and the error of the command"]
pub struct Promise {
    /// The command.
    pub command: String,
    /// The shell of local commands.
    pub shell: String,
    /// The variables that were given.
    pub env: BTreeMap<String, String>,
    /// True if it has a terminal.
    pub pty: bool,
    /// The streams that are not shown.
    pub hide: Vec<Stream>,
    /// The encoding of its output.
    pub encoding: String,
    receiver: Receiver<Result<RunResult>>,
}

impl Promise {
    pub(in crate::fabric) fn new(result: &RunResult) -> (Promise, Sender<Result<RunResult>>) {
        let (sender, receiver) = channel();
        let RunResult { command, shell, env, pty, hide, encoding, .. } = result.clone();
        (Promise { command, shell, env, pty, hide, encoding, receiver }, sender)
    }

    /// Waits for the end of the command, and gives what `run` would have given.
    #[doc(alias = "invoke.Promise.join")]
    pub fn join(self) -> Join {
        Join(self)
    }
}

/// What [`Promise::join`] gives.
#[derive(Debug)]
#[must_use = "end with `.wait()?` or `.await?`"]
pub struct Join(Promise);

impl IntoFuture for Join {
    type Output = Result<RunResult>;
    type IntoFuture = BoxFuture<Result<RunResult>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let lost =
                || Error::ConnectionLost { host: self.0.command.clone(), reason: "the task of the command ended".to_owned() };
            self.0.receiver.await.unwrap_or_else(|_| Err(lost()))
        })
    }
}
