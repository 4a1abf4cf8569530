//! The requests that open a connection, open a channel, and close the connection.

use std::sync::{Arc, PoisonError};

use super::Connection;
use crate::BoxFuture;
use crate::fabric::backend::{Channel, Exec};
use crate::fabric::error::Result;

/// What [`Connection::open`] gives.
#[derive(Debug)]
#[must_use = "end with `.wait()?` or `.await?`"]
pub struct Open(pub(super) Connection);

impl IntoFuture for Open {
    type Output = Result<()>;
    type IntoFuture = BoxFuture<Result<()>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.0.session().await.map(drop) })
    }
}

/// What [`Connection::create_session`] gives.
#[derive(Debug)]
#[must_use = "end with `.wait()?` or `.await?`"]
pub struct CreateSession(pub(super) Connection, pub(super) Exec);

impl IntoFuture for CreateSession {
    type Output = Result<Arc<dyn Channel>>;
    type IntoFuture = BoxFuture<Result<Arc<dyn Channel>>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let CreateSession(connection, mut request) = self;
            request.forward_agent |= connection.forward_agent();
            connection.session().await?.exec(&request).await
        })
    }
}

/// What [`Connection::close`] gives.
#[derive(Debug)]
#[must_use = "end with `.wait()` or `.await`"]
pub struct Close(pub(super) Connection);

impl IntoFuture for Close {
    type Output = ();
    type IntoFuture = BoxFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        let session = self.0.shared.session.lock().unwrap_or_else(PoisonError::into_inner).take();
        Box::pin(async move {
            if let Some(session) = session {
                session.close().await;
            }
        })
    }
}
