//! Serves a world over TCP, so that programs in other languages can be tested against its S3.
//!
//!     cargo run --example leyden_fake --features serve -- 127.0.0.1:4566
//!     AWS_ACCESS_KEY_ID=test AWS_SECRET_ACCESS_KEY=test AWS_DEFAULT_REGION=us-east-1 aws --endpoint-url http://127.0.0.1:4566 s3 mb s3://backups
//!
//! It prints the URL on its first line and runs until its standard input ends. The address is `127.0.0.1:0` unless given, which picks a free port.
//! With `LEYDEN_FAKE_KEY=ID:SECRET` in the environment, signatures are checked with that key. What it holds goes when it ends.

use leyden::prelude::*;
use leyden::world::Serve;

fn main() -> leyden::Result<()> {
    let Batteries { os, sys, .. } = &Batteries::included();
    let address = sys.argv().get(1).map_or_else(|| "127.0.0.1:0".to_owned(), |address| address.to_string_lossy().into_owned());
    let mut serve = Serve::new().s3(address);
    let key = os.getenv_or("LEYDEN_FAKE_KEY", "");
    if let Some((id, secret)) = key.split_once(':') {
        serve = serve.credentials(id, secret);
    }
    let world = World::new();
    let served = world.serve(serve)?;
    sys.stdout.write(&format!("{}\n", served.s3_url().unwrap_or_default()))?;
    sys.stdout.flush()?;
    sys.stdin.read(None)?;
    Ok(())
}
