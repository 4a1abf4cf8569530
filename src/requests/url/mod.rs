//! URLs as requests parses them: `urllib3.util.parse_url`, `urllib.parse.urlsplit` and `urljoin`.

pub(super) mod quote;

use self::quote::{hex_pair, is_unreserved};
use super::error::{Error, Result};
use crate::secret::url::{cut, scheme_end};

/// `urllib3.util.Url`: the normalized result of `parse_url`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Url {
    pub(super) scheme: Option<String>,
    pub(super) auth: Option<String>,
    pub(super) host: Option<String>,
    pub(super) port: Option<u16>,
    pub(super) path: Option<String>,
    pub(super) query: Option<String>,
    pub(super) fragment: Option<String>,
}

const USERINFO: &[u8] = b"!$&'()*+,;=:";
const PATH: &[u8] = b"!$&'()*+,;=:@/";
const QUERY: &[u8] = b"!$&'()*+,;=:@/?";

/// `urllib3.util.parse_url`: lower-cases scheme and host, removes dot segments, normalizes escapes.
/// A text without a scheme starts with the host.
pub(super) fn parse_url(url: &str) -> Result<Url> {
    if url.is_empty() {
        return Ok(Url::default());
    }
    let invalid = |reason: String| Error::invalid_url(url, reason);
    let with_slashes;
    let text = if starts_like_a_url(url) {
        url
    } else {
        with_slashes = format!("//{url}");
        &with_slashes
    };
    let (scheme, rest) = match scheme_end(text) {
        Some(end) => (Some(text[..end].to_ascii_lowercase()), &text[end + 1..]),
        None => (None, text),
    };
    let normalize = matches!(scheme.as_deref(), None | Some("http" | "https"));
    let (authority, rest) = match rest.strip_prefix("//") {
        Some(rest) => {
            let end = rest.find(['\\', '/', '?', '#']).unwrap_or(rest.len());
            (Some(&rest[..end]), &rest[end..])
        }
        None => (None, rest),
    };
    let (rest, fragment) = cut(rest, '#');
    let (path, query) = cut(rest, '?');

    let (mut auth, mut host, mut port) = (None, None, None);
    if let Some(authority) = authority.filter(|authority| !authority.is_empty()) {
        let (user, host_port) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
        if !user.is_empty() {
            auth = Some(if normalize { encode_invalid(user, USERINFO) } else { user.to_owned() });
        }
        let (name, digits) = split_host_port(host_port).ok_or_else(|| {
            invalid(match host_port.chars().find(|&c| c <= ' ' || c == '\u{7f}') {
                Some(c) => format!("the host contains {c:?}"),
                None => "no valid host or port".into(),
            })
        })?;
        port = match digits {
            "" => None,
            digits => Some(digits.parse::<u16>().map_err(|_| invalid("the port is out of range".into()))?),
        };
        host = Some(normalize_host(name, normalize).map_err(invalid)?);
    }
    let mut path = path.to_owned();
    if normalize && !path.is_empty() {
        path = encode_invalid(&remove_dot_segments(&path), PATH);
    }
    let encode = |part: Option<&str>| part.map(|part| if normalize { encode_invalid(part, QUERY) } else { part.to_owned() });
    let (query, fragment) = (encode(query), encode(fragment));
    let path = match path {
        path if path.is_empty() => (query.is_some() || fragment.is_some()).then(String::new),
        path if path.starts_with('/') => Some(path),
        path => Some(format!("/{path}")),
    };
    Ok(Url { scheme, auth, host, port, path, query, fragment })
}

/// Returns true for a text with a scheme without a dot, or with a slash. Otherwise urllib3 parses
/// it as `host/path`.
fn starts_like_a_url(text: &str) -> bool {
    text.starts_with('/') || scheme_end(text).is_some_and(|end| !text[..end].contains('.'))
}

/// Splits `host`, `host:port` or `[v6]:port` into the host and the port's digits without leading
/// zeros.
fn split_host_port(text: &str) -> Option<(&str, &str)> {
    let host_end = if text.starts_with('[') { text.find(']')? + 1 } else { text.find(':').unwrap_or(text.len()) };
    let (host, port) = text.split_at(host_end);
    let digits = match port.strip_prefix(':') {
        None if port.is_empty() => "",
        None => return None,
        Some(digits) if !digits.bytes().all(|b| b.is_ascii_digit()) => return None,
        Some(digits) => match digits.trim_start_matches('0') {
            "" if !digits.is_empty() => "0",
            digits => digits,
        },
    };
    if digits.len() > 5 {
        return None;
    }
    let valid = match host.strip_prefix('[') {
        Some(v6) => is_ipv6(v6.strip_suffix(']')?),
        None => is_reg_name(host),
    };
    valid.then_some((host, digits))
}

fn is_reg_name(host: &str) -> bool {
    let bytes = host.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'[' | b']' | b':' | b'/' | b'?' | b'#' => false,
        b'%' => hex_pair(bytes, at + 1).is_some(),
        _ => true,
    })
}

fn is_ipv6(text: &str) -> bool {
    let (address, zone) = cut(text, '%');
    zone.is_none_or(|zone| !zone.is_empty() && zone.bytes().all(|b| is_unreserved(b) || b == b'%'))
        && address.parse::<std::net::Ipv6Addr>().is_ok()
}

/// Returns true for decimal, octal or hexadecimal parts: an address for `inet_aton`.
fn is_ipv4(host: &str) -> bool {
    let part = |part: &str| {
        let hex = part.strip_prefix("0x").or_else(|| part.strip_prefix("0X"));
        let (digits, radix) = hex.map_or((part, 10), |hex| (hex, 16));
        !digits.is_empty() && digits.chars().all(|c| c.is_digit(radix))
    };
    host.split('.').count() <= 4 && host.split('.').all(part)
}

fn normalize_host(host: &str, normalize: bool) -> Result<String, String> {
    if let Some(c) = host.chars().find(|&c| c <= ' ' || c == '\u{7f}') {
        return Err(format!("the host contains {c:?}"));
    }
    if !normalize || is_ipv4(host) {
        return Ok(host.to_owned());
    }
    if host.starts_with('[') {
        // The zone keeps its case; an escaped separator loses its `25`.
        let (address, zone) = cut(host, '%');
        return Ok(match zone {
            None => address.to_ascii_lowercase(),
            Some(zone) => {
                let zone = zone.strip_prefix("25").filter(|zone| *zone != "]").unwrap_or(zone);
                format!("{}%{zone}", address.to_ascii_lowercase())
            }
        });
    }
    let mut decoded = String::new();
    let mut rest = host;
    while let Some(at) = rest.find('%') {
        decoded.push_str(&rest[..at]);
        let byte = hex_pair(rest.as_bytes(), at + 1).ok_or("no valid host")?;
        if byte < b' ' || byte == 0x7f {
            return Err("the host contains an escaped control character".into());
        }
        if is_unreserved(byte) {
            decoded.push(char::from(byte));
        } else {
            decoded.push_str(&rest[at..at + 3].to_ascii_uppercase());
        }
        rest = &rest[at + 3..];
    }
    decoded.push_str(rest);
    decoded.split('.').map(idna_label).collect::<Result<Vec<_>, _>>().map(|labels| labels.join("."))
}

/// Converts one label to ASCII. DIFFERENCE: UTS 46 defines valid labels, as in browsers; Python's
/// idna package follows IDNA 2008, which excludes emoji.
fn idna_label(label: &str) -> Result<String, String> {
    if label.is_ascii() {
        // Escapes stay in upper case.
        let lower = label.to_ascii_lowercase();
        let mut out = String::with_capacity(lower.len());
        let mut escape = 0;
        for c in lower.chars() {
            escape = if c == '%' { 2 } else { escape };
            out.push(if escape > 0 { c.to_ascii_uppercase() } else { c });
            if c != '%' && escape > 0 {
                escape -= 1;
            }
        }
        return Ok(out);
    }
    let lower = label.to_lowercase();
    let failed = || format!("'{label}' is not a valid IDNA label");
    let ascii = idna::domain_to_ascii_strict(&lower).map_err(|_| failed())?;
    // IDNA 2008 has no mapping: reject labels that UTS 46 would map first.
    let (back, result) = idna::domain_to_unicode(&ascii);
    if result.is_err() || back != lower { Err(failed()) } else { Ok(ascii) }
}

/// Escapes invalid characters without escaping twice: if every `%` starts an escape, all of them
/// are kept.
fn encode_invalid(text: &str, allowed: &[u8]) -> String {
    let bytes = text.as_bytes();
    let escaped = (0..bytes.len()).filter(|&at| bytes[at] == b'%').all(|at| hex_pair(bytes, at + 1).is_some());
    let mut upper = bytes.to_vec();
    for at in 0..bytes.len() {
        if bytes[at] == b'%' && hex_pair(bytes, at + 1).is_some() {
            upper[at + 1..at + 3].make_ascii_uppercase();
        }
    }
    let mut out = String::with_capacity(upper.len());
    for &byte in &upper {
        if (escaped && byte == b'%') || is_unreserved(byte) || allowed.contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

fn remove_dot_segments(path: &str) -> String {
    let mut output: Vec<&str> = Vec::new();
    for segment in path.split('/') {
        match segment {
            "." => {}
            ".." => {
                output.pop();
            }
            segment => output.push(segment),
        }
    }
    if path.starts_with('/') && output.first().is_none_or(|first| !first.is_empty()) {
        output.insert(0, "");
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        output.push("");
    }
    output.join("/")
}

/// `urllib.parse.urlsplit`: five parts, unchanged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Split {
    pub(super) scheme: String,
    pub(super) netloc: String,
    pub(super) path: String,
    pub(super) query: String,
    pub(super) fragment: String,
}

impl Split {
    pub(super) fn new(url: &str) -> Split {
        let url: String =
            url.trim_start_matches(|c: char| c <= ' ').chars().filter(|c| !matches!(c, '\t' | '\r' | '\n')).collect();
        let (scheme, rest) = match scheme_end(&url) {
            Some(end) => (url[..end].to_ascii_lowercase(), &url[end + 1..]),
            None => (String::new(), url.as_str()),
        };
        let (netloc, rest) = match rest.strip_prefix("//") {
            Some(rest) => rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len())),
            None => ("", rest),
        };
        let (rest, fragment) = cut(rest, '#');
        let (path, query) = cut(rest, '?');
        let own = |part: Option<&str>| part.unwrap_or_default().to_owned();
        Split { scheme, netloc: netloc.into(), path: path.into(), query: own(query), fragment: own(fragment) }
    }

    /// `urlunsplit`.
    pub(super) fn unsplit(&self) -> String {
        let mut url = String::new();
        if !self.scheme.is_empty() {
            url = format!("{}:", self.scheme);
        }
        if !self.netloc.is_empty() || (matches!(self.scheme.as_str(), "http" | "https") && !self.path.starts_with("//")) {
            url.push_str("//");
            url.push_str(&self.netloc);
            if !self.path.is_empty() && !self.path.starts_with('/') {
                url.push('/');
            }
        }
        url.push_str(&self.path);
        for (mark, part) in [('?', &self.query), ('#', &self.fragment)] {
            if !part.is_empty() {
                url.push(mark);
                url.push_str(part);
            }
        }
        url
    }

    fn host_port(&self) -> (&str, &str) {
        let host = self.netloc.rsplit_once('@').map_or(self.netloc.as_str(), |(_, host)| host);
        match host.split_once('[') {
            Some((_, bracketed)) => {
                let (host, rest) = bracketed.split_once(']').unwrap_or((bracketed, ""));
                (host, rest.split_once(':').map_or("", |(_, port)| port))
            }
            None => host.split_once(':').unwrap_or((host, "")),
        }
    }

    pub(super) fn hostname(&self) -> Option<String> {
        let (host, _) = self.host_port();
        let (name, zone) = cut(host, '%');
        (!host.is_empty()).then(|| zone.map_or(name.to_lowercase(), |zone| format!("{}%{zone}", name.to_lowercase())))
    }

    pub(super) fn port(&self) -> Option<u16> {
        self.host_port().1.parse().ok()
    }

    /// Returns the port to connect to.
    pub(super) fn effective_port(&self) -> Option<u16> {
        self.port().or(match self.scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        })
    }

    /// Returns user name and password, still escaped.
    pub(super) fn userinfo(&self) -> Option<(&str, Option<&str>)> {
        self.netloc.rsplit_once('@').map(|(user, _)| cut(user, ':'))
    }
}

/// Splits off the parameters of the path's last segment, without the semicolon, like
/// `urllib.parse.urlparse`.
pub(super) fn split_params(path: &str) -> (&str, &str) {
    let last = path.rfind('/').unwrap_or(0);
    match path[last..].find(';') {
        Some(at) => (&path[..last + at], &path[last + at + 1..]),
        None => (path, ""),
    }
}

/// `urllib.parse.urlunparse`: a trailing semicolon is dropped.
pub(super) fn join_params(path: &str, params: &str) -> String {
    if params.is_empty() { path.to_owned() } else { format!("{path};{params}") }
}

/// `urllib.parse.urljoin`.
pub(super) fn urljoin(base: &str, url: &str) -> String {
    if url.is_empty() {
        return base.to_owned();
    }
    let (base, mut target) = (Split::new(base), Split::new(url));
    if target.scheme.is_empty() {
        target.scheme.clone_from(&base.scheme);
    }
    if target.scheme != base.scheme {
        return url.to_owned();
    }
    if !target.netloc.is_empty() {
        return target.unsplit();
    }
    target.netloc = base.netloc;
    let ((base_path, _), (path, params)) = (split_params(&base.path), split_params(&target.path));
    if path.is_empty() && params.is_empty() {
        target.path = base.path;
        if target.query.is_empty() {
            target.query = base.query;
        }
        return target.unsplit();
    }
    let mut segments: Vec<&str> = Vec::new();
    if !path.starts_with('/') {
        segments = base_path.split('/').collect();
        if segments.last() != Some(&"") {
            segments.pop();
        }
    }
    let relative = !segments.is_empty();
    segments.extend(path.split('/'));
    if relative && segments.len() > 2 {
        let (last, first) = (segments.pop(), segments.remove(0));
        segments.retain(|segment| !segment.is_empty());
        segments.insert(0, first);
        segments.extend(last);
    }
    let mut resolved: Vec<&str> = Vec::new();
    for segment in &segments {
        match *segment {
            ".." => {
                resolved.pop();
            }
            "." => {}
            segment => resolved.push(segment),
        }
    }
    if matches!(segments.last(), Some(&("." | ".."))) {
        resolved.push("");
    }
    let path = resolved.join("/");
    target.path = join_params(if path.is_empty() { "/" } else { &path }, params);
    target.unsplit()
}

/// Checks that a URL can be requested. Credentials and cookies were selected by the host parsed
/// here, so the connection must go to the same host.
pub(super) fn check_sendable(text: &str) -> Result<(), String> {
    if !matches!(Split::new(text).scheme.as_str(), "http" | "https") {
        // URLs of other schemes are left to their adapter.
        return Ok(());
    }
    same_host(text, &reqwest::Url::parse(text).map_err(|error| error.to_string())?)
}

/// Fails if the URL parsed by reqwest has another host than the text.
pub(super) fn same_host(text: &str, url: &reqwest::Url) -> Result<(), String> {
    let seen = Split::new(text);
    let parsed = url.host_str().unwrap_or_default().trim_start_matches('[').trim_end_matches(']');
    let is_address = url.domain().is_none();
    let same = seen.hostname().is_some_and(|host| is_address || host.eq_ignore_ascii_case(parsed));
    let port = seen.effective_port() == url.port_or_known_default();
    if same && port { Ok(()) } else { Err("the host is ambiguous".into()) }
}
