//! Writes headers: encodes text as needed, folds lines to the policy's length, and checks every
//! byte at the end.
//!
//! RFC 5322, 2.1.1: a line has at most 998 characters and should have at most 78; RFC 2047, 2: at
//! most 76 if it contains an encoded word. A line may be folded at white space, after a comma or a
//! semicolon, and between two message ids. Text without such a place becomes encoded words, and a
//! long parameter is split (RFC 2231, 3). Only an address or an id that is longer than a line gets
//! a line of its own.

use super::params::{self, Parameters};
use super::{decode_words, decode_words_strict, encode_words, is_address};
use crate::smtplib::email::Policy;
use crate::smtplib::email::address::{Kind, Token, tokens};

/// The maximum length of a line with an encoded word.
const MOST_ENCODED: usize = 76;
/// The maximum length of any line.
const MOST: usize = 998;

/// Returns the folded header, with its line end.
pub(in crate::smtplib::email) fn fold(name: &str, value: &str, policy: &Policy) -> Vec<u8> {
    let most = if policy.max_line_length == 0 { MOST } else { policy.max_line_length.min(MOST) };
    let pieces = match Form::of(name) {
        Form::Addresses => addresses(value, policy.utf8, most),
        Form::Parameters => parameters(value, most),
        Form::Structured => structured(value, policy.utf8),
        Form::Text => text(value, policy.utf8, most, name.len() + 2),
    };
    let mut lines = Lines::new(name, policy.linesep, most);
    lines.trims =
        matches!(Form::of(name), Form::Addresses | Form::Parameters) || crate::smtplib::email::message::is_structured(name);
    for piece in &pieces {
        lines.push(piece);
    }
    lines.finish()
}

/// Writes a header after a final check, whatever its origin: a line end only where the header
/// continues with a space or a tab, and no NUL. Offending bytes are written as spaces.
pub(in crate::smtplib::email) fn seal(header: &[u8], linesep: &str, out: &mut Vec<u8>) {
    let mut at = 0;
    while let Some(byte) = header.get(at) {
        let end = !linesep.is_empty() && header[at..].starts_with(linesep.as_bytes()) && {
            let after = &header[at + linesep.len()..];
            after.is_empty() || matches!(after[0], b' ' | b'\t')
        };
        match byte {
            _ if end => {
                out.extend_from_slice(linesep.as_bytes());
                at += linesep.len();
                continue;
            }
            b'\r' | b'\n' | 0 => out.push(b' '),
            byte => out.push(*byte),
        }
        at += 1;
    }
}

/// The kind of a header value.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Addresses,
    Parameters,
    /// Tokens that encoding would invalidate.
    Structured,
    Text,
}

impl Form {
    fn of(name: &str) -> Form {
        const STRUCTURED: &[&str] = &[
            "authentication-results",
            "autocrypt",
            "content-id",
            "content-location",
            "content-transfer-encoding",
            "date",
            "dkim-signature",
            "domainkey-signature",
            "in-reply-to",
            "message-id",
            "mime-version",
            "orig-date",
            "received",
            "received-spf",
            "references",
            "resent-date",
            "resent-message-id",
            "return-path",
        ];
        let name = name.to_ascii_lowercase();
        if is_address(&name) {
            Form::Addresses
        } else if matches!(name.as_str(), "content-type" | "content-disposition") {
            Form::Parameters
        } else if STRUCTURED.contains(&name.as_str()) || name.starts_with("list-") || name.starts_with("arc-") {
            Form::Structured
        } else {
            Form::Text
        }
    }
}

/// An unbreakable piece of a header, and the white space before it.
struct Piece {
    space: String,
    text: String,
    /// The text is to be written as encoded words.
    encode: bool,
    /// A line may end before it even without white space.
    soft: bool,
    /// Prefer a new line to splitting it into several encoded words: some readers show a space
    /// between the parts of a name.
    whole: bool,
}

impl Piece {
    fn plain(space: impl Into<String>, text: impl Into<String>) -> Piece {
        Piece { space: space.into(), text: text.into(), encode: false, soft: false, whole: false }
    }

    fn encoded(space: impl Into<String>, text: impl Into<String>) -> Piece {
        Piece { encode: true, ..Piece::plain(space, text) }
    }
}

/// The lines of a header while they are written.
struct Lines<'a> {
    out: String,
    linesep: &'a str,
    most: usize,
    /// The length of the current line, and whether it contains an encoded word.
    width: usize,
    encoded: bool,
    /// Whether the line contains text of the value.
    begun: bool,
    /// Whether leading white space of the value is insignificant, so that it may begin on the
    /// second line.
    trims: bool,
}

impl<'a> Lines<'a> {
    fn new(name: &str, linesep: &'a str, most: usize) -> Lines<'a> {
        let out = format!("{name}: ");
        Lines { width: name.len() + 1, out, linesep, most, encoded: false, begun: false, trims: false }
    }

    fn finish(mut self) -> Vec<u8> {
        self.out.push_str(self.linesep);
        self.out.into_bytes()
    }

    fn most(&self, encoded: bool) -> usize {
        if encoded { self.most.min(MOST_ENCODED) } else { self.most }
    }

    fn push(&mut self, piece: &Piece) {
        // The space after the colon is already written.
        let space = if self.out.ends_with(": ") && !self.begun { "" } else { piece.space.as_str() };
        if piece.encode {
            return self.encode(space, piece);
        }
        let width = space.chars().count() + piece.text.chars().count();
        self.encoded |= piece.text.contains("=?");
        // Trailing white space is insignificant.
        if piece.text.is_empty() && self.width + width > self.most(self.encoded) {
            return;
        }
        let breaks = (self.begun && (!space.is_empty() || piece.soft)) || (!self.begun && self.trims);
        if breaks && !piece.text.is_empty() && self.width + width + usize::from(!self.begun) > self.most(self.encoded) {
            self.line(if space.is_empty() { " " } else { space });
        } else {
            self.out.push_str(space);
            self.width += space.chars().count() + usize::from(!self.begun);
        }
        self.add(&piece.text);
        self.encoded |= piece.text.contains("=?");
    }

    fn add(&mut self, text: &str) {
        self.out.push_str(text);
        self.width += text.chars().count();
        self.begun |= !text.is_empty();
    }

    /// Begins a line with this white space.
    fn line(&mut self, space: &str) {
        if !self.begun {
            // Only the name is written so far.
            self.out.truncate(self.out.trim_end_matches(' ').len());
        }
        self.out.push_str(self.linesep);
        self.out.push_str(space);
        self.width = space.chars().count();
        self.encoded = false;
        self.begun = true;
    }

    fn encode(&mut self, space: &str, piece: &Piece) {
        const LEAST: usize = 24;
        let most = self.most(true);
        let used = self.width + space.chars().count() + usize::from(!self.begun);
        let breaks = self.begun && (!space.is_empty() || piece.soft);
        // Leaves room for the space before a word, and for the end of a comment.
        let full = most.saturating_sub(2);
        let splits = || piece.whole && encode_words(&piece.text, most.saturating_sub(used), full).len() > 1;
        let breaks = breaks || piece.whole && self.trims;
        let fresh = breaks && (used + LEAST > most || splits());
        let first = if fresh { full } else { most.saturating_sub(used) };
        let words = encode_words(&piece.text, first.clamp(LEAST, 75), full.clamp(LEAST, 75));
        for (number, word) in words.iter().enumerate() {
            if number > 0 || fresh {
                self.line(" ");
            } else {
                self.out.push_str(space);
                self.width += space.chars().count() + usize::from(!self.begun);
            }
            self.encoded = true;
            self.add(word);
        }
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t')
}

/// Returns the words of a text, each with the white space before it; the last one may be empty.
fn words(text: &str) -> Vec<(&str, &str)> {
    let mut words = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let start = rest.find(|next| !is_blank(next)).unwrap_or(rest.len());
        let end = rest[start..].find(is_blank).map_or(rest.len(), |at| start + at);
        words.push((&rest[..start], &rest[start..end]));
        rest = &rest[end..];
    }
    words
}

fn is_control(character: char) -> bool {
    character.is_ascii_control() && character != '\t'
}

/// Splits unstructured text such as `Subject`. Words that must be encoded are joined with their
/// neighbours, because the space between two encoded words is not significant.
fn text(value: &str, utf8: bool, most: usize, taken: usize) -> Vec<Piece> {
    let plain = |word: &str| (utf8 || word.is_ascii()) && !word.contains(is_control) && word.chars().count() < most;
    let long_space = |space: &str| space.len() > most / 2;
    let as_it_is = |(space, word): &(&str, &str)| plain(word) && !long_space(space);
    let first_fits = |value: &str| words(value).first().is_none_or(|(_, word)| taken + word.chars().count() <= most);
    if words(value).iter().all(as_it_is) && first_fits(value) && !value.starts_with(is_blank) {
        return words(value).into_iter().map(|(space, word)| Piece::plain(space, word)).collect();
    }
    let decoded = decode_words_strict(value);
    let value = decoded.as_deref().unwrap_or(value);
    let mut pieces: Vec<Piece> = Vec::new();
    for (number, (space, word)) in words(value).into_iter().enumerate() {
        let encode = number == 0 && !first_fits(value)
            || !plain(word)
            || word.contains("=?")
            || long_space(space)
            || number == 0 && !space.is_empty();
        match pieces.last_mut() {
            Some(last) if encode && last.encode => {
                last.text.push_str(space);
                last.text.push_str(word);
            }
            _ if encode => {
                // One space separates it from the text before; further spaces are text.
                let at = usize::from(number > 0).min(space.len());
                pieces.push(Piece::encoded(&space[..at], format!("{}{word}", &space[at..])));
            }
            // Trailing white space would be lost after the last word.
            Some(last) if word.is_empty() && last.encode => last.text.push_str(space),
            _ => pieces.push(Piece::plain(space, word)),
        }
    }
    pieces
}

/// Splits values whose tokens must not change: ids, dates, lists of links.
fn structured(value: &str, utf8: bool) -> Vec<Piece> {
    let plain = |word: &str| (utf8 || word.is_ascii()) && !word.contains(is_control);
    if !plain(value) {
        return text(value, utf8, MOST, 0);
    }
    let mut pieces = Vec::new();
    for (space, word) in words(value) {
        let mut start = 0;
        for (at, _) in word.match_indices("><") {
            push_hard(&mut pieces, if start == 0 { one(space) } else { "" }, &word[start..=at]);
            start = at + 1;
        }
        push_hard(&mut pieces, if start == 0 { one(space) } else { "" }, &word[start..]);
    }
    pieces
}

/// White space between tokens becomes one space.
fn one(space: &str) -> &str {
    if space.len() > MOST / 2 { " " } else { space }
}

/// Adds a token, which is split only if it exceeds the maximum line length.
fn push_hard(pieces: &mut Vec<Piece>, space: &str, token: &str) {
    let soft = !pieces.is_empty() && space.is_empty();
    match token.len() > MOST - 2 {
        true => pieces.push(Piece { soft, ..Piece::encoded(space, token) }),
        false => pieces.push(Piece { soft, ..Piece::plain(space, token) }),
    }
}

/// Encodes names, never addresses. Does not parse addresses: the tokens keep their places.
fn addresses(value: &str, utf8: bool, most: usize) -> Vec<Piece> {
    let tokens = tokens(value);
    let mut pieces: Vec<Piece> = Vec::new();
    let mut space = String::new();
    let mut soft = false;
    let mut at = 0;
    while let Some(token) = tokens.get(at) {
        if token.kind == Kind::Space {
            space.push_str(one(token.text));
            at += 1;
            continue;
        }
        let length =
            tokens[at..].iter().take_while(|token| matches!(token.kind, Kind::Space | Kind::Word | Kind::Quoted)).count();
        let mut run = &tokens[at..at + length];
        while let [before @ .., Token { kind: Kind::Space, .. }] = run {
            run = before;
        }
        let names = tokens[at + length..].iter().find(|token| !matches!(token.kind, Kind::Space | Kind::Comment));
        let is_name = !run.is_empty() && names.is_some_and(|next| next.kind == Kind::Angle || next.text == ":");
        let bad = |text: &str| !(utf8 || text.is_ascii()) || text.contains(is_control);
        let long = |token: &Token<'_>| {
            token.kind != Kind::Space && token.text.split(is_blank).any(|word| word.chars().count() + 2 > most)
        };
        // Words without a space between them cannot be folded.
        let joined = run.split(|token| token.kind == Kind::Space).filter(|words| words.len() > 1);
        let joined = joined.map(|words| words.iter().map(|word| word.text.len()).sum::<usize>()).max().unwrap_or(0);
        if is_name && (run.iter().any(|token| bad(token.text) || long(token)) || joined > most / 3) {
            let name: String = run
                .iter()
                .map(|token| match token.kind {
                    Kind::Quoted => token.inner(),
                    _ => token.text.to_owned(),
                })
                .collect();
            pieces.push(Piece { soft, whole: true, ..Piece::encoded(std::mem::take(&mut space), decode_words(&name)) });
            at += run.len();
        } else if token.kind == Kind::Comment && (bad(token.text) || long(token)) {
            pieces.push(Piece { soft, ..Piece::plain(std::mem::take(&mut space), "(") });
            pieces.push(Piece { soft: true, ..Piece::encoded("", decode_words(&token.inner())) });
            pieces.push(Piece::plain("", ")"));
            at += 1;
        } else {
            // The whole run, so that each token is visited once.
            let taken = &tokens[at..at + run.len().max(1)];
            let mut breaks = soft;
            for token in taken {
                if token.kind == Kind::Space {
                    space.push_str(one(token.text));
                    continue;
                }
                for (number, (blank, word)) in words(token.text).into_iter().enumerate() {
                    let before = if number == 0 { std::mem::take(&mut space) } else { one(blank).to_owned() };
                    // Text outside names, comments and quoted strings must not contain control
                    // characters.
                    let word: String = word.chars().map(|next| if is_control(next) { ' ' } else { next }).collect();
                    let soft = std::mem::take(&mut breaks);
                    match pieces.last_mut() {
                        // Without white space between them they are one piece.
                        Some(last) if before.is_empty() && !soft && !last.encode => last.text.push_str(&word),
                        _ => pieces.push(Piece { soft, ..Piece::plain(before, word) }),
                    }
                }
            }
            at += taken.len();
        }
        soft = matches!(token.text, "," | ";") && token.kind == Kind::Special;
    }
    // Trailing white space is insignificant.
    pieces
}

/// Splits `text/plain; name="value"`. A parameter that is not ASCII, or is longer than a line, is
/// written as in RFC 2231.
fn parameters(value: &str, most: usize) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let written = params::split(value);
    let last = written.len() - 1;
    for (number, piece) in written.into_iter().enumerate() {
        let end = if number < last { ";" } else { "" };
        let trimmed = piece.trim_matches(|next: char| next.is_whitespace());
        let bad = !trimmed.is_ascii() || trimmed.contains(is_control);
        let long = trimmed.split(is_blank).any(|word| word.chars().count() + 2 > most);
        let rewritten = if number > 0 && (bad || long) { rewritten(trimmed, most) } else { None };
        match rewritten {
            Some(parts) => {
                let count = parts.len();
                for (at, part) in parts.into_iter().enumerate() {
                    pieces.push(Piece::plain(" ", format!("{part}{}", if at + 1 < count { ";" } else { end })));
                }
            }
            None if bad => {
                let ascii: String = trimmed.chars().map(|next| if is_control(next) { ' ' } else { next }).collect();
                pieces.push(if ascii.is_ascii() { Piece::plain(" ", ascii) } else { Piece::encoded(" ", ascii) });
                pieces.extend((!end.is_empty()).then(|| Piece::plain("", end)));
            }
            None => {
                let own = piece.len() - piece.trim_start().len();
                let soft = number > 0;
                for (at, (space, word)) in words(&format!("{trimmed}{end}")).into_iter().enumerate() {
                    let space = if at == 0 { one(&piece[..own]) } else { one(space) };
                    pieces.push(Piece { soft: soft && at == 0, ..Piece::plain(space, word) });
                }
            }
        }
    }
    pieces
}

/// Returns a parameter as `name*=utf-8''...`, in sections of one line each. `None` for text that is
/// not a parameter, or already has sections.
fn rewritten(piece: &str, most: usize) -> Option<Vec<String>> {
    let (name, _) = piece.split_once('=')?;
    let name = name.trim();
    let bare = name.strip_suffix('*').unwrap_or(name);
    if bare.is_empty() || bare.contains('*') || !bare.bytes().all(|byte| byte.is_ascii_graphic()) {
        return None;
    }
    let parsed = Parameters::parse(&format!("x; {piece}"));
    let (_, value) = parsed.list.into_iter().next()?;
    let encoded = params::encode_rfc2231(&value, "utf-8", "");
    // Leaves room for the name, `*00*=` and `;`.
    let room = most.saturating_sub(bare.len() + 9).max(12);
    if encoded.len() + bare.len() + 4 <= most {
        return Some(vec![format!("{bare}*={encoded}")]);
    }
    let mut sections = Vec::new();
    let mut section = "utf-8''".to_owned();
    // Do not split a character: some readers decode each section separately.
    for character in value.chars() {
        let next = params::encode_rfc2231(character.encode_utf8(&mut [0; 4]), "", "");
        if section.len() + next.len() > room {
            sections.push(format!("{bare}*{}*={section}", sections.len()));
            section.clear();
        }
        section.push_str(&next);
    }
    sections.push(format!("{bare}*{}*={section}", sections.len()));
    Some(sections)
}
