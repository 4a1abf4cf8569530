//! [`Hook`]: what is done after an object is made, or before it is deleted.

use std::path::PathBuf;

use crate::infra::resource::Scope;

/// Something done after an object is made, or before it is deleted: Terraform's provisioners.
///
/// A hook that fails after `create` leaves the object tainted: the next apply replaces it. One that fails before `delete` keeps the
/// object.
///
/// ```
/// use leyden::infra::Hook;
///
/// let reload = Hook::command(["systemctl", "reload", "nginx"]);
/// let goodbye = Hook::command(["logger", "gone"]).on("web1").before_delete().go_on_if_it_fails();
/// ```
#[derive(Clone, Debug)]
#[must_use = "give it to Handle::hook"]
#[doc(alias("terraform.resource.provisioner.when", "terraform.resource.provisioner.on_failure"))]
pub struct Hook(Step);

#[derive(Clone, Debug)]
pub(in crate::infra) struct Step {
    what: What,
    host: Option<String>,
    pub(in crate::infra) before_delete: bool,
    pub(in crate::infra) go_on: bool,
}

#[derive(Clone, Debug)]
enum What {
    Command(crate::subprocess::Args),
    Upload(PathBuf, PathBuf),
}

impl Hook {
    /// Runs a program; an exit status other than zero is a failure. With [`Hook::on`] it runs there.
    #[doc(alias("terraform.resource.provisioner.local_exec", "terraform.resource.provisioner.remote_exec"))]
    pub fn command(argv: impl Into<crate::subprocess::Args>) -> Hook {
        Hook(Step { what: What::Command(argv.into()), host: None, before_delete: false, go_on: false })
    }

    /// Copies a file of this machine, to this machine or to the host of [`Hook::on`].
    #[doc(alias = "terraform.resource.provisioner.file")]
    pub fn file(source: impl Into<PathBuf>, destination: impl Into<PathBuf>) -> Hook {
        let what = What::Upload(source.into(), destination.into());
        Hook(Step { what, host: None, before_delete: false, go_on: false })
    }

    /// On another host: see [`Infra::hosts`](crate::infra::Infra::hosts).
    pub fn on(mut self, host: impl Into<String>) -> Hook {
        self.0.host = Some(host.into());
        self
    }

    /// Before the object is deleted. Default: after it is made.
    pub fn before_delete(mut self) -> Hook {
        self.0.before_delete = true;
        self
    }

    /// A failure changes nothing.
    pub fn go_on_if_it_fails(mut self) -> Hook {
        self.0.go_on = true;
        self
    }

    pub(super) fn into_step(self) -> Step {
        self.0
    }
}

impl Step {
    /// For errors.
    pub(in crate::infra) fn name(&self) -> String {
        match &self.what {
            What::Command(argv) => format!("'{argv}'"),
            What::Upload(source, destination) => format!("file '{}' -> '{}'", source.display(), destination.display()),
        }
    }

    pub(in crate::infra) fn run(&self, scope: &Scope) -> crate::Result<()> {
        let there = scope.host(self.host.as_deref())?;
        match &self.what {
            What::Command(argv) => {
                there.subprocess.run(argv.clone()).capture_output(true).check(true).wait()?;
            }
            What::Upload(source, destination) => {
                let bytes = scope.os.read_bytes(source)?;
                there.os.write_bytes(destination, bytes)?;
            }
        }
        Ok(())
    }
}
