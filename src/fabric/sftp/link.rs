//! One SFTP session over a byte stream: requests go out, answers find the request they belong to.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::sync::{mpsc, oneshot};

use super::status::{SftpError, code};
use super::wire::{MAX_PACKET, Reader, Writer, kind};
use crate::fabric::backend::BoxStream;
use crate::wait::driver;

/// An answer: its kind and what follows the request's number.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) kind: u8,
    pub(super) body: Vec<u8>,
}

/// The sizes that the server takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Limits {
    pub(super) read: u32,
    pub(super) write: u32,
    pub(super) handles: u64,
}

impl Default for Limits {
    /// What every server takes.
    fn default() -> Limits {
        Limits { read: 32_768, write: 32_768, handles: 0 }
    }
}

/// The session. Dropping the last handle ends the stream.
pub(super) struct Link {
    outgoing: mpsc::UnboundedSender<Vec<u8>>,
    shared: Arc<Shared>,
    next: AtomicU32,
    pub(super) extensions: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) limits: Limits,
    pub(super) patience: Mutex<Option<Duration>>,
    _reader: driver::Abort<()>,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
}

#[derive(Debug, Default)]
struct Waiting {
    requests: HashMap<u32, oneshot::Sender<Answer>>,
    /// Why there will be no more answers.
    ended: Option<SftpError>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn end(&self, error: SftpError) {
        let mut waiting = self.lock();
        waiting.ended.get_or_insert(error);
        // Dropped senders wake their requests.
        waiting.requests.clear();
    }
}

impl fmt::Debug for Link {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Link").field("limits", &self.limits).finish_non_exhaustive()
    }
}

/// A request that was sent. It takes no part in the session's progress: several may be waited for in any order.
#[derive(Debug)]
pub(super) struct Pending {
    id: u32,
    shared: Arc<Shared>,
    answer: oneshot::Receiver<Answer>,
    patience: Option<Duration>,
}

impl Drop for Pending {
    fn drop(&mut self) {
        self.shared.lock().requests.remove(&self.id);
    }
}

impl Pending {
    /// The answer, whatever it is.
    pub(super) async fn answer(mut self) -> Result<Answer, SftpError> {
        let Some(answer) = driver::within(self.patience, &mut self.answer).await else {
            return Err(SftpError::TimedOut(self.patience.unwrap_or_default()));
        };
        answer.map_err(|_| self.shared.lock().ended.clone().unwrap_or_else(|| SftpError::Lost("the session is closed".into())))
    }

    /// The body of an answer of this kind; a status is an error.
    pub(super) async fn expect(self, expected: u8) -> Result<Vec<u8>, SftpError> {
        let answer = self.answer().await?;
        if answer.kind == expected {
            return Ok(answer.body);
        }
        Err(match answer.kind {
            kind::STATUS => match status(&answer.body)? {
                SftpError::Status { code: code::OK, .. } => {
                    SftpError::Protocol(format!("status ok instead of packet {expected}"))
                }
                error => error,
            },
            kind => SftpError::Protocol(format!("packet {kind} instead of {expected}")),
        })
    }

    /// For requests that are answered by a status alone.
    pub(super) async fn done(self) -> Result<(), SftpError> {
        let answer = self.answer().await?;
        if answer.kind != kind::STATUS {
            return Err(SftpError::Protocol(format!("packet {} instead of a status", answer.kind)));
        }
        match status(&answer.body)? {
            SftpError::Status { code: code::OK, .. } => Ok(()),
            error => Err(error),
        }
    }
}

fn status(body: &[u8]) -> Result<SftpError, SftpError> {
    let mut reader = Reader(body);
    let code = reader.u32()?;
    // Old servers send no text.
    let message = reader.string().map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default();
    // One line, whatever the server sends.
    let message = message.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    Ok(SftpError::Status { code, message })
}

impl Link {
    /// Greets the server and asks for its limits.
    pub(super) async fn open(stream: BoxStream, patience: Option<Duration>) -> Result<Link, SftpError> {
        let (mut read, mut write) = tokio::io::split(stream);
        let hello = Writer::new(kind::INIT).u32(3).finish();
        let mut greeting = Box::pin(async {
            write.write_all(&hello).await?;
            write.flush().await?;
            packet(&mut read).await
        });
        let answer = driver::within(patience, &mut greeting).await;
        drop(greeting);
        let Some(greeting) = answer else { return Err(SftpError::TimedOut(patience.unwrap_or_default())) };
        let greeting = greeting.map_err(|error| lost(&error))?.ok_or_else(|| SftpError::Lost("no greeting".into()))?;
        let mut reader = Reader(&greeting);
        match (reader.byte()?, reader.u32()?) {
            (kind::VERSION, 3) => {}
            (kind::VERSION, version) => return Err(SftpError::Protocol(format!("version {version}, not 3"))),
            (kind, _) => return Err(SftpError::Protocol(format!("packet {kind} instead of a greeting"))),
        }
        let mut extensions = Vec::new();
        while !reader.0.is_empty() {
            extensions.push((reader.string()?.to_vec(), reader.string()?.to_vec()));
        }
        let shared = Arc::new(Shared::default());
        let (outgoing, mut to_send) = mpsc::unbounded_channel::<Vec<u8>>();
        let for_writer = shared.clone();
        driver::detach(async move {
            while let Some(bytes) = to_send.recv().await {
                let sent = async {
                    write.write_all(&bytes).await?;
                    if to_send.is_empty() { write.flush().await } else { Ok(()) }
                };
                if let Err(error) = sent.await {
                    return for_writer.end(lost(&error));
                }
            }
            let _ = write.shutdown().await;
        });
        let for_reader = shared.clone();
        let reader = driver::until_dropped(async move {
            let error = receive(&mut read, &for_reader).await;
            for_reader.end(error);
        });
        let mut link = Link {
            outgoing,
            shared,
            next: AtomicU32::new(1),
            extensions,
            limits: Limits::default(),
            patience: Mutex::new(patience),
            _reader: reader,
        };
        link.limits = link.ask_limits().await?;
        Ok(link)
    }

    async fn ask_limits(&self) -> Result<Limits, SftpError> {
        let default = Limits::default();
        if !self.supports("limits@openssh.com") {
            return Ok(default);
        }
        let body = self.extended("limits@openssh.com", |writer| writer).expect(kind::EXTENDED_REPLY).await?;
        let mut reader = Reader(&body);
        let (packet, read, write, handles) = (reader.u64()?, reader.u64()?, reader.u64()?, reader.u64()?);
        // 0 is "no limit that is known"; ours keep a packet below what we accept ourselves.
        let bounded = |limit: u64, default: u32| {
            let most = if packet == 0 { 256 << 10 } else { packet.min(256 << 10) };
            match u32::try_from(limit.min(most.saturating_sub(1024))) {
                Ok(0) | Err(_) => default,
                Ok(limit) => limit.max(4096),
            }
        };
        Ok(Limits { read: bounded(read, default.read), write: bounded(write, default.write), handles })
    }

    pub(super) fn supports(&self, extension: &str) -> bool {
        self.extensions.iter().any(|(name, _)| name == extension.as_bytes())
    }

    pub(super) fn is_active(&self) -> bool {
        self.shared.lock().ended.is_none()
    }

    /// Sends a request.
    pub(super) fn send(&self, kind: u8, fill: impl FnOnce(Writer) -> Writer) -> Pending {
        let (sender, answer) = oneshot::channel();
        let mut waiting = self.shared.lock();
        // A number that is still in use is passed over: an answer may never come.
        let mut id = self.next.fetch_add(1, Ordering::Relaxed);
        while waiting.requests.contains_key(&id) {
            id = self.next.fetch_add(1, Ordering::Relaxed);
        }
        if waiting.ended.is_none() {
            waiting.requests.insert(id, sender);
        }
        drop(waiting);
        let packet = fill(Writer::new(kind).u32(id)).finish();
        if self.outgoing.send(packet).is_err() {
            self.shared.end(SftpError::Lost("the session is closed".into()));
        }
        let patience = *self.patience.lock().unwrap_or_else(PoisonError::into_inner);
        Pending { id, shared: self.shared.clone(), answer, patience }
    }

    pub(super) fn extended(&self, name: &str, fill: impl FnOnce(Writer) -> Writer) -> Pending {
        self.send(kind::EXTENDED, |writer| fill(writer.string(name)))
    }

    /// Ends the session: what is waited for fails.
    pub(super) fn close(&self) {
        self.shared.end(SftpError::Lost("the session is closed".into()));
    }
}

fn lost(error: &std::io::Error) -> SftpError {
    SftpError::Lost(error.to_string())
}

/// The next packet. None at the end of the stream.
pub(super) async fn packet(stream: &mut (impl tokio::io::AsyncRead + Unpin)) -> std::io::Result<Option<Vec<u8>>> {
    let mut length = [0; 4];
    match stream.read_exact(&mut length).await {
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => return Ok(None),
        Err(error) => return Err(error),
    }
    let length = u32::from_be_bytes(length) as usize;
    if length == 0 || length > MAX_PACKET {
        return Err(std::io::Error::other(format!("packet of {length} bytes")));
    }
    let mut packet = Vec::with_capacity(length);
    stream.take(length as u64).read_to_end(&mut packet).await?;
    if packet.len() < length {
        return Err(std::io::Error::other("stream ended within a packet"));
    }
    Ok(Some(packet))
}

/// Hands out answers until the stream ends; says why it did.
async fn receive(stream: &mut (impl tokio::io::AsyncRead + Unpin), shared: &Shared) -> SftpError {
    loop {
        let packet = match packet(stream).await {
            Ok(Some(packet)) => packet,
            Ok(None) => return SftpError::Lost("the server has closed the session".into()),
            Err(error) => return lost(&error),
        };
        let mut reader = Reader(&packet);
        let (Ok(kind), Ok(id)) = (reader.byte(), reader.u32()) else {
            return SftpError::Protocol("packet is too short".into());
        };
        let waiting = shared.lock().requests.remove(&id);
        // An answer to a request that was given up is dropped.
        if let Some(waiting) = waiting {
            let _ = waiting.send(Answer { kind, body: reader.0.to_vec() });
        }
    }
}
