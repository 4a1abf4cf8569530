//! A world over TCP: Amazon's client for Rust, boto3 and the AWS CLI against it.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use leyden::boto3::s3::Client;
use leyden::boto3::{Boto3, Error};
use leyden::os::Os;
use leyden::prelude::*;
use leyden::time::Time;
use leyden::world::{Serve, Served};
use serde_json::Value;

use crate::oracle::boto3_s3::{DIFFERENCES, without_nothing};
use crate::support::oracle::{Replay, cases};
use crate::support::s3::directory;

fn served(serve: Serve) -> (World, Served) {
    let world = World::new();
    let served = world.serve(serve.s3("127.0.0.1:0")).unwrap();
    (world, served)
}

/// A client on the network.
fn client(served: &Served, id: &str, secret: &str) -> Client {
    let os = Os::native();
    let time = Time::native_with(os.ambient().clone());
    let client = Boto3::native(os, time).client().endpoint_url(served.s3_url().unwrap()).region_name("us-east-1");
    client.aws_access_key_id(id).aws_secret_access_key(secret).s3()
}

fn refused<T: std::fmt::Debug>(answer: leyden::boto3::Result<T>) -> String {
    match answer {
        Err(Error::Client(error)) => error.code,
        other => panic!("not refused: {other:?}"),
    }
}

/// What a server answers to these bytes, until it closes the connection.
fn raw(served: &Served, request: &str) -> String {
    let mut stream = TcpStream::connect(served.s3_address().unwrap()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    let _ = stream.read_to_string(&mut answer);
    answer
}

#[test]
fn what_a_client_puts_is_in_the_world() {
    let (world, served) = served(Serve::new());
    let s3 = client(&served, "any", "key");
    s3.create_bucket(|create| create.bucket("backups")).wait().unwrap();
    s3.put_object(|put| put.bucket("backups").key("a b/ü+%").content("hello")).wait().unwrap();
    assert_eq!(world.boto3.s3.object("backups", "a b/ü+%").unwrap(), "hello");
    let read = s3.get_object(|get| get.bucket("backups").key("a b/ü+%").range("bytes=1-2")).wait().unwrap();
    assert_eq!(read.read().unwrap(), "el");
    assert_eq!(refused(s3.get_object(|get| get.bucket("backups").key("none")).wait()), "NoSuchKey");
    let asked: Vec<_> = world.script().calls().into_iter().map(|call| call.operation).collect();
    assert_eq!(asked, ["s3.create_bucket", "s3.put_object", "s3.get_object", "s3.get_object"]);
}

#[test]
fn signatures_are_checked_where_keys_are_set() {
    let (world, served) = served(Serve::new().credentials("AKIDTEST", "right"));
    let s3 = client(&served, "AKIDTEST", "right");
    s3.create_bucket(|create| create.bucket("backups")).wait().unwrap();
    s3.put_object(|put| put.bucket("backups").key("k").content("hello")).wait().unwrap();
    let wrong = client(&served, "AKIDTEST", "wrong");
    assert_eq!(refused(wrong.list_buckets(|list| list).wait()), "SignatureDoesNotMatch");
    let stranger = client(&served, "AKIDOTHER", "right");
    assert_eq!(refused(stranger.list_buckets(|list| list).wait()), "InvalidAccessKeyId");
    // Without a signature, only what access control lists allow.
    let host = served.s3_address().unwrap();
    let answer = raw(&served, &format!("GET /backups/k HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"));
    assert!(answer.starts_with("HTTP/1.1 403 ") && answer.contains("<Code>AccessDenied</Code>"), "{answer}");
    assert_eq!(world.boto3.s3.keys("backups"), ["k"]);
}

#[test]
fn a_bucket_is_in_the_host_name_too() {
    let (_world, served) = served(Serve::new());
    let s3 = client(&served, "any", "key");
    s3.create_bucket(|create| create.bucket("open")).wait().unwrap();
    let port = served.s3_address().unwrap().port();
    let answer = raw(&served, &format!("GET /k HTTP/1.1\r\nHost: open.localhost:{port}\r\nConnection: close\r\n\r\n"));
    assert!(answer.contains("<Resource>/k</Resource>"), "{answer}");
}

#[test]
fn only_loopback_is_bound_unless_the_caller_insists() {
    let world = World::new();
    let error = world.serve(Serve::new().s3("0.0.0.0:0")).unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::PermissionDenied);
    assert_eq!(
        error.to_string(),
        "serve S3 on 0.0.0.0:0: not a loopback address, and danger_accept_remote_connections() was not called"
    );
    assert!(world.serve(Serve::new().s3("0.0.0.0:0").danger_accept_remote_connections()).is_ok());
    assert!(world.serve(Serve::new().s3("nowhere")).is_err());
}

#[test]
fn dropping_it_closes_the_port() {
    let (_world, served) = served(Serve::new());
    let address = served.s3_address().unwrap();
    let mut open = TcpStream::connect(address).unwrap();
    drop(served);
    let mut rest = Vec::new();
    assert_eq!(open.read_to_end(&mut rest).unwrap_or_default(), 0);
}

#[test]
fn planned_faults_reach_the_client() {
    let (world, served) = served(Serve::new());
    let once = leyden::boto3::Config::new().max_attempts(1);
    let os = Os::native();
    let boto3 = Boto3::native(os.clone(), Time::native_with(os.ambient().clone()));
    let s3 = boto3.client().endpoint_url(served.s3_url().unwrap()).config(once);
    let s3 = s3.aws_access_key_id("any").aws_secret_access_key("key").s3();
    s3.create_bucket(|create| create.bucket("backups")).wait().unwrap();
    s3.put_object(|put| put.bucket("backups").key("k").content("0123456789")).wait().unwrap();
    world.boto3.s3.cut("backups", "k", 4);
    let read = s3.get_object(|get| get.bucket("backups").key("k")).wait().unwrap().read();
    assert!(matches!(read, Err(Error::IncompleteRead { received: 4, .. })), "{read:?}");
    let slow = leyden::boto3::ClientError::new("GetObject", 503, "SlowDown", "Please reduce your request rate.");
    world.script().fail_next("s3.get_object", Error::from(slow));
    assert_eq!(refused(s3.get_object(|get| get.bucket("backups").key("k")).wait()), "SlowDown");
}

#[test]
fn transfers_in_parts_go_both_ways() {
    let (world, served) = served(Serve::new().credentials("AKIDTEST", "right"));
    let s3 = client(&served, "AKIDTEST", "right");
    s3.create_bucket(|create| create.bucket("backups")).wait().unwrap();
    let folder = directory("serve");
    let bytes: Vec<u8> = (0..20 << 20).map(|at: u32| (at % 251) as u8).collect();
    fs::write(folder.join("up"), &bytes).unwrap();
    s3.upload_file(folder.join("up"), "backups", "big").wait().unwrap();
    assert!(world.boto3.s3.object("backups", "big").unwrap() == bytes);
    s3.download_file("backups", "big", folder.join("down")).wait().unwrap();
    assert!(fs::read(folder.join("down")).unwrap() == bytes);
    assert!(world.boto3.s3.uploads().is_empty());
    fs::remove_dir_all(folder).unwrap();
}

/// The interpreter of a virtual environment that has tests/servers/requirements.txt.
fn python() -> PathBuf {
    std::env::var_os("LEYDEN_PYTHON").expect("LEYDEN_PYTHON names no interpreter: see .ci/run").into()
}

/// Over the wire boto3 is answered as the fake answers in memory: as moto, but for the same differences.
#[test]
#[ignore = "needs boto3: see .ci/run"]
fn boto3_is_answered_as_in_memory() {
    let (_world, served) = served(Serve::new().credentials("k", "s"));
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/servers/boto3_replay.py");
    let ran = Command::new(python()).arg(script).arg(served.s3_url().unwrap()).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let rows: Vec<Value> = String::from_utf8(ran.stdout).unwrap().lines().map(|row| serde_json::from_str(row).unwrap()).collect();
    let mut replay = Replay::default();
    let cases = cases("boto3_s3");
    assert_eq!(rows.len(), cases.len());
    for (number, (row, mut case)) in rows.into_iter().zip(cases).enumerate() {
        let what = format!("{number} {} {}", case["op"], case["params"]);
        if DIFFERENCES.iter().any(|(differs, _)| differs.contains(&number)) {
            continue;
        }
        case.as_object_mut().unwrap().retain(|name, _| name == "answer" || name == "error");
        replay.check(what, without_nothing(row).to_string(), without_nothing(case).to_string());
    }
    replay.finish(470);
}

/// The AWS CLI of the same virtual environment.
fn aws(served: &Served, arguments: &[&str]) -> String {
    let mut command = Command::new(python());
    command.arg(python().with_file_name("aws")).args(["--endpoint-url", &served.s3_url().unwrap()]).args(arguments);
    command.env("AWS_ACCESS_KEY_ID", "k").env("AWS_SECRET_ACCESS_KEY", "s").env("AWS_DEFAULT_REGION", "us-east-1");
    let ran = command.output().unwrap();
    assert!(ran.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap()
}

#[test]
#[ignore = "needs the AWS CLI: see .ci/run"]
fn the_cli_syncs_both_ways() {
    let (world, served) = served(Serve::new().credentials("k", "s"));
    let folder = directory("cli");
    let (from, to) = (folder.join("from"), folder.join("to"));
    fs::create_dir_all(from.join("sub dir")).unwrap();
    fs::write(from.join("a.txt"), "hello").unwrap();
    fs::write(from.join("sub dir/ü+%.txt"), "there").unwrap();
    fs::write(from.join("big"), vec![7; 9 << 20]).unwrap();
    let (from, to) = (from.to_str().unwrap(), to.to_str().unwrap());
    aws(&served, &["s3", "mb", "s3://backups"]);
    let first = aws(&served, &["s3", "sync", "--no-progress", from, "s3://backups/x"]);
    assert_eq!(first.lines().filter(|line| line.starts_with("upload: ")).count(), 3, "{first}");
    assert_eq!(world.boto3.s3.keys("backups"), ["x/a.txt", "x/big", "x/sub dir/ü+%.txt"]);
    assert_eq!(aws(&served, &["s3", "sync", from, "s3://backups/x"]), "", "a second sync has nothing to do");
    let down = aws(&served, &["s3", "sync", "--no-progress", "s3://backups/x", to]);
    assert_eq!(down.lines().filter(|line| line.starts_with("download: ")).count(), 3, "{down}");
    assert_eq!(fs::read(folder.join("to/sub dir/ü+%.txt")).unwrap(), b"there");
    assert!(fs::read(folder.join("to/big")).unwrap() == vec![7; 9 << 20]);
    assert_eq!(aws(&served, &["s3", "sync", "s3://backups/x", to]), "", "a second sync has nothing to do");
    fs::remove_file(folder.join("from/a.txt")).unwrap();
    aws(&served, &["s3", "sync", "--delete", from, "s3://backups/x"]);
    assert_eq!(world.boto3.s3.keys("backups"), ["x/big", "x/sub dir/ü+%.txt"]);
    aws(&served, &["s3", "rb", "--force", "s3://backups"]);
    assert!(world.boto3.s3.buckets().is_empty());
    fs::remove_dir_all(folder).unwrap();
}
