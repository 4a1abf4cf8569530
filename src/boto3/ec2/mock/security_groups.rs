//! Security groups; their rules are in [`security_rules`](super::security_rules).

use aws_sdk_ec2::operation::{create_security_group::*, delete_security_group::*, describe_security_groups::*};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::describe::{check_max_results, page};
use super::filter::{each, filters};
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

/// The same names for both directions, the outgoing ones with the prefix `egress.`.
macro_rules! group_filters {
    ($group:ident; $($in:literal $out:literal = |$permission:ident| $value:expr),* $(,)?) => {
        filters!($group: SecurityGroup =>
            "description" = $group.description(),
            "group-id" = $group.group_id(),
            "group-name" = $group.group_name(),
            "owner-id" = $group.owner_id(),
            "vpc-id" = $group.vpc_id(),
            $($in = each($group.ip_permissions(), |$permission| $value),)*
            $($out = each($group.ip_permissions_egress(), |$permission| $value),)*
        )
    };
}

record!(
    SecurityGroup in groups by group_id, tagged tags, shown by with_permissions,
    Kind {
        prefix: "sg",
        resource: "security-group",
        not_found: "InvalidGroup.NotFound",
        absent: "The security group '{}' does not exist",
        malformed: Some("InvalidGroupId.Malformed"),
    },
    group_filters!(group;
        "ip-permission.cidr" "egress.ip-permission.cidr" = |to| each(to.ip_ranges(), IpRange::cidr_ip),
        "ip-permission.ipv6-cidr" "egress.ip-permission.ipv6-cidr" = |to| each(to.ipv6_ranges(), Ipv6Range::cidr_ipv6),
        "ip-permission.from-port" "egress.ip-permission.from-port" = |to| to.from_port(),
        "ip-permission.to-port" "egress.ip-permission.to-port" = |to| to.to_port(),
        "ip-permission.protocol" "egress.ip-permission.protocol" = |to| to.ip_protocol(),
        "ip-permission.prefix-list-id" "egress.ip-permission.prefix-list-id" = |to| each(to.prefix_list_ids(), PrefixListId::prefix_list_id),
        "ip-permission.group-id" "egress.ip-permission.group-id" = |to| each(to.user_id_group_pairs(), UserIdGroupPair::group_id),
        "ip-permission.group-name" "egress.ip-permission.group-name" = |to| each(to.user_id_group_pairs(), UserIdGroupPair::group_name),
        "ip-permission.user-id" "egress.ip-permission.user-id" = |to| each(to.user_id_group_pairs(), UserIdGroupPair::user_id),
    )
);

fn with_permissions(region: &Region, group: &mut SecurityGroup) {
    group.ip_permissions = Some(region.permissions(group.id(), false));
    group.ip_permissions_egress = Some(region.permissions(group.id(), true));
}

impl Region {
    /// Returns a group by its name, in a VPC.
    pub(super) fn group_named(&self, vpc_id: &str, name: &str) -> Answer<&SecurityGroup> {
        let meant = |group: &&SecurityGroup| group.vpc_id() == Some(vpc_id) && group.group_name() == Some(name);
        self.groups.iter().find(meant).ok_or_else(|| {
            let message = format!("The security group '{name}' does not exist in VPC '{vpc_id}'");
            Refusal::new("InvalidGroup.NotFound", message)
        })
    }

    /// Returns the groups for an interface in this VPC; by default the default group.
    pub(super) fn groups_for(&self, vpc_id: &str, ids: &[String], names: &[String]) -> Answer<Vec<GroupIdentifier>> {
        let mut groups = Vec::new();
        for id in ids {
            let group = self.groups.get(id)?;
            if group.vpc_id() != Some(vpc_id) {
                let message = format!("Security group {id} and the subnet belong to different networks.");
                return Err(Refusal::new("InvalidParameter", message));
            }
            groups.push(group);
        }
        for name in names {
            groups.push(self.group_named(vpc_id, name)?);
        }
        if groups.is_empty() {
            groups.push(self.group_named(vpc_id, "default")?);
        }
        let identified = groups.into_iter().map(|group| {
            GroupIdentifier::builder().set_group_id(group.group_id.clone()).set_group_name(group.group_name.clone()).build()
        });
        Ok(identified.collect())
    }

    /// Returns the group of an operation: by id, or by name in the default VPC.
    pub(super) fn meant_group(&self, id: Option<&str>, name: Option<&str>) -> Answer<String> {
        match (id, name) {
            (Some(id), _) => Ok(self.groups.get(id)?.id().to_owned()),
            (None, Some(name)) => {
                let vpc = self.default_vpc().unwrap_or_default();
                Ok(self.group_named(&vpc, name).map_err(|_| SecurityGroup::KIND.absent_name(name))?.id().to_owned())
            }
            (None, None) => Err(Refusal::missing("GroupName or GroupId")),
        }
    }

    /// Creates a group with the default rule that allows all outgoing traffic.
    fn make_group(&mut self, vpc_id: &str, name: &str, description: &str) -> String {
        let id = self.ids.next("sg");
        let group = SecurityGroup::builder()
            .group_id(&id)
            .group_name(name)
            .description(description)
            .vpc_id(vpc_id)
            .owner_id(OWNER)
            .security_group_arn(self.arn("security-group", &id));
        self.groups.put(group.build());
        self.put_rule(
            SecurityGroupRule::builder()
                .group_id(&id)
                .is_egress(true)
                .ip_protocol("-1")
                .from_port(-1)
                .to_port(-1)
                .cidr_ipv4("0.0.0.0/0")
                .build(),
        );
        id
    }

    /// Creates the default group of a VPC, whose members may reach each other.
    pub(super) fn make_default_group(&mut self, vpc_id: &str) {
        let id = self.make_group(vpc_id, "default", "default VPC security group");
        let own = ReferencedSecurityGroup::builder().group_id(&id).user_id(OWNER).build();
        self.put_rule(
            SecurityGroupRule::builder()
                .group_id(&id)
                .is_egress(false)
                .ip_protocol("-1")
                .from_port(-1)
                .to_port(-1)
                .referenced_group_info(own)
                .build(),
        );
    }

    pub(super) fn create_security_group(&mut self, input: CreateSecurityGroupInput) -> Answer<CreateSecurityGroupOutput> {
        let tags = specified_for(input.tag_specifications(), "security-group")?;
        let name = required(input.group_name(), "GroupName")?;
        let description = required(input.description(), "GroupDescription")?;
        let vpc_id = match input.vpc_id() {
            Some(id) => self.vpcs.get(id)?.id().to_owned(),
            None => self.default_vpc().ok_or_else(|| Refusal::new("VPCIdNotSpecified", "No default VPC for this user"))?,
        };
        let allowed = |letter: char| letter.is_ascii_alphanumeric() || " ._-:/()#,@[]+=&;{}!$*".contains(letter);
        for (what, text) in [("group name", name), ("group description", description)] {
            if text.is_empty() || text.chars().count() > 255 || !text.chars().all(allowed) {
                let message = format!(
                    "Value ({text}) for parameter {} is invalid. Character sets beyond ASCII are not supported.",
                    what.replace("group name", "groupName").replace("group description", "GroupDescription")
                );
                return Err(Refusal::value(message));
            }
        }
        if name.starts_with("sg-") {
            return Err(Refusal::value(format!(
                "Value ({name}) for parameter groupName is invalid. Group names may not be in the format sg-*."
            )));
        }
        if name == "default" {
            return Err(Refusal::new("InvalidParameterValue", "Cannot use reserved security group name: default"));
        }
        if self.group_named(&vpc_id, name).is_ok() {
            let message = format!("The security group '{name}' already exists for VPC '{vpc_id}'");
            return Err(Refusal::new("InvalidGroup.Duplicate", message));
        }
        let id = self.make_group(&vpc_id, name, description);
        self.tags.put_all(&id, &tags);
        Ok(CreateSecurityGroupOutput::builder()
            .set_tags(Some(self.tags.of(&id)))
            .security_group_arn(self.arn("security-group", &id))
            .group_id(id)
            .build())
    }

    pub(super) fn delete_security_group(&mut self, input: DeleteSecurityGroupInput) -> Answer<DeleteSecurityGroupOutput> {
        let id = self.meant_group(input.group_id(), input.group_name())?;
        if self.groups.get(&id)?.group_name() == Some("default") {
            let message = format!("the specified group: \"{id}\" name: \"default\" cannot be deleted by a user");
            return Err(Refusal::new("CannotDelete", message));
        }
        let own = Some(id.as_str());
        let used = self.interfaces.iter().flat_map(NetworkInterface::groups).any(|group| group.group_id() == own);
        let named = self.rules.iter().any(|rule| {
            rule.group_id() != own && rule.referenced_group_info().and_then(ReferencedSecurityGroup::group_id) == own
        });
        if used || named {
            return Err(Refusal::dependency(format!("resource {id} has a dependent object")));
        }
        self.groups.take(&id)?;
        self.forget_rules_of(&id);
        self.tags.forget(&id);
        Ok(DeleteSecurityGroupOutput::builder().group_id(id).build())
    }

    pub(super) fn describe_security_groups(
        &mut self,
        input: DescribeSecurityGroupsInput,
    ) -> Answer<DescribeSecurityGroupsOutput> {
        check_max_results(input.max_results(), input.group_ids(), "groupIds")?;
        let vpc = self.default_vpc().unwrap_or_default();
        for name in input.group_names() {
            self.group_named(&vpc, name).map_err(|_| SecurityGroup::KIND.absent_name(name))?;
        }
        let mut groups: Vec<SecurityGroup> = self.listed(input.group_ids(), input.filters())?;
        let names = input.group_names();
        groups.retain(|group| {
            let named = names.iter().any(|name| group.group_name() == Some(name)) && group.vpc_id() == Some(&vpc);
            names.is_empty() || named
        });
        let (groups, next) = page(groups, input.max_results(), input.next_token())?;
        Ok(DescribeSecurityGroupsOutput::builder().set_security_groups(Some(groups)).set_next_token(next).build())
    }
}
