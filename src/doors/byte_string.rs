//! [`ByteString`]: bytes as text where they are text.

use std::fmt;

use serde::de::{SeqAccess, Visitor};
use serde::ser::SerializeSeq as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

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

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<ByteString, E> {
                Ok(ByteString(text.as_bytes().to_vec()))
            }

            fn visit_bytes<E: serde::de::Error>(self, bytes: &[u8]) -> Result<ByteString, E> {
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
