//! Describing and deleting fleets.

use aws_sdk_ec2::operation::{delete_fleets::*, describe_fleets::*};
use aws_sdk_ec2::types::*;

use super::agenda::delays;
use super::describe::page;
use super::fleets::Fleet;
use super::refusal::{Answer, Refusal, required, required_list};
use super::region::Region;

impl Region {
    /// Fleets of the type `instant` are listed only by their ids.
    pub(super) fn describe_fleets(&mut self, input: DescribeFleetsInput) -> Answer<DescribeFleetsOutput> {
        let fleets: Vec<Fleet> = self.listed(input.fleet_ids(), input.filters())?;
        let mut fleets: Vec<FleetData> = fleets.into_iter().map(|fleet| fleet.data).collect();
        fleets.retain(|fleet| !input.fleet_ids().is_empty() || fleet.r#type() != Some(&FleetType::Instant));
        let (fleets, next) = page(fleets, input.max_results(), input.next_token())?;
        Ok(DescribeFleetsOutput::builder().set_fleets(Some(fleets)).set_next_token(next).build())
    }

    /// Deletes each separately. The instances of an `instant` fleet are always terminated.
    pub(super) fn delete_fleets(&mut self, input: DeleteFleetsInput) -> Answer<DeleteFleetsOutput> {
        let ids = required_list(input.fleet_ids(), "FleetIds")?;
        let terminate = required(input.terminate_instances(), "TerminateInstances")?;
        let instant =
            ids.iter().any(|id| self.fleets.get(id).is_ok_and(|fleet| fleet.data.r#type() == Some(&FleetType::Instant)));
        if !terminate && instant {
            let message = "NoTerminateInstances option is not supported for instant fleet";
            return Err(Refusal::new("UnsupportedOperation", message));
        }
        let (mut done, mut refused) = (Vec::new(), Vec::new());
        for id in ids {
            let state = self.fleets.get(id).ok().and_then(|fleet| fleet.data.fleet_state().cloned());
            let error = |code: DeleteFleetErrorCode, message: String| {
                let error = DeleteFleetError::builder().code(code).message(message).build();
                DeleteFleetErrorItem::builder().fleet_id(id).error(error).build()
            };
            match state {
                None => {
                    let message = format!("The fleet ID '{id}' does not exist");
                    refused.push(error(DeleteFleetErrorCode::FleetIdDoesNotExist, message));
                }
                Some(before @ (FleetStateCode::Submitted | FleetStateCode::Active)) => {
                    let item = DeleteFleetSuccessItem::builder()
                        .fleet_id(id)
                        .previous_fleet_state(before)
                        .current_fleet_state(self.end_fleet(id, terminate));
                    done.push(item.build());
                }
                Some(_) => {
                    let message = format!("The fleet '{id}' is not in a state from which it can be deleted.");
                    refused.push(error(DeleteFleetErrorCode::FleetNotInDeletableState, message));
                }
            }
        }
        Ok(DeleteFleetsOutput::builder()
            .set_successful_fleet_deletions(Some(done))
            .set_unsuccessful_fleet_deletions(Some(refused))
            .build())
    }

    fn end_fleet(&mut self, id: &str, terminate: bool) -> FleetStateCode {
        let state = if terminate { FleetStateCode::DeletedTerminatingInstances } else { FleetStateCode::DeletedRunning };
        let Ok(fleet) = self.fleets.get_mut(id) else { return state };
        fleet.data.fleet_state = Some(state.clone());
        if terminate {
            for member in fleet.members.clone() {
                self.end_instance(&member.instance_id);
            }
            self.later(delays::SHUTTING_DOWN, Region::fleet_deleted, id);
        }
        state
    }

    fn fleet_deleted(&mut self, id: &str) {
        if let Ok(fleet) = self.fleets.get_mut(id) {
            fleet.data.fleet_state = Some(FleetStateCode::Deleted);
        }
    }
}
