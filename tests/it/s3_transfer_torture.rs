//! What transfers leave behind when any one call on the way fails: no upload that nobody completes, no truncated file or object.

use std::io::Cursor;

use leyden::boto3::Error;
use leyden::boto3::s3::sync::Report;
use leyden::boto3::s3::transfer::TransferConfig;
use leyden::world::torture;
use leyden::{Batteries, Wait as _, World};

const MIB: usize = 1 << 20;

fn data() -> Vec<u8> {
    (0..6 * MIB).map(|at| (at / 4096 % 251) as u8).collect()
}

fn small() -> TransferConfig {
    TransferConfig::new().multipart_threshold(5 * MIB as u64).multipart_chunksize(5 * MIB as u64)
}

fn setup(world: &World) {
    let Batteries { os, boto3, .. } = world.batteries();
    os.makedirs("/srv/in").unwrap();
    os.write_bytes("/srv/in/f", data()).unwrap();
    let s3 = boto3.client().s3();
    s3.create_bucket(|create| create.bucket("bucket")).wait().unwrap();
    s3.put_object(|put| put.bucket("bucket").key("old").body(data().into())).wait().unwrap();
}

/// True if the call that failed is one that only tidies up: then something may be left.
fn tidying(world: &World, operation: &str) -> bool {
    world.script().calls().iter().any(|call| call.failed && call.operation == operation)
}

#[test]
fn an_object_that_changes_while_it_is_downloaded_is_never_mixed() {
    let world = World::new();
    setup(&world);
    let s3 = world.batteries().boto3.client().s3();
    let (other, mut once) = (s3.clone(), Some(()));
    let download = s3.download_file("bucket", "old", "/srv/out").config(small().max_concurrency(1)).callback(move |_| {
        if once.take().is_some() {
            other.put_object(|put| put.bucket("bucket").key("old").body(vec![0; 6 * MIB].into())).wait().unwrap();
        }
    });
    let error = download.wait().unwrap_err();
    assert!(matches!(error, Error::S3DownloadFailed { .. }), "{error:?}");
    assert_eq!(world.batteries().os.listdir("/srv").unwrap(), ["in"]);
}

/// The object is there, whole, if the upload says so; if not, it is whole or not there at all. No upload is open.
fn stored(world: &World, result: &Result<(), Error>) -> Result<(), String> {
    if !world.boto3.s3.uploads().is_empty() {
        return Err(format!("open uploads: {:?}", world.boto3.s3.uploads()));
    }
    match (result, world.boto3.s3.object("bucket", "new")) {
        (Ok(()), Some(bytes)) if bytes == data() => Ok(()),
        (Err(_), None) => Ok(()),
        (result, found) => Err(format!("{result:?} with {:?} bytes", found.map(|bytes| bytes.len()))),
    }
}

#[test]
fn an_upload_is_whole_or_nothing() {
    let job = |Batteries { boto3, .. }: &Batteries| {
        boto3.client().s3().upload_file("/srv/in/f", "bucket", "new").config(small()).wait().map(drop)
    };
    torture(setup, job, stored).assert_ok();
}

#[test]
fn an_upload_in_one_request_is_whole_or_nothing() {
    let job =
        |Batteries { boto3, .. }: &Batteries| boto3.client().s3().upload_file("/srv/in/f", "bucket", "new").wait().map(drop);
    torture(setup, job, stored).assert_ok();
}

#[test]
fn an_upload_from_a_reader_is_whole_or_nothing() {
    let job = |Batteries { boto3, .. }: &Batteries| {
        boto3.client().s3().upload_fileobj(Cursor::new(data()), "bucket", "new").config(small()).wait().map(drop)
    };
    torture(setup, job, stored).assert_ok();
}

#[test]
fn a_copy_is_whole_or_nothing() {
    let job =
        |Batteries { boto3, .. }: &Batteries| boto3.client().s3().copy(("bucket", "old"), "bucket", "new").config(small()).wait();
    torture(setup, job, stored).assert_ok();
}

/// Nothing under the final name but the whole; nothing beside it, unless that could not be removed.
fn downloaded(world: &World, result: &Result<(), Error>) -> Result<(), String> {
    let os = world.batteries().os;
    let names = os.listdir("/srv").map_err(|error| error.to_string())?;
    let found = os.read_bytes("/srv/out").ok();
    match (result, found) {
        (Ok(()), Some(bytes)) if bytes == data() => {}
        (Err(_), None) => {}
        (result, found) => return Err(format!("{result:?} with {:?} bytes", found.map(|bytes| bytes.len()))),
    }
    let expected = if result.is_ok() { 2 } else { 1 };
    if names.len() != expected && !tidying(world, "os.unlink") { Err(format!("{names:?}")) } else { Ok(()) }
}

#[test]
fn a_download_is_whole_or_nothing() {
    let job = |Batteries { boto3, .. }: &Batteries| {
        boto3.client().s3().download_file("bucket", "old", "/srv/out").config(small()).sync(true).wait()
    };
    torture(setup, job, |world, result| match result {
        // The directory could not be written to the device after the rename.
        Err(Error::File { .. }) if world.batteries().os.read_bytes("/srv/out").is_ok_and(|bytes| bytes == data()) => Ok(()),
        result => downloaded(world, result),
    })
    .assert_ok();
}

#[test]
fn a_download_that_is_taken_up_again_is_whole() {
    let job = |Batteries { boto3, .. }: &Batteries| {
        let download = || boto3.client().s3().download_file("bucket", "old", "/srv/out").config(small()).resume(true).wait();
        // Whatever fails, the next one goes on, with what the first has left.
        download().or_else(|_| download())
    };
    torture(setup, job, |world, result| match (result, world.batteries().os.read_bytes("/srv/out")) {
        (Ok(()), Ok(bytes)) if bytes == data() => Ok(()),
        (result, found) => Err(format!("{result:?} with {:?} bytes", found.map(|bytes| bytes.len()))),
    })
    .assert_ok();
}

#[test]
fn a_body_that_breaks_off_is_taken_up() {
    let cut = |world: &World| {
        setup(world);
        world.boto3.s3.cut("bucket", "old", 3 * MIB).cut("bucket", "old", 100).cut("bucket", "old", 0);
    };
    let job = |Batteries { boto3, .. }: &Batteries| {
        boto3.client().s3().download_file("bucket", "old", "/srv/out").config(small()).wait()
    };
    torture(cut, job, downloaded).assert_ok();
}

#[test]
fn a_full_disk_leaves_nothing() {
    let world = World::new();
    setup(&world);
    let os = world.batteries().os;
    world.os.set_capacity(8 * MIB as u64);
    let error = world.batteries().boto3.client().s3().download_file("bucket", "old", "/srv/out").wait().unwrap_err();
    assert!(matches!(&error, Error::File { source, .. } if source.errno() == Some(28)), "{error:?}");
    assert_eq!(os.listdir("/srv").unwrap(), ["in"]);
}

#[test]
fn a_dropped_upload_is_aborted() {
    let world = World::new();
    setup(&world);
    world.boto3.s3.latency(std::time::Duration::from_secs(1));
    let mut upload =
        world.batteries().boto3.client().s3().upload_file("/srv/in/f", "bucket", "new").config(small()).into_future();
    let mut polls = 0;
    while world.boto3.s3.uploads().is_empty() {
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(upload.as_mut().poll(&mut context).is_pending());
        polls += 1;
        assert!(polls < 5_000, "no upload was begun");
        std::thread::sleep(std::time::Duration::from_millis(2));
    }
    world.boto3.s3.latency(std::time::Duration::ZERO);
    drop(upload);
    for _ in 0..500 {
        if world.boto3.s3.uploads().is_empty() {
            return;
        }
        std::thread::sleep(std::time::Duration::from_millis(10));
    }
    panic!("{:?}", world.boto3.s3.uploads());
}

fn trees(world: &World) {
    let Batteries { os, boto3, .. } = world.batteries();
    let s3 = boto3.client().s3();
    s3.create_bucket(|create| create.bucket("bucket")).wait().unwrap();
    os.makedirs("/site/css").unwrap();
    for (name, text) in [("index.html", "<p>new"), ("css/a.css", "a{}"), ("same.txt", "same")] {
        os.write_text(format!("/site/{name}"), text).unwrap();
    }
    for (key, text) in [("www/index.html", "<p>"), ("www/same.txt", "same"), ("www/gone.txt", "gone")] {
        s3.put_object(|put| put.bucket("bucket").key(key).body(text.as_bytes().to_vec().into())).wait().unwrap();
    }
}

/// What the report says was done is done; what it does not was left as it was.
#[test]
fn a_sync_does_what_it_says() {
    let job = |Batteries { boto3, .. }: &Batteries| boto3.client().s3().sync("/site", "s3://bucketucket/www").delete(true).wait();
    torture(trees, job, |world, result: &Result<Report, Error>| {
        if !world.boto3.s3.uploads().is_empty() {
            return Err("an upload is open".into());
        }
        let object = |name: &str| {
            world.boto3.s3.object("bucket", &format!("www/{name}")).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        };
        let done = |name: &str| result.as_ref().is_ok_and(|report| report.done.iter().any(|item| item.name == name));
        let states = [
            ("index.html", object("index.html").as_deref() == Some("<p>new"), object("index.html").as_deref() == Some("<p>")),
            ("css/a.css", object("css/a.css").as_deref() == Some("a{}"), object("css/a.css").is_none()),
            ("gone.txt", object("gone.txt").is_none(), object("gone.txt").as_deref() == Some("gone")),
        ];
        for (name, after, before) in states {
            if !(if done(name) { after } else { before }) {
                return Err(format!("{name} is {:?}, {result:?}", object(name)));
            }
        }
        match result {
            Ok(report) if report.failed.is_empty() && report.skipped.is_empty() && report.done.len() != 3 => {
                Err(format!("{report:?}"))
            }
            _ => Ok(()),
        }
    })
    .assert_ok();
}

#[test]
fn a_sync_down_leaves_no_part_of_a_file() {
    let job = |Batteries { boto3, .. }: &Batteries| boto3.client().s3().sync("s3://bucketucket/www", "/out").wait();
    torture(trees, job, |world, result: &Result<Report, Error>| {
        let os = world.batteries().os;
        let names = os.listdir("/out").unwrap_or_default();
        if names.iter().any(|name| name.to_string_lossy().ends_with(".tmp")) && !tidying(world, "os.unlink") {
            return Err(format!("{names:?}"));
        }
        for (name, text) in [("index.html", "<p>"), ("same.txt", "same"), ("gone.txt", "gone")] {
            let done = result.as_ref().is_ok_and(|report| report.done.iter().any(|item| item.name == name));
            match os.read_text(format!("/out/{name}")) {
                Ok(found) if found == text => {}
                Err(_) if !done => {}
                found => return Err(format!("{name} is {found:?}, {result:?}")),
            }
        }
        Ok(())
    })
    .assert_ok();
}

/// A small generator, so that every run does the same.
fn next(state: &mut u64) -> usize {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    (*state >> 33) as usize
}

/// T3: a download is killed at random moments, and what it has left is lost, cut, extended, exchanged or damaged. In the end the right bytes
/// are there, or there is an error.
#[test]
fn a_resumed_download_is_right_or_fails() {
    let (mut state, mut whole) = (20_261_130, 0);
    let config = || small().max_concurrency(2);
    let world = World::new();
    let Batteries { os, boto3, .. } = world.batteries();
    os.makedirs("/srv").unwrap();
    let s3 = boto3.client().s3();
    s3.create_bucket(|create| create.bucket("bucket")).wait().unwrap();
    let bytes: Vec<u8> = (0..11 * MIB).map(|at| (at / 1000 % 251) as u8 | 1).collect();
    s3.put_object(|put| put.bucket("bucket").key("big").body(bytes.clone().into())).wait().unwrap();
    for round in 0..100 {
        for name in os.listdir("/srv").unwrap() {
            os.unlink(std::path::Path::new("/srv").join(name)).unwrap();
        }
        let (mut left, limit) = (next(&mut state) % (20 * MIB), next(&mut state) % 4);
        for _ in 0..limit {
            // Several broken reads in a row end it.
            for _ in 0..8 {
                world.boto3.s3.cut("bucket", "big", left % (5 * MIB));
                left /= 2;
            }
            drop(s3.download_file("bucket", "big", "/srv/out").config(config()).resume(true).wait());
        }
        // What was planned and not met is used up.
        while s3.download_fileobj("bucket", "big", Vec::new()).config(config().num_download_attempts(1)).wait().is_err() {}
        let part = os.read_bytes("/srv/out.part").unwrap_or_default();
        let at = next(&mut state) % (part.len() + 1);
        match next(&mut state) % 9 {
            0 => drop(os.unlink("/srv/out.part")),
            1 => drop(os.unlink("/srv/out.part.state")),
            2 => drop(os.truncate("/srv/out.part", at as u64)),
            3 => {
                drop(os.truncate("/srv/out.part", at as u64));
                drop(os.truncate("/srv/out.part", part.len() as u64));
            }
            4 => drop(os.write_bytes("/srv/out.part", vec![0; part.len()])),
            5 if !part.is_empty() => {
                let mut damaged = part.clone();
                let at = at % damaged.len();
                damaged[at] ^= 0xff;
                os.write_bytes("/srv/out.part", damaged).unwrap();
            }
            6 => {
                let lines = os.read_bytes("/srv/out.part.state").unwrap_or_default();
                os.write_bytes("/srv/out.part.state", &lines[..next(&mut state) % (lines.len() + 1)]).unwrap();
            }
            7 => {
                let lines = os.read_text("/srv/out.part.state").unwrap_or_default();
                os.write_text("/srv/out.part.state", lines + "0 0123\n1\n2 x\n99999999999999999999 y\n").unwrap();
            }
            _ => {}
        }
        match s3.download_file("bucket", "big", "/srv/out").config(config()).resume(true).wait() {
            Ok(()) => {
                assert!(os.read_bytes("/srv/out").unwrap() == bytes, "round {round}");
                whole += 1;
            }
            Err(error) => assert!(!os.path.exists("/srv/out"), "round {round}: {error:?}"),
        }
    }
    assert!(whole >= 90, "{whole}");
}

/// T8: what another user may have planted under the names of a resumed download.
#[test]
fn planted_files_are_not_written_to() {
    for name in ["out.part", "out.part.state"] {
        for hard in [false, true] {
            let world = World::new();
            setup(&world);
            let Batteries { os, boto3, .. } = world.batteries();
            os.write_text("/srv/victim", "precious").unwrap();
            let planted = format!("/srv/{name}");
            if hard {
                os.link("/srv/victim", &planted).unwrap();
            } else {
                os.symlink("/srv/victim", &planted).unwrap();
            }
            let error =
                boto3.client().s3().download_file("bucket", "old", "/srv/out").config(small()).resume(true).wait().unwrap_err();
            assert!(matches!(error, Error::File { .. }), "{error:?}");
            assert_eq!(os.read_text("/srv/victim").unwrap(), "precious", "{name} {hard}");
        }
    }
}

/// A8: what CopyObject keeps, a copy in parts keeps as well.
#[test]
fn a_copy_is_the_same_above_and_below_the_threshold() {
    use leyden::boto3::s3::types::{ChecksumAlgorithm, ChecksumMode, StorageClass};
    let long = "x".repeat(250);
    let many: String = (0..10).map(|at| format!("key{at}={}&", &long)).collect();
    for algorithm in [ChecksumAlgorithm::Crc32, ChecksumAlgorithm::Crc64Nvme, ChecksumAlgorithm::Crc32C] {
        for tagging in ["a=b&c=d%20%C3%A9", many.trim_end_matches('&'), ""] {
            let world = World::new();
            setup(&world);
            let s3 = world.batteries().boto3.client().s3();
            let put = s3.put_object(|put| {
                let put = put.bucket("bucket").key("from").body(data().into()).checksum_algorithm(algorithm.clone());
                let put = put.content_type("text/x").content_language("de").cache_control("no-store").metadata("mood", "good");
                let put = put.content_disposition("inline").content_encoding("zstd").storage_class(StorageClass::StandardIa);
                let put = put.website_redirect_location("/x");
                if tagging.is_empty() { put } else { put.tagging(tagging) }
            });
            put.wait().unwrap();
            let seen = |key: &str| {
                let head =
                    s3.head_object(|head| head.bucket("bucket").key(key).checksum_mode(ChecksumMode::Enabled)).wait().unwrap();
                let tags = s3.get_object_tagging(|get| get.bucket("bucket").key(key)).wait().unwrap().tag_set;
                let kind = head.checksum_type.clone();
                let sums = [&head.checksum_crc32, &head.checksum_crc32_c, &head.checksum_crc64_nvme].map(Clone::clone);
                let text = [
                    head.content_type,
                    head.content_language,
                    head.cache_control,
                    head.content_disposition,
                    head.content_encoding,
                ];
                (text, head.metadata, head.storage_class, head.website_redirect_location, tags, sums, kind)
            };
            let (one, parts) = (TransferConfig::new().multipart_threshold(100 * MIB as u64), small());
            s3.copy(("bucket", "from"), "bucket", "one").config(one).wait().unwrap();
            s3.copy(("bucket", "from"), "bucket", "parts").config(parts).wait().unwrap();
            assert_eq!(seen("one"), seen("parts"), "{algorithm:?} {tagging:.20}");
        }
    }
}

/// S18: sizes that a service announces are not believed.
#[test]
fn an_announced_size_allocates_nothing() {
    use crate::support::http::{Answer, Server};
    for length in ["9223372036854775807", "9223372036854775000", "1152921504606846976"] {
        let server = Server::start(move |seen| match seen.method.as_str() {
            "HEAD" => Answer::new(200).header("Content-Length", length).header("ETag", "\"e\""),
            _ => Answer::new(206)
                .header("Content-Range", format!("bytes 0-8388607/{length}"))
                .header("ETag", "\"e\"")
                .body("short"),
        });
        let os = leyden::os::Os::native();
        let boto3 = leyden::boto3::Boto3::native(os.clone(), leyden::time::Time::native_with(os.ambient().clone()));
        let client = boto3
            .client()
            .endpoint_url(server.url(""))
            .region_name("us-east-1")
            .config(leyden::boto3::Config::new().max_attempts(1));
        let s3 = client.aws_access_key_id("AKID").aws_secret_access_key("secret").s3();
        let quick = || TransferConfig::new().num_download_attempts(1);
        assert!(s3.download_fileobj("bucket", "k", Vec::new()).config(quick()).wait().is_err());
        let directory = crate::support::s3::directory("huge");
        assert!(s3.download_file("bucket", "k", directory.join("out")).config(quick()).wait().is_err());
        assert!(s3.download_file("bucket", "k", directory.join("out")).config(quick()).resume(true).wait().is_err());
        assert!(s3.copy(("bucket", "k"), "bucket", "l").config(quick()).wait().is_err());
        drop(std::fs::remove_dir_all(directory));
    }
}
