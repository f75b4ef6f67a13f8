//! A small content model with one of everything.

use std::collections::BTreeMap;

use lockgate_core::model::{ContentModel, parse};

/// The source of [`model`].
pub const MODEL_TOML: &str = include_str!("model.toml");

/// The source files of [`model`] by name.
pub fn model_files() -> BTreeMap<String, String> {
    BTreeMap::from([("test.toml".to_owned(), MODEL_TOML.to_owned())])
}

/// Two sites, global and site-bound types, a tree, children, groups, bindings and page types.
pub fn model() -> ContentModel {
    parse(&model_files()).unwrap_or_else(|errors| panic!("the tests' model is wrong: {errors:#?}"))
}
