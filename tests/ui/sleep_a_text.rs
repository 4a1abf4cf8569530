//~ the trait bound `leyden::Seconds: From<&str>` is not satisfied
//~ `leyden::Seconds` implements `From<Duration>`
use leyden::prelude::*;

fn main() {
    World::new().batteries().time.sleep("5").wait();
}
