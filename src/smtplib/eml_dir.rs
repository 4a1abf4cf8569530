//! [`EmlDir`]: writes mails to files in a directory instead of sending them.

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use async_trait::async_trait;

use super::backend::{Backend, Connection, Target, Tls};
use super::mock::server::{Conversation, Deliver};
use super::mock::{Behaviour, Envelope};
use super::{Reply, Smtplib};
use crate::interrupt::Interrupts;
use crate::os::{MakeDirs, Os};
use crate::time::Time;

/// Writes mails into a directory as `.eml` files, which mail programs can open, to try out a script
/// without sending. It accepts every host, certificate, login and recipient. A file appears only
/// when it is complete. The headers `X-Sender` and `X-Receiver` at its top hold the envelope. If a
/// file cannot be written, the mail is refused with 451.
/// refused with 451.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::smtplib::EmlDir;
///
/// let Batteries { os, time, .. } = &World::new().batteries(); // or Batteries::included()
/// let smtplib = EmlDir::new(os, time, "/outbox").handle();
/// let smtp = smtplib.smtp("mail.example.com", 25).wait()?;
/// smtp.sendmail("ann@example.com", ["bob@example.org"], "Subject: hello\n\nHow are you?\n").wait()?;
/// let name = os.listdir("/outbox")?.remove(0);
/// let text = os.read_text(format!("/outbox/{}", name.display()))?;
/// assert_eq!(text, "X-Sender: ann@example.com\nX-Receiver: bob@example.org\nSubject: hello\n\nHow are you?\n");
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct EmlDir {
    os: Os,
    time: Time,
    directory: PathBuf,
    number: Arc<AtomicU64>,
}

impl EmlDir {
    /// Creates the backend for this directory, which is created if missing. File names consist of
    /// the time, the process id and a number.
    pub fn new(os: &Os, time: &Time, directory: impl Into<PathBuf>) -> EmlDir {
        EmlDir { os: os.clone(), time: time.clone(), directory: directory.into(), number: Arc::default() }
    }

    /// Returns the battery that writes there.
    pub fn handle(&self) -> Smtplib {
        Smtplib::new(Arc::new(self.clone()))
    }

    fn write(&self, mail: &Envelope) -> crate::os::Result<()> {
        let mut text = format!("X-Sender: {}\r\n", mail.mail_from).into_bytes();
        for recipient in &mail.rcpt_to {
            text.extend_from_slice(format!("X-Receiver: {recipient}\r\n").as_bytes());
        }
        text.extend_from_slice(&mail.data);
        let number = self.number.fetch_add(1, Ordering::Relaxed);
        let name = format!("{}-{}-{number:06}.eml", self.time.time_ns() / 1_000_000, self.os.getpid());
        self.os.makedirs(MakeDirs::new(&self.directory).exist_ok(true))?;
        // Writes to a temporary file and renames it.
        self.os.write_bytes(self.directory.join(name), text).map(|_| ())
    }
}

impl Deliver for EmlDir {
    fn deliver(&mut self, mail: Envelope) -> Reply {
        match self.write(&mail) {
            Ok(()) => Reply::new(250, "OK"),
            Err(error) => Reply::new(451, format!("4.3.0 {}", error.to_string().replace(['\r', '\n'], " "))),
        }
    }
}

#[async_trait]
impl Backend for EmlDir {
    async fn connect(&self, _: &Target, tls: Option<&Tls>) -> io::Result<Box<dyn Connection>> {
        let mut behaviour = Behaviour::of_a_directory();
        let conversation = Conversation::new(&mut behaviour, tls.is_some());
        Ok(Box::new(Open { directory: self.clone(), behaviour, conversation }))
    }

    async fn local_hostname(&self) -> String {
        self.os.uname().nodename
    }

    fn debug(&self, line: &str) {
        super::native::Native.debug(line);
    }

    async fn sleep(&self, duration: Duration) {
        self.time.timer(duration).await;
    }

    fn interrupts(&self) -> Interrupts {
        self.time.backend().interrupts()
    }
}

#[derive(Debug)]
struct Open {
    directory: EmlDir,
    behaviour: Behaviour,
    conversation: Conversation,
}

#[async_trait]
impl Connection for Open {
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.conversation.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        self.conversation.feed(&mut self.behaviour, &mut self.directory, bytes);
        Ok(())
    }

    async fn receive(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        if self.conversation.output.is_empty() && !self.conversation.closed {
            std::future::pending::<()>().await;
        }
        let output = std::mem::take(&mut self.conversation.output);
        buffer.extend_from_slice(&output);
        Ok(output.len())
    }

    async fn start_tls(&mut self, _: &str, _: &Tls) -> io::Result<()> {
        self.conversation.restart_encrypted();
        Ok(())
    }
}
