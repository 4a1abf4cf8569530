//! The lexer: Python's `shlex.shlex`, state for state.

use super::Error;
use std::collections::VecDeque;
use std::str::Chars;

const WORD: &str = "abcdfeghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
const LATIN: &str = "ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ";

/// Python's `shlex.shlex`: an iterator of tokens, for small languages of one's own.
///
/// ```
/// use leyden::os::shlex::Shlex;
/// let tokens: Vec<String> = Shlex::new("a && b>c").posix(true).punctuation_chars("();<>|&").collect::<Result<_, _>>()?;
/// assert_eq!(tokens, ["a", "&&", "b", ">", "c"]);
/// # Ok::<(), leyden::os::Error>(())
/// ```
///
/// After an error or the end, the iterator gives nothing more.
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
    /// The caller has chosen them.
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
    /// After an escape character; then on with the other state.
    Escaped(char, Option<char>),
    End,
}

impl<'a> Shlex<'a> {
    /// A lexer of `text` that is not POSIX-like, as in Python.
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

    /// Whether quotes are taken off and escapes are read; also makes accented Latin letters word characters. Default: no.
    #[must_use]
    pub fn posix(mut self, posix: bool) -> Shlex<'a> {
        self.posix = posix;
        self.words_again()
    }

    /// Characters of which runs are tokens of their own (Python's `True` stands for `"();<>|&"`). Makes `~-./*?=` word characters.
    /// Default: none.
    #[must_use]
    pub fn punctuation_chars(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.punctuation = chars.into();
        self.words_again()
    }

    /// The word characters, unless the caller has chosen them: the order of the options makes no difference.
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

    /// Whether words end at whitespace only (and at `punctuation_chars`). Default: no.
    #[must_use]
    pub fn whitespace_split(mut self, split: bool) -> Shlex<'a> {
        self.whitespace_split = split;
        self
    }

    /// Characters that separate tokens. Default: space, tab, carriage return, newline.
    #[must_use]
    pub fn whitespace(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.whitespace = chars.into();
        self
    }

    /// Characters that begin a comment, which goes on to the end of the line. Default: `#`.
    #[must_use]
    pub fn commenters(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.commenters = chars.into();
        self
    }

    /// Characters that begin and end a quotation. Default: `'` and `"`.
    #[must_use]
    pub fn quotes(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.quotes = chars.into();
        self
    }

    /// Characters that escape the next one, if `posix`. Default: backslash.
    #[must_use]
    pub fn escape(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.escape = chars.into();
        self
    }

    /// The quotes within which `escape` works, if `posix`. Default: `"`.
    #[must_use]
    pub fn escapedquotes(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.escapedquotes = chars.into();
        self
    }

    /// Characters that words are made of; what other options add or take away is not looked at then. Default: ASCII letters, digits, `_`, and what [`posix`](Shlex::posix) and
    /// [`punctuation_chars`](Shlex::punctuation_chars) add.
    #[must_use]
    pub fn wordchars(mut self, chars: impl Into<String>) -> Shlex<'a> {
        self.wordchars = chars.into();
        self.own_wordchars = true;
        self
    }

    /// The number of the line that is being read, from 1.
    pub fn lineno(&self) -> usize {
        self.lineno
    }

    /// Puts a token back: it is the next one that the lexer gives.
    pub fn push_token(&mut self, token: impl Into<String>) {
        self.tokens_ahead.push_front(token.into());
    }

    /// The next token, or nothing at the end.
    ///
    /// # Errors
    /// [`Error::Value`] when a quotation is not closed or nothing follows an escape character.
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
                    // Within quotes only the quote and the escape character can be escaped.
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

    /// A character between tokens. True when a token may end here.
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

    /// A character after a word or a run of punctuation. True when a token may end here.
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
