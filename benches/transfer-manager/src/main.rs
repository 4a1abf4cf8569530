//! Runs Amazon's transfer manager. Commands on stdin: `up FILE KEY` and `down KEY FILE`. Prints the nanoseconds each took.
//!
//! `LEYDEN_BENCH_URL` is the URL of the server.

use std::time::Instant;

use aws_sdk_s3::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_s3_transfer_manager::config::S3ClientConfig;
use aws_sdk_s3_transfer_manager::io::InputStream;
use aws_sdk_s3_transfer_manager::{Client, Config};

type Failed = Box<dyn std::error::Error + Send + Sync>;

#[tokio::main]
async fn main() -> Result<(), Failed> {
    let s3 = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(std::env::var("LEYDEN_BENCH_URL")?)
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("AKID", "secret", None, None, "bench"))
        .force_path_style(true);
    let client = Client::new(Config::builder().s3_config(S3ClientConfig::new(s3)).build());
    for line in std::io::stdin().lines() {
        let line = line?;
        let began = Instant::now();
        match line.split(' ').collect::<Vec<_>>()[..] {
            ["up", file, key] => {
                client.upload().bucket("bench").key(key).body(InputStream::from_path(file)?).initiate()?.join().await?;
            }
            ["down", key, file] => {
                client.download().bucket("bench").key(key).write_to_path(file).await?.join().await?;
            }
            _ => return Err(format!("no such task: {line}").into()),
        }
        println!("{}", began.elapsed().as_nanos());
    }
    Ok(())
}
