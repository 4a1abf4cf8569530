//! [`Cookie`], and what a server's `Set-Cookie` makes of it: `http.cookiejar`'s parser.

use super::date::http2time;
use super::policy::Request;
use crate::requests::quote::{hex_pair, is_unreserved};

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

/// What one `Set-Cookie` says.
pub(super) enum Parsed {
    Keep(Cookie),
    /// Its expiry has passed: the server wants it gone.
    Remove {
        domain: String,
        path: String,
        name: String,
    },
}

/// One `Set-Cookie` header, as the answer to this request. None if it makes no sense.
pub(super) fn parse(header: &str, request: &Request<'_>, now: i64) -> Option<Parsed> {
    let mut params = header.split(';').map(|param| {
        let (key, value) = param.split_once('=').map_or((param, None), |(key, value)| (key, Some(value)));
        (key.trim(), value.map(str::trim))
    });
    let (name, value) = params.next().filter(|(name, _)| !name.is_empty())?;
    let mut given = Attributes::default();
    let mut rest: Vec<(String, Option<String>)> = Vec::new();
    for (key, value) in params.filter(|(key, _)| !key.is_empty()) {
        let lower = key.to_ascii_lowercase();
        let text = value.map(str::to_owned);
        match lower.as_str() {
            "expires" if given.max_age || given.expires.is_some() => {}
            "expires" => given.expires = value.and_then(|date| http2time(strip_quotes(date), now)),
            "max-age" => {
                given.max_age = true;
                given.expires = Some(now.saturating_add(python_int(value?)?));
            }
            "domain" if given.domain.is_none() => given.domain = Some(value?.to_lowercase()),
            "path" if given.path.is_none() => given.path = Some(value?.to_owned()),
            "port" if given.port.is_none() => given.port = Some(text),
            "version" if given.version.is_none() => given.version = Some(python_int(strip_quotes(value?))?),
            "secure" => given.secure = true,
            "discard" => given.discard = true,
            "comment" if given.comment.is_none() => given.comment = text,
            "domain" | "path" | "port" | "version" | "comment" | "commenturl" => {}
            _ => {
                if !rest.iter().any(|(own, _)| own == key) {
                    rest.push((key.to_owned(), text));
                }
            }
        }
    }
    // Version 1 is taken for Netscape's 0, and there is no other.
    if !matches!(given.version.unwrap_or(0), 0 | 1) {
        return None;
    }
    let path_specified = given.path.as_deref().is_some_and(|path| !path.is_empty());
    let path = match given.path {
        Some(path) if path_specified => escape_path(&path),
        _ => {
            let own = request.path();
            let default = own.rsplit_once('/').map_or(own.as_str(), |(directory, last)| {
                if given.version == Some(1) { &own[..own.len() - last.len()] } else { directory }
            });
            if default.is_empty() { "/".into() } else { default.to_owned() }
        }
    };
    let domain_specified = given.domain.is_some();
    let domain = match given.domain {
        None => request.effective_host(),
        Some(domain) if domain.starts_with('.') => domain,
        Some(domain) => format!(".{domain}"),
    };
    if given.expires.is_some_and(|expires| expires <= now) {
        return Some(Parsed::Remove { domain, path, name: name.into() });
    }
    let port = given.port.map(|port| match port {
        Some(ports) => ports.split_whitespace().collect(),
        None => request.port().to_string(),
    });
    Some(Parsed::Keep(Cookie {
        name: name.into(),
        value: value.map(str::to_owned),
        domain,
        domain_specified,
        path,
        path_specified,
        port,
        secure: given.secure,
        expires: given.expires,
        discard: given.discard || given.expires.is_none(),
        comment: given.comment,
        rest,
    }))
}

#[derive(Default)]
struct Attributes {
    expires: Option<i64>,
    max_age: bool,
    domain: Option<String>,
    path: Option<String>,
    port: Option<Option<String>>,
    version: Option<i64>,
    secure: bool,
    discard: bool,
    comment: Option<String>,
}

fn strip_quotes(text: &str) -> &str {
    let text = text.strip_prefix('"').unwrap_or(text);
    text.strip_suffix('"').unwrap_or(text)
}

/// `int(text)`: a sign, digits, and single underscores between them.
fn python_int(text: &str) -> Option<i64> {
    let text = text.trim();
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let well_formed =
        !digits.is_empty() && digits.split('_').all(|part| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit()));
    well_formed.then(|| text.replace('_', "").parse().unwrap_or(if text.starts_with('-') { i64::MIN } else { i64::MAX }))
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
