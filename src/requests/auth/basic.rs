//! Authentication without a challenge: Basic, Bearer, and Basic for a proxy.

use base64::Engine as _;

use super::Auth;
use crate::Secret;
use crate::requests::error::Result;
use crate::requests::headers::to_latin1;
use crate::requests::request::prepare::PreparedRequest;

/// Basic authentication: user name and password on every request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "requests.auth.HTTPBasicAuth")]
pub struct HttpBasicAuth {
    username: String,
    password: Secret,
}

impl HttpBasicAuth {
    /// Creates it from these credentials.
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> HttpBasicAuth {
        HttpBasicAuth { username: username.into(), password: password.into() }
    }
}

impl Auth for HttpBasicAuth {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        request.headers.insert("Authorization", basic_auth_str(&self.username, self.password.expose()));
        Ok(())
    }
}

/// Basic authentication for a proxy, in `Proxy-Authorization`. For HTTPS, put the credentials into
/// the proxy's URL instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[doc(alias = "requests.auth.HTTPProxyAuth")]
pub struct HttpProxyAuth(HttpBasicAuth);

impl HttpProxyAuth {
    /// Creates it from these credentials.
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> HttpProxyAuth {
        HttpProxyAuth(HttpBasicAuth::new(username, password))
    }
}

impl Auth for HttpProxyAuth {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        request.headers.insert("Proxy-Authorization", basic_auth_str(&self.0.username, self.0.password.expose()));
        Ok(())
    }
}

/// A bearer token: `Authorization: Bearer …`. requests has no class for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpBearerAuth(Secret);

impl HttpBearerAuth {
    /// Creates it from this token.
    pub fn new(token: impl Into<Secret>) -> HttpBearerAuth {
        HttpBearerAuth(token.into())
    }
}

impl Auth for HttpBearerAuth {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        request.headers.insert("Authorization", format!("Bearer {}", self.0.expose()));
        Ok(())
    }
}

/// Returns `Basic …`, in Latin-1 like requests. DIFFERENCE: text beyond Latin-1 is sent in UTF-8
/// (RFC 7617); Python raises `UnicodeEncodeError`.
pub(in crate::requests) fn basic_auth_str(username: &str, password: &str) -> String {
    let text = format!("{username}:{password}");
    let bytes = if text.chars().all(|c| c <= '\u{ff}') { to_latin1(&text) } else { text.into_bytes() };
    format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(bytes))
}
