//! `flock`: locks on whole files between handles.

/// The holders of the lock of one file.
#[derive(Debug, Default)]
pub(in crate::os::mock) struct Lock {
    holders: Vec<u64>,
    exclusive: bool,
}

impl Lock {
    /// Takes the lock for a handle, unless another handle's lock conflicts. As in the kernel, a
    /// change from shared to exclusive releases the old lock first: it is lost even if the new one
    /// is refused.
    pub(in crate::os::mock) fn take(&mut self, handle: u64, exclusive: bool) -> bool {
        self.release(handle);
        if !self.holders.is_empty() && (exclusive || self.exclusive) {
            return false;
        }
        self.holders.push(handle);
        self.exclusive = exclusive;
        true
    }

    pub(in crate::os::mock) fn release(&mut self, handle: u64) {
        self.holders.retain(|holder| *holder != handle);
    }
}
