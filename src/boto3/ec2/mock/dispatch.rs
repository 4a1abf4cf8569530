//! The common path of all calls: the script, `DryRun`, `ClientToken`, then the region's own method
//! of that name.

use std::any::Any;
use std::fmt::Debug;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use aws_smithy_types::error::operation::BuildError;

use super::Mock;
use super::refusal::{Answer, Refusal};
use super::region::Region;
use crate::boto3::Result;
use crate::boto3::ec2::backend::{Backend, shapes::*};
use crate::boto3::ec2::operations::operations;
use crate::boto3::error::Error;

/// The fake from the view of one client.
#[derive(Debug)]
pub(super) struct Connected {
    pub(super) mock: Mock,
    pub(super) region: String,
    /// Whether the client has no keys of its own.
    pub(super) finds_keys: bool,
}

/// Request parameters that all operations share.
struct Manners {
    operation: &'static str,
    dry_run: bool,
    token: Option<String>,
}

/// A stored response for a client token.
#[derive(Clone, Debug)]
pub(super) struct Given {
    question: String,
    answer: Arc<dyn Any + Send + Sync>,
}

/// Defaults for inputs without these parameters: an inherent method takes precedence over these.
trait Absent {
    fn get_dry_run(&self) -> &Option<bool> {
        &None
    }
    fn get_client_token(&self) -> &Option<String> {
        &None
    }
}
impl<T> Absent for T {}

macro_rules! dispatch {
    ($($operation:ident($Input:ident) -> $Output:ident;)*) => {
        #[async_trait]
        impl Backend for Connected {
            $(
                async fn $operation(&self, input: $Input) -> Result<$Output> {
                    self.mock.script.enter::<Error>(concat!("ec2.", stringify!($operation)), &self.region)?;
                    self.check_keys(stringify!($operation))?;
                    let manners = Manners {
                        operation: stringify!($operation),
                        dry_run: input.get_dry_run().unwrap_or(false),
                        token: input.get_client_token().clone(),
                    };
                    self.answer(manners, input.build(), Region::$operation)
                }
            )*
        }
    };
}
operations!(dispatch);

impl Connected {
    fn check_keys(&self, operation: &'static str) -> Result<()> {
        if self.finds_keys && self.mock.no_credentials.load(Ordering::Relaxed) {
            return Err(Error::NoCredentials { operation, source: None });
        }
        Ok(())
    }

    fn answer<I, O>(&self, manners: Manners, input: Result<I, BuildError>, work: fn(&mut Region, I) -> Answer<O>) -> Result<O>
    where
        I: Debug,
        O: Clone + Send + Sync + 'static,
    {
        let Manners { operation, dry_run, token } = manners;
        let input = input.map_err(|error| Error::ParamValidation { operation, report: error.to_string() })?;
        let answer = self.mock.in_region(&self.region, |region| match token {
            _ if dry_run => work(&mut region.clone(), input).and_then(|_| Err(Refusal::dry_run())),
            Some(token) => once(region, (operation, token), input, work),
            None => work(region, input),
        });
        answer.map_err(|refusal| refusal.named(operation))
    }
}

/// Executes the request of a client token once; a repeated request gets the same response.
fn once<I, O>(region: &mut Region, key: (&'static str, String), input: I, work: fn(&mut Region, I) -> Answer<O>) -> Answer<O>
where
    I: Debug,
    O: Clone + Send + Sync + 'static,
{
    let question = format!("{input:?}");
    if let Some(given) = region.given.get(&key) {
        return match given.answer.downcast_ref::<O>() {
            Some(answer) if given.question == question => Ok(answer.clone()),
            _ => Err(Refusal::new(
                "IdempotentParameterMismatch",
                "The client token you have provided is associated with a resource that already has different parameters.",
            )),
        };
    }
    let answer = work(region, input)?;
    region.given.insert(key, Given { question, answer: Arc::new(answer.clone()) });
    Ok(answer)
}
