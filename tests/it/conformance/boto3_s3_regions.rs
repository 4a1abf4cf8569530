//! B1: buckets in another region than the client's. On the network the service is a server in process that answers as S3 does in
//! each of its ways; in memory it is the world's S3.

use std::collections::BTreeMap;
use std::io::Cursor;
use std::sync::{Arc, Mutex};

use leyden::Wait as _;
use leyden::boto3::s3::Client;
use leyden::boto3::s3::primitives::ByteStream;
use leyden::boto3::s3::transfer::TransferConfig;
use leyden::boto3::s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use leyden::boto3::{Boto3, Config};
use leyden::os::Os;
use leyden::{Batteries, World};

use crate::support::http::{Answer, Seen, Server};

const HOME: &str = "us-east-1";
const AWAY: &str = "eu-west-1";

/// The region that a request was signed for.
fn region(seen: &Seen) -> String {
    seen.header("authorization").and_then(|text| text.split("Credential=").nth(1)?.split('/').nth(2)).unwrap_or("none").to_owned()
}

fn xml(status: u16, code: &str, more: &str) -> Answer {
    Answer::new(status)
        .header("Content-Type", "application/xml")
        .body(format!("<Error><Code>{code}</Code><Message>m</Message>{more}</Error>"))
}

/// How S3 may say that a bucket is elsewhere.
fn elsewhere(way: &str, head: bool) -> Answer {
    let with = |answer: Answer| answer.header("x-amz-bucket-region", AWAY);
    match way {
        "301" if head => with(Answer::new(301)),
        "400" if head => with(Answer::new(400)),
        "301" => with(xml(301, "PermanentRedirect", "")),
        "307" => with(xml(307, "TemporaryRedirect", "")),
        "400" => xml(400, "AuthorizationHeaderMalformed", "<Region>eu-west-1</Region>"),
        "location" => with(xml(400, "IllegalLocationConstraintException", "")),
        // Neither a header nor an element: only the bucket itself tells.
        "silent" if head => with(Answer::new(301)),
        "silent" => xml(301, "PermanentRedirect", ""),
        other => panic!("{other}"),
    }
}

type Objects = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

/// S3 as far as these tests need it, whose one bucket is in [`AWAY`].
fn serve(way: &str, seen: &Seen, objects: &Objects) -> Answer {
    if region(seen) != AWAY {
        return elsewhere(way, seen.method == "HEAD");
    }
    let mut objects = objects.lock().unwrap();
    let path = seen.path().to_owned();
    match seen.method.as_str() {
        "PUT" => {
            objects.insert(path, seen.body.clone());
            Answer::new(200).header("ETag", "\"e\"")
        }
        "GET" | "HEAD" => match objects.get(&path) {
            Some(bytes) if seen.method == "HEAD" => Answer::new(200).header("Content-Length", bytes.len().to_string()).header("ETag", "\"e\""),
            Some(bytes) => Answer::new(200).header("ETag", "\"e\"").body(bytes.clone()),
            None if seen.query().contains("list-type=2") => {
                Answer::new(200).header("Content-Type", "application/xml").body("<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>k</Key><Size>4</Size></Contents></ListBucketResult>")
            }
            None => Answer::new(200).header("x-amz-bucket-region", AWAY),
        },
        _ => Answer::new(204),
    }
}

/// A client of [`HOME`], of a server that redirects in this way.
fn native(way: &'static str) -> (Server, Client) {
    let objects = Objects::default();
    let server = Server::start(move |seen| serve(way, seen, &objects));
    let os = Os::native();
    os.ambient().edit(std::collections::BTreeMap::clear);
    let time = leyden::time::Time::native_with(os.ambient().clone());
    let client = Boto3::native(os, time).client().endpoint_url(server.url("")).region_name(HOME);
    let config = Config::new().max_attempts(1).request_checksum_calculation(leyden::boto3::When::Required);
    let client = client.aws_access_key_id("AKID").aws_secret_access_key("secret").config(config).s3();
    (server, client)
}

fn memory() -> (World, Client) {
    let world = World::new();
    let boto3 = world.batteries().boto3;
    let constraint = CreateBucketConfiguration::builder().location_constraint(BucketLocationConstraint::from(AWAY)).build();
    let away = boto3.client().region_name(AWAY).s3();
    away.create_bucket(|create| create.bucket("bucket").create_bucket_configuration(constraint)).wait().unwrap();
    let client = boto3.client().region_name(HOME).s3();
    (world, client)
}

/// Everything that goes to the bucket gets there, whichever request comes first.
fn all_of_it(s3: &Client, first: usize) {
    let put = || s3.put_object(|put| put.bucket("bucket").key("k").body(ByteStream::from_static(b"text"))).wait().map(drop);
    let get = || s3.get_object(|get| get.bucket("bucket").key("k")).wait().map(drop);
    let head = || s3.head_object(|head| head.bucket("bucket").key("k")).wait().map(drop);
    let exists = || s3.head_bucket(|head| head.bucket("bucket")).wait().map(drop);
    let list = || s3.paginate().list_objects_v2(|list| list.bucket("bucket")).try_for_each(|page| page.map(drop));
    let up = || s3.upload_fileobj(Cursor::new(b"text".to_vec()), "bucket", "k").wait().map(drop);
    let down = || s3.download_fileobj("bucket", "k", Vec::new()).wait().map(|bytes| assert_eq!(bytes, b"text"));
    let all: [&dyn Fn() -> leyden::boto3::Result<()>; 7] = [&put, &exists, &list, &up, &get, &head, &down];
    all[first]().unwrap();
    for request in all {
        request().unwrap();
    }
}

#[test]
fn a_bucket_elsewhere_on_the_network() {
    for way in ["301", "307", "400", "location", "silent"] {
        for first in 0..4 {
            let (server, s3) = native(way);
            all_of_it(&s3, first);
            // One request was in vain (and the bucket had to be asked): the region is remembered.
            let astray = server.seen().iter().filter(|seen| region(seen) != AWAY).count();
            assert!(astray == 1 || (way == "silent" && astray == 2), "{way}: {astray}");
            let url = s3.generate_presigned_url().get_object(|get| get.bucket("bucket").key("k")).wait().unwrap().url;
            assert!(url.contains("eu-west-1%2Fs3"), "{way}: {url}");
        }
    }
}

#[test]
fn a_bucket_elsewhere_in_memory() {
    for first in 0..4 {
        let (world, s3) = memory();
        all_of_it(&s3, first);
        let Batteries { os, .. } = world.batteries();
        os.makedirs("/d").unwrap();
        os.write_text("/d/f", "f").unwrap();
        drop(s3.sync("/d", "s3://bucket/d").wait().unwrap().check().unwrap());
        assert_eq!(world.boto3.s3.keys("bucket"), ["d/f", "k"]);
    }
}

/// A transfer in parts begins in the wrong region, too.
#[test]
fn parts_elsewhere_in_memory() {
    let (world, s3) = memory();
    let bytes = vec![7; 11 << 20];
    let small = TransferConfig::new().multipart_threshold(5 << 20).multipart_chunksize(5 << 20);
    s3.upload_fileobj(Cursor::new(bytes.clone()), "bucket", "big").config(small.clone()).wait().unwrap();
    s3.copy(("bucket", "big"), "bucket", "copy").config(small.clone()).wait().unwrap();
    assert_eq!(s3.download_fileobj("bucket", "copy", Vec::new()).config(small).wait().unwrap(), bytes);
    assert!(world.boto3.s3.uploads().is_empty());
}

/// S20: what would leave the bucket's place in the URL.
#[test]
fn names_that_leave_their_place() {
    let (_world, memory) = memory();
    let (server, native) = native("301");
    for s3 in [memory, native] {
        for bucket in ["..", ".", "a?b", "a#b", "a\nb"] {
            let error = s3.get_object(|get| get.bucket(bucket).key("k")).wait().unwrap_err();
            assert!(matches!(error, leyden::boto3::Error::ParamValidation { .. }), "{bucket}: {error:?}");
        }
    }
    assert!(server.seen().is_empty());
}

/// B2: one type for both, whichever way an object goes up.
#[test]
fn an_object_without_a_type() {
    let (server, s3) = native("301");
    s3.put_object(|put| put.bucket("bucket").key("k").body(ByteStream::from_static(b"text"))).wait().unwrap();
    s3.upload_fileobj(Cursor::new(b"text".to_vec()), "bucket", "k").wait().unwrap();
    s3.put_object(|put| put.bucket("bucket").key("k").content_type("text/x")).wait().unwrap();
    let seen = server.seen();
    let types: Vec<_> =
        seen.iter().filter(|seen| region(seen) == AWAY).map(|seen| seen.header("content-type").unwrap()).collect();
    assert_eq!(types, ["binary/octet-stream", "binary/octet-stream", "text/x"]);
}

/// S8: passwords in URLs of endpoints and proxies, keys and tokens stand in no `Debug` and no error.
#[test]
fn planted_secrets_do_not_show() {
    let world = World::new();
    let session = world
        .batteries()
        .boto3
        .session()
        .aws_access_key_id("AKID")
        .aws_secret_access_key("planted1")
        .aws_session_token("planted2");
    let config = Config::new().proxies([("https", "http://user:planted3@proxy:1"), ("http", "user:planted4@proxy")]);
    for url in ["https://user:planted5@host", "https://user:plan/ted5@host", "http://user:planted5@ho st", "user:planted5@host"] {
        let clients = session.client().endpoint_url(url).config(config.clone());
        let shown = format!("{session:?} {config:?} {clients:?} {:#?}", session.resource().endpoint_url(url));
        let s3 = clients.s3();
        let error = s3.list_buckets(|list| list).wait();
        let shown = format!("{shown} {s3:?} {:?} {error:?} {:?}", s3.meta(), s3.meta().config());
        let shown = format!("{shown} {}", error.err().map(|error| error.to_string()).unwrap_or_default());
        let upload = s3.upload_fileobj(Cursor::new(b"planted".to_vec()), "bucket", "k");
        let shown = format!("{shown} {upload:?} {:?}", s3.put_object(|put| put.bucket("b").sse_customer_key("planted6")));
        assert!(!shown.contains("planted") && !shown.contains("ted5"), "{url}: {shown}");
    }
}
