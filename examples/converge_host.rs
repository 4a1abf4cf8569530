//! Sets up one host as declared: a user, a key, files, a package, a service. Run it again as often as you like.
//!
//!     cargo run --example converge_host --features infra          a rehearsal, in memory
//!     converge_host plan|apply|destroy STATE                      on this machine
//!
//! What pyinfra or Terraform's provisioners do, as a function over `&Batteries`. What exists already is taken over; what is declared no
//! longer is deleted; a file that was changed by hand is shown as a diff, and put right.
//!
//! The Python original, with pyinfra:
//!
//! ```python
//! server.user(name="deploy", user="deploy", shell="/bin/bash")
//! apt.packages(name="nginx", packages=["nginx"])
//! files.directory(name="site", path="/srv/site", mode="755")
//! files.put(name="index", src=StringIO("<p>hi</p>\n"), dest="/srv/site/index.html", mode="644")
//! systemd.service(name="nginx", service="nginx", running=True, enabled=True)
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::infra::host::{AuthorizedKey, CronLine, Directory, File, Package, Service, User};
use leyden::infra::{Declare, Infra, State};
use leyden::prelude::*;

/// What the host is to be.
fn site(declare: &Declare) -> leyden::Result<()> {
    let page: String = declare.variable("page").default("<p>hi</p>\n").get()?;
    let deploy = declare.add("deploy", User::new("deploy").shell("/bin/bash"))?;
    declare.add("key", AuthorizedKey::new("deploy", "ssh-ed25519 AAAAC3 ann@laptop"))?.after(&deploy);
    let nginx = declare.add("nginx", Package::new("nginx"))?;
    let site = declare.add("site", Directory::new("/srv/site").mode(0o755))?;
    let index = declare.add("index", File::new("/srv/site/index.html", page).mode(0o644))?.after(&site);
    declare.add("service", Service::new("nginx"))?.after(&nginx).after(&index);
    declare.add("backup", CronLine::new("backup", "0 3 * * *", "root", "tar -C /srv -czf /var/backups/site.tar.gz site"))?;
    Ok(())
}

fn converge(batteries: &Batteries, state: &str, page: Option<&str>, command: &str) -> leyden::Result<()> {
    let mut infra = Infra::new("site", State::file(state)).adopt_existing();
    if let Some(page) = page {
        infra = infra.variable("page", page);
    }
    let request = infra.plan(batteries, site);
    let plan = if command == "destroy" { request.destroy().wait()? } else { request.wait()? };
    print!("{plan}");
    if command != "plan" && !plan.is_empty() {
        let done = plan.apply(batteries).progress(|event| println!("{event}")).wait()?;
        print!("{done}");
    }
    Ok(())
}

fn main() -> leyden::Result<()> {
    let batteries = Batteries::included();
    let argv: Vec<String> = batteries.sys.argv().iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    match argv.get(1..).unwrap_or_default() {
        [] => rehearse(),
        [command, state] if matches!(command.as_str(), "plan" | "apply" | "destroy") => {
            converge(&batteries, state, None, command)
        }
        _ => Err(leyden::Error::other("usage: converge_host plan|apply|destroy STATE")),
    }
}

/// The whole life of a host, in memory.
fn rehearse() -> leyden::Result<()> {
    let world = host();
    let batteries = world.batteries();
    converge(&batteries, "/site.json", None, "apply")?;
    converge(&batteries, "/site.json", None, "apply")?;
    world.os.write("/srv/site/index.html", "<p>changed by hand</p>\n");
    converge(&batteries, "/site.json", None, "plan")?;
    converge(&batteries, "/site.json", Some("<p>hello</p>\n"), "apply")?;
    converge(&batteries, "/site.json", None, "destroy")
}

/// A host with apt and systemd, as far as the job asks them.
fn host() -> World {
    let world = World::new();
    arrange(&world);
    world
}

fn arrange(world: &World) {
    use leyden::subprocess::mock::Reply;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicBool, Ordering};

    world.os.write("/usr/bin/apt-get", "");
    world.os.chmod("/usr/bin/apt-get", 0o755);
    world.os.mkdir("/etc/cron.d");
    let (installed, running) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false)));
    let apt = installed.clone();
    world.subprocess.program("env").runs(move |call| {
        apt.store(call.arg(3) == "install", Ordering::SeqCst);
        Reply::new().code(0)
    });
    world.subprocess.program("dpkg-query").runs(move |_| match installed.load(Ordering::SeqCst) {
        true => Reply::new().stdout("installed 1.26.0-1").code(0),
        false => Reply::new().code(1),
    });
    world.subprocess.program("systemctl").runs(move |call| {
        match call.arg(1).as_str() {
            "start" => running.store(true, Ordering::SeqCst),
            "disable" => running.store(false, Ordering::SeqCst),
            "is-active" | "is-enabled" => return Reply::new().code(i32::from(!running.load(Ordering::SeqCst))),
            "show" => return Reply::new().stdout("loaded\n").code(0),
            _ => {}
        }
        Reply::new().code(0)
    });
    let passwd = |call: &leyden::subprocess::mock::Call, line: Option<&str>| {
        let text = call.os.read_text("/etc/passwd").unwrap_or_default();
        let others: String = text.lines().filter(|line| !line.starts_with("deploy:")).map(|line| format!("{line}\n")).collect();
        let written = call.os.write_text("/etc/passwd", format!("{others}{}", line.unwrap_or_default()));
        Reply::new().code(i32::from(written.is_err()))
    };
    world.subprocess.program("useradd").runs(move |call| passwd(call, Some("deploy:x:1000:1000::/home/deploy:/bin/bash\n")));
    world.subprocess.program("userdel").runs(move |call| passwd(call, None));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn infra() -> Infra {
        Infra::new("site", State::file("/site.json")).adopt_existing()
    }

    #[test]
    fn a_second_run_does_nothing() {
        let world = host();
        let batteries = world.batteries();
        converge(&batteries, "/site.json", None, "apply").unwrap();
        assert!(infra().plan(&batteries, site).wait().unwrap().is_empty());
        assert_eq!(world.os.read_text("/srv/site/index.html").unwrap(), "<p>hi</p>\n");
    }

    #[test]
    fn what_was_set_up_by_hand_is_taken_over() {
        let world = host();
        world.os.write("/srv/site/index.html", "old\n");
        let plan = infra().plan(&world.batteries(), site).wait().unwrap();
        assert_eq!((plan.summary().import, plan.summary().change), (2, 1), "{plan}");
        converge(&world.batteries(), "/site.json", None, "apply").unwrap();
        assert_eq!(world.os.read_text("/srv/site/index.html").unwrap(), "<p>hi</p>\n");
    }

    #[test]
    fn destroying_it_leaves_nothing() {
        let world = host();
        let before = world.os.tree("/srv");
        converge(&world.batteries(), "/site.json", None, "apply").unwrap();
        converge(&world.batteries(), "/site.json", None, "destroy").unwrap();
        assert!(!world.os.exists("/srv/site") && !world.os.exists("/etc/cron.d/backup"));
        assert_eq!(world.os.tree("/srv"), before);
    }

    #[test]
    fn any_call_may_fail() {
        let repeat = |batteries: &Batteries| {
            let first = converge(batteries, "/site.json", None, "apply");
            first.or_else(|_| converge(batteries, "/site.json", None, "apply"))
        };
        let declared = |world: &World, _: &leyden::Result<()>| {
            let page = world.os.read_text("/srv/site/index.html");
            let files = world.os.tree("/srv/site").lines().count();
            if page.as_deref() == Some("<p>hi</p>\n") && files == 1 {
                Ok(())
            } else {
                Err(format!("the page is {page:?} of {files}"))
            }
        };
        leyden::world::torture(arrange, repeat, declared).assert_ok();
    }
}
