//! The resource types of this crate.
//!
//! ```
//! use leyden::{infra::{Infra, State, Stored, host::{Directory, File}}, prelude::*};
//!
//! let world = World::new();
//! let infra = Infra::new("demo", State::file("/demo.json"));
//! infra.plan(&world.batteries(), |declare| {
//!     let srv = declare.add("srv", Directory::new("/srv/app"))?;
//!     declare.add("config", File::new("/srv/app/config", "port = 80\n").mode(0o640))?.after(&srv);
//!     declare.add("release", Stored::new("2026-01"))?;
//!     Ok(())
//! }).wait()?.apply(&world.batteries()).wait()?;
//! assert_eq!(world.os.tree("/srv"), "app/\napp/config (10)\n");
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! | Type | Module | Replaced if these change |
//! |---|---|---|
//! | `stored` | [`Stored`] | `triggers_replace` |
//! | `host.file`, `host.directory`, `host.symlink`, `host.archive` | [`host`] | `path`, `host` |
//! | `host.command`, `host.cron_line`, `host.systemd_unit` | [`host`] | `argv` and `host`; `name` |
//! | `host.package`, `host.service`, `host.user`, `host.authorized_key` | [`host`] | `name`, `host`; the key |
//! | `s3.bucket`, `s3.object` | `s3` | `bucket`, `region`; `key` |
//! | `ec2.vpc`, `ec2.subnet`, `ec2.instance`, `ec2.volume` and others | `ec2` | see there |

#[cfg(any(feature = "s3", feature = "ec2"))]
mod aws;
#[cfg(feature = "ec2")]
pub mod ec2;
pub mod host;
mod outputs;
#[cfg(feature = "s3")]
pub mod s3;
mod stored;

use std::collections::BTreeSet;

use super::Infra;
pub use outputs::Outputs;
pub use stored::Stored;

/// Outputs that repeat a field, so that they are as secret as that: field and output.
pub(super) fn echoes(kind: &str) -> &'static [(&'static str, &'static str)] {
    match kind {
        <Stored as super::Resource>::TYPE => &[("input", "output")],
        _ => &[],
    }
}

/// The fields, and the outputs that repeat them.
pub(super) fn with_echoes(kind: &str, mut secret: BTreeSet<String>) -> BTreeSet<String> {
    for (field, output) in echoes(kind) {
        if secret.contains(*field) {
            secret.insert((*output).to_owned());
        }
    }
    secret
}

/// Registers every type of this crate.
pub(super) fn register_all(infra: Infra) -> Infra {
    let infra = infra
        .register::<Stored>()
        .register::<host::File>()
        .register::<host::Directory>()
        .register::<host::Symlink>()
        .register::<host::Archive>()
        .register::<host::Command>()
        .register::<host::CronLine>()
        .register::<host::SystemdUnit>()
        .register::<host::Package>()
        .register::<host::Service>()
        .register::<host::User>()
        .register::<host::AuthorizedKey>();
    #[cfg(feature = "s3")]
    let infra = infra.register::<s3::Bucket>().register::<s3::Object>();
    #[cfg(feature = "ec2")]
    let infra = infra
        .register::<ec2::Vpc>()
        .register::<ec2::Subnet>()
        .register::<ec2::InternetGateway>()
        .register::<ec2::RouteTable>()
        .register::<ec2::SecurityGroup>()
        .register::<ec2::KeyPair>()
        .register::<ec2::LaunchTemplate>()
        .register::<ec2::Instance>()
        .register::<ec2::Volume>()
        .register::<ec2::Attachment>()
        .register::<ec2::ElasticIp>();
    infra
}
