//! What buckets are configured to be, and what is said of missing configurations.

use leyden::boto3::s3::types::*;
use leyden::prelude::*;

use super::boto3_s3::{Fixture, because, refused, s3_conformance};

s3_conformance! {
    everywhere []
    not_s3s "has no configuration" [
        no_cors, cors, cors_removed, a_strange_method, no_lifecycle, a_lifecycle, a_lifecycle_removed, no_policy, a_policy,
        a_policy_removed, no_website, a_website, a_website_removed, no_tags, tags, tags_removed, no_replication,
        replication_needs_versions, no_object_lock, no_logging, logging, logging_to_nowhere, encryption, public_access_block,
        ownership, ownership_removed, object_tags, object_tags_removed, too_many_object_tags, tags_of_a_missing_object,
        bucket_acl, a_canned_bucket_acl, object_acl, a_canned_object_acl, configuration_of_a_missing_bucket,
    ]
    fake "moto checks less" [
        a_policy_that_is_no_json, a_policy_without_statements, a_public_policy_is_blocked, two_tags_of_one_name,
        a_lifecycle_that_does_nothing, rules_of_one_name, a_website_without_an_index, a_public_list_is_blocked,
        versioning_cannot_be_suspended_under_locks,
    ]
    fake "moto shows no default of 2023" [
        encrypted_from_the_start, public_access_is_blocked_from_the_start, lists_do_not_count_from_the_start,
    ]
    fake "moto restores at once" [restoring_from_the_archive]
    fake "moto answers XML that Amazon's client cannot read, and knows no such queue" [requester_pays, notification, strange_notification]
    fake "how the fake is told" [
        a_quota, a_body_that_breaks_off, latency, the_log,
    ]
    fake "moto answers XML that Amazon's client cannot read" [accelerate, no_notification, request_payment]
    unsent "Amazon's client tries again, has keys of its own, and reports 501" [no_credentials, a_planned_fault, what_is_not_modelled]
}

fn no_cors(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.get_bucket_cors(|get| get.bucket(&bucket))), because(404, "NoSuchCORSConfiguration"));
}

fn put_cors(f: &Fixture, bucket: &str, method: &str) -> leyden::boto3::Result<()> {
    let rule = CorsRule::builder().allowed_methods(method).allowed_origins("*").max_age_seconds(60).build().unwrap();
    let configuration = CorsConfiguration::builder().cors_rules(rule).build().unwrap();
    f.s3.put_bucket_cors(|put| put.bucket(bucket).cors_configuration(configuration)).wait().map(|_| ())
}

fn cors(f: &Fixture) {
    let bucket = f.bucket();
    put_cors(f, &bucket, "GET").unwrap();
    let rules = f.s3.get_bucket_cors(|get| get.bucket(&bucket)).wait().unwrap().cors_rules.unwrap();
    assert_eq!((rules.len(), rules[0].max_age_seconds, rules[0].allowed_methods()), (1, Some(60), &["GET".to_owned()][..]));
}

fn cors_removed(f: &Fixture) {
    let bucket = f.bucket();
    put_cors(f, &bucket, "PUT").unwrap();
    f.s3.delete_bucket_cors(|delete| delete.bucket(&bucket)).wait().unwrap();
    no_cors_of(f, &bucket);
}

fn no_cors_of(f: &Fixture, bucket: &str) {
    assert_eq!(refused(f.s3.get_bucket_cors(|get| get.bucket(bucket))), because(404, "NoSuchCORSConfiguration"));
}

fn a_strange_method(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(put_cors(f, &bucket, "PATCH").unwrap_err().code(), Some("InvalidRequest"));
}

fn no_lifecycle(f: &Fixture) {
    let bucket = f.bucket();
    let get = f.s3.get_bucket_lifecycle_configuration(|get| get.bucket(&bucket));
    assert_eq!(refused(get), because(404, "NoSuchLifecycleConfiguration"));
}

fn rule(id: &str, days: Option<i32>) -> LifecycleRule {
    let expiration = days.map(|days| LifecycleExpiration::builder().days(days).build());
    let filter = LifecycleRuleFilter::builder().prefix("tmp/").build();
    LifecycleRule::builder().id(id).filter(filter).status(ExpirationStatus::Enabled).set_expiration(expiration).build().unwrap()
}

fn put_lifecycle(f: &Fixture, bucket: &str, rules: Vec<LifecycleRule>) -> leyden::boto3::Result<()> {
    let configuration = BucketLifecycleConfiguration::builder().set_rules(Some(rules)).build().unwrap();
    f.s3.put_bucket_lifecycle_configuration(|put| put.bucket(bucket).lifecycle_configuration(configuration)).wait().map(|_| ())
}

fn a_lifecycle(f: &Fixture) {
    let bucket = f.bucket();
    put_lifecycle(f, &bucket, vec![rule("tidy", Some(3))]).unwrap();
    let rules = f.s3.get_bucket_lifecycle_configuration(|get| get.bucket(&bucket)).wait().unwrap().rules.unwrap();
    assert_eq!((rules[0].id.as_deref(), rules[0].expiration.as_ref().unwrap().days), (Some("tidy"), Some(3)));
}

fn a_lifecycle_removed(f: &Fixture) {
    let bucket = f.bucket();
    put_lifecycle(f, &bucket, vec![rule("tidy", Some(3))]).unwrap();
    f.s3.delete_bucket_lifecycle(|delete| delete.bucket(&bucket)).wait().unwrap();
    let get = f.s3.get_bucket_lifecycle_configuration(|get| get.bucket(&bucket));
    assert_eq!(refused(get), because(404, "NoSuchLifecycleConfiguration"));
}

fn a_lifecycle_that_does_nothing(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(put_lifecycle(f, &bucket, vec![rule("idle", None)]).unwrap_err().code(), Some("InvalidRequest"));
}

fn rules_of_one_name(f: &Fixture) {
    let bucket = f.bucket();
    let twice = vec![rule("tidy", Some(3)), rule("tidy", Some(4))];
    assert_eq!(put_lifecycle(f, &bucket, twice).unwrap_err().code(), Some("InvalidArgument"));
}

fn policy_of(bucket: &str, principal: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{principal},"Action":"s3:GetObject","Resource":"arn:aws:s3:::{bucket}/*"}}]}}"#
    )
}

const SOMEBODY: &str = r#"{"AWS":"arn:aws:iam::123456789012:root"}"#;

fn no_policy(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.get_bucket_policy(|get| get.bucket(&bucket))), because(404, "NoSuchBucketPolicy"));
}

fn a_policy(f: &Fixture) {
    let bucket = f.bucket();
    let policy = policy_of(&bucket, SOMEBODY);
    f.s3.put_bucket_policy(|put| put.bucket(&bucket).policy(&policy)).wait().unwrap();
    assert_eq!(f.s3.get_bucket_policy(|get| get.bucket(&bucket)).wait().unwrap().policy, Some(policy));
}

fn a_policy_removed(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_bucket_policy(|put| put.bucket(&bucket).policy(policy_of(&bucket, SOMEBODY))).wait().unwrap();
    f.s3.delete_bucket_policy(|delete| delete.bucket(&bucket)).wait().unwrap();
    assert_eq!(refused(f.s3.get_bucket_policy(|get| get.bucket(&bucket))), because(404, "NoSuchBucketPolicy"));
}

fn a_policy_that_is_no_json(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.put_bucket_policy(|put| put.bucket(&bucket).policy("{"))), because(400, "MalformedPolicy"));
}

fn a_policy_without_statements(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.put_bucket_policy(|put| put.bucket(&bucket).policy("{}"))), because(400, "MalformedPolicy"));
}

fn a_public_policy_is_blocked(f: &Fixture) {
    let bucket = f.bucket();
    let policy = policy_of(&bucket, "\"*\"");
    assert_eq!(refused(f.s3.put_bucket_policy(|put| put.bucket(&bucket).policy(&policy))), because(403, "AccessDenied"));
    f.s3.delete_public_access_block(|delete| delete.bucket(&bucket)).wait().unwrap();
    f.s3.put_bucket_policy(|put| put.bucket(&bucket).policy(&policy)).wait().unwrap();
    let status = f.s3.get_bucket_policy_status(|get| get.bucket(&bucket)).wait().unwrap().policy_status.unwrap();
    assert_eq!(status.is_public, Some(true));
}

fn no_website(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.get_bucket_website(|get| get.bucket(&bucket))), because(404, "NoSuchWebsiteConfiguration"));
}

fn put_website(f: &Fixture, bucket: &str) {
    let index = IndexDocument::builder().suffix("index.html").build().unwrap();
    let configuration = WebsiteConfiguration::builder().index_document(index).build();
    f.s3.put_bucket_website(|put| put.bucket(bucket).website_configuration(configuration)).wait().unwrap();
}

fn a_website(f: &Fixture) {
    let bucket = f.bucket();
    put_website(f, &bucket);
    let website = f.s3.get_bucket_website(|get| get.bucket(&bucket)).wait().unwrap();
    assert_eq!(website.index_document.unwrap().suffix, "index.html");
}

fn a_website_removed(f: &Fixture) {
    let bucket = f.bucket();
    put_website(f, &bucket);
    f.s3.delete_bucket_website(|delete| delete.bucket(&bucket)).wait().unwrap();
    assert_eq!(refused(f.s3.get_bucket_website(|get| get.bucket(&bucket))), because(404, "NoSuchWebsiteConfiguration"));
}

fn a_website_without_an_index(f: &Fixture) {
    let bucket = f.bucket();
    let configuration = WebsiteConfiguration::builder().build();
    let put = f.s3.put_bucket_website(|put| put.bucket(&bucket).website_configuration(configuration));
    assert_eq!(refused(put), because(400, "InvalidArgument"));
}

fn tagging(tags: &[(&str, &str)]) -> Tagging {
    let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build().unwrap());
    Tagging::builder().set_tag_set(Some(tags.collect())).build().unwrap()
}

fn no_tags(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.get_bucket_tagging(|get| get.bucket(&bucket))), because(404, "NoSuchTagSet"));
}

fn tags(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_bucket_tagging(|put| put.bucket(&bucket).tagging(tagging(&[("team", "ops")]))).wait().unwrap();
    let tags = f.s3.get_bucket_tagging(|get| get.bucket(&bucket)).wait().unwrap().tag_set;
    assert_eq!((tags.len(), tags[0].key.as_str(), tags[0].value.as_str()), (1, "team", "ops"));
}

fn tags_removed(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.put_bucket_tagging(|put| put.bucket(&bucket).tagging(tagging(&[("team", "ops")]))).wait().unwrap();
    f.s3.delete_bucket_tagging(|delete| delete.bucket(&bucket)).wait().unwrap();
    assert_eq!(refused(f.s3.get_bucket_tagging(|get| get.bucket(&bucket))), because(404, "NoSuchTagSet"));
}

fn two_tags_of_one_name(f: &Fixture) {
    let bucket = f.bucket();
    let put = f.s3.put_bucket_tagging(|put| put.bucket(&bucket).tagging(tagging(&[("a", "1"), ("a", "2")])));
    assert_eq!(refused(put), because(400, "InvalidTag"));
}

fn object_tags(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    f.s3.put_object_tagging(|put| put.bucket(&bucket).key("a").tagging(tagging(&[("k", "v")]))).wait().unwrap();
    let tags = f.s3.get_object_tagging(|get| get.bucket(&bucket).key("a")).wait().unwrap().tag_set;
    assert_eq!((tags[0].key.as_str(), tags[0].value.as_str()), ("k", "v"));
}

fn object_tags_removed(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    f.s3.put_object_tagging(|put| put.bucket(&bucket).key("a").tagging(tagging(&[("k", "v")]))).wait().unwrap();
    f.s3.delete_object_tagging(|delete| delete.bucket(&bucket).key("a")).wait().unwrap();
    assert!(f.s3.get_object_tagging(|get| get.bucket(&bucket).key("a")).wait().unwrap().tag_set.is_empty());
}

fn too_many_object_tags(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let many: Vec<_> = (0..11).map(|number| number.to_string()).collect();
    let many: Vec<_> = many.iter().map(|name| (name.as_str(), "v")).collect();
    let put = f.s3.put_object_tagging(|put| put.bucket(&bucket).key("a").tagging(tagging(&many)));
    assert_eq!(refused(put), because(400, "BadRequest"));
}

fn tags_of_a_missing_object(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(refused(f.s3.get_object_tagging(|get| get.bucket(&bucket).key("a"))), because(404, "NoSuchKey"));
}

fn no_replication(f: &Fixture) {
    let bucket = f.bucket();
    let get = f.s3.get_bucket_replication(|get| get.bucket(&bucket));
    assert_eq!(refused(get), because(404, "ReplicationConfigurationNotFoundError"));
}

fn replication(to: &str) -> ReplicationConfiguration {
    let destination = Destination::builder().bucket(format!("arn:aws:s3:::{to}")).build().unwrap();
    let rule = ReplicationRule::builder().id("all").priority(1).status(ReplicationRuleStatus::Enabled).destination(destination);
    let rule = rule.filter(ReplicationRuleFilter::builder().prefix("").build());
    let rule = rule
        .delete_marker_replication(DeleteMarkerReplication::builder().status(DeleteMarkerReplicationStatus::Disabled).build());
    ReplicationConfiguration::builder().role("arn:aws:iam::123456789012:role/r").rules(rule.build().unwrap()).build().unwrap()
}

fn replication_needs_versions(f: &Fixture) {
    let (from, to) = (f.bucket(), f.versioned());
    let put = || f.s3.put_bucket_replication(|put| put.bucket(&from).replication_configuration(replication(&to)));
    assert_eq!(refused(put()), because(400, "InvalidRequest"));
    f.version(&from, BucketVersioningStatus::Enabled);
    put().wait().unwrap();
    let got = f.s3.get_bucket_replication(|get| get.bucket(&from)).wait().unwrap().replication_configuration.unwrap();
    assert_eq!(got.rules[0].id.as_deref(), Some("all"));
    f.s3.delete_bucket_replication(|delete| delete.bucket(&from)).wait().unwrap();
}

fn no_object_lock(f: &Fixture) {
    let bucket = f.bucket();
    let get = f.s3.get_object_lock_configuration(|get| get.bucket(&bucket));
    assert_eq!(refused(get), because(404, "ObjectLockConfigurationNotFoundError"));
}

fn no_logging(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(f.s3.get_bucket_logging(|get| get.bucket(&bucket)).wait().unwrap().logging_enabled, None);
}

fn log_to(target: &str) -> BucketLoggingStatus {
    let enabled = LoggingEnabled::builder().target_bucket(target).target_prefix("log/").build().unwrap();
    BucketLoggingStatus::builder().logging_enabled(enabled).build()
}

fn logging(f: &Fixture) {
    let (bucket, target) = (f.bucket(), f.bucket());
    let policy = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Principal":{{"Service":"logging.s3.amazonaws.com"}},"Action":["s3:PutObject"],"Resource":"arn:aws:s3:::{target}/*"}}]}}"#
    );
    f.s3.put_bucket_policy(|put| put.bucket(&target).policy(policy)).wait().unwrap();
    f.s3.put_bucket_logging(|put| put.bucket(&bucket).bucket_logging_status(log_to(&target))).wait().unwrap();
    let enabled = f.s3.get_bucket_logging(|get| get.bucket(&bucket)).wait().unwrap().logging_enabled.unwrap();
    assert_eq!((enabled.target_bucket, enabled.target_prefix.as_str()), (target, "log/"));
}

fn logging_to_nowhere(f: &Fixture) {
    let bucket = f.bucket();
    let put = f.s3.put_bucket_logging(|put| put.bucket(&bucket).bucket_logging_status(log_to(&f.name())));
    assert_eq!(refused(put), because(400, "InvalidTargetBucketForLogging"));
}

fn no_notification(f: &Fixture) {
    let bucket = f.bucket();
    let got = f.s3.get_bucket_notification_configuration(|get| get.bucket(&bucket)).wait().unwrap();
    assert!(got.topic_configurations().is_empty() && got.queue_configurations().is_empty());
}

fn accelerate(f: &Fixture) {
    let bucket = f.bucket();
    let status = || f.s3.get_bucket_accelerate_configuration(|get| get.bucket(&bucket)).wait().unwrap().status;
    assert_eq!(status(), None);
    let enabled = AccelerateConfiguration::builder().status(BucketAccelerateStatus::Enabled).build();
    f.s3.put_bucket_accelerate_configuration(|put| put.bucket(&bucket).accelerate_configuration(enabled)).wait().unwrap();
    assert_eq!(status(), Some(BucketAccelerateStatus::Enabled));
}

fn request_payment(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(f.s3.get_bucket_request_payment(|get| get.bucket(&bucket)).wait().unwrap().payer, Some(Payer::BucketOwner));
}

fn requester_pays(f: &Fixture) {
    let bucket = f.bucket();
    let requester = RequestPaymentConfiguration::builder().payer(Payer::Requester).build().unwrap();
    f.s3.put_bucket_request_payment(|put| put.bucket(&bucket).request_payment_configuration(requester)).wait().unwrap();
    assert_eq!(f.s3.get_bucket_request_payment(|get| get.bucket(&bucket)).wait().unwrap().payer, Some(Payer::Requester));
}

fn notify(f: &Fixture, bucket: &str, arn: &str) -> leyden::boto3::Result<()> {
    let queue = QueueConfiguration::builder().queue_arn(arn).events(Event::S3ObjectCreated).build().unwrap();
    let wanted = NotificationConfiguration::builder().queue_configurations(queue).build();
    f.s3.put_bucket_notification_configuration(|put| put.bucket(bucket).notification_configuration(wanted)).wait().map(|_| ())
}

fn notification(f: &Fixture) {
    let bucket = f.bucket();
    notify(f, &bucket, "arn:aws:sqs:us-east-1:123456789012:jobs").unwrap();
    let got = f.s3.get_bucket_notification_configuration(|get| get.bucket(&bucket)).wait().unwrap();
    // A name was made up for it.
    assert!(got.queue_configurations()[0].id.is_some());
}

fn strange_notification(f: &Fixture) {
    let bucket = f.bucket();
    assert_eq!(notify(f, &bucket, "arn:aws:sns:us-east-1:123456789012:jobs").unwrap_err().code(), Some("InvalidArgument"));
}

fn encryption(f: &Fixture) {
    let bucket = f.bucket();
    let default = ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256).build().unwrap();
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).build();
    let wanted = ServerSideEncryptionConfiguration::builder().rules(rule).build().unwrap();
    f.s3.put_bucket_encryption(|put| put.bucket(&bucket).server_side_encryption_configuration(wanted)).wait().unwrap();
    let got = f.s3.get_bucket_encryption(|get| get.bucket(&bucket)).wait().unwrap().server_side_encryption_configuration.unwrap();
    let default = got.rules[0].apply_server_side_encryption_by_default.as_ref().unwrap();
    assert_eq!(default.sse_algorithm, ServerSideEncryption::Aes256);
    f.s3.delete_bucket_encryption(|delete| delete.bucket(&bucket)).wait().unwrap();
}

fn encrypted_from_the_start(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let got = f.s3.get_bucket_encryption(|get| get.bucket(&bucket)).wait().unwrap().server_side_encryption_configuration.unwrap();
    assert_eq!(got.rules.len(), 1);
    let head = f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap();
    assert_eq!(head.server_side_encryption, Some(ServerSideEncryption::Aes256));
}

fn public_access_block(f: &Fixture) {
    let bucket = f.bucket();
    let block = PublicAccessBlockConfiguration::builder().block_public_acls(true).build();
    f.s3.put_public_access_block(|put| put.bucket(&bucket).public_access_block_configuration(block)).wait().unwrap();
    let got = f.s3.get_public_access_block(|get| get.bucket(&bucket)).wait().unwrap().public_access_block_configuration.unwrap();
    assert_eq!((got.block_public_acls, got.ignore_public_acls), (Some(true), Some(false)));
    f.s3.delete_public_access_block(|delete| delete.bucket(&bucket)).wait().unwrap();
    let get = f.s3.get_public_access_block(|get| get.bucket(&bucket));
    assert_eq!(refused(get), because(404, "NoSuchPublicAccessBlockConfiguration"));
}

fn public_access_is_blocked_from_the_start(f: &Fixture) {
    let bucket = f.bucket();
    let got = f.s3.get_public_access_block(|get| get.bucket(&bucket)).wait().unwrap().public_access_block_configuration.unwrap();
    assert_eq!((got.block_public_acls, got.restrict_public_buckets), (Some(true), Some(true)));
}

fn ownership(f: &Fixture) {
    let bucket = f.bucket();
    let rule = OwnershipControlsRule::builder().object_ownership(ObjectOwnership::BucketOwnerPreferred).build().unwrap();
    let controls = OwnershipControls::builder().rules(rule).build().unwrap();
    f.s3.put_bucket_ownership_controls(|put| put.bucket(&bucket).ownership_controls(controls)).wait().unwrap();
    let got = f.s3.get_bucket_ownership_controls(|get| get.bucket(&bucket)).wait().unwrap().ownership_controls.unwrap();
    assert_eq!(got.rules[0].object_ownership, ObjectOwnership::BucketOwnerPreferred);
}

fn ownership_removed(f: &Fixture) {
    let bucket = f.bucket();
    f.s3.delete_bucket_ownership_controls(|delete| delete.bucket(&bucket)).wait().unwrap();
    let get = f.s3.get_bucket_ownership_controls(|get| get.bucket(&bucket));
    assert_eq!(refused(get), because(404, "OwnershipControlsNotFoundError"));
}

fn lists_do_not_count_from_the_start(f: &Fixture) {
    let bucket = f.name();
    f.s3.create_bucket(|create| create.bucket(&bucket)).wait().unwrap();
    let put = f.s3.put_bucket_acl(|put| put.bucket(&bucket).acl(BucketCannedAcl::PublicRead));
    assert_eq!(refused(put), because(400, "AccessControlListNotSupported"));
}

fn bucket_acl(f: &Fixture) {
    let bucket = f.bucket();
    let acl = f.s3.get_bucket_acl(|get| get.bucket(&bucket)).wait().unwrap();
    assert_eq!((acl.grants().len(), acl.grants()[0].permission.clone()), (1, Some(Permission::FullControl)));
    assert_eq!(acl.owner.unwrap().id, acl.grants.unwrap()[0].grantee.as_ref().unwrap().id);
}

fn open(f: &Fixture) -> String {
    let bucket = f.bucket();
    f.s3.delete_public_access_block(|delete| delete.bucket(&bucket)).wait().unwrap();
    bucket
}

fn a_canned_bucket_acl(f: &Fixture) {
    let bucket = open(f);
    f.s3.put_bucket_acl(|put| put.bucket(&bucket).acl(BucketCannedAcl::PublicRead)).wait().unwrap();
    let acl = f.s3.get_bucket_acl(|get| get.bucket(&bucket)).wait().unwrap();
    let everybody = acl.grants().iter().find(|grant| grant.permission == Some(Permission::Read)).unwrap();
    let uri = everybody.grantee.as_ref().unwrap().uri.as_deref();
    assert_eq!(uri, Some("http://acs.amazonaws.com/groups/global/AllUsers"));
}

fn object_acl(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    assert_eq!(f.s3.get_object_acl(|get| get.bucket(&bucket).key("a")).wait().unwrap().grants().len(), 1);
    assert_eq!(refused(f.s3.get_object_acl(|get| get.bucket(&bucket).key("b"))), because(404, "NoSuchKey"));
}

fn a_canned_object_acl(f: &Fixture) {
    let bucket = open(f);
    f.put(&bucket, "a", "a");
    f.s3.put_object_acl(|put| put.bucket(&bucket).key("a").acl(ObjectCannedAcl::AuthenticatedRead)).wait().unwrap();
    assert_eq!(f.s3.get_object_acl(|get| get.bucket(&bucket).key("a")).wait().unwrap().grants().len(), 2);
}

fn a_public_list_is_blocked(f: &Fixture) {
    let bucket = f.bucket();
    let put = f.s3.put_bucket_acl(|put| put.bucket(&bucket).acl(BucketCannedAcl::PublicRead));
    assert_eq!(refused(put), because(403, "AccessDenied"));
}

fn configuration_of_a_missing_bucket(f: &Fixture) {
    let missing = f.name();
    assert_eq!(refused(f.s3.get_bucket_cors(|get| get.bucket(&missing))), because(404, "NoSuchBucket"));
    assert_eq!(refused(f.s3.get_bucket_acl(|get| get.bucket(&missing))), because(404, "NoSuchBucket"));
    assert_eq!(refused(f.s3.get_bucket_versioning(|get| get.bucket(&missing))), because(404, "NoSuchBucket"));
    assert_eq!(refused(f.s3.delete_bucket_website(|delete| delete.bucket(&missing))), because(404, "NoSuchBucket"));
}

fn versioning_cannot_be_suspended_under_locks(f: &Fixture) {
    let bucket = f.name();
    f.s3.create_bucket(|create| create.bucket(&bucket).object_lock_enabled_for_bucket(true)).wait().unwrap();
    let suspended = VersioningConfiguration::builder().status(BucketVersioningStatus::Suspended).build();
    let put = f.s3.put_bucket_versioning(|put| put.bucket(&bucket).versioning_configuration(suspended));
    assert_eq!(refused(put), because(409, "InvalidBucketState"));
}

fn restoring_from_the_archive(f: &Fixture) {
    let bucket = f.bucket();
    let world = f.world.as_ref().unwrap();
    f.s3.put_object(|put| put.bucket(&bucket).key("a").storage_class(StorageClass::Glacier)).wait().unwrap();
    let get = || f.s3.get_object(|get| get.bucket(&bucket).key("a"));
    let restore = || {
        f.s3.restore_object(|restore| restore.bucket(&bucket).key("a").restore_request(RestoreRequest::builder().days(1).build()))
    };
    assert_eq!(refused(get()), because(403, "InvalidObjectState"));
    restore().wait().unwrap();
    assert_eq!(refused(restore()), because(409, "RestoreAlreadyInProgress"));
    let told = || f.s3.head_object(|head| head.bucket(&bucket).key("a")).wait().unwrap().restore.unwrap();
    assert_eq!(told(), "ongoing-request=\"true\"");
    world.clock().advance(secs(5 * 3600));
    get().wait().unwrap();
    assert!(told().starts_with("ongoing-request=\"false\""));
    world.clock().advance(secs(3 * 86_400));
    assert_eq!(refused(get()), because(403, "InvalidObjectState"));
}

fn no_credentials(f: &Fixture) {
    f.world.as_ref().unwrap().boto3.s3.no_credentials(true);
    let error = f.s3.list_buckets(|list| list).wait().unwrap_err();
    assert!(matches!(error, leyden::boto3::Error::NoCredentials { operation: "list_buckets", .. }), "{error:?}");
}

fn a_quota(f: &Fixture) {
    let bucket = f.bucket();
    f.world.as_ref().unwrap().boto3.s3.quota(4);
    f.put(&bucket, "a", "1234");
    let put = f.s3.put_object(|put| put.bucket(&bucket).key("b").body(b"5".to_vec().into()));
    assert_eq!(refused(put), because(403, "QuotaExceeded"));
}

fn a_body_that_breaks_off(f: &Fixture) {
    let bucket = f.fill(&["0123456789"]);
    f.world.as_ref().unwrap().boto3.s3.cut(&bucket, "0123456789", 4);
    let got = f.s3.get_object(|get| get.bucket(&bucket).key("0123456789")).wait().unwrap();
    assert_eq!(got.content_length, Some(10));
    assert!(async { got.body.collect().await }.wait().is_err());
    assert_eq!(f.get(&bucket, "0123456789"), b"0123456789");
}

fn latency(f: &Fixture) {
    let world = f.world.as_ref().unwrap();
    world.boto3.s3.latency(secs(2));
    let before = world.clock().elapsed();
    f.s3.list_buckets(|list| list).wait().unwrap();
    assert_eq!(world.clock().elapsed() - before, secs(2));
}

fn a_planned_fault(f: &Fixture) {
    let bucket = f.bucket();
    let slow = leyden::boto3::ClientError::new("PutObject", 503, "SlowDown", "Please reduce your request rate.");
    f.world.as_ref().unwrap().script().fail_next("s3.put_object", leyden::boto3::Error::from(slow));
    assert_eq!(refused(f.s3.put_object(|put| put.bucket(&bucket).key("a"))), because(503, "SlowDown"));
    f.put(&bucket, "a", "a");
}

fn what_is_not_modelled(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let error = f.s3.select_object_content(|select| select.bucket(&bucket).key("a").expression("select *")).wait().unwrap_err();
    assert!(matches!(error, leyden::boto3::Error::NotImplemented { .. }), "{error:?}");
    let error = f.s3.list_directory_buckets(|list| list).wait().unwrap_err();
    assert!(matches!(error, leyden::boto3::Error::NotImplemented { .. }), "{error:?}");
    let error = f.s3.list_object_annotations(|list| list.bucket(&bucket).key("a")).wait().unwrap_err();
    assert!(matches!(error, leyden::boto3::Error::NotImplemented { .. }), "{error:?}");
}

fn the_log(f: &Fixture) {
    let bucket = f.fill(&["a"]);
    let calls = f.world.as_ref().unwrap().script().calls();
    let last = calls.last().unwrap();
    assert_eq!((last.operation, last.subject.as_str()), ("s3.put_object", format!("{bucket}/a").as_str()));
}
