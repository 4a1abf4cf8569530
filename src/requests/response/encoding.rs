//! Text: finds the encoding of a body, and decodes it as Python does.

use encoding_rs::Encoding;

use crate::requests::headers::{Headers, from_latin1};

/// Returns the charset of Content-Type; ISO-8859-1 for other text, UTF-8 for other JSON, otherwise
/// `None`.
#[doc(alias = "requests.utils.get_encoding_from_headers")]
pub fn get_encoding_from_headers(headers: &Headers) -> Option<String> {
    let header = headers.get("Content-Type").filter(|header| !header.is_empty())?;
    let mut tokens = header.split(';');
    let content_type = tokens.next().unwrap_or_default().trim();
    let around = |c: char| matches!(c, '"' | '\'' | ' ');
    let charset = tokens
        .filter_map(|param| param.trim().split_once('='))
        .rfind(|(key, _)| key.trim_matches(around).eq_ignore_ascii_case("charset"));
    if let Some((_, charset)) = charset {
        return Some(charset.trim_matches(around).into());
    }
    if content_type.contains("text") {
        return Some("ISO-8859-1".into());
    }
    content_type.contains("application/json").then(|| "utf-8".into())
}

/// Returns the encodings that an HTML or XML text declares.
#[doc(alias = "requests.utils.get_encodings_from_content")]
pub fn get_encodings_from_content(content: &str) -> Vec<String> {
    let page = Page { content, lower: content.to_ascii_lowercase() };
    let mut all = page.declared("<meta", "charset=", "");
    all.extend(page.declared("<meta", "content=", "charset="));
    if page.lower.starts_with("<?xml") {
        all.extend(page.declared("<?xml", "encoding=", "").into_iter().take(1));
    }
    all
}

struct Page<'a> {
    content: &'a str,
    lower: String,
}

impl Page<'_> {
    /// Returns all matches of `tag.*?marker["']*then(.+?)["'>]`, each on one line. The text after a
    /// marker is the same for every tag before it, so each marker is scanned once.
    fn declared(&self, tag: &str, marker: &str, then: &str) -> Vec<String> {
        let (mut found, mut at) = (Vec::new(), 0);
        while let Some(start) = self.lower[at..].find(tag).map(|offset| at + offset) {
            let end = self.lower[start..].find('\n').map_or(self.lower.len(), |offset| start + offset);
            // No value ends after the last of these characters.
            let last = self.lower[start..end].rfind(['"', '\'', '>']).map_or(start, |offset| start + offset);
            let from = start + tag.len();
            let mut markers = self.lower.get(from..last).unwrap_or_default().match_indices(marker);
            at = match markers.find_map(|(offset, _)| self.value(from + offset + marker.len(), last + 1, then)) {
                Some((value, after)) => {
                    found.push(value.to_owned());
                    after
                }
                // No later tag of this line has one either.
                None => end,
            };
        }
        found
    }

    /// Returns the value that starts here and its end.
    fn value(&self, start: usize, end: usize, then: &str) -> Option<(&str, usize)> {
        let line = &self.content[..end];
        let quotes = line[start..].len() - line[start..].trim_start_matches(['"', '\'']).len();
        let start = start + quotes;
        // A semicolon may precede a pragma.
        let start = start + usize::from(!then.is_empty() && self.lower[start..end].starts_with(';'));
        self.lower[start..end].strip_prefix(then)?;
        let start = start + then.len();
        let first = line[start..].chars().next()?.len_utf8();
        let close = start + first + line[start + first..].find(['"', '\'', '>'])?;
        Some((&line[start..close], close + 1))
    }
}

/// Returns the WHATWG label for Python's name of an encoding. DIFFERENCE: encodings that the web
/// does not have (code pages of DOS and EBCDIC, UTF-7 and others) stay unknown. A body in one of
/// them is read as requests reads a body in an encoding unknown to Python.
fn web_label(python: &str) -> Option<String> {
    let label = match python {
        "elot-928" => "iso-8859-7",
        "932" | "cp932" | "ms932" | "mskanji" | "ms-kanji" | "s-jis" | "shiftjis" | "x-mac-japanese" => "shift_jis",
        "936" | "cp936" | "ms936" | "euccn" | "euc-cn" | "eucgb2312-cn" | "gb2312-80" | "gb2312-1980" | "x-mac-simp-chinese" => {
            "gbk"
        }
        "gb18030-2000" => "gb18030",
        "949" | "cp949" | "ms949" | "uhc" | "euckr" | "ks-c-5601" | "ks-c-5601-1987" | "ks-x-1001" | "ksx1001"
        | "x-mac-korean" => "euc-kr",
        "950" | "cp950" | "ms950" | "big5-tw" | "csbig5" | "x-mac-trad-chinese" | "hkscs" => "big5",
        "eucjp" | "ujis" | "u-jis" => "euc-jp",
        "iso2022-jp" | "iso2022jp" => "iso-2022-jp",
        "mac-roman" | "macroman" => "macintosh",
        "mac-cyrillic" | "maccyrillic" => "x-mac-cyrillic",
        "l7" | "latin7" => "iso-8859-13",
        "l8" | "latin8" | "iso-celtic" | "iso-ir-199" => "iso-8859-14",
        "latin9" => "iso-8859-15",
        "l10" | "latin10" | "iso-ir-226" => "iso-8859-16",
        "thai" | "tis620" | "tis-620-0" | "tis-620-2529-0" | "tis-620-2529-1" | "iso-ir-166" => "tis-620",
        other => {
            let after = |prefix: &str| other.strip_prefix(prefix);
            if let Some(number) = after("cp125").or_else(|| after("125")) {
                return Some(format!("windows-125{number}"));
            }
            // `iso8859-2`, `iso-8859-2-1987`: only the number matters.
            let number = after("iso8859-").or_else(|| after("iso-8859-"))?.split('-').next()?;
            return Some(format!("iso-8859-{number}"));
        }
    };
    Some(label.to_owned())
}

/// A codec, found by any of Python's names for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Codec {
    /// ISO 8859-1, one character per byte. The web uses this name for windows-1252; Python does
    /// not.
    Latin1,
    Ascii,
    Utf8,
    /// UTF-8 whose byte order mark is not part of the text.
    Utf8Sig,
    Utf16 {
        big: Option<bool>,
    },
    Utf32 {
        big: Option<bool>,
    },
    /// DIFFERENCE: the tables are those of the Encoding Standard, which differ from Python's in
    /// rare characters.
    Other(&'static Encoding),
}

impl Codec {
    /// Returns the codec for a name; `None` if unknown.
    pub(super) fn by_name(name: &str) -> Option<Codec> {
        let plain = name.trim().to_ascii_lowercase().replace(['_', ' '], "-");
        Some(match plain.as_str() {
            "iso-8859-1" | "iso8859-1" | "latin-1" | "latin1" | "l1" | "latin" | "8859" | "cp819" | "iso-ir-100"
            | "iso-8859-1-1987" | "iso8859" => Codec::Latin1,
            "ascii" | "us-ascii" | "646" | "ansi-x3.4-1968" | "iso646-us" | "us" => Codec::Ascii,
            "utf-8" | "utf8" | "u8" | "utf" | "cp65001" => Codec::Utf8,
            "utf-8-sig" => Codec::Utf8Sig,
            "utf-16" | "utf16" | "u16" => Codec::Utf16 { big: None },
            "utf-16-le" | "utf-16le" | "unicodelittleunmarked" => Codec::Utf16 { big: Some(false) },
            "utf-16-be" | "utf-16be" | "unicodebigunmarked" => Codec::Utf16 { big: Some(true) },
            "utf-32" | "utf32" | "u32" => Codec::Utf32 { big: None },
            "utf-32-le" | "utf-32le" => Codec::Utf32 { big: Some(false) },
            "utf-32-be" | "utf-32be" => Codec::Utf32 { big: Some(true) },
            other => {
                Codec::Other(Encoding::for_label(other.as_bytes()).or_else(|| Encoding::for_label(web_label(other)?.as_bytes()))?)
            }
        })
    }

    /// `str(bytes, encoding, errors="replace")`.
    pub(in crate::requests) fn decode(self, bytes: &[u8]) -> String {
        match self {
            Codec::Latin1 => from_latin1(bytes),
            Codec::Ascii => bytes.iter().map(|&b| if b.is_ascii() { char::from(b) } else { '\u{fffd}' }).collect(),
            Codec::Utf8 => String::from_utf8_lossy(bytes).into_owned(),
            Codec::Utf8Sig => String::from_utf8_lossy(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)).into_owned(),
            Codec::Utf16 { big } => {
                let (big, bytes) = match (big, bytes) {
                    (Some(big), bytes) => (big, bytes),
                    (None, [0xfe, 0xff, rest @ ..]) => (true, rest),
                    (None, [0xff, 0xfe, rest @ ..]) => (false, rest),
                    (None, bytes) => (false, bytes),
                };
                let unit = |pair: &[u8]| {
                    if big { u16::from_be_bytes([pair[0], pair[1]]) } else { u16::from_le_bytes([pair[0], pair[1]]) }
                };
                let units = bytes.chunks_exact(2);
                let tail = if units.remainder().is_empty() { "" } else { "\u{fffd}" };
                let text: String = char::decode_utf16(units.map(unit)).map(|c| c.unwrap_or('\u{fffd}')).collect();
                text + tail
            }
            Codec::Utf32 { big } => {
                let (big, bytes) = match (big, bytes) {
                    (Some(big), bytes) => (big, bytes),
                    (None, [0, 0, 0xfe, 0xff, rest @ ..]) => (true, rest),
                    (None, [0xff, 0xfe, 0, 0, rest @ ..]) => (false, rest),
                    (None, bytes) => (false, bytes),
                };
                bytes
                    .chunks(4)
                    .map(|unit| {
                        let unit: Option<[u8; 4]> = unit.try_into().ok();
                        let code = unit.map(|unit| if big { u32::from_be_bytes(unit) } else { u32::from_le_bytes(unit) });
                        code.and_then(char::from_u32).unwrap_or('\u{fffd}')
                    })
                    .collect()
            }
            Codec::Other(encoding) => encoding.decode_without_bom_handling(bytes).0.into_owned(),
        }
    }

    /// Returns a decoder for text in chunks.
    pub(super) fn decoder(self) -> TextDecoder {
        let stateful = match self {
            Codec::Other(encoding) => Some(encoding.new_decoder_without_bom_handling()),
            _ => None,
        };
        TextDecoder { codec: self, stateful, pending: Vec::new(), started: false }
    }

    /// Returns the codec for the text after a byte order mark.
    fn settled(self, first: &[u8]) -> Codec {
        match self {
            Codec::Utf8Sig => Codec::Utf8,
            Codec::Utf16 { big: None } => Codec::Utf16 { big: Some(first.starts_with(b"\xfe\xff")) },
            Codec::Utf32 { big: None } => Codec::Utf32 { big: Some(first.starts_with(b"\0\0\xfe\xff")) },
            other => other,
        }
    }

    /// Returns the number of trailing bytes that belong to an incomplete character.
    fn incomplete_tail(self, bytes: &[u8]) -> usize {
        match self {
            Codec::Latin1 | Codec::Ascii => 0,
            Codec::Utf16 { .. } => {
                let odd = bytes.len() % 2;
                let whole = &bytes[..bytes.len() - odd];
                // A high surrogate waits for its low one.
                let high = |at: usize| whole.get(at).is_some_and(|byte| (0xd8..=0xdb).contains(byte));
                let pending = match (self, whole.len()) {
                    (_, 0) => false,
                    (Codec::Utf16 { big: Some(true) }, len) => high(len - 2),
                    (_, len) => high(len - 1),
                };
                odd + if pending { 2 } else { 0 }
            }
            Codec::Utf32 { .. } => bytes.len() % 4,
            Codec::Utf8 | Codec::Utf8Sig => {
                let tail = bytes.len().min(3);
                (1..=tail)
                    .find(|&back| {
                        let lead = bytes[bytes.len() - back];
                        let needs = match lead {
                            0xc2..=0xdf => 2,
                            0xe0..=0xef => 3,
                            0xf0..=0xf4 => 4,
                            _ => 1,
                        };
                        needs > back
                    })
                    .unwrap_or(0)
            }
            // The decoder of `encoding_rs` keeps them itself.
            Codec::Other(_) => 0,
        }
    }
}

/// Decodes text in chunks. Keeps only the bytes of an incomplete character.
pub(super) struct TextDecoder {
    codec: Codec,
    /// The decoder of a web encoding, which has its own state.
    stateful: Option<encoding_rs::Decoder>,
    pending: Vec<u8>,
    started: bool,
}

impl TextDecoder {
    /// Decodes the next chunk. With `last`, an incomplete character is replaced.
    pub(in crate::requests) fn decode(&mut self, piece: &[u8], last: bool) -> String {
        if let Some(decoder) = &mut self.stateful {
            let mut text = String::with_capacity(decoder.max_utf8_buffer_length(piece.len()).unwrap_or(piece.len()));
            let mut rest = piece;
            loop {
                let (result, read, _) = decoder.decode_to_string(rest, &mut text, last);
                rest = &rest[read..];
                match result {
                    encoding_rs::CoderResult::InputEmpty => return text,
                    encoding_rs::CoderResult::OutputFull => text.reserve(rest.len() * 3 + 16),
                }
            }
        }
        self.pending.extend_from_slice(piece);
        let keep = if last { 0 } else { self.codec.incomplete_tail(&self.pending) };
        let tail = self.pending.split_off(self.pending.len() - keep);
        let bytes = std::mem::replace(&mut self.pending, tail);
        let text = self.codec.decode(&bytes);
        if !self.started && !bytes.is_empty() {
            self.started = true;
            self.codec = self.codec.settled(&bytes);
        }
        text
    }
}

impl std::fmt::Debug for TextDecoder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("TextDecoder").field(&self.codec).finish()
    }
}

/// Detects the encoding: `ascii`, `utf-8`, `UTF-8-SIG`, `UTF-16`, or a legacy encoding.
///
/// DIFFERENCE: the detector is chardetng, Firefox's. Python uses charset_normalizer, which may name
/// another encoding for the same bytes.
pub(in crate::requests) fn guess(bytes: &[u8]) -> Option<&'static str> {
    if bytes.is_empty() {
        return None;
    }
    Some(match bytes {
        [0xef, 0xbb, 0xbf, ..] => "UTF-8-SIG",
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => "UTF-32",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "UTF-16",
        bytes if bytes.is_ascii() && !bytes.contains(&0x1b) => "ascii",
        bytes if std::str::from_utf8(bytes).is_ok() => "utf-8",
        bytes => {
            let mut detector = chardetng::EncodingDetector::new(chardetng::Iso2022JpDetection::Allow);
            detector.feed(bytes, true);
            detector.guess(None, chardetng::Utf8Detection::Allow).name()
        }
    })
}
