//! The two kinds of text that a pattern reads: `str` and bytes.

use std::borrow::ToOwned;
use std::fmt::Debug;
use std::hash::Hash;

/// What a pattern can be made of and search in: `str`, or `[u8]` as Python's bytes patterns do. Sealed.
#[doc(alias = "re.syntax.bytes")]
pub trait Text:
    sealed::Text + AsText<Text = Self> + ToOwned<Owned: Debug + Clone + Eq + Hash + Send + Sync> + Debug + Eq + Hash
{
}

impl Text for str {}
impl Text for [u8] {}

/// What can be taken as a text: `str` and `String`; bytes as a slice, an array or a `Vec`.
pub trait AsText {
    /// The kind of text that it is.
    type Text: Text + ?Sized;

    /// As that text.
    fn as_text(&self) -> &Self::Text;
}

macro_rules! as_text {
    ($([$($generics:tt)*] $from:ty => $text:ty;)*) => {$(
        impl<$($generics)*> AsText for $from {
            type Text = $text;
            fn as_text(&self) -> &$text {
                self
            }
        }
    )*};
}

as_text! {
    [] str => str;
    [] String => str;
    [] [u8] => [u8];
    [] Vec<u8> => [u8];
    [const N: usize] [u8; N] => [u8];
}

pub(super) mod sealed {
    use std::ops::Range;

    /// What the engines need to know of a text.
    pub trait Text: 'static {
        /// Whether a character is a UTF-8 sequence; else it is a byte.
        const UTF8: bool;
        /// The bytes.
        fn bytes(&self) -> &[u8];
        /// A part, between character boundaries.
        fn part(&self, range: Range<usize>) -> &Self;
        /// The empty text.
        fn empty<'t>() -> &'t Self;
        /// The characters, a byte counting as the Latin-1 character of its number, as Python's parser has it.
        fn decode(&self) -> Vec<char>;
        /// A text of its own from parts that are such texts.
        fn join(bytes: Vec<u8>) -> <Self as std::borrow::ToOwned>::Owned
        where
            Self: std::borrow::ToOwned;
    }

    impl Text for str {
        const UTF8: bool = true;
        fn bytes(&self) -> &[u8] {
            self.as_bytes()
        }
        fn part(&self, range: Range<usize>) -> &str {
            self.get(range).unwrap_or_default()
        }
        fn empty<'t>() -> &'t str {
            ""
        }
        fn decode(&self) -> Vec<char> {
            self.chars().collect()
        }
        fn join(bytes: Vec<u8>) -> String {
            // Made of whole characters: there is nothing to replace.
            String::from_utf8(bytes).unwrap_or_else(|error| String::from_utf8_lossy(error.as_bytes()).into_owned())
        }
    }

    impl Text for [u8] {
        const UTF8: bool = false;
        fn bytes(&self) -> &[u8] {
            self
        }
        fn part(&self, range: Range<usize>) -> &[u8] {
            self.get(range).unwrap_or_default()
        }
        fn empty<'t>() -> &'t [u8] {
            &[]
        }
        fn decode(&self) -> Vec<char> {
            self.iter().map(|&byte| char::from(byte)).collect()
        }
        fn join(bytes: Vec<u8>) -> Vec<u8> {
            bytes
        }
    }
}
