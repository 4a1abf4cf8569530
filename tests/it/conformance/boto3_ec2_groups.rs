//! Security groups and their rules.

use aws_sdk_ec2::types::{
    IpPermission, IpRange, SecurityGroupRule, SecurityGroupRuleRequest, SecurityGroupRuleUpdate, UserIdGroupPair,
};
use leyden::Wait;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto};

on_mock_and_moto!([
    a_new_group_lets_everything_out,
    a_group_of_the_same_name,
    a_group_that_is_not_there,
    the_default_group_stays,
    a_group_in_use_stays,
    a_group_that_another_names_stays,
    a_deleted_group_is_gone,
    a_rule_is_authorized,
    a_rule_twice,
    a_rule_is_revoked,
    a_rule_that_is_not_there,
    rules_of_one_port_are_one_permission,
    a_rule_names_a_group,
    rules_have_ids,
    a_rule_is_revoked_by_id,
    a_port_that_is_none,
    a_block_that_is_none,
    outgoing_rules,
    groups_by_filter,
    groups_of_two_vpcs_may_share_a_name,
    a_rule_is_modified,
    rules_are_described_anew,
]);

fn group(lab: &Lab, name: &str) -> String {
    lab.ec2.create_security_group(|group| group.group_name(name).description("for tests")).wait().unwrap().group_id.unwrap()
}

fn tcp(port: i32, block: &str) -> IpPermission {
    IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(port)
        .to_port(port)
        .ip_ranges(IpRange::builder().cidr_ip(block).build())
        .build()
}

fn shown(lab: &Lab, id: &str) -> aws_sdk_ec2::types::SecurityGroup {
    lab.ec2.describe_security_groups(|which| which.group_ids(id)).wait().unwrap().security_groups.unwrap().remove(0)
}

fn a_new_group_lets_everything_out(lab: &Lab) {
    let group = shown(lab, &group(lab, "web"));
    assert_eq!((group.group_name(), group.description()), (Some("web"), Some("for tests")));
    assert_eq!(group.vpc_id().unwrap(), lab.default_vpc());
    assert!(group.ip_permissions().is_empty());
    let out = &group.ip_permissions_egress()[0];
    assert_eq!((out.ip_protocol(), out.from_port()), (Some("-1"), None));
    assert_eq!(out.ip_ranges()[0].cidr_ip(), Some("0.0.0.0/0"));
}

fn a_group_of_the_same_name(lab: &Lab) {
    group(lab, "web");
    assert_eq!(
        code(lab.ec2.create_security_group(|group| group.group_name("web").description("again")).wait()),
        "InvalidGroup.Duplicate"
    );
}

fn a_group_that_is_not_there(lab: &Lab) {
    assert_eq!(
        code(lab.ec2.describe_security_groups(|which| which.group_ids("sg-0ffffffffffffffff")).wait()),
        "InvalidGroup.NotFound"
    );
    assert_eq!(
        code(lab.ec2.delete_security_group(|which| which.group_id("sg-0ffffffffffffffff")).wait()),
        "InvalidGroup.NotFound"
    );
    assert_eq!(code(lab.ec2.describe_security_groups(|which| which.group_names("absent")).wait()), "InvalidGroup.NotFound");
}

fn the_default_group_stays(lab: &Lab) {
    let vpc = lab.default_vpc();
    let groups = lab
        .ec2
        .describe_security_groups(|which| which.filters(filter("vpc-id", [&vpc])).filters(filter("group-name", ["default"])));
    let id = groups.wait().unwrap().security_groups.unwrap().remove(0).group_id.unwrap();
    let deleted = lab.ec2.delete_security_group(|which| which.group_id(&id)).wait();
    if lab.as_amazon("moto deletes it") {
        assert_eq!(code(deleted), "CannotDelete");
    }
}

fn a_group_in_use_stays(lab: &Lab) {
    let (id, image) = (group(lab, "web"), lab.image());
    lab.ec2.run_instances(|run| run.image_id(&image).security_group_ids(&id).min_count(1).max_count(1)).wait().unwrap();
    lab.settle();
    let deleted = lab.ec2.delete_security_group(|which| which.group_id(&id)).wait();
    if lab.as_amazon("moto deletes it") {
        assert_eq!(code(deleted), "DependencyViolation");
    }
}

fn a_group_that_another_names_stays(lab: &Lab) {
    let (web, db) = (group(lab, "web"), group(lab, "db"));
    let from_web = IpPermission::builder()
        .ip_protocol("tcp")
        .from_port(5432)
        .to_port(5432)
        .user_id_group_pairs(UserIdGroupPair::builder().group_id(&web).build());
    lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&db).ip_permissions(from_web.build())).wait().unwrap();
    let deleted = lab.ec2.delete_security_group(|which| which.group_id(&web)).wait();
    if lab.as_amazon("moto deletes it, unless the group is given by its name") {
        assert_eq!(code(deleted), "DependencyViolation");
    }
}

fn a_deleted_group_is_gone(lab: &Lab) {
    let id = group(lab, "web");
    lab.ec2.delete_security_group(|which| which.group_id(&id)).wait().unwrap();
    assert_eq!(code(lab.ec2.describe_security_groups(|which| which.group_ids(&id)).wait()), "InvalidGroup.NotFound");
}

fn a_rule_is_authorized(lab: &Lab) {
    let id = group(lab, "web");
    let made =
        lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "0.0.0.0/0"))).wait().unwrap();
    assert_eq!(made.r#return(), Some(true));
    assert_eq!(made.security_group_rules().len(), 1);
    let permission = &shown(lab, &id).ip_permissions.unwrap()[0];
    assert_eq!((permission.ip_protocol(), permission.from_port(), permission.to_port()), (Some("tcp"), Some(443), Some(443)));
}

fn a_rule_twice(lab: &Lab) {
    let id = group(lab, "web");
    let authorize =
        || lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "0.0.0.0/0"))).wait();
    authorize().unwrap();
    assert_eq!(code(authorize()), "InvalidPermission.Duplicate");
}

fn a_rule_is_revoked(lab: &Lab) {
    let id = group(lab, "web");
    lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "0.0.0.0/0"))).wait().unwrap();
    lab.ec2.revoke_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "0.0.0.0/0"))).wait().unwrap();
    assert!(shown(lab, &id).ip_permissions().is_empty());
}

fn a_rule_that_is_not_there(lab: &Lab) {
    let id = group(lab, "web");
    let revoked = lab.ec2.revoke_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "0.0.0.0/0"))).wait();
    assert_eq!(code(revoked), "InvalidPermission.NotFound");
}

fn rules_of_one_port_are_one_permission(lab: &Lab) {
    let id = group(lab, "web");
    for block in ["10.0.0.0/8", "192.168.0.0/16"] {
        lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(22, block))).wait().unwrap();
    }
    let permissions = shown(lab, &id).ip_permissions.unwrap();
    assert_eq!(permissions.len(), 1);
    assert_eq!(permissions[0].ip_ranges().len(), 2);
}

fn a_rule_names_a_group(lab: &Lab) {
    let (web, db) = (group(lab, "web"), group(lab, "db"));
    let pair = UserIdGroupPair::builder().group_id(&web).build();
    let from_web = IpPermission::builder().ip_protocol("tcp").from_port(5432).to_port(5432).user_id_group_pairs(pair).build();
    lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&db).ip_permissions(from_web)).wait().unwrap();
    let permission = &shown(lab, &db).ip_permissions.unwrap()[0];
    assert_eq!(permission.user_id_group_pairs()[0].group_id(), Some(web.as_str()));
    assert_eq!(permission.user_id_group_pairs()[0].user_id(), Some("123456789012"));
}

fn rules_have_ids(lab: &Lab) {
    let id = group(lab, "web");
    lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "0.0.0.0/0"))).wait().unwrap();
    let rules = lab
        .ec2
        .describe_security_group_rules(|which| which.filters(filter("group-id", [&id])))
        .wait()
        .unwrap()
        .security_group_rules
        .unwrap();
    assert_eq!(rules.len(), 2);
    assert!(rules.iter().all(|rule| rule.security_group_rule_id().unwrap().starts_with("sgr-")));
    assert_eq!(rules.iter().filter(|rule| rule.is_egress() == Some(true)).count(), 1);
}

fn a_rule_is_revoked_by_id(lab: &Lab) {
    let id = group(lab, "web");
    let made =
        lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "0.0.0.0/0"))).wait().unwrap();
    let rule_id = made.security_group_rules()[0].security_group_rule_id().unwrap();
    lab.ec2.revoke_security_group_ingress(|rule| rule.group_id(&id).security_group_rule_ids(rule_id)).wait().unwrap();
    assert!(shown(lab, &id).ip_permissions().is_empty());
}

fn a_port_that_is_none(lab: &Lab) {
    let id = group(lab, "web");
    let made =
        lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(99_999, "0.0.0.0/0"))).wait();
    if lab.as_amazon("moto takes any port") {
        assert_eq!(code(made), "InvalidParameterValue");
    }
}

fn a_block_that_is_none(lab: &Lab) {
    let id = group(lab, "web");
    let made = lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(22, "10.0.0.0/99"))).wait();
    assert_eq!(code(made), "InvalidParameterValue");
}

fn outgoing_rules(lab: &Lab) {
    let id = group(lab, "web");
    lab.ec2.authorize_security_group_egress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "10.0.0.0/8"))).wait().unwrap();
    assert_eq!(shown(lab, &id).ip_permissions_egress().len(), 2);
    lab.ec2.revoke_security_group_egress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "10.0.0.0/8"))).wait().unwrap();
    assert_eq!(shown(lab, &id).ip_permissions_egress().len(), 1);
}

fn groups_by_filter(lab: &Lab) {
    let id = group(lab, "web");
    lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&id).ip_permissions(tcp(443, "10.1.0.0/16"))).wait().unwrap();
    for (name, value) in [
        ("group-name", "web"),
        ("description", "for tests"),
        ("ip-permission.cidr", "10.1.0.0/16"),
        ("ip-permission.from-port", "443"),
    ] {
        let found = lab
            .ec2
            .describe_security_groups(|which| which.filters(filter(name, [value])))
            .wait()
            .unwrap()
            .security_groups
            .unwrap();
        assert_eq!(found.iter().map(|group| group.group_id().unwrap()).collect::<Vec<_>>(), [id.as_str()], "{name}");
    }
}

fn groups_of_two_vpcs_may_share_a_name(lab: &Lab) {
    group(lab, "web");
    let vpc = lab.vpc("10.0.0.0/16");
    lab.ec2.create_security_group(|group| group.group_name("web").description("other").vpc_id(&vpc)).wait().unwrap();
    let found = lab.ec2.describe_security_groups(|which| which.filters(filter("group-name", ["web"]))).wait().unwrap();
    assert_eq!(found.security_groups().len(), 2);
}

fn rules(lab: &Lab, group: &str, egress: bool) -> Vec<SecurityGroupRule> {
    let all = lab.ec2.describe_security_group_rules(|which| which.filters(filter("group-id", [group]))).wait().unwrap();
    all.security_group_rules.unwrap().into_iter().filter(|rule| rule.is_egress() == Some(egress)).collect()
}

fn a_rule_is_modified(lab: &Lab) {
    let group = group(lab, "web");
    lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&group).ip_permissions(tcp(80, "10.0.0.0/8"))).wait().unwrap();
    let id = rules(lab, &group, false).remove(0).security_group_rule_id.unwrap();
    let modify = |id: &str| {
        let asked = SecurityGroupRuleRequest::builder().ip_protocol("tcp").from_port(443).to_port(443);
        let asked = asked.cidr_ipv4("192.168.0.0/16").description("office").build();
        let update = SecurityGroupRuleUpdate::builder().security_group_rule_id(id).security_group_rule(asked).build();
        lab.ec2.modify_security_group_rules(|which| which.group_id(&group).security_group_rules(update)).wait()
    };
    assert_eq!(modify(&id).unwrap().r#return(), Some(true));
    let after = rules(lab, &group, false);
    assert_eq!(after.len(), 1);
    assert_eq!((after[0].security_group_rule_id(), after[0].from_port()), (Some(id.as_str()), Some(443)));
    assert_eq!((after[0].cidr_ipv4(), after[0].description()), (Some("192.168.0.0/16"), Some("office")));
    let absent = modify("sgr-0ffffffffffffffff");
    if lab.as_amazon("moto passes over rules that are not there") {
        assert_eq!(code(absent), "InvalidSecurityGroupRuleId.NotFound");
    }
}

fn rules_are_described_anew(lab: &Lab) {
    let group = group(lab, "web");
    let https = |about: &str| {
        let block = IpRange::builder().cidr_ip("10.0.0.0/8").description(about).build();
        IpPermission::builder().ip_protocol("tcp").from_port(443).to_port(443).ip_ranges(block).build()
    };
    lab.ec2.authorize_security_group_ingress(|rule| rule.group_id(&group).ip_permissions(https("old"))).wait().unwrap();
    lab.ec2.authorize_security_group_egress(|rule| rule.group_id(&group).ip_permissions(https("old"))).wait().unwrap();
    lab.ec2
        .update_security_group_rule_descriptions_ingress(|rule| rule.group_id(&group).ip_permissions(https("in")))
        .wait()
        .unwrap();
    lab.ec2
        .update_security_group_rule_descriptions_egress(|rule| rule.group_id(&group).ip_permissions(https("out")))
        .wait()
        .unwrap();
    let of_port = |permissions: &[IpPermission]| {
        let own = permissions.iter().find(|one| one.from_port() == Some(443)).unwrap();
        own.ip_ranges()[0].description().unwrap().to_owned()
    };
    let shown = shown(lab, &group);
    assert_eq!(of_port(shown.ip_permissions()), "in");
    assert_eq!(of_port(shown.ip_permissions_egress()), "out");
    let absent = lab
        .ec2
        .update_security_group_rule_descriptions_ingress(|rule| rule.group_id(&group).ip_permissions(tcp(22, "10.0.0.0/8")));
    let absent = absent.wait();
    if lab.as_amazon("moto passes over rules that are not there") {
        assert_eq!(code(absent), "InvalidPermission.NotFound");
    }
}
