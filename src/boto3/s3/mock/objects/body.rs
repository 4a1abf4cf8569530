//! Bodies: receiving and truncating them.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

/// Returns a body that ends after some bytes with the error of a lost connection.
pub(in crate::boto3::s3::mock) fn cut(bytes: Bytes, after: usize) -> ByteStream {
    let whole = bytes.len() as u64;
    let given = bytes.slice(..after.min(bytes.len()));
    ByteStream::new(SdkBody::from_body_1_x(Cut { given: Some(given).filter(|given| !given.is_empty()), whole }))
}

struct Cut {
    given: Option<Bytes>,
    whole: u64,
}

impl Body for Cut {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        Poll::Ready(Some(match self.given.take() {
            Some(bytes) => Ok(Frame::data(bytes)),
            None => Err(io::Error::new(io::ErrorKind::UnexpectedEof, "the connection broke before the body was complete")),
        }))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole)
    }
}
