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
/// What a function may touch stands in its signature. Clones share everything.
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
    /// Commands and files on other machines.
    #[cfg(feature = "fabric")]
    pub fabric: crate::fabric::Fabric,
}

impl Batteries {
    /// The real ones: this machine and its network.
    pub fn included() -> Batteries {
        #[cfg(feature = "os")]
        let os = crate::os::Os::native();
        #[cfg(all(feature = "time", not(feature = "os")))]
        let time = crate::time::Time::native();
        #[cfg(all(feature = "time", feature = "os"))]
        let time = crate::time::Time::native_with(os.ambient().clone());
        Batteries {
            #[cfg(feature = "aws")]
            boto3: crate::boto3::Boto3::native(os.clone(), time.clone()),
            #[cfg(feature = "requests")]
            requests: crate::requests::Requests::native(os.clone(), time.clone()),
            #[cfg(feature = "fabric")]
            fabric: crate::fabric::Fabric::native(os.clone(), crate::subprocess::Subprocess::native(os.ambient().clone())),
            #[cfg(feature = "subprocess")]
            subprocess: crate::subprocess::Subprocess::native(os.ambient().clone()),
            #[cfg(feature = "os")]
            os,
            #[cfg(feature = "sys")]
            sys: crate::sys::Sys::native(),
            #[cfg(feature = "time")]
            time,
            #[cfg(feature = "platform")]
            platform: crate::platform::Platform::native(),
            #[cfg(feature = "smtplib")]
            smtplib: crate::smtplib::Smtplib::native(),
        }
    }

    /// The real ones, but for those that you replace: real files with a mocked S3, say.
    pub fn builder() -> Builder {
        Builder(Batteries::included())
    }

    #[allow(unused_variables, reason = "without any battery there is nothing to take from it")]
    pub(crate) fn in_world(world: &World) -> Batteries {
        Batteries {
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
        }
    }
}

/// What [`Batteries::builder`] gives.
#[derive(Clone, Debug)]
#[must_use = "end with `.build()`"]
pub struct Builder(Batteries);

impl Builder {
    /// Replaces `os`. `subprocess` keeps its own environment and working directory: replace both to share them.
    #[cfg(feature = "os")]
    pub fn os(mut self, os: crate::os::Os) -> Builder {
        self.0.os = os;
        self
    }

    /// Replaces `sys`.
    #[cfg(feature = "sys")]
    pub fn sys(mut self, sys: crate::sys::Sys) -> Builder {
        self.0.sys = sys;
        self
    }

    /// Replaces `time`.
    #[cfg(feature = "time")]
    pub fn time(mut self, time: crate::time::Time) -> Builder {
        self.0.time = time;
        self
    }

    /// Replaces `platform`.
    #[cfg(feature = "platform")]
    pub fn platform(mut self, platform: crate::platform::Platform) -> Builder {
        self.0.platform = platform;
        self
    }

    /// Replaces `subprocess`.
    #[cfg(feature = "subprocess")]
    pub fn subprocess(mut self, subprocess: crate::subprocess::Subprocess) -> Builder {
        self.0.subprocess = subprocess;
        self
    }

    /// Replaces `smtplib`.
    #[cfg(feature = "smtplib")]
    pub fn smtplib(mut self, smtplib: crate::smtplib::Smtplib) -> Builder {
        self.0.smtplib = smtplib;
        self
    }

    /// Replaces `requests`. It keeps its own environment, files and clocks: replace `os` and `time` with those to share them.
    #[cfg(feature = "requests")]
    pub fn requests(mut self, requests: crate::requests::Requests) -> Builder {
        self.0.requests = requests;
        self
    }

    /// Replaces `boto3`. It keeps its own environment, files and clocks: replace `os` and `time` with those to share them.
    #[cfg(feature = "aws")]
    pub fn boto3(mut self, boto3: crate::boto3::Boto3) -> Builder {
        self.0.boto3 = boto3;
        self
    }

    /// Replaces `fabric`. It keeps its own files and programs: replace `os` and `subprocess` with those to share them.
    #[cfg(feature = "fabric")]
    pub fn fabric(mut self, fabric: crate::fabric::Fabric) -> Builder {
        self.0.fabric = fabric;
        self
    }

    /// The set.
    pub fn build(self) -> Batteries {
        self.0
    }
}
