//! Mail: composing a report with a picture and an attachment, and sending it.
//!
//!     cargo run --example smtplib --features smtplib [HOST PORT]
//!
//! Without a server it goes to one in memory, and what arrived there is shown.

use leyden::prelude::*;
use leyden::smtplib::email::{Content, EmailMessage, formatdate, make_msgid};

fn report(batteries: &Batteries, host: &str, port: u16) -> leyden::Result<()> {
    let mut message = EmailMessage::new();
    message.set("From", "Monitor <monitor@example.com>")?;
    message.set("To", "Operations <ops@example.com>, Jörg Müller <joerg@example.org>")?;
    message.set("Subject", "Tagesbericht: alles grün")?;
    message.set("Date", formatdate(&batteries.time)?)?;
    message.set("Message-ID", make_msgid(&batteries.os, &batteries.time, None, Some("example.com"))?)?;
    message.set_content("All disks have room.\n")?;
    message.add_alternative(Content::html("<p>All disks have <b>room</b>. <img src=\"cid:chart@leyden\"></p>\n"))?;
    message.add_attachment(Content::file("disks.csv", "mount,percent\n/,40\n"))?;
    let smtp = batteries.smtplib.smtp(host, port).wait()?;
    for (recipient, reply) in smtp.send_message(&message).wait()? {
        batteries.sys.stdout.write(&format!("{recipient} was refused: {reply}\n"))?;
    }
    smtp.quit().wait()?;
    Ok(())
}

fn main() -> leyden::Result<()> {
    let real = Batteries::included();
    let arguments: Vec<String> = real.sys.argv().iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    if let [_, host, port] = &arguments[..] {
        return report(&real, host, port.parse()?);
    }
    let world = World::new();
    world.smtplib.refuse("joerg@example.org", leyden::smtplib::Reply::new(451, "greylisted, try again later"));
    report(&Batteries::builder().smtplib(world.smtplib.handle()).build(), "mail.example.com", 25)?;
    for envelope in world.smtplib.outbox() {
        let message = envelope.message();
        real.sys.stdout.write(&format!("from {} to {:?}\n", envelope.mail_from, envelope.rcpt_to))?;
        real.sys.stdout.write(&format!("subject: {}\n", message.get("Subject").unwrap_or_default()))?;
        for part in message.walk() {
            real.sys.stdout.write(&format!("  {} {}\n", part.get_content_type(), part.get_filename().unwrap_or_default()))?;
        }
    }
    Ok(())
}
