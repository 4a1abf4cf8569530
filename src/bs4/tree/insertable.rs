//! Values that can be inserted into a tag.

use super::doc::{ROOT, Raw};
use super::node::{NavigableString, Node, Tag};
use crate::bs4::{BeautifulSoup, NewString};

/// A value to insert: a node, which moves from its old place, or text, which becomes a new string.
#[derive(Debug, Clone)]
pub struct Insertable<'a>(pub(in crate::bs4) Piece<'a>);

#[derive(Debug, Clone)]
pub(in crate::bs4) enum Piece<'a> {
    Node(Node<'a>),
    New(NewString),
}

macro_rules! insertable {
    ($($from:ty => |$value:ident| $piece:expr),* $(,)?) => {
        $(impl<'a> From<$from> for Insertable<'a> {
            fn from($value: $from) -> Self {
                Insertable($piece)
            }
        })*
    };
}

insertable! {
    Node<'a> => |node| Piece::Node(node),
    Tag<'a> => |tag| Piece::Node(tag.0),
    NavigableString<'a> => |string| Piece::Node(string.0),
    &'a BeautifulSoup => |soup| Piece::Node(soup.root().0),
    &str => |text| Piece::New(text.into()),
    &String => |text| Piece::New(text.as_str().into()),
    String => |text| Piece::New(text.into()),
    NewString => |string| Piece::New(string),
}

/// One or several values to insert: `"text"`, a tag, `[a, b]`, a `Vec` of tags.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be inserted into a document",
    label = "not a node and not a text",
    note = "pass a text, a `Tag`, a `NavigableString`, or a list of them"
)]
pub trait IntoInsertables<'a, I> {
    /// Returns the values in order.
    fn into_insertables(self) -> Vec<Insertable<'a>>;
}

/// Marker for one value.
#[derive(Debug)]
pub struct One;
/// Marker for several values.
#[derive(Debug)]
pub struct Several;

impl<'a, T: Into<Insertable<'a>>> IntoInsertables<'a, One> for T {
    fn into_insertables(self) -> Vec<Insertable<'a>> {
        vec![self.into()]
    }
}

impl<'a, T: IntoIterator<Item: Into<Insertable<'a>>>> IntoInsertables<'a, Several> for T {
    fn into_insertables(self) -> Vec<Insertable<'a>> {
        self.into_iter().map(Into::into).collect()
    }
}

impl<'a> Node<'a> {
    /// Stores the values and returns the nodes. A node of another document is copied over, as are
    /// another document's contents.
    ///
    /// Called without the lock: locking another document while holding our own lock could deadlock.
    pub(super) fn adopt(self, pieces: Vec<Insertable<'a>>) -> Vec<u32> {
        let mut ids = Vec::with_capacity(pieces.len());
        for piece in pieces {
            match piece.0 {
                Piece::New(NewString { text, kind }) => {
                    let (start, len) = self.doc.push_text(text);
                    ids.push(self.doc.push_node(Raw::new(kind.raw(), start, len)));
                }
                Piece::Node(node) if std::ptr::eq(node.doc, self.doc) => ids.push(node.id),
                Piece::Node(node) => {
                    let _other = node.doc.edit();
                    let tops = if node.id == ROOT { node.doc.children(ROOT).collect() } else { vec![node.id] };
                    for id in tops {
                        ids.push(super::copy::copy_into(node.doc, id, self.doc, true));
                        node.doc.unlink(id);
                    }
                }
            }
        }
        ids
    }
}
