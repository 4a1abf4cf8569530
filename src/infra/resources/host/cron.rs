//! [`CronLine`]: a job of cron.

use serde::{Deserialize, Serialize};

use super::{batteries, check_name, expect_kind, look, name_id, name_of, on_host};
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};
use crate::os::{FileType, Open};
use crate::schedule::Cron;

/// A job of cron in a file of its own, `/etc/cron.d/NAME`: `CronLine::new("backup", "0 3 * * *", "root", "/usr/local/bin/backup")`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct CronLine {
    host: Option<String>,
    name: String,
    schedule: String,
    user: String,
    command: String,
}

on_host!(CronLine);

impl CronLine {
    /// A job of this name: five fields or `@daily` and the like, the user, and a line for the shell.
    pub fn new(
        name: impl Into<String>,
        schedule: impl Into<String>,
        user: impl Into<String>,
        command: impl Into<String>,
    ) -> CronLine {
        // One space between two fields: that is how the file is read.
        let schedule: String = schedule.into();
        let schedule = schedule.split_whitespace().collect::<Vec<_>>().join(" ");
        CronLine { host: None, name: name.into(), schedule, user: user.into(), command: command.into() }
    }

    fn path(name: &str) -> String {
        format!("/etc/cron.d/{name}")
    }

    fn text(&self) -> String {
        format!("{} {} {}\n", self.schedule, self.user, self.command)
    }

    /// The job in a file of cron: comments and variables are passed over; None if there is not exactly one job.
    fn parse(host: Option<String>, name: &str, text: &str) -> Option<CronLine> {
        let plain = |line: &&str| {
            !line.is_empty() && !line.starts_with('#') && !line.split_whitespace().next().is_some_and(|word| word.contains('='))
        };
        let mut lines = text.lines().map(str::trim).filter(plain);
        let line = lines.next().filter(|_| lines.next().is_none())?;
        let fields = if line.starts_with('@') { 1 } else { 5 };
        let mut rest = line;
        let mut words = Vec::new();
        for _ in 0..=fields {
            let (word, after) = rest.trim_start().split_once(char::is_whitespace)?;
            words.push(word);
            rest = after;
        }
        let user = words.pop()?.to_owned();
        Some(CronLine { host, name: name.to_owned(), schedule: words.join(" "), user, command: rest.trim_start().to_owned() })
    }
}

/// cron passes over a line that it cannot read, and over the rest of its file with it: the first sign is a job that did not run.
fn check_schedule(schedule: &str) -> crate::Result<()> {
    // It compares the words letter by letter.
    let word = schedule.starts_with('@');
    if schedule == "@reboot" {
        return Ok(());
    }
    let cron: Cron = schedule.parse()?;
    // crontab(5): steps follow a star or a range.
    let lone_step = |term: &str| term.split_once('/').is_some_and(|(values, _)| values != "*" && !values.contains('-'));
    if !cron.is_plain() || (word && schedule != schedule.to_lowercase()) || schedule.split([' ', ',']).any(lone_step) {
        return Err(crate::Error::other(format!("schedule {schedule:?} is not one of crontab(5)")));
    }
    Ok(())
}

impl Resource for CronLine {
    const TYPE: &'static str = "host.cron_line";
    type Out = ();

    const FIELDS: &'static [Field] = &[Field::new("host").force_new(), Field::new("name").force_new()];

    fn validate(&self) -> crate::Result<()> {
        // cron passes over files with a dot in their name.
        let plain = self.name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
        if self.name.is_empty() || self.name.starts_with('-') || !plain {
            return Err(crate::Error::other(format!(
                "name {:?}: cron reads only names of letters, digits, '_' and '-'",
                self.name
            )));
        }
        check_name("user", &self.user)?;
        check_schedule(&self.schedule)?;
        let parsed = CronLine::parse(None, &self.name, &self.text());
        if parsed.is_some_and(|parsed| parsed.command == self.command && parsed.schedule == self.schedule) {
            return Ok(());
        }
        let problem = match self.command.trim() {
            "" => "is empty",
            plain if plain != self.command => "begins or ends with white space",
            _ => "does not fit into one line",
        };
        Err(crate::Error::other(format!("command {:?} {problem}", self.command)))
    }

    fn natural_id(&self) -> Option<Id> {
        Some(name_id(self.host.as_ref(), &self.name))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<CronLine>>) -> crate::Result<Option<Live<CronLine>>> {
        let (host, name) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        let path = CronLine::path(name);
        let Some(stat) = look(&there, &path)? else { return Ok(None) };
        expect_kind(&path, stat.file_type(), FileType::File)?;
        let text = String::from_utf8_lossy(&there.os.read_bytes(path.as_str())?).into_owned();
        let job = CronLine::parse(host.clone(), name, &text).unwrap_or_else(|| CronLine {
            // More than one job, or none: it differs from every declaration.
            host,
            name: name.to_owned(),
            schedule: String::new(),
            user: String::new(),
            command: text,
        });
        Ok(Some(Live::new(job, ())))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ())> {
        let there = batteries(scope, self.host.as_ref())?;
        there.os.write_bytes(Open::new(CronLine::path(&self.name)).permissions(0o644), self.text())?;
        Ok((name_id(self.host.as_ref(), &self.name), ()))
    }

    async fn update(&self, scope: &Scope, _: &Id, _: &Live<CronLine>) -> crate::Result<()> {
        self.create(scope, &Token(String::new())).await.map(drop)
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<CronLine>) -> crate::Result<()> {
        let (host, name) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        if look(&there, &CronLine::path(name))?.is_some() {
            there.os.unlink(CronLine::path(name))?;
        }
        Ok(())
    }
}
