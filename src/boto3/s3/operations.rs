//! The implemented operations of S3, one line each: the source of the trait, the network backend,
//! the fake and the client.

/// Passes the table to the macro `$then`.
///
/// `get_bucket_lifecycle` and `put_bucket_lifecycle`, which AWS replaced in 2013, are not in the
/// AWS SDK for Rust.
macro_rules! operations {
    ($then:ident) => {
        $then! {
            abort_multipart_upload(AbortMultipartUploadInputBuilder) -> AbortMultipartUploadOutput;
            complete_multipart_upload(CompleteMultipartUploadInputBuilder) -> CompleteMultipartUploadOutput;
            copy_object(CopyObjectInputBuilder) -> CopyObjectOutput;
            create_bucket(CreateBucketInputBuilder) -> CreateBucketOutput;
            create_multipart_upload(CreateMultipartUploadInputBuilder) -> CreateMultipartUploadOutput;
            delete_bucket(DeleteBucketInputBuilder) -> DeleteBucketOutput;
            delete_bucket_cors(DeleteBucketCorsInputBuilder) -> DeleteBucketCorsOutput;
            delete_bucket_encryption(DeleteBucketEncryptionInputBuilder) -> DeleteBucketEncryptionOutput;
            delete_bucket_lifecycle(DeleteBucketLifecycleInputBuilder) -> DeleteBucketLifecycleOutput;
            delete_bucket_ownership_controls(DeleteBucketOwnershipControlsInputBuilder) -> DeleteBucketOwnershipControlsOutput;
            delete_bucket_policy(DeleteBucketPolicyInputBuilder) -> DeleteBucketPolicyOutput;
            delete_bucket_replication(DeleteBucketReplicationInputBuilder) -> DeleteBucketReplicationOutput;
            delete_bucket_tagging(DeleteBucketTaggingInputBuilder) -> DeleteBucketTaggingOutput;
            delete_bucket_website(DeleteBucketWebsiteInputBuilder) -> DeleteBucketWebsiteOutput;
            delete_object(DeleteObjectInputBuilder) -> DeleteObjectOutput;
            delete_object_tagging(DeleteObjectTaggingInputBuilder) -> DeleteObjectTaggingOutput;
            delete_objects(DeleteObjectsInputBuilder) -> DeleteObjectsOutput;
            delete_public_access_block(DeletePublicAccessBlockInputBuilder) -> DeletePublicAccessBlockOutput;
            get_bucket_accelerate_configuration(GetBucketAccelerateConfigurationInputBuilder) -> GetBucketAccelerateConfigurationOutput;
            get_bucket_acl(GetBucketAclInputBuilder) -> GetBucketAclOutput;
            get_bucket_cors(GetBucketCorsInputBuilder) -> GetBucketCorsOutput;
            get_bucket_encryption(GetBucketEncryptionInputBuilder) -> GetBucketEncryptionOutput;
            get_bucket_lifecycle_configuration(GetBucketLifecycleConfigurationInputBuilder) -> GetBucketLifecycleConfigurationOutput;
            get_bucket_location(GetBucketLocationInputBuilder) -> GetBucketLocationOutput;
            get_bucket_logging(GetBucketLoggingInputBuilder) -> GetBucketLoggingOutput;
            get_bucket_notification_configuration(GetBucketNotificationConfigurationInputBuilder) -> GetBucketNotificationConfigurationOutput;
            get_bucket_ownership_controls(GetBucketOwnershipControlsInputBuilder) -> GetBucketOwnershipControlsOutput;
            get_bucket_policy(GetBucketPolicyInputBuilder) -> GetBucketPolicyOutput;
            get_bucket_policy_status(GetBucketPolicyStatusInputBuilder) -> GetBucketPolicyStatusOutput;
            get_bucket_replication(GetBucketReplicationInputBuilder) -> GetBucketReplicationOutput;
            get_bucket_request_payment(GetBucketRequestPaymentInputBuilder) -> GetBucketRequestPaymentOutput;
            get_bucket_tagging(GetBucketTaggingInputBuilder) -> GetBucketTaggingOutput;
            get_bucket_versioning(GetBucketVersioningInputBuilder) -> GetBucketVersioningOutput;
            get_bucket_website(GetBucketWebsiteInputBuilder) -> GetBucketWebsiteOutput;
            get_object(GetObjectInputBuilder) -> GetObjectOutput;
            get_object_acl(GetObjectAclInputBuilder) -> GetObjectAclOutput;
            get_object_attributes(GetObjectAttributesInputBuilder) -> GetObjectAttributesOutput;
            get_object_legal_hold(GetObjectLegalHoldInputBuilder) -> GetObjectLegalHoldOutput;
            get_object_lock_configuration(GetObjectLockConfigurationInputBuilder) -> GetObjectLockConfigurationOutput;
            get_object_retention(GetObjectRetentionInputBuilder) -> GetObjectRetentionOutput;
            get_object_tagging(GetObjectTaggingInputBuilder) -> GetObjectTaggingOutput;
            get_public_access_block(GetPublicAccessBlockInputBuilder) -> GetPublicAccessBlockOutput;
            head_bucket(HeadBucketInputBuilder) -> HeadBucketOutput;
            head_object(HeadObjectInputBuilder) -> HeadObjectOutput;
            list_buckets(ListBucketsInputBuilder) -> ListBucketsOutput;
            list_directory_buckets(ListDirectoryBucketsInputBuilder) -> ListDirectoryBucketsOutput;
            list_multipart_uploads(ListMultipartUploadsInputBuilder) -> ListMultipartUploadsOutput;
            list_object_annotations(ListObjectAnnotationsInputBuilder) -> ListObjectAnnotationsOutput;
            list_object_versions(ListObjectVersionsInputBuilder) -> ListObjectVersionsOutput;
            list_objects(ListObjectsInputBuilder) -> ListObjectsOutput;
            list_objects_v2(ListObjectsV2InputBuilder) -> ListObjectsV2Output;
            list_parts(ListPartsInputBuilder) -> ListPartsOutput;
            put_bucket_accelerate_configuration(PutBucketAccelerateConfigurationInputBuilder) -> PutBucketAccelerateConfigurationOutput;
            put_bucket_acl(PutBucketAclInputBuilder) -> PutBucketAclOutput;
            put_bucket_cors(PutBucketCorsInputBuilder) -> PutBucketCorsOutput;
            put_bucket_encryption(PutBucketEncryptionInputBuilder) -> PutBucketEncryptionOutput;
            put_bucket_lifecycle_configuration(PutBucketLifecycleConfigurationInputBuilder) -> PutBucketLifecycleConfigurationOutput;
            put_bucket_logging(PutBucketLoggingInputBuilder) -> PutBucketLoggingOutput;
            put_bucket_notification_configuration(PutBucketNotificationConfigurationInputBuilder) -> PutBucketNotificationConfigurationOutput;
            put_bucket_ownership_controls(PutBucketOwnershipControlsInputBuilder) -> PutBucketOwnershipControlsOutput;
            put_bucket_policy(PutBucketPolicyInputBuilder) -> PutBucketPolicyOutput;
            put_bucket_replication(PutBucketReplicationInputBuilder) -> PutBucketReplicationOutput;
            put_bucket_request_payment(PutBucketRequestPaymentInputBuilder) -> PutBucketRequestPaymentOutput;
            put_bucket_tagging(PutBucketTaggingInputBuilder) -> PutBucketTaggingOutput;
            put_bucket_versioning(PutBucketVersioningInputBuilder) -> PutBucketVersioningOutput;
            put_bucket_website(PutBucketWebsiteInputBuilder) -> PutBucketWebsiteOutput;
            put_object(PutObjectInputBuilder) -> PutObjectOutput;
            put_object_acl(PutObjectAclInputBuilder) -> PutObjectAclOutput;
            put_object_legal_hold(PutObjectLegalHoldInputBuilder) -> PutObjectLegalHoldOutput;
            put_object_lock_configuration(PutObjectLockConfigurationInputBuilder) -> PutObjectLockConfigurationOutput;
            put_object_retention(PutObjectRetentionInputBuilder) -> PutObjectRetentionOutput;
            put_object_tagging(PutObjectTaggingInputBuilder) -> PutObjectTaggingOutput;
            put_public_access_block(PutPublicAccessBlockInputBuilder) -> PutPublicAccessBlockOutput;
            restore_object(RestoreObjectInputBuilder) -> RestoreObjectOutput;
            select_object_content(SelectObjectContentInputBuilder) -> SelectObjectContentOutput;
            upload_part(UploadPartInputBuilder) -> UploadPartOutput;
            upload_part_copy(UploadPartCopyInputBuilder) -> UploadPartCopyOutput;
        }
    };
}
pub(crate) use operations;
