//! [`Vpc`]: a virtual network.

use serde::{Deserialize, Serialize};

use super::tags::{self, Tags, found_by_tags, tagged};
use super::{cidr, client, missing, remove};
use crate::boto3::ec2::types::{AttributeBooleanValue, ResourceType, VpcAttributeName};
use crate::boto3::ec2::{Client, Filters as _};
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A virtual network: `Vpc::new("10.0.0.0/16").named("prod")`.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVpc.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Vpc {
    cidr_block: String,
    enable_dns_support: Option<bool>,
    enable_dns_hostnames: Option<bool>,
    tags: Tags,
}

/// The outputs of [`Vpc`]: what AWS makes with it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct VpcOut {
    /// The security group of instances that name none.
    pub default_security_group_id: String,
    /// The route table of subnets that are in no other.
    pub main_route_table_id: String,
}

tagged!(Vpc);

impl Vpc {
    /// A network of these addresses, a block of /16 to /28.
    pub fn new(cidr_block: impl Into<String>) -> Vpc {
        Vpc { cidr_block: cidr_block.into(), enable_dns_support: None, enable_dns_hostnames: None, tags: Tags::new() }
    }

    /// Gives instances with public addresses public names. Not declared: whatever it is stays; AWS's default is off.
    #[must_use]
    pub fn dns_hostnames(self) -> Vpc {
        Vpc { enable_dns_hostnames: Some(true), ..self }
    }

    /// Gives instances no public names, whatever it is now.
    #[must_use]
    pub fn no_dns_hostnames(self) -> Vpc {
        Vpc { enable_dns_hostnames: Some(false), ..self }
    }

    /// Switches Amazon's resolver off. Not declared: whatever it is stays; AWS's default is on.
    #[must_use]
    pub fn no_dns_support(self) -> Vpc {
        Vpc { enable_dns_support: Some(false), ..self }
    }

    async fn write_attributes(&self, ec2: &Client, id: &str, was: &Vpc) -> crate::Result<()> {
        let value = |on: bool| AttributeBooleanValue::builder().value(on).build();
        // One attribute a call is all that the service accepts.
        if let Some(on) = self.enable_dns_support.filter(|_| self.enable_dns_support != was.enable_dns_support) {
            ec2.modify_vpc_attribute(|modify| modify.vpc_id(id).enable_dns_support(value(on))).await?;
        }
        if let Some(on) = self.enable_dns_hostnames.filter(|_| self.enable_dns_hostnames != was.enable_dns_hostnames) {
            ec2.modify_vpc_attribute(|modify| modify.vpc_id(id).enable_dns_hostnames(value(on))).await?;
        }
        Ok(())
    }

    async fn out(ec2: &Client, id: &str) -> crate::Result<VpcOut> {
        let groups =
            ec2.describe_security_groups(|groups| groups.filter("vpc-id", [id]).filter("group-name", ["default"])).await?;
        let tables =
            ec2.describe_route_tables(|tables| tables.filter("vpc-id", [id]).filter("association.main", ["true"])).await?;
        let group = groups.security_groups().first().and_then(|group| group.group_id());
        let table = tables.route_tables().first().and_then(|table| table.route_table_id());
        Ok(VpcOut {
            default_security_group_id: group.unwrap_or_default().to_owned(),
            main_route_table_id: table.unwrap_or_default().to_owned(),
        })
    }
}

impl Resource for Vpc {
    const TYPE: &'static str = "ec2.vpc";
    type Out = VpcOut;
    const FIELDS: &'static [Field] = &[
        Field::new("cidr_block").force_new(),
        Field::new("enable_dns_support").computed(),
        Field::new("enable_dns_hostnames").computed(),
    ];

    found_by_tags!(Vpc);

    fn validate(&self) -> crate::Result<()> {
        cidr::check("cidr_block", &self.cidr_block)?;
        tags::check(&self.tags)
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Vpc>>) -> crate::Result<Option<Live<Vpc>>> {
        let (ec2, id) = (client(scope), id.as_str());
        let described = ec2.describe_vpcs(|vpcs| vpcs.filter("vpc-id", [id])).await?;
        let Some(vpc) = described.vpcs().first() else { return Ok(None) };
        let attribute = |name| ec2.describe_vpc_attribute(|attribute| attribute.vpc_id(id).attribute(name));
        let support = attribute(VpcAttributeName::EnableDnsSupport).await?;
        let hostnames = attribute(VpcAttributeName::EnableDnsHostnames).await?;
        let inputs = Vpc {
            cidr_block: vpc.cidr_block().unwrap_or_default().to_owned(),
            enable_dns_support: support.enable_dns_support().and_then(AttributeBooleanValue::value),
            enable_dns_hostnames: hostnames.enable_dns_hostnames().and_then(AttributeBooleanValue::value),
            tags: tags::managed(vpc.tags()),
        };
        Ok(Some(Live::new(inputs, Vpc::out(&ec2, id).await?)))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, VpcOut)> {
        let ec2 = client(scope);
        let made = ec2
            .create_vpc(|create| {
                let tags = tags::specification(ResourceType::Vpc, &self.tags, token);
                create.cidr_block(&self.cidr_block).tag_specifications(tags)
            })
            .await?;
        let id = made.vpc().and_then(|vpc| vpc.vpc_id()).ok_or_else(|| missing("VPC"))?;
        ec2.get_waiter().vpc_available(|vpcs| vpcs.vpc_ids(id)).await?;
        self.write_attributes(&ec2, id, &Vpc::new(&self.cidr_block)).await?;
        Ok((Id::new(id), Vpc::out(&ec2, id).await?))
    }

    async fn update(&self, scope: &Scope, id: &Id, was: &Live<Vpc>) -> crate::Result<VpcOut> {
        let (ec2, id) = (client(scope), id.as_str());
        self.write_attributes(&ec2, id, &was.inputs).await?;
        tags::write(&ec2, id, &was.inputs.tags, &self.tags).await?;
        Ok(was.out.clone())
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Vpc>) -> crate::Result<()> {
        let ec2 = client(scope);
        remove(scope, &["InvalidVpcID.NotFound"], || ec2.delete_vpc(|delete| delete.vpc_id(id.as_str()))).await
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let vpcs = client(scope).describe_vpcs(|vpcs| vpcs).await?;
        Ok(vpcs.vpcs().iter().filter_map(|vpc| vpc.vpc_id()).map(Id::new).collect())
    }
}
