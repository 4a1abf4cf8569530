//! Beautiful Soup's knowledge of HTML tags and attributes.

use super::tree::kinds::StringKind;

/// The kinds of attribute values, as the arena stores them.
pub(crate) const PLAIN: u8 = 0;
pub(crate) const LIST: u8 = 1;
pub(crate) const CHARSET: u8 = 2;
pub(crate) const CONTENT: u8 = 3;

/// Returns true for tags that never have contents, including those of earlier HTML versions.
pub(crate) fn is_void(name: &str) -> bool {
    matches!(
        name,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "keygen"
            | "link"
            | "menuitem"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
            | "basefont"
            | "bgsound"
            | "command"
            | "frame"
            | "image"
            | "isindex"
            | "nextid"
            | "spacer"
    )
}

/// Returns true if whitespace in the tag is kept when an HTML document is prettified.
pub(crate) fn preserves_whitespace(name: &str) -> bool {
    matches!(name, "pre" | "textarea")
}

/// Returns the kind of string that is the tag's text; 0 is `NavigableString` and `CData`.
pub(crate) fn interesting(name: &str) -> u8 {
    match name {
        "script" => StringKind::Script as u8,
        "style" => StringKind::Stylesheet as u8,
        "template" => StringKind::TemplateString as u8,
        "rt" => StringKind::RubyTextString as u8,
        "rp" => StringKind::RubyParenthesisString as u8,
        _ => 0,
    }
}

/// Returns the kind of an HTML attribute's value.
pub(crate) fn value_kind(tag: &str, attribute: &str) -> u8 {
    let is_list = match attribute {
        "class" | "accesskey" | "dropzone" => true,
        "rel" => matches!(tag, "a" | "link" | "area"),
        "rev" => matches!(tag, "a" | "link"),
        "headers" => matches!(tag, "td" | "th"),
        "accept-charset" => tag == "form",
        "archive" => tag == "object",
        "sizes" => tag == "icon",
        "sandbox" => tag == "iframe",
        "for" => tag == "output",
        _ => false,
    };
    if is_list { LIST } else { PLAIN }
}

/// Python's `str.isspace`.
pub(crate) fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c)
}

/// Python's `str.strip`.
pub(crate) fn strip(text: &str) -> &str {
    text.trim_matches(is_space)
}

/// Appends the tokens of a list value, separated by single spaces.
pub(crate) fn join_tokens(value: &str, to: &mut String) {
    let start = to.len();
    for token in value.split(is_space).filter(|token| !token.is_empty()) {
        if to.len() > start {
            to.push(' ');
        }
        to.push_str(token);
    }
}
