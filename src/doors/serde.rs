//! How plain data is written with serde, where a derived form would lose something or show a secret.

use ::serde::de::{SeqAccess, Visitor};
use ::serde::ser::SerializeSeq as _;
use ::serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Times as nanoseconds since 1970, which Python has as `st_mtime_ns`; before it they are negative.
#[cfg(feature = "os")]
pub(crate) mod nanoseconds {
    use super::{Deserialize as _, Deserializer, Serializer};
    use std::time::{Duration, SystemTime};

    pub(crate) fn serialize<S: Serializer>(time: &SystemTime, serializer: S) -> Result<S::Ok, S::Error> {
        let nanoseconds = match time.duration_since(SystemTime::UNIX_EPOCH) {
            Ok(after) => i64::try_from(after.as_nanos()),
            Err(before) => i64::try_from(before.duration().as_nanos()).map(|before| -before),
        };
        let out_of_range = |_| ::serde::ser::Error::custom("a time before 1677 or after 2262");
        serializer.serialize_i64(nanoseconds.map_err(out_of_range)?)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<SystemTime, D::Error> {
        let nanoseconds = i64::deserialize(deserializer)?;
        let distance = Duration::from_nanos(nanoseconds.unsigned_abs());
        let time = match nanoseconds {
            0.. => SystemTime::UNIX_EPOCH.checked_add(distance),
            _ => SystemTime::UNIX_EPOCH.checked_sub(distance),
        };
        time.ok_or_else(|| ::serde::de::Error::custom("a time that this machine cannot hold"))
    }
}

/// Bytes: text where they are UTF-8, else a sequence of numbers. A format that is not for people gets bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ByteString(pub(crate) Vec<u8>);

impl Serialize for ByteString {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match std::str::from_utf8(&self.0) {
            _ if !serializer.is_human_readable() => serializer.serialize_bytes(&self.0),
            Ok(text) => serializer.serialize_str(text),
            Err(_) => {
                let mut sequence = serializer.serialize_seq(Some(self.0.len()))?;
                self.0.iter().try_for_each(|byte| sequence.serialize_element(byte))?;
                sequence.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for ByteString {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<ByteString, D::Error> {
        struct Bytes;

        impl<'de> Visitor<'de> for Bytes {
            type Value = ByteString;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text or a sequence of bytes")
            }

            fn visit_str<E: ::serde::de::Error>(self, text: &str) -> Result<ByteString, E> {
                Ok(ByteString(text.as_bytes().to_vec()))
            }

            fn visit_bytes<E: ::serde::de::Error>(self, bytes: &[u8]) -> Result<ByteString, E> {
                Ok(ByteString(bytes.to_vec()))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<ByteString, A::Error> {
                let mut bytes = Vec::new();
                while let Some(byte) = sequence.next_element::<u8>()? {
                    bytes.push(byte);
                }
                Ok(ByteString(bytes))
            }
        }

        match deserializer.is_human_readable() {
            true => deserializer.deserialize_any(Bytes),
            false => deserializer.deserialize_byte_buf(Bytes),
        }
    }
}

/// Fields that are bytes.
#[cfg(feature = "smtplib")]
pub(crate) mod bytes {
    use super::{ByteString, Deserialize as _, Deserializer, Serialize as _, Serializer};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        ByteString(bytes.to_vec()).serialize(serializer)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        ByteString::deserialize(deserializer).map(|bytes| bytes.0)
    }
}

/// Variables of an environment; the values of those whose names hold secrets are `***`.
#[cfg(feature = "fabric")]
pub(crate) mod environment {
    use super::{Serialize as _, Serializer};
    use std::collections::BTreeMap;

    pub(crate) fn serialize<S: Serializer>(variables: &BTreeMap<String, String>, serializer: S) -> Result<S::Ok, S::Error> {
        let shown = |(name, value): (&String, &String)| {
            (name.clone(), if crate::is_secret_name(name) { "***".into() } else { value.clone() })
        };
        variables.iter().map(shown).collect::<BTreeMap<_, _>>().serialize(serializer)
    }
}

/// A command line without the secrets that have a name in it.
#[cfg(feature = "fabric")]
pub(crate) fn command<S: Serializer>(line: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::secret::command::redact_command(line))
}

/// A program that has ended, as it is written.
#[cfg(feature = "subprocess")]
#[derive(Serialize, Deserialize)]
#[serde(rename = "CompletedProcess", crate = "::serde")]
pub(crate) struct Completed {
    pub(crate) args: Vec<ByteString>,
    pub(crate) returncode: i32,
    pub(crate) stdout: Option<ByteString>,
    pub(crate) stderr: Option<ByteString>,
}
