//! A server that runs where its client is polled: no task, no thread, the same order of calls in every run.

use std::io::Result;
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, ReadBuf};

use crate::BoxFuture;

/// The client's end. The server is polled whenever the client has read or written: it waits for nothing else.
pub(super) struct Inline {
    near: DuplexStream,
    server: Option<BoxFuture<()>>,
}

impl Inline {
    /// Starts a server on the other end of a stream.
    pub(super) fn new(serve: impl FnOnce(DuplexStream) -> BoxFuture<()>) -> Inline {
        let (near, far) = tokio::io::duplex(1 << 20);
        Inline { near, server: Some(serve(far)) }
    }

    fn serve(&mut self, context: &mut Context<'_>) {
        if let Some(server) = &mut self.server
            && server.as_mut().poll(context).is_ready()
        {
            self.server = None;
        }
    }
}

impl AsyncRead for Inline {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<Result<()>> {
        self.serve(context);
        let read = Pin::new(&mut self.near).poll_read(context, buffer);
        // There is room again for what the server has to say.
        self.serve(context);
        read
    }
}

impl AsyncWrite for Inline {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<Result<usize>> {
        let written = Pin::new(&mut self.near).poll_write(context, bytes);
        self.serve(context);
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        self.serve(context);
        Pin::new(&mut self.near).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Result<()>> {
        let ended = Pin::new(&mut self.near).poll_shutdown(context);
        self.serve(context);
        ended
    }
}
