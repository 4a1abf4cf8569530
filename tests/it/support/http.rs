//! An HTTP server in process, on port 0: it does what a handler says, byte by byte where needed.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

#[cfg(feature = "requests")]
use leyden::requests::mock::{Recorded, Reply};

/// A request as the server saw it.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub method: String,
    pub target: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Seen {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(own, _)| own.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    pub fn path(&self) -> &str {
        self.target.split('?').next().unwrap()
    }

    pub fn query(&self) -> &str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }
}

#[cfg(feature = "requests")]
impl From<&Recorded> for Seen {
    fn from(recorded: &Recorded) -> Seen {
        let target = recorded.url.splitn(4, '/').nth(3).map_or("/".into(), |rest| format!("/{rest}"));
        Seen {
            method: recorded.method.clone(),
            target,
            headers: recorded.headers.items().map(|(name, value)| (name.to_owned(), value.clone())).collect(),
            body: recorded.body.to_vec(),
        }
    }
}

/// What a server does: also what the mock can be told to do.
#[derive(Clone, Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    steps: Vec<Step>,
    chunked: bool,
    raw: Option<Vec<u8>>,
}

#[derive(Clone, Debug)]
enum Step {
    Bytes(Vec<u8>),
    Pause(Duration),
    Stall,
    Cut,
}

impl Answer {
    pub fn new(status: u16) -> Answer {
        Answer { status, headers: Vec::new(), steps: Vec::new(), chunked: false, raw: None }
    }

    /// These bytes on the wire, and then the end: nothing the mock could do.
    pub fn raw(bytes: impl Into<Vec<u8>>) -> Answer {
        Answer { raw: Some(bytes.into()), ..Answer::new(0) }
    }

    pub fn header(mut self, name: &str, value: impl Into<String>) -> Answer {
        self.headers.push((name.into(), value.into()));
        self
    }

    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Answer {
        self.steps.push(Step::Bytes(body.into()));
        self
    }

    pub fn pause(mut self, pause: Duration) -> Answer {
        self.steps.push(Step::Pause(pause));
        self
    }

    pub fn stall(mut self) -> Answer {
        self.steps.push(Step::Stall);
        self
    }

    pub fn cut(mut self) -> Answer {
        self.steps.push(Step::Cut);
        self
    }

    pub fn chunked(mut self) -> Answer {
        self.chunked = true;
        self
    }

    #[cfg(feature = "requests")]
    pub fn reply(self) -> Reply {
        let mut reply = Reply::new(self.status);
        for (name, value) in self.headers {
            reply = reply.header(name, value);
        }
        for step in self.steps {
            reply = match step {
                Step::Bytes(bytes) => reply.body(bytes),
                Step::Pause(pause) => reply.pause(pause),
                Step::Stall => reply.stall(),
                Step::Cut => reply.cut(),
            };
        }
        reply
    }

    fn write(&self, to: &mut dyn Write, method: &str, stop: &AtomicBool) -> std::io::Result<bool> {
        if let Some(raw) = &self.raw {
            to.write_all(raw)?;
            return Ok(false);
        }
        let mut head = format!("HTTP/1.1 {} {}\r\n", self.status, reason(self.status));
        for (name, value) in &self.headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        let broken = self.steps.iter().any(|step| matches!(step, Step::Stall | Step::Cut));
        let length: usize = self.steps.iter().map(|step| if let Step::Bytes(bytes) = step { bytes.len() } else { 0 }).sum();
        let bodiless = method == "HEAD" || matches!(self.status, 204 | 304);
        if self.chunked {
            head.push_str("Transfer-Encoding: chunked\r\n");
        } else if !self.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-length")) && self.status != 204 {
            head.push_str(&format!("Content-Length: {}\r\n", if broken { length + 100 } else { length }));
        }
        head.push_str("\r\n");
        // Headers are Latin-1 on the wire.
        to.write_all(&head.chars().map(|c| c as u8).collect::<Vec<u8>>())?;
        if bodiless {
            return Ok(true);
        }
        for step in &self.steps {
            match step {
                Step::Bytes(bytes) if self.chunked => {
                    write!(to, "{:x}\r\n", bytes.len())?;
                    to.write_all(bytes)?;
                    to.write_all(b"\r\n")?;
                }
                Step::Bytes(bytes) => to.write_all(bytes)?,
                Step::Pause(pause) => {
                    to.flush()?;
                    thread::sleep(*pause);
                }
                Step::Stall => {
                    to.flush()?;
                    while !stop.load(Ordering::SeqCst) {
                        thread::sleep(Duration::from_millis(10));
                    }
                    return Ok(false);
                }
                Step::Cut => {
                    to.flush()?;
                    return Ok(false);
                }
            }
        }
        if self.chunked {
            to.write_all(b"0\r\n\r\n")?;
        }
        to.flush()?;
        Ok(true)
    }
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        204 => "No Content",
        206 => "Partial Content",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        304 => "Not Modified",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        401 => "Unauthorized",
        404 => "Not Found",
        416 => "Range Not Satisfiable",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Something",
    }
}

type Handler = dyn Fn(&Seen) -> Answer + Send + Sync;

/// The server. Dropping it stops it.
pub struct Server {
    pub port: u16,
    seen: Arc<Mutex<Vec<Seen>>>,
    connections: Arc<AtomicUsize>,
    stop: Arc<AtomicBool>,
}

impl Server {
    pub fn start(handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Server {
        Server::start_on(handler, None)
    }

    /// Over TLS.
    pub fn start_tls(tls: rustls::ServerConfig, handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static) -> Server {
        Server::start_on(handler, Some(Arc::new(tls)))
    }

    fn start_on(handler: impl Fn(&Seen) -> Answer + Send + Sync + 'static, tls: Option<Arc<rustls::ServerConfig>>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = Server { port, seen: Arc::default(), connections: Arc::default(), stop: Arc::default() };
        let (seen, connections, stop) = (server.seen.clone(), server.connections.clone(), server.stop.clone());
        let handler: Arc<Handler> = Arc::new(handler);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if stop.load(Ordering::SeqCst) {
                    return;
                }
                let Ok(stream) = stream else { continue };
                connections.fetch_add(1, Ordering::SeqCst);
                let (handler, seen, stop, tls) = (handler.clone(), seen.clone(), stop.clone(), tls.clone());
                thread::spawn(move || match tls {
                    None => drop(serve(Plain(stream), &*handler, &seen, &stop)),
                    Some(tls) => {
                        if let Ok(session) = rustls::ServerConnection::new(tls) {
                            let _ = serve(rustls::StreamOwned::new(session, stream), &*handler, &seen, &stop);
                        }
                    }
                });
            }
        });
        server
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        // Wakes the listener.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

struct Plain(TcpStream);

impl Read for Plain {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Write for Plain {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.0.flush()
    }
}

fn serve(stream: impl Read + Write, handler: &Handler, seen: &Mutex<Vec<Seen>>, stop: &AtomicBool) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read_request(&mut stream)? {
        seen.lock().unwrap().push(request.clone());
        let answer = handler(&request);
        if !answer.write(stream.get_mut(), &request.method, stop)? {
            break;
        }
    }
    stream.get_mut().flush()
}

pub fn read_request(stream: &mut impl BufRead) -> std::io::Result<Option<Seen>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let (method, target) = (words.next().unwrap_or_default().to_owned(), words.next().unwrap_or_default().to_owned());
    let mut seen = Seen { method, target, ..Seen::default() };
    loop {
        let mut line = Vec::new();
        stream.read_until(b'\n', &mut line)?;
        let line: String = line.iter().map(|&b| char::from(b)).collect();
        let line = line.trim_end_matches(['\r', '\n']);
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        seen.headers.push((name.to_owned(), value.trim().to_owned()));
    }
    if seen.header("transfer-encoding").is_some_and(|coding| coding == "chunked") {
        loop {
            let mut line = String::new();
            stream.read_line(&mut line)?;
            let length = usize::from_str_radix(line.trim(), 16).unwrap_or(0);
            let mut chunk = vec![0; length + 2];
            stream.read_exact(&mut chunk)?;
            if length == 0 {
                break;
            }
            seen.body.extend_from_slice(&chunk[..length]);
        }
    } else if let Some(length) = seen.header("content-length").and_then(|length| length.parse::<usize>().ok()) {
        seen.body = vec![0; length];
        stream.read_exact(&mut seen.body)?;
    }
    Ok(Some(seen))
}
