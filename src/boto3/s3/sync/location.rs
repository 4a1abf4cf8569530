//! [`Location`]: a side of a sync.

use std::path::{Path, PathBuf};

/// One side of a sync: a directory, or a prefix, which is text that begins with `s3://`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Location {
    /// A directory.
    Local(PathBuf),
    /// A prefix that ends with a slash or is empty.
    S3 {
        /// The bucket, or an access point's ARN.
        bucket: String,
        /// The prefix.
        prefix: String,
    },
}

impl Location {
    /// Selects a prefix; an empty one is the whole bucket. A missing slash at its end is added, as
    /// in aws-cli.
    pub fn s3(bucket: impl Into<String>, prefix: impl Into<String>) -> Location {
        let mut prefix = prefix.into();
        if !prefix.is_empty() && !prefix.ends_with('/') {
            prefix.push('/');
        }
        Location::S3 { bucket: bucket.into(), prefix }
    }
}

impl From<&str> for Location {
    fn from(text: &str) -> Location {
        match text.strip_prefix("s3://") {
            Some(rest) => {
                let (bucket, prefix) = split(rest);
                Location::s3(bucket, prefix)
            }
            None => Location::Local(text.into()),
        }
    }
}

impl From<String> for Location {
    fn from(text: String) -> Location {
        text.as_str().into()
    }
}

impl From<&String> for Location {
    fn from(text: &String) -> Location {
        text.as_str().into()
    }
}

impl From<PathBuf> for Location {
    fn from(path: PathBuf) -> Location {
        Location::Local(path)
    }
}

impl From<&PathBuf> for Location {
    fn from(path: &PathBuf) -> Location {
        Location::Local(path.clone())
    }
}

impl From<&Path> for Location {
    fn from(path: &Path) -> Location {
        Location::Local(path.to_path_buf())
    }
}

/// Splits into the bucket and the rest. An access point's ARN, which contains slashes, counts as a
/// bucket.
fn split(text: &str) -> (&str, &str) {
    let bucket = access_point(text).unwrap_or_else(|| text.find('/').unwrap_or(text.len()));
    let (bucket, rest) = text.split_at(bucket);
    // An ARN of an outpost may be followed by a colon.
    (bucket, rest.strip_prefix(['/', ':']).unwrap_or(rest))
}

/// Returns the end of the access point's ARN that the text begins with.
fn access_point(text: &str) -> Option<usize> {
    let mut fields = text.splitn(6, ':');
    let (arn, partition, service) = (fields.next()?, fields.next()?, fields.next()?);
    let (_region, account, resource) = (fields.next()?, fields.next()?, fields.next()?);
    let is_account = account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit());
    if arn != "arn" || !partition.starts_with("aws") || !is_account {
        return None;
    }
    let rest = match service {
        "s3" => after(resource, "accesspoint", |name| name.find('/').unwrap_or(name.len()))?,
        "s3-outposts" => {
            let name = |text: &str| text.find(['/', ':']).unwrap_or(text.len());
            let point = after(resource, "outpost", name)?.strip_prefix(['/', ':'])?;
            after(point, "accesspoint", name)?
        }
        _ => return None,
    };
    Some(text.len() - rest.len())
}

/// Returns the text after a kind, a separator and a name, whose length `end` returns.
fn after<'a>(text: &'a str, kind: &str, end: impl Fn(&str) -> usize) -> Option<&'a str> {
    let name = text.strip_prefix(kind)?.strip_prefix(['/', ':'])?;
    let end = end(name);
    if end == 0 { None } else { name.get(end..) }
}
