//! Why a task failed: a stable code, a sentence, and a way on (promise 4). All codes stand here.

use std::fmt;
use std::sync::Arc;

pub use crate::text::{MESSAGE_BYTES_MAX, sanitised};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $advice:literal;)*) => {
        /// A stable code. Codes are added, never changed or reused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code { $($(#[$doc])* $variant),* }

        impl Code {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As operators and programs see it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code),* }
            }

            /// What to do about it, in a sentence or two.
            pub fn advice(self) -> &'static str {
                match self { $(Self::$variant => $advice),* }
            }
        }
    };
}

codes! {
    /// The connector says that the data is wrong.
    Invalid = "invalid", "The connector refuses the data: correct it in the external application and submit it again, or delete the task.";
    /// The connector says that the external application has no such object.
    NotFound = "not-found", "The external application does not know the object any more: delete the task, or submit the object again.";
    /// The connector says that the external application cannot be asked just now.
    Unavailable = "unavailable", "The external application did not answer the connector. The task is tried again by itself if the connector has a back-off; else retry it when the application is back.";
    /// The connector does not translate this.
    Unsupported = "unsupported", "The connector does not translate this type: check that the task went to the right connector, or ask its author.";
    /// The connector says that it is at fault.
    Internal = "internal", "The connector reports a fault of its own: see the task's log and give it to the connector's author.";
    /// The guest trapped.
    Trap = "trap", "The connector crashed: see the task's log for its panic message and give both to the connector's author.";
    /// The guest panicked: it crashed after it had said why.
    Panic = "panic", "The connector's code gave up with the message shown: give it and the task's log to the connector's author.";
    /// The guest ended itself with WASI's `exit`.
    Exit = "exit", "The connector ended itself instead of answering: give the task's log to its author.";
    /// The guest's stack is used up.
    StackOverflow = "stack-overflow", "The connector called itself too deeply: the data may be nested without end, else give the task's log to its author.";
    /// The guest was stopped at its deadline.
    Deadline = "deadline", "The connector ran longer than its deadline: raise `deadline_ms` for it if the data is honestly that large, else ask its author.";
    /// The guest wanted more memory than its limit.
    MemoryLimit = "memory-limit", "The connector wanted more memory than `memory_bytes_max` grants: raise it if the data is honestly that large, else ask its author.";
    /// The guest answered something that cannot be read, or too much.
    BadOutput = "bad-output", "The connector answered something that cannot be read: give the message to its author.";
    /// The guest handed over more than its limit.
    OutputLimit = "output-limit", "The connector answered more than `output_bytes_max` grants: raise it if the data is honestly that large, else ask its author.";
    /// The guest's outbound call was refused, and the task failed.
    EgressDenied = "egress-denied", "The connector called what it may not reach: grant the host, network or secret in the configuration if it should, and see `lockgate connector show` for what it asks.";
    /// The guest's outbound calls were more or larger than its limit, and the task failed.
    EgressLimit = "egress-limit", "The connector's outbound calls took more than the `http_` limits grant: raise them if the data is honestly that large, else ask its author.";
    /// The guest wrote more state than its limit, and the task failed.
    StateLimit = "state-limit", "The connector keeps more than `state_bytes_max` grants: raise it, or clear its state with `lockgate connector state NAME --clear`.";
    /// What the task would write was not granted.
    WriteDenied = "write-denied", "The connector may not write there: grant the object type, page subtree or site in the configuration if it should; `lockgate connector show` says what it asks and what is granted. The task is tried again by itself when the grant has changed.";
    /// The guest called something that it was not granted.
    ImportDenied = "import-denied", "The connector used something that it was not granted: grant it in the configuration, or ask its author to do without.";
    /// The connector cannot be loaded.
    ConnectorNotLoaded = "connector-not-loaded", "The connector's component cannot be loaded: `lockgate connector check` says why; add it again.";
    /// A required reference leads nowhere.
    UnresolvedReference = "unresolved-reference", "The object or page that a field needs is not stored. The task waits for it and goes on by itself when it arrives; `lockgate missing` lists everything that is waited for. If it never comes, correct the reference in the external application, or give it up with `lockgate missing ignore MARK`.";
    /// Another object has this code name.
    NameTaken = "name-taken", "Another object has this code name; the message says which. The task waits until that one is renamed or deleted, and then goes on by itself. If that will not happen, correct the name or the GUID in the external application.";
    /// Another object has this value of a unique field.
    ValueTaken = "value-taken", "Another object has this value in a field that is unique; the message says which. The task waits until that one changes or goes, and then goes on by itself. If that will not happen, correct the value in the external application.";
    /// More rows would be deleted than one task may delete.
    TooManyDeletes = "too-many-deletes", "The task would delete more than `deletes_per_task_max` rows: see what it states; `lockgate task retry ID --allow-deletes` lets it, once.";
    /// Tasks that need each other are too many to be applied together.
    RingTooLarge = "ring-too-large", "Tasks that need each other would write more than `rows_per_task_max` rows together: raise it, or submit them in parts.";
    /// An operator has given up what the task waits for.
    GivenUp = "given-up", "An operator has given up what the task waited for (`lockgate missing ignore`). Retry it when that is there after all, or delete it.";
    /// What the connector prepared breaks the content model.
    InvalidObject = "invalid-object", "The prepared object does not fit the content model: declare the type or field with `lockgate model apply`, or ask the connector's author.";
    /// A required reference elsewhere points to what is to be deleted.
    StillReferenced = "still-referenced", "Something that must have this object still points to it; the message says what. The task waits until that lets it go, and then goes on by itself: submit the change or the delete of what points to it.";
    /// Another page has this path.
    PathTaken = "path-taken", "Another page has this path; the message says which. The task waits until that one moves or goes, and then goes on by itself. If that will not happen, give one of the two another alias.";
    /// The page's parent is not there.
    ParentMissing = "parent-missing", "The parent of the page is not stored. The task waits for it and goes on by itself when it arrives; `lockgate missing` lists everything that is waited for.";
    /// A page with child pages was to be deleted.
    PageHasChildren = "page-has-children", "The page still has child pages. The task waits until they are deleted or moved, and then goes on by itself.";
    /// Something would be its own ancestor, or a chain of parents is too long.
    Cycle = "cycle", "The parents form a circle or too long a chain. The task waits until one of them lies elsewhere, and then goes on by itself. If the external application itself says so, correct the parent there.";
    /// The page that is to be archived or moved is not there.
    PageMissing = "page-missing", "The page that is to be moved or archived is not stored. The task waits for it and goes on by itself when it arrives.";
    /// More rows would change than one task may change.
    TooManyRows = "too-many-rows", "One task may change a limited number of rows: split the change.";
}

/// What a failure is judged by; it decides what becomes of the task (§11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// What the task says itself: it is due again when what it failed by is another.
    Data,
    /// Rows other than its own: it waits for them to change.
    Moment,
    /// The external application: it is tried again after a while.
    Application,
}

impl Class {
    /// What such failures are judged by.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Data => "its data",
            Self::Moment => "the moment",
            Self::Application => "the application",
        }
    }

    /// What becomes of a task that fails so.
    pub fn what_becomes(self) -> &'static str {
        match self {
            Self::Data => {
                "The task fails for what it says itself. A `default` task then holds up its connector, unless `on_failure = \"set-aside\"` is \
                 configured; `skip-on-error` and `delete-on-error` let later tasks pass. It is tried again by itself, once, when what it failed \
                 by has changed: the connector's version, the content model, its grants or its settings."
            }
            Self::Moment => {
                "Other rows than its own are in the task's way. It is parked, later tasks go on, and it goes on by itself when those rows \
                 change. Where `waiting = \"off\"` is configured it fails at once. When it has waited longer than `wait_ms_max` it fails and is \
                 set aside, and is tried again all the same when those rows change."
            }
            Self::Application => {
                "The external application cannot be asked just now. The task is tried again by itself after a while, longer each time, up to an \
                 hour; later tasks of the connector wait for it."
            }
        }
    }
}

impl Code {
    /// Its class. A write that is not granted is of the class `Data` unless the place decides; a plan that
    /// finds it so says that by what it wants.
    pub fn class(self) -> Class {
        match self {
            Self::UnresolvedReference
            | Self::ParentMissing
            | Self::PathTaken
            | Self::NameTaken
            | Self::ValueTaken
            | Self::StillReferenced
            | Self::PageHasChildren
            | Self::Cycle
            | Self::PageMissing
            | Self::TooManyDeletes
            | Self::RingTooLarge => Class::Moment,
            Self::Unavailable | Self::EgressDenied | Self::EgressLimit => Class::Application,
            _ => Class::Data,
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl std::str::FromStr for Code {
    type Err = crate::task::UnknownWord;
    fn from_str(word: &str) -> Result<Self, Self::Err> {
        Self::ALL.iter().copied().find(|c| c.as_str() == word).ok_or_else(|| crate::task::UnknownWord {
            what: "code",
            word: word.to_owned(),
            known: Self::ALL.iter().map(|c| c.as_str()).collect::<Vec<_>>().join(", "),
        })
    }
}

/// Why a task failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// Decides what happens, and what the operator looks up.
    pub code: Code,
    /// For the operator: bounded, without control characters.
    pub message: Arc<str>,
    /// Where in the external or prepared object, if that is known.
    pub path: Option<Arc<str>>,
    /// When the connector asks to be tried again, for `unavailable`.
    pub retry_after_ms: Option<u32>,
}

impl Failure {
    /// With a message made safe to show: bounded, control characters replaced.
    pub fn new(code: Code, message: impl AsRef<str>) -> Self {
        Self { code, message: sanitised(message.as_ref()).into(), path: None, retry_after_ms: None }
    }

    /// Where it is.
    #[must_use]
    pub fn at(mut self, path: impl AsRef<str>) -> Self {
        self.path = Some(sanitised(path.as_ref()).into());
        self
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)?;
        match &self.path {
            Some(path) => write!(f, " (at {path})"),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_can_be_read_back() {
        for code in Code::ALL {
            assert_eq!(code.as_str().parse::<Code>().unwrap(), *code);
        }
    }

    #[test]
    fn a_message_is_bounded_and_harmless() {
        let failure = Failure::new(Code::Trap, format!("\u{1b}[31m\u{202e}{}", "x".repeat(10_000)));
        assert!(failure.message.len() <= MESSAGE_BYTES_MAX + 3);
        assert!(!failure.message.contains('\u{1b}') && !failure.message.contains('\u{202e}'));
    }
}
