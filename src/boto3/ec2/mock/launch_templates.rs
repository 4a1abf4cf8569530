//! Launch templates and their versions.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::{
    create_launch_template::*, create_launch_template_version::*, delete_launch_template::*, describe_launch_templates::*,
    modify_launch_template::*, run_instances::RunInstancesInput,
};
use aws_sdk_ec2::types::*;

use super::OWNER;
use super::describe::page;
use super::filter::{Field, filters, stamp};
use super::ids::Kind;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, Table};
use super::tags::specified_for;
use super::template_data::{based_on, kept, launched};

/// A template and its versions by number.
#[derive(Clone, Debug)]
pub(super) struct Template {
    template: LaunchTemplate,
    pub(super) versions: BTreeMap<i64, LaunchTemplateVersion>,
    /// Numbers are not reused.
    numbered: i64,
}

impl Record for Template {
    const KIND: &'static Kind = &Kind {
        prefix: "lt",
        resource: "launch-template",
        not_found: "InvalidLaunchTemplateId.NotFound",
        absent: "The specified launch template, with template ID {}, does not exist.",
        malformed: Some("InvalidLaunchTemplateId.Malformed"),
    };
    const FILTERS: &'static [Field<Template>] = filters!(own: Template =>
        "create-time" = stamp(own.template.create_time()),
        "launch-template-name" = own.template.launch_template_name(),
    );

    fn id(&self) -> &str {
        self.template.launch_template_id().unwrap_or_default()
    }

    fn rows(region: &Region) -> &Table<Template> {
        &region.templates
    }

    fn shown(&self, region: &Region) -> Template {
        let mut shown = self.clone();
        shown.template.tags = Some(region.tags.of(self.id()));
        shown.template.latest_version_number = Some(self.latest());
        shown
    }
}

impl Template {
    pub(super) fn name(&self) -> &str {
        self.template.launch_template_name().unwrap_or_default()
    }

    pub(super) fn latest(&self) -> i64 {
        self.versions.keys().next_back().copied().unwrap_or(0)
    }

    pub(super) fn default_version(&self) -> i64 {
        self.template.default_version_number().unwrap_or(0)
    }

    /// Returns the version for `3`, `$Latest` or `$Default`; by default the default version.
    pub(super) fn version(&self, which: Option<&str>) -> Answer<&LaunchTemplateVersion> {
        let number = match which {
            None | Some("" | "$Default") => self.default_version(),
            Some("$Latest") => self.latest(),
            Some(number) => version_number(number)?,
        };
        self.versions.get(&number).ok_or_else(|| {
            let message = format!("Could not find the specified version {number} for the launch template with ID {}.", self.id());
            Refusal::new("InvalidLaunchTemplateId.VersionNotFound", message)
        })
    }

    fn put_version(&mut self, data: ResponseLaunchTemplateData, description: Option<String>, now: aws_smithy_types::DateTime) {
        self.numbered += 1;
        let version = LaunchTemplateVersion::builder()
            .launch_template_id(self.id())
            .launch_template_name(self.name())
            .version_number(self.numbered)
            .set_version_description(description)
            .create_time(now)
            .created_by(format!("arn:aws:iam::{OWNER}:root"))
            .launch_template_data(data);
        self.versions.insert(self.numbered, version.build());
    }

    /// Returns the current description: the default may have changed since.
    pub(super) fn shown_version(&self, version: &LaunchTemplateVersion) -> LaunchTemplateVersion {
        let mut shown = version.clone();
        shown.default_version = Some(version.version_number() == Some(self.default_version()));
        shown
    }
}

pub(super) fn version_number(text: &str) -> Answer<i64> {
    text.parse().map_err(|_| {
        Refusal::value("Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.")
    })
}

fn check_name(name: &str) -> Answer<()> {
    let allowed = |letter: char| letter.is_ascii_alphanumeric() || "()./_-".contains(letter);
    if (3..=128).contains(&name.chars().count()) && name.chars().all(allowed) {
        return Ok(());
    }
    let message = "A launch template name must be between 3 and 128 characters, and may contain letters, numbers, and the following characters: - ( ) . / _.";
    Err(Refusal::new("InvalidLaunchTemplateName.MalformedException", message))
}

impl Region {
    fn template_named(&self, name: &str) -> Option<&Template> {
        self.templates.iter().find(|own| own.name() == name)
    }

    /// Returns the template that a request names, by id or by name.
    pub(super) fn template(&self, id: Option<&str>, name: Option<&str>) -> Answer<&Template> {
        match (id, name) {
            (Some(_), Some(_)) => {
                Err(Refusal::combination("Either provide launch template ID or launch template name, but not both."))
            }
            (Some(id), None) => self.templates.get(id),
            (None, Some(name)) => self.template_named(name).ok_or_else(|| {
                let message = format!("The specified launch template, with template name {name}, does not exist.");
                Refusal::new("InvalidLaunchTemplateName.NotFoundException", message)
            }),
            (None, None) => Err(Refusal::missing("launch template ID or launch template name")),
        }
    }

    pub(super) fn create_launch_template(&mut self, input: CreateLaunchTemplateInput) -> Answer<CreateLaunchTemplateOutput> {
        let tags = specified_for(input.tag_specifications(), "launch-template")?;
        let name = required(input.launch_template_name(), "LaunchTemplateName")?;
        check_name(name)?;
        let data = kept(required(input.launch_template_data(), "LaunchTemplateData")?)?;
        if input.operator().is_some() {
            return Err(Refusal::NotModelled);
        }
        if self.template_named(name).is_some() {
            let message = "Launch template name already in use.";
            return Err(Refusal::new("InvalidLaunchTemplateName.AlreadyExistsException", message));
        }
        let id = self.ids.next("lt");
        let template = LaunchTemplate::builder()
            .launch_template_id(&id)
            .launch_template_name(name)
            .create_time(self.stamp())
            .created_by(format!("arn:aws:iam::{OWNER}:root"))
            .default_version_number(1)
            .build();
        let mut template = Template { template, versions: BTreeMap::new(), numbered: 0 };
        template.put_version(data, input.version_description, self.stamp());
        self.templates.put(template);
        self.tags.put_all(&id, &tags);
        let made = self.templates.get(&id)?.shown(self).template;
        Ok(CreateLaunchTemplateOutput::builder().launch_template(made).build())
    }

    pub(super) fn create_launch_template_version(
        &mut self,
        input: CreateLaunchTemplateVersionInput,
    ) -> Answer<CreateLaunchTemplateVersionOutput> {
        let template = self.template(input.launch_template_id(), input.launch_template_name())?;
        let mut data = kept(required(input.launch_template_data(), "LaunchTemplateData")?)?;
        if let Some(source) = input.source_version() {
            let source = template.version(Some(source))?;
            if let Some(source) = source.launch_template_data() {
                data = based_on(data, source);
            }
        }
        let (id, now) = (template.id().to_owned(), self.stamp());
        let template = self.templates.get_mut(&id)?;
        template.put_version(data, input.version_description, now);
        let made = template.version(Some("$Latest"))?;
        Ok(CreateLaunchTemplateVersionOutput::builder().launch_template_version(template.shown_version(made)).build())
    }

    pub(super) fn describe_launch_templates(
        &mut self,
        input: DescribeLaunchTemplatesInput,
    ) -> Answer<DescribeLaunchTemplatesOutput> {
        if let Some(most) = input.max_results().filter(|most| !(1..=200).contains(most)) {
            return Err(Refusal::bad_value(most, "maxResults", "Valid values are from 1 to 200."));
        }
        let names = input.launch_template_names();
        if names.iter().any(|name| self.template_named(name).is_none()) {
            let message = "At least one of the launch templates specified in the request does not exist.";
            return Err(Refusal::new("InvalidLaunchTemplateName.NotFoundException", message));
        }
        let templates: Vec<Template> = self.listed(input.launch_template_ids(), input.filters())?;
        let named = templates.into_iter().filter(|own| names.is_empty() || names.iter().any(|name| name == own.name()));
        let shown = named.map(|own| own.template).collect();
        let (templates, next) = page(shown, input.max_results(), input.next_token())?;
        Ok(DescribeLaunchTemplatesOutput::builder().set_launch_templates(Some(templates)).set_next_token(next).build())
    }

    /// Changes the default version, the only mutable attribute of a template.
    pub(super) fn modify_launch_template(&mut self, input: ModifyLaunchTemplateInput) -> Answer<ModifyLaunchTemplateOutput> {
        let template = self.template(input.launch_template_id(), input.launch_template_name())?;
        let version = template.version(Some(required(input.default_version(), "SetDefaultVersion")?))?.version_number;
        let id = template.id().to_owned();
        self.templates.get_mut(&id)?.template.default_version_number = version;
        let shown = self.templates.get(&id)?.shown(self).template;
        Ok(ModifyLaunchTemplateOutput::builder().launch_template(shown).build())
    }

    /// Instances launched with it keep running.
    pub(super) fn delete_launch_template(&mut self, input: DeleteLaunchTemplateInput) -> Answer<DeleteLaunchTemplateOutput> {
        let template = self.template(input.launch_template_id(), input.launch_template_name())?.shown(self).template;
        let id = template.launch_template_id().unwrap_or_default();
        self.templates.take(id)?;
        self.tags.forget(id);
        Ok(DeleteLaunchTemplateOutput::builder().launch_template(template).build())
    }

    /// Merges a launch with its template, and adds the tags that name the template.
    pub(super) fn with_template(&self, mut input: RunInstancesInput) -> Answer<(RunInstancesInput, Vec<Tag>)> {
        let Some(asked) = input.launch_template.take() else { return Ok((input, Vec::new())) };
        let template = self.template(asked.launch_template_id(), asked.launch_template_name())?;
        let version = template.version(asked.version())?;
        let number = version.version_number().unwrap_or(0).to_string();
        let tags = [("id", template.id()), ("version", &number)]
            .map(|(key, value)| Tag::builder().key(format!("aws:ec2launchtemplate:{key}")).value(value).build());
        let input = match version.launch_template_data() {
            Some(data) => launched(input, data),
            None => input,
        };
        Ok((input, tags.to_vec()))
    }
}
