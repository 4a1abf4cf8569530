//! The headers of a new session: the default User-Agent, and what is accepted.

use super::headers::Headers;

/// The encodings that are asked for, and decoded.
#[doc(alias = "requests.utils.DEFAULT_ACCEPT_ENCODING")]
pub const DEFAULT_ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";

/// The `User-Agent`: `leyden/0.1.0`. DIFFERENCE: Python's is `python-requests/2.34.2`.
#[doc(alias = "requests.utils.default_user_agent")]
pub fn default_user_agent() -> String {
    concat!(env!("CARGO_PKG_NAME"), "/", env!("CARGO_PKG_VERSION")).into()
}

/// The headers of a new session.
#[doc(alias = "requests.utils.default_headers")]
pub fn default_headers() -> Headers {
    [
        ("User-Agent", default_user_agent()),
        ("Accept-Encoding", DEFAULT_ACCEPT_ENCODING.into()),
        ("Accept", "*/*".into()),
        ("Connection", "keep-alive".into()),
    ]
    .into_iter()
    .collect()
}
