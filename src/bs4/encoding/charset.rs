//! Encodings by Python's names: bytes to text and back.

use crate::bs4::error::Error;
use encoding_rs::Encoding;

/// How an encoding is read and written.
#[derive(Debug, Clone, Copy)]
enum Codec {
    Ascii,
    Latin1,
    /// Two bytes a character; big endian or not, after a byte order mark or not.
    Utf16(Endian),
    Utf32(Endian),
    Web(&'static Encoding),
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Endian {
    Little,
    Big,
    Marked,
}

fn codec(name: &str) -> Option<Codec> {
    let key: String = name.trim().to_ascii_lowercase().chars().filter(|c| !matches!(c, '-' | '_' | ' ')).collect();
    let web = |label: &str| Encoding::for_label_no_replacement(label.as_bytes()).map(Codec::Web);
    match key.as_str() {
        "ascii" | "usascii" | "646" | "ansix3.41968" => Some(Codec::Ascii),
        "latin1" | "iso88591" | "l1" | "latin" | "8859" | "cp819" | "iso885911987" => Some(Codec::Latin1),
        "utf16" | "u16" => Some(Codec::Utf16(Endian::Marked)),
        "utf16le" => Some(Codec::Utf16(Endian::Little)),
        "utf16be" => Some(Codec::Utf16(Endian::Big)),
        "utf32" | "u32" => Some(Codec::Utf32(Endian::Marked)),
        "utf32le" => Some(Codec::Utf32(Endian::Little)),
        "utf32be" => Some(Codec::Utf32(Endian::Big)),
        "u8" | "utf" | "utf8" | "utf8sig" => Some(Codec::Web(encoding_rs::UTF_8)),
        "macroman" | "macintosh" | "macosroman" => Some(Codec::Web(encoding_rs::MACINTOSH)),
        "maccyrillic" => Some(Codec::Web(encoding_rs::X_MAC_CYRILLIC)),
        "shiftjis" | "sjis" | "mskanji" | "cp932" | "ms932" => Some(Codec::Web(encoding_rs::SHIFT_JIS)),
        "gb2312" | "cp936" | "ms936" | "936" => Some(Codec::Web(encoding_rs::GBK)),
        "cp949" | "949" | "uhc" => Some(Codec::Web(encoding_rs::EUC_KR)),
        "cp950" | "950" => Some(Codec::Web(encoding_rs::BIG5)),
        "eucjp" | "ujis" => Some(Codec::Web(encoding_rs::EUC_JP)),
        "euckr" => Some(Codec::Web(encoding_rs::EUC_KR)),
        "iso2022jp" => Some(Codec::Web(encoding_rs::ISO_2022_JP)),
        "koi8r" => Some(Codec::Web(encoding_rs::KOI8_R)),
        "koi8u" => Some(Codec::Web(encoding_rs::KOI8_U)),
        _ => {
            let page = key.strip_prefix("cp").or_else(|| key.strip_prefix("windows")).unwrap_or(&key);
            let part = key.strip_prefix("iso8859");
            let known = (page.len() == 4 && page.starts_with("125") || page == "874").then(|| web(&format!("windows-{page}")));
            known.flatten().or_else(|| part.and_then(|part| web(&format!("iso-8859-{part}")))).or_else(|| web(name))
        }
    }
}

/// The encoding that the web means by a name, Python's spellings included: `latin-1` is windows-1252, as `latin1` and `iso-8859-1` are.
pub(crate) fn web(name: &str) -> Option<&'static Encoding> {
    Encoding::for_label(name.as_bytes()).or_else(|| match codec(name)? {
        Codec::Ascii | Codec::Latin1 => Some(encoding_rs::WINDOWS_1252),
        Codec::Web(encoding) => Some(encoding),
        Codec::Utf16(_) | Codec::Utf32(_) => None,
    })
}

/// Whether an encoding is known.
pub(crate) fn is_known(name: &str) -> bool {
    codec(name).is_some()
}

/// Bytes as text, and whether some had to be replaced; nothing when the encoding is unknown.
pub(crate) fn decode(bytes: &[u8], name: &str) -> Option<(String, bool)> {
    Some(match codec(name)? {
        Codec::Ascii => (bytes.iter().map(|&b| if b < 0x80 { b.into() } else { '\u{fffd}' }).collect(), !bytes.is_ascii()),
        Codec::Latin1 => (bytes.iter().map(|&b| char::from(b)).collect(), false),
        Codec::Utf16(endian) => {
            let (endian, bytes) = match (endian, bytes) {
                (Endian::Marked, [0xfe, 0xff, rest @ ..]) => (Endian::Big, rest),
                (Endian::Marked, [0xff, 0xfe, rest @ ..]) => (Endian::Little, rest),
                other => other,
            };
            let encoding = if endian == Endian::Big { encoding_rs::UTF_16BE } else { encoding_rs::UTF_16LE };
            let (text, replaced) = encoding.decode_without_bom_handling(bytes);
            (text.into_owned(), replaced)
        }
        Codec::Utf32(endian) => {
            let (endian, bytes) = match (endian, bytes) {
                (Endian::Marked, [0, 0, 0xfe, 0xff, rest @ ..]) => (Endian::Big, rest),
                (Endian::Marked, [0xff, 0xfe, 0, 0, rest @ ..]) => (Endian::Little, rest),
                other => other,
            };
            let mut replaced = !bytes.len().is_multiple_of(4);
            let number =
                |chunk: &[u8; 4]| if endian == Endian::Big { u32::from_be_bytes(*chunk) } else { u32::from_le_bytes(*chunk) };
            let (chunks, _) = bytes.as_chunks::<4>();
            let text = chunks.iter().map(|chunk| {
                char::from_u32(number(chunk)).unwrap_or_else(|| {
                    replaced = true;
                    '\u{fffd}'
                })
            });
            (text.collect(), replaced)
        }
        Codec::Web(encoding) => {
            let (text, replaced) = encoding.decode_without_bom_handling(bytes);
            let undefined = |c: char| ('\u{80}'..='\u{9f}').contains(&c);
            // The web reads the holes of the Windows code pages as control characters; Python does not read them.
            if encoding.name().starts_with("windows-") && text.contains(undefined) {
                (text.replace(undefined, "\u{fffd}"), true)
            } else {
                (text.into_owned(), replaced)
            }
        }
    })
}

/// Text as bytes. What the encoding lacks becomes a character reference, or is an error.
pub(crate) fn encode(text: &str, name: &str, with_references: bool) -> Result<Vec<u8>, Error> {
    let codec = codec(name).ok_or_else(|| Error::UnknownEncoding { name: name.to_owned() })?;
    let limit = match codec {
        Codec::Ascii => 0x80,
        Codec::Latin1 => 0x100,
        Codec::Utf16(endian) => {
            let mark = (endian == Endian::Marked).then_some(0xfeff);
            let units = mark.into_iter().chain(text.encode_utf16());
            return Ok(units
                .flat_map(|unit| if endian == Endian::Big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect());
        }
        Codec::Utf32(endian) => {
            let mark = (endian == Endian::Marked).then_some(0xfeff);
            let units = mark.into_iter().chain(text.chars().map(u32::from));
            return Ok(units
                .flat_map(|unit| if endian == Endian::Big { unit.to_be_bytes() } else { unit.to_le_bytes() })
                .collect());
        }
        Codec::Web(encoding) if encoding == encoding_rs::UTF_8 => return Ok(text.as_bytes().to_vec()),
        Codec::Web(encoding) => return encode_web(text, name, encoding, with_references),
    };
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        match u8::try_from(u32::from(c)) {
            Ok(byte) if u32::from(byte) < limit => out.push(byte),
            _ => push_reference(c, name, with_references, &mut out)?,
        }
    }
    Ok(out)
}

fn push_reference(character: char, name: &str, with_references: bool, out: &mut Vec<u8>) -> Result<(), Error> {
    if !with_references {
        return Err(Error::UnicodeEncode { encoding: name.to_owned(), character });
    }
    out.extend_from_slice(format!("&#{};", u32::from(character)).as_bytes());
    Ok(())
}

fn encode_web(text: &str, name: &str, encoding: &'static Encoding, with_references: bool) -> Result<Vec<u8>, Error> {
    let (bytes, _, replaced) = encoding.encode(text);
    let undefined = |c: char| encoding.name().starts_with("windows-") && ('\u{80}'..='\u{9f}').contains(&c);
    if !text.contains(undefined) && (with_references || !replaced) {
        return Ok(bytes.into_owned());
    }
    let mut out = Vec::with_capacity(text.len());
    for c in text.chars() {
        let mut buffer = [0; 4];
        let (bytes, _, replaced) = encoding.encode(c.encode_utf8(&mut buffer));
        if replaced || undefined(c) {
            push_reference(c, name, with_references, &mut out)?;
        } else {
            out.extend_from_slice(&bytes);
        }
    }
    Ok(out)
}
