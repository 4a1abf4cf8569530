//! Tags, stored by id for all kinds of resources.

use std::collections::BTreeMap;

use aws_sdk_ec2::operation::create_tags::{CreateTagsInput, CreateTagsOutput};
use aws_sdk_ec2::operation::delete_tags::{DeleteTagsInput, DeleteTagsOutput};
use aws_sdk_ec2::operation::describe_tags::{DescribeTagsInput, DescribeTagsOutput};
use aws_sdk_ec2::types::{ResourceType, Tag, TagDescription, TagSpecification};

use super::describe::{check_max_results, page};
use super::filter::{Field, Wanted, filters};
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;

const MOST_TAGS: usize = 50;
const LONGEST_KEY: usize = 127;
const LONGEST_VALUE: usize = 256;

/// The tags of all resources.
#[derive(Clone, Debug, Default)]
pub(super) struct Tags(BTreeMap<String, BTreeMap<String, String>>);

impl Tags {
    pub(super) fn of(&self, id: &str) -> Vec<Tag> {
        let tags = self.0.get(id).into_iter().flatten();
        tags.map(|(key, value)| Tag::builder().key(key).value(value).build()).collect()
    }

    pub(super) fn map(&self, id: &str) -> Option<&BTreeMap<String, String>> {
        self.0.get(id)
    }

    pub(super) fn put(&mut self, id: &str, key: impl Into<String>, value: impl Into<String>) {
        self.0.entry(id.to_owned()).or_default().insert(key.into(), value.into());
    }

    pub(super) fn put_all(&mut self, id: &str, tags: &[Tag]) {
        for tag in tags {
            self.put(id, tag.key().unwrap_or_default(), tag.value().unwrap_or_default());
        }
    }

    pub(super) fn forget(&mut self, id: &str) {
        self.0.remove(id);
    }

    fn check(&self, id: &str, new: &[Tag]) -> Answer<()> {
        let none = BTreeMap::new();
        let old = self.0.get(id).unwrap_or(&none);
        let mut keys: Vec<&str> = old.keys().map(String::as_str).chain(new.iter().filter_map(Tag::key)).collect();
        keys.sort_unstable();
        keys.dedup();
        if keys.into_iter().filter(|key| !key.starts_with("aws:")).count() > MOST_TAGS {
            return Err(Refusal::new("TagLimitExceeded", "The maximum number of Tags for a resource has been reached."));
        }
        Ok(())
    }
}

/// Checks that these are valid tags.
fn check_words(tags: &[Tag]) -> Answer<()> {
    for tag in tags {
        let key = required(tag.key(), "Tag.Key")?;
        if key.is_empty() {
            return Err(Refusal::value("Tag key cannot be empty"));
        }
        if key.starts_with("aws:") {
            return Err(Refusal::value("Tag keys starting with 'aws:' are reserved for internal use"));
        }
        if key.chars().count() > LONGEST_KEY {
            let message = format!("Tag key exceeds the maximum length of {LONGEST_KEY} characters");
            return Err(Refusal::value(message));
        }
        if tag.value().unwrap_or_default().chars().count() > LONGEST_VALUE {
            let message = format!("Tag value exceeds the maximum length of {LONGEST_VALUE} characters");
            return Err(Refusal::value(message));
        }
    }
    let mut keys: Vec<_> = tags.iter().map(Tag::key).collect();
    keys.sort_unstable();
    match keys.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(Refusal::value(format!("Duplicate tag key '{}' specified.", pair[0].unwrap_or_default()))),
        None => Ok(()),
    }
}

/// Returns the tags in a request for the kinds of resources that it creates.
pub(super) fn specified(specifications: &[TagSpecification], kinds: &[&str]) -> Answer<Vec<(String, Vec<Tag>)>> {
    let specified = specifications.iter().map(|specification| {
        let kind = required(specification.resource_type(), "TagSpecification.ResourceType")?.as_str();
        if !kinds.contains(&kind) {
            return Err(Refusal::value(format!("'{kind}' is not a valid taggable resource type for this operation.")));
        }
        if specification.tags().is_empty() {
            return Err(Refusal::value("Tag specification must have at least one tag"));
        }
        check_words(specification.tags())?;
        Tags::default().check("", specification.tags())?;
        Ok((kind.to_owned(), specification.tags().to_vec()))
    });
    specified.collect()
}

/// Returns the tags for one kind.
pub(super) fn specified_for(specifications: &[TagSpecification], kind: &str) -> Answer<Vec<Tag>> {
    Ok(of_kind(&specified(specifications, &[kind])?, kind))
}

/// Returns the tags of one kind from the result of [`specified`].
pub(super) fn of_kind(specified: &[(String, Vec<Tag>)], kind: &str) -> Vec<Tag> {
    specified.iter().filter(|(of, _)| of == kind).flat_map(|(_, tags)| tags).cloned().collect()
}

const FILTERS: &[Field<TagDescription>] = filters!(tag: TagDescription =>
    "key" = tag.key(),
    "resource-id" = tag.resource_id(),
    "resource-type" = tag.resource_type(),
    "value" = tag.value(),
);

impl Region {
    pub(super) fn create_tags(&mut self, input: CreateTagsInput) -> Answer<CreateTagsOutput> {
        let (ids, tags) = (required_list(input.resources(), "resourceIdSet")?, required_list(input.tags(), "tagSet")?);
        check_words(tags)?;
        for id in ids {
            self.kind_of(id)?;
            self.tags.check(id, tags)?;
        }
        for id in ids {
            self.tags.put_all(id, tags);
        }
        Ok(CreateTagsOutput::builder().build())
    }

    /// Without tags all are removed; without a value, whatever the value.
    pub(super) fn delete_tags(&mut self, input: DeleteTagsInput) -> Answer<DeleteTagsOutput> {
        let ids = required_list(input.resources(), "resourceIdSet")?;
        for id in ids {
            self.kind_of(id)?;
        }
        for id in ids {
            let Some(kept) = self.tags.0.get_mut(id) else { continue };
            kept.retain(|key, value| {
                let meant = |tag: &Tag| tag.key() == Some(key) && tag.value().is_none_or(|meant| meant == value);
                key.starts_with("aws:") || !(input.tags().is_empty() || input.tags().iter().any(meant))
            });
        }
        Ok(DeleteTagsOutput::builder().build())
    }

    pub(super) fn describe_tags(&mut self, input: DescribeTagsInput) -> Answer<DescribeTagsOutput> {
        check_max_results(input.max_results(), &[], "")?;
        let wanted = Wanted::understand(input.filters(), FILTERS)?;
        let all = self.tags.0.iter().flat_map(|(id, tags)| {
            let kind = self.kind_of(id).map(|kind| ResourceType::from(kind.resource)).ok();
            tags.iter().map(move |(key, value)| {
                TagDescription::builder().resource_id(id).set_resource_type(kind.clone()).key(key).value(value).build()
            })
        });
        let tags = all.filter(|tag| {
            let own = BTreeMap::from([(tag.key().unwrap_or_default().to_owned(), tag.value().unwrap_or_default().to_owned())]);
            wanted.pass(tag, Some(&own))
        });
        let (tags, next) = page(tags.collect(), input.max_results(), input.next_token())?;
        Ok(DescribeTagsOutput::builder().set_tags(Some(tags)).set_next_token(next).build())
    }
}
