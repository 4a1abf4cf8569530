//! `credential_process`: a program that prints credentials.

use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process_group};
use serde_json::Value;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use super::super::error::Cause;
use crate::os::{Os, shlex};

/// The maximum output of the program.
const LARGEST: u64 = 1 << 20;

/// Returns the program's output as JSON. It runs without a shell, in a process group of its own,
/// which is killed if the caller is dropped.
pub(super) async fn run(command: &str, os: &Os) -> Result<Value, Cause> {
    let words = shlex::split(command).map_err(|error| format!("credential_process: {error}"))?;
    let Some((program, arguments)) = words.split_first() else { return Err("credential_process is empty".into()) };
    let mut child = Command::new(program);
    child
        .args(arguments)
        .stdin(Stdio::inherit())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .kill_on_drop(true);
    if let Some(environ) = os.ambient().changed_environ() {
        child.env_clear().envs(environ.iter());
    }
    if let Some(directory) = os.ambient().cwd() {
        child.current_dir(directory);
    }
    let mut child = child.spawn().map_err(|error| format!("credential_process {program:?}: {error}"))?;
    let mut group = Group(child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?)));
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    // Read concurrently, so that a program with much output on stderr is not blocked.
    let stderr = tokio::spawn(all(stderr));
    let (stdout, stderr) = (all(stdout).await?, stderr.await??);
    let status = child.wait().await?;
    group.0 = None;
    if !status.success() {
        // botocore shows the program's own error message.
        let said = String::from_utf8_lossy(&stderr);
        return Err(format!("credential_process {program:?} failed, {status}: {}", said.trim()).into());
    }
    let answer: Value = serde_json::from_slice(&stdout)
        .map_err(|error| format!("credential_process {program:?}: not valid JSON: {}", place(&error)))?;
    match answer.get("Version") {
        Some(version) if version.as_f64() == Some(1.0) => Ok(answer),
        version => {
            let version = version.map_or_else(|| "<Version key not provided>".to_owned(), Value::to_string);
            Err(format!("credential_process {program:?}: unsupported Version {version}, supported: 1").into())
        }
    }
}

/// Returns where the JSON is invalid. The parser's message may quote the text, and with it a key.
fn place(error: &serde_json::Error) -> String {
    format!("line {}, column {}", error.line(), error.column())
}

async fn all(stream: Option<impl AsyncRead + Unpin + Send>) -> Result<Vec<u8>, Cause> {
    let mut bytes = Vec::new();
    let Some(stream) = stream else { return Ok(bytes) };
    stream.take(LARGEST + 1).read_to_end(&mut bytes).await?;
    if bytes.len() as u64 > LARGEST {
        Err(format!("credential_process prints more than {LARGEST} bytes").into())
    } else {
        Ok(bytes)
    }
}

/// A process group that is killed unless its leader has ended and was reaped.
struct Group(Option<Pid>);

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(group) = self.0 {
            // The group no longer exists: there is nothing to kill.
            let _ = kill_process_group(group, Signal::KILL);
        }
    }
}
