//! A server that says yes to every request of S3, and tells what it was asked: the twin of the one in `tests/oracle/s3_transfer.py`.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body as _;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use s3s::Body;
use serde_json::{Value, json};
use tokio::net::TcpListener;

use super::s3::runtime;

#[derive(Default)]
struct State {
    size: u64,
    refuse: Option<String>,
    seen: Vec<Value>,
}

pub struct YesServer {
    pub url: String,
    state: Arc<Mutex<State>>,
    task: tokio::task::JoinHandle<()>,
}

impl YesServer {
    pub fn start() -> YesServer {
        let state = Arc::<Mutex<State>>::default();
        let listener = runtime().block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = state.clone();
        let task = runtime().spawn(async move {
            loop {
                let Ok((socket, _)) = listener.accept().await else { return };
                let state = shared.clone();
                let served = hyper::server::conn::http1::Builder::new().serve_connection(
                    TokioIo::new(socket),
                    hyper::service::service_fn(move |request| answer(state.clone(), request)),
                );
                tokio::spawn(async move {
                    let _ = served.await;
                });
            }
        });
        YesServer { url, state, task }
    }

    /// Forgets what it was asked. Its object has this size; requests with this in their query are refused.
    pub fn begin(&self, size: u64, refuse: Option<&str>) {
        *self.state.lock().unwrap() = State { size, refuse: refuse.map(str::to_owned), seen: Vec::new() };
    }

    pub fn seen(&self) -> Vec<Value> {
        self.state.lock().unwrap().seen.clone()
    }
}

impl Drop for YesServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// The headers that a caller's arguments become.
fn is_kept(name: &str) -> bool {
    const KEPT: &[&str] = &[
        "range",
        "if-match",
        "x-amz-checksum-algorithm",
        "x-amz-checksum-type",
        "x-amz-sdk-checksum-algorithm",
        "x-amz-acl",
        "x-amz-storage-class",
        "x-amz-request-payer",
        "x-amz-expected-bucket-owner",
        "cache-control",
        "content-disposition",
        "content-language",
        "x-amz-website-redirect-location",
        "x-amz-metadata-directive",
        "content-type",
    ];
    let beginnings = ["x-amz-copy-source", "x-amz-meta-", "x-amz-tagging", "x-amz-server-side-encryption", "x-amz-grant-"];
    KEPT.contains(&name) || beginnings.iter().any(|begin| name.starts_with(begin))
}

async fn answer(state: Arc<Mutex<State>>, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let (head, mut body) = request.into_parts();
    let mut length = 0;
    while let Some(Ok(frame)) = std::future::poll_fn(|context| std::pin::Pin::new(&mut body).poll_frame(context)).await {
        length += frame.data_ref().map_or(0, Bytes::len);
    }
    let headers: BTreeMap<&str, &str> =
        head.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap_or_default())).collect();
    let query: BTreeMap<&str, &str> = head
        .uri
        .query()
        .unwrap_or_default()
        .split('&')
        .filter(|pair| !pair.is_empty() && !pair.starts_with("x-id="))
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .collect();
    let method = head.method.as_str();
    let mut kept: BTreeMap<&str, &str> =
        headers.iter().map(|(name, value)| (*name, *value)).filter(|(name, _)| is_kept(name)).collect();
    if matches!(kept.get("content-type"), Some(&("application/xml" | "binary/octet-stream" | "application/octet-stream"))) {
        kept.remove("content-type");
    }
    let mut row = json!({ "method": method, "query": query, "headers": kept });
    if method == "PUT" && !headers.contains_key("x-amz-copy-source") && !query.contains_key("tagging") {
        row["length"] =
            headers.get("x-amz-decoded-content-length").map_or(length as u64, |length| length.parse().unwrap()).into();
    }
    let (size, refused) = {
        let mut state = state.lock().unwrap();
        state.seen.push(row);
        let refused = state
            .refuse
            .as_ref()
            .is_some_and(|refuse| head.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == refuse)));
        (state.size, refused)
    };
    let (mut status, mut answer, mut range) = (200, Vec::new(), None);
    let mut announced = None;
    match method {
        _ if refused => (status, answer) = (403, b"<Error><Code>AccessDenied</Code><Message>no</Message></Error>".to_vec()),
        "HEAD" => announced = Some(size),
        "POST" if query.contains_key("uploads") => {
            answer = b"<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>".to_vec();
        }
        "POST" => answer = b"<CompleteMultipartUploadResult><ETag>\"e\"</ETag></CompleteMultipartUploadResult>".to_vec(),
        "DELETE" => status = 204,
        // One object beneath whatever prefix is asked for.
        "GET" if query.contains_key("list-type") => {
            let key = format!("{}there", query.get("prefix").unwrap_or(&"").replace("%2F", "/"));
            answer = format!(
                "<ListBucketResult><Contents><Key>{key}</Key><Size>{size}</Size><LastModified>2026-01-01T00:00:00.000Z</LastModified></Contents></ListBucketResult>"
            )
            .into_bytes();
        }
        "GET" if query.contains_key("tagging") => {
            answer = b"<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>".to_vec();
        }
        "GET" => {
            let (mut start, mut end) = (0, size);
            if let Some((from, to)) = headers.get("range").and_then(|range| range.strip_prefix("bytes=")?.split_once('-')) {
                start = from.parse().unwrap();
                end = to.parse::<u64>().map_or(size, |to| (to + 1).min(size));
                status = 206;
                range = Some(format!("bytes {start}-{}/{size}", end.max(1) - 1));
            }
            if start >= size && status == 206 {
                (status, range) = (416, None);
                answer = b"<Error><Code>InvalidRange</Code><Message>no</Message></Error>".to_vec();
            } else {
                answer = vec![b'x'; (end - start) as usize];
            }
        }
        _ if headers.contains_key("x-amz-copy-source") && query.contains_key("partNumber") => {
            answer = b"<CopyPartResult><ETag>\"e\"</ETag></CopyPartResult>".to_vec();
        }
        _ if headers.contains_key("x-amz-copy-source") => {
            answer = b"<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>".to_vec();
        }
        _ => {}
    }
    let mut response = Response::builder().status(status).header("ETag", "\"e\"");
    if let Some(range) = range {
        response = response.header("Content-Range", range);
    }
    if let Some(size) = announced {
        response = response.header("Content-Length", size);
    }
    Ok(response.body(Body::from(answer)).unwrap())
}
