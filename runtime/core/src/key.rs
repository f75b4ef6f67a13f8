//! Questions to the store, and its answers. A question has a type for each kind of answer, so that an
//! answer of the wrong kind cannot be, and a new question is found by the compiler wherever one is
//! answered, patched or touched.

use std::hash::Hash;
use std::sync::Arc;

/// Of objects and pages.
pub use uuid::Uuid;

pub use crate::unique::unique_key;

use crate::maps::HashMap;
use crate::names::{ConnectorName, Culture, FieldName, SiteName, TypeName};
use crate::newer::Version;
use crate::park::{Line, LooseEnd};
use crate::rows::{BindingId, BindingRow, LooseId, NodeId, ObjectId, ObjectRow, Owner, PageRow, Referrer, Scope, Target};
use crate::task::TaskId;

/// Most rows that one answer holds. A store answers with one more when there are more, so that
/// the plan can tell.
pub const ANSWER_ROWS_MAX: usize = 10_000;

/// The same of an answer of ids alone.
pub const ANSWER_IDS_MAX: usize = 100_000;

/// A question that a plan asks in terms of the bus; how a store finds the answer is its own affair.
/// `None` and empty lists mean: looked for and not there.
pub trait Question: Clone + Eq + Hash + std::fmt::Debug + Into<Key> + 'static {
    /// What the store answers. The default is: looked for and not there.
    type Answer: Clone + Default + PartialEq + std::fmt::Debug + 'static;

    /// Where answers to such questions are.
    fn answers(loaded: &Answers) -> &HashMap<Self, Self::Answer>;

    /// The same, to put one there.
    fn answers_mut(loaded: &mut Answers) -> &mut HashMap<Self, Self::Answer>;
}

/// Which object.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ObjectKey {
    /// The object with this id.
    Id(ObjectId),
    /// The object with exactly this scope and code name.
    Name(TypeName, Scope, Arc<str>),
    /// The object of a type with this GUID, wherever it is.
    Guid(TypeName, Uuid),
    /// The object whose unique field has this value (as [`unique_key`] writes it).
    Unique(TypeName, FieldName, Arc<str>),
}

/// Which objects.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum ObjectsKey {
    /// Objects of this type, site and code name under any parent and group: two at most, ascending id.
    AnyNamed(TypeName, Option<SiteName>, Arc<str>),
    /// Objects of a type with this parent, ascending id.
    Children(ObjectId, TypeName),
}

/// Which page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum PageKey {
    /// The page with this id.
    Id(NodeId),
    /// The page of this site with this GUID.
    Guid(SiteName, Uuid),
    /// The page with this parent (`None`: the root) and alias key.
    Alias(SiteName, Option<NodeId>, Arc<str>),
    /// One page under this one, whichever.
    ChildOf(NodeId),
}

/// Pages directly under this one, ascending id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct PagesUnder(pub NodeId);

/// Which binding.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum BindingKey {
    /// The binding with this id.
    Id(BindingId),
    /// The binding of this type that binds exactly these.
    Binds(TypeName, Vec<Target>),
}

/// Bindings of a type whose first bound thing is this, ascending id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct BindingsOf(pub TypeName, pub Target);

/// Who points to this, with a field or as its group (bindings included, parents not): ascending and
/// without repeats.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ReferrersOf(pub Target);

/// The GUID of the object that last left this name, if it was given one: a name that no row has now means it
/// still (§7.2).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FormerKey(pub TypeName, pub Scope, pub Arc<str>);

/// What a delete left behind where the type says `newer_by` (§7.4).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TombKey {
    /// Object type or page type.
    pub type_name: TypeName,
    /// Of a page, the culture.
    pub culture: Option<Culture>,
    /// Which row it was.
    pub by: TombBy,
}

/// Which row was deleted.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum TombBy {
    /// An object with a given GUID: it matches by that alone.
    Guid(Uuid),
    /// The same of a page of this site.
    Page(SiteName, Uuid),
    /// An object without.
    Name(Scope, Arc<str>),
    /// A page without.
    Alias(SiteName, Option<NodeId>, Arc<str>),
}

/// What a delete left behind.
#[derive(Debug, Clone, PartialEq)]
pub struct Tomb {
    /// What is not newer than this does not come back.
    pub version: Version,
    /// Until when it is kept, in ms since 1970.
    pub until_ms: i64,
}

/// The loose end with this id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct LooseKey(pub LooseId);

/// Bindings of a type that are not made, of this owner: ascending id.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LooseOf(pub TypeName, pub Owner);

/// Tasks that a pass has come to and that have not ended, in this line of a connector, with ids below
/// `before`: the last [`LINE_IDS_MAX`] of them, ascending (§11.5).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct LineKey {
    /// Whose tasks.
    pub connector: ConnectorName,
    /// Which line.
    pub line: Line,
    /// The task that asks.
    pub before: TaskId,
}

/// Most tasks that the answer to a [`LineKey`] holds.
pub const LINE_IDS_MAX: usize = 16;

/// One question of any kind: what changes touch, and what commits rely on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Key {
    /// About one object.
    Object(ObjectKey),
    /// About objects.
    Objects(ObjectsKey),
    /// About one page.
    Page(PageKey),
    /// About pages' ids.
    PageIds(PagesUnder),
    /// About one binding.
    Binding(BindingKey),
    /// About bindings.
    Bindings(BindingsOf),
    /// About referrers.
    Referrers(ReferrersOf),
    /// About a former name.
    Former(FormerKey),
    /// About a tombstone.
    Tomb(TombKey),
    /// About a loose end.
    Loose(LooseKey),
    /// About bindings that are not made.
    LooseEnds(LooseOf),
    /// About tasks that have not ended.
    Line(LineKey),
}

macro_rules! questions {
    ($($question:ident, $variant:ident, $field:ident => $answer:ty;)*) => {
        $(
            impl From<$question> for Key {
                fn from(question: $question) -> Self {
                    Self::$variant(question)
                }
            }

            impl Question for $question {
                type Answer = $answer;

                fn answers(loaded: &Answers) -> &HashMap<Self, Self::Answer> {
                    &loaded.$field
                }

                fn answers_mut(loaded: &mut Answers) -> &mut HashMap<Self, Self::Answer> {
                    &mut loaded.$field
                }
            }
        )*

        /// Answers by their questions.
        #[derive(Debug, Clone, Default, PartialEq)]
        pub struct Answers {
            $($field: HashMap<$question, $answer>,)*
        }

        impl Answers {
            /// How many there are.
            pub fn len(&self) -> usize {
                0 $(+ self.$field.len())*
            }

            /// Whether the question is answered.
            pub fn has(&self, key: &Key) -> bool {
                match key {
                    $(Key::$variant(question) => self.$field.contains_key(question),)*
                }
            }

            /// Every question that is answered.
            pub fn keys(&self) -> impl Iterator<Item = Key> {
                std::iter::empty()$(.chain(self.$field.keys().cloned().map(Key::$variant)))*
            }

            /// Takes in others.
            pub fn extend(&mut self, others: Self) {
                $(self.$field.extend(others.$field);)*
            }
        }
    };
}

questions! {
    ObjectKey, Object, objects => Option<Arc<ObjectRow>>;
    ObjectsKey, Objects, lists => Vec<Arc<ObjectRow>>;
    PageKey, Page, pages => Option<Arc<PageRow>>;
    PagesUnder, PageIds, page_ids => Vec<NodeId>;
    BindingKey, Binding, bindings => Option<Arc<BindingRow>>;
    BindingsOf, Bindings, binding_lists => Vec<Arc<BindingRow>>;
    ReferrersOf, Referrers, referrers => Vec<Referrer>;
    FormerKey, Former, formers => Option<Uuid>;
    TombKey, Tomb, tombs => Option<Arc<Tomb>>;
    LooseKey, Loose, loose => Option<Arc<LooseEnd>>;
    LooseOf, LooseEnds, loose_ends => Vec<Arc<LooseEnd>>;
    LineKey, Line, lines => Vec<TaskId>;
}

impl Answers {
    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// All answers to questions of one kind.
    pub fn of<Q: Question>(&self) -> &HashMap<Q, Q::Answer> {
        Q::answers(self)
    }

    /// A question's answer, if it was asked.
    pub fn get<Q: Question>(&self, question: &Q) -> Option<&Q::Answer> {
        Q::answers(self).get(question)
    }

    /// Puts an answer in; the one that was there.
    pub fn insert<Q: Question>(&mut self, question: Q, answer: Q::Answer) -> Option<Q::Answer> {
        Q::answers_mut(self).insert(question, answer)
    }

    /// Takes an answer out.
    pub fn remove<Q: Question>(&mut self, question: &Q) -> Option<Q::Answer> {
        Q::answers_mut(self).remove(question)
    }
}

/// Answers to a set of questions, all as of one moment.
#[derive(Debug, Clone, Default)]
pub struct Loaded {
    /// The store's commit counter at that moment.
    pub as_of: u64,
    /// One answer for each question.
    pub answers: Answers,
}
