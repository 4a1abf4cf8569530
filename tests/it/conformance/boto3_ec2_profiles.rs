//! IAM instance profiles of instances.

use aws_sdk_ec2::operation::associate_iam_instance_profile::AssociateIamInstanceProfileOutput;
use aws_sdk_ec2::types::*;
use leyden::Wait;
use leyden::boto3::Error;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto};

on_mock_and_moto!([
    a_profile_by_name,
    a_profile_by_arn,
    a_profile_is_associated_after_a_while,
    an_instance_has_one_profile,
    a_profile_of_an_absent_instance,
    a_profile_that_is_none,
    a_profile_is_taken_off,
    a_profile_is_replaced,
    an_association_that_is_not_there,
    associations_by_filter,
    a_launch_with_a_profile,
    a_terminated_instance_has_no_profile,
]);

const WEB: &str = "arn:aws:iam::123456789012:instance-profile/web";
const DB: &str = "arn:aws:iam::123456789012:instance-profile/db";

fn named(name: &str) -> IamInstanceProfileSpecification {
    IamInstanceProfileSpecification::builder().name(name).build()
}

fn by_arn(arn: &str) -> IamInstanceProfileSpecification {
    IamInstanceProfileSpecification::builder().arn(arn).build()
}

fn give(lab: &Lab, id: &str, what: IamInstanceProfileSpecification) -> Result<AssociateIamInstanceProfileOutput, Error> {
    lab.ec2.associate_iam_instance_profile(|which| which.instance_id(id).iam_instance_profile(what)).wait()
}

fn given(lab: &Lab, id: &str, name: &str) -> IamInstanceProfileAssociation {
    lab.profile(name);
    give(lab, id, named(name)).unwrap().iam_instance_profile_association.unwrap()
}

fn all(lab: &Lab) -> Vec<IamInstanceProfileAssociation> {
    let all = lab.ec2.describe_iam_instance_profile_associations(|which| which).wait().unwrap();
    all.iam_instance_profile_associations.unwrap()
}

fn arn(instance: &Instance) -> Option<&str> {
    instance.iam_instance_profile().and_then(IamInstanceProfile::arn)
}

fn a_profile_by_name(lab: &Lab) {
    let id = lab.run_one();
    let made = given(lab, &id, "web");
    assert!(made.association_id().unwrap().starts_with("iip-assoc-"));
    assert_eq!(made.instance_id(), Some(id.as_str()));
    assert_eq!(made.iam_instance_profile().unwrap().arn(), Some(WEB));
    assert_eq!(arn(&lab.instance(&id)), Some(WEB));
    if lab.as_amazon("moto gives the id of the association for that of the profile") {
        assert!(made.iam_instance_profile().unwrap().id().unwrap().starts_with("AIPA"));
        assert_eq!(lab.instance(&id).iam_instance_profile(), made.iam_instance_profile());
    }
}

fn a_profile_by_arn(lab: &Lab) {
    let id = lab.run_one();
    lab.profile("web");
    let made = give(lab, &id, by_arn(WEB)).unwrap().iam_instance_profile_association.unwrap();
    assert_eq!(made.iam_instance_profile().unwrap().arn(), Some(WEB));
}

fn a_profile_is_associated_after_a_while(lab: &Lab) {
    let made = given(lab, &lab.run_one(), "web");
    if lab.as_amazon("moto takes no time") {
        assert_eq!(made.state(), Some(&IamInstanceProfileAssociationState::Associating));
    }
    lab.settle();
    assert_eq!(all(lab)[0].state(), Some(&IamInstanceProfileAssociationState::Associated));
    assert_eq!(all(lab)[0].association_id(), made.association_id());
}

fn an_instance_has_one_profile(lab: &Lab) {
    let id = lab.run_one();
    given(lab, &id, "web");
    lab.profile("db");
    let error = give(lab, &id, named("db")).unwrap_err();
    assert_eq!(error.code(), Some("IncorrectState"));
    assert_eq!(error.client().unwrap().message, format!("There is an existing association for instance {id}"));
}

fn a_profile_of_an_absent_instance(lab: &Lab) {
    lab.profile("web");
    assert_eq!(code(give(lab, "i-0ffffffffffffffff", named("web"))), "InvalidInstanceID.NotFound");
}

fn a_profile_that_is_none(lab: &Lab) {
    let id = lab.run_one();
    if !lab.as_amazon("moto answers of IAM, or with 500") {
        return;
    }
    for bad in [named("web server"), named(""), by_arn("web"), by_arn("arn:aws:iam::123456789012:role/web")] {
        assert_eq!(code(give(lab, &id, bad)), "InvalidParameterValue");
    }
    let both = IamInstanceProfileSpecification::builder().name("web").arn(WEB).build();
    assert_eq!(code(give(lab, &id, both)), "InvalidParameterCombination");
    let nothing = IamInstanceProfileSpecification::builder().build();
    assert_eq!(code(give(lab, &id, nothing)), "MissingParameter");
    assert_eq!(all(lab), []);
}

fn a_profile_is_taken_off(lab: &Lab) {
    let id = lab.run_one();
    let made = given(lab, &id, "web");
    lab.settle();
    let association = made.association_id().unwrap();
    let ended = lab.ec2.disassociate_iam_instance_profile(|which| which.association_id(association)).wait().unwrap();
    let ended = ended.iam_instance_profile_association.unwrap();
    assert_eq!(ended.association_id(), Some(association));
    if lab.as_amazon("moto says that it is associated") {
        assert_eq!(ended.state(), Some(&IamInstanceProfileAssociationState::Disassociating));
    }
    lab.settle();
    assert_eq!(all(lab), []);
    assert_eq!(arn(&lab.instance(&id)), None);
    given(lab, &id, "db");
}

fn a_profile_is_replaced(lab: &Lab) {
    let id = lab.run_one();
    let made = given(lab, &id, "web");
    lab.profile("db");
    let new = lab.ec2.replace_iam_instance_profile_association(|which| {
        which.association_id(made.association_id().unwrap()).iam_instance_profile(named("db"))
    });
    let new = new.wait().unwrap().iam_instance_profile_association.unwrap();
    assert_eq!(new.iam_instance_profile().unwrap().arn(), Some(DB));
    assert_eq!(new.instance_id(), Some(id.as_str()));
    lab.settle();
    assert_eq!(all(lab).len(), 1);
    if lab.as_amazon("moto keeps the association, and the instance keeps the old profile") {
        assert_ne!(new.association_id(), made.association_id());
        assert_eq!(arn(&lab.instance(&id)), Some(DB));
    }
}

fn an_association_that_is_not_there(lab: &Lab) {
    let absent = "iip-assoc-0ffffffffffffffff";
    let error = lab.ec2.disassociate_iam_instance_profile(|which| which.association_id(absent)).wait().unwrap_err();
    assert_eq!(error.code(), Some("InvalidAssociationID.NotFound"));
    assert_eq!(error.client().unwrap().message, "An invalid association-id of 'iip-assoc-0ffffffffffffffff' was given");
    lab.profile("web");
    let replace =
        lab.ec2.replace_iam_instance_profile_association(|which| which.association_id(absent).iam_instance_profile(named("web")));
    assert_eq!(code(replace.wait()), "InvalidAssociationID.NotFound");
}

fn associations_by_filter(lab: &Lab) {
    let ids = lab.run(2);
    for id in &ids {
        given(lab, id, if *id == ids[0] { "web" } else { "db" });
    }
    lab.settle();
    let of = |name: &str, value: &str| {
        let some = lab.ec2.describe_iam_instance_profile_associations(|which| which.filters(filter(name, [value])));
        some.wait().unwrap().iam_instance_profile_associations.unwrap().len()
    };
    assert_eq!((of("instance-id", &ids[1]), of("state", "associated"), of("state", "disassociating")), (1, 2, 0));
}

fn a_launch_with_a_profile(lab: &Lab) {
    let image = lab.image();
    lab.profile("web");
    let run = lab.ec2.run_instances(|run| run.image_id(&image).iam_instance_profile(named("web")).min_count(2).max_count(2));
    let run = run.wait().unwrap();
    lab.settle();
    assert_eq!(arn(&lab.instance(run.instances()[0].instance_id().unwrap())), Some(WEB));
    let by_arn = lab.ec2.describe_instances(|which| which.filters(filter("iam-instance-profile.arn", [WEB]))).wait();
    if lab.as_amazon("moto has an association for the first instance only, and does not know this filter") {
        assert_eq!(all(lab).len(), 2);
        assert_eq!(by_arn.unwrap().reservations()[0].instances().len(), 2);
    }
}

fn a_terminated_instance_has_no_profile(lab: &Lab) {
    let id = lab.run_one();
    given(lab, &id, "web");
    lab.ec2.terminate_instances(|which| which.instance_ids(&id)).wait().unwrap();
    lab.settle();
    if lab.as_amazon("moto keeps the association of what is terminated") {
        assert_eq!(all(lab), []);
        assert_eq!(code(give(lab, &id, named("web"))), "IncorrectInstanceState");
    }
}
