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

/// The script may remove what a rule names and put a link there: the rule stays what it was.
#[test]
fn a_rule_does_not_follow_what_the_script_makes_of_its_path() {
    let world = world();
    let os = guarded(&world).os;
    os.rmdir("/srv/out").unwrap();
    os.symlink("/etc", "/srv/out").unwrap();
    for refused in [
        os.read_text("/srv/out/shadow").unwrap_err(),
        os.read_text("/etc/shadow").unwrap_err(),
        os.write_text("/srv/out/new", "x").unwrap_err(),
    ] {
        assert_eq!(refused.errno(), Some(13), "{refused}");
    }
}

/// The kernel follows a link before a slash at the end, whatever the call does with links.
#[test]
fn a_slash_at_the_end_leads_nowhere_else() {
    let world = world();
    let os = guarded(&world).os;
    os.symlink("/etc", "/srv/out/etc").unwrap();
    for path in ["/srv/out/etc/", "/srv/out/etc/.", "/srv/out/etc//", "/srv/out/etc/./"] {
        for refused in [
            os.lstat(path).map(drop).unwrap_err(),
            os.lchown(path, 7, 7).unwrap_err(),
            os.utime(leyden::os::Target::new(path).follow_symlinks(false), None).unwrap_err(),
            os.open_dir(leyden::os::Target::new(path).follow_symlinks(false)).map(drop).unwrap_err(),
        ] {
            assert!(refused.to_string().contains("no rule allows"), "{path}: {refused}");
        }
    }
    assert_eq!(os.lstat("/srv/out/etc").unwrap().st_mode & 0o170_000, 0o120_000);
}

/// An open file or directory is the one that was opened, though its path names another one by now.
#[test]
fn open_files_and_directories_are_judged_by_what_they_are() {
    let world = world();
    world.os.mkdir("/etc/conf");
    let os = Guard::over(&world.batteries()).allow_write("/srv/out").allow_read("/etc").batteries().os;
    os.symlink("/etc", "/srv/out/dir").unwrap();
    os.symlink("/etc/shadow", "/srv/out/file").unwrap();
    let dir = os.open_dir("/srv/out/dir").unwrap();
    let mut file = os.open("/srv/out/file").unwrap();
    os.unlink("/srv/out/dir").unwrap();
    os.unlink("/srv/out/file").unwrap();
    os.makedirs("/srv/out/dir/conf").unwrap();
    os.write_text("/srv/out/file", "x").unwrap();
    for refused in [
        dir.mkdir("new", 0o777).unwrap_err(),
        dir.unlink("shadow").unwrap_err(),
        dir.chmod("conf", 0).unwrap_err(),
        dir.open_dir("conf").unwrap().mkdir("new", 0o777).unwrap_err(),
        file.chmod(0o777).unwrap_err(),
        file.chown(7, 7).unwrap_err(),
        file.utime(None).unwrap_err(),
    ] {
        assert!(refused.to_string().contains("no rule allows writing /etc"), "{refused}");
    }
}

/// Of a relative rule, the directory of the script counts, as it is before it runs.
#[test]
fn a_relative_rule_stays_where_it_was() {
    let world = world();
    world.os.ambient().chdir("/srv".as_ref());
    world.os.mkdir("/etc/out");
    let os = Guard::over(&world.batteries()).allow_write("out").allow_read("/etc").batteries().os;
    os.write_text("out/a", "a").unwrap();
    os.chdir("/etc").unwrap();
    os.write_text("out/a", "a").unwrap_err();
    assert!(world.os.exists("/srv/out/a") && !world.os.exists("/etc/out/a"));
}

/// A pipe is a file; a device is another way to a whole disk.
#[test]
fn devices_need_a_rule_of_their_own() {
    let world = world();
    let guard = Guard::over(&world.batteries()).allow_write("/srv/out");
    let make = |os: &leyden::os::Os| os.mknod("/srv/out/sda", 0o060_600, 0x800);
    guard.batteries().os.mkfifo("/srv/out/pipe", 0o600).unwrap();
    let refused = make(&guard.batteries().os).unwrap_err();
    assert!(refused.to_string().contains("no rule allows os.mknod"), "{refused}");
    make(&guard.allow_operation("os.mknod").batteries().os).unwrap();
}

/// A name is the program that it was at the start: not one of the script's own in another `PATH`, and without code of the script's.
#[cfg(feature = "subprocess")]
#[test]
fn a_program_is_searched_and_loaded_as_at_the_start() {
    let world = world();
    world.os.set_environ([("PATH", "/usr/bin:/bin"), ("LD_LIBRARY_PATH", "/opt/lib")]);
    world.subprocess.program("df").reply("fine\n", 0);
    let guard = Guard::over(&world.batteries()).allow_program("df").allow_program("./tool").allow_read("/srv");
    let Batteries { os, subprocess, .. } = guard.batteries();
    subprocess.run("df").wait().unwrap();
    subprocess.run("df").env_update([("LANG", "C")]).wait().unwrap();
    subprocess.run("df").env([("LANG", "C")]).wait().unwrap();
    subprocess.run("df").cwd("/srv").wait().unwrap();
    let missing = subprocess.run("./tool").wait().unwrap_err();
    assert!(missing.to_string().contains("no such file"), "{missing}");
    for refused in [
        subprocess.run("df").env_update([("PATH", "/srv/out")]).wait().unwrap_err(),
        subprocess.run("df").env_update([("LD_PRELOAD", "/srv/out/x.so")]).wait().unwrap_err(),
        subprocess.run("df").env([("PATH", "/usr/bin:/bin"), ("LD_LIBRARY_PATH", "/srv/out")]).wait().unwrap_err(),
        subprocess.run("./tool").cwd("/srv/in").wait().unwrap_err(),
        subprocess.run(["df", "x"]).executable("sh").wait().unwrap_err(),
        subprocess.run("df").shell(true).wait().unwrap_err(),
    ] {
        assert!(refused.to_string().contains("no rule allows running"), "{refused}");
    }
    os.environ.set("PATH", "/srv/out").unwrap();
    let refused = subprocess.run("df").wait().unwrap_err();
    assert!(refused.to_string().contains("no rule allows running df with another PATH"), "{refused}");
}

/// A proxy sees the request of a host that is allowed.
#[cfg(feature = "requests")]
#[test]
fn proxies_need_a_rule() {
    let world = world();
    world.requests.any("http://api.test/*").reply(204);
    let guard = Guard::over(&world.batteries()).allow_requests("api.test");
    let Batteries { os, requests, .. } = guard.batteries();
    os.environ.set("http_proxy", "http://user:pw0rd@proxy.test:3128").unwrap();
    let refused = format!("{:?}", requests.get("http://api.test/").wait().unwrap_err());
    assert!(refused.contains("no rule allows requests through proxy.test") && !refused.contains("pw0rd"), "{refused}");
    let Batteries { os, requests, .. } = guard.allow_requests("proxy.test").batteries();
    os.environ.set("http_proxy", "http://user:pw0rd@proxy.test:3128").unwrap();
    requests.get("http://api.test/").wait().unwrap();
}

#[cfg(feature = "s3")]
#[test]
fn other_buckets_and_endpoints_are_not_reached_through_an_allowed_bucket() {
    let world = world();
    let own = world.batteries().boto3.client().s3();
    for bucket in ["mine", "secret"] {
        own.create_bucket(|create| create.bucket(bucket)).wait().unwrap();
        own.put_object(|put| put.bucket(bucket).key("k").body(b"x".to_vec().into())).wait().unwrap();
    }
    let guard = Guard::over(&world.batteries()).allow_write_bucket("mine");
    let boto3 = guard.batteries().boto3;
    let s3 = boto3.client().s3();
    s3.copy_object(|copy| copy.bucket("mine").key("j").copy_source("mine/k")).wait().unwrap();
    let elsewhere = boto3.client().endpoint_url("https://evil.test").s3();
    let mut refusals = vec![
        elsewhere.put_object(|put| put.bucket("mine").key("k")).wait().map(drop).unwrap_err(),
        s3.generate_presigned_url().get_object(|get| get.bucket("secret").key("k")).wait().map(drop).unwrap_err(),
        s3.generate_presigned_post("secret", "k").wait().map(drop).unwrap_err(),
        s3.list_objects_v2(|list| list.bucket("arn:aws:s3:us-east-1:123456789012:accesspoint/mine"))
            .wait()
            .map(drop)
            .unwrap_err(),
    ];
    for source in ["secret/k", "/secret/k", "secret%2Fk", "%73ecret/k", "secret/k?versionId=null"] {
        refusals.push(s3.copy_object(|copy| copy.bucket("mine").key("j").copy_source(source)).wait().map(drop).unwrap_err());
    }
    for refused in refusals {
        assert!(format!("{refused:?}").contains("no rule allows"), "{refused:?}");
    }
    let presigning = guard.allow_operation("s3.sdk").batteries().boto3.client().s3();
    presigning.generate_presigned_url().get_object(|get| get.bucket("mine").key("k")).wait().unwrap();
}

/// A directory that is open and moved holds links that lead elsewhere by now.
#[test]
fn links_of_a_moved_directory_lead_nowhere_else() {
    let world = world();
    world.os.write("/srv/secret/key", "k");
    let os = guarded(&world).os;
    os.makedirs("/srv/out/deep/er/dir").unwrap();
    os.makedirs("/srv/out/deep/secret").unwrap();
    os.symlink("../../secret", "/srv/out/deep/er/dir/link").unwrap();
    let dir = os.open_dir("/srv/out/deep/er/dir").unwrap();
    assert_eq!(dir.open_dir("link").unwrap().listdir().unwrap().len(), 0);
    os.rename("/srv/out/deep/er/dir", "/srv/out/dir").unwrap();
    dir.open_dir("link").map(drop).unwrap_err();
    dir.stat("link").map(drop).unwrap_err();
    dir.open_dir(leyden::os::Target::new("link").follow_symlinks(false)).map(drop).unwrap_err();
    os.open_dir("/srv/out/dir").unwrap().open_dir("link").map(drop).unwrap_err();
    dir.mkdir("new", 0o777).unwrap();
    assert!(world.os.exists("/srv/out/dir/new"));
}
