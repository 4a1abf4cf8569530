//! The requests that boto3's managed transfers made, and those that ours make, against a server that agrees to everything.

use std::collections::BTreeMap;
use std::io::Read;

use leyden::Wait as _;
use leyden::boto3::s3::Client;
use leyden::boto3::s3::shapes::{CopyObjectInputBuilder, GetObjectInputBuilder, PutObjectInputBuilder};
use leyden::boto3::s3::transfer::TransferConfig;
use leyden::boto3::{Config, Error, When};
use leyden::os::Os;
use serde_json::{Value, json};

use crate::support::oracle::{Replay, cases};
use crate::support::s3::directory;
use crate::support::s3_yes::YesServer;

fn number(value: &Value, name: &str) -> Option<u64> {
    value.get(name).and_then(Value::as_u64)
}

fn config(of: &Value) -> TransferConfig {
    let mut config = TransferConfig::new();
    config.multipart_threshold = number(of, "multipart_threshold").unwrap_or(config.multipart_threshold);
    config.multipart_chunksize = number(of, "multipart_chunksize").unwrap_or(config.multipart_chunksize);
    config.max_concurrency = number(of, "max_concurrency").map_or(config.max_concurrency, |lanes| lanes as usize);
    config.use_threads = of.get("use_threads").and_then(Value::as_bool).unwrap_or(config.use_threads);
    config
}

/// Sets what Python set; `texts` are strings, `names` are of types made from one.
macro_rules! arguments {
    ($args:expr, $builder:expr; texts $($text:literal => $set_text:ident),+; names $($name:literal => $set_name:ident),+) => {{
        let mut builder = $builder;
        for (name, value) in $args.as_object().unwrap() {
            let text = value.as_str().unwrap_or_default();
            builder = match name.as_str() {
                $($text => builder.$set_text(text),)+
                $($name => builder.$set_name(text.into()),)+
                "Metadata" => builder.metadata("colour", value["colour"].as_str().unwrap()),
                name => panic!("no argument {name}"),
            };
        }
        builder
    }};
}

fn put(args: &Value) -> impl FnOnce(PutObjectInputBuilder) -> PutObjectInputBuilder {
    |builder| {
        arguments!(args, builder;
            texts "CacheControl" => cache_control, "ContentDisposition" => content_disposition, "ContentLanguage" => content_language,
            "ContentType" => content_type, "ExpectedBucketOwner" => expected_bucket_owner, "GrantRead" => grant_read,
            "Tagging" => tagging, "WebsiteRedirectLocation" => website_redirect_location, "IfNoneMatch" => if_none_match;
            names "ACL" => acl, "RequestPayer" => request_payer, "StorageClass" => storage_class,
            "ChecksumAlgorithm" => checksum_algorithm, "ServerSideEncryption" => server_side_encryption)
    }
}

fn copy(args: &Value) -> impl FnOnce(CopyObjectInputBuilder) -> CopyObjectInputBuilder {
    |builder| {
        arguments!(args, builder;
            texts "CacheControl" => cache_control, "ContentDisposition" => content_disposition, "ContentLanguage" => content_language,
            "ContentType" => content_type, "ExpectedBucketOwner" => expected_bucket_owner, "GrantRead" => grant_read,
            "Tagging" => tagging, "WebsiteRedirectLocation" => website_redirect_location, "IfNoneMatch" => if_none_match,
            "CopySourceIfMatch" => copy_source_if_match;
            names "ACL" => acl, "RequestPayer" => request_payer, "StorageClass" => storage_class,
            "MetadataDirective" => metadata_directive, "TaggingDirective" => tagging_directive)
    }
}

fn get(args: &Value) -> impl FnOnce(GetObjectInputBuilder) -> GetObjectInputBuilder {
    |mut builder| {
        for (name, value) in args.as_object().unwrap() {
            let text = value.as_str().unwrap();
            builder = match name.as_str() {
                "RequestPayer" => builder.request_payer(text.into()),
                "ExpectedBucketOwner" => builder.expected_bucket_owner(text),
                "VersionId" => builder.version_id(text),
                "IfMatch" => builder.if_match(text),
                name => panic!("no argument {name}"),
            };
        }
        builder
    }
}

fn run(case: &Value, s3: &Client) -> Result<(), Error> {
    let (size, args, config) = (case["size"].as_u64().unwrap(), &case["args"], config(&case["config"]));
    let directory = directory("requests");
    let file = directory.join("f");
    let ended = match case["what"].as_str().unwrap() {
        "upload_file" => {
            std::fs::File::create(&file).unwrap().set_len(size).unwrap();
            s3.upload_file(&file, "b", "k").extra_args(put(args)).config(config).wait().map(drop)
        }
        "upload_fileobj" => {
            s3.upload_fileobj(std::io::repeat(0).take(size), "b", "k").extra_args(put(args)).config(config).wait().map(drop)
        }
        "download_file" => {
            let ended = s3.download_file("b", "k", &file).extra_args(get(args)).config(config).wait();
            assert!(ended.is_err() || std::fs::metadata(&file).unwrap().len() == size);
            ended
        }
        "copy" => s3.copy(("b", "from"), "b", "k").extra_args(copy(args)).config(config).wait(),
        what => panic!("{what}"),
    };
    std::fs::remove_dir_all(directory).unwrap();
    ended
}

/// What both sides are compared by. DIFFERENCE: the algorithm of a checksum that stands in the trailer is not said in the head.
fn shape(request: &Value) -> String {
    let mut headers: BTreeMap<String, Value> =
        request["headers"].as_object().unwrap().iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    // The rivals quote an ETag in their own ways; that there is a condition is what counts.
    for name in ["x-amz-copy-source"] {
        if let Some(value) = headers.get_mut(name) {
            *value = value.as_str().unwrap().trim_start_matches('/').into();
        }
    }
    json!([request["method"], request["query"], request["length"], headers]).to_string()
}

#[test]
fn the_requests_are_those_of_s3transfer() {
    let server = YesServer::start();
    let client = |when: When| {
        let os = Os::native();
        let boto3 = leyden::boto3::Boto3::native(os.clone(), leyden::time::Time::native_with(os.ambient().clone()));
        let config = Config::new().request_checksum_calculation(when).response_checksum_validation(when).max_attempts(1);
        let client = boto3.client().endpoint_url(&server.url).region_name("us-east-1").config(config);
        client.aws_access_key_id("A").aws_secret_access_key("S").s3()
    };
    let clients = [("when_supported", client(When::Supported)), ("when_required", client(When::Required))];
    let mut replay = Replay::default();
    for case in cases("s3_transfer") {
        let what = case["what"].as_str().unwrap();
        if what == "config" {
            let name = case["name"].as_str().unwrap();
            let mut config = TransferConfig::new();
            match name {
                "multipart_threshold" => config.multipart_threshold = 0,
                "max_concurrency" => config.max_concurrency = 0,
                "multipart_chunksize" => config.multipart_chunksize = 0,
                "num_download_attempts" => config.num_download_attempts = 0,
                "max_io_queue" => config.max_io_queue = 0,
                "io_chunksize" => config.io_chunksize = 0,
                "max_bandwidth" => config.max_bandwidth = Some(0),
                name => panic!("{name}"),
            }
            let message = config.validate().err().map(|error| error.to_string());
            replay.check(name, message.as_deref(), case["message"].as_str());
            continue;
        }
        if what == "defaults" {
            let config = TransferConfig::new();
            let ours = json!({
                "multipart_threshold": config.multipart_threshold, "multipart_chunksize": config.multipart_chunksize,
                "max_concurrency": config.max_concurrency, "use_threads": config.use_threads, "max_bandwidth": config.max_bandwidth,
                "io_chunksize": config.io_chunksize, "num_download_attempts": config.num_download_attempts,
                "max_in_memory_upload_chunks": config.max_in_memory_upload_chunks,
                "max_in_memory_download_chunks": config.max_in_memory_download_chunks, "max_io_queue": config.max_io_queue,
                "max_request_queue_size": config.max_request_queue_size,
                "max_submission_queue_size": config.max_submission_queue_size,
                "max_submission_concurrency": config.max_submission_concurrency,
            });
            replay.check("defaults", ours, case["values"].clone());
            continue;
        }
        server.begin(case["size"].as_u64().unwrap(), case.get("refused").and_then(Value::as_str));
        let checksums = case["checksums"].as_str().unwrap();
        let s3 = &clients.iter().find(|(name, _)| *name == checksums).unwrap().1;
        let ended = run(&case, s3);
        let name = format!("{what} {} {} {} {checksums}", case["size"], case["config"], case["args"]);
        replay.check(format!("{name}: {ended:?}"), ended.is_err(), case.get("error").is_some());
        if let Some(message) = case.get("message") {
            // Python names the two arguments that PutObject has not, too.
            let key = |text: &str| text.split(',').next().unwrap().to_owned();
            replay.check(&name, key(&ended.unwrap_err().to_string()), key(message.as_str().unwrap()));
        }
        let mut ours: Vec<_> = server.seen().iter().map(shape).collect();
        // DIFFERENCE (A8): a copy in parts keeps the tags, for which s3transfer does not ask unless it is asked to.
        if what == "copy" && case["args"].get("TaggingDirective").is_none() {
            ours.retain(|line| !line.starts_with("[\"GET\",{\"tagging\":\"\"}"));
            for line in ours.iter_mut().filter(|line| line.starts_with("[\"POST\",{\"uploads\"")) {
                *line = line.replace("\"x-amz-tagging\":\"a=b\",", "").replace(",\"x-amz-tagging\":\"a=b\"", "");
                *line = line.replace("{\"x-amz-tagging\":\"a=b\"}", "{}");
            }
        }
        let mut python: Vec<_> = case["requests"].as_array().unwrap().iter().map(shape).collect();
        ours.sort();
        python.sort();
        replay.check(name, ours, python);
    }
    replay.finish(200);
}
