//! One binary of a team's jobs, run in a world.

use leyden::World;
use leyden::prelude::*;
use leyden::schedule::{Jobs, Stop};

fn jobs() -> Jobs {
    Jobs::new("ops")
        .journal("/var/lib/ops")
        .job("nightly", |Batteries { os, .. }: &Batteries| -> leyden::Result<String> {
            os.write_text("/done", "x")?;
            Ok("12 files\nsaved\n".into())
        })
        .about("Saves the files")
        .every("04:00")
        .zone("Asia/Tokyo")
        .job("beat", |_: &Batteries| ())
        .cron("*/5 * * * *")
        .job("broken", |Batteries { os, .. }: &Batteries| os.remove("/missing"))
        .retries(1)
        .job("slow", |Batteries { time, .. }: &Batteries| time.sleep(secs(10)).wait())
        .timeout(secs(5))
}

/// The exit code, stdout and stderr of a command.
fn ops(world: &World, arguments: &[&str]) -> (u8, String, String) {
    let before = (world.sys.stdout().len(), world.sys.stderr().len());
    world.sys.set_executable("/usr/local/bin/ops");
    let batteries = world.batteries();
    let code = jobs().run(&batteries, ["ops"].iter().chain(arguments).copied().collect::<Vec<_>>());
    batteries.sys.stdout.flush().unwrap();
    (code, world.sys.stdout()[before.0..].to_owned(), world.sys.stderr()[before.1..].to_owned())
}

#[test]
fn run_gives_exit_codes_that_schedulers_understand() {
    let world = World::new();
    assert_eq!(ops(&world, &["run", "nightly"]), (0, "12 files\nsaved\n".into(), String::new()));
    assert!(world.os.exists("/done"));
    let (code, _, stderr) = ops(&world, &["run", "broken"]);
    let failure = "ops: job 'broken' failed: remove '/missing': no such file or directory (errno 2)";
    assert_eq!((code, stderr), (1, format!("{failure}; trying again\n{failure}\n")));
    assert_eq!(ops(&world, &["run", "slow"]).0, 124);
    let (code, _, stderr) = ops(&world, &["run", "unknown"]);
    assert!(code == 2 && stderr.contains("nightly"), "{code} {stderr}");
    assert_eq!(ops(&world, &[]).0, 2);
    assert_eq!(ops(&world, &["--help"]).0, 0);
}

#[test]
fn a_job_is_rehearsed_and_traced() {
    let world = World::new();
    let (code, stdout, _) = ops(&world, &["run", "nightly", "--dry-run"]);
    assert!(code == 0 && stdout.contains("+ /done") && stdout.contains("Plan: 1 to create"), "{code} {stdout}");
    assert!(!world.os.exists("/done"));
    let (code, _, stderr) = ops(&world, &["run", "nightly", "--trace"]);
    assert!(code == 0 && stderr.contains("os.open"), "{code} {stderr}");
    assert!(world.os.exists("/done"));
}

#[test]
fn a_job_that_runs_already_has_its_own_exit_code() {
    let world = World::new();
    let other = leyden::schedule::Scheduler::over(&world.batteries());
    other.journal("/var/lib/ops/run/nightly").unwrap();
    let (code, _, stderr) = ops(&world, &["run", "nightly"]);
    assert!(code == 75 && stderr.contains("is in use by process"), "{code} {stderr}");
    assert_eq!(ops(&world, &["run", "beat"]).0, 0);
}

#[test]
fn list_history_and_check() {
    let world = World::new();
    ops(&world, &["run", "nightly"]);
    ops(&world, &["run", "beat"]);
    ops(&world, &["run", "broken"]);
    let (code, list, _) = ops(&world, &["list"]);
    let lines: Vec<&str> = list.lines().collect();
    assert_eq!(code, 0);
    assert_eq!(lines[0], "NAME     WHEN                    NEXT RUN             LAST RUN             OUTCOME  ABOUT");
    assert_eq!(lines[1], "nightly  daily 04:00 Asia/Tokyo  2026-01-01 19:00:00  2026-01-01 00:00:00  done     Saves the files");
    assert_eq!(lines[2], "beat     */5 * * * *             2026-01-01 00:05:00  2026-01-01 00:00:00  done");
    let (_, history, _) = ops(&world, &["history", "nightly"]);
    assert!(history.lines().nth(1).unwrap().ends_with("0.0 s  done     saved"), "{history}");
    let (_, history, _) = ops(&world, &["history", "broken"]);
    assert_eq!(history.lines().count(), 3, "{history}");
    assert_eq!(ops(&world, &["check"]), (0, String::new(), String::new()));
    world.clock().advance(secs(3600));
    let (code, late, _) = ops(&world, &["check"]);
    assert_eq!((code, late.as_str()), (1, "beat: late: due at 2026-01-01 00:05:00, last run at 2026-01-01 00:00:00\n"));
    assert_eq!(ops(&World::new(), &["check"]).1, "nightly: never ran\nbeat: never ran\n");
}

#[test]
fn schedule_runs_until_it_is_stopped() {
    let world = World::new();
    let stop = Stop::new();
    let stops = stop.clone();
    let jobs = jobs().job("last", move |_: &Batteries| stops.stop()).every("04:30").zone("Asia/Tokyo").stop(&stop);
    assert_eq!(jobs.run(&world.batteries(), ["ops", "schedule"]), 0);
    assert_eq!(world.clock().elapsed(), secs(19.5 * 3600.0));
    let log = world.sys.stderr();
    assert!(log.contains("ops: 2026-01-01 19:00:00 nightly 0.0 s: done\n"), "{log}");
    // 234 beats until 19:30; that of 19:30 itself was due with the stop, and before it.
    assert_eq!(log.matches(" beat ").count(), 234);
    world.clock().advance(secs(86_400));
    let (_, list, _) = ops(&world, &["list"]);
    assert!(list.lines().nth(1).unwrap().contains("2026-01-01 19:00:00  done"), "{list}");
}

#[test]
fn emit_install_and_uninstall() {
    let world = World::new();
    let (code, text, _) = ops(&world, &["emit", "--cron", "beat"]);
    assert_eq!((code, text.as_str()), (0, "*/5 * * * * /usr/local/bin/ops run beat\n"));
    let (code, _, stderr) = ops(&world, &["emit", "--cron"]);
    assert!(code == 3 && stderr.contains("cannot hand job 'nightly' over to cron"), "{code} {stderr}");
    let (code, text, _) = ops(&world, &["emit", "--kubernetes", "--image", "ops:1", "nightly"]);
    assert!(code == 0 && text.starts_with("---\napiVersion: batch/v1\n"), "{text}");
    let (code, text, _) = ops(&world, &["emit", "--eventbridge", "--target-arn", "a", "--role-arn", "r", "nightly"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(
        (code, json["ScheduleExpression"].as_str(), json["ScheduleExpressionTimezone"].as_str()),
        (0, Some("cron(0 4 * * ? *)"), Some("Asia/Tokyo"))
    );
    assert_eq!(ops(&world, &["emit", "--kubernetes"]).0, 2);

    let (code, text, stderr) = ops(&world, &["install", "--systemd"]);
    assert_eq!(code, 0, "{stderr}");
    assert!(
        text.ends_with("now run: systemctl daemon-reload && systemctl enable --now ops-nightly.timer ops-beat.timer\n"),
        "{text}"
    );
    let service = String::from_utf8(world.os.read("/etc/systemd/system/ops-nightly.service").unwrap()).unwrap();
    assert!(service.contains("ExecStart=/usr/local/bin/ops run nightly\n"), "{service}");
    // A second time is the same; a file of another hand is not touched.
    assert_eq!(ops(&world, &["install", "--systemd"]).0, 0);
    world.os.write("/etc/systemd/system/ops-beat.timer", "[Timer]\n");
    let (code, _, stderr) = ops(&world, &["install", "--systemd"]);
    assert!(code == 2 && stderr.contains("was not written by `ops install`"), "{stderr}");
    assert_eq!(ops(&world, &["uninstall", "--systemd", "nightly"]).0, 0);
    assert!(!world.os.exists("/etc/systemd/system/ops-nightly.timer"));
    assert_eq!(ops(&world, &["uninstall", "--systemd"]).0, 2);
    assert!(world.os.exists("/etc/systemd/system/ops-beat.timer"));

    world.os.mkdir("/etc/cron.d");
    assert_eq!(ops(&world, &["install", "--cron", "beat"]).0, 0);
    let cron = String::from_utf8(world.os.read("/etc/cron.d/ops").unwrap()).unwrap();
    assert!(cron.ends_with("*/5 * * * * root /usr/local/bin/ops run beat\n"), "{cron}");
    assert_eq!(ops(&world, &["install", "--cron", "--user", "beat"]).0, 2);
}

#[test]
fn the_file_for_cron_keeps_the_other_jobs() {
    let world = World::new();
    world.os.mkdir("/etc/cron.d");
    let run = |arguments: &[&str]| {
        let nothing = |_: &Batteries| ();
        let jobs = Jobs::new("ops")
            .job("a", nothing)
            .cron("1 * * * *")
            .job("b", nothing)
            .cron("2 * * * *")
            .job("-c", nothing)
            .cron("3 * * * *");
        world.sys.set_executable("/bin/ops");
        let code = jobs.run(&world.batteries(), ["ops"].iter().chain(arguments).copied().collect::<Vec<_>>());
        let text = world.os.read("/etc/cron.d/ops").map(|text| String::from_utf8(text).unwrap());
        let lines = text.map(|text| text.lines().filter(|line| !line.starts_with('#')).collect::<Vec<_>>().join("|"));
        (code, lines.unwrap_or_else(|| "none".into()))
    };
    let (a, b) = ("1 * * * * root /bin/ops run a", "2 * * * * root /bin/ops run b");
    let c = "3 * * * * root /bin/ops run -- -c";
    assert_eq!(run(&["install", "--cron", "a"]), (0, a.into()));
    assert_eq!(run(&["install", "--cron", "b"]), (0, format!("{a}|{b}")));
    assert_eq!(run(&["install", "--cron", "a"]), (0, format!("{b}|{a}")));
    assert_eq!(run(&["uninstall", "--cron", "b"]), (0, a.into()));
    assert_eq!(run(&["install", "--cron"]), (0, format!("{a}|{b}|{c}")));
    assert_eq!(run(&["run", "--", "-c"]).0, 0);
    assert_eq!(run(&["uninstall", "--cron", "a", "b"]), (0, c.into()));
    assert_eq!(run(&["uninstall", "--cron", "--", "-c"]), (0, "none".into()));
}

#[test]
fn a_job_without_a_rule_is_not_handed_over_in_silence() {
    let world = World::new();
    for command in ["emit", "install"] {
        let (code, _, stderr) = ops(&world, &[command, "--systemd", "broken"]);
        assert_eq!((code, stderr.as_str()), (2, "ops: job 'broken' has no rule: it runs only by `run broken`\n"));
    }
    let jobs = Jobs::new("ops").job("adhoc", |_: &Batteries| ());
    assert_eq!(jobs.run(&world.batteries(), ["ops", "install", "--systemd"]), 2);
    assert!(world.sys.stderr().ends_with("ops: no job has a rule: there is nothing to install\n"));
}

#[test]
fn a_name_that_is_too_long_leaves_no_half_of_a_set() {
    let world = World::new();
    let nothing = |_: &Batteries| ();
    let jobs = Jobs::new("ops".repeat(20)).job("a", nothing).cron("1 * * * *").job("b".repeat(200), nothing).cron("2 * * * *");
    assert_eq!(jobs.run(&world.batteries(), ["ops", "install", "--systemd"]), 2);
    assert!(world.sys.stderr().contains("is longer than a file name may be"), "{}", world.sys.stderr());
    assert!(!world.os.exists("/etc/systemd/system"));
}

#[test]
fn a_journal_of_the_command_line_is_handed_over() {
    let world = World::new();
    let (code, text, stderr) = ops(&world, &["--journal", "/srv/j 1", "emit", "--cron", "beat"]);
    assert_eq!((code, text.as_str()), (0, "*/5 * * * * /usr/local/bin/ops run --journal '/srv/j 1' beat\n"), "{stderr}");
    world.os.mkdir("/home/me");
    world.batteries().os.chdir("/home/me").unwrap();
    let (_, text, _) = ops(&world, &["emit", "--cron", "beat", "--journal", "j"]);
    assert!(text.ends_with("run --journal /home/me/j beat\n"), "{text}");
    assert_eq!(ops(&world, &["run", "--journal", "/srv/j 1", "beat"]).0, 0);
    assert!(world.os.exists("/srv/j 1/run/beat/journal.jsonl"));
}

#[test]
fn a_job_is_not_late_in_a_fold() {
    let world = World::new();
    world.time.set_zone("Europe/Berlin");
    // 02:31 for the second time.
    world.clock().set(std::time::SystemTime::UNIX_EPOCH + secs(1_792_891_860));
    let jobs = || {
        let nothing = |_: &Batteries| ();
        Jobs::new("ops").journal("/j").job("beat", nothing).cron("*/5 * * * *").job("tick", nothing).every(secs(300))
    };
    for name in ["beat", "tick"] {
        assert_eq!(jobs().run(&world.batteries(), ["ops", "run", name]), 0);
    }
    world.clock().advance(secs(60));
    assert_eq!((jobs().run(&world.batteries(), ["ops", "check"]), world.sys.stdout()), (0, String::new()));
    world.clock().advance(secs(900));
    assert_eq!(jobs().run(&world.batteries(), ["ops", "check"]), 1);
    assert_eq!(world.sys.stdout().matches(": late: ").count(), 2);
}

#[test]
fn an_error_of_many_lines_is_one_line_of_the_history() {
    let world = World::new();
    let jobs = || {
        let fails = |_: &Batteries| Err::<(), _>(leyden::Error::other(format!("first\n  second\r\n\n{}", "ü".repeat(5000))));
        Jobs::new("ops").journal("/j").job("bad", fails)
    };
    assert_eq!(jobs().run(&world.batteries(), ["ops", "run", "bad"]), 1);
    assert_eq!(jobs().run(&world.batteries(), ["ops", "history", "bad"]), 0);
    let history = world.sys.stdout();
    assert!(history.lines().count() == 2 && history.contains("failed: first; second; üü"), "{history}");
    assert!(history.len() < 5000, "{}", history.len());
}

#[test]
fn names_complete_in_the_shell() {
    let (code, script, _) = ops(&World::new(), &["completion", "bash"]);
    assert!(code == 0 && script.contains("nightly") && script.contains("uninstall"));
}

#[test]
fn wrong_jobs_are_refused() {
    let world = World::new();
    let run = |jobs: Jobs, command: &str| (jobs.run(&world.batteries(), ["ops", command]), world.sys.stderr());
    let (code, stderr) = run(Jobs::new("ops").job("a", |_: &Batteries| ()).job("a", |_: &Batteries| ()), "list");
    assert!(code == 2 && stderr.ends_with("ops: a job named 'a' exists already\n"), "{stderr}");
    let (code, stderr) = run(Jobs::new("ops").job("a", |_: &Batteries| ()).cron("61 * * * *"), "list");
    assert!(code == 2 && stderr.contains("column 1: minute 61"), "{stderr}");
    for (period, text) in
        [(secs(1.5), "every 1.5 s"), (secs(0), "every 0 s"), (std::time::Duration::from_secs(u64::MAX), "too large")]
    {
        let (code, stderr) = run(Jobs::new("ops").job("a", |_: &Batteries| ()).every(period), "list");
        assert!(code == 2 && stderr.contains(text), "{code} {stderr}");
    }
}
