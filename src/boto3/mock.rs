//! AWS services in memory.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let world = World::new();
//! let boto3 = world.batteries().boto3;
//! boto3.client().s3().create_bucket(|create| create.bucket("backups")).wait()?;
//! boto3.client().region_name("eu-west-1").ec2().create_volume(|create| create.availability_zone("eu-west-1a").size(8)).wait()?;
//! // All calls are in the world's log, in order.
//! let asked: Vec<_> = world.script().calls().into_iter().map(|call| call.operation).filter(|name| !name.starts_with("os.")).collect();
//! assert_eq!(asked, ["s3.create_bucket", "ec2.create_volume"]);
//! # Ok::<(), leyden::Error>(())
//! ```

use crate::mock::Script;

/// AWS in memory: `world.boto3`. Clones share it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mock {
    /// Its S3.
    #[cfg(feature = "s3")]
    pub s3: super::s3::mock::Mock,
    /// Its EC2.
    #[cfg(feature = "ec2")]
    pub ec2: super::ec2::mock::Mock,
    /// Its STS.
    pub sts: super::sts::mock::Mock,
    os: crate::os::mock::Mock,
    time: crate::time::mock::Mock,
}

impl Mock {
    pub(crate) fn new(script: Script, os: crate::os::mock::Mock, time: crate::time::mock::Mock) -> Mock {
        Mock {
            #[cfg(feature = "s3")]
            s3: super::s3::mock::Mock::new(script.clone()),
            #[cfg(feature = "ec2")]
            ec2: super::ec2::mock::Mock::new(script.clone()),
            sts: super::sts::mock::Mock::new(script),
            os,
            time,
        }
    }

    /// Returns the battery with other files and clocks, for example real ones: uploads read those
    /// files, deadlines use those clocks.
    pub fn handle_with(&self, os: crate::os::Os, time: crate::time::Time) -> super::Boto3 {
        super::Boto3::in_memory(self, os, time)
    }

    /// A configuration of the AWS SDK whose HTTP client is this world: clients made of it are answered in memory. Region us-east-1, the example
    /// keys of Amazon's documentation.
    ///
    /// ```
    /// use leyden::prelude::*;
    ///
    /// let world = World::new();
    /// let s3 = aws_sdk_s3::Client::new(&world.boto3.sdk_config());
    /// s3.create_bucket().bucket("backups").send().wait()?;
    /// assert_eq!(world.boto3.s3.buckets(), ["backups"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// S3 answers. A request to another service is a connection error: EC2 and STS in memory have no wire format yet.
    #[cfg(feature = "s3")]
    pub fn sdk_config(&self) -> aws_config::SdkConfig {
        self.s3.sdk_config(&super::ClientConfig::default())
    }

    /// Returns the battery of this world.
    pub fn handle(&self) -> super::Boto3 {
        super::Boto3::in_memory(self, self.os.handle(), self.time.handle())
    }
}
