//! The way to a host: `ProxyJump`, `ProxyCommand`, the configuration's `gateway`.

use std::sync::Arc;

use super::connect::{Connect, Facts, Gateway};
use super::settings::Settings;
use super::{Connection, derive_shorthand};
use crate::fabric::Fabric;
use crate::fabric::error::{Error, Result};

/// `Connection.get_gateway`: `ProxyJump`, `ProxyCommand`, the configuration.
pub(super) fn gateway(fabric: &Fabric, settings: &Arc<Settings>, facts: &Facts, depth: u8) -> Result<Option<Gateway>> {
    let options = &facts.options;
    let is_none = |text: &str| text.eq_ignore_ascii_case("none");
    if let Some(jumps) = options.proxy_jump.as_deref().filter(|jumps| !is_none(jumps)) {
        if depth >= 8 {
            return Err(Error::Value(format!("{}: more than 8 jumps: ProxyJump leads back to itself", facts.original_host)));
        }
        let mut hops = jumps.split(',').rev();
        // The last hop is the one that this connection goes through; each hop before it is the way to that one.
        let mut chain: Vec<&str> = Vec::new();
        for hop in hops.by_ref() {
            let hop = hop.trim();
            if derive_shorthand(hop)?.host.as_deref() == Some(facts.host.as_str()) {
                return Ok(None);
            }
            chain.push(hop);
        }
        let mut way: Option<Connection> = None;
        for hop in chain.into_iter().rev() {
            let mut connect = Connect::new(hop);
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
