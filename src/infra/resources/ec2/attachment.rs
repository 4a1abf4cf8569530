//! [`Attachment`]: a disk at a machine.

use serde::{Deserialize, Serialize};

use super::{client, found};
use crate::boto3::ec2::Filters as _;
use crate::boto3::ec2::types::{Volume, VolumeAttachmentState};
use crate::infra::Input;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A disk at a machine: `Attachment::new(data.id(), web.id(), "/dev/sdf")`. The disk has to be unmounted before it is deleted.
///
/// <https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_AttachVolume.html>
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Attachment {
    volume_id: Input<String>,
    instance_id: Input<String>,
    device: String,
}

impl Attachment {
    /// This volume at this instance, under this name of a device.
    pub fn new(
        volume_id: impl Into<Input<String>>,
        instance_id: impl Into<Input<String>>,
        device: impl Into<String>,
    ) -> Attachment {
        Attachment { volume_id: volume_id.into(), instance_id: instance_id.into(), device: device.into() }
    }
}

fn parts(id: &Id) -> crate::Result<(&str, &str)> {
    id.as_str().split_once(':').ok_or_else(|| crate::Error::other(format!("id {:?} is not volume:instance", id.as_str())))
}

impl Resource for Attachment {
    const TYPE: &'static str = "ec2.attachment";
    type Out = ();
    const FIELDS: &'static [Field] =
        &[Field::new("volume_id").force_new(), Field::new("instance_id").force_new(), Field::new("device").force_new()];

    fn natural_id(&self) -> Option<Id> {
        Some(Id::new(format!("{}:{}", self.volume_id.get()?, self.instance_id.get()?)))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Attachment>>) -> crate::Result<Option<Live<Attachment>>> {
        let (volume, instance) = parts(id)?;
        let described = client(scope).describe_volumes(|volumes| volumes.filter("volume-id", [volume])).await?;
        let attachments = described.volumes().iter().flat_map(Volume::attachments);
        let mut own = attachments.filter(|to| {
            let going = matches!(to.state(), Some(&VolumeAttachmentState::Detaching | &VolumeAttachmentState::Detached));
            to.instance_id() == Some(instance) && !going
        });
        let attachment = own.next().map(|to| Attachment::new(volume, instance, to.device().unwrap_or_default()));
        Ok(attachment.map(|attachment| Live::new(attachment, ())))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ())> {
        let ec2 = client(scope);
        let (volume, instance) = (self.volume_id.required("volume_id")?, self.instance_id.required("instance_id")?);
        let id = Id::new(format!("{volume}:{instance}"));
        let attached = ec2.attach_volume(|attach| attach.volume_id(volume).instance_id(instance).device(&self.device)).await;
        match attached {
            // A call that is repeated after a lost answer finds its own attachment.
            Err(error) if error.code() == Some("VolumeInUse") && Attachment::read(scope, &id, None).await?.is_some() => {}
            answer => drop(answer?),
        }
        ec2.get_waiter().volume_in_use(|volumes| volumes.volume_ids(volume)).await?;
        Ok((id, ()))
    }

    async fn update(&self, _: &Scope, _: &Id, _: &Live<Attachment>) -> crate::Result<()> {
        Ok(()) // every field forces a replacement
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Attachment>) -> crate::Result<()> {
        let ((volume, instance), ec2) = (parts(id)?, client(scope));
        let gone = ["InvalidVolume.NotFound", "InvalidAttachment.NotFound", "IncorrectState", "InvalidInstanceID.NotFound"];
        let detached = ec2.detach_volume(|detach| detach.volume_id(volume).instance_id(instance)).await;
        if found(detached, &gone)?.is_some() {
            ec2.get_waiter().volume_available(|volumes| volumes.volume_ids(volume)).await?;
        }
        Ok(())
    }
}
