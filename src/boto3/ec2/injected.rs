//! The methods that boto3 adds to EC2's resources by hand.

use super::resources::{Instance, ServiceResource, Tag};
use super::shapes::{CreateTagsInputBuilder, DeleteTagsInputBuilder, DeleteTagsOutput};
use crate::boto3::call::Call;
use crate::boto3::resource;

impl ServiceResource {
    /// Tags resources, and returns the tags, those of the first resource first:
    /// [`create_tags`](super::Client::create_tags).
    #[doc(alias = "EC2.ServiceResource.create_tags")]
    pub fn create_tags(&self, build: impl FnOnce(CreateTagsInputBuilder) -> CreateTagsInputBuilder) -> Call<Vec<Tag>> {
        let input = build(CreateTagsInputBuilder::default());
        let (resources, tags) = (input.get_resources().clone(), input.get_tags().clone());
        let client = self.meta.client.clone();
        resource::action(self, "create_tags", self.meta.client.create_tags(|_| input), move |_| {
            let mut made = Vec::new();
            for id in resources.iter().flatten() {
                for tag in tags.iter().flatten() {
                    // A tag without a value has the empty one.
                    let (key, value) = (tag.key.clone().unwrap_or_default(), tag.value.clone().unwrap_or_default());
                    made.push(Tag::new(client.clone(), id.clone(), key, value, None));
                }
            }
            Ok(made)
        })
    }
}

impl Instance {
    /// Removes tags from the instance, by default all: [`delete_tags`](super::Client::delete_tags).
    #[doc(alias = "EC2.Instance.delete_tags")]
    pub fn delete_tags(&self, build: impl FnOnce(DeleteTagsInputBuilder) -> DeleteTagsInputBuilder) -> Call<DeleteTagsOutput> {
        let input = build(DeleteTagsInputBuilder::default()).set_resources(Some(vec![self.id.clone()]));
        self.meta.client.delete_tags(|_| input)
    }
}
