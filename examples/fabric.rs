//! Commands on other machines: one, several, with sudo, with a deadline. Everything in memory.
//!
//! Run it: `cargo run --example fabric --no-default-features --features fabric`
#![allow(clippy::print_stdout)]

use leyden::prelude::*;
use leyden::subprocess::mock::Reply;

/// The script. It knows neither the network nor the mock.
fn maintain(Batteries { fabric, .. }: &Batteries) -> leyden::Result<()> {
    // Opened at first use; ~/.ssh/config, the agent and known_hosts count.
    let web = fabric.connection("deploy@web1");
    let kernel = web.run("uname -s").hide(true).wait()?;
    println!("{kernel:?}: {}", kernel.stdout.trim());

    // The scope of a directory is that of a value.
    let site = web.cd("/var/www").prefix("export MODE=live");
    println!("{}", site.run("echo $MODE in $PWD").dry(true).wait()?.command);

    // sudo's prompt is answered; a status other than 0 is an error unless it is only to warn.
    web.sudo("systemctl restart app").password("hunter2").hide(true).wait()?;
    println!("{}", web.run("systemctl is-active db").hide(true).warn(true).wait()?.stdout.trim());

    // A deadline ends the command, and what it wrote until then is in the error.
    if let Err(error) = web.run("backup").hide(true).timeout(secs(60)).wait() {
        println!("{error}; it wrote {:?}", error.result().map(|result| result.stdout.as_str()).unwrap_or_default());
    }

    // Every host has its own result; one that is down keeps none from going on.
    let group = fabric.group(["web1", "web2", "web3"]).limit(50);
    if let Err(failed) = group.run("uptime -p").hide(true).wait() {
        println!("{failed}");
        for (host, result) in failed.result.succeeded() {
            println!("{}: {}", host.host(), result.stdout.trim());
        }
    }
    Ok(())
}

fn main() -> leyden::Result<()> {
    let world = World::new();
    let web1 = world.fabric.host("web1");
    web1.sudoers("deploy", "hunter2");
    web1.program(["systemctl", "restart", "app"]).reply("", 0);
    web1.shell("systemctl is-active db").reply("inactive\n", 3);
    web1.shell("backup").answer(Reply::new().stdout("reading ..\n").delay(secs(900)));
    for name in ["web1", "web2"] {
        world.fabric.host(name).shell("uptime -p").reply("up 3 weeks\n", 0);
    }
    world.fabric.host("web3").refuse();
    maintain(&world.batteries())?;
    print!("{}", world.fabric.stdout());
    Ok(())
}
