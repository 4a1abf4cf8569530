//! The pass-through wrappers: one a backend, each call between a hook's `before` and `after`.

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "ec2")]
mod ec2;
#[cfg(feature = "fabric")]
mod fabric;
#[cfg(feature = "os")]
mod os;
#[cfg(feature = "os")]
mod os_machine;
#[cfg(feature = "os")]
mod os_open;
#[cfg(feature = "platform")]
mod platform;
#[cfg(feature = "requests")]
mod requests;
#[cfg(feature = "s3")]
mod s3;
#[cfg(feature = "smtplib")]
mod smtplib;
#[cfg(feature = "aws")]
mod sts;
#[cfg(feature = "subprocess")]
mod subprocess;
#[cfg(feature = "sys")]
mod sys;
#[cfg(feature = "time")]
mod time;

#[cfg(feature = "requests")]
pub(super) use requests::is_safe;
#[cfg(feature = "s3")]
pub(super) use s3::Absent;
#[cfg(feature = "subprocess")]
pub(super) use subprocess::program;

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use super::hook::{Call, Failure, Fate, Hook, Outcome};
use crate::Batteries;
use crate::error::errno::{EACCES, EAGAIN, ECONNRESET, EPERM, ETIMEDOUT};

/// The hook, and the clock of the batteries beneath.
#[derive(Clone, Debug)]
pub(super) struct Core {
    hook: Arc<dyn Hook>,
    #[cfg(feature = "time")]
    clock: Arc<dyn crate::time::backend::Backend>,
}

/// A backend with a hook around each of its calls.
#[derive(Debug)]
pub(super) struct Around<B: ?Sized> {
    inner: Arc<B>,
    core: Core,
    /// The endpoint and the proxy of a client, where they are not Amazon's own.
    #[cfg(feature = "s3")]
    through: Vec<crate::Secret>,
}

impl<B: ?Sized> Around<B> {
    pub(super) fn new(inner: Arc<B>, core: &Core) -> Around<B> {
        Around {
            inner,
            core: core.clone(),
            #[cfg(feature = "s3")]
            through: Vec::new(),
        }
    }

    /// The client of a service, with what its requests go through.
    #[cfg(feature = "s3")]
    fn through(mut self, config: &crate::boto3::ClientConfig) -> Around<B> {
        self.through.extend(config.endpoint_url.as_deref().map(crate::Secret::new));
        self.through.extend(config.proxy.as_ref().map(|proxy| proxy.url.clone()));
        self
    }
}

/// The number of bytes of an answer.
type Bytes<T> = fn(&T) -> Option<u64>;

impl Core {
    fn now(&self) -> Duration {
        #[cfg(feature = "time")]
        return self.clock.monotonic();
        #[cfg(not(feature = "time"))]
        Duration::ZERO
    }

    /// The path that names an open file or directory in later calls.
    #[cfg(feature = "os")]
    fn opened(&self, path: &std::path::Path, follow: bool) -> std::path::PathBuf {
        self.hook.opened(path, follow).unwrap_or_else(|| path.to_owned())
    }

    fn pause(&self, delay: Duration) {
        #[cfg(feature = "time")]
        if !delay.is_zero() {
            self.clock.sleep(delay);
        }
        #[cfg(not(feature = "time"))]
        let _ = delay;
    }

    fn done<T, E: Display>(&self, call: &Call<'_>, start: Duration, answer: &Result<T, E>, bytes: Bytes<T>) {
        let took = self.now().saturating_sub(start);
        let outcome = match answer {
            Ok(value) => Outcome { took, bytes: bytes(value), error: None },
            Err(error) => Outcome { took, bytes: None, error: Some(error.to_string()) },
        };
        self.hook.after(call, &outcome);
    }

    /// A call that transfers no bytes.
    fn call<T, E: Display + From<Injected>>(&self, call: Call<'_>, make: impl FnOnce() -> Result<T, E>) -> Result<T, E> {
        self.transfer(call, |_| make(), |_| None)
    }

    /// A call that transfers bytes: `make` gets the most that it may transfer.
    fn transfer<T, E: Display + From<Injected>>(
        &self,
        call: Call<'_>,
        make: impl FnOnce(usize) -> Result<T, E>,
        bytes: Bytes<T>,
    ) -> Result<T, E> {
        let start = self.now();
        let verdict = self.hook.before(&call);
        self.pause(verdict.delay);
        let answer = match verdict.fate {
            Fate::Go => make(usize::MAX),
            Fate::Short(most) => make(most),
            Fate::Fail(failure) => Err(Injected { operation: call.operation, failure }.into()),
        };
        self.done(&call, start, &answer, bytes);
        answer
    }

    /// A call that cannot fail.
    fn note<T>(&self, call: Call<'_>, make: impl FnOnce() -> T) -> T {
        let start = self.now();
        let verdict = self.hook.before(&call);
        self.pause(verdict.delay);
        let answer: Result<T, std::convert::Infallible> = Ok(make());
        self.done(&call, start, &answer, |_| None);
        let Ok(answer) = answer;
        answer
    }

    /// An asynchronous call; `make` gets the most that it may transfer.
    #[cfg(feature = "tokio")]
    async fn awaited<T, E: Display + From<Injected>, F: Future<Output = Result<T, E>>>(
        &self,
        call: Call<'_>,
        make: impl FnOnce(usize) -> F,
        bytes: Bytes<T>,
    ) -> Result<T, E> {
        let start = self.now();
        let verdict = self.hook.before(&call);
        if !verdict.delay.is_zero() {
            self.clock.sleep_async(verdict.delay).await;
        }
        let answer = match verdict.fate {
            Fate::Go => make(usize::MAX).await,
            Fate::Short(most) => make(most).await,
            Fate::Fail(failure) => Err(Injected { operation: call.operation, failure }.into()),
        };
        self.done(&call, start, &answer, bytes);
        answer
    }
}

/// A hook's failure in the place of an answer; each battery makes its own error of it.
pub(super) struct Injected {
    #[cfg_attr(
        not(any(feature = "aws", feature = "fabric")),
        expect(dead_code, reason = "only AWS and SSH name it in their errors")
    )]
    operation: &'static str,
    failure: Failure,
}

impl From<Injected> for std::io::Error {
    fn from(Injected { failure, .. }: Injected) -> std::io::Error {
        use std::io::Error;
        match failure {
            Failure::Errno(errno) => Error::from_raw_os_error(errno),
            // In memory and over the network: the errno is what `strerror` names.
            Failure::Timeout => Error::from_raw_os_error(ETIMEDOUT),
            Failure::Reset => Error::from_raw_os_error(ECONNRESET),
            Failure::Throttled => Error::from_raw_os_error(EAGAIN),
            // EACCES
            Failure::Refused(refused) => crate::Errno::because(EACCES, &*refused.rule),
            // EPERM
            Failure::NotRecorded(why) => crate::Errno::because(EPERM, &*why),
        }
    }
}

/// The batteries with a hook around each call of every backend.
///
/// What is written over a backend stays above the hook: a retry of `requests` is two calls, `os.makedirs` is one `os.mkdir` for each directory.
pub fn over(batteries: &Batteries, hook: Arc<dyn Hook>) -> Batteries {
    let core = Core {
        hook,
        #[cfg(feature = "time")]
        clock: batteries.time.backend().clone(),
    };
    super::rebuilt(batteries, &core)
}
