//! [`SystemdUnit`]: a unit file of systemd.

use serde::{Deserialize, Serialize};

use super::{ask, batteries, check_name, expect_kind, look, must, name_id, name_of, on_host};
use crate::Batteries;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};
use crate::os::{FileType, Open};

/// A unit file of systemd, `/etc/systemd/system/NAME`, enabled and running: `SystemdUnit::new("app.service", text)`.
///
/// After a change of the text, systemd reads its files again and the unit is restarted. If that fails, the text from before is put back,
/// so that the change is in the next plan again.
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

    /// The service and the timer of a job of [`schedule`](crate::schedule): declare both, under two addresses.
    ///
    /// ```
    /// # #[cfg(feature = "schedule")] {
    /// use leyden::infra::{Infra, State, host::SystemdUnit};
    /// use leyden::{prelude::*, schedule::hand_over::HandOver};
    ///
    /// let world = World::new();
    /// # world.os.mkdir("/etc/systemd/system");
    /// # world.subprocess.program("systemctl").runs(|call| {
    /// #     let service = call.arg(2).ends_with(".service");
    /// #     let reply = leyden::subprocess::mock::Reply::new().stdout(if service { "static\n" } else { "enabled\n" });
    /// #     reply.code(if service && call.arg(1) == "is-active" { 3 } else { 0 })
    /// # });
    /// let schedule = world.batteries().schedule;
    /// let nightly = schedule.cron("0 2 * * *").name("nightly").do_(|_| ())?;
    /// let units = HandOver::of(&nightly, ["/usr/local/bin/ops", "run", "nightly"])?.systemd()?;
    /// let infra = Infra::new("jobs", State::file("/jobs.json"));
    /// infra.plan(&world.batteries(), |declare| {
    ///     let [service, timer] = SystemdUnit::of(&units);
    ///     let service = declare.add("service", service)?;
    ///     declare.add("timer", timer)?.after(&service);
    ///     Ok(())
    /// }).wait()?.apply(&world.batteries()).wait()?;
    /// assert!(world.os.exists("/etc/systemd/system/nightly.timer"));
    /// # }
    /// # Ok::<(), leyden::Error>(())
    /// ```
    #[cfg(feature = "schedule")]
    pub fn of(units: &crate::schedule::hand_over::Units) -> [SystemdUnit; 2] {
        let service = SystemdUnit::new(format!("{}.service", units.name), units.service.as_str());
        [service.disabled().stopped(), SystemdUnit::new(format!("{}.timer", units.name), units.timer.as_str())]
    }

    fn path(name: &str) -> String {
        format!("/etc/systemd/system/{name}")
    }

    async fn put(&self, scope: &Scope, was: Option<&SystemdUnit>) -> crate::Result<()> {
        let there = batteries(scope, self.host.as_ref())?;
        let changed = was.is_none_or(|was| was.text != self.text);
        if changed {
            self.write(&there)?;
        }
        let failed = match self.load(&there, was, changed).await {
            Err(failed) if changed => failed,
            done => return done,
        };
        // The next plan reads the text. With the new one, it would take the unit that did not start for done.
        let back = match was {
            Some(was) => was.write(&there),
            None => there.os.unlink(SystemdUnit::path(&self.name)).map_err(crate::Error::from),
        };
        if back.is_ok() {
            let _ = ask(&there, &["systemctl", "daemon-reload"]).await;
        }
        // Whatever became of that, the first error is the one that says why.
        Err(failed)
    }

    fn write(&self, there: &Batteries) -> crate::Result<()> {
        there.os.write_bytes(Open::new(SystemdUnit::path(&self.name)).permissions(0o644), &self.text)?;
        Ok(())
    }

    /// Makes systemd take the text, and the unit what it was declared to be.
    async fn load(&self, there: &Batteries, was: Option<&SystemdUnit>, changed: bool) -> crate::Result<()> {
        if changed {
            must(there, &["systemctl", "daemon-reload"]).await?;
        }
        if was.is_none_or(|was| was.enabled != self.enabled) {
            must(there, &["systemctl", if self.enabled { "enable" } else { "disable" }, &self.name]).await?;
        }
        match self.running {
            true if changed => must(there, &["systemctl", "restart", &self.name]).await?,
            true => must(there, &["systemctl", "start", &self.name]).await?,
            // A service that its timer has just started is not disturbed.
            false if was.is_some_and(|was| was.running) => must(there, &["systemctl", "stop", &self.name]).await?,
            false => String::new(),
        };
        Ok(())
    }
}

/// Whether a unit starts with the machine. One without an `[Install]` section is `static`: it can be neither enabled nor disabled, so it is
/// what it was declared to be.
pub(super) async fn enabled(there: &Batteries, name: &str, was: Option<bool>) -> crate::Result<bool> {
    Ok(match ask(there, &["systemctl", "is-enabled", name]).await? {
        Some(state) if state.trim_end() == "static" => was.unwrap_or(false),
        enabled => enabled.is_some(),
    })
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

    async fn read(scope: &Scope, id: &Id, was: Option<&Live<SystemdUnit>>) -> crate::Result<Option<Live<SystemdUnit>>> {
        let (host, name) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        let path = SystemdUnit::path(name);
        let Some(stat) = look(&there, &path)? else { return Ok(None) };
        expect_kind(&path, stat.file_type(), FileType::File)?;
        let text = there.os.read_text(path.as_str())?;
        let enabled = enabled(&there, name, was.map(|was| was.inputs.enabled)).await?;
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
