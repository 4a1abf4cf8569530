//! The whole life of every type: made, changed, replaced, deleted.

use leyden::infra::resources::ec2::{Instance, LaunchTemplate, Volume, Vpc};
use leyden::infra::{Action, Declare, Error};
use leyden::prelude::*;

use super::{Lab, OBJECTS, cases, stack};

cases!(
    a_stack_is_made_changed_and_destroyed,
    an_instance_is_stopped_and_started,
    a_volume_keeps_what_its_type_gives,
    versions_of_a_template
);

fn a_stack_is_made_changed_and_destroyed(lab: &Lab) {
    assert!(lab.inventory().is_empty(), "{:?}", lab.inventory());
    let done = lab.apply(stack(&lab.image, 1));
    assert!(done.contains(&format!("{OBJECTS} added, 0 changed, 0 destroyed")), "{done}");
    assert_eq!(lab.inventory().len(), OBJECTS - 1, "an attachment is not listed: {:?}", lab.inventory());
    let before = lab.inventory();
    let plan = lab.plan(stack(&lab.image, 2));
    let action = |address: &str| plan.change(address).map(|change| change.action);
    for address in ["vpc", "gateway", "routes", "web", "db", "key", "template", "app", "data", "address"] {
        assert_eq!(action(address), Some(Action::Update), "{address}\n{plan}");
    }
    assert_eq!(action("spare"), Some(Action::Replace), "{plan}");
    lab.settle();
    let done = lab.apply(stack(&lab.image, 2));
    assert!(done.contains("2 added, 10 changed, 2 destroyed"), "{done}");
    let kept = lab.inventory().into_iter().filter(|one| before.contains(one)).count();
    assert_eq!(kept, OBJECTS - 3, "what is updated stays the same object");
    lab.destroy();
    assert!(lab.inventory().is_empty(), "{:?}", lab.inventory());
    assert_eq!(lab.infra().state(&lab.batteries).pull().wait().unwrap().entries().count(), 0);
}

fn an_instance_is_stopped_and_started(lab: &Lab) {
    let declare = |kind: &'static str, stopped: bool| {
        let image = lab.image.clone();
        move |declare: &Declare| {
            let machine = Instance::new(image.as_str(), kind);
            declare.add("m", if stopped { machine.stopped() } else { machine })?;
            Ok(())
        }
    };
    let state = |lab: &Lab| {
        let answer = lab.ec2.describe_instances(|which| which.instance_ids(lab.id("m"))).wait().unwrap();
        let machine = &answer.reservations()[0].instances()[0];
        (machine.state().unwrap().name().unwrap().to_string(), machine.instance_type().unwrap().to_string())
    };
    for (kind, stopped, expected) in [
        ("t3.micro", true, "stopped"),
        ("t3.small", true, "stopped"),
        ("t3.small", false, "running"),
        ("t3.medium", false, "running"),
        ("t3.micro", true, "stopped"),
        ("t3.nano", false, "running"),
    ] {
        lab.apply(declare(kind, stopped));
        assert_eq!(state(lab), (expected.to_owned(), kind.to_owned()));
    }
    lab.destroy();
}

fn a_volume_keeps_what_its_type_gives(lab: &Lab) {
    let declare = |volume: Volume| {
        move |declare: &Declare| {
            declare.add("v", volume.clone())?;
            Ok(())
        }
    };
    let volume = || Volume::new("us-east-1a", 10);
    lab.apply(declare(volume().volume_type("gp2")));
    let id = lab.id("v");
    for change in [
        volume(),
        volume().size(20),
        volume().size(20).iops(4000).throughput(200),
        volume().size(20),
        volume().size(20).iops(3000),
    ] {
        lab.settle();
        lab.apply(declare(change));
    }
    if lab.as_amazon("moto has no iops for io1") {
        lab.settle();
        lab.apply(declare(volume().size(20).volume_type("io1").iops(500)));
    }
    assert_eq!(lab.id("v"), id);
    lab.settle();
    if lab.as_amazon("moto lets a volume shrink") {
        let plan = lab.plan(declare(volume().size(5).volume_type("io1").iops(250)));
        let Err(Error::Apply(applied)) = plan.apply(&lab.batteries).wait() else { panic!("it did shrink") };
        assert!(applied.failures[0].to_string().contains("smaller"), "{applied}");
    }
    let error =
        lab.infra().plan(&lab.batteries, declare(volume().volume_type("gp2").throughput(200))).wait().unwrap_err().to_string();
    assert_eq!(error, "v: throughput is not supported for volumes of type gp2");
    lab.destroy();
}

fn versions_of_a_template(lab: &Lab) {
    let declare = |kind: &'static str| {
        move |declare: &Declare| {
            let template = declare.add("t", LaunchTemplate::new("lab").instance_type(kind))?;
            declare.output("version", template.out(|out| &out.default_version))?;
            Ok(())
        }
    };
    let number = || lab.infra().state(&lab.batteries).pull().wait().unwrap().outputs()["version"].value.clone();
    lab.apply(declare("t3.micro"));
    assert_eq!(number(), 1);
    lab.apply(declare("t3.small"));
    assert_eq!(number(), 2);
    // A version that an interrupted run has made is used, not made again.
    let id = lab.ec2.describe_launch_templates(|which| which).wait().unwrap().launch_templates()[0]
        .launch_template_id()
        .unwrap()
        .to_owned();
    let data = leyden::boto3::ec2::types::RequestLaunchTemplateData::builder().instance_type("t3.large".into()).build();
    lab.ec2.create_launch_template_version(|create| create.launch_template_id(&id).launch_template_data(data)).wait().unwrap();
    lab.apply(declare("t3.large"));
    assert_eq!(number(), 3);
    lab.destroy();
}

#[test]
fn what_another_object_still_needs_is_waited_for() {
    let lab = Lab::mock();
    let declare = |declare: &Declare| {
        declare.add("vpc", Vpc::new("10.9.0.0/16"))?;
        Ok(())
    };
    lab.apply(declare);
    let foreign = lab.ec2.create_subnet(|create| create.vpc_id(lab.id("vpc")).cidr_block("10.9.1.0/24")).wait().unwrap();
    let plan = lab.infra().destroy(&lab.batteries).wait().unwrap();
    let Err(Error::Apply(applied)) = plan.apply(&lab.batteries).wait() else { panic!("it was deleted") };
    assert!(applied.failures[0].to_string().contains("DependencyViolation"), "{applied}");
    assert!(lab.world.clock().elapsed() >= std::time::Duration::from_secs(100), "it was tried again for a while");
    lab.ec2.delete_subnet(|delete| delete.subnet_id(foreign.subnet().unwrap().subnet_id().unwrap())).wait().unwrap();
    lab.destroy();
    assert!(lab.inventory().is_empty());
}
