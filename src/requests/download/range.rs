//! `Content-Range`: which bytes of a file an answer holds.

/// RFC 9110 14.4.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ContentRange {
    /// The first byte and the last. None in an answer that has none of them: `bytes */10`.
    pub(super) bytes: Option<(u64, u64)>,
    /// How many the file has, where the server knows.
    pub(super) total: Option<u64>,
}

impl ContentRange {
    /// None if it is malformed, counts in another unit, or contradicts itself.
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
        // A number that is the greatest there is has no next one.
        let ordered = bytes.is_none_or(|(first, last)| first <= last && last < total.unwrap_or(u64::MAX));
        (unit.eq_ignore_ascii_case("bytes") && ordered && (bytes.is_some() || total.is_some()))
            .then_some(ContentRange { bytes, total })
    }
}

/// Digits alone: `parse` would take a sign.
fn number(text: &str) -> Option<u64> {
    text.bytes().all(|b| b.is_ascii_digit()).then(|| text.parse().ok())?
}
