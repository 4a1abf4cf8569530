//! [`Plan`]: what a rehearsed script would have done.

use std::collections::{HashMap, HashSet};
use std::fmt::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::files::Overlay;
use super::{Entry, Log};
use crate::layers::{printable, quoted};
use crate::os::backend::{Backend, FileType, OpenFlags};
use crate::os::mock::origin::{Bytes, Change, Snapshot};

/// The largest text whose differences are shown line by line: 1 MiB.
const LARGEST: usize = 1 << 20;

/// What a rehearsed script would have done, in order. `Display` is a text for people, [`Plan::to_json`] one for programs.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Plan {
    effects: Vec<Effect>,
}

/// One effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum Effect {
    /// A file, directory or link.
    File(FileEffect),
    /// A program that was not run.
    Program {
        /// Its name and arguments; secrets are `***`.
        args: Vec<String>,
        /// Its directory.
        cwd: PathBuf,
        /// The exit status that was answered; None: it was refused.
        assumed: Option<i32>,
    },
    /// A request that was not sent.
    Request {
        /// `POST`
        method: String,
        /// The URL without its secrets.
        url: String,
        /// The type of its body.
        content_type: Option<String>,
        /// The length of its body in bytes, where it is known.
        body: Option<u64>,
        /// The status that was answered; None: it was refused.
        assumed: Option<u16>,
    },
    /// A mail that was not sent.
    Mail {
        /// The sender of the envelope.
        mail_from: String,
        /// The recipients of the envelope.
        rcpt_to: Vec<String>,
        /// Its subject.
        subject: String,
        /// Its size in bytes.
        size: usize,
    },
    /// An operation of AWS, or on another machine, that was not sent.
    Remote {
        /// `s3.put_object`, `fabric.exec`
        operation: String,
        /// `bucket/key`, `host: command`
        subject: String,
        /// It was answered with an error.
        refused: bool,
    },
}

/// What would become of one path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FileEffect {
    /// The path, without links.
    pub path: PathBuf,
    /// What would be done.
    pub action: FileAction,
    /// What is there.
    pub before: Option<FileState>,
    /// What would be there.
    pub after: Option<FileState>,
    /// A unified diff of two texts. None for other files, for large ones, and for private ones (mode `0o600` and the like).
    pub diff: Option<String>,
    /// How many files and directories it is: more than 1 for a tree that is removed.
    pub entries: usize,
}

/// What would be done to a path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub enum FileAction {
    /// It would be made.
    Create,
    /// It would be changed or replaced.
    Change,
    /// It would be removed.
    Remove,
    /// It would be moved here from this path.
    Rename(PathBuf),
    /// It would become another name of this file.
    Link(PathBuf),
}

/// A file at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FileState {
    /// Its kind.
    pub file_type: FileType,
    /// The permission bits.
    pub mode: u32,
    /// The owner.
    pub uid: u32,
    /// The group.
    pub gid: u32,
    /// Bytes; 0 for what is not a file.
    pub size: u64,
    /// A symbolic link's target.
    pub target: Option<PathBuf>,
}

impl Plan {
    pub(super) fn new(overlay: &Arc<Overlay>, log: &Log) -> Plan {
        let entries = log.entries().clone();
        let mut last: HashMap<&Path, usize> = HashMap::new();
        let mut timed: HashSet<&Path> = HashSet::new();
        let mut ordered = Vec::new();
        for (number, entry) in entries.iter().enumerate() {
            match entry {
                Entry::Touched(path) => drop(last.insert(path, number)),
                Entry::Timed(path) => drop(timed.insert(path)),
                Entry::Other(effect) => ordered.push((number, PathBuf::new(), effect.clone())),
            }
        }
        for change in overlay.model().changes() {
            // What was not touched under its own name came with a directory above it.
            let number = change.path.ancestors().find_map(|path| last.get(path)).copied().unwrap_or(usize::MAX);
            let path = change.path.clone();
            let timed = timed.contains(&*path);
            if let Some(effect) = file_effect(&*overlay.base, change, timed) {
                ordered.push((number, path, Effect::File(effect)));
            }
        }
        ordered.sort_by(|(a, path, _), (b, other, _)| (a, path).cmp(&(b, other)));
        Plan { effects: ordered.into_iter().map(|(_, _, effect)| effect).collect() }
    }

    /// The effects, in order.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// Nothing would change.
    pub fn is_empty(&self) -> bool {
        self.effects.is_empty()
    }

    /// How many files would be made, changed and removed, and how many other effects there are.
    fn counts(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for effect in &self.effects {
            let at = match effect {
                Effect::File(FileEffect { action: FileAction::Create | FileAction::Link(_), .. }) => 0,
                Effect::File(FileEffect { action: FileAction::Change | FileAction::Rename(_), .. }) => 1,
                Effect::File(FileEffect { action: FileAction::Remove, .. }) => 2,
                _ => 3,
            };
            counts[at] += 1;
        }
        counts
    }

    /// The plan as JSON: `{"effects": [{"kind": "file", "path": .., "action": "create", ..}, ..]}`.
    pub fn to_json(&self) -> String {
        let effects: Vec<String> = self.effects.iter().map(json).collect();
        format!("{{\"effects\":[{}]}}", effects.join(",\n"))
    }
}

/// `timed`: the script has set its times.
fn file_effect(base: &dyn Backend, change: Change, timed: bool) -> Option<FileEffect> {
    let Change { path, before, after, moved_from, linked_to, entries } = change;
    let (old, new) = (before.as_ref().and_then(|of| contents(base, of)), after.as_ref().and_then(|of| contents(base, of)));
    let state = |of: &Option<Snapshot>| of.as_ref().map(state);
    let (before_state, after_state) = (state(&before), state(&after));
    let action = match (&before, &after, moved_from, linked_to) {
        (_, None, ..) => FileAction::Remove,
        (_, _, Some(from), _) => FileAction::Rename(from),
        (_, _, _, Some(to)) => FileAction::Link(to),
        (None, Some(_), ..) => FileAction::Create,
        (Some(_), Some(_), ..) => FileAction::Change,
    };
    // Written anew with the same bytes and modes: only times differ.
    let attributes = |of: &Option<Snapshot>| of.as_ref().map(|of| of.xattrs.clone());
    let same = before_state == after_state && old.is_some() && old == new && attributes(&before) == attributes(&after);
    if action == FileAction::Change && same && !timed {
        return None;
    }
    let (old, new) = (old.and_then(text), new.and_then(text));
    let private = |of: &Option<Snapshot>| of.as_ref().is_some_and(|of| of.file_type == FileType::File && of.mode & 0o077 == 0);
    let texts = match action {
        FileAction::Change if old != new => old.zip(new),
        FileAction::Create => new.map(|new| (String::new(), new)),
        _ => None,
    };
    let diff = texts.filter(|_| !private(&before) && !private(&after)).map(|(old, new)| {
        let name = path.display().to_string();
        let from = if before.is_some() { name.as_str() } else { "/dev/null" };
        similar::TextDiff::from_lines(&old, &new).unified_diff().context_radius(3).header(from, &name).to_string()
    });
    Some(FileEffect { path, action, before: before_state, after: after_state, diff, entries })
}

fn state(of: &Snapshot) -> FileState {
    let Snapshot { file_type, mode, uid, gid, size, .. } = *of;
    let target = if let Bytes::Target(target) = &of.bytes { Some(target.clone()) } else { None };
    FileState { file_type, mode, uid, gid, size, target }
}

/// The contents, if they are of a size that is compared.
fn contents(base: &dyn Backend, of: &Snapshot) -> Option<Vec<u8>> {
    let bytes = match &of.bytes {
        Bytes::Here(bytes) if bytes.len() <= LARGEST => bytes.clone(),
        Bytes::Beneath(path) if of.size <= LARGEST as u64 => {
            let handle = base.open(path, OpenFlags { read: true, ..OpenFlags::default() }, 0).ok()?;
            let mut bytes = Vec::with_capacity(LARGEST + 1);
            while bytes.len() <= LARGEST && handle.read_to(&mut bytes).ok()? > 0 {}
            bytes
        }
        _ => return None,
    };
    Some(bytes).filter(|bytes| bytes.len() <= LARGEST)
}

/// The contents, if they are a text.
fn text(bytes: Vec<u8>) -> Option<String> {
    String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
}

/// A path for a terminal.
fn shown(path: &Path) -> String {
    printable(&path.display().to_string()).into_owned()
}

/// `directory, mode 755`, `12 bytes, mode 644`.
fn described(state: &FileState) -> String {
    let FileState { file_type, mode, size, target, .. } = state;
    match (file_type, target) {
        (FileType::File, _) => format!("{size} bytes, mode {mode:03o}"),
        (FileType::Dir, _) => format!("directory, mode {mode:03o}"),
        (_, Some(target)) => format!("link to {}", shown(target)),
        (other, None) => format!("{other:?}, mode {mode:03o}").to_lowercase(),
    }
}

/// What differs: `mode 644 -> 600, 4 -> 5 bytes`.
fn differing(before: &FileState, after: &FileState) -> String {
    let mut parts = Vec::new();
    if before.file_type != after.file_type || before.target != after.target {
        parts.push(format!("{} -> {}", described(before), described(after)));
    } else if before.file_type == FileType::File {
        parts.push(format!("{} -> {} bytes", before.size, after.size));
    }
    if before.mode != after.mode {
        parts.push(format!("mode {:03o} -> {:03o}", before.mode, after.mode));
    }
    if (before.uid, before.gid) != (after.uid, after.gid) {
        parts.push(format!("owner {}:{} -> {}:{}", before.uid, before.gid, after.uid, after.gid));
    }
    if parts.is_empty() { "times".into() } else { parts.join(", ") }
}

impl fmt::Display for FileEffect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let FileEffect { path, action, before, after, diff, entries } = self;
        let path = shown(path);
        match (action, before, after) {
            (FileAction::Rename(from), _, _) => write!(f, "> {} -> {path}", shown(from))?,
            (FileAction::Link(to), _, _) => write!(f, "+ {path} (another name of {})", shown(to))?,
            (FileAction::Remove, Some(before), _) if *entries > 1 => {
                write!(f, "- {path} ({}, {entries} entries in all)", described(before))?;
            }
            (FileAction::Remove, Some(before), _) => write!(f, "- {path} ({})", described(before))?,
            (FileAction::Change, Some(before), Some(after)) => write!(f, "~ {path} ({})", differing(before, after))?,
            (_, _, Some(after)) => write!(f, "+ {path} ({})", described(after))?,
            _ => write!(f, "- {path}")?,
        }
        diff.iter().flat_map(|diff| diff.lines()).try_for_each(|line| write!(f, "\n    {}", printable(line)))
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Effect::File(file) => file.fmt(f),
            Effect::Program { args, cwd, assumed } => {
                f.write_str("!")?;
                for arg in args {
                    let plain = !arg.is_empty() && arg.bytes().all(|b| b.is_ascii_alphanumeric() || b"@%+=:,./-_*".contains(&b));
                    if plain { write!(f, " {arg}")? } else { write!(f, " {arg:?}")? }
                }
                write!(f, " (in {}; ", cwd.display())?;
                match assumed {
                    Some(code) => write!(f, "not run, assumed exit status {code})"),
                    None => f.write_str("refused)"),
                }
            }
            Effect::Request { method, url, content_type, body, assumed } => {
                write!(f, "! {method} {url} (")?;
                if let Some(content_type) = content_type {
                    write!(f, "{content_type}, ")?;
                }
                if let Some(body) = body {
                    write!(f, "{body} bytes; ")?;
                }
                match assumed {
                    Some(status) => write!(f, "not sent, assumed status {status})"),
                    None => f.write_str("refused)"),
                }
            }
            Effect::Mail { mail_from, rcpt_to, subject, size } => {
                write!(f, "! mail from <{mail_from}> to {} (\"{subject}\", {size} bytes; not sent)", rcpt_to.join(", "))
            }
            Effect::Remote { operation, subject, refused } => {
                write!(f, "! {operation} {subject} ({})", if *refused { "refused" } else { "not sent" })
            }
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("No changes.");
        }
        for effect in &self.effects {
            writeln!(f, "{effect}")?;
        }
        let [create, change, remove, other] = self.counts();
        write!(f, "\nPlan: {create} to create, {change} to change, {remove} to remove")?;
        match other {
            0 => f.write_char('.'),
            1 => f.write_str(", 1 other effect."),
            many => write!(f, ", {many} other effects."),
        }
    }
}

fn json(effect: &Effect) -> String {
    let path = |path: &Path| quoted(&path.display().to_string());
    let list = |texts: &[String]| format!("[{}]", texts.iter().map(|text| quoted(text)).collect::<Vec<_>>().join(","));
    let or_null = |value: Option<String>| value.unwrap_or_else(|| "null".into());
    match effect {
        Effect::File(FileEffect { path: at, action, before, after, diff, entries }) => {
            let (name, other) = match action {
                FileAction::Create => ("create", None),
                FileAction::Change => ("change", None),
                FileAction::Remove => ("remove", None),
                FileAction::Rename(from) => ("rename", Some(from)),
                FileAction::Link(to) => ("link", Some(to)),
            };
            let state = |of: &Option<FileState>| {
                or_null(of.as_ref().map(|FileState { file_type, mode, uid, gid, size, target }| {
                    let kind = quoted(&format!("{file_type:?}").to_lowercase());
                    let target = or_null(target.as_deref().map(path));
                    let mode = quoted(&format!("{mode:04o}"));
                    format!(r#"{{"type":{kind},"mode":{mode},"uid":{uid},"gid":{gid},"size":{size},"target":{target}}}"#)
                }))
            };
            format!(
                r#"{{"kind":"file","path":{},"action":"{name}","other":{},"before":{},"after":{},"diff":{},"entries":{entries}}}"#,
                path(at),
                or_null(other.map(|other| path(other))),
                state(before),
                state(after),
                or_null(diff.as_deref().map(quoted)),
            )
        }
        Effect::Program { args, cwd, assumed } => {
            let assumed = or_null(assumed.map(|code| code.to_string()));
            format!(r#"{{"kind":"program","args":{},"cwd":{},"assumed":{assumed}}}"#, list(args), path(cwd))
        }
        Effect::Request { method, url, content_type, body, assumed } => format!(
            r#"{{"kind":"request","method":{},"url":{},"content_type":{},"body":{},"assumed":{}}}"#,
            quoted(method),
            quoted(url),
            or_null(content_type.as_deref().map(quoted)),
            or_null(body.map(|body| body.to_string())),
            or_null(assumed.map(|status| status.to_string())),
        ),
        Effect::Mail { mail_from, rcpt_to, subject, size } => format!(
            r#"{{"kind":"mail","mail_from":{},"rcpt_to":{},"subject":{},"size":{size}}}"#,
            quoted(mail_from),
            list(rcpt_to),
            quoted(subject)
        ),
        Effect::Remote { operation, subject, refused } => {
            format!(r#"{{"kind":"remote","operation":{},"subject":{},"refused":{refused}}}"#, quoted(operation), quoted(subject))
        }
    }
}
