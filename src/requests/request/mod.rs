//! [`Request`], and [`RequestBuilder`]: the request value that `.wait()` and `.await` end.

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

/// What to send, before a session completes it.
///
/// <https://docs.python-requests.org/en/latest/api/#requests.Request>
#[derive(Default)]
#[doc(alias = "requests.Request")]
#[non_exhaustive]
pub struct Request {
    /// The method, in any case.
    #[doc(alias = "requests.Request.method")]
    pub method: String,
    /// The URL, in any script and with anything that needs quoting.
    #[doc(alias = "requests.Request.url")]
    pub url: String,
    /// Headers; None takes the session's away.
    #[doc(alias = "requests.Request.headers")]
    pub headers: CaseInsensitiveDict<Option<String>>,
    /// Files of a form.
    #[doc(alias = "requests.Request.files")]
    pub files: Vec<(String, Part)>,
    /// The body.
    #[doc(alias = "requests.Request.data")]
    pub data: Data,
    /// A JSON body, written already; only if there are no `data` and no `files`.
    #[doc(alias = "requests.Request.json")]
    pub json: Option<Vec<u8>>,
    /// What to add to the query.
    #[doc(alias = "requests.Request.params")]
    pub params: Form,
    /// How to authenticate.
    #[doc(alias = "requests.Request.auth")]
    pub auth: Option<Arc<dyn Auth>>,
    /// Cookies for this request alone.
    #[doc(alias = "requests.Request.cookies")]
    pub cookies: RequestsCookieJar,
    /// What is called with each response.
    #[doc(alias = "requests.Request.hooks")]
    pub hooks: Hooks,
}

impl Request {
    /// A request with nothing but a method and a URL.
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Request {
        Request { method: method.into(), url: url.into(), ..Request::default() }
    }

    /// As it would be sent without a session's headers, cookies and auth. The battery gives files and randomness.
    #[doc(alias = "requests.Request.prepare")]
    pub fn prepare(self, requests: &super::Requests) -> Result<PreparedRequest> {
        let mut prepared = PreparedRequest::new(requests);
        prepared.prepare(self)?;
        Ok(prepared)
    }
}

impl std::fmt::Debug for Request {
    /// Without credentials, and without the body.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "<Request [{}] {}>", self.method, crate::secret::url::redact(&self.url))
    }
}

/// A body, as the caller gives it: a text, bytes, pairs for a form, a file or a reader.
#[derive(Default)]
pub enum Data {
    /// None.
    #[default]
    None,
    /// A form, `application/x-www-form-urlencoded`.
    Form(Form),
    /// Bytes, without a Content-Type.
    Bytes(Bytes),
    /// A file, read while it is sent.
    File(PathBuf),
    /// A reader, and its length where it is known: else the request is chunked.
    Reader(Mutex<Option<Box<dyn Read + Send>>>, Option<u64>),
}

impl Data {
    /// A file, read while it is sent: constant memory, whatever its size. It is read again where a redirect or a retry asks for it.
    pub fn file(path: impl Into<PathBuf>) -> Data {
        Data::File(path.into())
    }

    /// A reader. It can be read once: a redirect or a retry that would send it again is `UnrewindableBodyError`.
    pub fn reader(reader: impl Read + Send + 'static, len: Option<u64>) -> Data {
        Data::Reader(Mutex::new(Some(Box::new(reader))), len)
    }

    /// Pairs for a form.
    pub fn form(form: impl Into<Form>) -> Data {
        Data::Form(form.into())
    }
}

impl std::fmt::Debug for Data {
    /// Never the contents: passwords are sent in forms.
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

/// How a request is sent: what Python's `Session.send` takes as keyword arguments. None is the session's.
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

/// A call: configure it, then end it with `.wait()?` or `.await?`. Each method is the keyword argument of that name.
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

    /// Adds to the query: pairs, a map, or a text as it is. A list of values repeats its key, None leaves it out.
    pub fn params(self, params: impl Into<Form>) -> RequestBuilder {
        self.with(|request| request.params = params.into())
    }

    /// The body: a text or bytes as they are, pairs as a form, a file or a reader as a stream.
    pub fn data(self, data: impl Into<Data>) -> RequestBuilder {
        self.with(|request| request.data = data.into())
    }

    /// A JSON body, as `json.dumps` writes it. It gives way to `data`. A value that cannot be JSON is an error when the call is made.
    pub fn json(mut self, json: &(impl Serialize + ?Sized)) -> RequestBuilder {
        match self::json::dumps(json) {
            Ok(json) => self.with(|request| request.json = Some(json)),
            Err(error) => {
                self.request = self.request.and(Err(error));
                self
            }
        }
    }

    /// One header, in place of the session's.
    pub fn header(self, name: impl Into<String>, value: impl Into<String>) -> RequestBuilder {
        self.with(|request| {
            request.headers.insert(name, Some(value.into()));
        })
    }

    /// Headers.
    pub fn headers<K: Into<String>, V: Into<String>>(self, headers: impl IntoIterator<Item = (K, V)>) -> RequestBuilder {
        self.with(|request| request.headers.update(headers.into_iter().map(|(name, value)| (name, Some(value.into())))))
    }

    /// Without a header that the session would send: Python's `headers={"Accept": None}`.
    pub fn without_header(self, name: impl Into<String>) -> RequestBuilder {
        self.with(|request| {
            request.headers.insert(name, None);
        })
    }

    /// Cookies for this call alone.
    pub fn cookies(self, cookies: impl Into<RequestsCookieJar>) -> RequestBuilder {
        self.with(|request| request.cookies = cookies.into())
    }

    /// A file of a form: its field and its contents, or a [`Part`] with a file name, a type, or a path to stream from.
    pub fn file(self, field: impl Into<String>, part: impl Into<Part>) -> RequestBuilder {
        self.with(|request| request.files.push((field.into(), part.into())))
    }

    /// Files of a form: see [`RequestBuilder::file`].
    pub fn files<K: Into<String>, P: Into<Part>>(self, files: impl IntoIterator<Item = (K, P)>) -> RequestBuilder {
        self.with(|request| request.files.extend(files.into_iter().map(|(field, part)| (field.into(), part.into()))))
    }

    /// How to authenticate: `("user", "password")`, or an [`Auth`].
    pub fn auth(self, auth: impl IntoAuth) -> RequestBuilder {
        self.with(|request| request.auth = Some(auth.into_auth()))
    }

    /// A closure that sees each response.
    pub fn hook(self, hook: Hook) -> RequestBuilder {
        self.with(|request| request.hooks.register(Event::Response, hook))
    }

    /// How long connecting and each read may take: `secs(10)`, or `(connect, read)`. `None` lifts every limit, the total one too.
    ///
    /// DIFFERENCE: there is a limit on the whole call as well, by default 60 seconds or these, whichever is longer: see [`Timeout`].
    pub fn timeout(self, timeout: impl Into<Timeout>) -> RequestBuilder {
        self.option(|options| options.timeout = Some(timeout.into()))
    }

    /// How long the whole call may take, with its redirects, its retries and the body.
    pub fn total(self, total: impl Into<crate::TimeLimit>) -> RequestBuilder {
        let session = self.session.timeout;
        self.option(|options| options.timeout = Some(options.timeout.unwrap_or(session).total(total)))
    }

    /// Whether to follow redirects. Default true, except for `head`: `request("HEAD", ..)` follows them, as in requests.
    pub fn allow_redirects(self, allow: bool) -> RequestBuilder {
        self.option(|options| options.allow_redirects = Some(allow))
    }

    /// Proxies by scheme, or by scheme and host: `[("https", "http://proxy:3128")]`.
    pub fn proxies(self, proxies: impl Into<Proxies>) -> RequestBuilder {
        self.option(|options| options.proxies = Some(proxies.into()))
    }

    /// Give the response as soon as its head is there; the body is then read by [`Response::iter_content`] and its relatives.
    pub fn stream(self, stream: bool) -> RequestBuilder {
        self.option(|options| options.stream = Some(stream))
    }

    /// Whom to trust: true (Mozilla's roots), the path of a CA bundle, or false (anybody, which is no protection at all).
    pub fn verify(self, verify: impl Into<Verify>) -> RequestBuilder {
        self.option(|options| options.verify = Some(verify.into()))
    }

    /// Who we are: the path of a PEM file with certificate and key, or the pair of them.
    pub fn cert(self, cert: impl Into<Cert>) -> RequestBuilder {
        self.option(|options| options.cert = Some(cert.into()))
    }

    /// How often to try again, and when: a number, or a [`Retry`]. In Python this belongs to the adapter.
    pub fn max_retries(self, retries: impl Into<Retry>) -> RequestBuilder {
        self.option(|options| options.max_retries = Some(retries.into()))
    }

    /// How large a response may be.
    pub fn limits(self, limits: Limits) -> RequestBuilder {
        self.option(|options| options.limits = Some(limits))
    }

    /// Into a file, in constant memory: under its name only when it is whole.
    pub fn download(self, path: impl Into<PathBuf>) -> Download {
        Download::new(self, path.into())
    }

    /// As it would be sent, with what the session adds.
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

/// What [`Session::send`] gives: a prepared request, to be ended with `.wait()` or `.await`.
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
