//! Pages and waiters beyond what botocore can tell: streams, several iterators over one listing, errors, deadlines, the world's clock.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use futures_core::Stream;
use leyden::Wait;
use leyden::World;
use leyden::boto3::waiter::{WaiterFailure, WaiterState};
use leyden::boto3::{Boto3, Error, s3};
use leyden::time::Time;

use crate::support::script::Script;

fn client(script: &Script, time: Time) -> s3::Client {
    let boto3 = Boto3::native(World::new().os.handle(), time);
    boto3.client().region_name("eu-west-1").endpoint_url(&script.url).aws_access_key_id("AKIA").aws_secret_access_key("x").s3()
}

fn page(keys: &[&str], prefixes: &[&str], token: &str) -> (u16, String) {
    let keys: String = keys.iter().map(|key| format!("<Contents><Key>{key}</Key></Contents>")).collect();
    let prefixes: String =
        prefixes.iter().map(|prefix| format!("<CommonPrefixes><Prefix>{prefix}</Prefix></CommonPrefixes>")).collect();
    let more = !token.is_empty();
    let rest =
        format!("<Prefix>p</Prefix><NextContinuationToken>{token}</NextContinuationToken><IsTruncated>{more}</IsTruncated>");
    (200, format!("<ListBucketResult>{keys}{prefixes}{rest}</ListBucketResult>"))
}

/// Two pages: `a`, `b`, and below `x/`; then `c`, and below `y/`.
fn listing(script: &Script) -> leyden::boto3::Pages<s3::shapes::ListObjectsV2InputBuilder> {
    script.play([page(&["a", "b"], &["x/"], "t"), page(&["c"], &["y/"], "")]);
    client(script, Time::native()).paginate().list_objects_v2(|list| list.bucket("b"))
}

#[test]
fn a_listing_is_a_stream() {
    let script = Script::start();
    let mut pages = listing(&script);
    let keys = async {
        let mut keys = Vec::new();
        while let Some(page) = poll_fn(|task| Pin::new(&mut pages).poll_next(task)).await {
            keys.extend(page?.contents().iter().filter_map(|object| object.key.clone()));
        }
        Ok::<_, Error>(keys)
    };
    assert_eq!(keys.wait().unwrap(), ["a", "b", "c"]);
}

#[test]
fn lists_are_read_side_by_side_and_pages_asked_for_once() {
    let script = Script::start();
    let (mut contents, mut prefixes) = listing(&script).result_key_iters();
    let mut key = || contents.next().map(|item| item.unwrap().key.unwrap());
    assert_eq!(key().as_deref(), Some("a"));
    let prefixes: Vec<String> = prefixes.by_ref().map(|item| item.unwrap().prefix.unwrap()).collect();
    assert_eq!(prefixes, ["x/", "y/"]);
    assert_eq!((key().as_deref(), key().as_deref(), key(), key()), (Some("b"), Some("c"), None, None));
    assert_eq!(script.asked().len(), 2);
}

#[test]
fn a_search_goes_through_all_pages() {
    let script = Script::start();
    let found: Result<Vec<String>, Error> =
        listing(&script).search(|page| page.contents.unwrap_or_default().into_iter().filter_map(|object| object.key)).collect();
    assert_eq!(found.unwrap(), ["a", "b", "c"]);
}

#[test]
fn what_is_the_same_on_each_page_is_kept() {
    let script = Script::start();
    let mut pages = listing(&script);
    assert!(pages.non_aggregate_part().is_none());
    let whole = pages.build_full_result().wait().unwrap();
    assert_eq!((whole.prefix(), whole.contents().len(), whole.common_prefixes().len()), (Some("p"), 3, 2));
    assert_eq!((whole.next_continuation_token(), whole.is_truncated()), (None, None));
    assert_eq!(pages.non_aggregate_part().unwrap().prefix(), Some("p"));
    assert_eq!(pages.result_keys(), ["Contents", "CommonPrefixes"]);
}

#[test]
fn an_error_ends_a_listing() {
    let script = Script::start();
    script.play([page(&["a"], &[], "t"), (403, "<Error><Code>AccessDenied</Code><Message>No.</Message></Error>".to_owned())]);
    let mut pages = client(&script, Time::native()).paginate().list_objects_v2(|list| list.bucket("b"));
    assert!(pages.next().unwrap().is_ok());
    assert_eq!(pages.next().unwrap().unwrap_err().code(), Some("AccessDenied"));
    assert!(pages.next().is_none());
}

#[test]
fn each_page_has_a_deadline() {
    // A listener that nobody serves: the request hangs.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut script = Script::start();
    script.url = format!("http://{}", listener.local_addr().unwrap());
    let pages = client(&script, Time::native()).paginate().list_objects_v2(|list| list.bucket("b"));
    let error = pages.timeout(Duration::from_millis(50)).next().unwrap().unwrap_err();
    assert_eq!(error.to_string(), "list_objects_v2 was not done within 50ms");
}

#[test]
fn a_waiter_tells_how_it_goes() {
    let script = Script::start();
    script.play([(404, String::new()), (404, String::new()), (200, String::new())]);
    let states = Arc::new(Mutex::new(Vec::new()));
    let heard = states.clone();
    let waiter = client(&script, Time::native()).get_waiter().object_exists(|head| head.bucket("b").key("k"));
    assert_eq!(waiter.name(), "ObjectExists");
    waiter
        .delay(Duration::ZERO)
        .progress(move |attempt| heard.lock().unwrap().push((attempt.number, attempt.state)))
        .wait()
        .unwrap();
    let told = [(1, WaiterState::Retry), (2, WaiterState::Retry), (3, WaiterState::Success)];
    assert_eq!(*states.lock().unwrap(), told);
}

#[test]
fn a_waiters_error_has_the_last_answer() {
    let script = Script::start();
    script.play([(404, String::new())]);
    let waiter = client(&script, Time::native()).get_waiter().object_exists(|head| head.bucket("b").key("k"));
    let Err(Error::Waiter(error)) = waiter.max_attempts(1).wait() else { panic!("it does not exist") };
    assert_eq!(error.kind, WaiterFailure::MaxAttempts);
    assert_eq!(error.last_error().unwrap().status, 404);
    assert!(error.last_response::<s3::shapes::HeadObjectOutput>().is_none());
    let shown =
        "waiter ObjectExists failed: Max attempts exceeded. Previously accepted state: Matched expected HTTP status code: 404";
    assert_eq!(error.to_string(), shown);
}

#[test]
fn a_waiter_has_a_budget() {
    let script = Script::start();
    script.play(std::iter::repeat_n((404, String::new()), 9));
    let waiter = client(&script, Time::native()).get_waiter().object_exists(|head| head.bucket("b").key("k"));
    let error = waiter.delay(Duration::from_millis(200)).timeout(Duration::from_millis(300)).wait().unwrap_err();
    assert!(
        matches!(error, Error::DeadlineExceeded { operation: "head_object", budget } if budget == Duration::from_millis(300)),
        "{error:?}"
    );
}
