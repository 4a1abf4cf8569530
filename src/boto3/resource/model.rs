//! [`Model`]: the description of a class of resources.

/// The description of a class of resources: boto3's `meta.resource_model`.
///
/// All names are Python's; operations are named like the client's methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Model {
    /// `ec2`
    pub service: &'static str,
    /// `Instance`; the service resource is `ServiceResource`.
    pub name: &'static str,
    /// The identifiers: `["id"]`.
    pub identifiers: &'static [&'static str],
    /// The attributes, sorted: `["ami_launch_index", ..]`. Includes alternative names of
    /// identifiers: `instance_id`.
    pub attributes: &'static [&'static str],
    /// The request of `load()`, if the class has it.
    pub load: Option<Request>,
    /// Its methods.
    pub actions: &'static [Action],
    /// The resources that can be created from it without a request.
    pub subresources: &'static [Relation],
    /// The resources that its attributes refer to.
    pub references: &'static [Relation],
    /// Its listings.
    pub collections: &'static [Action],
    /// `["wait_until_running", ..]`, each with the operation that it polls.
    pub waiters: &'static [Action],
}

impl Model {
    pub(in crate::boto3) const fn new(service: &'static str, name: &'static str) -> Model {
        Model {
            service,
            name,
            identifiers: &[],
            attributes: &[],
            load: None,
            actions: &[],
            subresources: &[],
            references: &[],
            collections: &[],
            waiters: &[],
        }
    }
}

/// An operation or a client's waiter, and its preset parameters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// `describe_instances`
    pub operation: &'static str,
    /// The parameter and its source: an identifier (`id`), the data (`data.PublicIp`), or a literal
    /// (`'running'`).
    pub params: &'static [(&'static str, &'static str)],
}

/// A method that sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// `create_image`
    pub name: &'static str,
    /// The request.
    pub request: Request,
    /// The class of the resulting resources, if any: `Image`.
    pub resource: Option<&'static str>,
    /// For a listing: the batch actions, such as `["stop"]`.
    pub batch: &'static [&'static str],
}

/// A related resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    /// The name in boto3: `Object`, `vpc`.
    pub name: &'static str,
    /// Its class.
    pub resource: &'static str,
}
