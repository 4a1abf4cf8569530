//! [`Model`]: what a class of resources is made of.

/// What a class of resources is made of: boto3's `meta.resource_model`.
///
/// All names are Python's; operations are named as the client's methods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Model {
    /// `ec2`
    pub service: &'static str,
    /// `Instance`; the service resource is `ServiceResource`.
    pub name: &'static str,
    /// What must be known of one: `["id"]`.
    pub identifiers: &'static [&'static str],
    /// What can be asked of one, sorted: `["ami_launch_index", ..]`. Among them, other names of identifiers: `instance_id`.
    pub attributes: &'static [&'static str],
    /// What `load()` sends, if the class has it.
    pub load: Option<Request>,
    /// Its methods.
    pub actions: &'static [Action],
    /// What can be made from it without a request.
    pub subresources: &'static [Relation],
    /// What its attributes point to.
    pub references: &'static [Relation],
    /// Its listings.
    pub collections: &'static [Action],
    /// `["wait_until_running", ..]`, each with what it polls by.
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

/// An operation, or a client's waiter, and what is filled in before it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// `describe_instances`
    pub operation: &'static str,
    /// The parameter and where it is from: an identifier (`id`), the data (`data.PublicIp`), or itself (`'running'`).
    pub params: &'static [(&'static str, &'static str)],
}

/// A method that sends a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Action {
    /// `create_image`
    pub name: &'static str,
    /// What it sends.
    pub request: Request,
    /// The class of resources that it gives, if it gives any: `Image`.
    pub resource: Option<&'static str>,
    /// Of a listing: what can be done with all that it lists, as `["stop"]`.
    pub batch: &'static [&'static str],
}

/// A resource that another leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Relation {
    /// As boto3 calls it: `Object`, `vpc`.
    pub name: &'static str,
    /// Its class.
    pub resource: &'static str,
}
