//! Checks regions and URLs in settings, and redacts URLs.

/// botocore's `validate_region_name`: a label of a host name.
pub(super) fn is_region(region: &str) -> bool {
    let valid = |letter: char| letter.is_ascii_alphanumeric() || letter == '-';
    (1..=63).contains(&region.len()) && region.chars().all(valid) && !region.starts_with('-') && !region.ends_with('-')
}

/// Returns true for a URL of a service: HTTP or HTTPS, with a host, and only valid characters.
pub(super) fn is_endpoint(url: &str) -> bool {
    let rest = ["http://", "https://"].iter().find_map(|scheme| url.strip_prefix(scheme));
    let authority = rest.and_then(|rest| rest.split(['/', '?', '#']).next()).unwrap_or_default();
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    let plain =
        |letter: char| letter.is_ascii_graphic() && !matches!(letter, '"' | '<' | '>' | '\\' | '^' | '`' | '{' | '|' | '}');
    if !url.chars().all(plain) || authority.contains('%') {
        return false;
    }
    let (host, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((address, port)) if address.parse::<std::net::Ipv6Addr>().is_ok() => (address, port),
        Some(_) => return false,
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    !host.is_empty()
        && (port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.is_empty() || port.parse::<u16>().is_ok()))
}

/// botocore's `_fix_proxy_url`: a proxy without a scheme uses HTTP.
pub(super) fn with_scheme(url: &str) -> String {
    match url {
        _ if url.starts_with("http:") || url.starts_with("https:") => url.to_owned(),
        _ if url.starts_with("//") => format!("http:{url}"),
        _ => format!("http://{url}"),
    }
}
