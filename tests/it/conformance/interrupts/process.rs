//! Fault A12: a script as a process of its own, with a pipe as its stdout, that is signalled.

use super::secs;
use crate::support::alone;
use leyden::prelude::*;
use leyden::sys::Sys;
use std::io::{BufRead, BufReader, Read};
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, ChildStdout, ExitStatus, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// A script under test, in the middle of its work.
struct Script {
    child: Child,
    stdout: BufReader<ChildStdout>,
    dir: PathBuf,
}

impl Script {
    /// Runs this test again as a script. None: this is that script.
    fn start() -> Option<Script> {
        if alone::dir().is_some() {
            return None;
        }
        let dir = std::env::temp_dir().join(format!("leyden-interrupt-{}-{:?}", std::process::id(), std::thread::current().id()));
        std::fs::create_dir_all(&dir).unwrap();
        let mut child = alone::command(&dir).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let mut script = Script { child, stdout, dir };
        script.wait_until(|script| script.dir.join("ready").exists());
        Some(script)
    }

    fn wait_until(&mut self, done: impl Fn(&mut Script) -> bool) {
        let start = Instant::now();
        while !done(self) {
            assert!(start.elapsed() < secs(30), "the script does not go on");
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    fn signal(&self, number: i32) {
        let line = format!("kill -{number} {}", self.child.id());
        assert!(std::process::Command::new("sh").args(["-c", &line]).status().unwrap().success());
    }

    /// What it wrote, how it ended, and what is left of its directories.
    fn end(mut self) -> (String, ExitStatus, Vec<String>) {
        let (mut output, mut line) = (String::new(), String::new());
        while self.stdout.read_line(&mut line).is_ok_and(|count| count > 0) {
            output += &std::mem::take(&mut line);
        }
        let _ = self.stdout.read_to_string(&mut output);
        let status = self.child.wait().unwrap();
        let names = std::fs::read_dir(&self.dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let left = names.filter(|name| name.starts_with("work")).collect();
        std::fs::remove_dir_all(&self.dir).unwrap();
        (output, status, left)
    }
}

/// What the script does: a temporary directory, a line in the buffer of stdout, and a wait.
fn work(batteries: &Batteries, wait: impl FnOnce(&Batteries) -> leyden::Result<()>) -> leyden::Result<()> {
    let dir = PathBuf::from(alone::dir().unwrap());
    let options = leyden::os::tempfile::Temp::new().prefix("work").dir(&dir);
    let work = batteries.os.tempfile.temporary_directory(options)?;
    batteries.os.write_text(work.path().join("part"), "half of it")?;
    batteries.sys.stdout.write("a line in the buffer\n")?;
    batteries.os.write_text(dir.join("ready"), "")?;
    wait(batteries)
}

/// What `fn main` does.
fn finish(script: impl FnOnce(&Batteries) -> leyden::Result<()>, on_interrupt: bool) -> ! {
    let batteries = Batteries::included();
    if on_interrupt {
        batteries.sys.on_interrupt().unwrap();
    }
    let result = script(&batteries);
    let code = batteries.sys.status_of(result);
    std::process::exit(code.into());
}

fn ends_clean(signal: i32, code: i32, wait: impl FnOnce(&Batteries) -> leyden::Result<()>) {
    let Some(script) = Script::start() else { finish(|batteries| work(batteries, wait), true) };
    std::thread::sleep(Duration::from_millis(50));
    script.signal(signal);
    let (output, status, left) = script.end();
    assert!(output.contains("a line in the buffer\n"), "{output}");
    assert_eq!((status.code(), left), (Some(code), Vec::new()));
}

fn run(Batteries { subprocess, .. }: &Batteries) -> leyden::Result<()> {
    subprocess.run(["sleep", "30"]).stdout(DEVNULL).check(true).wait()?;
    Ok(())
}

#[test]
fn sigint_during_a_program() {
    ends_clean(2, 130, run);
}

#[test]
fn sigterm_during_a_program() {
    ends_clean(15, 143, run);
}

#[test]
fn sigint_during_a_plain_sleep() {
    ends_clean(2, 130, |Batteries { time, .. }| {
        time.sleep(secs(30)).wait();
        Ok(())
    });
}

#[test]
fn sigterm_during_an_interruptible_sleep() {
    ends_clean(15, 143, |Batteries { time, .. }| Ok(time.sleep(secs(30)).interruptible().wait()?));
}

#[test]
fn sigterm_while_it_reads_stdin() {
    ends_clean(15, 143, |_| {
        let (reader, _writer) = std::io::pipe().unwrap();
        let null = || std::fs::File::create("/dev/null").unwrap();
        let sys = Sys::new(Arc::new(leyden::sys::native::Native::over(reader, null(), null())));
        sys.stdin.readline(None)?;
        Ok(())
    });
}

#[test]
fn a_second_signal_ends_it_at_once() {
    /// Its cleanup never ends.
    struct Stubborn(PathBuf);
    impl Drop for Stubborn {
        fn drop(&mut self) {
            std::fs::write(self.0.join("dropping"), "").unwrap();
            loop {
                std::thread::sleep(secs(1));
            }
        }
    }
    let Some(mut script) = Script::start() else {
        let stubborn = |batteries: &Batteries| {
            let _stubborn = Stubborn(alone::dir().unwrap().into());
            run(batteries)
        };
        finish(|batteries| work(batteries, stubborn), true)
    };
    script.signal(2);
    script.wait_until(|script| script.dir.join("dropping").exists());
    script.signal(15);
    let (_, status, left) = script.end();
    assert_eq!((status.signal(), left.len()), (Some(15), 1));
}

#[test]
fn without_handlers_the_default_action_is_taken() {
    let Some(script) = Script::start() else { finish(|batteries| work(batteries, run), false) };
    script.signal(2);
    let (output, status, left) = script.end();
    assert_eq!((status.signal(), left.len(), output.contains("a line in the buffer")), (Some(2), 1, false));
}

/// `nohup`, and shells for what they run in the background, start a process that ignores SIGINT.
#[test]
fn an_ignored_signal_stays_ignored() {
    let Some(dir) = alone::dir().map(PathBuf::from) else {
        let dir = std::env::temp_dir().join(format!("leyden-interrupt-ignored-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let again = alone::bare_command(&dir);
        let mut shell = std::process::Command::new("sh");
        shell.args(["-c", r#"trap '' INT; exec "$@""#, "sh"]).arg(again.get_program()).args(again.get_args());
        shell.envs(again.get_envs().filter_map(|(name, value)| Some((name, value?))));
        let output = shell.output().unwrap();
        std::fs::remove_dir_all(&dir).unwrap();
        assert_eq!(output.status.code(), Some(143), "{}", String::from_utf8_lossy(&output.stderr));
        return;
    };
    assert!(dir.exists());
    let script = |Batteries { time, .. }: &Batteries| -> leyden::Result<()> {
        super::send(leyden::Signal::Sigint);
        time.sleep(Duration::from_millis(200)).interruptible().wait()?;
        super::send(leyden::Signal::Sigterm);
        Ok(time.sleep(secs(30)).interruptible().wait()?)
    };
    finish(script, true);
}

/// A service: jobs until it is asked to end.
#[cfg(feature = "schedule")]
#[test]
fn serve_ends_as_by_a_stop() {
    let Some(script) = Script::start() else {
        let serve = |batteries: &Batteries| {
            batteries.schedule.every(10).seconds().do_(|_| ())?;
            batteries.schedule.serve().wait()?;
            Ok(())
        };
        finish(|batteries| work(batteries, serve), true)
    };
    std::thread::sleep(Duration::from_millis(100));
    script.signal(15);
    let (output, status, left) = script.end();
    assert!(output.contains("a line in the buffer\n"));
    assert_eq!((status.code(), left), (Some(0), Vec::new()));
}
