//! The configuration of a bucket: stored and returned, and applied where the fake models its
//! effect.

use aws_sdk_s3::operation::delete_bucket_cors::{DeleteBucketCorsInput, DeleteBucketCorsOutput};
use aws_sdk_s3::operation::delete_bucket_encryption::{DeleteBucketEncryptionInput, DeleteBucketEncryptionOutput};
use aws_sdk_s3::operation::delete_bucket_lifecycle::{DeleteBucketLifecycleInput, DeleteBucketLifecycleOutput};
use aws_sdk_s3::operation::delete_bucket_replication::{DeleteBucketReplicationInput, DeleteBucketReplicationOutput};
use aws_sdk_s3::operation::delete_bucket_website::{DeleteBucketWebsiteInput, DeleteBucketWebsiteOutput};
use aws_sdk_s3::operation::get_bucket_accelerate_configuration::{
    GetBucketAccelerateConfigurationInput, GetBucketAccelerateConfigurationOutput,
};
use aws_sdk_s3::operation::get_bucket_cors::{GetBucketCorsInput, GetBucketCorsOutput};
use aws_sdk_s3::operation::get_bucket_encryption::{GetBucketEncryptionInput, GetBucketEncryptionOutput};
use aws_sdk_s3::operation::get_bucket_lifecycle_configuration::{
    GetBucketLifecycleConfigurationInput, GetBucketLifecycleConfigurationOutput,
};
use aws_sdk_s3::operation::get_bucket_logging::{GetBucketLoggingInput, GetBucketLoggingOutput};
use aws_sdk_s3::operation::get_bucket_notification_configuration::{
    GetBucketNotificationConfigurationInput, GetBucketNotificationConfigurationOutput,
};
use aws_sdk_s3::operation::get_bucket_replication::{GetBucketReplicationInput, GetBucketReplicationOutput};
use aws_sdk_s3::operation::get_bucket_request_payment::{GetBucketRequestPaymentInput, GetBucketRequestPaymentOutput};
use aws_sdk_s3::operation::get_bucket_website::{GetBucketWebsiteInput, GetBucketWebsiteOutput};
use aws_sdk_s3::operation::put_bucket_accelerate_configuration::{
    PutBucketAccelerateConfigurationInput, PutBucketAccelerateConfigurationOutput,
};
use aws_sdk_s3::operation::put_bucket_cors::{PutBucketCorsInput, PutBucketCorsOutput};
use aws_sdk_s3::operation::put_bucket_encryption::{PutBucketEncryptionInput, PutBucketEncryptionOutput};
use aws_sdk_s3::operation::put_bucket_lifecycle_configuration::{
    PutBucketLifecycleConfigurationInput, PutBucketLifecycleConfigurationOutput,
};
use aws_sdk_s3::operation::put_bucket_logging::{PutBucketLoggingInput, PutBucketLoggingOutput};
use aws_sdk_s3::operation::put_bucket_notification_configuration::{
    PutBucketNotificationConfigurationInput, PutBucketNotificationConfigurationOutput,
};
use aws_sdk_s3::operation::put_bucket_replication::{PutBucketReplicationInput, PutBucketReplicationOutput};
use aws_sdk_s3::operation::put_bucket_request_payment::{PutBucketRequestPaymentInput, PutBucketRequestPaymentOutput};
use aws_sdk_s3::operation::put_bucket_website::{PutBucketWebsiteInput, PutBucketWebsiteOutput};
use aws_sdk_s3::types::{
    BucketAccelerateStatus, CorsRule, LifecycleRule, LoggingEnabled, NotificationConfiguration, ObjectLockConfiguration,
    ObjectLockEnabled, OwnershipControls, Payer, PublicAccessBlockConfiguration, ReplicationConfiguration, ServerSideEncryption,
    ServerSideEncryptionByDefault, ServerSideEncryptionConfiguration, ServerSideEncryptionRule, Tag,
    TransitionDefaultMinimumObjectSize, WebsiteConfiguration,
};

use super::rules;
use crate::boto3::s3::mock::refusal::{Answer, Refusal};
use crate::boto3::s3::mock::state::{Encryption, Request};

/// The settings of a bucket. `None` is not set.
#[derive(Debug, Default)]
pub(in crate::boto3::s3::mock) struct Configuration {
    pub(in crate::boto3::s3::mock) tags: Option<Vec<Tag>>,
    pub(in crate::boto3::s3::mock) policy: Option<String>,
    pub(in crate::boto3::s3::mock) ownership: Option<OwnershipControls>,
    pub(in crate::boto3::s3::mock) public_access: Option<PublicAccessBlockConfiguration>,
    pub(in crate::boto3::s3::mock) object_lock: Option<ObjectLockConfiguration>,
    encryption: Option<ServerSideEncryptionConfiguration>,
    accelerate: Option<BucketAccelerateStatus>,
    cors: Option<Vec<CorsRule>>,
    lifecycle: Option<Vec<LifecycleRule>>,
    transition_minimum: Option<TransitionDefaultMinimumObjectSize>,
    logging: Option<LoggingEnabled>,
    notification: Option<NotificationConfiguration>,
    payer: Option<Payer>,
    replication: Option<ReplicationConfiguration>,
    website: Option<WebsiteConfiguration>,
}

impl Configuration {
    pub(super) fn enable_object_lock(&mut self) {
        self.object_lock = Some(ObjectLockConfiguration::builder().object_lock_enabled(ObjectLockEnabled::Enabled).build());
    }

    /// Returns the default encryption of objects.
    pub(in crate::boto3::s3::mock) fn default_encryption(&self) -> Encryption {
        let rule = self.encryption.as_ref().and_then(|encryption| encryption.rules.first());
        let default = rule.and_then(|rule| rule.apply_server_side_encryption_by_default.as_ref());
        Encryption {
            algorithm: Some(default.map_or(ServerSideEncryption::Aes256, |default| default.sse_algorithm.clone())),
            kms_key_id: default.and_then(|default| default.kms_master_key_id.clone()),
            bucket_key_enabled: rule.and_then(|rule| rule.bucket_key_enabled).filter(|enabled| *enabled),
            ..Encryption::default()
        }
    }
}

fn missing(code: &'static str, message: &str) -> Refusal {
    Refusal::new(404, code, message)
}

fn built<T>(output: Result<T, impl std::error::Error>) -> Answer<T> {
    output.map_err(|error| Refusal::Unsendable(error.to_string()))
}

/// Encryption with the service's own keys, the default.
fn encrypted_by_the_service() -> Answer<ServerSideEncryptionConfiguration> {
    let default = built(ServerSideEncryptionByDefault::builder().sse_algorithm(ServerSideEncryption::Aes256).build())?;
    let rule = ServerSideEncryptionRule::builder().apply_server_side_encryption_by_default(default).bucket_key_enabled(false);
    built(ServerSideEncryptionConfiguration::builder().rules(rule.build()).build())
}

impl Request<'_> {
    fn settings(&mut self, bucket: &Option<String>) -> Answer<&mut Configuration> {
        Ok(&mut self.bucket(bucket)?.configuration)
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_accelerate_configuration(
        &mut self,
        input: GetBucketAccelerateConfigurationInput,
    ) -> Answer<GetBucketAccelerateConfigurationOutput> {
        let status = self.settings(&input.bucket)?.accelerate.clone();
        Ok(GetBucketAccelerateConfigurationOutput::builder().set_status(status).build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_accelerate_configuration(
        &mut self,
        input: PutBucketAccelerateConfigurationInput,
    ) -> Answer<PutBucketAccelerateConfigurationOutput> {
        let dotted = input.bucket.as_deref().is_some_and(|bucket| bucket.contains('.'));
        let settings = self.settings(&input.bucket)?;
        let wanted = input.accelerate_configuration.ok_or_else(|| Refusal::missing("AccelerateConfiguration"))?;
        if dotted {
            return Err(Refusal::invalid_request(
                "S3 Transfer Acceleration is not supported for buckets with periods (.) in their names",
            ));
        }
        match wanted.status {
            Some(BucketAccelerateStatus::Enabled | BucketAccelerateStatus::Suspended) => settings.accelerate = wanted.status,
            _ => return Err(Refusal::malformed_xml()),
        }
        Ok(PutBucketAccelerateConfigurationOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_cors(&mut self, input: GetBucketCorsInput) -> Answer<GetBucketCorsOutput> {
        let rules = self.settings(&input.bucket)?.cors.clone();
        let rules = rules.ok_or_else(|| missing("NoSuchCORSConfiguration", "The CORS configuration does not exist"))?;
        Ok(GetBucketCorsOutput::builder().set_cors_rules(Some(rules)).build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_cors(&mut self, input: PutBucketCorsInput) -> Answer<PutBucketCorsOutput> {
        let settings = self.settings(&input.bucket)?;
        let rules = input.cors_configuration.ok_or_else(|| Refusal::missing("CORSConfiguration"))?.cors_rules;
        rules::check_cors(&rules)?;
        settings.cors = Some(rules);
        Ok(PutBucketCorsOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn delete_bucket_cors(
        &mut self,
        input: DeleteBucketCorsInput,
    ) -> Answer<DeleteBucketCorsOutput> {
        self.settings(&input.bucket)?.cors = None;
        Ok(DeleteBucketCorsOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_encryption(
        &mut self,
        input: GetBucketEncryptionInput,
    ) -> Answer<GetBucketEncryptionOutput> {
        let set = self.settings(&input.bucket)?.encryption.clone();
        let encryption = set.map_or_else(encrypted_by_the_service, Ok)?;
        Ok(GetBucketEncryptionOutput::builder().server_side_encryption_configuration(encryption).build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_encryption(
        &mut self,
        input: PutBucketEncryptionInput,
    ) -> Answer<PutBucketEncryptionOutput> {
        let settings = self.settings(&input.bucket)?;
        let wanted = input.server_side_encryption_configuration;
        let wanted = wanted.ok_or_else(|| Refusal::missing("ServerSideEncryptionConfiguration"))?;
        rules::check_encryption(&wanted)?;
        settings.encryption = Some(wanted);
        Ok(PutBucketEncryptionOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn delete_bucket_encryption(
        &mut self,
        input: DeleteBucketEncryptionInput,
    ) -> Answer<DeleteBucketEncryptionOutput> {
        self.settings(&input.bucket)?.encryption = None;
        Ok(DeleteBucketEncryptionOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_lifecycle_configuration(
        &mut self,
        input: GetBucketLifecycleConfigurationInput,
    ) -> Answer<GetBucketLifecycleConfigurationOutput> {
        let settings = self.settings(&input.bucket)?;
        let rules = settings.lifecycle.clone();
        let rules = rules.ok_or_else(|| missing("NoSuchLifecycleConfiguration", "The lifecycle configuration does not exist"))?;
        let minimum = settings.transition_minimum.clone();
        Ok(GetBucketLifecycleConfigurationOutput::builder()
            .set_rules(Some(rules))
            .set_transition_default_minimum_object_size(minimum)
            .build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_lifecycle_configuration(
        &mut self,
        input: PutBucketLifecycleConfigurationInput,
    ) -> Answer<PutBucketLifecycleConfigurationOutput> {
        let id = self.state.ids.version();
        let settings = self.settings(&input.bucket)?;
        let mut rules = input.lifecycle_configuration.ok_or_else(|| Refusal::missing("LifecycleConfiguration"))?.rules;
        rules::check_lifecycle(&mut rules, &id)?;
        let minimum = input.transition_default_minimum_object_size;
        let minimum = minimum.unwrap_or(TransitionDefaultMinimumObjectSize::AllStorageClasses128K);
        settings.lifecycle = Some(rules);
        settings.transition_minimum = Some(minimum.clone());
        Ok(PutBucketLifecycleConfigurationOutput::builder().transition_default_minimum_object_size(minimum).build())
    }

    pub(in crate::boto3::s3::mock) fn delete_bucket_lifecycle(
        &mut self,
        input: DeleteBucketLifecycleInput,
    ) -> Answer<DeleteBucketLifecycleOutput> {
        self.settings(&input.bucket)?.lifecycle = None;
        Ok(DeleteBucketLifecycleOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_logging(
        &mut self,
        input: GetBucketLoggingInput,
    ) -> Answer<GetBucketLoggingOutput> {
        let logging = self.settings(&input.bucket)?.logging.clone();
        Ok(GetBucketLoggingOutput::builder().set_logging_enabled(logging).build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_logging(
        &mut self,
        input: PutBucketLoggingInput,
    ) -> Answer<PutBucketLoggingOutput> {
        let wanted = input.bucket_logging_status.ok_or_else(|| Refusal::missing("BucketLoggingStatus"))?.logging_enabled;
        let region = self.bucket(&input.bucket)?.region.clone();
        if let Some(logging) = &wanted {
            let invalid = |message: &str| Refusal::bad_request("InvalidTargetBucketForLogging", message);
            let target = self.state.buckets.get(&logging.target_bucket);
            let target = target.ok_or_else(|| invalid("The target bucket for logging does not exist"))?;
            if target.region != region {
                let message = "S3 logging is not allowed between buckets of different regions.";
                return Err(Refusal::new(403, "CrossLocationLoggingProhibitted", message));
            }
        }
        self.settings(&input.bucket)?.logging = wanted;
        Ok(PutBucketLoggingOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_notification_configuration(
        &mut self,
        input: GetBucketNotificationConfigurationInput,
    ) -> Answer<GetBucketNotificationConfigurationOutput> {
        let set = self.settings(&input.bucket)?.notification.clone();
        let output = GetBucketNotificationConfigurationOutput::builder();
        let Some(set) = set else { return Ok(output.build()) };
        Ok(output
            .set_topic_configurations(set.topic_configurations)
            .set_queue_configurations(set.queue_configurations)
            .set_lambda_function_configurations(set.lambda_function_configurations)
            .set_event_bridge_configuration(set.event_bridge_configuration)
            .build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_notification_configuration(
        &mut self,
        input: PutBucketNotificationConfigurationInput,
    ) -> Answer<PutBucketNotificationConfigurationOutput> {
        let id = self.state.ids.version();
        let settings = self.settings(&input.bucket)?;
        let wanted = input.notification_configuration.ok_or_else(|| Refusal::missing("NotificationConfiguration"))?;
        settings.notification = Some(rules::checked_notification(wanted, &id)?);
        Ok(PutBucketNotificationConfigurationOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_replication(
        &mut self,
        input: GetBucketReplicationInput,
    ) -> Answer<GetBucketReplicationOutput> {
        let set = self.settings(&input.bucket)?.replication.clone();
        let set =
            set.ok_or_else(|| missing("ReplicationConfigurationNotFoundError", "The replication configuration was not found"))?;
        Ok(GetBucketReplicationOutput::builder().replication_configuration(set).build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_replication(
        &mut self,
        input: PutBucketReplicationInput,
    ) -> Answer<PutBucketReplicationOutput> {
        let bucket = self.bucket(&input.bucket)?;
        let wanted = input.replication_configuration.ok_or_else(|| Refusal::missing("ReplicationConfiguration"))?;
        if !bucket.is_versioned() {
            let message = "Versioning must be 'Enabled' on the bucket to apply a replication configuration";
            return Err(Refusal::invalid_request(message));
        }
        bucket.configuration.replication = Some(wanted);
        Ok(PutBucketReplicationOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn delete_bucket_replication(
        &mut self,
        input: DeleteBucketReplicationInput,
    ) -> Answer<DeleteBucketReplicationOutput> {
        self.settings(&input.bucket)?.replication = None;
        Ok(DeleteBucketReplicationOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_request_payment(
        &mut self,
        input: GetBucketRequestPaymentInput,
    ) -> Answer<GetBucketRequestPaymentOutput> {
        let payer = self.settings(&input.bucket)?.payer.clone().unwrap_or(Payer::BucketOwner);
        Ok(GetBucketRequestPaymentOutput::builder().payer(payer).build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_request_payment(
        &mut self,
        input: PutBucketRequestPaymentInput,
    ) -> Answer<PutBucketRequestPaymentOutput> {
        let settings = self.settings(&input.bucket)?;
        let wanted = input.request_payment_configuration.ok_or_else(|| Refusal::missing("RequestPaymentConfiguration"))?;
        match wanted.payer {
            Payer::BucketOwner | Payer::Requester => settings.payer = Some(wanted.payer),
            _ => return Err(Refusal::malformed_xml()),
        }
        Ok(PutBucketRequestPaymentOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn get_bucket_website(
        &mut self,
        input: GetBucketWebsiteInput,
    ) -> Answer<GetBucketWebsiteOutput> {
        let set = self.settings(&input.bucket)?.website.clone();
        let set = set
            .ok_or_else(|| missing("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration"))?;
        Ok(GetBucketWebsiteOutput::builder()
            .set_redirect_all_requests_to(set.redirect_all_requests_to)
            .set_index_document(set.index_document)
            .set_error_document(set.error_document)
            .set_routing_rules(set.routing_rules)
            .build())
    }

    pub(in crate::boto3::s3::mock) fn put_bucket_website(
        &mut self,
        input: PutBucketWebsiteInput,
    ) -> Answer<PutBucketWebsiteOutput> {
        let settings = self.settings(&input.bucket)?;
        let wanted = input.website_configuration.ok_or_else(|| Refusal::missing("WebsiteConfiguration"))?;
        rules::check_website(&wanted)?;
        settings.website = Some(wanted);
        Ok(PutBucketWebsiteOutput::builder().build())
    }

    pub(in crate::boto3::s3::mock) fn delete_bucket_website(
        &mut self,
        input: DeleteBucketWebsiteInput,
    ) -> Answer<DeleteBucketWebsiteOutput> {
        self.settings(&input.bucket)?.website = None;
        Ok(DeleteBucketWebsiteOutput::builder().build())
    }
}
