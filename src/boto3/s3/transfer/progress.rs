//! The progress of a transfer: callbacks, and the bar.

use std::fmt;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::boto3::Error;

/// An event for observers.
#[derive(Clone, Copy, Debug)]
pub(super) enum Event {
    /// The total number of bytes.
    Total(#[allow(dead_code, reason = "only the bar asks for it")] u64),
    /// The number of bytes transferred since the last event; negative when a part is repeated.
    Moved(i64),
}

type Observer = Arc<Mutex<dyn FnMut(Event) + Send>>;

/// The observers.
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

    /// Adds a bar on standard error, if that is a terminal.
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

/// The state of one part: the bytes sent, whether it makes progress, and why its source failed.
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

    /// The part is repeated: its bytes no longer count.
    pub(super) fn rewind(&self) {
        let sent = self.sent.swap(0, Ordering::Relaxed);
        if sent != 0 {
            self.observers.tell(Event::Moved(-sent));
        }
    }

    pub(super) fn fail(&self, error: Error) {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(error);
    }

    /// Returns the error of the source, which is more precise than the resulting error of the
    /// request.
    pub(super) fn blame(&self, error: Error) -> Error {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or(error)
    }
}
