//! The resources of hosts: each is made, found as declared, changed, imported, and deleted.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use leyden::infra::host::{
    Archive, AuthorizedKey, Command, CronLine, Directory, File, Package, Service, Symlink, SystemdUnit, User,
};
use leyden::infra::{Declare, Infra, Resource, State};
use leyden::prelude::*;
use leyden::subprocess::mock::{Call, Reply};

use super::{apply, infra, plan};

/// A machine with apt, systemd and shadow's tools, as far as the resources use them.
pub fn machine(world: &World) {
    world.os.write("/usr/bin/apt-get", "");
    world.os.chmod("/usr/bin/apt-get", 0o755);
    world.os.mkdir("/etc/cron.d");
    world.os.mkdir("/etc/systemd/system");
    let packages: Arc<Mutex<BTreeMap<String, String>>> = Arc::default();
    let installed = packages.clone();
    world.subprocess.program("env").runs(move |call| {
        let name = call.arg(call.argv.len() - 1);
        let (name, version) = name.split_once('=').map_or((name.as_str(), "1.0-1"), |(name, version)| (name, version));
        let mut packages = installed.lock().unwrap();
        match call.arg(3).as_str() {
            "install" => packages.insert(name.to_owned(), version.to_owned()),
            _ => packages.remove(name),
        };
        Reply::new().code(0)
    });
    world.subprocess.program("dpkg-query").runs(move |call| match packages.lock().unwrap().get(&call.arg(3)) {
        Some(version) => Reply::new().stdout(format!("installed {version}")).code(0),
        None => Reply::new().stderr("no packages found\n").code(1),
    });
    // systemd: which units are enabled, and which run.
    let units: Arc<Mutex<BTreeMap<String, (bool, bool)>>> = Arc::default();
    world.subprocess.program("systemctl").runs(move |call| {
        let mut units = units.lock().unwrap();
        let name = call.arg(call.argv.len() - 1);
        let unit = units.entry(name).or_default();
        let code = |yes: bool| Reply::new().code(i32::from(!yes) * 3);
        match call.arg(1).as_str() {
            "enable" => unit.0 = true,
            "disable" if call.arg(2) == "--now" => *unit = (false, false),
            "disable" => unit.0 = false,
            "start" | "restart" => {
                let text = call.os.read_text(format!("/etc/systemd/system/{}", call.arg(2))).unwrap_or_default();
                if text.contains("ExecStart=/missing") {
                    return Reply::new().stderr("Job for the unit failed.\n").code(1);
                }
                unit.1 = true;
            }
            "stop" => unit.1 = false,
            "is-enabled" => return code(unit.0),
            "is-active" => return code(unit.1),
            "show" => return Reply::new().stdout("loaded\n").code(0),
            _ => {}
        }
        Reply::new().code(0)
    });
    let or_fail = |done: Option<Reply>| done.unwrap_or_else(|| Reply::new().stderr("input/output error\n").code(1));
    world.subprocess.program("useradd").runs(move |call| or_fail(account(call, false)));
    world.subprocess.program("usermod").runs(move |call| or_fail(account(call, true)));
    world.subprocess.program("userdel").runs(move |call| {
        let name = format!("{}:", call.arg(1));
        let text = call.os.read_text("/etc/passwd").unwrap_or_default();
        let rest: String = text.lines().filter(|line| !line.starts_with(&name)).map(|line| format!("{line}\n")).collect();
        or_fail(
            (!text.is_empty())
                .then_some(())
                .and_then(|()| call.os.write_text("/etc/passwd", rest).ok())
                .map(|_| Reply::new().code(0)),
        )
    });
}

fn account(call: &Call, change: bool) -> Option<Reply> {
    let name = call.arg(call.argv.len() - 1);
    let option = |flag: &str| (1..call.argv.len()).find(|at| call.arg(*at) == flag).map(|at| call.arg(at + 1));
    let text = call.os.read_text("/etc/passwd").ok()?;
    let found: Option<Vec<String>> =
        text.lines().map(|line| line.split(':').map(str::to_owned).collect::<Vec<_>>()).find(|fields| fields[0] == name);
    if found.is_some() != change {
        return Some(Reply::new().stderr(format!("user '{name}' is there or is not\n")).code(9));
    }
    let home = format!("/home/{name}");
    let mut fields =
        found.unwrap_or_else(|| ["", "x", "1000", "1000", "", &home, "/bin/sh"].map(str::to_owned).into_iter().collect());
    fields[0] = name.clone();
    for (at, flags) in
        [(2, ["--uid", "--uid"]), (4, ["--comment", "--comment"]), (5, ["--home-dir", "--home"]), (6, ["--shell", "--shell"])]
    {
        if let Some(value) = flags.iter().find_map(|flag| option(flag)) {
            fields[at] = value;
        }
    }
    let others: String =
        text.lines().filter(|line| !line.starts_with(&format!("{name}:"))).map(|line| format!("{line}\n")).collect();
    call.os.write_text("/etc/passwd", format!("{others}{}\n", fields.join(":"))).ok()?;
    Some(Reply::new().code(0))
}

/// Makes it, finds it again, forgets and imports it, sees a change of it, deletes it.
fn whole_life<R: Resource>(world: &World, first: R, second: R, replaces: bool) {
    let name = R::TYPE;
    let declare = |resource: &R| {
        let resource = resource.clone();
        move |declare: &Declare| Ok(declare.add("it", resource).map(drop)?)
    };
    apply(world, declare(&first));
    let again = plan(world, declare(&first));
    assert!(again.is_empty(), "{name}: a second plan\n{again}");
    let id = infra().state(&world.batteries()).show("it").wait().unwrap().id.unwrap();
    if first.natural_id().is_some() && name != "host.archive" {
        assert_eq!(first.natural_id(), Some(id.clone()), "{name}");
        infra().state(&world.batteries()).rm("it").wait().unwrap();
        let inner = declare(&first);
        let imported = plan(world, |declare| {
            declare.import("it", id.as_str());
            inner(declare)
        });
        assert_eq!((imported.summary().import, imported.summary().change), (1, 0), "{name}\n{imported}");
        imported.apply(&world.batteries()).wait().unwrap();
        assert!(plan(world, declare(&first)).is_empty(), "{name}: after an import");
    }
    let change = plan(world, declare(&second));
    let summary = change.summary();
    assert_eq!((summary.add, summary.change, summary.destroy), if replaces { (1, 0, 1) } else { (0, 1, 0) }, "{name}\n{change}");
    change.apply(&world.batteries()).wait().unwrap();
    let again = plan(world, declare(&second));
    assert!(again.is_empty(), "{name}: after a change\n{again}");
    let gone = apply(world, |_| Ok(()));
    assert_eq!((gone.summary.destroy, gone.state.entries().count()), (1, 0), "{name}");
}

#[test]
fn a_unit_that_does_not_start_is_in_the_next_plan_again() {
    let world = World::new();
    machine(&world);
    let declare =
        |text: &'static str| move |declare: &Declare| Ok(declare.add("unit", SystemdUnit::new("a.service", text)).map(drop)?);
    let fails = |text: &'static str| {
        let error = plan(&world, declare(text)).apply(&world.batteries()).wait().unwrap_err().to_string();
        assert!(error.contains("Job for the unit failed."), "{error}");
    };
    fails("ExecStart=/missing");
    assert!(!world.os.exists("/etc/systemd/system/a.service"));
    assert_eq!(plan(&world, declare("ExecStart=/missing")).summary().add, 1);
    apply(&world, declare("ExecStart=/there"));
    fails("ExecStart=/missing/2");
    assert_eq!(world.os.read_text("/etc/systemd/system/a.service").unwrap(), "ExecStart=/there");
    assert_eq!(plan(&world, declare("ExecStart=/missing/2")).summary().change, 1);
    assert!(plan(&world, declare("ExecStart=/there")).is_empty());
}

#[test]
fn each_type_lives_and_dies() {
    let world = World::new();
    machine(&world);
    world.os.mkdir("/home/deploy/.ssh");
    let before = world.os.tree("/");
    whole_life(&world, File::new("/f", "one\n"), File::new("/f", "two\n").mode(0o600), false);
    whole_life(&world, File::new("/f", "one\n"), File::new("/g", "one\n"), true);
    whole_life(&world, Directory::new("/d").mode(0o750), Directory::new("/d").mode(0o700).delete_contents(), false);
    whole_life(&world, Symlink::new("/l", "/one"), Symlink::new("/l", "/two"), false);
    whole_life(
        &world,
        CronLine::new("job", "0 3 * * *", "root", "run  this"),
        CronLine::new("job", "@daily", "root", "that"),
        false,
    );
    whole_life(&world, SystemdUnit::new("a.service", "[Unit]\n"), SystemdUnit::new("a.service", "[Unit]\n#\n").disabled(), false);
    whole_life(&world, Service::new("nginx"), Service::new("nginx").stopped(), false);
    whole_life(&world, Package::new("nginx"), Package::new("nginx").version("2.0-1"), false);
    whole_life(&world, User::new("ann").shell("/bin/bash"), User::new("ann").uid(4242), false);
    world.os.write("/etc/passwd", format!("{}deploy:x:7:7::/home/deploy:/bin/sh\n", world.os.read_text("/etc/passwd").unwrap()));
    world.os.mkdir("/home/deploy/.ssh");
    world.os.write("/home/deploy/.ssh/authorized_keys", "ssh-rsa OTHER her\n");
    whole_life(
        &world,
        AuthorizedKey::new("deploy", "ssh-ed25519 AAAA ann@laptop"),
        AuthorizedKey::new("deploy", "no-pty ssh-ed25519 AAAA ann@desk"),
        false,
    );
    assert_eq!(world.os.read_text("/home/deploy/.ssh/authorized_keys").unwrap(), "ssh-rsa OTHER her\n");
    world.subprocess.program("touch").reply("", 0);
    whole_life(&world, Command::new(["touch", "/x"]), Command::new(["touch", "/y"]), true);
    world.os.remove("/home/deploy/.ssh/authorized_keys");
    for name in ["/infra"] {
        if world.os.exists(name) {
            world.os.remove(name);
        }
    }
    let after = world.os.tree("/");
    let same = |tree: &str| tree.lines().filter(|line| !line.contains("passwd")).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(same(&after), same(&before), "a destroy leaves nothing");
}

#[test]
fn an_archive_follows_its_directory() {
    let world = World::new();
    world.os.write("/src/a.txt", "a");
    let declare = |declare: &Declare| Ok(declare.add("it", Archive::new("/out.tar.gz", "/src")).map(drop)?);
    apply(&world, declare);
    assert!(plan(&world, declare).is_empty());
    let first = world.os.read("/out.tar.gz").unwrap();
    world.os.write("/src/b.txt", "b");
    let change = plan(&world, declare);
    assert_eq!(change.summary().change, 1, "{change}");
    change.apply(&world.batteries()).wait().unwrap();
    assert_ne!(world.os.read("/out.tar.gz").unwrap(), first);
    assert!(plan(&world, declare).is_empty());
    world.os.write("/out.tar.gz", "damaged");
    assert_eq!(plan(&world, declare).summary().change, 1);
    apply(&world, |_| Ok(()));
    assert_eq!(world.os.tree("/src"), "a.txt (1)\nb.txt (1)\n");
    assert!(!world.os.exists("/out.tar.gz"));
}

#[test]
fn a_command_is_run_once() {
    let world = World::new();
    world.subprocess.program("make").runs(|call| {
        call.os.write_text("/built", "x").unwrap();
        Reply::new().code(0)
    });
    world.subprocess.program("test").reply("", 1).reply("", 0);
    world.subprocess.program("install").reply("", 0);
    world.subprocess.program("rm").reply("", 0);
    let declare = |declare: &Declare| {
        declare.add("creates", Command::new(["make"]).creates("/built").undo(["rm", "/built"]))?;
        declare.add("unless", Command::new(["install"]).unless(["test", "-x", "/tool"]))?;
        Ok(())
    };
    apply(&world, declare);
    assert!(plan(&world, declare).is_empty());
    world.os.remove("/built");
    assert_eq!(plan(&world, declare).change("creates").unwrap().action.words(), ["create"]);
    apply(&world, declare);
    let ran = |name: &str| world.subprocess.calls().iter().filter(|call| call.args()[0] == name).count();
    assert_eq!((ran("make"), ran("install")), (2, 1));
    apply(&world, |_| Ok(()));
    assert_eq!(ran("rm"), 1);
}

#[test]
fn objects_of_other_hosts() {
    let here = World::new();
    let hosts: BTreeMap<&str, World> = ["web1", "web2"].into_iter().map(|name| (name, World::new())).collect();
    let of = hosts.clone();
    let infra = Infra::new("hosts", State::file("/state.json")).hosts(move |name| {
        let world = of.get(name).ok_or_else(|| leyden::Error::other(format!("no host {name:?}")))?;
        Ok(world.batteries())
    });
    let declare = |declare: &Declare| {
        for name in ["web1", "web2"] {
            declare.add(("motd", name), File::new("/etc/motd", format!("this is {name}\n")).on(name))?;
        }
        Ok(())
    };
    let batteries = here.batteries();
    infra.plan(&batteries, declare).wait().unwrap().apply(&batteries).wait().unwrap();
    assert_eq!(hosts["web2"].os.read_text("/etc/motd").unwrap(), "this is web2\n");
    assert!(!here.os.exists("/etc/motd"));
    assert!(infra.plan(&batteries, declare).wait().unwrap().is_empty());
    hosts["web1"].os.write("/etc/motd", "changed\n");
    assert_eq!(infra.plan(&batteries, declare).wait().unwrap().summary().change, 1);
    infra.destroy(&batteries).wait().unwrap().apply(&batteries).wait().unwrap();
    assert!(!hosts["web1"].os.exists("/etc/motd"));
    let lost = infra.plan(&batteries, |declare| Ok(declare.add("x", File::new("/x", "").on("web9")).map(drop)?));
    let error = lost.wait().unwrap().apply(&batteries).wait().unwrap_err();
    assert_eq!(error.to_string(), "x: read: no host \"web9\"");
}

#[test]
fn names_that_reach_out_are_refused() {
    let world = World::new();
    let refuse = |declare: &dyn Fn(&Declare) -> leyden::infra::Result<()>| {
        let asked = infra().plan(&world.batteries(), |d| Ok(declare(d)?));
        asked.wait().map(drop).unwrap_err().to_string()
    };
    for name in ["../x", "-rf", "a b", "", ".hidden", "a;b"] {
        refuse(&|declare| declare.add("x", Package::new(name)).map(drop));
        refuse(&|declare| declare.add("x", Service::new(name)).map(drop));
        refuse(&|declare| declare.add("x", User::new(name)).map(drop));
        refuse(&|declare| declare.add("x", CronLine::new(name, "@daily", "root", "x")).map(drop));
    }
    for path in ["/a/../b", "a", "/a/", "//a", "/a/./b"] {
        refuse(&|declare| declare.add("x", File::new(path, "")).map(drop));
        refuse(&|declare| declare.add("x", Symlink::new(path, "/t")).map(drop));
    }
    for schedule in ["* * * *", "99 3 * * *", "@bogus", "@DAILY", "5/15 * * * *", "0 0 L * *", "0 0 30 2 *", "0 0 0 * * *"] {
        refuse(&|declare| declare.add("x", CronLine::new("x", schedule, "root", "x")).map(drop));
    }
    refuse(&|declare| declare.add("x", CronLine::new("x", "@daily", "root", "x\n* * * * * root evil")).map(drop));
    refuse(&|declare| declare.add("x", AuthorizedKey::new("root", "ssh-rsa A\nssh-rsa B")).map(drop));
    refuse(&|declare| declare.add("x", File::new("/a", "").mode(0o1_0000)).map(drop));
    refuse(&|declare| declare.add("x", User::new("ann").home("/x:0:0")).map(drop));
    // A directory, a link or a device at a file's path is never overwritten.
    world.os.mkdir("/dir");
    let declare = |declare: &Declare| Ok(declare.add("x", File::new("/dir", "")).map(drop)?);
    let error = plan(&world, declare).apply(&world.batteries()).wait().unwrap_err();
    assert_eq!(error.to_string(), "x: read: '/dir' is a Dir, not a File");
}
