//! The checks of a configuration before it is stored.

use std::collections::BTreeSet;

use aws_sdk_s3::types::{
    CorsRule, LifecycleRule, NotificationConfiguration, ServerSideEncryption, ServerSideEncryptionConfiguration,
    WebsiteConfiguration,
};

use crate::boto3::s3::mock::refusal::{Answer, Refusal};

pub(super) fn check_cors(rules: &[CorsRule]) -> Answer<()> {
    if rules.is_empty() || rules.len() > 100 {
        return Err(Refusal::malformed_xml());
    }
    for rule in rules {
        if rule.allowed_methods.is_empty() || rule.allowed_origins.is_empty() {
            return Err(Refusal::malformed_xml());
        }
        if let Some(method) =
            rule.allowed_methods.iter().find(|method| !["GET", "PUT", "HEAD", "POST", "DELETE"].contains(&method.as_str()))
        {
            let message = format!("Found unsupported HTTP method in CORS config. Unsupported method is {method}");
            return Err(Refusal::invalid_request(message));
        }
        if let Some(origin) = rule.allowed_origins.iter().find(|origin| origin.matches('*').count() > 1) {
            return Err(Refusal::invalid_request(format_args!(
                "AllowedOrigin \"{origin}\" can not have more than one wildcard."
            )));
        }
    }
    Ok(())
}

pub(super) fn check_encryption(wanted: &ServerSideEncryptionConfiguration) -> Answer<()> {
    // One rule, despite the plural.
    let [rule] = wanted.rules.as_slice() else { return Err(Refusal::malformed_xml()) };
    let Some(default) = &rule.apply_server_side_encryption_by_default else { return Ok(()) };
    let with_key = default.kms_master_key_id.is_some();
    match default.sse_algorithm {
        ServerSideEncryption::Aes256 if with_key => Err(Refusal::invalid_argument(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        )),
        ServerSideEncryption::Aes256 | ServerSideEncryption::AwsKms | ServerSideEncryption::AwsKmsDsse => Ok(()),
        _ => Err(Refusal::malformed_xml()),
    }
}

/// Assigns names to rules without one, like the service.
pub(super) fn check_lifecycle(rules: &mut [LifecycleRule], fresh: &str) -> Answer<()> {
    if rules.is_empty() || rules.len() > 1000 {
        return Err(Refusal::malformed_xml());
    }
    let mut names = BTreeSet::new();
    for (number, rule) in rules.iter_mut().enumerate() {
        let acts = rule.expiration.is_some()
            || rule.transitions.as_ref().is_some_and(|transitions| !transitions.is_empty())
            || rule.noncurrent_version_transitions.as_ref().is_some_and(|transitions| !transitions.is_empty())
            || rule.noncurrent_version_expiration.is_some()
            || rule.abort_incomplete_multipart_upload.is_some();
        if !acts {
            return Err(Refusal::invalid_request("At least one action needs to be specified in a rule"));
        }
        #[allow(deprecated, reason = "the rules of 2013 are still taken")]
        if rule.prefix.is_some() == rule.filter.is_some() {
            return Err(Refusal::malformed_xml());
        }
        if let Some(expiration) = &rule.expiration {
            let said = [expiration.date.is_some(), expiration.days.is_some(), expiration.expired_object_delete_marker.is_some()];
            if said.into_iter().filter(|said| *said).count() != 1 {
                return Err(Refusal::malformed_xml());
            }
            if expiration.days.is_some_and(|days| days <= 0) {
                return Err(Refusal::invalid_argument("'Days' for Expiration action must be a positive integer"));
            }
        }
        let name = rule.id.get_or_insert_with(|| format!("{fresh}-{number}")).clone();
        if name.len() > 255 {
            return Err(Refusal::invalid_argument("ID length should not exceed allowed limit of 255"));
        }
        if !names.insert(name.clone()) {
            return Err(Refusal::invalid_argument(format_args!(
                "Rule ID must be unique. Found same ID for more than one rule: {name}"
            )));
        }
    }
    Ok(())
}

pub(super) fn check_website(wanted: &WebsiteConfiguration) -> Answer<()> {
    match (&wanted.index_document, &wanted.redirect_all_requests_to) {
        (None, None) => {
            Err(Refusal::invalid_argument("A value for IndexDocument Suffix must be provided if RedirectAllRequestsTo is empty"))
        }
        (Some(_), Some(_)) => {
            Err(Refusal::invalid_argument("RedirectAllRequestsTo cannot be provided in conjunction with other Routing Rules."))
        }
        (Some(index), None) if index.suffix.is_empty() || index.suffix.contains('/') => {
            Err(Refusal::invalid_argument("The IndexDocument Suffix is not well formed"))
        }
        _ => Ok(()),
    }
}

fn is_arn(arn: &str, service: &str) -> bool {
    arn.split(':')
        .collect::<Vec<_>>()
        .get(..3)
        .is_some_and(|start| start.first() == Some(&"arn") && start.get(2) == Some(&service))
}

/// Checks that destinations are ARNs of the right kind; the fake does not know whether they exist.
/// Assigns missing names.
pub(super) fn checked_notification(mut wanted: NotificationConfiguration, fresh: &str) -> Answer<NotificationConfiguration> {
    let invalid = || Refusal::invalid_argument("The ARN could not be validated");
    for (number, topic) in wanted.topic_configurations.iter_mut().flatten().enumerate() {
        topic.id.get_or_insert_with(|| format!("{fresh}-t{number}"));
        if !is_arn(&topic.topic_arn, "sns") {
            return Err(invalid());
        }
    }
    for (number, queue) in wanted.queue_configurations.iter_mut().flatten().enumerate() {
        queue.id.get_or_insert_with(|| format!("{fresh}-q{number}"));
        if !is_arn(&queue.queue_arn, "sqs") {
            return Err(invalid());
        }
    }
    for (number, function) in wanted.lambda_function_configurations.iter_mut().flatten().enumerate() {
        function.id.get_or_insert_with(|| format!("{fresh}-f{number}"));
        if !is_arn(&function.lambda_function_arn, "lambda") {
            return Err(invalid());
        }
    }
    Ok(wanted)
}
