//! Starts a process from a [`Command`].

use std::ffi::{OsStr, OsString};
use std::io::{Error, ErrorKind, Result};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio as StdStdio};
use std::sync::Arc;
use std::thread;

use command_fds::{CommandFdExt, FdMapping};
use process_wrap::std::{CommandWrap, ProcessSession};
use rustix::fs::{Access, AtFlags, CWD, OFlags};
use rustix::io::Errno;
use rustix::pipe::PipeFlags;

use super::super::args::Arg;
use super::super::backend::{Command, Id, Pipe, Pipes, Spawned, Standing};
use super::super::stdio::Stdio;
use super::child::{NativeChild, NativePipe};
use crate::ambient::Variables;

pub(super) fn spawn(command: &Command) -> Result<Spawned> {
    let (std, pipes) = prepare(command)?;
    let pid = start(std, command)?;
    let child = Box::new(NativeChild::new(pid, &command.standing)?);
    Ok(Spawned { child, pipes })
}

fn prepare(command: &Command) -> Result<(process::Command, Pipes)> {
    let mut std = process::Command::new(resolve(command)?);
    if let Some((name, args)) = command.args.split_first() {
        if name.expose() != std.get_program() {
            std.arg0(name.expose());
        }
        std.args(args.iter().map(Arg::expose));
    }
    if let Some(environ) = &command.environ {
        std.env_clear().envs(environ.iter());
    }
    if let Some(cwd) = &command.cwd {
        std.current_dir(cwd);
    }
    if let Some(group) = command.standing.process_group {
        std.process_group(i32::try_from(group).map_err(|_| Errno::INVAL)?);
    }
    if let Some(group) = &command.standing.group {
        std.gid(gid(group)?);
    }
    if let Some(user) = &command.standing.user {
        std.uid(uid(user)?);
    }
    if !command.pass_fds.is_empty() {
        let keep = |fd: &Arc<OwnedFd>| Ok(FdMapping { parent_fd: fd.try_clone()?, child_fd: fd.as_raw_fd() });
        let keep = command.pass_fds.iter().map(keep).collect::<Result<Vec<_>>>()?;
        std.fd_mappings(keep).map_err(|error| Error::new(ErrorKind::InvalidInput, error))?;
    }
    let mut pipes = Pipes::default();
    let size = command.pipesize;
    std.stdin(match &command.stdin {
        Stdio::Pipe => {
            let (read, write) = pipe(size)?;
            // Writing to a program must not block, because it may be writing too. The program's end
            // stays blocking.
            rustix::fs::fcntl_setfl(&write, OFlags::NONBLOCK)?;
            pipes.stdin = Some(parent_end(write));
            read.into()
        }
        other => connect(other)?,
    });
    let output = |stdio: &Stdio, end: &mut Option<Arc<dyn Pipe>>| match stdio {
        Stdio::Pipe => {
            let (read, write) = pipe(size)?;
            *end = Some(parent_end(read));
            Ok(write)
        }
        other => descriptor(other),
    };
    match (&command.stdout, &command.stderr) {
        (stdout, Stdio::Stdout) => {
            let stdout = match stdout {
                Stdio::Inherit => std::io::stdout().as_fd().try_clone_to_owned()?,
                other => output(other, &mut pipes.stdout)?,
            };
            std.stderr(stdout.try_clone()?).stdout(stdout);
        }
        (stdout, stderr) => {
            if !matches!(stdout, Stdio::Inherit) {
                std.stdout(output(stdout, &mut pipes.stdout)?);
            }
            if !matches!(stderr, Stdio::Inherit) {
                std.stderr(output(stderr, &mut pipes.stderr)?);
            }
        }
    }
    Ok((std, pipes))
}

fn start(mut std: process::Command, command: &Command) -> Result<u32> {
    let Standing { extra_groups, umask, start_new_session, .. } = &command.standing;
    let start = move || {
        if *start_new_session {
            let mut wrapped = CommandWrap::from(std);
            wrapped.wrap(ProcessSession);
            return Ok(wrapped.spawn()?.id());
        }
        Ok(std.spawn()?.id())
    };
    if extra_groups.is_none() && umask.is_none() {
        return start();
    }
    let groups = extra_groups.as_ref().map(|groups| groups.iter().map(gid).collect::<Result<Vec<_>>>()).transpose()?;
    // On Linux, the umask (once it is no longer shared) and the groups are per thread, and a child
    // inherits those of the thread that starts it. A separate thread can change them without
    // affecting the others.
    let in_thread = move || {
        if let Some(groups) = groups {
            let groups: Vec<_> = groups.into_iter().map(rustix::process::Gid::from_raw).collect();
            rustix::thread::set_thread_groups(&groups)?;
        }
        if let Some(umask) = umask {
            nix::sched::unshare(nix::sched::CloneFlags::CLONE_FS)?;
            rustix::process::umask(rustix::fs::Mode::from_raw_mode(*umask & 0o777));
        }
        start()
    };
    thread::scope(|scope| {
        let thread = thread::Builder::new().spawn_scoped(scope, in_thread)?;
        thread.join().unwrap_or_else(|payload| std::panic::resume_unwind(payload))
    })
}

/// Looks up a name in the child's `PATH`, as Python does. If that is the process's own `PATH`, the
/// C library does it.
fn resolve(command: &Command) -> Result<OsString> {
    let program = &command.program;
    if program.is_empty() {
        return Err(Errno::ACCESS.into());
    }
    let Some(environ) = &command.environ else { return Ok(program.clone()) };
    if program.as_bytes().contains(&b'/') {
        return Ok(program.clone());
    }
    let mut failed = Errno::NOENT;
    for directory in search_path(environ).as_bytes().split(|byte| *byte == b':') {
        let candidate = Path::new(OsStr::from_bytes(directory)).join(program);
        // The program runs from the child's directory.
        let seen: PathBuf = command.cwd.as_deref().map_or_else(|| candidate.clone(), |cwd| cwd.join(&candidate));
        match executable(&seen) {
            Ok(()) if directory.is_empty() => return Ok(OsString::from_vec([b"./", program.as_bytes()].concat())),
            Ok(()) => return Ok(candidate.into_os_string()),
            Err(Errno::NOENT | Errno::NOTDIR) => {}
            Err(error) => failed = error,
        }
    }
    Err(failed.into())
}

fn search_path(environ: &Variables) -> &OsStr {
    environ.get(OsStr::new("PATH")).map_or(OsStr::new("/bin:/usr/bin"), OsString::as_os_str)
}

fn executable(path: &Path) -> rustix::io::Result<()> {
    let stat = rustix::fs::stat(path)?;
    if rustix::fs::FileType::from_raw_mode(stat.st_mode).is_dir() {
        return Err(Errno::ACCESS);
    }
    rustix::fs::accessat(CWD, path, Access::EXEC_OK, AtFlags::EACCESS)
}

fn parent_end(fd: OwnedFd) -> Arc<dyn Pipe> {
    Arc::new(NativePipe(fd))
}

fn pipe(size: Option<usize>) -> Result<(OwnedFd, OwnedFd)> {
    let (read, write) = rustix::pipe::pipe_with(PipeFlags::CLOEXEC)?;
    if let Some(size) = size {
        rustix::pipe::fcntl_setpipe_size(&write, size)?;
    }
    Ok((read, write))
}

fn connect(stdio: &Stdio) -> Result<StdStdio> {
    Ok(if matches!(stdio, Stdio::Inherit) { StdStdio::inherit() } else { descriptor(stdio)?.into() })
}

fn descriptor(stdio: &Stdio) -> Result<OwnedFd> {
    let memory = || Error::new(ErrorKind::Unsupported, "a file or pipe in memory as a stream of a real program");
    match stdio {
        Stdio::DevNull => Ok(std::fs::File::options().read(true).write(true).open("/dev/null")?.into()),
        Stdio::Fd(fd) => fd.try_clone(),
        Stdio::File(file) => file.as_fd().ok_or_else(memory)?.try_clone_to_owned(),
        Stdio::Child(pipe) => {
            let fd = pipe.as_fd().ok_or_else(memory)?;
            // A program expects blocking streams.
            rustix::fs::fcntl_setfl(fd, OFlags::empty())?;
            fd.try_clone_to_owned()
        }
        // The facade passes none of these.
        Stdio::Inherit | Stdio::Pipe | Stdio::Stdout => Err(Errno::INVAL.into()),
    }
}

fn uid(user: &Id) -> Result<u32> {
    match user {
        Id::Number(number) => Ok(*number),
        Id::Name(name) => match nix::unistd::User::from_name(name)? {
            Some(user) => Ok(user.uid.as_raw()),
            None => Err(Error::new(ErrorKind::InvalidInput, format!("unknown user '{name}'"))),
        },
    }
}

fn gid(group: &Id) -> Result<u32> {
    match group {
        Id::Number(number) => Ok(*number),
        Id::Name(name) => match nix::unistd::Group::from_name(name)? {
            Some(group) => Ok(group.gid.as_raw()),
            None => Err(Error::new(ErrorKind::InvalidInput, format!("unknown group '{name}'"))),
        },
    }
}
