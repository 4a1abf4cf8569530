//! Asynchronous waiting: one thread with one `poll(2)` for all processes that are awaited.
//!
//! Tokio would tie all callers to one runtime, and a thread per process costs memory and could not
//! be cancelled. So there is one thread, started when a process is first awaited, that only wakes
//! the futures concerned. Reading, writing and reaping happen in the future that is polled;
//! dropping that future cancels the wait.

use std::collections::BTreeMap;
use std::io::Result;
use std::os::fd::OwnedFd;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::Duration;

use rustix::event::{EventfdFlags, PollFd, PollFlags};

use super::child::{Sources, poll};
use super::now;

struct Reactor {
    entries: Mutex<Entries>,
    /// Written to when an entry is added or removed.
    changed: OwnedFd,
}

#[derive(Default)]
struct Entries {
    next: u64,
    waiting: BTreeMap<u64, Entry>,
}

struct Entry {
    sources: Arc<Sources>,
    until: Option<Duration>,
    waker: Waker,
}

/// Resolves when one of the sources is ready or the timeout expires.
pub(super) fn ready(sources: Arc<Sources>, timeout: Option<Duration>) -> Result<Waiting> {
    let until = timeout.map(|timeout| now().saturating_add(timeout));
    Ok(Waiting { reactor: reactor()?, sources, until, key: None })
}

fn reactor() -> Result<&'static Reactor> {
    static REACTOR: OnceLock<Reactor> = OnceLock::new();
    static STARTED: Mutex<bool> = Mutex::new(false);
    let mut started = STARTED.lock().unwrap_or_else(PoisonError::into_inner);
    if !*started {
        let changed = rustix::event::eventfd(0, EventfdFlags::CLOEXEC | EventfdFlags::NONBLOCK)?;
        let reactor = REACTOR.get_or_init(|| Reactor { entries: Mutex::default(), changed });
        thread::Builder::new().name("leyden-subprocess".into()).spawn(|| reactor.run())?;
        *started = true;
    }
    REACTOR.get().ok_or_else(|| std::io::ErrorKind::Other.into())
}

impl Reactor {
    fn run(&self) {
        loop {
            let waiting: Vec<(u64, Arc<Sources>, Option<Duration>)> =
                self.lock().waiting.iter().map(|(key, entry)| (*key, entry.sources.clone(), entry.until)).collect();
            let mut fds = vec![PollFd::new(&self.changed, PollFlags::IN)];
            let mut owners = Vec::new();
            for (key, sources, _) in &waiting {
                for (fd, flags) in sources.fds() {
                    fds.push(PollFd::from_borrowed_fd(fd, flags));
                    owners.push(*key);
                }
            }
            let next = waiting.iter().filter_map(|(.., until)| *until).min();
            let failed = poll(&mut fds, next.map(|next| next.saturating_sub(now()))).is_err();
            let _ = rustix::io::read(&self.changed, &mut [0; 8]);
            let ready = fds.iter().skip(1).zip(&owners).filter(|(fd, _)| !fd.revents().is_empty()).map(|(_, key)| *key);
            let mut done: Vec<u64> = ready.collect();
            let time = now();
            done.extend(waiting.iter().filter(|(.., until)| until.is_some_and(|until| until <= time)).map(|(key, ..)| *key));
            if failed {
                // Wake all of them: each future polls again and gets the error itself.
                done.extend(waiting.iter().map(|(key, ..)| *key));
            }
            // Drop the sources before waking: a descriptor that its owner closes must not stay open
            // here.
            drop(waiting);
            let woken: Vec<Entry> = {
                let mut entries = self.lock();
                done.into_iter().filter_map(|key| entries.waiting.remove(&key)).collect()
            };
            for Entry { sources, waker, .. } in woken {
                drop(sources);
                waker.wake();
            }
        }
    }

    fn change(&self) {
        // The write fails only if the pipe is full, and then the thread is awake.
        let _ = rustix::io::write(&self.changed, &1_u64.to_ne_bytes());
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) struct Waiting {
    reactor: &'static Reactor,
    sources: Arc<Sources>,
    until: Option<Duration>,
    key: Option<u64>,
}

impl Future for Waiting {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let reactor = self.reactor;
        let mut entries = reactor.lock();
        if let Some(key) = self.key {
            return match entries.waiting.get_mut(&key) {
                None => Poll::Ready(()),
                Some(entry) => {
                    entry.waker.clone_from(context.waker());
                    Poll::Pending
                }
            };
        }
        let key = entries.next;
        entries.next += 1;
        let entry = Entry { sources: self.sources.clone(), until: self.until, waker: context.waker().clone() };
        entries.waiting.insert(key, entry);
        drop(entries);
        self.key = Some(key);
        reactor.change();
        Poll::Pending
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        if let Some(key) = self.key
            && self.reactor.lock().waiting.remove(&key).is_some()
        {
            self.reactor.change();
        }
    }
}
