//! YAML as PyYAML's `safe_load` reads it: YAML 1.1's plain scalars.

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};
use std::collections::HashMap;

use super::number;
use super::value::{Dict, Value};

/// More nodes than a configuration has: an alias of aliases can mean any number of them.
const MAX_NODES: usize = 1_000_000;

/// The one document of a text. The error says where it is not valid.
pub(super) fn load(text: &str) -> Result<Value, String> {
    let mut loader = Loader { events: Parser::new_from_str(text), anchors: HashMap::new(), nodes: 0 };
    let mut found = None;
    loop {
        match loader.next()? {
            Some((Event::StreamEnd, _)) | None => return Ok(found.unwrap_or(Value::None)),
            Some((Event::DocumentStart(_), line)) => {
                if found.is_some() {
                    return Err(format!("line {line}: expected a single document in the stream"));
                }
                let (event, line) = loader.expect()?;
                found = Some(loader.node(event, line)?);
            }
            Some(_) => {}
        }
    }
}

struct Loader<'a> {
    events: Parser<'a, saphyr_parser::StrInput<'a>>,
    anchors: HashMap<usize, (Value, usize)>,
    nodes: usize,
}

impl<'a> Loader<'a> {
    fn next(&mut self) -> Result<Option<(Event<'a>, usize)>, String> {
        match self.events.next() {
            None => Ok(None),
            Some(Ok((event, span))) => Ok(Some((event, span.start.line()))),
            Some(Err(error)) => Err(error.to_string()),
        }
    }

    fn expect(&mut self) -> Result<(Event<'a>, usize), String> {
        self.next()?.ok_or_else(|| "unexpected end".to_owned())
    }

    fn count(&mut self, nodes: usize) -> Result<(), String> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES { Err(format!("more than {MAX_NODES} nodes")) } else { Ok(()) }
    }

    fn node(&mut self, event: Event<'a>, line: usize) -> Result<Value, String> {
        let before = self.nodes;
        self.count(1)?;
        let (value, anchor) = match event {
            Event::Alias(anchor) => {
                let (value, nodes) = self.anchors.get(&anchor).cloned().ok_or_else(|| format!("line {line}: undefined alias"))?;
                self.count(nodes)?;
                return Ok(value);
            }
            Event::Scalar(text, style, anchor, tag) => {
                let value = scalar(&text, style, tag.as_deref()).map_err(|problem| format!("line {line}: {problem}"))?;
                (value, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                core_tag(tag.as_deref(), "seq").map_err(|problem| format!("line {line}: {problem}"))?;
                let mut items = Vec::new();
                loop {
                    match self.expect()? {
                        (Event::SequenceEnd, _) => break,
                        (event, line) => items.push(self.node(event, line)?),
                    }
                }
                (Value::List(items), anchor)
            }
            Event::MappingStart(anchor, tag) => {
                core_tag(tag.as_deref(), "map").map_err(|problem| format!("line {line}: {problem}"))?;
                (Value::Dict(self.mapping()?), anchor)
            }
            _ => return Ok(Value::None),
        };
        if anchor != 0 {
            self.anchors.insert(anchor, (value.clone(), self.nodes - before));
        }
        Ok(value)
    }

    fn mapping(&mut self) -> Result<Dict, String> {
        let mut own = Dict::new();
        // What `<<` merges in: earlier ones win, and the mapping's own keys before all.
        let mut merged: Vec<Dict> = Vec::new();
        loop {
            let (event, line) = self.expect()?;
            if matches!(event, Event::MappingEnd) {
                break;
            }
            let merge = matches!(&event, Event::Scalar(text, ScalarStyle::Plain, _, None) if text == "<<");
            let key = if merge { Value::None } else { self.node(event, line)? };
            let (event, value_line) = self.expect()?;
            let value = self.node(event, value_line)?;
            if merge {
                match value {
                    Value::Dict(dict) => merged.push(dict),
                    Value::List(items) => {
                        for item in items {
                            match item {
                                Value::Dict(dict) => merged.push(dict),
                                _ => return Err(format!("line {line}: expected a mapping for merging")),
                            }
                        }
                    }
                    _ => return Err(format!("line {line}: expected a mapping or list of mappings for merging")),
                }
                continue;
            }
            let Value::Str(key) = key else {
                return Err(format!("line {line}: key {key:?} is not a text"));
            };
            own.insert(key, value);
        }
        if merged.is_empty() {
            return Ok(own);
        }
        let mut all = Dict::new();
        for (key, value) in merged.into_iter().rev().flatten() {
            all.insert(key, value);
        }
        for (key, value) in own {
            all.insert(key, value);
        }
        Ok(all)
    }
}

fn core_tag<'a>(tag: Option<&'a Tag>, default: &'a str) -> Result<&'a str, String> {
    let Some(tag) = tag else { return Ok(default) };
    let core = tag.handle == "tag:yaml.org,2002:" || tag.handle == "!!";
    match (core, tag.suffix.as_str()) {
        (true, name) if name == default || default.is_empty() => Ok(name),
        _ => Err(format!("could not determine a constructor for the tag {}{}", tag.handle, tag.suffix)),
    }
}

fn scalar(text: &str, style: ScalarStyle, tag: Option<&Tag>) -> Result<Value, String> {
    let kind = match tag {
        // `! 5` says nothing.
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" && style == ScalarStyle::Plain => return plain(text),
        Some(tag) if tag.handle.is_empty() && tag.suffix == "!" => "str",
        Some(_) => core_tag(tag, "")?,
        None if style == ScalarStyle::Plain => return plain(text),
        None => "str",
    };
    let wrong = || format!("'{text}' is not a valid {kind}");
    match kind {
        "str" => Ok(Value::Str(text.to_owned())),
        "null" => Ok(Value::None),
        "bool" => truth(text).map(Value::Bool).ok_or_else(wrong),
        "int" => integer(text).map(Value::Int).ok_or_else(wrong),
        "float" => float(text).or_else(|| integer(text).map(|number| number as f64)).map(Value::Float).ok_or_else(wrong),
        _ => Err(format!("could not determine a constructor for the tag tag:yaml.org,2002:{kind}")),
    }
}

/// What YAML 1.1 takes a plain scalar for. <https://yaml.org/type/>
fn plain(text: &str) -> Result<Value, String> {
    if matches!(text, "" | "~" | "null" | "Null" | "NULL") {
        return Ok(Value::None);
    }
    if let Some(truth) = truth(text) {
        return Ok(Value::Bool(truth));
    }
    if let Some(number) = integer(text) {
        return Ok(Value::Int(number));
    }
    if let Some(number) = float(text) {
        return Ok(Value::Float(number));
    }
    if is_timestamp(text) {
        return Err(format!("dates and times are not supported: {text}"));
    }
    if let "=" | "<<" = text {
        let name = if text == "=" { "value" } else { "merge" };
        return Err(format!("could not determine a constructor for the tag tag:yaml.org,2002:{name}"));
    }
    Ok(Value::Str(text.to_owned()))
}

fn truth(text: &str) -> Option<bool> {
    // yes, Yes and YES, but not yEs.
    let cased = |word: &str| {
        let capital = word.get(..1).map(str::to_ascii_uppercase).unwrap_or_default() + word.get(1..).unwrap_or_default();
        text == word || text == word.to_ascii_uppercase() || text == capital
    };
    if ["yes", "true", "on"].into_iter().any(cased) {
        Some(true)
    } else if ["no", "false", "off"].into_iter().any(cased) {
        Some(false)
    } else {
        None
    }
}

fn integer(text: &str) -> Option<i128> {
    let (negative, unsigned) = match text.strip_prefix(['-', '+']) {
        Some(rest) => (text.starts_with('-'), rest),
        None => (false, text),
    };
    let digits: String = unsigned.chars().filter(|c| *c != '_').collect();
    let radix = |digits: &str, radix| i128::from_str_radix(digits, radix).ok().filter(|_| !digits.starts_with(['+', '-']));
    let number = if let Some(binary) = digits.strip_prefix("0b") {
        radix(binary, 2)?
    } else if let Some(hexadecimal) = digits.strip_prefix("0x") {
        radix(hexadecimal, 16)?
    } else if digits == "0" {
        0
    } else if unsigned.starts_with('0') {
        radix(digits.get(1..)?, 8)?
    } else if unsigned.contains(':') {
        // 1:30 is 90.
        let mut parts = digits.split(':');
        let first = parts.next().filter(|part| part.starts_with(|c: char| ('1'..='9').contains(&c)))?;
        let mut number = decimal(first)?;
        for part in parts {
            let valid = part.len() <= 2 && decimal(part).is_some_and(|part| part < 60);
            number = number.checked_mul(60)?.checked_add(decimal(part).filter(|_| valid)?)?;
        }
        number
    } else {
        if !unsigned.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        decimal(&digits)?
    };
    Some(if negative { -number } else { number })
}

fn decimal(digits: &str) -> Option<i128> {
    (!digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit())).then(|| digits.parse().ok())?
}

fn float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    let sign = if text.starts_with('-') { -1.0 } else { 1.0 };
    match unsigned {
        ".inf" | ".Inf" | ".INF" => return Some(sign * f64::INFINITY),
        ".nan" | ".NaN" | ".NAN" if unsigned == text => return Some(f64::NAN),
        _ => {}
    }
    let digits = unsigned.replace('_', "");
    if digits.contains(':') {
        let (whole, fraction) = digits.split_once('.')?;
        let minutes = whole.split(':').try_fold(0.0, |total, part| decimal(part).map(|part| total * 60.0 + part as f64))?;
        let fraction = if fraction.is_empty() { 0.0 } else { number::float(&format!("0.{fraction}")).ok()? };
        return Some(sign * (minutes + fraction));
    }
    // A dot, and after an `e` a sign: `1e3` is a text.
    let (mantissa, exponent) = digits.split_once(['e', 'E']).map_or((digits.as_str(), None), |(m, e)| (m, Some(e)));
    let (whole, fraction) = mantissa.split_once('.')?;
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_valid =
        exponent.is_none_or(|e| e.strip_prefix(['+', '-']).is_some_and(|digits| !digits.is_empty() && all_digits(digits)));
    // `.5` may begin without a digit, but then has no sign; `_.5` is a text.
    let begins = unsigned.starts_with(|c: char| c.is_ascii_digit());
    let begins_with_dot = text.strip_prefix('.').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
    let valid = all_digits(whole) && all_digits(fraction) && exponent_valid;
    if !valid || !(begins || begins_with_dot) {
        return None;
    }
    let exponent = exponent.map(|exponent| format!("e{exponent}")).unwrap_or_default();
    number::float(&format!("{whole}.{fraction}{exponent}")).ok().map(|number| sign * number)
}

/// `2001-12-14`, and with a time.
fn is_timestamp(text: &str) -> bool {
    let digits = |part: &str, least: usize, most: usize| {
        (least..=most).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    let mut parts = text.splitn(3, '-');
    let (Some(year), Some(month), Some(rest)) = (parts.next(), parts.next(), parts.next()) else { return false };
    if digits(year, 4, 4) && digits(month, 2, 2) && digits(rest, 2, 2) {
        return true;
    }
    let Some((day, time)) = rest.split_once(['T', 't', ' ', '\t']) else { return false };
    digits(year, 4, 4)
        && digits(month, 1, 2)
        && digits(day, 1, 2)
        && time.trim_start().split(':').take(3).count() == 3
        && time.trim_start().starts_with(|c: char| c.is_ascii_digit())
}
