//! UTF-16 and UTF-32.

use super::encoding::Step;

/// The order of the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Order {
    /// As a byte order mark says; without one, little endian.
    Marked,
    Little,
    Big,
}

impl Order {
    fn unit16(self, bytes: &[u8]) -> Option<u16> {
        let bytes = bytes.first_chunk()?;
        Some(if self == Order::Big { u16::from_be_bytes(*bytes) } else { u16::from_le_bytes(*bytes) })
    }

    fn unit32(self, bytes: &[u8]) -> Option<u32> {
        let bytes = bytes.first_chunk()?;
        Some(if self == Order::Big { u32::from_be_bytes(*bytes) } else { u32::from_le_bytes(*bytes) })
    }

    pub(super) fn encode16(self, character: char, out: &mut Vec<u8>) {
        for unit in character.encode_utf16(&mut [0; 2]) {
            out.extend(if self == Order::Big { unit.to_be_bytes() } else { unit.to_le_bytes() });
        }
    }

    pub(super) fn encode32(self, character: char, out: &mut Vec<u8>) {
        let code = u32::from(character);
        out.extend(if self == Order::Big { code.to_be_bytes() } else { code.to_le_bytes() });
    }

    /// Decodes up to the first wrong bytes.
    pub(super) fn decode16(self, bytes: &[u8], out: &mut String) -> (usize, Step) {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(first) = self.unit16(rest) else {
                return (at, if rest.is_empty() { Step::End } else { Step::Cut(rest.len()) });
            };
            let decoded = match first {
                0xd800..0xdc00 => match rest.get(2..).and_then(|rest| self.unit16(rest)) {
                    None => return (at, Step::Cut(rest.len())),
                    Some(second) => char::decode_utf16([first, second]).next(),
                },
                _ => char::decode_utf16([first]).next(),
            };
            let Some(Ok(character)) = decoded else { return (at, Step::Wrong(2)) };
            out.push(character);
            at += 2 * character.len_utf16();
        }
    }

    /// Decodes up to the first wrong bytes.
    pub(super) fn decode32(self, bytes: &[u8], out: &mut String) -> (usize, Step) {
        let mut at = 0;
        loop {
            let rest = bytes.get(at..).unwrap_or_default();
            let Some(code) = self.unit32(rest) else {
                return (at, if rest.is_empty() { Step::End } else { Step::Cut(rest.len()) });
            };
            let Some(character) = char::from_u32(code) else { return (at, Step::Wrong(4)) };
            out.push(character);
            at += 4;
        }
    }
}
