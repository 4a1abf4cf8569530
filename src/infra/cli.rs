//! The commands of [`Jobs::infra`]: `plan`, `apply`, `destroy`.

use std::sync::Arc;
use std::time::Duration;

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{Declare, Infra, Plan, PlanRequest};
use crate::schedule::jobs::{Jobs, Subcommand};
use crate::wait::Wait as _;
use crate::{Batteries, Result};

type Declaration = dyn Fn(&Declare) -> Result<()> + Send + Sync;

struct Commands {
    infra: Infra,
    declare: Arc<Declaration>,
}

impl Jobs {
    /// Adds the commands `infra plan`, `infra apply` and `infra destroy` for a declaration.
    ///
    /// ```
    /// use leyden::infra::{Declare, Infra, State, host::File};
    /// use leyden::prelude::*;
    /// use leyden::schedule::Jobs;
    ///
    /// fn site(declare: &Declare) -> leyden::Result<()> {
    ///     declare.add("motd", File::new("/etc/motd", "hi\n"))?;
    ///     Ok(())
    /// }
    ///
    /// let world = World::new();
    /// let ops = |command: &str| {
    ///     let infra = Infra::new("site", State::file("/srv/site.json"));
    ///     let jobs = Jobs::new("ops").job("converge", infra.converge(site)).every("02:00").infra(infra, site);
    ///     jobs.run(&world.batteries(), format!("ops infra {command}").split(' '))
    /// };
    /// assert_eq!(ops("plan --detailed-exitcode"), 2); // changes are needed
    /// assert_eq!(ops("apply"), 0);
    /// assert_eq!(ops("plan --detailed-exitcode"), 0);
    /// # Ok::<(), leyden::Error>(())
    /// ```
    ///
    /// | option | |
    /// |---|---|
    /// | `--target`, `--exclude`, `--replace ADDRESS` | limit the plan, or replace an object |
    /// | `--var NAME=VALUE` | a variable; VALUE is JSON, or else a text |
    /// | `--workspace NAME` | another workspace |
    /// | `--lock-timeout SECONDS` | waits for the lock of another run |
    /// | `--parallel N` | how many objects are worked on at once |
    /// | `plan --json` | prints the plan as JSON |
    /// | `plan --detailed-exitcode` | exits with 2 if the plan is not empty |
    ///
    /// `apply` and `destroy` print the plan, then do it: what asks before is the caller. SIGINT and SIGTERM stop an apply as
    /// [`Interrupt`](crate::infra::Interrupt) does.
    pub fn infra(self, infra: Infra, declare: impl Fn(&Declare) -> Result<()> + Send + Sync + 'static) -> Jobs {
        self.subcommand(Commands { infra, declare: Arc::new(declare) })
    }
}

impl Infra {
    /// A job that plans and applies: `jobs.job("converge", infra.converge(site)).every("02:00")`. Its output is the plan and what was done.
    pub fn converge(
        &self,
        declare: impl Fn(&Declare) -> Result<()> + Send + Sync + 'static,
    ) -> impl Fn(&Batteries) -> Result<String> + Send + Sync + 'static {
        let infra = self.clone();
        move |batteries: &Batteries| {
            let plan = infra.plan(batteries, &declare).wait()?;
            let shown = plan.to_string();
            if plan.is_empty() {
                return Ok(shown);
            }
            let done = plan.apply(batteries).wait()?;
            Ok(format!("{shown}\n{done}"))
        }
    }
}

fn flag(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

fn option(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).value_name(value).help(help)
}

/// The options of all three commands.
fn common(command: Command) -> Command {
    let many = |arg: Arg| arg.action(ArgAction::Append);
    command
        .arg(many(option("target", "ADDRESS", "Only this object, and what it depends on")))
        .arg(many(option("exclude", "ADDRESS", "Not this object, and nothing that depends on it")))
        .arg(many(option("var", "NAME=VALUE", "The value of a variable, as JSON or as a text")))
        .arg(option("workspace", "NAME", "The workspace"))
        .arg(
            option("lock-timeout", "SECONDS", "How long to wait for the lock")
                .value_parser(value_parser!(u64))
                .default_value("0"),
        )
}

fn acting(command: Command) -> Command {
    common(command)
        .arg(option("parallel", "N", "How many objects at once").value_parser(value_parser!(usize)).default_value("10"))
}

fn texts<'m>(matches: &'m ArgMatches, name: &str) -> impl Iterator<Item = &'m str> {
    matches.get_many::<String>(name).into_iter().flatten().map(String::as_str)
}

impl Commands {
    fn plan(&self, batteries: &Batteries, matches: &ArgMatches, destroy: bool) -> Result<Plan> {
        let mut infra = self.infra.clone();
        if let Some(name) = matches.get_one::<String>("workspace") {
            infra = infra.workspace(name);
        }
        for pair in texts(matches, "var") {
            let (name, text) =
                pair.split_once('=').ok_or_else(|| crate::schedule::Error::Value(format!("--var {pair}: not NAME=VALUE")))?;
            let value = serde_json::from_str(text).unwrap_or_else(|_| serde_json::Value::from(text));
            infra = infra.variable(name, value);
        }
        let mut request = infra.plan(batteries, |declare| (self.declare)(declare));
        request = texts(matches, "target").fold(request, PlanRequest::target);
        request = texts(matches, "exclude").fold(request, PlanRequest::exclude);
        if !destroy {
            request = texts(matches, "replace").fold(request, PlanRequest::replace);
        }
        request = request.lock_timeout(lock_timeout(matches));
        Ok(if destroy { request.destroy().wait()? } else { request.wait()? })
    }

    fn apply(&self, batteries: &Batteries, matches: &ArgMatches, plan: Plan) -> Result<u8> {
        let out = batteries.sys.stdout.clone();
        out.write(&plan.to_string())?;
        if plan.is_empty() {
            return Ok(0);
        }
        let parallel = matches.get_one::<usize>("parallel").copied().unwrap_or(10);
        let lines = out.clone();
        let run = plan.apply(batteries).parallel(parallel).lock_timeout(lock_timeout(matches)).progress(move |event| {
            // Progress that cannot be shown does not stop the work.
            let _ = lines.write(&format!("{event}\n"));
        });
        let done = run.wait()?;
        out.write(&format!("\n{done}"))?;
        Ok(0)
    }
}

fn lock_timeout(matches: &ArgMatches) -> Duration {
    Duration::from_secs(matches.get_one::<u64>("lock-timeout").copied().unwrap_or(0))
}

impl Subcommand for Commands {
    fn command(&self) -> Command {
        let replace = || option("replace", "ADDRESS", "Replace this object").action(ArgAction::Append);
        let plan = common(Command::new("plan").about("Show what would change"))
            .arg(replace())
            .arg(flag("json", "Print the plan as JSON"))
            .arg(flag("detailed-exitcode", "Exit with 2 if something would change"));
        Command::new("infra")
            .about("Plan and apply the declared state")
            .subcommand_required(true)
            .arg_required_else_help(true)
            .subcommand(plan)
            .subcommand(acting(Command::new("apply").about("Make it so")).arg(replace()))
            .subcommand(acting(Command::new("destroy").about("Delete everything that is in the state")))
    }

    fn run(&self, batteries: &Batteries, matches: &ArgMatches) -> Result<u8> {
        let Some((command, matches)) = matches.subcommand() else { return Ok(2) };
        let plan = self.plan(batteries, matches, command == "destroy")?;
        if command != "plan" {
            return self.apply(batteries, matches, plan);
        }
        let text = if matches.get_flag("json") { format!("{}\n", plan.json()) } else { plan.to_string() };
        batteries.sys.stdout.write(&text)?;
        let code = if matches.get_flag("detailed-exitcode") { plan.detailed_exitcode() } else { 0 };
        Ok(u8::try_from(code).unwrap_or(1))
    }
}
