//! A rehearsal sees what it did, changes nothing beneath, and plans what a real run then does.

use std::time::SystemTime;

use leyden::layers::dry_run::{Effect, FileAction};
use leyden::layers::{DryRun, Programs};
use leyden::prelude::*;

/// Everything that can be seen of the tree beneath: paths, kinds, modes, owners, sizes, times, contents.
fn picture(world: &World) -> Vec<String> {
    let os = world.batteries().os;
    let mut picture = Vec::new();
    for (dir, dirs, files) in os.walk("/").map(|step| (step.dirpath, step.dirnames, step.filenames)) {
        for name in dirs.iter().chain(&files) {
            let path = dir.join(name);
            let stat = world
                .os
                .stat(&path)
                .map(|stat| (stat.st_mode, stat.st_uid, stat.st_nlink, stat.st_size, stat.st_mtime, stat.st_ctime));
            picture.push(format!("{} {stat:?} {:?} {:?}", path.display(), world.os.read(&path), world.os.readlink(&path)));
        }
    }
    picture.sort();
    picture
}

fn world() -> World {
    let world = World::new();
    world.os.write("/srv/a.txt", "one\ntwo\n");
    world.os.write("/srv/deep/er/b.bin", [0, 159, 146, 150]);
    world.os.symlink("a.txt", "/srv/link");
    world.os.link("/srv/a.txt", "/srv/second");
    world.os.write("/etc/key", "-----BEGIN KEY-----\n");
    world.os.chmod("/etc/key", 0o600);
    world
}

/// Runs a job in a rehearsal and then for real, on equal worlds: the base is untouched, the rehearsed tree is the real one, and
/// the plan is what the real run did.
fn agrees(job: impl Fn(&Batteries)) -> String {
    let (rehearsed, real) = (world(), world());
    let before = picture(&rehearsed);
    let rehearsal = DryRun::over(&rehearsed.batteries());
    job(&rehearsal.batteries());
    assert_eq!(picture(&rehearsed), before, "the machine beneath was changed");
    job(&real.batteries());
    let listing = |os: &leyden::os::Os| {
        let mut all = Vec::new();
        for step in os.walk("/srv") {
            for name in step.dirnames.iter().chain(&step.filenames) {
                let path = step.dirpath.join(name);
                let stat = os.lstat(&path).unwrap();
                let content = os.read_bytes(&path).ok();
                let size = if stat.st_mode & 0o170_000 == 0o040_000 { 0 } else { stat.st_size };
                all.push(format!("{} {:o} {} {size} {content:?}", path.display(), stat.st_mode, stat.st_uid));
            }
        }
        all.sort();
        all
    };
    assert_eq!(listing(&rehearsal.batteries().os), listing(&real.batteries().os), "the script saw something else");
    // Once more over the real world: a plan that was carried out leaves nothing.
    rehearsal.plan().to_string()
}

#[test]
fn a_file_is_written_and_seen() {
    let plan = agrees(|Batteries { os, .. }| {
        os.write_text("/srv/a.txt", "one\nthree\n").unwrap();
        assert_eq!(os.read_text("/srv/a.txt").unwrap(), "one\nthree\n");
        assert_eq!(os.read_text("/srv/second").unwrap(), "one\ntwo\n"); // written beside and renamed
    });
    assert_eq!(
        plan,
        "~ /srv/a.txt (8 -> 10 bytes)\n    --- /srv/a.txt\n    +++ /srv/a.txt\n    @@ -1,2 +1,2 @@\n     one\n    -two\n    +three\n\n\
         Plan: 0 to create, 1 to change, 0 to remove."
    );
}

#[test]
fn trees_are_made_moved_copied_and_removed() {
    let plan = agrees(|Batteries { os, .. }| {
        os.makedirs("/srv/new/sub").unwrap();
        os.shutil.copy2("/srv/a.txt", "/srv/new/sub/copy").unwrap();
        os.shutil.move_("/srv/deep", "/srv/moved").unwrap();
        os.shutil.copytree("/srv/moved", "/srv/again").unwrap();
        os.remove("/srv/link").unwrap();
    });
    for line in [
        "+ /srv/new (directory, mode 755)",
        "+ /srv/new/sub/copy (8 bytes, mode 644)",
        "> /srv/deep -> /srv/moved",
        "+ /srv/again/er/b.bin (4 bytes, mode 644)",
        "- /srv/link (link to a.txt)",
        "Plan: 6 to create, 1 to change, 1 to remove.",
    ] {
        assert!(plan.contains(line), "{line} is not in\n{plan}");
    }
}

#[test]
fn a_whole_tree_goes_in_one_line() {
    let plan = agrees(|Batteries { os, .. }| os.shutil.rmtree("/srv/deep").unwrap());
    assert!(plan.starts_with("- /srv/deep (directory, mode 755, 3 entries in all)\n"), "{plan}");
}

#[test]
fn modes_owners_links_and_partial_writes() {
    let plan = agrees(|Batteries { os, .. }| {
        os.chmod("/srv/a.txt", 0o600).unwrap();
        os.chown("/srv/deep/er/b.bin", 1000, 1000).unwrap();
        os.link("/srv/deep/er/b.bin", "/srv/third").unwrap();
        let mut file = os.open(leyden::os::Open::new("/srv/second").mode("r+")).unwrap();
        file.write_text("ONE").unwrap();
        drop(file);
        assert_eq!(os.read_text("/srv/a.txt").unwrap(), "ONE\ntwo\n"); // two names of one file
        os.truncate("/srv/a.txt", 3).unwrap();
        os.rmdir("/srv/deep").unwrap_err();
        os.mkdir("/srv").unwrap_err();
    });
    assert!(plan.contains("~ /srv/a.txt (8 -> 3 bytes, mode 644 -> 600)"), "{plan}");
    assert!(plan.contains("owner 0:0 -> 1000:1000"), "{plan}");
    assert!(plan.contains("+ /srv/third (another name of /srv/deep/er/b.bin)"), "{plan}");
    // A private file's text is not shown.
    assert!(!plan.contains("ONE"), "{plan}");
}

/// Made and gone again, written with the same bytes: no effect.
#[test]
fn what_leaves_no_trace_is_not_planned() {
    let plan = agrees(|Batteries { os, .. }| {
        os.write_text("/srv/tmp", "x").unwrap();
        os.remove("/srv/tmp").unwrap();
        os.write_text("/srv/a.txt", "one\ntwo\n").unwrap();
    });
    assert_eq!(plan, "No changes.");
}

#[test]
fn permissions_hold_as_on_the_machine() {
    let world = world();
    world.os.chmod("/srv", 0o755);
    world.os.set_user(1000, 1000);
    let os = DryRun::over(&world.batteries()).batteries().os;
    assert_eq!(os.write_text("/srv/new", "x").unwrap_err().errno(), Some(13));
    assert_eq!(os.read_text("/etc/key").unwrap_err().errno(), Some(13));
    assert_eq!(os.read_text("/srv/a.txt").unwrap(), "one\ntwo\n");
}

#[test]
fn a_read_only_mount_and_another_device_are_what_they_are() {
    let world = world();
    world.os.mount("/mnt");
    world.os.write("/mnt/x", "x");
    world.os.mount("/data");
    world.os.set_read_only("/mnt", true);
    let os = DryRun::over(&world.batteries()).batteries().os;
    assert_eq!(os.write_text("/mnt/y", "y").unwrap_err().errno(), Some(30)); // EROFS
    assert_eq!(os.rename("/srv/a.txt", "/data/a.txt").unwrap_err().errno(), Some(18)); // EXDEV
    os.shutil.move_("/srv/a.txt", "/data/a.txt").unwrap();
    assert_eq!(os.read_text("/data/a.txt").unwrap(), "one\ntwo\n");
}

#[test]
fn pauses_take_no_time_and_the_environment_is_a_copy() {
    let world = world();
    let batteries = world.batteries();
    let rehearsed = DryRun::over(&batteries).batteries();
    let start = rehearsed.time.monotonic();
    rehearsed.time.sleep(secs(3600)).wait();
    assert_eq!(rehearsed.time.monotonic() - start, secs(3600));
    assert_eq!(world.clock().elapsed(), secs(0));
    rehearsed.os.environ.set("NEW", "1").unwrap();
    rehearsed.os.chdir("/srv").unwrap();
    assert_eq!(batteries.os.environ.get("NEW"), None);
    assert_eq!(batteries.os.getcwd().unwrap(), std::path::Path::new("/"));
    assert!(rehearsed.time.time() > SystemTime::UNIX_EPOCH + secs(3600));
}

#[test]
fn signals_are_refused_with_a_reason() {
    let world = world();
    let pid = world.os.spawn_process().pid();
    let os = DryRun::over(&world.batteries()).batteries().os;
    let error = os.kill(pid, 15).unwrap_err();
    assert!(error.to_string().contains("a rehearsal does not send signal 15 to process"), "{error}");
}

#[cfg(feature = "subprocess")]
#[test]
fn programs_are_refused_run_or_answered() {
    let world = world();
    world.subprocess.program("df").reply("real\n", 0);
    let programs = Programs::refuse().allow(["df"]).assume(["git", "push"], 0, "").assume("git", 1, "assumed\n");
    let rehearsal = DryRun::over(&world.batteries()).programs(programs);
    let subprocess = rehearsal.batteries().subprocess;
    assert_eq!(subprocess.run("df").capture_output(true).wait().unwrap().stdout_text().unwrap(), "real\n");
    assert_eq!(subprocess.run(["git", "push", "-f"]).wait().unwrap().returncode, 0);
    assert_eq!(subprocess.run(["git", "pull"]).capture_output(true).wait().unwrap().returncode, 1);
    let refused = subprocess.run(["rm", "-rf", "/"]).wait().unwrap_err();
    assert!(refused.to_string().contains("not run in a rehearsal"), "{refused}");
    let plan = rehearsal.plan();
    let programs = plan.effects().iter().map(|effect| match effect {
        Effect::Program { args, assumed, .. } => (args.join(" "), *assumed),
        other => panic!("{other}"),
    });
    let programs: Vec<_> = programs.collect();
    assert_eq!(programs, [("git push -f".to_owned(), Some(0)), ("git pull".to_owned(), Some(1)), ("rm -rf /".to_owned(), None)]);
    assert_eq!(world.subprocess.calls().len(), 1);
}

#[test]
fn the_plan_is_json_too() {
    let world = world();
    let rehearsal = DryRun::over(&world.batteries());
    let os = rehearsal.batteries().os;
    os.rename("/srv/a.txt", "/srv/\"b\"").unwrap();
    let plan = rehearsal.plan();
    let json: serde_json::Value = serde_json::from_str(&plan.to_json()).unwrap();
    assert_eq!(json["effects"][0]["path"], "/srv/\"b\"");
    assert_eq!(json["effects"][0]["other"], "/srv/a.txt");
    let Effect::File(file) = &plan.effects()[0] else { panic!("{plan}") };
    assert_eq!(file.action, FileAction::Rename("/srv/a.txt".into()));
}

/// A name with control characters cannot draw on the terminal of who reads the plan.
#[test]
fn control_characters_are_shown_as_escapes() {
    let world = world();
    let rehearsal = DryRun::over(&world.batteries());
    rehearsal.batteries().os.write_text("/srv/\u{1b}[31mred\n", "\u{1b}[2J\n").unwrap();
    let plan = rehearsal.plan().to_string();
    assert!(!plan.contains('\u{1b}') && plan.contains("\\u{1b}[31mred\\n"), "{plan}");
}

#[cfg(feature = "schedule")]
#[test]
fn rehearsed_jobs_stay_in_the_rehearsal() {
    let world = world();
    let batteries = world.batteries();
    let rehearsed = DryRun::over(&batteries).batteries();
    rehearsed.schedule.every(1).minutes().do_(|Batteries { os, .. }: &Batteries| os.write_text("/ran", "x").map(drop)).unwrap();
    rehearsed.time.sleep(secs(61)).wait();
    rehearsed.schedule.run_pending().check().unwrap();
    assert!(rehearsed.os.path.exists("/ran") && !world.os.exists("/ran"));
    assert!(batteries.schedule.get_jobs(None).is_empty());
}

/// The machine's own batteries take relative paths from the process's directory, which the rehearsal does not change.
#[test]
fn relative_paths_are_the_machines() {
    let machine = Batteries::included();
    let rehearsal = DryRun::over(&machine);
    let Batteries { os, .. } = rehearsal.batteries();
    os.makedirs(MakeDirs::new("src/planned-only/deep").exist_ok(true)).unwrap();
    os.write_text("src/planned-only/deep/file", "x").unwrap();
    assert_eq!(os.read_text("src/planned-only/deep/file").unwrap(), "x");
    assert!(!machine.os.path.exists("src/planned-only"));
    let here = machine.os.getcwd().unwrap().join("src/planned-only");
    assert!(rehearsal.plan().to_string().starts_with(&format!("+ {} (directory", here.display())), "{}", rehearsal.plan());
}

/// A host in memory is reached without a connection; its files are not written all the same.
#[cfg(feature = "fabric")]
#[test]
fn the_files_of_other_machines_are_only_read() {
    let world = World::new();
    world.fabric.host("web1").os.write("/etc/motd", "hi");
    world.fabric.host("web1").shell("uptime").reply("up\n", 0);
    let rehearsal = DryRun::over(&world.batteries()).commands(["uptime"]);
    let web1 = rehearsal.batteries().fabric.connection("web1");
    assert!(web1.run("uptime").hide(true).wait().unwrap().ok());
    assert!(web1.run("uptime && reboot").hide(true).wait().is_err());
    let there = web1.batteries().wait().unwrap();
    assert_eq!(there.os.read_text("/etc/motd").unwrap(), "hi");
    assert!(there.os.write_text("/etc/motd", "ho").is_err());
    assert!(there.subprocess.run("reboot").wait().is_err());
    assert_eq!(world.fabric.host("web1").os.read_text("/etc/motd").unwrap(), "hi");
    let plan = rehearsal.plan().to_string();
    assert!(plan.contains("! fabric.exec web1: uptime && reboot (refused)"), "{plan}");
}

#[cfg(feature = "s3")]
#[test]
fn writes_to_s3_are_refused_or_assumed() {
    let world = World::new();
    let s3_of = |batteries: &Batteries| batteries.boto3.client().region_name("us-east-1").s3();
    s3_of(&world.batteries()).create_bucket(|create| create.bucket("logs")).wait().unwrap();
    let rehearsal = DryRun::over(&world.batteries()).assume_s3(["put_object"]);
    let s3 = s3_of(&rehearsal.batteries());
    s3.put_object(|put| put.bucket("logs").key("a").body(b"x".to_vec().into())).wait().unwrap();
    let refused = s3.delete_object(|delete| delete.bucket("logs").key("a")).wait().unwrap_err();
    assert_eq!(refused.client().unwrap().code, "AccessDenied");
    assert!(world.boto3.s3.keys("logs").is_empty());
    let plan = "! s3.put_object logs/a (not sent)\n! s3.delete_object logs/a (refused)\n\nPlan: 0 to create, 0 to change, 0 to remove, 2 other effects.";
    assert_eq!(rehearsal.plan().to_string(), plan);
}

/// A file that is open for reading is the one beneath: its mode, owner and times change above it all the same.
#[test]
fn an_open_file_beneath_is_not_changed() {
    let plan = agrees(|Batteries { os, .. }| {
        let mut file = os.open("/srv/a.txt").unwrap();
        file.chmod(0o600).unwrap();
        file.chown(7, 8).unwrap();
        file.utime((SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH)).unwrap();
        let stat = file.stat().unwrap();
        assert_eq!((stat.st_mode & 0o777, stat.st_uid, stat.st_mtime), (0o600, 7, SystemTime::UNIX_EPOCH));
        assert_eq!(os.stat("/srv/second").unwrap().st_mode & 0o777, 0o600);
        assert_eq!(file.read_text().unwrap(), "one\ntwo\n");
        let dir = os.open_dir("/srv/deep/er").unwrap();
        dir.open("b.bin").unwrap().chmod(0o640).unwrap();
        os.open("/dev/null").unwrap().chmod(0o600).unwrap();
    });
    assert!(plan.contains("~ /srv/a.txt (8 -> 8 bytes, mode 644 -> 600, owner 0:0 -> 7:8)"), "{plan}");
    assert!(plan.contains("~ /srv/deep/er/b.bin (4 -> 4 bytes, mode 644 -> 640)"), "{plan}");

    let rehearsed = world();
    let before = picture(&rehearsed);
    let os = DryRun::over(&rehearsed.batteries()).batteries().os;
    let mut file = os.open("/srv/a.txt").unwrap();
    os.write_text("/srv/a.txt", "another file").unwrap();
    let refused = file.chmod(0o600).unwrap_err();
    assert!(refused.to_string().contains("a rehearsal does not change an open file that was renamed"), "{refused}");
    assert_eq!(picture(&rehearsed), before);
}

/// What was mailed between two files is planned between them.
#[cfg(feature = "smtplib")]
#[test]
fn a_mail_is_planned_when_it_was_sent() {
    let world = world();
    let rehearsal = DryRun::over(&world.batteries());
    let Batteries { os, smtplib, .. } = rehearsal.batteries();
    os.write_text("/srv/first", "1").unwrap();
    let smtp = smtplib.smtp("mail.test", 25).wait().unwrap();
    smtp.sendmail("a@x.org", ["b@y.com"], "Subject: report\r\n\r\nfine\r\n").wait().unwrap().check().unwrap();
    os.write_text("/srv/last", "2").unwrap();
    let plan = rehearsal.plan().to_string();
    let at = |text: &str| plan.find(text).unwrap_or_else(|| panic!("{text} is not in\n{plan}"));
    assert!(at("/srv/first") < at("! mail from") && at("! mail from") < at("/srv/last"), "{plan}");
}

/// Bytes are compared as texts are; times and attributes that the script sets are effects of their own.
#[test]
fn the_same_bytes_are_no_change_but_times_and_attributes_are() {
    let same = agrees(|Batteries { os, .. }| {
        os.write_bytes("/srv/deep/er/b.bin", [0, 159, 146, 150]).unwrap();
    });
    assert_eq!(same, "No changes.");
    let times = (SystemTime::UNIX_EPOCH, SystemTime::UNIX_EPOCH);
    for path in ["/srv/a.txt", "/srv/link", "/srv/deep/er/b.bin"] {
        let plan = agrees(|Batteries { os, .. }| os.utime(path, times).unwrap());
        assert!(plan.contains("1 to change"), "{path}: {plan}");
    }
    let plan = agrees(|Batteries { os, .. }| os.open("/srv/a.txt").unwrap().utime(times).unwrap());
    assert!(plan.contains("1 to change"), "{plan}");
    let set =
        |path: &'static str| agrees(move |Batteries { os, .. }| os.setxattr(path, "user.x", "v", Default::default()).unwrap());
    for path in ["/srv/a.txt", "/srv/deep/er/b.bin"] {
        assert_ne!(set(path), "No changes.", "{path}");
    }
}

/// umask(2) can only set the mask. Two rehearsals that began at once left the process with 077.
#[test]
fn a_rehearsal_of_the_machine_leaves_its_umask_alone() {
    let mask = || {
        let status = std::fs::read_to_string("/proc/self/status").unwrap();
        status.lines().find(|line| line.starts_with("Umask:")).unwrap().to_owned()
    };
    let before = mask();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..50 {
                    drop(DryRun::over(&Batteries::included()));
                    assert_eq!(mask(), before);
                }
            });
        }
    });
}
