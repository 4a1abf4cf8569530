//! One exchange: sends the request, and reads the response head with the part of the body that has
//! arrived.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::Body as _;
use reqwest::{Client, Request, Version};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::yield_now;
use tokio::time::Instant;

use super::failure;
use super::upload::Activity;
use crate::requests::backend::{Chunks, Failure, Reply};
use crate::requests::headers::from_latin1;
use crate::wait::net::{Alarm, Attended, on_net};

/// The largest part of a body that is read together with the head.
const WITH_THE_HEAD: usize = 64 * 1024;

pub(super) struct Exchange {
    pub(super) client: Client,
    pub(super) request: Request,
    pub(super) proxied: bool,
    /// Limits the number of connections in use, if that is configured.
    pub(super) gate: Option<Arc<Semaphore>>,
    pub(super) read: Option<Duration>,
    pub(super) total: Option<Duration>,
    /// For a streamed request body: while it is sent, the server need not answer.
    pub(super) activity: Option<Arc<Activity>>,
    /// The client may follow redirects by itself: then a response from another URL is an error.
    pub(super) stays: bool,
}

impl Exchange {
    /// Runs up to the response head, on the runtime that drives the connections.
    pub(super) async fn run(self) -> Result<Reply, Failure> {
        let Exchange { client, request, proxied, gate, read, total, activity, stays } = self;
        let asked = stays.then(|| request.url().clone());
        let attended = activity.is_some().then(Attended::new);
        let mut alarm = Alarm::default();
        let end = total.and_then(|total| Instant::now().checked_add(total));
        let permit = match gate {
            None => None,
            Some(gate) => admitted(gate, end, &mut alarm).await?,
        };
        let start = Instant::now();
        let deadline = || {
            let last = activity.as_ref().map_or(start, |activity| activity.last().max(start));
            let quiet = read.and_then(|read| last.checked_add(read));
            end.into_iter().chain(quiet).min()
        };
        let mut sending = pin!(client.execute(request));
        let response = poll_fn(|context| {
            if let Poll::Ready(response) = sending.as_mut().poll(context) {
                return Poll::Ready(response.map_err(|error| failure(error, proxied)));
            }
            loop {
                let Some(now) = deadline() else { return Poll::Pending };
                ready!(alarm.poll(now, context));
                // The upload has moved the deadline.
                if deadline() <= Some(now) {
                    return Poll::Ready(Err(Failure::ReadTimeout));
                }
            }
        })
        .await?;
        drop(attended);
        if asked.is_some_and(|asked| asked != *response.url()) {
            let reason = "the client has followed a redirect: build it with redirect::Policy::none()";
            return Err(Failure::Invalid(reason.into()));
        }
        let status = response.status();
        let reason = match response.extensions().get::<hyper::ext::ReasonPhrase>() {
            Some(reason) => from_latin1(reason.as_bytes()),
            None => status.canonical_reason().unwrap_or_default().to_owned(),
        };
        let version = match response.version() {
            Version::HTTP_10 | Version::HTTP_09 => 10,
            Version::HTTP_2 => 20,
            _ => 11,
        };
        let headers = response.headers().iter().map(|(name, value)| (name.as_str().to_owned(), from_latin1(value.as_bytes())));
        let headers = headers.collect();
        let mut body =
            Download { body: Some(response.into()), ahead: VecDeque::new(), failed: None, alarm, permit, attended: None };
        body.take_what_is_there().await;
        // The rest arrives while the caller processes this part.
        body.attended = body.body.is_some().then(Attended::new);
        Ok(Reply { version, ..Reply::new(status.as_u16(), reason, headers, Box::new(body)) })
    }
}

/// Waits for a free connection. Only the total timeout ends this wait, because it is not a read.
async fn admitted(
    gate: Arc<Semaphore>,
    end: Option<Instant>,
    alarm: &mut Alarm,
) -> Result<Option<OwnedSemaphorePermit>, Failure> {
    let mut turn = pin!(gate.acquire_owned());
    poll_fn(|context| {
        if let Poll::Ready(permit) = turn.as_mut().poll(context) {
            return Poll::Ready(Ok(permit.ok()));
        }
        match end {
            Some(end) => alarm.poll(end, context).map(|()| Err(Failure::ReadTimeout)),
            None => Poll::Pending,
        }
    })
    .await
}

struct Download {
    /// `None` at the end.
    body: Option<reqwest::Body>,
    /// The chunks that arrived with the head.
    ahead: VecDeque<Bytes>,
    failed: Option<Failure>,
    alarm: Alarm,
    permit: Option<OwnedSemaphorePermit>,
    attended: Option<Attended>,
}

impl Download {
    /// Returns the next chunk, never empty.
    fn poll_piece(&mut self, context: &mut Context<'_>) -> Poll<Result<Option<Bytes>, Failure>> {
        while let Some(body) = &mut self.body {
            match ready!(Pin::new(body).poll_frame(context)) {
                Some(Ok(frame)) => {
                    if let Some(piece) = frame.into_data().ok().filter(|piece| !piece.is_empty()) {
                        return Poll::Ready(Ok(Some(piece)));
                    }
                }
                Some(Err(error)) => {
                    self.body = None;
                    return Poll::Ready(Err(failure(error, false)));
                }
                None => self.body = None,
            }
        }
        Poll::Ready(Ok(None))
    }

    /// Takes the chunks that have already arrived: a small body then needs no further wake-up.
    async fn take_what_is_there(&mut self) {
        let mut taken = 0;
        while taken <= WITH_THE_HEAD {
            match poll_fn(|context| Poll::Ready(self.poll_piece(context))).await {
                Poll::Ready(Ok(Some(piece))) => {
                    taken += piece.len();
                    self.ahead.push_back(piece);
                }
                Poll::Ready(Ok(None)) => return put_back(self.permit.take()).await,
                Poll::Ready(Err(failure)) => {
                    self.failed = Some(failure);
                    return;
                }
                Poll::Pending => return,
            }
        }
    }
}

/// Waits until the connection of a body that was read to its end can be reused.
///
/// hyper returns it to the pool in a task that was woken before this one saw the end. Tasks on this
/// runtime run one after another, in the order in which they were woken. So when this task
/// continues, the connection is available for the next call.
async fn put_back(permit: Option<OwnedSemaphorePermit>) {
    yield_now().await;
    drop(permit);
}

#[async_trait::async_trait]
impl Chunks for Download {
    async fn next(&mut self, patience: Option<Duration>) -> Result<Option<Bytes>, Failure> {
        if let Some(piece) = self.ahead.pop_front() {
            return Ok(Some(piece));
        }
        if let Some(failed) = self.failed.take() {
            return Err(failed);
        }
        if self.body.is_none() {
            return Ok(None);
        }
        let mut deadline = None;
        let piece = poll_fn(|context| {
            if let Poll::Ready(piece) = self.poll_piece(context) {
                return Poll::Ready(piece);
            }
            let Some(patience) = patience else { return Poll::Pending };
            match deadline.get_or_insert_with(|| Instant::now().checked_add(patience)) {
                Some(deadline) => self.alarm.poll(*deadline, context).map(|()| Err(Failure::ReadTimeout)),
                None => Poll::Pending,
            }
        });
        let piece = piece.await;
        if self.body.is_none() {
            self.attended = None;
        }
        let piece = piece?;
        if piece.is_none() {
            on_net(put_back(self.permit.take())).await;
        }
        Ok(piece)
    }
}
