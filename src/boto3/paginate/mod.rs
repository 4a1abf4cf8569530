//! [`Pages`]: a paginated listing.
//!
//! ```
//! # use leyden::prelude::*;
//! let s3 = World::new().batteries().boto3.client().s3();
//! s3.create_bucket(|create| create.bucket("backups")).wait()?;
//! for key in ["2026/a", "2026/b", "2026/c"] {
//!     s3.put_object(|put| put.bucket("backups").key(key)).wait()?;
//! }
//! let pages = s3.paginate().list_objects_v2(|list| list.bucket("backups").prefix("2026/")).page_size(2);
//! let sizes = pages.map(|page| Ok(page?.contents().len())).collect::<leyden::Result<Vec<_>>>()?;
//! assert_eq!(sizes, [2, 1]);
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Python | leyden |
//! |---|---|
//! | `client.get_paginator("list_objects_v2").paginate(Bucket="b")` | `client.paginate().list_objects_v2(\|list\| list.bucket("b"))` |
//! | `client.can_paginate("list_objects_v2")` | `client.can_paginate("list_objects_v2")` |
//! | `PaginationConfig={"PageSize": 5, "MaxItems": 9, "StartingToken": t}` | `.page_size(5).max_items(9).starting_token(t)` |
//! | `for page in pages` | `for page in &mut pages { page? .. }`, or `while let Some(page) = pages.next_page().await` |
//! | `pages.resume_token`, `.result_keys`, `.non_aggregate_part` | [`Pages::resume_token`], [`Pages::result_keys`], [`Pages::non_aggregate_part`] |
//! | `pages.build_full_result()` | [`Pages::build_full_result`] |
//! | `pages.result_key_iters()`, `pages.search("Contents[].Key")` | [`Pages::result_key_iters`], [`Pages::search`] |
//! | `PaginationError`, `ValueError` of a bad token | [`Error::Pagination`] |
//!
//! DIFFERENCES: iteration continues where it stopped instead of starting again; the service checks
//! the minimum page size; a token that is Base64 of JSON but not of an object is a token of the
//! service, not an error.

mod results;
mod table;
mod token;

use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use futures_core::Stream;

use super::Result;
use super::call::{Call, DEFAULT_TIMEOUT};
use super::client::Context;
use super::error::Error;
use crate::Wait;
use crate::wait::BoxFuture;

pub(in crate::boto3) use results::Tee;
pub use results::{ResultKeyIterator, Search};
pub(in crate::boto3) use table::{extend, pageable, some};

/// The input of a paginated operation.
///
/// Implemented for the inputs of the operations that botocore can paginate. Callers use [`Pages`].
pub trait Pageable: Clone + fmt::Debug + Send + Sync + 'static {
    /// The backend.
    type Backend: ?Sized + Send + Sync;
    /// A page.
    type Output: Clone + fmt::Debug + Send + Sync + 'static;
    /// The result of [`Pages::result_key_iters`]: a tuple of [`ResultKeyIterator`]s, one for each
    /// of [`Pageable::RESULT_KEYS`].
    type Iters;
    /// `list_objects_v2`
    const OPERATION: &'static str;
    /// The parameters that select a page, in AWS's spelling: `ContinuationToken`.
    const INPUT_TOKENS: &'static [&'static str];
    /// The lists in a page, in AWS's spelling: `Contents`, `CommonPrefixes`. Items are counted in
    /// the first.
    const RESULT_KEYS: &'static [&'static str];
    /// Whether the tokens are numbers in botocore, and so in a [`Pages::resume_token`].
    const NUMERIC: bool = false;

    /// Requests this page.
    fn send(self, backend: Arc<Self::Backend>) -> BoxFuture<Result<Self::Output>>;

    /// Sets the page size; `None` if the operation has no parameter for it.
    fn page_size(self, size: i32) -> Option<Self>;

    /// Sets the tokens of the page, one for each of [`Pageable::INPUT_TOKENS`].
    fn resume(self, tokens: &[Option<String>]) -> Self;

    /// Returns the tokens of the next page; empty after the last.
    fn tokens(page: &Self::Output) -> Vec<Option<String>>;

    /// Returns the number of items in the first list.
    fn count(page: &Self::Output) -> usize;

    /// Removes the first `n` items of the first list, and all of the other lists, which an earlier
    /// result contained.
    fn skip(page: &mut Self::Output, n: usize);

    /// Keeps the first `n` items of the first list.
    fn truncate(page: &mut Self::Output, n: usize);

    /// Appends the lists of a page to another's.
    fn append(whole: &mut Self::Output, page: Self::Output);

    /// Returns a page with only the parts that are the same on each, such as `Prefix`.
    fn kept(page: &Self::Output) -> Self::Output;

    /// Sets the token of the rest, in an output with a field for it (EC2).
    fn set_next_token(whole: &mut Self::Output, token: Option<String>);

    /// See [`Pages::result_key_iters`].
    fn iters(pages: Pages<Self>) -> Self::Iters;

    /// Returns the input of the next page; `None` after the last.
    fn next(&self, page: &Self::Output) -> Option<Self> {
        let tokens = Self::tokens(page);
        tokens.iter().any(Option::is_some).then(|| self.clone().resume(&tokens))
    }
}

/// A paginated listing: Python's `PageIterator`, from `client.paginate()`.
///
/// It is a blocking [`Iterator`] over pages, and a [`Stream`] of the same; [`Pages::next_page`]
/// awaits one page without any trait. An error ends the iteration.
///
/// DIFFERENCE: Python's can be iterated again from the start; this one continues where it stopped.
#[must_use = "nothing is requested before iteration"]
#[doc(alias("boto3.PageIterator", "boto3.PageIterator.__iter__", "boto3.Paginator"))]
pub struct Pages<I: Pageable> {
    backend: Arc<I::Backend>,
    context: Context,
    timeout: Option<Duration>,
    max_items: Option<usize>,
    starting_token: Option<String>,
    /// The input of the next page.
    input: I,
    /// Its tokens.
    tokens: Vec<Option<String>>,
    /// The number of its items that were returned before.
    skip: usize,
    /// The number of items in the pages so far.
    seen: usize,
    step: Step<I::Output>,
    kept: Option<I::Output>,
    resume_token: Option<String>,
}

enum Step<O> {
    First,
    Next,
    Asked(BoxFuture<Result<O>>),
    Failed(Error),
    Done,
}

impl<I: Pageable> Pages<I> {
    pub(in crate::boto3) fn new(backend: Arc<I::Backend>, context: Context, input: I) -> Pages<I> {
        Pages {
            backend,
            context,
            timeout: Some(DEFAULT_TIMEOUT),
            max_items: None,
            starting_token: None,
            input,
            tokens: vec![None; I::INPUT_TOKENS.len()],
            skip: 0,
            seen: 0,
            step: Step::First,
            kept: None,
            resume_token: None,
        }
    }

    /// Sets the maximum number of items per response; by default the service's limit, usually 1000.
    /// `PaginationConfig.PageSize`
    ///
    /// One operation, EC2's `describe_reserved_instances_modifications`, has no parameter for it:
    /// there it is [`Error::Pagination`], as in botocore.
    #[doc(alias = "boto3.Paginator.paginate(PaginationConfig.PageSize=)")]
    pub fn page_size(mut self, size: i32) -> Pages<I> {
        match self.input.clone().page_size(size) {
            Some(input) => self.input = input,
            None => {
                let reason = "it has no parameter for the size of a page".to_owned();
                self.step = Step::Failed(Error::Pagination { operation: I::OPERATION, reason });
            }
        }
        self
    }

    /// Sets the maximum number of items in all pages; no limit by default. [`Pages::resume_token`]
    /// continues after it. `PaginationConfig.MaxItems`
    #[doc(alias = "boto3.Paginator.paginate(PaginationConfig.MaxItems=)")]
    pub fn max_items(mut self, items: usize) -> Pages<I> {
        self.max_items = Some(items);
        self
    }

    /// Continues where another listing ended: from its [`Pages::resume_token`], or a token of the
    /// service.
    /// `PaginationConfig.StartingToken`
    #[doc(alias = "boto3.Paginator.paginate(PaginationConfig.StartingToken=)")]
    pub fn starting_token(mut self, token: impl Into<String>) -> Pages<I> {
        self.starting_token = Some(token.into());
        self
    }

    /// Sets the time limit of each page with all its retries; `None` means no limit. Default:
    /// [`DEFAULT_TIMEOUT`].
    pub fn timeout(mut self, timeout: impl Into<crate::TimeLimit>) -> Pages<I> {
        self.timeout = timeout.into().into();
        self
    }

    /// Returns the token to continue after [`Pages::max_items`], available after the last page;
    /// `None` if there is nothing left. The same text as botocore's.
    #[doc(alias = "boto3.PageIterator.resume_token")]
    pub fn resume_token(&self) -> Option<&str> {
        self.resume_token.as_deref()
    }

    /// Returns the names of the lists in a page, in AWS's spelling: `["Contents",
    /// "CommonPrefixes"]`.
    #[doc(alias("boto3.PageIterator.result_keys", "boto3.Paginator.result_keys"))]
    pub fn result_keys(&self) -> &'static [&'static str] {
        I::RESULT_KEYS
    }

    /// Returns the parts that are the same on each page, such as `Prefix`, from the first. `None`
    /// before the first page.
    #[doc(alias = "boto3.PageIterator.non_aggregate_part")]
    pub fn non_aggregate_part(&self) -> Option<&I::Output> {
        self.kept.as_ref()
    }

    /// Returns the next page; `None` after the last.
    ///
    /// Cancel-safe: after dropping the future, the next call continues with the same page.
    pub async fn next_page(&mut self) -> Option<Result<I::Output>> {
        poll_fn(|task| self.poll_page(task)).await
    }

    /// Returns the remaining pages as one, with their lists joined. `.wait()?` or `.await?`.
    ///
    /// DIFFERENCE: Python adds `NextToken`. EC2's outputs have that field; for all services, it is
    /// [`Pages::resume_token`].
    #[doc(alias = "boto3.PageIterator.build_full_result")]
    pub async fn build_full_result(&mut self) -> Result<I::Output> {
        let mut whole = None;
        while let Some(page) = self.next_page().await {
            let page = page?;
            let whole = whole.get_or_insert_with(|| self.kept.clone().unwrap_or_else(|| I::kept(&page)));
            I::append(whole, page);
        }
        let Some(mut whole) = whole.or_else(|| self.kept.clone()) else {
            let reason = "its first page failed before".to_owned();
            return Err(Error::Pagination { operation: I::OPERATION, reason });
        };
        I::set_next_token(&mut whole, self.resume_token.clone());
        Ok(whole)
    }

    fn poll_page(&mut self, task: &mut Task<'_>) -> Poll<Option<Result<I::Output>>> {
        loop {
            let asked = match &mut self.step {
                Step::Asked(asked) => asked,
                Step::First | Step::Next => {
                    if let Err(error) = self.ask() {
                        self.step = Step::Failed(error);
                    }
                    continue;
                }
                Step::Failed(_) | Step::Done => {
                    return Poll::Ready(match std::mem::replace(&mut self.step, Step::Done) {
                        Step::Failed(error) => Some(Err(error)),
                        _ => None,
                    });
                }
            };
            return match asked.as_mut().poll(task) {
                Poll::Pending => Poll::Pending,
                Poll::Ready(Err(error)) => {
                    self.step = Step::Done;
                    Poll::Ready(Some(Err(error)))
                }
                Poll::Ready(Ok(page)) => Poll::Ready(Some(Ok(self.take(page)))),
            };
        }
    }

    fn ask(&mut self) -> Result<()> {
        if let (Step::First, Some(text)) = (&self.step, &self.starting_token) {
            let token = token::decode(text, I::INPUT_TOKENS);
            let bad = || Error::Pagination { operation: I::OPERATION, reason: format!("bad starting token: {text}") };
            (self.tokens, self.skip) = token.ok_or_else(bad)?;
            self.input = self.input.clone().resume(&self.tokens);
        }
        let call = Call::new(&self.context, I::OPERATION, self.input.clone().send(self.backend.clone()));
        self.step = Step::Asked(call.timeout(self.timeout).into_future());
        Ok(())
    }

    fn encode(&self, tokens: &[Option<String>], had: Option<usize>) -> String {
        token::encode(I::INPUT_TOKENS, tokens, had, I::NUMERIC)
    }

    /// Returns the part of the page to return, and records the continuation.
    fn take(&mut self, mut page: I::Output) -> I::Output {
        let skipped = std::mem::take(&mut self.skip);
        let first = self.kept.is_none();
        if first {
            if self.starting_token.is_some() {
                I::skip(&mut page, skipped);
            }
            self.kept = Some(I::kept(&page));
        }
        let count = I::count(&page);
        if let Some(max) = self.max_items
            && self.seen + count > max
        {
            let left = max - self.seen;
            I::truncate(&mut page, left);
            self.resume_token = Some(self.encode(&self.tokens, Some(left + skipped)));
            self.step = Step::Done;
            return page;
        }
        self.seen += count;
        let next = I::tokens(&page);
        self.step = if next.iter().all(Option::is_none) {
            Step::Done
        } else if self.max_items == Some(self.seen) {
            self.resume_token = Some(self.encode(&next, None));
            Step::Done
        } else if next == self.tokens && !first {
            let tokens = token::text(I::INPUT_TOKENS, &next, None, I::NUMERIC);
            let reason = format!("the same next token was received twice: {tokens}");
            Step::Failed(Error::Pagination { operation: I::OPERATION, reason })
        } else {
            self.input = self.input.clone().resume(&next);
            self.tokens = next;
            Step::Next
        };
        page
    }
}

// Nothing in it is pinned.
impl<I: Pageable> Unpin for Pages<I> {}

impl<I: Pageable> Iterator for Pages<I> {
    type Item = Result<I::Output>;

    fn next(&mut self) -> Option<Result<I::Output>> {
        self.next_page().wait()
    }
}

impl<I: Pageable> Stream for Pages<I> {
    type Item = Result<I::Output>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<I::Output>>> {
        self.get_mut().poll_page(task)
    }
}

impl<I: Pageable> fmt::Debug for Pages<I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("input", &self.input).field("seen", &self.seen).finish_non_exhaustive()
    }
}
