//! [`Pool`]: connections that stay open between mails.

use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Poll;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::email::EmailMessage;
use super::send::{SendMail, Via};
use super::smtp::Smtp;
use super::transaction::{Mail, Refused};
use super::{Connect, Error, Result};
use crate::Secret;

/// The default maximum number of open connections.
const MOST: usize = 4;

/// Connections to one server that stay open between mails, encrypted and logged in. Python has no
/// equivalent.
///
/// A mail takes a free connection, or opens a new one while there are fewer than
/// [`max_connections`](Pool::max_connections); otherwise it waits, within the time limit of a verb.
/// A connection that the server has closed is replaced, even if that is detected only at the next
/// mail, as long as no part of that mail was sent. Clones share the connections. Dropping the last
/// clone sends QUIT on the free ones.
///
/// ```
/// use leyden::prelude::*;
///
/// let world = World::new();
/// world.smtplib.user("monitor", "hunter2");
/// let pool = world.batteries().smtplib.smtp("mail.example.com", 587).pool().starttls().login("monitor", "hunter2");
/// for number in 0..10 {
///     pool.sendmail("monitor@example.com", ["ops@example.com"], format!("Subject: report {number}\n\nfine\n")).wait()?;
/// }
/// assert_eq!(world.smtplib.outbox().len(), 10);
/// assert_eq!(world.script().count("smtplib.connect"), 1);
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Pool {
    connect: Connect,
    starttls: bool,
    login: Option<(String, Secret)>,
    permits: Arc<Semaphore>,
    idle: Arc<Mutex<Vec<Smtp>>>,
}

impl Connect {
    /// Creates a pool of connections with these settings, opened when they are needed.
    pub fn pool(self) -> Pool {
        Pool { connect: self, starttls: false, login: None, permits: Arc::new(Semaphore::new(MOST)), idle: Arc::default() }
    }
}

impl Pool {
    /// Switches each connection to TLS first: [`Smtp::starttls`].
    #[must_use]
    pub fn starttls(self) -> Pool {
        Pool { starttls: true, ..self }
    }

    /// Logs in on each connection: [`Smtp::login`].
    #[must_use]
    pub fn login(self, user: impl Into<String>, password: impl Into<Secret>) -> Pool {
        Pool { login: Some((user.into(), password.into())), ..self }
    }

    /// Sets the maximum number of connections. Default: 4; at least one.
    #[must_use]
    pub fn max_connections(self, most: usize) -> Pool {
        Pool { permits: Arc::new(Semaphore::new(most.clamp(1, Semaphore::MAX_PERMITS))), ..self }
    }

    /// [`Smtp::sendmail`] on one of the connections.
    pub fn sendmail<R: Into<String>>(
        &self,
        from: impl Into<String>,
        to: impl IntoIterator<Item = R>,
        message: impl AsRef<[u8]>,
    ) -> SendMail {
        SendMail::text(Via::Pool(self.clone()), from.into(), to, message.as_ref())
    }

    /// [`Smtp::send_message`] on one of the connections.
    pub fn send_message(&self, message: &EmailMessage) -> SendMail {
        SendMail::message(Via::Pool(self.clone()), message)
    }

    /// Returns the number of free open connections.
    pub fn idle(&self) -> usize {
        self.free().len()
    }

    /// Sends QUIT on the free connections. New ones are opened when they are needed.
    pub fn close(&self) {
        self.free().clear();
    }

    fn free(&self) -> MutexGuard<'_, Vec<Smtp>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a permit to use a connection, within the time limit.
    async fn permit(&self) -> Result<Option<OwnedSemaphorePermit>> {
        let budget = self.connect.settings.as_ref().ok().and_then(|settings| settings.timeout);
        let mut permit = pin!(self.permits.clone().acquire_owned());
        let Some(budget) = budget else { return Ok(permit.await.ok()) };
        let mut sleep = pin!(self.connect.backend.sleep(budget));
        std::future::poll_fn(|context| match permit.as_mut().poll(context) {
            Poll::Ready(permit) => Poll::Ready(Ok(permit.ok())),
            Poll::Pending => {
                let host = self.connect.settings.as_ref().map_or_else(|_| String::new(), |settings| settings.target.host());
                let timeout = Error::Timeout { host, operation: "waiting for a free connection", budget };
                sleep.as_mut().poll(context).map(|()| Err(timeout))
            }
        })
        .await
    }

    /// Returns a free connection that is still open.
    async fn used(&self) -> Option<Smtp> {
        loop {
            let smtp = self.free().pop()?;
            if smtp.is_alive().await {
                return Some(smtp);
            }
        }
    }

    async fn fresh(&self) -> Result<Smtp> {
        let smtp = self.connect.clone().await?;
        if self.starttls {
            smtp.starttls().await?;
        }
        if let Some((user, password)) = &self.login {
            smtp.login(user.as_str(), password.clone()).await?;
        }
        Ok(smtp)
    }

    pub(super) async fn send(&self, mail: Arc<Mail>) -> Result<Refused> {
        let _permit = self.permit().await?;
        let used = self.used().await;
        let again = used.is_some();
        let mut smtp = match used {
            Some(smtp) => smtp,
            None => self.fresh().await?,
        };
        let mut result = smtp.mail_in_one(mail.clone()).await;
        // The server may just have closed an idle connection. As long as no part of the mail was
        // sent, sending it again cannot deliver it twice.
        let lost = match &result {
            Err(Error::ServerDisconnected { .. }) => !smtp.is_committed().await,
            Err(Error::SenderRefused { reply, .. }) => reply.code == 421,
            _ => false,
        };
        if again && lost {
            smtp = self.fresh().await?;
            result = smtp.mail_in_one(mail).await;
        }
        if smtp.is_connected() {
            self.free().push(smtp);
        }
        result
    }
}
