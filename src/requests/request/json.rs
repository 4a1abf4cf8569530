//! JSON as `json.dumps` writes it, and the encodings of received JSON.

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{Formatter, Serializer};

use crate::requests::error::{Error, Result};

/// `json.dumps(value)`: a space after `,` and `:`, everything but printable ASCII escaped.
///
/// DIFFERENCE: NaN and infinities become `null`, where Python raises `InvalidJSONError`: serde_json
/// does not report them.
pub(super) fn dumps(value: &(impl Serialize + ?Sized)) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    value.serialize(&mut Serializer::with_formatter(&mut out, Python)).map_err(Error::InvalidJson)?;
    Ok(out)
}

struct Python;

impl Formatter for Python {
    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> io::Result<()> {
        if first { Ok(()) } else { writer.write_all(b", ") }
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> io::Result<()> {
        writer.write_all(b": ")
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> io::Result<()> {
        let mut plain = 0;
        for (at, c) in fragment.char_indices().filter(|&(_, c)| !c.is_ascii() || c == '\x7f') {
            writer.write_all(&fragment.as_bytes()[plain..at])?;
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                write!(writer, "\\u{unit:04x}")?;
            }
            plain = at + c.len_utf8();
        }
        writer.write_all(&fragment.as_bytes()[plain..])
    }

    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> io::Result<()> {
        writer.write_all(python_float(value).as_bytes())
    }

    fn write_f32<W: ?Sized + Write>(&mut self, writer: &mut W, value: f32) -> io::Result<()> {
        writer.write_all(python_float(value.into()).as_bytes())
    }
}

/// `repr(float)`: the shortest digits, with an exponent from 1e16 and below 1e-4.
pub(super) fn python_float(value: f64) -> String {
    if !value.is_finite() {
        return if value.is_nan() { "nan".into() } else { format!("{value}") };
    }
    let scientific = format!("{value:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if value != 0.0 && !(-4..16).contains(&exponent) {
        return format!("{digits}e{}{:02}", if exponent < 0 { '-' } else { '+' }, exponent.abs());
    }
    let plain = format!("{value}");
    if plain.contains('.') { plain } else { plain + ".0" }
}

/// Returns the encoding of JSON by its first four bytes: `utf-8`, `utf-8-sig`, `utf-16`,
/// `utf-16-be`, …; `None` if unknown.
#[doc(alias = "requests.utils.guess_json_utf")]
pub fn guess_json_utf(data: &[u8]) -> Option<&'static str> {
    let sample = &data[..data.len().min(4)];
    if sample == b"\xff\xfe\0\0" || sample == b"\0\0\xfe\xff" {
        return Some("utf-32");
    }
    if sample.starts_with(b"\xef\xbb\xbf") {
        return Some("utf-8-sig");
    }
    if sample.starts_with(b"\xff\xfe") || sample.starts_with(b"\xfe\xff") {
        return Some("utf-16");
    }
    let null: Vec<bool> = sample.iter().map(|&byte| byte == 0).collect();
    match null.as_slice() {
        nulls if !nulls.contains(&true) => Some("utf-8"),
        [true, false, true, false] => Some("utf-16-be"),
        [false, true, false, true] => Some("utf-16-le"),
        [true, true, true, false] => Some("utf-32-be"),
        [false, true, true, true] => Some("utf-32-le"),
        // Shorter samples: the same rule for the bytes that exist.
        [true, false, true] => Some("utf-16-be"),
        [true, true, true] => Some("utf-32-be"),
        _ => None,
    }
}
