//! What the real `email.utils` makes of dates.
//!
//! DIFFERENCE: numbers beyond 32 bits are no date.

use std::time::SystemTime;

use leyden::smtplib::email::{
    FormatDate, format_datetime, formatdate, localtime, make_msgid, mktime_tz, parsedate, parsedate_to_datetime, parsedate_tz,
};
use leyden::time::StructTime;
use leyden::{Batteries, World};
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

fn tuple(date: Option<&StructTime>) -> Value {
    date.map_or(Value::Null, |date| json!(<[i32; 9]>::from(date)))
}

fn seconds(at: SystemTime) -> i64 {
    match at.duration_since(SystemTime::UNIX_EPOCH) {
        Ok(after) => after.as_secs() as i64,
        Err(before) => -(before.duration().as_secs() as i64),
    }
}

fn or_error<T: Into<Value>>(result: leyden::smtplib::Result<T>) -> Value {
    result.map_or_else(|_| json!("ValueError"), Into::into)
}

#[test]
fn dates_are_pythons() {
    let world = World::new();
    world.os.ambient().edit(|environ| environ.insert("TZ".into(), "Europe/Berlin".into()));
    let time = world.batteries().time;
    let mut replay = Replay::default();
    for case in cases("email_dates") {
        if let Some(at) = case["seconds"].as_i64() {
            let date = || FormatDate::new(&time).timeval(at);
            for (number, date) in [date(), date().usegmt(true), date().localtime(true)].into_iter().enumerate() {
                replay.check(format!("formatdate {at} {number}"), &or_error(formatdate(date)), &case["dates"][number]);
            }
            continue;
        }
        let text = case["text"].as_str().unwrap();
        let tz = parsedate_tz(text);
        replay.check(format!("parsedate {text:?}"), &tuple(parsedate(text).as_ref()), &case["parsedate"]);
        let with_offset = tz.as_ref().map(|date| {
            let mut tuple = tuple(Some(date));
            tuple.as_array_mut().unwrap().push(json!(date.tm_gmtoff));
            tuple
        });
        replay.check(format!("parsedate_tz {text:?}"), &with_offset.unwrap_or_default(), &case["parsedate_tz"]);
        if let Some(date) = &tz {
            replay.check(format!("mktime_tz {text:?}"), &or_error(mktime_tz(&time, date).map(seconds)), &case["mktime_tz"]);
            let local = StructTime { tm_gmtoff: None, ..date.clone() };
            let local = or_error(mktime_tz(&time, &local).map(seconds));
            // Python gives a float here.
            replay.check(format!("local mktime_tz {text:?}"), local.as_f64(), case["mktime_local"].as_f64());
        }
        let date = parsedate_to_datetime(text);
        let shown = date.as_ref().map(|date| {
            let mut numbers: Vec<Value> = <[i32; 9]>::from(date)[..8].iter().map(|number| json!(number)).collect();
            numbers.push(date.tm_gmtoff.map_or(Value::Null, |offset| json!(f64::from(offset))));
            Value::from(numbers)
        });
        replay.check(format!("datetime {text:?}"), &shown.unwrap_or_else(|_| json!("ValueError")), &case["datetime"]);
        if let Ok(date) = date {
            let formats = json!([or_error(format_datetime(&date, false)), or_error(format_datetime(&date, true))]);
            replay.check(format!("format {text:?}"), &formats, &case["format"]);
            let local = localtime(&time, &date).and_then(|date| format_datetime(&date, false));
            replay.check(format!("localtime {text:?}"), &or_error(local), &case["localtime"]);
        }
    }
    replay.finish(2000);
}

#[test]
fn identifiers_are_the_worlds() {
    let id = |world: &World, idstring: Option<&str>, domain: Option<&str>| {
        let Batteries { os, time, .. } = world.batteries();
        make_msgid(&os, &time, idstring, domain).unwrap()
    };
    let world = World::new();
    let first = id(&world, None, None);
    // Hundredths of a second, the process, 64 bits, the machine.
    let (left, host) = first.trim_matches(['<', '>']).split_once('@').unwrap();
    let numbers: Vec<u64> = left.split('.').map(|number| number.parse().unwrap()).collect();
    assert_eq!((numbers.len(), numbers[0]), (3, 176_722_560_000), "{first}");
    assert_eq!(host, world.batteries().os.uname().nodename);
    assert_eq!(first, id(&World::new(), None, None), "another world, the same identifier");
    assert_ne!(first, id(&world, None, None));
    assert!(id(&world, Some("job"), Some("example.com")).ends_with(".job@example.com>"));
}
