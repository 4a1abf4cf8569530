//! [`Cookie`], and the `Set-Cookie` parser of RFC 6265.

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
    /// Its value; `None` for a cookie without `=`.
    pub value: Option<String>,
    /// The host, in lower case. A leading dot includes subdomains. Empty: every host, as
    /// [`create_cookie`] sets it.
    pub domain: String,
    /// Whether the server named the domain. If not, the cookie belongs to that host alone.
    pub domain_specified: bool,
    /// The path.
    pub path: String,
    /// Whether the server named the path.
    pub path_specified: bool,
    /// The ports, separated by commas.
    pub port: Option<String>,
    /// Whether it is sent over TLS only.
    pub secure: bool,
    /// The expiry time, in seconds since 1970. `None`: the end of the session.
    pub expires: Option<i64>,
    /// Whether it is discarded at the end of the session.
    pub discard: bool,
    /// A comment.
    pub comment: Option<String>,
    /// The other attributes, `HttpOnly` and `SameSite` among them.
    pub rest: Vec<(String, Option<String>)>,
}

impl Cookie {
    /// Returns true if it is expired at this time (seconds since 1970).
    pub fn is_expired(&self, now: i64) -> bool {
        self.expires.is_some_and(|expires| expires <= now)
    }

    /// `Cookie.has_nonstandard_attr`: true if the server set this attribute (`HttpOnly`), in this
    /// spelling.
    pub fn has_nonstandard_attr(&self, name: &str) -> bool {
        self.rest.iter().any(|(own, _)| own == name)
    }

    /// Sets the domain. A leading dot includes its subdomains.
    #[must_use]
    pub fn domain(mut self, domain: impl Into<String>) -> Cookie {
        self.domain = domain.into().to_lowercase();
        self.domain_specified = !self.domain.is_empty();
        self
    }

    /// Sets the path, which includes all paths below it. Default `/`.
    #[must_use]
    pub fn path(mut self, path: impl Into<String>) -> Cookie {
        self.path = path.into();
        self.path_specified = !self.path.is_empty();
        self
    }

    /// Sets whether it is sent over TLS only.
    #[must_use]
    pub fn secure(mut self, secure: bool) -> Cookie {
        self.secure = secure;
        self
    }

    /// Sets the expiry time, in seconds since 1970.
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

/// Creates a cookie that is sent with every request, unless [`Cookie::domain`] restricts it.
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

/// The maximum size in bytes of name and value together, and of each attribute:
/// draft-ietf-httpbis-rfc6265bis 5.6. Larger ones are ignored.
const MOST: usize = 4096;
const MOST_OF_ATTRIBUTE: usize = 1024;

/// Parses one `Set-Cookie` header of the response to this request: RFC 6265 5.2 and 5.3. `None` if
/// it is not a cookie.
///
/// A server sends an expired cookie to delete it: see [`Cookie::is_expired`].
///
/// DIFFERENCE: only an invalid attribute itself is ignored, and the last one of a name counts;
/// http.cookiejar drops the whole cookie, and the first one counts. `Expires` follows RFC 6265
/// 5.1.1, without time zones. Values keep their quotes.
pub(super) fn parse(header: &str, request: &Request<'_>, now: i64) -> Option<Cookie> {
    // rfc6265bis 5.6: a control character other than a tab invalidates the whole header.
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
    // A public suffix may set a cookie for itself, but not for the hosts below it.
    let domain = given.domain.filter(|domain| !(is_public_suffix(domain) && request.is_host(domain)));
    let domain_specified = domain.is_some();
    let expires =
        given.max_age.map(|seconds| if seconds <= 0 { i64::MIN } else { now.saturating_add(seconds) }).or(given.expires);
    // http.cookiejar ignores ports that do not include the request's.
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

/// RFC 6265 removes only spaces and tabs.
fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// RFC 6265 5.2.2: digits, optionally after a minus sign. Values out of range saturate.
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
