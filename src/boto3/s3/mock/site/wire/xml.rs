//! Documents: [`Element`] is one that came, [`Xml`] one that is written.

use std::fmt::Write as _;

use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::text::{FromText, ToText};

/// How deep elements may be nested: S3's own documents have seven levels at most.
const DEEPEST: usize = 16;

/// The document is not well-formed, or not what the operation takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::boto3::s3::mock::site) struct Malformed;

/// An element of a request's document. Namespaces do not count.
#[derive(Debug, Default)]
pub(in crate::boto3::s3::mock::site) struct Element {
    name: String,
    attributes: Vec<(String, String)>,
    text: String,
    children: Vec<Element>,
}

/// What is made of an element.
pub(in crate::boto3::s3::mock::site) trait FromXml: Sized {
    fn from_xml(element: &Element) -> Result<Self, Malformed>;
}

impl<T: FromText> FromXml for T {
    fn from_xml(element: &Element) -> Result<T, Malformed> {
        element.only(&[])?;
        T::from_text(&element.text).ok_or(Malformed)
    }
}

impl Element {
    /// The root of a document.
    pub(in crate::boto3::s3::mock::site) fn parse(document: &[u8]) -> Result<Element, Malformed> {
        let document = std::str::from_utf8(document).map_err(|_| Malformed)?;
        let mut reader = Reader::from_str(document.strip_prefix('\u{feff}').unwrap_or(document));
        let (mut open, mut root): (Vec<Element>, Option<Element>) = (Vec::new(), None);
        loop {
            let closed = match reader.read_event().map_err(|_| Malformed)? {
                Event::Start(start) if open.len() < DEEPEST && root.is_none() => {
                    open.push(Element::open(&start)?);
                    continue;
                }
                Event::Empty(start) if root.is_none() => Element::open(&start)?,
                Event::End(_) => open.pop().ok_or(Malformed)?,
                Event::Text(text) => {
                    let text = text.xml10_content();
                    match open.last_mut() {
                        Some(element) => element.text.push_str(&text),
                        None if text.trim().is_empty() => {}
                        None => return Err(Malformed),
                    }
                    continue;
                }
                Event::CData(text) => {
                    open.last_mut().ok_or(Malformed)?.text.push_str(&text.xml10_content());
                    continue;
                }
                Event::GeneralRef(reference) => {
                    let text = format!("&{};", reference.into_inner());
                    let text = unescape(&text).map_err(|_| Malformed)?;
                    open.last_mut().ok_or(Malformed)?.text.push_str(&text);
                    continue;
                }
                Event::Comment(_) | Event::Decl(_) | Event::PI(_) => continue,
                Event::Eof => return root.filter(|_| open.is_empty()).ok_or(Malformed),
                // A second root, too deep, or a document type, which could define entities.
                Event::Start(_) | Event::Empty(_) | Event::DocType(_) => return Err(Malformed),
            };
            match open.last_mut() {
                Some(parent) => parent.children.push(closed),
                None => root = Some(closed),
            }
        }
    }

    fn open(start: &BytesStart<'_>) -> Result<Element, Malformed> {
        let mut element = Element { name: start.local_name().into_inner().to_owned(), ..Element::default() };
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| Malformed)?;
            let value = attribute.normalized_value(XmlVersion::Implicit1_0).map_err(|_| Malformed)?;
            element.attributes.push((attribute.key.local_name().into_inner().to_owned(), value.into_owned()));
        }
        Ok(element)
    }

    pub(in crate::boto3::s3::mock::site) fn name(&self) -> &str {
        &self.name
    }

    /// Fails if there is a child by another name: S3 validates documents against its schema.
    pub(in crate::boto3::s3::mock::site) fn only(&self, names: &[&str]) -> Result<(), Malformed> {
        let known = self.children.iter().all(|child| names.contains(&child.name.as_str()));
        if known && (names.is_empty() || self.text.trim().is_empty()) { Ok(()) } else { Err(Malformed) }
    }

    fn named<'e>(&'e self, name: &'e str) -> impl Iterator<Item = &'e Element> {
        self.children.iter().filter(move |child| child.name == name)
    }

    /// The child of this name; an element that may occur once is not repeated.
    pub(super) fn one<T: FromXml>(&self, name: &str) -> Result<Option<T>, Malformed> {
        let mut found = self.named(name);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(child), None) => T::from_xml(child).map(Some),
            (Some(_), Some(_)) => Err(Malformed),
        }
    }

    /// Children that repeat: `<Rule/><Rule/>`.
    pub(super) fn flat<T: FromXml>(&self, name: &str) -> Result<Option<Vec<T>>, Malformed> {
        let found: Vec<T> = self.named(name).map(T::from_xml).collect::<Result<_, _>>()?;
        Ok((!found.is_empty()).then_some(found))
    }

    /// A list in an element of its own: `<TagSet><Tag/></TagSet>`.
    pub(super) fn list<T: FromXml>(&self, name: &str, item: &str) -> Result<Option<Vec<T>>, Malformed> {
        let mut found = self.named(name);
        match (found.next(), found.next()) {
            (None, _) => Ok(None),
            (Some(list), None) => {
                list.only(&[item])?;
                list.named(item).map(T::from_xml).collect::<Result<_, _>>().map(Some)
            }
            (Some(_), Some(_)) => Err(Malformed),
        }
    }

    pub(super) fn attribute<T: FromText>(&self, name: &str) -> Result<Option<T>, Malformed> {
        let found = self.attributes.iter().find(|(own, _)| own == name);
        found.map(|(_, value)| T::from_text(value).ok_or(Malformed)).transpose()
    }
}

/// What an answer's document is made of.
pub(in crate::boto3::s3::mock::site) trait ToXml {
    /// Writes the content of the element.
    fn to_xml(&self, xml: &mut Xml);

    /// The attribute of the element, for the one shape that has one.
    fn attribute(&self) -> Option<(&'static str, &str)> {
        None
    }
}

impl<T: ToText> ToXml for T {
    fn to_xml(&self, xml: &mut Xml) {
        xml.text(&self.to_text());
    }
}

/// A document that is written.
#[derive(Debug)]
pub(in crate::boto3::s3::mock::site) struct Xml(String);

const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

impl Xml {
    /// A document with this root, in S3's namespace.
    pub(super) fn document(root: &str, content: impl FnOnce(&mut Xml)) -> String {
        let mut xml = Xml(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root} xmlns=\"{NAMESPACE}\">"));
        content(&mut xml);
        xml.close(root);
        xml.0
    }

    /// The document of a refusal, which has no namespace.
    pub(in crate::boto3::s3::mock::site) fn error(content: impl FnOnce(&mut Xml)) -> String {
        let mut xml = Xml("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>".to_owned());
        content(&mut xml);
        xml.close("Error");
        xml.0
    }

    pub(in crate::boto3::s3::mock::site) fn one<T: ToXml>(&mut self, name: &str, value: Option<&T>) {
        let Some(value) = value else { return };
        match value.attribute() {
            Some((attribute, text)) => {
                let _ = write!(self.0, "<{name} xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" {attribute}=\"");
                self.text(text);
                self.0.push_str("\">");
            }
            None => self.open(name),
        }
        value.to_xml(self);
        self.close(name);
    }

    pub(super) fn flat<T: ToXml>(&mut self, name: &str, values: Option<&Vec<T>>) {
        values.into_iter().flatten().for_each(|value| self.one(name, Some(value)));
    }

    pub(super) fn list<T: ToXml>(&mut self, name: &str, item: &str, values: Option<&Vec<T>>) {
        if values.is_some() {
            self.open(name);
            self.flat(item, values);
            self.close(name);
        }
    }

    fn open(&mut self, name: &str) {
        let _ = write!(self.0, "<{name}>");
    }

    fn close(&mut self, name: &str) {
        let _ = write!(self.0, "</{name}>");
    }

    fn text(&mut self, text: &str) {
        for letter in text.chars() {
            match letter {
                '&' => self.0.push_str("&amp;"),
                '<' => self.0.push_str("&lt;"),
                '>' => self.0.push_str("&gt;"),
                '"' => self.0.push_str("&quot;"),
                // A reader would make a line feed of a bare carriage return. The others XML 1.0 cannot carry; S3 writes them so too.
                control if control.is_control() && !matches!(control, '\n' | '\t') => {
                    let _ = write!(self.0, "&#x{:x};", u32::from(control));
                }
                other => self.0.push(other),
            }
        }
    }
}
