//~ the `?` operator can only be applied to values that implement `Try`
//~ cannot be applied to type `leyden::prelude::Run<leyden::subprocess::On<CompletedProcess>>`
use leyden::prelude::*;

fn main() -> leyden::Result<()> {
    World::new().batteries().subprocess.run("ls")?;
    Ok(())
}
