//! [`LaunchTemplate`]: how instances are launched.

use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};

use super::tags::{self, Tags, tagged};
use super::{all_known, client, found, known, missing};
use crate::boto3::ec2::types::{
    InstanceType, LaunchTemplateTagSpecificationRequest, LaunchTemplateVersion, RequestLaunchTemplateData, ResourceType,
};
use crate::boto3::ec2::{Client, Filters as _, types};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// How instances are launched, for fleets and scaling groups: `LaunchTemplate::new("web").image("ami-0abc").instance_type("t3.micro")`.
///
/// A change makes a new version of what is declared here, which becomes the default; old versions stay.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateLaunchTemplate.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct LaunchTemplate {
    name: String,
    image_id: Option<Input<String>>,
    instance_type: Option<String>,
    key_name: Option<Input<String>>,
    security_group_ids: Vec<Input<String>>,
    user_data: Option<Input<String>>,
    instance_tags: Tags,
    tags: Tags,
}

/// The outputs of [`LaunchTemplate`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct LaunchTemplateOut {
    /// `lt-0123456789abcdef0`.
    pub template_id: String,
    /// The number of the version that is used by default.
    pub default_version: i64,
}

tagged!(LaunchTemplate);

impl LaunchTemplate {
    /// A template of this name, of 3 to 128 characters.
    pub fn new(name: impl Into<String>) -> LaunchTemplate {
        LaunchTemplate {
            name: name.into(),
            image_id: None,
            instance_type: None,
            key_name: None,
            security_group_ids: Vec::new(),
            user_data: None,
            instance_tags: Tags::new(),
            tags: Tags::new(),
        }
    }

    /// The image.
    #[must_use]
    pub fn image(self, id: impl Into<Input<String>>) -> LaunchTemplate {
        LaunchTemplate { image_id: Some(id.into()), ..self }
    }

    /// The type of the instances.
    #[must_use]
    pub fn instance_type(self, name: impl Into<String>) -> LaunchTemplate {
        LaunchTemplate { instance_type: Some(name.into()), ..self }
    }

    /// The name of the key pair.
    #[must_use]
    pub fn key(self, name: impl Into<Input<String>>) -> LaunchTemplate {
        LaunchTemplate { key_name: Some(name.into()), ..self }
    }

    /// In this security group as well.
    #[must_use]
    pub fn group(mut self, id: impl Into<Input<String>>) -> LaunchTemplate {
        self.security_group_ids.push(id.into());
        self
    }

    /// What cloud-init runs at the first boot, as text.
    #[must_use]
    pub fn user_data(self, text: impl Into<Input<String>>) -> LaunchTemplate {
        LaunchTemplate { user_data: Some(text.into()), ..self }
    }

    /// A tag of the instances; [`LaunchTemplate::tag`] is one of the template itself.
    #[must_use]
    pub fn instance_tag(mut self, key: impl Into<String>, value: impl Into<String>) -> LaunchTemplate {
        self.instance_tags.insert(key.into(), value.into());
        self
    }

    fn data(&self) -> crate::Result<RequestLaunchTemplateData> {
        let groups = all_known(&self.security_group_ids, "security_group_ids")?;
        let tags: Vec<types::Tag> = tags::list(&self.instance_tags).collect();
        let tags = (!tags.is_empty()).then(|| {
            LaunchTemplateTagSpecificationRequest::builder().resource_type(ResourceType::Instance).set_tags(Some(tags)).build()
        });
        Ok(RequestLaunchTemplateData::builder()
            .set_image_id(known(self.image_id.as_ref(), "image_id")?.cloned())
            .set_instance_type(self.instance_type.as_deref().map(InstanceType::from))
            .set_key_name(known(self.key_name.as_ref(), "key_name")?.cloned())
            .set_security_group_ids((!groups.is_empty()).then_some(groups))
            .set_user_data(known(self.user_data.as_ref(), "user_data")?.map(base64::encode))
            .set_tag_specifications(tags.map(|tags| vec![tags]))
            .build())
    }

    /// The template with what one of its versions says.
    fn of_version(version: &LaunchTemplateVersion, name: &str, tags: Tags) -> LaunchTemplate {
        let template = LaunchTemplate { tags, ..LaunchTemplate::new(name) };
        let Some(data) = version.launch_template_data() else { return template };
        let text = |text: Option<&str>| text.map(Input::from);
        let of_instances = data.tag_specifications().iter().filter(|tags| tags.resource_type() == Some(&ResourceType::Instance));
        LaunchTemplate {
            image_id: text(data.image_id()),
            instance_type: data.instance_type().map(|kind| kind.as_str().to_owned()),
            key_name: text(data.key_name()),
            security_group_ids: data.security_group_ids().iter().map(|id| id.as_str().into()).collect(),
            user_data: data.user_data().map(|data| super::instance::decoded(data).into()),
            instance_tags: of_instances.flat_map(|tags| tags::managed(tags.tags())).collect(),
            ..template
        }
    }

    /// True if both say the same of instances.
    fn launches_as(&self, other: &LaunchTemplate) -> crate::Result<bool> {
        let plain = |template: &LaunchTemplate| {
            let mut groups = all_known(&template.security_group_ids, "security_group_ids")?;
            groups.sort_unstable();
            let value = |input: &Option<Input<String>>, field| Ok::<_, crate::Error>(known(input.as_ref(), field)?.cloned());
            let inputs = [
                value(&template.image_id, "image_id")?,
                value(&template.key_name, "key_name")?,
                value(&template.user_data, "user_data")?,
            ];
            Ok::<_, crate::Error>((inputs, template.instance_type.clone(), groups, template.instance_tags.clone()))
        };
        Ok(plain(self)? == plain(other)?)
    }
}

/// A version of a template: `$Default`, `$Latest` or a number.
async fn version(ec2: &Client, id: &str, which: &str) -> crate::Result<LaunchTemplateVersion> {
    let versions = ec2.describe_launch_template_versions(|versions| versions.launch_template_id(id).versions(which)).await?;
    versions.launch_template_versions().first().cloned().ok_or_else(|| missing("version of the launch template"))
}

impl Resource for LaunchTemplate {
    const TYPE: &'static str = "ec2.launch_template";
    type Out = LaunchTemplateOut;
    const FIELDS: &'static [Field] = &[Field::new("name").force_new(), Field::new("security_group_ids").set()];

    fn validate(&self) -> crate::Result<()> {
        tags::check(&self.instance_tags)?;
        tags::check(&self.tags)
    }

    fn natural_id(&self) -> Option<Id> {
        Some(Id::new(&self.name))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<LaunchTemplate>>) -> crate::Result<Option<Live<LaunchTemplate>>> {
        let ec2 = client(scope);
        let described =
            ec2.describe_launch_templates(|templates| templates.filter("launch-template-name", [id.as_str()])).await?;
        let Some(template) = described.launch_templates().first() else { return Ok(None) };
        let template_id = template.launch_template_id().ok_or_else(|| missing("launch template"))?;
        let version = version(&ec2, template_id, "$Default").await?;
        let inputs = LaunchTemplate::of_version(&version, id.as_str(), tags::managed(template.tags()));
        let default_version = template.default_version_number().unwrap_or_default();
        Ok(Some(Live::new(inputs, LaunchTemplateOut { template_id: template_id.to_owned(), default_version })))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, LaunchTemplateOut)> {
        let (ec2, data) = (client(scope), self.data()?);
        let made = ec2
            .create_launch_template(|create| {
                let tags = tags::specification(ResourceType::LaunchTemplate, &self.tags, token);
                let create = create.launch_template_name(&self.name).launch_template_data(data);
                create.client_token(token.as_str()).tag_specifications(tags)
            })
            .await?;
        let template = made.launch_template().ok_or_else(|| missing("launch template"))?;
        let template_id = template.launch_template_id().ok_or_else(|| missing("launch template"))?.to_owned();
        let default_version = template.default_version_number().unwrap_or(1);
        Ok((Id::new(&self.name), LaunchTemplateOut { template_id, default_version }))
    }

    async fn update(&self, scope: &Scope, _: &Id, was: &Live<LaunchTemplate>) -> crate::Result<LaunchTemplateOut> {
        let (ec2, id) = (client(scope), was.out.template_id.as_str());
        let mut default_version = was.out.default_version;
        if !self.launches_as(&was.inputs)? {
            // An interrupted update may have made the version already.
            let latest = version(&ec2, id, "$Latest").await?;
            let number = if self.launches_as(&LaunchTemplate::of_version(&latest, &self.name, Tags::new()))? {
                latest.version_number()
            } else {
                let data = self.data()?;
                let made =
                    ec2.create_launch_template_version(|create| create.launch_template_id(id).launch_template_data(data)).await?;
                made.launch_template_version().and_then(types::LaunchTemplateVersion::version_number)
            };
            default_version = number.ok_or_else(|| missing("version of the launch template"))?;
            ec2.modify_launch_template(|modify| modify.launch_template_id(id).default_version(default_version.to_string()))
                .await?;
        }
        tags::write(&ec2, id, &was.inputs.tags, &self.tags).await?;
        Ok(LaunchTemplateOut { template_id: id.to_owned(), default_version })
    }

    async fn delete(scope: &Scope, _: &Id, was: &Live<LaunchTemplate>) -> crate::Result<()> {
        let deleted = client(scope).delete_launch_template(|delete| delete.launch_template_id(&was.out.template_id)).await;
        found(deleted, &["InvalidLaunchTemplateId.NotFound", "InvalidLaunchTemplateName.NotFoundException"]).map(drop)
    }

    fn changing_outputs(&self, was: &Live<LaunchTemplate>) -> &'static [&'static str] {
        match self.launches_as(&was.inputs) {
            Ok(true) => &[],
            // An unknown value is taken for a change.
            _ => &["default_version"],
        }
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let templates = client(scope).describe_launch_templates(|templates| templates).await?;
        Ok(templates.launch_templates().iter().filter_map(|template| template.launch_template_name()).map(Id::new).collect())
    }
}
