//! Replays `tests/oracle/data/*.jsonl`: what the real Python answered. The programs that asked are `tests/oracle/*.py`.

#[cfg(feature = "os")]
mod archives;
#[cfg(feature = "s3")]
mod boto3_credentials;
#[cfg(feature = "ec2")]
mod boto3_ec2;
#[cfg(feature = "aws")]
mod boto3_pages;
#[cfg(feature = "s3")]
mod boto3_presign;
#[cfg(all(feature = "s3", feature = "ec2"))]
mod boto3_resources;
#[cfg(feature = "s3")]
pub(crate) mod boto3_s3;
#[cfg(all(feature = "s3", feature = "ec2"))]
mod boto3_session;
#[cfg(feature = "bs4")]
mod bs4_api;
#[cfg(feature = "bs4")]
mod bs4_dammit;
#[cfg(feature = "bs4")]
mod bs4_tree;
#[cfg(feature = "schedule")]
mod cron;
#[cfg(all(feature = "requests", feature = "smtplib", feature = "sys", feature = "platform"))]
mod errors;
#[cfg(feature = "fabric")]
mod fabric;
#[cfg(feature = "fabric")]
mod fabric_config;
#[cfg(feature = "fabric")]
mod fabric_known_hosts;
#[cfg(feature = "fabric")]
mod fabric_ssh_config;
#[cfg(feature = "os")]
mod os_file_io;
#[cfg(feature = "os")]
mod os_files;
#[cfg(feature = "os")]
mod os_pure;
#[cfg(feature = "os")]
mod os_tree;
#[cfg(feature = "os")]
mod os_wild;
#[cfg(feature = "platform")]
mod platform;
#[cfg(feature = "re")]
mod re;
#[cfg(feature = "requests")]
mod requests;
#[cfg(feature = "requests")]
mod rfc6265;
#[cfg(feature = "s3")]
mod s3_sync;
#[cfg(feature = "s3")]
mod s3_transfer;
#[cfg(feature = "schedule")]
mod schedule;
#[cfg(feature = "smtplib")]
mod smtp_wire;
#[cfg(feature = "subprocess")]
mod subprocess;
#[cfg(feature = "sys")]
mod sys;
#[cfg(feature = "infra")]
mod terraform;
#[cfg(all(feature = "infra", feature = "ec2", feature = "s3"))]
mod terraform_aws;
#[cfg(feature = "subprocess")]
mod text_codecs;
#[cfg(feature = "os")]
mod text_encodings;
#[cfg(feature = "time")]
mod time;

#[cfg(feature = "smtplib")]
mod email_addresses;
#[cfg(feature = "smtplib")]
mod email_compose;
#[cfg(feature = "smtplib")]
mod email_dates;
#[cfg(feature = "smtplib")]
mod email_legacy;
#[cfg(feature = "smtplib")]
mod email_parse;
#[cfg(feature = "re")]
mod re_classes;
