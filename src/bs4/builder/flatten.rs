//! Enforces the maximum depth after tree construction has moved nodes.

use crate::bs4::tree::doc::{Doc, ELEMENT, NONE, ROOT};

/// Lifts nodes deeper than `cap`: each becomes the next sibling of its parent, as in browsers.
pub(super) fn flatten(doc: &Doc, cap: u32) {
    let (mut id, mut depth) = (doc.node(ROOT).first.get(), 1);
    while id != NONE {
        let node = doc.node(id);
        while depth > cap && node.kind == ELEMENT {
            let parent = node.parent.get();
            let (grandparent, after) = (doc.node(parent).parent.get(), doc.node(parent).next.get());
            // The following siblings are lifted later and must stay behind this element, so they
            // move along.
            let mut rest = node.next.get();
            doc.unlink(id);
            doc.link(id, grandparent, after);
            let mut last = id;
            while rest != NONE {
                let next = doc.node(rest).next.get();
                doc.unlink(rest);
                doc.link(rest, grandparent, doc.node(last).next.get());
                last = rest;
                rest = next;
            }
            depth -= 1;
        }
        let first = node.first.get();
        if first != NONE {
            (id, depth) = (first, depth + 1);
            continue;
        }
        loop {
            let node = doc.node(id);
            if node.next.get() != NONE {
                id = node.next.get();
                break;
            }
            id = node.parent.get();
            if id == NONE || id == ROOT {
                return;
            }
            depth -= 1;
        }
    }
}
