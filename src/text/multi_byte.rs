//! Chinese, Japanese and Korean: encoding_rs.

use super::encoding::Step;
use encoding_rs::{DecoderResult, EncoderResult, Encoding};

/// Python's module, Python's name, and the encoding.
static ALL: [(&str, &str, &Encoding); 11] = [
    ("shift_jis", "shift_jis", encoding_rs::SHIFT_JIS),
    ("cp932", "cp932", encoding_rs::SHIFT_JIS),
    ("euc_jp", "euc_jp", encoding_rs::EUC_JP),
    ("iso2022_jp", "iso2022_jp", encoding_rs::ISO_2022_JP),
    ("gb2312", "gb2312", encoding_rs::GBK),
    ("gbk", "gbk", encoding_rs::GBK),
    ("gb18030", "gb18030", encoding_rs::GB18030),
    ("big5", "big5", encoding_rs::BIG5),
    ("cp950", "cp950", encoding_rs::BIG5),
    ("euc_kr", "euc_kr", encoding_rs::EUC_KR),
    ("cp949", "cp949", encoding_rs::EUC_KR),
];

pub(super) fn number(module: &str) -> Option<u8> {
    ALL.iter().position(|(name, ..)| *name == module).and_then(|at| u8::try_from(at).ok())
}

pub(super) fn name(number: u8) -> Option<&'static str> {
    ALL.get(usize::from(number)).map(|(_, name, _)| *name)
}

/// Decodes up to the first wrong bytes.
pub(super) fn decode(number: u8, bytes: &[u8], out: &mut String, more: bool) -> (usize, Step) {
    let Some((.., encoding)) = ALL.get(usize::from(number)) else { return (0, Step::Wrong(bytes.len())) };
    let mut decoder = encoding.new_decoder_without_bom_handling();
    let mut at = 0;
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        out.reserve(rest.len().clamp(64, 1 << 16));
        let (result, read) = decoder.decode_to_string_without_replacement(rest, out, !more);
        at += read;
        match result {
            DecoderResult::InputEmpty => return (at, Step::End),
            DecoderResult::OutputFull => {}
            DecoderResult::Malformed(length, beyond) => {
                let end = at.saturating_sub(usize::from(beyond));
                return (end.saturating_sub(usize::from(length)), Step::Wrong(usize::from(length)));
            }
        }
    }
}

/// Encodes up to the first character that is not in it. Gives how many bytes of the text are done, and that character.
pub(super) fn encode(number: u8, text: &str, out: &mut Vec<u8>) -> (usize, Option<char>) {
    let Some((.., encoding)) = ALL.get(usize::from(number)) else { return (0, text.chars().next()) };
    let mut encoder = encoding.new_encoder();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        out.reserve(rest.len().clamp(64, 1 << 16));
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, out, true);
        at += read;
        match result {
            EncoderResult::InputEmpty => return (at, None),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(character) => return (at - character.len_utf8(), Some(character)),
        }
    }
}
