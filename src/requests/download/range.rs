//! `Content-Range`: the bytes of a file in a response.

/// RFC 9110 14.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// The first and the last byte. `None` in a response without bytes: `bytes */10`.
    pub(super) bytes: Option<(u64, u64)>,
    /// The size of the file, if the server knows it.
    pub(super) total: Option<u64>,
}

impl ContentRange {
    /// Returns `None` if it is malformed, uses another unit, or contradicts itself.
    pub(super) fn parse(header: &str) -> Option<ContentRange> {
        let (unit, range) = header.trim_matches([' ', '\t']).split_once(' ')?;
        let (range, total) = range.trim_matches(' ').split_once('/')?;
        let total = if total == "*" { None } else { Some(number(total)?) };
        let bytes = match range {
            "*" => None,
            range => {
                let (first, last) = range.split_once('-')?;
                Some((number(first)?, number(last)?))
            }
        };
        // The last position has no successor if it is the maximum.
        let ordered = bytes.is_none_or(|(first, last)| first <= last && last < total.unwrap_or(u64::MAX));
        (unit.eq_ignore_ascii_case("bytes") && ordered && (bytes.is_some() || total.is_some()))
            .then_some(ContentRange { bytes, total })
    }
}

/// Only digits: `parse` would accept a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}
