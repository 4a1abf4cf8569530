//! Sends one prepared request through its adapter with retries, auth and hooks, and follows
//! redirects.

pub(super) mod redirects;
pub(super) mod retry;

use std::borrow::Cow;
use std::sync::Arc;

use self::retry::Retry;
use super::adapters::{HttpAdapter, proxy_for};
use super::backend::{Failure, Hop, ProxyUrl, Reply, Route};
use super::cookies::RequestsCookieJar;
use super::core::Watch;
use super::error::{Context, Error, Result};
use super::headers::{Headers, check_header_validity, is_token};
use super::limits::{Limits, Timeout};
use super::proxies::{Proxies, resolve_proxies};
use super::request::body::Body;
use super::request::prepare::PreparedRequest;
use super::request::{Request, SendOptions};
use super::response::encoding::get_encoding_from_headers;
use super::response::framing::body_length;
use super::response::reader::Reader;
use super::response::{Content, Response};
use super::session::{Session, Settings};
use super::url::{Split, check_sendable};
use crate::Secret;

/// A call in progress.
pub(super) struct Call {
    pub(super) settings: Settings,
    pub(super) allow_redirects: bool,
    timeout: Timeout,
    limits: Limits,
    retries: Option<Retry>,
    watch: Watch,
}

impl Session {
    pub(super) async fn execute(&self, request: Request, options: SendOptions) -> Result<Response> {
        let prepared = self.prepare_request(request)?;
        let settings = self.merge_environment_settings(&prepared.url, &options);
        self.carry(prepared, settings, options).await
    }

    pub(super) async fn send_prepared(&self, prepared: PreparedRequest, options: SendOptions) -> Result<Response> {
        let settings = Settings {
            proxies: options.proxies.clone().unwrap_or_else(|| self.resolve_proxies(&prepared.url, &self.proxies)),
            stream: options.stream.unwrap_or(self.stream),
            verify: options.verify.clone().unwrap_or_else(|| self.verify.clone()),
            cert: options.cert.clone().or_else(|| self.cert.clone()),
        };
        self.carry(prepared, settings, options).await
    }

    pub(super) fn resolve_proxies(&self, url: &str, proxies: &Proxies) -> Proxies {
        resolve_proxies(url, proxies, self.trust_env.then(|| self.core.os.ambient()))
    }

    async fn carry(&self, prepared: PreparedRequest, settings: Settings, options: SendOptions) -> Result<Response> {
        let interrupts = self.core.time.backend().interrupts();
        if !interrupts.is_armed() {
            return self.carry_on(prepared, settings, options).await;
        }
        let context = Context::new(&prepared.method, &prepared.url, "interrupted by a signal");
        let carried = interrupts.during(self.carry_on(prepared, settings, options)).await;
        carried.unwrap_or_else(|interrupt| Err(Error::KeyboardInterrupt { context, interrupt }))
    }

    async fn carry_on(&self, prepared: PreparedRequest, settings: Settings, options: SendOptions) -> Result<Response> {
        let timeout = options.timeout.unwrap_or(self.timeout);
        let mut call = Call {
            settings,
            allow_redirects: options.allow_redirects.unwrap_or(true),
            timeout,
            limits: options.limits.unwrap_or(self.limits),
            retries: options.max_retries,
            watch: Watch::start(&self.core.time, timeout),
        };
        let mut response = self.send_one(prepared, &call).await?;
        let mut history = Vec::new();
        let mut trail = self::redirects::Trail::of(&response);
        while let Some(next) = self.next_request(&mut response, &mut trail, &mut call.settings.proxies)? {
            if !call.allow_redirects {
                response.next = Some(Box::new(next));
                break;
            }
            // The connection can be reused after the redirect's own body was read.
            response.settle().await;
            if history.len() >= self.max_redirects {
                response.history = history;
                return Err(Error::TooManyRedirects { limit: self.max_redirects, response: Box::new(response) });
            }
            history.append(&mut response.history);
            history.push(response);
            response = self.send_one(next, &call).await?;
        }
        history.append(&mut response.history);
        response.history = history;
        if !call.settings.stream {
            response.fetch().await?;
        }
        Ok(response)
    }

    /// Sends one request, and another one if its auth answers a challenge. Runs hooks and stores
    /// cookies.
    async fn send_one(&self, prepared: PreparedRequest, call: &Call) -> Result<Response> {
        let mut response = self.exchange(prepared, call).await?;
        if let Some(auth) = response.request.auth.clone()
            && let Some(mut answer) = auth.answer(&response)?
        {
            if matches!(&answer.body, Body::Stream(stream) if !stream.can_be_sent()) {
                return Err(unrewindable(&answer));
            }
            response.settle().await;
            // The challenge may have set a cookie that belongs to its nonce.
            let cookies = answer.cookies.copy();
            self.take_cookies(&cookies, &response);
            self.take_cookies(&self.cookies, &response);
            answer.headers.remove("Cookie");
            answer.prepare_cookies(cookies);
            let mut next = self.exchange(answer, call).await?;
            next.history.push(response);
            response = next;
        }
        let hooks = response.request.hooks.clone();
        hooks.dispatch(&mut response)?;
        self.take_cookies(&self.cookies, &response);
        Ok(response)
    }

    pub(super) fn take_cookies(&self, jar: &RequestsCookieJar, response: &Response) {
        let request = &response.request;
        jar.extract_cookies(response.set_cookie_headers(), &request.url, &request.headers, self.core.time.time());
    }

    /// Sends through the adapter, with its retries.
    async fn exchange(&self, prepared: PreparedRequest, call: &Call) -> Result<Response> {
        let adapter = self.get_adapter(&prepared.url)?;
        let mut first = Some(self.hop(&prepared, adapter, call)?);
        let backend = adapter.backend.as_ref().unwrap_or(&self.core.backend);
        let mut retry = Cow::Borrowed(call.retries.as_ref().unwrap_or(&adapter.max_retries));
        let time = &self.core.time;
        loop {
            // Fail before sending if no time is left.
            call.watch.patience(&prepared.method, &prepared.url)?;
            let hop = match first.take() {
                Some(hop) => hop,
                None => self.hop(&prepared, adapter, call)?,
            };
            let start = time.monotonic();
            let outcome = backend.send(Hop { total: call.watch.left(), ..hop }).await;
            let elapsed = time.monotonic().saturating_sub(start);
            let (next, retry_after) = match &outcome {
                Err(failure) => (retry.increment(&prepared.method, &prepared.path_url(), Err(failure)), None),
                Ok(reply) => {
                    let retry_after = header(reply, "Retry-After").map(str::to_owned);
                    if !retry.is_retry(&prepared.method, reply.status, retry_after.is_some()) {
                        let reply = outcome.map_err(|failure| self.error(&prepared, failure, call))?;
                        return self.response(prepared, reply, adapter.clone(), elapsed, call);
                    }
                    (retry.increment(&prepared.method, &prepared.path_url(), Ok((reply.status, None))), retry_after)
                }
            };
            let pause = next.as_ref().map(|next| next.pause(retry_after.as_deref(), time.time(), self.random(next)));
            // Do not wait if the pause exceeds the time left: return this result.
            let fits = pause.is_some_and(|pause| call.watch.left().is_none_or(|left| pause < left));
            let (Some(next), Some(pause), true) = (next, pause, fits) else {
                return match outcome {
                    Err(failure) => Err(self.error(&prepared, failure, call)),
                    Ok(reply) if retry.raise_on_status => {
                        let context = Context::new(&prepared.method, &prepared.url, "no retries left");
                        Err(Error::Retry { context, status: reply.status })
                    }
                    Ok(reply) => self.response(prepared, reply, adapter.clone(), elapsed, call),
                };
            };
            if matches!(&prepared.body, Body::Stream(stream) if !stream.can_be_sent()) {
                return Err(unrewindable(&prepared));
            }
            if let Ok(reply) = outcome {
                drain(reply, call).await;
            }
            if !pause.is_zero() {
                time.timer(pause).await;
            }
            retry = Cow::Owned(next);
        }
    }

    /// Builds the hop. Checks the request here, because a caller may have changed the prepared
    /// request.
    fn hop(&self, prepared: &PreparedRequest, adapter: &HttpAdapter, call: &Call) -> Result<Hop> {
        if !is_token(&prepared.method) {
            return Err(Error::InvalidMethod(prepared.method.clone()));
        }
        let mut url = Split::new(&prepared.url);
        if url.hostname().is_none() || prepared.url.contains(|c: char| c <= ' ' || c == '\u{7f}') {
            return Err(Error::invalid_url(&prepared.url, "it cannot be requested"));
        }
        if let Some((_, host)) = url.netloc.rsplit_once('@') {
            url.netloc = host.to_owned();
        }
        url.fragment.clear();
        let target = url.unsplit();
        check_sendable(&target).map_err(|reason| Error::invalid_url(&prepared.url, reason))?;
        let proxy = proxy_for(&prepared.url, &call.settings.proxies)?;
        let mut proxy_authorization = None;
        let mut framing = framing(&prepared.method, &prepared.body);
        let mut headers = Vec::with_capacity(prepared.headers.len());
        for (name, value) in &prepared.headers {
            check_header_validity(name, value)?;
            // For the proxy only, not for the server behind it.
            if name.eq_ignore_ascii_case("Proxy-Authorization") {
                proxy_authorization = Some(value.clone());
            } else if name.eq_ignore_ascii_case("Content-Length") || name.eq_ignore_ascii_case("Transfer-Encoding") {
                // The body determines the framing, not a header of the caller: otherwise one
                // request could be parsed as two.
                headers.extend(framing.take());
            } else {
                headers.push((name.clone(), value.clone()));
            }
        }
        if !matches!(prepared.body, Body::Empty) {
            headers.extend(framing);
        }
        let identity = call.settings.cert.as_ref().map(|cert| self.core.identity(cert)).transpose()?;
        // An https proxy is verified like the server.
        let is_tls = url.scheme == "https" || proxy.as_deref().is_some_and(|proxy| Split::new(proxy).scheme == "https");
        let (verify, cert) = match is_tls {
            true => (self.core.trust(&call.settings.verify)?, identity),
            false => (super::backend::Trust::Roots, None),
        };
        let route = Route {
            proxy_authorization: proxy_authorization.filter(|_| proxy.is_some()).map(Secret::new),
            proxy: proxy.map(ProxyUrl::new),
            verify,
            cert,
            connect: call.timeout.connect,
            pool: adapter.pool,
        };
        Ok(Hop {
            headers,
            body: prepared.body.clone(),
            route: Arc::new(route),
            read: call.watch.read(),
            ..Hop::new(prepared.method.clone(), target)
        })
    }

    fn response(
        &self,
        prepared: PreparedRequest,
        reply: Reply,
        adapter: HttpAdapter,
        elapsed: std::time::Duration,
        call: &Call,
    ) -> Result<Response> {
        let size: usize = reply.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        if let Some(limit) = call.limits.head.filter(|&limit| size as u64 > limit) {
            let context = Context::new(&prepared.method, &prepared.url, "too many headers");
            return Err(Error::TooLarge { context, what: "head", limit });
        }
        let mut headers = Headers::new();
        for (name, value) in &reply.headers {
            match headers.get(name) {
                Some(before) => {
                    let joined = format!("{before}, {value}");
                    headers.insert(name.clone(), joined);
                }
                None => {
                    headers.insert(name.clone(), value.clone());
                }
            }
        }
        let encoding = headers.get("Content-Encoding").map(String::as_str);
        let request = (prepared.method.as_str(), prepared.url.as_str());
        let length = body_length(request.0, reply.status, reply.version, &reply.headers);
        let length = length.map_err(|reason| self.error(&prepared, Failure::Protocol(reason), call))?;
        let reader = Reader::new(reply.body, encoding, length, call.watch.clone(), call.limits, request)?;
        let mut response = Response {
            status_code: reply.status,
            reason: reply.reason,
            url: prepared.url.clone(),
            encoding: get_encoding_from_headers(&headers),
            headers,
            history: Vec::new(),
            cookies: RequestsCookieJar::new(),
            elapsed,
            version: reply.version,
            adapter,
            raw_headers: reply.headers,
            next: None,
            content: Content::Unread(Box::new(std::sync::Mutex::new(reader))),
            request: prepared,
        };
        let cookies = RequestsCookieJar::new();
        self.take_cookies(&cookies, &response);
        response.cookies = cookies;
        Ok(response)
    }

    fn error(&self, prepared: &PreparedRequest, failure: Failure, call: &Call) -> Error {
        let (method, url) = (prepared.method.as_str(), prepared.url.as_str());
        if matches!(failure, Failure::ReadTimeout | Failure::ConnectTimeout)
            && let Some(error) = call.watch.expired(method, url)
        {
            return error;
        }
        let wrap = match failure {
            Failure::Connect(_) | Failure::Protocol(_) | Failure::Body(_) => Error::Connection,
            Failure::ConnectTimeout => Error::ConnectTimeout,
            Failure::ReadTimeout => Error::ReadTimeout,
            Failure::Tls(_) => Error::Ssl,
            Failure::Proxy(_) => Error::Proxy,
            Failure::Invalid(reason) => return Error::invalid_url(url, reason),
            Failure::Certificate(reason) => {
                let path = match &call.settings.verify {
                    super::Verify::Bundle(path) => path.display().to_string(),
                    _ => "the trusted certificates".into(),
                };
                return Error::Certificate { path, reason };
            }
            Failure::ClientCertificate(reason) => {
                let path = call.settings.cert.as_ref().map(|cert| cert.cert.display().to_string());
                return Error::Certificate { path: path.unwrap_or_else(|| "the client certificate".into()), reason };
            }
            Failure::ClientKey(reason) => {
                let path = call.settings.cert.as_ref().map(|cert| cert.key.as_ref().unwrap_or(&cert.cert).display().to_string());
                return Error::Certificate { path: path.unwrap_or_else(|| "the client key".into()), reason };
            }
        };
        wrap(Context::new(method, url, failure))
    }

    /// Returns a random number in 0.0..1.0 for the jitter, if it is enabled.
    fn random(&self, retry: &Retry) -> f64 {
        let mut bytes = [0; 4];
        if retry.backoff_jitter == 0.0 || self.core.os.backend().urandom(&mut bytes).is_err() {
            return 0.0;
        }
        f64::from(u32::from_le_bytes(bytes)) / (f64::from(u32::MAX) + 1.0)
    }
}

/// Returns the header that frames this body in HTTP/1.1.
fn framing(method: &str, body: &Body) -> Option<(String, String)> {
    match body.len() {
        // A method without a body has no Content-Length, unlike an empty body.
        Some(0) if matches!(body, Body::Empty) && matches!(method, "GET" | "HEAD") => None,
        Some(length) => Some(("Content-Length".into(), length.to_string())),
        None => Some(("Transfer-Encoding".into(), "chunked".into())),
    }
}

pub(super) fn unrewindable(prepared: &PreparedRequest) -> Error {
    Error::UnrewindableBody(Context::new(&prepared.method, &prepared.url, "the reader was already consumed"))
}

fn header<'a>(reply: &'a Reply, name: &str) -> Option<&'a str> {
    reply.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// Reads a short body to its end, so that the next attempt can reuse the connection. A long body is
/// not worth reading.
async fn drain(mut reply: Reply, call: &Call) {
    let mut left = 64 * 1024usize;
    while let Ok(patience) = call.watch.patience("", "") {
        match reply.body.next(patience).await {
            Ok(Some(chunk)) if chunk.len() <= left => left -= chunk.len(),
            _ => return,
        }
    }
}
