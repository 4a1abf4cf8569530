//! DHCP options.

use aws_sdk_ec2::operation::{
    associate_dhcp_options::*, create_dhcp_options::*, delete_dhcp_options::*, describe_dhcp_options::*,
};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::describe::describe;
use super::filter::{each, filters};
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    DhcpOptions in dhcp_options by dhcp_options_id, tagged tags,
    Kind {
        prefix: "dopt",
        resource: "dhcp-options",
        not_found: "InvalidDhcpOptionID.NotFound",
        absent: "The dhcpOption ID '{}' does not exist",
        malformed: Some("InvalidDhcpOptionsId.Malformed"),
    },
    filters!(options: DhcpOptions =>
        "dhcp-options-id" = options.dhcp_options_id(),
        "key" = each(options.dhcp_configurations(), DhcpConfiguration::key),
        "value" = each(options.dhcp_configurations(), |own| each(own.values(), AttributeValue::value)),
        "owner-id" = options.owner_id(),
    )
);

describe! {
    paged describe_dhcp_options(DescribeDhcpOptionsInput: dhcp_options_ids, filters, "dhcpOptionsIdSet") -> DescribeDhcpOptionsOutput: set_dhcp_options;
}

const KEYS: &[&str] = &[
    "domain-name-servers",
    "domain-name",
    "ntp-servers",
    "netbios-name-servers",
    "netbios-node-type",
    "ipv6-address-preferred-lease-time",
];

fn configuration(key: &str, values: &[String]) -> DhcpConfiguration {
    let values = values.iter().map(|value| AttributeValue::builder().value(value).build()).collect();
    DhcpConfiguration::builder().key(key).set_values(Some(values)).build()
}

impl Region {
    fn put_dhcp_options(&mut self, configurations: Vec<DhcpConfiguration>) -> String {
        let id = self.ids.next("dopt");
        self.dhcp_options.put(
            DhcpOptions::builder().dhcp_options_id(&id).owner_id(OWNER).set_dhcp_configurations(Some(configurations)).build(),
        );
        id
    }

    /// Creates the options of a new VPC: the AWS resolver.
    pub(super) fn default_dhcp_options(&mut self) -> String {
        if let Some(first) = self.dhcp_options.iter().next() {
            return first.id().to_owned();
        }
        let domain = if self.name == "us-east-1" { "ec2.internal".to_owned() } else { format!("{}.compute.internal", self.name) };
        self.put_dhcp_options(vec![
            configuration("domain-name", &[domain]),
            configuration("domain-name-servers", &["AmazonProvidedDNS".to_owned()]),
        ])
    }

    pub(super) fn create_dhcp_options(&mut self, input: CreateDhcpOptionsInput) -> Answer<CreateDhcpOptionsOutput> {
        let tags = specified_for(input.tag_specifications(), "dhcp-options")?;
        let mut configurations = Vec::new();
        for asked in required_list(input.dhcp_configurations(), "dhcpConfiguration")? {
            let key = required(asked.key(), "dhcpConfiguration.key")?;
            if !KEYS.contains(&key) {
                return Err(Refusal::bad_value(key, "dhcpConfiguration", "Unknown option."));
            }
            if key == "netbios-node-type" && !asked.values().iter().all(|value| ["1", "2", "4", "8"].contains(&value.as_str())) {
                return Err(Refusal::bad_value(asked.values().join(", "), "netbios-node-type", "Values are 1, 2, 4 and 8."));
            }
            if key.ends_with("servers") && asked.values().len() > 4 {
                return Err(Refusal::bad_value(asked.values().join(", "), key, "At most four servers may be given."));
            }
            configurations.push(configuration(key, required_list(asked.values(), "dhcpConfiguration.value")?));
        }
        let id = self.put_dhcp_options(configurations);
        self.tags.put_all(&id, &tags);
        Ok(CreateDhcpOptionsOutput::builder().dhcp_options(self.dhcp_options.get(&id)?.shown(self)).build())
    }

    /// `default` is the initial options of an account.
    pub(super) fn associate_dhcp_options(&mut self, input: AssociateDhcpOptionsInput) -> Answer<AssociateDhcpOptionsOutput> {
        let id = match required(input.dhcp_options_id(), "dhcpOptionsId")? {
            "default" => self.default_dhcp_options(),
            id => self.dhcp_options.get(id)?.id().to_owned(),
        };
        self.vpcs.get_mut(required(input.vpc_id(), "vpcId")?)?.dhcp_options_id = Some(id);
        Ok(AssociateDhcpOptionsOutput::builder().build())
    }

    pub(super) fn delete_dhcp_options(&mut self, input: DeleteDhcpOptionsInput) -> Answer<DeleteDhcpOptionsOutput> {
        let id = required(input.dhcp_options_id(), "dhcpOptionsId")?;
        self.dhcp_options.get(id)?;
        if self.vpcs.iter().any(|vpc| vpc.dhcp_options_id() == Some(id)) {
            return Err(Refusal::dependency(format!("The dhcpOptions '{id}' has dependencies and cannot be deleted.")));
        }
        self.dhcp_options.take(id)?;
        self.tags.forget(id);
        Ok(DeleteDhcpOptionsOutput::builder().build())
    }
}
