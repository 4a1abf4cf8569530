//! The methods of `BeautifulSoup` that forward to its root tag.

use super::node::{NavigableString, Node, Tag};
use crate::bs4::css::{Css, IntoSelector};
use crate::bs4::search::{Query, ResultSet};
use crate::bs4::{BeautifulSoup, Error, GetText, Insertable, IntoInsertables, Output, Table};

macro_rules! forward {
    ($($name:ident $([$($generics:tt)*])? ($($arg:ident: $type:ty),*) $(-> $result:ty)?;)*) => {
        // Most methods borrow from the document; the same form of signature fits the others.
        #[allow(clippy::needless_lifetimes)]
        impl BeautifulSoup {
            $(
                #[doc = concat!("`", stringify!($name), "` of the document as a tag: see [`Tag`] and [`Node`].")]
                pub fn $name<'a $(, $($generics)*)?>(&'a self $(, $arg: $type)*) $(-> $result)? {
                    self.root().$name($($arg),*)
                }
            )*
        }
    };
}

forward! {
    name() -> &'a str;
    find['q, Q: Query<'q>](query: Q) -> Option<Q::Found<'a>>;
    find_all['q, Q: Query<'q>](query: Q) -> ResultSet<'q, Q::Found<'a>>;
    select[S: IntoSelector](selector: S) -> Result<ResultSet<'static, Tag<'a>>, Error>;
    select_one[S: IntoSelector](selector: S) -> Result<Option<Tag<'a>>, Error>;
    css() -> Css<'a>;
    table[S: IntoSelector](selector: S) -> Result<Option<Table>, Error>;
    links(base_url: &str) -> Vec<String>;
    children() -> impl Iterator<Item = Node<'a>> + use<'a>;
    contents() -> Vec<Node<'a>>;
    descendants() -> impl Iterator<Item = Node<'a>> + use<'a>;
    next_element() -> Option<Node<'a>>;
    next_elements() -> impl Iterator<Item = Node<'a>> + use<'a>;
    index[N: Into<Node<'a>>](node: N) -> Result<usize, Error>;
    is_empty() -> bool;
    len() -> usize;
    string() -> Option<NavigableString<'a>>;
    strings() -> impl Iterator<Item = NavigableString<'a>> + use<'a>;
    stripped_strings() -> impl Iterator<Item = &'a str> + use<'a>;
    text() -> String;
    get_text['t, T: Into<GetText<'t>>](how: T) -> String;
    append[I: Into<Insertable<'a>>](piece: I) -> Result<Node<'a>, Error>;
    extend[T: Into<Insertable<'a>>, I: IntoIterator<Item = T>](pieces: I) -> Result<Vec<Node<'a>>, Error>;
    insert[I, P: IntoInsertables<'a, I>](position: usize, pieces: P) -> Result<Vec<Node<'a>>, Error>;
    clear();
    decompose();
    smooth();
    decode() -> String;
    decode_with['o, O: Into<Output<'o>>](how: O) -> String;
    decode_contents() -> String;
    decode_contents_with['o, O: Into<Output<'o>>](how: O) -> String;
    prettify() -> String;
    prettify_with['o, O: Into<Output<'o>>](how: O) -> String;
    encode(encoding: &str) -> Result<Vec<u8>, Error>;
    encode_with['o, O: Into<Output<'o>>](encoding: &'o str, how: O) -> Result<Vec<u8>, Error>;
    encode_contents(encoding: &str) -> Result<Vec<u8>, Error>;
}

impl BeautifulSoup {
    /// Returns the outermost tag: `html`, or an XML document's root element.
    pub fn document_element(&self) -> Option<Tag<'_>> {
        self.root().children().find_map(Node::as_tag)
    }
}
