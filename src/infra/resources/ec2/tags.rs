//! Tags: those that are declared, and the one by which an object is found after a lost answer.

use std::collections::BTreeMap;

use crate::boto3::ec2::types::{ResourceType, Tag, TagSpecification};
use crate::boto3::ec2::{Client, Filters as _, tag};
use crate::infra::resource::{Id, Resource, Scope, Token};

/// Tags by their keys.
pub type Tags = BTreeMap<String, String>;

/// Holds the [`Token`] of the run that made the object.
const TOKEN: &str = "leyden:token";
/// A new tag is not seen everywhere at once.
const LOOKS: u32 = 3;
const PAUSE: f64 = 2.0;

/// The methods of a resource with a field `tags`.
macro_rules! tagged {
    ($type:ident) => {
        impl $type {
            /// Adds a tag. Tags that are not declared are removed, except those of AWS.
            #[must_use]
            pub fn tag(mut self, key: impl Into<String>, value: impl Into<String>) -> $type {
                self.tags.insert(key.into(), value.into());
                self
            }

            /// Sets the tag `Name`, by which consoles list the object and [`Handle::adopt`](crate::infra::Handle::adopt) finds it.
            #[must_use]
            pub fn named(self, name: impl Into<String>) -> $type {
                self.tag("Name", name)
            }
        }
    };
}

/// The methods of [`Resource`] that find an object by its tags.
macro_rules! found_by_tags {
    ($kind:ident) => {
        const FINDS_BY_TOKEN: bool = true;

        async fn find(&self, scope: &Scope, token: &Token) -> crate::Result<Option<Id>> {
            super::tags::made_with::<Self>(scope, &ResourceType::$kind, token).await
        }

        async fn lookup(&self, scope: &Scope) -> crate::Result<Option<Id>> {
            super::tags::named::<Self>(scope, &ResourceType::$kind, &self.tags).await
        }
    };
}

pub(super) use {found_by_tags, tagged};

/// The tags of an object that is about to be made.
pub(super) fn specification(kind: ResourceType, tags: &Tags, token: &Token) -> TagSpecification {
    let tags = list(tags).chain([tag(TOKEN, token.as_str())]).collect();
    TagSpecification::builder().resource_type(kind).set_tags(Some(tags)).build()
}

/// Tags as EC2 takes them.
pub(super) fn list(tags: &Tags) -> impl Iterator<Item = Tag> + '_ {
    tags.iter().map(|(key, value)| tag(key, value))
}

/// The tags that a declaration manages.
pub(super) fn managed(tags: &[Tag]) -> Tags {
    let own = tags.iter().filter_map(|tag| Some((tag.key()?, tag.value().unwrap_or_default())));
    let own = own.filter(|(key, _)| !key.starts_with("aws:") && *key != TOKEN);
    own.map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
}

/// Fails for a key that is reserved.
pub(super) fn check(tags: &Tags) -> crate::Result<()> {
    match tags.keys().find(|key| key.starts_with("aws:") || *key == TOKEN) {
        Some(key) => Err(crate::Error::other(format!("tag {key:?}: the key is reserved"))),
        None => Ok(()),
    }
}

/// Writes what differs.
pub(super) async fn write(ec2: &Client, id: &str, was: &Tags, now: &Tags) -> crate::Result<()> {
    let put: Vec<Tag> =
        now.iter().filter(|(key, value)| was.get(*key) != Some(value)).map(|(key, value)| tag(key, value)).collect();
    if !put.is_empty() {
        ec2.create_tags(|create| create.resources(id).set_tags(Some(put))).await?;
    }
    let gone = was.keys().filter(|key| !now.contains_key(*key)).map(|key| Tag::builder().key(key).build());
    let gone: Vec<Tag> = gone.collect();
    if !gone.is_empty() {
        ec2.delete_tags(|delete| delete.resources(id).set_tags(Some(gone))).await?;
    }
    Ok(())
}

/// The objects of a kind with this tag that still exist.
async fn having<R: Resource>(scope: &Scope, kind: &ResourceType, key: &str, value: &str) -> crate::Result<Vec<Id>> {
    let ec2 = super::client(scope);
    let described = ec2
        .describe_tags(|tags| {
            let tags = tags.filter("resource-type", [kind.as_str()]).filter("key", [key]);
            tags.filter("value", [value])
        })
        .await?;
    let mut ids = Vec::new();
    for id in described.tags().iter().filter_map(|tag| tag.resource_id()).map(Id::new) {
        // Terminated instances and deleted volumes keep their tags for a while.
        if R::read(scope, &id, None).await?.is_some() {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// The object that a run with this token made.
pub(super) async fn made_with<R: Resource>(scope: &Scope, kind: &ResourceType, token: &Token) -> crate::Result<Option<Id>> {
    for look in 0..LOOKS {
        if look > 0 {
            scope.time.sleep(PAUSE).await;
        }
        if let Some(id) = having::<R>(scope, kind, TOKEN, token.as_str()).await?.into_iter().next() {
            return Ok(Some(id));
        }
    }
    Ok(None)
}

/// The object with the declared tag `Name`.
pub(super) async fn named<R: Resource>(scope: &Scope, kind: &ResourceType, tags: &Tags) -> crate::Result<Option<Id>> {
    let Some(name) = tags.get("Name") else { return Ok(None) };
    one(having::<R>(scope, kind, "Name", name).await?, &format!("Name={name}"))
}

/// The only one of these ids.
pub(super) fn one(mut ids: Vec<Id>, what: &str) -> crate::Result<Option<Id>> {
    match ids.len() {
        0 | 1 => Ok(ids.pop()),
        count => {
            let ids: Vec<&str> = ids.iter().map(Id::as_str).collect();
            Err(crate::Error::other(format!("{count} objects match {what}: {}", ids.join(", "))))
        }
    }
}
