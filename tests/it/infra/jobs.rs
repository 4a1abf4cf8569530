//! `ops infra plan|apply|destroy`, a declaration as a job, and signals that stop an apply.

use leyden::Signal;
use leyden::infra::host::{Command, File};
use leyden::infra::{Declare, Error, Infra, State};
use leyden::prelude::*;
use leyden::schedule::Jobs;
use leyden::subprocess::mock::Reply;

fn site(declare: &Declare) -> leyden::Result<()> {
    let page: String = declare.variable("page").default("hi").get()?;
    let index = declare.add("index", File::new("/srv/index.html", page))?;
    declare.add("motd", File::new("/etc/motd", "hi\n"))?.after(&index);
    Ok(())
}

fn world() -> World {
    let world = World::new();
    world.os.mkdir("/srv");
    world.os.mkdir("/etc");
    world
}

/// The exit code and what was printed.
fn ops(world: &World, arguments: &str) -> (u8, String) {
    let before = (world.sys.stdout().len(), world.sys.stderr().len());
    let infra = Infra::new("site", State::file("/srv/site.json"));
    let jobs = Jobs::new("ops").job("converge", infra.converge(site)).every("02:00").infra(infra, site);
    let batteries = world.batteries();
    let code = jobs.run(&batteries, arguments.split(' ').collect::<Vec<_>>());
    batteries.sys.stdout.flush().unwrap();
    (code, format!("{}{}", &world.sys.stdout()[before.0..], &world.sys.stderr()[before.1..]))
}

#[test]
fn commands_of_a_program() {
    let world = world();
    let (code, text) = ops(&world, "ops infra plan");
    assert!(code == 0 && text.ends_with("Plan: 2 to add, 0 to change, 0 to destroy.\n"), "{text}");
    assert_eq!(ops(&world, "ops infra plan --detailed-exitcode").0, 2);
    let (_, json) = ops(&world, "ops infra plan --json");
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap()["format_version"], "1.2");
    let (code, text) = ops(&world, "ops infra apply --target index --parallel 1");
    assert!(code == 0 && text.contains("index: Creation complete"), "{text}");
    assert!(world.os.exists("/srv/index.html") && !world.os.exists("/etc/motd"));
    let (code, text) = ops(&world, "ops infra apply --var page=42 --replace motd");
    assert_eq!((code, world.os.read_text("/srv/index.html").unwrap().as_str()), (0, "42"), "{text}");
    assert!(text.ends_with("Apply complete! Resources: 1 added, 1 changed, 0 destroyed.\n"), "{text}");
    assert_eq!(ops(&world, "ops infra plan --detailed-exitcode --var page=\"42\"").0, 0);
    let (code, text) = ops(&world, "ops infra destroy");
    assert!(code == 0 && text.ends_with("Destroy complete! Resources: 2 destroyed.\n"), "{text}");
    assert!(!world.os.exists("/srv/index.html"));
}

#[test]
fn wrong_arguments_and_failures_have_their_codes() {
    let world = world();
    assert_eq!(ops(&world, "ops infra"), (2, ops(&world, "ops infra").1));
    let (code, text) = ops(&world, "ops infra plan --target nothing");
    assert!(code == 1 && text.starts_with("ops: "), "{text}");
    let (code, text) = ops(&world, "ops infra plan --var page");
    assert_eq!((code, text.as_str()), (2, "ops: --var page: not NAME=VALUE\n"));
    world.os.write("/etc/motd", "by hand");
    let (code, text) = ops(&world, "ops infra apply");
    assert!(code == 1 && text.contains("\"/etc/motd\" exists already"), "{text}");
    assert_eq!(ops(&world, "ops infra plan --lock-timeout x").0, 2);
}

#[test]
fn a_workspace_has_a_state_of_its_own() {
    let world = world();
    assert_eq!(ops(&world, "ops infra apply --workspace blue").0, 0);
    assert_eq!(ops(&world, "ops infra plan --workspace blue --detailed-exitcode").0, 0);
    assert_eq!(ops(&world, "ops infra plan --detailed-exitcode").0, 2);
}

#[test]
fn a_declaration_is_a_job() {
    let world = world();
    let (code, text) = ops(&world, "ops run converge");
    assert!(code == 0 && text.contains("Apply complete! Resources: 2 added"), "{text}");
    let (code, text) = ops(&world, "ops run converge");
    assert!(code == 0 && text.starts_with("No changes."), "{text}");
    let (code, text) = ops(&world, "ops list");
    assert!(code == 0 && text.contains("converge"), "{text}");
}

/// Three programs of a minute each, one after another.
fn slow(declare: &Declare) -> leyden::Result<()> {
    let mut before = None;
    for name in ["one", "two", "three"] {
        let own = declare.add(name, Command::new(["slow", name]).creates(format!("/srv/{name}")))?;
        if let Some(before) = before.replace(own.clone()) {
            own.after(&before);
        }
    }
    Ok(())
}

fn slow_world() -> World {
    let world = world();
    world.subprocess.program("slow").runs(|call| {
        let made = call.os.write_text(format!("/srv/{}", call.arg(1)), "x");
        Reply::new().delay(secs(60)).code(i32::from(made.is_err()))
    });
    world
}

#[test]
fn a_signal_stops_an_apply_and_the_state_is_kept() {
    for second in [0, 30, 90, 150] {
        let world = slow_world();
        let batteries = world.batteries();
        batteries.sys.on_interrupt().unwrap();
        world.interrupt_at(secs(second), Signal::Sigterm);
        let infra = Infra::new("slow", State::file("/srv/slow.json"));
        let plan = infra.plan(&batteries, slow).wait().unwrap();
        let error = plan.apply(&batteries).wait().unwrap_err();
        let skipped = match &error {
            Error::Apply(applied) | Error::Interrupted(applied) => applied.skipped.len(),
            other => panic!("{other}"),
        };
        // The last program has begun after two minutes: nothing waits behind it.
        assert_eq!(skipped >= 1, second < 120, "{second}: {error}");
        assert_eq!(batteries.sys.status_of(Err::<(), _>(error)), 143, "{second}");
        // The next run of a program that goes on continues from there.
        batteries.sys.check_interrupt().unwrap_err();
        batteries.sys.on_interrupt().unwrap();
        infra.plan(&batteries, slow).wait().unwrap().apply(&batteries).wait().unwrap();
        assert!(infra.plan(&batteries, slow).wait().unwrap().is_empty(), "{second}");
        assert!(["one", "two", "three"].iter().all(|name| world.os.exists(format!("/srv/{name}"))), "{second}");
    }
}

#[test]
fn without_a_signal_nothing_is_stopped() {
    let world = slow_world();
    let batteries = world.batteries();
    batteries.sys.on_interrupt().unwrap();
    let infra = Infra::new("slow", State::file("/srv/slow.json"));
    infra.plan(&batteries, slow).wait().unwrap().apply(&batteries).wait().unwrap();
    assert_eq!(batteries.sys.status_of(Ok::<(), leyden::Error>(())), 0);
}

/// A job of `schedule` as two units of systemd, of which the service can be neither enabled nor disabled.
#[test]
fn units_of_a_job_are_resources() {
    use leyden::infra::host::SystemdUnit;
    use leyden::schedule::hand_over::HandOver;
    let world = world();
    world.os.mkdir("/etc/systemd/system");
    world.subprocess.program("systemctl").runs(|call| {
        let service = call.arg(2).ends_with(".service");
        match call.arg(1).as_str() {
            "is-enabled" => Reply::new().stdout(if service { "static\n" } else { "enabled\n" }).code(0),
            "is-active" => Reply::new().code(if service { 3 } else { 0 }),
            "stop" => panic!("the service was not running"),
            _ => Reply::new().code(0),
        }
    });
    let batteries = world.batteries();
    let infra = Infra::new("jobs", State::file("/srv/jobs.json"));
    for rule in ["0 2 * * *", "0 3 * * *"] {
        let job = batteries.schedule.cron(rule).name("nightly").do_(|_| ()).unwrap();
        let units = HandOver::of(&job, ["/usr/local/bin/ops", "run", "nightly"]).unwrap().systemd().unwrap();
        let declare = |declare: &Declare| {
            let [service, timer] = SystemdUnit::of(&units);
            let service = declare.add("service", service)?;
            declare.add("timer", timer)?.after(&service);
            Ok(())
        };
        infra.plan(&batteries, declare).wait().unwrap().apply(&batteries).wait().unwrap();
        assert!(infra.plan(&batteries, declare).wait().unwrap().is_empty(), "{rule}");
        let timer = world.os.read_text("/etc/systemd/system/nightly.timer").unwrap();
        assert!(timer.contains(&format!("OnCalendar=*-*-* {}:0:0", &rule[2..3])), "{timer}");
    }
    infra.destroy(&batteries).wait().unwrap().apply(&batteries).wait().unwrap();
    assert!(!world.os.exists("/etc/systemd/system/nightly.timer") && !world.os.exists("/etc/systemd/system/nightly.service"));
}
