//! The pipes.

use std::collections::VecDeque;

use super::{CAPACITY, Machine, Sink};

pub(super) struct Channel {
    pub(super) bytes: VecDeque<u8>,
    pub(super) capacity: usize,
    pub(super) readers: usize,
    pub(super) writers: usize,
}

impl Machine {
    pub(in crate::subprocess::mock) fn channel(&mut self, capacity: Option<usize>) -> usize {
        // The kernel rounds up to whole pages.
        let capacity = capacity.map_or(CAPACITY, |capacity| capacity.max(4096).next_power_of_two());
        self.channels.push(Channel { bytes: VecDeque::new(), capacity, readers: 1, writers: 1 });
        self.channels.len() - 1
    }

    pub(in crate::subprocess::mock) fn reader(&mut self, channel: usize) -> usize {
        self.with(channel, |channel| channel.readers += 1);
        channel
    }

    pub(in crate::subprocess::mock) fn writer(&mut self, channel: usize) -> usize {
        self.with(channel, |channel| channel.writers += 1);
        channel
    }

    pub(in crate::subprocess::mock) fn another(&mut self, sink: &Sink) -> Sink {
        match sink {
            Sink::Nowhere => Sink::Nowhere,
            Sink::Channel(channel) => Sink::Channel(self.writer(*channel)),
            Sink::File(file) => Sink::File(file.clone()),
        }
    }

    pub(super) fn with<T: Default>(&mut self, channel: usize, change: impl FnOnce(&mut Channel) -> T) -> T {
        self.channels.get_mut(channel).map(change).unwrap_or_default()
    }

    pub(in crate::subprocess::mock) fn close(&mut self, channel: usize, reads: bool) {
        self.with(channel, |channel| {
            let ends = if reads { &mut channel.readers } else { &mut channel.writers };
            *ends = ends.saturating_sub(1);
        });
    }

    pub(in crate::subprocess::mock) fn readable(&self, channel: usize) -> bool {
        self.channels.get(channel).is_none_or(|channel| !channel.bytes.is_empty() || channel.writers == 0)
    }

    pub(in crate::subprocess::mock) fn writable(&self, channel: usize) -> bool {
        self.channels.get(channel).is_none_or(|channel| channel.bytes.len() < channel.capacity || channel.readers == 0)
    }

    pub(in crate::subprocess::mock) fn read(&mut self, channel: usize, buffer: &mut [u8]) -> usize {
        self.with(channel, |channel| std::io::Read::read(&mut channel.bytes, buffer).unwrap_or(0))
    }

    /// Returns `None` if the reading end is closed.
    pub(in crate::subprocess::mock) fn write(&mut self, channel: usize, bytes: &[u8]) -> Option<usize> {
        self.with(channel, |channel| {
            let n = bytes.len().min(channel.capacity - channel.bytes.len().min(channel.capacity));
            (channel.readers > 0).then(|| {
                channel.bytes.extend(bytes.iter().take(n));
                n
            })
        })
    }
}
