//! lettre's own beginnings in a World and on the wire; `EmailMessage` through its transports; messages there and back.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use crate::support::smtp::{Answer, Scripted};
use crate::support::smtp_socket::{Encryption, behind_a_socket};
use ::lettre::address::Envelope;
use ::lettre::message::header::ContentType;
use ::lettre::message::{Attachment, Mailbox, MultiPart, SinglePart};
use ::lettre::transport::stub::{AsyncStubTransport, StubTransport};
use ::lettre::{AsyncTransport, Message, Transport};
use leyden::prelude::*;
use leyden::smtplib::email::{Content, Policy};
use leyden::smtplib::lettre::LettreBackend;
use leyden::smtplib::{Error, Reply};

fn hello() -> Message {
    Message::builder()
        .from("Ann <ann@domain.tld>".parse().unwrap())
        .reply_to("Yuin <yuin@domain.tld>".parse().unwrap())
        .to("Hei <hei@domain.tld>".parse().unwrap())
        .subject("Happy new year")
        .header(ContentType::TEXT_PLAIN)
        .body(String::from("Be happy!"))
        .unwrap()
}

/// lettre's first example: a relay with credentials.
#[test]
fn the_first_example_in_a_world() {
    let world = World::new();
    world.smtplib.user("smtp_username", "smtp_password");
    let smtplib = world.batteries().smtplib;
    let mailer = smtplib.smtp_ssl("smtp.gmail.com", 0).pool().login("smtp_username", "smtp_password");
    match Transport::send(&mailer, &hello()) {
        Ok(()) => {}
        Err(error) => panic!("could not send email: {error:?}"),
    }
    let mail = &world.smtplib.outbox()[0];
    assert_eq!((mail.mail_from.as_str(), mail.rcpt_to.as_slice()), ("ann@domain.tld", &["hei@domain.tld".to_owned()][..]));
    assert_eq!(mail.data, [hello_bytes(&mail.data), b"\r\n".to_vec()].concat());
    assert_eq!(mail.message().get("Subject").as_deref(), Some("Happy new year"));
    assert_eq!((mail.user.as_deref(), mail.encrypted), (Some("smtp_username"), true));
}

/// The bytes of the message, whose date is the machine's.
fn hello_bytes(sent: &[u8]) -> Vec<u8> {
    let date = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        text.lines().find(|line| line.starts_with("Date: ")).unwrap().to_owned()
    };
    let own = hello().formatted();
    String::from_utf8(own.clone()).unwrap().replace(&date(&own), &date(sent)).into_bytes()
}

/// lettre's asynchronous example, in tokio and out of it.
#[test]
fn the_asynchronous_example_in_a_world() {
    async fn send<T: AsyncTransport + Sync>(mailer: &T) -> Result<T::Ok, T::Error> {
        mailer.send(hello()).await
    }
    let world = World::new();
    let smtplib = world.batteries().smtplib;
    send(&smtplib.smtp("smtp.gmail.com", 587).pool().starttls()).wait().unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_time().build().unwrap();
    runtime.block_on(async {
        let smtp = smtplib.smtp("smtp.gmail.com", 25).await.unwrap();
        send(&smtp).await.unwrap();
        AsyncTransport::shutdown(&smtp).await;
        assert!(!smtp.is_connected());
    });
    assert_eq!(world.smtplib.outbox().len(), 2);
}

/// Code that takes any transport.
#[test]
fn generic_code_runs_on_a_connection_and_on_a_pool() {
    fn twice<T: Transport>(mailer: &T) -> Result<(), T::Error> {
        mailer.send(&hello())?;
        mailer.send(&hello())?;
        mailer.shutdown();
        Ok(())
    }
    let world = World::new();
    let smtplib = world.batteries().smtplib;
    let pool = smtplib.smtp("mail.example.com", 25).pool();
    twice(&pool).unwrap();
    assert_eq!(pool.idle(), 0);
    twice(&smtplib.smtp("mail.example.com", 25).wait().unwrap()).unwrap();
    assert_eq!((world.smtplib.outbox().len(), world.script().count("smtplib.connect")), (4, 2));
}

#[test]
fn a_refused_recipient_is_an_error() {
    let world = World::new();
    world.smtplib.refuse("eve@example.org", Reply::new(550, "no such user"));
    let mailer = world.batteries().smtplib.smtp("mail.example.com", 25).pool();
    let to = |to: &[&str]| {
        Envelope::new(Some("ann@example.com".parse().unwrap()), to.iter().map(|to| to.parse().unwrap()).collect()).unwrap()
    };
    let error = Transport::send_raw(&mailer, &to(&["bob@example.org", "eve@example.org"]), b"hello").unwrap_err();
    assert!(matches!(&error, Error::SomeRecipientsRefused { recipients } if recipients.len() == 1), "{error}");
    let error = AsyncTransport::send_raw(&mailer, &to(&["eve@example.org"]), b"hello").wait().unwrap_err();
    assert!(matches!(error, Error::RecipientsRefused { .. }), "{error}");
    assert_eq!(world.smtplib.outbox().len(), 1);
}

#[test]
fn a_bounce_has_no_sender_and_an_international_address_asks_for_smtputf8() {
    let world = World::new();
    let mailer = world.batteries().smtplib.smtp("mail.example.com", 25).pool();
    Transport::send_raw(&mailer, &Envelope::new(None, vec!["bob@example.org".parse().unwrap()]).unwrap(), b"bounce").unwrap();
    let to = Envelope::new(Some("ann@example.com".parse().unwrap()), vec!["jürgen@example.org".parse().unwrap()]).unwrap();
    Transport::send_raw(&mailer, &to, b"Subject: hi\r\n\r\nhi").unwrap();
    let outbox = world.smtplib.outbox();
    assert_eq!(outbox[0].mail_from, "");
    assert_eq!(outbox[1].rcpt_to, ["jürgen@example.org"]);
    assert!(outbox[1].mail_options.iter().any(|option| option == "SMTPUTF8"), "{:?}", outbox[1].mail_options);
    world.smtplib.without_extension("SMTPUTF8");
    mailer.close();
    let error = Transport::send_raw(&mailer, &to, b"hi").unwrap_err();
    assert!(matches!(error, Error::NotSupported { extension: "SMTPUTF8" }), "{error}");
}

fn script(pairs: &[(&str, &[(i32, &str)])]) -> BTreeMap<String, VecDeque<Answer>> {
    let queue = |replies: &[(i32, &str)]| replies.iter().map(|(code, text)| Answer::Reply(*code, (*text).into())).collect();
    pairs.iter().map(|(verb, replies)| ((*verb).to_owned(), queue(replies))).collect()
}

/// What a message of lettre can hold: a 7bit body whose lines end in a bare LF or CR, and a dot behind it.
#[test]
fn no_message_ends_early_on_the_wire() {
    let bodies: [&[u8]; 6] = [
        b"Subject: x\n\na\n.\nMAIL FROM:<evil@example.com>\r\n",
        b"Subject: x\r\n\r\na\n.\r\nRCPT TO:<evil@example.com>\r\n",
        b"Subject: x\r\n\r\na\r.\rDATA\r\n",
        b"Subject: x\r\n\r\na\r\n.\nQUIT",
        b".\r\nQUIT\r\n",
        b"Subject: x\r\n\r\n.\n..\n...",
    ];
    for (number, raw) in bodies.into_iter().enumerate() {
        let ok: &[(i32, &str)] = &[(250, "ok")];
        let server = Scripted::start(script(&[
            ("connect", &[(220, "hello")]),
            ("ehlo", &[(250, "hello\n8BITMIME")]),
            ("mail", ok),
            ("rcpt", ok),
            ("data", &[(354, "go")]),
            ("message", ok),
            ("quit", &[(221, "bye")]),
        ]));
        let smtp = Batteries::included().smtplib.smtp("127.0.0.1", server.port).wait().unwrap();
        let envelope = Envelope::new(Some("a@example.com".parse().unwrap()), vec!["b@example.com".parse().unwrap()]).unwrap();
        match number % 2 {
            0 => Transport::send_raw(&smtp, &envelope, raw).unwrap(),
            _ => AsyncTransport::send_raw(&smtp, &envelope, raw).wait().unwrap(),
        }
        Transport::shutdown(&smtp);
        let wire = server.finish();
        let data = wire.iter().position(|line| line.eq_ignore_ascii_case("data\r\n")).unwrap();
        let end = wire.iter().position(|line| line == ".\r\n").unwrap();
        // All of the message stands before the only lone dot, each line with its CRLF, and what follows is ours.
        assert_eq!(wire[end + 1..], ["quit\r\n"], "{raw:?}: {wire:?}");
        let sent: String = wire[data + 1..end].iter().map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
        let mut expected =
            String::from_utf8(raw.to_vec()).unwrap().replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n");
        if !expected.ends_with("\r\n") {
            expected.push_str("\r\n");
        }
        assert_eq!(sent, expected);
        assert!(wire[data + 1..end].iter().all(|line| line.ends_with("\r\n") && !line[..line.len() - 2].contains(['\r', '\n'])));
    }
}

/// A server that says nothing after it has greeted.
#[test]
fn a_silent_server_ends_an_asynchronous_call_in_time() {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let held = std::thread::spawn(move || {
        let (mut client, _) = listener.accept().unwrap();
        std::io::Write::write_all(&mut client, b"220 hello\r\n").unwrap();
        client
    });
    let smtplib = Batteries::included().smtplib;
    let smtp = smtplib.smtp("127.0.0.1", port).timeout(Duration::from_millis(300)).wait().unwrap();
    let start = Instant::now();
    let error = AsyncTransport::send(&smtp, hello()).wait().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(start.elapsed() < Duration::from_secs(20));
    drop(held.join());
    // In a World no time passes.
    let world = World::new();
    world.smtplib.reply_after("data", Duration::from_secs(3600), Reply::new(354, "go"));
    let smtp = world.batteries().smtplib.smtp("mail.example.com", 25).timeout(Duration::from_secs(60)).wait().unwrap();
    assert!(AsyncTransport::send(&smtp, hello()).wait().unwrap_err().is_timeout());
    assert_eq!(world.clock().elapsed(), Duration::from_secs(60));
}

/// A dropped asynchronous call closes its connection: the next mail does not read its answers.
#[test]
fn a_dropped_call_leaves_no_answer_behind() {
    let world = World::new();
    let port = behind_a_socket(world.smtplib.clone(), Encryption::Never);
    let pool = Batteries::included().smtplib.smtp("127.0.0.1", port).pool();
    let envelope = Envelope::new(Some("a@example.com".parse().unwrap()), vec!["dropped@example.com".parse().unwrap()]).unwrap();
    let mut call = AsyncTransport::send_raw(&pool, &envelope, b"x");
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    let _ = call.as_mut().poll(&mut context);
    drop(call);
    Transport::send(&pool, &hello()).unwrap();
    let last = world.smtplib.outbox().pop().unwrap();
    assert_eq!(last.rcpt_to, ["hei@domain.tld"]);
}

fn report() -> EmailMessage {
    let mut email = EmailMessage::new();
    email.set("From", "Ann <ann@example.com>").unwrap();
    email.set("To", "Bob <bob@example.org>, carl@example.org").unwrap();
    email.set("Bcc", "dora@example.net").unwrap();
    email.set("Subject", "Größe der Platten").unwrap();
    email.set("Date", "Tue, 15 Nov 1994 08:12:31 +0000").unwrap();
    email.set_content("Alles gut.\n.\nGrüße\n").unwrap();
    email
}

#[test]
fn an_email_message_goes_out_by_a_transport_of_lettre() {
    let Batteries { os, time, .. } = &World::new().batteries();
    let (blocking, awaiting) = (StubTransport::new_ok(), AsyncStubTransport::new_ok());
    let handles = [LettreBackend::new(os, time, blocking.clone()), LettreBackend::new_async(os, time, awaiting.clone())];
    for backend in &handles {
        for chunking in [true, false] {
            let smtp = backend.handle().smtp("anywhere.example.com", 25).chunking(chunking).wait().unwrap();
            smtp.send_message(&report()).wait().unwrap().check().unwrap();
            smtp.sendmail("", ["x@example.com"], "Subject: bounce\n\nno sender\n").wait().unwrap().check().unwrap();
            smtp.quit().wait().unwrap();
        }
        let lmtp = backend.handle().lmtp("anywhere.example.com", 24).wait().unwrap();
        lmtp.send_message(&report()).wait().unwrap().check().unwrap();
        assert_eq!(lmtp.noop().wait().unwrap().code, 250);
    }
    for messages in [blocking.messages(), awaiting.messages().wait()] {
        assert_eq!(messages.len(), 5);
        let (envelope, text) = &messages[0];
        assert_eq!(envelope.from().unwrap().to_string(), "ann@example.com");
        let mut to: Vec<String> = envelope.to().iter().map(ToString::to_string).collect();
        to.sort();
        assert_eq!(to, ["bob@example.org", "carl@example.org", "dora@example.net"]);
        assert!(!text.contains("dora"), "{text}");
        assert!(text.contains("\r\n.\r\n"), "no dots are quoted: {text:?}");
        assert_eq!(EmailMessage::from_bytes(text).get("Subject").as_deref(), Some("Größe der Platten"));
        assert!(messages[1].0.from().is_none());
    }
}

#[test]
fn what_a_transport_fails_with_is_the_answer_to_the_mail() {
    let Batteries { os, time, .. } = &World::new().batteries();
    for backend in [
        LettreBackend::new(os, time, StubTransport::new_error()),
        LettreBackend::new_async(os, time, AsyncStubTransport::new_error()),
    ] {
        let smtp = backend.handle().smtp("anywhere", 25).wait().unwrap();
        let error = smtp.send_message(&report()).wait().unwrap_err();
        assert!(matches!(&error, Error::Data(reply) if reply.code == 451), "{error}");
        assert!(error.is_temporary() && error.to_string().contains("4.3.0 stub error"), "{error}");
        // The connection goes on.
        assert_eq!(smtp.noop().wait().unwrap().code, 250);
    }
    // An address that lettre does not take.
    let smtp = LettreBackend::new(os, time, StubTransport::new_ok()).handle().smtp("anywhere", 25).wait().unwrap();
    let error = smtp.sendmail("ann@example.com", ["root"], "x").wait().unwrap_err();
    assert!(matches!(&error, Error::Data(reply) if reply.code == 553), "{error}");
}

/// A transport of one's own that blocks for longer than the budget.
#[test]
fn the_budget_ends_the_wait_for_a_transport() {
    struct Slow;
    impl Transport for Slow {
        type Ok = ();
        type Error = std::io::Error;
        fn send_raw(&self, _: &Envelope, _: &[u8]) -> Result<(), std::io::Error> {
            std::thread::sleep(Duration::from_secs(2));
            Ok(())
        }
    }
    let Batteries { os, time, .. } = &Batteries::included();
    let smtp =
        LettreBackend::new(os, time, Slow).handle().smtp("anywhere", 25).timeout(Duration::from_millis(200)).wait().unwrap();
    let start = Instant::now();
    let error = smtp.send_message(&report()).wait().unwrap_err();
    assert!(error.is_timeout(), "{error}");
    assert!(start.elapsed() < Duration::from_millis(1900), "{:?}", start.elapsed());
}

#[test]
fn a_message_goes_to_lettre_and_back() {
    let mut attached = report();
    attached.add_attachment(Content::bytes(vec![0u8, 159, 146, 150], "application", "octet-stream")).unwrap();
    for email in [report(), attached] {
        let message = Message::try_from(&email).unwrap();
        let to: Vec<String> = message.envelope().to().iter().map(ToString::to_string).collect();
        assert_eq!(to.len(), 3);
        assert!(to.contains(&"dora@example.net".to_owned()));
        let bytes = message.formatted();
        assert!(bytes.is_ascii());
        assert!(!String::from_utf8_lossy(&bytes).contains("dora"));
        let back = EmailMessage::from(&message);
        assert_eq!(back.get("Subject"), email.get("Subject"));
        assert_eq!(back.get("To"), email.get("To"));
        let texts =
            |email: &EmailMessage| -> Vec<Vec<u8>> { email.walk().filter(|part| !part.is_multipart()).map(payload).collect() };
        assert_eq!(texts(&back), texts(&email));
        // What lettre writes is what leyden writes, but for the transfer encoding of a multipart and Bcc.
        let own = email.as_bytes_with(Policy { eight_bit: false, ..Policy::SMTP });
        let lines = |bytes: &[u8]| -> Vec<String> {
            String::from_utf8(bytes.to_vec())
                .unwrap()
                .split("\r\n")
                .filter(|line| !line.starts_with("Bcc:") && *line != "Content-Transfer-Encoding: 7bit")
                .map(str::to_owned)
                .collect()
        };
        if !email.is_multipart() {
            assert_eq!(lines(&bytes), lines(&own));
        }
    }
}

fn payload(part: &EmailMessage) -> Vec<u8> {
    String::from_utf8_lossy(&part.get_payload().unwrap()).replace("\r\n", "\n").into_bytes()
}

#[test]
fn lettres_own_messages_are_read() {
    let message = Message::builder()
        .from(Mailbox::new(Some("Каи".into()), "kayo@example.com".parse().unwrap()))
        .to("Pony O.P. <pony@domain.tld>".parse().unwrap())
        .bcc("hidden@example.com".parse().unwrap())
        .subject("яңа ел белән!")
        .multipart(
            MultiPart::mixed()
                .multipart(MultiPart::alternative_plain_html("Grüße".to_owned(), "<b>Grüße</b>".to_owned()))
                .singlepart(
                    Attachment::new("größe.bin".into()).body(vec![1u8, 2, 255], ContentType::parse("application/x-a").unwrap()),
                )
                .singlepart(SinglePart::plain("a\n.\nb".to_owned())),
        )
        .unwrap();
    let email = EmailMessage::from(&message);
    assert!(email.defects.is_empty(), "{:?}", email.defects);
    assert_eq!(email.get("From").as_deref(), Some("Каи <kayo@example.com>"));
    assert_eq!(email.get("Subject").as_deref(), Some("яңа ел белән!"));
    assert_eq!(String::from_utf8(payload(email.get_body(["plain"]).unwrap())).unwrap().trim_end(), "Grüße");
    let attached = email.walk().find(|part| part.get_content_type() == "application/x-a").unwrap();
    assert_eq!(
        (attached.get_payload().unwrap().into_owned(), attached.get_filename().as_deref()),
        (vec![1, 2, 255], Some("größe.bin"))
    );
    // The envelope keeps the hidden recipient.
    assert!(message.envelope().to().iter().any(|to| to.to_string() == "hidden@example.com"));
}

#[test]
fn what_a_message_of_lettre_cannot_hold_is_an_error() {
    let error = |change: &dyn Fn(&mut EmailMessage)| {
        let mut email = report();
        change(&mut email);
        Message::try_from(&email).unwrap_err().to_string()
    };
    let twice = |email: &mut EmailMessage| {
        email.set("Received", "by a").unwrap();
        email.set("Received", "by b").unwrap();
    };
    assert_eq!(error(&twice), "lettre's Message has one header Received, and this message several");
    assert!(error(&|email| email.remove("From")).contains("no header From"));
    assert!(error(&|email| drop(email.replace("To", "root"))).contains("\"root\" is not an address for lettre"));
    let without = |email: &mut EmailMessage| {
        for name in ["To", "Bcc"] {
            email.remove(name);
        }
    };
    assert!(error(&without).contains("no address in the headers"), "{}", error(&without));
}
