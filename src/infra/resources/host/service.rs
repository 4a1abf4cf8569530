//! [`Service`]: a unit of systemd that a package brought.

use serde::{Deserialize, Serialize};

use super::{ask, batteries, check_name, must, name_id, name_of, on_host};
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A service that is there already, by a package for instance: `Service::new("nginx")` is enabled and runs.
///
/// Deleting it stops and disables it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Service {
    host: Option<String>,
    name: String,
    enabled: bool,
    running: bool,
}

on_host!(Service);

impl Service {
    /// A service of this name.
    pub fn new(name: impl Into<String>) -> Service {
        Service { host: None, name: name.into(), enabled: true, running: true }
    }

    /// Does not start with the machine.
    #[must_use]
    pub fn disabled(self) -> Service {
        Service { enabled: false, ..self }
    }

    /// Does not run.
    #[must_use]
    pub fn stopped(self) -> Service {
        Service { running: false, ..self }
    }

    async fn put(&self, scope: &Scope) -> crate::Result<()> {
        let there = batteries(scope, self.host.as_ref())?;
        must(&there, &["systemctl", if self.enabled { "enable" } else { "disable" }, &self.name]).await?;
        must(&there, &["systemctl", if self.running { "start" } else { "stop" }, &self.name]).await.map(drop)
    }
}

impl Resource for Service {
    const TYPE: &'static str = "host.service";
    type Out = ();

    const FIELDS: &'static [Field] = &[Field::new("host").force_new(), Field::new("name").force_new()];

    fn validate(&self) -> crate::Result<()> {
        check_name("service", &self.name)
    }

    async fn read(scope: &Scope, id: &Id, was: Option<&Live<Service>>) -> crate::Result<Option<Live<Service>>> {
        let (host, name) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        let known = ask(&there, &["systemctl", "show", "--property=LoadState", "--value", name]).await?;
        if known.is_none_or(|state| state.trim() == "not-found") {
            return Ok(None);
        }
        let enabled = super::systemd::enabled(&there, name, was.map(|was| was.inputs.enabled)).await?;
        let running = ask(&there, &["systemctl", "is-active", name]).await?.is_some();
        Ok(Some(Live::new(Service { host, name: name.to_owned(), enabled, running }, ())))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ())> {
        self.put(scope).await?;
        Ok((name_id(self.host.as_ref(), &self.name), ()))
    }

    async fn update(&self, scope: &Scope, _: &Id, _: &Live<Service>) -> crate::Result<()> {
        self.put(scope).await
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Service>) -> crate::Result<()> {
        let (host, name) = name_of(id);
        must(&batteries(scope, host.as_ref())?, &["systemctl", "disable", "--now", name]).await.map(drop)
    }
}
