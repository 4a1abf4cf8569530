//! The two tunnels of a VPN connection, and the configuration of the customer's router.

use aws_sdk_ec2::types::*;

use super::cidr::Cidr;
use super::ids::fnv;
use super::refusal::{Answer, Refusal};

const INSIDE: Cidr = Cidr::of([169, 254, 0, 0], 16);
const TUNNELS: u64 = 2;

/// Converts the selected values of a list to their description.
macro_rules! listed {
    ($asked:expr, $Value:ident) => {
        $asked.as_ref().map(|all| all.iter().map(|one| $Value::builder().set_value(one.value.clone()).build()).collect())
    };
}

/// Returns a key of the length of AWS's keys, the same in each run.
fn pre_shared_key(number: u64) -> String {
    let word = |part: &str| fnv(&format!("tunnel {number} {part}"));
    format!("k{:016x}{:015x}", word("first"), word("second") >> 4)
}

/// Returns the tunnels of the `number`-th connection, as requested.
pub(super) fn tunnels(number: u64, asked: &[VpnTunnelOptionsSpecification]) -> Answer<Vec<TunnelOption>> {
    if asked.len() as u64 > TUNNELS {
        return Err(Refusal::value("A VPN connection has two tunnels."));
    }
    let any = VpnTunnelOptionsSpecification::builder().build();
    (0..TUNNELS).map(|at| tunnel(number * TUNNELS + at, asked.get(at as usize).unwrap_or(&any))).collect()
}

fn tunnel(number: u64, asked: &VpnTunnelOptionsSpecification) -> Answer<TunnelOption> {
    if asked.tunnel_inside_ipv6_cidr().is_some()
        || asked.log_options().is_some()
        || asked.enable_tunnel_lifecycle_control() == Some(true)
    {
        return Err(Refusal::NotModelled);
    }
    let inside = match asked.tunnel_inside_cidr() {
        Some(text) => Cidr::parse(text)
            .filter(|block| block.prefix() == 30 && INSIDE.contains(*block))
            .ok_or_else(|| Refusal::bad_value(text, "tunnelInsideCidr", "It must be a /30 block of 169.254.0.0/16."))?,
        None => INSIDE.part(30, 64 * 10 + (number % 8192) as u32),
    };
    let key = asked.pre_shared_key().map_or_else(|| pre_shared_key(number), str::to_owned);
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "._".contains(letter);
    if !(8..=64).contains(&key.len()) || key.starts_with('0') || !key.chars().all(allowed) {
        let message = "The pre-shared key must have 8 to 64 letters, digits, periods and underscores and not begin with 0.";
        return Err(Refusal::value(message));
    }
    Ok(TunnelOption::builder()
        .outside_ip_address(format!("34.{}.{}.{}", 192 + number / 62_500 % 32, number / 250 % 250, number % 250 + 4))
        .tunnel_inside_cidr(inside.to_string())
        .pre_shared_key(key)
        .set_phase1_lifetime_seconds(asked.phase1_lifetime_seconds)
        .set_phase2_lifetime_seconds(asked.phase2_lifetime_seconds)
        .set_rekey_margin_time_seconds(asked.rekey_margin_time_seconds)
        .set_rekey_fuzz_percentage(asked.rekey_fuzz_percentage)
        .set_replay_window_size(asked.replay_window_size)
        .set_dpd_timeout_seconds(asked.dpd_timeout_seconds)
        .set_dpd_timeout_action(asked.dpd_timeout_action.clone())
        .set_startup_action(asked.startup_action.clone())
        .set_phase1_encryption_algorithms(listed!(asked.phase1_encryption_algorithms, Phase1EncryptionAlgorithmsListValue))
        .set_phase2_encryption_algorithms(listed!(asked.phase2_encryption_algorithms, Phase2EncryptionAlgorithmsListValue))
        .set_phase1_integrity_algorithms(listed!(asked.phase1_integrity_algorithms, Phase1IntegrityAlgorithmsListValue))
        .set_phase2_integrity_algorithms(listed!(asked.phase2_integrity_algorithms, Phase2IntegrityAlgorithmsListValue))
        .set_phase1_dh_group_numbers(listed!(asked.phase1_dh_group_numbers, Phase1DhGroupNumbersListValue))
        .set_phase2_dh_group_numbers(listed!(asked.phase2_dh_group_numbers, Phase2DhGroupNumbersListValue))
        .set_ike_versions(listed!(asked.ike_versions, IkeVersionsListValue))
        .build())
}

/// Returns the configuration for the customer's router.
pub(super) fn configuration(
    id: &str,
    customer: &CustomerGateway,
    gateway: Option<&VpnGateway>,
    tunnels: &[TunnelOption],
) -> String {
    let (outside, asn) = (customer.ip_address().unwrap_or_default(), customer.bgp_asn().unwrap_or_default());
    let amazon = gateway.and_then(VpnGateway::amazon_side_asn).unwrap_or(64_512);
    let tunnels = tunnels.iter().map(|tunnel| {
        let block = tunnel.tunnel_inside_cidr().and_then(Cidr::parse);
        let inside = |at: u32| block.map(|block| block.part(32, at).to_string().replace("/32", "")).unwrap_or_default();
        let end = |outside: &str, at: u32, asn: &str| {
            format!(
                "      <tunnel_outside_address><ip_address>{outside}</ip_address></tunnel_outside_address>\n      \
                 <tunnel_inside_address><ip_address>{}</ip_address><network_mask>255.255.255.252</network_mask><network_cidr>30</network_cidr></tunnel_inside_address>\n      \
                 <bgp><asn>{asn}</asn><hold_time>30</hold_time></bgp>\n",
                inside(at)
            )
        };
        format!(
            "  <ipsec_tunnel>\n    <customer_gateway>\n{}    </customer_gateway>\n    <vpn_gateway>\n{}    </vpn_gateway>\n    \
             <ike><pre_shared_key>{}</pre_shared_key></ike>\n  </ipsec_tunnel>\n",
            end(outside, 2, asn),
            end(tunnel.outside_ip_address().unwrap_or_default(), 1, &amazon.to_string()),
            tunnel.pre_shared_key().unwrap_or_default(),
        )
    });
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<vpn_connection id=\"{id}\">\n  \
         <customer_gateway_id>{}</customer_gateway_id>\n  <vpn_gateway_id>{}</vpn_gateway_id>\n  \
         <vpn_connection_type>ipsec.1</vpn_connection_type>\n{}</vpn_connection>",
        customer.customer_gateway_id().unwrap_or_default(),
        gateway.and_then(VpnGateway::vpn_gateway_id).unwrap_or_default(),
        tunnels.collect::<String>(),
    )
}
