//! The kinds of strings in a document.

use super::doc::TEXT;

/// The kind of a string in the document: Python's subclasses of `NavigableString`.
///
/// | Python | leyden | printed as |
/// |---|---|---|
/// | `NavigableString("x")` | `StringKind::NavigableString` | `x`, entities substituted |
/// | `Comment("x")` | `StringKind::Comment` | `<!--x-->` |
/// | `CData("x")` | `StringKind::CData` | `<![CDATA[x]]>` |
/// | `ProcessingInstruction("x")` | `StringKind::ProcessingInstruction` | `<?x>` |
/// | `XMLProcessingInstruction("x")` | `StringKind::XmlProcessingInstruction` | `<?x?>` |
/// | `Declaration("x")` | `StringKind::Declaration` | `<?x?>` |
/// | `Doctype("x")` | `StringKind::Doctype` | `<!DOCTYPE x>` and a line feed |
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#comments-and-other-special-strings>
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
#[repr(u8)]
pub enum StringKind {
    /// Ordinary text.
    #[default]
    #[doc(alias = "bs4.NavigableString")]
    NavigableString = 0,
    /// A comment.
    #[doc(alias("bs4.Comment", "bs4.Comment.PREFIX", "bs4.Comment.SUFFIX"))]
    Comment = 1,
    /// A CDATA section created by a script: parsers return plain text.
    #[doc(alias("bs4.CData", "bs4.CData.PREFIX", "bs4.CData.SUFFIX"))]
    CData = 2,
    /// An SGML processing instruction.
    #[doc(alias("bs4.ProcessingInstruction", "bs4.ProcessingInstruction.PREFIX", "bs4.ProcessingInstruction.SUFFIX"))]
    ProcessingInstruction = 3,
    /// An XML processing instruction.
    #[doc(alias("bs4.XMLProcessingInstruction", "bs4.XMLProcessingInstruction.PREFIX", "bs4.XMLProcessingInstruction.SUFFIX"))]
    XmlProcessingInstruction = 4,
    /// A declaration.
    #[doc(alias("bs4.Declaration", "bs4.Declaration.PREFIX", "bs4.Declaration.SUFFIX"))]
    Declaration = 5,
    /// The document type.
    #[doc(alias("bs4.Doctype", "bs4.Doctype.PREFIX", "bs4.Doctype.SUFFIX"))]
    Doctype = 6,
    /// Text in a `style` tag; the HTML parser gives [`StringKind::NavigableString`], as html5lib's does.
    #[doc(alias = "bs4.Stylesheet")]
    Stylesheet = 7,
    /// Text in a `script` tag; the HTML parser gives [`StringKind::NavigableString`], as html5lib's does.
    #[doc(alias = "bs4.Script")]
    Script = 8,
    /// Text in a `template` tag; the HTML parser gives [`StringKind::NavigableString`], as html5lib's does.
    #[doc(alias = "bs4.TemplateString")]
    TemplateString = 9,
    /// Text in an `rt` tag; the HTML parser gives [`StringKind::NavigableString`], as html5lib's does.
    #[doc(alias = "bs4.RubyTextString")]
    RubyTextString = 10,
    /// Text in an `rp` tag; the HTML parser gives [`StringKind::NavigableString`], as html5lib's does.
    #[doc(alias = "bs4.RubyParenthesisString")]
    RubyParenthesisString = 11,
}

const KINDS: [StringKind; 12] = [
    StringKind::NavigableString,
    StringKind::Comment,
    StringKind::CData,
    StringKind::ProcessingInstruction,
    StringKind::XmlProcessingInstruction,
    StringKind::Declaration,
    StringKind::Doctype,
    StringKind::Stylesheet,
    StringKind::Script,
    StringKind::TemplateString,
    StringKind::RubyTextString,
    StringKind::RubyParenthesisString,
];

impl StringKind {
    /// Returns the text printed before the string.
    #[doc(alias("bs4.NavigableString.PREFIX", "bs4.PreformattedString.PREFIX"))]
    pub const fn prefix(self) -> &'static str {
        match self {
            StringKind::Comment => "<!--",
            StringKind::CData => "<![CDATA[",
            StringKind::ProcessingInstruction | StringKind::XmlProcessingInstruction | StringKind::Declaration => "<?",
            StringKind::Doctype => "<!DOCTYPE ",
            _ => "",
        }
    }

    /// Returns the text printed after the string.
    #[doc(alias("bs4.NavigableString.SUFFIX", "bs4.PreformattedString.SUFFIX"))]
    pub const fn suffix(self) -> &'static str {
        match self {
            StringKind::Comment => "-->",
            StringKind::CData => "]]>",
            StringKind::ProcessingInstruction => ">",
            StringKind::XmlProcessingInstruction | StringKind::Declaration => "?>",
            StringKind::Doctype => ">\n",
            _ => "",
        }
    }

    /// Returns true if the string is printed without entity substitution.
    #[doc(alias = "bs4.PreformattedString")]
    pub const fn is_preformatted(self) -> bool {
        (self as u8) >= StringKind::Comment as u8 && (self as u8) <= StringKind::Doctype as u8
    }

    pub(crate) const fn raw(self) -> u8 {
        TEXT + self as u8
    }

    /// Returns the kind of a raw node, if it is a string.
    pub(crate) fn of(raw: u8) -> Option<StringKind> {
        KINDS.get(usize::from(raw.checked_sub(TEXT)?)).copied()
    }
}
