//! The reason of an error, in one line.

use std::error::Error as StdError;
use std::io;

/// Returns the text of an error on one line, without the number that the standard library appends.
fn text(error: &(dyn StdError + 'static)) -> String {
    let text = match error.downcast_ref::<io::Error>().and_then(io::Error::raw_os_error) {
        Some(_) => {
            let text = error.to_string();
            text.rsplit_once(" (os error").map_or(text.clone(), |(words, _)| words.to_lowercase())
        }
        None => error.to_string(),
    };
    if text.contains(['\n', '\r']) { text.split_whitespace().collect::<Vec<_>>().join(" ") } else { text }
}

fn source<'e>(error: &&'e (dyn StdError + 'static)) -> Option<&'e (dyn StdError + 'static)> {
    (**error).source()
}

/// Returns the text of the innermost cause that has one. Network crates wrap errors in layers that
/// only name the place.
#[allow(dead_code, reason = "without a network battery nothing uses it")]
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    std::iter::successors(Some(error), source).map(text).filter(|text| !text.trim().is_empty()).last().unwrap_or_default()
}

/// Returns an error and its causes, joined by `: `, without repetitions.
#[allow(dead_code, reason = "without a network battery nothing uses it")]
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    below(error).into_iter().fold(text(error), |line, cause| format!("{line}: {cause}"))
}

/// Returns the causes that the text of an error, or of an outer cause, does not already contain.
pub(super) fn below(error: &(dyn StdError + 'static)) -> Vec<String> {
    let mut above = error.to_string();
    let mut causes = Vec::new();
    for cause in std::iter::successors(error.source(), source) {
        let (whole, text) = (cause.to_string(), text(cause));
        if !above.contains(&whole) && !above.contains(&text) {
            causes.push(text);
            above = whole;
        }
    }
    causes
}
