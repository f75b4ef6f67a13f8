//! Tasks that wait, what they wait for, and who is due.

use std::sync::Arc;

use super::{Bench, connector, key_of, standing, stays, type_name};
use crate::short::Commit;
use lockgate_core::key::{Key, ObjectKey};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::park::{LooseAt, LooseEnd, Waiting, Want};
use lockgate_core::ports::{Due, Standing};
use lockgate_core::rows::{LooseId, Scope, Stated, StatedObject};
use lockgate_core::task::{ProcessType, TaskHead, TaskId, TaskState};

/// The user of this name, whom nobody is above.
pub(in crate::suite) fn named(name: &str) -> ObjectKey {
    ObjectKey::Name(type_name("cms.user"), Scope::default(), key_of(name))
}

/// The same question, as a connector states it.
pub(in crate::suite) fn stated(name: &str) -> Arc<Stated> {
    let object_type = type_name("cms.user");
    Arc::new(Stated::Object(StatedObject::Named { object_type, name: super::code_name(name), site: None, parent: None, group: None }))
}

/// The mark of a question.
pub(in crate::suite) fn mark(key: impl Into<Key>) -> Mark {
    key.into().mark()
}

/// To wait for another answer to a question.
pub(in crate::suite) fn want(key: impl Into<Key>) -> Want {
    let key = key.into();
    Want { mark: key.mark(), what: format!("{key:?}").into(), external: None }
}

/// To wait for the end of a task.
pub(in crate::suite) fn want_end(task: TaskId) -> Want {
    Want { mark: ended(task), what: format!("the end of task {task}").into(), external: None }
}

/// The standing of a task that waits so.
pub(in crate::suite) fn waits(state: TaskState, waiting: Waiting) -> Standing {
    Standing { waiting: Some(Arc::new(waiting)), ..standing(ProcessType::Default, state) }
}

/// Parked, for want of these.
pub(in crate::suite) fn parked(wants: impl IntoIterator<Item = Want>) -> Standing {
    waits(TaskState::Parked, Waiting { since_ms: 1_000, wants: wants.into_iter().collect(), ..Waiting::default() })
}

/// Parked, for want of a user of this name.
pub(in crate::suite) fn parked_for(name: &str) -> Standing {
    parked([want(named(name))])
}

/// Behind another task.
pub(in crate::suite) fn behind(task: TaskId) -> Standing {
    let wants = vec![want_end(task)];
    waits(TaskState::Behind, Waiting { since_ms: 1_000, wants, behind: Some(task), ..Waiting::default() })
}

/// Parked, and only a group that gets these would help.
pub(in crate::suite) fn parked_for_group(group_wants: impl IntoIterator<Item = Mark>) -> Standing {
    waits(TaskState::Parked, Waiting { since_ms: 1_000, group_wants: group_wants.into_iter().collect(), ..Waiting::default() })
}

/// Failed and set aside; with these wants it has waited too long.
pub(in crate::suite) fn set_aside(wants: impl IntoIterator<Item = Want>) -> Standing {
    let waiting = Waiting { since_ms: 1_000, wants: wants.into_iter().collect(), ..Waiting::default() };
    Standing { aside: true, waiting: Some(Arc::new(waiting)), ..super::failed() }
}

/// A binding of user 1 that is not made, for want of a user of this name.
pub(in crate::suite) fn not_made(id: u64, name: &str) -> LooseEnd {
    let binding_type = type_name("cms.user-role");
    let owner = lockgate_core::rows::Owner::Row(lockgate_core::rows::Target::Object(lockgate_core::rows::ObjectId(1)));
    LooseEnd {
        id: LooseId(id),
        connector: connector("a"),
        task: TaskId(id),
        since_ms: 2_000,
        at: LooseAt::NotMade(lockgate_core::park::NotMade {
            binding_type,
            owner,
            fields: super::fields([("user", super::to_object(1))]),
            links: lockgate_core::rows::Links::default(),
        }),
        stated: vec![stated(name)],
        wants: vec![want(named(name))],
    }
}

impl Bench<'_> {
    /// Queues a task of a connector and gives it a standing, as a pass does.
    pub(in crate::suite) fn submit_standing(&self, name: &str, standing: Standing) -> TaskId {
        let id = self.submit(name, &["x"])[0];
        self.stand(id, standing);
        id
    }

    /// Gives a queued task a standing, as a pass does.
    pub(in crate::suite) fn stand(&self, id: TaskId, standing: Standing) {
        let lease = self.claim(self.task(id).connector.as_str());
        self.commit(&lease, &Commit { tasks: vec![stays(id, standing)], ..Commit::default() }).expect("commit");
    }

    /// Works off whatever had too many waiters.
    pub(in crate::suite) fn work_off(&self, name: &str) {
        let lease = self.claim(name);
        while self.store().work_off(&lease, 100).expect("work_off") {}
    }

    /// Tasks of a connector that are due, when everything is worked off.
    pub(in crate::suite) fn due(&self, name: &str) -> Vec<(TaskId, Due)> {
        self.work_off(name);
        self.due_now(name)
    }

    /// Tasks of a connector that are due already.
    pub(in crate::suite) fn due_now(&self, name: &str) -> Vec<(TaskId, Due)> {
        let due = self.store().due(&connector(name), None, usize::MAX, usize::MAX).expect("due");
        due.into_iter().map(|due| (due.task.id, due.how)).collect()
    }

    /// Loose ends of a connector that are due, when everything is worked off.
    pub(in crate::suite) fn loose_due(&self, name: &str) -> Vec<LooseId> {
        self.work_off(name);
        self.store().loose_due(&connector(name), usize::MAX).expect("loose_due").into_iter().map(|end| end.id).collect()
    }

    /// Connectors that have something to do.
    pub(in crate::suite) fn stirred(&self) -> Vec<String> {
        self.store().stirred().expect("stirred").into_iter().map(|name| name.to_string()).collect()
    }
}

/// The ids of these heads.
pub(in crate::suite) fn ids(heads: Result<Vec<TaskHead>, lockgate_core::ports::StoreError>) -> Vec<TaskId> {
    heads.expect("heads").into_iter().map(|head| head.id).collect()
}
