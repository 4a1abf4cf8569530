//! Bodies of responses that can be read from any runtime.

use std::pin::Pin;
use std::task::{Context, Poll};

use aws_sdk_s3::primitives::{ByteStream, SdkBody};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};

use crate::wait::inside::enter;

/// Returns a body that is polled inside the crate's runtime, whatever polls it: the AWS SDK
/// monitors it with timers, which panic without a tokio runtime.
pub(super) fn anywhere(body: ByteStream) -> ByteStream {
    ByteStream::new(SdkBody::from_body_1_x(Anywhere(Box::pin(body.into_inner()))))
}

struct Anywhere(Pin<Box<SdkBody>>);

impl Body for Anywhere {
    type Data = Bytes;
    type Error = aws_smithy_types::body::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        let _inside = enter();
        self.0.as_mut().poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        Body::is_end_stream(&*self.0)
    }

    fn size_hint(&self) -> SizeHint {
        Body::size_hint(&*self.0)
    }
}
