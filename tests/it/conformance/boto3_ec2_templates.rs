//! Launch templates, their versions, and launches from them.

use aws_sdk_ec2::operation::create_launch_template::CreateLaunchTemplateOutput;
use aws_sdk_ec2::operation::run_instances::builders::RunInstancesInputBuilder;
use aws_sdk_ec2::types::builders::{LaunchTemplateSpecificationBuilder, RequestLaunchTemplateDataBuilder};
use aws_sdk_ec2::types::*;
use leyden::Wait;
use leyden::boto3::Error;

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto, tag};

on_mock_and_moto!([
    a_template_has_a_version,
    a_template_of_the_same_name,
    a_name_that_is_none,
    a_template_says_something,
    templates_have_tags,
    versions_count,
    a_version_is_based_on_another,
    the_default_version_changes,
    a_default_version_that_is_not_there,
    a_template_that_is_not_there,
    a_template_by_id_and_name,
    templates_by_name,
    pages_of_templates,
    the_newest_version_comes_first,
    versions_by_number_and_word,
    versions_from_to,
    versions_of_all_templates,
    versions_of_nothing,
    versions_by_filter,
    a_deleted_template_is_gone,
    deleted_versions_are_gone,
    the_data_of_an_instance,
    a_launch_from_a_template,
    a_launch_says_where_it_comes_from,
    a_launch_knows_better_than_its_template,
    a_launch_of_a_version,
    a_launch_from_no_template,
    a_launch_merges_tags,
    a_launch_merges_disks,
    a_template_of_network_interfaces,
    a_template_of_options,
]);

type Data = RequestLaunchTemplateDataBuilder;

fn try_make(lab: &Lab, name: &str, say: impl FnOnce(Data) -> Data) -> Result<CreateLaunchTemplateOutput, Error> {
    let data = say(RequestLaunchTemplateData::builder()).build();
    lab.ec2.create_launch_template(|make| make.launch_template_name(name).launch_template_data(data)).wait()
}

fn make(lab: &Lab, name: &str, say: impl FnOnce(Data) -> Data) -> LaunchTemplate {
    try_make(lab, name, say).unwrap().launch_template.unwrap()
}

fn add(lab: &Lab, name: &str, say: impl FnOnce(Data) -> Data) -> LaunchTemplateVersion {
    let data = say(RequestLaunchTemplateData::builder()).build();
    let made = lab.ec2.create_launch_template_version(|make| make.launch_template_name(name).launch_template_data(data));
    made.wait().unwrap().launch_template_version.unwrap()
}

/// A template named `web` with an image and this type.
fn web(lab: &Lab, of: InstanceType) -> LaunchTemplate {
    let image = lab.image();
    make(lab, "web", |data| data.image_id(image).instance_type(of))
}

fn run(
    lab: &Lab,
    which: impl FnOnce(LaunchTemplateSpecificationBuilder) -> LaunchTemplateSpecificationBuilder,
    more: impl FnOnce(RunInstancesInputBuilder) -> RunInstancesInputBuilder,
) -> Result<Instance, Error> {
    let template = which(LaunchTemplateSpecification::builder()).build();
    let run = lab.ec2.run_instances(|run| more(run.launch_template(template).min_count(1).max_count(1))).wait()?;
    let id = run.instances()[0].instance_id().unwrap().to_owned();
    lab.settle();
    Ok(lab.instance(&id))
}

fn value<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter().find(|tag| tag.key() == Some(key)).and_then(Tag::value)
}

fn a_template_has_a_version(lab: &Lab) {
    let made = make(lab, "web", |data| data.instance_type(InstanceType::T3Micro));
    assert!(made.launch_template_id().unwrap().starts_with("lt-"));
    assert_eq!(made.launch_template_name(), Some("web"));
    assert_eq!((made.default_version_number(), made.latest_version_number()), (Some(1), Some(1)));
    assert_eq!(made.created_by(), Some("arn:aws:iam::123456789012:root"));
    let shown = lab.ec2.describe_launch_templates(|which| which.launch_template_names("web")).wait().unwrap();
    assert_eq!(shown.launch_templates()[0].launch_template_id(), made.launch_template_id());
    assert_eq!(shown.launch_templates()[0].create_time(), made.create_time());
}

fn a_template_of_the_same_name(lab: &Lab) {
    make(lab, "web", |data| data.instance_type(InstanceType::T3Micro));
    let error = try_make(lab, "web", |data| data.instance_type(InstanceType::T3Micro)).unwrap_err();
    assert_eq!(error.code(), Some("InvalidLaunchTemplateName.AlreadyExistsException"));
    assert_eq!(error.client().unwrap().message, "Launch template name already in use.");
}

fn a_name_that_is_none(lab: &Lab) {
    for name in ["ab", "web server", &"x".repeat(129)] {
        let made = try_make(lab, name, |data| data.instance_type(InstanceType::T3Micro));
        if lab.as_amazon("moto takes any name") {
            assert_eq!(code(made), "InvalidLaunchTemplateName.MalformedException");
        }
    }
}

fn a_template_says_something(lab: &Lab) {
    let made = lab.ec2.create_launch_template(|make| make.launch_template_name("web")).wait();
    if lab.as_amazon("moto takes a template without data") {
        assert_eq!(code(made), "MissingParameter");
    }
}

fn templates_have_tags(lab: &Lab) {
    let tags = TagSpecification::builder().resource_type(ResourceType::LaunchTemplate).tags(tag("team", "blue")).build();
    let data = RequestLaunchTemplateData::builder().instance_type(InstanceType::T3Micro).build();
    let made = lab
        .ec2
        .create_launch_template(|make| make.launch_template_name("web").launch_template_data(data).tag_specifications(tags));
    let made = made.wait().unwrap().launch_template.unwrap();
    make(lab, "other", |data| data.instance_type(InstanceType::T3Micro));
    assert_eq!(made.tags(), [tag("team", "blue")]);
    let blue = lab.ec2.describe_launch_templates(|which| which.filters(filter("tag:team", ["blue"]))).wait().unwrap();
    assert_eq!(blue.launch_templates().len(), 1);
    let id = made.launch_template_id().unwrap();
    lab.ec2.create_tags(|which| which.resources(id).tags(tag("team", "red"))).wait().unwrap();
    let tags = lab.ec2.describe_tags(|which| which.filters(filter("resource-id", [id]))).wait().unwrap();
    assert_eq!(tags.tags()[0].value(), Some("red"));
    assert_eq!(tags.tags()[0].resource_type(), Some(&ResourceType::LaunchTemplate));
}

fn versions_count(lab: &Lab) {
    web(lab, InstanceType::T3Micro);
    let second = add(lab, "web", |data| data.instance_type(InstanceType::T3Small));
    assert_eq!((second.version_number(), second.default_version()), (Some(2), Some(false)));
    let shown = lab.ec2.describe_launch_templates(|which| which.launch_template_names("web")).wait().unwrap();
    let shown = &shown.launch_templates()[0];
    assert_eq!((shown.default_version_number(), shown.latest_version_number()), (Some(1), Some(2)));
}

fn a_version_is_based_on_another(lab: &Lab) {
    let first = web(lab, InstanceType::T3Micro);
    let data = RequestLaunchTemplateData::builder().instance_type(InstanceType::T3Small).build();
    let made = lab.ec2.create_launch_template_version(|make| {
        make.launch_template_id(first.launch_template_id().unwrap())
            .source_version("1")
            .version_description("larger")
            .launch_template_data(data)
    });
    let made = made.wait().unwrap().launch_template_version.unwrap();
    assert_eq!(made.version_description(), Some("larger"));
    let data = made.launch_template_data().unwrap();
    assert_eq!(data.instance_type(), Some(&InstanceType::T3Small));
    if lab.as_amazon("moto does not look at the source") {
        assert_eq!(data.image_id(), Some(lab.image().as_str()));
    }
    let bare = add(lab, "web", |data| data.instance_type(InstanceType::T3Small));
    assert_eq!(bare.launch_template_data().unwrap().image_id(), None);
}

fn the_default_version_changes(lab: &Lab) {
    let made = web(lab, InstanceType::T3Micro);
    add(lab, "web", |data| data.instance_type(InstanceType::T3Small));
    let changed =
        lab.ec2.modify_launch_template(|which| which.launch_template_id(made.launch_template_id().unwrap()).default_version("2"));
    let changed = changed.wait().unwrap().launch_template.unwrap();
    assert_eq!((changed.default_version_number(), changed.latest_version_number()), (Some(2), Some(2)));
    let versions =
        lab.ec2.describe_launch_template_versions(|which| which.launch_template_name("web").versions("$Default")).wait().unwrap();
    assert_eq!(versions.launch_template_versions()[0].version_number(), Some(2));
    assert_eq!(versions.launch_template_versions()[0].default_version(), Some(true));
}

fn a_default_version_that_is_not_there(lab: &Lab) {
    web(lab, InstanceType::T3Micro);
    let changed = lab.ec2.modify_launch_template(|which| which.launch_template_name("web").default_version("7")).wait();
    assert_eq!(code(changed), "InvalidLaunchTemplateId.VersionNotFound");
}

fn a_template_that_is_not_there(lab: &Lab) {
    let absent = "lt-0ffffffffffffffff";
    let by_id = lab.ec2.describe_launch_template_versions(|which| which.launch_template_id(absent)).wait().unwrap_err();
    assert_eq!(by_id.code(), Some("InvalidLaunchTemplateId.NotFound"));
    let message = "The specified launch template, with template ID lt-0ffffffffffffffff, does not exist.";
    assert_eq!(by_id.client().unwrap().message, message);
    let by_name = lab.ec2.describe_launch_template_versions(|which| which.launch_template_name("absent")).wait().unwrap_err();
    assert_eq!(by_name.code(), Some("InvalidLaunchTemplateName.NotFoundException"));
    let message = "The specified launch template, with template name absent, does not exist.";
    assert_eq!(by_name.client().unwrap().message, message);
    let listed = lab.ec2.describe_launch_templates(|which| which.launch_template_names("absent")).wait();
    assert_eq!(code(listed), "InvalidLaunchTemplateName.NotFoundException");
    let listed = lab.ec2.describe_launch_templates(|which| which.launch_template_ids(absent)).wait();
    if lab.as_amazon("moto leaves it out") {
        assert_eq!(code(listed), "InvalidLaunchTemplateId.NotFound");
        let malformed = lab.ec2.describe_launch_templates(|which| which.launch_template_ids("web")).wait();
        assert_eq!(code(malformed), "InvalidLaunchTemplateId.Malformed");
        assert_eq!(code(lab.ec2.delete_launch_template(|which| which).wait()), "MissingParameter");
    }
}

fn a_template_by_id_and_name(lab: &Lab) {
    let made = web(lab, InstanceType::T3Micro);
    let changed = lab.ec2.modify_launch_template(|which| {
        which.launch_template_id(made.launch_template_id().unwrap()).launch_template_name("web").default_version("1")
    });
    assert_eq!(code(changed.wait()), "InvalidParameterCombination");
}

fn templates_by_name(lab: &Lab) {
    for name in ["web", "web-2", "data"] {
        make(lab, name, |data| data.instance_type(InstanceType::T3Micro));
    }
    let named = |pattern: &str| {
        let shown = lab.ec2.describe_launch_templates(|which| which.filters(filter("launch-template-name", [pattern])));
        shown.wait().unwrap().launch_templates().len()
    };
    assert_eq!((named("web"), named("web*"), named("nothing")), (1, 2, 0));
}

fn pages_of_templates(lab: &Lab) {
    for index in 0..5 {
        make(lab, &format!("web-{index}"), |data| data.instance_type(InstanceType::T3Micro));
    }
    let first = lab.ec2.describe_launch_templates(|which| which.max_results(3)).wait().unwrap();
    assert_eq!(first.launch_templates().len(), 3);
    if lab.as_amazon("moto gives no token, and what does not fit on the page is lost") {
        let rest = lab.ec2.describe_launch_templates(|which| which.max_results(3).set_next_token(first.next_token.clone()));
        let rest = rest.wait().unwrap();
        assert_eq!((rest.launch_templates().len(), rest.next_token()), (2, None));
        let none = lab.ec2.describe_launch_templates(|which| which.max_results(0)).wait();
        assert_eq!(code(none), "InvalidParameterValue");
    }
}

fn numbers(versions: &[LaunchTemplateVersion]) -> Vec<i64> {
    versions.iter().map(|version| version.version_number().unwrap()).collect()
}

/// A template of four versions.
fn four(lab: &Lab) {
    web(lab, InstanceType::T3Micro);
    for of in [InstanceType::T3Small, InstanceType::T3Medium, InstanceType::T3Large] {
        add(lab, "web", |data| data.instance_type(of));
    }
}

fn the_newest_version_comes_first(lab: &Lab) {
    four(lab);
    let versions = lab.ec2.describe_launch_template_versions(|which| which.launch_template_name("web")).wait().unwrap();
    let numbers = numbers(versions.launch_template_versions());
    assert_eq!(numbers.len(), 4);
    if lab.as_amazon("moto gives the oldest first; Amazon's examples have the newest") {
        assert_eq!(numbers, [4, 3, 2, 1]);
    }
}

fn versions_by_number_and_word(lab: &Lab) {
    four(lab);
    let of = |names: [&str; 2]| {
        let names = names.map(str::to_owned).to_vec();
        lab.ec2.describe_launch_template_versions(|which| which.launch_template_name("web").set_versions(Some(names))).wait()
    };
    assert_eq!(numbers(of(["3", "2"]).unwrap().launch_template_versions()), [3, 2]);
    assert_eq!(numbers(of(["$Latest", "$Default"]).unwrap().launch_template_versions()), [4, 1]);
    let absent = of(["1", "9"]).unwrap_err();
    assert_eq!(absent.code(), Some("InvalidLaunchTemplateId.VersionNotFound"));
    assert!(
        absent
            .client()
            .unwrap()
            .message
            .starts_with("Could not find the specified version 9 for the launch template with ID lt-")
    );
    let word = of(["1", "newest"]);
    if lab.as_amazon("moto answers 500") {
        assert_eq!(code(word), "InvalidParameterValue");
    }
}

fn versions_from_to(lab: &Lab) {
    four(lab);
    let of = |min: Option<&str>, max: Option<&str>| {
        let (min, max) = (min.map(str::to_owned), max.map(str::to_owned));
        let shown = lab.ec2.describe_launch_template_versions(|which| {
            which.launch_template_name("web").set_min_version(min).set_max_version(max)
        });
        let mut numbers = numbers(shown.wait().unwrap().launch_template_versions());
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(of(Some("2"), Some("3")), [2, 3]);
    assert_eq!(of(Some("3"), None), [3, 4]);
    assert_eq!(of(None, Some("2")), [1, 2]);
}

fn versions_of_all_templates(lab: &Lab) {
    four(lab);
    make(lab, "data", |data| data.instance_type(InstanceType::T3Micro));
    let of = |word: &str| {
        let shown = lab.ec2.describe_launch_template_versions(|which| which.versions(word)).wait().unwrap();
        let mut numbers = numbers(shown.launch_template_versions());
        numbers.sort_unstable();
        numbers
    };
    assert_eq!(of("$Latest"), [1, 4]);
    assert_eq!(of("$Default"), [1, 1]);
}

fn versions_of_nothing(lab: &Lab) {
    assert_eq!(code(lab.ec2.describe_launch_template_versions(|which| which).wait()), "MissingParameter");
    assert_eq!(code(lab.ec2.describe_launch_template_versions(|which| which.versions("1")).wait()), "InvalidParameterValue");
}

fn versions_by_filter(lab: &Lab) {
    four(lab);
    let of = |name: &str, value: &str| {
        let shown = lab
            .ec2
            .describe_launch_template_versions(|which| which.launch_template_name("web").filters(filter(name, [value])))
            .wait();
        numbers(shown.unwrap().launch_template_versions())
    };
    if lab.as_amazon("moto does not look at these filters") {
        assert_eq!(of("instance-type", "t3.small"), [2]);
        assert_eq!(of("is-default-version", "true"), [1]);
        assert_eq!(of("image-id", "ami-*"), [1]);
    }
}

fn a_deleted_template_is_gone(lab: &Lab) {
    let made = web(lab, InstanceType::T3Micro);
    let gone = lab.ec2.delete_launch_template(|which| which.launch_template_name("web")).wait().unwrap();
    assert_eq!(gone.launch_template().unwrap().launch_template_id(), made.launch_template_id());
    assert_eq!(lab.ec2.describe_launch_templates(|which| which).wait().unwrap().launch_templates(), []);
    let again = lab.ec2.delete_launch_template(|which| which.launch_template_id(made.launch_template_id().unwrap())).wait();
    if lab.as_amazon("moto says that there is none of this name") {
        assert_eq!(code(again), "InvalidLaunchTemplateId.NotFound");
    }
    web(lab, InstanceType::T3Micro);
}

fn deleted_versions_are_gone(lab: &Lab) {
    if !lab.as_amazon("moto has no DeleteLaunchTemplateVersions") {
        return;
    }
    four(lab);
    let deleted = lab
        .ec2
        .delete_launch_template_versions(|which| which.launch_template_name("web").versions("4").versions("1").versions("9"))
        .wait()
        .unwrap();
    let done = deleted.successfully_deleted_launch_template_versions();
    assert_eq!(done.iter().map(DeleteLaunchTemplateVersionsResponseSuccessItem::version_number).collect::<Vec<_>>(), [Some(4)]);
    let refused = deleted.unsuccessfully_deleted_launch_template_versions();
    let why: Vec<_> = refused.iter().map(|item| item.response_error().unwrap().code().unwrap().as_str()).collect();
    assert_eq!(why, ["unexpectedError", "launchTemplateVersionDoesNotExist"]);
    // The number is not given again.
    assert_eq!(add(lab, "web", |data| data.instance_type(InstanceType::T3Nano)).version_number(), Some(5));
    let versions = lab.ec2.describe_launch_template_versions(|which| which.launch_template_name("web")).wait().unwrap();
    assert_eq!(numbers(versions.launch_template_versions()), [5, 3, 2, 1]);
}

fn the_data_of_an_instance(lab: &Lab) {
    let id = lab.run_one();
    let instance = lab.instance(&id);
    lab.ec2.create_tags(|which| which.resources(&id).tags(tag("Name", "web"))).wait().unwrap();
    let data = lab.ec2.get_launch_template_data(|which| which.instance_id(&id)).wait().unwrap().launch_template_data.unwrap();
    assert_eq!((data.image_id(), data.instance_type()), (instance.image_id(), instance.instance_type()));
    assert_eq!(data.monitoring().unwrap().enabled(), Some(false));
    assert_eq!(data.network_interfaces()[0].subnet_id(), instance.subnet_id());
    assert_eq!(value(data.tag_specifications()[0].tags(), "Name"), Some("web"));
    assert_eq!(data.block_device_mappings()[0].ebs().unwrap().volume_size(), Some(8));
    let absent = lab.ec2.get_launch_template_data(|which| which.instance_id("i-0ffffffffffffffff")).wait();
    assert_eq!(code(absent), "InvalidInstanceID.NotFound");
}

fn a_launch_from_a_template(lab: &Lab) {
    let (image, template) = (lab.image(), web(lab, InstanceType::T3Medium));
    let by_name = run(lab, |which| which.launch_template_name("web"), |run| run).unwrap();
    assert_eq!((by_name.image_id(), by_name.instance_type()), (Some(image.as_str()), Some(&InstanceType::T3Medium)));
    let by_id = run(lab, |which| which.launch_template_id(template.launch_template_id().unwrap()), |run| run).unwrap();
    assert_eq!(by_id.instance_type(), Some(&InstanceType::T3Medium));
}

fn a_launch_says_where_it_comes_from(lab: &Lab) {
    let template = web(lab, InstanceType::T3Micro);
    let instance = run(lab, |which| which.launch_template_name("web"), |run| run).unwrap();
    assert_eq!(value(instance.tags(), "aws:ec2launchtemplate:id"), template.launch_template_id());
    assert_eq!(value(instance.tags(), "aws:ec2launchtemplate:version"), Some("1"));
}

fn a_launch_knows_better_than_its_template(lab: &Lab) {
    web(lab, InstanceType::T3Micro);
    let large = |run: RunInstancesInputBuilder| run.instance_type(InstanceType::T3Large);
    let instance = run(lab, |which| which.launch_template_name("web"), large).unwrap();
    assert_eq!(instance.instance_type(), Some(&InstanceType::T3Large));
}

fn a_launch_of_a_version(lab: &Lab) {
    let image = lab.image();
    make(lab, "web", |data| data.image_id(&image).instance_type(InstanceType::T3Micro));
    add(lab, "web", |data| data.image_id(&image).instance_type(InstanceType::T3Small));
    add(lab, "web", |data| data.image_id(&image).instance_type(InstanceType::T3Medium));
    for (version, of) in [("2", InstanceType::T3Small), ("$Latest", InstanceType::T3Medium), ("$Default", InstanceType::T3Micro)]
    {
        let instance = run(lab, |which| which.launch_template_name("web").version(version), |run| run).unwrap();
        assert_eq!(instance.instance_type(), Some(&of));
    }
    let absent = run(lab, |which| which.launch_template_name("web").version("9"), |run| run);
    assert_eq!(code(absent), "InvalidLaunchTemplateId.VersionNotFound");
}

fn a_launch_from_no_template(lab: &Lab) {
    let absent = run(lab, |which| which.launch_template_name("absent"), |run| run);
    assert_eq!(code(absent), "InvalidLaunchTemplateName.NotFoundException");
    let absent = run(lab, |which| which.launch_template_id("lt-0ffffffffffffffff"), |run| run);
    if lab.as_amazon("moto answers 500") {
        assert_eq!(code(absent), "InvalidLaunchTemplateId.NotFound");
    }
    make(lab, "imageless", |data| data.instance_type(InstanceType::T3Micro));
    let imageless = run(lab, |which| which.launch_template_name("imageless"), |run| run);
    if lab.as_amazon("moto starts an instance of no image") {
        assert_eq!(code(imageless), "MissingParameter");
    }
}

fn a_launch_merges_tags(lab: &Lab) {
    let image = lab.image();
    let own = LaunchTemplateTagSpecificationRequest::builder()
        .resource_type(ResourceType::Instance)
        .tags(tag("Name", "web"))
        .tags(tag("team", "blue"));
    make(lab, "web", |data| data.image_id(image).tag_specifications(own.build()));
    let asked = TagSpecification::builder().resource_type(ResourceType::Instance).tags(tag("Name", "web-7")).build();
    let instance = run(lab, |which| which.launch_template_name("web"), |run| run.tag_specifications(asked)).unwrap();
    assert_eq!(value(instance.tags(), "Name"), Some("web-7"));
    assert_eq!(value(instance.tags(), "team"), Some("blue"));
}

fn a_launch_merges_disks(lab: &Lab) {
    let image = lab.image();
    let disk = |device: &str, size: i32| {
        let ebs = LaunchTemplateEbsBlockDeviceRequest::builder().volume_size(size).build();
        LaunchTemplateBlockDeviceMappingRequest::builder().device_name(device).ebs(ebs).build()
    };
    make(lab, "web", |data| {
        data.image_id(image).block_device_mappings(disk("/dev/sdf", 11)).block_device_mappings(disk("/dev/sdg", 12))
    });
    let asked = BlockDeviceMapping::builder().device_name("/dev/sdg").ebs(EbsBlockDevice::builder().volume_size(22).build());
    run(lab, |which| which.launch_template_name("web"), |run| run.block_device_mappings(asked.build())).unwrap();
    let volumes = lab.ec2.describe_volumes(|which| which).wait().unwrap().volumes.unwrap();
    let mut sizes: Vec<_> = volumes.iter().map(|volume| volume.size().unwrap()).collect();
    sizes.sort_unstable();
    if lab.as_amazon("moto takes the disks of the launch, or else those of the template") {
        assert_eq!(sizes, [8, 11, 22]);
    }
}

fn a_template_of_network_interfaces(lab: &Lab) {
    let (image, vpc) = (lab.image(), lab.vpc("10.1.0.0/16"));
    let subnet = lab.subnet(&vpc, "10.1.2.0/24");
    let nic = LaunchTemplateInstanceNetworkInterfaceSpecificationRequest::builder()
        .device_index(0)
        .subnet_id(&subnet)
        .private_ip_address("10.1.2.44")
        .build();
    make(lab, "web", |data| data.image_id(image).network_interfaces(nic));
    let instance = run(lab, |which| which.launch_template_name("web"), |run| run).unwrap();
    if lab.as_amazon("moto does not look at the interfaces of a template") {
        assert_eq!((instance.subnet_id(), instance.private_ip_address()), (Some(subnet.as_str()), Some("10.1.2.44")));
        let both = run(lab, |which| which.launch_template_name("web"), |run| run.subnet_id(&subnet));
        assert_eq!(code(both), "InvalidParameterCombination");
    }
}

fn a_template_of_options(lab: &Lab) {
    let image = lab.image();
    let metadata = LaunchTemplateInstanceMetadataOptionsRequest::builder()
        .http_tokens(LaunchTemplateHttpTokensState::Required)
        .http_put_response_hop_limit(2);
    let monitoring = LaunchTemplatesMonitoringRequest::builder().enabled(true);
    let placement = LaunchTemplatePlacementRequest::builder().availability_zone("us-east-1c");
    make(lab, "web", |data| {
        data.image_id(image)
            .metadata_options(metadata.build())
            .monitoring(monitoring.build())
            .placement(placement.build())
            .disable_api_termination(true)
    });
    let version =
        lab.ec2.describe_launch_template_versions(|which| which.launch_template_name("web").versions("1")).wait().unwrap();
    let data = version.launch_template_versions()[0].launch_template_data().unwrap();
    assert_eq!(data.metadata_options().unwrap().http_tokens(), Some(&LaunchTemplateHttpTokensState::Required));
    assert_eq!(data.placement().unwrap().availability_zone(), Some("us-east-1c"));
    let instance = run(lab, |which| which.launch_template_name("web"), |run| run).unwrap();
    if lab.as_amazon("moto does not look at these options of a template") {
        let options = instance.metadata_options().unwrap();
        assert_eq!((options.http_tokens(), options.http_put_response_hop_limit()), (Some(&HttpTokensState::Required), Some(2)));
        assert_eq!(instance.placement().unwrap().availability_zone(), Some("us-east-1c"));
        assert_eq!(instance.monitoring().unwrap().state(), Some(&MonitoringState::Enabled));
        let stop = lab.ec2.terminate_instances(|which| which.instance_ids(instance.instance_id().unwrap())).wait();
        assert_eq!(code(stop), "OperationNotPermitted");
    }
}
