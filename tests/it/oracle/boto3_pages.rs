//! `tests/oracle/boto3_pages.py`: listings that botocore went through and waiters that it waited by, answer by answer on the wire.

use std::collections::BTreeMap;
use std::time::Duration;

use leyden::Wait;
use leyden::World;
use leyden::boto3::paginate::Pageable;
use leyden::boto3::{Boto3, Clients, Error, Pages, Waiter};
use leyden::time::Time;
use serde_json::{Value, json};

use crate::support::script::Script;

fn client(url: &str) -> Clients {
    let boto3 = Boto3::native(World::new().os.handle(), Time::native());
    boto3.client().region_name("eu-west-1").endpoint_url(url).aws_access_key_id("AKIA").aws_secret_access_key("x")
}

fn cases(waiters: bool, service: &str) -> Vec<Value> {
    let cases = crate::support::oracle::cases("boto3_pages");
    cases.into_iter().filter(|case| case["service"] == service && case["config"].is_array() == waiters).collect()
}

fn said(case: &Value) -> impl Iterator<Item = (u16, String)> {
    let said = case["said"].as_array().unwrap().iter();
    said.map(|said| (said[0].as_u64().unwrap() as u16, said[1].as_str().unwrap().to_owned()))
}

/// The parameters that say which page, and how large.
const KEPT: &[&str] = &[
    "MaxResults",
    "NextToken",
    "continuation-token",
    "key-marker",
    "marker",
    "max-annotation-results",
    "max-buckets",
    "max-directory-buckets",
    "max-keys",
    "max-parts",
    "max-uploads",
    "part-number-marker",
    "upload-id-marker",
    "version-id-marker",
];

fn parameters(asked: &str) -> BTreeMap<String, String> {
    let pairs = asked.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let plain = |text: &str| text.replace("%3D", "=").replace("%2B", "+").replace("%21", "!");
    pairs.filter(|(name, _)| KEPT.contains(name)).map(|(name, value)| (name.to_owned(), plain(value))).collect()
}

/// Goes through it as the case says, and puts down the same as the case has.
fn answer<I: Pageable>(script: &Script, case: &Value, mut pages: Pages<I>) -> Value {
    script.play(said(case));
    let how = &case["how"];
    if let Some(size) = how["PageSize"].as_i64() {
        pages = pages.page_size(size as i32);
    }
    if let Some(items) = how["MaxItems"].as_u64() {
        pages = pages.max_items(items as usize);
    }
    if let Some(token) = how["StartingToken"].as_str() {
        pages = pages.starting_token(token);
    }
    let (mut counts, mut error) = (Vec::new(), None);
    for page in &mut pages {
        match page {
            Ok(page) => counts.push(I::count(&page)),
            Err(Error::Pagination { reason, .. }) if reason.starts_with("bad") => error = Some("ValueError"),
            Err(Error::Pagination { .. }) => error = Some("PaginationError"),
            Err(other) => panic!("{case}: {other:?}"),
        }
    }
    let mut answer = case.clone();
    let fields = answer.as_object_mut().unwrap();
    fields.insert("asked".into(), script.asked().iter().map(|asked| json!(parameters(asked))).collect());
    fields.insert("pages".into(), json!(counts));
    fields.insert("resume".into(), json!(pages.resume_token()));
    fields.remove("err");
    if let Some(error) = error {
        fields.insert("err".into(), json!(error));
    }
    answer
}

/// The same, in one.
fn full<I: Pageable>(script: &Script, case: &Value, mut pages: Pages<I>) {
    script.play(said(case));
    let whole = pages.build_full_result().wait().unwrap();
    assert_eq!(
        I::count(&whole) as u64,
        case["pages"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap()).sum::<u64>(),
        "{case}"
    );
    let whole = format!("{whole:?}");
    let (answers, mut items) = (case.to_string(), (0..8).map(|n| format!("item-{n}")));
    assert!(items.all(|item| whole.contains(&item) == answers.contains(&item)), "{case}: {whole}");
}

macro_rules! pages {
    ($service:ident, $count:literal: $($operation:ident $(.$set:ident($value:literal))*;)+) => {{
        let script = Script::start();
        let client = client(&script.url).$service();
        let cases = cases(false, stringify!($service));
        for case in &cases {
            let answer = match case["ask"].as_str().unwrap() {
                $(stringify!($operation) => {
                    let pages = || client.paginate().$operation(|input| input$(.$set($value))*);
                    assert!(client.can_paginate(stringify!($operation)));
                    if case["how"] == json!({}) && case["err"].is_null() {
                        full(&script, case, pages());
                    }
                    answer(&script, case, pages())
                })+
                other => panic!("{other} is not in the table"),
            };
            assert_eq!(&answer, case);
        }
        assert_eq!(cases.len(), $count);
    }};
}

macro_rules! waiters {
    ($service:ident, $count:literal: $($waiter:ident $(.$set:ident($value:literal))*;)+) => {{
        let script = Script::start();
        let client = client(&script.url).$service();
        let cases = cases(true, stringify!($service));
        for case in &cases {
            let waiter = match case["ask"].as_str().unwrap() {
                $(stringify!($waiter) => client.get_waiter().$waiter(|input| input$(.$set($value))*),)+
                other => panic!("{other} is not in the table"),
            };
            waits(&script, case, waiter);
        }
        assert_eq!(client.waiter_names(), [$(stringify!($waiter)),+]);
        assert_eq!(cases.len(), $count);
    }};
}

fn waits(script: &Script, case: &Value, waiter: Waiter) {
    let config = waiter.config();
    assert_eq!(json!([config.delay.as_secs(), config.max_attempts]), case["config"], "{case}");
    script.play(said(case));
    let attempts = case["said"].as_array().unwrap().len() as u32;
    let answer = waiter.delay(Duration::ZERO).max_attempts(attempts).wait();
    let error = answer.err().map(|error| match error {
        Error::Waiter(error) => {
            assert_eq!(u64::from(error.attempts), case["asked"].as_u64().unwrap());
            format!("Waiter {} failed: {}", error.name, error.reason)
        }
        other => panic!("{case}: {other:?}"),
    });
    assert_eq!(error.as_deref(), case["err"].as_str(), "{case}");
    assert_eq!(script.asked().len() as u64, case["asked"].as_u64().unwrap(), "{case}");
}

#[cfg(feature = "s3")]
#[test]
fn listings_of_s3_are_botocores() {
    pages! { s3, 149:
    list_buckets;
    list_directory_buckets;
    list_multipart_uploads .bucket("some-bucket");
    list_object_annotations .bucket("some-bucket").key("k");
    list_object_versions .bucket("some-bucket");
    list_objects .bucket("some-bucket");
    list_objects_v2 .bucket("some-bucket");
    list_parts .bucket("some-bucket").key("k").upload_id("u");
    }
}

#[cfg(feature = "ec2")]
#[test]
fn listings_of_ec2_are_botocores() {
    pages! { ec2, 883:
    describe_address_transfers;
    describe_addresses_attribute;
    describe_aws_network_performance_metric_subscriptions;
    describe_byoip_cidrs;
    describe_capacity_block_extension_history;
    describe_capacity_block_extension_offerings;
    describe_capacity_block_offerings;
    describe_capacity_block_status;
    describe_capacity_blocks;
    describe_capacity_manager_data_exports;
    describe_capacity_reservation_billing_requests;
    describe_capacity_reservation_date_change_quotes;
    describe_capacity_reservation_fleets;
    describe_capacity_reservations;
    describe_carrier_gateways;
    describe_classic_link_instances;
    describe_client_vpn_authorization_rules;
    describe_client_vpn_connections;
    describe_client_vpn_endpoints;
    describe_client_vpn_routes;
    describe_client_vpn_target_networks;
    describe_coip_pools;
    describe_dhcp_options;
    describe_egress_only_internet_gateways;
    describe_export_image_tasks;
    describe_fast_launch_images;
    describe_fast_snapshot_restores;
    describe_fleets;
    describe_flow_logs;
    describe_fpga_images;
    describe_host_reservation_offerings;
    describe_host_reservations;
    describe_hosts;
    describe_iam_instance_profile_associations;
    describe_image_references;
    describe_image_usage_report_entries;
    describe_image_usage_reports;
    describe_images;
    describe_import_image_tasks;
    describe_import_snapshot_tasks;
    describe_instance_connect_endpoints;
    describe_instance_credit_specifications;
    describe_instance_event_windows;
    describe_instance_image_metadata;
    describe_instance_status;
    describe_instance_topology;
    describe_instance_type_offerings;
    describe_instance_types;
    describe_instances;
    describe_internet_gateways;
    describe_ipam_pool_allocations;
    describe_ipam_pools;
    describe_ipam_prefix_list_resolver_targets;
    describe_ipam_prefix_list_resolvers;
    describe_ipam_resource_discoveries;
    describe_ipam_resource_discovery_associations;
    describe_ipam_scopes;
    describe_ipams;
    describe_ipv6_pools;
    describe_launch_template_versions;
    describe_launch_templates;
    describe_local_gateway_route_table_virtual_interface_group_associations;
    describe_local_gateway_route_table_vpc_associations;
    describe_local_gateway_route_tables;
    describe_local_gateway_virtual_interface_groups;
    describe_local_gateway_virtual_interfaces;
    describe_local_gateways;
    describe_mac_hosts;
    describe_mac_modification_tasks;
    describe_managed_prefix_lists;
    describe_moving_addresses;
    describe_nat_gateways;
    describe_network_acls;
    describe_network_insights_access_scope_analyses;
    describe_network_insights_access_scopes;
    describe_network_insights_analyses;
    describe_network_insights_paths;
    describe_network_interface_permissions;
    describe_network_interfaces;
    describe_prefix_lists;
    describe_principal_id_format;
    describe_public_ipv4_pools;
    describe_replace_root_volume_tasks;
    describe_reserved_instances_modifications;
    describe_reserved_instances_offerings;
    describe_route_server_endpoints;
    describe_route_server_peers;
    describe_route_servers;
    describe_route_tables;
    describe_scheduled_instance_availability;
    describe_scheduled_instances;
    describe_secondary_interfaces;
    describe_secondary_networks;
    describe_secondary_subnets;
    describe_security_group_rules;
    describe_security_group_vpc_associations;
    describe_security_groups;
    describe_snapshot_tier_status;
    describe_snapshots;
    describe_spot_fleet_instances;
    describe_spot_fleet_requests;
    describe_spot_instance_requests;
    describe_spot_price_history;
    describe_stale_security_groups;
    describe_store_image_tasks;
    describe_subnets;
    describe_tags;
    describe_traffic_mirror_filters;
    describe_traffic_mirror_sessions;
    describe_traffic_mirror_targets;
    describe_transit_gateway_attachments;
    describe_transit_gateway_connect_peers;
    describe_transit_gateway_connects;
    describe_transit_gateway_multicast_domains;
    describe_transit_gateway_peering_attachments;
    describe_transit_gateway_policy_tables;
    describe_transit_gateway_route_table_announcements;
    describe_transit_gateway_route_tables;
    describe_transit_gateway_vpc_attachments;
    describe_transit_gateways;
    describe_trunk_interface_associations;
    describe_verified_access_endpoints;
    describe_verified_access_groups;
    describe_verified_access_instance_logging_configurations;
    describe_verified_access_instances;
    describe_verified_access_trust_providers;
    describe_volume_status;
    describe_volumes;
    describe_volumes_modifications;
    describe_vpc_classic_link_dns_support;
    describe_vpc_endpoint_connection_notifications;
    describe_vpc_endpoint_connections;
    describe_vpc_endpoint_service_configurations;
    describe_vpc_endpoint_service_permissions;
    describe_vpc_endpoint_services;
    describe_vpc_endpoints;
    describe_vpc_peering_connections;
    describe_vpcs;
    describe_vpn_concentrators;
    get_associated_ipv6_pool_cidrs;
    get_aws_network_performance_data;
    get_capacity_manager_metric_data;
    get_capacity_manager_metric_dimensions;
    get_capacity_manager_monitored_tag_keys;
    get_groups_for_capacity_reservation;
    get_image_findings;
    get_instance_types_from_instance_requirements;
    get_ipam_address_history;
    get_ipam_discovered_accounts;
    get_ipam_discovered_resource_cidrs;
    get_ipam_pool_allocations;
    get_ipam_pool_cidrs;
    get_ipam_prefix_list_resolver_rules;
    get_ipam_prefix_list_resolver_version_entries;
    get_ipam_prefix_list_resolver_versions;
    get_ipam_resource_cidrs;
    get_managed_prefix_list_associations;
    get_managed_prefix_list_entries;
    get_network_insights_access_scope_analysis_findings;
    get_security_groups_for_vpc;
    get_spot_placement_scores;
    get_transit_gateway_attachment_propagations;
    get_transit_gateway_multicast_domain_associations;
    get_transit_gateway_policy_table_associations;
    get_transit_gateway_policy_table_entries;
    get_transit_gateway_prefix_list_references;
    get_transit_gateway_route_table_associations;
    get_transit_gateway_route_table_propagations;
    get_vpn_connection_device_types;
    list_images_in_recycle_bin;
    list_snapshots_in_recycle_bin;
    search_local_gateway_routes;
    search_transit_gateway_multicast_groups;
    search_transit_gateway_routes;
    }
}

#[cfg(feature = "s3")]
#[test]
fn waiters_of_s3_are_botocores() {
    waiters! { s3, 24:
    bucket_exists .bucket("some-bucket");
    bucket_not_exists .bucket("some-bucket");
    object_exists .bucket("some-bucket").key("k");
    object_not_exists .bucket("some-bucket").key("k");
    }
}

#[cfg(feature = "ec2")]
#[test]
fn waiters_of_ec2_are_botocores() {
    waiters! { ec2, 355:
    bundle_task_complete;
    conversion_task_cancelled;
    conversion_task_completed;
    conversion_task_deleted;
    customer_gateway_available;
    export_task_cancelled;
    export_task_completed;
    image_available;
    image_exists;
    image_usage_report_available;
    instance_exists;
    instance_running;
    instance_status_ok;
    instance_stopped;
    instance_terminated;
    internet_gateway_exists;
    key_pair_exists;
    nat_gateway_available;
    nat_gateway_deleted;
    network_interface_available;
    password_data_available .instance_id("i-1");
    secondary_network_create_complete;
    secondary_network_delete_complete;
    secondary_subnet_create_complete;
    secondary_subnet_delete_complete;
    security_group_exists;
    security_group_vpc_association_associated;
    security_group_vpc_association_disassociated;
    snapshot_completed;
    snapshot_imported;
    spot_instance_request_fulfilled;
    store_image_task_complete;
    subnet_available;
    system_status_ok;
    volume_available;
    volume_deleted;
    volume_in_use;
    vpc_available;
    vpc_exists;
    vpc_peering_connection_deleted;
    vpc_peering_connection_exists;
    vpn_connection_available;
    vpn_connection_deleted;
    }
}
