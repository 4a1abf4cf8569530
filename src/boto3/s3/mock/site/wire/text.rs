//! Values as text: in headers, in queries, and between two tags.

use std::borrow::Cow;

use aws_sdk_s3::primitives::{DateTime, DateTimeFormat};

/// A value that a request holds as text.
pub(in crate::boto3::s3::mock::site) trait FromText: Sized {
    /// None if the text is not such a value.
    fn from_text(text: &str) -> Option<Self>;
}

/// A value that an answer holds as text.
pub(in crate::boto3::s3::mock::site) trait ToText {
    fn to_text(&self) -> Cow<'_, str>;
}

impl FromText for String {
    fn from_text(text: &str) -> Option<String> {
        Some(text.to_owned())
    }
}

impl ToText for String {
    fn to_text(&self) -> Cow<'_, str> {
        self.into()
    }
}

macro_rules! scalars {
    ($($scalar:ty),+) => {
        $(impl FromText for $scalar {
            fn from_text(text: &str) -> Option<$scalar> {
                text.trim().parse().ok()
            }
        }

        impl ToText for $scalar {
            fn to_text(&self) -> Cow<'_, str> {
                self.to_string().into()
            }
        })+
    };
}
scalars!(i32, i64);

impl FromText for bool {
    fn from_text(text: &str) -> Option<bool> {
        match text.trim() {
            text if text.eq_ignore_ascii_case("true") || text == "1" => Some(true),
            text if text.eq_ignore_ascii_case("false") || text == "0" => Some(false),
            _ => None,
        }
    }
}

impl ToText for bool {
    fn to_text(&self) -> Cow<'_, str> {
        if *self { "true".into() } else { "false".into() }
    }
}

/// Dates in XML. Dates in headers name their format.
impl FromText for DateTime {
    fn from_text(text: &str) -> Option<DateTime> {
        let text = text.trim();
        // A day alone is midnight in UTC: boto3's users write `datetime.date`.
        let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
        DateTime::from_str(&whole, DateTimeFormat::DateTimeWithOffset).ok()
    }
}

/// With milliseconds, as S3 writes them.
impl ToText for DateTime {
    fn to_text(&self) -> Cow<'_, str> {
        let text = self.fmt(DateTimeFormat::DateTime).unwrap_or_default();
        match text.strip_suffix('Z') {
            Some(seconds) if !seconds.contains('.') => format!("{seconds}.000Z").into(),
            _ => text.into(),
        }
    }
}

/// The SDK's enumerations. A value that the SDK does not know stays as it is: the fake decides about it.
macro_rules! enumerations {
    (from: $($of:ident),+) => {
        $(impl super::text::FromText for aws_sdk_s3::types::$of {
            fn from_text(text: &str) -> Option<Self> {
                Some(text.into())
            }
        })+
    };
    (to: $($of:ident),+) => {
        $(impl super::text::ToText for aws_sdk_s3::types::$of {
            fn to_text(&self) -> std::borrow::Cow<'_, str> {
                self.as_str().into()
            }
        })+
    };
}
pub(super) use enumerations;
