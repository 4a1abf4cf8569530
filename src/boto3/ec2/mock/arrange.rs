//! What a test can arrange that no operation can: Amazon's images, other accounts' snapshots, trouble.

use aws_sdk_ec2::types::{
    EventCode, InstanceStateName, InstanceStatusEvent, Snapshot, SnapshotState, SpotInstanceState, StorageTier,
};

use super::Mock;
use super::images::Sharing;
use super::refusal::Answer;
use super::region::Region;

/// An image of Amazon's.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct AmazonImage {
    /// `al2023-ami-2023.6.20250115.0-kernel-6.1-x86_64`
    pub name: &'static str,
    /// What it says of itself.
    pub description: &'static str,
    /// The account: Amazon's own, Canonical's ..
    pub owner_id: &'static str,
    /// `x86_64` or `arm64`
    pub architecture: &'static str,
    /// `/dev/xvda`
    pub root_device: &'static str,
    /// Of its root volume, in GiB.
    pub size: i32,
    /// If it is Windows.
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

    /// For this architecture: `arm64`.
    pub const fn architecture(self, architecture: &'static str) -> AmazonImage {
        AmazonImage { architecture, ..self }
    }

    /// The size of its root volume, in GiB.
    pub const fn size(self, size: i32) -> AmazonImage {
        AmazonImage { size, ..self }
    }
}

/// What every region has from the start.
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

/// What a test says of a thing that is not there is a mistake in the test.
fn sure<T>(answer: Answer<T>) -> T {
    answer.unwrap_or_else(|refusal| panic!("{:?}", refusal.named("arrange")))
}

impl Mock {
    /// Gives a region an image of Amazon's, and says its id.
    pub fn add_amazon_image(&self, region: &str, image: AmazonImage) -> String {
        self.in_region(region, |region| region.put_amazon_image(image))
    }

    /// Gives a region a snapshot of another account's, shared with ours, and says its id.
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

    /// The status checks of an instance fail from now on, or pass again.
    ///
    /// # Panics
    ///
    /// If there is no such instance.
    pub fn impair(&self, region: &str, instance_id: &str, impaired: bool) {
        self.in_region(region, |region| {
            let now = region.stamp();
            sure(region.instances.get_mut(instance_id)).impaired = impaired.then_some(now);
        });
    }

    /// An instance stops by itself, as if somebody had typed `poweroff` on it; where it is to terminate on that, it does.
    ///
    /// # Panics
    ///
    /// If there is no such instance.
    pub fn power_off(&self, region: &str, instance_id: &str) {
        self.in_region(region, |region| {
            sure(region.instances.get(instance_id));
            region.shut_down_from_within(instance_id);
        });
    }

    /// Amazon wants an instance back: it has [`delays::SPOT_NOTICE`](super::delays::SPOT_NOTICE) until it is shut down.
    ///
    /// # Panics
    ///
    /// If there is no such instance.
    pub fn interrupt(&self, region: &str, instance_id: &str) {
        self.in_region(region, |region| {
            sure(region.instances.get(instance_id));
            let message = "Your Spot Instance is marked for termination as there is no Spot capacity available.";
            region.spot_changed(instance_id, SpotInstanceState::Active, "marked-for-termination", message);
            region.later(super::delays::SPOT_NOTICE, Region::take_back, instance_id);
        });
    }

    /// The other account accepts a request for VPC peering, its VPC having this block of addresses, or rejects it, which is no block.
    ///
    /// # Panics
    ///
    /// If no such request of ours waits for another account.
    pub fn answer_peering(&self, region: &str, peering_id: &str, block: Option<&str>) {
        self.in_region(region, |region| sure(region.answer_peering(peering_id, block)));
    }

    /// What an instance has written on its console so far.
    ///
    /// # Panics
    ///
    /// If there is no such instance.
    pub fn set_console_output(&self, region: &str, instance_id: &str, text: impl Into<String>) {
        self.in_region(region, |region| sure(region.instances.get_mut(instance_id)).console = Some(text.into()));
    }

    /// What is on the screen of an instance: a JPEG.
    ///
    /// # Panics
    ///
    /// If there is no such instance.
    pub fn set_console_screenshot(&self, region: &str, instance_id: &str, jpeg: impl Into<Vec<u8>>) {
        self.in_region(region, |region| sure(region.instances.get_mut(instance_id)).screen = Some(jpeg.into()));
    }

    /// Amazon announces that it will reboot or retire an instance, some time from now. Says the event's id.
    ///
    /// # Panics
    ///
    /// If there is no such instance.
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

    /// The states of all instances of a region, by id: what a test looks at without an operation in its log.
    pub fn states(&self, region: &str) -> Vec<(String, InstanceStateName)> {
        self.in_region(region, |region| {
            region.instances.iter().map(|machine| (super::table::Record::id(machine).to_owned(), machine.state())).collect()
        })
    }
}
