//! Changing the user. This affects the whole process, as in Python: every thread, every handle.

use std::ffi::OsStr;
use std::io;

use crate::os::{Error, Os, Result};

type Id = Option<u32>;

impl Os {
    /// Changes the user permanently if root; otherwise sets the effective id. Set the groups first:
    /// afterwards it is no longer permitted.
    ///
    /// <https://docs.python.org/3/library/os.html#os.setuid>
    #[doc(alias = "os.setuid")]
    pub fn setuid(&self, uid: u32) -> Result<()> {
        let others = if self.geteuid() == 0 { Some(uid) } else { None };
        done("setuid", self.backend.setresuid(others, Some(uid), others))
    }

    /// Sets the effective user id. <https://docs.python.org/3/library/os.html#os.seteuid>
    #[doc(alias = "os.seteuid")]
    pub fn seteuid(&self, euid: u32) -> Result<()> {
        done("seteuid", self.backend.setresuid(None, Some(euid), None))
    }

    /// Sets the real and effective user id; `None` leaves one unchanged.
    /// <https://docs.python.org/3/library/os.html#os.setreuid>
    #[doc(alias = "os.setreuid")]
    pub fn setreuid(&self, ruid: impl Into<Id>, euid: impl Into<Id>) -> Result<()> {
        let (ruid, euid) = (ruid.into(), euid.into());
        let saved = saved_id(ruid, euid, self.backend.getresuid());
        done("setreuid", self.backend.setresuid(ruid, euid, saved))
    }

    /// Sets the real, effective and saved user id; `None` leaves one unchanged.
    /// <https://docs.python.org/3/library/os.html#os.setresuid>
    #[doc(alias = "os.setresuid")]
    pub fn setresuid(&self, ruid: impl Into<Id>, euid: impl Into<Id>, suid: impl Into<Id>) -> Result<()> {
        done("setresuid", self.backend.setresuid(ruid.into(), euid.into(), suid.into()))
    }

    /// Changes the group, as [`Os::setuid`] the user.
    /// <https://docs.python.org/3/library/os.html#os.setgid>
    #[doc(alias = "os.setgid")]
    pub fn setgid(&self, gid: u32) -> Result<()> {
        let others = if self.geteuid() == 0 { Some(gid) } else { None };
        done("setgid", self.backend.setresgid(others, Some(gid), others))
    }

    /// Sets the effective group id. <https://docs.python.org/3/library/os.html#os.setegid>
    #[doc(alias = "os.setegid")]
    pub fn setegid(&self, egid: u32) -> Result<()> {
        done("setegid", self.backend.setresgid(None, Some(egid), None))
    }

    /// Sets the real and effective group id; `None` leaves one unchanged.
    /// <https://docs.python.org/3/library/os.html#os.setregid>
    #[doc(alias = "os.setregid")]
    pub fn setregid(&self, rgid: impl Into<Id>, egid: impl Into<Id>) -> Result<()> {
        let (rgid, egid) = (rgid.into(), egid.into());
        let saved = saved_id(rgid, egid, self.backend.getresgid());
        done("setregid", self.backend.setresgid(rgid, egid, saved))
    }

    /// Sets the real, effective and saved group id; `None` leaves one unchanged.
    /// <https://docs.python.org/3/library/os.html#os.setresgid>
    #[doc(alias = "os.setresgid")]
    pub fn setresgid(&self, rgid: impl Into<Id>, egid: impl Into<Id>, sgid: impl Into<Id>) -> Result<()> {
        done("setresgid", self.backend.setresgid(rgid.into(), egid.into(), sgid.into()))
    }

    /// Sets the supplementary groups. Requires root.
    /// <https://docs.python.org/3/library/os.html#os.setgroups>
    #[doc(alias = "os.setgroups")]
    pub fn setgroups(&self, groups: impl AsRef<[u32]>) -> Result<()> {
        done("setgroups", self.backend.setgroups(groups.as_ref()))
    }

    /// Sets the supplementary groups to those of a user ([`Os::getgrouplist`]) and `gid`. Requires
    /// root.
    ///
    /// <https://docs.python.org/3/library/os.html#os.initgroups>
    #[doc(alias = "os.initgroups")]
    pub fn initgroups(&self, username: impl AsRef<OsStr>, gid: u32) -> Result<()> {
        done("initgroups", self.backend.setgroups(&self.getgrouplist(username, gid)))
    }
}

/// Returns the saved id by the kernel's rule: it follows the effective id if the real one is set,
/// or if the effective one is set to a value other than the previous real one.
fn saved_id(real: Id, effective: Id, (was_real, was_effective, _): (u32, u32, u32)) -> Id {
    let follows = real.is_some() || effective.is_some_and(|effective| effective != was_real);
    follows.then_some(effective.unwrap_or(was_effective))
}

fn done(operation: &'static str, answer: io::Result<()>) -> Result<()> {
    answer.map_err(|error| Error::new(operation, &error, None, None))
}
