//! [`Hooks`]: closures that see each response before the caller does.

use std::fmt;
use std::sync::Arc;

use super::error::{Error, Result};
use super::response::Response;

/// The events that can be hooked: Python's `HOOKS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "requests.hooks.HOOKS")]
pub enum Event {
    /// A response has come, one of a redirect too; its body may not be read yet.
    Response,
}

/// A closure for an [`Event`]. It may change the response; its error ends the call, as [`Error::Hook`] if it is not one of this battery.
#[derive(Clone)]
pub struct Hook(Arc<Closure>);

type Closure = dyn Fn(&mut Response) -> Result<()> + Send + Sync;

impl Hook {
    /// From a closure.
    pub fn new(hook: impl Fn(&mut Response) -> Result<()> + Send + Sync + 'static) -> Hook {
        Hook(Arc::new(hook))
    }

    /// From a closure that fails in its own way.
    pub fn fallible<E: Into<super::error::Cause>>(hook: impl Fn(&mut Response) -> Result<(), E> + Send + Sync + 'static) -> Hook {
        Hook::new(move |response| hook(response).map_err(|error| Error::Hook(error.into())))
    }
}

impl fmt::Debug for Hook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hook")
    }
}

/// The hooks of a session or a request.
#[derive(Clone, Debug, Default)]
pub struct Hooks {
    response: Vec<Hook>,
}

impl Hooks {
    /// Adds one.
    #[doc(alias("requests.Request.register_hook", "requests.PreparedRequest.register_hook"))]
    pub fn register(&mut self, event: Event, hook: Hook) {
        match event {
            Event::Response => self.response.push(hook),
        }
    }

    /// Takes one out: it, or a clone of it. False if it is not there.
    #[doc(alias("requests.Request.deregister_hook", "requests.PreparedRequest.deregister_hook"))]
    pub fn deregister(&mut self, event: Event, hook: &Hook) -> bool {
        let Event::Response = event;
        let found = self.response.iter().position(|own| Arc::ptr_eq(&own.0, &hook.0));
        found.map(|at| self.response.remove(at)).is_some()
    }

    /// True if there is none.
    pub fn is_empty(&self) -> bool {
        self.response.is_empty()
    }

    /// These, or, if there are none, the session's.
    pub(super) fn or(self, session: &Hooks) -> Hooks {
        if self.is_empty() { session.clone() } else { self }
    }

    pub(super) fn dispatch(&self, response: &mut Response) -> Result<()> {
        self.response.iter().try_for_each(|hook| (hook.0)(response))
    }
}
