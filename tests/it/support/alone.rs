//! Tests that change what all threads share run in a process of their own.

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::Command;

/// Names the directory of a test that runs by itself.
const ALONE: &str = "LEYDEN_TEST_ALONE";

/// The directory that was made for this test, if this is its own process.
pub fn dir() -> Option<OsString> {
    std::env::var_os(ALONE)
}

/// Runs this test once more in a process of its own. True: this is that process, go on. False: it ran there, and succeeded.
pub fn alone(dir: &Path) -> bool {
    if self::dir().is_some() {
        return true;
    }
    let output = command(dir).output().unwrap();
    std::io::stderr().write_all(&output.stdout).unwrap();
    std::io::stderr().write_all(&output.stderr).unwrap();
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("1 passed"), "{}", output.status);
    false
}

/// This test in a process of its own, with the signals that a terminal gives.
pub fn command(dir: &Path) -> Command {
    // A shell starts what runs in its background with SIGINT ignored, and nohup with SIGHUP: no test would see one.
    let mut command = Command::new("env");
    command.arg("--default-signal").arg(std::env::current_exe().unwrap());
    again(command, dir)
}

/// This test in a process of its own, with the signals of what starts it.
pub fn bare_command(dir: &Path) -> Command {
    again(Command::new(std::env::current_exe().unwrap()), dir)
}

fn again(mut command: Command, dir: &Path) -> Command {
    let thread = std::thread::current();
    command.args([thread.name().unwrap(), "--exact", "--include-ignored", "--nocapture"]).env(ALONE, dir);
    command
}
