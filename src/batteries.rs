//! [`Batteries`]: what a script imports.

use crate::World;

/// All batteries. Destructuring it is a script's `import` line:
///
/// ```
/// use leyden::prelude::*;
///
/// fn tidy(Batteries { os, .. }: &Batteries) -> leyden::Result<()> {
///     os.mkdir("/out")?;
///     Ok(())
/// }
///
/// tidy(&World::new().batteries()).unwrap(); // in a test
/// // tidy(&Batteries::included())?;         // on the machine
/// ```
///
/// A function's signature says what it may touch. Clones share everything.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Batteries {
    /// Files, directories, the environment, this process and its machine.
    #[cfg(feature = "os")]
    pub os: crate::os::Os,
    /// Arguments, standard streams, exit.
    #[cfg(feature = "sys")]
    pub sys: crate::sys::Sys,
    /// Clocks, sleeping, calendars.
    #[cfg(feature = "time")]
    pub time: crate::time::Time,
    /// What kind of machine this is.
    #[cfg(feature = "platform")]
    pub platform: crate::platform::Platform,
    /// Running programs.
    #[cfg(feature = "subprocess")]
    pub subprocess: crate::subprocess::Subprocess,
    /// HTTP.
    #[cfg(feature = "requests")]
    pub requests: crate::requests::Requests,
    /// Sending mail.
    #[cfg(feature = "smtplib")]
    pub smtplib: crate::smtplib::Smtplib,
    /// Amazon S3 and EC2.
    #[cfg(feature = "aws")]
    pub boto3: crate::boto3::Boto3,
    /// Jobs at intervals and times. Its jobs get these batteries.
    #[cfg(feature = "schedule")]
    pub schedule: crate::schedule::Scheduler,
    /// Commands and files on other machines.
    #[cfg(feature = "fabric")]
    pub fabric: crate::fabric::Fabric,
}

impl Batteries {
    /// The real ones: this machine and its network.
    pub fn included() -> Batteries {
        Batteries::builder().build()
    }

    /// The same, with a scheduler whose jobs get these batteries.
    pub(crate) fn bound(self) -> Batteries {
        #[cfg(feature = "schedule")]
        let bound = Batteries { schedule: crate::schedule::Scheduler::on(&self, &self.schedule), ..self };
        #[cfg(not(feature = "schedule"))]
        let bound = self;
        bound
    }

    /// The real ones, except those that you replace: real files with an S3 in memory, for example.
    ///
    /// What is not replaced is wired to what is. If `os` is replaced, then `requests`, `boto3`, `subprocess` and `time` take their
    /// environment, their working directory and their files (`.netrc`, `~/.aws/config`, certificates) from the replacement.
    /// If `time` is replaced, then `requests` and `boto3` take their clock from it.
    ///
    /// ```
    /// # #[cfg(all(feature = "os", feature = "subprocess"))] {
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// world.os.set_environ([("GREETING", "hello")]);
    /// let Batteries { subprocess, .. } = Batteries::builder().os(world.os.handle()).build();
    /// // A real program, with the environment of the replaced `os`.
    /// let run = subprocess.run(["/bin/sh", "-c", "echo $GREETING"]).capture_output(true).wait().unwrap();
    /// assert_eq!(run.stdout_text().unwrap(), "hello\n");
    /// # }
    /// ```
    pub fn builder() -> Builder {
        Builder::default()
    }

    #[allow(unused_variables, reason = "without any battery there is nothing to take from it")]
    pub(crate) fn in_world(world: &World) -> Batteries {
        let batteries = Batteries {
            #[cfg(feature = "schedule")]
            schedule: world.schedule.clone(),
            #[cfg(feature = "os")]
            os: world.os.handle(),
            #[cfg(feature = "sys")]
            sys: world.sys.handle(),
            #[cfg(feature = "time")]
            time: world.time.handle(),
            #[cfg(feature = "platform")]
            platform: world.platform.handle(),
            #[cfg(feature = "subprocess")]
            subprocess: world.subprocess.handle(),
            #[cfg(feature = "requests")]
            requests: world.requests.handle(),
            #[cfg(feature = "smtplib")]
            smtplib: world.smtplib.handle(),
            #[cfg(feature = "aws")]
            boto3: world.boto3.handle(),
            #[cfg(feature = "fabric")]
            fabric: world.fabric.handle(),
        };
        batteries.bound()
    }
}

/// Collects the batteries that are replaced: see [`Batteries::builder`].
#[derive(Clone, Debug, Default)]
#[must_use = "end with `.build()`"]
pub struct Builder {
    #[cfg(feature = "os")]
    os: Option<crate::os::Os>,
    #[cfg(feature = "sys")]
    sys: Option<crate::sys::Sys>,
    #[cfg(feature = "time")]
    time: Option<crate::time::Time>,
    #[cfg(feature = "platform")]
    platform: Option<crate::platform::Platform>,
    #[cfg(feature = "subprocess")]
    subprocess: Option<crate::subprocess::Subprocess>,
    #[cfg(feature = "smtplib")]
    smtplib: Option<crate::smtplib::Smtplib>,
    #[cfg(feature = "requests")]
    requests: Option<crate::requests::Requests>,
    #[cfg(feature = "aws")]
    boto3: Option<crate::boto3::Boto3>,
    #[cfg(feature = "fabric")]
    fabric: Option<crate::fabric::Fabric>,
}

impl Builder {
    /// Replaces `os`.
    #[cfg(feature = "os")]
    pub fn os(mut self, os: crate::os::Os) -> Builder {
        self.os = Some(os);
        self
    }

    /// Replaces `sys`.
    #[cfg(feature = "sys")]
    pub fn sys(mut self, sys: crate::sys::Sys) -> Builder {
        self.sys = Some(sys);
        self
    }

    /// Replaces `time`.
    #[cfg(feature = "time")]
    pub fn time(mut self, time: crate::time::Time) -> Builder {
        self.time = Some(time);
        self
    }

    /// Replaces `platform`.
    #[cfg(feature = "platform")]
    pub fn platform(mut self, platform: crate::platform::Platform) -> Builder {
        self.platform = Some(platform);
        self
    }

    /// Replaces `subprocess`. It keeps the environment and working directory that it was made with.
    #[cfg(feature = "subprocess")]
    pub fn subprocess(mut self, subprocess: crate::subprocess::Subprocess) -> Builder {
        self.subprocess = Some(subprocess);
        self
    }

    /// Replaces `smtplib`.
    #[cfg(feature = "smtplib")]
    pub fn smtplib(mut self, smtplib: crate::smtplib::Smtplib) -> Builder {
        self.smtplib = Some(smtplib);
        self
    }

    /// Replaces `requests`. It keeps the environment, files and clock that it was made with.
    #[cfg(feature = "requests")]
    pub fn requests(mut self, requests: crate::requests::Requests) -> Builder {
        self.requests = Some(requests);
        self
    }

    /// Replaces `boto3`. It keeps the environment, files and clock that it was made with.
    #[cfg(feature = "aws")]
    pub fn boto3(mut self, boto3: crate::boto3::Boto3) -> Builder {
        self.boto3 = Some(boto3);
        self
    }

    /// Replaces `fabric`. It keeps the files and programs that it was made with.
    #[cfg(feature = "fabric")]
    pub fn fabric(mut self, fabric: crate::fabric::Fabric) -> Builder {
        self.fabric = Some(fabric);
        self
    }

    /// The set: the replacements, and the machine's own for the rest, made over the replacements. Jobs of its `schedule` get this set.
    pub fn build(self) -> Batteries {
        #[cfg(feature = "os")]
        let os = self.os.unwrap_or_else(crate::os::Os::native);
        #[cfg(all(feature = "time", not(feature = "os")))]
        let time = self.time.unwrap_or_else(crate::time::Time::native);
        #[cfg(all(feature = "time", feature = "os"))]
        let time = self.time.unwrap_or_else(|| crate::time::Time::native_with(os.ambient().clone()));
        #[cfg(feature = "subprocess")]
        let subprocess = self.subprocess.unwrap_or_else(|| crate::subprocess::Subprocess::native(os.ambient().clone()));
        #[cfg(feature = "schedule")]
        let schedule = crate::schedule::Scheduler::unbound(os.clone(), time.clone());
        let batteries = Batteries {
            #[cfg(feature = "schedule")]
            schedule,
            #[cfg(feature = "aws")]
            boto3: self.boto3.unwrap_or_else(|| crate::boto3::Boto3::native(os.clone(), time.clone())),
            #[cfg(feature = "requests")]
            requests: self.requests.unwrap_or_else(|| crate::requests::Requests::native(os.clone(), time.clone())),
            #[cfg(feature = "fabric")]
            fabric: self.fabric.unwrap_or_else(|| crate::fabric::Fabric::native(os.clone(), subprocess.clone())),
            #[cfg(feature = "subprocess")]
            subprocess,
            #[cfg(feature = "os")]
            os,
            #[cfg(feature = "sys")]
            sys: self.sys.unwrap_or_else(crate::sys::Sys::native),
            #[cfg(feature = "time")]
            time,
            #[cfg(feature = "platform")]
            platform: self.platform.unwrap_or_else(crate::platform::Platform::native),
            #[cfg(feature = "smtplib")]
            smtplib: self.smtplib.unwrap_or_else(crate::smtplib::Smtplib::native),
        };
        batteries.bound()
    }
}
