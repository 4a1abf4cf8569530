//! Mail: messages, headers, and the replies of a server.

use std::time::Duration;

use leyden::prelude::*;
use leyden::smtplib::email::{
    Address, EmailMessage, GetAddresses, Group, ParseAddr, Policy, decode_header, decode_params, decode_rfc2231, getaddresses,
    make_header, message_from_bytes, parseaddr, parsedate, parsedate_to_datetime, parsedate_tz, unquote,
};

use super::peer::Peer;
use super::text;

/// A message.
pub fn email(data: &[u8]) {
    let message = EmailMessage::from_bytes(data);
    for part in message.walk() {
        let _ = (part.get_content(), part.get_payload().map(|payload| payload.len()));
        let _ = part.items().count();
    }
    let _ = (message.get_body(["plain", "html"]).is_some(), message.iter_attachments().count());
    let written = message.as_bytes();
    let again = EmailMessage::from_bytes(&written).as_bytes();
    assert_eq!(
        written.escape_ascii().to_string(),
        again.escape_ascii().to_string(),
        "a message that was written and read is the same"
    );
    for policy in [Policy::SMTP, Policy::SMTPUTF8, Policy::HTTP] {
        let _ = message_from_bytes(data, policy).map(|message| message.as_bytes());
    }
}

/// The value of a header: addresses, a date, encoded words, parameters.
pub fn addresses(data: &[u8]) {
    let text = &*text(data);
    if let Ok(address) = Address::parse(text) {
        let again = Address::parse(&address.to_string());
        assert_eq!(again.as_ref().ok(), Some(&address), "an address that was written and read is the same: {address}");
    }
    for group in Group::parse_list(text).into_iter().flatten() {
        let written = group.to_string();
        assert!(Group::parse_list(&written).is_ok(), "a group that was written can be read: {written:?}");
    }
    let _ = (getaddresses(GetAddresses::new([text])), getaddresses(GetAddresses::new([text]).strict(false)));
    let _ = (parseaddr(ParseAddr::new(text)), parseaddr(ParseAddr::new(text).strict(false)));
    let _ = (parsedate(text), parsedate_tz(text), parsedate_to_datetime(text));
    let _ = decode_header(text).map(|pieces| make_header(pieces).map(|header| header.to_string()));
    let _ = (
        unquote(text),
        decode_rfc2231(text),
        decode_params(&[("text/plain".into(), String::new()), ("name*0*".into(), text.into())]),
    );
}

/// What a server sends to a client that connects.
pub fn smtp_reply(data: &[u8]) {
    static PEER: Peer = Peer::speaks_first();
    let port = PEER.serve(data);
    let smtplib = Batteries::included().smtplib;
    if let Ok(smtp) = smtplib.smtp("127.0.0.1", port).local_hostname("client.test").timeout(Duration::from_secs(5)).wait() {
        let _ = smtp.noop().wait();
    }
}
