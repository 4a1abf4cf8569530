//! The seam of `sys`.

use std::fmt::Debug;

/// What must be there.
pub trait Backend: Debug + Send + Sync + 'static {}
