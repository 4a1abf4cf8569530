//! Derives the envelope of a message: the sender and the recipients.

use super::email::{EmailMessage, Group};

/// The sender and the recipients in the headers of a message. An error of one does not matter if
/// the caller sets it.
#[derive(Clone, Debug)]
pub(super) struct Envelope {
    pub(super) from: Result<String, String>,
    pub(super) to: Result<Vec<String>, String>,
}

/// Reads the headers. The errors are texts for [`Error::Value`](super::Error::Value).
///
/// DIFFERENCE: Python's lenient parser may find an address that no reader of the header sees
/// (CVE-2019-16056, CVE-2023-27043). Here a header that is not a list of addresses is an error, and
/// so is a message without a sender or without recipients.
pub(super) fn envelope(message: &EmailMessage) -> Result<Envelope, String> {
    let prefix = match message.get_all("Resent-Date").len() {
        0 => "",
        1 => "Resent-",
        _ => return Err("message has more than one 'Resent-' header block".into()),
    };
    let read = |name: &str| {
        let name = format!("{prefix}{name}");
        let values = message.unfolded(&name);
        let groups = values.iter().map(|value| Group::parse_list(value)).collect::<Result<Vec<_>, _>>();
        groups.map(|groups| groups.concat()).map_err(|error| format!("header {name}: {error}"))
    };
    let addresses = |groups: Vec<Group>| groups.into_iter().flat_map(|group| group.addresses).map(|address| address.addr_spec());
    // RFC 5322, 3.6.2: the Sender header names the sender if it differs from the author.
    let sender = if message.contains(&format!("{prefix}Sender")) { "Sender" } else { "From" };
    let from = read(sender).and_then(|groups| {
        addresses(groups).next().ok_or_else(|| match message.contains(&format!("{prefix}{sender}")) {
            true => format!("header {prefix}{sender} holds no address"),
            false => format!("the message has no header {prefix}From or {prefix}Sender"),
        })
    });
    let to = ["To", "Bcc", "Cc"].into_iter().map(read).collect::<Result<Vec<_>, _>>().and_then(|groups| {
        let all: Vec<String> = addresses(groups.concat()).collect();
        match all.is_empty() {
            true => Err(format!("no address in the headers {prefix}To, {prefix}Cc and {prefix}Bcc")),
            false => Ok(all),
        }
    });
    Ok(Envelope { from, to })
}
