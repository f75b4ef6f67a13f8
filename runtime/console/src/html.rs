//! What pages are made of.

pub(crate) mod chart;
pub(crate) mod form;
pub(crate) mod frame;
pub(crate) mod part;
pub(crate) mod refused;
pub(crate) mod text;
pub(crate) mod time;
