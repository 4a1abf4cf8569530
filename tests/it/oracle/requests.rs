//! What requests 2.34.2 answered, asked by tests/oracle/requests.py.

use std::time::{Duration, SystemTime};

use base64::Engine as _;
use leyden::requests::auth::Netrc;
use leyden::requests::mock::Reply;
use leyden::requests::utils::*;
use leyden::requests::*;
use leyden::{Ambient, Variables, Wait as _, World};
use serde_json::{Value as Json, json};

use crate::support::oracle::{Replay, cases};

/// What leyden does otherwise on purpose: the kind, all that the question holds, and why.
const DIFFERENCES: &[(&str, &[&str], &str)] = &[
    ("header", &["\"name\":\"a b\""], "names must be HTTP tokens"),
    ("header", &["\"name\":\"é\""], "names must be HTTP tokens"),
    ("url", &["☃"], "UTS 46 knows symbols"),
    ("text", &["big5", "x17HUcdg"], "the web's table"),
    ("text", &["big5", "x9jH2cfR"], "the web's table"),
    ("decode", &["AAACAw=="], "what breaks off is an error"),
    ("decode", &["Wk4T5bAIA\""], "the second member too"),
    ("decode", &["iwhnYXJiYWdl"], "what begins as a member must be one"),
    ("cookie", &["secure", "\"url\":\"http://"], "Secure must come over TLS"),
    ("cookie", &["Secure", "\"url\":\"http://"], "Secure must come over TLS"),
    ("urldefragauth", &["http://[::1/"], "what is malformed is taken apart all the same; preparing it is an error"),
    ("urldefragauth", &["http://[zz]/"], "the same"),
    ("auth_from_url", &["http://[::1/"], "the same"),
    ("auth_from_url", &["http://[zz]/"], "the same"),
    ("raise", &["ünï"], "what is not ASCII in a reason phrase is not shown"),
    ("cookie", &["Path=a\""], "RFC 6265: a path that does not begin with a slash is ignored"),
    ("cookie", &["Domain=\""], "RFC 6265: an empty domain is ignored"),
    ("cookie", &["Domain\""], "RFC 6265: the same"),
    ("cookie", &["Max-Age=x"], "RFC 6265: what is not a number is ignored"),
    ("cookie", &["Max-Age=\\\" 100"], "RFC 6265: the same"),
    ("cookie", &["Max-Age=1_0"], "RFC 6265: the same"),
    ("cookie", &["=09-Jun-2027\""], "RFC 6265: a date has a time"),
    ("cookie", &["9/6/2027"], "RFC 6265: a month has a name"),
    ("cookie", &["Wed Jun  9"], "RFC 6265: the parts of a date may have any order"),
    ("cookie", &["+0200"], "RFC 6265: a date has no zone"),
    ("cookie", &["-0230"], "RFC 6265: the same"),
    ("cookie", &["EST"], "RFC 6265: the same"),
    ("cookie", &["24:00:00"], "RFC 6265: a day has 24 hours"),
    ("cookie", &["31 Feb"], "RFC 6265: a date exists"),
    ("cookie", &["Version="], "RFC 6265: a version is not known"),
    ("cookie", &["Port="], "RFC 6265: a bad attribute does not spoil the cookie"),
    ("cookie", &["path=/x; path=/y"], "RFC 6265: the last attribute of a name counts"),
    (
        "cookie",
        &["b=9; Path=/a/b\",\"b=4; Path=/a/b; Max-Age=0"],
        "http.cookiejar removes before it sets, whatever the order in the answer",
    ),
    ("cookie", &["a=8; Path=/\",\"a=5; Path=/; Max-Age=0"], "the same"),
    ("cookie", &["Domain=.local"], "a name without a dot is a public suffix"),
    ("bypass", &["\"[::1]\""], "IPv6 addresses are compared as addresses"),
    ("cookie", &["09 Foo"], "http.cookiejar stumbles over the month and takes no cookie of the answer"),
    ("cookie", &["Domain=localhost", "\"url\":\"http://localhost"], "http.cookiejar takes the cookie, and never sends it"),
    ("cookie", &["Domain=intranet", "\"url\":\"http://intranet"], "http.cookiejar takes the cookie, and never sends it"),
    ("cookie", &["\"url\":\"http://[::1]/"], "http.cookiejar takes an IPv6 address for a name without a dot"),
];

#[test]
fn answers_as_requests_does() {
    let oracle = Oracle { world: World::new() };
    let mut replay = Replay::default();
    let mut listed = vec![0; DIFFERENCES.len()];
    for case in cases("requests") {
        let (kind, ask) = (case["kind"].as_str().unwrap(), &case["ask"]);
        let text = ask.to_string();
        if let Some(at) =
            DIFFERENCES.iter().position(|(of, holds, _)| *of == kind && holds.iter().all(|part| text.contains(part)))
        {
            listed[at] += 1;
            continue;
        }
        let python = match case.get("err") {
            Some(error) => Err(error.as_str().unwrap().to_owned()),
            None => Ok(case["ok"].clone()),
        };
        replay.check(format!("{kind} {text}"), oracle.answer(kind, ask), python);
    }
    assert!(listed.iter().all(|&hits| hits > 0), "a listed difference is met by no case: {listed:?}");
    replay.finish(800);
}

type Answer = std::result::Result<Json, String>;

struct Oracle {
    world: World,
}

fn text<'a>(ask: &'a Json, key: &str) -> &'a str {
    ask[key].as_str().unwrap_or_else(|| panic!("no {key} in {ask}"))
}

fn bytes(ask: &Json, key: &str) -> Vec<u8> {
    base64::engine::general_purpose::STANDARD.decode(text(ask, key)).unwrap()
}

fn b64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

fn pairs(list: &Json) -> Vec<(String, Value)> {
    let own = |value: &Json| match value {
        Json::Null => Value::None,
        Json::String(text) => Value::One(text.clone()),
        Json::Array(texts) => Value::Many(texts.iter().map(|text| text.as_str().unwrap().to_owned()).collect()),
        other => panic!("{other}"),
    };
    list.as_array().unwrap().iter().map(|pair| (pair[0].as_str().unwrap().to_owned(), own(&pair[1]))).collect()
}

/// The name of the exception that Python would raise.
fn class(error: &Error) -> String {
    match error {
        Error::InvalidUrl { .. } => "InvalidURL",
        Error::MissingSchema(_) => "MissingSchema",
        Error::InvalidHeader { .. } => "InvalidHeader",
        Error::JsonDecode { .. } => "JSONDecodeError",
        Error::ContentDecoding(_) => "ContentDecodingError",
        other => return format!("{other:?}"),
    }
    .into()
}

fn done<T: serde::Serialize>(result: leyden::requests::Result<T>) -> Answer {
    result.map(|value| json!(value)).map_err(|error| class(&error))
}

fn environment(env: &Json) -> Ambient {
    let variables: Variables =
        env.as_object().unwrap().iter().map(|(name, value)| (name.into(), value.as_str().unwrap().into())).collect();
    Ambient::isolated(variables, "/")
}

fn sorted(proxies: &Proxies) -> Json {
    proxies.iter().map(|(key, proxy)| (key.to_owned(), json!(proxy))).collect::<serde_json::Map<_, _>>().into()
}

impl Oracle {
    fn requests(&self) -> Requests {
        self.world.requests.handle()
    }

    fn prepare(&self, request: Request) -> leyden::requests::Result<PreparedRequest> {
        request.prepare(&self.requests())
    }

    fn url(&self, url: &str, params: Form) -> Answer {
        let mut prepared = PreparedRequest::new(&self.requests());
        done(prepared.prepare_url(url, &params).map(|()| prepared.url.clone()))
    }

    fn response(&self, reply: Reply) -> leyden::requests::Result<Response> {
        self.world.requests.reset();
        self.world.requests.any("http://example.com/*").reply(reply);
        let mut session = self.requests().session();
        session.trust_env = false;
        session.get("http://example.com/p?q").allow_redirects(false).wait()
    }

    fn body_of(&self, request: Request) -> Answer {
        let prepared = self.prepare(request).map_err(|error| class(&error))?;
        let mut headers: Vec<(String, String)> =
            prepared.headers.items().map(|(name, value)| (name.to_lowercase(), value.clone())).collect();
        let mut body = prepared.body.as_bytes().map(|bytes| bytes.to_vec());
        // Python was given a boundary.
        let boundary =
            headers.iter().find_map(|(_, value)| value.strip_prefix("multipart/form-data; boundary=").map(str::to_owned));
        if let Some(boundary) = boundary {
            let shorter = boundary.len() - "BOUNDARY".len();
            let text = String::from_utf8(body.take().unwrap()).unwrap();
            let length = text.len() - shorter * text.matches(&boundary).count();
            body = Some(text.replace(&boundary, "BOUNDARY").into_bytes());
            for (name, value) in &mut headers {
                *value = value.replace(&boundary, "BOUNDARY");
                if name == "content-length" {
                    *value = length.to_string();
                }
            }
        }
        headers.sort();
        Ok(json!({ "body": body.map(|body| b64(&body)), "headers": headers }))
    }

    fn answer(&self, kind: &str, ask: &Json) -> Answer {
        match kind {
            "url" => self.url(text(ask, "url"), Form::default()),
            "params" => self.url(text(ask, "url"), pairs(&ask["params"]).into()),
            "params_raw" => self.url("http://example.com/?z=0", text(ask, "params").into()),
            "params_merged" => {
                let mut session = self.requests().session();
                session.params = pairs(&ask["session"]).into();
                done(session.get("http://example.com/").params(pairs(&ask["own"])).prepare().map(|prepared| prepared.url))
            }
            "body" => {
                let mut request = Request::new(text(ask, "method"), "http://example.com/");
                for (name, value) in ask["headers"].as_object().into_iter().flatten() {
                    request.headers.insert(name.clone(), Some(value.as_str().unwrap().to_owned()));
                }
                if let Some(json) = ask.get("json") {
                    // `json=None` is no body at all.
                    request.json = (!json.is_null()).then(|| json_of(&self.requests(), json));
                }
                if let Some(text) = ask.get("text") {
                    request.data = text.as_str().unwrap().into();
                }
                if let Some(form) = ask.get("form") {
                    request.data = Data::form(pairs(form));
                }
                self.body_of(request)
            }
            "multipart" => {
                let mut request = Request::new("POST", "http://example.com/");
                request.data = Data::form(pairs(&ask["fields"]));
                for file in ask["files"].as_array().unwrap() {
                    let mut part = Part::bytes(file[2].as_str().unwrap().to_owned());
                    if let Some(name) = file[1].as_str() {
                        part = part.filename(name);
                    }
                    if let Some(content_type) = file[3].as_str() {
                        part = part.content_type(content_type);
                    }
                    request.files.push((file[0].as_str().unwrap().to_owned(), part));
                }
                self.body_of(request)
            }
            "header" => done(check_header_validity(text(ask, "name"), text(ask, "value"))),
            "encoding" => Ok(json!(get_encoding_from_headers(&[("Content-Type", text(ask, "type"))].into_iter().collect()))),
            "link_header" => Ok(json!(parse_header_links(text(ask, "link")))),
            "links" => done(self.response(Reply::new(200).header("Link", text(ask, "link"))).map(|response| response.links())),
            "dict_header" => Ok(json!(parse_dict_header(text(ask, "value")))),
            "list_header" => Ok(json!(parse_list_header(text(ask, "value")))),
            "unquote_header" => Ok(json!(unquote_header_value(text(ask, "value"), ask["filename"] == true))),
            "text" => done(self.response(Reply::new(200).body(bytes(ask, "data"))).and_then(|mut response| {
                response.encoding = ask["encoding"].as_str().map(str::to_owned);
                response.text()
            })),
            "guess_json" => Ok(json!(guess_json_utf(&bytes(ask, "data")))),
            "json" => done(self.response(Reply::new(200).body(bytes(ask, "data"))).and_then(|response| response.json::<Json>())),
            "content_encodings" => Ok(json!(get_encodings_from_content(text(ask, "page")))),
            "raise" => {
                let reply = Reply::new(ask["status"].as_u64().unwrap() as u16).reason(text(ask, "reason"));
                let response = self.response(reply).unwrap();
                Ok(json!(response.raise_for_status().err().map(|error| error.to_string())))
            }
            "lines" => {
                let mut response = self.response(Reply::new(200).body(bytes(ask, "data"))).unwrap();
                let mut lines = response.iter_lines();
                if let Some(delimiter) = ask["delimiter"].as_str() {
                    lines = lines.delimiter(delimiter);
                }
                Ok(lines.map(|line| String::from_utf8(line.unwrap().to_vec()).unwrap()).collect())
            }
            "chunks" => {
                let mut response = self.response(Reply::new(200).body(bytes(ask, "data"))).unwrap();
                let chunks = response.iter_content(ask["size"].as_u64().map(|size| size as usize));
                Ok(chunks.map(|chunk| String::from_utf8(chunk.unwrap().to_vec()).unwrap()).collect())
            }
            "decode" => {
                let reply = Reply::new(200).header("Content-Encoding", text(ask, "encoding")).body(bytes(ask, "data"));
                done(self.response(reply).and_then(|response| response.content().map(|content| b64(content))))
            }
            "cookie" => Ok(self.cookie(ask)),
            "redirect" => self.redirect(ask),
            "strip_auth" => Ok(json!(self.requests().session().should_strip_auth(text(ask, "old"), text(ask, "new")))),
            "basic" => {
                let mut request = Request::new("GET", "http://example.com/");
                let auth = HttpBasicAuth::new(text(ask, "user"), text(ask, "password"));
                request.auth = Some(std::sync::Arc::new(auth));
                done(self.prepare(request).map(|prepared| prepared.headers["Authorization"].clone()))
            }
            "digest" => {
                let auth = HttpDigestAuth::new("user", "pass");
                assert!(auth.challenge(text(ask, "challenge")));
                // Python's own client nonces, which the answers of all cases with the same challenge share.
                let cnonce = |method: &str, count: u32| auth.build_digest_header(method, text(ask, "url"), &cnonce(count));
                Ok(json!([cnonce("GET", 1), cnonce("POST", 2)]))
            }
            "netrc" => {
                let found = Netrc::parse(text(ask, "text")).ok().and_then(|netrc| netrc.auth("a"));
                Ok(json!(found.map(|(user, password)| (user, password.expose().to_owned()))))
            }
            "bypass" => Ok(json!(should_bypass_proxies(text(ask, "url"), ask["no_proxy"].as_str(), &environment(&ask["env"])))),
            "getproxies" => Ok(sorted(&getproxies(&environment(&ask["env"])))),
            "environ_proxies" => Ok(sorted(&get_environ_proxies(text(ask, "url"), None, &environment(&ask["env"])))),
            "resolve_proxies" => Ok(sorted(&resolve_proxies(text(ask, "url"), &proxies(ask), Some(&environment(&ask["env"]))))),
            "select_proxy" => Ok(json!(select_proxy(text(ask, "url"), &proxies(ask)))),
            "urldefragauth" => Ok(json!(urldefragauth(text(ask, "url")))),
            "requote" => Ok(json!(requote_uri(text(ask, "url")))),
            "auth_from_url" => Ok(json!(get_auth_from_url(text(ask, "url")))),
            "prepend" => done(prepend_scheme_if_needed(text(ask, "url"), "http")),
            "is_ipv4" => Ok(json!(is_ipv4_address(text(ask, "ip")))),
            "cidr" => Ok(json!(is_valid_cidr(text(ask, "net")))),
            "in_network" => Ok(json!(address_in_network(text(ask, "ip"), text(ask, "net")))),
            "netmask" => Ok(json!(dotted_netmask(ask["bits"].as_u64().unwrap() as u8))),
            "code" => Ok(json!(codes::get(text(ask, "name")))),
            "retry" => Ok(retry(ask)),
            "retry_after" => {
                let pause = Retry::new(10).parse_retry_after(text(ask, "text"), self.world.clock().now());
                pause.map(seconds).ok_or_else(|| "InvalidHeader".into())
            }
            other => panic!("nobody answers {other}"),
        }
    }

    fn cookie(&self, ask: &Json) -> Json {
        let jar = RequestsCookieJar::new();
        let now: SystemTime = self.world.clock().now();
        let set = ask["set"].as_array().unwrap().iter().map(|header| header.as_str().unwrap());
        let none = Headers::new();
        jar.extract_cookies(set, text(ask, "url"), &none, now);
        let kept: Vec<Json> = jar
            .cookies()
            .into_iter()
            .map(|cookie| {
                let mut rest: Vec<&String> = cookie.rest.iter().map(|(name, _)| name).collect();
                rest.sort();
                json!([
                    cookie.name,
                    cookie.value,
                    cookie.domain,
                    cookie.path,
                    cookie.secure,
                    cookie.expires,
                    cookie.discard,
                    rest
                ])
            })
            .collect();
        let then = ask["then"].as_array().unwrap().iter();
        let sent: Vec<_> = then.map(|url| jar.cookie_header(url.as_str().unwrap(), &none, now)).collect();
        json!({ "kept": kept, "sent": sent })
    }

    fn redirect(&self, ask: &Json) -> Answer {
        let status = ask["status"].as_u64().unwrap() as u16;
        self.world.requests.reset();
        self.world.requests.any("*").reply(Reply::redirect(status, text(ask, "location")));
        let mut session = self.requests().session();
        session.trust_env = false;
        session.headers.clear();
        let call = session.request(text(ask, "method"), text(ask, "url")).data("body").allow_redirects(false);
        let call = call.headers([("Authorization", "x"), ("X-Own", "1"), ("Content-Type", "t")]);
        let response = call.wait().map_err(|error| class(&error))?;
        let Some(next) = response.next() else { return Ok(Json::Null) };
        let mut headers: Vec<String> = next.headers.keys().map(str::to_lowercase).collect();
        headers.sort();
        Ok(json!({ "method": next.method, "url": next.url, "body": next.body.len() != Some(0), "headers": headers }))
    }
}

fn proxies(ask: &Json) -> Proxies {
    ask["proxies"].as_object().unwrap().iter().map(|(key, proxy)| (key.as_str(), proxy.as_str().unwrap())).collect()
}

fn json_of(requests: &Requests, json: &Json) -> Vec<u8> {
    let prepared = requests.post("http://example.com/").json(json).prepare().unwrap();
    prepared.body.as_bytes().unwrap().to_vec()
}

/// `sha1(count + nonce + ctime + urandom)[:16]`, with the time and the random bytes that Python was given.
fn cnonce(count: u32) -> String {
    use sha1::Digest as _;
    let digest = sha1::Sha1::digest([count.to_string().as_bytes(), b"abcx", &[1; 8]].concat());
    digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// As Python prints them: 0.2, not 0.19999999999.
fn seconds(duration: Duration) -> Json {
    json!(duration.as_secs_f64())
}

fn retry(ask: &Json) -> Json {
    let options = &ask["options"];
    let tries = |key: &str| options[key].as_u64().map(|times| times as u32);
    let forcelist = options["status_forcelist"].as_array().unwrap().iter().map(|status| status.as_u64().unwrap() as u16);
    let mut retry = Retry::new(tries("total"))
        .connect(tries("connect"))
        .read(tries("read"))
        .status(tries("status"))
        .other(tries("other"))
        .backoff_factor(options["backoff_factor"].as_f64().unwrap())
        .status_forcelist(forcelist);
    let method = text(ask, "method");
    let mut out = Vec::new();
    for step in ask["steps"].as_array().unwrap() {
        let next = match step.as_str() {
            None => retry.increment(method, "/", Ok((step.as_u64().unwrap() as u16, None))),
            Some("connect") => retry.increment(method, "/", Err(&Failure::ConnectTimeout)),
            Some("read") => retry.increment(method, "/", Err(&Failure::Protocol("lost".into()))),
            Some("timeout") => retry.increment(method, "/", Err(&Failure::ReadTimeout)),
            Some(_) => retry.increment(method, "/", Err(&Failure::Tls("no".into()))),
        };
        let Some(next) = next else {
            out.push(Json::Null);
            break;
        };
        retry = next;
        let pause = seconds(retry.get_backoff_time(0.0));
        out.push(json!([
            pause,
            retry.is_retry(method, 503, true),
            retry.is_retry(method, 500, false),
            retry.is_retry(method, 404, true)
        ]));
    }
    Json::Array(out)
}
