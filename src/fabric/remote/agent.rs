//! A shell on the other machine that runs one small command after the other: what SFTP has no word for.

use std::fmt::Write as _;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use crate::Wait as _;
use crate::error::errno::{EACCES, ECONNREFUSED, ECONNRESET, EIO, ENOSYS, EOPNOTSUPP, ETIMEDOUT};
use crate::fabric::backend::{Channel, Event, Exec};
use crate::fabric::connection::Connection;
use crate::fabric::error::Error;
use crate::os::shlex;

/// More output than a small command has.
const MAX_OUTPUT: usize = 64 << 20;
/// How long a small command may take.
const PATIENCE: Duration = Duration::from_secs(120);

/// The shell. It is started by the first command, and again after it was lost.
#[derive(Debug)]
pub(super) struct Agent {
    connection: Connection,
    shell: tokio::sync::Mutex<Option<Shell>>,
}

#[derive(Debug)]
struct Shell {
    channel: Arc<dyn Channel>,
    /// Ends each answer. Nothing that a command prints can be it.
    mark: String,
    /// Its process.
    pid: u32,
}

/// What a command has printed, output and errors in one, and its exit status.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: i32,
    pub(super) output: Vec<u8>,
}

impl Answer {
    /// The output as text, without the newlines at its end.
    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.output).trim_end_matches('\n').to_owned()
    }
}

impl Agent {
    pub(super) fn new(connection: Connection) -> Agent {
        Agent { connection, shell: tokio::sync::Mutex::default() }
    }

    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }

    /// Runs a script by `sh` with an empty input. Blocks.
    pub(super) fn run(&self, script: &[u8]) -> io::Result<Answer> {
        self.ask(script).wait()
    }

    /// The output of a script that succeeds. Else the errno that its last words name.
    pub(super) fn output(&self, script: &[u8]) -> io::Result<Vec<u8>> {
        let answer = self.run(script)?;
        if answer.status == 0 { Ok(answer.output) } else { Err(errno_of(&answer.output)) }
    }

    /// The process of the shell.
    pub(super) fn pid(&self) -> io::Result<u32> {
        let start = async {
            let mut shell = self.shell.lock().await;
            self.started(&mut shell).await.map(|shell| shell.pid)
        };
        start.wait()
    }

    pub(super) async fn ask(&self, script: &[u8]) -> io::Result<Answer> {
        let mut kept = self.shell.lock().await;
        let shell = self.started(&mut kept).await?;
        let mut line = b"(".to_vec();
        line.extend(script);
        line.extend(format!("\n) </dev/null 2>&1; printf '\\n%s %d\\n' {} $?\n", shell.mark).bytes());
        let exchange = async {
            shell.channel.write(&line).await?;
            shell.answer().await
        };
        let mut exchange = Box::pin(exchange);
        let answer = crate::wait::driver::within(Some(PATIENCE), &mut exchange).await;
        drop(exchange);
        match answer {
            Some(Ok(answer)) => Ok(answer),
            // A shell in an unknown state is not used again.
            Some(Err(error)) => {
                *kept = None;
                Err(of_fabric(&error))
            }
            None => {
                *kept = None;
                Err(io::Error::from_raw_os_error(ETIMEDOUT))
            }
        }
    }

    async fn started<'a>(&self, kept: &'a mut Option<Shell>) -> io::Result<&'a mut Shell> {
        if kept.is_none() {
            let session = self.connection.session().await.map_err(|error| of_fabric(&error))?;
            // Whatever the user's login shell is, it can do this much.
            let channel = session.exec(&Exec::new("exec /bin/sh")).await.map_err(|error| of_fabric(&error))?;
            let random = self.connection.os().urandom(16).map_err(|error| errno(error.errno().unwrap_or(EIO)))?;
            let mut mark = String::from("leyden-");
            for byte in random {
                let _ = write!(mark, "{byte:02x}");
            }
            let mut shell = Shell { channel, mark, pid: 0 };
            let hello = format!("LC_ALL=C; export LC_ALL; printf %d $$; printf '\\n%s %d\\n' {} $?\n", shell.mark);
            let greeting = async {
                shell.channel.write(hello.as_bytes()).await?;
                shell.answer().await
            };
            let mut greeting = Box::pin(greeting);
            let answer = crate::wait::driver::within(Some(PATIENCE), &mut greeting).await;
            drop(greeting);
            let answer = answer.ok_or_else(|| io::Error::from_raw_os_error(ETIMEDOUT))?.map_err(|error| of_fabric(&error))?;
            // What the login shell's files print comes before.
            let text = answer.text();
            let digits = text.rsplit(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
            shell.pid = digits.parse().map_err(|_| io::Error::other("the remote shell does not answer"))?;
            *kept = Some(shell);
        }
        kept.as_mut().ok_or_else(|| errno(EIO))
    }
}

impl Shell {
    async fn answer(&self) -> Result<Answer, Error> {
        let mark = format!("\n{} ", self.mark).into_bytes();
        let mut output: Vec<u8> = Vec::new();
        let mut searched = 0;
        loop {
            let found = output.get(searched..).and_then(|tail| tail.windows(mark.len()).position(|at| at == mark));
            if let Some(at) = found.map(|at| at + searched) {
                let status = output.get(at + mark.len()..).unwrap_or_default();
                if let Some(end) = status.iter().position(|byte| *byte == b'\n') {
                    let text = String::from_utf8_lossy(status.get(..end).unwrap_or_default()).into_owned();
                    let status = text.parse().map_err(|_| lost("a status that is not a number"))?;
                    output.truncate(at);
                    return Ok(Answer { status, output });
                }
                searched = at;
            } else {
                searched = output.len().saturating_sub(mark.len());
            }
            match self.channel.next().await? {
                Event::Stdout(bytes) => output.extend(&bytes),
                Event::Stderr(_) => {}
                Event::Exit(_) | Event::Signal(_) | Event::Closed => return Err(lost("the remote shell has ended")),
            }
            if output.len() > MAX_OUTPUT {
                return Err(lost("too much output of a small command"));
            }
        }
    }
}

fn lost(reason: &str) -> Error {
    Error::ConnectionLost { host: String::new(), reason: reason.to_owned() }
}

pub(super) fn errno(errno: i32) -> io::Error {
    io::Error::from_raw_os_error(errno)
}

/// The errno that says what an error of the connection means.
pub(super) fn of_fabric(error: &Error) -> io::Error {
    match error {
        Error::Os { source, .. } => {
            match source.get_ref().and_then(|inner| inner.downcast_ref::<crate::fabric::sftp::SftpError>()) {
                Some(status) => errno(status.errno().unwrap_or(EIO)),
                None => errno(source.raw_os_error().unwrap_or(EIO)),
            }
        }
        Error::ConnectTimeout { .. } => errno(ETIMEDOUT),
        Error::Connect { source, .. } => errno(source.raw_os_error().unwrap_or(ECONNREFUSED)),
        Error::Authentication { .. } | Error::UnknownHostKey { .. } | Error::BadHostKey { .. } | Error::RevokedHostKey { .. } => {
            errno(EACCES)
        }
        Error::NotImplemented { .. } => errno(ENOSYS),
        // ECONNRESET
        _ => errno(ECONNRESET),
    }
}

/// The errno whose words end a message of a program in the C locale: `mkdir: cannot create directory 'x': File exists`.
pub(super) fn errno_of(message: &[u8]) -> io::Error {
    let text = String::from_utf8_lossy(message);
    let last = text.trim_end().lines().last().unwrap_or_default().trim_end();
    let known = MESSAGES.iter().find(|(words, _)| last.ends_with(words) || last.contains(&format!("{words} ")));
    let missing = last.ends_with("not found");
    errno(known.map_or(if missing { EOPNOTSUPP } else { EIO }, |(_, errno)| *errno))
}

const MESSAGES: &[(&str, i32)] = &[
    ("Operation not permitted", 1),
    ("No such file or directory", 2),
    ("No such process", 3),
    ("Input/output error", 5),
    ("No such device or address", 6),
    ("Resource temporarily unavailable", 11),
    ("Permission denied", 13),
    ("Device or resource busy", 16),
    ("File exists", 17),
    ("Invalid cross-device link", 18),
    ("Not a directory", 20),
    ("Is a directory", 21),
    ("Invalid argument", 22),
    ("Text file busy", 26),
    ("File too large", 27),
    ("No space left on device", 28),
    ("Read-only file system", 30),
    ("Too many links", 31),
    ("File name too long", 36),
    ("Function not implemented", 38),
    ("Directory not empty", 39),
    ("Too many levels of symbolic links", 40),
    ("Operation not supported", 95),
    ("Disk quota exceeded", 122),
];

/// A script of fixed words and quoted values.
#[derive(Clone, Debug, Default)]
pub(super) struct Script(pub(super) Vec<u8>);

impl Script {
    pub(super) fn new(words: &str) -> Script {
        Script(words.as_bytes().to_vec())
    }

    pub(super) fn words(mut self, words: &str) -> Script {
        self.0.push(b' ');
        self.0.extend(words.as_bytes());
        self
    }

    /// A value, quoted: it stays one word, whatever is in it.
    pub(super) fn value(mut self, value: &[u8]) -> Script {
        self.0.push(b' ');
        self.0.extend(quoted(value));
        self
    }
}

/// A word of a shell. Bytes that are not text stay as they are.
pub(super) fn quoted(value: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(value).ok().and_then(|text| Some(shlex::quote(text).ok()?.into_owned()));
    text.map_or_else(
        || {
            let mut word = vec![b'\''];
            for byte in value {
                match byte {
                    b'\'' => word.extend(b"'\"'\"'"),
                    byte => word.push(*byte),
                }
            }
            word.push(b'\'');
            word
        },
        String::into_bytes,
    )
}
