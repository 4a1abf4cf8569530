//! Trees of the scraper crate, there and back.

use super::MAX_DEPTH;
use super::html::unwrap_root;
use super::sink::{Sink, TagNames};
use crate::bs4::tree::doc::{Doc, ROOT};
use crate::bs4::{NavigableString, Node, StringKind, Tag};
use html5ever::interface::{ElementFlags, NodeOrText, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, Prefix, QualName};
use scraper::{Html, HtmlTreeSink};

/// The document that a tree of scraper is. What is nested deeper than 512 tags becomes a sibling, as in every document.
pub(crate) fn from_tree(html: &Html) -> Doc {
    let names = TagNames::new();
    let sink = Sink::new("", &names);
    let mut parents = vec![sink.get_document()];
    let mut at = html.tree.root().first_child();
    while let Some(node) = at {
        // Nothing below was ever in a markup that we read, so no tag has a position.
        sink.begin(true);
        let parent = parents.last().copied().unwrap_or_else(|| sink.get_document());
        let mut descends = false;
        match node.value() {
            // The contents of a `template` are in a fragment of their own; here they are its children.
            scraper::Node::Document | scraper::Node::Fragment => {
                if node.has_children() {
                    parents.push(parent);
                    descends = true;
                }
            }
            scraper::Node::Doctype(doctype) => {
                let (public, system) = (doctype.public_id(), doctype.system_id());
                sink.doctype_ids.set((!public.is_empty(), !system.is_empty()));
                sink.append_doctype_to_document(doctype.name().into(), public.into(), system.into());
            }
            scraper::Node::Comment(comment) => {
                let comment = sink.create_comment(StrTendril::from(&**comment));
                sink.append(&parent, NodeOrText::AppendNode(comment));
            }
            scraper::Node::ProcessingInstruction(instruction) => {
                let instruction = sink.create_comment(StrTendril::from(&*instruction.data));
                sink.append(&parent, NodeOrText::AppendNode(instruction));
            }
            scraper::Node::Text(text) => sink.append(&parent, NodeOrText::AppendText(StrTendril::from(&**text))),
            scraper::Node::Element(element) => {
                let attributes = element
                    .attrs
                    .iter()
                    .map(|(name, value)| Attribute { name: name.clone(), value: StrTendril::from(&**value) })
                    .collect();
                let handle = sink.create_element(element.name.clone(), attributes, ElementFlags::default());
                sink.append(&parent, NodeOrText::AppendNode(handle));
                if node.has_children() {
                    parents.push(handle);
                    descends = true;
                }
            }
        }
        at = if descends { node.first_child() } else { node.next_sibling() };
        let mut below = node;
        while at.is_none() && parents.len() > 1 {
            // The last child: on behind the nearest ancestor that has a sibling.
            parents.pop();
            let Some(up) = below.parent() else { break };
            below = up;
            at = below.next_sibling();
        }
    }
    let mut doc = sink.into_doc(MAX_DEPTH);
    for node in &mut doc.nodes {
        (node.line, node.column) = (0, 0);
    }
    if html.tree.root().value().is_fragment() {
        unwrap_root(&doc);
    }
    doc
}

/// The tree of scraper that a document is.
pub(crate) fn to_tree(root: Tag<'_>) -> Html {
    let sink = HtmlTreeSink::new(Html::new_document());
    let mut parents = vec![(ROOT, sink.get_document())];
    for node in root.descendants() {
        let parent = node.parent().map_or(ROOT, |parent| parent.id);
        while parents.len() > 1 && parents.last().is_some_and(|(id, _)| *id != parent) {
            parents.pop();
        }
        let Some(&(_, parent)) = parents.last() else { break };
        match (node.as_tag(), node.as_string().map(NavigableString::kind)) {
            (Some(tag), _) => {
                let handle = sink.create_element(
                    name(tag.prefix(), tag.namespace(), tag.name()),
                    attributes(tag),
                    ElementFlags::default(),
                );
                sink.append(&parent, NodeOrText::AppendNode(handle));
                let is_template = tag.name() == "template" && tag.namespace() == Some(&*html5ever::ns!(html));
                parents.push((node.id, if is_template { sink.get_template_contents(&handle) } else { handle }));
            }
            (None, Some(StringKind::Doctype)) => {
                let (name, public, system) = doctype(text(node));
                sink.append_doctype_to_document(name.into(), public.into(), system.into());
            }
            (None, Some(StringKind::Comment | StringKind::Declaration)) => {
                let comment = sink.create_comment(text(node).into());
                sink.append(&parent, NodeOrText::AppendNode(comment));
            }
            (None, Some(StringKind::ProcessingInstruction | StringKind::XmlProcessingInstruction)) => {
                let (target, data) = text(node).split_once(' ').unwrap_or((text(node), ""));
                let instruction = sink.create_pi(target.into(), data.into());
                sink.append(&parent, NodeOrText::AppendNode(instruction));
            }
            (None, _) => sink.append(&parent, NodeOrText::AppendText(text(node).into())),
        }
    }
    sink.finish()
}

fn text(node: Node<'_>) -> &str {
    node.as_string().map_or("", |string| string.as_str())
}

fn name(prefix: Option<&str>, namespace: Option<&str>, local: &str) -> QualName {
    let prefix = prefix.filter(|prefix| !prefix.is_empty()).map(Prefix::from);
    QualName::new(prefix, namespace.map(Namespace::from).unwrap_or_default(), LocalName::from(local))
}

fn attributes(tag: Tag<'_>) -> Vec<Attribute> {
    let attribute = |(full, value): (&str, crate::bs4::AttributeValue<'_>)| {
        let name = match tag.namespaced_attrs().find(|attribute| attribute.full == full) {
            Some(attribute) => name(Some(attribute.prefix), Some(attribute.namespace), attribute.name),
            None => name(None, None, full),
        };
        Attribute { name, value: value.as_str().into() }
    };
    tag.attrs().map(attribute).collect()
}

/// Name, public and system identifier of a document type, as [`crate::bs4::doctype`] writes them.
fn doctype(text: &str) -> (&str, &str, &str) {
    let (name, rest) = text.split_once(' ').unwrap_or((text, ""));
    let mut quoted = rest.split('"').skip(1).step_by(2);
    let first = quoted.next().unwrap_or_default();
    match rest.trim_start().get(..6) {
        Some(kind) if kind.eq_ignore_ascii_case("SYSTEM") => (name, "", first),
        _ => (name, first, quoted.next().unwrap_or_default()),
    }
}
