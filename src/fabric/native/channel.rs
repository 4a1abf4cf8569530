//! Session channels: commands and shells.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use async_trait::async_trait;
use russh::client::Msg;
use russh::{ChannelMsg, ChannelReadHalf, ChannelWriteHalf, Sig};
use tokio::sync::{Mutex, mpsc};

use super::super::backend::{Channel, Event, Exec};
use super::super::error::{Error, Result};
use super::session::Inner;
use crate::wait::driver::detach;

type Events = mpsc::UnboundedReceiver<Result<Event>>;

/// A command. A task of its own reads the channel, so that a slow reader of one command does not stall the connection's other channels.
#[derive(Debug)]
pub(super) struct NativeChannel {
    inner: Arc<Inner>,
    number: u64,
    writer: Arc<ChannelWriteHalf<Msg>>,
    events: Mutex<Events>,
}

static NUMBER: AtomicU64 = AtomicU64::new(0);

pub(super) async fn start(inner: &Arc<Inner>, request: &Exec) -> Result<NativeChannel> {
    let failed = |error: russh::Error| inner.failed("session channel", &error);
    let channel = inner.handle.channel_open_session().await.map_err(failed)?;
    let (reader, writer) = channel.split();
    let mut replies = VecDeque::new();
    if request.forward_agent {
        writer.agent_forward(true).await.map_err(failed)?;
        replies.push_back(("agent forwarding", false));
    }
    if let Some((columns, rows)) = request.pty {
        writer.request_pty(true, "vt100", columns.into(), rows.into(), 0, 0, &[]).await.map_err(failed)?;
        replies.push_back(("terminal", true));
    }
    for (name, value) in &request.env {
        writer.set_env(false, name.as_str(), value.as_str()).await.map_err(failed)?;
    }
    match &request.command {
        Some(command) => writer.exec(true, command.clone()).await.map_err(failed)?,
        None => writer.request_shell(true).await.map_err(failed)?,
    }
    replies.push_back(("command", true));
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    inner.running().insert(number);
    let (sender, events) = mpsc::unbounded_channel();
    detach(read(inner.clone(), number, reader, replies, sender));
    Ok(NativeChannel { inner: inner.clone(), number, writer: Arc::new(writer), events: Mutex::new(events) })
}

/// Reads until the channel is closed. The answers to requests come in their order.
async fn read(
    inner: Arc<Inner>,
    number: u64,
    mut reader: ChannelReadHalf,
    mut replies: VecDeque<(&'static str, bool)>,
    sender: mpsc::UnboundedSender<Result<Event>>,
) {
    let mut closed = false;
    while let Some(message) = reader.wait().await {
        let event = match message {
            ChannelMsg::Data { data } => Ok(Event::Stdout(data)),
            ChannelMsg::ExtendedData { data, ext: 1 } => Ok(Event::Stderr(data)),
            ChannelMsg::ExitStatus { exit_status } => Ok(Event::Exit(exit_status)),
            ChannelMsg::ExitSignal { signal_name, .. } => Ok(Event::Signal(signal(&signal_name))),
            ChannelMsg::Success => {
                replies.pop_front();
                continue;
            }
            ChannelMsg::Failure => match replies.pop_front() {
                Some((what, true)) => {
                    Err(Error::Channel { host: inner.host.clone(), what: what.to_owned(), reason: "request failed".to_owned() })
                }
                _ => continue,
            },
            ChannelMsg::Close => {
                closed = true;
                break;
            }
            _ => continue,
        };
        // Without a receiver nothing is wanted any more, but the channel is read on, or it would stall the others.
        let _unwanted = sender.send(event);
    }
    inner.running().remove(&number);
    let last = if closed || !inner.handle.is_closed() { Ok(Event::Closed) } else { Err(inner.lost("closed by the server")) };
    let _unwanted = sender.send(last);
}

fn signal(name: &Sig) -> String {
    match name {
        Sig::Custom(name) => name.clone(),
        name => format!("{name:?}"),
    }
}

fn named(name: &str) -> Sig {
    match name {
        "ABRT" => Sig::ABRT,
        "ALRM" => Sig::ALRM,
        "FPE" => Sig::FPE,
        "HUP" => Sig::HUP,
        "ILL" => Sig::ILL,
        "INT" => Sig::INT,
        "KILL" => Sig::KILL,
        "PIPE" => Sig::PIPE,
        "QUIT" => Sig::QUIT,
        "SEGV" => Sig::SEGV,
        "TERM" => Sig::TERM,
        "USR1" => Sig::USR1,
        name => Sig::Custom(name.to_owned()),
    }
}

impl NativeChannel {
    /// After the connection is gone, `next` reports it: bytes that cannot be sent are not an error of their own.
    fn sent(&self, result: Result<(), russh::Error>) -> Result<()> {
        match result {
            Ok(()) | Err(russh::Error::SendError | russh::Error::WrongChannel) => Ok(()),
            Err(error) => Err(self.inner.failed("command", &error)),
        }
    }
}

#[async_trait]
impl Channel for NativeChannel {
    async fn next(&self) -> Result<Event> {
        self.events.lock().await.recv().await.unwrap_or(Ok(Event::Closed))
    }

    async fn write(&self, bytes: &[u8]) -> Result<()> {
        let sent = self.writer.data_bytes(bytes::Bytes::copy_from_slice(bytes)).await;
        self.sent(sent)
    }

    async fn close_stdin(&self) -> Result<()> {
        let sent = self.writer.eof().await;
        self.sent(sent)
    }

    async fn signal(&self, name: &str) -> Result<()> {
        let sent = self.writer.signal(named(name)).await;
        self.sent(sent)
    }

    async fn resize(&self, columns: u16, rows: u16) -> Result<()> {
        let sent = self.writer.window_change(columns.into(), rows.into(), 0, 0).await;
        self.sent(sent)
    }

    async fn kill(&self) {
        if self.inner.handle.is_closed() {
            return;
        }
        super::session::kill(&self.inner, self.number).await;
        // For servers that honour it: OpenSSH from 7.9 on, for commands of the user's own.
        let _refused = self.writer.signal(Sig::KILL).await;
        self.close().await;
    }

    async fn close(&self) {
        let _gone = self.writer.close().await;
    }
}

impl Drop for NativeChannel {
    fn drop(&mut self) {
        // The reading task keeps the channel until the server has closed it.
        if self.inner.running().contains(&self.number) && !self.inner.handle.is_closed() {
            let (inner, writer) = (self.inner.clone(), self.writer.clone());
            detach(async move {
                let _gone = writer.close().await;
                drop(inner);
            });
        }
    }
}
