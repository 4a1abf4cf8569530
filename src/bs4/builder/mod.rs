//! Builds documents from markup: HTML with the standard's algorithm, XML by the XML rules.

mod flat;
mod flatten;
mod html;
mod lines;
#[cfg(feature = "scraper")]
mod scraper;
mod sink;
mod tokens;
pub(super) mod tree_builder;
mod xml;

use super::tables;
use super::tree::doc::{CAN_BE_EMPTY, Doc, INTERESTING_SHIFT, Link, NONE};

pub(crate) use html::parse as parse_html;
#[cfg(feature = "scraper")]
pub(crate) use scraper::{from_tree, to_tree};
pub(crate) use xml::parse as parse_xml;

/// The maximum number of ancestors of an element: tags nested deeper become siblings, as in
/// browsers.
pub(crate) const MAX_DEPTH: u32 = 512;

fn link_none() -> Link {
    Link::new(NONE)
}

/// Returns the initial flags of an element.
pub(crate) fn element_flags(can_be_empty: bool, interesting: u8) -> u8 {
    (if can_be_empty { CAN_BE_EMPTY } else { 0 }) | interesting << INTERESTING_SHIFT
}

/// Marks the attribute of a `meta` tag that names the document's encoding: it follows the encoding of the output.
pub(crate) fn set_up_substitutions(doc: &mut Doc, meta: u32) {
    let find = |name: &str| doc.attributes_of(meta).find(|(_, a)| &*doc.names.get(a.name).text == name);
    let marked = if let Some((id, _)) = find("charset") {
        Some((id, tables::CHARSET))
    } else {
        let is_type =
            |(_, a): (u32, &super::tree::doc::RawAttribute)| doc.slice(a.start, a.len).eq_ignore_ascii_case("content-type");
        find("content").filter(|_| find("http-equiv").is_some_and(is_type)).map(|(id, _)| (id, tables::CONTENT))
    };
    if let Some((id, kind)) = marked {
        doc.attributes[id as usize].kind = kind;
    }
}
