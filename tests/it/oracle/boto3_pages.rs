//! `tests/oracle/boto3_pages.py`: listings that botocore went through and waiters that it waited by, answer by answer on the wire.

use std::collections::BTreeMap;
use std::time::Duration;

use leyden::Wait;
use leyden::boto3::paginate::Pageable;
use leyden::boto3::{Boto3, Clients, Error, Pages, Waiter};
use leyden::mock::World;
use leyden::time::Time;
use serde_json::{Value, json};

use crate::support::script::Script;

fn client(url: &str) -> Clients {
    let boto3 = Boto3::native(World::new().os.handle(), Time::native());
    boto3.client().region_name("eu-west-1").endpoint_url(url).aws_access_key_id("AKIA").aws_secret_access_key("x")
}

fn cases(text: &str, service: &str) -> Vec<Value> {
    let cases = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    cases.filter(|case| case["service"] == service).collect()
}

fn said(case: &Value) -> impl Iterator<Item = (u16, String)> {
    let said = case["said"].as_array().unwrap().iter();
    said.map(|said| (said[0].as_u64().unwrap() as u16, said[1].as_str().unwrap().to_owned()))
}

/// Parameters that every such request has, or only one of the clients gives.
const LEFT_OUT: &[&str] = &[
    "list-type",
    "encoding-type",
    "uploads",
    "versions",
    "Action",
    "Version",
    "uploadId",
    "PrefixListId",
    "InstanceId",
    "x-id",
    "",
];

fn parameters(asked: &str) -> BTreeMap<String, String> {
    let pairs = asked.split('&').map(|pair| pair.split_once('=').unwrap_or((pair, "")));
    let plain = |text: &str| text.replace("%3D", "=").replace("%2B", "+").replace("%21", "!");
    pairs.filter(|(name, _)| !LEFT_OUT.contains(name)).map(|(name, value)| (name.to_owned(), plain(value))).collect()
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
    let items = (0..8).filter(|n| whole.contains(&format!("item-{n}"))).count();
    // Some lists have nothing that could hold a name.
    assert!(items == 8 || !case.to_string().contains("item-0"), "{case}: {whole}");
}

macro_rules! pages {
    ($service:ident, $count:literal: $($operation:ident $(.$set:ident($value:literal))*;)+) => {{
        let script = Script::start();
        let client = client(&script.url).$service();
        let cases = cases(include_str!("../../oracle/data/boto3_pages.jsonl"), stringify!($service));
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
        let cases = cases(include_str!("../../oracle/data/boto3_waiters.jsonl"), stringify!($service));
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

#[test]
fn listings_of_s3_are_botocores() {
    pages! { s3, 111:
    list_buckets ;
    list_multipart_uploads .bucket("some-bucket");
    list_object_versions .bucket("some-bucket");
    list_objects .bucket("some-bucket");
    list_objects_v2 .bucket("some-bucket");
    list_parts .bucket("some-bucket").key("k").upload_id("u");
    }
}

#[test]
fn listings_of_ec2_are_botocores() {
    pages! { ec2, 248:
    describe_addresses_attribute;
    describe_dhcp_options;
    describe_fleets;
    describe_flow_logs;
    describe_hosts;
    describe_iam_instance_profile_associations;
    describe_image_usage_reports;
    describe_images;
    describe_import_snapshot_tasks;
    describe_instance_credit_specifications;
    describe_instance_status;
    describe_instance_topology;
    describe_instance_type_offerings;
    describe_instance_types;
    describe_instances;
    describe_internet_gateways;
    describe_launch_template_versions;
    describe_launch_templates;
    describe_managed_prefix_lists;
    describe_nat_gateways;
    describe_network_acls;
    describe_network_interfaces;
    describe_prefix_lists;
    describe_route_tables;
    describe_secondary_networks;
    describe_secondary_subnets;
    describe_security_group_rules;
    describe_security_group_vpc_associations;
    describe_security_groups;
    describe_snapshots;
    describe_spot_instance_requests;
    describe_spot_price_history;
    describe_store_image_tasks;
    describe_subnets;
    describe_tags;
    describe_transit_gateway_attachments;
    describe_transit_gateways;
    describe_volume_status;
    describe_volumes;
    describe_volumes_modifications;
    describe_vpc_endpoints;
    describe_vpc_peering_connections;
    describe_vpcs;
    get_managed_prefix_list_entries .prefix_list_id("pl-1");
    }
}

#[test]
fn waiters_of_s3_are_botocores() {
    waiters! { s3, 24:
    bucket_exists .bucket("some-bucket");
    bucket_not_exists .bucket("some-bucket");
    object_exists .bucket("some-bucket").key("k");
    object_not_exists .bucket("some-bucket").key("k");
    }
}

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
