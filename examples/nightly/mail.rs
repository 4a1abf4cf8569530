//! The report by mail: once for each state of things.

use crate::job::{Done, Settings};
use crate::report::Written;
use leyden::prelude::*;
use leyden::smtplib::email::{Content, EmailMessage};

pub fn send(Batteries { os, smtplib, .. }: &Batteries, settings: &Settings, report: &Written) -> leyden::Result<((), Done)> {
    let marker = settings.out.join("mailed.txt");
    if os.path.exists(&marker) && os.read_text(&marker)?.trim() == report.fingerprint {
        return Ok(((), Done::nothing(format!("{} has it already", settings.to))));
    }
    let mut message = EmailMessage::new();
    let subject = match report.problems {
        0 => "Nightly report: no problems".to_owned(),
        1 => "Nightly report: 1 problem".to_owned(),
        n => format!("Nightly report: {n} problems"),
    };
    message.set("From", &settings.from)?.set("To", &settings.to)?.set("Subject", subject)?;
    message.set_content(format!("{} problems. The report is in the HTML part, and attached.\n", report.problems))?;
    message.add_alternative(Content::html(report.html.as_str()))?;
    message.add_attachment(Content::file("report.zip", os.read_bytes(&report.archive)?))?;
    let (host, port) = settings.smtp.rsplit_once(':').unwrap_or((&settings.smtp, "0"));
    let port = port.parse::<u16>()?;
    let smtp = smtplib.smtp(host, port).timeout(secs(30)).wait()?;
    smtp.send_message(&message).wait()?.check()?;
    smtp.quit().wait()?;
    // A run that dies before this line mails once more, rather than never.
    os.write_text(&marker, format!("{}\n", report.fingerprint))?;
    Ok(((), Done::changed(format!("sent to {}", settings.to))))
}
