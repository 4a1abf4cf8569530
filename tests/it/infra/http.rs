//! A state behind a URL that locks.

use std::sync::{Arc, Mutex};

use leyden::infra::{Declare, Error, Infra, State, Stored};
use leyden::prelude::*;
use leyden::requests::mock::Reply;
use serde_json::Value;

const URL: &str = "https://state.test/prod";

#[derive(Default)]
struct Server {
    text: Option<String>,
    lock: Option<Value>,
    posts: Vec<String>,
}

/// A server of the protocol: one state, one lock; a POST without the lock's id is refused.
fn server(world: &World) -> Arc<Mutex<Server>> {
    let server: Arc<Mutex<Server>> = Arc::default();
    let it = server.clone();
    world.requests.any(URL).reply_with(move |request| {
        let mut it = it.lock().unwrap();
        match request.method.as_str() {
            "GET" => it.text.clone().map_or_else(|| Reply::new(404), |text| Reply::new(200).body(text)),
            "LOCK" if it.lock.is_some() => Reply::new(423).json(it.lock.as_ref().unwrap()),
            "LOCK" => {
                it.lock = request.json();
                Reply::new(200)
            }
            "UNLOCK" if it.lock.as_ref().map(|lock| &lock["ID"]) == request.json().as_ref().map(|lock| &lock["ID"]) => {
                it.lock = None;
                Reply::new(200)
            }
            "POST" => {
                let id = request.query().into_iter().find(|(name, _)| name == "ID").map(|(_, id)| id);
                if it.lock.as_ref().and_then(|lock| lock["ID"].as_str()) != id.as_deref() {
                    return Reply::new(409);
                }
                it.text = Some(request.text());
                it.posts.extend(id);
                Reply::new(200)
            }
            _ => Reply::new(400),
        }
    });
    server
}

fn one(declare: &Declare) -> leyden::Result<()> {
    Ok(declare.add("a", Stored::new("a")).map(drop)?)
}

#[test]
fn a_state_behind_a_url() {
    let world = World::new();
    let server = server(&world);
    let batteries = world.batteries();
    let infra = Infra::new("test", State::http(URL));
    infra.plan(&batteries, one).wait().unwrap().apply(&batteries).wait().unwrap();
    assert!(infra.plan(&batteries, one).wait().unwrap().is_empty());
    assert!(server.lock().unwrap().lock.is_none());
    assert!(server.lock().unwrap().posts.len() >= 2, "the intent, and what became of it");
    // Held by another.
    server.lock().unwrap().lock = Some(serde_json::json!({"ID": "1", "Who": "ann@x", "Operation": "apply", "Created": "now"}));
    let error = infra.plan(&batteries, one).wait().unwrap_err();
    assert_eq!(error.to_string(), "https://state.test/prod: state is locked: held by ann@x for apply since now (id 1)");
    infra.state(&batteries).force_unlock_although_another_run_may_be_active("1").wait().unwrap();
    // Lost while it works.
    let thief = server.clone();
    let run = infra.plan(&batteries, |declare| Ok(declare.add("b", Stored::new("b")).map(drop)?)).wait().unwrap();
    let run = run.apply(&batteries).progress(move |_| thief.lock().unwrap().lock = None);
    let Err(Error::Apply(applied)) = run.wait() else { panic!("the lock was lost") };
    assert!(matches!(applied.failures[0], Error::LostLock { .. }), "{:?}", applied.failures);
}
