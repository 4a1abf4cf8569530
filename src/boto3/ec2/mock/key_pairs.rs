//! Key pairs. AWS creates RSA or ED25519 keys; here the material has the same form but is not a
//! usable key.

use aws_sdk_ec2::operation::{create_key_pair::*, delete_key_pair::*, describe_key_pairs::*, import_key_pair::*};
use aws_sdk_ec2::types::*;
use aws_smithy_types::base64;

use super::filter::filters;
use super::ids::fnv;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};
use super::tags::specified_for;

record!(
    KeyPairInfo in key_pairs by key_pair_id, tagged tags,
    Kind {
        prefix: "key",
        resource: "key-pair",
        not_found: "InvalidKeyPair.NotFound",
        absent: "The key pair '{}' does not exist",
        malformed: None,
    },
    filters!(pair: KeyPairInfo =>
        "fingerprint" = pair.key_fingerprint(),
        "key-name" = pair.key_name(),
        "key-pair-id" = pair.key_pair_id(),
    )
);

/// Returns bytes that look like a key, the same for the same name.
fn material(name: &str, length: usize) -> Vec<u8> {
    (0..length).map(|at| (fnv(&format!("{name}/{at}")) >> 24) as u8).collect()
}

fn fingerprint(name: &str, length: usize) -> String {
    material(name, length).iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(":")
}

fn pem(title: &str, bytes: &[u8]) -> String {
    let text = base64::encode(bytes);
    let mut lines = Vec::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let (line, more) = rest.split_at(rest.len().min(64));
        lines.push(line);
        rest = more;
    }
    format!("-----BEGIN {title}-----\n{}\n-----END {title}-----", lines.join("\n"))
}

impl Region {
    pub(super) fn key_pair(&self, name: &str) -> Answer<&KeyPairInfo> {
        self.key_pairs.iter().find(|pair| pair.key_name() == Some(name)).ok_or_else(|| KeyPairInfo::KIND.absent(name))
    }

    fn put_key_pair(
        &mut self,
        name: &str,
        fingerprint: &str,
        key_type: KeyType,
        public_key: Option<String>,
        tags: &[Tag],
    ) -> Answer<String> {
        if name.is_empty() || name.chars().count() > 255 {
            return Err(Refusal::value("Invalid value '' for keyPairNames. The key name must be between 1 and 255 characters"));
        }
        if self.key_pair(name).is_ok() {
            let message = format!("The keypair already exists: {name}");
            return Err(Refusal::new("InvalidKeyPair.Duplicate", message));
        }
        let id = self.ids.next("key");
        let pair = KeyPairInfo::builder()
            .key_pair_id(&id)
            .key_name(name)
            .key_fingerprint(fingerprint)
            .key_type(key_type)
            .set_public_key(public_key)
            .create_time(self.stamp());
        self.key_pairs.put(pair.build());
        self.tags.put_all(&id, tags);
        Ok(id)
    }

    pub(super) fn create_key_pair(&mut self, input: CreateKeyPairInput) -> Answer<CreateKeyPairOutput> {
        let tags = specified_for(input.tag_specifications(), "key-pair")?;
        let name = required(input.key_name(), "KeyName")?;
        let key_type = input.key_type().cloned().unwrap_or(KeyType::Rsa);
        let ed25519 = key_type == KeyType::Ed25519;
        let print = if ed25519 { base64::encode(material(name, 32)) } else { fingerprint(name, 20) };
        let title = if ed25519 { "OPENSSH PRIVATE KEY" } else { "RSA PRIVATE KEY" };
        let id = self.put_key_pair(name, &print, key_type, None, &tags)?;
        Ok(CreateKeyPairOutput::builder()
            .set_tags(Some(self.tags.of(&id)))
            .key_pair_id(id)
            .key_name(name)
            .key_fingerprint(print)
            .key_material(pem(title, &material(name, if ed25519 { 256 } else { 1190 })))
            .build())
    }

    pub(super) fn import_key_pair(&mut self, input: ImportKeyPairInput) -> Answer<ImportKeyPairOutput> {
        let tags = specified_for(input.tag_specifications(), "key-pair")?;
        let name = required(input.key_name(), "KeyName")?;
        let key = required(input.public_key_material(), "PublicKeyMaterial")?;
        let bad = || Refusal::new("InvalidKey.Format", "Key is not in valid OpenSSH public key format");
        let text = std::str::from_utf8(key.as_ref()).map_err(|_| bad())?;
        let mut words = text.split_whitespace();
        let key_type = match words.next() {
            Some("ssh-rsa") => KeyType::Rsa,
            Some("ssh-ed25519") => KeyType::Ed25519,
            _ => return Err(bad()),
        };
        let body = words.next().and_then(|body| base64::decode(body).ok()).filter(|body| body.len() > 32).ok_or_else(bad)?;
        let print = fingerprint(&base64::encode(body), 16);
        let id = self.put_key_pair(name, &print, key_type, Some(text.trim().to_owned()), &tags)?;
        Ok(ImportKeyPairOutput::builder()
            .set_tags(Some(self.tags.of(&id)))
            .key_pair_id(id)
            .key_name(name)
            .key_fingerprint(print)
            .build())
    }

    /// Deleting a missing key pair is not an error.
    pub(super) fn delete_key_pair(&mut self, input: DeleteKeyPairInput) -> Answer<DeleteKeyPairOutput> {
        let id = match (input.key_pair_id(), input.key_name()) {
            (Some(id), _) => id.to_owned(),
            (None, Some(name)) => self.key_pair(name).map(|pair| pair.id().to_owned()).unwrap_or_default(),
            (None, None) => return Err(Refusal::missing("KeyName")),
        };
        self.tags.forget(&id);
        let gone = self.key_pairs.take(&id).ok().and_then(|pair| pair.key_pair_id);
        Ok(DeleteKeyPairOutput::builder().set_key_pair_id(gone).build())
    }

    pub(super) fn describe_key_pairs(&mut self, input: DescribeKeyPairsInput) -> Answer<DescribeKeyPairsOutput> {
        for name in input.key_names() {
            self.key_pair(name)?;
        }
        let mut pairs: Vec<KeyPairInfo> = self.listed(input.key_pair_ids(), input.filters())?;
        let names = input.key_names();
        pairs.retain(|pair| names.is_empty() || names.iter().any(|name| Some(name.as_str()) == pair.key_name()));
        if input.include_public_key() != Some(true) {
            pairs.iter_mut().for_each(|pair| pair.public_key = None);
        }
        Ok(DescribeKeyPairsOutput::builder().set_key_pairs(Some(pairs)).build())
    }
}
