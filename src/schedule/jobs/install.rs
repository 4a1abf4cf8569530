//! `install` and `uninstall`: files for systemd and cron, which are recognized by their first line.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use super::super::Error;
use super::super::hand_over::escape;
use super::Jobs;
use super::commands::{chosen, chosen_with_rules, hand_over, named, warn};
use crate::Batteries;
use crate::os::{self, MakeDirs, Open};

/// The names of a program's units: `ops-nightly`.
pub(super) fn unit_name(jobs: &Jobs, escaped: &str) -> crate::Result<String> {
    let name = format!("{}-{escaped}", escape(&jobs.program)?);
    if name.len() > 255 - ".service".len() {
        return Err(Error::Value(format!("the name of the unit '{name}' is longer than a file name may be")).into());
    }
    Ok(name)
}

fn mark(jobs: &Jobs) -> String {
    format!("# Made by `{} install`; `{} uninstall` removes it.\n", jobs.program, jobs.program)
}

/// What the comment before a line of the file for cron begins with; the job's name follows.
const JOB: &str = "# Job: ";

/// The lines of the file for cron, with their jobs.
fn cron_lines(batteries: &Batteries, path: &Path) -> crate::Result<Vec<(String, String)>> {
    let text = match batteries.os.read_text(path) {
        Ok(text) => text,
        Err(os::Error::FileNotFound(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let lines: Vec<&str> = text.lines().collect();
    let pairs = lines.windows(2).filter_map(|pair| Some((pair.first()?.strip_prefix(JOB)?, *pair.last()?)));
    Ok(pairs.map(|(name, line)| (name.to_owned(), line.to_owned())).collect())
}

fn write_cron(jobs: &Jobs, batteries: &Batteries, path: &Path, lines: &[(String, String)]) -> crate::Result<()> {
    let text: String = lines.iter().map(|(name, line)| format!("{JOB}{name}\n{line}\n")).collect();
    write(jobs, batteries, path, &text)
}

/// Where systemd looks for units.
fn unit_dir(batteries: &Batteries, user: bool) -> crate::Result<PathBuf> {
    if !user {
        return Ok("/etc/systemd/system".into());
    }
    let variable = |name: &str| batteries.os.environ.get(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let config = variable("XDG_CONFIG_HOME").or_else(|| variable("HOME").map(|home| home.join(".config")));
    let config = config.ok_or_else(|| Error::Value("neither XDG_CONFIG_HOME nor HOME is set".into()))?;
    Ok(config.join("systemd/user"))
}

/// The file for cron. Its lines name the user.
fn cron_file(jobs: &Jobs, user: bool) -> crate::Result<PathBuf> {
    if user {
        let text = format!("a user's crontab is changed by crontab(1): use `{} emit --cron`", jobs.program);
        return Err(Error::Value(text).into());
    }
    // run-parts(8) and cron ignore files with other characters in their names.
    let fits = jobs.program.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_');
    if !fits || jobs.program.is_empty() {
        return Err(Error::Value(format!("cron ignores a file named '{}' in /etc/cron.d", jobs.program)).into());
    }
    Ok(Path::new("/etc/cron.d").join(&jobs.program))
}

/// Refuses to replace or remove a file that `install` has not written.
fn is_ours(jobs: &Jobs, batteries: &Batteries, path: &Path) -> crate::Result<bool> {
    match batteries.os.read_text(path) {
        Ok(text) if text.starts_with(&mark(jobs)) => Ok(true),
        Ok(_) => Err(Error::Value(format!("{} was not written by `{} install`", path.display(), jobs.program)).into()),
        Err(os::Error::FileNotFound(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn write(jobs: &Jobs, batteries: &Batteries, path: &Path, text: &str) -> crate::Result<()> {
    is_ours(jobs, batteries, path)?;
    batteries.os.write_text(Open::new(path).permissions(0o644).sync(true), mark(jobs) + text)?;
    batteries.sys.stdout.write(&format!("wrote {}\n", path.display()))?;
    Ok(())
}

pub(super) fn install(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches) -> crate::Result<u8> {
    let user = matches.get_flag("user");
    // Everything is made before anything is written: a job that is refused leaves no half of a set.
    let mut files = Vec::new();
    let mut timers = Vec::new();
    let mut lines = Vec::new();
    let names = chosen_with_rules(jobs, matches);
    if names.is_empty() {
        return Err(Error::Value("no job has a rule: there is nothing to install".into()).into());
    }
    for name in names {
        let hand_over = hand_over(jobs, batteries, &name, matches)?;
        if matches.get_flag("systemd") {
            let units = hand_over.systemd()?;
            warn(jobs, batteries, &name, &units.warnings)?;
            let (dir, unit) = (unit_dir(batteries, user)?, unit_name(jobs, &units.name)?);
            files.push((dir.join(format!("{unit}.service")), units.service));
            files.push((dir.join(format!("{unit}.timer")), units.timer));
            timers.push(format!("{unit}.timer"));
        } else {
            let line = hand_over.crontab()?;
            warn(jobs, batteries, &name, &line.warnings)?;
            // After the five fields, a system crontab names the user.
            let at = line.text.match_indices(' ').nth(4).map_or(0, |(at, _)| at);
            let (fields, command) = line.text.split_at_checked(at).unwrap_or(("", &line.text));
            lines.push((name, format!("{fields} root{}", command.trim_end_matches('\n'))));
        }
    }
    if matches.get_flag("systemd") {
        batteries.os.makedirs(MakeDirs::new(unit_dir(batteries, user)?).exist_ok(true))?;
        for (path, text) in &files {
            write(jobs, batteries, path, text)?;
        }
        let flag = if user { " --user" } else { "" };
        let timers = crate::os::shlex::join(timers.iter().map(String::as_str))?;
        batteries
            .sys
            .stdout
            .write(&format!("now run: systemctl{flag} daemon-reload && systemctl{flag} enable --now {timers}\n"))?;
    } else {
        let path = cron_file(jobs, user)?;
        if is_ours(jobs, batteries, &path)? && !named(matches).is_empty() {
            // The other jobs stay.
            let others = cron_lines(batteries, &path)?.into_iter();
            let others: Vec<_> = others.filter(|(name, _)| !lines.iter().any(|(new, _)| new == name)).collect();
            lines.splice(0..0, others);
        }
        write_cron(jobs, batteries, &path, &lines)?;
    }
    Ok(0)
}

pub(super) fn uninstall(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches) -> crate::Result<u8> {
    let user = matches.get_flag("user");
    let mut files = Vec::new();
    if matches.get_flag("systemd") {
        let dir = unit_dir(batteries, user)?;
        for name in chosen(jobs, matches) {
            let unit = unit_name(jobs, &escape(&name)?)?;
            files.extend([dir.join(format!("{unit}.timer")), dir.join(format!("{unit}.service"))]);
        }
        batteries.sys.stdout.write("before or after this, run: systemctl disable --now the timers\n")?;
    } else {
        let (path, names) = (cron_file(jobs, user)?, named(matches));
        let mut rest = Vec::new();
        if !names.is_empty() && is_ours(jobs, batteries, &path)? {
            rest = cron_lines(batteries, &path)?;
            rest.retain(|(name, _)| !names.contains(name));
        }
        if rest.is_empty() {
            files.push(path);
        } else {
            write_cron(jobs, batteries, &path, &rest)?;
        }
    }
    for path in files {
        if is_ours(jobs, batteries, &path)? {
            batteries.os.remove(&path)?;
            batteries.sys.stdout.write(&format!("removed {}\n", path.display()))?;
        }
    }
    Ok(0)
}
