//! What all descriptions and operations have in common: filters, pages, dry runs.

use aws_sdk_ec2::types::Filter;
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto, tag};

on_mock_and_moto!([
    a_filter_by_state,
    filters_are_all_to_pass,
    values_are_alternatives,
    a_star_is_any_text,
    a_question_mark_is_one_letter,
    filters_look_at_case,
    a_filter_by_tag,
    a_filter_by_tag_key,
    a_filter_that_nothing_passes,
    a_filter_that_there_is_not,
    an_empty_answer_is_a_list,
    pages_are_as_long_as_asked,
    the_last_page_has_no_token,
    a_token_that_is_none,
    ids_and_pages_do_not_go_together,
    a_page_of_less_than_five,
    a_dry_run_does_nothing,
    a_dry_run_of_what_would_fail,
    ids_and_filters_together,
]);

fn ids(lab: &Lab, filters: Vec<Filter>) -> Vec<String> {
    let answer = lab.ec2.describe_instances(|which| which.set_filters(Some(filters))).wait().unwrap();
    let mut ids: Vec<String> =
        answer.reservations().iter().flat_map(|one| one.instances()).map(|one| one.instance_id().unwrap().to_owned()).collect();
    ids.sort();
    ids
}

fn name(lab: &Lab, id: &str, name: &str) {
    lab.ec2.create_tags(|which| which.resources(id).tags(tag("Name", name))).wait().unwrap();
}

fn sorted(mut ids: Vec<String>) -> Vec<String> {
    ids.sort();
    ids
}

fn a_filter_by_state(lab: &Lab) {
    let all = lab.run(2);
    lab.ec2.stop_instances(|which| which.instance_ids(&all[0])).wait().unwrap();
    lab.settle();
    assert_eq!(ids(lab, vec![filter("instance-state-name", ["running"])]), [all[1].clone()]);
    if lab.as_amazon("moto does not know instance-state-code") {
        assert_eq!(ids(lab, vec![filter("instance-state-code", ["80"])]), [all[0].clone()]);
    }
}

fn filters_are_all_to_pass(lab: &Lab) {
    let all = lab.run(2);
    name(lab, &all[0], "web");
    let running = filter("instance-state-name", ["running"]);
    assert_eq!(ids(lab, vec![running.clone(), filter("tag:Name", ["web"])]), [all[0].clone()]);
    assert!(ids(lab, vec![filter("instance-state-name", ["stopped"]), filter("tag:Name", ["web"])]).is_empty());
}

fn values_are_alternatives(lab: &Lab) {
    let all = lab.run(3);
    name(lab, &all[0], "web");
    name(lab, &all[1], "db");
    assert_eq!(ids(lab, vec![filter("tag:Name", ["web", "db"])]), sorted(all[..2].to_vec()));
}

fn a_star_is_any_text(lab: &Lab) {
    let all = lab.run(3);
    for (id, own) in all.iter().zip(["web-1", "web-22", "db-1"]) {
        name(lab, id, own);
    }
    assert_eq!(ids(lab, vec![filter("tag:Name", ["web-*"])]), sorted(all[..2].to_vec()));
    assert_eq!(ids(lab, vec![filter("tag:Name", ["*-1"])]), sorted(vec![all[0].clone(), all[2].clone()]));
}

fn a_question_mark_is_one_letter(lab: &Lab) {
    let all = lab.run(2);
    name(lab, &all[0], "web-1");
    name(lab, &all[1], "web-22");
    assert_eq!(ids(lab, vec![filter("tag:Name", ["web-?"])]), [all[0].clone()]);
}

fn filters_look_at_case(lab: &Lab) {
    let id = lab.run_one();
    name(lab, &id, "Web");
    assert!(ids(lab, vec![filter("tag:Name", ["web"])]).is_empty());
    assert!(ids(lab, vec![filter("tag:name", ["Web"])]).is_empty());
}

fn a_filter_by_tag(lab: &Lab) {
    let all = lab.run(2);
    name(lab, &all[1], "web");
    assert_eq!(ids(lab, vec![filter("tag:Name", ["web"])]), [all[1].clone()]);
}

fn a_filter_by_tag_key(lab: &Lab) {
    let all = lab.run(2);
    name(lab, &all[1], "web");
    assert_eq!(ids(lab, vec![filter("tag-key", ["Name"])]), [all[1].clone()]);
    assert!(ids(lab, vec![filter("tag-key", ["Owner"])]).is_empty());
}

fn a_filter_that_nothing_passes(lab: &Lab) {
    lab.run(1);
    assert!(ids(lab, vec![filter("instance-type", ["x1.32xlarge"])]).is_empty());
    assert!(lab.ec2.describe_volumes(|which| which.filters(filter("status", ["error"]))).wait().unwrap().volumes().is_empty());
}

fn a_filter_that_there_is_not(lab: &Lab) {
    lab.run(1);
    let answer = lab.ec2.describe_instances(|which| which.filters(filter("colour", ["red"]))).wait();
    if lab.as_amazon("moto answers 500, it means to say that it does not know the filter") {
        let error = answer.unwrap_err();
        assert_eq!(error.code(), Some("InvalidParameterValue"));
        assert_eq!(error.client().unwrap().message, "The filter 'colour' is invalid");
    }
}

fn an_empty_answer_is_a_list(lab: &Lab) {
    assert!(lab.ec2.describe_instances(|which| which).wait().unwrap().reservations().is_empty());
    assert!(lab.ec2.describe_volumes(|which| which).wait().unwrap().volumes().is_empty());
    assert!(lab.ec2.describe_addresses(|which| which).wait().unwrap().addresses().is_empty());
    assert!(lab.ec2.describe_key_pairs(|which| which).wait().unwrap().key_pairs().is_empty());
}

fn pages_are_as_long_as_asked(lab: &Lab) {
    for _ in 0..12 {
        lab.volume(1);
    }
    if !lab.as_amazon("moto has no pages of volumes") {
        return;
    }
    let (mut seen, mut token) = (Vec::new(), None);
    let mut lengths = Vec::new();
    loop {
        let page = lab.ec2.describe_volumes(|which| which.max_results(5).set_next_token(token)).wait().unwrap();
        lengths.push(page.volumes().len());
        seen.extend(page.volumes().iter().map(|volume| volume.volume_id().unwrap().to_owned()));
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    seen.sort();
    seen.dedup();
    assert_eq!((seen.len(), lengths), (12, vec![5, 5, 2]));
}

fn the_last_page_has_no_token(lab: &Lab) {
    lab.run(6);
    let first = lab.ec2.describe_instances(|which| which.max_results(5)).wait().unwrap();
    if lab.as_amazon("moto counts reservations, not instances") {
        let second =
            lab.ec2.describe_instances(|which| which.max_results(5).set_next_token(first.next_token.clone())).wait().unwrap();
        assert!(first.next_token().is_some());
        assert_eq!(second.reservations()[0].instances().len(), 1);
        assert_eq!(second.next_token(), None);
    }
}

fn a_token_that_is_none(lab: &Lab) {
    lab.run(1);
    let answer = lab.ec2.describe_instances(|which| which.next_token("tomorrow")).wait();
    if lab.as_amazon("moto answers 500 to it") {
        assert_eq!(code(answer), "InvalidNextToken");
    }
}

fn ids_and_pages_do_not_go_together(lab: &Lab) {
    let id = lab.run_one();
    let answer = lab.ec2.describe_instances(|which| which.instance_ids(id).max_results(5)).wait();
    assert_eq!(code(answer), "InvalidParameterCombination");
}

fn a_page_of_less_than_five(lab: &Lab) {
    let answer = lab.ec2.describe_volumes(|which| which.max_results(2)).wait();
    if lab.as_amazon("moto takes any number") {
        assert_eq!(code(answer), "InvalidParameterValue");
    }
}

fn a_dry_run_does_nothing(lab: &Lab) {
    let id = lab.run_one();
    let error = lab.ec2.stop_instances(|which| which.instance_ids(&id).dry_run(true)).wait().unwrap_err();
    let client = error.client().unwrap();
    assert_eq!((client.code.as_str(), client.status), ("DryRunOperation", 412));
    assert_eq!(client.message, "Request would have succeeded, but DryRun flag is set.");
    lab.settle();
    assert_eq!(lab.state(&id), "running");
}

fn a_dry_run_of_what_would_fail(lab: &Lab) {
    let answer = lab.ec2.delete_volume(|which| which.volume_id("vol-0ffffffffffffffff").dry_run(true)).wait();
    if lab.as_amazon("moto does not look at the parameters of a dry run") {
        assert_eq!(code(answer), "InvalidVolume.NotFound");
    }
}

fn ids_and_filters_together(lab: &Lab) {
    let all = lab.run(2);
    let answer =
        lab.ec2.describe_instances(|which| which.instance_ids(&all[0]).filters(filter("instance-state-name", ["stopped"])));
    assert!(answer.wait().unwrap().reservations().is_empty());
}
