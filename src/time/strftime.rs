//! `strftime`: glibc's formatter in the C locale, with flags, widths and modifiers.

use super::calendar::{self, MONTHS, WEEKDAYS};
use super::error::Result;
use super::struct_time::{StructTime, name, short};

/// What a zone provides for a time without its own: the two names, and `mktime`.
pub(super) trait Local {
    fn tzname(&self, dst: bool) -> Result<String>;
    fn mktime(&self, t: &StructTime) -> Result<i64>;
}

/// The parts between `%` and the letter.
#[derive(Clone, Copy, Default)]
struct Spec {
    pad: Option<char>,
    upper: bool,
    swap_case: bool,
    width: usize,
    modifier: Option<char>,
}

/// One call: the time, and the output so far. `t` is checked; its zone is passed separately.
struct Formatter<'a> {
    t: &'a StructTime,
    zone: Option<&'a str>,
    local: &'a dyn Local,
    out: String,
    /// The maximum output length, beyond which Python returns an empty string.
    limit: usize,
    full: bool,
}

/// Formats a time.
pub(super) fn strftime(format: &str, t: &StructTime, local: &dyn Local) -> Result<String> {
    let zone = t.tm_zone.as_deref();
    let t = &t.checked()?;
    let wanted = 256 * format.chars().count();
    let mut room = 1024;
    while room < wanted {
        room *= 2;
    }
    let mut formatter = Formatter { t, zone, local, out: String::with_capacity(format.len() * 2), limit: room - 1, full: false };
    formatter.run(format)?;
    let Formatter { out, limit, full, .. } = formatter;
    Ok(if full || out.len() > limit && out.chars().count() > limit { String::new() } else { out })
}

impl Formatter<'_> {
    fn run(&mut self, format: &str) -> Result<()> {
        let mut rest = format;
        while let Some(at) = rest.find('%') {
            if self.full {
                return Ok(());
            }
            let (text, directive) = rest.split_at(at);
            self.out.push_str(text);
            let used = self.directive(directive)?;
            rest = directive.get(used..).unwrap_or("");
        }
        self.out.push_str(rest);
        Ok(())
    }

    /// Formats the directive at the start of this text and returns its length.
    fn directive(&mut self, text: &str) -> Result<usize> {
        let mut spec = Spec::default();
        let bytes = text.as_bytes();
        let mut at = 1;
        while let Some(flag) = bytes.get(at).filter(|byte| b"_-0^#".contains(byte)) {
            match flag {
                b'^' => spec.upper = true,
                b'#' => spec.swap_case = true,
                pad => spec.pad = Some(char::from(*pad)),
            }
            at += 1;
        }
        while let Some(digit) = bytes.get(at).filter(|byte| byte.is_ascii_digit()) {
            spec.width = spec.width.saturating_mul(10).saturating_add(usize::from(digit - b'0')).min(i32::MAX as usize);
            at += 1;
        }
        if let Some(modifier @ (b'E' | b'O')) = bytes.get(at) {
            spec.modifier = Some(char::from(*modifier));
            at += 1;
        }
        let Some(letter) = text.get(at..).and_then(|rest| rest.chars().next()) else {
            self.text(text, spec);
            return Ok(text.len());
        };
        let length = at + letter.len_utf8();
        if !accepts(letter, spec.modifier) || !self.letter(letter, spec)? {
            // Unknown directives are copied.
            self.text(text.get(..length).unwrap_or(text), spec);
        }
        Ok(length)
    }

    /// Returns false for an unknown letter.
    fn letter(&mut self, letter: char, mut spec: Spec) -> Result<bool> {
        let t = self.t;
        let year = i64::from(t.tm_year);
        // C counts from Sunday and from January 1, both 0.
        let wday = || if t.tm_wday == 6 { 0 } else { i64::from(t.tm_wday) + 1 };
        let yday = i64::from(t.tm_yday) - 1;
        let hour12 = || (t.tm_hour + 11) % 12 + 1;
        let iso_week = || iso_week(year, yday, wday());
        let names = Spec { upper: spec.upper || spec.swap_case, ..spec };
        match letter {
            '%' => self.text("%", spec),
            'n' => self.text("\n", spec),
            't' => self.text("\t", spec),
            'a' => self.text(short(name(&WEEKDAYS, t.tm_wday)), names),
            'A' => self.text(name(&WEEKDAYS, t.tm_wday), names),
            'b' | 'h' => self.text(short(name(&MONTHS, t.tm_mon - 1)), names),
            'B' => self.text(name(&MONTHS, t.tm_mon - 1), names),
            'c' => self.nested("%a %b %e %H:%M:%S %Y", spec)?,
            'D' | 'x' => self.nested("%m/%d/%y", spec)?,
            'F' => self.nested("%Y-%m-%d", spec)?,
            'R' => self.nested("%H:%M", spec)?,
            'r' => self.nested("%I:%M:%S %p", spec)?,
            'T' | 'X' => self.nested("%H:%M:%S", spec)?,
            'C' => self.number(year.div_euclid(100), 1, spec),
            'd' => self.number(t.tm_mday, 2, spec),
            'e' => self.spaced(t.tm_mday, spec),
            'H' => self.number(t.tm_hour, 2, spec),
            'I' => self.number(hour12(), 2, spec),
            'j' => self.number(t.tm_yday, 3, spec),
            'k' => self.spaced(t.tm_hour, spec),
            'l' => self.spaced(hour12(), spec),
            'm' => self.number(t.tm_mon, 2, spec),
            'M' => self.number(t.tm_min, 2, spec),
            'S' => self.number(t.tm_sec, 2, spec),
            's' => {
                // As in C, a time that cannot be converted is -1.
                let seconds = self.local.mktime(t).unwrap_or(-1);
                self.text(&seconds.to_string(), spec);
            }
            'p' | 'P' => {
                let half = if t.tm_hour >= 12 { "PM" } else { "AM" };
                let lower = letter == 'P' || spec.swap_case;
                spec.upper &= !lower;
                self.text(if lower { if half == "PM" { "pm" } else { "am" } } else { half }, spec);
            }
            'u' => self.number((wday() + 6) % 7 + 1, 1, spec),
            'w' => self.number(wday(), 1, spec),
            'U' => self.number((yday - wday() + 7) / 7, 2, spec),
            'W' => self.number((yday - (wday() + 6) % 7 + 7) / 7, 2, spec),
            'V' => self.number(iso_week().1, 2, spec),
            'g' => self.number(iso_week().0.rem_euclid(100), 2, spec),
            'G' => self.number(iso_week().0, 1, spec),
            'y' => self.number(year.rem_euclid(100), 2, spec),
            'Y' => self.number(year, 1, spec),
            'Z' => {
                let named;
                let zone = match self.zone {
                    Some(zone) if !zone.is_empty() => zone,
                    _ if t.tm_isdst >= 0 => {
                        named = self.local.tzname(t.tm_isdst > 0)?;
                        &named
                    }
                    _ => "",
                };
                if spec.swap_case {
                    self.text(&zone.to_ascii_lowercase(), Spec { upper: false, ..spec });
                } else {
                    self.text(zone, spec);
                }
            }
            'z' => {
                if t.tm_isdst >= 0 {
                    let offset = t.tm_gmtoff.unwrap_or(0);
                    self.text(if offset < 0 { "-" } else { "+" }, spec);
                    let minutes = offset.unsigned_abs() / 60;
                    self.number(minutes / 60 * 100 + minutes % 60, 4, spec);
                }
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Expands a directive to another format.
    fn nested(&mut self, format: &str, spec: Spec) -> Result<()> {
        if spec.width == 0 && !spec.upper {
            return self.run(format);
        }
        let mut inner = Formatter { out: String::new(), ..*self };
        inner.run(format)?;
        self.text(&inner.out, spec);
        Ok(())
    }

    /// Appends text, padded on the left to its width.
    fn text(&mut self, text: &str, spec: Spec) {
        if spec.width > 0 {
            let length = text.chars().count();
            self.pad(spec.width.saturating_sub(length), if spec.pad == Some('0') { '0' } else { ' ' });
        }
        if spec.upper {
            self.out.extend(text.chars().map(|c| c.to_ascii_uppercase()));
        } else {
            self.out.push_str(text);
        }
    }

    fn spaced(&mut self, value: i32, spec: Spec) {
        self.number(value, 2, Spec { pad: spec.pad.or(Some('_')), ..spec });
    }

    /// Appends a number with at least this many digits.
    fn number(&mut self, value: impl Into<i64>, digits: usize, spec: Spec) {
        let value = value.into();
        if let (0..100, 2, 0, None) = (value, digits, spec.width, spec.pad) {
            // The fast path: nearly all numbers of a time have two digits.
            self.out.extend([char::from(b'0' + (value / 10) as u8), char::from(b'0' + (value % 10) as u8)]);
            return;
        }
        let mut room = [0; 20];
        let mut start = room.len();
        let mut rest = value.unsigned_abs();
        loop {
            start -= 1;
            if let Some(digit) = room.get_mut(start) {
                *digit = b'0' + (rest % 10) as u8;
            }
            rest /= 10;
            if rest == 0 {
                break;
            }
        }
        let number = room.get(start..).and_then(|digits| std::str::from_utf8(digits).ok()).unwrap_or("");
        let sign = if value < 0 { "-" } else { "" };
        let missing = digits.max(spec.width).saturating_sub(sign.len() + number.len());
        match spec.pad {
            Some('-') => self.pad(spec.width.saturating_sub(sign.len() + number.len()), ' '),
            Some('_') => self.pad(missing, ' '),
            _ => {}
        }
        self.out.push_str(sign);
        if !matches!(spec.pad, Some('-' | '_')) {
            self.pad(missing, '0');
        }
        self.out.push_str(number);
    }

    fn pad(&mut self, count: usize, with: char) {
        if count > self.limit {
            self.full = true;
        } else if count > 0 {
            self.out.extend(std::iter::repeat_n(with, count));
        }
    }
}

/// Returns true if a letter may follow `E` or `O`.
fn accepts(letter: char, modifier: Option<char>) -> bool {
    match modifier {
        None => true,
        Some('E') => "cCxXyYzZspPntrRTu%".contains(letter),
        Some(_) => "bBhCdeHIjklmMSsuUVgGwWyzZpPntrRT%".contains(letter),
    }
}

/// Returns the ISO 8601 year and week; `yday` counts from 0, and Sunday is 0.
fn iso_week(year: i64, yday: i64, wday: i64) -> (i64, i64) {
    // Days since the Monday of week 1; negative before it.
    let days = |yday: i64| yday - (yday - wday + 382) % 7 + 3;
    let length = |year: i64| 365 + i64::from(calendar::is_leap(year));
    let here = days(yday);
    if here < 0 {
        return (year - 1, days(yday + length(year - 1)) / 7 + 1);
    }
    match days(yday - length(year)) {
        next if next >= 0 => (year + 1, next / 7 + 1),
        _ => (year, here / 7 + 1),
    }
}
