//! Replacement templates.

use super::engine::{Found, Mode};
use super::error::{Error, Result};
use super::matching::Match;
use super::parse::escape::control;
use super::parse::token::{Tokens, int};
use super::pattern::Pattern;
use super::source::Window;
use super::text::Text;
use super::unicode;

/// A parsed template: alternating literal texts and groups.
#[derive(Debug)]
pub(super) struct Template {
    parts: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Literal(Vec<u8>),
    Group(usize),
}

/// Python's limit for group numbers.
const MOST_GROUPS: usize = 1_073_741_823;

fn octal(c: char) -> bool {
    ('0'..='7').contains(&c)
}

impl Template {
    pub(super) fn parse<T: Text + ?Sized>(source: &T, pattern: &Pattern<T>) -> Result<Template> {
        let mut template = Template { parts: Vec::new() };
        let bytes = source.bytes();
        if !bytes.contains(&b'\\') {
            template.parts.push(Part::Literal(bytes.to_vec()));
            return Ok(template);
        }
        let mut tokens = Tokens::new(source.decode(), T::UTF8)?;
        while let Some(this) = tokens.get()? {
            if !this.escaped {
                template.literal::<T>(this.c);
                continue;
            }
            match this.c {
                'g' => {
                    let group = named(&mut tokens, pattern)?;
                    template.parts.push(Part::Group(group));
                }
                '0' => {
                    let digits = String::from('0') + &tokens.take_while(2, octal)?;
                    let value = u32::from_str_radix(&digits, 8).unwrap_or(0) & 0xff;
                    template.literal::<T>(char::from(value as u8));
                }
                c if c.is_ascii_digit() => {
                    let mut digits = String::from(c) + &tokens.take_while(1, |c| c.is_ascii_digit())?;
                    if digits.len() == 2 && digits.chars().all(octal) {
                        digits += &tokens.take_while(1, octal)?;
                    }
                    if digits.len() < 3 {
                        let group = digits.parse().unwrap_or(usize::MAX);
                        template.parts.push(Part::Group(known(group, digits.len(), &tokens, pattern)?));
                        continue;
                    }
                    match u8::from_str_radix(&digits, 8) {
                        Ok(value) => template.literal::<T>(char::from(value)),
                        Err(_) => {
                            let message = format!("octal escape value \\{digits} outside of range 0-0o377");
                            return Err(tokens.error(message, digits.len() + 1));
                        }
                    }
                }
                c => match control(c) {
                    Some(c) => template.literal::<T>(char::from(c as u8)),
                    None if c.is_ascii_alphabetic() => return Err(tokens.error(format!("bad escape \\{c}"), 2)),
                    None => {
                        template.literal::<T>('\\');
                        template.literal::<T>(c);
                    }
                },
            }
        }
        Ok(template)
    }

    fn literal<T: Text + ?Sized>(&mut self, c: char) {
        if !matches!(self.parts.last(), Some(Part::Literal(_))) {
            self.parts.push(Part::Literal(Vec::new()));
        }
        if let Some(Part::Literal(text)) = self.parts.last_mut() {
            if T::UTF8 {
                text.extend(c.encode_utf8(&mut [0; 4]).bytes());
            } else {
                text.push(c as u8);
            }
        }
    }

    /// Returns true if only the span of the match is needed.
    fn is_plain(&self) -> bool {
        self.parts.iter().all(|part| matches!(part, Part::Literal(_) | Part::Group(0)))
    }

    pub(super) fn expand<T: Text + ?Sized>(&self, found: &Match<'_, T>, out: &mut Vec<u8>) {
        for part in &self.parts {
            match part {
                Part::Literal(text) => out.extend_from_slice(text),
                Part::Group(group) => out.extend_from_slice(found.group(*group).map_or(&[], T::bytes)),
            }
        }
    }
}

/// Parses the group of `\g<...>`.
fn named<T: Text + ?Sized>(tokens: &mut Tokens, pattern: &Pattern<T>) -> Result<usize> {
    if !tokens.eat('<')? {
        return Err(tokens.error("missing <", 0));
    }
    let name = tokens.until('>', "group name")?;
    let offset = name.len() + 1;
    if unicode::is_identifier(&name) {
        let name: String = name.iter().collect();
        let group = pattern.group_number(&name);
        return group.ok_or(Error::UnknownGroup { name });
    }
    let bad = || tokens.error(format!("bad character in group name {}", unicode::repr(&name)), offset);
    let digits = int(&name).ok_or_else(bad)?;
    let group = digits.parse().ok().filter(|&group| group < MOST_GROUPS);
    let group = group.ok_or_else(|| tokens.error(format!("invalid group reference {digits}"), offset))?;
    known(group, offset, tokens, pattern)
}

fn known<T: Text + ?Sized>(group: usize, offset: usize, tokens: &Tokens, pattern: &Pattern<T>) -> Result<usize> {
    if group > pattern.groups() {
        return Err(tokens.error(format!("invalid group reference {group}"), offset));
    }
    Ok(group)
}

/// A replacement prepared for a pattern.
#[derive(Debug)]
pub struct Prepared {
    template: Option<Template>,
    most: usize,
}

impl Prepared {
    pub(super) fn most(&self) -> usize {
        self.most
    }
}

/// A replacement: a template, a closure from the match to a text, or one of these in [`Sub`].
/// Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a replacement",
    label = "expected a template or a function",
    note = "a replacement is a template (r\"\\1\"), a closure `|found: &re::Match| -> String`, or `re::Sub::new(..).count(1)`"
)]
pub trait Replacement<T: Text + ?Sized>: sealed::Replacement<T> {}

impl<T: Text + ?Sized, R: sealed::Replacement<T>> Replacement<T> for R {}

mod sealed {
    use super::{Found, Pattern, Prepared, Result, Text, Window};

    pub trait Replacement<T: Text + ?Sized> {
        fn prepare(&self, pattern: &Pattern<T>) -> Result<Prepared>;
        #[doc(hidden)]
        #[allow(private_interfaces, reason = "the trait is sealed")]
        fn append(&mut self, prepared: &Prepared, pattern: &Pattern<T>, window: Window<'_, T>, found: Found, out: &mut Vec<u8>);
    }
}

/// A replacement and the maximum number of replacements: `Sub::new("-").count(1)`.
#[derive(Debug, Clone, Copy)]
pub struct Sub<R> {
    repl: R,
    count: usize,
}

impl<R> Sub<R> {
    /// Replaces all matches.
    pub fn new(repl: R) -> Sub<R> {
        Sub { repl, count: 0 }
    }

    /// Sets the maximum number of replacements; 0, the default, means no limit.
    #[must_use]
    pub fn count(mut self, count: usize) -> Sub<R> {
        self.count = count;
        self
    }
}

#[allow(private_interfaces, reason = "the trait is sealed")]
impl<T: Text + ?Sized, R: sealed::Replacement<T>> sealed::Replacement<T> for Sub<R> {
    fn prepare(&self, pattern: &Pattern<T>) -> Result<Prepared> {
        let most = if self.count == 0 { usize::MAX } else { self.count };
        Ok(Prepared { most, ..self.repl.prepare(pattern)? })
    }

    fn append(&mut self, prepared: &Prepared, pattern: &Pattern<T>, window: Window<'_, T>, found: Found, out: &mut Vec<u8>) {
        self.repl.append(prepared, pattern, window, found, out);
    }
}

/// Appends as a template.
fn append_template<T: Text + ?Sized>(
    prepared: &Prepared,
    pattern: &Pattern<T>,
    window: Window<'_, T>,
    found: Found,
    out: &mut Vec<u8>,
) {
    let Some(template) = &prepared.template else { return };
    match template.parts.as_slice() {
        [] => {}
        [Part::Literal(text)] => out.extend_from_slice(text),
        _ if template.is_plain() => {
            let whole = &window.text.bytes()[found.start..found.end];
            template
                .parts
                .iter()
                .for_each(|part| out.extend_from_slice(if let Part::Literal(text) = part { text } else { whole }));
        }
        _ => template.expand(&Match::new(pattern.clone(), window, Mode::Search, found), out),
    }
}

macro_rules! templates {
    ($([$($generics:tt)*] $from:ty => $text:ty, $self:ident => $template:expr;)*) => {$(
        #[allow(private_interfaces, reason = "the trait is sealed")]
        impl<$($generics)*> sealed::Replacement<$text> for $from {
            fn prepare(&$self, pattern: &Pattern<$text>) -> Result<Prepared> {
                Ok(Prepared { template: Some(Template::parse::<$text>($template, pattern)?), most: usize::MAX })
            }
            fn append(
                &mut self,
                prepared: &Prepared,
                pattern: &Pattern<$text>,
                window: Window<'_, $text>,
                found: Found,
                out: &mut Vec<u8>,
            ) {
                append_template(prepared, pattern, window, found, out);
            }
        }
    )*};
}

templates! {
    [] &str => str, self => self;
    [] &String => str, self => self;
    [] String => str, self => self;
    [] &[u8] => [u8], self => self;
    [] &Vec<u8> => [u8], self => self;
    [const N: usize] &[u8; N] => [u8], self => self.as_slice();
}

#[allow(private_interfaces, reason = "the trait is sealed")]
impl<T: Text + ?Sized, F, R> sealed::Replacement<T> for F
where
    F: FnMut(&Match<'_, T>) -> R,
    R: AsRef<T>,
{
    fn prepare(&self, _: &Pattern<T>) -> Result<Prepared> {
        Ok(Prepared { template: None, most: usize::MAX })
    }

    fn append(&mut self, _: &Prepared, pattern: &Pattern<T>, window: Window<'_, T>, found: Found, out: &mut Vec<u8>) {
        let text = self(&Match::new(pattern.clone(), window, Mode::Search, found));
        out.extend_from_slice(text.as_ref().bytes());
    }
}
