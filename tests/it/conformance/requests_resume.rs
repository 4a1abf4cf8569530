//! A download that was killed: whatever became of its part and its note, the next one gives the right bytes or an error.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use leyden::prelude::*;
use leyden::requests::Error;

use super::requests::Fixture;
use crate::support::http::{Answer, Seen};

conformance!(
    mock = Fixture::mock,
    native = Fixture::native,
    [
        a_killed_download_goes_on_or_begins_again,
        a_part_that_is_a_link_is_not_followed,
        a_part_that_is_replaced_meanwhile_is_an_error,
        a_download_that_is_given_up_leaves_a_note,
    ]
);

/// Bytes that differ from each other, and from those of another seed.
fn bytes(size: usize, seed: u64) -> Vec<u8> {
    let mut state = seed | 1;
    (0..size)
        .map(|_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        })
        .collect()
}

/// What a server of files answers.
fn file(all: &[u8], request: &Seen) -> Answer {
    let from =
        request.header("range").map(|range| range.trim_start_matches("bytes=").trim_end_matches('-').parse::<usize>().unwrap());
    let same = request.header("if-range").is_none_or(|tag| tag == "\"v1\"");
    let answer = |status| Answer::new(status).header("ETag", "\"v1\"");
    match from.filter(|_| same) {
        Some(from) if from >= all.len() => answer(416).header("Content-Range", format!("bytes */{}", all.len())),
        Some(from) => answer(206)
            .header("Content-Range", format!("bytes {from}-{}/{}", all.len() - 1, all.len()))
            .body(all[from..].to_vec()),
        None => answer(200).body(all.to_vec()),
    }
}

// S12, and the kind of T3
fn a_killed_download_goes_on_or_begins_again(fixture: &Fixture) {
    let all = bytes(150_000, 1);
    let other = bytes(150_000, 2);
    let served = all.clone();
    fixture.serve_with("/file", move |request| file(&served, request));
    let call = || fixture.session().get(fixture.url("/file")).download(fixture.path("file"));
    // What is on the disk at every moment at which the process might be killed.
    let moments: Arc<Mutex<Vec<(Vec<u8>, Option<Vec<u8>>)>>> = Arc::default();
    let (log, os, dir) = (moments.clone(), fixture.batteries.os.clone(), fixture.dir.clone());
    let read = move |name: &str| os.read_bytes(format!("{dir}/{name}")).ok();
    call().progress(move |_| log.lock().unwrap().push((read("file.part").unwrap(), read("file.part.meta")))).wait().unwrap();
    let moments = moments.lock().unwrap().clone();
    assert!(!moments.is_empty());
    let clear = || {
        for name in ["file", "file.part", "file.part.meta"] {
            let _ = fixture.batteries.os.remove(fixture.path(name));
        }
    };
    let mut gone_on = 0;
    for n in 0..100 {
        let (part, note) = &moments[n % moments.len()];
        // Not all that was written need be on the disk.
        let random = bytes(8, n as u64 + 3).iter().fold(0, |sum, &byte| sum * 251 + usize::from(byte));
        let cut = random % (part.len() + 1);
        let mut zeros = part.clone();
        zeros[cut..].fill(0);
        let mut flipped = part.clone();
        flipped[cut.min(part.len() - 1)] ^= 1;
        let longer = [part, &other[..100]].concat();
        let states: [Option<Vec<u8>>; 7] = [
            Some(part.clone()),
            Some(part[..cut].to_vec()),
            Some(zeros),
            Some(flipped),
            Some(longer),
            Some(other[..part.len()].to_vec()),
            None,
        ];
        let notes = [note.clone(), None, note.as_ref().map(|note| note[..random % note.len()].to_vec())];
        let (state, note) = (&states[n % states.len()], &notes[(n / states.len()) % notes.len()]);
        clear();
        if let Some(state) = state {
            fixture.write("file.part", state);
        }
        if let Some(note) = note {
            fixture.write("file.part.meta", note);
        }
        fixture.site.seen.lock().unwrap().clear();
        let done = call().resume(true).wait().unwrap();
        assert_eq!(done.bytes, 150_000);
        assert!(fixture.read("file").unwrap() == all, "moment {n}, cut at {cut}");
        assert_eq!((fixture.read("file.part"), fixture.read("file.part.meta")), (None, None));
        gone_on += usize::from(fixture.site.seen().iter().any(|seen| seen.header("range").is_some()));
    }
    assert!(gone_on >= 5, "only {gone_on} went on");
}

// S12
fn a_part_that_is_a_link_is_not_followed(fixture: &Fixture) {
    let all = bytes(1000, 1);
    fixture.serve_with("/file", move |request| file(&all, request));
    let os = &fixture.batteries.os;
    for suffix in [".part", ".part.meta", ".part.meta.new"] {
        for resume in [false, true] {
            for hard in [false, true] {
                fixture.write("victim", b"precious");
                let link = fixture.path(&format!("file{suffix}"));
                if hard { os.link(fixture.path("victim"), &link) } else { os.symlink(fixture.path("victim"), &link) }.unwrap();
                let call = fixture.session().get(fixture.url("/file")).download(fixture.path("file")).resume(resume);
                assert_eq!(call.wait().unwrap().bytes, 1000, "{suffix} {resume} {hard}");
                assert_eq!(fixture.read("victim").unwrap(), b"precious", "{suffix} {resume} {hard}");
                assert_eq!(fixture.read("file").unwrap(), bytes(1000, 1));
                assert!(!os.lstat(fixture.path("file")).unwrap().is_symlink());
                let _ = os.remove(&link);
                os.remove(fixture.path("file")).unwrap();
                os.remove(fixture.path("victim")).unwrap();
            }
        }
    }
}

fn a_part_that_is_replaced_meanwhile_is_an_error(fixture: &Fixture) {
    let all = bytes(1000, 1);
    fixture.serve_with("/file", move |request| file(&all, request));
    let (os, part) = (fixture.batteries.os.clone(), fixture.path("file.part"));
    let other = fixture.write("other", b"of another");
    let call = fixture.session().get(fixture.url("/file")).download(fixture.path("file"));
    let error = call.progress(move |_| drop(os.rename(&other, &part))).wait().unwrap_err();
    assert!(matches!(error, Error::File { .. }), "{error:?}");
    assert_eq!((fixture.read("file"), fixture.read("file.part").unwrap()), (None, b"of another".to_vec()));
}

fn a_download_that_is_given_up_leaves_a_note(fixture: &Fixture) {
    let all = bytes(1000, 1);
    fixture.serve(
        "/file",
        Answer::new(200).header("ETag", "\"v1\"").header("Content-Length", "1000").body(all[..700].to_vec()).stall(),
    );
    let call = || {
        fixture
            .session()
            .get(fixture.url("/file"))
            .timeout(Duration::from_millis(500))
            .download(fixture.path("file"))
            .resume(true)
    };
    let error = call().retries(0).wait().unwrap_err();
    assert!(error.is_timeout(), "{error:?}");
    fixture.serve_with("/file", move |request| file(&all, request));
    call().wait().unwrap();
    assert_eq!(fixture.site.last().header("range"), Some("bytes=700-"));
    assert_eq!(fixture.read("file").unwrap(), bytes(1000, 1));
}
