//! The criteria of a `Match` line.

/// One criterion, perhaps negated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Criterion {
    pub(super) negated: bool,
    pub(super) what: What,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum What {
    All,
    /// Also `canonical`: both mean the second pass over the files.
    Final {
        canonical: bool,
    },
    Host(String),
    OriginalHost(String),
    User(String),
    LocalUser(String),
    LocalNetwork(String),
    Tagged(String),
    Version(String),
    Command(String),
    SessionType(String),
    Exec(String),
}

impl Criterion {
    /// Takes a line apart. <https://man.openbsd.org/ssh_config#Match>
    pub(super) fn parse(args: &[String]) -> Result<Vec<Criterion>, String> {
        let mut criteria: Vec<Criterion> = Vec::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let (negated, attribute) = arg.strip_prefix('!').map_or((false, arg.as_str()), |rest| (true, rest));
            let lower = attribute.to_ascii_lowercase();
            let what = match lower.as_str() {
                "all" => {
                    // OpenSSH lets one criterion stand before it, whichever that is.
                    if criteria.len() > 1 || args.next().is_some() {
                        return Err(format!("'{arg}' cannot be combined with other Match attributes"));
                    }
                    criteria.push(Criterion { negated, what: What::All });
                    return Ok(criteria);
                }
                "canonical" => What::Final { canonical: true },
                "final" => What::Final { canonical: false },
                _ => {
                    let (name, value) = match attribute.split_once('=').filter(|(name, _)| make(name, String::new()).is_some()) {
                        Some((name, value)) => (name.to_ascii_lowercase(), Some(value.to_owned())),
                        None => (lower.clone(), args.next().cloned()),
                    };
                    let value = value.ok_or_else(|| format!("missing argument for Match '{arg}'"))?;
                    if value.is_empty() && !matches!(name.as_str(), "tagged" | "command") {
                        return Err(format!("missing Match criteria for {name}"));
                    }
                    make(&name, value).ok_or_else(|| format!("unsupported Match attribute {name}"))?
                }
            };
            criteria.push(Criterion { negated, what });
        }
        if criteria.is_empty() { Err("one or more attributes required for Match".into()) } else { Ok(criteria) }
    }
}

fn make(name: &str, value: String) -> Option<What> {
    Some(match name.to_ascii_lowercase().as_str() {
        "host" => What::Host(value),
        "originalhost" => What::OriginalHost(value),
        "user" => What::User(value),
        "localuser" => What::LocalUser(value),
        "localnetwork" => What::LocalNetwork(value),
        "tagged" => What::Tagged(value),
        "version" => What::Version(value),
        "command" => What::Command(value),
        "sessiontype" => What::SessionType(value),
        "exec" => What::Exec(value),
        _ => return None,
    })
}
