//! What can go wrong in the `os` battery.

/// What can go wrong in the `os` battery.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Python's `ValueError`: an argument that the operation cannot work with.
    #[error("{operation}: {problem}")]
    Value {
        /// The function that refused, by its Python name.
        operation: &'static str,
        /// What is wrong with the argument.
        problem: &'static str,
    },
}
