//! Managed transfers against a server that others wrote. What they do in memory is in `s3_transfer_torture`.

use std::io::{Cursor, Read, Write as _};
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use leyden::boto3::Error;
use leyden::boto3::s3::Client;
use leyden::boto3::s3::transfer::{S3Transfer, TransferConfig};
use leyden::{Wait as _, World};

use crate::support::s3::{Fault, S3Server, directory};

const MIB: usize = 1 << 20;

struct Fixture {
    server: S3Server,
    client: Client,
    dir: PathBuf,
}

impl Fixture {
    fn new() -> Fixture {
        let server = S3Server::start();
        let client = server.client();
        client.create_bucket(|create| create.bucket("bucket")).wait().unwrap();
        server.forget();
        Fixture { client, server, dir: directory("transfer") }
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.dir.join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    fn put(&self, key: &str, bytes: &[u8]) {
        self.client.put_object(|put| put.bucket("bucket").key(key).body(bytes.to_vec().into())).wait().unwrap();
        self.server.forget();
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> =
            std::fs::read_dir(&self.dir).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn count(&self, text: &str) -> usize {
        self.server.seen().iter().filter(|line| line.contains(text)).count()
    }
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.dir);
    }
}

/// Bytes that differ from one place to the next.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u32;
    (0..length)
        .map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 24) as u8
        })
        .collect()
}

/// Parts as small as S3 has them.
fn small() -> TransferConfig {
    TransferConfig::new().multipart_threshold(6 * MIB as u64).multipart_chunksize(5 * MIB as u64)
}

#[test]
fn files_go_up_and_come_down_whole() {
    let fixture = Fixture::new();
    for (name, length) in [("empty", 0), ("short", 5), ("one-window", MIB), ("streamed", 3 * MIB + 1), ("parts", 17 * MIB + 3)] {
        let data = bytes(length);
        let path = fixture.file(name, &data);
        fixture.client.upload_file(&path, "bucket", name).config(small()).wait().unwrap();
        assert!(fixture.server.object("bucket", name).unwrap() == data, "{name} was stored otherwise");
        let back = fixture.dir.join(format!("{name}.back"));
        fixture.client.download_file("bucket", name, &back).config(small()).wait().unwrap();
        assert!(std::fs::read(&back).unwrap() == data, "{name} came back otherwise");
        let writer = fixture.client.download_fileobj("bucket", name, Vec::new()).config(small()).wait().unwrap();
        assert!(writer == data, "{name} was written otherwise");
    }
    assert_eq!(fixture.count("POST /bucket/parts?uploads"), 1);
    assert_eq!(fixture.count("partNumber="), 4);
    assert!(fixture.server.open_uploads().is_empty());
    // Nothing but what was asked for.
    assert_eq!(fixture.names().len(), 10);
}

#[test]
fn a_reader_goes_in_parts_as_it_is_read() {
    let fixture = Fixture::new();
    for length in [0, 10, 5 * MIB, 6 * MIB, 10 * MIB, 16 * MIB + 7] {
        fixture.server.forget();
        let data = bytes(length);
        fixture.client.upload_fileobj(Cursor::new(data.clone()), "bucket", "k").config(small()).wait().unwrap();
        assert!(fixture.server.object("bucket", "k").unwrap() == data, "{length} bytes were stored otherwise");
        let parts = if length < 6 * MIB { 0 } else { length.div_ceil(5 * MIB) };
        assert_eq!(fixture.count("partNumber="), parts, "{length}");
    }
    assert!(fixture.server.open_uploads().is_empty());
}

#[test]
fn an_object_is_copied_by_the_service() {
    let fixture = Fixture::new();
    let data = bytes(12 * MIB);
    fixture.put("from \u{e9}+.bin", &data);
    fixture.client.copy(("bucket", "from \u{e9}+.bin"), "bucket", "whole").wait().unwrap_or_else(|error| panic!("{error:?}"));
    fixture.server.forget();
    fixture.client.copy(("bucket", "from \u{e9}+.bin"), "bucket", "parts").config(small()).wait().unwrap();
    assert!(
        fixture.server.object("bucket", "whole").unwrap() == data && fixture.server.object("bucket", "parts").unwrap() == data
    );
    let ranges: std::collections::BTreeSet<_> =
        fixture.server.seen().into_iter().filter_map(|line| Some(line.split_once("bytes=")?.1.to_owned())).collect();
    assert_eq!(ranges.len(), 3);
    assert!(ranges.iter().any(|line| *line == "10485760-12582911"), "{ranges:?}");
    assert!(fixture.server.open_uploads().is_empty());
}

#[test]
fn the_callback_counts_every_byte_once() {
    let fixture = Fixture::new();
    let path = fixture.file("f", &bytes(12 * MIB));
    let sum = Arc::new(Mutex::new((0, 0)));
    let counter = |sum: &Arc<Mutex<(i64, usize)>>| {
        let sum = sum.clone();
        move |bytes| {
            let mut sum = sum.lock().unwrap();
            *sum = (sum.0 + bytes, sum.1 + 1);
        }
    };
    // The second part is sent twice: what had gone of it is taken back.
    fixture.server.fail("partNumber=2", Fault::Status(500), 1);
    fixture.client.upload_file(&path, "bucket", "f").config(small()).callback(counter(&sum)).wait().unwrap();
    assert_eq!(sum.lock().unwrap().0, 12 * MIB as i64);
    *sum.lock().unwrap() = (0, 0);
    fixture.client.download_file("bucket", "f", fixture.dir.join("g")).config(small()).callback(counter(&sum)).wait().unwrap();
    assert_eq!(sum.lock().unwrap().0, 12 * MIB as i64);
    *sum.lock().unwrap() = (0, 0);
    fixture.client.copy(("bucket", "f"), "bucket", "h").config(small()).callback(counter(&sum)).wait().unwrap();
    assert_eq!(*sum.lock().unwrap(), (12 * MIB as i64, 3));
}

#[test]
fn an_upload_that_fails_leaves_nothing() {
    let fixture = Fixture::new();
    let path = fixture.file("f", &bytes(12 * MIB));
    fixture.server.fail("partNumber=2", Fault::Status(403), 100);
    let error = fixture.client.upload_file(&path, "bucket", "f").config(small()).wait().unwrap_err();
    assert!(matches!(&error, Error::S3UploadFailed { .. }) && error.client().unwrap().status == 403, "{error:?}");
    assert_eq!(fixture.server.open_uploads(), Vec::<String>::new());
    assert!(fixture.server.object("bucket", "f").is_none());
    assert_eq!(fixture.count("DELETE /bucket/f?"), 1, "{:?}", fixture.server.seen());
}

#[test]
fn an_upload_that_is_dropped_leaves_nothing() {
    let fixture = Fixture::new();
    let path = fixture.file("f", &bytes(12 * MIB));
    fixture.server.fail("partNumber=2", Fault::Stall(Duration::from_secs(600)), 100);
    {
        let mut upload = fixture.client.upload_file(&path, "bucket", "f").config(small()).into_future();
        async {
            // Until its parts are on their way.
            for _ in 0..1000 {
                let pause = leyden::time::Time::native().sleep(Duration::from_millis(10)).into_future();
                assert!(!either(&mut upload, pause).await, "the upload ended");
                if fixture.count("partNumber=2") > 0 {
                    return;
                }
            }
        }
        .wait();
        assert!(!fixture.server.open_uploads().is_empty(), "{:?}", fixture.server.seen());
    }
    for _ in 0..500 {
        if fixture.server.open_uploads().is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    panic!("an orphan: {:?} {:?}", fixture.server.open_uploads(), fixture.server.seen());
}

/// True if the first is done first.
async fn either(first: &mut (impl Future + Unpin), mut second: impl Future + Unpin) -> bool {
    std::future::poll_fn(|context| {
        if std::pin::Pin::new(&mut *first).poll(context).is_ready() {
            return std::task::Poll::Ready(true);
        }
        std::pin::Pin::new(&mut second).poll(context).map(|_| false)
    })
    .await
}

#[test]
fn an_upload_past_its_deadline_is_aborted() {
    let fixture = Fixture::new();
    let path = fixture.file("f", &bytes(12 * MIB));
    fixture.server.fail("partNumber=2", Fault::Stall(Duration::from_secs(600)), 100);
    let upload = fixture.client.upload_file(&path, "bucket", "f").config(small()).timeout(Duration::from_secs(2));
    let error = upload.wait().unwrap_err();
    assert!(matches!(error, Error::DeadlineExceeded { operation: "upload_file", .. }), "{error:?}");
    assert_eq!(fixture.server.open_uploads(), Vec::<String>::new());
}

#[test]
fn a_part_that_stalls_is_sent_again() {
    let fixture = Fixture::new();
    let data = bytes(12 * MIB);
    let path = fixture.file("f", &data);
    fixture.server.fail("partNumber=2", Fault::Stall(Duration::from_secs(600)), 1);
    fixture.client.upload_file(&path, "bucket", "f").config(small()).stall(Duration::from_secs(5)).wait().unwrap();
    assert!(fixture.server.object("bucket", "f").unwrap() == data);
    assert!(fixture.count("partNumber=2") >= 2);
}

#[test]
fn a_file_that_shrinks_or_changes_while_it_is_uploaded_is_an_error() {
    let fixture = Fixture::new();
    for (name, length) in [("single", 4 * MIB), ("parts", 12 * MIB)] {
        let change: [(&str, fn(&PathBuf)); 2] = [
            ("shrinks", |path| std::fs::OpenOptions::new().write(true).open(path).unwrap().set_len(100).unwrap()),
            ("changes", |path| {
                let mut file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
                file.write_all(b"other").unwrap();
                file.set_modified(std::time::SystemTime::UNIX_EPOCH).unwrap();
            }),
        ];
        for (what, change) in change {
            let path = fixture.file("f", &bytes(length));
            let (changed, victim) = (AtomicBool::new(false), path.clone());
            let upload =
                fixture.client.upload_file(&path, "bucket", "f").config(small().max_concurrency(1)).callback(move |_| {
                    if !changed.swap(true, Ordering::Relaxed) {
                        change(&victim);
                    }
                });
            let error = upload.wait().unwrap_err();
            assert!(matches!(error, Error::SourceChanged { .. }), "{name} {what}: {error:?}");
            assert_eq!(fixture.server.open_uploads(), Vec::<String>::new());
            assert!(fixture.server.object("bucket", "f").is_none(), "{name} {what}");
        }
    }
}

#[test]
fn a_body_that_is_cut_is_taken_up_where_it_stopped() {
    let fixture = Fixture::new();
    let data = bytes(12 * MIB);
    fixture.put("f", &data);
    fixture.server.fail("GET /bucket/f", Fault::Cut(3 * MIB), 2);
    let path = fixture.dir.join("f");
    fixture.client.download_file("bucket", "f", &path).config(small().max_concurrency(1)).wait().unwrap();
    assert!(std::fs::read(&path).unwrap() == data);
    let gets: Vec<_> = fixture.server.seen().into_iter().filter(|line| line.starts_with("GET")).collect();
    // The second cut comes after all that was left of the first range.
    assert_eq!(gets.len(), 4, "{gets:?}");
    let resumed: u64 = gets[1].rsplit_once("bytes=").unwrap().1.split('-').next().unwrap().parse().unwrap();
    assert!(resumed > 0 && gets[1].ends_with("-5242879"), "{gets:?}");
    // Cut for ever: an error, and no file.
    fixture.server.fail("GET /bucket/f", Fault::Cut(MIB), 1000);
    let config = small().num_download_attempts(2);
    let error = fixture.client.download_file("bucket", "f", fixture.dir.join("g")).config(config).wait().unwrap_err();
    assert!(matches!(error, Error::RetriesExceeded { attempts: 2, .. }), "{error:?}");
    assert_eq!(fixture.names(), ["f"]);
}

#[test]
fn a_download_goes_on_with_what_is_there() {
    let fixture = Fixture::new();
    let data = bytes(17 * MIB);
    fixture.put("f", &data);
    let path = fixture.dir.join("f");
    let config = small().max_concurrency(1).num_download_attempts(1);
    fixture.server.fail("bytes=10485760-", Fault::Cut(MIB), 1);
    fixture.client.download_file("bucket", "f", &path).config(config.clone()).resume(true).wait().unwrap_err();
    assert_eq!(fixture.names(), ["f.part", "f.part.state"]);
    fixture.server.forget();
    fixture.client.download_file("bucket", "f", &path).config(config.clone()).resume(true).wait().unwrap();
    assert!(std::fs::read(&path).unwrap() == data);
    assert_eq!(fixture.names(), ["f"]);
    assert_eq!(fixture.count("GET"), 2, "{:?}", fixture.server.seen());
    // Another object under the same key: from the start.
    fixture.server.fail("bytes=10485760-", Fault::Cut(MIB), 1);
    fixture.client.download_file("bucket", "f", &path).config(config.clone()).resume(true).wait().unwrap_err();
    let other: Vec<u8> = data.iter().map(|byte| !byte).collect();
    fixture.put("f", &other);
    fixture.client.download_file("bucket", "f", &path).config(config).resume(true).wait().unwrap();
    assert!(std::fs::read(&path).unwrap() == other);
    assert_eq!(fixture.count("GET"), 4);
}

#[test]
fn errors_name_what_is_wrong() {
    let fixture = Fixture::new();
    let error = fixture.client.upload_file(fixture.dir.join("none"), "bucket", "k").wait().unwrap_err();
    assert!(matches!(&error, Error::File { source, .. } if source.errno() == Some(2)), "{error:?}");
    let error = fixture.client.upload_file(&fixture.dir, "bucket", "k").wait().unwrap_err();
    assert!(matches!(&error, Error::File { source, .. } if source.errno() == Some(21)), "{error:?}");
    let error = fixture.client.download_file("bucket", "none", fixture.dir.join("f")).wait().unwrap_err();
    assert_eq!((error.client().unwrap().status, error.client().unwrap().operation.as_str()), (404, "HeadObject"));
    fixture.put("k", b"data");
    let error = fixture.client.download_file("bucket", "k", &fixture.dir).wait().unwrap_err();
    assert!(matches!(&error, Error::File { source, .. } if source.errno() == Some(21)), "{error:?}");
    let error = fixture.client.download_file("bucket", "k", fixture.dir.join("no/such/dir")).wait().unwrap_err();
    assert!(matches!(&error, Error::File { source, .. } if source.errno() == Some(2)), "{error:?}");
    assert_eq!(fixture.names(), Vec::<String>::new());
    let error = fixture.client.upload_file("f", "bucket", "k").extra_args(|put| put.if_none_match("*")).wait().unwrap_err();
    assert!(error.to_string().starts_with("Invalid extra_args key 'IfNoneMatch', must be one of: ACL, CacheControl"), "{error}");
    let bucket = "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/name";
    let error = fixture.client.download_file(bucket, "k", "f").wait().unwrap_err();
    assert!(matches!(error, Error::Value(_)), "{error:?}");
}

#[test]
fn a_reader_that_fails_aborts() {
    struct Broken(usize);
    impl Read for Broken {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            let length = buffer.len().min(self.0);
            self.0 -= length;
            if length == 0 { Err(std::io::Error::other("the pipe broke")) } else { Ok(length) }
        }
    }
    let fixture = Fixture::new();
    let error = fixture.client.upload_fileobj(Broken(13 * MIB), "bucket", "k").config(small()).wait().unwrap_err();
    assert!(matches!(error, Error::Stream { .. }), "{error:?}");
    assert!(fixture.server.open_uploads().is_empty() && fixture.server.object("bucket", "k").is_none());
}

#[test]
fn bandwidth_is_held() {
    let fixture = Fixture::new();
    let path = fixture.file("f", &bytes(4 * MIB));
    let began = std::time::Instant::now();
    let config = small().max_bandwidth(2 * MIB as u64);
    fixture.client.upload_file(&path, "bucket", "f").config(config.clone()).wait().unwrap();
    fixture.client.download_file("bucket", "f", fixture.dir.join("g")).config(config).wait().unwrap();
    // The first window of each goes at once.
    assert!(began.elapsed() > Duration::from_millis(2500), "{:?}", began.elapsed());
}

#[test]
fn a_manager_shares_its_lanes() {
    let fixture = Fixture::new();
    let manager = S3Transfer::new(&fixture.client, small()).unwrap();
    let path = fixture.file("f", &bytes(12 * MIB));
    manager.upload_file(&path, "bucket", "f").wait().unwrap();
    manager.copy(("bucket", "f"), "bucket", "g").wait().unwrap();
    assert!(manager.download_fileobj("bucket", "g", Vec::new()).wait().unwrap() == std::fs::read(&path).unwrap());
    assert!(S3Transfer::new(&fixture.client, small().max_concurrency(0)).is_err());
}

#[test]
fn transfers_work_on_other_runtimes() {
    let fixture = Fixture::new();
    let data = bytes(12 * MIB);
    let path = fixture.file("f", &data);
    for runtime in [tokio::runtime::Builder::new_current_thread().build().unwrap(), tokio::runtime::Runtime::new().unwrap()] {
        runtime.block_on(async {
            fixture.client.upload_file(&path, "bucket", "f").config(small()).await.unwrap();
            assert!(fixture.client.download_fileobj("bucket", "f", Vec::new()).config(small()).await.unwrap() == data);
            fixture.client.download_file("bucket", "f", fixture.dir.join("g")).config(small()).await.unwrap();
        });
    }
}

/// `/dev/null` and its like are written to, not replaced.
#[test]
fn a_device_is_not_replaced() {
    let fixture = Fixture::new();
    fixture.put("f", &bytes(100));
    fixture.client.download_file("bucket", "f", "/dev/null").wait().unwrap();
    let metadata = std::fs::metadata("/dev/null").unwrap();
    assert!(!metadata.is_file());
}

#[test]
fn an_upload_gives_back_what_was_stored() {
    let world = World::new();
    let s3 = world.batteries().boto3.client().s3();
    s3.create_bucket(|create| create.bucket("bucket")).wait().unwrap();
    let (small_body, large) = (bytes(1000), bytes(12 * MIB));
    let at_once = s3.upload_fileobj(Cursor::new(small_body), "bucket", "k").wait().unwrap();
    let head = s3.head_object(|head| head.bucket("bucket").key("k")).wait().unwrap();
    assert_eq!((at_once.size, at_once.e_tag.as_deref()), (1000, head.e_tag()));
    world.os.write("/f", &large[..]);
    let file = s3.upload_file("/f", "bucket", "k").config(small()).wait().unwrap();
    let reader = s3.upload_fileobj(Cursor::new(large), "bucket", "k").config(small()).wait().unwrap();
    assert_eq!(file, reader);
    let enabled = leyden::boto3::s3::types::ChecksumMode::Enabled;
    let head = s3.head_object(|head| head.bucket("bucket").key("k").checksum_mode(enabled)).wait().unwrap();
    assert_eq!((file.size, file.e_tag.as_deref()), (12 * MIB as u64, head.e_tag()));
    assert!(file.e_tag.is_some_and(|tag| tag.contains('-')));
    assert_eq!(file.checksum.map(|(_, value)| value).as_deref(), head.checksum_crc32());
}
