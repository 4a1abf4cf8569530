//! The promises of `smtplib`, on mail servers in memory and on the same servers behind a real socket.

use crate::support::layer::layered;
use leyden::prelude::*;
use leyden::smtplib::email::{Content, EmailMessage, Policy};
use leyden::smtplib::mock as memory;
use leyden::smtplib::{Connect, Error, Reply, Smtp, Smtplib};
use std::net::TcpListener;

use crate::support::SOON;
use crate::support::smtp_socket::{Encryption, behind_a_socket};

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        a_mail_arrives_as_it_was_sent,
        dots_and_bare_line_ends_cannot_end_the_message,
        a_large_mail_arrives_as_it_was_sent,
        chunks_where_the_server_takes_them,
        a_refused_mail_in_chunks,
        data_that_was_sent_along_in_vain,
        some_refused_recipients_are_told,
        all_refused_recipients_are_an_error,
        a_refused_mail_leaves_the_connection_usable,
        a_greylisted_recipient_is_taken_later,
        a_message_beyond_the_limit_is_refused_before_it_is_sent,
        line_ends_in_addresses_and_commands_are_refused,
        headers_cannot_be_injected,
        an_encoded_name_adds_no_recipient,
        a_password_needs_tls,
        logging_in_by_each_mechanism,
        a_wrong_password_is_refused,
        a_server_that_wants_a_login,
        bcc_is_not_sent,
        international_addresses_need_smtputf8,
        commands_are_ascii_until_smtputf8,
        what_a_connection_was_asked_for,
        a_server_that_hangs_up,
        a_server_that_stalls_meets_the_deadline,
        a_server_that_knows_no_ehlo,
        nobody_there,
        secrets_do_not_show,
        a_pool_keeps_its_connections,
        a_pool_replaces_what_the_server_closed,
        a_pool_logs_in,
        a_pool_waits_within_its_budget,
    ]
);

pub struct Fixture {
    pub servers: memory::Mock,
    pub smtplib: Smtplib,
    pub port: u16,
}

impl Fixture {
    pub fn mock() -> Fixture {
        let world = World::new();
        Fixture { smtplib: layered(world.batteries()).smtplib, servers: world.smtplib, port: 25 }
    }

    pub fn native() -> Fixture {
        let servers = World::new().smtplib;
        Fixture {
            port: behind_a_socket(servers.clone(), Encryption::Never),
            smtplib: layered(Batteries::included()).smtplib,
            servers,
        }
    }

    pub fn connecting(&self) -> Connect {
        self.smtplib.smtp("127.0.0.1", self.port).local_hostname("client.invalid")
    }

    pub fn connect(&self) -> Smtp {
        self.connecting().wait().unwrap()
    }

    fn send(&self, message: &str) -> leyden::smtplib::Result<leyden::smtplib::Refused> {
        self.connect().sendmail("ann@example.com", ["bob@example.org", "eve@example.org"], message).wait()
    }
}

fn a_mail_arrives_as_it_was_sent(fixture: &Fixture) {
    assert!(fixture.send("Subject: hi\n\nhow\nare you\n").unwrap().is_empty());
    let outbox = fixture.servers.outbox();
    assert_eq!(outbox.len(), 1);
    assert_eq!((outbox[0].mail_from.as_str(), outbox[0].rcpt_to.len()), ("ann@example.com", 2));
    assert_eq!(outbox[0].data, b"Subject: hi\r\n\r\nhow\r\nare you\r\n");
}

fn dots_and_bare_line_ends_cannot_end_the_message(fixture: &Fixture) {
    for (sent, arrives) in [
        ("a\n.\nQUIT\n", "a\r\n.\r\nQUIT\r\n"),
        ("a\r.\rb", "a\r\n.\r\nb\r\n"),
        ("a\r\n.\r\nb", "a\r\n.\r\nb\r\n"),
        ("a\n\r.\r\nb", "a\r\n\r\n.\r\nb\r\n"),
        ("..two\n.one", "..two\r\n.one\r\n"),
        (".", ".\r\n"),
    ] {
        fixture.send(sent).unwrap().check().unwrap();
        assert_eq!(String::from_utf8(fixture.servers.outbox().pop().unwrap().data).unwrap(), arrives, "{sent:?}");
    }
}

/// Lines of all lengths, some that begin with dots, and an attachment: more than is sent at once.
fn large() -> (EmailMessage, Vec<u8>) {
    let lines: String = (0..4000).map(|number| format!("{}{}\n", ".".repeat(number % 3), "x".repeat(number % 90))).collect();
    let attached: Vec<u8> = (0..200_000_u32).map(|number| (number % 251) as u8).collect();
    let mut message = EmailMessage::new();
    message.set("From", "ann@example.com").unwrap().set("To", "bob@example.org").unwrap();
    message.set_content(lines).unwrap();
    message.add_attachment(Content::file("data.bin", attached.clone())).unwrap();
    (message, attached)
}

fn a_large_mail_arrives_as_it_was_sent(fixture: &Fixture) {
    let (message, attached) = large();
    fixture.connect().send_message(&message).wait().unwrap().check().unwrap();
    let sent = fixture.servers.outbox().pop().unwrap();
    assert_eq!(sent.data, message.as_bytes_with(Policy::SMTP));
    assert!(sent.mail_options.contains(&format!("size={}", sent.data.len())), "{:?}", sent.mail_options);
    let read = sent.message();
    assert_eq!(read.iter_attachments().next().unwrap().get_payload().unwrap().as_ref(), attached);
}

fn chunks_where_the_server_takes_them(fixture: &Fixture) {
    fixture.servers.extension("CHUNKING", "");
    // DATA is not asked for.
    fixture.servers.reply("data", Reply::new(500, "what?"));
    let smtp = fixture.connect();
    let (message, _) = large();
    smtp.send_message(&message).wait().unwrap().check().unwrap();
    assert_eq!(fixture.servers.outbox().pop().unwrap().data, message.as_bytes_with(Policy::SMTP));
    for (sent, arrives) in [("a\n.\nb", "a\r\n.\r\nb\r\n"), (".\r\n.", ".\r\n.\r\n"), ("", "\r\n"), ("x\r", "x\r\n")] {
        smtp.sendmail("ann@example.com", ["bob@example.org"], sent).wait().unwrap().check().unwrap();
        assert_eq!(String::from_utf8(fixture.servers.outbox().pop().unwrap().data).unwrap(), arrives, "{sent:?}");
    }
    // Unless it is told not to.
    let smtp = fixture.connecting().chunking(false).wait().unwrap();
    assert!(matches!(smtp.send_message(&message).wait(), Err(Error::Data(reply)) if reply.code == 500));
}

fn a_refused_mail_in_chunks(fixture: &Fixture) {
    fixture.servers.extension("CHUNKING", "");
    let smtp = fixture.connect();
    for verb in ["mail", "message"] {
        fixture.servers.reply(verb, Reply::new(451, "not now"));
        smtp.sendmail("ann@example.com", ["bob@example.org"], "one\n").wait().unwrap_err();
        assert!(smtp.sendmail("ann@example.com", ["bob@example.org"], "two\n").wait().unwrap().is_empty(), "{verb}");
    }
    assert_eq!(fixture.servers.outbox().len(), 2);
}

// With PIPELINING, DATA is on its way before it is known whether anybody is taken.
fn data_that_was_sent_along_in_vain(fixture: &Fixture) {
    let smtp = fixture.connecting().timeout(secs(20)).wait().unwrap();
    fixture.servers.refuse("eve@example.org", Reply::new(550, "no such user"));
    for planned in [None, Some(Reply::new(354, "go on"))] {
        for verb in ["mail", "rcpt"] {
            if let Some(reply) = &planned {
                fixture.servers.reply("data", reply.clone());
            }
            if verb == "mail" {
                fixture.servers.reply("mail", Reply::new(550, "not you"));
            }
            let error = smtp.sendmail("ann@example.com", ["eve@example.org"], "one\n").wait().unwrap_err();
            assert!(matches!(error, Error::RecipientsRefused { .. } | Error::SenderRefused { .. }), "{error}");
            assert!(smtp.sendmail("ann@example.com", ["bob@example.org"], "two\n").wait().unwrap().is_empty());
        }
    }
    assert_eq!(fixture.servers.outbox().len(), 4);
    assert!(fixture.servers.outbox().iter().all(|sent| sent.data == b"two\r\n"));
}

fn some_refused_recipients_are_told(fixture: &Fixture) {
    fixture.servers.refuse("eve@example.org", Reply::new(550, "no such user"));
    let refused = fixture.send("hi\n").unwrap();
    assert_eq!(refused.into_iter().collect::<Vec<_>>(), [("eve@example.org".to_owned(), Reply::new(550, "no such user"))]);
    assert_eq!(fixture.servers.outbox()[0].rcpt_to, ["bob@example.org"]);
}

fn all_refused_recipients_are_an_error(fixture: &Fixture) {
    fixture.servers.refuse("example.org", Reply::new(451, "later"));
    let error = fixture.send("hi\n").unwrap_err();
    assert!(matches!(&error, Error::RecipientsRefused { recipients } if recipients.len() == 2), "{error}");
    assert!(error.is_temporary());
    assert!(fixture.servers.outbox().is_empty());
}

fn a_refused_mail_leaves_the_connection_usable(fixture: &Fixture) {
    let smtp = fixture.connect();
    for verb in ["mail", "data", "message"] {
        fixture.servers.reply(verb, Reply::new(451, "not now"));
        smtp.sendmail("ann@example.com", ["bob@example.org"], "one\n").wait().unwrap_err();
        assert!(smtp.sendmail("ann@example.com", ["bob@example.org"], "two\n").wait().unwrap().is_empty(), "{verb}");
    }
    assert_eq!(fixture.servers.outbox().len(), 3);
    assert_eq!(smtp.quit().wait().unwrap().code, 221);
}

fn a_greylisted_recipient_is_taken_later(fixture: &Fixture) {
    fixture.servers.greylist("example.org", 2);
    assert!(fixture.send("hi\n").unwrap_err().is_temporary());
    assert!(fixture.send("hi\n").unwrap().is_empty());
}

fn a_message_beyond_the_limit_is_refused_before_it_is_sent(fixture: &Fixture) {
    fixture.servers.size_limit(1000);
    let error = fixture.send(&"x".repeat(2000)).unwrap_err();
    assert!(matches!(&error, Error::SenderRefused { reply, .. } if reply.code == 552), "{error}");
    assert!(fixture.send("small\n").is_ok());
}

fn line_ends_in_addresses_and_commands_are_refused(fixture: &Fixture) {
    let smtp = fixture.connect();
    for bad in ["bob@example.org>\r\nRCPT TO:<eve@example.org", "bob\n@example.org", "bob\0@example.org"] {
        assert!(matches!(smtp.sendmail("ann@example.com", [bad], "x").wait(), Err(Error::Value(_))), "{bad:?}");
        assert!(matches!(smtp.sendmail(bad, ["bob@example.org"], "x").wait(), Err(Error::Value(_))), "{bad:?}");
        assert!(matches!(smtp.docmd(format!("vrfy {bad}")).wait(), Err(Error::Value(_))), "{bad:?}");
        let options = smtp.sendmail("ann@example.com", ["bob@example.org"], "x").mail_options([bad]);
        assert!(matches!(options.wait(), Err(Error::Value(_))), "{bad:?}");
    }
    assert!(fixture.servers.outbox().is_empty());
}

/// Names are decoded after the addresses are found: a message that came and is sent on goes to nobody whom its headers do not address.
fn an_encoded_name_adds_no_recipient(fixture: &Fixture) {
    for name in [
        "=?utf-8?q?eve=40example=2Ecom=2C?=",
        "=?utf-8?q?=3Ceve=40example=2Ecom=3E=2C?=",
        "\"=?utf-8?q?=22=2C_eve=40example=2Ecom=2C_=22?=\"",
        "(=?utf-8?q?=29=2C_eve=40example=2Ecom=2C_=28?=)",
        "=?utf-8?q?x=3Aeve=40example=2Ecom=3B?=",
        "=?utf-8?q?=3D=3Futf-8=3Fq=3Feve=3D40example=3D2Ecom=3D2C=3F=3D?=",
    ] {
        let received = format!("From: ann@example.com\nTo: {name} <bob@example.org>\n\nhello\n");
        let message = EmailMessage::from_bytes(received);
        fixture.connect().send_message(&message).wait().unwrap().check().unwrap();
        assert_eq!(fixture.servers.outbox().pop().unwrap().rcpt_to, ["bob@example.org"], "{name}");
    }
}

fn headers_cannot_be_injected(fixture: &Fixture) {
    let mut message = EmailMessage::new();
    for bad in ["x\r\nBcc: eve@example.org", "x\ny", "x\ry"] {
        assert!(matches!(message.set("Subject", bad), Err(Error::Value(_))), "{bad:?}");
        assert!(matches!(message.set(bad, "x"), Err(Error::Value(_))), "{bad:?}");
    }
    message.set("From", "ann@example.com").unwrap().set("To", "bob@example.org").unwrap();
    message.set_content(Content::text("x").filename("a\r\nX-Evil: 1")).unwrap();
    fixture.connect().send_message(&message).wait().unwrap().check().unwrap();
    let sent = fixture.servers.outbox()[0].message();
    assert!(!sent.contains("X-Evil"));
    assert_eq!(sent.get_filename().as_deref(), Some("a\r\nX-Evil: 1"));
}

fn a_password_needs_tls(fixture: &Fixture) {
    fixture.servers.user("ann", "secret");
    let smtp = fixture.connect();
    assert!(matches!(smtp.login("ann", "secret").wait(), Err(Error::CleartextPassword { .. })));
    assert_eq!(smtp.noop().wait().unwrap().code, 250);
}

fn logging_in_by_each_mechanism(fixture: &Fixture) {
    fixture.servers.user("ann", "secret");
    for mechanism in ["PLAIN", "LOGIN", "CRAM-MD5"] {
        fixture.servers.extension("AUTH", mechanism);
        let smtp = fixture.connecting().dangerously_allow_cleartext_login().wait().unwrap();
        assert_eq!(smtp.login("ann", "secret").wait().unwrap().code, 235, "{mechanism}");
        smtp.sendmail("ann@example.com", ["bob@example.org"], "x").wait().unwrap().check().unwrap();
        assert_eq!(fixture.servers.outbox().pop().unwrap().user.as_deref(), Some("ann"));
    }
    fixture.servers.extension("AUTH", "XOAUTH2");
    let smtp = fixture.connecting().dangerously_allow_cleartext_login().wait().unwrap();
    assert_eq!(smtp.login_xoauth2("ann", "secret").wait().unwrap().code, 235);
    fixture.servers.extension("AUTH", "GSSAPI");
    let smtp = fixture.connecting().dangerously_allow_cleartext_login().wait().unwrap();
    assert!(matches!(smtp.login("ann", "secret").wait(), Err(Error::NoAuthentication { .. })));
}

fn a_wrong_password_is_refused(fixture: &Fixture) {
    fixture.servers.user("ann", "secret");
    let smtp = fixture.connecting().dangerously_allow_cleartext_login().wait().unwrap();
    let error = smtp.login("ann", "guess").wait().unwrap_err();
    assert!(matches!(&error, Error::Authentication(reply) if reply.code == 535), "{error}");
}

fn a_server_that_wants_a_login(fixture: &Fixture) {
    fixture.servers.user("ann", "secret").login_required();
    assert!(matches!(fixture.send("x\n"), Err(Error::SenderRefused { reply, .. }) if reply.code == 530));
}

fn bcc_is_not_sent(fixture: &Fixture) {
    let mut message = EmailMessage::new();
    message.set("From", "Ann <ann@example.com>").unwrap().set("To", "Team: bob@example.org, Cy <cy@example.org>;").unwrap();
    message.set("Bcc", "dora@example.org").unwrap().set_content("x\n").unwrap();
    fixture.connect().send_message(&message).wait().unwrap().check().unwrap();
    let sent = &fixture.servers.outbox()[0];
    assert_eq!(sent.rcpt_to, ["bob@example.org", "cy@example.org", "dora@example.org"]);
    assert!(!sent.message().contains("Bcc"));
}

fn international_addresses_need_smtputf8(fixture: &Fixture) {
    let mut message = EmailMessage::new();
    message.set("From", "ann@example.com").unwrap().set("To", "jörg@example.org").unwrap().set_content("x\n").unwrap();
    fixture.connect().send_message(&message).wait().unwrap().check().unwrap();
    assert!(fixture.servers.outbox()[0].mail_options.contains(&"SMTPUTF8".to_owned()));
    fixture.servers.without_extension("SMTPUTF8");
    assert!(matches!(fixture.connect().send_message(&message).wait(), Err(Error::NotSupported { extension: "SMTPUTF8" })));
}

// Python's command_encoding: it stays until RSET.
fn commands_are_ascii_until_smtputf8(fixture: &Fixture) {
    let smtp = fixture.connect();
    smtp.ehlo("").wait().unwrap();
    assert_eq!(smtp.command_encoding(), "ascii");
    assert!(matches!(smtp.docmd("vrfy jörg").wait(), Err(Error::Value(_))));
    assert!(matches!(smtp.rcpt("jörg@example.org", [""; 0]).wait(), Err(Error::Value(_))));
    smtp.mail("ann@example.com", ["SMTPUTF8"]).wait().unwrap();
    assert_eq!(smtp.command_encoding(), "utf-8");
    assert_eq!(smtp.rcpt("jörg@example.org", [""; 0]).wait().unwrap().code, 250);
    smtp.rset().wait().unwrap();
    assert_eq!(smtp.command_encoding(), "ascii");
}

fn what_a_connection_was_asked_for(fixture: &Fixture) {
    let smtp = fixture.connecting().source_address("127.0.0.1", 0).wait().unwrap();
    assert_eq!((smtp.local_hostname(), smtp.source_address()), ("client.invalid", Some(("127.0.0.1", 0))));
    let smtp = fixture.smtplib.smtp("127.0.0.1", fixture.port).wait().unwrap();
    assert!(!smtp.local_hostname().is_empty() && smtp.source_address().is_none());
}

fn a_server_that_hangs_up(fixture: &Fixture) {
    for verb in ["ehlo", "mail", "rcpt", "data", "message"] {
        fixture.servers.hang_up(verb);
        let error = fixture.send("x\n").unwrap_err();
        assert!(matches!(error, Error::ServerDisconnected { .. }), "{verb}: {error}");
        assert!(error.is_temporary());
    }
    fixture.servers.hang_up("connect");
    assert!(matches!(fixture.connecting().wait(), Err(Error::ServerDisconnected { .. })));
}

fn a_server_that_stalls_meets_the_deadline(fixture: &Fixture) {
    let smtp = fixture.connecting().timeout(SOON).wait().unwrap();
    smtp.ehlo("").wait().unwrap();
    fixture.servers.raw("noop", "250-half an answer\r\n");
    let error = smtp.noop().wait().unwrap_err();
    assert!(matches!(error, Error::Timeout { .. }), "{error}");
    assert!(!smtp.is_connected());
    assert!(matches!(smtp.noop().wait(), Err(Error::ServerDisconnected { .. })));
}

fn a_server_that_knows_no_ehlo(fixture: &Fixture) {
    fixture.servers.without_esmtp();
    assert!(fixture.send("x\n").unwrap().is_empty());
    let smtp = fixture.connect();
    smtp.ehlo_or_helo_if_needed().wait().unwrap();
    assert!(!smtp.does_esmtp() && smtp.helo_resp().is_some());
}

fn nobody_there(fixture: &Fixture) {
    fixture.servers.unreachable("127.0.0.1");
    // Natively: a port that was just given back.
    let port = TcpListener::bind(("127.0.0.1", 0)).unwrap().local_addr().unwrap().port();
    let error = fixture.smtplib.smtp("127.0.0.1", port).wait().unwrap_err();
    assert!(
        matches!(&error, Error::Connect { source, .. } if source.kind() == std::io::ErrorKind::ConnectionRefused),
        "{error:?}"
    );
    assert_eq!(error.to_string(), format!("cannot connect to 127.0.0.1:{port}: connection refused"));
}

fn secrets_do_not_show(fixture: &Fixture) {
    fixture.servers.user("ann", "secret-word");
    let smtp = fixture.connecting().dangerously_allow_cleartext_login().wait().unwrap();
    smtp.set_debuglevel(1);
    let login = smtp.login("ann", "secret-word");
    assert!(!format!("{login:?} {smtp:?}").contains("secret-word"));
    login.wait().unwrap();
    let error = smtp.login("ann", "secret-word").wait();
    let log = fixture.servers.debug_log().join("\n");
    let encoded = "c2VjcmV0LXdvcmQ";
    assert!(!format!("{error:?} {smtp:?} {log}").contains("secret-word") && !log.contains(encoded), "{log}");
}

fn a_pool_keeps_its_connections(fixture: &Fixture) {
    let pool = fixture.connecting().pool().max_connections(2);
    let send = |text: &str| pool.sendmail("ann@example.com", ["bob@example.org"], text).wait();
    for number in 0..5 {
        send(&format!("{number}\n")).unwrap().check().unwrap();
        assert_eq!(pool.idle(), 1);
    }
    // A refused mail leaves its connection in the pool.
    fixture.servers.reply("message", Reply::new(451, "not now"));
    assert!(matches!(send("no\n"), Err(Error::Data(_))));
    assert_eq!(pool.idle(), 1);
    // Many at once: two connections at most, and all arrive. In memory no time passes while a thread waits for another: one after the other.
    std::thread::scope(|scope| {
        for number in 0..20 {
            let sending = scope.spawn(move || send(&format!("at once {number}\n")).unwrap());
            if fixture.port == 25 {
                sending.join().unwrap().check().unwrap();
            }
        }
    });
    assert_eq!(fixture.servers.outbox().len(), 25);
    assert!((1..=2).contains(&pool.idle()));
    pool.close();
    assert_eq!(pool.idle(), 0);
    send("again\n").unwrap().check().unwrap();
}

fn a_pool_replaces_what_the_server_closed(fixture: &Fixture) {
    let pool = fixture.connecting().timeout(secs(20)).pool();
    let send = || pool.sendmail("ann@example.com", ["bob@example.org"], "x\n").wait();
    send().unwrap().check().unwrap();
    // It hangs up before anything of the mail has gone: nobody gets it twice.
    fixture.servers.hang_up("mail");
    send().unwrap().check().unwrap();
    fixture.servers.reply("mail", Reply::new(421, "idle for too long"));
    send().unwrap().check().unwrap();
    assert_eq!(fixture.servers.outbox().len(), 3);
    // After the message went it is open whether it was taken: that is for the script to know.
    fixture.servers.hang_up("message");
    assert!(matches!(send(), Err(Error::ServerDisconnected { .. })));
    assert_eq!(pool.idle(), 0);
    send().unwrap().check().unwrap();
    assert_eq!(fixture.servers.outbox().len(), 4);
}

fn a_pool_logs_in(fixture: &Fixture) {
    fixture.servers.user("ann", "secret").login_required();
    let pool = fixture.connecting().dangerously_allow_cleartext_login().pool().login("ann", "secret");
    assert!(!format!("{pool:?}").contains("secret"));
    pool.sendmail("ann@example.com", ["bob@example.org"], "x\n").wait().unwrap().check().unwrap();
    assert_eq!(fixture.servers.outbox()[0].user.as_deref(), Some("ann"));
    let pool = fixture.connecting().dangerously_allow_cleartext_login().pool().login("ann", "guess");
    assert!(matches!(pool.sendmail("ann@example.com", ["b@example.org"], "x\n").wait(), Err(Error::Authentication(_))));
    assert_eq!(pool.idle(), 0);
}

fn a_pool_waits_within_its_budget(fixture: &Fixture) {
    let pool = fixture.connecting().timeout(SOON).pool().max_connections(1);
    let send = || pool.sendmail("ann@example.com", ["bob@example.org"], "x\n").wait();
    send().unwrap().check().unwrap();
    // The server says nothing, so the mail meets its deadline, and gives the connection up.
    fixture.servers.raw("mail", "");
    assert!(matches!(send(), Err(Error::Timeout { operation: "sendmail", .. })));
    assert_eq!(pool.idle(), 0);
    send().unwrap().check().unwrap();
}
