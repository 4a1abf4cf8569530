//! Mail in a rehearsal: a server in memory takes it.

use super::plan::Effect;
use crate::mock::Script;
use crate::smtplib::mock::{Envelope, Mock};

/// A server that takes every mail from everyone.
pub(super) fn server() -> Mock {
    let mock = Mock::new(Script::default());
    mock.accept_any_login();
    mock
}

pub(super) fn effect(envelope: &Envelope) -> Effect {
    let message = envelope.message();
    Effect::Mail {
        mail_from: envelope.mail_from.clone(),
        rcpt_to: envelope.rcpt_to.clone(),
        subject: message.get("Subject").unwrap_or_default(),
        size: envelope.data.len(),
    }
}
