//! Amazon and the mail server for a run that shall reach neither: in memory, and from run to run in files.

use crate::job::Settings;
use leyden::boto3::Boto3;
use leyden::boto3::ec2::types::{ResourceType, Tag, TagSpecification, VolumeType};
use leyden::boto3::s3::types::{BucketLocationConstraint, CreateBucketConfiguration};
use leyden::prelude::*;
use leyden::smtplib::{EmlDir, Smtplib};
use serde_json::{Value, json};
use std::path::PathBuf;

pub struct Demo {
    world: World,
    smtplib: Smtplib,
    real: Batteries,
    settings: Settings,
    objects: PathBuf,
    snapshots: PathBuf,
}

impl Demo {
    /// Two volumes, of which one is to be backed up, and what earlier runs have left.
    pub fn new(real: &Batteries, settings: &Settings) -> leyden::Result<Demo> {
        let world = World::new();
        world.clock().set(real.time.time());
        let demo = Demo {
            smtplib: EmlDir::new(&real.os, &real.time, settings.out.join("mail")).handle(),
            objects: settings.out.join("s3.json"),
            snapshots: settings.out.join("ec2.json"),
            real: real.clone(),
            settings: settings.clone(),
            world,
        };
        demo.load()?;
        Ok(demo)
    }

    pub fn boto3(&self) -> Boto3 {
        self.world.boto3.handle_with(self.real.os.clone(), self.real.time.clone())
    }

    pub fn smtplib(&self) -> Smtplib {
        self.smtplib.clone()
    }

    fn load(&self) -> leyden::Result<()> {
        let Settings { region, bucket, tag: (key, value), .. } = &self.settings;
        let read = |path: &PathBuf| -> leyden::Result<Value> {
            Ok(if self.real.os.path.exists(path) {
                serde_json::from_str(&self.real.os.read_text(path)?).unwrap_or_default()
            } else {
                Value::Null
            })
        };
        let ec2 = self.boto3().client().region_name(region).ec2();
        let tags = |kind, tags: &[(&str, &str)]| {
            let tags = tags.iter().map(|(key, value)| Tag::builder().key(*key).value(*value).build()).collect();
            TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()
        };
        let create = |name, backup: &str| {
            let tags = tags(ResourceType::Volume, &[("Name", name), (key, backup)]);
            ec2.create_volume(|create| {
                create.availability_zone(format!("{region}a")).size(20).volume_type(VolumeType::Gp3).tag_specifications(tags)
            })
            .wait()
        };
        let data = create("data", value)?;
        create("scratch", "never")?;
        self.world.clock().advance(secs(60)); // until then they are being created
        for date in read(&self.snapshots)?.as_array().into_iter().flatten().filter_map(Value::as_str) {
            let tags = tags(ResourceType::Snapshot, &[(key, value), ("Date", date)]);
            ec2.create_snapshot(|create| create.volume_id(data.volume_id().unwrap_or_default()).tag_specifications(tags))
                .wait()?;
        }
        if let Some(fingerprint) = read(&self.objects)?["fingerprint"].as_str() {
            let s3 = self.boto3().client().region_name(region).s3();
            let archive = self.real.os.read_bytes(self.settings.out.join("s3.zip")).unwrap_or_default();
            let constraint = BucketLocationConstraint::from(region.as_str());
            s3.create_bucket(|create| {
                create
                    .bucket(bucket)
                    .create_bucket_configuration(CreateBucketConfiguration::builder().location_constraint(constraint).build())
            })
            .wait()?;
            s3.put_object(|put| put.bucket(bucket).key("report.zip").metadata("fingerprint", fingerprint).body(archive.into()))
                .wait()?;
        }
        Ok(())
    }

    /// Keeps what is in memory for the next run.
    pub fn save(&self) -> leyden::Result<()> {
        let Settings { region, bucket, out, tag: (key, value), .. } = &self.settings;
        let os = &self.real.os;
        let ec2 = self.boto3().client().region_name(region).ec2();
        let snapshots = ec2.describe_snapshots(|describe| describe.owner_ids("self")).wait()?;
        let of_this_job = snapshots
            .snapshots()
            .iter()
            .filter(|snapshot| snapshot.tags().iter().any(|tag| tag.key() == Some(key) && tag.value() == Some(value)));
        let dates: Vec<_> =
            of_this_job.filter_map(|snapshot| snapshot.tags().iter().find(|tag| tag.key() == Some("Date"))?.value()).collect();
        os.makedirs(MakeDirs::new(out).exist_ok(true))?;
        os.write_text(&self.snapshots, format!("{:#}\n", json!(dates)))?;
        let s3 = self.boto3().client().region_name(region).s3();
        if let Some(archive) = self.world.boto3.s3.object(bucket, "report.zip") {
            let head = s3.head_object(|head| head.bucket(bucket).key("report.zip")).wait()?;
            os.write_bytes(out.join("s3.zip"), &archive)?;
            os.write_text(
                &self.objects,
                format!("{:#}\n", json!({ "fingerprint": head.metadata().and_then(|metadata| metadata.get("fingerprint")) })),
            )?;
        }
        Ok(())
    }
}
