//! Filters have a name and values. A resource matches if, for every filter, one of its values
//! matches one of the filter's.

use std::collections::BTreeMap;

use aws_sdk_ec2::types::Filter;
use aws_smithy_types::DateTime;
use aws_smithy_types::date_time::Format;

use super::refusal::{Answer, Refusal};

/// The name of a filter, and the values of a resource for it.
pub(super) type Field<T> = (&'static str, fn(&T) -> Vec<String>);

/// A value of a resource for filters.
pub(super) trait Values {
    fn values(self) -> Vec<String>;
}

impl Values for Vec<String> {
    fn values(self) -> Vec<String> {
        self
    }
}
impl<T: AsRef<str> + ?Sized> Values for Option<&T> {
    fn values(self) -> Vec<String> {
        self.map(|value| value.as_ref().to_owned()).into_iter().collect()
    }
}

macro_rules! printed {
    ($($Type:ty),*) => {
        $(impl Values for Option<$Type> {
            fn values(self) -> Vec<String> {
                self.map(|value| value.to_string()).into_iter().collect()
            }
        })*
    };
}
printed!(bool, i32, i64, String);

/// Returns the values of several parts.
pub(super) fn each<'a, T, V: Values>(parts: &'a [T], what: impl Fn(&'a T) -> V) -> Vec<String> {
    parts.iter().flat_map(|part| what(part).values()).collect()
}

/// Returns a time in the format of AWS.
pub(super) fn stamp(time: Option<&DateTime>) -> Option<String> {
    time.and_then(|time| time.fmt(Format::DateTime).ok())
}

/// `filters!(volume: Volume => "volume-id" = volume.volume_id(), ..)`: a table of [`Field`]s.
macro_rules! filters {
    ($item:ident: $Type:ty => $($name:literal = $value:expr),* $(,)?) => {
        &[$(($name, |$item: &$Type| {
            let _ = $item;
            $crate::boto3::ec2::mock::filter::Values::values($value)
        })),*]
    };
}
pub(super) use filters;

/// Parsed filters.
pub(super) struct Wanted<'a, T>(Vec<(Test<T>, &'a [String])>);

enum Test<T> {
    Field(fn(&T) -> Vec<String>),
    Tag(String),
    TagKey,
    TagValue,
}

const MOST_VALUES: usize = 200;

impl<'a, T> Wanted<'a, T> {
    pub(super) fn understand(filters: &'a [Filter], fields: &[Field<T>]) -> Answer<Wanted<'a, T>> {
        if filters.iter().map(|filter| filter.values().len()).sum::<usize>() > MOST_VALUES {
            let message = "The maximum number of filter values specified on a single call is 200";
            return Err(Refusal::new("FilterLimitExceeded", message));
        }
        let understood = filters.iter().map(|filter| {
            let name = filter.name().unwrap_or("null");
            let test = match name {
                "tag-key" => Test::TagKey,
                "tag-value" => Test::TagValue,
                _ => match (name.strip_prefix("tag:"), fields.iter().find(|field| field.0 == name)) {
                    (Some(key), _) => Test::Tag(key.to_owned()),
                    (None, Some(field)) => Test::Field(field.1),
                    (None, None) => return Err(Refusal::value(format!("The filter '{name}' is invalid"))),
                },
            };
            Ok((test, filter.values()))
        });
        understood.collect::<Answer<Vec<_>>>().map(Wanted)
    }

    pub(super) fn pass(&self, item: &T, tags: Option<&BTreeMap<String, String>>) -> bool {
        self.0.iter().all(|(test, patterns)| {
            let values = match test {
                Test::Field(value) => value(item),
                Test::Tag(key) => tags.and_then(|tags| tags.get(key)).cloned().into_iter().collect(),
                Test::TagKey => tags.into_iter().flat_map(BTreeMap::keys).cloned().collect(),
                Test::TagValue => tags.into_iter().flat_map(BTreeMap::values).cloned().collect(),
            };
            values.iter().any(|value| patterns.iter().any(|pattern| matches(pattern, value)))
        })
    }
}

/// `*` matches any text, `?` one character, `\` escapes the next. Takes time proportional to
/// pattern times text.
pub(super) fn matches(pattern: &str, text: &str) -> bool {
    enum Part {
        Any,
        One,
        Letter(char),
    }
    let mut letters = pattern.chars();
    let mut parts = Vec::new();
    while let Some(letter) = letters.next() {
        parts.push(match letter {
            '*' => Part::Any,
            '?' => Part::One,
            '\\' => Part::Letter(letters.next().unwrap_or('\\')),
            letter => Part::Letter(letter),
        });
    }
    // reached[n]: whether the text so far matches the first n parts.
    let mut reached: Vec<bool> = std::iter::once(true)
        .chain(parts.iter().scan(true, |so_far, part| {
            *so_far &= matches!(part, Part::Any);
            Some(*so_far)
        }))
        .collect();
    for letter in text.chars() {
        let mut next = vec![false; reached.len()];
        for (at, part) in parts.iter().enumerate() {
            next[at + 1] = match part {
                Part::Any => next[at] || reached[at + 1] || reached[at],
                Part::One => reached[at],
                Part::Letter(wanted) => reached[at] && *wanted == letter,
            };
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn wildcards() {
        for (pattern, text, answer) in [
            ("", "", true),
            ("*", "", true),
            ("web-*", "web-1", true),
            ("web-*", "db-1", false),
            ("*-?", "web-1", true),
            ("*-?", "web-12", false),
            ("a*b*c", "axxbyyc", true),
            ("a*b*c", "acb", false),
            (r"\*", "*", true),
            (r"\*", "x", false),
            ("?", "ä", true),
            ("Web", "web", false),
        ] {
            assert_eq!(matches(pattern, text), answer, "{pattern} {text}");
        }
        let hard = "*a".repeat(30);
        assert!(!matches(&hard, &"a".repeat(29)));
    }
}
