//! The conformance suite that every store must pass (style 23). An engine's test calls [`run`] with
//! a factory of empty stores, and [`agree`] with a store beside a `MemoryStore`.

mod agree;
mod amends;
mod arrivals;
mod audit;
mod bench;
mod bindings;
mod commits;
mod conflicts;
mod generations;
mod groups;
mod history;
mod lines;
mod loose;
mod objects;
mod operations;
mod operator;
mod pages;
pub mod pairs;
mod queue;
mod referrers;
mod reopen;
mod restarts;
mod state;
mod stated;
mod submission;
mod texts;
mod versions;
mod waiting;
mod wakes;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

pub use agree::agree;
pub use bench::Bench;

use crate::{Forgets, MemoryStore};
use lockgate_core::ports::Store;

/// An engine with one store, which can be closed and opened again.
pub trait Reopen {
    /// The open store. The suite drops every one that it got before it calls `reopen`.
    fn store(&self) -> Arc<dyn Store>;

    /// Closes the store and opens it again, as after a restart of the process.
    fn reopen(&mut self);
}

/// One behaviour that every store must show.
pub struct Check {
    /// A sentence.
    pub name: &'static str,
    /// Panics when the behaviour is not there. The store is empty at the beginning.
    pub run: fn(&mut Bench<'_>),
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
    submission {
        ids_ascend_without_gaps_over_all_connectors
        a_submitted_task_is_kept_as_it_is
        the_same_key_and_content_queues_once
        the_same_key_twice_in_one_call_queues_once
        the_same_key_with_other_content_is_refused
        a_key_belongs_to_its_connector
        a_key_is_remembered_while_the_history_entry_remains
        a_full_queue_refuses_only_the_surplus
        a_full_queue_is_no_other_connectors_concern
        a_full_queue_still_knows_a_repeated_key
        a_failed_task_counts_as_queued
        a_key_is_free_again_when_its_task_was_given_up
        a_key_is_held_by_a_failed_task_until_an_operator_deletes_it
    }
    queue {
        fetch_gives_the_connectors_own_tasks_ascending
        fetch_goes_on_after_an_id
        fetch_stops_at_the_number_of_tasks
        fetch_stops_at_the_bytes_and_gives_one_at_least
        tasks_are_listed_over_all_connectors_and_filtered
        tasks_are_listed_in_pages
        a_standing_changes_what_an_operator_may_change
        a_task_that_is_gone_cannot_stand
        remove_takes_queued_tasks_and_passes_over_others
        a_newer_claim_fences_an_older
        a_claim_fences_no_other_connector
        a_lease_that_was_never_claimed_is_fenced
    }
    audit {
        an_order_and_its_row_are_written_together
        an_order_that_changes_nothing_leaves_no_row
        a_commit_that_somebody_ordered_has_a_row
        audit_rows_are_filtered_paged_and_trimmed
        an_edit_replaces_the_object_and_keeps_what_came
        a_failed_task_that_is_set_aside_is_edited_and_one_that_waits_is_not
        many_edits_of_one_task_keep_the_newest_and_what_came
    }
    objects {
        an_inserted_object_answers_every_question
        a_renamed_object_is_found_by_its_new_name_only
        a_moved_object_is_found_in_its_new_scope_only
        a_deleted_object_answers_none
        the_same_name_may_stand_in_every_scope
        any_named_gives_two_at_most
        unique_values_answer_and_move
        two_objects_may_swap_names_and_unique_values
        children_come_ascending_and_by_type
        more_children_than_an_answer_holds_are_told
        every_kind_of_value_comes_back_as_it_was
        objects_are_listed_in_pages_and_by_type
        a_question_about_unknown_names_answers_none
    }
    pages {
        an_inserted_page_answers_every_question
        a_page_takes_another_alias_and_guid
        a_moved_page_is_found_under_its_new_parent_only
        the_root_and_every_page_has_its_own_aliases
        the_same_path_and_guid_may_stand_in_every_site
        a_page_child_answers_while_there_is_one
        page_children_are_those_directly_below
        cultures_come_and_go
        pages_under_come_by_order_then_alias_and_those_without_order_last
        pages_are_listed_in_pages
    }
    bindings {
        an_inserted_binding_answers_every_question
        a_binding_is_found_by_exactly_what_it_binds
        bindings_of_an_owner_come_ascending_and_by_type
        a_changed_and_a_deleted_binding_answer_so
        bindings_are_listed_in_pages
    }
    referrers {
        objects_bindings_and_pages_refer
        groups_refer_and_parents_do_not
        a_page_that_refers_in_several_cultures_comes_once
        one_row_may_refer_with_several_fields
        a_page_refers_until_its_last_culture_lets_go
        an_object_and_a_page_of_the_same_id_are_told_apart
        elements_of_a_list_refer_one_by_one
        referrers_come_ascending
    }
    commits {
        one_row_may_change_several_times
        a_row_may_come_and_go_in_one_commit
        rows_of_one_commit_may_point_at_each_other
        effects_and_the_end_of_the_task_come_together
        a_task_may_stay
        a_task_may_stay_with_effects_of_others
        a_fenced_commit_writes_nothing
        a_conflicting_commit_writes_nothing
        a_commit_without_a_queued_task_writes_nothing
        a_task_end_that_names_another_connector_writes_nothing
        an_empty_commit_is_carried_out
    }
    conflicts {
        another_connectors_touch_conflicts
        every_question_that_a_change_touches_conflicts
        a_question_that_was_answered_none_conflicts_when_it_is_answered
        an_own_touch_does_not_conflict
        an_own_touch_does_not_hide_anothers
        what_was_loaded_after_the_touch_does_not_conflict
        an_untouched_answer_does_not_conflict
        nothing_relied_on_never_conflicts
        a_refused_commit_touches_nothing
    }
    amends {
        loose_ends_are_given_up_and_their_questions_forgotten
        an_order_about_a_row_that_is_another_by_now_changes_nothing
        an_order_conflicts_with_every_pass
        an_order_about_a_connector_that_is_gone_is_stale
    }
    history {
        a_log_keeps_its_newest_lines
        entries_come_newest_first_and_whole
        entries_are_listed_in_pages
        entries_are_filtered
        log_lines_come_in_order_over_several_tries
        a_log_outlives_its_task
        trimming_takes_the_oldest_with_their_logs
        trimming_below_the_limit_takes_nothing
        numbers_go_on_after_trimming
    }
    operator {
        connectors_are_listed_by_name_with_their_components
        a_connector_is_replaced_and_switched
        a_deleted_connector_takes_its_own_queue_only
        a_deleted_connectors_keys_are_free_again
        the_model_is_replaced_whole
        a_field_that_becomes_unique_is_found_by_its_values
        a_field_that_is_not_unique_any_more_is_not_looked_up
        switches_are_kept
        counts_are_exact
        reserved_ids_do_not_overlap
        an_empty_store_answers_everything
    }
    operations {
        an_operation_gives_what_is_left_of_it_by_connector
        a_part_is_carried_out_with_what_it_counts
        a_part_that_is_not_as_it_was_seen_writes_nothing
        a_commit_carries_a_step_or_writes_nothing
        one_that_is_cancelled_takes_what_was_in_hand
        one_that_means_nothing_has_ended
        those_that_ended_are_kept_up_to_a_limit
        an_operation_survives
        tasks_are_filtered_by_how_they_stand
        these_tasks_are_fetched_whatever_they_wait_for
    }
    state {
        what_a_commit_writes_is_kept_and_what_it_deletes_is_gone
        every_connector_has_its_own_state
        any_key_and_value_is_taken
        state_and_effects_come_together
        a_cleared_state_is_empty_and_may_be_written_again
        what_was_planned_by_a_state_that_is_cleared_is_stale
        clearing_an_empty_state_disturbs_nobody
        only_an_installed_connectors_state_is_cleared
        a_deleted_connectors_state_is_gone
        the_secret_key_stays_and_no_other_store_has_it
    }
    generations {
        what_changes_nothing_makes_no_generation
        what_is_there_already_is_taken_from_an_old_copy_too
        a_component_that_is_not_there_is_stored_though_the_record_is_the_same
    }
    versions {
        versions_come_back_in_their_order
        a_component_is_kept_while_a_version_names_it
        the_component_of_a_version_that_waits_is_kept_under_its_own_digest
        a_component_that_two_connectors_name_goes_with_the_last
        a_rollback_needs_no_bytes
    }
    texts {
        bodies_of_every_size_come_back
        titles_and_names_of_any_script_come_back
        code_names_compare_by_their_rule_and_are_kept_as_given
        the_longest_names_are_taken
        the_largest_numbers_come_back
        the_largest_ids_are_taken
        texts_with_odd_characters_come_back
    }
    waiting {
        what_stands_apart_is_passed_over_by_fetch
        everything_that_is_known_of_one_that_waits_comes_back
        those_that_wait_leave_room_in_a_full_queue
        a_connector_with_tasks_that_wait_is_not_removed
        a_state_is_listed_in_pages
        the_longest_parked_come_first
        each_state_is_counted
        what_is_missing_is_told_once_with_who_waits
        what_nobody_waits_for_any_more_is_not_missing
    }
    wakes {
        what_comes_wakes_who_waits_for_it
        every_kind_of_touch_wakes
        a_change_that_gives_nothing_to_another_wakes_nobody
        who_begins_to_wait_in_the_commit_that_touches_it_is_due
        the_end_of_a_task_wakes_who_is_behind_it
        who_goes_behind_a_task_that_has_ended_is_due
        a_forced_removal_of_a_connector_ends_its_tasks
        to_be_tried_alone_says_more_than_with_a_group
        who_parks_stirs_others_and_not_itself
        who_was_looked_at_is_not_due
        an_operators_change_leaves_who_is_due_due
        those_in_the_queue_are_not_woken
        one_that_failed_is_woken_by_the_wants_that_it_keeps
        the_due_come_ascending_and_in_pages
        a_refused_commit_wakes_nobody
    }
    arrivals {
        many_waiters_are_worked_off_in_steps
        where_nothing_came_nothing_is_worked_off
        only_the_newest_lease_works_off
        who_waits_when_it_came_is_woken_though_it_has_gone_again
        what_comes_again_while_it_is_worked_off_wakes_those_that_were_passed
        those_that_wait_no_more_are_not_woken
        many_who_need_a_group_are_worked_off_too
        many_loose_ends_are_worked_off
        a_removed_connector_has_nothing_to_work_off
    }
    lines {
        a_line_gives_its_tasks_ascending
        a_task_stands_in_its_lines_until_it_ends
        those_in_lines_are_counted
        a_task_asks_who_is_before_it
        those_who_would_bring_something_are_found
    }
    groups {
        tasks_of_several_connectors_end_in_one_commit
        a_group_of_which_one_has_changed_is_not_carried_out
        a_group_is_stale_when_one_of_its_connectors_has_changed
        what_was_mended_is_told_beside_the_end_of_its_task
    }
    loose {
        a_loose_end_comes_back_as_it_was_left
        bindings_that_are_not_made_are_found_by_their_owner
        what_comes_makes_loose_ends_due
        an_end_that_was_looked_at_is_not_due
        an_end_that_begins_with_what_it_waits_for_is_due
        a_removed_connectors_loose_ends_are_gone
        a_changed_end_conflicts_with_whoever_relied_on_it
        a_field_that_was_loose_is_written
    }
    stated {
        questions_and_versions_come_back_with_their_rows
        a_former_name_means_whom_it_meant
        a_tombstone_is_found_by_what_was_deleted
        a_tombstone_goes_with_the_trimming_after_its_time
        former_names_and_tombstones_conflict_when_another_changes_them
        an_object_is_found_by_its_guid_wherever_it_is
    }
    reopen {
        everything_survives
        ids_go_on
        a_reserved_id_that_was_committed_is_never_given_again
        an_idempotency_key_survives
        a_fence_survives
        conflicts_are_found_afterwards
        refused_commits_leave_no_trace
    }
    restarts {
        who_waits_is_known_after_a_restart
        who_is_due_is_due_after_a_restart
        what_is_to_be_worked_off_is_worked_off_after_a_restart
        who_waits_for_nothing_any_more_is_forgotten_for_good
    }
}

/// Runs every check, each on a store of its own, and panics with the names of those that failed.
pub fn run(make: &mut dyn FnMut() -> Box<dyn Reopen>) {
    let mut failed = Vec::new();
    for check in CHECKS {
        let mut engine = make();
        let outcome = catch_unwind(AssertUnwindSafe(|| (check.run)(&mut Bench::new(&mut *engine))));
        if let Err(panic) = outcome {
            let text = panic.downcast_ref::<String>().map(String::as_str).or_else(|| panic.downcast_ref::<&str>().copied());
            failed.push(format!("{}: {}", check.name, text.unwrap_or("it panicked")));
        }
    }
    assert!(failed.is_empty(), "{} of {} checks failed:\n{}", failed.len(), CHECKS.len(), failed.join("\n"));
}

/// The store in memory as an engine; "reopening" it changes nothing, unless it is broken on purpose.
#[derive(Default)]
pub struct InMemory {
    store: Arc<MemoryStore>,
}

impl InMemory {
    /// One that is broken on purpose.
    pub fn forgetting(forgets: Forgets) -> Self {
        Self { store: Arc::new(MemoryStore::forgetting(forgets)) }
    }
}

impl Reopen for InMemory {
    fn store(&self) -> Arc<dyn Store> {
        self.store.clone()
    }

    fn reopen(&mut self) {
        self.store.restart();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Short as _;
    use lockgate_core::ports::{Due, Queue as _, TaskFilter};

    #[test]
    fn the_store_in_memory_passes_the_suite() {
        run(&mut || Box::new(InMemory::default()));
    }

    /// Two stores of one kind agree whatever they answer; what the comparison is for is to find one that
    /// differs. So each kind of thing is in one of two stores other than in the other, and equally often.
    #[test]
    fn a_comparison_finds_one_thing_that_is_not_the_same() {
        for seed in 1..=8 {
            agree(seed, &MemoryStore::new(), &MemoryStore::new(), 300);
        }
        // Far from the ids that the comparison reserves.
        let far = 1 << 40;
        let row = |change: lockgate_core::change::Change| -> Box<dyn Fn(&MemoryStore)> {
            Box::new(move |store| {
                let lease = store.claim_now(&bench::connector("zoe")).expect("claim");
                let commit = crate::Commit { changes: vec![change.clone()], ..Default::default() };
                store.commit_now(&lease, &commit, &crate::model()).expect("commit");
            })
        };
        let connector = |digest: &'static str| -> Box<dyn Fn(&MemoryStore)> {
            Box::new(move |store| store.put_connector_now(&bench::record("c", digest), Some(b"bytes")).expect("put"))
        };
        let task = |body: &'static [u8]| -> Box<dyn Fn(&MemoryStore)> {
            Box::new(move |store| drop(store.submit_now(vec![crate::new_task(&bench::connector("a"), body)], 9).expect("submit")))
        };
        let waiting = |name: &'static str| -> Box<dyn Fn(&MemoryStore)> {
            Box::new(move |store| {
                task(b"one")(store);
                let ids: Vec<_> = store.tasks(&TaskFilter::default(), None, 9).expect("tasks").iter().map(|head| head.id).collect();
                assert!(store.stand_now(ids[0], &bench::parked_for(name)).expect("stand"));
            })
        };
        let due = |is_due: bool| -> Box<dyn Fn(&MemoryStore)> {
            Box::new(move |store| {
                waiting("ann")(store);
                let ids: Vec<_> = store.tasks(&TaskFilter::default(), None, 9).expect("tasks").iter().map(|head| head.id).collect();
                store.make_due(&ids[..usize::from(is_due)], Due::Alone).expect("make_due");
            })
        };
        let loose = |name: &str| lockgate_core::change::Change::Loose(None, Some(Arc::new(bench::not_made(far, name))));
        let due_end = |is_due: bool| -> Box<dyn Fn(&MemoryStore)> {
            Box::new(move |store| {
                row(loose("ann"))(store);
                row(bench::insert(&bench::user(far + 1, "ann")))(store);
                if !is_due {
                    row(bench::looks_at(&bench::not_made(far, "ann")))(store);
                }
            })
        };
        for (kind, one, other) in [
            ("object", row(bench::insert(&bench::user(far, "zoe"))), row(bench::insert(&bench::user(far, "zoa")))),
            ("page", row(bench::insert(&bench::a_page(far, None, "one"))), row(bench::insert(&bench::a_page(far, None, "other")))),
            (
                "binding",
                row(bench::insert(&bench::user_role(far, far + 1, far + 2))),
                row(bench::insert(&bench::user_role(far, far + 1, far + 3))),
            ),
            ("connector", connector("one"), connector("other")),
            ("task", task(b"one"), task(b"other")),
            ("waiting task", waiting("ann"), waiting("bob")),
            ("due task", due(true), due(false)),
            ("loose end", row(loose("ann")), row(loose("bob"))),
            ("due loose end", due_end(true), due_end(false)),
        ] {
            let stores = [MemoryStore::new(), MemoryStore::new()];
            one(&stores[0]);
            other(&stores[1]);
            let compared = catch_unwind(AssertUnwindSafe(|| agree(1, &stores[0], &stores[1], 0)));
            assert!(compared.is_err(), "two stores with one {kind} each that is not the same agree");
        }
    }
}
