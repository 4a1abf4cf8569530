//! [`Request`], and [`RequestBuilder`]: the request value that `.wait()` or `.await` sends.

pub(super) mod body;
pub(super) mod form;
pub(super) mod json;
pub(super) mod multipart;
pub(super) mod prepare;

use std::io::Read;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use serde::Serialize;

use self::form::Form;
use self::multipart::Part;
use self::prepare::PreparedRequest;
use super::adapters::Retry;
use super::auth::{Auth, IntoAuth};
use super::cookies::RequestsCookieJar;
use super::download::Download;
use super::error::Result;
use super::headers::CaseInsensitiveDict;
use super::hooks::{Event, Hook, Hooks};
use super::limits::{Limits, Timeout};
use super::proxies::Proxies;
use super::response::Response;
use super::session::Session;
use super::tls::{Cert, Verify};

/// A request before a session completes it.
///
/// <https://docs.python-requests.org/en/latest/api/#requests.Request>
#[derive(Default)]
#[doc(alias = "requests.Request")]
#[non_exhaustive]
pub struct Request {
    /// The method, in any case.
    #[doc(alias = "requests.Request.method")]
    pub method: String,
    /// The URL, not necessarily ASCII or quoted.
    #[doc(alias = "requests.Request.url")]
    pub url: String,
    /// Headers. `None` removes the session's header.
    #[doc(alias = "requests.Request.headers")]
    pub headers: CaseInsensitiveDict<Option<String>>,
    /// The files of a form.
    #[doc(alias = "requests.Request.files")]
    pub files: Vec<(String, Part)>,
    /// The body.
    #[doc(alias = "requests.Request.data")]
    pub data: Data,
    /// A serialized JSON body, used if there are no `data` and no `files`.
    #[doc(alias = "requests.Request.json")]
    pub json: Option<Vec<u8>>,
    /// Pairs to add to the query.
    #[doc(alias = "requests.Request.params")]
    pub params: Form,
    /// The authentication.
    #[doc(alias = "requests.Request.auth")]
    pub auth: Option<Arc<dyn Auth>>,
    /// Cookies for this request only.
    #[doc(alias = "requests.Request.cookies")]
    pub cookies: RequestsCookieJar,
    /// The hooks that are called with each response.
    #[doc(alias = "requests.Request.hooks")]
    pub hooks: Hooks,
}

impl Request {
    /// Creates a request from a method and a URL.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Request {
        Request { method: method.into(), url: url.into(), ..Request::default() }
    }

    /// Prepares the request without a session's headers, cookies and auth. The battery provides
    /// files and randomness.
    #[doc(alias = "requests.Request.prepare")]
    pub fn prepare(self, requests: &super::Requests) -> Result<PreparedRequest> {
        let mut prepared = PreparedRequest::new(requests);
        prepared.prepare(self)?;
        Ok(prepared)
    }
}

impl std::fmt::Debug for Request {
    /// Omits credentials and the body.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<Request [{}] {}>", self.method, crate::secret::url::redact(&self.url))
    }
}

/// A request body: text, bytes, pairs for a form, a file or a reader.
#[derive(Default)]
pub enum Data {
    /// No body.
    #[default]
    None,
    /// A form, `application/x-www-form-urlencoded`.
    Form(Form),
    /// Bytes, without a Content-Type.
    Bytes(Bytes),
    /// A file, read while it is sent.
    File(PathBuf),
    /// A reader and its length. If the length is unknown, the request is chunked.
    Reader(Mutex<Option<Box<dyn Read + Send>>>, Option<u64>),
}

impl Data {
    /// A body from a file, read while it is sent in constant memory. A redirect or a retry reads it
    /// again.
    pub fn file(path: impl Into<PathBuf>) -> Data {
        Data::File(path.into())
    }

    /// A body from a reader, which can be consumed once: a redirect or a retry that would send it
    /// again is `UnrewindableBodyError`.
    pub fn reader(reader: impl Read + Send + 'static, len: Option<u64>) -> Data {
        Data::Reader(Mutex::new(Some(Box::new(reader))), len)
    }

    /// A body from pairs.
    pub fn form(form: impl Into<Form>) -> Data {
        Data::Form(form.into())
    }
}

impl std::fmt::Debug for Data {
    /// Never shows the contents: forms contain passwords.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Data::None => "None",
            Data::Form(_) => "Form",
            Data::Bytes(_) => "Bytes",
            Data::File(_) => "File",
            Data::Reader(..) => "Reader",
        })
    }
}

macro_rules! data_from {
    (bytes: $($bytes:ty),+; form: $({$($generics:tt)*} $form:ty),+ $(,)?) => {
        $(impl From<$bytes> for Data {
            fn from(data: $bytes) -> Data {
                Data::Bytes(Bytes::from(data))
            }
        })+
        $(impl<$($generics)*> From<$form> for Data where Form: From<$form> {
            fn from(pairs: $form) -> Data {
                Data::Form(pairs.into())
            }
        })+
    };
}
data_from! {
    bytes: String, Vec<u8>, Bytes, &'static [u8];
    form: {K, V, const N: usize} [(K, V); N], {K, V} Vec<(K, V)>, {K, V} std::collections::BTreeMap<K, V>,
        {K, V} std::collections::HashMap<K, V>,
}

impl From<&str> for Data {
    fn from(text: &str) -> Data {
        Data::Bytes(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl From<Form> for Data {
    fn from(form: Form) -> Data {
        Data::Form(form)
    }
}

/// Options for sending: the keyword arguments of Python's `Session.send`. `None` is the session's
/// setting.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct SendOptions {
    /// See [`RequestBuilder::timeout`].
    pub timeout: Option<Timeout>,
    /// See [`RequestBuilder::allow_redirects`]. Default true.
    pub allow_redirects: Option<bool>,
    /// See [`RequestBuilder::proxies`].
    pub proxies: Option<Proxies>,
    /// See [`RequestBuilder::stream`].
    pub stream: Option<bool>,
    /// See [`RequestBuilder::verify`].
    pub verify: Option<Verify>,
    /// See [`RequestBuilder::cert`].
    pub cert: Option<Cert>,
    /// See [`RequestBuilder::max_retries`].
    pub max_retries: Option<Retry>,
    /// See [`RequestBuilder::limits`].
    pub limits: Option<Limits>,
}

/// A call: configure it, then send it with `.wait()?` or `.await?`. Each method is the keyword
/// argument of that name.
#[derive(Debug)]
#[must_use = "a request does nothing until `.wait()` or `.await`"]
pub struct RequestBuilder {
    pub(super) session: Session,
    pub(super) request: Result<Request>,
    pub(super) options: SendOptions,
}

impl RequestBuilder {
    pub(super) fn new(session: Session, method: &str, url: &str) -> RequestBuilder {
        RequestBuilder { session, request: Ok(Request::new(method, url)), options: SendOptions::default() }
    }

    fn with(mut self, change: impl FnOnce(&mut Request)) -> RequestBuilder {
        if let Ok(request) = &mut self.request {
            change(request);
        }
        self
    }

    fn option(mut self, change: impl FnOnce(&mut SendOptions)) -> RequestBuilder {
        change(&mut self.options);
        self
    }

    /// Adds pairs, a map, or a text to the query. A list of values repeats its key; `None` leaves
    /// it out.
    pub fn params(self, params: impl Into<Form>) -> RequestBuilder {
        self.with(|request| request.params = params.into())
    }

    /// Sets the body: text or bytes unchanged, pairs as a form, a file or a reader as a stream.
    pub fn data(self, data: impl Into<Data>) -> RequestBuilder {
        self.with(|request| request.data = data.into())
    }

    /// Sets a JSON body, as `json.dumps` writes it. `data` takes precedence. A value that cannot be
    /// serialized is an error of the call.
    pub fn json(mut self, json: &(impl Serialize + ?Sized)) -> RequestBuilder {
        match self::json::dumps(json) {
            Ok(json) => self.with(|request| request.json = Some(json)),
            Err(error) => {
                self.request = self.request.and(Err(error));
                self
            }
        }
    }

    /// Sets a header, instead of the session's.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> RequestBuilder {
        self.with(|request| {
            request.headers.insert(name, Some(value.into()));
        })
    }

    /// Sets headers.
    pub fn headers<K: Into<String>, V: Into<String>>(self, headers: impl IntoIterator<Item = (K, V)>) -> RequestBuilder {
        self.with(|request| request.headers.update(headers.into_iter().map(|(name, value)| (name, Some(value.into())))))
    }

    /// Removes a header that the session would send: Python's `headers={"Accept": None}`.
    pub fn without_header(self, name: impl Into<String>) -> RequestBuilder {
        self.with(|request| {
            request.headers.insert(name, None);
        })
    }

    /// Adds cookies for this call only.
    pub fn cookies(self, cookies: impl Into<RequestsCookieJar>) -> RequestBuilder {
        self.with(|request| request.cookies = cookies.into())
    }

    /// Adds a file to the form: its field and its contents, or a [`Part`] with a file name, a type,
    /// or a path to stream from.
    pub fn file(self, field: impl Into<String>, part: impl Into<Part>) -> RequestBuilder {
        self.with(|request| request.files.push((field.into(), part.into())))
    }

    /// Adds files to the form: see [`RequestBuilder::file`].
    pub fn files<K: Into<String>, P: Into<Part>>(self, files: impl IntoIterator<Item = (K, P)>) -> RequestBuilder {
        self.with(|request| request.files.extend(files.into_iter().map(|(field, part)| (field.into(), part.into()))))
    }

    /// Sets the authentication: `("user", "password")`, or an [`Auth`].
    pub fn auth(self, auth: impl IntoAuth) -> RequestBuilder {
        self.with(|request| request.auth = Some(auth.into_auth()))
    }

    /// Adds a closure that is called with each response.
    pub fn hook(self, hook: Hook) -> RequestBuilder {
        self.with(|request| request.hooks.register(Event::Response, hook))
    }

    /// Sets the timeouts for connecting and for each read: `secs(10)`, or `(connect, read)`. `None`
    /// removes all limits, including the total one.
    ///
    /// DIFFERENCE: the whole call is limited too, by default to 60 seconds or these timeouts,
    /// whichever is longer: see [`Timeout`].
    pub fn timeout(self, timeout: impl Into<Timeout>) -> RequestBuilder {
        self.option(|options| options.timeout = Some(timeout.into()))
    }

    /// Sets the time limit of the whole call, with redirects, retries and the body.
    pub fn total(self, total: impl Into<crate::TimeLimit>) -> RequestBuilder {
        let session = self.session.timeout;
        self.option(|options| options.timeout = Some(options.timeout.unwrap_or(session).total(total)))
    }

    /// Sets whether redirects are followed. Default true, except for `head`. `request("HEAD", ..)`
    /// follows them, as in requests.
    pub fn allow_redirects(self, allow: bool) -> RequestBuilder {
        self.option(|options| options.allow_redirects = Some(allow))
    }

    /// Sets proxies by scheme, or by scheme and host: `[("https", "http://proxy:3128")]`.
    pub fn proxies(self, proxies: impl Into<Proxies>) -> RequestBuilder {
        self.option(|options| options.proxies = Some(proxies.into()))
    }

    /// Returns the response as soon as its head has arrived. [`Response::iter_content`] and similar
    /// methods then read the body.
    pub fn stream(self, stream: bool) -> RequestBuilder {
        self.option(|options| options.stream = Some(stream))
    }

    /// Sets the certificates to trust: true (Mozilla's roots), the path of a CA bundle, or false
    /// (any certificate, which gives no protection).
    pub fn verify(self, verify: impl Into<Verify>) -> RequestBuilder {
        self.option(|options| options.verify = Some(verify.into()))
    }

    /// Sets the client certificate: the path of a PEM file with certificate and key, or a pair of
    /// paths.
    pub fn cert(self, cert: impl Into<Cert>) -> RequestBuilder {
        self.option(|options| options.cert = Some(cert.into()))
    }

    /// Sets the retries: a number, or a [`Retry`]. In Python this belongs to the adapter.
    pub fn max_retries(self, retries: impl Into<Retry>) -> RequestBuilder {
        self.option(|options| options.max_retries = Some(retries.into()))
    }

    /// Sets the size limits of the response.
    pub fn limits(self, limits: Limits) -> RequestBuilder {
        self.option(|options| options.limits = Some(limits))
    }

    /// Downloads into a file in constant memory. The file gets its name only when it is complete.
    pub fn download(self, path: impl Into<PathBuf>) -> Download {
        Download::new(self, path.into())
    }

    /// Prepares the request, with the session's additions.
    pub fn prepare(self) -> Result<PreparedRequest> {
        self.session.prepare_request(self.request?)
    }
}

impl IntoFuture for RequestBuilder {
    type Output = Result<Response>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Response>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.session.execute(self.request?, self.options).await })
    }
}

/// A prepared request, to send with `.wait()` or `.await`. [`Session::send`] returns it.
#[derive(Debug)]
#[must_use = "a request does nothing until `.wait()` or `.await`"]
pub struct Sending {
    pub(super) session: Session,
    pub(super) prepared: PreparedRequest,
    pub(super) options: SendOptions,
}

impl IntoFuture for Sending {
    type Output = Result<Response>;
    type IntoFuture = Pin<Box<dyn Future<Output = Result<Response>> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move { self.session.send_prepared(self.prepared, self.options).await })
    }
}
