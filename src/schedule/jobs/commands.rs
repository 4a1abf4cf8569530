//! The commands: from arguments to an exit code.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, value_parser};

use super::super::hand_over::HandOver;
use super::super::hand_over::escape;
use super::super::serve::outcome::Outcome;
use super::super::{Error, Result, Scheduler};
use super::{Jobs, When, install, report};
use crate::Batteries;
use crate::layers::{DryRun, Trace};
use crate::wait::Wait;

pub(super) const FAILED: u8 = 1;
pub(super) const USAGE: u8 = 2;
pub(super) const REFUSED: u8 = 3;
const BUSY: u8 = 75;
const TIMED_OUT: u8 = 124;

pub(super) fn run(jobs: &Jobs, batteries: &Batteries, arguments: Vec<OsString>) -> u8 {
    let matches = match command(jobs).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            let stream = if error.use_stderr() { &batteries.sys.stderr } else { &batteries.sys.stdout };
            let _ = stream.write(&error.to_string());
            return u8::try_from(error.exit_code()).unwrap_or(USAGE);
        }
    };
    match dispatch(jobs, batteries, &matches) {
        Ok(code) => code,
        Err(error) => {
            // Without a stderr there is only the code.
            let _ = batteries.sys.stderr.write(&format!("{}: {error}\n", jobs.program));
            code_of(&error)
        }
    }
}

/// What an error means to the program that started this one.
fn code_of(error: &crate::Error) -> u8 {
    match error.downcast_ref::<Error>() {
        Some(Error::JournalInUse { .. }) => BUSY,
        Some(Error::TimedOut { .. }) => TIMED_OUT,
        Some(Error::HandOver { .. }) => REFUSED,
        Some(
            Error::Value(_)
            | Error::DuplicateJob(_)
            | Error::UnknownJob(_)
            | Error::Cron { .. }
            | Error::UnknownTimeZone(_)
            | Error::ScheduleValue(_)
            | Error::Overflow(_),
        ) => USAGE,
        _ => FAILED,
    }
}

fn dispatch(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches) -> crate::Result<u8> {
    let mut names = BTreeSet::new();
    if let Some(entry) = jobs.entries.iter().find(|entry| !names.insert(&entry.name)) {
        return Err(Error::DuplicateJob(entry.name.clone()).into());
    }
    let journal = matches.get_one::<PathBuf>("journal").cloned().or_else(|| jobs.journal.clone());
    let journal = journal.as_deref();
    let Some((command, matches)) = matches.subcommand() else { return Ok(USAGE) };
    match command {
        "list" => report::list(jobs, batteries, journal),
        "run" => run_one(jobs, batteries, matches, journal),
        "schedule" => serve(jobs, batteries, matches, journal),
        "history" => report::history(jobs, batteries, matches, journal),
        "check" => report::check(jobs, batteries, matches, journal),
        "emit" => emit(jobs, batteries, matches),
        "install" => install::install(jobs, batteries, matches),
        "uninstall" => install::uninstall(jobs, batteries, matches),
        "completion" => completion(jobs, batteries, matches),
        name => match jobs.subcommands.iter().find(|subcommand| subcommand.command().get_name() == name) {
            Some(subcommand) => subcommand.run(batteries, matches),
            None => Ok(USAGE),
        },
    }
}

fn completion(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches) -> crate::Result<u8> {
    let mut script = Vec::new();
    if let Some(shell) = matches.get_one::<clap_complete::Shell>("shell") {
        clap_complete::generate(*shell, &mut command(jobs), &jobs.program, &mut script);
    }
    batteries.sys.stdout.write(&String::from_utf8_lossy(&script))?;
    Ok(0)
}

/// A scheduler of its own: a command has nothing to do with the jobs of the batteries' schedule.
pub(super) fn scheduler(jobs: &Jobs, batteries: &Batteries, journal: Option<&Path>) -> Result<Scheduler> {
    let schedule = Scheduler::over(batteries);
    if let Some(dir) = journal {
        let opened = schedule.journal(dir)?;
        let report = |text: String| batteries.sys.stderr.write(&format!("{}: {text}\n", jobs.program)).map(drop);
        for past in opened.interrupted {
            let _ = report(format!("job '{}' was interrupted: process {} ended during its run", past.job, past.pid));
        }
        if let Some((kept, records)) = opened.corrupt {
            let _ = report(format!("the journal was corrupt ({records} records unreadable) and was kept as {}", kept.display()));
        }
    }
    Ok(schedule)
}

/// The journal of `run NAME`.
pub(super) fn run_journal(dir: &Path, name: &str) -> Result<PathBuf> {
    Ok(dir.join("run").join(escape(name)?))
}

fn run_one(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches, journal: Option<&Path>) -> crate::Result<u8> {
    let configured = |rehearsal: DryRun| -> Result<DryRun> {
        let entry = jobs.entry(matches.get_one::<String>("name").map_or("", String::as_str))?;
        Ok(match &entry.rehearsal {
            Some(configure) => configure(rehearsal),
            None => rehearsal,
        })
    };
    let rehearsal = matches.get_flag("dry-run").then(|| configured(DryRun::over(batteries))).transpose()?;
    let seen = rehearsal.as_ref().map_or_else(|| batteries.clone(), DryRun::batteries);
    let trace = matches.get_flag("trace").then(|| Trace::over(&seen, |_| {}));
    let seen = trace.as_ref().map_or(seen, Trace::batteries);
    // A rehearsal leaves the journal alone: nothing ran.
    let journal = journal.filter(|_| rehearsal.is_none());
    let code = run_now(jobs, &seen, matches, journal);
    seen.sys.stdout.flush()?;
    if let Some(rehearsal) = rehearsal {
        batteries.sys.stdout.write(&format!("{}\n", rehearsal.plan()))?;
    }
    if let Some(trace) = trace {
        batteries.sys.stderr.write(&format!("{}\n", trace.summary()))?;
    }
    code
}

fn run_now(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches, journal: Option<&Path>) -> crate::Result<u8> {
    let entry = jobs.entry(matches.get_one::<String>("name").map_or("", String::as_str))?;
    let journal = journal.map(|dir| run_journal(dir, &entry.name)).transpose()?;
    let schedule = scheduler(jobs, batteries, journal.as_deref())?;
    entry.register_now(&schedule)?;
    loop {
        for run in schedule.run_pending() {
            match run.outcome {
                Outcome::Done(output) if output.text.is_empty() => return Ok(0),
                Outcome::Done(output) => {
                    batteries.sys.stdout.write(output.text.trim_end_matches('\n'))?;
                    batteries.sys.stdout.write("\n")?;
                    return Ok(0);
                }
                Outcome::Failed(error) if schedule.next_run(None)?.is_none() => return Err(error.into()),
                Outcome::Failed(error) => {
                    batteries.sys.stderr.write(&format!("{}: {error}; trying again\n", jobs.program))?;
                }
                _ => {}
            }
        }
        let Some(idle) = schedule.idle_seconds()? else { return Ok(FAILED) };
        batteries.time.sleep(crate::prelude::secs(idle)).interruptible().wait()?;
    }
}

fn serve(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches, journal: Option<&Path>) -> crate::Result<u8> {
    let journal = journal.map(|dir| dir.join("schedule"));
    let schedule = scheduler(jobs, batteries, journal.as_deref())?;
    for entry in &jobs.entries {
        entry.register(&schedule)?;
    }
    let workers = matches.get_one::<usize>("workers").copied().unwrap_or(1);
    let (stderr, program) = (batteries.sys.stderr.clone(), jobs.program.clone());
    let watch = move |run: &super::super::Run| {
        let outcome = match &run.outcome {
            Outcome::Done(_) => "done".to_owned(),
            Outcome::Failed(error) => error.to_string(),
            other => format!("{other:?}").to_lowercase(),
        };
        let started = run.started.with_microsecond(0);
        // A log that cannot be written does not stop the jobs.
        let _ = stderr.write(&format!("{program}: {started} {} {:.1} s: {outcome}\n", run.job, run.duration.as_secs_f64()));
    };
    schedule.serve().workers(workers).stop(&jobs.stop).watch(watch).wait()?;
    Ok(0)
}

/// The job for another engine. Its command is this program.
pub(super) fn hand_over(jobs: &Jobs, batteries: &Batteries, name: &str, matches: &ArgMatches) -> crate::Result<HandOver> {
    let job = jobs.entry(name)?.register(&Scheduler::over(batteries))?;
    let job = job.ok_or_else(|| Error::Value(format!("job '{name}' has no rule: it runs only by `run {name}`")))?;
    let program = batteries.sys.executable()?;
    let program = program.to_str().ok_or_else(|| Error::Value(format!("the path {} is not text", program.display())))?;
    let mut command = vec![program, "run"];
    // The target starts it in another directory.
    let journal = matches.get_one::<PathBuf>("journal").map(|dir| batteries.os.path.abspath(dir)).transpose()?;
    if let Some(dir) = &journal {
        let dir = dir.to_str().ok_or_else(|| Error::Value(format!("the path {} is not text", dir.display())))?;
        command.extend(["--journal", dir]);
    }
    if name.starts_with('-') {
        // It is not an option.
        command.push("--");
    }
    command.push(name);
    let hand_over = HandOver::of(&job, command)?;
    Ok(if matches.get_flag("allow-differences") { hand_over.allow_differences() } else { hand_over })
}

/// The names that were given, each once.
pub(super) fn named(matches: &ArgMatches) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let names = matches.get_many::<String>("name").into_iter().flatten();
    names.filter(|name| seen.insert(name.as_str())).cloned().collect()
}

/// The names that were given, or all jobs.
pub(super) fn chosen(jobs: &Jobs, matches: &ArgMatches) -> Vec<String> {
    let names = named(matches);
    if names.is_empty() { jobs.entries.iter().map(|entry| entry.name.clone()).collect() } else { names }
}

/// The names that were given, or all jobs that have a rule.
pub(super) fn chosen_with_rules(jobs: &Jobs, matches: &ArgMatches) -> Vec<String> {
    let names = named(matches);
    let with_rules = || jobs.entries.iter().filter(|entry| !matches!(entry.when, When::Never));
    if names.is_empty() { with_rules().map(|entry| entry.name.clone()).collect() } else { names }
}

pub(super) fn warn(jobs: &Jobs, batteries: &Batteries, name: &str, warnings: &[String]) -> crate::Result<()> {
    for warning in warnings {
        batteries.sys.stderr.write(&format!("{}: job '{name}': {warning}\n", jobs.program))?;
    }
    Ok(())
}

fn emit(jobs: &Jobs, batteries: &Batteries, matches: &ArgMatches) -> crate::Result<u8> {
    let mut texts = Vec::new();
    for name in chosen_with_rules(jobs, matches) {
        let hand_over = hand_over(jobs, batteries, &name, matches)?;
        if matches.get_flag("systemd") {
            let units = hand_over.systemd()?;
            warn(jobs, batteries, &name, &units.warnings)?;
            let unit = install::unit_name(jobs, &units.name)?;
            texts.push(format!("# {unit}.timer\n{}\n# {unit}.service\n{}", units.timer, units.service));
        } else if matches.get_flag("cron") {
            let line = hand_over.crontab()?;
            warn(jobs, batteries, &name, &line.warnings)?;
            texts.push(line.text);
        } else if matches.get_flag("kubernetes") {
            let image = matches.get_one::<String>("image").map_or("", String::as_str);
            let manifest = hand_over.kubernetes(image)?;
            warn(jobs, batteries, &name, &manifest.warnings)?;
            texts.push(format!("---\n{}", manifest.text));
        } else {
            let schedule = hand_over.eventbridge()?;
            warn(jobs, batteries, &name, &schedule.warnings)?;
            let arn = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str).to_owned();
            texts.push(format!("{}\n", schedule.to_json(&arn("target-arn"), &arn("role-arn"))));
        }
    }
    let between = if matches.get_flag("systemd") { "\n" } else { "" };
    batteries.sys.stdout.write(&texts.join(between))?;
    Ok(0)
}

fn command(jobs: &Jobs) -> Command {
    let names = || PossibleValuesParser::new(jobs.entries.iter().map(|entry| entry.name.clone()));
    let name = || Arg::new("name").value_name("NAME").value_parser(names()).required(true).help("The job");
    let some =
        || Arg::new("name").value_name("NAME").value_parser(names()).num_args(0..).help("The jobs; all of them by default");
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let lenient = || flag("allow-differences", "Warn where the target differs from the job's policies, instead of refusing");
    let local = || [flag("systemd", "A systemd timer and service"), flag("cron", "cron")];
    let target = |names: &'static [&'static str]| ArgGroup::new("target").args(names).required(true);
    let option =
        |name: &'static str, value: &'static str, help: &'static str| Arg::new(name).long(name).value_name(value).help(help);
    let more = jobs.subcommands.iter().map(|subcommand| subcommand.command());
    Command::new(jobs.program.clone())
        .about(jobs.about.clone())
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(option("journal", "DIR", "Where runs are kept").value_parser(value_parser!(PathBuf)).global(true))
        .subcommand(Command::new("list").about("Show the jobs with their next and last runs"))
        .subcommand(
            Command::new("run")
                .about("Run one job now")
                .arg(name())
                .arg(flag("dry-run", "Read for real, change nothing, and print what would be done"))
                .arg(flag("trace", "Print how often each backend call was made, and how long it took")),
        )
        .subcommand(
            Command::new("schedule")
                .about("Run the jobs when they are due")
                .arg(option("workers", "N", "How many run at a time").value_parser(value_parser!(usize))),
        )
        .subcommand(
            Command::new("history")
                .about("Show the last runs of a job")
                .arg(name())
                .arg(option("limit", "N", "How many").value_parser(value_parser!(usize)).default_value("20")),
        )
        .subcommand(
            Command::new("check").about("Exit with 1 if a job is late or failed last").arg(
                option("tolerance", "SECONDS", "How late a job may be").value_parser(value_parser!(u64)).default_value("300"),
            ),
        )
        .subcommand(
            Command::new("emit")
                .about("Print what another engine needs to run the jobs")
                .args(local())
                .arg(flag("kubernetes", "A CronJob manifest").requires("image"))
                .arg(flag("eventbridge", "Input of `aws scheduler create-schedule`").requires("target-arn").requires("role-arn"))
                .group(target(&["systemd", "cron", "kubernetes", "eventbridge"]))
                .arg(option("image", "IMAGE", "The image of a CronJob"))
                .arg(option("target-arn", "ARN", "What EventBridge Scheduler invokes"))
                .arg(option("role-arn", "ARN", "The role that it assumes"))
                .arg(lenient())
                .arg(some()),
        )
        .subcommand(
            Command::new("install")
                .about("Write systemd units, or a file for cron")
                .args(local())
                .group(target(&["systemd", "cron"]))
                .arg(flag("user", "For this user, not for the machine"))
                .arg(lenient())
                .arg(some()),
        )
        .subcommand(
            Command::new("uninstall")
                .about("Remove what install wrote")
                .args(local())
                .group(target(&["systemd", "cron"]))
                .arg(flag("user", "For this user, not for the machine"))
                .arg(some()),
        )
        .subcommand(
            Command::new("completion")
                .about("Print a script that completes commands and names of jobs")
                .arg(Arg::new("shell").value_name("SHELL").value_parser(value_parser!(clap_complete::Shell)).required(true)),
        )
        .subcommands(more)
}
