//! Printing: iterates over the arena without recursion.

pub(super) mod doctype;
pub(super) mod entities;
pub(super) mod formatter;

use self::entities::EntitySubstitution;
use self::formatter::Formatter;
use super::encoding::charset;
use super::error::Error;
use super::tables::{preserves_whitespace, strip};
use super::tree::doc::{NONE, ROOT, TEXT};
use super::tree::kinds::StringKind;
use super::tree::node::{NavigableString, Node, Tag};

/// The output settings for a tag. A [`Formatter`] can be used instead.
#[derive(Debug, Clone)]
pub struct Output<'o> {
    formatter: Formatter,
    indent_level: Option<usize>,
    encoding: Option<&'o str>,
}

impl<'o> Output<'o> {
    /// Uses the `minimal` formatter without indentation, and UTF-8 where the document names its
    /// encoding.
    pub fn new() -> Self {
        Formatter::minimal().into()
    }

    /// Sets the formatter.
    pub fn formatter(mut self, formatter: Formatter) -> Self {
        self.formatter = formatter;
        self
    }

    /// Prints each tag and string on its own line, starting at this level; `prettify` starts at 0.
    pub fn indent_level(mut self, level: usize) -> Self {
        self.indent_level = Some(level);
        self
    }

    /// Sets the encoding that the document names (in a `meta` tag, in an XML declaration); `None`
    /// keeps the existing name.
    pub fn eventual_encoding(mut self, encoding: Option<&'o str>) -> Self {
        self.encoding = encoding;
        self
    }
}

impl Default for Output<'_> {
    fn default() -> Self {
        Output::new()
    }
}

impl From<Formatter> for Output<'_> {
    fn from(formatter: Formatter) -> Self {
        Output { formatter, indent_level: None, encoding: Some("utf-8") }
    }
}

/// Returns true for encodings that only Python has, which are never named in a document.
pub(crate) fn python_specific(encoding: &str) -> bool {
    matches!(
        encoding,
        "idna"
            | "mbcs"
            | "oem"
            | "palmos"
            | "punycode"
            | "raw_unicode_escape"
            | "undefined"
            | "unicode_escape"
            | "raw-unicode-escape"
            | "unicode-escape"
            | "string-escape"
            | "string_escape"
    )
}

impl<'a> Tag<'a> {
    /// Returns the tag as markup: Python's `str(tag)`.
    #[doc(alias("bs4.Tag.decode", "bs4.BeautifulSoup.decode"))]
    pub fn decode(self) -> String {
        self.decode_with(Output::new())
    }

    /// Returns the tag as markup with these settings; a [`Formatter`] can be used instead.
    pub fn decode_with<'o>(self, how: impl Into<Output<'o>>) -> String {
        self.print(&how.into(), true)
    }

    /// Returns the contents as markup.
    #[doc(alias = "bs4.Tag.decode_contents")]
    pub fn decode_contents(self) -> String {
        self.decode_contents_with(Output::new())
    }

    /// Returns the contents as markup with these settings; a [`Formatter`] can be used instead.
    pub fn decode_contents_with<'o>(self, how: impl Into<Output<'o>>) -> String {
        self.print(&how.into(), false)
    }

    /// Returns the tag as markup, each tag and string on its own line.
    #[doc(alias = "bs4.Tag.prettify")]
    pub fn prettify(self) -> String {
        self.prettify_with(Output::new())
    }

    /// Like [`Tag::prettify`], with these settings; a [`Formatter`] can be used instead.
    pub fn prettify_with<'o>(self, how: impl Into<Output<'o>>) -> String {
        self.decode_with(how.into().indent_level(0))
    }

    /// Returns the tag as markup in an encoding. Characters that the encoding lacks become
    /// character references.
    ///
    /// # Errors
    /// [`Error::UnknownEncoding`].
    #[doc(alias = "bs4.Tag.encode")]
    pub fn encode(self, encoding: &str) -> Result<Vec<u8>, Error> {
        self.encode_with(encoding, Output::new())
    }

    /// Like [`Tag::encode`], with these settings.
    ///
    /// # Errors
    /// [`Error::UnknownEncoding`].
    pub fn encode_with<'o>(self, encoding: &'o str, how: impl Into<Output<'o>>) -> Result<Vec<u8>, Error> {
        charset::encode(&self.decode_with(how.into().eventual_encoding(Some(encoding))), encoding, true)
    }

    /// Returns the contents as markup in an encoding. Characters that the encoding lacks are an
    /// error here, as in Python.
    ///
    /// # Errors
    /// [`Error::UnknownEncoding`], [`Error::UnicodeEncode`].
    #[doc(alias = "bs4.Tag.encode_contents")]
    pub fn encode_contents(self, encoding: &str) -> Result<Vec<u8>, Error> {
        charset::encode(&self.decode_contents_with(Output::new().eventual_encoding(Some(encoding))), encoding, false)
    }

    fn print(self, how: &Output<'_>, with_self: bool) -> String {
        let size = if self.id == ROOT { self.doc.text.len() * 2 } else { 256 };
        let (out, level) = (String::with_capacity(size), how.indent_level.unwrap_or(0));
        let mut printer = Printer { how, doc: self.doc, out, level, literal: NONE };
        if self.id == ROOT && self.doc.is_xml {
            printer.declare();
        }
        if with_self && self.id != ROOT {
            printer.walk(self.id);
        } else {
            let mut child = self.raw().first.get();
            while child != NONE {
                printer.walk(child);
                child = self.doc.node(child).next.get();
            }
        }
        printer.out
    }
}

impl NavigableString<'_> {
    /// Returns the string as markup, with the prefix and suffix of its kind. The text is
    /// substituted unless it is [preformatted](StringKind::is_preformatted).
    #[doc(alias("bs4.NavigableString.output_ready", "bs4.PreformattedString.output_ready"))]
    pub fn output_ready(self, formatter: &Formatter) -> String {
        let mut out = String::new();
        push_string(self.0, formatter, &mut out);
        out
    }
}

fn push_string(node: Node<'_>, formatter: &Formatter, out: &mut String) {
    let kind = StringKind::of(node.doc.node(node.id).kind).unwrap_or_default();
    let text = node.doc.string(node.id);
    out.push_str(kind.prefix());
    let parent = node.doc.node(node.id).parent.get();
    let as_is = kind.is_preformatted() || parent != NONE && formatter.is_cdata(node.doc.name(parent), node.doc.is_xml);
    if as_is {
        out.push_str(text);
    } else {
        out.push_str(&formatter.substitute(text));
    }
    out.push_str(kind.suffix());
}

struct Printer<'p, 'a> {
    how: &'p Output<'p>,
    doc: &'a super::tree::doc::Doc,
    out: String,
    level: usize,
    /// The open tag in which whitespace is significant.
    literal: u32,
}

impl<'a> Printer<'_, 'a> {
    fn declare(&mut self) {
        self.out.push_str("<?xml version=\"1.0\"");
        if let Some(encoding) = self.how.encoding.filter(|encoding| !python_specific(encoding)) {
            self.out.push_str(" encoding=\"");
            self.out.push_str(encoding);
            self.out.push('"');
        }
        self.out.push_str("?>\n");
    }

    /// Prints a node with its contents.
    fn walk(&mut self, top: u32) {
        let mut id = top;
        loop {
            let node = self.doc.node(id);
            let mut down = NONE;
            if node.kind >= TEXT {
                self.string(id);
            } else {
                let tag = Tag(Node { doc: self.doc, id });
                down = node.first.get();
                if tag.is_empty_element() {
                    self.line(|printer| printer.start_tag(tag, true), true, true);
                } else {
                    self.open(tag);
                    if down == NONE {
                        self.close(tag);
                    }
                }
            }
            if down != NONE {
                id = down;
                continue;
            }
            while id != top && self.doc.node(id).next.get() == NONE {
                id = self.doc.node(id).parent.get();
                if id == NONE {
                    return;
                }
                self.close(Tag(Node { doc: self.doc, id }));
            }
            if id == top {
                return;
            }
            id = self.doc.node(id).next.get();
        }
    }

    /// Prints something, on its own line if the document is prettified and whitespace is
    /// insignificant here.
    fn line(&mut self, print: impl FnOnce(&mut Self), before: bool, after: bool) {
        let pretty = self.how.indent_level.is_some();
        if pretty && before && self.literal == NONE {
            for _ in 0..self.level {
                self.out.push_str(&self.how.formatter.indent);
            }
        }
        print(self);
        if pretty && after && self.literal == NONE {
            self.out.push('\n');
        }
    }

    fn string(&mut self, id: u32) {
        let node = Node { doc: self.doc, id };
        if self.how.indent_level.is_none() || self.literal != NONE {
            push_string(node, &self.how.formatter, &mut self.out);
            return;
        }
        let mut piece = String::new();
        push_string(node, &self.how.formatter, &mut piece);
        let piece = strip(&piece);
        if !piece.is_empty() {
            self.line(|printer| printer.out.push_str(piece), true, true);
        }
    }

    fn open(&mut self, tag: Tag<'a>) {
        let is_literal = self.literal == NONE && !self.doc.is_xml && preserves_whitespace(tag.name());
        self.line(|printer| printer.start_tag(tag, false), true, !is_literal);
        if is_literal {
            self.literal = tag.id;
        }
        self.level += 1;
    }

    fn close(&mut self, tag: Tag<'a>) {
        self.level = self.level.saturating_sub(1);
        let ends_literal = self.literal == tag.id;
        if ends_literal {
            self.literal = NONE;
        }
        self.line(
            |printer| {
                printer.out.push_str("</");
                printer.name(tag);
                printer.out.push('>');
            },
            !ends_literal,
            true,
        );
    }

    fn name(&mut self, tag: Tag<'a>) {
        if let Some(prefix) = tag.prefix().filter(|prefix| !prefix.is_empty()) {
            self.out.push_str(prefix);
            self.out.push(':');
        }
        self.out.push_str(tag.name());
    }

    fn start_tag(&mut self, tag: Tag<'a>, is_empty: bool) {
        let formatter = &self.how.formatter;
        self.out.push('<');
        self.name(tag);
        if tag.raw().b.get() != NONE {
            for (name, value) in formatter.attributes(tag) {
                self.out.push(' ');
                self.out.push_str(name);
                let Some(value) = value else { continue };
                self.out.push('=');
                let value = match self.how.encoding {
                    Some(encoding) => value.substitute_encoding(encoding),
                    None => value.as_str().into(),
                };
                EntitySubstitution::push_quoted(&formatter.attribute_value(&value), &mut self.out);
            }
        }
        if is_empty {
            self.out.push_str(&formatter.void_element_close_prefix);
        }
        self.out.push('>');
    }
}
