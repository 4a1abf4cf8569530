//! [`PreparedRequest`]: the exact request to send; prepares and quotes URLs as requests and urllib3
//! do.

use std::fmt;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError};

use super::body::{Body, Stream};
use super::form::Form;
use super::multipart::{self, Part};
use super::{Data, Request};
use crate::requests::auth::{Auth, CONTENT_TYPE_FORM_URLENCODED, HttpBasicAuth};
use crate::requests::cookies::RequestsCookieJar;
use crate::requests::core::Core;
use crate::requests::error::{Error, Result};
use crate::requests::headers::{CaseInsensitiveDict, Headers, check_header_validity, is_token, text_of};
use crate::requests::hooks::Hooks;
use crate::requests::url::quote::{requote_uri, unquote_to_bytes};
use crate::requests::url::{Split, parse_url};
use crate::secret::url::redact;

/// A request in its final form. It may be changed before it is sent with
/// [`Session::send`](crate::requests::Session::send).
///
/// <https://docs.python-requests.org/en/latest/api/#requests.PreparedRequest>
#[derive(Clone)]
#[doc(alias("requests.PreparedRequest", "requests.PreparedRequest.copy"))]
pub struct PreparedRequest {
    /// The method, in upper case.
    #[doc(alias = "requests.PreparedRequest.method")]
    pub method: String,
    /// The complete, quoted URL. It contains user name and password if the caller's URL did.
    #[doc(alias = "requests.PreparedRequest.url")]
    pub url: String,
    /// The headers from the session, the body, the cookies and the auth.
    #[doc(alias = "requests.PreparedRequest.headers")]
    pub headers: Headers,
    /// The body.
    #[doc(alias = "requests.PreparedRequest.body")]
    pub body: Body,
    /// The hooks that are called with each response.
    #[doc(alias = "requests.PreparedRequest.hooks")]
    pub hooks: Hooks,
    pub(in crate::requests) cookies: RequestsCookieJar,
    pub(in crate::requests) auth: Option<Arc<dyn Auth>>,
    core: Arc<Core>,
}

impl PreparedRequest {
    /// Creates an empty request, to prepare step by step.
    pub fn new(requests: &crate::requests::Requests) -> PreparedRequest {
        PreparedRequest::on(requests.core.clone())
    }

    pub(in crate::requests) fn on(core: Arc<Core>) -> PreparedRequest {
        PreparedRequest {
            method: String::new(),
            url: String::new(),
            headers: Headers::new(),
            body: Body::Empty,
            hooks: Hooks::default(),
            cookies: RequestsCookieJar::new(),
            auth: None,
            core,
        }
    }

    /// Performs all steps in order. Auth comes last, because it may depend on the others.
    #[doc(alias = "requests.PreparedRequest.prepare")]
    pub fn prepare(&mut self, request: Request) -> Result<()> {
        self.prepare_method(&request.method)?;
        self.prepare_url(&request.url, &request.params)?;
        self.prepare_headers(request.headers)?;
        self.prepare_cookies(request.cookies);
        self.prepare_body(request.data, &request.files, request.json)?;
        self.prepare_auth(request.auth)?;
        self.prepare_hooks(request.hooks);
        Ok(())
    }

    /// Sets the method, in upper case. Rejects a method that is not a token, because it could end
    /// the request line.
    #[doc(alias = "requests.PreparedRequest.prepare_method")]
    pub fn prepare_method(&mut self, method: &str) -> Result<()> {
        if !is_token(method) {
            return Err(Error::InvalidMethod(method.into()));
        }
        self.method = method.to_uppercase();
        Ok(())
    }

    /// Sets the URL: converts the host to IDNA, resolves dot segments, quotes everything once, and
    /// adds parameters to the query.
    #[doc(alias = "requests.PreparedRequest.prepare_url")]
    pub fn prepare_url(&mut self, url: &str, params: &Form) -> Result<()> {
        self.url = prepare_url(url, params)?;
        Ok(())
    }

    /// Sets the headers. Rejects values that could break out of their line.
    #[doc(alias = "requests.PreparedRequest.prepare_headers")]
    pub fn prepare_headers(&mut self, headers: CaseInsensitiveDict<Option<String>>) -> Result<()> {
        self.headers = Headers::new();
        for (name, value) in headers {
            if let Some(value) = value {
                check_header_validity(&name, &value)?;
                self.headers.insert(name, value);
            }
        }
        Ok(())
    }

    /// Sets the `Cookie` header to the cookies for the URL, unless the header is already set.
    #[doc(alias = "requests.PreparedRequest.prepare_cookies")]
    pub fn prepare_cookies(&mut self, cookies: RequestsCookieJar) {
        let header = cookies.cookie_header(&self.url, &self.headers, self.core.time.time());
        self.cookies = cookies;
        if let Some(header) = header.filter(|_| !self.headers.contains_key("Cookie")) {
            self.headers.insert("Cookie", header);
        }
    }

    /// Sets the body with its Content-Type and Content-Length: a form with files, data, or JSON. A
    /// file is opened now, for its length.
    ///
    /// DIFFERENCE: an empty file and a reader of length 0 are sent with `Content-Length: 0`.
    /// requests treats 0 as unknown and sends them chunked, which S3 rejects.
    #[doc(alias = "requests.PreparedRequest.prepare_body")]
    pub fn prepare_body(&mut self, data: Data, files: &[(String, Part)], json: Option<Vec<u8>>) -> Result<()> {
        let mut content_type = None;
        let mut stream = Stream::default();
        let streamed = matches!(data, Data::File(_) | Data::Reader(..));
        let mut body = Body::Empty;
        match data {
            Data::File(_) | Data::Reader(..) if !files.is_empty() => {
                return Err(Error::Unsupported("streamed bodies and files are mutually exclusive"));
            }
            Data::File(path) => self.push_file(&mut stream, path)?,
            Data::Reader(reader, len) => {
                let taken = reader.into_inner().unwrap_or_else(PoisonError::into_inner);
                stream.push_reader(taken.ok_or(Error::StreamConsumed)?, len);
            }
            Data::Bytes(_) if !files.is_empty() => {
                return Err(Error::Value("data must not be text if there are files"));
            }
            data if !files.is_empty() => {
                let fields = if let Data::Form(form) = data { form } else { Form::default() };
                let (form, form_type) = multipart::encode(&self.core.os, &fields, files, &self.random_hex(16)?)?;
                content_type = Some(form_type);
                body = form.into_bytes().map_or_else(Body::Stream, Body::Bytes);
            }
            Data::Bytes(bytes) if !bytes.is_empty() => body = Body::Bytes(bytes),
            Data::Form(form) if !form.is_empty() => {
                if let Form::Pairs(_) = form {
                    content_type = Some(CONTENT_TYPE_FORM_URLENCODED.into());
                }
                body = Body::Bytes(form.encode().into());
            }
            Data::None | Data::Bytes(_) | Data::Form(_) => {
                if let Some(json) = json {
                    content_type = Some("application/json".into());
                    body = Body::Bytes(json.into());
                }
            }
        }
        if streamed {
            match stream.len() {
                Some(len) => self.headers.insert("Content-Length", len.to_string()),
                None => self.headers.insert("Transfer-Encoding", "chunked"),
            };
            self.body = Body::Stream(stream);
            return Ok(());
        }
        self.body = body;
        self.prepare_content_length();
        if let Some(content_type) = content_type.filter(|_| !self.headers.contains_key("Content-Type")) {
            self.headers.insert("Content-Type", content_type);
        }
        Ok(())
    }

    fn push_file(&self, stream: &mut Stream, path: PathBuf) -> Result<()> {
        stream.push_file(&self.core.os, path).map_err(|source| Error::File { what: "reading a file to upload", source })
    }

    /// Sets Content-Length for the body; 0 if there is no body but the method may have one.
    #[doc(alias = "requests.PreparedRequest.prepare_content_length")]
    pub fn prepare_content_length(&mut self) {
        match &self.body {
            Body::Empty => {
                if !matches!(self.method.as_str(), "GET" | "HEAD") && !self.headers.contains_key("Content-Length") {
                    self.headers.insert("Content-Length", "0");
                }
            }
            body => {
                // An empty form has no Content-Length, as in requests.
                if let Some(len) = body.len().filter(|&len| len > 0 || matches!(body, Body::Stream(_))) {
                    self.headers.insert("Content-Length", len.to_string());
                }
            }
        }
    }

    /// Applies the auth or, if there is none, the credentials in the URL.
    #[doc(alias = "requests.PreparedRequest.prepare_auth")]
    pub fn prepare_auth(&mut self, auth: Option<Arc<dyn Auth>>) -> Result<()> {
        let from_url = || {
            let (user, password) = get_auth_from_url(&self.url);
            let given = !user.is_empty() || !password.is_empty();
            given.then(|| Arc::new(HttpBasicAuth::new(user, password)) as Arc<dyn Auth>)
        };
        let Some(auth) = auth.or_else(from_url) else { return Ok(()) };
        auth.apply(self)?;
        self.auth = Some(auth);
        if !matches!(self.body, Body::Stream(_)) {
            self.prepare_content_length();
        }
        Ok(())
    }

    /// Adds hooks.
    #[doc(alias = "requests.PreparedRequest.prepare_hooks")]
    pub fn prepare_hooks(&mut self, hooks: Hooks) {
        self.hooks = hooks;
    }

    /// Returns the URL's path and query: the target of the request line.
    #[doc(alias = "requests.PreparedRequest.path_url")]
    pub fn path_url(&self) -> String {
        let url = Split::new(&self.url);
        let path = if url.path.is_empty() { "/" } else { &url.path };
        if url.query.is_empty() { path.to_owned() } else { format!("{path}?{}", url.query) }
    }

    /// Returns `bytes` random bytes in hexadecimal, for an [`Auth`] that needs a nonce.
    pub fn random_hex(&self, bytes: usize) -> Result<String> {
        let mut buffer = vec![0; bytes];
        let filled = self.core.os.backend().urandom(&mut buffer);
        let failed = |error| crate::os::Error::new("urandom", &error, None, None);
        filled.map_err(|error| Error::File { what: "reading random bytes", source: failed(error) })?;
        Ok(crate::requests::auth::hex(&buffer))
    }
}

impl fmt::Debug for PreparedRequest {
    /// `<PreparedRequest [GET]>`, as in Python; without secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<PreparedRequest [{}]>", self.method)
    }
}

/// Returns the URL in the form that is requested.
fn prepare_url(url: &str, params: &Form) -> Result<String> {
    let url = url.trim_start();
    let invalid = |reason: &str| Error::invalid_url(url, reason);
    if url.contains(['\r', '\n', '\0']) {
        return Err(invalid("it contains a line break or NUL"));
    }
    // URLs of other schemes are left to their adapter.
    if url.contains(':') && !url.get(..4).is_some_and(|start| start.eq_ignore_ascii_case("http")) {
        return Ok(url.to_owned());
    }
    let parsed = parse_url(url)?;
    let Some(scheme) = parsed.scheme else { return Err(Error::MissingSchema(redact(url))) };
    let Some(host) = parsed.host.filter(|host| !host.is_empty()) else { return Err(invalid("no host supplied")) };
    // For a scheme such as `https+x://`, parse_url leaves the host unchanged.
    let host = match host.is_ascii() {
        true => host,
        false => idna::domain_to_ascii(&host).map_err(|_| invalid("the host has an invalid label"))?,
    };
    if host.starts_with(['*', '.']) {
        return Err(invalid("the host has an invalid label"));
    }
    let mut netloc = parsed.auth.map(|auth| auth + "@").unwrap_or_default() + &host;
    if let Some(port) = parsed.port.filter(|&port| port != 0) {
        netloc.push_str(&format!(":{port}"));
    }
    let path = parsed.path.filter(|path| !path.is_empty()).unwrap_or_else(|| "/".into());
    let (query, added) = (parsed.query.unwrap_or_default(), params.encode());
    let query = if query.is_empty() || added.is_empty() { query + &added } else { format!("{query}&{added}") };
    let fragment = parsed.fragment.unwrap_or_default();
    Ok(requote_uri(&Split { scheme, netloc, path, query, fragment }.unsplit()))
}

/// Returns user name and password of a URL, unescaped; both empty unless it has both.
///
/// DIFFERENCE: escapes that are not UTF-8 are decoded as Latin-1 and sent as the same bytes. Python
/// replaces them by U+FFFD, which changes the password.
#[doc(alias = "requests.utils.get_auth_from_url")]
pub fn get_auth_from_url(url: &str) -> (String, String) {
    match Split::new(url).userinfo() {
        Some((user, Some(password))) => (text_of(unquote_to_bytes(user)), text_of(unquote_to_bytes(password))),
        _ => Default::default(),
    }
}
