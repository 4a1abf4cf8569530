//! [`Target`]: the object of a URL.

use super::super::state::DEFAULT_REGION;
use crate::boto3::s3::encoding::unquoted;

/// A parsed URL.
#[derive(Debug)]
pub(super) struct Target {
    /// With its port.
    pub(super) host: String,
    /// Unquoted.
    pub(super) path: String,
    /// Unquoted, in order.
    pub(super) query: Vec<(String, String)>,
}

/// The bucket, key and region that a URL names.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) region: String,
}

fn text(quoted: &str) -> String {
    String::from_utf8_lossy(&unquoted(quoted)).into_owned()
}

/// Splits a URL into host and the rest.
fn split(url: &str) -> Option<(&str, &str)> {
    let rest = url.split('#').next()?.split_once("://")?.1;
    Some(rest.find(['/', '?']).map_or((rest, ""), |at| rest.split_at(at)))
}

impl Target {
    pub(super) fn of(url: &str) -> Option<Target> {
        let (host, rest) = split(url)?;
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let pairs = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| pair.split_once('=').unwrap_or((pair, "")));
        let query = pairs.map(|(name, value)| (text(name), text(value))).collect();
        Some(Target { host: host.to_ascii_lowercase(), path: text(if path.is_empty() { "/" } else { path }), query })
    }

    pub(super) fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    /// Returns `None` if it is neither AWS's S3 nor one of these endpoints.
    pub(super) fn place<'a>(&self, endpoints: impl Iterator<Item = &'a str>) -> Option<Place> {
        let name = self.host.split(':').next().unwrap_or_default();
        let (bucket, region) = match name.strip_suffix(".amazonaws.com").or_else(|| name.strip_suffix(".amazonaws.com.cn")) {
            Some(name) => amazons(name)?,
            None => {
                let hosts = endpoints.filter_map(|endpoint| Some(split(endpoint)?.0.to_ascii_lowercase()));
                let mut before = hosts.filter_map(|host| self.host.strip_suffix(&host).map(str::to_owned));
                let bucket = before.find(|before| before.is_empty() || before.ends_with('.'))?;
                (bucket.strip_suffix('.').map(str::to_owned), DEFAULT_REGION.to_owned())
            }
        };
        Some(self.within(bucket, region))
    }

    /// At a server that is reached by any name: `bucket.localhost`, and every other name, whose bucket is in the path.
    pub(super) fn place_anywhere(&self) -> Place {
        let name = self.host.split(':').next().unwrap_or_default();
        let bucket = name.strip_suffix(".localhost").map(|bucket| bucket.strip_suffix(".s3").unwrap_or(bucket));
        self.within(bucket.filter(|bucket| *bucket != "s3").map(str::to_owned), DEFAULT_REGION.to_owned())
    }

    fn within(&self, bucket: Option<String>, region: String) -> Place {
        let path = self.path.strip_prefix('/').unwrap_or(&self.path);
        match bucket {
            Some(bucket) => Place { bucket, key: path.to_owned(), region },
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                Place { bucket: bucket.to_owned(), key: key.to_owned(), region }
            }
        }
    }
}

/// Returns bucket and region of `bucket.s3.region`, `s3.region`, `bucket.s3.dualstack.region`,
/// `bucket.s3-accelerate`; `None` for another service.
fn amazons(name: &str) -> Option<(Option<String>, String)> {
    let labels: Vec<&str> = name.split('.').collect();
    let at = labels.iter().rposition(|label| *label == "s3" || label.starts_with("s3-"))?;
    let (bucket, rest) = labels.split_at(at);
    let region = rest.iter().skip(1).find(|label| **label != "dualstack").map_or(DEFAULT_REGION, |region| *region);
    Some(((at > 0).then(|| bucket.join(".")), region.to_owned()))
}
