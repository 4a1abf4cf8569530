//! `UnicodeDammit`: decodes bytes of unknown encoding.

use super::charset;
use super::detector::EncodingDetector;
use super::smart_quotes;

/// The replacement of the "smart quotes" of windows-1252; Python's `smart_quotes_to`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[doc(alias = "bs4.UnicodeDammit.smart_quotes_to")]
pub enum SmartQuotes {
    /// The nearest ASCII text.
    Ascii,
    /// Numeric references.
    Xml,
    /// Named entities.
    Html,
}

/// Bytes decoded with the first encoding that fits.
///
/// ```
/// use leyden::bs4::UnicodeDammit;
/// let dammit = UnicodeDammit::new(b"Sacr\xc3\xa9 bleu!");
/// assert_eq!(dammit.unicode_markup(), Some("Sacré bleu!"));
/// assert_eq!(dammit.original_encoding(), Some("utf-8"));
/// ```
///
/// DIFFERENCES: the encoding of undeclared bytes is guessed by their frequency, as in Python if an
/// optional package is installed. A document without text does not count as one with replacement
/// characters.
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#unicode-dammit>
#[derive(Debug, Clone)]
#[doc(alias = "bs4.UnicodeDammit")]
pub struct UnicodeDammit {
    markup: Vec<u8>,
    text: Option<String>,
    original_encoding: Option<String>,
    declared_encoding: Option<String>,
    is_html: bool,
    contains_replacement_characters: bool,
    tried: Vec<(String, &'static str)>,
}

/// The settings of [`UnicodeDammit`].
#[derive(Debug, Clone, Default)]
pub struct Dammit {
    pub(crate) known_definite_encodings: Vec<String>,
    pub(crate) user_encodings: Vec<String>,
    pub(crate) exclude_encodings: Vec<String>,
    pub(crate) is_html: bool,
    smart_quotes_to: Option<SmartQuotes>,
}

impl Dammit {
    /// Creates settings without any knowledge of the document.
    pub fn new() -> Self {
        Dammit::default()
    }

    /// Sets encodings to try before all others.
    pub fn known_definite_encodings<T: Into<String>>(mut self, encodings: impl IntoIterator<Item = T>) -> Self {
        self.known_definite_encodings = encodings.into_iter().map(Into::into).collect();
        self
    }

    /// Sets encodings to try if there is no byte order mark.
    pub fn user_encodings<T: Into<String>>(mut self, encodings: impl IntoIterator<Item = T>) -> Self {
        self.user_encodings = encodings.into_iter().map(Into::into).collect();
        self
    }

    /// Sets encodings not to try.
    pub fn exclude_encodings<T: Into<String>>(mut self, encodings: impl IntoIterator<Item = T>) -> Self {
        self.exclude_encodings = encodings.into_iter().map(Into::into).collect();
        self
    }

    /// Sets whether to look for an encoding in a `meta` tag.
    pub fn is_html(mut self, is_html: bool) -> Self {
        self.is_html = is_html;
        self
    }

    /// Sets the replacement of the "smart quotes" of windows-1252. Default: they are kept.
    pub fn smart_quotes_to(mut self, to: SmartQuotes) -> Self {
        self.smart_quotes_to = Some(to);
        self
    }

    /// Detects the encoding and decodes the bytes.
    pub fn read(self, markup: &[u8]) -> UnicodeDammit {
        let mut detector = EncodingDetector::new(markup)
            .known_definite_encodings(self.known_definite_encodings)
            .user_encodings(self.user_encodings)
            .exclude_encodings(self.exclude_encodings)
            .is_html(self.is_html);
        let encodings = detector.encodings();
        let mut dammit = UnicodeDammit {
            markup: detector.markup().to_vec(),
            text: None,
            original_encoding: None,
            declared_encoding: detector.declared_encoding().map(str::to_owned),
            is_html: self.is_html,
            contains_replacement_characters: false,
            tried: Vec::new(),
        };
        for errors in ["strict", "replace"] {
            for encoding in &encodings {
                if errors == "replace" && encoding == "ascii" {
                    continue;
                }
                if dammit.convert(encoding, errors, self.smart_quotes_to) {
                    dammit.contains_replacement_characters = errors == "replace";
                    return dammit;
                }
            }
        }
        dammit
    }
}

impl UnicodeDammit {
    /// Decodes bytes without further settings. Use [`Dammit`] for settings.
    pub fn new(markup: &[u8]) -> UnicodeDammit {
        Dammit::new().read(markup)
    }

    /// Other names of encodings: Python's table of them, in pairs.
    #[doc(alias = "bs4.UnicodeDammit.CHARSET_ALIASES")]
    pub const CHARSET_ALIASES: [(&str, &str); 2] = [("macintosh", "mac-roman"), ("x-sjis", "shift-jis")];
    /// The encodings in which the bytes 0x80 to 0x9f are treated as smart quotes.
    #[doc(alias = "bs4.UnicodeDammit.ENCODINGS_WITH_SMART_QUOTES")]
    pub const ENCODINGS_WITH_SMART_QUOTES: [&str; 3] = ["windows-1252", "iso-8859-1", "iso-8859-2"];
    /// The bytes that begin a character of several bytes in UTF-8, as ranges, each with the number of bytes.
    #[doc(alias = "bs4.UnicodeDammit.MULTIBYTE_MARKERS_AND_SIZES")]
    pub const MULTIBYTE_MARKERS_AND_SIZES: [(u8, u8, usize); 3] = [(0xc2, 0xdf, 2), (0xe0, 0xef, 3), (0xf0, 0xf4, 4)];
    /// The first of those bytes.
    #[doc(alias = "bs4.UnicodeDammit.FIRST_MULTIBYTE_MARKER")]
    pub const FIRST_MULTIBYTE_MARKER: u8 = 0xc2;
    /// The last of those bytes.
    #[doc(alias = "bs4.UnicodeDammit.LAST_MULTIBYTE_MARKER")]
    pub const LAST_MULTIBYTE_MARKER: u8 = 0xf4;

    /// Whether a number is one of Unicode's noncharacters that end each plane.
    #[doc(alias = "bs4.UnicodeDammit.ENUMERATED_NONCHARACTERS")]
    pub const fn is_enumerated_noncharacter(number: u32) -> bool {
        number <= 0x10_ffff && number & 0xfffe == 0xfffe
    }

    /// Returns the replacement of a windows-1252 byte from 0x80. The letters above 0x9f have only
    /// an ASCII form.
    ///
    /// DIFFERENCE: `Ÿ` (0x9f) is `&#x178;`; Python's table has no number for it, so it writes
    /// `&#x;`.
    #[doc(alias("bs4.UnicodeDammit.MS_CHARS", "bs4.UnicodeDammit.MS_CHARS_TO_ASCII"))]
    pub fn ms_char(byte: u8, to: SmartQuotes) -> Option<String> {
        smart_quotes::substitute(byte, to)
    }

    /// Returns the character of a byte from 0x80 in windows-1252; five bytes have none.
    #[doc(alias = "bs4.UnicodeDammit.WINDOWS_1252_TO_UTF8")]
    pub fn windows_1252_to_utf8(byte: u8) -> Option<char> {
        smart_quotes::windows_1252(byte)
    }

    fn convert(&mut self, encoding: &str, errors: &'static str, smart_quotes_to: Option<SmartQuotes>) -> bool {
        let Some(encoding) = Self::find_codec(encoding) else { return false };
        if self.tried.iter().any(|(tried, how)| *tried == encoding && *how == errors) {
            return false;
        }
        self.tried.push((encoding.clone(), errors));
        let quoted = match smart_quotes_to {
            Some(to) if Self::ENCODINGS_WITH_SMART_QUOTES.contains(&encoding.as_str()) => {
                let mut out = Vec::with_capacity(self.markup.len());
                for &byte in &self.markup {
                    match Self::ms_char(byte, to).filter(|_| byte <= 0x9f) {
                        Some(text) => out.extend_from_slice(text.as_bytes()),
                        None => out.push(byte),
                    }
                }
                Some(out)
            }
            _ => None,
        };
        match charset::decode(quoted.as_deref().unwrap_or(&self.markup), &encoding) {
            Some((text, replaced)) if !replaced || errors == "replace" => {
                self.text = Some(text);
                self.original_encoding = Some(encoding);
                true
            }
            _ => false,
        }
    }

    /// Returns leyden's name of an encoding, or the name itself in lower case.
    #[doc(alias = "bs4.UnicodeDammit.find_codec")]
    pub fn find_codec(charset: &str) -> Option<String> {
        let alias = Self::CHARSET_ALIASES.iter().find(|(name, _)| *name == charset).map_or(charset, |(_, alias)| alias);
        let known = [alias.to_owned(), charset.replace('-', ""), charset.replace('-', "_")];
        let known = known.into_iter().find(|name| charset::is_known(name)).unwrap_or_else(|| charset.to_owned());
        Some(known.to_lowercase()).filter(|name| !name.is_empty())
    }

    /// Returns the bytes, without byte order mark.
    #[doc(alias = "bs4.UnicodeDammit.markup")]
    pub fn markup(&self) -> &[u8] {
        &self.markup
    }

    /// Returns the decoded text, if an encoding fits.
    #[doc(alias = "bs4.UnicodeDammit.unicode_markup")]
    pub fn unicode_markup(&self) -> Option<&str> {
        self.text.as_deref()
    }

    /// Returns the encoding that was used.
    #[doc(alias = "bs4.UnicodeDammit.original_encoding")]
    pub fn original_encoding(&self) -> Option<&str> {
        self.original_encoding.as_deref()
    }

    /// Returns the encoding that an HTML document declares.
    #[doc(alias = "bs4.UnicodeDammit.declared_html_encoding")]
    pub fn declared_html_encoding(&self) -> Option<&str> {
        self.declared_encoding.as_deref().filter(|_| self.is_html)
    }

    /// Returns true if some bytes could not be decoded and were replaced by U+FFFD.
    #[doc(alias = "bs4.UnicodeDammit.contains_replacement_characters")]
    pub fn contains_replacement_characters(&self) -> bool {
        self.contains_replacement_characters
    }

    /// Returns true if the bytes were treated as HTML.
    #[doc(alias = "bs4.UnicodeDammit.is_html")]
    pub fn is_html(&self) -> bool {
        self.is_html
    }

    /// Returns the encodings that were tried, each with `strict` or `replace`.
    #[doc(alias = "bs4.UnicodeDammit.tried_encodings")]
    pub fn tried_encodings(&self) -> &[(String, &'static str)] {
        &self.tried
    }

    /// Repairs windows-1252 characters within a UTF-8 document.
    ///
    /// ```
    /// use leyden::bs4::UnicodeDammit;
    /// let mixed = b"\xe2\x98\x83 said \x93hi\x94";
    /// assert_eq!(UnicodeDammit::detwingle(mixed), "☃ said “hi”".as_bytes());
    /// ```
    ///
    /// DIFFERENCE: Beautiful Soup writes a lone byte 0xA1 for an embedded `á`; its table has a typo there.
    #[doc(alias = "bs4.UnicodeDammit.detwingle")]
    pub fn detwingle(bytes: &[u8]) -> Vec<u8> {
        let mut out = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let marked = Self::MULTIBYTE_MARKERS_AND_SIZES.iter().find(|(first, last, _)| (*first..=*last).contains(&byte));
            let size = marked.map_or(1, |(_, _, size)| *size).min(bytes.len() - at);
            match Self::windows_1252_to_utf8(byte) {
                Some(c) if marked.is_none() => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                _ => out.extend_from_slice(&bytes[at..at + size]),
            }
            at += size;
        }
        out
    }
}
