//! [`ElasticIp`]: a public address that stays.

use serde::{Deserialize, Serialize};

use super::tags::{self, Tags, found_by_tags, tagged};
use super::{client, found, known, missing};
use crate::boto3::ec2::types::{Address, DomainType, ResourceType};
use crate::boto3::ec2::{Client, Filters as _};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A public address that stays: `ElasticIp::new().instance(web.id())`.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AllocateAddress.html>
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct ElasticIp {
    instance_id: Option<Input<String>>,
    tags: Tags,
}

/// The outputs of [`ElasticIp`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ElasticIpOut {
    /// The address: `203.0.113.25`.
    pub public_ip: String,
}

tagged!(ElasticIp);

impl ElasticIp {
    /// An address that nothing uses yet.
    pub fn new() -> ElasticIp {
        ElasticIp::default()
    }

    /// Leads it to this instance. Not declared: to none.
    #[must_use]
    pub fn instance(self, id: impl Into<Input<String>>) -> ElasticIp {
        ElasticIp { instance_id: Some(id.into()), ..self }
    }
}

async fn associate(ec2: &Client, id: &str, instance: &str) -> crate::Result<()> {
    ec2.associate_address(|associate| associate.allocation_id(id).instance_id(instance).allow_reassociation(true)).await?;
    Ok(())
}

async fn described(ec2: &Client, id: &str) -> crate::Result<Option<Address>> {
    let addresses = ec2.describe_addresses(|addresses| addresses.filter("allocation-id", [id])).await?;
    Ok(addresses.addresses().first().cloned())
}

async fn part(ec2: &Client, address: &Address) -> crate::Result<()> {
    let Some(association) = address.association_id().filter(|id| !id.is_empty()) else { return Ok(()) };
    let parted = ec2.disassociate_address(|part| part.association_id(association)).await;
    found(parted, &["InvalidAssociationID.NotFound"]).map(drop)
}

impl Resource for ElasticIp {
    const TYPE: &'static str = "ec2.elastic_ip";
    type Out = ElasticIpOut;
    const FIELDS: &'static [Field] = &[];

    found_by_tags!(ElasticIp);

    fn validate(&self) -> crate::Result<()> {
        tags::check(&self.tags)
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<ElasticIp>>) -> crate::Result<Option<Live<ElasticIp>>> {
        let Some(address) = described(&client(scope), id.as_str()).await? else { return Ok(None) };
        let instance = address.instance_id().filter(|id| !id.is_empty());
        let inputs = ElasticIp { instance_id: instance.map(Input::from), tags: tags::managed(address.tags()) };
        Ok(Some(Live::new(inputs, ElasticIpOut { public_ip: address.public_ip().unwrap_or_default().to_owned() })))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, ElasticIpOut)> {
        let (ec2, instance) = (client(scope), known(self.instance_id.as_ref(), "instance_id")?);
        let tags = tags::specification(ResourceType::ElasticIp, &self.tags, token);
        let made = ec2.allocate_address(|allocate| allocate.domain(DomainType::Vpc).tag_specifications(tags)).await?;
        let id = made.allocation_id().ok_or_else(|| missing("address"))?;
        if let Some(instance) = instance {
            associate(&ec2, id, instance).await?;
        }
        Ok((Id::new(id), ElasticIpOut { public_ip: made.public_ip().unwrap_or_default().to_owned() }))
    }

    async fn update(&self, scope: &Scope, id: &Id, was: &Live<ElasticIp>) -> crate::Result<ElasticIpOut> {
        let (ec2, id) = (client(scope), id.as_str());
        let (before, now) =
            (known(was.inputs.instance_id.as_ref(), "instance_id")?, known(self.instance_id.as_ref(), "instance_id")?);
        match now {
            same if same == before => {}
            Some(instance) => associate(&ec2, id, instance).await?,
            None => {
                if let Some(address) = described(&ec2, id).await? {
                    part(&ec2, &address).await?;
                }
            }
        }
        tags::write(&ec2, id, &was.inputs.tags, &self.tags).await?;
        Ok(was.out.clone())
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<ElasticIp>) -> crate::Result<()> {
        let (ec2, id) = (client(scope), id.as_str());
        let Some(address) = described(&ec2, id).await? else { return Ok(()) };
        part(&ec2, &address).await?;
        let released = ec2.release_address(|release| release.allocation_id(id)).await;
        found(released, &["InvalidAllocationID.NotFound", "InvalidAddress.NotFound"]).map(drop)
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let addresses = client(scope).describe_addresses(|addresses| addresses).await?;
        Ok(addresses.addresses().iter().filter_map(|address| address.allocation_id()).map(Id::new).collect())
    }
}
