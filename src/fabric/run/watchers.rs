//! [`StreamWatcher`]s: they read what a command writes, and answer it.

use std::fmt::Debug;

use crate::Secret;
use crate::fabric::error::{Error, Result, WatcherError};
use crate::fabric::texts::python_repr;
use crate::re;

/// `invoke.StreamWatcher`: sees everything that a stream has written so far, each time that something is added, and gives what is
/// to be written to standard input.
///
/// Standard output and standard error have a watcher each: [`StreamWatcher::fresh`] makes it, as Python's `threading.local` does.
///
/// <https://docs.pyinvoke.org/en/stable/api/watchers.html>
#[doc(alias = "invoke.StreamWatcher")]
pub trait StreamWatcher: Debug + Send + Sync {
    /// Looks at the stream so far, and gives the responses. An error ends the command.
    #[doc(alias = "invoke.StreamWatcher.submit")]
    fn submit(&mut self, stream: &str) -> Result<Vec<Secret>, WatcherError>;

    /// The same watcher at the beginning of a stream.
    fn fresh(&self) -> Box<dyn StreamWatcher>;
}

/// `invoke.Responder`: answers every match of a pattern.
///
/// ```
/// use leyden::fabric::{Responder, StreamWatcher};
///
/// let mut responder = Responder::new(r"Continue\? \[y/N\] ", "y\n")?;
/// assert_eq!(responder.submit("Continue? [y/N] ").unwrap().len(), 1);
/// assert_eq!(responder.submit("Continue? [y/N] y").unwrap().len(), 0);
/// # Ok::<(), leyden::Error>(())
/// ```
#[doc(alias = "invoke.Responder")]
#[derive(Clone, Debug)]
pub struct Responder {
    pattern: StreamPattern,
    response: Secret,
    index: usize,
}

impl Responder {
    /// A Python regular expression, compiled with `re.S`, and the response to each of its matches. A compiled pattern works, too:
    /// see [`StreamPattern`].
    pub fn new(pattern: impl Into<StreamPattern>, response: impl Into<Secret>) -> Result<Responder> {
        Ok(Responder { pattern: pattern.into().compiled()?, response: response.into(), index: 0 })
    }

    /// `Responder.pattern_matches`: how often the pattern matches in what is new.
    #[doc(alias = "invoke.Responder.pattern_matches")]
    fn matches(&mut self, stream: &str) -> Result<usize, WatcherError> {
        find(&self.pattern, stream, &mut self.index)
    }
}

impl StreamWatcher for Responder {
    #[doc(alias = "invoke.Responder.submit")]
    fn submit(&mut self, stream: &str) -> Result<Vec<Secret>, WatcherError> {
        let matches = self.matches(stream)?;
        Ok(vec![self.response.clone(); matches])
    }

    fn fresh(&self) -> Box<dyn StreamWatcher> {
        Box::new(Responder { index: 0, ..self.clone() })
    }
}

/// `invoke.FailingResponder`: answers as a [`Responder`], and ends the command when a second pattern shows that the answer was wrong.
#[doc(alias = "invoke.FailingResponder")]
#[derive(Clone, Debug)]
pub struct FailingResponder {
    responder: Responder,
    sentinel: StreamPattern,
    failure_index: usize,
    tried: bool,
}

impl FailingResponder {
    /// The pattern, the response to it, and the pattern of a refusal.
    pub fn new(
        pattern: impl Into<StreamPattern>,
        response: impl Into<Secret>,
        sentinel: impl Into<StreamPattern>,
    ) -> Result<FailingResponder> {
        Ok(FailingResponder {
            responder: Responder::new(pattern, response)?,
            sentinel: sentinel.into().compiled()?,
            failure_index: 0,
            tried: false,
        })
    }
}

impl StreamWatcher for FailingResponder {
    #[doc(alias = "invoke.FailingResponder.submit")]
    fn submit(&mut self, stream: &str) -> Result<Vec<Secret>, WatcherError> {
        let refused = find(&self.sentinel, stream, &mut self.failure_index)? > 0;
        if self.tried && refused {
            let (pattern, sentinel) = (self.responder.pattern.source(), python_repr(self.sentinel.source()));
            return Err(WatcherError::ResponseNotAccepted(format!("Auto-response to r\"{pattern}\" failed with {sentinel}!")));
        }
        // From the second look on, whether there was a response or not: invoke tests a generator, which is always true.
        self.tried = true;
        self.responder.submit(stream)
    }

    fn fresh(&self) -> Box<dyn StreamWatcher> {
        let responder = Responder { index: 0, ..self.responder.clone() };
        Box::new(FailingResponder { responder, failure_index: 0, tried: false, ..self.clone() })
    }
}

/// What `sudo` uses where no password is set: invoke would answer with the text `None`.
#[derive(Clone, Debug)]
pub(in crate::fabric) struct RefusePrompt {
    prompt: String,
    index: usize,
}

impl RefusePrompt {
    pub(in crate::fabric) fn new(prompt: &str) -> RefusePrompt {
        RefusePrompt { prompt: prompt.to_owned(), index: 0 }
    }
}

impl StreamWatcher for RefusePrompt {
    fn submit(&mut self, stream: &str) -> Result<Vec<Secret>, WatcherError> {
        let new = stream.get(self.index..).unwrap_or_default();
        if !self.prompt.is_empty() && new.contains(&self.prompt) {
            return Err(WatcherError::NoPassword { prompt: self.prompt.clone() });
        }
        // A prompt may arrive in two parts.
        self.index = stream.len().saturating_sub(self.prompt.len());
        while !stream.is_char_boundary(self.index) {
            self.index -= 1;
        }
        Ok(Vec::new())
    }

    fn fresh(&self) -> Box<dyn StreamWatcher> {
        Box::new(RefusePrompt::new(&self.prompt))
    }
}

/// What a [`Responder`] looks for: the text of a Python regular expression, a [`re::Pattern`], or with the feature `regex` a `regex::Regex`.
///
/// A text is compiled with `re.S`, as invoke does. A compiled pattern keeps its own flags.
#[derive(Clone, Debug)]
pub struct StreamPattern(Rule);

#[derive(Clone, Debug)]
enum Rule {
    Source(String),
    Pattern(re::Pattern),
    #[cfg(feature = "regex")]
    Regex(regex::Regex),
}

impl StreamPattern {
    fn compiled(self) -> Result<StreamPattern> {
        let Rule::Source(source) = &self.0 else { return Ok(self) };
        let invalid = |error| Error::Value(format!("invalid pattern {}: {error}", python_repr(source)));
        re::compile((source, re::DOTALL)).map(StreamPattern::from).map_err(invalid)
    }

    fn source(&self) -> &str {
        match &self.0 {
            Rule::Source(source) => source,
            Rule::Pattern(pattern) => pattern.pattern(),
            #[cfg(feature = "regex")]
            Rule::Regex(regex) => regex.as_str(),
        }
    }

    fn count(&self, text: &str) -> Result<usize, WatcherError> {
        let failed = |error: re::Error| WatcherError::Other(error.to_string());
        match &self.0 {
            Rule::Source(source) => re::finditer((source, re::DOTALL), text).map_err(failed)?.try_fold(0, |count, found| {
                found.map_err(failed)?;
                Ok(count + 1)
            }),
            Rule::Pattern(pattern) => pattern.finditer(text).try_fold(0, |count, found| {
                found.map_err(failed)?;
                Ok(count + 1)
            }),
            #[cfg(feature = "regex")]
            Rule::Regex(regex) => Ok(regex.find_iter(text).count()),
        }
    }
}

impl From<&str> for StreamPattern {
    fn from(source: &str) -> StreamPattern {
        StreamPattern(Rule::Source(source.to_owned()))
    }
}

impl From<&String> for StreamPattern {
    fn from(source: &String) -> StreamPattern {
        source.as_str().into()
    }
}

impl From<String> for StreamPattern {
    fn from(source: String) -> StreamPattern {
        StreamPattern(Rule::Source(source))
    }
}

impl From<re::Pattern> for StreamPattern {
    fn from(pattern: re::Pattern) -> StreamPattern {
        StreamPattern(Rule::Pattern(pattern))
    }
}

impl From<&re::Pattern> for StreamPattern {
    fn from(pattern: &re::Pattern) -> StreamPattern {
        pattern.clone().into()
    }
}

#[cfg(feature = "regex")]
impl From<regex::Regex> for StreamPattern {
    fn from(regex: regex::Regex) -> StreamPattern {
        StreamPattern(Rule::Regex(regex))
    }
}

#[cfg(feature = "regex")]
impl From<&regex::Regex> for StreamPattern {
    fn from(regex: &regex::Regex) -> StreamPattern {
        regex.clone().into()
    }
}

/// How often the pattern matches from the index on, which moves to the end if it does.
fn find(pattern: &StreamPattern, stream: &str, index: &mut usize) -> Result<usize, WatcherError> {
    let count = pattern.count(stream.get(*index..).unwrap_or_default())?;
    if count > 0 {
        *index = stream.len();
    }
    Ok(count)
}

/// `re.escape`, for prompts.
pub(in crate::fabric) fn escape(text: &str) -> String {
    re::escape(text)
}
