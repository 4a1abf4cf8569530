//! What Python's `time` answered, replayed in a world: its clock, its zones.

use leyden::World;
use leyden::time::{Error, StructTime, Time};
use serde_json::{Value, json};
use std::time::{Duration, SystemTime};

use crate::support::oracle::{Replay, cases};

/// A world's `time` under this `TZ`.
fn time(tz: &str) -> Time {
    let ambient = leyden::Ambient::default();
    ambient.edit(|environ| environ.insert("TZ".into(), tz.into()));
    World::new().time.with_ambient(ambient).handle()
}

fn tuple(value: &Value) -> StructTime {
    let items: Vec<i32> = value.as_array().unwrap().iter().map(|item| item.as_i64().unwrap() as i32).collect();
    StructTime::from(<[i32; 9]>::try_from(items).unwrap())
}

fn struct_time(t: &StructTime) -> Value {
    let mut items: Vec<Value> = <[i32; 9]>::from(t).into_iter().map(Value::from).collect();
    items.extend([json!(t.tm_zone), json!(t.tm_gmtoff)]);
    Value::from(items)
}

fn seconds(at: SystemTime) -> Value {
    let seconds = |distance: Duration| distance.as_secs() as f64;
    json!(match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => seconds(after),
        Err(before) => -seconds(before.duration()),
    })
}

/// What leyden answers, in the oracle's words.
fn answer<T>(result: Result<T, Error>, value: impl Fn(&T) -> Value) -> Value {
    match result {
        Ok(found) => value(&found),
        Err(Error::Value(text)) => json!(["ValueError", text]),
        Err(Error::Overflow(_)) => json!("out of range"),
        Err(error) => panic!("{error:?}"),
    }
}

/// What Python answered. For a time beyond the calendar it has an OSError or an OverflowError with several texts.
fn python(case: &Value) -> Value {
    match case["error"].as_str() {
        None => case["value"].clone(),
        Some("OSError" | "OverflowError") => json!("out of range"),
        // DIFFERENCE: a repeated directive.
        Some("error") => json!("twice"),
        Some(class) => json!([class, case["message"]]),
    }
}

#[test]
fn python_answers_the_same() {
    let mut replay = Replay::default();
    for case in cases("time") {
        let text = |key: &str| case[key].as_str().unwrap_or("");
        let time = time(text("tz"));
        let string = |text: &String| json!(text);
        let given = match text("ask") {
            "facts" => {
                let world = World::new();
                world.clock().set(SystemTime::UNIX_EPOCH + Duration::from_secs(case["now"].as_u64().unwrap()));
                let ambient = leyden::Ambient::default();
                ambient.edit(|environ| environ.insert("TZ".into(), text("tz").into()));
                let time = world.time.with_ambient(ambient).handle();
                let (standard, daylight) = time.tzname().unwrap();
                let facts =
                    json!([time.timezone().unwrap(), time.altzone().unwrap(), time.daylight().unwrap(), [standard, daylight]]);
                replay.check(&case, facts, json!([case["timezone"], case["altzone"], case["daylight"], case["tzname"]]));
                continue;
            }
            "gmtime" => answer(time.gmtime(case["at"].as_i64().unwrap()), struct_time),
            "localtime" => answer(time.localtime(case["at"].as_i64().unwrap()), struct_time),
            "ctime" => answer(time.ctime(case["at"].as_i64().unwrap()), string),
            "mktime" => answer(time.mktime(&tuple(&case["t"])), |at| seconds(*at)),
            "asctime" => answer(time.asctime(&tuple(&case["t"])), string),
            "strftime" => answer(time.strftime(text("format"), &tuple(&case["t"])), string),
            "strptime" => match (time.strptime(text("text"), text("format")), text("error")) {
                (Err(Error::Value(message)), "error") if message.contains("repeated directive") => json!("twice"),
                (result, _) => answer(result, struct_time),
            },
            other => panic!("{other}"),
        };
        replay.check(&case, given, python(&case));
    }
    replay.finish(4_000);
}

/// Every zone of this machine, by its own files and its own Python.
#[test]
#[ignore = "needs python3 and tzdata"]
fn python_says_the_same_of_every_zone_here() {
    let program = "
import json, os, random, time, zoneinfo
random.seed(1)
for name in sorted(zoneinfo.available_timezones() - {'localtime', 'Factory'}):
    os.environ['TZ'] = name
    time.tzset()
    case = {'tz': name, 'facts': [time.timezone, time.altzone, time.daylight, list(time.tzname)], 'at': []}
    for _ in range(30):
        at = random.randrange(-2**32, 2**33)
        t = time.localtime(at)
        case['at'].append([at, list(t) + [t.tm_zone, t.tm_gmtoff], time.mktime(t), time.strftime('%c %Z %z %s', t)])
    print(json.dumps(case))
";
    let output = std::process::Command::new("python3").args(["-c", program]).env("LC_ALL", "C.UTF-8").output().unwrap();
    let mut replay = Replay::default();
    for line in String::from_utf8(output.stdout).unwrap().lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let ambient = leyden::Ambient::default();
        ambient.edit(|environ| environ.insert("TZ".into(), case["tz"].as_str().unwrap().into()));
        let time = Time::native_with(ambient);
        let (standard, daylight) = time.tzname().unwrap();
        let facts = json!([time.timezone().unwrap(), time.altzone().unwrap(), time.daylight().unwrap(), [standard, daylight]]);
        replay.check(&case["tz"], facts, case["facts"].clone());
        for moment in case["at"].as_array().unwrap() {
            let t = time.localtime(moment[0].as_i64().unwrap()).unwrap();
            let given =
                json!([moment[0], struct_time(&t), seconds(time.mktime(&t).unwrap()), time.strftime("%c %Z %z %s", &t).unwrap()]);
            replay.check(&case["tz"], given, moment.clone());
        }
    }
    replay.finish(5_000);
}

/// Random values of `TZ`, well and badly written.
#[test]
fn rules_of_zones() {
    let mut replay = Replay::default();
    for case in cases("time_rules") {
        let tz = case["tz"].as_str().unwrap();
        let world = World::new();
        world.clock().set(SystemTime::UNIX_EPOCH + Duration::from_secs(case["now"].as_u64().unwrap()));
        let ambient = leyden::Ambient::default();
        ambient.edit(|environ| environ.insert("TZ".into(), tz.into()));
        let time = world.time.with_ambient(ambient).handle();
        let (standard, daylight) = time.tzname().unwrap();
        let facts = json!([time.timezone().unwrap(), time.altzone().unwrap(), time.daylight().unwrap(), [standard, daylight]]);
        replay.check(format!("{tz:?}"), facts, case["facts"].clone());
        for moment in case["at"].as_array().unwrap() {
            let t = time.localtime(moment[0].as_i64().unwrap()).unwrap();
            let given = json!([moment[0], struct_time(&t), time.strftime("%Z %z", &t).unwrap()]);
            replay.check(format!("{tz:?}"), given, moment.clone());
        }
    }
    replay.finish(5_000);
}
