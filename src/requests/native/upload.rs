//! The body of a request while it is sent.

use std::io::Read;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::Instant;

use crate::requests::request::body::Stream;
use crate::wait::blocking::spawn_blocking;

/// The chunk size for reading a body, and the number of chunks that are read ahead.
const PIECE: usize = 64 * 1024;
const PIECES_AHEAD: usize = 4;

/// When the last bytes were sent: the read timeout counts from then.
#[derive(Debug)]
pub(super) struct Activity {
    start: Instant,
    last: AtomicU64,
}

impl Activity {
    pub(super) fn new() -> Activity {
        Activity { start: Instant::now(), last: AtomicU64::new(0) }
    }

    fn touch(&self) {
        self.last.store(self.start.elapsed().as_millis().try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn last(&self) -> Instant {
        self.start + Duration::from_millis(self.last.load(Ordering::Relaxed))
    }
}

/// A body that a thread reads a few chunks ahead of the connection, because files and readers
/// block.
pub(super) struct Upload {
    pieces: mpsc::Receiver<std::io::Result<Bytes>>,
    activity: Option<Arc<Activity>>,
    left: Option<u64>,
}

impl Upload {
    pub(super) fn start(stream: &Stream, activity: Option<Arc<Activity>>) -> Upload {
        let (sender, pieces) = mpsc::channel(PIECES_AHEAD);
        let mut reader = stream.open();
        spawn_blocking(move || {
            loop {
                let mut piece = vec![0; PIECE];
                let read = reader.read(&mut piece);
                let ended = !matches!(read, Ok(read) if read > 0);
                if !matches!(read, Ok(0)) {
                    let piece = read.map(|read| {
                        piece.truncate(read);
                        Bytes::from(piece)
                    });
                    if sender.blocking_send(piece).is_err() {
                        return;
                    }
                }
                if ended {
                    return;
                }
            }
        });
        Upload { pieces, activity, left: stream.len() }
    }
}

impl http_body::Body for Upload {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Self::Error>>> {
        let piece = std::task::ready!(self.pieces.poll_recv(context));
        if let Some(activity) = &self.activity {
            activity.touch();
        }
        Poll::Ready(match piece {
            None if self.left.is_some_and(|left| left > 0) => {
                Some(Err(std::io::Error::other("the body is shorter than announced")))
            }
            None => None,
            Some(Err(error)) => Some(Err(error)),
            Some(Ok(piece)) => {
                let length = piece.len() as u64;
                match &mut self.left {
                    Some(left) if length > *left => {
                        return Poll::Ready(Some(Err(std::io::Error::other("the body is longer than announced"))));
                    }
                    Some(left) => *left -= length,
                    None => {}
                }
                Some(Ok(http_body::Frame::data(piece)))
            }
        })
    }

    fn size_hint(&self) -> http_body::SizeHint {
        self.left.map_or_else(http_body::SizeHint::new, http_body::SizeHint::with_exact)
    }
}
