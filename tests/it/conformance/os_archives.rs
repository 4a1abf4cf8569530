//! Archives of other people, and times that a zip cannot hold. Rows A10, A11, S10 and S20 of the list of faults.

use crate::support::trees::Fixture;
use leyden::os::shutil::archive::{MakeArchive, Unpack};
use leyden::os::tempfile::Temp;
use leyden::os::{Error, Os};
use std::io::{Cursor, Write as _};
use std::path::Path;
use std::time::{Duration, SystemTime};

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        a_zip_refuses_times_that_it_cannot_hold,
        a_zip_holds_local_time_and_the_moment,
        entries_that_overlap_are_refused,
        a_name_that_no_call_could_take_is_refused,
        implied_directories_count_as_entries,
        no_depth_uses_up_the_descriptors,
        damage_behind_the_last_entry_is_an_error,
        an_archive_leaves_out_the_one_that_it_replaces,
    ]
);

fn at(seconds: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

/// A10
fn a_zip_refuses_times_that_it_cannot_hold(Fixture { os, .. }: &Fixture) {
    os.environ.set("TZ", "UTC").unwrap();
    os.mkdir("x").unwrap();
    os.write_text("x/f", "f").unwrap();
    // The last second before 1980, the first of 1980, the last of 2107, the first of 2108, one in 2150.
    for (seconds, fits) in [
        (0, false),
        (315_532_799, false),
        (315_532_800, true),
        (4_354_819_199, true),
        (4_354_819_200, false),
        (5_680_281_600, false),
    ] {
        os.utime("x/f", (at(seconds), at(seconds))).unwrap();
        let made = os.shutil.make_archive("y", MakeArchive::new("zip").root_dir("x"));
        assert_eq!(made.is_ok(), fits, "{seconds}: {made:?}");
        assert_eq!(os.path.exists("y.zip"), fits, "{seconds}: no part of an archive is left");
        if let Err(error) = made {
            assert!(matches!(error, Error::Value(_)) && error.to_string().contains("x/f"), "{error}");
        } else {
            os.remove("y.zip").unwrap();
        }
        // A tar holds any time.
        os.shutil.make_archive("y", MakeArchive::new("tar").root_dir("x")).unwrap();
    }
}

/// A11
fn a_zip_holds_local_time_and_the_moment(Fixture { os, .. }: &Fixture) {
    os.mkdir("x").unwrap();
    os.write_text("x/f", "f").unwrap();
    let noon = 1_719_835_200; // 2024-07-01 12:00:00 UTC
    os.utime("x/f", (at(noon), at(noon))).unwrap();
    for (zone, hour) in [("America/New_York", 8), ("Asia/Kolkata", 17), ("UTC", 12), ("CET-1CEST,M3.5.0,M10.5.0/3", 14), ("", 12)]
    {
        os.environ.set("TZ", zone).unwrap();
        let path = os.shutil.make_archive("y", MakeArchive::new("zip").root_dir("x")).unwrap();
        let mut archive = zip::ZipArchive::new(Cursor::new(os.read_bytes(path).unwrap())).unwrap();
        let entry = archive.by_name("f").unwrap();
        assert_eq!(entry.last_modified().map(|time| (time.day(), time.hour())), Some((1, hour)), "{zone}");
        let moment = entry.extra_data_fields().find_map(|field| match field {
            zip::ExtraField::ExtendedTimestamp(time) => time.mod_time(),
            _ => None,
        });
        assert_eq!(moment, Some(noon as u32), "{zone}");
    }
}

/// The entry of a zip once more in its directory, under another name of that length.
fn doubled(zip: &[u8], name: u8) -> Vec<u8> {
    let end = zip.len() - 22;
    let number = |at: usize| u32::from_le_bytes(zip[at..at + 4].try_into().unwrap()) as usize;
    let (size, start) = (number(end + 12), number(end + 16));
    let mut record = zip[start..start + size].to_vec();
    record[46] = name;
    let mut bytes = [&zip[..end], &record, &zip[end..]].concat();
    let end = bytes.len() - 22;
    for at in [8, 10] {
        bytes[end + at] += 1;
    }
    bytes[end + 12..end + 16].copy_from_slice(&((size * 2) as u32).to_le_bytes());
    bytes
}

/// S20: CVE-2024-0450
fn entries_that_overlap_are_refused(Fixture { os, .. }: &Fixture) {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    writer.start_file("a", zip::write::SimpleFileOptions::default()).unwrap();
    writer.write_all(b"data").unwrap();
    let good = writer.finish().unwrap().into_inner();
    os.write_bytes("good.zip", &good).unwrap();
    os.shutil.unpack_archive(Unpack::new("good.zip").extract_dir("good")).unwrap();
    assert_eq!(os.read_text("good/a").unwrap(), "data");
    os.write_bytes("bad.zip", doubled(&good, b'b')).unwrap();
    let error = os.shutil.unpack_archive(Unpack::new("bad.zip").extract_dir("bad")).unwrap_err();
    assert!(matches!(error, Error::ReadArchive { .. }) && error.to_string().contains("overlapping entries"), "{error}");
    assert!(os.listdir("bad").is_ok_and(|names| names.is_empty()));
}

fn tar(os: &Os, path: &str, names: &[&str]) {
    let mut builder = tar::Builder::new(Vec::new());
    for name in names {
        let mut header = tar::Header::new_gnu();
        header.set_mode(0o644);
        header.set_size(0);
        if name.ends_with('/') {
            header.set_entry_type(tar::EntryType::Directory);
            header.set_mode(0o755);
        }
        builder.append_data(&mut header, name, std::io::empty()).unwrap();
    }
    os.write_bytes(path, builder.into_inner().unwrap()).unwrap();
}

/// S10
fn a_name_that_no_call_could_take_is_refused(Fixture { os, base, .. }: &Fixture) {
    let longest = 4095 - base.join("out").as_os_str().len() - 1;
    for (name, fits) in [("a/".repeat(200_000) + "f", false), ("a/".repeat(3000) + "f", false), ("a/".repeat(longest / 2), true)]
    {
        tar(os, "deep.tar", &[&name]);
        let unpacked = os.shutil.unpack_archive(Unpack::new("deep.tar").extract_dir("out"));
        match unpacked {
            Ok(()) => assert!(fits, "{} bytes", name.len()),
            Err(Error::UnsafeEntry { problem, .. }) => assert!(!fits && problem == "has a name that is too long", "{problem}"),
            Err(error) => panic!("{error}"),
        }
        os.shutil.rmtree("out").unwrap();
    }
}

/// S10
fn implied_directories_count_as_entries(Fixture { os, .. }: &Fixture) {
    tar(os, "implied.tar", &["a/b/c/d/e/f"]);
    let unpack = |path: &str, most| os.shutil.unpack_archive(Unpack::new(path).extract_dir("out").max_entries(most));
    assert!(matches!(unpack("implied.tar", 5), Err(Error::ArchiveTooLarge { limit: 5, unit: "entries", .. })));
    os.shutil.rmtree("out").unwrap();
    unpack("implied.tar", 6).unwrap();
    os.shutil.rmtree("out").unwrap();
    tar(os, "listed.tar", &["a/", "a/b/", "a/b/f", "a/g"]);
    unpack("listed.tar", 4).unwrap();
}

/// A chain of directories that is deeper than a process has descriptors.
fn chain(os: &Os, top: &Path, depth: usize) {
    let mut dir = os.backend().open_dir(&os.getcwd().unwrap().join(top), true).unwrap();
    for _ in 0..depth {
        dir.mkdir("d".as_ref(), 0o755).unwrap();
        dir = dir.open_dir("d".as_ref(), false).unwrap();
    }
}

/// S10
fn no_depth_uses_up_the_descriptors(Fixture { os, base, .. }: &Fixture) {
    os.mkdir("x").unwrap();
    chain(os, Path::new("x"), 4000);
    os.shutil.rmtree("x").unwrap();
    assert!(!os.path.lexists("x"));
    let dir = os.tempfile.temporary_directory(Temp::new().dir(base)).unwrap();
    chain(os, dir.path(), 3000);
    os.mkdir(dir.path().join("closed")).unwrap();
    os.write_text(dir.path().join("closed/f"), "").unwrap();
    os.chmod(dir.path().join("closed"), 0).unwrap();
    let path = dir.path().to_owned();
    dir.cleanup().unwrap();
    assert!(!os.path.lexists(path));
}

/// Of the kind of A5.
fn damage_behind_the_last_entry_is_an_error(Fixture { os, .. }: &Fixture) {
    tar(os, "plain.tar", &["f"]);
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let first = gzip(&os.read_bytes("plain.tar").unwrap());
    let second = gzip(&(0..4000_u32).flat_map(u32::to_le_bytes).collect::<Vec<_>>());
    let mut damaged = second.clone();
    damaged[10] = 0xff; // a block of a kind that there is not
    let cut = second[..second.len() / 2].to_vec();
    for (rest, fits) in [(second, true), (damaged, false), (cut, false), (vec![0; 1000], true), (b"other bytes".to_vec(), true)] {
        os.write_bytes("two.tar.gz", [first.clone(), rest.clone()].concat()).unwrap();
        let unpacked = os.shutil.unpack_archive(Unpack::new("two.tar.gz").extract_dir("out"));
        assert_eq!(unpacked.is_ok(), fits, "{:?}: {unpacked:?}", &rest[..11]);
    }
}

fn an_archive_leaves_out_the_one_that_it_replaces(Fixture { os, .. }: &Fixture) {
    os.mkdir("x").unwrap();
    os.write_text("x/f", "f").unwrap();
    os.symlink("x", "l").unwrap();
    for _ in 0..2 {
        // The names of the two differ; the file is one.
        os.shutil.make_archive("l/y", MakeArchive::new("tar").root_dir("x")).unwrap();
    }
    os.shutil.unpack_archive(Unpack::new("x/y.tar").extract_dir("out")).unwrap();
    assert_eq!(os.listdir("out").unwrap(), ["f"]);
}
