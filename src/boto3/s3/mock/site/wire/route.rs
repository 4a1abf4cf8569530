//! Which operation a request is.

use super::super::address::Target;
use super::routes::ROUTES;

/// What a path names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::boto3::s3::mock::site) enum Level {
    Service,
    Bucket,
    Object,
}

/// An operation's address.
#[derive(Debug)]
pub(in crate::boto3::s3::mock::site) struct Route {
    /// `GetObjectAcl`
    pub(in crate::boto3::s3::mock::site) name: &'static str,
    /// `get_object_acl`; None if this crate does not carry it.
    pub(in crate::boto3::s3::mock::site) operation: Option<&'static str>,
    pub(super) method: &'static str,
    pub(super) level: Level,
    /// Parameters that the request must have, some with a value.
    pub(super) query: &'static [(&'static str, Option<&'static str>)],
    /// Headers that the request must have.
    pub(super) headers: &'static [&'static str],
    /// The headers of Amazon's that the operation reads.
    pub(in crate::boto3::s3::mock::site) known: &'static [&'static str],
}

/// Parameters that make another operation of a request. A parameter of some list, such as a marker, does not.
fn is_subresource(name: &str) -> bool {
    ROUTES.iter().flat_map(|route| route.query).any(|(own, _)| *own == name)
}

/// The operation with the most of what the request has; None if one of the request's subresources belongs to none.
pub(in crate::boto3::s3::mock::site) fn route(
    method: &str,
    level: Level,
    target: &Target,
    has_header: impl Fn(&str) -> bool,
) -> Option<&'static Route> {
    let holds = |(name, value): &(&str, Option<&str>)| {
        target.parameter(name).is_some_and(|found| value.is_none_or(|value| value == found))
    };
    let fits = |route: &&Route| {
        route.method == method
            && route.level == level
            && route.query.iter().all(holds)
            && route.headers.iter().all(|name| has_header(name))
    };
    let best = ROUTES.iter().filter(fits).max_by_key(|route| route.query.len() + route.headers.len())?;
    let reads = |name: &str| best.query.iter().any(|(own, _)| *own == name);
    let stray = target.query.iter().map(|(name, _)| name.as_str()).find(|name| is_subresource(name) && !reads(name));
    // A part is read and headed by its number, which is a subresource only of an upload. A version is a parameter everywhere.
    match stray {
        None | Some("partNumber" | "versionId" | "list-type") => Some(best),
        Some(_) => None,
    }
}
