//! As little of S3 as transfers ask for, so that what is measured is the client: bodies are counted and forgotten, and what is read is always the
//! same block. s3s-fs, which the tests use, hashes a whole object for each of its ranges.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose};
use rustls::pki_types::PrivateKeyDer;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A part of an object that came in parts.
const PART: u64 = 8 << 20;

/// The sizes of the objects and of the uploads that are not complete, by key.
#[derive(Default)]
struct Bucket {
    objects: BTreeMap<String, u64>,
    uploads: BTreeMap<String, u64>,
}

/// So many bytes.
struct Blocks {
    block: Bytes,
    left: u64,
}

impl Body for Blocks {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        let length = self.left.min(self.block.len() as u64);
        self.left -= length;
        Poll::Ready((length > 0).then(|| Ok(Frame::data(self.block.slice(..length as usize)))))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// Serves on two free ports until stdin ends, and prints the URLs: HTTP first, then HTTPS. Writes the
/// CA certificate to `authority`.
pub(crate) fn serve(authority: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    let (bucket, block) = (Arc::<Mutex<Bucket>>::default(), Bytes::from(vec![b'x'; 256 << 10]));
    for tls in [None, Some(TlsAcceptor::from(certified(authority)))] {
        let (bucket, block) = (bucket.clone(), block.clone());
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let scheme = if tls.is_some() { "https" } else { "http" };
        println!("{scheme}://{}", listener.local_addr().unwrap());
        runtime.spawn(async move {
            loop {
                let (socket, _) = listener.accept().await.unwrap();
                let (bucket, block) = (bucket.clone(), block.clone());
                let service = hyper::service::service_fn(move |request| answer(request, bucket.clone(), block.clone()));
                let tls = tls.clone();
                tokio::spawn(async move {
                    let http = hyper::server::conn::http1::Builder::new();
                    let _ = match tls {
                        None => http.serve_connection(TokioIo::new(socket), service).await,
                        Some(tls) => match tls.accept(socket).await {
                            Ok(socket) => http.serve_connection(TokioIo::new(socket), service).await,
                            Err(_) => return,
                        },
                    };
                });
            }
        });
    }
    let _ = std::io::stdin().lines().count();
}

/// A certificate for the loopback interface, and in this file the authority that gave it.
fn certified(authority: &Path) -> Arc<rustls::ServerConfig> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
    std::fs::write(authority, issuer.pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(vec!["127.0.0.1".to_owned()]).unwrap();
    // By the name that both would have else, OpenSSL takes it for its own authority.
    params.distinguished_name.push(DnType::CommonName, "bench");
    let certificate = params.signed_by(&key, &issuer).unwrap();
    let builder = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::aws_lc_rs::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().unwrap().with_no_client_auth();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    Arc::new(builder.with_single_cert(vec![certificate.der().clone()], key).unwrap())
}

async fn answer(request: Request<Incoming>, bucket: Arc<Mutex<Bucket>>, block: Bytes) -> Result<Response<Blocks>, hyper::Error> {
    let (head, mut body) = request.into_parts();
    let mut length = 0;
    while let Some(frame) = std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        length += frame?.data_ref().map_or(0, |data| data.len() as u64);
    }
    let header = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok());
    let length = header("x-amz-decoded-content-length").map_or(length, |length| length.parse().unwrap());
    let query = head.uri.query().unwrap_or_default();
    let parameter =
        |name: &str| query.split('&').find_map(|part| Some(part.strip_prefix(name)?.strip_prefix('=')?.replace("%2F", "/")));
    let key = head.uri.path().trim_start_matches("/bench").trim_start_matches('/').to_owned();
    let mut bucket = bucket.lock().unwrap();
    let text = |text: String| {
        let block = Bytes::from(text);
        Response::new(Blocks { left: block.len() as u64, block })
    };
    let done = || Response::builder().header("ETag", "\"0\"").body(Blocks { block: Bytes::new(), left: 0 }).unwrap();
    Ok(match head.method {
        Method::POST if query.starts_with("uploads") => {
            bucket.uploads.insert(key.clone(), 0);
            text(format!("<InitiateMultipartUploadResult><UploadId>{key}</UploadId></InitiateMultipartUploadResult>"))
        }
        Method::PUT if parameter("uploadId").is_some() => {
            *bucket.uploads.entry(key).or_default() += length;
            done()
        }
        Method::POST => {
            let size = bucket.uploads.remove(&key).unwrap();
            bucket.objects.insert(key, size);
            text("<CompleteMultipartUploadResult><ETag>\"0\"</ETag></CompleteMultipartUploadResult>".to_owned())
        }
        Method::PUT => {
            bucket.objects.insert(key, length);
            done()
        }
        Method::GET if key.is_empty() => {
            text(list(&bucket, &parameter("prefix").unwrap_or_default(), parameter("continuation-token")))
        }
        _ if key.is_empty() => done(),
        method => {
            let Some(size) = bucket.objects.get(&key).copied() else {
                return Ok(Response::builder().status(404).body(Blocks { block: Bytes::new(), left: 0 }).unwrap());
            };
            let range = header("range").map(|range| {
                let (start, end) = range.trim_start_matches("bytes=").split_once('-').unwrap();
                (start.parse().unwrap(), end.parse().map_or(size, |end: u64| (end + 1).min(size)))
            });
            let part = parameter("partNumber")
                .map(|part| (part.parse::<u64>().unwrap() - 1) * PART)
                .map(|at| (at, (at + PART).min(size)));
            let mut response =
                Response::builder().header("ETag", "\"0\"").header("Last-Modified", "Thu, 01 Jan 2026 00:00:00 GMT");
            if let Some((start, end)) = range.or(part) {
                response = response.status(206).header("Content-Range", format!("bytes {start}-{}/{size}", end - 1));
            }
            if part.is_some() {
                response = response.header("x-amz-mp-parts-count", size.div_ceil(PART));
            }
            let (start, end) = range.or(part).unwrap_or((0, size));
            let left = if method == Method::HEAD { 0 } else { end - start };
            response.header("Content-Length", end - start).body(Blocks { block, left }).unwrap()
        }
    })
}

/// A page of the listing.
fn list(bucket: &Bucket, prefix: &str, after: Option<String>) -> String {
    let after = after.unwrap_or_default();
    let mut keys = bucket.objects.iter().filter(|(key, _)| key.starts_with(prefix) && **key > after);
    let page: Vec<_> = keys.by_ref().take(1000).collect();
    let token = keys.next().and(page.last()).map(|(key, _)| format!("<NextContinuationToken>{key}</NextContinuationToken>"));
    let contents: String = page
        .iter()
        .map(|(key, size)| {
            format!(
                "<Contents><Key>{key}</Key><LastModified>2026-01-01T00:00:00.000Z</LastModified><ETag>\"0\"</ETag><Size>{size}</Size></Contents>"
            )
        })
        .collect();
    let truncated = token.is_some();
    format!("<ListBucketResult><IsTruncated>{truncated}</IsTruncated>{}{contents}</ListBucketResult>", token.unwrap_or_default())
}
