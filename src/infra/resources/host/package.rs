//! [`Package`]: a package of apt or dnf.

use serde::{Deserialize, Serialize};

use super::{ask, batteries, check_name, must, name_id, name_of, on_host};
use crate::Batteries;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A package of the system's manager, apt or dnf, whichever is there: `Package::new("nginx")`.
///
/// Without a version, any version that is installed is right.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Package {
    host: Option<String>,
    name: String,
    version: Option<String>,
}

on_host!(Package);

#[derive(Clone, Copy)]
enum Manager {
    Apt,
    Dnf,
}

impl Manager {
    fn of(there: &Batteries) -> crate::Result<Manager> {
        let has = |program: &str| there.os.shutil.which(program).is_some();
        match (has("apt-get"), has("dnf")) {
            (true, _) => Ok(Manager::Apt),
            (_, true) => Ok(Manager::Dnf),
            _ => Err(crate::Error::other("no package manager: neither apt-get nor dnf is in the PATH")),
        }
    }

    /// The version that is installed.
    async fn version(self, there: &Batteries, name: &str) -> crate::Result<Option<String>> {
        match self {
            Manager::Apt => {
                let answer = ask(there, &["dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", name]).await?;
                Ok(answer.and_then(|answer| Some(answer.trim().strip_prefix("installed ")?.to_owned())))
            }
            Manager::Dnf => {
                let answer = ask(there, &["rpm", "-q", "--qf", "%{VERSION}-%{RELEASE}", name]).await?;
                Ok(answer.map(|answer| answer.trim().to_owned()))
            }
        }
    }

    async fn install(self, there: &Batteries, name: &str, version: Option<&str>) -> crate::Result<()> {
        let wanted = match (self, version) {
            (_, None) => name.to_owned(),
            (Manager::Apt, Some(version)) => format!("{name}={version}"),
            (Manager::Dnf, Some(version)) => format!("{name}-{version}"),
        };
        let argv: &[&str] = match self {
            Manager::Apt => &[
                "env",
                "DEBIAN_FRONTEND=noninteractive",
                "apt-get",
                "install",
                "-y",
                "--allow-downgrades",
                "--no-install-recommends",
                &wanted,
            ],
            Manager::Dnf => &["dnf", "install", "-y", &wanted],
        };
        must(there, argv).await.map(drop)
    }

    async fn remove(self, there: &Batteries, name: &str) -> crate::Result<()> {
        let argv: &[&str] = match self {
            Manager::Apt => &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "remove", "-y", name],
            Manager::Dnf => &["dnf", "remove", "-y", name],
        };
        must(there, argv).await.map(drop)
    }
}

impl Package {
    /// A package by its name.
    pub fn new(name: impl Into<String>) -> Package {
        Package { host: None, name: name.into(), version: None }
    }

    /// Exactly this version, as the manager writes it.
    #[must_use]
    pub fn version(self, version: impl Into<String>) -> Package {
        Package { version: Some(version.into()), ..self }
    }
}

impl Resource for Package {
    const TYPE: &'static str = "host.package";
    type Out = ();

    const FIELDS: &'static [Field] =
        &[Field::new("host").force_new(), Field::new("name").force_new(), Field::new("version").computed()];

    fn validate(&self) -> crate::Result<()> {
        check_name("package", &self.name)?;
        self.version.as_deref().map_or(Ok(()), |version| check_name("version", &version.replace('~', "-")))
    }

    fn natural_id(&self) -> Option<Id> {
        Some(name_id(self.host.as_ref(), &self.name))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<Package>>) -> crate::Result<Option<Live<Package>>> {
        let (host, name) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        let version = Manager::of(&there)?.version(&there, name).await?;
        Ok(version.map(|version| Live::new(Package { host, name: name.to_owned(), version: Some(version) }, ())))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, ())> {
        let there = batteries(scope, self.host.as_ref())?;
        Manager::of(&there)?.install(&there, &self.name, self.version.as_deref()).await?;
        Ok((name_id(self.host.as_ref(), &self.name), ()))
    }

    async fn update(&self, scope: &Scope, _: &Id, _: &Live<Package>) -> crate::Result<()> {
        let there = batteries(scope, self.host.as_ref())?;
        Manager::of(&there)?.install(&there, &self.name, self.version.as_deref()).await
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<Package>) -> crate::Result<()> {
        let (host, name) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        Manager::of(&there)?.remove(&there, name).await
    }
}
