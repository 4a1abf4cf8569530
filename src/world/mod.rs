//! [`World`]: every battery in memory, on one clock and one filesystem.
//!
//! ```
//! # #[cfg(all(feature = "os", feature = "time"))] {
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! world.os.write("/srv/notes.txt", "remember"); // arrange
//! let Batteries { os, time, .. } = world.batteries(); // what the script gets
//! time.sleep(secs(3600)).wait(); // no test waits
//! os.remove("/srv/notes.txt").unwrap();
//! assert!(!world.os.exists("/srv/notes.txt")); // look at what became of the world
//! assert_eq!(world.script().calls().last().unwrap().to_string(), "os.unlink(/srv/notes.txt)");
//! assert_eq!(world.clock().elapsed(), secs(3600));
//! # }
//! ```
//!
//! A test makes a world, arranges it through the mocks, runs the script on [`World::batteries`], and looks at what became of
//! the world. Nothing in it can reach the machine or the network.
//!
//! - [`Script`]: the ordered log of what all batteries did, and the faults that wait for their calls.
//! - [`Clock`]: the virtual time; a sleep of an hour returns at once and moves it.
//! - [`torture()`]: the job once more for each of its calls, with that call failing; [`torture_lasting()`], and it stays broken.
//! - [`World::run_for`]: a job without end, for a while.

#[cfg(feature = "serve")]
pub mod serve;
#[cfg(all(feature = "requests", feature = "s3"))]
mod sites;
mod torture;

#[cfg(feature = "serve")]
pub use serve::{Serve, Served};
pub use torture::{Report, Trouble, torture, torture_lasting};

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::time::Duration;

use crate::Batteries;
use crate::interrupt::Signal;
use crate::mock::{Clock, Hung, Limits, Script};

/// Every battery in memory.
///
/// The fields are the mocks, to arrange and inspect; [`World::batteries`] is what the script under test gets.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct World {
    /// The files, the environment, the machine.
    #[cfg(feature = "os")]
    pub os: crate::os::mock::Mock,
    /// Arguments, standard streams, exit.
    #[cfg(feature = "sys")]
    pub sys: crate::sys::mock::Mock,
    /// The clocks and the time zone.
    #[cfg(feature = "time")]
    pub time: crate::time::mock::Mock,
    /// What kind of machine this is.
    #[cfg(feature = "platform")]
    pub platform: crate::platform::mock::Mock,
    /// The programs that can be run.
    #[cfg(feature = "subprocess")]
    pub subprocess: crate::subprocess::mock::Mock,
    /// The network.
    #[cfg(feature = "requests")]
    pub requests: crate::requests::mock::Mock,
    /// The mail servers, with their outbox.
    #[cfg(feature = "smtplib")]
    pub smtplib: crate::smtplib::mock::Mock,
    /// Amazon S3 and EC2.
    #[cfg(feature = "aws")]
    pub boto3: crate::boto3::mock::Mock,
    /// The jobs, which all batteries of this world share.
    #[cfg(feature = "schedule")]
    pub(crate) schedule: crate::schedule::Scheduler,
    /// Other machines, with their own files, programs and users.
    #[cfg(feature = "fabric")]
    pub fabric: crate::fabric::mock::Mock,
    script: Script,
}

impl World {
    /// A fresh world, at 2026-01-01 00:00:00 UTC.
    pub fn new() -> World {
        let script = Script::new(Clock::default());
        #[cfg(feature = "os")]
        let os = crate::os::mock::Mock::new(script.clone());
        #[cfg(feature = "time")]
        let time = crate::time::mock::Mock::new(script.clone());
        #[cfg(all(feature = "time", feature = "os"))]
        let time = time.with_ambient(os.ambient().clone());
        #[cfg(feature = "aws")]
        let boto3 = crate::boto3::mock::Mock::new(script.clone(), os.clone(), time.clone());
        #[cfg(feature = "requests")]
        let requests = crate::requests::mock::Mock::new(script.clone(), os.clone(), time.clone());
        #[cfg(all(feature = "requests", feature = "s3"))]
        let requests = requests.with_site(boto3.s3.site());
        #[cfg(feature = "subprocess")]
        let subprocess = crate::subprocess::mock::Mock::new(script.clone(), os.clone());
        World {
            #[cfg(feature = "schedule")]
            schedule: crate::schedule::Scheduler::unbound(os.handle(), time.handle()),
            #[cfg(feature = "fabric")]
            fabric: crate::fabric::mock::Mock::new(script.clone(), os.clone(), subprocess.clone()),
            #[cfg(feature = "aws")]
            boto3,
            #[cfg(feature = "requests")]
            requests,
            #[cfg(feature = "subprocess")]
            subprocess,
            #[cfg(feature = "os")]
            os,
            #[cfg(feature = "sys")]
            sys: crate::sys::mock::Mock::new(script.clone()),
            #[cfg(feature = "time")]
            time,
            #[cfg(feature = "platform")]
            platform: crate::platform::mock::Mock::new(script.clone()),
            #[cfg(feature = "smtplib")]
            smtplib: crate::smtplib::mock::Mock::new(script.clone()),
            script,
        }
    }

    /// The batteries of this world: what the script under test imports.
    pub fn batteries(&self) -> Batteries {
        Batteries::in_world(self)
    }

    /// Runs a job that does not end, such as `while True`, for a span of virtual time. Gives what the job returned, or None if it was
    /// ended because the time was up.
    ///
    /// The job is ended at its first call of a battery after the span: the last pause is slept to its end. Then its variables are
    /// dropped, as by a panic, so that temporary directories go; nothing else of the job runs. It needs `panic = "unwind"`, which is the
    /// default.
    ///
    /// ```
    /// # #[cfg(all(feature = "os", feature = "time"))] {
    /// use leyden::prelude::*;
    ///
    /// fn watch(Batteries { os, time, .. }: &Batteries) -> leyden::Result<()> {
    ///     loop {
    ///         os.remove("/tmp/stamp").or_else(|error| if error.python_name() == "FileNotFoundError" { Ok(()) } else { Err(error) })?;
    ///         time.sleep(60).wait();
    ///     }
    /// }
    ///
    /// let world = World::new();
    /// assert!(world.run_for(secs(3600), watch).is_none(), "it would still run");
    /// assert_eq!(world.script().count("os.unlink"), 61);
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// If the job panics, or makes a million calls in the span: it does not sleep.
    pub fn run_for<T>(&self, span: impl Into<crate::Seconds>, job: impl FnOnce(&Batteries) -> T) -> Option<T> {
        const CALLS: usize = 1_000_000;
        let span: Duration = span.into().into();
        let calls = self.script.count_all().saturating_add(CALLS);
        self.script.limit(Limits { calls, deadline: self.clock().elapsed().saturating_add(span) });
        let result = catch_unwind(AssertUnwindSafe(|| job(&self.batteries())));
        self.script.limit(Limits::NONE);
        match result.map_err(Box::<dyn std::any::Any + Send>::downcast::<Hung>) {
            Ok(result) => Some(result),
            Err(Ok(hung)) if hung.late => None,
            Err(Ok(hung)) => panic!("the job does not end, and does not sleep: {}", hung.why),
            Err(Err(payload)) => resume_unwind(payload),
        }
    }

    /// The log of calls and the faults to come.
    pub fn script(&self) -> &Script {
        &self.script
    }

    /// Sends the script a signal now, as Ctrl-C or `kill` does.
    ///
    /// # Panics
    /// If the script has not called [`Sys::on_interrupt`](crate::sys::Sys::on_interrupt), or was interrupted before: there the program ends
    /// at once, on the machine.
    ///
    /// ```
    /// # #[cfg(all(feature = "sys", feature = "time"))] {
    /// use leyden::{Signal, prelude::*};
    ///
    /// let world = World::new();
    /// let Batteries { sys, time, .. } = world.batteries();
    /// sys.on_interrupt()?;
    /// world.interrupt(Signal::Sigint);
    /// assert!(time.sleep(secs(5)).interruptible().wait().is_err());
    /// assert!(time.sleep(secs(5)).interruptible().wait().is_ok()); // it is reported once
    /// # }
    /// # Ok::<(), leyden::Error>(())
    /// ```
    pub fn interrupt(&self, signal: Signal) {
        self.clock().interrupts().deliver(signal);
    }

    /// Sends the signal when so much virtual time has passed since the world began. A sleep or a wait that is in progress then ends at
    /// that time.
    ///
    /// # Panics
    /// The script panics at that time, as [`World::interrupt`] does.
    pub fn interrupt_at(&self, at: Duration, signal: Signal) {
        self.clock().interrupt_at(at, signal);
    }

    /// Sends the signal when the script makes its `n`-th backend call from now on; the first is 0. That call is made all the same:
    /// a signal does not fail a write.
    ///
    /// # Panics
    /// That call panics, as [`World::interrupt`] does.
    pub fn interrupt_at_call(&self, n: usize, signal: Signal) {
        self.script.interrupt_at_call(n, signal);
    }

    /// The virtual clock.
    pub fn clock(&self) -> &Clock {
        self.script.clock()
    }
}

impl Default for World {
    fn default() -> World {
        World::new()
    }
}
