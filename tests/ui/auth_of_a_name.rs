//~ `&str` does not authenticate
//~ pass `("user", "password")`
use leyden::prelude::*;

fn main() {
    let Batteries { requests, .. } = World::new().batteries();
    requests.get("https://a.test/").auth("user").wait().unwrap();
}
