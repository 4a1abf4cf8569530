//! Every call is reported, with what it was called on and how it ended.

use std::sync::{Arc, Mutex};

use leyden::layers::{ChromeTrace, Effect, Trace};
use leyden::prelude::*;

#[test]
fn a_call_is_reported_with_its_outcome() {
    let world = World::new();
    let events = Arc::new(Mutex::new(Vec::new()));
    let seen = events.clone();
    let trace = Trace::over(&world.batteries(), move |event| {
        seen.lock().unwrap().push((event.to_string(), event.effect, event.error.is_some()));
    });
    let os = trace.batteries().os;
    os.mkdir("/srv").unwrap();
    os.rmdir("/nowhere").unwrap_err();
    let events = events.lock().unwrap();
    assert_eq!(events[0], ("os.mkdir(/srv) 0ns".to_owned(), Effect::Change, false));
    assert!(events[1].0.starts_with("os.rmdir(/nowhere) 0ns: No such file"), "{events:?}");
    assert!(events[1].2);
}

#[test]
fn the_summary_counts_calls_bytes_and_failures() {
    let world = World::new();
    world.os.write("/in", "12345");
    let trace = Trace::over(&world.batteries(), |_| {});
    let Batteries { os, time, .. } = trace.batteries();
    os.read_text("/in").unwrap();
    os.mkdir("/in").unwrap_err();
    time.sleep(secs(2)).wait();
    let summary = trace.summary();
    let row = |operation| summary.rows().iter().find(|row| row.operation == operation).unwrap_or_else(|| panic!("{summary}"));
    assert_eq!((row("os.mkdir").count, row("os.mkdir").failed), (1, 1));
    assert_eq!(row("os.read").bytes, 5);
    assert_eq!(row("time.sleep").total, secs(2));
    // Eight buckets an octave: right to 9 %.
    assert!((secs(1.82)..secs(2.18)).contains(&row("time.sleep").p99), "{summary}");
    assert!(summary.to_string().lines().next().unwrap().contains("p99"));
}

#[test]
fn a_trace_file_is_json_that_a_viewer_reads() {
    let world = World::new();
    let file = ChromeTrace::new();
    let trace = Trace::over(&world.batteries(), file.sink());
    trace.batteries().os.mkdir("/a \"quoted\"\n\\name").unwrap();
    trace.batteries().os.mkdir("/b").unwrap();
    let events: serde_json::Value = serde_json::from_str(&file.json()).unwrap();
    assert_eq!(events.as_array().unwrap().len(), 2);
    assert_eq!(events[0]["args"]["subject"], "/a \"quoted\"\n\\name");
    assert_eq!(events[1]["ph"], "X");
}

/// Secret arguments and signed URLs are in no event.
#[cfg(feature = "subprocess")]
#[test]
fn secrets_are_hidden() {
    let world = World::new();
    world.subprocess.program("login").reply("", 0);
    let events = Arc::new(Mutex::new(String::new()));
    let seen = events.clone();
    let trace = Trace::over(&world.batteries(), move |event| seen.lock().unwrap().push_str(&format!("{event:?}\n")));
    let run = leyden::subprocess::Run::new("login").arg("--token").arg(Secret::new("hunter2"));
    trace.batteries().subprocess.run(run).wait().unwrap();
    trace.batteries().subprocess.run(["login", "--password", "hunter2", "--user", "ann"]).wait().unwrap();
    let events = events.lock().unwrap();
    assert!(events.contains("login --password *** --user ann"), "{events}");
    assert!(events.contains("login --token ***") && !events.contains("hunter2"), "{events}");
}

#[cfg(feature = "requests")]
#[test]
fn urls_are_shown_without_their_secrets() {
    let world = World::new();
    world.requests.any("http://api.test/*").reply(204);
    let events = Arc::new(Mutex::new(String::new()));
    let seen = events.clone();
    let trace = Trace::over(&world.batteries(), move |event| seen.lock().unwrap().push_str(&format!("{event}\n")));
    let requests = trace.batteries().requests;
    requests.get("http://api.test/a?page=2&api_key=planted&X-Amz-Signature=planted").wait().unwrap();
    requests.get("http://user:planted@api.test/b").wait().unwrap();
    let events = events.lock().unwrap();
    assert!(events.contains("page=2&api_key=***") && !events.contains("planted"), "{events}");
}

/// What is mailed is counted, as what is read and written is.
#[cfg(feature = "smtplib")]
#[test]
fn bytes_of_mail_are_counted() {
    let world = World::new();
    let trace = Trace::over(&world.batteries(), |_| {});
    let smtp = trace.batteries().smtplib.smtp("mail.test", 25).wait().unwrap();
    smtp.sendmail("a@x.org", ["b@y.com"], format!("Subject: x\r\n\r\n{}\r\n", "y".repeat(500))).wait().unwrap().check().unwrap();
    let summary = trace.summary();
    let sent = summary.rows().iter().find(|row| row.operation == "smtplib.send").unwrap();
    assert!(sent.bytes > 500, "{summary}");
}
