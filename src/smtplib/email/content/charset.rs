//! [`Charset`]: how mail uses a character set; Python's `email.charset`.

use super::encode::{base64_lines, from_charset_strict, quoted_printable, to_charset_strict};
use crate::smtplib::{Error, Result};

/// How text of a charset is encoded as ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Quoted-printable: readable if the text is mostly ASCII.
    QuotedPrintable,
    /// Base64.
    Base64,
    /// The shorter of the two; in headers only.
    Shortest,
}

/// A character set and its encoding in mail: Python's `email.charset.Charset`.
///
/// <https://docs.python.org/3/library/email.charset.html>
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Charset {
    /// Its name, in lower case; `latin-1` becomes `iso-8859-1`.
    pub input_charset: String,
    /// The encoding of headers; `None`: they are ASCII.
    pub header_encoding: Option<Encoding>,
    /// The encoding of bodies; `None`: they are 7bit.
    pub body_encoding: Option<Encoding>,
    /// The output charset: `iso-2022-jp` for the other Japanese charsets, otherwise the same.
    pub output_charset: String,
}

impl Charset {
    /// Returns the charset with this name. Fails for an unknown charset. DIFFERENCE: Python fails
    /// only when it is used.
    pub fn new(name: &str) -> Result<Charset> {
        let name = name.to_ascii_lowercase();
        let name = match name.as_str() {
            "ascii" => "us-ascii".to_owned(),
            "euc_jp" => "euc-jp".to_owned(),
            "euc_kr" => "euc-kr".to_owned(),
            "cp949" => "ks_c_5601-1987".to_owned(),
            _ => match name.strip_prefix("latin-").or_else(|| name.strip_prefix("latin_")).and_then(latin) {
                Some(number) => format!("iso-8859-{number}"),
                None => name,
            },
        };
        use Encoding::{Base64, QuotedPrintable, Shortest};
        let (header_encoding, body_encoding, output) = match name.as_str() {
            "us-ascii" => (None, None, None),
            "windows-1252" | "viscii" => (Some(QuotedPrintable), Some(QuotedPrintable), None),
            "big5" | "gb2312" | "koi8-r" => (Some(Base64), Some(Base64), None),
            "euc-jp" | "shift_jis" => (Some(Base64), None, Some("iso-2022-jp")),
            "iso-2022-jp" => (Some(Base64), None, None),
            _ => match name.strip_prefix("iso-8859-") {
                Some("1" | "2" | "3" | "4" | "9" | "10" | "13" | "14" | "15" | "16") => {
                    (Some(QuotedPrintable), Some(QuotedPrintable), None)
                }
                _ => (Some(Shortest), Some(Base64), None),
            },
        };
        if to_charset_strict("", &name).is_none() {
            return Err(Error::Value(format!("unknown encoding: {name}")));
        }
        let output_charset = output.map_or_else(|| name.clone(), str::to_owned);
        Ok(Charset { input_charset: name, header_encoding, body_encoding, output_charset })
    }

    pub(in crate::smtplib::email) fn ascii() -> Charset {
        let name = || "us-ascii".to_owned();
        Charset { input_charset: name(), header_encoding: None, body_encoding: None, output_charset: name() }
    }

    pub(in crate::smtplib::email) fn utf8() -> Charset {
        let (name, shortest) = (|| "utf-8".to_owned(), Some(Encoding::Shortest));
        Charset {
            input_charset: name(),
            header_encoding: shortest,
            body_encoding: Some(Encoding::Base64),
            output_charset: name(),
        }
    }

    /// Encodes text; `None` if a character is not in the charset.
    pub(in crate::smtplib::email) fn encode(&self, text: &str) -> Option<Vec<u8>> {
        to_charset_strict(text, &self.output_charset)
    }

    /// Decodes bytes; `None` if they are invalid.
    pub(in crate::smtplib::email) fn decode(&self, bytes: &[u8]) -> Option<String> {
        from_charset_strict(bytes, &self.input_charset)
    }

    /// Returns the transfer encoding of a body in this charset.
    pub(in crate::smtplib::email) fn body_cte(&self) -> Option<crate::smtplib::email::Cte> {
        self.body_encoding.map(|encoding| match encoding {
            Encoding::QuotedPrintable => crate::smtplib::email::Cte::QuotedPrintable,
            _ => crate::smtplib::email::Cte::Base64,
        })
    }

    /// Encodes a body in the transfer encoding of [`Charset::body_cte`].
    pub(in crate::smtplib::email) fn body_encode(&self, body: &[u8]) -> Vec<u8> {
        match self.body_cte() {
            Some(crate::smtplib::email::Cte::QuotedPrintable) => quoted_printable(body),
            Some(_) => {
                let mut out = Vec::new();
                base64_lines(body, "\n", &mut out);
                out
            }
            None => body.to_vec(),
        }
    }
}

/// Latin-5 to Latin-10 are parts of ISO 8859 with other numbers.
fn latin(number: &str) -> Option<&str> {
    match number {
        "1" | "2" | "3" | "4" => Some(number),
        "5" => Some("9"),
        "6" => Some("10"),
        "7" => Some("13"),
        "8" => Some("14"),
        "9" => Some("15"),
        "10" => Some("16"),
        _ => None,
    }
}

impl std::fmt::Display for Charset {
    /// Writes its name.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.input_charset)
    }
}
