//! Files and directories: opening, reading, replacing, listing, metadata, walks.

pub(super) mod dir;
pub(super) mod dirs;
pub(super) mod file;
pub(super) mod files;
pub(super) mod fwalk;
pub(super) mod meta;
pub(super) mod open;
pub(super) mod replace;
pub(super) mod scandir;
pub(super) mod stream;
pub(super) mod walk;
