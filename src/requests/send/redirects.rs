//! Redirects: the target, and the parts of the request that are sent there.

use super::unrewindable;
use crate::is_secret_name;
use crate::requests::cookies::RequestsCookieJar;
use crate::requests::error::{Error, Result};
use crate::requests::headers::to_latin1;
use crate::requests::proxies::Proxies;
use crate::requests::request::body::Body;
use crate::requests::request::prepare::PreparedRequest;
use crate::requests::response::Response;
use crate::requests::session::Session;
use crate::requests::url::quote::requote_uri;
use crate::requests::url::{Split, join_params, split_params, urljoin};

/// The state of a chain of redirects.
pub(super) struct Trail {
    fragment: String,
    /// Whether the chain has left the original host.
    strayed: bool,
}

impl Trail {
    pub(in crate::requests) fn of(response: &Response) -> Trail {
        Trail { fragment: Split::new(&response.request.url).fragment, strayed: false }
    }
}

impl Session {
    /// Returns the target of a redirect as in its `Location`, with bytes beyond ASCII decoded as
    /// UTF-8. `None` if the response is not a redirect.
    ///
    /// DIFFERENCE: a byte that is not UTF-8 is escaped, `%E9`, as in browsers; requests raises
    /// `UnicodeDecodeError`.
    #[doc(alias = "requests.Session.get_redirect_target")]
    pub fn get_redirect_target(&self, response: &Response) -> Option<String> {
        let (_, location) = locations(response).next().filter(|_| response.is_redirect())?;
        let mut target = String::with_capacity(location.len());
        for chunk in to_latin1(location).utf8_chunks() {
            target.push_str(chunk.valid());
            target.extend(chunk.invalid().iter().map(|byte| format!("%{byte:02X}")));
        }
        Some(target).filter(|target| !target.is_empty())
    }

    /// Returns true if `Authorization` must not be sent to the new URL: another host, port or
    /// scheme. An upgrade from http to https on the default ports keeps it.
    #[doc(alias = "requests.Session.should_strip_auth")]
    pub fn should_strip_auth(&self, old_url: &str, new_url: &str) -> bool {
        let (old, new) = (Split::new(old_url), Split::new(new_url));
        if old.hostname() != new.hostname() {
            return true;
        }
        let is = |url: &Split, scheme: &str, port: u16| url.scheme == scheme && url.effective_port() == Some(port);
        if is(&old, "http", 80) && is(&new, "https", 443) {
            return false;
        }
        old.scheme != new.scheme || old.effective_port() != new.effective_port()
    }

    /// Sets the method after a redirect: 303 and 302 change it to GET, except HEAD; 301 changes
    /// POST to GET.
    #[doc(alias = "requests.Session.rebuild_method")]
    pub fn rebuild_method(&self, request: &mut PreparedRequest, response: &Response) {
        match (response.status_code, request.method.as_str()) {
            (302 | 303, method) if method != "HEAD" => request.method = "GET".into(),
            (301, "POST") => request.method = "GET".into(),
            _ => {}
        }
    }

    /// Removes the credentials if the host changes, and adds those of `.netrc` for the new host if
    /// the session uses it.
    #[doc(alias = "requests.Session.rebuild_auth")]
    pub fn rebuild_auth(&self, request: &mut PreparedRequest, response: &Response) -> Result<()> {
        if self.should_strip_auth(&response.request.url, &request.url) {
            request.headers.remove("Authorization");
            request.auth = None;
        }
        if self.netrc
            && let Some(auth) = self.netrc_auth(&request.url)?
        {
            request.prepare_auth(Some(auth))?;
        }
        Ok(())
    }

    /// Returns the proxies for the new URL, and removes the credentials for the old one's proxy.
    #[doc(alias = "requests.Session.rebuild_proxies")]
    pub fn rebuild_proxies(&self, request: &mut PreparedRequest, proxies: &Proxies) -> Proxies {
        request.headers.remove("Proxy-Authorization");
        self.resolve_proxies(&request.url, proxies)
    }

    /// Returns the request that follows a redirect; `None` if there is none. Python's generator
    /// returns the responses; here a call follows redirects itself, and otherwise
    /// [`Response::next`] has the request.
    ///
    /// DIFFERENCE: cookies without a domain, and headers whose name suggests a secret
    /// ([`is_secret_name`], such as `X-Api-Key`), are dropped when the redirect leads to another
    /// host, port or scheme. requests sends them. A redirect with several different values of
    /// `Location` is an error; requests follows their concatenation.
    #[doc(alias = "requests.Session.resolve_redirects")]
    pub(super) fn next_request(
        &self,
        response: &mut Response,
        trail: &mut Trail,
        proxies: &mut Proxies,
    ) -> Result<Option<PreparedRequest>> {
        let Some(location) = self.get_redirect_target(response) else { return Ok(None) };
        if !locations(response).is_sorted_by(|(_, one), (_, other)| one == other) {
            return Err(Error::invalid_url(&location, "the redirect has several values of Location"));
        }
        let mut request = response.request.clone();
        request.url = redirect_url(&response.url, location, &mut trail.fragment);
        self.rebuild_method(&mut request, response);
        if !matches!(response.status_code, 307 | 308) {
            for name in ["Content-Length", "Content-Type", "Transfer-Encoding"] {
                request.headers.remove(name);
            }
            request.body = Body::Empty;
        }
        request.headers.remove("Cookie");
        if self.should_strip_auth(&response.request.url, &request.url) {
            trail.strayed = true;
            let secret: Vec<String> = request.headers.keys().filter(|name| is_secret_name(name)).map(str::to_owned).collect();
            secret.iter().for_each(|name| drop(request.headers.remove(name)));
        }
        let cookies = request.cookies.copy();
        self.take_cookies(&cookies, response);
        cookies.update(&self.cookies);
        request.prepare_cookies(if trail.strayed { bound_to_hosts(&cookies) } else { cookies });
        *proxies = self.rebuild_proxies(&mut request, proxies);
        self.rebuild_auth(&mut request, response)?;
        if matches!(&request.body, Body::Stream(stream) if !stream.can_be_sent()) {
            return Err(unrewindable(&request));
        }
        Ok(Some(request))
    }
}

fn locations(response: &Response) -> impl Iterator<Item = &(String, String)> {
    response.raw_headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Location"))
}

fn redirect_url(from: &str, location: String, fragment: &mut String) -> String {
    let location = if location.starts_with("//") { format!("{}:{location}", Split::new(from).scheme) } else { location };
    let mut target = Split::new(&location);
    if target.fragment.is_empty() {
        target.fragment.clone_from(fragment);
    } else {
        fragment.clone_from(&target.fragment);
    }
    let (path, params) = split_params(&target.path);
    target.path = join_params(path, params);
    let url = requote_uri(&target.unsplit());
    if target.netloc.is_empty() { urljoin(from, &url) } else { url }
}

fn bound_to_hosts(cookies: &RequestsCookieJar) -> RequestsCookieJar {
    let bound = RequestsCookieJar::new();
    cookies.cookies().into_iter().filter(|cookie| !cookie.domain.is_empty()).for_each(|cookie| bound.set_cookie(cookie));
    bound
}
