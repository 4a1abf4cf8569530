//! `os`: the pure modules.

pub mod error;
pub mod fnmatch;
pub mod path;
pub mod shlex;
mod text;

pub use error::Error;
