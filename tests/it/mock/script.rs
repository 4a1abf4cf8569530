//! The log of calls, and the faults to come.

use std::io;

use leyden::mock::{Clock, Fault, Script};

/// The error of a battery that speaks to a network.
#[derive(Debug)]
struct Lost(&'static str);

impl std::fmt::Display for Lost {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: connection lost", self.0)
    }
}

impl std::error::Error for Lost {}

impl Fault for Lost {
    fn injected(operation: &'static str) -> Lost {
        Lost(operation)
    }
}

fn errno(number: i32) -> io::Error {
    io::Error::from_raw_os_error(number)
}

fn enter(script: &Script, operation: &'static str) -> Result<(), i32> {
    script.enter::<io::Error>(operation, "subject").map_err(|error| error.raw_os_error().unwrap())
}

#[test]
fn calls_are_logged_in_order_with_their_time() {
    let script = Script::new(Clock::default());
    enter(&script, "os.mkdir").unwrap();
    script.clock().advance(std::time::Duration::from_secs(2));
    enter(&script, "time.sleep").unwrap();
    let calls = script.calls();
    assert_eq!(calls.iter().map(|call| call.operation).collect::<Vec<_>>(), ["os.mkdir", "time.sleep"]);
    assert_eq!(calls.iter().map(|call| call.at.as_secs()).collect::<Vec<_>>(), [0, 2]);
    assert_eq!(calls[0].to_string(), "os.mkdir(subject)");
    assert!(!calls[0].failed);
}

#[test]
fn counting_by_primitive_and_by_battery() {
    let script = Script::default();
    for operation in ["os.mkdir", "os.mkdir", "os.rmdir", "osx.mkdir"] {
        enter(&script, operation).unwrap();
    }
    assert_eq!((script.count("os.mkdir"), script.count("os"), script.count("os.mk")), (2, 3, 0));
    script.clear();
    assert_eq!(script.count("os"), 0);
}

#[test]
fn a_fault_waits_for_its_call() {
    let script = Script::default();
    script.fail_next("os.rmdir", errno(28));
    assert_eq!(script.pending_faults(), 1);
    enter(&script, "os.mkdir").unwrap();
    assert_eq!(enter(&script, "os.rmdir"), Err(28));
    enter(&script, "os.rmdir").unwrap();
    assert_eq!(script.pending_faults(), 0);
    assert_eq!(script.calls()[1].to_string(), "os.rmdir(subject) failed");
}

#[test]
fn faults_queue_up() {
    let script = Script::default();
    script.fail_next("os.read", errno(5));
    script.fail_next("os", errno(28));
    script.fail_next("os.read", errno(13));
    assert_eq!(enter(&script, "os.read"), Err(5));
    assert_eq!(enter(&script, "os.read"), Err(28));
    assert_eq!(enter(&script, "os.read"), Err(13));
    enter(&script, "os.read").unwrap();
}

#[test]
fn clearing_the_log_keeps_the_faults() {
    let script = Script::default();
    script.fail_next("os.read", errno(5));
    script.clear();
    assert_eq!(enter(&script, "os.read"), Err(5));
}

#[test]
fn the_nth_call_from_now_fails() {
    let script = Script::default();
    enter(&script, "os.a").unwrap();
    script.fail_nth(1);
    enter(&script, "os.b").unwrap();
    assert_eq!(enter(&script, "os.c"), Err(5));
    enter(&script, "os.d").unwrap();
}

#[test]
fn each_battery_makes_up_its_own_fault() {
    let script = Script::default();
    script.fail_nth(0);
    assert_eq!(script.enter::<Lost>("net.get", "").unwrap_err().0, "net.get");
}

#[test]
#[should_panic = "the fault planned for os.read is not a std::io::error::Error"]
fn a_fault_of_the_wrong_type_is_a_mistake_of_the_test() {
    let script = Script::default();
    script.fail_next("os.read", Lost(""));
    let _ = enter(&script, "os.read");
}

#[cfg(feature = "os")]
#[test]
fn a_world_has_one_script_and_one_clock() {
    let world = leyden::World::new();
    let batteries = world.batteries();
    batteries.os.mkdir("/d").unwrap();
    batteries.os.clone().rmdir("/d").unwrap();
    let log: Vec<String> = world.script().calls().iter().map(ToString::to_string).collect();
    assert_eq!(log, ["os.mkdir(/d)", "os.rmdir(/d)"]);
    batteries.time.sleep(std::time::Duration::from_secs(7)).wait();
    assert_eq!(world.clock().elapsed().as_secs(), 7);
    batteries.os.mkdir("/d").unwrap();
    assert_eq!(world.script().calls().last().unwrap().at.as_secs(), 7);
}

#[test]
fn an_action_runs_once_right_before_its_call() {
    let script = Script::new(Clock::default());
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    for name in ["first", "second"] {
        let (script, seen) = (script.clone(), seen.clone());
        script.clone().before("os.mkdir", move || seen.lock().unwrap().push((name, script.calls().len())));
    }
    enter(&script, "os.stat").unwrap();
    assert_eq!(script.pending_actions(), 2);
    enter(&script, "os.mkdir").unwrap();
    enter(&script, "os.mkdir").unwrap();
    enter(&script, "os.mkdir").unwrap();
    assert_eq!(*seen.lock().unwrap(), [("first", 1), ("second", 2)]);
    assert_eq!(script.pending_actions(), 0);
}

#[test]
fn an_action_can_plan_the_fault_of_its_call_and_make_calls() {
    let script = Script::new(Clock::default());
    let inside = script.clone();
    script.before_on("os", "b.log", move || {
        inside.fail_next("os.unlink", errno(13));
        inside.enter::<io::Error>("os.stat", "/a").unwrap();
    });
    script.enter::<io::Error>("os.unlink", "/web.b.log").unwrap(); // another subject
    assert_eq!(script.enter::<io::Error>("os.unlink", "/b.log").unwrap_err().raw_os_error(), Some(13));
    let calls: Vec<String> = script.calls().iter().map(ToString::to_string).collect();
    assert_eq!(calls, ["os.unlink(/web.b.log)", "os.stat(/a)", "os.unlink(/b.log) failed"]);
}
