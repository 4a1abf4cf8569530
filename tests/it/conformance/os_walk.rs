//! Walking: order, pruning, links, errors, what changes meanwhile.

use crate::support::site::Site;
use leyden::os::{Error, Step, Walk};
use std::collections::BTreeSet;
use std::path::PathBuf;

conformance!(
    mock = Site::mock,
    native = Site::native,
    [
        everything_is_met_once,
        parents_come_first,
        children_come_first,
        pruned_directories_are_not_entered,
        dirnames_decide_the_order,
        added_names_are_entered,
        pruning_after_the_fact_changes_nothing,
        links_to_directories_are_listed_not_entered,
        links_are_followed_when_asked_to,
        errors_are_reported_and_passed_over,
        nothing_to_walk,
        a_file_is_no_directory,
        a_directory_replaced_by_a_link_is_not_entered,
        directories_that_vanish_are_reported,
        names_that_are_no_text,
        two_hundred_levels,
        paths_longer_than_the_kernel_takes,
        fwalk_agrees_with_walk,
        fwalk_is_not_led_astray,
        fwalk_of_a_link_is_empty,
        fwalk_prunes,
    ]
);

fn tree(site: &Site) {
    for dir in ["t/a/b", "t/c", "t/.git/objects"] {
        site.os.makedirs(dir).unwrap();
    }
    for file in ["t/1", "t/a/2", "t/a/b/3", "t/c/4", "t/.git/5"] {
        site.os.write_text(file, "").unwrap();
    }
}

fn sorted(mut step: Step) -> Step {
    step.dirnames.sort();
    step.filenames.sort();
    step
}

fn paths(steps: impl Iterator<Item = Step>) -> Vec<PathBuf> {
    steps.map(|step| step.dirpath).collect()
}

fn set(steps: impl Iterator<Item = Step>) -> BTreeSet<String> {
    let text = |step: Step| format!("{} {:?} {:?}", step.dirpath.display(), step.dirnames, step.filenames);
    steps.map(|step| text(sorted(step))).collect()
}

fn everything_is_met_once(site: &Site) {
    tree(site);
    let expected = [
        r#"t [".git", "a", "c"] ["1"]"#,
        r#"t/.git ["objects"] ["5"]"#,
        r#"t/.git/objects [] []"#,
        r#"t/a ["b"] ["2"]"#,
        r#"t/a/b [] ["3"]"#,
        r#"t/c [] ["4"]"#,
    ];
    assert_eq!(set(site.os.walk("t")), expected.map(String::from).into());
    assert_eq!(set(site.os.walk(Walk::new("t").topdown(false))), expected.map(String::from).into());
}

fn parents_come_first(site: &Site) {
    tree(site);
    let walked = paths(site.os.walk("t"));
    for (at, path) in walked.iter().enumerate().skip(1) {
        assert!(walked[..at].iter().any(|before| Some(before.as_path()) == path.parent()), "{walked:?}");
    }
    assert_eq!(walked.len(), 6);
}

fn children_come_first(site: &Site) {
    tree(site);
    let walked = paths(site.os.walk(Walk::new("t").topdown(false)));
    for (at, path) in walked.iter().enumerate() {
        assert!(walked[at..].iter().all(|later| later == path || !later.starts_with(path)), "{walked:?}");
    }
    assert_eq!((walked.len(), walked.last().unwrap().to_str()), (6, Some("t")));
}

fn pruned_directories_are_not_entered(site: &Site) {
    tree(site);
    let (mut walk, mut seen) = (site.os.walk("t"), Vec::new());
    while let Some(step) = walk.step() {
        step.dirnames.retain(|name| name != ".git" && name != "b");
        seen.push(step.dirpath.clone());
    }
    seen.sort();
    assert_eq!(seen, ["t", "t/a", "t/c"].map(PathBuf::from));
}

fn dirnames_decide_the_order(site: &Site) {
    tree(site);
    for reverse in [false, true] {
        let (mut walk, mut seen) = (site.os.walk("t"), Vec::new());
        while let Some(step) = walk.step() {
            step.dirnames.sort();
            if reverse {
                step.dirnames.reverse();
            }
            seen.push(step.dirpath.clone());
        }
        let expected = if reverse {
            ["t", "t/c", "t/a", "t/a/b", "t/.git", "t/.git/objects"]
        } else {
            ["t", "t/.git", "t/.git/objects", "t/a", "t/a/b", "t/c"]
        };
        assert_eq!(seen, expected.map(PathBuf::from));
    }
}

fn added_names_are_entered(site: &Site) {
    tree(site);
    let (mut walk, mut seen) = (site.os.walk("t"), Vec::new());
    while let Some(step) = walk.step() {
        if step.dirpath.as_os_str() == "t" {
            site.os.mkdir("t/new").unwrap();
            step.dirnames.clear();
            step.dirnames.push("new".into());
        }
        seen.push(step.dirpath.clone());
    }
    assert_eq!(seen, ["t", "t/new"].map(PathBuf::from));
}

fn pruning_after_the_fact_changes_nothing(site: &Site) {
    tree(site);
    let (mut walk, mut seen) = (site.os.walk(Walk::new("t").topdown(false)), 0);
    while let Some(step) = walk.step() {
        step.dirnames.clear();
        seen += 1;
    }
    assert_eq!(seen, 6);
}

fn links_to_directories_are_listed_not_entered(site: &Site) {
    tree(site);
    site.os.symlink("a", "t/link").unwrap();
    site.os.symlink("nowhere", "t/dangling").unwrap();
    for topdown in [true, false] {
        let steps: Vec<_> = site.os.walk(Walk::new("t").topdown(topdown)).map(sorted).collect();
        let top = steps.iter().find(|step| step.dirpath.as_os_str() == "t").unwrap();
        assert_eq!(top.dirnames, [".git", "a", "c", "link"]);
        assert_eq!(top.filenames, ["1", "dangling"]);
        assert_eq!(steps.len(), 6);
    }
}

fn links_are_followed_when_asked_to(site: &Site) {
    tree(site);
    site.os.symlink("../a", "t/c/link").unwrap();
    for topdown in [true, false] {
        let walked = paths(site.os.walk(Walk::new("t").topdown(topdown).followlinks(true)));
        assert!(walked.contains(&"t/c/link".into()) && walked.contains(&"t/c/link/b".into()));
        assert_eq!(walked.len(), 8);
    }
}

fn errors_are_reported_and_passed_over(site: &Site) {
    let mut errors = Vec::new();
    let steps = site.os.walk(Walk::new("none").onerror(|error| errors.push(error))).count();
    assert_eq!(steps, 0);
    assert!(matches!(&errors[..], [Error::FileNotFound(_)]), "{errors:?}");
    assert_eq!(errors[0].filename(), Some("none".as_ref()));
}

fn nothing_to_walk(site: &Site) {
    assert_eq!(site.os.walk("none").count(), 0);
    site.os.mkdir("empty").unwrap();
    assert_eq!(paths(site.os.walk("empty")), [PathBuf::from("empty")]);
    assert_eq!(site.os.walk("").count(), 0);
}

fn a_file_is_no_directory(site: &Site) {
    site.os.write_text("file", "").unwrap();
    let mut errors = Vec::new();
    assert_eq!(site.os.walk(Walk::new("file").onerror(|error| errors.push(error.errno()))).count(), 0);
    assert_eq!(errors, [Some(20)]);
}

fn a_directory_replaced_by_a_link_is_not_entered(site: &Site) {
    tree(site);
    site.os.mkdir("outside").unwrap();
    site.os.write_text("outside/secret", "").unwrap();
    let (mut walk, mut seen) = (site.os.walk("t"), Vec::new());
    while let Some(step) = walk.step() {
        if step.dirpath.as_os_str() == "t" {
            site.os.rename("t/c", "moved").unwrap();
            site.os.symlink("../outside", "t/c").unwrap();
        }
        seen.extend(step.filenames.iter().cloned());
    }
    assert!(!seen.contains(&"secret".into()), "{seen:?}");
}

fn directories_that_vanish_are_reported(site: &Site) {
    tree(site);
    let mut errors = Vec::new();
    let mut walk = site.os.walk(Walk::new("t").onerror(|error| errors.push(error.filename().map(PathBuf::from))));
    while let Some(step) = walk.step() {
        if step.dirpath.as_os_str() == "t" {
            site.os.rename("t/c", "gone").unwrap();
        }
    }
    drop(walk);
    assert_eq!(errors, [Some(PathBuf::from("t/c"))]);
}

fn names_that_are_no_text(site: &Site) {
    use std::os::unix::ffi::OsStrExt;
    let name = std::ffi::OsStr::from_bytes(b"t/\xff\xfe");
    site.os.makedirs(name).unwrap();
    site.os.write_text(PathBuf::from(name).join("file"), "").unwrap();
    let walked: Vec<_> = site.os.walk("t").collect();
    assert_eq!(walked[1].dirpath.as_os_str(), name);
    assert_eq!(walked[1].filenames, ["file"]);
}

fn two_hundred_levels(site: &Site) {
    let deep: PathBuf = std::iter::repeat_n("d", 200).collect();
    site.os.makedirs(&deep).unwrap();
    assert_eq!(site.os.walk("d").count(), 200);
    assert_eq!(site.os.walk(Walk::new("d").topdown(false)).next().unwrap().dirpath, deep);
    assert_eq!(site.os.fwalk("d").unwrap().count(), 200);
}

fn paths_longer_than_the_kernel_takes(site: &Site) {
    // 30 names of 200 bytes: too long for a path, not for directories held open.
    let name = "n".repeat(200);
    site.os.mkdir("top").unwrap();
    let mut dir = site.os.open_dir("top").unwrap();
    for _ in 0..30 {
        dir.mkdir(&name, 0o777).unwrap();
        dir = dir.open_dir(&name).unwrap();
    }
    let mut errors = Vec::new();
    let walked = site.os.walk(Walk::new("top").onerror(|error| errors.push(error.errno()))).count();
    assert!((10..=21).contains(&walked), "{walked}");
    assert_eq!(errors, [Some(36)]);
    assert_eq!(site.os.fwalk("top").unwrap().count(), 31);
    for (step, dir) in site.os.fwalk(Walk::new("top").topdown(false)).unwrap() {
        step.dirnames.iter().for_each(|name| dir.rmdir(name).unwrap());
    }
    assert!(site.names("top").is_empty());
}

fn fwalk_agrees_with_walk(site: &Site) {
    tree(site);
    site.os.symlink("../a", "t/c/link").unwrap();
    site.os.symlink("nowhere", "t/dangling").unwrap();
    for topdown in [true, false] {
        for follow in [true, false] {
            let options = || Walk::new("t").topdown(topdown).followlinks(follow);
            let open = site.os.fwalk(options()).unwrap().map(|(step, dir)| {
                assert_eq!(dir.path(), step.dirpath);
                assert_eq!(dir.listdir().unwrap().len(), step.dirnames.len() + step.filenames.len());
                step
            });
            assert_eq!(set(open), set(site.os.walk(options())));
        }
    }
}

fn fwalk_is_not_led_astray(site: &Site) {
    tree(site);
    site.os.mkdir("outside").unwrap();
    site.os.write_text("outside/secret", "").unwrap();
    let (mut walk, mut seen) = (site.os.fwalk("t").unwrap(), Vec::new());
    while let Some((step, _)) = walk.step() {
        step.dirnames.sort();
        if step.dirpath.as_os_str() == "t" {
            site.os.rename("t", "moved").unwrap();
            site.os.symlink("outside", "t").unwrap();
            site.os.rename("moved/c", "elsewhere").unwrap();
            site.os.symlink("../outside", "moved/c").unwrap();
        }
        seen.extend(step.filenames.iter().cloned());
    }
    assert_eq!(seen, ["1", "5", "2", "3"]);
}

fn fwalk_of_a_link_is_empty(site: &Site) {
    tree(site);
    site.os.symlink("t", "link").unwrap();
    assert_eq!(site.os.fwalk("link").unwrap().count(), 0);
    assert_eq!(site.os.fwalk(Walk::new("link").followlinks(true)).unwrap().count(), 6);
    assert_eq!(site.os.fwalk("t/1").unwrap().count(), 0);
    assert!(matches!(site.os.fwalk("none"), Err(Error::FileNotFound(_))));
}

fn fwalk_prunes(site: &Site) {
    tree(site);
    let (mut walk, mut seen) = (site.os.fwalk("t").unwrap(), 0);
    while let Some((step, _)) = walk.step() {
        step.dirnames.retain(|name| name == "a");
        seen += 1;
    }
    assert_eq!(seen, 2);
}
