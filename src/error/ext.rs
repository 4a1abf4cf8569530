//! [`ResultExt`]: `?` for the errors of other crates, and names for the steps of a script.

use std::error::Error as StdError;
use std::fmt;

use super::{Error, Result};

/// Methods of a `Result` that make its error a [`leyden::Error`](Error). Part of the prelude.
///
/// ```
/// # #[cfg(feature = "os")] {
/// use leyden::prelude::*;
///
/// fn port(Batteries { os, .. }: &Batteries) -> leyden::Result<u16> {
///     let text = os.read_text("/etc/port").context("reading the port")?;
///     // Any error of any crate, or a text.
///     let port = text.trim().parse::<std::num::NonZeroU16>().other()?;
///     Some(port.get()).filter(|port| *port > 1023).ok_or("the port is privileged").other()
/// }
///
/// let world = World::new();
/// let error = port(&world.batteries()).unwrap_err();
/// assert_eq!(error.to_string(), "reading the port: read_text '/etc/port': no such file or directory (errno 2)");
/// world.os.write("/etc/port", "80");
/// assert_eq!(port(&world.batteries()).unwrap_err().to_string(), "the port is privileged");
/// # }
/// ```
pub trait ResultExt<T>: Sized {
    /// Wraps an error of any type, so that `?` accepts it.
    fn other(self) -> Result<T>;

    /// Wraps the error and names the step that failed: see [`Error::context`]. The step is
    /// formatted only if there is an error.
    fn context(self, step: impl fmt::Display) -> Result<T>;
}

impl<T, E: Into<Box<dyn StdError + Send + Sync>>> ResultExt<T> for Result<T, E> {
    fn other(self) -> Result<T> {
        self.map_err(Error::other)
    }

    fn context(self, step: impl fmt::Display) -> Result<T> {
        self.map_err(|error| Error::other(error).context(step))
    }
}
