//! Stores that break a rule of waiting on purpose: the property test must find each out.

use std::collections::BTreeSet;
use std::sync::Arc;

use lockgate_core::change::Change;
use lockgate_core::effects::{Effects, EffectsParts, Fate};
use lockgate_core::failure::Code;
use lockgate_core::key::{FormerKey, Loaded, LooseOf, Question, TombKey};
use lockgate_core::mark::{Mark, ended};
use lockgate_core::park::{LineKind, LooseAt, Waiting};
use lockgate_core::rows::{Links, Newer};
use lockgate_core::task::{TaskId, TaskState};

/// Ids of tasks in a history, at most: the ends of these are known by their marks.
const TASKS_MAX: u64 = 200;

/// How a store is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// Nobody is woken.
    NoWakes,
    /// The end of a task wakes nobody.
    NoEnds,
    /// What is touched wakes nobody but those behind tasks that end.
    OnlyEnds,
    /// Who parks gives others no further try.
    NoStirs,
    /// What a group failed by is not kept.
    NoGroupWants,
    /// Of what a group failed by, the ends of other subjects are not kept.
    NoEndsInGroupWants,
    /// A task that waited too long has no wants.
    NoWantsWhenFailed,
    /// A refused circle has no wants.
    NoWantsOfCircles,
    /// Nobody stands in a line.
    NoLines,
    /// A task that states a list of children, or writes a child, does not stand in the lines of lists.
    NoLists,
    /// A task that failed stands in no line.
    NoLinesWhenFailed,
    /// It is not known what waiting tasks would bring.
    NoBrings,
    /// The chain of a subject is empty.
    NoChains,
    /// What would bring what is missing is not found.
    NoHelpers,
    /// Nothing is due alone.
    NothingDueAlone,
    /// Nothing is due with a group.
    NothingDueInGroups,
    /// No loose end is due.
    NothingLooseDue,
    /// Loose ends are lost.
    NoLooseEnds,
    /// What a delete has cleared leaves no loose end.
    NoLooseEndsOfDeletes,
    /// A default leaves no loose end.
    NoLooseDefaults,
    /// Bindings that are not made leave no loose end.
    NoLooseBindings,
    /// Bindings that are not made are not found again by their owner.
    ForgetsNotMade,
    /// Whom a name meant formerly is not known.
    NoFormer,
    /// Rows do not keep their questions.
    NoQuestions,
    /// How new something is, is not kept.
    NoVersions,
    /// How new the fields of a row are, is not kept.
    NoVersionsOfFields,
    /// Deletes leave nothing behind.
    NoTombs,
    /// A change of the configuration makes nothing due.
    NoFailedBy,
}

impl Broken {
    /// All of them.
    pub const ALL: &'static [Self] = &[
        Self::NoWakes,
        Self::NoEnds,
        Self::OnlyEnds,
        Self::NoStirs,
        Self::NoGroupWants,
        Self::NoEndsInGroupWants,
        Self::NoWantsWhenFailed,
        Self::NoWantsOfCircles,
        Self::NoLines,
        Self::NoLists,
        Self::NoLinesWhenFailed,
        Self::NoBrings,
        Self::NoChains,
        Self::NoHelpers,
        Self::NothingDueAlone,
        Self::NothingDueInGroups,
        Self::NothingLooseDue,
        Self::NoLooseEnds,
        Self::NoLooseEndsOfDeletes,
        Self::NoLooseDefaults,
        Self::NoLooseBindings,
        Self::ForgetsNotMade,
        Self::NoFormer,
        Self::NoQuestions,
        Self::NoVersions,
        Self::NoVersionsOfFields,
        Self::NoTombs,
        Self::NoFailedBy,
    ];

    /// Whether a list is empty whatever is asked.
    pub(super) fn hides(self, method: &str) -> bool {
        match self {
            Self::NoChains => method == "line",
            Self::NoHelpers => method == "bringing",
            Self::NothingLooseDue => method == "loose_due",
            _ => false,
        }
    }

    /// What it answers instead.
    pub(super) fn loaded(self, loaded: &mut Loaded) {
        match self {
            Self::NoFormer => forget::<FormerKey>(loaded),
            Self::NoTombs => forget::<TombKey>(loaded),
            Self::ForgetsNotMade => forget::<LooseOf>(loaded),
            _ => {}
        }
    }

    /// What it carries out instead.
    pub(super) fn effects(self, effects: Effects) -> Effects {
        let mut parts = EffectsParts::from(effects);
        let deletes =
            parts.tasks.iter().any(|task| matches!(&task.fate, Fate::Removed(entry) if entry.task_type.as_str().starts_with("delete")));
        for task in &mut parts.tasks {
            let Fate::Stays(standing) = &mut task.fate else { continue };
            let code = standing.failure.as_ref().map(|failure| failure.code);
            if self == Self::NoFailedBy {
                standing.failed_by = None;
            }
            if let Some(waiting) = standing.waiting.take() {
                let mut waiting = (*waiting).clone();
                self.waiting(&mut waiting, standing.state, code);
                standing.waiting = Some(Arc::new(waiting));
            }
        }
        parts.changes.retain(|change| match change {
            Change::Loose(None, Some(end)) => match self {
                Self::NoLooseEnds => false,
                Self::NoLooseEndsOfDeletes => !deletes,
                Self::NoLooseDefaults => !matches!(&end.at, LooseAt::Object(_, field) if field.as_str() == "standard"),
                Self::NoLooseBindings => !matches!(end.at, LooseAt::NotMade(_)),
                _ => true,
            },
            Change::Tomb(..) => self != Self::NoTombs,
            _ => true,
        });
        parts.changes.iter_mut().for_each(|change| self.change(change));
        if self == Self::NoStirs {
            parts.stirs.clear();
        }
        let effects = Effects::from(parts);
        let ends: BTreeSet<Mark> = (0..TASKS_MAX).map(|id| ended(TaskId(id))).collect();
        match self {
            Self::NoWakes => effects.waking_only(|_| false),
            Self::NoEnds => effects.waking_only(|mark| !ends.contains(&mark)),
            Self::OnlyEnds => effects.waking_only(|mark| ends.contains(&mark)),
            _ => effects,
        }
    }

    fn waiting(self, waiting: &mut Waiting, state: TaskState, code: Option<Code>) {
        let failed = state == TaskState::Failed;
        match self {
            Self::NoGroupWants => waiting.group_wants.clear(),
            Self::NoEndsInGroupWants => {
                let ends: BTreeSet<Mark> = (0..TASKS_MAX).map(|id| ended(TaskId(id))).collect();
                waiting.group_wants.retain(|mark| !ends.contains(mark));
            }
            Self::NoWantsWhenFailed if failed => waiting.wants.clear(),
            Self::NoWantsOfCircles if code == Some(Code::Cycle) => waiting.wants.clear(),
            Self::NoLines => waiting.lines.clear(),
            Self::NoLists => waiting.lines.retain(|line| line.kind == LineKind::Subject),
            Self::NoLinesWhenFailed if failed => waiting.lines.clear(),
            Self::NoBrings => waiting.brings.clear(),
            _ => {}
        }
    }

    fn change(self, change: &mut Change) {
        match change {
            Change::Object(before, after) => {
                for row in before.iter_mut().chain(after).map(Arc::make_mut) {
                    match self {
                        Self::NoQuestions => row.links = Links::new(),
                        Self::NoVersions => row.newer = Newer::default(),
                        Self::NoVersionsOfFields => row.newer.fields.clear(),
                        _ => {}
                    }
                }
            }
            Change::Binding(before, after) if self == Self::NoQuestions => {
                before.iter_mut().chain(after).for_each(|row| Arc::make_mut(row).links = Links::new());
            }
            _ => {}
        }
    }
}

/// To every question of a kind: there is none.
fn forget<Q: Question>(loaded: &mut Loaded) {
    let asked: Vec<Q> = loaded.answers.of::<Q>().keys().cloned().collect();
    for question in asked {
        loaded.answers.insert(question, Q::Answer::default());
    }
}
