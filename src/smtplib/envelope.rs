//! From a message to the mail that carries it: who sends, who receives, what is left out.

use super::email::{EmailMessage, Policy, getaddresses, parseaddr};
use super::transaction::Mail;

/// The transaction that `send_message` makes of a message. The error is the text of a `ValueError`.
pub(super) fn mail_of(message: &EmailMessage) -> Result<Mail, String> {
    let prefix = match message.get_all("Resent-Date").len() {
        0 => "",
        1 => "Resent-",
        _ => return Err("message has more than one 'Resent-' header block".into()),
    };
    let header = |name: &str| message.get(&format!("{prefix}{name}"));
    // RFC 5322, 3.6.2: who sends is the Sender, if it differs from the author.
    let from = header("Sender").or_else(|| header("From"));
    let from = from.and_then(|from| parseaddr(&from)).map(|(_, address)| address).unwrap_or_default();
    let to: Vec<String> = ["To", "Bcc", "Cc"].into_iter().filter_map(header).collect();
    let to: Vec<String> = getaddresses(to.iter().map(String::as_str)).into_iter().map(|(_, address)| address).collect();
    let international = !from.is_ascii() || to.iter().any(|address| !address.is_ascii());
    let mail_options = if international { vec!["SMTPUTF8".into(), "BODY=8BITMIME".into()] } else { Vec::new() };
    let policy = if international { Policy::SMTPUTF8 } else { Policy::SMTP };
    Ok(Mail { from, to, message: message.compose(policy, &["Bcc", "Resent-Bcc"]), mail_options, rcpt_options: Vec::new() })
}
