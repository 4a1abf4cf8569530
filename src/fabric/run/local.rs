//! Local commands as [`Channel`]s, over the `subprocess` battery's backend.

use std::io::ErrorKind;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

use super::runner::{shown, signal_name, signal_number};
use crate::ambient::Variables;
use crate::fabric::Fabric;
use crate::fabric::backend::{Backend, Channel, Event};
use crate::fabric::error::{Error, Result};
use crate::subprocess::backend::{Child, Command, Pipe, Pipes, Spawned, Standing};
use crate::subprocess::{Arg, Stdio};

/// `Popen(command, shell=True, executable=shell, env=env, ..)`.
pub(in crate::fabric) fn spawn(
    fabric: &Fabric,
    shell: &str,
    command: &str,
    env: &[(String, String)],
    replace: bool,
) -> Result<Arc<dyn Channel>> {
    let ambient = fabric.os.ambient();
    let environ = match (env.is_empty(), replace) {
        (true, false) => ambient.changed_environ(),
        (_, replace) => {
            let mut all = if replace { Variables::new() } else { (*ambient.environ()).clone() };
            all.extend(env.iter().map(|(name, value)| (name.into(), value.into())));
            Some(Arc::new(all))
        }
    };
    let args = [shell, "-c", command].into_iter().map(Arg::from).collect();
    let command = Command {
        program: shell.into(),
        args,
        environ,
        cwd: ambient.cwd().map(|cwd| cwd.to_path_buf()),
        stdin: Stdio::Pipe,
        stdout: Stdio::Pipe,
        stderr: Stdio::Pipe,
        standing: Standing::default(),
        pipesize: None,
        pass_fds: Vec::new(),
    };
    let spawned = fabric.subprocess.backend().spawn(&command).map_err(|source| local(shell, source))?;
    Ok(Arc::new(LocalChannel::new(fabric.backend.clone(), shell, spawned)))
}

fn local(command: &str, source: std::io::Error) -> Error {
    Error::Os { operation: "run", path: command.to_owned(), source }
}

/// A program of this machine, or of a machine in memory.
#[derive(Debug)]
pub(in crate::fabric) struct LocalChannel {
    backend: Arc<dyn Backend>,
    command: String,
    child: tokio::sync::Mutex<State>,
    stdin: Mutex<Option<Arc<dyn Pipe>>>,
    pipes: Mutex<Pipes>,
}

#[derive(Debug)]
struct State {
    child: Option<Box<dyn Child>>,
    closed: bool,
}

impl LocalChannel {
    pub(in crate::fabric) fn new(backend: Arc<dyn Backend>, program: &str, spawned: Spawned) -> LocalChannel {
        LocalChannel {
            backend,
            command: shown(program),
            child: tokio::sync::Mutex::new(State { child: Some(spawned.child), closed: false }),
            stdin: Mutex::new(spawned.pipes.stdin),
            pipes: Mutex::new(Pipes { stdin: None, ..spawned.pipes }),
        }
    }

    fn pipes(&self) -> Pipes {
        self.pipes.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What the pipe has; at its end the pipe is closed, and that is None.
    fn take(&self, pipe: &dyn Pipe, close: impl FnOnce(&mut Pipes)) -> Result<Option<Bytes>> {
        let mut bytes = Vec::new();
        let count = pipe.read_to(&mut bytes).map_err(|error| local(&self.command, error))?;
        if count == 0 {
            close(&mut self.pipes.lock().unwrap_or_else(PoisonError::into_inner));
            return Ok(None);
        }
        Ok(Some(bytes.into()))
    }
}

#[async_trait]
impl Channel for LocalChannel {
    async fn next(&self) -> Result<Event> {
        let mut state = self.child.lock().await;
        loop {
            let pipes = self.pipes();
            let Some(child) = state.child.as_mut() else {
                state.closed = true;
                return Ok(Event::Closed);
            };
            let exit = pipes.stdout.is_none() && pipes.stderr.is_none();
            let ready = child.poll_async(&pipes, exit, None).await.map_err(|error| local(&self.command, error))?;
            if ready.stdout
                && let Some(pipe) = &pipes.stdout
                && let Some(bytes) = self.take(&**pipe, |pipes| pipes.stdout = None)?
            {
                return Ok(Event::Stdout(bytes));
            }
            if ready.stderr
                && let Some(pipe) = &pipes.stderr
                && let Some(bytes) = self.take(&**pipe, |pipes| pipes.stderr = None)?
            {
                return Ok(Event::Stderr(bytes));
            }
            if ready.exit {
                let status = child.wait().map_err(|error| local(&self.command, error))?;
                state.child = None;
                return Ok(if status.signaled() {
                    Event::Signal(signal_name(status.term_signal()))
                } else {
                    Event::Exit(status.exit_status().unsigned_abs())
                });
            }
        }
    }

    async fn write(&self, bytes: &[u8]) -> Result<()> {
        let mut rest = bytes;
        let mut pause = Duration::from_micros(200);
        while !rest.is_empty() {
            let pipe = self.stdin.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let Some(pipe) = pipe else { return Ok(()) };
            match pipe.write(rest) {
                Ok(count) if count > 0 => rest = rest.get(count..).unwrap_or_default(),
                Ok(_) => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(()),
                Err(error) => return Err(local(&self.command, error)),
            }
            if !rest.is_empty() {
                self.backend.sleep(pause).await;
                pause = (pause * 2).min(Duration::from_millis(20));
            }
        }
        Ok(())
    }

    async fn close_stdin(&self) -> Result<()> {
        self.stdin.lock().unwrap_or_else(PoisonError::into_inner).take();
        Ok(())
    }

    async fn signal(&self, name: &str) -> Result<()> {
        match self.child.lock().await.child.as_mut() {
            Some(child) => child.send_signal(signal_number(name)).map_err(|error| local(&self.command, error)),
            None => Ok(()),
        }
    }

    async fn resize(&self, _columns: u16, _rows: u16) -> Result<()> {
        Ok(())
    }

    async fn kill(&self) {
        let mut state = self.child.lock().await;
        let pipes = self.pipes();
        if let Some(mut child) = state.child.take()
            && child.kill_tree(&pipes).is_ok()
        {
            // Reaped; how it ended is known.
            let _status = child.wait();
        }
        state.closed = true;
    }

    async fn close(&self) {
        let mut state = self.child.lock().await;
        if let Some(child) = state.child.take() {
            child.detach();
        }
        state.closed = true;
    }
}
