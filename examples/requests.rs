//! A status page, checked: a session that logs in, retries what is busy, downloads a report and proves its checksum.
//!
//! It runs against the network in memory, on a virtual clock: nothing is sent, and no second passes.
#![allow(clippy::print_stdout, reason = "an example says what it does")]

use leyden::prelude::*;
use leyden::requests::mock::Reply;
use leyden::requests::{Checksum, HttpAdapter, Retry};

fn nightly(Batteries { requests, .. }: &Batteries) -> leyden::Result<()> {
    let mut session = requests.session();
    session.mount("https://", HttpAdapter::new().max_retries(Retry::new(5).status_forcelist([502, 503]).backoff_factor(1.0)));
    session.post("https://status.test/login").data([("user", "ada"), ("password", "secret")]).wait()?.raise_for_status()?;

    let services: Vec<String> = session.get("https://status.test/services").params([("state", "down")]).wait()?.json()?;
    println!("down: {services:?}");

    let report = session
        .get("https://status.test/report.csv")
        .download("/report.csv")
        .checksum(Checksum::Sha256("b6aab8d120cc093b78ccb72225edc448a917956572679326d347d0eae8cf431b".into()));
    match report.wait() {
        Ok(done) => println!("report: {} bytes", done.bytes),
        Err(error) => println!("report refused: {error}"),
    }
    Ok(())
}

fn main() -> leyden::Result<()> {
    let world = World::new();
    world.requests.post("https://status.test/login").reply(Reply::new(200).header("Set-Cookie", "session=7; Secure; HttpOnly"));
    let services = world.requests.get("https://status.test/services").header("Cookie", "session=7");
    let services = services.reply(503).reply(503).reply(Reply::new(200).json(&["mail", "backup"]));
    world.requests.get("https://status.test/report.csv").reply(Reply::new(200).body("service,since\n"));

    nightly(&world.batteries())?;

    println!("the services were asked for {} times, over {:?} of virtual time", services.call_count(), world.clock().elapsed());
    for request in world.requests.requests() {
        println!("  {} {}", request.method, request.url);
    }
    Ok(())
}
