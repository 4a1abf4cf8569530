//! A fresh directory on a machine: the mock's or the real one.

use leyden::os::Os;
use leyden::{Batteries, World};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

/// An `os` that stands in an empty directory of its own: cases use relative paths.
pub struct Site {
    pub os: Os,
    /// The directory's path, without links.
    pub root: PathBuf,
    pub real: bool,
    pub world: World,
}

impl Site {
    pub fn mock() -> Site {
        let world = World::new();
        let os = world.batteries().os;
        os.makedirs("/site").unwrap();
        os.chdir("/site").unwrap();
        world.script().clear();
        Site { os, root: "/site".into(), real: false, world }
    }

    pub fn native() -> Site {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("leyden-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
        let root = std::fs::canonicalize(std::env::temp_dir()).unwrap().join(name);
        std::fs::create_dir(&root).unwrap();
        let os = Batteries::included().os;
        os.chdir(&root).unwrap();
        Site { os, root, real: true, world: World::new() }
    }

    /// The names in a directory, sorted.
    pub fn names(&self, path: impl AsRef<Path>) -> Vec<String> {
        let mut names: Vec<_> =
            self.os.listdir(path).unwrap().into_iter().map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        if self.real {
            let _ = std::fs::remove_dir_all(&self.root);
        }
    }
}
