//! What single classes and characters match, case ignored or not, over the whole of Unicode.

use crate::support::oracle::{Replay, cases};
use leyden::re::{self, Source};

#[test]
fn over_all_characters() {
    let mut replay = Replay::default();
    let every: String = (0..=0x0010_ffff).filter_map(char::from_u32).collect();
    let cased = cases("re_classes").into_iter().find_map(|case| case["cased"].as_str().map(str::to_owned)).unwrap();
    for case in cases("re_classes") {
        let Some(pattern) = case["p"].as_str() else { continue };
        let compiled = re::compile(Source::new(pattern)).unwrap();
        if let Some(python) = case["r"].as_array() {
            let python: Vec<u64> = python.iter().map(|n| n.as_u64().unwrap()).collect();
            let mut ranges: Vec<u64> = Vec::new();
            for found in compiled.findall::<&str>(&every).unwrap() {
                let c = u64::from(u32::from(found.chars().next().unwrap()));
                match ranges.last_mut() {
                    Some(last) if *last + 1 == c => *last = c,
                    _ => ranges.extend([c, c]),
                }
            }
            replay.check(format!("{pattern:?} over all characters"), ranges, python);
        } else {
            let found: String = compiled.findall::<&str>(&cased).unwrap().concat();
            replay.check(format!("{pattern:?} over the cased characters"), found.as_str(), case["c"].as_str().unwrap());
        }
    }
    replay.finish(2_000);
}

#[test]
fn names() {
    let mut replay = Replay::default();
    for case in cases("re_classes") {
        let Some(name) = case["n"].as_str() else { continue };
        let found = re::compile(Source::new(&format!(r"\N{{{name}}}"))).ok();
        let found = found.and_then(|pattern| {
            let text = case["u"].as_str().unwrap_or_default();
            pattern.fullmatch(text).unwrap().map(|_| text.to_owned())
        });
        replay.check(format!("\\N{{{name}}}"), found, case["u"].as_str().map(str::to_owned));
    }
    replay.finish(300);
}

/// Characters by name: rows F1 and F2 of the list of faults.
#[test]
fn by_name() {
    let mut replay = Replay::default();
    for case in cases("re_names") {
        let pattern = format!("\\N{{{}}}", case["name"].as_str().unwrap());
        match re::compile(Source::new(&pattern)) {
            Ok(compiled) => {
                let found = case["r"].as_str().map(|c| compiled.fullmatch(c).unwrap().is_some());
                replay.check(&pattern, found, Some(true));
            }
            Err(error) => {
                let error = error.pattern().unwrap();
                let python = (case["r"]["error"].as_str(), case["r"]["pos"].as_u64().map(|pos| pos as usize));
                replay.check(&pattern, (Some(error.msg.as_str()), error.pos), python);
            }
        }
    }
    replay.finish(4_000);
}
