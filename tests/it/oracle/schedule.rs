//! What Python's schedule 1.2.2 answered, replayed in a world: its clock, its zones.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use leyden::schedule::{CancelJob, DateTime, Error, Every, Job, Outcome, Runs, Until, Value as Arg};
use leyden::{Batteries, World};
use serde_json::{Map, Value, json};

use crate::support::oracle::{Replay, cases};

fn arg(value: &Value) -> Arg {
    match value {
        Value::Null => Arg::None,
        Value::Bool(truth) => Arg::Bool(*truth),
        Value::Number(number) => number.as_i64().map_or_else(|| Arg::Float(number.as_f64().unwrap()), Arg::Int),
        Value::String(text) => Arg::Str(text.clone()),
        Value::Array(items) => Arg::List(items.iter().map(arg).collect()),
        Value::Object(items) => Arg::Dict(items.iter().map(|(key, value)| (Arg::Str(key.clone()), arg(value))).collect()),
    }
}

fn shown(at: Option<DateTime>) -> Value {
    json!(at.map(|at| at.to_string()))
}

/// The class and text of Python's exception.
fn answer(result: Result<Value, Error>) -> Value {
    let error = match result {
        Ok(value) => return json!({ "value": value }),
        Err(error) => error,
    };
    let class = match &error {
        Error::Schedule(_) => "ScheduleError",
        Error::ScheduleValue(_) => "ScheduleValueError",
        Error::Interval(_) => "IntervalError",
        Error::Overflow(_) => "OverflowError",
        // DIFFERENCE: pytz's text is the name in quotes.
        Error::UnknownTimeZone(name) => return json!({ "error": "UnknownTimeZoneError", "text": format!("'{name}'") }),
        other => panic!("{other:?}"),
    };
    json!({ "error": class, "text": error.to_string() })
}

struct Case {
    world: World,
    batteries: Batteries,
    jobs: BTreeMap<String, Job>,
    unfinished: BTreeMap<String, Every>,
    log: Arc<Mutex<Vec<String>>>,
}

impl Case {
    fn new(zone: &str, now: i64) -> Case {
        let world = World::new();
        world.time.set_zone(zone);
        world.clock().set(SystemTime::UNIX_EPOCH + Duration::from_micros(now as u64));
        let batteries = world.batteries();
        Case { world, batteries, jobs: BTreeMap::new(), unfinished: BTreeMap::new(), log: Arc::default() }
    }

    fn chain(&self, chain: &Value) -> Every {
        let mut links = chain.as_array().unwrap().iter().map(|link| link.as_array().unwrap());
        let mut job = self.batteries.schedule.every(links.next().unwrap()[1].as_i64().unwrap());
        for link in links {
            let text = |at: usize| link[at].as_str().unwrap();
            job = match text(0) {
                "second" => job.second(),
                "seconds" => job.seconds(),
                "minute" => job.minute(),
                "minutes" => job.minutes(),
                "hour" => job.hour(),
                "hours" => job.hours(),
                "day" => job.day(),
                "days" => job.days(),
                "week" => job.week(),
                "weeks" => job.weeks(),
                "monday" => job.monday(),
                "tuesday" => job.tuesday(),
                "wednesday" => job.wednesday(),
                "thursday" => job.thursday(),
                "friday" => job.friday(),
                "saturday" => job.saturday(),
                "sunday" => job.sunday(),
                "to" => job.to(link[1].as_i64().unwrap()),
                "tag" => job.tag(link[1..].iter().map(|tag| tag.as_str().unwrap())),
                "at" if link.len() == 3 => job.at((text(1), text(2))),
                "at" => job.at(text(1)),
                "until" => job.until(match text(1) {
                    "str" => Until::from(text(2)),
                    "datetime" => Until::from(text(2).parse::<DateTime>().unwrap()),
                    "timedelta" => Until::from(Duration::from_micros(link[2].as_u64().unwrap())),
                    _ => Until::today(text(2)),
                }),
                other => panic!("{other}"),
            };
        }
        job
    }

    fn make(&mut self, step: &Value) -> Result<Value, Error> {
        let id = step["id"].as_str().unwrap().to_owned();
        let mut job = self.chain(&step["chain"]);
        let function = &step["do"];
        if function.is_null() {
            self.unfinished.insert(id, job);
            return Ok(Value::Null);
        }
        job = job.name(function["name"].as_str().unwrap());
        for value in function["args"].as_array().into_iter().flatten() {
            job = job.arg(arg(value));
        }
        for pair in function["kwargs"].as_array().into_iter().flatten() {
            job = job.kwarg(pair[0].as_str().unwrap(), arg(&pair[1]));
        }
        let (log, clock, called) = (self.log.clone(), self.world.clock().clone(), id.clone());
        let takes = Duration::from_micros(function["takes"].as_u64().unwrap_or(0));
        let returns = step["returns"].as_str().unwrap_or("").to_owned();
        let job = job.do_(move |Batteries { schedule, .. }| {
            let runs = {
                let mut log = log.lock().unwrap();
                log.push(called.clone());
                log.iter().filter(|id| **id == called).count()
            };
            clock.advance(takes);
            if returns == "clear" {
                schedule.clear(None);
            }
            if let Some(tag) = returns.strip_prefix("clear:") {
                schedule.clear(tag);
            }
            if returns == "adds" {
                let log = log.clone();
                schedule.every(1).minutes().tag(["added"]).do_(move |_| log.lock().unwrap().push("added".into())).unwrap();
            }
            (returns == "cancel" || returns == "instance" || returns == format!("cancel{runs}")).then_some(CancelJob)
        })?;
        let next = shown(job.next_run());
        self.jobs.insert(id, job);
        Ok(next)
    }

    fn job(&self, step: &Value) -> &Job {
        &self.jobs[step["id"].as_str().unwrap()]
    }

    fn ran(&self, runs: Runs) -> Result<Value, Error> {
        for run in runs {
            if let Outcome::Failed(error) = run.outcome {
                return Err(error);
            }
        }
        Ok(json!(*self.log.lock().unwrap()))
    }

    fn facts(&self, step: &Value) -> Value {
        let Some(job) = self.jobs.get(step["id"].as_str().unwrap()) else { return Value::Null };
        json!({
            "interval": job.interval(), "latest": job.latest(), "unit": job.unit().map(|unit| unit.name()),
            "at_time": job.at_time().map(|at| at.to_string()), "start_day": job.start_day().map(|day| day.name()),
            "at_time_zone": job.at_time_zone(), "last_run": shown(job.last_run()), "next_run": shown(job.next_run()),
            "cancel_after": shown(job.cancel_after()), "tags": job.tags(),
        })
    }

    fn step(&mut self, step: &Value) -> Result<Value, Error> {
        let schedule = self.batteries.schedule.clone();
        let tag = step["tag"].as_str();
        Ok(match step["op"].as_str().unwrap() {
            "job" => return self.make(step),
            "advance" => {
                let by = step["us"].as_i64().unwrap();
                match u64::try_from(by) {
                    Ok(ahead) => self.world.clock().advance(Duration::from_micros(ahead)),
                    Err(_) => self.world.clock().set(self.world.clock().now() - Duration::from_micros(by.unsigned_abs())),
                }
                Value::Null
            }
            "run_pending" => {
                self.log.lock().unwrap().clear();
                return self.ran(schedule.run_pending());
            }
            "run_all" => {
                self.log.lock().unwrap().clear();
                let ran = self.ran(schedule.run_all(Duration::from_secs(step["delay"].as_u64().unwrap())))?;
                let now = self.world.clock().now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
                json!([ran, now.as_micros() as u64])
            }
            "run" => match self.job(step).run().outcome {
                Outcome::Expired => json!("CancelJob"),
                Outcome::Done(_) if self.job(step).cancel_after().is_some_and(|last| Some(last) < self.job(step).next_run()) => {
                    json!("CancelJob")
                }
                Outcome::Done(output) => json!(output.cancel.then_some("CancelJob")),
                other => panic!("{other:?}"),
            },
            "next_run" => shown(schedule.next_run(tag)?),
            "idle" => json!(schedule.idle_seconds()?),
            "get_jobs" => {
                let id = |job: &Job| self.jobs.iter().find(|(_, known)| *known == job).map(|(id, _)| id.clone());
                json!(schedule.get_jobs(tag).iter().map(id).collect::<Vec<_>>())
            }
            "count" => json!(schedule.get_jobs(tag).len()),
            "clear" => {
                schedule.clear(tag);
                Value::Null
            }
            "cancel" => {
                schedule.cancel_job(self.job(step));
                Value::Null
            }
            "seed" => {
                schedule.seed(step["n"].as_u64().unwrap().into());
                Value::Null
            }
            "should_run" => json!(self.job(step).should_run()?),
            "set_next_run" => {
                self.job(step).set_next_run(step["at"].as_str().unwrap().parse().unwrap())?;
                Value::Null
            }
            "repr" => match self.unfinished.get(step["id"].as_str().unwrap()) {
                Some(job) => json!(format!("{job:?}")),
                None => json!(format!("{:?}", self.job(step))),
            },
            "str" => match self.unfinished.get(step["id"].as_str().unwrap()) {
                Some(job) => json!(job.to_string()),
                None => json!(self.job(step).to_string()),
            },
            "facts" => self.facts(step),
            other => panic!("{other}"),
        })
    }
}

/// What Python answered, without what is different on purpose.
fn python(step: &Value) -> Value {
    let mut answer = Map::new();
    for key in ["value", "error", "text"] {
        if let Some(value) = step.get(key) {
            answer.insert(key.into(), value.clone());
        }
    }
    // pytz shows the zone's canonical name, leyden the name that was given.
    if let Some(facts) = answer.get_mut("value").and_then(Value::as_object_mut)
        && let Some(zone) = facts.get_mut("at_time_zone").filter(|zone| !zone.is_null())
    {
        *zone = json!(zone.as_str().unwrap().to_lowercase());
    }
    Value::Object(answer)
}

fn ours(mut answer: Value) -> Value {
    if let Some(zone) = answer.pointer_mut("/value/at_time_zone").filter(|zone| !zone.is_null()) {
        *zone = json!(zone.as_str().unwrap().to_lowercase());
    }
    answer
}

#[test]
fn python_answers_the_same() {
    let mut replay = Replay::default();
    for (number, case) in cases("schedule").iter().enumerate() {
        let (zone, now) = (case["zone"].as_str().unwrap(), case["now"].as_i64().unwrap());
        let mut replayed = Case::new(zone, now);
        for step in case["steps"].as_array().unwrap() {
            let made = step.get("id").and_then(Value::as_str).filter(|_| step["op"] != "job");
            // Python raised where the job was made: whatever it says of that job later is an exception of the test's own.
            if made.is_some_and(|id| !replayed.jobs.contains_key(id) && !replayed.unfinished.contains_key(id)) {
                continue;
            }
            let unfinished = made.is_some_and(|id| replayed.unfinished.contains_key(id));
            if unfinished && step["op"] == "facts" || step["error"] == "TypeError" {
                continue;
            }
            let answered = ours(answer(replayed.step(step)));
            replay.check(format!("line {}: {zone} {now}: {step}", number + 1), answered, python(step));
        }
    }
    replay.finish(4_000);
}
