//! Programs in a row.

use super::fixture::{Fixture, numbers};
use crate::support::SOON;
use leyden::subprocess::mock::Reply;
use leyden::subprocess::{DEVNULL, Error, PIPE, Run};

fn upper(fixture: &Fixture) {
    fixture.program("upper", "tr a-z A-Z", |upper| {
        upper.runs(|call| Reply::new().stdout(call.stdin.to_ascii_uppercase()));
    });
}

pub fn three_in_a_row(fixture: &Fixture) {
    upper(fixture);
    fixture.cat();
    fixture.does("says", "echo hello", Reply::new().stdout("hello\n"));
    let done = fixture.subprocess.pipe("says").to("cat").to("upper").capture_output(true).check(true).wait().unwrap();
    assert_eq!(done.len(), 3);
    assert_eq!(done[2].stdout.as_deref(), Some(&b"HELLO\n"[..]));
    assert_eq!((done[0].stdout.as_ref(), done[0].args.to_string().as_str()), (None, "says"));
}

pub fn a_row_with_input(fixture: &Fixture) {
    upper(fixture);
    fixture.cat();
    let megabyte = vec![b'x'; 1 << 20];
    let done = fixture.subprocess.pipe("cat").to("upper").input(megabyte).capture_output(true).wait().unwrap();
    let output = done[1].stdout.as_ref().unwrap();
    assert!(output.len() == 1 << 20 && output.iter().all(|byte| *byte == b'X'));
}

pub fn a_row_fails_with_any_of_them(fixture: &Fixture) {
    fixture.cat();
    fixture.does("fails", "echo some; exit 3", Reply::new().stdout("some\n").code(3));
    let error = fixture.subprocess.pipe("fails").to("cat").capture_output(true).check(true).wait().unwrap_err();
    assert_eq!(error.to_string(), "command 'fails' returned non-zero exit status 3");
}

pub fn a_row_without_check_tells_all(fixture: &Fixture) {
    fixture.does("fails", "exit 3", Reply::new().code(3));
    fixture.does("fails-too", "cat; exit 4", Reply::new().code(4));
    let done = fixture.subprocess.pipe("fails").to("fails-too").wait().unwrap();
    assert_eq!(done.iter().map(|done| done.returncode).collect::<Vec<_>>(), [3, 4]);
}

pub fn sigpipe_is_no_failure_of_a_row(fixture: &Fixture) {
    fixture.real("yes", |yes| drop(yes.answer(Reply::new().repeat("y\n"))));
    fixture.does("first", "head -n 1", Reply::new().stdout("y\n").ignores_stdin());
    let done = fixture.subprocess.pipe("yes").to("first").capture_output(true).check(true).wait().unwrap();
    assert_eq!((done[0].returncode, done[1].stdout.as_deref()), (-13, Some(&b"y\n"[..])));
}

pub fn a_row_whose_second_is_missing_leaves_nothing(fixture: &Fixture) {
    fixture.family(true);
    let error = fixture.subprocess.pipe("family").to("no-such-program").wait().unwrap_err();
    assert_eq!(error.filename().unwrap().to_str(), Some("no-such-program"));
    fixture.assert_gone(&[]);
}

pub fn a_row_has_one_deadline(fixture: &Fixture) {
    fixture.cat();
    fixture.family(true);
    let row = fixture.subprocess.pipe("family").to("cat").capture_output(true).timeout(SOON);
    let error = row.wait().unwrap_err();
    assert!(error.is_timeout());
    if fixture.world.is_none() {
        fixture.assert_gone(&numbers(error.stdout().unwrap()));
    }
    fixture.assert_gone(&[]);
}

pub fn a_row_refuses_what_belongs_to_it(fixture: &Fixture) {
    fixture.cat();
    let row = |first: Run, second: Run| fixture.subprocess.pipe(first).to(second).wait();
    let cat = || Run::new("cat").stdin(DEVNULL);
    let wrong = [
        row(cat().check(true), Run::new("cat")),
        row(cat().capture_output(true), Run::new("cat")),
        row(cat().stdout(DEVNULL), Run::new("cat")),
        row(cat(), Run::new("cat").stdin(DEVNULL)),
        row(cat().stderr(PIPE), Run::new("cat")),
    ];
    for answer in wrong {
        assert!(matches!(answer, Err(Error::Value(_))), "{answer:?}");
    }
}
