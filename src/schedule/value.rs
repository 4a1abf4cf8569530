//! [`Value`]: an argument of a job, shown as Python's `repr` shows it.

use std::fmt::{self, Write as _};

/// A Python value, for the arguments that a job's `str` and `repr` show.
///
/// In Rust the closure has its arguments already; [`Every::arg`](super::Every::arg) and [`Every::kwarg`](super::Every::kwarg) only name them.
///
/// ```
/// use leyden::schedule::Value;
///
/// let values = Value::List(vec![Value::None, true.into(), 2.0.into(), "it's".into()]);
/// assert_eq!(values.to_string(), r#"[None, True, 2.0, "it's"]"#);
/// ```
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// `None`.
    None,
    /// `True` or `False`.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A string.
    Str(String),
    /// `[a, b]`.
    List(Vec<Value>),
    /// `(a, b)`.
    Tuple(Vec<Value>),
    /// `{a: b}`, in this order.
    Dict(Vec<(Value, Value)>),
}

macro_rules! from {
    ($($type:ty => $variant:ident($convert:expr)),+ $(,)?) => {$(
        impl From<$type> for Value {
            fn from(value: $type) -> Value {
                Value::$variant($convert(value))
            }
        }
    )+};
}
from!(bool => Bool(|x| x), i64 => Int(|x| x), i32 => Int(i64::from), u32 => Int(i64::from), f64 => Float(|x| x), String => Str(|x| x), &str => Str(str::to_owned));

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::None, Into::into)
    }
}

impl<T: Into<Value>> From<Vec<T>> for Value {
    fn from(values: Vec<T>) -> Value {
        Value::List(values.into_iter().map(Into::into).collect())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::None => f.write_str("None"),
            Value::Bool(true) => f.write_str("True"),
            Value::Bool(false) => f.write_str("False"),
            Value::Int(number) => write!(f, "{number}"),
            Value::Float(number) => float(f, *number),
            Value::Str(text) => string(f, text),
            Value::List(values) => listed(f, "[", values, "]"),
            Value::Tuple(values) if values.len() == 1 => listed(f, "(", values, ",)"),
            Value::Tuple(values) => listed(f, "(", values, ")"),
            Value::Dict(items) => {
                f.write_char('{')?;
                for (at, (key, value)) in items.iter().enumerate() {
                    write!(f, "{}{key}: {value}", if at > 0 { ", " } else { "" })?;
                }
                f.write_char('}')
            }
        }
    }
}

fn listed(f: &mut fmt::Formatter<'_>, open: &str, values: &[Value], close: &str) -> fmt::Result {
    f.write_str(open)?;
    for (at, value) in values.iter().enumerate() {
        write!(f, "{}{value}", if at > 0 { ", " } else { "" })?;
    }
    f.write_str(close)
}

/// The shortest digits that read back as the same number, with an exponent below 1e-4 and from 1e16.
fn float(f: &mut fmt::Formatter<'_>, number: f64) -> fmt::Result {
    if number.is_nan() {
        return f.write_str("nan");
    }
    if number.is_infinite() {
        return f.write_str(if number < 0.0 { "-inf" } else { "inf" });
    }
    let size = number.abs();
    if size != 0.0 && !(1e-4..1e16).contains(&size) {
        let text = format!("{number:e}");
        let places = text.split_once('e').map_or(0, |(digits, _)| digits.split_once('.').map_or(0, |(_, places)| places.len()));
        let text = halves_to_even(number, text, format!("{number:.places$e}"));
        let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let (sign, exponent) = exponent.strip_prefix('-').map_or(('+', exponent), |exponent| ('-', exponent));
        return write!(f, "{digits}e{sign}{exponent:0>2}");
    }
    let text = format!("{number:?}");
    let places = text.split_once('.').map_or(0, |(_, places)| places.len());
    f.write_str(&halves_to_even(number, text, format!("{number:.places$}")))
}

/// The shortest digits of a number, where Rust rounds a half away from zero and Python to the even digit: the digits that were rounded to as many
/// places, if they are read back as the same number.
fn halves_to_even(number: f64, shortest: String, rounded: String) -> String {
    if rounded.parse() == Ok(number) { rounded } else { shortest }
}

fn string(f: &mut fmt::Formatter<'_>, text: &str) -> fmt::Result {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    f.write_char(quote)?;
    for c in text.chars() {
        match c {
            '\n' => f.write_str("\\n")?,
            '\r' => f.write_str("\\r")?,
            '\t' => f.write_str("\\t")?,
            '\\' => f.write_str("\\\\")?,
            c if c == quote => write!(f, "\\{c}")?,
            c if is_printable(c) => f.write_char(c)?,
            c if (c as u32) < 0x100 => write!(f, "\\x{:02x}", c as u32)?,
            c if (c as u32) < 0x1_0000 => write!(f, "\\u{:04x}", c as u32)?,
            c => write!(f, "\\U{:08x}", c as u32)?,
        }
    }
    f.write_char(quote)
}

/// `str.isprintable`, by Rust's own escapes, which have the same rule.
fn is_printable(c: char) -> bool {
    if c == ' ' || c.is_ascii_graphic() {
        return true;
    }
    // `escape_debug` of a string escapes a combining mark only where it comes first; `Debug` escapes all of them.
    let shown = String::from_iter(['a', c]).escape_debug().to_string();
    !c.is_control() && !c.is_whitespace() && !shown.contains("\\u{")
}
