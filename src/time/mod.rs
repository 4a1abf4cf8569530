//! `time`: clocks, sleeping, calendars.

pub mod backend;
pub mod mock;
pub mod native;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

pub use backend::{Backend, ClockId};

/// The handle: Python's module `time` as a value. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Time {
    backend: Arc<dyn Backend>,
}

impl Time {
    /// This machine's clocks.
    pub fn native() -> Time {
        Time::new(Arc::new(native::Native))
    }

    /// Any clocks.
    pub fn new(backend: Arc<dyn Backend>) -> Time {
        Time { backend }
    }

    /// The wall clock. <https://docs.python.org/3/library/time.html#time.time>
    #[doc(alias = "time.time")]
    pub fn time(&self) -> SystemTime {
        self.backend.now()
    }

    /// A clock that never goes back, from a point of its own. <https://docs.python.org/3/library/time.html#time.monotonic>
    #[doc(alias = "time.monotonic")]
    pub fn monotonic(&self) -> Duration {
        self.backend.monotonic()
    }

    /// A pause: `.wait()` blocks, `.await` lets others run. It begins then, not here.
    ///
    /// <https://docs.python.org/3/library/time.html#time.sleep>
    #[doc(alias = "time.sleep")]
    pub fn sleep(&self, duration: Duration) -> Sleep {
        Sleep { backend: self.backend.clone(), duration }
    }
}

/// What [`Time::sleep`] gives.
#[derive(Clone, Debug)]
#[must_use = "a sleep does nothing until `.wait()` or `.await`"]
pub struct Sleep {
    backend: Arc<dyn Backend>,
    duration: Duration,
}

impl Sleep {
    /// Blocks for the duration. The same as [`Wait::wait`](crate::Wait::wait), and needs no runtime.
    pub fn wait(self) {
        self.backend.sleep(self.duration);
    }
}

impl IntoFuture for Sleep {
    type Output = ();
    type IntoFuture = backend::BoxFuture<()>;

    fn into_future(self) -> Self::IntoFuture {
        self.backend.sleep_async(self.duration)
    }
}
