//! Header values: encoded words (RFC 2047), reading and writing, and folding.

use base64::Engine as _;

use super::Policy;
use super::address::{groups, phrase};
use super::encode::{BASE64, decode_base64, from_charset, hex};

/// A header value, decoded: encoded words become text, the white space between two of them goes.
pub(super) fn decode_words(value: &str) -> String {
    pieces(value)
        .into_iter()
        .map(|(bytes, charset)| match charset {
            Some(charset) => from_charset(&bytes, &charset),
            None => String::from_utf8_lossy(&bytes).into_owned(),
        })
        .collect()
}

/// The pieces of a value, each with the charset of its encoded word, or None for plain text. More lenient than Python's [`decode_header`](super::decode_header), as the
/// headers of its `EmailMessage` are.
fn pieces(value: &str) -> Vec<(Vec<u8>, Option<String>)> {
    let mut pieces: Vec<(Vec<u8>, Option<String>)> = Vec::new();
    let mut rest = value;
    let mut plain = String::new();
    while let Some(start) = rest.find("=?") {
        let Some((word, length)) = encoded_word(&rest[start..]) else {
            plain.push_str(&rest[..start + 2]);
            rest = &rest[start + 2..];
            continue;
        };
        plain.push_str(&rest[..start]);
        rest = &rest[start + length..];
        // White space between two encoded words is only there to separate them.
        let separates = plain.trim().is_empty() && pieces.last().is_some_and(|(_, charset)| charset.is_some());
        if !plain.is_empty() && !separates {
            pieces.push((std::mem::take(&mut plain).into_bytes(), None));
        }
        plain.clear();
        // A character may be split between two words of one charset.
        match pieces.last_mut() {
            Some((bytes, charset)) if *charset == word.1 => bytes.extend(word.0),
            _ => pieces.push(word),
        }
    }
    plain.push_str(rest);
    if !plain.is_empty() || pieces.is_empty() {
        pieces.push((plain.into_bytes(), None));
    }
    pieces
}

/// Bytes and charset of the encoded word at the start, and its length.
#[allow(clippy::type_complexity)]
pub(super) fn encoded_word(text: &str) -> Option<((Vec<u8>, Option<String>), usize)> {
    let inner = text.strip_prefix("=?")?;
    let (charset, after) = inner.split_once('?')?;
    let (encoding, after) = after.split_once('?')?;
    let (encoded, _) = after.split_once("?=")?;
    if charset.is_empty()
        || charset.contains(char::is_whitespace)
        || encoded.contains(char::is_whitespace) && !encoding.eq_ignore_ascii_case("q")
    {
        return None;
    }
    let bytes = match encoding {
        "B" | "b" => decode_base64(encoded.as_bytes()),
        "Q" | "q" => decode_q(encoded.as_bytes()),
        _ => return None,
    };
    // RFC 2231 allows a language behind the charset.
    let charset = charset.split('*').next().unwrap_or(charset).to_ascii_lowercase();
    Some(((bytes, Some(charset)), 2 + charset_length(inner) + 1 + encoding.len() + 1 + encoded.len() + 2))
}

fn charset_length(inner: &str) -> usize {
    inner.find('?').unwrap_or(0)
}

pub(super) fn decode_q(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(byte) = text.get(at) {
        let decoded = (*byte == b'=').then(|| Some(16 * hex(*text.get(at + 1)?)? + hex(*text.get(at + 2)?)?)).flatten();
        out.push(decoded.unwrap_or(if *byte == b'_' { b' ' } else { *byte }));
        at += if decoded.is_some() { 3 } else { 1 };
    }
    out
}

pub(super) fn q_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'!' | b'*' | b'+' | b'-' | b'/')
}

/// The text as encoded words of UTF-8, none longer than 75 characters, with a space between two.
pub(super) fn encode_word(text: &str) -> String {
    const ROOM: usize = 75 - "=?utf-8?q??=".len();
    let q_length: usize = text.bytes().map(|byte| if q_plain(byte) || byte == b' ' { 1 } else { 3 }).sum();
    let base64 = q_length > text.len().div_ceil(3) * 4;
    let mut words = Vec::new();
    let mut word = String::new();
    for character in text.chars() {
        let next = word.len() + character.len_utf8();
        let length = if base64 {
            next.div_ceil(3) * 4
        } else {
            encode_q(word.as_bytes()).len() + encode_q(character.encode_utf8(&mut [0; 4]).as_bytes()).len()
        };
        if length > ROOM {
            words.push(std::mem::take(&mut word));
        }
        word.push(character);
    }
    words.push(word);
    let mark = |word: &String| match base64 {
        true => format!("=?utf-8?b?{}?=", BASE64.encode(word)),
        false => format!("=?utf-8?q?{}?=", encode_q(word.as_bytes())),
    };
    words.iter().map(mark).collect::<Vec<_>>().join(" ")
}

pub(super) fn encode_q(bytes: &[u8]) -> String {
    bytes
        .iter()
        .map(|byte| match *byte {
            b' ' => "_".to_owned(),
            byte if q_plain(byte) => char::from(byte).to_string(),
            byte => format!("={byte:02X}"),
        })
        .collect()
}

/// The headers that hold addresses: a name in them is encoded, an address never.
const ADDRESSES: &[&str] = &[
    "from",
    "sender",
    "to",
    "cc",
    "bcc",
    "reply-to",
    "resent-from",
    "resent-sender",
    "resent-to",
    "resent-cc",
    "resent-bcc",
    "resent-reply-to",
];

/// True for a header of addresses.
pub(super) fn is_address(name: &str) -> bool {
    ADDRESSES.iter().any(|known| known.eq_ignore_ascii_case(name))
}

/// A header line or lines, folded, with the line end.
pub(super) fn fold(name: &str, value: &str, policy: &Policy) -> String {
    let encoded = if policy.utf8 || value.is_ascii() {
        value.to_owned()
    } else if is_address(name) {
        addresses(value)
    } else {
        unstructured(value)
    };
    let mut out = String::with_capacity(name.len() + encoded.len() + 8);
    out.push_str(name);
    out.push(':');
    let most = if policy.max_line_length == 0 { usize::MAX } else { policy.max_line_length };
    let mut width = out.len();
    for (number, word) in encoded.split(' ').enumerate() {
        let length = word.chars().count() + 1;
        // A line of white space alone would end the headers for some readers.
        if number > 0 && width + length > most && width > 1 && !word.is_empty() {
            out.push_str(policy.linesep);
            width = 0;
        }
        out.push(' ');
        out.push_str(word);
        width += length;
    }
    out.push_str(policy.linesep);
    out
}

/// Encodes the words that are not ASCII; neighbours in one go, as the space between two encoded words is none.
fn unstructured(value: &str) -> String {
    let mut out: Vec<String> = Vec::new();
    let mut run: Vec<&str> = Vec::new();
    let needs = |word: &str| !word.is_ascii() || word.contains("=?");
    for word in value.split(' ') {
        if needs(word) || word.is_empty() && !run.is_empty() {
            run.push(word);
            continue;
        }
        if !run.is_empty() {
            out.push(encode_word(&run.join(" ")));
            run.clear();
        }
        out.push(word.to_owned());
    }
    if !run.is_empty() {
        out.push(encode_word(&run.join(" ")));
    }
    out.join(" ")
}

fn addresses(value: &str) -> String {
    let one = |address: &super::Address| {
        let name = match address.display_name.as_str() {
            "" => return address.addr_spec(),
            name if name.is_ascii() => phrase(name),
            name => encode_word(name),
        };
        format!("{name} <{}>", address.addr_spec())
    };
    let group = |group: &super::Group| {
        let members = group.addresses.iter().map(one).collect::<Vec<_>>().join(", ");
        match &group.display_name {
            None => members,
            Some(name) if name.is_ascii() => format!("{}: {members};", phrase(name)),
            Some(name) => format!("{}: {members};", encode_word(name)),
        }
    };
    groups(value).iter().map(group).collect::<Vec<_>>().join(", ")
}
