//! The promises of `os::backend`: each case runs on the machine in memory and on this one.

/// Like [`conformance!`], for cases that only root can prepare: on the machine they are ignored unless they are asked for.
macro_rules! conformance_of_root {
    ([$($case:ident),+ $(,)?]) => {
        mod by_root {
            mod mock {
                $(#[test] fn $case() { super::super::$case(&super::super::Fixture::mock()) })+
            }
            mod native {
                $(#[test] #[ignore = "needs root"] fn $case() { super::super::$case(&super::super::Fixture::native()) })+
            }
        }
    };
}

mod differential;
mod dirs;
mod fixture;
mod handles;
mod links;
mod machine;
mod metadata;
mod names;
mod permissions;
mod pipes;
mod renames;
mod space;
mod xattrs;
