//! Where `requests` keeps its connections: a runtime whose tasks run one after another, on one thread at a time.
//!
//! hyper puts a connection back into its pool in a task of its own, after the body's end has been told. Where tasks run side by side the next call can
//! come before that and open a connection that nobody needs; here it cannot.

use std::panic;
use std::pin::Pin;
use std::sync::OnceLock;
use std::task::{Context, Poll};
use std::thread;

use tokio::runtime::{Builder, Handle};
use tokio::task::JoinHandle;
use tokio::time::{Instant, Sleep, sleep_until};

fn net() -> &'static Handle {
    static NET: OnceLock<Handle> = OnceLock::new();
    NET.get_or_init(|| {
        let started = Builder::new_current_thread().enable_all().build().and_then(|runtime| {
            let handle = runtime.handle().clone();
            let drive = move || runtime.block_on(std::future::pending::<()>());
            thread::Builder::new().name("leyden-net".into()).spawn(drive).map(|_| handle)
        });
        // As in the other runtime: nothing that waits can work, and no answer can say so.
        started.unwrap_or_else(|error| panic!("leyden cannot start its runtime: {error}"))
    })
}

/// Runs a future among the connections. Dropping it stops it.
pub(crate) async fn on_net<T: Send + 'static>(future: impl Future<Output = T> + Send + 'static) -> T {
    let mut task = Abort(net().spawn(future));
    (&mut task.0).await.unwrap_or_else(|error| panic::resume_unwind(error.into_panic()))
}

struct Abort<T>(JoinHandle<T>);

impl<T> Drop for Abort<T> {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A deadline that may move while it is waited for. Its timer is set anew only when it fires too early: most waits are shorter than
/// what setting it costs.
#[derive(Debug, Default)]
pub(crate) struct Alarm(Option<Pin<Box<Sleep>>>);

impl Alarm {
    pub(crate) fn poll(&mut self, deadline: Instant, context: &mut Context<'_>) -> Poll<()> {
        let timer = self.0.get_or_insert_with(|| {
            let _inside = net().enter();
            Box::pin(sleep_until(deadline))
        });
        if timer.deadline() > deadline {
            timer.as_mut().reset(deadline);
        }
        while timer.as_mut().poll(context).is_ready() {
            if timer.deadline() >= deadline {
                return Poll::Ready(());
            }
            timer.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}
