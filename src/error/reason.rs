//! The reason of an error, in one line.

use std::error::Error as StdError;
use std::io;

/// The text of an error alone, for the end of a line: without line breaks, and without the number that the standard library adds.
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

/// The innermost cause that has a text. Errors of network crates wrap it in layers that say only where it was met.
#[allow(dead_code, reason = "without a network battery nothing uses it")]
pub(crate) fn innermost(error: &(dyn StdError + 'static)) -> String {
    std::iter::successors(Some(error), source).map(text).filter(|text| !text.trim().is_empty()).last().unwrap_or_default()
}

/// An error and its causes, joined by `: `, each named once.
#[allow(dead_code, reason = "without a network battery nothing uses it")]
pub(crate) fn chain(error: &(dyn StdError + 'static)) -> String {
    below(error).into_iter().fold(text(error), |line, cause| format!("{line}: {cause}"))
}

/// The causes that the text of an error, or of a cause above, does not name already.
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
