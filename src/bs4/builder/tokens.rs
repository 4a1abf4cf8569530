//! Converts the tokenizer's events to html5ever's tokens, and keeps the stack of open elements
//! shallow.
//!
//! html5ever searches its stack of open elements for nearly every tag, so its time grows with the
//! square of the nesting depth. Browsers flatten the tree at 512 levels. Here an element that would
//! be deeper is closed as soon as it is opened: the tree is the browsers', and the stack is as
//! shallow as the tree. The end tags of those elements are skipped.

use super::MAX_DEPTH;
use super::flat::Flat;
use super::sink::{Handle, Sink};
use html5ever::interface::Attribute;
use html5ever::interface::tree_builder::Tracer;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::{self, RawKind};
use html5ever::tokenizer::{Doctype, Tag, TagKind, Token, TokenSink, TokenSinkResult};
use html5ever::tree_builder::TreeBuilder;
use html5ever::{LocalName, QualName, ns};
use html5gum::{Emitter, Error, State};
use std::cell::Cell;
use std::collections::HashSet;
use std::convert::Infallible;
use std::marker::PhantomData;

/// The number of markup bytes per reopened element, after some free ones. All unclosed formatting
/// tags are reopened in each paragraph, so a hostile document could create any number of elements.
/// Beyond the limit, all open ones are closed.
const BYTES_PER_REOPENED: usize = 8;
const FREE_REOPENED: usize = 10_000;

/// The maximum number of formatting elements to reopen. html5ever searches them for many tags, so
/// an unlimited number would take quadratic time.
const MAX_FORMATTING: usize = 1024;
/// The number of formatting tags after which they are counted.
const COUNT_FORMATTING: usize = 512;
/// The bytes of values that count as one reopened element.
const BYTES_PER_ELEMENT: usize = 8;
const FORMATTING: &[&str] = &["a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u"];

/// The number of cached names.
const NAMES: usize = 256;

/// A name as written and in html5ever's form.
type Known = (Box<[u8]>, LocalName);

/// The tokenizer's emitter.
pub(super) struct Tokens<'n, 's> {
    builder: TreeBuilder<Handle<'n>, Sink<'n, 's>>,
    text: Vec<u8>,
    comment: Vec<u8>,
    tag: Vec<u8>,
    is_end_tag: bool,
    self_closing: bool,
    attributes: Vec<Attribute>,
    attribute_names: HashSet<LocalName>,
    attribute: Option<(Vec<u8>, Vec<u8>)>,
    /// The last attribute's buffers, for reuse.
    spare: (Vec<u8>, Vec<u8>),
    last_start_tag: Vec<u8>,
    doctype: [Option<Vec<u8>>; 3],
    force_quirks: bool,
    position: usize,
    /// The end of the first piece of text that is not whitespace: html5lib handles text piece by
    /// piece.
    text_end: usize,
    /// The most recent names, each in the slot selected by its ends and its length.
    names: Box<[Option<Known>; NAMES]>,
    flat: Flat,
    reopened: usize,
    /// The number of formatting tags since the last count.
    formatting: usize,
    /// Whether too many of them are remembered.
    crowded: bool,
    /// The encoding named by a `meta` tag.
    pub(super) declared: Option<String>,
}

impl<'n, 's> Tokens<'n, 's> {
    pub(super) fn new(builder: TreeBuilder<Handle<'n>, Sink<'n, 's>>) -> Self {
        Tokens {
            builder,
            text: Vec::new(),
            comment: Vec::new(),
            tag: Vec::new(),
            is_end_tag: false,
            self_closing: false,
            attributes: Vec::new(),
            attribute_names: HashSet::new(),
            attribute: None,
            spare: Default::default(),
            last_start_tag: Vec::new(),
            doctype: [None, None, None],
            force_quirks: false,
            position: 0,
            text_end: 0,
            names: Box::new([const { None }; NAMES]),
            flat: Flat::default(),
            reopened: 0,
            formatting: 0,
            crowded: false,
            declared: None,
        }
    }

    pub(super) fn into_sink(self) -> Sink<'n, 's> {
        self.builder.sink
    }

    /// Passes a token to the tree builder.
    fn feed(&mut self, token: Token) -> Option<State> {
        let sink = &self.builder.sink;
        sink.position.set(if matches!(token, Token::CharacterTokens(_)) { self.text_end } else { self.position });
        sink.begin(matches!(&token, Token::TagToken(tag) if tag.kind == TagKind::EndTag));
        // This type counts the lines itself; the tree builder only reports changes, so it gets a
        // constant.
        match self.builder.process_token(token, 1) {
            TokenSinkResult::Plaintext => Some(State::PlainText),
            TokenSinkResult::RawData(kind) => Some(state(states::State::RawData(kind))),
            TokenSinkResult::EncodingIndicator(name) => {
                self.declared.get_or_insert_with(|| name.to_string());
                None
            }
            TokenSinkResult::Continue | TokenSinkResult::Script(_) => None,
        }
    }

    fn feed_end_tag(&mut self, name: LocalName) {
        let attrs = Vec::new();
        let tag = Tag { kind: TagKind::EndTag, name, self_closing: false, attrs, had_duplicate_attributes: false };
        self.feed(Token::TagToken(tag));
    }

    /// Returns the tree builder's current node: at this point it requests the name of that node
    /// only.
    fn current_node(&self) -> u32 {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace();
        self.builder.sink.asked()
    }

    fn start_tag(&mut self, tag: Tag) -> Option<State> {
        if self.flat.inert.contains(&tag.name) {
            self.builder.sink.position.set(self.position);
            self.builder.sink.insert_flat(self.flat.deepest, tag.name.clone(), tag.attrs);
            self.flat.push(tag.name);
            return None;
        }
        if self.crowded && FORMATTING.contains(&&*tag.name) {
            self.limit_formatting(&tag.name);
            self.builder.sink.position.set(self.position);
            let current = self.current_node();
            self.builder.sink.insert_flat(current, tag.name, tag.attrs);
            return None;
        }
        let name = tag.name.clone();
        let own = tag.attrs.len() + tag.attrs.iter().map(|attribute| attribute.value.len() / BYTES_PER_ELEMENT).sum::<usize>();
        let state = self.feed(Token::TagToken(tag));
        let (element, count) = self.builder.sink.created();
        self.limit_reopened(count, own);
        self.limit_formatting(&name);
        let Some(element) = element else { return state };
        if self.builder.sink.depth(element) < MAX_DEPTH {
            if !self.flat.open.is_empty() || !self.flat.inert.is_empty() {
                self.flat.clear();
            }
        } else if state.is_none() && self.current_node() == element {
            let parent = self.builder.sink.parent(element);
            self.feed_end_tag(name.clone());
            let current = self.current_node();
            if self.flat.deepest != current {
                self.flat.inert.clear();
                self.flat.deepest = current;
            }
            if count == 1 && parent == current {
                self.flat.inert.insert(name.clone());
            }
            self.flat.push(name);
        }
        state
    }

    fn end_tag(&mut self, name: LocalName) {
        if self.flat.open.is_empty() {
            self.feed_end_tag(name);
            return;
        }
        if self.flat.close(&name) {
            return;
        }
        self.feed_end_tag(name);
        if self.current_node() != self.flat.deepest {
            self.flat.clear();
        }
    }

    /// Closes elements that a hostile document would reopen again and again.
    fn limit_reopened(&mut self, count: usize, own: usize) {
        if count < 2 {
            return;
        }
        self.reopened += count - 1 + self.builder.sink.created_attributes(BYTES_PER_ELEMENT).saturating_sub(own);
        if self.reopened > FREE_REOPENED + self.position / BYTES_PER_REOPENED {
            let names = self.builder.sink.created_names();
            for name in names.into_iter().rev() {
                self.feed_end_tag(name);
            }
        }
    }

    /// Counts the remembered formatting elements, of which a hostile document leaves any number
    /// open. While there are too many, further ones become empty tags.
    fn limit_formatting(&mut self, name: &LocalName) {
        if !FORMATTING.contains(&&**name) {
            return;
        }
        self.formatting += 1;
        if self.formatting < COUNT_FORMATTING {
            return;
        }
        self.formatting = 0;
        let traced = Traced::default();
        self.builder.trace_handles(&traced);
        self.crowded = traced.0.get() > MAX_FORMATTING;
    }

    fn flush_text(&mut self) {
        if self.text.is_empty() {
            return;
        }
        let text = std::mem::take(&mut self.text);
        let mut first = true;
        for part in text.split(|&byte| byte == 0) {
            if !std::mem::take(&mut first) {
                self.feed(Token::NullCharacterToken);
            }
            if !part.is_empty() {
                self.feed(Token::CharacterTokens(tendril(part)));
                let count = self.builder.sink.created().1;
                self.limit_reopened(count + usize::from(count > 0), 0);
                if count > 0 {
                    self.flat.inert.clear();
                }
            }
        }
        self.text = text;
        self.text.clear();
    }

    fn name(&mut self, bytes: &[u8]) -> LocalName {
        let ends = bytes.first().zip(bytes.last()).map_or(0, |(&a, &b)| usize::from(a) * 31 + usize::from(b) * 7);
        let slot = &mut self.names[(ends + bytes.len()) % NAMES];
        if let Some((known, name)) = slot
            && **known == *bytes
        {
            return name.clone();
        }
        let name = LocalName::from(&*String::from_utf8_lossy(bytes));
        *slot = Some((bytes.into(), name.clone()));
        name
    }

    /// Completes the current attribute. The first of a name is kept.
    fn flush_attribute(&mut self) {
        let Some((name, value)) = self.attribute.take() else { return };
        let local = self.name(&name);
        let known = if self.attributes.len() < 16 {
            self.attributes.iter().any(|attribute| attribute.name.local == local)
        } else {
            if self.attribute_names.is_empty() {
                self.attribute_names.extend(self.attributes.iter().map(|attribute| attribute.name.local.clone()));
            }
            !self.attribute_names.insert(local.clone())
        };
        if !known && !self.is_end_tag {
            self.attributes.push(Attribute { name: QualName::new(None, ns!(), local), value: tendril(&value) });
        }
        self.spare = (name, value);
    }
}

/// The number of formatting elements that the tree builder holds.
#[derive(Default)]
struct Traced<'n>(Cell<usize>, PhantomData<&'n ()>);

impl<'n> Tracer for Traced<'n> {
    type Handle = Handle<'n>;

    fn trace_handle(&self, node: &Handle<'n>) {
        let name = node.local_name();
        if FORMATTING.contains(&&**name) {
            self.0.set(self.0.get() + 1);
        }
    }
}

/// Converts a state of html5ever's tokenizer to html5gum's.
pub(super) fn state(state: states::State) -> State {
    match state {
        states::State::Plaintext => State::PlainText,
        states::State::RawData(RawKind::Rcdata) => State::RcData,
        states::State::RawData(RawKind::Rawtext) => State::RawText,
        states::State::RawData(_) => State::ScriptData,
        _ => State::Data,
    }
}

fn tendril(bytes: &[u8]) -> StrTendril {
    match std::str::from_utf8(bytes) {
        Ok(text) => StrTendril::from_slice(text),
        Err(_) => StrTendril::from_slice(&String::from_utf8_lossy(bytes)),
    }
}

impl Emitter for Tokens<'_, '_> {
    type Token = Infallible;

    #[inline]
    fn move_position(&mut self, offset: isize) {
        self.position = self.position.saturating_add_signed(offset);
    }

    fn set_last_start_tag(&mut self, last_start_tag: Option<&[u8]>) {
        self.last_start_tag = last_start_tag.unwrap_or_default().to_vec();
    }

    fn emit_eof(&mut self) {
        self.flush_text();
        self.feed(Token::EOFToken);
        self.builder.end();
    }

    fn emit_error(&mut self, _: Error) {}

    fn should_emit_errors(&mut self) -> bool {
        false
    }

    fn pop_token(&mut self) -> Option<Infallible> {
        None
    }

    fn emit_string(&mut self, text: &[u8]) {
        if self.text.is_empty() || self.text.iter().all(u8::is_ascii_whitespace) {
            self.text_end = self.position;
        }
        self.text.extend_from_slice(text);
    }

    fn init_start_tag(&mut self) {
        self.tag.clear();
        self.is_end_tag = false;
        self.self_closing = false;
        self.attributes.clear();
        self.attribute_names.clear();
    }

    fn init_end_tag(&mut self) {
        self.init_start_tag();
        self.is_end_tag = true;
    }

    fn emit_current_tag(&mut self) -> Option<State> {
        self.flush_attribute();
        self.flush_text();
        let bytes = std::mem::take(&mut self.tag);
        let name = self.name(&bytes);
        let state = if self.is_end_tag {
            self.end_tag(name);
            None
        } else {
            let attrs = std::mem::take(&mut self.attributes);
            let self_closing = self.self_closing;
            self.last_start_tag.clear();
            self.last_start_tag.extend_from_slice(&bytes);
            self.start_tag(Tag { kind: TagKind::StartTag, name, self_closing, attrs, had_duplicate_attributes: false })
        };
        self.tag = bytes;
        state
    }

    fn init_comment(&mut self) {
        self.flush_text();
        self.comment.clear();
    }

    fn push_comment(&mut self, text: &[u8]) {
        self.comment.extend_from_slice(text);
    }

    fn emit_current_comment(&mut self) {
        self.flush_text();
        let comment = tendril(&self.comment);
        self.feed(Token::CommentToken(comment));
    }

    fn init_doctype(&mut self) {
        self.flush_text();
        self.doctype = [None, None, None];
        self.force_quirks = false;
    }

    fn emit_current_doctype(&mut self) {
        self.flush_text();
        let [name, public_id, system_id] = self.doctype.each_ref().map(|part| part.as_deref().map(tendril));
        self.builder.sink.doctype_ids.set((public_id.is_some(), system_id.is_some()));
        let force_quirks = self.force_quirks;
        self.feed(Token::DoctypeToken(Doctype { name, public_id, system_id, force_quirks }));
    }

    fn set_self_closing(&mut self) {
        self.self_closing = true;
    }

    fn set_force_quirks(&mut self) {
        self.force_quirks = true;
    }

    fn push_tag_name(&mut self, name: &[u8]) {
        self.tag.extend_from_slice(name);
    }

    fn push_doctype_name(&mut self, name: &[u8]) {
        self.doctype[0].get_or_insert_default().extend_from_slice(name);
    }

    fn init_attribute(&mut self) {
        self.flush_attribute();
        let (mut name, mut value) = std::mem::take(&mut self.spare);
        name.clear();
        value.clear();
        self.attribute = Some((name, value));
    }

    fn push_attribute_name(&mut self, text: &[u8]) {
        if let Some((name, _)) = &mut self.attribute {
            name.extend_from_slice(text);
        }
    }

    fn push_attribute_value(&mut self, text: &[u8]) {
        if let Some((_, value)) = &mut self.attribute {
            value.extend_from_slice(text);
        }
    }

    fn set_doctype_public_identifier(&mut self, value: &[u8]) {
        self.doctype[1] = Some(value.to_vec());
    }

    fn set_doctype_system_identifier(&mut self, value: &[u8]) {
        self.doctype[2] = Some(value.to_vec());
    }

    fn push_doctype_public_identifier(&mut self, value: &[u8]) {
        self.doctype[1].get_or_insert_default().extend_from_slice(value);
    }

    fn push_doctype_system_identifier(&mut self, value: &[u8]) {
        self.doctype[2].get_or_insert_default().extend_from_slice(value);
    }

    fn current_is_appropriate_end_tag_token(&mut self) -> bool {
        self.is_end_tag && !self.last_start_tag.is_empty() && self.tag == self.last_start_tag
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&mut self) -> bool {
        self.flush_text();
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}
