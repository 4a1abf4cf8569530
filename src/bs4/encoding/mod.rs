//! Bytes of unknown encoding into text.

pub(super) mod charset;
pub(super) mod dammit;
pub(super) mod detector;
pub(super) mod prescan;
pub(super) mod smart_quotes;
