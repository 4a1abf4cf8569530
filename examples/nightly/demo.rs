//! The demonstration: S3, the other machines and the mail server in memory, and from run to run in files.

use crate::cloud::{self, ARCHIVE, FINGERPRINT};
use crate::job::Settings;
use crate::report::Point;
use leyden::prelude::*;
use leyden::smtplib::EmlDir;
use serde_json::{Value, json};

pub const HOSTS: [&str; 3] = ["web1", "web2", "db1"];

const NOTE: &str = "A demonstration: the site is served by the program itself; S3, the three hosts and the mail server are in memory. \
    The nights before the first run are sample data.";

pub struct Demo {
    pub world: World,
    settings: Settings,
}

impl Demo {
    /// A world with what earlier runs have left.
    pub fn new(real: &Batteries, settings: &mut Settings) -> leyden::Result<Demo> {
        let world = World::new();
        world.clock().set(real.time.time());
        world.os.set_environ([("AWS_DEFAULT_REGION", settings.region.as_str()), ("HOME", "/root")]);
        hosts(&world);
        NOTE.clone_into(&mut settings.note);
        let demo = Demo { world, settings: settings.clone() };
        demo.load(real)?;
        Ok(demo)
    }

    pub fn smtplib(&self, real: &Batteries) -> leyden::smtplib::Smtplib {
        EmlDir::new(&real.os, &real.time, self.settings.out.join("mail")).handle()
    }

    fn load(&self, Batteries { os, .. }: &Batteries) -> leyden::Result<()> {
        let Settings { bucket, out, .. } = &self.settings;
        let state = out.join("demo.json");
        let saved: Value =
            if os.path.exists(&state) { serde_json::from_str(&os.read_text(&state)?).unwrap_or_default() } else { Value::Null };
        #[cfg(feature = "ec2")]
        {
            let dates = saved["snapshots"].as_array().into_iter().flatten().filter_map(|date| Some(date.as_str()?.to_owned()));
            crate::volumes::arrange(&self.world, &self.settings, &dates.collect::<Vec<_>>())?;
        }
        if let Some(fingerprint) = saved["fingerprint"].as_str() {
            let batteries = self.world.batteries();
            cloud::declare(&batteries, &self.settings)?;
            let archive = os.read_bytes(out.join("s3.zip")).unwrap_or_default();
            let s3 = batteries.boto3.client().s3();
            s3.put_object(|put| put.bucket(bucket).key(ARCHIVE).metadata(FINGERPRINT, fingerprint).body(archive.into()))
                .wait()?;
        }
        Ok(())
    }

    /// Fourteen nights before the first run, so that the trends have something to show.
    pub fn begin(&self, Batteries { os, time, .. }: &Batteries) -> leyden::Result<()> {
        let history = self.settings.out.join("history.json");
        if os.path.exists(&history) {
            return Ok(());
        }
        let nights = [(1, 1.2), (1, 1.4), (0, 0.9), (0, 1.0), (2, 2.3), (2, 1.8), (1, 1.1)];
        let point = |back: u32| {
            let (problems, ms) = nights[back as usize % nights.len()];
            let day = time.strftime("%Y-%m-%d", &time.gmtime(time.time() - secs(86_400) * back)?)?;
            let disk = 20 + u8::try_from(14 - back).unwrap_or(0);
            Ok(Point { day, problems, ms, disk })
        };
        let points = (1..=14).rev().map(point).collect::<leyden::Result<Vec<_>>>()?;
        os.makedirs(MakeDirs::new(&self.settings.out).exist_ok(true))?;
        os.write_text(history, Point::to_text(&points))?;
        Ok(())
    }

    /// Keeps what is in memory for the next run.
    pub fn save(&self, Batteries { os, .. }: &Batteries) -> leyden::Result<()> {
        let Settings { bucket, out, .. } = &self.settings;
        let mut state = json!({ "fingerprint": null });
        #[cfg(feature = "ec2")]
        {
            state["snapshots"] = crate::volumes::dates(&self.world, &self.settings)?.into();
        }
        if let Some(archive) = self.world.boto3.s3.object(bucket, ARCHIVE) {
            let s3 = self.world.batteries().boto3.client().s3();
            let head = s3.head_object(|head| head.bucket(bucket).key(ARCHIVE)).wait()?;
            os.write_bytes(out.join("s3.zip"), &archive)?;
            state["fingerprint"] = head.metadata().and_then(|metadata| metadata.get(FINGERPRINT)).cloned().into();
        }
        os.write_text(out.join("demo.json"), format!("{state:#}\n"))?;
        Ok(())
    }
}

/// Three machines: on one a disk is nearly full, one is down.
pub fn hosts(world: &World) {
    use crate::facts::LOOK;
    const HEAD: &str = "Filesystem 1024-blocks Used Available Capacity Mounted on\n";
    let web1 = "/dev/vda1 41152812 12757371 26276048 33% /\n 02:30:00 up 41 days, 1 user, load average: 0.21, 0.18, 0.11\n";
    let web2 = "/dev/vda1 41152812 19341821 19691598 50% /\n/dev/vdb1 102626232 98521182 4105050 97% /var/lib/docker\n \
        02:30:00 up 41 days, 1 user, load average: 1.73, 1.60, 1.44\n";
    world.fabric.host("web1").shell(LOOK).reply(format!("{HEAD}{web1}"), 0);
    world.fabric.host("web2").shell(LOOK).reply(format!("{HEAD}{web2}"), 0);
    world.fabric.host("db1").refuse();
}
