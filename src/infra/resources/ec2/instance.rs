//! [`Instance`]: a virtual machine.

use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};

use super::tags::{self, Tags, found_by_tags, tagged};
use super::{all_known, client, found, known, missing};
use crate::boto3::ec2::types::{AttributeValue, InstanceAttributeName, InstanceStateName, InstanceType, Placement, ResourceType};
use crate::boto3::ec2::{Client, Filters as _, types};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A virtual machine: `Instance::new("ami-0abc", "t3.micro").subnet(public.id()).group(web.id()).named("web")`.
///
/// Creating waits until it runs, deleting until it is terminated. A change of its type stops it and starts it again. What is not
/// declared (subnet, zone, key, address, groups, user data) is AWS's choice and stays as it is.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instance {
    image_id: Input<String>,
    instance_type: String,
    availability_zone: Option<String>,
    subnet_id: Option<Input<String>>,
    private_ip: Option<String>,
    key_name: Option<Input<String>>,
    security_group_ids: Option<Vec<Input<String>>>,
    user_data: Option<Input<String>>,
    state: InstanceState,
    tags: Tags,
}

/// The outputs of [`Instance`].
///
/// The public address is not among them: it changes when the instance is stopped and started, and when an address is associated. One that
/// stays is [`ElasticIpOut::public_ip`](super::ElasticIpOut::public_ip).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct InstanceOut {
    /// The address in its subnet.
    pub private_ip: Option<String>,
    /// The name that the private address has in the VPC.
    pub private_dns_name: Option<String>,
}

tagged!(Instance);

impl Instance {
    /// A machine of an image and a type.
    pub fn new(image_id: impl Into<Input<String>>, instance_type: impl Into<String>) -> Instance {
        Instance {
            image_id: image_id.into(),
            instance_type: instance_type.into(),
            availability_zone: None,
            subnet_id: None,
            private_ip: None,
            key_name: None,
            security_group_ids: None,
            user_data: None,
            state: InstanceState::Running,
            tags: Tags::new(),
        }
    }

    /// In this zone of the default VPC. A subnet implies its zone.
    #[must_use]
    pub fn zone(self, name: impl Into<String>) -> Instance {
        Instance { availability_zone: Some(name.into()), ..self }
    }

    /// In this subnet.
    #[must_use]
    pub fn subnet(self, id: impl Into<Input<String>>) -> Instance {
        Instance { subnet_id: Some(id.into()), ..self }
    }

    /// With this address of its subnet.
    #[must_use]
    pub fn private_ip(self, address: impl Into<String>) -> Instance {
        Instance { private_ip: Some(address.into()), ..self }
    }

    /// The name of the [`KeyPair`](super::KeyPair) that its first user accepts.
    #[must_use]
    pub fn key(self, name: impl Into<Input<String>>) -> Instance {
        Instance { key_name: Some(name.into()), ..self }
    }

    /// In this security group as well. Not declared: the VPC's default group.
    #[must_use]
    pub fn group(mut self, id: impl Into<Input<String>>) -> Instance {
        self.security_group_ids.get_or_insert_default().push(id.into());
        self
    }

    /// What cloud-init runs at the first boot, as text: a change makes another machine. [`Input::secret`] keeps it out of plan and state.
    #[must_use]
    pub fn user_data(self, text: impl Into<Input<String>>) -> Instance {
        Instance { user_data: Some(text.into()), ..self }
    }

    /// Stopped, not running.
    #[must_use]
    pub fn stopped(self) -> Instance {
        Instance { state: InstanceState::Stopped, ..self }
    }
}

/// Whether an instance runs, or is about to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum InstanceState {
    Running,
    Stopped,
}

impl InstanceState {
    /// None: it is terminated, or about to be.
    fn of(instance: &types::Instance) -> Option<InstanceState> {
        match instance.state().and_then(|state| state.name()) {
            Some(InstanceStateName::ShuttingDown | InstanceStateName::Terminated) => None,
            Some(InstanceStateName::Stopping | InstanceStateName::Stopped) => Some(InstanceState::Stopped),
            _ => Some(InstanceState::Running),
        }
    }
}

async fn stop(ec2: &Client, id: &str) -> crate::Result<()> {
    ec2.stop_instances(|stop| stop.instance_ids(id)).await?;
    ec2.get_waiter().instance_stopped(|instances| instances.instance_ids(id)).await?;
    Ok(())
}

async fn start(ec2: &Client, id: &str) -> crate::Result<()> {
    ec2.start_instances(|start| start.instance_ids(id)).await?;
    ec2.get_waiter().instance_running(|instances| instances.instance_ids(id)).await?;
    Ok(())
}

async fn described(ec2: &Client, id: &str) -> crate::Result<Option<types::Instance>> {
    let answer = ec2.describe_instances(|instances| instances.filter("instance-id", [id])).await?;
    Ok(answer.reservations().iter().flat_map(types::Reservation::instances).next().cloned())
}

fn out(instance: &types::Instance) -> InstanceOut {
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    InstanceOut { private_ip: text(instance.private_ip_address()), private_dns_name: text(instance.private_dns_name()) }
}

/// The user data as text; of data that is not text, how long it is.
pub(super) fn decoded(data: &str) -> String {
    match base64::decode(data).map(String::from_utf8) {
        Ok(Ok(text)) => text,
        Ok(Err(error)) => format!("(not UTF-8, {} bytes)", error.as_bytes().len()),
        Err(_) => "(not base64)".to_owned(),
    }
}

impl Resource for Instance {
    const TYPE: &'static str = "ec2.instance";
    type Out = InstanceOut;
    const FIELDS: &'static [Field] = &[
        Field::new("image_id").force_new(),
        Field::new("availability_zone").force_new().computed(),
        Field::new("subnet_id").force_new().computed(),
        Field::new("private_ip").force_new().computed(),
        Field::new("key_name").force_new().computed(),
        Field::new("security_group_ids").set().computed(),
        Field::new("user_data").force_new().computed(),
    ];

    found_by_tags!(Instance);

    fn validate(&self) -> crate::Result<()> {
        tags::check(&self.tags)
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Instance>>) -> crate::Result<Option<Live<Instance>>> {
        let (ec2, id) = (client(scope), id.as_str());
        let Some(instance) = described(&ec2, id).await? else { return Ok(None) };
        let Some(state) = InstanceState::of(&instance) else { return Ok(None) };
        let data = ec2.describe_instance_attribute(|get| get.instance_id(id).attribute(InstanceAttributeName::UserData)).await?;
        let data = data.user_data().and_then(AttributeValue::value).filter(|data| !data.is_empty());
        let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Input::from);
        let mut groups: Vec<&str> = instance.security_groups().iter().filter_map(|group| group.group_id()).collect();
        groups.sort_unstable();
        let inputs = Instance {
            image_id: instance.image_id().unwrap_or_default().into(),
            instance_type: instance.instance_type().map_or("", InstanceType::as_str).to_owned(),
            availability_zone: instance.placement().and_then(Placement::availability_zone).map(str::to_owned),
            subnet_id: text(instance.subnet_id()),
            private_ip: instance.private_ip_address().map(str::to_owned),
            key_name: text(instance.key_name()),
            security_group_ids: Some(groups.into_iter().map(Input::from).collect()),
            user_data: data.map(|data| decoded(data).into()),
            state,
            tags: tags::managed(instance.tags()),
        };
        Ok(Some(Live::new(inputs, out(&instance))))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, InstanceOut)> {
        let (ec2, image) = (client(scope), self.image_id.required("image_id")?);
        let (subnet, key) = (known(self.subnet_id.as_ref(), "subnet_id")?, known(self.key_name.as_ref(), "key_name")?);
        let data = known(self.user_data.as_ref(), "user_data")?.map(base64::encode);
        let groups = self.security_group_ids.as_ref().map(|groups| all_known(groups, "security_group_ids")).transpose()?;
        let made = ec2
            .run_instances(|run| {
                let run = run.min_count(1).max_count(1).client_token(token.as_str()).image_id(image);
                let run = run.instance_type(self.instance_type.as_str().into()).set_subnet_id(subnet.cloned());
                let run = run.set_key_name(key.cloned()).set_security_group_ids(groups).set_user_data(data);
                let run = run.set_private_ip_address(self.private_ip.clone());
                let zone = self.availability_zone.as_ref().filter(|_| subnet.is_none());
                let placement = zone.map(|zone| Placement::builder().availability_zone(zone).build());
                let tags = tags::specification(ResourceType::Instance, &self.tags, token);
                run.set_placement(placement).tag_specifications(tags)
            })
            .await?;
        let id = made.instances().first().and_then(|instance| instance.instance_id()).ok_or_else(|| missing("instance"))?;
        ec2.get_waiter().instance_running(|instances| instances.instance_ids(id)).await?;
        if self.state == InstanceState::Stopped {
            stop(&ec2, id).await?;
        }
        let instance = described(&ec2, id).await?.ok_or_else(|| missing("instance"))?;
        Ok((Id::new(id), out(&instance)))
    }

    async fn update(&self, scope: &Scope, id: &Id, was: &Live<Instance>) -> crate::Result<InstanceOut> {
        let (ec2, id) = (client(scope), id.as_str());
        let retyped = self.instance_type != was.inputs.instance_type;
        let stopped = self.state == InstanceState::Stopped;
        if was.inputs.state == InstanceState::Running && (retyped || stopped) {
            stop(&ec2, id).await?;
        }
        if was.inputs.state == InstanceState::Stopped && (retyped || !stopped) {
            // It may still be stopping.
            ec2.get_waiter().instance_stopped(|instances| instances.instance_ids(id)).await?;
        }
        if retyped {
            let value = AttributeValue::builder().value(&self.instance_type).build();
            ec2.modify_instance_attribute(|modify| modify.instance_id(id).instance_type(value)).await?;
        }
        if !stopped && (retyped || was.inputs.state == InstanceState::Stopped) {
            start(&ec2, id).await?;
        }
        if let Some(groups) = &self.security_group_ids {
            let now = all_known(groups, "security_group_ids")?;
            let mut before = all_known(was.inputs.security_group_ids.as_deref().unwrap_or_default(), "security_group_ids")?;
            let mut sorted = now.clone();
            before.sort_unstable();
            sorted.sort_unstable();
            if sorted != before {
                ec2.modify_instance_attribute(|modify| modify.instance_id(id).set_groups(Some(now))).await?;
            }
        }
        tags::write(&ec2, id, &was.inputs.tags, &self.tags).await?;
        let instance = described(&ec2, id).await?.ok_or_else(|| missing("instance"))?;
        Ok(out(&instance))
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Instance>) -> crate::Result<()> {
        let (ec2, id) = (client(scope), id.as_str());
        let terminated = ec2.terminate_instances(|terminate| terminate.instance_ids(id)).await;
        if found(terminated, &["InvalidInstanceID.NotFound"])?.is_some() {
            ec2.get_waiter().instance_terminated(|instances| instances.instance_ids(id)).await?;
        }
        Ok(())
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let answer = client(scope).describe_instances(|instances| instances).await?;
        let instances = answer.reservations().iter().flat_map(types::Reservation::instances);
        let alive = instances.filter(|instance| InstanceState::of(instance).is_some());
        Ok(alive.filter_map(|instance| instance.instance_id()).map(Id::new).collect())
    }
}
