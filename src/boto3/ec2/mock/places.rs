//! Regions and their zones.

use aws_sdk_ec2::operation::{describe_account_attributes::*, describe_availability_zones::*, describe_regions::*};
use aws_sdk_ec2::types::{
    AccountAttribute, AccountAttributeValue, AvailabilityZone, AvailabilityZoneOptInStatus, AvailabilityZoneState,
    Region as Described,
};

use super::filter::{Field, Wanted, filters};
use super::refusal::{Answer, Refusal};
use super::region::Region;

/// The region of a client without one.
pub(super) const DEFAULT: &str = "us-east-1";

/// Name, short form in zone ids, and the zones of a new account.
const REGIONS: &[(&str, &str, &str)] = &[
    ("ap-northeast-1", "apne1", "acd"),
    ("ap-northeast-2", "apne2", "abcd"),
    ("ap-northeast-3", "apne3", "abc"),
    ("ap-south-1", "aps1", "abc"),
    ("ap-southeast-1", "apse1", "abc"),
    ("ap-southeast-2", "apse2", "abc"),
    ("ca-central-1", "cac1", "abd"),
    ("eu-central-1", "euc1", "abc"),
    ("eu-north-1", "eun1", "abc"),
    ("eu-west-1", "euw1", "abc"),
    ("eu-west-2", "euw2", "abc"),
    ("eu-west-3", "euw3", "abc"),
    ("sa-east-1", "sae1", "abc"),
    ("us-east-1", "use1", "abcdef"),
    ("us-east-2", "use2", "abc"),
    ("us-west-1", "usw1", "ac"),
    ("us-west-2", "usw2", "abcd"),
];

const REGION_FILTERS: &[Field<Described>] = filters!(region: Described =>
    "endpoint" = region.endpoint(),
    "opt-in-status" = region.opt_in_status(),
    "region-name" = region.region_name(),
);

const ZONE_FILTERS: &[Field<AvailabilityZone>] = filters!(zone: AvailabilityZone =>
    "group-long-name" = zone.group_long_name(),
    "group-name" = zone.group_name(),
    "message" = Vec::new(),
    "opt-in-status" = zone.opt_in_status(),
    "parent-zone-id" = zone.parent_zone_id(),
    "parent-zone-name" = zone.parent_zone_name(),
    "region-name" = zone.region_name(),
    "state" = zone.state(),
    "zone-id" = zone.zone_id(),
    "zone-name" = zone.zone_name(),
    "zone-type" = zone.zone_type(),
);

/// Returns the zones of a region, name and id. An unlisted region has three.
fn zones(region: &str) -> impl Iterator<Item = (String, String)> {
    let (name, short, letters) =
        REGIONS.iter().find(|listed| listed.0 == region).map_or((region, region, "abc"), |listed| *listed);
    let (name, short) = (name.to_owned(), short.to_owned());
    letters.chars().enumerate().map(move |(at, letter)| (format!("{name}{letter}"), format!("{short}-az{}", at + 1)))
}

impl Region {
    /// Returns name and id of each zone.
    pub(super) fn zones(&self) -> Vec<(String, String)> {
        zones(&self.name).collect()
    }

    /// Returns a zone by name or id; by default the first.
    pub(super) fn zone(&self, name: Option<&str>, id: Option<&str>) -> Answer<(String, String)> {
        let meant = |zone: &(String, String)| name.is_none_or(|name| name == zone.0) && id.is_none_or(|id| id == zone.1);
        zones(&self.name).find(meant).ok_or_else(|| {
            let zone = name.or(id).unwrap_or_default();
            Refusal::new("InvalidParameterValue", format!("Invalid availability zone: [{zone}]"))
        })
    }

    pub(super) fn describe_regions(&mut self, input: DescribeRegionsInput) -> Answer<DescribeRegionsOutput> {
        let absent: Vec<&str> = input.region_names().iter().map(String::as_str).filter(|name| !is_region(name)).collect();
        if !absent.is_empty() {
            return Err(Refusal::value(format!("Invalid region names: [{}]", absent.join(", "))));
        }
        let wanted = Wanted::understand(input.filters(), REGION_FILTERS)?;
        let named = |name: &str| input.region_names().is_empty() || input.region_names().iter().any(|wanted| wanted == name);
        let regions = REGIONS.iter().filter(|region| named(region.0)).map(|(name, ..)| {
            let endpoint = format!("ec2.{name}.amazonaws.com");
            Described::builder().region_name(*name).endpoint(endpoint).opt_in_status("opt-in-not-required").build()
        });
        let regions = regions.filter(|region| wanted.pass(region, None)).collect();
        Ok(DescribeRegionsOutput::builder().set_regions(Some(regions)).build())
    }

    pub(super) fn describe_availability_zones(
        &mut self,
        input: DescribeAvailabilityZonesInput,
    ) -> Answer<DescribeAvailabilityZonesOutput> {
        for name in input.zone_names() {
            self.zone(Some(name), None)?;
        }
        for id in input.zone_ids() {
            self.zone(None, Some(id))?;
        }
        let wanted = Wanted::understand(input.filters(), ZONE_FILTERS)?;
        let chosen = |list: &[String], own: &String| list.is_empty() || list.contains(own);
        let zones = zones(&self.name).filter(|(name, id)| chosen(input.zone_names(), name) && chosen(input.zone_ids(), id));
        let zones = zones.map(|(name, id)| {
            AvailabilityZone::builder()
                .zone_name(name)
                .zone_id(id)
                .zone_type("availability-zone")
                .state(AvailabilityZoneState::Available)
                .opt_in_status(AvailabilityZoneOptInStatus::OptInNotRequired)
                .region_name(&self.name)
                .group_name(format!("{}-zg-1", self.name))
                .network_border_group(&self.name)
                .build()
        });
        let zones = zones.filter(|zone| wanted.pass(zone, None)).collect();
        Ok(DescribeAvailabilityZonesOutput::builder().set_availability_zones(Some(zones)).build())
    }

    pub(super) fn describe_account_attributes(
        &mut self,
        input: DescribeAccountAttributesInput,
    ) -> Answer<DescribeAccountAttributesOutput> {
        let default_vpc = self.default_vpc().unwrap_or_else(|| "none".to_owned());
        let attributes = [
            ("supported-platforms", "VPC"),
            ("default-vpc", default_vpc.as_str()),
            ("max-instances", "20"),
            ("vpc-max-security-groups-per-interface", "5"),
            ("max-elastic-ips", "5"),
            ("vpc-max-elastic-ips", "5"),
        ];
        let wanted = |name: &str| {
            input.attribute_names().is_empty() || input.attribute_names().iter().any(|wanted| wanted.as_str() == name)
        };
        let attributes = attributes.into_iter().filter(|(name, _)| wanted(name)).map(|(name, value)| {
            let value = AccountAttributeValue::builder().attribute_value(value).build();
            AccountAttribute::builder().attribute_name(name).attribute_values(value).build()
        });
        Ok(DescribeAccountAttributesOutput::builder().set_account_attributes(Some(attributes.collect())).build())
    }
}

/// Returns true if the region exists.
pub(super) fn is_region(name: &str) -> bool {
    REGIONS.iter().any(|region| region.0 == name)
}
