//! What cronsim 2.8 answered.

use std::time::{Duration, SystemTime};

use leyden::World;
use leyden::schedule::Cron;
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};

/// DIFFERENCE: cronsim names a midnight that a gap skips, and leaves out the first hour after a gap at midnight or of less than an hour.
/// 13 of 24,000 random expressions are such; these are in the sample.
const DIFFERENCES: [(&str, u64); 1] = [("*/30 0 * * SUN", 1_805_981_923)];

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
        let found = found.collect::<Value>();
        if DIFFERENCES.contains(&(text, case["from"].as_u64().unwrap())) {
            assert_ne!(found, case["next"], "{text} is not a difference any more");
            continue;
        }
        replay.check(format_args!("{text:?} in {} from {}", case["zone"], case["from"]), found, case["next"].clone());
    }
    replay.finish(2_000);
}
