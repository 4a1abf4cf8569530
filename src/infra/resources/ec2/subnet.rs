//! [`Subnet`]: a part of a network in one zone.

use serde::{Deserialize, Serialize};

use super::tags::{self, Tags, found_by_tags, tagged};
use super::{cidr, client, missing, remove};
use crate::boto3::ec2::types::{AttributeBooleanValue, ResourceType};
use crate::boto3::ec2::{Client, Filters as _};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A part of a network in one zone: `Subnet::new(vpc.id(), "10.0.1.0/24").zone("eu-west-1a")`.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSubnet.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subnet {
    vpc_id: Input<String>,
    cidr_block: String,
    availability_zone: Option<String>,
    map_public_ip_on_launch: bool,
    tags: Tags,
}

/// The outputs of [`Subnet`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct SubnetOut {
    /// The zone as all accounts name it: `euw1-az1`.
    pub availability_zone_id: String,
}

tagged!(Subnet);

impl Subnet {
    /// These addresses of this VPC.
    pub fn new(vpc_id: impl Into<Input<String>>, cidr_block: impl Into<String>) -> Subnet {
        let (vpc_id, cidr_block) = (vpc_id.into(), cidr_block.into());
        Subnet { vpc_id, cidr_block, availability_zone: None, map_public_ip_on_launch: false, tags: Tags::new() }
    }

    /// Puts it into this zone, `eu-west-1a`. Default: AWS chooses one.
    #[must_use]
    pub fn zone(self, name: impl Into<String>) -> Subnet {
        Subnet { availability_zone: Some(name.into()), ..self }
    }

    /// Gives instances that are launched here public addresses.
    #[must_use]
    pub fn public_addresses(self) -> Subnet {
        Subnet { map_public_ip_on_launch: true, ..self }
    }

    async fn write_public_addresses(&self, ec2: &Client, id: &str) -> crate::Result<()> {
        let value = AttributeBooleanValue::builder().value(self.map_public_ip_on_launch).build();
        ec2.modify_subnet_attribute(|modify| modify.subnet_id(id).map_public_ip_on_launch(value)).await?;
        Ok(())
    }
}

fn out(subnet: &crate::boto3::ec2::types::Subnet) -> SubnetOut {
    SubnetOut { availability_zone_id: subnet.availability_zone_id().unwrap_or_default().to_owned() }
}

impl Resource for Subnet {
    const TYPE: &'static str = "ec2.subnet";
    type Out = SubnetOut;
    const FIELDS: &'static [Field] = &[
        Field::new("vpc_id").force_new(),
        Field::new("cidr_block").force_new(),
        Field::new("availability_zone").force_new().computed(),
    ];

    found_by_tags!(Subnet);

    fn validate(&self) -> crate::Result<()> {
        cidr::check("cidr_block", &self.cidr_block)?;
        tags::check(&self.tags)
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Subnet>>) -> crate::Result<Option<Live<Subnet>>> {
        let described = client(scope).describe_subnets(|subnets| subnets.filter("subnet-id", [id.as_str()])).await?;
        let Some(subnet) = described.subnets().first() else { return Ok(None) };
        let inputs = Subnet {
            vpc_id: subnet.vpc_id().unwrap_or_default().into(),
            cidr_block: subnet.cidr_block().unwrap_or_default().to_owned(),
            availability_zone: subnet.availability_zone().map(str::to_owned),
            map_public_ip_on_launch: subnet.map_public_ip_on_launch() == Some(true),
            tags: tags::managed(subnet.tags()),
        };
        Ok(Some(Live::new(inputs, out(subnet))))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, SubnetOut)> {
        let (ec2, vpc) = (client(scope), self.vpc_id.required("vpc_id")?);
        let made = ec2
            .create_subnet(|create| {
                let tags = tags::specification(ResourceType::Subnet, &self.tags, token);
                let create = create.vpc_id(vpc).cidr_block(&self.cidr_block).tag_specifications(tags);
                create.set_availability_zone(self.availability_zone.clone())
            })
            .await?;
        let subnet = made.subnet().ok_or_else(|| missing("subnet"))?;
        let id = subnet.subnet_id().ok_or_else(|| missing("subnet"))?;
        ec2.get_waiter().subnet_available(|subnets| subnets.subnet_ids(id)).await?;
        if self.map_public_ip_on_launch {
            self.write_public_addresses(&ec2, id).await?;
        }
        Ok((Id::new(id), out(subnet)))
    }

    async fn update(&self, scope: &Scope, id: &Id, was: &Live<Subnet>) -> crate::Result<SubnetOut> {
        let (ec2, id) = (client(scope), id.as_str());
        if self.map_public_ip_on_launch != was.inputs.map_public_ip_on_launch {
            self.write_public_addresses(&ec2, id).await?;
        }
        tags::write(&ec2, id, &was.inputs.tags, &self.tags).await?;
        Ok(was.out.clone())
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Subnet>) -> crate::Result<()> {
        let ec2 = client(scope);
        remove(scope, &["InvalidSubnetID.NotFound"], || ec2.delete_subnet(|delete| delete.subnet_id(id.as_str()))).await
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let subnets = client(scope).describe_subnets(|subnets| subnets).await?;
        Ok(subnets.subnets().iter().filter_map(|subnet| subnet.subnet_id()).map(Id::new).collect())
    }
}
