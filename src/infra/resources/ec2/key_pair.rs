//! [`KeyPair`]: the public key with which one logs in to an instance.

use serde::{Deserialize, Serialize};

use super::tags::{self, Tags, tagged};
use super::{client, found};
use crate::boto3::ec2::Filters as _;
use crate::boto3::ec2::primitives::Blob;
use crate::boto3::ec2::types::{KeyPairInfo, ResourceType};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// The public key of a login: `KeyPair::new("ops", "ssh-ed25519 AAAA.. ann@laptop")`. The private key never leaves its owner.
///
/// The comment behind the key is not part of it. <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_ImportKeyPair.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct KeyPair {
    key_name: String,
    public_key: Input<String>,
    tags: Tags,
}

/// The outputs of [`KeyPair`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct KeyPairOut {
    /// `key-0123456789abcdef0`.
    pub key_pair_id: String,
    /// The fingerprint, as AWS computes it.
    pub fingerprint: String,
}

tagged!(KeyPair);

/// The type and the key, without the comment.
fn without_comment(line: &str) -> String {
    let mut words = line.split_whitespace();
    [words.next(), words.next()].into_iter().flatten().collect::<Vec<_>>().join(" ")
}

impl KeyPair {
    /// A public key in OpenSSH's form, under this name.
    pub fn new(name: impl Into<String>, public_key: impl Into<Input<String>>) -> KeyPair {
        let public_key = public_key.into().map(|line| without_comment(&line));
        KeyPair { key_name: name.into(), public_key, tags: Tags::new() }
    }
}

async fn described(scope: &Scope, name: &str) -> crate::Result<Option<KeyPairInfo>> {
    let pairs = client(scope).describe_key_pairs(|pairs| pairs.filter("key-name", [name]).include_public_key(true)).await?;
    Ok(pairs.key_pairs().first().cloned())
}

fn out(pair: &KeyPairInfo) -> KeyPairOut {
    let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
    KeyPairOut { key_pair_id: text(pair.key_pair_id()), fingerprint: text(pair.key_fingerprint()) }
}

impl Resource for KeyPair {
    const TYPE: &'static str = "ec2.key_pair";
    type Out = KeyPairOut;
    const FIELDS: &'static [Field] = &[Field::new("key_name").force_new(), Field::new("public_key").force_new()];

    fn validate(&self) -> crate::Result<()> {
        tags::check(&self.tags)
    }

    fn natural_id(&self) -> Option<Id> {
        Some(Id::new(&self.key_name))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<KeyPair>>) -> crate::Result<Option<Live<KeyPair>>> {
        let Some(pair) = described(scope, id.as_str()).await? else { return Ok(None) };
        let public_key = without_comment(pair.public_key().unwrap_or_default());
        let inputs = KeyPair { key_name: id.to_string(), public_key: public_key.into(), tags: tags::managed(pair.tags()) };
        Ok(Some(Live::new(inputs, out(&pair))))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, KeyPairOut)> {
        let (ec2, key) = (client(scope), self.public_key.required("public_key")?);
        let made = ec2
            .import_key_pair(|import| {
                let tags = tags::specification(ResourceType::KeyPair, &self.tags, token);
                import.key_name(&self.key_name).public_key_material(Blob::new(key.as_bytes())).tag_specifications(tags)
            })
            .await;
        // A call that is repeated after a lost answer finds its own key: the key was not there before.
        found(made, &["InvalidKeyPair.Duplicate"])?;
        let pair = described(scope, &self.key_name).await?.ok_or_else(|| super::missing("key pair"))?;
        Ok((Id::new(&self.key_name), out(&pair)))
    }

    async fn update(&self, scope: &Scope, _: &Id, was: &Live<KeyPair>) -> crate::Result<KeyPairOut> {
        tags::write(&client(scope), &was.out.key_pair_id, &was.inputs.tags, &self.tags).await?;
        Ok(was.out.clone())
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<KeyPair>) -> crate::Result<()> {
        let deleted = client(scope).delete_key_pair(|delete| delete.key_name(id.as_str())).await;
        found(deleted, &["InvalidKeyPair.NotFound"]).map(drop)
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let pairs = client(scope).describe_key_pairs(|pairs| pairs).await?;
        Ok(pairs.key_pairs().iter().filter_map(|pair| pair.key_name()).map(Id::new).collect())
    }
}
