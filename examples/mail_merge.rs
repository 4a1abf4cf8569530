//! A mail merge: a template, a list of people, and one mail for each of them.
//!
//!     cargo run --example mail_merge --features smtplib,re              a rehearsal, in memory
//!     mail_merge [--dry-run] TEMPLATE.txt PEOPLE.csv FROM               the real thing
//!
//! The first line of the template is the subject; `$name` stands for the column `name`; the column `email` is the
//! address. The recipients that got the mail are recorded in `PEOPLE.csv.sent`, so a second run after an error mails only
//! the others. With `--dry-run` nothing is mailed, and the plan lists the mails. The exit code is 1 if a recipient was
//! refused. The mail goes to the server in `SMTP_HOST`.
//!
//! The Python original:
//!
//! ```python
//! template, people, sender = sys.argv[1:]
//! subject, body = map(string.Template, open(template).read().split("\n", 1))
//! journal = people + ".sent"
//! sent = set(open(journal).read().split()) if os.path.exists(journal) else set()
//! refused = 0
//! with smtplib.SMTP(os.getenv("SMTP_HOST", "localhost")) as smtp:
//!     for person in csv.DictReader(open(people)):
//!         if person["email"] in sent:
//!             continue
//!         message = EmailMessage()
//!         message["From"], message["To"] = sender, person["email"]
//!         message["Subject"] = subject.substitute(person)
//!         message.set_content(body.substitute(person))
//!         try:
//!             smtp.send_message(message)
//!         except smtplib.SMTPException as error:
//!             print(person["email"], "was refused:", error)
//!             refused += 1
//!         else:
//!             print("mailed", person["email"])
//!             with open(journal, "a") as file:
//!                 file.write(person["email"] + "\n")
//! sys.exit(1 if refused else 0)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::layers::DryRun;
use leyden::prelude::*;
use leyden::re::Sub;
use leyden::smtplib::email::EmailMessage;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

const USAGE: &str = "usage: mail_merge [--dry-run] TEMPLATE.txt PEOPLE.csv FROM";

fn merge(Batteries { os, sys, smtplib, .. }: &Batteries) -> leyden::Result<()> {
    let args: Vec<String> = sys.args().into_iter().filter(|arg| arg != "--dry-run").collect();
    let [template, people, sender] = &args[..] else { match sys.exit(USAGE)? {} };

    let template = os.read_text(template)?;
    let (subject, body) = template.split_once('\n').unwrap_or((&template, ""));
    let journal = format!("{people}.sent");
    let sent = if os.path.exists(&journal) { os.read_text(&journal)? } else { String::new() };
    let sent: BTreeSet<&str> = sent.lines().collect();

    // All mails are written before the first one is sent, so an error in the template is found in time.
    let mut letters = Vec::new();
    for person in dict_reader(&os.read_text(people)?)? {
        let address = person.get("email").cloned().unwrap_or_default();
        if !sent.contains(address.as_str()) {
            let mut message = EmailMessage::new();
            message.set("From", sender)?.set("To", &address)?.set("Subject", substitute(subject, &person)?)?;
            message.set_content(substitute(body, &person)?)?;
            letters.push((address, message));
        }
    }
    let host = os.getenv("SMTP_HOST").unwrap_or_else(|| "localhost".into());
    let smtp = smtplib.smtp(&host.to_string_lossy(), 25).wait()?;
    let mut refused = 0;
    for (address, message) in letters {
        match smtp.send_message(&message).wait() {
            Ok(_) => {
                os.open(Open::new(&journal).mode("a"))?.write_text(format!("{address}\n"))?;
                sys.stdout.write(&format!("mailed {address}\n"))?;
            }
            // Who is refused does not keep the others waiting; without a server there is nothing to go on with.
            Err(error) if smtp.is_connected() => {
                sys.stdout.write(&format!("{address} was refused: {error}\n"))?;
                refused += 1;
            }
            Err(error) => return Err(error.into()),
        }
    }
    smtp.quit().wait()?;
    if refused > 0 {
        sys.exit(1)?;
    }
    Ok(())
}

/// Python's `string.Template(text).substitute(values)`: `$name`, `${name}`, and `$$` for a dollar.
fn substitute(text: &str, values: &BTreeMap<String, String>) -> leyden::Result<String> {
    let mut missing = None;
    let filled = re::sub(
        r"\$(?:(\$)|(\w+)|\{(\w+)\})",
        Sub::new(|found: &re::Match| match found.group(2).or(found.group(3)) {
            None => "$".to_owned(),
            Some(name) => values.get(name).cloned().unwrap_or_else(|| {
                missing = Some(name.to_owned());
                String::new()
            }),
        }),
        text,
    )?;
    missing
        .map_or(Ok(filled), |name| Err(leyden::Error::other(format!("the template wants ${name}, and there is no such column"))))
}

/// Python's `csv.DictReader`, but for fields with newlines in them.
fn dict_reader(text: &str) -> leyden::Result<Vec<BTreeMap<String, String>>> {
    let field = re::compile(r#"(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))"#)?;
    let fields = |line| -> re::Result<Vec<String>> {
        let found: Vec<(&str, &str)> = field.findall(line)?;
        Ok(found
            .into_iter()
            .map(|(quoted, plain)| if quoted.is_empty() { plain.into() } else { quoted.replace("\"\"", "\"") })
            .collect())
    };
    let mut lines = text.lines().filter(|line| !line.is_empty());
    let names = fields(lines.next().unwrap_or_default())?;
    let rows = lines.map(|line| Ok(names.iter().cloned().zip(fields(line)?).collect()));
    Ok(rows.collect::<re::Result<_>>()?)
}

fn main() -> ExitCode {
    let real = Batteries::included();
    if real.sys.args().iter().any(|arg| arg == "--dry-run") {
        let rehearsal = DryRun::over(&real);
        let code = real.sys.finish(merge(&rehearsal.batteries()));
        println!("{}", rehearsal.plan());
        return code;
    }
    if real.sys.argv().len() > 1 {
        return real.sys.finish(merge(&real));
    }
    let world = rehearsal();
    for run in ["the first run", "the second run, a day later"] {
        let code = world.batteries().sys.status_of(merge(&world.batteries()));
        println!("{run}: exit code {code}");
        world.clock().advance(secs(86_400));
    }
    print!("{}", world.sys.stdout());
    for envelope in world.smtplib.outbox() {
        let message = envelope.message();
        println!("\nTo: {}\nSubject: {}\n", envelope.rcpt_to[0], message.get("Subject").unwrap_or_default());
        print!("{}", message.get_text().unwrap_or_default().replace("\r\n", "\n"));
    }
    ExitCode::SUCCESS
}

/// Three people, one of whose mail servers wants to be asked again later.
fn rehearsal() -> World {
    let world = World::new();
    world.sys.set_argv(["mail_merge", "/letter.txt", "/people.csv", "Library <library@example.com>"]);
    world.os.write("/letter.txt", "$title is due\nDear $name,\n\nplease bring back $title, or pay $$${fine}.\n");
    world.os.write(
        "/people.csv",
        "email,name,title,fine\nada@example.com,Ada,\"Sketch, with notes\",2\nbob@example.org,Bob,Moby Dick,5\njoerg@example.net,Jörg,Faust,1\n",
    );
    world.smtplib.greylist("bob@example.org", 1);
    world
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::layers::dry_run::Effect;
    use leyden::world::torture;

    fn code(world: &World) -> u8 {
        world.batteries().sys.status_of(merge(&world.batteries()))
    }

    fn recipients(world: &World) -> Vec<String> {
        world.smtplib.outbox().iter().map(|envelope| envelope.rcpt_to[0].clone()).collect()
    }

    #[test]
    fn each_gets_a_mail_of_his_own_and_only_once() {
        let world = rehearsal();
        assert_eq!((code(&world), code(&world), code(&world)), (1, 0, 0));
        assert_eq!(recipients(&world), ["ada@example.com", "joerg@example.net", "bob@example.org"]);
        let first = world.smtplib.outbox()[0].message();
        assert_eq!(first.get("Subject").as_deref(), Some("Sketch, with notes is due"));
        assert_eq!(
            first.get_text().unwrap().replace("\r\n", "\n"),
            "Dear Ada,\n\nplease bring back Sketch, with notes, or pay $2.\n"
        );
    }

    /// What a rehearsal plans is what the run then does.
    #[test]
    fn a_dry_run_sends_nothing() {
        let world = rehearsal();
        world.sys.set_argv(["mail_merge", "--dry-run", "/letter.txt", "/people.csv", "library@example.com"]);
        let dry_run = DryRun::over(&world.batteries());
        assert_eq!(dry_run.batteries().sys.status_of(merge(&dry_run.batteries())), 0);
        assert!(world.smtplib.outbox().is_empty() && !world.os.exists("/people.csv.sent"));
        let plan = dry_run.plan();
        let mailed: Vec<&String> = plan
            .effects()
            .iter()
            .filter_map(|effect| match effect {
                Effect::Mail { rcpt_to, .. } => rcpt_to.first(),
                _ => None,
            })
            .collect();
        assert!(plan.to_string().contains("+ /people.csv.sent ("), "{plan}");
        code(&world);
        let sent = world.os.read_text("/people.csv.sent").unwrap();
        assert!(mailed.iter().any(|address| *address == "bob@example.org"), "{plan}");
        assert!(sent.lines().all(|address| mailed.iter().any(|planned| *planned == address)), "{sent}");
    }

    #[test]
    fn a_mistake_in_the_template_reaches_nobody() {
        let world = rehearsal();
        world.os.write("/letter.txt", "Hello\nDear $nmae\n");
        assert_eq!(code(&world), 1);
        assert_eq!(world.sys.stderr(), "the template wants $nmae, and there is no such column\n");
        assert!(world.smtplib.outbox().is_empty());
    }

    #[test]
    fn fields_are_read_as_python_reads_them() {
        let rows = dict_reader("a,b,c\n,x,\"1, \"\"2\"\"\"\n\"\",,y\n").unwrap();
        assert_eq!(rows[0].values().collect::<Vec<_>>(), ["", "x", "1, \"2\""]);
        assert_eq!(rows[1].values().collect::<Vec<_>>(), ["", "", "y"]);
    }

    #[test]
    fn whatever_fails_who_is_noted_was_mailed_and_nobody_twice() {
        torture(
            |world| {
                world.sys.set_argv(["mail_merge", "/letter.txt", "/people.csv", "library@example.com"]);
                world.os.write("/letter.txt", "Hello\n$email\n");
                world.os.write("/people.csv", "email\nada@example.com\nbob@example.org\n");
            },
            merge,
            |world, _| {
                let (noted, mailed) = (world.os.read_text("/people.csv.sent").unwrap_or_default(), recipients(world));
                match noted.lines().all(|address| mailed.iter().any(|mail| mail == address))
                    && mailed.iter().collect::<BTreeSet<_>>().len() == mailed.len()
                {
                    true => Ok(()),
                    false => Err(format!("noted {noted:?}, mailed {mailed:?}")),
                }
            },
        )
        .assert_ok();
    }
}
