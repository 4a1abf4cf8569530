//! What cronsim 2.8 answered.

use std::time::{Duration, SystemTime};

use leyden::World;
use leyden::schedule::Cron;
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

#[test]
fn cronsim_answers_the_same() {
    let mut replay = Replay::default();
    let time = World::new().batteries().time;
    for case in cases("cron") {
        let text = case["cron"].as_str().unwrap();
        let parsed: Result<Cron, _> = text.parse();
        if case["refused"] == true {
            replay.check(format_args!("{text:?} is refused"), parsed.is_err(), true);
            continue;
        }
        let Ok(cron) = parsed else {
            replay.check(format_args!("{text:?}"), format!("{:?}", parsed.unwrap_err()), "taken".into());
            continue;
        };
        let from = SystemTime::UNIX_EPOCH + Duration::from_secs(case["from"].as_u64().unwrap());
        let found = cron.after(&time, case["zone"].as_str(), from).unwrap().take(case["next"].as_array().unwrap().len());
        let found = found.map(|at| json!(at.duration_since(SystemTime::UNIX_EPOCH).unwrap().as_secs()));
        replay.check(format_args!("{text:?} in {} from {}", case["zone"], case["from"]), found.collect::<Value>(), case["next"].clone());
    }
    replay.finish(2_000);
}
