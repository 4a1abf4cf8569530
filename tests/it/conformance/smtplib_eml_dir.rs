//! Mails as files, in a world and on this machine.

use leyden::prelude::*;
use leyden::smtplib::email::EmailMessage;
use leyden::smtplib::{EmlDir, Error};

/// The mails in a directory, in the order in which they were sent.
fn mails(os: &leyden::os::Os, directory: &str) -> Vec<String> {
    let mut names = os.listdir(directory).unwrap();
    names.sort();
    names.iter().map(|name| os.read_text(format!("{directory}/{}", name.display())).unwrap()).collect()
}

fn mails_become_files(Batteries { os, time, .. }: &Batteries, directory: &str) {
    let smtplib = EmlDir::new(os, time, directory).handle();
    let pool = smtplib.smtp("mail.example.com", 587).pool().starttls().login("anybody", "any password");
    for subject in ["one", "two", "three"] {
        let mut message = EmailMessage::new();
        message.set("From", "ann@example.com").unwrap().set("To", "jörg@example.org").unwrap();
        message.set("Bcc", "dora@example.org").unwrap().set("Subject", subject).unwrap().set_content(".dot\n").unwrap();
        assert!(pool.send_message(&message).wait().unwrap().is_empty());
    }
    let mails = mails(os, directory);
    assert_eq!(mails.len(), 3);
    for (mail, subject) in mails.iter().zip(["one", "two", "three"]) {
        let read = EmailMessage::from(mail.as_str());
        assert_eq!(read.get_all("X-Receiver"), ["jörg@example.org", "dora@example.org"]);
        assert_eq!((read.get("Subject").as_deref(), read.contains("Bcc")), (Some(subject), false));
        assert_eq!(read.get_text().unwrap(), ".dot\n");
    }
}

#[test]
fn in_a_world() {
    mails_become_files(&World::new().batteries(), "/out/box");
}

#[test]
fn on_this_machine() {
    let directory = std::env::temp_dir().join(format!("leyden-eml-{}", std::process::id()));
    mails_become_files(&Batteries::included(), directory.to_str().unwrap());
    std::fs::remove_dir_all(directory).unwrap();
}

#[test]
fn what_cannot_be_written_is_refused() {
    let Batteries { os, time, .. } = &World::new().batteries();
    os.write_text("/outbox", "no directory").unwrap();
    let smtp = EmlDir::new(os, time, "/outbox").handle().smtp("mail.example.com", 25).wait().unwrap();
    let send = || smtp.sendmail("ann@example.com", ["bob@example.org"], "x\n").wait();
    assert!(matches!(send(), Err(Error::Data(reply)) if reply.code == 451));
    os.remove("/outbox").unwrap();
    assert!(send().unwrap().is_empty());
    assert_eq!(mails(os, "/outbox").len(), 1);
}
