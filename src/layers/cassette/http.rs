//! HTTP exchanges: recorded as they happen, answered from the cassette.

use std::io::Read;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use super::deck::{Copied, Copy, Deck, Live, copied, is_like, micros, redacted, value_to_bytes};
use super::scan;
use super::vault::Vault;
use crate::requests::backend::{Backend, Chunks, Failure, Hop, Reply};
use crate::requests::{Body, decoded};

type Headers = Vec<(String, String)>;

#[derive(Debug)]
pub(super) struct Exchanges {
    inner: Arc<dyn Backend>,
    deck: Arc<Deck>,
}

impl Exchanges {
    pub(super) fn new(inner: Arc<dyn Backend>, deck: Arc<Deck>) -> Exchanges {
        Exchanges { inner, deck }
    }

    /// The recorded answer to a request. Its body is read for that.
    fn answer(&self, hop: &mut Hop) -> Result<Option<Reply>, Failure> {
        let Deck { vault, limit, library, .. } = &*self.deck;
        hop.headers.iter().for_each(|(name, value)| drop(scan::header(vault, name, value)));
        let url = scan::url(vault, &hop.url);
        let (bytes, whole) = read(&mut hop.body, *limit)?;
        let mut body = form(vault, &hop.headers, &bytes);
        if let Some(body) = &mut body {
            vault.scrub_value(body);
        }
        let body = body.unwrap_or(Value::Null);
        let key = vault.scrub(&format!("{} {url}", hop.method));
        let same = |entry: &Value| is_like(&entry["request"]["body"], &body) || entry["request"]["whole"] == false || !whole;
        let Some((_, entry)) = library.take("request", &key, same) else {
            if self.deck.records {
                return Ok(None);
            }
            let mut why = self.deck.unknown("request", &key);
            if let Some((number, _)) = library.take("request", &key, |_| true) {
                library.give_back(number);
                why = format!("not in the cassette: {key} with this body; it is recorded with another body");
            }
            return Err(Failure::Invalid(why));
        };
        self.deck.pass(&entry);
        if let Some(failure) = failure_of(&entry["error"]) {
            return Err(failure);
        }
        replayed(&entry["response"])
            .map(Some)
            .ok_or_else(|| Failure::Invalid(format!("the cassette's entry of {key} is damaged")))
    }
}

#[async_trait::async_trait]
#[deny(clippy::missing_trait_methods)]
impl Backend for Exchanges {
    async fn send(&self, mut hop: Hop) -> Result<Reply, Failure> {
        if (!self.deck.records || self.deck.library.has("request"))
            && let Some(reply) = self.answer(&mut hop)?
        {
            return Ok(reply);
        }
        let sent = Copy::default();
        let limit = self.deck.limit;
        match &hop.body {
            Body::Empty => {}
            Body::Bytes(bytes) => copied(&sent).add(bytes, limit),
            Body::Stream(stream) => {
                let copy = sent.clone();
                let observe = move |piece: Option<&[u8]>| match piece {
                    Some(piece) => copied(&copy).add(piece, limit),
                    None => *copied(&copy) = Copied::default(),
                };
                hop.body = Body::Stream(stream.clone().observed(Arc::new(observe)));
            }
        }
        let exchange = Arc::new(Exchange {
            method: hop.method.clone(),
            url: hop.url.clone(),
            headers: hop.headers.clone(),
            sent,
            answer: Mutex::default(),
        });
        // The credentials of this request are secrets in every entry from now on.
        for (name, value) in &hop.headers {
            scan::header(&self.deck.vault, name, value);
        }
        self.deck.push(exchange.clone());
        let start = self.deck.time.monotonic();
        let answer = self.inner.send(hop).await;
        let took = self.deck.time.monotonic().saturating_sub(start);
        match answer {
            Err(failure) => {
                let error = Some((failure_name(&failure), failure.to_string()));
                *exchange.lock() = Some(Answer { took, error, ..Answer::default() });
                Err(failure)
            }
            Ok(mut reply) => {
                *exchange.lock() = Some(Answer {
                    took,
                    head: Some((reply.status, reply.reason.clone(), reply.version)),
                    headers: reply.headers.clone(),
                    ..Answer::default()
                });
                reply.body = Box::new(Recording { inner: reply.body, exchange, limit });
                Ok(reply)
            }
        }
    }

    fn close(&self) {
        self.inner.close();
    }
}

/// The bytes of a body, in memory from now on; false if they are more than the limit.
fn read(body: &mut Body, limit: usize) -> Result<(Bytes, bool), Failure> {
    match body {
        Body::Empty => Ok((Bytes::new(), true)),
        Body::Bytes(bytes) => Ok((bytes.clone(), bytes.len() <= limit)),
        Body::Stream(stream) => {
            let mut bytes = Vec::new();
            let most = u64::try_from(limit).unwrap_or(u64::MAX).saturating_add(1);
            let read = stream.open().take(most).read_to_end(&mut bytes);
            read.map_err(|error| Failure::Body(error.to_string()))?;
            let whole = bytes.len() <= limit;
            let bytes = Bytes::from(bytes);
            if whole {
                *body = Body::Bytes(bytes.clone());
            } else if !stream.can_be_sent() {
                return Err(Failure::Body(format!("more than {limit} bytes from a reader cannot be compared with the cassette")));
            }
            Ok((bytes, whole))
        }
    }
}

fn find<'h>(headers: &'h Headers, name: &str) -> Option<&'h str> {
    headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

/// The boundary of a multipart body, which is another in each run.
fn boundary(headers: &Headers) -> Option<&str> {
    let kind = find(headers, "content-type").filter(|kind| kind.starts_with("multipart/"))?;
    let (_, rest) = kind.split_once("boundary=")?;
    rest.trim_start_matches('"').split(['"', ';']).next().filter(|boundary| !boundary.is_empty())
}

/// A body as it is recorded: decoded and without secrets. None if its encoding is unknown: what is in it cannot be checked.
fn form(vault: &Vault, headers: &Headers, bytes: &[u8]) -> Option<Value> {
    let encoding = find(headers, "content-encoding").unwrap_or_default();
    let plain = decoded(encoding, bytes)?;
    let plain = match boundary(headers) {
        Some(boundary) => replaced(&plain, boundary.as_bytes(), b"boundary"),
        None => plain,
    };
    Some(redacted(vault, &plain))
}

fn replaced(bytes: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let mut all = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some(at) = memchr::memmem::find(rest, from) {
        all.extend_from_slice(rest.get(..at).unwrap_or_default());
        all.extend_from_slice(to);
        rest = rest.get(at + from.len()..).unwrap_or_default();
    }
    all.extend_from_slice(rest);
    all
}

struct Exchange {
    method: String,
    url: String,
    headers: Headers,
    sent: Copy,
    answer: Mutex<Option<Answer>>,
}

#[derive(Default)]
struct Answer {
    took: Duration,
    error: Option<(&'static str, String)>,
    head: Option<(u16, String, u8)>,
    headers: Headers,
    body: Copied,
    /// The end was seen.
    ended: bool,
    /// How the body broke off.
    broken: Option<(&'static str, String)>,
}

impl Exchange {
    fn lock(&self) -> std::sync::MutexGuard<'_, Option<Answer>> {
        self.answer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shown(vault: &Vault, headers: &Headers) -> Value {
    let boundary = boundary(headers);
    // The length of a body changes when it is decoded and redacted.
    let kept = headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case("content-length"));
    kept.map(|(name, value)| {
        let value = scan::header(vault, name, value);
        json!([name, boundary.map_or_else(|| value.clone(), |boundary| value.replace(boundary, "boundary"))])
    })
    .collect()
}

impl Live for Exchange {
    fn entry(&self, vault: &Vault) -> Option<Value> {
        let answer = self.lock();
        let answer = answer.as_ref()?;
        let sent = copied(&self.sent);
        let body = form(vault, &self.headers, &sent.bytes);
        let mut entry = json!({
            "kind": "request",
            "method": self.method,
            "url": scan::url(vault, &self.url),
            "request": {
                "headers": shown(vault, &self.headers),
                "whole": !sent.over && body.is_some(),
                "body": body,
            },
            "took_us": micros(answer.took),
        });
        if let Some((name, text)) = &answer.error {
            entry["error"] = json!({ "name": name, "text": vault.text(text) });
        }
        if let Some((status, reason, version)) = &answer.head {
            let body = form(vault, &answer.headers, &answer.body.bytes);
            // Of a body that was not sent or not read: HEAD, 304, `stream(true)`.
            let kept = answer.body.bytes.is_empty() || !answer.ended || answer.body.over;
            let length = find(&answer.headers, "content-length").filter(|_| kept);
            let broken = answer.broken.as_ref().map(|(name, text)| json!({ "name": name, "text": vault.text(text) }));
            entry["response"] = json!({
                "status": status,
                "reason": reason,
                "version": version,
                "headers": shown(vault, &answer.headers),
                "length": length,
                "whole": answer.ended && !answer.body.over && body.is_some(),
                "broken": broken,
                "body": body,
            });
        }
        Some(entry)
    }
}

/// A body that is recorded while it is read.
struct Recording {
    inner: Box<dyn Chunks>,
    exchange: Arc<Exchange>,
    limit: usize,
}

#[async_trait::async_trait]
#[deny(clippy::missing_trait_methods)]
impl Chunks for Recording {
    async fn next(&mut self, patience: Option<Duration>) -> Result<Option<Bytes>, Failure> {
        let next = self.inner.next(patience).await;
        if let Some(answer) = &mut *self.exchange.lock() {
            match &next {
                Ok(Some(chunk)) => answer.body.add(chunk, self.limit),
                Ok(None) => answer.ended = true,
                Err(failure) => answer.broken = Some((failure_name(failure), failure.to_string())),
            }
        }
        next
    }
}

fn replayed(response: &Value) -> Option<Reply> {
    let status = u16::try_from(response["status"].as_u64()?).ok()?;
    let version = u8::try_from(response["version"].as_u64()?).ok()?;
    let headers = response["headers"].as_array()?.iter();
    let mut headers: Headers =
        headers.map(|pair| Some((pair[0].as_str()?.to_owned(), pair[1].as_str()?.to_owned()))).collect::<Option<_>>()?;
    headers.retain(|(name, _)| !["content-encoding", "transfer-encoding"].contains(&&*name.to_ascii_lowercase()));
    let body = value_to_bytes(&response["body"]).unwrap_or_default();
    let whole = response["whole"] == true;
    let length = response["length"].as_str().map(str::to_owned);
    headers.extend(
        length
            .or_else(|| (whole && !body.is_empty()).then(|| body.len().to_string()))
            .map(|length| ("Content-Length".to_owned(), length)),
    );
    let end = if whole {
        Ok(())
    } else {
        let cut = || Failure::Protocol(format!("the cassette has only the first {} bytes of this body", body.len()));
        Err(failure_of(&response["broken"]).unwrap_or_else(cut))
    };
    let chunks = Played { body: Some(Bytes::from(body)).filter(|body| !body.is_empty()), end: Some(end) };
    let mut reply = Reply::new(status, response["reason"].as_str().unwrap_or_default(), headers, Box::new(chunks));
    reply.version = version;
    Some(reply)
}

/// A recorded body.
struct Played {
    body: Option<Bytes>,
    end: Option<Result<(), Failure>>,
}

#[async_trait::async_trait]
impl Chunks for Played {
    async fn next(&mut self, _: Option<Duration>) -> Result<Option<Bytes>, Failure> {
        if let Some(body) = self.body.take() {
            return Ok(Some(body));
        }
        self.end.take().unwrap_or(Ok(())).map(|()| None)
    }
}

fn failure_name(failure: &Failure) -> &'static str {
    match failure {
        Failure::Connect(_) => "Connect",
        Failure::ConnectTimeout => "ConnectTimeout",
        Failure::Tls(_) => "Tls",
        Failure::Proxy(_) => "Proxy",
        Failure::ReadTimeout => "ReadTimeout",
        Failure::Protocol(_) => "Protocol",
        Failure::Body(_) => "Body",
        Failure::Invalid(_) => "Invalid",
        Failure::Certificate(_) => "Certificate",
        Failure::ClientCertificate(_) => "ClientCertificate",
        Failure::ClientKey(_) => "ClientKey",
    }
}

fn failure_of(value: &Value) -> Option<Failure> {
    let text = value["text"].as_str().unwrap_or_default();
    // The variant's own words come first in its text.
    let text = || text.split_once(": ").map_or(text, |(_, text)| text).to_owned();
    Some(match value["name"].as_str()? {
        "Connect" => Failure::Connect(text()),
        "ConnectTimeout" => Failure::ConnectTimeout,
        "Tls" => Failure::Tls(text()),
        "Proxy" => Failure::Proxy(text()),
        "ReadTimeout" => Failure::ReadTimeout,
        "Body" => Failure::Body(text()),
        "Invalid" => Failure::Invalid(text()),
        "Certificate" => Failure::Certificate(text()),
        "ClientCertificate" => Failure::ClientCertificate(text()),
        "ClientKey" => Failure::ClientKey(text()),
        _ => Failure::Protocol(text()),
    })
}
