//! Objects whose ids are the world's choice: found again by their tokens, adopted by their names.

use leyden::infra::{Action, Declare, Error, Field, Id, Infra, Live, Resource, Scope, State, Token};
use leyden::prelude::*;
use serde::{Deserialize, Serialize};

/// A server in a cloud that numbers its objects. Its file holds its token, its name and its size.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Server {
    name: String,
    size: String,
}

fn servers(scope: &Scope) -> leyden::Result<Vec<(Id, Vec<String>)>> {
    let mut all = Vec::new();
    for name in scope.os.listdir("/cloud")? {
        let name = name.to_string_lossy().into_owned();
        let text = scope.os.read_text(format!("/cloud/{name}"))?;
        all.push((Id::new(name), text.split(' ').map(str::to_owned).collect()));
    }
    all.sort();
    Ok(all)
}

impl Resource for Server {
    const TYPE: &'static str = "test.server";
    type Out = ();
    const FINDS_BY_TOKEN: bool = true;
    const FIELDS: &'static [Field] = &[Field::new("name").force_new()];

    async fn find(&self, scope: &Scope, token: &Token) -> leyden::Result<Option<Id>> {
        Ok(servers(scope)?.into_iter().find(|(_, words)| words[0] == token.as_str()).map(|(id, _)| id))
    }

    async fn lookup(&self, scope: &Scope) -> leyden::Result<Option<Id>> {
        let mut named: Vec<Id> =
            servers(scope)?.into_iter().filter(|(_, words)| words[1] == self.name).map(|(id, _)| id).collect();
        if named.len() > 1 {
            return Err(leyden::Error::other(format!("{} servers are named {}", named.len(), self.name)));
        }
        Ok(named.pop())
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Server>>) -> leyden::Result<Option<Live<Server>>> {
        let found = servers(scope)?.into_iter().find(|(own, _)| own == id);
        Ok(found.map(|(_, words)| Live::new(Server { name: words[1].clone(), size: words[2].clone() }, ())))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> leyden::Result<(Id, ())> {
        let id = format!("s-{}", servers(scope)?.len() + 1);
        scope.os.write_text(format!("/cloud/{id}"), format!("{} {} {}", token.as_str(), self.name, self.size))?;
        // The server is there; the answer may be lost.
        scope.os.stat("/cloud")?;
        Ok((Id::new(id), ()))
    }

    async fn update(&self, scope: &Scope, id: &Id, _: &Live<Server>) -> leyden::Result<()> {
        let text = scope.os.read_text(format!("/cloud/{id}"))?;
        let token = text.split(' ').next().unwrap_or_default();
        scope.os.write_text(format!("/cloud/{id}"), format!("{token} {} {}", self.name, self.size))?;
        Ok(())
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Server>) -> leyden::Result<()> {
        scope.os.unlink(format!("/cloud/{id}"))?;
        Ok(())
    }
}

fn infra() -> Infra {
    Infra::new("test", State::file("/state.json")).register::<Server>()
}

fn web(size: &'static str) -> impl Fn(&Declare) -> leyden::Result<()> {
    move |declare: &Declare| {
        declare.add("web", Server { name: "web".into(), size: size.into() })?;
        Ok(())
    }
}

fn world() -> World {
    let world = World::new();
    world.os.mkdir("/cloud");
    world
}

/// A run that was killed when the server was there and its id was not in the state.
fn interrupted() -> World {
    let calls = {
        let world = world();
        infra().plan(&world.batteries(), web("small")).wait().unwrap().apply(&world.batteries()).wait().unwrap();
        world.script().calls()
    };
    let at = calls.iter().position(|call| call.operation == "os.stat" && call.subject == "/cloud").unwrap();
    let world = world();
    world.script().fail_from(at);
    infra().plan(&world.batteries(), web("small")).wait().unwrap().apply(&world.batteries()).wait().unwrap_err();
    world.script().fail_no_more();
    assert_eq!(world.os.listdir("/cloud").len(), 1);
    world
}

fn id(world: &World) -> Option<String> {
    infra().state(&world.batteries()).show("web").wait().unwrap().id.map(|id| id.to_string())
}

#[test]
fn the_token_finds_what_an_interrupted_run_made() {
    let world = interrupted();
    assert_eq!(id(&world), None);
    let plan = infra().plan(&world.batteries(), web("small")).wait().unwrap();
    assert_eq!(plan.change("web").unwrap().action, Action::NoOp, "{plan}");
    plan.apply(&world.batteries()).wait().unwrap();
    assert_eq!((id(&world).as_deref(), world.os.listdir("/cloud").len()), (Some("s-1"), 1));
}

#[test]
fn what_the_token_found_is_updated() {
    let world = interrupted();
    let plan = infra().plan(&world.batteries(), web("large")).wait().unwrap();
    assert_eq!(plan.change("web").unwrap().action, Action::Update, "{plan}");
    plan.apply(&world.batteries()).wait().unwrap();
    assert_eq!((id(&world).as_deref(), world.os.listdir("/cloud").len()), (Some("s-1"), 1));
    assert!(infra().plan(&world.batteries(), web("large")).wait().unwrap().is_empty());
}

#[test]
fn what_the_token_found_is_deleted() {
    let gone = |declare: fn(&Declare) -> leyden::Result<()>| {
        let world = interrupted();
        infra().plan(&world.batteries(), declare).wait().unwrap().apply(&world.batteries()).wait().unwrap();
        assert!(world.os.listdir("/cloud").is_empty());
        assert_eq!(infra().state(&world.batteries()).pull().wait().unwrap().entries().count(), 0);
    };
    gone(|_| Ok(()));
    let world = interrupted();
    infra().destroy(&world.batteries()).wait().unwrap().apply(&world.batteries()).wait().unwrap();
    assert!(world.os.listdir("/cloud").is_empty());
}

#[test]
fn an_object_is_adopted_by_its_name() {
    let world = world();
    world.os.write("/cloud/s-7", "x web small");
    let adopt = |declare: &Declare| {
        declare.add("web", Server { name: "web".into(), size: "large".into() })?.adopt();
        Ok(())
    };
    let plan = infra().plan(&world.batteries(), adopt).wait().unwrap();
    assert_eq!((plan.summary().import, plan.summary().change, plan.summary().add), (1, 1, 0), "{plan}");
    plan.apply(&world.batteries()).wait().unwrap();
    assert_eq!(id(&world).as_deref(), Some("s-7"));
    assert!(infra().plan(&world.batteries(), adopt).wait().unwrap().is_empty());
    world.os.remove("/state.json");
    world.os.write("/cloud/s-8", "y web small");
    let error = infra().plan(&world.batteries(), adopt).wait().unwrap_err();
    assert!(matches!(&error, Error::Resource { action: "find", .. }), "{error}");
    assert_eq!(error.to_string(), "web: find: 2 servers are named web");
}
