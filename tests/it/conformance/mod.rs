//! One file a battery: every case is a function over the handle, run as a named test on the mock and on the machine.
//!
//! A case that is written but not listed is dead code, and the compiler says so.

/// Makes `mock::case` and `native::case` of each case. `$mock` and `$native` are functions that make a fresh fixture.
///
/// ```ignore
/// conformance!(mock = Fixture::mock, native = Fixture::native, [rename_replaces, rename_over_a_directory_fails]);
///
/// fn rename_replaces(fixture: &Fixture) { .. }
/// ```
#[allow(unused_macros, reason = "not every battery has a backend")]
macro_rules! conformance {
    (mock = $mock:path, native = $native:path, remote = $remote:path, except = $except:expr, [$($case:ident),+ $(,)?]) => {
        conformance!(mock = $mock, native = $native, [$($case),+]);
        /// Over SSH. The exceptions stand in the table of `fabric::remote`, or need a test process of their own.
        #[cfg(feature = "fabric")]
        mod remote {
            #[allow(unused_imports, reason = "as in the other modules")]
            use super::*;
            $(#[test] fn $case() {
                if !($except as &[&str]).contains(&stringify!($case)) {
                    super::$case(&$remote());
                }
            })+
        }
    };
    (mock = $mock:path, native = $native:path, [$($case:ident),+ $(,)?]) => {
        mod mock {
            use super::*;
            $(#[test] fn $case() { super::$case(&$mock()) })+
        }
        mod native {
            use super::*;
            $(#[test] fn $case() { super::$case(&$native()) })+
        }
    };
}

#[cfg(all(feature = "s3", feature = "ec2"))]
mod boto3;
#[cfg(feature = "ec2")]
pub mod boto3_ec2;
#[cfg(feature = "ec2")]
mod boto3_ec2_addresses;
#[cfg(feature = "ec2")]
mod boto3_ec2_asking;
#[cfg(feature = "ec2")]
mod boto3_ec2_care;
#[cfg(feature = "ec2")]
mod boto3_ec2_endpoints;
#[cfg(feature = "ec2")]
mod boto3_ec2_fleets;
#[cfg(feature = "ec2")]
mod boto3_ec2_flow_logs;
#[cfg(feature = "ec2")]
mod boto3_ec2_groups;
#[cfg(feature = "ec2")]
mod boto3_ec2_images;
#[cfg(feature = "ec2")]
mod boto3_ec2_instances;
#[cfg(feature = "ec2")]
mod boto3_ec2_interfaces;
#[cfg(feature = "ec2")]
mod boto3_ec2_keys;
#[cfg(feature = "ec2")]
mod boto3_ec2_launch;
#[cfg(feature = "ec2")]
mod boto3_ec2_nat;
#[cfg(feature = "ec2")]
mod boto3_ec2_networks;
#[cfg(feature = "ec2")]
mod boto3_ec2_peering;
#[cfg(feature = "ec2")]
mod boto3_ec2_placement;
#[cfg(feature = "ec2")]
mod boto3_ec2_places;
#[cfg(feature = "ec2")]
mod boto3_ec2_profiles;
#[cfg(feature = "ec2")]
mod boto3_ec2_routes;
#[cfg(feature = "ec2")]
mod boto3_ec2_snapshots;
#[cfg(feature = "ec2")]
mod boto3_ec2_spot;
#[cfg(feature = "ec2")]
mod boto3_ec2_tags;
#[cfg(feature = "ec2")]
mod boto3_ec2_templates;
#[cfg(feature = "ec2")]
mod boto3_ec2_volumes;
#[cfg(feature = "ec2")]
mod boto3_ec2_vpn;
#[cfg(all(feature = "s3", feature = "requests"))]
mod boto3_presigned;
#[cfg(feature = "s3")]
mod boto3_resources;
#[cfg(feature = "ec2")]
mod boto3_resources_ec2;
#[cfg(feature = "s3")]
mod boto3_s3;
#[cfg(feature = "s3")]
mod boto3_s3_configuration;
#[cfg(feature = "s3")]
mod boto3_s3_listing;
#[cfg(feature = "s3")]
mod boto3_s3_multipart;
#[cfg(feature = "s3")]
mod boto3_s3_objects;
#[cfg(feature = "s3")]
mod boto3_s3_regions;
#[cfg(feature = "s3")]
mod boto3_s3_versions;
#[cfg(feature = "fabric")]
mod fabric;
#[cfg(feature = "fabric")]
mod fabric_sftp;
#[cfg(feature = "fabric")]
mod fabric_transfer;
#[cfg(all(feature = "sys", feature = "subprocess"))]
mod interrupts;
#[cfg(feature = "os")]
mod os;
#[cfg(feature = "os")]
mod os_archives;
#[cfg(feature = "os")]
mod os_files;
#[cfg(feature = "os")]
mod os_machine;
#[cfg(feature = "os")]
mod os_moves;
#[cfg(feature = "os")]
mod os_safety;
#[cfg(feature = "os")]
mod os_shutil;
#[cfg(feature = "os")]
mod os_walk;
#[cfg(feature = "platform")]
mod platform;
#[cfg(feature = "requests")]
pub mod requests;
#[cfg(feature = "requests")]
mod requests_faults;
#[cfg(feature = "requests")]
mod requests_framing;
#[cfg(feature = "requests")]
mod requests_heads;
#[cfg(feature = "requests")]
mod requests_httpbin;
#[cfg(feature = "requests")]
mod requests_resume;
#[cfg(feature = "requests")]
mod requests_safety;
#[cfg(feature = "requests")]
mod requests_secrets;
#[cfg(feature = "requests")]
mod requests_tls;
#[cfg(feature = "requests")]
mod requests_wire;
#[cfg(feature = "s3")]
mod s3_sync;
#[cfg(feature = "s3")]
mod s3_transfer;
#[cfg(feature = "subprocess")]
mod subprocess;
#[cfg(feature = "sys")]
mod sys;
#[cfg(feature = "time")]
mod time;

#[cfg(feature = "schedule")]
mod schedule;
#[cfg(feature = "smtplib")]
mod smtplib;
#[cfg(feature = "smtplib")]
mod smtplib_aiosmtpd;
#[cfg(feature = "smtplib")]
mod smtplib_eml_dir;
#[cfg(feature = "smtplib")]
mod smtplib_faults;
#[cfg(feature = "smtplib")]
mod smtplib_postfix;
#[cfg(feature = "smtplib")]
mod smtplib_wire;
