//! Entity substitution: converts text to markup.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::OnceLock;

/// Returns the entity name for a character or a pair of characters, as Beautiful Soup chooses it.
fn entity(text: &str) -> Option<&'static str> {
    static ENTITIES: OnceLock<HashMap<&str, &str>> = OnceLock::new();
    let entities = ENTITIES.get_or_init(|| {
        let lines = include_str!("entities.txt").split_terminator('\n');
        lines.filter_map(|line| line.split_once(' ')).map(|(name, text)| (text, name)).collect()
    });
    entities.get(text).copied()
}

/// The functions that convert text to markup, named as in Python.
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#output-formatters>
#[derive(Debug, Clone, Copy)]
#[doc(alias = "bs4.EntitySubstitution")]
pub struct EntitySubstitution;

impl EntitySubstitution {
    /// Replaces `<`, `>` and `&` by entities.
    #[doc(alias = "bs4.EntitySubstitution.substitute_xml")]
    pub fn substitute_xml(text: &str) -> Cow<'_, str> {
        substitute(
            text,
            |byte| matches!(byte, b'<' | b'>' | b'&'),
            |rest, out| {
                out.push_str(xml_entity(rest.as_bytes()[0]));
                1
            },
        )
    }

    /// Replaces `<` and `>` by entities, and `&` unless it begins an entity.
    #[doc(alias = "bs4.EntitySubstitution.substitute_xml_containing_entities")]
    pub fn substitute_xml_containing_entities(text: &str) -> Cow<'_, str> {
        substitute(
            text,
            |byte| matches!(byte, b'<' | b'>' | b'&'),
            |rest, out| {
                match entity_name(rest, false) {
                    Some(_) => out.push('&'),
                    None => out.push_str(xml_entity(rest.as_bytes()[0])),
                }
                1
            },
        )
    }

    /// Replaces all characters with a named entity; ASCII characters only where necessary.
    #[doc(alias = "bs4.EntitySubstitution.substitute_html")]
    pub fn substitute_html(text: &str) -> Cow<'_, str> {
        substitute(
            text,
            |byte| matches!(byte, b'<' | b'>' | b'&' | b'=') || byte >= 0x80,
            |rest, out| {
                if rest.starts_with('&') {
                    out.push_str("&amp;");
                    return 1;
                }
                named(rest, out)
            },
        )
    }

    /// Like [`EntitySubstitution::substitute_html`], but `&` becomes `&amp;` only where it would
    /// begin an entity.
    #[doc(alias = "bs4.EntitySubstitution.substitute_html5")]
    pub fn substitute_html5(text: &str) -> Cow<'_, str> {
        html5(text, |_| true)
    }

    /// Like [`EntitySubstitution::substitute_html5`], but leaves known entities unchanged.
    #[doc(alias = "bs4.EntitySubstitution.substitute_html5_raw")]
    pub fn substitute_html5_raw(text: &str) -> Cow<'_, str> {
        html5(text, |name| !is_known(name))
    }

    /// Returns the value in quotes: double quotes, single quotes if it contains double ones, and
    /// `&quot;` if it contains both.
    #[doc(alias = "bs4.EntitySubstitution.quoted_attribute_value")]
    pub fn quoted_attribute_value(value: &str) -> String {
        let mut out = String::with_capacity(value.len() + 2);
        Self::push_quoted(value, &mut out);
        out
    }

    pub(crate) fn push_quoted(value: &str, out: &mut String) {
        let (quote, escape) = match (value.contains('"'), value.contains('\'')) {
            (true, true) => ('"', true),
            (true, false) => ('\'', false),
            (false, _) => ('"', false),
        };
        out.push(quote);
        if escape {
            out.push_str(&value.replace('"', "&quot;"));
        } else {
            out.push_str(value);
        }
        out.push(quote);
    }
}

fn html5(text: &str, escapes: impl Fn(&str) -> bool) -> Cow<'_, str> {
    substitute(
        text,
        |byte| matches!(byte, b'<' | b'>' | b'&' | b'=') || byte >= 0x80,
        |rest, out| {
            if !rest.starts_with('&') {
                return named(rest, out);
            }
            match entity_name(rest, true) {
                Some(name) if escapes(name) => out.push_str("&amp;"),
                _ => out.push('&'),
            }
            1
        },
    )
}

/// Returns true if HTML has an entity of this name, with or without semicolon.
fn is_known(name: &str) -> bool {
    let known = |name: &str| html5ever::data::NAMED_ENTITIES.get(name).is_some_and(|&(first, _)| first != 0);
    known(&format!("{name};")) || known(name)
}

/// Writes the first one or two characters of a non-empty text as an entity if there is one. Returns
/// the number of bytes consumed.
fn named(rest: &str, out: &mut String) -> usize {
    let mut chars = rest.chars();
    let first = chars.next().map_or(0, char::len_utf8);
    if let Some(second) = chars.next()
        && let Some(name) = entity(&rest[..first + second.len_utf8()])
    {
        push_entity(name, out);
        return first + second.len_utf8();
    }
    match entity(&rest[..first]) {
        Some(name) => push_entity(name, out),
        None => out.push_str(&rest[..first]),
    }
    first
}

fn push_entity(name: &str, out: &mut String) {
    out.push('&');
    out.push_str(name);
    out.push(';');
}

fn xml_entity(byte: u8) -> &'static str {
    match byte {
        b'<' => "&lt;",
        b'>' => "&gt;",
        _ => "&amp;",
    }
}

/// Returns the name in `&name;`, `&#1;` or `&#x1;` at the start of a text; with `any_case`, `X`
/// counts as `x`.
fn entity_name(text: &str, any_case: bool) -> Option<&str> {
    let body = text.strip_prefix('&')?;
    let end = body.find(';')?;
    let name = &body[..end];
    let is_numeric = name.strip_prefix('#').is_some_and(|number| {
        let hex = number.strip_prefix('x').or_else(|| number.strip_prefix('X').filter(|_| any_case));
        let is_hex = hex.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
        is_hex || !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    });
    let is_name = !name.is_empty() && name.chars().all(|c| c == '_' || c.is_alphanumeric());
    (is_numeric || is_name).then_some(name)
}

/// Copies a text, passing each position where `special` matches a byte to `replace`, which returns
/// the number of bytes consumed.
fn substitute(text: &str, special: impl Fn(u8) -> bool, mut replace: impl FnMut(&str, &mut String) -> usize) -> Cow<'_, str> {
    let Some(first) = text.bytes().position(&special) else { return Cow::Borrowed(text) };
    let mut out = String::with_capacity(text.len() + 16);
    out.push_str(&text[..first]);
    let mut rest = &text[first..];
    while !rest.is_empty() {
        let taken = replace(rest, &mut out);
        rest = &rest[taken..];
        let plain = rest.bytes().position(&special).unwrap_or(rest.len());
        out.push_str(&rest[..plain]);
        rest = &rest[plain..];
    }
    Cow::Owned(out)
}

/// Returns the character of a numeric reference in HTML as in Python, and whether it replaces an
/// invalid one.
///
/// ```
/// use leyden::bs4::numeric_character_reference;
/// assert_eq!(numeric_character_reference(9731), ('☃', false));
/// assert_eq!(numeric_character_reference(0x80), ('€', false)); // windows-1252, as browsers read it
/// assert_eq!(numeric_character_reference(0), ('\u{fffd}', true));
/// ```
#[doc(alias = "bs4.UnicodeDammit.numeric_character_reference")]
pub fn numeric_character_reference(number: u32) -> (char, bool) {
    if (0x80..=0x9f).contains(&number)
        && let Some(c) = crate::bs4::encoding::smart_quotes::windows_1252(number as u8)
    {
        return (c, false);
    }
    match char::from_u32(number) {
        Some(c) if number != 0 => (c, false),
        _ => (char::REPLACEMENT_CHARACTER, true),
    }
}
