//! XML: converts quick-xml's tokens to the tree that Beautiful Soup builds with lxml.
//!
//! No DTD is read, and only the five predefined entities are expanded. The document ends at an
//! error from which libxml2 (in recovery mode) could not continue either; all open elements are
//! closed then.

use super::{MAX_DEPTH, link_none};
use crate::bs4::doctype;
use crate::bs4::tables::PLAIN;
use crate::bs4::tree::doc::{CAN_BE_EMPTY, Doc, ELEMENT, NONE, ROOT, Raw, RawAttribute};
use crate::bs4::tree::kinds::StringKind;
use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use std::collections::HashMap;

const XML_NAMESPACE: &str = "http://www.w3.org/XML/1998/namespace";
/// The longest reference in an attribute, in bytes.
const MAX_REFERENCE: usize = 128;
const XMLNS_NAMESPACE: &str = "http://www.w3.org/2000/xmlns/";

/// Builds the tree of an XML document.
pub(crate) fn parse(markup: &str) -> Doc {
    let markup = markup.strip_prefix('\u{feff}').unwrap_or(markup);
    let source = if markup.contains('\r') {
        markup.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        std::borrow::Cow::Borrowed(markup)
    };
    let mut reader = Reader::from_str(&source);
    let config = reader.config_mut();
    config.check_end_names = false;
    config.allow_unmatched_ends = true;
    config.allow_dangling_amp = true;
    let mut builder = Builder::new(source.len());
    // An error ends the document.
    while let Ok(event) = reader.read_event() {
        if !builder.event(event) {
            break;
        }
    }
    builder.end_data(StringKind::NavigableString);
    builder.doc
}

struct Builder {
    doc: Doc,
    /// The open elements, and the number of prefixes that each declares.
    open: Vec<(u32, usize)>,
    seen_root: bool,
    data: String,
    /// Whether an empty CDATA section occurred: it makes a string if there is no other text.
    has_empty: bool,
    scope: Scope,
}

/// The namespaces in force.
#[derive(Default)]
struct Scope {
    uris: HashMap<String, Vec<String>>,
    prefixes: HashMap<String, Vec<String>>,
    declared: Vec<(String, String)>,
}

impl Scope {
    fn declare(&mut self, prefix: &str, uri: &str) {
        self.uris.entry(prefix.to_owned()).or_default().push(uri.to_owned());
        self.prefixes.entry(uri.to_owned()).or_default().push(prefix.to_owned());
        self.declared.push((prefix.to_owned(), uri.to_owned()));
    }

    fn leave(&mut self, count: usize) {
        for (prefix, uri) in self.declared.drain(self.declared.len().saturating_sub(count)..) {
            self.uris.get_mut(&prefix).map(Vec::pop);
            self.prefixes.get_mut(&uri).map(Vec::pop);
        }
    }

    fn uri(&self, prefix: &str) -> Option<&str> {
        self.uris.get(prefix)?.last().map(String::as_str).filter(|uri| !uri.is_empty())
    }

    /// Returns the prefix that was declared last for a namespace: Beautiful Soup prints that one,
    /// whichever the document used.
    fn prefix(&self, uri: &str) -> Option<&str> {
        self.prefixes.get(uri)?.last().map(String::as_str)
    }
}

impl Builder {
    fn new(size: usize) -> Builder {
        let mut doc = Doc::new(true);
        doc.text.reserve(size / 2);
        doc.nodes.reserve(size / 24);
        doc.namespaces.push(("xml".to_owned(), XML_NAMESPACE.to_owned()));
        let mut scope = Scope::default();
        scope.declare("xml", XML_NAMESPACE);
        Builder { doc, open: Vec::new(), seen_root: false, data: String::new(), has_empty: false, scope }
    }

    /// Handles an event. Returns false to stop.
    fn event(&mut self, event: Event<'_>) -> bool {
        match event {
            Event::Start(tag) => return self.start(&tag, false),
            Event::Empty(tag) => return self.start(&tag, true),
            Event::End(_) => {
                self.end_data(StringKind::NavigableString);
                // As in libxml2, an end tag closes the current element, whatever its name.
                if let Some((_, declared)) = self.open.pop() {
                    self.scope.leave(declared);
                }
            }
            Event::Text(text) => {
                let text = text.into_inner();
                if self.open.is_empty() {
                    return text.trim_ascii().is_empty();
                }
                // A `&` in here begins no reference.
                self.data.extend(text.split('&'));
            }
            Event::CData(text) if !self.open.is_empty() => {
                self.data.push_str(&text.into_inner());
                self.has_empty = true;
            }
            Event::GeneralRef(reference) if !self.open.is_empty() => {
                let reference = reference.into_inner();
                self.data.extend(resolve(&reference));
            }
            Event::Comment(text) => self.special(blank(&text.into_inner()), StringKind::Comment),
            Event::PI(instruction) => {
                let text = format!("{} {}", instruction.target(), instruction.content().trim_ascii_start());
                self.special(&text, StringKind::XmlProcessingInstruction);
            }
            Event::DocType(text) if !self.seen_root => {
                let text = declaration(&text.into_inner());
                self.special(&text, StringKind::Doctype);
            }
            Event::Decl(_) | Event::DocType(_) => {}
            Event::Eof | Event::CData(_) | Event::GeneralRef(_) => return false,
        }
        true
    }

    /// Returns the parent of the next node: tags nested too deep become siblings.
    fn parent(&self) -> u32 {
        let depth = self.open.len().min(MAX_DEPTH as usize);
        depth.checked_sub(1).and_then(|last| self.open.get(last)).map_or(ROOT, |&(id, _)| id)
    }

    fn append(&mut self, node: Raw) -> u32 {
        let parent = if node.kind == ELEMENT && self.open.len() >= MAX_DEPTH as usize {
            self.open[MAX_DEPTH as usize - 2].0
        } else {
            self.parent()
        };
        let id = self.doc.nodes.len() as u32;
        self.doc.nodes.push(node);
        self.doc.link(id, parent, NONE);
        id
    }

    fn string(&mut self, text: &str, kind: StringKind) {
        let start = self.doc.text.len() as u32;
        self.doc.text.push_str(text);
        self.append(Raw::new(kind.raw(), start, text.len() as u32));
    }

    fn special(&mut self, text: &str, kind: StringKind) {
        self.end_data(StringKind::NavigableString);
        self.string(text, kind);
    }

    /// Creates a string from the text so far.
    fn end_data(&mut self, kind: StringKind) {
        if self.data.is_empty() && !std::mem::take(&mut self.has_empty) {
            return;
        }
        self.has_empty = false;
        let data = std::mem::take(&mut self.data);
        self.string(blank(&data), kind);
        self.data = data;
        self.data.clear();
    }

    fn start(&mut self, tag: &BytesStart<'_>, is_empty: bool) -> bool {
        self.end_data(StringKind::NavigableString);
        if self.open.is_empty() && std::mem::replace(&mut self.seen_root, true) {
            return false;
        }
        let mut attributes: Vec<(String, String)> = Vec::new();
        let mut places: HashMap<String, usize> = HashMap::new();
        let mut declared = Vec::new();
        let mut well_formed = true;
        for attribute in tag.attributes().with_checks(false) {
            let Ok(attribute) = attribute else {
                well_formed = false;
                break;
            };
            let name = attribute.key.as_ref();
            let value = unescape(&attribute.value);
            match name.strip_prefix("xmlns").and_then(|rest| rest.strip_prefix(':').or(Some(rest).filter(|rest| rest.is_empty())))
            {
                Some(prefix) => declared.push((prefix.to_owned(), value)),
                None => match places.get(name) {
                    Some(&place) => attributes[place].1 = value,
                    None => {
                        places.insert(name.to_owned(), attributes.len());
                        attributes.push((name.to_owned(), value));
                    }
                },
            }
        }
        for (prefix, uri) in &declared {
            let is_new = !self.scope.uris.contains_key(prefix);
            self.scope.declare(prefix, uri);
            if !prefix.is_empty() && is_new {
                self.doc.namespaces.push((prefix.clone(), uri.clone()));
            }
        }
        let name = tag.name();
        let (prefix, local) = split(name.as_ref());
        let uri = self.scope.uri(prefix);
        let prefix = uri.and_then(|uri| self.scope.prefix(uri));
        let name = self.doc.names.intern(local, None, prefix, uri);
        let mut node = Raw::new(ELEMENT, name, NONE);
        *node.flags.get_mut() = CAN_BE_EMPTY;
        let mut last: Option<u32> = None;
        for (name, value) in &attributes {
            let (prefix, local) = split(name);
            let uri = if prefix.is_empty() { None } else { self.scope.uri(prefix) };
            let name = match uri {
                None => self.doc.names.intern(local, None, None, None),
                Some(uri) => {
                    let prefix = self.scope.prefix(uri).unwrap_or_default();
                    let full = if prefix.is_empty() { local.to_owned() } else { format!("{prefix}:{local}") };
                    self.doc.names.intern(&full, Some(local), Some(prefix), Some(uri))
                }
            };
            self.attribute(&mut node, &mut last, name, value);
        }
        for (prefix, uri) in &declared {
            let name = if prefix.is_empty() {
                self.doc.names.intern("xmlns", None, Some("xmlns"), Some(XMLNS_NAMESPACE))
            } else {
                self.doc.names.intern(&format!("xmlns:{prefix}"), Some(prefix), Some("xmlns"), Some(XMLNS_NAMESPACE))
            };
            self.attribute(&mut node, &mut last, name, uri);
        }
        let id = self.append(node);
        if is_empty {
            self.scope.leave(declared.len());
        } else {
            self.open.push((id, declared.len()));
        }
        well_formed
    }

    fn attribute(&mut self, node: &mut Raw, last: &mut Option<u32>, name: u32, value: &str) {
        let start = self.doc.text.len() as u32;
        self.doc.text.push_str(value);
        let id = self.doc.attributes.len() as u32;
        self.doc.attributes.push(RawAttribute { name, start, len: value.len() as u32, kind: PLAIN, next: link_none() });
        match *last {
            None => node.b.set(id),
            Some(last) => self.doc.attributes[last as usize].next.set(id),
        }
        *last = Some(id);
    }
}

/// Returns a text as Beautiful Soup stores it: blank text becomes one line feed or one space.
fn blank(text: &str) -> &str {
    match text.bytes().all(|byte| matches!(byte, b' ' | b'\n' | b'\t' | b'\r' | 0x0c)) {
        true if text.contains('\n') => "\n",
        true => " ",
        false => text,
    }
}

/// A name's prefix, if it has one, and the rest.
fn split(name: &str) -> (&str, &str) {
    name.split_once(':').filter(|(prefix, local)| !prefix.is_empty() && !local.is_empty()).unwrap_or(("", name))
}

/// Returns the character of a reference; `None` if unknown.
fn resolve(reference: &str) -> Option<char> {
    match reference {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = reference.strip_prefix('#')?;
            let number = match number.strip_prefix('x') {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(number.ok()?).filter(|&c| c >= ' ' || matches!(c, '\t' | '\n' | '\r'))
        }
    }
}

/// Decodes an attribute's value: whitespace becomes a space, references are resolved.
fn unescape(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\t' | '\n' | '\r' => out.push(' '),
            '&' => {
                // Searching further would take quadratic time for `&&&&`.
                let end = rest.bytes().take(MAX_REFERENCE).position(|byte| byte == b';');
                if let Some(end) = end {
                    out.extend(resolve(&rest[..end]));
                    rest = &rest[end + 1..];
                }
            }
            c => out.push(c),
        }
    }
    out
}

/// Returns the doctype's text: its name and identifiers, without the internal subset.
fn declaration(text: &str) -> String {
    let text = text.trim_ascii();
    let end = text.find(|c: char| c.is_ascii_whitespace() || c == '[').unwrap_or(text.len());
    let (name, rest) = text.split_at(end);
    let rest = rest.trim_ascii_start();
    let quoted = |text: &str| -> Option<(String, usize)> {
        let skipped = text.len() - text.trim_ascii_start().len();
        let quote = text[skipped..].chars().next().filter(|&c| c == '"' || c == '\'')?;
        let body = &text[skipped + 1..];
        let end = body.find(quote)?;
        Some((body[..end].to_owned(), skipped + end + 2))
    };
    if let Some(ids) = rest.strip_prefix("PUBLIC") {
        let public = quoted(ids);
        let system = public.as_ref().and_then(|(_, end)| quoted(&ids[*end..]));
        return doctype(name, public.as_ref().map(|(id, _)| id.as_str()), system.as_ref().map(|(id, _)| id.as_str()));
    }
    let system = rest.strip_prefix("SYSTEM").and_then(quoted);
    doctype(name, None, system.as_ref().map(|(id, _)| id.as_str()))
}
