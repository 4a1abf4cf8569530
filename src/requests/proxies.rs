//! [`Proxies`]: selects the proxy for a URL from settings, environment and `no_proxy`.

use std::fmt;
use std::net::Ipv6Addr;

use super::url::Split;
use super::utils::{address_in_network, is_ipv4_address, is_valid_cidr};
use crate::ambient::Ambient;
use crate::secret::url::redact;

/// Proxies by scheme (`https`, `all`), or by scheme and host (`http://intranet`). A proxy's scheme
/// is `http`, `https`, `socks5` or `socks5h`.
///
/// The key `no_proxy` lists hosts that are reached directly. `Debug` hides passwords.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Proxies(Vec<(String, String)>);

impl Proxies {
    /// Creates an empty map.
    pub fn new() -> Proxies {
        Proxies::default()
    }

    /// Returns the proxy for this key.
    pub fn get(&self, key: &str) -> Option<&str> {
        self.0.iter().find(|(own, _)| own == key).map(|(_, proxy)| proxy.as_str())
    }

    /// Sets a proxy.
    pub fn insert(&mut self, key: impl Into<String>, proxy: impl Into<String>) {
        let (key, proxy) = (key.into(), proxy.into());
        match self.0.iter_mut().find(|(own, _)| *own == key) {
            Some((_, own)) => *own = proxy,
            None => self.0.push((key, proxy)),
        }
    }

    /// Returns true if there are no proxies.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Iterates over keys and proxies.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, proxy)| (key.as_str(), proxy.as_str()))
    }

    /// Adds the entries of `others` with new keys.
    pub(super) fn add_missing(&mut self, others: &Proxies) {
        for (key, proxy) in others.iter() {
            if self.get(key).is_none() {
                self.insert(key, proxy);
            }
        }
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Proxies {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(proxies: I) -> Proxies {
        let mut all = Proxies::new();
        proxies.into_iter().for_each(|(key, proxy)| all.insert(key, proxy));
        all
    }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for Proxies {
    fn from(proxies: [(K, V); N]) -> Proxies {
        proxies.into_iter().collect()
    }
}

impl fmt::Debug for Proxies {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter().map(|(key, proxy)| (key, redact(proxy)))).finish()
    }
}

/// Returns the proxy for this URL. The most specific key counts.
#[doc(alias = "requests.utils.select_proxy")]
pub fn select_proxy<'a>(url: &str, proxies: &'a Proxies) -> Option<&'a str> {
    if proxies.is_empty() {
        return None;
    }
    let url = Split::new(url);
    let scheme = &url.scheme;
    match url.hostname() {
        None => proxies.get(scheme).or_else(|| proxies.get("all")),
        Some(host) => [format!("{scheme}://{host}"), scheme.clone(), format!("all://{host}"), "all".into()]
            .iter()
            .find_map(|key| proxies.get(key)),
    }
}

/// Returns these proxies and the environment's for the URL's scheme, unless `no_proxy` lists the
/// host.
#[doc(alias = "requests.utils.resolve_proxies")]
pub fn resolve_proxies(url: &str, proxies: &Proxies, environment: Option<&Ambient>) -> Proxies {
    let mut resolved = proxies.clone();
    if let Some(ambient) = environment {
        let scheme = Split::new(url).scheme;
        let environ = get_environ_proxies(url, proxies.get("no_proxy"), ambient);
        if let Some(proxy) = environ.get(&scheme).or_else(|| environ.get("all"))
            && resolved.get(&scheme).is_none()
        {
            resolved.insert(scheme, proxy);
        }
    }
    resolved
}

/// Returns the environment's proxies, or none if `no_proxy` lists the URL's host.
#[doc(alias = "requests.utils.get_environ_proxies")]
pub fn get_environ_proxies(url: &str, no_proxy: Option<&str>, ambient: &Ambient) -> Proxies {
    if should_bypass_proxies(url, no_proxy, ambient) { Proxies::new() } else { getproxies(ambient) }
}

/// Reads `http_proxy`, `https_proxy`, `all_proxy`, `no_proxy` and so on. Lower case takes
/// precedence over upper case.
///
/// In a CGI script (`REQUEST_METHOD` is set) `HTTP_PROXY` is ignored, because a client's `Proxy:`
/// header sets it (CVE-2016-5388).
#[doc(alias("requests.utils.getproxies_environment", "requests.utils.getproxies"))]
pub fn getproxies_environment(ambient: &Ambient) -> Proxies {
    let environ = ambient.environ();
    let named = || {
        environ.iter().filter_map(|(name, value)| {
            let (name, value) = (name.to_str()?, value.to_str()?);
            let end = name.len().checked_sub("_proxy".len())?;
            name.get(end..).is_some_and(|end| end.eq_ignore_ascii_case("_proxy")).then(|| (&name[..end], &name[end..], value))
        })
    };
    let mut proxies = Proxies::new();
    for (scheme, _, value) in named().filter(|(_, _, value)| !value.is_empty()) {
        proxies.insert(scheme.to_lowercase(), value);
    }
    if environ.contains_key(std::ffi::OsStr::new("REQUEST_METHOD")) {
        proxies.0.retain(|(scheme, _)| scheme != "http");
    }
    for (scheme, suffix, value) in named() {
        if suffix == "_proxy" {
            let scheme = scheme.to_lowercase();
            if value.is_empty() {
                proxies.0.retain(|(own, _)| *own != scheme);
            } else {
                proxies.insert(scheme, value);
            }
        }
    }
    proxies
}

/// Same as [`getproxies_environment`]: only on systems other than Linux are there other settings.
pub fn getproxies(ambient: &Ambient) -> Proxies {
    getproxies_environment(ambient)
}

/// Returns true if `no_proxy` lists the URL's host, a parent domain or a network that contains it,
/// or is `*`.
///
/// `None`: the environment's `no_proxy`.
///
/// DIFFERENCE: IPv6 addresses are compared as addresses, may have a port if in brackets, and may
/// match networks (`fd00::/8`). requests compares the texts.
#[doc(alias = "requests.utils.should_bypass_proxies")]
pub fn should_bypass_proxies(url: &str, no_proxy: Option<&str>, ambient: &Ambient) -> bool {
    let parsed = Split::new(url);
    let Some(hostname) = parsed.hostname() else { return true };
    let variable = |name: &str| ambient.var(name).and_then(|value| value.into_string().ok()).filter(|value| !value.is_empty());
    let from_environment = no_proxy.is_none().then(|| variable("no_proxy").or_else(|| variable("NO_PROXY"))).flatten();
    let list = no_proxy.map(str::to_owned).or(from_environment).unwrap_or_default().replace(' ', "");
    let mut hosts = list.split(',').filter(|host| !host.is_empty());
    let listed = if is_ipv4_address(&hostname) {
        hosts.any(|host| if is_valid_cidr(host) { address_in_network(&hostname, host) } else { hostname == host })
    } else if let Some(address) = ipv6(&hostname) {
        hosts.any(|host| match host.split_once('/') {
            Some((network, bits)) => {
                ipv6(network).zip(bits.parse().ok()).is_some_and(|(network, bits)| in_ipv6(address, network, bits))
            }
            None => ipv6(without_port(host, parsed.port())) == Some(address),
        })
    } else {
        let with_port = parsed.port().filter(|&port| port != 0).map_or(hostname.clone(), |port| format!("{hostname}:{port}"));
        hosts.any(|host| {
            let host = host.trim_start_matches('.');
            ends_with_domain(&hostname, host) || ends_with_domain(&with_port, host)
        })
    };
    let mut environment = getproxies_environment(ambient);
    if let Some(no_proxy) = no_proxy {
        environment.insert("no", no_proxy);
        environment.0.retain(|(key, value)| key != "no" || !value.is_empty());
    }
    listed || proxy_bypass_environment(&hostname, &environment)
}

/// Parses an IPv6 address with or without brackets, ignoring its zone.
fn ipv6(text: &str) -> Option<Ipv6Addr> {
    let text = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    text.split('%').next()?.parse().ok()
}

fn in_ipv6(address: Ipv6Addr, network: Ipv6Addr, bits: u32) -> bool {
    // A shift by all bits leaves nothing to compare.
    let shifted = |address: Ipv6Addr| u128::from(address).checked_shr(128u32.saturating_sub(bits)).unwrap_or(0);
    bits <= 128 && shifted(address) == shifted(network)
}

/// Removes the port from `host:port` if it equals this port.
fn without_port(text: &str, port: Option<u16>) -> &str {
    // An IPv6 address with a port is in brackets.
    let split = text.rsplit_once(':').filter(|(host, _)| !host.contains(':') || host.ends_with(']'));
    match split {
        Some((host, own)) if port.is_some() && own.parse().ok() == port => host,
        _ => text,
    }
}

/// `urllib`'s rule, without networks. The key `no` holds the list.
#[doc(alias("requests.utils.proxy_bypass_environment", "requests.utils.proxy_bypass"))]
pub fn proxy_bypass_environment(host: &str, proxies: &Proxies) -> bool {
    let Some(list) = proxies.get("no") else { return false };
    let host = host.to_lowercase();
    let port = host.rfind(':').filter(|&at| host[at + 1..].bytes().all(|b| b.is_ascii_digit()));
    let only = &host[..port.unwrap_or(host.len())];
    list == "*"
        || list
            .split(',')
            .map(|name| name.trim().trim_start_matches('.').to_lowercase())
            .any(|name| !name.is_empty() && (ends_with_domain(only, &name) || ends_with_domain(&host, &name)))
}

/// Same as [`proxy_bypass_environment`].
pub fn proxy_bypass(host: &str, proxies: &Proxies) -> bool {
    proxy_bypass_environment(host, proxies)
}

fn ends_with_domain(host: &str, domain: &str) -> bool {
    host == domain || host.strip_suffix(domain).is_some_and(|name| name.ends_with('.'))
}
