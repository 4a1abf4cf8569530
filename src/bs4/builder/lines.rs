//! Where in the markup a tag stands.

/// Turns byte offsets that only grow into lines and columns.
#[derive(Debug)]
pub(super) struct Lines<'s> {
    source: &'s str,
    at: usize,
    line: u32,
    column: u32,
}

impl<'s> Lines<'s> {
    pub(super) fn new(source: &'s str) -> Self {
        Lines { source, at: 0, line: 1, column: 0 }
    }

    /// The line (from 1) and the column (from 0, in characters) of the character just before `offset`.
    pub(super) fn advance(&mut self, offset: usize) -> (u32, u32) {
        let passed = self.source.as_bytes().get(self.at..offset).unwrap_or_default();
        for &byte in passed {
            if byte == b'\n' {
                self.line += 1;
                self.column = 0;
            } else {
                // Continuation bytes are not characters of their own.
                self.column += u32::from(byte & 0xC0 != 0x80);
            }
        }
        self.at = self.at.max(offset);
        (self.line, self.column.saturating_sub(1))
    }
}
