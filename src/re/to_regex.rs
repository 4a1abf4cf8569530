//! [`Pattern::to_regex`]: a pattern in the syntax of the `regex` crate.

use super::error::{Error, Result};
use super::ir::{self, Assert, Ir};
use super::parse::ast::{Kind, MANY};
use super::pattern::Pattern;
use std::fmt::Write as _;

/// The size of a compiled regex beyond which there is [`Error::TooLarge`]. The default of the regex crate; a class such as `\w` takes 40 KB of it.
const SIZE_LIMIT: usize = 10 << 20;

impl Pattern {
    /// The same pattern as a [`regex::Regex`], whose matches and groups are the same in every text.
    ///
    /// Flags, classes and letter case are written out: Python's `\w`, `\d` and `\s` are not those of Rust, so a class becomes its ranges.
    /// Group numbers and names stay.
    ///
    /// DIFFERENCE: Iteration differs where matches are empty. Python finds an empty match right behind another match, and
    /// [`regex::Regex::find_iter`] does not.
    ///
    /// # Errors
    /// [`Error::NoRegex`] names the first construct that the regex crate cannot express: look-arounds, back-references, conditions,
    /// atomic groups and possessive quantifiers, which are not [linear](Pattern::is_linear). Of linear patterns: `$` without `re.M`, which
    /// also matches before a final newline (write `\Z`); `\b` and `\B` of Unicode (use `re.A`); `\B` in ASCII; and a repetition
    /// whose body can be empty, which Python leaves by another rule. [`Error::TooLarge`] beyond the limits of the regex crate.
    ///
    /// ```
    /// use leyden::re;
    /// let python = re::compile(r"(?P<key>\w+)\s*=\s*(\d{1,3})\Z")?;
    /// let rust: regex::Regex = python.to_regex()?;
    /// let found = rust.captures("größe = 42").unwrap();
    /// assert_eq!((&found["key"], &found[2]), ("größe", "42"));
    ///
    /// let error = re::compile(r"(?<=a)b")?.to_regex().unwrap_err();
    /// assert_eq!(error.to_string(), "the regex crate has no equivalent of a look-behind");
    /// # Ok::<(), leyden::re::Error>(())
    /// ```
    pub fn to_regex(&self) -> Result<regex::Regex> {
        let source = self.rust_source(Exact::Yes)?;
        regex::RegexBuilder::new(&source).size_limit(SIZE_LIMIT).build().map_err(rejected)
    }

    /// The nearest [`regex::Regex`], for texts in which the difference does not matter.
    ///
    /// As [`to_regex`](Pattern::to_regex), but `$` becomes Rust's `$` (the end of the text), `\b` and `\B` Rust's own, and loops over
    /// what can be empty stay as they are. On ASCII texts without a final newline, matches start and end where Python's do unless the pattern has such a loop.
    ///
    /// # Errors
    /// [`Error::NoRegex`] for patterns that are not linear; [`Error::TooLarge`].
    ///
    /// ```
    /// use leyden::re;
    /// let python = re::compile(r"^\bERROR\b.*$")?;
    /// assert!(python.to_regex().is_err());
    /// assert!(python.to_regex_lossy()?.is_match("ERROR: disk full"));
    /// # Ok::<(), leyden::re::Error>(())
    /// ```
    pub fn to_regex_lossy(&self) -> Result<regex::Regex> {
        let source = self.rust_source(Exact::No)?;
        regex::RegexBuilder::new(&source).size_limit(SIZE_LIMIT).build().map_err(rejected)
    }
}

impl Pattern<[u8]> {
    /// The same pattern as a [`regex::bytes::Regex`]. As [`Pattern::<str>::to_regex`](Pattern#method.to_regex).
    ///
    /// # Errors
    /// [`Error::NoRegex`], [`Error::TooLarge`].
    pub fn to_regex(&self) -> Result<regex::bytes::Regex> {
        let source = self.rust_source(Exact::Yes)?;
        regex::bytes::RegexBuilder::new(&source).size_limit(SIZE_LIMIT).build().map_err(rejected)
    }

    /// The nearest [`regex::bytes::Regex`]. As [`Pattern::<str>::to_regex_lossy`](Pattern#method.to_regex_lossy).
    ///
    /// # Errors
    /// [`Error::NoRegex`], [`Error::TooLarge`].
    pub fn to_regex_lossy(&self) -> Result<regex::bytes::Regex> {
        let source = self.rust_source(Exact::No)?;
        regex::bytes::RegexBuilder::new(&source).size_limit(SIZE_LIMIT).build().map_err(rejected)
    }
}

fn rejected(error: regex::Error) -> Error {
    match error {
        regex::Error::CompiledTooBig(limit) => Error::TooLarge { what: "a compiled regex", limit },
        // What is written below has the syntax of the crate; what is left are its limits of nesting.
        _ => Error::NoRegex { construct: "groups nested this deep" },
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Exact {
    Yes,
    No,
}

impl<T: super::text::Text + ?Sized> Pattern<T> {
    fn rust_source(&self, exact: Exact) -> Result<String> {
        let mut names = vec![None; self.groups() + 1];
        for (name, group) in self.groupindex() {
            if let Some(slot) = names.get_mut(group) {
                *slot = Some(name);
            }
        }
        let mut writer = Writer { out: String::new(), names, utf8: T::UTF8, exact };
        if !T::UTF8 {
            writer.out.push_str("(?-u)");
        }
        writer.sequence(self.body())?;
        Ok(writer.out)
    }
}

struct Writer<'p> {
    out: String,
    names: Vec<Option<&'p str>>,
    utf8: bool,
    exact: Exact,
}

impl Writer<'_> {
    fn sequence(&mut self, body: &[Ir]) -> Result<()> {
        body.iter().try_for_each(|ir| self.node(ir))
    }

    fn node(&mut self, ir: &Ir) -> Result<()> {
        let missing = |construct| Err(Error::NoRegex { construct });
        match ir {
            Ir::Char(c) => self.literal(*c),
            Ir::Set(set) => self.class(&set.0),
            Ir::Assert(assert) => return self.assert(*assert),
            Ir::Group(index, body) => {
                match self.names.get(*index as usize).copied().flatten() {
                    // Rust's names are Python's identifiers and more: they begin with a letter or an underscore.
                    Some(name) => write!(self.out, "(?P<{name}>").unwrap_or_default(),
                    None => self.out.push('('),
                }
                self.sequence(body)?;
                self.out.push(')');
            }
            Ir::Branch(bodies) => {
                self.out.push_str("(?:");
                for (number, body) in bodies.iter().enumerate() {
                    if number > 0 {
                        self.out.push('|');
                    }
                    self.sequence(body)?;
                }
                self.out.push(')');
            }
            Ir::Repeat { kind: Kind::Possessive, .. } => return missing("a possessive quantifier"),
            Ir::Repeat { min, max, kind, body } => {
                if self.exact == Exact::Yes && *max > 1 && min != max && ir::nullable(body) {
                    return missing("a repetition whose body can be empty, which Python leaves by another rule");
                }
                self.out.push_str("(?:");
                if *max == 0 {
                    // The regex crate forgets the groups of what is repeated zero times, and with them their numbers.
                    self.class(&[]);
                    self.sequence(body)?;
                    self.out.push_str(")?");
                    return Ok(());
                }
                self.sequence(body)?;
                self.out.push(')');
                match (*min, *max) {
                    (0, MANY) => self.out.push('*'),
                    (1, MANY) => self.out.push('+'),
                    (0, 1) => self.out.push('?'),
                    (min, MANY) => write!(self.out, "{{{min},}}").unwrap_or_default(),
                    (min, max) => write!(self.out, "{{{min},{max}}}").unwrap_or_default(),
                }
                if *kind == Kind::Lazy {
                    self.out.push('?');
                }
            }
            Ir::BackRef(..) => return missing("a back-reference"),
            Ir::Cond { .. } => return missing("a conditional group"),
            Ir::Look { back: None, negative: false, .. } => return missing("a look-ahead"),
            Ir::Look { back: None, .. } => return missing("a negative look-ahead"),
            Ir::Look { negative: false, .. } => return missing("a look-behind"),
            Ir::Look { .. } => return missing("a negative look-behind"),
            Ir::Atomic(_) => return missing("an atomic group"),
        }
        Ok(())
    }

    fn assert(&mut self, assert: Assert) -> Result<()> {
        let lossy = self.exact == Exact::No;
        let missing = |construct| Err(Error::NoRegex { construct });
        self.out.push_str(match assert {
            Assert::Start => r"\A",
            Assert::StartLine => "(?m:^)",
            Assert::EndLine => "(?m:$)",
            Assert::End => r"\z",
            Assert::Dollar if lossy => r"\z",
            Assert::Dollar => return missing(r"$ without re.M, which also matches before a final newline: write \Z"),
            Assert::Word { ascii: true, negative: false } => r"(?-u:\b)",
            Assert::Word { ascii: false, negative: false } if lossy => r"\b",
            Assert::Word { ascii: false, negative: true } if lossy => r"\B",
            // The regex of a str does not take (?-u:\B), which can match inside of a character.
            Assert::Word { ascii: true, negative: true } if lossy => {
                if self.utf8 {
                    r"\B"
                } else {
                    r"(?-u:\B)"
                }
            }
            Assert::Word { negative: true, .. } => return missing(r"\B, which Python does not find in an empty text"),
            Assert::Word { .. } => return missing(r"\b with Python's Unicode words: use re.A"),
        });
        Ok(())
    }

    fn literal(&mut self, c: u32) {
        match char::from_u32(c) {
            Some(c) if c.is_ascii_alphanumeric() || c == '_' || c == ' ' => self.out.push(c),
            Some(c) if self.utf8 && c.is_alphanumeric() => self.out.push(c),
            // Not each punctuation mark: `\<` is the start of a word.
            Some(c) if regex_syntax::is_meta_character(c) => self.out.extend(['\\', c]),
            Some(c) if c.is_ascii_punctuation() => self.out.push(c),
            _ => self.escape(c),
        }
    }

    /// Ranges; none of them is a class that matches nothing.
    fn class(&mut self, ranges: &[(u32, u32)]) {
        let all = if self.utf8 { 0x10ffff } else { 0xff };
        if ranges.is_empty() {
            self.out.push_str(if self.utf8 { r"[^\x{0}-\x{10FFFF}]" } else { r"[^\x00-\xFF]" });
            return;
        }
        // All but a few: what `.` and negated classes are.
        let negated = ranges.first().is_some_and(|first| first.0 == 0) && ranges.last().is_some_and(|last| last.1 == all);
        let shown: Vec<(u32, u32)> = match negated {
            true => ranges.windows(2).map(|pair| (pair[0].1 + 1, pair[1].0 - 1)).filter(|gap| *gap != (0xd800, 0xdfff)).collect(),
            false => ranges.to_vec(),
        };
        if negated && shown.is_empty() {
            self.out.push_str("(?s:.)");
            return;
        }
        self.out.push_str(if negated { "[^" } else { "[" });
        for (first, last) in shown {
            // A gap may hold the surrogates, which no range of characters can begin or end with.
            let first = if self.utf8 && (0xd800..=0xdfff).contains(&first) { 0xe000 } else { first };
            let last = if self.utf8 && (0xd800..=0xdfff).contains(&last) { 0xd7ff } else { last };
            self.member(first);
            if last > first {
                self.out.push('-');
                self.member(last);
            }
        }
        self.out.push(']');
    }

    fn member(&mut self, c: u32) {
        match char::from_u32(c) {
            Some(c) if c.is_ascii_alphanumeric() => self.out.push(c),
            _ => self.escape(c),
        }
    }

    fn escape(&mut self, c: u32) {
        if self.utf8 { write!(self.out, "\\x{{{c:X}}}") } else { write!(self.out, "\\x{c:02X}") }.unwrap_or_default();
    }
}
