//! Archives: what is made holds what Python's holds, what is unpacked is what Python unpacks, and what means harm does none. On the
//! machine and in memory.

use crate::support::oracle::{Replay, cases};
use crate::support::trees::{Fixture, class, shown};
use leyden::os::shutil::archive::{Filter, MakeArchive, Unpack};
use leyden::os::{Error, Os};
use serde_json::{Value, json};
use std::io::{Cursor, Read};
use std::path::Path;
use std::sync::LazyLock;

static CASES: LazyLock<Vec<Value>> = LazyLock::new(|| cases("archives"));

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap();
    (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
}

/// `[name, kind, mode, size, link, time]` of each entry, as the program wrote it.
fn members(os: &Os, path: &Path) -> Value {
    let archive = os.read_bytes(path).unwrap();
    let mut plain = Vec::new();
    match path.extension().unwrap().to_str().unwrap() {
        "zip" => {
            let mut archive = zip::ZipArchive::new(Cursor::new(archive)).unwrap();
            let count = archive.len();
            let entry = |at| {
                let entry = archive.by_index(at).unwrap();
                let kind = if entry.is_dir() { "d" } else { "f" };
                json!([entry.name().unwrap(), kind, entry.unix_mode().unwrap() & 0o7777, entry.size(), null, null])
            };
            return (0..count).map(entry).collect();
        }
        "gz" => flate2::read::GzDecoder::new(&*archive).read_to_end(&mut plain).unwrap(),
        "bz2" => bzip2::read::BzDecoder::new(&*archive).read_to_end(&mut plain).unwrap(),
        "xz" => lzma_rust2::XzReader::new(&*archive, false).read_to_end(&mut plain).unwrap(),
        _ => archive.as_slice().read_to_end(&mut plain).unwrap(),
    };
    let mut archive = tar::Archive::new(&*plain);
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let entry = |entry: std::io::Result<tar::Entry<'_, &[u8]>>| {
        let entry = entry.unwrap();
        let header = entry.header();
        let kind = match header.entry_type() {
            tar::EntryType::Regular => "f",
            tar::EntryType::Directory => "d",
            tar::EntryType::Symlink => "l",
            tar::EntryType::Link => "h",
            other => panic!("{other:?}"),
        };
        let name = text(&entry.path_bytes());
        let link = entry.link_name_bytes().map(|link| text(&link)).unwrap_or_default();
        json!([
            name.trim_end_matches('/'),
            kind,
            header.mode().unwrap(),
            entry.size(),
            link,
            Some(header.mtime().unwrap()).filter(|time| *time < 1_600_000_000)
        ])
    };
    archive.entries().unwrap().map(entry).collect()
}

fn made(make: fn() -> Fixture) {
    let mut replay = Replay::default();
    for case in CASES.iter().filter(|case| case.get("format").is_some()) {
        let Fixture { os, base, .. } = &fixture(make, &CASES[0]);
        let mut archive = MakeArchive::new(case["format"].as_str().unwrap());
        let real = |text: &Value| text.as_str().map(|text| text.replace("<base>", base.to_str().unwrap()));
        archive.root_dir = real(&case["options"]["root_dir"]).map(Into::into);
        archive.base_dir = real(&case["options"]["base_dir"]).map(Into::into);
        let what = json!([case["format"], case["base_name"], case["options"]]);
        match os.shutil.make_archive(case["base_name"].as_str().unwrap(), archive) {
            Ok(path) => {
                replay.check(&what, shown(&path, base), case["r"].clone());
                // Python keeps the order of the file system in a zip's files.
                let sorted = |members: &Value| {
                    let mut members: Vec<String> = members.as_array().unwrap().iter().map(Value::to_string).collect();
                    members.sort();
                    members
                };
                let leyden = members(os, &path);
                if case["format"] == "zip" {
                    replay.check(&what, sorted(&leyden), sorted(&case["members"]));
                } else {
                    replay.check(&what, leyden.as_array(), case["members"].as_array());
                }
            }
            Err(error) => replay.check(&what, Some(class(&error).0.as_str()), case["e"].as_str()),
        }
    }
    replay.finish(150);
}

fn fixture(make: fn() -> Fixture, tree: &Value) -> Fixture {
    let fixture = make();
    fixture.build(&tree["tree"]);
    fixture
}

#[test]
fn made_on_the_machine() {
    made(Fixture::native);
}

#[test]
fn made_in_memory() {
    made(Fixture::mock);
}

fn unpacked(make: fn() -> Fixture) {
    let mut replay = Replay::default();
    for case in CASES.iter().filter(|case| case.get("unpack").is_some()) {
        let fixture = make();
        let os = &fixture.os;
        let path = format!("archive{}", case["unpack"].as_str().unwrap().trim_start_matches("out/new/archive"));
        os.write_bytes(&path, bytes(&case["hex"])).unwrap();
        os.mkdir("unpacked").unwrap();
        for _ in 0..2 {
            // The second time, everything is there already.
            os.shutil.unpack_archive(Unpack::new(fixture.base.join(&path)).extract_dir("unpacked")).unwrap();
            let here = Fixture::at(os, &fixture.base.join("unpacked"));
            replay.check(&case["unpack"], here.describe().as_array(), case["after"].as_array());
        }
    }
    for case in CASES.iter().filter(|case| case.get("hardlinks").is_some()) {
        let fixture = make();
        let os = &fixture.os;
        os.mkdir("x").unwrap();
        os.write_bytes("x/one", "1").unwrap();
        os.link("x/one", "x/two").unwrap();
        let path = os.shutil.make_archive("hard", MakeArchive::new("tar").root_dir("x")).unwrap();
        let kinds = |members: &Value| {
            members.as_array().unwrap().iter().map(|m| (m[0].clone(), m[1].clone(), m[4].clone())).collect::<Vec<_>>()
        };
        replay.check("hard links", kinds(&members(os, &path)), kinds(&case["members"]));
        os.shutil.unpack_archive(Unpack::new(&path).extract_dir("out")).unwrap();
        // DIFFERENCE: as a copy.
        assert_eq!(os.read_bytes("out/two").unwrap(), b"1");
        assert_eq!(os.stat("out/two").unwrap().st_nlink, 1);
    }
    replay.finish(21);
}

#[test]
fn unpacked_on_the_machine() {
    unpacked(Fixture::native);
}

#[test]
fn unpacked_in_memory() {
    unpacked(Fixture::mock);
}

/// A target with a few things in it, something to harm beside it, and an archive that tries to.
fn attack(fixture: &Fixture, archive: &str, options: impl FnOnce(Unpack) -> Unpack) -> Result<(), Error> {
    let os = &fixture.os;
    if !os.path.exists("target") {
        for dir in ["target", "target/keep", "outside"] {
            os.mkdir(dir).unwrap();
            os.chmod(dir, 0o700).unwrap();
        }
        os.write_text("outside/secret", "secret").unwrap();
        os.chmod("outside/secret", 0o600).unwrap();
        os.symlink("../outside", "target/out").unwrap();
        os.symlink("../outside/secret", "target/f").unwrap();
    }
    let case = CASES.iter().find(|case| case["hostile"] == archive).unwrap_or_else(|| panic!("no {archive}"));
    os.write_bytes(archive, bytes(&case["hex"])).unwrap();
    let done = os.shutil.unpack_archive(options(Unpack::new(archive).extract_dir("target")));
    // Whatever it did: nothing beside the target was touched.
    assert_eq!(os.listdir("outside").unwrap(), ["secret"]);
    assert_eq!(os.read_text("outside/secret").unwrap(), "secret");
    assert_eq!(os.stat("outside/secret").unwrap().permissions(), 0o600);
    assert_eq!(os.stat("outside").unwrap().permissions(), 0o700);
    assert_eq!(os.stat("target/keep").unwrap().permissions(), 0o700);
    assert!(!os.path.lexists("evil") && !os.path.lexists("/tmp/leyden-evil") && !os.path.lexists("outside/evil"));
    assert!(
        !os.listdir("target").unwrap().iter().any(|name| name.to_string_lossy().starts_with(".tmp")),
        "something is left over"
    );
    done
}

fn refused(fixture: &Fixture, archives: &[&str], why: &str) {
    for archive in archives {
        match attack(fixture, archive, |unpack| unpack) {
            Err(Error::UnsafeEntry { problem, .. }) => assert!(problem.contains(why), "{archive}: {problem}"),
            other => panic!("{archive}: {other:?}"),
        }
    }
}

macro_rules! on_both {
    ($($case:ident),+ $(,)?) => {
        mod mock {
            use super::*;
            $(#[test] fn $case() { super::$case(&Fixture::mock()) })+
        }
        mod native {
            use super::*;
            $(#[test] fn $case() { super::$case(&Fixture::native()) })+
        }
    };
}

on_both![
    cve_2007_4559_names_that_lead_out_are_refused,
    absolute_names_are_refused,
    links_that_lead_out_are_refused,
    cve_2025_4517_links_that_lose_depth_are_refused,
    nothing_is_written_through_a_link_of_the_archive,
    nothing_is_written_through_a_link_that_was_there,
    rustsec_2026_0067_no_mode_is_set_through_a_link,
    cve_2025_4330_hard_links_reach_nothing_outside,
    set_id_bits_and_write_for_others_are_taken_off,
    devices_and_pipes_are_refused,
    a_link_that_was_there_is_replaced_not_followed,
    a_directory_is_not_replaced_by_a_file,
    good_links_are_made,
    a_bomb_ends_at_the_limit_of_bytes,
    too_many_entries_end_at_the_limit,
    an_endless_name_is_an_error,
    damaged_archives_are_read_errors,
    a_zip_makes_no_links_and_no_modes,
    formats_can_be_registered_for_one_handle,
];

fn cve_2007_4559_names_that_lead_out_are_refused(fixture: &Fixture) {
    let archives = ["dotdot.tar", "dotdot_inside.tar", "dotdot_dir.tar", "dotdot_link.tar", "dotdot.zip", "dotdot_inside.zip"];
    refused(fixture, &archives, "leads out");
}

fn absolute_names_are_refused(fixture: &Fixture) {
    refused(fixture, &["absolute.tar", "absolute.zip"], "absolute");
}

fn links_that_lead_out_are_refused(fixture: &Fixture) {
    refused(fixture, &["link_out_absolute.tar", "link_out.tar", "link_out_deep.tar"], "is a link that may lead out");
    assert!(!fixture.os.path.lexists("target/x"));
}

fn cve_2025_4517_links_that_lose_depth_are_refused(fixture: &Fixture) {
    refused(fixture, &["link_loses_depth.tar", "link_loses_depth_later.tar"], "may lead out");
    assert!(!fixture.os.path.lexists("target/escape"));
}

fn nothing_is_written_through_a_link_of_the_archive(fixture: &Fixture) {
    refused(fixture, &["through_own_link.tar", "link_in_the_way.tar"], "through a link");
}

fn nothing_is_written_through_a_link_that_was_there(fixture: &Fixture) {
    refused(fixture, &["over_link.tar"], "through a link");
}

fn rustsec_2026_0067_no_mode_is_set_through_a_link(fixture: &Fixture) {
    for filter in [Filter::Data, Filter::Tar] {
        let done = attack(fixture, "chmod_through_link.tar", |unpack| unpack.filter(filter));
        assert!(matches!(done, Err(Error::UnsafeEntry { .. })), "{done:?}");
    }
}

fn cve_2025_4330_hard_links_reach_nothing_outside(fixture: &Fixture) {
    refused(fixture, &["hardlink_out.tar"], "leads out");
    refused(fixture, &["hardlink_absolute.tar"], "absolute");
    refused(fixture, &["hardlink_to_link.tar"], "other than a file");
    assert!(matches!(attack(fixture, "hardlink_missing.tar", |unpack| unpack), Err(Error::FileNotFound(_))));
    assert!(!fixture.os.path.lexists("target/x"));
}

fn set_id_bits_and_write_for_others_are_taken_off(fixture: &Fixture) {
    let mode = |path: &str| fixture.os.stat(path).unwrap().permissions();
    attack(fixture, "setuid.tar", |unpack| unpack).unwrap();
    assert_eq!(["target/d", "target/d/s", "target/d/w", "target/d/none"].map(mode), [0o755, 0o755, 0o644, 0o600]);
    attack(fixture, "setuid.tar", |unpack| unpack.filter(Filter::Tar)).unwrap();
    assert_eq!(["target/d", "target/d/s", "target/d/w", "target/d/none"].map(mode), [0o755, 0o755, 0o644, 0]);
}

fn devices_and_pipes_are_refused(fixture: &Fixture) {
    refused(fixture, &["fifo.tar", "device.tar"], "device or a named pipe");
    assert!(!fixture.os.path.lexists("target/p"));
}

fn a_link_that_was_there_is_replaced_not_followed(fixture: &Fixture) {
    attack(fixture, "over_file_link.tar", |unpack| unpack).unwrap();
    assert!(!fixture.os.path.islink("target/f"));
    assert_eq!(fixture.os.read_text("target/f").unwrap(), "new");
}

fn a_directory_is_not_replaced_by_a_file(fixture: &Fixture) {
    assert!(matches!(attack(fixture, "file_over_dir.tar", |unpack| unpack), Err(Error::IsADirectory(_))));
}

fn good_links_are_made(fixture: &Fixture) {
    attack(fixture, "good_links.tar", |unpack| unpack).unwrap();
    let read = |path: &str| fixture.os.read_text(path).unwrap();
    assert_eq!(["target/bin/x", "target/top/x.so", "target/dot/f", "target/h"].map(read), ["lib", "lib", "dot", "lib"]);
}

fn a_bomb_ends_at_the_limit_of_bytes(fixture: &Fixture) {
    for archive in ["bomb.tar.gz", "bomb.zip"] {
        let done = attack(fixture, archive, |unpack| unpack.max_bytes(1_000_000));
        assert!(matches!(done, Err(Error::ArchiveTooLarge { limit: 1_000_000, unit: "bytes", .. })), "{archive}: {done:?}");
        assert!(!fixture.os.path.exists("target/zeros"));
        attack(fixture, archive, |unpack| unpack.max_bytes(3_000_000)).unwrap();
        assert_eq!(fixture.os.path.getsize("target/zeros").unwrap(), 3_000_000);
        fixture.os.remove("target/zeros").unwrap();
    }
}

fn too_many_entries_end_at_the_limit(fixture: &Fixture) {
    let done = attack(fixture, "many.tar.gz", |unpack| unpack.max_entries(1_999));
    assert!(matches!(done, Err(Error::ArchiveTooLarge { limit: 1_999, unit: "entries", .. })), "{done:?}");
    attack(fixture, "many.tar.gz", |unpack| unpack.max_entries(2_000)).unwrap();
}

fn an_endless_name_is_an_error(fixture: &Fixture) {
    let done = attack(fixture, "long_name.tar.gz", |unpack| unpack);
    assert!(matches!(&done, Err(Error::ReadArchive { problem, .. }) if problem.contains("too long")), "{done:?}");
}

fn damaged_archives_are_read_errors(fixture: &Fixture) {
    let archives = [
        "damaged.tar.gz",
        "truncated.tar",
        "truncated.tar.gz",
        "truncated.zip",
        "not.tar",
        "short.tar",
        "empty.tar",
        "not.zip",
        "no_known.ending",
    ];
    for archive in archives {
        let done = attack(fixture, archive, |unpack| unpack);
        assert!(matches!(done, Err(Error::ReadArchive { .. })), "{archive}: {done:?}");
        if fixture.os.path.exists("target/a") {
            // Whole: the damage is behind it.
            assert_eq!(fixture.os.path.getsize("target/a").unwrap(), 3000, "{archive} left a part of a file");
            fixture.os.remove("target/a").unwrap();
        }
    }
    attack(fixture, "nothing.tar", |unpack| unpack).unwrap();
    attack(fixture, "wrong_ending.tar", |unpack| unpack).unwrap(); // compressed after all
    assert_eq!(fixture.os.read_text("target/a").unwrap(), "gz");
    assert!(matches!(attack(fixture, "nothing.tar", |unpack| unpack.format("rar")), Err(Error::Value(_))));
}

fn a_zip_makes_no_links_and_no_modes(fixture: &Fixture) {
    attack(fixture, "link.zip", |unpack| unpack).unwrap();
    let os = &fixture.os;
    assert!(!os.path.islink("target/l") && os.path.isdir("target/dir"));
    assert_eq!(os.read_text("target/l").unwrap(), "/etc/passwd");
    assert_eq!(os.stat("target/s").unwrap().permissions() & 0o7111, 0);
}

fn formats_can_be_registered_for_one_handle(fixture: &Fixture) {
    let (shutil, other) = (&fixture.os.shutil, Os::new(fixture.os.backend().clone(), fixture.os.ambient().clone()));
    let names = |os: &Os| os.shutil.get_archive_formats().into_iter().map(|format| format.name).collect::<Vec<_>>();
    assert_eq!(names(&fixture.os), ["bztar", "gztar", "tar", "xztar", "zip"]);
    let endings: Vec<String> = shutil.get_unpack_formats().into_iter().flat_map(|format| format.extensions).collect();
    assert_eq!(endings, [".tar.bz2", ".tbz2", ".tar.gz", ".tgz", ".tar", ".tar.xz", ".txz", ".zip"]);

    shutil.register_archive_format("list", "a list", |base, archive| Ok(base.with_extension(format!("{:?}", archive.base_dir))));
    assert_eq!(shutil.make_archive("x", MakeArchive::new("list").base_dir("b")).unwrap().as_os_str(), r#"x.Some("b")"#);
    assert_eq!(names(&other).len(), 5);
    shutil.unregister_archive_format("list").unwrap();
    assert!(matches!(shutil.unregister_archive_format("list"), Err(Error::Lookup(_))));
    assert!(matches!(shutil.make_archive("x", "list"), Err(Error::Value(_))));

    let os = fixture.os.clone();
    let unpack = move |file: &Path, dir: &Path| os.rename(file, dir).map(drop);
    let taken = shutil.register_unpack_format("mine", [".mine", ".zip"], "", unpack.clone());
    assert!(matches!(&taken, Err(Error::Registry(text)) if text.contains("'zip'")), "{taken:?}");
    shutil.register_unpack_format("mine", [".mine"], "", unpack).unwrap();
    fixture.os.write_text("a.mine", "mine").unwrap();
    shutil.unpack_archive(Unpack::new("a.mine").extract_dir("moved")).unwrap();
    assert_eq!(fixture.os.read_text("moved").unwrap(), "mine");
    shutil.unregister_unpack_format("mine").unwrap();
    assert!(matches!(shutil.unpack_archive("a.mine"), Err(Error::ReadArchive { .. })));
}
