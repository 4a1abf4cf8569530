//! How plain data is written with serde, where a derived form would lose something or show a secret.

/// Times as nanoseconds since 1970, which Python has as `st_mtime_ns`; before it they are negative.
#[cfg(feature = "os")]
pub(crate) mod nanoseconds {
    use ::serde::{Deserialize as _, Deserializer, Serializer};
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

/// Fields that are bytes.
#[cfg(feature = "smtplib")]
pub(crate) mod bytes {
    use ::serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    use crate::doors::byte_string::ByteString;

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
    use ::serde::{Serialize as _, Serializer};
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
pub(crate) fn command<S: ::serde::Serializer>(line: &str, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&crate::secret::command::redact_command(line))
}

/// A program that has ended, as it is written.
#[cfg(feature = "subprocess")]
#[derive(::serde::Serialize, ::serde::Deserialize)]
#[serde(rename = "CompletedProcess", crate = "::serde")]
pub(crate) struct Completed {
    pub(crate) args: Vec<crate::doors::byte_string::ByteString>,
    pub(crate) returncode: i32,
    pub(crate) stdout: Option<crate::doors::byte_string::ByteString>,
    pub(crate) stderr: Option<crate::doors::byte_string::ByteString>,
}
