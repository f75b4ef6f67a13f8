//! Enumerations as bytes. The numbers stand in files: never reuse one.

use lockgate_core::history::{Action, Level, Source};
use lockgate_core::operation::OperationState;
use lockgate_core::park::LineKind;
use lockgate_core::task::{DataType, ProcessType, TaskState, TaskType};

use crate::Fault;

/// An enumeration that has a byte for each of its words.
pub trait Word: Sized {
    /// Its byte.
    fn byte(self) -> u8;
    /// The word that has this byte.
    fn from_byte(byte: u8) -> Result<Self, Fault>;
}

macro_rules! words {
    ($($name:ident { $($variant:ident = $byte:literal),* $(,)? })*) => {
        $(impl Word for $name {
            /// Its byte.
    fn byte(self) -> u8 {
                match self { $(Self::$variant => $byte),* }
            }

            fn from_byte(byte: u8) -> Result<Self, Fault> {
                match byte {
                    $($byte => Ok(Self::$variant),)*
                    other => Err(Fault::row(stringify!($name), format_args!("no word has the number {other}"))),
                }
            }
        })*
    };
}

words! {
    ProcessType { Default = 0, SkipOnce = 1, SkipOnError = 2, DeleteOnError = 3 }
    TaskType {
        CreateObject = 0, UpdateObject = 1, DeleteObject = 2, AddToSite = 3, RemoveFromSite = 4,
        CreateDocument = 5, UpdateDocument = 6, DeleteDocument = 7, DeleteAllCultures = 8,
        PublishDocument = 9, ArchiveDocument = 10, MoveDocument = 11,
    }
    DataType { Simple = 0, SimpleSnapshot = 1, Snapshot = 2 }
    TaskState { Queued = 0, Failed = 1, Parked = 2, Behind = 3 }
    OperationState { Running = 0, Done = 1, Cancelled = 2, Failed = 3 }
    LineKind { Subject = 0, List = 1, Child = 2 }
    Action { Inserted = 0, Updated = 1, Unchanged = 2, Deleted = 3, Absent = 4 }
    Level { Trace = 0, Debug = 1, Info = 2, Warn = 3, Error = 4 }
    Source { Host = 0, Guest = 1 }
}
