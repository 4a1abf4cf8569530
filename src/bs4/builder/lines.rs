//! The source position of a tag.

/// Converts increasing byte offsets to lines and columns.
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

    /// Returns the line (from 1) and the column (from 0, in characters) of the character before
    /// `offset`.
    pub(super) fn advance(&mut self, offset: usize) -> (u32, u32) {
        let passed = self.source.as_bytes().get(self.at..offset).unwrap_or_default();
        for &byte in passed {
            if byte == b'\n' {
                self.line += 1;
                self.column = 0;
            } else {
                // Continuation bytes are not characters.
                self.column += u32::from(byte & 0xC0 != 0x80);
            }
        }
        self.at = self.at.max(offset);
        (self.line, self.column.saturating_sub(1))
    }
}
