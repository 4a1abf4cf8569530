//! Faults that were found by use and by attack: each once more, with its relatives, in memory and over a socket.

use std::task::{Context, Waker};

use leyden::prelude::*;
use leyden::smtplib::email::{Content, EmailMessage, Policy, Refold};
use leyden::smtplib::{Error, Reply};

use super::smtplib::Fixture;

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        headers_that_are_not_addresses_are_refused,
        well_formed_headers_name_their_recipients,
        options_cannot_be_smuggled_through_addresses,
        encoded_line_ends_add_no_header,
        a_received_header_with_line_ends_adds_none,
        a_dropped_verb_closes_the_connection,
        a_dropped_message_closes_the_connection,
        eight_bit_bodies_are_declared_or_encoded,
        a_missing_sender_or_recipient_is_named,
        recipients_of_the_caller_need_no_header,
        challenges_come_to_an_end,
        some_refused_recipients_can_be_an_error,
        exceptions_of_the_protocol,
        options_may_be_empty,
        quit_follows_the_last_clone,
    ]
);

fn message(headers: &[(&str, &str)]) -> EmailMessage {
    let mut message = EmailMessage::new();
    for (name, value) in headers {
        message.set(name, value).unwrap();
    }
    message.set_content("hello\n").unwrap();
    message
}

// A2
fn headers_that_are_not_addresses_are_refused(fixture: &Fixture) {
    for bad in [
        "alice@x.org bob@y.com",
        "A <a@b> <c@d>",
        "a@b@c",
        "x y@z",
        "A <>",
        "<>",
        "A <A <>>",
        "a@b <c@d>",
        "A <a@b",
        "a@b>",
        "\"A <a@b>",
        "a@b (unclosed",
        "a@b) c@d",
        "a@b; c@d",
        "Team: a@b; c@d",
        "Team: Other: a@b;;",
        ": a@b;",
        "a@",
        "@b",
        "a@b..c",
        "a@[1.2.3.4",
        "a@b\\c",
        "A <a@b> text",
        "A <a@b>, <c@d> <e@f>",
        "<@route:>",
    ] {
        for name in ["To", "Cc", "Bcc"] {
            let mut letter = message(&[("From", "ann@example.com")]);
            letter.set(name, bad).unwrap();
            if name != "To" {
                letter.set("To", "bob@example.org").unwrap();
            }
            let error = fixture.connect().send_message(&letter).wait().unwrap_err();
            assert!(matches!(&error, Error::Value(_)), "{name}: {bad}: {error}");
            assert!(error.to_string().contains(&format!("header {name}")), "{error}");
        }
        let letter = message(&[("From", bad), ("To", "bob@example.org")]);
        assert!(matches!(fixture.connect().send_message(&letter).wait(), Err(Error::Value(_))), "From: {bad}");
    }
    assert!(fixture.servers.outbox().is_empty());
}

fn well_formed_headers_name_their_recipients(fixture: &Fixture) {
    for (to, recipients) in [
        ("a@b.c", &["a@b.c"][..]),
        ("root", &["root"]),
        ("Ann (the (first) one) <a@b.c>", &["a@b.c"]),
        ("\"Smith, Ann\" <a@b.c>, b@c.d", &["a@b.c", "b@c.d"]),
        ("a@b.c,,b@c.d, ,", &["a@b.c", "b@c.d"]),
        ("Team: a@b.c, Bob <b@c.d>;, c@d.e", &["a@b.c", "b@c.d", "c@d.e"]),
        ("undisclosed-recipients:;, a@b.c", &["a@b.c"]),
        ("<@route.one,@route.two:a@b.c>", &["a@b.c"]),
        ("a@[192.0.2.1]", &["a@[192.0.2.1]"]),
        ("\"a b\"@c.d", &["\"a b\"@c.d"]),
        ("\"a@b\"@c.d", &["\"a@b\"@c.d"]),
        ("J. R. Public <a@b.c>", &["a@b.c"]),
        ("=?utf-8?q?x=2C_eve=40example=2Ecom?= <a@b.c>", &["a@b.c"]),
        ("a . b @ c . d", &["a.b@c.d"]),
    ] {
        let letter = message(&[("From", "ann@example.com"), ("To", to)]);
        fixture.connect().send_message(&letter).wait().unwrap().check().unwrap();
        assert_eq!(fixture.servers.outbox().pop().unwrap().rcpt_to, recipients, "{to}");
    }
}

// A2: what is not an address in sendmail neither becomes one, nor an option of the command.
fn options_cannot_be_smuggled_through_addresses(fixture: &Fixture) {
    let smtp = fixture.connect();
    for bad in ["<a@b> NOTIFY=NEVER", "a@b> <c@d", "<a@b><c@d>", "a@b>", "a\u{1}@b"] {
        assert!(matches!(smtp.rcpt(bad, []).wait(), Err(Error::Value(_))), "{bad}");
        assert!(matches!(smtp.mail(bad, []).wait(), Err(Error::Value(_))), "{bad}");
        assert!(matches!(smtp.sendmail("a@b", [bad], "x").wait(), Err(Error::Value(_))), "{bad}");
    }
    for bad in ["SIZE=1\r\nRCPT TO:<eve@example.org>", "X=\0"] {
        assert!(matches!(smtp.mail("a@b", [bad]).wait(), Err(Error::Value(_))), "{bad}");
    }
    assert_eq!(smtp.noop().wait().unwrap().code, 250);
}

// S1
fn encoded_line_ends_add_no_header(fixture: &Fixture) {
    let base64 = "DQpCY2M6IGV2aWxAZXZpbC5vcmcNCg0K";
    let quoted = "=0D=0ABcc:_evil@evil.org=0D=0A=0D=0A";
    let policies = [
        Policy::SMTP,
        Policy { refold_source: Refold::All, ..Policy::SMTP },
        Policy { eight_bit: false, refold_source: Refold::All, max_line_length: 20, ..Policy::SMTP },
        Policy::SMTPUTF8,
    ];
    for word in [format!("=?utf-8?b?{base64}?="), format!("=?utf-8?q?{quoted}?=")] {
        for to in [
            format!("{word} <a@b.c>, \"Zoë\" <c@d.e>"),
            format!("\"{word}\" <a@b.c>, Zoë <c@d.e>"),
            format!("a@b.c ({word}), Zoë <c@d.e>"),
            format!("{word}: a@b.c, Zoë <c@d.e>;"),
            format!("Zoë {word} <a@b.c>, c@d.e"),
        ] {
            let mut letter = message(&[("From", "ann@example.com"), ("To", &to), ("Subject", &format!("é {word} é"))]);
            letter.set("X-Other", format!("é {word}")).unwrap();
            fixture.connect().send_message(&letter).wait().unwrap().check().unwrap();
            let sent = fixture.servers.outbox().pop().unwrap();
            assert_eq!(sent.rcpt_to, ["a@b.c", "c@d.e"], "{to}");
            assert!(!sent.message().contains("Bcc"), "{}", String::from_utf8_lossy(&sent.data));
            // It comes back, and is forwarded as each policy has it.
            for policy in policies {
                let forwarded = EmailMessage::from_bytes(sent.message().as_bytes_with(policy));
                assert_eq!(forwarded.keys().collect::<Vec<_>>(), letter.keys().collect::<Vec<_>>(), "{policy:?} {to}");
            }
        }
    }
}

// S1: a carriage return alone is a line end for some servers, and for Python.
fn a_received_header_with_line_ends_adds_none(fixture: &Fixture) {
    for end in ["\r", "\n", "\r\n"] {
        let raw = format!("From: ann@example.com\nTo: bob@example.org\nSubject: x{end}X-Evil: 1\n\nbody\n");
        let letter = EmailMessage::from_bytes(&raw);
        assert_eq!(letter.get("X-Evil").as_deref(), Some("1"), "what a server would see is seen here too");
    }
    let letter = EmailMessage::from_bytes("From: ann@example.com\nTo: bob@example.org\nSubject: a\0b\nX-Id: <a\0b>\n\nbody\n");
    fixture.connect().send_message(&letter).wait().unwrap().check().unwrap();
    assert!(!fixture.servers.outbox()[0].data.contains(&0));
}

// S9
fn a_dropped_verb_closes_the_connection(fixture: &Fixture) {
    fixture.servers.reply_after("noop", secs(0.3), Reply::new(550, "late"));
    let smtp = fixture.connect();
    let mut verb = Box::pin(smtp.noop().into_future());
    // In memory nothing is late, and the verb may be done.
    if verb.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
        return;
    }
    drop(verb);
    assert!(!smtp.is_connected());
    let next = smtp.rset().wait();
    assert!(matches!(next, Err(Error::ServerDisconnected { .. })), "{next:?}");
    assert_eq!(smtp.connect().wait().unwrap().code, 220);
    assert_eq!(smtp.rset().wait().unwrap().code, 250);
}

// S9
fn a_dropped_message_closes_the_connection(fixture: &Fixture) {
    for verb in ["mail", "rcpt", "data", "message"] {
        fixture.servers.reply_after(verb, secs(0.3), Reply::new(if verb == "data" { 354 } else { 250 }, "late"));
        let smtp = fixture.connect();
        smtp.ehlo("").wait().unwrap();
        let mut mail = Box::pin(smtp.sendmail("a@b.c", ["b@c.d"], "x\n").into_future());
        if mail.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
            continue;
        }
        drop(mail);
        assert!(!smtp.is_connected(), "{verb}");
        assert!(matches!(smtp.noop().wait(), Err(Error::ServerDisconnected { .. })), "{verb}");
    }
}

// D3
fn eight_bit_bodies_are_declared_or_encoded(fixture: &Fixture) {
    let mut letter = message(&[("From", "ann@example.com"), ("To", "bob@example.org"), ("Subject", "Grüße")]);
    letter.set_content("naïve\n").unwrap();
    fixture.connect().send_message(&letter).wait().unwrap().check().unwrap();
    let sent = fixture.servers.outbox().pop().unwrap();
    assert!(sent.mail_options.contains(&"BODY=8BITMIME".to_owned()), "{:?}", sent.mail_options);
    assert!(!sent.data.is_ascii());
    // The caller's word counts.
    fixture.connect().send_message(&letter).mail_options(["body=8bitmime"]).wait().unwrap().check().unwrap();
    let sent = fixture.servers.outbox().pop().unwrap();
    assert_eq!(sent.mail_options.iter().filter(|option| option.to_ascii_lowercase().starts_with("body=")).count(), 1);
    // ASCII needs nothing.
    fixture.connect().send_message(&message(&[("From", "a@b.c"), ("To", "b@c.d")])).wait().unwrap().check().unwrap();
    assert!(!fixture.servers.outbox().pop().unwrap().mail_options.iter().any(|option| option.contains("BODY")));
    fixture.servers.without_extension("8BITMIME");
    fixture.connect().send_message(&letter).wait().unwrap().check().unwrap();
    let sent = fixture.servers.outbox().pop().unwrap();
    assert!(sent.data.is_ascii() && !sent.mail_options.iter().any(|option| option.contains("BODY")));
    assert_eq!(sent.message().get_text().unwrap(), "naïve\r\n");
    assert_eq!(sent.message().get("Subject").as_deref(), Some("Grüße"));
}

// D4
fn a_missing_sender_or_recipient_is_named(fixture: &Fixture) {
    for (headers, text) in [
        (&[("From", "a@b.c")][..], "no address in the headers To, Cc and Bcc"),
        (&[("From", "a@b.c"), ("To", "nobody:;")], "no address in the headers To, Cc and Bcc"),
        (&[("To", "a@b.c")], "no header From or Sender"),
        (&[("To", "a@b.c"), ("From", "")], "header From holds no address"),
        (&[("To", "a@b.c"), ("From", "a@b.c"), ("Sender", " ")], "header Sender holds no address"),
        (&[("To", "a@b.c"), ("From", "a@b.c"), ("Resent-Date", "now")], "Resent-From"),
    ] {
        let error = fixture.connect().send_message(&message(headers)).wait().unwrap_err();
        assert!(matches!(&error, Error::Value(_)) && error.to_string().contains(text), "{headers:?}: {error}");
    }
    let none: [&str; 0] = [];
    assert!(matches!(fixture.connect().sendmail("a@b.c", none, "x").wait(), Err(Error::Value(_))));
    assert!(fixture.servers.outbox().is_empty());
}

fn recipients_of_the_caller_need_no_header(fixture: &Fixture) {
    let letter = message(&[("To", "not an address")]);
    let send = || fixture.connect().send_message(&letter).from_addr("jörg@example.com").to_addrs(["b@c.d"]);
    send().wait().unwrap().check().unwrap();
    let sent = fixture.servers.outbox().pop().unwrap();
    assert_eq!((sent.mail_from.as_str(), &sent.rcpt_to[..]), ("jörg@example.com", &["b@c.d".to_owned()][..]));
    assert!(sent.mail_options.contains(&"SMTPUTF8".to_owned()));
}

// D5
fn challenges_come_to_an_end(fixture: &Fixture) {
    for _ in 0..20 {
        fixture.servers.reply("auth", Reply::new(334, "")).reply("ea==", Reply::new(334, ""));
    }
    let smtp = fixture.connecting().dangerously_allow_cleartext_login().wait().unwrap();
    let error = smtp.auth("X-NEVER", |_| Some("x".into())).wait().unwrap_err();
    assert!(error.is_smtp_exception() && !error.is_response(), "{error:?}");
}

// D10
fn some_refused_recipients_can_be_an_error(fixture: &Fixture) {
    fixture.servers.refuse("eve@example.org", Reply::new(550, "no such user"));
    let smtp = fixture.connect();
    let send = || smtp.sendmail("a@b.c", ["bob@example.org", "eve@example.org"], "x\n");
    let refused = send().wait().unwrap();
    assert_eq!(refused.keys().collect::<Vec<_>>(), ["eve@example.org"]);
    let error = refused.check().unwrap_err();
    assert!(matches!(&error, Error::SomeRecipientsRefused { recipients } if recipients["eve@example.org"].code == 550));
    assert_eq!(error.to_string(), "the server refuses 1 of the recipients: <eve@example.org> 550 no such user");
    assert_eq!(fixture.servers.outbox()[0].rcpt_to, ["bob@example.org"]);
}

// D8
fn exceptions_of_the_protocol(fixture: &Fixture) {
    fixture.servers.refuse("eve@example.org", Reply::new(550, "no"));
    let refused = fixture.connect().sendmail("a@b.c", ["eve@example.org"], "x").wait().unwrap_err();
    assert!(refused.is_smtp_exception());
    let value = fixture.connect().sendmail("a@b.c\n", ["eve@example.org"], "x").wait().unwrap_err();
    assert!(!value.is_smtp_exception());
}

// D8
fn options_may_be_empty(fixture: &Fixture) {
    let smtp = fixture.connect();
    smtp.ehlo("").wait().unwrap();
    assert_eq!(smtp.mail("a@b.c", []).wait().unwrap().code, 250);
    assert_eq!(smtp.rcpt("b@c.d", []).wait().unwrap().code, 250);
    assert_eq!(smtp.data("x\n").wait().unwrap().code, 250);
    let mut letter = message(&[("From", "a@b.c"), ("To", "b@c.d")]);
    // D6: a related part with a file name is an attachment.
    letter.add_related(Content::bytes("x", "image", "png").filename("x.png")).unwrap();
    assert!(letter.iter_parts().nth(1).unwrap().is_attachment());
}

// D8
fn quit_follows_the_last_clone(fixture: &Fixture) {
    let smtp = fixture.connect();
    let clone = smtp.clone();
    drop(smtp);
    assert_eq!(clone.noop().wait().unwrap().code, 250);
    drop(clone);
    assert_eq!(fixture.connect().noop().wait().unwrap().code, 250);
}
