//! Instance types: the common families, computed from their sizes.

use aws_sdk_ec2::operation::{describe_instance_type_offerings::*, describe_instance_types::*};
use aws_sdk_ec2::types::*;

use super::describe::page;
use super::filter::{Field, Wanted, each, filters};
use super::refusal::{Answer, Refusal};
use super::region::Region;

/// An instance type, as far as a launch uses it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Shape {
    pub(super) name: String,
    vcpus: i32,
    memory: i64,
    family: &'static Family,
}

#[derive(Debug, PartialEq)]
struct Family {
    name: &'static str,
    architectures: &'static [&'static str],
    /// MiB per vCPU, if the family has one ratio.
    ratio: i64,
    sizes: &'static [&'static str],
    current: bool,
    nitro: bool,
    threads: i32,
}

const fn x86(name: &'static str, ratio: i64, sizes: &'static [&'static str]) -> Family {
    Family { name, architectures: &["x86_64"], ratio, sizes, current: true, nitro: true, threads: 2 }
}

const fn arm(name: &'static str, ratio: i64, sizes: &'static [&'static str]) -> Family {
    Family { name, architectures: &["arm64"], ratio, sizes, current: true, nitro: true, threads: 1 }
}

const BURST: &[&str] = &["nano", "micro", "small", "medium", "large", "xlarge", "2xlarge"];
const FIVE: &[&str] = &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge"];
const SIX: &[&str] = &["large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge", "24xlarge", "32xlarge"];
const GRAVITON: &[&str] = &["medium", "large", "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge"];

const FAMILIES: &[Family] = &[
    Family { architectures: &["i386", "x86_64"], current: false, nitro: false, threads: 1, ..x86("t1", 627, &["micro"]) },
    Family { architectures: &["i386", "x86_64"], nitro: false, threads: 1, ..x86("t2", 0, BURST) },
    x86("t3", 0, BURST),
    x86("t3a", 0, BURST),
    arm("t4g", 0, BURST),
    Family {
        architectures: &["i386", "x86_64"],
        current: false,
        nitro: false,
        threads: 1,
        ..x86("m1", 1740, &["small", "medium", "large", "xlarge"])
    },
    Family { current: false, nitro: false, ..x86("m3", 3840, &["medium", "large", "xlarge", "2xlarge"]) },
    Family { nitro: false, ..x86("m4", 4096, &["large", "xlarge", "2xlarge", "4xlarge", "10xlarge", "16xlarge"]) },
    x86("m5", 4096, FIVE),
    x86("m5a", 4096, FIVE),
    x86("m6i", 4096, SIX),
    x86("m7i", 4096, SIX),
    arm("m6g", 4096, GRAVITON),
    arm("m7g", 4096, GRAVITON),
    x86("c5", 2048, &["large", "xlarge", "2xlarge", "4xlarge", "9xlarge", "12xlarge", "18xlarge", "24xlarge"]),
    x86("c6i", 2048, SIX),
    x86("c7i", 2048, SIX),
    arm("c6g", 2048, GRAVITON),
    arm("c7g", 2048, GRAVITON),
    x86("r5", 8192, FIVE),
    x86("r6i", 8192, SIX),
    arm("r6g", 8192, GRAVITON),
];

impl Family {
    fn shape(&'static self, size: &str) -> Shape {
        let burst = BURST.iter().position(|of| *of == size).unwrap_or(0);
        let (vcpus, memory) = match (self.ratio, size) {
            // Burstable types: half a GiB, doubled with each size.
            (0, _) => (
                if burst < 4 && self.threads == 1 && self.name == "t2" {
                    [1, 1, 1, 2][burst]
                } else {
                    [2, 2, 2, 2, 2, 4, 8][burst]
                },
                512 << burst,
            ),
            (627, _) => (1, 627),
            (1740, "large") => (2, 7680),
            (1740, "xlarge") => (4, 15_360),
            (1740, "medium") => (1, 3840),
            (1740, _) => (1, 1740),
            (ratio, size) => {
                let vcpus = match size {
                    "medium" => 1,
                    "large" => 2,
                    "xlarge" => 4,
                    times => times.trim_end_matches("xlarge").parse::<i32>().unwrap_or(1) * 4,
                };
                (vcpus, ratio * i64::from(vcpus))
            }
        };
        Shape { name: format!("{}.{size}", self.name), vcpus, memory, family: self }
    }
}

impl Shape {
    pub(super) fn all() -> impl Iterator<Item = Shape> {
        FAMILIES.iter().flat_map(|family| family.sizes.iter().map(|size| family.shape(size)))
    }

    pub(super) fn of(name: &str) -> Option<Shape> {
        let (family, size) = name.split_once('.')?;
        let family = FAMILIES.iter().find(|own| own.name == family)?;
        family.sizes.contains(&size).then(|| family.shape(size))
    }

    pub(super) fn runs(&self, architecture: &str) -> bool {
        self.family.architectures.contains(&architecture)
    }

    pub(super) fn architectures(&self) -> &'static [&'static str] {
        self.family.architectures
    }

    pub(super) fn threads(&self) -> i32 {
        self.family.threads.min(self.vcpus)
    }

    pub(super) fn cores(&self) -> i32 {
        self.vcpus / self.threads()
    }

    /// Returns the maximum number of addresses of one IP version per interface.
    pub(super) fn addresses_per_interface(&self) -> i32 {
        if self.vcpus < 2 { 4 } else { 10 }
    }

    fn bursts(&self) -> bool {
        self.family.ratio == 0
    }

    /// Returns the on-demand price in dollars per hour. The figures are invented, but plausible.
    pub(super) fn hourly(&self, windows: bool) -> f64 {
        let memory = f64::from(u32::try_from(self.memory).unwrap_or(0)) / 1024.0;
        let cpus = f64::from(self.vcpus);
        let linux = if self.bursts() { 0.0104 * memory } else { 0.037 * cpus + 0.00275 * memory };
        if windows { linux + 0.046 * cpus } else { linux }
    }

    /// Returns true if it can be in a cluster placement group.
    pub(super) fn clusters(&self) -> bool {
        !self.bursts() && !["t1", "m1", "m3"].contains(&self.family.name)
    }

    /// Returns the default credit mode of a burstable type.
    pub(super) fn default_credits(&self) -> Option<String> {
        let credits = if self.family.name == "t2" { "standard" } else { "unlimited" };
        self.bursts().then(|| credits.to_owned())
    }

    fn described(&self) -> InstanceTypeInfo {
        let family = self.family;
        let burst = self.bursts();
        let free = ["t2.micro", "t3.micro"].contains(&self.name.as_str());
        let ebs = EbsInfo::builder()
            .ebs_optimized_support(if family.nitro { EbsOptimizedSupport::Default } else { EbsOptimizedSupport::Unsupported })
            .encryption_support(EbsEncryptionSupport::Supported)
            .nvme_support(if family.nitro { EbsNvmeSupport::Required } else { EbsNvmeSupport::Unsupported });
        let network = NetworkInfo::builder()
            .network_performance(if burst { "Up to 5 Gigabit" } else { "Up to 10 Gigabit" })
            .maximum_network_interfaces(if self.vcpus < 2 { 2 } else { 3 })
            .maximum_network_cards(1)
            .default_network_card_index(0)
            .ipv4_addresses_per_interface(self.addresses_per_interface())
            .ipv6_addresses_per_interface(self.addresses_per_interface())
            .ipv6_supported(true)
            .ena_support(if family.nitro { EnaSupport::Required } else { EnaSupport::Unsupported })
            .efa_supported(false);
        InstanceTypeInfo::builder()
            .instance_type(self.name.as_str().into())
            .current_generation(family.current)
            .free_tier_eligible(free)
            .supported_usage_classes(UsageClassType::OnDemand)
            .supported_usage_classes(UsageClassType::Spot)
            .supported_root_device_types(RootDeviceType::Ebs)
            .supported_virtualization_types(VirtualizationType::Hvm)
            .bare_metal(false)
            .hypervisor(if family.nitro { InstanceTypeHypervisor::Nitro } else { InstanceTypeHypervisor::Xen })
            .processor_info(
                ProcessorInfo::builder()
                    .set_supported_architectures(Some(family.architectures.iter().map(|of| (*of).into()).collect()))
                    .build(),
            )
            .v_cpu_info(
                VCpuInfo::builder()
                    .default_v_cpus(self.vcpus)
                    .default_cores(self.cores())
                    .default_threads_per_core(self.threads())
                    .build(),
            )
            .memory_info(MemoryInfo::builder().size_in_mib(self.memory).build())
            .instance_storage_supported(false)
            .ebs_info(ebs.build())
            .network_info(network.build())
            .hibernation_supported(!burst)
            .burstable_performance_supported(burst)
            .dedicated_hosts_supported(!burst)
            .auto_recovery_supported(family.nitro)
            .supported_boot_modes(BootModeType::LegacyBios)
            .supported_boot_modes(BootModeType::Uefi)
            .build()
    }
}

const FILTERS: &[Field<InstanceTypeInfo>] = filters!(info: InstanceTypeInfo =>
    "auto-recovery-supported" = info.auto_recovery_supported(),
    "bare-metal" = info.bare_metal(),
    "burstable-performance-supported" = info.burstable_performance_supported(),
    "current-generation" = info.current_generation(),
    "dedicated-hosts-supported" = info.dedicated_hosts_supported(),
    "ebs-info.ebs-optimized-support" = info.ebs_info().and_then(EbsInfo::ebs_optimized_support),
    "ebs-info.encryption-support" = info.ebs_info().and_then(EbsInfo::encryption_support),
    "ebs-info.nvme-support" = info.ebs_info().and_then(EbsInfo::nvme_support),
    "free-tier-eligible" = info.free_tier_eligible(),
    "hibernation-supported" = info.hibernation_supported(),
    "hypervisor" = info.hypervisor(),
    "instance-storage-supported" = info.instance_storage_supported(),
    "instance-type" = info.instance_type(),
    "memory-info.size-in-mib" = info.memory_info().and_then(MemoryInfo::size_in_mib),
    "network-info.ena-support" = info.network_info().and_then(NetworkInfo::ena_support),
    "network-info.ipv6-supported" = info.network_info().and_then(NetworkInfo::ipv6_supported),
    "network-info.maximum-network-interfaces" = info.network_info().and_then(NetworkInfo::maximum_network_interfaces),
    "network-info.network-performance" = info.network_info().and_then(NetworkInfo::network_performance),
    "processor-info.supported-architecture" = each(info.processor_info().map_or(&[], ProcessorInfo::supported_architectures), Some),
    "supported-boot-mode" = each(info.supported_boot_modes(), Some),
    "supported-root-device-type" = each(info.supported_root_device_types(), Some),
    "supported-usage-class" = each(info.supported_usage_classes(), Some),
    "supported-virtualization-type" = each(info.supported_virtualization_types(), Some),
    "vcpu-info.default-cores" = info.v_cpu_info().and_then(VCpuInfo::default_cores),
    "vcpu-info.default-threads-per-core" = info.v_cpu_info().and_then(VCpuInfo::default_threads_per_core),
    "vcpu-info.default-vcpus" = info.v_cpu_info().and_then(VCpuInfo::default_v_cpus),
);

const OFFERING_FILTERS: &[Field<InstanceTypeOffering>] = filters!(offering: InstanceTypeOffering =>
    "instance-type" = offering.instance_type(),
    "location" = offering.location(),
);

impl Region {
    pub(super) fn describe_instance_types(&mut self, input: DescribeInstanceTypesInput) -> Answer<DescribeInstanceTypesOutput> {
        let names: Vec<&str> = input.instance_types().iter().map(InstanceType::as_str).collect();
        let absent: Vec<&str> = names.iter().copied().filter(|name| Shape::of(name).is_none()).collect();
        if !absent.is_empty() {
            let message = format!("The following supplied instance types do not exist: [{}]", absent.join(", "));
            return Err(Refusal::new("InvalidInstanceType", message));
        }
        if input.max_results().is_some_and(|most| !(5..=100).contains(&most)) {
            return Err(Refusal::value("Value for parameter maxResults is invalid. Expecting a value between 5 and 100."));
        }
        let wanted = Wanted::understand(input.filters(), FILTERS)?;
        let shapes = Shape::all().filter(|shape| names.is_empty() || names.contains(&shape.name.as_str()));
        let infos = shapes.map(|shape| shape.described()).filter(|info| wanted.pass(info, None)).collect();
        let (infos, next) = page(infos, input.max_results().or(Some(100)), input.next_token())?;
        Ok(DescribeInstanceTypesOutput::builder().set_instance_types(Some(infos)).set_next_token(next).build())
    }

    pub(super) fn describe_instance_type_offerings(
        &mut self,
        input: DescribeInstanceTypeOfferingsInput,
    ) -> Answer<DescribeInstanceTypeOfferingsOutput> {
        let kind = input.location_type().cloned().unwrap_or(LocationType::Region);
        let places = match kind {
            LocationType::AvailabilityZone => self.zones().into_iter().map(|zone| zone.0).collect(),
            LocationType::AvailabilityZoneId => self.zones().into_iter().map(|zone| zone.1).collect(),
            _ => vec![self.name.clone()],
        };
        let wanted = Wanted::understand(input.filters(), OFFERING_FILTERS)?;
        let all = Shape::all().flat_map(|shape| {
            let kind = kind.clone();
            places.iter().map(move |place| {
                InstanceTypeOffering::builder()
                    .instance_type(shape.name.as_str().into())
                    .location_type(kind.clone())
                    .location(place)
                    .build()
            })
        });
        let offerings = all.filter(|offering| wanted.pass(offering, None)).collect();
        let (offerings, next) = page(offerings, input.max_results(), input.next_token())?;
        Ok(DescribeInstanceTypeOfferingsOutput::builder()
            .set_instance_type_offerings(Some(offerings))
            .set_next_token(next)
            .build())
    }
}
