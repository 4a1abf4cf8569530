//! Rules of security groups and routes: every form, and what is refused before anything is done.

use leyden::infra::Declare;
use leyden::infra::resources::ec2::{RouteTable, Rule, SecurityGroup, Subnet, Vpc};
use leyden::prelude::*;

use super::{Lab, cases};

cases!(rules_of_every_form, descriptions_change_in_place);

fn group(group: SecurityGroup) -> impl Fn(&Declare) -> leyden::Result<()> {
    move |declare: &Declare| {
        declare.add("g", group.clone())?;
        Ok(())
    }
}

fn rules_of_every_form(lab: &Lab) {
    let base = || SecurityGroup::new("forms").tag("a", "b");
    let many = base()
        .ingress(22)
        .ingress(Rule::ports(8000..=8100).from("10.0.0.0/8"))
        .ingress(Rule::tcp(443).from("::/0"))
        .ingress(Rule::tcp(443).from("2001:db8::/32").description("office"))
        .ingress(Rule::udp(53))
        .ingress(Rule::icmp().from("10.0.0.0/8"))
        .ingress(Rule::all().from("self"))
        .ingress(Rule::tcp(5432).from("self"))
        .egress(Rule::all().to("10.0.0.0/8"));
    for next in [base(), many.clone(), base().ingress(22).no_egress(), many, base().egress(443), base().no_egress()] {
        lab.apply(group(next));
    }
    lab.destroy();
}

fn descriptions_change_in_place(lab: &Lab) {
    let of = |text: &str| SecurityGroup::new("d").ingress(Rule::tcp(22).description(text)).ingress(443);
    lab.apply(group(of("one")));
    lab.apply(group(of("two")));
    let groups = lab.ec2.describe_security_groups(|groups| groups.group_ids(lab.id("g"))).wait().unwrap();
    let about: Vec<&str> = groups.security_groups()[0]
        .ip_permissions()
        .iter()
        .flat_map(|one| one.ip_ranges())
        .filter_map(|to| to.description())
        .collect();
    assert_eq!(about, ["two"]);
}

#[test]
fn what_aws_would_keep_in_another_form_is_refused() {
    let lab = Lab::mock();
    let refused = |declare: &dyn Fn(&Declare) -> leyden::Result<()>| {
        lab.infra().plan(&lab.batteries, declare).wait().unwrap_err().to_string()
    };
    let add = |group: SecurityGroup| refused(&move |declare: &Declare| Ok(declare.add("g", group.clone()).map(drop)?));
    assert_eq!(
        add(SecurityGroup::new("g").ingress(Rule::tcp(22).from("10.1.2.3/8"))),
        "g: the peer \"10.1.2.3/8\" is not in the standard form: did you mean \"10.0.0.0/8\"?"
    );
    assert_eq!(add(SecurityGroup::new("g").ingress(Rule::tcp(22).from("office"))), "g: the peer \"office\" is not a CIDR block");
    assert_eq!(
        add(SecurityGroup::new("g").ingress(22).ingress(Rule::tcp(22).description("x"))),
        "g: the rule tcp 22-22 0.0.0.0/0 is declared twice"
    );
    assert_eq!(
        add(SecurityGroup::new("g").description("the shop's")),
        "g: the description \"the shop's\" has the character '\\'', which AWS does not accept"
    );
    assert_eq!(add(SecurityGroup::new("g").ingress(70_000)), "g: port 70000 is not in 0..=65535");
    assert_eq!(add(SecurityGroup::new("g").tag("aws:x", "y")), "g: tag \"aws:x\": the key is reserved");
    assert_eq!(
        refused(&|declare| Ok(declare.add("v", Vpc::new("10.0.0.1/16")).map(drop)?)),
        "v: cidr_block \"10.0.0.1/16\" is not in the standard form: did you mean \"10.0.0.0/16\"?"
    );
    assert_eq!(
        refused(&|declare| Ok(declare.add("s", Subnet::new("vpc-1", "10.0.0/16")).map(drop)?)),
        "s: cidr_block \"10.0.0/16\" is not a CIDR block"
    );
    let table = || RouteTable::new("vpc-1");
    assert_eq!(
        refused(&|declare| Ok(declare.add("t", table().route("0.0.0.0/0", "i-1")).map(drop)?)),
        "t: the target \"i-1\" of a route is not the id of a gateway, interface, peering or endpoint"
    );
    assert_eq!(
        refused(&|declare| Ok(declare.add("t", table().route("0.0.0.0/0", "igw-1").route("0.0.0.0/0", "igw-2")).map(drop)?)),
        "t: the route to 0.0.0.0/0 is declared twice"
    );
}
