//! Moves, copies and removals in random trees with links: what was there is somewhere afterwards, on the machine and in memory, and both
//! end with the same tree.

use crate::support::trees::Fixture;
use leyden::os::shutil::CopyTree;
use leyden::os::{FileType, Os};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        // https://prng.di.unimi.it/splitmix64.c
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound as u64) as usize
    }

    fn of<T: Clone>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())].clone()
    }
}

/// A path of a few names, existing or not, spelled in one of several ways. There is no `..` in it, nor in any link: with a link before it, it
/// would lead out of the directory of the test.
fn path(random: &mut Random) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for _ in 0..=random.below(3) {
        parts.push(random.of(&["a", "b", "c", "d", "a", "b", "."]));
    }
    parts.join(random.of(&["/", "/", "/", "//"])) + random.of(&["", "", "", "/"])
}

fn grow(fixture: &Fixture, random: &mut Random) {
    let os = &fixture.os;
    for number in 0..24 {
        let at = path(random);
        let _ = match random.below(6) {
            0 | 1 => os.mkdir(at.as_str()).map(drop),
            2 | 3 => os.write_text(at.as_str(), format!("{number}")).map(drop),
            4 => os.symlink(path(random), at.as_str()),
            _ => os.symlink(fixture.base.join(path(random)), at.as_str()),
        };
    }
}

/// The contents of all files, found without following a link.
fn contents(os: &Os, top: &Path) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    let mut todo = vec![top.to_path_buf()];
    while let Some(path) = todo.pop() {
        match os.lstat(&path).map(|stat| stat.file_type()) {
            Ok(FileType::Dir) => todo.extend(os.listdir(&path).unwrap().into_iter().map(|name| path.join(name))),
            Ok(FileType::File) => drop(found.insert(os.read_text(path.as_path()).unwrap())),
            _ => {}
        }
    }
    found
}

/// Does something at random, and says what came of it. Fails if more is lost than was asked for.
fn act(fixture: &Fixture, random: &mut Random, mounted: &[PathBuf]) -> String {
    let (os, base) = (&fixture.os, &fixture.base);
    let everything = |os: &Os| {
        let mut all = contents(os, base);
        all.extend(mounted.iter().flat_map(|top| contents(os, top)));
        all
    };
    let before = everything(os);
    let (from, to) = (path(random), path(random));
    let real = os.path.realpath(to.as_str()).unwrap();
    let (what, done, mut may_go) = match random.below(8) {
        // A file that is moved to another's name takes its place.
        0..=3 => {
            let replaced = if os.path.isdir(to.as_str()) { BTreeSet::new() } else { contents(os, &real) };
            (format!("move {from} {to}"), os.shutil.move_(from.as_str(), to.as_str()).map(drop), replaced)
        }
        // Links as links: to follow them in a circle is exponential, in Python too.
        4 => {
            let copied = os.shutil.copytree(from.as_str(), CopyTree::new(to.as_str()).symlinks(true));
            (format!("copytree {from} {to}"), copied.map(drop), BTreeSet::new())
        }
        5 => {
            let copied = os.shutil.copytree(from.as_str(), CopyTree::new(to.as_str()).symlinks(true).dirs_exist_ok(true));
            // What lies there already is written over, through links too.
            (format!("copytree over {from} {to}"), copied.map(drop), before.clone())
        }
        6 => {
            let replaced = contents(
                os,
                &if os.path.isdir(to.as_str()) { real.join(leyden::os::path::basename(from.as_str())) } else { real },
            );
            (format!("copy {from} {to}"), os.shutil.copy2(from.as_str(), to.as_str()).map(drop), replaced)
        }
        _ => {
            let inside = contents(os, &os.path.realpath(to.as_str()).unwrap());
            let is_link = os.path.islink(to.trim_end_matches('/'));
            let gone = if is_link || real == *base { BTreeSet::new() } else { inside };
            // Not the directory of the test itself, which others stand in.
            if base.starts_with(&real) {
                return format!("rmtree {to}: left alone");
            }
            (format!("rmtree {to}"), os.shutil.rmtree(to.as_str()), gone)
        }
    };
    // A copy into a directory may write through a link that bears the name.
    if what.starts_with("copy ") && done.is_ok() {
        may_go = before.clone();
    }
    let lost: Vec<_> = before.difference(&everything(os)).filter(|content| !may_go.contains(*content)).cloned().collect();
    assert!(lost.is_empty(), "{what}: {done:?} lost {lost:?}\n{}", fixture.describe());
    let error = done.err().map(|error| format!("{error:?}").split(['(', ' ']).next().unwrap_or_default().to_owned());
    format!("{what}: {error:?}")
}

#[test]
fn nothing_is_lost_and_both_worlds_agree() {
    for seed in 0..80 {
        let both = [Fixture::mock(), Fixture::native()].map(|fixture| {
            let mut random = Random(seed);
            grow(&fixture, &mut random);
            let grown = fixture.describe();
            let mut steps = Vec::new();
            for _ in 0..12 {
                steps.push(act(&fixture, &mut random, &[]));
            }
            (grown, steps, fixture.describe())
        });
        let [memory, machine] = both;
        assert_eq!(memory.0, machine.0, "seed {seed}");
        for (memory, machine) in memory.1.iter().zip(&machine.1) {
            assert_eq!(memory, machine, "seed {seed}");
        }
        assert_eq!(memory.2, machine.2, "seed {seed}");
    }
}

/// Where no rename can be had, a move is a copy and a removal.
#[test]
fn nothing_is_lost_across_file_systems() {
    for seed in 0..120 {
        let world = leyden::World::new();
        for dir in ["/tmp/base", "/tmp/base/a", "/tmp/base/b", "/tmp/base/a/c"] {
            world.os.mkdir(dir);
        }
        world.os.mount("/tmp/base/b");
        world.os.mount("/tmp/base/a/c");
        let os = world.batteries().os;
        let fixture = Fixture::at(&os, Path::new("/tmp/base"));
        let mut random = Random(seed);
        grow(&fixture, &mut random);
        for _ in 0..16 {
            act(&fixture, &mut random, &[]);
        }
    }
}
