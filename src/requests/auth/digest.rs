//! [`HttpDigestAuth`]: sends a hash of the password and the server's nonce instead of the password.

use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use sha2::Digest as _;

use super::Auth;
use crate::Secret;
use crate::requests::error::Result;
use crate::requests::request::prepare::PreparedRequest;
use crate::requests::response::Response;
use crate::requests::url::Split;

/// Digest authentication (RFC 7616): MD5, SHA, SHA-256, SHA-512 and SHA-512-256, each also as
/// `-sess`, with `qop=auth` or without `qop`.
///
/// It answers the challenge of a 401, and then authenticates each request with the last nonce. The
/// value holds this state: keep one per server.
///
/// DIFFERENCE: challenges are parsed (RFC 9110 11.6.1) and the first supported one is answered;
/// requests searches for `digest ` and mixes the fields of several. `-sess` of the SHA algorithms
/// is supported. Quotes and backslashes in the user name and the realm are escaped. `uri` includes
/// the path's parameters after `;`, like the request line; Python's `urlparse` removes them. With
/// an unsupported algorithm or qop, the 401 is returned; requests repeats the request without
/// credentials.
#[derive(Debug)]
#[doc(alias = "requests.auth.HTTPDigestAuth")]
pub struct HttpDigestAuth {
    username: String,
    password: Secret,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    challenge: Option<Challenge>,
    last_nonce: String,
    nonce_count: u32,
}

#[derive(Clone, Debug, Default)]
struct Challenge {
    realm: String,
    nonce: String,
    qop: Option<String>,
    algorithm: Option<String>,
    opaque: Option<String>,
}

/// Hashes a text to hexadecimal digits.
type Hash = fn(&str) -> String;

impl Challenge {
    /// Returns the hash function, and whether it is a `-sess` variant. `None` if unsupported.
    fn hash(&self) -> Option<(Hash, bool)> {
        let name = self.algorithm.as_deref().unwrap_or("MD5").to_uppercase();
        let (family, session) = name.strip_suffix("-SESS").map_or((name.as_str(), false), |family| (family, true));
        let hash: Hash = match family {
            "MD5" => |text| hex(&md5::Md5::digest(text)),
            "SHA" => |text| hex(&sha1::Sha1::digest(text)),
            "SHA-256" => |text| hex(&sha2::Sha256::digest(text)),
            "SHA-512" => |text| hex(&sha2::Sha512::digest(text)),
            "SHA-512-256" => |text| hex(&sha2::Sha512_256::digest(text)),
            _ => return None,
        };
        Some((hash, session))
    }

    /// Returns true if the server accepts a digest without the body: `qop=auth`, or no `qop`.
    fn has_auth(&self) -> bool {
        let qop = self.qop.as_deref().filter(|qop| !qop.is_empty());
        qop.is_none_or(|qop| qop.split(',').any(|one| one.trim() == "auth"))
    }

    fn is_known(&self) -> bool {
        self.hash().is_some() && self.has_auth()
    }
}

impl HttpDigestAuth {
    /// Creates it from these credentials.
    pub fn new(username: impl Into<String>, password: impl Into<Secret>) -> HttpDigestAuth {
        HttpDigestAuth { username: username.into(), password: password.into(), state: Mutex::default() }
    }

    /// Stores a challenge from the text of `WWW-Authenticate`. Returns false if it is not a Digest
    /// challenge.
    #[doc(alias = "requests.auth.HTTPDigestAuth.handle_401")]
    pub fn challenge(&self, header: &str) -> bool {
        self.learn([header])
    }

    /// Stores the first supported Digest challenge, otherwise the first one: servers list their
    /// preferred one first (RFC 7616 3.7).
    fn learn<'a>(&self, headers: impl IntoIterator<Item = &'a str>) -> bool {
        let offers = headers.into_iter().flat_map(super::challenge::parse);
        let digests = offers.filter(|offer| offer.scheme.eq_ignore_ascii_case("Digest")).filter_map(|offer| {
            let field = |name: &str| offer.param(name).map(str::to_owned);
            let (realm, nonce) = (field("realm")?, field("nonce")?);
            Some(Challenge { realm, nonce, qop: field("qop"), algorithm: field("algorithm"), opaque: field("opaque") })
        });
        let mut digests: Vec<Challenge> = digests.collect();
        if digests.is_empty() {
            return false;
        }
        let known = digests.iter().position(Challenge::is_known).unwrap_or(0);
        self.lock().challenge = Some(digests.swap_remove(known));
        true
    }

    /// Returns the `Authorization` header for a request, with the last challenge and this client
    /// nonce. `None` if there was no challenge, or its algorithm or qop is not supported.
    #[doc(alias = "requests.auth.HTTPDigestAuth.build_digest_header")]
    pub fn build_digest_header(&self, method: &str, url: &str, cnonce: &str) -> Option<String> {
        let mut state = self.lock();
        let challenge = state.challenge.clone()?;
        let Challenge { realm, nonce, qop, algorithm, opaque } = &challenge;
        let (hash, session) = challenge.hash()?;
        let qop = qop.as_deref().filter(|qop| !qop.is_empty());
        if !challenge.has_auth() {
            return None;
        }
        let target = Split::new(url);
        let mut path = if target.path.is_empty() { "/".to_owned() } else { target.path.clone() };
        if !target.query.is_empty() {
            path = format!("{path}?{}", target.query);
        }
        let mut ha1 = hash(&format!("{}:{realm}:{}", self.username, self.password.expose()));
        let ha2 = hash(&format!("{method}:{path}"));
        if session {
            ha1 = hash(&format!("{ha1}:{nonce}:{cnonce}"));
        }
        state.nonce_count = if *nonce == state.last_nonce { state.nonce_count + 1 } else { 1 };
        state.last_nonce.clone_from(nonce);
        let count = format!("{:08x}", state.nonce_count);
        let response = match qop {
            None => hash(&format!("{ha1}:{nonce}:{ha2}")),
            Some(_) => hash(&format!("{ha1}:{nonce}:{count}:{cnonce}:auth:{ha2}")),
        };
        let mut header = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{path}\", response=\"{response}\"",
            escape(&self.username),
            escape(realm),
            escape(nonce)
        );
        if let Some(opaque) = opaque.as_deref().filter(|opaque| !opaque.is_empty()) {
            let _ = write!(header, ", opaque=\"{}\"", escape(opaque));
        }
        if let Some(algorithm) = algorithm.as_deref().filter(|algorithm| !algorithm.is_empty()) {
            let _ = write!(header, ", algorithm=\"{}\"", escape(algorithm));
        }
        if qop.is_some() {
            let _ = write!(header, ", qop=\"auth\", nc={count}, cnonce=\"{cnonce}\"");
        }
        Some(header)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn authorize(&self, request: &mut PreparedRequest) -> Result<bool> {
        let cnonce = request.random_hex(8)?;
        let header = self.build_digest_header(&request.method, &request.url, &cnonce);
        Ok(header.map(|header| request.headers.insert("Authorization", header)).is_some())
    }
}

impl Auth for HttpDigestAuth {
    fn apply(&self, request: &mut PreparedRequest) -> Result<()> {
        self.authorize(request).map(|_| ())
    }

    #[doc(alias = "requests.auth.HTTPDigestAuth.handle_redirect")]
    fn answer(&self, response: &Response) -> Result<Option<PreparedRequest>> {
        if !(400..500).contains(&response.status_code) {
            return Ok(None);
        }
        let challenges = response.raw_headers().iter().filter(|(name, _)| name.eq_ignore_ascii_case("WWW-Authenticate"));
        if !self.learn(challenges.map(|(_, value)| value.as_str())) {
            return Ok(None);
        }
        let mut request = response.request.clone();
        Ok(self.authorize(&mut request)?.then_some(request))
    }
}

pub(in crate::requests) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Escapes a text for quotes.
fn escape(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}
