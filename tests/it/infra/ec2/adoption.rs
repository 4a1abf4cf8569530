//! Objects that exist already: imported by their ids, adopted by their names.

use leyden::infra::Declare;
use leyden::infra::resources::ec2::{Instance, SecurityGroup, Subnet, Vpc};
use leyden::prelude::*;

use super::{Lab, cases, stack};

cases!(an_import_of_everything_changes_nothing, adoption_by_name);

fn an_import_of_everything_changes_nothing(lab: &Lab) {
    lab.apply(stack(&lab.image, 1));
    let snapshot = lab.infra().state(&lab.batteries).pull().wait().unwrap();
    let ids: Vec<(String, String)> =
        snapshot.entries().map(|entry| (entry.address.to_string(), entry.id.as_ref().unwrap().to_string())).collect();
    let (before, declare) = (lab.inventory(), stack(&lab.image, 1));
    lab.world.os.remove("/ec2.json");
    let imported = |d: &Declare| {
        declare(d)?;
        ids.iter().for_each(|(address, id)| d.import(address.as_str(), id.as_str()));
        Ok(())
    };
    let plan = lab.plan(imported);
    let summary = plan.summary();
    assert_eq!((summary.import, summary.add, summary.change, summary.destroy), (ids.len(), 0, 0, 0), "{plan}");
    plan.apply(&lab.batteries).wait().unwrap();
    let again = lab.plan(stack(&lab.image, 1));
    assert!(again.is_empty(), "{again}");
    assert_eq!(lab.inventory(), before);
    lab.destroy();
    assert!(lab.inventory().is_empty(), "{:?}", lab.inventory());
}

fn named(adopt: bool) -> impl Fn(&Declare) -> leyden::Result<()> {
    move |declare: &Declare| {
        let vpc = declare.add("vpc", Vpc::new("10.8.0.0/16").named("adopted"))?;
        let vpc = if adopt { vpc.adopt() } else { vpc };
        let subnet = declare.add("subnet", Subnet::new(vpc.id(), "10.8.1.0/24").named("adopted"))?;
        let group = declare.add("group", SecurityGroup::new("adopted").vpc(vpc.id()))?;
        if adopt {
            subnet.adopt();
            group.adopt();
        }
        Ok(())
    }
}

fn adoption_by_name(lab: &Lab) {
    lab.apply(named(false));
    let before = lab.inventory();
    lab.world.os.remove("/ec2.json");
    let plan = lab.plan(named(true));
    let summary = plan.summary();
    // Nothing refers to an id that is not known yet, so all is found at once.
    assert_eq!((summary.import, summary.add, summary.change), (3, 0, 0), "{plan}");
    plan.apply(&lab.batteries).wait().unwrap();
    assert!(lab.plan(named(true)).is_empty());
    assert_eq!(lab.inventory(), before);
    // Two of one name are not guessed between.
    let other = lab.ec2.create_vpc(|create| create.cidr_block("10.8.0.0/16")).wait().unwrap();
    let other = other.vpc().unwrap().vpc_id().unwrap().to_owned();
    lab.ec2.create_tags(|create| create.resources(&other).tags(leyden::boto3::ec2::tag("Name", "adopted"))).wait().unwrap();
    assert!(lab.plan(named(true)).is_empty(), "the state has an id");
    lab.world.os.remove("/ec2.json");
    let error = lab.infra().plan(&lab.batteries, named(true)).wait().unwrap_err().to_string();
    assert!(error.contains("2 objects match Name=adopted: vpc-"), "{error}");
}

#[test]
fn a_terminated_machine_is_not_adopted() {
    let lab = Lab::mock();
    let image = lab.image.clone();
    let declare = move |declare: &Declare| {
        declare.add("m", Instance::new(image.as_str(), "t3.micro").named("m"))?.adopt();
        Ok(())
    };
    lab.apply(&declare);
    let first = lab.id("m");
    lab.ec2.terminate_instances(|end| end.instance_ids(&first)).wait().unwrap();
    lab.world.os.remove("/ec2.json");
    lab.apply(&declare);
    assert_ne!(lab.id("m"), first);
}
