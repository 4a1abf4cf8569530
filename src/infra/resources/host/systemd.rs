//! [`SystemdUnit`]: a unit file of systemd.

use serde::{Deserialize, Serialize};

use super::{ask, batteries, check_name, expect_kind, look, must, name_id, name_of, on_host};
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};
use crate::os::{FileType, Open};

/// A unit file of systemd, `/etc/systemd/system/NAME`, enabled and running: `SystemdUnit::new("app.service", text)`.
///
/// After a change of the text, systemd reads its files again and the unit is restarted.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SystemdUnit {
    host: Option<String>,
    name: String,
    text: String,
    enabled: bool,
    running: bool,
}

on_host!(SystemdUnit);

impl SystemdUnit {
    /// A unit of this name (`app.service`, `app.timer`) with this text.
    pub fn new(name: impl Into<String>, text: impl Into<String>) -> SystemdUnit {
        SystemdUnit { host: None, name: name.into(), text: text.into(), enabled: true, running: true }
    }

    /// Does not start with the machine.
    #[must_use]
    pub fn disabled(self) -> SystemdUnit {
        SystemdUnit { enabled: false, ..self }
    }

    /// Does not run now: for a service that a timer starts.
    #[must_use]
    pub fn stopped(self) -> SystemdUnit {
        SystemdUnit { running: false, ..self }
    }

    fn path(name: &str) -> String {
        format!("/etc/systemd/system/{name}")
    }

    async fn put(&self, scope: &Scope, was: Option<&SystemdUnit>) -> crate::Result<()> {
        let there = batteries(scope, self.host.as_ref())?;
        let changed = was.is_none_or(|was| was.text != self.text);
        if changed {
            there.os.write_bytes(Open::new(SystemdUnit::path(&self.name)).permissions(0o644), &self.text)?;
            must(&there, &["systemctl", "daemon-reload"]).await?;
        }
        if was.is_none_or(|was| was.enabled != self.enabled) {
            must(&there, &["systemctl", if self.enabled { "enable" } else { "disable" }, &self.name]).await?;
        }
        match self.running {
            true if changed => must(&there, &["systemctl", "restart", &self.name]).await?,
            true => must(&there, &["systemctl", "start", &self.name]).await?,
            false => must(&there, &["systemctl", "stop", &self.name]).await?,
        };
        Ok(())
    }
}

impl Resource for SystemdUnit {
    const TYPE: &'static str = "host.systemd_unit";
    type Out = ();

    const FIELDS: &'static [Field] = &[Field::new("host").force_new(), Field::new("name").force_new()];

    fn validate(&self) -> crate::Result<()> {
        check_name("unit", &self.name)?;
        if self.name.contains('.') {
            Ok(())
        } else {
            Err(crate::Error::other(format!("unit {:?} has no suffix like .service", self.name)))
        }
    }

    fn natural_id(&self) -> Option<Id> {
        Some(name_id(self.host.as_ref(), &self.name))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<SystemdUnit>>) -> crate::Result<Option<Live<SystemdUnit>>> {
        let (host, name) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        let path = SystemdUnit::path(name);
        let Some(stat) = look(&there, &path)? else { return Ok(None) };
        expect_kind(&path, stat.file_type(), FileType::File)?;
        let text = there.os.read_text(path.as_str())?;
        let enabled = ask(&there, &["systemctl", "is-enabled", name]).await?.is_some();
        let running = ask(&there, &["systemctl", "is-active", name]).await?.is_some();
        Ok(Some(Live::new(SystemdUnit { host, name: name.to_owned(), text, enabled, running }, ())))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ())> {
        self.put(scope, None).await?;
        Ok((name_id(self.host.as_ref(), &self.name), ()))
    }

    async fn update(&self, scope: &Scope, _: &Id, was: &Live<SystemdUnit>) -> crate::Result<()> {
        self.put(scope, Some(&was.inputs)).await
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<SystemdUnit>) -> crate::Result<()> {
        let (host, name) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        must(&there, &["systemctl", "disable", "--now", name]).await?;
        if look(&there, &SystemdUnit::path(name))?.is_some() {
            there.os.unlink(SystemdUnit::path(name))?;
        }
        must(&there, &["systemctl", "daemon-reload"]).await.map(drop)
    }
}
