//! The suite with two handles on one store can fail: each check finds the store that is broken in the way
//! the check is about.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "pairs/faulty.rs"]
mod faulty;
#[path = "pairs/ports.rs"]
mod ports;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use faulty::{Broken, Faulty};
use lockgate_core::key::{BindingKey, Key, ObjectKey, ObjectsKey, PageKey};
use lockgate_core::ports::Store;
use lockgate_testing::Forgets;
use lockgate_testing::store_suite::pairs::{CHECKS, Handles, failure};

/// How long a check may take on a broken store.
const LIMIT: Duration = Duration::from_secs(60);
/// The same for one that must hang.
const HANGS: Duration = Duration::from_secs(3);

struct Engine(Arc<Faulty>);

impl Handles for Engine {
    fn handle(&self) -> Arc<dyn Store> {
        self.0.clone()
    }
}

const IGNORES_RELIED: Broken = Broken::Ignores(|_| true);

/// Which check finds which.
const MUTANTS: &[(Broken, &[&str])] = &[
    (
        Broken::IgnoresGenerationOfCommits,
        &[
            "configuration::what_was_planned_by_another_configuration_is_stale",
            "configuration::nothing_is_written_on_top_of_a_cleared_state",
            "configuration::an_index_fits_the_model_whatever_was_committed_beside_it",
        ],
    ),
    (
        Broken::IgnoresGenerationOfSubmissions,
        &[
            "removal::a_connector_that_was_put_back_takes_nothing_that_was_admitted_before",
            "submission::after_a_switch_nothing_is_queued_that_was_admitted_before",
            "submission::after_disabling_nothing_is_queued_that_was_admitted_before",
        ],
    ),
    (
        Broken::IgnoresGenerationOfChanges,
        &[
            "configuration::of_changes_of_one_connector_by_one_copy_one_wins",
            "configuration::no_version_is_lost_when_three_install",
            "configuration::of_grants_by_one_copy_one_wins",
            "configuration::no_switch_is_lost_when_three_switch",
            "configuration::of_models_by_one_copy_one_wins",
        ],
    ),
    (Broken::OneGenerationForAll, &["configuration::connectors_do_not_disturb_each_other"]),
    (Broken::FrozenGeneration, &["buses::what_one_bus_changes_the_other_obeys"]),
    (Broken::NeverInTime, &["configuration::a_model_is_applied_under_load"]),
    (
        Broken::CountsBeforeRemoving,
        &[
            "removal::a_connector_with_acknowledged_tasks_is_not_removed",
            "removal::a_forced_removal_reports_every_acknowledged_task",
            "buses::removal_beside_submissions_loses_nothing",
        ],
    ),
    (Broken::IgnoresUnused, &["configuration::a_type_does_not_go_while_a_row_of_it_comes"]),
    (
        Broken::ForgetsKeys,
        &["submission::the_same_keys_from_four_producers_queue_once", "submission::one_key_with_four_contents_queues_one"],
    ),
    (Broken::Overfills, &["submission::a_full_queue_is_not_overfilled"]),
    (
        Broken::IgnoresVersionsInCommits,
        &["operators::a_stand_and_a_commit_of_one_task_do_not_both_win", "operators::a_bulk_stand_beside_commits_is_one_moment"],
    ),
    (Broken::IgnoresVersionsInStands, &["operators::two_operators_of_one_task_do_not_both_win"]),
    (Broken::IgnoresVersionsInRemovals, &["operators::a_removal_and_a_commit_of_one_task_do_not_both_win"]),
    (
        IGNORES_RELIED,
        &[
            "identities::swaps_and_rings_beside_each_other_lose_nothing",
            "identities::no_increment_is_lost",
            "references::nothing_dangles_after_deletes_beside_referrers",
            "moments::two_moves_that_make_a_cycle_do_not_both_win",
            "moments::a_move_that_looked_in_two_moments_is_found_out",
            "moments::moves_beside_each_other_make_no_cycle",
            "moments::objects_beside_each_other_make_no_cycle",
            "marks::who_did_not_find_a_row_looks_again_when_it_comes",
        ],
    ),
    // Each question alone: a store may forget the marks of one kind.
    (Broken::Ignores(|key| matches!(key, Key::Object(ObjectKey::Name(..)))), ONE_ROW),
    (Broken::Ignores(|key| matches!(key, Key::Object(ObjectKey::Guid(..)))), ONE_ROW),
    (Broken::Ignores(|key| matches!(key, Key::Object(ObjectKey::Unique(..)))), ONE_ROW),
    (Broken::Ignores(|key| matches!(key, Key::Page(PageKey::Alias(..)))), ONE_ROW),
    (Broken::Ignores(|key| matches!(key, Key::Page(PageKey::Guid(..)))), ONE_ROW),
    (Broken::Ignores(|key| matches!(key, Key::Binding(BindingKey::Binds(..)))), ONE_ROW),
    (Broken::Ignores(|key| matches!(key, Key::Object(ObjectKey::Id(..)))), REFERRERS),
    (Broken::Ignores(|key| matches!(key, Key::Page(PageKey::Id(..)))), REFERRERS),
    (Broken::Ignores(|key| matches!(key, Key::Referrers(..))), REFERRERS),
    (Broken::Ignores(|key| matches!(key, Key::Objects(ObjectsKey::Children(..)))), REFERRERS),
    (Broken::Ignores(|key| matches!(key, Key::Page(PageKey::ChildOf(..)))), REFERRERS),
    (Broken::LoadsInTwoMoments, &["moments::a_load_is_one_moment"]),
    (Broken::LooksOnce, &["marks::what_is_awaited_is_found_or_comes_later"]),
    (
        Broken::LoadsOfOld,
        &[
            "identities::the_same_new_names_in_different_order_make_progress",
            "progress::the_same_rows_in_different_order_conflict_a_bounded_number_of_times",
            "progress::a_big_batch_beside_small_ones_makes_progress",
        ],
    ),
    (
        Broken::WritesRowsFirst,
        &["packets::one_old_row_among_many_and_nothing_is_written", "packets::one_old_task_among_many_and_nothing_is_written"],
    ),
    (
        Broken::WritesLatePackets,
        &[
            "packets::a_replay_with_other_content_writes_nothing",
            "packets::a_packet_that_was_lost_and_comes_late_writes_nothing",
            "packets::a_late_packet_beside_the_second_try_is_carried_out_once",
        ],
    ),
    (Broken::KeepsTasks, &["packets::a_commit_that_failed_after_it_was_applied_is_found_by_looking"]),
    (Broken::IgnoresFencing, &["packets::an_older_epoch_writes_nothing", "packets::a_packet_of_a_crashed_owner_is_fenced"]),
    (Broken::EndsTwice, &["leases::a_task_is_ended_once_however_often_the_lease_moves"]),
    (Broken::GivesToEveryone, &["leases::of_three_nodes_that_claim_one_gets_it"]),
    (Broken::ForgetsTime, &["leases::a_lease_ends_by_time_and_one_of_two_takes_it"]),
    (Broken::CountsEveryClaim, &["leases::going_on_with_a_lease_keeps_its_epoch"]),
    (Broken::TrustsNames, &["leases::a_node_that_starts_again_gets_what_it_does_not_hold"]),
    (Broken::IgnoresReleases, &["leases::a_released_lease_is_free_and_a_late_release_is_passed_over"]),
    (Broken::BreaksAfterARefusal, &["refusals::a_handle_serves_on_after_each_refusal"]),
    (Broken::Reorders, &["buses::two_buses_apply_each_task_once_and_in_order"]),
];

/// Stores that forget who waits.
const FORGETFUL: &[(Broken, &[&str])] = &[
    (
        Broken::Forgets(Forgets::WhoWaitedBefore),
        &["waking::who_parks_beside_what_it_waits_for_finds_it_or_is_due", "waking::of_two_that_park_beside_each_other_one_is_stirred"],
    ),
    (Broken::Forgets(Forgets::WhoBeginsToWait), &["waking::who_goes_behind_a_task_that_is_removed_is_due"]),
    (
        Broken::Forgets(Forgets::TheMany),
        &[
            "waking::what_a_process_left_to_be_worked_off_another_works_off",
            "waking::whatever_comes_and_goes_in_the_end_nobody_is_forgotten",
        ],
    ),
    (
        Broken::Forgets(Forgets::AWake),
        &["waking::who_goes_behind_a_task_that_is_removed_is_due", "waking::of_two_that_park_beside_each_other_one_is_stirred"],
    ),
    (IGNORES_RELIED, &["waking::who_parks_beside_what_it_waits_for_finds_it_or_is_due"]),
    (Broken::IgnoresVersionsInRemovals, &["waking::a_group_and_an_operators_removal_of_one_of_it_do_not_both_win"]),
];

const ONE_ROW: &[&str] = &["identities::one_identity_from_three_handles_is_one_row"];
const REFERRERS: &[&str] = &["references::a_delete_and_a_new_referrer_do_not_both_win"];

fn found(broken: Broken, name: &str, limit: Duration) -> Option<String> {
    let check = CHECKS.iter().find(|check| check.name == name).unwrap_or_else(|| panic!("no check is named {name}"));
    failure(check, Arc::new(Engine(Arc::new(Faulty::new(broken)))), limit)
}

#[test]
fn each_broken_store_is_found_by_the_checks_that_are_about_it() {
    let mut missed = Vec::new();
    for (broken, names) in MUTANTS.iter().chain(FORGETFUL) {
        missed.extend(names.iter().filter(|name| found(*broken, name, LIMIT).is_none()).map(|name| format!("{broken:?} by {name}")));
    }
    assert!(missed.is_empty(), "not found:\n{}", missed.join("\n"));
}

#[test]
fn every_check_can_fail() {
    let able: BTreeSet<&str> = MUTANTS.iter().chain(FORGETFUL).flat_map(|(_, names)| names.iter().copied()).collect();
    let unable: Vec<&str> = CHECKS.iter().map(|check| check.name).filter(|name| !able.contains(name)).collect();
    assert!(unable.is_empty(), "nothing is known that these find: {unable:?}");
}

#[test]
fn a_check_that_hangs_is_named() {
    let name = "identities::the_same_new_names_in_different_order_make_progress";
    let why = found(Broken::LocksInTheOrderOfThePlan, name, HANGS).unwrap();
    assert!(why.starts_with(name) && why.contains("it hangs"), "{why}");
}
