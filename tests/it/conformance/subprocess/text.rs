//! Text mode and lines.

use super::fixture::Fixture;
use crate::support::SOON;
use leyden::subprocess::mock::Reply;
use leyden::subprocess::{Error, PIPE};

const MIXED: &str = r"printf 'one\r\ntwo\rthree\n\r\nfive'";

fn mixed(fixture: &Fixture) {
    fixture.does("mixed", MIXED, Reply::new().stdout("one\r\ntwo\rthree\n\r\nfive"));
}

pub fn text_translates_newlines(fixture: &Fixture) {
    mixed(fixture);
    let done = fixture.subprocess.run("mixed").capture_output(true).text(true).wait().unwrap();
    assert_eq!(done.stdout.as_deref(), Some(&b"one\ntwo\nthree\n\nfive"[..]));
    assert_eq!(done.stdout_text().unwrap(), "one\ntwo\nthree\n\nfive");
    let output = fixture.subprocess.check_output("mixed").universal_newlines(true).wait().unwrap();
    assert_eq!(output, b"one\ntwo\nthree\n\nfive");
}

pub fn bytes_stay_as_they_are(fixture: &Fixture) {
    mixed(fixture);
    let done = fixture.subprocess.run("mixed").capture_output(true).wait().unwrap();
    assert_eq!(done.stdout.as_deref(), Some(&b"one\r\ntwo\rthree\n\r\nfive"[..]));
}

fn wrong(fixture: &Fixture) {
    fixture.does("wrong", r"printf 'a\377b\303'", Reply::new().stdout(*b"a\xffb\xc3"));
}

pub fn text_that_is_none_is_an_error(fixture: &Fixture) {
    wrong(fixture);
    let expected = Error::UnicodeDecode { encoding: "utf-8", position: 1 };
    assert_eq!(fixture.subprocess.check_output("wrong").text(true).wait(), Err(expected.clone()));
    let done = fixture.subprocess.run("wrong").capture_output(true).wait().unwrap();
    assert_eq!(done.stdout_text(), Err(expected));
}

pub fn error_handlers_replace(fixture: &Fixture) {
    wrong(fixture);
    for (handler, text) in [("replace", "a\u{fffd}b\u{fffd}"), ("ignore", "ab"), ("backslashreplace", r"a\xffb\xc3")] {
        let done = fixture.subprocess.run("wrong").capture_output(true).errors(handler).wait().unwrap();
        assert_eq!(done.stdout_text().unwrap(), text, "{handler}");
    }
}

pub fn other_encodings(fixture: &Fixture) {
    wrong(fixture);
    let latin = fixture.subprocess.check_output("wrong").encoding("latin-1").wait().unwrap();
    assert_eq!(String::from_utf8(latin).unwrap(), "aÿbÃ");
    let ascii = fixture.subprocess.check_output("wrong").encoding("ASCII").wait();
    assert_eq!(ascii, Err(Error::UnicodeDecode { encoding: "ascii", position: 1 }));
}

pub fn input_is_encoded(fixture: &Fixture) {
    fixture.cat();
    let cat = fixture.subprocess.run("cat").input("é€");
    assert_eq!(
        cat.clone().encoding("latin-1").capture_output(true).wait().unwrap_err(),
        Error::UnicodeEncode { encoding: "latin-1", position: 1, character: '€' }
    );
    let output = cat.encoding("latin-1").errors("xmlcharrefreplace").capture_output(true).wait().unwrap();
    assert_eq!(output.stdout_text().unwrap(), "é&#8364;");
}

pub fn unknown_names_are_lookup_errors(fixture: &Fixture) {
    fixture.cat();
    for run in [fixture.subprocess.run("cat").encoding("klingon"), fixture.subprocess.run("cat").errors("klingon")] {
        let error = run.wait().unwrap_err();
        assert!(matches!(&error, Error::Lookup { name, .. } if name == "klingon"), "{error:?}");
    }
}

pub fn what_was_not_captured_has_no_text(fixture: &Fixture) {
    fixture.does("quiet", "exit 0", Reply::new());
    let done = fixture.subprocess.run("quiet").wait().unwrap();
    assert_eq!(done.stderr_text().unwrap_err().to_string(), "stderr of 'quiet' was not captured");
}

fn lines(fixture: &Fixture, text: bool) -> Vec<String> {
    fixture.subprocess.run("mixed").text(text).lines().unwrap().collect::<Result<_, _>>().unwrap()
}

pub fn lines_come_as_they_are(fixture: &Fixture) {
    mixed(fixture);
    assert_eq!(lines(fixture, false), ["one\r", "two\rthree", "\r", "five"]);
    let mut popen = fixture.subprocess.popen("mixed").stdout(PIPE).spawn().unwrap();
    let lines: Vec<String> = popen.stdout.take().unwrap().lines().map(Result::unwrap).collect();
    assert_eq!(lines, ["one\r", "two\rthree", "\r", "five"]);
    fixture.does("quiet", "exit 0", Reply::new());
    assert_eq!(fixture.subprocess.run("quiet").lines().unwrap().count(), 0);
}

pub fn lines_in_text_mode_end_at_carriage_returns(fixture: &Fixture) {
    mixed(fixture);
    assert_eq!(lines(fixture, true), ["one", "two", "three", "", "five"]);
}

pub fn lines_end_with_the_failure(fixture: &Fixture) {
    fixture.does("fails", "echo one; exit 3", Reply::new().stdout("one\n").code(3));
    let mut lines = fixture.subprocess.run("fails").check(true).lines().unwrap();
    assert_eq!(lines.next(), Some(Ok("one".into())));
    assert_eq!(lines.next().unwrap().unwrap_err().returncode(), Some(3));
    assert!(lines.next().is_none());
    assert_eq!(fixture.subprocess.run("fails").lines().unwrap().filter(Result::is_err).count(), 0);
}

pub fn lines_can_be_left(fixture: &Fixture) {
    fixture.family(true);
    let mut lines = fixture.subprocess.run("family").lines().unwrap();
    let pids = super::fixture::numbers(lines.next().unwrap().unwrap().as_bytes());
    drop(lines);
    fixture.assert_gone(&pids);
}

pub fn lines_of_an_endless_program(fixture: &Fixture) {
    fixture.real("yes", |yes| drop(yes.answer(Reply::new().repeat("y\n"))));
    let lines = fixture.subprocess.run("yes").lines().unwrap();
    assert_eq!(lines.take(100_000).filter(|line| line.as_deref() == Ok("y")).count(), 100_000);
}

pub fn lines_have_a_deadline(fixture: &Fixture) {
    fixture.family(true);
    let mut lines = fixture.subprocess.run("family").timeout(SOON).lines().unwrap();
    let pids = super::fixture::numbers(lines.next().unwrap().unwrap().as_bytes());
    assert!(lines.next().unwrap().unwrap_err().is_timeout());
    assert!(lines.next().is_none());
    fixture.assert_gone(&pids);
}

pub fn lines_keep_the_error(fixture: &Fixture) {
    fixture.does("noisy", "echo out; echo why >&2; exit 1", Reply::new().stdout("out\n").stderr("why\n").code(1));
    let items: Vec<_> = fixture.subprocess.run("noisy").capture_output(true).check(true).lines().unwrap().collect();
    assert_eq!(items.len(), 2);
    assert_eq!(items[1].as_ref().unwrap_err().stderr(), Some(&b"why\n"[..]));
}
