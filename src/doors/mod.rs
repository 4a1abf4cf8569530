//! What the doors to other crates share. Each door is beside the battery that it leads to: `smtplib::lettre`, `requests::http`.

pub(crate) mod serde;
