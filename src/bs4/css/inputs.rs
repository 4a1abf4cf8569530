//! The values of `input` tags, as `:in-range` compares them.

/// A value as numbers, the most important first.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(super) struct Input(Vec<f64>);

impl Input {
    pub(super) fn number(number: f64) -> Input {
        Input(vec![number])
    }

    /// A value of an input of this type, if it is a valid one.
    pub(super) fn parse(kind: &str, value: &str) -> Option<Input> {
        let parsed = match kind {
            "date" => date(value)?,
            "month" => month(value)?,
            "week" => week(value)?,
            "time" => time(value)?,
            "datetime-local" => {
                let split = value.find(['T', ' '])?;
                [date(&value[..split])?, time(&value[split + 1..])?].concat()
            }
            "number" | "range" => vec![number(value)?],
            _ => return None,
        };
        // The latest time in browsers.
        let last: &[f64] = match kind {
            "date" => &[275_760.0, 9.0, 13.0],
            "month" => &[275_760.0, 9.0],
            "week" => &[275_760.0, 37.0],
            "datetime-local" => &[275_760.0, 9.0, 13.0, 0.0, 0.0, 0.0],
            _ => return Some(Input(parsed)),
        };
        Some(Input(parsed)).filter(|input| input.0.as_slice() <= last)
    }
}

fn digits(text: &str, at_least: usize, at_most: usize) -> Option<f64> {
    let valid = (at_least..=at_most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if valid { text.parse().ok() } else { None }
}

fn year(text: &str) -> Option<f64> {
    digits(text, 4, usize::MAX).filter(|&year| year >= 1.0)
}

fn month(value: &str) -> Option<Vec<f64>> {
    let (year_text, month) = value.split_once('-')?;
    let month = digits(month, 2, 2).filter(|month| (1.0..=12.0).contains(month))?;
    Some(vec![year(year_text)?, month])
}

fn date(value: &str) -> Option<Vec<f64>> {
    let (head, day) = value.rsplit_once('-')?;
    let mut parts = month(head)?;
    let (year, month) = (parts[0], parts[1] as u8);
    let last = match month {
        2 if is_leap(year) => 29.0,
        2 => 28.0,
        4 | 6 | 9 | 11 => 30.0,
        _ => 31.0,
    };
    parts.push(digits(day, 2, 2).filter(|day| (1.0..=last).contains(day))?);
    Some(parts)
}

fn is_leap(year: f64) -> bool {
    year % 4.0 == 0.0 && year % 100.0 != 0.0 || year % 400.0 == 0.0
}

fn week(value: &str) -> Option<Vec<f64>> {
    let (year_text, week) = value.split_once("-W")?;
    let year = year(year_text)?;
    let week = digits(week, 2, 2).filter(|week| (1.0..=weeks_in(year)).contains(week))?;
    Some(vec![year, week])
}

/// A year has 53 weeks when it begins on a Thursday, or on a Wednesday and has a leap day.
fn weeks_in(year: f64) -> f64 {
    let last_day = |year: f64| (year + (year / 4.0).floor() - (year / 100.0).floor() + (year / 400.0).floor()) % 7.0;
    if last_day(year) == 4.0 || last_day(year - 1.0) == 3.0 { 53.0 } else { 52.0 }
}

fn time(value: &str) -> Option<Vec<f64>> {
    let mut parts = value.split(':');
    let hour = digits(parts.next()?, 2, 2).filter(|hour| *hour <= 23.0)?;
    let minutes = digits(parts.next()?, 2, 2).filter(|minutes| *minutes <= 59.0)?;
    let seconds = match parts.next() {
        None => 0.0,
        Some(text) => {
            let (whole, fraction) = text.split_once('.').map_or((text, None), |(whole, fraction)| (whole, Some(fraction)));
            digits(whole, 2, 2)?;
            fraction.map_or(Some(0.0), |fraction| digits(fraction, 1, 3))?;
            text.parse::<f64>().ok().filter(|seconds| *seconds < 60.0)?
        }
    };
    parts.next().is_none().then(|| vec![hour, minutes, seconds])
}

/// Parses a floating-point number in HTML's syntax.
fn number(value: &str) -> Option<f64> {
    let body = value.strip_prefix('-').unwrap_or(value);
    let (mantissa, exponent) = body.find(['e', 'E']).map_or((body, None), |at| (&body[..at], Some(&body[at + 1..])));
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let valid = match mantissa.split_once('.') {
        None => all_digits(mantissa),
        Some((whole, fraction)) => (whole.is_empty() || all_digits(whole)) && all_digits(fraction),
    };
    let valid = valid && exponent.is_none_or(|e| all_digits(e.strip_prefix(['+', '-']).unwrap_or(e)));
    if valid { value.parse().ok().filter(|number: &f64| number.is_finite()) } else { None }
}
