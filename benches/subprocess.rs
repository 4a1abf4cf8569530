//! `subprocess` against `std::process` and Python, in one run.
//!
//! `LEYDEN_RESIDENT` names the gibibytes that this process holds while it measures: starting a program must not become slower by them.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, clippy::print_stdout, missing_docs, unreachable_pub)]

mod support;

use criterion::{Criterion, criterion_group, criterion_main};
use leyden::Batteries;
use leyden::subprocess::{DEVNULL, PIPE, Subprocess, list2cmdline};
use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Stdio};
use std::time::Duration;
use support::{Python, compare};

const IMPORT: &str = "import subprocess";

fn subprocess() -> Subprocess {
    Batteries::included().subprocess
}

/// Memory that is really there: every page is written to.
fn resident() -> Vec<u8> {
    let gibibytes: usize = std::env::var("LEYDEN_RESIDENT").ok().and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut memory = vec![0_u8; gibibytes << 30];
    memory.iter_mut().step_by(4096).for_each(|byte| *byte = 1);
    memory
}

fn start(c: &mut Criterion) {
    let memory = resident();
    let name =
        |name: &str| if memory.is_empty() { name.to_owned() } else { format!("{name} ({} GiB resident)", memory.len() >> 30) };
    // Python gets the same burden.
    let setup = format!("{IMPORT}; memory = bytearray({}); memory[::4096] = b'1' * len(memory[::4096])", memory.len());
    let (subprocess, mut python) = (subprocess(), Python::start());
    compare(
        c,
        &mut python,
        &name("run true"),
        || subprocess.run(["true"]).wait().unwrap(),
        Some(&mut || Command::new("true").status().unwrap()),
        (&setup, "subprocess.run(['true'])"),
    );
    compare(
        c,
        &mut python,
        &name("run echo, captured"),
        || subprocess.run(["echo", "hello"]).capture_output(true).wait().unwrap(),
        Some(&mut || Command::new("echo").arg("hello").stdin(Stdio::inherit()).output().unwrap()),
        (&setup, "subprocess.run(['echo', 'hello'], capture_output=True)"),
    );
    compare(
        c,
        &mut python,
        &name("run true, with directory, environment and deadline"),
        || subprocess.run(["true"]).cwd("/").env([("A", "b")]).timeout(Duration::from_secs(60)).wait().unwrap(),
        Some(&mut || Command::new("true").current_dir("/").env_clear().env("A", "b").status().unwrap()),
        (&setup, "subprocess.run(['true'], cwd='/', env={'A': 'b'}, timeout=60)"),
    );
    std::hint::black_box(memory);
}

fn bytes(c: &mut Criterion) {
    let (subprocess, mut python) = (subprocess(), Python::start());
    for mebibytes in [10, 100] {
        let count = (mebibytes << 20).to_string();
        compare(
            c,
            &mut python,
            &format!("capture {mebibytes} MiB"),
            || subprocess.check_output(["head", "-c", &count, "/dev/zero"]).wait().unwrap(),
            Some(&mut || Command::new("head").args(["-c", &count, "/dev/zero"]).stdout(Stdio::piped()).output().unwrap().stdout),
            (IMPORT, &format!("subprocess.check_output(['head', '-c', '{count}', '/dev/zero'])")),
        );
    }
    let input = vec![b'x'; 10 << 20];
    compare(
        c,
        &mut python,
        "cat 10 MiB",
        || subprocess.check_output("cat").input(input.clone()).wait().unwrap(),
        Some(&mut || {
            let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
            let (mut stdin, input) = (child.stdin.take().unwrap(), input.clone());
            let writer = std::thread::spawn(move || stdin.write_all(&input).unwrap());
            let mut output = Vec::new();
            child.stdout.take().unwrap().read_to_end(&mut output).unwrap();
            writer.join().unwrap();
            child.wait().unwrap();
            output
        }),
        (&format!("{IMPORT}; data = b'x' * (10 << 20)"), "subprocess.check_output(['cat'], input=data)"),
    );
}

fn lines(c: &mut Criterion) {
    let (subprocess, mut python) = (subprocess(), Python::start());
    for (name, last) in [("100,000 lines", "100000"), ("1,000,000 lines", "1000000")] {
        compare(
            c,
            &mut python,
            name,
            || subprocess.run(["seq", last]).lines().unwrap().map(|line| line.unwrap().len()).sum::<usize>(),
            Some(&mut || {
                let mut child = Command::new("seq").arg(last).stdout(Stdio::piped()).spawn().unwrap();
                let lines = BufReader::new(child.stdout.take().unwrap()).lines();
                let sum: usize = lines.map(|line| line.unwrap().len()).sum();
                child.wait().unwrap();
                sum
            }),
            (
                IMPORT,
                &format!(
                    "p = subprocess.Popen(['seq', '{last}'], stdout=subprocess.PIPE, text=True); sum(len(line) for line in p.stdout); p.wait()"
                ),
            ),
        );
    }
}

fn deadline(c: &mut Criterion) {
    let (subprocess, mut python) = (subprocess(), Python::start());
    let timeout = Duration::from_millis(20);
    compare(
        c,
        &mut python,
        "a deadline of 20 ms",
        || subprocess.run(["sleep", "10"]).stdout(PIPE).stderr(DEVNULL).timeout(timeout).wait().unwrap_err(),
        None::<&mut dyn FnMut()>,
        (
            &format!(
                "{IMPORT}\ndef go():\n    try:\n        subprocess.run(['sleep', '10'], stdout=subprocess.PIPE, timeout=0.02)\n    except subprocess.TimeoutExpired:\n        pass"
            ),
            "go()",
        ),
    );
}

fn pure(c: &mut Criterion) {
    let mut python = Python::start();
    let args = [r"C:\Program Files\x.exe", "a b", r#"say "hi""#, "", r"plain\path", r"trailing slash\"];
    compare(
        c,
        &mut python,
        "list2cmdline",
        || list2cmdline(args),
        None::<&mut dyn FnMut()>,
        (
            &format!(
                "{IMPORT}; args = ['C:\\\\Program Files\\\\x.exe', 'a b', 'say \"hi\"', '', 'plain\\\\path', 'trailing slash\\\\']"
            ),
            "subprocess.list2cmdline(args)",
        ),
    );
}

criterion_group! {
    name = all;
    config = Criterion::default().sample_size(50).warm_up_time(Duration::from_millis(500)).measurement_time(Duration::from_secs(5));
    targets = start, bytes, lines, deadline, pure
}
criterion_main!(all);
