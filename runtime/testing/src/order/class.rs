//! Classes of histories: what their sources do, and what surrounds the bus.

use super::told::{Bad, Binds, Ref};

/// What a source does at once; everything fits together before and afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// A new thing.
    New,
    /// A thing with another value, number, reference or list of bindings.
    Update,
    /// A thing with another name.
    Rename,
    /// Two or three things swap their unique values.
    SwapValues,
    /// Two things swap their names.
    SwapNames,
    /// A thing goes that nothing needs.
    Delete,
    /// A thing is deleted and made again; what refers to it stays.
    Replace,
    /// A deleted thing comes back.
    Recreate,
    /// A new part, told by itself.
    NewPart,
    /// A part with another number.
    UpdatePart,
    /// A thing with a list of its parts that is another one.
    ListParts,
    /// A part goes.
    DeletePart,
    /// A new page or node.
    NewPage,
    /// A page or node with other fields.
    UpdatePage,
    /// A page or node goes under another parent.
    PutPageUnder,
    /// A page or node with another name.
    RenamePage,
    /// Two siblings swap their names.
    SwapPages,
    /// A page goes that has no child pages.
    DeletePage,
    /// A deleted page comes back.
    RecreatePage,
    /// A new page in one culture.
    NewCulturePage,
    /// A culture of a page.
    PutCulture,
    /// A culture of a page goes, and the page with the last one.
    DeleteCulture,
    /// A culture of a page is published.
    PublishCulture,
    /// A culture of a page that is there is archived.
    ArchiveCulture,
    /// A new binding, told by itself.
    NewTie,
    /// A binding goes, told by itself.
    DeleteTie,
}

/// What becomes of a task that fails for its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failing {
    /// It is set aside.
    Aside,
    /// It stops its connector.
    Stops,
    /// It stays, and is tried in each pass (`skip-on-error`).
    Stays,
    /// It goes (`delete-on-error`).
    Goes,
}

/// How a source counts versions (`newer_by`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newer {
    /// Each change has its own.
    Counted,
    /// A delete states that of the last change.
    Kept,
    /// Neighbours share one.
    Coarse,
}

/// One class.
#[derive(Debug)]
pub struct Class {
    /// For messages.
    pub name: &'static str,
    /// What its sources do; what stands here twice is done twice as often.
    pub moves: &'static [Move],
    /// Most changes of a history, about.
    pub len: usize,
    /// Of a hundred things, how many have a GUID.
    pub guids: u64,
    /// References and parents are named, also where there is a GUID.
    pub by_name: bool,
    /// A name that nothing has any more is given again.
    pub reuse: bool,
    /// References of things.
    pub refs: &'static [Ref],
    /// References of pages.
    pub page_refs: &'static [Ref],
    /// Things have unique values.
    pub unique: bool,
    /// Things have bindings.
    pub binds: Option<Binds>,
    /// An update states only what has changed, half of the time.
    pub partial: bool,
    /// Things state their parts, and take them along when they go.
    pub parts: bool,
    /// Pages are told culture by culture.
    pub cultures: bool,
    /// Pages are nodes: objects in a tree.
    pub nodes: bool,
    /// Names of nodes are unique within all, and their parents are references like others.
    pub free_nodes: bool,
    /// Through two connectors.
    pub two: bool,
    /// References that point to what never comes, sometimes.
    pub ghosts: &'static [Ref],
    /// Some tasks are bad until that is cured.
    pub bad: Option<Bad>,
    /// What becomes of those.
    pub failing: Failing,
    /// The type says `newer_by`: the source's sequence does not matter.
    pub newer: Option<Newer>,
    /// Some tasks come twice.
    pub repeats: bool,
    /// Some waits are too long.
    pub too_long: bool,
    /// Some tasks fail as `unavailable` at first.
    pub flaky: bool,
    /// Whether nothing waits in the end.
    pub clean: bool,
}

use Move::*;

const BASE: Class = Class {
    name: "",
    moves: &[],
    len: 9,
    guids: 100,
    by_name: false,
    reuse: true,
    refs: &[],
    page_refs: &[],
    unique: false,
    binds: None,
    partial: false,
    parts: false,
    cultures: false,
    nodes: false,
    free_nodes: false,
    two: false,
    ghosts: &[],
    bad: None,
    failing: Failing::Aside,
    newer: None,
    repeats: false,
    too_long: false,
    flaky: false,
    clean: true,
};

const THINGS: &[Move] = &[New, New, Update, Update, Rename, SwapValues, SwapNames, Delete, Replace, Recreate];
const PAGES: &[Move] = &[NewPage, NewPage, PutPageUnder, RenamePage, SwapPages, DeletePage, RecreatePage];
const ALL_REFS: &[Ref] = &[Ref::Needed, Ref::Wanted, Ref::Standard];

/// Everything that things can have.
const WHOLE: Class = Class { moves: THINGS, refs: ALL_REFS, unique: true, binds: Some(Binds::Complete), partial: true, ..BASE };
const PARTS: Class = Class {
    moves: &[New, New, Update, Rename, SwapNames, Delete, Replace, NewPart, NewPart, UpdatePart, ListParts, DeletePart],
    parts: true,
    ..BASE
};
const TREE: Class = Class { moves: PAGES, ..BASE };

/// All of them.
pub const CLASSES: &[Class] = &[
    Class { name: "names and values", moves: THINGS, unique: true, ..BASE },
    Class { name: "optional references and defaults", moves: THINGS, refs: &[Ref::Wanted, Ref::Standard], partial: true, ..BASE },
    Class { name: "required references", moves: THINGS, refs: &[Ref::Needed], unique: true, ..BASE },
    Class { name: "everything of things", ..WHOLE },
    Class { name: "complete bindings", moves: THINGS, binds: Some(Binds::Complete), partial: true, ..BASE },
    Class { name: "added bindings", moves: THINGS, binds: Some(Binds::Added), partial: true, ..BASE },
    Class {
        name: "references by names that are never given again",
        moves: &[New, New, Update, Update, Rename, Delete, Replace, Recreate],
        refs: ALL_REFS,
        by_name: true,
        reuse: false,
        ..BASE
    },
    Class {
        name: "things without GUIDs",
        moves: &[New, New, Update, Update, SwapValues, Delete, Replace, Recreate],
        guids: 0,
        refs: ALL_REFS,
        unique: true,
        ..BASE
    },
    Class {
        name: "some with GUIDs, some without",
        moves: &[New, New, Update, Update, Delete, Replace, Recreate],
        guids: 50,
        reuse: false,
        refs: ALL_REFS,
        binds: Some(Binds::Complete),
        ..BASE
    },
    Class { name: "parts and lists of parts", ..PARTS },
    Class {
        name: "parts of things without GUIDs",
        moves: &[New, New, Update, Delete, Replace, NewPart, NewPart, UpdatePart, ListParts, DeletePart],
        guids: 0,
        parts: true,
        refs: &[Ref::Wanted],
        ..BASE
    },
    Class { name: "pages", ..TREE },
    Class {
        name: "cultures of pages",
        moves: &[NewCulturePage, NewCulturePage, PutCulture, PublishCulture, ArchiveCulture, DeleteCulture, RenamePage],
        cultures: true,
        ..BASE
    },
    Class {
        name: "pages that refer to things",
        moves: &[New, Update, Delete, Recreate, NewPage, NewPage, UpdatePage, PutPageUnder, DeletePage],
        refs: &[Ref::Wanted],
        page_refs: ALL_REFS,
        ..BASE
    },
    Class {
        name: "things that refer to pages",
        moves: &[New, New, Update, NewPage, NewPage, PutPageUnder, DeletePage, RecreatePage],
        refs: &[Ref::NeededPage, Ref::WantedPage],
        ..BASE
    },
    Class { name: "pages by their paths", moves: &[NewPage, NewPage, NewPage, UpdatePage], by_name: true, ..BASE },
    Class {
        name: "trees of objects",
        moves: &[NewPage, NewPage, UpdatePage, PutPageUnder, RenamePage, SwapPages, DeletePage, RecreatePage],
        nodes: true,
        ..BASE
    },
    Class { name: "trees by chains of names", moves: &[NewPage, NewPage, UpdatePage], by_name: true, nodes: true, ..BASE },
    Class {
        name: "trees whose names are unique within all",
        moves: &[NewPage, NewPage, UpdatePage, PutPageUnder, RenamePage, SwapPages, DeletePage, RecreatePage],
        nodes: true,
        free_nodes: true,
        ..BASE
    },
    Class { name: "bindings told by themselves", moves: &[New, New, Update, Delete, Replace, Recreate, NewTie, NewTie, DeleteTie], ..BASE },
    Class {
        name: "bindings told by themselves and by names",
        moves: &[New, New, Update, Delete, Replace, NewTie, NewTie, DeleteTie],
        guids: 0,
        ..BASE
    },
    // A move that comes before the page that it moves waits, and what makes the page waits behind it: moves keep their
    // sequence, whatever is newer.
    Class {
        name: "pages that are newer by count",
        moves: &[NewPage, NewPage, UpdatePage, RenamePage, SwapPages, DeletePage, RecreatePage],
        newer: Some(Newer::Counted),
        ..BASE
    },
    Class { name: "two connectors", two: true, ..WHOLE },
    Class { name: "two connectors and pages", two: true, ..TREE },
    Class { name: "optional ghosts", ghosts: &[Ref::Wanted, Ref::Standard], ..WHOLE },
    Class { name: "required ghosts", moves: &[New, New, Update, Update], refs: ALL_REFS, ghosts: &[Ref::Needed], clean: false, ..BASE },
    Class { name: "bad objects, set aside", bad: Some(Bad::Object), ..WHOLE },
    Class { name: "bad objects that stop", bad: Some(Bad::Object), failing: Failing::Stops, ..WHOLE },
    Class { name: "bad objects that stay", bad: Some(Bad::Object), failing: Failing::Stays, ..WHOLE },
    Class {
        name: "bad objects that go",
        moves: &[New, New, Update, Update, Delete, Recreate],
        reuse: false,
        refs: &[Ref::Wanted, Ref::Standard],
        binds: Some(Binds::Complete),
        bad: Some(Bad::Object),
        failing: Failing::Goes,
        clean: false,
        ..BASE
    },
    Class { name: "bad translations, set aside", bad: Some(Bad::Translation), ..WHOLE },
    Class { name: "bad translations that stop", bad: Some(Bad::Translation), failing: Failing::Stops, two: true, ..WHOLE },
    Class { name: "newer by count", newer: Some(Newer::Counted), ..WHOLE },
    Class { name: "newer by count, deletes as new as what they delete", newer: Some(Newer::Kept), ..WHOLE },
    Class { name: "newer by a coarse count", moves: &[New, New, Update, Update, Rename, SwapNames], newer: Some(Newer::Coarse), ..WHOLE },
    Class { name: "waits that are too long", too_long: true, two: true, ..WHOLE },
    Class { name: "tasks that come twice", repeats: true, ..WHOLE },
    Class { name: "parts that come twice", repeats: true, ..PARTS },
    Class { name: "an application that is not always there", flaky: true, two: true, ..WHOLE },
];

impl Class {
    /// The class with this name.
    pub fn named(name: &str) -> &'static Self {
        CLASSES.iter().find(|class| class.name == name).unwrap_or_else(|| panic!("no class is named {name:?}"))
    }

    /// What the cases that are written by hand come under: everything is declared, and nothing happens
    /// around the bus.
    pub const BY_HAND: Self = Self { name: "by hand", two: true, ..WHOLE };
}
