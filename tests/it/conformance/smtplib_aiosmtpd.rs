//! The same habits against somebody else's server: aiosmtpd from PyPI, where LEYDEN_AIOSMTPD says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use leyden::prelude::*;
use leyden::smtplib::email::{Content, EmailMessage};
use leyden::smtplib::{Connect, Error, Smtp};

fn connecting() -> Connect {
    let address = std::env::var("LEYDEN_AIOSMTPD").expect("LEYDEN_AIOSMTPD names no server: see .ci/run");
    Batteries::included().smtplib.smtp(&address, 0).timeout(secs(20))
}

/// The message of this connection that the server took last.
fn taken(smtp: &Smtp) -> Vec<u8> {
    let reply = smtp.verify("last").wait().unwrap();
    assert_eq!(reply.code, 252);
    BASE64.decode(reply.text()).unwrap()
}

fn send(smtp: &Smtp, message: &str) -> leyden::smtplib::Result<leyden::smtplib::Refused> {
    smtp.sendmail("ann@example.com", ["bob@example.org"], message).wait()
}

#[test]
#[ignore = "needs aiosmtpd: see .ci/run"]
fn a_message_arrives_as_it_was_sent() {
    let smtp = connecting().wait().unwrap();
    for (sent, arrives) in [
        ("Subject: hi\n\nhow\nare you\n", "Subject: hi\r\n\r\nhow\r\nare you\r\n"),
        ("a\n.\nQUIT\n", "a\r\n.\r\nQUIT\r\n"),
        ("a\r.\rb", "a\r\n.\r\nb\r\n"),
        ("..two\n.one", "..two\r\n.one\r\n"),
        (".", ".\r\n"),
    ] {
        assert!(send(&smtp, sent).unwrap().is_empty());
        assert_eq!(String::from_utf8(taken(&smtp)).unwrap(), arrives, "{sent:?}");
    }
    assert_eq!(smtp.quit().wait().unwrap().code, 221);
}

#[test]
#[ignore = "needs aiosmtpd: see .ci/run"]
fn a_message_with_parts_arrives_whole() {
    let smtp = connecting().wait().unwrap();
    let mut message = EmailMessage::new();
    message.set("From", "Ann <ann@example.com>").unwrap().set("To", "jörg@example.org").unwrap();
    message.set("Bcc", "dora@example.org").unwrap().set("Subject", "Grüße").unwrap();
    message.set_content("Hello, Jörg.\n").unwrap();
    message.add_attachment(Content::file("data.bin", (0..=255).collect::<Vec<u8>>())).unwrap();
    assert!(smtp.send_message(&message).wait().unwrap().is_empty());
    let read = EmailMessage::from_bytes(taken(&smtp));
    assert_eq!((read.get("Subject").as_deref(), read.get("To").as_deref()), (Some("Grüße"), Some("jörg@example.org")));
    assert!(!read.contains("Bcc"));
    // The wire's line ends stay, as they do in Python.
    assert_eq!(read.get_body(["plain"]).unwrap().get_text().unwrap(), "Hello, Jörg.\r\n");
    let attached = read.iter_attachments().next().unwrap();
    assert_eq!(attached.get_payload().unwrap().as_ref(), (0..=255).collect::<Vec<u8>>());
}

#[test]
#[ignore = "needs aiosmtpd: see .ci/run"]
fn refused_recipients_are_told() {
    let smtp = connecting().wait().unwrap();
    let refused = smtp.sendmail("ann@example.com", ["bob@example.org", "nobody@example.org"], "one\n").wait().unwrap();
    assert_eq!((refused.len(), refused["nobody@example.org"].code), (1, 550));
    assert_eq!(taken(&smtp), b"one\r\n");
    let error = smtp.sendmail("ann@example.com", ["nobody@example.org"], "two\n").wait().unwrap_err();
    assert!(matches!(&error, Error::RecipientsRefused { recipients } if recipients.len() == 1), "{error}");
    assert!(!error.is_temporary());
    assert!(send(&smtp, "three\n").unwrap().is_empty());
    assert_eq!(taken(&smtp), b"three\r\n");
}

#[test]
#[ignore = "needs aiosmtpd: see .ci/run"]
fn a_message_beyond_the_limit_is_refused() {
    let smtp = connecting().wait().unwrap();
    smtp.ehlo("").wait().unwrap();
    assert_eq!(smtp.esmtp_features()["size"], "100000");
    let large = "x".repeat(70) + "\r\n";
    let error = send(&smtp, &large.repeat(2000)).unwrap_err();
    assert!(matches!(&error, Error::SenderRefused { reply, .. } if reply.code == 552), "{error}");
    // A server that was not told the size finds it out itself.
    smtp.mail("ann@example.com", [""; 0]).wait().unwrap();
    smtp.rcpt("bob@example.org", [""; 0]).wait().unwrap();
    assert_eq!(smtp.data(large.repeat(2000)).wait().unwrap().code, 552);
    smtp.rset().wait().unwrap();
    assert!(send(&smtp, "small\n").unwrap().is_empty());
}

#[test]
#[ignore = "needs aiosmtpd: see .ci/run"]
fn logging_in() {
    let smtp = connecting().wait().unwrap();
    assert!(matches!(smtp.login("ann", "secret").wait(), Err(Error::CleartextPassword { .. })));
    let connect = || connecting().dangerously_allow_cleartext_login().wait().unwrap();
    let error = connect().login("ann", "guess").wait().unwrap_err();
    assert!(matches!(&error, Error::Authentication(reply) if reply.code == 535), "{error}");
    assert_eq!(connect().login("ann", "secret").wait().unwrap().code, 235);
    assert_eq!(connect().login_without_initial_response("ann", "secret").wait().unwrap().code, 235);
    assert!(matches!(connect().starttls().wait(), Err(Error::NotSupported { extension: "STARTTLS" })));
}
