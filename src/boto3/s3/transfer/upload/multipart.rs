//! [`Multipart`]: a multipart upload that is always completed or aborted.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use aws_sdk_s3::types::{CompletedMultipartUpload, CompletedPart};

use crate::boto3::s3::backend::Backend;
use crate::boto3::s3::shapes::{
    AbortMultipartUploadInputBuilder, CompleteMultipartUploadInputBuilder, CompleteMultipartUploadOutput,
    CreateMultipartUploadInputBuilder, CreateMultipartUploadOutput,
};
use crate::boto3::s3::transfer::engine::{Budget, Engine, TIDY};
use crate::boto3::{Error, Result};
use crate::wait::BoxFuture;
use crate::wait::driver;

/// A multipart upload. Dropping it before its end aborts it, so that no invisible parts are billed.
pub(in crate::boto3::s3::transfer) struct Multipart {
    backend: Arc<dyn Backend>,
    abort: AbortMultipartUploadInputBuilder,
    /// The response may be on its way when the caller is dropped: then the upload exists, and only
    /// that response has its id.
    creating: Option<BoxFuture<Result<CreateMultipartUploadOutput>>>,
    id: Option<String>,
}

impl Multipart {
    pub(in crate::boto3::s3::transfer) async fn create(
        engine: &Engine,
        create: CreateMultipartUploadInputBuilder,
    ) -> Result<Multipart> {
        let abort = AbortMultipartUploadInputBuilder::default()
            .set_bucket(create.get_bucket().clone())
            .set_key(create.get_key().clone())
            .set_request_payer(create.get_request_payer().clone())
            .set_expected_bucket_owner(create.get_expected_bucket_owner().clone());
        let backend = engine.backend.clone();
        let creating: BoxFuture<_> = Box::pin(async move { backend.create_multipart_upload(create).await });
        let mut upload = Multipart { backend: engine.backend.clone(), abort, creating: Some(creating), id: None };
        if let Some(creating) = &mut upload.creating {
            let answer = creating.as_mut().await;
            upload.creating = None;
            upload.id = answer?.upload_id;
        }
        match upload.id {
            Some(_) => Ok(upload),
            None => {
                Err(Error::ResponseParser { operation: "create_multipart_upload", source: Some("there is no UploadId".into()) })
            }
        }
    }

    pub(in crate::boto3::s3::transfer) fn id(&self) -> Option<String> {
        self.id.clone()
    }

    /// Completes the upload.
    pub(in crate::boto3::s3::transfer) async fn complete(
        mut self,
        engine: &Engine,
        budget: &Budget,
        complete: CompleteMultipartUploadInputBuilder,
        parts: Result<Vec<CompletedPart>>,
    ) -> Result<CompleteMultipartUploadOutput> {
        let done = match parts {
            Ok(parts) => {
                let complete = complete
                    .set_bucket(self.abort.get_bucket().clone())
                    .set_key(self.abort.get_key().clone())
                    .set_upload_id(self.id.clone())
                    .multipart_upload(CompletedMultipartUpload::builder().set_parts(Some(parts)).build());
                budget.run(self.backend.complete_multipart_upload(complete)).await
            }
            Err(error) => Err(error),
        };
        match done {
            Ok(answer) => {
                self.id = None;
                Ok(answer)
            }
            Err(error) => {
                self.abort(engine).await;
                Err(error)
            }
        }
    }

    /// Aborts while the caller waits; the first error is reported.
    async fn abort(mut self, engine: &Engine) {
        let patience = Budget::start(&engine.context.time, "abort_multipart_upload", Some(TIDY));
        let abort = engine.attempts(|| self.backend.abort_multipart_upload(self.abort.clone().set_upload_id(self.id.clone())));
        // An upload that does not exist (any more) counts as aborted; if it cannot be aborted, the
        // bucket's lifecycle rules apply.
        let _ = patience.run(abort).await;
        self.id = None;
    }
}

impl Drop for Multipart {
    fn drop(&mut self) {
        let (creating, id) = (self.creating.take(), self.id.take());
        if creating.is_none() && id.is_none() {
            return;
        }
        let (backend, abort) = (self.backend.clone(), self.abort.clone());
        let mut tidy: BoxFuture<()> = Box::pin(async move {
            let id = match creating {
                Some(creating) => creating.await.ok().and_then(|created| created.upload_id),
                None => id,
            };
            if id.is_some() {
                let _ = backend.abort_multipart_upload(abort.set_upload_id(id)).await;
            }
        });
        // In memory this completes at once. It must not panic during a panic.
        let done = !std::thread::panicking() && tidy.as_mut().poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(());
        if !done {
            driver::detach(tidy);
        }
    }
}
