//! A deploy with release directories: upload, unpack, switch a link, restart, check, and roll back if the application is not well.
//!
//!     cargo run --example deploy --features fabric                      a rehearsal, in memory
//!     deploy RELEASE ARCHIVE HOST ..                                    the real thing, one host after another
//!
//! At every moment `/srv/app/current` leads to a release that is unpacked as a whole, whatever fails.
//!
//! The Python original:
//!
//! ```python
//! def deploy(c, release, archive):
//!     new = f"releases/{release}"
//!     c.put(archive, f"/srv/app/releases/{release}.tar.gz")
//!     with c.cd("/srv/app"):
//!         c.run(f"mkdir -p {new} && tar -xzf {new}.tar.gz -C {new} && rm {new}.tar.gz")
//!         old = c.run("readlink current", hide=True, warn=True).stdout.strip()
//!         c.run(f"ln -sfn {new} current")
//!     c.sudo("systemctl restart app")
//!     if c.run("curl -fsS http://localhost:8080/health", hide=True, warn=True).failed:
//!         if old:
//!             with c.cd("/srv/app"):
//!                 c.run(f"ln -sfn {old} current")
//!             c.sudo("systemctl restart app")
//!         raise Exit(f"{release} is not well on {c.host}")
//! ```
#![allow(clippy::print_stdout, reason = "an example shows what it does")]

use leyden::fabric::Connection;
use leyden::os::shlex;
use leyden::prelude::*;
use std::process::ExitCode;

/// Deploys to one host.
fn deploy(host: &Connection, release: &str, archive: &str) -> leyden::Result<()> {
    let new = format!("releases/{}", shlex::quote(release)?);
    let app = host.cd("/srv/app");
    app.run("mkdir -p releases").wait()?;
    host.put(archive, format!("/srv/app/releases/{release}.tar.gz")).wait()?;
    app.run(format!("mkdir -p {new} && tar -xzf {new}.tar.gz -C {new} && rm {new}.tar.gz")).wait()?;
    let old = app.run("readlink current").hide(true).warn(true).wait()?.stdout.trim().to_owned();
    switch(host, &new)?;
    if host.run("curl -fsS http://localhost:8080/health").hide(true).warn(true).wait()?.ok() {
        return Ok(());
    }
    if !old.is_empty() {
        switch(host, &shlex::quote(&old)?)?;
    }
    Err(leyden::Error::other(format!("{release} is not well on {}: rolled back to {old:?}", host.host())))
}

/// Makes a release the current one.
fn switch(host: &Connection, release: &str) -> leyden::Result<()> {
    host.cd("/srv/app").run(format!("ln -sfn {release} current")).wait()?;
    host.sudo("systemctl restart app").hide(true).wait()?;
    Ok(())
}

/// Deploys to each host; the first one that is not well ends it.
fn deploy_all(Batteries { fabric, .. }: &Batteries, release: &str, archive: &str, hosts: &[&str]) -> leyden::Result<()> {
    for host in hosts {
        deploy(&fabric.connection(*host), release, archive)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let real = Batteries::included();
    let argv: Vec<String> = real.sys.argv().iter().map(|arg| arg.to_string_lossy().into_owned()).collect();
    if let [_, release, archive, hosts @ ..] = argv.as_slice() {
        let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
        return real.sys.finish(deploy_all(&real, release, archive, &hosts));
    }
    let world = rehearsal();
    let batteries = world.batteries();
    for release in ["1.1", "broken"] {
        match deploy_all(&batteries, release, "/build/app.tar.gz", &["web1", "web2"]) {
            Ok(()) => println!("{release} is deployed"),
            Err(error) => println!("{error}"),
        }
        for name in ["web1", "web2"] {
            let current = world.fabric.host(name).os.readlink("/srv/app/current");
            println!("  {name}: {}", current.map_or_else(String::new, |path| path.display().to_string()));
        }
    }
    ExitCode::SUCCESS
}

/// Two hosts that run release 1.0. A release named `broken` is not well.
fn rehearsal() -> World {
    let world = World::new();
    prepare(&world);
    world
}

fn prepare(world: &World) {
    use leyden::subprocess::mock::Reply;

    world.os.write("/build/app.tar.gz", "the application");
    for name in ["web1", "web2"] {
        let host = world.fabric.host(name);
        host.os.write("/srv/app/releases/1.0/app", "the application, 1.0");
        host.os.symlink("releases/1.0", "/srv/app/current");
        // tar -xzf ARCHIVE -C DIRECTORY
        host.program("tar").runs(|call| {
            let unpacked =
                call.os.read_bytes(call.arg(2)).and_then(|bytes| call.os.write_bytes(format!("{}/app", call.arg(4)), bytes));
            if unpacked.is_ok() { Reply::new() } else { Reply::new().stderr("tar: cannot unpack\n").code(2) }
        });
        host.program(["systemctl", "restart", "app"]).reply("", 0);
        host.program("curl").runs(|call| {
            let current = call.os.readlink("/srv/app/current").unwrap_or_default();
            let well = !current.ends_with("broken");
            if well { Reply::new().stdout("ok") } else { Reply::new().stderr("curl: (22) 503\n").code(22) }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use leyden::world::torture;

    fn current(world: &World, host: &str) -> String {
        world.fabric.host(host).os.readlink("/srv/app/current").unwrap().display().to_string()
    }

    #[test]
    fn a_release_goes_to_all_hosts() {
        let world = rehearsal();
        deploy_all(&world.batteries(), "1.1", "/build/app.tar.gz", &["web1", "web2"]).unwrap();
        assert_eq!((current(&world, "web1"), current(&world, "web2")), ("releases/1.1".into(), "releases/1.1".into()));
        assert_eq!(world.fabric.host("web1").os.read("/srv/app/current/app").unwrap(), b"the application");
        assert!(!world.fabric.host("web1").os.exists("/srv/app/releases/1.1.tar.gz"));
    }

    #[test]
    fn a_release_that_is_not_well_is_rolled_back() {
        let world = rehearsal();
        let error = deploy_all(&world.batteries(), "broken", "/build/app.tar.gz", &["web1", "web2"]).unwrap_err();
        assert_eq!(error.to_string(), "broken is not well on web1: rolled back to \"releases/1.0\"");
        assert_eq!((current(&world, "web1"), current(&world, "web2")), ("releases/1.0".into(), "releases/1.0".into()));
    }

    #[test]
    fn whatever_fails_current_leads_to_a_whole_release() {
        torture(
            prepare,
            |batteries| deploy_all(batteries, "1.1", "/build/app.tar.gz", &["web1"]),
            |world, result| {
                let current = current(world, "web1");
                let app = world.fabric.host("web1").os.read(format!("/srv/app/{current}/app"));
                let whole = matches!(app.as_deref(), Some(b"the application" | b"the application, 1.0"));
                match (whole, result.is_ok(), current.as_str()) {
                    (true, true, "releases/1.1") | (true, false, _) => Ok(()),
                    _ => Err(format!("{current}: {app:?} after {result:?}")),
                }
            },
        )
        .assert_ok();
    }
}
