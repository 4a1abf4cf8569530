//! [`Hooks`]: closures that are called with each response.

use std::fmt;
use std::sync::Arc;

use super::error::{Error, Result};
use super::response::Response;

/// The events that can be hooked: Python's `HOOKS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
#[doc(alias = "requests.hooks.HOOKS")]
pub enum Event {
    /// A response has arrived, a redirect included. Its body may not be read yet.
    Response,
}

/// A closure for an [`Event`]. It may change the response. Its error ends the call: as it is if it
/// is an error of this battery, otherwise as [`Error::Hook`].
#[derive(Clone)]
pub struct Hook(Arc<Closure>);

type Closure = dyn Fn(&mut Response) -> Result<()> + Send + Sync;

impl Hook {
    /// Creates a hook from a closure.
    pub fn new(hook: impl Fn(&mut Response) -> Result<()> + Send + Sync + 'static) -> Hook {
        Hook(Arc::new(hook))
    }

    /// Creates a hook from a closure with an error type of its own.
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
    /// Adds a hook.
    #[doc(alias("requests.Request.register_hook", "requests.PreparedRequest.register_hook"))]
    pub fn register(&mut self, event: Event, hook: Hook) {
        match event {
            Event::Response => self.response.push(hook),
        }
    }

    /// Removes a hook or a clone of it. Returns false if it was not registered.
    #[doc(alias("requests.Request.deregister_hook", "requests.PreparedRequest.deregister_hook"))]
    pub fn deregister(&mut self, event: Event, hook: &Hook) -> bool {
        let Event::Response = event;
        let found = self.response.iter().position(|own| Arc::ptr_eq(&own.0, &hook.0));
        found.map(|at| self.response.remove(at)).is_some()
    }

    /// Returns true if there are no hooks.
    pub fn is_empty(&self) -> bool {
        self.response.is_empty()
    }

    /// Returns these hooks or, if there are none, the session's.
    pub(super) fn or(self, session: &Hooks) -> Hooks {
        if self.is_empty() { session.clone() } else { self }
    }

    pub(super) fn dispatch(&self, response: &mut Response) -> Result<()> {
        self.response.iter().try_for_each(|hook| (hook.0)(response))
    }
}
