//! Authentication: [`HttpBasicAuth`], [`HttpDigestAuth`], [`HttpBearerAuth`], [`HttpProxyAuth`], or
//! a custom [`Auth`].
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! world.requests.get("https://api.test/").header("Authorization", "Basic YW5hOnNlY3JldA==").reply(200);
//! let requests = world.batteries().requests;
//! let response = requests.get("https://api.test/").auth(("ana", Secret::new("secret"))).wait()?;
//! assert_eq!(response.status_code, 200);
//! # Ok::<(), leyden::Error>(())
//! ```

mod basic;
mod challenge;
mod digest;
pub(super) mod netrc;

use std::fmt::{self, Debug};
use std::sync::Arc;

pub(super) use basic::basic_auth_str;
pub use basic::{HttpBasicAuth, HttpBearerAuth, HttpProxyAuth};
pub use digest::HttpDigestAuth;
pub(super) use digest::hex;
pub use netrc::Netrc;

use super::error::Result;
use super::request::prepare::PreparedRequest;
use super::response::Response;

/// The Content-Type of a form.
#[doc(alias = "requests.auth.CONTENT_TYPE_FORM_URLENCODED")]
pub const CONTENT_TYPE_FORM_URLENCODED: &str = "application/x-www-form-urlencoded";
/// The Content-Type of a form with files, without its boundary.
#[doc(alias = "requests.auth.CONTENT_TYPE_MULTI_PART")]
pub const CONTENT_TYPE_MULTI_PART: &str = "multipart/form-data";

/// An authentication method: Python's `AuthBase`.
///
/// Its `Debug` must not show the secret: store it in a [`Secret`](crate::Secret).
#[doc(alias = "requests.auth.AuthBase")]
pub trait Auth: Debug + Send + Sync + 'static {
    /// Adds the credentials to the request, which is otherwise complete.
    fn apply(&self, request: &mut PreparedRequest) -> Result<()>;

    /// Answers a challenge: returns the request to send instead, once. `None`: the response is
    /// returned to the caller.
    ///
    /// It is called only while the request stays with its original host.
    fn answer(&self, response: &Response) -> Result<Option<PreparedRequest>> {
        let _ = response;
        Ok(None)
    }
}

/// An argument of `auth(..)`: a pair of user name and password, or an [`Auth`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not authenticate",
    label = "expected a name and a password, or an `Auth`",
    note = "pass `(\"user\", \"password\")`, whose password may be a `Secret`, or a type that implements `requests::auth::Auth`"
)]
pub trait IntoAuth {
    /// Converts it to an [`Auth`].
    fn into_auth(self) -> Arc<dyn Auth>;
}

impl<A: Auth> IntoAuth for A {
    fn into_auth(self) -> Arc<dyn Auth> {
        Arc::new(self)
    }
}

impl<U: Into<String>, P: Into<crate::Secret>> IntoAuth for (U, P) {
    fn into_auth(self) -> Arc<dyn Auth> {
        Arc::new(HttpBasicAuth::new(self.0, self.1))
    }
}

impl IntoAuth for Arc<dyn Auth> {
    fn into_auth(self) -> Arc<dyn Auth> {
        self
    }
}

/// Creates an [`Auth`] from a closure.
pub fn from_fn(apply: impl Fn(&mut PreparedRequest) -> Result<()> + Send + Sync + 'static) -> impl Auth {
    FromFn(apply)
}

struct FromFn<F>(F);

impl<F: Fn(&mut PreparedRequest) -> Result<()> + Send + Sync + 'static> Auth for FromFn<F> {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        (self.0)(request)
    }
}

impl<F> Debug for FromFn<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Auth")
    }
}
