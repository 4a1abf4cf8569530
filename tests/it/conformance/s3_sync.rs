//! `client.sync`, in memory: what goes, what is left alone, what is deleted.

use crate::support::layer::layered;
use std::time::{Duration, SystemTime};

use leyden::boto3::Error;
use leyden::boto3::s3::Client;
use leyden::boto3::s3::sync::{Operation, Report};
use leyden::boto3::s3::transfer::TransferConfig;
use leyden::boto3::s3::types::RequestPayer;
use leyden::os::Os;
use leyden::{Batteries, Wait as _, World};

use crate::support::s3::directory;
use crate::support::s3_yes::YesServer;

struct Fixture {
    world: World,
    os: Os,
    s3: Client,
}

impl Fixture {
    fn new() -> Fixture {
        let world = World::new();
        let Batteries { os, boto3, .. } = layered(world.batteries());
        let s3 = boto3.client().s3();
        for bucket in ["bucket", "other"] {
            s3.create_bucket(|create| create.bucket(bucket)).wait().unwrap();
        }
        Fixture { world, os, s3 }
    }

    fn file(&self, path: &str, text: &str) {
        self.os.makedirs(leyden::os::MakeDirs::new(leyden::os::path::dirname(path)).exist_ok(true)).unwrap();
        self.os.write_text(path, text).unwrap();
    }

    fn object(&self, key: &str, text: &str) {
        self.s3.put_object(|put| put.bucket("bucket").key(key).body(text.as_bytes().to_vec().into())).wait().unwrap();
    }

    fn text(&self, bucket: &str, key: &str) -> Option<String> {
        self.world.boto3.s3.object(bucket, key).map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
    }
}

fn done(report: &Report) -> Vec<(Operation, &str)> {
    report.done.iter().map(|item| (item.operation, item.name.as_str())).collect()
}

use Operation::{Copy, Delete, Download, Upload};

#[test]
fn up_goes_what_is_new_or_newer_or_of_another_size() {
    let fixture = Fixture::new();
    for name in ["a", "b/c", "size", "time", "same"] {
        fixture.file(&format!("/d/{name}"), "text");
    }
    fixture.world.clock().advance(Duration::from_secs(10));
    fixture.object("p/size", "longer text");
    fixture.object("p/time", "text");
    fixture.object("p/same", "text");
    fixture.world.clock().advance(Duration::from_secs(10));
    fixture.os.utime("/d/time", None).unwrap();
    let report = fixture.s3.sync("/d", "s3://bucket/p").wait().unwrap().check().unwrap();
    assert_eq!(done(&report), [(Upload, "a"), (Upload, "b/c"), (Upload, "size"), (Upload, "time")]);
    assert_eq!((report.unchanged, report.bytes()), (1, 16));
    assert_eq!(fixture.text("bucket", "p/b/c").unwrap(), "text");
    fixture.world.clock().advance(Duration::from_secs(10));
    let report = fixture.s3.sync("/d", "s3://bucket/p").wait().unwrap();
    assert_eq!((done(&report), report.unchanged), (vec![], 5));
}

#[test]
fn down_goes_by_the_same_and_takes_the_time() {
    let fixture = Fixture::new();
    fixture.object("p/x/y", "text");
    fixture.object("p/dir/", "");
    let report = fixture.s3.sync("s3://bucket/p/", "/new/dir").wait().unwrap().check().unwrap();
    assert_eq!(done(&report), [(Download, "x/y")]);
    assert_eq!(fixture.os.read_text("/new/dir/x/y").unwrap(), "text");
    assert_eq!(fixture.os.stat("/new/dir/x/y").unwrap().st_mtime, SystemTime::UNIX_EPOCH + Duration::from_secs(1_767_225_600));
    let sync = || fixture.s3.sync("s3://bucket/p", "/new/dir");
    assert_eq!(sync().wait().unwrap().unchanged, 1);
    // A local file that is older is left alone, one that is newer is not: aws-cli's rule.
    let set = |seconds| {
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
        fixture.os.utime("/new/dir/x/y", (time, time)).unwrap();
    };
    set(1);
    assert_eq!(sync().wait().unwrap().unchanged, 1);
    assert_eq!(done(&sync().exact_timestamps(true).dry_run(true).wait().unwrap()).len(), 1);
    set(1_900_000_000);
    assert_eq!(sync().size_only(true).wait().unwrap().unchanged, 1);
    assert_eq!(done(&sync().wait().unwrap()).len(), 1);
}

#[test]
fn between_buckets_the_service_copies() {
    let fixture = Fixture::new();
    fixture.object("p/x", "text");
    fixture.object("p/../y", "any key goes");
    let report = fixture.s3.sync("s3://bucket/p", "s3://other").wait().unwrap().check().unwrap();
    assert_eq!(done(&report), [(Copy, "../y"), (Copy, "x")]);
    assert_eq!(fixture.text("other", "x").unwrap(), "text");
    assert_eq!(fixture.s3.sync("s3://bucket/p", "s3://other").wait().unwrap().unchanged, 2);
}

#[test]
fn what_is_gone_is_deleted_when_asked() {
    let fixture = Fixture::new();
    fixture.file("/d/keep", "x");
    fixture.object("gone", "x");
    fixture.object("gone.log", "x");
    let sync = || fixture.s3.sync("/d", "s3://bucket").exclude("*.log");
    assert_eq!(done(&sync().wait().unwrap()), [(Upload, "keep")]);
    let plan = sync().delete(true).dry_run(true).wait().unwrap();
    assert_eq!(done(&plan), [(Delete, "gone")]);
    assert!(fixture.text("bucket", "gone").is_some());
    assert_eq!(done(&sync().delete(true).wait().unwrap()), [(Delete, "gone")]);
    assert_eq!(fixture.world.boto3.s3.keys("bucket"), ["gone.log", "keep"]);
    // The other way.
    fixture.file("/d/local", "x");
    let report = fixture.s3.sync("s3://bucket", "/d").delete(true).wait().unwrap();
    assert_eq!(done(&report), [(Download, "gone.log"), (Delete, "local")]);
}

#[test]
fn the_last_pattern_that_matches_decides() {
    let fixture = Fixture::new();
    for name in ["a.html", "a.tmp", "sub/b.html", "sub/b.tmp"] {
        fixture.file(&format!("/d/{name}"), "x");
    }
    let plan = |sync: leyden::boto3::s3::sync::Sync| {
        let report = sync.dry_run(true).wait().unwrap();
        report.done.into_iter().map(|item| item.name).collect::<Vec<_>>()
    };
    let sync = || fixture.s3.sync("/d", "s3://bucket");
    assert_eq!(plan(sync().exclude("*").include("*.html")), ["a.html", "sub/b.html"]);
    assert_eq!(plan(sync().include("*.html").exclude("*")), Vec::<String>::new());
    assert_eq!(plan(sync().exclude("*.tmp")), ["a.html", "sub/b.html"]);
    assert_eq!(plan(sync().exclude("sub/*").include("sub/b.tmp")), ["a.html", "a.tmp", "sub/b.tmp"]);
    assert_eq!(plan(sync().exclude("/d/a.*")), ["sub/b.html", "sub/b.tmp"]);
}

#[test]
fn no_key_leaves_the_directory() {
    let fixture = Fixture::new();
    for key in ["../up", "a/../../up", "/abs", "a//b", "./dot", "..", "ok"] {
        fixture.object(&format!("p/{key}"), "x");
    }
    fixture.os.mkdir("/d").unwrap();
    let report = fixture.s3.sync("s3://bucket/p", "/d").delete(true).wait().unwrap();
    assert_eq!(done(&report), [(Download, "ok")]);
    assert_eq!(report.skipped.len(), 6, "{:?}", report.skipped);
    assert_eq!(fixture.os.listdir("/d").unwrap(), ["ok"]);
    assert!(!fixture.os.path.exists("/up") && !fixture.os.path.exists("/abs"));
}

#[test]
fn one_file_does_not_sink_the_rest() {
    let fixture = Fixture::new();
    for name in ["a", "b", "c"] {
        fixture.object(&format!("p/{name}"), "x");
    }
    // A directory is in the way of one.
    fixture.os.makedirs("/d/b/full").unwrap();
    let report = fixture.s3.sync("s3://bucket/p", "/d").wait().unwrap();
    assert_eq!(done(&report), [(Download, "a"), (Download, "c")]);
    assert_eq!((report.failed.len(), report.failed[0].item.name.as_str()), (1, "b"));
    assert!(matches!(report.check().unwrap_err(), Error::Sync { failed: 1, total: 3, .. }));
}

#[test]
fn what_could_not_be_read_is_not_deleted() {
    let fixture = Fixture::new();
    fixture.file("/d/x", "x");
    fixture.os.symlink("/nowhere", "/d/dangling").unwrap();
    fixture.os.symlink("/d", "/d/circle").unwrap();
    for key in ["dangling", "circle/deep", "other"] {
        fixture.object(key, "x");
    }
    let report = fixture.s3.sync("/d", "s3://bucket").delete(true).wait().unwrap();
    assert_eq!(done(&report), [(Upload, "x"), (Delete, "other")]);
    assert_eq!(report.skipped.len(), 2, "{:?}", report.skipped);
    let report = fixture.s3.sync("/d", "s3://bucket").follow_symlinks(false).delete(true).wait().unwrap();
    assert_eq!(done(&report), [(Delete, "circle/deep"), (Delete, "dangling")]);
}

#[test]
fn a_listing_that_fails_deletes_nothing() {
    let fixture = Fixture::new();
    fixture.object("x", "x");
    let error = fixture.s3.sync("/none", "s3://bucket").delete(true).wait().unwrap_err();
    assert!(matches!(&error, Error::File { source, .. } if source.errno() == Some(2)), "{error:?}");
    assert!(fixture.s3.sync("s3://nobody", "s3://bucket").delete(true).wait().is_err());
    assert!(fixture.text("bucket", "x").is_some());
    assert!(matches!(fixture.s3.sync("/d", "/e").wait().unwrap_err(), Error::Value(_)));
}

#[test]
fn uploads_get_the_content_type_of_their_name() {
    let fixture = Fixture::new();
    fixture.file("/d/index.html", "<p>");
    let report = fixture.s3.sync("/d", "s3://bucket").upload_args(|put| put.cache_control("no-cache")).wait().unwrap();
    drop(report.check().unwrap());
    let head = fixture.s3.head_object(|head| head.bucket("bucket").key("index.html")).wait().unwrap();
    assert_eq!((head.content_type(), head.cache_control()), (Some("text/html"), Some("no-cache")));
}

/// The listing told its size: a file that had been made as long kept the rest.
#[test]
fn an_object_that_has_shrunk_since_it_was_listed_is_as_long_as_it_is() {
    let fixture = Fixture::new();
    for key in ["a", "b", "c"] {
        fixture.object(key, "a long text");
    }
    let (s3, mut once) = (fixture.s3.clone(), Some(()));
    let sync = fixture.s3.sync("s3://bucket", "/d").config(TransferConfig::new().max_concurrency(1)).callback(move |item| {
        if once.take().is_some() {
            assert_eq!(item.name, "a");
            s3.put_object(|put| put.bucket("bucket").key("b").body(b"short".to_vec().into())).wait().unwrap();
            s3.put_object(|put| put.bucket("bucket").key("c").body(b"a text that is longer".to_vec().into())).wait().unwrap();
        }
    });
    drop(sync.wait().unwrap().check().unwrap());
    assert_eq!(fixture.os.read_text("/d/b").unwrap(), "short");
    assert_eq!(fixture.os.read_text("/d/c").unwrap(), "a text that is longer");
    // What the listing told is not asked for again.
    assert_eq!(fixture.world.script().count("s3.head_object"), 0);
}

#[test]
fn no_type_is_guessed_if_none_shall_be() {
    let fixture = Fixture::new();
    fixture.file("/d/index.html", "<p>");
    drop(fixture.s3.sync("/d", "s3://bucket").guess_mime_type(false).wait().unwrap().check().unwrap());
    let head = fixture.s3.head_object(|head| head.bucket("bucket").key("index.html")).wait().unwrap();
    assert_eq!(head.content_type(), Some("binary/octet-stream"));
}

/// A bucket whose requester pays refuses each request that does not say who does.
#[test]
fn who_pays_is_said_in_every_request() {
    let server = YesServer::start();
    let os = Os::native();
    let boto3 = leyden::boto3::Boto3::native(os.clone(), leyden::time::Time::native_with(os.ambient().clone()));
    let client = boto3.client().endpoint_url(&server.url).region_name("us-east-1");
    let s3 = client.aws_access_key_id("A").aws_secret_access_key("S").s3();
    let directory = directory("payer");
    let local = directory.to_str().unwrap();
    let sync = |from: &str, to: &str, requests: &[&str]| {
        server.begin(3, None);
        drop(s3.sync(from, to).delete(true).page_size(7).request_payer(RequestPayer::Requester).wait().unwrap().check().unwrap());
        let seen = server.seen();
        let methods: Vec<&str> = seen.iter().map(|request| request["method"].as_str().unwrap()).collect();
        assert_eq!(methods, requests);
        for request in seen {
            assert_eq!(request["headers"]["x-amz-request-payer"], "requester", "{request}");
            assert!(request["query"].get("list-type").is_none() || request["query"]["max-keys"] == "7", "{request}");
        }
    };
    sync("s3://bucket/p", local, &["GET", "GET"]);
    std::fs::rename(directory.join("there"), directory.join("new")).unwrap();
    sync(local, "s3://bucket/p", &["GET", "PUT", "DELETE"]);
    std::fs::remove_dir_all(&directory).unwrap();
}

#[test]
fn more_than_a_page_is_listed() {
    let fixture = Fixture::new();
    for number in 0..1005 {
        fixture.object(&format!("p/{number:04}"), "");
    }
    let report = fixture.s3.sync("s3://bucket/p", "s3://other/q").wait().unwrap();
    assert_eq!(report.done.len(), 1005);
    assert_eq!(fixture.s3.sync("s3://bucket/p", "s3://other/q").wait().unwrap().unchanged, 1005);
}

/// A9, and what else can stand where a file has to be: the second run finds nothing to do.
#[test]
fn what_stands_in_the_way_is_replaced_once() {
    let down = |fixture: &Fixture| fixture.s3.sync("s3://bucket/p", "/d").delete(true).wait().unwrap();
    type Prepare = fn(&Fixture);
    let cases: [(&str, Prepare); 7] = [
        ("a directory with files", |f| {
            f.file("/d/a/one", "1");
            f.file("/d/a/b/two", "2");
        }),
        ("an empty directory", |f| f.os.makedirs("/d/a/b").unwrap()),
        ("a link to a directory within", |f| {
            f.file("/d/real/one", "1");
            f.os.symlink("real", "/d/a").unwrap();
        }),
        ("a dangling link", |f| {
            f.os.makedirs("/d").unwrap();
            f.os.symlink("nowhere", "/d/a").unwrap();
        }),
        ("a link to a file", |f| {
            f.file("/d/other", "1");
            f.os.symlink("other", "/d/a").unwrap();
        }),
        ("a file for a directory", |f| f.file("/d/x", "1")),
        ("a file for a directory, further down", |f| f.file("/d/x/y", "1")),
    ];
    for (what, prepare) in cases {
        let fixture = Fixture::new();
        prepare(&fixture);
        fixture.world.clock().advance(Duration::from_secs(10));
        fixture.object("p/a", "text");
        fixture.object("p/x/y/z", "deep");
        drop(down(&fixture).check().unwrap_or_else(|error| panic!("{what}: {error:?}")));
        assert_eq!(fixture.os.read_text("/d/a").unwrap(), "text", "{what}");
        assert_eq!(fixture.os.read_text("/d/x/y/z").unwrap(), "deep", "{what}");
        let again = down(&fixture);
        assert!(again.done.is_empty() && again.failed.is_empty() && again.skipped.is_empty(), "{what}: {again:?}");
    }
}

/// A directory in which something stays is not emptied for a file that cannot come.
#[test]
fn a_directory_with_files_that_stay_stays() {
    let fixture = Fixture::new();
    fixture.file("/d/a/keep.me", "1");
    fixture.object("p/a", "text");
    for _ in 0..2 {
        let report = fixture.s3.sync("s3://bucket/p", "/d").delete(true).exclude("*.me").wait().unwrap().check().unwrap();
        assert!(report.done.is_empty(), "{report:?}");
        assert_eq!(report.skipped.iter().map(|skipped| skipped.name.as_str()).collect::<Vec<_>>(), ["a"]);
        assert_eq!(fixture.os.read_text("/d/a/keep.me").unwrap(), "1");
    }
}

/// The objects `a` and `a/b` cannot both be files.
#[test]
fn a_file_and_a_directory_of_one_name() {
    for delete in [false, true] {
        let fixture = Fixture::new();
        fixture.object("p/a", "file");
        fixture.object("p/a/b", "beneath");
        for run in 0..3 {
            let report = fixture.s3.sync("s3://bucket/p", "/d").delete(delete).wait().unwrap().check().unwrap();
            assert_eq!(report.done.len(), usize::from(run == 0), "{report:?}");
            assert_eq!(report.skipped.len(), 1, "{report:?}");
            assert_eq!(fixture.os.read_text("/d/a/b").unwrap(), "beneath");
        }
    }
}

/// S20: nothing outside of the target is written or deleted, unless it may be.
#[test]
fn links_out_of_the_target_are_not_followed() {
    let prepare = || {
        let fixture = Fixture::new();
        fixture.file("/outside/precious", "mine");
        fixture.os.makedirs("/d").unwrap();
        fixture.os.symlink("/outside", "/d/sub").unwrap();
        fixture.object("p/sub/new", "text");
        fixture.object("p/ok", "text");
        fixture
    };
    let fixture = prepare();
    let report = fixture.s3.sync("s3://bucket/p", "/d").delete(true).wait().unwrap().check().unwrap();
    assert_eq!(done(&report), [(Download, "ok")]);
    assert_eq!(fixture.os.listdir("/outside").unwrap(), ["precious"]);
    let fixture = prepare();
    drop(fixture.s3.sync("s3://bucket/p", "/d").delete(true).follow_links_out(true).wait().unwrap().check().unwrap());
    assert_eq!(fixture.os.listdir("/outside").unwrap(), ["new"]);
}

/// S20: a listing that is cut in the middle deletes nothing.
#[test]
fn a_listing_that_is_cut_is_an_error() {
    use crate::support::http::{Answer, Server};
    for (what, end) in [("the same token again", "<NextContinuationToken>t</NextContinuationToken>"), ("no token", "")] {
        let page = format!(
            "<ListBucketResult><IsTruncated>true</IsTruncated>{end}<Contents><Key>p/a</Key><Size>1</Size></Contents></ListBucketResult>"
        );
        let server = Server::start(move |_| Answer::new(200).header("Content-Type", "application/xml").body(page.clone()));
        let root = directory("sync");
        std::fs::write(root.join("keep"), "mine").unwrap();
        let os = Os::native();
        let boto3 = leyden::boto3::Boto3::native(os.clone(), leyden::time::Time::native_with(os.ambient().clone()));
        let client = boto3.client().endpoint_url(server.url("")).region_name("us-east-1");
        let s3 = client.aws_access_key_id("AKID").aws_secret_access_key("secret").s3();
        let error = s3.sync("s3://bucket/p", root.as_path()).delete(true).wait().unwrap_err();
        assert!(matches!(error, Error::Pagination { .. }), "{what}: {error:?}");
        assert_eq!(std::fs::read_to_string(root.join("keep")).unwrap(), "mine");
        assert!(server.seen().len() <= 2, "{what}");
        drop(std::fs::remove_dir_all(root));
    }
}
