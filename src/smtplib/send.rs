//! [`SendMail`]: a mail that is about to be sent, over one connection or by a pool.

use std::sync::Arc;

use super::email::EmailMessage;
use super::envelope::mail_of;
use super::pool::Pool;
use super::smtp::{Smtp, strings};
use super::transaction::{Mail, Refused};
use super::{Error, Result};
use crate::wait::BoxFuture;

/// What [`Smtp::sendmail`], [`Smtp::send_message`] and those of a [`Pool`] give.
#[derive(Clone, Debug)]
#[must_use = "nothing is sent until `.wait()` or `.await`"]
pub struct SendMail {
    via: Via,
    mail: Result<Mail, String>,
}

#[derive(Clone, Debug)]
pub(super) enum Via {
    One(Smtp),
    Pool(Pool),
}

impl SendMail {
    pub(super) fn message(via: Via, message: &EmailMessage) -> SendMail {
        SendMail { via, mail: mail_of(message) }
    }

    pub(super) fn text<R: Into<String>>(via: Via, from: String, to: impl IntoIterator<Item = R>, message: &[u8]) -> SendMail {
        SendMail { via, mail: Ok(Mail { from, to: strings(to), message: message.to_vec().into(), ..Mail::default() }) }
    }

    fn edit(mut self, change: impl FnOnce(&mut Mail)) -> SendMail {
        if let Ok(mail) = &mut self.mail {
            change(mail);
        }
        self
    }

    /// Another sender than the headers name: `from_addr=`.
    pub fn from_addr(self, from: impl Into<String>) -> SendMail {
        self.edit(|mail| mail.from = from.into())
    }

    /// Other recipients than the headers name: `to_addrs=`.
    pub fn to_addrs<R: Into<String>>(self, to: impl IntoIterator<Item = R>) -> SendMail {
        self.edit(|mail| mail.to = strings(to))
    }

    /// Options of `MAIL`: `mail_options=`.
    pub fn mail_options<O: Into<String>>(self, options: impl IntoIterator<Item = O>) -> SendMail {
        self.edit(|mail| mail.mail_options.extend(options.into_iter().map(Into::into)))
    }

    /// Options of each `RCPT`: `rcpt_options=`.
    pub fn rcpt_options<O: Into<String>>(self, options: impl IntoIterator<Item = O>) -> SendMail {
        self.edit(|mail| mail.rcpt_options.extend(options.into_iter().map(Into::into)))
    }
}

impl IntoFuture for SendMail {
    type Output = Result<Refused>;
    type IntoFuture = BoxFuture<Result<Refused>>;

    fn into_future(self) -> Self::IntoFuture {
        match (self.mail, self.via) {
            (Err(why), _) => Box::pin(async { Err(Error::Value(why)) }),
            (Ok(mail), Via::One(smtp)) => smtp.mail_in_one(Arc::new(mail)).into_future(),
            (Ok(mail), Via::Pool(pool)) => Box::pin(async move { pool.send(Arc::new(mail)).await }),
        }
    }
}
