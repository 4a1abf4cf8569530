//! HTML: html5gum's tokens into html5ever's tree construction.

use super::MAX_DEPTH;
use super::sink::{Sink, TagNames};
use super::tokens::{self, Tokens};
use crate::bs4::tree::doc::{Doc, ELEMENT, ROOT};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, create_element};
use html5ever::{QualName, ns};
use html5gum::{State, Tokenizer};
use std::borrow::Cow;

/// Returns the tree that browsers (without scripting) build from an HTML document or from the
/// contents of a tag, and the encoding named by a `meta` tag in the head.
pub(crate) fn parse(markup: &str, context: Option<&str>) -> (Doc, Option<String>) {
    let source = normalize_newlines(markup);
    let names = TagNames::new();
    let options = TreeBuilderOpts { scripting_enabled: false, ..TreeBuilderOpts::default() };
    let sink = Sink::new(&source, &names);
    let (builder, state) = match context {
        None => (TreeBuilder::new(sink, options), State::Data),
        Some(context) => {
            let element = create_element(&sink, name(context), Vec::new());
            let builder = TreeBuilder::new_for_fragment(sink, element, None, options);
            let state = tokens::state(builder.tokenizer_state_for_context_elem(false));
            (builder, state)
        }
    };
    let mut tokens = Tokens::new(builder);
    let mut tokenizer = Tokenizer::new_with_emitter(&*source, Borrowed(&mut tokens));
    tokenizer.set_state(state);
    // The emitter returns no tokens and the reader cannot fail: this runs the tokenizer to the end.
    while let Some(Ok(_)) = tokenizer.next() {}
    drop(tokenizer);
    let declared = tokens.declared.take();
    let doc = tokens.into_sink().into_doc(MAX_DEPTH);
    if context.is_some() {
        unwrap_root(&doc);
    }
    (doc, declared)
}

/// Parses the name of a context: `td`, `svg path`, `math mi`.
fn name(context: &str) -> QualName {
    let (namespace, local) = match context.split_once(' ') {
        Some(("svg", local)) => (ns!(svg), local),
        Some(("math", local)) => (ns!(mathml), local),
        _ => (ns!(html), context),
    };
    QualName::new(None, namespace, local.into())
}

/// A fragment is parsed into an `html` tag, which is removed.
pub(super) fn unwrap_root(doc: &Doc) {
    let Some(root) = doc.children(ROOT).find(|&id| doc.node(id).kind == ELEMENT) else { return };
    for child in doc.children(root).collect::<Vec<_>>() {
        doc.unlink(child);
        doc.link(child, ROOT, root);
    }
    doc.unlink(root);
}

/// Lends the emitter to the tokenizer, which would otherwise own it.
struct Borrowed<'t, 'n, 's>(&'t mut Tokens<'n, 's>);

impl<'n, 's> html5gum::ForwardingEmitter for Borrowed<'_, 'n, 's> {
    type Token = std::convert::Infallible;
    fn inner(&mut self) -> &mut impl html5gum::Emitter<Token = Self::Token> {
        self.0
    }
}

/// Converts `\r\n` and `\r` to line feeds, the first step of the standard.
fn normalize_newlines(markup: &str) -> Cow<'_, str> {
    if markup.contains('\r') { markup.replace("\r\n", "\n").replace('\r', "\n").into() } else { markup.into() }
}
