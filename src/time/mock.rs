//! The clocks of a world: they move when somebody sleeps.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::Time;
use super::backend::{Backend, BoxFuture};
use crate::mock::Script;

/// Virtual clocks.
#[derive(Clone, Debug, Default)]
pub struct Mock {
    script: Script,
}

impl Mock {
    /// Clocks over this script's clock.
    pub fn new(script: Script) -> Mock {
        Mock { script }
    }

    /// The battery on these clocks.
    pub fn handle(&self) -> Time {
        Time::new(Arc::new(self.clone()))
    }
}

impl Backend for Mock {
    fn now(&self) -> SystemTime {
        self.script.clock().now()
    }

    fn monotonic(&self) -> Duration {
        self.script.clock().elapsed()
    }

    fn sleep(&self, duration: Duration) {
        self.script.clock().advance(duration);
    }

    fn sleep_async(&self, duration: Duration) -> BoxFuture<()> {
        Box::pin(self.script.clock().sleep(duration))
    }
}
