//! `:lang` and `:dir`.

use super::matcher::{Matcher, XHTML};
use super::types::{DIR_LTR, DIR_RTL};
use crate::bs4::tree::doc::NONE;
use crate::bs4::tree::node::Tag;
use crate::bs4::tree::value::AttributeValue;
use std::sync::OnceLock;

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
const SVG_NAMESPACE: &str = "http://www.w3.org/2000/svg";

impl<'m> Matcher<'m> {
    pub(super) fn matches_lang(&self, id: u32, langs: &[Vec<String>]) -> bool {
        let language = self.language(id);
        if !language.is_empty() && !is_language_tag(&language) {
            return false;
        }
        langs.iter().all(|ranges| ranges.iter().any(|range| filter(range, &language)))
    }

    /// Returns the language of an element: its own, an ancestor's, or the document's.
    fn language(&self, id: u32) -> String {
        let (mut at, mut last) = (id, id);
        while at != NONE {
            if let Some(language) = self.own_language(self.tag(at)) {
                return language.to_owned();
            }
            last = at;
            at = self.parent(at);
        }
        let is_html = !self.is_xml || self.tag(last).namespace() == Some(XHTML) && self.tag(last).name() == "html";
        if !is_html {
            return String::new();
        }
        let known = self.languages.borrow().get(&last).cloned();
        let declared = known.unwrap_or_else(|| {
            let declared = self.declared_language(last);
            self.languages.borrow_mut().insert(last, declared.clone());
            declared
        });
        declared.unwrap_or_default()
    }

    fn own_language(&self, tag: Tag<'m>) -> Option<&'m str> {
        let with_namespaces = self.supports_namespaces();
        let is_html = tag.namespace() == Some(XHTML);
        let is_lang = |name: &str| if self.is_xml { name == "lang" } else { name.eq_ignore_ascii_case("lang") };
        let mut in_svg = None;
        for (_, attribute) in self.doc.attributes_of(tag.id) {
            let name = self.doc.names.get(attribute.name);
            let value = self.doc.slice(attribute.start, attribute.len);
            let of_html = (!with_namespaces || is_html) && is_lang(&name.text);
            let of_xml = with_namespaces && !is_html && name.namespace.as_deref() == Some(XML_NAMESPACE);
            if of_html || of_xml && name.local.as_deref().is_some_and(is_lang) {
                return Some(value);
            }
            let of_svg = with_namespaces && tag.namespace() == Some(SVG_NAMESPACE) && name.namespace.is_none();
            if of_svg && is_lang(&name.text) {
                in_svg = Some(value);
            }
        }
        in_svg
    }

    /// Returns the language named by a `meta` tag in the head.
    fn declared_language(&self, top: u32) -> Option<String> {
        let find = |id: u32, name: &str| self.child_tags(id).find(|&child| self.is_html_named(self.tag(child), name));
        // The outermost element is the html tag, or a parent of it in unusual trees.
        let head = find(find(top, "html").unwrap_or(top), "head")?;
        self.child_tags(head).filter(|&id| self.is_named(self.tag(id), "meta")).find_map(|id| {
            let (mut is_language, mut content) = (false, "");
            for (name, value) in self.tag(id).attrs() {
                is_language |= name.eq_ignore_ascii_case("http-equiv") && value.as_str().eq_ignore_ascii_case("content-language");
                if name.eq_ignore_ascii_case("content") {
                    content = value.as_str();
                }
                if is_language && !content.is_empty() {
                    return Some(content.to_owned());
                }
            }
            None
        })
    }

    pub(super) fn matches_dir(&self, id: u32, wanted: u32) -> bool {
        wanted != DIR_LTR | DIR_RTL
            && (!self.is_xml || self.tag(self.root).namespace() == Some(XHTML))
            && self.direction(id) == wanted
    }

    fn direction(&self, id: u32) -> u32 {
        let mut at = id;
        while at != NONE {
            let tag = self.tag(at);
            if self.is_html_tag(tag) {
                let own = self.lower(tag, "dir");
                match own.as_str() {
                    "ltr" => return DIR_LTR,
                    "rtl" => return DIR_RTL,
                    _ => {}
                }
                let is_auto = own == "auto";
                let is_input = self.is_named(tag, "input");
                let kind = if is_input { self.lower(tag, "type") } else { String::new() };
                if is_input && kind == "tel" && !is_auto {
                    return DIR_LTR;
                }
                if is_auto && is_input && uses_value(&kind) {
                    return text_direction(self.value(tag, "value").map_or("", AttributeValue::as_str)).unwrap_or(DIR_LTR);
                }
                if is_auto && self.is_named(tag, "textarea") {
                    let content = self.doc.children(at).filter(|&id| self.is_content(id));
                    let text: String = content.map(|id| self.doc.string(id)).collect();
                    return text_direction(&text).unwrap_or(DIR_LTR);
                }
                if is_auto || self.is_named(tag, "bdi") {
                    return self.direction_of_contents(at).unwrap_or(DIR_LTR);
                }
            }
            at = self.parent(at);
        }
        DIR_LTR
    }

    /// Returns the direction of the first character that has one; elements with a direction of
    /// their own are skipped.
    fn direction_of_contents(&self, top: u32) -> Option<u32> {
        if self.is_template(top) {
            return None;
        }
        let mut at = self.doc.node(top).first.get();
        while at != NONE {
            if self.doc.is_tag(at) {
                let tag = self.tag(at);
                let ignored = ["bdi", "script", "style", "textarea"].iter().any(|name| self.is_named(tag, name));
                let has_own = matches!(self.lower(tag, "dir").as_str(), "ltr" | "rtl" | "auto");
                let skip = self.is_html_tag(tag) && (ignored || has_own) || self.is_template(at);
                at = if skip { self.doc.after(at, top) } else { self.doc.following(at, top) };
                continue;
            }
            if self.is_content(at)
                && let Some(direction) = text_direction(self.doc.string(at))
            {
                return Some(direction);
            }
            at = self.doc.following(at, top);
        }
        None
    }
}

/// Returns true for text inputs, whose value determines `dir=auto`.
fn uses_value(kind: &str) -> bool {
    !matches!(
        kind,
        "date"
            | "month"
            | "week"
            | "time"
            | "datetime-local"
            | "number"
            | "range"
            | "color"
            | "checkbox"
            | "radio"
            | "file"
            | "image"
    )
}

/// Returns the direction of the first character that has one.
fn text_direction(text: &str) -> Option<u32> {
    static RUNS: OnceLock<Vec<(u32, u8)>> = OnceLock::new();
    let runs = RUNS.get_or_init(|| {
        let run = |word: &str| Some((u32::from_str_radix(word.get(1..)?, 16).ok()?, *word.as_bytes().first()?));
        include_str!("bidi.txt").split_ascii_whitespace().filter_map(run).collect()
    });
    text.chars().find_map(|c| {
        let after = runs.partition_point(|&(start, _)| start <= u32::from(c));
        match runs.get(after.checked_sub(1)?)?.1 {
            b'L' => Some(DIR_LTR),
            b'R' => Some(DIR_RTL),
            _ => None,
        }
    })
}

fn is_language_tag(tag: &str) -> bool {
    let subtag = |text: &str, letters: bool| {
        (1..=8).contains(&text.len())
            && text.bytes().all(|byte| if letters { byte.is_ascii_alphabetic() } else { byte.is_ascii_alphanumeric() })
    };
    tag.split('-').enumerate().all(|(index, text)| subtag(text, index == 0))
}

/// Extended filtering of RFC 4647.
fn filter(range: &str, tag: &str) -> bool {
    if range.is_empty() || tag.is_empty() {
        return range.is_empty() && tag.is_empty();
    }
    let part = |text: &str, letters: bool| {
        text == "*"
            || (1..=8).contains(&text.len())
                && text.bytes().all(|byte| if letters { byte.is_ascii_alphabetic() } else { byte.is_ascii_alphanumeric() })
    };
    if !range.split('-').enumerate().all(|(index, text)| part(text, index == 0)) {
        return false;
    }
    let (range, tag) = (range.to_lowercase(), tag.to_lowercase());
    let mut ranges = range.split('-').enumerate().filter(|(index, text)| *index == 0 || *text != "*").map(|(_, text)| text);
    let mut subtags = tag.split('-');
    let (first, subtag) = (ranges.next().unwrap_or_default(), subtags.next().unwrap_or_default());
    if first != "*" && first != subtag {
        return false;
    }
    for range in ranges {
        loop {
            match subtags.next() {
                None => return false,
                Some(subtag) if subtag == range => break,
                Some(subtag) if subtag.len() == 1 => return false,
                Some(_) => {}
            }
        }
    }
    true
}
