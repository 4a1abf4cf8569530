//! Setup for tests that no operation provides: images of AWS, snapshots of other accounts,
//! failures.

use aws_sdk_ec2::types::{
    EventCode, InstanceStateName, InstanceStatusEvent, Snapshot, SnapshotState, SpotInstanceState, StorageTier,
};

use super::Mock;
use super::images::Sharing;
use super::refusal::Answer;
use super::region::Region;

/// An image of AWS.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AmazonImage {
    /// `al2023-ami-2023.6.20250115.0-kernel-6.1-x86_64`
    pub name: &'static str,
    /// Its description.
    pub description: &'static str,
    /// The account: Amazon's, Canonical's ..
    pub owner_id: &'static str,
    /// `x86_64` or `arm64`
    pub architecture: &'static str,
    /// `/dev/xvda`
    pub root_device: &'static str,
    /// The size of its root volume in GiB.
    pub size: i32,
    /// Whether it is Windows.
    pub windows: bool,
}

impl AmazonImage {
    /// A Linux image for `x86_64` of 8 GiB.
    pub const fn new(name: &'static str) -> AmazonImage {
        AmazonImage {
            name,
            description: "",
            owner_id: "137112412989",
            architecture: "x86_64",
            root_device: "/dev/xvda",
            size: 8,
            windows: false,
        }
    }

    /// Sets the architecture: `arm64`.
    pub const fn architecture(self, architecture: &'static str) -> AmazonImage {
        AmazonImage { architecture, ..self }
    }

    /// Sets the size of its root volume in GiB.
    pub const fn size(self, size: i32) -> AmazonImage {
        AmazonImage { size, ..self }
    }
}

/// The initial images of every region.
pub(super) const STOCK: &[AmazonImage] = &[
    AmazonImage {
        description: "Amazon Linux 2023 AMI 2023.6.20250115.0 x86_64 HVM kernel-6.1",
        ..AmazonImage::new("al2023-ami-2023.6.20250115.0-kernel-6.1-x86_64")
    },
    AmazonImage {
        description: "Amazon Linux 2023 AMI 2023.6.20250115.0 arm64 HVM kernel-6.1",
        architecture: "arm64",
        ..AmazonImage::new("al2023-ami-2023.6.20250115.0-kernel-6.1-arm64")
    },
    AmazonImage {
        description: "Amazon Linux 2 AMI 2.0.20250108.0 x86_64 HVM gp2",
        ..AmazonImage::new("amzn2-ami-hvm-2.0.20250108.0-x86_64-gp2")
    },
    AmazonImage {
        description: "Canonical, Ubuntu, 24.04, amd64 noble image",
        owner_id: "099720109477",
        root_device: "/dev/sda1",
        ..AmazonImage::new("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20250115")
    },
    AmazonImage {
        description: "Microsoft Windows Server 2022 Full Locale English AMI provided by Amazon",
        owner_id: "801119661308",
        root_device: "/dev/sda1",
        size: 30,
        windows: true,
        ..AmazonImage::new("Windows_Server-2022-English-Full-Base-2025.01.15")
    },
];

/// A missing resource in a test's setup is a mistake in the test.
fn sure<T>(answer: Answer<T>) -> T {
    answer.unwrap_or_else(|refusal| panic!("{:?}", refusal.named("arrange")))
}

impl Mock {
    /// Adds an image of AWS to a region, and returns its id.
    pub fn add_amazon_image(&self, region: &str, image: AmazonImage) -> String {
        self.in_region(region, |region| region.put_amazon_image(image))
    }

    /// Adds a snapshot of another account, shared with this one, to a region, and returns its id.
    pub fn add_foreign_snapshot(&self, region: &str, owner_id: &str, size: i32) -> String {
        self.in_region(region, |region| {
            let id = region.ids.next("snap");
            let snapshot = Snapshot::builder()
                .snapshot_id(&id)
                .volume_id("vol-ffffffff")
                .owner_id(owner_id)
                .volume_size(size)
                .encrypted(false)
                .state(SnapshotState::Completed)
                .progress("100%")
                .storage_tier(StorageTier::Standard)
                .start_time(region.stamp());
            region.snapshots.put(snapshot.build());
            let users = [super::OWNER.to_owned()].into();
            region.shared.insert(id.clone(), Sharing { users, everyone: false });
            id
        })
    }

    /// Makes the status checks of an instance fail, or pass again.
    ///
    /// # Panics
    ///
    /// If the instance does not exist.
    pub fn impair(&self, region: &str, instance_id: &str, impaired: bool) {
        self.in_region(region, |region| {
            let now = region.stamp();
            sure(region.instances.get_mut(instance_id)).impaired = impaired.then_some(now);
        });
    }

    /// Shuts an instance down from within, as with `poweroff`; if its shutdown behaviour is to
    /// terminate, it terminates.
    ///
    /// # Panics
    ///
    /// If the instance does not exist.
    pub fn power_off(&self, region: &str, instance_id: &str) {
        self.in_region(region, |region| {
            sure(region.instances.get(instance_id));
            region.shut_down_from_within(instance_id);
        });
    }

    /// Sends a spot interruption notice: the instance has
    /// [`delays::SPOT_NOTICE`](super::delays::SPOT_NOTICE) until it is shut down.
    ///
    /// # Panics
    ///
    /// If the instance does not exist.
    pub fn interrupt(&self, region: &str, instance_id: &str) {
        self.in_region(region, |region| {
            sure(region.instances.get(instance_id));
            let message = "Your Spot Instance is marked for termination as there is no Spot capacity available.";
            region.spot_changed(instance_id, SpotInstanceState::Active, "marked-for-termination", message);
            region.later(super::delays::SPOT_NOTICE, Region::take_back, instance_id);
        });
    }

    /// Lets the other account accept a request for VPC peering, with this block of its VPC, or
    /// reject it (`None`).
    ///
    /// # Panics
    ///
    /// If there is no pending request to another account.
    pub fn answer_peering(&self, region: &str, peering_id: &str, block: Option<&str>) {
        self.in_region(region, |region| sure(region.answer_peering(peering_id, block)));
    }

    /// Sets the console output of an instance.
    ///
    /// # Panics
    ///
    /// If the instance does not exist.
    pub fn set_console_output(&self, region: &str, instance_id: &str, text: impl Into<String>) {
        self.in_region(region, |region| sure(region.instances.get_mut(instance_id)).console = Some(text.into()));
    }

    /// Sets the console screenshot of an instance: a JPEG.
    ///
    /// # Panics
    ///
    /// If the instance does not exist.
    pub fn set_console_screenshot(&self, region: &str, instance_id: &str, jpeg: impl Into<Vec<u8>>) {
        self.in_region(region, |region| sure(region.instances.get_mut(instance_id)).screen = Some(jpeg.into()));
    }

    /// Schedules a reboot or retirement of an instance by AWS after some time. Returns the event's
    /// id.
    ///
    /// # Panics
    ///
    /// If the instance does not exist.
    pub fn announce(&self, region: &str, instance_id: &str, event: EventCode, after: std::time::Duration) -> String {
        self.in_region(region, |region| {
            let id = format!("instance-event-{:017x}", region.ids.count("instance-event"));
            let not_before = region.now.checked_add(after).unwrap_or(region.now);
            let event = InstanceStatusEvent::builder()
                .instance_event_id(&id)
                .description(format!("The instance is scheduled for {}", event.as_str()))
                .code(event)
                .not_before(not_before.into());
            sure(region.instances.get_mut(instance_id)).events.push(event.build());
            id
        })
    }

    /// Returns the states of all instances of a region, by id, without an entry in the log.
    pub fn states(&self, region: &str) -> Vec<(String, InstanceStateName)> {
        self.in_region(region, |region| {
            region.instances.iter().map(|machine| (super::table::Record::id(machine).to_owned(), machine.state())).collect()
        })
    }
}
