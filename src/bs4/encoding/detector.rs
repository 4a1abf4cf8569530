//! `EncodingDetector`: the encodings to try, in order.

use encoding_rs::Encoding;

/// Suggests encodings for a document: the known ones, that of the byte order mark, the user's, the
/// declared one, the one detected from the bytes, and finally UTF-8 and windows-1252.
///
/// <https://www.crummy.com/software/BeautifulSoup/bs4/doc/#encodings>
#[derive(Debug, Clone)]
#[doc(alias = "bs4.EncodingDetector")]
pub struct EncodingDetector<'m> {
    known: Vec<String>,
    user: Vec<String>,
    excluded: Vec<String>,
    is_html: bool,
    markup: &'m [u8],
    sniffed: Option<&'static str>,
    declared: Option<String>,
}

impl<'m> EncodingDetector<'m> {
    /// Creates a detector without further settings.
    pub fn new(markup: &'m [u8]) -> Self {
        let (markup, sniffed) = Self::strip_byte_order_mark(markup);
        let none = Vec::new;
        EncodingDetector { known: none(), user: none(), excluded: none(), is_html: false, markup, sniffed, declared: None }
    }

    /// Sets encodings to try before all others.
    pub fn known_definite_encodings<T: Into<String>>(mut self, encodings: impl IntoIterator<Item = T>) -> Self {
        self.known = encodings.into_iter().map(Into::into).collect();
        self
    }

    /// Sets encodings to try if there is no byte order mark.
    pub fn user_encodings<T: Into<String>>(mut self, encodings: impl IntoIterator<Item = T>) -> Self {
        self.user = encodings.into_iter().map(Into::into).collect();
        self
    }

    /// Sets encodings not to try.
    pub fn exclude_encodings<T: Into<String>>(mut self, encodings: impl IntoIterator<Item = T>) -> Self {
        self.excluded = encodings.into_iter().map(|name| name.into().to_lowercase()).collect();
        self
    }

    /// Sets whether to look for an encoding in a `meta` tag.
    pub fn is_html(mut self, is_html: bool) -> Self {
        self.is_html = is_html;
        self
    }

    /// Returns the document without byte order mark.
    pub fn markup(&self) -> &'m [u8] {
        self.markup
    }

    /// Returns the declared encoding, after [`EncodingDetector::encodings`] has looked for it.
    pub fn declared_encoding(&self) -> Option<&str> {
        self.declared.as_deref()
    }

    /// Returns the encodings, the most likely first, each once.
    #[doc(alias = "bs4.EncodingDetector.encodings")]
    pub fn encodings(&mut self) -> Vec<String> {
        let mut list: Vec<String> = Vec::new();
        self.declared = Self::find_declared_encoding(self.markup, self.is_html, false);
        let sniffed = self.sniffed.map(str::to_owned);
        let guessed = guess(self.markup).map(str::to_owned);
        let last = ["utf-8".to_owned(), "windows-1252".to_owned()];
        let all = self.known.iter().cloned().chain(sniffed).chain(self.user.iter().cloned());
        for encoding in all.chain(self.declared.clone()).chain(guessed).chain(last) {
            let lower = encoding.to_lowercase();
            if !self.excluded.contains(&lower) && !list.iter().any(|known| known.to_lowercase() == lower) {
                list.push(encoding);
            }
        }
        list
    }

    /// Returns the document without its byte order mark, and the encoding of the mark.
    #[doc(alias = "bs4.EncodingDetector.strip_byte_order_mark")]
    pub fn strip_byte_order_mark(data: &[u8]) -> (&[u8], Option<&'static str>) {
        match data {
            [0xfe, 0xff, a, b, ..] if (*a, *b) != (0, 0) => (&data[2..], Some("utf-16be")),
            [0xff, 0xfe, a, b, ..] if (*a, *b) != (0, 0) => (&data[2..], Some("utf-16le")),
            [0xef, 0xbb, 0xbf, rest @ ..] => (rest, Some("utf-8")),
            [0, 0, 0xfe, 0xff, rest @ ..] => (rest, Some("utf-32be")),
            [0xff, 0xfe, 0, 0, rest @ ..] => (rest, Some("utf-32le")),
            _ => (data, None),
        }
    }

    /// Returns the encoding declared near the start of a document, or anywhere in it: in an XML
    /// declaration or, for HTML, in a `meta` tag.
    #[doc(alias = "bs4.EncodingDetector.find_declared_encoding")]
    pub fn find_declared_encoding(markup: &[u8], is_html: bool, search_entire_document: bool) -> Option<String> {
        let (xml_end, html_end) =
            if search_entire_document { (usize::MAX, usize::MAX) } else { (1024, 2048.max(markup.len() / 20)) };
        let head = |end: usize| markup.get(..end).unwrap_or(markup);
        let found = xml_declared(head(xml_end)).or_else(|| if is_html { meta_declared(head(html_end)) } else { None })?;
        let name: String = found.iter().map(|&b| if b < 0x80 { char::from(b) } else { '\u{fffd}' }).collect();
        Some(name.to_lowercase()).filter(|name| !name.is_empty())
    }
}

/// Detects the encoding of undeclared bytes: UTF-8 if they are valid, otherwise a guess by
/// frequency.
pub(crate) fn guess(markup: &[u8]) -> Option<&'static str> {
    if std::str::from_utf8(markup).is_ok() {
        return None;
    }
    let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Deny);
    detector.feed(&markup[..markup.len().min(1 << 20)], true);
    Some(python_name(detector.guess(None, chardetng::Utf8Detection::Deny)))
}

/// Python's spelling of an encoding of the web.
pub(crate) fn python_name(encoding: &'static Encoding) -> &'static str {
    match encoding.name() {
        "UTF-8" => "utf-8",
        "windows-1252" => "windows-1252",
        "Shift_JIS" => "shift_jis",
        "EUC-JP" => "euc-jp",
        "EUC-KR" => "euc-kr",
        "Big5" => "big5",
        "GBK" => "gbk",
        "gb18030" => "gb18030",
        "ISO-8859-2" => "iso-8859-2",
        "ISO-8859-3" => "iso-8859-3",
        "ISO-8859-4" => "iso-8859-4",
        "ISO-8859-5" => "iso-8859-5",
        "ISO-8859-6" => "iso-8859-6",
        "ISO-8859-7" => "iso-8859-7",
        "ISO-8859-8" => "iso-8859-8",
        "ISO-8859-8-I" => "iso-8859-8-i",
        "ISO-8859-10" => "iso-8859-10",
        "ISO-8859-13" => "iso-8859-13",
        "ISO-8859-14" => "iso-8859-14",
        "ISO-8859-15" => "iso-8859-15",
        "ISO-8859-16" => "iso-8859-16",
        "ISO-2022-JP" => "iso-2022-jp",
        "KOI8-R" => "koi8-r",
        "KOI8-U" => "koi8-u",
        "IBM866" => "ibm866",
        "UTF-16LE" => "utf-16le",
        "UTF-16BE" => "utf-16be",
        other => other,
    }
}

/// How far a declaration is searched in its tag, in bytes. Python's patterns take quadratic time on
/// a hostile one.
const LONGEST: usize = 4096;

/// The first group of `^\s*<\?.*encoding=['"](.*?)['"].*\?>`.
fn xml_declared(markup: &[u8]) -> Option<&[u8]> {
    let start = markup.iter().position(|&b| !is_blank(b))?;
    let rest = markup[start..].strip_prefix(b"<?")?;
    let rest = &rest[..rest.len().min(LONGEST)];
    let line = &rest[..rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())];
    let key = b"encoding=";
    (0..line.len().saturating_sub(key.len())).rev().find_map(|at| {
        let value = line[at..].get(..key.len()).filter(|head| head.eq_ignore_ascii_case(key)).map(|_| &line[at + key.len()..])?;
        let value = value.strip_prefix(b"\"").or_else(|| value.strip_prefix(b"'"))?;
        let end = value.iter().position(|&b| b == b'"' || b == b'\'')?;
        value[end + 1..].windows(2).any(|pair| pair == b"?>").then(|| &value[..end])
    })
}

/// The first group of `<\s*meta[^>]+charset\s*=\s*["']?([^>]*?)[ /;'">]`.
fn meta_declared(markup: &[u8]) -> Option<&[u8]> {
    let blanks = |text: &[u8]| text.iter().take_while(|&&b| is_blank(b)).count();
    let mut at = 0;
    while let Some(found) = markup[at..].iter().position(|&b| b == b'<') {
        at += found + 1;
        let tag = &markup[at..];
        let tag = &tag[blanks(tag)..];
        if !tag.get(..4).is_some_and(|name| name.eq_ignore_ascii_case(b"meta")) {
            continue;
        }
        let tag = &tag[4..];
        let tag = &tag[..tag.len().min(LONGEST)];
        let region = &tag[..tag.iter().position(|&b| b == b'>').unwrap_or(tag.len())];
        let value = (1..region.len().saturating_sub(6)).rev().find_map(|start| {
            let key = region[start..].get(..7).is_some_and(|key| key.eq_ignore_ascii_case(b"charset"));
            let after = key.then(|| &tag[start + 7..])?;
            let after = after[blanks(after)..].strip_prefix(b"=")?;
            let after = &after[blanks(after)..];
            let value = after.strip_prefix(b"\"").or_else(|| after.strip_prefix(b"'")).unwrap_or(after);
            let end = value.iter().position(|b| b" /;'\">".contains(b))?;
            Some(&value[..end])
        });
        if value.is_some() {
            return value;
        }
    }
    None
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | 0x0b | 0x0c)
}
