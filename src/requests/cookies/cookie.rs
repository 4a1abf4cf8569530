//! [`Cookie`], and what a server's `Set-Cookie` makes of it: the parser of RFC 6265.

use std::collections::HashSet;

use super::date::cookie_date;
use super::policy::{Request, is_public_suffix};
use crate::requests::url::quote::{hex_pair, is_unreserved};

/// One cookie: Python's `http.cookiejar.Cookie`. Its value is a secret, and `Debug` hides it.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Cookie {
    /// Its name.
    pub name: String,
    /// Its value; None of a cookie without `=`.
    pub value: Option<String>,
    /// For which hosts, in lower case. With a leading dot: and their subdomains. Empty: everywhere, as [`create_cookie`] makes it.
    pub domain: String,
    /// The server named the domain. If it did not, the cookie is for that host alone.
    pub domain_specified: bool,
    /// For which paths.
    pub path: String,
    /// The server named the path.
    pub path_specified: bool,
    /// For these ports only, separated by commas.
    pub port: Option<String>,
    /// Over TLS only.
    pub secure: bool,
    /// Until when, in seconds since 1970. None: until the session ends.
    pub expires: Option<i64>,
    /// To be forgotten when the session ends.
    pub discard: bool,
    /// A comment.
    pub comment: Option<String>,
    /// What else the server said, `HttpOnly` and `SameSite` among it.
    pub rest: Vec<(String, Option<String>)>,
}

impl Cookie {
    /// True if it is too old at this time (seconds since 1970).
    pub fn is_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// `Cookie.has_nonstandard_attr`: the server said this (`HttpOnly`), in this spelling.
    pub fn has_nonstandard_attr(&self, name: &str) -> bool {
        self.rest.iter().any(|(own, _)| own == name)
    }

    /// For this domain. A leading dot includes its subdomains.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Cookie {
        self.domain = domain.into().to_lowercase();
        self.domain_specified = !self.domain.is_empty();
        self
    }

    /// For this path and what is beneath it. Default `/`.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Cookie {
        self.path = path.into();
        self.path_specified = !self.path.is_empty();
        self
    }

    /// Over TLS only.
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Cookie {
        self.secure = secure;
        self
    }

    /// Until then, in seconds since 1970.
    #[must_use]
    pub fn expires(mut self, expires: i64) -> Cookie {
        self.expires = Some(expires);
        self.discard = false;
        self
    }
}

impl std::fmt::Debug for Cookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<Cookie {}=*** for {}{}>", self.name, self.domain, self.path)
    }
}

/// A cookie from its name and value: sent on every request until [`Cookie::domain`] says otherwise.
#[doc(alias("requests.cookies.create_cookie", "requests.cookies.morsel_to_cookie"))]
pub fn create_cookie(name: impl Into<String>, value: impl Into<String>) -> Cookie {
    Cookie {
        name: name.into(),
        value: Some(value.into()),
        domain: String::new(),
        domain_specified: false,
        path: "/".into(),
        path_specified: true,
        port: None,
        secure: false,
        expires: None,
        discard: true,
        comment: None,
        rest: vec![("HttpOnly".into(), None)],
    }
}

/// The largest name and value together, and the largest attribute, in bytes: draft-ietf-httpbis-rfc6265bis 5.6. More is ignored.
const MOST: usize = 4096;
const MOST_OF_ATTRIBUTE: usize = 1024;

/// One `Set-Cookie` header, as the answer to this request: RFC 6265 5.2 and 5.3. None if it makes no cookie.
///
/// An expired cookie is one that the server wants gone: see [`Cookie::is_expired`].
///
/// DIFFERENCE: an attribute that makes no sense is ignored alone, and the last one of a name counts; http.cookiejar drops the whole cookie, and counts
/// the first. `Expires` is read as RFC 6265 5.1.1 has it, without time zones; values keep their quotes.
pub(super) fn parse(header: &str, request: &Request<'_>, now: i64) -> Option<Cookie> {
    // rfc6265bis 5.6: a control character other than a tab spoils the whole.
    if header.contains(|c: char| (c < ' ' && c != '\t') || c == '\u{7f}') {
        return None;
    }
    let mut params = header.split(';').map(|param| {
        let (key, value) = param.split_once('=').map_or((param, None), |(key, value)| (key, Some(value)));
        (trim(key), value.map(trim))
    });
    let (name, value) = params.next().filter(|(name, _)| !name.is_empty())?;
    if name.len() + value.map_or(0, str::len) > MOST {
        return None;
    }
    let mut given = Attributes::default();
    let mut rest: Vec<(String, Option<String>)> = Vec::new();
    let mut seen = HashSet::new();
    for (key, value) in params.filter(|(key, _)| !key.is_empty()) {
        if key.len() + value.map_or(0, str::len) > MOST_OF_ATTRIBUTE {
            continue;
        }
        let text = value.unwrap_or_default();
        match key.to_ascii_lowercase().as_str() {
            "expires" => given.expires = cookie_date(text).or(given.expires),
            "max-age" => given.max_age = max_age(text).or(given.max_age),
            "domain" => {
                let domain = text.strip_prefix('.').unwrap_or(text).to_lowercase();
                given.domain = Some(domain).filter(|domain| !domain.is_empty());
            }
            "path" => given.path = text.starts_with('/').then(|| escape_path(text)),
            "port" => given.port = Some(value.map(str::to_owned)),
            "secure" => given.secure = true,
            "discard" => given.discard = true,
            "comment" => given.comment = value.map(str::to_owned),
            "version" | "commenturl" => {}
            _ => {
                if seen.insert(key) {
                    rest.push((key.to_owned(), value.map(str::to_owned)));
                }
            }
        }
    }
    let path_specified = given.path.is_some();
    // RFC 6265 5.1.4: the request's path up to its last slash.
    let path = given.path.unwrap_or_else(|| {
        let own = request.path();
        let directory = own.rsplit_once('/').map_or("", |(directory, _)| directory);
        if directory.is_empty() { "/".into() } else { directory.to_owned() }
    });
    // A public suffix may set a cookie for itself, and for no host beneath it.
    let domain = given.domain.filter(|domain| !(is_public_suffix(domain) && request.is_host(domain)));
    let domain_specified = domain.is_some();
    let expires =
        given.max_age.map(|seconds| if seconds <= 0 { i64::MIN } else { now.saturating_add(seconds) }).or(given.expires);
    // Ports that do not include the one that was asked make no sense: http.cookiejar.
    let port = given.port.map(|port| match port {
        Some(ports) => {
            trim(&ports.replace('"', "")).split([' ', ',']).filter(|port| !port.is_empty()).collect::<Vec<_>>().join(",")
        }
        None => request.port().to_string(),
    });
    let port = port.filter(|ports| ports.split(',').any(|port| port.parse() == Ok(request.port())));
    Some(Cookie {
        name: name.into(),
        value: value.map(str::to_owned),
        domain: domain.map_or_else(|| request.effective_host(), |domain| format!(".{domain}")),
        domain_specified,
        path,
        path_specified,
        port,
        secure: given.secure,
        expires,
        discard: given.discard || expires.is_none(),
        comment: given.comment,
        rest,
    })
}

#[derive(Default)]
struct Attributes {
    expires: Option<i64>,
    max_age: Option<i64>,
    domain: Option<String>,
    path: Option<String>,
    port: Option<Option<String>>,
    secure: bool,
    discard: bool,
    comment: Option<String>,
}

/// RFC 6265 takes off spaces and tabs, and nothing else that is white.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// RFC 6265 5.2.2: digits, after a minus sign or none. What is too large stays large.
fn max_age(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let valid = !text.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()) && (digits.len() == text.len() || text.len() > 1);
    valid.then(|| text.parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
}

/// `http.cookiejar.escape_path`.
pub(super) fn escape_path(path: &str) -> String {
    let bytes = path.as_bytes();
    let mut out = String::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        match (byte, hex_pair(bytes, at + 1)) {
            (b'%', Some(value)) => {
                out.push_str(&format!("%{value:02X}"));
                at += 2;
            }
            _ if is_unreserved(byte) || b"%/;:@&=+$,!~*'()".contains(&byte) => out.push(char::from(byte)),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
        at += 1;
    }
    out
}
