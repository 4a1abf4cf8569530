//! [`SecurityGroup`]: a firewall with its rules.

use serde::{Deserialize, Serialize};

use super::rule::{self, Known, Rule};
use super::tags::{self, Tags, tagged};
use super::{client, known, missing, remove};
use crate::boto3::ec2::types::{IpPermission, ResourceType};
use crate::boto3::ec2::{Client, Filters as _};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A firewall with its rules: `SecurityGroup::new("web").vpc(vpc.id()).ingress(443)`.
///
/// Ingress that is not declared is revoked. Egress is not managed until a rule of it is declared, or [`SecurityGroup::no_egress`]: AWS
/// gives a new group a rule that lets everything out. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SecurityGroup {
    name: String,
    description: String,
    vpc_id: Option<Input<String>>,
    ingress: Vec<Rule>,
    egress: Option<Vec<Rule>>,
    tags: Tags,
}

tagged!(SecurityGroup);

impl SecurityGroup {
    /// A group of this name, in the default VPC.
    pub fn new(name: impl Into<String>) -> SecurityGroup {
        SecurityGroup {
            name: name.into(),
            description: "Managed by leyden".to_owned(),
            vpc_id: None,
            ingress: Vec::new(),
            egress: None,
            tags: Tags::new(),
        }
    }

    /// Describes the group. AWS cannot change it. Default: `Managed by leyden`.
    #[must_use]
    pub fn description(self, text: impl Into<String>) -> SecurityGroup {
        SecurityGroup { description: text.into(), ..self }
    }

    /// Puts it into this VPC.
    #[must_use]
    pub fn vpc(self, id: impl Into<Input<String>>) -> SecurityGroup {
        SecurityGroup { vpc_id: Some(id.into()), ..self }
    }

    /// Lets this in: a [`Rule`], or a port of TCP.
    #[must_use]
    pub fn ingress(mut self, rule: impl Into<Rule>) -> SecurityGroup {
        self.ingress.push(rule.into());
        self
    }

    /// Lets this out, and nothing that is not declared.
    #[must_use]
    pub fn egress(mut self, rule: impl Into<Rule>) -> SecurityGroup {
        self.egress.get_or_insert_default().push(rule.into());
        self
    }

    /// Lets nothing out.
    #[must_use]
    pub fn no_egress(self) -> SecurityGroup {
        SecurityGroup { egress: Some(Vec::new()), ..self }
    }

    async fn write_rules(&self, ec2: &Client, id: &str, was: &SecurityGroup) -> crate::Result<()> {
        let change = Change::between(&was.ingress, &self.ingress)?;
        if let Some(added) = change.permissions(&change.added, id) {
            ec2.authorize_security_group_ingress(|allow| allow.group_id(id).set_ip_permissions(Some(added))).await?;
        }
        if let Some(gone) = change.permissions(&change.gone, id) {
            ec2.revoke_security_group_ingress(|revoke| revoke.group_id(id).set_ip_permissions(Some(gone))).await?;
        }
        if let Some(about) = change.permissions(&change.described, id) {
            ec2.update_security_group_rule_descriptions_ingress(|update| update.group_id(id).set_ip_permissions(Some(about)))
                .await?;
        }
        let Some(egress) = &self.egress else { return Ok(()) };
        let change = Change::between(was.egress.as_deref().unwrap_or_default(), egress)?;
        if let Some(added) = change.permissions(&change.added, id) {
            ec2.authorize_security_group_egress(|allow| allow.group_id(id).set_ip_permissions(Some(added))).await?;
        }
        if let Some(gone) = change.permissions(&change.gone, id) {
            ec2.revoke_security_group_egress(|revoke| revoke.group_id(id).set_ip_permissions(Some(gone))).await?;
        }
        if let Some(about) = change.permissions(&change.described, id) {
            ec2.update_security_group_rule_descriptions_egress(|update| update.group_id(id).set_ip_permissions(Some(about)))
                .await?;
        }
        Ok(())
    }
}

/// How the rules of one direction change. New rules are added before old ones are revoked, so that nothing is cut off in between.
struct Change {
    added: Vec<Known>,
    gone: Vec<Known>,
    described: Vec<Known>,
}

impl Change {
    fn between(was: &[Rule], now: &[Rule]) -> crate::Result<Change> {
        let all = |rules: &[Rule]| rules.iter().map(Rule::known).collect::<crate::Result<Vec<Known>>>();
        let (was, now) = (all(was)?, all(now)?);
        let has = |rules: &[Known], rule: &Known| rules.iter().any(|other| other.key == rule.key);
        Ok(Change {
            added: now.iter().filter(|rule| !has(&was, rule)).cloned().collect(),
            gone: was.iter().filter(|rule| !has(&now, rule)).cloned().collect(),
            described: now.iter().filter(|rule| has(&was, rule) && !was.contains(rule)).cloned().collect(),
        })
    }

    fn permissions(&self, rules: &[Known], own: &str) -> Option<Vec<IpPermission>> {
        (!rules.is_empty()).then(|| rules.iter().map(|rule| rule.permission(own)).collect())
    }
}

impl Resource for SecurityGroup {
    const TYPE: &'static str = "ec2.security_group";
    type Out = ();
    const FINDS_BY_TOKEN: bool = true;
    const FIELDS: &'static [Field] = &[
        Field::new("name").force_new(),
        Field::new("description").force_new(),
        Field::new("vpc_id").force_new().computed(),
        Field::new("ingress").set(),
        Field::new("egress").set().computed(),
    ];

    fn validate(&self) -> crate::Result<()> {
        rule::check_text("the name", &self.name)?;
        rule::check_text("the description", &self.description)?;
        rule::check(&self.ingress)?;
        rule::check(self.egress.as_deref().unwrap_or_default())?;
        tags::check(&self.tags)
    }

    async fn find(&self, scope: &Scope, token: &Token) -> crate::Result<Option<Id>> {
        tags::made_with::<SecurityGroup>(scope, &ResourceType::SecurityGroup, token).await
    }

    /// A group's name is unique in its VPC.
    async fn lookup(&self, scope: &Scope) -> crate::Result<Option<Id>> {
        let vpc = match &self.vpc_id {
            None => None,
            Some(vpc) => match vpc.get() {
                // The VPC does not exist yet, so neither does a group in it.
                None => return Ok(None),
                known => known,
            },
        };
        let groups = client(scope)
            .describe_security_groups(|groups| {
                let groups = groups.filter("group-name", [self.name.as_str()]);
                vpc.into_iter().fold(groups, |groups, vpc| groups.filter("vpc-id", [vpc.as_str()]))
            })
            .await?;
        let ids = groups.security_groups().iter().filter_map(|group| group.group_id()).map(Id::new).collect();
        tags::one(ids, &format!("the group name {}", self.name))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<SecurityGroup>>) -> crate::Result<Option<Live<SecurityGroup>>> {
        let described = client(scope).describe_security_groups(|groups| groups.filter("group-id", [id.as_str()])).await?;
        let Some(group) = described.security_groups().first() else { return Ok(None) };
        let inputs = SecurityGroup {
            name: group.group_name().unwrap_or_default().to_owned(),
            description: group.description().unwrap_or_default().to_owned(),
            vpc_id: group.vpc_id().map(Input::from),
            ingress: rule::rules(group.ip_permissions(), id.as_str()),
            egress: Some(rule::rules(group.ip_permissions_egress(), id.as_str())),
            tags: tags::managed(group.tags()),
        };
        Ok(Some(Live::new(inputs, ())))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, ())> {
        let (ec2, vpc) = (client(scope), known(self.vpc_id.as_ref(), "vpc_id")?);
        let made = ec2
            .create_security_group(|create| {
                let tags = tags::specification(ResourceType::SecurityGroup, &self.tags, token);
                let create = create.group_name(&self.name).description(&self.description).tag_specifications(tags);
                create.set_vpc_id(vpc.cloned())
            })
            .await?;
        let id = Id::new(made.group_id().ok_or_else(|| missing("security group"))?);
        ec2.get_waiter().security_group_exists(|groups| groups.group_ids(id.as_str())).await?;
        let live = SecurityGroup::read(scope, &id, None).await?.ok_or_else(|| missing("security group"))?;
        self.write_rules(&ec2, id.as_str(), &live.inputs).await?;
        Ok((id, ()))
    }

    async fn update(&self, scope: &Scope, id: &Id, was: &Live<SecurityGroup>) -> crate::Result<()> {
        let (ec2, id) = (client(scope), id.as_str());
        self.write_rules(&ec2, id, &was.inputs).await?;
        tags::write(&ec2, id, &was.inputs.tags, &self.tags).await
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<SecurityGroup>) -> crate::Result<()> {
        let ec2 = client(scope);
        let delete = || ec2.delete_security_group(|delete| delete.group_id(id.as_str()));
        remove(scope, &["InvalidGroup.NotFound"], delete).await
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let groups = client(scope).describe_security_groups(|groups| groups).await?;
        Ok(groups.security_groups().iter().filter_map(|group| group.group_id()).map(Id::new).collect())
    }
}
