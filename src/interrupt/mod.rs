//! [`KeyboardInterrupt`]: Ctrl-C and SIGTERM as errors of waits.
//!
//! ```
//! # #[cfg(all(feature = "sys", feature = "time"))] {
//! use leyden::{Signal, prelude::*};
//!
//! let world = World::new();
//! world.interrupt_at(secs(90), Signal::Sigterm);
//! let Batteries { sys, time, .. } = world.batteries();
//! sys.on_interrupt()?;
//! let interrupt = time.sleep(secs(3600)).interruptible().wait().unwrap_err();
//! assert_eq!((interrupt.code(), world.clock().elapsed()), (143, secs(90)));
//! # }
//! # Ok::<(), leyden::Error>(())
//! ```
#![cfg_attr(
    not(all(feature = "sys", feature = "subprocess", feature = "schedule", feature = "requests")),
    allow(dead_code, reason = "a battery alone uses a part of it")
)]

#[cfg(any(feature = "sys", feature = "time", feature = "subprocess"))]
pub(crate) mod native;

use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::fmt;
use std::future::poll_fn;
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

/// A signal that asks the program to end.
///
/// <https://docs.python.org/3/library/signal.html>
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Signal {
    /// SIGINT, signal 2: Ctrl-C.
    #[doc(alias("signal.SIGINT"))]
    Sigint,
    /// SIGTERM, signal 15: the first signal of `kill`, systemd and container runtimes.
    #[doc(alias("signal.SIGTERM"))]
    Sigterm,
}

impl Signal {
    /// Returns its number: 2 or 15.
    pub fn number(self) -> i32 {
        match self {
            Signal::Sigint => 2,
            Signal::Sigterm => 15,
        }
    }

    fn of(number: usize) -> Option<Signal> {
        match number {
            2 => Some(Signal::Sigint),
            15 => Some(Signal::Sigterm),
            _ => None,
        }
    }
}

impl fmt::Display for Signal {
    /// `SIGINT`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Signal::Sigint => "SIGINT",
            Signal::Sigterm => "SIGTERM",
        })
    }
}

/// Python's `KeyboardInterrupt`: a wait ended early because the program was asked to end.
///
/// Waits return it after [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt) was called.
/// [`Error::interrupt`](crate::Error::interrupt) finds it in any error.
///
/// DIFFERENCE: SIGTERM causes it too. Python ends at once on SIGTERM, and leaves temporary
/// directories behind.
///
/// <https://docs.python.org/3/library/exceptions.html#KeyboardInterrupt>
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("interrupted by {signal}")]
pub struct KeyboardInterrupt {
    signal: Signal,
}

impl KeyboardInterrupt {
    /// Returns the signal that arrived.
    pub fn signal(&self) -> Signal {
        self.signal
    }

    /// Returns the exit code that a shell shows for a program ended by this signal: 130 for SIGINT,
    /// 143 for SIGTERM.
    pub fn code(&self) -> u8 {
        match self.signal {
            Signal::Sigint => 130,
            Signal::Sigterm => 143,
        }
    }
}

crate::error::umbrella!(KeyboardInterrupt);

impl From<KeyboardInterrupt> for std::io::Error {
    /// Not `ErrorKind::Interrupted`: the standard library retries such calls.
    fn from(interrupt: KeyboardInterrupt) -> std::io::Error {
        std::io::Error::other(interrupt)
    }
}

impl crate::Error {
    /// Returns the interrupt that caused this error, from anywhere in the chain of causes.
    ///
    /// ```
    /// use leyden::{Error, World};
    ///
    /// assert_eq!(Error::other("the disk is full").interrupt(), None);
    /// ```
    pub fn interrupt(&self) -> Option<KeyboardInterrupt> {
        let own = self.downcast_ref::<std::io::Error>().and_then(inside);
        let own = own.or_else(|| self.downcast_ref().copied());
        own.or_else(|| self.source().and_then(find))
    }
}

fn find(error: &(dyn StdError + 'static)) -> Option<KeyboardInterrupt> {
    let mut at = Some(error);
    while let Some(error) = at {
        if let Some(interrupt) = error.downcast_ref::<KeyboardInterrupt>() {
            return Some(*interrupt);
        }
        let found = match error.downcast_ref::<crate::Error>() {
            Some(error) => error.interrupt(),
            None => error.downcast_ref().and_then(inside),
        };
        if found.is_some() {
            return found;
        }
        at = error.source();
    }
    None
}

/// An I/O error wraps its cause, which is not in the chain of sources.
fn inside(error: &std::io::Error) -> Option<KeyboardInterrupt> {
    find(error.get_ref()?)
}

/// The interrupts of one process, or of one World: whether a signal has arrived, and the waits to
/// end.
///
/// A backend provides it to its handle. Clones share the state. The default value is never
/// interrupted.
///
/// The first signal after [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt) ends all waits in
/// progress. If there are none, it is *pending*: the next wait that can fail reports it. After
/// that, waits work as before, so that the script can clean up.
#[derive(Clone, Default)]
pub struct Interrupts(Arc<Shared>);

#[derive(Default)]
struct Shared {
    /// Set in the signal handler, so that it is visible before any thread runs. 0: none; otherwise
    /// the signal number.
    arrived: Arc<AtomicUsize>,
    /// True: the next signal ends the process.
    ends: Arc<AtomicBool>,
    armed: AtomicBool,
    reported: AtomicBool,
    waiting: Mutex<Waiting>,
}

#[derive(Default)]
struct Waiting {
    next: u64,
    wakers: BTreeMap<u64, Waker>,
}

impl fmt::Debug for Interrupts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Interrupts").field("armed", &self.is_armed()).field("arrived", &self.arrived()).finish_non_exhaustive()
    }
}

impl Interrupts {
    /// Returns true after [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt).
    pub fn is_armed(&self) -> bool {
        self.0.armed.load(Ordering::SeqCst)
    }

    /// Returns the signal that arrived, reported or not.
    pub fn arrived(&self) -> Option<KeyboardInterrupt> {
        let signal = Signal::of(self.0.arrived.load(Ordering::SeqCst))?;
        Some(KeyboardInterrupt { signal })
    }

    /// Returns the signal that arrived and was not reported yet.
    pub fn pending(&self) -> Option<KeyboardInterrupt> {
        if self.0.reported.load(Ordering::SeqCst) { None } else { self.arrived() }
    }

    /// Reports a pending signal.
    ///
    /// # Errors
    /// The interrupt, if one is pending. The next call succeeds.
    pub fn check(&self) -> Result<(), KeyboardInterrupt> {
        match self.pending() {
            Some(interrupt) => Err(self.report(interrupt)),
            None => Ok(()),
        }
    }

    /// Starts watching for a wait.
    pub(crate) fn watch(&self) -> Watch {
        Watch { interrupts: self.clone(), clear: self.arrived().is_none() }
    }

    /// Returns the output of a future, or the interrupt that arrives first.
    #[cfg_attr(not(feature = "tokio"), allow(dead_code, reason = "the batteries that speak to a network use it"))]
    pub(crate) async fn during<F: Future>(&self, future: F) -> Result<F::Output, KeyboardInterrupt> {
        let watch = self.watch();
        watch.race(future).await.map_err(|interrupt| self.report(interrupt))
    }

    pub(crate) fn report(&self, interrupt: KeyboardInterrupt) -> KeyboardInterrupt {
        self.0.reported.store(true, Ordering::SeqCst);
        interrupt
    }

    /// Makes a reported signal pending again, because the report did not reach the caller.
    #[cfg(any(feature = "schedule", feature = "infra"))]
    pub(crate) fn put_back(&self) {
        self.0.reported.store(false, Ordering::SeqCst);
    }

    /// Arms the handlers: the next signal interrupts, the one after it ends the process.
    pub(crate) fn arm(&self) {
        if self.pending().is_none() {
            self.0.arrived.store(0, Ordering::SeqCst);
            self.0.reported.store(false, Ordering::SeqCst);
            self.0.ends.store(false, Ordering::SeqCst);
        }
        self.0.armed.store(true, Ordering::SeqCst);
    }

    /// Delivers a signal of a World.
    ///
    /// # Panics
    /// If the default action of the signal would end the program: nothing asked for interrupts, or this is the second signal.
    pub(crate) fn deliver(&self, signal: Signal) {
        assert!(self.is_armed(), "{signal} ended the program at once: the script has not called sys.on_interrupt()");
        assert!(!self.0.ends.swap(true, Ordering::SeqCst), "{signal} ended the program at once: it was interrupted before");
        self.0.arrived.store(signal.number().unsigned_abs() as usize, Ordering::SeqCst);
        self.wake();
    }

    /// Wakes all waits.
    pub(crate) fn wake(&self) {
        let wakers: Vec<Waker> = self.lock().wakers.values().cloned().collect();
        for waker in wakers {
            waker.wake();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.0.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The interrupts during one wait.
#[derive(Clone, Debug)]
pub(crate) struct Watch {
    interrupts: Interrupts,
    /// No signal had arrived when the wait began. A signal that arrives later ends it, whichever
    /// call reports it first.
    clear: bool,
}

impl Watch {
    /// Returns the interrupt that ends the wait.
    pub(crate) fn interrupted(&self) -> Option<KeyboardInterrupt> {
        if self.clear { self.interrupts.arrived() } else { self.interrupts.pending() }
    }

    /// Returns the interrupt that ends the wait, and marks it as reported.
    #[cfg(any(feature = "subprocess", feature = "schedule"))]
    pub(crate) fn take(&self) -> Option<KeyboardInterrupt> {
        self.interrupted().map(|interrupt| self.interrupts.report(interrupt))
    }

    /// Returns the output of a future, or the interrupt that arrives first, without reporting it.
    pub(crate) async fn race<F: Future>(&self, future: F) -> Result<F::Output, KeyboardInterrupt> {
        let mut future = pin!(future);
        let mut place = Place { interrupts: self.interrupts.clone(), key: None };
        poll_fn(move |context| {
            if let Poll::Ready(interrupt) = self.poll(&mut place, context) {
                return Poll::Ready(Err(interrupt));
            }
            future.as_mut().poll(context).map(Ok)
        })
        .await
    }

    /// Completes when an interrupt ends the wait.
    pub(crate) fn poll(&self, place: &mut Place, context: &Context<'_>) -> Poll<KeyboardInterrupt> {
        if !self.interrupts.is_armed() {
            return Poll::Pending;
        }
        // Register first: a signal that arrives in between is seen by the check that follows.
        place.take(context.waker());
        self.interrupted().map_or(Poll::Pending, Poll::Ready)
    }

    #[cfg(feature = "schedule")]
    pub(crate) fn place(&self) -> Place {
        Place { interrupts: self.interrupts.clone(), key: None }
    }
}

/// A waker that a signal wakes, until it is dropped.
#[derive(Debug)]
pub(crate) struct Place {
    interrupts: Interrupts,
    key: Option<u64>,
}

impl Place {
    fn take(&mut self, waker: &Waker) {
        let mut waiting = self.interrupts.lock();
        let key = *self.key.get_or_insert_with(|| {
            waiting.next += 1;
            waiting.next
        });
        match waiting.wakers.get_mut(&key) {
            Some(known) => known.clone_from(waker),
            None => drop(waiting.wakers.insert(key, waker.clone())),
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(key) = self.key {
            self.interrupts.lock().wakers.remove(&key);
        }
    }
}
