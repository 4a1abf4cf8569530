//! Python's batteries for automation, in Rust.

#[cfg(feature = "bs4")]
pub mod bs4;
#[cfg(feature = "os")]
pub mod os;
#[cfg(feature = "re")]
pub mod re;
