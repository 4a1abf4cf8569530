//! What `aws s3 sync` did with directories and buckets, and what ours does with a world's.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use leyden::boto3::s3::sync::{CaseConflict, Item, Location, Operation, Report, Sync};
use leyden::boto3::s3::types::{RequestPayer, StorageClass};
use leyden::boto3::s3::{Client, primitives::ByteStream};
use leyden::os::{MakeDirs, Os};
use leyden::{Batteries, Wait as _, World};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

/// The world's clock begins here; the times of the cases are seconds after.
const START: u64 = 1_767_225_600;
const NOW: u64 = 20_000;

struct Fixture {
    world: World,
    os: Os,
    s3: Client,
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn entries(value: &Value) -> Vec<(&str, &Value)> {
    value.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value)).collect()
}

impl Fixture {
    fn new(before: &Value) -> Fixture {
        let world = World::new();
        let Batteries { os, boto3, .. } = world.batteries();
        let fixture = Fixture { os, s3: boto3.client().s3(), world };
        for bucket in ["bucket", "other"] {
            fixture.s3.create_bucket(|create| create.bucket(bucket)).wait().unwrap();
        }
        let mut remote = entries(&before["remote"]);
        remote.sort_by_key(|(_, object)| object[1].as_u64().unwrap());
        let mut passed = 0;
        for (path, object) in remote {
            let (bucket, key) = path.split_once('/').unwrap();
            let time = object[1].as_u64().unwrap();
            fixture.world.clock().advance(Duration::from_secs(time - passed));
            passed = time;
            let class = object.get(2).map(|class| StorageClass::from(text(class)));
            let body = ByteStream::from(text(&object[0]).as_bytes().to_vec());
            fixture.s3.put_object(|put| put.bucket(bucket).key(key).body(body).set_storage_class(class)).wait().unwrap();
        }
        fixture.world.clock().advance(Duration::from_secs(NOW - passed));
        fixture.os.mkdir("/w").unwrap();
        fixture.os.chdir("/w").unwrap();
        for directory in before["empty"].as_array().unwrap() {
            fixture.os.makedirs(MakeDirs::new(text(directory)).exist_ok(true)).unwrap();
        }
        let parent = |path: &str| {
            let parent = Path::new(path).parent().unwrap();
            fixture.os.makedirs(MakeDirs::new(Path::new("/w").join(parent)).exist_ok(true)).unwrap();
        };
        for (path, file) in entries(&before["local"]) {
            parent(path);
            fixture.os.write_text(path, text(&file[0])).unwrap();
            let time = UNIX_EPOCH + Duration::from_secs(START) + Duration::from_secs_f64(file[1].as_f64().unwrap());
            fixture.os.utime(path, (time, time)).unwrap();
        }
        for (path, target) in entries(&before["links"]) {
            parent(path);
            fixture.os.symlink(text(target), path).unwrap();
        }
        fixture
    }

    fn files(&self, beneath: &Path, found: &mut BTreeMap<String, Value>) {
        for name in self.os.listdir(beneath).unwrap() {
            let path = beneath.join(name);
            let local = path.strip_prefix("/w").unwrap().to_str().unwrap().to_owned();
            let entry = if self.os.path.islink(&path) {
                json!(["link", self.os.readlink(&path).unwrap()])
            } else if self.os.path.isdir(&path) {
                self.files(&path, found);
                json!(["directory"])
            } else {
                let modified = self.os.stat(&path).unwrap().st_mtime.duration_since(UNIX_EPOCH + Duration::from_secs(START));
                json!([self.os.read_text(&path).unwrap(), when(modified.unwrap().as_secs_f64())])
            };
            found.insert(local, entry);
        }
    }

    fn objects(&self) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        for bucket in ["bucket", "other"] {
            for key in self.world.boto3.s3.keys(bucket) {
                let head = self.s3.head_object(|head| head.bucket(bucket).key(&key)).wait().unwrap();
                let bytes = self.world.boto3.s3.object(bucket, &key).unwrap();
                let modified = head.last_modified().unwrap().as_secs_f64() - START as f64;
                found.insert(format!("{bucket}/{key}"), json!([String::from_utf8(bytes.to_vec()).unwrap(), when(modified)]));
            }
        }
        found
    }

    /// A place and a name beneath it as aws-cli prints them.
    fn place(&self, side: &Location, name: &str) -> String {
        match side {
            Location::S3 { bucket, prefix } => format!("s3://{bucket}/{prefix}{name}"),
            Location::Local(root) => {
                let path = Path::new("/w").join(root).join(name);
                let directory = self.os.path.relpath(path.parent().unwrap()).unwrap();
                directory.join(path.file_name().unwrap_or_default()).to_str().unwrap().to_owned()
            }
        }
    }

    fn line(&self, item: &Item, failed: &str, from: &Location, to: &Location) -> String {
        let (source, target) = (self.place(from, &item.name), self.place(to, &item.name));
        match item.operation {
            Operation::Upload => format!("upload{failed}: {source} to {target}"),
            Operation::Download => format!("download{failed}: {source} to {target}"),
            Operation::Copy => format!("copy{failed}: {source} to {target}"),
            _ => format!("delete{failed}: {target}"),
        }
    }

    /// What was said, and aws-cli's exit status.
    fn run(&self, arguments: &Value) -> (Vec<String>, i64) {
        let arguments: Vec<&str> = arguments.as_array().unwrap().iter().map(text).collect();
        let (from, to) = (Location::from(arguments[0]), Location::from(arguments[1]));
        // DIFFERENCE: aws-cli follows links out of the target always.
        let sync = options(self.s3.sync(from.clone(), to.clone()), &arguments[2..]).follow_links_out(true);
        let dry = if arguments.contains(&"--dryrun") { "(dryrun) " } else { "" };
        let Ok(Report { done, failed, skipped, .. }) = sync.wait() else { return (vec!["fatal".into()], 1) };
        let status = match (failed.len(), skipped.len()) {
            (0, 0) => 0,
            (0, _) => 2,
            _ => 1,
        };
        let mut lines: Vec<String> = done.iter().map(|item| format!("{dry}{}", self.line(item, "", &from, &to))).collect();
        lines.extend(failed.iter().map(|failed| self.line(&failed.item, " failed", &from, &to)));
        lines.extend(skipped.iter().map(|skipped| format!("skipped: {}", skipped.name)));
        lines.sort();
        (lines, status)
    }
}

fn when(seconds: f64) -> Value {
    if seconds < 10_000.0 { json!((seconds * 1e6).round() / 1e6) } else { json!("now") }
}

fn options(mut sync: Sync, mut arguments: &[&str]) -> Sync {
    while let Some((name, rest)) = arguments.split_first() {
        let takes = matches!(*name, "--exclude" | "--include" | "--case-conflict" | "--page-size" | "--request-payer");
        let (value, rest) = if takes { (rest[0], &rest[1..]) } else { ("", rest) };
        arguments = rest;
        sync = match *name {
            "--delete" => sync.delete(true),
            "--dryrun" => sync.dry_run(true),
            "--size-only" => sync.size_only(true),
            "--exact-timestamps" => sync.exact_timestamps(true),
            "--follow-symlinks" => sync.follow_symlinks(true),
            "--no-follow-symlinks" => sync.follow_symlinks(false),
            "--ignore-glacier-warnings" => sync.ignore_glacier_warnings(true),
            "--exclude" => sync.exclude(value),
            "--include" => sync.include(value),
            "--page-size" => sync.page_size(value.parse().unwrap()),
            "--request-payer" => sync.request_payer(RequestPayer::from(value)),
            "--case-conflict" => sync.case_conflict(match value {
                "skip" => CaseConflict::Skip,
                "error" => CaseConflict::Error,
                _ => CaseConflict::Ignore,
            }),
            name => panic!("no option {name}"),
        };
    }
    sync
}

/// A line of aws-cli's without what ours has no words for.
fn plain(line: &str, roots: &[String]) -> Option<String> {
    let beneath = |path: &str| roots.iter().find_map(|root| path.strip_prefix(root.as_str())).unwrap_or(path).to_owned();
    if line.starts_with("fatal error: ") || line.starts_with("usage: aws ") || line.starts_with("The user-provided path ") {
        return Some("fatal".into());
    }
    if let Some(rest) = line.strip_prefix("warning: Skipping file ") {
        let ends = [". File ", ". File/Directory ", ". Object is of storage class "];
        let end = ends.iter().filter_map(|end| rest.find(end)).min().unwrap();
        return Some(format!("skipped: {}", beneath(&rest[..end])));
    }
    if let Some(rest) = line.strip_prefix("warning: Skipping ") {
        return Some(format!("skipped: {}", beneath(rest.split(" -> ").next().unwrap())));
    }
    if line.contains(" failed: ") {
        let end =
            [" [Errno ", " An error occurred", " 'utf-8'"].iter().filter_map(|end| line.find(end)).min().unwrap_or(line.len());
        return Some(line[..end].into());
    }
    (!line.starts_with("warning: Downloading ")).then(|| line.into())
}

fn python(run: &Value) -> (Vec<String>, i64) {
    let arguments = run["args"].as_array().unwrap();
    let root = |side: &Value| match Location::from(text(side)) {
        Location::S3 { bucket, prefix } => format!("s3://{bucket}/{prefix}"),
        Location::Local(root) => format!("{}/", leyden::os::path::normpath(Path::new("/w").join(root)).display()),
    };
    let roots = [root(&arguments[0]), root(&arguments[1])];
    let mut lines: Vec<String> = run["lines"].as_array().unwrap().iter().filter_map(|line| plain(text(line), &roots)).collect();
    lines.sort();
    let status = run["status"].as_i64().unwrap();
    if lines == ["fatal"] { (lines, 1) } else { (lines, status) }
}

/// DIFFERENCE: the situations that end otherwise on purpose, and what is said in them.
const DIFFERENT: &[(&str, &[&str])] = &[
    // What is excluded of the source is not gone; aws-cli excludes it of the source alone, and deletes.
    ("an absolute pattern of the source, with --delete", &["upload: d/b to s3://bucket/p/b"]),
    // The characters of the root mean themselves.
    ("a root with a pattern's characters", &["upload: d[1]/b to s3://bucket/b"]),
    // Of what is excluded nothing is said.
    ("a broken link that is excluded", &["upload: d/x to s3://bucket/x"]),
    // Of nested sides each has its own names; aws-cli takes the patterns of one for the other's, too.
    (
        "into a prefix of the source, which is excluded",
        &["copy: s3://bucket/y to s3://bucket/backup/y", "delete: s3://bucket/backup/old"],
    ),
    // No directory is made in a dry run, or before the source is known.
    ("into no directory, --dryrun", &["(dryrun) download: s3://bucket/x to new/x"]),
    ("no source bucket, no directory", &["fatal"]),
    // A file is no directory.
    ("a file as the source", &["fatal"]),
    ("a file as the target", &["fatal"]),
    // What may be there, but could not be read, is not deleted.
    ("links up ", UP),
    ("links up --follow-symlinks", UP),
    // Both sides are known before anything is done; aws-cli meets a link whose target it has just deleted.
    ("links down and nothing there ", DOWN),
    ("links down and nothing there --follow-symlinks", DOWN),
    // A file takes the place of a directory when all in it is deleted (A9); aws-cli deletes, and then fails each time.
    ("a file where a directory was: down", &["delete: d/x/y", "delete: d/x/z/z", "download: s3://bucket/p/x to d/x"]),
    // Links in the directory are left out, not the directory.
    ("a link as the source --no-follow-symlinks", &["upload: link/s/z to s3://bucket/s/z", "upload: link/y to s3://bucket/y"]),
    (
        "a link as the target --no-follow-symlinks",
        &["delete: link/s/z", "delete: link/y", "download: s3://bucket/new to link/new"],
    ),
    // It is not walked until the kernel refuses.
    ("a circle", &["skipped: circle", "upload: d/x to s3://bucket/x"]),
    // No file can have the name.
    ("markers 'text': down", &["download: s3://bucket/p/s/x to d/s/x", "skipped: ", "skipped: s/", "skipped: t/"]),
    // What is skipped is told as all else that is skipped; aws-cli's exit status says nothing of it.
    (
        "--case-conflict skip",
        &[
            "(dryrun) download: s3://bucket/A/b to d/A/b",
            "(dryrun) download: s3://bucket/A/c to d/A/c",
            "(dryrun) download: s3://bucket/X to d/X",
            "(dryrun) download: s3://bucket/y to d/y",
            "skipped: a/b",
            "skipped: x",
        ],
    ),
    ("--case-conflict skip, in the way", &["(dryrun) download: s3://bucket/y to d/y", "skipped: x"]),
    // Nothing is done before it.
    ("--case-conflict error", &["fatal"]),
];

const UP: &[&str] = &[
    "delete: s3://bucket/directory/gone",
    "delete: s3://bucket/gone",
    "skipped: broken",
    "upload: d/absolute to s3://bucket/absolute",
    "upload: d/directory/s/z to s3://bucket/directory/s/z",
    "upload: d/directory/y to s3://bucket/directory/y",
    "upload: d/file to s3://bucket/file",
    "upload: d/x to s3://bucket/x",
];

const DOWN: &[&str] = &[
    "delete: d/absolute",
    "delete: d/directory/s/z",
    "delete: d/directory/y",
    "delete: d/file",
    "delete: d/x",
    "skipped: broken",
];

/// DIFFERENCE: keys that are no file's name. aws-cli writes what they come to, or fails.
const NAMELESS: &[&str] = &["a/../b", "a/..", "..", "/abs", "//abs", "a//b", "./dot", "a/./b", "a/.", ".", "a/", "a/b/"];

/// What is said on purpose that is not what aws-cli says.
fn different(name: &str) -> Option<Vec<String>> {
    let lines = |lines: &[&str]| lines.iter().map(|line| (*line).to_owned()).collect();
    if let Some(key) = NAMELESS.iter().find(|key| name == format!("the key '{key}': down")) {
        return Some(lines(&["delete: d/here", "download: s3://bucket/p/ok to d/ok", &format!("skipped: {key}")]));
    }
    DIFFERENT.iter().find(|(different, _)| *different == name).map(|(_, said)| lines(said))
}

/// All of one side: what was said, how it ended, what is there.
type Outcome = (Vec<(Vec<String>, i64)>, BTreeMap<String, String>, BTreeMap<String, String>);

/// A number is the same, with a point or without.
fn told(entries: impl IntoIterator<Item = (String, Value)>) -> BTreeMap<String, String> {
    let tell = |entry: &Value| match entry[1].as_f64() {
        Some(time) => format!("{} {time}", entry[0]),
        None => entry.to_string(),
    };
    entries.into_iter().map(|(name, entry)| (name, tell(&entry))).collect()
}

#[test]
fn directories_are_synced_as_aws_cli_does() {
    let mut replay = Replay::default();
    for case in cases("s3_sync") {
        if let Some(place) = case.get("text").map(text) {
            let Location::S3 { bucket, prefix } = Location::from(format!("s3://{place}")) else { panic!("{place}") };
            let slash = |key: &str| if key.is_empty() || key.ends_with('/') { key.to_owned() } else { format!("{key}/") };
            replay.check(place, (bucket.as_str(), prefix), (text(&case["split"][0]), slash(text(&case["split"][1]))));
            continue;
        }
        let name = text(&case["name"]);
        let fixture = Fixture::new(&case["before"]);
        let runs = case["runs"].as_array().unwrap();
        let said = runs.iter().map(|run| fixture.run(&run["args"])).collect();
        let mut files = BTreeMap::new();
        fixture.files(Path::new("/w"), &mut files);
        let ours: Outcome = (said, told(files), told(fixture.objects()));
        let side = |side: &Value| told(entries(side).into_iter().map(|(name, entry)| (name.to_owned(), entry.clone())));
        let theirs: Outcome = (runs.iter().map(python).collect(), side(&case["local"]), side(&case["remote"]));
        let Some(lines) = different(name) else {
            replay.check(format!("{name}: {}", case["runs"][0]["args"]), ours, theirs);
            continue;
        };
        assert_ne!(ours, theirs, "{name} is no difference");
        replay.check(name, &ours.0[0].0, &lines);
    }
    replay.finish(390);
}
