//! The way to a host: `ProxyJump`, `ProxyCommand`, the configuration's `gateway`.

use std::sync::Arc;

use super::Connection;
use super::connect::{Connect, Facts, Gateway};
use super::settings::Settings;
use crate::fabric::Fabric;
use crate::fabric::error::{Error, Result};
use crate::fabric::ssh_config::Jump;
use crate::fabric::texts::python_repr;

/// `Connection.get_gateway`: `ProxyJump`, `ProxyCommand`, the configuration.
pub(super) fn gateway(fabric: &Fabric, settings: &Arc<Settings>, facts: &Facts, depth: u8) -> Result<Option<Gateway>> {
    let options = &facts.options;
    let is_none = |text: &str| text.eq_ignore_ascii_case("none");
    if let Some(jumps) = options.proxy_jump.as_deref().filter(|jumps| !is_none(jumps)) {
        if depth >= 8 {
            return Err(Error::Value(format!("{}: more than 8 jumps: ProxyJump leads back to itself", facts.original_host)));
        }
        // OpenSSH's order: the first hop is reached directly, the last one leads to the host.
        let mut chain: Vec<Jump> = Vec::new();
        for hop in jumps.split(',') {
            let jump = Jump::parse(hop).ok_or_else(|| Error::Value(format!("invalid ProxyJump {}", python_repr(hop.trim()))))?;
            if jump.host == facts.host {
                return Ok(None);
            }
            chain.push(jump);
        }
        let mut way: Option<Connection> = None;
        for hop in chain {
            // Parts, not a host string: an IPv6 address has its port beside it.
            let mut connect = Connect::new(hop.host);
            connect.user = hop.user;
            connect.port = hop.port;
            connect.depth = depth + 1;
            connect.host_keys = Some(facts.host_keys);
            if let Some(way) = way.take() {
                connect = connect.gateway(way);
            }
            let hop = Connection::build(fabric, settings, connect, None);
            hop.check()?;
            way = Some(hop);
        }
        return Ok(way.map(Gateway::from));
    }
    if let Some(command) = options.proxy_command.as_deref().filter(|command| !is_none(command)) {
        return Ok(Some(Gateway::Command(command.to_owned())));
    }
    Ok(settings.gateway.as_deref().filter(|command| !command.is_empty()).map(|command| Gateway::Command(command.to_owned())))
}
