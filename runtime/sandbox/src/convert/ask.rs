//! What the guest is asked.

use lockgate_core::task;

use crate::bindings::exports::lockgate::connector::translator as wit;

/// The external object, borrowed.
pub fn external(external: &task::ExternalObject) -> wit::ExternalObject<'_> {
    wit::ExternalObject { media_type: &external.media_type, body: &external.body }
}

/// The contract's word for a task type.
pub fn task_type(task_type: task::TaskType) -> wit::TaskType {
    use task::TaskType as T;
    match task_type {
        T::CreateObject => wit::TaskType::CreateObject,
        T::UpdateObject => wit::TaskType::UpdateObject,
        T::DeleteObject => wit::TaskType::DeleteObject,
        T::AddToSite => wit::TaskType::AddToSite,
        T::RemoveFromSite => wit::TaskType::RemoveFromSite,
        T::CreateDocument => wit::TaskType::CreateDocument,
        T::UpdateDocument => wit::TaskType::UpdateDocument,
        T::DeleteDocument => wit::TaskType::DeleteDocument,
        T::DeleteAllCultures => wit::TaskType::DeleteAllCultures,
        T::PublishDocument => wit::TaskType::PublishDocument,
        T::ArchiveDocument => wit::TaskType::ArchiveDocument,
        T::MoveDocument => wit::TaskType::MoveDocument,
    }
}

/// The contract's word for a data type.
pub fn data_type(data_type: task::DataType) -> wit::DataType {
    match data_type {
        task::DataType::Simple => wit::DataType::Simple,
        task::DataType::SimpleSnapshot => wit::DataType::SimpleSnapshot,
        task::DataType::Snapshot => wit::DataType::Snapshot,
    }
}
