//! Reading and writing whole files, many requests at once.

use std::collections::VecDeque;

use super::link::Pending;
use super::raw::{Raw, RawHandle, data};
use super::status::SftpError;

/// Bytes under way: as few at the beginning, so that small files cost little, and at most this many.
const FIRST_WINDOW: u64 = 1 << 20;
const MOST_WINDOW: u64 = 8 << 20;

/// How many bytes may be under way. Each window that was used up makes the next one twice as large.
struct Window {
    size: u64,
    used: u64,
}

impl Window {
    fn new() -> Window {
        Window { size: FIRST_WINDOW, used: 0 }
    }

    fn passed(&mut self, bytes: u64) {
        self.used += bytes;
        if self.used >= self.size {
            self.size = (self.size * 2).min(MOST_WINDOW);
            self.used = 0;
        }
    }
}

/// Reads from an offset to the end, and gives the bytes in their order. `size` is where the end is expected.
///
/// The end is where the server says: a file that is longer than it seemed, as those of `/proc` are, is read to its end.
pub(super) async fn read_all(
    raw: &Raw,
    handle: &RawHandle,
    from: u64,
    size: Option<u64>,
    mut sink: impl FnMut(&[u8]) -> Result<(), SftpError> + Send,
) -> Result<u64, SftpError> {
    let chunk = u64::from(raw.0.limits.read);
    let mut window = Window::new();
    let mut under_way: VecDeque<(u64, u64, Pending)> = VecDeque::new();
    let (mut ask, mut at) = (from, from);
    let end = size.unwrap_or(0);
    loop {
        // Beyond the expected end one request at a time: it finds the real one.
        while ask < end && ask - at < window.size || under_way.is_empty() {
            let length = if ask < end { chunk.min(end - ask) } else { chunk };
            under_way.push_back((ask, length, raw.read(handle, ask, u32::try_from(length).unwrap_or(u32::MAX))));
            ask = ask.saturating_add(length);
        }
        let Some((offset, length, pending)) = under_way.pop_front() else { return Ok(at - from) };
        let Some(bytes) = data(pending).await? else { return Ok(at - from) };
        let got = bytes.len() as u64;
        if got == 0 || got > length {
            return Err(SftpError::Protocol(format!("{got} bytes for a request of {length}")));
        }
        sink(&bytes)?;
        at = offset.saturating_add(got);
        window.passed(got);
        if got < length {
            // The rest of it is asked for before everything that follows.
            let rest = length - got;
            let pending = raw.read(handle, at, u32::try_from(rest).unwrap_or(u32::MAX));
            under_way.push_front((at, rest, pending));
        }
    }
}

/// Writes what a source gives, from an offset on. The source fills a buffer; 0 is its end.
pub(super) async fn write_all(
    raw: &Raw,
    handle: &RawHandle,
    from: u64,
    mut source: impl FnMut(&mut [u8]) -> Result<usize, SftpError> + Send,
    mut progress: impl FnMut(u64) + Send,
) -> Result<u64, SftpError> {
    let chunk = raw.0.limits.write as usize;
    let mut buffer = vec![0; chunk];
    let mut window = Window::new();
    let mut under_way: VecDeque<(u64, Pending)> = VecDeque::new();
    let (mut at, mut flying, mut acknowledged) = (from, 0, 0);
    loop {
        let mut filled = 0;
        while let Some(room) = buffer.get_mut(filled..).filter(|room| !room.is_empty()) {
            match source(room)? {
                0 => break,
                count => filled += count,
            }
        }
        let bytes = buffer.get(..filled).unwrap_or_default();
        if !bytes.is_empty() {
            under_way.push_back((filled as u64, raw.write(handle, at, bytes)));
            at = at.saturating_add(filled as u64);
            flying += filled as u64;
        }
        let ended = filled < chunk;
        while flying > if ended { 0 } else { window.size } {
            let Some((length, pending)) = under_way.pop_front() else { break };
            pending.done().await?;
            flying -= length;
            acknowledged += length;
            window.passed(length);
            progress(acknowledged);
        }
        if ended {
            return Ok(at - from);
        }
    }
}
