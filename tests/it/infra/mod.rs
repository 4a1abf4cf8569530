//! Desired state: the engine, its states, its resources, in memory.

mod contract;
#[cfg(feature = "ec2")]
mod ec2;
mod engine;
mod faults;
mod hosts;
#[cfg(feature = "requests")]
mod http;
#[cfg(feature = "cli")]
mod jobs;
#[cfg(feature = "s3")]
mod s3;
mod scale;
mod state;
mod token;
mod torture;

use leyden::infra::{Applied, Declare, Infra, Plan, State};
use leyden::prelude::*;

pub fn infra() -> Infra {
    Infra::new("test", State::file("/infra/state.json"))
}

pub fn plan(world: &World, declare: impl FnOnce(&Declare) -> leyden::Result<()>) -> Plan {
    infra().plan(&world.batteries(), declare).wait().unwrap()
}

pub fn apply(world: &World, declare: impl FnOnce(&Declare) -> leyden::Result<()>) -> Applied {
    plan(world, declare).apply(&world.batteries()).wait().unwrap()
}

pub fn actions(plan: &Plan) -> Vec<(String, &'static [&'static str])> {
    plan.changes().iter().map(|change| (change.address.to_string(), change.action.words())).collect()
}
