//! What the doors to other crates share. Each door is beside the battery that it leads to: `smtplib::lettre`, `requests::http`.

#[cfg(any(feature = "smtplib", feature = "subprocess"))]
pub(crate) mod byte_string;
pub(crate) mod serde;
