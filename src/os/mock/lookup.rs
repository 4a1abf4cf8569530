//! Path lookup.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use super::errno::*;
use super::permissions::SEARCH;
use super::tree::inode::{Ino, Kind};
use super::tree::{ROOT, Tree};

const MOST_FOLLOWED: usize = 40;
pub(super) const LONGEST_NAME: usize = 255;
pub(super) const LONGEST_PATH: usize = 4095;

/// How a symbolic link in the last component of a path is handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    Follow,
    /// The link itself, except for a path that ends in a slash.
    NoFollow,
    /// The name itself, whatever follows it: for operations that create and remove names.
    Name,
    /// Followed to a file that may have to be created: `EISDIR` if the path ends in a slash.
    Create,
}

impl Links {
    pub(super) fn followed(follow: bool) -> Links {
        if follow { Links::Follow } else { Links::NoFollow }
    }
}

/// The last component of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Last {
    Name(OsString),
    Dot,
    DotDot,
    /// None: the path is `/`.
    Root,
}

/// The result of a lookup.
#[derive(Debug)]
pub(super) struct Found {
    /// The directory that contains the last name, and that name.
    pub(super) dir: Ino,
    pub(super) last: Last,
    /// The inode with this name, if any.
    pub(super) node: Option<Ino>,
    /// Whether the path ends in a slash, so that it must be a directory.
    pub(super) slash: bool,
}

impl Found {
    /// Returns directory and name for a new entry. `EEXIST` if the name exists; only a directory
    /// may be created with a slash.
    pub(super) fn vacant(self, as_dir: bool) -> Result<(Ino, OsString)> {
        match self.last {
            Last::Name(name) if self.node.is_none() => {
                if self.slash && !as_dir {
                    Err(ENOENT)
                } else {
                    Ok((self.dir, name))
                }
            }
            _ => Err(EEXIST),
        }
    }
}

impl Tree {
    /// Returns the inode of a path that must exist.
    pub(super) fn resolve(&mut self, at: Ino, path: &Path, links: Links) -> Result<Ino> {
        let found = self.locate(at, path, links)?;
        let ino = found.node.ok_or(ENOENT)?;
        if found.slash && !self.node(ino)?.is_dir() { Err(ENOTDIR) } else { Ok(ino) }
    }

    /// Follows a path from a directory (from the root, if it is absolute) to its last name.
    pub(super) fn locate(&mut self, at: Ino, path: &Path, links: Links) -> Result<Found> {
        let bytes = path.as_os_str().as_bytes();
        match bytes.len() {
            _ if bytes.contains(&0) => return Err(EINVAL),
            0 => return Err(ENOENT),
            length if length > LONGEST_PATH => return Err(ENAMETOOLONG),
            _ => {}
        }
        let mut slash = bytes.ends_with(b"/");
        let mut dir = self.top(if path.has_root() { ROOT } else { at });
        let mut rest: Vec<OsString> = parts(path.as_os_str()).map(OsStr::to_owned).rev().collect();
        let mut followed = 0;
        loop {
            let Some(name) = rest.pop() else {
                return Ok(Found { dir, last: Last::Root, node: Some(dir), slash });
            };
            let is_last = rest.is_empty();
            let inode = self.node(dir)?;
            inode.directory()?;
            self.who.may(inode, SEARCH)?;
            if name == "." || name == ".." {
                let last = if name == "." { Last::Dot } else { Last::DotDot };
                if last == Last::DotDot {
                    dir = self.parent(dir)?;
                }
                if is_last {
                    return Ok(Found { dir, last, node: Some(dir), slash });
                }
                continue;
            }
            if is_last && slash && links == Links::Create {
                return Err(EISDIR);
            }
            if name.len() > LONGEST_NAME {
                return Err(ENAMETOOLONG);
            }
            let Some(child) = self.entry(dir, &name)?.map(|child| self.top(child)) else {
                return if is_last { Ok(Found { dir, last: Last::Name(name), node: None, slash }) } else { Err(ENOENT) };
            };
            let follows = match links {
                Links::Follow | Links::Create => true,
                Links::NoFollow => !is_last || slash,
                Links::Name => !is_last,
            };
            if let Kind::Symlink(target) = &self.node(child)?.kind
                && follows
            {
                followed += 1;
                if followed > MOST_FOLLOWED {
                    return Err(ELOOP);
                }
                let target = target.clone();
                self.accessed(child);
                if target.has_root() {
                    dir = self.top(ROOT);
                }
                slash |= is_last && target.as_os_str().as_bytes().ends_with(b"/");
                rest.extend(parts(target.as_os_str()).map(OsStr::to_owned).rev());
            } else if is_last {
                return Ok(Found { dir, last: Last::Name(name), node: Some(child), slash });
            } else {
                dir = child;
            }
        }
    }
}

fn parts(path: &OsStr) -> impl DoubleEndedIterator<Item = &OsStr> {
    path.as_bytes().split(|byte| *byte == b'/').filter(|part| !part.is_empty()).map(OsStr::from_bytes)
}
