//! [`Local`]: the facts of this side that a configuration asks for.

use std::ffi::OsStr;
use std::fmt::Debug;
use std::io;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;

use crate::os::Os;
use crate::os::machine::accounts;

/// The user and the machine that connect: what `%u`, `%i`, `%d`, `%l`, `%L` and `Match localuser` mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Local {
    /// The local user's name: `%u`.
    pub user: String,
    /// The local user's number: `%i`.
    pub uid: u32,
    /// The home directory: `%d` and `~`.
    pub home: PathBuf,
    /// The machine's name, with its domain where it has one: `%l`; up to the first dot: `%L`.
    pub hostname: String,
}

impl Local {
    /// Asks the machine of `os`: the user database first, as OpenSSH does, then the variables `USER` and `HOME`.
    pub fn of(os: &Os) -> Local {
        let uid = os.getuid();
        let account = accounts::user_of_id(&**os.backend(), uid);
        let variable = |name: &str| os.getenv(name).filter(|value| !value.is_empty());
        let user = account.as_ref().map(|account| account.name.clone()).or_else(|| variable("USER"));
        let home = account.map(|account| account.home).or_else(|| variable("HOME").map(PathBuf::from));
        Local {
            user: user.map_or_else(|| uid.to_string(), |user| user.to_string_lossy().into_owned()),
            uid,
            home: home.unwrap_or_else(|| PathBuf::from("/")),
            hostname: os.uname().nodename,
        }
    }

    /// The path with `~` and `~user` at its start expanded. None if there is no such user.
    pub(super) fn tilde(&self, path: &str, os: &Os) -> Option<PathBuf> {
        let Some(rest) = path.strip_prefix('~') else { return Some(PathBuf::from(path)) };
        let (user, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let home = if user.is_empty() {
            self.home.clone()
        } else {
            accounts::user_named(&**os.backend(), OsStr::from_bytes(user.as_bytes()))?.home
        };
        Some(home.join(rest))
    }
}

/// Looks up host names for `CanonicalizeHostname`.
pub trait Resolver: Debug + Send + Sync {
    /// None if the name does not exist. Else the name that the directory gives for it, where that is another (a CNAME).
    fn resolve(&self, name: &str) -> io::Result<Option<Resolved>>;
}

/// What [`Resolver::resolve`] answers for a name that exists.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Resolved {
    /// The canonical name, if it is another.
    pub cname: Option<String>,
}
