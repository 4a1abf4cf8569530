//! [`SendMail`]: a mail to send, over one connection or a pool.

use std::sync::Arc;

use super::email::EmailMessage;
use super::envelope::{Envelope, envelope};
use super::pool::Pool;
use super::smtp::{Smtp, strings};
use super::transaction::{Mail, Message, Refused};
use super::{Error, Result};
use crate::wait::BoxFuture;

/// A mail to send with `.wait()` or `.await`. [`Smtp::sendmail`], [`Smtp::send_message`] and the
/// methods of [`Pool`] return it.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until `.wait()` or `.await`"]
pub struct SendMail {
    via: Via,
    envelope: Result<Envelope, String>,
    mail: Mail,
}

#[derive(Clone, Debug)]
pub(super) enum Via {
    One(Smtp),
    Pool(Pool),
}

impl SendMail {
    pub(super) fn message(via: Via, message: &EmailMessage) -> SendMail {
        let mail = Mail { message: Message::Email(Arc::new(message.clone())), ..Mail::default() };
        SendMail { via, envelope: envelope(message), mail }
    }

    pub(super) fn text<R: Into<String>>(via: Via, from: String, to: impl IntoIterator<Item = R>, message: &[u8]) -> SendMail {
        let mail = Mail { message: Message::Text(message.to_vec().into()), ..Mail::default() };
        SendMail { via, envelope: Ok(Envelope { from: Ok(from), to: Ok(strings(to)) }), mail }
    }

    fn edit(mut self, change: impl FnOnce(&mut Envelope)) -> SendMail {
        if let Ok(envelope) = &mut self.envelope {
            change(envelope);
        }
        self
    }

    /// Sets the sender, instead of that in the headers: `from_addr=`.
    pub fn from_addr(self, from: impl Into<String>) -> SendMail {
        self.edit(|envelope| envelope.from = Ok(from.into()))
    }

    /// Sets the recipients, instead of those in the headers: `to_addrs=`.
    pub fn to_addrs<R: Into<String>>(self, to: impl IntoIterator<Item = R>) -> SendMail {
        self.edit(|envelope| envelope.to = Ok(strings(to)))
    }

    /// Sets options of `MAIL`: `mail_options=`.
    pub fn mail_options(mut self, options: impl Into<Options>) -> SendMail {
        self.mail.mail_options.extend(options.into().0);
        self
    }

    /// Sets options of each `RCPT`: `rcpt_options=`.
    pub fn rcpt_options(mut self, options: impl Into<Options>) -> SendMail {
        self.mail.rcpt_options.extend(options.into().0);
        self
    }
}

impl IntoFuture for SendMail {
    type Output = Result<Refused>;
    type IntoFuture = BoxFuture<Result<Refused>>;

    fn into_future(self) -> Self::IntoFuture {
        let ends = self.envelope.and_then(|Envelope { from, to }| Ok((from?, to?)));
        let (from, to) = match ends {
            Ok(ends) => ends,
            Err(why) => return Box::pin(async { Err(Error::Value(why)) }),
        };
        let mail = Arc::new(Mail { from, to, ..self.mail });
        match self.via {
            Via::One(smtp) => smtp.mail_in_one(mail).into_future(),
            Via::Pool(pool) => Box::pin(async move { pool.send(mail).await }),
        }
    }
}

/// The options of `MAIL` and `RCPT`: `[]`, `["BODY=8BITMIME"]`, or a `Vec`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options(pub(super) Vec<String>);

impl<const N: usize> From<[&str; N]> for Options {
    fn from(options: [&str; N]) -> Options {
        Options(strings(options))
    }
}

impl From<&[&str]> for Options {
    fn from(options: &[&str]) -> Options {
        Options(strings(options.iter().copied()))
    }
}

impl From<Vec<&str>> for Options {
    fn from(options: Vec<&str>) -> Options {
        Options(strings(options))
    }
}

impl From<Vec<String>> for Options {
    fn from(options: Vec<String>) -> Options {
        Options(options)
    }
}
