//! A nightly check of a machine: disks, a build with a time limit, a streamed log and a pipeline.
//! Then the same script in a test.
//!
//! Run it: `cargo run --example subprocess --no-default-features --features subprocess`
#![allow(clippy::print_stdout)]

use leyden::prelude::*;
use leyden::subprocess::mock::Reply;
use leyden::subprocess::{CompletedProcess, Error, Run};

/// The script. It does not know whether it runs on the machine or in a mock: its signature lists what
/// it may use.
fn nightly(Batteries { subprocess, .. }: &Batteries) -> leyden::Result<Vec<String>> {
    let mut report = Vec::new();

    // The arguments are a list, so no shell interprets them.
    let df = subprocess.run(["df", "-P", "/"]).capture_output(true).check(true).wait()?;
    let usage = df.stdout_text()?.lines().last().and_then(|line| line.split_whitespace().nth(4).map(str::to_owned));
    report.push(format!("root is {} full", usage.unwrap_or_else(|| "?".into())));

    // The time limit ends the whole process tree; the error contains the output so far.
    let build = Run::new("echo compiling; sleep 1000 & sleep 1000").shell(true).capture_output(true);
    match subprocess.run(build).timeout(secs(0.5)).wait() {
        Err(error @ Error::TimeoutExpired { .. }) => {
            let output = String::from_utf8_lossy(error.stdout().unwrap_or_default()).trim_end().to_owned();
            report.push(format!("the build hung after saying '{output}'"));
        }
        other => report.push(format!("the build ended with {}", other?.returncode)),
    }

    // The error for a missing program names it.
    if let Err(error) = subprocess.run("no-such-tool").wait() {
        report.push(error.to_string());
    }

    // The output is read line by line while the program runs, so memory holds one line only.
    let mut lines = 0;
    for line in subprocess.run(["seq", "100000"]).check(true).timeout(secs(60)).lines()? {
        line?;
        lines += 1;
    }
    report.push(format!("{lines} lines went by"));

    // A pipeline without a shell. It fails if any of its programs fails.
    let row = subprocess.pipe(["printf", "b\na\nb\n"]).to("sort").to(["uniq", "-c"]).capture_output(true).check(true).wait()?;
    let counted = row.last().map(CompletedProcess::stdout_text).transpose()?.unwrap_or_default();
    report.push(format!("counted: {}", counted.split_whitespace().collect::<Vec<_>>().join(" ")));
    Ok(report)
}

/// The machine on which the script is tested. It has only the programs defined here.
fn rehearsal() -> World {
    let world = World::new();
    let programs = &world.subprocess;
    programs.program("df").reply("Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 100 97 3 97% /\n", 0);
    programs
        .program("sh")
        .answer(Reply::new().stdout("compiling\n").background(Reply::new().delay(secs(1000))).delay(secs(1000)));
    programs.program("seq").runs(|call| {
        let last: u32 = call.arg(1).parse().unwrap_or(0);
        Reply::new().stdout((1..=last).map(|n| format!("{n}\n")).collect::<String>())
    });
    programs.program("printf").reply("b\na\nb\n", 0);
    programs.program("sort").reply("a\nb\nb\n", 0);
    programs.program("uniq").reply("      1 a\n      2 b\n", 0);
    world
}

fn main() -> leyden::Result<()> {
    println!("On this machine:");
    for line in nightly(&Batteries::included())? {
        println!("  {line}");
    }

    println!("In memory:");
    let world = rehearsal();
    for line in nightly(&world.batteries())? {
        println!("  {line}");
    }
    println!(
        "  it took {:?} of virtual time, and {} processes are left",
        world.clock().elapsed(),
        world.subprocess.processes().len()
    );
    println!(
        "  what was run: {}",
        world.subprocess.calls().iter().map(|ran| ran.args().join(" ")).collect::<Vec<_>>().join(" | ")
    );
    Ok(())
}
