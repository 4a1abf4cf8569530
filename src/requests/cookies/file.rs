//! Saves and loads Netscape's `cookies.txt`, which curl, wget and `http.cookiejar.MozillaCookieJar`
//! read and write.

use std::time::SystemTime;

use super::{Cookie, RequestsCookieJar, create_cookie, seconds};

impl RequestsCookieJar {
    /// Returns the cookies as a `cookies.txt`. Session cookies are left out unless `discard` is
    /// true; cookies that are expired at `now` are always left out.
    #[doc(alias = "http.cookiejar.MozillaCookieJar.save")]
    pub fn to_mozilla(&self, discard: bool, now: SystemTime) -> String {
        let now = seconds(now);
        let mut text = String::from(
            "# Netscape HTTP Cookie File\n# http://curl.haxx.se/rfc/cookie_spec.html\n# This is a generated file!  Do not edit.\n\n",
        );
        for cookie in self.cookies() {
            if (cookie.discard && !discard) || cookie.is_expired(now) {
                continue;
            }
            let flag = |set: bool| if set { "TRUE" } else { "FALSE" };
            let http_only = if cookie.has_nonstandard_attr("HttpOnly") { "#HttpOnly_" } else { "" };
            let expires = cookie.expires.map(|expires| expires.to_string()).unwrap_or_default();
            // A cookie without a value has its name in the last column.
            let (name, value) = match &cookie.value {
                Some(value) => (cookie.name.as_str(), value.as_str()),
                None => ("", cookie.name.as_str()),
            };
            let fields = [
                cookie.domain.as_str(),
                flag(cookie.domain.starts_with('.')),
                cookie.path.as_str(),
                flag(cookie.secure),
                expires.as_str(),
                name,
                value,
            ];
            // The format uses tabs and line breaks as separators, so it cannot hold such a cookie.
            if fields.iter().all(|field| !field.contains(['\t', '\n', '\r'])) {
                text.push_str(&format!("{http_only}{}\n", fields.join("\t")));
            }
        }
        text
    }

    /// Adds the cookies of a `cookies.txt`, except those expired at `now`. On failure, returns the
    /// number of the first invalid line.
    #[doc(alias = "http.cookiejar.MozillaCookieJar.load")]
    pub fn load_mozilla(&self, text: &str, now: SystemTime) -> Result<(), usize> {
        let now = seconds(now);
        for (number, line) in text.lines().enumerate() {
            let (line, http_only) = line.strip_prefix("#HttpOnly_").map_or((line, false), |line| (line, true));
            if line.trim().is_empty() || line.starts_with(['#', '$']) {
                continue;
            }
            let cookie = parse_line(line, http_only).ok_or(number + 1)?;
            if !cookie.is_expired(now) {
                self.set_cookie(cookie);
            }
        }
        Ok(())
    }
}

fn parse_line(line: &str, http_only: bool) -> Option<Cookie> {
    let fields: Vec<&str> = line.split('\t').collect();
    let [domain, specified, path, secure, expires, name, value] = fields.as_slice() else { return None };
    let mut cookie = create_cookie(*name, *value).path(*path).secure(*secure == "TRUE");
    cookie.domain = domain.to_lowercase();
    cookie.domain_specified = *specified == "TRUE";
    if name.is_empty() {
        cookie.name = (*value).to_owned();
        cookie.value = None;
    }
    cookie.rest = if http_only { vec![("HttpOnly".into(), None)] } else { Vec::new() };
    // Python writes 0 or nothing for a session cookie, and curl 0.
    match *expires {
        "" | "0" => {}
        expires => cookie = cookie.expires(expires.parse::<f64>().ok()? as i64),
    }
    Some(cookie)
}
