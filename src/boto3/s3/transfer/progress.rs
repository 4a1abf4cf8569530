//! How far a transfer is: callbacks, and the bar.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::boto3::Error;

/// What observers are told.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// So many bytes are to come.
    Total(#[allow(dead_code, reason = "only the bar asks for it")] u64),
    /// So many more have gone; fewer, when a part begins again.
    Moved(i64),
}

type Observer = Arc<Mutex<dyn FnMut(Event) + Send>>;

/// Those who want to know.
#[derive(Clone, Default)]
pub(super) struct Observers(Vec<Observer>);

impl Observers {
    pub(super) fn add(&mut self, observer: impl FnMut(Event) + Send + 'static) {
        self.0.push(Arc::new(Mutex::new(observer)));
    }

    pub(super) fn tell(&self, event: Event) {
        for observer in &self.0 {
            (observer.lock().unwrap_or_else(PoisonError::into_inner))(event);
        }
    }

    pub(super) fn moved(&self, bytes: u64) {
        self.tell(Event::Moved(i64::try_from(bytes).unwrap_or(i64::MAX)));
    }

    /// A bar on standard error, if that is a terminal.
    #[cfg(feature = "progress")]
    pub(super) fn add_bar(&mut self) {
        let mut bar: Option<indicatif::ProgressBar> = None;
        self.add(move |event| match event {
            Event::Total(total) => {
                let style = indicatif::ProgressStyle::with_template("{bar:40} {bytes}/{total_bytes} {bytes_per_sec} {eta}");
                let style = style.unwrap_or_else(|_| indicatif::ProgressStyle::default_bar());
                bar = Some(indicatif::ProgressBar::new(total).with_style(style));
            }
            Event::Moved(bytes) => {
                let bar = bar.get_or_insert_with(indicatif::ProgressBar::new_spinner);
                if bytes < 0 {
                    bar.dec(bytes.unsigned_abs());
                } else {
                    bar.inc(bytes.unsigned_abs());
                }
                if bar.length() == Some(bar.position()) {
                    bar.finish();
                }
            }
        });
    }
}

impl fmt::Debug for Observers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} observers", self.0.len())
    }
}

/// One part's account: what was sent of it, that bytes move at all, and why its source failed.
#[derive(Debug, Default)]
pub(super) struct Meter {
    observers: Observers,
    sent: AtomicI64,
    pub(super) moved: AtomicU64,
    failure: Mutex<Option<Error>>,
}

impl Meter {
    pub(super) fn new(observers: &Observers) -> Arc<Meter> {
        Arc::new(Meter { observers: observers.clone(), ..Meter::default() })
    }

    pub(super) fn add(&self, bytes: usize) {
        let bytes = i64::try_from(bytes).unwrap_or(i64::MAX);
        self.sent.fetch_add(bytes, Ordering::Relaxed);
        self.moved.fetch_add(1, Ordering::Relaxed);
        self.observers.tell(Event::Moved(bytes));
    }

    /// The part begins again: what had gone has not.
    pub(super) fn rewind(&self) {
        let sent = self.sent.swap(0, Ordering::Relaxed);
        if sent != 0 {
            self.observers.tell(Event::Moved(-sent));
        }
    }

    pub(super) fn fail(&self, error: Error) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// Why the source failed, which says more than what the request made of it.
    pub(super) fn blame(&self, error: Error) -> Error {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or(error)
    }
}
