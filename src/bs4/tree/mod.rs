//! The document: its nodes, their values, walking and editing.

pub(super) mod copy;
pub(super) mod doc;
pub(super) mod edit;
pub(super) mod forward;
pub(super) mod insertable;
pub(super) mod kinds;
pub(super) mod names;
pub(super) mod navigate;
pub(super) mod node;
pub(super) mod text;
pub(super) mod value;
