//! One apply for each of its backend calls, with that call failing, or with the machine dead from that call on: repeating it ends in the
//! declared state, nothing is made twice, nothing is lost.

use leyden::infra::host::{
    Archive, AuthorizedKey, Command, CronLine, Directory, File, Package, Service, Symlink, SystemdUnit, User,
};
use leyden::infra::{Declare, Field, Id, Live, Resource, Scope, Stored, Token};
use leyden::prelude::*;
use leyden::subprocess::mock::Reply;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::hosts::machine;
use super::infra;

/// A machine in a cloud: its id is the cloud's choice, and a second request with the same token gives the same machine.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Machine {
    size: String,
    /// A change makes another machine.
    image: String,
}

impl Resource for Machine {
    const TYPE: &'static str = "test.machine";
    type Out = ();
    const FIELDS: &'static [Field] = &[Field::new("image").force_new()];

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Machine>>) -> leyden::Result<Option<Live<Machine>>> {
        let text = match scope.os.read_text(format!("/cloud/{id}")) {
            Ok(text) => text,
            Err(leyden::os::Error::FileNotFound(_)) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let (size, image) = text.split_once(' ').unwrap();
        Ok(Some(Live::new(Machine { size: size.to_owned(), image: image.to_owned() }, ())))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> leyden::Result<(Id, ())> {
        let id = format!("i-{}", &token.as_str()[..8]);
        scope.os.write_text(format!("/cloud/{id}"), format!("{} {}", self.size, self.image))?;
        // The machine is there; the answer may be lost.
        scope.os.stat("/cloud")?;
        Ok((Id::new(id), ()))
    }

    async fn update(&self, scope: &Scope, id: &Id, _: &Live<Machine>) -> leyden::Result<()> {
        scope.os.write_text(format!("/cloud/{id}"), format!("{} {}", self.size, self.image))?;
        Ok(())
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Machine>) -> leyden::Result<()> {
        match scope.os.unlink(format!("/cloud/{id}")) {
            Ok(()) | Err(leyden::os::Error::FileNotFound(_)) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

/// Fifteen objects and more of all kinds; the second version updates, replaces both ways, deletes and adds.
fn stack(version: u32) -> impl Fn(&Declare) -> leyden::Result<()> {
    move |declare: &Declare| {
        let v = version.to_string();
        let srv = declare.add("srv", Directory::new("/srv"))?;
        let config = declare.add("config", File::new("/srv/config", format!("version {v}\n")).mode(0o640))?.after(&srv);
        declare.add("link", Symlink::new("/srv/current", format!("/srv/{v}")))?.after(&srv);
        declare.add("data", Stored::new(json!(version)))?;
        let image = declare.add("image", Stored::new("x").triggers_replace(json!(version)))?;
        declare.add("web", Machine { size: format!("s{v}"), image: "a".into() })?.after(&config);
        declare.add("db", Machine { size: "s".into(), image: format!("image{v}") })?.create_first();
        declare.add("cache", Machine { size: "s".into(), image: format!("image{v}") })?.after(&image);
        declare.add("cron", CronLine::new("job", "@daily", "root", format!("run {v}")))?;
        declare.add("unit", SystemdUnit::new("app.service", format!("# {v}\n")))?.after(&config);
        declare.add("package", Package::new("nginx"))?;
        declare.add("service", Service::new("nginx"))?;
        let user = declare.add("user", User::new("ann").comment(format!("v {v}")))?;
        declare.add("key", AuthorizedKey::new("ann", format!("ssh-ed25519 AAAA v{v}")))?.after(&user);
        declare.add("pack", Archive::new("/pack.tar", "/material"))?;
        declare.add(("only", version), File::new(format!("/only-{v}"), "x"))?;
        declare.add("run", Command::new(["build"]).creates("/built"))?;
        declare.output("version", version)?;
        Ok(())
    }
}

fn setup() -> World {
    let world = World::new();
    machine(&world);
    world.os.mkdir("/cloud");
    world.os.write("/material/a", "a");
    world.subprocess.program("build").runs(|call| Reply::new().code(i32::from(call.os.write_text("/built", "x").is_err())));
    world
}

fn run(world: &World, version: u32) -> leyden::Result<()> {
    let infra = infra().register::<Machine>();
    infra.plan(&world.batteries(), stack(version)).wait()?.apply(&world.batteries()).wait()?;
    Ok(())
}

/// Everything that has to be there, and nothing else.
fn check(world: &World, version: u32) -> Result<(), String> {
    // A temporary file that a killed write left is not a machine.
    let machines = world.os.listdir("/cloud").iter().filter(|name| !name.to_string_lossy().starts_with('.')).count();
    if machines != 3 {
        return Err(format!("{machines} machines in the cloud, not 3"));
    }
    let state = infra().state(&world.batteries()).pull().wait().map_err(|error| error.to_string())?;
    let entries = state.entries().count();
    if entries != 17 {
        return Err(format!("{entries} entries in the state, not 17: {:?}", state.addresses()));
    }
    let plan =
        infra().register::<Machine>().plan(&world.batteries(), stack(version)).wait().map_err(|error| error.to_string())?;
    if !plan.is_empty() {
        return Err(format!("a further plan is not empty:\n{plan}"));
    }
    if world.os.read_text("/srv/config") != Some(format!("version {version}\n")) {
        return Err("config is another".into());
    }
    let gone = format!("/only-{}", 3 - version);
    if world.os.exists(&gone) || !world.os.exists(format!("/only-{version}")) {
        return Err(format!("{gone} is left"));
    }
    Ok(())
}

/// A call that fails leaves no temporary file; a run that was killed in the middle of a write does.
fn tidy(world: &World) -> Result<(), String> {
    let leftover = world.os.tree("/").lines().find(|line| line.contains(".tmp")).map(str::to_owned);
    leftover.map_or(Ok(()), |line| Err(format!("left over: {line}")))
}

/// Repeats until it succeeds: a run may refuse what a plan has to see first.
fn until_done(world: &World, version: u32) -> Result<(), String> {
    let mut last = String::new();
    for _ in 0..3 {
        match run(world, version) {
            Ok(()) => return check(world, version),
            Err(error) => last = format!("{error:?}"),
        }
    }
    Err(format!("repeating does not help: {last}"))
}

fn calls_of(prepared: fn() -> World, version: u32) -> usize {
    let world = prepared();
    world.script().clear();
    run(&world, version).unwrap();
    world.script().calls().len()
}

fn second() -> World {
    let world = setup();
    run(&world, 1).unwrap();
    world
}

/// Makes the run once for each of its calls, with trouble there, and repeats it.
fn tortured(prepared: fn() -> World, version: u32, trouble: fn(&World, usize), after: fn(&World) -> Result<(), String>) {
    let calls = calls_of(prepared, version);
    assert!(calls > 200, "{calls}");
    let mut troubles = Vec::new();
    for n in 0..calls {
        let world = prepared();
        world.script().clear();
        trouble(&world, n);
        let first = run(&world, version);
        world.script().fail_no_more();
        let failed = world.script().calls().into_iter().find(|call| call.failed).map(|call| call.to_string());
        if let Err(problem) = until_done(&world, version).and_then(|()| after(&world)) {
            troubles.push(format!("call {n}, {failed:?}, first {first:?}: {problem}"));
        }
    }
    assert!(troubles.is_empty(), "{} of {calls}:\n{}", troubles.len(), troubles.join("\n"));
}

#[test]
fn any_call_of_a_first_run_may_fail() {
    tortured(setup, 1, |world, n| world.script().fail_nth(n), tidy);
}

#[test]
fn any_call_of_a_change_may_fail() {
    tortured(second, 2, |world, n| world.script().fail_nth(n), tidy);
}

/// From the n-th call on nothing is done any more, no clean-up either.
#[test]
fn a_first_run_may_be_killed_at_any_call() {
    tortured(setup, 1, |world, n| world.script().fail_from(n), |_| Ok(()));
}

#[test]
fn a_change_may_be_killed_at_any_call() {
    tortured(second, 2, |world, n| world.script().fail_from(n), |_| Ok(()));
}
