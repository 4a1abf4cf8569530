//! Pseudo-classes that depend on text and attributes.

use super::inputs::Input;
use super::matcher::Matcher;
use super::types::Contains;
use crate::bs4::tree::doc::NONE;
use crate::bs4::tree::node::Tag;
use crate::bs4::tree::value::AttributeValue;

impl<'m> Matcher<'m> {
    /// Returns the text in an element, without templates.
    fn text(&self, id: u32) -> String {
        if self.is_template(id) {
            return String::new();
        }
        self.visible(id).filter(|&id| self.is_content(id)).map(|id| self.doc.string(id)).collect()
    }

    pub(super) fn matches_contains(&self, id: u32, contains: &Contains) -> bool {
        if !contains.own {
            let text = self.text(id);
            return contains.text.iter().any(|wanted| text.contains(wanted));
        }
        let mut own = self.doc.children(id).filter(|&child| !self.is_template(id) && self.is_content(child));
        own.any(|child| contains.text.iter().any(|wanted| self.doc.string(child).contains(wanted)))
    }

    pub(super) fn matches_defined(&self, tag: Tag<'m>) -> bool {
        let name = tag.name();
        let is_html = !self.is_xml || self.root != NONE && self.tag(self.root).namespace() == Some(super::matcher::XHTML);
        let customized = self.is_html_tag(tag) && self.value(tag, "is").is_some();
        is_html && (!name.contains('-') && !customized || name.contains(':') || tag.prefix().is_some())
    }

    pub(super) fn matches_placeholder_shown(&self, tag: Tag<'m>) -> bool {
        if self.is_named(tag, "input") {
            let kind = self.lower(tag, "type");
            let value = self.value(tag, "value").map_or("", AttributeValue::as_str).replace(['\r', '\n'], "");
            return match kind.as_str() {
                "url" | "email" => value.trim_matches([' ', '\t', '\u{c}']).is_empty(),
                "number" => Input::parse("number", &value).is_none(),
                _ => value.is_empty(),
            };
        }
        self.is_named(tag, "textarea") && matches!(self.text(tag.id).as_str(), "" | "\n")
    }

    pub(super) fn matches_editable(&self, id: u32) -> bool {
        let mut at = id;
        while at != NONE {
            let tag = self.tag(at);
            if self.is_html_tag(tag)
                && let Some(state) = self.value(tag, "contenteditable")
            {
                match state.as_str().to_ascii_lowercase().as_str() {
                    "" | "true" | "plaintext-only" => return true,
                    "false" => return false,
                    _ => {}
                }
            }
            at = self.parent(at);
        }
        false
    }

    pub(super) fn matches_range(&self, tag: Tag<'m>, in_range: bool) -> bool {
        let kind = self.lower(tag, "type");
        let input = |name: &str| self.value(tag, name).and_then(|value| Input::parse(&kind, value.as_str()));
        let (min, max) = (input("min"), input("max"));
        if kind == "range" {
            let (min, max) = (min.unwrap_or_else(|| Input::number(0.0)), max.unwrap_or_else(|| Input::number(100.0)));
            return (max < min) != in_range;
        }
        if min.is_none() && max.is_none() {
            return false;
        }
        let out = input("value").is_some_and(|value| {
            let below = min.as_ref().is_some_and(|min| value < *min);
            let above = max.as_ref().is_some_and(|max| value > *max);
            // A range of times may span midnight.
            let reversed = kind == "time" && min.is_some() && max.is_some() && min > max;
            if reversed { below && above } else { below || above }
        });
        out != in_range
    }
}
