//! `os.path`, `shlex` and `fnmatch` as text: every answer is Python's.

use crate::support::oracle::{Replay, cases};
use crate::support::trees::name;
use leyden::os::{fnmatch, path, shlex};
use serde_json::Value;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};

fn names(value: &Value) -> Vec<OsString> {
    value.as_array().unwrap().iter().map(name).collect()
}

fn pair<A: AsRef<OsStr>, B: AsRef<OsStr>>((a, b): (A, B)) -> Option<Vec<OsString>> {
    Some(vec![a.as_ref().into(), b.as_ref().into()])
}

fn one(path: impl Into<OsString>) -> Option<Vec<OsString>> {
    Some(vec![path.into()])
}

#[test]
fn os_path() {
    let mut replay = Replay::default();
    for case in cases("os_path") {
        let function = case["f"].as_str().unwrap();
        let a = |at: usize| name(&case["a"][at]);
        let cwd = || name(&case["cwd"]);
        let variable = |key: &OsStr| case["env"].get(key.to_str()?).map(name);
        if function == "isabs" {
            replay.check(&case, path::isabs(a(0)), case["r"].as_bool().unwrap());
            continue;
        }
        let python = case.get("r").map(|result| if result.is_array() { names(result) } else { vec![name(result)] });
        let leyden = match function {
            "split" => pair(path::split(&a(0))),
            "splitext" => pair(path::splitext(&a(0))),
            "splitdrive" => pair(path::splitdrive(&a(0))),
            "basename" => one(path::basename(&a(0))),
            "dirname" => one(path::dirname(&a(0))),
            "normcase" => one(path::normcase(&a(0))),
            "normpath" => one(path::normpath(a(0))),
            "join" => one(path::join(a(0), &names(&case["a"])[1..])),
            "commonprefix" => one(path::commonprefix(names(&case["a"][0]))),
            "commonpath" => path::commonpath(names(&case["a"][0])).ok().and_then(one),
            "abspath" => one(path::abspath(a(0), cwd())),
            "relpath" if case["a"][1].is_null() => path::relpath(a(0), ".", cwd()).ok().and_then(one),
            "relpath" => path::relpath(a(0), a(1), cwd()).ok().and_then(one),
            "expandvars" => one(path::expandvars(a(0), variable)),
            "expanduser" => one(path::expanduser(a(0), |user| match user {
                None => variable(OsStr::new("HOME")).or_else(|| Some(name(&case["homes"][""]))).map(PathBuf::from),
                Some(user) => case["homes"].get(user.to_str()?).map(|home| name(home).into()),
            })),
            other => panic!("no such function: {other}"),
        };
        replay.check(&case, leyden, python);
    }
    replay.finish(2500);
}

#[test]
fn shlex_functions() {
    let mut replay = Replay::default();
    for case in cases("shlex") {
        let text = case["s"].as_str().unwrap_or_default();
        let flag = |name: &str| case[name].as_bool().unwrap();
        let python = case.get("r").cloned().ok_or(case["e"].as_str().unwrap_or_default().to_owned());
        let leyden = match case["f"].as_str().unwrap() {
            "split" => shlex::split(shlex::Split::new(text).comments(flag("comments")).posix(flag("posix"))).map(Value::from),
            // DIFFERENCE: a NUL is refused.
            "quote" | "join" if case["s"].to_string().contains("\\u0000") => {
                let words = case["s"].as_array().cloned().unwrap_or_else(|| vec![case["s"].clone()]);
                let refused = shlex::join(words.iter().map(|word| word.as_str().unwrap())).unwrap_err().to_string();
                replay.check(&case, refused.as_str(), "shlex.quote: a word of a command line cannot hold a NUL");
                continue;
            }
            "quote" => shlex::quote(text).map(|quoted| Value::from(quoted.as_ref())),
            "join" => shlex::join(case["s"].as_array().unwrap().iter().map(|word| word.as_str().unwrap())).map(Value::from),
            "Shlex" => tokens(&case),
            other => panic!("no such function: {other}"),
        };
        replay.check(&case, leyden.map_err(|error| error.to_string()), python);
    }
    replay.finish(3500);
}

fn tokens(case: &Value) -> Result<Value, leyden::os::Error> {
    let mut lexer = shlex::Shlex::new(case["s"].as_str().unwrap())
        .posix(case["posix"].as_bool().unwrap())
        .punctuation_chars(case["punctuation"].as_str().unwrap())
        .whitespace_split(case["split"].as_bool().unwrap());
    for (attribute, value) in case["changes"].as_object().unwrap() {
        let value = value.as_str().unwrap();
        lexer = match attribute.as_str() {
            "commenters" => lexer.commenters(value),
            "quotes" => lexer.quotes(value),
            "whitespace" => lexer.whitespace(value),
            "escape" => lexer.escape(value),
            "escapedquotes" => lexer.escapedquotes(value),
            "wordchars" => lexer.wordchars(value),
            other => panic!("no such attribute: {other}"),
        };
    }
    let mut tokens = Vec::new();
    while let Some(token) = lexer.get_token()? {
        tokens.push(serde_json::json!([token, lexer.lineno()]));
    }
    Ok(tokens.into())
}

#[test]
fn fnmatch_functions() {
    let mut replay = Replay::default();
    let cases = cases("fnmatch");
    let all = names(&cases[0]["names"]);
    for case in &cases[1..] {
        let pattern = name(&case["p"]);
        let python: Vec<&OsString> = case["m"].as_array().unwrap().iter().map(|at| &all[at.as_u64().unwrap() as usize]).collect();
        replay.check(&case["p"], fnmatch::filter(&all, &pattern), python);
        if let (Some(text), Some(translated)) = (pattern.to_str(), case["t"].as_str()) {
            replay.check(&case["p"], fnmatch::translate(text).as_str(), translated);
        }
    }
    replay.finish(1000);
}

#[test]
fn a_hostile_pattern_takes_no_more_than_the_product_of_the_lengths() {
    let name = "a".repeat(20_000);
    assert!(!fnmatch::fnmatch(&name, "*a".repeat(50) + "b"));
    assert!(!fnmatch::fnmatch("[".repeat(20_000), "*[".repeat(500) + "b"));
    assert!(!fnmatch::fnmatch(OsStr::from_bytes(&[0xff; 20_000]), "*?".repeat(200) + "b"));
}

#[test]
fn results_borrow_and_take_any_kind_of_path() {
    let owned = PathBuf::from("/srv/www/index.html");
    let (head, tail) = path::split(&owned);
    assert_eq!((head, tail), (Path::new("/srv/www"), OsStr::new("index.html")));
    assert_eq!(path::splitext(tail), (Path::new("index"), OsStr::new(".html")));
    assert_eq!(path::join(head, (String::from("a"), OsStr::new("b"), Path::new("c"))), Path::new("/srv/www/a/b/c"));
    assert_eq!(path::join("a", vec!["b", "c"]), path::join("a", ["b", "c"]));
    assert_eq!(path::join(&owned, tail.to_os_string()).as_os_str(), "/srv/www/index.html/index.html");
}
