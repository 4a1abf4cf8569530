//! [`Piece`]: the bytes of one request, from a file or from memory.

use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use aws_smithy_types::body::SdkBody;
use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::boto3::s3::transfer::file::SourceFile;
use crate::boto3::s3::transfer::limit::Bandwidth;
use crate::boto3::s3::transfer::progress::Meter;
use crate::boto3::{Error, Result};
use crate::wait::BoxFuture;

/// The part of a file in memory for one request.
pub(in crate::boto3::s3::transfer) const WINDOW: usize = 1 << 20;

/// The source of bytes.
#[derive(Clone, Debug)]
pub(in crate::boto3::s3::transfer) enum Source {
    File(Arc<SourceFile>),
    Memory(Bytes),
}

/// The bytes of one request.
#[derive(Clone, Debug)]
pub(in crate::boto3::s3::transfer) struct Piece {
    pub(in crate::boto3::s3::transfer) source: Source,
    pub(in crate::boto3::s3::transfer) offset: u64,
    pub(in crate::boto3::s3::transfer) length: u64,
    pub(in crate::boto3::s3::transfer) bandwidth: Option<Arc<Bandwidth>>,
}

impl Piece {
    /// Returns the body of a request; it can be sent again from the start.
    pub(in crate::boto3::s3::transfer) async fn body(&self, meter: &Arc<Meter>) -> Result<ByteStream> {
        // Short data is sent as it is, with its checksum in a header, not in chunks with a trailer.
        if self.length <= WINDOW as u64 && self.bandwidth.is_none() {
            let bytes = self.window(self.offset).await?.unwrap_or_default();
            return Ok(ByteStream::new(SdkBody::from(bytes)));
        }
        let (piece, meter) = (self.clone(), meter.clone());
        Ok(ByteStream::new(SdkBody::retryable(move || {
            SdkBody::from_body_1_x(PieceBody { piece: piece.clone(), at: 0, meter: meter.clone(), next: Mutex::new(None) })
        })))
    }

    /// Returns true if [`Piece::body`] does not update the meter, so that the sender must.
    pub(super) fn is_silent(&self) -> bool {
        self.length <= WINDOW as u64 && self.bandwidth.is_none()
    }

    /// Returns the next bytes of the piece; `None` at its end.
    async fn window(&self, offset: u64) -> Result<Option<Bytes>> {
        let end = self.offset + self.length;
        let length = usize::try_from((end - offset).min(WINDOW as u64)).unwrap_or(WINDOW);
        if length == 0 {
            return Ok(None);
        }
        let bytes = match &self.source {
            Source::Memory(bytes) => {
                let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
                bytes.slice(start..start.saturating_add(length).min(bytes.len()))
            }
            Source::File(file) => {
                let bytes = file.read(offset, length).await?;
                // Before the last bytes are sent: without them the service stores nothing.
                if offset + length as u64 == end {
                    file.verify().await?;
                }
                Bytes::from(bytes)
            }
        };
        if let Some(bandwidth) = &self.bandwidth {
            bandwidth.take(bytes.len()).await;
        }
        Ok(Some(bytes))
    }
}

/// A piece that is read a window at a time.
struct PieceBody {
    piece: Piece,
    at: u64,
    meter: Arc<Meter>,
    /// In a mutex, which is never contended, only because a body must be `Sync`.
    next: Mutex<Option<BoxFuture<Result<Option<Bytes>>>>>,
}

impl Body for PieceBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        let next = this.next.get_mut().unwrap_or_else(PoisonError::into_inner);
        let future = next.get_or_insert_with(|| {
            if this.at == 0 {
                this.meter.rewind();
            }
            let (piece, offset) = (this.piece.clone(), this.piece.offset + this.at);
            Box::pin(async move { piece.window(offset).await })
        });
        let window = ready!(future.as_mut().poll(context));
        *next = None;
        Poll::Ready(match window {
            Ok(None) => None,
            Ok(Some(bytes)) => {
                this.at += bytes.len() as u64;
                this.meter.add(bytes.len());
                Some(Ok(Frame::data(bytes)))
            }
            Err(error) => {
                let text = error.to_string();
                this.meter.fail(error);
                Some(Err(Error::Value(text)))
            }
        })
    }

    fn is_end_stream(&self) -> bool {
        self.at == self.piece.length
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.piece.length - self.at)
    }
}
