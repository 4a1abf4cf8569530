//! `TreeBuilder`: the parser and its options.

#[cfg(feature = "scraper")]
use super::from_tree;
use super::{parse_html, parse_xml};
use crate::bs4::BeautifulSoup;
use crate::bs4::encoding::charset;
use crate::bs4::encoding::dammit::Dammit;
use crate::bs4::encoding::detector::{EncodingDetector, guess, python_name};
use crate::bs4::encoding::prescan::{label, prescan};
use crate::bs4::error::Error;
use crate::bs4::search::strainer::SoupStrainer;
use crate::bs4::tree::doc::{Doc, MAX_MARKUP};
use encoding_rs::Encoding;
use std::borrow::Cow;

/// Markup to parse: text, or bytes whose encoding is detected.
#[derive(Debug, Clone)]
pub enum Markup<'m> {
    /// Text.
    Text(Cow<'m, str>),
    /// Bytes.
    Bytes(Cow<'m, [u8]>),
}

macro_rules! markup {
    ($($from:ty => $kind:ident),* $(,)?) => {
        $(impl<'m> From<$from> for Markup<'m> {
            fn from(markup: $from) -> Self {
                Markup::$kind(markup.into())
            }
        })*
    };
}

markup! { &'m str => Text, String => Text, &'m String => Text, &'m [u8] => Bytes, Vec<u8> => Bytes, &'m Vec<u8> => Bytes }

impl<'m, const N: usize> From<&'m [u8; N]> for Markup<'m> {
    fn from(markup: &'m [u8; N]) -> Self {
        Markup::Bytes(markup.as_slice().into())
    }
}

/// A parser with its options: the other arguments of Python's `BeautifulSoup(...)`.
///
/// | Python | leyden |
/// |---|---|
/// | `BeautifulSoup(markup, "html5lib")` | `BeautifulSoup::new(markup)` |
/// | `BeautifulSoup(markup, "xml")` | `BeautifulSoup::xml(markup)` |
/// | `BeautifulSoup(markup, name)` | `TreeBuilder::named(name)?.parse(markup)?` |
/// | `BeautifulSoup(markup, from_encoding="cp1251")` | `TreeBuilder::html().from_encoding("cp1251").parse(markup)?` |
/// | `BeautifulSoup(markup, parse_only=SoupStrainer("a"))` | `TreeBuilder::html().parse_only(SoupStrainer::new("a")).parse(markup)?` |
///
/// ```
/// use leyden::bs4::{SoupStrainer, TreeBuilder};
/// let links = TreeBuilder::html().parse_only(SoupStrainer::new("a")).parse("<p>See <a href=x>this</a>.")?;
/// assert_eq!(links.to_string(), r#"<a href="x">this</a>"#);
/// # Ok::<(), leyden::bs4::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct TreeBuilder {
    is_xml: bool,
    from_encoding: Option<String>,
    exclude_encodings: Vec<String>,
    parse_only: Option<SoupStrainer<'static>>,
    fragment: Option<String>,
    #[cfg(feature = "scraper")]
    by_scraper: bool,
}

impl TreeBuilder {
    /// The HTML parser: Python's `html5lib`.
    pub fn html() -> TreeBuilder {
        TreeBuilder {
            is_xml: false,
            from_encoding: None,
            exclude_encodings: Vec::new(),
            parse_only: None,
            fragment: None,
            #[cfg(feature = "scraper")]
            by_scraper: false,
        }
    }

    /// The XML parser: Python's `lxml-xml`.
    pub fn xml() -> TreeBuilder {
        TreeBuilder { is_xml: true, ..TreeBuilder::html() }
    }

    /// Returns the parser for Python's name: `html5lib`, `html5`, `html`; `lxml-xml`, `xml`. With the feature `scraper` also for
    /// `scraper`, the parser of that crate: see [`BeautifulSoup`](BeautifulSoup#impl-TryFrom%3C%26Html%3E-for-BeautifulSoup).
    ///
    /// # Errors
    /// [`Error::FeatureNotFound`] for any other name: `html.parser` and `lxml` build different
    /// trees from invalid HTML.
    pub fn named(name: &str) -> Result<TreeBuilder, Error> {
        match name {
            "html5lib" | "html5" | "html" => Ok(TreeBuilder::html()),
            "lxml-xml" | "xml" => Ok(TreeBuilder::xml()),
            #[cfg(feature = "scraper")]
            "scraper" => Ok(TreeBuilder { by_scraper: true, ..TreeBuilder::html() }),
            _ => Err(Error::FeatureNotFound { name: name.to_owned() }),
        }
    }

    /// Sets the encoding of the bytes, if known. Only a byte order mark in HTML takes precedence.
    pub fn from_encoding(mut self, encoding: impl Into<String>) -> Self {
        self.from_encoding = Some(encoding.into());
        self
    }

    /// Sets encodings that the bytes are not in.
    pub fn exclude_encodings<T: Into<String>>(mut self, encodings: impl IntoIterator<Item = T>) -> Self {
        self.exclude_encodings = encodings.into_iter().map(Into::into).collect();
        self
    }

    /// Keeps only the matching parts: the outermost tags, with their contents.
    ///
    /// DIFFERENCE: html5lib's builder ignores it; here it works for HTML as for XML.
    pub fn parse_only(mut self, strainer: SoupStrainer<'static>) -> Self {
        self.parse_only = Some(strainer);
        self
    }

    /// Parses HTML as the contents of this tag, like JavaScript's `innerHTML`: without adding
    /// `html`, `head` and `body`. The tag may be one of SVG or MathML: `svg path`, `math mi`.
    /// Python has no equivalent.
    ///
    /// ```
    /// use leyden::bs4::TreeBuilder;
    /// let cells = TreeBuilder::html().fragment("tr").parse("<td>1<td>2")?;
    /// assert_eq!(cells.to_string(), "<td>1</td><td>2</td>");
    /// # Ok::<(), leyden::bs4::Error>(())
    /// ```
    pub fn fragment(mut self, context: impl Into<String>) -> Self {
        self.fragment = Some(context.into());
        self
    }

    /// Parses a document.
    ///
    /// # Errors
    /// [`Error::ParserRejectedMarkup`] for more than 1 GiB.
    pub fn parse<'m>(self, markup: impl Into<Markup<'m>>) -> Result<BeautifulSoup, Error> {
        let markup = markup.into();
        let len = match &markup {
            Markup::Text(text) => text.len(),
            Markup::Bytes(bytes) => bytes.len(),
        };
        if len > MAX_MARKUP {
            return Err(Error::ParserRejectedMarkup { reason: format!("{len} bytes are more than 1 GiB") });
        }
        #[cfg(feature = "scraper")]
        if self.by_scraper && self.fragment.as_deref().is_some_and(|context| context != "body") {
            return Err(Error::Value("scraper parses fragments as the contents of body only"));
        }
        Ok(self.build(markup))
    }

    /// The tree of an HTML text, and the encoding that a `meta` tag names, where the parser tells it.
    fn html_tree(&self, text: &str) -> (Doc, Option<String>) {
        let text = within_limit(text);
        #[cfg(feature = "scraper")]
        if self.by_scraper {
            let html = match self.fragment {
                None => scraper::Html::parse_document(text),
                Some(_) => scraper::Html::parse_fragment(text),
            };
            return (from_tree(&html), None);
        }
        parse_html(text, self.fragment.as_deref())
    }

    pub(in crate::bs4) fn build(self, markup: Markup<'_>) -> BeautifulSoup {
        let (doc, text) = match markup {
            Markup::Text(text) if self.is_xml => (parse_xml(within_limit(&text)), Decoded::default()),
            Markup::Text(text) => (self.html_tree(&text).0, Decoded::default()),
            Markup::Bytes(bytes) if self.is_xml => {
                let text = self.decode_xml(&bytes);
                (parse_xml(within_limit(&text.text)), text)
            }
            Markup::Bytes(bytes) => {
                let mut text = self.decode_html(&bytes);
                let (mut doc, declared) = self.html_tree(&text.text);
                // A `meta` tag after the prescanned part: the standard restarts parsing with its
                // encoding.
                if text.is_tentative
                    && let Some(encoding) =
                        declared.and_then(|name| label(name.as_bytes())).filter(|encoding| self.allows(encoding))
                    && text.encoding.as_deref() != Some(python_name(encoding))
                {
                    text = Decoded { declared: Some(python_name(encoding).to_owned()), ..read(&bytes, encoding) };
                    doc = self.html_tree(&text.text).0;
                }
                (doc, text)
            }
        };
        if let Some(strainer) = &self.parse_only {
            strainer.clone().or_all_tags().strain(&doc);
        }
        BeautifulSoup {
            doc,
            parse_only: self.parse_only,
            original_encoding: text.encoding,
            declared_html_encoding: text.declared,
            contains_replacement_characters: text.replaced,
        }
    }

    /// A document from a tree that is there already.
    #[cfg(feature = "scraper")]
    pub(in crate::bs4) fn built(self, doc: Doc) -> BeautifulSoup {
        let Decoded { encoding, declared, replaced, .. } = Decoded::default();
        BeautifulSoup {
            doc,
            parse_only: self.parse_only,
            original_encoding: encoding,
            declared_html_encoding: declared,
            contains_replacement_characters: replaced,
        }
    }

    fn allows(&self, encoding: &'static Encoding) -> bool {
        !self.exclude_encodings.iter().any(|name| charset::web(name) == Some(encoding))
    }

    /// Decodes with the encoding that the caller or the document names, replacing invalid bytes.
    /// Otherwise the encoding is guessed.
    fn decode_xml(&self, bytes: &[u8]) -> Decoded {
        let (unmarked, marked) = EncodingDetector::strip_byte_order_mark(bytes);
        let declared = || EncodingDetector::find_declared_encoding(unmarked, false, false);
        let named = self.from_encoding.clone().or_else(|| marked.map(str::to_owned)).or_else(declared);
        let named = named.map(|name| name.to_lowercase());
        let excluded = |name: &String| self.exclude_encodings.iter().any(|excluded| excluded.eq_ignore_ascii_case(name));
        // A declaration that is readable byte by byte is not in a two-byte encoding.
        let certain = marked.is_some() || self.from_encoding.is_some();
        let named = named.map(|name| match !certain && (name.starts_with("utf-16") || name.starts_with("utf-32")) {
            true => "utf-8".to_owned(),
            false => name,
        });
        if let Some(name) = named.filter(|name| !excluded(name))
            && let Some((text, replaced)) = charset::decode(unmarked, &name)
        {
            return Decoded { text, encoding: Some(name), replaced, ..Decoded::default() };
        }
        let dammit = Dammit::new()
            .known_definite_encodings(self.from_encoding.as_slice())
            .exclude_encodings(self.exclude_encodings.as_slice())
            .read(bytes);
        Decoded {
            encoding: dammit.original_encoding().map(str::to_owned),
            declared: None,
            replaced: dammit.contains_replacement_characters(),
            is_tentative: false,
            text: dammit.unicode_markup().unwrap_or_default().to_owned(),
        }
    }

    /// The standard's order: byte order mark, the caller's encoding, the declared one, the detected
    /// one.
    fn decode_html(&self, bytes: &[u8]) -> Decoded {
        let allowed = |encoding: &&'static Encoding| self.allows(encoding);
        let declared = prescan(bytes);
        let marked = Encoding::for_bom(bytes);
        let start = marked.map_or(0, |(_, len)| len);
        let known = || self.from_encoding.as_deref().and_then(charset::web);
        let looks = || match std::str::from_utf8(bytes) {
            Ok(text) if !text.is_ascii() => Some(encoding_rs::UTF_8),
            Ok(_) => None,
            Err(_) => guess(bytes).and_then(|name| Encoding::for_label(name.as_bytes())),
        };
        let certain = marked.map(|(encoding, _)| encoding).or_else(known);
        // A declaration found in the first kilobyte may be part of a script: the tag that the
        // parser reaches decides.
        let tentative = certain.or_else(|| declared.filter(allowed));
        let encoding = tentative.or_else(|| looks().filter(allowed)).unwrap_or(encoding_rs::WINDOWS_1252);
        // Python's decoder is used only for names that Python has and the web does not.
        let python_only =
            self.from_encoding.as_deref().filter(|name| marked.is_none() && known().is_none() && charset::is_known(name));
        if let Some(name) = python_only
            && let Some((text, replaced)) = charset::decode(bytes, name)
        {
            return Decoded { text, encoding: Some(name.to_lowercase()), replaced, ..Decoded::default() };
        }
        let declared = declared.map(|encoding| python_name(encoding).to_owned());
        Decoded { declared, is_tentative: certain.is_none(), ..read(&bytes[start..], encoding) }
    }
}

/// Returns the part of a text that fits into a document.
fn within_limit(text: &str) -> &str {
    &text[..text.floor_char_boundary(MAX_MARKUP)]
}

fn read(bytes: &[u8], encoding: &'static Encoding) -> Decoded {
    let (text, replaced) = encoding.decode_without_bom_handling(bytes);
    Decoded { text: text.into_owned(), encoding: Some(python_name(encoding).to_owned()), replaced, ..Decoded::default() }
}

#[derive(Default)]
struct Decoded {
    text: String,
    is_tentative: bool,
    encoding: Option<String>,
    declared: Option<String>,
    replaced: bool,
}
