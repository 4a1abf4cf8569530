//! An S3 server in process, on port 0, that others wrote (s3s-fs), with a hand on the wire: it tells what it was asked, and fails when it shall.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::task::{Context, Poll};
use std::time::Duration;

use http::{Request, Response, StatusCode};
use http_body::Frame;
use hyper::body::Incoming;
use hyper_util::rt::TokioIo;
use leyden::os::Os;
use s3s::Body;
use s3s::auth::SimpleAuth;
use s3s::service::{S3Service, S3ServiceBuilder};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;

/// What becomes of a request.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// This status, and no body.
    Status(u16),
    /// The answer's body ends after so many bytes, and the connection with it.
    Cut(usize),
    /// No answer for so long.
    Stall(Duration),
}

#[derive(Debug)]
struct Planned {
    line: String,
    fault: Fault,
    times: usize,
}

#[derive(Default)]
struct Wire {
    seen: Mutex<Vec<String>>,
    faults: Mutex<Vec<Planned>>,
}

/// The server. Its files go with it.
pub struct S3Server {
    pub url: String,
    pub root: PathBuf,
    wire: Arc<Wire>,
    task: tokio::task::JoinHandle<()>,
}

pub fn runtime() -> &'static Runtime {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    RUNTIME.get_or_init(|| tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
}

/// A fresh directory.
pub fn directory(name: &str) -> PathBuf {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!("leyden-{name}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let path = std::fs::canonicalize(std::env::temp_dir()).unwrap().join(name);
    std::fs::create_dir(&path).unwrap();
    path
}

impl S3Server {
    pub fn start() -> S3Server {
        let root = directory("s3");
        let service = {
            let mut builder = S3ServiceBuilder::new(s3s_fs::FileSystem::new(&root).unwrap());
            builder.set_auth(SimpleAuth::from_single("AKIDLEYDEN", "secret"));
            builder.build()
        };
        let wire = Arc::<Wire>::default();
        let listener = runtime().block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let shared = wire.clone();
        let task = runtime().spawn(async move {
            loop {
                let Ok((socket, _)) = listener.accept().await else { return };
                let (wire, service) = (shared.clone(), service.clone());
                let answer = move |request| answer(wire.clone(), service.clone(), request);
                let served = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(socket), hyper::service::service_fn(answer));
                tokio::spawn(async move {
                    let _ = served.await;
                });
            }
        });
        S3Server { url, root, wire, task }
    }

    /// A client of it, with this machine's files.
    pub fn client(&self) -> leyden::boto3::s3::Client {
        self.client_with(Os::native())
    }

    /// A client of it, with these files.
    pub fn client_with(&self, os: Os) -> leyden::boto3::s3::Client {
        let time = leyden::time::Time::native_with(os.ambient().clone());
        let boto3 = leyden::boto3::Boto3::native(os, time);
        // Each fault is met by whoever asked, not by Amazon's client, which would try again where a broken connection swallowed the answer's head.
        let once = leyden::boto3::Config::new().max_attempts(1);
        let client = boto3.client().endpoint_url(&self.url).region_name("us-east-1").config(once);
        client.aws_access_key_id("AKIDLEYDEN").aws_secret_access_key("secret").s3()
    }

    /// Requests whose line (`GET /bucket/key?uploads bytes=0-9`) holds this text fail so, so many times.
    pub fn fail(&self, line: &str, fault: Fault, times: usize) {
        self.wire.faults.lock().unwrap().push(Planned { line: line.into(), fault, times });
    }

    /// What was asked so far: method, path with query, range.
    pub fn seen(&self) -> Vec<String> {
        self.wire.seen.lock().unwrap().clone()
    }

    pub fn forget(&self) {
        self.wire.seen.lock().unwrap().clear();
    }

    /// Uploads that are neither completed nor aborted, by their files.
    pub fn open_uploads(&self) -> Vec<String> {
        let names = std::fs::read_dir(&self.root).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".upload")).collect()
    }

    /// An object's bytes, as the server keeps them.
    pub fn object(&self, bucket: &str, key: &str) -> Option<Vec<u8>> {
        std::fs::read(self.root.join(bucket).join(Path::new(key))).ok()
    }
}

impl Drop for S3Server {
    fn drop(&mut self) {
        self.task.abort();
        let _ = std::fs::remove_dir_all(&self.root);
    }
}

async fn answer(wire: Arc<Wire>, service: S3Service, request: Request<Incoming>) -> Result<Response<Body>, Infallible> {
    let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let range = header("range") + &header("x-amz-copy-source-range");
    let line = format!("{} {} {range}", request.method(), request.uri()).trim_end().to_owned();
    wire.seen.lock().unwrap().push(line.clone());
    let fault = {
        let mut faults = wire.faults.lock().unwrap();
        let planned = faults.iter_mut().find(|planned| planned.times > 0 && line.contains(&planned.line));
        planned.map(|planned| {
            planned.times -= 1;
            planned.fault
        })
    };
    match fault {
        Some(Fault::Status(status)) => {
            // Whoever still writes when the answer comes may not read it.
            let _ = Body::from(request.into_body()).store_all_limited(usize::MAX).await;
            let body = format!("<?xml version=\"1.0\"?><Error><Code>Injected</Code><Message>status {status}</Message></Error>");
            let mut response = Response::new(Body::from(body));
            *response.status_mut() = StatusCode::from_u16(status).unwrap();
            return Ok(response);
        }
        Some(Fault::Stall(pause)) => tokio::time::sleep(pause).await,
        _ => {}
    }
    let mut response = match service.call(request.map(Body::from)).await {
        Ok(response) => response,
        Err(_) => {
            let mut response = Response::new(Body::empty());
            *response.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
            response
        }
    };
    if let Some(Fault::Cut(left)) = fault {
        let (head, body) = response.into_parts();
        response = Response::from_parts(head, Body::http_body_unsync(Cut { body, left }));
    }
    Ok(response)
}

struct Cut {
    body: Body,
    left: usize,
}

impl http_body::Body for Cut {
    type Data = bytes::Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<bytes::Bytes>, std::io::Error>>> {
        if self.left == 0 {
            return Poll::Ready(Some(Err(std::io::ErrorKind::ConnectionReset.into())));
        }
        let frame = std::task::ready!(http_body::Body::poll_frame(Pin::new(&mut self.body), context));
        Poll::Ready(match frame {
            Some(Ok(frame)) => frame.into_data().ok().map(|mut data| {
                data.truncate(self.left);
                self.left -= data.len();
                Ok(Frame::data(data))
            }),
            Some(Err(error)) => Some(Err(std::io::Error::other(error.to_string()))),
            None => None,
        })
    }

    fn size_hint(&self) -> http_body::SizeHint {
        http_body::Body::size_hint(&self.body)
    }
}
