//! One connection.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use russh::client::Handle;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

use super::super::backend::{BoxStream, Channel, Exec, Listener, Session};
use super::super::error::{Error, Result};
use super::channel;
use super::client::{Client, Forwards, failed};
use super::listener::{Forwarded, RemoteListener, Streams};

pub(super) struct Inner {
    pub(super) host: String,
    pub(super) handle: Handle<Client>,
    forwards: Forwards,
    /// The commands that run, in the order of their start.
    running: Mutex<BTreeSet<u64>>,
}

impl Inner {
    pub(super) fn new(host: String, handle: Handle<Client>, forwards: Forwards) -> Inner {
        Inner { host, handle, forwards, running: Mutex::default() }
    }

    pub(super) fn running(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.running.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn forwards(&self) -> MutexGuard<'_, HashMap<u16, UnboundedSender<Forwarded>>> {
        self.forwards.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn lost(&self, reason: &str) -> Error {
        Error::ConnectionLost { host: self.host.clone(), reason: reason.to_owned() }
    }

    /// What russh reports of a channel.
    pub(super) fn failed(&self, what: &str, error: &russh::Error) -> Error {
        match error {
            russh::Error::ChannelOpenFailure(reason) => {
                Error::Channel { host: self.host.clone(), what: what.to_owned(), reason: format!("{reason:?}") }
            }
            russh::Error::RequestDenied => {
                Error::Channel { host: self.host.clone(), what: what.to_owned(), reason: "request denied".to_owned() }
            }
            error => failed(&self.host, error),
        }
    }
}

impl fmt::Debug for Inner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("host", &self.host).finish_non_exhaustive()
    }
}

/// The last handle closes the connection: russh ends its task when no sender is left.
#[derive(Debug)]
pub(super) struct NativeSession(pub(super) Arc<Inner>);

#[async_trait]
impl Session for NativeSession {
    async fn exec(&self, request: &Exec) -> Result<Arc<dyn Channel>> {
        Ok(Arc::new(channel::start(&self.0, request).await?))
    }

    async fn subsystem(&self, name: &str) -> Result<BoxStream> {
        let failed = |error: russh::Error| self.0.failed(name, &error);
        let channel = self.0.handle.channel_open_session().await.map_err(failed)?;
        channel.request_subsystem(true, name).await.map_err(failed)?;
        Ok(Box::new(channel.into_stream()))
    }

    async fn direct_tcpip(&self, host: &str, port: u16, origin: (&str, u16)) -> Result<BoxStream> {
        let what = format!("{host}:{port}");
        let opening = self.0.handle.channel_open_direct_tcpip(host, port.into(), origin.0, origin.1.into());
        let channel = opening.await.map_err(|error| self.0.failed(&what, &error))?;
        Ok(Box::new(channel.into_stream()))
    }

    async fn forward(&self, host: &str, port: u16) -> Result<Box<dyn Listener>> {
        let (sender, streams) = unbounded_channel();
        // The first connection may come before the answer.
        if port != 0 {
            self.0.forwards().insert(port, sender.clone());
        }
        let asked = self.0.handle.tcpip_forward(host, port.into()).await;
        let chosen = asked.map_err(|error| {
            self.0.forwards().remove(&port);
            self.0.failed(&format!("listening on {host}:{port}"), &error)
        })?;
        let port = if port == 0 { u16::try_from(chosen).unwrap_or_default() } else { port };
        self.0.forwards().insert(port, sender);
        let streams = tokio::sync::Mutex::new(Streams(streams));
        Ok(Box::new(RemoteListener { inner: self.0.clone(), host: host.to_owned(), port, streams }))
    }

    fn is_active(&self) -> bool {
        !self.0.handle.is_closed()
    }

    async fn keepalive(&self) -> Result<()> {
        self.0.handle.send_ping().await.map_err(|error| self.0.failed("keepalive", &error))
    }

    async fn close(&self) {
        let _gone = self.0.handle.disconnect(russh::Disconnect::ByApplication, "", "").await;
    }
}

/// Ends the commands that a closed channel leaves running (OpenSSH does not end them). A second command finds the sessions that the server
/// has started for this connection, which are the children of its own parent, in the order of their start; it ends the one at our command's
/// place with all processes of its session, but only if there are as many as we have started.
const KILL: &str = r#"
list() { if [ -r /proc/self/stat ]; then for s in /proc/[0-9]*/stat; do l=; { read -r l <"$s"; } 2>/dev/null || continue
i=${s#/proc/}; set -- ${l##*) }; echo "${i%/stat} $2 $4"; done; else ps -A -o pid= -o ppid= -o sess=; fi; }
all=$(list); set -- $(echo "$all" | while read -r p q s; do [ "$q" = "$PPID" ] && [ "$p" != "$$" ] && echo "$p"; done | sort -n)
[ $# -eq COUNT ] || exit 3
shift PLACE; v=$1; kill -9 -- "-$v" 2>/dev/null
echo "$all" | while read -r p q s; do [ "$s" = "$v" ] && kill -9 "$p" 2>/dev/null; done; exit 0
"#;

pub(super) async fn kill(inner: &Arc<Inner>, number: u64) {
    let (place, count) = {
        let running = inner.running();
        (running.range(..number).count(), running.len())
    };
    if !inner.running().contains(&number) {
        return;
    }
    let script = KILL.replace("COUNT", &count.to_string()).replace("PLACE", &place.to_string());
    let line = format!("exec /bin/sh -c '{}'", script.replace('\'', "'\\''"));
    let Ok(channel) = inner.handle.channel_open_session().await else { return };
    let (mut reader, writer) = channel.split();
    if writer.exec(true, line.into_bytes()).await.is_err() {
        return;
    }
    while let Some(message) = reader.wait().await {
        if matches!(message, russh::ChannelMsg::ExitStatus { .. } | russh::ChannelMsg::Close | russh::ChannelMsg::Failure) {
            break;
        }
    }
    let _gone = writer.close().await;
}
