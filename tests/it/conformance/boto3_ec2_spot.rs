//! Spot instances: requests, prices, launches on the market.

use std::time::Duration;

use aws_sdk_ec2::operation::request_spot_instances::builders::RequestSpotInstancesInputBuilder;
use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::*;
use leyden::boto3::Error;
use leyden::boto3::waiter::WaiterFailure;
use leyden::{Wait, World};

use super::boto3_ec2::{Lab, code, filter, on_mock_and_moto, tag};

on_mock_and_moto!([
    a_request_is_fulfilled,
    the_waiter_waits_for_it,
    several_instances_are_several_requests,
    requests_have_tags,
    a_request_says_what_it_launches,
    requests_by_filter,
    a_request_that_is_not_there,
    a_request_for_an_absent_image,
    a_cancelled_request_leaves_its_instance,
    a_request_cancelled_before_it_is_fulfilled,
    a_price_that_is_too_low_waits,
    a_price_that_is_none,
    a_request_is_not_before_its_time,
    a_request_is_not_after_its_time,
    an_instance_that_ends_closes_its_request,
    a_request_that_persists_asks_again,
    an_instance_of_a_request_that_persists_stops,
    amazon_takes_an_instance_back,
    a_launch_on_the_market,
    a_launch_below_the_price,
    a_launch_on_the_market_has_its_terms,
    prices_of_a_type,
    prices_change_with_time,
    prices_are_on_pages,
]);

type Request = RequestSpotInstancesInputBuilder;

fn try_request(lab: &Lab, how: impl FnOnce(Request) -> Request) -> Result<Vec<SpotInstanceRequest>, Error> {
    let image = lab.image();
    let launch = RequestSpotLaunchSpecification::builder().image_id(image).instance_type(InstanceType::T3Micro).build();
    let made = lab.ec2.request_spot_instances(|request| how(request.launch_specification(launch))).wait()?;
    Ok(made.spot_instance_requests.unwrap())
}

fn request(lab: &Lab, how: impl FnOnce(Request) -> Request) -> String {
    try_request(lab, how).unwrap().remove(0).spot_instance_request_id.unwrap()
}

fn shown(lab: &Lab, id: &str) -> SpotInstanceRequest {
    let shown = lab.ec2.describe_spot_instance_requests(|which| which.spot_instance_request_ids(id)).wait().unwrap();
    shown.spot_instance_requests.unwrap().remove(0)
}

/// State and status code.
fn state(lab: &Lab, id: &str) -> (String, String) {
    let shown = shown(lab, id);
    (shown.state().unwrap().as_str().to_owned(), shown.status().unwrap().code().unwrap().to_owned())
}

fn are(state: &str, code: &str) -> (String, String) {
    (state.to_owned(), code.to_owned())
}

/// So long from now.
fn later(world: &World, seconds: u64) -> DateTime {
    DateTime::from(world.clock().now() + Duration::from_secs(seconds))
}

fn a_request_is_fulfilled(lab: &Lab) {
    let made = try_request(lab, |request| request.spot_price("0.05")).unwrap().remove(0);
    let id = made.spot_instance_request_id().unwrap();
    assert!(id.starts_with("sir-"));
    assert_eq!((made.spot_price(), made.r#type()), (Some("0.050000"), Some(&SpotInstanceType::OneTime)));
    if lab.as_amazon("moto takes no time") {
        assert_eq!(state(lab, id), are("open", "pending-evaluation"));
        assert_eq!(shown(lab, id).instance_id(), None);
    }
    lab.settle();
    assert_eq!(state(lab, id), are("active", "fulfilled"));
    let shown = shown(lab, id);
    let instance = lab.instance(shown.instance_id().unwrap());
    assert_eq!(instance.instance_lifecycle(), Some(&InstanceLifecycleType::Spot));
    assert_eq!(instance.instance_type(), Some(&InstanceType::T3Micro));
    if lab.as_amazon("moto does not say so of the instance") {
        assert_eq!(instance.spot_instance_request_id(), Some(id));
        assert_eq!(shown.launched_availability_zone(), instance.placement().unwrap().availability_zone());
    }
}

fn the_waiter_waits_for_it(lab: &Lab) {
    let id = request(lab, |request| request);
    lab.ec2.get_waiter().spot_instance_request_fulfilled(|which| which.spot_instance_request_ids(&id)).wait().unwrap();
    assert_eq!(state(lab, &id), are("active", "fulfilled"));
}

fn several_instances_are_several_requests(lab: &Lab) {
    let made = try_request(lab, |request| request.instance_count(3)).unwrap();
    assert_eq!(made.len(), 3);
    lab.settle();
    let running = lab.ec2.describe_instances(|which| which.filters(filter("instance-lifecycle", ["spot"]))).wait();
    if lab.as_amazon("moto does not know this filter") {
        assert_eq!(running.unwrap().reservations().len(), 3);
        assert_eq!(code(try_request(lab, |request| request.instance_count(0))), "InvalidParameterValue");
    }
}

fn requests_have_tags(lab: &Lab) {
    let tags = TagSpecification::builder().resource_type(ResourceType::SpotInstancesRequest).tags(tag("team", "blue")).build();
    let made = try_request(lab, |request| request.tag_specifications(tags)).unwrap();
    assert_eq!(made[0].tags(), [tag("team", "blue")]);
    request(lab, |request| request);
    let blue = lab.ec2.describe_spot_instance_requests(|which| which.filters(filter("tag:team", ["blue"]))).wait().unwrap();
    assert_eq!(blue.spot_instance_requests().len(), 1);
}

fn a_request_says_what_it_launches(lab: &Lab) {
    let made = try_request(lab, |request| request).unwrap().remove(0);
    let launch = made.launch_specification().unwrap();
    assert_eq!((launch.image_id(), launch.instance_type()), (Some(lab.image().as_str()), Some(&InstanceType::T3Micro)));
    assert_eq!(launch.security_groups()[0].group_name(), Some("default"));
    assert_eq!(made.product_description(), Some(&RiProductDescription::LinuxUnix));
}

fn requests_by_filter(lab: &Lab) {
    let first = request(lab, |request| request.spot_price("0.05"));
    request(lab, |request| request.spot_price("0.06"));
    lab.settle();
    let of = |name: &str, value: &str| {
        let some = lab.ec2.describe_spot_instance_requests(|which| which.filters(filter(name, [value]))).wait().unwrap();
        some.spot_instance_requests.unwrap().len()
    };
    assert_eq!((of("state", "active"), of("state", "open"), of("spot-instance-request-id", &first)), (2, 0, 1));
    if lab.as_amazon("moto does not know these filters") {
        assert_eq!((of("launch.instance-type", "t3.*"), of("spot-price", "0.05*"), of("status-code", "fulfilled")), (2, 1, 2));
        assert_eq!((of("type", "one-time"), of("launch.image-id", &lab.image()), of("instance-id", "i-*")), (2, 2, 2));
    }
}

fn a_request_that_is_not_there(lab: &Lab) {
    let absent = "sir-0ffffffffffffffff";
    let shown = lab.ec2.describe_spot_instance_requests(|which| which.spot_instance_request_ids(absent)).wait();
    if lab.as_amazon("moto leaves it out") {
        assert_eq!(code(shown), "InvalidSpotInstanceRequestID.NotFound");
        let cancel = lab.ec2.cancel_spot_instance_requests(|which| which.spot_instance_request_ids(absent)).wait();
        assert_eq!(code(cancel), "InvalidSpotInstanceRequestID.NotFound");
    }
}

fn a_request_for_an_absent_image(lab: &Lab) {
    let launch = RequestSpotLaunchSpecification::builder().image_id("ami-0ffffffffffffffff").build();
    let made = lab.ec2.request_spot_instances(|request| request.launch_specification(launch)).wait();
    if lab.as_amazon("moto starts images that are not there") {
        assert_eq!(code(made), "InvalidAMIID.NotFound");
        let shown = lab.ec2.describe_spot_instance_requests(|which| which).wait().unwrap();
        assert_eq!(shown.spot_instance_requests(), []);
    }
}

fn a_cancelled_request_leaves_its_instance(lab: &Lab) {
    let id = request(lab, |request| request);
    lab.settle();
    let instance = shown(lab, &id).instance_id.unwrap();
    let cancelled = lab.ec2.cancel_spot_instance_requests(|which| which.spot_instance_request_ids(&id)).wait().unwrap();
    let cancelled = &cancelled.cancelled_spot_instance_requests()[0];
    assert_eq!(cancelled.state(), Some(&CancelSpotInstanceRequestState::Cancelled));
    assert_eq!(lab.state(&instance), "running");
    if lab.as_amazon("moto forgets the request") {
        assert_eq!(state(lab, &id), are("cancelled", "request-canceled-and-instance-running"));
        // Which is what the waiter takes for a success too.
        let waiter = lab.ec2.get_waiter();
        waiter.spot_instance_request_fulfilled(|which| which.spot_instance_request_ids(&id)).wait().unwrap();
    }
}

fn a_request_cancelled_before_it_is_fulfilled(lab: &Lab) {
    let id = request(lab, |request| request);
    lab.ec2.cancel_spot_instance_requests(|which| which.spot_instance_request_ids(&id)).wait().unwrap();
    lab.settle();
    if lab.as_amazon("moto has fulfilled it") {
        assert_eq!(state(lab, &id), are("cancelled", "canceled-before-fulfillment"));
        assert_eq!(lab.ec2.describe_instances(|which| which).wait().unwrap().reservations(), []);
        let waiter = lab.ec2.get_waiter();
        let error = waiter.spot_instance_request_fulfilled(|which| which.spot_instance_request_ids(&id)).wait().unwrap_err();
        assert!(matches!(error, Error::Waiter(ref why) if why.kind == WaiterFailure::TerminalState), "{error:?}");
    }
}

fn a_price_that_is_too_low_waits(lab: &Lab) {
    let id = request(lab, |request| request.spot_price("0.0001"));
    lab.settle();
    if lab.as_amazon("moto sells at any price") {
        assert_eq!(state(lab, &id), are("open", "price-too-low"));
        lab.world().clock().advance(Duration::from_secs(8 * 86_400));
        assert_eq!(state(lab, &id), are("open", "price-too-low"));
    }
}

fn a_price_that_is_none(lab: &Lab) {
    for bad in ["a lot", "0", "-1", "inf"] {
        let made = try_request(lab, |request| request.spot_price(bad));
        if lab.as_amazon("moto takes what Python takes for a number, and answers 500 to the rest") {
            assert_eq!(code(made), "InvalidParameterValue");
        }
    }
}

fn a_request_is_not_before_its_time(lab: &Lab) {
    if !lab.as_amazon("moto does not look at the time") {
        return;
    }
    let from = later(lab.world(), 3600);
    let id = request(lab, |request| request.valid_from(from));
    lab.settle();
    assert_eq!(state(lab, &id), are("open", "not-scheduled-yet"));
    lab.world().clock().advance(Duration::from_secs(3600));
    assert_eq!(state(lab, &id), are("active", "fulfilled"));
}

fn a_request_is_not_after_its_time(lab: &Lab) {
    if !lab.as_amazon("moto does not look at the time") {
        return;
    }
    let until = later(lab.world(), 3600);
    let id = request(lab, |request| request.spot_price("0.0001").valid_until(until));
    lab.settle();
    assert_eq!(state(lab, &id), are("open", "price-too-low"));
    lab.world().clock().advance(Duration::from_secs(3600));
    assert_eq!(state(lab, &id), are("closed", "schedule-expired"));
    let past = try_request(lab, |request| request.valid_until(DateTime::from_secs(1)));
    assert_eq!(code(past), "InvalidParameterValue");
}

fn an_instance_that_ends_closes_its_request(lab: &Lab) {
    let id = request(lab, |request| request);
    lab.settle();
    let instance = shown(lab, &id).instance_id.unwrap();
    lab.ec2.terminate_instances(|which| which.instance_ids(&instance)).wait().unwrap();
    lab.settle();
    if lab.as_amazon("moto keeps the request as it is") {
        assert_eq!(state(lab, &id), are("closed", "instance-terminated-by-user"));
    }
}

fn a_request_that_persists_asks_again(lab: &Lab) {
    let id = request(lab, |request| request.r#type(SpotInstanceType::Persistent));
    lab.settle();
    let instance = shown(lab, &id).instance_id.unwrap();
    lab.ec2.terminate_instances(|which| which.instance_ids(&instance)).wait().unwrap();
    if lab.as_amazon("moto keeps the request as it is") {
        assert_eq!(state(lab, &id), are("open", "instance-terminated-by-user"));
        lab.settle();
        assert_eq!(state(lab, &id), are("active", "fulfilled"));
        assert_ne!(shown(lab, &id).instance_id().unwrap(), instance);
        assert_eq!(lab.state(shown(lab, &id).instance_id().unwrap()), "running");
    }
}

fn an_instance_of_a_request_that_persists_stops(lab: &Lab) {
    let ids = [SpotInstanceType::Persistent, SpotInstanceType::OneTime].map(|kind| request(lab, |request| request.r#type(kind)));
    lab.settle();
    let instances = ids.each_ref().map(|id| shown(lab, id).instance_id.unwrap());
    lab.ec2.stop_instances(|which| which.instance_ids(&instances[0])).wait().unwrap();
    lab.settle();
    if lab.as_amazon("moto stops any of them, and the request does not know") {
        assert_eq!(state(lab, &ids[0]), are("disabled", "instance-stopped-by-user"));
        lab.ec2.start_instances(|which| which.instance_ids(&instances[0])).wait().unwrap();
        lab.settle();
        assert_eq!(state(lab, &ids[0]), are("active", "fulfilled"));
        let once = lab.ec2.stop_instances(|which| which.instance_ids(&instances[1])).wait();
        assert_eq!(code(once), "UnsupportedOperation");
    }
}

fn amazon_takes_an_instance_back(lab: &Lab) {
    if !lab.as_amazon("moto takes nothing back") {
        return;
    }
    let id = request(lab, |request| request);
    lab.settle();
    let instance = shown(lab, &id).instance_id.unwrap();
    lab.world().boto3.ec2.interrupt("us-east-1", &instance);
    assert_eq!(state(lab, &id), are("active", "marked-for-termination"));
    assert_eq!(lab.state(&instance), "running");
    lab.settle();
    assert_eq!(state(lab, &id), are("closed", "instance-terminated-no-capacity"));
    assert_eq!(lab.state(&instance), "terminated");
    assert_eq!(lab.instance(&instance).state_reason().unwrap().code(), Some("Server.SpotInstanceTermination"));
}

fn on_market(options: Option<SpotMarketOptions>) -> InstanceMarketOptionsRequest {
    InstanceMarketOptionsRequest::builder().market_type(MarketType::Spot).set_spot_options(options).build()
}

fn launch(lab: &Lab, options: InstanceMarketOptionsRequest) -> Result<Vec<Instance>, Error> {
    let image = lab.image();
    let tags = TagSpecification::builder().resource_type(ResourceType::SpotInstancesRequest).tags(tag("team", "blue")).build();
    let run = lab.ec2.run_instances(|run| {
        run.image_id(image)
            .instance_type(InstanceType::T3Micro)
            .instance_market_options(options)
            .tag_specifications(tags)
            .min_count(2)
            .max_count(2)
    });
    Ok(run.wait()?.instances.unwrap())
}

fn a_launch_on_the_market(lab: &Lab) {
    let instances = launch(lab, on_market(None)).unwrap();
    for instance in &instances {
        assert_eq!(instance.instance_lifecycle(), Some(&InstanceLifecycleType::Spot));
        if lab.as_amazon("moto has no request for it") {
            let request = shown(lab, instance.spot_instance_request_id().unwrap());
            assert_eq!(request.instance_id(), instance.instance_id());
            assert_eq!(request.state(), Some(&SpotInstanceState::Active));
            assert_eq!(request.tags(), [tag("team", "blue")]);
            // What it costs on demand.
            assert_eq!(request.spot_price(), Some("0.010400"));
        }
    }
}

fn a_launch_below_the_price(lab: &Lab) {
    let cheap = SpotMarketOptions::builder().max_price("0.0001").build();
    let refused = launch(lab, on_market(Some(cheap)));
    if lab.as_amazon("moto sells at any price") {
        assert_eq!(code(refused), "SpotMaxPriceTooLow");
        assert_eq!(lab.ec2.describe_instances(|which| which).wait().unwrap().reservations(), []);
    }
}

fn a_launch_on_the_market_has_its_terms(lab: &Lab) {
    if !lab.as_amazon("moto does not look at the terms") {
        return;
    }
    let persists = SpotMarketOptions::builder().spot_instance_type(SpotInstanceType::Persistent).build();
    assert_eq!(code(launch(lab, on_market(Some(persists)))), "InvalidParameterCombination");
    let until = SpotMarketOptions::builder().valid_until(later(lab.world(), 3600)).build();
    assert_eq!(code(launch(lab, on_market(Some(until)))), "InvalidParameterCombination");
    let nothing = InstanceMarketOptionsRequest::builder().build();
    assert_eq!(code(launch(lab, nothing)), "MissingParameter");
}

fn prices_of_a_type(lab: &Lab) {
    let history = lab
        .ec2
        .describe_spot_price_history(|which| {
            which.instance_types(InstanceType::T3Micro).filters(filter("availability-zone", ["us-east-1a"]))
        })
        .wait()
        .unwrap();
    let prices = history.spot_price_history();
    assert!(!prices.is_empty());
    for price in prices {
        assert_eq!((price.instance_type(), price.availability_zone()), (Some(&InstanceType::T3Micro), Some("us-east-1a")));
        assert!(price.spot_price().unwrap().parse::<f64>().unwrap() > 0.0);
    }
}

fn prices_change_with_time(lab: &Lab) {
    if !lab.as_amazon("moto has one price for everything") {
        return;
    }
    let history = |start: DateTime| {
        let history = lab.ec2.describe_spot_price_history(|which| {
            which
                .instance_types(InstanceType::M5Large)
                .product_descriptions("Linux/UNIX (Amazon VPC)")
                .availability_zone("us-east-1a")
                .start_time(start)
        });
        history.wait().unwrap().spot_price_history.unwrap()
    };
    let now = history(later(lab.world(), 0));
    assert_eq!(now.len(), 1);
    assert_eq!(history(later(lab.world(), 0)), now);
    lab.world().clock().advance(Duration::from_secs(28 * 86_400));
    let month = history(*now[0].timestamp().unwrap());
    assert_eq!(month.len(), 5);
    assert_eq!(month.last(), now.first());
    assert!(month.windows(2).all(|pair| pair[0].timestamp().unwrap().secs() > pair[1].timestamp().unwrap().secs()));
    assert!(month.iter().any(|price| price.spot_price() != now[0].spot_price()));
    assert_eq!(history(later(lab.world(), 3600)), []);
}

fn prices_are_on_pages(lab: &Lab) {
    let first = lab.ec2.describe_spot_price_history(|which| which.max_results(100)).wait().unwrap();
    if lab.as_amazon("moto gives all on one page") {
        assert_eq!(first.spot_price_history().len(), 100);
        let of = |which: aws_sdk_ec2::operation::describe_spot_price_history::builders::DescribeSpotPriceHistoryInputBuilder| {
            which.instance_types(InstanceType::T3Micro).availability_zone("us-east-1a").max_results(5)
        };
        let pages: Vec<_> = lab.ec2.paginate().describe_spot_price_history(of).collect::<Result<_, _>>().unwrap();
        let all: usize = pages.iter().map(|page| page.spot_price_history().len()).sum();
        assert!(pages.len() > 1 && all > 20, "{all} prices on {} pages", pages.len());
        let absent = lab.ec2.describe_spot_price_history(|which| which.availability_zone("us-east-1z")).wait();
        assert_eq!(code(absent), "InvalidParameterValue");
    }
}
