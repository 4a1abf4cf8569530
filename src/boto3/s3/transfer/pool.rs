//! [`Pool`]: several futures at once, on the task that awaits them.

use std::future::poll_fn;
use std::task::Poll;

use crate::boto3::Result;
use crate::wait::BoxFuture;

/// Futures that run concurrently. They are polled in the order of their insertion, so that every
/// run in memory is the same.
pub(in crate::boto3::s3) struct Pool<T> {
    running: Vec<(usize, BoxFuture<T>)>,
}

impl<T> Pool<T> {
    pub(in crate::boto3::s3) fn new() -> Pool<T> {
        Pool { running: Vec::new() }
    }

    pub(in crate::boto3::s3) fn len(&self) -> usize {
        self.running.len()
    }

    pub(in crate::boto3::s3) fn push(&mut self, number: usize, future: BoxFuture<T>) {
        self.running.push((number, future));
    }

    /// Returns the next finished one with its number; `None` if none is running.
    pub(in crate::boto3::s3) async fn next(&mut self) -> Option<(usize, T)> {
        poll_fn(|context| {
            if self.running.is_empty() {
                return Poll::Ready(None);
            }
            let done =
                self.running.iter_mut().enumerate().find_map(|(at, (number, future))| match future.as_mut().poll(context) {
                    Poll::Ready(output) => Some((at, *number, output)),
                    Poll::Pending => None,
                });
            let Some((at, number, output)) = done else { return Poll::Pending };
            drop(self.running.remove(at));
            Poll::Ready(Some((number, output)))
        })
        .await
    }
}

/// Runs jobs, `lanes` at once, and returns their results in order. The first error ends all the
/// others.
pub(super) async fn all<T>(lanes: usize, jobs: impl Iterator<Item = BoxFuture<Result<T>>>) -> Result<Vec<T>> {
    let mut jobs = jobs.enumerate();
    let mut pool = Pool::new();
    let mut done = Vec::new();
    loop {
        while pool.len() < lanes.max(1) {
            let Some((number, job)) = jobs.next() else { break };
            pool.push(number, job);
        }
        match pool.next().await {
            Some((number, output)) => done.push((number, output?)),
            None => break,
        }
    }
    done.sort_by_key(|(number, _)| *number);
    Ok(done.into_iter().map(|(_, output)| output).collect())
}
