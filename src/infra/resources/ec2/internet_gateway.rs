//! [`InternetGateway`]: the way from a network to the internet.

use serde::{Deserialize, Serialize};

use super::tags::{self, Tags, found_by_tags, tagged};
use super::{client, known, missing, remove};
use crate::boto3::ec2::types::ResourceType;
use crate::boto3::ec2::{Client, Filters as _};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// The way from a network to the internet, attached to a VPC: `InternetGateway::new(vpc.id())`.
///
/// It can be detached once no public address is in use in the VPC. So declare instances and addresses that have one with
/// `.after(&gateway)`: they are then deleted before it.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateInternetGateway.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct InternetGateway {
    /// None: detached.
    vpc_id: Option<Input<String>>,
    tags: Tags,
}

tagged!(InternetGateway);

impl InternetGateway {
    /// A gateway of this VPC.
    pub fn new(vpc_id: impl Into<Input<String>>) -> InternetGateway {
        InternetGateway { vpc_id: Some(vpc_id.into()), tags: Tags::new() }
    }
}

async fn attach(ec2: &Client, id: &str, vpc: &str) -> crate::Result<()> {
    ec2.attach_internet_gateway(|attach| attach.internet_gateway_id(id).vpc_id(vpc)).await?;
    Ok(())
}

/// Detaching waits for the public addresses of the VPC to go.
async fn detach(scope: &Scope, ec2: &Client, id: &str, vpc: &str) -> crate::Result<()> {
    let gone = ["Gateway.NotAttached", "InvalidInternetGatewayID.NotFound"];
    remove(scope, &gone, || ec2.detach_internet_gateway(|detach| detach.internet_gateway_id(id).vpc_id(vpc))).await
}

impl Resource for InternetGateway {
    const TYPE: &'static str = "ec2.internet_gateway";
    type Out = ();
    const FIELDS: &'static [Field] = &[];

    found_by_tags!(InternetGateway);

    fn validate(&self) -> crate::Result<()> {
        tags::check(&self.tags)
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<InternetGateway>>) -> crate::Result<Option<Live<InternetGateway>>> {
        let described =
            client(scope).describe_internet_gateways(|gateways| gateways.filter("internet-gateway-id", [id.as_str()])).await?;
        let Some(gateway) = described.internet_gateways().first() else { return Ok(None) };
        let vpc = gateway.attachments().first().and_then(|to| to.vpc_id());
        let inputs = InternetGateway { vpc_id: vpc.map(Input::from), tags: tags::managed(gateway.tags()) };
        Ok(Some(Live::new(inputs, ())))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, ())> {
        let (ec2, vpc) = (client(scope), known(self.vpc_id.as_ref(), "vpc_id")?);
        let tags = tags::specification(ResourceType::InternetGateway, &self.tags, token);
        let made = ec2.create_internet_gateway(|create| create.tag_specifications(tags)).await?;
        let id = made.internet_gateway().and_then(|gateway| gateway.internet_gateway_id());
        let id = id.ok_or_else(|| missing("internet gateway"))?;
        if let Some(vpc) = vpc {
            attach(&ec2, id, vpc).await?;
        }
        Ok((Id::new(id), ()))
    }

    async fn update(&self, scope: &Scope, id: &Id, was: &Live<InternetGateway>) -> crate::Result<()> {
        let (ec2, id) = (client(scope), id.as_str());
        let (before, now) = (known(was.inputs.vpc_id.as_ref(), "vpc_id")?, known(self.vpc_id.as_ref(), "vpc_id")?);
        if before != now {
            if let Some(vpc) = before {
                detach(scope, &ec2, id, vpc).await?;
            }
            if let Some(vpc) = now {
                attach(&ec2, id, vpc).await?;
            }
        }
        tags::write(&ec2, id, &was.inputs.tags, &self.tags).await
    }

    async fn delete(scope: &Scope, id: &Id, was: &Live<InternetGateway>) -> crate::Result<()> {
        let (ec2, id) = (client(scope), id.as_str());
        if let Some(vpc) = known(was.inputs.vpc_id.as_ref(), "vpc_id")? {
            detach(scope, &ec2, id, vpc).await?;
        }
        let delete = || ec2.delete_internet_gateway(|delete| delete.internet_gateway_id(id));
        remove(scope, &["InvalidInternetGatewayID.NotFound"], delete).await
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let gateways = client(scope).describe_internet_gateways(|gateways| gateways).await?;
        Ok(gateways.internet_gateways().iter().filter_map(|gateway| gateway.internet_gateway_id()).map(Id::new).collect())
    }
}
