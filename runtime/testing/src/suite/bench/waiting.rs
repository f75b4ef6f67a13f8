//! Tasks that wait, what they wait for, and who is due.

use std::sync::Arc;

use uuid::Uuid;

use super::{Bench, code_name, connector, culture, failed, field, fields, key_of, site, standing, stays, to_object, type_name};
use crate::short::Commit;
use lockgate_core::change::Change;
use lockgate_core::key::{Key, ObjectKey};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::model::ANY_PAGE;
use lockgate_core::park::{LooseAt, LooseEnd, NotMade, Waiting, Want};
use lockgate_core::ports::{Due, Standing, StoreError};
use lockgate_core::rows::{Link, Links, LooseId, ObjectId, Owner, Scope, Stated, StatedObject, StatedPage, Target};
use lockgate_core::task::{ProcessType, TaskHead, TaskId, TaskState};

/// The user of this name, whom nobody is above.
pub(in crate::suite) fn named(name: &str) -> ObjectKey {
    ObjectKey::Name(type_name("cms.user"), Scope::default(), key_of(name))
}

/// The same question, as a connector states it.
pub(in crate::suite) fn stated(name: &str) -> Arc<Stated> {
    let object_type = type_name("cms.user");
    Arc::new(Stated::Object(StatedObject::Named { object_type, name: code_name(name), site: None, parent: None, group: None }))
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
    Standing { aside: true, waiting: Some(Arc::new(waiting)), ..failed() }
}

/// A binding of user 1 that is not made, for want of a user of this name.
pub(in crate::suite) fn not_made(id: u64, name: &str) -> LooseEnd {
    let not_made = NotMade {
        binding_type: type_name("cms.user-role"),
        owner: Owner::Row(Target::Object(ObjectId(1))),
        fields: fields([("user", to_object(1))]),
        links: Links::from([(field("role"), link(name, None))]),
    };
    LooseEnd {
        id: LooseId(id),
        connector: connector("a"),
        task: TaskId(id),
        since_ms: 2_000,
        at: LooseAt::NotMade(not_made),
        stated: vec![stated(name)],
        wants: vec![want(named(name))],
    }
}

/// A loose end was looked at, and is as before.
pub(in crate::suite) fn looks_at(end: &LooseEnd) -> Change {
    let end = Arc::new(end.clone());
    Change::Loose(Some(end.clone()), Some(end))
}

/// The question of a reference to the user of this name.
pub(in crate::suite) fn link(name: &str, loose: Option<u64>) -> Link {
    Link { stated: stated(name), external: format!("external {name}").into(), by: connector("shop"), loose: loose.map(LooseId) }
}

/// Questions of every kind, no two alike.
pub(in crate::suite) fn every_stated() -> Vec<Arc<Stated>> {
    let (users, guid) = (type_name("cms.user"), Uuid::from_u128(7));
    let by_guid = |object_type| StatedObject::Guid(object_type, guid);
    let named = |name: &str, site, parent: Option<StatedObject>, group: Option<StatedObject>| StatedObject::Named {
        object_type: type_name("cms.user"),
        name: code_name(name),
        site,
        parent: parent.map(Arc::new),
        group: group.map(Arc::new),
    };
    let plain = || named("Ann ž", None, None, None);
    let deep = named("a", Some(site("main")), Some(named("b", None, Some(by_guid(users.clone())), None)), Some(plain()));
    let objects = vec![
        by_guid(users.clone()),
        by_guid(type_name("cms.role")),
        plain(),
        named("Ann ž", Some(site("main")), None, None),
        named("Ann ž", None, Some(plain()), None),
        named("Ann ž", None, None, Some(plain())),
        deep,
    ];
    let page = |class_name: &str, name: &str, language: &str| StatedPage {
        class_name: type_name(class_name),
        site: site(name),
        guid,
        culture: (!language.is_empty()).then(|| culture(language)),
    };
    let pages = vec![
        page("cms.page", "main", "en-US"),
        page(ANY_PAGE, "main", "en-US"),
        page("cms.page", "other", "en-US"),
        page("cms.page", "main", "cs-CZ"),
        page("cms.page", "main", ""),
    ];
    objects.into_iter().map(Stated::Object).chain(pages.into_iter().map(Stated::Page)).map(Arc::new).collect()
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
pub(in crate::suite) fn ids(heads: Result<Vec<TaskHead>, StoreError>) -> Vec<TaskId> {
    heads.expect("heads").into_iter().map(|head| head.id).collect()
}
