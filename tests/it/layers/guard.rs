//! What no rule allows is refused, and nothing leads around a rule.

use leyden::layers::Guard;
use leyden::prelude::*;

fn guarded(world: &World) -> Batteries {
    Guard::over(&world.batteries()).allow_write("/srv/out").allow_read("/srv/in").batteries()
}

fn world() -> World {
    let world = World::new();
    world.os.write("/etc/shadow", "root:x");
    world.os.write("/srv/in/a", "in");
    world.os.mkdir("/srv/out");
    world
}

#[test]
fn files_are_read_and_written_where_rules_allow() {
    let world = world();
    let os = guarded(&world).os;
    assert_eq!(os.read_text("/srv/in/a").unwrap(), "in");
    os.makedirs("/srv/out/deep/er").unwrap();
    os.write_text("/srv/out/deep/er/b", "out").unwrap();
    os.shutil.rmtree("/srv/out/deep").unwrap();
    for refused in [
        os.write_text("/srv/in/a", "x").unwrap_err(),
        os.read_text("/etc/shadow").unwrap_err(),
        os.remove("/srv/in/a").unwrap_err(),
        os.listdir("/").unwrap_err(),
        os.rename("/srv/in/a", "/srv/out/a").unwrap_err(),
        os.chmod("/srv/in", 0o777).unwrap_err(),
    ] {
        assert_eq!(refused.errno(), Some(13), "{refused}");
        assert!(refused.to_string().contains("no rule allows"), "{refused}");
    }
    assert_eq!(world.os.read("/srv/in/a").unwrap(), b"in");
}

/// Links, `..`, links to links, and hard links.
#[test]
fn no_path_leads_out() {
    let world = world();
    world.os.symlink("/etc", "/srv/out/etc");
    world.os.symlink("etc/shadow", "/srv/out/file");
    world.os.symlink("/srv/out/file", "/srv/out/again");
    let os = guarded(&world).os;
    for path in [
        "/srv/out/etc/shadow",
        "/srv/out/file",
        "/srv/out/again",
        "/srv/out/../../etc/shadow",
        "/srv/out/./../in/../../etc/shadow",
    ] {
        let refused = os.read_text(path).unwrap_err();
        assert!(refused.to_string().contains("no rule allows reading /etc/shadow"), "{path}: {refused}");
    }
    os.write_text("/srv/out/etc/new", "x").unwrap_err();
    os.link("/etc/shadow", "/srv/out/hard").unwrap_err();
    // A link itself may be made and removed: where it leads is checked when it is followed.
    os.symlink("/etc/shadow", "/srv/out/link").unwrap();
    os.unlink("/srv/out/link").unwrap();
    assert_eq!(world.os.read("/etc/shadow").unwrap(), b"root:x");
    assert_eq!(world.os.listdir("/etc").len(), 3);
}

/// A rule for one file is enough to replace it, which goes through a file beside it; and for no other file.
#[test]
fn a_file_that_may_be_written_may_be_replaced() {
    let world = world();
    let os = Guard::over(&world.batteries()).allow_write("/srv/motd").batteries().os;
    os.write_text("/srv/motd", "one").unwrap();
    os.write_text("/srv/motd", "two").unwrap();
    assert_eq!(world.os.read("/srv/motd").unwrap(), b"two");
    let refused = os.write_text("/srv/motd2", "x").unwrap_err();
    assert!(refused.to_string().contains("no rule allows"), "{refused}");
    os.write_text("/srv/.motd2.0123456789abcdef.tmp", "x").unwrap_err();
    assert_eq!(world.os.listdir("/srv").len(), 3);
}

#[test]
fn a_relative_path_is_judged_where_it_leads() {
    let world = world();
    let os = guarded(&world).os;
    os.chdir("/srv/in").unwrap();
    assert_eq!(os.read_text("a").unwrap(), "in");
    os.read_text("../../etc/shadow").unwrap_err();
}

#[test]
fn the_process_itself_is_not_changed() {
    let world = world();
    world.os.set_user(0, 0);
    let os = guarded(&world).os;
    os.setuid(1000).unwrap_err();
    os.kill(1, 9).unwrap_err();
    assert_eq!(os.getuid(), 0);
}

#[cfg(feature = "subprocess")]
#[test]
fn programs_run_by_name() {
    let world = world();
    world.subprocess.program("df").reply("fine\n", 0);
    world.subprocess.program("rm").reply("", 0);
    let batteries = Guard::over(&world.batteries()).allow_program("df").batteries();
    assert_eq!(batteries.subprocess.run("df").wait().unwrap().returncode, 0);
    let refused = batteries.subprocess.run(["rm", "-rf", "/"]).wait().unwrap_err();
    assert!(refused.to_string().contains("no rule allows running rm"), "{refused}");
    assert!(world.script().calls().iter().all(|call| !call.subject.contains("rm")));
}

#[cfg(feature = "requests")]
#[test]
fn hosts_and_methods_are_judged_at_every_hop() {
    let world = world();
    world.requests.any("http://api.test/*").reply(204);
    world.requests.any("http://api.test:80/*").reply(204);
    world
        .requests
        .any("http://open.test/away")
        .reply_with(|_| leyden::requests::mock::Reply::new(302).header("Location", "http://evil.test/"));
    world.requests.any("http://evil.test/*").reply(200);
    let guard = Guard::over(&world.batteries()).allow_get("api.test").allow_requests("*.open.test").allow_get("open.test");
    let requests = guard.batteries().requests;
    requests.get("http://api.test/").wait().unwrap();
    requests.get("http://API.test:80/").wait().unwrap();
    for refused in [
        requests.post("http://api.test/").wait().unwrap_err(),
        requests.get("http://evil.test/").wait().unwrap_err(),
        requests.get("http://api.test@evil.test/").wait().unwrap_err(),
        requests.get("http://evil.test/?http://api.test/").wait().unwrap_err(),
        requests.get("http://notapi.test/").wait().unwrap_err(),
        requests.get("http://open.test/away").wait().unwrap_err(),
    ] {
        assert!(format!("{refused:?}").contains("no rule allows"), "{refused:?}");
    }
}

#[cfg(feature = "s3")]
#[test]
fn buckets_are_judged_by_what_is_done() {
    let world = world();
    let own = world.batteries().boto3.client().s3();
    own.create_bucket(|create| create.bucket("logs")).wait().unwrap();
    own.create_bucket(|create| create.bucket("other")).wait().unwrap();
    let s3 = Guard::over(&world.batteries()).allow_read_bucket("logs").batteries().boto3.client().s3();
    s3.list_objects_v2(|list| list.bucket("logs")).wait().unwrap();
    for refused in [
        s3.put_object(|put| put.bucket("logs").key("k")).wait().unwrap_err(),
        s3.list_objects_v2(|list| list.bucket("other")).wait().unwrap_err(),
        s3.delete_bucket(|delete| delete.bucket("other")).wait().unwrap_err(),
        s3.list_buckets(|list| list).wait().unwrap_err(),
    ] {
        let leyden::boto3::Error::Client(refused) = refused else { panic!("{refused:?}") };
        assert_eq!((refused.code.as_str(), refused.status), ("AccessDenied", 403));
    }
}
