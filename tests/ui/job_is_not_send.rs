//~ `Rc<str>` cannot be sent between threads safely
use leyden::prelude::*;

fn main() {
    let Batteries { schedule, .. } = World::new().batteries();
    let host: std::rc::Rc<str> = "web1".into();
    schedule.every(1).hour().do_(move |_: &Batteries| println!("{host}")).unwrap();
}
