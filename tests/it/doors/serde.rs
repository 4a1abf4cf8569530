//! Plain data is stored and read again; secrets are not stored.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

fn stored<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap()
}

fn round_trip<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> Value {
    let text = serde_json::to_string(value).unwrap();
    assert_eq!(&serde_json::from_str::<T>(&text).unwrap(), value, "{text}");
    serde_json::from_str(&text).unwrap()
}

#[cfg(feature = "os")]
#[test]
fn results_of_os() {
    use leyden::os::backend::{FileType, StatResult};
    use leyden::prelude::*;
    use std::time::{Duration, SystemTime};

    let world = World::new();
    world.os.write("/a", "hello");
    let os = world.batteries().os;
    let stat = os.stat("/a").unwrap();
    let value = round_trip(&stat);
    assert_eq!((&value["st_size"], &value["st_mode"]), (&json!(5), &json!(0o100_644)));
    let nanoseconds = stat.st_mtime.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_nanos();
    assert_eq!(value["st_mtime_ns"], json!(u64::try_from(nanoseconds).unwrap()));
    // Before 1970, and to the nanosecond.
    let mut old = StatResult::empty(FileType::Symlink);
    old.st_mtime = SystemTime::UNIX_EPOCH - Duration::new(86_400, 1);
    assert_eq!(round_trip(&old)["st_mtime_ns"], json!(-86_400_000_000_001_i64));
    old.st_mtime = SystemTime::UNIX_EPOCH + Duration::from_secs(10_000_000_000);
    let error = serde_json::to_string(&old).unwrap_err();
    assert!(error.to_string().contains("before 1677 or after 2262"), "{error}");
    round_trip(&os.shutil.disk_usage("/").unwrap());
    round_trip(&os.uname());
    round_trip(&os.statvfs("/").unwrap());
    round_trip(&os.times().unwrap());
    assert_eq!(round_trip(&FileType::Dir), json!("Dir"));
    #[cfg(feature = "platform")]
    round_trip(&world.batteries().platform.uname());
    round_trip(&leyden::time::StructTime::default());
}

#[cfg(feature = "subprocess")]
#[test]
fn a_completed_process_and_its_secrets() {
    use leyden::prelude::*;
    use leyden::subprocess::CompletedProcess;
    use leyden::subprocess::mock::Reply;

    let world = World::new();
    world
        .subprocess
        .program("tool")
        .answer(Reply::new().stdout(b"hunter2 is hunter2\n".to_vec()).stderr(b"\xff\x00".to_vec()).code(3));
    let args =
        vec![leyden::subprocess::Arg::from("tool"), "--token=abc".into(), leyden::Secret::new("hunter2").into(), "plain".into()];
    let done = world.batteries().subprocess.run(args).capture_output(true).wait().unwrap();
    let value = stored(&done);
    assert_eq!(
        value,
        json!({
            "args": ["tool", "--token=***", "***", "plain"],
            "returncode": 3,
            "stdout": "*** is ***\n",
            "stderr": [255, 0],
        })
    );
    let back: CompletedProcess = serde_json::from_value(value.clone()).unwrap();
    assert_eq!((back.returncode, back.stderr.as_deref()), (3, Some(&b"\xff\x00"[..])));
    assert_eq!(back.stdout_text().unwrap(), "*** is ***\n");
    assert_eq!(stored(&back), value);
    let quiet = world.batteries().subprocess.run("tool").wait().unwrap();
    assert_eq!(round_trip(&quiet)["stdout"], Value::Null);
}

#[cfg(feature = "smtplib")]
#[test]
fn answers_of_mail_servers() {
    use leyden::smtplib::Reply;
    assert_eq!(round_trip(&Reply::new(250, "OK")), json!({ "code": 250, "message": "OK" }));
    assert_eq!(round_trip(&Reply::new(250, b"\xe4".to_vec()))["message"], json!([228]));
}

#[cfg(feature = "fabric")]
#[test]
fn a_run_result_without_connection_and_secrets() {
    use leyden::fabric::RunResult;
    let mut result = RunResult::new("up 3 days\n");
    result.command = "API_TOKEN=abc mysql --password=x -h db".into();
    result.env = [("DB_PASSWORD".to_owned(), "x".to_owned()), ("LANG".to_owned(), "C".to_owned())].into();
    let value = stored(&result);
    assert_eq!(value["command"], json!("API_TOKEN=*** mysql --password=*** -h db"));
    assert_eq!(value["env"], json!({ "DB_PASSWORD": "***", "LANG": "C" }));
    assert!(value.get("connection").is_none());
    let back: RunResult = serde_json::from_value(value.clone()).unwrap();
    assert_eq!((back.stdout.as_str(), back.exited), ("up 3 days\n", Some(0)));
    assert_eq!(stored(&back), value);
}

#[cfg(feature = "requests")]
#[test]
fn the_metadata_of_a_response_and_its_secrets() {
    use leyden::prelude::*;
    use leyden::requests::mock::Reply;

    let world = World::new();
    let old = Reply::redirect(302, "/new?api_key=k").header("Set-Cookie", "id=s3cr3t");
    world.requests.get("https://api.test/old").reply(old);
    world
        .requests
        .get("https://api.test/new")
        .reply(Reply::new(200).header("X-Auth-Token", "s3cr3t").header("X-A", "1").body("hello"));
    let response = world.batteries().requests.get("https://ann:s3cr3t@api.test/old?token=s3cr3t").wait().unwrap();
    let meta = response.meta();
    let value = round_trip(&meta);
    let text = value.to_string() + &format!("{meta:?}");
    assert!(!text.contains("s3cr3t") && !text.contains("=k"), "{text}");
    assert_eq!(
        (&value["status_code"], &value["length"], &value["history"][0]["status_code"]),
        (&json!(200), &json!(5), &json!(302))
    );
    assert!(value["headers"].as_array().unwrap().contains(&json!(["X-Auth-Token", "***"])), "{value}");
}

#[cfg(all(feature = "os", feature = "time"))]
#[test]
fn the_plan_of_a_rehearsal() {
    use leyden::layers::DryRun;
    use leyden::prelude::*;

    let world = World::new();
    world.os.write("/srv/old.log", "x");
    let rehearsal = DryRun::over(&world.batteries());
    let os = rehearsal.batteries().os;
    os.write_text("/srv/motd", "hi\n").unwrap();
    os.remove("/srv/old.log").unwrap();
    let value = round_trip(&rehearsal.plan());
    assert_eq!(value["effects"][0]["File"]["path"], json!("/srv/motd"));
    assert_eq!(value["effects"].as_array().unwrap().len(), 2);
}

#[cfg(feature = "infra")]
#[test]
fn a_plan_of_infra_is_terraforms_json() {
    use leyden::infra::resources::host;
    use leyden::infra::{Infra, State};
    use leyden::prelude::*;

    let batteries = World::new().batteries();
    let plan = Infra::new("motd", State::file("/srv/motd.json"))
        .plan(&batteries, |declare| {
            declare.add("motd", host::File::new("/etc/motd", "hi\n"))?;
            Ok(())
        })
        .wait()
        .unwrap();
    let (value, json) = (stored(&plan), plan.json());
    assert_eq!(value["resource_changes"], json["resource_changes"]);
    assert_eq!(round_trip(&plan.summary())["add"], json!(1));
}
