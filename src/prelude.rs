//! What a script needs in one line: `use leyden::prelude::*;`.
//!
//! ```
//! use leyden::prelude::*;
//!
//! fn script(batteries: &Batteries) -> leyden::Result<()> {
//!     # #[cfg(feature = "time")]
//!     batteries.time.sleep(1.5).wait();
//!     Ok(())
//! }
//!
//! script(&World::new().batteries()).unwrap();
//! ```
//!
//! The batteries, the pure modules under their Python names (`re`, `path`, `shlex`, `fnmatch`), and the parameter objects of the
//! calls that scripts make most.

use crate::Seconds;
pub use crate::{Batteries, ResultExt, Secret, Wait, World};
use std::time::Duration;

#[cfg(feature = "ec2")]
pub use crate::boto3::ec2::Filters as _;
#[cfg(feature = "s3")]
pub use crate::boto3::s3::{Content as _, Read as _};
#[cfg(feature = "bs4")]
pub use crate::bs4::BeautifulSoup;
#[cfg(feature = "os")]
pub use crate::os::Text as _;
#[cfg(feature = "os")]
pub use crate::os::glob::Glob;
#[cfg(feature = "os")]
pub use crate::os::{MakeDirs, Open, Walk, fnmatch, path, shlex};
#[cfg(feature = "re")]
pub use crate::re;
#[cfg(feature = "requests")]
pub use crate::requests::Session;
#[cfg(feature = "smtplib")]
pub use crate::smtplib::email::EmailMessage;
#[cfg(feature = "subprocess")]
pub use crate::subprocess::{DEVNULL, PIPE, Run, STDOUT};

/// A duration of so many seconds: `secs(10)`, `secs(1.5)`.
///
/// Negative values and NaN give `ZERO`; values too large give `MAX`. See [`Seconds`].
pub fn secs(seconds: impl Into<Seconds>) -> Duration {
    seconds.into().into()
}
