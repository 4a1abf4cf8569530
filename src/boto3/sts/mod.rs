//! STS: `boto3.client("sts")`, the caller's identity and its roles.
//!
//! ```
//! use leyden::prelude::*;
//!
//! let sts = World::new().batteries().boto3.client().region_name("eu-west-1").sts();
//! let who = sts.get_caller_identity(|get| get).wait()?;
//! assert_eq!(who.account(), Some("123456789012"));
//! # Ok::<(), leyden::Error>(())
//! ```
//!
//! [`Client`] has the operations of the table; [`mock`] is STS in memory. Shapes are the SDK's:
//! [`types`].
//!
//! | Python | leyden |
//! |---|---|
//! | `sts.get_caller_identity()["Account"]` | `sts.get_caller_identity(\|get\| get).wait()?.account()` |
//! | `sts.assume_role(RoleArn=r, RoleSessionName=n)["Credentials"]` | `sts.assume_role(\|role\| role.role_arn(r).role_session_name(n)).wait()?.credentials()` |
//! | `sts.get_session_token(DurationSeconds=900)` | `sts.get_session_token(\|get\| get.duration_seconds(900)).wait()?` |

pub mod backend;
mod client;
pub mod mock;
pub mod native;

/// Passes the table of operations to the macro `$then`.
macro_rules! operations {
    ($then:ident) => {
        $then! {
            assume_role(AssumeRoleInputBuilder) -> AssumeRoleOutput;
            assume_role_with_web_identity(AssumeRoleWithWebIdentityInputBuilder) -> AssumeRoleWithWebIdentityOutput;
            get_caller_identity(GetCallerIdentityInputBuilder) -> GetCallerIdentityOutput;
            get_session_token(GetSessionTokenInputBuilder) -> GetSessionTokenOutput;
        }
    };
}
pub(crate) use operations;

pub use backend::{Backend, shapes};
pub use client::Client;

pub use aws_sdk_sts::{primitives, types};

pub(in crate::boto3) use backend::Unready;
