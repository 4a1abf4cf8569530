//! [`User`]: a user of a machine.

use serde::{Deserialize, Serialize};

use super::{batteries, check_name, must, name_id, name_of, on_host};
use crate::Batteries;
use crate::infra::resource::{Field, Id, Live, Resource, Scope, Token};

/// A user of a machine: `User::new("deploy").shell("/bin/bash").groups(["docker"])`.
///
/// What is not declared is the machine's default, and stays. Deleting the user keeps the home directory.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct User {
    host: Option<String>,
    name: String,
    uid: Option<u32>,
    comment: Option<String>,
    home: Option<String>,
    shell: Option<String>,
    groups: Option<Vec<String>>,
}

/// The outputs of [`User`].
#[derive(Clone, Debug, Serialize, Deserialize)]
#[non_exhaustive]
pub struct UserOut {
    /// The number.
    pub uid: u32,
    /// The number of the main group.
    pub gid: u32,
    /// The home directory.
    pub home: String,
}

on_host!(User);

impl User {
    /// A user of this name.
    pub fn new(name: impl Into<String>) -> User {
        User { host: None, name: name.into(), uid: None, comment: None, home: None, shell: None, groups: None }
    }

    /// The number.
    #[must_use]
    pub fn uid(self, uid: u32) -> User {
        User { uid: Some(uid), ..self }
    }

    /// The full name.
    #[must_use]
    pub fn comment(self, comment: impl Into<String>) -> User {
        User { comment: Some(comment.into()), ..self }
    }

    /// The home directory.
    #[must_use]
    pub fn home(self, path: impl Into<String>) -> User {
        User { home: Some(path.into()), ..self }
    }

    /// The shell.
    #[must_use]
    pub fn shell(self, path: impl Into<String>) -> User {
        User { shell: Some(path.into()), ..self }
    }

    /// The supplementary groups: these, and no others.
    #[must_use]
    pub fn groups<G: Into<String>>(self, groups: impl IntoIterator<Item = G>) -> User {
        User { groups: Some(groups.into_iter().map(Into::into).collect()), ..self }
    }

    fn options(&self) -> Vec<String> {
        let mut argv = Vec::new();
        let mut option = |flag: &str, value: Option<String>| {
            if let Some(value) = value {
                argv.extend([flag.to_owned(), value]);
            }
        };
        option("--uid", self.uid.map(|uid| uid.to_string()));
        option("--comment", self.comment.clone());
        option("--home-dir", self.home.clone());
        option("--shell", self.shell.clone());
        option("--groups", self.groups.as_ref().map(|groups| groups.join(",")));
        argv
    }
}

/// A line of /etc/passwd by its user's name.
pub(super) fn passwd(there: &Batteries, name: &str) -> crate::Result<Option<Vec<String>>> {
    let text = there.os.read_text("/etc/passwd")?;
    let mut lines = text.lines().map(|line| line.split(':').map(str::to_owned).collect::<Vec<_>>());
    Ok(lines.find(|fields| fields.len() >= 7 && fields[0] == name))
}

impl Resource for User {
    const TYPE: &'static str = "host.user";
    type Out = UserOut;

    const FIELDS: &'static [Field] = &[
        Field::new("host").force_new(),
        Field::new("name").force_new(),
        Field::new("uid").computed(),
        Field::new("comment").computed(),
        Field::new("home").computed(),
        Field::new("shell").computed(),
        Field::new("groups").computed().set(),
    ];

    fn validate(&self) -> crate::Result<()> {
        check_name("user", &self.name)?;
        let plain = |text: &String| !text.contains([':', '\n', ',']);
        let texts = [&self.comment, &self.home, &self.shell].into_iter().flatten();
        if texts.chain(self.groups.iter().flatten()).all(plain) {
            return Ok(());
        }
        Err(crate::Error::other(format!("user {:?}: a field contains ':', ',' or a newline", self.name)))
    }

    fn natural_id(&self) -> Option<Id> {
        Some(name_id(self.host.as_ref(), &self.name))
    }

    async fn read(scope: &Scope, id: &Id, _: Option<&Live<User>>) -> crate::Result<Option<Live<User>>> {
        let (host, name) = name_of(id);
        let there = batteries(scope, host.as_ref())?;
        let Some(fields) = passwd(&there, name)? else { return Ok(None) };
        let number = |text: &String| {
            text.parse::<u32>().map_err(|error| crate::Error::other(format!("/etc/passwd: user {name}: {error}")))
        };
        let (uid, gid) = (number(&fields[2])?, number(&fields[3])?);
        let members = there.os.read_text("/etc/group")?;
        let groups = members.lines().filter_map(|line| {
            let mut fields = line.split(':');
            let (group, members) = (fields.next()?, fields.nth(2)?);
            members.split(',').any(|member| member == name).then(|| group.to_owned())
        });
        let user = User {
            host,
            name: name.to_owned(),
            uid: Some(uid),
            comment: Some(fields[4].clone()),
            home: Some(fields[5].clone()),
            shell: Some(fields[6].clone()),
            groups: Some(groups.collect()),
        };
        Ok(Some(Live::new(user, UserOut { uid, gid, home: fields[5].clone() })))
    }

    async fn create(&self, scope: &Scope, _: &Token) -> crate::Result<(Id, UserOut)> {
        let there = batteries(scope, self.host.as_ref())?;
        let mut argv = vec!["useradd".to_owned(), "--create-home".to_owned()];
        argv.extend(self.options());
        argv.push(self.name.clone());
        must(&there, &argv.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let id = name_id(self.host.as_ref(), &self.name);
        let made = User::read(scope, &id, None).await?;
        let made = made.ok_or_else(|| crate::Error::other(format!("useradd made no user {}", self.name)))?;
        Ok((id, made.out))
    }

    async fn update(&self, scope: &Scope, id: &Id, was: &Live<User>) -> crate::Result<UserOut> {
        let there = batteries(scope, self.host.as_ref())?;
        let mut argv = vec!["usermod".to_owned()];
        argv.extend(self.options().into_iter().map(|option| if option == "--home-dir" { "--home".to_owned() } else { option }));
        argv.push(self.name.clone());
        must(&there, &argv.iter().map(String::as_str).collect::<Vec<_>>()).await?;
        let now = User::read(scope, id, None).await?;
        Ok(now.map_or_else(|| was.out.clone(), |now| now.out))
    }

    async fn delete(scope: &Scope, id: &Id, _: &Live<User>) -> crate::Result<()> {
        let (host, name) = name_of(id);
        must(&batteries(scope, host.as_ref())?, &["userdel", name]).await.map(drop)
    }

    fn changing_outputs(&self, was: &Live<User>) -> &'static [&'static str] {
        if self.home == was.inputs.home && self.uid == was.inputs.uid { &[] } else { &["uid", "home"] }
    }
}
