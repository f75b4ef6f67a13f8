//! Plans on a handful of rows: translated by a connector that answers by rule, planned in rounds, carried out.

mod bindings;
mod cases;
mod deletes;
mod groups;
mod identity;
mod lines;
mod lists;
mod loose;
mod pages;
mod random;
mod references;
mod world;
