//! Access: lists and policies.

pub(super) mod acl;
pub(super) mod policy;
