//! [`Object`]: an object with its contents.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::bucket::client;
use super::found;
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// An object with its contents: `Object::new(logs.id(), "index.html", "<p>hi</p>")`. For contents that fit into memory and are text.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Object {
    bucket: Input<String>,
    key: String,
    content: Input<String>,
    content_type: Option<String>,
    metadata: BTreeMap<String, String>,
}

/// The outputs of [`Object`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ObjectOut {
    /// The ETag.
    pub etag: String,
    /// The version, in a bucket that keeps them.
    pub version_id: Option<String>,
}

impl Object {
    /// An object in a bucket.
    pub fn new(bucket: impl Into<Input<String>>, key: impl Into<String>, content: impl Into<Input<String>>) -> Object {
        Object { bucket: bucket.into(), key: key.into(), content: content.into(), content_type: None, metadata: BTreeMap::new() }
    }

    /// Its `Content-Type`.
    #[must_use]
    pub fn content_type(self, kind: impl Into<String>) -> Object {
        Object { content_type: Some(kind.into()), ..self }
    }

    /// A pair of its own metadata; others are taken off.
    #[must_use]
    pub fn metadata(mut self, key: impl Into<String>, value: impl Into<String>) -> Object {
        self.metadata.insert(key.into().to_lowercase(), value.into());
        self
    }

    async fn put(&self, scope: &Scope) -> crate::Result<ObjectOut> {
        let (bucket, content) = (self.bucket.required("bucket")?, self.content.required("content")?);
        let answer = client(scope)
            .put_object(|put| {
                let metadata = self.metadata.clone().into_iter().collect();
                let put = put.bucket(bucket).key(&self.key).set_content_type(self.content_type.clone());
                put.set_metadata(Some(metadata)).body(content.clone().into_bytes().into())
            })
            .await?;
        let version_id = answer.version_id().map(str::to_owned);
        Ok(ObjectOut { etag: answer.e_tag().unwrap_or_default().to_owned(), version_id })
    }
}

fn parts(id: &Id) -> crate::Result<(&str, &str)> {
    id.as_str().split_once('/').ok_or_else(|| crate::Error::other(format!("id {:?} is not bucket/key", id.as_str())))
}

impl Resource for Object {
    const TYPE: &'static str = "s3.object";
    type Out = ObjectOut;
    const FIELDS: &'static [Field] =
        &[Field::new("bucket").force_new(), Field::new("key").force_new(), Field::new("content_type").computed()];

    fn natural_id(&self) -> Option<Id> {
        Some(Id::new(format!("{}/{}", self.bucket.get()?, self.key)))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Object>>) -> crate::Result<Option<Live<Object>>> {
        let (bucket, key) = parts(id)?;
        let s3 = client(scope);
        let got = s3.get_object(|get| get.bucket(bucket).key(key)).await;
        let Some(object) = found(got, &["NoSuchKey", "NoSuchBucket"])? else { return Ok(None) };
        let out =
            ObjectOut { etag: object.e_tag().unwrap_or_default().to_owned(), version_id: object.version_id().map(str::to_owned) };
        let content_type = object.content_type().map(str::to_owned);
        let metadata = object.metadata().into_iter().flatten().map(|(key, value)| (key.clone(), value.clone())).collect();
        let content = crate::Wait::wait(async { object.body.collect().await }).map_err(crate::Error::other)?.into_bytes();
        let content = match String::from_utf8(content.to_vec()) {
            Ok(text) => text,
            Err(error) => format!("(not UTF-8, {} bytes, ETag {})", error.as_bytes().len(), out.etag),
        };
        let object = Object { bucket: bucket.into(), key: key.to_owned(), content: content.into(), content_type, metadata };
        Ok(Some(Live::new(object, out)))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ObjectOut)> {
        let out = self.put(scope).await?;
        Ok((Id::new(format!("{}/{}", self.bucket.required("bucket")?, self.key)), out))
    }

    async fn update(&self, scope: &Scope, _: &Id, _: &Live<Object>) -> crate::Result<ObjectOut> {
        self.put(scope).await
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Object>) -> crate::Result<()> {
        let (bucket, key) = parts(id)?;
        let deleted = client(scope).delete_object(|delete| delete.bucket(bucket).key(key)).await;
        found(deleted, &["NoSuchBucket"]).map(drop)
    }

    fn changing_outputs(&self, _: &Live<Object>) -> &'static [&'static str] {
        &["etag", "version_id"]
    }
}
