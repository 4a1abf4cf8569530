//! [`utils`](self): the helpers of `requests.utils` that need no network.
//!
//! ```
//! use leyden::requests::utils;
//!
//! assert_eq!(utils::requote_uri("https://example.com/a b"), "https://example.com/a%20b");
//! assert!(utils::address_in_network("192.168.1.7", "192.168.1.0/24"));
//! ```

use std::collections::HashMap;
use std::net::Ipv4Addr;

pub use super::cookies::add_dict_to_cookiejar;
pub use super::default_headers::{DEFAULT_ACCEPT_ENCODING, default_headers, default_user_agent};
pub use super::error::Result;
pub use super::headers::check_header_validity;
pub use super::proxies::{
    get_environ_proxies, getproxies, getproxies_environment, proxy_bypass, proxy_bypass_environment, resolve_proxies,
    select_proxy, should_bypass_proxies,
};
pub use super::request::json::guess_json_utf;
pub use super::request::prepare::get_auth_from_url;
pub use super::response::encoding::{get_encoding_from_headers, get_encodings_from_content};
pub use super::response::links::parse_header_links;
pub use super::tls::DEFAULT_CA_BUNDLE_PATH;
pub use super::url::quote::{UNRESERVED_SET, requote_uri, unquote_unreserved};

use super::headers::from_latin1;
use super::url::{Split, join_params, parse_url, split_params};

/// The default ports.
#[doc(alias = "requests.utils.DEFAULT_PORTS")]
pub const DEFAULT_PORTS: [(&str, u16); 2] = [("http", 80), ("https", 443)];

/// The files with passwords, in the home directory.
#[doc(alias = "requests.utils.NETRC_FILES")]
pub const NETRC_FILES: [&str; 2] = [".netrc", "_netrc"];

/// Parses a list in a header: `token, "quoted, text"`; removes quotes.
#[doc(alias = "requests.utils.parse_list_header")]
pub fn parse_list_header(value: &str) -> Vec<String> {
    parse_http_list(value).into_iter().map(|item| unquoted(&item).unwrap_or(item)).collect()
}

/// Parses pairs in a header: `foo="is a fish", bar`; a key without `=` has `None`.
#[doc(alias = "requests.utils.parse_dict_header")]
pub fn parse_dict_header(value: &str) -> Vec<(String, Option<String>)> {
    let mut dict: Vec<(String, Option<String>)> = Vec::new();
    let mut places = HashMap::new();
    for item in parse_http_list(value) {
        let (key, value) = match item.split_once('=') {
            None => (item.as_str(), None),
            Some((key, value)) => (key, Some(unquoted(value).unwrap_or_else(|| value.into()))),
        };
        let place = *places.entry(key.to_owned()).or_insert(dict.len());
        match dict.get_mut(place) {
            Some((_, own)) => *own = value,
            None => dict.push((key.into(), value)),
        }
    }
    dict
}

/// `if item[:1] == item[-1:] == '"': unquote_header_value(item[1:-1])`.
fn unquoted(item: &str) -> Option<String> {
    (item.starts_with('"') && item.ends_with('"'))
        .then(|| unquote_header_value(item.get(1..item.len().saturating_sub(1).max(1)).unwrap_or_default(), false))
}

/// `urllib.request.parse_http_list`.
fn parse_http_list(text: &str) -> Vec<String> {
    let (mut items, mut part) = (Vec::new(), String::new());
    let (mut escape, mut quote) = (false, false);
    for c in text.chars() {
        if escape {
            part.push(c);
            escape = false;
        } else if quote {
            if c == '\\' {
                escape = true;
                continue;
            }
            quote = c != '"';
            part.push(c);
        } else if c == ',' {
            items.push(std::mem::take(&mut part));
        } else {
            quote = c == '"';
            part.push(c);
        }
    }
    if !part.is_empty() {
        items.push(part);
    }
    items.into_iter().map(|item| item.trim().to_owned()).collect()
}

/// Removes the quotes of a header's value, as browsers do: a Windows path in `filename` keeps its
/// backslashes.
#[doc(alias = "requests.utils.unquote_header_value")]
pub fn unquote_header_value(value: &str, is_filename: bool) -> String {
    let inner = value.strip_prefix('"').and_then(|inner| inner.strip_suffix('"').or((value == "\"").then_some("")));
    match inner {
        Some(inner) if !is_filename || !inner.starts_with("\\\\") => inner.replace("\\\\", "\\").replace("\\\"", "\""),
        Some(inner) => inner.into(),
        None => value.into(),
    }
}

/// Adds a scheme to a URL without one.
#[doc(alias = "requests.utils.prepend_scheme_if_needed")]
pub fn prepend_scheme_if_needed(url: &str, scheme: &str) -> Result<String> {
    let parsed = parse_url(url)?;
    let netloc = parsed.host.map(|host| parsed.port.map_or(host.clone(), |port| format!("{host}:{port}"))).unwrap_or_default();
    let path = parsed.path.unwrap_or_default();
    // Without a slash, the whole text is the authority.
    let (mut netloc, path) = if netloc.is_empty() { (path, netloc) } else { (netloc, path) };
    if let Some(auth) = parsed.auth {
        netloc = format!("{auth}@{netloc}");
    }
    let scheme = parsed.scheme.unwrap_or_else(|| scheme.into());
    let (query, fragment) = (parsed.query.unwrap_or_default(), parsed.fragment.unwrap_or_default());
    Ok(Split { scheme, netloc, path, query, fragment }.unsplit())
}

/// Returns the URL without fragment, user name and password.
#[doc(alias = "requests.utils.urldefragauth")]
pub fn urldefragauth(url: &str) -> String {
    let mut parts = Split::new(url);
    let (path, params) = split_params(&parts.path);
    let (mut path, params) = (path.to_owned(), params.to_owned());
    if parts.netloc.is_empty() {
        std::mem::swap(&mut parts.netloc, &mut path);
    }
    parts.path = join_params(&path, &params);
    if let Some((_, host)) = parts.netloc.rsplit_once('@') {
        parts.netloc = host.to_owned();
    }
    parts.fragment.clear();
    parts.unsplit()
}

/// Converts bytes to text, one character per byte (Latin-1). DIFFERENCE: Python takes an encoding,
/// `ascii` by default, and also accepts text.
#[doc(alias = "requests.utils.to_native_string")]
pub fn to_native_string(bytes: &[u8]) -> String {
    from_latin1(bytes)
}

/// Returns true for an IPv4 address, including short forms like `127.1`.
#[doc(alias = "requests.utils.is_ipv4_address")]
pub fn is_ipv4_address(text: &str) -> bool {
    inet_aton(text).is_some()
}

/// Returns true for an IPv4 network: `192.168.0.0/16`, with 1 to 32 bits.
#[doc(alias = "requests.utils.is_valid_cidr")]
pub fn is_valid_cidr(text: &str) -> bool {
    match text.split('/').collect::<Vec<_>>()[..] {
        [net, bits] => bits.trim().parse::<u8>().is_ok_and(|bits| (1..=32).contains(&bits)) && inet_aton(net).is_some(),
        _ => false,
    }
}

/// Returns true if the address is in the network. False if one of them is invalid.
#[doc(alias = "requests.utils.address_in_network")]
pub fn address_in_network(ip: &str, net: &str) -> bool {
    let parse = || {
        let (net, bits) = net.split_once('/')?;
        let mask = u32::from(dotted_netmask(bits.trim().parse().ok()?)?.parse::<Ipv4Addr>().ok()?);
        Some(u32::from(inet_aton(ip)?) & mask == u32::from(inet_aton(net)?) & mask)
    };
    parse().unwrap_or(false)
}

/// Returns `/24` as `255.255.255.0`. `None` beyond 32.
#[doc(alias = "requests.utils.dotted_netmask")]
pub fn dotted_netmask(bits: u8) -> Option<String> {
    let mask = u32::MAX.checked_shl(32 - u32::from(bits).min(32)).unwrap_or(0);
    (bits <= 32).then(|| Ipv4Addr::from(mask).to_string())
}

/// `socket.inet_aton`: one to four parts, decimal, octal or hexadecimal; the last one fills the
/// rest.
fn inet_aton(text: &str) -> Option<Ipv4Addr> {
    // The C library stops at white space.
    let text = text.split_ascii_whitespace().next().filter(|first| text.starts_with(first))?;
    let parts: Vec<&str> = text.split('.').collect();
    let number = |part: &str| match part.as_bytes() {
        [b'0', b'x' | b'X', hex @ ..] if !hex.is_empty() => u32::from_str_radix(&part[2..], 16).ok(),
        [b'0', octal @ ..] if !octal.is_empty() => u32::from_str_radix(&part[1..], 8).ok(),
        [b'0'..=b'9', ..] => part.parse().ok(),
        _ => None,
    };
    let (last, leading) = parts.split_last()?;
    if leading.len() > 3 {
        return None;
    }
    let mut address = 0u32;
    for (at, part) in leading.iter().enumerate() {
        let part = number(part).filter(|&part| part <= 255)?;
        address |= part << (24 - 8 * at);
    }
    let rest = u32::MAX.checked_shr(8 * leading.len() as u32).unwrap_or(0);
    let last = number(last).filter(|&last| last <= rest)?;
    Some(Ipv4Addr::from(address | last))
}
