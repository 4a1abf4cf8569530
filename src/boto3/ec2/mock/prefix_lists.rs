//! The prefix lists of AWS: the address ranges of its services, for routes and rules. An account's
//! own lists are not implemented.

use aws_sdk_ec2::operation::{describe_managed_prefix_lists::*, describe_prefix_lists::*, get_managed_prefix_list_entries::*};
use aws_sdk_ec2::types::*;

use super::describe::{check_max_results, describe, page};
use super::filter::{Field, Wanted, filters};
use super::ids::fnv;
use super::refusal::{Answer, Refusal, required};
use super::region::Region;
use super::table::{Record, record};

record!(
    ManagedPrefixList in prefix_lists by prefix_list_id, tagged tags,
    Kind {
        prefix: "pl",
        resource: "prefix-list",
        not_found: "InvalidPrefixListID.NotFound",
        absent: "The prefix list ID '{}' does not exist",
        malformed: Some("InvalidPrefixListID.Malformed"),
    },
    filters!(list: ManagedPrefixList =>
        "owner-id" = list.owner_id(),
        "prefix-list-id" = list.prefix_list_id(),
        "prefix-list-name" = list.prefix_list_name(),
    )
);

const FILTERS: &[Field<PrefixList>] = filters!(list: PrefixList =>
    "prefix-list-id" = list.prefix_list_id(),
    "prefix-list-name" = list.prefix_list_name(),
);

describe! {
    paged describe_managed_prefix_lists(DescribeManagedPrefixListsInput: prefix_list_ids, filters, "prefixListIdSet")
        -> DescribeManagedPrefixListsOutput: set_prefix_lists;
}

/// The lists of a region (`{}` is its name), and some of their blocks.
const LISTS: &[(&str, &str, &[&str])] = &[
    ("com.amazonaws.{}.s3", "IPv4", &["52.216.0.0/15", "3.5.0.0/19", "54.231.0.0/16"]),
    ("com.amazonaws.{}.dynamodb", "IPv4", &["3.218.182.0/24", "3.218.180.0/23", "52.94.0.0/22", "52.119.224.0/20"]),
    ("com.amazonaws.global.cloudfront.origin-facing", "IPv4", &["13.124.199.0/24", "130.176.0.0/18", "15.158.0.0/16"]),
    ("com.amazonaws.global.groundstation", "IPv4", &["3.2.16.0/20"]),
    ("com.amazonaws.{}.vpc-lattice", "IPv4", &["169.254.171.0/24"]),
    ("com.amazonaws.{}.ipv6.vpc-lattice", "IPv6", &["fd00:ec2:80::/64"]),
];

impl Region {
    pub(super) fn stock_prefix_lists(&mut self) {
        for (name, family, _) in LISTS {
            let name = name.replace("{}", &self.name);
            let id = format!("pl-{:08x}", fnv(&format!("{} {name}", self.name)) >> 32);
            let list = ManagedPrefixList::builder()
                .prefix_list_arn(format!("arn:aws:ec2:{}:aws:prefix-list/{id}", self.name))
                .prefix_list_id(id)
                .prefix_list_name(name)
                .address_family(*family)
                .owner_id("AWS")
                .state(PrefixListState::CreateComplete);
            self.prefix_lists.put(list.build());
        }
    }

    fn blocks_of(&self, list: &ManagedPrefixList) -> &'static [&'static str] {
        let own = |name: &str| list.prefix_list_name() == Some(&name.replace("{}", &self.name));
        LISTS.iter().find(|(name, ..)| own(name)).map_or(&[], |(.., blocks)| *blocks)
    }

    /// Returns the list of a service with a gateway endpoint.
    pub(super) fn list_of_service(&self, service: &str) -> Option<&ManagedPrefixList> {
        let gateway = service.ends_with(".s3") || service.ends_with(".dynamodb");
        self.prefix_lists.iter().find(|list| gateway && list.prefix_list_name() == Some(service))
    }

    pub(super) fn describe_prefix_lists(&mut self, input: DescribePrefixListsInput) -> Answer<DescribePrefixListsOutput> {
        check_max_results(input.max_results(), input.prefix_list_ids(), "prefixListIdSet")?;
        let wanted = Wanted::understand(input.filters(), FILTERS)?;
        let lists: Vec<ManagedPrefixList> = self.listed(input.prefix_list_ids(), &[])?;
        let lists = lists.into_iter().map(|list| {
            let blocks = self.blocks_of(&list).iter().map(|block| (*block).to_owned());
            PrefixList::builder()
                .set_cidrs(Some(blocks.collect()))
                .set_prefix_list_id(list.prefix_list_id)
                .set_prefix_list_name(list.prefix_list_name)
                .build()
        });
        let lists = lists.filter(|list| wanted.pass(list, None)).collect();
        let (lists, next) = page(lists, input.max_results(), input.next_token())?;
        Ok(DescribePrefixListsOutput::builder().set_prefix_lists(Some(lists)).set_next_token(next).build())
    }

    /// AWS's own lists have no other versions.
    pub(super) fn get_managed_prefix_list_entries(
        &mut self,
        input: GetManagedPrefixListEntriesInput,
    ) -> Answer<GetManagedPrefixListEntriesOutput> {
        let list = self.prefix_lists.get(required(input.prefix_list_id(), "PrefixListId")?)?;
        if let Some(version) = input.target_version() {
            let message = format!("The prefix list {} has no version {version}", list.id());
            return Err(Refusal::new("InvalidPrefixListVersion.NotFound", message));
        }
        let entries = self.blocks_of(list).iter().map(|block| PrefixListEntry::builder().cidr(*block).build());
        let (entries, next) = page(entries.collect(), input.max_results(), input.next_token())?;
        Ok(GetManagedPrefixListEntriesOutput::builder().set_entries(Some(entries)).set_next_token(next).build())
    }
}
