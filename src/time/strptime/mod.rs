//! `strptime`: CPython's own parser in the C locale.
//!
//! CPython turns the format into a regular expression. Here it is a list of items, each of which
//! enumerates its possible ends in the text, in the order of that expression's alternatives. The
//! first path through all items is the match.

mod build;

use std::collections::BTreeSet;

use super::calendar::{MONTHS, WEEKDAYS};
use super::error::{Error, Result};
use super::struct_time::{StructTime, short};

/// The zone names of `%Z` in lower case: those without daylight saving time, and the one with it.
pub(super) struct Names {
    pub(super) standard: [String; 3],
    pub(super) daylight: Option<String>,
    /// Both names are equal although there is daylight saving time: the name is ambiguous.
    pub(super) ambiguous: bool,
}

#[derive(PartialEq)]
enum Item {
    Literal(char),
    /// `\s+`
    Space,
    Directive(char),
}

/// Parses `text` by `format`. `zone` is called only if the format has a `%Z`.
pub(super) fn strptime(text: &str, format: &str, zone: impl FnOnce() -> Result<Names>) -> Result<StructTime> {
    let items = compile(format)?;
    let names = if items.contains(&Item::Directive('Z')) { Some(zone()?) } else { None };
    let mut matcher = Matcher { items: &items, text, names: names.as_ref(), dead: BTreeSet::new(), found: Vec::new() };
    let Some(end) = matcher.run(0, 0) else {
        return Err(value(format!("time data {} does not match format {}", repr(text), repr(format))));
    };
    match text.get(end..) {
        None | Some("") => {}
        Some(rest) => return Err(value(format!("unconverted data remains: {rest}"))),
    }
    // The fields are found in reverse order. The last of several directives for one field counts.
    matcher.found.reverse();
    build::build(&matcher.found, names.as_ref())
}

fn value(text: impl Into<String>) -> Error {
    Error::Value(text.into())
}

/// Compiles a format; `%c`, `%x` and `%X` expand to other directives.
fn compile(format: &str) -> Result<Vec<Item>> {
    let mut items = Vec::with_capacity(format.len());
    let mut seen = 0_u128;
    let mut twice = None;
    let mut chars = format.chars().peekable();
    while let Some(c) = chars.next() {
        if is_space(c) {
            while chars.next_if(|c| is_space(*c)).is_some() {}
            items.push(Item::Space);
        } else if c != '%' {
            items.push(Item::Literal(c));
        } else {
            let Some(letter) = chars.next() else { return Err(value(format!("stray % in format '{format}'"))) };
            let directives = match letter {
                '%' => {
                    items.push(Item::Literal('%'));
                    continue;
                }
                'c' => "a b d H:M:S Y",
                'x' => "m/d/y",
                'X' => "H:M:S",
                _ if "dfHIGjmMSUwuVWyYzAaBbpZ".contains(letter) => "",
                // CPython has already escaped the letter here, so its message shows the escape.
                _ if is_space(letter) || "\\.^$*+?(){}[]|".contains(letter) => return Err(bad('%', format)),
                _ => return Err(bad(letter, format)),
            };
            let mut own = [0; 4];
            let parts = if directives.is_empty() { &*letter.encode_utf8(&mut own) } else { directives };
            for part in parts.chars() {
                match part {
                    ' ' => items.push(Item::Space),
                    ':' | '/' => items.push(Item::Literal(part)),
                    // DIFFERENCE: CPython's `re` reports a repeated group name, after the whole
                    // format was read.
                    _ if seen & 1 << part as u32 != 0 => twice = twice.or(Some(part)),
                    directive => {
                        seen |= 1 << directive as u32;
                        items.push(Item::Directive(directive));
                    }
                }
            }
        }
    }
    match twice {
        Some(part) => Err(value(format!("repeated directive '%{part}' in format '{format}'"))),
        None => Ok(items),
    }
}

fn bad(directive: char, format: &str) -> Error {
    value(format!("'{directive}' is a bad directive in format '{format}'"))
}

/// Python's `\s`.
fn is_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

struct Matcher<'a> {
    items: &'a [Item],
    text: &'a str,
    names: Option<&'a Names>,
    /// The (item, position) pairs that lead to no match. Each is tried once, so that parsing time
    /// is bounded.
    dead: BTreeSet<(usize, usize)>,
    found: Vec<(char, &'a str)>,
}

/// The possible lengths of an item, best first. `%z` has the most: eight.
#[derive(Default)]
struct Lengths {
    all: [usize; 12],
    count: usize,
}

impl Lengths {
    fn offer(&mut self, length: usize, if_so: bool) {
        if if_so && let Some(place) = self.all.get_mut(self.count) {
            *place = length;
            self.count += 1;
        }
    }
}

impl Matcher<'_> {
    /// Returns the end of the match of all items from this one on. Only directives branch, and each
    /// occurs once, which bounds the recursion whatever the length of the format.
    fn run(&mut self, mut item: usize, mut at: usize) -> Option<usize> {
        let items = self.items;
        loop {
            let rest = self.text.get(at..).unwrap_or("");
            let next = items.get(item + 1);
            match items.get(item) {
                None => return Some(at),
                Some(Item::Literal(wanted)) => at += rest.chars().next().filter(|there| same(*wanted, *there))?.len_utf8(),
                Some(Item::Space) => {
                    let spaces = rest.len() - rest.trim_start_matches(is_space).len();
                    if spaces == 0 {
                        return None;
                    }
                    at += spaces;
                    if next == Some(&Item::Directive('d')) {
                        // A day may begin with a space of its own: the last of these.
                        let own = spaces > 1 && rest.get(..spaces).is_some_and(|spaces| spaces.ends_with(' '));
                        return self.run(item + 1, at).or_else(|| if own { self.run(item + 1, at - 1) } else { None });
                    }
                }
                Some(Item::Directive(directive)) => return self.branch(*directive, item, at),
            }
            item += 1;
        }
    }

    /// Like [`Matcher::run`], from a directive on.
    fn branch(&mut self, directive: char, item: usize, at: usize) -> Option<usize> {
        if self.dead.contains(&(item, at)) {
            return None;
        }
        let rest = self.text.get(at..).unwrap_or("");
        let mut lengths = Lengths::default();
        self.directive(directive, rest, &mut lengths);
        for length in lengths.all.into_iter().take(lengths.count) {
            if let Some(end) = self.run(item + 1, at + length) {
                self.found.push((directive, rest.get(..length).unwrap_or("")));
                return Some(end);
            }
        }
        self.dead.insert((item, at));
        None
    }

    fn directive(&self, directive: char, rest: &str, lengths: &mut Lengths) {
        let bytes = rest.as_bytes();
        let digit = |at: usize| bytes.get(at).filter(|byte| byte.is_ascii_digit()).map(|byte| u32::from(byte - b'0'));
        let (one, two, three) = (digit(0), digit(1), digit(2));
        let pair = one.zip(two).map(|(one, two)| one * 10 + two);
        let mut offer = |length: usize, if_so: bool| lengths.offer(length, if_so);
        let within = |low: u32, high: u32| pair.is_some_and(|pair| (low..=high).contains(&pair));
        let single = |low: u32| one.is_some_and(|one| one >= low);
        match directive {
            'd' => {
                offer(2, within(1, 31));
                offer(1, single(1));
                offer(2, bytes.first() == Some(&b' ') && two.is_some_and(|two| two > 0));
            }
            'H' => {
                offer(2, within(0, 23));
                offer(1, single(0));
            }
            'I' | 'm' => {
                offer(2, within(1, 12));
                offer(1, single(1));
            }
            'M' => {
                offer(2, within(0, 59));
                offer(1, single(0));
            }
            'S' => {
                offer(2, within(0, 61));
                offer(1, single(0));
            }
            'U' | 'W' => {
                offer(2, within(0, 53));
                offer(1, single(0));
            }
            'V' => {
                offer(2, within(1, 53));
                offer(1, single(0));
            }
            'j' => {
                offer(3, pair.zip(three).is_some_and(|(pair, three)| (1..=366).contains(&(pair * 10 + three))));
                offer(2, within(1, 99));
                offer(1, single(1));
            }
            'w' => offer(1, one.is_some_and(|one| one <= 6)),
            'u' => offer(1, one.is_some_and(|one| (1..=7).contains(&one))),
            'y' => offer(2, pair.is_some()),
            'Y' | 'G' => offer(4, (0..4).all(|at| digit(at).is_some())),
            'f' => {
                let digits = (0..6).take_while(|at| digit(*at).is_some()).count();
                (1..=digits).rev().for_each(|length| offer(length, true));
            }
            'z' => offset(bytes, lengths),
            'a' => named(rest, WEEKDAYS.iter().map(|name| short(name)), lengths),
            'A' => named(rest, WEEKDAYS.iter().copied(), lengths),
            'b' => named(rest, MONTHS.iter().map(|name| short(name)), lengths),
            'B' => named(rest, MONTHS.iter().copied(), lengths),
            'p' => named(rest, ["AM", "PM"].into_iter(), lengths),
            'Z' => {
                let names = self.names.into_iter().flat_map(|names| names.standard.iter().chain(&names.daylight));
                let mut names: Vec<&str> = names.map(String::as_str).collect();
                names.sort_by_key(|name| std::cmp::Reverse(name.chars().count()));
                named(rest, names.into_iter(), lengths);
            }
            _ => {}
        }
    }
}

/// No name is a prefix of another, except for zone names, which come longest first.
fn named<'n>(rest: &str, names: impl Iterator<Item = &'n str>, lengths: &mut Lengths) {
    for name in names {
        let mut there = rest.chars();
        let all = name.chars().all(|wanted| there.next().is_some_and(|there| same(wanted, there)));
        lengths.offer(rest.len() - there.as_str().len(), all);
    }
}

/// Equal apart from case, as with `re.IGNORECASE`.
fn same(a: char, b: char) -> bool {
    if a.is_ascii() && b.is_ascii() { a.eq_ignore_ascii_case(&b) } else { a == b || a.to_lowercase().eq(b.to_lowercase()) }
}

/// `[+-]\d\d:?[0-5]\d(:?[0-5]\d(\.\d{1,6})?)?|Z`
fn offset(rest: &[u8], lengths: &mut Lengths) {
    let digit = |at: usize, high: u8| rest.get(at).is_some_and(|byte| (b'0'..=high).contains(byte));
    let colon = |at: usize| usize::from(rest.get(at) == Some(&b':'));
    match rest.first() {
        Some(b'Z') => return lengths.offer(1, true),
        Some(b'+' | b'-') if digit(1, b'9') && digit(2, b'9') => {}
        _ => return,
    }
    let minutes = 3 + colon(3);
    if !(digit(minutes, b'5') && digit(minutes + 1, b'9')) {
        return;
    }
    let seconds = minutes + 2 + colon(minutes + 2);
    if digit(seconds, b'5') && digit(seconds + 1, b'9') {
        if rest.get(seconds + 2) == Some(&b'.') {
            let digits = (0..6).take_while(|at| digit(seconds + 3 + at, b'9')).count();
            (1..=digits).rev().for_each(|count| lengths.offer(seconds + 3 + count, true));
        }
        lengths.offer(seconds + 2, true);
    }
    lengths.offer(minutes + 2, true);
}

/// Python's `repr` of a string, as far as the messages need it.
fn repr(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut out = String::from(quote);
    for c in text.chars() {
        match c {
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\\' => out.push_str("\\\\"),
            c if c == quote => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\x{:02x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push(quote);
    out
}
