//! [`RequestsCookieJar`]: a cookie store that follows RFC 6265, with the methods of requests' jar.
//!
//! ```
//! use leyden::prelude::*;
//! use leyden::requests::mock::Reply;
//!
//! let world = World::new();
//! world.requests.get("https://shop.test/login").reply(Reply::new(200).header("Set-Cookie", "session=7; Path=/; Secure"));
//! let session = world.batteries().requests.session();
//! session.get("https://shop.test/login").wait()?;
//! session.get("https://shop.test/cart").wait().ok();
//! assert_eq!(world.requests.requests()[1].headers["Cookie"], "session=7");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! The parser follows RFC 6265; it is tested against the RFC's algorithm and against
//! `http.cookiejar`. Where the two differ, RFC 6265 applies: see the DIFFERENCEs of
//! [`requests`](super). A server may set 180 cookies for a domain and 3000 in all, of 4096 bytes
//! each.

mod cookie;
pub(super) mod date;
mod file;
mod policy;

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

pub use cookie::{Cookie, create_cookie};

use super::error::{Error, Result};
use super::headers::Headers;

/// The maximum number of cookies that servers may set, per domain and in all; the oldest is
/// replaced. Chrome's limits. RFC 6265 6.1 requires at least 50 and 3000.
const MOST_OF_DOMAIN: usize = 180;
const MOST: usize = 3000;

/// The cookies of a session. Clones share them; [`RequestsCookieJar::copy`] does not.
///
/// ```
/// use leyden::requests::cookies::{RequestsCookieJar, create_cookie};
///
/// let jar = RequestsCookieJar::new();
/// jar.set("theme", "dark");
/// jar.set_cookie(create_cookie("id", "7").domain("example.com").path("/app"));
/// assert_eq!(jar.get("theme")?, Some("dark".into()));
/// assert_eq!(jar.list_domains(), ["", "example.com"]);
/// # Ok::<(), leyden::requests::Error>(())
/// ```
///
/// <https://docs.python-requests.org/en/latest/api/#requests.cookies.RequestsCookieJar>
#[derive(Clone, Default)]
#[doc(alias = "requests.cookies.RequestsCookieJar")]
pub struct RequestsCookieJar {
    // In the order in which domain, path and name were first seen, grouped like Python's nested
    // dictionaries.
    cookies: Arc<Mutex<Vec<Cookie>>>,
}

impl RequestsCookieJar {
    /// Creates an empty jar.
    pub fn new() -> RequestsCookieJar {
        RequestsCookieJar::default()
    }

    /// Returns an independent jar with the same cookies.
    #[doc(alias = "requests.cookies.RequestsCookieJar.copy")]
    pub fn copy(&self) -> RequestsCookieJar {
        RequestsCookieJar { cookies: Arc::new(Mutex::new(self.lock().clone())) }
    }

    /// Returns the value of the cookie with this name; `None` if there is none. Fails if several
    /// domains or paths have it.
    #[doc(alias = "requests.cookies.RequestsCookieJar.get")]
    pub fn get(&self, name: &str) -> Result<Option<String>> {
        self.get_from(name, None, None)
    }

    /// Like [`get`](RequestsCookieJar::get), restricted to a domain and a path.
    pub fn get_from(&self, name: &str, domain: Option<&str>, path: Option<&str>) -> Result<Option<String>> {
        let cookies = self.lock();
        let mut found = cookies.iter().filter(|cookie| cookie.name == name && is_at(cookie, domain, path));
        let first = found.next();
        if found.next().is_some() {
            return Err(Error::CookieConflict(name.into()));
        }
        Ok(first.and_then(|cookie| cookie.value.clone()))
    }

    /// Sets a cookie that is sent with every request to any host. Use [`create_cookie`] to restrict
    /// it.
    #[doc(alias = "requests.cookies.RequestsCookieJar.set")]
    pub fn set(&self, name: impl Into<String>, value: impl Into<String>) {
        self.set_cookie(create_cookie(name, value));
    }

    /// Adds a cookie, replacing the one with the same domain, path and name.
    #[doc(alias = "requests.cookies.RequestsCookieJar.set_cookie")]
    ///
    /// DIFFERENCE: its value is unchanged. Python removes escaped quotes from a quoted value.
    pub fn set_cookie(&self, cookie: Cookie) {
        put(&mut self.lock(), cookie);
    }

    /// Returns the value, after setting `default` if there is none.
    #[doc(alias = "requests.cookies.RequestsCookieJar.setdefault")]
    pub fn setdefault(&self, name: &str, default: &str) -> Result<String> {
        if let Some(value) = self.get(name)? {
            return Ok(value);
        }
        self.set(name, default);
        Ok(default.into())
    }

    /// Removes the cookies with this name, restricted to a domain and a path if given. Returns true
    /// if there was one.
    #[doc(alias = "requests.cookies.remove_cookie_by_name")]
    pub fn remove(&self, name: &str, domain: Option<&str>, path: Option<&str>) -> bool {
        let mut cookies = self.lock();
        let before = cookies.len();
        cookies.retain(|cookie| !(cookie.name == name && is_at(cookie, domain, path)));
        cookies.len() < before
    }

    /// Removes a cookie and returns its value.
    #[doc(alias = "requests.cookies.RequestsCookieJar.pop")]
    pub fn pop(&self, name: &str) -> Result<Option<String>> {
        let value = self.get(name)?;
        self.remove(name, None, None);
        Ok(value)
    }

    /// Removes and returns the first cookie.
    #[doc(alias = "requests.cookies.RequestsCookieJar.popitem")]
    pub fn popitem(&self) -> Option<(String, Option<String>)> {
        let mut cookies = self.lock();
        let name = cookies.first()?.name.clone();
        let value = cookies[0].value.clone();
        cookies.retain(|cookie| cookie.name != name);
        Some((name, value))
    }

    /// Adds another jar's cookies.
    #[doc(alias("requests.cookies.RequestsCookieJar.update", "requests.cookies.merge_cookies"))]
    pub fn update(&self, other: &RequestsCookieJar) {
        let others = other.cookies();
        for cookie in others {
            self.set_cookie(cookie);
        }
    }

    /// Returns the cookies: Python's iterator.
    pub fn cookies(&self) -> Vec<Cookie> {
        self.lock().clone()
    }

    /// The names.
    #[doc(alias = "requests.cookies.RequestsCookieJar.keys")]
    pub fn keys(&self) -> Vec<String> {
        self.lock().iter().map(|cookie| cookie.name.clone()).collect()
    }

    /// The values.
    #[doc(alias = "requests.cookies.RequestsCookieJar.values")]
    pub fn values(&self) -> Vec<Option<String>> {
        self.lock().iter().map(|cookie| cookie.value.clone()).collect()
    }

    /// Names and values.
    #[doc(alias = "requests.cookies.RequestsCookieJar.items")]
    pub fn items(&self) -> Vec<(String, Option<String>)> {
        self.lock().iter().map(|cookie| (cookie.name.clone(), cookie.value.clone())).collect()
    }

    /// Returns names and values for this domain and path, the last of each name.
    #[doc(alias("requests.cookies.RequestsCookieJar.get_dict", "requests.utils.dict_from_cookiejar"))]
    pub fn get_dict(&self, domain: Option<&str>, path: Option<&str>) -> Vec<(String, Option<String>)> {
        let mut dict: Vec<(String, Option<String>)> = Vec::new();
        for cookie in self.lock().iter().filter(|cookie| is_at(cookie, domain, path)) {
            match dict.iter_mut().find(|(name, _)| *name == cookie.name) {
                Some((_, value)) => value.clone_from(&cookie.value),
                None => dict.push((cookie.name.clone(), cookie.value.clone())),
            }
        }
        dict
    }

    /// Returns the domains, each once.
    #[doc(alias = "requests.cookies.RequestsCookieJar.list_domains")]
    pub fn list_domains(&self) -> Vec<String> {
        distinct(&self.lock(), |cookie| &cookie.domain)
    }

    /// Returns the paths, each once.
    #[doc(alias = "requests.cookies.RequestsCookieJar.list_paths")]
    pub fn list_paths(&self) -> Vec<String> {
        distinct(&self.lock(), |cookie| &cookie.path)
    }

    /// `multiple_domains()`, as in Python: true if some domain has two cookies, despite the name.
    #[doc(alias = "requests.cookies.RequestsCookieJar.multiple_domains")]
    pub fn multiple_domains(&self) -> bool {
        let cookies = self.lock();
        distinct(&cookies, |cookie| &cookie.domain).len() < cookies.len()
    }

    /// Returns true if there is a cookie with this name.
    pub fn contains(&self, name: &str) -> bool {
        self.lock().iter().any(|cookie| cookie.name == name)
    }

    /// Returns the number of cookies.
    pub fn len(&self) -> usize {
        self.lock().len()
    }

    /// Returns true if there are no cookies.
    pub fn is_empty(&self) -> bool {
        self.lock().is_empty()
    }

    /// Removes the cookies of this domain, path and name; all of them if all three are `None`.
    #[doc(alias = "requests.cookies.RequestsCookieJar.clear")]
    pub fn clear(&self, domain: Option<&str>, path: Option<&str>, name: Option<&str>) {
        self.lock().retain(|cookie| !(is_at(cookie, domain, path) && name.is_none_or(|name| cookie.name == name)));
    }

    /// Removes the cookies that are expired at this time.
    #[doc(alias = "requests.cookies.RequestsCookieJar.clear_expired_cookies")]
    pub fn clear_expired_cookies(&self, now: SystemTime) {
        let now = seconds(now);
        self.lock().retain(|cookie| !cookie.is_expired(now));
    }

    /// Removes the session cookies.
    #[doc(alias = "requests.cookies.RequestsCookieJar.clear_session_cookies")]
    pub fn clear_session_cookies(&self) {
        self.lock().retain(|cookie| !cookie.discard);
    }

    /// Parses the `Set-Cookie` headers of a response from this URL, without expired cookies. Does
    /// not check whether the jar would accept them.
    #[doc(alias = "requests.cookies.RequestsCookieJar.make_cookies")]
    pub fn make_cookies(&self, set_cookie: &[&str], url: &str, now: SystemTime) -> Vec<Cookie> {
        let (headers, now) = (Headers::new(), seconds(now));
        let request = policy::Request::new(url, &headers);
        let parsed = set_cookie.iter().filter_map(|header| cookie::parse(header, &request, now));
        parsed.filter(|cookie| !cookie.is_expired(now)).collect()
    }

    /// Adds a cookie if a server at this URL may set it.
    #[doc(alias = "requests.cookies.RequestsCookieJar.set_cookie_if_ok")]
    pub fn set_cookie_if_ok(&self, cookie: Cookie, url: &str) -> bool {
        let headers = Headers::new();
        let ok = policy::set_ok(&cookie, &policy::Request::new(url, &headers));
        if ok {
            self.set_cookie(cookie);
        }
        ok
    }

    /// Stores the cookies that the `Set-Cookie` headers of a response may set; `request` are the
    /// request's headers, for `Host`.
    #[doc(alias("requests.cookies.RequestsCookieJar.extract_cookies", "requests.cookies.extract_cookies_to_jar"))]
    pub fn extract_cookies<'a>(
        &self,
        set_cookie: impl IntoIterator<Item = &'a str>,
        url: &str,
        request: &Headers,
        now: SystemTime,
    ) {
        let mut set_cookie = set_cookie.into_iter().peekable();
        if set_cookie.peek().is_none() {
            return;
        }
        let request = policy::Request::new(url, request);
        let now = seconds(now);
        for header in set_cookie {
            // Check the policy first: a host that may not set a cookie may not remove it either.
            if let Some(cookie) = cookie::parse(header, &request, now).filter(|cookie| policy::set_ok(cookie, &request)) {
                self.take(cookie, &request, now);
            }
        }
    }

    /// Stores a cookie from a server, replacing the same cookie in the sense of RFC 6265, or
    /// removes it if expired. Keeps the jar within its limits.
    fn take(&self, cookie: Cookie, request: &policy::Request<'_>, now: i64) {
        let mut cookies = self.lock();
        if cookies.iter().any(|own| policy::overlays(&cookie, own, request)) {
            return;
        }
        if cookie.is_expired(now) {
            cookies.retain(|own| !policy::is_same(own, &cookie));
            return;
        }
        if let Some(own) = cookies.iter_mut().find(|own| policy::is_same(own, &cookie)) {
            *own = cookie;
            return;
        }
        if cookies.len() >= MOST || cookies.iter().filter(|own| own.domain == cookie.domain).count() >= MOST_OF_DOMAIN {
            cookies.retain(|own| !own.is_expired(now));
        }
        // Remove the oldest of the domain, otherwise the oldest of all that a server has set.
        let mut of_domain = cookies.iter().enumerate().filter(|(_, own)| own.domain == cookie.domain);
        let oldest = of_domain.next().map(|(at, _)| at);
        if of_domain.count() + 1 >= MOST_OF_DOMAIN
            && let Some(at) = oldest
        {
            cookies.remove(at);
        } else if cookies.len() >= MOST
            && let Some(at) = cookies.iter().position(|own| !own.domain.is_empty())
        {
            cookies.remove(at);
        }
        put(&mut cookies, cookie);
    }

    /// Returns the `Cookie` header for this URL. Removes expired cookies.
    #[doc(alias("requests.cookies.RequestsCookieJar.add_cookie_header", "requests.cookies.get_cookie_header"))]
    pub fn cookie_header(&self, url: &str, request: &Headers, now: SystemTime) -> Option<String> {
        if self.is_empty() {
            return None;
        }
        let now = seconds(now);
        let request = policy::Request::new(url, request);
        let mut cookies = self.lock();
        let mut matching: Vec<&Cookie> = cookies.iter().filter(|cookie| policy::return_ok(cookie, &request, now)).collect();
        matching.sort_by_key(|cookie| std::cmp::Reverse(cookie.path.len()));
        let texts: Vec<String> = matching
            .into_iter()
            .map(|cookie| match &cookie.value {
                Some(value) => format!("{}={value}", cookie.name),
                None => cookie.name.clone(),
            })
            .collect();
        cookies.retain(|cookie| !cookie.is_expired(now));
        (!texts.is_empty()).then(|| texts.join("; "))
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Cookie>> {
        self.cookies.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Adds a cookie to its group, replacing the one with the same domain, path and name.
fn put(cookies: &mut Vec<Cookie>, cookie: Cookie) {
    let same = |own: &Cookie| own.domain == cookie.domain && own.path == cookie.path && own.name == cookie.name;
    if let Some(at) = cookies.iter().position(same) {
        cookies[at] = cookie;
        return;
    }
    let last_with = |wanted: &dyn Fn(&Cookie) -> bool| cookies.iter().rposition(wanted).map(|at| at + 1);
    let at = last_with(&|own| own.domain == cookie.domain && own.path == cookie.path)
        .or_else(|| last_with(&|own| own.domain == cookie.domain))
        .unwrap_or(cookies.len());
    cookies.insert(at, cookie);
}

fn is_at(cookie: &Cookie, domain: Option<&str>, path: Option<&str>) -> bool {
    domain.is_none_or(|domain| cookie.domain == domain) && path.is_none_or(|path| cookie.path == path)
}

fn distinct(cookies: &[Cookie], of: impl Fn(&Cookie) -> &String) -> Vec<String> {
    let mut seen: Vec<String> = Vec::new();
    for cookie in cookies {
        if !seen.contains(of(cookie)) {
            seen.push(of(cookie).clone());
        }
    }
    seen
}

/// Converts to seconds since 1970.
fn seconds(time: SystemTime) -> i64 {
    time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs().try_into().unwrap_or(i64::MAX))
}

impl fmt::Debug for RequestsCookieJar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.lock().iter()).finish()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for RequestsCookieJar {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(cookies: I) -> RequestsCookieJar {
        let jar = RequestsCookieJar::new();
        cookies.into_iter().for_each(|(name, value)| jar.set(name, value));
        jar
    }
}

impl<K: Into<String>, V: Into<String>, const N: usize> From<[(K, V); N]> for RequestsCookieJar {
    fn from(cookies: [(K, V); N]) -> RequestsCookieJar {
        cookies.into_iter().collect()
    }
}

/// Creates a jar from names and values.
#[doc(alias = "requests.cookies.cookiejar_from_dict")]
pub fn cookiejar_from_dict<K: Into<String>, V: Into<String>>(cookies: impl IntoIterator<Item = (K, V)>) -> RequestsCookieJar {
    cookies.into_iter().collect()
}

/// Adds names and values to a jar.
#[doc(alias = "requests.utils.add_dict_to_cookiejar")]
pub fn add_dict_to_cookiejar<K: Into<String>, V: Into<String>>(
    jar: &RequestsCookieJar,
    cookies: impl IntoIterator<Item = (K, V)>,
) {
    cookies.into_iter().for_each(|(name, value)| jar.set(name, value));
}
