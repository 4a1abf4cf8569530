//! Which cookies are accepted and sent: `http.cookiejar.DefaultCookiePolicy`, with the stricter
//! rules of RFC 6265.

use super::cookie::{Cookie, escape_path};
use crate::requests::headers::Headers;
use crate::requests::url::Split;

/// The parts of a request that the policy uses.
pub(super) struct Request<'a> {
    url: Split,
    headers: &'a Headers,
}

impl<'a> Request<'a> {
    pub(super) fn new(url: &str, headers: &'a Headers) -> Request<'a> {
        Request { url: Split::new(url), headers }
    }

    /// Returns the host for cookies: a `Host` header takes precedence over the URL's host, as in
    /// requests.
    fn host(&self) -> String {
        let named = self.headers.get("Host").filter(|host| !host.is_empty());
        let host = named
            .map_or_else(|| self.url.netloc.rsplit_once('@').map_or(self.url.netloc.as_str(), |(_, host)| host), String::as_str);
        let port = host.rfind(':').filter(|&at| at + 1 < host.len() && host[at + 1..].bytes().all(|b| b.is_ascii_digit()));
        host[..port.unwrap_or(host.len())].to_lowercase()
    }

    /// Returns the host; a host without a dot is in `.local`.
    pub(super) fn effective_host(&self) -> String {
        let host = self.host();
        if host.contains('.') || is_ip(&host) { host } else { host + ".local" }
    }

    pub(super) fn path(&self) -> String {
        let path = escape_path(&self.url.path);
        if path.starts_with('/') { path } else { format!("/{path}") }
    }

    /// `http.cookiejar.request_port`: 80 if the URL has no port, also for https.
    pub(super) fn port(&self) -> u16 {
        self.url.port().unwrap_or(80)
    }

    /// Returns true for the same host, not for one below it.
    pub(super) fn is_host(&self, domain: &str) -> bool {
        self.host() == domain
    }

    fn is_secure(&self) -> bool {
        matches!(self.url.scheme.as_str(), "https" | "wss")
    }
}

/// Returns true for an IP address. Python checks only whether the last part is a number.
fn is_ip(host: &str) -> bool {
    host.starts_with('[')
        || host.rsplit_once('.').is_some_and(|(_, last)| !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit()))
}

/// Returns true if the server may set this cookie.
///
/// DIFFERENCE: rejects cookies for a public suffix (`.co.uk`, `.github.io`), `Secure` cookies over
/// plain HTTP, and cookies that break the rules of the name prefixes `__Host-` and `__Secure-`;
/// http.cookiejar accepts them.
pub(super) fn set_ok(cookie: &Cookie, request: &Request<'_>) -> bool {
    if cookie.secure && !request.is_secure() {
        return false;
    }
    let prefixed = |prefix: &str| cookie.name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
    let is_host = prefixed("__Host-");
    // rfc6265bis 4.1.3: the rules of these name prefixes.
    if (is_host || prefixed("__Secure-")) && (!cookie.secure || cookie.value.is_none()) {
        return false;
    }
    if is_host && (cookie.domain_specified || !cookie.path_specified || cookie.path != "/") {
        return false;
    }
    if cookie.domain_specified {
        let host = request.effective_host();
        let undotted = undotted(&cookie.domain);
        let same = host == undotted || request.is_host(undotted);
        let below = !is_ip(&host) && domain_match(&host, undotted) && !is_public_suffix(undotted);
        if !same && !below {
            return false;
        }
    }
    match &cookie.port {
        Some(ports) if !ports.is_empty() => ports.split(',').any(|port| port.parse() == Ok(request.port())),
        _ => true,
    }
}

/// Returns true if the cookie is sent with this request.
///
/// DIFFERENCE: a cookie without `Domain` is sent only to its host (RFC 6265); http.cookiejar also
/// sends it to subdomains.
pub(super) fn return_ok(cookie: &Cookie, request: &Request<'_>, now: i64) -> bool {
    if (cookie.secure && !request.is_secure()) || cookie.is_expired(now) {
        return false;
    }
    if cookie.port.as_deref().is_some_and(|ports| !ports.split(',').any(|port| port.parse() == Ok(request.port()))) {
        return false;
    }
    let host = request.effective_host();
    let domain = cookie.domain.strip_prefix('.').unwrap_or(&cookie.domain);
    let in_domain = domain.is_empty() || host == domain || format!("{domain}.local") == host;
    in_domain_or_below(cookie, &host, domain, in_domain) && path_match(&request.path(), &cookie.path)
}

fn in_domain_or_below(cookie: &Cookie, host: &str, domain: &str, in_domain: bool) -> bool {
    in_domain || (cookie.domain_specified && !is_ip(host) && domain_match(host, domain))
}

/// Returns true if `host` is below `domain`.
fn domain_match(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain).is_some_and(|name| name.ends_with('.'))
}

fn path_match(path: &str, cookie: &str) -> bool {
    path.strip_prefix(cookie).is_some_and(|rest| rest.is_empty() || cookie.ends_with('/') || rest.starts_with('/'))
}

/// Returns true if a cookie over plain HTTP would replace a `Secure` cookie: rfc6265bis 5.7.
pub(super) fn overlays(new: &Cookie, own: &Cookie, request: &Request<'_>) -> bool {
    let (a, b) = (undotted(&new.domain), undotted(&own.domain));
    !new.secure
        && !request.is_secure()
        && own.secure
        && own.name == new.name
        && (a == b || domain_match(a, b) || domain_match(b, a))
        && path_match(&new.path, &own.path)
}

/// Returns true for two cookies that replace each other: RFC 6265 5.3 11. A leading dot of the
/// domain is ignored.
pub(super) fn is_same(a: &Cookie, b: &Cookie) -> bool {
    a.name == b.name && a.path == b.path && a.domain_specified == b.domain_specified && undotted(&a.domain) == undotted(&b.domain)
}

fn undotted(domain: &str) -> &str {
    domain.strip_prefix('.').unwrap_or(domain)
}

/// Returns true for a suffix under which independent parties register names: one of the list, or
/// any name without a dot.
pub(super) fn is_public_suffix(domain: &str) -> bool {
    let domain = domain.trim_end_matches('.');
    if !domain.contains('.') {
        return true;
    }
    psl::suffix(domain.as_bytes()).is_some_and(|suffix| suffix.is_known() && suffix.as_bytes().len() == domain.len())
}
