//! What moves, copies and removals keep: what was there is somewhere afterwards. Rows A1 and F7 of the list of faults.

use crate::support::trees::Fixture;
use leyden::os::shutil::CopyTree;
use leyden::os::{Error, Os};

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        a_directory_does_not_move_into_itself,
        a_directory_does_not_move_over_a_link_to_itself,
        a_link_moves_into_the_directory_that_it_leads_to,
        a_link_with_a_slash_is_not_moved,
        a_copy_over_itself_is_refused,
    ]
);

/// `a/data`, `a/sub/deep`, `a/sub/x`, and ways that lead into them.
fn tree(os: &Os) {
    os.makedirs("a/sub/deep").unwrap();
    os.write_text("a/data", "data").unwrap();
    os.write_text("a/sub/x", "x").unwrap();
    os.symlink("a/sub", "l").unwrap();
    os.symlink("l", "ll").unwrap();
    os.symlink("a", "self").unwrap();
    os.symlink("a/sub/deep/new", "dangling").unwrap();
    os.mkdir("other").unwrap();
}

fn a_directory_does_not_move_into_itself(fixture: &Fixture) {
    let os = &fixture.os;
    tree(os);
    let before = fixture.describe();
    let absolute = fixture.base.join("l");
    let targets = [
        "l", // A1
        "ll",
        "l/",
        "l/new",
        "ll/deep",
        "l/no/such/directory",
        "self/new",
        "self/sub",
        "a/sub",
        "a/new",
        "./a/../a/sub",
        "other/../a/sub",
        "l/deep/../new",
        "dangling",
        "dangling/new",
        absolute.to_str().unwrap(),
    ];
    for source in ["a", "a/", "./a", "other/../a", "self/../a"] {
        for target in targets {
            let moved = os.shutil.move_(source, target);
            assert!(moved.is_err(), "{source} to {target}: {moved:?}");
            assert_eq!(fixture.describe(), before, "{source} to {target}");
        }
    }
    let error = os.shutil.move_("a", "l").unwrap_err();
    assert_eq!(error.to_string(), "move 'a': 'l' is inside of it");
    // A name that only begins like the directory's is another one.
    os.mkdir("ab").unwrap();
    os.shutil.move_("a", "ab").unwrap();
    assert_eq!(os.read_text("ab/a/sub/x").unwrap(), "x");
}

fn a_directory_does_not_move_over_a_link_to_itself(fixture: &Fixture) {
    let os = &fixture.os;
    tree(os);
    let before = fixture.describe();
    assert!(os.shutil.move_("a", "self").is_err());
    assert!(os.shutil.move_(".", "other").is_err());
    assert!(os.shutil.move_("a/..", "other/x").is_err());
    assert_eq!(fixture.describe(), before);
}

/// F7
fn a_link_moves_into_the_directory_that_it_leads_to(Fixture { os, .. }: &Fixture) {
    tree(os);
    assert_eq!(os.shutil.move_("self", "a").unwrap().as_os_str(), "a/self");
    assert_eq!(os.readlink("a/self").unwrap().as_os_str(), "a");
    assert!(!os.path.lexists("self") && os.path.exists("a/data"));
    assert_eq!(os.shutil.move_("l", "a/sub/").unwrap().as_os_str(), "a/sub/l");
    assert_eq!(os.read_text("a/sub/x").unwrap(), "x");
}

fn a_link_with_a_slash_is_not_moved(fixture: &Fixture) {
    let os = &fixture.os;
    tree(os);
    let before = fixture.describe();
    for target in ["new", "other"] {
        let error = os.shutil.move_("l/", target).unwrap_err();
        assert!(matches!(error, Error::NotADirectory(_)), "{error:?}");
        assert_eq!(fixture.describe(), before);
    }
}

fn a_copy_over_itself_is_refused(fixture: &Fixture) {
    let os = &fixture.os;
    tree(os);
    os.link("a/data", "hard").unwrap();
    os.symlink("hard", "soft").unwrap();
    let before = fixture.describe();
    for (source, target) in
        [("a/data", "hard"), ("hard", "soft"), ("soft", "hard"), ("soft", "a"), ("a/data", "self"), ("a/data", "self/../a")]
    {
        let target_file = if os.path.isdir(target) { format!("{target}/data") } else { target.into() };
        if source == "soft" && target == "a" {
            continue; // a/soft is a new file
        }
        for copied in
            [os.shutil.copy(source, target), os.shutil.copy2(source, target), os.shutil.copyfile(source, target_file.as_str())]
        {
            assert!(matches!(copied, Err(Error::SameFile { .. })), "{source} to {target}: {copied:?}");
        }
    }
    for target in ["a", "self", "./a"] {
        let copied = os.shutil.copytree("a", CopyTree::new(target).dirs_exist_ok(true));
        assert!(matches!(copied, Err(Error::CopyTree(_))), "{target}: {copied:?}");
    }
    assert_eq!(fixture.describe(), before);
}

/// Only in memory: on the machine a mistake would be the end of it.
#[test]
fn the_root_is_not_removed() {
    let os = leyden::World::new().batteries().os;
    os.makedirs("/srv/data").unwrap();
    os.symlink("/", "/srv/root").unwrap();
    for root in ["/", "//", "/.", "/srv/..", "/srv/../", "/srv/root/."] {
        let removed = os.shutil.rmtree(root);
        assert!(matches!(removed, Err(Error::Shutil(_))), "{root}: {removed:?}");
        assert!(os.path.isdir("/srv/data"), "{root}");
    }
}

/// Another way into a directory is a second mount of it: there no name is shared, and the rename is `EXDEV`.
#[test]
#[ignore = "needs root"]
fn a_mount_of_a_directory_leads_into_it_too() {
    let fixture = Fixture::native();
    let os = &fixture.os;
    tree(os);
    os.mkdir("mounted").unwrap();
    for source in ["a", "a/sub"] {
        let at = fixture.base.join("mounted");
        let bound = std::process::Command::new("mount").arg("--bind").arg(fixture.base.join(source)).arg(&at).status().unwrap();
        assert!(bound.success());
        let before = fixture.describe();
        for target in ["mounted", "mounted/new", "mounted/no/such"] {
            let moved = os.shutil.move_("a", target);
            let after = fixture.describe();
            if moved.is_ok() || (target != "mounted/no/such" && after != before) {
                let _ = std::process::Command::new("umount").arg(&at).status();
                panic!("{source}, {target}: {moved:?}\n{before}\n{after}");
            }
        }
        assert!(std::process::Command::new("umount").arg(&at).status().unwrap().success());
        assert_eq!(os.read_text("a/sub/x").unwrap(), "x");
        assert_eq!(os.read_text("a/data").unwrap(), "data");
    }
}
