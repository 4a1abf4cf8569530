//! [`Volume`]: a disk.

use serde::{Deserialize, Serialize};

use super::tags::{self, Tags, found_by_tags, tagged};
use super::{client, found, known, missing};
use crate::boto3::ec2::types::{ResourceType, VolumeModificationState, VolumeState, VolumeType};
use crate::boto3::ec2::{Client, Filters as _};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A disk: `Volume::new("eu-west-1a", 100)`, of type gp3 unless declared otherwise.
///
/// It can grow and change its type in place; AWS refuses to make it smaller. AWS accepts one change of a volume in six hours.
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Volume {
    availability_zone: String,
    size: Option<i32>,
    volume_type: String,
    iops: Option<i32>,
    throughput: Option<i32>,
    snapshot_id: Option<Input<String>>,
    encrypted: Option<bool>,
    tags: Tags,
}

tagged!(Volume);

/// What gp3 gives without being asked.
const GP3_IOPS: i32 = 3000;
const GP3_THROUGHPUT: i32 = 125;
/// Seconds between two looks at a change, and how many there are: half an hour.
const PAUSE: f64 = 5.0;
const LOOKS: u32 = 360;

impl Volume {
    /// An empty disk in a zone, of so many GiB.
    pub fn new(zone: impl Into<String>, gib: i32) -> Volume {
        Volume {
            availability_zone: zone.into(),
            size: Some(gib),
            volume_type: "gp3".to_owned(),
            iops: None,
            throughput: None,
            snapshot_id: None,
            encrypted: None,
            tags: Tags::new(),
        }
    }

    /// A disk with the contents and the size of a snapshot.
    pub fn from_snapshot(zone: impl Into<String>, snapshot_id: impl Into<Input<String>>) -> Volume {
        Volume { size: None, snapshot_id: Some(snapshot_id.into()), ..Volume::new(zone, 0) }
    }

    /// So many GiB.
    #[must_use]
    pub fn size(self, gib: i32) -> Volume {
        Volume { size: Some(gib), ..self }
    }

    /// The type: `gp3`, `io2`, `st1`, ..
    #[must_use]
    pub fn volume_type(self, name: impl Into<String>) -> Volume {
        Volume { volume_type: name.into(), ..self }
    }

    /// Operations a second. `io1` and `io2` need it. Default for `gp3`: 3000.
    #[must_use]
    pub fn iops(self, count: i32) -> Volume {
        Volume { iops: Some(count), ..self }
    }

    /// MiB a second, for `gp3`. Default: 125.
    #[must_use]
    pub fn throughput(self, mib: i32) -> Volume {
        Volume { throughput: Some(mib), ..self }
    }

    /// Encrypts it with the account's default key.
    #[must_use]
    pub fn encrypted(self) -> Volume {
        Volume { encrypted: Some(true), ..self }
    }
}

/// A value that the type has anyway is not shown, unless it was declared.
fn beside_default(live: Option<i32>, default: i32, was: Option<i32>, settable: bool) -> Option<i32> {
    live.filter(|live| settable && (*live != default || was.is_some()))
}

/// Waits until a change has left the state `modifying`: it is in effect then.
async fn modified(scope: &Scope, ec2: &Client, id: &str) -> crate::Result<()> {
    for _ in 0..LOOKS {
        let changes = ec2.describe_volumes_modifications(|changes| changes.volume_ids(id)).await?;
        let last = changes.volumes_modifications().last();
        match last.and_then(|change| change.modification_state()) {
            Some(VolumeModificationState::Modifying) => scope.time.sleep(PAUSE).await,
            Some(VolumeModificationState::Failed) => {
                let why = last.and_then(|change| change.status_message()).unwrap_or("no reason was given");
                return Err(crate::Error::other(format!("the change of volume {id} failed: {why}")));
            }
            _ => return Ok(()),
        }
    }
    Err(crate::Error::other(format!("the change of volume {id} is still under way after {} seconds", f64::from(LOOKS) * PAUSE)))
}

impl Resource for Volume {
    const TYPE: &'static str = "ec2.volume";
    type Out = ();
    const FIELDS: &'static [Field] = &[
        Field::new("availability_zone").force_new(),
        Field::new("size").computed(),
        Field::new("snapshot_id").force_new().computed(),
        Field::new("encrypted").force_new().computed(),
    ];

    found_by_tags!(Volume);

    fn validate(&self) -> crate::Result<()> {
        if self.throughput.is_some() && self.volume_type != "gp3" {
            return Err(crate::Error::other(format!("throughput is not supported for volumes of type {}", self.volume_type)));
        }
        tags::check(&self.tags)
    }

    async fn read(scope: &Scope, id: &Id, was: Option<&Live<Volume>>) -> crate::Result<Option<Live<Volume>>> {
        let described = client(scope).describe_volumes(|volumes| volumes.filter("volume-id", [id.as_str()])).await?;
        let alive = |state| !matches!(state, Some(&VolumeState::Deleting | &VolumeState::Deleted));
        let Some(volume) = described.volumes().first().filter(|volume| alive(volume.state())) else { return Ok(None) };
        let volume_type = volume.volume_type().map_or("gp2", VolumeType::as_str).to_owned();
        let was = was.map(|was| &was.inputs);
        let settable = matches!(volume_type.as_str(), "gp3" | "io1" | "io2");
        let inputs = Volume {
            availability_zone: volume.availability_zone().unwrap_or_default().to_owned(),
            size: volume.size(),
            iops: beside_default(volume.iops(), GP3_IOPS, was.and_then(|was| was.iops), settable),
            throughput: beside_default(
                volume.throughput(),
                GP3_THROUGHPUT,
                was.and_then(|was| was.throughput),
                volume_type == "gp3",
            ),
            volume_type,
            snapshot_id: volume.snapshot_id().filter(|id| !id.is_empty()).map(Input::from),
            encrypted: volume.encrypted(),
            tags: tags::managed(volume.tags()),
        };
        Ok(Some(Live::new(inputs, ())))
    }

    async fn create(&self, scope: &Scope, token: &Token) -> crate::Result<(Id, ())> {
        let (ec2, snapshot) = (client(scope), known(self.snapshot_id.as_ref(), "snapshot_id")?);
        let made = ec2
            .create_volume(|create| {
                let create = create.availability_zone(&self.availability_zone).volume_type(self.volume_type.as_str().into());
                let create = create.set_size(self.size).set_iops(self.iops).set_throughput(self.throughput);
                let create = create.set_snapshot_id(snapshot.cloned()).set_encrypted(self.encrypted);
                let tags = tags::specification(ResourceType::Volume, &self.tags, token);
                create.client_token(token.as_str()).tag_specifications(tags)
            })
            .await?;
        let id = made.volume_id().ok_or_else(|| missing("volume"))?;
        ec2.get_waiter().volume_available(|volumes| volumes.volume_ids(id)).await?;
        Ok((Id::new(id), ()))
    }

    async fn update(&self, scope: &Scope, id: &Id, was: &Live<Volume>) -> crate::Result<()> {
        let (ec2, id, was) = (client(scope), id.as_str(), &was.inputs);
        let retyped = self.volume_type != was.volume_type;
        let default = |value: Option<i32>, was: Option<i32>, default: i32| match value {
            None if was.is_some() && self.volume_type == "gp3" => Some(default),
            value => value,
        };
        let size = self.size.filter(|_| self.size != was.size);
        let iops = default(self.iops, was.iops, GP3_IOPS).filter(|_| retyped || self.iops != was.iops);
        let throughput = default(self.throughput, was.throughput, GP3_THROUGHPUT);
        let throughput = throughput.filter(|_| retyped || self.throughput != was.throughput);
        if retyped || size.is_some() || iops.is_some() || throughput.is_some() {
            ec2.modify_volume(|modify| {
                let modify = modify.volume_id(id).set_size(size).set_iops(iops).set_throughput(throughput);
                modify.set_volume_type(retyped.then(|| self.volume_type.as_str().into()))
            })
            .await?;
            modified(scope, &ec2, id).await?;
        }
        tags::write(&ec2, id, &was.tags, &self.tags).await
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Volume>) -> crate::Result<()> {
        let (ec2, id) = (client(scope), id.as_str());
        if found(ec2.delete_volume(|delete| delete.volume_id(id)).await, &["InvalidVolume.NotFound"])?.is_some() {
            ec2.get_waiter().volume_deleted(|volumes| volumes.volume_ids(id)).await?;
        }
        Ok(())
    }

    async fn list(scope: &Scope) -> crate::Result<Vec<Id>> {
        let volumes = client(scope).describe_volumes(|volumes| volumes).await?;
        Ok(volumes.volumes().iter().filter_map(|volume| volume.volume_id()).map(Id::new).collect())
    }
}
