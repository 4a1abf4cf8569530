//~ a job cannot return `leyden::subprocess::Run
//~ end what takes time with `.wait()?`
use leyden::prelude::*;

fn main() {
    let Batteries { schedule, .. } = World::new().batteries();
    schedule.every(1).hour().do_(|batteries: &Batteries| batteries.subprocess.run("ls")).unwrap();
}
