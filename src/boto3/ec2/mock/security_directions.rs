//! The operations on rules of security groups that exist for each direction.

use aws_sdk_ec2::operation::{
    authorize_security_group_egress::*, authorize_security_group_ingress::*, revoke_security_group_egress::*,
    revoke_security_group_ingress::*, update_security_group_rule_descriptions_egress::*,
    update_security_group_rule_descriptions_ingress::*,
};
use aws_sdk_ec2::types::*;

use super::refusal::Answer;
use super::region::Region;

/// Returns the permissions of a request, including those given as single parameters.
macro_rules! permissions {
    ($input:ident) => {{
        let mut permissions = $input.ip_permissions().to_vec();
        if let Some(protocol) = $input.ip_protocol() {
            let range = $input.cidr_ip().map(|cidr| IpRange::builder().cidr_ip(cidr).build());
            let group = $input.source_security_group_name().map(|name| {
                UserIdGroupPair::builder().group_name(name).set_user_id($input.source_security_group_owner_id.clone()).build()
            });
            let permission = IpPermission::builder()
                .ip_protocol(protocol)
                .set_from_port($input.from_port())
                .set_to_port($input.to_port())
                .set_ip_ranges(range.map(|range| vec![range]))
                .set_user_id_group_pairs(group.map(|group| vec![group]));
            permissions.push(permission.build());
        }
        permissions
    }};
}

/// The operations for each direction.
impl Region {
    pub(super) fn authorize_security_group_ingress(
        &mut self,
        input: AuthorizeSecurityGroupIngressInput,
    ) -> Answer<AuthorizeSecurityGroupIngressOutput> {
        let group_id = self.meant_group(input.group_id(), input.group_name())?;
        let rules = self.authorize(&group_id, false, &permissions!(input), input.tag_specifications())?;
        Ok(AuthorizeSecurityGroupIngressOutput::builder().r#return(true).set_security_group_rules(Some(rules)).build())
    }

    pub(super) fn authorize_security_group_egress(
        &mut self,
        input: AuthorizeSecurityGroupEgressInput,
    ) -> Answer<AuthorizeSecurityGroupEgressOutput> {
        let group_id = self.meant_group(input.group_id(), None)?;
        let rules = self.authorize(&group_id, true, &permissions!(input), input.tag_specifications())?;
        Ok(AuthorizeSecurityGroupEgressOutput::builder().r#return(true).set_security_group_rules(Some(rules)).build())
    }

    pub(super) fn revoke_security_group_ingress(
        &mut self,
        input: RevokeSecurityGroupIngressInput,
    ) -> Answer<RevokeSecurityGroupIngressOutput> {
        let group_id = self.meant_group(input.group_id(), input.group_name())?;
        let revoked = self.revoke(&group_id, false, &permissions!(input), input.security_group_rule_ids())?;
        Ok(RevokeSecurityGroupIngressOutput::builder().r#return(true).set_revoked_security_group_rules(Some(revoked)).build())
    }

    pub(super) fn revoke_security_group_egress(
        &mut self,
        input: RevokeSecurityGroupEgressInput,
    ) -> Answer<RevokeSecurityGroupEgressOutput> {
        let group_id = self.meant_group(input.group_id(), None)?;
        let revoked = self.revoke(&group_id, true, &permissions!(input), input.security_group_rule_ids())?;
        Ok(RevokeSecurityGroupEgressOutput::builder().r#return(true).set_revoked_security_group_rules(Some(revoked)).build())
    }

    pub(super) fn update_security_group_rule_descriptions_ingress(
        &mut self,
        input: UpdateSecurityGroupRuleDescriptionsIngressInput,
    ) -> Answer<UpdateSecurityGroupRuleDescriptionsIngressOutput> {
        let group_id = self.meant_group(input.group_id(), input.group_name())?;
        self.describe_rules(&group_id, false, input.ip_permissions(), input.security_group_rule_descriptions())?;
        Ok(UpdateSecurityGroupRuleDescriptionsIngressOutput::builder().r#return(true).build())
    }

    pub(super) fn update_security_group_rule_descriptions_egress(
        &mut self,
        input: UpdateSecurityGroupRuleDescriptionsEgressInput,
    ) -> Answer<UpdateSecurityGroupRuleDescriptionsEgressOutput> {
        let group_id = self.meant_group(input.group_id(), input.group_name())?;
        self.describe_rules(&group_id, true, input.ip_permissions(), input.security_group_rule_descriptions())?;
        Ok(UpdateSecurityGroupRuleDescriptionsEgressOutput::builder().r#return(true).build())
    }
}
