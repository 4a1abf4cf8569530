//! [`Collection`]: lazily listed resources.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let s3 = World::new().batteries().boto3.resource().s3();
//! let bucket = s3.bucket("backups");
//! bucket.create(|create| create).wait()?;
//! for key in ["2025/a", "2026/a", "2026/b"] {
//!     bucket.put_object(|put| put.key(key)).wait()?;
//! }
//! bucket.objects().filter(|list| list.prefix("2026/")).delete().wait()?;
//! let left = bucket.objects().into_iter().map(|object| Ok(object?.key().to_owned())).collect::<leyden::Result<Vec<_>>>()?;
//! assert_eq!(left, ["2025/a"]);
//! # Ok::<(), leyden::Error>(())
//! ```

use std::collections::VecDeque;
use std::fmt;
use std::future::poll_fn;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};

use futures_core::Stream;

use super::Result;
use super::call::Call;
use super::paginate::{Pageable, Pages as Answers};
use super::resource::Resource;
use crate::Wait;
use crate::wait::BoxFuture;

type Stepping<R> = Pin<Box<dyn Stream<Item = Result<Vec<R>>> + Send>>;

/// Lazily listed resources: Python's `ResourceCollection`, and its manager.
///
/// Each method returns another collection; nothing is requested before iteration. Then there is one
/// request per page, as far as the iteration goes: `for bucket in s3.buckets() { let bucket =
/// bucket?; .. }` blocks, and the result of [`Collection::into_iter`] is a [`Stream`] too.
///
/// DIFFERENCE: Python's manager requires `all()` before iteration.
#[must_use = "nothing is listed before iteration"]
#[doc(alias = "boto3.resources.ResourceCollection")]
pub struct Collection<R, I> {
    input: I,
    limit: Option<usize>,
    page_size: Option<i32>,
    source: Arc<Source<R, I>>,
}

struct Source<R, I> {
    /// `ec2.Vpc.instancesCollection(ec2.Vpc(id='vpc-1'), ec2.Instance)`
    name: String,
    open: Box<dyn Fn(I, Option<i32>) -> Stepping<R> + Send + Sync>,
}

/// Returns `ec2.Vpc.instancesCollection(ec2.Vpc(id='vpc-1'), ec2.Instance)`, as in Python.
fn title<P: Resource, R: Resource>(parent: &P, name: &'static str) -> String {
    let (of, item) = (P::MODEL, R::MODEL);
    let class = if of.name == "ServiceResource" { String::new() } else { format!("{}.", of.name) };
    format!("{}.{class}{name}Collection({parent:?}, {}.{})", of.service, item.service, item.name)
}

impl<R: Resource, I: Clone + Send + Sync + 'static> Collection<R, I> {
    /// Creates a collection from a paginated operation. `build` creates the resources of a page.
    pub(in crate::boto3) fn paged<P: Resource>(
        parent: &P,
        name: &'static str,
        backend: Arc<I::Backend>,
        input: I,
        build: impl Fn(&P, &I, I::Output) -> Vec<R> + Clone + Send + Sync + 'static,
    ) -> Collection<R, I>
    where
        I: Pageable,
    {
        let (title, parent) = (title::<P, R>(parent, name), parent.clone());
        let open = move |input: I, page_size: Option<i32>| -> Stepping<R> {
            let answers = Answers::new(backend.clone(), parent.context().clone(), input.clone());
            let answers = page_size.into_iter().fold(answers, Answers::page_size);
            let (parent, build) = (parent.clone(), build.clone());
            Box::pin(Paged { answers, build: move |answer| build(&parent, &input, answer) })
        };
        Collection { input, limit: None, page_size: None, source: Arc::new(Source { name: title, open: Box::new(open) }) }
    }

    /// Creates a collection from an operation without pages.
    pub(in crate::boto3) fn single<P: Resource, O: Send + 'static>(
        parent: &P,
        name: &'static str,
        input: I,
        send: fn(&P, I) -> Call<O>,
        build: impl Fn(&P, O) -> Vec<R> + Clone + Send + Sync + 'static,
    ) -> Collection<R, I> {
        let (title, parent) = (title::<P, R>(parent, name), parent.clone());
        let open = move |input: I, _: Option<i32>| -> Stepping<R> {
            let (parent, build) = (parent.clone(), build.clone());
            let answer = send(&parent, input);
            Box::pin(Single(Some(Box::pin(async move { Ok(build(&parent, answer.await?)) }))))
        };
        Collection { input, limit: None, page_size: None, source: Arc::new(Source { name: title, open: Box::new(open) }) }
    }

    /// Returns the collection itself.
    #[doc(alias = "boto3.resources.ResourceCollection.all")]
    pub fn all(self) -> Collection<R, I> {
        self
    }

    /// Adds parameters of the underlying operation. Lists accumulate: several filters must all
    /// match.
    #[doc(alias = "boto3.resources.ResourceCollection.filter")]
    pub fn filter(mut self, build: impl FnOnce(I) -> I) -> Collection<R, I> {
        self.input = build(self.input);
        self
    }

    /// Limits the number of resources.
    ///
    /// DIFFERENCE: with a limit of 0, Python requests the first page; here nothing is requested.
    #[doc(alias = "boto3.resources.ResourceCollection.limit")]
    pub fn limit(mut self, count: usize) -> Collection<R, I> {
        self.limit = Some(count);
        self
    }

    /// Sets the page size, if the operation is paginated.
    #[doc(alias = "boto3.resources.ResourceCollection.page_size")]
    pub fn page_size(mut self, count: i32) -> Collection<R, I> {
        self.page_size = Some(count);
        self
    }

    /// Iterates page by page.
    #[doc(alias = "boto3.resources.ResourceCollection.pages")]
    pub fn pages(self) -> Pages<R> {
        Pages { left: self.limit, pages: (self.source.open)(self.input, self.page_size) }
    }

    /// Applies an action to all resources, one request per page.
    pub(in crate::boto3) fn batch<J: Clone + Default + Send + 'static, O: Send + 'static>(
        self,
        send: impl Fn(&R, &[R], J) -> Result<Call<O>> + Send + 'static,
    ) -> Batch<J, O> {
        let mut pages = self.pages();
        let run = move |input: J| -> BoxFuture<Result<Vec<O>>> {
            Box::pin(async move {
                let mut answers = Vec::new();
                while let Some(page) = pages.next_page().await {
                    let page = page?;
                    // DIFFERENCE: Python ends at an empty page, but a service may send one with
                    // more to come.
                    let Some(first) = page.first() else { continue };
                    let call = send(first, &page, input.clone())?;
                    answers.push(call.await?);
                }
                Ok(answers)
            })
        };
        Batch { input: J::default(), run: Box::new(run) }
    }
}

impl<R: Resource, I: Clone + Send + Sync + 'static> IntoIterator for Collection<R, I> {
    type Item = Result<R>;
    type IntoIter = Iter<R>;

    fn into_iter(self) -> Iter<R> {
        Iter { pages: self.pages(), page: VecDeque::new() }
    }
}

impl<R, I: Clone> Clone for Collection<R, I> {
    fn clone(&self) -> Collection<R, I> {
        let Collection { input, limit, page_size, source } = self;
        Collection { input: input.clone(), limit: *limit, page_size: *page_size, source: source.clone() }
    }
}

impl<R, I> fmt::Debug for Collection<R, I> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.source.name)
    }
}

struct Paged<I: Pageable, F> {
    answers: Answers<I>,
    build: F,
}

// Neither is pinned.
impl<I: Pageable, F> Unpin for Paged<I, F> {}

impl<R, I: Pageable, F: Fn(I::Output) -> Vec<R>> Stream for Paged<I, F> {
    type Item = Result<Vec<R>>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<Vec<R>>>> {
        let this = &mut *self;
        Pin::new(&mut this.answers).poll_next(task).map(|answer| answer.map(|answer| answer.map(&this.build)))
    }
}

struct Single<R>(Option<BoxFuture<Result<Vec<R>>>>);

impl<R> Stream for Single<R> {
    type Item = Result<Vec<R>>;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<Vec<R>>>> {
        let Some(answer) = &mut self.0 else { return Poll::Ready(None) };
        let answer = std::task::ready!(answer.as_mut().poll(task));
        self.0 = None;
        Poll::Ready(Some(answer))
    }
}

/// The pages of resources: a blocking [`Iterator`] and a [`Stream`]. [`Collection::pages`] returns
/// it. An error ends the iteration.
#[must_use = "nothing is listed before iteration"]
pub struct Pages<R> {
    left: Option<usize>,
    pages: Stepping<R>,
}

impl<R> Pages<R> {
    /// Returns the next page; `None` after the last.
    pub async fn next_page(&mut self) -> Option<Result<Vec<R>>> {
        poll_fn(|task| self.poll_page(task)).await
    }

    fn poll_page(&mut self, task: &mut Task<'_>) -> Poll<Option<Result<Vec<R>>>> {
        if self.left == Some(0) {
            return Poll::Ready(None);
        }
        let mut page = std::task::ready!(self.pages.as_mut().poll_next(task));
        match (&mut self.left, &mut page) {
            (Some(left), Some(Ok(page))) => {
                page.truncate(*left);
                *left -= page.len();
            }
            (left, Some(Err(_))) => *left = Some(0),
            _ => {}
        }
        Poll::Ready(page)
    }
}

impl<R: Send> Iterator for Pages<R> {
    type Item = Result<Vec<R>>;

    fn next(&mut self) -> Option<Result<Vec<R>>> {
        self.next_page().wait()
    }
}

impl<R> Stream for Pages<R> {
    type Item = Result<Vec<R>>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<Vec<R>>>> {
        self.get_mut().poll_page(task)
    }
}

impl<R> fmt::Debug for Pages<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pages").field("left", &self.left).finish_non_exhaustive()
    }
}

/// The resources of a [`Collection`]: an [`Iterator`] that blocks at each page, and a [`Stream`].
/// An error ends the iteration.
#[must_use = "nothing is listed before iteration"]
pub struct Iter<R> {
    pages: Pages<R>,
    page: VecDeque<R>,
}

impl<R> Iter<R> {
    /// Returns the next resource; `None` after the last.
    pub async fn next_resource(&mut self) -> Option<Result<R>> {
        poll_fn(|task| self.poll_resource(task)).await
    }

    fn poll_resource(&mut self, task: &mut Task<'_>) -> Poll<Option<Result<R>>> {
        loop {
            if let Some(resource) = self.page.pop_front() {
                return Poll::Ready(Some(Ok(resource)));
            }
            match std::task::ready!(self.pages.poll_page(task)) {
                Some(Ok(page)) => self.page = page.into(),
                Some(Err(error)) => return Poll::Ready(Some(Err(error))),
                None => return Poll::Ready(None),
            }
        }
    }
}

impl<R> Unpin for Iter<R> {}

impl<R: Send> Iterator for Iter<R> {
    type Item = Result<R>;

    fn next(&mut self) -> Option<Result<R>> {
        // Buffered resources need no runtime.
        match self.page.pop_front() {
            Some(resource) => Some(Ok(resource)),
            None => self.next_resource().wait(),
        }
    }
}

impl<R> Stream for Iter<R> {
    type Item = Result<R>;

    fn poll_next(self: Pin<&mut Self>, task: &mut Task<'_>) -> Poll<Option<Result<R>>> {
        self.get_mut().poll_resource(task)
    }
}

impl<R> fmt::Debug for Iter<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Iter").field("pages", &self.pages).finish_non_exhaustive()
    }
}

/// An action on all resources of a [`Collection`], one request per page, to send with `.wait()?` or
/// `.await?`. Returns the responses.
///
/// Each request has the time limit of a [`Call`]; the whole has none.
#[must_use = "nothing is sent before `.wait()` or `.await`"]
pub struct Batch<J, O> {
    input: J,
    run: Box<dyn FnOnce(J) -> BoxFuture<Result<Vec<O>>> + Send>,
}

impl<J, O> Batch<J, O> {
    /// Adds parameters to each request, in addition to the resources.
    pub fn params(mut self, build: impl FnOnce(J) -> J) -> Batch<J, O> {
        self.input = build(self.input);
        self
    }
}

impl<J, O> IntoFuture for Batch<J, O> {
    type Output = Result<Vec<O>>;
    type IntoFuture = BoxFuture<Result<Vec<O>>>;

    fn into_future(self) -> BoxFuture<Result<Vec<O>>> {
        (self.run)(self.input)
    }
}

impl<J: fmt::Debug, O> fmt::Debug for Batch<J, O> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch").field("input", &self.input).finish_non_exhaustive()
    }
}
