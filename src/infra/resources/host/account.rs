//! Mode and owner of a path.

use serde::{Deserialize, Serialize};

use crate::Batteries;
use crate::os::StatResult;
use crate::os::shutil::Owner;

/// Mode, owner and group; None: not managed.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(super) struct Access {
    pub(super) mode: Option<String>,
    pub(super) owner: Option<String>,
    pub(super) group: Option<String>,
}

/// Four digits; a mode that has more is refused by [`Access::mode_bits`].
pub(super) fn mode_text(mode: u32) -> String {
    format!("{mode:04o}")
}

impl Access {
    /// As it is. Users and groups without a name are numbers.
    pub(super) fn of(there: &Batteries, stat: &StatResult) -> Access {
        let machine = &**there.os.backend();
        let owner = crate::os::user_name(machine, stat.st_uid).unwrap_or_else(|| stat.st_uid.to_string());
        let group = crate::os::group_name(machine, stat.st_gid).unwrap_or_else(|| stat.st_gid.to_string());
        Access { mode: Some(mode_text(stat.permissions())), owner: Some(owner), group: Some(group) }
    }

    /// The same, with a user and a group as numbers where the state has these numbers: they were declared so.
    pub(super) fn like(there: &Batteries, stat: &StatResult, was: Option<&Access>) -> Access {
        let kept = |name: Option<String>, number: u32, was: Option<&String>| match was {
            Some(was) if *was == number.to_string() => Some(was.clone()),
            _ => name,
        };
        let now = Access::of(there, stat);
        let owner = kept(now.owner, stat.st_uid, was.and_then(|was| was.owner.as_ref()));
        Access { owner, group: kept(now.group, stat.st_gid, was.and_then(|was| was.group.as_ref())), ..now }
    }

    pub(super) fn mode_bits(&self) -> crate::Result<Option<u32>> {
        let parse = |mode: &String| {
            let bits = u32::from_str_radix(mode, 8).ok().filter(|bits| *bits <= 0o7777);
            bits.ok_or_else(|| crate::Error::other(format!("mode {mode:?} is not an octal number up to 7777")))
        };
        self.mode.as_ref().map(parse).transpose()
    }

    /// Sets what is declared and differs.
    pub(super) fn set(&self, there: &Batteries, path: &str) -> crate::Result<()> {
        let now = Access::of(there, &there.os.lstat(path)?);
        let user = self.owner.as_ref().filter(|_| self.owner != now.owner);
        let group = self.group.as_ref().filter(|_| self.group != now.group);
        if user.is_some() || group.is_some() {
            let mut owner = Owner::new();
            if let Some(user) = user {
                owner = match user.parse::<u32>() {
                    Ok(id) => owner.user(id),
                    Err(_) => owner.user(user.as_str()),
                };
            }
            if let Some(group) = group {
                owner = match group.parse::<u32>() {
                    Ok(id) => owner.group(id),
                    Err(_) => owner.group(group.as_str()),
                };
            }
            there.os.shutil.chown(path, owner)?;
        }
        // After the owner, whose change takes set-id bits off.
        if let Some(mode) = self.mode_bits()?
            && there.os.lstat(path)?.permissions() != mode
        {
            there.os.chmod(path, mode)?;
        }
        Ok(())
    }
}
