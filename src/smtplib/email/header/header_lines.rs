//! Folds like `email.header`: its `_ValueFormatter` prefers to break after `;`, then `,`, then at
//! white space.

use super::encoded_header::{encoded_word, takes_base64, word_length};
use crate::smtplib::Result;
use crate::smtplib::email::content::charset::Charset;

/// The lines of a header value while they are written.
pub(super) struct HeaderLines<'a> {
    most: usize,
    continuation_ws: &'a str,
    splitchars: &'a str,
    done: Vec<String>,
    /// The current line: pieces, each with the white space before it.
    line: Vec<(String, String)>,
    /// The width of the header's name on the first line.
    taken: usize,
}

impl<'a> HeaderLines<'a> {
    pub(in crate::smtplib::email) fn new(
        taken: usize,
        most: usize,
        continuation_ws: &'a str,
        splitchars: &'a str,
    ) -> HeaderLines<'a> {
        HeaderLines { most, continuation_ws, splitchars, done: Vec::new(), line: Vec::new(), taken }
    }

    pub(super) fn finish(mut self, linesep: &str) -> String {
        self.newline();
        self.done.join(linesep)
    }

    fn length(&self) -> usize {
        self.taken + self.line.iter().map(|(space, text)| space.chars().count() + text.chars().count()).sum::<usize>()
    }

    fn push(&mut self, space: &str, text: &str) {
        self.line.push((space.to_owned(), text.to_owned()));
    }

    fn take_line(&mut self) -> String {
        self.taken = 0;
        self.line.drain(..).map(|(space, text)| space + &text).collect()
    }

    pub(super) fn newline(&mut self) {
        if self.line.last().is_some_and(|(space, text)| space == " " && text.is_empty()) {
            self.line.pop();
        }
        let (length, first) = (self.length(), self.taken > 0);
        let line = self.take_line();
        if length == 0 {
            return;
        }
        match self.done.last_mut() {
            Some(last) if !first && line.chars().all(char::is_whitespace) => last.push_str(&line),
            _ => self.done.push(line),
        }
    }

    /// Adds the space between two charsets.
    pub(super) fn transition(&mut self) {
        self.push(" ", "");
    }

    pub(in crate::smtplib::email) fn feed(&mut self, space: &str, text: &str, charset: &Charset) -> Result<()> {
        if charset.header_encoding.is_none() {
            self.feed_ascii(space, text);
            return Ok(());
        }
        let mut words = self.words(text, charset).into_iter();
        // `None`: nothing fits on the current line.
        if let Some(Some(first)) = words.next() {
            self.push_word(space, &first);
        }
        let mut rest: Vec<String> = words.flatten().collect();
        if let Some(last) = rest.pop() {
            self.newline();
            self.push(self.continuation_ws, &last);
            self.done.extend(rest.into_iter().map(|word| format!("{}{word}", self.continuation_ws)));
        }
        Ok(())
    }

    /// Returns encoded words that fill their lines. Characters are not split.
    fn words(&self, text: &str, charset: &Charset) -> Vec<Option<String>> {
        // `Header::push` has checked that the charset can encode the text.
        let encode = |text: &str| charset.encode(text).unwrap_or_default();
        let base64 = takes_base64(&encode(text), charset);
        let chrome = charset.output_charset.len() + 7;
        let mut room = self.most.saturating_sub(self.length()).saturating_sub(chrome);
        let mut words = Vec::new();
        let mut word = String::new();
        for character in text.chars() {
            word.push(character);
            if word_length(&encode(&word), base64) <= room {
                continue;
            }
            word.pop();
            words.push(match words.is_empty() && word.is_empty() {
                true => None,
                false => Some(encoded_word(&encode(&word), charset, base64)),
            });
            word = character.to_string();
            room = self.most.saturating_sub(self.continuation_ws.chars().count()).saturating_sub(chrome);
        }
        words.push(Some(encoded_word(&encode(&word), charset, base64)));
        words
    }

    fn feed_ascii(&mut self, space: &str, text: &str) {
        let all = format!("{space}{text}");
        let mut rest = all.as_str();
        while !rest.is_empty() {
            let space = &rest[..rest.find(|character| !matches!(character, ' ' | '\t')).unwrap_or(rest.len())];
            let after = &rest[space.len()..];
            let word = &after[..after.find([' ', '\t']).unwrap_or(after.len())];
            self.push_word(space, word);
            rest = &after[word.len()..];
        }
    }

    fn push_word(&mut self, space: &str, word: &str) {
        self.push(space, word);
        if self.length() <= self.most {
            return;
        }
        if let Some(at) = self.break_at() {
            let rest = self.line.split_off(at);
            let line = self.take_line();
            self.done.push(line);
            self.line = rest;
            return;
        }
        let Some((mut space, word)) = self.line.pop() else { return };
        if self.taken > 0 {
            // The header's name stays alone on its line.
            self.newline();
            if space.is_empty() {
                space = " ".into();
            }
        }
        self.line.push((space, word));
    }

    /// Returns the last piece that may begin a line, by the best split character available.
    fn break_at(&self) -> Option<usize> {
        self.splitchars.chars().find_map(|best| {
            (1..self.line.len()).rev().find(|at| {
                let blank = best.is_whitespace() && self.line[*at].0.starts_with(best);
                blank || self.line[at - 1].1.ends_with(best)
            })
        })
    }
}
