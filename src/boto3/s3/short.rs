//! Short forms for scripts: bodies from text, and bodies read at once.

use aws_smithy_types::byte_stream::ByteStream;
use bytes::Bytes;

use super::shapes::{GetObjectOutput, PutObjectInputBuilder, UploadPartInputBuilder};
use crate::Wait as _;
use crate::boto3::{Error, Result};
use crate::wait::{BoxFuture, driver};

/// `Body="text"`: bodies from any bytes.
///
/// ```
/// use leyden::prelude::*;
///
/// let s3 = World::new().batteries().boto3.client().s3();
/// s3.create_bucket(|create| create.bucket("notes")).wait()?;
/// s3.put_object(|put| put.bucket("notes").key("today").content("buy milk")).wait()?;
/// assert_eq!(s3.get_object(|get| get.bucket("notes").key("today")).wait()?.read()?, "buy milk");
/// # Ok::<(), leyden::Error>(())
/// ```
pub trait Content: Sized {
    /// Sets the body to a text or bytes. The SDK's own `body` takes a [`ByteStream`].
    fn content(self, content: impl Into<Bytes>) -> Self;
}

impl Content for PutObjectInputBuilder {
    fn content(self, content: impl Into<Bytes>) -> Self {
        self.body(ByteStream::from(content.into()))
    }
}

impl Content for UploadPartInputBuilder {
    fn content(self, content: impl Into<Bytes>) -> Self {
        self.body(ByteStream::from(content.into()))
    }
}

/// `response["Body"].read()`: reads the whole body.
pub trait Read {
    /// Reads the body to its end. It blocks; use `body.collect().await` in asynchronous code.
    ///
    /// # Errors
    /// [`Error::IncompleteRead`] for a body that is truncated, or does not match its checksum.
    #[doc(alias = "boto3.StreamingBody.read")]
    fn read(self) -> Result<Bytes>;

    /// Reads the body as UTF-8 text: `read().decode()`.
    ///
    /// # Errors
    /// Also [`Error::Value`] if it is not UTF-8.
    fn read_text(self) -> Result<String>;
}

impl Read for GetObjectOutput {
    fn read(self) -> Result<Bytes> {
        let expected = self.content_length.and_then(|length| u64::try_from(length).ok()).unwrap_or_default();
        let reading: BoxFuture<_> = Box::pin(driver::on_runtime(async move {
            let mut body = self.body;
            let mut pieces = Vec::new();
            let mut received = 0;
            while let Some(piece) = body.next().await {
                match piece {
                    Ok(piece) => {
                        received += piece.len() as u64;
                        pieces.push(piece);
                    }
                    Err(error) => {
                        let source = Some(Box::new(error).into());
                        return Err(Error::IncompleteRead { operation: "get_object", received, expected, source });
                    }
                }
            }
            // A single piece, as for a small object, is not copied.
            Ok(match pieces.len() {
                1 => pieces.remove(0),
                _ => pieces.concat().into(),
            })
        }));
        reading.wait()
    }

    fn read_text(self) -> Result<String> {
        let bytes = self.read()?;
        String::from_utf8(bytes.into())
            .map_err(|error| Error::Value(format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to())))
    }
}
