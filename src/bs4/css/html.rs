//! Pseudo-classes without argument, many of which are abbreviations of selectors.

use super::parse::parse_html;
use super::types::{self, Nth, Selector};
use crate::bs4::error::Error;
use std::sync::Arc;

/// An additional condition of the last alternative.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Special {
    Default,
    Indeterminate,
    InRange,
    OutOfRange,
    PlaceholderShown,
    Editable,
    Checked,
}

impl Special {
    pub(super) fn flag(self) -> u32 {
        match self {
            Special::Default => types::DEFAULT,
            Special::Indeterminate => types::INDETERMINATE,
            Special::InRange => types::IN_RANGE,
            Special::OutOfRange => types::OUT_OF_RANGE,
            Special::PlaceholderShown => types::PLACEHOLDER_SHOWN,
            Special::Editable => types::EDITABLE,
            Special::Checked => types::CHECKED,
        }
    }
}

/// Whether a pseudo-class without argument is known.
pub(super) enum Known {
    Yes,
    MatchesNothing,
    No,
}

const TEXT_STATE: &str = ":not([type=hidden], [type=search], [type=tel], [type=url], [type=email], [type=password], [type=date], \
    [type=month], [type=week], [type=time], [type=datetime-local], [type=number], [type=range], [type=color], [type=checkbox], \
    [type=radio], [type=file], [type=submit], [type=image], [type=reset], [type=button])";
const NOT_REQUIRED: &str = "[type=hidden], [type=range], [type=color], [type=submit], [type=image], [type=reset], [type=button]";
const RANGE: &str = "html|input:is(:is([type=date], [type=month], [type=week], [type=time], [type=datetime-local], [type=number])\
    :is([min], [max]), [type=range]):not(:disabled, [readonly], html|datalist html|*)";

/// Returns the selector that a pseudo-class abbreviates.
fn selector(name: &str) -> Option<(String, Option<Special>)> {
    let plain = |text: &str| Some((text.to_owned(), None));
    match name {
        ":link" | ":any-link" => plain("html|*:is(a, area)[href]"),
        ":checked" => Some((
            "html|input[type=checkbox][checked], html|*:is(input[type=radio][checked], option)".to_owned(),
            Some(Special::Checked),
        )),
        ":default" => Some((
            "html|*:is(input[type=checkbox], input[type=radio])[checked], html|option[selected], \
             html|*:is(button:is([type=submit], :not([type=button], [type=reset], [commandfor], [command])), \
             input:is([type=submit], [type=image]))"
                .to_owned(),
            Some(Special::Default),
        )),
        ":indeterminate" => Some((
            "html|input[type=checkbox][indeterminate], html|input[type=radio]:is(:not([name]), [name='']):not([checked]), \
             html|progress:not([value]), html|input[type=radio][name]:not([name='']):not([checked])"
                .to_owned(),
            Some(Special::Indeterminate),
        )),
        ":disabled" => plain(
            "html|*:is(input, button, select, textarea, fieldset, optgroup, option, fieldset)[disabled], \
             html|optgroup[disabled] > html|option, \
             html|fieldset[disabled] > html|*:is(input, button, select, textarea, fieldset), \
             html|fieldset[disabled] > html|*:not(legend:nth-of-type(1)) html|*:is(input, button, select, textarea, fieldset), \
             html|*:is(html|select[disabled], html|fieldset[disabled] > html|select, \
             html|fieldset[disabled] > html|*:not(legend:nth-of-type(1)) html|select) html|*:is(optgroup, option)",
        ),
        ":enabled" => plain("html|*:is(input, button, select, textarea, fieldset, optgroup, option, fieldset):not(:disabled)"),
        ":required" => plain(&format!("html|input:not({NOT_REQUIRED})[required], html|*:is(textarea, select)[required]")),
        ":optional" => plain(&format!("html|*:is(input, textarea, select):not([required]), html|input:is({NOT_REQUIRED})")),
        ":placeholder-shown" => Some((
            format!(
                "html|*:is(input:is({TEXT_STATE}, [type=search], [type=url], [type=tel], [type=email], [type=password], \
                 [type=number]), textarea)[placeholder]:not([placeholder=''])"
            ),
            Some(Special::PlaceholderShown),
        )),
        ":read-write" => Some((
            format!(
                "html|*:is(textarea, input:is({TEXT_STATE}, [type=search], [type=url], [type=tel], [type=email], [type=number], \
                 [type=password], [type=date], [type=datetime-local], [type=month], [type=time], [type=week]))\
                 :not([readonly], :disabled), html|*:not(input, textarea, [contenteditable='false' i])"
            ),
            Some(Special::Editable),
        )),
        ":read-only" => plain("html|*:not(:read-write)"),
        ":in-range" => Some((RANGE.to_owned(), Some(Special::InRange))),
        ":out-of-range" => Some((RANGE.to_owned(), Some(Special::OutOfRange))),
        ":open" => plain("html|*:is(details, dialog)[open]"),
        ":muted" => plain("html|*:is(video, audio)[muted]"),
        _ => None,
    }
}

/// Adds a pseudo-class without argument to a selector.
pub(super) fn simple(name: &str, to: &mut Selector) -> Result<Known, Error> {
    let mut nth = |of_type: bool, ends: &[bool]| {
        to.nth.extend(ends.iter().map(|&last| Arc::new(Nth { a: 0, b: 1, of_type, last, of: None })));
    };
    match name {
        ":first-child" => nth(false, &[false]),
        ":last-child" => nth(false, &[true]),
        ":first-of-type" => nth(true, &[false]),
        ":last-of-type" => nth(true, &[true]),
        ":only-child" => nth(false, &[false, true]),
        ":only-of-type" => nth(true, &[false, true]),
        ":root" => to.flags |= types::ROOT,
        ":defined" => to.flags |= types::DEFINED,
        ":scope" => to.flags |= types::SCOPE,
        ":empty" => to.flags |= types::EMPTY,
        _ if matches_nothing(name) => return Ok(Known::MatchesNothing),
        _ => match selector(name) {
            Some((text, special)) => to.selectors.push(Arc::new(parse_html(&text, special)?)),
            None => return Ok(Known::No),
        },
    }
    Ok(Known::Yes)
}

/// Returns true for pseudo-classes of interactive state, which never match.
fn matches_nothing(name: &str) -> bool {
    matches!(
        name,
        ":active"
            | ":autofill"
            | ":buffering"
            | ":current"
            | ":focus"
            | ":focus-visible"
            | ":focus-within"
            | ":fullscreen"
            | ":future"
            | ":host"
            | ":hover"
            | ":local-link"
            | ":past"
            | ":paused"
            | ":picture-in-picture"
            | ":playing"
            | ":popover-open"
            | ":seeking"
            | ":stalled"
            | ":target"
            | ":target-within"
            | ":user-invalid"
            | ":volume-locked"
            | ":visited"
    )
}

/// Whether there is a pseudo-class of that name, with an argument or without.
pub(super) fn is_pseudo_class(name: &str) -> bool {
    let takes_argument = matches!(
        name,
        ":contains"
            | ":-soup-contains"
            | ":-soup-contains-own"
            | ":has"
            | ":is"
            | ":matches"
            | ":not"
            | ":where"
            | ":current"
            | ":host"
            | ":host-context"
            | ":dir"
            | ":lang"
            | ":nth-child"
            | ":nth-last-child"
            | ":nth-last-of-type"
            | ":nth-of-type"
    );
    takes_argument || !matches!(simple(name, &mut Selector::default()), Ok(Known::No))
}

/// The attributes whose values HTML compares without regard to case.
pub(super) fn is_case_insensitive(attribute: &str) -> bool {
    matches!(
        attribute,
        "accept"
            | "accept-charset"
            | "align"
            | "alink"
            | "axis"
            | "bgcolor"
            | "charset"
            | "checked"
            | "clear"
            | "codetype"
            | "color"
            | "compact"
            | "declare"
            | "defer"
            | "dir"
            | "direction"
            | "disabled"
            | "enctype"
            | "face"
            | "frame"
            | "hreflang"
            | "http-equiv"
            | "lang"
            | "language"
            | "link"
            | "media"
            | "method"
            | "multiple"
            | "nohref"
            | "noresize"
            | "noshade"
            | "nowrap"
            | "readonly"
            | "rel"
            | "rev"
            | "rules"
            | "scope"
            | "scrolling"
            | "selected"
            | "shape"
            | "target"
            | "text"
            | "type"
            | "valign"
            | "valuetype"
            | "vlink"
    )
}
