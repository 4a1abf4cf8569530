//! [`Session`]: settings and cookies for several calls.

use std::sync::Arc;

use super::adapters::HttpAdapter;
use super::auth::{Auth, HttpBasicAuth, IntoAuth, Netrc};
use super::cookies::RequestsCookieJar;
use super::core::Core;
use super::error::{Error, Result};
use super::headers::{CaseInsensitiveDict, Headers, text_of};
use super::hooks::Hooks;
use super::limits::{Limits, Timeout};
use super::proxies::{Proxies, get_environ_proxies};
use super::request::body::read_file;
use super::request::form::Form;
use super::request::prepare::PreparedRequest;
use super::request::{Request, RequestBuilder, SendOptions, Sending};
use super::tls::{Cert, Verify};
use super::url::Split;
use super::utils::{NETRC_FILES, default_headers};
use crate::secret::url::redact;

/// The maximum number of redirects.
const DEFAULT_REDIRECT_LIMIT: usize = 30;

/// Calls with common headers, cookies, auth, proxies and hooks. Connections are shared by the whole
/// battery.
///
/// Its attributes are fields. A clone copies the settings and shares the cookies. A call uses the
/// settings at the time it is created.
///
/// ```
/// use leyden::prelude::*;
///
/// let world = World::new();
/// world.requests.post("https://shop.test/login").reply_with(|_| leyden::requests::mock::Reply::new(200).header("Set-Cookie", "id=7"));
/// world.requests.get("https://shop.test/cart").header("Cookie", "id=7").reply(200);
///
/// let mut session = world.batteries().requests.session();
/// session.headers.insert("Accept-Language", "de");
/// session.post("https://shop.test/login").data([("user", "ada")]).wait()?.raise_for_status()?;
/// assert_eq!(session.get("https://shop.test/cart").wait()?.status_code, 200);
/// # Ok::<(), leyden::requests::Error>(())
/// ```
///
/// <https://docs.python-requests.org/en/latest/api/#requests.Session>
#[derive(Clone, Debug)]
#[doc(alias = "requests.Session")]
#[non_exhaustive]
pub struct Session {
    /// Headers for every request.
    #[doc(alias = "requests.Session.headers")]
    pub headers: Headers,
    /// The authentication: see [`Session::set_auth`].
    #[doc(alias = "requests.Session.auth")]
    pub auth: Option<Arc<dyn Auth>>,
    /// Proxies.
    #[doc(alias = "requests.Session.proxies")]
    pub proxies: Proxies,
    /// The hooks that are called with each response.
    #[doc(alias = "requests.Session.hooks")]
    pub hooks: Hooks,
    /// Parameters for every query.
    #[doc(alias = "requests.Session.params")]
    pub params: Form,
    /// Whether responses are returned as soon as their heads have arrived. Default false.
    #[doc(alias = "requests.Session.stream")]
    pub stream: bool,
    /// The certificates that TLS trusts. Default: Mozilla's roots.
    #[doc(alias = "requests.Session.verify")]
    pub verify: Verify,
    /// The client certificate.
    #[doc(alias = "requests.Session.cert")]
    pub cert: Option<Cert>,
    /// The maximum number of redirects. Default 30.
    #[doc(alias = "requests.Session.max_redirects")]
    pub max_redirects: usize,
    /// Whether proxies and CA bundles are read from the environment. Default true.
    #[doc(alias = "requests.Session.trust_env")]
    pub trust_env: bool,
    /// Whether credentials are read from `.netrc` if there are no others. DIFFERENCE: default
    /// false; in requests `trust_env` includes it.
    pub netrc: bool,
    /// The cookies. Clones of the session share them.
    #[doc(alias = "requests.Session.cookies")]
    pub cookies: RequestsCookieJar,
    /// The time limits of a call. requests has no such setting.
    pub timeout: Timeout,
    /// The size limits of a response.
    pub limits: Limits,
    pub(super) adapters: Arc<Vec<(String, HttpAdapter)>>,
    pub(super) core: Arc<Core>,
}

/// The effective settings of a call: see [`Session::merge_environment_settings`].
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Settings {
    /// The proxies, including those of the environment.
    pub proxies: Proxies,
    /// Whether the body is left unread.
    pub stream: bool,
    /// The certificates to trust.
    pub verify: Verify,
    /// The client certificate.
    pub cert: Option<Cert>,
}

macro_rules! verbs {
    ($(#[doc = $doc:literal] $(#[$alias:meta])? $verb:ident $method:literal;)+) => {
        impl Session {
            $(
                #[doc = $doc]
                $(#[$alias])?
                pub fn $verb(&self, url: impl AsRef<str>) -> RequestBuilder {
                    self.request($method, url).allow_redirects($method != "HEAD")
                }
            )+
        }
    };
}
verbs! {
    /// GET, following redirects.
    #[doc(alias = "requests.Session.get")]
    get "GET";
    /// OPTIONS, following redirects.
    #[doc(alias = "requests.Session.options")]
    options "OPTIONS";
    /// HEAD. Follows redirects only with `.allow_redirects(true)`.
    #[doc(alias = "requests.Session.head")]
    head "HEAD";
    /// POST: with `.data(..)`, `.json(..)` or `.file(..)`.
    #[doc(alias = "requests.Session.post")]
    post "POST";
    /// PUT.
    #[doc(alias = "requests.Session.put")]
    put "PUT";
    /// PATCH.
    #[doc(alias = "requests.Session.patch")]
    patch "PATCH";
    /// DELETE.
    #[doc(alias = "requests.Session.delete")]
    delete "DELETE";
}

impl Session {
    pub(super) fn on(core: Arc<Core>) -> Session {
        let mut session = Session {
            headers: default_headers(),
            auth: None,
            proxies: Proxies::new(),
            hooks: Hooks::default(),
            params: Form::default(),
            stream: false,
            verify: Verify::Yes,
            cert: None,
            max_redirects: DEFAULT_REDIRECT_LIMIT,
            trust_env: true,
            netrc: false,
            cookies: RequestsCookieJar::new(),
            timeout: Timeout::new(),
            limits: Limits::default(),
            adapters: Arc::default(),
            core,
        };
        session.mount("https://", HttpAdapter::new());
        session.mount("http://", HttpAdapter::new());
        session
    }

    /// Any method.
    #[doc(alias = "requests.Session.request")]
    pub fn request(&self, method: &str, url: impl AsRef<str>) -> RequestBuilder {
        RequestBuilder::new(self.clone(), &method.to_uppercase(), url.as_ref())
    }

    /// Sets [`Session::auth`]: `session.set_auth(("user", "password"))`.
    pub fn set_auth(&mut self, auth: impl IntoAuth) {
        self.auth = Some(auth.into_auth());
    }

    /// Uses this adapter for URLs with this prefix. The longest prefix counts.
    #[doc(alias = "requests.Session.mount")]
    pub fn mount(&mut self, prefix: impl Into<String>, adapter: HttpAdapter) {
        let prefix = prefix.into();
        let adapters = Arc::make_mut(&mut self.adapters);
        adapters.retain(|(own, _)| *own != prefix);
        let at = adapters.iter().position(|(own, _)| own.len() < prefix.len()).unwrap_or(adapters.len());
        adapters.insert(at, (prefix, adapter));
    }

    /// Iterates over the adapters by prefix, longest first.
    #[doc(alias = "requests.Session.adapters")]
    pub fn adapters(&self) -> impl Iterator<Item = (&str, &HttpAdapter)> {
        self.adapters.iter().map(|(prefix, adapter)| (prefix.as_str(), adapter))
    }

    /// Returns the adapter for this URL.
    #[doc(alias = "requests.Session.get_adapter")]
    pub fn get_adapter(&self, url: &str) -> Result<&HttpAdapter> {
        let starts = |prefix: &str| url.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix));
        let found = self.adapters.iter().find(|(prefix, _)| starts(prefix));
        found.map(|(_, adapter)| adapter).ok_or_else(|| Error::InvalidSchema(redact(url)))
    }

    /// Prepares a request with this session's headers, cookies, auth, parameters and hooks.
    #[doc(alias = "requests.Session.prepare_request")]
    pub fn prepare_request(&self, mut request: Request) -> Result<PreparedRequest> {
        let cookies = self.cookies.copy();
        cookies.update(&request.cookies);
        request.cookies = cookies;
        let mut headers: CaseInsensitiveDict<Option<String>> = self.headers.clone().into_iter().collect();
        headers.update(request.headers);
        request.headers = headers;
        request.params = request.params.merged_over(&self.params);
        request.hooks = request.hooks.or(&self.hooks);
        request.auth = request.auth.or_else(|| self.auth.clone());
        if request.auth.is_none() && self.netrc {
            request.auth = self.netrc_auth(&request.url)?;
        }
        let mut prepared = PreparedRequest::on(self.core.clone());
        prepared.prepare(request)?;
        Ok(prepared)
    }

    /// Returns the credentials for the URL's host from the file in `NETRC`, `~/.netrc` or
    /// `~/_netrc`. A file that cannot be read or parsed is ignored, as in requests.
    pub(super) fn netrc_auth(&self, url: &str) -> Result<Option<Arc<dyn Auth>>> {
        let parts = Split::new(url);
        let (None, Some(host)) = (parts.userinfo(), parts.hostname()) else { return Ok(None) };
        let ambient = self.core.os.ambient();
        let home = || ambient.var("HOME").map(std::path::PathBuf::from).unwrap_or_default();
        let candidates = match ambient.var("NETRC") {
            Some(file) => vec![std::path::PathBuf::from(file)],
            None => NETRC_FILES.iter().map(|name| home().join(name)).collect(),
        };
        let text = candidates.iter().find_map(|path| read_file(&self.core.os, path).ok());
        let netrc = text.and_then(|text| Netrc::parse(&text_of(text)).ok());
        let found = netrc.and_then(|netrc| netrc.auth(&host));
        Ok(found.map(|(user, password)| Arc::new(HttpBasicAuth::new(user, password)) as Arc<dyn Auth>))
    }

    /// Returns the settings of a call: its own, the environment's, the session's, in this order.
    ///
    /// DIFFERENCE: a bundle or `Verify::No` on the session takes precedence over
    /// `REQUESTS_CA_BUNDLE`. In requests the environment overrides it.
    #[doc(alias = "requests.Session.merge_environment_settings")]
    pub fn merge_environment_settings(&self, url: &str, options: &SendOptions) -> Settings {
        let ambient = self.core.os.ambient();
        let mut proxies = options.proxies.clone().unwrap_or_default();
        let mut verify = options.verify.clone();
        if self.trust_env {
            let no_proxy = proxies.get("no_proxy").map(str::to_owned);
            proxies.add_missing(&get_environ_proxies(url, no_proxy.as_deref(), ambient));
            let set_on_session = verify.is_none() && self.verify != Verify::Yes;
            if matches!(verify, None | Some(Verify::Yes)) && !set_on_session {
                let bundle = ["REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"]
                    .into_iter()
                    .find_map(|name| ambient.var(name).filter(|value| !value.is_empty()));
                verify = bundle.map(|bundle| Verify::Bundle(bundle.into())).or(verify);
            }
        }
        proxies.add_missing(&self.proxies);
        Settings {
            proxies,
            stream: options.stream.unwrap_or(self.stream),
            verify: verify.unwrap_or_else(|| self.verify.clone()),
            cert: options.cert.clone().or_else(|| self.cert.clone()),
        }
    }

    /// Sends a prepared request unchanged. Uses the session's settings and stores cookies in it.
    #[doc(alias = "requests.Session.send")]
    pub fn send(&self, request: PreparedRequest) -> Sending {
        Sending { session: self.clone(), prepared: request, options: SendOptions::default() }
    }

    /// Like [`Session::send`], with options.
    pub fn send_with(&self, request: PreparedRequest, options: SendOptions) -> Sending {
        Sending { session: self.clone(), prepared: request, options }
    }

    /// Closes the idle connections. The session can still be used.
    #[doc(alias = "requests.Session.close")]
    pub fn close(&self) {
        for (_, adapter) in self.adapters.iter() {
            adapter.backend.as_ref().unwrap_or(&self.core.backend).close();
        }
    }
}
