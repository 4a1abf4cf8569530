//! IAM instance profiles of instances. There is no IAM here: every profile with a valid name
//! exists.

use aws_sdk_ec2::operation::{
    associate_iam_instance_profile::*, describe_iam_instance_profile_associations::*, disassociate_iam_instance_profile::*,
    replace_iam_instance_profile_association::*,
};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::agenda::delays;
use super::describe::describe;
use super::filter::filters;
use super::ids::fnv;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};

record!(
    IamInstanceProfileAssociation in profiles by association_id,
    Kind {
        prefix: "iip-assoc",
        resource: "",
        not_found: "InvalidAssociationID.NotFound",
        absent: "An invalid association-id of '{}' was given",
        malformed: None,
    },
    filters!(own: IamInstanceProfileAssociation =>
        "instance-id" = own.instance_id(),
        "state" = own.state(),
    )
);

describe! {
    paged describe_iam_instance_profile_associations(DescribeIamInstanceProfileAssociationsInput: association_ids, filters, "associationIds")
        -> DescribeIamInstanceProfileAssociationsOutput: set_iam_instance_profile_associations;
}

fn is_name(name: &str) -> bool {
    (1..=128).contains(&name.len()) && name.chars().all(|letter| letter.is_ascii_alphanumeric() || "+=,.@_-".contains(letter))
}

/// `arn:aws:iam::123456789012:instance-profile/path/name`
fn is_arn(arn: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let ["arn", partition, "iam", "", account, resource] = parts.as_slice() else { return false };
    let name = resource.strip_prefix("instance-profile/").and_then(|path| path.rsplit('/').next());
    partition.starts_with("aws")
        && account.len() == 12
        && account.bytes().all(|digit| digit.is_ascii_digit())
        && name.is_some_and(is_name)
}

/// Returns an id in the format of IAM, always the same for a profile.
fn id_of(arn: &str) -> String {
    let mut seed = fnv(arn);
    let mut id = "AIPA".to_owned();
    for _ in 0..17 {
        let digit = u32::try_from(seed % 32).unwrap_or(0);
        id.extend(char::from_digit(digit, 32).map(|letter| letter.to_ascii_uppercase()));
        seed = seed.rotate_right(5).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    id
}

/// Returns the profile that a request names.
pub(super) fn profile(asked: &IamInstanceProfileSpecification) -> Answer<IamInstanceProfile> {
    let arn = match (asked.name(), asked.arn()) {
        (Some(_), Some(_)) => {
            let message = "The parameter 'iamInstanceProfile.name' may not be used in combination with 'iamInstanceProfile.arn'";
            return Err(Refusal::combination(message));
        }
        (None, None) => return Err(Refusal::missing("IamInstanceProfile.Name or IamInstanceProfile.Arn")),
        (Some(name), None) if is_name(name) => format!("arn:aws:iam::{OWNER}:instance-profile/{name}"),
        (None, Some(arn)) if is_arn(arn) => arn.to_owned(),
        (Some(name), None) => {
            return Err(Refusal::bad_value(name, "iamInstanceProfile.name", "Invalid IAM Instance Profile name"));
        }
        (None, Some(arn)) => return Err(Refusal::bad_value(arn, "iamInstanceProfile.arn", "Invalid IAM Instance Profile ARN")),
    };
    Ok(IamInstanceProfile::builder().id(id_of(&arn)).arn(arn).build())
}

impl Region {
    /// Associates a profile with an instance.
    pub(super) fn put_profile(&mut self, instance_id: &str, profile: &IamInstanceProfile) -> IamInstanceProfileAssociation {
        let id = self.ids.next("iip-assoc");
        let association = IamInstanceProfileAssociation::builder()
            .association_id(&id)
            .instance_id(instance_id)
            .iam_instance_profile(profile.clone())
            .state(IamInstanceProfileAssociationState::Associating)
            .timestamp(self.stamp())
            .build();
        self.profiles.put(association.clone());
        self.later(delays::PROFILE, Region::profile_associated, &id);
        if let Ok(machine) = self.instances.get_mut(instance_id) {
            machine.instance.iam_instance_profile = Some(profile.clone());
        }
        association
    }

    fn profile_associated(&mut self, id: &str) {
        if let Ok(association) = self.profiles.get_mut(id)
            && association.state == Some(IamInstanceProfileAssociationState::Associating)
        {
            association.state = Some(IamInstanceProfileAssociationState::Associated);
        }
    }

    fn profile_gone(&mut self, id: &str) {
        let _ = self.profiles.take(id);
    }

    /// Ends the association, which is removed a little later.
    fn end_profile(&mut self, id: &str) -> Answer<IamInstanceProfileAssociation> {
        let association = self.profiles.get_mut(id)?;
        if association.state == Some(IamInstanceProfileAssociationState::Disassociating) {
            return Err(Refusal::new("IncorrectState", format!("The association '{id}' is in the state 'disassociating'")));
        }
        association.state = Some(IamInstanceProfileAssociationState::Disassociating);
        let ended = association.clone();
        self.later(delays::PROFILE, Region::profile_gone, id);
        if let Ok(machine) = self.instances.get_mut(ended.instance_id().unwrap_or_default()) {
            machine.instance.iam_instance_profile = None;
        }
        Ok(ended)
    }

    /// Ends the association of a terminated instance.
    pub(super) fn release_profiles(&mut self, instance_id: &str) {
        let own = self.profiles.iter().filter(|own| own.instance_id() == Some(instance_id));
        let ids: Vec<String> = own.map(|own| own.id().to_owned()).collect();
        ids.iter().for_each(|id| self.profile_gone(id));
    }

    pub(super) fn associate_iam_instance_profile(
        &mut self,
        input: AssociateIamInstanceProfileInput,
    ) -> Answer<AssociateIamInstanceProfileOutput> {
        let profile = profile(required(input.iam_instance_profile(), "IamInstanceProfile")?)?;
        let instance_id = required(input.instance_id(), "InstanceId")?;
        let state = self.instances.get(instance_id)?.state();
        if matches!(state, InstanceStateName::ShuttingDown | InstanceStateName::Terminated) {
            let message = format!("The instance '{instance_id}' is not in the 'running' or 'stopped' states.");
            return Err(Refusal::new("IncorrectInstanceState", message));
        }
        let lasts = |own: &&IamInstanceProfileAssociation| {
            own.instance_id() == Some(instance_id) && own.state() != Some(&IamInstanceProfileAssociationState::Disassociating)
        };
        if self.profiles.iter().any(|own| lasts(&own)) {
            let message = format!("There is an existing association for instance {instance_id}");
            return Err(Refusal::new("IncorrectState", message));
        }
        let made = self.put_profile(instance_id, &profile);
        Ok(AssociateIamInstanceProfileOutput::builder().iam_instance_profile_association(made).build())
    }

    pub(super) fn disassociate_iam_instance_profile(
        &mut self,
        input: DisassociateIamInstanceProfileInput,
    ) -> Answer<DisassociateIamInstanceProfileOutput> {
        let ended = self.end_profile(required(input.association_id(), "AssociationId")?)?;
        Ok(DisassociateIamInstanceProfileOutput::builder().iam_instance_profile_association(ended).build())
    }

    /// Ends the old association; the instance always has a profile.
    pub(super) fn replace_iam_instance_profile_association(
        &mut self,
        input: ReplaceIamInstanceProfileAssociationInput,
    ) -> Answer<ReplaceIamInstanceProfileAssociationOutput> {
        let profile = profile(required(input.iam_instance_profile(), "IamInstanceProfile")?)?;
        let old = self.end_profile(required(input.association_id(), "AssociationId")?)?;
        let made = self.put_profile(old.instance_id().unwrap_or_default(), &profile);
        Ok(ReplaceIamInstanceProfileAssociationOutput::builder().iam_instance_profile_association(made).build())
    }
}
