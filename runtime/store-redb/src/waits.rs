//! Waiting (§11): what waiting tasks and loose ends are found by, who is woken by what a commit
//! touched, and what is due.

pub(crate) mod due;
pub(crate) mod entries;
pub(crate) mod read;
pub(crate) mod rule;
pub(crate) mod wake;
pub(crate) mod wanted;
