//! Parameter objects: the source of a pattern, and the text to search.

use super::cache;
use super::engine::Haystack;
use super::error::Result;
use super::flags::{Flags, NOFLAG};
use super::pattern::Pattern;
use super::text::{AsText, Text};

/// The default step budget of one search.
const BACKTRACK_LIMIT: u64 = 50_000_000;

/// A pattern's source with its flags: `Source::new("a.c").flags(re::I | re::S)`.
///
/// A pattern argument can also be the source text alone, `("a.c", re::I)`, or a compiled
/// [`Pattern`].
#[derive(Debug, Clone)]
pub struct Source<'p, T: Text + ?Sized = str> {
    pub(super) pattern: &'p T,
    pub(super) flags: Flags,
    pub(super) backtrack_limit: u64,
}

impl<'p, T: Text + ?Sized> Source<'p, T> {
    /// Creates a source without flags.
    pub fn new<S: AsText<Text = T> + ?Sized>(pattern: &'p S) -> Self {
        Source { pattern: pattern.as_text(), flags: NOFLAG, backtrack_limit: BACKTRACK_LIMIT }
    }

    /// Sets the flags.
    #[must_use]
    pub fn flags(mut self, flags: Flags) -> Self {
        self.flags = flags;
        self
    }

    /// Sets the step budget of one search on the backtracking engine; beyond it, the search fails
    /// with [`Error::BacktrackLimit`](super::Error::BacktrackLimit). Default: 50,000,000 steps,
    /// about a second. In addition, there are 64 steps per byte of the text, or 1,024 for a
    /// [linear](super::Pattern::is_linear) pattern. A linear pattern fails with the same error if
    /// its memory of failed states exceeds 128 MiB.
    #[must_use]
    pub fn backtrack_limit(mut self, steps: u64) -> Self {
        self.backtrack_limit = steps;
        self
    }
}

/// A pattern argument: the source (`&str`, `&String`, `&[u8]`, ..), the source with flags, a
/// [`Source`], or a [`Pattern`]. Sealed.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a pattern",
    label = "expected a text or a compiled pattern",
    note = "a pattern is a text (`&str`, or `&[u8]` for bytes) or what `re::compile(..)?` gives, by reference"
)]
pub trait IntoPattern: sealed::Sealed {
    /// The kind of text that it searches.
    type Text: Text + ?Sized;

    /// Compiles the pattern, or takes it from the cache.
    fn into_pattern(self) -> Result<Pattern<Self::Text>>;
}

mod sealed {
    pub trait Sealed {}
}

impl<S: AsText + ?Sized> sealed::Sealed for &S {}
impl<S: AsText + ?Sized> IntoPattern for &S {
    type Text = S::Text;
    fn into_pattern(self) -> Result<Pattern<S::Text>> {
        Source::new(self).into_pattern()
    }
}

impl<S: AsText + ?Sized> sealed::Sealed for (&S, Flags) {}
impl<S: AsText + ?Sized> IntoPattern for (&S, Flags) {
    type Text = S::Text;
    fn into_pattern(self) -> Result<Pattern<S::Text>> {
        Source::new(self.0).flags(self.1).into_pattern()
    }
}

impl<T: Text + ?Sized> sealed::Sealed for Source<'_, T> {}
impl<T: Text + ?Sized> IntoPattern for Source<'_, T> {
    type Text = T;
    fn into_pattern(self) -> Result<Pattern<T>> {
        cache::compile(&self)
    }
}

impl<T: Text + ?Sized> sealed::Sealed for &Pattern<T> {}
impl<T: Text + ?Sized> IntoPattern for &Pattern<T> {
    type Text = T;
    fn into_pattern(self) -> Result<Pattern<T>> {
        Ok(self.clone())
    }
}

impl<T: Text + ?Sized> sealed::Sealed for Pattern<T> {}
impl<T: Text + ?Sized> IntoPattern for Pattern<T> {
    type Text = T;
    fn into_pattern(self) -> Result<Pattern<T>> {
        Ok(self)
    }
}

/// A text and the part of it to search: `Window::new(text).pos(3).endpos(9)`. The text alone is
/// searched as a whole.
#[derive(Debug)]
pub struct Window<'t, T: Text + ?Sized = str> {
    pub(super) text: &'t T,
    pub(super) pos: usize,
    pub(super) endpos: usize,
}

impl<T: Text + ?Sized> Clone for Window<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: Text + ?Sized> Copy for Window<'_, T> {}

impl<'t, T: Text + ?Sized> Window<'t, T> {
    /// Searches the whole text.
    pub fn new<S: AsText<Text = T> + ?Sized>(text: &'t S) -> Self {
        let text = text.as_text();
        Window { text, pos: 0, endpos: text.bytes().len() }
    }

    /// Sets the start of the search, in bytes. Unlike a slice, `^` and look-behinds see the text
    /// before it. A position beyond the end is the end; one inside a character is moved to the
    /// next.
    #[must_use]
    pub fn pos(mut self, pos: usize) -> Self {
        self.pos = self.boundary(pos);
        self
    }

    /// Sets the end of the text for the search, in bytes: `$` and look-aheads see nothing after it.
    #[must_use]
    pub fn endpos(mut self, endpos: usize) -> Self {
        self.endpos = self.boundary(endpos);
        self
    }

    pub(super) fn haystack(&self) -> Haystack<'t> {
        Haystack::new(self.text.bytes(), self.endpos)
    }

    fn boundary(&self, at: usize) -> usize {
        let bytes = self.text.bytes();
        let inside = |&at: &usize| T::UTF8 && bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
        (at.min(bytes.len())..).find(|at| !inside(at)).unwrap_or(bytes.len())
    }
}

/// A text to split, and the maximum number of splits: `Split::new(text).maxsplit(1)`. The text
/// alone is split at every match.
#[derive(Debug, Clone, Copy)]
pub struct Split<'t, T: Text + ?Sized = str> {
    pub(super) text: &'t T,
    pub(super) maxsplit: usize,
}

impl<'t, T: Text + ?Sized> Split<'t, T> {
    /// Splits at every match.
    pub fn new<S: AsText<Text = T> + ?Sized>(text: &'t S) -> Self {
        Split { text: text.as_text(), maxsplit: 0 }
    }

    /// Sets the maximum number of splits; 0, the default, means no limit.
    #[must_use]
    pub fn maxsplit(mut self, maxsplit: usize) -> Self {
        self.maxsplit = maxsplit;
        self
    }
}

impl<'t, S: AsText + ?Sized> From<&'t S> for Window<'t, S::Text> {
    fn from(text: &'t S) -> Self {
        Window::new(text)
    }
}

impl<'t, S: AsText + ?Sized> From<&'t S> for Split<'t, S::Text> {
    fn from(text: &'t S) -> Self {
        Split::new(text)
    }
}
