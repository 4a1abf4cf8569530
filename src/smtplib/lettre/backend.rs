//! [`LettreBackend`]: mails by a transport of lettre.

use std::fmt;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use ::lettre::address::{Address, Envelope};
use ::lettre::{AsyncTransport, Transport};
use async_trait::async_trait;

use super::new_envelope;
use crate::interrupt::Interrupts;
use crate::os::Os;
use crate::smtplib::backend::{Backend, Connection, Target, Tls};
use crate::smtplib::mock::server::Conversation;
use crate::smtplib::mock::{self, Behaviour};
use crate::smtplib::{Reply, Smtplib};
use crate::time::Time;
use crate::wait::driver::{blocking, on_runtime};

/// A [`Backend`] that hands each mail to a transport of lettre: sendmail, files, a provider's API, or lettre's own SMTP.
///
/// It takes every host, every login and every recipient. Then the transport gets the envelope and the message, whose lines end in CRLF. What it
/// fails with is the server's answer 451 to the message: [`Error::Data`](crate::smtplib::Error::Data). A blocking transport works on a thread of its own,
/// so that the budget of a verb ends the wait for it; the transport goes on in the background then.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::smtplib::lettre::LettreBackend;
/// use lettre::transport::stub::StubTransport;
///
/// let Batteries { os, time, .. } = &World::new().batteries(); // or Batteries::included()
/// let transport = StubTransport::new_ok();
/// let smtplib = LettreBackend::new(os, time, transport.clone()).handle();
///
/// let mut email = EmailMessage::new();
/// email.set("From", "ann@example.com")?.set("To", "bob@example.org")?.set("Subject", "hello")?;
/// email.set_content("How are you?\n")?;
/// smtplib.smtp("anywhere", 25).wait()?.send_message(&email).wait()?.check()?;
/// assert_eq!(transport.messages()[0].0.to()[0].to_string(), "bob@example.org");
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone)]
pub struct LettreBackend {
    os: Os,
    time: Time,
    carrier: Arc<dyn Carrier>,
}

#[async_trait]
trait Carrier: Send + Sync + 'static {
    /// The error as text.
    async fn carry(&self, envelope: Envelope, email: Vec<u8>) -> Result<(), String>;
}

struct Blocking<T>(Arc<T>);

#[async_trait]
impl<T> Carrier for Blocking<T>
where
    T: Transport + Send + Sync + 'static,
    T::Error: fmt::Display,
{
    async fn carry(&self, envelope: Envelope, email: Vec<u8>) -> Result<(), String> {
        let transport = self.0.clone();
        let send = move || transport.send_raw(&envelope, &email).map(drop).map_err(|error| error.to_string());
        blocking(true, send).await
    }
}

struct Async<T>(Arc<T>);

#[async_trait]
impl<T> Carrier for Async<T>
where
    T: AsyncTransport + Send + Sync + 'static,
    T::Error: fmt::Display,
{
    async fn carry(&self, envelope: Envelope, email: Vec<u8>) -> Result<(), String> {
        let transport = self.0.clone();
        on_runtime(async move { transport.send_raw(&envelope, &email).await.map(drop).map_err(|error| error.to_string()) }).await
    }
}

impl LettreBackend {
    /// By this transport. `os` has the machine's name, `time` the interrupts. Deadlines count real time, in a World too: the transport is outside of it.
    pub fn new<T>(os: &Os, time: &Time, transport: T) -> LettreBackend
    where
        T: Transport + Send + Sync + 'static,
        T::Error: fmt::Display,
    {
        LettreBackend { os: os.clone(), time: time.clone(), carrier: Arc::new(Blocking(Arc::new(transport))) }
    }

    /// By this asynchronous transport, which runs on leyden's tokio runtime.
    pub fn new_async<T>(os: &Os, time: &Time, transport: T) -> LettreBackend
    where
        T: AsyncTransport + Send + Sync + 'static,
        T::Error: fmt::Display,
    {
        LettreBackend { os: os.clone(), time: time.clone(), carrier: Arc::new(Async(Arc::new(transport))) }
    }

    /// The battery that sends so.
    pub fn handle(&self) -> Smtplib {
        Smtplib::new(Arc::new(self.clone()))
    }

    async fn deliver(&self, mail: mock::Envelope) -> Reply {
        let address = |text: &String| text.parse::<Address>().map_err(|error| format!("{text}: {error}"));
        let from = Some(&mail.mail_from).filter(|from| !from.is_empty()).map(address).transpose();
        let to = mail.rcpt_to.iter().map(address).collect::<Result<Vec<_>, _>>();
        let envelope = match (from, to) {
            (Ok(from), Ok(to)) => new_envelope(from, to).map_err(|error| error.to_string()),
            (Err(error), _) | (_, Err(error)) => Err(error),
        };
        let one_line = |error: String| error.replace(['\r', '\n'], " ");
        match envelope {
            Err(error) => Reply::new(553, format!("5.1.3 {}", one_line(error))),
            Ok(envelope) => match self.carrier.carry(envelope, mail.data).await {
                Ok(()) => Reply::new(250, "OK"),
                Err(error) => Reply::new(451, format!("4.3.0 {}", one_line(error))),
            },
        }
    }
}

impl fmt::Debug for LettreBackend {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("LettreBackend")
    }
}

#[async_trait]
impl Backend for LettreBackend {
    async fn connect(&self, _: &Target, tls: Option<&Tls>) -> io::Result<Box<dyn Connection>> {
        let mut behaviour = Behaviour::of_a_transport();
        let conversation = Conversation::new(&mut behaviour, tls.is_some());
        Ok(Box::new(Open { backend: self.clone(), behaviour, conversation }))
    }

    async fn local_hostname(&self) -> String {
        self.os.uname().nodename
    }

    fn debug(&self, line: &str) {
        crate::smtplib::native::Native.debug(line);
    }

    /// A transport works in real time, in a World too.
    async fn sleep(&self, duration: Duration) {
        crate::smtplib::native::Native.sleep(duration).await;
    }

    fn interrupts(&self) -> Interrupts {
        self.time.backend().interrupts()
    }
}

#[derive(Debug)]
struct Open {
    backend: LettreBackend,
    behaviour: Behaviour,
    conversation: Conversation,
}

#[async_trait]
impl Connection for Open {
    async fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.conversation.closed {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        let mut taken: Vec<mock::Envelope> = Vec::new();
        self.conversation.feed(&mut self.behaviour, &mut taken, bytes);
        // PIPELINING is not offered, so there is one mail at most, and its answers are the last that were given.
        for mail in taken {
            let answers = self.conversation.answers_to_a_mail(&mail);
            let reply = self.backend.deliver(mail).await;
            self.conversation.answer_instead(answers, &reply);
        }
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
