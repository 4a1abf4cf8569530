//! [`SystemExit`]: ends a program before its last line.

use std::convert::Infallible;
use std::process::ExitCode;

use super::{Sys, TextIo};

/// The status that a program ends with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExitStatus {
    /// A number. The system keeps its lowest eight bits.
    Code(i32),
    /// A text for `stderr`; the exit code is 1.
    Message(String),
}

impl ExitStatus {
    /// Returns the exit code that the system gets: 0 to 255.
    pub fn code(&self) -> u8 {
        match self {
            ExitStatus::Code(code) => (code & 0xff) as u8,
            ExitStatus::Message(_) => 1,
        }
    }
}

impl From<i32> for ExitStatus {
    fn from(code: i32) -> ExitStatus {
        ExitStatus::Code(code)
    }
}

impl From<Option<i32>> for ExitStatus {
    /// `None` is 0.
    fn from(code: Option<i32>) -> ExitStatus {
        ExitStatus::Code(code.unwrap_or(0))
    }
}

impl From<&str> for ExitStatus {
    fn from(message: &str) -> ExitStatus {
        ExitStatus::Message(message.to_owned())
    }
}

impl From<String> for ExitStatus {
    fn from(message: String) -> ExitStatus {
        ExitStatus::Message(message)
    }
}

/// Python's `SystemExit`: an error that means "end the program with this status".
///
/// It propagates with `?` like any error, so that all values on the way are dropped and cleaned up.
/// [`Sys::finish`] turns it into the program's exit code. To continue instead, catch it with
/// `error.downcast_ref::<SystemExit>()`.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", match .0 { ExitStatus::Code(code) => format!("exit {code}"), ExitStatus::Message(text) => text.clone() })]
pub struct SystemExit(pub ExitStatus);

crate::error::umbrella!(SystemExit);
#[cfg(feature = "clap")]
crate::error::umbrella!(clap::Error);

impl SystemExit {
    /// Returns the exit code that the system will get: 0 to 255.
    pub fn code(&self) -> u8 {
        self.0.code()
    }
}

impl Sys {
    /// Ends the program with a number (0 is success), or with a text for `stderr` and exit code 1:
    /// `sys.exit(2)?;`
    ///
    /// As in Python, the call itself ends nothing: it returns [`SystemExit`], which `?` propagates
    /// to `main`. A mock records it: [`Mock::exit_status`](super::mock::Mock::exit_status).
    ///
    /// ```
    /// use leyden::prelude::*;
    /// use leyden::sys::SystemExit;
    ///
    /// fn script(Batteries { sys, .. }: &Batteries) -> leyden::Result<()> {
    ///     if sys.argv().len() < 2 {
    ///         sys.exit("usage: script FILE")?;
    ///     }
    ///     Ok(())
    /// }
    ///
    /// let world = World::new();
    /// let result = script(&world.batteries());
    /// assert_eq!(result.as_ref().unwrap_err().downcast_ref::<SystemExit>().unwrap().code(), 1);
    ///
    /// // What `fn main() -> ExitCode { let b = Batteries::included(); b.sys.finish(script(&b)) }` does:
    /// world.batteries().sys.finish(result);
    /// assert_eq!(world.sys.stderr(), "usage: script FILE\n");
    /// ```
    ///
    /// The `Ok` type of `sys.exit(..)?` has no values, so a `match` on it ends any branch, whatever
    /// type is expected there:
    ///
    /// ```
    /// # use leyden::prelude::*;
    /// fn port(Batteries { sys, .. }: &Batteries) -> leyden::Result<u16> {
    ///     let [port] = &sys.args()[..] else { match sys.exit("usage: script PORT")? {} };
    ///     match port.parse() {
    ///         Ok(port) => Ok(port),
    ///         Err(_) => match sys.exit(2)? {},
    ///     }
    /// }
    /// # let world = World::new();
    /// # world.sys.set_argv(["script", "80"]);
    /// # assert_eq!(port(&world.batteries()).unwrap(), 80);
    /// ```
    ///
    /// <https://docs.python.org/3/library/sys.html#sys.exit>
    #[doc(alias = "sys.exit")]
    pub fn exit(&self, status: impl Into<ExitStatus>) -> Result<Infallible, SystemExit> {
        let status = status.into();
        self.backend().exit(&status);
        Err(SystemExit(status))
    }

    /// Ends `main` as Python ends a script. Success is exit code 0; [`SystemExit`] is its status;
    /// any other error is written to `stderr` with its causes, with exit code 1. Then `stdout` is
    /// flushed; if that fails, the exit code is 120.
    ///
    /// After an interrupt the exit code is 130 (SIGINT) or 143 (SIGTERM), and `stderr` gets one
    /// line: see [`Sys::on_interrupt`]. This applies to an error that an interrupt caused, and to
    /// any result while an interrupt is pending.
    ///
    /// With the feature `clap`, an error of clap is printed as clap prints it: usage errors on `stderr` with code 2, `--help` and `--version` on
    /// `stdout` with code 0. So `Args::try_parse_from(sys.argv())?` is Python's `parser.parse_args()`.
    ///
    /// <https://docs.python.org/3/library/sys.html#sys.excepthook>
    #[doc(alias = "sys.excepthook")]
    pub fn finish<T, E: Into<crate::Error>>(&self, result: Result<T, E>) -> ExitCode {
        ExitCode::from(self.status_of(result))
    }

    /// Returns the exit code of [`Sys::finish`] as a number, after the same writes and flushes.
    pub fn status_of<T, E: Into<crate::Error>>(&self, result: Result<T, E>) -> u8 {
        let interrupts = self.backend().interrupts();
        let (mut code, said) = match result.map_err(Into::into) {
            // A sleep that an interrupt ended returns no error, so check for a pending interrupt.
            Ok(_) => interrupts.pending().map_or((0, None), |interrupt| (interrupt.code(), Some(interrupt.to_string()))),
            Err(error) => match error.downcast_ref::<SystemExit>() {
                Some(SystemExit(status @ ExitStatus::Message(text))) => (status.code(), Some(text.clone())),
                Some(SystemExit(status)) => (status.code(), None),
                #[cfg(feature = "clap")]
                None if let Some(usage) = error.downcast_ref::<clap::Error>() => {
                    let code = (usage.exit_code() & 0xff) as u8;
                    if usage.use_stderr() {
                        (code, Some(usage.to_string().trim_end().to_owned()))
                    } else {
                        // `--help` and `--version` are answers.
                        drop(self.stdout.write(&usage.to_string()));
                        (code, None)
                    }
                }
                None => match error.interrupt() {
                    Some(interrupt) => (interrupt.code(), Some(error.to_string())),
                    None => (interrupts.pending().map_or(1, |interrupt| interrupt.code()), Some(format!("{error:?}"))),
                },
            },
        };
        // A failed write to stderr cannot be reported anywhere.
        let say = |stream: &TextIo, text: &str| drop(stream.write(&format!("{text}\n")).and_then(|_| stream.flush()));
        if let Some(text) = said {
            say(&self.stderr, &text);
        }
        if !self.stdout.closed()
            && let Err(error) = self.stdout.flush()
        {
            code = 120;
            say(&self.stderr, &format!("{:?}", crate::Error::from(error)));
        }
        code
    }
}
