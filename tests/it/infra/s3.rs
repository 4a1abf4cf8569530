//! Buckets and objects, and a state in a bucket.

use leyden::infra::resources::s3::{Bucket, Encryption, Object};
use leyden::infra::{Declare, Error, Infra, State, Stored};
use leyden::prelude::*;
use serde_json::json;

fn infra() -> Infra {
    Infra::new("test", State::s3("acme-state", "prod.json"))
}

fn world() -> World {
    let world = World::new();
    world.batteries().boto3.client().s3().create_bucket(|create| create.bucket("acme-state")).wait().unwrap();
    world
}

fn apply(world: &World, declare: impl Fn(&Declare) -> leyden::Result<()>) {
    let batteries = world.batteries();
    infra().plan(&batteries, &declare).wait().unwrap().apply(&batteries).wait().unwrap();
    let again = infra().plan(&batteries, &declare).wait().unwrap();
    assert!(again.is_empty(), "{again}");
}

#[test]
fn a_bucket_and_its_configuration() {
    let world = world();
    let policy = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteBucket", "Resource": "arn:aws:s3:::acme-logs"}]});
    let full = || {
        let bucket = Bucket::new("acme-logs").versioning().tag("owner", "ops").expire("old", "tmp/", 30);
        bucket.encryption(Encryption::Aes256).policy(policy.clone()).block_public_access().delete_contents()
    };
    let declare = |bucket: Bucket| {
        move |declare: &Declare| {
            let logs = declare.add("logs", bucket.clone())?;
            declare.add("index", Object::new(logs.id(), "index.html", "hi").content_type("text/html").metadata("By", "us"))?;
            declare.output("arn", logs.out(|out| &out.arn))?;
            Ok(())
        }
    };
    apply(&world, declare(Bucket::new("acme-logs").delete_contents()));
    apply(&world, declare(full()));
    apply(&world, declare(full().tag("cost", "7").expire("more", "log/", 9)));
    // Drift of single settings.
    let s3 = world.batteries().boto3.client().s3();
    s3.delete_bucket_tagging(|delete| delete.bucket("acme-logs")).wait().unwrap();
    s3.put_object(|put| put.bucket("acme-logs").key("index.html").body(b"by hand".to_vec().into())).wait().unwrap();
    let plan = infra().plan(&world.batteries(), declare(full())).wait().unwrap();
    assert_eq!((plan.drift().len(), plan.summary().change), (2, 2), "{plan}");
    apply(&world, declare(full()));
    apply(&world, declare(Bucket::new("acme-logs").delete_contents()));
    // Import what exists.
    infra().state(&world.batteries()).rm("logs").wait().unwrap();
    let plan = infra().plan(&world.batteries(), |d| {
        declare(Bucket::new("acme-logs").delete_contents())(d)?;
        d.import("logs", "acme-logs");
        Ok(())
    });
    assert_eq!(plan.wait().unwrap().summary().import, 1);
    let error = infra().plan(&world.batteries(), declare(Bucket::new("acme-logs"))).wait().unwrap();
    let error = error.apply(&world.batteries()).wait().unwrap_err().to_string();
    assert!(error.contains("\"acme-logs\" exists already"), "{error}");
    apply(&world, |d| {
        declare(Bucket::new("acme-logs").delete_contents())(d)?;
        d.import("logs", "acme-logs");
        Ok(())
    });
    infra().destroy(&world.batteries()).wait().unwrap().apply(&world.batteries()).wait().unwrap();
    assert_eq!(world.boto3.s3.buckets(), ["acme-state"]);
}

fn one(declare: &Declare) -> leyden::Result<()> {
    let a = declare.add("a", Stored::new("a"))?;
    declare.add("b", Stored::new("b"))?.after(&a);
    Ok(())
}

#[test]
fn a_state_in_a_bucket_with_a_lock_beside_it() {
    let world = world();
    let batteries = world.batteries();
    let s3 = batteries.boto3.client().s3();
    let keys = || -> Vec<String> {
        let list = s3.list_objects_v2(|list| list.bucket("acme-state")).wait().unwrap();
        list.contents().iter().filter_map(|object| object.key().map(str::to_owned)).collect()
    };
    apply(&world, one);
    assert_eq!(keys(), ["prod.json"], "the lock is given back");
    let (there, seen) = (batteries.clone(), std::sync::Arc::new(std::sync::Mutex::new(String::new())));
    let text = seen.clone();
    let run = infra().plan(&batteries, |declare| Ok(declare.add("c", Stored::new("c")).map(drop)?)).wait().unwrap();
    let run = run.apply(&batteries).progress(move |_| {
        *text.lock().unwrap() = infra().plan(&there, one).wait().unwrap_err().to_string();
    });
    run.wait().unwrap();
    assert!(seen.lock().unwrap().starts_with("s3://acme-state/prod.json: state is locked: held by "), "{seen:?}");
    let staging = infra().workspace("staging");
    staging.plan(&batteries, one).wait().unwrap().apply(&batteries).wait().unwrap();
    assert_eq!(keys(), ["env:/staging/prod.json", "prod.json"]);
    assert_eq!(infra().state(&batteries).workspaces().wait().unwrap(), ["default", "staging"]);
    let file = Infra::new("test", State::file("/copy.json"));
    infra().state(&batteries).migrate_to(&file).wait().unwrap();
    assert!(world.os.exists("/copy.json"));
}

#[test]
fn a_lost_lock_stops_the_apply() {
    let world = world();
    let batteries = world.batteries();
    let s3 = batteries.boto3.client().s3();
    let run = infra().plan(&batteries, one).wait().unwrap().apply(&batteries).progress(move |event| {
        if event.to_string() == "a: Creating..." {
            s3.delete_object(|delete| delete.bucket("acme-state").key("prod.json.tflock")).wait().unwrap();
        }
    });
    let error = run.wait().unwrap_err();
    let Error::Apply(applied) = &error else { panic!("{error}") };
    assert!(matches!(applied.failures[0], Error::LostLock { .. }), "{error:?}");
    assert_eq!((applied.summary.add, applied.skipped.len()), (0, 1));
}

#[test]
fn a_cut_state_in_a_bucket_is_not_overwritten() {
    let world = world();
    apply(&world, one);
    let s3 = world.batteries().boto3.client().s3();
    s3.put_object(|put| put.bucket("acme-state").key("prod.json").body(b"{\"format\":1,".to_vec().into())).wait().unwrap();
    let error = infra().plan(&world.batteries(), one).wait().unwrap_err().to_string();
    assert!(error.starts_with("s3://acme-state/prod.json: corrupt state: line 1"), "{error}");
}
