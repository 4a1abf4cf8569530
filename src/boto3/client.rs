//! What all clients hold beside their backend.

use std::sync::Arc;

use super::backend::ClientConfig;
use crate::os::Os;
use crate::time::Time;

/// What a client has from the handle that made it: files to transfer, clocks to wait by, its configuration.
#[derive(Clone, Debug)]
pub struct Context {
    pub(in crate::boto3) os: Os,
    pub(in crate::boto3) time: Time,
    pub(in crate::boto3) config: Arc<ClientConfig>,
}
