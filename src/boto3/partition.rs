//! The partitions and regions of AWS.

use super::error::ConfigError;
use super::partition_tables::PARTITIONS;
use super::{Result, Session};

impl Session {
    /// `["aws", "aws-cn", ..]`
    #[doc(alias = "boto3.Session.get_available_partitions")]
    pub fn get_available_partitions(&self) -> Vec<&'static str> {
        PARTITIONS.iter().map(|(name, ..)| *name).collect()
    }

    /// Returns the regions of a service (`"s3"`, `"ec2"`) in a partition (`"aws"`), as far as this
    /// version knows them; empty for unknown names.
    #[doc(alias = "boto3.Session.get_available_regions")]
    pub fn get_available_regions(&self, service_name: &str, partition_name: &str) -> &'static [&'static str] {
        let partition = PARTITIONS.iter().find(|(name, ..)| *name == partition_name);
        let services = partition.map_or(&[][..], |(_, _, services)| *services);
        services.iter().find(|(name, _)| *name == service_name).map_or(&[], |(_, regions)| *regions)
    }

    /// Returns the partition of a region by its name; works for new regions too.
    ///
    /// # Errors
    /// [`ConfigError::UnknownRegion`]
    #[doc(alias = "boto3.Session.get_partition_for_region")]
    pub fn get_partition_for_region(&self, region_name: &str) -> Result<&'static str> {
        let known = |services: &[(&str, &[&str])]| services.iter().any(|(_, regions)| regions.contains(&region_name));
        let mut found = PARTITIONS.iter().find(|(_, _, services)| known(services));
        if found.is_none() {
            found = PARTITIONS.iter().find(|(_, prefixes, _)| prefixes.iter().any(|prefix| looks_like(prefix, region_name)));
        }
        let unknown = || ConfigError::UnknownRegion { region_name: region_name.to_owned() };
        Ok(found.map(|(name, ..)| *name).ok_or_else(unknown)?)
    }

    /// Returns the services that leyden implements: `ec2`, `s3`, `sts`.
    #[doc(alias("boto3.Session.get_available_services", "boto3.Session.get_available_resources"))]
    pub fn get_available_services(&self) -> &'static [&'static str] {
        &["ec2", "s3", "sts"]
    }
}

/// Checks the form `prefix-word-number`.
fn looks_like(prefix: &str, region: &str) -> bool {
    let rest = region.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('-'));
    rest.and_then(|rest| rest.split_once('-')).is_some_and(|(word, number)| {
        !word.is_empty()
            && word.chars().all(|c| c.is_alphanumeric() || c == '_')
            && !number.is_empty()
            && number.chars().all(|c| c.is_ascii_digit())
    })
}
