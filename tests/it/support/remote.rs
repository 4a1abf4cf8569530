//! This machine as another one: over SSH to the server in this process.

use leyden::fabric::{Connect, ConnectKwargs, Fabric};
use leyden::prelude::*;
use std::path::Path;
use std::sync::OnceLock;

use super::sshd::Sshd;

/// The batteries of this machine over a connection of their own. Commands run in the home directory of the server, which is the temporary one.
pub fn batteries(_home: &Path) -> Batteries {
    static SERVER: OnceLock<Sshd> = OnceLock::new();
    let server = SERVER.get_or_init(|| Sshd::start(&std::env::temp_dir()));
    let here = Batteries::included();
    let fabric = Fabric::native(here.os, here.subprocess);
    let kwargs = ConnectKwargs::new().password("secret").allow_agent(false).look_for_keys(false);
    let connect = Connect::new("test@127.0.0.1").port(server.port).connect_kwargs(kwargs).dangerously_accept_any_host_key();
    fabric.connection(connect).batteries().wait().unwrap()
}
