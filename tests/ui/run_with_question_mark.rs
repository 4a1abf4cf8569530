//~ the `?` operator can only be applied to values that implement `Try`
//~ leyden::subprocess::Run
use leyden::prelude::*;

fn main() -> leyden::Result<()> {
    World::new().batteries().subprocess.run("ls")?;
    Ok(())
}
