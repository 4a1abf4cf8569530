//! [`NamePattern`]: which names a filter is for.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use crate::os::fnmatch;

/// The names that a filter is for: a shell pattern as [`fnmatch`](crate::os::fnmatch) takes it, or a regular expression.
///
/// A regular expression is searched for in the name: with the feature `re` a [`re::Pattern`](crate::re::Pattern), with the feature `regex` a
/// `regex::Regex`. In a name that is not UTF-8, U+FFFD takes the place of the bytes that are not.
///
/// ```
/// use leyden::prelude::*;
/// use leyden::os::shutil::{CopyTree, ignore_patterns};
///
/// let world = World::new();
/// world.os.write("/src/a.txt", "");
/// world.os.write("/src/a.bak", "");
/// let os = world.batteries().os;
/// os.shutil.copytree("/src", CopyTree::new("/dst").ignore(ignore_patterns(["*.bak"])))?;
/// assert_eq!(os.listdir("/dst")?, ["a.txt"]);
/// # Ok::<(), leyden::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct NamePattern(Rule);

#[derive(Clone, Debug)]
enum Rule {
    Shell(OsString),
    #[cfg(feature = "re")]
    Pattern(crate::re::Pattern),
    #[cfg(feature = "regex")]
    Regex(regex::Regex),
}

impl NamePattern {
    pub(super) fn matches(&self, name: &OsStr) -> bool {
        match &self.0 {
            Rule::Shell(pattern) => fnmatch::fnmatch(name, pattern),
            #[cfg(feature = "re")]
            Rule::Pattern(pattern) => matches!(pattern.search(&*name.to_string_lossy()), Ok(Some(_))),
            #[cfg(feature = "regex")]
            Rule::Regex(regex) => regex.is_match(&name.to_string_lossy()),
        }
    }
}

macro_rules! shell {
    ($($name:ty),* $(,)?) => {
        $(impl From<$name> for NamePattern {
            fn from(pattern: $name) -> NamePattern {
                NamePattern(Rule::Shell(pattern.into()))
            }
        })*
    };
}

shell! { &str, String, &String, &OsStr, OsString, &OsString, &Path, PathBuf }

#[cfg(feature = "re")]
impl From<crate::re::Pattern> for NamePattern {
    fn from(pattern: crate::re::Pattern) -> NamePattern {
        NamePattern(Rule::Pattern(pattern))
    }
}

#[cfg(feature = "re")]
impl From<&crate::re::Pattern> for NamePattern {
    fn from(pattern: &crate::re::Pattern) -> NamePattern {
        pattern.clone().into()
    }
}

#[cfg(feature = "regex")]
impl From<regex::Regex> for NamePattern {
    fn from(regex: regex::Regex) -> NamePattern {
        NamePattern(Rule::Regex(regex))
    }
}

#[cfg(feature = "regex")]
impl From<&regex::Regex> for NamePattern {
    fn from(regex: &regex::Regex) -> NamePattern {
        regex.clone().into()
    }
}
