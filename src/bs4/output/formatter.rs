//! Formatters: convert text to markup.

use super::entities::EntitySubstitution;
use crate::bs4::tree::node::Tag;
use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

/// The output format of a document: which characters become entities, how empty tags are closed,
/// and the indentation.
///
/// | Python | leyden |
/// |---|---|
/// | `formatter="minimal"` (the default) | [`Formatter::minimal`] |
/// | `formatter="html"` | [`Formatter::html`] |
/// | `formatter="html5"` | [`Formatter::html5`] |
/// | `formatter="html5-4.12"` | [`Formatter::named`]`("html5-4.12")` |
/// | `formatter=None` | [`Formatter::none`] |
/// | `formatter=lambda text: ...` | `Formatter::function(\|text\| ..)` |
/// | `HTMLFormatter(indent=4, ...)` | `Formatter::minimal().indent(4)` |
///
/// ```
/// use leyden::bs4::{BeautifulSoup, Formatter};
/// let soup = BeautifulSoup::new("<p>Ähm &amp; <br>");
/// let p = soup.find("p").unwrap();
/// assert_eq!(p.decode(), "<p>Ähm &amp; <br/></p>");
/// assert_eq!(p.decode_with(Formatter::html()), "<p>&Auml;hm &amp; <br/></p>");
/// assert_eq!(p.decode_with(Formatter::html5()), "<p>&Auml;hm & <br></p>");
/// assert_eq!(p.decode_with(Formatter::function(|text| text.to_uppercase())), "<p>ÄHM & <br/></p>");
/// ```
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#output-formatters>
#[derive(Clone)]
#[doc(alias("bs4.Formatter", "bs4.HTMLFormatter", "bs4.XMLFormatter"))]
pub struct Formatter {
    substitution: Substitution,
    pub(crate) void_element_close_prefix: Cow<'static, str>,
    cdata_containing_tags: Option<Vec<String>>,
    empty_attributes_are_booleans: bool,
    sorts_attributes: bool,
    pub(crate) indent: Cow<'static, str>,
}

#[derive(Clone)]
enum Substitution {
    None,
    Xml,
    Html,
    Html5,
    Function(Arc<dyn Fn(&str) -> String + Send + Sync>),
}

impl Default for Formatter {
    fn default() -> Self {
        Formatter::minimal()
    }
}

impl fmt::Debug for Formatter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let substitution = match self.substitution {
            Substitution::None => "none",
            Substitution::Xml => "minimal",
            Substitution::Html => "html",
            Substitution::Html5 => "html5",
            Substitution::Function(_) => "function",
        };
        f.debug_struct("Formatter").field("substitution", &substitution).field("indent", &self.indent).finish_non_exhaustive()
    }
}

impl Formatter {
    /// The name of HTML as a formatter's language.
    #[doc(alias = "bs4.Formatter.HTML")]
    pub const HTML: &str = "html";
    /// The name of XML as a formatter's language.
    #[doc(alias = "bs4.Formatter.XML")]
    pub const XML: &str = "xml";
    /// The tags whose text is never substituted in HTML documents.
    #[doc(alias = "bs4.Formatter.HTML_DEFAULTS")]
    pub const HTML_DEFAULTS: [&str; 2] = ["script", "style"];

    const fn with(substitution: Substitution) -> Formatter {
        Formatter {
            substitution,
            void_element_close_prefix: Cow::Borrowed("/"),
            cdata_containing_tags: None,
            empty_attributes_are_booleans: false,
            sorts_attributes: true,
            indent: Cow::Borrowed(" "),
        }
    }

    /// Replaces only `&`, `<` and `>` by entities: the default.
    pub const fn minimal() -> Formatter {
        Formatter::with(Substitution::Xml)
    }

    /// Replaces all characters that have a named entity.
    pub const fn html() -> Formatter {
        Formatter::with(Substitution::Html)
    }

    /// Writes entities as HTML5 needs them, `<br>` for `<br/>`, and `<input disabled>` for an empty
    /// value.
    pub fn html5() -> Formatter {
        let mut formatter = Formatter::with(Substitution::Html5);
        formatter.void_element_close_prefix = Cow::Borrowed("");
        formatter.empty_attributes_are_booleans = true;
        formatter
    }

    /// Replaces nothing: fast, but the result may not be valid markup.
    pub const fn none() -> Formatter {
        Formatter::with(Substitution::None)
    }

    /// Converts every text and attribute value with a function.
    pub fn function(substitute: impl Fn(&str) -> String + Send + Sync + 'static) -> Formatter {
        Formatter::with(Substitution::Function(Arc::new(substitute)))
    }

    /// Returns the formatter for Python's name: `minimal`, `html`, `html5`, `html5-4.12`.
    #[doc(alias("bs4.HTMLFormatter.REGISTRY", "bs4.XMLFormatter.REGISTRY", "bs4.PageElement.formatter_for_name"))]
    pub fn named(name: &str) -> Option<Formatter> {
        match name {
            "minimal" => Some(Formatter::minimal()),
            "html" => Some(Formatter::html()),
            "html5" => Some(Formatter::html5()),
            "html5-4.12" => Some(Formatter { substitution: Substitution::Html, ..Formatter::html5() }),
            _ => None,
        }
    }

    /// Sets the number of spaces per level when prettified. Default: 1.
    pub fn indent(mut self, spaces: usize) -> Self {
        self.indent = " ".repeat(spaces).into();
        self
    }

    /// Sets the indentation per level when prettified, for example a tab.
    pub fn indent_with(mut self, indent: impl Into<String>) -> Self {
        self.indent = Cow::Owned(indent.into());
        self
    }

    /// Sets the text before the `>` of a tag without contents. Default: `/`.
    pub fn void_element_close_prefix(mut self, prefix: impl Into<String>) -> Self {
        self.void_element_close_prefix = Cow::Owned(prefix.into());
        self
    }

    /// Sets the tags whose text is never substituted. Default: `script` and `style` in HTML, none
    /// in XML.
    pub fn cdata_containing_tags<T: Into<String>>(mut self, tags: impl IntoIterator<Item = T>) -> Self {
        self.cdata_containing_tags = Some(tags.into_iter().map(Into::into).collect());
        self
    }

    /// Sets whether an attribute with an empty value is printed without value. Default: only with
    /// `html5`.
    pub fn empty_attributes_are_booleans(mut self, yes: bool) -> Self {
        self.empty_attributes_are_booleans = yes;
        self
    }

    /// Sets whether attributes are sorted by name, as in Beautiful Soup, or printed in document
    /// order.
    pub fn sort_attributes(mut self, yes: bool) -> Self {
        self.sorts_attributes = yes;
        self
    }

    /// Converts a text to markup.
    #[doc(alias("bs4.Formatter.substitute", "bs4.PageElement.format_string"))]
    pub fn substitute<'t>(&self, text: &'t str) -> Cow<'t, str> {
        match &self.substitution {
            Substitution::None => text.into(),
            Substitution::Xml => EntitySubstitution::substitute_xml(text),
            Substitution::Html => EntitySubstitution::substitute_html(text),
            Substitution::Html5 => EntitySubstitution::substitute_html5(text),
            Substitution::Function(substitute) => substitute(text).into(),
        }
    }

    /// Converts an attribute's value to markup, without quotes.
    #[doc(alias = "bs4.Formatter.attribute_value")]
    pub fn attribute_value<'t>(&self, value: &'t str) -> Cow<'t, str> {
        self.substitute(value)
    }

    /// Returns a tag's attributes in print order; the value is `None` for one that is printed
    /// without value.
    #[doc(alias = "bs4.Formatter.attributes")]
    pub fn attributes<'a>(&self, tag: Tag<'a>) -> Vec<(&'a str, Option<crate::bs4::AttributeValue<'a>>)> {
        let boolean = |value: &crate::bs4::AttributeValue<'_>| {
            self.empty_attributes_are_booleans && value.as_str().is_empty() && !value.is_list()
        };
        let mut list: Vec<_> = tag.attrs().map(|(name, value)| (name, Some(value).filter(|v| !boolean(v)))).collect();
        if self.sorts_attributes && list.len() > 1 {
            list.sort_by_key(|(name, _)| *name);
        }
        list
    }

    /// Returns true if the text in tags of this name is not substituted.
    pub(crate) fn is_cdata(&self, tag: &str, is_xml: bool) -> bool {
        match &self.cdata_containing_tags {
            Some(tags) => tags.iter().any(|known| known == tag),
            None => !is_xml && Self::HTML_DEFAULTS.contains(&tag),
        }
    }
}
