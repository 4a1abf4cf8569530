//! The result types of `findall` and `split`.

use crate::re::text::Text;

/// The result of a match in `findall`: the text (`&str`), a tuple or an array of the groups' texts,
/// or a `Vec` of them.
#[diagnostic::on_unimplemented(
    message = "a match cannot be read as `{Self}`",
    label = "not a shape of a match",
    note = "the type of the result chooses the shape: `let found: Vec<&str> = re::findall(..)?` without groups or with one, `Vec<(&str, &str)>` with two, `Vec<Vec<&str>>` with any number"
)]
pub trait FromMatch<'t, T: Text + ?Sized>: Sized {
    /// The number of texts; `None` for any number.
    const TEXTS: Option<usize>;

    /// Converts exactly this number of texts.
    fn from_texts(texts: &mut dyn Iterator<Item = &'t T>) -> Self;
}

impl<'t, T: Text + ?Sized> FromMatch<'t, T> for Vec<&'t T> {
    const TEXTS: Option<usize> = None;
    fn from_texts(texts: &mut dyn Iterator<Item = &'t T>) -> Self {
        texts.collect()
    }
}

impl<'t, T: Text + ?Sized, const N: usize> FromMatch<'t, T> for [&'t T; N] {
    const TEXTS: Option<usize> = Some(N);
    fn from_texts(texts: &mut dyn Iterator<Item = &'t T>) -> Self {
        std::array::from_fn(|_| texts.next().unwrap_or_else(T::empty))
    }
}

impl<'t, T: Text + ?Sized> FromMatch<'t, T> for &'t T {
    const TEXTS: Option<usize> = Some(1);
    fn from_texts(texts: &mut dyn Iterator<Item = &'t T>) -> Self {
        texts.next().unwrap_or_else(T::empty)
    }
}

macro_rules! tuples {
    ($($count:literal: $($text:ident)*;)*) => {$(
        impl<'t, T: Text + ?Sized> FromMatch<'t, T> for ($(tuples!($text T 't),)*) {
            const TEXTS: Option<usize> = Some($count);
            fn from_texts(texts: &mut dyn Iterator<Item = &'t T>) -> Self {
                ($({ let $text = texts.next(); $text.unwrap_or_else(T::empty) },)*)
            }
        }
    )*};
    ($text:ident $T:ident $t:lifetime) => { &$t $T };
}

tuples! {
    2: a b;
    3: a b c;
    4: a b c d;
    5: a b c d e;
    6: a b c d e f;
    7: a b c d e f g;
    8: a b c d e f g h;
}

/// A part in `split`: `&str`, where a group that did not participate is empty, or `Option<&str>`,
/// where it is `None`.
pub trait FromPart<'t, T: Text + ?Sized> {
    /// Converts a part, or a group that did not participate.
    fn from_part(part: Option<&'t T>) -> Self;
}

impl<'t, T: Text + ?Sized> FromPart<'t, T> for &'t T {
    fn from_part(part: Option<&'t T>) -> Self {
        part.unwrap_or_else(T::empty)
    }
}

impl<'t, T: Text + ?Sized> FromPart<'t, T> for Option<&'t T> {
    fn from_part(part: Option<&'t T>) -> Self {
        part
    }
}
