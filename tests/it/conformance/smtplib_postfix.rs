//! The same habits against Debian's Postfix, with TLS, AUTH and CHUNKING, where LEYDEN_POSTFIX says.

use std::path::PathBuf;
use std::time::{Duration, Instant};

use leyden::prelude::*;
use leyden::smtplib::email::{Content, EmailMessage, make_msgid};
use leyden::smtplib::{Connect, Error, Smtp};

/// The port, the certificate and the maildir.
fn server() -> (u16, Vec<u8>, PathBuf) {
    let server = std::env::var("LEYDEN_POSTFIX").expect("LEYDEN_POSTFIX names no server: see .ci/run");
    let words: Vec<&str> = server.split(' ').collect();
    (words[0].parse().unwrap(), std::fs::read(words[1]).unwrap(), PathBuf::from(words[2]))
}

fn connecting() -> Connect {
    let (port, certificate, _) = server();
    let connect = Batteries::included().smtplib.smtp("localhost", port);
    connect.add_root_certificates(certificate).local_hostname("client.example").timeout(secs(60))
}

fn logged_in(connect: Connect) -> Smtp {
    let smtp = connect.wait().unwrap();
    smtp.starttls().wait().unwrap();
    assert_eq!(smtp.login("ann", "secret").wait().unwrap().code, 235);
    smtp
}

/// The mail of this identifier, once it is delivered.
fn delivered(id: &str) -> Vec<u8> {
    let started = Instant::now();
    loop {
        let files = std::fs::read_dir(server().2.join("new")).into_iter().flatten().flatten();
        let mails = files.filter_map(|file| std::fs::read(file.path()).ok());
        let needle = format!("Message-ID: {id}");
        if let Some(mail) = mails.into_iter().find(|mail| String::from_utf8_lossy(mail).contains(&needle)) {
            return mail;
        }
        assert!(started.elapsed() < Duration::from_secs(60), "{id} never arrives");
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn message(to: &str) -> (EmailMessage, String) {
    let Batteries { os, time, .. } = Batteries::included();
    let id = make_msgid(&os, &time, None, Some("client.example")).unwrap();
    let mut message = EmailMessage::new();
    message.set("From", "Ann <ann@example.com>").unwrap().set("To", to).unwrap();
    message.set("Message-ID", &id).unwrap().set("Subject", "Grüße").unwrap();
    (message, id)
}

#[test]
#[ignore = "needs Postfix: see .ci/run"]
fn a_mail_arrives_by_data_and_by_chunks() {
    for chunking in [false, true] {
        let smtp = logged_in(connecting().chunking(chunking));
        assert!(smtp.has_extn("chunking") && smtp.has_extn("pipelining") && smtp.is_encrypted());
        for lines in ["a\n.\nb\n..c\n", ".\n", "x\n".repeat(50_000).as_str()] {
            let (mut message, id) = message("bob@example.org");
            message.set_content(lines).unwrap();
            message.add_attachment(Content::file("data.bin", (0..=255).collect::<Vec<u8>>().repeat(1000))).unwrap();
            assert!(smtp.send_message(&message).wait().unwrap().is_empty());
            let read = EmailMessage::from_bytes(delivered(&id));
            assert_eq!(read.get_body(["plain"]).unwrap().get_text().unwrap(), lines);
            assert_eq!(read.get("Subject").as_deref(), Some("Grüße"));
            let attached = read.iter_attachments().next().unwrap().get_payload().unwrap();
            assert_eq!(attached.as_ref(), (0..=255).collect::<Vec<u8>>().repeat(1000));
        }
        assert_eq!(smtp.quit().wait().unwrap().code, 221);
    }
}

#[test]
#[ignore = "needs Postfix: see .ci/run"]
fn refused_recipients_are_told() {
    let smtp = logged_in(connecting());
    let (mut mail, id) = message("bob@example.org, nobody@example.org");
    mail.set_content("one\n").unwrap();
    let refused = smtp.send_message(&mail).wait().unwrap();
    assert_eq!((refused.len(), refused["nobody@example.org"].code), (1, 550));
    delivered(&id);
    let error = smtp.sendmail("ann@example.com", ["nobody@example.org"], "two\n").wait().unwrap_err();
    assert!(matches!(&error, Error::RecipientsRefused { recipients } if recipients.len() == 1), "{error}");
    let too_big = smtp.sendmail("ann@example.com", ["bob@example.org"], "x\n".repeat(6_000_000)).wait().unwrap_err();
    assert!(matches!(&too_big, Error::SenderRefused { reply, .. } if reply.code == 552), "{too_big}");
    let (mut mail, id) = message("bob@example.org");
    mail.set_content("after that\n").unwrap();
    smtp.send_message(&mail).wait().unwrap().check().unwrap();
    delivered(&id);
}

#[test]
#[ignore = "needs Postfix: see .ci/run"]
fn who_is_not_logged_in_may_not_relay() {
    let smtp = connecting().wait().unwrap();
    let error = smtp.sendmail("ann@example.com", ["someone@elsewhere.example"], "x\n").wait().unwrap_err();
    assert!(
        matches!(&error, Error::RecipientsRefused { recipients } if recipients["someone@elsewhere.example"].code == 554),
        "{error}"
    );
    smtp.starttls().wait().unwrap();
    assert!(matches!(smtp.login("ann", "guess").wait(), Err(Error::Authentication(reply)) if reply.code == 535));
}

#[test]
#[ignore = "needs Postfix: see .ci/run"]
fn a_certificate_that_nobody_vouches_for_is_refused() {
    let smtp = Batteries::included().smtplib.smtp("localhost", server().0).timeout(secs(60)).wait().unwrap();
    assert!(matches!(smtp.starttls().wait(), Err(Error::Tls { .. })));
    assert!(!smtp.is_connected());
}

#[test]
#[ignore = "needs Postfix: see .ci/run"]
fn an_international_address() {
    let smtp = logged_in(connecting());
    let (mut mail, id) = message("jörg@example.org");
    mail.set_content("hello\n").unwrap();
    smtp.send_message(&mail).wait().unwrap().check().unwrap();
    assert_eq!(EmailMessage::from_bytes(delivered(&id)).get("To").as_deref(), Some("jörg@example.org"));
}

#[test]
#[ignore = "needs Postfix: see .ci/run"]
fn a_pool_sends_many() {
    let pool = connecting().pool().starttls().login("ann", "secret").max_connections(3);
    std::thread::scope(|scope| {
        for _ in 0..6 {
            let pool = &pool;
            scope.spawn(move || {
                for _ in 0..5 {
                    let (mut mail, id) = message("bob@example.org");
                    mail.set_content("one of many\n").unwrap();
                    pool.send_message(&mail).wait().unwrap().check().unwrap();
                    delivered(&id);
                }
            });
        }
    });
    assert!((1..=3).contains(&pool.idle()));
}
