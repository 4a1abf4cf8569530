//! The one home of text encodings: Python's names for them, its error handlers, its newlines.
//!
//! ```text
//! Encoding::named("cp1252")       any of Python's names; None for an unknown one
//!     .decode(bytes, errors)      the text, or the first wrong bytes and where they are
//!     .encode(text, errors)       the bytes, or the first character that the encoding lacks and where it is
//!     .begin(bytes)               the encoding that a byte order mark at the start says, and the mark's length
//!     .mark()                     the byte order mark that a new stream begins with
//! Errors::named("backslashreplace")
//! ```
//!
//! | Encodings | Where they come from |
//! |---|---|
//! | UTF-8, UTF-8 with a mark, UTF-16, UTF-32, ASCII, Latin-1 | this module |
//! | 69 of one byte a character: `cp1252`, `cp437`, `cp850`, `iso8859-2`, `koi8-r`, `mac-roman`, EBCDIC (`cp037`) .. | `single_byte.txt`, which `tests/oracle/text_tables.py` takes from Python |
//! | `shift_jis`, `cp932`, `euc_jp`, `iso2022_jp`, `gbk`, `gb2312`, `gb18030`, `big5`, `cp950`, `euc_kr`, `cp949` | encoding_rs, where `bs4`, `requests` or `smtplib` bring it along |
//! | `utf_7`, `hz`, `johab`, `big5hkscs`, the other `iso2022` and JIS X 0213 | not there: [`Encoding::named`] gives None |
//!
//! DIFFERENCE: the encodings of encoding_rs are those of the web, which hold more than Python's: `shift_jis` is `cp932`, `euc_kr` is `cp949`,
//! `gb2312` is `gbk`, `big5` has the Hong Kong characters.
//!
//! DIFFERENCE: a Rust string holds no lone surrogates. `surrogateescape` keeps a wrong byte 0x80 to 0xFF as the private character
//! U+10DC80 to U+10DCFF, where Python has U+DC80 to U+DCFF, and gives the byte back. Every other handler treats these characters as Python
//! treats lone surrogates: they cannot be encoded.
#![allow(dead_code, unused_imports, reason = "a battery alone uses a part of it")]

mod encoding;
mod errors;
#[cfg(any(feature = "bs4", feature = "requests", feature = "smtplib"))]
mod multi_byte;
#[cfg(feature = "os")]
pub(crate) mod newline;
mod single_byte;
mod wide;

pub(crate) use encoding::Encoding;
#[cfg_attr(not(feature = "os"), allow(unused_imports, reason = "a battery alone uses a part of it"))]
pub(crate) use encoding::{Undecodable, Unencodable};
pub(crate) use errors::Errors;
