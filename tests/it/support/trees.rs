//! The trees of `tests/oracle/trees.py`: the same files made through a handle, and described in the same words.

use leyden::Ambient;
use leyden::os::{FileType, MakeDirs, Os};
use serde_json::{Value, json};
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt as _, OsStringExt as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A name: a JSON string, or `{"hex": ..}` for one that is not UTF-8. `OsString`s, since comparing `Path`s would normalise them.
pub fn name(value: &Value) -> OsString {
    match value {
        Value::String(text) => text.into(),
        _ => {
            let hex = value["hex"].as_str().unwrap_or_else(|| panic!("no name: {value}"));
            OsString::from_vec((0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect())
        }
    }
}

/// The same way back, with the fixture's own directory spelled `<base>`.
pub fn shown(name: impl AsRef<OsStr>, base: &Path) -> Value {
    let (name, base) = (name.as_ref().as_bytes(), base.as_os_str().as_bytes());
    let at = name.windows(base.len()).position(|window| window == base);
    let name = at.map_or_else(|| name.to_vec(), |at| [&name[..at], b"<base>", &name[at + base.len()..]].concat());
    match String::from_utf8(name) {
        Ok(text) => text.into(),
        Err(error) => json!({ "hex": error.as_bytes().iter().map(|byte| format!("{byte:02x}")).collect::<String>() }),
    }
}

/// A directory of its own, on the machine or in memory, as the working directory of a handle of its own.
pub struct Fixture {
    pub os: Os,
    pub base: PathBuf,
    native: bool,
}

impl Fixture {
    pub fn mock() -> Fixture {
        let os = leyden::World::new().batteries().os;
        let base = PathBuf::from("/tmp/base");
        os.mkdir(&base).unwrap();
        os.chdir(&base).unwrap();
        Fixture { os, base, native: false }
    }

    pub fn native() -> Fixture {
        use std::sync::atomic::{AtomicU32, Ordering};
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("leyden-tree-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let base = std::fs::canonicalize(std::env::temp_dir()).unwrap().join(name);
        std::fs::create_dir(&base).unwrap();
        let os = Os::native();
        os.chdir(&base).unwrap();
        Fixture { os, base, native: true }
    }

    /// The same handle in another directory, which is somebody else's to remove.
    pub fn at(os: &Os, base: &Path) -> Fixture {
        let os = Os::new(os.backend().clone(), Ambient::isolated(Default::default(), base));
        Fixture { os, base: base.to_path_buf(), native: false }
    }

    pub fn build(&self, nodes: &Value) {
        let os = &self.os;
        let nodes = nodes.as_array().unwrap();
        for node in nodes {
            let path = name(&node["p"]);
            match node["k"].as_str().unwrap() {
                "d" => os.mkdir(MakeDirs::new(path)).unwrap(),
                "f" => {
                    os.write_bytes(&path, node["c"].as_str().unwrap()).unwrap();
                }
                "l" => os.symlink(name(&node["c"]), path).unwrap(),
                _ => os.mkfifo(path, 0o644).unwrap(),
            }
        }
        for node in nodes.iter().rev() {
            let path = name(&node["p"]);
            if let Some(mode) = node["m"].as_u64() {
                os.chmod(&path, mode as u32).unwrap();
            }
            if let Some(time) = node["t"].as_u64() {
                let time = SystemTime::UNIX_EPOCH + Duration::from_secs(time);
                os.utime(&path, (time, time)).unwrap();
            }
        }
    }

    /// `[path, kind, contents or target, mode, time if it is old]`, in order.
    pub fn describe(&self) -> Value {
        let mut rows = Vec::new();
        let mut todo = vec![PathBuf::new()];
        while let Some(dir) = todo.pop() {
            for entry in self.os.listdir(if dir.as_os_str().is_empty() { Path::new(".") } else { &dir }).unwrap() {
                let path = dir.join(entry);
                let stat = self.os.lstat(&path).unwrap();
                let since = stat.st_mtime.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs();
                let time = (since < 1_600_000_000).then_some(since);
                let row = match stat.file_type() {
                    FileType::Symlink => json!(["", "l", shown(self.os.readlink(&path).unwrap(), &self.base), null, null]),
                    FileType::Dir => json!(["", "d", null, stat.permissions(), time]),
                    FileType::Fifo => json!(["", "p", null, null, null]),
                    _ => {
                        json!(["", "f", String::from_utf8(self.os.read_bytes(&path).unwrap()).unwrap(), stat.permissions(), time])
                    }
                };
                if stat.is_dir() {
                    todo.push(path.clone());
                }
                rows.push((path, row));
            }
        }
        rows.sort_by(|(a, _), (b, _)| a.as_os_str().cmp(b.as_os_str()));
        rows.into_iter()
            .map(|(path, mut row)| {
                row[0] = shown(path, &self.base);
                row
            })
            .collect()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        if self.native {
            let _ = std::fs::remove_dir_all(&self.base);
        }
    }
}

/// Python's name for the class of an error, and its errno.
pub fn class(error: &leyden::os::Error) -> (String, Option<i32>) {
    let debug = format!("{error:?}");
    let variant = debug.split(|c: char| !c.is_alphanumeric()).next().unwrap();
    let class = match variant {
        "Os" => "OSError",
        "Value" => "ValueError",
        "Lookup" => "LookupError",
        "CopyTree" | "Shutil" => "Error",
        "SameFile" => "SameFileError",
        "SpecialFile" => "SpecialFileError",
        "ReadArchive" => "ReadError",
        "Registry" => "RegistryError",
        other => return (format!("{other}Error"), error.errno()),
    };
    (class.into(), error.errno())
}
