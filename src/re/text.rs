//! The two kinds of text that a pattern reads: `str` and bytes.

use std::borrow::ToOwned;
use std::fmt::Debug;
use std::hash::Hash;

/// The text of patterns and searches: `str`, or `[u8]` for Python's bytes patterns. Sealed.
#[doc(alias = "re.syntax.bytes")]
pub trait Text:
    sealed::Text + AsText<Text = Self> + ToOwned<Owned: Debug + Clone + Eq + Hash + Send + Sync> + Debug + Eq + Hash
{
}

impl Text for str {}
impl Text for [u8] {}

/// A value that can be used as text: `str` and `String`; bytes as a slice, an array or a `Vec`.
pub trait AsText {
    /// The kind of text.
    type Text: Text + ?Sized;

    /// Converts to this text.
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

    /// The operations on text that the engines need.
    pub trait Text: 'static {
        /// Whether characters are UTF-8 sequences; otherwise bytes.
        const UTF8: bool;
        /// Returns the bytes.
        fn bytes(&self) -> &[u8];
        /// Returns a part, between character boundaries.
        fn part(&self, range: Range<usize>) -> &Self;
        /// Returns the empty text.
        fn empty<'t>() -> &'t Self;
        /// Returns the characters; in bytes, each byte is a Latin-1 character, as for Python's
        /// parser.
        fn decode(&self) -> Vec<char>;
        /// Creates an owned text from parts of such texts.
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
            // The bytes consist of whole characters: nothing is replaced.
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
