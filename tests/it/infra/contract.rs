//! What a user may get wrong, and what a plan then says: passed-over errors, outputs of any shape, outputs that change unannounced,
//! one object under two addresses, texts that a terminal acts upon.

use std::collections::BTreeMap;

use leyden::infra::host::{Directory, File};
use leyden::infra::{Action, Declare, Error, Id, Infra, Input, Live, Resource, Scope, State, Stored, Token};
use leyden::prelude::*;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{apply, infra, plan};

fn refused(declare: impl Fn(&Declare) -> leyden::Result<()>) -> String {
    let world = World::new();
    let planned = infra().plan(&world.batteries(), &declare).wait().map(|plan| plan.to_string()).unwrap_err().to_string();
    let validated = infra().validate(&world.batteries(), &declare).unwrap_err().to_string();
    assert_eq!(planned, validated);
    planned
}

#[test]
fn a_refused_declaration_fails_the_plan_although_the_closure_passes_over_it() {
    let twice = refused(|declare| {
        declare.add("a", File::new("/a", "1"))?;
        let _ = declare.add("a", File::new("/b", "2"));
        Ok(())
    });
    assert_eq!(twice, "a: declared twice");
    let settings = refused(|declare| {
        let first = declare.add("a", Stored::new("1"))?;
        let _ = declare.add("a", Stored::new("2"));
        first.protect(); // the first one is still there
        Ok(())
    });
    assert_eq!(settings, "a: declared twice");
    let name = refused(|declare| {
        let _ = declare.add("a b", Stored::new("1"));
        let _ = declare.add("a b", Stored::new("1"));
        Ok(())
    });
    assert!(name.starts_with("\"a b\": not a valid address"), "{name}");
    let output = refused(|declare| {
        declare.output("x", 1)?;
        let _ = declare.output("x", 2);
        Ok(())
    });
    assert_eq!(output, "output \"x\": declared twice");
}

#[test]
fn two_addresses_of_one_object_are_refused_by_both_names() {
    let same = refused(|declare| {
        declare.add("one", File::new("/etc/motd", "1"))?;
        declare.add("two", File::new("/etc/motd", "2"))?;
        Ok(())
    });
    assert_eq!(same, "two: is the same host.file as one: \"/etc/motd\"");
    // Known from another object, during plan alone.
    let world = World::new();
    let later = infra().plan(&world.batteries(), |declare| {
        let named = declare.add("named", Stored::new("x"))?;
        declare.import("one", "/x");
        declare.import("two", "/x");
        declare.add("one", File::new("/x", "1"))?.after(&named);
        declare.add("two", File::new("/y", "1"))?;
        Ok(())
    });
    world.os.write("/x", "1");
    let error = later.wait().unwrap_err();
    assert!(matches!(&error, Error::SameObject { first, id, .. } if first.as_str() == "one" && id == "/x"), "{error}");
    // Another kind may have the same name.
    let _ = plan(&World::new(), |declare| {
        declare.add("file", File::new("/x", "1"))?;
        declare.add("directory", Directory::new("/x"))?;
        Ok(())
    });
}

#[test]
fn an_incomplete_apply_says_what_failed_and_what_was_left_alone() {
    let world = World::new();
    let planned = plan(&world, |declare| {
        declare.add("good", File::new("/good", "1"))?;
        let bad = declare.add("bad", File::new("/no/such/dir", "1"))?;
        declare.add("top", Stored::of(bad.id().map(Value::from)))?;
        Ok(())
    });
    let Err(Error::Apply(applied)) = planned.apply(&world.batteries()).wait() else { panic!("it did not fail") };
    let text = applied.to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "Apply incomplete! Resources: 1 added, 0 changed, 0 destroyed.", "{text}");
    assert!(lines[1].starts_with("Failed: bad: create: "), "{text}");
    assert_eq!(lines[2], "Left alone: top", "{text}");
}

/// An object in a file whose output is a value of any shape.
#[derive(Clone, Serialize, Deserialize)]
#[serde(bound = "")]
struct Plain<O> {
    path: String,
    text: String,
    #[serde(skip)]
    of: std::marker::PhantomData<fn() -> O>,
}

trait Shape: Serialize + DeserializeOwned + Clone + Send + Sync + 'static {
    const CHANGING: &'static [&'static str] = &["text"];
    fn of(text: &str) -> Self;
}

impl<O: Shape> Resource for Plain<O> {
    const TYPE: &'static str = "test.plain";
    type Out = O;
    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Self>>) -> leyden::Result<Option<Live<Self>>> {
        if !scope.os.path.exists(id.as_str()) {
            return Ok(None);
        }
        let text = scope.os.read_text(id.as_str())?;
        let out = O::of(&text);
        Ok(Some(Live::new(plain(id.as_str(), &text), out)))
    }
    async fn create(&self, scope: &Scope, _: &Token) -> leyden::Result<(Id, O)> {
        scope.os.write_text(&self.path, &self.text)?;
        Ok((Id::new(&self.path), O::of(&self.text)))
    }
    async fn update(&self, scope: &Scope, _: &Id, _: &Live<Self>) -> leyden::Result<O> {
        scope.os.write_text(&self.path, &self.text)?;
        Ok(O::of(&self.text))
    }
    async fn delete(scope: &Scope, id: &Id, _: &Live<Self>) -> leyden::Result<()> {
        Ok(scope.os.unlink(id.as_str())?)
    }
    fn changing_outputs(&self, _: &Live<Self>) -> &'static [&'static str] {
        O::CHANGING
    }
}

fn plain<O>(path: &str, text: &str) -> Plain<O> {
    Plain { path: path.into(), text: text.into(), of: std::marker::PhantomData }
}

impl Shape for String {
    fn of(text: &str) -> String {
        text.to_owned()
    }
}

impl Shape for u32 {
    fn of(text: &str) -> u32 {
        text.len() as u32
    }
}

impl Shape for Vec<String> {
    fn of(text: &str) -> Vec<String> {
        vec![text.to_owned()]
    }
}

impl Shape for BTreeMap<String, String> {
    fn of(text: &str) -> BTreeMap<String, String> {
        BTreeMap::from([("text".to_owned(), text.to_owned())])
    }
}

impl Shape for Option<(u8, String)> {
    fn of(text: &str) -> Option<(u8, String)> {
        Some((1, text.to_owned()))
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Named(Inner);

#[derive(Clone, Serialize, Deserialize)]
struct Inner {
    text: String,
}

impl Shape for Named {
    fn of(text: &str) -> Named {
        Named(Inner { text: text.to_owned() })
    }
}

#[derive(Clone, Serialize, Deserialize)]
enum Choice {
    Text(String),
}

impl Shape for Choice {
    fn of(text: &str) -> Choice {
        Choice::Text(text.to_owned())
    }
}

#[derive(Clone, Serialize, Deserialize)]
struct Flat {
    #[serde(flatten)]
    inner: Inner,
}

impl Shape for Flat {
    fn of(text: &str) -> Flat {
        Flat { inner: Inner { text: text.to_owned() } }
    }
}

fn shape<O: Shape>() {
    let world = World::new();
    let infra = Infra::new("plain", State::file("/state.json")).register::<Plain<O>>();
    let declare = |text: &'static str| {
        move |declare: &Declare| {
            let first = declare.add("first", plain::<O>("/first", text))?;
            declare.add("second", Stored::of(first.out(|out| out).map(|out| json!(out))))?;
            Ok(())
        }
    };
    let planned = infra.plan(&world.batteries(), declare("one")).wait().unwrap();
    assert!(planned.change("second").unwrap().is_unknown("input"), "{planned}");
    assert!(!planned.to_string().contains("\\u0000") && !planned.json().to_string().contains("\\u0000unknown"), "{planned}");
    let stored = |applied: leyden::infra::Applied| {
        let entries = applied.state.json().to_string();
        assert!(entries.contains("second"));
        applied
    };
    stored(planned.apply(&world.batteries()).wait().unwrap());
    assert!(infra.plan(&world.batteries(), declare("one")).wait().unwrap().is_empty());
    // The update changes the output, so the second one is planned with it.
    let planned = infra.plan(&world.batteries(), declare("three")).wait().unwrap();
    assert_eq!(planned.change("second").unwrap().action, Action::Update, "{planned}");
    stored(planned.apply(&world.batteries()).wait().unwrap());
    assert!(infra.plan(&world.batteries(), declare("three")).wait().unwrap().is_empty());
}

#[test]
fn outputs_of_any_shape_are_unknown_until_the_object_exists() {
    shape::<String>();
    shape::<u32>();
    shape::<Vec<String>>();
    shape::<BTreeMap<String, String>>();
    shape::<Option<(u8, String)>>();
    shape::<Named>();
    shape::<Choice>();
    shape::<Flat>();
}

#[derive(Clone, Serialize, Deserialize)]
struct Unannounced {
    text: String,
}

impl Shape for Unannounced {
    const CHANGING: &'static [&'static str] = &[];
    fn of(text: &str) -> Unannounced {
        Unannounced { text: text.to_owned() }
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
struct UnannouncedText(String);

impl Shape for UnannouncedText {
    const CHANGING: &'static [&'static str] = &[];
    fn of(text: &str) -> UnannouncedText {
        UnannouncedText(text.to_owned())
    }
}

fn unannounced<O: Shape>(expected: &str) {
    let world = World::new();
    let infra = Infra::new("plain", State::file("/state.json")).register::<Plain<O>>();
    let declare = |text: &'static str| {
        move |declare: &Declare| {
            let first = declare.add("first", plain::<O>("/first", text))?;
            let value: Input<Value> = first.out(|out| out).map(|out| json!(out));
            declare.add("second", Stored::of(value))?;
            Ok(())
        }
    };
    infra.plan(&world.batteries(), declare("one")).wait().unwrap().apply(&world.batteries()).wait().unwrap();
    let Err(Error::Apply(applied)) =
        infra.plan(&world.batteries(), declare("two")).wait().unwrap().apply(&world.batteries()).wait()
    else {
        panic!("the output changed unannounced")
    };
    assert_eq!(applied.failures[0].to_string(), expected);
    // What happened is in the state, so the next plan reaches what depends on it.
    let next = infra.plan(&world.batteries(), declare("two")).wait().unwrap();
    assert_eq!(next.change("first").unwrap().action, Action::NoOp);
    assert_eq!(next.change("second").unwrap().action, Action::Update);
    next.apply(&world.batteries()).wait().unwrap();
    assert!(infra.plan(&world.batteries(), declare("two")).wait().unwrap().is_empty());
}

#[test]
fn an_output_that_changes_unannounced_is_inconsistent() {
    unannounced::<Unannounced>("first: text was planned as \"one\" and became \"two\"");
    unannounced::<UnannouncedText>("first: the output was planned as \"one\" and became \"two\"");
}

#[test]
fn texts_of_a_plan_show_what_a_terminal_would_act_upon() {
    let world = World::new();
    let text = "a\u{1b}[2J\u{0}\r\nb\u{9b}1m\u{7f}\u{202e}\n";
    let declare = |text: String| {
        move |declare: &Declare| {
            declare.add("file", File::new("/file", text.clone()))?;
            declare.add("map", Stored::new(json!({ "k\u{1b}": "v\u{9b}" })))?;
            declare.output("out\u{1b}", text.clone())?;
            declare.check("check", false, "message\u{1b}[31m");
            Ok(())
        }
    };
    let acts = |shown: &str| shown.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}');
    let created = plan(&world, declare(text.to_owned())).to_string();
    assert!(!acts(&created), "{created:?}");
    assert!(created.contains("a\\u001b[2J\\u0000\\r\n"), "{created}");
    assert!(created.contains("b\\u009b1m\\u007f\\u202e\n"), "{created}");
    let applied = apply(&world, declare(text.to_owned())).to_string();
    assert!(!acts(&applied), "{applied:?}");
    // Line ends of another kind are a change that is seen.
    let changed = plan(&world, declare(text.replace('\r', ""))).to_string();
    assert!(
        !acts(&changed) && changed.contains("- a\\u001b[2J\\u0000\\r\n") && changed.contains("+ a\\u001b[2J\\u0000\n"),
        "{changed}"
    );
    world.os.write("/file", "a\u{1b}\n");
    let drifted = plan(&world, declare(text.to_owned())).to_string();
    assert!(drifted.contains("changed outside") && !acts(&drifted), "{drifted:?}");
}
