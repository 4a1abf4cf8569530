//! The bytes of a file: sparse, and shared until they change.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::ops::Range;
use std::sync::Arc;

/// The allocation unit in bytes.
pub(in crate::os::mock) const BLOCK: u64 = 4096;

/// The maximum file size: ext4's limit for blocks of this size.
pub(in crate::os::mock) const LONGEST: u64 = BLOCK * u32::MAX as u64;

/// Bytes in blocks. A missing block is a hole: zeros that take no space. A block may hold fewer
/// bytes than [`BLOCK`]; the rest are zeros. Clones share blocks, which are copied when they
/// change.
#[derive(Clone, Debug, Default)]
pub(in crate::os::mock) struct Content {
    length: u64,
    blocks: Arc<BTreeMap<u64, Arc<Vec<u8>>>>,
}

impl Content {
    pub(in crate::os::mock) fn length(&self) -> u64 {
        self.length
    }

    /// Returns the number of allocated blocks.
    pub(in crate::os::mock) fn allocated(&self) -> u64 {
        self.blocks.len() as u64
    }

    /// Fills the buffer from `offset` on; returns the number of bytes.
    pub(in crate::os::mock) fn read(&self, offset: u64, buffer: &mut [u8]) -> usize {
        let available = usize::try_from(self.length.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = available.min(buffer.len());
        for piece in pieces(offset, wanted) {
            let target = &mut buffer[piece.range];
            let stored = self.blocks.get(&piece.block).map_or(&[][..], |block| block.get(piece.start..).unwrap_or_default());
            let copied = stored.len().min(target.len());
            target[..copied].copy_from_slice(&stored[..copied]);
            target[copied..].fill(0);
        }
        wanted
    }

    /// Writes at `offset` as much as fits into `free` more blocks; returns the number of bytes
    /// written.
    pub(in crate::os::mock) fn write(&mut self, offset: u64, bytes: &[u8], mut free: u64) -> usize {
        let mut written = 0;
        let blocks = Arc::make_mut(&mut self.blocks);
        for piece in pieces(offset, bytes.len()) {
            let block = match blocks.entry(piece.block) {
                Entry::Occupied(entry) => entry.into_mut(),
                Entry::Vacant(_) if free == 0 => break,
                Entry::Vacant(entry) => {
                    free -= 1;
                    entry.insert(Arc::default())
                }
            };
            let block = Arc::make_mut(block);
            let end = piece.start + piece.range.len();
            if block.len() < end {
                block.resize(end, 0);
            }
            written += piece.range.len();
            block[piece.start..end].copy_from_slice(&bytes[piece.range]);
        }
        if written > 0 {
            self.length = self.length.max(offset + written as u64);
        }
        written
    }

    /// Truncates, or extends with a hole.
    pub(in crate::os::mock) fn truncate(&mut self, length: u64) {
        if length < self.length && !self.blocks.is_empty() {
            let blocks = Arc::make_mut(&mut self.blocks);
            drop(blocks.split_off(&length.div_ceil(BLOCK)));
            if let Some(last) = blocks.get_mut(&(length / BLOCK)) {
                Arc::make_mut(last).truncate((length % BLOCK) as usize);
            }
        }
        self.length = length;
    }

    /// Allocates the blocks of a range, and extends the file to its end. Returns false without a
    /// change if that needs more than `free` blocks.
    pub(in crate::os::mock) fn allocate(&mut self, range: Range<u64>, free: u64) -> bool {
        let wanted = range.start / BLOCK..range.end.div_ceil(BLOCK);
        let missing = wanted.end - wanted.start - self.blocks.range(wanted.clone()).count() as u64;
        if missing > free {
            return false;
        }
        let (blocks, zeros) = (Arc::make_mut(&mut self.blocks), Arc::default());
        for block in wanted {
            blocks.entry(block).or_insert_with(|| Arc::clone(&zeros));
        }
        self.length = self.length.max(range.end);
        true
    }

    /// Returns where data begins at or after `offset`; `None` if there is no more data.
    pub(in crate::os::mock) fn next_data(&self, offset: u64) -> Option<u64> {
        let (block, _) = self.blocks.range(offset / BLOCK..).next()?;
        Some(offset.max(block * BLOCK)).filter(|at| *at < self.length)
    }

    /// Returns where a hole begins at or after `offset`; the end of the file counts as one. `None`
    /// beyond the end.
    pub(in crate::os::mock) fn next_hole(&self, offset: u64) -> Option<u64> {
        let first = offset / BLOCK;
        let full = self.blocks.range(first..).zip(first..).take_while(|((block, _), expected)| *block == expected).count();
        let hole = offset.max((first + full as u64) * BLOCK);
        (offset < self.length).then(|| hole.min(self.length))
    }

    pub(in crate::os::mock) fn to_vec(&self) -> Vec<u8> {
        let mut bytes = vec![0; usize::try_from(self.length).unwrap_or(usize::MAX)];
        self.read(0, &mut bytes);
        bytes
    }
}

/// The part of a buffer that lies in one block.
struct Piece {
    block: u64,
    /// The offset in the block.
    start: usize,
    /// The range in the buffer.
    range: Range<usize>,
}

fn pieces(offset: u64, length: usize) -> impl Iterator<Item = Piece> {
    let mut done = 0;
    std::iter::from_fn(move || {
        (done < length).then(|| {
            let at = offset + done as u64;
            let start = (at % BLOCK) as usize;
            let end = length.min(done + (BLOCK as usize - start));
            let range = done..end;
            done = end;
            Piece { block: at / BLOCK, start, range }
        })
    })
}
