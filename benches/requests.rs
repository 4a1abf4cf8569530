//! requests against raw reqwest and Python's requests: small keep-alive GETs, a large download, many calls at once, memory.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout)]

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::{Duration, Instant};

use leyden::prelude::*;
use leyden::requests::{Data, HttpAdapter, Session};

const LARGE: u64 = 1 << 30;
/// Calls at a time, and connections that are kept for them.
const AT_ONCE: usize = 500;
/// Small calls in one round.
const CALLS: usize = 200;

/// Answers `/N` with N bytes, on a thread for each connection: the same server for everybody.
fn serve() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            thread::Builder::new().stack_size(128 << 10).spawn(move || answer(stream)).unwrap();
        }
    });
    format!("http://{address}")
}

fn answer(stream: TcpStream) -> std::io::Result<()> {
    stream.set_nodelay(true)?;
    let mut stream = BufReader::new(stream);
    let piece = vec![b'x'; 256 << 10];
    let (mut line, mut size, mut body) = (String::new(), 0u64, 0u64);
    loop {
        line.clear();
        if stream.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if let Some(path) = line.split(' ').nth(1).filter(|path| path.starts_with('/')) {
            size = path[1..].parse().unwrap_or(0);
        }
        if let Some(length) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            body = length.trim().parse().unwrap();
        }
        if line == "\r\n" {
            std::io::copy(&mut stream.by_ref().take(std::mem::take(&mut body)), &mut std::io::sink())?;
            let out = stream.get_mut();
            let mut head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: {size}\r\n\r\n").into_bytes();
            let first = size.min(1024);
            head.extend_from_slice(&piece[..first as usize]);
            out.write_all(&head)?;
            let mut left = size - first;
            while left > 0 {
                let length = left.min(piece.len() as u64);
                out.write_all(&piece[..length as usize])?;
                left -= length;
            }
        }
    }
}

/// The same client without leyden.
struct Raw {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
}

impl Raw {
    fn new() -> Raw {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let provider = std::sync::Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let roots = rustls::RootCertStore { roots: webpki_roots::TLS_SERVER_ROOTS.to_vec() };
        let tls = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let tls = tls.with_root_certificates(roots).with_no_client_auth();
        let client =
            reqwest::Client::builder().no_proxy().tls_backend_preconfigured(tls).pool_max_idle_per_host(AT_ONCE).build().unwrap();
        Raw { runtime, client }
    }

    fn get(&self, url: &str) -> bytes::Bytes {
        self.runtime.block_on(async { self.client.get(url).send().await.unwrap().bytes().await.unwrap() })
    }

    fn stream(&self, url: &str) {
        self.runtime.block_on(async {
            let mut response = self.client.get(url).send().await.unwrap();
            let mut size = 0;
            while let Some(chunk) = response.chunk().await.unwrap() {
                size += chunk.len() as u64;
            }
            assert_eq!(size, LARGE);
        });
    }

    fn download(&self, url: &str, path: &std::path::Path) {
        self.runtime.block_on(async {
            let mut response = self.client.get(url).send().await.unwrap();
            let mut file = std::fs::File::create(path).unwrap();
            while let Some(chunk) = response.chunk().await.unwrap() {
                file.write_all(&chunk).unwrap();
            }
            file.sync_data().unwrap();
        });
    }
}

fn timed(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}

fn median(ratios: &mut [f64]) -> f64 {
    ratios.sort_by(f64::total_cmp);
    ratios[ratios.len() / 2]
}

/// How many times as long theirs takes: the median of rounds in which each has its turn, so that what else the machine does falls on both.
fn by_turns(rounds: usize, mut ours: impl FnMut(), mut theirs: impl FnMut()) -> f64 {
    let mut ratios: Vec<f64> = (0..rounds)
        .map(|round| {
            if round % 2 == 0 {
                let ours = timed(&mut ours);
                timed(&mut theirs).as_secs_f64() / ours.as_secs_f64()
            } else {
                timed(&mut theirs).as_secs_f64() / timed(&mut ours).as_secs_f64()
            }
        })
        .collect();
    median(&mut ratios)
}

/// The most memory that this process ever had, in MiB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() >> 10
}

struct Endless(u64);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = (buffer.len() as u64).min(self.0) as usize;
        buffer[..length].fill(b'x');
        self.0 -= length as u64;
        Ok(length)
    }
}

/// The server, and both clients.
struct Bench {
    base: String,
    raw: Raw,
    session: Session,
}

impl Bench {
    /// The peak never falls: this comes before all else.
    fn upload(&self) {
        let upload = |size: u64| {
            let call = self.session.put(format!("{}/0", self.base)).data(Data::reader(Endless(size), Some(size)));
            call.timeout(None).wait().unwrap()
        };
        upload(16 << 20);
        let small = peak();
        upload(LARGE);
        println!("RATIO | upload memory, 1 GiB / 16 MiB | {:.2}x ({small} MiB, {} MiB)", peak() as f64 / small as f64, peak());
    }

    fn download(&self) {
        let dir = std::env::temp_dir().join(format!("leyden-bench-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let large = format!("{}/{LARGE}", self.base);
        let ratio = by_turns(
            9,
            || drop(self.session.get(&large).download(dir.join("ours")).wait().unwrap()),
            || self.raw.download(&large, &dir.join("theirs")),
        );
        println!("RATIO | download 1 GiB to a file | raw/leyden {ratio:.2}x | peak memory {} MiB", peak());
        std::fs::remove_dir_all(&dir).unwrap();
    }

    fn stream(&self) {
        let large = format!("{}/{LARGE}", self.base);
        let ratio = by_turns(
            9,
            || {
                let mut response = self.session.get(&large).stream(true).wait().unwrap();
                assert_eq!(response.iter_content(None).map(|piece| piece.unwrap().len() as u64).sum::<u64>(), LARGE);
            },
            || self.raw.stream(&large),
        );
        println!("RATIO | stream 1 GiB | raw/leyden {ratio:.2}x");
    }

    /// Both sides keep as many connections.
    fn at_once(&self) {
        let mut wide = self.session.clone();
        wide.mount("http://", HttpAdapter::new().pool_maxsize(AT_ONCE));
        let url = format!("{}/100", self.base);
        let ratio = by_turns(
            25,
            || {
                self.raw.runtime.block_on(async {
                    let calls: Vec<_> = (0..AT_ONCE).map(|_| tokio::spawn(wide.get(&url).into_future())).collect();
                    for call in calls {
                        assert_eq!(call.await.unwrap().unwrap().content().unwrap().len(), 100);
                    }
                });
            },
            || {
                self.raw.runtime.block_on(async {
                    let get = |client: reqwest::Client, url: String| async move {
                        client.get(url).send().await.unwrap().bytes().await.unwrap()
                    };
                    let calls: Vec<_> = (0..AT_ONCE).map(|_| tokio::spawn(get(self.raw.client.clone(), url.clone()))).collect();
                    for call in calls {
                        assert_eq!(call.await.unwrap().len(), 100);
                    }
                });
            },
        );
        println!("RATIO | {AT_ONCE} calls at once | raw/leyden {ratio:.2}x");
    }

    fn small(&self) {
        let url = format!("{}/100", self.base);
        let small = || {
            for _ in 0..CALLS {
                assert_eq!(self.session.get(&url).wait().unwrap().content().unwrap().len(), 100);
            }
        };
        let against_raw = by_turns(61, small, || {
            for _ in 0..CALLS {
                assert_eq!(self.raw.get(&url).len(), 100);
            }
        });
        let mut python = support::Python::start();
        let mut ratios: Vec<f64> = (0..31)
            .map(|_| {
                let ours = timed(small);
                let setup = "import requests; s = requests.Session(); s.trust_env = False";
                let theirs = python.time("get", setup, &format!("s.get('{url}').content"), CALLS as u64);
                theirs.as_secs_f64() / ours.as_secs_f64()
            })
            .collect();
        println!("RATIO | requests small get | raw/leyden {against_raw:.2}x | python/leyden {:.2}x", median(&mut ratios));
    }
}

type Task = fn(&Bench);

/// All tasks, or those that the command line names.
fn main() {
    let mut session = Batteries::included().requests.session();
    session.trust_env = false;
    let bench = Bench { base: serve(), raw: Raw::new(), session };
    let names: Vec<String> = std::env::args().skip(1).filter(|arg| !arg.starts_with("--")).collect();
    let tasks: [(&str, Task); 5] = [
        ("upload", Bench::upload),
        ("download", Bench::download),
        ("stream", Bench::stream),
        ("at_once", Bench::at_once),
        ("small", Bench::small),
    ];
    for (name, task) in tasks {
        if names.is_empty() || names.iter().any(|wanted| wanted == name) {
            task(&bench);
        }
    }
}
