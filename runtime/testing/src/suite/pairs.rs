//! The conformance suite with two handles and more on one store, each used by a thread of its own: what
//! one of them decides holds when it is carried out, whatever the others do meanwhile. Any store can run
//! it; an engine's test calls [`run`] with a factory of empty stores.
//!
//! `LOCKGATE_PAIRS_ROUNDS` says how often each race is run, however long that takes (without it: as often
//! as fits a fraction of a second), `LOCKGATE_PAIRS_SEED` by which dice.

mod buses;
mod configuration;
mod identities;
mod leases;
mod marks;
mod moments;
mod operators;
mod owner;
mod packets;
mod progress;
mod references;
mod refusals;
mod removal;
mod submission;
mod table;
mod waking;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::Duration;

use crate::MemoryStore;
use lockgate_core::ports::Store;
use table::Table;

/// How long one check may take before it counts as hanging: much longer than any takes.
pub const CHECK_MAX: Duration = Duration::from_secs(120);

/// An engine with one store.
pub trait Handles: Send + Sync {
    /// One more handle on the store, independent of those given before: for a store in this process a
    /// reference to it, for one behind a network a connection of its own. A handle that is dropped is one
    /// whose process has crashed: nothing is given back for it.
    fn handle(&self) -> Arc<dyn Store>;

    /// Lets time pass for leases: what a claimer's clock shows when it showed `now_ms` so many ms ago.
    /// A store that goes by its own clock waits for it.
    fn later(&self, now_ms: i64, ms: u32) -> i64 {
        now_ms.saturating_add(ms.into())
    }
}

/// One behaviour that every store must show.
pub struct Check {
    /// A sentence.
    pub name: &'static str,
    run: fn(&Table),
}

macro_rules! checks {
    ($($file:ident { $($name:ident)* })*) => {
        /// All of them.
        pub const CHECKS: &[Check] = &[$($(
            Check { name: concat!(stringify!($file), "::", stringify!($name)), run: $file::$name },
        )*)*];
    };
}

checks! {
    removal {
        a_connector_with_acknowledged_tasks_is_not_removed
        a_forced_removal_reports_every_acknowledged_task
        a_connector_that_was_put_back_takes_nothing_that_was_admitted_before
    }
    submission {
        after_a_switch_nothing_is_queued_that_was_admitted_before
        after_disabling_nothing_is_queued_that_was_admitted_before
        the_same_keys_from_four_producers_queue_once
        one_key_with_four_contents_queues_one
        a_full_queue_is_not_overfilled
    }
    leases {
        of_three_nodes_that_claim_one_gets_it
        a_lease_ends_by_time_and_one_of_two_takes_it
        going_on_with_a_lease_keeps_its_epoch
        a_node_that_starts_again_gets_what_it_does_not_hold
        a_released_lease_is_free_and_a_late_release_is_passed_over
        a_task_is_ended_once_however_often_the_lease_moves
    }
    operators {
        a_stand_and_a_commit_of_one_task_do_not_both_win
        a_removal_and_a_commit_of_one_task_do_not_both_win
        two_operators_of_one_task_do_not_both_win
        a_bulk_stand_beside_commits_is_one_moment
    }
    configuration {
        of_changes_of_one_connector_by_one_copy_one_wins
        no_version_is_lost_when_three_install
        connectors_do_not_disturb_each_other
        of_grants_by_one_copy_one_wins
        no_switch_is_lost_when_three_switch
        of_models_by_one_copy_one_wins
        what_was_planned_by_another_configuration_is_stale
        nothing_is_written_on_top_of_a_cleared_state
        an_index_fits_the_model_whatever_was_committed_beside_it
        a_type_does_not_go_while_a_row_of_it_comes
        a_model_is_applied_under_load
    }
    identities {
        one_identity_from_three_handles_is_one_row
        the_same_new_names_in_different_order_make_progress
        swaps_and_rings_beside_each_other_lose_nothing
        no_increment_is_lost
    }
    references {
        a_delete_and_a_new_referrer_do_not_both_win
        nothing_dangles_after_deletes_beside_referrers
    }
    moments {
        two_moves_that_make_a_cycle_do_not_both_win
        a_move_that_looked_in_two_moments_is_found_out
        moves_beside_each_other_make_no_cycle
        objects_beside_each_other_make_no_cycle
        a_load_is_one_moment
    }
    marks {
        who_did_not_find_a_row_looks_again_when_it_comes
        what_is_awaited_is_found_or_comes_later
    }
    waking {
        who_parks_beside_what_it_waits_for_finds_it_or_is_due
        of_two_that_park_beside_each_other_one_is_stirred
        who_goes_behind_a_task_that_is_removed_is_due
        a_group_and_an_operators_removal_of_one_of_it_do_not_both_win
        what_a_process_left_to_be_worked_off_another_works_off
        whatever_comes_and_goes_in_the_end_nobody_is_forgotten
    }
    packets {
        one_old_row_among_many_and_nothing_is_written
        one_old_task_among_many_and_nothing_is_written
        a_replay_with_other_content_writes_nothing
        an_older_epoch_writes_nothing
        a_packet_that_was_lost_and_comes_late_writes_nothing
        a_late_packet_beside_the_second_try_is_carried_out_once
        a_commit_that_failed_after_it_was_applied_is_found_by_looking
        a_packet_of_a_crashed_owner_is_fenced
    }
    progress {
        the_same_rows_in_different_order_conflict_a_bounded_number_of_times
        a_big_batch_beside_small_ones_makes_progress
    }
    refusals {
        a_handle_serves_on_after_each_refusal
    }
    buses {
        removal_beside_submissions_loses_nothing
        what_one_bus_changes_the_other_obeys
        two_buses_apply_each_task_once_and_in_order
    }
}

/// Runs every check, each on a store of its own and with a time limit, and panics with the names of
/// those that failed.
pub fn run(make: &mut dyn FnMut() -> Arc<dyn Handles>) {
    let failed: Vec<String> = CHECKS.iter().filter_map(|check| failure(check, make(), CHECK_MAX)).collect();
    assert!(failed.is_empty(), "{} of {} checks failed:\n{}", failed.len(), CHECKS.len(), failed.join("\n"));
}

/// Why a store does not pass a check. One that hangs is left behind with its threads.
pub fn failure(check: &Check, engine: Arc<dyn Handles>, limit: Duration) -> Option<String> {
    let (say, hear) = channel();
    let (name, act) = (check.name, check.run);
    let seed = table::seed();
    let spawned = std::thread::Builder::new().name(name.to_owned()).spawn(move || {
        let outcome = catch_unwind(AssertUnwindSafe(|| act(&Table::new(engine, seed))));
        let text = outcome.err().map(|panic| {
            let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            text.unwrap_or("it panicked").to_owned()
        });
        // Nobody hears it when the time is over.
        let _ = say.send(text);
    });
    spawned.expect("a thread");
    let why = match hear.recv_timeout(limit) {
        Ok(text) => text?,
        Err(RecvTimeoutError::Timeout) => format!("it hangs: not over after {limit:?}"),
        Err(RecvTimeoutError::Disconnected) => "it ended without a word".to_owned(),
    };
    Some(format!("{name} (seed {seed}): {why}"))
}

/// The store in memory as an engine.
#[derive(Default)]
pub struct MemoryHandles(Arc<MemoryStore>);

impl Handles for MemoryHandles {
    fn handle(&self) -> Arc<dyn Store> {
        self.0.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_handles_on_the_store_in_memory_pass_the_suite() {
        run(&mut || Arc::new(MemoryHandles::default()));
    }
}
