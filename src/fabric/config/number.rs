//! Python's `int(text)`, `float(text)` and `repr(float)`.

/// `int(text)`. The error is Python's text.
pub(super) fn int(text: &str) -> Result<i128, String> {
    let invalid = || format!("invalid literal for int() with base 10: {}", crate::fabric::texts::python_repr(text));
    let trimmed = text.trim();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, trimmed.strip_prefix('+').unwrap_or(trimmed)),
    };
    if !digits_with_underscores(digits) {
        return Err(invalid());
    }
    let digits: String = digits.chars().filter(|c| *c != '_').collect();
    let number: i128 = digits.parse().map_err(|_| "number of more than 38 digits".to_owned())?;
    Ok(if negative { -number } else { number })
}

/// `float(text)`. The error is Python's text.
pub(super) fn float(text: &str) -> Result<f64, String> {
    let invalid = || format!("could not convert string to float: {}", crate::fabric::texts::python_repr(text));
    let trimmed = text.trim();
    let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let named = ["inf", "infinity", "nan"].iter().any(|name| unsigned.eq_ignore_ascii_case(name));
    let numeric = unsigned.chars().all(|c| c.is_ascii_digit() || matches!(c, '.' | 'e' | 'E' | '+' | '-' | '_'));
    let underscores = unsigned.split('_').count() == 1
        || unsigned.split(['.', 'e', 'E', '+', '-']).filter(|part| !part.is_empty()).all(digits_with_underscores);
    let digits = numeric && underscores && unsigned.contains(|c: char| c.is_ascii_digit());
    if !named && !digits {
        return Err(invalid());
    }
    trimmed.replace('_', "").parse().map_err(|_| invalid())
}

fn digits_with_underscores(text: &str) -> bool {
    !text.is_empty() && text.split('_').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `repr(float)`: the shortest digits, with an exponent below 1e-4 and from 1e16 on.
pub(super) fn float_repr(number: f64) -> String {
    if number.is_nan() {
        return "nan".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "inf".into() } else { "-inf".into() };
    }
    let scientific = format!("{number:e}");
    let (digits, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number != 0.0 && !(-4..16).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{digits}e{sign}{:02}", exponent.abs());
    }
    let plain = format!("{number}");
    if plain.contains('.') { plain } else { format!("{plain}.0") }
}
