//! HTML: html5gum's tokens into html5ever's tree construction.

use super::MAX_DEPTH;
use super::sink::{Sink, TagNames};
use super::tokens::Tokens;
use crate::bs4::doc::Doc;
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5gum::Tokenizer;
use std::borrow::Cow;

/// The tree of an HTML document, the one that browsers (without scripting) build.
pub(crate) fn parse(markup: &str) -> Doc {
    let source = normalize_newlines(markup);
    let names = TagNames::new();
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let mut tokens = Tokens::new(TreeBuilder::new(Sink::new(&source, &names), options));
    let mut tokenizer = Tokenizer::new_with_emitter(&*source, Borrowed(&mut tokens));
    // The emitter hands no token out and the reader cannot fail: this runs the tokenizer to the end.
    while let Some(Ok(_)) = tokenizer.next() {}
    drop(tokenizer);
    tokens.into_sink().into_doc(MAX_DEPTH)
}

/// Lends the emitter to the tokenizer, which would keep it.
struct Borrowed<'t, 'n, 's>(&'t mut Tokens<'n, 's>);

impl<'n, 's> html5gum::ForwardingEmitter for Borrowed<'_, 'n, 's> {
    type Token = std::convert::Infallible;
    fn inner(&mut self) -> &mut impl html5gum::Emitter<Token = Self::Token> {
        self.0
    }
}

/// `\r\n` and `\r` are line feeds, as the standard wants before all else.
fn normalize_newlines(markup: &str) -> Cow<'_, str> {
    if markup.contains('\r') { markup.replace("\r\n", "\n").replace('\r', "\n").into() } else { markup.into() }
}
