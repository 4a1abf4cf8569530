//! [`ResultKeyIterator`], [`Search`]: the items in the pages of a listing.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::vec;

use super::{Pageable, Pages};
use crate::boto3::Result;

impl<I: Pageable> Pages<I> {
    /// Returns an iterator over the items of each list, through all pages: `let (contents,
    /// prefixes) = pages.result_key_iters();`, and for a single list `let (reservations,) =
    /// pages.result_key_iters();`.
    ///
    /// Each page is requested once, and kept until all iterators have passed it. An error is
    /// returned by the iterator that met it, and ends them all.
    #[doc(alias = "boto3.PageIterator.result_key_iters")]
    pub fn result_key_iters(self) -> I::Iters {
        I::iters(self)
    }

    /// Iterates over the items that a function finds in each page.
    ///
    /// DIFFERENCE: Python's takes a JMESPath expression. A function of the typed page does the
    /// same, and is checked by the compiler.
    #[doc(alias = "boto3.PageIterator.search")]
    pub fn search<F, L>(self, find: F) -> Search<I, F, L>
    where
        F: FnMut(I::Output) -> L,
        L: IntoIterator,
    {
        Search { pages: self, find, found: None }
    }
}

/// An iterator over found items. [`Pages::search`] returns it.
#[must_use = "nothing is requested before iteration"]
pub struct Search<I: Pageable, F, L: IntoIterator> {
    pages: Pages<I>,
    find: F,
    found: Option<L::IntoIter>,
}

impl<I: Pageable, F: FnMut(I::Output) -> L, L: IntoIterator> Iterator for Search<I, F, L> {
    type Item = Result<L::Item>;

    fn next(&mut self) -> Option<Result<L::Item>> {
        loop {
            if let Some(item) = self.found.as_mut().and_then(Iterator::next) {
                return Some(Ok(item));
            }
            match self.pages.next()? {
                Ok(page) => self.found = Some((self.find)(page).into_iter()),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<I: Pageable, F, L: IntoIterator> fmt::Debug for Search<I, F, L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Search").field("pages", &self.pages).finish_non_exhaustive()
    }
}

/// The pages of several iterators.
#[derive(Debug)]
pub(in crate::boto3) struct Tee<I: Pageable> {
    pages: Pages<I>,
    /// The pages that some iterator has not passed yet.
    read: VecDeque<Arc<I::Output>>,
    /// The number of pages that all have passed.
    passed: usize,
    /// The position of each iterator; beyond all pages after it is dropped.
    at: Vec<usize>,
}

impl<I: Pageable> Tee<I> {
    pub(in crate::boto3) fn new(pages: Pages<I>) -> Arc<Mutex<Tee<I>>> {
        Arc::new(Mutex::new(Tee { pages, read: VecDeque::new(), passed: 0, at: Vec::new() }))
    }

    fn next(&mut self, who: usize) -> Option<Result<Arc<I::Output>>> {
        let page = self.at.get(who)? - self.passed;
        if page == self.read.len() {
            match self.pages.next()? {
                Ok(page) => self.read.push_back(Arc::new(page)),
                Err(error) => return Some(Err(error)),
            }
        }
        let found = self.read.get(page).cloned();
        self.advance(who, self.passed + page + 1);
        found.map(Ok)
    }

    fn advance(&mut self, who: usize, to: usize) {
        if let Some(at) = self.at.get_mut(who) {
            *at = to;
        }
        while self.at.iter().all(|at| *at > self.passed) && self.read.pop_front().is_some() {
            self.passed += 1;
        }
    }
}

/// An iterator over the items of one list, through all pages. [`Pages::result_key_iters`] returns
/// it.
#[must_use = "nothing is requested before iteration"]
pub struct ResultKeyIterator<I: Pageable, T> {
    tee: Arc<Mutex<Tee<I>>>,
    who: usize,
    list: fn(&I::Output) -> Option<Vec<T>>,
    items: vec::IntoIter<T>,
}

impl<I: Pageable, T> ResultKeyIterator<I, T> {
    pub(in crate::boto3) fn new(tee: &Arc<Mutex<Tee<I>>>, list: fn(&I::Output) -> Option<Vec<T>>) -> ResultKeyIterator<I, T> {
        let who = {
            let mut tee = lock(tee);
            tee.at.push(0);
            tee.at.len() - 1
        };
        ResultKeyIterator { tee: tee.clone(), who, list, items: Vec::new().into_iter() }
    }
}

fn lock<I: Pageable>(tee: &Mutex<Tee<I>>) -> MutexGuard<'_, Tee<I>> {
    tee.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<I: Pageable, T> Iterator for ResultKeyIterator<I, T> {
    type Item = Result<T>;

    fn next(&mut self) -> Option<Result<T>> {
        loop {
            if let Some(item) = self.items.next() {
                return Some(Ok(item));
            }
            match lock(&self.tee).next(self.who)? {
                Ok(page) => self.items = (self.list)(&page).unwrap_or_default().into_iter(),
                Err(error) => return Some(Err(error)),
            }
        }
    }
}

impl<I: Pageable, T> Drop for ResultKeyIterator<I, T> {
    fn drop(&mut self) {
        lock(&self.tee).advance(self.who, usize::MAX);
    }
}

impl<I: Pageable, T> fmt::Debug for ResultKeyIterator<I, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResultKeyIterator").field("tee", &self.tee).finish_non_exhaustive()
    }
}
