//! [`StreamingBody`]: the body of a response, read in chunks.

use std::io::{self, Read};

use aws_smithy_types::byte_stream::ByteStream;
use bytes::{Buf, Bytes};

use super::client::Context;
use super::{Call, Error, Result};
use crate::Wait;

/// The body of a response: botocore's
/// [`StreamingBody`](https://botocore.amazonaws.com/v1/documentation/api/latest/reference/response.html).
/// It reads from the network on demand, and checks the length at the end.
///
/// ```
/// # #[cfg(feature = "s3")] {
/// use leyden::prelude::*;
/// use std::io::Read;
///
/// let s3 = World::new().batteries().boto3.client().s3();
/// s3.create_bucket(|create| create.bucket("backups")).wait()?;
/// s3.put_object(|put| put.bucket("backups").key("k").body(b"one\ntwo\n".to_vec().into())).wait()?;
/// let object = s3.get_object(|get| get.bucket("backups").key("k")).wait()?;
/// let mut body = s3.body(object);
/// assert_eq!(body.read_amt(4)?, "one\n");
/// let mut rest = String::new();
/// body.read_to_string(&mut rest)?;
/// assert_eq!((rest.as_str(), body.tell()), ("two\n", 8));
/// # }
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Debug)]
#[doc(alias = "boto3.StreamingBody")]
pub struct StreamingBody {
    stream: ByteStream,
    context: Context,
    /// Received but not read yet.
    ahead: Bytes,
    read: u64,
    expected: Option<u64>,
    ended: bool,
    timeout: Option<std::time::Duration>,
}

impl StreamingBody {
    pub(in crate::boto3) fn new(stream: ByteStream, expected: Option<u64>, context: Context) -> StreamingBody {
        let timeout = Some(context.config.read_timeout);
        StreamingBody { stream, context, ahead: Bytes::new(), read: 0, expected, ended: false, timeout }
    }

    /// Returns the next chunk of at most `amt` bytes; empty at the end. `usize::MAX` reads the
    /// rest.
    ///
    /// # Errors
    /// [`Error::IncompleteRead`] if the body ends before its announced length, or the connection is
    /// lost; [`Error::DeadlineExceeded`] if no data arrives within the client's `read_timeout`.
    #[doc(alias = "boto3.StreamingBody.read")]
    pub fn read_amt(&mut self, amt: usize) -> Result<Bytes> {
        let mut piece = Vec::new();
        while piece.len() < amt {
            if self.ahead.is_empty() && !self.more()? {
                break;
            }
            let take = self.ahead.len().min(amt - piece.len());
            if piece.is_empty() && (take == amt || self.expected == Some(self.read + take as u64)) {
                self.read += take as u64;
                return Ok(self.ahead.split_to(take));
            }
            piece.extend_from_slice(&self.ahead[..take]);
            self.ahead.advance(take);
            self.read += take as u64;
        }
        Ok(piece.into())
    }

    /// Returns the number of bytes read.
    #[doc(alias = "boto3.StreamingBody.tell")]
    pub fn tell(&self) -> u64 {
        self.read
    }

    /// Sets the timeout of a read; `None` means no limit.
    #[doc(alias = "boto3.StreamingBody.set_socket_timeout")]
    pub fn set_socket_timeout(&mut self, timeout: impl Into<Option<std::time::Duration>>) {
        self.timeout = timeout.into();
    }

    /// Iterates over chunks of this size (the last may be shorter); botocore's default is 1024.
    #[doc(alias = "boto3.StreamingBody.iter_chunks")]
    pub fn iter_chunks(&mut self, chunk_size: usize) -> impl Iterator<Item = Result<Bytes>> {
        std::iter::from_fn(move || match self.read_amt(chunk_size.max(1)) {
            Ok(chunk) if chunk.is_empty() => None,
            other => Some(other),
        })
    }

    /// Iterates over the lines without line ends: `\n`, `\r\n`, `\r`.
    #[doc(alias = "boto3.StreamingBody.iter_lines")]
    pub fn iter_lines(&mut self) -> impl Iterator<Item = Result<Vec<u8>>> {
        let mut pending: Vec<u8> = Vec::new();
        let mut ended = false;
        std::iter::from_fn(move || {
            loop {
                let end = pending.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
                // A `\r` that is the last byte so far may be the first half of a line end.
                if let Some(at) = end.filter(|at| ended || pending[*at] == b'\n' || at + 1 < pending.len()) {
                    let length = if pending[at..].starts_with(b"\r\n") { 2 } else { 1 };
                    let rest = pending.split_off(at + length);
                    let mut line = std::mem::replace(&mut pending, rest);
                    line.truncate(at);
                    return Some(Ok(line));
                }
                if ended {
                    return (!pending.is_empty()).then(|| Ok(std::mem::take(&mut pending)));
                }
                match self.read_amt(64 * 1024) {
                    Ok(chunk) if chunk.is_empty() => ended = true,
                    Ok(chunk) => pending.extend_from_slice(&chunk),
                    Err(error) => {
                        (ended, pending) = (true, Vec::new());
                        return Some(Err(error));
                    }
                }
            }
        })
    }

    /// Waits for bytes; returns false at the end.
    fn more(&mut self) -> Result<bool> {
        if self.ended {
            return Ok(false);
        }
        let (read, expected) = (self.read, self.expected);
        let incomplete = move |source| Error::IncompleteRead {
            operation: "get_object",
            received: read,
            expected: expected.unwrap_or_default(),
            source,
        };
        let stream = std::mem::take(&mut self.stream);
        let next = Call::new(&self.context, "get_object", async move {
            let mut stream = stream;
            let next = stream.next().await;
            Ok((stream, next))
        });
        let (stream, next) = next.timeout(self.timeout).wait()?;
        self.stream = stream;
        match next {
            Some(Ok(bytes)) => {
                self.ahead = bytes;
                // An empty chunk is not the end.
                if self.ahead.is_empty() { self.more() } else { Ok(true) }
            }
            Some(Err(error)) => {
                self.ended = true;
                Err(incomplete(Some(Box::new(error))))
            }
            None => {
                self.ended = true;
                match expected {
                    Some(expected) if expected != read => Err(incomplete(None)),
                    _ => Ok(false),
                }
            }
        }
    }
}

impl Read for StreamingBody {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() || (self.ahead.is_empty() && !self.more().map_err(io::Error::other)?) {
            return Ok(0);
        }
        let take = self.ahead.len().min(buffer.len());
        self.ahead.copy_to_slice(&mut buffer[..take]);
        self.read += take as u64;
        Ok(take)
    }
}
