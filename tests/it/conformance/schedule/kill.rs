//! A real process is killed at random moments while twenty jobs run.
//!
//! The process is this test binary, which runs only [`child`]. `LEYDEN_KILLS` is how often it is killed.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use leyden::prelude::*;
use leyden::schedule::{Missed, Scheduler};
use serde_json::Value;

const CHILD: &str = "LEYDEN_JOURNAL_CHILD";
const JOBS: usize = 20;

fn append(path: &Path, line: &str) {
    let mut file = fs::OpenOptions::new().create(true).append(true).open(path).unwrap();
    file.write_all(line.as_bytes()).unwrap();
}

#[test]
fn child() {
    let Some(dir) = std::env::var_os(CHILD) else { return };
    let dir = std::path::PathBuf::from(dir);
    let schedule = Scheduler::over(&Batteries::included());
    let opened = schedule.journal(dir.join("journal")).unwrap();
    assert!(opened.corrupt.is_none(), "{opened:?}");
    for job in 0..JOBS {
        let effects = dir.join("effects");
        schedule
            .cron("* * * * * *")
            .name(format!("job-{job}"))
            .missed(Missed::All { max: 1_000 })
            .do_(move |_| {
                append(&effects, &format!("begin job-{job}\n"));
                std::thread::sleep(Duration::from_micros(300));
                append(&effects, &format!("end job-{job}\n"));
            })
            .unwrap();
    }
    let workers = if std::process::id().is_multiple_of(2) { 1 } else { 4 };
    schedule.serve().workers(workers).wait().unwrap();
}

/// The records so far, by number: the begins, and the endings.
type Begins = BTreeMap<u64, (String, i64)>;
type Ends = BTreeMap<u64, String>;

fn read(journal: &Path, begins: &mut Begins, ends: &mut Ends) {
    let text = fs::read_to_string(journal).unwrap_or_default();
    // A last line without its end is a record that was being written.
    for line in text.split_inclusive('\n').filter(|line| line.ends_with('\n')) {
        let record: Value = serde_json::from_str(line.split_once('\t').unwrap().0).unwrap();
        let job = record["job"].as_str().unwrap().to_owned();
        if let Some(run) = record["begin"].as_u64() {
            let begin = (job, record["scheduled"].as_i64().unwrap());
            let before = begins.insert(run, begin.clone());
            assert!(before.is_none_or(|before| before == begin), "run {run} was given twice");
        } else {
            let (run, ending) = (record["end"].as_u64().unwrap(), record["ending"].as_str().unwrap().to_owned());
            let before = ends.insert(run, ending.clone());
            assert!(before.is_none_or(|before| before == ending), "run {run} ended twice");
        }
    }
}

#[test]
fn no_run_is_lost_or_doubled() {
    let kills: u32 = std::env::var("LEYDEN_KILLS").ok().and_then(|kills| kills.parse().ok()).unwrap_or(40);
    let dir = std::env::temp_dir().join(format!("leyden-kill-{}", std::process::id()));
    fs::create_dir_all(&dir).unwrap();
    let (mut begins, mut ends) = (Begins::new(), Ends::new());
    let mut dice = 88_172_645_463_325_252_u64;
    for _ in 0..kills {
        dice ^= dice << 13;
        dice ^= dice >> 7;
        dice ^= dice << 17;
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["conformance::schedule::kill::child", "--exact", "--nocapture", "--test-threads=1"])
            .env(CHILD, &dir)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(Duration::from_micros(10_000 + dice % 250_000));
        assert!(child.try_wait().unwrap().is_none(), "the process ended by itself");
        child.kill().unwrap();
        child.wait().unwrap();
        read(&dir.join("journal/journal.jsonl"), &mut begins, &mut ends);
    }
    // A last start reports what the last kill interrupted.
    let schedule = Scheduler::over(&Batteries::included());
    schedule.journal(dir.join("journal")).unwrap();
    read(&dir.join("journal/journal.jsonl"), &mut begins, &mut ends);
    assert!(begins.len() > JOBS, "only {} runs", begins.len());

    // Each run has an ending, and each time of each job was run once: none twice, none left out.
    assert_eq!(begins.keys().collect::<Vec<_>>(), ends.keys().collect::<Vec<_>>());
    let mut times: BTreeMap<&str, Vec<i64>> = BTreeMap::new();
    for (job, scheduled) in begins.values() {
        times.entry(job).or_default().push(*scheduled);
    }
    for (job, times) in &times {
        let unique: BTreeSet<&i64> = times.iter().collect();
        assert_eq!(unique.len(), times.len(), "{job} ran twice for one time");
    }
    // What is in the journal as done has been done, and nothing was done without an intent.
    let effects = fs::read_to_string(dir.join("effects")).unwrap_or_default();
    let count = |line: &str| effects.lines().filter(|found| *found == line).count();
    for job in times.keys() {
        let of = |(run, (name, _)): &(&u64, &(String, i64))| name == job && ends.get(run).is_some_and(|ending| ending == "done");
        let (begun, done) = (times[job].len(), begins.iter().filter(of).count());
        assert!(count(&format!("end {job}")) >= done, "{job} is done {done} times in the journal only");
        assert!(count(&format!("begin {job}")) <= begun, "{job} ran without an intent");
    }
    let interrupted = ends.values().filter(|ending| *ending == "interrupted").count();
    println!("{kills} kills, {} runs, {interrupted} interrupted", begins.len());
    fs::remove_dir_all(&dir).unwrap();
}
