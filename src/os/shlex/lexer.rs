//! The lexer: Python's `shlex.shlex`, with the same states.

use super::Error;
use std::collections::VecDeque;
use std::str::Chars;

const WORD: &str = "abcdfeghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
const LATIN: &str = "ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ";

/// Python's `shlex.shlex`: an iterator over tokens, for small languages.
///
/// ```
/// use leyden::os::shlex::Shlex;
/// let tokens: Vec<String> = Shlex::new("a && b>c").posix(true).punctuation_chars("();<>|&").collect::<Result<_, _>>()?;
/// assert_eq!(tokens, ["a", "&&", "b", ">", "c"]);
/// # Ok::<(), leyden::os::Error>(())
/// ```
///
/// After an error or the end, the iterator returns `None`.
#[derive(Debug, Clone)]
#[doc(alias = "shlex.shlex")]
pub struct Shlex<'a> {
    input: Chars<'a>,
    posix: bool,
    whitespace_split: bool,
    whitespace: String,
    commenters: String,
    quotes: String,
    escape: String,
    escapedquotes: String,
    wordchars: String,
    /// Whether the caller set the word characters.
    own_wordchars: bool,
    punctuation: String,
    state: State,
    token: String,
    tokens_ahead: VecDeque<String>,
    chars_ahead: Vec<char>,
    lineno: usize,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum State {
    Blank,
    Word,
    Punctuation,
    Quoted(char),
    /// After an escape character; then back to the other state.
    Escaped(char, Option<char>),
    End,
}

impl<'a> Shlex<'a> {
    /// Creates a non-POSIX lexer of `text`, as in Python.
    pub fn new(text: &'a str) -> Shlex<'a> {
        Shlex {
            input: text.chars(),
            posix: false,
            whitespace_split: false,
            whitespace: " \t\r\n".into(),
            commenters: "#".into(),
            quotes: "'\"".into(),
            escape: "\\".into(),
            escapedquotes: "\"".into(),
            wordchars: WORD.into(),
            own_wordchars: false,
            punctuation: String::new(),
            state: State::Blank,
            token: String::new(),
            tokens_ahead: VecDeque::new(),
            chars_ahead: Vec::new(),
            lineno: 1,
        }
    }

    /// Sets whether quotes are removed and escapes are processed; also makes accented Latin letters
    /// word characters. Default: false.
    #[must_use]
    pub fn posix(mut self, posix: bool) -> Shlex<'a> {
        self.posix = posix;
        self.words_again()
    }

    /// Sets characters whose runs are separate tokens (Python's `True` is `"();<>|&"`). Makes
    /// `~-./*?=` word characters. Default: none.
    #[must_use]
    pub fn punctuation_chars(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.punctuation = chars.into();
        self.words_again()
    }

    /// Recomputes the word characters unless the caller set them, so that the order of options does
    /// not matter.
    fn words_again(mut self) -> Shlex<'a> {
        if !self.own_wordchars {
            self.wordchars = WORD.into();
            if self.posix {
                self.wordchars.push_str(LATIN);
            }
            if !self.punctuation.is_empty() {
                self.wordchars.push_str("~-./*?=");
                self.wordchars.retain(|c| !self.punctuation.contains(c));
            }
        }
        self
    }

    /// Sets whether words end only at whitespace (and at `punctuation_chars`). Default: false.
    #[must_use]
    pub fn whitespace_split(mut self, split: bool) -> Shlex<'a> {
        self.whitespace_split = split;
        self
    }

    /// Sets the characters that separate tokens. Default: space, tab, carriage return, newline.
    #[must_use]
    pub fn whitespace(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.whitespace = chars.into();
        self
    }

    /// Sets the characters that begin a comment, which extends to the end of the line. Default:
    /// `#`.
    #[must_use]
    pub fn commenters(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.commenters = chars.into();
        self
    }

    /// Sets the quote characters. Default: `'` and `"`.
    #[must_use]
    pub fn quotes(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.quotes = chars.into();
        self
    }

    /// Sets the escape characters, used if `posix`. Default: backslash.
    #[must_use]
    pub fn escape(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.escape = chars.into();
        self
    }

    /// Sets the quotes within which `escape` works, if `posix`. Default: `"`.
    #[must_use]
    pub fn escapedquotes(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.escapedquotes = chars.into();
        self
    }

    /// Sets the word characters; other options then do not change them. Default: ASCII letters,
    /// digits, `_`, and those added by [`posix`](Shlex::posix) and
    /// [`punctuation_chars`](Shlex::punctuation_chars).
    #[must_use]
    pub fn wordchars(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.wordchars = chars.into();
        self.own_wordchars = true;
        self
    }

    /// Returns the current line number, from 1.
    pub fn lineno(&self) -> usize {
        self.lineno
    }

    /// Pushes a token back, to be returned next.
    pub fn push_token(&mut self, token: impl Into<String>) {
        self.tokens_ahead.push_front(token.into());
    }

    /// Returns the next token, or `None` at the end.
    ///
    /// # Errors
    /// [`Error::Value`] if a quotation is not closed or nothing follows an escape character.
    pub fn get_token(&mut self) -> Result<Option<String>, Error> {
        match self.tokens_ahead.pop_front() {
            Some(token) => Ok(Some(token)),
            None => self.read_token(),
        }
    }

    fn next_char(&mut self) -> Option<char> {
        let next = self.chars_ahead.pop().or_else(|| self.input.next());
        self.lineno += usize::from(next == Some('\n'));
        next
    }

    fn skip_line(&mut self) {
        let _ = self.input.by_ref().find(|c| *c == '\n');
        self.lineno += 1;
    }

    fn starts_escape(&self, c: char) -> bool {
        self.posix && self.escape.contains(c)
    }

    fn fail(&mut self, problem: &str) -> Error {
        self.state = State::End;
        self.token.clear();
        Error::Value(problem.into())
    }

    fn read_token(&mut self) -> Result<Option<String>, Error> {
        let mut quoted = false;
        loop {
            let next = self.next_char();
            match (self.state, next) {
                (State::End, _) => {
                    self.token.clear();
                    break;
                }
                (State::Quoted(_), None) => return Err(self.fail("No closing quotation")),
                (State::Escaped(..), None) => return Err(self.fail("No escaped character")),
                (_, None) => {
                    self.state = State::End;
                    break;
                }
                (State::Blank, Some(c)) => {
                    if self.begin(c) && (!self.token.is_empty() || self.posix && quoted) {
                        break;
                    }
                }
                (State::Quoted(quote), Some(c)) => {
                    quoted = true;
                    if c == quote && self.posix {
                        self.state = State::Word;
                    } else if c == quote {
                        self.token.push(c);
                        self.state = State::Blank;
                        break;
                    } else if self.starts_escape(c) && self.escapedquotes.contains(quote) {
                        self.state = State::Escaped(c, Some(quote));
                    } else {
                        self.token.push(c);
                    }
                }
                (State::Escaped(escape, within), Some(c)) => {
                    // Within quotes, only the quote and the escape character can be escaped.
                    if within.is_some_and(|quote| c != escape && c != quote) {
                        self.token.push(escape);
                    }
                    self.token.push(c);
                    self.state = within.map_or(State::Word, State::Quoted);
                }
                (State::Word | State::Punctuation, Some(c)) => {
                    if self.go_on(c) && (!self.token.is_empty() || self.posix && quoted) {
                        break;
                    }
                }
            }
        }
        let token = std::mem::take(&mut self.token);
        Ok(if token.is_empty() && !(self.posix && quoted) { None } else { Some(token) })
    }

    /// Handles a character between tokens. Returns true if a token may end here.
    fn begin(&mut self, c: char) -> bool {
        if self.whitespace.contains(c) {
            return true;
        } else if self.commenters.contains(c) {
            self.skip_line();
        } else if self.starts_escape(c) {
            self.state = State::Escaped(c, None);
        } else if self.wordchars.contains(c) {
            self.token = c.into();
            self.state = State::Word;
        } else if self.punctuation.contains(c) {
            self.token = c.into();
            self.state = State::Punctuation;
        } else if self.quotes.contains(c) {
            if !self.posix {
                self.token = c.into();
            }
            self.state = State::Quoted(c);
        } else {
            self.token = c.into();
            if self.whitespace_split {
                self.state = State::Word;
            }
            return !self.whitespace_split;
        }
        false
    }

    /// Handles a character after a word or a run of punctuation. Returns true if a token may end
    /// here.
    fn go_on(&mut self, c: char) -> bool {
        if self.whitespace.contains(c) {
            self.state = State::Blank;
            return true;
        } else if self.commenters.contains(c) {
            self.skip_line();
            if self.posix {
                self.state = State::Blank;
            }
            return self.posix;
        } else if self.state == State::Punctuation {
            if self.punctuation.contains(c) {
                self.token.push(c);
                return false;
            }
            self.chars_ahead.push(c);
            self.state = State::Blank;
            return true;
        } else if self.posix && self.quotes.contains(c) {
            self.state = State::Quoted(c);
        } else if self.starts_escape(c) {
            self.state = State::Escaped(c, None);
        } else if self.whitespace_split && !self.punctuation.contains(c) || self.quotes.contains(c) || self.wordchars.contains(c)
        {
            self.token.push(c);
        } else {
            if self.punctuation.is_empty() {
                self.tokens_ahead.push_front(c.into());
            } else {
                self.chars_ahead.push(c);
            }
            self.state = State::Blank;
            return true;
        }
        false
    }
}

impl Iterator for Shlex<'_> {
    type Item = Result<String, Error>;

    fn next(&mut self) -> Option<Result<String, Error>> {
        self.get_token().transpose()
    }
}
