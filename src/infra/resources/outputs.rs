//! [`Outputs`]: the outputs of another state.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::infra::declare::Data;
use crate::infra::resource::Scope;

/// A question for the outputs of another state, in a file: `declare.data("network", Outputs::of_file("network.json"))?`.
///
/// Sensitive outputs are not among them: a state has hashes of those.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Outputs {
    path: std::path::PathBuf,
}

impl Outputs {
    /// Those of the state in this file.
    pub fn of_file(path: impl Into<std::path::PathBuf>) -> Outputs {
        Outputs { path: path.into() }
    }
}

impl Data for Outputs {
    const TYPE: &'static str = "outputs";
    type Out = BTreeMap<String, Value>;

    async fn read(&self, scope: &Scope) -> crate::Result<BTreeMap<String, Value>> {
        let text = scope.os.read_bytes(&self.path)?;
        let snapshot = crate::infra::Snapshot::from_text(text)?;
        let outputs = snapshot.outputs().iter().filter(|(_, output)| !output.sensitive);
        Ok(outputs.map(|(name, output)| (name.clone(), output.value.clone())).collect())
    }
}
